/* libreload: the Auto Reload engine.
 *
 * One `struct reload_engine` is one process's connection to the store. Several processes may open
 * the same file. An engine is not thread-safe: use one per thread.
 *
 * Work that calls the outside is a step machine. A request is plain data without pointers; each
 * step is exactly one store transaction or one port call, never both, and between steps nothing is
 * remembered outside the store and the request. A blocking host calls reload_*_run().
 *
 * Units: tokens are whole tokens, amount_minor is minor currency units (cents), _ms is milliseconds
 * since 1970-01-01T00:00:00Z, ids are NUL-terminated UTF-8 (limits below, in bytes with the NUL).
 *
 * Pointers must not be null unless said otherwise; a message may be. Strings are checked: a null,
 * over-long or hostile one is RELOAD_INVALID.
 *
 * Rule ids (FIRE-1, ...) are those of scenarios/rules.json.
 */
#ifndef RELOAD_H
#define RELOAD_H

#include "ports.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RELOAD_VERSION "0.1.0"
#define RELOAD_SCHEMA_VERSION 1

/* ---- Errors ------------------------------------------------------------------------------- */

/* The error of a call. A call that fails has changed nothing and may be repeated. */
enum reload_error {
  RELOAD_OK = 0,
  RELOAD_INVALID, /* an argument breaks its contract, or SQLite is too old; the message names it */
  RELOAD_NOT_FOUND, /* no such client, charge or file */
  RELOAD_CONFLICT,  /* the id is known with other parameters */
  RELOAD_TOO_EARLY, /* a reversal of money that is not in the ledger yet: deliver the event again */
  RELOAD_BUSY,      /* another process holds the store: try again */
  RELOAD_FULL,      /* the disk is full */
  RELOAD_IO,        /* the disk failed */
  RELOAD_CORRUPT,   /* the file is damaged or breaks a constraint of the ledger */
  RELOAD_FOREIGN,   /* the file is not a reload store */
  RELOAD_NEWER,     /* the file was written by a newer version */
  RELOAD_NOMEM
};

/* A sentence for people: what, where, and what to do. Empty after RELOAD_OK. */
struct reload_message {
  char text[240];
};

/* The error's stable name, such as "invalid". Never null. */
const char *reload_error_name(enum reload_error error);

/* ---- Opening ------------------------------------------------------------------------------ */

/* Fixed for all clients (FIRE-6). */
struct reload_settings {
  int64_t top_up_tokens;      /* tokens that one reload adds; > 0 */
  int64_t top_up_price_minor; /* what the card is charged for it; 50..99999999 */
  char currency[4];           /* ISO 4217 in lower case: "usd" */
  int64_t wait_limit_ms;      /* how long an action waits for another one's reload (RACE-3); > 0 */
  int64_t attempt_limit_ms;   /* after this long an attempt's handler is taken for dead; longer than
                                 all its gateway calls can take; > 0 */
};

struct reload_config {
  const char *path; /* the store's file; created if it does not exist */
  const char *vfs;  /* an SQLite VFS's name, or null for the system's */
  struct reload_settings settings;
  struct reload_card_port card;
  struct reload_clock_port clock;
  struct reload_mail_port mail;
};

struct reload_engine;

/* Check that the linked SQLite is new enough; reload_open() checks too. Call it at the start, to
 * fail before there is work.
 * Returns: RELOAD_OK; RELOAD_INVALID if it is older than 3.40.0: the message has the needed and the
 *          linked version
 * Effects: none
 */
enum reload_error reload_sqlite_check(struct reload_message *message);

/* Open or create a store.
 * In:      config  copied; the ports' self pointers must outlive the engine; all ports are required
 * Returns: RELOAD_OK and *engine, to be closed by the caller; else *engine is null. RELOAD_FOREIGN
 *          and RELOAD_NEWER leave the file as it was.
 * Effects: writes the schema into an empty file
 */
enum reload_error reload_open(const struct reload_config *config, struct reload_engine **engine,
                              struct reload_message *message);

