/* Certificates: what a run has seen, so that anybody can see it again. A JSON text whose bytes
 * depend on engine, simulator, SQLite, scenarios and bounds only; its last line is a checksum over
 * all before it, so that a file that was cut or edited is known as such. It guards against
 * accidents, not against forgery: who doubts a certificate has it checked.
 *
 *   {
 *    "format": "reloadsim-certificate-2",
 *    "engine": {"version": ..., "digest": ...},       sim_engine_digest()
 *    "simulator": {"digest": ...},                    sim_simulator_digest()
 *    "sqlite": {"version": ..., "source": ...},
 *    "scenarios": {"paths": [...], "filter": ...},
 *    "seed": 1, "faults": "single",
 *    "bounds": {...},                                 what the search is bounded by
 *    "totals": {...},
 *    "root": ...,                                     over the cases' ids and roots
 *    "cases": [{"id", "file", "digest", "expects", "explored": "exhausted" or what cut it,
 *               "verdict", "states", "transitions", "injected_faults": of a run of this case,
 *               "root", "endings", "fault_endings", "fault_sites"}, ...],
 *    "checksum": ...
 *   }
 */
#ifndef SIM_CERTIFICATE_H
#define SIM_CERTIFICATE_H

#include "run_json.h"

#include <stdio.h>

#define SIM_CERTIFICATE_FORMAT "reloadsim-certificate-2"
#define SIM_MAX_CERTIFICATE_BYTES (64 << 20)

/* Why a run cannot be certified: it was interrupted, a process died, files have mistakes, or it
 * left cases out. Null if it can be. */
const char *sim_certificate_refusal(const json_t *run, const struct sim_options *options);

/* The certificate of a run.
 * In:      run  of sim_run_json(), not refused
 * Returns: the text, to be freed by the caller; null when out of memory */
char *sim_certificate_text(const json_t *run, size_t *size_bytes);

struct sim_certificate;

/* Read a certificate strictly: checksum, every key, type and range, and that it does not contradict
 * itself.
 * In:      name  the file, for messages; borrowed until the certificate is freed
 * Returns: null after saying on `errors` what is wrong, as PATH:LINE: error: TEXT */
struct sim_certificate *sim_certificate_read(const char *path, FILE *errors);
struct sim_certificate *sim_certificate_parse(const char *name, const char *text, size_t size_bytes,
                                              FILE *errors);
void sim_certificate_free(struct sim_certificate *certificate);

/* What a certificate says. All texts belong to it. */
const struct sim_json *sim_certificate_tree(const struct sim_certificate *certificate);

/* Set paths, filter, seed, faults and max_states as they were; the certificate must outlive them.
 */
void sim_certificate_options(const struct sim_certificate *certificate,
                             struct sim_options *options);

/* Whether a certificate is of this engine, this simulator, this SQLite, these bounds and these
 * cases; tells each difference in a line on `out`.
 * Returns: how many there are */
int sim_certificate_fit(const struct sim_certificate *certificate,
                        const struct sim_selection *selection, FILE *out);

/* Compare two certificates of the same cases; tells each difference in a line on `out`, so many at
 * most, and then how many more there are.
 * Returns: how many there are */
#define SIM_MAX_TOLD_DIFFERENCES 100
int sim_certificate_compare(const struct sim_certificate *certificate,
                            const struct sim_certificate *now, FILE *out);

#endif
