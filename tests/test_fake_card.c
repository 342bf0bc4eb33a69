/* The card gateway: cards, calls, behaviours, idempotency keys. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "card_kit.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- Cards -------------------------------------------------------------------------------- */

static const struct card_row {
  const char *card_id;
  const char *code;
  const char *decline_code; /* "": succeeds */
} card_rows[] = {
    {"pm_card_visa", "", ""},
    {"pm_card_visa_chargeDeclined", "card_declined", "generic_decline"},
    {"pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"},
    {"pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"},
    {"pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"},
    {"pm_card_visa_chargeDeclinedVelocityLimitExceeded", "card_declined", "card_velocity_exceeded"},
    {"pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"},
    {"pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"},
    {"pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"},
    {"pm_card_chargeCustomerFail", "card_declined", "generic_decline"},
    {"pm_card_radarBlock", "card_declined", "fraudulent"},
    {"pm_card_authenticationRequired", "authentication_required", "authentication_required"},
    {"pm_card_authenticationRequiredOnSetup", "authentication_required", "authentication_required"},
    {"pm_card_authenticationRequiredSetupForOffSession", "", ""},
    {"pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", "card_declined",
     "insufficient_funds"},
    {"pm_card_createDispute", "", ""},
    {"pm_card_pendingRefund", "", ""},
    {"pm_card_refundFail", "", ""},
};

static void check_card(const struct card_row *row, const char *suffix) {
  struct bank *bank = bank_new();
  char card_id[80], id[RELOAD_ID_SIZE];
  (void)snprintf(card_id, sizeof card_id, "%s%s", row->card_id, suffix);
  assert_true(fake_card_is_known(card_id));
  bool succeeds = row->decline_code[0] == '\0';
  struct reload_card_reply reply = bank_charge(bank, card_id, bank_normal, id);
  bank_assert_answer(&reply,
                     succeeds ? RELOAD_INTENT_SUCCEEDED : RELOAD_INTENT_REQUIRES_PAYMENT_METHOD,
                     row->code, row->decline_code);
  assert_int_equal(bank_intent(bank, id)->captured_minor, succeeds ? 1000 : 0);
  assert_int_equal(bank_intent(bank, id)->result,
                   succeeds ? FAKE_CARD_RESULT_CAPTURED : FAKE_CARD_RESULT_DECLINED);
  assert_string_equal(bank_events(bank), succeeds ? "S" : "F");
  reply = bank_cancel(bank, id); /* the last decline is told when it is canceled, too */
  bank_assert_answer(&reply, succeeds ? RELOAD_INTENT_SUCCEEDED : RELOAD_INTENT_CANCELED,
                     succeeds ? UNEXPECTED : "", row->decline_code);
  assert_string_equal(bank_intent(bank, id)->decline_code, row->decline_code);
  assert_int_equal(bank_intent(bank, id)->captured_minor, succeeds ? 1000 : 0);
  free(bank);
}

static void each_card_does_as_the_table_says(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(card_rows); i++) {
    check_card(&card_rows[i], "");
    check_card(&card_rows[i], ":2");
    check_card(&card_rows[i], ":42");
  }
}

static void other_cards_are_rejected(void **state) {
  struct bank *bank = *state;
  static const char *const unknown[] = {
      "",
      "none",
      "pm_card_vis",
      "pm_card_visa:",
      "pm_card_visa:x",
      "pm_card_visa2",
      "pm_card_visa:2:3",
      "pm_card_visa:00000000000000000000000000000000000000000000000000000000",
      "PM_CARD_VISA"};
  for (size_t i = 0; i < COUNT(unknown); i++) {
    struct reload_card_reply reply = bank_create(bank, "k", unknown[i]);
    bank_assert_reply(&reply, RELOAD_CARD_REJECTED, "resource_missing");
    assert_false(fake_card_detach(&bank->card, unknown[i]));
    assert_false(fake_card_set_up_on_session(&bank->card, unknown[i]));
  }
  struct reload_card_reply reply = bank_create(bank, "k", NULL);
  bank_assert_reply(&reply, RELOAD_CARD_REJECTED, "resource_missing");
  assert_int_equal(bank->card.intent_count, 0);
  assert_int_equal(bank->card.key_count, 0);
}

