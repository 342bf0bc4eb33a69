/* The parts that the reports are made of: the ledger diff, money, the escaping. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "diff.h"
#include "escape.h"
#include "phrases.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* ---- The diff ----------------------------------------------------------------------------- */

static struct report_line log_line(const char *what, int64_t tokens) {
  return (struct report_line){.book = REPORT_LOG,
                              .of = "acme",
                              .what = what,
                              .tokens = tokens,
                              .balance_tokens = REPORT_UNSAID,
                              .amount_minor = REPORT_UNSAID};
}

static struct report_line other_line(enum report_book book, const char *of, const char *what) {
  struct report_line line = log_line(what, REPORT_UNSAID);
  line.book = book;
  line.of = of;
  return line;
}

/* The signs of the diff in order, such as "=+=". */
static void assert_signs(const struct report_line *expected, size_t expected_count,
                         const struct report_line *actual, size_t actual_count,
                         const char *wanted) {
  static const char *const actors[] = {"ben", "ana"};
  static const char *const clients[] = {"acme"};
  struct report_case a_case = {
      .actors = actors, .actor_count = 2, .clients = clients, .client_count = 1};
  struct report_ending ending = {.expected = {expected != NULL, expected_count, expected},
                                 .actual = {actual != NULL, actual_count, actual}};
  struct report_diff diff;
  assert_true(report_diff_make(&a_case, &ending, &diff));
  char signs[32] = "";
  for (size_t i = 0; i < diff.count; i++) {
    signs[i] = report_op_sign(diff.lines[i].op);
    assert_true((diff.lines[i].expected == NULL) == (diff.lines[i].op == REPORT_EXTRA));
    assert_true((diff.lines[i].actual == NULL) == (diff.lines[i].op == REPORT_MISSING));
  }
  report_diff_free(&diff);
  assert_string_equal(signs, wanted);
}

static void test_diff_aligns(void **state) {
  (void)state;
  struct report_line top_up = log_line("top_up", 100);
  struct report_line spend = log_line("spend", 10);
  struct report_line once[] = {top_up, spend};
  struct report_line twice[] = {top_up, top_up, spend};
  struct report_line late[] = {spend, log_line("reversal", 10)};
  struct report_line small[] = {log_line("top_up", 50), spend};
  assert_signs(once, 2, once, 2, "==");
  assert_signs(once, 2, twice, 3, "=+=");
  assert_signs(twice, 3, once, 2, "=-=");
  assert_signs(once, 2, late, 2, "-=+"); /* agreements come before changed lines */
  assert_signs(once, 2, small, 2, "~=");
  assert_signs(once, 2, NULL, 0, "--");
  assert_signs(NULL, 0, once, 2, "++");
  assert_signs(NULL, 0, NULL, 0, "");
}

static void test_diff_takes_unsaid_fields_for_equal(void **state) {
  (void)state;
  struct report_line expected = log_line("top_up", 100);
  struct report_line actual = expected;
  actual.for_id = "creative-7";
  actual.balance_tokens = 105;
  assert_true(report_lines_agree(&expected, &actual));
  expected.for_id = "creative-8";
  assert_false(report_lines_agree(&expected, &actual));
  expected.for_id = NULL;
  expected.balance_tokens = 104;
  assert_false(report_lines_agree(&expected, &actual));
}

static void test_diff_keeps_ledger_and_people_apart(void **state) {
  (void)state;
  struct report_line expected[] = {other_line(REPORT_ANSWER, "ana", "done"),
                                   other_line(REPORT_BANK, "acme", "captured")};
  struct report_line actual[] = {other_line(REPORT_ANSWER, "ben", "done"),
                                 other_line(REPORT_MAIL, "acme", "captured")};
  /* ben's answer, ana's answer, then the client's bank and mail: nothing pairs */
  assert_signs(expected, 2, actual, 2, "+--+");
}

static void test_diff_pairs_the_most_lines(void **state) {
  (void)state;
  struct report_line a = log_line("grant", 1);
  struct report_line b = log_line("spend", 2);
  struct report_line c = log_line("pack", 3);
  struct report_line expected[] = {a, b, c, a, b};
  struct report_line actual[] = {b, c, b, a, b, a};
  /* the longest common subsequence of ABCAB and BCBABA has four lines: B C A B */
  assert_signs(expected, 5, actual, 6, "-==+==+");
  /* one agreement counts for more than three neat pairs */
  struct report_line early[] = {log_line("spend", 1), log_line("spend", 2), log_line("spend", 3)};
  struct report_line late[] = {log_line("spend", 3), log_line("spend", 4), log_line("spend", 5)};
  assert_signs(early, 3, late, 3, "--=++");
}

/* ---- Words and escapes -------------------------------------------------------------------- */

static void assert_money(const char *code, int decimals, int64_t amount_minor, const char *wanted) {
  struct report_currency currency = {code, decimals};
  char text[64] = "";
  FILE *out = fmemopen(text, sizeof text, "w");
  assert_non_null(out);
  report_money(out, report_text, &currency, amount_minor);
  fclose(out);
  assert_string_equal(text, wanted);
}

static void test_money(void **state) {
  (void)state;
  assert_money("usd", 2, 1000, "10.00 USD");
  assert_money("usd", 2, 5, "0.05 USD");
  assert_money("usd", 2, -50, "-0.50 USD");
  assert_money("jpy", 0, 1000, "1000 JPY");
  assert_money("kwd", 3, 1001, "1.001 KWD");
  assert_money(NULL, 0, 1000, "1000 minor units");
  assert_money("<b>", 0, 1000, "1000 minor units");
}

static void test_escapes(void **state) {
  (void)state;
  char text[256] = "";
  FILE *out = fmemopen(text, sizeof text, "w");
  assert_non_null(out);
  report_markup(out, "<%s %d%%>", "a&<>\"'\n\x01\x7f\xff\xe2\x80\xae\xf0\x9f\x98\x80", 7);
  fclose(out);
  assert_string_equal(text, "<a&amp;&lt;&gt;&quot;&#39;&#10;\xe2\x90\x81\xe2\x90\xa1\xef\xbf\xbd"
                            "\xef\xbf\xbd\xf0\x9f\x98\x80 7%>");
  memset(text, 0, sizeof text);
  out = fmemopen(text, sizeof text, "w");
  assert_non_null(out);
  report_text(out, "%s",
              "\x1b[31m\r\n\xc2\x9b"
              "2J\xe2\x80\xae");
  fclose(out);
  assert_string_equal(text, "\\u001b[31m\\u000d\\u000a\\u009b2J\\u202e");
}

static void test_yaml_strings_come_back(void **state) {
  (void)state;
  const char *hard = "\"\\\x01\x7f/\xe2\x80\xae\xef\xbf\xbe\xf0\x9f\x98\x80";
  char text[256] = "";
  FILE *out = fmemopen(text, sizeof text, "w");
  assert_non_null(out);
  report_yaml_string(out, hard);
  fclose(out);
  json_t *value = json_loads(text, JSON_DECODE_ANY, NULL); /* JSON is YAML */
  assert_non_null(value);
  assert_string_equal(json_string_value(value), hard);
  json_decref(value);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_diff_aligns),
      cmocka_unit_test(test_diff_takes_unsaid_fields_for_equal),
      cmocka_unit_test(test_diff_keeps_ledger_and_people_apart),
      cmocka_unit_test(test_diff_pairs_the_most_lines),
      cmocka_unit_test(test_money),
      cmocka_unit_test(test_escapes),
      cmocka_unit_test(test_yaml_strings_come_back),
  };
  return cmocka_run_group_tests_name("report parts", tests, NULL, NULL);
}
