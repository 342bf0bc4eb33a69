/* Injected faults: each kind is really made, at every place; places keep their numbers; traces name
 * them; the images of a power failure are those that power.h promises. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "memory.h"
#include "sim_kit.h"
#include "variants.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- A walk through all states of a small world, with one fault ---- */

enum { MAX_STATES = 1 << 16, MAX_SITES = 200 };

struct walk {
  struct sim_kit *kit;
  uint64_t *seen; /* an open hash table of states */
  int states;
  int site_count;
  char sites[MAX_SITES][SIM_SITE_NAME_SIZE];
  int64_t replays; /* transitions that were made again */
  int busy;        /* steps that ended with RELOAD_BUSY, as a lock stayed taken */
};

static bool is_new_state(struct walk *walk) {
  struct sim_hash hash =
      sim_world_hash(sim_machine_world(walk->kit->machine), &walk->kit->the_case);
  size_t at = (size_t)hash.low % MAX_STATES;
  while (walk->seen[at] != 0 && walk->seen[at] != hash.low) at = (at + 1) % MAX_STATES;
  if (walk->seen[at] == hash.low) return false;
  assert_true(++walk->states < MAX_STATES / 2);
  walk->seen[at] = hash.low;
  return true;
}

static bool site_is_known(const struct walk *walk, const char *site) {
  for (int i = 0; i < walk->site_count; i++)
    if (strcmp(walk->sites[i], site) == 0) return true;
  return false;
}

/* What a trace tells of a choice is that choice. */
static void compare_texts(const struct walk *walk, const struct sim_effect *effect) {
  for (int i = 0; i < effect->transition.count; i++) {
    const struct sim_choice *choice = &effect->transition.choices[i];
    char text[SIM_CHOICE_TEXT_SIZE];
    struct sim_choice read;
    sim_choice_text(&walk->kit->the_case, choice, effect->image_writes, text);
    if (!sim_choice_parse(&walk->kit->the_case, text, &read)) fail_msg("no choice: %s", text);
    assert_memory_equal(&read, choice, sizeof read);
  }
}

/* A fault of a new kind must come about again when its step is made again. */
static void compare_replay(struct walk *walk, const struct sim_world *world,
                           const struct fake_disk_image *image, const struct sim_effect *effect) {
  char fault[SIM_STEP_FAULT_SIZE], fault_again[SIM_STEP_FAULT_SIZE];
  struct sim_effect again;
  struct sim_machine *machine = walk->kit->machine;
  struct sim_hash hash = sim_world_hash(sim_machine_world(machine), &walk->kit->the_case);
  compare_texts(walk, effect);
  sim_machine_restore(machine, world, image);
  assert_true(sim_machine_again(machine, &effect->transition, &again));
  assert_false(again.strayed);
  assert_true(sim_transition_equal(&again.transition, &effect->transition));
  assert_string_equal(again.call, effect->call);
  assert_ptr_equal(again.fault, effect->fault);
  assert_int_equal(again.tried_again, effect->tried_again);
  sim_effect_step_fault(effect, fault);
  sim_effect_step_fault(&again, fault_again);
  assert_string_equal(fault_again, fault);
  struct sim_hash hash_again = sim_world_hash(sim_machine_world(machine), &walk->kit->the_case);
  assert_true(hash.low == hash_again.low && hash.high == hash_again.high);
  walk->replays++;
}

static void note_site(struct walk *walk, const struct sim_world *world,
                      const struct fake_disk_image *image, const struct sim_effect *effect) {
  char site[SIM_SITE_NAME_SIZE];
  sim_effect_site(effect, site);
  assert_int_equal(site[0] != '\0', effect->injected);
  if (!site[0] || site_is_known(walk, site)) return;
  assert_true(walk->site_count < MAX_SITES);
  (void)snprintf(walk->sites[walk->site_count++], SIM_SITE_NAME_SIZE, "%s", site);
  compare_replay(walk, world, image, effect);
}

static int lowest(uint32_t tasks) {
  int task = 0;
  while (!(tasks & 1u << task)) task++;
  return task;
}

static void walk_on(struct walk *walk);