static void set_up_on_session_helps_one_kind(void **state) {
  (void)state;
  static const struct {
    const char *set_up, *card_id;
    bool captured;
  } rows[] = {
      {"pm_card_authenticationRequiredOnSetup", "pm_card_authenticationRequiredOnSetup", true},
      {"pm_card_authenticationRequiredOnSetup:2", "pm_card_authenticationRequiredOnSetup:2", true},
      {"pm_card_authenticationRequiredOnSetup", "pm_card_authenticationRequiredOnSetup:2", false},
      {"pm_card_authenticationRequired", "pm_card_authenticationRequired", false},
      {"pm_card_visa_chargeDeclined", "pm_card_visa_chargeDeclined", false},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct bank *bank = bank_new();
    char id[RELOAD_ID_SIZE];
    assert_true(fake_card_set_up_on_session(&bank->card, rows[i].set_up));
    (void)bank_charge(bank, rows[i].card_id, bank_normal, id);
    assert_int_equal(bank_intent(bank, id)->captured_minor > 0, rows[i].captured);
    free(bank);
  }
}

static void a_detached_card_is_gone_for_ever(void **state) {
  struct bank *bank = *state;
  struct reload_card_reply open = bank_create(bank, "k", "pm_card_visa");
  assert_true(fake_card_detach(&bank->card, "pm_card_visa"));
  assert_false(fake_card_set_up_on_session(&bank->card, "pm_card_visa"));
  struct reload_card_reply reply = bank_create(bank, "k2", "pm_card_visa");
  bank_assert_reply(&reply, RELOAD_CARD_REJECTED, "payment_method_detached");
  reply = bank_create(bank, "k3", "pm_card_visa:2");
  assert_int_equal(reply.outcome, RELOAD_CARD_ANSWERED);
  reply = bank_confirm(bank, open.intent_id, "c");
  bank_assert_reply(&reply, RELOAD_CARD_REJECTED, "payment_method_detached");
  assert_int_equal(bank_intent(bank, open.intent_id)->status, RELOAD_INTENT_REQUIRES_CONFIRMATION);
  reply = bank_create(bank, "k", "pm_card_visa"); /* a replay does not look at the card */
  assert_string_equal(reply.intent_id, open.intent_id);
  reply = bank_cancel(bank, open.intent_id);
  bank_assert_answer(&reply, RELOAD_INTENT_CANCELED, "", "");
  reply =
      bank_confirm(bank, open.intent_id, "c"); /* the state is told before the card is looked at */
  bank_assert_answer(&reply, RELOAD_INTENT_CANCELED, UNEXPECTED, "");
}

/* ---- Creating ------------------------------------------------------------------------------ */

static void create_keeps_what_was_asked(void **state) {
  struct bank *bank = *state;
  struct reload_card_reply reply = bank_create(bank, "k", "pm_card_visa:7");
  bank_assert_answer(&reply, RELOAD_INTENT_REQUIRES_CONFIRMATION, "", "");
  const struct fake_card_intent *found = bank_intent(bank, reply.intent_id);
  assert_ptr_equal(found, fake_card_find_action(&bank->card, "creative-7"));
  assert_string_equal(found->client_id, "acme");
  assert_string_equal(found->action_id, "creative-7");
  assert_string_equal(found->customer_id, "cus_acme");
  assert_string_equal(found->card_id, "pm_card_visa:7");
  assert_string_equal(found->currency, "usd");
  assert_true(found->amount_minor == 1000 && found->created_at_ms == NOON);
  assert_int_equal(found->confirm_no, 0);
  assert_string_equal(bank_events(bank), "");
  assert_int_equal(bank->bench.call_count, 1);
  assert_int_equal(bank->asked_call, FAKE_CARD_CREATE);
  assert_string_equal(bank->asked_about, "k");
}

