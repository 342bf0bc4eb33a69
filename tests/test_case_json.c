/* Scenarios written back: what is written is read again as the same case, and it reads well. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "case_json.h"
#include "json_print.h"
#include "trace_file.h"
#include "result.h"

#include <stdlib.h>
#include <string.h>

#define RULES "scenarios/rules.json"

static struct sim_suite *suite_new(void) {
  struct sim_suite *suite = sim_suite_new(RULES);
  assert_non_null(suite);
  return suite;
}

/* Read text that must be good; the last case of it. */
static const struct sim_case *read_text(struct sim_suite *suite, const char *name,
                                        const char *text) {
  const struct sim_case *const *cases;
  const struct sim_mistake *mistakes;
  if (!sim_suite_read_text(suite, name, text, strlen(text))) {
    size_t count = sim_suite_mistakes(suite, &mistakes);
    fail_msg("%s:%d:%d: %s in\n%s", mistakes[count - 1].place.file, mistakes[count - 1].place.line,
             mistakes[count - 1].place.column, mistakes[count - 1].text, text);
  }
  size_t count = sim_suite_cases(suite, &cases);
  assert_true(count > 0);
  return cases[count - 1];
}

static char *text_of(const struct sim_case *the_case) {
  json_t *json = sim_case_json(the_case);
  assert_non_null(json);
  char *text = sim_json_print_text(json, 0);
  assert_non_null(text);
  json_decref(json);
  return text;
}

/* ---- Round trips ---- */

static void assert_same_digest(const struct sim_case *a, const struct sim_case *b) {
  char left[SIM_HASH_TEXT_SIZE], right[SIM_HASH_TEXT_SIZE];
  sim_case_digest(a, left);
  sim_case_digest(b, right);
  assert_string_equal(left, right);
}

/* What only the judgement depends on, and no digest. */
static void assert_same_demands(const struct sim_case *a, const struct sim_case *b) {
  assert_string_equal(a->title, b->title);
  assert_int_equal(a->rule_count, b->rule_count);
  for (int i = 0; i < a->rule_count; i++) assert_string_equal(a->rules[i], b->rules[i]);
  assert_int_equal(a->every_count, b->every_count);
  for (int i = 0; i < a->every_count; i++) {
    assert_int_equal(a->every[i].measure, b->every[i].measure);
    assert_int_equal(a->every[i].client, b->every[i].client);
    assert_int_equal(a->every[i].bound, b->every[i].bound);
    assert_int_equal(a->every[i].number, b->every[i].number);
  }
  assert_int_equal(a->may, b->may);
  assert_int_equal(a->outcome_count, b->outcome_count);
  for (int i = 0; i < a->outcome_count; i++) {
    const struct sim_outcome *x = &a->outcomes[i], *y = &b->outcomes[i];
    assert_string_equal(x->name, y->name);
    assert_int_equal(x->line_count, y->line_count);
    assert_memory_equal(x->bank_said, y->bank_said, sizeof x->bank_said);
    assert_memory_equal(x->answers_said, y->answers_said, sizeof x->answers_said);
    assert_memory_equal(x->balance_said, y->balance_said, sizeof x->balance_said);
    assert_memory_equal(x->balance_tokens, y->balance_tokens, sizeof x->balance_tokens);
  }
}

/* The result without what belongs to the file: its name and the lines in it. */
static char *result_of(const struct sim_case *the_case) {
  const struct sim_limits limits = {.seed = 1, .max_states = 1000000};
  enum sim_verdict verdict;
  json_t *result;
  sim_case_run(NULL, the_case, &limits, &verdict, &result);
  assert_non_null(result);
  assert_int_equal(verdict, SIM_PASSED);
  (void)json_object_del(result, "id");
  (void)json_object_del(result, "file");
  (void)json_object_del(result, "line");
  char *text = json_dumps(result, JSON_COMPACT);
  json_decref(result);
  assert_non_null(text);
  return text;
}

static void assert_same_result(const struct sim_case *a, const struct sim_case *b) {
  char *left = result_of(a), *right = result_of(b);
  assert_string_equal(left, right);
  free(left);
  free(right);
}

static void test_every_case_of_the_suite_survives(void **state) {
  (void)state;
  struct sim_suite *suite = suite_new(), *again = suite_new();
  const struct sim_case *const *cases;
  assert_true(sim_suite_read(suite, "scenarios"));
  size_t count = sim_suite_cases(suite, &cases);
  assert_true(count > 500);
  for (size_t i = 0; i < count; i++) {
    char name[32], *text = text_of(cases[i]);
    (void)snprintf(name, sizeof name, "case-%zu.json", i);
    const struct sim_case *back = read_text(again, name, text);
    char *second = text_of(back);
    assert_string_equal(text, second); /* nothing is lost on the way, nothing drifts */
    assert_same_digest(cases[i], back);
    assert_same_demands(cases[i], back);
    if (i % 25 == 0) assert_same_result(cases[i], back);
    free(text);
    free(second);
  }
  sim_suite_free(again);
  sim_suite_free(suite);
}

