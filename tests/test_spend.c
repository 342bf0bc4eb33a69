/* The steps of a spend, on the real store and a gateway that behaves: what each step leaves behind,
 * and that each is one transaction or one port call (shop_step() checks that everywhere). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "shop.h"

static void assert_refused(struct reload_verdict verdict, enum reload_reason reason) {
  assert_false(verdict.done);
  assert_false(verdict.reloaded);
  assert_int_equal(verdict.reason, reason);
  assert_int_equal(verdict.note, reason != RELOAD_REASON_OFF);
}

static void assert_done(struct reload_verdict verdict, bool reloaded, int64_t balance_tokens) {
  assert_true(verdict.done);
  assert_int_equal(verdict.reloaded, reloaded);
  assert_int_equal(verdict.reason, RELOAD_REASON_NONE);
  assert_false(verdict.note);
  assert_int_equal(verdict.ways_out, 0);
  assert_int_equal(verdict.missing_tokens, 0);
  assert_string_equal(verdict.decline_code, "");
  assert_int_equal(verdict.balance_tokens, balance_tokens);
}

/* ---- The straight ways --------------------------------------------------------------------- */

/* FIRE-1: one step, and the gateway never hears of it. */
static void test_fits(void **state) {
  struct shop *shop = *state;
  struct reload_spend spend = shop_spend("acme", "a-1", 5);
  shop_step(shop, &spend);
  assert_int_equal(spend.progress, RELOAD_DONE);
  assert_int_equal(spend.step, RELOAD_STEP_END);
  assert_done(spend.verdict, false, 0);
  assert_int_equal(shop->card.intent_count, 0);
  assert_string_equal(shop_log(shop, "acme"), "grant +5 = 5; spend -5 = 0");
  assert_string_equal(shop_charges(shop, "acme"), "");
}

/* FIRE-2, FIRE-5, MONEY-2: the six steps, and what may be seen between them. */
static void test_the_steps(void **state) {
  struct shop *shop = *state;
  struct reload_spend spend = shop_spend("acme", "a-1", 10);
  shop_step(shop, &spend); /* decide */
  assert_int_equal(spend.step, RELOAD_STEP_OPEN);
  assert_string_equal(shop_charges(shop, "acme"), "a-1 created");
  assert_int_equal(shop->card.intent_count, 0);
  shop_step(shop, &spend); /* open */
  assert_int_equal(spend.step, RELOAD_STEP_RECORD);
  assert_int_equal(shop_intent_status(shop, "a-1"), RELOAD_INTENT_REQUIRES_CONFIRMATION);
  assert_string_equal(shop_charges(shop, "acme"), "a-1 created");
  shop_step(shop, &spend); /* record: before any money can move */
  assert_int_equal(spend.step, RELOAD_STEP_CONFIRM);
  assert_string_equal(shop_charges(shop, "acme"), "a-1 opened");
  assert_string_equal(shop_charge(shop, "acme").intent_id, spend.attempt.intent_id);
  assert_int_equal(shop_captured_minor(shop, "a-1"), 0);
  shop_step(shop, &spend); /* confirm */
  assert_int_equal(spend.step, RELOAD_STEP_SETTLE);
  assert_int_equal(shop_captured_minor(shop, "a-1"), 1000);
  assert_string_equal(shop_log(shop, "acme"), "grant +5 = 5");
  shop_step(shop, &spend); /* settle: both entries at once */
  assert_int_equal(spend.progress, RELOAD_DONE);
  assert_done(spend.verdict, true, 95);
  assert_string_equal(shop_log(shop, "acme"), "grant +5 = 5; top_up +100 = 105; spend -10 = 95");
  assert_string_equal(shop_charges(shop, "acme"), "a-1 captured");
}

/* OUT-4, RACE-2, RACE-6: the row answers which client, action, card, when fired, under which
 * change, when captured. */
