/* Spends among others: waiting, toggles and purchases in between, a recovery that takes a slow
 * handler for dead, a store that fails, and the blocking call. Each race is made by hand, step by
 * step. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "shop.h"

#include <string.h>

#define COVERED "grant +5 = 5; top_up +100 = 105; spend -10 = 95"

static void assert_refused(const struct reload_spend *spend, enum reload_reason reason) {
  assert_int_equal(spend->progress, RELOAD_DONE);
  assert_false(spend->verdict.done);
  assert_int_equal(spend->verdict.reason, reason);
}

static void assert_done(const struct reload_spend *spend, bool reloaded) {
  assert_int_equal(spend->progress, RELOAD_DONE);
  assert_true(spend->verdict.done);
  assert_int_equal(spend->verdict.reloaded, reloaded);
}

/* ---- Waiting for another one's reload (RACE-3) --------------------------------------------- */

static void test_one_top_up_covers_two(void **state) {
  struct shop *shop = *state;
  struct reload_spend first = shop_spend("acme", "a-1", 10), second = shop_spend("acme", "a-2", 20);
  shop_step(shop, &first);
  shop_step(shop, &second);
  assert_int_equal(second.progress, RELOAD_WAIT);
  assert_int_equal(second.wake_at_ms, SHOP_NOON + 30000);
  shop_finish(shop, &first);
  shop_step(shop, &second);
  assert_done(&first, true);
  assert_done(&second, false);
  assert_string_equal(shop_log(shop, "acme"), COVERED "; spend -20 = 75");
  assert_string_equal(shop_charges(shop, "acme"), "a-1 captured");
}

static void test_two_need_two(void **state) {
  struct shop *shop = *state;
  struct reload_spend first = shop_spend("acme", "a-1", 100),
                      second = shop_spend("acme", "a-2", 99);
  shop_step(shop, &first);
  shop_step(shop, &second);
  shop_finish(shop, &first);
  shop_pass(shop, 1);
  shop_finish(shop, &second);
  assert_done(&second, true);
  assert_string_equal(shop_charges(shop, "acme"), "a-1 captured; a-2 captured");
  assert_string_equal(shop_log(shop, "acme"), "grant +5 = 5; top_up +100 = 105; spend -100 = 5; "
                                              "top_up +100 = 105; spend -99 = 6");
}

/* Bounded: the time begins with the first wait and is not begun anew by asking again. */
static void test_the_wait_ends(void **state) {
  struct shop *shop = *state;
  struct reload_spend first = shop_spend("acme", "a-1", 10), second = shop_spend("acme", "a-2", 10);
  shop_step(shop, &first);
  shop_step(shop, &second);
  shop_pass(shop, 20000);
  shop_step(shop, &second);
  assert_int_equal(second.progress, RELOAD_WAIT);
  assert_int_equal(second.wake_at_ms, SHOP_NOON + 30000);
  shop_pass(shop, 9999);
  shop_step(shop, &second);
  assert_int_equal(second.progress, RELOAD_WAIT);
  shop_pass(shop, 1);
  shop_step(shop, &second);
  assert_refused(&second, RELOAD_REASON_WAITED);
  assert_true(second.verdict.note);
  shop_finish(shop, &first);
  assert_string_equal(shop_log(shop, "acme"), COVERED);
}

/* A clock that steps back beyond the beginning of the wait begins it anew: it never lasts as
 * long as the step. */
static void test_the_wait_ends_when_the_clock_steps_back(void **state) {
  struct shop *shop = *state;
  struct reload_spend first = shop_spend("acme", "a-1", 10), second = shop_spend("acme", "a-2", 10);
  shop_step(shop, &first);
  shop_step(shop, &second);
  shop_pass(shop, -86400000);
  shop_step(shop, &second);
  assert_int_equal(second.progress, RELOAD_WAIT);
  assert_int_equal(second.wake_at_ms, shop->clock.now_ms + 30000);
  shop_pass(shop, 30000);
  shop_step(shop, &second);
  assert_refused(&second, RELOAD_REASON_WAITED);
}

/* Not longer than its handler is taken for alive; then the outcome is unknown (MONEY-6). */
static void test_no_wait_for_the_dead(void **state) {
  struct shop *shop = *state;
  struct reload_spend first = shop_spend("acme", "a-1", 10), second = shop_spend("acme", "a-2", 10);
  shop_step(shop, &first);
  shop_pass(shop, 110000);
  shop_step(shop, &second);
  assert_int_equal(second.wake_at_ms, SHOP_NOON + 120000);
  shop_pass(shop, 10000);
  shop_step(shop, &second);
  assert_refused(&second, RELOAD_REASON_UNRESOLVED);
}

