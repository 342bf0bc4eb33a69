/* The scenario reader: what good files become, and what bad files are told.
 *
 * Run from the top of the tree. Besides the tests:
 *   test_scenario --read FILE... prints "accepts FILE" or "rejects FILE" and the mistakes
 * tests/schema_agrees.sh compares both with the JSON Schema.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "reader.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RULES "scenarios/rules.json"
#define FILES "tests/scenario_files/"
#define HEAD "{ \"title\": \"T\", \"rules\": [\"FIRE-1\"], \"given\": { \"acme\": {} },\n"
#define TAIL "\"then\": { \"outcomes\": { \"x\": {} } } }\n"
#define LEAST HEAD "\"when\": { \"ana\": [ { \"wait\": \"1 s\" } ] },\n" TAIL

/* ---- Helpers ------------------------------------------------------------------------------ */

static char folder[64]; /* of this run's own files */

static void write_bytes(const char *path, const void *bytes, size_t size) {
  FILE *file = fopen(path, "wb");

  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
}

/* The path of a file in the run's own folder; valid until the next call but three. */
static const char *own(const char *name) {
  static char paths[4][256];
  static int next;
  char *path = paths[next++ % 4];

  (void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
  return path;
}

static const char *own_file(const char *name, const char *text) {
  const char *path = own(name);

  write_bytes(path, text, strlen(text));
  return path;
}

static struct sim_suite *suite_new(void) {
  struct sim_suite *suite = sim_suite_new(RULES);
  const struct sim_mistake *mistakes;

  assert_non_null(suite);
  assert_int_equal(sim_suite_mistakes(suite, &mistakes), 0);
  return suite;
}

static struct sim_suite *read_good(const char *path) {
  struct sim_suite *suite = suite_new();
  const struct sim_mistake *mistakes;
  const bool fine = sim_suite_read(suite, path);

  if (!fine && sim_suite_mistakes(suite, &mistakes) > 0) {
    print_error("%s:%d:%d: error: %s\n", mistakes[0].place.file, mistakes[0].place.line,
                mistakes[0].place.column, mistakes[0].text);
  }
  assert_true(fine);
  assert_int_equal(sim_suite_mistakes(suite, &mistakes), 0);
  return suite;
}

static const struct sim_case *case_at(const struct sim_suite *suite, size_t index) {
  const struct sim_case *const *cases;

  assert_true(index < sim_suite_cases(suite, &cases));
  return cases[index];
}

/* Read a file that must fail; its first mistake. */
static const struct sim_mistake *first_mistake(struct sim_suite *suite, const char *path) {
  const struct sim_case *const *cases;
  const struct sim_mistake *mistakes;
  const size_t before = sim_suite_mistakes(suite, &mistakes);
  const size_t case_count = sim_suite_cases(suite, &cases);

  assert_false(sim_suite_read(suite, path));
  assert_true(sim_suite_mistakes(suite, &mistakes) > before);
  assert_int_equal(sim_suite_cases(suite, &cases), case_count);
  return &mistakes[before];
}

static void assert_mistake(const char *path, int line, int column, const char *fragment) {
  struct sim_suite *suite = suite_new();
  const struct sim_mistake *mistake = first_mistake(suite, path);

  if (mistake->place.line != line || mistake->place.column != column ||
      !strstr(mistake->text, fragment)) {
    fail_msg("expected %s:%d:%d with \"%s\", got %s:%d:%d: %s", path, line, column, fragment,
             mistake->place.file, mistake->place.line, mistake->place.column, mistake->text);
  }
  assert_string_equal(mistake->place.file, path);
  sim_suite_free(suite);
}

static int make_folder(void **state) {
  (void)state;
  (void)snprintf(folder, sizeof(folder), "/tmp/test_scenario_XXXXXX");
  return mkdtemp(folder) ? 0 : -1;
}

/* Remove a file, or a folder with all that is in it; links are not followed. */
static void remove_all(const char *path) {
  struct stat status;
  const struct dirent *entry;
  char below[512];
  DIR *stream;

  if (lstat(path, &status) == 0 && !S_ISDIR(status.st_mode)) {
    (void)unlink(path);
    return;
  }
  stream = opendir(path);
  while (stream && (entry = readdir(stream)) != NULL) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    if (snprintf(below, sizeof(below), "%s/%s", path, entry->d_name) < (int)sizeof(below)) {
      remove_all(below);
    }
  }
  if (stream) (void)closedir(stream);
  (void)rmdir(path);
}

