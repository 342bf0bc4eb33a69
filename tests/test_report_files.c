/* Reading a run and writing its directory: what is refused, what stays as it was. */
#include "report_kit.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Input that is no run ----------------------------------------------------------------- */

/* Replace the first `from` of the failing run by `to`: it must be refused with `place`. */
static void assert_refused(const char *from, const char *to, const char *place) {
  char *directory = take("failing");
  char *text = slurp(directory, "run.json");
  char *at = strstr(text, from);
  if (at == NULL) {
    fail_msg("not in the fixture: %s", from);
    return;
  }
  char *path = join(directory, "run.json");
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fprintf(file, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
  fclose(file);
  free(path);
  free(text);
  char *said = write_all(directory, -1);
  assert_has(said, "error: ");
  assert_has(said, place);
  assert_false(exists(directory, "index.html"));
  free(said);
  drop(directory);
}

static void test_refused_input(void **state) {
  (void)state;
  assert_refused("reloadsim-run-2", "reloadsim-run-1", "not a run of this version");
  assert_refused("\"about\": \"card\"", "\"about\": \"cards\"", "expected one of \"card\"");
  assert_refused("\"lines\": [", "\"changes\": [", ".lines: expected an array");
  assert_refused("\"paths\": 3", "\"paths\": -3", "cases[0].endings[0].paths: expected a whole");
  assert_refused("\"paths\": 3", "\"paths\": 3.5", "found a fraction");
  assert_refused("\"paths\": 3", "\"paths\": 3, \"paths\": 4", "duplicate object key");
  assert_refused("\"paths\": 3", "\"paths\": 99999999999999999999", "run.json:");
  assert_refused("\"book\": \"log\"", "\"book\": \"logs\"", "expected one of \"answer\" \"log\"");
  assert_refused("\"id\": \"races/double\"", "\"id\": \"amounts/equal\"", "the same id");
  assert_refused("\"ending\": 2", "\"ending\": 3", "not the index of an ending");
  assert_refused("\"reached\": true", "\"reached\": false", "\"actual\" must be null exactly");
  assert_refused("\"title\": \"A long one\"", "\"titel\": \"\"",
                 "cases[2].title: expected a string");
  assert_refused("\"title\": \"A long one\"", "\"title\": \"\\ud800\"", "run.json:");
  assert_refused("\"title\": \"A long one\"", "\"title\": \"\\u0000\"", "run.json:");
  assert_refused("\"rules\": [\n        \"FIRE-5\"", "\"rules\": [\n  7", "cases[0].rules[0]");
}

/* The path becomes a part of a command. */
static void test_strange_traces_are_refused(void **state) {
  static const char *const files[] = {"/etc/passwd",     "traces",         "traces/",
                                      "traces/../../x",  "traces/a/b",     "traces/.x",
                                      "traces/a;reboot", "traces/$(a)",    "traces/a b",
                                      "traces/a'",       "traces/\\u00e4", ""};
  (void)state;
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    char to[120];
    snprintf(to, sizeof to, "\"trace_file\": \"%s\", \"replay\": \"r\", \"again\": ", files[i]);
    assert_refused("\"again\": ", to, "failures[0].trace_file: expected traces/NAME");
  }
  assert_refused("\"again\": ", "\"trace_file\": \"traces/a\", \"again\": ",
                 "failures[0].replay: expected a string");
}

static void test_contradictions_are_refused(void **state) {
  (void)state;
  assert_refused("\"verdict\": \"failed\"", "\"verdict\": \"passed\"", "but there are failures");
  assert_refused("\"exhausted\": true", "\"exhausted\": false", "\"exhausted\" is false");
  assert_refused("\"cases\": 4", "\"cases\": 5", "totals: says 5 cases");
  assert_refused("\"passed\": 1", "\"passed\": 4", "holds 4 cases and 1 passed");
}

static void test_no_run(void **state) {
  (void)state;
  char *directory = take("empty");
  spew(directory, "run.json", "{");
  free(write_all(directory, -1));
  spew(directory, "run.json", "[]");
  char *said = write_all(directory, -1);
  assert_has(said, "expected an object");
  free(said);
  char *path = join(directory, "run.json");
  unlink(path);
  free(path);
  said = write_all(directory, -1);
  assert_has(said, "there is no such file");
  free(said);
  drop(directory);
}

