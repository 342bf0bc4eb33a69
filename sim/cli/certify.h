/* `reloadsim certify`: write or check the certificate of a run. */
#ifndef SIM_CERTIFY_H
#define SIM_CERTIFY_H

#include "certificate.h"

/* Write the certificate of a run.
 * In:      options  output: a file, written whole or not at all; null: standard output
 *          code     the run's exit code
 * Returns: the code; or 70 after writing to standard error what could not be written. A run that
 *          cannot be certified writes no file, and says why */
int sim_certify(const json_t *run, const struct sim_options *options, int code);

/* DIRECTORY/certificate.json; the certificate of an earlier run is removed if this run has none.
 * Returns: false after writing to standard error what could not be written */
bool sim_certify_report(const json_t *run, const struct sim_options *options);

/* Compare a certificate with a new run of the same cases. The answer goes to standard output.
 * In:      code  the run's exit code
 * Returns: 0: it holds; 1: it does not; or the run's code if that run allows no answer */
int sim_certify_compare(const struct sim_certificate *certificate, const json_t *run,
                        const struct sim_options *options, int code);

#endif
