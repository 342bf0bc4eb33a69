/* One attempt to charge a card: the calls to the gateway and their results. */
#include "engine.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

void rl_attempt_load(struct reload_attempt *attempt, const struct reload_charge_row *charge,
                     const struct reload_client_row *client) {
  *attempt = (struct reload_attempt){.amount_minor = charge->amount_minor};
  rl_text_keep(attempt->charge_id, sizeof attempt->charge_id, charge->charge_id);
  rl_text_keep(attempt->client_id, sizeof attempt->client_id, charge->client_id);
  rl_text_keep(attempt->action_id, sizeof attempt->action_id, charge->action_id);
  rl_text_keep(attempt->customer_id, sizeof attempt->customer_id, client->customer_id);
  rl_text_keep(attempt->card_id, sizeof attempt->card_id, charge->card_id);
  rl_text_keep(attempt->intent_id, sizeof attempt->intent_id, charge->intent_id);
  rl_text_keep(attempt->currency, sizeof attempt->currency, charge->currency);
}

/* Keep the first reason why it was not captured; later calls only close the intent. */
static void attempt_learn(struct reload_attempt *attempt) {
  const struct reload_card_reply *reply = &attempt->reply;
  bool answered = reply->outcome == RELOAD_CARD_ANSWERED;
  const char *code = "";
  if (answered && reply->status == RELOAD_INTENT_REQUIRES_ACTION)
    code = "authentication_required"; /* NOFIRE-3, even with a 200 */
  else if (answered && reply->decline_code[0])
    code = reply->decline_code;
  else if (answered && reply->status == RELOAD_INTENT_REQUIRES_PAYMENT_METHOD)
    code = reply->code[0] ? reply->code : "card_declined"; /* a decline without a code */
  else if (reply->outcome == RELOAD_CARD_REJECTED)
    code = reply->code;
  if (!attempt->decline_code[0])
    rl_text_keep(attempt->decline_code, sizeof attempt->decline_code, code);
  if (attempt->reason != RELOAD_REASON_NONE) return;

  if (rl_decline_is_3d_secure(code))
    attempt->reason = RELOAD_REASON_3D_SECURE;
  else if (code[0])
    attempt->reason = RELOAD_REASON_DECLINED; /* NOFIRE-2 */
  else if (reply->outcome == RELOAD_CARD_NOT_SENT)
    attempt->reason = RELOAD_REASON_NOT_REACHED;
  else
    attempt->reason = RELOAD_REASON_UNKNOWN; /* MONEY-5 */
}

enum reload_step rl_attempt_open(struct reload_engine *engine, struct reload_attempt *attempt) {
  struct reload_intent_request request = {
      .idempotency_key = attempt->charge_id, /* the same for every try: one intent at most */
      .customer_id = attempt->customer_id,
      .card_id = attempt->card_id,
      .currency = attempt->currency,
      .amount_minor = attempt->amount_minor,
      .client_id = attempt->client_id,
      .action_id = attempt->action_id,
  };
  attempt->reply = (struct reload_card_reply){.outcome = RELOAD_CARD_UNKNOWN};
  engine->card.intent_create(engine->card.self, &request, &attempt->reply);
  if (attempt->reply.outcome == RELOAD_CARD_ANSWERED && attempt->reply.intent_id[0]) {
    rl_text_keep(attempt->intent_id, sizeof attempt->intent_id, attempt->reply.intent_id);
    return RELOAD_STEP_RECORD;
  }
  attempt_learn(attempt);
  return RELOAD_STEP_SETTLE;
}

enum reload_step rl_attempt_confirm(struct reload_engine *engine, struct reload_attempt *attempt) {
  char key[RELOAD_KEY_SIZE + 8];
  int length = snprintf(key, sizeof key, "%s-confirm", attempt->charge_id);
  if (length < 0 || (size_t)length >= sizeof key) return RELOAD_STEP_CLOSE;
  attempt->reply = (struct reload_card_reply){.outcome = RELOAD_CARD_UNKNOWN};
  engine->card.intent_confirm(engine->card.self, attempt->intent_id, key, &attempt->reply);
  if (attempt->reply.outcome == RELOAD_CARD_ANSWERED &&
      attempt->reply.status == RELOAD_INTENT_SUCCEEDED)
    return RELOAD_STEP_SETTLE;
  attempt_learn(attempt);
  /* MONEY-5: an unknown outcome is left to recovery; every other one is closed at once
   * (NOFIRE-3). */
  return attempt->reply.outcome == RELOAD_CARD_UNKNOWN ? RELOAD_STEP_SETTLE : RELOAD_STEP_CLOSE;
}

