#include "machine_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Choices: how the gateway and the mail transport behave ---- */

/* The answer that a script names; 0 if it names none that is possible. */
static int find_fault(const char *text, const struct sim_site_faults *declared, int declared_count,
                      const struct sim_fault *injections, int injection_count) {
  for (int i = 0; i < declared_count; i++)
    if (strcmp(declared->faults[i].text, text) == 0) return 1 + i;
  for (int i = 0; i < injection_count; i++)
    if (strcmp(injections[i].text, text) == 0) return 1 + declared_count + i;
  return 0;
}

bool sim_may_inject(const struct sim_machine *machine) {
  return machine->world.injected < machine->fault_budget && machine->fail.kind == SIM_STEP_FINE;
}

const struct sim_fault *sim_choose_event_fault(struct sim_machine *machine, bool early, int limit) {
  int count = 0;
  const struct sim_fault *faults = sim_event_injections(early, &count);
  if (count > limit) count = limit;
  int chosen = machine->script ? find_fault(machine->script->fault, NULL, 0, faults, count)
                               : sim_choose(machine->tape, early ? count : 1 + count) + early;
  if (chosen == 0) return NULL;
  machine->effect->fault = &faults[chosen - 1];
  machine->effect->fault_site = "gateway.event";
  return machine->effect->fault;
}

/* A fault that may happen: one that the scenario declares, or an injected one; or none of them. */
static const struct sim_fault *choose_possible(struct sim_machine *machine, enum sim_site site,
                                               const struct sim_site_faults *declared) {
  struct sim_world *world = &machine->world;
  int injection_count = 0, declared_count = 0;
  const struct sim_fault *injections = sim_site_injections(site, &injection_count), *shown = NULL;
  if (!sim_may_inject(machine)) injection_count = 0;
  if (declared->mood == SIM_MOOD_MAY && world->faults_shown < machine->the_case->fault_limit &&
      !machine->without_declared)
    declared_count = declared->count;
  if (declared_count + injection_count == 0) return NULL;
  int chosen = machine->script ? find_fault(machine->script->fault, declared, declared_count,
                                            injections, injection_count)
                               : sim_choose(machine->tape, 1 + declared_count + injection_count);
  if (chosen == 0) return NULL;
  if (chosen <= declared_count) {
    world->faults_shown++;
    return &declared->faults[chosen - 1];
  }
  world->injected++;
  machine->effect->injected = true;
  shown = &injections[chosen - 1 - declared_count];
  world->strains |= sim_behaviour_strains(shown->behaviour);
  return shown;
}

/* The fault that a call at this site shows, or null. */
static const struct sim_fault *choose_fault(struct sim_machine *machine, enum sim_site site) {
  const struct sim_site_faults *faults = &machine->the_case->sites[site];
  const struct sim_fault *shown = NULL;
  if (!machine->effect) return NULL; /* the world is still being set up */
  bool first = !(machine->world.first_shown & 1 << site);
  if (faults->mood == SIM_MOOD_FIRST) machine->world.first_shown |= 1 << site;
  if (!machine->without_declared &&
      (faults->mood == SIM_MOOD_ALWAYS || (faults->mood == SIM_MOOD_FIRST && first)))
    shown = &faults->faults[0];
  else
    shown = choose_possible(machine, site, faults);
  machine->effect->fault = shown;
  machine->effect->fault_site = sim_site_word(site);
  if (shown && shown->behaviour == SIM_SLOW) machine->slow_ms = shown->duration_ms;
  return shown;
}

