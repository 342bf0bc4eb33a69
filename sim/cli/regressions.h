/* The failures of a run, minimised and written as scenarios that anybody can run. */
#ifndef SIM_REGRESSIONS_H
#define SIM_REGRESSIONS_H

#include "runner.h"
#include "minimise.h"

#define SIM_MAX_REGRESSIONS 10 /* of one run */

/* Minimise the failures of a run that have a trace, of one case the first of each signature, up to
 * SIM_MAX_REGRESSIONS; and write DIRECTORY/regressions/CASE-N.json and .trace, named as that of the
 * failure. One of each signature comes first, and of these one for each rule, so that the failures
 * of one mistake do not crowd out those of another; then second ones, the smallest first. Of those
 * that come down to the same world and signature the first is kept. Those of former runs are
 * removed.
 * In:      run        as sim_run_json() makes it
 *          suite      with the cases of the run
 *          options    the faults, the seed and the directory (report) of the run
 * Out:     *stopped   an interrupt has kept failures from being minimised; what is written is
 *                     complete
 * Returns: false after saying on standard error what could not be written
 * Effects: says on standard error how many there are, how many failures were left out, and which
 *          signatures have no regression. Each is made in a process of its own: an engine that
 *          breaks down there takes nothing with it.
 */
bool sim_regressions_write(const json_t *run, const struct sim_suite *suite,
                           const struct sim_options *options, bool *stopped);

/* One failure of whatever else finds some. */
struct sim_regression {
  const struct sim_suite *suite;
  const struct sim_case *from; /* of the suite */
  struct sim_signature signature;
  size_t number;            /* of the file's name, beside the case's id */
  struct sim_limits limits; /* with the injected faults that it may take */
  sim_reproducer *reproducer;
  void *reproducer_self;
};

/* Minimise it and write FOLDER/CASE-N.json and .trace, in a process of its own.
 * Returns: 1; 0 if it could not be minimised, or an interrupt came; -1 after saying what could not
 *          be written */
int sim_regression_write(const char *folder, const struct sim_regression *regression);

#endif
