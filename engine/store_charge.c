/* The attempts to charge a card. */
#include "store_sql.h"

#include "enum_sql.h"

#include <string.h>

#define CHARGE_COLUMNS                                                                             \
  "SELECT charge_id, client_id, action_id, cost_tokens, top_up_tokens, amount_minor, currency,"    \
  " card_id, card_no, state, intent_id, decline_code, fired_at_ms, fired_under_change_no,"         \
  " recover_at_ms, try_count, ended_at_ms, action_kind FROM charge"

static void read_charge_row(struct rl_sql_call *c, struct reload_charge_row *charge) {
  rl_sql_column_text(c, 0, charge->charge_id, sizeof charge->charge_id);
  rl_sql_column_text(c, 1, charge->client_id, sizeof charge->client_id);
  rl_sql_column_text(c, 2, charge->action_id, sizeof charge->action_id);
  charge->cost_tokens = rl_sql_column_number(c, 3);
  charge->top_up_tokens = rl_sql_column_number(c, 4);
  charge->amount_minor = rl_sql_column_number(c, 5);
  rl_sql_column_text(c, 6, charge->currency, sizeof charge->currency);
  rl_sql_column_text(c, 7, charge->card_id, sizeof charge->card_id);
  charge->card_no = rl_sql_column_number(c, 8);
  charge->state = (enum reload_charge_state)rl_sql_column_number(c, 9);
  rl_sql_column_text(c, 10, charge->intent_id, sizeof charge->intent_id);
  rl_sql_column_text(c, 11, charge->decline_code, sizeof charge->decline_code);
  charge->fired_at_ms = rl_sql_column_number(c, 12);
  charge->fired_under_change_no = rl_sql_column_number(c, 13);
  charge->recover_at_ms = rl_sql_column_number(c, 14);
  charge->try_count = rl_sql_column_number(c, 15);
  charge->ended_at_ms = rl_sql_column_number(c, 16);
  charge->action_kind = (enum reload_action_kind)rl_sql_column_number(c, 17);
}

static enum reload_error one_charge(struct rl_sql_call *c, bool *found,
                                    struct reload_charge_row *charge,
                                    struct reload_message *message) {
  *found = rl_sql_row(c);
  if (*found) read_charge_row(c, charge);
  return rl_sql_done(c, message);
}

enum reload_error rl_store_charge(struct rl_store *store, const char *charge_id, bool *found,
                                  struct reload_charge_row *charge,
                                  struct reload_message *message) {
  struct rl_sql_call c = rl_sql_call(store, RL_CHARGE_GET, CHARGE_COLUMNS " WHERE charge_id = ?1");
  rl_sql_text(&c, charge_id);
  return one_charge(&c, found, charge, message);
}

enum reload_error rl_store_charge_by_intent(struct rl_store *store, const char *intent_id,
                                            bool *found, struct reload_charge_row *charge,
                                            struct reload_message *message) {
  struct rl_sql_call c =
      rl_sql_call(store, RL_CHARGE_BY_INTENT, CHARGE_COLUMNS " WHERE intent_id = ?1");
  rl_sql_text(&c, intent_id);
  return one_charge(&c, found, charge, message);
}

enum reload_error rl_store_charge_pending(struct rl_store *store, const char *client_id,
                                          bool *found, struct reload_charge_row *charge,
                                          struct reload_message *message) {
  struct rl_sql_call c =
      rl_sql_call(store, RL_CHARGE_PENDING,
                  CHARGE_COLUMNS " WHERE client_id = ?1 AND state < " SQL_CHARGE_CAPTURED);
  rl_sql_text(&c, client_id);
  return one_charge(&c, found, charge, message);
}

enum reload_error rl_store_charge_due(struct rl_store *store, int64_t now_ms, bool *found,
                                      struct reload_charge_row *charge, int64_t *next_due_ms,
                                      struct reload_message *message) {
  struct rl_sql_call c =
      rl_sql_call(store, RL_CHARGE_DUE,
                  CHARGE_COLUMNS " WHERE state < " SQL_CHARGE_CAPTURED " AND recover_at_ms <= ?1"
                                 " ORDER BY recover_at_ms, charge_id LIMIT 1");
  rl_sql_number(&c, now_ms);
  enum reload_error error = one_charge(&c, found, charge, message);
  if (error != RELOAD_OK) return error;
  struct rl_sql_call next =
      rl_sql_call(store, RL_CHARGE_NEXT_DUE,
                  "SELECT min(recover_at_ms) FROM charge WHERE state < " SQL_CHARGE_CAPTURED
                  " AND recover_at_ms > ?1");
  return rl_sql_next_due(&next, now_ms, next_due_ms, message);
}

