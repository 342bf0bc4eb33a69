/* JUnit XML as Jenkins and GitLab read it: one suite for each theme, one test case for each case.
 * Files with mistakes, and a run without any case, are errors of a suite of their own. */
#include "escape.h"
#include "textual.h"
#include "view.h"

struct counts {
  size_t tests;
  size_t failures;
  size_t errors;
};

static void count_case(const struct report_case *a_case, struct counts *counts) {
  counts->tests++;
  counts->failures += a_case->verdict == REPORT_FAILED;
  counts->errors +=
      a_case->verdict == REPORT_NOT_EXHAUSTED || a_case->verdict == REPORT_NONDETERMINISTIC;
}

static void put_counts(FILE *out, const struct counts *counts) {
  report_markup(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"0\" time=\"0\">\n",
                counts->tests, counts->failures, counts->errors);
}

/* ---- Cases -------------------------------------------------------------------------------- */

static void put_junit_failure(const struct report_view *view, const struct report_case *a_case,
                              const struct report_failure *failure, FILE *out) {
  struct report_style style = {report_markup, "", false};
  report_markup(out, "%s:%lld:%lld: %s", failure->file, (long long)failure->line,
                (long long)failure->column, failure->kind);
  if (failure->rule != NULL) {
    report_markup(out, " [%s]", failure->rule);
  }
  report_markup(out, "\n%s\n", failure->text);
  report_put_failure(out, &style, view, a_case, failure);
  fputc('\n', out);
}

/* Readers show one failure element for each case: its message is the first failure's text. */
static void put_verdict(const struct report_view *view, const struct report_case *a_case,
                        FILE *out) {
  const char *element = a_case->verdict == REPORT_FAILED ? "failure" : "error";
  const char *message =
      a_case->failure_count > 0 ? a_case->failures[0].text : report_verdict_word(a_case->verdict);
  const char *type =
      a_case->failure_count > 0 ? a_case->failures[0].kind : report_verdict_word(a_case->verdict);
  report_markup(out, "      <%s message=\"%s\" type=\"%s\">", element, message, type);
  for (size_t i = 0; i < a_case->failure_count; i++) {
    put_junit_failure(view, a_case, &a_case->failures[i], out);
  }
  if (a_case->failure_count == 0) {
    report_markup(out, "%s after %lld states", report_verdict_word(a_case->verdict),
                  (long long)a_case->state_count);
  }
  report_markup(out, "</%s>\n", element);
}

static void put_theme_name(const struct report_case *a_case, FILE *out) {
  const char *theme;
  size_t length = report_case_theme(a_case, &theme);
  report_markup_bytes(out, theme, length);
}

static void put_junit_case(const struct report_view *view, const struct report_case *a_case,
                           FILE *out) {
  report_markup(out, "    <testcase classname=\"");
  put_theme_name(a_case, out);
  report_markup(out, "\" name=\"%s\" file=\"%s\" time=\"0\"", a_case->id, a_case->file);
  if (a_case->verdict == REPORT_PASSED) {
    report_markup(out, "/>\n");
    return;
  }
  report_markup(out, ">\n");
  put_verdict(view, a_case, out);
  report_markup(out, "    </testcase>\n");
}

/* The suite of a theme, written at its first case; at later cases nothing is written. */
static void put_suite(const struct report_view *view, size_t first, FILE *out) {
  const struct report_run *run = view->run;
  struct counts counts = {0, 0, 0};
  for (size_t i = 0; i < run->case_count; i++) {
    if (report_same_theme(&run->cases[first], &run->cases[i])) {
      if (i < first) {
        return;
      }
      count_case(&run->cases[i], &counts);
    }
  }
  report_markup(out, "  <testsuite name=\"");
  put_theme_name(&run->cases[first], out);
  report_markup(out, "\"");
  put_counts(out, &counts);
  for (size_t i = first; i < run->case_count; i++) {
    if (report_same_theme(&run->cases[first], &run->cases[i])) {
      put_junit_case(view, &run->cases[i], out);
    }
  }
  report_markup(out, "  </testsuite>\n");
}

/* ---- Files that could not be read --------------------------------------------------------- */

static void put_junit_mistake(const struct report_mistake *mistake, FILE *out) {
  report_markup(out,
                "    <testcase classname=\"scenario files\" name=\"%s:%lld:%lld\" file=\"%s\" "
                "time=\"0\">\n",
                mistake->file, (long long)mistake->line, (long long)mistake->column, mistake->file);
  report_markup(out,
                "      <error message=\"%s\" type=\"mistake\">%s:%lld:%lld: error: %s</error>\n",
                mistake->text, mistake->file, (long long)mistake->line, (long long)mistake->column,
                mistake->text);
  report_markup(out, "    </testcase>\n");
}

static void put_nothing_run(FILE *out) {
  report_markup(out, "    <testcase classname=\"scenario files\" name=\"no case was run\" "
                     "time=\"0\">\n"
                     "      <error message=\"no case was run\" type=\"empty\"/>\n"
                     "    </testcase>\n");
}

static size_t extra_errors(const struct report_run *run) {
  return run->mistake_count + (run->case_count == 0 && run->mistake_count == 0);
}

static void put_extra_errors(const struct report_run *run, FILE *out) {
  struct counts counts = {extra_errors(run), 0, extra_errors(run)};
  if (counts.tests == 0) {
    return;
  }
  report_markup(out, "  <testsuite name=\"scenario files\"");
  put_counts(out, &counts);
  for (size_t i = 0; i < run->mistake_count; i++) {
    put_junit_mistake(&run->mistakes[i], out);
  }
  if (run->mistake_count == 0) {
    put_nothing_run(out);
  }
  report_markup(out, "  </testsuite>\n");
}

void report_render_junit(const struct report_view *view, FILE *out) {
  const struct report_run *run = view->run;
  struct counts counts = {extra_errors(run), 0, extra_errors(run)};
  for (size_t i = 0; i < run->case_count; i++) {
    count_case(&run->cases[i], &counts);
  }
  report_markup(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"reloadsim\"");
  put_counts(out, &counts);
  put_extra_errors(run, out);
  for (size_t i = 0; i < run->case_count; i++) {
    put_suite(view, i, out);
  }
  report_markup(out, "</testsuites>\n");
}