static void create_checks_its_parameters(void **state) {
  struct bank *bank = *state;
  char key_255[256], key_256[257], longest[RELOAD_ID_SIZE], too_long[RELOAD_ID_SIZE + 1];
  (void)snprintf(key_255, sizeof key_255, "%0255d", 7);
  (void)snprintf(key_256, sizeof key_256, "%0256d", 7);
  (void)snprintf(longest, sizeof longest, "%0*d", RELOAD_ID_SIZE - 1, 7);
  (void)snprintf(too_long, sizeof too_long, "%0*d", RELOAD_ID_SIZE, 7);
  const struct {
    const char *key, *currency, *customer_id, *action_id;
    int64_t amount_minor;
    const char *code; /* null: fine */
  } rows[] = {
      {"a", "usd", "c", "x", 50, NULL},
      {"b", "usd", "c", "x", 49, "amount_too_small"},
      {"c", "usd", "c", "x", 0, "amount_too_small"},
      {"d", "usd", "c", "x", INT64_MIN, "amount_too_small"},
      {"e", "usd", "c", "x", 99999999, NULL},
      {"f", "usd", "c", "x", 100000000, "amount_too_large"},
      {"g", "jpy", "c", "x", 50, NULL},
      {"h", "jpy", "c", "x", 49, "amount_too_small"},
      {"i", "USD", "c", "x", 1000, "parameter_invalid"},
      {"j", "us", "c", "x", 1000, "parameter_invalid"},
      {"k", "usdd", "c", "x", 1000, "parameter_invalid"},
      {"l", NULL, "c", "x", 1000, "parameter_invalid"},
      {"m", "usd", "", "x", 1000, "parameter_invalid"},
      {"n", "usd", NULL, "x", 1000, "parameter_invalid"},
      {"o", "usd", "c", "", 1000, NULL},
      {"p", "usd", "c", longest, 1000, NULL},
      {"q", "usd", "c", too_long, 1000, "parameter_invalid"},
      {"r", "usd", "c", NULL, 1000, "parameter_invalid"},
      {key_255, "usd", "c", "x", 1000, NULL},
      {key_256, "usd", "c", "x", 1000, "parameter_invalid"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct reload_intent_request request = bank_request_for(rows[i].key, "pm_card_visa");
    request.currency = rows[i].currency;
    request.customer_id = rows[i].customer_id;
    request.action_id = rows[i].action_id;
    request.amount_minor = rows[i].amount_minor;
    int32_t keys = bank->card.key_count;
    struct reload_card_reply reply = bank_post(bank, &request);
    bank_assert_reply(&reply, rows[i].code == NULL ? RELOAD_CARD_ANSWERED : RELOAD_CARD_REJECTED,
                      rows[i].code == NULL ? "" : rows[i].code);
    assert_int_equal(bank->card.key_count - keys, rows[i].code == NULL);
  }
}

/* ---- An intent's states -------------------------------------------------------------------- */

static void each_state_answers_confirm_and_cancel(void **state) {
  (void)state;
  static const struct {
    enum fake_card_behaviour_kind kind;
    bool canceled_first;
    enum reload_intent_status status, after_cancel;
    bool can_cancel;
    enum fake_card_result result;
    const char *events;
  } rows[] = {
      {FAKE_CARD_SUCCEEDED, false, RELOAD_INTENT_SUCCEEDED, RELOAD_INTENT_SUCCEEDED, false,
       FAKE_CARD_RESULT_CAPTURED, "S"},
      {FAKE_CARD_DECLINED, false, RELOAD_INTENT_REQUIRES_PAYMENT_METHOD, RELOAD_INTENT_CANCELED,
       true, FAKE_CARD_RESULT_DECLINED, "FC"},
      {FAKE_CARD_3D_SECURE, false, RELOAD_INTENT_REQUIRES_ACTION, RELOAD_INTENT_CANCELED, true,
       FAKE_CARD_RESULT_3D_SECURE, "AC"},
      {FAKE_CARD_PROCESSING_SUCCEEDS, false, RELOAD_INTENT_PROCESSING, RELOAD_INTENT_PROCESSING,
       false, FAKE_CARD_RESULT_PROCESSING, ""},
      {FAKE_CARD_NORMAL, true, RELOAD_INTENT_CANCELED, RELOAD_INTENT_CANCELED, false,
       FAKE_CARD_RESULT_NONE, "C"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct bank *bank = bank_new();
    struct reload_card_reply reply = bank_create(bank, "k", "pm_card_visa");
    char id[RELOAD_ID_SIZE];
    (void)snprintf(id, sizeof id, "%s", reply.intent_id);
    if (rows[i].canceled_first) {
      reply = bank_cancel(bank, id);
      bank_assert_answer(&reply, RELOAD_INTENT_CANCELED, "", "");
    } else {
      bank->next.kind = rows[i].kind;
      reply = bank_confirm(bank, id, "k1");
      assert_int_equal(reply.status, rows[i].status);
    }
    bank->next.kind = FAKE_CARD_SUCCEEDED; /* whatever the card: not past a wrong state */
    reply = bank_confirm(bank, id, "k2");
    bank_assert_reply(&reply, RELOAD_CARD_ANSWERED, UNEXPECTED);
    assert_int_equal(reply.status, rows[i].status);
    assert_int_equal(bank_intent(bank, id)->confirm_count, rows[i].canceled_first ? 1 : 2);
    reply = bank_cancel(bank, id);
    bank_assert_reply(&reply, RELOAD_CARD_ANSWERED, rows[i].can_cancel ? "" : UNEXPECTED);
    assert_int_equal(reply.status, rows[i].after_cancel);
    assert_int_equal(bank_intent(bank, id)->result, rows[i].result);
    assert_string_equal(bank_events(bank), rows[i].events);
    free(bank);
  }
}

static void unknown_intents_are_rejected(void **state) {
  struct bank *bank = *state;
  static const char *const ids[] = {"", "pi_0", NULL};
  for (size_t i = 0; i < COUNT(ids); i++) {
    struct reload_card_reply reply = bank_confirm(bank, ids[i], "k");
    bank_assert_reply(&reply, RELOAD_CARD_REJECTED, "resource_missing");
    reply = bank_cancel(bank, ids[i]);
    bank_assert_reply(&reply, RELOAD_CARD_REJECTED, "resource_missing");
  }
  assert_int_equal(bank->bench.call_count, 6);
  assert_null(fake_card_find_intent(&bank->card, NULL));
  assert_null(fake_card_find_action(&bank->card, NULL));
}

static void chosen_declines_tell_their_codes(void **state) {
  (void)state;
  static const struct {
    const char *chosen, *code, *decline_code;
  } rows[] = {
      {"insufficient_funds", "card_declined", "insufficient_funds"},
      {"expired_card", "expired_card", "expired_card"},
      {"authentication_required", "authentication_required", "authentication_required"},
      {NULL, "card_declined", "generic_decline"},
      {"a_code_that_is_much_too_long_for_the_field_of_a_reply", "card_declined", "generic_decline"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct bank *bank = bank_new();
    char id[RELOAD_ID_SIZE];
    struct fake_card_behaviour declined = {FAKE_CARD_DECLINED, rows[i].chosen, 0};
    struct reload_card_reply reply = bank_charge(bank, "pm_card_visa", declined, id);
    bank_assert_answer(&reply, RELOAD_INTENT_REQUIRES_PAYMENT_METHOD, rows[i].code,
                       rows[i].decline_code);
    free(bank);
  }
}

static void attempts_are_numbered_within_a_client(void **state) {
  struct bank *bank = *state;
  static const char *const clients[] = {"acme", "bolt", "acme"};
  static const char *const keys[] = {"a1", "b1", "a2"};
  char ids[3][RELOAD_ID_SIZE];
  for (size_t i = 0; i < 3; i++) {
    struct reload_intent_request request = bank_request_for(keys[i], "pm_card_visa");
    request.client_id = clients[i];
    struct reload_card_reply reply = bank_post(bank, &request);
    (void)snprintf(ids[i], RELOAD_ID_SIZE, "%s", reply.intent_id);
  }
  for (size_t i = 3; i-- > 0;) {
    (void)bank_confirm(bank, ids[i], NULL);
  }
  assert_int_equal(bank_intent(bank, ids[2])->confirm_no, 1);
  assert_int_equal(bank_intent(bank, ids[1])->confirm_no, 1);
  assert_int_equal(bank_intent(bank, ids[0])->confirm_no, 2);
  assert_true(bank_intent(bank, ids[0])->captured_at_ms == NOON);
}

/* ---- Behaviours ---------------------------------------------------------------------------- */

/* Row by row: what the caller hears, whether it took effect, what a second try with the same key
 * hears, and whether it has taken effect then. */
static const struct behaviour_row {
  enum fake_card_behaviour_kind kind;
  enum reload_card_outcome outcome;
  const char *code;
  bool effect;
  enum reload_card_outcome again;
  bool effect_again;
} behaviour_rows[] = {
    {FAKE_CARD_NORMAL, RELOAD_CARD_ANSWERED, "", true, RELOAD_CARD_ANSWERED, true},
    {FAKE_CARD_SLOW, RELOAD_CARD_ANSWERED, "", true, RELOAD_CARD_ANSWERED, true},
    {FAKE_CARD_TIMEOUT_BEFORE, RELOAD_CARD_UNKNOWN, "", false, RELOAD_CARD_ANSWERED, true},
    {FAKE_CARD_TIMEOUT_AFTER, RELOAD_CARD_UNKNOWN, "", true, RELOAD_CARD_ANSWERED, true},
    {FAKE_CARD_500_ROLLED_BACK, RELOAD_CARD_UNKNOWN, "", false, RELOAD_CARD_UNKNOWN, false},
    {FAKE_CARD_500_ROLLED_FORWARD, RELOAD_CARD_UNKNOWN, "", true, RELOAD_CARD_UNKNOWN, true},
    {FAKE_CARD_409, RELOAD_CARD_UNKNOWN, "idempotency_key_in_use", false, RELOAD_CARD_ANSWERED,
     true},
    {FAKE_CARD_429, RELOAD_CARD_NOT_SENT, "rate_limit", false, RELOAD_CARD_ANSWERED, true},
    {FAKE_CARD_NOT_REACHED, RELOAD_CARD_NOT_SENT, "", false, RELOAD_CARD_ANSWERED, true},
};

static void assert_unsaid(const struct reload_card_reply *reply) {
  if (reply->outcome != RELOAD_CARD_ANSWERED) {
    assert_string_equal(reply->intent_id, "");
    assert_string_equal(reply->decline_code, "");
    assert_int_equal(reply->status, 0);
  }
}

static void behaviours_of_create(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(behaviour_rows); i++) {
    const struct behaviour_row *row = &behaviour_rows[i];
    struct bank *bank = bank_new();
    bank->next.kind = row->kind;
    struct reload_card_reply reply = bank_create(bank, "k", "pm_card_visa");
    bank_assert_reply(&reply, row->outcome, row->code);
    assert_unsaid(&reply);
    assert_int_equal(bank->card.intent_count, row->effect);
    reply = bank_create(bank, "k", "pm_card_visa");
    assert_int_equal(reply.outcome, row->again);
    assert_int_equal(bank->card.intent_count, row->effect_again);
    free(bank);
  }
}

/* The request itself is refused: there is no intent, nothing is kept under the key, and what a key
 * has already made is still found by it. Other calls have no such behaviour. */
static void create_is_rejected(void **state) {
  (void)state;
  struct bank *bank = bank_new();
  const struct fake_card_behaviour rejected = {FAKE_CARD_REJECTED, "account_invalid", 0};
  bank->next = rejected;
  struct reload_card_reply reply = bank_create(bank, "k", "pm_card_visa");
  bank_assert_reply(&reply, RELOAD_CARD_REJECTED, "account_invalid");
  assert_unsaid(&reply);
  assert_int_equal(bank->card.intent_count, 0);
  assert_int_equal(bank->card.key_count, 0);
  reply = bank_create(bank, "k", "pm_card_visa");
  bank_assert_reply(&reply, RELOAD_CARD_ANSWERED, "");
  bank->next = rejected;
  reply = bank_create(bank, "k", "pm_card_visa");
  bank_assert_reply(&reply, RELOAD_CARD_ANSWERED, "");
  assert_int_equal(bank->card.intent_count, 1);
  bank->next = rejected;
  reply = bank_confirm(bank, reply.intent_id, "c");
  bank_assert_reply(&reply, RELOAD_CARD_ANSWERED, "");
  assert_int_equal(reply.status, RELOAD_INTENT_SUCCEEDED);
  bank->next = (struct fake_card_behaviour){FAKE_CARD_REJECTED, NULL, 0};
  reply = bank_create(bank, "other", "pm_card_visa");
  bank_assert_reply(&reply, RELOAD_CARD_REJECTED, "parameter_invalid");
  free(bank);
}

static void behaviours_of_confirm(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(behaviour_rows); i++) {
    const struct behaviour_row *row = &behaviour_rows[i];
    struct bank *bank = bank_new();
    char id[RELOAD_ID_SIZE];
    struct fake_card_behaviour behaviour = {row->kind, NULL, 0};
    struct reload_card_reply reply = bank_charge(bank, "pm_card_visa", behaviour, id);
    bank_assert_reply(&reply, row->outcome, row->code);
    assert_unsaid(&reply);
    assert_int_equal(bank_intent(bank, id)->captured_minor, row->effect ? 1000 : 0);
    assert_int_equal(bank_intent(bank, id)->confirm_count, row->effect);
    assert_int_equal(bank->asked_call, FAKE_CARD_CONFIRM);
    assert_string_equal(bank->asked_about, id);
    reply = bank_confirm(bank, id, "k/confirm");
    bank_assert_reply(&reply, row->again, "");
    assert_int_equal(bank_intent(bank, id)->captured_minor, row->effect_again ? 1000 : 0);
    assert_int_equal(bank_intent(bank, id)->confirm_count, row->effect_again);
    assert_string_equal(bank_events(bank), row->effect_again ? "S" : "");
    free(bank);
  }
}

/* Cancel has no key: asked again it executes again. */
static void behaviours_of_cancel(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(behaviour_rows); i++) {
    const struct behaviour_row *row = &behaviour_rows[i];
    struct bank *bank = bank_new();
    struct reload_card_reply created = bank_create(bank, "k", "pm_card_visa");
    bank->next.kind = row->kind;
    struct reload_card_reply reply = bank_cancel(bank, created.intent_id);
    bank_assert_reply(&reply, row->outcome, row->code);
    assert_unsaid(&reply);
    assert_int_equal(bank_intent(bank, created.intent_id)->status == RELOAD_INTENT_CANCELED,
                     row->effect);
    reply = bank_cancel(bank, created.intent_id);
    bank_assert_answer(&reply, RELOAD_INTENT_CANCELED, row->effect ? UNEXPECTED : "", "");
    assert_string_equal(bank_events(bank), "C");
    assert_int_equal(bank->card.key_count, 1);
    assert_int_equal(bank->bench.call_count, 3);
    free(bank);
  }
}

