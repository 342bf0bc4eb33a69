/* Reproducing: looking for a known failure in a case. */
#ifndef SIM_REPRODUCTION_H
#define SIM_REPRODUCTION_H

#include "explore.h"
#include "finding.h"

/* The cost and the result of a reproduction. */
struct sim_reproduced {
  int64_t steps; /* how many were made */
  char *trace;   /* ends in the failure; to be freed by the caller; null: not found */
};

/* Look for a failure of this signature in a case.
 * In:      limits  the budget of faults, max_states, interrupt
 * Out:     *reproduced, zeroed by the caller
 * Returns: whether it was found and its trace was made. The same for the same arguments. */
typedef bool sim_reproducer(void *self, const struct sim_case *the_case,
                            const struct sim_signature *signature, const struct sim_limits *limits,
                            struct sim_reproduced *reproduced);

/* The reproducer that searches every state within the limits and gives the shortest trace. `self`
 * is not used. */
sim_reproducer sim_reproduce_all;

#endif
