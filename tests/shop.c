/* See shop.h. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "shop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Building ------------------------------------------------------------------------------ */

static struct fake_card_behaviour choose_card(void *self, enum fake_card_call call,
                                              const char *about) {
  struct shop *shop = self;
  struct fake_card_behaviour chosen = shop->next_call;
  (void)call;
  (void)about;
  shop->next_call = (struct fake_card_behaviour){0};
  return chosen;
}

static enum fake_mail_behaviour choose_mail(void *self, const struct reload_mail *mail) {
  struct shop *shop = self;
  enum fake_mail_behaviour chosen = shop->next_mail;
  (void)mail;
  shop->next_mail = FAKE_MAIL_NORMAL;
  return chosen;
}

static int before_operation(void *self, const struct fake_disk_op *operation) {
  struct shop *shop = self;
  (void)operation;
  if (shop->sick_operation < 0) return SQLITE_OK;
  if (shop->sick_operation == 0) return shop->sick_code;
  shop->sick_operation--;
  return SQLITE_OK;
}

static int64_t now_ms(void *self) { return ((const struct shop *)self)->clock.now_ms; }

static void sleep_ms(void *self, int64_t duration_ms) {
  struct shop *shop = self;
  shop_pass(shop, duration_ms);
  shop->sleeps++;
  if (shop->during_sleep) shop->during_sleep(shop);
}

static void open_engines(struct shop *shop) {
  const struct reload_config config = {
      .path = "ledger",
      .vfs = shop->vfs,
      .settings = {.top_up_tokens = 100,
                   .top_up_price_minor = 1000,
                   .currency = "usd",
                   .wait_limit_ms = 30000,
                   .attempt_limit_ms = 120000},
      .card = fake_card_port(&shop->card_fixture),
      .clock = {shop, now_ms, sleep_ms},
      .mail = fake_mail_port(&shop->mail_fixture),
  };
  for (int i = 0; i < SHOP_PROCESSES; i++) {
    fake_disk_set_process(shop->disk, i);
    shop_ok(shop, reload_open(&config, &shop->engines[i], &shop->message));
  }
  shop_process(shop, 0);
}

int shop_set_up(void **state) {
  static int
      number; /* a test that failed and left its disk behind does not make the next one fail */
  struct shop *shop = calloc(1, sizeof *shop);
  assert_non_null(shop);
  *state = shop;
  assert_true(snprintf(shop->vfs, sizeof shop->vfs, "shop-%d", number++) > 0);
  shop->disk = fake_disk_new(shop->vfs, 1);
  assert_non_null(shop->disk);
  fake_card_init(&shop->card);
  fake_mail_init(&shop->mail);
  fake_clock_init(&shop->clock, SHOP_NOON);
  shop->card_fixture = (struct fake_card_fixture){
      .card = &shop->card, .clock = &shop->clock, .chooser = shop, .choose = choose_card};
  shop->mail_fixture = (struct fake_mail_fixture){
      .mail = &shop->mail, .clock = &shop->clock, .chooser = shop, .choose = choose_mail};
  shop->sick_operation = -1;
  open_engines(shop);
  fake_disk_set_hook(shop->disk, &(struct fake_disk_hook){shop, before_operation});
  shop_add_client(shop, "acme", 5);
  return 0;
}

int shop_tear_down(void **state) {
  struct shop *shop = *state;
  shop_disk_heals(shop);
  for (int i = 0; i < SHOP_PROCESSES; i++) reload_close(shop->engines[i]);
  fake_disk_free(shop->disk);
  free(shop);
  return 0;
}

void shop_process(struct shop *shop, int process) {
  fake_disk_set_process(shop->disk, process);
  shop->engine = shop->engines[process];
}

void shop_crash(struct shop *shop, int process) {
  fake_disk_process_dies(shop->disk, process);
  fake_disk_process_starts(shop->disk, process);
}