static void test_the_record(void **state) {
  struct shop *shop = *state;
  struct reload_spend spend = shop_spend("acme", "a-1", 10);
  shop_pass(shop, 1000);
  shop_step(shop, &spend);
  shop_pass(shop, 500);
  shop_finish(shop, &spend);
  struct reload_charge_row charge = shop_charge(shop, "acme");
  assert_string_equal(charge.client_id, "acme");
  assert_string_equal(charge.action_id, "a-1");
  assert_string_equal(charge.card_id, "pm_card_visa");
  assert_string_equal(charge.currency, "usd");
  assert_int_equal(charge.cost_tokens, 10);
  assert_int_equal(charge.top_up_tokens, 100);
  assert_int_equal(charge.amount_minor, 1000);
  assert_int_equal(charge.fired_at_ms, SHOP_NOON + 1000);
  assert_int_equal(charge.fired_under_change_no, 1);
  assert_int_equal(charge.ended_at_ms, SHOP_NOON + 1500);
  assert_int_equal(charge.recover_at_ms, 0);
  struct reload_entry_row entry = shop_entry(shop, "acme");
  assert_string_equal(entry.action_id, "a-1");
  assert_int_equal(entry.at_ms, SHOP_NOON + 1500);
  const struct fake_card_intent *intent = fake_card_find_action(&shop->card, "a-1");
  assert_non_null(intent);
  assert_string_equal(intent->client_id, "acme");
  assert_string_equal(intent->customer_id, "cus_olga");
  assert_string_equal(intent->id, charge.intent_id);
}

/* FIRE-3 */
static void test_kinds_are_alike(void **state) {
  struct shop *shop = *state;
  struct reload_spend spend = shop_spend("acme", "batch-1", 10);
  spend.kind = RELOAD_PERSONA_BATCH;
  shop_finish(shop, &spend);
  assert_done(spend.verdict, true, 95);
  assert_string_equal(shop_log(shop, "acme"), "grant +5 = 5; top_up +100 = 105; spend -10 = 95");
}

/* ---- Refusals ------------------------------------------------------------------------------ */

/* NOFIRE-2, NOFIRE-3, NOFIRE-6: each card's own answer; never an entry, never left chargeable. */
static const struct {
  const char *card, *code;
  enum reload_reason reason;
  bool dead;
} cards[] = {
    {"pm_card_visa_chargeDeclined", "generic_decline", RELOAD_REASON_DECLINED, false},
    {"pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds", RELOAD_REASON_DECLINED,
     false},
    {"pm_card_visa_chargeDeclinedLostCard", "lost_card", RELOAD_REASON_DECLINED, true},
    {"pm_card_visa_chargeDeclinedStolenCard", "stolen_card", RELOAD_REASON_DECLINED, true},
    {"pm_card_chargeDeclinedExpiredCard", "expired_card", RELOAD_REASON_DECLINED, true},
    {"pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", RELOAD_REASON_DECLINED, false},
    {"pm_card_chargeDeclinedProcessingError", "processing_error", RELOAD_REASON_DECLINED, false},
    {"pm_card_visa_chargeDeclinedVelocityLimitExceeded", "card_velocity_exceeded",
     RELOAD_REASON_DECLINED, false},
    {"pm_card_radarBlock", "fraudulent", RELOAD_REASON_DECLINED, true},
    {"pm_card_authenticationRequired", "authentication_required", RELOAD_REASON_3D_SECURE, false},
};

static void test_declines(void **state) {
  struct shop *shop = *state;
  for (size_t i = 0; i < SHOP_COUNT(cards); i++) {
    char client[16] = "client-a", action[16] = "action-a";
    client[7] = action[7] = (char)('a' + i);
    shop_add_client(shop, client, 5);
    shop_ok(shop, reload_card_set(shop->engine, client, cards[i].card, &shop->message));
    struct reload_spend spend = shop_spend(client, action, 10);
    shop_finish(shop, &spend);
    assert_refused(spend.verdict, cards[i].reason);
    assert_string_equal(spend.verdict.decline_code, cards[i].code);
    assert_true(spend.verdict.ways_out & RELOAD_OUT_UPDATE_CARD);
    assert_int_equal(spend.verdict.missing_tokens, 5);
    assert_string_equal(shop_log(shop, client), "grant +5 = 5");
    assert_int_equal(shop_intent_status(shop, action), RELOAD_INTENT_CANCELED);
    assert_int_equal(shop_charge(shop, client).state, RELOAD_CHARGE_CLOSED);
    if (shop_client(shop, client).card_dead != cards[i].dead) fail_msg("%s: dead?", cards[i].card);
  }
}

