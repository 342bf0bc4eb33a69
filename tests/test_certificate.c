/* Certificates: what is written can be read; whatever else is read is refused, with its line. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "certificate_inside.h"
#include "engine_digest.h"
#include "sim_kit.h"

#include <stdlib.h>
#include <string.h>

/* ---- A run of two cases, as run_json.c tells it -------------------------------------------- */

static json_t *case_of(const char *id, const char *verdict, const char *cut_by) {
  return json_pack(
      "{s:s, s:s, s:s, s:s, s:s, s:s?, s:b, s:i, s:i, s:i, s:s,"
      " s:[{s:s, s:s}], s:{s:i, s:i}, s:{s:i}, s:{s:i, s:i}, s:[]}",
      "id", id, "file", "scenarios/t/one.json", "digest", "00112233445566778899aabbccddeeff",
      "expects", "ffeeddccbbaa99887766554433221100", "verdict", verdict, "cut_by", cut_by,
      "exhausted", !cut_by, "states", 10, "transitions", 20, "injected_faults", 1, "root",
      "0123456789abcdef0123456789abcdef", "endings", "hash", "1111111111111111", "outcome",
      "the \"charge\" came first", "ending_states", "1111111111111111", 3, "2222222222222222", 1,
      "fault_ending_states", "3333333333333333", 4, "fault_sites", "gateway.confirm: timeout after",
      5, "wal.sync: I/O error", 6, "failures");
}

static json_t *run_of(json_t *first, json_t *second) {
  return json_pack("{s:{s:[s], s:n, s:s, s:i, s:s}, s:[], s:[o, o]}", "options", "paths",
                   "scenarios", "filter", "seed", "0x7", "max_states", 1000, "faults", "single",
                   "mistakes", "cases", first, second);
}

struct good {
  char *text;
  size_t size;
};

static int set_up(void **state) {
  struct good *good = calloc(1, sizeof *good);
  assert_non_null(good);
  json_t *run =
      run_of(case_of("t/one", "passed", NULL), case_of("t/two#row", "not exhausted", "max_states"));
  assert_non_null(run);
  good->text = sim_certificate_text(run, &good->size);
  assert_non_null(good->text);
  json_decref(run);
  *state = good;
  return 0;
}

static int tear_down(void **state) {
  struct good *good = *state;
  free(good->text);
  free(good);
  return 0;
}

/* What the reader says of a text; "" if it takes it. To be freed. */
static char *said_of(const char *text, size_t size) {
  char *said = NULL;
  size_t said_size = 0;
  FILE *errors = open_memstream(&said, &said_size);
  assert_non_null(errors);
  struct sim_certificate *certificate = sim_certificate_parse("c.json", text, size, errors);
  assert_int_equal(fclose(errors), 0);
  assert_true((certificate != NULL) == (said_size == 0)); /* refused means told */
  sim_certificate_free(certificate);
  return said;
}

static void assert_refused(const char *text, size_t size, const char *why) {
  char *said = said_of(text, size);
  if (!strstr(said, why)) fail_msg("\"%s\" does not say \"%s\"", said, why);
  if (strncmp(said, "c.json:", 7) != 0) fail_msg("\"%s\" names no place", said);
  free(said);
}

/* ---- Good ones ------------------------------------------------------------------------------ */

static const struct sim_json *get(const struct sim_json *json, const char *key) {
  const struct sim_json *member = sim_json_get(json, key);
  assert_non_null(member);
  return member;
}

static void test_what_it_says(void **state) {
  const struct good *good = *state;
  struct sim_certificate *certificate =
      sim_certificate_parse("c.json", good->text, good->size, stderr);
  assert_non_null(certificate);
  const struct sim_json *tree = sim_certificate_tree(certificate), *totals = get(tree, "totals");
  assert_string_equal(get(get(tree, "engine"), "digest")->text, sim_engine_digest());
  assert_int_equal(strlen(sim_engine_digest()), 64);
  assert_string_equal(get(get(tree, "simulator"), "digest")->text, sim_simulator_digest());
  assert_int_equal(strlen(sim_simulator_digest()), 64);
  assert_string_not_equal(sim_simulator_digest(), sim_engine_digest());
  assert_int_equal(get(totals, "cases")->number, 2);
  assert_int_equal(get(totals, "passed")->number, 1);
  assert_int_equal(get(totals, "exhausted")->number, 1);
  assert_int_equal(get(totals, "states")->number, 20);
  assert_int_equal(get(totals, "endings")->number, 4);
  assert_int_equal(get(totals, "fault_endings")->number, 2);
  assert_int_equal(get(get(tree, "bounds"), "injected_faults_of_a_run")->number, 1);
  const struct sim_json *first = get(tree, "cases")->first, *second = first->next;
  assert_string_equal(get(first, "explored")->text, "exhausted");
  assert_string_equal(get(second, "explored")->text, "cut by max_states");
  const struct sim_json *ending = get(first, "endings")->first;
  assert_string_equal(get(ending, "outcome")->text, "the \"charge\" came first");
  assert_int_equal(get(ending->next, "outcome")->type,
                   SIM_JSON_NULL); /* no outcome is told of it */
  assert_int_equal(get(get(first, "fault_sites"), "wal.sync: I/O error")->number, 6);
  sim_certificate_free(certificate);
}

