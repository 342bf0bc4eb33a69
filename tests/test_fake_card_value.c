/* The card gateway as a value: its events, hashes, copies and limits. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "card_kit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Events -------------------------------------------------------------------------------- */

static const char *text_at(const json_t *root, const char *outer, const char *key) {
  const json_t *object = json_object_get(json_object_get(root, "data"), "object");
  if (outer != NULL) {
    object = json_object_get(object, outer);
  }
  const char *text = json_string_value(json_object_get(object, key));
  return text == NULL ? "" : text;
}

static json_t *render(const struct bank *bank, int32_t index) {
  char body[FAKE_CARD_BODY_SIZE], signature[FAKE_CARD_SIGNATURE_SIZE];
  int size = fake_card_event_render(&bank->card, index, "whsec_x", NOON, body, sizeof body,
                                    signature, sizeof signature);
  assert_true(size > 0);
  assert_int_equal((size_t)size, strlen(body));
  json_t *root = json_loads(body, JSON_REJECT_DUPLICATES, NULL);
  assert_non_null(root);
  assert_string_equal(json_string_value(json_object_get(root, "object")), "event");
  assert_true(strncmp(json_string_value(json_object_get(root, "id")), "evt_", 4) == 0);
  return root;
}

enum deed { CANCEL, REFUND, WIN, LOSE, WAIT, NOTHING };
static const struct shape_row {
  enum fake_card_behaviour_kind kind;
  const char *card_id;
  enum deed deed;
  int32_t index;
  const char *type, *object, *status, *amount_key;
  int64_t amount;
} shape_rows[] = {
    {FAKE_CARD_NORMAL, "pm_card_visa", NOTHING, 0, "payment_intent.succeeded", "payment_intent",
     "succeeded", "amount_received", 1000},
    {FAKE_CARD_NORMAL, "pm_card_visa_chargeDeclinedLostCard", NOTHING, 0,
     "payment_intent.payment_failed", "payment_intent", "requires_payment_method", "amount", 1000},
    {FAKE_CARD_3D_SECURE, "pm_card_visa", NOTHING, 0, "payment_intent.requires_action",
     "payment_intent", "requires_action", "amount_received", 0},
    {FAKE_CARD_3D_SECURE, "pm_card_visa", CANCEL, 1, "payment_intent.canceled", "payment_intent",
     "canceled", "amount_received", 0},
    {FAKE_CARD_NORMAL, "pm_card_visa", REFUND, 1, "charge.refunded", "charge", "",
     "amount_refunded", 400},
    {FAKE_CARD_NORMAL, "pm_card_refundFail", REFUND, 2, "refund.failed", "refund", "failed",
     "amount", 400},
    {FAKE_CARD_NORMAL, "pm_card_createDispute", WAIT, 1, "charge.dispute.created", "dispute",
     "needs_response", "amount", 1000},
    {FAKE_CARD_NORMAL, "pm_card_visa", WIN, 2, "charge.dispute.closed", "dispute", "won", "amount",
     1000},
    {FAKE_CARD_NORMAL, "pm_card_visa", LOSE, 2, "charge.dispute.closed", "dispute", "lost",
     "amount", 1000},
};

static void events_have_the_gateways_shape(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(shape_rows); i++) {
    const struct shape_row *row = &shape_rows[i];
    struct bank *bank = bank_new();
    char id[RELOAD_ID_SIZE];
    struct fake_card_behaviour behaviour = {row->kind, NULL, 0};
    (void)bank_charge(bank, row->card_id, behaviour, id);
    if (row->deed == CANCEL) {
      (void)bank_cancel(bank, id);
    } else if (row->deed == REFUND) {
      assert_true(fake_card_refund(&bank->card, id, 400, NOON));
    } else if (row->deed == WIN || row->deed == LOSE) {
      assert_true(fake_card_dispute(&bank->card, id, row->deed == WIN, NOON));
    }
    fake_card_advance(&bank->card, NOON + HOUR);
    json_t *root = render(bank, row->index);
    assert_string_equal(json_string_value(json_object_get(root, "type")), row->type);
    assert_string_equal(text_at(root, NULL, "object"), row->object);
    assert_string_equal(text_at(root, NULL, "status"), row->status);
    bool of_intent = strcmp(row->object, "payment_intent") == 0;
    assert_string_equal(text_at(root, NULL, of_intent ? "id" : "payment_intent"), id);
    assert_string_equal(text_at(root, "metadata", "client_id"), "acme");
    assert_string_equal(text_at(root, "metadata", "action_id"), "creative-7");
    bool declined = strcmp(row->type, "payment_intent.payment_failed") == 0;
    assert_string_equal(text_at(root, "last_payment_error", "decline_code"),
                        declined ? "lost_card" : "");
    const json_t *object = json_object_get(json_object_get(root, "data"), "object");
    assert_int_equal(json_integer_value(json_object_get(object, row->amount_key)), row->amount);
    assert_int_equal(json_integer_value(json_object_get(root, "created")),
                     bank->card.events[row->index].at_ms / 1000);
    json_decref(root);
    free(bank);
  }
}

