/* The steps of a spend. Money may move only under an id that the store already holds:
 *
 *   decide   transaction  answer, wait, refuse, or insert the charge row
 *   open     gateway      create the intent, key from the charge row
 *   record   transaction  keep the intent's id
 *   confirm  gateway      the only call that can move money
 *   close    gateway      if it was not captured: cancel, so that it cannot be captured late
 *   settle   transaction  captured: top-up and deduction together; else refuse
 *
 * Closing comes before settling, so that the result is final: the reply to the cancel shows an
 * intent that was captured after all (a late 3D Secure), and the action can still go through. */
#include "engine.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

static void end_done(struct reload_spend *spend, bool reloaded, int64_t balance_tokens) {
  spend->verdict =
      (struct reload_verdict){.done = true, .reloaded = reloaded, .balance_tokens = balance_tokens};
  spend->step = RELOAD_STEP_END;
  spend->progress = RELOAD_DONE;
}

static void end_refused(struct reload_spend *spend, enum reload_reason reason,
                        int64_t balance_tokens) {
  spend->verdict = (struct reload_verdict){.done = false};
  rl_verdict_refuse(&spend->verdict, reason, balance_tokens, spend->cost_tokens);
  if (reason == RELOAD_REASON_DECLINED || reason == RELOAD_REASON_3D_SECURE)
    rl_text_keep(spend->verdict.decline_code, sizeof spend->verdict.decline_code,
                 spend->attempt.decline_code);
  spend->step = RELOAD_STEP_END;
  spend->progress = RELOAD_DONE;
}

static enum reload_error spend_check(const struct reload_spend *spend,
                                     struct reload_message *message) {
  enum reload_error error = rl_text_id(spend->client_id, "client id", message);
  if (error == RELOAD_OK) error = rl_text_id(spend->action_id, "action id", message);
  if (error != RELOAD_OK) return error;
  if (spend->kind != RELOAD_CREATIVE && spend->kind != RELOAD_PERSONA_BATCH) {
    rl_message_set(message, "the action's kind is unknown");
    return RELOAD_INVALID;
  }
  if (spend->cost_tokens <= 0 || spend->cost_tokens > RELOAD_TOKENS_MAX) { /* FIRE-8 */
    rl_message_set(message, "the cost must be a whole number of tokens from 1 to 10^15, not %lld",
                   (long long)spend->cost_tokens);
    return RELOAD_INVALID;
  }
  return RELOAD_OK;
}

/* MONEY-3: another request with the id of an action that is done or being charged for. */
static enum reload_error spend_conflict(const struct reload_spend *spend,
                                        struct reload_message *message) {
  rl_message_set(message, "action \"%s\" is known with another client, kind or cost; use a new id",
                 spend->action_id);
  return RELOAD_CONFLICT;
}

/* MONEY-3: the same request gets the same answer. */
static enum reload_error answer_again(struct reload_spend *spend,
                                      const struct rl_done_action *action, int64_t balance_tokens,
                                      struct reload_message *message) {
  if (strcmp(action->client_id, spend->client_id) != 0 || action->kind != spend->kind ||
      action->cost_tokens != spend->cost_tokens)
    return spend_conflict(spend, message);
  end_done(spend, action->reloaded, balance_tokens);
  return RELOAD_OK;
}

static enum reload_error spend_deduct(struct reload_engine *engine, struct reload_spend *spend,
                                      bool reloaded, struct reload_message *message) {
  struct reload_entry_row entry = {
      .kind = RELOAD_ENTRY_SPEND,
      .action_kind = spend->kind,
      .tokens = -spend->cost_tokens,
      .at_ms = rl_now_ms(engine),
  };
  rl_text_keep(entry.client_id, sizeof entry.client_id, spend->client_id);
  rl_text_keep(entry.reference, sizeof entry.reference, spend->action_id);
  rl_text_keep(entry.action_id, sizeof entry.action_id, spend->action_id);
  enum reload_error error = rl_store_entry_append(engine->store, &entry, message);
  if (error == RELOAD_OK) end_done(spend, reloaded, entry.balance_tokens);
  return error;
}

