/* The words of records: stable ids for JSON, and phrases for people. Each table has the order of
 * its enum. */
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
const char *sim_way_out_word(int bit); /* of 1 << bit; null: there is no such bit */

/* The act that an effect names; -1: none. */
int sim_act_named(const char *call);

/* ---- Phrases ---- */

const char *sim_act_phrase(enum sim_act act); /* "confirms the intent" */
/* Whether the act alone makes up a step of a scenario, so that the phrase adds nothing.
 */
bool sim_act_is_whole(enum sim_act act);
const char *sim_entry_phrase(enum reload_entry_kind kind);
const char *sim_intent_phrase(enum reload_intent_status status);
const char *sim_dispute_phrase(enum fake_card_dispute_state state);
const char *sim_way_out_phrase(int bit);
/* "the key was used for another request" of "idempotency_error"; the code itself if unknown. */
const char *sim_refusal_phrase(enum fake_card_call call, const char *code);

/* The effect of a call: as its reply ("the bank asks for 3D Secure"), and without a true reply
 * ("the bank has asked for 3D Secure"). Amount and code follow. */
const char *sim_bank_act_phrase(enum sim_bank_act act);
const char *sim_bank_truth_phrase(enum sim_bank_act act, enum fake_card_call call);
/* What the caller got instead: "no reply", "the gateway answers 500". */
const char *sim_reply_phrase(enum sim_reply reply);

/* ---- Money ---- */

/* Digits after the decimal point of a currency: 2 of "usd", 0 of "jpy" (ISO 4217). */
int sim_currency_decimals(const char *currency);

#define SIM_MONEY_SIZE 40
/* "10.00 USD" */
void sim_money_text(int64_t amount_minor, const char *currency, char text[SIM_MONEY_SIZE]);

#endif
