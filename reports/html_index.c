/* The front page: whether a release is safe, which rules are covered and which are not, and a link
 * to every edge case. */
#include "html_page.h"

#include "escape.h"
#include "phrases.h"

#include <string.h>

/* ---- The release answer
 * --------------------------------------------------------------------------- */

static const char *answer_class(enum report_answer answer) {
  static const char *const classes[] = {"good", "bad", "open"};
  return classes[answer];
}

static void put_reasons(FILE *out, const struct report_view *view) {
  const struct report_totals *totals = &view->run->totals;
  const struct report_summary *summary = &view->summary;
  if (summary->answer == REPORT_YES) {
    report_markup(out,
                  "<p class=\"lead\">All %zu edge cases end as expected, in every order of "
                  "events, and every rule has a case.</p>\n",
                  totals->cases);
    return;
  }
  report_markup(out, "<ul class=\"reasons\">");
  for (size_t i = 0; i < summary->reason_count; i++) {
    report_markup(out, "<li>%s</li>", summary->reasons[i]);
  }
  report_markup(out, "</ul>\n");
}

/* all: the total, or -1; link: the section of the page, or null */
static void put_tile(FILE *out, int64_t number, int64_t all, const char *words, const char *link) {
  report_markup(out, "<li><b>");
  report_put_grouped(out, number);
  if (all >= 0) {
    report_markup(out, "<small> of ");
    report_put_grouped(out, all);
    report_markup(out, "</small>");
  }
  if (link == NULL) {
    report_markup(out, "</b> %s</li>\n", words);
  } else {
    report_markup(out, "</b> <a href=\"#%s\">%s</a></li>\n", link, words);
  }
}

static void put_tiles(FILE *out, const struct report_view *view) {
  const struct report_totals *totals = &view->run->totals;
  report_markup(out, "<ul class=\"tiles\">\n");
  put_tile(out, (int64_t)totals->passed, (int64_t)totals->cases, "edge cases passed", "cases");
  put_tile(out, (int64_t)view->coverage.covered, (int64_t)view->coverage.count, "rules covered",
           "covered");
  put_tile(out, (int64_t)totals->endings, -1, "different endings seen", NULL);
  if (totals->fault_endings > 0) {
    put_tile(out, totals->fault_endings, -1, "more if something breaks", NULL);
  }
  put_tile(out, totals->states, -1, "states explored", NULL);
  report_markup(out, "</ul>\n");
}

static void put_html_answer(FILE *out, const struct report_view *view) {
  const char *kind = answer_class(view->summary.answer);
  report_markup(out,
                "<section class=\"answer %s\"><p class=\"question\">Is Auto Reload safe to "
                "release?</p>\n<h1>",
                kind);
  report_put_mark(out, kind, report_answer_word(view->summary.answer));
  report_markup(out, "%s</h1>\n", report_answer_headline(view->summary.answer));
  put_reasons(out, view);
  put_tiles(out, view);
  report_markup(out, "</section>\n");
}

/* ---- What went wrong ---------------------------------------------------------------------- */

static void put_html_mistakes(FILE *out, const struct report_run *run) {
  if (run->mistake_count == 0) {
    return;
  }
  report_markup(out, "<section aria-labelledby=\"mistakes\"><h2 id=\"mistakes\">Scenario files "
                     "that cannot be read</h2>\n<ul class=\"failures\">\n");
  for (size_t i = 0; i < run->mistake_count; i++) {
    const struct report_mistake *mistake = &run->mistakes[i];
    report_markup(out, "<li><p>%s</p><p class=\"hint\">%s:%lld:%lld</p></li>\n", mistake->text,
                  mistake->file, (long long)mistake->line, (long long)mistake->column);
  }
  report_markup(out, "</ul></section>\n");
}