void shop_pass(struct shop *shop, int64_t duration_ms) {
  fake_clock_move(&shop->clock, duration_ms);
  fake_card_advance(&shop->card, shop->clock.now_ms);
  fake_mail_advance(&shop->mail, shop->clock.now_ms);
}

void shop_add_client(struct shop *shop, const char *client_id, int64_t balance_tokens) {
  struct reload_message *m = &shop->message;
  shop_ok(shop, reload_client_add(shop->engine, client_id, "olga@owners.example", "cus_olga", m));
  if (balance_tokens > 0)
    shop_ok(shop, reload_cycle_grant(shop->engine, client_id, "given", balance_tokens, m));
  shop_ok(shop, reload_plan_change(shop->engine, client_id, RELOAD_PLAN_ACTIVE, "pm_card_visa", m));
  shop_toggle(shop, client_id, true);
  (void)shop_deliver(shop);
}

void shop_disk_fails(struct shop *shop, int from, int sqlite_code) {
  shop->sick_operation = from;
  shop->sick_code = sqlite_code;
}

void shop_disk_heals(struct shop *shop) { shop->sick_operation = -1; }

sqlite3 *shop_raw(struct shop *shop) {
  sqlite3 *db = NULL;
  assert_int_equal(sqlite3_open_v2("ledger", &db, SQLITE_OPEN_READWRITE, shop->vfs), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, "PRAGMA foreign_keys = ON", NULL, NULL, NULL), SQLITE_OK);
  return db;
}

/* ---- Doing --------------------------------------------------------------------------------- */

void shop_check(const struct shop *shop, enum reload_error error, const char *file, int line) {
  if (error == RELOAD_OK) return;
  print_error("%s: %s\n", reload_error_name(error), shop->message.text);
  _fail(file, line);
}

static void copy(char *to, size_t size, const char *from) {
  int length = snprintf(to, size, "%s", from);
  assert_true(length >= 0 && (size_t)length < size);
}

struct reload_spend shop_spend(const char *client_id, const char *action_id, int64_t cost_tokens) {
  struct reload_spend spend;
  memset(&spend, 0, sizeof spend);
  copy(spend.client_id, sizeof spend.client_id, client_id);
  copy(spend.action_id, sizeof spend.action_id, action_id);
  spend.cost_tokens = cost_tokens;
  return spend;
}

static void begin_step(struct shop *shop) {
  fake_disk_begin_step(shop->disk);
  shop->card_fixture.call_count = 0;
  shop->mail_fixture.call_count = 0;
}

/* One transaction or one port call, never both, never two. */
static void end_step(const struct shop *shop) {
  struct fake_disk_counters disk = fake_disk_counters(shop->disk);
  int64_t calls = (int64_t)shop->card_fixture.call_count + shop->mail_fixture.call_count;
  if (calls + disk.snapshot_count != 1 || disk.write_count > disk.snapshot_count)
    fail_msg("a step made %d port calls and %d transactions, %d of which wrote", (int)calls,
             (int)disk.snapshot_count, (int)disk.write_count);
}

void shop_step(struct shop *shop, struct reload_spend *spend) {
  begin_step(shop);
  shop_ok(shop, reload_spend_step(shop->engine, spend, &shop->message));
  end_step(shop);
}

void shop_step_to(struct shop *shop, struct reload_spend *spend, enum reload_step step) {
  for (int i = 0; spend->step != step; i++) {
    if (i == 10 || (i > 0 && spend->progress != RELOAD_AGAIN))
      fail_msg("step %s never came, the request is at %s", reload_step_name(step),
               reload_step_name(spend->step));
    shop_step(shop, spend);
  }
}

void shop_finish(struct shop *shop, struct reload_spend *spend) {
  shop_step_to(shop, spend, RELOAD_STEP_END);
  assert_int_equal(spend->progress, RELOAD_DONE);
}