/* Change the settings for new charges; charges in progress keep theirs.
 * Returns: RELOAD_OK, or RELOAD_INVALID; then the old settings stay */
enum reload_error reload_settings_set(struct reload_engine *engine,
                                      const struct reload_settings *settings,
                                      struct reload_message *message);

/* Make the store durable and its write-ahead log short. reload_open() does it, too: a transaction
 * whose process died during the commit may be visible without being synced, and no answer may
 * depend on it before it is (MONEY-8). Call it regularly, from a timer. */
enum reload_error reload_checkpoint(struct reload_engine *engine, struct reload_message *message);

/* Close the store and free the engine; null is fine. */
void reload_close(struct reload_engine *engine);

/* ---- Spending ----------------------------------------------------------------------------- */

/* No cost or purchase is larger than this (FIRE-8), and none takes a balance beyond it: sums cannot
 * overflow. Only the top-up of a captured charge may. */
#define RELOAD_TOKENS_MAX INT64_C(1000000000000000)

enum reload_action_kind { RELOAD_CREATIVE = 0, RELOAD_PERSONA_BATCH };

/* Why an action was refused. RELOAD_REASON_OFF is the only one without the note (NOFIRE-1). */
enum reload_reason {
  RELOAD_REASON_NONE = 0,   /* done */
  RELOAD_REASON_OFF,        /* Auto Reload is off                                  NOFIRE-1 */
  RELOAD_REASON_DECLINED,   /* the card was declined                               NOFIRE-2 */
  RELOAD_REASON_3D_SECURE,  /* the bank wants the customer                         NOFIRE-3 */
  RELOAD_REASON_NO_PLAN,    /* no active plan                                      NOFIRE-4 */
  RELOAD_REASON_NO_CARD,    /* no card on file                                     NOFIRE-5 */
  RELOAD_REASON_CARD_DEAD,  /* the card failed for good earlier                    NOFIRE-6 */
  RELOAD_REASON_TOO_SMALL,  /* one top-up would not cover the cost                 FIRE-7 */
  RELOAD_REASON_UNRESOLVED, /* an earlier charge's outcome is unknown              MONEY-6 */
  RELOAD_REASON_WAITED,     /* another action's reload took too long               RACE-3 */
  RELOAD_REASON_UNKNOWN,    /* this action's charge has an unknown outcome         MONEY-5 */
  RELOAD_REASON_NOT_REACHED /* the gateway could not be reached; nothing charged   MONEY-5 */
};

/* Ways out that the modal offers; a bit set. */
enum reload_way_out {
  RELOAD_OUT_TOP_UP = 1,      /* buy a pack through Checkout            OUT-1 */
  RELOAD_OUT_CHANGE_PLAN = 2, /* upgrade through Checkout               OUT-2 */
  RELOAD_OUT_WAIT_CYCLE = 4,  /* wait for the next cycle                OUT-3 */
  RELOAD_OUT_UPDATE_CARD = 8, /* update the card and try again          NOFIRE-7 */
  RELOAD_OUT_TRY_LATER = 16   /* try the same action again in a while   MONEY-6, RACE-3 */
};

/* The result for the caller. */
struct reload_verdict {
  bool done;     /* the action goes through and its tokens are deducted */
  bool reloaded; /* done, and a top-up was charged for it, now or at an earlier request */
  bool note;     /* the modal says that Auto Reload could not cover the request */
  enum reload_reason reason;           /* RELOAD_REASON_NONE if done */
  uint32_t ways_out;                   /* enum reload_way_out bits; 0 if done */
  int64_t balance_tokens;              /* as of the verdict */
  int64_t missing_tokens;              /* cost minus balance if refused and positive, else 0 */
  char decline_code[RELOAD_CODE_SIZE]; /* the bank's code for DECLINED, 3D_SECURE; else "" */
};

enum reload_progress {
  RELOAD_AGAIN = 0, /* step again at once */
  RELOAD_WAIT,      /* step again when the store may have changed, by wake_at_ms at the latest */
  RELOAD_DONE       /* the request has ended */
};

