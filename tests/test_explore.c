/* Exhaustive search on state spaces small enough to be counted by hand. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "sim_kit.h"

#include <stdlib.h>
#include <string.h>

/* Once all actors have ended, four transitions settle a world in which nothing is due: events,
 * recovery, mail, rest. Each leads to a state of its own. */
enum { SETTLING = 4 };

static void look(struct sim_kit *kit, const char *name) {
  (void)sim_kit_actor(kit, name, SIM_LOOK);
}

static void assert_space(struct sim_kit *kit, int64_t states, int64_t transitions, int endings) {
  struct sim_search search = sim_kit_explore(kit);
  assert_true(search.exhausted);
  assert_false(search.interrupted);
  assert_false(search.out_of_memory);
  assert_int_equal(search.violation_count, 0);
  assert_int_equal(search.states, states);
  assert_int_equal(search.transitions, transitions);
  assert_int_equal(search.ending_count, endings);
  sim_search_free(&search);
}

/* n independent actors of one step: 2^n states, n 2^(n-1) transitions between them. */
static void test_independent_actors(void **state) {
  struct sim_kit *kit = *state;
  static const char *const actors[] = {"ana", "ben", "cat", "dan"};
  for (int n = 1; n <= 4; n++) {
    look(kit, actors[n - 1]);
    assert_space(kit, (1 << n) + SETTLING, n * (1 << (n - 1)) + SETTLING, 1);
  }
}

/* The same with writes: orders that lead to the same ledger meet again. */
static void test_independent_writes(void **state) {
  struct sim_kit *kit = *state;
  for (int n = 0; n < 2; n++) {
    struct sim_step *step = sim_kit_submit(kit, n ? "ben" : "ana", n ? "b-1" : "a-1", 3);
    step->client = n ? sim_kit_client(kit, "beta") : 0;
  }
  assert_space(kit, 4 + SETTLING, 4 + SETTLING, 1);
}

/* One after the other: a chain. */
static void test_one_after_the_other(void **state) {
  struct sim_kit *kit = *state;
  look(kit, "ana");
  sim_kit_actor(kit, "ben", SIM_LOOK)->after = 1;
  (void)sim_kit_then(kit, SIM_LOOK);
  assert_space(kit, 4 + SETTLING, 3 + SETTLING, 1);
}

/* Two spends of 3 from 5 tokens, off: whoever comes first gets it. Two ways that never meet again;
 * each order ends with its own actor refused. */
static void test_two_endings(void **state) {
  struct sim_kit *kit = *state;
  kit->the_case.clients[0].auto_reload = false;
  (void)sim_kit_submit(kit, "ana", "a-1", 3);
  (void)sim_kit_submit(kit, "ben", "b-1", 3);
  assert_space(kit, 5 + 2 * SETTLING, 4 + 2 * SETTLING, 2);
  struct sim_search search = sim_kit_explore(kit);
  const struct sim_ending *x = &search.endings[0]->ending, *y = &search.endings[1]->ending;
  assert_string_not_equal(x->lines[0].what, y->lines[0].what);
  assert_string_equal(x->lines[0].what, y->lines[1].what);
  assert_true(search.endings[0]->hash < search.endings[1]->hash);
  for (int i = 0; i < 2; i++) {
    struct sim_transition *transitions = NULL;
    assert_int_equal(sim_search_path(&search, search.endings[i]->state, &transitions),
                     2 + SETTLING);
    const char *first = search.endings[i]->ending.lines[0].what; /* ana's answer */
    assert_int_equal(transitions[0].task, strcmp(first, "done") == 0 ? 0 : 1);
    assert_int_equal(search.endings[i]->paths, 1);
    free(transitions);
  }
  sim_search_free(&search);
}

/* A declared fault is one more way: a charge that is declined, besides the one that is not. */
static void test_declared_faults(void **state) {
  struct sim_kit *kit = *state;
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  kit->the_case.sites[SIM_SITE_CONFIRM] = (struct sim_site_faults){
      .policy = SIM_POLICY_MAY,
      .count = 2,
      .faults = {{.behaviour = SIM_DECLINED, .code = "insufficient_funds", .text = "declined"},
                 {.behaviour = SIM_TIMEOUT_AFTER, .text = "timeout after"}}};
  struct sim_search search = sim_kit_explore(kit);
  assert_true(search.exhausted);
  assert_int_equal(search.violation_count, 0);
  assert_int_equal(search.ending_count, 3);
  int done = 0, declined = 0, unknown = 0;
  for (int i = 0; i < 3; i++) {
    const char *answer = search.endings[i]->ending.lines[0].what;
    done += strcmp(answer, "done") == 0;
    declined += strcmp(answer, "not covered: card declined") == 0;
    unknown += strcmp(answer, "not covered: outcome unknown") == 0;
  }
  assert_true(done == 1 && declined == 1 && unknown == 1);
  sim_search_free(&search);
}

