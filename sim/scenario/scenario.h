/* Scenarios as data: a suite is read from JSON files, checked, and expanded to cases.
 *
 * The language is documented for authors in scenarios/GUIDE.md and for editors in
 * scenarios/scenario.schema.json; this module and the schema accept the same files.
 * All memory belongs to the suite; every string is valid until sim_suite_free().
 */
#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include "vocabulary.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Limits. A file beyond them is an error with its position, never cut silently. */
#define SIM_MAX_CLIENTS 8
#define SIM_MAX_ACTORS 16
#define SIM_MAX_STEPS 32 /* of one actor */
#define SIM_MAX_PROCESSES 4
#define SIM_MAX_FAULTS 16                        /* behaviours in all, of one site */
#define SIM_MAX_LINES 128                        /* ledger lines of one outcome */
#define SIM_MAX_TOKENS INT64_C(1000000000000000) /* given; also the engine's limit */
#define SIM_MAX_LIMIT_MS INT64_C(86400000)       /* of wait_limit and attempt_limit: a day */
#define SIM_MAX_FILE_BYTES (4 << 20)
#define SIM_MAX_PRICE_MINOR 99999999 /* the gateway's own limit */

struct sim_place { /* a place in a file; line and column count from 1, columns in bytes */
  const char *file;
  int line;
  int column;
};

/* The enums of the language: their rows stand in vocabulary.h. Counts are no enumerators, so that a
 * switch need not have a case for them. */
#define SIM_ENUM_ONE(...) +1
#define SIM_ENUM_PLAN(NAME, ...) SIM_PLAN_##NAME,
#define SIM_ENUM_ORDER(NAME, ...) SIM_EVENTS_##NAME,
#define SIM_ENUM_SITE(NAME, ...) SIM_SITE_##NAME,
#define SIM_ENUM_BOOK(NAME, ...) SIM_BOOK_##NAME,
#define SIM_ENUM_PLAIN(NAME, ...) SIM_##NAME,
enum sim_plan { SIM_PLANS(SIM_ENUM_PLAN) };
enum sim_verb { SIM_VERBS(SIM_ENUM_PLAIN) };
enum sim_event_order { SIM_EVENT_ORDERS(SIM_ENUM_ORDER) };
enum sim_site { SIM_SITES(SIM_ENUM_SITE) SIM_SITE_COUNT };
enum sim_behaviour { SIM_BEHAVIOURS(SIM_ENUM_PLAIN) };
enum sim_book { SIM_LEDGER(SIM_ENUM_BOOK) };
enum sim_measure { SIM_MEASURES(SIM_ENUM_PLAIN) };
enum {
  SIM_VERB_COUNT = 0 SIM_VERBS(SIM_ENUM_ONE),
  SIM_BEHAVIOUR_COUNT = 0 SIM_BEHAVIOURS(SIM_ENUM_ONE)
};

/* What an actor gets as answer. SIM_ANSWER_REFUSED + RELOAD_REASON_..., SIM_ANSWER_ERROR +
 * RELOAD_...; the first of each (no reason, no error) never occurs. */
#define SIM_ENUM_ANSWER(NAME, ...) SIM_ANSWER_##NAME,
#define SIM_ENUM_REFUSAL(NAME, ...) SIM_ANSWER_REFUSED_##NAME,
#define SIM_ENUM_ERROR(NAME, ...) SIM_ANSWER_ERROR_##NAME,
enum sim_answer {
  SIM_ANSWER_NONE, /* no answer; an account fact is recorded */
  SIM_ANSWERS(SIM_ENUM_ANSWER, SIM_ANSWER_REFUSED SIM_COMMA SIM_REFUSALS(SIM_ENUM_REFUSAL),
              SIM_ANSWER_ERROR SIM_COMMA SIM_ERRORS(SIM_ENUM_ERROR)) SIM_ANSWER_COUNT,
  SIM_ANSWER_REFUSED_LAST = SIM_ANSWER_ERROR - 1,
  SIM_ANSWER_ERROR_LAST = SIM_ANSWER_LOST - 1
};

