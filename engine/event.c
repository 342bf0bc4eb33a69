/* Reading a webhook. The signature is checked before the body is parsed. The body is still
 * untrusted, since another version of the gateway may have signed it. */
#include "text.h"

#include <jansson.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <string.h>

enum {
  HEADER_LIMIT = 2048, /* bytes; the gateway sends about 150 */
  SECONDS_LIMIT = 12,  /* digits of "t": until the year 33658 */
  SIGNATURE_LIMIT = 8, /* "v1" parts; two while a secret is being rolled */
  BODY_LIMIT = 1024 * 1024,
  TOLERANCE_MS = 300 * 1000
};

struct signature {
  char seconds[SECONDS_LIMIT + 1]; /* as sent: these bytes are signed */
  int64_t at_ms;
  size_t count;
  unsigned char digests[SIGNATURE_LIMIT][SHA256_DIGEST_SIZE];
};

static enum reload_error event_invalid(struct reload_message *message, const char *what) {
  rl_message_set(message, "%s", what);
  return RELOAD_INVALID;
}

/* ---- The signature ------------------------------------------------------------------------ */

static bool read_seconds(const char *text, size_t size, struct signature *signature) {
  int64_t seconds = 0;
  if (size == 0 || size > SECONDS_LIMIT || signature->seconds[0] != '\0') return false;
  for (size_t i = 0; i < size; i++) {
    if (text[i] < '0' || text[i] > '9') return false;
    seconds = seconds * 10 + (text[i] - '0');
  }
  memcpy(signature->seconds, text, size);
  signature->at_ms = seconds * 1000;
  return true;
}

static int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

static bool read_digest(const char *text, size_t size, struct signature *signature) {
  if (size != 2 * SHA256_DIGEST_SIZE || signature->count == SIGNATURE_LIMIT) return false;
  unsigned char *digest = signature->digests[signature->count];
  for (size_t i = 0; i < SHA256_DIGEST_SIZE; i++) {
    int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    digest[i] = (unsigned char)(high * 16 + low);
  }
  signature->count++;
  return true;
}

/* One "name=value". Other names than t and v1 are other schemes and never count; v0 is a test
 * scheme without security. */
static bool read_part(const char *text, size_t size, struct signature *signature) {
  const char *equals = memchr(text, '=', size);
  if (equals == NULL || equals == text) return false;
  size_t name_size = (size_t)(equals - text);
  const char *value = equals + 1;
  size_t value_size = size - name_size - 1;
  for (size_t i = 0; i < size; i++) {
    if (text[i] <= ' ' || text[i] > '~') return false;
  }
  if (name_size == 1 && text[0] == 't') return read_seconds(value, value_size, signature);
  if (name_size == 2 && memcmp(text, "v1", 2) == 0) {
    return read_digest(value, value_size, signature);
  }
  return true;
}

static enum reload_error read_header(const char *header, struct signature *signature,
                                     struct reload_message *message) {
  memset(signature, 0, sizeof *signature);
  if (header == NULL) return event_invalid(message, "the event has no signature header");
  if (strnlen(header, HEADER_LIMIT + 1) > HEADER_LIMIT) {
    return event_invalid(message, "the event's signature header is too long");
  }
  for (const char *part = header;;) {
    size_t size = strcspn(part, ",");
    if (!read_part(part, size, signature)) {
      return event_invalid(message, "the event's signature header is malformed: expected "
                                    "t=SECONDS,v1=64 hex digits");
    }
    if (part[size] == '\0') break;
    part += size + 1;
  }
  if (signature->seconds[0] == '\0') {
    return event_invalid(message, "the event's signature header has no time (t=SECONDS)");
  }
  if (signature->count == 0) {
    return event_invalid(message, "the event's signature header has no v1 signature");
  }
  return RELOAD_OK;
}

/* HMAC-SHA256 over "SECONDS.BODY". All signatures are compared in constant time, so that the time
 * does not reveal which bytes were right. */
