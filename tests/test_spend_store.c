/* A store that fails under a spend, and the blocking call. A step that fails has changed nothing,
 * not even the request: the same step may be taken again. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "shop.h"

#include <stdio.h>
#include <string.h>

#define COVERED "grant +5 = 5; top_up +100 = 105; spend -10 = 95"

/* ---- Store errors -------------------------------------------------------------------------- */

static const enum reload_step transactions[] = {RELOAD_STEP_DECIDE, RELOAD_STEP_RECORD,
                                                RELOAD_STEP_SETTLE};

/* Let disk operation number `from` of this step and all later ones fail. Returns false if the step
 * needed fewer operations. */
static bool fail_at(struct shop *shop, enum reload_step step, int from, int code,
                    enum reload_error want) {
  struct reload_spend spend = shop_spend("acme", "a-1", 10), before;
  char log[200], charges[200];
  shop_step_to(shop, &spend, step);
  before = spend;
  assert_true(snprintf(log, sizeof log, "%s", shop_log(shop, "acme")) > 0);
  assert_true(snprintf(charges, sizeof charges, "%s", shop_charges(shop, "acme")) >= 0);
  shop->card_fixture.call_count = 0;
  shop_disk_fails(shop, from, code);
  enum reload_error error = reload_spend_step(shop->engine, &spend, &shop->message);
  bool reached = shop->sick_operation == 0;
  shop_disk_heals(shop);
  if (error == RELOAD_OK) return reached;
  assert_int_equal(error, want);
  assert_true(strlen(shop->message.text) > 10);
  assert_memory_equal(&spend, &before, sizeof spend);
  assert_int_equal(shop->card_fixture.call_count, 0);
  assert_string_equal(shop_log(shop, "acme"), log);
  assert_string_equal(shop_charges(shop, "acme"), charges);
  shop_finish(shop, &spend); /* the same step again, and on */
  assert_true(spend.verdict.done);
  assert_string_equal(shop_log(shop, "acme"), COVERED);
  assert_int_equal(shop_captured_minor(shop, "a-1"), 1000);
  return true;
}

static void fail_everywhere(void **state, int code, enum reload_error want) {
  for (size_t i = 0; i < SHOP_COUNT(transactions); i++)
    for (int from = 0;; from++) {
      (void)shop_tear_down(state);
      assert_int_equal(shop_set_up(state), 0);
      if (fail_at(*state, transactions[i], from, code, want)) continue;
      assert_true(from > 3); /* a transaction that writes has a few operations */
      break;
    }
}

static void test_disk_errors(void **state) {
  fail_everywhere(state, SQLITE_IOERR_WRITE, RELOAD_IO);
}

static void test_disk_full(void **state) { fail_everywhere(state, SQLITE_FULL, RELOAD_FULL); }

/* Another process holds the store for longer than anybody waits. */
static void test_busy(void **state) {
  struct shop *shop = *state;
  for (size_t i = 0; i < SHOP_COUNT(transactions); i++) {
    struct reload_spend spend = shop_spend("acme", i == 0 ? "a-1" : i == 1 ? "a-2" : "a-3", 100);
    shop_step_to(shop, &spend, transactions[i]);
    struct reload_spend before = spend;
    sqlite3 *db = shop_raw(shop);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(reload_spend_step(shop->engine, &spend, &shop->message), RELOAD_BUSY);
    assert_memory_equal(&spend, &before, sizeof spend);
    sqlite3_close(db);
    shop_finish(shop, &spend);
    assert_true(spend.verdict.done);
  }
}

/* The handler dies after each of its steps; its memory is gone, the ledger has the rest
 * (MONEY-8). */
static void test_crash_after_each_step(void **state) {
  for (int steps = 1; steps <= 5; steps++) {
    (void)shop_tear_down(state);
    assert_int_equal(shop_set_up(state), 0);
    struct shop *shop = *state;
    struct reload_spend spend = shop_spend("acme", "a-1", 10);
    for (int i = 0; i < steps; i++) shop_step(shop, &spend);
    shop_crash(shop, 0);
    shop_process(shop, 1);
    shop_pass(shop, 120000);
    (void)shop_recover(shop);
    bool captured = steps >= 4; /* the confirm has been made */
    assert_int_equal(shop_captured_minor(shop, "a-1"), captured ? 1000 : 0);
    assert_string_equal(shop_charges(shop, "acme"), captured ? "a-1 captured" : "a-1 closed");
    struct reload_verdict again = shop_submit(shop, "a-1", 10); /* the customer asks again */
    assert_true(again.done);
    assert_string_equal(shop_log(shop, "acme"), COVERED);
  }
}

