#include "order.h"

#include <string.h>

void sim_order_begin(struct sim_order *order) { memset(order, 0, sizeof *order); }

/* ---- Charges ---- */

static bool was_there(const struct sim_ledger *before, uint64_t charge) {
  for (int i = 0; i < before->charge_count; i++)
    if (before->charges[i].charge == charge) return true;
  return false;
}

static void note_ended(struct sim_order *order, uint64_t charge) {
  if (sim_order_ended(order, charge) || order->charge_count == SIM_LEDGER_MAX_CHARGES) return;
  order->charges[order->charge_count].charge = charge;
  order->charges[order->charge_count++].ended = order->step;
}

int32_t sim_order_ended(const struct sim_order *order, uint64_t charge) {
  for (int i = 0; i < order->charge_count; i++)
    if (order->charges[i].charge == charge) return order->charges[i].ended;
  return 0;
}

static void note_charges(struct sim_order *order, const struct sim_ledger *ledger,
                         const struct sim_world *before, int task) {
  for (int i = 0; i < ledger->charge_count; i++) {
    uint64_t charge = ledger->charges[i].charge;
    if (ledger->charge_count > before->ledger.charge_count && task < SIM_MAX_ACTORS &&
        !was_there(&before->ledger, charge)) {
      int step = before->tasks[task].answer_count;
      order->fired[task][step] = order->step;
      order->charge[task][step] = charge;
    }
    if (ledger->charges[i].state >= RELOAD_CHARGE_CAPTURED) note_ended(order, charge);
  }
}

/* ---- The log ---- */

static void note_entries(struct sim_order *order, const struct sim_ledger *ledger) {
  int at = 0;
  for (int i = 0; i < ledger->entry_count; i++) {
    at = i > 0 && ledger->entries[i].client == ledger->entries[i - 1].client ? at + 1 : 0;
    int32_t *step = &order->entries[ledger->entries[i].client][at];
    if (*step == 0) *step = order->step;
  }
}

/* ---- Answers ---- */

static void note_answers(struct sim_order *order, const struct sim_names *names,
                         const struct sim_world *world, const struct sim_world *before) {
  for (int a = 0; a < names->the_case->actor_count; a++)
    for (int s = before->tasks[a].answer_count; s < world->tasks[a].answer_count; s++) {
      int client = names->the_case->actors[a].steps[s].client;
      order->reported[a][s] = order->step;
      order->idle[a][s] =
          client >= 0 && memcmp(&world->ledger.clients[client], &before->ledger.clients[client],
                                sizeof world->ledger.clients[client]) == 0;
    }
}

void sim_order_note(struct sim_order *order, const struct sim_machine *machine,
                    const struct sim_world *before, const struct sim_effect *effect) {
  const struct sim_world *world = sim_machine_world(machine);
  order->step++;
  note_answers(order, sim_machine_names(machine), world, before);
  if (!effect->wrote) return;
  note_charges(order, &world->ledger, before, effect->task);
  if (world->ledger.entry_count != before->ledger.entry_count) note_entries(order, &world->ledger);
}
