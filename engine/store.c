#include "store.h"

#include "schema_sql.h"
#include "text.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum { APPLICATION_ID = 0x524c4f44 /* "RLOD" */, BUSY_TIMEOUT_MS = 5000 };

/* ---- Statements: each is prepared once, when it is first needed ---- */

/* clang-format off */
enum statement {
  BEGIN_READ, BEGIN_WRITE, COMMIT, ROLLBACK,
  CLIENT_GET, CLIENT_INSERT, CLIENT_UPDATE, CARD_DIES, CARD_DEAD_FOR_ALL, CARD_IS_DEAD,
  ENTRY_LAST, ENTRY_INSERT, ENTRY_ACTION, ENTRY_GET, ENTRY_PURCHASE, ENTRY_REVERSED,
  CHARGE_GET, CHARGE_BY_INTENT, CHARGE_PENDING, CHARGE_DUE, CHARGE_NEXT_DUE, CHARGE_ATTEMPTS,
  CHARGE_INSERT, CHARGE_UPDATE,
  TOGGLE_LAST, TOGGLE_INSERT, MAIL_DUE, MAIL_NEXT_DUE, MAIL_CLAIM, MAIL_DELIVERED,
  CLIENT_ALL, CLIENT_ONE, ENTRY_ALL, ENTRY_ONE, CHARGE_ALL, CHARGE_ONE, TOGGLE_ALL, TOGGLE_ONE,
  DEAD_CARD_ALL, DEAD_CARD_ONE,
  STATEMENT_COUNT
};
/* clang-format on */

#define CLIENT_COLUMNS                                                                             \
  "SELECT client_id, owner_email, customer_id, plan, card_id, card_no, card_dead,"                 \
  " (SELECT balance_tokens FROM credit_log l WHERE l.client_id = c.client_id"                      \
  "  ORDER BY entry_no DESC LIMIT 1),"                                                             \
  " (SELECT is_on FROM toggle_change t WHERE t.client_id = c.client_id"                            \
  "  ORDER BY change_no DESC LIMIT 1) FROM client c"
#define ENTRY_COLUMNS                                                                              \
  "SELECT client_id, entry_no, kind, tokens, balance_tokens, reference, action_id, intent_id,"     \
  " amount_minor, at_ms, action_kind FROM credit_log"
#define CHARGE_COLUMNS                                                                             \
  "SELECT charge_id, client_id, action_id, cost_tokens, top_up_tokens, amount_minor, currency,"    \
  " card_id, card_no, state, intent_id, decline_code, fired_at_ms, fired_under_change_no,"         \
  " recover_at_ms, try_count, ended_at_ms, action_kind FROM charge"
#define TOGGLE_COLUMNS                                                                             \
  "SELECT client_id, change_no, is_on, at_ms, delivered_at_ms, next_try_at_ms, try_count"          \
  " FROM toggle_change t"
#define FIRST_WAITING                                                                              \
  " delivered_at_ms IS NULL AND NOT EXISTS (SELECT 1 FROM toggle_change e WHERE"                   \
  " e.client_id = t.client_id AND e.change_no < t.change_no AND e.delivered_at_ms IS NULL)"