/* The next step of a request; see spend.c and recover.c for the table of steps. */
enum reload_step {
  RELOAD_STEP_DECIDE = 0, /* transaction */
  RELOAD_STEP_OPEN,       /* gateway: create the intent */
  RELOAD_STEP_RECORD,     /* transaction: keep the intent's id */
  RELOAD_STEP_CONFIRM,    /* gateway: the only call that can move money */
  RELOAD_STEP_CLOSE,      /* gateway: cancel what was not captured */
  RELOAD_STEP_SETTLE,     /* transaction */
  RELOAD_STEP_END
};
const char *reload_step_name(enum reload_step step);

/* One charge attempt: a copy of the charge row and the gateway's last reply.
 */
struct reload_attempt {
  char charge_id[RELOAD_KEY_SIZE]; /* also the idempotency key */
  char client_id[RELOAD_ID_SIZE];
  char action_id[RELOAD_ID_SIZE];
  char customer_id[RELOAD_ID_SIZE];
  char card_id[RELOAD_ID_SIZE];
  char intent_id[RELOAD_ID_SIZE]; /* "" until the gateway has replied with it */
  char currency[4];
  int64_t amount_minor;
  struct reload_card_reply reply;      /* the last one */
  char decline_code[RELOAD_CODE_SIZE]; /* the first decline, kept after the closing call */
  enum reload_reason reason;           /* the reason for the caller if it is not captured */
};

/* A request to spend: zero it, fill the first four fields, step until progress is RELOAD_DONE. */
struct reload_spend {
  char client_id[RELOAD_ID_SIZE];
  char action_id
      [RELOAD_ID_SIZE];         /* unique over all clients; repeating a request is safe (MONEY-3) */
  enum reload_action_kind kind; /* all kinds behave the same (FIRE-3) */
  int64_t cost_tokens;          /* > 0 (FIRE-8) */

  enum reload_progress progress;
  int64_t wake_at_ms;            /* with RELOAD_WAIT */
  struct reload_verdict verdict; /* with RELOAD_DONE */

  /* the engine's own; plain data, kept by the caller */
  enum reload_step step;
  int64_t wait_until_ms; /* 0: has not waited yet */
  struct reload_attempt attempt;
};

/* Take the next step of a spend: one transaction or one gateway call.
 * Source:  FIRE-1..8, NOFIRE-1..7, RACE-1..5, MONEY-1..6
 * Returns: RELOAD_OK and spend->progress; RELOAD_INVALID (FIRE-8, bad id), RELOAD_NOT_FOUND,
 *          RELOAD_CONFLICT (the action id was done with another client, kind or cost); a store's
 *          error. After a store's error the same step may be repeated. If the request is dropped
 *          instead, recovery resolves its charge.
 */
enum reload_error reload_spend_step(struct reload_engine *engine, struct reload_spend *spend,
                                    struct reload_message *message);

/* Step until the spend has ended, sleeping on the clock port while it waits (RACE-3). */
enum reload_error reload_spend_run(struct reload_engine *engine, struct reload_spend *spend,
                                   struct reload_message *message);

/* ---- The toggle --------------------------------------------------------------------------- */

enum reload_toggle_answer {
  RELOAD_TOGGLE_CHANGED = 0, /* the state is now as asked; one mail is on its way   TOGGLE-4 */
  RELOAD_TOGGLE_ALREADY,     /* it already was; no mail                             TOGGLE-5 */
  RELOAD_TOGGLE_NEEDS_CARD,  /* stays off: add a card first                         TOGGLE-2 */
  RELOAD_TOGGLE_NEEDS_PLAN   /* stays off: an active plan is needed                 TOGGLE-3 */
};

/* Turn Auto Reload on or off: one transaction, the mail's outbox row with it.
 * Source:  TOGGLE-2..5, TOGGLE-9, MAIL-2. Off always works.
 * Returns: RELOAD_OK and *answer
 */
