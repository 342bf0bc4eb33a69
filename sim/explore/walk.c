#include "walk.h"

#include "grow.h"
#include "priority.h"
#include "whole_run.h"

#include <stdlib.h>
#include <string.h>

struct sim_walker {
  const struct sim_case *the_case;
  struct sim_machine *machine;
  struct sim_beginning beginning;
  struct sim_world before; /* the present step */
  struct sim_order order;
  struct sim_violation violation;
  int step_count;
  size_t room; /* for steps */
  struct sim_transition *steps;
};

/* ---- Life ---- */

struct sim_walker *sim_walker_new(struct sim_machines *machines, const struct sim_case *the_case,
                                  uint64_t seed, struct reload_message *message) {
  struct sim_walker *walker = calloc(1, sizeof *walker);
  if (!walker) return NULL;
  walker->the_case = the_case;
  walker->machine = sim_machine_take(machines, the_case, seed, message);
  if (walker->machine &&
      fake_disk_save(sim_machine_disk(walker->machine), &walker->beginning.image)) {
    sim_world_copy(&walker->beginning.world, sim_machine_world(walker->machine), the_case);
    return walker;
  }
  sim_walker_free(walker);
  return NULL;
}

void sim_walker_free(struct sim_walker *walker) {
  if (!walker) return;
  if (walker->machine)
    fake_disk_image_release(sim_machine_disk(walker->machine), &walker->beginning.image);
  sim_machine_free(walker->machine);
  free(walker->steps);
  free(walker);
}

/* ---- The walk ---- */

static bool keep_step(struct sim_walker *walker, const struct sim_transition *step) {
  struct sim_transition *steps =
      sim_grow(walker->steps, (size_t)walker->step_count, &walker->room, sizeof *steps);
  if (!steps) return false;
  walker->steps = steps;
  walker->steps[walker->step_count++] = *step;
  return true;
}

static enum sim_walk_end end_of_walk(struct sim_walker *walker) {
  if (sim_machine_world(walker->machine)->at_rest)
    return sim_check_ending(walker->machine, &walker->order, &walker->violation) ? SIM_WALK_ENDED
           : walker->violation.is_cut ? SIM_WALK_TOO_LARGE
                                      : SIM_WALK_BROKEN;
  sim_violation_deadlock(&walker->violation);
  return SIM_WALK_BROKEN;
}

static bool is_broken(struct sim_walker *walker, const struct sim_effect *effect) {
  return !sim_check_transition(walker->machine, &walker->before, effect, &walker->violation) ||
         !sim_check_walk(effect, &walker->violation);
}

static enum sim_walk_end walk_never_ends(struct sim_walker *walker) {
  sim_violation_never_ends(&walker->violation);
  return SIM_WALK_BROKEN;
}

enum sim_walk_end sim_walk_by(struct sim_walker *walker, const struct sim_strategy *strategy,
                              int fault_limit, const volatile sig_atomic_t *interrupt,
                              struct sim_probes *probes) {
  struct sim_machine *machine = walker->machine;
  struct sim_effect effect;
  uint32_t tasks;
  walker->step_count = 0;
  sim_order_begin(&walker->order);
  walker->violation = (struct sim_violation){.client = -1};
  sim_machine_set_faults(machine, fault_limit, true);
  sim_machine_restore(machine, &walker->beginning.world, &walker->beginning.image);
  while ((tasks = sim_machine_enabled(machine)) != 0) {
    if (interrupt && *interrupt) return SIM_WALK_INTERRUPTED;
    if (walker->step_count == SIM_MAX_PATH) return walk_never_ends(walker);
    sim_world_copy(&walker->before, sim_machine_world(machine), walker->the_case);
    int task = sim_choose_task(strategy, tasks);
    if (task < 0) return SIM_WALK_OUT_OF_MEMORY;
    sim_machine_step(machine, task, strategy, &effect);
    if (!keep_step(walker, &effect.transition)) return SIM_WALK_OUT_OF_MEMORY;
    sim_order_note(&walker->order, machine, &walker->before, &effect);
    if (probes) sim_probes_note(probes, machine, &walker->before, &effect);
    if (is_broken(walker, &effect)) return SIM_WALK_BROKEN;
  }
  return end_of_walk(walker);
}

enum sim_walk_end sim_walk(struct sim_walker *walker, const struct sim_walk_plan *plan,
                           const volatile sig_atomic_t *interrupt, struct sim_probes *probes) {
  struct sim_priority_strategy by_priority;
  struct sim_random_strategy by_chance;
  const struct sim_strategy *strategy =
      plan->has_priorities ? sim_priority_begin(&by_priority, walker->machine, plan)
                           : sim_random_strategy_begin(&by_chance, walker->machine, plan);
  return sim_walk_by(walker, strategy, plan->fault_limit, interrupt, probes);
}

/* ---- What is left of it ---- */

int sim_walk_steps(const struct sim_walker *walker, const struct sim_transition **steps) {
  *steps = walker->steps;
  return walker->step_count;
}

const struct sim_violation *sim_walk_violation(const struct sim_walker *walker) {
  return &walker->violation;
}

const struct sim_beginning *sim_walk_beginning(const struct sim_walker *walker) {
  return &walker->beginning;
}

struct sim_machine *sim_walk_machine(struct sim_walker *walker) {
  return walker->machine;
}