/* What the suite may not have: every key of every step, processes in an odd order, all bounds. */
static const char rare[] =
    "{ \"title\": \"T\", \"rules\": [\"FIRE-1\", \"MONEY-1\"], \"clock\": "
    "\"1999-12-31T23:59:59Z\",\n"
    "\"settings\": { \"top_up_tokens\": 7, \"top_up_price\": 50, \"currency\": \"eur\",\n"
    "  \"wait_limit\": \"90 s\", \"attempt_limit\": \"1 d\" },\n"
    "\"given\": { \"b\": { \"balance\": -3, \"owner\": \"otto\", \"plan\": \"past due\", \"card\": "
    "\"none\" }, \"a\": { \"auto_reload\": \"on\", \"card\": \"pm_card_visa:2\" } },\n"
    "\"when\": {\n"
    "  \"zoe\": [ { \"wait\": \"1500 ms\", \"on\": \"web-9\" }, { \"clock\": \"-5 min\" },\n"
    "    { \"submit\": \"\\u0001 odd \\\"id\\\"\", \"to\": \"a\", \"cost\": -1, \"kind\": "
    "\"persona "
    "batch\", \"on\": \"web-2\" }, { \"crash\": \"web\" } ],\n"
    "  \"ana\": [ { \"buy_pack\": \"a\", \"tokens\": 5, \"price\": 70, \"card\": "
    "\"pm_card_visa:3\", \"id\": \"p\" }, { \"buy_pack\": \"b\", \"tokens\": 6, \"after\": "
    "[\"zoe\", \"ben\"] }, { \"refund\": \"p\", \"amount\": 3, \"after\": \"ben\" },\n"
    "    { \"dispute\": \"p\", \"outcome\": \"won\" }, { \"power_cut\": true, \"on\": \"web-2\" } "
    "],\n"
    "  \"ben\": [ { \"renew\": \"a\", \"tokens\": 5, \"id\": \"c\" }, { \"renew\": \"a\", "
    "\"tokens\": 5 }, { \"change_plan\": \"a\", \"plan\": \"trialing\", \"card\": "
    "\"pm_card_radarBlock\" }, { \"look\": \"a\" }, { \"deliver_events\": \"twice\" } ] },\n"
    "\"faults\": { \"at_most\": 3, \"injected\": \"pairs\", \"gateway.cancel\": { \"always\": "
    "\"409\" },\n"
    "  \"gateway.confirm\": [\"slow 45 s\", \"declined lost_card\"], \"mail.deliver\": { "
    "\"first\": "
    "\"lost\" } },\n"
    "\"events\": \"reversed\",\n"
    "\"then\": { \"every\": { \"balance\": { \"a\": \"at least -5\", \"b\": 0 }, \"mails\": { "
    "\"b\": \"at most 2\" } },\n"
    "  \"outcomes\": { \"x\": { \"ben\": \"Enabled\", \"zoe\": [\"no answer\"], \"bank\": { \"a\": "
    "[], \"b\": [\"3D Secure\"] }, \"log\": { \"a\": [ { \"reversal\": 0, \"for\": \"p\" } ] }, "
    "\"balance\": { \"b\": -3 } } } } }";

static void test_rare_words_survive(void **state) {
  (void)state;
  struct sim_suite *suite = suite_new();
  const struct sim_case *first = read_text(suite, "rare.json", rare);
  char *text = text_of(first);
  const struct sim_case *back = read_text(suite, "back.json", text);
  assert_same_digest(first, back);
  assert_same_demands(first, back);
  assert_string_equal(back->processes[0], "web-9");
  assert_int_equal(back->process_count, 3);
  assert_non_null(strstr(text, "\"wait\": \"1500 ms\""));
  assert_non_null(strstr(text, "\"wait_limit\": \"90 s\""));
  assert_non_null(strstr(text, "\"clock\": \"1999-12-31T23:59:59Z\""));
  assert_non_null(strstr(text, "\"attempt_limit\": \"1 d\""));
  free(text);
  sim_suite_free(suite);
}

