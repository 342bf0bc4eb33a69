/* One step: its beginning, what runs in it, its end. */
#include "machine_inside.h"

#include <string.h>

/* Page placement decides where a step can fail inside. Without faults it does not matter. */
static void note_placement(struct sim_machine *machine) {
  struct sim_world *world = &machine->world;
  world->placement =
      world->injected < machine->fault_budget ? fake_disk_placement(machine->disk) : 0;
}

void sim_machine_set_faults(struct sim_machine *machine, int budget, bool declared) {
  if (budget > 0 && !machine->warm) machine->warm = sim_warm_up(machine);
  machine->fault_budget = budget;
  note_placement(machine);
  machine->without_declared = !declared;
}

static void pass_time(struct sim_machine *machine) {
  machine->effect->time_passed = true;
  machine->effect->call = "time passes";
  fake_clock_reach(&machine->world.clock, sim_next_instant_ms(machine));
  fake_card_advance(&machine->world.card, machine->world.clock.now_ms);
  fake_mail_advance(&machine->world.mail, machine->world.clock.now_ms);
}

static void note_end(struct sim_machine *machine) {
  for (int i = 0; i < machine->the_case->actor_count; i++)
    if (machine->world.tasks[i].state != SIM_TASK_ENDED) return;
  machine->world.closing = 1;
}

bool sim_task_wakes(const struct sim_case *the_case, int actor, const struct sim_task *task,
                    const struct sim_client_row *before, const struct sim_client_row *after) {
  if (task->state != SIM_TASK_WAITING) return false;
  int client = the_case->actors[actor].steps[task->step].client;
  return memcmp(&before[client], &after[client], sizeof *before) != 0;
}

/* Wake the waiting submits of clients whose facts have changed. */
static void wake_waiting(struct sim_machine *machine, const struct sim_client_row *before) {
  for (int i = 0; i < machine->the_case->actor_count; i++) {
    struct sim_task *task = &machine->world.tasks[i];
    if (sim_task_wakes(machine->the_case, i, task, before, machine->world.ledger.clients))
      task->wake_pending = 1;
  }
}

static void read_ledger(struct sim_machine *machine, int process) {
  struct reload_message message;
  struct sim_client_row before[SIM_MAX_CLIENTS];
  memcpy(before, machine->world.ledger.clients, sizeof before);
  machine->effect->wrote = true;
  if (machine->reopened)
    sim_ledger_copy(&machine->world.ledger, &machine->reopened->ledger,
                    machine->the_case->client_count);
  else if (sim_ledger_read(machine->engines[process], &machine->names, &machine->world.ledger,
                           &message) != RELOAD_OK)
    machine->effect->problem = "the ledger cannot be read";
  machine->world.stale = fake_disk_stale(machine->disk); /* reading has made a WAL index */
  if (machine->left && !machine->reopened) sim_reopened(machine);
  wake_waiting(machine, before);
}

void sim_step_begin(struct sim_machine *machine, int task, const struct sim_strategy *strategy,
                    struct sim_effect *effect) {
  memset(effect, 0, sizeof *effect);
  effect->task = task;
  effect->call = "";
  effect->step_site = "";
  effect->fault_site = "";
  effect->is_background = task >= SIM_BACKGROUND;
  effect->transition.task = (int16_t)task;
  machine->strategy = strategy;
  machine->effect = effect;
  machine->slow_ms = 0;
  machine->step_failed = false;
  memset(machine->site_counts, 0, sizeof machine->site_counts);
  machine->dying = false;
  machine->left = 0;
  machine->reopened = NULL;
  machine->card_fixture.call_count = 0;
  machine->mail_fixture.call_count = 0;
  fake_disk_set_now(machine->disk, machine->world.clock.now_ms);
  fake_disk_begin_step(machine->disk);
}

void sim_step_end(struct sim_machine *machine, int process) {
  struct sim_effect *effect = machine->effect;
  struct fake_disk_counters counters = fake_disk_counters(machine->disk);
  effect->port_calls = machine->card_fixture.call_count + machine->mail_fixture.call_count;
  effect->card_call = machine->card_fixture.call_count > 0 ? &machine->card_fixture.last : NULL;
  effect->mail_call = machine->mail_fixture.call_count > 0 ? &machine->mail_fixture.last : NULL;
  effect->snapshots = counters.snapshot_count;
  effect->commits = counters.write_count;
  /* Only these faults touch the store. */
  bool shaken = machine->dying || effect->step_fault != SIM_STEP_FINE ||
                effect->task > SIM_BACKGROUND || effect->verb == SIM_CRASH ||
                effect->verb == SIM_POWER_CUT;
  if (counters.written_bytes > 0 || shaken) read_ledger(machine, process);
  note_placement(machine);
  if (!machine->world.closing) note_end(machine);
  if (machine->world.card.overflowed || machine->world.mail.overflowed ||
      machine->world.ledger.overflowed)
    effect->limit = "the scenario is too large for the simulator's tables";
  machine->strategy = NULL;
  machine->effect = NULL;
}

void sim_machine_step(struct sim_machine *machine, int task, const struct sim_strategy *strategy,
                      struct sim_effect *effect) {
  int process = 0;
  sim_step_begin(machine, task, strategy, effect);
  machine->hooked = strategy->inside;
  if (machine->hooked) sim_hook_begin(machine);
  if (task > SIM_BACKGROUND) {
    sim_world_step(machine, task);
  } else if (task < SIM_BACKGROUND) {
    process = machine->the_case->actors[task].steps[machine->world.tasks[task].step].process;
    sim_verb_step(machine, task);
    if (machine->slow_ms)
      machine->world.tasks[task].ready_at_ms = machine->world.clock.now_ms + machine->slow_ms;
  } else if (machine->world.closing)
    sim_background_step(machine);
  else
    pass_time(machine);
  if (machine->hooked) sim_hook_end(machine);
  sim_step_end(machine, process);
}