struct reload_verdict shop_submit(struct shop *shop, const char *action_id, int64_t cost_tokens) {
  struct reload_spend spend = shop_spend("acme", action_id, cost_tokens);
  shop_finish(shop, &spend);
  return spend.verdict;
}

void shop_recovery_step(struct shop *shop, struct reload_recovery *recovery) {
  begin_step(shop);
  shop_ok(shop, reload_recovery_step(shop->engine, recovery, &shop->message));
  end_step(shop);
}

void shop_delivery_step(struct shop *shop, struct reload_delivery *delivery) {
  begin_step(shop);
  shop_ok(shop, reload_delivery_step(shop->engine, delivery, &shop->message));
  end_step(shop);
}

int64_t shop_recover(struct shop *shop) {
  struct reload_recovery recovery;
  memset(&recovery, 0, sizeof recovery);
  for (int i = 0; recovery.progress != RELOAD_DONE; i++) {
    if (i == 100) fail_msg("recovery never ends");
    shop_recovery_step(shop, &recovery);
  }
  return recovery.wake_at_ms;
}

int64_t shop_deliver(struct shop *shop) {
  struct reload_delivery delivery;
  memset(&delivery, 0, sizeof delivery);
  for (int i = 0; delivery.progress != RELOAD_DONE; i++) {
    if (i == 100) fail_msg("delivery never ends");
    shop_delivery_step(shop, &delivery);
  }
  return delivery.wake_at_ms;
}

void shop_toggle(struct shop *shop, const char *client_id, bool on) {
  enum reload_toggle_answer answer = RELOAD_TOGGLE_ALREADY;
  shop_ok(shop, reload_toggle_set(shop->engine, client_id, on, &answer, &shop->message));
  assert_int_equal(answer, RELOAD_TOGGLE_CHANGED);
}

enum reload_error shop_event(struct shop *shop, enum reload_event_kind kind, const char *intent_id,
                             const char *reference_id, int64_t amount_minor) {
  struct reload_event event = {.kind = kind, .amount_minor = amount_minor};
  copy(event.intent_id, sizeof event.intent_id, intent_id);
  copy(event.reference_id, sizeof event.reference_id, reference_id);
  return reload_event_apply(shop->engine, &event, &shop->message);
}

/* ---- Looking ------------------------------------------------------------------------------- */

enum { TEXT_SIZE = 4096, MAX_CHARGES = 64 };

/* What a visitor collects: text, or the last row of each table. */
struct looking {
  char *text;
  struct reload_client_row client;
  struct reload_entry_row entry;
  struct reload_charge_row charge;
  struct reload_charge_row charges[MAX_CHARGES];
  size_t charge_count;
  struct reload_toggle_row toggle;
};

__attribute__((format(printf, 3, 4))) static void append(char *text, const char *between,
                                                         const char *format, ...) {
  size_t used = strlen(text);
  va_list arguments;
  if (used > 0) used += (size_t)snprintf(text + used, TEXT_SIZE - used, "%s", between);
  va_start(arguments, format);
  int size = vsnprintf(text + used, TEXT_SIZE - used, format, arguments);
  va_end(arguments);
  assert_true(size >= 0 && used + (size_t)size < TEXT_SIZE);
}

static void see_client(void *self, const struct reload_client_row *row) {
  ((struct looking *)self)->client = *row;
}

static void see_entry(void *self, const struct reload_entry_row *row) {
  static const char *const words[] = {"grant", "pack", "top_up", "spend", "reversal"};
  struct looking *looking = self;
  looking->entry = *row;
  append(looking->text, "; ", "%s %+lld = %lld", words[row->kind], (long long)row->tokens,
         (long long)row->balance_tokens);
}

/* Rows come by charge id, which is a hash. */
static void see_charge(void *self, const struct reload_charge_row *row) {
  struct looking *looking = self;
  assert_true(looking->charge_count < MAX_CHARGES);
  size_t at = looking->charge_count++;
  for (; at > 0 && looking->charges[at - 1].fired_at_ms > row->fired_at_ms; at--)
    looking->charges[at] = looking->charges[at - 1];
  looking->charges[at] = *row;
}

