#include "variants.h"

#include <string.h>

void sim_variants_begin(struct sim_variants *variants, uint32_t moves) {
  memset(&variants->tape, 0, sizeof variants->tape);
  variants->moves = moves;
  variants->ops.count = 0;
  variants->op = 0;
  variants->fault = SIM_DISK_FINE;
}

static int lowest(uint32_t moves) {
  int task = 0;
  while (!(moves & 1u << task)) task++;
  return task;
}

bool sim_variants_can_fail(const struct sim_variants *variants, const struct sim_world *world,
                           int fault_budget) {
  return world->injected < fault_budget && lowest(variants->moves) <= SIM_BACKGROUND;
}

/* The next fault of the disk that can be tried in the present move; false: none is left. */
static bool next_disk_fault(struct sim_variants *variants) {
  for (;; variants->op++, variants->fault = SIM_DISK_FINE) {
    if (variants->op >= variants->ops.count) return false;
    while (++variants->fault < SIM_DISK_FAULT_COUNT)
      if (sim_disk_fault_applies((enum fake_disk_role)variants->ops.roles[variants->op],
                                 (enum fake_disk_kind)variants->ops.kinds[variants->op],
                                 (enum sim_disk_fault)variants->fault))
        return true;
  }
}

/* Other answers, then other faults, then another task. */
static void turn(struct sim_variants *variants) {
  if (sim_tape_next(&variants->tape)) return;
  if (next_disk_fault(variants)) return;
  sim_variants_begin(variants, variants->moves & (variants->moves - 1));
}

struct sim_move sim_variants_make(struct sim_variants *variants, struct sim_machine *machine,
                                  bool can_fail, struct sim_effect *effect) {
  struct sim_move move = {.task = (int16_t)lowest(variants->moves),
                          .op = (int16_t)variants->op,
                          .fault = (int16_t)variants->fault};
  if (variants->fault != SIM_DISK_FINE)
    sim_machine_fail(machine, move.task, &variants->tape, effect, variants->op,
                     (enum sim_disk_fault)variants->fault);
  else if (can_fail)
    sim_machine_watch(machine, move.task, &variants->tape, effect, &variants->ops);
  else
    sim_machine_move(machine, move.task, &variants->tape, effect);
  move.choices = sim_tape_pack(&variants->tape);
  turn(variants);
  return move;
}

void sim_move_again(struct sim_machine *machine, struct sim_move move, struct sim_effect *effect) {
  struct sim_tape tape;
  sim_tape_unpack(&tape, move.choices);
  if (move.fault != SIM_DISK_FINE)
    sim_machine_fail(machine, move.task, &tape, effect, move.op, (enum sim_disk_fault)move.fault);
  else
    sim_machine_move(machine, move.task, &tape, effect);
}

bool sim_move_is_earlier(const struct sim_move *a, const struct sim_move *b) {
  if (a->task != b->task) return a->task < b->task;
  if (a->fault != b->fault) return a->fault < b->fault;
  if (a->op != b->op) return a->op < b->op;
  return a->choices < b->choices;
}
