/* Facts about a client from outside: packs, cycles, plans and cards, and money that
 * goes back (MONEY-7), at ordinary and at extreme amounts. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "shop.h"

#include <stdio.h>

#define MAX RELOAD_TOKENS_MAX

static enum reload_error buy(struct shop *shop, const char *id, int64_t tokens, int64_t price_minor,
                             const char *card_id) {
  char intent_id[RELOAD_ID_SIZE];
  assert_true(snprintf(intent_id, sizeof intent_id, "pi_%s", id) > 0);
  return reload_pack_add(shop->engine, "acme", id, intent_id, tokens, price_minor, card_id,
                         &shop->message);
}

static void refund(struct shop *shop, const char *intent_id, int64_t so_far_minor) {
  shop_ok(shop, shop_event(shop, RELOAD_EVENT_REFUNDED, intent_id, "", so_far_minor));
}

static void lose(struct shop *shop, const char *intent_id, const char *dispute_id,
                 int64_t amount_minor) {
  shop_ok(shop, shop_event(shop, RELOAD_EVENT_DISPUTE_LOST, intent_id, dispute_id, amount_minor));
}

/* ---- Purchases ----------------------------------------------------------------------------- */

/* OUT-1: tokens and card; TOGGLE-8: nothing else. Once, however often it is reported. */
static void test_pack(void **state) {
  struct shop *shop = *state;
  shop_ok(shop, buy(shop, "cs_1", 40, 400, "pm_card_visa:2"));
  struct reload_client_row client = shop_client(shop, "acme");
  assert_string_equal(client.card_id, "pm_card_visa:2");
  assert_int_equal(client.card_no, 2);
  assert_int_equal(client.plan, RELOAD_PLAN_ACTIVE);
  struct reload_entry_row entry = shop_entry(shop, "acme");
  assert_string_equal(entry.reference, "cs_1");
  assert_string_equal(entry.intent_id, "pi_cs_1");
  assert_string_equal(entry.action_id, "");
  assert_int_equal(entry.amount_minor, 400);
  shop_ok(shop, reload_card_set(shop->engine, "acme", "pm_card_visa:3", &shop->message));
  shop_ok(shop, buy(shop, "cs_1", 40, 400, "pm_card_visa:2")); /* reported again, late */
  assert_string_equal(shop_client(shop, "acme").card_id, "pm_card_visa:3");
  assert_string_equal(shop_log(shop, "acme"), "grant +5 = 5; pack +40 = 45");
  assert_string_equal(shop_changes(shop, "acme"), "on");
}

/* A pack that is refused brings no card either: one transaction. */
static void test_pack_refused(void **state) {
  struct shop *shop = *state;
  shop_ok(shop, buy(shop, "cs_1", 40, 400, "pm_card_visa"));
  assert_int_equal(buy(shop, "cs_2", MAX, 400, "pm_card_visa:2"), RELOAD_INVALID);
  assert_int_equal(buy(shop, "cs_1", 41, 400, "pm_card_visa:2"), RELOAD_CONFLICT);
  assert_int_equal(reload_pack_add(shop->engine, "acme", "cs_3", "pi_cs_1", 40, 400,
                                   "pm_card_visa:2", &shop->message),
                   RELOAD_CONFLICT);
  assert_string_equal(shop_client(shop, "acme").card_id, "pm_card_visa");
  assert_string_equal(shop_log(shop, "acme"), "grant +5 = 5; pack +40 = 45");
}

/* OUT-3: the same cycle once a client; FIRE-4: no charge, also from below the last shortfall. */
static void test_cycles(void **state) {
  struct shop *shop = *state;
  struct reload_message *m = &shop->message;
  shop_add_client(shop, "beta", 0);
  shop_ok(shop, reload_cycle_grant(shop->engine, "acme", "2026-02", 20, m));
  shop_ok(shop, reload_cycle_grant(shop->engine, "beta", "2026-02", 20, m));
  shop_ok(shop, reload_cycle_grant(shop->engine, "acme", "2026-02", 20, m));
  assert_int_equal(reload_cycle_grant(shop->engine, "acme", "2026-02", 21, m), RELOAD_CONFLICT);
  assert_string_equal(shop_log(shop, "acme"), "grant +5 = 5; grant +20 = 25");
  assert_string_equal(shop_log(shop, "beta"), "grant +20 = 20");
  assert_int_equal(shop->card.intent_count, 0);
}

