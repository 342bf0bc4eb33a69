/* The gateway's events (webhooks): kept compactly, written as JSON only when they are posted. */
#include "card_inside.h"

#include <inttypes.h>
#include <jansson.h>
#include <nettle/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* ---- The queue ----------------------------------------------------------------------------- */

/* Does a come after b? Within an intent neither at_ms nor event_no runs backwards. */
static bool is_after(const struct fake_card *card, const struct fake_card_event *a,
                     const struct fake_card_event *b) {
  if (a->at_ms != b->at_ms) {
    return a->at_ms > b->at_ms;
  }
  int order = strcmp(card->intents[a->intent_index].id, card->intents[b->intent_index].id);
  return order != 0 ? order > 0 : a->event_no > b->event_no;
}

void fake_card_event_add(struct fake_card *card, struct fake_card_intent *intent,
                         enum fake_card_event_kind kind, int64_t amount_minor, int64_t now_ms) {
  if (card->event_count == FAKE_CARD_MAX_EVENTS) {
    card->overflowed = true;
    return;
  }
  if (now_ms > intent->event_at_ms) {
    intent->event_at_ms = now_ms;
  }
  struct fake_card_event event;
  memset(&event, 0, sizeof event);
  event.at_ms = intent->event_at_ms;
  event.amount_minor = amount_minor;
  event.kind = kind;
  event.event_no = ++intent->event_count;
  memcpy(event.decline_code, intent->decline_code, sizeof event.decline_code);
  event.intent_index = (int32_t)(intent - card->intents);
  /* The place in the queue follows from the content, not from who came first in the same ms: two
   * orders of doing the same things leave the same queue. */
  int32_t place = card->event_count++;
  for (; place > 0 && is_after(card, &card->events[place - 1], &event); place--) {
    card->events[place] = card->events[place - 1];
  }
  card->events[place] = event;
}

static const struct fake_card_event *event_at(const struct fake_card *card, int32_t index) {
  return index < 0 || index >= card->event_count ? NULL : &card->events[index];
}

static void take_out(struct fake_card *card, int32_t index) {
  card->event_count--;
  memmove(&card->events[index], &card->events[index + 1],
          (size_t)(card->event_count - index) * sizeof card->events[0]);
}

bool fake_card_event_drop(struct fake_card *card, int32_t index) {
  const struct fake_card_event *event = event_at(card, index);
  if (event == NULL) {
    return false;
  }
  struct fake_card_intent *intent = &card->intents[event->intent_index];
  if (event->kind == FAKE_CARD_EVENT_REFUNDED && event->amount_minor > intent->refund_heard_minor) {
    intent->refund_heard_minor = event->amount_minor;
  }
  take_out(card, index);
  return true;
}

bool fake_card_event_lose(struct fake_card *card, int32_t index) {
  const struct fake_card_event *lost = event_at(card, index);
  if (lost == NULL) {
    return false;
  }
  enum fake_card_event_kind kind = lost->kind;
  int32_t intent_index = lost->intent_index;
  struct fake_card_intent *intent = &card->intents[intent_index];
  take_out(card, index);
  if (kind == FAKE_CARD_EVENT_DISPUTE_LOST) {
    intent->dispute_told_minor = 0;
  }
  if (kind != FAKE_CARD_EVENT_REFUNDED) {
    return true;
  }
  intent->refund_told_minor = intent->refund_heard_minor;
  for (int32_t i = 0; i < card->event_count; i++) {
    const struct fake_card_event *event = &card->events[i];
    if (event->intent_index == intent_index && event->kind == FAKE_CARD_EVENT_REFUNDED &&
        event->amount_minor > intent->refund_told_minor) {
      intent->refund_told_minor = event->amount_minor;
    }
  }
  return true;
}

bool fake_card_event_delay(struct fake_card *card, int32_t index, int64_t until_ms) {
  if (event_at(card, index) == NULL) {
    return false;
  }
  card->events[index].not_before_ms = until_ms;
  return true;
}

/* ---- Names --------------------------------------------------------------------------------- */

