/* The summary for other programs: the answer, totals, holes, and each failure with its place. */
#include "escape.h"
#include "view.h"

static void put_string(FILE *out, const char *before, const char *key, const char *value) {
  fprintf(out, "%s\"%s\": ", before, key);
  if (value == NULL) {
    fputs("null", out);
  } else {
    report_json_string(out, value);
  }
}

static void put_place(FILE *out, const char *file, int64_t line, int64_t column) {
  put_string(out, ", ", "file", file);
  fprintf(out, ", \"line\": %lld, \"column\": %lld", (long long)line, (long long)column);
}

static void put_totals(const struct report_view *view, FILE *out) {
  const struct report_totals *totals = &view->run->totals;
  fprintf(out,
          ",\n  \"totals\": { \"cases\": %zu, \"passed\": %zu, \"failed\": %zu, "
          "\"not_exhausted\": %zu, \"nondeterministic\": %zu,\n"
          "              \"endings\": %zu, \"fault_endings\": %lld, \"states\": %lld, "
          "\"transitions\": %lld }",
          totals->cases, totals->passed, totals->failed, totals->not_exhausted,
          totals->nondeterministic, totals->endings, (long long)totals->fault_endings,
          (long long)totals->states, (long long)totals->transitions);
}

static void put_holes(const struct report_coverage *coverage, FILE *out) {
  const char *before = "";
  fprintf(out, ",\n  \"rules\": { \"all\": %zu, \"covered\": %zu, \"not_covered\": [",
          coverage->count, coverage->covered);
  for (size_t i = 0; i < coverage->count; i++) {
    if (coverage->rows[i].cover == REPORT_HOLE) {
      fputs(before, out);
      report_json_string(out, coverage->rows[i].rule->id);
      before = ", ";
    }
  }
  fputs("] }", out);
}

static void put_failure(const struct report_case *a_case, const struct report_failure *failure,
                        const char *before, FILE *out) {
  put_string(out, before, "case", a_case->id);
  put_string(out, ", ", "kind", failure->kind);
  put_string(out, ", ", "rule", failure->rule);
  put_string(out, ",\n      ", "text", failure->text);
  put_place(out, failure->file, failure->line, failure->column);
  put_string(out, ",\n      ", "again", failure->again);
  put_string(out, ",\n      ", "replay", failure->replay);
  fputs(" }", out);
}

static void put_not_passed(const struct report_run *run, FILE *out) {
  const char *before = "\n    { ";
  fputs(",\n  \"not_passed\": [", out);
  for (size_t i = 0; i < run->case_count; i++) {
    if (run->cases[i].verdict != REPORT_PASSED) {
      put_string(out, before, "case", run->cases[i].id);
      put_string(out, ", ", "verdict", report_verdict_word(run->cases[i].verdict));
      fputs(" }", out);
      before = ",\n    { ";
    }
  }
  before = "\n    { ";
  fputs("],\n  \"failures\": [", out);
  for (size_t i = 0; i < run->case_count; i++) {
    for (size_t j = 0; j < run->cases[i].failure_count; j++) {
      put_failure(&run->cases[i], &run->cases[i].failures[j], before, out);
      before = ",\n    { ";
    }
  }
  fputs("]", out);
}

static void put_mistakes(const struct report_run *run, FILE *out) {
  fputs(",\n  \"mistakes\": [", out);
  for (size_t i = 0; i < run->mistake_count; i++) {
    const struct report_mistake *mistake = &run->mistakes[i];
    put_string(out, i == 0 ? "\n    { " : ",\n    { ", "text", mistake->text);
    put_place(out, mistake->file, mistake->line, mistake->column);
    fputs(" }", out);
  }
  fputs("]", out);
}

void report_render_summary(const struct report_view *view, FILE *out) {
  const struct report_summary *summary = &view->summary;
  put_string(out, "{ ", "format", "reloadsim-summary-1");
  put_string(out, ",\n  ", "answer", report_answer_word(summary->answer));
  fputs(",\n  \"reasons\": [", out);
  for (size_t i = 0; i < summary->reason_count; i++) {
    fputs(i == 0 ? "" : ", ", out);
    report_json_string(out, summary->reasons[i]);
  }
  fputs("]", out);
  put_totals(view, out);
  put_holes(&view->coverage, out);
  put_not_passed(view->run, out);
  put_mistakes(view->run, out);
  fputs("\n}\n", out);
}
