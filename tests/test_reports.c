/* The reports: what they say about small runs, written by hand in report_files/. */
#include "report_kit.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- A run that failed -------------------------------------------------------------------- */

static void test_failing_junit(void **state) {
  (void)state;
  char *directory = take("failing");
  write_well(directory);
  assert_xpath(directory, "count(//testcase)", "4");
  assert_xpath(directory, "string(/testsuites/@failures)", "1");
  assert_xpath(directory, "string(/testsuites/@errors)", "2");
  assert_xpath(directory, "string(//testcase[@name='races/double']/@classname)", "races");
  assert_xpath(directory, "string(//testcase[@name='races/double']/@file)",
               "scenarios/races/double.json");
  assert_xpath(directory, "string(//testcase[@name='races/double']/failure/@message)",
               "Charged once and credited twice.");
  assert_xpath(directory, "count(//testcase[@name='amounts/equal']/*)", "0");
  assert_xpath(directory, "count(//testcase[@name='crashes/long']/error)", "1");
  assert_xpath(directory, "count(//testcase[@name='crashes/odd']/error)", "1");
  drop(directory);
}

static void test_failing_ledger(void **state) {
  (void)state;
  static const char *const ops[] = {"changed", "same", "extra", "same", "same", "missing"};
  char *directory = take("failing");
  write_well(directory);
  json_t *tree = load(directory, "ledger-diff.json");
  const json_t *a_case = json_array_get(json_object_get(tree, "cases"), 1);
  const json_t *endings = json_object_get(a_case, "endings");
  const json_t *lines = json_object_get(json_array_get(endings, 1), "lines");
  assert_int_equal(json_array_size(lines), 6);
  for (size_t i = 0; i < 6; i++) {
    assert_string_equal(text_at(json_array_get(lines, i), "op"), ops[i]);
  }
  const json_t *extra = json_object_get(json_array_get(lines, 2), "actual");
  assert_int_equal(json_integer_value(json_object_get(extra, "balance")), 205);
  assert_string_equal(text_at(extra, "for"), "creative-7");
  json_decref(tree);
  char *text = slurp(directory, "ledger-diff.txt");
  /* passing cases and agreeing lines too */
  assert_has(text, "amounts/equal: Cost equal to balance [passed]\n  \"charged once\"\n"
                   "    = answer ana   done\n");
  assert_has(text, "= log    acme  spend -10 for creative-7, balance 95");
  assert_has(text, "+ log    acme  top_up +100 for creative-7, balance 205");
  assert_has(text, "- mail   acme  disabled");
  assert_has(text, "~ answer ana   done -> no answer");
  assert_has(text, "\"nobody charged\": never reached\n    - answer ana  insufficient tokens\n");
  free(text);
  drop(directory);
}

static void test_failing_terminal(void **state) {
  (void)state;
  char *directory = take("failing");
  char *text = terminal(directory, REPORT_TEXT, false);
  assert_has(text, "\nscenarios/races/double.json:12:5: invariant [MONEY-2]\n"
                   "  Charged once and credited twice.\n");
  assert_has(text, "intent pi_1: succeeded");
  assert_has(text, "build/reloadsim run scenarios/races/double.json --filter races/double\n");
  assert_has(text, "     2026-01-15\n"); /* a story tells its day once */
  assert_has_not(text, "%.");
  assert_has(text, "Do not release: 1 of 4 cases failed");
  assert_has(text, "NO CASE FOR OUT-4");
  assert_has_not(text, "amounts/equal:");
  assert_has_not(text, "\033");
  free(text);
  text = terminal(directory, REPORT_TEXT, true);
  assert_has(text, "\033[1;31mDo not release");
  free(text);
  drop(directory);
}

