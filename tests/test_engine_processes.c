/* Several engines on one file, in one process and in several, on a real disk: the ledger adds
 * up. */
#include "engine_kit.h"

static struct kit kit;

static int setup(void **state) {
  (void)state;
  kit_begin(&kit);
  return 0;
}

static int teardown(void **state) {
  (void)state;
  kit_end(&kit);
  return 0;
}

/* ---- Several engines at once -------------------------------------------------------------- */

enum { ACTIONS = 200, PROCESSES = 2, OVERLAP = 60, GRANT = 20 };

static int64_t cost_of(int action) { return 3 + action % 7; }

/* Two clients, so that engines also meet on different rows. */
static const char *client_of(int action) { return action % 4 == 0 ? "beta" : "acme"; }

static void fill(struct reload_spend *spend, int action) {
  memset(spend, 0, sizeof *spend);
  spend->cost_tokens = cost_of(action);
  if (snprintf(spend->client_id, sizeof spend->client_id, "%s", client_of(action)) < 0 ||
      snprintf(spend->action_id, sizeof spend->action_id, "action-%d", action) < 0)
    abort();
}

static void add_clients(void) {
  static const char *const clients[] = {"acme", "beta"};
  for (size_t i = 0; i < KIT_COUNT(clients); i++) {
    struct reload_message m;
    enum reload_toggle_answer answer;
    struct reload_engine *e = kit.engine;
    assert_int_equal(reload_client_add(e, clients[i], "a@owners.example", "cus", &m), RELOAD_OK);
    assert_int_equal(reload_plan_change(e, clients[i], RELOAD_PLAN_ACTIVE, "pm", &m), RELOAD_OK);
    assert_int_equal(reload_cycle_grant(e, clients[i], "cycle-1", GRANT, &m), RELOAD_OK);
    assert_int_equal(reload_toggle_set(e, clients[i], true, &answer, &m), RELOAD_OK);
    assert_int_equal(answer, RELOAD_TOGGLE_CHANGED);
  }
}

struct audit {
  int64_t sum_tokens[2];     /* by client: acme, beta */
  int64_t balance_tokens[2]; /* as the client row says */
  int64_t entry_no[2];
  int spends[ACTIONS]; /* entries of each action */
  int top_ups;
  int captured;
  int pending;
  bool wrong;
};

static int client_index(const char *client_id) { return strcmp(client_id, "beta") == 0; }

static void audit_client(void *self, const struct reload_client_row *row) {
  struct audit *audit = self;
  audit->balance_tokens[client_index(row->client_id)] = row->balance_tokens;
}

static void audit_entry(void *self, const struct reload_entry_row *row) {
  struct audit *audit = self;
  int c = client_index(row->client_id);
  audit->sum_tokens[c] += row->tokens;
  if (row->balance_tokens != audit->sum_tokens[c] || row->balance_tokens < 0) audit->wrong = true;
  if (row->entry_no != ++audit->entry_no[c]) audit->wrong = true;
  if (row->kind == RELOAD_ENTRY_TOP_UP) audit->top_ups++;
  if (row->kind != RELOAD_ENTRY_SPEND) return;
  int action = -1;
  if (sscanf(row->reference, "action-%d", &action) != 1 || action < 0 || action >= ACTIONS ||
      row->tokens != -cost_of(action) || strcmp(row->client_id, client_of(action)) != 0) {
    audit->wrong = true;
    return;
  }
  audit->spends[action]++;
}

static void audit_charge(void *self, const struct reload_charge_row *row) {
  struct audit *audit = self;
  if (row->state == RELOAD_CHARGE_CAPTURED)
    audit->captured++;
  else
    audit->pending++;
}

/* MONEY-1, MONEY-2, MONEY-3: the log adds up line by line, each action was deducted exactly once,
 * and what the bank captured, the charges and the top-ups are the same number. */
static void assert_ledger_are_right(int captured_at_bank) {
  struct audit audit;
  struct reload_message m;
  const struct reload_ledger_visitor visitor = {
      .self = &audit, .client = audit_client, .entry = audit_entry, .charge = audit_charge};
  memset(&audit, 0, sizeof audit);
  assert_int_equal(reload_ledger_read(kit.engine, NULL, &visitor, &m), RELOAD_OK);
  assert_false(audit.wrong);
  for (int c = 0; c < 2; c++) assert_int_equal(audit.balance_tokens[c], audit.sum_tokens[c]);
  for (int i = 0; i < ACTIONS; i++) {
    if (audit.spends[i] != 1) fail_msg("action-%d was deducted %d times", i, audit.spends[i]);
  }
  assert_int_equal(audit.pending, 0);
  assert_int_equal(audit.captured, audit.top_ups);
  assert_int_equal(captured_at_bank, audit.top_ups);
  assert_true(audit.top_ups > 10); /* the test is about reloads: there were some */
}

