/* Pieces of plain text that the terminal, ledger and JUnit reports share. */
#ifndef REPORT_TEXTUAL_H
#define REPORT_TEXTUAL_H

#include "view.h"
#include "phrases.h"

/* How a piece is written: the escaping, the indentation, and colour. */
struct report_style {
  report_print *print;
  const char *indent;
  bool colour;
};

/* A headline for an ending: its outcome, or the nearest one. No line feed. */
void report_put_ending(FILE *out, report_print *print, const struct report_ending *ending);

/* One line for each line of the diff: "= log acme  top_up +100 for creative-7". */
void report_put_diff(FILE *out, const struct report_style *style, const struct report_case *a_case,
                     const struct report_diff *diff);

/* The details of a failure: ending, ledger, story, the commands to run it again and to replay its
 * trace. */
void report_put_failure(FILE *out, const struct report_style *style, const struct report_view *view,
                        const struct report_case *a_case, const struct report_failure *failure);

#endif
