/* Recovery: the attempts whose outcome is unknown or whose handler is gone get their true end,
 * once, whatever the gateway answers and however often recovery itself dies. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "shop.h"

#include <string.h>

/* An attempt of acme's for 10 tokens whose call at `step` goes like this. */
static struct reload_spend attempt(struct shop *shop, const char *action_id, enum reload_step step,
                                   enum fake_card_behaviour_kind behaviour) {
  struct reload_spend spend = shop_spend("acme", action_id, 10);
  shop_step_to(shop, &spend, step);
  shop->next_call.kind = behaviour;
  shop_finish(shop, &spend);
  return spend;
}

static struct reload_recovery recovery_new(void) {
  struct reload_recovery recovery;
  memset(&recovery, 0, sizeof recovery);
  return recovery;
}

static void test_nothing_to_do(void **state) {
  struct shop *shop = *state;
  struct reload_recovery recovery = recovery_new();
  shop_recovery_step(shop, &recovery);
  assert_int_equal(recovery.progress, RELOAD_DONE);
  assert_int_equal(recovery.wake_at_ms, 0); /* nothing is open */
  assert_int_equal(recovery.resolved_count, 0);
}

/* Not before its handler has had its time; then wake_at_ms is exact. */
static void test_not_before_its_time(void **state) {
  struct shop *shop = *state;
  struct reload_spend spend = shop_spend("acme", "a-1", 10);
  shop_step_to(shop, &spend, RELOAD_STEP_CONFIRM);
  assert_int_equal(shop_recover(shop), SHOP_NOON + 120000);
  shop_pass(shop, 119999);
  assert_int_equal(shop_recover(shop), SHOP_NOON + 120000);
  assert_string_equal(shop_charges(shop, "acme"), "a-1 opened");
  shop_pass(shop, 1);
  assert_int_equal(shop_recover(shop), 0);
  assert_string_equal(shop_charges(shop, "acme"), "a-1 closed");
}

/* MONEY-5: how a lost reply ends, by what had really happened. */
static const struct {
  const char *name;
  enum reload_step step;
  enum fake_card_behaviour_kind behaviour;
  bool captured;
} unknowns[] = {
    {"open: never arrived", RELOAD_STEP_OPEN, FAKE_CARD_TIMEOUT_BEFORE, false},
    {"open: reply lost", RELOAD_STEP_OPEN, FAKE_CARD_TIMEOUT_AFTER, false},
    {"confirm: never arrived", RELOAD_STEP_CONFIRM, FAKE_CARD_TIMEOUT_BEFORE, false},
    {"confirm: reply lost", RELOAD_STEP_CONFIRM, FAKE_CARD_TIMEOUT_AFTER, true},
    {"confirm: 500, undone", RELOAD_STEP_CONFIRM, FAKE_CARD_500_ROLLED_BACK, false},
    {"confirm: 500, done", RELOAD_STEP_CONFIRM, FAKE_CARD_500_ROLLED_FORWARD, true},
    {"confirm: 409", RELOAD_STEP_CONFIRM, FAKE_CARD_409, false},
};

static void test_unknown_outcomes(void **state) {
  for (size_t i = 0; i < SHOP_COUNT(unknowns); i++) {
    (void)shop_tear_down(state);
    assert_int_equal(shop_set_up(state), 0);
    struct shop *shop = *state;
    struct reload_recovery recovery = recovery_new();
    (void)attempt(shop, "a-1", unknowns[i].step, unknowns[i].behaviour);
    print_message("    %s\n", unknowns[i].name);
    while (recovery.progress != RELOAD_DONE) shop_recovery_step(shop, &recovery);
    assert_int_equal(recovery.resolved_count, 1);
    assert_int_equal(recovery.wake_at_ms, 0);
    bool captured = unknowns[i].captured;
    assert_string_equal(shop_charges(shop, "acme"), captured ? "a-1 captured" : "a-1 closed");
    assert_string_equal(shop_log(shop, "acme"),
                        captured ? "grant +5 = 5; top_up +100 = 105" : "grant +5 = 5");
    assert_int_equal(shop_intent_status(shop, "a-1"),
                     captured ? RELOAD_INTENT_SUCCEEDED : RELOAD_INTENT_CANCELED);
    assert_int_equal(shop->card.intent_count, 1); /* never a second intent: the key is the same */
  }
}

