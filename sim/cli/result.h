/* The result of one case, as the run directory keeps it ("cases" of run.json). */
#ifndef SIM_RESULT_H
#define SIM_RESULT_H

#include "explore.h"

#include <jansson.h>

enum sim_verdict {
  SIM_PASSED,
  SIM_FAILED,
  SIM_NOT_EXHAUSTED,
  SIM_NONDETERMINISTIC,
  SIM_INTERRUPTED,
  SIM_INTERNAL
};

/* Explore a case and compare what was found with what is expected.
 * In:      machines  on one of which it is run; null: on a new one
 * Out:     *verdict, *result  a new object, or null when out of memory
 */
void sim_case_run(struct sim_machines *machines, const struct sim_case *the_case,
                  const struct sim_limits *limits, enum sim_verdict *verdict, json_t **result);

#endif
