#include "machine_inside.h"

#include "language.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Choices ---- */

int sim_choice_reached(struct sim_machine *machine, int site) {
  uint16_t *count = &machine->site_counts[site];
  if (*count < UINT16_MAX) ++*count;
  return *count;
}

static void keep_choice(struct sim_machine *machine, struct sim_choice choice) {
  struct sim_transition *transition = &machine->effect->transition;
  if (transition->count == SIM_MAX_CHOICES)
    machine->effect->limit = SIM_TOO_MANY_CHOICES;
  else
    transition->choices[transition->count++] = choice;
}

uint16_t sim_choose(struct sim_machine *machine, int site, const uint16_t *codes, int count) {
  const struct sim_choice_point point = {
      .site = site, .nth = machine->site_counts[site], .count = count, .codes = codes};
  uint16_t code = machine->strategy->choose(machine->strategy->self, &point);
  if (code) keep_choice(machine, (struct sim_choice){(uint16_t)site, (uint16_t)point.nth, code});
  return code;
}

int sim_choose_task(const struct sim_strategy *strategy, uint32_t tasks) {
  uint16_t codes[32];
  int count = 0;
  for (int task = 0; task < 32; task++)
    if (tasks & UINT32_C(1) << task) codes[count++] = (uint16_t)(task + 1);
  const struct sim_choice_point point = {
      .site = SIM_CHOICE_TASK, .nth = 1, .count = count, .codes = codes};
  return (int)strategy->choose(strategy->self, &point) - 1;
}

bool sim_may_inject(const struct sim_machine *machine) {
  return machine->world.injected < machine->fault_budget && !machine->step_failed;
}

/* ---- How the gateway and the mail transport behave ---- */

const struct sim_fault *sim_choose_event_fault(struct sim_machine *machine, bool early, int limit) {
  int site = early ? SIM_CHOICE_EARLY : SIM_CHOICE_EVENT, count = 0;
  const struct sim_fault *faults = sim_event_injections(early, &count);
  uint16_t codes[8];
  if (count > limit) count = limit;
  int codes_count = early ? count - 1 : count; /* code 0 stands for the first waiting event */
  for (int i = 0; i < codes_count; i++) codes[i] = (uint16_t)(i + 1);
  (void)sim_choice_reached(machine, site);
  int code = codes_count > 0 ? sim_choose(machine, site, codes, codes_count) : 0;
  if (code == 0 && !early) return NULL;
  machine->effect->fault = &faults[early ? code : code - 1];
  machine->effect->fault_site = sim_choice_site_name(site);
  return machine->effect->fault;
}

/* A fault that may happen: declared or injected; null: none is chosen. */
static const struct sim_fault *choose_possible(struct sim_machine *machine, enum sim_site site,
                                               const struct sim_site_faults *declared) {
  struct sim_world *world = &machine->world;
  uint16_t codes[SIM_MAX_FAULTS + 32];
  int injections = 0, count = 0;
  (void)sim_site_injections(site, &injections);
  if (declared->policy == SIM_POLICY_MAY && world->faults_shown < machine->the_case->fault_limit &&
      !machine->without_declared)
    for (int i = 0; i < declared->count; i++) codes[count++] = (uint16_t)(1 + i);
  for (int i = 0; i < injections && sim_may_inject(machine); i++)
    codes[count++] = (uint16_t)(1 + declared->count + i);
  int code = count > 0 ? sim_choose(machine, SIM_CHOICE_PORT + (int)site, codes, count) : 0;
  if (code == 0) return NULL;
  const struct sim_fault *shown = sim_site_fault(machine->the_case, site, code);
  if (code <= declared->count) {
    world->faults_shown++;
    return shown;
  }
  world->injected++;
  machine->effect->injected = true;
  world->fault_effects |= sim_behaviour_effects(shown->behaviour);
  return shown;
}