/* A pack and a cycle may share a name: they are ids of different entries. */
static void test_same_name_other_kind(void **state) {
  struct shop *shop = *state;
  shop_ok(shop, buy(shop, "x", 40, 400, "pm_card_visa"));
  shop_ok(shop, reload_cycle_grant(shop->engine, "acme", "x", 20, &shop->message));
  assert_true(shop_submit(shop, "x", 10).done);
  assert_string_equal(shop_log(shop, "acme"),
                      "grant +5 = 5; pack +40 = 45; grant +20 = 65; spend -10 = 55");
}

/* OUT-2, TOGGLE-3, TOGGLE-8: every way of plan and card leaves the toggle alone. */
static void test_plans_and_cards(void **state) {
  struct shop *shop = *state;
  struct reload_message *m = &shop->message;
  for (int plan = RELOAD_PLAN_CANCELED; plan >= RELOAD_PLAN_NONE; plan--) {
    shop_ok(shop, reload_plan_set(shop->engine, "acme", (enum reload_plan)plan, m));
    assert_int_equal(shop_client(shop, "acme").plan, plan);
  }
  shop_ok(shop, reload_plan_change(shop->engine, "acme", RELOAD_PLAN_ACTIVE, "pm_2", m));
  assert_int_equal(shop_client(shop, "acme").plan, RELOAD_PLAN_ACTIVE);
  assert_string_equal(shop_client(shop, "acme").card_id, "pm_2");
  shop_ok(shop, reload_card_remove(shop->engine, "acme", m));
  shop_ok(shop, reload_card_remove(shop->engine, "acme", m));
  assert_string_equal(shop_client(shop, "acme").card_id, "");
  assert_int_equal(shop_client(shop, "acme").card_no, 2);
  assert_true(shop_client(shop, "acme").auto_reload);
  assert_string_equal(shop_changes(shop, "acme"), "on");
}

/* NOFIRE-6: a card that failed for good stays dead, however it comes back, and on every client that
 * has it, now or later. Another one is alive. */
static void test_dead_cards(void **state) {
  struct shop *shop = *state;
  struct reload_message *m = &shop->message;
  const char *lost = "pm_card_visa_chargeDeclinedLostCard";
  shop_add_client(shop, "beta", 5);
  shop_add_client(shop, "cora", 5);
  shop_ok(shop, reload_card_set(shop->engine, "acme", lost, m));
  shop_ok(shop, reload_card_set(shop->engine, "beta", lost, m));
  (void)shop_submit(shop, "a-1", 10);
  assert_true(shop_client(shop, "acme").card_dead);
  assert_true(shop_client(shop, "beta").card_dead);
  assert_false(shop_client(shop, "cora").card_dead);
  shop_ok(shop, reload_card_remove(shop->engine, "acme", m));
  assert_false(shop_client(shop, "acme").card_dead);
  shop_ok(shop, reload_card_set(shop->engine, "acme", lost, m));
  assert_true(shop_client(shop, "acme").card_dead);
  shop_ok(shop, buy(shop, "cs_1", 40, 400, lost));
  assert_true(shop_client(shop, "acme").card_dead);
  shop_ok(shop, reload_plan_change(shop->engine, "cora", RELOAD_PLAN_ACTIVE, lost, m));
  assert_true(shop_client(shop, "cora").card_dead);
  shop_ok(shop, reload_card_set(shop->engine, "acme", "pm_card_visa", m));
  assert_false(shop_client(shop, "acme").card_dead);
}

/* NOFIRE-7: an update through Checkout is a new chance, also with the card that was there; putting
 * the same one on file again is no update. */
