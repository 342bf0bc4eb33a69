/* Regressions: the failures of a run, minimised and written as scenarios that anybody can run. */
#ifndef SIM_REGRESSIONS_H
#define SIM_REGRESSIONS_H

#include "runner.h"
#include "minimise.h"

#define SIM_MAX_REGRESSIONS 10 /* of one run */

/* Minimise up to SIM_MAX_REGRESSIONS failures of a run that have a trace, of one case the first of
 * each signature, and write DIRECTORY/regressions/CASE-N.json and .trace, named like the failure's
 * trace. Each signature comes once before any comes twice, and among these each rule, so that the
 * failures of one mistake do not displace those of another; then the smallest case. Of failures
 * that give the same scenario and signature the first is kept. Regressions of earlier runs are
 * removed.
 * In:      run        as sim_run_json() makes it
 *          suite      with the cases of the run
 *          options    the faults, the seed and the directory (report) of the run
 * Out:     *stopped   an interrupt came before all failures were minimised; what is written is
 *                     complete
 * Returns: false after writing to standard error what could not be written
 * Effects: writes to standard error how many there are, how many failures were left out, and which
 *          signatures have no regression. Each is made in a process of its own, so that an engine
 *          that crashes does not end the others.
 */
bool sim_regressions_write(const json_t *run, const struct sim_suite *suite,
                           const struct sim_options *options, bool *stopped);

/* One failure, found by a run or by fuzz. */
struct sim_regression {
  const struct sim_suite *suite;
  const struct sim_case *from; /* of the suite */
  struct sim_signature signature;
  size_t number;            /* of the file's name, beside the case's id */
  struct sim_limits limits; /* with the budget of injected faults */
  sim_reproducer *reproducer;
  void *reproducer_self;
};

/* Minimise it and write FOLDER/CASE-N.json and .trace, in a process of its own.
 * Returns: 1; 0 if it could not be minimised, or an interrupt came; -1 after saying what could not
 *          be written */
int sim_regression_write(const char *folder, const struct sim_regression *regression);

/* The text of a member; "": there is none. */
const char *sim_text_in(const json_t *object, const char *key);

#endif