/* The fault that a call at this site shows; null: none. */
static const struct sim_fault *choose_fault(struct sim_machine *machine, enum sim_site site) {
  const struct sim_site_faults *faults = &machine->the_case->sites[site];
  const struct sim_fault *shown = NULL;
  if (!machine->effect) return NULL; /* the world is still being set up */
  (void)sim_choice_reached(machine, SIM_CHOICE_PORT + (int)site);
  bool first = !(machine->world.first_shown & 1 << site);
  if (faults->policy == SIM_POLICY_FIRST) machine->world.first_shown |= 1 << site;
  if (!machine->without_declared &&
      (faults->policy == SIM_POLICY_ALWAYS || (faults->policy == SIM_POLICY_FIRST && first)))
    shown = &faults->faults[0];
  else
    shown = choose_possible(machine, site, faults);
  machine->effect->fault = shown;
  machine->effect->fault_site = sim_site_word(site);
  if (shown && shown->behaviour == SIM_SLOW) machine->slow_ms = shown->duration_ms;
  return shown;
}

static struct fake_card_behaviour choose_card(void *chooser, enum fake_card_call call,
                                              const char *intent_or_key) {
  static const enum sim_site sites[] = {[FAKE_CARD_CREATE] = SIM_SITE_CREATE,
                                        [FAKE_CARD_CONFIRM] = SIM_SITE_CONFIRM,
                                        [FAKE_CARD_CANCEL] = SIM_SITE_CANCEL};
  (void)intent_or_key;
  const struct sim_fault *fault = choose_fault(chooser, sites[call]);
  if (!fault) return (struct fake_card_behaviour){.kind = FAKE_CARD_NORMAL};
  return (struct fake_card_behaviour){
      .kind = (enum fake_card_behaviour_kind)sim_behaviours[fault->behaviour].port,
      .code = fault->code,
      .duration_ms = 0};
}

static enum fake_mail_behaviour choose_mail(void *chooser, const struct reload_mail *mail) {
  (void)mail;
  const struct sim_fault *fault = choose_fault(chooser, SIM_SITE_MAIL);
  return fault ? (enum fake_mail_behaviour)sim_behaviours[fault->behaviour].port : FAKE_MAIL_NORMAL;
}

/* ---- Life ---- */

struct sim_machines {
  struct sim_machine *idle;
};

struct sim_machines *sim_machines_new(void) {
  return calloc(1, sizeof(struct sim_machines));
}

static void scrap_machine(struct sim_machine *machine) {
  sim_machine_keep_moments(machine, false);
  free(machine->moments);
  sim_reopenings_forget(machine);
  for (int i = 0; i < SIM_MAX_PROCESSES; i++) reload_close(machine->engines[i]);
  if (machine->empty_store.record) fake_disk_image_release(machine->disk, &machine->empty_store);
  fake_disk_free(machine->disk);
  free(machine->model_memory);
  free(machine);
}

void sim_machines_free(struct sim_machines *machines) {
  while (machines && machines->idle) {
    struct sim_machine *machine = machines->idle;
    machines->idle = machine->next;
    scrap_machine(machine);
  }
  free(machines);
}

/* A kept machine that fits; null: none. */
static struct sim_machine *take_idle(struct sim_machines *machines, int process_count,
                                     uint64_t seed) {
  struct sim_machine **at = machines ? &machines->idle : NULL;
  while (at && *at && ((*at)->process_count != process_count || (*at)->seed != seed))
    at = &(*at)->next;
  if (!at || !*at) return NULL;
  struct sim_machine *machine = *at;
  *at = machine->next;
  return machine;
}

/* A new machine on which an empty store is open. */
static struct sim_machine *build_machine(const struct sim_case *the_case, uint64_t seed,
                                         struct reload_message *message) {
  static unsigned serial; /* only makes VFS names differ */
  struct sim_machine *machine = calloc(1, sizeof *machine);
  if (!machine) return NULL;
  machine->the_case = the_case;
  machine->seed = seed;
  machine->process_count = the_case->process_count;
  (void)snprintf(machine->vfs_name, sizeof machine->vfs_name, "sim-disk-%u", serial++);
  machine->clock_fixture.clock = &machine->world.clock;
  machine->card_fixture = (struct fake_card_fixture){.card = &machine->world.card,
                                                     .clock = &machine->world.clock,
                                                     .chooser = machine,
                                                     .choose = choose_card};
  machine->mail_fixture = (struct fake_mail_fixture){.mail = &machine->world.mail,
                                                     .clock = &machine->world.clock,
                                                     .chooser = machine,
                                                     .choose = choose_mail};
  machine->disk = fake_disk_new(machine->vfs_name, seed);
  machine->model_memory = calloc(SIM_MODEL_MEMORY, sizeof *machine->model_memory);
  if (machine->disk && machine->model_memory && sim_machine_open(machine, message)) return machine;
  scrap_machine(machine);
  return NULL;
}

