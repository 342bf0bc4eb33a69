/* See card_kit.h. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "card_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct fake_card_behaviour bank_normal = {FAKE_CARD_NORMAL, NULL, 0};

static struct fake_card_behaviour choose(void *self, enum fake_card_call call, const char *about) {
  struct bank *bank = self;
  struct fake_card_behaviour chosen = bank->next;
  bank->next = (struct fake_card_behaviour){0};
  bank->asked++;
  bank->asked_call = call;
  (void)snprintf(bank->asked_about, sizeof bank->asked_about, "%s", about);
  return chosen;
}

struct bank *bank_new(void) {
  struct bank *bank = malloc(sizeof *bank);
  assert_non_null(bank);
  memset(bank, 0xA5, sizeof *bank); /* unused memory must not matter */
  fake_card_init(&bank->card);
  fake_clock_init(&bank->clock, NOON);
  bank->bench = (struct fake_card_fixture){
      .card = &bank->card, .clock = &bank->clock, .chooser = bank, .choose = choose};
  bank->port = fake_card_port(&bank->bench);
  bank->next = (struct fake_card_behaviour){0};
  bank->asked = 0;
  return bank;
}

int bank_set_up(void **state) {
  *state = bank_new();
  return 0;
}

int bank_tear_down(void **state) {
  free(*state);
  return 0;
}

struct reload_intent_request bank_request_for(const char *key, const char *card_id) {
  return (struct reload_intent_request){.idempotency_key = key,
                                        .customer_id = "cus_acme",
                                        .card_id = card_id,
                                        .currency = "usd",
                                        .amount_minor = 1000,
                                        .client_id = "acme",
                                        .action_id = "creative-7"};
}

struct reload_card_reply bank_post(struct bank *bank, const struct reload_intent_request *what) {
  struct reload_card_reply reply;
  memset(&reply, 0, sizeof reply);
  bank->port.intent_create(bank->port.self, what, &reply);
  return reply;
}

struct reload_card_reply bank_create(struct bank *bank, const char *key, const char *card_id) {
  struct reload_intent_request request = bank_request_for(key, card_id);
  return bank_post(bank, &request);
}

struct reload_card_reply bank_confirm(struct bank *bank, const char *id, const char *key) {
  struct reload_card_reply reply;
  memset(&reply, 0, sizeof reply);
  bank->port.intent_confirm(bank->port.self, id, key, &reply);
  return reply;
}

struct reload_card_reply bank_cancel(struct bank *bank, const char *id) {
  struct reload_card_reply reply;
  memset(&reply, 0, sizeof reply);
  bank->port.intent_cancel(bank->port.self, id, &reply);
  return reply;
}

const struct fake_card_intent *bank_intent(const struct bank *bank, const char *id) {
  const struct fake_card_intent *found = fake_card_find_intent(&bank->card, id);
  assert_non_null(found);
  return found;
}

struct reload_card_reply bank_charge(struct bank *bank, const char *card_id,
                                     struct fake_card_behaviour behaviour,
                                     char id[RELOAD_ID_SIZE]) {
  struct reload_card_reply created = bank_create(bank, "k", card_id);
  assert_int_equal(created.outcome, RELOAD_CARD_ANSWERED);
  (void)snprintf(id, RELOAD_ID_SIZE, "%s", created.intent_id);
  bank->next = behaviour;
  return bank_confirm(bank, id, "k/confirm");
}

void bank_assert_reply(const struct reload_card_reply *reply, enum reload_card_outcome outcome,
                       const char *code) {
  assert_int_equal(reply->outcome, outcome);
  assert_string_equal(reply->code, code);
}

void bank_assert_answer(const struct reload_card_reply *reply, enum reload_intent_status status,
                        const char *code, const char *decline_code) {
  bank_assert_reply(reply, RELOAD_CARD_ANSWERED, code);
  assert_int_equal(reply->status, status);
  assert_string_equal(reply->decline_code, decline_code);
  assert_int_equal(strlen(reply->intent_id), 35);
}

const char *bank_events(const struct bank *bank) {
  static char text[FAKE_CARD_MAX_EVENTS + 1];
  static const char letters[] = "SFCARXDWL";
  for (int32_t i = 0; i < bank->card.event_count; i++) {
    text[i] = letters[bank->card.events[i].kind];
  }
  text[bank->card.event_count] = '\0';
  return text;
}