enum reload_error reload_toggle_set(struct reload_engine *engine, const char *client_id, bool on,
                                    enum reload_toggle_answer *answer,
                                    struct reload_message *message);

/* ---- Account facts: each call is one transaction ------------------------------------------ */

enum reload_plan {
  RELOAD_PLAN_NONE = 0,
  RELOAD_PLAN_ACTIVE,
  RELOAD_PLAN_TRIALING,
  RELOAD_PLAN_PAST_DUE,
  RELOAD_PLAN_CANCELED
};

/* Add a client, without plan, card and tokens, and with Auto Reload off (TOGGLE-1).
 * In:      owner_email  one address for the toggle's mails: local@domain, no CR, LF or spaces
 *          customer_id  the gateway's customer that the client's cards are attached to
 * Returns: RELOAD_CONFLICT if the id is taken with other parameters; a repeated call is fine
 */
enum reload_error reload_client_add(struct reload_engine *engine, const char *client_id,
                                    const char *owner_email, const char *customer_id,
                                    struct reload_message *message);

/* Set the plan's state. Never touches the toggle (TOGGLE-3, TOGGLE-8). */
enum reload_error reload_plan_set(struct reload_engine *engine, const char *client_id,
                                  enum reload_plan plan, struct reload_message *message);

/* Put a card on file, replacing any other (NOFIRE-7). If it is on file already nothing changes. A
 * card that failed for good is dead on every client that has it, now or later (NOFIRE-6). */
enum reload_error reload_card_set(struct reload_engine *engine, const char *client_id,
                                  const char *card_id, struct reload_message *message);

/* Take the card off file. The toggle stays (TOGGLE-8). No card on file is fine. */
enum reload_error reload_card_remove(struct reload_engine *engine, const char *client_id,
                                     struct reload_message *message);

/* A pack bought through Checkout (OUT-1): adds its tokens and puts the card on file.
 * In:      checkout_id  makes a repeated call harmless
 *          intent_id    the gateway's intent that paid it, for later refunds
 *          tokens > 0, amount_minor > 0
 */
enum reload_error reload_pack_add(struct reload_engine *engine, const char *client_id,
                                  const char *checkout_id, const char *intent_id, int64_t tokens,
                                  int64_t amount_minor, const char *card_id,
                                  struct reload_message *message);

/* A plan change through Checkout (OUT-2): sets plan and card in one transaction. */
enum reload_error reload_plan_change(struct reload_engine *engine, const char *client_id,
                                     enum reload_plan plan, const char *card_id,
                                     struct reload_message *message);

/* The plan's tokens for a cycle (OUT-3); cycle_id (unique for the client) makes a repeated call
 * harmless. Never fires a reload (FIRE-4). */
enum reload_error reload_cycle_grant(struct reload_engine *engine, const char *client_id,
                                     const char *cycle_id, int64_t tokens,
                                     struct reload_message *message);

/* ---- Gateway events ----------------------------------------------------------------------- */

enum reload_event_kind {
  RELOAD_EVENT_OTHER = 0,   /* not relevant; applying it does nothing */
  RELOAD_EVENT_INTENT,      /* an intent changed: a hint to resolve it now */
  RELOAD_EVENT_REFUNDED,    /* amount_minor: refunded in all so far (cumulative) */
  RELOAD_EVENT_DISPUTE_LOST /* amount_minor: of this dispute */
};

struct reload_event {
  enum reload_event_kind kind;
  char intent_id[RELOAD_ID_SIZE];
  char reference_id[RELOAD_ID_SIZE]; /* the dispute's id, for RELOAD_EVENT_DISPUTE_LOST */
  int64_t amount_minor;
};