static void put_bad_case(FILE *out, const struct report_case *a_case) {
  report_markup(out, "<li class=\"%s\"><p>", report_verdict_class(a_case->verdict));
  report_put_verdict_mark(out, a_case->verdict);
  report_markup(out, "<a href=\"");
  report_put_case_address(out, "", a_case);
  report_markup(out, "\">%s</a> <span class=\"hint\">%s</span></p>", a_case->title,
                report_verdict_word(a_case->verdict));
  if (a_case->failure_count > 0) {
    report_markup(out, "<p>%s</p>", a_case->failures[0].text);
  }
  if (a_case->failure_count > 1) {
    report_markup(out, "<p class=\"hint\">and %zu more</p>", a_case->failure_count - 1);
  }
  report_markup(out, "</li>\n");
}

static void put_bad_cases(FILE *out, const struct report_run *run) {
  if (run->totals.passed == run->totals.cases) {
    return;
  }
  report_markup(out, "<section aria-labelledby=\"wrong\"><h2 id=\"wrong\">What went wrong</h2>\n"
                     "<ul class=\"failures\">\n");
  for (size_t i = 0; i < run->case_count; i++) {
    if (run->cases[i].verdict != REPORT_PASSED) {
      put_bad_case(out, &run->cases[i]);
    }
  }
  report_markup(out, "</ul></section>\n");
}

/* ---- What is covered, and what not -------------------------------------------------------- */

static void put_holes(FILE *out, const struct report_coverage *coverage) {
  size_t count = 0;
  for (size_t i = 0; i < coverage->count; i++) {
    const struct report_cover_row *row = &coverage->rows[i];
    if (row->cover == REPORT_HOLE) {
      fputs(count++ == 0 ? "<ul class=\"holes\">\n" : "", out);
      report_markup(out, "<li><a class=\"rule\" href=\"rules.html#rule-%zu\">%s</a> %s</li>\n",
                    i + 1, row->rule->id, row->rule->text);
    }
  }
  fputs(count > 0 ? "</ul>\n" : "", out);
}

static void put_rule_map(FILE *out, const struct report_coverage *coverage) {
  report_markup(out, "<ul class=\"map\" aria-label=\"All rules\">\n");
  for (size_t i = 0; i < coverage->count; i++) {
    const struct report_cover_row *row = &coverage->rows[i];
    const char *kind = report_cover_class(row->cover);
    report_markup(out, "<li class=\"%s\"><a href=\"rules.html#rule-%zu\" title=\"%s\">", kind,
                  i + 1, row->rule->text);
    report_put_mark(out, kind, report_cover_word(row->cover));
    report_markup(out, "%s</a></li>\n", row->rule->id);
  }
  report_markup(out, "</ul>\n");
}

static void put_coverage(FILE *out, const struct report_coverage *coverage) {
  report_markup(out, "<section aria-labelledby=\"covered\"><h2 id=\"covered\">Rules: what is "
                     "covered, what is not</h2>\n");
  if (coverage->holes > 0) {
    report_markup(out, "<p class=\"said\">%zu rule%s no case:</p>\n", coverage->holes,
                  coverage->holes == 1 ? " has" : "s have");
    put_holes(out, coverage);
  } else if (coverage->count > 0) {
    report_markup(out, "<p>Every rule has at least one case.</p>\n");
  }
  put_rule_map(out, coverage);
  report_markup(out, "<p class=\"hint\">✓ covered · ✗ a case failed · ? not explored to the end · "
                     "○ no case</p></section>\n");
}

/* ---- The list of edge cases -------------------------------------------------------------- */

/* True if no earlier case has the theme of the case `index`. */
static bool opens_theme(const struct report_run *run, size_t index) {
  for (size_t i = 0; i < index; i++) {
    if (report_same_theme(&run->cases[i], &run->cases[index])) {
      return false;
    }
  }
  return true;
}

struct tally {
  size_t all;
  size_t passed;
  const char *kind;
};

