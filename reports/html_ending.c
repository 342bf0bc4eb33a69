/* One ending on a case page: what the customer saw, what was charged, which mail was sent, and the
 * story. The four lists are the ledger diff; each line has its sign. */
#include "html_page.h"

#include "escape.h"
#include "phrases.h"

#include <string.h>

const char *report_ending_class(const struct report_view *view, const struct report_case *a_case,
                                const struct report_ending *ending) {
  return report_ending_is_right(view, a_case, ending) ? "good" : "bad";
}

/* ---- The lists ---------------------------------------------------------------------------- */

static const char *sign_of(enum report_op op) {
  static const char *const signs[] = {"=", "−", "+", "~"};
  return signs[op];
}

/* The words of a comparison: with what is expected, or with an outcome that need not match. */
struct voice {
  const char *legends[4]; /* by enum report_op */
  const char *there;
  const char *here;
};

static const struct voice judging = {
    {"as expected", "expected, did not happen", "happened, not expected", "not as expected"},
    "expected",
    "happened"};
static const struct voice comparing = {
    {"the same", "only there", "only here", "differs"}, "there", "here"};

/* Answers always name the actor; the other lists name the client only if there are several. */
static bool names_subject(const struct report_case *a_case, const struct report_line *line) {
  return line->book == REPORT_ANSWER || a_case->client_count != 1;
}

static void put_line_words(FILE *out, const struct report_case *a_case,
                           const struct report_line *line) {
  report_line_words(out, report_markup, &a_case->currency, line);
  if (line->at != NULL && line->book != REPORT_ANSWER) {
    char clock[16];
    report_markup(out, " <span class=\"when\">%s</span>", report_clock_words(line->at, clock));
  }
}

static void put_subject(FILE *out, const struct report_case *a_case,
                        const struct report_line *line) {
  if (names_subject(a_case, line)) {
    report_markup(out, "<b>%s</b>: ", line->of);
  }
}

static void put_item(FILE *out, const struct report_case *a_case, const struct voice *voice,
                     const struct report_diff_line *line) {
  const struct report_line *shown = line->actual != NULL ? line->actual : line->expected;
  report_markup(out,
                "<li class=\"%s\"><span class=\"sign\" aria-hidden=\"true\">%s</span><span>"
                "<span class=\"%s\">%s: </span>",
                report_op_word(line->op), sign_of(line->op),
                line->op == REPORT_SAME ? "heard" : "said", voice->legends[line->op]);
  put_subject(out, a_case, shown);
  if (line->op == REPORT_CHANGED) {
    report_markup(out, "<br>%s: ", voice->there);
    put_line_words(out, a_case, line->expected);
    report_markup(out, "<br>%s: <strong>", voice->here);
    put_line_words(out, a_case, shown);
    report_markup(out, "</strong>");
  } else {
    put_line_words(out, a_case, shown);
  }
  report_markup(out, "</span></li>\n");
}

static enum report_book book_of(const struct report_diff_line *line) {
  return line->expected != NULL ? line->expected->book : line->actual->book;
}

static void put_book(FILE *out, const struct report_case *a_case, const struct voice *voice,
                     const struct report_diff *diff, enum report_book book) {
  static const char *const headings[] = {"What the customer saw", "What the credit log says",
                                         "What was charged", "Which mail was sent"};
  static const char *const nothing[] = {"Nothing.", "No new entry.", "Nothing: no charge attempt.",
                                        "None."};
  size_t count = 0;
  report_markup(out, "<div><h3>%s</h3>\n", headings[book]);
  for (size_t i = 0; i < diff->count; i++) {
    if (book_of(&diff->lines[i]) == book) {
      fputs(count++ == 0 ? "<ul class=\"book\">\n" : "", out);
      put_item(out, a_case, voice, &diff->lines[i]);
    }
  }
  if (count == 0) {
    report_markup(out, "<p class=\"none\">%s</p>", nothing[book]);
  }
  fputs(count == 0 ? "</div>\n" : "</ul></div>\n", out);
}

static void put_ledger(FILE *out, const struct report_case *a_case, const struct voice *voice,
                       const struct report_diff *diff) {
  report_markup(out, "<div class=\"facts\">\n");
  put_book(out, a_case, voice, diff, REPORT_ANSWER);
  put_book(out, a_case, voice, diff, REPORT_BANK);
  put_book(out, a_case, voice, diff, REPORT_LOG);
  put_book(out, a_case, voice, diff, REPORT_MAIL);
  report_markup(out, "</div>\n");
}