static int remove_folder(void **state) {
  (void)state;
  remove_all(folder);
  return access(folder, F_OK) == 0 ? -1 : 0;
}

/* ---- Good files --------------------------------------------------------------------------- */

static void test_defaults_are_those_of_the_guide(void **state) {
  struct sim_suite *suite = read_good(FILES "good/least.json");
  const struct sim_case *it = case_at(suite, 0);

  (void)state;
  assert_string_equal(it->id, FILES "good/least");
  assert_int_equal(it->start_ms, 1768478400 * INT64_C(1000)); /* date -d 2026-01-15T12:00Z +%s */
  assert_int_equal(it->top_up_tokens, 100);
  assert_int_equal(it->top_up_price_minor, 1000);
  assert_string_equal(it->currency, "usd");
  assert_int_equal(it->wait_limit_ms, 30000);
  assert_int_equal(it->attempt_limit_ms, 120000);
  assert_int_equal(it->fault_limit, 1);
  assert_int_equal(it->injected_faults, 0);
  assert_int_equal(it->events, SIM_EVENTS_IN_ORDER);
  assert_int_equal(it->client_count, 1);
  assert_string_equal(it->clients[0].owner, "olga");
  assert_int_equal(it->clients[0].balance_tokens, 50);
  assert_int_equal(it->clients[0].plan, SIM_PLAN_ACTIVE);
  assert_string_equal(it->clients[0].card, "pm_card_visa");
  assert_false(it->clients[0].auto_reload);
  assert_int_equal(it->process_count, 1);
  assert_string_equal(it->processes[0], "web");
  assert_string_equal(it->actors[0].steps[0].kind, "creative");
  assert_false(it->outcomes[0].bank_said[0]);
  assert_false(it->outcomes[0].answers_said[0]);
  assert_false(it->outcomes[0].balance_said[0]);
  sim_suite_free(suite);
}

static void check_everything_given(const struct sim_case *it) {
  assert_string_equal(it->title, "Every step, every key: ä");
  assert_int_equal(it->rule_count, 2);
  assert_string_equal(it->rules[1], "OUT-4");
  assert_int_equal(it->start_ms, INT64_C(1835481599000)); /* date -d 2028-02-29T23:59:59Z +%s */
  assert_int_equal(it->wait_limit_ms, 250);
  assert_int_equal(it->attempt_limit_ms, 7200000);
  assert_string_equal(it->currency, "eur");
  assert_int_equal(it->clients[0].balance_tokens, -7);
  assert_int_equal(it->clients[0].plan, SIM_PLAN_PAST_DUE);
  assert_null(it->clients[0].card);
  assert_true(it->clients[0].auto_reload);
  assert_string_equal(it->clients[1].card, "pm_card_visa:2");
  assert_int_equal(it->process_count, 2);
  assert_string_equal(it->processes[0], "web-1");
  assert_string_equal(it->processes[1], "web");
}

static void check_everything_steps(const struct sim_case *it) {
  const struct sim_step *ana = it->actors[0].steps, *ben = it->actors[1].steps,
                        *ops = it->actors[2].steps;

  assert_int_equal(ana[0].verb, SIM_SUBMIT);
  assert_string_equal(ana[0].kind, "persona batch");
  assert_int_equal(ana[0].process, 0);
  assert_int_equal(ana[0].place.line, 14);
  assert_int_equal(ana[0].place.column, 7);
  assert_string_equal(ana[1].id, "");
  assert_int_equal(ana[1].client, 1);
  assert_true(ana[1].amount == INT64_MIN);
  assert_int_equal(ana[1].process, 1);
  assert_string_equal(ben[3].id, "pack-ben-4");
  assert_int_equal(ben[3].price_minor, 5000);
  assert_string_equal(ben[3].card, "pm_card_visa");
  assert_int_equal(ben[4].price_minor, 1);
  assert_string_equal(ben[4].id, "p.1");
  assert_int_equal(ben[6].plan, SIM_PLAN_TRIALING);
  assert_string_equal(ben[7].id, "cycle-ben-8");
  assert_int_equal(ben[9].amount, 0);
  assert_int_equal(ben[10].amount, 1);
  assert_true(ben[11].dispute_won);
  assert_false(ben[12].dispute_won);
  assert_int_equal(ops[1].event_order, SIM_EVENTS_REVERSED);
  assert_int_equal(ops[4].after, 1u << 0);
  assert_int_equal(ops[6].duration_ms, 86400000);
  assert_int_equal(ops[7].duration_ms, -300000);
  assert_int_equal(ops[10].verb, SIM_CRASH);
  assert_int_equal(ops[10].process, 0);
  assert_int_equal(ops[10].after, 1u << 0 | 1u << 1);
}

