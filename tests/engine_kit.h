/* The fixture of the engine's tests: a store on a real disk in a directory of its own, the simplest
 * working ports, and the ledger as text, to see whether anything has changed. */
#ifndef ENGINE_KIT_H
#define ENGINE_KIT_H

#include "reload.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define KIT_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Money may be asked of the card only where a test says so: it counts each call. */
struct kit {
  char directory[200];
  char path[240];
  struct reload_config config;
  struct reload_engine *engine;
  int64_t now_ms;
  int card_calls;
  int captured;
  int mails;
};

static inline int64_t kit_now_ms(void *self) {
  const struct kit *kit = self;
  return kit->now_ms;
}

static inline void kit_sleep_ms(void *self, int64_t duration_ms) {
  struct kit *kit = self;
  kit->now_ms += duration_ms;
}

/* One intent for one key, as at the gateway: the intent's id is the end of the key. */
static inline void kit_create(void *self, const struct reload_intent_request *request,
                              struct reload_card_reply *reply) {
  struct kit *kit = self;
  size_t size = strlen(request->idempotency_key);
  const char *tail = request->idempotency_key + (size > 40 ? size - 40 : 0);
  kit->card_calls++;
  reply->outcome = RELOAD_CARD_ANSWERED;
  reply->status = RELOAD_INTENT_REQUIRES_CONFIRMATION;
  if (snprintf(reply->intent_id, sizeof reply->intent_id, "pi_%s", tail) < 0) abort();
}

static inline void kit_confirm(void *self, const char *intent_id, const char *idempotency_key,
                               struct reload_card_reply *reply) {
  struct kit *kit = self;
  (void)idempotency_key;
  kit->card_calls++;
  kit->captured++;
  reply->outcome = RELOAD_CARD_ANSWERED;
  reply->status = RELOAD_INTENT_SUCCEEDED;
  if (snprintf(reply->intent_id, sizeof reply->intent_id, "%s", intent_id) < 0) abort();
}

static inline void kit_cancel(void *self, const char *intent_id, struct reload_card_reply *reply) {
  struct kit *kit = self;
  kit->card_calls++;
  reply->outcome = RELOAD_CARD_ANSWERED;
  reply->status = RELOAD_INTENT_CANCELED;
  if (snprintf(reply->intent_id, sizeof reply->intent_id, "%s", intent_id) < 0) abort();
}

static inline enum reload_mail_outcome kit_deliver(void *self, const struct reload_mail *mail) {
  struct kit *kit = self;
  (void)mail;
  kit->mails++;
  return RELOAD_MAIL_ACCEPTED;
}

/* A configuration that is right in all points; the ports' self is the kit. */
static inline struct reload_config kit_config(struct kit *kit) {
  return (struct reload_config){
      .path = kit->path,
      .settings = {.top_up_tokens = 50,
                   .top_up_price_minor = 500,
                   .currency = "usd",
                   .wait_limit_ms = 30000,
                   .attempt_limit_ms = 60000},
      .card = {kit, kit_create, kit_confirm, kit_cancel},
      .clock = {kit, kit_now_ms, kit_sleep_ms},
      .mail = {kit, kit_deliver},
  };
}

/* A directory of its own, and no store yet. */
static inline void kit_begin(struct kit *kit) {
  const char *base = getenv("TMPDIR");
  *kit = (struct kit){.now_ms = INT64_C(1700000000000)};
  int size = snprintf(kit->directory, sizeof kit->directory, "%s/reload-test-XXXXXX",
                      base != NULL && base[0] != '\0' ? base : "/tmp");
  assert_true(size > 0 && (size_t)size < sizeof kit->directory);
  assert_non_null(mkdtemp(kit->directory));
  size = snprintf(kit->path, sizeof kit->path, "%s/ledger", kit->directory);
  assert_true(size > 0 && (size_t)size < sizeof kit->path);
  kit->config = kit_config(kit);
}

static inline void kit_open(struct kit *kit) {
  struct reload_message message;
  enum reload_error error = reload_open(&kit->config, &kit->engine, &message);
  if (error != RELOAD_OK) fail_msg("open: %s: %s", reload_error_name(error), message.text);
}

/* Close the store and remove the directory with all that is in it. */
static inline void kit_end(struct kit *kit) {
  reload_close(kit->engine);
  kit->engine = NULL;
  DIR *directory = opendir(kit->directory);
  assert_non_null(directory);
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    char path[600];
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    int size = snprintf(path, sizeof path, "%s/%s", kit->directory, entry->d_name);
    assert_true(size > 0 && (size_t)size < sizeof path);
    assert_int_equal(remove(path), 0);
  }
  assert_int_equal(closedir(directory), 0);
  assert_int_equal(rmdir(kit->directory), 0);
}

/* ---- The ledger as text: one line for each row --------------------------------------------- */

struct kit_ledger {
  char *text;
  size_t size;
  FILE *stream;
};

static inline void kit_print_client(void *self, const struct reload_client_row *row) {
  struct kit_ledger *ledger = self;
  if (fprintf(ledger->stream, "client %s|%s|%s|%d|%s|%lld|%d|%lld|%d\n", row->client_id,
              row->owner_email, row->customer_id, (int)row->plan, row->card_id,
              (long long)row->card_no, (int)row->card_dead, (long long)row->balance_tokens,
              (int)row->auto_reload) < 0)
    abort();
}

