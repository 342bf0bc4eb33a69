/* The toggle's changes, and their mails. */
#include "store_sql.h"

#include <string.h>

#define TOGGLE_COLUMNS                                                                             \
  "SELECT client_id, change_no, is_on, at_ms, delivered_at_ms, next_try_at_ms, try_count"          \
  " FROM toggle_change t"
#define FIRST_WAITING                                                                              \
  " delivered_at_ms IS NULL AND NOT EXISTS (SELECT 1 FROM toggle_change e WHERE"                   \
  " e.client_id = t.client_id AND e.change_no < t.change_no AND e.delivered_at_ms IS NULL)"

static void read_toggle(struct rl_sql_call *c, struct reload_toggle_row *toggle) {
  rl_sql_column_text(c, 0, toggle->client_id, sizeof toggle->client_id);
  toggle->change_no = rl_sql_column_number(c, 1);
  toggle->on = rl_sql_column_number(c, 2) != 0;
  toggle->at_ms = rl_sql_column_number(c, 3);
  toggle->delivered_at_ms = rl_sql_column_number(c, 4);
  toggle->next_try_at_ms = rl_sql_column_number(c, 5);
  toggle->try_count = rl_sql_column_number(c, 6);
}

enum reload_error rl_store_toggle(struct rl_store *store, const char *client_id,
                                  struct reload_toggle_row *toggle,
                                  struct reload_message *message) {
  struct rl_sql_call c =
      rl_sql_call(store, RL_TOGGLE_LAST,
                  TOGGLE_COLUMNS " WHERE client_id = ?1 ORDER BY change_no DESC LIMIT 1");
  rl_sql_text(&c, client_id);
  if (rl_sql_row(&c))
    read_toggle(&c, toggle);
  else
    *toggle = (struct reload_toggle_row){.change_no = 0};
  return rl_sql_done(&c, message);
}

enum reload_error rl_store_toggle_insert(struct rl_store *store,
                                         const struct reload_toggle_row *toggle,
                                         struct reload_message *message) {
  struct rl_sql_call c =
      rl_sql_call(store, RL_TOGGLE_INSERT,
                  "INSERT INTO toggle_change (client_id, change_no, is_on, at_ms,"
                  " next_try_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)");
  rl_sql_text(&c, toggle->client_id);
  rl_sql_number(&c, toggle->change_no);
  rl_sql_number(&c, toggle->on);
  rl_sql_number(&c, toggle->at_ms);
  rl_sql_number(&c, toggle->next_try_at_ms);
  return rl_sql_run(&c, message);
}

enum reload_error rl_store_mail_due(struct rl_store *store, int64_t now_ms, bool *found,
                                    struct reload_toggle_row *toggle, int64_t *next_due_ms,
                                    struct reload_message *message) {
  struct rl_sql_call c = rl_sql_call(store, RL_MAIL_DUE,
                                     TOGGLE_COLUMNS " WHERE next_try_at_ms <= ?1 AND" FIRST_WAITING
                                                    " ORDER BY next_try_at_ms, client_id LIMIT 1");
  rl_sql_number(&c, now_ms);
  *found = rl_sql_row(&c);
  if (*found) read_toggle(&c, toggle);
  enum reload_error error = rl_sql_done(&c, message);
  if (error != RELOAD_OK) return error;
  struct rl_sql_call next = rl_sql_call(store, RL_MAIL_NEXT_DUE,
                                        "SELECT min(next_try_at_ms) FROM toggle_change t WHERE"
                                        " next_try_at_ms > ?1 AND" FIRST_WAITING);
  return rl_sql_next_due(&next, now_ms, next_due_ms, message);
}

enum reload_error rl_store_mail_claim(struct rl_store *store,
                                      const struct reload_toggle_row *toggle,
                                      struct reload_message *message) {
  struct rl_sql_call c = rl_sql_call(store, RL_MAIL_CLAIM,
                                     "UPDATE toggle_change SET next_try_at_ms = ?3, try_count = ?4"
                                     " WHERE client_id = ?1 AND change_no = ?2");
  rl_sql_text(&c, toggle->client_id);
  rl_sql_number(&c, toggle->change_no);
  rl_sql_number(&c, toggle->next_try_at_ms);
  rl_sql_number(&c, toggle->try_count);
  return rl_sql_run(&c, message);
}

enum reload_error rl_store_mail_delivered(struct rl_store *store, const char *client_id,
                                          int64_t change_no, int64_t at_ms,
                                          struct reload_message *message) {
  struct rl_sql_call c =
      rl_sql_call(store, RL_MAIL_DELIVERED,
                  "UPDATE toggle_change SET delivered_at_ms = ?3"
                  " WHERE client_id = ?1 AND change_no = ?2 AND delivered_at_ms IS NULL");
  rl_sql_text(&c, client_id);
  rl_sql_number(&c, change_no);
  rl_sql_number(&c, at_ms);
  return rl_sql_run(&c, message);
}

enum reload_error rl_store_visit_toggles(struct rl_store *store, const char *client_id,
                                         const struct reload_ledger_visitor *visitor,
                                         struct reload_message *message) {
  if (!visitor->toggle) return RELOAD_OK;
  struct rl_sql_call c =
      client_id
          ? rl_sql_call(store, RL_TOGGLE_ONE,
                        TOGGLE_COLUMNS " WHERE client_id = ?1 ORDER BY change_no")
          : rl_sql_call(store, RL_TOGGLE_ALL, TOGGLE_COLUMNS " ORDER BY client_id, change_no");
  if (client_id) rl_sql_text(&c, client_id);
  struct reload_toggle_row toggle;
  while (rl_sql_row(&c)) {
    memset(&toggle, 0, sizeof toggle); /* hosts may compare rows as bytes */
    read_toggle(&c, &toggle);
    if (c.code != SQLITE_OK) break;
    visitor->toggle(visitor->self, &toggle);
  }
  return rl_sql_done(&c, message);
}
