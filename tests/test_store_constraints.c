/* The schema itself refuses a broken ledger: raw SQL, past the engine, against every CHECK,
 * trigger, unique index and foreign key. A trigger or index is taken away in turn, to see that it
 * is the one that refuses; and none may be without a row here. */
#include "engine_kit.h"

#include <sqlite3.h>

/* acme: on since change 1; entry 1 a grant of 5; a-1 captured as reload-1 (pi_1): entries 2 and 3,
 * balance 95; pack cs_1 (pi_2): entry 4, balance 135; reload-2 of a-2 is opened with pi_3.
 * beta: off since change 2, cora on since change 1; both without entries and charges. gone: off. */
static const char *const ledger[] = {
    "INSERT INTO client VALUES ('acme', 'a@b.cd', 'cus', 1, 'pm', 1, 0), ('beta', 'a@b.cd', 'cus', "
    "1,"
    " 'pm', 1, 0), ('cora', 'a@b.cd', 'cus', 1, 'pm', 1, 0), ('gone', 'a@b.cd', 'cus', 0, NULL, 0, "
    "0)",
    "INSERT INTO toggle_change VALUES ('acme', 1, 1, 10, NULL, 10, 0), ('beta', 1, 1, 10, 11, 10, "
    "0),"
    " ('cora', 1, 1, 10, 11, 10, 0)",
    "INSERT INTO toggle_change VALUES ('beta', 2, 0, 12, NULL, 12, 0)",
    "INSERT INTO credit_log VALUES ('acme', 1, 0, 5, 5, 'cycle', NULL, NULL, NULL, 0, 10)",
    "INSERT INTO charge VALUES ('reload-1', 'acme', 'a-1', 0, 10, 100, 1000, 'usd', 'pm', 1, 0, "
    "NULL,"
    " '', 20, 1, 30, 0, NULL, NULL)",
    "UPDATE charge SET state = 1, intent_id = 'pi_1'",
    "INSERT INTO credit_log VALUES ('acme', 2, 2, 100, 105, 'reload-1', 'a-1', NULL, 'pi_1', 1000, "
    "21)",
    "UPDATE charge SET state = 3, top_up_entry_no = 2, recover_at_ms = NULL, ended_at_ms = 21",
    "INSERT INTO credit_log VALUES ('acme', 3, 3, -10, 95, 'a-1', 'a-1', 0, NULL, 0, 21)",
    "INSERT INTO credit_log VALUES ('acme', 4, 1, 40, 135, 'cs_1', NULL, NULL, 'pi_2', 400, 22)",
    "INSERT INTO charge VALUES ('reload-2', 'acme', 'a-2', 0, 200, 100, 1000, 'usd', 'pm', 1, 0, "
    "NULL,"
    " '', 23, 1, 30, 0, NULL, NULL)",
    "UPDATE charge SET state = 1, intent_id = 'pi_3' WHERE charge_id = 'reload-2'",
};

#define CLIENT "INSERT INTO client VALUES "
#define TOGGLE "INSERT INTO toggle_change VALUES "
#define CHARGE "INSERT INTO charge VALUES "
#define ENTRY "INSERT INTO credit_log VALUES "
#define NEW_CHARGE "'usd', 'pm', 1, 0, NULL, '', 24, 1, 30, 0, NULL, NULL)"
#define SET "UPDATE charge SET "
#define OPEN " WHERE charge_id = 'reload-2'"
#define CLOSED "recover_at_ms = NULL, ended_at_ms = 24"
#define ADDS_UP "MONEY-1: the credit log would not add up"
#define APPEND "MONEY-4: the credit log is append-only"
#define FINAL "MONEY-2: what a charge was made for may not change, nor its end"
#define IS_THERE "RACE-3: a charge that is there already"
#define KEPT "OUT-4: toggle changes and their delivery are kept"
#define UNCREDITED "MONEY-2: captured without its top-up"
#define NO_CHARGE "MONEY-2: a top-up without its charge"
#define IS_OFF "RACE-2: a charge while Auto Reload is off"
#define NO_CHANGE "TOGGLE-5: a change that changes nothing"
#define CHECK "CHECK constraint failed: "
#define FOREIGN "FOREIGN KEY constraint failed"

