/* Reducing a walk: the choices and steps that its failure does not need are left out. */
#ifndef SIM_REDUCE_H
#define SIM_REDUCE_H

#include "finding.h"
#include "walk.h"

/* Reduce the last walk, which has the violation of this signature: walk again without one choice,
 * then without one step, and keep what still has it and is smaller. A walk is smaller with fewer
 * choices and steps of the world; or with as many of these, and fewer steps.
 * In:      fault_budget  as for the last walk
 *          most_steps    begin no walk after so many steps
 * Returns: the steps made
 * Effects: the last walk is the smallest one found; it has the violation */
int64_t sim_walk_reduce(struct sim_walker *walker, int fault_budget,
                        const struct sim_signature *signature, int64_t most_steps);

#endif