/* ---- The story ---------------------------------------------------------------------------- */

static void put_event(FILE *out, const struct report_event *event, const char *before) {
  char clock[16];
  report_markup(out, "<li>");
  if (report_is_new_day(before, event->at)) {
    char day[11] = "";
    memcpy(day, event->at, 10);
    report_markup(out, "<span class=\"hint\">%s</span> ", day);
  }
  if (before == NULL || strcmp(before, event->at) != 0) {
    report_markup(out, "<time datetime=\"%s\">%s</time> ", event->at,
                  report_clock_words(event->at, clock));
  }
  report_markup(out, "<b>%s</b> %s", event->who, event->text);
  for (size_t i = 0; i < event->line_count; i++) {
    report_markup(out,
                  "<span class=\"change\"><span aria-hidden=\"true\" class=\"shape\">%s</span>"
                  "%s</span>",
                  report_about_sign(event->lines[i].about), event->lines[i].text);
  }
  report_markup(out, "</li>\n");
}

void report_put_story_list(FILE *out, const struct report_story *story) {
  report_markup(out, "<ol class=\"story\">\n");
  for (size_t i = 0; i < story->count; i++) {
    put_event(out, &story->events[i], i == 0 ? NULL : story->events[i - 1].at);
  }
  report_markup(out, "</ol>\n");
}

static void put_html_story(FILE *out, const struct report_story *story, size_t number) {
  if (story->count == 0) {
    return;
  }
  report_markup(out,
                "<h3>How it happens</h3><p class=\"hint\">The shortest path to this ending, in %zu "
                "step%s.</p>\n",
                story->count, story->count == 1 ? "" : "s");
  report_put_drawing(out, story, number);
  report_put_story_list(out, story);
}

/* ---- The section -------------------------------------------------------------------------- */

static const char *status_of(const struct report_view *view, const struct report_case *a_case,
                             const struct report_ending *ending) {
  if (!ending->reached) {
    return "Expected, but no order of events leads here.";
  }
  if (ending->outcome == NULL) {
    return "Unexpected: no outcome of the scenario describes this ending.";
  }
  return report_ending_is_right(view, a_case, ending) ? "As expected." : "Not as expected.";
}

static void put_status(FILE *out, const struct report_view *view, const struct report_case *a_case,
                       const struct report_ending *ending) {
  bool one = ending->path_count == 1;
  report_markup(out, "<p class=\"status\">%s", status_of(view, a_case, ending));
  if (ending->reached) {
    report_markup(out, " <span class=\"hint\">%lld final state%s here.</span>",
                  (long long)ending->path_count, one ? " ends" : "s end");
  }
  report_markup(out, "</p>\n");
}

static size_t number_of(const struct report_case *a_case, const struct report_ending *ending) {
  return (size_t)(ending - a_case->endings) + 1;
}

void report_put_ending_body(FILE *out, const struct report_view *view,
                            const struct report_case *a_case, const struct report_ending *ending) {
  if (ending->outcome == NULL && ending->nearest != NULL) {
    report_markup(out, "<p class=\"status\">Compared with the nearest outcome, “%s”:</p>\n",
                  ending->nearest);
  }
  bool is_expected = number_of(a_case, ending) <= a_case->ending_count;
  put_ledger(out, a_case, is_expected ? &judging : &comparing,
             report_view_diff(view, a_case, ending));
  put_html_story(out, &ending->story, number_of(a_case, ending));
}

void report_put_ending_section(FILE *out, const struct report_view *view,
                               const struct report_case *a_case,
                               const struct report_ending *ending) {
  size_t number = number_of(a_case, ending);
  const char *kind = report_ending_class(view, a_case, ending);
  report_markup(out,
                "<section class=\"ending %s\" id=\"ending-%zu\" aria-labelledby=\"name-%zu\">\n",
                kind, number, number);
  report_markup(out, "<h2 id=\"name-%zu\"><span class=\"nth\">Ending %zu</span> ", number, number);
  report_put_mark(out, kind, strcmp(kind, "good") == 0 ? "as expected" : "not as expected");
  report_markup(out, "%s</h2>\n",
                ending->outcome != NULL ? ending->outcome : "An unexpected ending");
  put_status(out, view, a_case, ending);
  report_put_ending_body(out, view, a_case, ending);
  report_markup(out, "</section>\n");
}
