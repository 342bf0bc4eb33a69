/* Delivery of the toggle's mails: pick one and claim it for a while, send it, record it. A crash
 * after sending sends it again under the same Message-ID (MAIL-3). */
#include "engine.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

static void write_mail(struct reload_engine *engine, const struct reload_toggle_row *change,
                       const struct reload_client_row *client, struct reload_mail *mail) {
  char change_no[24];
  const char *word = change->on ? "enabled" : "disabled";
  *mail = (struct reload_mail){.at_ms = change->at_ms, .is_on = change->on};
  int size = snprintf(change_no, sizeof change_no, "%lld", (long long)change->change_no);
  if (size < 0) change_no[0] = '\0'; /* a 64-bit number always fits */
  rl_make_id(engine, mail->message_id, sizeof mail->message_id, "toggle-",
             (const char *const[]){change->client_id, change_no}, 2);
  size_t used = strlen(mail->message_id);
  snprintf(mail->message_id + used, sizeof mail->message_id - used, "@reload.invalid");
  memcpy(mail->to, client->owner_email, sizeof mail->to);
  memcpy(mail->client_id, client->client_id, sizeof mail->client_id);
  snprintf(mail->subject, sizeof mail->subject, "Auto Reload %s", word);
  snprintf(mail->body, sizeof mail->body,
           "Auto Reload is now %s for client %s.\n\n"
           "You get this mail each time the setting changes, so that you always know its state.\n",
           word, client->client_id);
}

static enum reload_error delivery_pick(struct reload_engine *engine,
                                       struct reload_delivery *delivery,
                                       struct reload_message *message) {
  struct reload_toggle_row change;
  struct reload_client_row client;
  bool found = false;
  int64_t now_ms = rl_now_ms(engine);
  enum reload_error error =
      rl_store_mail_due(engine->store, now_ms, &found, &change, &delivery->wake_at_ms, message);
  if (error != RELOAD_OK) return error;
  if (!found) {
    delivery->progress = RELOAD_DONE;
    return RELOAD_OK;
  }
  change.next_try_at_ms = now_ms + rl_backoff_ms(change.try_count);
  change.try_count++;
  error = rl_store_mail_claim(engine->store, &change, message);
  if (error == RELOAD_OK)
    error = rl_store_client(engine->store, change.client_id, &client, message);
  if (error != RELOAD_OK) return error;
  write_mail(engine, &change, &client, &delivery->mail);
  memcpy(delivery->client_id, change.client_id, sizeof delivery->client_id);
  delivery->change_no = change.change_no;
  delivery->step = RELOAD_DELIVERY_SEND;
  return RELOAD_OK;
}

static enum reload_error delivery_record(struct reload_engine *engine,
                                         struct reload_delivery *delivery,
                                         struct reload_message *message) {
  delivery->step = RELOAD_DELIVERY_PICK;
  delivery->delivered_count++;
  return rl_store_mail_delivered(engine->store, delivery->client_id, delivery->change_no,
                                 rl_now_ms(engine), message);
}

static enum reload_error
delivery_transact(struct reload_engine *engine, struct reload_delivery *delivery,
                  enum reload_error (*work)(struct reload_engine *, struct reload_delivery *,
                                            struct reload_message *),
                  struct reload_message *message) {
  struct reload_delivery next = *delivery;
  enum reload_error error = rl_store_begin(engine->store, true, message);
  if (error != RELOAD_OK) return error;
  error = rl_store_end(engine->store, work(engine, &next, message), message);
  if (error == RELOAD_OK) *delivery = next;
  return error;
}

enum reload_error reload_delivery_step(struct reload_engine *engine,
                                       struct reload_delivery *delivery,
                                       struct reload_message *message) {
  if (message) message->text[0] = '\0';
  switch (delivery->step) {
    case RELOAD_DELIVERY_PICK: return delivery_transact(engine, delivery, delivery_pick, message);
    case RELOAD_DELIVERY_SEND:
      delivery->outcome = engine->mail.deliver(engine->mail.self, &delivery->mail);
      delivery->step =
          delivery->outcome == RELOAD_MAIL_ACCEPTED ? RELOAD_DELIVERY_RECORD : RELOAD_DELIVERY_PICK;
      return RELOAD_OK; /* the claim expires, and the mail is sent again (MAIL-2) */
    case RELOAD_DELIVERY_RECORD:
      return delivery_transact(engine, delivery, delivery_record, message);
  }
  rl_message_set(message, "the delivery is damaged: step %d", (int)delivery->step);
  return RELOAD_INVALID;
}

enum reload_error reload_delivery_run(struct reload_engine *engine, int64_t *wake_at_ms,
                                      struct reload_message *message) {
  struct reload_delivery delivery = {.progress = RELOAD_AGAIN};
  enum reload_error error = RELOAD_OK;
  while (error == RELOAD_OK && delivery.progress != RELOAD_DONE)
    error = reload_delivery_step(engine, &delivery, message);
  *wake_at_ms = delivery.wake_at_ms;
  return error;
}