/* Forget the previous case. Nothing else is left of it between two steps. */
static void begin_case(struct sim_machine *machine, const struct sim_case *the_case) {
  machine->the_case = the_case;
  sim_names_init(&machine->names, the_case);
  sim_world_init(&machine->world, the_case->start_ms);
  memset(machine->model_memory, 0, SIM_MODEL_MEMORY * sizeof *machine->model_memory);
  machine->fault_budget = 0;
  machine->without_declared = false;
}

struct sim_machine *sim_machine_take(struct sim_machines *machines, const struct sim_case *the_case,
                                     uint64_t seed, struct reload_message *message) {
  struct sim_machine *machine = take_idle(machines, the_case->process_count, seed);
  if (!machine) machine = build_machine(the_case, seed, message);
  if (!machine) return NULL;
  begin_case(machine, the_case);
  machine->keeper = machines;
  if (sim_machine_setup(machine, message)) return machine;
  scrap_machine(machine);
  return NULL;
}

struct sim_machine *sim_machine_new(const struct sim_case *the_case, uint64_t seed,
                                    struct reload_message *message) {
  return sim_machine_take(NULL, the_case, seed, message);
}

void sim_machine_free(struct sim_machine *machine) {
  if (!machine) return;
  struct sim_machines *keeper = machine->keeper;
  if (!keeper || !fake_disk_is_idle(machine->disk)) {
    scrap_machine(machine);
    return;
  }
  machine->next = keeper->idle;
  keeper->idle = machine;
}

const struct sim_world *sim_machine_world(const struct sim_machine *machine) {
  return &machine->world;
}

const struct sim_names *sim_machine_names(const struct sim_machine *machine) {
  return &machine->names;
}

const struct sim_ledger *sim_machine_given(const struct sim_machine *machine) {
  return &machine->given;
}

uint64_t *sim_machine_model_memory(const struct sim_machine *machine) {
  return machine->model_memory;
}

struct fake_disk *sim_machine_disk(struct sim_machine *machine) {
  return machine->disk;
}

void sim_machine_restore(struct sim_machine *machine, const struct sim_world *world,
                         const struct fake_disk_image *image) {
  sim_world_copy(&machine->world, world, machine->the_case);
  fake_disk_restore(machine->disk, image);
}

/* ---- Which tasks are enabled ---- */

static bool have_ended(const struct sim_view *view, uint32_t actors) {
  for (int i = 0; i < view->the_case->actor_count; i++)
    if (actors & 1u << i && view->tasks[i]->state != SIM_TASK_ENDED) return false;
  return true;
}

/* A waiting submit asks again when the reload that it waits for may have ended, or when its
 * client's balance, plan, card or toggle has changed. At any other time it would only be told to
 * wait. */
static bool reload_in_flight(const struct sim_view *view, int client) {
  const struct sim_charge_row *pending =
      sim_charges_pending(view->charges, view->charge_count, client);
  return pending && pending->state != RELOAD_CHARGE_UNKNOWN &&
         view->now_ms < pending->recover_at_ms;
}

static bool can_step(const struct sim_view *view, int actor) {
  const struct sim_task *task = view->tasks[actor];
  if (task->state == SIM_TASK_ENDED || view->now_ms < task->ready_at_ms) return false;
  const struct sim_step *step = &view->the_case->actors[actor].steps[task->step];
  if (task->state == SIM_TASK_IDLE) return have_ended(view, step->after);
  if (task->state == SIM_TASK_WAITING && view->now_ms < task->as.spend.wake_at_ms)
    return task->wake_pending || !reload_in_flight(view, step->client);
  return true;
}

/* The next instant at which an actor can step, when none can now; 0: none. */
static int64_t next_instant_ms(const struct sim_view *view) {
  int64_t next_ms = 0, now_ms = view->now_ms;
  for (int i = 0; i < view->the_case->actor_count; i++) {
    const struct sim_task *task = view->tasks[i];
    int64_t at_ms = task->ready_at_ms;
    if (task->state == SIM_TASK_ENDED) continue;
    if (task->state == SIM_TASK_WAITING && at_ms <= now_ms) at_ms = task->as.spend.wake_at_ms;
    if (at_ms > now_ms && (next_ms == 0 || at_ms < next_ms)) next_ms = at_ms;
  }
  return next_ms;
}

