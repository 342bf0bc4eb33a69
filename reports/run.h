/* A run for the reports: the run's JSON, checked, as read-only structs.
 *
 * All strings are valid UTF-8 without NUL, never null unless said so, and live as long as the JSON.
 */
#ifndef REPORT_RUN_H
#define REPORT_RUN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A limit. A run beyond it is refused, never cut silently. */
#define REPORT_MAX_LINES 2048 /* of one ending's ledger */

#define REPORT_UNSAID INT64_MIN /* a number that the file does not give */

enum report_book { REPORT_ANSWER, REPORT_LOG, REPORT_BANK, REPORT_MAIL };

/* One line of an ending: what happened, or should have. */
struct report_line {
  enum report_book book;
  const char *of;     /* answers: the actor; else the client */
  const char *what;   /* as scenarios spell it: "not covered: no card", "declined lost_card" */
  const char *kind;   /* its first part: "not covered", "declined" */
  const char *detail; /* the rest: "no card", "lost_card"; or null */
  int64_t tokens;     /* log: > 0, also for spends and reversals; or REPORT_UNSAID */
  int64_t balance_tokens;
  int64_t amount_minor;
  const char *for_id; /* the action that caused it; or null */
  const char *at;     /* or null */
  const char *id;     /* or null */
};

struct report_lines {
  bool said; /* false: the file says null */
  size_t count;
  const struct report_line *lines;
};

/* What a sentence of a story is about; the first ones have lanes in the picture. */
enum report_about {
  REPORT_ABOUT_CARD,
  REPORT_ABOUT_TOKENS,
  REPORT_ABOUT_TOGGLE,
  REPORT_ABOUT_MAIL,
  REPORT_ABOUT_PERSON, /* something was reported to somebody */
  REPORT_ABOUT_ENGINE,
  REPORT_ABOUT_COUNT
};
enum { REPORT_TOUCHED_COUNT = REPORT_ABOUT_MAIL + 1 };

struct report_sentence {
  enum report_about about;
  const char *text;
};

struct report_event { /* a step of a story */
  const char *at;
  const char *who;
  const char *text; /* what was done */
  size_t line_count;
  const struct report_sentence *lines; /* its effects */
};

struct report_story {
  size_t count;
  const struct report_event *events;
};

struct report_ending {
  const char *outcome; /* null: no outcome matches */
  const char *nearest; /* the outcome that differs least, if none matches; or null */
  bool reached;        /* false: an outcome that no order of events reaches */
  int64_t path_count;
  struct report_lines expected;
  struct report_lines actual;
  struct report_story story;
  size_t fault_count; /* injected faults in the story, by their sites */
  const char *const *faults;
};

struct report_failure {
  const char *kind;
  const char *rule; /* or null */
  const char *text;
  const char *file;
  int64_t line;
  int64_t column;
  const struct report_ending *ending; /* or null; one of the case's endings */
  struct report_story story;
  const char *again;  /* the command that runs it again */
  const char *replay; /* the command that replays its trace; null: there is no trace */
};

enum report_verdict {
  REPORT_PASSED,
  REPORT_FAILED,
  REPORT_NOT_EXHAUSTED,   /* no failure, but not every state was explored */
  REPORT_NONDETERMINISTIC /* two runs of the same thing differed */
};

struct report_currency {
  const char *code; /* ISO 4217 in lower case, or null if unknown */
  int decimals;     /* digits after the decimal point */
};

struct report_given {
  const char *client;
  const char *owner;
  int64_t balance_tokens;
  const char *plan;
  const char *card;
  const char *auto_reload;
};

struct report_case {
  const char *id;
  const char *title;
  const char *file;
  struct report_currency currency;
  int64_t line;
  size_t rule_count;
  const char *const *rules;
  enum report_verdict verdict;
  int64_t state_count;
  int64_t transition_count;
  int64_t depth;
  size_t actor_count;
  const char *const *actors;
  size_t client_count;
  const char *const *clients;
  size_t given_count;
  const struct report_given *given;
  size_t ending_count;
  const struct report_ending *endings;
  int64_t fault_ending_count; /* reached only under injected faults */
  size_t fault_shown_count;   /* how many of them have a story: endings[ending_count], ... */
  size_t failure_count;
  const struct report_failure *failures;
};

struct report_rule {
  const char *id;
  const char *group;
  const char *source;
  const char *text;
};

struct report_mistake { /* a scenario file that could not be read */
  const char *file;
  int64_t line;
  int64_t column;
  const char *text;
};

struct report_totals { /* counted over the cases, not copied */
  size_t cases;
  size_t passed;
  size_t failed;
  size_t not_exhausted;
  size_t nondeterministic;
  size_t endings; /* reached ones */
  int64_t fault_endings;
  int64_t states;
  int64_t transitions;
};

struct report_run {
  const char *version;
  const char *filter; /* null: all cases of the paths were run */
  const char *shard;  /* "2/4": this part of them; null: all */
  const char *faults; /* the faults of the run: "declared", ...; null: unknown */
  const char *seed;
  size_t path_count;
  const char *const *paths;
  size_t rule_count;
  const struct report_rule *rules;
  size_t mistake_count;
  const struct report_mistake *mistakes;
  size_t case_count;
  const struct report_case *cases;
  struct report_totals totals;
  bool has_code_coverage;   /* coverage/index.html exists in the run directory */
  struct report_room *room; /* has all memory of the run */
};

/* An error, as one sentence with its place in the file. */
struct report_error {
  char text[512];
};

/* Check a run's JSON. Hostile input is refused with its place: wrong types, missing fields, numbers
 * out of range, two cases with one id, verdicts that contradict the failures, totals that
 * contradict the cases. Unknown keys are skipped.
 * In:      json       borrowed: it must outlive the run
 *          directory  of the run, as the user named it; null: the run was not written
 * Returns: a run, to be freed by the caller; or null and *error
 */
struct report_run *report_run_read(const json_t *json, const char *directory,
                                   struct report_error *error);
/* Whether less than the whole suite was run: some files, or a filter. */
bool report_run_is_partial(const struct report_run *run);

void report_run_free(struct report_run *run);

/* "passed", "failed", "not exhausted", "nondeterministic" */
const char *report_verdict_word(enum report_verdict verdict);

/* "answer", "log", "bank", "mail" */
const char *report_book_word(enum report_book book);

/* The case id's part before the first '/', or "general": its length, and *theme where it starts. */
size_t report_case_theme(const struct report_case *a_case, const char **theme);

/* True if both cases have the same theme. */
bool report_same_theme(const struct report_case *a, const struct report_case *b);

#endif
