/* The rule page: every rule with the cases that test it; rules without a case come first. */
#include "html_page.h"

#include "escape.h"

#include <string.h>

static void put_gaps(FILE *out, const struct report_coverage *coverage) {
  if (coverage->holes == 0) {
    report_markup(out, "<p>Every rule has at least one case.</p>\n");
    return;
  }
  report_markup(out, "<div class=\"alarm\"><h2>No case tests %s</h2><ul>\n",
                coverage->holes == 1 ? "this rule" : "these rules");
  for (size_t i = 0; i < coverage->count; i++) {
    if (coverage->rows[i].cover == REPORT_HOLE) {
      report_markup(out, "<li><a class=\"rule\" href=\"#rule-%zu\">%s</a> %s</li>\n", i + 1,
                    coverage->rows[i].rule->id, coverage->rows[i].rule->text);
    }
  }
  report_markup(out, "</ul></div>\n");
}

static void put_html_strangers(FILE *out, const struct report_coverage *coverage) {
  if (coverage->stranger_count == 0) {
    return;
  }
  report_markup(out, "<div class=\"alarm\"><h2>Named by cases, but not in the catalogue</h2>"
                     "<ul>\n");
  for (size_t i = 0; i < coverage->stranger_count; i++) {
    report_markup(out, "<li><span class=\"rule\">%s</span> <a href=\"",
                  coverage->strangers[i].rule);
    report_put_case_address(out, "", coverage->strangers[i].a_case);
    report_markup(out, "\">%s</a></li>\n", coverage->strangers[i].a_case->title);
  }
  report_markup(out, "</ul></div>\n");
}

static void put_html_rule(FILE *out, const struct report_cover_row *row, size_t number) {
  const char *kind = report_cover_class(row->cover);
  report_markup(out, "<article class=\"rule-row %s\" id=\"rule-%zu\"><h3>", kind, number);
  report_put_mark(out, kind, report_cover_word(row->cover));
  report_markup(out, "%s</h3><div><p>%s <span class=\"hint\">[%s]</span></p>\n", row->rule->id,
                row->rule->text, row->rule->source);
  if (row->case_count == 0) {
    report_markup(out, "<p class=\"said\">Not covered: no case names this rule.</p>");
  } else {
    report_markup(out, "<ul class=\"cases\">\n");
  }
  for (size_t i = 0; i < row->case_count; i++) {
    report_markup(out, "<li>");
    report_put_verdict_mark(out, row->cases[i]->verdict);
    report_markup(out, "<a href=\"");
    report_put_case_address(out, "", row->cases[i]);
    report_markup(out, "\">%s</a></li>\n", row->cases[i]->title);
  }
  report_markup(out, row->case_count == 0 ? "</div></article>\n" : "</ul></div></article>\n");
}

void report_render_rules_page(const struct report_view *view, FILE *out) {
  const struct report_coverage *coverage = &view->coverage;
  report_page_begin(out, view, "Rule coverage", "");
  report_markup(out,
                "<h1>%zu of %zu rules covered</h1>\n<p class=\"lead\">A rule is covered when "
                "at least one case names it and all cases that name it passed.</p>\n",
                coverage->covered, coverage->count);
  put_gaps(out, coverage);
  put_html_strangers(out, coverage);
  const char *group = NULL;
  for (size_t i = 0; i < coverage->count; i++) {
    if (group == NULL || strcmp(group, coverage->rows[i].rule->group) != 0) {
      group = coverage->rows[i].rule->group;
      report_markup(out, "<h2>%s</h2>\n", group);
    }
    put_html_rule(out, &coverage->rows[i], i + 1);
  }
  report_page_end(out, view);
}