/* A wait runs nowhere, but the process that it names is one more of the world. */
static void test_a_process_that_only_waits_survives(void **state) {
  (void)state;
  struct sim_suite *suite = suite_new();
  const struct sim_case *first = read_text(
      suite, "waits.json",
      "{ \"title\": \"T\", \"rules\": [\"FIRE-1\"], \"given\": { \"acme\": {} }, \"when\": { "
      "\"ana\": [ { \"look\": \"acme\" }, { \"wait\": \"1 s\", \"on\": \"web-2\" } ] }, "
      "\"then\": { \"outcomes\": { \"x\": { \"ana\": \"Disabled\" } } } }");
  char *text = text_of(first);
  const struct sim_case *back = read_text(suite, "back.json", text);
  assert_same_digest(first, back);
  assert_int_equal(back->process_count, 2);
  free(text);
  sim_suite_free(suite);
}

static void test_what_may_happen_survives(void **state) {
  (void)state;
  struct sim_suite *suite = suite_new(), *again = suite_new();
  const struct sim_case *const *cases;
  assert_true(sim_suite_read(suite, "tests/scenario_files/good/may.json"));
  assert_true(sim_suite_read(suite, "tests/scenario_files/good/may_anything.json"));
  assert_int_equal(sim_suite_cases(suite, &cases), 3);
  for (size_t i = 0; i < 3; i++) {
    static const char *const names[] = {"a.json", "b.json", "c.json"};
    static const int outcome_counts[] = {2, 0, 1};
    char *text = text_of(cases[i]);
    assert_true(cases[i]->may);
    assert_int_equal(cases[i]->outcome_count, outcome_counts[i]);
    assert_same_demands(cases[i], read_text(again, names[i], text));
    free(text);
  }
  sim_suite_free(again);
  sim_suite_free(suite);
}

/* An ending that is not reached is no failure then; one that is not told is, unless anything is
 * allowed; "every" is asked of all. */
static void test_may_is_judged_so(void **state) {
  (void)state;
  static const struct {
    const char *then;
    enum sim_verdict verdict;
  } rows[] = {
      {"{ \"may\": { \"x\": {}, \"never\": { \"log\": [ { \"spend\": 1 } ] } } }", SIM_PASSED},
      {"{ \"outcomes\": { \"x\": {}, \"never\": { \"log\": [ { \"spend\": 1 } ] } } }", SIM_FAILED},
      {"{ \"may\": { \"never\": { \"log\": [ { \"spend\": 1 } ] } } }", SIM_FAILED},
      {"{ \"may\": \"anything\" }", SIM_PASSED},
      {"{ \"every\": { \"balance\": { \"acme\": 0 } }, \"may\": \"anything\" }", SIM_PASSED},
      {"{ \"every\": { \"balance\": { \"acme\": 1 } }, \"may\": \"anything\" }", SIM_FAILED},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const struct sim_limits limits = {.seed = 1, .max_states = 1000000};
    struct sim_suite *suite = suite_new();
    enum sim_verdict verdict;
    json_t *result;
    char text[512];
    (void)snprintf(text, sizeof text,
                   "{ \"title\": \"T\", \"rules\": [\"FIRE-1\"], \"given\": { \"acme\": {} }, "
                   "\"when\": { \"ana\": [ { \"wait\": \"1 s\" } ] }, \"then\": %s }",
                   rows[i].then);
    sim_case_run(NULL, read_text(suite, "may.json", text), &limits, &verdict, &result);
    if (verdict != rows[i].verdict) fail_msg("verdict %d on %s", (int)verdict, rows[i].then);
    json_decref(result);
    sim_suite_free(suite);
  }
}

/* ---- How it reads ---- */

static void test_it_reads_like_the_guide(void **state) {
  (void)state;
  static const char wanted[] =
      "{\n"
      "  \"$schema\": \"../scenario.schema.json\",\n"
      "  \"title\": \"Off while it charges\",\n"
      "  \"rules\": [\"RACE-1\", \"RACE-2\"],\n"
      "  \"given\": {\n"
      "    \"acme\": { \"balance\": 5, \"plan\": \"active\", \"card\": \"pm_card_visa\", "
      "\"auto_reload\": \"on\" }\n"
      "  },\n"
      "  \"when\": {\n"
      "    \"ana\": [ { \"submit\": \"c-7\", \"to\": \"acme\", \"cost\": 10 } ],\n"
      "    \"ben\": [ { \"turn_off\": \"acme\", \"on\": \"web-2\" }, { \"wait\": \"2 min\" } ]\n"
      "  },\n"
      "  \"faults\": {\n"
      "    \"gateway.confirm\": [\"timeout after\", \"slow 45 s\"]\n"
      "  },\n"
      "  \"then\": {\n"
      "    \"every\": { \"charges\": { \"acme\": \"at most 1\" } },\n"
      "    \"outcomes\": {\n"
      "      \"the charge came first\": {\n"
      "        \"log\": [ { \"top_up\": 100 }, { \"spend\": 10, \"for\": \"c-7\" } ],\n"
      "        \"mail\": [\"disabled\"]\n"
      "      },\n"
      "      \"the toggle came first\": { \"ana\": \"insufficient tokens\", \"mail\": "
      "[\"disabled\"] }\n"
      "    }\n"
      "  }\n"
      "}\n";
  struct sim_suite *suite = suite_new();
  char *text = text_of(read_text(suite, "guide.json", wanted));
  assert_string_equal(text, wanted);
  free(text);
  sim_suite_free(suite);
}