/* FIRE-7 for the one in flight: what fits, but would leave it short, waits, and past the bound is
 * refused; when the reload has ended it goes. */
static void test_it_would_starve_the_other(void **state) {
  struct shop *shop = *state;
  struct reload_spend dear = shop_spend("acme", "a-1", 105), cheap = shop_spend("acme", "a-2", 1);
  struct reload_spend other = shop_spend("acme", "a-3", 1);
  shop_step(shop, &dear);
  shop_step(shop, &cheap);
  assert_int_equal(cheap.progress, RELOAD_WAIT);
  shop_pass(shop, 29000);
  shop_step(shop, &other);
  shop_pass(shop, 1000);
  shop_step(shop, &cheap);
  assert_refused(&cheap, RELOAD_REASON_WAITED);
  assert_int_equal(cheap.verdict.missing_tokens, 0);
  shop_finish(shop, &dear);
  assert_done(&dear, true);
  shop_finish(shop, &other);
  assert_done(&other, true);
  assert_string_equal(shop_log(shop, "acme"), "grant +5 = 5; top_up +100 = 105; spend -105 = 0; "
                                              "top_up +100 = 100; spend -1 = 99");
}

/* MONEY-3: another question under the id of an action that is being charged for. */
static void test_another_question_in_flight(void **state) {
  struct shop *shop = *state;
  shop_add_client(shop, "beta", 0);
  struct reload_spend spend = shop_spend("acme", "a-1", 10), others[3] = {spend, spend, spend};
  others[0].cost_tokens = 5; /* which fits, even */
  others[1].kind = RELOAD_PERSONA_BATCH;
  memcpy(others[2].client_id, "beta", sizeof "beta");
  shop_step(shop, &spend);
  for (size_t i = 0; i < SHOP_COUNT(others); i++) {
    enum reload_error error = reload_spend_step(shop->engine, &others[i], &shop->message);
    assert_int_equal(error, RELOAD_CONFLICT);
  }
  shop_finish(shop, &spend);
  assert_done(&spend, true);
  assert_string_equal(shop_log(shop, "acme"), COVERED);
}

/* What was known at the wait is forgotten: everything is decided afresh. */
static void test_decides_afresh(void **state) {
  struct shop *shop = *state;
  struct reload_spend first = shop_spend("acme", "a-1", 10), second = shop_spend("acme", "a-2", 96);
  shop_step(shop, &first);
  shop_step(shop, &second);
  shop_toggle(shop, "acme", false);
  shop_step(shop, &second);
  assert_int_equal(second.progress, RELOAD_WAIT); /* it may yet bring enough */
  shop_finish(shop, &first);
  shop_step(shop, &second);
  assert_refused(&second, RELOAD_REASON_OFF);
  assert_string_equal(shop_charges(shop, "acme"), "a-1 captured");
}

/* ---- Things that happen in between --------------------------------------------------------- */

static void turn_off(struct shop *shop) { /* RACE-1 */
  shop_toggle(shop, "acme", false);
}
static void end_plan(struct shop *shop) { /* RACE-4 */
  shop_ok(shop, reload_plan_set(shop->engine, "acme", RELOAD_PLAN_CANCELED, &shop->message));
}
static void remove_card(struct shop *shop) {
  shop_ok(shop, reload_card_remove(shop->engine, "acme", &shop->message));
}
static void replace_card(struct shop *shop) {
  shop_ok(shop,
          reload_card_set(shop->engine, "acme", "pm_card_visa_chargeDeclined", &shop->message));
}
static void nothing(struct shop *shop) { (void)shop; }

/* Whatever changes after the firing, at whichever step: this reload is completed, once. */
static void test_changes_in_flight(void **state) {
  void (*const changes[])(struct shop *) = {nothing, turn_off, end_plan, remove_card, replace_card};
  for (size_t i = 0; i < SHOP_COUNT(changes); i++)
    for (int steps = 1; steps <= 4; steps++) {
      (void)shop_tear_down(state);
      assert_int_equal(shop_set_up(state), 0);
      struct shop *shop = *state;
      struct reload_spend spend = shop_spend("acme", "a-1", 10);
      for (int step = 0; step < steps; step++) shop_step(shop, &spend);
      shop_process(shop, 1);
      changes[i](shop);
      shop_process(shop, 0);
      shop_finish(shop, &spend);
      assert_done(&spend, true);
      assert_string_equal(shop_log(shop, "acme"), COVERED);
      assert_int_equal(shop_captured_minor(shop, "a-1"), 1000);
      assert_int_equal(shop_charge(shop, "acme").fired_under_change_no, 1);
    }
}

/* RACE-2: once the disable is confirmed no new reload starts, also not for a request that was made
 * before. The next one sees the new facts. */
