/* Rule coverage as text and JSON: every rule of the catalogue, its cases, and the holes first. */
#include "escape.h"
#include "view.h"

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

static void put_strangers(const struct report_coverage *coverage, FILE *out) {
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

static void put_row(const struct report_cover_row *row, FILE *out) {
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
  put_strangers(coverage, out);
  report_text(out, "\nALL RULES\n");
  for (size_t i = 0; i < coverage->count; i++) {
    put_row(&coverage->rows[i], out);
  }
}

/* ---- JSON --------------------------------------------------------------------------------- */

static void put_string(FILE *out, const char *before, const char *key, const char *value) {
  fprintf(out, "%s\"%s\": ", before, key);
  report_json_string(out, value);
}

static void put_row_json(const struct report_cover_row *row, FILE *out) {
  put_string(out, "    { ", "id", row->rule->id);
  put_string(out, ", ", "group", row->rule->group);
  put_string(out, ", ", "source", row->rule->source);
  put_string(out, ",\n      ", "text", row->rule->text);
  put_string(out, ",\n      ", "cover", report_cover_word(row->cover));
  fputs(", \"cases\": [", out);
  for (size_t i = 0; i < row->case_count; i++) {
    put_string(out, i == 0 ? "\n        { " : ",\n        { ", "id", row->cases[i]->id);
    put_string(out, ", ", "verdict", report_verdict_word(row->cases[i]->verdict));
    put_string(out, ", ", "file", row->cases[i]->file);
    fputs(" }", out);
  }
  fputs("] }", out);
}

void report_render_rules_json(const struct report_view *view, FILE *out) {
  const struct report_coverage *coverage = &view->coverage;
  fprintf(out,
          "{ \"format\": \"reloadsim-rule-coverage-1\",\n"
          "  \"totals\": { \"rules\": %zu, \"covered\": %zu, \"failing\": %zu, "
          "\"not_proven\": %zu, \"not_covered\": %zu },\n  \"rules\": [",
          coverage->count, coverage->covered, coverage->broken, coverage->open, coverage->holes);
  for (size_t i = 0; i < coverage->count; i++) {
    fputs(i == 0 ? "\n" : ",\n", out);
    put_row_json(&coverage->rows[i], out);
  }
  fputs("\n  ],\n  \"not_in_catalogue\": [", out);
  for (size_t i = 0; i < coverage->stranger_count; i++) {
    put_string(out, i == 0 ? "\n    { " : ",\n    { ", "id", coverage->strangers[i].rule);
    put_string(out, ", ", "case", coverage->strangers[i].a_case->id);
    fputs(" }", out);
  }
  fputs("]\n}\n", out);
}