/* NOFIRE-3: requires_action in a 200 is no success, and is closed. */
static void test_3d_secure_in_a_200(void **state) {
  struct shop *shop = *state;
  struct reload_spend spend = shop_spend("acme", "a-1", 10);
  shop_step_to(shop, &spend, RELOAD_STEP_CONFIRM);
  shop->next_call.kind = FAKE_CARD_3D_SECURE;
  shop_step(shop, &spend);
  assert_int_equal(spend.step, RELOAD_STEP_CLOSE);
  shop_finish(shop, &spend);
  assert_refused(spend.verdict, RELOAD_REASON_3D_SECURE);
  assert_int_equal(shop_intent_status(shop, "a-1"), RELOAD_INTENT_CANCELED);
  assert_string_equal(shop_charges(shop, "acme"), "a-1 closed authentication_required");
}

/* The customer authenticates between the confirm and the closing call: the money has moved, so the
 * action goes through after all. */
static void test_3d_secure_at_the_last_moment(void **state) {
  struct shop *shop = *state;
  struct reload_spend spend = shop_spend("acme", "a-1", 10);
  shop_step_to(shop, &spend, RELOAD_STEP_CONFIRM);
  shop->next_call.kind = FAKE_CARD_3D_SECURE;
  shop_step(shop, &spend);
  assert_int_equal(fake_card_authenticate(&shop->card, "a-1", shop->clock.now_ms),
                   FAKE_CARD_AUTHENTICATION_CAPTURED);
  shop_finish(shop, &spend);
  assert_done(spend.verdict, true, 95);
  assert_string_equal(shop_log(shop, "acme"), "grant +5 = 5; top_up +100 = 105; spend -10 = 95");
}

/* NOFIRE-1, NOFIRE-4, NOFIRE-5, FIRE-7: refused by the first step, and nobody was asked. */
static void test_refused_without_a_charge(void **state) {
  struct shop *shop = *state;
  struct reload_message *m = &shop->message;
  assert_refused(shop_submit(shop, "too-dear", 106), RELOAD_REASON_TOO_SMALL);
  shop_ok(shop, reload_plan_set(shop->engine, "acme", RELOAD_PLAN_PAST_DUE, m));
  assert_refused(shop_submit(shop, "a-1", 10), RELOAD_REASON_NO_PLAN);
  shop_ok(shop, reload_plan_set(shop->engine, "acme", RELOAD_PLAN_ACTIVE, m));
  shop_ok(shop, reload_card_remove(shop->engine, "acme", m));
  assert_refused(shop_submit(shop, "a-1", 10), RELOAD_REASON_NO_CARD);
  shop_toggle(shop, "acme", false);
  struct reload_verdict off = shop_submit(shop, "a-1", 10);
  assert_refused(off, RELOAD_REASON_OFF);
  assert_int_equal(off.ways_out,
                   RELOAD_OUT_TOP_UP | RELOAD_OUT_CHANGE_PLAN | RELOAD_OUT_WAIT_CYCLE);
  assert_int_equal(shop->card_fixture.call_count + (uint32_t)shop->card.intent_count, 0);
  assert_string_equal(shop_log(shop, "acme"), "grant +5 = 5");
  assert_string_equal(shop_charges(shop, "acme"), "");
}

/* NOFIRE-6, NOFIRE-7: once an action, again for the next one; a dead card never, until replaced. */
static void test_trying_again(void **state) {
  struct shop *shop = *state;
  struct reload_message *m = &shop->message;
  const char *poor = "pm_card_visa_chargeDeclinedInsufficientFunds";
  shop_ok(shop, reload_card_set(shop->engine, "acme", poor, m));
  assert_refused(shop_submit(shop, "a-1", 10), RELOAD_REASON_DECLINED);
  assert_refused(shop_submit(shop, "a-1", 10), RELOAD_REASON_DECLINED);
  assert_int_equal(shop->card.intent_count, 1);
  shop_pass(shop, 1000);
  assert_refused(shop_submit(shop, "a-2", 10), RELOAD_REASON_DECLINED);
  assert_int_equal(shop->card.intent_count, 2);
  /* the very same card put again is no new card */
  shop_ok(shop, reload_card_set(shop->engine, "acme", poor, m));
  assert_refused(shop_submit(shop, "a-1", 10), RELOAD_REASON_DECLINED);
  assert_int_equal(shop->card.intent_count, 2);
  shop_ok(shop, reload_card_set(shop->engine, "acme", "pm_card_visa_chargeDeclinedLostCard", m));
  shop_pass(shop, 1000);
  assert_refused(shop_submit(shop, "a-1", 10), RELOAD_REASON_DECLINED);
  assert_int_equal(shop->card.intent_count, 3);
  assert_refused(shop_submit(shop, "a-3", 10), RELOAD_REASON_CARD_DEAD);
  assert_int_equal(shop->card.intent_count, 3);
  shop_ok(shop, reload_card_set(shop->engine, "acme", "pm_card_visa", m));
  shop_pass(shop, 1000);
  assert_done(shop_submit(shop, "a-1", 10), true, 95);
  assert_string_equal(shop_charges(shop, "acme"),
                      "a-1 closed insufficient_funds; a-2 closed insufficient_funds; "
                      "a-1 closed lost_card; a-1 captured");
}

