/* How intents change: by the bank's word, by time, and by people outside. */
#include "card_inside.h"

#include <string.h>

static int64_t due_later(int64_t now_ms) {
  return now_ms > INT64_MAX - 1 - FAKE_CARD_LATER_MS ? INT64_MAX - 1 : now_ms + FAKE_CARD_LATER_MS;
}

/* ---- The bank's word ----------------------------------------------------------------------- */

void fake_card_intent_capture(struct fake_card *card, struct fake_card_intent *intent,
                              int64_t now_ms) {
  intent->status = RELOAD_INTENT_SUCCEEDED;
  intent->result = FAKE_CARD_RESULT_CAPTURED;
  intent->captured_minor = intent->amount_minor;
  intent->captured_at_ms = now_ms;
  intent->settle_due_ms = 0;
  memset(intent->code, 0, sizeof intent->code);
  memset(intent->decline_code, 0, sizeof intent->decline_code);
  if (fake_card_trait_of(intent->card_id) == FAKE_CARD_TRAIT_DISPUTES) {
    intent->dispute_due_ms = due_later(now_ms);
  }
  fake_card_event_add(card, intent, FAKE_CARD_EVENT_SUCCEEDED, intent->amount_minor, now_ms);
}

void fake_card_intent_decline(struct fake_card *card, struct fake_card_intent *intent,
                              const char *decline_code, int64_t now_ms) {
  intent->status = RELOAD_INTENT_REQUIRES_PAYMENT_METHOD;
  intent->result = FAKE_CARD_RESULT_DECLINED;
  intent->settle_due_ms = 0;
  if (!fake_card_text_copy(intent->decline_code, sizeof intent->decline_code, decline_code) ||
      intent->decline_code[0] == '\0') {
    (void)fake_card_text_copy(intent->decline_code, sizeof intent->decline_code, "generic_decline");
  }
  (void)fake_card_text_copy(intent->code, sizeof intent->code,
                            fake_card_error_code(intent->decline_code));
  fake_card_event_add(card, intent, FAKE_CARD_EVENT_FAILED, intent->amount_minor, now_ms);
}

void fake_card_intent_ask_customer(struct fake_card *card, struct fake_card_intent *intent,
                                   int64_t now_ms) {
  intent->status = RELOAD_INTENT_REQUIRES_ACTION;
  intent->result = FAKE_CARD_RESULT_3D_SECURE;
  fake_card_event_add(card, intent, FAKE_CARD_EVENT_REQUIRES_ACTION, intent->amount_minor, now_ms);
}

void fake_card_intent_process(struct fake_card_intent *intent, bool succeeds, int64_t due_ms) {
  intent->status = RELOAD_INTENT_PROCESSING;
  intent->result = FAKE_CARD_RESULT_PROCESSING;
  intent->settle_ok = succeeds;
  intent->settle_due_ms = due_ms;
}

void fake_card_intent_cancel(struct fake_card *card, struct fake_card_intent *intent,
                             int64_t now_ms) {
  intent->status = RELOAD_INTENT_CANCELED;
  intent->canceled_at_ms = now_ms;
  fake_card_event_add(card, intent, FAKE_CARD_EVENT_CANCELED, intent->amount_minor, now_ms);
}

/* ---- Refunds and disputes ------------------------------------------------------------------ */

/* What can still be given back or taken. */
static int64_t left_minor(const struct fake_card_intent *intent) {
  return intent->captured_minor - (intent->refunded_minor - intent->refund_failed_minor) -
         intent->refund_pending_minor - intent->disputed_minor;
}

static void refund_now(struct fake_card *card, struct fake_card_intent *intent,
                       int64_t amount_minor, int64_t now_ms) {
  intent->refunded_minor += amount_minor;
  int64_t total_minor = intent->refunded_minor - intent->refund_failed_minor;
  if (total_minor > intent->refund_told_minor) {
    intent->refund_told_minor = total_minor;
  }
  fake_card_event_add(card, intent, FAKE_CARD_EVENT_REFUNDED, total_minor, now_ms);
}

bool fake_card_refund(struct fake_card *card, const char *intent_id, int64_t amount_minor,
                      int64_t now_ms) {
  fake_card_advance(card, now_ms);
  struct fake_card_intent *intent = fake_card_intent_at(card, intent_id);
  int64_t left = intent == NULL ? 0 : left_minor(intent);
  int64_t amount = amount_minor == 0 ? left : amount_minor;
  if (intent == NULL || amount <= 0 || amount > left) {
    return false;
  }
  enum fake_card_trait trait = fake_card_trait_of(intent->card_id);
  if (trait == FAKE_CARD_TRAIT_REFUND_PENDS) {
    intent->refund_pending_minor += amount;
    intent->refund_due_ms = due_later(now_ms);
    return true;
  }
  if (trait == FAKE_CARD_TRAIT_REFUND_FAILS) {
    intent->refund_failing_minor += amount;
    intent->refund_due_ms = due_later(now_ms);
  }
  refund_now(card, intent, amount, now_ms);
  return true;
}