static struct tally tally_theme(const struct report_run *run, size_t first) {
  struct tally tally = {0, 0, "good"};
  for (size_t i = first; i < run->case_count; i++) {
    if (report_same_theme(&run->cases[first], &run->cases[i])) {
      const char *kind = report_verdict_class(run->cases[i].verdict);
      tally.all++;
      tally.passed += run->cases[i].verdict == REPORT_PASSED;
      tally.kind = strcmp(tally.kind, "bad") == 0 || strcmp(kind, "good") == 0 ? tally.kind : kind;
    }
  }
  return tally;
}

static void put_contents(FILE *out, const struct report_run *run) {
  report_markup(out, "<ul class=\"contents\">\n");
  for (size_t i = 0; i < run->case_count; i++) {
    if (!opens_theme(run, i)) {
      continue;
    }
    struct tally tally = tally_theme(run, i);
    report_markup(out, "<li class=\"%s\"><a href=\"#theme-%zu\">", tally.kind, i);
    report_put_mark(out, tally.kind, tally.passed == tally.all ? "all passed" : "not all passed");
    report_theme_words(out, report_markup, &run->cases[i]);
    report_markup(out, "</a> <span class=\"hint\">%zu of %zu</span></li>\n", tally.passed,
                  tally.all);
  }
  report_markup(out, "</ul>\n");
}

static void put_index_case(FILE *out, const struct report_case *a_case) {
  report_markup(out, "<li>");
  report_put_verdict_mark(out, a_case->verdict);
  report_markup(out, "<span><a href=\"");
  report_put_case_address(out, "", a_case);
  const char *row = strchr(a_case->id, '#'); /* a row of a matrix: rows share one title */
  report_markup(out, "\">%s%s%s</a> <span class=\"hint\">%zu ending%s", a_case->title,
                row == NULL ? "" : ": ", row == NULL ? "" : row + 1, a_case->ending_count,
                a_case->ending_count == 1 ? "" : "s");
  if (a_case->fault_ending_count > 0) {
    report_markup(out, ", ");
    report_put_grouped(out, a_case->fault_ending_count);
    report_markup(out, " more if something breaks");
  }
  for (size_t i = 0; i < a_case->rule_count; i++) {
    report_markup(out, " · %s", a_case->rules[i]);
  }
  report_markup(out, "</span></span></li>\n");
}

static void put_index_theme(FILE *out, const struct report_run *run, size_t first) {
  struct tally tally = tally_theme(run, first);
  report_markup(out, "<section class=\"theme\" id=\"theme-%zu\"><h3>", first);
  report_theme_words(out, report_markup, &run->cases[first]);
  report_markup(out, " <span class=\"hint\">%zu of %zu passed</span></h3>\n<ul class=\"cases\">\n",
                tally.passed, tally.all);
  for (size_t i = first; i < run->case_count; i++) {
    if (report_same_theme(&run->cases[first], &run->cases[i])) {
      put_index_case(out, &run->cases[i]);
    }
  }
  report_markup(out, "</ul></section>\n");
}

static void put_cases(FILE *out, const struct report_run *run) {
  report_markup(out, "<section aria-labelledby=\"cases\"><h2 id=\"cases\">Every edge case</h2>\n");
  if (run->case_count == 0) {
    report_markup(out, "<p>No case was run.</p>\n");
  }
  for (size_t i = 0; i < run->case_count; i++) {
    if (opens_theme(run, i)) {
      put_index_theme(out, run, i);
    }
  }
  report_markup(out, "</section>\n");
}

void report_render_index(const struct report_view *view, FILE *out) {
  report_page_begin(out, view, "Auto Reload: is it safe to release?", "");
  put_html_answer(out, view);
  put_bad_cases(out, view->run);
  put_html_mistakes(out, view->run);
  report_markup(out, "<div class=\"halves\">\n");
  put_coverage(out, &view->coverage);
  report_markup(out, "<section aria-labelledby=\"themes\"><h2 id=\"themes\">Edge cases by theme"
                     "</h2>\n");
  put_contents(out, view->run);
  report_markup(out, "</section></div>\n");
  put_cases(out, view->run);
  report_page_end(out, view);
}
