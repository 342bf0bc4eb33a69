/* Walks along a trace, and the trace of a walk. */
#ifndef SIM_ALONG_H
#define SIM_ALONG_H

#include "finding.h"
#include "trace_file.h"
#include "walk.h"

/* Walk along a trace. It may be a trace of a larger scenario: a step or a choice that cannot be
 * made is left out. After the last step the first enabled task goes, with normal answers, until the
 * walk ends.
 * In:      fault_budget  injected faults in all; further ones are left out */
enum sim_walk_end sim_walk_along(struct sim_walker *walker, const struct sim_trace *guide,
                                 int fault_budget);

/* The same along steps of this case. A step without a task (-1) is left out.
 * In:      guide  not those of the walker, which the walk overwrites */
enum sim_walk_end sim_walk_along_steps(struct sim_walker *walker,
                                       const struct sim_transition *guide, int count,
                                       int fault_budget);

/* Whether the last walk, which ended like this, violates the invariant of this signature. */
bool sim_walk_found(const struct sim_walker *walker, enum sim_walk_end end,
                    const struct sim_signature *signature);

/* The trace of the last walk, which has ended in SIM_WALK_BROKEN.
 * Returns: its text, to be freed by the caller; null when out of memory
 * Effects: the machine makes the steps again */
char *sim_walk_trace(struct sim_walker *walker);

#endif
