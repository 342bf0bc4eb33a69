/* The host that ends a scenario does what reload.h asks of hosts: it runs recovery and delivery
 * again when they have said, and for no other reason. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "sim_kit.h"

#include <string.h>

enum { HOUR_MS = 3600 * 1000 };

/* ana's process dies when the intent is stored: her charge is recovery's, in a while. */
static void leave_a_charge(struct sim_kit *kit) {
  sim_kit_submit(kit, "ana", "a-1", 10);
  sim_kit_actor(kit, "world", SIM_CRASH);
  sim_kit_start(kit);
  sim_kit_steps(kit, 0, 3);
  sim_kit_step(kit, 1);
}

/* A mail that the server does not take now. */
static void leave_a_mail(struct sim_kit *kit) {
  sim_kit_actor(kit, "ben", SIM_MAIL_DOWN)->duration_ms = HOUR_MS;
  sim_kit_then(kit, SIM_TURN_OFF);
  sim_kit_start(kit);
  sim_kit_steps(kit, 0, 2);
}

/* The background's steps up to the one in which time passes, which is not made. */
static void go_to_sleep(struct sim_kit *kit) {
  const struct sim_task *background = &kit->machine->world.tasks[SIM_BACKGROUND];
  do sim_kit_step(kit, SIM_BACKGROUND);
  while (background->job != SIM_JOB_SLEEP);
}

static void test_recovery_says_when(void **state) {
  struct sim_kit *kit = *state;
  const struct sim_world *world;
  leave_a_charge(kit);
  world = &kit->machine->world;
  go_to_sleep(kit);
  assert_true(world->recover_at_ms > world->clock.now_ms);
  assert_true(world->recover_at_ms == world->ledger.charges[0].recover_at_ms);
  assert_true(world->deliver_at_ms == 0);
  int64_t wake_at_ms = world->recover_at_ms;
  sim_kit_step(kit, SIM_BACKGROUND);
  assert_null(kit->effect.problem);
  assert_true(world->clock.now_ms == wake_at_ms);
  sim_kit_finish(kit);
  assert_int_equal(world->ledger.charges[0].state, RELOAD_CHARGE_CLOSED);
}

static void test_delivery_says_when(void **state) {
  struct sim_kit *kit = *state;
  const struct sim_world *world;
  leave_a_mail(kit);
  world = &kit->machine->world;
  go_to_sleep(kit);
  assert_true(world->deliver_at_ms > world->clock.now_ms);
  assert_true(world->recover_at_ms == 0);
  int64_t wake_at_ms = world->deliver_at_ms;
  sim_kit_step(kit, SIM_BACKGROUND);
  assert_null(kit->effect.problem);
  assert_true(world->clock.now_ms == wake_at_ms);
  sim_kit_finish(kit);
  assert_int_equal(world->mail.message_count, 1);
}

/* What the engine does not say, no host can know. */
static void test_never_is_never(void **state) {
  struct sim_kit *kit = *state;
  static void (*const leave[])(struct sim_kit *) = {leave_a_charge, leave_a_mail};
  for (size_t i = 0; i < SIM_KIT_COUNT(leave); i++) {
    kit->the_case.actor_count = 0;
    leave[i](kit);
    go_to_sleep(kit);
    kit->machine->world.recover_at_ms = 0;
    kit->machine->world.deliver_at_ms = 0;
    sim_kit_step(kit, SIM_BACKGROUND);
    assert_non_null(kit->effect.problem);
    assert_non_null(strstr(kit->effect.problem, "no terminal state is reached"));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_recovery_says_when, sim_kit_set_up, sim_kit_tear_down),
      cmocka_unit_test_setup_teardown(test_delivery_says_when, sim_kit_set_up, sim_kit_tear_down),
      cmocka_unit_test_setup_teardown(test_never_is_never, sim_kit_set_up, sim_kit_tear_down),
  };
  return cmocka_run_group_tests_name("the background", tests, NULL, NULL);
}
