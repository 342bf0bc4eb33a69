/* Webhooks: which are believed, and what is read out of them. */
#include "reload.h"

#include <nettle/hmac.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define SECRET "whsec_test_secret"
#define AT_S "1700000000"
#define NOW_MS INT64_C(1700000000000)

#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

#define INTENT_BODY                                                                                \
  "{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"payment_intent.succeeded\","                  \
  "\"data\":{\"object\":{\"id\":\"pi_1\",\"object\":\"payment_intent\"}}}"
/* Computed with another implementation (openssl dgst -sha256 -hmac) over AT_S "." INTENT_BODY. */
#define INTENT_DIGEST "ad449e7ce1554730d147003402b7abd98e37b986a9e657b6868110fd854cf5d3"
#define OTHER_DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct hex_digest {
  char text[2 * SHA256_DIGEST_SIZE + 1];
};

/* HMAC-SHA256 of first, "." if there is a second, and second. */
static struct hex_digest hmac(const void *key, size_t key_size, const char *first,
                              const char *second, size_t second_size) {
  struct hmac_sha256_ctx context;
  uint8_t digest[SHA256_DIGEST_SIZE];
  struct hex_digest hex;
  hmac_sha256_set_key(&context, key_size, key);
  hmac_sha256_update(&context, strlen(first), (const uint8_t *)first);
  if (second != NULL) {
    hmac_sha256_update(&context, 1, (const uint8_t *)".");
    hmac_sha256_update(&context, second_size, (const uint8_t *)second);
  }
  hmac_sha256_digest(&context, sizeof digest, digest);
  for (size_t i = 0; i < sizeof digest; i++) {
    assert_int_equal(snprintf(hex.text + 2 * i, 3, "%02x", (unsigned)digest[i]), 2);
  }
  return hex;
}

/* A failure must explain itself in printable text and must leave no half-read event. */
static void assert_refused(enum reload_error error, const struct reload_event *event,
                           const struct reload_message *message) {
  static const struct reload_event nothing;
  assert_int_equal(error, RELOAD_INVALID);
  assert_memory_equal(event, &nothing, sizeof nothing);
  size_t length = strnlen(message->text, sizeof message->text);
  assert_true(length > 0 && length < sizeof message->text);
  for (size_t i = 0; i < length; i++) {
    unsigned char byte = (unsigned char)message->text[i];
    assert_true(byte >= 0x20 && byte != 0x7f);
  }
}

/* Read a body that is rightly signed. It stands on the heap at its exact size, without a NUL. */
static enum reload_error read_signed(const char *body, size_t size, struct reload_event *event,
                                     struct reload_message *message) {
  char header[200];
  char *copy = malloc(size);
  assert_non_null(copy);
  memcpy(copy, body, size);
  struct hex_digest digest = hmac(SECRET, strlen(SECRET), AT_S, body, size);
  int length = snprintf(header, sizeof header, "t=%s,v1=%s", AT_S, digest.text);
  assert_true(length > 0 && (size_t)length < sizeof header);
  memset(event, 'x', sizeof *event);
  memset(message, 'x', sizeof *message);
  enum reload_error error = reload_event_read(copy, size, header, SECRET, NOW_MS, event, message);
  free(copy);
  return error;
}

/* ---- The algorithm ------------------------------------------------------------------------ */