/* How to replay a failure is said by all, or by none if it has no trace. */
static void test_replay(void **state) {
  static const enum report_format formats[] = {REPORT_TEXT, REPORT_JUNIT, REPORT_TAP, REPORT_JSON};
  (void)state;
  char *directory = take("failing"), *command;
  for (size_t i = 0; i < 4; i++) {
    char *text = terminal(directory, formats[i], false);
    assert_has_not(text, "eplay it");
    assert_has_not(text, "replay:");
    free(text);
  }
  char *text = slurp(directory, "run.json");
  char *at = strstr(text, "\"again\"");
  assert_non_null(at);
  char *changed = malloc(strlen(text) + 200);
  assert_non_null(changed);
  sprintf(changed, "%.*s\"trace_file\": \"traces/a_b-1.trace\", \"replay\": \"sim replay\", %s",
          (int)(at - text), text, at);
  spew(directory, "run.json", changed);
  free(changed);
  free(text);
  command = join(directory, "traces/a_b-1.trace");
  for (size_t i = 0; i < 4; i++) {
    text = terminal(directory, formats[i], false);
    char *once = strstr(text, command);
    if (!once || strncmp(once - 11, "sim replay ", 11) != 0 || strstr(once + 1, command))
      fail_msg("not once \"sim replay %s\" in\n%s", command, text);
    free(text);
  }
  write_well(directory);
  text = slurp(directory, "cases/races.double.html");
  assert_has(text, "<p>Replay it: <code>sim replay ");
  free(text);
  free(command);
  drop(directory);
}

static void test_failing_tap_and_summary(void **state) {
  (void)state;
  char *directory = take("failing");
  char *text = terminal(directory, REPORT_TAP, false);
  assert_has(text, "TAP version 14\n1..4\nok 1 - amounts/equal\nnot ok 2 - races/double\n  ---\n");
  assert_has(text, "\nnot ok 3 - crashes/long\n");
  free(text);
  text = terminal(directory, REPORT_JSON, false);
  json_t *tree = json_loads(text, 0, NULL);
  assert_non_null(tree);
  assert_string_equal(text_at(tree, "answer"), "no");
  assert_int_equal(json_array_size(json_object_get(tree, "failures")), 2);
  assert_int_equal(json_array_size(json_object_get(tree, "not_passed")), 3);
  json_decref(tree);
  free(text);
  drop(directory);
}

static void test_rule_coverage(void **state) {
  (void)state;
  static const char *const covers[] = {"not proven", "failing", "not covered"};
  char *directory = take("failing");
  write_well(directory);
  json_t *tree = load(directory, "rule-coverage.json");
  const json_t *rules = json_object_get(tree, "rules");
  assert_int_equal(json_array_size(rules), 3);
  for (size_t i = 0; i < 3; i++) {
    assert_string_equal(text_at(json_array_get(rules, i), "cover"), covers[i]);
  }
  json_decref(tree);
  char *text = slurp(directory, "rule-coverage.txt");
  assert_has(text, "NOT COVERED: NO CASE NAMES THESE RULES\n  OUT-4  A late charge");
  assert_has(text, "      failed: races/double (scenarios/races/double.json)\n");
  free(text);
  text = slurp(directory, "rules.html");
  assert_has(text, "Not covered: no case names this rule.");
  assert_has(text, "href=\"cases/races.double.html\"");
  free(text);
  drop(directory);
}

static void test_failing_pages(void **state) {
  (void)state;
  char *directory = take("failing");
  write_well(directory);
  char *text = slurp(directory, "index.html");
  assert_has(text, "Do not release</h1>");
  assert_has(text, "href=\"cases/races.double.html\"");
  assert_has_not(text, "coverage/index.html");
  free(text);
  text = slurp(directory, "cases/races.double.html");
  assert_has(text, "charged 10.00 USD");
  assert_has(text, "expected, did not happen: </span>“Auto Reload disabled”");
  assert_has(text, "happened, not expected: ");
  assert_has(text, "Expected, but no order of events leads here.");
  assert_has(text, "<svg role=\"img\"");
  free(text);
  drop(directory);
}

/* ---- Other runs --------------------------------------------------------------------------- */

/* Under the policy of the pages a browser ignores any style that is not in a file beside them. */
static void test_style_is_a_file(void **state) {
  (void)state;
  static const struct {
    const char *name, *link;
  } pages[] = {{"index.html", "<link rel=\"stylesheet\" href=\"report.css\">"},
               {"rules.html", "<link rel=\"stylesheet\" href=\"report.css\">"},
               {"cases/races.double.html", "<link rel=\"stylesheet\" href=\"../report.css\">"}};
  char *directory = take("failing");
  write_well(directory);
  for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
    char *text = slurp(directory, pages[i].name);
    assert_has(text, pages[i].link);
    assert_has(text, "content=\"default-src 'none'; style-src 'self'; img-src 'self'\"");
    assert_has_not(text, "<style");
    assert_has_not(text, " style=");
    free(text);
  }
  char *sheet = slurp(directory, "report.css");
  assert_has(sheet, "@media (prefers-color-scheme: dark)");
  free(sheet);
  drop(directory);
}

