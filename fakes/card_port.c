/* The gateway's calls: the way to it, the idempotency layer, and what it then does. */
#include "card_inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#define MAX_KEY_CHARACTERS 255

/* One call on its way through the gateway. */
struct call {
  enum fake_card_call call;
  struct fake_card_fixture *fixture;
  struct fake_card *card;
  int64_t now_ms;
  const char *key; /* never null; "": none */
  uint64_t params[2];
  struct fake_card_behaviour behaviour;
  struct reload_card_reply *reply;
  const struct reload_intent_request *request; /* create */
  const char *intent_id;                       /* confirm, cancel; never null */
  struct fake_card_intent *intent; /* create: the new one; else what the check has found */
};

static void reply_without_intent(struct reload_card_reply *reply, enum reload_card_outcome outcome,
                                 const char *code) {
  memset(reply, 0, sizeof *reply);
  reply->outcome = outcome;
  (void)fake_card_text_copy(reply->code, sizeof reply->code, code);
}

static bool reject_call(struct call *call, const char *code) {
  reply_without_intent(call->reply, RELOAD_CARD_REJECTED, code);
  return false;
}

static void answer_call(struct call *call, const struct fake_card_intent *intent,
                        const char *code) {
  reply_without_intent(call->reply, RELOAD_CARD_ANSWERED, code);
  call->reply->status = intent->status;
  (void)fake_card_text_copy(call->reply->intent_id, RELOAD_ID_SIZE, intent->id);
  (void)fake_card_text_copy(call->reply->decline_code, RELOAD_CODE_SIZE, intent->decline_code);
}

/* ---- The way to the gateway ---------------------------------------------------------------- */

/* Choose how the call goes. Returns false if it does not get to the idempotency layer; the reply is
 * then complete. */
static bool gets_through(struct call *call) {
  reply_without_intent(call->reply, RELOAD_CARD_UNKNOWN, "");
  call->fixture->call_count++;
  fake_card_advance(call->card, call->now_ms);
  if (call->now_ms < call->card->down_until_ms) {
    call->fixture->last.was_down = true;
    reply_without_intent(call->reply, RELOAD_CARD_NOT_SENT, "");
    return false;
  }
  if (call->fixture->choose != NULL) {
    const char *about = call->call == FAKE_CARD_CREATE ? call->key : call->intent_id;
    call->behaviour = call->fixture->choose(call->fixture->chooser, call->call, about);
  }
  switch (call->behaviour.kind) {
    case FAKE_CARD_NOT_REACHED:
      reply_without_intent(call->reply, RELOAD_CARD_NOT_SENT, "");
      return false;
    case FAKE_CARD_429:
      reply_without_intent(call->reply, RELOAD_CARD_NOT_SENT, "rate_limit");
      return false;
    case FAKE_CARD_409:
      reply_without_intent(call->reply, RELOAD_CARD_UNKNOWN, "idempotency_key_in_use");
      return false;
    case FAKE_CARD_TIMEOUT_BEFORE: return false;
    default: return true;
  }
}

/* ---- The idempotency layer ----------------------------------------------------------------- */

/* Mix one more field into a digest; each is hashed on its own, which keeps neighbours apart. */
static void digest_text(uint64_t digest[2], const char *text) {
  const char *field = text == NULL ? "" : text;
  XXH128_hash_t hash = XXH3_128bits_withSeed(field, strlen(field), digest[0]);
  digest[0] = hash.low64;
  digest[1] = (digest[1] << 1 | digest[1] >> 63) ^ hash.high64;
}

static void digest_call(struct call *call) {
  call->params[0] = (uint64_t)call->call;
  call->params[1] = 0;
  if (call->call != FAKE_CARD_CREATE) {
    digest_text(call->params, call->intent_id);
    return;
  }
  char amount[24];
  (void)snprintf(amount, sizeof amount, "%" PRId64, call->request->amount_minor);
  digest_text(call->params, amount);
  digest_text(call->params, call->request->currency);
  digest_text(call->params, call->request->customer_id);
  digest_text(call->params, call->request->card_id);
  digest_text(call->params, call->request->client_id);
  digest_text(call->params, call->request->action_id);
}

static void hash_key(const char *key, uint64_t out[2]) {
  XXH128_hash_t hash = XXH3_128bits(key, strlen(key));
  out[0] = hash.low64;
  out[1] = hash.high64;
}