/* RFC 4231, cases 2 and 6: the tests' own signing is the published algorithm. */
static void test_rfc_4231(void **state) {
  (void)state;
  uint8_t long_key[131];
  memset(long_key, 0xaa, sizeof long_key);
  assert_string_equal(hmac("Jefe", 4, "what do ya want for nothing?", NULL, 0).text,
                      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  assert_string_equal(hmac(long_key, sizeof long_key,
                           "Test Using Larger Than Block-Size Key - Hash Key First", NULL, 0)
                          .text,
                      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

/* A secret longer than HMAC's block is hashed first; the same must happen in the engine. */
static void test_long_secret(void **state) {
  (void)state;
  char secret[132], header[200];
  struct reload_event event;
  struct reload_message message;
  memset(secret, 'k', sizeof secret - 1);
  secret[sizeof secret - 1] = '\0';
  struct hex_digest digest = hmac(secret, strlen(secret), AT_S, INTENT_BODY, strlen(INTENT_BODY));
  assert_true(snprintf(header, sizeof header, "t=%s,v1=%s", AT_S, digest.text) > 0);
  assert_int_equal(
      reload_event_read(INTENT_BODY, strlen(INTENT_BODY), header, secret, NOW_MS, &event, &message),
      RELOAD_OK);
}

/* ---- The header --------------------------------------------------------------------------- */

struct header_case {
  const char *name;
  const char *header;
  bool good;
};

static const struct header_case header_cases[] = {
    {"as sent", "t=" AT_S ",v1=" INTENT_DIGEST, true},
    {"time last", "v1=" INTENT_DIGEST ",t=" AT_S, true},
    {"with the test scheme", "t=" AT_S ",v1=" INTENT_DIGEST ",v0=" OTHER_DIGEST, true},
    {"with an odd other scheme", "t=" AT_S ",v1=" INTENT_DIGEST ",v0=x,v2=", true},
    {"second of two signatures", "t=" AT_S ",v1=" OTHER_DIGEST ",v1=" INTENT_DIGEST, true},
    {"first of two signatures", "t=" AT_S ",v1=" INTENT_DIGEST ",v1=" OTHER_DIGEST, true},
    {"upper-case hex",
     "t=" AT_S ",v1=AD449E7CE1554730D147003402B7ABD98E37B986A9E657B6868110FD854CF5D3", true},

    {"null", NULL, false},
    {"empty", "", false},
    {"no time", "v1=" INTENT_DIGEST, false},
    {"no signature", "t=" AT_S, false},
    {"only the test scheme", "t=" AT_S ",v0=" INTENT_DIGEST, false},
    {"wrong signature", "t=" AT_S ",v1=" OTHER_DIGEST, false},
    {"two wrong signatures", "t=" AT_S ",v1=" OTHER_DIGEST ",v1=" OTHER_DIGEST, false},
    {"first digit differs",
     "t=" AT_S ",v1=0d449e7ce1554730d147003402b7abd98e37b986a9e657b6868110fd854cf5d3", false},
    {"last digit differs",
     "t=" AT_S ",v1=ad449e7ce1554730d147003402b7abd98e37b986a9e657b6868110fd854cf5d2", false},
    {"another time", "t=1700000001,v1=" INTENT_DIGEST, false},
    {"leading zero: other bytes were signed", "t=0" AT_S ",v1=" INTENT_DIGEST, false},
    {"empty signature", "t=" AT_S ",v1=", false},
    {"63 digits", "t=" AT_S ",v1=ad449e7ce1554730d147003402b7abd98e37b986a9e657b6868110fd854cf5d",
     false},
    {"65 digits", "t=" AT_S ",v1=" INTENT_DIGEST "0", false},
    {"64 letters, one not hex",
     "t=" AT_S ",v1=gd449e7ce1554730d147003402b7abd98e37b986a9e657b6868110fd854cf5d3", false},
    {"a bad signature beside a good one", "t=" AT_S ",v1=" INTENT_DIGEST ",v1=zz", false},
    {"two times", "t=" AT_S ",t=" AT_S ",v1=" INTENT_DIGEST, false},
    {"empty time", "t=,v1=" INTENT_DIGEST, false},
    {"negative time", "t=-" AT_S ",v1=" INTENT_DIGEST, false},
    {"time with a plus", "t=+" AT_S ",v1=" INTENT_DIGEST, false},
    {"time with a fraction", "t=" AT_S ".0,v1=" INTENT_DIGEST, false},
    {"hexadecimal time", "t=0x6553f100,v1=" INTENT_DIGEST, false},
    {"time of 13 digits", "t=1700000000000,v1=" INTENT_DIGEST, false},
    {"time beyond 64 bits", "t=99999999999999999999999999,v1=" INTENT_DIGEST, false},
    {"time that wraps around 64 bits", "t=18446744075409551616,v1=" INTENT_DIGEST, false},
    {"trailing comma", "t=" AT_S ",v1=" INTENT_DIGEST ",", false},
    {"leading comma", ",t=" AT_S ",v1=" INTENT_DIGEST, false},
    {"only commas", ",,,", false},
    {"part without =", "t=" AT_S ",v1=" INTENT_DIGEST ",v1", false},
    {"part without a name", "t=" AT_S ",v1=" INTENT_DIGEST ",=x", false},
    {"space after the comma", "t=" AT_S ", v1=" INTENT_DIGEST, false},
    {"space around =", "t =" AT_S ",v1=" INTENT_DIGEST, false},
    {"newline at the end", "t=" AT_S ",v1=" INTENT_DIGEST "\n", false},
    {"semicolons", "t=" AT_S ";v1=" INTENT_DIGEST, false},
    {"DEL", "t=" AT_S ",v1=" INTENT_DIGEST ",v0=\x7f", false},
    {"not ASCII", "t=" AT_S ",v1=" INTENT_DIGEST ",\xff=1", false},
    {"names in upper case", "T=" AT_S ",V1=" INTENT_DIGEST, false},
    {"v1 as part of a name", "t=" AT_S ",v11=" INTENT_DIGEST, false},
};

static void test_headers(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(header_cases); i++) {
    struct reload_event event;
    struct reload_message message;
    memset(&event, 'x', sizeof event);
    memset(&message, 'x', sizeof message);
    enum reload_error error = reload_event_read(
        INTENT_BODY, strlen(INTENT_BODY), header_cases[i].header, SECRET, NOW_MS, &event, &message);
    if ((error == RELOAD_OK) != header_cases[i].good) {
      fail_msg("%s: got %s: %s", header_cases[i].name, reload_error_name(error), message.text);
    }
    if (header_cases[i].good) {
      assert_int_equal(event.kind, RELOAD_EVENT_INTENT);
      assert_string_equal(event.intent_id, "pi_1");
      assert_string_equal(message.text, "");
    } else {
      assert_refused(error, &event, &message);
    }
  }
}

/* A header of any length is refused or read, without harm: megabytes of parts, many signatures. */
static void test_huge_headers(void **state) {
  (void)state;
  static const char good[] = "t=" AT_S ",v1=" INTENT_DIGEST;
  static const char *const fillers[] = {(",v1=" OTHER_DIGEST), ",v0=1", ",", "a", "9"};
  enum { SIZE = 2 * 1024 * 1024 };
  char *header = malloc(SIZE + 100);
  assert_non_null(header);
  for (size_t i = 0; i < COUNT(fillers); i++) {
    size_t size = sizeof good - 1, step = strlen(fillers[i]);
    struct reload_event event;
    struct reload_message message;
    memcpy(header, good, size);
    for (; size + step < SIZE; size += step) memcpy(header + size, fillers[i], step);
    header[size] = '\0';
    enum reload_error error = reload_event_read(INTENT_BODY, strlen(INTENT_BODY), header, SECRET,
                                                NOW_MS, &event, &message);
    assert_refused(error, &event, &message);
  }
  free(header);
}

/* Every number of signatures up to far more than the gateway sends: never an overrun. */
static void test_many_signatures(void **state) {
  (void)state;
  for (size_t count = 1; count < 40; count++) {
    char header[4096] = "t=" AT_S;
    size_t used = strlen(header);
    for (size_t i = 0; i < count; i++) {
      int length = snprintf(header + used, sizeof header - used, ",v1=%s",
                            i + 1 == count ? INTENT_DIGEST : OTHER_DIGEST);
      assert_true(length > 0);
      used += (size_t)length;
    }
    struct reload_event event;
    struct reload_message message;
    enum reload_error error = reload_event_read(INTENT_BODY, strlen(INTENT_BODY), header, SECRET,
                                                NOW_MS, &event, &message);
    if (count <= 4) assert_int_equal(error, RELOAD_OK);
    if (error != RELOAD_OK) assert_refused(error, &event, &message);
  }
}

/* ---- Time --------------------------------------------------------------------------------- */

static void test_tolerance(void **state) {
  (void)state;
  static const struct {
    int64_t now_ms;
    bool good;
  } cases[] = {
      {NOW_MS, true},
      {NOW_MS + 300000, true},
      {NOW_MS + 300001, false},
      {NOW_MS - 300000, true},
      {NOW_MS - 300001, false},
      {0, false},
      {-1, false},
      {INT64_MAX, false},
      {INT64_MIN, false},
      {-NOW_MS, false},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct reload_event event;
    struct reload_message message;
    enum reload_error error =
        reload_event_read(INTENT_BODY, strlen(INTENT_BODY), "t=" AT_S ",v1=" INTENT_DIGEST, SECRET,
                          cases[i].now_ms, &event, &message);
    if (cases[i].good)
      assert_int_equal(error, RELOAD_OK);
    else
      assert_refused(error, &event, &message);
  }
}

/* Rightly signed, but with a time that is not one: none, or of more digits than any time has. */
static void test_odd_times(void **state) {
  (void)state;
  static const struct {
    const char *part;
    const char *seconds;
    int64_t now_ms;
  } cases[] = {
      {"", "", 0}, {"t=,", "", 0}, {"t=0000000001700000000,", "0000000001700000000", NOW_MS}};
  for (size_t i = 0; i < COUNT(cases); i++) {
    char header[200];
    struct reload_event event;
    struct reload_message message;
    struct hex_digest digest =
        hmac(SECRET, strlen(SECRET), cases[i].seconds, INTENT_BODY, strlen(INTENT_BODY));
    assert_true(snprintf(header, sizeof header, "%sv1=%s", cases[i].part, digest.text) > 0);
    assert_refused(reload_event_read(INTENT_BODY, strlen(INTENT_BODY), header, SECRET,
                                     cases[i].now_ms, &event, &message),
                   &event, &message);
  }
}

/* ---- Arguments and forgeries -------------------------------------------------------------- */

static void test_arguments(void **state) {
  (void)state;
  static const char header[] = "t=" AT_S ",v1=" INTENT_DIGEST;
  struct reload_event event;
  struct reload_message message;
  size_t size = strlen(INTENT_BODY);

  assert_refused(reload_event_read(NULL, size, header, SECRET, NOW_MS, &event, &message), &event,
                 &message);
  assert_refused(reload_event_read(INTENT_BODY, 0, header, SECRET, NOW_MS, &event, &message),
                 &event, &message);
  assert_refused(reload_event_read(INTENT_BODY, size, header, NULL, NOW_MS, &event, &message),
                 &event, &message);
  assert_refused(reload_event_read(INTENT_BODY, size, header, "another", NOW_MS, &event, &message),
                 &event, &message);
  assert_int_equal(reload_event_read(INTENT_BODY, size, header, SECRET, NOW_MS, NULL, &message),
                   RELOAD_INVALID);
  assert_int_equal(reload_event_read(INTENT_BODY, size, header, SECRET, NOW_MS, &event, NULL),
                   RELOAD_OK);
  assert_int_equal(reload_event_read(INTENT_BODY, size, header, "another", NOW_MS, &event, NULL),
                   RELOAD_INVALID);
}

/* An endpoint whose secret was never set must not believe what anybody can sign. */
static void test_empty_secret(void **state) {
  (void)state;
  char header[200];
  struct reload_event event;
  struct reload_message message;
  struct hex_digest digest = hmac("", 0, AT_S, INTENT_BODY, strlen(INTENT_BODY));
  assert_true(snprintf(header, sizeof header, "t=%s,v1=%s", AT_S, digest.text) > 0);
  assert_refused(
      reload_event_read(INTENT_BODY, strlen(INTENT_BODY), header, "", NOW_MS, &event, &message),
      &event, &message);
}

/* Change any single byte of the body, cut it or extend it: the signature no longer matches. */
static void test_altered_bodies(void **state) {
  (void)state;
  static const char header[] = "t=" AT_S ",v1=" INTENT_DIGEST;
  char body[sizeof INTENT_BODY] = INTENT_BODY;
  struct reload_event event;
  struct reload_message message;
  for (size_t i = 0; i < sizeof body - 1; i++) {
    body[i] ^= 1;
    assert_refused(
        reload_event_read(body, sizeof body - 1, header, SECRET, NOW_MS, &event, &message), &event,
        &message);
    body[i] ^= 1;
  }
  assert_refused(reload_event_read(body, sizeof body - 2, header, SECRET, NOW_MS, &event, &message),
                 &event, &message);
  assert_refused(reload_event_read(body, sizeof body, header, SECRET, NOW_MS, &event, &message),
                 &event, &message);
}

/* ---- What is read ------------------------------------------------------------------------- */

#define EVENT(type, object) "{\"type\":\"" type "\",\"data\":{\"object\":" object "}}"
#define REFUND(object) EVENT("charge.refunded", object)
#define CLOSED(object) EVENT("charge.dispute.closed", object)

struct body_case {
  const char *name;
  const char *body;
  struct reload_event event;
};

static const struct body_case good_cases[] = {
    {"intent succeeded", INTENT_BODY, {RELOAD_EVENT_INTENT, "pi_1", "", 0}},
    {"intent failed",
     EVENT("payment_intent.payment_failed", "{\"id\":\"pi_2\",\"amount\":500}"),
     {RELOAD_EVENT_INTENT, "pi_2", "", 0}},
    {"intent canceled",
     EVENT("payment_intent.canceled", "{\"id\":\"pi_3\"}"),
     {RELOAD_EVENT_INTENT, "pi_3", "", 0}},
    {"intent of a later kind",
     EVENT("payment_intent.something_new", "{\"id\":\"pi_4\"}"),
     {RELOAD_EVENT_INTENT, "pi_4", "", 0}},
    {"id of 64 bytes",
     EVENT("payment_intent.succeeded", "{\"id\":\"" SIXTY "abcd\"}"),
     {RELOAD_EVENT_INTENT, SIXTY "abcd", "", 0}},
    {"refund, cumulative; the charge's own id and amount are not taken",
     REFUND("{\"id\":\"ch_1\",\"object\":\"charge\",\"amount\":2000,\"amount_refunded\":700,"
            "\"payment_intent\":\"pi_1\"}"),
     {RELOAD_EVENT_REFUNDED, "pi_1", "", 700}},
    {"refund of the largest amount",
     REFUND("{\"amount_refunded\":9223372036854775807,\"payment_intent\":\"pi_1\"}"),
     {RELOAD_EVENT_REFUNDED, "pi_1", "", INT64_MAX}},
    {"refund of a charge that had no intent",
     REFUND("{\"id\":\"ch_1\",\"amount_refunded\":700,\"payment_intent\":null}"),
     {RELOAD_EVENT_OTHER, "", "", 0}},
    {"dispute lost",
     CLOSED("{\"id\":\"du_1\",\"object\":\"dispute\",\"amount\":2000,\"charge\":\"ch_1\","
            "\"payment_intent\":\"pi_1\",\"status\":\"lost\"}"),
     {RELOAD_EVENT_DISPUTE_LOST, "pi_1", "du_1", 2000}},
    {"dispute won",
     CLOSED("{\"id\":\"du_1\",\"amount\":2000,\"payment_intent\":\"pi_1\",\"status\":\"won\"}"),
     {RELOAD_EVENT_OTHER, "", "", 0}},
    {"inquiry closed",
     CLOSED("{\"id\":\"du_1\",\"amount\":2000,\"payment_intent\":\"pi_1\","
            "\"status\":\"warning_closed\"}"),
     {RELOAD_EVENT_OTHER, "", "", 0}},
    {"dispute lost without an intent",
     CLOSED("{\"id\":\"du_1\",\"amount\":2000,\"payment_intent\":null,\"status\":\"lost\"}"),
     {RELOAD_EVENT_OTHER, "", "", 0}},
    {"dispute opened, even if it says lost",
     EVENT("charge.dispute.created",
           "{\"id\":\"du_1\",\"amount\":2000,\"payment_intent\":\"pi_1\",\"status\":\"lost\"}"),
     {RELOAD_EVENT_OTHER, "", "", 0}},
    {"charge succeeded",
     EVENT("charge.succeeded", "{\"id\":\"ch_1\"}"),
     {RELOAD_EVENT_OTHER, "", "", 0}},
    {"refund updated",
     EVENT("charge.refund.updated", "{\"id\":\"re_1\"}"),
     {RELOAD_EVENT_OTHER, "", "", 0}},
    {"no dot after payment_intent",
     EVENT("payment_intents", "{\"id\":\"pi_1\"}"),
     {RELOAD_EVENT_OTHER, "", "", 0}},
    {"prefix in the middle",
     EVENT("x.payment_intent.succeeded", "{\"id\":\"pi_1\"}"),
     {RELOAD_EVENT_OTHER, "", "", 0}},
    {"empty type, no data", "{\"type\":\"\"}", {RELOAD_EVENT_OTHER, "", "", 0}},
    {"of no interest, odd data",
     "{\"type\":\"invoice.paid\",\"data\":[]}",
     {RELOAD_EVENT_OTHER, "", "", 0}},
    {"space around it", " \r\n\t" INTENT_BODY "\n", {RELOAD_EVENT_INTENT, "pi_1", "", 0}},
    {"a NUL in somebody else's text",
     EVENT("payment_intent.succeeded", "{\"id\":\"pi_1\",\"description\":\"a\\u0000b\"}"),
     {RELOAD_EVENT_INTENT, "pi_1", "", 0}},
};

static void test_good_bodies(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(good_cases); i++) {
    const struct body_case *c = &good_cases[i];
    struct reload_event event;
    struct reload_message message;
    enum reload_error error = read_signed(c->body, strlen(c->body), &event, &message);
    if (error != RELOAD_OK) fail_msg("%s: %s", c->name, message.text);
    /* Bytewise: what is not used is zero. */
    if (memcmp(&event, &c->event, sizeof event) != 0) {
      fail_msg("%s: kind %d, intent %s, reference %s", c->name, (int)event.kind, event.intent_id,
               event.reference_id);
    }
    assert_string_equal(message.text, "");
  }
}

/* ---- What is refused ---------------------------------------------------------------------- */

#define LOST(rest) CLOSED("{\"status\":\"lost\"" rest "}")
#define PI ",\"payment_intent\":\"pi_1\""

static const struct {
  const char *name;
  const char *body;
} bad_cases[] = {
    {"not JSON", "type=payment_intent.succeeded"},
    {"only space", "   "},
    {"cut short", "{\"type\":\"payment_intent.succeeded\""},
    {"more after the end", INTENT_BODY "{}"},
    {"array", "[" INTENT_BODY "]"},
    {"string", "\"payment_intent.succeeded\""},
    {"number", "1"},
    {"null", "null"},
    {"trailing comma", "{\"type\":\"x\",}"},
    {"byte order mark", "\xef\xbb\xbf" INTENT_BODY},
    {"bad UTF-8", "{\"type\":\"\xff\"}"},
    {"overlong UTF-8", "{\"type\":\"\xc0\xaf\"}"},
    {"lone surrogate", "{\"type\":\"\\ud800\"}"},
    {"raw newline in a string", "{\"type\":\"a\nb\"}"},
    {"huge number", "{\"type\":\"x\",\"created\":1e999}"},
    {"integer beyond 64 bits", "{\"type\":\"x\",\"created\":9223372036854775808}"},

    {"the same key twice", "{\"type\":\"invoice.paid\",\"type\":\"payment_intent.succeeded\"}"},
    {"the id twice", EVENT("payment_intent.succeeded", "{\"id\":\"pi_1\",\"id\":\"pi_2\"}")},
    {"the amount twice", REFUND("{\"amount_refunded\":1,\"amount_refunded\":2" PI "}")},

    {"no type", "{}"},
    {"type null", "{\"type\":null}"},
    {"type a number", "{\"type\":1}"},
    {"type an array", "{\"type\":[\"charge.refunded\"]}"},
    {"type with a NUL", "{\"type\":\"charge.refunded\\u0000x\"}"},
    {"no data", "{\"type\":\"payment_intent.succeeded\"}"},
    {"data null", "{\"type\":\"payment_intent.succeeded\",\"data\":null}"},
    {"data a string", "{\"type\":\"payment_intent.succeeded\",\"data\":\"pi_1\"}"},
    {"no object", "{\"type\":\"payment_intent.succeeded\",\"data\":{}}"},
    {"object an array", EVENT("payment_intent.succeeded", "[{\"id\":\"pi_1\"}]")},
    {"object a string", EVENT("payment_intent.succeeded", "\"pi_1\"")},

    {"no id", EVENT("payment_intent.succeeded", "{}")},
    {"id null", EVENT("payment_intent.succeeded", "{\"id\":null}")},
    {"id a number", EVENT("payment_intent.succeeded", "{\"id\":1}")},
    {"id empty", EVENT("payment_intent.succeeded", "{\"id\":\"\"}")},
    {"id of 65 bytes", EVENT("payment_intent.succeeded", "{\"id\":\"" SIXTY "abcde\"}")},
    {"id with a NUL", EVENT("payment_intent.succeeded", "{\"id\":\"pi_1\\u0000x\"}")},
    {"id a NUL", EVENT("payment_intent.succeeded", "{\"id\":\"\\u0000\"}")},
    {"id with a newline", EVENT("payment_intent.succeeded", "{\"id\":\"pi_1\\r\\n\"}")},
    {"id with C1", EVENT("payment_intent.succeeded", "{\"id\":\"pi_1\\u0085\"}")},

    {"refund without intent", REFUND("{\"amount_refunded\":1}")},
    {"refund with an expanded intent",
     REFUND("{\"amount_refunded\":1,\"payment_intent\":{\"id\":\"pi_1\"}}")},
    {"refund without amount", REFUND("{\"amount\":1" PI "}")},
    {"refund of zero", REFUND("{\"amount_refunded\":0" PI "}")},
    {"refund of less than zero", REFUND("{\"amount_refunded\":-1" PI "}")},
    {"refund of the least", REFUND("{\"amount_refunded\":-9223372036854775808" PI "}")},
    {"refund of a fraction", REFUND("{\"amount_refunded\":1.5" PI "}")},
    {"refund of a whole real", REFUND("{\"amount_refunded\":1.0" PI "}")},
    {"refund of an exponent", REFUND("{\"amount_refunded\":1e2" PI "}")},
    {"refund of a string", REFUND("{\"amount_refunded\":\"100\"" PI "}")},
    {"refund of true", REFUND("{\"amount_refunded\":true" PI "}")},
    {"refund of null", REFUND("{\"amount_refunded\":null" PI "}")},
    {"refund beyond 64 bits", REFUND("{\"amount_refunded\":9223372036854775808" PI "}")},

    {"closed without status", CLOSED("{\"id\":\"du_1\",\"amount\":1" PI "}")},
    {"closed, status a number", CLOSED("{\"id\":\"du_1\",\"amount\":1,\"status\":0" PI "}")},
    {"closed, status with a NUL",
     CLOSED("{\"id\":\"du_1\",\"amount\":1,\"status\":\"lost\\u0000\"" PI "}")},
    {"lost without id", LOST(",\"amount\":1" PI)},
    {"lost, id over long", LOST(",\"amount\":1,\"id\":\"" SIXTY "abcde\"" PI)},
    {"lost without intent", LOST(",\"amount\":1,\"id\":\"du_1\"")},
    {"lost without amount", LOST(",\"id\":\"du_1\"" PI)},
    {"lost of zero", LOST(",\"amount\":0,\"id\":\"du_1\"" PI)},
    {"lost of less than zero", LOST(",\"amount\":-5,\"id\":\"du_1\"" PI)},
};

static void test_bad_bodies(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(bad_cases); i++) {
    struct reload_event event;
    struct reload_message message;
    enum reload_error error =
        read_signed(bad_cases[i].body, strlen(bad_cases[i].body), &event, &message);
    if (error != RELOAD_INVALID) {
      fail_msg("%s: got %s", bad_cases[i].name, reload_error_name(error));
    }
    assert_refused(error, &event, &message);
  }
}