static const char *const statement_sql[STATEMENT_COUNT] = {
    [BEGIN_READ] = "BEGIN",
    [BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [CLIENT_GET] = CLIENT_COLUMNS " WHERE client_id = ?1",
    [CLIENT_INSERT] =
        "INSERT INTO client (client_id, owner_email, customer_id) VALUES (?1, ?2, ?3)",
    [CLIENT_UPDATE] = "UPDATE client SET plan = ?2, card_id = nullif(?3, ''), card_no = ?4,"
                      " card_dead = ?5 WHERE client_id = ?1",
    [CARD_DIES] = "INSERT INTO dead_card VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    [CARD_DEAD_FOR_ALL] = "UPDATE client SET card_dead = 1 WHERE card_id = ?1",
    [CARD_IS_DEAD] = "SELECT 1 FROM dead_card WHERE card_id = ?1",
    [ENTRY_LAST] = "SELECT entry_no, balance_tokens FROM credit_log WHERE client_id = ?1"
                   " ORDER BY entry_no DESC LIMIT 1",
    [ENTRY_INSERT] = "INSERT INTO credit_log VALUES (?1, ?2, ?3, ?4, ?5, ?6, nullif(?7, ''),"
                     " iif(?3 = 3, ?8, NULL), nullif(?9, ''), ?10, ?11)",
    [ENTRY_ACTION] = "SELECT client_id, -tokens, action_kind, EXISTS (SELECT 1 FROM charge g"
                     " WHERE g.action_id = ?1 AND g.client_id = l.client_id AND g.state = 3)"
                     " FROM credit_log l WHERE kind = 3 AND reference = ?1",
    [ENTRY_GET] = ENTRY_COLUMNS " WHERE client_id = ?1 AND kind = ?2 AND kind < 3"
                                " AND reference = ?3",
    [ENTRY_PURCHASE] = ENTRY_COLUMNS " WHERE intent_id = ?1 AND kind IN (1, 2)",
    [ENTRY_REVERSED] = "SELECT coalesce(sum(-tokens), 0), coalesce(sum(amount_minor), 0),"
                       " coalesce(sum(amount_minor) FILTER (WHERE reference = 'refund'), 0),"
                       " coalesce(max(reference = ?2), 0)"
                       " FROM credit_log WHERE intent_id = ?1 AND kind = 4",
    [CHARGE_GET] = CHARGE_COLUMNS " WHERE charge_id = ?1",
    [CHARGE_BY_INTENT] = CHARGE_COLUMNS " WHERE intent_id = ?1",
    [CHARGE_PENDING] = CHARGE_COLUMNS " WHERE client_id = ?1 AND state < 3",
    [CHARGE_DUE] = CHARGE_COLUMNS " WHERE state < 3 AND recover_at_ms <= ?1"
                                  " ORDER BY recover_at_ms, charge_id LIMIT 1",
    [CHARGE_NEXT_DUE] = "SELECT min(recover_at_ms) FROM charge WHERE state < 3"
                        " AND recover_at_ms > ?1",
    [CHARGE_ATTEMPTS] = "SELECT count(*) FILTER (WHERE client_id = ?1),"
                        " (SELECT decline_code FROM charge d WHERE d.action_id = ?2"
                        "  AND d.client_id = ?1 AND d.card_no = ?3 AND d.state = 4"
                        "  AND d.decline_code <> '' ORDER BY d.ended_at_ms DESC LIMIT 1),"
                        " coalesce(max(client_id = ?1 AND state = 3), 0),"
                        " coalesce(max(state < 3 AND (client_id <> ?1 OR cost_tokens <> ?4"
                        " OR action_kind <> ?5)), 0) FROM charge WHERE action_id = ?2",
    [CHARGE_INSERT] = "INSERT INTO charge (charge_id, client_id, action_id, cost_tokens,"
                      " top_up_tokens, amount_minor, currency, card_id, card_no, state,"
                      " fired_at_ms, fired_under_change_no, recover_at_ms, action_kind)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, ?10, ?11, ?12, ?13)",
    [CHARGE_UPDATE] = "UPDATE charge SET state = ?2, intent_id = nullif(?3, ''),"
                      " decline_code = ?4, recover_at_ms = iif(?2 < 3, ?5, NULL), try_count = ?6,"
                      " ended_at_ms = iif(?2 < 3, NULL, ?7), top_up_entry_no = nullif(?8, 0)"
                      " WHERE charge_id = ?1",
    [TOGGLE_LAST] = TOGGLE_COLUMNS " WHERE client_id = ?1 ORDER BY change_no DESC LIMIT 1",
    [TOGGLE_INSERT] = "INSERT INTO toggle_change (client_id, change_no, is_on, at_ms,"
                      " next_try_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
    [MAIL_DUE] = TOGGLE_COLUMNS " WHERE next_try_at_ms <= ?1 AND" FIRST_WAITING
                                " ORDER BY next_try_at_ms, client_id LIMIT 1",
    [MAIL_NEXT_DUE] = "SELECT min(next_try_at_ms) FROM toggle_change t WHERE"
                      " next_try_at_ms > ?1 AND" FIRST_WAITING,
    [MAIL_CLAIM] = "UPDATE toggle_change SET next_try_at_ms = ?3, try_count = ?4"
                   " WHERE client_id = ?1 AND change_no = ?2",
    [MAIL_DELIVERED] = "UPDATE toggle_change SET delivered_at_ms = ?3"
                       " WHERE client_id = ?1 AND change_no = ?2 AND delivered_at_ms IS NULL",
    [CLIENT_ALL] = CLIENT_COLUMNS " ORDER BY client_id",
    [CLIENT_ONE] = CLIENT_COLUMNS " WHERE client_id = ?1",
    [ENTRY_ALL] = ENTRY_COLUMNS " ORDER BY client_id, entry_no",
    [ENTRY_ONE] = ENTRY_COLUMNS " WHERE client_id = ?1 ORDER BY entry_no",
    [CHARGE_ALL] = CHARGE_COLUMNS " ORDER BY client_id, fired_at_ms, charge_id",
    [CHARGE_ONE] = CHARGE_COLUMNS " WHERE client_id = ?1 ORDER BY fired_at_ms, charge_id",
    [TOGGLE_ALL] = TOGGLE_COLUMNS " ORDER BY client_id, change_no",
    [TOGGLE_ONE] = TOGGLE_COLUMNS " WHERE client_id = ?1 ORDER BY change_no",
    [DEAD_CARD_ALL] = "SELECT card_id, since_ms FROM dead_card ORDER BY card_id",
    [DEAD_CARD_ONE] = "SELECT card_id, since_ms FROM dead_card WHERE card_id IN"
                      " (SELECT card_id FROM client WHERE client_id = ?1 UNION"
                      "  SELECT card_id FROM charge WHERE client_id = ?1) ORDER BY card_id",
};

struct reload_store {
  sqlite3 *db;
  char uid[33];
  sqlite3_stmt *statements[STATEMENT_COUNT];
};

/* ---- Errors ---- */

static enum reload_error error_of(int code) {
  switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE: return RELOAD_OK;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: return RELOAD_BUSY; /* that is a reader's lock, waited for in vain */
    case SQLITE_FULL: return RELOAD_FULL;
    case SQLITE_NOMEM: return RELOAD_NOMEM;
    case SQLITE_NOTADB: return RELOAD_FOREIGN;
    case SQLITE_CORRUPT:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_SCHEMA:
    case SQLITE_ERROR: return RELOAD_CORRUPT;
    default: return RELOAD_IO;
  }
}