static void test_card_numbers(void **state) {
  struct shop *shop = *state;
  struct reload_message *m = &shop->message;
  assert_int_equal(shop_client(shop, "acme").card_no, 1);
  shop_ok(shop, reload_card_set(shop->engine, "acme", "pm_card_visa", m));
  assert_int_equal(shop_client(shop, "acme").card_no, 1);
  shop_ok(shop, reload_card_set(shop->engine, "acme", "pm_card_visa:2", m));
  assert_int_equal(shop_client(shop, "acme").card_no, 2);
  shop_ok(shop, buy(shop, "cs_1", 40, 400, "pm_card_visa:2"));
  assert_int_equal(shop_client(shop, "acme").card_no, 3);
  shop_ok(shop, reload_plan_change(shop->engine, "acme", RELOAD_PLAN_ACTIVE, "pm_card_visa:2", m));
  assert_int_equal(shop_client(shop, "acme").card_no, 4);
  shop_ok(shop, reload_card_remove(shop->engine, "acme", m));
  assert_int_equal(shop_client(shop, "acme").card_no, 4);
}

/* ---- Money that goes back (MONEY-7) -------------------------------------------------------- */

static void test_refund_in_parts(void **state) {
  struct shop *shop = *state;
  shop_ok(shop, buy(shop, "cs_1", 100, 999, "pm_card_visa"));
  refund(shop, "pi_cs_1", 333); /* 33.3 tokens: 33 */
  refund(shop, "pi_cs_1", 500); /* 50.05 in all: 50 */
  refund(shop, "pi_cs_1", 500); /* reported twice */
  refund(shop, "pi_cs_1", 400); /* out of order: an older sum */
  refund(shop, "pi_cs_1", 999);
  refund(shop, "pi_cs_1", 5000); /* more than was paid */
  assert_string_equal(shop_log(shop, "acme"), "grant +5 = 5; pack +100 = 105; reversal -33 = 72; "
                                              "reversal -17 = 55; reversal -50 = 5");
  assert_int_equal(shop_entry(shop, "acme").amount_minor, 499);
  assert_string_equal(shop_entry(shop, "acme").reference, "refund");
  assert_string_equal(shop_entry(shop, "acme").intent_id, "pi_cs_1");
}

/* Spent long ago: below zero, and nothing but a reversal ever gets it there (MONEY-1). */
static void test_below_zero(void **state) {
  struct shop *shop = *state;
  struct reload_verdict verdict = shop_submit(shop, "a-1", 105);
  assert_true(verdict.done && verdict.balance_tokens == 0);
  refund(shop, shop_charge(shop, "acme").intent_id, 1000);
  assert_string_equal(shop_log(shop, "acme"), "grant +5 = 5; top_up +100 = 105; spend -105 = 0; "
                                              "reversal -100 = -100");
  assert_string_equal(shop_entry(shop, "acme").action_id, "a-1"); /* RACE-6 */
  shop_pass(shop, 1);
  verdict = shop_submit(shop, "a-2", 1);
  assert_int_equal(verdict.reason, RELOAD_REASON_TOO_SMALL); /* FIRE-7: -100 + 100 < 1 */
  assert_int_equal(verdict.missing_tokens, 101);
  shop_ok(shop, reload_cycle_grant(shop->engine, "acme", "c", 1, &shop->message));
  assert_true(shop_submit(shop, "a-2", 1).done);
}

/* Disputes count each by its id; with refunds together never more than the price. */
static void test_disputes(void **state) {
  struct shop *shop = *state;
  shop_ok(shop, buy(shop, "cs_1", 100, 1000, "pm_card_visa"));
  lose(shop, "pi_cs_1", "du_1", 300);
  lose(shop, "pi_cs_1", "du_1", 300);
  lose(shop, "pi_cs_1", "du_2", 100);
  refund(shop, "pi_cs_1", 500);
  lose(shop, "pi_cs_1", "du_3", 900);
  refund(shop, "pi_cs_1", 1000);
  assert_string_equal(shop_log(shop, "acme"),
                      "grant +5 = 5; pack +100 = 105; reversal -30 = 75; reversal -10 = 65; "
                      "reversal -50 = 15; reversal -10 = 5");
  assert_string_equal(shop_entry(shop, "acme").reference, "du_3");
  assert_int_equal(shop_entry(shop, "acme").amount_minor, 100);
}

