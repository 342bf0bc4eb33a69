/* A run with its coverage and ledger diffs, which are made once, and the functions that render it.
 *
 * A renderer only writes. It can only fail by its stream, which the caller checks.
 */
#ifndef REPORT_VIEW_H
#define REPORT_VIEW_H

#include "coverage.h"
#include "diff.h"
#include "formats.h"
#include "run.h"

#include <stdio.h>

struct report_view {
  struct report_run *run;
  struct report_coverage coverage;
  struct report_summary summary;
  struct report_diff **diffs; /* by case, by ending */
  bool colour;                /* text: use ANSI colours (never the only sign of anything) */
};

/* Check a run's JSON and make the coverage and the diffs. In: as report_run_read()
 * Returns: a view, to be closed by the caller; or null and *error
 */
struct report_view *report_view_open(const json_t *json, const char *directory,
                                     struct report_error *error);
void report_view_close(struct report_view *view);

/* The ledger diff of one ending of one case of this run. */
const struct report_diff *report_view_diff(const struct report_view *view,
                                           const struct report_case *a_case,
                                           const struct report_ending *ending);

/* True if it was reached, an outcome says so, and every line agrees. */
bool report_ending_is_right(const struct report_view *view, const struct report_case *a_case,
                            const struct report_ending *ending);

/* True if both stories have the same steps. */
bool report_same_story(const struct report_story *a, const struct report_story *b);

/* A renderer for each row of formats.h. */
#define RENDERER(NAME, name, ...)                                                                  \
  void report_render_##name(const struct report_view *view, FILE *out);
REPORT_FORMATS(RENDERER)
#undef RENDERER

#endif
