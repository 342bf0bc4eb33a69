#include "walk.h"

#include "finding.h"
#include "grow.h"
#include "priority.h"

#include <stdlib.h>
#include <string.h>

struct sim_walker {
  const struct sim_case *the_case;
  struct sim_machine *machine;
  struct sim_beginning beginning;
  struct sim_world before; /* the step at hand */
  struct sim_order order;
  struct sim_breach breach;
  int move_count;
  size_t room; /* for moves */
  struct sim_transition *moves;
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
  free(walker->moves);
  free(walker);
}

/* ---- The walk ---- */

static bool keep_step(struct sim_walker *walker, const struct sim_transition *step) {
  struct sim_transition *moves =
      sim_grow(walker->moves, (size_t)walker->move_count, &walker->room, sizeof *moves);
  if (!moves) return false;
  walker->moves = moves;
  walker->moves[walker->move_count++] = *step;
  return true;
}

static enum sim_walk_end end_of(struct sim_walker *walker) {
  if (sim_machine_world(walker->machine)->settled)
    return sim_oracle_ending(walker->machine, &walker->order, &walker->breach) ? SIM_WALK_SETTLED
           : walker->breach.is_cut                                             ? SIM_WALK_TOO_LARGE
                                                                               : SIM_WALK_BROKEN;
  sim_breach_deadlock(&walker->breach);
  return SIM_WALK_BROKEN;
}

static bool is_broken(struct sim_walker *walker, const struct sim_effect *effect) {
  return !sim_oracle_state(walker->machine, &walker->before, effect, &walker->breach) ||
         !sim_oracle_walk(effect, &walker->breach);
}

static enum sim_walk_end never_ends(struct sim_walker *walker) {
  sim_breach_never_ends(&walker->breach);
  return SIM_WALK_BROKEN;
}

enum sim_walk_end sim_walk_by(struct sim_walker *walker, const struct sim_strategy *strategy,
                              int fault_limit, const volatile sig_atomic_t *interrupt,
                              struct sim_marks *marks) {
  struct sim_machine *machine = walker->machine;
  struct sim_effect effect;
  uint32_t tasks;
  walker->move_count = 0;
  sim_order_begin(&walker->order);
  walker->breach = (struct sim_breach){.client = -1};
  sim_machine_set_faults(machine, fault_limit, true);
  sim_machine_restore(machine, &walker->beginning.world, &walker->beginning.image);
  while ((tasks = sim_machine_moves(machine)) != 0) {
    if (interrupt && *interrupt) return SIM_WALK_INTERRUPTED;
    if (walker->move_count == SIM_MAX_PATH) return never_ends(walker);
    sim_world_copy(&walker->before, sim_machine_world(machine), walker->the_case);
    int task = sim_choose_task(strategy, tasks);
    if (task < 0) return SIM_WALK_OUT_OF_MEMORY;
    sim_machine_step(machine, task, strategy, &effect);
    if (!keep_step(walker, &effect.transition)) return SIM_WALK_OUT_OF_MEMORY;
    sim_order_note(&walker->order, machine, &walker->before, &effect);
    if (marks) sim_marks_note(marks, machine, &walker->before, &effect);
    if (is_broken(walker, &effect)) return SIM_WALK_BROKEN;
  }
  return end_of(walker);
}

enum sim_walk_end sim_walk(struct sim_walker *walker, const struct sim_walk_plan *plan,
                           const volatile sig_atomic_t *interrupt, struct sim_marks *marks) {
  struct sim_priority_strategy by_priority;
  struct sim_random_strategy by_chance;
  const struct sim_strategy *strategy =
      plan->has_priorities ? sim_priority_begin(&by_priority, walker->machine, plan)
                           : sim_random_strategy_begin(&by_chance, walker->machine, plan);
  return sim_walk_by(walker, strategy, plan->fault_limit, interrupt, marks);
}

/* ---- What is left of it ---- */

int sim_walk_moves(const struct sim_walker *walker, const struct sim_transition **moves) {
  *moves = walker->moves;
  return walker->move_count;
}

const struct sim_breach *sim_walk_breach(const struct sim_walker *walker) {
  return &walker->breach;
}

const struct sim_beginning *sim_walk_beginning(const struct sim_walker *walker) {
  return &walker->beginning;
}

struct sim_machine *sim_walk_machine(struct sim_walker *walker) {
  return walker->machine;
}