/* In whatever order and however often the same facts are told: the same tokens go back. */
static void tell(struct shop *shop, const char *intent_id, int fact) {
  if (fact < 2)
    refund(shop, intent_id, fact == 0 ? 111 : 477);
  else
    lose(shop, intent_id, fact == 2 ? "du_1" : "du_2", fact == 2 ? 201 : 77);
}

static void test_any_order(void **state) {
  struct shop *shop = *state;
  int orders = 0;
  for (int code = 0; code < 256; code++) {
    int facts[4], seen = 0;
    char id[16], intent_id[20];
    for (int i = 0; i < 4; i++) facts[i] = code >> (2 * i) & 3, seen |= 1 << facts[i];
    if (seen != 15) continue;
    assert_true(snprintf(id, sizeof id, "cs_%d", code) > 0);
    assert_true(snprintf(intent_id, sizeof intent_id, "pi_%s", id) > 0);
    shop_ok(shop, buy(shop, id, 100, 999, "pm_card_visa"));
    for (int i = 0; i < 4; i++) tell(shop, intent_id, facts[i]);
    for (int i = 0; i < 4; i++) tell(shop, intent_id, facts[3 - i]);
    /* 477 + 201 + 77 = 755 of 999 minor: 75.57 of 100 tokens */
    assert_int_equal(shop_client(shop, "acme").balance_tokens, 5 + (100 - 75) * ++orders);
  }
  assert_int_equal(orders, 24);
}

/* Parts that are worth less than a token each still add up to tokens, in whatever way they
 * return. */
static void test_parts_below_a_token(void **state) {
  struct shop *shop = *state;
  shop_ok(shop, buy(shop, "cs_1", 100, 1000, "pm_card_visa"));
  refund(shop, "pi_cs_1", 5);
  assert_int_equal(shop_client(shop, "acme").balance_tokens, 105);
  refund(shop, "pi_cs_1", 10);
  assert_int_equal(shop_client(shop, "acme").balance_tokens, 104);
  shop_ok(shop, buy(shop, "cs_2", 100, 1000, "pm_card_visa"));
  lose(shop, "pi_cs_2", "du_1", 5);
  lose(shop, "pi_cs_2", "du_2", 5);
  assert_int_equal(shop_client(shop, "acme").balance_tokens, 203);
  shop_ok(shop, buy(shop, "cs_3", 100, 1000, "pm_card_visa"));
  lose(shop, "pi_cs_3", "du_3", 5);
  refund(shop, "pi_cs_3", 5);
  assert_int_equal(shop_client(shop, "acme").balance_tokens, 302);
}

/* A product of two numbers near 10^15 does not fit in 64 bits. Floors worked out by hand. */
static const struct {
  int64_t tokens, price_minor, back_minor, reversed;
} extremes[] = {
    {MAX, 3, 1, INT64_C(333333333333333)},
    {MAX, 3, 2, INT64_C(666666666666666)},
    {MAX, 3, 3, MAX},
    {MAX, MAX, MAX, MAX},
    {MAX, MAX, 1, 1},
    {MAX, MAX, MAX - 1, MAX - 1},
    {MAX - 1, MAX, MAX - 1, MAX - 2}, /* (M-1)^2 / M = M - 2 + 1/M */
    {MAX - 1, MAX, 1, 0},
    {1, MAX, MAX - 1, 0},
    {1, MAX, MAX, 1},
    {MAX, MAX - 1, 1, 1},
    {MAX, MAX - 1, MAX - 2, MAX - 2}, /* M (M-2) / (M-1) = M - 1 - 1/(M-1) */
    {INT64_C(999999999999989), INT64_C(999999999999947), INT64_C(500000000000000),
     INT64_C(500000000000021)},
    {7, 50, 49, 6},
};

static void test_extreme_reversals(void **state) {
  for (size_t i = 0; i < SHOP_COUNT(extremes); i++) {
    (void)shop_tear_down(state);
    assert_int_equal(shop_set_up(state), 0);
    struct shop *shop = *state;
    assert_true(shop_submit(shop, "a-0", 5).done); /* an empty balance, to have room */
    shop_ok(shop, buy(shop, "cs_1", extremes[i].tokens, extremes[i].price_minor, "pm_card_visa"));
    refund(shop, "pi_cs_1", extremes[i].back_minor);
    int64_t left = extremes[i].tokens - extremes[i].reversed;
    if (shop_client(shop, "acme").balance_tokens != left)
      fail_msg("row %d: %lld", (int)i, (long long)shop_client(shop, "acme").balance_tokens);
    if (extremes[i].reversed > 0)
      assert_int_equal(shop_entry(shop, "acme").amount_minor, extremes[i].back_minor);
  }
}