const char *fake_card_event_type(enum fake_card_event_kind kind) {
  switch (kind) {
    case FAKE_CARD_EVENT_SUCCEEDED: return "payment_intent.succeeded";
    case FAKE_CARD_EVENT_FAILED: return "payment_intent.payment_failed";
    case FAKE_CARD_EVENT_CANCELED: return "payment_intent.canceled";
    case FAKE_CARD_EVENT_REQUIRES_ACTION: return "payment_intent.requires_action";
    case FAKE_CARD_EVENT_REFUNDED: return "charge.refunded";
    case FAKE_CARD_EVENT_REFUND_FAILED: return "refund.failed";
    case FAKE_CARD_EVENT_DISPUTED: return "charge.dispute.created";
    case FAKE_CARD_EVENT_DISPUTE_WON:
    case FAKE_CARD_EVENT_DISPUTE_LOST: return "charge.dispute.closed";
  }
  return "unknown";
}

/* An object's id that follows from its intent and a number. */
static void make_id(char id[FAKE_CARD_EVENT_ID_SIZE], const char *prefix,
                    const struct fake_card_intent *intent, uint64_t number) {
  XXH128_hash_t hash = XXH3_128bits_withSeed(intent->id, strlen(intent->id), number);
  (void)snprintf(id, FAKE_CARD_EVENT_ID_SIZE, "%s_%016" PRIx64 "%016" PRIx64, prefix,
                 (uint64_t)hash.high64, (uint64_t)hash.low64);
}

bool fake_card_event_id(const struct fake_card *card, int32_t index,
                        char id[FAKE_CARD_EVENT_ID_SIZE]) {
  const struct fake_card_event *event = event_at(card, index);
  if (event == NULL) {
    return false;
  }
  /* Two histories of one intent may differ in what its second event was. */
  uint64_t content[3] = {(uint64_t)event->event_no, (uint64_t)event->kind, (uint64_t)event->at_ms};
  make_id(id, "evt", &card->intents[event->intent_index], XXH3_64bits(content, sizeof content));
  return true;
}

/* ---- The body ------------------------------------------------------------------------------ */

static json_t *metadata_of(const struct fake_card_intent *intent) {
  return json_pack("{s:s, s:s}", "client_id", intent->client_id,
                   intent->is_checkout ? "checkout_id" : "action_id", intent->action_id);
}

static json_t *last_error(const struct fake_card_event *event) {
  if (event->decline_code[0] == '\0') {
    return json_null();
  }
  return json_pack("{s:s, s:s, s:s}", "type", "card_error", "code",
                   fake_card_error_code(event->decline_code), "decline_code", event->decline_code);
}

static json_t *intent_object(const struct fake_card_intent *intent,
                             const struct fake_card_event *event) {
  const char *status = "canceled";
  if (event->kind == FAKE_CARD_EVENT_SUCCEEDED) {
    status = "succeeded";
  } else if (event->kind == FAKE_CARD_EVENT_FAILED) {
    status = "requires_payment_method";
  } else if (event->kind == FAKE_CARD_EVENT_REQUIRES_ACTION) {
    status = "requires_action";
  }
  json_int_t received_minor =
      event->kind == FAKE_CARD_EVENT_SUCCEEDED ? (json_int_t)event->amount_minor : 0;
  return json_pack("{s:s, s:s, s:I, s:I, s:s, s:s, s:o, s:o}", "id", intent->id, "object",
                   "payment_intent", "amount", (json_int_t)event->amount_minor, "amount_received",
                   received_minor, "currency", intent->currency, "status", status,
                   "last_payment_error", last_error(event), "metadata", metadata_of(intent));
}

static json_t *charge_object(const struct fake_card_intent *intent,
                             const struct fake_card_event *event) {
  char charge_id[FAKE_CARD_EVENT_ID_SIZE];
  make_id(charge_id, "ch", intent, 0);
  return json_pack("{s:s, s:s, s:I, s:I, s:b, s:s, s:s, s:o}", "id", charge_id, "object", "charge",
                   "amount", (json_int_t)intent->amount_minor, "amount_refunded",
                   (json_int_t)event->amount_minor, "refunded",
                   event->amount_minor == intent->amount_minor, "currency", intent->currency,
                   "payment_intent", intent->id, "metadata", metadata_of(intent));
}