static bool is_signed(const struct signature *signature, const char *secret, const char *body,
                      size_t body_size) {
  struct hmac_sha256_ctx context;
  unsigned char digest[SHA256_DIGEST_SIZE];
  hmac_sha256_set_key(&context, strlen(secret), (const uint8_t *)secret);
  hmac_sha256_update(&context, strlen(signature->seconds), (const uint8_t *)signature->seconds);
  hmac_sha256_update(&context, 1, (const uint8_t *)".");
  hmac_sha256_update(&context, body_size, (const uint8_t *)body);
  hmac_sha256_digest(&context, sizeof digest, digest);

  int matches = 0;
  for (size_t i = 0; i < signature->count; i++) {
    matches |= memeql_sec(digest, signature->digests[i], sizeof digest);
  }
  return matches != 0;
}

static enum reload_error check_signature(const char *body, size_t body_size, const char *header,
                                         const char *secret, int64_t now_ms,
                                         struct reload_message *message) {
  struct signature signature;
  /* Anybody can sign with an empty secret. */
  if (secret == NULL || secret[0] == '\0')
    return event_invalid(message, "the signing secret is missing");
  if (now_ms < 0) return event_invalid(message, "the time now must not be before 1970");
  enum reload_error error = read_header(header, &signature, message);
  if (error != RELOAD_OK) return error;
  if (!is_signed(&signature, secret, body, body_size)) {
    return event_invalid(message,
                         "the event's signature does not match: it is forged, altered or signed "
                         "with another secret");
  }
  /* Both times are >= 0, so the difference cannot overflow. */
  int64_t age_ms = now_ms - signature.at_ms;
  if (age_ms > TOLERANCE_MS || age_ms < -TOLERANCE_MS) {
    rl_message_set(message,
                   "the event was signed at t=%s, more than 300 s from now: check the "
                   "clock, or have the gateway send it again",
                   signature.seconds);
    return RELOAD_INVALID;
  }
  return RELOAD_OK;
}

/* ---- The body ----------------------------------------------------------------------------- */

/* A member as text; null unless it is a string without NULs. */
static const char *event_word(const json_t *object, const char *name) {
  const json_t *value = json_object_get(object, name);
  const char *text = json_string_value(value);
  return text != NULL && strlen(text) == json_string_length(value) ? text : NULL;
}

static enum reload_error read_id(const json_t *object, const char *name, char to[RELOAD_ID_SIZE],
                                 struct reload_message *message) {
  const char *text = event_word(object, name);
  if (text == NULL) {
    rl_message_set(message, "the event's %s is missing, is not a string, or has a NUL", name);
    return RELOAD_INVALID;
  }
  enum reload_error error = rl_text_id(text, name, message);
  if (error != RELOAD_OK) return error;
  return rl_text_copy(to, RELOAD_ID_SIZE, text) ? RELOAD_OK : RELOAD_INVALID;
}

static enum reload_error read_amount(const json_t *object, const char *name, int64_t *amount_minor,
                                     struct reload_message *message) {
  const json_t *value = json_object_get(object, name);
  if (!json_is_integer(value) || json_integer_value(value) <= 0) {
    rl_message_set(message, "the event's %s must be a positive whole number", name);
    return RELOAD_INVALID;
  }
  *amount_minor = json_integer_value(value);
  return RELOAD_OK;
}

/* A charge without an intent, where the gateway sends null, is not from this engine. */
static bool has_no_intent(const json_t *object) {
  return json_is_null(json_object_get(object, "payment_intent"));
}

static enum reload_error read_refund(const json_t *object, struct reload_event *event,
                                     struct reload_message *message) {
  if (has_no_intent(object)) return RELOAD_OK;
  event->kind = RELOAD_EVENT_REFUNDED;
  enum reload_error error = read_id(object, "payment_intent", event->intent_id, message);
  if (error != RELOAD_OK) return error;
  return read_amount(object, "amount_refunded", &event->amount_minor, message);
}

