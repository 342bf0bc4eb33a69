/* What gateway events do to the ledger: refunds and lost disputes are reversals (MONEY-7); every
 * other event is at most a hint to resolve a charge now (MONEY-5). */
#include "engine.h"

#include "text.h"

#include <string.h>

/* The tokens taken back in all after returned_minor of price_minor was returned: rounded down, in
 * the customer's favour; all tokens for the whole price. */
static int64_t tokens_for(int64_t tokens, int64_t returned_minor, int64_t price_minor) {
  /* tokens <= 10^15 and price <= 10^15: the product needs more than 64 bits */
  int64_t whole = tokens / price_minor, rest = tokens % price_minor;
  return whole * returned_minor +
         (int64_t)((__extension__(__int128) rest * returned_minor) / price_minor);
}

static enum reload_error reversal_enter(struct reload_engine *engine,
                                        const struct reload_event *event,
                                        const struct rl_purchase *purchase,
                                        struct reload_message *message) {
  bool refund = event->kind == RELOAD_EVENT_REFUNDED;
  int64_t price_minor = purchase->entry.amount_minor;
  int64_t left_minor = price_minor - purchase->reversed_minor;
  /* Refund events have the sum so far: late and repeated ones add nothing. */
  int64_t new_minor = refund                    ? event->amount_minor - purchase->refunded_minor
                      : purchase->dispute_known ? 0
                                                : event->amount_minor;
  if (new_minor > left_minor) new_minor = left_minor;
  if (new_minor <= 0) return RELOAD_OK;
  struct reload_entry_row entry = {
      .kind = RELOAD_ENTRY_REVERSAL,
      .tokens =
          purchase->reversed_tokens -
          tokens_for(purchase->entry.tokens, purchase->reversed_minor + new_minor, price_minor),
      .amount_minor = new_minor,
      .at_ms = rl_now_ms(engine),
  };
  memcpy(entry.client_id, purchase->entry.client_id, sizeof entry.client_id);
  memcpy(entry.action_id, purchase->entry.action_id, sizeof entry.action_id);
  memcpy(entry.intent_id, purchase->entry.intent_id, sizeof entry.intent_id);
  if (!rl_text_copy(entry.reference, sizeof entry.reference,
                    refund ? "refund" : event->reference_id))
    return RELOAD_INVALID;
  return rl_store_entry_append(engine->store, &entry, message);
}

static enum reload_error return_money(struct reload_engine *engine,
                                      const struct reload_event *event,
                                      struct reload_message *message) {
  struct rl_purchase purchase = {.reversed_tokens = 0};
  struct reload_charge_row charge;
  bool found = false;
  enum reload_error error = rl_store_purchase(engine->store, event->intent_id, event->reference_id,
                                              &found, &purchase, message);
  if (error != RELOAD_OK) return error;
  if (found) return reversal_enter(engine, event, &purchase, message);
  error = rl_store_charge_by_intent(engine->store, event->intent_id, &found, &charge, message);
  if (error != RELOAD_OK || !found || charge.state >= RELOAD_CHARGE_CAPTURED) return error;
  rl_message_set(message, "the charge of intent \"%s\" is not in the credit log yet",
                 event->intent_id);
  return RELOAD_TOO_EARLY;
}

/* Resolve it at the next recovery, unless its handler still works on it. */
static enum reload_error reversal_hurry(struct reload_engine *engine,
                                        const struct reload_event *event,
                                        struct reload_message *message) {
  struct reload_charge_row charge;
  bool found = false;
  int64_t now_ms = rl_now_ms(engine);
  enum reload_error error =
      rl_store_charge_by_intent(engine->store, event->intent_id, &found, &charge, message);
  if (error != RELOAD_OK || !found || charge.state != RELOAD_CHARGE_UNKNOWN ||
      charge.recover_at_ms <= now_ms)
    return error;
  charge.recover_at_ms = now_ms;
  return rl_store_charge_update(engine->store, &charge, 0, message);
}

static enum reload_error reversal_check(const struct reload_event *event,
                                        struct reload_message *message) {
  bool dispute = event->kind == RELOAD_EVENT_DISPUTE_LOST;
  if (event->kind < RELOAD_EVENT_OTHER || event->kind > RELOAD_EVENT_DISPUTE_LOST) {
    rl_message_set(message, "the event's kind %d is unknown", (int)event->kind);
    return RELOAD_INVALID;
  }
  enum reload_error error = rl_text_id(event->intent_id, "intent id", message);
  if (error == RELOAD_OK && dispute) error = rl_text_id(event->reference_id, "dispute id", message);
  if (error == RELOAD_OK && dispute && strcmp(event->reference_id, "refund") == 0) {
    rl_message_set(message, "a dispute cannot have the id \"refund\"");
    error = RELOAD_INVALID;
  }
  if (error == RELOAD_OK && event->kind != RELOAD_EVENT_INTENT &&
      (event->amount_minor <= 0 || event->amount_minor > RELOAD_TOKENS_MAX)) {
    rl_message_set(message, "the amount returned must be 1 to 10^15, not %lld",
                   (long long)event->amount_minor);
    error = RELOAD_INVALID;
  }
  return error;
}

enum reload_error reload_event_apply(struct reload_engine *engine, const struct reload_event *event,
                                     struct reload_message *message) {
  if (message) message->text[0] = '\0';
  if (event->kind == RELOAD_EVENT_OTHER) return RELOAD_OK;
  enum reload_error error = reversal_check(event, message);
  if (error == RELOAD_OK) error = rl_store_begin(engine->store, true, message);
  if (error != RELOAD_OK) return error;
  error = event->kind == RELOAD_EVENT_INTENT ? reversal_hurry(engine, event, message)
                                             : return_money(engine, event, message);
  return rl_store_end(engine->store, error, message);
}