/* ---- Limits -------------------------------------------------------------------------------- */

static struct sim_search limited(struct sim_kit *kit, struct sim_limits limits) {
  struct sim_search search;
  sim_kit_start(kit);
  assert_true(sim_explore(kit->machine, &limits, &search));
  return search;
}

static void test_state_limit(void **state) {
  struct sim_kit *kit = *state;
  look(kit, "ana");
  look(kit, "ben");
  for (int limit = 1; limit <= 9; limit++) {
    struct sim_search search = limited(kit, (struct sim_limits){.max_states = limit});
    assert_int_equal(search.exhausted, limit >= 4 + SETTLING);
    assert_int_equal(search.states, limit > 4 + SETTLING ? 4 + SETTLING : limit);
    assert_false(search.interrupted);
    sim_search_free(&search);
  }
}

static void test_interrupt(void **state) {
  struct sim_kit *kit = *state;
  static volatile sig_atomic_t interrupt = 1;
  look(kit, "ana");
  struct sim_search search =
      limited(kit, (struct sim_limits){.max_states = 1000, .interrupt = &interrupt});
  assert_true(search.interrupted);
  assert_false(search.exhausted);
  assert_int_equal(search.states, 1);
  assert_int_equal(search.ending_count, 0);
  sim_search_free(&search);
  interrupt = 0;
  search = limited(kit, (struct sim_limits){.max_states = 1000, .interrupt = &interrupt});
  assert_true(search.exhausted);
  sim_search_free(&search);
}

/* ---- Twice the same ------------------------------------------------------------------------ */

static void race(struct sim_kit *kit) {
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  (void)sim_kit_submit(kit, "ben", "b-1", 100);
  (void)sim_kit_actor(kit, "cat", SIM_TURN_OFF);
}

static void assert_same_path(const struct sim_search *a, const struct sim_search *b, int ending) {
  struct sim_transition *x = NULL, *y = NULL;
  int length = sim_search_path(a, a->endings[ending]->state, &x);
  assert_true(length > 0);
  assert_int_equal(sim_search_path(b, b->endings[ending]->state, &y), length);
  for (int i = 0; i < length; i++) assert_true(sim_transition_equal(&x[i], &y[i]));
  free(x);
  free(y);
}

static void test_twice_the_same(void **state) {
  struct sim_kit *kit = *state;
  race(kit);
  struct sim_search a = sim_kit_explore(kit), b = sim_kit_explore(kit);
  assert_true(a.exhausted && b.exhausted);
  assert_true(a.states > 50 && a.ending_count > 3); /* a real race */
  assert_int_equal(a.violation_count, 0);
  assert_int_equal(a.states, b.states);
  assert_int_equal(a.transitions, b.transitions);
  assert_int_equal(a.depth, b.depth);
  assert_int_equal(a.ending_count, b.ending_count);
  for (int i = 0; i < a.ending_count; i++) {
    assert_true(a.endings[i]->hash == b.endings[i]->hash);
    assert_int_equal(a.endings[i]->paths, b.endings[i]->paths);
    assert_same_path(&a, &b, i);
  }
  sim_search_free(&a);
  sim_search_free(&b);
}

/* A path's transitions, made by hand, lead to the ending that it is the path of. */
static void test_paths_lead_there(void **state) {
  struct sim_kit *kit = *state;
  race(kit);
  struct sim_search search = sim_kit_explore(kit);
  struct sim_ending *ending = malloc(sizeof *ending);
  assert_non_null(ending);
  for (int e = 0; e < search.ending_count; e++) {
    struct sim_transition *transitions = NULL;
    int length = sim_search_path(&search, search.endings[e]->state, &transitions);
    sim_kit_start(kit);
    for (int i = 0; i < length; i++) sim_kit_step(kit, transitions[i].task);
    assert_int_equal(kit->machine->world.at_rest, 1);
    sim_ending_of(kit->machine, ending);
    assert_true(sim_ending_hash(ending, 1) == search.endings[e]->hash);
    free(transitions);
  }
  free(ending);
  sim_search_free(&search);
}