static bool dispute_open(struct fake_card *card, struct fake_card_intent *intent, int64_t now_ms) {
  intent->dispute_due_ms = 0;
  int64_t amount_minor = left_minor(intent);
  if (intent->dispute != FAKE_CARD_DISPUTE_NONE || amount_minor <= 0) {
    return false;
  }
  intent->dispute = FAKE_CARD_DISPUTE_OPEN;
  intent->disputed_minor = amount_minor;
  fake_card_event_add(card, intent, FAKE_CARD_EVENT_DISPUTED, amount_minor, now_ms);
  return true;
}

bool fake_card_dispute(struct fake_card *card, const char *intent_id, bool won, int64_t now_ms) {
  fake_card_advance(card, now_ms);
  struct fake_card_intent *intent = fake_card_intent_at(card, intent_id);
  if (intent == NULL || (intent->dispute == FAKE_CARD_DISPUTE_NONE && left_minor(intent) <= 0)) {
    return false;
  }
  if (intent->dispute != FAKE_CARD_DISPUTE_OPEN && !dispute_open(card, intent, now_ms)) {
    return false;
  }
  int64_t amount_minor = intent->disputed_minor;
  intent->dispute = won ? FAKE_CARD_DISPUTE_WON : FAKE_CARD_DISPUTE_LOST;
  if (won) {
    intent->disputed_minor = 0;
  } else {
    intent->dispute_told_minor = amount_minor;
  }
  fake_card_event_add(card, intent,
                      won ? FAKE_CARD_EVENT_DISPUTE_WON : FAKE_CARD_EVENT_DISPUTE_LOST,
                      amount_minor, now_ms);
  return true;
}

/* ---- Time ---------------------------------------------------------------------------------- */

static int64_t earlier_due(int64_t due_ms, int64_t other_ms) {
  return other_ms != 0 && other_ms < due_ms ? other_ms : due_ms;
}

static int64_t intent_next_due(const struct fake_card_intent *intent) {
  int64_t due_ms = earlier_due(INT64_MAX, intent->settle_due_ms);
  due_ms = earlier_due(due_ms, intent->dispute_due_ms);
  return earlier_due(due_ms, intent->refund_due_ms);
}

static void processing_ends(struct fake_card *card, struct fake_card_intent *intent) {
  int64_t due_ms = intent->settle_due_ms;
  if (intent->settle_ok != 0) {
    fake_card_intent_capture(card, intent, due_ms);
    return;
  }
  fake_card_intent_decline(card, intent, "generic_decline", due_ms);
  intent->result = FAKE_CARD_RESULT_FAILED;
}

static void refund_end(struct fake_card *card, struct fake_card_intent *intent) {
  int64_t due_ms = intent->refund_due_ms;
  int64_t pending_minor = intent->refund_pending_minor;
  int64_t failing_minor = intent->refund_failing_minor;
  intent->refund_due_ms = 0;
  intent->refund_pending_minor = 0;
  intent->refund_failing_minor = 0;
  if (pending_minor > 0) {
    refund_now(card, intent, pending_minor, due_ms);
  }
  if (failing_minor > 0) {
    intent->refund_failed_minor += failing_minor;
    fake_card_event_add(card, intent, FAKE_CARD_EVENT_REFUND_FAILED, failing_minor, due_ms);
  }
}

static void intent_advance(struct fake_card *card, struct fake_card_intent *intent,
                           int64_t now_ms) {
  for (;;) {
    int64_t due_ms = intent_next_due(intent);
    if (due_ms == INT64_MAX || due_ms > now_ms) {
      return;
    }
    if (intent->settle_due_ms == due_ms) {
      processing_ends(card, intent);
    } else if (intent->dispute_due_ms == due_ms) {
      (void)dispute_open(card, intent, due_ms); /* false: nothing is left to dispute */
    } else {
      refund_end(card, intent);
    }
  }
}

static void forget_keys(struct fake_card *card, int64_t now_ms) {
  for (int32_t i = 0; i < card->key_count;) {
    if (now_ms - card->keys[i].at_ms >= FAKE_CARD_KEY_MEMORY_MS) {
      card->keys[i] = card->keys[--card->key_count]; /* their order has no meaning */
    } else {
      i++;
    }
  }
}