static void walk_task(struct walk *walk, int task, const struct sim_world *world,
                      const struct fake_disk_image *image) {
  struct sim_machine *machine = walk->kit->machine;
  struct sim_variants variants = {.list = NULL};
  sim_variants_begin(&variants, task, world->injected + (task > SIM_BACKGROUND) < 1);
  while (sim_variants_more(&variants)) {
    struct sim_effect effect;
    struct sim_violation violation = {.rule = ""};
    sim_machine_restore(machine, world, image);
    sim_variants_make(&variants, machine, &effect);
    assert_false(effect.strayed);
    if (!sim_check_transition(machine, world, &effect, &violation)) fail_msg("%s", violation.text);
    note_site(walk, world, image, &effect);
    walk->busy += effect.step_ended && effect.answer == SIM_ANSWER_ERROR + (int)RELOAD_BUSY;
    if (is_new_state(walk)) walk_on(walk);
  }
  assert_false(variants.failed);
  sim_variants_free(&variants);
}

static void walk_on(struct walk *walk) {
  struct sim_machine *machine = walk->kit->machine;
  struct sim_world *world = malloc(sizeof *world);
  struct fake_disk_image image = {.record = NULL};
  assert_true(world && fake_disk_save(sim_machine_disk(machine), &image));
  sim_world_copy(world, sim_machine_world(machine), &walk->kit->the_case);
  for (uint32_t tasks = sim_machine_enabled(machine); tasks != 0; tasks &= tasks - 1)
    walk_task(walk, lowest(tasks), world, &image);
  fake_disk_image_release(sim_machine_disk(machine), &image);
  free(world);
}

static void assert_site(const struct walk *walk, const char *site) {
  if (site_is_known(walk, site)) return;
  for (int i = 0; i < walk->site_count; i++) print_message("  %s\n", walk->sites[i]);
  fail_msg("this was never tried: %s", site);
}

static void walk_all(struct walk *walk, struct sim_kit *kit) {
  *walk = (struct walk){.kit = kit, .seen = calloc(MAX_STATES, sizeof *walk->seen)};
  assert_non_null(walk->seen);
  sim_kit_start(kit);
  sim_machine_set_faults(kit->machine, 1, true);
  walk_on(walk);
  free(walk->seen);
}

/* A charge, a refund of it, its events, a change of the toggle and its mail, a crash: whatever can
 * go wrong with a disk operation, an allocation, a call or between steps does so, and what a trace
 * tells of it brings it about again. */
static void test_each_fault_is_made(void **state) {
  struct sim_kit *kit = *state;
  static struct walk walk;
  static const char *const sites[] = {
      "gateway.create: timeout before",
      "gateway.create: 409",
      "gateway.confirm: timeout after",
      "gateway.confirm: 500 rolled back",
      "gateway.confirm: 500 rolled forward",
      "gateway.confirm: 500 rolled forward later",
      "gateway.confirm: 429",
      "gateway.confirm: not reached",
      "gateway.confirm: slow 5 min",
      "gateway.confirm: declined generic_decline",
      "gateway.confirm: declined lost_card",
      "gateway.confirm: 3D Secure",
      "gateway.confirm: processing, then succeeded",
      "gateway.confirm: processing, then failed",
      "gateway.event: early",
      "gateway.event: late",
      "gateway.event: twice",
      "gateway.event: never",
      "mail.deliver: refused",
      "mail.deliver: reply lost",
      "mail.deliver: lost",
      "world: a process dies",
      "world: the power fails",
      "world: the clock jumps forward by a day",
      "world: the clock steps back by five minutes",
      "world: the gateway is down for an hour",
      "memory.sqlite: allocation fails",
      "memory.json: allocation fails",
      "db.read: I/O error",
      "db.read: short read",
      "db.read: the process dies",
      "db.write: I/O error",
      "db.write: disk full",
      "db.sync: I/O error",
      "db.shm_lock: busy",
      "db.shm_lock: busy throughout",
      "wal.read: I/O error",
      "wal.read: short read",
      "wal.write: I/O error",
      "wal.write: disk full",
      "wal.write: the process dies",
      "wal.write: the power fails",
      "wal.sync: I/O error",
      "wal.sync: the process dies",
      "wal.sync: the power fails",
  };
  sim_kit_submit(kit, "ana", "a-1", 10);
  sim_kit_then(kit, SIM_REFUND)->id = "a-1";
  sim_kit_then(kit, SIM_TURN_OFF);
  sim_kit_then(kit, SIM_CRASH);
  walk_all(&walk, kit);
  for (size_t i = 0; i < SIM_KIT_COUNT(sites); i++) assert_site(&walk, sites[i]);
  assert_int_equal(walk.replays, walk.site_count);
  assert_true(walk.busy > 0);
}