static enum fake_card_behaviour_kind card_kind(enum sim_behaviour behaviour) {
  switch (behaviour) {
    case SIM_TIMEOUT_BEFORE: return FAKE_CARD_TIMEOUT_BEFORE;
    case SIM_TIMEOUT_AFTER: return FAKE_CARD_TIMEOUT_AFTER;
    case SIM_500_ROLLED_BACK: return FAKE_CARD_500_ROLLED_BACK;
    case SIM_500_ROLLED_FORWARD: return FAKE_CARD_500_ROLLED_FORWARD;
    case SIM_409: return FAKE_CARD_409;
    case SIM_429: return FAKE_CARD_429;
    case SIM_NOT_REACHED: return FAKE_CARD_NOT_REACHED;
    case SIM_SLOW: return FAKE_CARD_SLOW;
    case SIM_SUCCEEDED: return FAKE_CARD_SUCCEEDED;
    case SIM_DECLINED: return FAKE_CARD_DECLINED;
    case SIM_3D_SECURE: return FAKE_CARD_3D_SECURE;
    case SIM_500_FORWARD_LATER: return FAKE_CARD_500_FORWARD_LATER;
    case SIM_PROCESSING_SUCCEEDS: return FAKE_CARD_PROCESSING_SUCCEEDS;
    case SIM_PROCESSING_FAILS: return FAKE_CARD_PROCESSING_FAILS;
    case SIM_NORMAL:
    case SIM_MAIL_REFUSED:
    case SIM_MAIL_REPLY_LOST:
    case SIM_MAIL_LOST: return FAKE_CARD_NORMAL;
  }
  return FAKE_CARD_NORMAL;
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
      .kind = card_kind(fault->behaviour), .code = fault->code, .duration_ms = 0};
}

static enum fake_mail_behaviour choose_mail(void *chooser, const struct reload_mail *mail) {
  (void)mail;
  const struct sim_fault *fault = choose_fault(chooser, SIM_SITE_MAIL);
  if (!fault) return FAKE_MAIL_NORMAL;
  switch (fault->behaviour) {
    case SIM_MAIL_REFUSED: return FAKE_MAIL_REFUSED;
    case SIM_MAIL_REPLY_LOST: return FAKE_MAIL_REPLY_LOST;
    case SIM_MAIL_LOST: return FAKE_MAIL_LOST;
    default: return FAKE_MAIL_NORMAL;
  }
}

/* ---- Life ---- */

struct sim_machine *sim_machine_new(const struct sim_case *the_case, uint64_t seed,
                                    struct reload_message *message) {
  static unsigned serial; /* only tells VFS names apart; no result depends on it */
  struct sim_machine *machine = calloc(1, sizeof *machine);
  if (!machine) return NULL;
  machine->the_case = the_case;
  (void)snprintf(machine->vfs_name, sizeof machine->vfs_name, "sim-disk-%u", serial++);
  sim_names_init(&machine->names, the_case);
  fake_clock_init(&machine->world.clock, the_case->start_ms);
  fake_card_init(&machine->world.card);
  fake_mail_init(&machine->world.mail);
  machine->clock_bench.clock = &machine->world.clock;
  machine->card_bench = (struct fake_card_bench){.card = &machine->world.card,
                                                 .clock = &machine->world.clock,
                                                 .chooser = machine,
                                                 .choose = choose_card};
  machine->mail_bench = (struct fake_mail_bench){.mail = &machine->world.mail,
                                                 .clock = &machine->world.clock,
                                                 .chooser = machine,
                                                 .choose = choose_mail};
  machine->disk = fake_disk_new(machine->vfs_name, seed);
  machine->model_memory = calloc(SIM_MODEL_MEMORY, sizeof *machine->model_memory);
  if (machine->disk && machine->model_memory && sim_machine_setup(machine, message)) return machine;
  sim_machine_free(machine);
  return NULL;
}

void sim_machine_free(struct sim_machine *machine) {
  if (!machine) return;
  for (int i = 0; i < SIM_MAX_PROCESSES; i++) reload_close(machine->engines[i]);
  fake_disk_free(machine->disk);
  free(machine->model_memory);
  free(machine);
}

const struct sim_world *sim_machine_world(const struct sim_machine *machine) {
  return &machine->world;
}

const struct sim_names *sim_machine_names(const struct sim_machine *machine) {
  return &machine->names;
}

