#include "chance.h"

#include "grow.h"

#include <stdlib.h>
#include <string.h>

enum { TASKS = (1 << (SIM_BACKGROUND + 1)) - 1 };

uint32_t sim_point_tasks(const struct sim_choice_point *point) {
  uint32_t tasks = 0;
  for (int i = 0; i < point->count; i++) tasks |= UINT32_C(1) << (point->codes[i] - 1);
  return tasks;
}

int sim_random_any_of(struct sim_random *random, uint32_t set) {
  int count = 0, at = 0;
  for (uint32_t rest = set; rest; rest &= rest - 1) count++;
  int skip = count == 1 ? 0 : (int)sim_random_below(random, count);
  for (;; at++)
    if (set & UINT32_C(1) << at && skip-- == 0) return at;
}

static bool may_inject_more(const struct sim_random_strategy *random) {
  return sim_machine_world(random->machine)->injected < random->plan->fault_limit;
}

bool sim_random_world_task(struct sim_random_strategy *random, uint32_t tasks, int *task) {
  uint32_t worlds = tasks & ~(uint32_t)TASKS;
  if (!worlds || !may_inject_more(random) ||
      !sim_random_chance(&random->random, random->plan->world_permille))
    return false;
  *task = sim_random_any_of(&random->random, worlds);
  return true;
}

/* ---- Faults inside a step ---- */

/* All that can go wrong inside the step when everything before goes well. */
struct list {
  struct sim_choice *choices;
  size_t count, room;
  bool failed;
};

static uint16_t list_choice(void *self, const struct sim_choice_point *point) {
  struct list *list = self;
  for (int i = 0; i < point->count && point->site >= SIM_CHOICE_MEMORY; i++) {
    struct sim_choice *choices = sim_grow(list->choices, list->count, &list->room, sizeof *choices);
    if (!choices) return (uint16_t)(list->failed = true, 0);
    list->choices = choices;
    list->choices[list->count++] =
        (struct sim_choice){(uint16_t)point->site, (uint16_t)point->nth, point->codes[i]};
  }
  return 0;
}

static int kind_of(const struct sim_choice *choice) {
  if (choice->site < SIM_CHOICE_DISK) return SIM_MEMORY_FAILS;
  return choice->code < SIM_CODE_IMAGE ? choice->code : SIM_POWER_FAILS;
}

/* Each kind of fault that fits is as likely as the others; so is then each place. */
static struct sim_choice draw_fault(struct sim_random *random, const struct list *list) {
  int counts[SIM_STEP_FAULT_COUNT] = {0};
  uint32_t kinds = 0;
  for (size_t i = 0; i < list->count; i++) {
    int kind = kind_of(&list->choices[i]);
    counts[kind]++;
    kinds |= 1u << kind;
  }
  if (!kinds) return (struct sim_choice){.code = 0};
  int kind = sim_random_any_of(random, kinds);
  int64_t left = sim_random_below(random, counts[kind]);
  size_t at = 0;
  while (kind_of(&list->choices[at]) != kind || left-- > 0) at++;
  return list->choices[at];
}

/* Run the step once to list where it can fail, and take it back. Both times it begins with cold
 * caches, as operations would have other numbers otherwise. */
static bool list_step(struct sim_machine *machine, int task, struct list *list) {
  struct fake_disk_image image = {.record = NULL};
  struct sim_world *before = malloc(sizeof *before);
  struct sim_effect effect;
  const struct sim_strategy lister = {
      .self = list, .inside = true, .lists = true, .choose = list_choice};
  bool good = before && fake_disk_save(sim_machine_disk(machine), &image);
  if (good) {
    sim_world_copy(before, sim_machine_world(machine), sim_machine_names(machine)->the_case);
    sim_machine_step(machine, task, &lister, &effect);
    sim_machine_restore(machine, before, &image);
    fake_disk_image_release(sim_machine_disk(machine), &image);
  }
  free(before);
  return good && !list->failed;
}

bool sim_random_begin_step(struct sim_random_strategy *random, int task) {
  struct list list = {.choices = NULL};
  random->fault.code = 0;
  random->strategy.inside = task <= SIM_BACKGROUND && may_inject_more(random) &&
                            sim_random_chance(&random->random, random->plan->disk_permille);
  if (!random->strategy.inside) return true;
  bool good = list_step(random->machine, task, &list);
  if (good) random->fault = draw_fault(&random->random, &list);
  free(list.choices);
  return good;
}

/* ---- Choosing ---- */

uint16_t sim_random_choose(struct sim_random_strategy *random,
                           const struct sim_choice_point *point) {
  const struct sim_choice *fault = &random->fault;
  if (point->site >= SIM_CHOICE_MEMORY)
    return fault->code && fault->site == point->site && fault->nth == point->nth ? fault->code : 0;
  int permille = point->site == SIM_CHOICE_RETRY ? 500 : random->plan->answer_permille;
  if (!sim_random_chance(&random->random, permille)) return 0;
  return point->codes[sim_random_below(&random->random, point->count)];
}

static uint16_t choose_by_chance(void *self, const struct sim_choice_point *point) {
  struct sim_random_strategy *random = self;
  uint32_t tasks;
  int task;
  if (point->site != SIM_CHOICE_TASK) return sim_random_choose(random, point);
  tasks = sim_point_tasks(point);
  if (!sim_random_world_task(random, tasks, &task))
    task = sim_random_any_of(&random->random, tasks & TASKS);
  return sim_random_begin_step(random, task) ? (uint16_t)(task + 1) : 0;
}

const struct sim_strategy *sim_random_strategy_begin(struct sim_random_strategy *random,
                                                     struct sim_machine *machine,
                                                     const struct sim_walk_plan *plan) {
  *random = (struct sim_random_strategy){.machine = machine, .plan = plan, .random = plan->random};
  random->strategy = (struct sim_strategy){.self = random, .choose = choose_by_chance};
  return &random->strategy;
}
