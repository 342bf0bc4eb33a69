/* Looking for a failure in a case. */
#ifndef SIM_HUNT_H
#define SIM_HUNT_H

#include "explore.h"
#include "finding.h"

/* What a hunt took and brought. */
struct sim_hunted {
  int64_t moves; /* made by it */
  char *tape;    /* one that ends in the failure, to be freed by the caller; null: not found */
};

/* Look for a failure of this signature in a case.
 * In:      limits  to be kept: fault level, max_states, interrupt
 * Out:     *hunted, zeroed by the caller
 * Returns: whether it was found, and a tape of it made. The same for the same arguments. */
typedef bool sim_hunter(void *self, const struct sim_case *the_case,
                        const struct sim_signature *signature, const struct sim_limits *limits,
                        struct sim_hunted *hunted);

/* The hunter that searches every state within the limits and brings the shortest tape. `self` is
 * not looked at. */
sim_hunter sim_hunt_all;

#endif
