/* A card gateway that is a value: payment intents, idempotency keys, cards and waiting events.
 *
 * It behaves like Stripe's PaymentIntents as far as a silent off-session charge can see it. It is
 * stateful and never plays back a scripted list of answers: what it says follows from what was done
 * to it, the card's kind, and the behaviour chosen for the call.
 *
 * Units: amount_minor and *_minor are minor currency units; _ms is ms since the epoch, UTC.
 * Value: no pointers inside; unused tails of strings and of array items are zero. The order of the
 *        intents, keys and marks in their arrays has no meaning, and nothing the gateway does
 *        depends on it.
 */
#ifndef FAKE_CARD_H
#define FAKE_CARD_H

#include "clock.h"
#include "ports.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_CARD_MAX_INTENTS 64
#define FAKE_CARD_MAX_KEYS 192
#define FAKE_CARD_MAX_EVENTS 256
#define FAKE_CARD_MAX_MARKS 32

#define FAKE_CARD_MIN_AMOUNT_MINOR 50
#define FAKE_CARD_MAX_AMOUNT_MINOR 99999999
#define FAKE_CARD_KEY_MEMORY_MS INT64_C(86400000) /* an idempotency key is forgotten after this */
#define FAKE_CARD_LATER_MS INT64_C(3600000)       /* what happens "later" by itself takes it */

#define FAKE_CARD_BODY_SIZE 2048     /* enough for each event's body, with the NUL */
#define FAKE_CARD_SIGNATURE_SIZE 112 /* enough for each signature, with the NUL */
#define FAKE_CARD_EVENT_ID_SIZE 40

/* Sizes inside the value, with the NUL: the port's, rounded so that no item has padding. */
#define FAKE_CARD_TEXT_SIZE 72
#define FAKE_CARD_CODE_SIZE 48

/* How the latest try to move the money went, for the bank. Kept when the intent is canceled. */
enum fake_card_result {
  FAKE_CARD_RESULT_NONE = 0, /* never confirmed */
  FAKE_CARD_RESULT_CAPTURED,
  FAKE_CARD_RESULT_DECLINED,   /* decline_code says why; "authentication_required" is one of them */
  FAKE_CARD_RESULT_3D_SECURE,  /* requires_action: the customer has not passed it */
  FAKE_CARD_RESULT_PROCESSING, /* not decided yet */
  FAKE_CARD_RESULT_FAILED      /* was processing, then failed */
};

enum fake_card_dispute_state {
  FAKE_CARD_DISPUTE_NONE = 0,
  FAKE_CARD_DISPUTE_OPEN, /* the bank has taken disputed_minor */
  FAKE_CARD_DISPUTE_WON,  /* and has given it back */
  FAKE_CARD_DISPUTE_LOST  /* and keeps it */
};

/* One payment intent. The merchant holds
 * captured_minor - (refunded_minor - refund_failed_minor) - disputed_minor. */
