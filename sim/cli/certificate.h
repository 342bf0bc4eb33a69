/* Certificates: what a run has found, so that anybody can check it. A JSON text whose bytes
 * depend on engine, simulator, SQLite, scenarios and bounds only; its last line is a checksum over
 * all before it, which detects a file that was cut or edited. It protects against accidents, not
 * against forgery: `certify --check` runs everything again.
 *
 *   {
 *    "format": "reloadsim-certificate-2",
 *    "engine": {"version": ..., "digest": ...},       sim_engine_digest()
 *    "simulator": {"digest": ...},                    sim_simulator_digest()
 *    "sqlite": {"version": ..., "source": ...},
 *    "scenarios": {"paths": [...], "filter": ...},
 *    "seed": 1, "faults": "single",
 *    "bounds": {...},                                 the limits of the search
 *    "totals": {...},
 *    "root": ...,                                     over the cases' ids and roots
 *    "cases": [{"id", "file", "digest", "expects", "explored": "exhausted", or what cut it,
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
 * left cases out. Null if it can be certified. */
const char *sim_certificate_refusal(const json_t *run, const struct sim_options *options);

/* The certificate of a run.
 * In:      run  of sim_run_json(), not refused
 * Returns: the text, to be freed by the caller; null when out of memory */
char *sim_certificate_text(const json_t *run, size_t *size_bytes);

struct sim_certificate;

/* Read a certificate strictly: checksum, every key, type and range, and that it does not contradict
 * itself.
 * In:      name  the file, for messages; borrowed until the certificate is freed
 * Returns: null after writing to `errors` what is wrong, as PATH:LINE: error: TEXT */
struct sim_certificate *sim_certificate_read(const char *path, FILE *errors);
struct sim_certificate *sim_certificate_parse(const char *name, const char *text, size_t size_bytes,
                                              FILE *errors);
void sim_certificate_free(struct sim_certificate *certificate);

/* What a certificate says. All texts belong to it. */
const struct sim_json *sim_certificate_tree(const struct sim_certificate *certificate);

/* Set the paths, filter, seed, faults and max_states of the certificate; it must outlive the
 * options. */
void sim_certificate_options(const struct sim_certificate *certificate,
                             struct sim_options *options);

/* Whether a certificate is of this engine, this simulator, this SQLite, these bounds and these
 * cases; writes one line for each difference to `out`.
 * Returns: how many there are */
int sim_certificate_fit(const struct sim_certificate *certificate,
                        const struct sim_selection *selection, FILE *out);

/* Compare two certificates of the same cases. Writes one line for each difference to `out`, up to a
 * limit, and then how many more there are.
 * Returns: how many there are */
#define SIM_MAX_TOLD_DIFFERENCES 100
int sim_certificate_compare(const struct sim_certificate *certificate,
                            const struct sim_certificate *now, FILE *out);

#endif
