/* The store as a whole: the file, its transactions, and reading all its rows. */
#include "store_sql.h"

#include "schema_sql.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

enum { APPLICATION_ID = 0x524c4f44 /* "RLOD" */, BUSY_TIMEOUT_MS = 5000 };

/* The oldest SQLite with which every rule was tested; Debian 12 has it. With 3.37 some rules
 * fail. */
enum { SQLITE_NEEDED = 3040000 };

enum reload_error rl_store_sqlite_fits(int version, struct reload_message *message) {
  if (version >= SQLITE_NEEDED) return RELOAD_OK;
  rl_message_set(message,
                 "SQLite %d.%d.%d is linked, but the engine needs %d.%d.%d or newer; "
                 "install a newer libsqlite3",
                 version / 1000000, version / 1000 % 1000, version % 1000, SQLITE_NEEDED / 1000000,
                 SQLITE_NEEDED / 1000 % 1000, SQLITE_NEEDED % 1000);
  return RELOAD_INVALID;
}

enum reload_error reload_sqlite_check(struct reload_message *message) {
  if (message) message->text[0] = '\0';
  return rl_store_sqlite_fits(sqlite3_libversion_number(), message);
}

static enum reload_error store_execute(struct rl_store *store, const char *sql,
                                       struct reload_message *message) {
  return rl_sql_error(store, sqlite3_exec(store->db, sql, NULL, NULL, NULL), message);
}

static enum reload_error query_number(struct rl_store *store, const char *sql, int64_t *value,
                                      struct reload_message *message) {
  struct rl_sql_call c = {.store = store, .next = 1};
  c.code = sqlite3_prepare_v2(store->db, sql, -1, &c.statement, NULL);
  *value = rl_sql_row(&c) ? rl_sql_column_number(&c, 0) : 0;
  enum reload_error error = rl_sql_error(store, c.code, message);
  sqlite3_finalize(c.statement);
  return error;
}

/* Check that the file is a store. *fresh: it is empty, to be initialised. Reads only, in a
 * transaction, so that a file that another process initialises is seen before or after that. */
static enum reload_error recognise_inside(struct rl_store *store, bool *fresh,
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
    rl_message_set(message, "the file is an SQLite database of another application; "
                            "choose another path");
    return RELOAD_FOREIGN;
  }
  if (version < 1) {
    rl_message_set(message, "the store has schema version %lld, which does not exist",
                   (long long)version);
    return RELOAD_CORRUPT;
  }
  if (version > RELOAD_SCHEMA_VERSION) {
    rl_message_set(message,
                   "the store has schema version %lld, this engine knows up to %d; "
                   "upgrade the engine",
                   (long long)version, RELOAD_SCHEMA_VERSION);
    return RELOAD_NEWER;
  }
  return RELOAD_OK;
}

static enum reload_error store_recognise(struct rl_store *store, bool *fresh,
                                         struct reload_message *message) {
  enum reload_error error = store_execute(store, "BEGIN", message);
  if (error != RELOAD_OK) return error;
  error = recognise_inside(store, fresh, message);
  return rl_store_end(store, error, message);
}

static enum reload_error store_create(struct rl_store *store, struct reload_message *message) {
  enum reload_error error =
      store_execute(store, "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE", message);
  if (error != RELOAD_OK) return error;
  bool fresh = false; /* another process may have been faster */
  error = recognise_inside(store, &fresh, message);
  if (error == RELOAD_OK && fresh) {
    char *pragmas = sqlite3_mprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;"
                                    "INSERT INTO store VALUES (lower(hex(randomblob(16))))",
                                    APPLICATION_ID, RELOAD_SCHEMA_VERSION);
    error = store_execute(store, rl_schema_sql, message);
    if (error == RELOAD_OK) error = pragmas ? store_execute(store, pragmas, message) : RELOAD_NOMEM;
    sqlite3_free(pragmas);
  }
  return rl_store_end(store, error, message);
}

/* Another program may have left another journal mode in the file. */
static enum reload_error demand_wal(struct rl_store *store, struct reload_message *message) {
  char mode[16] = "";
  struct rl_sql_call c = {.store = store, .next = 1};
  c.code = sqlite3_prepare_v2(store->db, "PRAGMA journal_mode = WAL", -1, &c.statement, NULL);
  if (rl_sql_row(&c)) rl_sql_column_text(&c, 0, mode, sizeof mode);
  enum reload_error error = rl_sql_error(store, c.code, message);
  sqlite3_finalize(c.statement);
  if (error != RELOAD_OK || strcmp(mode, "wal") == 0) return error;
  rl_message_set(message,
                 "the store cannot have a write-ahead log (journal mode: %s); it must be "
                 "a file on a local disk",
                 mode);
  return RELOAD_IO;
}

static enum reload_error load_uid(struct rl_store *store, struct reload_message *message) {
  struct rl_sql_call c = {.store = store, .next = 1};
  c.code = sqlite3_prepare_v2(store->db, "SELECT store_uid FROM store", -1, &c.statement, NULL);
  if (rl_sql_row(&c))
    rl_sql_column_text(&c, 0, store->uid, sizeof store->uid);
  else if (c.code == SQLITE_DONE)
    c.code = SQLITE_CORRUPT;
  enum reload_error error = rl_sql_error(store, c.code, message);
  sqlite3_finalize(c.statement);
  return error;
}