struct fake_card_intent {
  uint64_t id_hash; /* of id */
  int64_t amount_minor;
  int64_t captured_minor;       /* 0, or amount_minor for ever after */
  int64_t refunded_minor;       /* all refunds that succeeded, even if they failed afterwards */
  int64_t refund_failed_minor;  /* of these, what failed afterwards and came back */
  int64_t refund_told_minor;    /* the highest total that a charge.refunded event ever told: what
                                   may be reversed in the ledger */
  int64_t refund_pending_minor; /* pm_card_pendingRefund: not in refunded_minor yet */
  int64_t refund_failing_minor; /* pm_card_refundFail: in refunded_minor, fails at refund_due_ms */
  int64_t refund_heard_minor;   /* the highest total that a delivered one told */
  int64_t disputed_minor;       /* taken by a dispute that is open or lost */
  int64_t dispute_told_minor; /* what the event of a lost dispute tells; 0 if that event is lost */
  int64_t created_at_ms;
  int64_t confirmed_at_ms; /* when the bank was first asked; 0: never */
  int64_t captured_at_ms;  /* 0: never */
  int64_t canceled_at_ms;  /* 0: never */
  int64_t event_at_ms;     /* of its latest event */
  int64_t settle_due_ms;   /* processing ends; 0: nothing due */
  int64_t dispute_due_ms;  /* pm_card_createDispute opens its dispute; 0: nothing due */
  int64_t refund_due_ms;   /* a pending or failing refund ends; 0: nothing due */
  enum reload_intent_status status;
  enum fake_card_result result;
  enum fake_card_dispute_state dispute;
  int32_t confirm_count; /* confirm requests that got to the intent (replays by key do not) */
  int32_t confirm_no;    /* 1, 2, ... for its client, in the order the bank was asked; 0: never */
  int32_t settle_ok;     /* processing will succeed */
  int32_t is_checkout;   /* paid by the customer through Checkout: no attempt of the engine's */
  int32_t event_count;   /* events it ever caused */
  char id[FAKE_CARD_TEXT_SIZE];
  char client_id[FAKE_CARD_TEXT_SIZE];
  char action_id[FAKE_CARD_TEXT_SIZE]; /* is_checkout: the checkout's reference */
  char customer_id[FAKE_CARD_TEXT_SIZE];
  char card_id[FAKE_CARD_TEXT_SIZE];
  char currency[8];
  char code[FAKE_CARD_CODE_SIZE];         /* of the last decline, kept when canceled; else "" */
  char decline_code[FAKE_CARD_CODE_SIZE]; /* likewise */
};

/* The calls of the port. */
enum fake_card_call { FAKE_CARD_CREATE = 0, FAKE_CARD_CONFIRM, FAKE_CARD_CANCEL };

/* A remembered idempotency key. Keys are told apart by a 128-bit hash. */
struct fake_card_key {
  uint64_t key[2];
  uint64_t params[2]; /* digest of the call and its parameters */
  int64_t at_ms;
  enum reload_card_outcome outcome; /* the saved reply; UNKNOWN: a 500 */
  enum reload_intent_status status;
  char intent_id[FAKE_CARD_TEXT_SIZE];
  char code[FAKE_CARD_CODE_SIZE];
  char decline_code[FAKE_CARD_CODE_SIZE];
};

enum fake_card_event_kind {
  FAKE_CARD_EVENT_SUCCEEDED = 0,   /* payment_intent.succeeded; amount: the intent's */
  FAKE_CARD_EVENT_FAILED,          /* payment_intent.payment_failed; amount: the intent's */
  FAKE_CARD_EVENT_CANCELED,        /* payment_intent.canceled; amount: the intent's */
  FAKE_CARD_EVENT_REQUIRES_ACTION, /* payment_intent.requires_action; amount: the intent's */
  FAKE_CARD_EVENT_REFUNDED,        /* charge.refunded; amount: refunded in all so far */
  FAKE_CARD_EVENT_REFUND_FAILED,   /* refund.failed; amount: of this refund */
  FAKE_CARD_EVENT_DISPUTED,        /* charge.dispute.created; amount: of the dispute */
  FAKE_CARD_EVENT_DISPUTE_WON,     /* charge.dispute.closed; amount: of the dispute */
  FAKE_CARD_EVENT_DISPUTE_LOST     /* charge.dispute.closed; amount: of the dispute */
};

/* A waiting event (webhook). The queue is kept in the order of (at_ms, intent id, event_no), which
 * is a function of the content; at_ms never runs backwards within one intent. */
struct fake_card_event {
  int64_t at_ms;
  int64_t not_before_ms; /* delayed until then; 0: it may come at any time */
  int64_t posted; /* 1: sent, and whether it arrived is not known; set by whoever posts events */
  int64_t amount_minor;
  enum fake_card_event_kind kind;
  int32_t event_no;                       /* 1, 2, ... for its intent */
  char decline_code[FAKE_CARD_CODE_SIZE]; /* the intent's, then */
  int32_t intent_index;                   /* into intents[] */
};

enum fake_card_mark_bit { FAKE_CARD_DETACHED = 1, FAKE_CARD_SET_UP = 2 };

/* What happened to a card, apart from payments. */
struct fake_card_mark {
  char card_id[FAKE_CARD_TEXT_SIZE];
  uint32_t bits; /* enum fake_card_mark_bit */
};

