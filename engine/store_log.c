/* The credit log. */
#include "store_sql.h"

#include "enum_sql.h"
#include "text.h"

#include <string.h>

#define ENTRY_COLUMNS                                                                              \
  "SELECT client_id, entry_no, kind, tokens, balance_tokens, reference, action_id, intent_id,"     \
  " amount_minor, at_ms, action_kind FROM credit_log"

static void read_entry(struct rl_sql_call *c, struct reload_entry_row *entry) {
  rl_sql_column_text(c, 0, entry->client_id, sizeof entry->client_id);
  entry->entry_no = rl_sql_column_number(c, 1);
  entry->kind = (enum reload_entry_kind)rl_sql_column_number(c, 2);
  entry->tokens = rl_sql_column_number(c, 3);
  entry->balance_tokens = rl_sql_column_number(c, 4);
  rl_sql_column_text(c, 5, entry->reference, sizeof entry->reference);
  rl_sql_column_text(c, 6, entry->action_id, sizeof entry->action_id);
  rl_sql_column_text(c, 7, entry->intent_id, sizeof entry->intent_id);
  entry->amount_minor = rl_sql_column_number(c, 8);
  entry->at_ms = rl_sql_column_number(c, 9);
  entry->action_kind = (enum reload_action_kind)rl_sql_column_number(c, 10);
}

enum reload_error rl_store_entry_append(struct rl_store *store, struct reload_entry_row *entry,
                                        struct reload_message *message) {
  struct rl_sql_call last =
      rl_sql_call(store, RL_ENTRY_LAST,
                  "SELECT entry_no, balance_tokens FROM credit_log WHERE client_id = ?1"
                  " ORDER BY entry_no DESC LIMIT 1");
  rl_sql_text(&last, entry->client_id);
  bool found = rl_sql_row(&last);
  entry->entry_no = (found ? rl_sql_column_number(&last, 0) : 0) + 1;
  entry->balance_tokens = (found ? rl_sql_column_number(&last, 1) : 0) + entry->tokens;
  enum reload_error error = rl_sql_done(&last, message);
  if (error != RELOAD_OK) return error;
  /* Only what a host adds may be refused: captured money is credited wherever the balance stands
   * (MONEY-2), and adds at most one top-up beyond the limit. */
  bool added = entry->kind == RELOAD_ENTRY_GRANT || entry->kind == RELOAD_ENTRY_PACK;
  if (added && entry->balance_tokens > RELOAD_TOKENS_MAX) {
    rl_message_set(message, "the balance of \"%s\" would be more than 10^15 tokens",
                   entry->client_id);
    return RELOAD_INVALID;
  }
  struct rl_sql_call c =
      rl_sql_call(store, RL_ENTRY_INSERT,
                  "INSERT INTO credit_log VALUES (?1, ?2, ?3, ?4, ?5, ?6, nullif(?7, ''),"
                  " iif(?3 = " SQL_ENTRY_SPEND ", ?8, NULL), nullif(?9, ''), ?10, ?11)");
  rl_sql_text(&c, entry->client_id);
  rl_sql_number(&c, entry->entry_no);
  rl_sql_number(&c, entry->kind);
  rl_sql_number(&c, entry->tokens);
  rl_sql_number(&c, entry->balance_tokens);
  rl_sql_text(&c, entry->reference);
  rl_sql_text(&c, entry->action_id);
  rl_sql_number(&c, entry->action_kind);
  rl_sql_text(&c, entry->intent_id);
  rl_sql_number(&c, entry->amount_minor);
  rl_sql_number(&c, entry->at_ms);
  return rl_sql_run(&c, message);
}

