#include "store_sql.h"

#include "text.h"

enum reload_error rl_sql_error_of(int code) {
  switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE: return RELOAD_OK;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: return RELOAD_BUSY; /* a reader's lock that did not end in time */
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

enum reload_error rl_sql_error(struct rl_store *store, int code, struct reload_message *message) {
  enum reload_error error = rl_sql_error_of(code);
  if (error != RELOAD_OK)
    rl_message_set(message, "the store failed (%s): %s", reload_error_name(error),
                   store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(code));
  return error;
}

static sqlite3_stmt *statement_prepared(struct rl_store *store, enum rl_statement which,
                                        const char *sql) {
  sqlite3_stmt **slot = &store->statements[which];
  if (!*slot &&
      sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, slot, NULL) != SQLITE_OK)
    *slot = NULL;
  return *slot;
}

struct rl_sql_call rl_sql_call(struct rl_store *store, enum rl_statement which, const char *sql) {
  struct rl_sql_call c = {
      .store = store, .statement = statement_prepared(store, which, sql), .next = 1};
  c.code = c.statement ? SQLITE_OK : sqlite3_errcode(store->db);
  if (!c.statement && c.code == SQLITE_OK) c.code = SQLITE_NOMEM;
  return c;
}

void rl_sql_number(struct rl_sql_call *c, int64_t value) {
  if (c->code == SQLITE_OK) c->code = sqlite3_bind_int64(c->statement, c->next++, value);
}

void rl_sql_text(struct rl_sql_call *c, const char *value) {
  if (c->code == SQLITE_OK)
    c->code = sqlite3_bind_text(c->statement, c->next++, value, -1, SQLITE_STATIC);
}

bool rl_sql_row(struct rl_sql_call *c) {
  if (c->code == SQLITE_OK) c->code = sqlite3_step(c->statement);
  bool there = c->code == SQLITE_ROW;
  if (there) c->code = SQLITE_OK;
  return there;
}

enum reload_error rl_sql_done(struct rl_sql_call *c, struct reload_message *message) {
  enum reload_error error = rl_sql_error(c->store, c->code, message);
  if (c->statement) {
    int code = sqlite3_reset(c->statement);
    if (error == RELOAD_OK && code != SQLITE_OK) error = rl_sql_error(c->store, code, message);
  }
  return error;
}

enum reload_error rl_sql_run(struct rl_sql_call *c, struct reload_message *message) {
  if (rl_sql_row(c)) c->code = SQLITE_OK;
  return rl_sql_done(c, message);
}

int64_t rl_sql_column_number(struct rl_sql_call *c, int column) {
  return sqlite3_column_int64(c->statement, column);
}

void rl_sql_column_text(struct rl_sql_call *c, int column, char *to, size_t size) {
  const char *value = (const char *)sqlite3_column_text(c->statement, column);
  if (!value && sqlite3_column_type(c->statement, column) != SQLITE_NULL)
    c->code = SQLITE_NOMEM;
  else if (!rl_text_copy(to, size, value ? value : ""))
    c->code = SQLITE_CORRUPT;
}

enum reload_error rl_sql_next_due(struct rl_sql_call *c, int64_t now_ms, int64_t *next_due_ms,
                                  struct reload_message *message) {
  rl_sql_number(c, now_ms);
  *next_due_ms = rl_sql_row(c) ? rl_sql_column_number(c, 0) : 0; /* min() of nothing is null */
  return rl_sql_done(c, message);
}