static void test_options(void **state) {
  const struct good *good = *state;
  struct sim_options options = {.jobs = 5, .rules = "r.json"};
  struct sim_certificate *certificate =
      sim_certificate_parse("c.json", good->text, good->size, stderr);
  assert_non_null(certificate);
  sim_certificate_options(certificate, &options);
  assert_int_equal(options.path_count, 1);
  assert_string_equal(options.paths[0], "scenarios");
  assert_null(options.filter);
  assert_int_equal(options.seed, 7);
  assert_int_equal(options.faults, SIM_FAULTS_SINGLE);
  assert_int_equal(options.max_states, 1000);
  assert_int_equal(options.jobs, 5); /* the user's own */
  assert_string_equal(options.rules, "r.json");
  sim_certificate_free(certificate);
}

/* ---- Damage --------------------------------------------------------------------------------- */

static void test_every_length(void **state) {
  const struct good *good = *state;
  for (size_t size = 0; size < good->size; size++) {
    char *cut = malloc(size + 1); /* of its very size: a read beyond it is seen by the sanitizer */
    assert_non_null(cut);
    memcpy(cut, good->text, size);
    assert_refused(cut, size, "error: ");
    free(cut);
  }
  char *longer = malloc(good->size + 1);
  assert_non_null(longer);
  memcpy(longer, good->text, good->size);
  longer[good->size] = '\n';
  assert_refused(longer, good->size + 1, "error: ");
  free(longer);
}

static void test_every_byte(void **state) {
  static const char flips[] = {1, 2, 4, 8, 16, 32, 64, (char)128};
  struct good *good = *state;
  for (size_t at = 0; at < good->size; at++)
    for (size_t flip = 0; flip < sizeof flips; flip++) {
      good->text[at] = (char)(good->text[at] ^ flips[flip]);
      assert_refused(good->text, good->size, "error: ");
      good->text[at] = (char)(good->text[at] ^ flips[flip]);
    }
  char *said = said_of(good->text, good->size); /* it was not the test that broke it */
  assert_string_equal(said, "");
  free(said);
}

/* ---- Forgery: the checksum fits, the rest does not ------------------------------------------ */

/* The text with one place replaced and the checksum made anew. To be freed. */
static char *forge(const struct good *good, const char *from, const char *to, size_t *size) {
  const char *place = strstr(good->text, from);
  if (!place) fail_msg("the certificate has nothing like %s", from);
  size_t before = (size_t)(place - good->text);
  size_t rest = good->size - SIM_CERTIFICATE_SEAL_SIZE - before - strlen(from);
  size_t body = before + strlen(to) + rest;
  char checksum[SIM_CHECKSUM_SIZE];
  char *text = malloc(body + SIM_CERTIFICATE_SEAL_SIZE + 1);
  assert_non_null(text);
  memcpy(text, good->text, before);
  memcpy(text + before, to, strlen(to));
  memcpy(text + before + strlen(to), place + strlen(from), rest);
  sim_checksum(text, body, checksum);
  *size = body + (size_t)sprintf(text + body, "%s%s%s", SIM_CERTIFICATE_SEAL_BEGIN, checksum,
                                 SIM_CERTIFICATE_SEAL_END);
  return text;
}

