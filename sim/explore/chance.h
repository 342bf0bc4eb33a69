/* The random strategy: any enabled task, any possible answer, any fault that fits. */
#ifndef SIM_CHANCE_H
#define SIM_CHANCE_H

#include "walk.h"

struct sim_random_strategy {
  struct sim_strategy strategy; /* what is handed to a walk */
  struct sim_machine *machine;
  const struct sim_walk_plan *plan;
  struct sim_random random;
  struct sim_choice fault; /* to be injected inside the present step; code 0: none */
  bool failed;             /* memory ran out */
};

/* Begin a walk.
 * Returns: &random->strategy, valid as long as *random and the plan */
const struct sim_strategy *sim_random_strategy_begin(struct sim_random_strategy *random,
                                                     struct sim_machine *machine,
                                                     const struct sim_walk_plan *plan);

/* For strategies that choose tasks in another way. sim_random_world_task() says whether a fault
 * between steps comes now, which is then *task. sim_random_begin_step() draws the fault inside the
 * step of the chosen task; it returns false when out of memory. */
bool sim_random_world_task(struct sim_random_strategy *random, uint32_t tasks, int *task);
bool sim_random_begin_step(struct sim_random_strategy *random, int task);

/* Choose at any point but that of the task. */
uint16_t sim_random_choose(struct sim_random_strategy *random,
                           const struct sim_choice_point *point);

/* The tasks that a point offers, a bit set. */
uint32_t sim_point_tasks(const struct sim_choice_point *point);

/* One of a bit set that is not empty, each as likely as the others. */
int sim_random_any_of(struct sim_random *random, uint32_t set);

#endif