static enum reload_error fail(struct reload_store *store, int code,
                              struct reload_message *message) {
  enum reload_error error = error_of(code);
  if (error != RELOAD_OK)
    reload_message_set(message, "the store failed (%s): %s", reload_error_name(error),
                       store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(code));
  return error;
}

/* ---- Binding and reading ---- */

static sqlite3_stmt *statement(struct reload_store *store, enum statement which) {
  sqlite3_stmt **slot = &store->statements[which];
  if (!*slot && sqlite3_prepare_v3(store->db, statement_sql[which], -1, SQLITE_PREPARE_PERSISTENT,
                                   slot, NULL) != SQLITE_OK)
    *slot = NULL;
  return *slot;
}

/* A bound parameter list: text borrowed until the statement is reset. Binding fails only when out
 * of memory; the first failure is kept. */
struct call {
  struct reload_store *store;
  sqlite3_stmt *statement;
  int code;
  int next;
};

static struct call call(struct reload_store *store, enum statement which) {
  struct call c = {.store = store, .statement = statement(store, which), .next = 1};
  c.code = c.statement ? SQLITE_OK : sqlite3_errcode(store->db);
  if (!c.statement && c.code == SQLITE_OK) c.code = SQLITE_NOMEM;
  return c;
}

static void number(struct call *c, int64_t value) {
  if (c->code == SQLITE_OK) c->code = sqlite3_bind_int64(c->statement, c->next++, value);
}

static void text(struct call *c, const char *value) {
  if (c->code == SQLITE_OK)
    c->code = sqlite3_bind_text(c->statement, c->next++, value, -1, SQLITE_STATIC);
}

/* Step to a row: true if there is one, which must be ended with done(). */
static bool row(struct call *c) {
  if (c->code == SQLITE_OK) c->code = sqlite3_step(c->statement);
  bool there = c->code == SQLITE_ROW;
  if (there) c->code = SQLITE_OK;
  return there;
}

static enum reload_error done(struct call *c, struct reload_message *message) {
  enum reload_error error = fail(c->store, c->code, message);
  if (c->statement) {
    int code = sqlite3_reset(c->statement);
    if (error == RELOAD_OK && code != SQLITE_OK) error = fail(c->store, code, message);
  }
  return error;
}

static enum reload_error run(struct call *c, struct reload_message *message) {
  if (row(c)) c->code = SQLITE_OK;
  return done(c, message);
}

static int64_t column_number(struct call *c, int column) {
  return sqlite3_column_int64(c->statement, column);
}

/* Copies and zero-fills. A value that does not fit was not written by this engine. */
static void column_text(struct call *c, int column, char *to, size_t size) {
  const char *value = (const char *)sqlite3_column_text(c->statement, column);
  if (!value && sqlite3_column_type(c->statement, column) != SQLITE_NULL)
    c->code = SQLITE_NOMEM;
  else if (!reload_text_copy(to, size, value ? value : ""))
    c->code = SQLITE_CORRUPT;
}

/* ---- Opening ---- */

static enum reload_error execute(struct reload_store *store, const char *sql,
                                 struct reload_message *message) {
  return fail(store, sqlite3_exec(store->db, sql, NULL, NULL, NULL), message);
}

static enum reload_error query_number(struct reload_store *store, const char *sql, int64_t *value,
                                      struct reload_message *message) {
  struct call c = {.store = store, .next = 1};
  c.code = sqlite3_prepare_v2(store->db, sql, -1, &c.statement, NULL);
  *value = row(&c) ? column_number(&c, 0) : 0;
  enum reload_error error = fail(store, c.code, message);
  sqlite3_finalize(c.statement);
  return error;
}

/* Whose file is it? *fresh: an empty one, to be made ours. Reads only; inside a transaction, so
 * that a file that another process is making is seen before or after, never half made. */