/* Answer from memory. Returns false if the key is new, forgotten, or none. */
static bool replays_saved(struct call *call) {
  uint64_t wanted[2];
  hash_key(call->key, wanted);
  for (int32_t i = 0; call->key[0] != '\0' && i < call->card->key_count; i++) {
    const struct fake_card_key *key = &call->card->keys[i];
    if (memcmp(key->key, wanted, sizeof wanted) != 0) {
      continue;
    }
    if (memcmp(key->params, call->params, sizeof key->params) == 0) {
      reply_without_intent(call->reply, key->outcome, key->code);
      call->reply->status = key->status;
      (void)fake_card_text_copy(call->reply->intent_id, RELOAD_ID_SIZE, key->intent_id);
      (void)fake_card_text_copy(call->reply->decline_code, RELOAD_CODE_SIZE, key->decline_code);
    } else {
      (void)reject_call(call, "idempotency_error");
    }
    return true;
  }
  return false;
}

static void save_reply(struct call *call) {
  if (call->key[0] == '\0') {
    return;
  }
  if (call->card->key_count == FAKE_CARD_MAX_KEYS) {
    call->card->overflowed = true;
    return;
  }
  struct fake_card_key *key = &call->card->keys[call->card->key_count++];
  memset(key, 0, sizeof *key);
  hash_key(call->key, key->key);
  memcpy(key->params, call->params, sizeof key->params);
  key->at_ms = call->now_ms;
  key->outcome = call->reply->outcome;
  key->status = call->reply->status;
  (void)fake_card_text_copy(key->intent_id, sizeof key->intent_id, call->reply->intent_id);
  (void)fake_card_text_copy(key->code, sizeof key->code, call->reply->code);
  (void)fake_card_text_copy(key->decline_code, sizeof key->decline_code, call->reply->decline_code);
}

/* Take a call through the layers.
 * In: check  rejects the call or lets it go; what it rejects has executed nothing and is not saved
 *     act    executes it and answers
 */
static void go_through(struct call *call, bool (*check)(struct call *),
                       void (*act)(struct call *)) {
  call->card = call->fixture->card;
  call->now_ms = call->fixture->clock->now_ms;
  if (!gets_through(call)) {
    return;
  }
  enum fake_card_behaviour_kind kind = call->behaviour.kind;
  digest_call(call);
  call->fixture->last.replayed = replays_saved(call);
  if (!call->fixture->last.replayed && check(call)) {
    if (kind != FAKE_CARD_500_ROLLED_BACK) {
      act(call);
    }
    if (kind == FAKE_CARD_500_ROLLED_BACK || kind == FAKE_CARD_500_ROLLED_FORWARD ||
        (kind == FAKE_CARD_500_FORWARD_LATER && call->call == FAKE_CARD_CONFIRM)) {
      reply_without_intent(call->reply, RELOAD_CARD_UNKNOWN, "");
    }
    save_reply(call);
  }
  if (kind == FAKE_CARD_TIMEOUT_AFTER) {
    reply_without_intent(call->reply, RELOAD_CARD_UNKNOWN, "");
  }
}

static void note_request(struct fake_card_record *last, const struct reload_intent_request *asked) {
  last->amount_minor = asked->amount_minor;
  (void)fake_card_text_copy(last->customer_id, sizeof last->customer_id, asked->customer_id);
  (void)fake_card_text_copy(last->card_id, sizeof last->card_id, asked->card_id);
  (void)fake_card_text_copy(last->client_id, sizeof last->client_id, asked->client_id);
  (void)fake_card_text_copy(last->action_id, sizeof last->action_id, asked->action_id);
  (void)fake_card_text_copy(last->currency, sizeof last->currency, asked->currency);
}

/* Make a call, and leave in the fixture how it went. */
static void run_call(struct call *call, bool (*check)(struct call *), void (*act)(struct call *)) {
  struct fake_card_record *last = &call->fixture->last;
  memset(last, 0, sizeof *last);
  last->call = call->call;
  (void)fake_card_text_copy(last->key, sizeof last->key, call->key);
  if (call->request != NULL) {
    note_request(last, call->request);
  }
  go_through(call, check, act);
  last->behaviour = call->behaviour.kind;
  (void)fake_card_text_copy(last->intent_id, sizeof last->intent_id,
                            call->intent != NULL ? call->intent->id : call->intent_id);
  last->reply = *call->reply;
}

/* ---- Create -------------------------------------------------------------------------------- */

static bool is_given_text(const char *text, size_t least, size_t size_with_nul) {
  return text != NULL && strlen(text) >= least && strlen(text) < size_with_nul;
}

static bool is_currency_code(const char *currency) {
  return currency != NULL && strlen(currency) == 3 &&
         strspn(currency, "abcdefghijklmnopqrstuvwxyz") == 3;
}

