/* The small tools of sim/base: UTF-8, instants where calendars are odd, arenas. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "arena.h"
#include "time_text.h"
#include "utf8.h"

#include <string.h>
#include <time.h>

#define LAST_MS INT64_C(253402300799999)

static void assert_time(int64_t at_ms, const char *want) {
  char text[SIM_TIME_SIZE];
  sim_time_text(at_ms, text);
  assert_string_equal(text, want);
}

#define S(seconds) (INT64_C(seconds) * 1000)

static void test_times(void **state) {
  (void)state;
  assert_time(0, "1970-01-01T00:00:00.000Z");
  assert_time(1, "1970-01-01T00:00:00.001Z");
  assert_time(S(86399) + 999, "1970-01-01T23:59:59.999Z");
  assert_time(S(951782400), "2000-02-29T00:00:00.000Z"); /* leap: divisible by 400 */
  assert_time(S(951868800), "2000-03-01T00:00:00.000Z");
  assert_time(S(1709164799), "2024-02-28T23:59:59.000Z");
  assert_time(S(1709251199), "2024-02-29T23:59:59.000Z");
  assert_time(S(1709251200), "2024-03-01T00:00:00.000Z");
  assert_time(S(1772323199), "2026-02-28T23:59:59.000Z"); /* no leap year */
  assert_time(S(1772323200), "2026-03-01T00:00:00.000Z");
  assert_time(S(1798761599) + 999, "2026-12-31T23:59:59.999Z");
  assert_time(S(1798761600), "2027-01-01T00:00:00.000Z");
  assert_time(S(1768478400), "2026-01-15T12:00:00.000Z");
  assert_time(S(4107542399), "2100-02-28T23:59:59.000Z"); /* divisible by 100: none */
  assert_time(S(4107542400), "2100-03-01T00:00:00.000Z");
  assert_time(LAST_MS, "9999-12-31T23:59:59.999Z");
  assert_time(LAST_MS + 1, "");
  assert_time(-1, "");
  assert_time(INT64_MAX, "");
}

/* Every day from 1970 to 2110 against the C library's calendar. */
static void test_every_day(void **state) {
  (void)state;
  for (int64_t day = 0; day < 51136; day++) {
    char want[40];
    time_t seconds = (time_t)(day * 86400 + 45296);
    struct tm tm;
    assert_non_null(gmtime_r(&seconds, &tm));
    assert_true(strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%S.007Z", &tm) > 0);
    assert_time((int64_t)seconds * 1000 + 7, want);
  }
}

static void assert_no_time(const char *text) {
  int64_t at_ms;
  if (sim_time_read(text, &at_ms)) fail_msg("\"%s\" was taken for an instant", text);
}

static void test_times_are_read_back(void **state) {
  (void)state;
  static const int64_t times[] = {
      0, S(951782400), S(1709251199), S(1798761599), S(4107542400), S(253402300799)};
  for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
    char text[SIM_TIME_SIZE];
    int64_t at_ms;
    sim_time_text(times[i], text);
    strcpy(text + 19, "Z"); /* without the milliseconds */
    assert_true(sim_time_read(text, &at_ms));
    assert_true(at_ms == times[i]);
  }
}

static void test_what_is_no_time(void **state) {
  (void)state;
  assert_no_time("");
  assert_no_time("2026-01-15T12:00:00");
  assert_no_time("2026-01-15 12:00:00Z");
  assert_no_time("2026-01-15T12:00:00Zz");
  assert_no_time("2o26-01-15T12:00:00Z");
  assert_no_time("1969-12-31T23:59:59Z");
  assert_no_time("0000-01-01T00:00:00Z");
  assert_no_time("2026-00-15T12:00:00Z");
  assert_no_time("2026-13-15T12:00:00Z");
  assert_no_time("2026-01-00T12:00:00Z");
  assert_no_time("2026-02-29T12:00:00Z");
  assert_no_time("2100-02-29T12:00:00Z");
  assert_no_time("2026-04-31T12:00:00Z");
  assert_no_time("2026-01-15T24:00:00Z");
  assert_no_time("2026-01-15T12:60:00Z");
  assert_no_time("2026-01-15T12:00:60Z");
}

static void test_utf8(void **state) {
  (void)state;
  static const struct {
    const char *text;
    size_t size;
    uint32_t character;
  } rows[] = {
      {"a", 1, 'a'},
      {"\x7f", 1, 0x7f},
      {"\xc2\x80", 2, 0x80},
      {"\xdf\xbf", 2, 0x7ff},
      {"\xe0\xa0\x80", 3, 0x800},
      {"\xed\x9f\xbf", 3, 0xd7ff},
      {"\xee\x80\x80", 3, 0xe000},
      {"\xef\xbf\xbf", 3, 0xffff},
      {"\xf0\x90\x80\x80", 4, 0x10000},
      {"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
      {"\x80", 0, 0},             /* lone continuation */
      {"\xc0\xaf", 0, 0},         /* overlong */
      {"\xc1\xbf", 0, 0},         /* overlong */
      {"\xe0\x9f\xbf", 0, 0},     /* overlong */
      {"\xf0\x8f\xbf\xbf", 0, 0}, /* overlong */
      {"\xed\xa0\x80", 0, 0},     /* surrogate */
      {"\xed\xbf\xbf", 0, 0},     /* surrogate */
      {"\xf4\x90\x80\x80", 0, 0}, /* beyond the last */
      {"\xf5\x80\x80\x80", 0, 0}, /* beyond the last */
      {"\xff", 0, 0},             /* never in UTF-8 */
      {"\xc3", 0, 0},             /* cut */
      {"\xe2\x82", 0, 0},         /* cut */
      {"\xf0\x9f\x92", 0, 0},     /* cut */
      {"\xe2\x82z", 0, 0},        /* ASCII where a continuation belongs */
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    uint32_t character = 0;
    size_t left = strlen(rows[i].text);
    assert_int_equal(sim_utf8_decode(rows[i].text, left, &character), rows[i].size);
    assert_int_equal(sim_utf8_size(rows[i].text, left), rows[i].size);
    assert_int_equal(character, rows[i].character);
    assert_int_equal(sim_utf8_size(rows[i].text, left - 1), 0); /* a byte is missing */
    assert_int_equal(sim_utf8_valid(rows[i].text), rows[i].size > 0);
  }
  assert_true(sim_utf8_valid(""));
  assert_true(sim_utf8_valid("na\xc3\xafve"));
  assert_false(sim_utf8_valid("na\xc3"));
}

static void test_an_arena_keeps_its_limit(void **state) {
  struct sim_arena arena = {.limit_bytes = 1000};

  (void)state;
  assert_non_null(sim_arena_alloc(&arena, 10, 64));
  assert_null(sim_arena_alloc(&arena, 10, 64));
  assert_true(arena.failed);
  assert_string_equal(sim_arena_format(&arena, "%0500d", 0), "");
  assert_null(sim_arena_alloc(&arena, SIZE_MAX / 2, 4));
  sim_arena_clear(&arena);
  assert_false(arena.failed);
  assert_non_null(sim_arena_alloc(&arena, 10, 64));
  sim_arena_clear(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_times),
      cmocka_unit_test(test_every_day),
      cmocka_unit_test(test_times_are_read_back),
      cmocka_unit_test(test_what_is_no_time),
      cmocka_unit_test(test_utf8),
      cmocka_unit_test(test_an_arena_keeps_its_limit),
  };
  return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
