/* Rule coverage as text and JSON: every rule of the catalogue with its cases; uncovered rules come
 * first. */
#include "escape.h"
#include "view.h"

#include <jansson.h>

/* ---- Text --------------------------------------------------------------------------------- */

static void put_list(const struct report_coverage *coverage, enum report_cover cover,
                     const char *headline, FILE *out) {
  bool any = false;
  for (size_t i = 0; i < coverage->count; i++) {
    const struct report_cover_row *row = &coverage->rows[i];
    if (row->cover == cover) {
      if (!any) {
        fprintf(out, "\n%s\n", headline);
      }
      report_text(out, "  %s  %s\n", row->rule->id, row->rule->text);
      any = true;
    }
  }
}

static void put_strangers_text(const struct report_coverage *coverage, FILE *out) {
  for (size_t i = 0; i < coverage->stranger_count; i++) {
    fputs(i == 0 ? "\nNAMED BY CASES, BUT NOT IN THE CATALOGUE\n" : "", out);
    report_text(out, "  %s, named by %s\n", coverage->strangers[i].rule,
                coverage->strangers[i].a_case->id);
  }
}

static const char *cover_mark(enum report_cover cover) {
  static const char *const marks[] = {"HOLE", "FAIL", "open", "ok"};
  return marks[cover];
}

static void put_rule_text(const struct report_cover_row *row, FILE *out) {
  report_text(out, "\n%s  %s [%s] %s\n", cover_mark(row->cover), row->rule->id, row->rule->source,
              row->rule->text);
  if (row->case_count == 0) {
    report_text(out, "      no case names this rule\n");
  }
  for (size_t i = 0; i < row->case_count; i++) {
    report_text(out, "      %s: %s (%s)\n", report_verdict_word(row->cases[i]->verdict),
                row->cases[i]->id, row->cases[i]->file);
  }
}

void report_render_rules_text(const struct report_view *view, FILE *out) {
  const struct report_coverage *coverage = &view->coverage;
  report_text(
      out, "Rule coverage: %zu of %zu covered, %zu failing, %zu not proven, %zu not covered\n",
      coverage->covered, coverage->count, coverage->broken, coverage->open, coverage->holes);
  put_list(coverage, REPORT_HOLE, "NOT COVERED: NO CASE NAMES THESE RULES", out);
  put_list(coverage, REPORT_BROKEN, "FAILING: A CASE THAT NAMES THESE RULES FAILED", out);
  put_list(coverage, REPORT_OPEN, "NOT PROVEN: A CASE WAS NOT EXPLORED TO THE END", out);
  put_strangers_text(coverage, out);
  report_text(out, "\nALL RULES\n");
  for (size_t i = 0; i < coverage->count; i++) {
    put_rule_text(&coverage->rows[i], out);
  }
}

/* ---- JSON --------------------------------------------------------------------------------- */

static json_t *row_json(const struct report_cover_row *row) {
  json_t *cases = json_array();
  for (size_t i = 0; i < row->case_count; i++) {
    json_array_append_new(cases, json_pack("{s:s, s:s, s:s}", "id", row->cases[i]->id, "verdict",
                                           report_verdict_word(row->cases[i]->verdict), "file",
                                           row->cases[i]->file));
  }
  return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "id", row->rule->id, "group", row->rule->group,
                   "source", row->rule->source, "text", row->rule->text, "cover",
                   report_cover_word(row->cover), "cases", cases);
}

void report_render_rules_json(const struct report_view *view, FILE *out) {
  const struct report_coverage *coverage = &view->coverage;
  json_t *rules = json_array(), *strangers = json_array();
  for (size_t i = 0; i < coverage->count; i++) {
    json_array_append_new(rules, row_json(&coverage->rows[i]));
  }
  for (size_t i = 0; i < coverage->stranger_count; i++) {
    json_array_append_new(strangers, json_pack("{s:s, s:s}", "id", coverage->strangers[i].rule,
                                               "case", coverage->strangers[i].a_case->id));
  }
  json_t *totals = json_pack("{s:I, s:I, s:I, s:I, s:I}", "rules", (json_int_t)coverage->count,
                             "covered", (json_int_t)coverage->covered, "failing",
                             (json_int_t)coverage->broken, "not_proven", (json_int_t)coverage->open,
                             "not_covered", (json_int_t)coverage->holes);
  report_json(json_pack("{s:s, s:o, s:o, s:o}", "format", "reloadsim-rule-coverage-1", "totals",
                        totals, "rules", rules, "not_in_catalogue", strangers),
              out);
}