#define EXPECTED_BODY                                                                              \
  "{\"id\":\"evt_96f41e208e7248a900961bef135595aa\",\"object\":\"event\","                         \
  "\"type\":\"payment_intent.succeeded\",\"created\":1768478400,\"livemode\":false,"               \
  "\"data\":{\"object\":{\"id\":\"pi_1\",\"object\":\"payment_intent\",\"amount\":5000,"           \
  "\"amount_received\":5000,\"currency\":\"usd\",\"status\":\"succeeded\","                        \
  "\"last_payment_error\":null,\"metadata\":{\"client_id\":\"acme\",\"checkout_id\":\"p1\"}}}}"

/* The expected signature was made with another program's HMAC over "1768478400.BODY". */
static void events_are_signed(void **state) {
  struct bank *bank = *state;
  struct fake_card_payment payment = {"pi_1", "acme", "p1", "pm_card_visa", "usd", 5000};
  assert_true(fake_card_add_paid_intent(&bank->card, &payment, NOON));
  char body[FAKE_CARD_BODY_SIZE], signature[FAKE_CARD_SIGNATURE_SIZE];
  int size = fake_card_event_render(&bank->card, 0, "whsec_x", NOON + 999, body, sizeof body,
                                    signature, sizeof signature);
  assert_true(size > 0);
  assert_string_equal(body, EXPECTED_BODY);
  assert_string_equal(signature,
                      "t=1768478400,v1="
                      "dafc25d8a838fbd29e2f019488dfc3aa19c99ce753675fb63e8c3386c95a93b1");
}

static void odd_events_are_not_written(void **state) {
  struct bank *bank = *state;
  char id[RELOAD_ID_SIZE], event_id[FAKE_CARD_EVENT_ID_SIZE];
  char body[FAKE_CARD_BODY_SIZE], sign[FAKE_CARD_SIGNATURE_SIZE];
  (void)bank_charge(bank, "pm_card_visa", bank_normal, id);
  const struct fake_card *card = &bank->card;
  assert_int_equal(fake_card_event_render(card, 1, "s", NOON, body, sizeof body, sign, sizeof sign),
                   -1);
  assert_int_equal(
      fake_card_event_render(card, -1, "s", NOON, body, sizeof body, sign, sizeof sign), -1);
  assert_int_equal(fake_card_event_render(card, 0, "s", NOON, body, 20, sign, sizeof sign), -1);
  assert_int_equal(fake_card_event_render(card, 0, "s", NOON, body, sizeof body, sign, 20), -1);
  assert_int_equal(
      fake_card_event_render(card, 0, NULL, NOON, body, sizeof body, sign, sizeof sign), -1);
  assert_false(fake_card_event_id(card, 1, event_id));
  assert_false(fake_card_event_drop(&bank->card, 1));
  struct reload_intent_request hostile = bank_request_for("h", "pm_card_visa");
  hostile.action_id = "\xFF\"";
  struct reload_card_reply reply = bank_post(bank, &hostile);
  (void)bank_confirm(bank, reply.intent_id, NULL);
  int32_t index = strcmp(reply.intent_id, id) < 0 ? 0 : 1;
  assert_int_equal(
      fake_card_event_render(card, index, "s", NOON, body, sizeof body, sign, sizeof sign), -1);
}

static void event_ids_follow_from_content(void **state) {
  struct bank *bank = *state;
  char id[RELOAD_ID_SIZE], ids[3][FAKE_CARD_EVENT_ID_SIZE], again[FAKE_CARD_EVENT_ID_SIZE];
  (void)bank_charge(bank, "pm_card_visa", bank_normal, id);
  assert_true(fake_card_refund(&bank->card, id, 100, NOON));
  assert_true(fake_card_refund(&bank->card, id, 100, NOON));
  for (int32_t i = 0; i < 3; i++) {
    assert_true(fake_card_event_id(&bank->card, i, ids[i]));
  }
  assert_string_not_equal(ids[0], ids[1]);
  assert_string_not_equal(ids[1], ids[2]);
  assert_true(fake_card_event_drop(&bank->card, 1));
  assert_string_equal(bank_events(bank), "SR");
  assert_true(fake_card_event_id(&bank->card, 0, again));
  assert_string_equal(again, ids[0]);
  assert_true(fake_card_event_id(&bank->card, 1, again));
  assert_string_equal(again, ids[2]);
}