/* ---- Violations ------------------------------------------------------------------------------ */

/* The engines charge 1000; the case is changed to want 999. The search tells the transition that
 * did it, at the place nearest to the beginning, be it the first or the last one found. */
static void find_violation(struct sim_kit *kit, int submitter) {
  struct sim_search search;
  const struct sim_limits limits = {.max_states = 1000};
  kit->the_case.actor_count = 0;
  kit->the_case.top_up_price_minor = 1000;
  if (submitter == 1) look(kit, "ana");
  (void)sim_kit_submit(kit, "ben", "b-1", 10);
  if (submitter == 0) look(kit, "ana");
  sim_kit_start(kit);
  kit->the_case.top_up_price_minor = 999;
  assert_true(sim_explore(kit->machine, &limits, &search));
  assert_false(search.exhausted); /* what lies behind the violation was not seen */
  assert_true(search.failed);
  assert_int_equal(search.violation_count, 1);
  assert_string_equal(search.violations[0].violation.rule, "FIRE-6");
  assert_int_equal(search.violations[0].count, 2); /* before ana's look, and after it */
  assert_int_equal(search.violations[0].transition.task, submitter);
  assert_int_equal(search.violations[0].state, 0);
  assert_int_equal(search.ending_count, 0); /* what follows is not looked at */
  assert_int_equal(search.states, 2);
  sim_search_free(&search);
}

static void test_violation(void **state) {
  find_violation(*state, 0);
  find_violation(*state, 1);
}

static void test_deadlock(void **state) {
  struct sim_kit *kit = *state;
  sim_kit_actor(kit, "ana", SIM_LOOK)->after = 2;
  sim_kit_actor(kit, "ben", SIM_LOOK)->after = 1;
  look(kit, "cat");
  struct sim_search search = sim_kit_explore(kit);
  assert_int_equal(search.violation_count, 1);
  assert_string_equal(search.violations[0].violation.harm, "deadlock");
  assert_int_equal(search.violations[0].transition.task, -1);
  assert_int_equal(search.ending_count, 0);
  sim_search_free(&search);
}

/* The engine's clock stands still while the world's goes on: an actor that waits asks forever, so a
 * task is always enabled, but no ending is reached. */
static void test_in_circles(void **state) {
  struct sim_kit *kit = *state;
  struct fake_clock standing;
  struct sim_search search;
  const struct sim_limits limits = {.max_states = 1000};
  kit->the_case.sites[SIM_SITE_CONFIRM] = (struct sim_site_faults){
      .policy = SIM_POLICY_ALWAYS, .count = 1, .faults = {{SIM_SLOW, NULL, 300000, "slow 5 min"}}};
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  (void)sim_kit_submit(kit, "ben", "b-1", 20);
  sim_kit_start(kit);
  standing = kit->machine->world.clock;
  kit->machine->clock_fixture.clock = &standing;
  assert_true(sim_explore(kit->machine, &limits, &search));
  assert_true(search.exhausted);
  assert_int_equal(search.ending_count, 0);
  assert_int_equal(search.violation_count, 1);
  assert_string_equal(search.violations[0].violation.rule, "RACE-3");
  assert_string_equal(search.violations[0].violation.harm, "no end in reach");
  assert_int_equal(search.violations[0].transition.task, -1);
  sim_search_free(&search);
}

/* The beginning itself may be the place where nothing can happen. */
static void test_deadlock_at_once(void **state) {
  struct sim_kit *kit = *state;
  sim_kit_actor(kit, "ana", SIM_LOOK)->after = 1;
  struct sim_search search = sim_kit_explore(kit);
  assert_int_equal(search.violation_count, 1);
  assert_int_equal(search.states, 1);
  sim_search_free(&search);
}

/* ---- Several processes, and the same step twice ---------------------------------------------- */

/* Five submits and two turns of the toggle: some thousand states, so that idle workers take
 * part. */
static void crowd_race(struct sim_kit *kit) {
  static const char *const names[] = {"ana", "ben", "cat", "dan", "eva"};
  static const char *const ids[] = {"a-1", "b-1", "c-1", "d-1", "e-1"};
  for (int i = 0; i < 5; i++) (void)sim_kit_submit(kit, names[i], ids[i], 10);
  (void)sim_kit_actor(kit, "off", SIM_TURN_OFF);
  (void)sim_kit_actor(kit, "on", SIM_TURN_ON);
}

