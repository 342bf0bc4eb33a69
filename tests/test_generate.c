/* Scenarios made at random: all of them can be read, they follow from seed and run alone, and
 * everything that the language can say is in some of them and missing from others. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fuzz_run.h"
#include "generate.h"
#include "random.h"

#include <stdlib.h>
#include <string.h>

enum { RUNS = 1000 };

static char *text_of(uint64_t seed, int64_t run) {
  json_t *root = sim_generate(seed, run);
  assert_non_null(root);
  char *text = json_dumps(root, JSON_COMPACT);
  json_decref(root);
  assert_non_null(text);
  return text;
}

/* The first number after the state 0, from the generator's publication. */
static void test_random_numbers(void **state) {
  (void)state;
  struct sim_random random = {.state = 0}, other;
  assert_true(sim_random_next(&random) == UINT64_C(0xe220a8397b1dcdaf));
  assert_true(sim_random_next(&random) == UINT64_C(0x6e789e6aa1b965f4));
  int counts[3] = {0};
  for (int i = 0; i < 3000; i++) counts[sim_random_below(&random, 3)]++;
  for (int i = 0; i < 3; i++) assert_in_range(counts[i], 900, 1100);
  assert_false(sim_random_chance(&random, 0));
  assert_true(sim_random_chance(&random, 1000));
  sim_random_begin(&random, 1, 2, 3);
  sim_random_begin(&other, 1, 2, 4);
  assert_true(sim_random_next(&random) != sim_random_next(&other));
}

static void test_same_seed_same_bytes(void **state) {
  (void)state;
  for (int64_t run = 1; run <= 50; run++) {
    char *first = text_of(7, run), *again = text_of(7, run), *other = text_of(8, run);
    char *next = text_of(7, run + 1);
    assert_string_equal(first, again);
    assert_string_not_equal(first, other);
    assert_string_not_equal(first, next);
    free(first);
    free(again);
    free(other);
    free(next);
  }
}

/* What the runs have and have not. */
struct seen {
  int verbs[SIM_VERB_COUNT]; /* in how many runs */
  int policies[SIM_SITE_COUNT][SIM_POLICY_ALWAYS + 1];
  int events[SIM_EVENTS_NEVER + 1];
  int most_clients, most_actors, most_steps, most_processes, below_zero, at_limit, shared_cards;
  int faulty_runs;
};

static int larger(int a, int b) { return a > b ? a : b; }

static void look_at_steps(struct seen *seen, const struct sim_case *the_case) {
  uint32_t verbs = 0;
  for (int a = 0; a < the_case->actor_count; a++) {
    seen->most_steps = larger(seen->most_steps, the_case->actors[a].step_count);
    for (int s = 0; s < the_case->actors[a].step_count; s++)
      verbs |= 1u << the_case->actors[a].steps[s].verb;
  }
  for (int verb = 0; verb < SIM_VERB_COUNT; verb++) seen->verbs[verb] += (verbs >> verb & 1u) != 0;
}

static void look_at_clients(struct seen *seen, const struct sim_case *the_case) {
  bool shared = false;
  for (int c = 0; c < the_case->client_count; c++) {
    const struct sim_client *client = &the_case->clients[c];
    seen->below_zero += client->balance_tokens < 0;
    seen->at_limit += client->balance_tokens == SIM_MAX_TOKENS;
    for (int d = 0; d < c; d++)
      shared = shared || (client->card && the_case->clients[d].card &&
                          strcmp(client->card, the_case->clients[d].card) == 0);
  }
  seen->shared_cards += shared;
}

static void look(struct seen *seen, const struct sim_case *the_case) {
  seen->most_clients = larger(seen->most_clients, the_case->client_count);
  seen->most_actors = larger(seen->most_actors, the_case->actor_count);
  seen->most_processes = larger(seen->most_processes, the_case->process_count);
  for (int site = 0; site < SIM_SITE_COUNT; site++)
    seen->policies[site][the_case->sites[site].policy]++;
  seen->events[the_case->events]++;
  look_at_steps(seen, the_case);
  look_at_clients(seen, the_case);
}

static void test_all_can_be_read_and_they_vary(void **state) {
  (void)state;
  struct sim_suite *rules = sim_suite_new("scenarios/rules.json");
  struct seen seen = {.most_clients = 0};
  for (int64_t n = 1; n <= RUNS; n++) {
    struct sim_suite *suite = sim_suite_beside(rules);
    struct sim_fuzz_run run;
    const struct sim_mistake *mistakes;
    char *text = NULL;
    sim_fuzz_run_begin(&run, 1, n);
    const struct sim_case *the_case = sim_fuzz_run_read(&run, suite, &text);
    if (!the_case)
      fail_msg("run %d: %s", (int)n,
               sim_suite_mistakes(suite, &mistakes) ? mistakes[0].text : "not read");
    look(&seen, the_case);
    seen.faulty_runs += run.plan.fault_limit > 0;
    free(text);
    sim_suite_free(suite);
  }
  sim_suite_free(rules);
  for (int verb = SIM_SUBMIT + 1; verb < SIM_VERB_COUNT; verb++)
    assert_in_range(seen.verbs[verb], 20, RUNS - 50);
  assert_int_equal(seen.most_clients, SIM_MAX_CLIENTS);
  assert_int_equal(seen.most_actors, SIM_MAX_ACTORS);
  assert_int_equal(seen.most_processes, SIM_MAX_PROCESSES);
  assert_int_equal(seen.most_steps, 12);
  for (int site = 0; site < SIM_SITE_COUNT; site++)
    for (int policy = SIM_POLICY_NEVER; policy <= SIM_POLICY_FIRST; policy++)
      assert_true(seen.policies[site][policy] > 10);
  assert_true(seen.policies[SIM_SITE_CONFIRM][SIM_POLICY_ALWAYS] > 10);
  for (int order = 0; order <= SIM_EVENTS_NEVER; order++) assert_true(seen.events[order] > 50);
  assert_true(seen.below_zero > 50 && seen.at_limit > 5 && seen.shared_cards > 50);
  assert_in_range(seen.faulty_runs, 200, RUNS - 200);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_random_numbers),
      cmocka_unit_test(test_same_seed_same_bytes),
      cmocka_unit_test(test_all_can_be_read_and_they_vary),
  };
  return cmocka_run_group_tests_name("generate", tests, NULL, NULL);
}