struct fake_card {
  int64_t down_until_ms; /* while the clock is before it, no call gets through; 0: up. Anybody may
                            set it; fake_card_advance() zeroes it once it has passed */
  int32_t intent_count;
  int32_t key_count;
  int32_t event_count;
  int32_t mark_count;
  bool overflowed; /* an array was too small and something was lost: results no longer count */
  struct fake_card_intent intents[FAKE_CARD_MAX_INTENTS];
  struct fake_card_key keys[FAKE_CARD_MAX_KEYS];
  struct fake_card_event events[FAKE_CARD_MAX_EVENTS];
  struct fake_card_mark marks[FAKE_CARD_MAX_MARKS];
};

/* ---- The value ---------------------------------------------------------------------------- */

/* An empty gateway. Unused array items are left as they are. */
void fake_card_init(struct fake_card *card);

/* Copy the used part of each array; dst may be uninitialized. */
void fake_card_copy(struct fake_card *dst, const struct fake_card *src);

/* Write the used part of each array, and nothing else, into `bytes`, for fake_card_unpack().
 * In:      bytes  null: only count
 * Returns: how many bytes it takes */
size_t fake_card_pack(const struct fake_card *card, void *bytes);
void fake_card_unpack(struct fake_card *card, const void *bytes);

/* Hash all content to 128 bits: everything that may influence later behaviour or a checker. Two
 * histories that differ only in the order in which independent intents, keys and marks were made
 * have the same hash. */
void fake_card_hash(const struct fake_card *card, uint64_t out[2]);

/* ---- The port ----------------------------------------------------------------------------- */

/* How the gateway and the way to it behave in one call. Rows with * are a harness extension: no
 * card of the gateway's makes them. Timeouts, 409, 429 and "not reached" happen to replays too. */
enum fake_card_behaviour_kind {
  FAKE_CARD_NORMAL = 0,
  FAKE_CARD_TIMEOUT_BEFORE,      /* never arrived: UNKNOWN */
  FAKE_CARD_TIMEOUT_AFTER,       /* took effect, the reply was lost: UNKNOWN */
  FAKE_CARD_500_ROLLED_BACK,     /* no effect: UNKNOWN, saved under the key */
  FAKE_CARD_500_ROLLED_FORWARD,  /* took effect: UNKNOWN, saved under the key */
  FAKE_CARD_409,                 /* the key is in use by another request; no effect: UNKNOWN */
  FAKE_CARD_429,                 /* rate limit: NOT_SENT */
  FAKE_CARD_NOT_REACHED,         /* no connection: NOT_SENT */
  FAKE_CARD_SLOW,                /* as normal; whoever owns the clock makes the delay */
  FAKE_CARD_REJECTED,            /* * create only: REJECTED with `code`, unless it is a replay */
  FAKE_CARD_SUCCEEDED,           /* * confirm only (normal elsewhere): whatever the card */
  FAKE_CARD_DECLINED,            /* * confirm only: with the decline code `code` */
  FAKE_CARD_3D_SECURE,           /* * confirm only: requires_action, in a 200 */
  FAKE_CARD_PROCESSING_SUCCEEDS, /* * confirm only: succeeds duration_ms later */
  FAKE_CARD_PROCESSING_FAILS,    /* * confirm only: fails duration_ms later */
  FAKE_CARD_500_FORWARD_LATER    /* * confirm only: as PROCESSING_SUCCEEDS, and UNKNOWN, as a 500 */
};

struct fake_card_behaviour {
  enum fake_card_behaviour_kind kind;
  const char *code;    /* FAKE_CARD_DECLINED, REJECTED; borrowed until the call ends; null:
                          generic_decline, parameter_invalid */
  int64_t duration_ms; /* FAKE_CARD_PROCESSING_*, FORWARD_LATER; <= 0: FAKE_CARD_LATER_MS */
};

/* A call as it went: what was asked, and what the caller was told. A text that is too long for its
 * field is left out. */