static enum reload_error recognise_inside(struct reload_store *store, bool *fresh,
                                          struct reload_message *message) {
  int64_t application = 0, version = 0, table_count = 0;
  enum reload_error error = query_number(store, "PRAGMA application_id", &application, message);
  if (error == RELOAD_OK) error = query_number(store, "PRAGMA user_version", &version, message);
  if (error == RELOAD_OK)
    error = query_number(store, "SELECT count(*) FROM sqlite_schema", &table_count, message);
  if (error != RELOAD_OK) return error;
  *fresh = application == 0 && version == 0 && table_count == 0;
  if (*fresh) return RELOAD_OK;
  if (application != APPLICATION_ID) {
    reload_message_set(message, "the file is an SQLite database of another application; "
                                "choose another path");
    return RELOAD_FOREIGN;
  }
  if (version < 1) {
    reload_message_set(message, "the store has schema version %lld, which never was",
                       (long long)version);
    return RELOAD_CORRUPT;
  }
  if (version > RELOAD_SCHEMA_VERSION) {
    reload_message_set(message,
                       "the store has schema version %lld, this engine knows up to %d; "
                       "upgrade the engine",
                       (long long)version, RELOAD_SCHEMA_VERSION);
    return RELOAD_NEWER;
  }
  return RELOAD_OK;
}

static enum reload_error recognise(struct reload_store *store, bool *fresh,
                                   struct reload_message *message) {
  enum reload_error error = execute(store, "BEGIN", message);
  if (error != RELOAD_OK) return error;
  error = recognise_inside(store, fresh, message);
  return reload_store_end(store, error, message);
}

static enum reload_error create(struct reload_store *store, struct reload_message *message) {
  enum reload_error error = execute(store, "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE", message);
  if (error != RELOAD_OK) return error;
  bool fresh = false; /* another process may have been faster */
  error = recognise_inside(store, &fresh, message);
  if (error == RELOAD_OK && fresh) {
    char *pragmas = sqlite3_mprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;"
                                    "INSERT INTO store VALUES (lower(hex(randomblob(16))))",
                                    APPLICATION_ID, RELOAD_SCHEMA_VERSION);
    error = execute(store, reload_schema_sql, message);
    if (error == RELOAD_OK) error = pragmas ? execute(store, pragmas, message) : RELOAD_NOMEM;
    sqlite3_free(pragmas);
  }
  return reload_store_end(store, error, message);
}

/* Whoever opened the file before may have left another journal mode in it. */
static enum reload_error demand_wal(struct reload_store *store, struct reload_message *message) {
  char mode[16] = "";
  struct call c = {.store = store, .next = 1};
  c.code = sqlite3_prepare_v2(store->db, "PRAGMA journal_mode = WAL", -1, &c.statement, NULL);
  if (row(&c)) column_text(&c, 0, mode, sizeof mode);
  enum reload_error error = fail(store, c.code, message);
  sqlite3_finalize(c.statement);
  if (error != RELOAD_OK || strcmp(mode, "wal") == 0) return error;
  reload_message_set(message,
                     "the store cannot have a write-ahead log (journal mode: %s); it must be "
                     "a file on a local disk",
                     mode);
  return RELOAD_IO;
}

static enum reload_error load_uid(struct reload_store *store, struct reload_message *message) {
  struct call c = {.store = store, .next = 1};
  c.code = sqlite3_prepare_v2(store->db, "SELECT store_uid FROM store", -1, &c.statement, NULL);
  if (row(&c))
    column_text(&c, 0, store->uid, sizeof store->uid);
  else if (c.code == SQLITE_DONE)
    c.code = SQLITE_CORRUPT;
  enum reload_error error = fail(store, c.code, message);
  sqlite3_finalize(c.statement);
  return error;
}

static enum reload_error open_checked(struct reload_store *store, const char *path, const char *vfs,
                                      struct reload_message *message) {
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE;
  int code = sqlite3_open_v2(path, &store->db, flags, vfs);
  if (code != SQLITE_OK) {
    fail(store, code, message);
    return error_of(code) == RELOAD_NOMEM ? RELOAD_NOMEM : RELOAD_IO;
  }
  /* Until the file is known to be ours, closing must not even checkpoint it. */
  sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
  sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
  if (sqlite3_db_readonly(store->db, "main") == 1) {
    reload_message_set(message, "the store's file is read-only");
    return RELOAD_IO;
  }
  bool fresh = false;
  enum reload_error error = recognise(store, &fresh, message);
  if (error == RELOAD_OK && fresh) error = create(store, message);
  if (error == RELOAD_OK)
    error = execute(store,
                    "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                    "PRAGMA trusted_schema = OFF",
                    message);
  if (error == RELOAD_OK) error = load_uid(store, message); /* then the file is surely ours */
  if (error == RELOAD_OK) error = demand_wal(store, message);
  if (error == RELOAD_OK)
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, (int *)NULL);
  return error;
}