/* What has no meaning for a call leaves it normal; a rejection's reply can be lost, too. */
static void odd_behaviours(void **state) {
  struct bank *bank = *state;
  bank->next.kind = FAKE_CARD_DECLINED;
  struct reload_card_reply reply = bank_create(bank, "k", "pm_card_visa");
  bank_assert_answer(&reply, RELOAD_INTENT_REQUIRES_CONFIRMATION, "", "");
  bank->next.kind = FAKE_CARD_PROCESSING_FAILS;
  reply = bank_cancel(bank, reply.intent_id);
  bank_assert_answer(&reply, RELOAD_INTENT_CANCELED, "", "");
  bank->next.kind = FAKE_CARD_TIMEOUT_AFTER;
  reply = bank_create(bank, "k2", "none");
  bank_assert_reply(&reply, RELOAD_CARD_UNKNOWN, "");
  bank->next.kind = FAKE_CARD_500_ROLLED_BACK;
  reply = bank_create(bank, "k2", "none");
  bank_assert_reply(&reply, RELOAD_CARD_REJECTED, "resource_missing");
  bank->bench.choose = NULL;
  reply = bank_create(bank, "k2", "pm_card_visa");
  assert_int_equal(reply.outcome, RELOAD_CARD_ANSWERED);
}

static void an_outage_stops_all_calls(void **state) {
  struct bank *bank = *state;
  struct reload_card_reply open = bank_create(bank, "k", "pm_card_visa");
  bank->card.down_until_ms = NOON + 1000;
  fake_clock_move(&bank->clock, 999);
  bank->asked = 0;
  bank->next.kind = FAKE_CARD_500_ROLLED_FORWARD;
  struct reload_card_reply replies[] = {bank_create(bank, "k", "pm_card_visa"),
                                        bank_confirm(bank, open.intent_id, "c"),
                                        bank_cancel(bank, open.intent_id)};
  for (size_t i = 0; i < COUNT(replies); i++) {
    bank_assert_reply(&replies[i], RELOAD_CARD_NOT_SENT, "");
  }
  assert_int_equal(bank->asked, 0);
  assert_int_equal(bank->bench.call_count, 4);
  assert_int_equal(bank_intent(bank, open.intent_id)->status, RELOAD_INTENT_REQUIRES_CONFIRMATION);
  bank->next.kind = FAKE_CARD_NORMAL;
  fake_clock_move(&bank->clock, 1);
  struct reload_card_reply reply = bank_cancel(bank, open.intent_id);
  bank_assert_answer(&reply, RELOAD_INTENT_CANCELED, "", "");
  fake_clock_move(&bank->clock, -500); /* an outage that is over does not come back */
  reply = bank_cancel(bank, open.intent_id);
  assert_int_equal(reply.outcome, RELOAD_CARD_ANSWERED);
}

