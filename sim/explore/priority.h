/* The priority strategy, PCT (Burckhardt, Kothari, Musuvathi and Nagarakatte, "A randomized
 * scheduler with probabilistic guarantees of finding bugs", ASPLOS 2010): tasks get random
 * priorities, the highest that can go does, and at some random moments the one at hand falls below
 * all others. Whatever is not a task is chosen at random. */
#ifndef SIM_PRIORITY_H
#define SIM_PRIORITY_H

#include "chance.h"

enum { SIM_MAX_CHANGE_POINTS = 16 };

struct sim_priority_strategy {
  struct sim_random_strategy random;
  int priorities[SIM_BACKGROUND + 1];
  int changes[SIM_MAX_CHANGE_POINTS]; /* steps before which the task at hand falls */
  int lowest;                         /* priorities below all others that are still to be given */
  int step;                           /* how many were made */
};

/* Begin a walk. Returns: a strategy, valid as long as *by and the plan */
const struct sim_strategy *sim_priority_begin(struct sim_priority_strategy *by,
                                              struct sim_machine *machine,
                                              const struct sim_walk_plan *plan);

#endif