/* ---- Writing ------------------------------------------------------------------------------ */

static bool has_drafts(const char *directory) {
  DIR *stream = opendir(directory);
  assert_non_null(stream);
  bool found = false;
  const struct dirent *entry;
  while ((entry = readdir(stream)) != NULL) {
    found = found || strstr(entry->d_name, ".draft") != NULL;
  }
  closedir(stream);
  return found;
}

static void test_same_run_same_bytes(void **state) {
  (void)state;
  static const char *const names[] = {
      "report.txt",      "junit.xml",        "results.tap",       "summary.json",
      "ledger-diff.txt", "ledger-diff.json", "rule-coverage.txt", "rule-coverage.json",
      "index.html",      "report.css",       "rules.html",        "cases/races.double.html"};
  char *one = take("failing");
  char *two = take("failing");
  write_well(one);
  assert_int_equal(setenv("TZ", "Asia/Tokyo", 1), 0);
  write_well(two);
  write_well(two);
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    char *first = slurp(one, names[i]);
    char *second = slurp(two, names[i]);
    assert_string_equal(first, second);
    free(first);
    free(second);
  }
  drop(one);
  drop(two);
}

static void test_pages_of_former_cases_go(void **state) {
  (void)state;
  char *directory = take("failing");
  char *cases = join(directory, "cases");
  assert_int_equal(mkdir(cases, 0777), 0);
  spew(cases, "races.gone.html", "old");
  spew(cases, "note.txt", "somebody's own");
  write_well(directory);
  assert_false(exists(cases, "races.gone.html"));
  assert_true(exists(cases, "note.txt"));
  assert_true(exists(cases, "races.double.html"));
  free(cases);
  drop(directory);
}

static void test_full_disk_leaves_the_old_reports(void **state) {
  (void)state;
  char *directory = take("failing");
  spew(directory, "report.txt", "old");
  spew(directory, "index.html", "old");
  struct rlimit before;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  struct rlimit small = {.rlim_cur = 6000, .rlim_max = before.rlim_max};
  void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  char *said = write_all(directory, -1);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  signal(SIGXFSZ, handler);
  assert_has(said, "cannot write");
  assert_has(said, "File too large");
  free(said);
  char *text = slurp(directory, "report.txt");
  assert_string_equal(text, "old");
  free(text);
  assert_false(has_drafts(directory));
  drop(directory);
}

static void test_unwritable_directory(void **state) {
  (void)state;
  char *directory = take("failing");
  spew(directory, "cases", "a file where the directory should be");
  char *said = write_all(directory, -1);
  assert_has(said, "cases");
  assert_false(exists(directory, "index.html"));
  assert_false(has_drafts(directory));
  free(said);
  drop(directory);
}

static void test_full_output_is_an_error(void **state) {
  (void)state;
  char *directory = take("failing");
  FILE *full = fopen("/dev/full", "w");
  assert_non_null(full);
  char *said = NULL;
  size_t size = 0;
  FILE *errors = open_memstream(&said, &size);
  assert_non_null(errors);
  json_t *run = report_load(directory, errors);
  assert_int_equal(report_terminal(run, directory, REPORT_TEXT, full, false, errors), -1);
  json_decref(run);
  fclose(errors);
  fclose(full);
  assert_has(said, "cannot write the report: No space left");
  free(said);
  drop(directory);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_refused_input),
      cmocka_unit_test(test_contradictions_are_refused),
      cmocka_unit_test(test_strange_traces_are_refused),
      cmocka_unit_test(test_no_run),
      cmocka_unit_test(test_same_run_same_bytes),
      cmocka_unit_test(test_pages_of_former_cases_go),
      cmocka_unit_test(test_full_disk_leaves_the_old_reports),
      cmocka_unit_test(test_unwritable_directory),
      cmocka_unit_test(test_full_output_is_an_error),
  };
  return cmocka_run_group_tests_name("files of reports", tests, NULL, NULL);
}
