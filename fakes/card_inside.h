/* What the files of the fake card gateway share; not for others. */
#ifndef FAKE_CARD_INSIDE_H
#define FAKE_CARD_INSIDE_H

#include "card.h"

/* ---- card_table.c: the gateway's test cards ------------------------------------------------ */

enum fake_card_trait {
  FAKE_CARD_TRAIT_NONE = 0,
  FAKE_CARD_TRAIT_SET_UP_HELPS,      /* the decline ends once it was set up on session */
  FAKE_CARD_TRAIT_DECLINES_AFTER_3D, /* passing 3D Secure does not help */
  FAKE_CARD_TRAIT_DISPUTES,          /* a dispute comes after the capture */
  FAKE_CARD_TRAIT_REFUND_PENDS,
  FAKE_CARD_TRAIT_REFUND_FAILS
};

struct fake_card_kind {
  const char *name;
  const char *decline_code; /* of an off-session confirm; "": it succeeds */
  enum fake_card_trait trait;
};

/* The kind of a card, a suffix ":digits" ignored; null if there is no such card. */
const struct fake_card_kind *fake_card_kind_of(const char *card_id);

/* The kind's trait, or FAKE_CARD_TRAIT_NONE for an unknown card. */
enum fake_card_trait fake_card_trait_of(const char *card_id);

/* The error code that goes with a decline code: mostly "card_declined", some repeat themselves. */
const char *fake_card_error_code(const char *decline_code);

/* Has the card got this mark? */
bool fake_card_is_marked(const struct fake_card *card, const char *card_id,
                         enum fake_card_mark_bit bit);

/* ---- card_life.c: how an intent changes ---------------------------------------------------- */

/* Add a zeroed intent with this id; null, and overflowed set, when there is no room. */
struct fake_card_intent *fake_card_intent_new(struct fake_card *card, const char *intent_id,
                                              int64_t now_ms);

/* As fake_card_find_intent(), to be changed. */
struct fake_card_intent *fake_card_intent_at(struct fake_card *card, const char *intent_id);

/* Each makes its change, with the events it causes. */
void fake_card_intent_capture(struct fake_card *card, struct fake_card_intent *intent,
                              int64_t now_ms);
void fake_card_intent_decline(struct fake_card *card, struct fake_card_intent *intent,
                              const char *decline_code, int64_t now_ms);
void fake_card_intent_ask_customer(struct fake_card *card, struct fake_card_intent *intent,
                                   int64_t now_ms);
void fake_card_intent_process(struct fake_card_intent *intent, bool succeeds, int64_t due_ms);
void fake_card_intent_cancel(struct fake_card *card, struct fake_card_intent *intent,
                             int64_t now_ms);

/* ---- card_events.c ------------------------------------------------------------------------- */

/* Put an event of this intent into the queue. */
void fake_card_event_add(struct fake_card *card, struct fake_card_intent *intent,
                         enum fake_card_event_kind kind, int64_t amount_minor, int64_t now_ms);

/* ---- card.c -------------------------------------------------------------------------------- */

/* Copy a string and zero the rest. Returns false, and leaves dst zeroed, if it is too long. A null
 * pointer is an empty string. */
bool fake_card_text_copy(char *dst, size_t dst_size, const char *src);

#endif