/* Late money is credited whatever has changed since, without the action, naming it (RACE-6). */
static void test_credited_late(void **state) {
  struct shop *shop = *state;
  (void)attempt(shop, "a-1", RELOAD_STEP_CONFIRM, FAKE_CARD_TIMEOUT_AFTER);
  shop_toggle(shop, "acme", false);
  shop_ok(shop, reload_plan_set(shop->engine, "acme", RELOAD_PLAN_CANCELED, &shop->message));
  shop_ok(shop, reload_card_remove(shop->engine, "acme", &shop->message));
  (void)shop_recover(shop);
  assert_string_equal(shop_log(shop, "acme"), "grant +5 = 5; top_up +100 = 105");
  assert_string_equal(shop_entry(shop, "acme").action_id, "a-1");
  assert_string_equal(shop_entry(shop, "acme").reference, shop_charge(shop, "acme").charge_id);
  (void)shop_deliver(shop);
  assert_string_equal(shop_mails(shop, "acme"), "enabled disabled"); /* MAIL-1: none for money */
}

/* MONEY-3: a done action gives the same answer each time it is asked. Its charge was credited late,
 * the second try found the tokens there: a top-up was charged for it, and both answers say so. */
static void test_the_same_answer_after_a_late_credit(void **state) {
  struct shop *shop = *state;
  (void)attempt(shop, "a-1", RELOAD_STEP_CONFIRM, FAKE_CARD_TIMEOUT_AFTER);
  (void)shop_recover(shop);
  struct reload_verdict first = shop_submit(shop, "a-1", 10), again = shop_submit(shop, "a-1", 10);
  assert_true(first.done && again.done);
  assert_string_equal(shop_log(shop, "acme"), "grant +5 = 5; top_up +100 = 105; spend -10 = 95");
  assert_int_equal(first.reloaded, again.reloaded);
}

