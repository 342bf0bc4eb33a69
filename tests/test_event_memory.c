/* Reading an event when memory runs out: it is read rightly, or not at all, and never taken for
 * bad. An event that is taken for bad is acknowledged in effect: nobody sends it again, and a
 * refund in it is never reversed (MONEY-7). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "memory_kit.h"
#include "reload.h"

#include <nettle/hmac.h>
#include <stdio.h>
#include <string.h>

#define SECRET "whsec_test"
#define NOW_MS INT64_C(1768478400000)
#define DISPUTE                                                                                    \
  "{\"id\":\"evt_0123456789abcdef\",\"object\":\"event\",\"type\":\"charge.dispute.closed\","      \
  "\"data\":{\"object\":{\"id\":\"dp_0123456789abcdef0123456789abcdef\",\"payment_intent\":"       \
  "\"pi_0123456789abcdef0123456789abcdef\",\"status\":\"lost\",\"amount\":1000}}}"

static void sign(const char *body, char signature[112]) {
  struct hmac_sha256_ctx context;
  uint8_t digest[SHA256_DIGEST_SIZE];
  int size = snprintf(signature, 112, "%lld", (long long)(NOW_MS / 1000));
  hmac_sha256_set_key(&context, strlen(SECRET), (const uint8_t *)SECRET);
  hmac_sha256_update(&context, (size_t)size, (const uint8_t *)signature);
  hmac_sha256_update(&context, 1, (const uint8_t *)".");
  hmac_sha256_update(&context, strlen(body), (const uint8_t *)body);
  hmac_sha256_digest(&context, sizeof digest, digest);
  size = snprintf(signature, 112, "t=%lld,v1=", (long long)(NOW_MS / 1000));
  for (size_t i = 0; i < sizeof digest; i++)
    (void)snprintf(signature + size + 2 * i, 3, "%02x", (unsigned)digest[i]);
}

static enum reload_error read_once(const char *body, int fail_nth, struct reload_event *event,
                                   struct memory_kit *memory) {
  char signature[112];
  struct reload_message message;
  sign(body, signature);
  *memory = (struct memory_kit){.user = FAKE_MEMORY_JSON, .fail_nth = fail_nth};
  memory_kit_begin(memory);
  enum reload_error error =
      reload_event_read(body, strlen(body), signature, SECRET, NOW_MS, event, &message);
  fake_memory_end();
  return error;
}

static void test_each_allocation_fails(void **state) {
  (void)state;
  struct reload_event right, event;
  struct memory_kit memory, all;
  assert_int_equal(read_once(DISPUTE, 0, &right, &all), RELOAD_OK);
  assert_int_equal(right.kind, RELOAD_EVENT_DISPUTE_LOST);
  assert_true(all.requests[FAKE_MEMORY_JSON] > 20);
  assert_int_equal(all.requests[FAKE_MEMORY_SQLITE], 0);
  int refused = 0;
  for (int nth = 1; nth <= all.requests[FAKE_MEMORY_JSON]; nth++) {
    enum reload_error error = read_once(DISPUTE, nth, &event, &memory);
    assert_true(memory.failed);
    if (error == RELOAD_OK)
      assert_memory_equal(&event, &right, sizeof event);
    else
      assert_int_equal(error, RELOAD_NOMEM);
    refused += error == RELOAD_NOMEM;
  }
  assert_true(refused > 20);
  assert_int_equal(read_once(DISPUTE, 0, &event, &memory), RELOAD_OK);
  assert_int_equal(memory.requests[FAKE_MEMORY_JSON], all.requests[FAKE_MEMORY_JSON]);
}

/* What is bad stays bad while there is memory. */
static void test_bad_stays_bad(void **state) {
  (void)state;
  struct reload_event event;
  struct memory_kit memory;
  assert_int_equal(read_once("{\"type\":\"charge.refunded\",}", 0, &event, &memory),
                   RELOAD_INVALID);
  assert_int_equal(read_once("{\"type\":1,\"type\":2}", 0, &event, &memory), RELOAD_INVALID);
}

static int set_up(void **state) {
  (void)state;
  return fake_memory_install() ? 0 : -1;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_each_allocation_fails),
      cmocka_unit_test(test_bad_stays_bad),
  };
  return cmocka_run_group_tests_name("event, out of memory", tests, set_up, NULL);
}
