/* Recovery: resolves attempts whose outcome is unknown or whose handler is gone.
 *
 *   decide   transaction  claim the attempt that is due first; from now on its handler, if it still
 *                         lives, may not confirm
 *   open     gateway      only if the intent's id was never stored: create again with the same key
 *   record   transaction
 *   close    gateway      cancel: asks for the status and prevents a late capture, in one call
 *   settle   transaction  captured: credit it, without the action. Canceled: close. Else try later
 * */
#include "engine.h"

#include "text.h"

#include <string.h>

static enum reload_error recovery_claim(struct reload_engine *engine,
                                        struct reload_recovery *recovery,
                                        struct reload_message *message) {
  struct reload_charge_row charge;
  struct reload_client_row client;
  bool found = false;
  int64_t now_ms = rl_now_ms(engine);
  enum reload_error error =
      rl_store_charge_due(engine->store, now_ms, &found, &charge, &recovery->wake_at_ms, message);
  if (error != RELOAD_OK) return error;
  if (!found) {
    recovery->progress = RELOAD_DONE;
    return RELOAD_OK;
  }
  charge.state = RELOAD_CHARGE_UNKNOWN;
  charge.recover_at_ms = now_ms + rl_backoff_ms(charge.try_count);
  charge.try_count++;
  error = rl_store_charge_update(engine->store, &charge, 0, message);
  if (error == RELOAD_OK)
    error = rl_store_client(engine->store, charge.client_id, &client, message);
  if (error != RELOAD_OK) return error;
  rl_attempt_load(&recovery->attempt, &charge, &client);
  recovery->step = charge.intent_id[0] ? RELOAD_STEP_CLOSE : RELOAD_STEP_OPEN;
  return RELOAD_OK;
}

static enum reload_error recovery_read(struct reload_engine *engine,
                                       const struct reload_recovery *recovery,
                                       struct reload_charge_row *charge,
                                       struct reload_message *message) {
  bool found = false;
  enum reload_error error =
      rl_store_charge(engine->store, recovery->attempt.charge_id, &found, charge, message);
  if (error == RELOAD_OK && !found) {
    rl_message_set(message, "charge %s is gone from the store", recovery->attempt.charge_id);
    return RELOAD_CORRUPT;
  }
  return error;
}

static enum reload_error recovery_record(struct reload_engine *engine,
                                         struct reload_recovery *recovery,
                                         struct reload_message *message) {
  struct reload_charge_row charge;
  enum reload_error error = recovery_read(engine, recovery, &charge, message);
  recovery->step = RELOAD_STEP_CLOSE;
  if (error != RELOAD_OK || charge.state != RELOAD_CHARGE_UNKNOWN || charge.intent_id[0])
    return error; /* another process was faster; closing the intent is still right */
  memcpy(charge.intent_id, recovery->attempt.intent_id, sizeof charge.intent_id);
  return rl_store_charge_update(engine->store, &charge, 0, message);
}

static enum reload_error recovery_settle(struct reload_engine *engine,
                                         struct reload_recovery *recovery,
                                         struct reload_message *message) {
  struct reload_charge_row charge;
  enum reload_error error = recovery_read(engine, recovery, &charge, message);
  recovery->step = RELOAD_STEP_DECIDE;
  if (error != RELOAD_OK || charge.state >= RELOAD_CHARGE_CAPTURED) return error;
  error = rl_attempt_settle(engine, &recovery->attempt, &charge, message);
  if (error == RELOAD_OK && charge.state >= RELOAD_CHARGE_CAPTURED) recovery->resolved_count++;
  return error;
}

static enum reload_error
recovery_transact(struct reload_engine *engine, struct reload_recovery *recovery,
                  enum reload_error (*work)(struct reload_engine *, struct reload_recovery *,
                                            struct reload_message *),
                  struct reload_message *message) {
  struct reload_recovery next = *recovery;
  enum reload_error error = rl_store_begin(engine->store, true, message);
  if (error != RELOAD_OK) return error;
  error = rl_store_end(engine->store, work(engine, &next, message), message);
  if (error == RELOAD_OK) *recovery = next;
  return error;
}

enum reload_error reload_recovery_step(struct reload_engine *engine,
                                       struct reload_recovery *recovery,
                                       struct reload_message *message) {
  if (message) message->text[0] = '\0';
  switch (recovery->step) {
    case RELOAD_STEP_DECIDE: return recovery_transact(engine, recovery, recovery_claim, message);
    case RELOAD_STEP_OPEN:
      recovery->step = rl_attempt_open(engine, &recovery->attempt);
      return RELOAD_OK;
    case RELOAD_STEP_RECORD: return recovery_transact(engine, recovery, recovery_record, message);
    case RELOAD_STEP_CLOSE:
      recovery->step = rl_attempt_close(engine, &recovery->attempt);
      return RELOAD_OK;
    case RELOAD_STEP_SETTLE: return recovery_transact(engine, recovery, recovery_settle, message);
    case RELOAD_STEP_CONFIRM: /* recovery never confirms */
    case RELOAD_STEP_END: break;
  }
  rl_message_set(message, "the recovery is damaged: step %d", (int)recovery->step);
  return RELOAD_INVALID;
}

enum reload_error reload_recovery_run(struct reload_engine *engine, int64_t *wake_at_ms,
                                      struct reload_message *message) {
  struct reload_recovery recovery = {.progress = RELOAD_AGAIN};
  enum reload_error error = RELOAD_OK;
  while (error == RELOAD_OK && recovery.progress != RELOAD_DONE)
    error = reload_recovery_step(engine, &recovery, message);
  *wake_at_ms = recovery.wake_at_ms;
  return error;
}
