/* `reloadsim certify`: what becomes of the run. */
#ifndef SIM_CERTIFY_H
#define SIM_CERTIFY_H

#include "certificate.h"

/* Write the certificate of a run.
 * In:      path  a file, written whole or not at all; null: standard output
 *          code  the run's exit code
 * Returns: the code; or 70 after saying what could not be written. A run that cannot be certified
 *          leaves nothing, and says so */
int sim_certify(const json_t *run, const struct sim_options *options, const char *path, int code);

/* DIRECTORY/certificate.json; that of a former run is removed if there is none of this one.
 * Returns: false after saying what could not be written */
bool sim_certify_report(const json_t *run, const struct sim_options *options);

/* Compare a certificate with what it certifies, as a run of today has found it: the answer goes to
 * standard output.
 * In:      code  the run's exit code
 * Returns: 0 it holds, 1 it does not; or the run's code if that run is no base for an answer */
int sim_certify_compare(const struct sim_certificate *certificate, const json_t *run,
                        const struct sim_options *options, int code);

#endif