/* An attempt that is not captured is closed: that call can fail, too. */
static void test_closing_can_fail(void **state) {
  struct sim_kit *kit = *state;
  static struct walk walk;
  kit->the_case.clients[0].card = "pm_card_authenticationRequired";
  sim_kit_submit(kit, "ana", "a-1", 10);
  walk_all(&walk, kit);
  assert_site(&walk, "gateway.cancel: timeout before");
  assert_site(&walk, "gateway.cancel: timeout after");
  assert_site(&walk, "gateway.cancel: 500 rolled forward");
}

/* ---- What they do ---- */

/* Make the next step of a task with one choice in it; "": as it goes when all goes well. */
static void choose(struct sim_kit *kit, int task, const char *choice) {
  struct sim_transition step = {.task = (int16_t)task, .count = choice[0] != '\0'};
  if (step.count && !sim_choice_parse(&kit->the_case, choice, &step.choices[0]))
    fail_msg("no choice: %s", choice);
  assert_true(sim_machine_again(kit->machine, &step, &kit->effect));
  assert_false(kit->effect.strayed);
  assert_null(kit->effect.problem);
}

/* What the bank has done once the confirming call has shown a fault, and what the engine was told:
 * as their names say, and not as a neighbour's. */
static const struct {
  const char *fault;
  int64_t captured_minor;
  enum reload_card_outcome outcome;
  const char *code, *decline_code;
  enum reload_intent_status status; /* at the bank */
  int32_t slow_ms, fault_effects;
} answers[] = {
#define CONFIRM RELOAD_INTENT_REQUIRES_CONFIRMATION
#define SUCCEEDED RELOAD_INTENT_SUCCEEDED
#define DECLINED RELOAD_INTENT_REQUIRES_PAYMENT_METHOD
#define ACTION RELOAD_INTENT_REQUIRES_ACTION
#define PROCESSING RELOAD_INTENT_PROCESSING
#define CALL SIM_FAULT_EFFECT_GATEWAY
    {"", 1000, RELOAD_CARD_ANSWERED, "", "", SUCCEEDED, 0, 0},
    {"timeout before", 0, RELOAD_CARD_UNKNOWN, "", "", CONFIRM, 0, CALL},
    {"timeout after", 1000, RELOAD_CARD_UNKNOWN, "", "", SUCCEEDED, 0, CALL},
    {"500 rolled back", 0, RELOAD_CARD_UNKNOWN, "", "", CONFIRM, 0, CALL},
    {"500 rolled forward", 1000, RELOAD_CARD_UNKNOWN, "", "", SUCCEEDED, 0, CALL},
    {"409", 0, RELOAD_CARD_UNKNOWN, "idempotency_key_in_use", "", CONFIRM, 0, CALL},
    {"429", 0, RELOAD_CARD_NOT_SENT, "rate_limit", "", CONFIRM, 0, CALL},
    {"not reached", 0, RELOAD_CARD_NOT_SENT, "", "", CONFIRM, 0, CALL},
    {"slow 5 min", 1000, RELOAD_CARD_ANSWERED, "", "", SUCCEEDED, 300000, SIM_FAULT_EFFECT_TIME},
    {"declined generic_decline", 0, RELOAD_CARD_ANSWERED, "card_declined", "generic_decline",
     DECLINED, 0, 0},
    {"declined lost_card", 0, RELOAD_CARD_ANSWERED, "card_declined", "lost_card", DECLINED, 0, 0},
    {"3D Secure", 0, RELOAD_CARD_ANSWERED, "", "", ACTION, 0, 0},
    {"500 rolled forward later", 0, RELOAD_CARD_UNKNOWN, "", "", PROCESSING, 0, CALL},
    {"processing, then succeeded", 0, RELOAD_CARD_ANSWERED, "", "", PROCESSING, 0, CALL},
    {"processing, then failed", 0, RELOAD_CARD_ANSWERED, "", "", PROCESSING, 0, CALL},
};