/* What breaks the ledger, how it is refused, and by which triggers and indexes, "a+b" (null: by
 * none of them, or not by them alone). */
static const struct row {
  const char *sql, *refusal, *by;
} rows[] = {
    /* client */
    {CLIENT "('c', 'a@b.cd', 'cus', 5, NULL, 0, 0)", CHECK "plan BETWEEN 0 AND 4", NULL},
    {CLIENT "('c', 'a@b.cd', 'cus', -1, NULL, 0, 0)", CHECK "plan BETWEEN 0 AND 4", NULL},
    {CLIENT "('c', 'a@b.cd', 'cus', 0, 'pm', 1, 2)", CHECK "card_dead IN (0, 1)", NULL},
    {CLIENT "('c', 'a@b.cd', 'cus', 0, NULL, 0, 1)", CHECK "card_id IS NOT NULL OR card_dead = 0",
     NULL},
    {CLIENT "('acme', 'x@b.cd', 'cus', 0, NULL, 0, 0)", "UNIQUE constraint failed", NULL},
    {CLIENT "(NULL, 'a@b.cd', 'cus', 0, NULL, 0, 0)", "NOT NULL constraint failed", NULL},
    {CLIENT "('c', 'a@b.cd', 'cus', 'active', NULL, 0, 0)", "cannot store TEXT value", NULL},
    {"DELETE FROM client WHERE client_id = 'acme'", FOREIGN, NULL},
    {"INSERT INTO dead_card VALUES ('pm', 1), ('pm', 2)", "UNIQUE constraint failed", NULL},
    {"INSERT INTO dead_card VALUES (NULL, 1)", "NOT NULL constraint failed", NULL},
    /* toggle_change */
    {TOGGLE "('nobody', 1, 1, 10, NULL, 10, 0)", FOREIGN, NULL},
    {TOGGLE "('beta', 3, 2, 20, NULL, 20, 0)", CHECK "is_on IN (0, 1)", NULL},
    {TOGGLE "('acme', 2, 1, 20, NULL, 20, 0)", NO_CHANGE, "toggle_alternates"},
    {TOGGLE "('beta', 3, 0, 20, NULL, 20, 0)", NO_CHANGE, "toggle_alternates"},
    {TOGGLE "('gone', 1, 0, 20, NULL, 20, 0)", NO_CHANGE, "toggle_alternates"}, /* TOGGLE-1 */
    {TOGGLE "('acme', 3, 0, 20, NULL, 20, 0)", NO_CHANGE, "toggle_alternates"},
    {TOGGLE "('acme', 1, 0, 20, NULL, 20, 0)", NO_CHANGE, NULL},
    {"UPDATE toggle_change SET at_ms = 9 WHERE client_id = 'beta' AND change_no = 2", KEPT,
     "toggle_kept"},
    {"UPDATE toggle_change SET is_on = 0 WHERE client_id = 'acme'", KEPT, "toggle_kept"},
    {"UPDATE toggle_change SET change_no = 9 WHERE client_id = 'cora'", KEPT, "toggle_kept"},
    {"UPDATE toggle_change SET delivered_at_ms = NULL WHERE client_id = 'cora'", KEPT,
     "toggle_kept"},
    {"UPDATE toggle_change SET delivered_at_ms = 12 WHERE client_id = 'cora'", KEPT, "toggle_kept"},
    {"DELETE FROM toggle_change WHERE client_id = 'beta' AND change_no = 2",
     "OUT-4: toggle changes are kept", "toggle_stays"},
    /* charge: what it may be */
    {CHARGE "('r', 'cora', 'b', 0, 0, 100, 1000, " NEW_CHARGE, CHECK "cost_tokens > 0", NULL},
    {CHARGE "('r', 'cora', 'b', 0, 10, 0, 1000, " NEW_CHARGE, CHECK "top_up_tokens > 0", NULL},
    {CHARGE "('r', 'cora', 'b', 0, 10, 100, 0, " NEW_CHARGE, CHECK "amount_minor > 0", NULL},
    {SET "state = 5, " CLOSED OPEN, CHECK "state BETWEEN 0 AND 4", NULL},
    {SET "state = -1" OPEN, CHECK "state BETWEEN 0 AND 4", NULL},
    {SET "state = 3, " CLOSED OPEN, UNCREDITED, NULL},
    {SET "top_up_entry_no = 2" OPEN, CHECK "(state = 3) = (top_up_entry_no IS NOT NULL)", NULL},
    {SET "state = 4, recover_at_ms = NULL" OPEN, CHECK "(state >= 3) = (ended_at_ms IS NOT NULL)",
     NULL},
    {SET "ended_at_ms = 24" OPEN, CHECK "(state >= 3) = (ended_at_ms IS NOT NULL)", NULL},
    {SET "state = 4, ended_at_ms = 24" OPEN, CHECK "(state >= 3) = (recover_at_ms IS NULL)", NULL},
    {SET "recover_at_ms = NULL" OPEN, CHECK "(state >= 3) = (recover_at_ms IS NULL)", NULL},
    {CHARGE "('r', 'cora', 'b', 0, 9, 9, 99, " NEW_CHARGE "; " SET
            "state = 1 WHERE charge_id = 'r'",
     CHECK "intent_id IS NOT NULL OR state NOT IN (1, 3)", NULL},
    {SET "state = 3, top_up_entry_no = 99, " CLOSED OPEN, UNCREDITED, NULL},
    /* charge: which there may be */
    {CHARGE "('reload-3', 'acme', 'a-3', 0, 10, 100, 1000, " NEW_CHARGE, IS_THERE,
     "charge_is_new+charge_pending"}, /* RACE-3, MONEY-6: kept by both */
    {CHARGE "('reload-1', 'acme', 'a-1', 0, 10, 100, 1000, " NEW_CHARGE, IS_THERE, NULL},
    {"INSERT OR REPLACE INTO charge VALUES ('reload-1', 'acme', 'a-1', 0, 10, 100, "
     "1000, " NEW_CHARGE,
     IS_THERE, "charge_is_new"},
    {"INSERT OR REPLACE INTO charge VALUES ('reload-3', 'acme', 'a-3', 0, 10, 100, "
     "1000, " NEW_CHARGE,
     IS_THERE, "charge_is_new"},
    {CHARGE "('r', 'cora', 'b', 0, 9, 9, 99, " NEW_CHARGE "; " SET
            "state = 1, intent_id = 'pi_1' WHERE charge_id = 'r'",
     "UNIQUE constraint failed: charge.intent_id", NULL},
    {CHARGE "('r', 'beta', 'b', 0, 10, 100, 1000, " NEW_CHARGE, IS_OFF, "charge_needs_toggle"},
    {CHARGE "('r', 'gone', 'b', 0, 10, 100, 1000, " NEW_CHARGE, IS_OFF, NULL},
    {TOGGLE "('beta', 3, 1, 20, NULL, 20, 0); " CHARGE
            "('r', 'beta', 'b', 0, 10, 100, 1000, " NEW_CHARGE,
     IS_OFF, "charge_needs_toggle"}, /* under an older change */
    {"DELETE FROM charge", "MONEY-2: charges are kept", "charge_stays"},
    /* charge: what may become of it */
    {SET "decline_code = 'x' WHERE charge_id = 'reload-1'", FINAL, "charge_end_is_final"},
    {SET "state = 4, top_up_entry_no = NULL WHERE charge_id = 'reload-1'", FINAL,
     "charge_end_is_final"},
    {SET "charge_id = 'other'" OPEN, FINAL, "charge_end_is_final"},
    {SET "client_id = 'beta'" OPEN, FINAL, "charge_end_is_final"},
    {SET "amount_minor = 1" OPEN, FINAL, "charge_end_is_final"},
    {SET "top_up_tokens = 1000000" OPEN, FINAL, "charge_end_is_final"},
    {SET "cost_tokens = 1" OPEN, FINAL, "charge_end_is_final"},
    {SET "action_kind = 1" OPEN, FINAL, "charge_end_is_final"},
    {SET "action_id = 'a-9'" OPEN, FINAL, "charge_end_is_final"},
    {SET "currency = 'eur'" OPEN, FINAL, "charge_end_is_final"},
    {SET "card_id = 'pm_9'" OPEN, FINAL, "charge_end_is_final"},
    {SET "card_no = 9" OPEN, FINAL, "charge_end_is_final"},
    {SET "fired_at_ms = 1" OPEN, FINAL, "charge_end_is_final"},
    {SET "fired_under_change_no = 9" OPEN, FINAL, NULL},
    {SET "state = 3, top_up_entry_no = 4, " CLOSED OPEN, UNCREDITED, "captured_is_credited"},
    {SET "state = 3, top_up_entry_no = 2, " CLOSED OPEN, UNCREDITED, "captured_is_credited"},
    {SET "intent_id = 'pi_9'" OPEN, FINAL, "charge_end_is_final"},
    {SET "state = 2, intent_id = NULL" OPEN, FINAL, "charge_end_is_final"},
    /* credit_log: what an entry may be */
    {ENTRY "('nobody', 1, 0, 5, 5, 'c', NULL, NULL, NULL, 0, 24)", FOREIGN, NULL},
    {ENTRY "('acme', 5, 5, 5, 140, 'c', NULL, NULL, NULL, 0, 24)", CHECK "kind BETWEEN 0 AND 4",
     NULL},
    {ENTRY "('acme', 5, 0, 0, 135, 'c', NULL, NULL, NULL, 0, 24)", CHECK "tokens <> 0", NULL},
    {ENTRY "('acme', 5, 0, -5, 130, 'c', NULL, NULL, NULL, 0, 24)",
     CHECK "(tokens > 0) = (kind IN (0, 1, 2))", NULL},
    {ENTRY "('acme', 5, 3, 5, 140, 'a-3', 'a-3', 0, NULL, 0, 24)",
     CHECK "(tokens > 0) = (kind IN (0, 1, 2))", NULL},
    {ENTRY "('acme', 5, 3, -136, -1, 'a-3', 'a-3', 0, NULL, 0, 24)",
     CHECK "kind <> 3 OR balance_tokens >= 0", NULL},
    {ENTRY "('acme', 5, 3, -5, 130, 'a-3', 'a-3', NULL, NULL, 0, 24)",
     CHECK "(kind = 3) = (action_kind IS NOT NULL)", NULL},
    {ENTRY "('acme', 5, 0, 5, 140, 'c', NULL, 0, NULL, 0, 24)",
     CHECK "(kind = 3) = (action_kind IS NOT NULL)", NULL},
    {ENTRY "('acme', 5, 1, 5, 140, 'c', NULL, NULL, NULL, 9, 24)",
     CHECK "(kind IN (1, 2, 4)) = (intent_id IS NOT NULL)", NULL},
    {ENTRY "('acme', 5, 0, 5, 140, 'c', NULL, NULL, 'pi_9', 9, 24)",
     CHECK "(kind IN (1, 2, 4)) = (intent_id IS NOT NULL)", NULL},
    {ENTRY "('acme', 5, 1, 5, 140, 'c', NULL, NULL, 'pi_9', -1, 24)", CHECK "amount_minor >= 0",
     NULL},
    {ENTRY "('acme', 5, 0, '5 tokens', 140, 'c', NULL, NULL, NULL, 0, 24)",
     "cannot store TEXT value", NULL},
    /* credit_log: MONEY-1 */
    {ENTRY "('acme', 6, 0, 5, 140, 'c', NULL, NULL, NULL, 0, 24)", ADDS_UP, "credit_log_adds_up"},
    {ENTRY "('acme', 5, 0, 5, 141, 'c', NULL, NULL, NULL, 0, 24)", ADDS_UP, "credit_log_adds_up"},
    {ENTRY "('beta', 1, 0, 5, 6, 'c', NULL, NULL, NULL, 0, 24)", ADDS_UP, "credit_log_adds_up"},
    {ENTRY "('beta', 0, 0, 5, 5, 'c', NULL, NULL, NULL, 0, 24)", ADDS_UP, "credit_log_adds_up"},
    {ENTRY "('acme', 4, 0, 5, 140, 'c', NULL, NULL, NULL, 0, 24)", ADDS_UP, NULL},
    {"INSERT OR REPLACE INTO credit_log VALUES ('acme', 4, 0, 5, 140, 'c', NULL, NULL, NULL, 0, "
     "24)",
     ADDS_UP, "credit_log_adds_up"},
    /* credit_log: MONEY-2, MONEY-3, each thing once */
    {ENTRY "('acme', 5, 3, -1, 134, 'a-1', 'a-1', 0, NULL, 0, 24)", "UNIQUE constraint failed",
     "entry_action"},
    {ENTRY "('beta', 1, 0, 5, 5, 'c', NULL, NULL, NULL, 0, 24); " ENTRY
           "('beta', 2, 3, -1, 4, 'a-1', 'a-1', 0, NULL, 0, 24)",
     "UNIQUE constraint failed", "entry_action"}, /* another client's action too */
    {ENTRY "('acme', 5, 0, 5, 140, 'cycle', NULL, NULL, NULL, 0, 24)", "UNIQUE constraint failed",
     "entry_reference"},
    {ENTRY "('acme', 5, 1, 40, 175, 'cs_1', NULL, NULL, 'pi_9', 400, 24)",
     "UNIQUE constraint failed", "entry_reference"},
    {ENTRY "('acme', 5, 1, 40, 175, 'cs_2', NULL, NULL, 'pi_2', 400, 24)",
     "UNIQUE constraint failed", "entry_purchase"},
    {ENTRY "('acme', 5, 1, 40, 175, 'cs_2', NULL, NULL, 'pi_1', 400, 24)",
     "UNIQUE constraint failed", "entry_purchase"}, /* what a reload's money bought */
    {ENTRY "('acme', 5, 2, 100, 235, 'reload-9', 'a-9', NULL, 'pi_9', 1000, 24)", NO_CHARGE,
     "top_up_has_charge"},
    {ENTRY "('acme', 5, 2, 100, 235, 'reload-1', 'a-1', NULL, 'pi_1', 1000, 24)", NO_CHARGE, NULL},
    {ENTRY "('beta', 1, 2, 100, 100, 'reload-2', 'a-2', NULL, 'pi_3', 1000, 24)", NO_CHARGE,
     "top_up_has_charge"},
    {ENTRY "('acme', 5, 2, 100, 235, 'reload-2', 'a-2', NULL, 'pi_9', 1000, 24)", NO_CHARGE,
     "top_up_has_charge"},
    {ENTRY "('acme', 5, 2, 101, 236, 'reload-2', 'a-2', NULL, 'pi_3', 1000, 24)", NO_CHARGE,
     "top_up_has_charge"},
    {ENTRY "('acme', 5, 2, 100, 235, 'reload-2', 'a-2', NULL, 'pi_3', 1001, 24)", NO_CHARGE,
     "top_up_has_charge"},
    /* credit_log: MONEY-4 */
    {"UPDATE credit_log SET at_ms = at_ms + 1 WHERE entry_no = 4", APPEND, "credit_log_kept"},
    {"DELETE FROM credit_log WHERE entry_no = 4", APPEND, "credit_log_stays"},
};