enum reload_error reload_store_open(const char *path, const char *vfs, struct reload_store **store,
                                    struct reload_message *message) {
  *store = calloc(1, sizeof **store);
  if (!*store) {
    reload_message_set(message, "out of memory");
    return RELOAD_NOMEM;
  }
  enum reload_error error = open_checked(*store, path, vfs, message);
  if (error != RELOAD_OK) {
    reload_store_close(*store);
    *store = NULL;
  }
  return error;
}

void reload_store_close(struct reload_store *store) {
  if (!store) return;
  for (int i = 0; i < STATEMENT_COUNT; i++) sqlite3_finalize(store->statements[i]);
  sqlite3_close_v2(store->db);
  free(store);
}

const char *reload_store_uid(const struct reload_store *store) { return store->uid; }

enum reload_error reload_store_begin(struct reload_store *store, bool writes,
                                     struct reload_message *message) {
  struct call c = call(store, writes ? BEGIN_WRITE : BEGIN_READ);
  return run(&c, message);
}

/* A commit whose sync failed, or whose process died just before it was known to the others, lies in
 * the log whole: after the next crash it would come to life, though everybody has been told or has
 * seen that it is not there. A commit of our own takes its place. */
static enum reload_error cover(struct reload_store *store, struct reload_message *message) {
  /* A page, with nothing new on it: an UPDATE would notice that and write nothing. */
  char *writes =
      sqlite3_mprintf("BEGIN IMMEDIATE; PRAGMA user_version = %d; COMMIT", RELOAD_SCHEMA_VERSION);
  enum reload_error error = writes ? execute(store, writes, message) : RELOAD_NOMEM;
  sqlite3_free(writes);
  if (error != RELOAD_OK && !sqlite3_get_autocommit(store->db))
    (void)execute(store, "ROLLBACK", NULL);
  return error; /* also busy: who is writing may yet roll back, and cover nothing */
}

enum reload_error reload_store_end(struct reload_store *store, enum reload_error error,
                                   struct reload_message *message) {
  bool commits = error == RELOAD_OK;
  if (commits) {
    struct call commit = call(store, COMMIT);
    error = run(&commit, message);
  }
  if (error != RELOAD_OK && !sqlite3_get_autocommit(store->db)) {
    struct call rollback = call(store, ROLLBACK);
    run(&rollback, NULL); /* SQLite may have rolled back by itself; the first error is told */
  }
  if (commits && error != RELOAD_OK) (void)cover(store, NULL);
  return error;
}

enum reload_error reload_store_checkpoint(struct reload_store *store,
                                          struct reload_message *message) {
  int code = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
  enum reload_error error = (code & 0xff) == SQLITE_BUSY ? RELOAD_OK : fail(store, code, message);
  return error == RELOAD_OK ? cover(store, message) : error;
}

/* ---- Clients ---- */

static void read_client(struct call *c, struct reload_client_row *client) {
  column_text(c, 0, client->client_id, sizeof client->client_id);
  column_text(c, 1, client->owner_email, sizeof client->owner_email);
  column_text(c, 2, client->customer_id, sizeof client->customer_id);
  client->plan = (enum reload_plan)column_number(c, 3);
  column_text(c, 4, client->card_id, sizeof client->card_id);
  client->card_no = column_number(c, 5);
  client->card_dead = column_number(c, 6) != 0;
  client->balance_tokens = column_number(c, 7);
  client->auto_reload = column_number(c, 8) != 0;
}

enum reload_error reload_store_client(struct reload_store *store, const char *client_id,
                                      struct reload_client_row *client,
                                      struct reload_message *message) {
  struct call c = call(store, CLIENT_GET);
  text(&c, client_id);
  bool found = row(&c);
  if (found) read_client(&c, client);
  enum reload_error error = done(&c, message);
  if (error != RELOAD_OK || found) return error;
  reload_message_set(message, "there is no client \"%s\"", client_id);
  return RELOAD_NOT_FOUND;
}

enum reload_error reload_store_client_insert(struct reload_store *store,
                                             const struct reload_client_row *client,
                                             struct reload_message *message) {
  struct call c = call(store, CLIENT_INSERT);
  text(&c, client->client_id);
  text(&c, client->owner_email);
  text(&c, client->customer_id);
  return run(&c, message);
}

enum reload_error reload_store_client_update(struct reload_store *store,
                                             const struct reload_client_row *client,
                                             struct reload_message *message) {
  struct call c = call(store, CLIENT_UPDATE);
  text(&c, client->client_id);
  number(&c, client->plan);
  text(&c, client->card_id);
  number(&c, client->card_no);
  number(&c, client->card_dead);
  return run(&c, message);
}

enum reload_error reload_store_card_dies(struct reload_store *store, const char *card_id,
                                         int64_t now_ms, struct reload_message *message) {
  struct call dies = call(store, CARD_DIES);
  text(&dies, card_id);
  number(&dies, now_ms);
  enum reload_error error = run(&dies, message);
  if (error != RELOAD_OK) return error;
  struct call all = call(store, CARD_DEAD_FOR_ALL);
  text(&all, card_id);
  return run(&all, message);
}

