/* The result of a run as JSON: run.json, from which all reports are made ("reloadsim-run-2"). */
#ifndef SIM_RUN_JSON_H
#define SIM_RUN_JSON_H

#include "runner.h"
#include "selection.h"

/* Make the document.
 * In:      outcomes  one for each selected case; a case whose process died, that was different when
 *          it was run again, or that an interrupt cut gets a failure that says so. Of the cases
 *          that were not begun, only the first gets one.
 * Returns: a new object, or null when out of memory
 */
json_t *sim_run_json(const struct sim_suite *suite, const struct sim_options *options,
                     const struct sim_selection *selection, struct sim_outcome_of_case *outcomes);

#endif