/* Up to the confirming call, with this fault in it. */
static const struct reload_card_reply *confirm(struct sim_kit *kit, const char *fault) {
  char choice[SIM_CHOICE_TEXT_SIZE] = "";
  if (fault[0]) (void)snprintf(choice, sizeof choice, "gateway.confirm: %s", fault);
  sim_kit_start(kit);
  sim_machine_set_faults(kit->machine, 1, true);
  sim_kit_steps(kit, 0, 3);
  choose(kit, 0, choice);
  assert_string_equal(kit->effect.call, "confirm");
  return &kit->machine->world.tasks[0].as.spend.attempt.reply;
}

static void test_what_the_gateway_does(void **state) {
  struct sim_kit *kit = *state;
  int count = 0;
  const struct sim_fault *faults = sim_site_injections(SIM_SITE_CONFIRM, &count);
  assert_int_equal(SIM_KIT_COUNT(answers), 1 + count);
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  for (int i = 0; i <= count; i++) {
    if (i > 0) assert_string_equal(faults[i - 1].text, answers[i].fault);
    const struct reload_card_reply *reply = confirm(kit, answers[i].fault);
    const struct sim_world *world = sim_machine_world(kit->machine);
    const struct fake_card_intent *intent = &world->card.intents[0];
    assert_int_equal(world->card.intent_count, 1);
    assert_int_equal(intent->captured_minor, answers[i].captured_minor);
    assert_int_equal(intent->status, answers[i].status);
    assert_int_equal(reply->outcome, answers[i].outcome);
    assert_string_equal(reply->code, answers[i].code);
    assert_string_equal(reply->decline_code, answers[i].decline_code);
    assert_int_equal(world->injected, i > 0);
    assert_int_equal(world->fault_effects, answers[i].fault_effects);
    int64_t ready_at_ms = world->tasks[0].ready_at_ms;
    assert_int_equal(ready_at_ms, answers[i].slow_ms ? SIM_KIT_NOON + answers[i].slow_ms : 0);
  }
}

/* Processing is not the end of it: the bank makes up its mind. */
static void test_what_processing_becomes(void **state) {
  struct sim_kit *kit = *state;
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  for (int fails = 0; fails < 2; fails++) {
    (void)confirm(kit, fails ? "processing, then failed" : "processing, then succeeded");
    sim_kit_finish(kit);
    assert_int_equal(sim_machine_world(kit->machine)->card.intents[0].captured_minor,
                     fails ? 0 : 1000);
  }
}

/* For an hour nobody reaches the gateway, and ana is told so; then it is there again. */
static void test_an_outage(void **state) {
  struct sim_kit *kit = *state;
  const uint8_t not_reached = (uint8_t)(SIM_ANSWER_REFUSED + (int)RELOAD_REASON_NOT_REACHED);
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  sim_kit_then(kit, SIM_WAIT)->duration_ms = INT64_C(3600000);
  struct sim_step *later = sim_kit_then(kit, SIM_SUBMIT);
  *later = kit->steps[0][0];
  later->id = "a-2";
  sim_kit_start(kit);
  const struct sim_world *world = sim_machine_world(kit->machine);
  sim_machine_set_faults(kit->machine, 1, true);
  sim_kit_step(kit, SIM_WORLD_GATEWAY_DOWN);
  assert_int_equal(world->card.down_until_ms, SIM_KIT_NOON + INT64_C(3600000));
  assert_int_equal(world->fault_effects, SIM_FAULT_EFFECT_GATEWAY);
  sim_kit_finish(kit);
  assert_int_equal(world->tasks[0].answers[0], not_reached);
  assert_int_equal(world->tasks[0].answers[2], SIM_ANSWER_DONE);
}