/* The charge row comes first: from here on recovery handles a crash. */
static enum reload_error spend_fire(struct reload_engine *engine, struct reload_spend *spend,
                                    const struct reload_client_row *client, int64_t attempt_count,
                                    struct reload_message *message) {
  struct reload_toggle_row toggle;
  enum reload_error error = rl_store_toggle(engine->store, spend->client_id, &toggle, message);
  if (error != RELOAD_OK) return error;
  int64_t now_ms = rl_now_ms(engine);
  struct reload_charge_row charge = {
      .action_kind = spend->kind,
      .cost_tokens = spend->cost_tokens,
      .top_up_tokens = engine->settings.top_up_tokens, /* FIRE-6 */
      .amount_minor = engine->settings.top_up_price_minor,
      .card_no = client->card_no,
      .state = RELOAD_CHARGE_CREATED,
      .fired_at_ms = now_ms,
      .fired_under_change_no = toggle.change_no, /* RACE-2, OUT-4 */
      .recover_at_ms = now_ms + engine->settings.attempt_limit_ms,
  };
  char attempt_no[24];
  if (snprintf(attempt_no, sizeof attempt_no, "%lld", (long long)attempt_count + 1) < 0)
    return RELOAD_INVALID;
  rl_make_id(engine, charge.charge_id, sizeof charge.charge_id, "reload-",
             (const char *const[]){spend->client_id, spend->action_id, attempt_no}, 3);
  rl_text_keep(charge.client_id, sizeof charge.client_id, spend->client_id);
  rl_text_keep(charge.action_id, sizeof charge.action_id, spend->action_id);
  rl_text_keep(charge.card_id, sizeof charge.card_id, client->card_id);
  rl_text_keep(charge.currency, sizeof charge.currency, engine->settings.currency);
  error = rl_store_charge_insert(engine->store, &charge, message);
  if (error != RELOAD_OK) return error;
  rl_attempt_load(&spend->attempt, &charge, client);
  spend->step = RELOAD_STEP_OPEN;
  spend->progress = RELOAD_AGAIN;
  return RELOAD_OK;
}

/* RACE-3: wait, but not forever, and not for a handler that is taken for dead. If the clock steps
 * back before the beginning of the wait, the wait begins again, so that the step back does not
 * prolong it. */
static void spend_hold(struct reload_engine *engine, struct reload_spend *spend,
                       const struct reload_charge_row *pending) {
  int64_t now_ms = rl_now_ms(engine), limit_ms = engine->settings.wait_limit_ms;
  if (spend->wait_until_ms == 0 || now_ms < spend->wait_until_ms - limit_ms)
    spend->wait_until_ms = now_ms + limit_ms;
  spend->wake_at_ms =
      spend->wait_until_ms < pending->recover_at_ms ? spend->wait_until_ms : pending->recover_at_ms;
  spend->progress = RELOAD_WAIT;
}

static enum reload_error
spend_gather(struct reload_engine *engine, const struct reload_spend *spend,
             const struct reload_client_row *client, struct reload_charge_row *pending,
             struct rl_attempts *attempts, struct rl_facts *facts, struct reload_message *message) {
  int64_t now_ms = rl_now_ms(engine);
  bool found = false;
  *facts = (struct rl_facts){
      .cost_tokens = spend->cost_tokens,
      .balance_tokens = client->balance_tokens,
      .top_up_tokens = engine->settings.top_up_tokens,
      .auto_reload = client->auto_reload,
      .plan = client->plan,
      .card = !client->card_id[0] ? RL_CARD_NONE
              : client->card_dead ? RL_CARD_DEAD
                                  : RL_CARD_USABLE,
      .waited_out = spend->wait_until_ms != 0 && now_ms >= spend->wait_until_ms,
  };
  enum reload_error error =
      rl_store_charge_pending(engine->store, spend->client_id, &found, pending, message);
  if (error == RELOAD_OK && found) {
    bool live = pending->state != RELOAD_CHARGE_UNKNOWN && now_ms < pending->recover_at_ms;
    facts->pending = live ? RL_PENDING_IN_FLIGHT : RL_PENDING_UNRESOLVED;
    /* FIRE-7 does not apply if the reload in flight is for this very action. */
    bool is_own = strcmp(pending->action_id, spend->action_id) == 0;
    facts->pending_cost_tokens = is_own ? 0 : pending->cost_tokens;
    facts->pending_top_up_tokens = pending->top_up_tokens;
  }
  if (error == RELOAD_OK)
    error = rl_store_attempts(engine->store, spend, client->card_no, attempts, message);
  facts->declined_before = attempts->decline_code[0] != '\0';
  return error;
}

