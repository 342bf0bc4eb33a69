/* The priority strategy, PCT (Burckhardt, Kothari, Musuvathi and Nagarakatte, "A randomized
 * scheduler with probabilistic guarantees of finding bugs", ASPLOS 2010): tasks get random
 * priorities, and the enabled task with the highest one steps. At some random moments that task's
 * priority falls below all others. Everything but the task is chosen at random. */
#ifndef SIM_PRIORITY_H
#define SIM_PRIORITY_H

#include "chance.h"

enum { SIM_MAX_CHANGE_POINTS = 16 };

struct sim_priority_strategy {
  struct sim_random_strategy random;
  int priorities[SIM_BACKGROUND + 1];
  int changes[SIM_MAX_CHANGE_POINTS]; /* steps before which the highest enabled task falls */
  int lowest;                         /* the lowest priority that was given */
  int step;                           /* steps made so far */
};

/* Begin a walk.
 * Returns: a strategy, valid as long as *by and the plan */
const struct sim_strategy *sim_priority_begin(struct sim_priority_strategy *by,
                                              struct sim_machine *machine,
                                              const struct sim_walk_plan *plan);

#endif