static bool check_card(struct call *call, const char *card_id) {
  if (!fake_card_is_known(card_id)) {
    return reject_call(call, "resource_missing");
  }
  if (fake_card_is_marked(call->card, card_id, FAKE_CARD_DETACHED)) {
    return reject_call(call, "payment_method_detached");
  }
  return true;
}

static bool check_create(struct call *call) {
  const struct reload_intent_request *request = call->request;
  if (call->behaviour.kind == FAKE_CARD_REJECTED) {
    return reject_call(call,
                       call->behaviour.code == NULL ? "parameter_invalid" : call->behaviour.code);
  }
  if (!is_given_text(call->key, 0, MAX_KEY_CHARACTERS + 1) ||
      !is_currency_code(request->currency) ||
      !is_given_text(request->customer_id, 1, RELOAD_ID_SIZE) ||
      !is_given_text(request->client_id, 1, RELOAD_ID_SIZE) ||
      !is_given_text(request->action_id, 0, RELOAD_ID_SIZE)) {
    return reject_call(call, "parameter_invalid");
  }
  if (request->amount_minor < FAKE_CARD_MIN_AMOUNT_MINOR) {
    return reject_call(call, "amount_too_small");
  }
  if (request->amount_minor > FAKE_CARD_MAX_AMOUNT_MINOR) {
    return reject_call(call, "amount_too_large");
  }
  return check_card(call, request->card_id);
}

/* An id that does not depend on what else was created. Only a key that was forgotten, or none,
 * finds its first id taken; then the seed goes up. */
static void make_intent_id(const struct call *call, char id[RELOAD_ID_SIZE]) {
  XXH64_hash_t seed = 0;
  do {
    XXH128_hash_t hash = call->key[0] != '\0'
                             ? XXH3_128bits_withSeed(call->key, strlen(call->key), seed)
                             : XXH3_128bits_withSeed(call->params, sizeof call->params, seed);
    memset(id, 0, RELOAD_ID_SIZE);
    (void)snprintf(id, RELOAD_ID_SIZE, "pi_%016" PRIx64 "%016" PRIx64, (uint64_t)hash.high64,
                   (uint64_t)hash.low64);
    seed++;
  } while (fake_card_find_intent(call->card, id) != NULL);
}

static void act_create(struct call *call) {
  const struct reload_intent_request *request = call->request;
  char id[RELOAD_ID_SIZE];
  make_intent_id(call, id);
  struct fake_card_intent *intent = fake_card_intent_new(call->card, id, call->now_ms);
  if (intent == NULL) {
    return;
  }
  intent->status = RELOAD_INTENT_REQUIRES_CONFIRMATION;
  intent->amount_minor = request->amount_minor;
  /* Sizes were checked. */
  (void)fake_card_text_copy(intent->client_id, sizeof intent->client_id, request->client_id);
  (void)fake_card_text_copy(intent->action_id, sizeof intent->action_id, request->action_id);
  (void)fake_card_text_copy(intent->customer_id, sizeof intent->customer_id, request->customer_id);
  (void)fake_card_text_copy(intent->card_id, sizeof intent->card_id, request->card_id);
  (void)fake_card_text_copy(intent->currency, sizeof intent->currency, request->currency);
  call->intent = intent;
  answer_call(call, intent, "");
}

static void intent_create(void *self, const struct reload_intent_request *request,
                          struct reload_card_reply *reply) {
  struct call call = {.call = FAKE_CARD_CREATE, .fixture = self, .reply = reply};
  call.request = request;
  call.key = request->idempotency_key == NULL ? "" : request->idempotency_key;
  call.intent_id = "";
  run_call(&call, check_create, act_create);
}

/* ---- Confirm ------------------------------------------------------------------------------- */

static bool check_intent(struct call *call) {
  call->intent = fake_card_intent_at(call->card, call->intent_id);
  return call->intent != NULL || reject_call(call, "resource_missing");
}

static bool check_confirm(struct call *call) {
  if (!is_given_text(call->key, 0, MAX_KEY_CHARACTERS + 1)) {
    return reject_call(call, "parameter_invalid");
  }
  if (!check_intent(call)) {
    return false;
  }
  /* An intent that cannot be confirmed says so, whatever became of its card. */
  return call->intent->status != RELOAD_INTENT_REQUIRES_CONFIRMATION ||
         check_card(call, call->intent->card_id);
}