/* Only a lost dispute returns money; "won" and "warning_closed" return none. */
static enum reload_error read_dispute(const json_t *object, struct reload_event *event,
                                      struct reload_message *message) {
  const char *status = event_word(object, "status");
  if (status == NULL)
    return event_invalid(message, "the event's status is missing or is not a string");
  if (strcmp(status, "lost") != 0 || has_no_intent(object)) return RELOAD_OK;
  event->kind = RELOAD_EVENT_DISPUTE_LOST;
  enum reload_error error = read_id(object, "payment_intent", event->intent_id, message);
  if (error == RELOAD_OK) error = read_id(object, "id", event->reference_id, message);
  if (error != RELOAD_OK) return error;
  return read_amount(object, "amount", &event->amount_minor, message);
}

static enum reload_error read_root(const json_t *root, struct reload_event *event,
                                   struct reload_message *message) {
  static const char intents[] = "payment_intent.";
  const char *type = event_word(root, "type");
  if (type == NULL) return event_invalid(message, "the event's type is missing or is not a string");

  bool is_intent = strncmp(type, intents, sizeof intents - 1) == 0;
  bool is_refund = strcmp(type, "charge.refunded") == 0;
  bool is_dispute = strcmp(type, "charge.dispute.closed") == 0;
  if (!is_intent && !is_refund && !is_dispute) return RELOAD_OK;

  const json_t *object = json_object_get(json_object_get(root, "data"), "object");
  if (!json_is_object(object)) return event_invalid(message, "the event has no data.object");
  if (is_refund) return read_refund(object, event, message);
  if (is_dispute) return read_dispute(object, event, message);
  event->kind = RELOAD_EVENT_INTENT;
  return read_id(object, "id", event->intent_id, message);
}

/* NULs are allowed here and refused in ids: other text is not used. The parser limits the depth. */
static json_t *event_parse(const char *body, size_t body_size, json_error_t *where) {
  memset(where, 0, sizeof *where);
  return json_loadb(body, body_size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, where);
}

/* Out of memory, jansson may report a syntax error, report nothing, or even leave a character out
 * of a long string. An event misread like that would be lost, so two readings must agree. */
static enum reload_error read_body(const char *body, size_t body_size, struct reload_event *event,
                                   struct reload_message *message) {
  json_error_t where, where_again;
  json_t *root = event_parse(body, body_size, &where),
         *again = event_parse(body, body_size, &where_again);
  enum reload_error error = RELOAD_NOMEM;
  if (root != NULL && again != NULL && json_equal(root, again)) {
    error = read_root(root, event, message);
  } else if (root == NULL && again == NULL && where.text[0] != '\0') {
    rl_message_set(message, "the event is not good JSON: line %d, column %d: %s", where.line,
                   where.column, where.text);
    error = RELOAD_INVALID;
  } else {
    rl_message_set(message, "out of memory while reading an event");
  }
  json_decref(root);
  json_decref(again);
  return error;
}

enum reload_error reload_event_read(const char *body, size_t body_size, const char *signature,
                                    const char *secret, int64_t now_ms, struct reload_event *event,
                                    struct reload_message *message) {
  struct reload_event found;
  memset(&found, 0, sizeof found);
  if (message != NULL) memset(message, 0, sizeof *message);
  if (event == NULL) return event_invalid(message, "there is no place for the event");
  memset(event, 0, sizeof *event);
  if (body == NULL || body_size == 0) return event_invalid(message, "the event has no body");
  if (body_size > BODY_LIMIT) return event_invalid(message, "the event is larger than 1 MiB");

  enum reload_error error = check_signature(body, body_size, signature, secret, now_ms, message);
  if (error == RELOAD_OK) error = read_body(body, body_size, &found, message);
  if (error == RELOAD_OK) *event = found;
  return error;
}