struct fake_card_record {
  enum fake_card_call call;
  enum fake_card_behaviour_kind behaviour;
  bool was_down;                  /* the gateway was down: it never saw the call */
  bool replayed;                  /* answered from the key's memory: nothing was executed */
  int64_t amount_minor;           /* create */
  char key[RELOAD_KEY_SIZE];      /* "": none */
  char intent_id[RELOAD_ID_SIZE]; /* create: of the new intent, "" if none was made */
  char customer_id[RELOAD_ID_SIZE];
  char card_id[RELOAD_ID_SIZE];
  char client_id[RELOAD_ID_SIZE];
  char action_id[RELOAD_ID_SIZE];
  char currency[8];
  struct reload_card_reply reply;
};

/* What a card port needs besides the value. */
struct fake_card_fixture {
  struct fake_card *card;         /* borrowed; may be pointed at another value between calls */
  const struct fake_clock *clock; /* likewise */
  void *chooser;                  /* handed to choose */

  /* Asked once a call, unless the gateway is down. Null: always normal.
   * In: intent_or_key  the idempotency key for FAKE_CARD_CREATE, else the intent's id */
  struct fake_card_behaviour (*choose)(void *chooser, enum fake_card_call call,
                                       const char *intent_or_key);
  uint32_t call_count;          /* port calls so far, those that found the gateway down included */
  struct fake_card_record last; /* of them; zero before the first */
};

/* A port on the fixture, which must outlive it.
 * create:  REJECTED amount_too_small, amount_too_large, parameter_invalid (a string is missing or
 *          too long, or a currency is not three lower-case letters), resource_missing (no such
 *          card), payment_method_detached, idempotency_error, or what FAKE_CARD_REJECTED says. The
 *          new intent's id follows from the key (from the parameters, if there is no key).
 * confirm: ANSWERED with code payment_intent_unexpected_state unless the intent is in
 *          requires_confirmation; REJECTED resource_missing, payment_method_detached,
 *          parameter_invalid, idempotency_error. A decline is ANSWERED requires_payment_method.
 * cancel:  ANSWERED with code payment_intent_unexpected_state and the true status if the intent is
 *          processing, succeeded or canceled already; REJECTED resource_missing.
 * Replies are saved under the key for 24 h, 500s too; REJECTED, 409, 429 and calls that did not
 * arrive are not. A null or empty key is no key.
 * Amounts are taken as they are: a currency without decimals (JPY) has the same limits.
 */
struct reload_card_port fake_card_port(struct fake_card_fixture *fixture);

/* ---- Time --------------------------------------------------------------------------------- */

/* Let everything happen that is due at now_ms: processing ends, disputes open, refunds end, keys
 * are forgotten, an outage is over. Things happen at their own due time, so how often this is
 * called makes no difference; called at each move of the clock it keeps equal worlds equal. Each
 * port call and each outside actor does it first. */
void fake_card_advance(struct fake_card *card, int64_t now_ms);

/* When the next payment, dispute or refund is due; INT64_MAX if none is. */
int64_t fake_card_next_due_ms(const struct fake_card *card);

/* ---- Cards -------------------------------------------------------------------------------- */

/* Is it one of the gateway's test cards, with or without a suffix ":digits"? */
bool fake_card_is_known(const char *card_id);

/* Detach a card, for ever. Returns false if there is no such card. */
bool fake_card_detach(struct fake_card *card, const char *card_id);

/* The customer set the card up on session: matters for pm_card_authenticationRequiredOnSetup.
 * Returns false if there is no such card or it is detached. */
bool fake_card_set_up_on_session(struct fake_card *card, const char *card_id);

/* ---- Looking ------------------------------------------------------------------------------ */

/* The intent with this id; null if none. Valid until the value changes. */
const struct fake_card_intent *fake_card_find_intent(const struct fake_card *card,
                                                     const char *intent_id);

/* The intent of this action or checkout reference; null if none. Of several: a captured one before
 * the others, then the one confirmed last, then the least id. */
const struct fake_card_intent *fake_card_find_action(const struct fake_card *card,
                                                     const char *action_id);

/* ---- Outside actors: none of them goes through the port, so none is stopped by an outage ----- */

