/* What the engine's own files share. Not installed.
 *
 * Internal names begin with rl_. Names that begin with reload_ are the API; only these are visible
 * in both libraries. */
#ifndef RL_ENGINE_H
#define RL_ENGINE_H

#include "reload.h"
#include "store.h"

struct reload_engine {
  struct rl_store *store;
  struct reload_settings settings;
  struct reload_card_port card;
  struct reload_clock_port clock;
  struct reload_mail_port mail;
};

int64_t rl_now_ms(const struct reload_engine *engine);

/* How long to wait before try number try_count + 1: one minute, doubling, at most one hour. */
int64_t rl_backoff_ms(int64_t try_count);

/* A short, printable, collision-free id made from its parts: PREFIX + 32 hex digits of the SHA-256
 * of the store's uid and the parts, each with its NUL. Deterministic: the same parts give the same
 * id in every process.
 * In:      id     receives at most size bytes with the NUL
 *          parts  count strings
 */
void rl_make_id(const struct reload_engine *engine, char *id, size_t size, const char *prefix,
                const char *const *parts, size_t count);

/* ---- Calls to the gateway, shared by spending and recovery (attempt.c) ---- */

/* Copy the data of the gateway's requests from the charge row. */
void rl_attempt_load(struct reload_attempt *attempt, const struct reload_charge_row *charge,
                     const struct reload_client_row *client);

/* Each makes one port call, keeps the result in the attempt, and returns the next step. */
enum reload_step rl_attempt_open(struct reload_engine *engine, struct reload_attempt *attempt);
enum reload_step rl_attempt_confirm(struct reload_engine *engine, struct reload_attempt *attempt);
enum reload_step rl_attempt_close(struct reload_engine *engine, struct reload_attempt *attempt);

/* Inside a write transaction: end a charge that has no end yet, by the gateway's last reply.
 * Captured: the top-up is entered in the credit log (MONEY-2). A card that failed for good is
 * marked as dead (NOFIRE-6); one that has replaced it meanwhile is not (RACE-4).
 * In/out:  charge  as read in this transaction
 */
enum reload_error rl_attempt_settle(struct reload_engine *engine,
                                    const struct reload_attempt *attempt,
                                    struct reload_charge_row *charge,
                                    struct reload_message *message);

#endif
