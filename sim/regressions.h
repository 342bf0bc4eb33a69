/* The failures of a run, shrunk and written as scenarios that anybody can run. */
#ifndef SIM_REGRESSIONS_H
#define SIM_REGRESSIONS_H

#include "runner.h"

#define SIM_MAX_REGRESSIONS 10 /* of one run */

/* Shrink every failure of a run that has a tape, of one case the first of each signature, up to
 * SIM_MAX_REGRESSIONS, and write DIRECTORY/regressions/CASE-N.json and .tape, named as the failure's
 * tape is. Those of former runs are removed.
 * In:      run        as sim_run_json() makes it
 *          suite      with the cases of the run
 *          options    the faults, the seed and the directory (report) of the run
 * Returns: false after saying on standard error what could not be written
 * Effects: says on standard error how many there are, and how many failures were left out. Each is
 *          made in a process of its own: an engine that breaks down there takes nothing with it.
 */
bool sim_regressions_write(const json_t *run, const struct sim_suite *suite,
                           const struct sim_options *options);

#endif