/* Read a webhook: check the signature, then the body. The event's content is only ever a hint or an
 * amount; charges are resolved by asking the gateway.
 * In:      body, body_size  the raw bytes, untrusted
 *          signature        the header "t=SECONDS,v1=HEX[,...]", untrusted
 *          secret           the endpoint's signing secret
 *          now_ms           signatures more than 300 s from it are refused
 * Source:  the gateway's webhook documentation: HMAC-SHA256 over "SECONDS.BODY"
 * Returns: RELOAD_OK and *event; RELOAD_INVALID if forged, stale or malformed; RELOAD_NOMEM: have
 *          the gateway send it again
 * Effects: none
 */
enum reload_error reload_event_read(const char *body, size_t body_size, const char *signature,
                                    const char *secret, int64_t now_ms, struct reload_event *event,
                                    struct reload_message *message);

/* Apply an event: one transaction. Safe to repeat and in any order.
 * Source:  MONEY-5, MONEY-7. Tokens reversed = tokens bought * money returned / price, rounded
 *          down.
 * Returns: RELOAD_TOO_EARLY if money was returned for a charge that is not in the ledger yet;
 *          RELOAD_OK for an unknown intent */
enum reload_error reload_event_apply(struct reload_engine *engine, const struct reload_event *event,
                                     struct reload_message *message);

/* ---- Recovery and mail: run them regularly, in any process --------------------------------- */

/* Resolve the attempts whose outcome is unknown or whose handler is gone. Zero it and step until
 * RELOAD_DONE; then nothing is due now, and wake_at_ms says when something may be (0: nothing). Run
 * it at that time, after a start, and after a spend or an event. */
struct reload_recovery {
  enum reload_progress progress;
  int64_t wake_at_ms;
  int64_t resolved_count; /* attempts that got an end */
  enum reload_step step;
  struct reload_attempt attempt;
};

/* Source:  MONEY-2, MONEY-5, MONEY-8, NOFIRE-3. Canceling asks for the status and prevents a late
 *          capture in one call: the reply is either "canceled" or that it was captured. Captured
 *          money is credited without the action, which was refused or never answered. */
enum reload_error reload_recovery_step(struct reload_engine *engine,
                                       struct reload_recovery *recovery,
                                       struct reload_message *message);
enum reload_error reload_recovery_run(struct reload_engine *engine, int64_t *wake_at_ms,
                                      struct reload_message *message);

enum reload_delivery_step {
  RELOAD_DELIVERY_PICK = 0,
  RELOAD_DELIVERY_SEND,
  RELOAD_DELIVERY_RECORD
};

/* Deliver the toggle's mails that are due. Zero it and step until RELOAD_DONE; run it again at
 * wake_at_ms, after a start, and after a change of the toggle. */
struct reload_delivery {
  enum reload_progress progress;
  int64_t wake_at_ms; /* 0: no mail is waiting */
  int64_t delivered_count;
  enum reload_delivery_step step;
  char client_id[RELOAD_ID_SIZE];
  int64_t change_no;
  struct reload_mail mail;
  enum reload_mail_outcome outcome;
};

/* Source:  TOGGLE-4, MAIL-2, MAIL-3: at least once, for each client in the order of its changes. */
enum reload_error reload_delivery_step(struct reload_engine *engine,
                                       struct reload_delivery *delivery,
                                       struct reload_message *message);
enum reload_error reload_delivery_run(struct reload_engine *engine, int64_t *wake_at_ms,
                                      struct reload_message *message);

/* ---- Reading the ledger -------------------------------------------------------------------- */

struct reload_client_row {
  char client_id[RELOAD_ID_SIZE];
  char owner_email[RELOAD_EMAIL_SIZE];
  char customer_id[RELOAD_ID_SIZE];
  enum reload_plan plan;
  char card_id[RELOAD_ID_SIZE]; /* "": none */
  int64_t card_no;              /* counts how often the card was updated */
  bool card_dead;               /* NOFIRE-6 */
  int64_t balance_tokens;
  bool auto_reload; /* TOGGLE-6: the current state */
};

enum reload_entry_kind {
  RELOAD_ENTRY_GRANT = 0,
  RELOAD_ENTRY_PACK,
  RELOAD_ENTRY_TOP_UP,
  RELOAD_ENTRY_SPEND,
  RELOAD_ENTRY_REVERSAL
};

