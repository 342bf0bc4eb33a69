/* The endings of a case that only injected faults reach. No outcome has to describe them. */
#include "html_page.h"

#include "escape.h"

/* "the process dies", or "wal.sync: the process dies, then gateway.confirm: 409" */
static void put_cause(FILE *out, const struct report_ending *ending) {
  report_markup(out, "<b>");
  for (size_t i = 0; i < ending->fault_count; i++) {
    report_markup(out, "%s%s", i == 0 ? "" : ", then ", ending->faults[i]);
  }
  report_markup(out, "</b>");
}

static void put_difference(FILE *out, const struct report_view *view,
                           const struct report_case *a_case, const struct report_ending *ending) {
  const struct report_diff *diff = report_view_diff(view, a_case, ending);
  size_t lines = diff->count - report_diff_count(diff, REPORT_SAME);
  if (ending->nearest == NULL) {
    return;
  }
  if (lines == 0) {
    report_markup(out, " · as in “%s”", ending->nearest);
  } else {
    report_markup(out, " · %zu line%s from “%s”", lines, lines == 1 ? " differs" : "s differ",
                  ending->nearest);
  }
}

static void put_ending(FILE *out, const struct report_view *view, const struct report_case *a_case,
                       const struct report_ending *ending) {
  report_markup(out, "<details class=\"ending fault\"><summary>");
  put_cause(out, ending);
  report_markup(out, " <span class=\"hint\">");
  report_put_gist(out, ending);
  put_difference(out, view, a_case, ending);
  report_markup(out, " · ");
  report_put_grouped(out, ending->path_count);
  report_markup(out, " final state%s</span></summary>\n", ending->path_count == 1 ? "" : "s");
  report_put_ending_body(out, view, a_case, ending);
  report_markup(out, "</details>\n");
}

void report_put_fault_endings(FILE *out, const struct report_view *view,
                              const struct report_case *a_case) {
  bool one = a_case->fault_ending_count == 1;
  if (a_case->fault_ending_count == 0) {
    return;
  }
  report_markup(out, "<section aria-labelledby=\"faults\"><h2 id=\"faults\">");
  report_put_grouped(out, a_case->fault_ending_count);
  report_markup(out,
                " more way%s if something breaks</h2>\n<p class=\"lead\">Only injected faults, "
                "which the scenario does not declare, lead here. No outcome has to describe %s. "
                "The money rules are checked in %s, too.</p>\n<p class=\"hint\">",
                one ? "" : "s", one ? "this one" : "these", one ? "it" : "them");
  if ((uint64_t)a_case->fault_ending_count > a_case->fault_shown_count) {
    report_markup(out, "The %zu most frequent are shown. ", a_case->fault_shown_count);
  }
  report_markup(out, "Each has the fault on its shortest path; open one to see its ending.</p>"
                     "\n");
  for (size_t i = 0; i < a_case->fault_shown_count; i++) {
    put_ending(out, view, a_case, &a_case->endings[a_case->ending_count + i]);
  }
  report_markup(out, "</section>\n");
}