static enum reload_error spend_decide(struct reload_engine *engine, struct reload_spend *spend,
                                      struct reload_message *message) {
  struct reload_client_row client;
  struct reload_charge_row pending;
  struct rl_done_action action;
  struct rl_facts facts;
  struct rl_attempts attempts = {.count = 0};
  bool known = false;
  enum reload_error error = rl_store_client(engine->store, spend->client_id, &client, message);
  if (error == RELOAD_OK)
    error = rl_store_action(engine->store, spend->action_id, &known, &action, message);
  if (error != RELOAD_OK) return error;
  if (known) return answer_again(spend, &action, client.balance_tokens, message);

  error = spend_gather(engine, spend, &client, &pending, &attempts, &facts, message);
  if (error != RELOAD_OK) return error;
  if (attempts.conflict) return spend_conflict(spend, message);
  struct rl_decision decision = rl_decide(&facts);
  if (decision.reason == RELOAD_REASON_DECLINED) { /* NOFIRE-6: the same answer as the first time */
    rl_text_keep(spend->attempt.decline_code, sizeof spend->attempt.decline_code,
                 attempts.decline_code);
    if (rl_decline_is_3d_secure(attempts.decline_code)) decision.reason = RELOAD_REASON_3D_SECURE;
  }
  switch (decision.kind) {
    case RL_DEDUCT: return spend_deduct(engine, spend, attempts.captured, message);
    case RL_FIRE: return spend_fire(engine, spend, &client, attempts.count, message);
    case RL_HOLD: spend_hold(engine, spend, &pending); return RELOAD_OK;
    case RL_REFUSE: end_refused(spend, decision.reason, client.balance_tokens); return RELOAD_OK;
  }
  return RELOAD_INVALID;
}

static enum reload_error charge_of(struct reload_engine *engine, const struct reload_spend *spend,
                                   struct reload_charge_row *charge,
                                   struct reload_message *message) {
  bool found = false;
  enum reload_error error =
      rl_store_charge(engine->store, spend->attempt.charge_id, &found, charge, message);
  if (error == RELOAD_OK && !found) {
    rl_message_set(message, "the charge of action \"%s\" is gone from the store", spend->action_id);
    return RELOAD_CORRUPT;
  }
  return error;
}

static enum reload_error spend_record(struct reload_engine *engine, struct reload_spend *spend,
                                      struct reload_message *message) {
  struct reload_charge_row charge;
  enum reload_error error = charge_of(engine, spend, &charge, message);
  if (error != RELOAD_OK) return error;
  if (charge.state != RELOAD_CHARGE_CREATED) {
    /* Recovery has taken this attempt over: never confirm, only close the intent. */
    spend->attempt.reason = RELOAD_REASON_UNKNOWN;
    spend->step = RELOAD_STEP_CLOSE;
    return RELOAD_OK;
  }
  charge.state = RELOAD_CHARGE_OPENED;
  rl_text_keep(charge.intent_id, sizeof charge.intent_id, spend->attempt.intent_id);
  error = rl_store_charge_update(engine->store, &charge, 0, message);
  if (error == RELOAD_OK) spend->step = RELOAD_STEP_CONFIRM;
  return error;
}

/* The top-up is in the log: the action goes through if the balance now covers it (FIRE-5). It may
 * not if a reversal came in between, or if recovery had credited it and others spent it. */
static enum reload_error spend_finish(struct reload_engine *engine, struct reload_spend *spend,
                                      enum reload_reason otherwise,
                                      struct reload_message *message) {
  struct reload_client_row client;
  enum reload_error error = rl_store_client(engine->store, spend->client_id, &client, message);
  if (error != RELOAD_OK) return error;
  if (client.balance_tokens >= spend->cost_tokens)
    return spend_deduct(engine, spend, true, message);
  end_refused(spend, otherwise, client.balance_tokens);
  return RELOAD_OK;
}