static const struct {
  const char *from, *to, *why;
} forgeries[] = {
    {"\"seed\": 7", "\"seed\": 8", NULL}, /* right in itself */
    {"certificate-2", "certificate-1", "another reloadsim"},
    {"\"simulator\": {\"digest\"", "\"emulator\": {\"digest\"", "expected the key \"simulator\""},
    {"\"simulator\": {\"digest\"", "\"simulator\": {\"d\"", "expected the key \"digest\""},
    {"\"faults\": \"single\"", "\"faults\": \"pairs\"", "must be 2, as \"faults\" is \"pairs\""},
    {"\"faults\": \"single\"", "\"faults\": \"none\"", "must be 0, as \"faults\" is \"none\""},
    {"_faults_of_a_run\": 1", "_faults_of_a_run\": 0", "must be 1, as \"faults\" is \"single\""},
    {"\"seed\": 7", "\"seed\": \"7\"", "\"seed\" must be a number"},
    {"\"seed\": 7", "\"seed\": -7", "\"seed\" must be a number"},
    {"\"seed\": 7", "\"seed\": 7.5", "\"seed\" must be a number"},
    {"\"seed\": 7", "\"seed\": 99999999999999999999", "error"},
    {"\"seed\": 7,", "", "expected the key \"seed\""},
    {"\"seed\": 7", "\"seed\": 7, \"seed\": 8", "seed"},
    {"\"seed\": 7", "\"seed\": 7, \"more\": 8", "expected the key \"faults\""},
    {"\"seed\": 7", "\"seed\": 7]", "error"},
    {"\"single\"", "\"some\"", "\"faults\" has an impossible value"},
    {"\"max_states\": 1000", "\"max_states\": 0", "must be 1 to 4000000000"},
    {"\"max_states\": 1000", "\"max_states\": 4000000001", "must be 1 to 4000000000"},
    {"\"max_states\": 1000", "\"max_states\": null", "\"max_states\" must be a number"},
    {"[\"scenarios\"]", "[]", "\"paths\" must have 1 to"},
    {"[\"scenarios\"]", "[\"\"]", "a path must be"},
    {"[\"scenarios\"]", "[1]", "a path must be"},
    {"[\"scenarios\"]", "{}", "\"paths\" must be a list"},
    {"[\"scenarios\"]", "[\"\xff\"]", "error"},
    {"\"cases\": 2", "\"cases\": 3", "the cases add up to 2"},
    {"\"passed\": 1", "\"passed\": 2", "the cases add up to 1"},
    {"\"exhausted\": 1", "\"exhausted\": 2", "the cases add up to 1"},
    {"\"states\": 10,", "\"states\": 11,", "the cases add up to 21"},
    {"\"states\": 10,", "\"states\": 1000000000001,", "\"states\" must be a number from 0"},
    {"\"transitions\": 20,", "\"transitions\": -20,", "\"transitions\" must be a number from 0"},
    {"\"injected_faults\": 1,", "\"injected_faults\": true,", "must be a number from 0"},
    {"\"explored\": \"exhausted\"", "\"explored\": \"mostly\"",
     "\"explored\" has an impossible value"},
    {"\"verdict\": \"passed\"", "\"verdict\": \"fine\"", "\"verdict\" has an impossible value"},
    {"\"verdict\": \"not exhausted\"", "\"verdict\": \"passed\"", "cannot have passed"},
    {"\"root\": \"0123", "\"root\": \"0124", "the root does not follow from the cases"},
    {"\"id\": \"t/one\"", "\"id\": \"t/won\"", "the root does not follow from the cases"},
    {"\"root\": \"0123", "\"root\": \"012g", "\"root\" must be 32 hex digits"},
    {"\"digest\": \"0011", "\"digest\": \"011", "\"digest\" must be 32 hex digits"},
    {"\"1111111111111111\", \"states\"", "\"111\", \"states\"", "\"hash\" must be 16 hex digits"},
    {"\"1111111111111111\", \"states\"", "\"3111111111111111\", \"states\"", "in the order"},
    {"\"3333333333333333\": 4", "\"3\": 4", "16 hex digits"},
    {"\"3333333333333333\": 4", "\"3333333333333333\": \"4\"", "this must be a number"},
    {"\"gateway.confirm", "\"xgateway.confirm", "in ascending order"},
    {"\"outcome\": null", "\"outcome\": 5", "\"outcome\" must be a text or null"},
    {"\"outcome\": null", "\"outcome\": null, \"x\": 5", "this key is unknown"},
};

static void test_forgeries(void **state) {
  for (size_t i = 0; i < SIM_KIT_COUNT(forgeries); i++) {
    size_t size;
    char *text = forge(*state, forgeries[i].from, forgeries[i].to, &size);
    if (forgeries[i].why) {
      assert_refused(text, size, forgeries[i].why);
    } else {
      char *said = said_of(text, size);
      assert_string_equal(said, "");
      free(said);
    }
    free(text);
  }
}

static void test_line_of_a_mistake(void **state) {
  size_t size;
  char *text = forge(*state, "\"seed\": 7", "\"seed\": null", &size);
  assert_refused(text, size, "c.json:10: error: \"seed\" must be"); /* counted in the text */
  free(text);
}

/* Only its beginning is that of a certificate, and it is deeper than any stack. */
static void test_deep(void **state) {
  const struct good *good = *state;
  enum { DEEP = 100000 };
  char *deep = malloc(DEEP + 1);
  assert_non_null(deep);
  memset(deep, '[', DEEP);
  deep[DEEP] = '\0';
  size_t size;
  char *text = forge(good, "[\"scenarios\"]", deep, &size);
  assert_refused(text, size, "error: ");
  free(text);
  free(deep);
}

/* ---- Comparing ------------------------------------------------------------------------------ */