/* A raw NUL byte ends no string here: the body is as long as it was said to be. */
static void test_raw_nul(void **state) {
  (void)state;
  static const char after[] = INTENT_BODY "\0{}";
  static const char inside[] = EVENT("payment_intent.succeeded", "{\"id\":\"pi_1\0x\"}");
  struct reload_event event;
  struct reload_message message;
  enum reload_error error = read_signed(after, sizeof after - 1, &event, &message);
  assert_refused(error, &event, &message);
  error = read_signed(inside, sizeof inside - 1, &event, &message);
  assert_refused(error, &event, &message);
}

static void test_depth(void **state) {
  (void)state;
  enum { DEPTH = 200000 };
  static const char start[] = "{\"type\":\"invoice.paid\",\"data\":";
  static const char *const openers[] = {"[", "{\"a\":"};
  char *body = malloc(sizeof start + (size_t)DEPTH * 5);
  assert_non_null(body);
  for (size_t i = 0; i < COUNT(openers); i++) {
    size_t size = sizeof start - 1, step = strlen(openers[i]);
    memcpy(body, start, size);
    for (size_t d = 0; d < DEPTH; d++, size += step) memcpy(body + size, openers[i], step);
    struct reload_event event;
    struct reload_message message;
    enum reload_error error = read_signed(body, size, &event, &message);
    assert_refused(error, &event, &message);
  }
  free(body);
}

