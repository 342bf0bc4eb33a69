/* The clients, and the cards that failed for good. */
#include "store_sql.h"

#include "text.h"

#include <string.h>

#define CLIENT_COLUMNS                                                                             \
  "SELECT client_id, owner_email, customer_id, plan, card_id, card_no, card_dead,"                 \
  " (SELECT balance_tokens FROM credit_log l WHERE l.client_id = c.client_id"                      \
  "  ORDER BY entry_no DESC LIMIT 1),"                                                             \
  " (SELECT is_on FROM toggle_change t WHERE t.client_id = c.client_id"                            \
  "  ORDER BY change_no DESC LIMIT 1) FROM client c"

static void read_client(struct rl_sql_call *c, struct reload_client_row *client) {
  rl_sql_column_text(c, 0, client->client_id, sizeof client->client_id);
  rl_sql_column_text(c, 1, client->owner_email, sizeof client->owner_email);
  rl_sql_column_text(c, 2, client->customer_id, sizeof client->customer_id);
  client->plan = (enum reload_plan)rl_sql_column_number(c, 3);
  rl_sql_column_text(c, 4, client->card_id, sizeof client->card_id);
  client->card_no = rl_sql_column_number(c, 5);
  client->card_dead = rl_sql_column_number(c, 6) != 0;
  client->balance_tokens = rl_sql_column_number(c, 7);
  client->auto_reload = rl_sql_column_number(c, 8) != 0;
}

enum reload_error rl_store_client(struct rl_store *store, const char *client_id,
                                  struct reload_client_row *client,
                                  struct reload_message *message) {
  struct rl_sql_call c = rl_sql_call(store, RL_CLIENT_GET, CLIENT_COLUMNS " WHERE client_id = ?1");
  rl_sql_text(&c, client_id);
  bool found = rl_sql_row(&c);
  if (found) read_client(&c, client);
  enum reload_error error = rl_sql_done(&c, message);
  if (error != RELOAD_OK || found) return error;
  rl_message_set(message, "there is no client \"%s\"", client_id);
  return RELOAD_NOT_FOUND;
}

enum reload_error rl_store_client_insert(struct rl_store *store,
                                         const struct reload_client_row *client,
                                         struct reload_message *message) {
  struct rl_sql_call c =
      rl_sql_call(store, RL_CLIENT_INSERT,
                  "INSERT INTO client (client_id, owner_email, customer_id) VALUES (?1, ?2, ?3)");
  rl_sql_text(&c, client->client_id);
  rl_sql_text(&c, client->owner_email);
  rl_sql_text(&c, client->customer_id);
  return rl_sql_run(&c, message);
}

enum reload_error rl_store_client_update(struct rl_store *store,
                                         const struct reload_client_row *client,
                                         struct reload_message *message) {
  struct rl_sql_call c =
      rl_sql_call(store, RL_CLIENT_UPDATE,
                  "UPDATE client SET plan = ?2, card_id = nullif(?3, ''), card_no = ?4,"
                  " card_dead = ?5 WHERE client_id = ?1");
  rl_sql_text(&c, client->client_id);
  rl_sql_number(&c, client->plan);
  rl_sql_text(&c, client->card_id);
  rl_sql_number(&c, client->card_no);
  rl_sql_number(&c, client->card_dead);
  return rl_sql_run(&c, message);
}

enum reload_error rl_store_card_dies(struct rl_store *store, const char *card_id, int64_t now_ms,
                                     struct reload_message *message) {
  struct rl_sql_call dies = rl_sql_call(
      store, RL_CARD_DIES, "INSERT INTO dead_card VALUES (?1, ?2) ON CONFLICT DO NOTHING");
  rl_sql_text(&dies, card_id);
  rl_sql_number(&dies, now_ms);
  enum reload_error error = rl_sql_run(&dies, message);
  if (error != RELOAD_OK) return error;
  struct rl_sql_call all = rl_sql_call(store, RL_CARD_DEAD_FOR_ALL,
                                       "UPDATE client SET card_dead = 1 WHERE card_id = ?1");
  rl_sql_text(&all, card_id);
  return rl_sql_run(&all, message);
}

enum reload_error rl_store_card_is_dead(struct rl_store *store, const char *card_id, bool *dead,
                                        struct reload_message *message) {
  struct rl_sql_call c =
      rl_sql_call(store, RL_CARD_IS_DEAD, "SELECT 1 FROM dead_card WHERE card_id = ?1");
  rl_sql_text(&c, card_id);
  *dead = rl_sql_row(&c);
  return rl_sql_done(&c, message);
}

enum reload_error rl_store_visit_clients(struct rl_store *store, const char *client_id,
                                         const struct reload_ledger_visitor *visitor,
                                         struct reload_message *message) {
  if (!visitor->client) return RELOAD_OK;
  struct rl_sql_call c =
      client_id ? rl_sql_call(store, RL_CLIENT_ONE, CLIENT_COLUMNS " WHERE client_id = ?1")
                : rl_sql_call(store, RL_CLIENT_ALL, CLIENT_COLUMNS " ORDER BY client_id");
  if (client_id) rl_sql_text(&c, client_id);
  struct reload_client_row client;
  while (rl_sql_row(&c)) {
    memset(&client, 0, sizeof client); /* hosts may compare rows as bytes */
    read_client(&c, &client);
    if (c.code != SQLITE_OK) break;
    visitor->client(visitor->self, &client);
  }
  return rl_sql_done(&c, message);
}

static void read_dead_card(struct rl_sql_call *c, struct reload_dead_card_row *card) {
  rl_sql_column_text(c, 0, card->card_id, sizeof card->card_id);
  card->since_ms = rl_sql_column_number(c, 1);
}

enum reload_error rl_store_visit_dead_cards(struct rl_store *store, const char *client_id,
                                            const struct reload_ledger_visitor *visitor,
                                            struct reload_message *message) {
  if (!visitor->dead_card) return RELOAD_OK;
  struct rl_sql_call c =
      client_id ? rl_sql_call(store, RL_DEAD_CARD_ONE,
                              "SELECT card_id, since_ms FROM dead_card WHERE card_id IN"
                              " (SELECT card_id FROM client WHERE client_id = ?1 UNION"
                              "  SELECT card_id FROM charge WHERE client_id = ?1) ORDER BY card_id")
                : rl_sql_call(store, RL_DEAD_CARD_ALL,
                              "SELECT card_id, since_ms FROM dead_card ORDER BY card_id");
  if (client_id) rl_sql_text(&c, client_id);
  struct reload_dead_card_row dead_card;
  while (rl_sql_row(&c)) {
    memset(&dead_card, 0, sizeof dead_card); /* hosts may compare rows as bytes */
    read_dead_card(&c, &dead_card);
    if (c.code != SQLITE_OK) break;
    visitor->dead_card(visitor->self, &dead_card);
  }
  return rl_sql_done(&c, message);
}
