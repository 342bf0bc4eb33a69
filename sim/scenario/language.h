/* The rows of vocabulary.h as tables, for reading, writing, drawing and describing scenarios.
 *
 * All tables are constant. Plain lists of words are in words.h.
 */
#ifndef SIM_LANGUAGE_H
#define SIM_LANGUAGE_H

#include "words.h"

/* ---- Fields ---- */

/* How a value is written in JSON, and the C type of the member that it fills. */
enum sim_value {
  SIM_VALUE_CLIENT,       /* a client's name; int, its index */
  SIM_VALUE_NAME,         /* const char * */
  SIM_VALUE_NEW_ACTION,   /* an action's id, defined here; const char * */
  SIM_VALUE_ACTION,       /* the id of an action of some step; const char * */
  SIM_VALUE_PAID,         /* the id of an action or a pack of some step; const char * */
  SIM_VALUE_CARD,         /* const char * */
  SIM_VALUE_CARD_OR_NONE, /* const char *, null for "none" */
  SIM_VALUE_WORD,         /* one of the field's words; an enum, or int: its index */
  SIM_VALUE_FLAG,         /* one of two words; bool: the second */
  SIM_VALUE_TEXT,         /* one of the field's words; const char * */
  SIM_VALUE_COUNT,        /* int */
  SIM_VALUE_NUMBER,       /* int64_t */
  SIM_VALUE_CURRENCY,     /* char[4] */
  SIM_VALUE_DURATION,     /* int64_t, ms */
  SIM_VALUE_JUMP,         /* a duration with + or -; int64_t, ms */
  SIM_VALUE_INSTANT,      /* int64_t, ms since the epoch */
  SIM_VALUE_YES,          /* true, without meaning; no member */
  SIM_VALUE_PROCESS,      /* the name of a process, new or known; int, its index */
  SIM_VALUE_VICTIM,       /* the name of a process of some step; int */
  SIM_VALUE_AFTER         /* an actor, or a list of them; uint32_t, a bit for each */
};

struct sim_field {
  const char *word; /* the key; null for the value of a verb */
  enum sim_value value;
  size_t at;                     /* offset of the member in its structure */
  int64_t least, most;           /* bounds of a number; `most` also of a duration, in ms */
  const struct sim_words *words; /* or null */
  const char *normal;            /* its default; "": it has none */
  const char *sample;            /* an example for the guide, or null */
  const char *text;
};

struct sim_fields {
  int count;
  const struct sim_field *list;
};

extern const struct sim_fields sim_file_fields;   /* of struct sim_case: "clock", "events" */
extern const struct sim_fields sim_settings;      /* of struct sim_case */
extern const struct sim_fields sim_client_fields; /* of struct sim_client */
extern const struct sim_fields sim_fault_fields;  /* of struct sim_case */

/* Set a member to the field's default. Nothing happens if that is "", or for a process. */
void sim_field_reset(const struct sim_field *field, void *base);

/* The key of which the text is a synonym: "injected" for "undeclared". The text itself if there is
 * none. */
const char *sim_key_meant(const char *text);

/* ---- Keys of the file ---- */

struct sim_file_key {
  const char *word;
  bool is_shared;      /* also allowed in a shared file */
  const char *missing; /* what is missing without it; "": it may be left out */
  const char *text;
};
#define SIM_ENUM_FILE_KEY(NAME, ...) SIM_FILE_##NAME,
enum sim_file_key_name { SIM_FILE_KEYS(SIM_ENUM_FILE_KEY) SIM_FILE_KEY_COUNT };
extern const struct sim_file_key sim_file_keys[SIM_FILE_KEY_COUNT];
extern const struct sim_words sim_file_key_words;

/* ---- Steps ---- */

#define SIM_ENUM_KEY(NAME, ...) SIM_KEY_##NAME,
enum sim_key { SIM_STEP_KEYS(SIM_ENUM_KEY) SIM_KEY_COUNT };
#define SIM_BIT(NAME) (1u << SIM_KEY_##NAME)
extern const struct sim_field sim_step_keys[SIM_KEY_COUNT];