void fake_card_advance(struct fake_card *card, int64_t now_ms) {
  if (card->down_until_ms <= now_ms) {
    card->down_until_ms = 0;
  }
  for (int32_t i = 0; i < card->event_count; i++) {
    if (card->events[i].not_before_ms <= now_ms) {
      card->events[i].not_before_ms = 0;
    }
  }
  for (int32_t i = 0; i < card->intent_count; i++) {
    intent_advance(card, &card->intents[i], now_ms);
  }
  forget_keys(card, now_ms);
}

int64_t fake_card_next_due_ms(const struct fake_card *card) {
  int64_t due_ms = INT64_MAX;
  for (int32_t i = 0; i < card->intent_count; i++) {
    int64_t own_ms = intent_next_due(&card->intents[i]);
    due_ms = own_ms < due_ms ? own_ms : due_ms;
  }
  return due_ms;
}

/* ---- Customers ----------------------------------------------------------------------------- */

static bool can_authenticate(const struct fake_card_intent *intent) {
  if (intent->status == RELOAD_INTENT_REQUIRES_ACTION) {
    return true;
  }
  if (intent->status != RELOAD_INTENT_REQUIRES_PAYMENT_METHOD) {
    return false;
  }
  return strcmp(intent->decline_code, "authentication_required") == 0 ||
         fake_card_trait_of(intent->card_id) == FAKE_CARD_TRAIT_DECLINES_AFTER_3D;
}

enum fake_card_authentication fake_card_authenticate(struct fake_card *card, const char *action_id,
                                                     int64_t now_ms) {
  fake_card_advance(card, now_ms);
  struct fake_card_intent *last = NULL;
  for (int32_t i = 0; action_id != NULL && i < card->intent_count; i++) {
    struct fake_card_intent *intent = &card->intents[i];
    if (strcmp(intent->action_id, action_id) != 0 || !can_authenticate(intent)) {
      continue;
    }
    if (last == NULL || intent->confirm_no > last->confirm_no ||
        (intent->confirm_no == last->confirm_no && strcmp(intent->id, last->id) < 0)) {
      last = intent;
    }
  }
  if (last == NULL) {
    return FAKE_CARD_AUTHENTICATION_REFUSED;
  }
  if (fake_card_trait_of(last->card_id) == FAKE_CARD_TRAIT_DECLINES_AFTER_3D) {
    fake_card_intent_decline(card, last, "insufficient_funds", now_ms);
    return FAKE_CARD_AUTHENTICATION_DECLINED;
  }
  fake_card_intent_capture(card, last, now_ms);
  return FAKE_CARD_AUTHENTICATION_CAPTURED;
}

static bool fits_action(const char *text, size_t size_with_nul) {
  return text != NULL && text[0] != '\0' && strlen(text) < size_with_nul;
}

static bool is_payment(const struct fake_card_payment *payment) {
  return fits_action(payment->intent_id, RELOAD_ID_SIZE) &&
         fits_action(payment->client_id, RELOAD_ID_SIZE) &&
         fits_action(payment->reference, RELOAD_ID_SIZE) && fits_action(payment->currency, 4) &&
         fake_card_is_known(payment->card_id) && payment->amount_minor > 0 &&
         payment->amount_minor <= FAKE_CARD_MAX_AMOUNT_MINOR;
}

bool fake_card_add_paid_intent(struct fake_card *card, const struct fake_card_payment *payment,
                               int64_t now_ms) {
  if (!is_payment(payment)) {
    return false;
  }
  fake_card_advance(card, now_ms);
  const struct fake_card_intent *old = fake_card_find_intent(card, payment->intent_id);
  if (old != NULL) {
    return old->is_checkout != 0 && old->amount_minor == payment->amount_minor &&
           strcmp(old->client_id, payment->client_id) == 0 &&
           strcmp(old->action_id, payment->reference) == 0 &&
           strcmp(old->card_id, payment->card_id) == 0 &&
           strcmp(old->currency, payment->currency) == 0;
  }
  struct fake_card_intent *intent = fake_card_intent_new(card, payment->intent_id, now_ms);
  if (intent == NULL) {
    return false;
  }
  intent->is_checkout = 1;
  intent->amount_minor = payment->amount_minor;
  /* Sizes were checked. */
  (void)fake_card_text_copy(intent->client_id, sizeof intent->client_id, payment->client_id);
  (void)fake_card_text_copy(intent->action_id, sizeof intent->action_id, payment->reference);
  (void)fake_card_text_copy(intent->card_id, sizeof intent->card_id, payment->card_id);
  (void)fake_card_text_copy(intent->currency, sizeof intent->currency, payment->currency);
  fake_card_intent_capture(card, intent, now_ms);
  return true;
}