enum reload_error rl_store_attempts(struct rl_store *store, const struct reload_spend *spend,
                                    int64_t card_no, struct rl_attempts *attempts,
                                    struct reload_message *message) {
  struct rl_sql_call c = rl_sql_call(
      store, RL_CHARGE_ATTEMPTS,
      "SELECT count(*) FILTER (WHERE client_id = ?1),"
      " (SELECT decline_code FROM charge d WHERE d.action_id = ?2"
      "  AND d.client_id = ?1 AND d.card_no = ?3 AND d.state = " SQL_CHARGE_CLOSED
      "  AND d.decline_code <> '' ORDER BY d.ended_at_ms DESC LIMIT 1),"
      " coalesce(max(client_id = ?1 AND state = " SQL_CHARGE_CAPTURED "), 0),"
      " coalesce(max(state < " SQL_CHARGE_CAPTURED " AND (client_id <> ?1 OR cost_tokens <> ?4"
      " OR action_kind <> ?5)), 0) FROM charge WHERE action_id = ?2");
  rl_sql_text(&c, spend->client_id);
  rl_sql_text(&c, spend->action_id);
  rl_sql_number(&c, card_no);
  rl_sql_number(&c, spend->cost_tokens);
  rl_sql_number(&c, spend->kind);
  *attempts = (struct rl_attempts){.count = 0};
  if (rl_sql_row(&c)) {
    attempts->count = rl_sql_column_number(&c, 0);
    rl_sql_column_text(&c, 1, attempts->decline_code, sizeof attempts->decline_code);
    attempts->captured = rl_sql_column_number(&c, 2) != 0;
    attempts->conflict = rl_sql_column_number(&c, 3) != 0;
  }
  return rl_sql_done(&c, message);
}

enum reload_error rl_store_charge_insert(struct rl_store *store,
                                         const struct reload_charge_row *charge,
                                         struct reload_message *message) {
  struct rl_sql_call c = rl_sql_call(
      store, RL_CHARGE_INSERT,
      "INSERT INTO charge (charge_id, client_id, action_id, cost_tokens,"
      " top_up_tokens, amount_minor, currency, card_id, card_no, state,"
      " fired_at_ms, fired_under_change_no, recover_at_ms, action_kind)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, " SQL_CHARGE_CREATED ", ?10, ?11, ?12, ?13)");
  rl_sql_text(&c, charge->charge_id);
  rl_sql_text(&c, charge->client_id);
  rl_sql_text(&c, charge->action_id);
  rl_sql_number(&c, charge->cost_tokens);
  rl_sql_number(&c, charge->top_up_tokens);
  rl_sql_number(&c, charge->amount_minor);
  rl_sql_text(&c, charge->currency);
  rl_sql_text(&c, charge->card_id);
  rl_sql_number(&c, charge->card_no);
  rl_sql_number(&c, charge->fired_at_ms);
  rl_sql_number(&c, charge->fired_under_change_no);
  rl_sql_number(&c, charge->recover_at_ms);
  rl_sql_number(&c, charge->action_kind);
  return rl_sql_run(&c, message);
}

enum reload_error rl_store_charge_update(struct rl_store *store,
                                         const struct reload_charge_row *charge,
                                         int64_t top_up_entry_no, struct reload_message *message) {
  struct rl_sql_call c = rl_sql_call(
      store, RL_CHARGE_UPDATE,
      "UPDATE charge SET state = ?2, intent_id = nullif(?3, ''),"
      " decline_code = ?4, recover_at_ms = iif(?2 < " SQL_CHARGE_CAPTURED
      ", ?5, NULL), try_count = ?6,"
      " ended_at_ms = iif(?2 < " SQL_CHARGE_CAPTURED ", NULL, ?7), top_up_entry_no = nullif(?8, 0)"
      " WHERE charge_id = ?1");
  rl_sql_text(&c, charge->charge_id);
  rl_sql_number(&c, charge->state);
  rl_sql_text(&c, charge->intent_id);
  rl_sql_text(&c, charge->decline_code);
  rl_sql_number(&c, charge->recover_at_ms);
  rl_sql_number(&c, charge->try_count);
  rl_sql_number(&c, charge->ended_at_ms);
  rl_sql_number(&c, top_up_entry_no);
  return rl_sql_run(&c, message);
}

enum reload_error rl_store_visit_charges(struct rl_store *store, const char *client_id,
                                         const struct reload_ledger_visitor *visitor,
                                         struct reload_message *message) {
  if (!visitor->charge) return RELOAD_OK;
  struct rl_sql_call c =
      client_id
          ? rl_sql_call(store, RL_CHARGE_ONE,
                        CHARGE_COLUMNS " WHERE client_id = ?1 ORDER BY fired_at_ms, charge_id")
          : rl_sql_call(store, RL_CHARGE_ALL,
                        CHARGE_COLUMNS " ORDER BY client_id, fired_at_ms, charge_id");
  if (client_id) rl_sql_text(&c, client_id);
  struct reload_charge_row charge;
  while (rl_sql_row(&c)) {
    memset(&charge, 0, sizeof charge); /* hosts may compare rows as bytes */
    read_charge_row(&c, &charge);
    if (c.code != SQLITE_OK) break;
    visitor->charge(visitor->self, &charge);
  }
  return rl_sql_done(&c, message);
}