/* What the card itself does off session. */
static void charge_by_card(struct call *call) {
  struct fake_card_intent *intent = call->intent;
  const struct fake_card_kind *kind = fake_card_kind_of(intent->card_id);
  if (kind == NULL) { /* create lets no such card pass */
    fake_card_intent_decline(call->card, intent, "generic_decline", call->now_ms);
    return;
  }
  bool helped = kind->trait == FAKE_CARD_TRAIT_SET_UP_HELPS &&
                fake_card_is_marked(call->card, intent->card_id, FAKE_CARD_SET_UP);
  if (kind->decline_code[0] == '\0' || helped) {
    fake_card_intent_capture(call->card, intent, call->now_ms);
  } else {
    fake_card_intent_decline(call->card, intent, kind->decline_code, call->now_ms);
  }
}

static void take_into_processing(struct call *call, bool succeeds) {
  int64_t delay_ms = call->behaviour.duration_ms;
  if (delay_ms <= 0) {
    delay_ms = FAKE_CARD_LATER_MS;
  }
  if (delay_ms > FAKE_CLOCK_MAX_MS) {
    delay_ms = FAKE_CLOCK_MAX_MS; /* so that the sum cannot overflow */
  }
  fake_card_intent_process(call->intent, succeeds, call->now_ms + delay_ms);
}

static void ask_bank(struct call *call) {
  const char *code = call->behaviour.code == NULL ? "generic_decline" : call->behaviour.code;
  switch (call->behaviour.kind) {
    case FAKE_CARD_SUCCEEDED:
      fake_card_intent_capture(call->card, call->intent, call->now_ms);
      break;
    case FAKE_CARD_DECLINED:
      fake_card_intent_decline(call->card, call->intent, code, call->now_ms);
      break;
    case FAKE_CARD_3D_SECURE:
      fake_card_intent_ask_customer(call->card, call->intent, call->now_ms);
      break;
    case FAKE_CARD_500_FORWARD_LATER:
    case FAKE_CARD_PROCESSING_SUCCEEDS: take_into_processing(call, true); break;
    case FAKE_CARD_PROCESSING_FAILS: take_into_processing(call, false); break;
    default: charge_by_card(call); break;
  }
}

static int32_t next_confirm_no(const struct fake_card *card, const char *client_id) {
  int32_t count = 0;
  for (int32_t i = 0; i < card->intent_count; i++) {
    const struct fake_card_intent *intent = &card->intents[i];
    count += intent->confirm_no > 0 && strcmp(intent->client_id, client_id) == 0;
  }
  return count + 1;
}

static void act_confirm(struct call *call) {
  struct fake_card_intent *intent = call->intent;
  intent->confirm_count++;
  if (intent->status != RELOAD_INTENT_REQUIRES_CONFIRMATION) {
    answer_call(call, intent, "payment_intent_unexpected_state");
    return;
  }
  intent->confirm_no = next_confirm_no(call->card, intent->client_id);
  intent->confirmed_at_ms = call->now_ms;
  ask_bank(call);
  answer_call(call, intent, intent->code);
}

static void intent_confirm(void *self, const char *intent_id, const char *idempotency_key,
                           struct reload_card_reply *reply) {
  struct call call = {.call = FAKE_CARD_CONFIRM, .fixture = self, .reply = reply};
  call.key = idempotency_key == NULL ? "" : idempotency_key;
  call.intent_id = intent_id == NULL ? "" : intent_id;
  run_call(&call, check_confirm, act_confirm);
}

/* ---- Cancel -------------------------------------------------------------------------------- */

static void act_cancel(struct call *call) {
  struct fake_card_intent *intent = call->intent;
  switch (intent->status) {
    case RELOAD_INTENT_PROCESSING:
    case RELOAD_INTENT_SUCCEEDED:
    case RELOAD_INTENT_CANCELED:
      answer_call(call, intent, "payment_intent_unexpected_state");
      return;
    case RELOAD_INTENT_REQUIRES_CONFIRMATION:
    case RELOAD_INTENT_REQUIRES_PAYMENT_METHOD:
    case RELOAD_INTENT_REQUIRES_ACTION:
      fake_card_intent_cancel(call->card, intent, call->now_ms);
      answer_call(call, intent, "");
      return;
  }
}

static void intent_cancel(void *self, const char *intent_id, struct reload_card_reply *reply) {
  struct call call = {.call = FAKE_CARD_CANCEL, .fixture = self, .reply = reply};
  call.key = "";
  call.intent_id = intent_id == NULL ? "" : intent_id;
  run_call(&call, check_intent, act_cancel);
}

struct reload_card_port fake_card_port(struct fake_card_fixture *fixture) {
  struct reload_card_port port = {fixture, intent_create, intent_confirm, intent_cancel};
  return port;
}
