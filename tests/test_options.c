/* The tables of commands and options: --help, hints and the command line are made from them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "option_table.h"

#include <ctype.h>
#include <getopt.h>
#include <string.h>

enum { SUMMARY = 60 }; /* characters, for a line of a man page or of a completion */

static void assert_one_line(const char *name, const char *text) {
  if (!text || !text[0] || strlen(text) > SUMMARY || strchr(text, '\n') ||
      text[strlen(text) - 1] == '.')
    fail_msg("%s: \"%s\" is no summary", name, text ? text : "(null)");
}

static void test_commands_are_told(void **state) {
  (void)state;
  for (int i = 0; i < SIM_COMMAND_HELP; i++) {
    const struct sim_command_row *row = &sim_command_rows[i];
    assert_non_null(row->name);
    assert_one_line(row->name, row->summary);
    assert_non_null(row->operands);
    assert_non_null(row->text);
    assert_non_null(row->examples[0].left);
    assert_true(!row->codes == !row->exits[0].left);
  }
}

/* One command must not have two options of one name or letter. */
static void assert_apart(const struct sim_option_row *a, const struct sim_option_row *b) {
  if (!(a->commands & b->commands)) return;
  assert_string_not_equal(a->name, b->name);
  assert_true(!a->letter || a->letter != b->letter);
}

static void test_options_are_told(void **state) {
  (void)state;
  for (int i = 0; i < sim_option_row_count; i++) {
    const struct sim_option_row *row = &sim_option_rows[i];
    assert_one_line(row->name, row->summary);
    assert_true(row->commands != 0 && row->commands < 1u << SIM_COMMAND_HELP);
    assert_true(!row->letter || islower(row->letter));
    assert_true((row->kind == SIM_OPTION_FLAG || row->kind == SIM_OPTION_HELP) == !row->argument);
    assert_true((row->kind == SIM_OPTION_WORD) == (row->words != NULL));
    assert_true(row->offset < sizeof(struct sim_options));
    for (int other = 0; other < i; other++) assert_apart(row, &sim_option_rows[other]);
  }
}

static struct sim_options read_words(const char *const *words, int count) {
  char texts[8][40], *argv[9] = {NULL};
  struct sim_options options;
  assert_true(count <= 8);
  for (int i = 0; i < count; i++) argv[i] = strcpy(texts[i], words[i]);
  optind = 0; /* begin anew */
  assert_true(sim_options_read(count, argv, &options));
  options.paths = NULL; /* they are gone now */
  return options;
}

static void test_defaults(void **state) {
  (void)state;
  struct sim_options run = read_words((const char *const[]){"reloadsim", "run"}, 2);
  assert_int_equal(run.command, SIM_COMMAND_RUN);
  assert_int_equal(run.seed, 1);
  assert_int_equal(run.max_states, SIM_MAX_STATES_DEFAULT);
  assert_int_equal(run.faults, SIM_FAULTS_DECLARED);
  assert_int_equal(run.format, REPORT_TEXT);
  assert_in_range(run.jobs, 1, SIM_MAX_JOBS);
  assert_null(run.filter);
  assert_false(run.list || run.fail_fast || run.resume || run.verify_determinism);
  struct sim_options fuzz = read_words((const char *const[]){"reloadsim", "fuzz"}, 2);
  assert_int_equal(fuzz.run_count, 1000);
  assert_int_equal(fuzz.max_states, SIM_MAX_STATES_DEFAULT); /* of those that are minimised */
  fuzz = read_words((const char *const[]){"reloadsim", "fuzz", "--time", "2m"}, 4);
  assert_int_equal(fuzz.run_count, 0);
  assert_int_equal(fuzz.duration_ms, 120000);
}

static void test_values(void **state) {
  (void)state;
  struct sim_options run =
      read_words((const char *const[]){"reloadsim", "run", "-j3", "--seed=0x10", "--faults",
                                       "pairs", "--fail-fast", "here"},
                 8);
  assert_int_equal(run.jobs, 3);
  assert_int_equal(run.seed, 16);
  assert_int_equal(run.faults, SIM_FAULTS_PAIRS);
  assert_true(run.fail_fast);
  assert_int_equal(run.path_count, 1);
  run =
      read_words((const char *const[]){"reloadsim", "run", "--format", "tap", "--shard", "2/5"}, 6);
  assert_int_equal(run.format, REPORT_TAP);
  assert_int_equal(run.shard, 2);
  assert_int_equal(run.shard_count, 5);
}

static void test_help(void **state) {
  (void)state;
  struct sim_options help =
      read_words((const char *const[]){"reloadsim", "certify", "-h", "--help"}, 4);
  assert_int_equal(help.command, SIM_COMMAND_HELP);
  assert_string_equal(help.topic, "certify");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_commands_are_told),
      cmocka_unit_test(test_options_are_told),
      cmocka_unit_test(test_defaults),
      cmocka_unit_test(test_values),
      cmocka_unit_test(test_help),
  };
  return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