/* An event about money that is not credited yet must come again. Unknown intents and closed charges
 * are ignored. */
static void test_too_early(void **state) {
  struct shop *shop = *state;
  struct reload_spend spend = shop_spend("acme", "a-1", 10);
  shop_step_to(shop, &spend, RELOAD_STEP_SETTLE);
  const char *intent_id = spend.attempt.intent_id;
  assert_int_equal(shop_event(shop, RELOAD_EVENT_REFUNDED, intent_id, "", 1000), RELOAD_TOO_EARLY);
  assert_int_equal(shop_event(shop, RELOAD_EVENT_DISPUTE_LOST, intent_id, "du", 1),
                   RELOAD_TOO_EARLY);
  shop_finish(shop, &spend);
  refund(shop, intent_id, 1000);
  assert_string_equal(shop_log(shop, "acme"),
                      "grant +5 = 5; top_up +100 = 105; spend -10 = 95; reversal -100 = -5");
  refund(shop, "pi_of_somebody_else", 1000);
  assert_int_equal(shop_client(shop, "acme").balance_tokens, -5);
}

/* Another client's purchase is reversed in that client's log. */
static void test_whose_money(void **state) {
  struct shop *shop = *state;
  shop_add_client(shop, "beta", 5);
  shop_ok(shop, buy(shop, "cs_1", 40, 400, "pm_card_visa"));
  shop_ok(shop, reload_pack_add(shop->engine, "beta", "cs_1", "pi_beta", 40, 400, "pm_card_visa",
                                &shop->message));
  refund(shop, "pi_beta", 400);
  assert_string_equal(shop_log(shop, "acme"), "grant +5 = 5; pack +40 = 45");
  assert_string_equal(shop_log(shop, "beta"), "grant +5 = 5; pack +40 = 45; reversal -40 = 5");
}

/* ---- The end of the range ------------------------------------------------------------------ */

/* MONEY-2: money that was captured is credited, wherever the balance stands. The last token below
 * the limit, and an action that costs the limit: it fires (FIRE-2), so its top-up finds room. */
static void test_top_up_at_the_limit(void **state) {
  struct shop *shop = *state;
  shop_ok(shop, reload_cycle_grant(shop->engine, "acme", "c", MAX - 6, &shop->message));
  struct reload_spend spend = shop_spend("acme", "a-1", MAX);
  enum reload_error error = reload_spend_run(shop->engine, &spend, &shop->message);
  assert_int_equal(shop_captured_minor(shop, "a-1"),
                   error == RELOAD_OK && spend.verdict.done ? 1000 : 0);
}

/* The same for a grant that comes while the charge is at the bank. */
static void test_grant_to_the_limit_in_flight(void **state) {
  struct shop *shop = *state;
  struct reload_spend spend = shop_spend("acme", "a-1", 10);
  shop_step_to(shop, &spend, RELOAD_STEP_SETTLE);
  shop_ok(shop, reload_cycle_grant(shop->engine, "acme", "c", MAX - 5, &shop->message));
  shop_finish(shop, &spend);
  assert_true(spend.verdict.done);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, shop_set_up, shop_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_pack),
      TEST(test_pack_refused),
      TEST(test_cycles),
      TEST(test_same_name_other_kind),
      TEST(test_plans_and_cards),
      TEST(test_dead_cards),
      TEST(test_card_numbers),
      TEST(test_refund_in_parts),
      TEST(test_below_zero),
      TEST(test_disputes),
      TEST(test_any_order),
      TEST(test_parts_below_a_token),
      TEST(test_extreme_reversals),
      TEST(test_too_early),
      TEST(test_whose_money),
      TEST(test_top_up_at_the_limit),
      TEST(test_grant_to_the_limit_in_flight),
  };
  return cmocka_run_group_tests_name("account", tests, NULL, NULL);
}
