/* The store: the only files with SQL. Callers see rows and nothing of SQLite.
 *
 * Every function but open and close works inside a transaction begun by the caller, fills `message`
 * when it fails, and leaves the transaction to be rolled back by rl_store_end().
 */
#ifndef RL_STORE_H
#define RL_STORE_H

#include "decide.h"
#include "reload.h"

struct rl_store;

/* Check SQLite's version: RELOAD_INVALID if it is too old.
 * In:      version  as SQLite counts: 3040001 is 3.40.1
 */
enum reload_error rl_store_sqlite_fits(int version, struct reload_message *message);

/* Open or create the file; see reload_open() for the errors. *store is null on failure. */
enum reload_error rl_store_open(const char *path, const char *vfs, struct rl_store **store,
                                struct reload_message *message);
void rl_store_close(struct rl_store *store);

/* Begin a transaction. With `writes` it is BEGIN IMMEDIATE: what is read in it stays true until the
 * commit, whatever other processes do. */
enum reload_error rl_store_begin(struct rl_store *store, bool writes,
                                 struct reload_message *message);

/* End the transaction: commit if `error` is RELOAD_OK, else roll back.
 * Returns: `error`, or why the commit failed; then nothing was written */
enum reload_error rl_store_end(struct rl_store *store, enum reload_error error,
                               struct reload_message *message);

/* The unique id of this store, 16 bytes as lower-case hex; valid while it is open. */
const char *rl_store_uid(const struct rl_store *store);

/* Sync the write-ahead log and copy it into the database file as far as readers allow; then
 * overwrite an incomplete commit at its end. Outside a transaction. Another process may do the same
 * at the same time. */
enum reload_error rl_store_checkpoint(struct rl_store *store, struct reload_message *message);

/* ---- Clients: RELOAD_NOT_FOUND if there is none with this id ---- */
enum reload_error rl_store_client(struct rl_store *store, const char *client_id,
                                  struct reload_client_row *row, struct reload_message *message);
enum reload_error rl_store_client_insert(struct rl_store *store,
                                         const struct reload_client_row *row,
                                         struct reload_message *message);
/* Write plan, card_id, card_no and card_dead. */
enum reload_error rl_store_client_update(struct rl_store *store,
                                         const struct reload_client_row *row,
                                         struct reload_message *message);

/* Set a card as dead for every client that has it on file, now or later (NOFIRE-6). */
enum reload_error rl_store_card_dies(struct rl_store *store, const char *card_id, int64_t now_ms,
                                     struct reload_message *message);
enum reload_error rl_store_card_is_dead(struct rl_store *store, const char *card_id, bool *dead,
                                        struct reload_message *message);

/* ---- The credit log ---- */

/* Append an entry; entry_no and balance_tokens are set here (MONEY-1).
 * In:      row  all but entry_no, balance_tokens
 * Returns: RELOAD_INVALID if a grant or pack would take the balance beyond RELOAD_TOKENS_MAX */
enum reload_error rl_store_entry_append(struct rl_store *store, struct reload_entry_row *row,
                                        struct reload_message *message);

/* The spend of an action, of any client: *found, and its client, kind and cost. */
struct rl_done_action {
  char client_id[RELOAD_ID_SIZE];
  int64_t cost_tokens;
  enum reload_action_kind kind;
  bool reloaded; /* a captured charge was made for it */
};
enum reload_error rl_store_action(struct rl_store *store, const char *action_id, bool *found,
                                  struct rl_done_action *done, struct reload_message *message);

/* A grant, pack or top-up entry by its reference. */
enum reload_error rl_store_entry(struct rl_store *store, const char *client_id,
                                 enum reload_entry_kind kind, const char *reference, bool *found,
                                 struct reload_entry_row *row, struct reload_message *message);

/* The purchase (pack or top-up) that an intent paid for, and what was reversed so far. */
struct rl_purchase {
  struct reload_entry_row entry;
  int64_t reversed_tokens;
  int64_t reversed_minor; /* by refunds and disputes together */
  int64_t refunded_minor; /* by refunds alone */
  bool dispute_known;     /* a reversal with this reference exists */
};
enum reload_error rl_store_purchase(struct rl_store *store, const char *intent_id,
                                    const char *reference, bool *found,
                                    struct rl_purchase *purchase, struct reload_message *message);

/* ---- Charges ---- */
enum reload_error rl_store_charge(struct rl_store *store, const char *charge_id, bool *found,
                                  struct reload_charge_row *row, struct reload_message *message);
enum reload_error rl_store_charge_by_intent(struct rl_store *store, const char *intent_id,
                                            bool *found, struct reload_charge_row *row,
                                            struct reload_message *message);
/* The client's charge that has no end yet. */
enum reload_error rl_store_charge_pending(struct rl_store *store, const char *client_id,
                                          bool *found, struct reload_charge_row *row,
                                          struct reload_message *message);
/* The pending charge that is due first; *next_due_ms is when the first one not yet due will be. */
enum reload_error rl_store_charge_due(struct rl_store *store, int64_t now_ms, bool *found,
                                      struct reload_charge_row *row, int64_t *next_due_ms,
                                      struct reload_message *message);
/* An action, and the results of its attempts so far. */
struct rl_attempts {
  int64_t count;
  char decline_code[RELOAD_CODE_SIZE]; /* the last decline on the card numbered card_no, or "" */
  bool captured;                       /* a top-up was charged for it */
  bool conflict; /* the same action id is being charged for with another client, kind or cost */
};
enum reload_error rl_store_attempts(struct rl_store *store, const struct reload_spend *spend,
                                    int64_t card_no, struct rl_attempts *attempts,
                                    struct reload_message *message);
enum reload_error rl_store_charge_insert(struct rl_store *store,
                                         const struct reload_charge_row *row,
                                         struct reload_message *message);
/* Write state, intent_id, decline_code, recover_at_ms, try_count, ended_at_ms.
 * In:      top_up_entry_no  of a captured charge, else 0 */
enum reload_error rl_store_charge_update(struct rl_store *store,
                                         const struct reload_charge_row *row,
                                         int64_t top_up_entry_no, struct reload_message *message);
/* ---- The toggle and its mails ---- */

/* The client's last change; change_no 0 and off if there was none. */
enum reload_error rl_store_toggle(struct rl_store *store, const char *client_id,
                                  struct reload_toggle_row *row, struct reload_message *message);
enum reload_error rl_store_toggle_insert(struct rl_store *store,
                                         const struct reload_toggle_row *row,
                                         struct reload_message *message);
/* The first undelivered mail that is due and has no undelivered one before it (MAIL-3);
 * *next_due_ms is when the first one not yet due will be, 0 if none. */
enum reload_error rl_store_mail_due(struct rl_store *store, int64_t now_ms, bool *found,
                                    struct reload_toggle_row *row, int64_t *next_due_ms,
                                    struct reload_message *message);
/* Write next_try_at_ms and try_count. */
enum reload_error rl_store_mail_claim(struct rl_store *store, const struct reload_toggle_row *row,
                                      struct reload_message *message);
/* Record that a mail was delivered; only the first time counts. */
enum reload_error rl_store_mail_delivered(struct rl_store *store, const char *client_id,
                                          int64_t change_no, int64_t at_ms,
                                          struct reload_message *message);

/* ---- All rows ---- */
enum reload_error rl_store_visit(struct rl_store *store, const char *client_id,
                                 const struct reload_ledger_visitor *visitor,
                                 struct reload_message *message);

#endif
