/* Rule coverage: which case tests which rule; and the answer whether a release is safe. */
#ifndef REPORT_COVERAGE_H
#define REPORT_COVERAGE_H

#include "run.h"

enum report_cover {
  REPORT_HOLE,   /* no case names this rule */
  REPORT_BROKEN, /* a case that names it failed */
  REPORT_OPEN,   /* a case that names it was not explored to the end */
  REPORT_COVERED /* all cases that name it passed */
};

struct report_cover_row {
  const struct report_rule *rule;
  enum report_cover cover;
  size_t case_count;
  const struct report_case **cases;
};

/* A rule that a case names and the catalogue does not have. */
struct report_stranger {
  const struct report_case *a_case;
  const char *rule;
};

struct report_coverage {
  size_t count; /* one row for each rule, in the catalogue's order */
  struct report_cover_row *rows;
  size_t covered;
  size_t holes;
  size_t broken;
  size_t open;
  size_t stranger_count;
  struct report_stranger *strangers;
};

/* Returns: false when out of memory; else *coverage, which borrows from the run, to be freed. */
bool report_coverage_make(const struct report_run *run, struct report_coverage *coverage);
void report_coverage_free(struct report_coverage *coverage);

/* "not covered", "failing", "not proven", "covered" */
const char *report_cover_word(enum report_cover cover);

/* Whether the run allows a release. */
enum report_answer {
  REPORT_YES,       /* everything passed, was explored to the end, and every rule has a case */
  REPORT_NO,        /* something failed, or a file could not be read */
  REPORT_NOT_PROVEN /* nothing failed, but something was not explored */
};

#define REPORT_MAX_REASONS 8
struct report_summary {
  enum report_answer answer;
  size_t reason_count;                   /* 0 with REPORT_YES */
  char reasons[REPORT_MAX_REASONS][120]; /* sentences without text from files */
};

void report_summary_make(const struct report_run *run, const struct report_coverage *coverage,
                         struct report_summary *summary);

/* "yes", "no", "not proven" */
const char *report_answer_word(enum report_answer answer);

/* "Safe to release", ... */
const char *report_answer_headline(enum report_answer answer);

#endif
