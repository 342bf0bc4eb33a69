/* Facts about a client from outside: each call is one transaction. None of them changes the toggle
 * (TOGGLE-8) or starts a reload (FIRE-4). */
#include "engine.h"

#include "text.h"

#include <string.h>

/* NOFIRE-7: an updated card is a new chance for declined actions, also when Checkout sets the same
 * card, authenticated. A card that failed for good stays dead in every case (NOFIRE-6). */
static enum reload_error put_card(struct reload_engine *engine, struct reload_client_row *client,
                                  const char *card_id, struct reload_message *message) {
  rl_text_keep(client->card_id, sizeof client->card_id, card_id);
  client->card_no++;
  return rl_store_card_is_dead(engine->store, card_id, &client->card_dead, message);
}

static enum reload_error check_plan(enum reload_plan plan, struct reload_message *message) {
  if (plan >= RELOAD_PLAN_NONE && plan <= RELOAD_PLAN_CANCELED) return RELOAD_OK;
  rl_message_set(message, "the plan's state %d is unknown", (int)plan);
  return RELOAD_INVALID;
}

static enum reload_error check_amount(int64_t amount, const char *what,
                                      struct reload_message *message) {
  if (amount > 0 && amount <= RELOAD_TOKENS_MAX) return RELOAD_OK;
  rl_message_set(message, "%s must be 1 to 10^15, not %lld", what, (long long)amount);
  return RELOAD_INVALID;
}

static enum reload_error account_begin(struct reload_engine *engine, const char *client_id,
                                       struct reload_client_row *client,
                                       struct reload_message *message) {
  memset(client, 0, sizeof *client);
  enum reload_error error = rl_store_begin(engine->store, true, message);
  if (error != RELOAD_OK) return error;
  error = rl_store_client(engine->store, client_id, client, message);
  return error == RELOAD_OK ? RELOAD_OK : rl_store_end(engine->store, error, message);
}

static enum reload_error account_commit(struct reload_engine *engine,
                                        struct reload_client_row *client, enum reload_error error,
                                        struct reload_message *message) {
  if (error == RELOAD_OK) error = rl_store_client_update(engine->store, client, message);
  return rl_store_end(engine->store, error, message);
}

/* One payment buys once: an intent that another checkout has used cannot pay again. */
static enum reload_error check_unused(struct reload_engine *engine, const char *intent_id,
                                      struct reload_message *message) {
  struct rl_purchase purchase = {.reversed_tokens = 0};
  bool used = false;
  enum reload_error error =
      rl_store_purchase(engine->store, intent_id, "", &used, &purchase, message);
  if (error != RELOAD_OK || !used) return error;
  rl_message_set(message, "intent \"%s\" has paid for \"%s\" already", intent_id,
                 purchase.entry.reference);
  return RELOAD_CONFLICT;
}

/* Append the purchase or grant. *again: it is already in the log, so nothing is left to do. */
static enum reload_error enter_once(struct reload_engine *engine, struct reload_entry_row *entry,
                                    bool *again, struct reload_message *message) {
  struct reload_entry_row known;
  enum reload_error error = rl_store_entry(engine->store, entry->client_id, entry->kind,
                                           entry->reference, again, &known, message);
  if (error != RELOAD_OK) return error;
  if (!*again) {
    if (entry->intent_id[0]) error = check_unused(engine, entry->intent_id, message);
    if (error != RELOAD_OK) return error;
    entry->at_ms = rl_now_ms(engine);
    return rl_store_entry_append(engine->store, entry, message);
  }
  if (known.tokens == entry->tokens && known.amount_minor == entry->amount_minor &&
      strcmp(known.intent_id, entry->intent_id) == 0)
    return RELOAD_OK;
  rl_message_set(message, "\"%s\" was entered before with another amount; use a new id",
                 entry->reference);
  return RELOAD_CONFLICT;
}

enum reload_error reload_client_add(struct reload_engine *engine, const char *client_id,
                                    const char *owner_email, const char *customer_id,
                                    struct reload_message *message) {
  struct reload_client_row known, client = {.plan = RELOAD_PLAN_NONE};
  if (message) message->text[0] = '\0';
  enum reload_error error = rl_text_id(client_id, "client id", message);
  if (error == RELOAD_OK) error = rl_text_email(owner_email, "owner's email", message);
  if (error == RELOAD_OK) error = rl_text_id(customer_id, "customer id", message);
  if (error == RELOAD_OK) error = rl_store_begin(engine->store, true, message);
  if (error != RELOAD_OK) return error;
  rl_text_keep(client.client_id, sizeof client.client_id, client_id);
  rl_text_keep(client.owner_email, sizeof client.owner_email, owner_email);
  rl_text_keep(client.customer_id, sizeof client.customer_id, customer_id);
  error = rl_store_client(engine->store, client_id, &known, message);
  if (error == RELOAD_NOT_FOUND) {
    if (message) message->text[0] = '\0';
    error = rl_store_client_insert(engine->store, &client, message);
  } else if (error == RELOAD_OK && (strcmp(known.owner_email, owner_email) != 0 ||
                                    strcmp(known.customer_id, customer_id) != 0)) {
    rl_message_set(message, "client \"%s\" exists with another owner or customer", client_id);
    error = RELOAD_CONFLICT;
  }
  return rl_store_end(engine->store, error, message);
}