static void check_everything_faults(const struct sim_case *it) {
  assert_int_equal(it->fault_limit, 2);
  assert_int_equal(it->injected_faults, 1);
  assert_int_equal(it->sites[SIM_SITE_CREATE].policy, SIM_POLICY_MAY);
  assert_int_equal(it->sites[SIM_SITE_CREATE].count, 8);
  assert_int_equal(it->sites[SIM_SITE_CREATE].faults[3].behaviour, SIM_500_ROLLED_FORWARD);
  assert_int_equal(it->sites[SIM_SITE_CREATE].faults[7].behaviour, SIM_SLOW);
  assert_int_equal(it->sites[SIM_SITE_CREATE].faults[7].duration_ms, 45000);
  assert_string_equal(it->sites[SIM_SITE_CREATE].faults[7].text, "slow 45 s");
  assert_int_equal(it->sites[SIM_SITE_CONFIRM].policy, SIM_POLICY_FIRST);
  assert_string_equal(it->sites[SIM_SITE_CONFIRM].faults[0].code, "insufficient_funds");
  assert_int_equal(it->sites[SIM_SITE_CANCEL].policy, SIM_POLICY_ALWAYS);
  assert_int_equal(it->sites[SIM_SITE_MAIL].faults[2].behaviour, SIM_MAIL_LOST);
  assert_int_equal(it->events, SIM_EVENTS_NEVER);
}

static void check_everything_then(const struct sim_case *it) {
  const struct sim_outcome *one = &it->outcomes[0];

  assert_int_equal(it->every_count, 5);
  assert_int_equal(it->every[0].bound, SIM_AT_MOST);
  assert_int_equal(it->every[1].bound, SIM_EXACTLY);
  assert_int_equal(it->every[1].client, 1);
  assert_int_equal(it->every[3].measure, SIM_BALANCE);
  assert_int_equal(it->every[3].bound, SIM_AT_LEAST);
  assert_int_equal(it->every[3].number, -100);
  assert_int_equal(it->outcome_count, 2);
  assert_string_equal(one->name, "one");
  assert_int_equal(one->line_count, 6 + 5 + 4 + 3);
  assert_int_equal(one->lines[1].book, SIM_BOOK_ANSWER);
  assert_string_equal(one->lines[1].what, "error: invalid");
  assert_true(one->lines[1].tokens == INT64_MIN);
  assert_int_equal(one->lines[6].book, SIM_BOOK_LOG);
  assert_int_equal(one->lines[6].tokens, 200);
  assert_string_equal(one->lines[6].for_id, "a-1");
  assert_null(one->lines[8].for_id);
  assert_int_equal(one->lines[10].of, 1);
  assert_string_equal(one->lines[10].what, "grant");
  assert_string_equal(one->lines[11].what, "declined lost_card");
  assert_string_equal(one->lines[17].what, "enabled");
  assert_true(one->bank_said[0]);
  assert_false(one->bank_said[1]);
  assert_true(one->answers_said[0]);
  assert_false(one->answers_said[1]);
  assert_int_equal(one->balance_tokens[0], 183);
}

static void test_every_key_arrives(void **state) {
  struct sim_suite *suite = read_good(FILES "good/everything.json");
  const struct sim_case *it = case_at(suite, 0);

  (void)state;
  check_everything_given(it);
  check_everything_steps(it);
  check_everything_faults(it);
  check_everything_then(it);
  sim_suite_free(suite);
}

