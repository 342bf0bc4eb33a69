/* Probes: each is hit where its sentence is true, and not a step earlier. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "probes.h"
#include "sim_kit.h"

#include <string.h>

static struct sim_probes marks;

static int set_up(void **state) {
  memset(&marks, 0, sizeof marks);
  return sim_kit_set_up(state);
}

/* One step of a task. */
static void step(struct sim_kit *kit, int task) {
  sim_kit_step(kit, task);
  sim_probes_note(&marks, kit->machine, &kit->before, &kit->effect);
}

static void assert_hits(enum sim_probe mark, int64_t hits) {
  if (marks.hits[mark] != hits)
    fail_msg("%s: %d hits instead of %d", sim_probe_name(mark), (int)marks.hits[mark], (int)hits);
}

static void test_names(void **state) {
  (void)state;
  assert_true(SIM_PROBE_COUNT >= 30);
  for (int i = 0; i < SIM_PROBE_COUNT; i++) {
    assert_true(strlen(sim_probe_text((enum sim_probe)i)) > 10);
    for (int j = 0; j < i; j++) {
      assert_string_not_equal(sim_probe_name((enum sim_probe)i), sim_probe_name((enum sim_probe)j));
      assert_string_not_equal(sim_probe_text((enum sim_probe)i), sim_probe_text((enum sim_probe)j));
    }
  }
  assert_string_equal(sim_probe_name(SIM_PROBE_COUNT), "?");
}

static void test_nothing_happens(void **state) {
  struct sim_kit *kit = *state;
  (void)sim_kit_actor(kit, "ana", SIM_LOOK);
  sim_kit_start(kit);
  step(kit, 0);
  while (sim_machine_enabled(kit->machine)) step(kit, SIM_BACKGROUND);
  for (int i = 0; i < SIM_PROBE_COUNT; i++) assert_hits((enum sim_probe)i, 0);
}

/* decide, open, record, confirm, settle */
static void test_off_in_flight(void **state) {
  struct sim_kit *kit = *state;
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  (void)sim_kit_actor(kit, "ben", SIM_TURN_OFF);
  (void)sim_kit_then(kit, SIM_TURN_ON);
  (void)sim_kit_then(kit, SIM_TURN_OFF);
  sim_kit_start(kit);
  step(kit, 0);
  assert_hits(SIM_PROBE_OFF_IN_FLIGHT, 0);
  step(kit, 1);
  assert_hits(SIM_PROBE_OFF_IN_FLIGHT, 1);
  assert_hits(SIM_PROBE_OFF_AT_BANK, 0);
  step(kit, 1);
  assert_hits(SIM_PROBE_ON_AGAIN_IN_FLIGHT, 1);
  assert_hits(SIM_PROBE_MAILS_QUEUE, 1);
  for (int i = 0; i < 3; i++) step(kit, 0);
  step(kit, 1);
  assert_hits(SIM_PROBE_OFF_IN_FLIGHT, 2);
  assert_hits(SIM_PROBE_OFF_AT_BANK, 1);
  assert_hits(SIM_PROBE_CAPTURED_AFTER_OFF, 0);
  step(kit, 0);
  assert_hits(SIM_PROBE_CAPTURED_AFTER_OFF, 1);
  assert_hits(SIM_PROBE_LATE_CREDIT_AFTER_OFF, 0);
}

static void test_waiting(void **state) {
  struct sim_kit *kit = *state;
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  (void)sim_kit_submit(kit, "ben", "b-1", 10);
  (void)sim_kit_submit(kit, "cat", "c-1", 10);
  (void)sim_kit_submit(kit, "dan", "d-1", 5);
  sim_kit_start(kit);
  step(kit, 0);
  step(kit, 1);
  assert_hits(SIM_PROBE_TWO_WAIT, 0);
  step(kit, 2);
  assert_hits(SIM_PROBE_TWO_WAIT, 1);
  step(kit, 3);
  assert_hits(SIM_PROBE_FITS_IN_FLIGHT, 1);
  assert_hits(SIM_PROBE_FITS_EXACTLY, 1);
  for (int i = 0; i < 4; i++) step(kit, 0);
  assert_hits(SIM_PROBE_ONE_COVERS_TWO, 0);
  step(kit, 1);
  assert_hits(SIM_PROBE_ONE_COVERS_TWO, 1);
}

static void test_refusals(void **state) {
  struct sim_kit *kit = *state;
  kit->the_case.clients[0].auto_reload = false;
  (void)sim_kit_submit(kit, "ana", "a-1", 6);
  (void)sim_kit_submit(kit, "ben", "b-1", 0);
  (void)sim_kit_submit(kit, "cat", "c-1", 1);
  (void)sim_kit_submit(kit, "dan", "c-1", 1);
  (void)sim_kit_submit(kit, "eva", "c-1", 2);
  sim_kit_start(kit);
  for (int task = 0; task < 5; task++) step(kit, task);
  assert_hits(SIM_PROBE_REFUSED_OFF, 1);
  assert_hits(SIM_PROBE_REFUSED_INVALID, 1);
  assert_hits(SIM_PROBE_SAME_ID_AGAIN, 1);
  assert_hits(SIM_PROBE_CONFLICT, 1);
  assert_hits(SIM_PROBE_REFUSED_DECLINED, 0);
}

static void test_death_between_capture_and_credit(void **state) {
  struct sim_kit *kit = *state;
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  (void)sim_kit_actor(kit, "ben", SIM_CRASH);
  (void)sim_kit_then(kit, SIM_TURN_OFF);
  sim_kit_start(kit);
  for (int i = 0; i < 4; i++) step(kit, 0);
  assert_hits(SIM_PROBE_DIED_BEFORE_SETTLE, 0);
  step(kit, 1);
  assert_hits(SIM_PROBE_DIED_BEFORE_SETTLE, 1);
  assert_hits(SIM_PROBE_POWER_BEFORE_SETTLE, 0);
  assert_hits(SIM_PROBE_CRASH_IN_RECOVERY, 0);
  step(kit, 1);
  while (sim_machine_enabled(kit->machine)) step(kit, SIM_BACKGROUND);
  assert_hits(SIM_PROBE_RECOVERED_CAPTURED, 1);
  assert_hits(SIM_PROBE_LATE_CREDIT_AFTER_OFF, 1);
  assert_hits(SIM_PROBE_CAPTURED_AFTER_OFF, 0);
  assert_hits(SIM_PROBE_RECOVERED_CLOSED, 0);
}

static void test_one_card_for_two(void **state) {
  struct sim_kit *kit = *state;
  int beta = sim_kit_client(kit, "beta");
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  sim_kit_submit(kit, "ben", "b-1", 10)->client = beta;
  sim_kit_start(kit);
  step(kit, 0);
  assert_hits(SIM_PROBE_TWO_CLIENTS_ONE_CARD, 0);
  step(kit, 1);
  assert_hits(SIM_PROBE_TWO_CLIENTS_ONE_CARD, 1);
  assert_hits(SIM_PROBE_TWO_CLIENTS_ONE_OWNER, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, sim_kit_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_names),
      TEST(test_nothing_happens),
      TEST(test_off_in_flight),
      TEST(test_waiting),
      TEST(test_refusals),
      TEST(test_death_between_capture_and_credit),
      TEST(test_one_card_for_two),
  };
  return cmocka_run_group_tests_name("probes", tests, NULL, NULL);
}
