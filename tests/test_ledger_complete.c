/* Two stores whose ledgers the simulator takes for equal are equal: whatever is changed in any
 * column of any table, and whatever row is removed, changes the hash of the ledger. */
#include "engine_kit.h"

#include "ledger.h"

#include <sqlite3.h>

/* What need not be seen, and why. */
static const char *const hidden[] = {
    "store.store_uid",       /* written once, when the store is made */
    "charge.top_up_entry_no" /* captured_is_credited ties it to the entry with the charge's id */
};

static struct sim_step steps[] = {{.verb = SIM_SUBMIT, .id = "a-1"}};
static struct sim_case the_case = {.client_count = 1,
                                   .clients = {{.name = "acme"}},
                                   .actor_count = 1,
                                   .actors = {{.name = "ana", .step_count = 1, .steps = steps}}};

/* acme has at least one row in each table, and a value in each column. */
static void fill(struct kit *kit) {
  struct reload_message m;
  struct reload_spend spend = {
      .client_id = "acme", .action_id = "a-1", .cost_tokens = 40, .kind = RELOAD_PERSONA_BATCH};
  enum reload_toggle_answer answer;
  kit_open(kit);
  assert_int_equal(reload_client_add(kit->engine, "acme", "a@b.cd", "cus_acme", &m), RELOAD_OK);
  assert_int_equal(reload_plan_change(kit->engine, "acme", RELOAD_PLAN_ACTIVE, "pm_card_visa", &m),
                   RELOAD_OK);
  assert_int_equal(reload_cycle_grant(kit->engine, "acme", "cycle", 5, &m), RELOAD_OK);
  assert_int_equal(reload_toggle_set(kit->engine, "acme", true, &answer, &m), RELOAD_OK);
  assert_int_equal(reload_spend_run(kit->engine, &spend, &m), RELOAD_OK);
  assert_int_equal(reload_delivery_run(kit->engine, &(int64_t){0}, &m), RELOAD_OK);
}

struct store {
  struct kit kit;
  sqlite3 *db;
  struct sim_names names;
  uint64_t hash[2];
};

static void read_ledger(struct store *store, uint64_t hash[2]) {
  static struct sim_ledger ledger;
  struct reload_message m;
  if (sim_ledger_read(store->kit.engine, &store->names, &ledger, &m) != RELOAD_OK)
    fail_msg("%s", m.text);
  sim_ledger_hash(&ledger, 1, hash);
}

static void run(sqlite3 *db, const char *sql) {
  char *error = NULL;
  if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK) fail_msg("%s: %s", sql, error);
}

/* Do something to the file, and undo it. Returns: whether the ledger has changed */
static bool shows(struct store *store, const char *change, const char *undo) {
  uint64_t hash[2];
  run(store->db, change);
  read_ledger(store, hash);
  run(store->db, undo);
  return hash[0] != store->hash[0] || hash[1] != store->hash[1];
}

static bool is_hidden(const char *column) {
  for (size_t i = 0; i < KIT_COUNT(hidden); i++)
    if (strcmp(hidden[i], column) == 0) return true;
  return false;
}

/* Another value of the same type, which still means something. */
static void check_column(struct store *store, const char *table, const char *column) {
  char name[100], change[600], undo[600];
  assert_true(snprintf(name, sizeof name, "%s.%s", table, column) < (int)sizeof name);
  if (is_hidden(name)) return;
  assert_true(snprintf(change, sizeof change,
                       "CREATE TEMP TABLE old AS SELECT * FROM %s;"
                       "UPDATE %s SET %s = CASE typeof(%s) WHEN 'text' THEN"
                       " substr(%s, 1, length(%s) - 1) || '~' WHEN 'null' THEN 7"
                       " ELSE iif(%s IN (0, 1), 1 - %s, -1 - %s) END",
                       table, table, column, column, column, column, column, column,
                       column) < (int)sizeof change);
  assert_true(snprintf(undo, sizeof undo,
                       "DELETE FROM %s; INSERT INTO %s SELECT * FROM old; DROP TABLE old", table,
                       table) < (int)sizeof undo);
  if (!shows(store, change, undo)) fail_msg("a change of %s does not show in the ledger", name);
}

static void check_rows(struct store *store, const char *table) {
  char change[200], undo[200];
  assert_true(snprintf(change, sizeof change,
                       "CREATE TEMP TABLE old AS SELECT * FROM %s; DELETE FROM %s", table,
                       table) < (int)sizeof change);
  assert_true(snprintf(undo, sizeof undo, "INSERT INTO %s SELECT * FROM old; DROP TABLE old",
                       table) < (int)sizeof undo);
  if (!shows(store, change, undo)) fail_msg("that %s has no rows does not show", table);
}

/* All constraints away, so that every value can be written. */
static void loosen(sqlite3 *db) {
  assert_int_equal(sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL), SQLITE_OK);
  run(db, "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;"
          "INSERT INTO dead_card VALUES ('pm_dead', 3)");
}

static void test_all_shows(void **state) {
  (void)state;
  static struct store store;
  sqlite3_stmt *columns = NULL;
  int column_count = 0;
  kit_begin(&store.kit);
  fill(&store.kit);
  sim_names_init(&store.names, &the_case);
  assert_int_equal(sqlite3_open(store.kit.path, &store.db), SQLITE_OK);
  loosen(store.db);
  read_ledger(&store, store.hash);
  assert_int_equal(
      sqlite3_prepare_v2(store.db,
                         "SELECT t.name, c.name, c.cid FROM sqlite_schema t,"
                         " pragma_table_info(t.name) c WHERE t.type = 'table' ORDER BY 1, 3",
                         -1, &columns, NULL),
      SQLITE_OK);
  char names[100][2][60];
  while (sqlite3_step(columns) == SQLITE_ROW) {
    assert_true(column_count < 100);
    for (int i = 0; i < 2; i++)
      (void)snprintf(names[column_count][i], sizeof names[0][0], "%s",
                     sqlite3_column_text(columns, i));
    column_count++;
  }
  sqlite3_finalize(columns);
  assert_true(column_count > 40);
  for (int i = 0; i < column_count; i++) {
    check_column(&store, names[i][0], names[i][1]);
    bool is_first = i == 0 || strcmp(names[i][0], names[i - 1][0]) != 0;
    if (is_first && strcmp(names[i][0], "store") != 0) check_rows(&store, names[i][0]);
  }
  assert_int_equal(sqlite3_close(store.db), SQLITE_OK);
  kit_end(&store.kit);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_shows)};
  return cmocka_run_group_tests_name("ledger_complete", tests, NULL, NULL);
}