/* Known to the ledger no more: nothing is settled by guessing. */
static void test_unknown_charge(void **state) {
  struct shop *shop = *state;
  struct reload_spend spend = shop_spend("acme", "a-1", 10);
  shop_step_to(shop, &spend, RELOAD_STEP_SETTLE);
  spend.attempt.charge_id[7] ^= 1;
  assert_int_equal(reload_spend_step(shop->engine, &spend, &shop->message), RELOAD_CORRUPT);
  assert_string_equal(shop_log(shop, "acme"), "grant +5 = 5");
}

/* ---- The blocking call --------------------------------------------------------------------- */

static void test_run_without_waiting(void **state) {
  struct shop *shop = *state;
  struct reload_spend spend = shop_spend("acme", "a-1", 10);
  shop_ok(shop, reload_spend_run(shop->engine, &spend, &shop->message));
  assert_true(spend.verdict.done && spend.verdict.reloaded);
  assert_int_equal(shop->sleeps, 0);
  assert_string_equal(shop_log(shop, "acme"), COVERED);
}

/* RACE-3: bounded by the setting, in time and in what is done meanwhile. */
static void test_run_waits_and_gives_up(void **state) {
  struct shop *shop = *state;
  struct reload_spend other = shop_spend("acme", "a-1", 10), spend = shop_spend("acme", "a-2", 10);
  shop_step_to(shop, &other, RELOAD_STEP_CONFIRM);
  shop_process(shop, 1);
  shop_ok(shop, reload_spend_run(shop->engine, &spend, &shop->message));
  assert_int_equal(spend.verdict.reason, RELOAD_REASON_WAITED);
  assert_true(spend.verdict.note);
  assert_in_range(shop->clock.now_ms, SHOP_NOON + 30000, SHOP_NOON + 31000);
  assert_string_equal(shop_charges(shop, "acme"), "a-1 opened");
}

static struct reload_spend slow;

static void other_one_goes_on(struct shop *shop) {
  if (slow.progress == RELOAD_DONE || shop->sleeps % 5 != 0) return;
  shop_process(shop, 0);
  shop_step(shop, &slow);
  shop_process(shop, 1);
}

static void test_run_waits_and_goes_on(void **state) {
  struct shop *shop = *state;
  struct reload_spend spend = shop_spend("acme", "a-2", 10);
  slow = shop_spend("acme", "a-1", 10);
  shop_step(shop, &slow);
  shop->during_sleep = other_one_goes_on;
  shop_process(shop, 1);
  struct reload_engine *engine = shop->engine;
  shop_ok(shop, reload_spend_run(engine, &spend, &shop->message));
  assert_true(spend.verdict.done && !spend.verdict.reloaded);
  assert_true(slow.verdict.done && slow.verdict.reloaded);
  assert_in_range(shop->sleeps, 20, 25); /* it sees the end soon, not at the end of the bound */
  assert_string_equal(shop_log(shop, "acme"), COVERED "; spend -10 = 85");
}

/* A store that fails ends the call; the request is where it was and can be run again. */
static void test_run_fails(void **state) {
  struct shop *shop = *state;
  struct reload_spend spend = shop_spend("acme", "a-1", 10);
  shop_disk_fails(shop, 0, SQLITE_IOERR_READ);
  enum reload_error error = reload_spend_run(shop->engine, &spend, &shop->message);
  shop_disk_heals(shop);
  assert_int_equal(error, RELOAD_IO);
  assert_int_not_equal(spend.progress, RELOAD_DONE);
  shop_ok(shop, reload_spend_run(shop->engine, &spend, &shop->message));
  assert_string_equal(shop_log(shop, "acme"), COVERED);
}

/* FIRE-8: refused, the ledger untouched, and the request may be filled in anew. */
static void test_refused_costs(void **state) {
  struct shop *shop = *state;
  static const int64_t costs[] = {0, -1, INT64_MIN, RELOAD_TOKENS_MAX + 1, INT64_MAX};
  for (size_t i = 0; i < SHOP_COUNT(costs); i++) {
    struct reload_spend spend = shop_spend("acme", "a-1", costs[i]), before = spend;
    assert_int_equal(reload_spend_step(shop->engine, &spend, &shop->message), RELOAD_INVALID);
    assert_non_null(strstr(shop->message.text, "cost"));
    assert_memory_equal(&spend, &before, sizeof spend);
  }
  assert_string_equal(shop_log(shop, "acme"), "grant +5 = 5");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, shop_set_up, shop_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_disk_errors),
      TEST(test_disk_full),
      TEST(test_busy),
      TEST(test_crash_after_each_step),
      TEST(test_unknown_charge),
      TEST(test_run_without_waiting),
      TEST(test_run_waits_and_gives_up),
      TEST(test_run_waits_and_goes_on),
      TEST(test_run_fails),
      TEST(test_refused_costs),
  };
  return cmocka_run_group_tests_name("spend_store", tests, NULL, NULL);
}