/* Two engines in one process, their steps taken in turn, each with several requests open. */
static void test_two_engines_in_one_process(void **state) {
  (void)state;
  enum { OPEN = 4 };
  struct reload_engine *engines[2];
  struct reload_spend spends[2][OPEN];
  struct reload_message m;
  int next = 0, done = 0, running[2][OPEN];
  kit_open(&kit);
  add_clients();
  engines[0] = kit.engine;
  assert_int_equal(reload_open(&kit.config, &engines[1], &m), RELOAD_OK);
  memset(running, 0, sizeof running);
  for (int round = 0; done < ACTIONS; round++) {
    assert_true(round < 1000 * ACTIONS); /* every request ends */
    struct reload_spend *spend = &spends[round % 2][round / 2 % OPEN];
    int *runs = &running[round % 2][round / 2 % OPEN];
    if (!*runs && next == ACTIONS) continue;
    if (!*runs) fill(spend, next++);
    *runs = 1;
    enum reload_error error = reload_spend_step(engines[round % 2], spend, &m);
    if (error != RELOAD_OK) fail_msg("%s: %s", reload_error_name(error), m.text);
    if (spend->progress != RELOAD_DONE) continue;
    assert_true(spend->verdict.done);
    *runs = 0;
    done++;
  }
  reload_close(engines[1]);
  assert_ledger_are_right(kit.captured);
}

static int64_t real_now_ms(void *self) {
  struct timespec now;
  (void)self;
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) abort();
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void real_sleep_ms(void *self, int64_t duration_ms) {
  const struct timespec pause = {0, 2000000}; /* it may return early */
  (void)self;
  (void)duration_ms;
  (void)nanosleep(&pause, NULL);
}

/* Each process asks for its half of the actions and some of the other's, and may be told that the
 * store is busy: then it asks again, with the same request. */
static void spend_half(int number, struct kit_report *report) {
  int first = number == 0 ? 0 : ACTIONS / 2 - OVERLAP;
  int last = number == 0 ? ACTIONS / 2 + OVERLAP : ACTIONS;
  report->error = reload_open(&kit.config, &kit.engine, &report->message);
  for (int action = first; action < last && report->error == RELOAD_OK; action++) {
    struct reload_spend spend;
    fill(&spend, action);
    do {
      report->error = reload_spend_run(kit.engine, &spend, &report->message);
    } while (report->error == RELOAD_BUSY);
    report->done_count += spend.verdict.done;
  }
  report->captured = kit.captured;
  reload_close(kit.engine);
}

static void test_two_processes(void **state) {
  (void)state;
  struct kit_child children[PROCESSES];
  struct kit_report reports[PROCESSES];
  int captured = 0;
  kit.config.clock.now_ms = real_now_ms;
  kit.config.clock.sleep_ms = real_sleep_ms;
  kit_open(&kit);
  add_clients();
  reload_close(kit.engine); /* a connection must not cross a fork */
  kit.engine = NULL;
  for (int i = 0; i < PROCESSES; i++) children[i] = kit_child_start(spend_half, i);
  for (int i = 0; i < PROCESSES; i++) kit_child_go(&children[i]);
  for (int i = 0; i < PROCESSES; i++) reports[i] = kit_child_end(&children[i]);
  for (int i = 0; i < PROCESSES; i++) {
    if (reports[i].error != RELOAD_OK) {
      fail_msg("child %d: %s: %s", i, reload_error_name(reports[i].error), reports[i].message.text);
    }
    assert_int_equal(reports[i].done_count, ACTIONS / 2 + OVERLAP);
    captured += reports[i].captured;
  }
  kit_open(&kit);
  assert_ledger_are_right(captured);
}

/* ---- Several processes make the same new store -------------------------------------------- */

static void create_store(int number, struct kit_report *report) {
  char client_id[16];
  do {
    report->error = reload_open(&kit.config, &kit.engine, &report->message);
  } while (report->error == RELOAD_BUSY); /* as its contract says: try again */
  if (report->error != RELOAD_OK) return;
  if (snprintf(client_id, sizeof client_id, "client-%d", number) < 0) abort();
  report->error =
      reload_client_add(kit.engine, client_id, "a@owners.example", "cus", &report->message);
  reload_close(kit.engine);
}

static void test_creation_race(void **state) {
  (void)state;
  for (int round = 0; round < 20; round++) {
    struct kit_child children[3];
    struct kit_report reports[3];
    assert_true(snprintf(kit.path, sizeof kit.path, "%s/ledger-%d", kit.directory, round) > 0);
    for (int i = 0; i < 3; i++) children[i] = kit_child_start(create_store, i);
    for (int i = 0; i < 3; i++) kit_child_go(&children[i]);
    for (int i = 0; i < 3; i++) reports[i] = kit_child_end(&children[i]);
    for (int i = 0; i < 3; i++) {
      if (reports[i].error != RELOAD_OK) {
        fail_msg("round %d, child %d: %s: %s", round, i, reload_error_name(reports[i].error),
                 reports[i].message.text);
      }
    }
    kit_open(&kit);
    char *ledger = kit_ledger(&kit);
    for (int i = 0; i < 3; i++) {
      char line[32];
      assert_true(snprintf(line, sizeof line, "client client-%d|", i) > 0);
      assert_non_null(strstr(ledger, line));
    }
    free(ledger);
    reload_close(kit.engine);
    kit.engine = NULL;
  }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_two_engines_in_one_process),
      TEST(test_two_processes),
      TEST(test_creation_race),
  };
  return cmocka_run_group_tests_name("engine_processes", tests, NULL, NULL);
}