/* A refund or a dispute: what both have. */
static json_t *claim_object(const struct fake_card_intent *intent,
                            const struct fake_card_event *event) {
  const char *object = "dispute";
  const char *prefix = "dp";
  const char *status = "needs_response";
  uint64_t number = 0; /* a payment has one dispute at most */
  if (event->kind == FAKE_CARD_EVENT_REFUND_FAILED) {
    object = "refund";
    prefix = "re";
    status = "failed";
    number = (uint64_t)event->event_no;
  } else if (event->kind == FAKE_CARD_EVENT_DISPUTE_WON) {
    status = "won";
  } else if (event->kind == FAKE_CARD_EVENT_DISPUTE_LOST) {
    status = "lost";
  }
  char id[FAKE_CARD_EVENT_ID_SIZE];
  char charge_id[FAKE_CARD_EVENT_ID_SIZE];
  make_id(id, prefix, intent, number);
  make_id(charge_id, "ch", intent, 0);
  return json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:o}", "id", id, "object", object, "amount",
                   (json_int_t)event->amount_minor, "currency", intent->currency, "status", status,
                   "charge", charge_id, "payment_intent", intent->id, "metadata",
                   metadata_of(intent));
}

static json_t *event_object(const struct fake_card_intent *intent,
                            const struct fake_card_event *event) {
  switch (event->kind) {
    case FAKE_CARD_EVENT_SUCCEEDED:
    case FAKE_CARD_EVENT_FAILED:
    case FAKE_CARD_EVENT_CANCELED:
    case FAKE_CARD_EVENT_REQUIRES_ACTION: return intent_object(intent, event);
    case FAKE_CARD_EVENT_REFUNDED: return charge_object(intent, event);
    case FAKE_CARD_EVENT_REFUND_FAILED:
    case FAKE_CARD_EVENT_DISPUTED:
    case FAKE_CARD_EVENT_DISPUTE_WON:
    case FAKE_CARD_EVENT_DISPUTE_LOST: return claim_object(intent, event);
  }
  return NULL;
}

/* The whole event as text, to be freed by the caller; null if it cannot be written. */
static char *event_text(const struct fake_card *card, int32_t index) {
  char id[FAKE_CARD_EVENT_ID_SIZE];
  if (!fake_card_event_id(card, index, id)) {
    return NULL;
  }
  const struct fake_card_event *event = &card->events[index];
  json_t *root = json_pack("{s:s, s:s, s:s, s:I, s:b, s:{s:o}}", "id", id, "object", "event",
                           "type", fake_card_event_type(event->kind), "created",
                           (json_int_t)(event->at_ms / 1000), "livemode", 0, "data", "object",
                           event_object(&card->intents[event->intent_index], event));
  char *text = root == NULL ? NULL : json_dumps(root, JSON_COMPACT);
  json_decref(root);
  return text;
}

/* ---- The signature ------------------------------------------------------------------------- */

static bool sign_body(const char *secret, int64_t at_s, const char *body, size_t body_size,
                      char *signature, size_t signature_size) {
  char seconds[24];
  int seconds_size = snprintf(seconds, sizeof seconds, "%" PRId64, at_s);
  if (seconds_size < 0 || secret == NULL) {
    return false;
  }
  struct hmac_sha256_ctx hmac;
  uint8_t digest[SHA256_DIGEST_SIZE];
  char hex[2 * SHA256_DIGEST_SIZE + 1];
  hmac_sha256_set_key(&hmac, strlen(secret), (const uint8_t *)secret);
  hmac_sha256_update(&hmac, (size_t)seconds_size, (const uint8_t *)seconds);
  hmac_sha256_update(&hmac, 1, (const uint8_t *)".");
  hmac_sha256_update(&hmac, body_size, (const uint8_t *)body);
  hmac_sha256_digest(&hmac, sizeof digest, digest);
  for (size_t i = 0; i < sizeof digest; i++) {
    (void)snprintf(hex + 2 * i, 3, "%02x", (unsigned)digest[i]);
  }
  int size = snprintf(signature, signature_size, "t=%s,v1=%s", seconds, hex);
  return size > 0 && (size_t)size < signature_size;
}

int fake_card_event_render(const struct fake_card *card, int32_t index, const char *secret,
                           int64_t now_ms, char *body, size_t body_size, char *signature,
                           size_t signature_size) {
  char *text = event_text(card, index);
  size_t size = text == NULL ? 0 : strlen(text);
  int result = -1;
  if (text != NULL && size < body_size) {
    memcpy(body, text, size + 1);
    if (sign_body(secret, now_ms / 1000, body, size, signature, signature_size)) {
      result = (int)size;
    }
  }
  free(text);
  return result;
}