struct sim_client { /* "given" */
  const char *name;
  const char *owner;      /* a name; the address is NAME@owners.example */
  int64_t balance_tokens; /* may be negative (after a reversal) */
  enum sim_plan plan;
  const char *card; /* null: none */
  bool auto_reload;
};

struct sim_step { /* vocabulary.h says which members a verb fills; the others are zero */
  enum sim_verb verb;
  struct sim_place place;
  int client;       /* index, or -1 */
  const char *id;   /* or null */
  const char *card; /* or null */
  const char *kind; /* or null */
  int64_t amount;   /* tokens; of a refund: minor units, 0: the full amount */
  int64_t price_minor;
  int64_t duration_ms;
  enum sim_plan plan;
  enum sim_event_order event_order;
  bool dispute_won;
  int process;    /* index: the process in which it runs ("on"), or which dies */
  uint32_t after; /* bit set of actors that must have ended before */
};

struct sim_actor {
  const char *name;
  int step_count;
  struct sim_step *steps;
};

enum sim_fault_policy { SIM_POLICY_NEVER, SIM_POLICY_MAY, SIM_POLICY_FIRST, SIM_POLICY_ALWAYS };

struct sim_fault {
  enum sim_behaviour behaviour;
  const char *code;    /* SIM_DECLINED */
  int64_t duration_ms; /* SIM_SLOW */
  const char *text;    /* as written, for stories */
};

struct sim_site_faults {
  enum sim_fault_policy policy;
  int count;
  struct sim_fault faults[SIM_MAX_FAULTS]; /* FIRST and ALWAYS have one */
};

/* One line of what is expected or has happened. Fields not given: null, or INT64_MIN for
 * numbers. */
struct sim_line {
  enum sim_book book;
  int of;             /* actor index for answers, else client index */
  const char *what;   /* the answer; "grant" "pack" "top_up" "spend" "reversal"; the bank's word;
                          "enabled" "disabled" */
  int64_t tokens;     /* log: > 0, also for spends and reversals */
  const char *for_id; /* log: the action that caused it */
  struct sim_place place;
};

struct sim_outcome {
  const char *name;
  struct sim_place place;
  int line_count;
  struct sim_line *lines;            /* ordered within one kind and subject */
  bool bank_said[SIM_MAX_CLIENTS];   /* false: one "captured" for each top_up line */
  bool answers_said[SIM_MAX_ACTORS]; /* false: every step of each actor went well */
  bool balance_said[SIM_MAX_CLIENTS];
  int64_t balance_tokens[SIM_MAX_CLIENTS];
};

enum sim_bound { SIM_AT_MOST, SIM_AT_LEAST, SIM_EXACTLY };
struct sim_every { /* must hold in every ending */
  enum sim_measure measure;
  int client;
  enum sim_bound bound;
  int64_t number;
  struct sim_place place;
};

struct sim_case {
  const char *id; /* "races/toggle-in-flight", or "declines/codes#lost" for a matrix row */
  const char *title;
  struct sim_place place; /* of the file's beginning, or of the row */
  int rule_count;
  const char **rules;

  int64_t start_ms; /* the clock at the beginning */
  int64_t top_up_tokens;
  int64_t top_up_price_minor;
  char currency[4];
  int64_t wait_limit_ms;
  int64_t attempt_limit_ms;

  int client_count;
  struct sim_client clients[SIM_MAX_CLIENTS];
  int actor_count;
  struct sim_actor actors[SIM_MAX_ACTORS];
  int process_count; /* at least 1 */
  const char *processes[SIM_MAX_PROCESSES];

  struct sim_site_faults sites[SIM_SITE_COUNT];
  int fault_limit;     /* "at_most": how many MAY faults one run may show */
  int injected_faults; /* "injected": 0, 1 or 2 in one run, even if the command asks for fewer */
  enum sim_event_order events; /* how waiting events are delivered at the end */