/* What is right, from the same ledger: the refusals above are not due to something else. */
static const char *const right[] = {
    CLIENT "('c', 'a@b.cd', 'cus', 4, 'pm', 1, 1)",
    TOGGLE "('acme', 2, 0, 20, NULL, 20, 0)",
    TOGGLE "('beta', 3, 1, 20, NULL, 20, 0)",
    TOGGLE "('gone', 1, 1, 20, NULL, 20, 0)",
    SET "state = 4, " CLOSED OPEN,
    SET "state = 2, try_count = 1" OPEN,
    SET "state = 4, " CLOSED OPEN "; " CHARGE "('r', 'acme', 'b', 0, 10, 100, 1000, " NEW_CHARGE,
    ENTRY "('acme', 5, 2, 100, 235, 'reload-2', 'a-2', NULL, 'pi_3', 1000, 24); " SET
          "state = 3, top_up_entry_no = 5, " CLOSED OPEN,
    ENTRY "('acme', 5, 3, -135, 0, 'a-3', 'a-3', 1, NULL, 0, 24)",
    ENTRY "('acme', 5, 4, -200, -65, 'refund', NULL, NULL, 'pi_2', 400, 24)",
    ENTRY "('acme', 5, 1, 1, 136, 'cycle', NULL, NULL, 'pi_9', 0, 24)",
};

