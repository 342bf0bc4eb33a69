/* The ledger diff of all cases: what, when, how much, for which action, for every ending.
 *
 * It is diffed against the one of the last release. So it has no counts of states, no line numbers
 * and no ordinals, and differs exactly where the money differs. */
#include "escape.h"
#include "textual.h"
#include "view.h"

#include <jansson.h>

/* ---- Text --------------------------------------------------------------------------------- */

static void put_case_text(const struct report_view *view, const struct report_case *a_case,
                          FILE *out) {
  struct report_style style = {report_text, "    ", false};
  report_text(out, "\n%s: %s [%s]\n", a_case->id, a_case->title,
              report_verdict_word(a_case->verdict));
  for (size_t i = 0; i < a_case->ending_count; i++) {
    report_text(out, "  ");
    report_put_ending(out, report_text, &a_case->endings[i]);
    report_text(out, "\n");
    report_put_diff(out, &style, a_case, report_view_diff(view, a_case, &a_case->endings[i]));
  }
}

void report_render_ledger_text(const struct report_view *view, FILE *out) {
  fputs("Ledger diff\n"
        "  =  as expected          -  expected, did not happen\n"
        "  +  happened unexpected  ~  expected -> what happened instead\n",
        out);
  for (size_t i = 0; i < view->run->case_count; i++) {
    put_case_text(view, &view->run->cases[i], out);
  }
}

/* ---- JSON --------------------------------------------------------------------------------- */

static void set_ledger_text(json_t *object, const char *key, const char *value) {
  if (value != NULL) {
    json_object_set_new(object, key, json_string(value));
  }
}

static void set_ledger_number(json_t *object, const char *key, int64_t value) {
  if (value != REPORT_UNSAID) {
    json_object_set_new(object, key, json_integer(value));
  }
}

static json_t *ledger_line_json(const struct report_line *line) {
  if (line == NULL) {
    return json_null();
  }
  json_t *object = json_pack("{s:s}", "what", line->what);
  set_ledger_number(object, "tokens", line->tokens);
  set_ledger_text(object, "for", line->for_id);
  set_ledger_number(object, "balance", line->balance_tokens);
  set_ledger_number(object, "amount_minor", line->amount_minor);
  set_ledger_text(object, "at", line->at);
  set_ledger_text(object, "id", line->id);
  return object;
}

static json_t *diff_json(const struct report_diff *diff) {
  json_t *lines = json_array();
  for (size_t i = 0; i < diff->count; i++) {
    const struct report_diff_line *line = &diff->lines[i];
    const struct report_line *first = line->expected != NULL ? line->expected : line->actual;
    json_array_append_new(lines,
                          json_pack("{s:s, s:s, s:s, s:o, s:o}", "op", report_op_word(line->op),
                                    "book", report_book_word(first->book), "of", first->of,
                                    "expected", ledger_line_json(line->expected), "actual",
                                    ledger_line_json(line->actual)));
  }
  return lines;
}

static json_t *ledger_endings_json(const struct report_view *view,
                                   const struct report_case *a_case) {
  json_t *endings = json_array();
  for (size_t i = 0; i < a_case->ending_count; i++) {
    const struct report_ending *ending = &a_case->endings[i];
    json_array_append_new(endings,
                          json_pack("{s:s?, s:s?, s:b, s:o}", "outcome", ending->outcome, "nearest",
                                    ending->nearest, "reached", ending->reached, "lines",
                                    diff_json(report_view_diff(view, a_case, ending))));
  }
  return endings;
}

void report_render_ledger_json(const struct report_view *view, FILE *out) {
  json_t *cases = json_array();
  for (size_t i = 0; i < view->run->case_count; i++) {
    const struct report_case *a_case = &view->run->cases[i];
    json_t *object = json_pack("{s:s, s:s, s:s}", "id", a_case->id, "title", a_case->title,
                               "verdict", report_verdict_word(a_case->verdict));
    set_ledger_text(object, "currency", a_case->currency.code);
    json_object_set_new(object, "endings", ledger_endings_json(view, a_case));
    json_array_append_new(cases, object);
  }
  report_json(json_pack("{s:s, s:o}", "format", "reloadsim-ledger-diff-1", "cases", cases), out);
}
