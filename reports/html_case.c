/* A case's page: the given world, the failures, then every ending. */
#include "html_page.h"

#include "escape.h"
#include "phrases.h"

#include <string.h>

/* ---- The top ------------------------------------------------------------------------------ */

static const char *verdict_sentence(enum report_verdict verdict) {
  static const char *const words[] = {
      "Passed: every order of events ends in one of the expected endings.",
      "Failed: not every order of events ends as expected.",
      "Not explored to the end: nothing failed so far, but some orders of events are missing.",
      "Ran differently when run again: no result of this case can be trusted."};
  return words[verdict];
}

static void put_case_rules(FILE *out, const struct report_view *view,
                           const struct report_case *a_case) {
  report_markup(out, "<p class=\"rules\">Rules:");
  for (size_t i = 0; i < a_case->rule_count; i++) {
    report_markup(out, " ");
    report_put_rule_link(out, view, "../", a_case->rules[i]);
  }
  report_markup(out, "</p>\n");
}

static void put_given(FILE *out, const struct report_case *a_case) {
  report_markup(out, "<section aria-labelledby=\"given\"><h2 id=\"given\">At the start</h2>\n"
                     "<div class=\"givens\">\n");
  for (size_t i = 0; i < a_case->given_count; i++) {
    const struct report_given *given = &a_case->given[i];
    report_markup(out,
                  "<dl><div class=\"who\"><dt>Client</dt><dd>%s <span class=\"hint\">of %s"
                  "</span></dd></div>",
                  given->client, given->owner);
    if (given->balance_tokens != REPORT_UNSAID) {
      report_markup(out, "<div><dt>Balance</dt><dd>%lld tokens</dd></div>",
                    (long long)given->balance_tokens);
    }
    report_markup(out,
                  "<div><dt>Plan</dt><dd>%s</dd></div><div><dt>Card</dt><dd>%s</dd></div>"
                  "<div><dt>Auto Reload</dt><dd>%s</dd></div></dl>\n",
                  given->plan, given->card == NULL ? "none" : given->card, given->auto_reload);
  }
  report_markup(out, "</div></section>\n");
}

/* ---- What went wrong ---------------------------------------------------------------------- */

static void put_html_failure(FILE *out, const struct report_view *view,
                             const struct report_failure *failure,
                             const struct report_case *a_case) {
  report_markup(out, "<li><p><strong>%s</strong>", failure->kind);
  if (failure->rule != NULL) {
    report_markup(out, " ");
    report_put_rule_link(out, view, "../", failure->rule);
  }
  report_markup(out, "</p><p>%s</p><p class=\"hint\">%s:%lld:%lld", failure->text, failure->file,
                (long long)failure->line, (long long)failure->column);
  bool told_below = false;
  if (failure->ending != NULL) {
    size_t number = (size_t)(failure->ending - a_case->endings) + 1;
    report_markup(out, " · <a href=\"#ending-%zu\">ending %zu</a>", number, number);
    told_below = report_same_story(&failure->story, &failure->ending->story);
  }
  report_markup(out, "</p>");
  if (!told_below && failure->story.count > 0) {
    report_put_story_list(out, &failure->story);
  }
  report_markup(out, "<p>Run it again: <code>%s</code></p>", failure->again);
  if (failure->replay != NULL) {
    report_markup(out, "<p>Replay it: <code>%s</code></p>", failure->replay);
  }
  report_markup(out, "</li>\n");
}

static void put_failures(FILE *out, const struct report_view *view,
                         const struct report_case *a_case) {
  if (a_case->failure_count == 0) {
    return;
  }
  report_markup(out, "<section aria-labelledby=\"wrong\"><h2 id=\"wrong\">What went wrong</h2>\n"
                     "<ol class=\"failures\">\n");
  for (size_t i = 0; i < a_case->failure_count; i++) {
    put_html_failure(out, view, &a_case->failures[i], a_case);
  }
  report_markup(out, "</ol></section>\n");
}

/* ---- The endings -------------------------------------------------------------------------- */

static size_t count_lines(const struct report_lines *lines, enum report_book book,
                          const char *kind) {
  size_t count = 0;
  for (size_t i = 0; i < lines->count; i++) {
    count +=
        lines->lines[i].book == book && (kind == NULL || strcmp(lines->lines[i].kind, kind) == 0);
  }
  return count;
}

