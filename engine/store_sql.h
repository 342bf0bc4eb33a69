/* The store's access to SQLite: statements with bound parameters, rows, errors. Only the store's
 * files include it.
 *
 * A statement's SQL is written where it is called; its name below is the slot of the prepared
 * statement. Enum values in SQL come from enum_sql.h.
 */
#ifndef RL_STORE_SQL_H
#define RL_STORE_SQL_H

#include "store.h"

#include <sqlite3.h>

/* clang-format off */
enum rl_statement {
  RL_BEGIN_READ, RL_BEGIN_WRITE, RL_COMMIT, RL_ROLLBACK,
  RL_CLIENT_GET, RL_CLIENT_INSERT, RL_CLIENT_UPDATE,
  RL_CARD_DIES, RL_CARD_DEAD_FOR_ALL, RL_CARD_IS_DEAD,
  RL_ENTRY_LAST, RL_ENTRY_INSERT, RL_ENTRY_ACTION, RL_ENTRY_GET, RL_ENTRY_PURCHASE,
  RL_ENTRY_REVERSED,
  RL_CHARGE_GET, RL_CHARGE_BY_INTENT, RL_CHARGE_PENDING, RL_CHARGE_DUE, RL_CHARGE_NEXT_DUE,
  RL_CHARGE_ATTEMPTS, RL_CHARGE_INSERT, RL_CHARGE_UPDATE,
  RL_TOGGLE_LAST, RL_TOGGLE_INSERT, RL_MAIL_DUE, RL_MAIL_NEXT_DUE, RL_MAIL_CLAIM, RL_MAIL_DELIVERED,
  RL_CLIENT_ALL, RL_CLIENT_ONE, RL_ENTRY_ALL, RL_ENTRY_ONE, RL_CHARGE_ALL, RL_CHARGE_ONE,
  RL_TOGGLE_ALL, RL_TOGGLE_ONE, RL_DEAD_CARD_ALL, RL_DEAD_CARD_ONE,
  RL_STATEMENT_COUNT
};
/* clang-format on */

struct rl_store {
  sqlite3 *db;
  char uid[33];
  sqlite3_stmt *statements[RL_STATEMENT_COUNT]; /* null until first needed */
};

/* The engine's error for an SQLite result code. */
enum reload_error rl_sql_error_of(int code);

/* The same, with SQLite's message. */
enum reload_error rl_sql_error(struct rl_store *store, int code, struct reload_message *message);

/* One execution of a statement. Bind its parameters in order, read its rows with rl_sql_row(), and
 * end it with rl_sql_done(). The first failure is kept in `code`; all later calls do nothing, and
 * rl_sql_done() returns it. */
struct rl_sql_call {
  struct rl_store *store;
  sqlite3_stmt *statement; /* null if it could not be prepared */
  int code;
  int next; /* the next parameter's number */
};

/* Begin an execution. The statement is prepared at its first use.
 * In:      sql  always the same for a statement
 */
struct rl_sql_call rl_sql_call(struct rl_store *store, enum rl_statement which, const char *sql);

/* Bind the next parameter. Text is borrowed until the call ends. */
void rl_sql_number(struct rl_sql_call *c, int64_t value);
void rl_sql_text(struct rl_sql_call *c, const char *value);

/* Step to the next row: true if there is one. */
bool rl_sql_row(struct rl_sql_call *c);

enum reload_error rl_sql_done(struct rl_sql_call *c, struct reload_message *message);

/* Step once and end: for a statement without rows. */
enum reload_error rl_sql_run(struct rl_sql_call *c, struct reload_message *message);

/* End a call of "SELECT min(time) ... WHERE time > ?1": *next_due_ms is 0 if there is none. */
enum reload_error rl_sql_next_due(struct rl_sql_call *c, int64_t now_ms, int64_t *next_due_ms,
                                  struct reload_message *message);

/* A column of the row; null is 0. */
int64_t rl_sql_column_number(struct rl_sql_call *c, int column);
/* Copies and zero-fills; null is "". A text that does not fit was not written by this engine: the
 * execution fails as corrupt. */
void rl_sql_column_text(struct rl_sql_call *c, int column, char *to, size_t size);

/* ---- The parts of rl_store_visit(), one for each table ---- */
enum reload_error rl_store_visit_clients(struct rl_store *store, const char *client_id,
                                         const struct reload_ledger_visitor *visitor,
                                         struct reload_message *message);
enum reload_error rl_store_visit_entries(struct rl_store *store, const char *client_id,
                                         const struct reload_ledger_visitor *visitor,
                                         struct reload_message *message);
enum reload_error rl_store_visit_charges(struct rl_store *store, const char *client_id,
                                         const struct reload_ledger_visitor *visitor,
                                         struct reload_message *message);
enum reload_error rl_store_visit_toggles(struct rl_store *store, const char *client_id,
                                         const struct reload_ledger_visitor *visitor,
                                         struct reload_message *message);
enum reload_error rl_store_visit_dead_cards(struct rl_store *store, const char *client_id,
                                            const struct reload_ledger_visitor *visitor,
                                            struct reload_message *message);

#endif