static void test_passing_run_is_safe(void **state) {
  (void)state;
  char *directory = take("passing");
  char *coverage = join(directory, "coverage");
  assert_int_equal(mkdir(coverage, 0777), 0);
  spew(coverage, "index.html", "");
  free(coverage);
  write_well(directory);
  char *text = slurp(directory, "index.html");
  assert_has(text, "Safe to release</h1>");
  assert_has(text, "href=\"coverage/index.html\"");
  free(text);
  text = terminal(directory, REPORT_TAP, false);
  assert_string_equal(text, "TAP version 14\n1..1\nok 1 - races/once\n");
  free(text);
  assert_xpath(directory, "count(//failure | //error)", "0");
  drop(directory);
}

/* ---- Endings that only injected faults reach -------------------------------------------- */

#define FAULT_ENDINGS(count)                                                                       \
  "\"fault_ending_count\": " count ", \"fault_endings\": [ { \"outcome\": null, "                  \
  "\"nearest\": \"<once>\", \"reached\": true, \"paths\": 1234, "                                  \
  "\"faults\": [\"wal.sync: <it dies>\"], "                                                        \
  "\"expected\": [ { \"book\": \"answer\", \"of\": \"ana\", \"what\": \"done\", "                  \
  "\"kind\": \"done\" } ], "                                                                       \
  "\"actual\": [ { \"book\": \"answer\", \"of\": \"ana\", \"what\": \"no answer\", "               \
  "\"kind\": \"no answer\" } ], "                                                                  \
  "\"story\": [ { \"at\": \"2026-01-15T12:00:00.000Z\", \"who\": \"ana\", \"text\": \"dies\", "    \
  "\"lines\": [] } ] } ], \"failures\": ["

static void test_fault_endings_are_told(void **state) {
  (void)state;
  char *directory = take("passing");
  replace_in_run(directory, "\"failures\": [", FAULT_ENDINGS("12"));
  write_well(directory);
  char *text = slurp(directory, "report.txt");
  assert_has(text, "\n       and 12 endings that only injected faults reach\n");
  assert_has(text, "1 passed"); /* they need no outcome */
  free(text);
  text = slurp(directory, "cases/races.once.html");
  assert_has(text, "<h2 id=\"faults\">12 more ways if something breaks</h2>");
  assert_has(text, "The 1 most frequent are shown.");
  assert_has(text, "<b>wal.sync: &lt;it dies&gt;</b>");
  assert_has(text, "1 line differs from “&lt;once&gt;” · 1,234 final states");
  assert_has(text, "<span class=\"said\">differs: </span>");
  assert_has(text, "<b>ana</b> dies");
  assert_has(text, "1 way it can end</h2>"); /* the others are not counted among these */
  free(text);
  text = slurp(directory, "index.html");
  assert_has(text, "1 ending, 12 more if something breaks");
  free(text);
  text = slurp(directory, "results.tap");
  assert_has(text, "\nok 1 - races/once\n# and 12 endings that only injected faults reach\n");
  free(text);
  text = slurp(directory, "summary.json");
  assert_has(text, "\"fault_endings\": 12");
  free(text);
  text = slurp(directory, "ledger-diff.txt");
  assert_has_not(text, "once>"); /* the release's money is that of what is expected */
  free(text);
  drop(directory);
}

static void test_fault_endings_must_add_up(void **state) {
  (void)state;
  char *directory = take("passing");
  replace_in_run(directory, "\"failures\": [", FAULT_ENDINGS("0"));
  char *said = write_all(directory, -1);
  assert_has(said, "less than the number of");
  free(said);
  drop(directory);
}

static void test_empty_run_is_not_a_success(void **state) {
  (void)state;
  char *directory = take("empty");
  write_well(directory);
  assert_xpath(directory, "string(/testsuites/@errors)", "1");
  char *text = slurp(directory, "results.tap");
  assert_has(text, "\nnot ok 1 - no case was run");
  free(text);
  text = slurp(directory, "index.html");
  assert_has(text, "<li>no case was run</li>");
  assert_has(text, "Not proven yet</h1>");
  assert_has_not(text, "Safe to release</h1>");
  free(text);
  drop(directory);
}