/* "nothing charged", "charged once", ... */
static void put_times(FILE *out, size_t count, const char *none, const char *once,
                      const char *before, const char *after) {
  if (count < 2) {
    report_markup(out, "%s", count == 0 ? none : once);
  } else {
    report_markup(out, "%s%zu%s", before, count, after);
  }
}

void report_put_gist(FILE *out, const struct report_ending *ending) {
  const struct report_lines *lines = ending->reached ? &ending->actual : &ending->expected;
  put_times(out, count_lines(lines, REPORT_BANK, "captured"), "nothing charged", "charged once",
            "charged ", " times");
  put_times(out, count_lines(lines, REPORT_MAIL, NULL), ", no mail", ", one mail", ", ", " mails");
  report_markup(out, "%s", ending->reached ? "" : "; never reached");
}

static void put_glance(FILE *out, const struct report_view *view,
                       const struct report_case *a_case) {
  report_markup(out,
                "<section aria-labelledby=\"glance\"><h2 id=\"glance\">%zu way%s it can end"
                "</h2>\n<ol class=\"glance\">\n",
                a_case->ending_count, a_case->ending_count == 1 ? "" : "s");
  for (size_t i = 0; i < a_case->ending_count; i++) {
    const struct report_ending *ending = &a_case->endings[i];
    const char *kind = report_ending_class(view, a_case, ending);
    report_markup(out, "<li>");
    report_put_mark(out, kind, strcmp(kind, "good") == 0 ? "as expected" : "not as expected");
    report_markup(out, "<a href=\"#ending-%zu\">%s</a> <span class=\"hint\">", i + 1,
                  ending->outcome != NULL ? ending->outcome : "An unexpected ending");
    report_put_gist(out, ending);
    report_markup(out, "</span></li>\n");
  }
  report_markup(out, "</ol></section>\n");
}

static void put_legend(FILE *out) {
  report_markup(out,
                "<p class=\"hint legend\"><b>=</b> as expected · <b>−</b> expected, did not happen "
                "· <b>+</b> happened, not expected · <b>~</b> not as expected. In the pictures: "
                "◆ card, ● tokens, ■ toggle, ▲ mail.</p>\n");
}

/* ---- The page ----------------------------------------------------------------------------- */

static void put_neighbour(FILE *out, const struct report_case *a_case, const char *word) {
  char name[REPORT_CASE_FILE_SIZE];
  report_case_file(a_case, name);
  report_markup(out, "<a href=\"%s\"><span>%s</span> %s</a>", name, word, a_case->title);
}

static void put_neighbours(FILE *out, const struct report_view *view,
                           const struct report_case *a_case) {
  size_t index = (size_t)(a_case - view->run->cases);
  report_markup(out, "<nav class=\"neighbours\" aria-label=\"Other cases\">");
  if (index > 0) {
    put_neighbour(out, a_case - 1, "← Before");
  }
  if (index + 1 < view->run->case_count) {
    put_neighbour(out, a_case + 1, "Next →");
  }
  report_markup(out, "</nav>\n");
}

static void put_top(FILE *out, const struct report_case *a_case) {
  report_markup(out, "<p class=\"crumbs\"><a href=\"../index.html\">Result</a> › ");
  report_theme_words(out, report_markup, a_case);
  report_markup(out, "</p>\n<h1>%s</h1>\n<p class=\"verdict-line %s\">", a_case->title,
                report_verdict_class(a_case->verdict));
  report_put_verdict_mark(out, a_case->verdict);
  report_markup(out, "<strong>%s</strong></p>\n<p class=\"hint\"><code>%s</code> · %s:%lld · ",
                verdict_sentence(a_case->verdict), a_case->id, a_case->file,
                (long long)a_case->line);
  report_put_grouped(out, a_case->state_count);
  report_markup(out, " state%s explored</p>\n", a_case->state_count == 1 ? "" : "s");
}

void report_render_case_page(const struct report_view *view, const struct report_case *a_case,
                             FILE *out) {
  report_page_begin(out, view, a_case->title, "../");
  put_top(out, a_case);
  put_case_rules(out, view, a_case);
  put_failures(out, view, a_case);
  put_given(out, a_case);
  put_glance(out, view, a_case);
  for (size_t i = 0; i < a_case->ending_count; i++) {
    report_put_ending_section(out, view, a_case, &a_case->endings[i]);
  }
  report_put_fault_endings(out, view, a_case);
  put_legend(out);
  put_neighbours(out, view, a_case);
  report_page_end(out, view);
}
