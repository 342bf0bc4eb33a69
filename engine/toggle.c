#include "engine.h"

#include "text.h"

#include <string.h>

/* Turning on needs a card that can be charged and an active plan; turning off needs nothing. */
static enum reload_toggle_answer toggle_judge(const struct reload_client_row *client, bool on) {
  if (client->auto_reload == on) return RELOAD_TOGGLE_ALREADY;                   /* TOGGLE-5 */
  if (!on) return RELOAD_TOGGLE_CHANGED;                                         /* TOGGLE-9 */
  if (!client->card_id[0] || client->card_dead) return RELOAD_TOGGLE_NEEDS_CARD; /* TOGGLE-2 */
  if (client->plan != RELOAD_PLAN_ACTIVE) return RELOAD_TOGGLE_NEEDS_PLAN;       /* TOGGLE-3 */
  return RELOAD_TOGGLE_CHANGED;
}

static enum reload_error toggle_change(struct reload_engine *engine, const char *client_id, bool on,
                                       enum reload_toggle_answer *answer,
                                       struct reload_message *message) {
  struct reload_client_row client;
  struct reload_toggle_row last;
  enum reload_error error = rl_store_client(engine->store, client_id, &client, message);
  if (error != RELOAD_OK) return error;
  *answer = toggle_judge(&client, on);
  if (*answer != RELOAD_TOGGLE_CHANGED) return RELOAD_OK;
  error = rl_store_toggle(engine->store, client_id, &last, message);
  if (error != RELOAD_OK) return error;
  struct reload_toggle_row next = {
      /* the change and its mail are this one row (MAIL-2) */
      .change_no = last.change_no + 1,
      .on = on,
      .at_ms = rl_now_ms(engine),
  };
  next.next_try_at_ms = next.at_ms;
  memcpy(next.client_id, client.client_id, sizeof next.client_id);
  return rl_store_toggle_insert(engine->store, &next, message);
}

enum reload_error reload_toggle_set(struct reload_engine *engine, const char *client_id, bool on,
                                    enum reload_toggle_answer *answer,
                                    struct reload_message *message) {
  if (message) message->text[0] = '\0';
  enum reload_error error = rl_text_id(client_id, "client id", message);
  if (error == RELOAD_OK) error = rl_store_begin(engine->store, true, message);
  if (error != RELOAD_OK) return error;
  return rl_store_end(engine->store, toggle_change(engine, client_id, on, answer, message),
                      message);
}