/* Who died in the act tells nothing, of account facts either; who could not write says so. */
static void test_account_facts(void **state) {
  struct sim_kit *kit = *state;
  static const struct {
    const char *fault;
    int answer;
    int32_t effects;
  } rows[] = {
      {"", SIM_ANSWER_NONE, 0},
      {"wal.write 1: the process dies", SIM_ANSWER_LOST, SIM_FAULT_EFFECT_DEATH},
      {"wal.write 1: the power fails", SIM_ANSWER_LOST, SIM_FAULT_EFFECT_DEATH},
      {"wal.write 1: disk full", SIM_ANSWER_ERROR + RELOAD_FULL, SIM_FAULT_EFFECT_STORE},
      {"memory.sqlite 1: allocation fails", SIM_ANSWER_ERROR + RELOAD_NOMEM,
       SIM_FAULT_EFFECT_STORE},
  };
  sim_kit_actor(kit, "ana", SIM_REMOVE_CARD)->card = NULL;
  for (size_t i = 0; i < SIM_KIT_COUNT(rows); i++) {
    sim_kit_start(kit);
    sim_machine_set_faults(kit->machine, 1, true);
    choose(kit, 0, rows[i].fault);
    assert_string_equal(kit->effect.call, "account");
    const struct sim_world *world = sim_machine_world(kit->machine);
    assert_int_equal(world->injected, i > 0);
    assert_int_equal(world->tasks[0].answers[0], rows[i].answer);
    assert_int_equal(world->fault_effects, rows[i].effects);
  }
}

/* What an engine deals with on the spot excuses nothing. */
static void test_what_has_no_effects(void **state) {
  struct sim_kit *kit = *state;
  sim_kit_submit(kit, "ana", "a-1", 10);
  sim_kit_then(kit, SIM_TURN_OFF);
  sim_kit_start(kit);
  sim_machine_set_faults(kit->machine, 3, true);
  const struct sim_world *world = sim_machine_world(kit->machine);
  while (sim_machine_enabled(kit->machine) & 1) sim_kit_step(kit, 0);
  choose(kit, SIM_BACKGROUND, "gateway.event: late");
  while (world->tasks[SIM_BACKGROUND].step != 2 ||
         world->tasks[SIM_BACKGROUND].as.delivery.step != RELOAD_DELIVERY_SEND)
    sim_kit_step(kit, SIM_BACKGROUND);
  choose(kit, SIM_BACKGROUND, "mail.deliver: refused");
  assert_int_equal(world->injected, 2);
  assert_int_equal(world->fault_effects, 0);
}

/* ---- What is remembered ---- */

static uint16_t choose_given(void *self, const struct sim_choice_point *point) {
  const struct sim_choice *given = self;
  return given->site == point->site && given->nth == point->nth ? given->code : 0;
}

/* The store that processes open after a power failure is remembered. A step that is made again
 * opens it all the same, so that a wrong memory shows. */
static void test_made_again_without_memory(void **state) {
  static const int64_t balances[] = {5, 6}; /* the second one is what is remembered */
  struct sim_kit *kit = *state;
  struct sim_choice power;
  struct sim_effect effect;
  struct fake_disk_image image = {.record = NULL};
  const struct sim_strategy strategy = {.self = &power, .inside = true, .choose = choose_given};
  sim_kit_actor(kit, "ana", SIM_REMOVE_CARD);
  sim_kit_start(kit);
  sim_machine_set_faults(kit->machine, 1, true);
  const struct sim_client_row *acme = &sim_machine_world(kit->machine)->ledger.clients[0];
  assert_true(sim_choice_parse(&kit->the_case, "wal.write 1: the power fails", &power));
  sim_world_copy(&kit->before, sim_machine_world(kit->machine), &kit->the_case);
  assert_true(fake_disk_save(sim_machine_disk(kit->machine), &image));
  for (int i = 0; i < 2; i++) {
    sim_machine_restore(kit->machine, &kit->before, &image);
    sim_machine_step(kit->machine, 0, &strategy, &effect);
    assert_int_equal(effect.step_fault, SIM_POWER_FAILS);
    assert_int_equal(acme->balance_tokens, balances[i]);
    for (int j = 0; j < SIM_REOPENINGS; j++)
      kit->machine->reopenings[j].ledger.clients[0].balance_tokens = balances[1];
  }
  const struct sim_transition transition = effect.transition;
  sim_machine_restore(kit->machine, &kit->before, &image);
  fake_disk_image_release(sim_machine_disk(kit->machine), &image);
  assert_true(sim_machine_again(kit->machine, &transition, &effect));
  assert_int_equal(effect.step_fault, SIM_POWER_FAILS);
  assert_int_equal(acme->balance_tokens, balances[0]);
}