static void test_instants_follow_the_calendar(void **state) {
  static const struct {
    const char *clock;
    int64_t at_s;
  } instants[] = {/* date -ud CLOCK +%s */
                  {"1970-01-01T00:00:00Z", 0},          {"2000-02-29T00:00:00Z", 951782400},
                  {"2026-03-29T01:30:00Z", 1774747800}, {"2100-03-01T00:00:00Z", 4107542400},
                  {"2027-12-31T23:59:59Z", 1830297599}, {"2100-02-29T00:00:00Z", -1},
                  {"1969-12-31T23:59:59Z", -1},         {"2026-04-31T00:00:00Z", -1}};

  (void)state;
  for (size_t i = 0; i < sizeof(instants) / sizeof(instants[0]); i++) {
    struct sim_suite *suite = suite_new();
    char text[512];
    bool fine;

    (void)snprintf(text, sizeof(text),
                   HEAD
                   "\"clock\": \"%s\", \"when\": { \"ana\": [ { \"wait\": \"1 s\" } ] },\n" TAIL,
                   instants[i].clock);
    fine = sim_suite_read(suite, own_file("clock.json", text));
    assert_int_equal(fine, instants[i].at_s >= 0);
    if (fine) assert_true(case_at(suite, 0)->start_ms == instants[i].at_s * 1000);
    sim_suite_free(suite);
  }
}

static void test_a_matrix_is_one_case_a_row(void **state) {
  struct sim_suite *suite = read_good(FILES "good/matrix.json");
  const struct sim_case *const *cases;

  (void)state;
  assert_int_equal(sim_suite_cases(suite, &cases), 2);
  assert_string_equal(cases[0]->id, FILES "good/matrix#few");
  assert_string_equal(cases[1]->id, FILES "good/matrix#none");
  assert_string_equal(cases[1]->title, "A matrix: none");
  assert_int_equal(cases[1]->place.line, 10);
  assert_int_equal(cases[1]->place.column, 5);
  assert_string_equal(cases[0]->actors[0].steps[0].id, "a-1");
  assert_string_equal(cases[1]->actors[0].steps[0].id, "a-2");
  assert_int_equal(cases[0]->actors[0].steps[0].amount, 10);
  assert_string_equal(cases[1]->sites[SIM_SITE_CONFIRM].faults[0].code, "stolen_card");
  assert_int_equal(cases[0]->outcomes[0].line_count, 1);
  assert_int_equal(cases[1]->outcomes[0].line_count, 0);
  sim_suite_free(suite);
}

static void test_own_words_win_over_shared_ones(void **state) {
  struct sim_suite *suite = read_good(FILES "good/shares.json");
  const struct sim_case *it = case_at(suite, 0);

  (void)state;
  assert_int_equal(it->top_up_tokens, 300);
  assert_int_equal(it->top_up_price_minor, 2000);
  assert_int_equal(it->client_count, 2);
  assert_string_equal(it->clients[0].name, "acme");
  assert_string_equal(it->clients[0].owner, "otto");
  assert_int_equal(it->clients[1].balance_tokens, 1);
  assert_int_equal(it->clients[1].plan, SIM_PLAN_ACTIVE); /* a client is replaced as a whole */
  assert_int_equal(it->fault_limit, 3);
  assert_int_equal(it->injected_faults, 0);
  assert_int_equal(it->sites[SIM_SITE_CREATE].policy, SIM_POLICY_FIRST);
  assert_int_equal(it->sites[SIM_SITE_CREATE].count, 1);
  assert_int_equal(it->sites[SIM_SITE_MAIL].policy, SIM_POLICY_ALWAYS);
  sim_suite_free(suite);
}

static void test_a_folder_is_read_in_the_order_of_its_paths(void **state) {
  static const char *const ids[] = {
      FILES "good/byte_order_mark",   FILES "good/everything",        FILES "good/least",
      FILES "good/matrix#few",        FILES "good/matrix#none",       FILES "good/may",
      FILES "good/may_anything#open", FILES "good/may_anything#told", FILES "good/shares"};
  struct sim_suite *suite = read_good(FILES "good//");
  const struct sim_case *const *cases;

  (void)state;
  assert_int_equal(sim_suite_cases(suite, &cases), sizeof(ids) / sizeof(ids[0]));
  for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
    assert_string_equal(cases[i]->id, ids[i]);
  }
  assert_true(sim_suite_read(suite, "./" FILES "good/least.json")); /* named twice: read once */
  assert_int_equal(sim_suite_cases(suite, &cases), sizeof(ids) / sizeof(ids[0]));
  sim_suite_free(suite);
}