enum reload_error reload_store_card_is_dead(struct reload_store *store, const char *card_id,
                                            bool *dead, struct reload_message *message) {
  struct call c = call(store, CARD_IS_DEAD);
  text(&c, card_id);
  *dead = row(&c);
  return done(&c, message);
}

/* ---- The credit log ---- */

static void read_entry(struct call *c, struct reload_entry_row *entry) {
  column_text(c, 0, entry->client_id, sizeof entry->client_id);
  entry->entry_no = column_number(c, 1);
  entry->kind = (enum reload_entry_kind)column_number(c, 2);
  entry->tokens = column_number(c, 3);
  entry->balance_tokens = column_number(c, 4);
  column_text(c, 5, entry->reference, sizeof entry->reference);
  column_text(c, 6, entry->action_id, sizeof entry->action_id);
  column_text(c, 7, entry->intent_id, sizeof entry->intent_id);
  entry->amount_minor = column_number(c, 8);
  entry->at_ms = column_number(c, 9);
  entry->action_kind = (enum reload_action_kind)column_number(c, 10);
}

enum reload_error reload_store_entry_append(struct reload_store *store,
                                            struct reload_entry_row *entry,
                                            struct reload_message *message) {
  struct call last = call(store, ENTRY_LAST);
  text(&last, entry->client_id);
  bool found = row(&last);
  entry->entry_no = (found ? column_number(&last, 0) : 0) + 1;
  entry->balance_tokens = (found ? column_number(&last, 1) : 0) + entry->tokens;
  enum reload_error error = done(&last, message);
  if (error != RELOAD_OK) return error;
  /* Only what a host adds may be refused: captured money is credited wherever the balance stands
   * (MONEY-2), and adds at most one top-up beyond the limit. */
  bool added = entry->kind == RELOAD_ENTRY_GRANT || entry->kind == RELOAD_ENTRY_PACK;
  if (added && entry->balance_tokens > RELOAD_TOKENS_MAX) {
    reload_message_set(message, "the balance of \"%s\" would be more than 10^15 tokens",
                       entry->client_id);
    return RELOAD_INVALID;
  }
  struct call c = call(store, ENTRY_INSERT);
  text(&c, entry->client_id);
  number(&c, entry->entry_no);
  number(&c, entry->kind);
  number(&c, entry->tokens);
  number(&c, entry->balance_tokens);
  text(&c, entry->reference);
  text(&c, entry->action_id);
  number(&c, entry->action_kind);
  text(&c, entry->intent_id);
  number(&c, entry->amount_minor);
  number(&c, entry->at_ms);
  return run(&c, message);
}

enum reload_error reload_store_action(struct reload_store *store, const char *action_id,
                                      bool *found, struct reload_done_action *action,
                                      struct reload_message *message) {
  struct call c = call(store, ENTRY_ACTION);
  text(&c, action_id);
  *found = row(&c);
  if (*found) {
    column_text(&c, 0, action->client_id, sizeof action->client_id);
    action->cost_tokens = column_number(&c, 1);
    action->kind = (enum reload_action_kind)column_number(&c, 2);
    action->reloaded = column_number(&c, 3) != 0;
  }
  return done(&c, message);
}

enum reload_error reload_store_entry(struct reload_store *store, const char *client_id,
                                     enum reload_entry_kind kind, const char *reference,
                                     bool *found, struct reload_entry_row *entry,
                                     struct reload_message *message) {
  struct call c = call(store, ENTRY_GET);
  text(&c, client_id);
  number(&c, kind);
  text(&c, reference);
  *found = row(&c);
  if (*found) read_entry(&c, entry);
  return done(&c, message);
}

enum reload_error reload_store_purchase(struct reload_store *store, const char *intent_id,
                                        const char *reference, bool *found,
                                        struct reload_purchase *purchase,
                                        struct reload_message *message) {
  struct call c = call(store, ENTRY_PURCHASE);
  text(&c, intent_id);
  *found = row(&c);
  if (*found) read_entry(&c, &purchase->entry);
  enum reload_error error = done(&c, message);
  if (error != RELOAD_OK || !*found) return error;
  struct call reversed = call(store, ENTRY_REVERSED);
  text(&reversed, intent_id);
  text(&reversed, reference);
  if (row(&reversed)) {
    purchase->reversed_tokens = column_number(&reversed, 0);
    purchase->reversed_minor = column_number(&reversed, 1);
    purchase->refunded_minor = column_number(&reversed, 2);
    purchase->dispute_known = column_number(&reversed, 3) != 0;
  }
  return done(&reversed, message);
}

/* ---- Charges ---- */