static void assert_same_search(const struct sim_search *a, const struct sim_search *b) {
  assert_int_equal(a->exhausted, b->exhausted);
  assert_int_equal(a->states, b->states);
  assert_int_equal(a->transitions, b->transitions);
  assert_int_equal(a->depth, b->depth);
  assert_true(a->root.low == b->root.low && a->root.high == b->root.high);
  assert_int_equal(a->ending_count, b->ending_count);
  for (int i = 0; i < a->ending_count; i++) {
    assert_true(a->endings[i]->hash == b->endings[i]->hash);
    assert_int_equal(a->endings[i]->paths, b->endings[i]->paths);
    size_t size = sim_ending_size(&a->endings[i]->ending);
    assert_int_equal(size, sim_ending_size(&b->endings[i]->ending));
    assert_memory_equal(&a->endings[i]->ending, &b->endings[i]->ending, size);
    assert_same_path(a, b, i);
  }
  assert_int_equal(a->tally.count, b->tally.count);
  for (int i = 0; i < a->tally.count; i++) {
    assert_string_equal(a->tally.sites[i].site, b->tally.sites[i].site);
    assert_int_equal(a->tally.sites[i].count, b->tally.sites[i].count);
  }
}

/* Searches with these limits, remembering all, next to nothing, and nothing, see the same. */
static void compare_remembering(struct sim_kit *kit, struct sim_limits limits) {
  struct sim_search all, little, none;
  sim_kit_start(kit);
  assert_true(sim_explore(kit->machine, &limits, &all));
  limits.memo_bytes = 1 << 20; /* less than a hundred images of the disk */
  sim_kit_start(kit);
  assert_true(sim_explore(kit->machine, &limits, &little));
  limits.without_memo = true;
  sim_kit_start(kit);
  assert_true(sim_explore(kit->machine, &limits, &none));
  assert_same_search(&all, &little);
  assert_same_search(&all, &none);
  assert_true(all.steps_run < little.steps_run && little.steps_run < none.steps_run);
  assert_true(none.steps_run >= none.transitions);
  sim_search_free(&all);
  sim_search_free(&little);
  sim_search_free(&none);
}

static void test_remembering(void **state) {
  struct sim_kit *kit = *state;
  crowd_race(kit);
  compare_remembering(kit, (struct sim_limits){.max_states = 1000000});
}

static void test_remembering_under_faults(void **state) {
  struct sim_kit *kit = *state;
  race(kit);
  compare_remembering(kit, (struct sim_limits){.max_states = 1000000, .fault_budget = 1});
}

static const struct sim_found_ending *with_hash(const struct sim_search *search, uint64_t hash) {
  for (int i = 0; i < search->ending_count; i++)
    if (search->endings[i]->hash == hash) return search->endings[i];
  return NULL;
}

/* An ending that is also reached without faults is one of those, whatever else leads to it. */
static void test_endings_under_faults(void **state) {
  struct sim_kit *kit = *state;
  struct sim_limits limits = {.max_states = 1000000};
  struct sim_search plain, faulty;
  int only = 0, more_often = 0;
  race(kit);
  sim_kit_start(kit);
  assert_true(sim_explore(kit->machine, &limits, &plain));
  limits.fault_budget = 1;
  assert_true(sim_explore(kit->machine, &limits, &faulty));
  for (int i = 0; i < faulty.ending_count; i++) {
    const struct sim_found_ending *found = faulty.endings[i];
    const struct sim_found_ending *without = with_hash(&plain, found->hash);
    assert_int_equal(found->only_under_faults, without == NULL);
    only += !without;
    more_often += without && found->paths > without->paths;
  }
  assert_true(plain.ending_count > 0);
  assert_int_equal(faulty.ending_count - only, plain.ending_count);
  assert_true(only > 0 && more_often > 0); /* both were seen */
  sim_search_free(&plain);
  sim_search_free(&faulty);
}

static void test_remembering_cut(void **state) {
  struct sim_kit *kit = *state;
  crowd_race(kit);
  compare_remembering(kit, (struct sim_limits){.max_states = 3000});
}