static void test_ids_begin_at_the_nearest_scenarios_folder(void **state) {
  struct sim_arena arena = {.limit_bytes = 1 << 20};

  (void)state;
  assert_string_equal(sim_path_id(&arena, "scenarios/races/a.json"), "races/a");
  assert_string_equal(sim_path_id(&arena, "/x/scenarios/y/scenarios/z/../a.json"), "a");
  assert_string_equal(sim_path_id(&arena, "./tests/./a.json"), "tests/a");
  assert_string_equal(sim_path_id(&arena, "/elsewhere/a.b.json"), "elsewhere/a.b");
  assert_null(sim_path_id(&arena, "scenarios/a\nb.json"));
  assert_null(sim_path_id(&arena, "scenarios/a\xff.json"));
  assert_string_equal(sim_path_clean(&arena, "../a/..//b/./c/"), "../b/c");
  assert_string_equal(sim_path_clean(&arena, "a/../.."), "..");
  assert_string_equal(sim_path_clean(&arena, "a/.."), ".");
  assert_string_equal(sim_path_clean(&arena, "/../a"), "/a");
  assert_string_equal(sim_path_beside(&arena, "scenarios/x/a.json", "../shared/b.json"),
                      "scenarios/shared/b.json");
  assert_string_equal(sim_path_beside(&arena, "a.json", "b.json"), "b.json");
  sim_arena_clear(&arena);
}

static void test_the_corpus_reads_without_mistakes(void **state) {
  struct sim_suite *suite = read_good("scenarios");
  const struct sim_case *const *cases;
  const struct sim_rule *rules;

  (void)state;
  assert_true(sim_suite_cases(suite, &cases) > 0);
  assert_int_equal(sim_suite_rules(suite, &rules), 45);
  assert_string_equal(rules[0].id, "FIRE-1");
  assert_string_equal(rules[4].source, "page, decided");
  assert_string_equal(rules[44].id, "OUT-4");
  sim_suite_free(suite);
}

/* ---- Bad files ---------------------------------------------------------------------------- */

/* One line of bad.txt: "FILE<tab>PLACE<tab>SCHEMA<tab>FRAGMENT". */
static void check_bad(char *line) {
  struct sim_suite *suite = suite_new();
  char path[1200], place[1200], *file = line, *expected, *fragment;
  const struct sim_mistake *mistake;

  expected = strchr(file, '\t');
  assert_non_null(expected);
  *expected++ = '\0';
  fragment = strrchr(expected, '\t');
  assert_non_null(fragment);
  *fragment++ = '\0';
  expected[strcspn(expected, "\t")] = '\0';
  fragment[strcspn(fragment, "\n")] = '\0';
  (void)snprintf(path, sizeof(path), FILES "bad/%s", file);
  mistake = first_mistake(suite, path);
  (void)snprintf(place, sizeof(place), "%s:%d:%d", mistake->place.file, mistake->place.line,
                 mistake->place.column);
  if (strchr(expected, ':') != strrchr(expected, ':')) { /* the mistake is in a shared file */
    (void)snprintf(path, sizeof(path), FILES "bad/%s", expected);
  } else {
    (void)snprintf(path, sizeof(path), FILES "bad/%s:%s", file, expected);
  }
  if (strcmp(place, path) != 0 || !strstr(mistake->text, fragment)) {
    fail_msg("expected %s with \"%s\", got %s: %s", path, fragment, place, mistake->text);
  }
  sim_suite_free(suite);
}

static void test_each_bad_file_is_told_where_and_what(void **state) {
  FILE *manifest = fopen(FILES "bad.txt", "r");
  char line[512];
  int count = 0;

  (void)state;
  assert_non_null(manifest);
  while (fgets(line, sizeof(line), manifest)) {
    if (line[0] == '#') continue;
    check_bad(line);
    count++;
  }
  (void)fclose(manifest);
  assert_true(count > 100);
}

static void test_bytes_that_are_no_text(void **state) {
  static const char nul[] = "{ \"title\":\n  \"a\0b\" }";

  (void)state;
  write_bytes(own("nul.json"), nul, sizeof(nul) - 1);
  assert_mistake(own("nul.json"), 2, 5, "0x00");
  assert_mistake(own_file("utf8.json", "{\n  \"title\": \"\xc3\xa4\xff\" }"), 2, 15, "0xff");
  assert_mistake(own_file("overlong.json", "{ \"title\": \"\xc0\x80\" }"), 1, 13, "0xc0");
  assert_mistake(own_file("surrogate.json", "{ \"title\": \"\xed\xa0\x80\" }"), 1, 13, "0xed");
  assert_mistake(own_file("cut.json", "{ \"title\": \"\xe2\x82"), 1, 13, "0xe2");
  assert_mistake(own_file("escape.json", "{ \"title\": \"\\ud800\" }"), 1, 12, "not JSON");
  assert_mistake(own_file("newline.json", "{ \"title\": \"a\nb\" }"), 1, 12, "not JSON");
  assert_mistake(own_file("spaces.json", " \n\n "), 1, 1, "empty");
}