/* ---- Numbers of places ---- */

/* Make a step as it goes when all goes well, and list all else that may be chosen in it. */
static struct sim_variants list(struct sim_machine *machine, int task) {
  struct sim_variants variants = {.list = NULL};
  struct sim_effect effect;
  sim_variants_begin(&variants, task, true);
  sim_variants_make(&variants, machine, &effect);
  assert_false(variants.failed);
  assert_null(effect.problem);
  assert_null(effect.limit);
  return variants;
}

static int requests_in(const struct sim_variants *variants) {
  int requests = 0;
  for (size_t i = 1; i < variants->count; i++)
    requests += variants->list[i].choices[0].site == SIM_CHOICE_MEMORY + FAKE_MEMORY_SQLITE;
  return requests;
}

/* The same steps in a machine that is new, and in one that has been through everything before. */
static void test_numbers_do_not_depend_on_the_past(void **state) {
  struct sim_kit *kit = *state;
  struct sim_limits limits = {.max_states = 1000000, .fault_budget = 1};
  struct sim_search search;
  struct reload_message message;
  static struct sim_world world;
  struct fake_disk_image image = {.record = NULL};
  kit->the_case.process_count = 2; /* each engine has a past of its own */
  kit->the_case.processes[1] = "other";
  kit->the_case.clients[0].card = "pm_card_visa_chargeDeclined";
  sim_kit_submit(kit, "ana", "a-1", 10);
  *sim_kit_then(kit, SIM_SUBMIT) = (struct sim_step){.verb = SIM_SUBMIT,
                                                     .id = "a-1",
                                                     .kind = "creative",
                                                     .amount = 10,
                                                     .place = {"kit", 1, 1},
                                                     .process = 1};
  sim_kit_then(kit, SIM_TURN_OFF);
  sim_kit_start(kit);
  struct sim_machine *old = kit->machine;
  sim_world_copy(&world, sim_machine_world(old), &kit->the_case);
  assert_true(fake_disk_save(sim_machine_disk(old), &image));
  assert_true(sim_explore(old, &limits, &search));
  int violations = search.violation_count;
  sim_search_free(&search);
  sim_machine_restore(old, &world, &image);
  fake_disk_image_release(sim_machine_disk(old), &image);
  assert_int_equal(violations, 0);
  struct sim_machine *new = sim_machine_new(&kit->the_case, 2, &message);
  assert_non_null(new);
  sim_machine_set_faults(new, 1, true);
  int steps = 0, requests = 0;
  for (uint32_t transitions; (transitions = sim_machine_enabled(new)) != 0; steps++) {
    int task = transitions & 1 ? 0 : SIM_BACKGROUND;
    assert_int_equal(sim_machine_enabled(old), transitions);
    struct sim_variants of_old = list(old, task), of_new = list(new, task);
    assert_int_equal(of_old.count, of_new.count);
    assert_memory_equal(of_old.list, of_new.list, of_new.count * sizeof *of_new.list);
    requests += requests_in(&of_new);
    sim_variants_free(&of_old);
    sim_variants_free(&of_new);
  }
  assert_true(steps > 10 && requests > 100);
  sim_machine_free(new);
}

/* ---- Images of a power failure ---- */

static void assert_power(int image, int writes, const char *wanted) {
  char text[SIM_POWER_TEXT_SIZE];
  sim_power_text(image, writes, text);
  assert_string_equal(text, wanted);
}