static void read_charge(struct call *c, struct reload_charge_row *charge) {
  column_text(c, 0, charge->charge_id, sizeof charge->charge_id);
  column_text(c, 1, charge->client_id, sizeof charge->client_id);
  column_text(c, 2, charge->action_id, sizeof charge->action_id);
  charge->cost_tokens = column_number(c, 3);
  charge->top_up_tokens = column_number(c, 4);
  charge->amount_minor = column_number(c, 5);
  column_text(c, 6, charge->currency, sizeof charge->currency);
  column_text(c, 7, charge->card_id, sizeof charge->card_id);
  charge->card_no = column_number(c, 8);
  charge->state = (enum reload_charge_state)column_number(c, 9);
  column_text(c, 10, charge->intent_id, sizeof charge->intent_id);
  column_text(c, 11, charge->decline_code, sizeof charge->decline_code);
  charge->fired_at_ms = column_number(c, 12);
  charge->fired_under_change_no = column_number(c, 13);
  charge->recover_at_ms = column_number(c, 14);
  charge->try_count = column_number(c, 15);
  charge->ended_at_ms = column_number(c, 16);
  charge->action_kind = (enum reload_action_kind)column_number(c, 17);
}

static enum reload_error one_charge(struct call *c, bool *found, struct reload_charge_row *charge,
                                    struct reload_message *message) {
  *found = row(c);
  if (*found) read_charge(c, charge);
  return done(c, message);
}

enum reload_error reload_store_charge(struct reload_store *store, const char *charge_id,
                                      bool *found, struct reload_charge_row *charge,
                                      struct reload_message *message) {
  struct call c = call(store, CHARGE_GET);
  text(&c, charge_id);
  return one_charge(&c, found, charge, message);
}

enum reload_error reload_store_charge_by_intent(struct reload_store *store, const char *intent_id,
                                                bool *found, struct reload_charge_row *charge,
                                                struct reload_message *message) {
  struct call c = call(store, CHARGE_BY_INTENT);
  text(&c, intent_id);
  return one_charge(&c, found, charge, message);
}

enum reload_error reload_store_charge_pending(struct reload_store *store, const char *client_id,
                                              bool *found, struct reload_charge_row *charge,
                                              struct reload_message *message) {
  struct call c = call(store, CHARGE_PENDING);
  text(&c, client_id);
  return one_charge(&c, found, charge, message);
}

static enum reload_error next_due(struct reload_store *store, enum statement which, int64_t now_ms,
                                  int64_t *next_due_ms, struct reload_message *message) {
  struct call c = call(store, which);
  number(&c, now_ms);
  *next_due_ms =
      row(&c) ? column_number(&c, 0) : 0; /* min() of nothing is null, which reads as 0 */
  return done(&c, message);
}

enum reload_error reload_store_charge_due(struct reload_store *store, int64_t now_ms, bool *found,
                                          struct reload_charge_row *charge, int64_t *next_due_ms,
                                          struct reload_message *message) {
  struct call c = call(store, CHARGE_DUE);
  number(&c, now_ms);
  enum reload_error error = one_charge(&c, found, charge, message);
  if (error != RELOAD_OK) return error;
  return next_due(store, CHARGE_NEXT_DUE, now_ms, next_due_ms, message);
}

enum reload_error reload_store_attempts(struct reload_store *store,
                                        const struct reload_spend *spend, int64_t card_no,
                                        struct reload_attempts *attempts,
                                        struct reload_message *message) {
  struct call c = call(store, CHARGE_ATTEMPTS);
  text(&c, spend->client_id);
  text(&c, spend->action_id);
  number(&c, card_no);
  number(&c, spend->cost_tokens);
  number(&c, spend->kind);
  *attempts = (struct reload_attempts){.count = 0};
  if (row(&c)) {
    attempts->count = column_number(&c, 0);
    column_text(&c, 1, attempts->decline_code, sizeof attempts->decline_code);
    attempts->captured = column_number(&c, 2) != 0;
    attempts->conflict = column_number(&c, 3) != 0;
  }
  return done(&c, message);
}

enum reload_error reload_store_charge_insert(struct reload_store *store,
                                             const struct reload_charge_row *charge,
                                             struct reload_message *message) {
  struct call c = call(store, CHARGE_INSERT);
  text(&c, charge->charge_id);
  text(&c, charge->client_id);
  text(&c, charge->action_id);
  number(&c, charge->cost_tokens);
  number(&c, charge->top_up_tokens);
  number(&c, charge->amount_minor);
  text(&c, charge->currency);
  text(&c, charge->card_id);
  number(&c, charge->card_no);
  number(&c, charge->fired_at_ms);
  number(&c, charge->fired_under_change_no);
  number(&c, charge->recover_at_ms);
  number(&c, charge->action_kind);
  return run(&c, message);
}