static void events_stay_in_order_when_the_clock_steps_back(void **state) {
  struct bank *bank = *state;
  char id[RELOAD_ID_SIZE];
  (void)bank_charge(bank, "pm_card_visa", bank_normal, id);
  assert_true(fake_card_refund(&bank->card, id, 100, NOON - HOUR));
  assert_string_equal(bank_events(bank), "SR");
  assert_true(bank->card.events[1].at_ms == NOON);
}

/* ---- The value ----------------------------------------------------------------------------- */

/* Deeds, one letter each: a b create; A B confirm; x cancels a; D and d detach; S sets up;
 * - drops the first event, _ the last; 5: the next call fails, rolled back; + lets a minute pass;
 * o an outage; R refunds a part of a. */
static void deed(struct bank *bank, char letter) {
  static const char ids[2][2] = {"a", "b"};
  struct reload_intent_request request =
      bank_request_for(ids[letter == 'b' || letter == 'B'], "pm_card_visa");
  request.action_id = ids[letter == 'b' || letter == 'B'];
  request.client_id = letter == 'b' || letter == 'B' ? "bolt" : "acme";
  const struct fake_card_intent *found = fake_card_find_action(&bank->card, request.action_id);
  if (letter == 'a' || letter == 'b') {
    (void)bank_post(bank, &request);
  } else if (letter == 'A' || letter == 'B') {
    char key[80];
    (void)snprintf(key, sizeof key, "%s/confirm", found->id);
    (void)bank_confirm(bank, found->id, key);
  } else if (letter == 'x') {
    (void)bank_cancel(bank, found->id);
  } else if (letter == 'D' || letter == 'd') {
    assert_true(fake_card_detach(&bank->card, letter == 'D' ? "pm_card_visa" : "pm_card_visa:2"));
  } else if (letter == 'S') {
    assert_true(fake_card_set_up_on_session(&bank->card, "pm_card_visa:3"));
  } else if (letter == '-') {
    assert_true(fake_card_event_drop(&bank->card, 0));
  } else if (letter == '_') {
    assert_true(fake_card_event_drop(&bank->card, bank->card.event_count - 1));
  } else if (letter == '5') {
    bank->next.kind = FAKE_CARD_500_ROLLED_BACK;
  } else if (letter == '+') {
    fake_clock_move(&bank->clock, 60000);
  } else if (letter == 'o') {
    bank->card.down_until_ms = NOON + 5;
  } else if (letter == 'R') {
    assert_true(fake_card_refund(&bank->card, found->id, 100, bank->clock.now_ms));
  }
}

static void bank_hash(const char *deeds, uint64_t out[2]) {
  struct bank *bank = bank_new();
  for (; *deeds != '\0'; deeds++) {
    deed(bank, *deeds);
  }
  struct fake_card *copy = malloc(sizeof *copy);
  assert_non_null(copy);
  uint64_t own[2];
  fake_card_hash(&bank->card, own);
  memset(copy, 0x5A, sizeof *copy);
  fake_card_copy(copy, &bank->card);
  fake_card_hash(copy, out);
  assert_memory_equal(own, out, sizeof own);
  assert_int_equal(copy->event_count, bank->card.event_count);
  free(copy);
  free(bank);
}

