/* The words of the scenario language, and the nearest right word to a wrong one.
 *
 * Tables are constant; where a table belongs to an enum of scenario.h its order is the enum's.
 * scenarios/scenario.schema.json lists the same words; tests/schema_agrees.py compares them.
 */
#ifndef SIM_WORDS_H
#define SIM_WORDS_H

#include "scenario.h"

struct sim_words {
  const char *noun; /* "plan": what a word of this table is */
  int count;
  const char *const *list;
};

extern const struct sim_words sim_plan_words;       /* enum sim_plan */
extern const struct sim_words sim_verb_words;       /* enum sim_verb */
extern const struct sim_words sim_site_words;       /* enum sim_site */
extern const struct sim_words sim_book_words;       /* enum sim_book */
extern const struct sim_words sim_event_words;      /* enum sim_event_order */
extern const struct sim_words sim_undeclared_words; /* "none", "single", "pairs": by their number */
extern const struct sim_words sim_measure_words;    /* enum sim_measure */
extern const struct sim_words sim_behaviour_words;  /* enum sim_behaviour; "declined", "slow" are
                                                      followed by a code, a duration */
extern const struct sim_words sim_kind_words;       /* kinds of action */
extern const struct sim_words sim_card_words;       /* the gateway's test cards, without "none" */
extern const struct sim_words sim_code_words;       /* decline codes: "lost_card" */
extern const struct sim_words sim_bank_words;   /* "captured", ..., "declined CODE" for each code */
extern const struct sim_words sim_entry_words;  /* kinds of log entries */
extern const struct sim_words sim_mail_words;   /* "enabled", "disabled" */
extern const struct sim_words sim_answer_words; /* all answers of all steps, and all errors */

/* The answers a step of this verb may give: all of them, from the one that is said to have gone
 * well (null for SIM_LOOK, where neither is better). Null for verbs that only answer when they
 * fail.
 */
const struct sim_words *sim_verb_answers(enum sim_verb verb, const char **well);

/* An answer of the form "error: NAME", or "no answer": possible for several verbs. */
bool sim_answer_is_common(const char *answer);

/* The index of a word in a table, or -1. */
int sim_words_index(const struct sim_words *words, const char *text);

/* The word of the table that is most like `text`: the fewest letters wrong, missing, extra or
 * swapped, upper and lower case alike, at most a third of the longer one; the first of equals. Null
 * if none is near.
 */
const char *sim_words_nearest(const struct sim_words *words, const char *text);

#endif
