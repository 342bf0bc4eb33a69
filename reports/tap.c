/* TAP version 14: one test point for each mistake and each case, with a YAML block for what failed.
 * A run without cases is a failure, not "1..0", which TAP readers take for a success. */
#include "escape.h"
#include "view.h"

#include <string.h>

/* A description. A '#' is escaped: it would begin a directive such as "# SKIP", which hides a
 * failure. */
static void put_description(FILE *out, const char *text) {
  while (*text != '\0') {
    size_t plain = strcspn(text, "#\\");
    report_text_bytes(out, text, plain);
    text += plain;
    if (*text != '\0') {
      fprintf(out, "\\%c", *text);
      text++;
    }
  }
}

static void put_field(FILE *out, const char *indent, const char *key, const char *value) {
  fprintf(out, "%s%s: ", indent, key);
  report_yaml_string(out, value);
  fputc('\n', out);
}

static void put_tap_place(FILE *out, const char *indent, const char *file, int64_t line,
                          int64_t column) {
  put_field(out, indent, "file", file);
  fprintf(out, "%sline: %lld\n%scolumn: %lld\n", indent, (long long)line, indent,
          (long long)column);
}

static void put_tap_failure(FILE *out, const struct report_failure *failure) {
  fputs("    -\n", out);
  put_field(out, "      ", "kind", failure->kind);
  if (failure->rule != NULL) {
    put_field(out, "      ", "rule", failure->rule);
  }
  put_field(out, "      ", "message", failure->text);
  put_tap_place(out, "      ", failure->file, failure->line, failure->column);
  put_field(out, "      ", "again", failure->again);
  if (failure->replay != NULL) {
    put_field(out, "      ", "replay", failure->replay);
  }
}

static void put_tap_case(FILE *out, const struct report_case *a_case, size_t number) {
  bool ok = a_case->verdict == REPORT_PASSED;
  fprintf(out, "%sok %zu - ", ok ? "" : "not ", number);
  put_description(out, a_case->id);
  fputc('\n', out);
  if (ok) {
    return;
  }
  fputs("  ---\n", out);
  put_field(out, "  ", "verdict", report_verdict_word(a_case->verdict));
  put_field(out, "  ", "title", a_case->title);
  if (a_case->failure_count > 0) {
    fputs("  failures:\n", out);
  }
  for (size_t i = 0; i < a_case->failure_count; i++) {
    put_tap_failure(out, &a_case->failures[i]);
  }
  fputs("  ...\n", out);
}

static void put_tap_mistake(FILE *out, const struct report_mistake *mistake, size_t number) {
  fprintf(out, "not ok %zu - ", number);
  put_description(out, mistake->file);
  fprintf(out, ":%lld:%lld\n  ---\n", (long long)mistake->line, (long long)mistake->column);
  put_field(out, "  ", "message", mistake->text);
  put_tap_place(out, "  ", mistake->file, mistake->line, mistake->column);
  fputs("  ...\n", out);
}

void report_render_tap(const struct report_view *view, FILE *out) {
  const struct report_run *run = view->run;
  size_t count = run->mistake_count + run->case_count;
  fprintf(out, "TAP version 14\n1..%zu\n", count == 0 ? 1 : count);
  for (size_t i = 0; i < run->mistake_count; i++) {
    put_tap_mistake(out, &run->mistakes[i], i + 1);
  }
  for (size_t i = 0; i < run->case_count; i++) {
    put_tap_case(out, &run->cases[i], run->mistake_count + i + 1);
  }
  if (run->totals.fault_endings > 0) {
    fprintf(out, "# and %lld endings that only injected faults reach\n",
            (long long)run->totals.fault_endings);
  }
  if (count == 0) {
    fputs("not ok 1 - no case was run\n", out);
  }
}