enum fake_card_authentication {
  FAKE_CARD_AUTHENTICATION_REFUSED = 0, /* nothing to authenticate; nothing changed */
  FAKE_CARD_AUTHENTICATION_CAPTURED,    /* passed, and the money moved */
  FAKE_CARD_AUTHENTICATION_DECLINED     /* passed, and the bank declined all the same */
};

/* The action's customer passes 3D Secure at the bank, late. Works on an intent in requires_action,
 * or declined with authentication_required, that is not canceled; of several, on the one confirmed
 * last. An intent of pm_card_authenticationRequiredChargeDeclinedInsufficientFunds is declined. */
enum fake_card_authentication fake_card_authenticate(struct fake_card *card, const char *action_id,
                                                     int64_t now_ms);

/* Give money back. In: amount_minor > 0, or 0 for all that is left.
 * Returns: false, and nothing changed, if the intent is unknown or has not that much left.
 * Ordinary cards: charge.refunded at once. pm_card_pendingRefund: nothing until FAKE_CARD_LATER_MS
 * later (a further refund meanwhile restarts that time for both), then as ordinary.
 * pm_card_refundFail: charge.refunded at once; FAKE_CARD_LATER_MS later the money is back with the
 * merchant (refund_failed_minor) and refund.failed is sent. What charge.refunded has told is not
 * taken back, as events may be days late: refund_told_minor keeps what the ledger may have
 * reversed. */
bool fake_card_refund(struct fake_card *card, const char *intent_id, int64_t amount_minor,
                      int64_t now_ms);

/* The customer disputes the payment and the dispute is decided. Opens it first if it is not open:
 * it takes all that is left of the payment; won gives it back. One dispute a payment.
 * Returns: false, and nothing changed, if there is nothing to dispute or it was decided before */
bool fake_card_dispute(struct fake_card *card, const char *intent_id, bool won, int64_t now_ms);

/* A payment through Checkout, on session. All strings required. */
struct fake_card_payment {
  const char *intent_id;
  const char *client_id;
  const char *reference; /* the checkout's id; found by fake_card_find_action() */
  const char *card_id;
  const char *currency;
  int64_t amount_minor; /* > 0 */
};

/* Add an intent that was paid through Checkout. The card's kind matters for refunds and disputes
 * only. Paying again with the same id and the same data changes nothing.
 * Returns: false, and nothing changed, if the payment is malformed or the id is taken */
bool fake_card_add_paid_intent(struct fake_card *card, const struct fake_card_payment *payment,
                               int64_t now_ms);

/* ---- Events (webhooks) -------------------------------------------------------------------- */

/* Write a waiting event as it is posted.
 * In:      index   into card->events
 *          secret  the endpoint's signing secret
 *          now_ms  when it is posted: the signature's time
 * Out:     body       JSON in the gateway's event shape, NUL-terminated
 *          signature  "t=SECONDS,v1=HEX": HMAC-SHA256 over "SECONDS.BODY"
 * Returns: the body's length; -1 if there is no such event, a buffer is too small, a metadata
 *          string is not UTF-8, or out of memory
 */
int fake_card_event_render(const struct fake_card *card, int32_t index, const char *secret,
                           int64_t now_ms, char *body, size_t body_size, char *signature,
                           size_t signature_size);

/* Write the event's id, which follows from its content. Returns false if there is no such event. */
bool fake_card_event_id(const struct fake_card *card, int32_t index,
                        char id[FAKE_CARD_EVENT_ID_SIZE]);

/* The event's type, such as "charge.refunded". Never null. */
const char *fake_card_event_type(enum fake_card_event_kind kind);

/* Remove an event from the queue: it was delivered. Those after it move up.
 * Returns: false if there is no such event */
bool fake_card_event_drop(struct fake_card *card, int32_t index);

/* Remove an event that never comes. What only it could tell is never reversed: refund_told_minor
 * becomes what other events have told or will tell, dispute_told_minor becomes 0.
 * Returns: false if there is no such event */
bool fake_card_event_lose(struct fake_card *card, int32_t index);

/* Hold an event back until until_ms; fake_card_advance() then forgets that. Hosts that post events
 * look at not_before_ms.
 * Returns: false if there is no such event */
bool fake_card_event_delay(struct fake_card *card, int32_t index, int64_t until_ms);

#endif
