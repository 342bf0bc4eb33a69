/* The report for people in a terminal: the failures with the commands that show them again, then
 * the summary. */
#include "escape.h"
#include "textual.h"
#include "view.h"

#define BOLD "\033[1m"
#define RED "\033[1;31m"
#define GREEN "\033[1;32m"
#define YELLOW "\033[1;33m"
#define PLAIN "\033[0m"

static void paint(FILE *out, bool colour, const char *code) {
  if (colour) {
    fputs(code, out);
  }
}

static void put_text_place(FILE *out, const char *file, int64_t line, int64_t column) {
  report_text(out, "%s:%lld:%lld: ", file, (long long)line, (long long)column);
}

/* ---- What went wrong ---------------------------------------------------------------------- */

static void put_text_mistakes(const struct report_run *run, FILE *out, bool colour) {
  for (size_t i = 0; i < run->mistake_count; i++) {
    const struct report_mistake *mistake = &run->mistakes[i];
    paint(out, colour, BOLD);
    put_text_place(out, mistake->file, mistake->line, mistake->column);
    paint(out, colour, PLAIN);
    report_text(out, "error: %s\n", mistake->text);
  }
  if (run->mistake_count > 0) {
    fputc('\n', out);
  }
}

static void put_case_failure(const struct report_view *view, const struct report_case *a_case,
                             const struct report_failure *failure, FILE *out, bool colour) {
  struct report_style style = {report_text, "  ", colour};
  paint(out, colour, BOLD);
  put_text_place(out, failure->file, failure->line, failure->column);
  paint(out, colour, PLAIN);
  report_text(out, "%s", failure->kind);
  if (failure->rule != NULL) {
    report_text(out, " [%s]", failure->rule);
  }
  report_text(out, "\n  %s\n", failure->text);
  report_put_failure(out, &style, view, a_case, failure);
}

static const char *verdict_headline(enum report_verdict verdict) {
  static const char *const words[] = {"PASSED", "FAILED", "NOT EXPLORED TO THE END",
                                      "DIFFERENT WHEN RUN AGAIN"};
  return words[verdict];
}

static void put_text_case(const struct report_view *view, const struct report_case *a_case,
                          FILE *out, bool colour) {
  paint(out, colour, a_case->verdict == REPORT_NOT_EXHAUSTED ? YELLOW : RED);
  report_text(out, "%s", verdict_headline(a_case->verdict));
  paint(out, colour, PLAIN);
  report_text(out, "  %s: %s\n", a_case->id, a_case->title);
  if (a_case->failure_count == 0) {
    report_text(out, "%s:%lld:1: after %lld states\n", a_case->file, (long long)a_case->line,
                (long long)a_case->state_count);
  }
  for (size_t i = 0; i < a_case->failure_count; i++) {
    put_case_failure(view, a_case, &a_case->failures[i], out, colour);
  }
  fputc('\n', out);
}

/* ---- The summary -------------------------------------------------------------------------- */

static void put_text_theme(const struct report_run *run, size_t first, FILE *out) {
  size_t all = 0;
  size_t passed = 0;
  for (size_t i = 0; i < run->case_count; i++) {
    if (!report_same_theme(&run->cases[first], &run->cases[i])) {
      continue;
    }
    if (i < first) {
      return; /* shown before */
    }
    all++;
    passed += run->cases[i].verdict == REPORT_PASSED;
  }
  const char *theme;
  size_t length = report_case_theme(&run->cases[first], &theme);
  fputs("  ", out);
  report_text_bytes(out, theme, length);
  for (size_t i = length; i < 24; i++) {
    fputc(' ', out);
  }
  report_text(out, "  %zu of %zu passed\n", passed, all);
}

static void put_uncovered(const struct report_run *run, const struct report_coverage *coverage,
                          FILE *out, bool colour) {
  bool partial = report_run_is_partial(run); /* then most rules have no case */
  report_text(out, "Rules  %zu of %zu covered", coverage->covered, coverage->count);
  if (coverage->broken > 0) {
    report_text(out, ", %zu failing", coverage->broken);
  }
  if (coverage->open > 0) {
    report_text(out, ", %zu not proven", coverage->open);
  }
  if (partial) {
    report_text(out, " by this part of the suite");
  }
  if (coverage->holes > 0 && !partial) {
    paint(out, colour, YELLOW);
    report_text(out, "; NO CASE FOR");
    paint(out, colour, PLAIN);
  }
  for (size_t i = 0; i < coverage->count && !partial; i++) {
    if (coverage->rows[i].cover == REPORT_HOLE) {
      report_text(out, " %s", coverage->rows[i].rule->id);
    }
  }
  fputc('\n', out);
  for (size_t i = 0; i < coverage->stranger_count; i++) {
    const struct report_stranger *stranger = &coverage->strangers[i];
    report_text(out, "  %s names a rule that is not in the catalogue: %s\n", stranger->a_case->id,
                stranger->rule);
  }
}

static void put_text_answer(const struct report_summary *summary, FILE *out, bool colour) {
  static const char *const colours[] = {GREEN, RED, YELLOW};
  paint(out, colour, colours[summary->answer]);
  report_text(out, "%s", report_answer_headline(summary->answer));
  paint(out, colour, PLAIN);
  for (size_t i = 0; i < summary->reason_count; i++) {
    report_text(out, "%s%s", i == 0 ? ": " : "; ", summary->reasons[i]);
  }
  fputc('\n', out);
}

static void put_summary(const struct report_view *view, FILE *out, bool colour) {
  const struct report_run *run = view->run;
  const struct report_totals *totals = &run->totals;
  report_text(out, "Themes\n");
  for (size_t i = 0; i < run->case_count; i++) {
    put_text_theme(run, i, out);
  }
  put_uncovered(view->run, &view->coverage, out, colour);
  report_text(out, "Cases  %zu passed, %zu failed, %zu not explored to the end, %zu in all\n",
              totals->passed, totals->failed + totals->nondeterministic, totals->not_exhausted,
              totals->cases);
  report_text(out, "Seen   %zu endings, %lld states, %lld transitions; seed %s\n", totals->endings,
              (long long)totals->states, (long long)totals->transitions, run->seed);
  if (totals->fault_endings > 0) {
    report_text(out, "       and %lld ending%s that only injected faults reach\n",
                (long long)totals->fault_endings, totals->fault_endings == 1 ? "" : "s");
  }
  put_text_answer(&view->summary, out, colour);
}

void report_render_text(const struct report_view *view, FILE *out) {
  bool colour = view->colour;
  put_text_mistakes(view->run, out, colour);
  for (size_t i = 0; i < view->run->case_count; i++) {
    if (view->run->cases[i].verdict != REPORT_PASSED) {
      put_text_case(view, &view->run->cases[i], out, colour);
    }
  }
  put_summary(view, out, colour);
}