enum reload_error rl_store_action(struct rl_store *store, const char *action_id, bool *found,
                                  struct rl_done_action *action, struct reload_message *message) {
  struct rl_sql_call c = rl_sql_call(
      store, RL_ENTRY_ACTION,
      "SELECT client_id, -tokens, action_kind, EXISTS (SELECT 1 FROM charge g"
      " WHERE g.action_id = ?1 AND g.client_id = l.client_id AND g.state = " SQL_CHARGE_CAPTURED ")"
      " FROM credit_log l WHERE kind = " SQL_ENTRY_SPEND " AND reference = ?1");
  rl_sql_text(&c, action_id);
  *found = rl_sql_row(&c);
  if (*found) {
    rl_sql_column_text(&c, 0, action->client_id, sizeof action->client_id);
    action->cost_tokens = rl_sql_column_number(&c, 1);
    action->kind = (enum reload_action_kind)rl_sql_column_number(&c, 2);
    action->reloaded = rl_sql_column_number(&c, 3) != 0;
  }
  return rl_sql_done(&c, message);
}

enum reload_error rl_store_entry(struct rl_store *store, const char *client_id,
                                 enum reload_entry_kind kind, const char *reference, bool *found,
                                 struct reload_entry_row *entry, struct reload_message *message) {
  struct rl_sql_call c =
      rl_sql_call(store, RL_ENTRY_GET,
                  ENTRY_COLUMNS " WHERE client_id = ?1 AND kind = ?2 AND kind < " SQL_ENTRY_SPEND
                                " AND reference = ?3");
  rl_sql_text(&c, client_id);
  rl_sql_number(&c, kind);
  rl_sql_text(&c, reference);
  *found = rl_sql_row(&c);
  if (*found) read_entry(&c, entry);
  return rl_sql_done(&c, message);
}

enum reload_error rl_store_purchase(struct rl_store *store, const char *intent_id,
                                    const char *reference, bool *found,
                                    struct rl_purchase *purchase, struct reload_message *message) {
  struct rl_sql_call c = rl_sql_call(
      store, RL_ENTRY_PURCHASE,
      ENTRY_COLUMNS " WHERE intent_id = ?1 AND kind IN (" SQL_ENTRY_PACK ", " SQL_ENTRY_TOP_UP ")");
  rl_sql_text(&c, intent_id);
  *found = rl_sql_row(&c);
  if (*found) read_entry(&c, &purchase->entry);
  enum reload_error error = rl_sql_done(&c, message);
  if (error != RELOAD_OK || !*found) return error;
  struct rl_sql_call reversed =
      rl_sql_call(store, RL_ENTRY_REVERSED,
                  "SELECT coalesce(sum(-tokens), 0), coalesce(sum(amount_minor), 0),"
                  " coalesce(sum(amount_minor) FILTER (WHERE reference = 'refund'), 0),"
                  " coalesce(max(reference = ?2), 0)"
                  " FROM credit_log WHERE intent_id = ?1 AND kind = " SQL_ENTRY_REVERSAL);
  rl_sql_text(&reversed, intent_id);
  rl_sql_text(&reversed, reference);
  if (rl_sql_row(&reversed)) {
    purchase->reversed_tokens = rl_sql_column_number(&reversed, 0);
    purchase->reversed_minor = rl_sql_column_number(&reversed, 1);
    purchase->refunded_minor = rl_sql_column_number(&reversed, 2);
    purchase->dispute_known = rl_sql_column_number(&reversed, 3) != 0;
  }
  return rl_sql_done(&reversed, message);
}

enum reload_error rl_store_visit_entries(struct rl_store *store, const char *client_id,
                                         const struct reload_ledger_visitor *visitor,
                                         struct reload_message *message) {
  if (!visitor->entry) return RELOAD_OK;
  struct rl_sql_call c =
      client_id ? rl_sql_call(store, RL_ENTRY_ONE,
                              ENTRY_COLUMNS " WHERE client_id = ?1 ORDER BY entry_no")
                : rl_sql_call(store, RL_ENTRY_ALL, ENTRY_COLUMNS " ORDER BY client_id, entry_no");
  if (client_id) rl_sql_text(&c, client_id);
  struct reload_entry_row entry;
  while (rl_sql_row(&c)) {
    memset(&entry, 0, sizeof entry); /* hosts may compare rows as bytes */
    read_entry(&c, &entry);
    if (c.code != SQLITE_OK) break;
    visitor->entry(visitor->self, &entry);
  }
  return rl_sql_done(&c, message);
}
