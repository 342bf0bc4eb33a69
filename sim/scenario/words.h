/* The words of the scenario language by table, and the nearest known word to a wrong one.
 *
 * The words stand in vocabulary.h; the table of an enum has the enum's order. Tables are constant.
 */
#ifndef SIM_WORDS_H
#define SIM_WORDS_H

#include "scenario.h"

struct sim_words {
  const char *noun; /* "plan": what a word of this table is */
  int count;
  const char *const *list;
};

extern const struct sim_words sim_plan_words;     /* enum sim_plan */
extern const struct sim_words sim_verb_words;     /* enum sim_verb */
extern const struct sim_words sim_site_words;     /* enum sim_site */
extern const struct sim_words sim_book_words;     /* enum sim_book */
extern const struct sim_words sim_event_words;    /* enum sim_event_order */
extern const struct sim_words sim_order_words;    /* of these, those of a step */
extern const struct sim_words sim_injected_words; /* "none", "single", "pairs": by their number */
extern const struct sim_words sim_measure_words;  /* enum sim_measure */
extern const struct sim_words
    sim_behaviour_words; /* enum sim_behaviour; a code or a duration may follow */
extern const struct sim_words sim_toggle_words;  /* "off", "on" */
extern const struct sim_words sim_dispute_words; /* "lost", "won" */
extern const struct sim_words sim_kind_words;    /* kinds of action */
extern const struct sim_words sim_card_words;    /* the gateway's test cards, without "none" */
extern const struct sim_words sim_bank_words;   /* "captured", ..., "declined CODE" for each code */
extern const struct sim_words sim_entry_words;  /* kinds of log entries, enum reload_entry_kind */
extern const struct sim_words sim_mail_words;   /* "enabled", "disabled" */
extern const struct sim_words sim_answer_words; /* all answers of all steps, and all errors */

/* The meaning of each word of a table; null if the table has none. */
const char *const *sim_words_texts(const struct sim_words *words);

/* Put the answers of this verb alone into `list`; none for verbs that answer only when they
 * fail. */
struct sim_words sim_verb_answers(enum sim_verb verb, const char *list[SIM_ANSWER_COUNT]);

/* Whether a step of this verb also answers when all goes well. */
bool sim_verb_answers_always(enum sim_verb verb);

/* The index of a word in a table, or -1. */
int sim_words_index(const struct sim_words *words, const char *text);

/* The word of the table nearest to `text`: with the fewest letters wrong, missing, extra or
 * swapped, without regard to case, at most a third of the longer word; the first of equals. Null if
 * none is near.
 */
const char *sim_words_nearest(const struct sim_words *words, const char *text);

#endif