static void test_names_of_images(void **state) {
  (void)state;
  assert_power(0, 0, "");
  assert_int_equal(sim_power_image_count(0), 1);
  assert_power(0, 3, "writes kept: 0 0 0");
  assert_power(7, 3, "writes kept: 1 1 1");
  assert_power(1, 3, "writes kept: 0 0 1"); /* the newest only */
  assert_power(8, 3, "writes kept: 1 1 torn");
  assert_power(10, 3, "writes kept: 1 torn 1");
  assert_power(11, 3, "writes kept: 1 torn 0");
}

/* Up to five writes: every subset, each once. */
static void test_every_subset_of_few_writes(void **state) {
  (void)state;
  for (int writes = 0; writes <= SIM_POWER_FREE_WRITES; writes++) {
    uint64_t subsets = 0;
    int torn = 0;
    for (int image = 0; image < sim_power_image_count(writes); image++) {
      int subset = 0;
      bool tears = false;
      for (int i = 0; i < writes; i++) {
        enum fake_disk_fate fate = sim_power_fate(image, i, writes);
        if (fate == FAKE_DISK_KEEP) subset |= 1 << i;
        if (fate == FAKE_DISK_TEAR) tears = true;
      }
      torn += tears;
      if (!tears) subsets |= UINT64_C(1) << subset;
    }
    uint64_t all = writes == 6 ? UINT64_MAX : (UINT64_C(1) << (1 << writes)) - 1;
    if (writes == 5) all = UINT64_C(0xffffffff);
    assert_true(subsets == all);
    assert_int_equal(torn, 2 * writes);
  }
}

/* More writes: the newest five in every way, with all older ones or none; each one torn. */
static void test_the_bound_for_many_writes(void **state) {
  (void)state;
  int writes = 40, count = sim_power_image_count(writes);
  assert_int_equal(count, 64 + 2 * writes);
  assert_true(sim_power_image_count(SIM_POWER_MAX_WRITES) <= 256); /* a number fits in a byte */
  for (int image = 0; image < count; image++) {
    int kept = 0, torn = 0;
    for (int i = 0; i < writes; i++) {
      enum fake_disk_fate fate = sim_power_fate(image, i, writes);
      if (fate == FAKE_DISK_TEAR) torn++;
      if (fate == FAKE_DISK_KEEP && i < writes - SIM_POWER_FREE_WRITES) kept++;
    }
    assert_int_equal(torn, image >= 64);
    if (image < 64) assert_true(kept == 0 || kept == writes - SIM_POWER_FREE_WRITES);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_each_fault_is_made, sim_kit_set_up, sim_kit_tear_down),
      cmocka_unit_test_setup_teardown(test_closing_can_fail, sim_kit_set_up, sim_kit_tear_down),
      cmocka_unit_test_setup_teardown(test_what_the_gateway_does, sim_kit_set_up,
                                      sim_kit_tear_down),
      cmocka_unit_test_setup_teardown(test_what_processing_becomes, sim_kit_set_up,
                                      sim_kit_tear_down),
      cmocka_unit_test_setup_teardown(test_an_outage, sim_kit_set_up, sim_kit_tear_down),
      cmocka_unit_test_setup_teardown(test_account_facts, sim_kit_set_up, sim_kit_tear_down),
      cmocka_unit_test_setup_teardown(test_what_has_no_effects, sim_kit_set_up, sim_kit_tear_down),
      cmocka_unit_test_setup_teardown(test_made_again_without_memory, sim_kit_set_up,
                                      sim_kit_tear_down),
      cmocka_unit_test_setup_teardown(test_numbers_do_not_depend_on_the_past, sim_kit_set_up,
                                      sim_kit_tear_down),
      cmocka_unit_test(test_names_of_images),
      cmocka_unit_test(test_every_subset_of_few_writes),
      cmocka_unit_test(test_the_bound_for_many_writes),
  };
  if (sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) != SQLITE_OK || !fake_memory_install()) return 1;
  return cmocka_run_group_tests_name("injected faults", tests, NULL, NULL);
}