static void see_toggle(void *self, const struct reload_toggle_row *row) {
  struct looking *looking = self;
  looking->toggle = *row;
  append(looking->text, " ", "%s", row->on ? "on" : "off");
}

/* The texts of entries and toggles would mix: the caller asks for one table. */
static struct looking look(struct shop *shop, const char *client_id, char *text,
                           struct reload_ledger_visitor visitor) {
  struct looking looking;
  memset(&looking, 0, sizeof looking);
  looking.text = text;
  text[0] = '\0';
  visitor.self = &looking;
  shop_ok(shop, reload_ledger_read(shop->engine, client_id, &visitor, &shop->message));
  return looking;
}

const char *shop_log(struct shop *shop, const char *client_id) {
  static char text[TEXT_SIZE];
  (void)look(shop, client_id, text, (struct reload_ledger_visitor){.entry = see_entry});
  return text;
}

const char *shop_changes(struct shop *shop, const char *client_id) {
  static char text[TEXT_SIZE];
  (void)look(shop, client_id, text, (struct reload_ledger_visitor){.toggle = see_toggle});
  return text;
}

const char *shop_charges(struct shop *shop, const char *client_id) {
  static const char *const words[] = {"created", "opened", "unknown", "captured", "closed"};
  static char text[TEXT_SIZE];
  struct looking looking =
      look(shop, client_id, text, (struct reload_ledger_visitor){.charge = see_charge});
  for (size_t i = 0; i < looking.charge_count; i++) {
    const struct reload_charge_row *charge = &looking.charges[i];
    append(text, "; ", "%s %s%s%s", charge->action_id, words[charge->state],
           charge->decline_code[0] ? " " : "", charge->decline_code);
  }
  return text;
}

const char *shop_mails(const struct shop *shop, const char *client_id) {
  static char text[TEXT_SIZE];
  text[0] = '\0';
  for (int32_t n = 1; n <= fake_mail_count(&shop->mail, client_id); n++) {
    const struct fake_mail_message *mail = fake_mail_nth(&shop->mail, client_id, n);
    assert_non_null(mail);
    append(text, " ", "%s", mail->is_on ? "enabled" : "disabled");
  }
  return text;
}

struct reload_client_row shop_client(struct shop *shop, const char *client_id) {
  char text[TEXT_SIZE];
  return look(shop, client_id, text, (struct reload_ledger_visitor){.client = see_client}).client;
}

struct reload_entry_row shop_entry(struct shop *shop, const char *client_id) {
  char text[TEXT_SIZE];
  return look(shop, client_id, text, (struct reload_ledger_visitor){.entry = see_entry}).entry;
}

struct reload_toggle_row shop_change(struct shop *shop, const char *client_id) {
  char text[TEXT_SIZE];
  return look(shop, client_id, text, (struct reload_ledger_visitor){.toggle = see_toggle}).toggle;
}

struct reload_charge_row shop_charge(struct shop *shop, const char *client_id) {
  char text[TEXT_SIZE];
  struct looking looking =
      look(shop, client_id, text, (struct reload_ledger_visitor){.charge = see_charge});
  if (looking.charge_count == 0) return looking.charge;
  return looking.charges[looking.charge_count - 1];
}

int64_t shop_captured_minor(const struct shop *shop, const char *action_id) {
  int64_t captured_minor = 0;
  for (int32_t i = 0; i < shop->card.intent_count; i++)
    if (strcmp(shop->card.intents[i].action_id, action_id) == 0)
      captured_minor += shop->card.intents[i].captured_minor;
  return captured_minor;
}

enum reload_intent_status shop_intent_status(const struct shop *shop, const char *action_id) {
  const struct fake_card_intent *intent = fake_card_find_action(&shop->card, action_id);
  assert_non_null(intent);
  return intent->status;
}
