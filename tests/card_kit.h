/* The fixture of the card gateway's tests: a gateway, a clock, and short ways to call them.
 * Whatever fails in here fails the calling test.
 */
#ifndef CARD_KIT_H
#define CARD_KIT_H

#include "../fakes/card.h"

#define NOON INT64_C(1768478400000) /* 2026-01-15T12:00:00Z */
#define HOUR INT64_C(3600000)
#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])
#define UNEXPECTED "payment_intent_unexpected_state"

struct bank {
  struct fake_card card;
  struct fake_clock clock;
  struct fake_card_fixture bench;
  struct reload_card_port port;
  struct fake_card_behaviour next; /* of the next call only */
  int asked;
  enum fake_card_call asked_call;
  char asked_about[300];
};

/* A normal call. */
extern const struct fake_card_behaviour bank_normal;

/* An empty gateway at noon, to be freed by the caller; its unused memory has random bytes. */
struct bank *bank_new(void);

/* For cmocka_unit_test_setup_teardown(): *state is a struct bank. */
int bank_set_up(void **state);
int bank_tear_down(void **state);

/* 1000 US cents of acme's for creative-7; the strings are borrowed. */
struct reload_intent_request bank_request_for(const char *key, const char *card_id);

/* One call of the port each. */
struct reload_card_reply bank_post(struct bank *bank, const struct reload_intent_request *what);
struct reload_card_reply bank_create(struct bank *bank, const char *key, const char *card_id);
struct reload_card_reply bank_confirm(struct bank *bank, const char *id, const char *key);
struct reload_card_reply bank_cancel(struct bank *bank, const char *id);

/* Create with key "k", then confirm with key "k/confirm" under a behaviour. The intent's id goes to
 * id; the reply is the confirm's. */
struct reload_card_reply bank_charge(struct bank *bank, const char *card_id,
                                     struct fake_card_behaviour behaviour, char id[RELOAD_ID_SIZE]);

/* The intent, which must be there. */
const struct fake_card_intent *bank_intent(const struct bank *bank, const char *id);

/* The kinds of the waiting events in the order of the queue, one letter each: S succeeded,
 * F failed, C canceled, A requires action, R refunded, X refund failed, D disputed, W won, L lost.
 * Valid until the next call. */
const char *bank_events(const struct bank *bank);

void bank_assert_reply(const struct reload_card_reply *reply, enum reload_card_outcome outcome,
                       const char *code);
void bank_assert_answer(const struct reload_card_reply *reply, enum reload_intent_status status,
                        const char *code, const char *decline_code);

#endif