/* 1 MiB is read, one byte more is not, and a size beyond the body's memory is never touched. */
static void test_size(void **state) {
  (void)state;
  enum { LIMIT = 1024 * 1024 };
  char *body = malloc(LIMIT + 1);
  assert_non_null(body);
  memset(body, ' ', LIMIT + 1);
  memcpy(body, INTENT_BODY, strlen(INTENT_BODY));
  struct reload_event event;
  struct reload_message message;
  assert_int_equal(read_signed(body, LIMIT, &event, &message), RELOAD_OK);
  assert_string_equal(event.intent_id, "pi_1");
  enum reload_error error = read_signed(body, LIMIT + 1, &event, &message);
  assert_refused(error, &event, &message);
  error = reload_event_read(body, SIZE_MAX, "t=" AT_S ",v1=" INTENT_DIGEST, SECRET, NOW_MS, &event,
                            &message);
  assert_refused(error, &event, &message);
  free(body);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rfc_4231),
      cmocka_unit_test(test_long_secret),
      cmocka_unit_test(test_headers),
      cmocka_unit_test(test_huge_headers),
      cmocka_unit_test(test_many_signatures),
      cmocka_unit_test(test_tolerance),
      cmocka_unit_test(test_odd_times),
      cmocka_unit_test(test_arguments),
      cmocka_unit_test(test_empty_secret),
      cmocka_unit_test(test_altered_bodies),
      cmocka_unit_test(test_good_bodies),
      cmocka_unit_test(test_bad_bodies),
      cmocka_unit_test(test_raw_nul),
      cmocka_unit_test(test_depth),
      cmocka_unit_test(test_size),
  };
  return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