static void test_deep_nesting(void **state) {
  static char deep[200001];

  (void)state;
  memset(deep, '[', 100000);
  memset(deep + 100000, ']', 100000);
  assert_mistake(own_file("deep.json", deep), 1, 33, "nested more than 32 deep");
}

static void test_a_huge_file_is_refused_by_its_size(void **state) {
  const char *path = own_file("huge.json", "");

  (void)state;
  assert_int_equal(truncate(path, 100 << 20), 0);
  assert_mistake(path, 1, 1, "more than the limit of 4194304");
  assert_int_equal(truncate(path, SIM_MAX_FILE_BYTES + 1), 0);
  assert_mistake(path, 1, 1, "more than the limit");
}

static void test_what_is_no_file(void **state) {
  (void)state;
  assert_mistake(own("nothing.json"), 1, 1, "there is no such file");
  assert_mistake(FILES "bad.txt/x.json", 1, 1, "not a folder");
  assert_int_equal(mkfifo(own("pipe.json"), 0600), 0);
  assert_mistake(own("pipe.json"), 1, 1, "not a regular file");
  assert_int_equal(symlink("loop.json", own("loop.json")), 0);
  assert_mistake(own("loop.json"), 1, 1, "symbolic links");
  assert_mistake("/dev/null", 1, 1, "not a regular file");
}

static void test_folders(void **state) {
  struct sim_suite *suite;
  const struct sim_mistake *mistakes;
  const struct sim_case *const *cases;

  (void)state;
  assert_int_equal(mkdir(own("f"), 0700), 0);
  assert_mistake(own("f"), 1, 1, "no scenario");
  assert_int_equal(mkdir(own("f/shared"), 0700), 0);
  own_file("f/shared/a.json", LEAST);
  own_file("f/x.schema.json", "{}");
  own_file("f/rules.json", "{}");
  own_file("f/.hidden.json", "no scenario");
  assert_mistake(own("f"), 1, 1, "no scenario");
  assert_mistake(own("f/shared/a.json"), 1, 1, "is not a scenario");
  own_file("f/a.json", LEAST);
  own_file("f/bad#.json", LEAST);
  assert_int_equal(symlink("..", own("f/up")), 0);

  suite = suite_new();
  assert_false(sim_suite_read(suite, own("f")));
  assert_int_equal(sim_suite_mistakes(suite, &mistakes), 2);
  assert_non_null(strstr(mistakes[0].text, "symbolic link to a folder"));
  assert_string_equal(mistakes[0].place.file, own("f/up"));
  assert_non_null(strstr(mistakes[1].text, "UTF-8 without control characters"));
  assert_int_equal(sim_suite_cases(suite, &cases), 1); /* the good file's case stays */
  sim_suite_free(suite);
}

static void test_two_files_of_one_id(void **state) {
  struct sim_suite *suite;

  (void)state;
  assert_int_equal(mkdir(own("s"), 0700), 0);
  assert_int_equal(mkdir(own("s/scenarios"), 0700), 0);
  assert_int_equal(mkdir(own("t"), 0700), 0);
  assert_int_equal(mkdir(own("t/scenarios"), 0700), 0);
  suite = read_good(own_file("s/scenarios/a.json", LEAST));
  assert_non_null(
      strstr(first_mistake(suite, own_file("t/scenarios/a.json", LEAST))->text, "same ids"));
  sim_suite_free(suite);
}

static void test_all_mistakes_of_a_file_up_to_twenty(void **state) {
  char text[4096] = HEAD "\"when\": { \"ana\": [ ";
  struct sim_suite *suite = suite_new();
  const struct sim_mistake *mistakes;

  (void)state;
  for (int i = 0; i < 25; i++) {
    (void)snprintf(text + strlen(text), 64, "%s\n{ \"wait\": \"%d\" }", i ? "," : "", i);
  }
  (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s",
                 " ] }, \"titel\": 1,\n" TAIL);
  assert_false(sim_suite_read(suite, own_file("many.json", text)));
  assert_int_equal(sim_suite_mistakes(suite, &mistakes), 21);
  assert_non_null(strstr(mistakes[0].text, "did you mean \"title\"?"));
  assert_int_equal(mistakes[19].place.line, 21);
  assert_int_equal(mistakes[19].place.column, 11);
  assert_string_equal(mistakes[20].text, "and 6 more");
  assert_int_equal(mistakes[20].place.line, 22);
  sim_suite_free(suite);
}

