/* Plain-text pieces; see textual.h. */
#include "textual.h"

#include <string.h>

void report_put_ending(FILE *out, report_print *print, const struct report_ending *ending) {
  if (ending->outcome != NULL) {
    print(out, "\"%s\"%s", ending->outcome, ending->reached ? "" : ": never reached");
  } else if (ending->nearest != NULL) {
    print(out, "an ending that no outcome describes; nearest: \"%s\"", ending->nearest);
  } else {
    print(out, "an ending that no outcome describes");
  }
}

/* ---- The diff ----------------------------------------------------------------------------- */

static const char *colour_of(const struct report_style *style, enum report_op op) {
  static const char *const codes[] = {"", "\033[31m", "\033[32m", "\033[33m"};
  return style->colour ? codes[op] : "";
}

static int subject_width(const struct report_diff *diff) {
  size_t width = 0;
  for (size_t i = 0; i < diff->count; i++) {
    const struct report_diff_line *line = &diff->lines[i];
    size_t length = strlen(line->expected != NULL ? line->expected->of : line->actual->of);
    width = length > width ? length : width;
  }
  return width > 24 ? 24 : (int)width;
}

static void put_padded(FILE *out, report_print *print, const char *text, int width) {
  print(out, "%s", text);
  for (int i = (int)strlen(text); i < width; i++) {
    fputc(' ', out);
  }
}

static void put_diff_line(FILE *out, const struct report_style *style,
                          const struct report_currency *currency,
                          const struct report_diff_line *line, int width) {
  const struct report_line *first = line->expected != NULL ? line->expected : line->actual;
  style->print(out, "%s%c ", style->indent, report_op_sign(line->op));
  put_padded(out, style->print, report_book_word(first->book), 7);
  put_padded(out, style->print, first->of, width + 2);
  if (line->op == REPORT_CHANGED) {
    report_line_terse(out, style->print, currency, line->expected);
    style->print(out, " %s ", "->");
  }
  report_line_terse(out, style->print, currency,
                    line->actual != NULL ? line->actual : line->expected);
}

void report_put_diff(FILE *out, const struct report_style *style, const struct report_case *a_case,
                     const struct report_diff *diff) {
  int width = subject_width(diff);
  for (size_t i = 0; i < diff->count; i++) {
    const char *colour = colour_of(style, diff->lines[i].op);
    fputs(colour, out);
    put_diff_line(out, style, &a_case->currency, &diff->lines[i], width);
    fputs(colour[0] == '\0' ? "\n" : "\033[0m\n", out);
  }
  if (diff->count == 0) {
    style->print(out, "%s(no answer, log entry, charge or mail)\n", style->indent);
  }
}

/* ---- The story ---------------------------------------------------------------------------- */

/* One numbered line for each step, its effects below. */
static void put_text_story(FILE *out, const struct report_style *style,
                           const struct report_story *story) {
  char clock[16];
  for (size_t i = 0; i < story->count; i++) {
    const struct report_event *event = &story->events[i];
    if (report_is_new_day(i == 0 ? NULL : story->events[i - 1].at, event->at)) {
      char day[11] = ""; /* the date of "2026-01-15T12:00:00.000Z" */
      memcpy(day, event->at, 10);
      style->print(out, "%s     %s\n", style->indent, day);
    }
    const char *gap = i + 1 < 10 ? "  " : i + 1 < 100 ? " " : "";
    style->print(out, "%s%s%zu  %s  %s: %s\n", style->indent, gap, i + 1,
                 report_clock_words(event->at, clock), event->who, event->text);
    for (size_t j = 0; j < event->line_count; j++) {
      style->print(out, "%s       > %s\n", style->indent, event->lines[j].text);
    }
  }
}

/* ---- A failure ---------------------------------------------------------------------------- */

/* The story of the failure, else the one of its ending. */
static const struct report_story *story_of(const struct report_failure *failure) {
  if (failure->story.count == 0 && failure->ending != NULL) {
    return &failure->ending->story;
  }
  return &failure->story;
}

/* True if an earlier failure of the case has the same ledger and story. */
static bool is_told(const struct report_case *a_case, const struct report_failure *failure) {
  for (const struct report_failure *other = a_case->failures; other != failure; other++) {
    if (other->ending == failure->ending && report_same_story(story_of(other), story_of(failure))) {
      return true;
    }
  }
  return false;
}

static void put_evidence(FILE *out, const struct report_style *style,
                         const struct report_view *view, const struct report_case *a_case,
                         const struct report_failure *failure) {
  struct report_style deeper = {style->print, "    ", style->colour};
  if (failure->ending != NULL) {
    const struct report_ending *ending = failure->ending;
    style->print(out, "%sLedger of ending %zu, ", style->indent,
                 (size_t)(ending - a_case->endings) + 1);
    report_put_ending(out, style->print, ending);
    style->print(out, "\n");
    report_put_diff(out, &deeper, a_case, report_view_diff(view, a_case, ending));
  }
  const struct report_story *story = story_of(failure);
  if (story->count > 0) {
    style->print(out, "%sStory, the shortest way there\n", style->indent);
    put_text_story(out, &deeper, story);
  }
}

void report_put_failure(FILE *out, const struct report_style *style, const struct report_view *view,
                        const struct report_case *a_case, const struct report_failure *failure) {
  bool has_evidence = failure->ending != NULL || story_of(failure)->count > 0;
  if (has_evidence && is_told(a_case, failure)) {
    style->print(out, "%sLedger and story: as above\n", style->indent);
  } else {
    put_evidence(out, style, view, a_case, failure);
  }
  style->print(out, "%sRun it again\n    %s\n", style->indent, failure->again);
  if (failure->replay != NULL) {
    style->print(out, "%sReplay it: %s\n", style->indent, failure->replay);
  }
}