/* A card that was detached at the gateway is refused when the intent is made: dead too. */
static void test_detached_card(void **state) {
  struct shop *shop = *state;
  assert_true(fake_card_detach(&shop->card, "pm_card_visa"));
  assert_refused(shop_submit(shop, "a-1", 10), RELOAD_REASON_DECLINED);
  assert_string_equal(shop_charges(shop, "acme"), "a-1 closed payment_method_detached");
  assert_true(shop_client(shop, "acme").card_dead);
}

/* ---- The gateway's answers ----------------------------------------------------------------- */

/* the step, what happens in it, what the customer is told, where the charge stands then */
static const struct {
  const char *name;
  enum reload_step step;
  enum fake_card_behaviour_kind behaviour;
  enum reload_reason reason;
  const char *charge;
  int64_t captured_minor;
} behaviours[] = {
    {"open: lost on the way", RELOAD_STEP_OPEN, FAKE_CARD_TIMEOUT_BEFORE, RELOAD_REASON_UNKNOWN,
     "a-1 unknown", 0},
    {"open: reply lost", RELOAD_STEP_OPEN, FAKE_CARD_TIMEOUT_AFTER, RELOAD_REASON_UNKNOWN,
     "a-1 unknown", 0},
    {"open: 500", RELOAD_STEP_OPEN, FAKE_CARD_500_ROLLED_BACK, RELOAD_REASON_UNKNOWN, "a-1 unknown",
     0},
    {"open: not reached", RELOAD_STEP_OPEN, FAKE_CARD_NOT_REACHED, RELOAD_REASON_NOT_REACHED,
     "a-1 closed", 0},
    {"open: 429", RELOAD_STEP_OPEN, FAKE_CARD_429, RELOAD_REASON_NOT_REACHED, "a-1 closed", 0},
    {"confirm: lost on the way", RELOAD_STEP_CONFIRM, FAKE_CARD_TIMEOUT_BEFORE,
     RELOAD_REASON_UNKNOWN, "a-1 unknown", 0},
    {"confirm: reply lost", RELOAD_STEP_CONFIRM, FAKE_CARD_TIMEOUT_AFTER, RELOAD_REASON_UNKNOWN,
     "a-1 unknown", 1000},
    {"confirm: 500, done", RELOAD_STEP_CONFIRM, FAKE_CARD_500_ROLLED_FORWARD, RELOAD_REASON_UNKNOWN,
     "a-1 unknown", 1000},
    {"confirm: 409", RELOAD_STEP_CONFIRM, FAKE_CARD_409, RELOAD_REASON_UNKNOWN, "a-1 unknown", 0},
    {"confirm: not reached", RELOAD_STEP_CONFIRM, FAKE_CARD_NOT_REACHED, RELOAD_REASON_NOT_REACHED,
     "a-1 closed", 0},
    {"confirm: 429", RELOAD_STEP_CONFIRM, FAKE_CARD_429, RELOAD_REASON_NOT_REACHED, "a-1 closed",
     0},
};

/* MONEY-5: unknown is never taken for a failure, known never for unknown. */
static void test_behaviours(void **state) {
  for (size_t i = 0; i < SHOP_COUNT(behaviours); i++) {
    (void)shop_tear_down(state);
    assert_int_equal(shop_set_up(state), 0);
    struct shop *shop = *state;
    struct reload_spend spend = shop_spend("acme", "a-1", 10);
    shop_step_to(shop, &spend, behaviours[i].step);
    shop->next_call.kind = behaviours[i].behaviour;
    shop_finish(shop, &spend);
    print_message("    %s\n", behaviours[i].name);
    assert_refused(spend.verdict, behaviours[i].reason);
    assert_true(spend.verdict.ways_out & RELOAD_OUT_TRY_LATER);
    assert_string_equal(shop_charges(shop, "acme"), behaviours[i].charge);
    assert_string_equal(shop_log(shop, "acme"), "grant +5 = 5");
    assert_int_equal(shop_captured_minor(shop, "a-1"), behaviours[i].captured_minor);
  }
}