const struct sim_books *sim_machine_given(const struct sim_machine *machine) {
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

/* ---- Who can move ---- */

static bool others_ended(const struct sim_machine *machine, uint32_t actors) {
  for (int i = 0; i < machine->the_case->actor_count; i++)
    if (actors & 1u << i && machine->world.tasks[i].state != SIM_TASK_ENDED) return false;
  return true;
}

/* A waiting submit asks again when the reload that it waits for may have ended or its client's
 * balance, plan, card or toggle has changed; asking at any other time would only be told to wait
 * on. */
static bool reload_in_flight(const struct sim_machine *machine, int client) {
  const struct sim_charge_row *pending = sim_books_pending(&machine->world.books, client);
  return pending && pending->state != RELOAD_CHARGE_UNKNOWN &&
         machine->world.clock.now_ms < pending->recover_at_ms;
}

static bool can_move(const struct sim_machine *machine, int actor) {
  const struct sim_task *task = &machine->world.tasks[actor];
  if (task->state == SIM_TASK_ENDED || machine->world.clock.now_ms < task->ready_at_ms)
    return false;
  const struct sim_step *step = &machine->the_case->actors[actor].steps[task->step];
  if (task->state == SIM_TASK_IDLE) return others_ended(machine, step->after);
  if (task->state == SIM_TASK_WAITING && machine->world.clock.now_ms < task->as.spend.wake_at_ms)
    return task->stirred || !reload_in_flight(machine, step->client);
  return true;
}

/* The next instant at which an actor can move though none can now; 0 if there is none. */
static int64_t next_instant_ms(const struct sim_machine *machine) {
  int64_t next_ms = 0, now_ms = machine->world.clock.now_ms;
  for (int i = 0; i < machine->the_case->actor_count; i++) {
    const struct sim_task *task = &machine->world.tasks[i];
    int64_t at_ms = task->ready_at_ms;
    if (task->state == SIM_TASK_ENDED) continue;
    if (task->state == SIM_TASK_WAITING && at_ms <= now_ms) at_ms = task->as.spend.wake_at_ms;
    if (at_ms > now_ms && (next_ms == 0 || at_ms < next_ms)) next_ms = at_ms;
  }
  return next_ms;
}

static uint32_t task_moves(const struct sim_machine *machine) {
  uint32_t moves = 0;
  if (machine->world.settled) return 0;
  if (machine->world.settling) return 1u << SIM_BACKGROUND;
  for (int i = 0; i < machine->the_case->actor_count; i++)
    if (can_move(machine, i)) moves |= 1u << i;
  if (moves) return moves;
  return next_instant_ms(machine) ? 1u << SIM_BACKGROUND : 0;
}

uint32_t sim_machine_moves(const struct sim_machine *machine) {
  uint32_t moves = task_moves(machine);
  return moves ? moves | sim_fault_moves(machine) : 0;
}

/* Where a step can be failed inside depends on it; else it does not matter. */
static void note_layout(struct sim_machine *machine) {
  struct sim_world *world = &machine->world;
  world->layout = world->injected < machine->fault_budget ? fake_disk_layout(machine->disk) : 0;
}

void sim_machine_set_faults(struct sim_machine *machine, int budget, bool declared) {
  if (budget > 0 && !machine->warm) machine->warm = sim_warm_up(machine);
  machine->fault_budget = budget;
  note_layout(machine);
  machine->without_declared = !declared;
}

/* ---- Moving ---- */

static void pass_time(struct sim_machine *machine) {
  machine->effect->time_passed = true;
  machine->effect->call = "time passes";
  fake_clock_reach(&machine->world.clock, next_instant_ms(machine));
  fake_card_advance(&machine->world.card, machine->world.clock.now_ms);
  fake_mail_advance(&machine->world.mail, machine->world.clock.now_ms);
}

static void note_end(struct sim_machine *machine) {
  for (int i = 0; i < machine->the_case->actor_count; i++)
    if (machine->world.tasks[i].state != SIM_TASK_ENDED) return;
  machine->world.settling = 1;
}

/* Waiting submits of clients whose facts have changed will ask again. */
static void stir(struct sim_machine *machine, const struct sim_client_row *before) {
  for (int i = 0; i < machine->the_case->actor_count; i++) {
    struct sim_task *task = &machine->world.tasks[i];
    if (task->state != SIM_TASK_WAITING) continue;
    int client = machine->the_case->actors[i].steps[task->step].client;
    if (memcmp(&before[client], &machine->world.books.clients[client], sizeof *before) != 0)
      task->stirred = 1;
  }
}

static void read_books(struct sim_machine *machine, int process) {
  struct reload_message message;
  struct sim_client_row before[SIM_MAX_CLIENTS];
  memcpy(before, machine->world.books.clients, sizeof before);
  machine->effect->wrote = true;
  if (sim_books_read(machine->engines[process], &machine->names, &machine->world.books, &message) !=
      RELOAD_OK)
    machine->effect->problem = "the books cannot be read";
  stir(machine, before);
}

static void begin_move(struct sim_machine *machine, int task, struct sim_tape *tape,
                       struct sim_effect *effect) {
  memset(effect, 0, sizeof *effect);
  effect->task = task;
  effect->call = "";
  effect->step_site = "";
  effect->fault_site = "";
  effect->is_background = task >= SIM_BACKGROUND;
  machine->tape = tape;
  machine->effect = effect;
  machine->slow_ms = 0;
  machine->op = 0;
  memset(machine->site_counts, 0, sizeof machine->site_counts);
  machine->dying = false;
  machine->card_bench.call_count = 0;
  machine->mail_bench.call_count = 0;
  fake_disk_set_now(machine->disk, machine->world.clock.now_ms);
  fake_disk_begin_step(machine->disk);
}

static void end_move(struct sim_machine *machine, int process) {
  struct sim_effect *effect = machine->effect;
  struct fake_disk_counters counters = fake_disk_counters(machine->disk);
  effect->port_calls = machine->card_bench.call_count + machine->mail_bench.call_count;
  effect->card_call = machine->card_bench.call_count > 0 ? &machine->card_bench.last : NULL;
  effect->mail_call = machine->mail_bench.call_count > 0 ? &machine->mail_bench.last : NULL;
  effect->snapshots = counters.snapshot_count;
  effect->commits = counters.write_count;
  bool shaken = machine->dying || effect->injected || effect->verb == SIM_CRASH ||
                effect->verb == SIM_POWER_CUT;
  if (counters.written_bytes > 0 || shaken) {
    read_books(machine, process);
    machine->world.ghost = fake_disk_ghost(machine->disk); /* with the index that reading needs */
  }
  note_layout(machine);
  if (!machine->world.settling) note_end(machine);
  if (machine->tape->overflowed) effect->limit = "more choices in one step than a tape holds";
  if (machine->world.card.overflowed || machine->world.mail.overflowed ||
      machine->world.books.overflowed)
    effect->limit = "the scenario is too large for the simulator's tables";
  machine->tape = NULL;
  machine->effect = NULL;
}

void sim_machine_move(struct sim_machine *machine, int task, struct sim_tape *tape,
                      struct sim_effect *effect) {
  int process = 0;
  begin_move(machine, task, tape, effect);
  machine->hooked = machine->watched || machine->fail.kind != SIM_STEP_FINE ||
                    (machine->script && machine->script->step_fault[0]);
  if (machine->hooked) sim_hook_begin(machine);
  if (task > SIM_BACKGROUND) {
    sim_fault_move(machine, task);
  } else if (task < SIM_BACKGROUND) {
    process = machine->the_case->actors[task].steps[machine->world.tasks[task].step].process;
    sim_verb_move(machine, task);
    if (machine->slow_ms)
      machine->world.tasks[task].ready_at_ms = machine->world.clock.now_ms + machine->slow_ms;
  } else if (machine->world.settling)
    sim_background_move(machine);
  else
    pass_time(machine);
  if (machine->hooked) sim_hook_end(machine);
  end_move(machine, process);
}

void sim_machine_watch(struct sim_machine *machine, int task, struct sim_tape *tape,
                       struct sim_effect *effect, struct sim_points *points) {
  int statements = fake_disk_statement_count(machine->disk);
  points->op_count = 0;
  points->image_count = 0;
  points->overflowed = points->bounded = false;
  machine->watched = points;
  sim_machine_move(machine, task, tape, effect);
  machine->watched = NULL;
  effect->power_bounded = points->bounded;
  if (points->overflowed || machine->power.overflowed)
    effect->limit = "a step with more disk operations or writes than can be failed";
  if (fake_disk_statement_count(machine->disk) != statements)
    effect->limit = "a step prepared a statement: its requests for memory have no fixed numbers";
}

void sim_machine_fail(struct sim_machine *machine, int task, struct sim_tape *tape,
                      struct sim_effect *effect, struct sim_step_fault fault) {
  machine->fail = fault;
  sim_machine_move(machine, task, tape, effect);
  machine->fail = (struct sim_step_fault){.kind = SIM_STEP_FINE};
  effect->strayed = effect->step_fault == SIM_STEP_FINE;
}
