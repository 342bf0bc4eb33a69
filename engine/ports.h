/* The engine's ports: what it needs from the outside world, each a table of functions with a
 * contract.
 *
 * Common to all: `self` is passed on unchanged; strings are NUL-terminated, borrowed for the
 * call; a method never calls back into the engine. */
#ifndef RELOAD_PORTS_H
#define RELOAD_PORTS_H

#include <stdint.h>

/* Sizes in bytes, with the NUL. */
#define RELOAD_ID_SIZE 65   /* ids of clients, actions, cards, intents, ... */
#define RELOAD_KEY_SIZE 80  /* idempotency keys, charge ids, message ids: made by the engine */
#define RELOAD_CODE_SIZE 48 /* decline and error codes */
#define RELOAD_EMAIL_SIZE 256

/* ---- Clock -------------------------------------------------------------------------------- */

/* There is no default clock. */
struct reload_clock_port {
  void *self;

  /* The time now, ms since the epoch, UTC, >= 0. May step back or jump. Must not block. */
  int64_t (*now_ms)(void *self);

  /* Block for about duration_ms (> 0); may return early. Only the reload_*_run() calls use it. */
  void (*sleep_ms)(void *self, int64_t duration_ms);
};

/* ---- Card gateway ------------------------------------------------------------------------- */

/* The status of a payment intent. */
enum reload_intent_status {
  RELOAD_INTENT_REQUIRES_CONFIRMATION = 0,
  RELOAD_INTENT_REQUIRES_PAYMENT_METHOD, /* declined */
  RELOAD_INTENT_REQUIRES_ACTION,         /* 3D Secure: not captured, whatever the HTTP status */
  RELOAD_INTENT_PROCESSING,              /* may yet succeed or fail */
  RELOAD_INTENT_SUCCEEDED,               /* captured: the money has moved */
  RELOAD_INTENT_CANCELED                 /* can never be captured */
};

/* What is known after a call. */
enum reload_card_outcome {
  RELOAD_CARD_UNKNOWN = 0, /* no usable reply: timeout, reset, 5xx, 409. The call may have its
                              effect now, later or never. Zero, so that a forgotten reply is never
                              taken for a failure (MONEY-5) */
  RELOAD_CARD_ANSWERED,    /* the reply has the intent's status: a success, or an error with the
                              intent (a decline, an unexpected state) */
  RELOAD_CARD_NOT_SENT,    /* certainly nothing happened: no connection, 429, 401 */
  RELOAD_CARD_REJECTED     /* certainly nothing happened, and a retry is useless: the request was
                              refused (400 without an intent, 404); `code` says why */
};

struct reload_card_reply {
  enum reload_card_outcome outcome;
  enum reload_intent_status status;    /* with ANSWERED */
  char intent_id[RELOAD_ID_SIZE];      /* with ANSWERED */
  char code[RELOAD_CODE_SIZE];         /* error code: "card_declined", ... or "" */
  char decline_code[RELOAD_CODE_SIZE]; /* the intent's last decline ("insufficient_funds"), or "";
                                          the gateway keeps it, so a canceled intent also has it */
};

struct reload_intent_request {
  const char *idempotency_key;
  const char *customer_id;
  const char *card_id;
  const char *currency; /* ISO 4217, lower case */
  int64_t amount_minor;
  const char *client_id; /* metadata for people who read the gateway's dashboard */
  const char *action_id; /* likewise; "" if none */
};

/* Each method blocks until the answer or its own timeout (together well below
 * reload_settings.attempt_limit_ms). It may repeat the request inside, always with the same
 * idempotency key. *reply arrives zeroed (RELOAD_CARD_UNKNOWN). */
struct reload_card_port {
  void *self;

  /* Create an intent without confirming it. Cannot move money. May be called again with the same
   * request: the gateway then answers with the same intent while it remembers the key (24 h). */
  void (*intent_create)(void *self, const struct reload_intent_request *request,
                        struct reload_card_reply *reply);

  /* Confirm off session: the only call that can move money. Called at most once for an intent. */
  void (*intent_confirm)(void *self, const char *intent_id, const char *idempotency_key,
                         struct reload_card_reply *reply);

  /* Cancel an intent: afterwards it can never be captured. Called again until there is a reply.
   * Sent without an idempotency key, since a replayed old reply would hide the present status. If
   * the intent can no longer be canceled the reply is its status. */
  void (*intent_cancel)(void *self, const char *intent_id, struct reload_card_reply *reply);
};

/* ---- Mail --------------------------------------------------------------------------------- */

enum reload_mail_outcome {
  RELOAD_MAIL_UNKNOWN = 0, /* may or may not have been accepted: it will be sent again */
  RELOAD_MAIL_ACCEPTED,
  RELOAD_MAIL_REFUSED /* not accepted: it will be sent again later */
};

struct reload_mail {
  char
      message_id[RELOAD_KEY_SIZE]; /* without the angle brackets; the same for every try (MAIL-3) */
  char to[RELOAD_EMAIL_SIZE];
  char client_id[RELOAD_ID_SIZE];
  int64_t at_ms;    /* the Date header: when the toggle changed */
  int32_t is_on;    /* 1: "Auto Reload enabled", 0: "Auto Reload disabled" */
  char subject[64]; /* ASCII, no CR or LF */
  char body[512];   /* UTF-8 text, lines end in LF */
};

struct reload_mail_port {
  void *self;

  /* Hand over one message. May block. The same message may come again (MAIL-3). */
  enum reload_mail_outcome (*deliver)(void *self, const struct reload_mail *mail);
};

#endif