static void test_after_the_disable(void **state) {
  struct shop *shop = *state;
  struct reload_spend before = shop_spend("acme", "a-1", 10);
  shop_process(shop, 1);
  shop_toggle(shop, "acme", false);
  shop_process(shop, 0);
  shop_step(shop, &before);
  assert_refused(&before, RELOAD_REASON_OFF);
  assert_string_equal(shop_charges(shop, "acme"), "");
  shop_toggle(shop, "acme", true);
  shop_finish(shop,
              &(struct reload_spend){.client_id = "acme", .action_id = "a-1", .cost_tokens = 10});
  assert_int_equal(shop_charge(shop, "acme").fired_under_change_no, 3);
}

/* A decline that kills a card speaks of the card that was charged, not of the one on file now. */
static void test_dead_card_replaced_in_flight(void **state) {
  struct shop *shop = *state;
  const char *lost = "pm_card_visa_chargeDeclinedLostCard";
  shop_ok(shop, reload_card_set(shop->engine, "acme", lost, &shop->message));
  struct reload_spend spend = shop_spend("acme", "a-1", 10), next = shop_spend("acme", "a-2", 10);
  shop_step_to(shop, &spend, RELOAD_STEP_CLOSE);
  shop_ok(shop, reload_card_set(shop->engine, "acme", "pm_card_visa", &shop->message));
  shop_finish(shop, &spend);
  assert_refused(&spend, RELOAD_REASON_DECLINED);
  assert_false(shop_client(shop, "acme").card_dead);
  shop_finish(shop, &next);
  assert_done(&next, true);
}

/* RACE-5 */
static void test_pack_in_flight(void **state) {
  struct shop *shop = *state;
  struct reload_spend spend = shop_spend("acme", "a-1", 10);
  shop_step_to(shop, &spend, RELOAD_STEP_SETTLE);
  shop_ok(shop, reload_pack_add(shop->engine, "acme", "cs_1", "pi_1", 40, 400, "pm_card_visa",
                                &shop->message));
  shop_finish(shop, &spend);
  assert_done(&spend, true);
  assert_string_equal(shop_log(shop, "acme"),
                      "grant +5 = 5; pack +40 = 45; top_up +100 = 145; spend -10 = 135");
}

static void test_pack_while_waiting(void **state) {
  struct shop *shop = *state;
  struct reload_spend first = shop_spend("acme", "a-1", 10), second = shop_spend("acme", "a-2", 10);
  shop_step(shop, &first);
  shop_step(shop, &second);
  shop_ok(shop, reload_pack_add(shop->engine, "acme", "cs_1", "pi_1", 40, 400, "pm_card_visa",
                                &shop->message));
  shop_step(shop, &second);
  assert_done(&second, false);
  shop_finish(shop, &first);
  assert_done(&first, true);
}

/* MONEY-7 in flight: captured, credited, but a reversal came first: what is credited stays, the
 * action is refused rather than the balance made negative by it (MONEY-1). */
static void test_reversal_in_flight(void **state) {
  struct shop *shop = *state;
  shop_ok(shop, reload_pack_add(shop->engine, "acme", "cs_1", "pi_1", 40, 400, "pm_card_visa",
                                &shop->message));
  struct reload_spend spend = shop_spend("acme", "a-1", 120);
  shop_step_to(shop, &spend, RELOAD_STEP_SETTLE);
  shop_ok(shop, shop_event(shop, RELOAD_EVENT_REFUNDED, "pi_1", "", 400));
  shop_finish(shop, &spend);
  assert_refused(&spend, RELOAD_REASON_TOO_SMALL);
  assert_string_equal(shop_log(shop, "acme"),
                      "grant +5 = 5; pack +40 = 45; reversal -40 = 5; top_up +100 = 105");
}

/* ---- A handler that was taken for dead ----------------------------------------------------- */

/* Run the handler for `steps`, let recovery do `recovery_steps`, finish the handler, then all
 * recovery: for every such pair, money moves at most once and the ledger agrees with it. */
static void race(struct shop *shop, int steps, int recovery_steps) {
  struct reload_spend spend = shop_spend("acme", "a-1", 10);
  struct reload_recovery recovery;
  memset(&recovery, 0, sizeof recovery);
  for (int i = 0; i < steps; i++) shop_step(shop, &spend);
  shop_pass(shop, 120000);
  shop_process(shop, 1);
  for (int i = 0; i < recovery_steps && recovery.progress != RELOAD_DONE; i++)
    shop_recovery_step(shop, &recovery);
  shop_process(shop, 0);
  shop_finish(shop, &spend);
  shop_process(shop, 1);
  while (recovery.progress != RELOAD_DONE) shop_recovery_step(shop, &recovery);
  shop_pass(shop, 60 * SHOP_MINUTE);
  (void)shop_recover(shop);

  bool captured = shop_captured_minor(shop, "a-1") > 0;
  assert_string_equal(shop_charges(shop, "acme"), captured ? "a-1 captured" : "a-1 closed");
  assert_string_equal(shop_log(shop, "acme"), captured ? COVERED : "grant +5 = 5");
  assert_int_equal(spend.verdict.done, captured);
  if (captured)
    assert_int_equal(shop_captured_minor(shop, "a-1"), 1000);
  else
    assert_int_equal(shop_intent_status(shop, "a-1"), RELOAD_INTENT_CANCELED);
}

