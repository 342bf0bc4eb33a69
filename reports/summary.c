/* The summary for programs: the answer, totals, uncovered rules, and each failure with its
 * place. */
#include "escape.h"
#include "view.h"

#include <jansson.h>

static json_t *summary_totals_json(const struct report_totals *totals) {
  return json_pack(
      "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "cases", (json_int_t)totals->cases, "passed",
      (json_int_t)totals->passed, "failed", (json_int_t)totals->failed, "not_exhausted",
      (json_int_t)totals->not_exhausted, "nondeterministic", (json_int_t)totals->nondeterministic,
      "endings", (json_int_t)totals->endings, "fault_endings", (json_int_t)totals->fault_endings,
      "states", (json_int_t)totals->states, "transitions", (json_int_t)totals->transitions);
}

static json_t *summary_rules_json(const struct report_coverage *coverage) {
  json_t *holes = json_array();
  for (size_t i = 0; i < coverage->count; i++) {
    if (coverage->rows[i].cover == REPORT_HOLE) {
      json_array_append_new(holes, json_string(coverage->rows[i].rule->id));
    }
  }
  return json_pack("{s:I, s:I, s:o}", "all", (json_int_t)coverage->count, "covered",
                   (json_int_t)coverage->covered, "not_covered", holes);
}

static json_t *not_passed_json(const struct report_run *run) {
  json_t *cases = json_array();
  for (size_t i = 0; i < run->case_count; i++) {
    if (run->cases[i].verdict != REPORT_PASSED) {
      json_array_append_new(cases, json_pack("{s:s, s:s}", "case", run->cases[i].id, "verdict",
                                             report_verdict_word(run->cases[i].verdict)));
    }
  }
  return cases;
}

static json_t *failures_json(const struct report_run *run) {
  json_t *failures = json_array();
  for (size_t i = 0; i < run->case_count; i++) {
    for (size_t j = 0; j < run->cases[i].failure_count; j++) {
      const struct report_failure *failure = &run->cases[i].failures[j];
      json_array_append_new(
          failures, json_pack("{s:s, s:s, s:s?, s:s, s:s, s:I, s:I, s:s, s:s?}", "case",
                              run->cases[i].id, "kind", failure->kind, "rule", failure->rule,
                              "text", failure->text, "file", failure->file, "line",
                              (json_int_t)failure->line, "column", (json_int_t)failure->column,
                              "again", failure->again, "replay", failure->replay));
    }
  }
  return failures;
}

static json_t *summary_mistakes_json(const struct report_run *run) {
  json_t *mistakes = json_array();
  for (size_t i = 0; i < run->mistake_count; i++) {
    const struct report_mistake *mistake = &run->mistakes[i];
    json_array_append_new(mistakes, json_pack("{s:s, s:s, s:I, s:I}", "text", mistake->text, "file",
                                              mistake->file, "line", (json_int_t)mistake->line,
                                              "column", (json_int_t)mistake->column));
  }
  return mistakes;
}

static json_t *reasons_json(const struct report_summary *summary) {
  json_t *reasons = json_array();
  for (size_t i = 0; i < summary->reason_count; i++) {
    json_array_append_new(reasons, json_string(summary->reasons[i]));
  }
  return reasons;
}

void report_render_summary(const struct report_view *view, FILE *out) {
  const struct report_run *run = view->run;
  report_json(json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "format", "reloadsim-summary-1",
                        "answer", report_answer_word(view->summary.answer), "reasons",
                        reasons_json(&view->summary), "totals", summary_totals_json(&run->totals),
                        "rules", summary_rules_json(&view->coverage), "not_passed",
                        not_passed_json(run), "failures", failures_json(run), "mistakes",
                        summary_mistakes_json(run)),
              out);
}
