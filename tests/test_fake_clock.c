/* The clock as a value: it steps only when it is moved, and never leaves its range. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "../fakes/clock.h"

static void steps_and_stays_in_range(void **state) {
  (void)state;
  static const struct {
    int64_t start_ms, delta_ms, expected_ms;
  } rows[] = {
      {1000, 0, 1000},
      {1000, 86400000, 86401000},
      {1000, -300, 700},
      {1000, -1001, 0},
      {-5, 0, 0},
      {INT64_MAX, 0, FAKE_CLOCK_MAX_MS},
      {1000, INT64_MAX, FAKE_CLOCK_MAX_MS},
      {FAKE_CLOCK_MAX_MS, INT64_MIN, 0},
      {0, INT64_MIN, 0},
      {FAKE_CLOCK_MAX_MS - 1, 1, FAKE_CLOCK_MAX_MS},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct fake_clock clock;
    fake_clock_init(&clock, rows[i].start_ms);
    fake_clock_move(&clock, rows[i].delta_ms);
    assert_true(clock.now_ms == rows[i].expected_ms);
  }
}

static void reaching_never_steps_back(void **state) {
  (void)state;
  struct fake_clock clock;
  fake_clock_init(&clock, 5000);
  fake_clock_reach(&clock, 4000);
  assert_int_equal(clock.now_ms, 5000);
  fake_clock_reach(&clock, 6000);
  assert_int_equal(clock.now_ms, 6000);
}

static void the_port_reads_and_sleeps(void **state) {
  (void)state;
  struct fake_clock clock;
  fake_clock_init(&clock, 1000);
  struct fake_clock_fixture bench = {.clock = &clock};
  struct reload_clock_port port = fake_clock_port(&bench);
  assert_int_equal(port.now_ms(port.self), 1000);
  assert_int_equal(port.now_ms(port.self), 1000);
  port.sleep_ms(port.self, 250);
  assert_int_equal(port.now_ms(port.self), 1250);
  port.sleep_ms(port.self, 0);
  port.sleep_ms(port.self, -9);
  assert_int_equal(port.now_ms(port.self), 1250);
  assert_int_equal(bench.read_count, 4);
  assert_int_equal(bench.sleep_count, 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(steps_and_stays_in_range),
      cmocka_unit_test(reaching_never_steps_back),
      cmocka_unit_test(the_port_reads_and_sleeps),
  };
  return cmocka_run_group_tests_name("fake_clock", tests, NULL, NULL);
}