static void test_a_row_repeats_no_mistake_of_the_file(void **state) {
  struct sim_suite *suite = suite_new();
  const struct sim_mistake *mistakes;

  (void)state;
  own_file(
      "rows.json", HEAD
      "\"when\": { \"ana\": [ { \"wait\": \"5\" }, { \"wait\": \"${d}\" } ] },\n"
      "\"cases\": [ { \"case\": \"a\", \"d\": \"1 s\" },\n{ \"case\": \"b\", \"d\": \"1 x\" },\n"
      "{ \"case\": \"c\", \"d\": \"1 y\" } ],\n" TAIL);
  assert_false(sim_suite_read(suite, own("rows.json")));
  assert_int_equal(sim_suite_mistakes(suite, &mistakes), 3);
  assert_int_equal(mistakes[0].place.line, 2);
  assert_int_equal(mistakes[1].place.line, 4);
  assert_non_null(strstr(mistakes[1].text, "(in case \"b\")"));
  assert_int_equal(mistakes[2].place.line, 5);
  sim_suite_free(suite);
}

static void test_a_shared_mistake_is_told_once_but_fails_each_file(void **state) {
  struct sim_suite *suite = suite_new();
  const struct sim_mistake *mistakes;
  const char *text = "{ \"title\": \"T\", \"rules\": [\"FIRE-1\"], \"shares\": [\"s.json\"],\n"
                     "\"when\": { \"ana\": [ { \"look\": \"acme\" } ] },\n" TAIL;

  (void)state;
  own_file("s.json", "{ \"given\": { \"acme\": { \"plan\": \"actife\" } } }");
  assert_false(sim_suite_read(suite, own_file("s1.json", text)));
  assert_false(sim_suite_read(suite, own_file("s2.json", text)));
  assert_int_equal(sim_suite_mistakes(suite, &mistakes), 1);
  assert_string_equal(mistakes[0].place.file, own("s.json"));
  sim_suite_free(suite);
}

static void test_a_variable_cannot_blow_up(void **state) {
  static char text[200000];
  size_t length;

  (void)state;
  (void)snprintf(text, sizeof(text), HEAD "\"note\": \"");
  length = strlen(text);
  for (int i = 0; i < 3000; i++, length += 4) memcpy(text + length, "${d}", 4);
  (void)snprintf(text + length, sizeof(text) - length,
                 "\", \"when\": { \"ana\": [ { \"wait\": \"1 s\" } ] },\n"
                 "\"cases\": [ { \"case\": \"a\", \"d\": \"%03000d\" } ],\n" TAIL,
                 0);
  assert_mistake(own_file("blow.json", text), 2, 9, "is longer than");
}

static void test_a_bad_catalogue_is_a_mistake(void **state) {
  static const struct {
    const char *text, *fragment;
    int line;
  } bad[] = {{"", "empty", 1},
             {"[]", "the rule catalogue must be an object", 1},
             {"{}", "\"rules\" is missing", 1},
             {"{ \"rules\": [] }", "may not be empty", 1},
             {"{ \"rules\": [\n{ \"id\": \"A-1\" } ] }", "needs \"id\"", 2},
             {"{ \"rules\": [ { \"id\": \"A-1\", \"group\": \"g\", \"text\": \"t\",\n\"source\": "
              "\"pages\" } ] }",
              "did you mean \"page\"?", 2}};

  (void)state;
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    struct sim_suite *suite = sim_suite_new(own_file("rules.json", bad[i].text));
    const struct sim_mistake *mistakes;

    assert_non_null(suite);
    assert_true(sim_suite_mistakes(suite, &mistakes) > 0);
    assert_non_null(strstr(mistakes[0].text, bad[i].fragment));
    assert_int_equal(mistakes[0].place.line, bad[i].line);
    sim_suite_free(suite);
  }
}

/* ---- Memory ------------------------------------------------------------------------------- */

