/* Runs cases in several processes; the results do not depend on how many. */
#ifndef SIM_RUNNER_H
#define SIM_RUNNER_H

#include "options.h"
#include "result.h"

struct sim_outcome_of_case {
  enum sim_verdict verdict;
  json_t *result; /* null: the case was not run (interrupted), or its process died */
  bool died;
};

/* Run the cases.
 * Out:     outcomes  one a case, zeroed by the caller; the results are to be given up by the caller
 * Returns: false if processes or memory could not be had
 * Effects: a progress line on standard error if that is a terminal; SIGINT stops cleanly
 */
bool sim_run_cases(const struct sim_case *const *cases, size_t case_count,
                   const struct sim_options *options, struct sim_outcome_of_case *outcomes);

/* Whether SIGINT or SIGTERM came. */
bool sim_run_interrupted(void);

#endif