/* ---- Text from memory ---- */

#define GOOD                                                                                       \
  "{ \"title\": \"T\", \"rules\": [\"FIRE-1\"], \"given\": { \"acme\": {} }, \"when\": { "         \
  "\"ana\": "                                                                                      \
  "[ { \"wait\": \"1 s\" } ] }, \"then\": { \"outcomes\": { \"x\": {} } } }"

static void assert_refused(struct sim_suite *suite, const char *name, const char *text, size_t size,
                           const char *fragment) {
  const struct sim_case *const *cases;
  const struct sim_mistake *mistakes;
  size_t before = sim_suite_cases(suite, &cases), first = sim_suite_mistakes(suite, &mistakes);
  assert_false(sim_suite_read_text(suite, name, text, size));
  assert_int_equal(sim_suite_cases(suite, &cases), before);
  assert_true(sim_suite_mistakes(suite, &mistakes) > first);
  assert_string_equal(mistakes[first].place.file, name);
  if (!strstr(mistakes[first].text, fragment)) fail_msg("%s", mistakes[first].text);
}

static void test_text_is_read_like_a_file(void **state) {
  (void)state;
  struct sim_suite *suite = suite_new();
  const struct sim_case *the_case = read_text(suite, "scenarios/races/mine.json", GOOD);
  assert_string_equal(the_case->id, "races/mine");
  assert_string_equal(the_case->place.file, "scenarios/races/mine.json");
  assert_refused(suite, "./scenarios/races/mine.json", GOOD, strlen(GOOD), "same ids");
  assert_refused(suite, "cut.json", GOOD, strlen(GOOD) - 1, "");
  assert_refused(suite, "nothing.json", "", 0, "");
  assert_refused(suite, "nul.json", "{\0}", 3, "");
  assert_refused(suite, "a#b.json", GOOD, strlen(GOOD), "name of a scenario file");
  assert_refused(suite, "x/shared/mine.json", GOOD, strlen(GOOD), "shared");
  char *huge = calloc(1, SIM_MAX_FILE_BYTES + 1);
  assert_non_null(huge);
  assert_refused(suite, "huge.json", huge, SIM_MAX_FILE_BYTES + 1, "more than the limit");
  free(huge);
  sim_suite_free(suite);
}

/* A matrix is allowed, and files to share are found beside the name. */
static void test_text_may_have_rows_and_shares(void **state) {
  (void)state;
  static const char text[] =
      "{ \"title\": \"T\", \"rules\": [\"FIRE-1\"], \"shares\": [\"../shared/acme.json\"], "
      "\"when\": "
      "{ \"ana\": [ { \"wait\": \"${for}\" } ] }, \"then\": { \"outcomes\": { \"x\": {} } },\n"
      "\"cases\": [ { \"case\": \"short\", \"for\": \"1 s\" }, { \"case\": \"long\", \"for\": "
      "\"1 d\" } ] }";
  struct sim_suite *suite = suite_new();
  const struct sim_case *the_case = read_text(suite, "scenarios/races/no-such-file.json", text);
  const struct sim_case *const *cases;
  assert_int_equal(sim_suite_cases(suite, &cases), 2);
  assert_string_equal(the_case->id, "races/no-such-file#long");
  assert_int_equal(the_case->clients[0].balance_tokens, 5);
  assert_refused(suite, "elsewhere/mine.json", text, strlen(text), "there is no such file");
  sim_suite_free(suite);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_case_of_the_suite_survives),
      cmocka_unit_test(test_rare_words_survive),
      cmocka_unit_test(test_a_process_that_only_waits_survives),
      cmocka_unit_test(test_what_may_happen_survives),
      cmocka_unit_test(test_may_is_judged_so),
      cmocka_unit_test(test_it_reads_like_the_guide),
      cmocka_unit_test(test_text_is_read_like_a_file),
      cmocka_unit_test(test_text_may_have_rows_and_shares),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
