/* What a run has found, as the reports take it and run.json keeps it ("reloadsim-run-2"). */
#ifndef SIM_RUN_JSON_H
#define SIM_RUN_JSON_H

#include "runner.h"

/* The cases that the user asked for. */
struct sim_selection {
  const struct sim_case **cases;
  size_t count;
};

/* Make the document.
 * In:      outcomes  one for each selected case; a case whose process died, that went differently
 *                    the second time, or that was not finished because of an interrupt is given a
 *                    failure that says so. (Of cases that an interrupt left untouched, only the
 *                    first: it speaks for all.)
 * Returns: a new object, or null when out of memory
 */
json_t *sim_run_json(const struct sim_suite *suite, const struct sim_options *options,
                     const struct sim_selection *selection, struct sim_outcome_of_case *outcomes);

#endif