struct sim_verb_word {
  const char *word;
  const struct sim_field *value; /* the value of the verb */
  unsigned needs, may;           /* bits of enum sim_key, with "on" and "after" where they apply */
  bool in_process;               /* it runs in a process; else outside of all */
  bool is_asked;                 /* the actor gets an answer */
  int weight;                    /* how often the fuzzer draws it */
  const char *story;             /* a template, see vocabulary.h */
  const char *text;
  const char *also; /* synonyms, separated by spaces */
};
extern const struct sim_verb_word sim_verbs[SIM_VERB_COUNT];

/* The key with this word in a step of this verb, or -1. */
int sim_verb_key(enum sim_verb verb, const char *word);

/* The verb of which the text is a synonym: "turn_off" for "disable". The text itself if there is
 * none. */
const char *sim_verb_meant(const char *text);

/* ---- Answers ---- */

enum { SIM_ANY_VERB = -1, SIM_NO_VERB = -2 };
struct sim_answer_word {
  const char *word;
  int verb;       /* enum sim_verb that gives it, or SIM_ANY_VERB; SIM_NO_VERB: none does */
  bool went_well; /* the default */
  const char *text;
};
extern const struct sim_answer_word sim_answers[SIM_ANSWER_COUNT];

/* ---- Outcomes ---- */

/* The keys of an outcome besides actors: log, bank, mail and balance. No actor may have such a
 * name. */
enum { SIM_OUTCOME_WORDS = 0 SIM_LEDGER(SIM_ENUM_ONE) };
extern const struct sim_words sim_outcome_words;

/* ---- Entries of the credit log ---- */

enum sim_cause { SIM_CAUSE_NOTHING, SIM_CAUSE_ACTION, SIM_CAUSE_PAID };
struct sim_entry_word {
  const char *word;
  int64_t least;        /* tokens */
  enum sim_cause cause; /* what "for" may name */
  int sign;             /* the sign of its change of the balance */
  const char *story;    /* "top-up" */
  const char *text;
};
#define SIM_ENUM_ENTRY(NAME, ...) SIM_ENTRY_##NAME,
enum sim_entry { SIM_ENTRIES(SIM_ENUM_ENTRY) SIM_ENTRY_COUNT };
extern const struct sim_entry_word sim_entries[SIM_ENTRY_COUNT];

/* ---- Behaviours ---- */

#define SIM_ENUM_TAKES(NAME, ...) SIM_TAKES_##NAME,
enum sim_takes { /* what may follow the word */
                 SIM_TAKES_NOTHING,
                 SIM_TAKES_DURATION,                       /* "slow 45 s" */
                 SIM_CODES(SIM_ENUM_TAKES) SIM_TAKES_COUNT /* "declined lost_card" */
};
#define SIM_AT(SITE) (1u << SIM_SITE_##SITE)
struct sim_behaviour_word {
  const char *word;
  enum sim_takes takes;
  unsigned sites; /* bits of enum sim_site */
  int port;       /* enum fake_card_behaviour_kind, at SIM_SITE_MAIL enum fake_mail_behaviour */
  int strength;   /* minimising prefers weaker ones */
  int weight;     /* how often the fuzzer draws it */
  const char *text;
};
extern const struct sim_behaviour_word sim_behaviours[SIM_BEHAVIOUR_COUNT];

bool sim_behaviour_fits(enum sim_behaviour behaviour, enum sim_site site);

/* The codes that may follow the word; null if none may. */
const struct sim_words *sim_behaviour_codes(enum sim_behaviour behaviour);

/* "", " CODE" or " DURATION", for people. */
const char *sim_behaviour_tail(enum sim_behaviour behaviour);

/* The behaviour at the beginning of a text, or -1. *tail is what follows its word and a space, or
 * null. */
int sim_behaviour_of(const char *text, const char **tail);

/* ---- Durations ---- */

struct sim_time_unit {
  const char *word;
  int64_t ms;
};
enum { SIM_TIME_UNIT_COUNT = 0 SIM_UNITS(SIM_ENUM_ONE) };
extern const struct sim_time_unit sim_time_units[SIM_TIME_UNIT_COUNT]; /* the smallest first */

/* "45 s": a number from 1 to 99999, a space and a unit. */
bool sim_parse_duration(const char *text, int64_t *duration_ms);

#endif