static enum reload_error open_checked(struct rl_store *store, const char *path, const char *vfs,
                                      struct reload_message *message) {
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE;
  int code = sqlite3_open_v2(path, &store->db, flags, vfs);
  if (code != SQLITE_OK) {
    rl_sql_error(store, code, message);
    return rl_sql_error_of(code) == RELOAD_NOMEM ? RELOAD_NOMEM : RELOAD_IO;
  }
  /* Until the file is known to be a store, closing must not even checkpoint it. */
  sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
  sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
  if (sqlite3_db_readonly(store->db, "main") == 1) {
    rl_message_set(message, "the store's file is read-only");
    return RELOAD_IO;
  }
  bool fresh = false;
  enum reload_error error = store_recognise(store, &fresh, message);
  if (error == RELOAD_OK && fresh) error = store_create(store, message);
  if (error == RELOAD_OK)
    error = store_execute(store,
                          "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                          "PRAGMA trusted_schema = OFF",
                          message);
  if (error == RELOAD_OK) error = load_uid(store, message); /* now it is surely a store */
  if (error == RELOAD_OK) error = demand_wal(store, message);
  if (error == RELOAD_OK)
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, (int *)NULL);
  return error;
}

enum reload_error rl_store_open(const char *path, const char *vfs, struct rl_store **store,
                                struct reload_message *message) {
  *store = calloc(1, sizeof **store);
  if (!*store) {
    rl_message_set(message, "out of memory");
    return RELOAD_NOMEM;
  }
  enum reload_error error = open_checked(*store, path, vfs, message);
  if (error != RELOAD_OK) {
    rl_store_close(*store);
    *store = NULL;
  }
  return error;
}

void rl_store_close(struct rl_store *store) {
  if (!store) return;
  for (int i = 0; i < RL_STATEMENT_COUNT; i++) sqlite3_finalize(store->statements[i]);
  sqlite3_close_v2(store->db);
  free(store);
}

const char *rl_store_uid(const struct rl_store *store) { return store->uid; }

enum reload_error rl_store_begin(struct rl_store *store, bool writes,
                                 struct reload_message *message) {
  struct rl_sql_call c = writes ? rl_sql_call(store, RL_BEGIN_WRITE, "BEGIN IMMEDIATE")
                                : rl_sql_call(store, RL_BEGIN_READ, "BEGIN");
  return rl_sql_run(&c, message);
}

/* A commit whose sync failed, or whose process died before others could see it, may lie complete in
 * the write-ahead log. After the next crash it would become valid, although it was reported as
 * failed. A new commit overwrites it. */
static enum reload_error store_cover(struct rl_store *store, struct reload_message *message) {
  /* This writes a page without a change; an UPDATE without a change would write nothing. */
  char *writes =
      sqlite3_mprintf("BEGIN IMMEDIATE; PRAGMA user_version = %d; COMMIT", RELOAD_SCHEMA_VERSION);
  enum reload_error error = writes ? store_execute(store, writes, message) : RELOAD_NOMEM;
  sqlite3_free(writes);
  if (error != RELOAD_OK && !sqlite3_get_autocommit(store->db))
    (void)store_execute(store, "ROLLBACK", NULL);
  return error; /* also if busy: the other writer may roll back and overwrite nothing */
}

enum reload_error rl_store_end(struct rl_store *store, enum reload_error error,
                               struct reload_message *message) {
  bool commits = error == RELOAD_OK;
  if (commits) {
    struct rl_sql_call commit = rl_sql_call(store, RL_COMMIT, "COMMIT");
    error = rl_sql_run(&commit, message);
  }
  if (error != RELOAD_OK && !sqlite3_get_autocommit(store->db)) {
    struct rl_sql_call rollback = rl_sql_call(store, RL_ROLLBACK, "ROLLBACK");
    (void)rl_sql_run(&rollback, NULL); /* SQLite may have done it; the first error counts */
  }
  if (commits && error != RELOAD_OK) (void)store_cover(store, NULL);
  return error;
}

enum reload_error rl_store_checkpoint(struct rl_store *store, struct reload_message *message) {
  int code = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
  enum reload_error error =
      (code & 0xff) == SQLITE_BUSY ? RELOAD_OK : rl_sql_error(store, code, message);
  return error == RELOAD_OK ? store_cover(store, message) : error;
}

enum reload_error rl_store_visit(struct rl_store *store, const char *client_id,
                                 const struct reload_ledger_visitor *visitor,
                                 struct reload_message *message) {
  enum reload_error error = rl_store_visit_clients(store, client_id, visitor, message);
  if (error == RELOAD_OK) error = rl_store_visit_entries(store, client_id, visitor, message);
  if (error == RELOAD_OK) error = rl_store_visit_charges(store, client_id, visitor, message);
  if (error == RELOAD_OK) error = rl_store_visit_toggles(store, client_id, visitor, message);
  if (error == RELOAD_OK) error = rl_store_visit_dead_cards(store, client_id, visitor, message);
  return error;
}