/* A declined charge whose closing call is lost: declined to the customer, unresolved in the
 * ledger. */
static void test_close_is_lost(void **state) {
  struct shop *shop = *state;
  const char *poor = "pm_card_visa_chargeDeclinedInsufficientFunds";
  shop_ok(shop, reload_card_set(shop->engine, "acme", poor, &shop->message));
  struct reload_spend spend = shop_spend("acme", "a-1", 10);
  shop_step_to(shop, &spend, RELOAD_STEP_CLOSE);
  shop->next_call.kind = FAKE_CARD_TIMEOUT_BEFORE;
  shop_finish(shop, &spend);
  assert_refused(spend.verdict, RELOAD_REASON_DECLINED);
  assert_string_equal(shop_charges(shop, "acme"), "a-1 unknown insufficient_funds");
  assert_refused(shop_submit(shop, "a-2", 10), RELOAD_REASON_UNRESOLVED); /* MONEY-6 */
  assert_done(shop_submit(shop, "a-3", 5), false, 0);
}

/* Recovery may take it at once, and nothing else of the client's starts until it has (MONEY-6). */
static void test_unresolved(void **state) {
  struct shop *shop = *state;
  struct reload_spend spend = shop_spend("acme", "a-1", 10);
  shop_step_to(shop, &spend, RELOAD_STEP_CONFIRM);
  shop->next_call.kind = FAKE_CARD_TIMEOUT_AFTER;
  shop_finish(shop, &spend);
  assert_int_equal(shop_charge(shop, "acme").recover_at_ms, shop->clock.now_ms);
  assert_refused(shop_submit(shop, "a-1", 10), RELOAD_REASON_UNRESOLVED);
  shop_add_client(shop, "beta", 0);
  struct reload_spend other = shop_spend("beta", "b-1", 10);
  shop_finish(shop, &other);
  assert_done(other.verdict, true, 90);
}

/* ---- Asking again (MONEY-3) ---------------------------------------------------------------- */

static void test_asked_again(void **state) {
  struct shop *shop = *state;
  assert_done(shop_submit(shop, "a-1", 10), true, 95);
  assert_done(shop_submit(shop, "a-2", 10), false, 85);
  assert_done(shop_submit(shop, "a-1", 10), true, 85); /* reloaded, as it was told before */
  assert_done(shop_submit(shop, "a-2", 10), false, 85);
  shop_toggle(shop, "acme", false);
  assert_done(shop_submit(shop, "a-1", 10), true, 85);
  assert_string_equal(shop_log(shop, "acme"),
                      "grant +5 = 5; top_up +100 = 105; spend -10 = 95; spend -10 = 85");
}

/* The same id twice at once: one charge, one deduction, the same answer. */
static void test_twice_at_once(void **state) {
  struct shop *shop = *state;
  struct reload_spend first = shop_spend("acme", "a-1", 10), second = first;
  shop_step(shop, &first);
  shop_process(shop, 1);
  shop_step(shop, &second);
  assert_int_equal(second.progress, RELOAD_WAIT);
  shop_process(shop, 0);
  shop_finish(shop, &first);
  shop_process(shop, 1);
  shop_step(shop, &second);
  assert_done(first.verdict, true, 95);
  assert_done(second.verdict, true, 95);
  assert_int_equal(shop_captured_minor(shop, "a-1"), 1000);
  assert_string_equal(shop_log(shop, "acme"), "grant +5 = 5; top_up +100 = 105; spend -10 = 95");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, shop_set_up, shop_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_fits),
      TEST(test_the_steps),
      TEST(test_the_record),
      TEST(test_kinds_are_alike),
      TEST(test_declines),
      TEST(test_3d_secure_in_a_200),
      TEST(test_3d_secure_at_the_last_moment),
      TEST(test_refused_without_a_charge),
      TEST(test_trying_again),
      TEST(test_detached_card),
      TEST(test_behaviours),
      TEST(test_close_is_lost),
      TEST(test_unresolved),
      TEST(test_asked_again),
      TEST(test_twice_at_once),
  };
  return cmocka_run_group_tests_name("spend", tests, NULL, NULL);
}