/* ---- Idempotency keys ---------------------------------------------------------------------- */

static void a_key_belongs_to_its_parameters(void **state) {
  struct bank *bank = *state;
  struct reload_card_reply first = bank_create(bank, "k", "pm_card_visa");
  struct reload_intent_request rows[7];
  for (size_t i = 0; i < COUNT(rows); i++) {
    rows[i] = bank_request_for("k", "pm_card_visa");
  }
  rows[0].amount_minor = 1001;
  rows[1].card_id = "pm_card_visa:2";
  rows[2].currency = "eur";
  rows[3].customer_id = "cus_bolt";
  rows[4].client_id = "bolt";
  rows[5].action_id = "creative-8";
  rows[6].client_id = "acmecreative-7"; /* the border between two fields counts */
  rows[6].action_id = "";
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct reload_card_reply reply = bank_post(bank, &rows[i]);
    bank_assert_reply(&reply, RELOAD_CARD_REJECTED, "idempotency_error");
  }
  struct reload_card_reply reply = bank_confirm(bank, first.intent_id, "k");
  bank_assert_reply(&reply, RELOAD_CARD_REJECTED, "idempotency_error");
  assert_int_equal(bank->card.intent_count, 1);
  assert_int_equal(bank->card.key_count, 1);
  reply = bank_create(bank, "k", "pm_card_visa");
  assert_memory_equal(&reply, &first, sizeof reply);
}

