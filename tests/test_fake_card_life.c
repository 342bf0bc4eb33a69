/* The card gateway: what time, merchants and customers do to a payment. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "card_kit.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- Time ---------------------------------------------------------------------------------- */

static void processing_ends_later(void **state) {
  (void)state;
  static const struct {
    enum fake_card_behaviour_kind kind;
    int64_t duration_ms, expected_ms;
    enum reload_intent_status status;
    enum fake_card_result result;
    const char *events;
  } rows[] = {
      {FAKE_CARD_PROCESSING_SUCCEEDS, 0, HOUR, RELOAD_INTENT_SUCCEEDED, FAKE_CARD_RESULT_CAPTURED,
       "S"},
      {FAKE_CARD_PROCESSING_SUCCEEDS, 5000, 5000, RELOAD_INTENT_SUCCEEDED,
       FAKE_CARD_RESULT_CAPTURED, "S"},
      {FAKE_CARD_PROCESSING_FAILS, 0, HOUR, RELOAD_INTENT_REQUIRES_PAYMENT_METHOD,
       FAKE_CARD_RESULT_FAILED, "F"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct bank *bank = bank_new();
    char id[RELOAD_ID_SIZE];
    struct fake_card_behaviour behaviour = {rows[i].kind, NULL, rows[i].duration_ms};
    assert_true(fake_card_next_due_ms(&bank->card) == INT64_MAX);
    struct reload_card_reply reply = bank_charge(bank, "pm_card_visa", behaviour, id);
    bank_assert_answer(&reply, RELOAD_INTENT_PROCESSING, "", "");
    int64_t due_ms = NOON + rows[i].expected_ms;
    assert_true(fake_card_next_due_ms(&bank->card) == due_ms);
    fake_card_advance(&bank->card, due_ms - 1);
    assert_int_equal(bank_intent(bank, id)->status, RELOAD_INTENT_PROCESSING);
    fake_clock_move(&bank->clock, 10 * HOUR); /* whoever calls late finds it done in time */
    reply = bank_cancel(bank, id);
    bool captured = rows[i].status == RELOAD_INTENT_SUCCEEDED;
    assert_int_equal(reply.status, captured ? RELOAD_INTENT_SUCCEEDED : RELOAD_INTENT_CANCELED);
    assert_int_equal(bank_intent(bank, id)->result, rows[i].result);
    assert_true(bank_intent(bank, id)->captured_at_ms == (captured ? due_ms : 0));
    assert_true(bank->card.events[0].at_ms == due_ms);
    assert_int_equal(bank_events(bank)[0], rows[i].events[0]);
    assert_true(fake_card_next_due_ms(&bank->card) == INT64_MAX);
    free(bank);
  }
}

static void an_endless_delay_does_not_overflow(void **state) {
  struct bank *bank = *state;
  char id[RELOAD_ID_SIZE];
  struct fake_card_behaviour behaviour = {FAKE_CARD_PROCESSING_SUCCEEDS, NULL, INT64_MAX};
  (void)bank_charge(bank, "pm_card_createDispute", behaviour, id);
  assert_true(fake_card_next_due_ms(&bank->card) > FAKE_CLOCK_MAX_MS);
  fake_card_advance(&bank->card, INT64_MAX);
  assert_string_equal(bank_events(bank), "SD");
}

/* ---- Refunds and disputes ------------------------------------------------------------------ */

static void refunds_give_back_what_is_left(void **state) {
  struct bank *bank = *state;
  char id[RELOAD_ID_SIZE];
  (void)bank_charge(bank, "pm_card_visa", bank_normal, id);
  assert_false(fake_card_refund(&bank->card, id, 1001, NOON));
  assert_false(fake_card_refund(&bank->card, id, -1, NOON));
  assert_false(fake_card_refund(&bank->card, "pi_0", 1, NOON));
  assert_true(fake_card_refund(&bank->card, id, 300, NOON));
  assert_int_equal(bank->card.events[1].amount_minor, 300);
  assert_false(fake_card_refund(&bank->card, id, 701, NOON));
  assert_true(fake_card_refund(&bank->card, id, 0, NOON + 1));
  assert_int_equal(bank->card.events[2].amount_minor, 1000); /* in all */
  assert_false(fake_card_refund(&bank->card, id, 0, NOON + 1));
  assert_int_equal(bank_intent(bank, id)->refunded_minor, 1000);
  assert_int_equal(bank_intent(bank, id)->refund_told_minor, 1000);
  assert_string_equal(bank_events(bank), "SRR");
}

static void only_captured_money_comes_back(void **state) {
  struct bank *bank = *state;
  char id[RELOAD_ID_SIZE];
  struct fake_card_behaviour slow = {FAKE_CARD_PROCESSING_SUCCEEDS, NULL, 0};
  (void)bank_charge(bank, "pm_card_visa", slow, id);
  assert_false(fake_card_refund(&bank->card, id, 0, NOON));
  assert_false(fake_card_dispute(&bank->card, id, true, NOON));
  assert_true(fake_card_refund(&bank->card, id, 0, NOON + HOUR)); /* captured by then */
  assert_string_equal(bank_events(bank), "SR");
}

static void a_pending_refund_succeeds_later(void **state) {
  struct bank *bank = *state;
  char id[RELOAD_ID_SIZE];
  (void)bank_charge(bank, "pm_card_pendingRefund", bank_normal, id);
  assert_true(fake_card_refund(&bank->card, id, 400, NOON));
  assert_int_equal(bank_intent(bank, id)->refunded_minor, 0);
  assert_string_equal(bank_events(bank), "S");
  assert_false(fake_card_refund(&bank->card, id, 601, NOON)); /* it is spoken for */
  assert_true(fake_card_next_due_ms(&bank->card) == NOON + HOUR);
  fake_card_advance(&bank->card, NOON + HOUR);
  assert_int_equal(bank_intent(bank, id)->refunded_minor, 400);
  assert_string_equal(bank_events(bank), "SR");
  assert_int_equal(bank->card.events[1].amount_minor, 400);
  assert_true(bank->card.events[1].at_ms == NOON + HOUR);
}

static void a_failing_refund_comes_back(void **state) {
  struct bank *bank = *state;
  char id[RELOAD_ID_SIZE];
  (void)bank_charge(bank, "pm_card_refundFail", bank_normal, id);
  assert_true(fake_card_refund(&bank->card, id, 400, NOON));
  assert_string_equal(bank_events(bank), "SR");
  assert_int_equal(bank_intent(bank, id)->refunded_minor, 400);
  fake_card_advance(&bank->card, NOON + HOUR);
  const struct fake_card_intent *found = bank_intent(bank, id);
  assert_string_equal(bank_events(bank), "SRX");
  assert_int_equal(bank->card.events[2].amount_minor, 400);
  assert_int_equal(found->refunded_minor - found->refund_failed_minor, 0);
  assert_int_equal(found->refund_told_minor, 400); /* what was told stays told */
  assert_true(fake_card_refund(&bank->card, id, 1000, NOON + HOUR));
  assert_int_equal(bank->card.events[3].amount_minor, 1000);
  assert_int_equal(found->refund_told_minor, 1000);
}

static void disputes_take_and_give_back(void **state) {
  (void)state;
  for (int won = 0; won <= 1; won++) {
    struct bank *bank = bank_new();
    char id[RELOAD_ID_SIZE];
    (void)bank_charge(bank, "pm_card_visa", bank_normal, id);
    assert_true(fake_card_refund(&bank->card, id, 300, NOON));
    assert_true(fake_card_dispute(&bank->card, id, won, NOON));
    assert_string_equal(bank_events(bank), won ? "SRDW" : "SRDL");
    assert_int_equal(bank->card.events[2].amount_minor, 700);
    assert_int_equal(bank->card.events[3].amount_minor, 700);
    assert_int_equal(bank_intent(bank, id)->disputed_minor, won ? 0 : 700);
    assert_false(fake_card_dispute(&bank->card, id, won, NOON));
    assert_int_equal(fake_card_refund(&bank->card, id, 0, NOON), won);
    free(bank);
  }
}

static void a_dispute_card_opens_its_own(void **state) {
  struct bank *bank = *state;
  char id[RELOAD_ID_SIZE];
  (void)bank_charge(bank, "pm_card_createDispute", bank_normal, id);
  assert_true(fake_card_next_due_ms(&bank->card) == NOON + HOUR);
  fake_card_advance(&bank->card, NOON + HOUR);
  assert_string_equal(bank_events(bank), "SD");
  assert_int_equal(bank_intent(bank, id)->dispute, FAKE_CARD_DISPUTE_OPEN);
  assert_int_equal(bank_intent(bank, id)->disputed_minor, 1000);
  assert_true(fake_card_next_due_ms(&bank->card) == INT64_MAX);
  assert_false(fake_card_refund(&bank->card, id, 1, NOON + HOUR));
  assert_true(fake_card_dispute(&bank->card, id, false, NOON + 2 * HOUR));
  assert_string_equal(bank_events(bank), "SDL");
}

static void nothing_left_nothing_disputed(void **state) {
  struct bank *bank = *state;
  char id[RELOAD_ID_SIZE];
  (void)bank_charge(bank, "pm_card_createDispute", bank_normal, id);
  assert_true(fake_card_refund(&bank->card, id, 0, NOON));
  fake_card_advance(&bank->card, NOON + HOUR);
  assert_false(fake_card_dispute(&bank->card, id, true, NOON + HOUR));
  assert_string_equal(bank_events(bank), "SR");
  assert_int_equal(bank_intent(bank, id)->dispute, FAKE_CARD_DISPUTE_NONE);
}

/* ---- 3D Secure and Checkout ---------------------------------------------------------------- */

static void customers_authenticate_late(void **state) {
  (void)state;
  static const char both[] = "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds";
  static const struct {
    const char *card_id;
    enum fake_card_behaviour_kind kind;
    bool canceled;
    enum fake_card_authentication expected;
    const char *events;
  } rows[] = {
      {"pm_card_authenticationRequired", FAKE_CARD_NORMAL, false, FAKE_CARD_AUTHENTICATION_CAPTURED,
       "FS"},
      {"pm_card_visa", FAKE_CARD_3D_SECURE, false, FAKE_CARD_AUTHENTICATION_CAPTURED, "AS"},
      {"pm_card_authenticationRequired", FAKE_CARD_NORMAL, true, FAKE_CARD_AUTHENTICATION_REFUSED,
       "FC"},
      {"pm_card_visa", FAKE_CARD_3D_SECURE, true, FAKE_CARD_AUTHENTICATION_REFUSED, "AC"},
      {both, FAKE_CARD_3D_SECURE, false, FAKE_CARD_AUTHENTICATION_DECLINED, "AF"},
      {both, FAKE_CARD_NORMAL, false, FAKE_CARD_AUTHENTICATION_DECLINED, "FF"},
      {"pm_card_visa_chargeDeclined", FAKE_CARD_NORMAL, false, FAKE_CARD_AUTHENTICATION_REFUSED,
       "F"},
      {"pm_card_visa", FAKE_CARD_NORMAL, false, FAKE_CARD_AUTHENTICATION_REFUSED, "S"},
      {"pm_card_visa", FAKE_CARD_PROCESSING_SUCCEEDS, false, FAKE_CARD_AUTHENTICATION_REFUSED, ""},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct bank *bank = bank_new();
    char id[RELOAD_ID_SIZE];
    struct fake_card_behaviour behaviour = {rows[i].kind, NULL, 0};
    (void)bank_charge(bank, rows[i].card_id, behaviour, id);
    if (rows[i].canceled) {
      (void)bank_cancel(bank, id);
    }
    bool had = bank_intent(bank, id)->captured_minor > 0;
    assert_int_equal(fake_card_authenticate(&bank->card, "creative-7", NOON + 1), rows[i].expected);
    assert_string_equal(bank_events(bank), rows[i].events);
    bool has = bank_intent(bank, id)->captured_minor > 0;
    assert_int_equal(has, had || rows[i].expected == FAKE_CARD_AUTHENTICATION_CAPTURED);
    assert_int_equal(fake_card_authenticate(&bank->card, "other", NOON),
                     FAKE_CARD_AUTHENTICATION_REFUSED);
    free(bank);
  }
}

static void the_last_attempt_is_authenticated(void **state) {
  struct bank *bank = *state;
  char ids[3][RELOAD_ID_SIZE];
  static const char *const keys[] = {"k1", "k2", "k3"};
  for (size_t i = 0; i < 3; i++) {
    struct reload_card_reply reply = bank_create(bank, keys[i], "pm_card_authenticationRequired");
    (void)snprintf(ids[i], RELOAD_ID_SIZE, "%s", reply.intent_id);
    (void)bank_confirm(bank, ids[i], NULL);
  }
  assert_string_equal(fake_card_find_action(&bank->card, "creative-7")->id, ids[2]);
  (void)bank_cancel(bank, ids[2]);
  assert_int_equal(fake_card_authenticate(&bank->card, "creative-7", NOON),
                   FAKE_CARD_AUTHENTICATION_CAPTURED);
  assert_int_equal(bank_intent(bank, ids[1])->captured_minor, 1000);
  assert_int_equal(bank_intent(bank, ids[0])->captured_minor, 0);
  assert_string_equal(fake_card_find_action(&bank->card, "creative-7")->id, ids[1]);
}

static void packs_are_paid_through_checkout(void **state) {
  struct bank *bank = *state;
  struct fake_card_payment payment = {"pi_pack", "acme", "pack-1", "pm_card_visa", "usd", 5000};
  assert_true(fake_card_add_paid_intent(&bank->card, &payment, NOON));
  assert_true(fake_card_add_paid_intent(&bank->card, &payment, NOON + 1));
  assert_int_equal(bank->card.intent_count, 1);
  const struct fake_card_intent *found = fake_card_find_action(&bank->card, "pack-1");
  assert_non_null(found);
  assert_string_equal(found->id, "pi_pack");
  assert_true(found->is_checkout && found->confirm_no == 0 && found->captured_minor == 5000);
  assert_string_equal(bank_events(bank), "S");
  assert_true(fake_card_refund(&bank->card, "pi_pack", 0, NOON));
  assert_string_equal(bank_events(bank), "SR");
  struct fake_card_payment bad[6];
  for (size_t i = 0; i < COUNT(bad); i++) {
    bad[i] = payment;
    if (i > 0) {
      bad[i].intent_id = "pi_other";
    }
  }
  bad[0].amount_minor = 5001; /* the id is taken */
  bad[1].amount_minor = 0;
  bad[2].card_id = "none";
  bad[3].client_id = "";
  bad[4].reference = NULL;
  bad[5].currency = "euro";
  for (size_t i = 0; i < COUNT(bad); i++) {
    assert_false(fake_card_add_paid_intent(&bank->card, &bad[i], NOON));
  }
  assert_int_equal(bank->card.intent_count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bank_set_up, bank_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(processing_ends_later),
      TEST(an_endless_delay_does_not_overflow),
      TEST(refunds_give_back_what_is_left),
      TEST(only_captured_money_comes_back),
      TEST(a_pending_refund_succeeds_later),
      TEST(a_failing_refund_comes_back),
      TEST(disputes_take_and_give_back),
      TEST(a_dispute_card_opens_its_own),
      TEST(nothing_left_nothing_disputed),
      TEST(customers_authenticate_late),
      TEST(the_last_attempt_is_authenticated),
      TEST(packs_are_paid_through_checkout),
  };
  return cmocka_run_group_tests_name("fake_card_life", tests, NULL, NULL);
}
