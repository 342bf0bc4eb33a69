/* Violations of a whole run, which no single state shows. Searches, walks and replays find the
 * situation; what it is called, and which rule it breaks, is said here and nowhere else. */
#ifndef SIM_WHOLE_RUN_H
#define SIM_WHOLE_RUN_H

#include "check.h"

/* Each fills *violation:
 * deadlock      nothing can happen any more, and an actor has not ended
 * no_end        from this state no ending can be reached
 * never_ends    a run has as many steps as a trace may have, and no ending
 * step_differs  a step was made twice from one world, and this part of the world differs
 * step_strays   a step depends on parts of the world that it is not said to read
 * path_differs  the path to an ending was run again, and led to another state */
void sim_violation_deadlock(struct sim_violation *violation);
void sim_violation_no_end(struct sim_violation *violation);
void sim_violation_never_ends(struct sim_violation *violation);
void sim_violation_step_differs(struct sim_violation *violation, const char *call,
                                const char *part);
void sim_violation_step_strays(struct sim_violation *violation, const char *call);
void sim_violation_path_differs(struct sim_violation *violation);

/* Judge a step of a random walk. An ending in which an engine has given up with an error of its
 * store, such as a constraint, while the disk is fine, is seen in a search, where all endings are
 * listed. A walk lists none.
 * Returns: true if all is well; else *violation says what is wrong */
bool sim_check_walk(const struct sim_effect *effect, struct sim_violation *violation);

#endif