static void hashes_what_matters(void **state) {
  (void)state;
  static const struct {
    const char *one, *other;
    int equal;
  } rows[] = {
      {"", "", 1},           {"ab", "ba", 1},       {"abAB", "baBA", 1},  {"abAB", "aAbB", 1},
      {"aADdS", "aASdD", 1}, {"aARbB", "bBaAR", 1}, {"abAB", "abBA", 1},  {"aAaA", "aA", 1},
      {"", "a", 0},          {"a", "b", 0},         {"a", "aA", 0},       {"ax", "a", 0},
      {"aA", "aA-", 0},      {"abAB-", "abAB_", 0}, {"5a", "5b", 0},      {"5ab", "b5a", 1},
      {"aA", "+aA", 0},      {"", "D", 0},          {"D", "d", 0},        {"D", "S", 0},
      {"", "o", 0},          {"aAR", "aARR", 0},    {"aAR-", "aAR--", 0}, {"aA+R", "aAR+", 0},
      {"abA", "abB", 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    uint64_t one[2], other[2];
    bank_hash(rows[i].one, one);
    bank_hash(rows[i].other, other);
    if ((memcmp(one, other, sizeof one) == 0) != rows[i].equal) {
      fail_msg("\"%s\" and \"%s\" should hash %s", rows[i].one, rows[i].other,
               rows[i].equal ? "alike" : "apart");
    }
  }
}

/* Two orders leave the same queue, not only the same hash: what is delivered next is a choice of
 * the simulator's among equals. */
static void the_queue_does_not_depend_on_the_order(void **state) {
  struct bank *bank = *state;
  struct bank *other = bank_new();
  for (const char *deeds = "abAB"; *deeds != '\0'; deeds++) {
    deed(bank, *deeds);
  }
  for (const char *deeds = "baBA"; *deeds != '\0'; deeds++) {
    deed(other, *deeds);
  }
  for (int32_t i = 0; i < 2; i++) {
    char one[FAKE_CARD_EVENT_ID_SIZE], two[FAKE_CARD_EVENT_ID_SIZE];
    assert_true(fake_card_event_id(&bank->card, i, one));
    assert_true(fake_card_event_id(&other->card, i, two));
    assert_string_equal(one, two);
  }
  free(other);
}

static void copies_are_apart(void **state) {
  struct bank *bank = *state;
  deed(bank, 'a');
  struct fake_card *copy = malloc(sizeof *copy);
  assert_non_null(copy);
  fake_card_copy(copy, &bank->card);
  deed(bank, 'A');
  assert_int_equal(copy->intents[0].captured_minor, 0);
  fake_card_copy(&bank->card, copy); /* restored */
  assert_int_equal(fake_card_find_action(&bank->card, "a")->captured_minor, 0);
  deed(bank, 'A');
  assert_int_equal(fake_card_find_action(&bank->card, "a")->captured_minor, 1000);
  free(copy);
}

/* ---- Limits -------------------------------------------------------------------------------- */

static void tells_when_intents_are_full(void **state) {
  struct bank *bank = *state;
  char key[16];
  for (int i = 0; i < FAKE_CARD_MAX_INTENTS; i++) {
    (void)snprintf(key, sizeof key, "k%d", i);
    assert_int_equal(bank_create(bank, key, "pm_card_visa").outcome, RELOAD_CARD_ANSWERED);
  }
  assert_false(bank->card.overflowed);
  assert_int_equal(bank_create(bank, "more", "pm_card_visa").outcome, RELOAD_CARD_UNKNOWN);
  assert_true(bank->card.overflowed);
  assert_int_equal(bank->card.intent_count, FAKE_CARD_MAX_INTENTS);
}

static void tells_when_keys_are_full(void **state) {
  struct bank *bank = *state;
  char key[16];
  struct reload_card_reply open = bank_create(bank, "k", "pm_card_visa");
  for (int i = 1; i < FAKE_CARD_MAX_KEYS; i++) {
    (void)snprintf(key, sizeof key, "k%d", i);
    (void)bank_confirm(bank, open.intent_id, key);
  }
  assert_false(bank->card.overflowed);
  (void)bank_confirm(bank, open.intent_id, "more");
  assert_true(bank->card.overflowed);
}

static void tells_when_events_are_full(void **state) {
  struct bank *bank = *state;
  char id[RELOAD_ID_SIZE];
  (void)bank_charge(bank, "pm_card_visa", bank_normal, id);
  for (int i = 1; i < FAKE_CARD_MAX_EVENTS; i++) {
    assert_true(fake_card_refund(&bank->card, id, 1, NOON));
  }
  assert_false(bank->card.overflowed);
  assert_true(fake_card_refund(&bank->card, id, 1, NOON));
  assert_true(bank->card.overflowed);
}

static void tells_when_marks_are_full(void **state) {
  struct bank *bank = *state;
  char card_id[32];
  for (int i = 0; i < FAKE_CARD_MAX_MARKS; i++) {
    (void)snprintf(card_id, sizeof card_id, "pm_card_visa:%d", i);
    assert_true(fake_card_detach(&bank->card, card_id));
    assert_true(fake_card_detach(&bank->card, card_id));
  }
  assert_false(bank->card.overflowed);
  assert_false(fake_card_detach(&bank->card, "pm_card_visa"));
  assert_true(bank->card.overflowed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bank_set_up, bank_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(events_have_the_gateways_shape),
      TEST(events_are_signed),
      TEST(odd_events_are_not_written),
      TEST(event_ids_follow_from_content),
      TEST(events_stay_in_order_when_the_clock_steps_back),
      TEST(hashes_what_matters),
      TEST(the_queue_does_not_depend_on_the_order),
      TEST(copies_are_apart),
      TEST(tells_when_intents_are_full),
      TEST(tells_when_keys_are_full),
      TEST(tells_when_events_are_full),
      TEST(tells_when_marks_are_full),
  };
  return cmocka_run_group_tests_name("fake_card_value", tests, NULL, NULL);
}