/* What a certificate made with these two cases says against the good one. */
static int compare(const struct good *good, json_t *first, json_t *second, char **said) {
  size_t size, said_size;
  json_t *run = run_of(first, second);
  char *text = sim_certificate_text(run, &size);
  struct sim_certificate *was = sim_certificate_parse("c.json", good->text, good->size, stderr);
  struct sim_certificate *now = sim_certificate_parse("now", text, size, stderr);
  FILE *out = open_memstream(said, &said_size);
  assert_true(was && now && out);
  int differences = sim_certificate_compare(was, now, out);
  assert_int_equal(fclose(out), 0);
  sim_certificate_free(was);
  sim_certificate_free(now);
  free(text);
  json_decref(run);
  return differences;
}

static void test_equal(void **state) {
  char *said;
  assert_int_equal(compare(*state, case_of("t/one", "passed", NULL),
                           case_of("t/two#row", "not exhausted", "max_states"), &said),
                   0);
  assert_string_equal(said, "");
  free(said);
}

static void test_differences(void **state) {
  char *said;
  json_t *first = case_of("t/one", "failed", NULL);
  json_object_set_new(first, "root", json_string("f123456789abcdef0123456789abcdef"));
  json_object_set_new(first, "transitions", json_integer(21));
  json_object_set_new(first, "injected_faults", json_integer(2));
  json_object_set_new(json_object_get(first, "fault_sites"), "wal.sync: I/O error",
                      json_integer(7));
  json_object_del(json_object_get(first, "ending_states"), "2222222222222222");
  int differences =
      compare(*state, first, case_of("t/two#row", "not exhausted", "max_states"), &said);
  static const char *const lines[] = {
      "t/one: verdict: certificate says passed, now failed\n",
      "t/one: root: certificate says 0123456789abcdef0123456789abcdef, now f123456789abcdef0123",
      "t/one: transitions: certificate says 20, now 21\n",
      "t/one: injected_faults: certificate says 1, now 2\n",
      "t/one: transitions with wal.sync: I/O error: certificate says 6, now 7\n",
      "t/one: states of ending 2222222222222222: certificate says 1, now 0\n",
      "in all: passed: certificate says 1, now 0\n",
      "in all: transitions: certificate says 40, now 41\n",
      "in all: endings: certificate says 4, now 3\n",
      "in all: root: certificate says "};
  for (size_t i = 0; i < SIM_KIT_COUNT(lines); i++)
    if (!strstr(said, lines[i])) fail_msg("\"%s\" is not in:\n%s", lines[i], said);
  assert_int_equal(differences, SIM_KIT_COUNT(lines));
  free(said);
}

/* ---- What is certified ---------------------------------------------------------------------- */

static void test_root(void **state) {
  struct sim_kit *kit = *state;
  struct sim_step *cost = sim_kit_submit(kit, "ana", "x-1", 10);
  sim_kit_actor(kit, "ben", SIM_TURN_OFF);
  sim_kit_start(kit);
  struct sim_search first = sim_kit_explore(kit);
  sim_kit_start(kit);
  struct sim_search again = sim_kit_explore(kit);
  assert_memory_equal(&first.root, &again.root, sizeof first.root);
  cost->amount = 11; /* another scenario, as many states */
  sim_kit_start(kit);
  struct sim_search other = sim_kit_explore(kit);
  assert_int_equal(first.states, other.states);
  assert_true(first.root.low != other.root.low && first.root.high != other.root.high);
  assert_int_equal(first.tally.count, 0); /* no injected fault was tried */
  sim_search_free(&first);
  sim_search_free(&again);
  sim_search_free(&other);
}

static void test_tally(void **state) {
  (void)state;
  struct sim_tally tally = {.count = 0};
  char name[SIM_SITE_NAME_SIZE];
  for (int i = 0; i < 1000; i++) {
    (void)snprintf(name, sizeof name, "site %02d", i * 37 % 100);
    sim_tally_count(&tally, sim_tally_site(&tally, name));
  }
  sim_tally_count(&tally, sim_tally_site(&tally, "site 42"));
  assert_true(sim_tally_site(&tally, "never counted") >= 0);
  sim_tally_sort(&tally);
  assert_int_equal(tally.count, 100);
  for (int i = 0; i < 100; i++) {
    (void)snprintf(name, sizeof name, "site %02d", i);
    assert_string_equal(tally.sites[i].site, name);
    assert_int_equal(tally.sites[i].count, i == 42 ? 11 : 10);
  }
  sim_tally_free(&tally);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_what_it_says, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_options, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_every_length, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_every_byte, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_forgeries, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_line_of_a_mistake, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_deep, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_equal, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_differences, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_root, sim_kit_set_up, sim_kit_tear_down),
      cmocka_unit_test(test_tally),
  };
  return cmocka_run_group_tests_name("certificate", tests, NULL, NULL);
}
