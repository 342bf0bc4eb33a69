/* Tapes: every way through a tree of choices comes exactly once, in the order of an odometer, and
 * any of them can be packed into a number and made again. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "choose.h"

#include <stdio.h>
#include <string.h>

static struct sim_tape tape_new(void) {
  struct sim_tape tape;
  memset(&tape, 0, sizeof tape);
  return tape;
}

/* A step whose later choices depend on the earlier ones: 0; 1 then one of three; 2 then 0 or 1, and
 * after 1 one of two more. */
static void walk(struct sim_tape *tape, char text[16]) {
  int first = sim_choose(tape, 3), second = -1, third = -1;
  if (first == 1) second = sim_choose(tape, 3);
  if (first == 2) second = sim_choose(tape, 2);
  if (first == 2 && second == 1) third = sim_choose(tape, 2);
  int size = snprintf(text, 16, "%d", first);
  if (second >= 0) size += snprintf(text + size, 16 - (size_t)size, "%d", second);
  if (third >= 0) (void)snprintf(text + size, 16 - (size_t)size, "%d", third);
}

static const char *const ways[] = {"0", "10", "11", "12", "20", "210", "211"};

static void test_every_way_once(void **state) {
  (void)state;
  struct sim_tape tape = tape_new();
  char text[16];
  for (size_t i = 0; i < 7; i++) {
    walk(&tape, text);
    assert_string_equal(text, ways[i]);
    assert_int_equal(tape.length, (int)strlen(text));
    assert_int_equal(sim_tape_next(&tape), i < 6);
  }
  walk(&tape, text); /* after the last one it begins anew */
  assert_string_equal(text, "0");
}

static void test_packed_and_made_again(void **state) {
  (void)state;
  struct sim_tape tape = tape_new(), again;
  char text[16];
  uint64_t packed[7];
  for (size_t i = 0; i < 7; i++) {
    walk(&tape, text);
    packed[i] = sim_tape_pack(&tape);
    for (size_t j = 0; j < i; j++) assert_true(packed[i] != packed[j]);
    (void)sim_tape_next(&tape);
  }
  for (size_t i = 7; i-- > 0;) {
    sim_tape_unpack(&again, packed[i]);
    walk(&again, text);
    assert_string_equal(text, ways[i]);
    assert_true(sim_tape_pack(&again) == packed[i]);
  }
}

/* A step without a choice is one way. */
static void test_nothing_to_choose(void **state) {
  (void)state;
  struct sim_tape tape = tape_new();
  assert_true(sim_tape_pack(&tape) == 0);
  assert_false(sim_tape_next(&tape));
  assert_int_equal(sim_choose(&tape, 1), 0);
  assert_false(sim_tape_next(&tape));
}

static void test_many_answers(void **state) {
  (void)state;
  struct sim_tape tape = tape_new(), again;
  int count = 0;
  for (bool more = true; more; count++) {
    int chosen = sim_choose(&tape, 255);
    assert_int_equal(chosen, count);
    sim_tape_unpack(&again, sim_tape_pack(&tape));
    assert_int_equal(sim_choose(&again, 255), chosen);
    more = sim_tape_next(&tape);
  }
  assert_int_equal(count, 255);
}

/* Full: all of it still is packed and made again; one more choice is told. */
static void test_overflow(void **state) {
  (void)state;
  struct sim_tape tape = tape_new(), again;
  int count = 0;
  for (bool more = true; more; count++) {
    for (int i = 0; i < SIM_MAX_CHOICES; i++) (void)sim_choose(&tape, 2);
    sim_tape_unpack(&again, sim_tape_pack(&tape));
    for (int i = 0; i < SIM_MAX_CHOICES; i++)
      assert_int_equal(sim_choose(&again, 2), count >> (SIM_MAX_CHOICES - 1 - i) & 1);
    assert_false(tape.overflowed);
    more = sim_tape_next(&tape);
  }
  assert_int_equal(count, 1 << SIM_MAX_CHOICES);
  for (int i = 0; i < SIM_MAX_CHOICES; i++) (void)sim_choose(&tape, 2);
  assert_int_equal(sim_choose(&tape, 2), 0);
  assert_true(tape.overflowed);
}

/* A tape of another step: an answer that is not among those on offer becomes the first one. */
static void test_foreign_tape(void **state) {
  (void)state;
  struct sim_tape tape = tape_new();
  (void)sim_choose(&tape, 9);
  tape.answers[0] = 8;
  sim_tape_unpack(&tape, sim_tape_pack(&tape));
  assert_int_equal(sim_choose(&tape, 3), 0);
  sim_tape_unpack(&tape, UINT64_MAX); /* nonsense is no harm */
  for (int i = 0; i < SIM_MAX_CHOICES; i++) assert_in_range(sim_choose(&tape, 2), 0, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_way_once),    cmocka_unit_test(test_packed_and_made_again),
      cmocka_unit_test(test_nothing_to_choose), cmocka_unit_test(test_many_answers),
      cmocka_unit_test(test_overflow),          cmocka_unit_test(test_foreign_tape),
  };
  return cmocka_run_group_tests_name("choose", tests, NULL, NULL);
}
