#include "variants.h"

#include <string.h>
#include <xxhash.h>

void sim_variants_begin(struct sim_variants *variants, uint32_t moves) {
  memset(&variants->tape, 0, sizeof variants->tape);
  variants->moves = moves;
  variants->points.op_count = 0;
  variants->points.image_count = 0;
  variants->points.memory = (struct fake_memory_counts){.requests = {0}};
  variants->fault = (struct sim_step_fault){.kind = SIM_STEP_FINE};
  variants->cursor = 0;
}

static int lowest(uint32_t moves) {
  int task = 0;
  while (!(moves & 1u << task)) task++;
  return task;
}

bool sim_variants_can_fail(const struct sim_variants *variants, int injected, int fault_budget) {
  return injected + (lowest(variants->moves) > SIM_BACKGROUND) < fault_budget;
}

/* Other answers, then other faults, then another task. */
static void turn(struct sim_variants *variants) {
  if (sim_tape_next(&variants->tape)) return;
  if (sim_points_next(&variants->points, &variants->fault, &variants->cursor)) return;
  sim_variants_begin(variants, variants->moves & (variants->moves - 1));
}

struct sim_move sim_variants_make(struct sim_variants *variants, struct sim_machine *machine,
                                  bool can_fail, struct sim_effect *effect) {
  struct sim_move move = {.task = (int16_t)lowest(variants->moves), .fault = variants->fault};
  if (variants->fault.kind != SIM_STEP_FINE)
    sim_machine_fail(machine, move.task, &variants->tape, effect, variants->fault);
  else if (can_fail && variants->tape.given == 0) /* the step as it goes when all goes well */
    sim_machine_watch(machine, move.task, &variants->tape, effect, &variants->points);
  else
    sim_machine_move(machine, move.task, &variants->tape, effect);
  move.choices = sim_tape_pack(&variants->tape);
  turn(variants);
  return move;
}

bool sim_move_again(struct sim_machine *machine, struct sim_move move, struct sim_effect *effect) {
  struct sim_tape tape;
  if (!(sim_machine_moves(machine) >> move.task & 1)) {
    *effect = (struct sim_effect){
        .task = move.task, .call = "", .step_site = "", .fault_site = "", .strayed = true};
    return false;
  }
  sim_tape_unpack(&tape, move.choices);
  if (move.fault.kind != SIM_STEP_FINE)
    sim_machine_fail(machine, move.task, &tape, effect, move.fault);
  else
    sim_machine_move(machine, move.task, &tape, effect);
  return true;
}

bool sim_move_is_earlier(const struct sim_move *a, const struct sim_move *b) {
  if (a->task != b->task) return a->task < b->task;
  if (a->fault.kind != b->fault.kind) return a->fault.kind < b->fault.kind;
  if (a->fault.at != b->fault.at) return a->fault.at < b->fault.at;
  if (a->fault.which != b->fault.which) return a->fault.which < b->fault.which;
  return a->choices < b->choices;
}

uint64_t sim_move_hash(const struct sim_move *move) {
  uint64_t values[] = {move->choices, (uint64_t)move->task, (uint64_t)move->fault.kind,
                       (uint64_t)move->fault.at, (uint64_t)move->fault.which};
  return XXH3_64bits(values, sizeof values);
}