static void test_mistakes_forbid_a_release(void **state) {
  (void)state;
  char *directory = take("mistakes");
  write_well(directory);
  assert_xpath(directory, "string(//testcase/@name)", "scenarios/x.json:3:7");
  assert_xpath(directory, "count(//error)", "1");
  char *text = slurp(directory, "report.txt");
  assert_has(text, "scenarios/x.json:3:7: error: unknown key \"titel\"; did you mean \"title\"?\n");
  assert_has(text, "Do not release: 1 mistake in the scenario files");
  free(text);
  text = slurp(directory, "index.html");
  assert_has(text, "unknown key &quot;titel&quot;");
  free(text);
  drop(directory);
}

static void test_filtered_run_proves_nothing(void **state) {
  (void)state;
  char *directory = take("passing");
  char *text = slurp(directory, "run.json");
  char *filter = strstr(text, "\"filter\": null");
  assert_non_null(filter);
  memcpy(filter, "\"filter\":  \"x\"", 14);
  spew(directory, "run.json", text);
  free(text);
  text = terminal(directory, REPORT_TEXT, false);
  assert_has(text, "Not proven yet: only a part of the suite was run");
  free(text);
  drop(directory);
}

static size_t count_of(const char *text, const char *part) {
  size_t count = 0;
  for (; (text = strstr(text, part)) != NULL; text++) {
    count++;
  }
  return count;
}

static void test_hostile_names(void **state) {
  (void)state;
  char *directory = take("hostile");
  write_well(directory);
  assert_xpath(directory, "count(//testcase)", "6");
  assert_xpath(directory, "count(//testcase[@name='declines/codes#todo']/failure)", "1");
  char *text = slurp(directory, "results.tap");
  assert_has(text, " - declines/codes\\#todo\n");
  assert_has_not(text, "\033");
  assert_int_equal(count_of(text, "\nok ") + count_of(text, "\nnot ok "), 6);
  free(text);
  text = slurp(directory, "report.txt");
  assert_has_not(text, "\033");
  free(text);
  json_decref(load(directory, "summary.json"));
  json_decref(load(directory, "ledger-diff.json"));
  json_decref(load(directory, "rule-coverage.json"));
  drop(directory);
}

static void test_hostile_pages(void **state) {
  (void)state;
  char *directory = take("hostile");
  write_well(directory);
  char *cases = join(directory, "cases");
  DIR *stream = opendir(cases);
  assert_non_null(stream);
  size_t count = 0;
  const struct dirent *entry;
  while ((entry = readdir(stream)) != NULL) {
    if (entry->d_name[0] != '.') {
      char *text = slurp(cases, entry->d_name);
      assert_has_not(text, "<script");
      assert_has_not(text, "\033");
      free(text);
      count++;
    }
  }
  closedir(stream);
  assert_int_equal(count, 5); /* one page for each case, long and similar ids included */
  free(cases);
  char *text = slurp(directory, "index.html");
  assert_has_not(text, "<script");
  free(text);
  drop(directory);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_failing_junit),
      cmocka_unit_test(test_failing_ledger),
      cmocka_unit_test(test_failing_terminal),
      cmocka_unit_test(test_failing_tap_and_summary),
      cmocka_unit_test(test_replay),
      cmocka_unit_test(test_rule_coverage),
      cmocka_unit_test(test_failing_pages),
      cmocka_unit_test(test_style_is_a_file),
      cmocka_unit_test(test_passing_run_is_safe),
      cmocka_unit_test(test_fault_endings_are_told),
      cmocka_unit_test(test_fault_endings_must_add_up),
      cmocka_unit_test(test_empty_run_is_not_a_success),
      cmocka_unit_test(test_mistakes_forbid_a_release),
      cmocka_unit_test(test_filtered_run_proves_nothing),
      cmocka_unit_test(test_hostile_names),
      cmocka_unit_test(test_hostile_pages),
  };
  return cmocka_run_group_tests_name("reports", tests, NULL, NULL);
}
