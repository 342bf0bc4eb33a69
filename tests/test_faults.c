/* Injected faults: each kind is really made, at every place; places keep their numbers; tapes tell
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
  int64_t replays; /* tapes that were compared */
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

/* A fault of a new kind must come about again when its tape is played. */
static void compare_replay(struct walk *walk, const struct sim_world *world,
                           const struct fake_disk_image *image, const struct sim_effect *effect) {
  struct sim_script script, again;
  struct sim_effect played;
  struct sim_machine *machine = walk->kit->machine;
  struct sim_hash hash = sim_world_hash(sim_machine_world(machine), &walk->kit->the_case);
  sim_machine_script(machine, effect, &script);
  sim_machine_restore(machine, world, image);
  assert_true(sim_machine_play(machine, &script, &played));
  sim_machine_script(machine, &played, &again);
  assert_string_equal(again.call, script.call);
  assert_string_equal(again.fault, script.fault);
  assert_string_equal(again.step_fault, script.step_fault);
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

static void walk_on(struct walk *walk) {
  struct sim_machine *machine = walk->kit->machine;
  struct sim_world *world = malloc(sizeof *world);
  struct sim_variants *variants = malloc(sizeof *variants);
  struct fake_disk_image image = {.record = NULL};
  assert_true(world && variants && fake_disk_save(sim_machine_disk(machine), &image));
  sim_world_copy(world, sim_machine_world(machine), &walk->kit->the_case);
  sim_variants_begin(variants, sim_machine_moves(machine));
  while (variants->moves != 0) {
    struct sim_effect effect;
    struct sim_breach breach = {.rule = ""};
    bool can_fail = sim_variants_can_fail(variants, world->injected, 1);
    sim_machine_restore(machine, world, &image);
    (void)sim_variants_make(variants, machine, can_fail, &effect);
    if (!sim_oracle_state(machine, world, &effect, &breach)) fail_msg("%s", breach.text);
    note_site(walk, world, &image, &effect);
    walk->busy += effect.step_ended && effect.answer == SIM_ANSWER_ERROR + (int)RELOAD_BUSY;
    if (is_new_state(walk)) walk_on(walk);
  }
  fake_disk_image_release(sim_machine_disk(machine), &image);
  free(variants);
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
 * go wrong with a disk operation, an allocation, a call or between steps does so, and its tape
 * brings it about again. */
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

/* Play one move of ana's, or of the world's, with what a port shows. */
static void play(struct sim_kit *kit, const char *who, const char *call, const char *fault) {
  struct sim_script script = {.who = ""};
  (void)snprintf(script.who, sizeof script.who, "%s", who);
  (void)snprintf(script.call, sizeof script.call, "%s", call);
  (void)snprintf(script.fault, sizeof script.fault, "%s", fault);
  assert_true(sim_machine_play(kit->machine, &script, &kit->effect));
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
  int32_t slow_ms, strains;
} answers[] = {
#define CONFIRM RELOAD_INTENT_REQUIRES_CONFIRMATION
#define SUCCEEDED RELOAD_INTENT_SUCCEEDED
#define DECLINED RELOAD_INTENT_REQUIRES_PAYMENT_METHOD
#define ACTION RELOAD_INTENT_REQUIRES_ACTION
#define PROCESSING RELOAD_INTENT_PROCESSING
#define CALL SIM_STRAIN_GATEWAY
    {"", 1000, RELOAD_CARD_ANSWERED, "", "", SUCCEEDED, 0, 0},
    {"timeout before", 0, RELOAD_CARD_UNKNOWN, "", "", CONFIRM, 0, CALL},
    {"timeout after", 1000, RELOAD_CARD_UNKNOWN, "", "", SUCCEEDED, 0, CALL},
    {"500 rolled back", 0, RELOAD_CARD_UNKNOWN, "", "", CONFIRM, 0, CALL},
    {"500 rolled forward", 1000, RELOAD_CARD_UNKNOWN, "", "", SUCCEEDED, 0, CALL},
    {"409", 0, RELOAD_CARD_UNKNOWN, "idempotency_key_in_use", "", CONFIRM, 0, CALL},
    {"429", 0, RELOAD_CARD_NOT_SENT, "rate_limit", "", CONFIRM, 0, CALL},
    {"not reached", 0, RELOAD_CARD_NOT_SENT, "", "", CONFIRM, 0, CALL},
    {"slow 5 min", 1000, RELOAD_CARD_ANSWERED, "", "", SUCCEEDED, 300000, SIM_STRAIN_TIME},
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
  sim_kit_start(kit);
  sim_machine_set_faults(kit->machine, 1, true);
  sim_kit_moves(kit, 0, 3);
  play(kit, "ana", "confirm", fault);
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
    assert_int_equal(world->strains, answers[i].strains);
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
    sim_kit_settle(kit);
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
  sim_kit_move(kit, SIM_MOVE_GATEWAY_DOWN);
  assert_int_equal(world->card.down_until_ms, SIM_KIT_NOON + INT64_C(3600000));
  assert_int_equal(world->strains, SIM_STRAIN_GATEWAY);
  sim_kit_settle(kit);
  assert_int_equal(world->tasks[0].answers[0], not_reached);
  assert_int_equal(world->tasks[0].answers[2], SIM_ANSWER_DONE);
}

/* Who died in the act tells nothing, of account facts either; who could not write says so. */
static void test_account_facts(void **state) {
  struct sim_kit *kit = *state;
  static const struct {
    const char *fault;
    int answer;
    int32_t strain;
  } rows[] = {
      {"", SIM_ANSWER_NONE, 0},
      {"wal.write 1: the process dies", SIM_ANSWER_LOST, SIM_STRAIN_DEATH},
      {"wal.write 1: the power fails", SIM_ANSWER_LOST, SIM_STRAIN_DEATH},
      {"wal.write 1: disk full", SIM_ANSWER_ERROR + RELOAD_FULL, SIM_STRAIN_STORE},
      {"memory.sqlite 1: allocation fails", SIM_ANSWER_ERROR + RELOAD_NOMEM, SIM_STRAIN_STORE},
  };
  sim_kit_actor(kit, "ana", SIM_REMOVE_CARD)->card = NULL;
  for (size_t i = 0; i < SIM_KIT_COUNT(rows); i++) {
    struct sim_script script = {.who = "ana", .call = "account"};
    (void)snprintf(script.step_fault, sizeof script.step_fault, "%s", rows[i].fault);
    sim_kit_start(kit);
    sim_machine_set_faults(kit->machine, 1, true);
    assert_true(sim_machine_play(kit->machine, &script, &kit->effect));
    const struct sim_world *world = sim_machine_world(kit->machine);
    assert_int_equal(world->injected, i > 0);
    assert_int_equal(world->tasks[0].answers[0], rows[i].answer);
    assert_int_equal(world->strains, rows[i].strain);
  }
}

/* What an engine deals with on the spot excuses nothing. */
static void test_what_strains_nothing(void **state) {
  struct sim_kit *kit = *state;
  sim_kit_submit(kit, "ana", "a-1", 10);
  sim_kit_then(kit, SIM_TURN_OFF);
  sim_kit_start(kit);
  sim_machine_set_faults(kit->machine, 3, true);
  const struct sim_world *world = sim_machine_world(kit->machine);
  while (sim_machine_moves(kit->machine) & 1) sim_kit_move(kit, 0);
  play(kit, "background", "", "late");
  while (world->tasks[SIM_BACKGROUND].step != 2 ||
         world->tasks[SIM_BACKGROUND].as.delivery.step != RELOAD_DELIVERY_SEND)
    sim_kit_move(kit, SIM_BACKGROUND);
  play(kit, "background", "", "refused");
  assert_int_equal(world->injected, 2);
  assert_int_equal(world->strains, 0);
}

/* ---- Numbers of places ---- */

static struct sim_points watch(struct sim_machine *machine, int task) {
  struct sim_points points;
  struct sim_effect effect;
  struct sim_tape tape = {.length = 0};
  memset(&points, 0, sizeof points);
  sim_machine_watch(machine, task, &tape, &effect, &points);
  assert_null(effect.problem);
  return points;
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
  int breaches = search.breach_count;
  sim_search_free(&search);
  sim_machine_restore(old, &world, &image);
  fake_disk_image_release(sim_machine_disk(old), &image);
  assert_int_equal(breaches, 0);
  struct sim_machine *new = sim_machine_new(&kit->the_case, 2, &message);
  assert_non_null(new);
  sim_machine_set_faults(new, 1, true);
  int steps = 0, requests = 0;
  for (uint32_t moves; (moves = sim_machine_moves(new)) != 0; steps++) {
    int task = moves & 1 ? 0 : SIM_BACKGROUND;
    assert_int_equal(sim_machine_moves(old), moves);
    struct sim_points of_old = watch(old, task), of_new = watch(new, task);
    assert_int_equal(of_old.op_count, of_new.op_count);
    assert_int_equal(of_old.image_count, of_new.image_count);
    assert_memory_equal(of_old.kinds, of_new.kinds, (size_t)of_new.op_count);
    assert_memory_equal(&of_old.memory, &of_new.memory, sizeof of_new.memory);
    requests += of_new.memory.requests[FAKE_MEMORY_SQLITE];
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
      cmocka_unit_test_setup_teardown(test_what_strains_nothing, sim_kit_set_up, sim_kit_tear_down),
      cmocka_unit_test_setup_teardown(test_numbers_do_not_depend_on_the_past, sim_kit_set_up,
                                      sim_kit_tear_down),
      cmocka_unit_test(test_names_of_images),
      cmocka_unit_test(test_every_subset_of_few_writes),
      cmocka_unit_test(test_the_bound_for_many_writes),
  };
  if (sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) != SQLITE_OK || !fake_memory_install()) return 1;
  return cmocka_run_group_tests_name("injected faults", tests, NULL, NULL);
}
