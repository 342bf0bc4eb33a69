/* A mail transport and its mailbox that are a value: every message that was ever accepted, as text.
 *
 * Units: _ms is ms since the epoch, UTC.
 * Value: no pointers inside; unused tails of strings are zero. The messages are in the order of
 *        arrival, of which only the order within a client has a meaning.
 */
#ifndef FAKE_MAIL_H
#define FAKE_MAIL_H

#include "clock.h"
#include "ports.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_MAIL_MAX_MESSAGES 64
#define FAKE_MAIL_TEXT_SIZE 1201 /* a message has at most 1200 bytes, and a NUL */

/* Sizes inside the value, with the NUL; not smaller than the port's. */
#define FAKE_MAIL_ID_SIZE 256
#define FAKE_MAIL_TO_SIZE 256
#define FAKE_MAIL_CLIENT_SIZE 72

/* One distinct message, by its Message-ID. */
struct fake_mail_message {
  int64_t at_ms;           /* the Date header's time */
  int64_t arrived_at_ms;   /* of the first copy */
  int32_t is_on;           /* as told by the sender */
  int32_t client_no;       /* 1, 2, ... for its client, in the order of first arrival */
  int32_t copy_count;      /* accepted, the first one included */
  int32_t different_count; /* of these, copies whose bytes differ from the first one's */
  int32_t text_size;       /* without the NUL */
  char message_id[FAKE_MAIL_ID_SIZE];
  char to[FAKE_MAIL_TO_SIZE];
  char client_id[FAKE_MAIL_CLIENT_SIZE];
  char text[FAKE_MAIL_TEXT_SIZE]; /* RFC 5322 with CRLF, not dot-stuffed; of the first copy */
};

struct fake_mail {
  int64_t down_until_ms; /* while the clock is before it, all is refused; 0: up. Anybody may set it;
                            fake_mail_advance() zeroes it once it has passed */
  int32_t message_count;
  bool overflowed; /* the box or a message was too small: results no longer count */
  struct fake_mail_message messages[FAKE_MAIL_MAX_MESSAGES];
};

/* An empty mailbox. Unused messages are left as they are. */
void fake_mail_init(struct fake_mail *mail);

/* Copy the used part; dst may be uninitialized. */
void fake_mail_copy(struct fake_mail *dst, const struct fake_mail *src);

/* Write the used part, and nothing else, into `bytes`, for fake_mail_unpack().
 * In:      bytes  null: only count
 * Returns: how many bytes it takes */
size_t fake_mail_pack(const struct fake_mail *mail, void *bytes);
void fake_mail_unpack(struct fake_mail *mail, const void *bytes);

/* Hash all content to 128 bits. Two histories that differ only in the order in which the messages
 * of different clients arrived hash alike. */
void fake_mail_hash(const struct fake_mail *mail, uint64_t out[2]);

/* Let an outage end that is over at now_ms. Each port call does it first. */
void fake_mail_advance(struct fake_mail *mail, int64_t now_ms);

/* The message with this Message-ID (without angle brackets); null if none. */
const struct fake_mail_message *fake_mail_find(const struct fake_mail *mail,
                                               const char *message_id);

/* How many distinct messages a client has got. */
int32_t fake_mail_count(const struct fake_mail *mail, const char *client_id);

/* A client's message by its client_no; null if none. */
const struct fake_mail_message *fake_mail_nth(const struct fake_mail *mail, const char *client_id,
                                              int32_t client_no);

enum fake_mail_behaviour {
  FAKE_MAIL_NORMAL = 0, /* ACCEPTED */
  FAKE_MAIL_REFUSED,    /* not kept: REFUSED */
  FAKE_MAIL_REPLY_LOST, /* kept, the answer was lost: UNKNOWN */
  FAKE_MAIL_LOST        /* not kept, a timeout: UNKNOWN */
};

/* One call: what was handed over, and what happened to it. */
struct fake_mail_record {
  bool was_down; /* the transport was down */
  bool kept;     /* it is in the box now, whatever the sender was told; perhaps as one more copy */
  int32_t is_on;
  enum reload_mail_outcome outcome; /* what the sender was told */
  char message_id[RELOAD_KEY_SIZE];
  char to[RELOAD_EMAIL_SIZE];
  char client_id[RELOAD_ID_SIZE];
};

/* What a mail port needs besides the value. */
struct fake_mail_fixture {
  struct fake_mail *mail;         /* borrowed; may be pointed at another value between calls */
  const struct fake_clock *clock; /* likewise */
  void *chooser;                  /* handed to choose */

  /* Asked once a call, unless the transport is down. Null: always normal. */
  enum fake_mail_behaviour (*choose)(void *chooser, const struct reload_mail *mail);
  uint32_t call_count;          /* port calls so far, those that found it down included */
  struct fake_mail_record last; /* of them; zero before the first */
};

/* A port on the fixture, which must outlive it. As a mail server does, it refuses what could not be
 * a message: an address or Message-ID that is not dot-atoms around one @ in ASCII, a subject with
 * control or non-ASCII characters, a body with control characters other than LF and tab, a date
 * outside 1970..9999. What is refused leaves no trace. */
struct reload_mail_port fake_mail_port(struct fake_mail_fixture *fixture);

#endif