static enum reload_error spend_settle(struct reload_engine *engine, struct reload_spend *spend,
                                      struct reload_message *message) {
  struct reload_charge_row charge = {.state = RELOAD_CHARGE_CREATED};
  struct reload_client_row client;
  struct rl_done_action action;
  bool known = false;
  enum reload_error error = charge_of(engine, spend, &charge, message);
  if (error == RELOAD_OK && charge.state == RELOAD_CHARGE_CLOSED &&
      spend->attempt.reply.status == RELOAD_INTENT_SUCCEEDED) {
    rl_message_set(message, "the gateway captured intent \"%s\" after canceling it; tell support",
                   charge.intent_id);
    return RELOAD_CORRUPT;
  }
  /* An attempt that recovery has taken over with another intent is ended by recovery. */
  bool late = charge.state ==
              RELOAD_CHARGE_CAPTURED; /* recovery was faster, and other actions may have spent it */
  bool ours = charge.state == RELOAD_CHARGE_CREATED ||
              strcmp(charge.intent_id, spend->attempt.intent_id) == 0;
  if (error == RELOAD_OK && charge.state < RELOAD_CHARGE_CAPTURED && ours) {
    charge.recover_at_ms = rl_now_ms(engine); /* if it stays unknown: recovery is due at once */
    error = rl_attempt_settle(engine, &spend->attempt, &charge, message);
  }
  if (error == RELOAD_OK)
    error = rl_store_client(engine->store, spend->client_id, &client, message);
  if (error == RELOAD_OK)
    error = rl_store_action(engine->store, spend->action_id, &known, &action, message);
  if (error != RELOAD_OK) return error;
  if (known) /* the same id was requested twice at once, and the other request has done it */
    return answer_again(spend, &action, client.balance_tokens, message);
  if (charge.state == RELOAD_CHARGE_CAPTURED)
    return spend_finish(engine, spend, late ? RELOAD_REASON_UNKNOWN : RELOAD_REASON_TOO_SMALL,
                        message);
  end_refused(spend, spend->attempt.reason, client.balance_tokens);
  return RELOAD_OK;
}

/* Run one of the transactions above; the request changes only if it commits. */
static enum reload_error spend_transact(struct reload_engine *engine, struct reload_spend *spend,
                                        enum reload_error (*work)(struct reload_engine *,
                                                                  struct reload_spend *,
                                                                  struct reload_message *),
                                        struct reload_message *message) {
  struct reload_spend next = *spend;
  next.progress = RELOAD_AGAIN;
  enum reload_error error = rl_store_begin(engine->store, true, message);
  if (error != RELOAD_OK) return error;
  error = rl_store_end(engine->store, work(engine, &next, message), message);
  if (error == RELOAD_OK) *spend = next;
  return error;
}

enum reload_error reload_spend_step(struct reload_engine *engine, struct reload_spend *spend,
                                    struct reload_message *message) {
  if (message) message->text[0] = '\0';
  switch (spend->step) {
    case RELOAD_STEP_DECIDE: {
      enum reload_error error = spend_check(spend, message);
      return error != RELOAD_OK ? error : spend_transact(engine, spend, spend_decide, message);
    }
    case RELOAD_STEP_OPEN: spend->step = rl_attempt_open(engine, &spend->attempt); return RELOAD_OK;
    case RELOAD_STEP_RECORD: return spend_transact(engine, spend, spend_record, message);
    case RELOAD_STEP_CONFIRM:
      spend->step = rl_attempt_confirm(engine, &spend->attempt);
      return RELOAD_OK;
    case RELOAD_STEP_CLOSE:
      spend->step = rl_attempt_close(engine, &spend->attempt);
      return RELOAD_OK;
    case RELOAD_STEP_SETTLE: return spend_transact(engine, spend, spend_settle, message);
    case RELOAD_STEP_END: spend->progress = RELOAD_DONE; return RELOAD_OK;
  }
  rl_message_set(message, "the request is damaged: unknown step %d", (int)spend->step);
  return RELOAD_INVALID;
}

enum reload_error reload_spend_run(struct reload_engine *engine, struct reload_spend *spend,
                                   struct reload_message *message) {
  enum { POLL_MS = 50 }; /* how soon a waiting action sees that the reload has ended */
  if (message) message->text[0] = '\0';
  while (spend->progress != RELOAD_DONE) {
    enum reload_error error = reload_spend_step(engine, spend, message);
    if (error != RELOAD_OK) return error;
    if (spend->progress == RELOAD_WAIT) engine->clock.sleep_ms(engine->clock.self, POLL_MS);
  }
  return RELOAD_OK;
}