static inline void kit_print_entry(void *self, const struct reload_entry_row *row) {
  struct kit_ledger *ledger = self;
  if (fprintf(ledger->stream, "entry %s|%lld|%d|%lld|%lld|%s|%s|%d|%s|%lld|%lld\n", row->client_id,
              (long long)row->entry_no, (int)row->kind, (long long)row->tokens,
              (long long)row->balance_tokens, row->reference, row->action_id, (int)row->action_kind,
              row->intent_id, (long long)row->amount_minor, (long long)row->at_ms) < 0)
    abort();
}

static inline void kit_print_charge(void *self, const struct reload_charge_row *row) {
  struct kit_ledger *ledger = self;
  if (fprintf(ledger->stream, "charge %s|%s|%s|%lld|%d|%s|%s|%lld|%lld|%lld|%lld\n", row->charge_id,
              row->client_id, row->action_id, (long long)row->cost_tokens, (int)row->state,
              row->intent_id, row->decline_code, (long long)row->fired_at_ms,
              (long long)row->recover_at_ms, (long long)row->try_count,
              (long long)row->ended_at_ms) < 0)
    abort();
}

static inline void kit_print_toggle(void *self, const struct reload_toggle_row *row) {
  struct kit_ledger *ledger = self;
  if (fprintf(ledger->stream, "toggle %s|%lld|%d|%lld|%lld|%lld|%lld\n", row->client_id,
              (long long)row->change_no, (int)row->on, (long long)row->at_ms,
              (long long)row->delivered_at_ms, (long long)row->next_try_at_ms,
              (long long)row->try_count) < 0)
    abort();
}

static inline void kit_print_dead_card(void *self, const struct reload_dead_card_row *row) {
  struct kit_ledger *ledger = self;
  if (fprintf(ledger->stream, "dead card %s|%lld\n", row->card_id, (long long)row->since_ms) < 0)
    abort();
}

/* Everything the store knows; to be freed by the caller. */
static inline char *kit_ledger(const struct kit *kit) {
  struct kit_ledger ledger = {NULL, 0, NULL};
  const struct reload_ledger_visitor visitor = {&ledger,          kit_print_client,
                                                kit_print_entry,  kit_print_charge,
                                                kit_print_toggle, kit_print_dead_card};
  struct reload_message message;
  ledger.stream = open_memstream(&ledger.text, &ledger.size);
  assert_non_null(ledger.stream);
  enum reload_error error = reload_ledger_read(kit->engine, NULL, &visitor, &message);
  assert_int_equal(fclose(ledger.stream), 0);
  if (error != RELOAD_OK) fail_msg("ledger: %s: %s", reload_error_name(error), message.text);
  return ledger.text;
}

/* ---- Messages ----------------------------------------------------------------------------- */

/* A failure explains itself: a sentence of printable text that ends where it should. */
static inline void kit_assert_message(const char *name, const struct reload_message *message) {
  size_t size = strnlen(message->text, sizeof message->text);
  if (size < 10 || size == sizeof message->text) fail_msg("%s: no message", name);
  for (size_t i = 0; i < size; i++) {
    unsigned char byte = (unsigned char)message->text[i];
    if (byte < 0x20 || byte == 0x7f) fail_msg("%s: the message has byte %d", name, (int)byte);
  }
}

/* ---- Processes ---------------------------------------------------------------------------- */

/* What a child process tells its parent. */
struct kit_report {
  enum reload_error error;
  int done_count;
  int captured;
  struct reload_message message;
};

struct kit_child {
  pid_t pid;
  int go;     /* a byte written here starts it */
  int answer; /* the report comes from here */
};

typedef void kit_work(int number, struct kit_report *report);

/* Make a process that will do `work` once it is told to go. It leaves by exit(), so that coverage
 * counts are written. */
static inline struct kit_child kit_child_start(kit_work *work, int number) {
  int go[2], answer[2];
  assert_int_equal(pipe(go), 0);
  assert_int_equal(pipe(answer), 0);
  assert_int_equal(fflush(NULL), 0);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid > 0) {
    close(go[0]);
    close(answer[1]);
    return (struct kit_child){pid, go[1], answer[0]};
  }
  struct kit_report report;
  char byte;
  memset(&report, 0, sizeof report);
  close(go[1]);
  if (read(go[0], &byte, 1) != 1) exit(2);
  work(number, &report);
  exit(write(answer[1], &report, sizeof report) == (ssize_t)sizeof report ? 0 : 2);
}

static inline void kit_child_go(const struct kit_child *child) {
  assert_int_equal(write(child->go, "g", 1), 1);
  assert_int_equal(close(child->go), 0);
}

static inline struct kit_report kit_child_end(const struct kit_child *child) {
  struct kit_report report;
  int status = 0;
  size_t got = 0;
  memset(&report, 0, sizeof report);
  for (ssize_t n; (n = read(child->answer, (char *)&report + got, sizeof report - got)) > 0;) {
    got += (size_t)n;
  }
  close(child->answer);
  assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
  if (status != 0) fail_msg("a child ended with status %d", status);
  assert_int_equal(got, sizeof report);
  return report;
}

#endif