enum reload_step rl_attempt_close(struct reload_engine *engine, struct reload_attempt *attempt) {
  attempt->reply = (struct reload_card_reply){.outcome = RELOAD_CARD_UNKNOWN};
  engine->card.intent_cancel(engine->card.self, attempt->intent_id, &attempt->reply);
  attempt_learn(attempt);
  return RELOAD_STEP_SETTLE;
}

/* The charge's state by the gateway's last reply: captured, closed, or unknown. */
static enum reload_charge_state end_of(const struct reload_charge_row *charge,
                                       const struct reload_attempt *attempt) {
  const struct reload_card_reply *reply = &attempt->reply;
  if (reply->outcome == RELOAD_CARD_ANSWERED) {
    if (reply->status == RELOAD_INTENT_SUCCEEDED) return RELOAD_CHARGE_CAPTURED;
    if (reply->status == RELOAD_INTENT_CANCELED) return RELOAD_CHARGE_CLOSED;
  }
  /* Without an intent there is nothing to close: the gateway refused to create it, or its only
   * handler never reached the gateway (recovery cannot know what an earlier handler reached). */
  if (!attempt->intent_id[0] && reply->outcome == RELOAD_CARD_REJECTED) return RELOAD_CHARGE_CLOSED;
  if (charge->state == RELOAD_CHARGE_CREATED && reply->outcome == RELOAD_CARD_NOT_SENT)
    return RELOAD_CHARGE_CLOSED;
  return RELOAD_CHARGE_UNKNOWN; /* MONEY-5 */
}

static enum reload_error attempt_credit(struct reload_engine *engine,
                                        struct reload_charge_row *charge, int64_t *entry_no,
                                        struct reload_message *message) {
  struct reload_entry_row entry = {
      .kind = RELOAD_ENTRY_TOP_UP,
      .tokens = charge->top_up_tokens,
      .amount_minor = charge->amount_minor,
      .at_ms = rl_now_ms(engine),
  };
  rl_text_keep(entry.client_id, sizeof entry.client_id, charge->client_id);
  rl_text_keep(entry.reference, sizeof entry.reference, charge->charge_id);
  rl_text_keep(entry.action_id, sizeof entry.action_id, charge->action_id); /* RACE-6 */
  rl_text_keep(entry.intent_id, sizeof entry.intent_id, charge->intent_id);
  enum reload_error error = rl_store_entry_append(engine->store, &entry, message);
  *entry_no = entry.entry_no;
  return error;
}

enum reload_error rl_attempt_settle(struct reload_engine *engine,
                                    const struct reload_attempt *attempt,
                                    struct reload_charge_row *charge,
                                    struct reload_message *message) {
  int64_t entry_no = 0;
  enum reload_error error = RELOAD_OK;
  charge->state = end_of(charge, attempt);
  if (!charge->intent_id[0])
    rl_text_keep(charge->intent_id, sizeof charge->intent_id, attempt->intent_id);
  if (!charge->decline_code[0])
    rl_text_keep(charge->decline_code, sizeof charge->decline_code, attempt->decline_code);
  if (charge->state == RELOAD_CHARGE_CAPTURED)
    error = attempt_credit(engine, charge, &entry_no, message);
  else if (rl_decline_is_final(charge->decline_code))
    error = rl_store_card_dies(engine->store, charge->card_id, rl_now_ms(engine), message);
  if (charge->state != RELOAD_CHARGE_UNKNOWN) charge->ended_at_ms = rl_now_ms(engine);
  if (error != RELOAD_OK) return error;
  return rl_store_charge_update(engine->store, charge, entry_no, message);
}