static void a_replay_tells_what_was_true(void **state) {
  struct bank *bank = *state;
  char id[RELOAD_ID_SIZE];
  struct fake_card_behaviour declined = {FAKE_CARD_DECLINED, "lost_card", 0};
  struct reload_card_reply first = bank_charge(bank, "pm_card_visa", declined, id);
  (void)bank_cancel(bank, id);
  struct reload_card_reply reply = bank_confirm(bank, id, "k/confirm");
  assert_memory_equal(&reply, &first, sizeof reply);
  assert_int_equal(reply.status, RELOAD_INTENT_REQUIRES_PAYMENT_METHOD);
  reply = bank_create(bank, "k", "pm_card_visa");
  bank_assert_answer(&reply, RELOAD_INTENT_REQUIRES_CONFIRMATION, "", "");
  bank->next.kind = FAKE_CARD_TIMEOUT_AFTER; /* the way fails for replays too */
  reply = bank_create(bank, "k", "pm_card_visa");
  bank_assert_reply(&reply, RELOAD_CARD_UNKNOWN, "");
  bank->next.kind = FAKE_CARD_500_ROLLED_BACK; /* the gateway's inside does not see them */
  reply = bank_create(bank, "k", "pm_card_visa");
  assert_string_equal(reply.intent_id, id);
}