static void test_recovery_against_handler(void **state) {
  int captured = 0, closed = 0;
  for (int steps = 1; steps <= 4; steps++)
    for (int recovery_steps = 1; recovery_steps <= 6; recovery_steps++) {
      (void)shop_tear_down(state);
      assert_int_equal(shop_set_up(state), 0);
      race(*state, steps, recovery_steps);
      if (shop_captured_minor(*state, "a-1") > 0)
        captured++;
      else
        closed++;
    }
  assert_true(captured > 0 && closed > 0); /* both were seen */
}

/* Claimed before the handler has stored its intent: it must not confirm any more. */
static void test_never_confirms_what_is_claimed(void **state) {
  struct shop *shop = *state;
  struct reload_spend spend = shop_spend("acme", "a-1", 10);
  struct reload_recovery recovery;
  memset(&recovery, 0, sizeof recovery);
  shop_step_to(shop, &spend, RELOAD_STEP_RECORD);
  shop_pass(shop, 120000);
  shop_recovery_step(shop, &recovery);
  assert_string_equal(shop_charges(shop, "acme"), "a-1 unknown");
  shop_step(shop, &spend);
  assert_int_equal(spend.step, RELOAD_STEP_CLOSE);
  shop_finish(shop, &spend);
  assert_refused(&spend, RELOAD_REASON_UNKNOWN);
  const struct fake_card_intent *intent = fake_card_find_action(&shop->card, "a-1");
  assert_int_equal(intent->confirm_count, 0);
}

/* Recovery credited it, somebody else spent it before the handler came back: nothing is wrong with
 * the size of a top-up; it came too late for this action. */
static void test_late_handler_finds_it_spent(void **state) {
  struct shop *shop = *state;
  struct reload_spend spend = shop_spend("acme", "a-1", 10), other = shop_spend("acme", "a-2", 100);
  shop_step_to(shop, &spend, RELOAD_STEP_SETTLE);
  shop_pass(shop, 120000);
  (void)shop_recover(shop);
  shop_step(shop, &other);
  assert_done(&other, false);
  shop_step(shop, &spend);
  assert_refused(&spend, RELOAD_REASON_UNKNOWN);
  assert_string_equal(shop_log(shop, "acme"), "grant +5 = 5; top_up +100 = 105; spend -100 = 5");
}

/* The gateway breaks its word (captured after canceled): no ledger can be right any more. */
static void test_captured_after_canceled(void **state) {
  struct shop *shop = *state;
  struct reload_spend spend = shop_spend("acme", "a-1", 10), before;
  shop_step_to(shop, &spend, RELOAD_STEP_SETTLE);
  sqlite3 *db = shop_raw(shop);
  assert_int_equal(sqlite3_exec(db,
                                "UPDATE charge SET state = 4, recover_at_ms = NULL,"
                                " ended_at_ms = 1",
                                NULL, NULL, NULL),
                   SQLITE_OK);
  sqlite3_close(db);
  before = spend;
  assert_int_equal(reload_spend_step(shop->engine, &spend, &shop->message), RELOAD_CORRUPT);
  assert_non_null(strstr(shop->message.text, "tell support"));
  assert_memory_equal(&spend, &before, sizeof spend);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, shop_set_up, shop_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_one_top_up_covers_two),
      TEST(test_two_need_two),
      TEST(test_the_wait_ends),
      TEST(test_the_wait_ends_when_the_clock_steps_back),
      TEST(test_no_wait_for_the_dead),
      TEST(test_it_would_starve_the_other),
      TEST(test_another_question_in_flight),
      TEST(test_decides_afresh),
      TEST(test_changes_in_flight),
      TEST(test_after_the_disable),
      TEST(test_dead_card_replaced_in_flight),
      TEST(test_pack_in_flight),
      TEST(test_pack_while_waiting),
      TEST(test_reversal_in_flight),
      TEST(test_recovery_against_handler),
      TEST(test_never_confirms_what_is_claimed),
      TEST(test_late_handler_finds_it_spent),
      TEST(test_captured_after_canceled),
  };
  return cmocka_run_group_tests_name("spend_races", tests, NULL, NULL);
}
