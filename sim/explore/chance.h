/* The random strategy: any task that can go, any answer that is open, any fault that fits. */
#ifndef SIM_CHANCE_H
#define SIM_CHANCE_H

#include "walk.h"

struct sim_random_strategy {
  struct sim_strategy strategy; /* handed to whoever walks */
  struct sim_machine *machine;
  const struct sim_walk_plan *plan;
  struct sim_random random;
  struct sim_choice fault; /* that comes inside the step at hand; code 0: none does */
  bool failed;             /* memory ran out */
};

/* Begin a walk. Returns: &random->strategy, valid as long as *random and the plan */
const struct sim_strategy *sim_random_strategy_begin(struct sim_random_strategy *random,
                                                     struct sim_machine *machine,
                                                     const struct sim_walk_plan *plan);

/* For strategies that choose tasks otherwise: whether a fault between steps comes now, which is
 * then *task; and once the task is known, which fault comes inside its step. */
bool sim_random_world_task(struct sim_random_strategy *random, uint32_t tasks, int *task);
bool sim_random_begin_step(struct sim_random_strategy *random, int task);

/* Any answer but that to "which task". */
uint16_t sim_random_choose(struct sim_random_strategy *random,
                           const struct sim_choice_point *point);

/* The tasks of a point. */
uint32_t sim_point_tasks(const struct sim_choice_point *point);

/* One of a set, each as likely as the others. */
int sim_random_any_of(struct sim_random *random, uint32_t set);

#endif