static void keys_are_forgotten_after_a_day(void **state) {
  struct bank *bank = *state;
  bank->next.kind = FAKE_CARD_500_ROLLED_BACK;
  struct reload_card_reply reply = bank_create(bank, "k500", "pm_card_visa");
  struct reload_card_reply first = bank_create(bank, "k", "pm_card_visa");
  fake_clock_move(&bank->clock, 24 * HOUR - 1);
  reply = bank_create(bank, "k", "pm_card_visa");
  assert_string_equal(reply.intent_id, first.intent_id);
  reply = bank_create(bank, "k500", "pm_card_visa");
  assert_int_equal(reply.outcome, RELOAD_CARD_UNKNOWN);
  fake_clock_move(&bank->clock, 1);
  reply = bank_create(bank, "k", "pm_card_visa");
  bank_assert_answer(&reply, RELOAD_INTENT_REQUIRES_CONFIRMATION, "", "");
  assert_string_not_equal(reply.intent_id, first.intent_id);
  reply = bank_create(bank, "k500", "pm_card_visa");
  assert_int_equal(reply.outcome, RELOAD_CARD_ANSWERED);
  assert_int_equal(bank->card.intent_count, 3);
  assert_int_equal(bank->card.key_count, 2);
}

static void ids_do_not_depend_on_the_order(void **state) {
  struct bank *bank = *state;
  struct bank *other = bank_new();
  char ids[2][RELOAD_ID_SIZE];
  struct reload_card_reply reply = bank_create(bank, "a", "pm_card_visa");
  (void)snprintf(ids[0], RELOAD_ID_SIZE, "%s", reply.intent_id);
  reply = bank_create(bank, "b", "pm_card_visa");
  (void)snprintf(ids[1], RELOAD_ID_SIZE, "%s", reply.intent_id);
  assert_string_not_equal(ids[0], ids[1]);
  reply = bank_create(other, "b", "pm_card_visa");
  assert_string_equal(reply.intent_id, ids[1]);
  reply = bank_create(other, "a", "pm_card_visa");
  assert_string_equal(reply.intent_id, ids[0]);
  free(other);
}

