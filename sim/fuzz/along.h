/* Walks and traces: the trace of a walk, and the strategy that goes along one. */
#ifndef SIM_ALONG_H
#define SIM_ALONG_H

#include "trace_file.h"
#include "walk.h"

/* Walk along a trace, perhaps of a larger case: what it tells and what is possible is done, what is
 * not is left out; then on, always the first task that can go, until the world has settled.
 * In:      guide         its steps
 *          fault_budget  injected faults in all; further ones are left out
 * Out:     *trace  of the way that was gone, if it ends in SIM_WALK_BROKEN with the failure that
 *                  `finds` tells ("invariant RULE HARM"); to be freed by the caller; else null
 *          *steps  how many were made */
enum sim_walk_end sim_walk_along(struct sim_walker *walker, const struct sim_trace *guide,
                                 int fault_budget, const char *finds, char **trace, int *steps);

/* The last walk's trace, to be freed by the caller; null when out of memory.
 * In:      finds  one line
 * Effects: the machine is elsewhere afterwards */
char *sim_walk_trace(struct sim_walker *walker, const char *finds);

#endif
