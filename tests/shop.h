/* A shop for the tests of the engine: two processes of the real engine on the fakes (disk,
 * gateway, clock, mail), and the ledger as short text. Whatever fails in here fails the calling
 * test.
 *
 * The shop opens at noon with one client: acme, 5 tokens, active plan, pm_card_visa, Auto Reload
 * on, its mail delivered. A top-up is 100 tokens for 1000 cents; the wait is 30 s, an attempt
 * 120 s.
 */
#ifndef SHOP_H
#define SHOP_H

#include "card.h"
#include "clock.h"
#include "disk.h"
#include "mail.h"
#include "reload.h"

#include <sqlite3.h>

#define SHOP_PROCESSES 2
#define SHOP_NOON INT64_C(1768478400000) /* 2026-01-15T12:00:00Z */
#define SHOP_MINUTE INT64_C(60000)
#define SHOP_COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

struct shop {
  struct fake_disk *disk;
  char vfs[24];
  struct fake_card card;
  struct fake_mail mail;
  struct fake_clock clock;
  struct fake_card_fixture card_fixture;
  struct fake_mail_fixture mail_fixture;
  struct reload_engine *engines[SHOP_PROCESSES];
  struct reload_engine *engine;            /* of the process that acts; see shop_process() */
  struct fake_card_behaviour next_call;    /* of the next call of the gateway, then normal again */
  enum fake_mail_behaviour next_mail;      /* likewise */
  void (*during_sleep)(struct shop *shop); /* called when the engine sleeps, time having gone on */
  int sleeps;                              /* how often it has slept */
  int sick_operation; /* the disk refuses from this one on (0: the first); -1: healthy */
  int sick_code;      /* how it refuses */
  struct reload_message message;
};

/* For cmocka_unit_test_setup_teardown(): *state is a struct shop. */
int shop_set_up(void **state);
int shop_tear_down(void **state);

/* From now on this process acts. */
void shop_process(struct shop *shop, int process);

/* All memory of the process is gone; another one takes its place. */
void shop_crash(struct shop *shop, int process);

/* The time goes on. */
void shop_pass(struct shop *shop, int64_t duration_ms);

/* One more client like acme: named so, with these tokens (>= 0), Auto Reload on. */
void shop_add_client(struct shop *shop, const char *client_id, int64_t balance_tokens);

/* The disk refuses all work from operation `from` (0: the next one) on, until it is healed. */
void shop_disk_fails(struct shop *shop, int from, int sqlite_code);
void shop_disk_heals(struct shop *shop);

/* A connection to the store past the engine, with foreign keys; to be closed by the caller. */
sqlite3 *shop_raw(struct shop *shop);

/* ---- Doing --------------------------------------------------------------------------------- */

/* A request, not begun. */
struct reload_spend shop_spend(const char *client_id, const char *action_id, int64_t cost_tokens);

/* One step, which must succeed and be one transaction or one port call. */
void shop_step(struct shop *shop, struct reload_spend *spend);
/* Step on until this step comes next. */
void shop_step_to(struct shop *shop, struct reload_spend *spend, enum reload_step step);
/* Step until it has ended; it must not have to wait. */
void shop_finish(struct shop *shop, struct reload_spend *spend);
/* All of it: acme submits, and this is the answer. */
struct reload_verdict shop_submit(struct shop *shop, const char *action_id, int64_t cost_tokens);

/* The same for the background jobs. */
void shop_recovery_step(struct shop *shop, struct reload_recovery *recovery);
void shop_delivery_step(struct shop *shop, struct reload_delivery *delivery);
/* Run recovery to its end; returns when it wants to be woken. */
int64_t shop_recover(struct shop *shop);
/* Deliver what is due; returns when it wants to be woken. */
int64_t shop_deliver(struct shop *shop);

void shop_toggle(struct shop *shop, const char *client_id, bool on);
enum reload_error shop_event(struct shop *shop, enum reload_event_kind kind, const char *intent_id,
                             const char *reference_id, int64_t amount_minor);

/* Must be RELOAD_OK. */
#define shop_ok(shop, error) shop_check(shop, error, __FILE__, __LINE__)
void shop_check(const struct shop *shop, enum reload_error error, const char *file, int line);

/* ---- Looking: texts are valid until the same function is called again ------------------------ */

/* "grant +5 = 5; top_up +100 = 105; spend -10 = 95", or "". */
const char *shop_log(struct shop *shop, const char *client_id);
/* "a-1 captured; a-2 closed lost_card": the client's charges in the order of their firing. */
const char *shop_charges(struct shop *shop, const char *client_id);
/* "enabled disabled": what came to the client's mailbox, each message once. */
const char *shop_mails(const struct shop *shop, const char *client_id);
/* "on off": the changes of the toggle. */
const char *shop_changes(struct shop *shop, const char *client_id);

struct reload_client_row shop_client(struct shop *shop, const char *client_id);
/* The last row of each; zeros if there is none. */
struct reload_charge_row shop_charge(struct shop *shop, const char *client_id);
struct reload_entry_row shop_entry(struct shop *shop, const char *client_id);
struct reload_toggle_row shop_change(struct shop *shop, const char *client_id);

/* What the gateway has taken in all for an action, and where its intent stands. */
int64_t shop_captured_minor(const struct shop *shop, const char *action_id);
enum reload_intent_status shop_intent_status(const struct shop *shop, const char *action_id);

#endif