static void test_every_limit_on_memory_is_survived(void **state) {
  static const char *const files[] = {"good/everything.json", "good/matrix.json",
                                      "good/shares.json", "bad/after_circle.json"};

  (void)state;
  for (size_t limit = 0; limit < 60000; limit += limit < 4000 ? 16 : 112) {
    struct sim_suite *suite = sim_suite_new_limited(RULES, limit);
    const struct sim_mistake *mistakes;
    const struct sim_case *const *cases;

    assert_non_null(suite);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
      char path[64];
      size_t case_count = sim_suite_cases(suite, &cases);

      (void)snprintf(path, sizeof(path), FILES "%s", files[i]);
      if (sim_suite_read(suite, path)) {
        assert_true(sim_suite_cases(suite, &cases) > case_count);
      } else {
        assert_int_equal(sim_suite_cases(suite, &cases), case_count);
        assert_true(sim_suite_mistakes(suite, &mistakes) > 0);
      }
    }
    sim_suite_free(suite);
  }
}

static int left_to_allocate;

static void *failing_malloc(size_t size) { return left_to_allocate-- > 0 ? malloc(size) : NULL; }

static void test_jansson_without_memory(void **state) {
  bool fine = false;
  int tries = 0;

  (void)state;
  for (; !fine && tries < 5000; tries++) {
    struct sim_arena arena = {.limit_bytes = 1 << 20};
    struct sim_json_error error = {.text = ""};

    left_to_allocate = tries;
    json_set_alloc_funcs(failing_malloc, free);
    fine = sim_json_load(&arena, FILES "good/matrix.json", &error) != NULL;
    json_set_alloc_funcs(malloc, free);
    assert_true(fine || error.text[0]);
    sim_arena_clear(&arena);
  }
  assert_true(fine);
  assert_true(tries > 10);
}

/* ---- For tests/schema_agrees.sh ------------------------------------------------------------- */

static int read_all(int count, char **paths) {
  for (int i = 0; i < count; i++) {
    struct sim_suite *suite = sim_suite_new(RULES);
    const struct sim_mistake *mistakes;
    size_t mistake_count;

    if (!suite) return 1;
    (void)printf("%s\t%s\n", sim_suite_read(suite, paths[i]) ? "accepts" : "rejects", paths[i]);
    mistake_count = sim_suite_mistakes(suite, &mistakes);
    for (size_t m = 0; m < mistake_count; m++) {
      (void)fprintf(stderr, "%s:%d:%d: error: %s\n", mistakes[m].place.file, mistakes[m].place.line,
                    mistakes[m].place.column, mistakes[m].text);
    }
    sim_suite_free(suite);
  }
  return 0;
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_defaults_are_those_of_the_guide),
      cmocka_unit_test(test_every_key_arrives),
      cmocka_unit_test(test_instants_follow_the_calendar),
      cmocka_unit_test(test_a_matrix_is_one_case_a_row),
      cmocka_unit_test(test_own_words_win_over_shared_ones),
      cmocka_unit_test(test_a_folder_is_read_in_the_order_of_its_paths),
      cmocka_unit_test(test_ids_begin_at_the_nearest_scenarios_folder),
      cmocka_unit_test(test_the_corpus_reads_without_mistakes),
      cmocka_unit_test(test_each_bad_file_is_told_where_and_what),
      cmocka_unit_test(test_bytes_that_are_no_text),
      cmocka_unit_test(test_deep_nesting),
      cmocka_unit_test(test_a_huge_file_is_refused_by_its_size),
      cmocka_unit_test(test_what_is_no_file),
      cmocka_unit_test(test_folders),
      cmocka_unit_test(test_two_files_of_one_id),
      cmocka_unit_test(test_all_mistakes_of_a_file_up_to_twenty),
      cmocka_unit_test(test_a_row_repeats_no_mistake_of_the_file),
      cmocka_unit_test(test_a_shared_mistake_is_told_once_but_fails_each_file),
      cmocka_unit_test(test_a_variable_cannot_blow_up),
      cmocka_unit_test(test_a_bad_catalogue_is_a_mistake),
      cmocka_unit_test(test_every_limit_on_memory_is_survived),
      cmocka_unit_test(test_jansson_without_memory),
  };

  if (argc > 1 && strcmp(argv[1], "--read") == 0) return read_all(argc - 2, argv + 2);
  return cmocka_run_group_tests_name("scenario", tests, make_folder, remove_folder);
}
