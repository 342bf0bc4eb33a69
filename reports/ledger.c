/* The ledger diff of all cases: what, when, how much, for which action, for every ending.
 *
 * Made to be diffed against the last release's: it holds no counts of states or paths, no line
 * numbers and no running numbers, so that it differs exactly where the money does. */
#include "escape.h"
#include "textual.h"
#include "view.h"

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

static void put_key(FILE *out, const char *before, const char *key) {
  fprintf(out, "%s\"%s\": ", before, key);
}

static void put_string(FILE *out, const char *before, const char *key, const char *value) {
  put_key(out, before, key);
  if (value == NULL) {
    fputs("null", out);
  } else {
    report_json_string(out, value);
  }
}

static void put_said(FILE *out, const char *key, const char *value) {
  if (value != NULL) {
    put_string(out, ", ", key, value);
  }
}

static void put_number(FILE *out, const char *key, int64_t value) {
  if (value != REPORT_UNSAID) {
    fprintf(out, ", \"%s\": %lld", key, (long long)value);
  }
}

static void put_line(FILE *out, const char *key, const struct report_line *line) {
  put_key(out, ", ", key);
  if (line == NULL) {
    fputs("null", out);
    return;
  }
  put_string(out, "{ ", "what", line->what);
  put_number(out, "tokens", line->tokens);
  put_said(out, "for", line->for_id);
  put_number(out, "balance", line->balance_tokens);
  put_number(out, "amount_minor", line->amount_minor);
  put_said(out, "at", line->at);
  put_said(out, "id", line->id);
  fputs(" }", out);
}

static void put_diff_json(FILE *out, const struct report_diff *diff) {
  for (size_t i = 0; i < diff->count; i++) {
    const struct report_diff_line *line = &diff->lines[i];
    const struct report_line *first = line->expected != NULL ? line->expected : line->actual;
    fputs(i == 0 ? "\n          { " : ",\n          { ", out);
    put_string(out, "", "op", report_op_word(line->op));
    put_string(out, ", ", "book", report_book_word(first->book));
    put_string(out, ", ", "of", first->of);
    put_line(out, "expected", line->expected);
    put_line(out, "actual", line->actual);
    fputs(" }", out);
  }
  fputs(diff->count == 0 ? "]" : "\n        ]", out);
}

static void put_ending_json(const struct report_view *view, const struct report_case *a_case,
                            const struct report_ending *ending, FILE *out) {
  put_string(out, "      { ", "outcome", ending->outcome);
  put_string(out, ", ", "nearest", ending->nearest);
  fprintf(out, ", \"reached\": %s,\n        \"lines\": [", ending->reached ? "true" : "false");
  put_diff_json(out, report_view_diff(view, a_case, ending));
  fputs(" }", out);
}

static void put_case_json(const struct report_view *view, const struct report_case *a_case,
                          FILE *out) {
  put_string(out, "    { ", "id", a_case->id);
  put_string(out, ", ", "title", a_case->title);
  put_string(out, ", ", "verdict", report_verdict_word(a_case->verdict));
  put_said(out, "currency", a_case->currency.code);
  fputs(",\n      \"endings\": [", out);
  for (size_t i = 0; i < a_case->ending_count; i++) {
    fputs(i == 0 ? "\n" : ",\n", out);
    put_ending_json(view, a_case, &a_case->endings[i], out);
  }
  fputs(" ] }", out);
}

void report_render_ledger_json(const struct report_view *view, FILE *out) {
  fputs("{ \"format\": \"reloadsim-ledger-diff-1\",\n  \"cases\": [", out);
  for (size_t i = 0; i < view->run->case_count; i++) {
    fputs(i == 0 ? "\n" : ",\n", out);
    put_case_json(view, &view->run->cases[i], out);
  }
  fputs("\n  ]\n}\n", out);
}