enum reload_error reload_store_charge_update(struct reload_store *store,
                                             const struct reload_charge_row *charge,
                                             int64_t top_up_entry_no,
                                             struct reload_message *message) {
  struct call c = call(store, CHARGE_UPDATE);
  text(&c, charge->charge_id);
  number(&c, charge->state);
  text(&c, charge->intent_id);
  text(&c, charge->decline_code);
  number(&c, charge->recover_at_ms);
  number(&c, charge->try_count);
  number(&c, charge->ended_at_ms);
  number(&c, top_up_entry_no);
  return run(&c, message);
}

/* ---- The toggle and its mails ---- */

static void read_toggle(struct call *c, struct reload_toggle_row *toggle) {
  column_text(c, 0, toggle->client_id, sizeof toggle->client_id);
  toggle->change_no = column_number(c, 1);
  toggle->on = column_number(c, 2) != 0;
  toggle->at_ms = column_number(c, 3);
  toggle->delivered_at_ms = column_number(c, 4);
  toggle->next_try_at_ms = column_number(c, 5);
  toggle->try_count = column_number(c, 6);
}

enum reload_error reload_store_toggle(struct reload_store *store, const char *client_id,
                                      struct reload_toggle_row *toggle,
                                      struct reload_message *message) {
  struct call c = call(store, TOGGLE_LAST);
  text(&c, client_id);
  if (row(&c))
    read_toggle(&c, toggle);
  else
    *toggle = (struct reload_toggle_row){.change_no = 0};
  return done(&c, message);
}

enum reload_error reload_store_toggle_insert(struct reload_store *store,
                                             const struct reload_toggle_row *toggle,
                                             struct reload_message *message) {
  struct call c = call(store, TOGGLE_INSERT);
  text(&c, toggle->client_id);
  number(&c, toggle->change_no);
  number(&c, toggle->on);
  number(&c, toggle->at_ms);
  number(&c, toggle->next_try_at_ms);
  return run(&c, message);
}

enum reload_error reload_store_mail_due(struct reload_store *store, int64_t now_ms, bool *found,
                                        struct reload_toggle_row *toggle, int64_t *next_due_ms,
                                        struct reload_message *message) {
  struct call c = call(store, MAIL_DUE);
  number(&c, now_ms);
  *found = row(&c);
  if (*found) read_toggle(&c, toggle);
  enum reload_error error = done(&c, message);
  if (error != RELOAD_OK) return error;
  return next_due(store, MAIL_NEXT_DUE, now_ms, next_due_ms, message);
}

enum reload_error reload_store_mail_claim(struct reload_store *store,
                                          const struct reload_toggle_row *toggle,
                                          struct reload_message *message) {
  struct call c = call(store, MAIL_CLAIM);
  text(&c, toggle->client_id);
  number(&c, toggle->change_no);
  number(&c, toggle->next_try_at_ms);
  number(&c, toggle->try_count);
  return run(&c, message);
}

enum reload_error reload_store_mail_delivered(struct reload_store *store, const char *client_id,
                                              int64_t change_no, int64_t at_ms,
                                              struct reload_message *message) {
  struct call c = call(store, MAIL_DELIVERED);
  text(&c, client_id);
  number(&c, change_no);
  number(&c, at_ms);
  return run(&c, message);
}

/* ---- Everything ---- */

/* All rows of a table, or with a client's id those of that client. */
static struct call call_all(struct reload_store *store, enum statement all, enum statement one,
                            const char *client_id) {
  struct call c = call(store, client_id ? one : all);
  if (client_id) text(&c, client_id);
  return c;
}

static void read_dead_card(struct call *c, struct reload_dead_card_row *card) {
  column_text(c, 0, card->card_id, sizeof card->card_id);
  card->since_ms = column_number(c, 1);
}

#define VISIT(all, one, kind, reader)                                                              \
  if (visitor->kind && error == RELOAD_OK) {                                                       \
    struct reload_##kind##_row r;                                                                  \
    struct call c = call_all(store, all, one, client_id);                                          \
    while (row(&c)) {                                                                              \
      memset(&r, 0, sizeof r); /* hosts may compare rows as bytes */                               \
      reader(&c, &r);                                                                              \
      if (c.code != SQLITE_OK) break;                                                              \
      visitor->kind(visitor->self, &r);                                                            \
    }                                                                                              \
    error = done(&c, message);                                                                     \
  }

enum reload_error reload_store_visit(struct reload_store *store, const char *client_id,
                                     const struct reload_books_visitor *visitor,
                                     struct reload_message *message) {
  enum reload_error error = RELOAD_OK;
  VISIT(CLIENT_ALL, CLIENT_ONE, client, read_client)
  VISIT(ENTRY_ALL, ENTRY_ONE, entry, read_entry)
  VISIT(CHARGE_ALL, CHARGE_ONE, charge, read_charge)
  VISIT(TOGGLE_ALL, TOGGLE_ONE, toggle, read_toggle)
  VISIT(DEAD_CARD_ALL, DEAD_CARD_ONE, dead_card, read_dead_card)
  return error;
}