static uint32_t task_steps(const struct sim_view *view) {
  uint32_t steps = 0;
  if (view->at_rest) return 0;
  if (view->closing) return 1u << SIM_BACKGROUND;
  for (int i = 0; i < view->the_case->actor_count; i++)
    if (can_step(view, i)) steps |= 1u << i;
  if (steps) return steps;
  return next_instant_ms(view) ? 1u << SIM_BACKGROUND : 0;
}

uint32_t sim_view_enabled(const struct sim_view *view) {
  uint32_t steps = task_steps(view);
  return steps && view->may_inject ? steps | sim_world_enabled(view) : steps;
}

static struct sim_view view_of(const struct sim_machine *machine) {
  const struct sim_world *world = &machine->world;
  struct sim_view view = {.the_case = machine->the_case,
                          .charges = world->ledger.charges,
                          .charge_count = world->ledger.charge_count,
                          .now_ms = world->clock.now_ms,
                          .at_rest = world->at_rest,
                          .closing = world->closing,
                          .may_inject = world->injected < machine->fault_budget,
                          .gateway_down_until_ms = world->card.down_until_ms,
                          .event_count = world->card.event_count};
  for (int i = 0; i <= SIM_MAX_ACTORS; i++) view.tasks[i] = &world->tasks[i];
  return view;
}

uint32_t sim_machine_enabled(const struct sim_machine *machine) {
  const struct sim_view view = view_of(machine);
  return sim_view_enabled(&view);
}

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

/* ---- Stepping ---- */

static void pass_time(struct sim_machine *machine) {
  machine->effect->time_passed = true;
  machine->effect->call = "time passes";
  const struct sim_view view = view_of(machine);
  fake_clock_reach(&machine->world.clock, next_instant_ms(&view));
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

/* ---- Again ---- */

/* The replay strategy: the choices of a transition, in turn. */
struct replay {
  const struct sim_case *the_case;
  const struct sim_transition *given;
  int made;
};

/* A declared fault has the same text as an injected one: take the one that is open. */
static uint16_t open_code(const struct replay *replay, const struct sim_choice *choice,
                          const struct sim_choice_point *point) {
  if (!point->codes) return choice->code;
  for (int i = 0; i < point->count; i++)
    if (point->codes[i] == choice->code) return choice->code;
  if (choice->site >= SIM_SITE_COUNT) return 0;
  const struct sim_fault *wanted =
      sim_site_fault(replay->the_case, (enum sim_site)choice->site, choice->code);
  for (int i = 0; i < point->count && wanted; i++)
    if (strcmp(sim_site_fault(replay->the_case, (enum sim_site)choice->site, point->codes[i])->text,
               wanted->text) == 0)
      return point->codes[i];
  return 0;
}

static uint16_t replay_choice(void *self, const struct sim_choice_point *point) {
  struct replay *replay = self;
  if (replay->made == replay->given->count) return 0;
  const struct sim_choice *next = &replay->given->choices[replay->made];
  if (next->site != point->site || next->nth != point->nth) return 0;
  uint16_t code = open_code(replay, next, point);
  if (code) replay->made++;
  return code;
}

bool sim_machine_again(struct sim_machine *machine, const struct sim_transition *transition,
                       struct sim_effect *effect) {
  struct replay replay = {.the_case = machine->the_case, .given = transition};
  const struct sim_strategy strategy = {
      .self = &replay, .inside = sim_transition_is_inside(transition), .choose = replay_choice};
  if (transition->task < 0 || !(sim_machine_enabled(machine) >> transition->task & 1)) {
    *effect = (struct sim_effect){.task = transition->task,
                                  .transition.task = transition->task,
                                  .call = "",
                                  .step_site = "",
                                  .fault_site = "",
                                  .strayed = true};
    return false;
  }
  machine->is_again = true;
  sim_machine_step(machine, transition->task, &strategy, effect);
  machine->is_again = false;
  effect->strayed = replay.made < transition->count;
  return true;
}