  int every_count;
  struct sim_every *every;
  int outcome_count;
  struct sim_outcome *outcomes;
  bool may; /* "may": outcomes need not be reached; without outcomes every ending is allowed */
};

/* Whether every ending is allowed, as "may": "anything" says. */
static inline bool sim_case_is_free(const struct sim_case *the_case) {
  return the_case->may && the_case->outcome_count == 0;
}

/* Set the default clock, settings and limits of a zeroed case. */
void sim_case_begin(struct sim_case *the_case);

/* Set all defaults of a client. */
void sim_client_begin(struct sim_client *client);

struct sim_rule { /* of scenarios/rules.json */
  const char *id;
  const char *group;  /* "Firing" */
  const char *source; /* "page", "decided" or "page, decided" */
  const char *text;
};

/* A mistake in a file: "path:line:column: error: text". */
struct sim_mistake {
  struct sim_place place;
  const char *text; /* what is wrong, what is expected, the nearest known word */
};

struct sim_suite;

/* Start an empty suite with a rule catalogue.
 * In:      rules_path  scenarios/rules.json; a mistake in it is kept like any other
 * Returns: a suite, to be freed by the caller; null when out of memory
 */
struct sim_suite *sim_suite_new(const char *rules_path);
void sim_suite_free(struct sim_suite *suite);

/* Start an empty suite with the rules of another one, which must live longer. Null when out of
 * memory. */
struct sim_suite *sim_suite_beside(const struct sim_suite *other);

/* Read a scenario file, or every *.json scenario below a directory (in byte order of the paths;
 * rules.json, *.schema.json and files below a folder named "shared" are not scenarios).
 * In:      path  as the user gave it; places and case ids are made from it. A case's id is the path
 *          relative to the nearest folder named "scenarios" (else to the working directory),
 *          without ".json"
 * Returns: false if it has mistakes, which are then in sim_suite_mistakes(); the cases of the other
 *          files stay
 */
bool sim_suite_read(struct sim_suite *suite, const char *path);

/* Read the text of a scenario file from memory, with all checks. Files named in "shares" are read
 * from the disk, relative to `name`.
 * In:      name  stands for the file's path in places and ids. It need not exist, and must differ
 *                from every name read before.
 *          text  `size` bytes, borrowed until the return
 * Returns: as sim_suite_read()
 */
bool sim_suite_read_text(struct sim_suite *suite, const char *name, const char *text, size_t size);

/* Add a mistake about `name`, which cannot be read. */
void sim_suite_refuse(struct sim_suite *suite, const char *name, const char *text);

/* Cases in the order read; mistakes in the order found; rules as in the catalogue. */
size_t sim_suite_cases(const struct sim_suite *suite, const struct sim_case *const **cases);
/* The case with this id; null if there is none. */
const struct sim_case *sim_suite_find(const struct sim_suite *suite, const char *id);
size_t sim_suite_mistakes(const struct sim_suite *suite, const struct sim_mistake **mistakes);
size_t sim_suite_rules(const struct sim_suite *suite, const struct sim_rule **rules);

/* Words of the language, shared by the reader, the stories and the reports. Never null. */
const char *sim_verb_word(enum sim_verb verb); /* "submit" */
const char *sim_plan_word(enum sim_plan plan); /* "past due" */
const char *sim_site_word(enum sim_site site); /* "gateway.confirm" */
const char *sim_book_word(enum sim_book book); /* "log" */

/* "done", "not covered: no card", ...; "" for SIM_ANSWER_NONE. */
const char *sim_answer_word(enum sim_answer answer);

/* The answer if all goes well: done, enabled, disabled, or none. */
enum sim_answer sim_answer_expected(enum sim_verb verb);

/* "-5 min", "2 h", "250 ms": in the largest unit that leaves a whole number. The text is the
 * buffer's. */
#define SIM_DURATION_SIZE 32
const char *sim_duration_text(int64_t duration_ms, char text[SIM_DURATION_SIZE]);

#endif
