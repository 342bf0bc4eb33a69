#include "priority.h"

enum { TASKS = SIM_BACKGROUND + 1 };

static void draw_priorities(struct sim_priority_strategy *by) {
  const struct sim_walk_plan *plan = by->random.plan;
  struct sim_random *random = &by->random.random;
  int within = plan->expected_steps < 1 ? 100 : plan->expected_steps;
  for (int i = 0; i < TASKS; i++) by->priorities[i] = i + 1;
  for (int i = TASKS - 1; i > 0; i--) {
    int other = (int)sim_random_below(random, i + 1), kept = by->priorities[i];
    by->priorities[i] = by->priorities[other];
    by->priorities[other] = kept;
  }
  for (int i = 0; i < plan->change_points && i < SIM_MAX_CHANGE_POINTS; i++)
    by->changes[i] = (int)sim_random_below(random, within);
}

static int highest_priority(const struct sim_priority_strategy *by, uint32_t tasks) {
  int best = -1;
  for (int i = 0; i < TASKS; i++)
    if (tasks & 1u << i && (best < 0 || by->priorities[i] > by->priorities[best])) best = i;
  return best;
}

static int next_task(struct sim_priority_strategy *by, uint32_t tasks) {
  for (int i = 0; i < by->random.plan->change_points && i < SIM_MAX_CHANGE_POINTS; i++)
    if (by->changes[i] == by->step) by->priorities[highest_priority(by, tasks)] = --by->lowest;
  return highest_priority(by, tasks);
}

static uint16_t choose_by_priority(void *self, const struct sim_choice_point *point) {
  struct sim_priority_strategy *by = self;
  int task;
  if (point->site != SIM_CHOICE_TASK) return sim_random_choose(&by->random, point);
  uint32_t tasks = sim_point_tasks(point);
  if (!sim_random_world_task(&by->random, tasks, &task)) task = next_task(by, tasks);
  by->step++;
  return sim_random_begin_step(&by->random, task) ? (uint16_t)(task + 1) : 0;
}

const struct sim_strategy *sim_priority_begin(struct sim_priority_strategy *by,
                                              struct sim_machine *machine,
                                              const struct sim_walk_plan *plan) {
  *by = (struct sim_priority_strategy){.lowest = 0};
  (void)sim_random_strategy_begin(&by->random, machine, plan);
  by->random.strategy = (struct sim_strategy){.self = by, .choose = choose_by_priority};
  draw_priorities(by);
  return &by->random.strategy;
}