static void without_a_key_each_call_executes(void **state) {
  struct bank *bank = *state;
  struct reload_card_reply first = bank_create(bank, NULL, "pm_card_visa");
  struct reload_card_reply second = bank_create(bank, "", "pm_card_visa");
  assert_int_equal(second.outcome, RELOAD_CARD_ANSWERED);
  assert_string_not_equal(first.intent_id, second.intent_id);
  assert_int_equal(bank->card.key_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bank_set_up, bank_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(each_card_does_as_the_table_says),
      TEST(other_cards_are_rejected),
      TEST(set_up_on_session_helps_one_kind),
      TEST(a_detached_card_is_gone_for_ever),
      TEST(create_keeps_what_was_asked),
      TEST(create_checks_its_parameters),
      TEST(each_state_answers_confirm_and_cancel),
      TEST(unknown_intents_are_rejected),
      TEST(chosen_declines_tell_their_codes),
      TEST(attempts_are_numbered_within_a_client),
      TEST(behaviours_of_create),
      TEST(create_is_rejected),
      TEST(behaviours_of_confirm),
      TEST(behaviours_of_cancel),
      TEST(odd_behaviours),
      TEST(an_outage_stops_all_calls),
      TEST(a_key_belongs_to_its_parameters),
      TEST(a_replay_tells_what_was_true),
      TEST(keys_are_forgotten_after_a_day),
      TEST(ids_do_not_depend_on_the_order),
      TEST(without_a_key_each_call_executes),
  };
  return cmocka_run_group_tests_name("fake_card", tests, NULL, NULL);
}
