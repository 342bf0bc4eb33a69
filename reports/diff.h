/* The ledger diff: the expected lines of an ending against the actual ones. */
#ifndef REPORT_DIFF_H
#define REPORT_DIFF_H

#include "run.h"

enum report_op {
  REPORT_SAME,    /* '=' */
  REPORT_MISSING, /* '-' expected, did not happen */
  REPORT_EXTRA,   /* '+' happened, not expected */
  REPORT_CHANGED  /* '~' happened in another way than expected */
};

struct report_diff_line {
  enum report_op op;
  const struct report_line *expected; /* null with REPORT_EXTRA */
  const struct report_line *actual;   /* null with REPORT_MISSING */
};

struct report_diff {
  size_t count;
  struct report_diff_line *lines;
};

/* True if book, subject and word are equal and so is every field that both lines say. */
bool report_lines_agree(const struct report_line *expected, const struct report_line *actual);

/* Align an ending's expected and actual lines within each (book, subject) so that as many lines as
 * possible agree (a longest common subsequence); of the rest, two lines at the same place become
 * one changed line if that needs fewer lines.
 * In:      a_case  gives the order of the groups: answers by actor, then per client log, bank, mail
 * Returns: false when out of memory; else *diff, to be freed by the caller. Deterministic.
 */
bool report_diff_make(const struct report_case *a_case, const struct report_ending *ending,
                      struct report_diff *diff);
void report_diff_free(struct report_diff *diff);

/* How many lines have this op. */
size_t report_diff_count(const struct report_diff *diff, enum report_op op);

/* '=' '-' '+' '~' */
char report_op_sign(enum report_op op);

/* "same", "missing", "extra", "changed" */
const char *report_op_word(enum report_op op);

#endif
