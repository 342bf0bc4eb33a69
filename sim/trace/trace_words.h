/* The words of a trace: stable ids for JSON, and what people read. A table follows its enum. */
#ifndef SIM_TRACE_WORDS_H
#define SIM_TRACE_WORDS_H

#include "record.h"

/* ---- Ids ---- */

const char *sim_who_word(enum sim_who who);           /* "actor", "background", "clock", "world" */
const char *sim_act_word(enum sim_act act);           /* "confirm" */
const char *sim_reply_word(enum sim_reply reply);     /* "answered", "lost", "500" */
const char *sim_bank_act_word(enum sim_bank_act act); /* "captured", "nothing" */
const char *sim_table_word(enum sim_table table);     /* "charges" */
const char *sim_event_fate_word(enum sim_event_fate fate);
const char *sim_card_call_word(enum fake_card_call call); /* "create" */
const char *sim_card_outcome_word(enum reload_card_outcome outcome);
const char *sim_mail_outcome_word(enum reload_mail_outcome outcome);
const char *sim_intent_status_word(enum reload_intent_status status); /* the gateway's */
const char *sim_entry_kind_word(enum reload_entry_kind kind);
const char *sim_charge_state_word(enum reload_charge_state state);
const char *sim_dispute_word(enum fake_card_dispute_state state);
const char *sim_way_out_word(int bit); /* of 1 << bit; null: there are no more */

/* The act whose id is what an effect calls it; -1: none. */
int sim_act_named(const char *call);

/* ---- Phrases ---- */

const char *sim_act_phrase(enum sim_act act); /* "confirms the intent" */
/* It is all of a scenario's step, unless that has to be gone on with: nothing to say of the first.
 */
bool sim_act_is_whole(enum sim_act act);
const char *sim_entry_phrase(enum reload_entry_kind kind);
const char *sim_intent_phrase(enum reload_intent_status status);
const char *sim_dispute_phrase(enum fake_card_dispute_state state);
const char *sim_way_out_phrase(int bit);
/* "the key was used for another request" of "idempotency_error"; the code itself if unknown. */
const char *sim_refusal_phrase(enum fake_card_call call, const char *code);

/* What a call did: as its answer ("the bank asks for 3D Secure"), and where the answer does not
 * tell it ("the bank has asked for 3D Secure"). Amount and code come behind. */
const char *sim_bank_act_phrase(enum sim_bank_act act);
const char *sim_bank_truth_phrase(enum sim_bank_act act, enum fake_card_call call);
/* What the caller heard instead of that: "no reply", "the gateway answers 500". */
const char *sim_reply_phrase(enum sim_reply reply);

/* ---- Money ---- */

/* Digits behind the point of a currency: 2 of "usd", 0 of "jpy" (ISO 4217). */
int sim_currency_decimals(const char *currency);

#define SIM_MONEY_SIZE 40
/* "10.00 USD" */
void sim_money_text(int64_t amount_minor, const char *currency, char text[SIM_MONEY_SIZE]);

#endif