/* ---- Trying -------------------------------------------------------------------------------- */

static struct kit kit;
static sqlite3 *db;
static char refusals[KIT_COUNT(rows)][200]; /* how each row was refused */

static void must(const char *sql) {
  if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
    fail_msg("%s: %s", sql, sqlite3_errmsg(db));
}

/* A store as the engine makes it, opened past the engine. */
static int set_up(void **state) {
  (void)state;
  kit_begin(&kit);
  kit_open(&kit);
  assert_int_equal(sqlite3_open_v2(kit.path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
  must("PRAGMA foreign_keys = ON");
  for (size_t i = 0; i < KIT_COUNT(ledger); i++) must(ledger[i]);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  assert_int_equal(sqlite3_close(db), SQLITE_OK);
  kit_end(&kit);
  return 0;
}

/* In a transaction of its own, committed but for what is deferred, then undone; `refusal` is ""
 * if it was let through. */
static void attempt(const char *before, const char *sql, char refusal[200]) {
  must("BEGIN");
  must(before);
  must("SAVEPOINT attempt");
  int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
  int64_t violations = 0;
  if (code == SQLITE_OK) {
    int still = 0, highest = 0; /* deferred foreign keys: what a COMMIT would refuse */
    code = sqlite3_db_status(db, SQLITE_DBSTATUS_DEFERRED_FKS, &still, &highest, 0);
    violations = still;
  }
  int size = snprintf(refusal, 200, "%s",
                      code != SQLITE_OK ? sqlite3_errmsg(db)
                      : violations > 0  ? FOREIGN
                                        : "");
  assert_true(size >= 0 && size < 200);
  must("ROLLBACK");
}

static void test_refused(void **state) {
  (void)state;
  for (size_t i = 0; i < KIT_COUNT(rows); i++) {
    attempt("", rows[i].sql, refusals[i]);
    if (refusals[i][0] == '\0') fail_msg("let through: %s", rows[i].sql);
    if (strstr(refusals[i], rows[i].refusal) == NULL)
      fail_msg("%s\n  refused with: %s", rows[i].sql, refusals[i]);
  }
}

/* What a trigger sees first a foreign key would refuse too, at the commit. */
static void test_refused_at_the_commit(void **state) {
  (void)state;
  must("DROP TRIGGER captured_is_credited");
  must("BEGIN");
  must(SET "state = 3, top_up_entry_no = 99, " CLOSED OPEN);
  assert_int_not_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
  assert_string_equal(sqlite3_errmsg(db), FOREIGN);
  must("ROLLBACK");
}

/* "What a constraint can keep true, a constraint keeps true": these are let through as well. */
static const char *const holes[] = {
    /* born captured: by money that nobody ever credited (MONEY-2) */
    ENTRY "('cora', 1, 0, 5, 5, 'cycle', NULL, NULL, NULL, 0, 24); " CHARGE
          "('r', 'cora', 'b', 0, 9, 9, 99, 'usd', 'pm', 1, 3, 'pi_9', '', 24, 1, NULL, 0, 24, 1)",
};

static void test_holes(void **state) {
  (void)state;
  char refusal[200];
  int open = 0;
  for (size_t i = 0; i < KIT_COUNT(holes); i++) {
    attempt("", holes[i], refusal);
    if (refusal[0] != '\0') continue;
    print_error("let through: %s\n", holes[i]);
    open++;
  }
  assert_int_equal(open, 0);
}

static void test_right(void **state) {
  (void)state;
  char refusal[200];
  for (size_t i = 0; i < KIT_COUNT(right); i++) {
    attempt("", right[i], refusal);
    if (refusal[0] != '\0') fail_msg("%s\n  refused with: %s", right[i], refusal);
  }
}

static bool is_index(const char *name) {
  return strncmp(name, "entry_", 6) == 0 || strcmp(name, "charge_pending") == 0;
}

/* "DROP TRIGGER a; DROP INDEX b" of "a+b". */
static void drop_all(const char *names, char sql[200]) {
  size_t used = 0;
  for (const char *at = names; *at != '\0'; at += *at == '+') {
    char name[60];
    size_t size = strcspn(at, "+");
    assert_true(size < sizeof name);
    memcpy(name, at, size);
    name[size] = '\0';
    int more =
        snprintf(sql + used, 200 - used, "DROP %s %s;", is_index(name) ? "INDEX" : "TRIGGER", name);
    assert_true(more > 0 && used + (size_t)more < 200);
    used += (size_t)more;
    at += size;
  }
}

/* Without the triggers or indexes that are named it would be let through. */
static void test_by_whom(void **state) {
  (void)state;
  char drop[200], refusal[200];
  for (size_t i = 0; i < KIT_COUNT(rows); i++) {
    if (rows[i].by == NULL) continue;
    drop_all(rows[i].by, drop);
    attempt(drop, rows[i].sql, refusal);
    if (refusal[0] != '\0')
      fail_msg("%s\n  is refused without %s too: %s", rows[i].sql, rows[i].by, refusal);
  }
}

/* ---- Nothing is left out -------------------------------------------------------------------- */

static bool is_tried(const char *name) {
  for (size_t i = 0; i < KIT_COUNT(rows); i++)
    if (rows[i].by != NULL && strstr(rows[i].by, name) != NULL) return true;
  return false;
}

static void test_every_trigger_and_index(void **state) {
  (void)state;
  sqlite3_stmt *names = NULL;
  int count = 0;
  assert_int_equal(sqlite3_prepare_v2(db,
                                      "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
                                      " OR (type = 'index' AND sql LIKE '%UNIQUE%')",
                                      -1, &names, NULL),
                   SQLITE_OK);
  for (; sqlite3_step(names) == SQLITE_ROW; count++) {
    const char *name = (const char *)sqlite3_column_text(names, 0);
    if (!is_tried(name)) fail_msg("nothing here breaks %s", name);
  }
  assert_int_equal(sqlite3_finalize(names), SQLITE_OK);
  assert_true(count >= 16);
}

/* The text of each CHECK (...) in a table's SQL was the reason of some refusal. */
static int checks_tried(const char *sql) {
  int count = 0;
  for (const char *at = sql; (at = strstr(at, "CHECK (")) != NULL; count++) {
    char want[220] = CHECK;
    size_t used = strlen(want);
    int depth = 1;
    for (at += strlen("CHECK ("); depth > 0 && *at != '\0'; at++) {
      depth += (*at == '(') - (*at == ')');
      assert_true(used + 1 < sizeof want);
      if (depth > 0) want[used++] = *at;
    }
    bool tried = false;
    for (size_t i = 0; i < KIT_COUNT(rows); i++) tried = tried || strcmp(refusals[i], want) == 0;
    if (!tried) fail_msg("nothing here breaks %s", want);
  }
  return count;
}

static void test_every_check(void **state) {
  test_refused(state);
  sqlite3_stmt *tables = NULL;
  int count = 0;
  assert_int_equal(sqlite3_prepare_v2(db, "SELECT sql FROM sqlite_schema WHERE type = 'table'", -1,
                                      &tables, NULL),
                   SQLITE_OK);
  while (sqlite3_step(tables) == SQLITE_ROW)
    count += checks_tried((const char *)sqlite3_column_text(tables, 0));
  assert_int_equal(sqlite3_finalize(tables), SQLITE_OK);
  assert_true(count >= 18);
}

/* A row that somebody has damaged is not worked on: the engine says so. */
static void test_damage_is_told(void **state) {
  (void)state;
  struct reload_message message;
  must("PRAGMA ignore_check_constraints = ON");
  must("UPDATE client SET plan = 9 WHERE client_id = 'beta'");
  assert_int_equal(reload_card_set(kit.engine, "beta", "pm_2", &message), RELOAD_CORRUPT);
  assert_non_null(strstr(message.text, "plan BETWEEN 0 AND 4"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_refused),        TEST(test_refused_at_the_commit),
      TEST(test_right),          TEST(test_by_whom),
      TEST(test_every_check),    TEST(test_every_trigger_and_index),
      TEST(test_damage_is_told), TEST(test_holes),
  };
  return cmocka_run_group_tests_name("store_constraints", tests, NULL, NULL);
}