/* A gateway that looks at what it should not know: whether another actor has ended. */
static struct fake_card_behaviour peeping(void *self, enum fake_card_call call, const char *id) {
  const struct sim_kit *kit = self;
  (void)id;
  bool declines = call == FAKE_CARD_CONFIRM &&
                  sim_machine_world(kit->machine)->tasks[1].state == SIM_TASK_ENDED;
  return (struct fake_card_behaviour){.kind = declines ? FAKE_CARD_DECLINED : FAKE_CARD_NORMAL,
                                      .code = "generic_decline"};
}

/* A step that reads a part of the world which it is not known to read is noticed as soon as
 * remembered steps are run again. */
static void test_injected_read(void **state) {
  struct sim_kit *kit = *state;
  struct sim_search search;
  const struct sim_limits limits = {.max_states = 1000, .recheck_every = 1};
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  (void)sim_kit_actor(kit, "off", SIM_TURN_OFF);
  sim_kit_start(kit);
  kit->machine->card_fixture.chooser = kit;
  kit->machine->card_fixture.choose = peeping;
  assert_true(sim_explore(kit->machine, &limits, &search));
  assert_true(search.violation_count > 0);
  assert_string_equal(search.violations[0].violation.rule, SIM_RULE_DETERMINISM);
  assert_non_null(strstr(search.violations[0].violation.text, "\"confirm\""));
  sim_search_free(&search);
}

/* A case asks for injected faults itself: so many at least, but for a run without any faults. */
static void test_a_case_asks_for_faults(void **state) {
  static const struct {
    int asked, given;
    bool without;
    int budget;
  } rows[] = {{0, 0, false, 0}, {1, 0, false, 1}, {1, 2, false, 2},
              {2, 1, false, 2}, {0, 1, false, 1}, {1, 0, true, 0}};
  struct sim_kit *kit = *state;
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct sim_search search;
    const struct sim_limits limits = {
        .max_states = 2000, .fault_budget = rows[i].given, .without_declared = rows[i].without};
    kit->the_case.injected_faults = rows[i].asked;
    assert_int_equal(sim_fault_budget(&kit->the_case, &limits), rows[i].budget);
    sim_kit_start(kit);
    assert_true(sim_explore(kit->machine, &limits, &search));
    assert_int_equal(search.tally.count > 0, rows[i].budget > 0);
    sim_search_free(&search);
  }
}

static struct fake_card_behaviour moody(void *self, enum fake_card_call call, const char *id) {
  static int count;
  (void)self, (void)id;
  bool declines = call == FAKE_CARD_CONFIRM && count++ % 2 == 1;
  return (struct fake_card_behaviour){.kind = declines ? FAKE_CARD_DECLINED : FAKE_CARD_NORMAL,
                                      .code = "generic_decline"};
}

/* A gateway that answers otherwise the second time: noticed on the way to an ending at the latest;
 * where steps are made twice, the step is told. */
static void test_recheck(void **state) {
  struct sim_kit *kit = *state;
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  for (int every = 0; every < 2; every++) {
    struct sim_search search;
    const struct sim_limits limits = {.max_states = 1000, .recheck_every = every};
    sim_kit_start(kit);
    kit->machine->card_fixture.choose = moody;
    assert_true(sim_explore(kit->machine, &limits, &search));
    assert_int_equal(search.violation_count, 1);
    assert_string_equal(search.violations[0].violation.rule, SIM_RULE_DETERMINISM);
    if (every) {
      assert_non_null(strstr(search.violations[0].violation.text, "\"confirm\""));
      assert_non_null(strstr(search.violations[0].violation.text, "the gateway's records"));
    }
    sim_search_free(&search);
  }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, sim_kit_set_up, sim_kit_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_independent_actors),
      TEST(test_independent_writes),
      TEST(test_one_after_the_other),
      TEST(test_two_endings),
      TEST(test_declared_faults),
      TEST(test_state_limit),
      TEST(test_interrupt),
      TEST(test_twice_the_same),
      TEST(test_paths_lead_there),
      TEST(test_violation),
      TEST(test_deadlock),
      TEST(test_in_circles),
      TEST(test_deadlock_at_once),
      TEST(test_remembering),
      TEST(test_remembering_under_faults),
      TEST(test_endings_under_faults),
      TEST(test_remembering_cut),
      TEST(test_injected_read),
      TEST(test_a_case_asks_for_faults),
      TEST(test_recheck),
  };
  return cmocka_run_group_tests_name("explore", tests, NULL, NULL);
}