/* The gateway is away: later and later, at most hourly, and never given up. */
static void test_backoff(void **state) {
  struct shop *shop = *state;
  static const int64_t waits[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
  (void)attempt(shop, "a-1", RELOAD_STEP_CONFIRM, FAKE_CARD_TIMEOUT_AFTER);
  shop->card.down_until_ms = INT64_MAX;
  for (size_t i = 0; i < SHOP_COUNT(waits); i++) {
    int64_t wake_at_ms = shop_recover(shop);
    assert_int_equal(wake_at_ms, shop->clock.now_ms + waits[i] * SHOP_MINUTE);
    assert_int_equal(shop_charge(shop, "acme").try_count, (int64_t)i + 1);
    shop_pass(shop, wake_at_ms - shop->clock.now_ms);
  }
  assert_string_equal(shop_charges(shop, "acme"), "a-1 unknown");
  assert_int_equal(shop_submit(shop, "a-2", 10).reason, RELOAD_REASON_UNRESOLVED); /* MONEY-6 */
  shop->card.down_until_ms = 0;
  assert_int_equal(shop_recover(shop), 0);
  assert_string_equal(shop_log(shop, "acme"), "grant +5 = 5; top_up +100 = 105");
}

/* Neither captured nor cancelable: the question is asked again, the answer then counts. */
static void test_processing(void **state) {
  static const enum fake_card_behaviour_kind kinds[] = {
      FAKE_CARD_PROCESSING_FAILS, FAKE_CARD_PROCESSING_SUCCEEDS, FAKE_CARD_500_FORWARD_LATER};
  for (size_t kind = 0; kind < SHOP_COUNT(kinds); kind++) {
    bool succeeds = kinds[kind] != FAKE_CARD_PROCESSING_FAILS;
    (void)shop_tear_down(state);
    assert_int_equal(shop_set_up(state), 0);
    struct shop *shop = *state;
    (void)attempt(shop, "a-1", RELOAD_STEP_CONFIRM, kinds[kind]);
    assert_string_equal(shop_charges(shop, "acme"), "a-1 unknown");
    for (int i = 0; i < 12 && shop_charge(shop, "acme").ended_at_ms == 0; i++) {
      int64_t wake_at_ms = shop_recover(shop);
      if (wake_at_ms > 0) shop_pass(shop, wake_at_ms - shop->clock.now_ms);
    }
    assert_string_equal(shop_log(shop, "acme"),
                        succeeds ? "grant +5 = 5; top_up +100 = 105" : "grant +5 = 5");
    assert_int_equal(shop_intent_status(shop, "a-1"),
                     succeeds ? RELOAD_INTENT_SUCCEEDED : RELOAD_INTENT_CANCELED);
  }
}

/* A hint hurries what is unknown, and leaves what a handler is at work on alone. */
static void test_hints(void **state) {
  struct shop *shop = *state;
  struct reload_spend spend = shop_spend("acme", "a-1", 10);
  shop_step_to(shop, &spend, RELOAD_STEP_CONFIRM);
  const char *intent = spend.attempt.intent_id;
  shop_ok(shop, shop_event(shop, RELOAD_EVENT_INTENT, intent, "", 0));
  assert_int_equal(shop_charge(shop, "acme").recover_at_ms, SHOP_NOON + 120000);
  shop->next_call.kind = FAKE_CARD_TIMEOUT_AFTER;
  shop_finish(shop, &spend);
  shop->card.down_until_ms = SHOP_NOON + 1000;
  assert_int_equal(shop_recover(shop), SHOP_NOON + SHOP_MINUTE);
  shop_pass(shop, 1000);
  assert_int_equal(shop_recover(shop), SHOP_NOON + SHOP_MINUTE);
  shop_ok(shop, shop_event(shop, RELOAD_EVENT_INTENT, intent, "", 0));
  assert_int_equal(shop_recover(shop), 0);
  assert_string_equal(shop_charges(shop, "acme"), "a-1 captured");
  shop_ok(shop, shop_event(shop, RELOAD_EVENT_INTENT, intent, "", 0)); /* late: nothing to hurry */
  assert_int_equal(shop_recover(shop), 0);
}

/* MONEY-8: recovery dies after each of its steps, twice in a row; the next one ends it. */
static void test_recovery_dies(void **state) {
  for (int captured = 0; captured < 2; captured++)
    for (int steps = 1; steps <= 5; steps++) {
      (void)shop_tear_down(state);
      assert_int_equal(shop_set_up(state), 0);
      struct shop *shop = *state;
      (void)attempt(shop, "a-1", captured ? RELOAD_STEP_CONFIRM : RELOAD_STEP_OPEN,
                    FAKE_CARD_TIMEOUT_AFTER);
      for (int death = 0; death < 2; death++) {
        struct reload_recovery recovery = recovery_new();
        for (int i = 0; i < steps && recovery.progress != RELOAD_DONE; i++)
          shop_recovery_step(shop, &recovery);
        shop_crash(shop, death);
        shop_process(shop, 1 - death);
        shop_pass(shop, 60 * SHOP_MINUTE);
      }
      assert_int_equal(shop_recover(shop), 0);
      assert_string_equal(shop_charges(shop, "acme"), captured ? "a-1 captured" : "a-1 closed");
      assert_string_equal(shop_log(shop, "acme"),
                          captured ? "grant +5 = 5; top_up +100 = 105" : "grant +5 = 5");
    }
}

/* Two processes run it at once: a claim is one process's, and a late one does no harm. */
static void test_two_recoveries(void **state) {
  for (int steps = 1; steps <= 3; steps++) {
    (void)shop_tear_down(state);
    assert_int_equal(shop_set_up(state), 0);
    struct shop *shop = *state;
    struct reload_recovery slow = recovery_new();
    (void)attempt(shop, "a-1", RELOAD_STEP_CONFIRM, FAKE_CARD_TIMEOUT_AFTER);
    for (int i = 0; i < steps; i++) shop_recovery_step(shop, &slow);
    shop_process(shop, 1);
    if (steps < 3) {
      assert_int_equal(shop_recover(shop), SHOP_NOON + SHOP_MINUTE); /* claimed */
      shop_pass(shop, SHOP_MINUTE);
    }
    assert_int_equal(shop_recover(shop), 0);
    shop_process(shop, 0);
    while (slow.progress != RELOAD_DONE) shop_recovery_step(shop, &slow);
    assert_string_equal(shop_log(shop, "acme"), "grant +5 = 5; top_up +100 = 105");
  }
}

/* Several clients' attempts, the one that is due first at first; another client's is none of its
 * business. */
static void test_several(void **state) {
  struct shop *shop = *state;
  shop_add_client(shop, "beta", 0);
  (void)attempt(shop, "a-1", RELOAD_STEP_CONFIRM, FAKE_CARD_TIMEOUT_AFTER);
  shop_pass(shop, 1);
  struct reload_spend other = shop_spend("beta", "b-1", 10);
  shop_step_to(shop, &other, RELOAD_STEP_CONFIRM);
  shop->next_call.kind = FAKE_CARD_TIMEOUT_BEFORE;
  shop_finish(shop, &other);
  struct reload_recovery recovery = recovery_new();
  shop_recovery_step(shop, &recovery);
  assert_string_equal(recovery.attempt.client_id, "acme");
  while (recovery.progress != RELOAD_DONE) shop_recovery_step(shop, &recovery);
  assert_int_equal(recovery.resolved_count, 2);
  assert_string_equal(shop_log(shop, "acme"), "grant +5 = 5; top_up +100 = 105");
  assert_string_equal(shop_log(shop, "beta"), "");
}

/* NOFIRE-6: a card that turns out dead while recovering is marked, as by its handler. */
static void test_dead_card_found_late(void **state) {
  struct shop *shop = *state;
  const char *lost = "pm_card_visa_chargeDeclinedLostCard";
  shop_ok(shop, reload_card_set(shop->engine, "acme", lost, &shop->message));
  (void)attempt(shop, "a-1", RELOAD_STEP_CONFIRM, FAKE_CARD_TIMEOUT_AFTER);
  assert_false(shop_client(shop, "acme").card_dead);
  (void)shop_recover(shop);
  assert_string_equal(shop_charges(shop, "acme"), "a-1 closed lost_card");
  assert_true(shop_client(shop, "acme").card_dead);
}

/* The key is forgotten after a day: then asking again makes another intent, which cannot have been
 * confirmed either; both stay uncaptured and the one that is known is closed. */
static void test_after_the_key_is_forgotten(void **state) {
  struct shop *shop = *state;
  (void)attempt(shop, "a-1", RELOAD_STEP_OPEN, FAKE_CARD_TIMEOUT_AFTER);
  shop_pass(shop, 2 * FAKE_CARD_KEY_MEMORY_MS);
  (void)shop_recover(shop);
  assert_string_equal(shop_charges(shop, "acme"), "a-1 closed");
  assert_int_equal(shop_captured_minor(shop, "a-1"), 0);
}

/* A store that fails: the same step again; the blocking call says so. */
static void test_store_fails(void **state) {
  struct shop *shop = *state;
  (void)attempt(shop, "a-1", RELOAD_STEP_CONFIRM, FAKE_CARD_TIMEOUT_AFTER);
  struct reload_recovery recovery = recovery_new();
  for (int i = 0; recovery.progress != RELOAD_DONE; i++) {
    struct reload_recovery before = recovery;
    assert_true(i < 10);
    if (recovery.step != RELOAD_STEP_CLOSE) {
      shop_disk_fails(shop, 0, SQLITE_FULL);
      assert_int_equal(reload_recovery_step(shop->engine, &recovery, &shop->message), RELOAD_FULL);
      shop_disk_heals(shop);
      assert_memory_equal(&recovery, &before, sizeof before);
    }
    shop_recovery_step(shop, &recovery);
  }
  assert_string_equal(shop_log(shop, "acme"), "grant +5 = 5; top_up +100 = 105");
  int64_t wake_at_ms = -1;
  shop_disk_fails(shop, 0, SQLITE_IOERR_READ);
  assert_int_equal(reload_recovery_run(shop->engine, &wake_at_ms, &shop->message), RELOAD_IO);
  shop_disk_heals(shop);
  shop_ok(shop, reload_recovery_run(shop->engine, &wake_at_ms, &shop->message));
  assert_int_equal(wake_at_ms, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, shop_set_up, shop_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_nothing_to_do),
      TEST(test_not_before_its_time),
      TEST(test_unknown_outcomes),
      TEST(test_credited_late),
      TEST(test_the_same_answer_after_a_late_credit),
      TEST(test_backoff),
      TEST(test_processing),
      TEST(test_hints),
      TEST(test_recovery_dies),
      TEST(test_two_recoveries),
      TEST(test_several),
      TEST(test_dead_card_found_late),
      TEST(test_after_the_key_is_forgotten),
      TEST(test_store_fails),
  };
  return cmocka_run_group_tests_name("recover", tests, NULL, NULL);
}