enum reload_error reload_plan_set(struct reload_engine *engine, const char *client_id,
                                  enum reload_plan plan, struct reload_message *message) {
  struct reload_client_row client;
  if (message) message->text[0] = '\0';
  enum reload_error error = rl_text_id(client_id, "client id", message);
  if (error == RELOAD_OK) error = check_plan(plan, message);
  if (error == RELOAD_OK) error = account_begin(engine, client_id, &client, message);
  if (error != RELOAD_OK) return error;
  client.plan = plan;
  return account_commit(engine, &client, RELOAD_OK, message);
}

enum reload_error reload_card_set(struct reload_engine *engine, const char *client_id,
                                  const char *card_id, struct reload_message *message) {
  struct reload_client_row client;
  if (message) message->text[0] = '\0';
  enum reload_error error = rl_text_id(client_id, "client id", message);
  if (error == RELOAD_OK) error = rl_text_id(card_id, "card id", message);
  if (error == RELOAD_OK) error = account_begin(engine, client_id, &client, message);
  if (error != RELOAD_OK) return error;
  if (strcmp(client.card_id, card_id) != 0) /* a repeated call does not count as an update */
    error = put_card(engine, &client, card_id, message);
  return account_commit(engine, &client, error, message);
}

enum reload_error reload_card_remove(struct reload_engine *engine, const char *client_id,
                                     struct reload_message *message) {
  struct reload_client_row client;
  if (message) message->text[0] = '\0';
  enum reload_error error = rl_text_id(client_id, "client id", message);
  if (error == RELOAD_OK) error = account_begin(engine, client_id, &client, message);
  if (error != RELOAD_OK) return error;
  memset(client.card_id, 0, sizeof client.card_id);
  client.card_dead = false;
  return account_commit(engine, &client, RELOAD_OK, message);
}

enum reload_error reload_pack_add(struct reload_engine *engine, const char *client_id,
                                  const char *checkout_id, const char *intent_id, int64_t tokens,
                                  int64_t amount_minor, const char *card_id,
                                  struct reload_message *message) {
  struct reload_client_row client;
  bool again = false;
  if (message) message->text[0] = '\0';
  enum reload_error error = rl_text_id(client_id, "client id", message);
  if (error == RELOAD_OK) error = rl_text_id(checkout_id, "checkout id", message);
  if (error == RELOAD_OK) error = rl_text_id(intent_id, "intent id", message);
  if (error == RELOAD_OK) error = rl_text_id(card_id, "card id", message);
  if (error == RELOAD_OK) error = check_amount(tokens, "tokens", message);
  if (error == RELOAD_OK) error = check_amount(amount_minor, "amount_minor", message);
  if (error == RELOAD_OK) error = account_begin(engine, client_id, &client, message);
  if (error != RELOAD_OK) return error;
  struct reload_entry_row entry = {
      .kind = RELOAD_ENTRY_PACK, .tokens = tokens, .amount_minor = amount_minor};
  rl_text_keep(entry.client_id, sizeof entry.client_id, client_id);
  rl_text_keep(entry.reference, sizeof entry.reference, checkout_id);
  rl_text_keep(entry.intent_id, sizeof entry.intent_id, intent_id);
  error = enter_once(engine, &entry, &again, message);
  if (error == RELOAD_OK && !again) /* OUT-1; a repeated call does not set the card */
    error = put_card(engine, &client, card_id, message);
  return account_commit(engine, &client, error, message);
}

enum reload_error reload_plan_change(struct reload_engine *engine, const char *client_id,
                                     enum reload_plan plan, const char *card_id,
                                     struct reload_message *message) {
  struct reload_client_row client;
  if (message) message->text[0] = '\0';
  enum reload_error error = rl_text_id(client_id, "client id", message);
  if (error == RELOAD_OK) error = check_plan(plan, message);
  if (error == RELOAD_OK) error = rl_text_id(card_id, "card id", message);
  if (error == RELOAD_OK) error = account_begin(engine, client_id, &client, message);
  if (error != RELOAD_OK) return error;
  client.plan = plan; /* OUT-2 */
  error = put_card(engine, &client, card_id, message);
  return account_commit(engine, &client, error, message);
}

enum reload_error reload_cycle_grant(struct reload_engine *engine, const char *client_id,
                                     const char *cycle_id, int64_t tokens,
                                     struct reload_message *message) {
  struct reload_client_row client;
  bool again = false;
  if (message) message->text[0] = '\0';
  enum reload_error error = rl_text_id(client_id, "client id", message);
  if (error == RELOAD_OK) error = rl_text_id(cycle_id, "cycle id", message);
  if (error == RELOAD_OK) error = check_amount(tokens, "tokens", message);
  if (error == RELOAD_OK) error = account_begin(engine, client_id, &client, message);
  if (error != RELOAD_OK) return error;
  struct reload_entry_row entry = {.kind = RELOAD_ENTRY_GRANT, .tokens = tokens}; /* OUT-3 */
  rl_text_keep(entry.client_id, sizeof entry.client_id, client_id);
  rl_text_keep(entry.reference, sizeof entry.reference, cycle_id);
  error = enter_once(engine, &entry, &again, message);
  return rl_store_end(engine->store, error, message);
}