/* An entry of the credit log (MONEY-4), with the balance after it. */
struct reload_entry_row {
  char client_id[RELOAD_ID_SIZE];
  int64_t entry_no; /* 1, 2, ... for each client */
  enum reload_entry_kind kind;
  int64_t tokens;         /* negative for spends and reversals */
  int64_t balance_tokens; /* after this entry */
  char reference
      [RELOAD_KEY_SIZE]; /* cycle, checkout, charge, action, or "refund"/dispute: once each */
  char action_id[RELOAD_ID_SIZE];      /* which action caused it (RACE-6); "" if none */
  enum reload_action_kind action_kind; /* of a spend */
  char intent_id[RELOAD_ID_SIZE];      /* the intent that paid for it; "" if none */
  int64_t amount_minor;                /* paid or returned; 0 if no money moved */
  int64_t at_ms;
};

enum reload_charge_state {
  RELOAD_CHARGE_CREATED = 0, /* no intent yet: no money can have moved */
  RELOAD_CHARGE_OPENED,      /* the intent's id is stored; a confirm may be under way */
  RELOAD_CHARGE_UNKNOWN,     /* the handler gave up; recovery will resolve it */
  RELOAD_CHARGE_CAPTURED,    /* the end: credited */
  RELOAD_CHARGE_CLOSED       /* the end: nothing was captured and nothing can be */
};

struct reload_charge_row {
  char charge_id[RELOAD_KEY_SIZE];
  char client_id[RELOAD_ID_SIZE];
  char action_id[RELOAD_ID_SIZE];
  enum reload_action_kind action_kind;
  int64_t cost_tokens;
  int64_t top_up_tokens;
  int64_t amount_minor;
  char currency[4];
  char card_id[RELOAD_ID_SIZE];
  int64_t card_no;
  enum reload_charge_state state;
  char intent_id[RELOAD_ID_SIZE];
  char decline_code[RELOAD_CODE_SIZE];
  int64_t fired_at_ms;
  int64_t fired_under_change_no; /* the toggle change that allowed it: proof for RACE-2 */
  int64_t recover_at_ms;         /* from this time recovery may take it; 0 after its end */
  int64_t try_count;             /* recovery's tries so far */
  int64_t ended_at_ms;           /* when captured or closed; 0 before */
};

/* A change of the toggle, which is also the outbox row of its mail. */
struct reload_toggle_row {
  char client_id[RELOAD_ID_SIZE];
  int64_t change_no; /* 1, 2, ... for each client */
  bool on;
  int64_t at_ms;
  int64_t delivered_at_ms; /* 0: not yet */
  int64_t next_try_at_ms;
  int64_t try_count;
};

/* A card that failed for good, for every client (NOFIRE-6). */
struct reload_dead_card_row {
  char card_id[RELOAD_ID_SIZE];
  int64_t since_ms;
};

/* Called once for each row: clients by id; then, by client, entries and changes in their order,
 * charges by firing time; dead cards by id. The row is valid during the call. A null function skips
 * its table. */
struct reload_ledger_visitor {
  void *self;
  void (*client)(void *self, const struct reload_client_row *row);
  void (*entry)(void *self, const struct reload_entry_row *row);
  void (*charge)(void *self, const struct reload_charge_row *row);
  void (*toggle)(void *self, const struct reload_toggle_row *row);
  void (*dead_card)(void *self, const struct reload_dead_card_row *row);
};

/* Read the ledger in one transaction.
 * In:      client_id  one client (its cards: those of its file and charges), or null for all; an
 *                     unknown one has no rows
 * Source:  OUT-4, TOGGLE-6, MONEY-1..2: these rows answer every later question
 */
enum reload_error reload_ledger_read(struct reload_engine *engine, const char *client_id,
                                     const struct reload_ledger_visitor *visitor,
                                     struct reload_message *message);

#ifdef __cplusplus
}
#endif

#endif
