/* Pieces that all pages share; see html_page.h. */
#include "html_page.h"

#include "escape.h"
#include "report_css.h"

#include <stdbool.h>
#include <string.h>
#include <xxhash.h>

/* ---- Names -------------------------------------------------------------------------------- */

static bool is_file_character(char sign) {
  return (sign >= 'a' && sign <= 'z') || (sign >= 'A' && sign <= 'Z') ||
         (sign >= '0' && sign <= '9') || sign == '-';
}

void report_case_file(const struct report_case *a_case, char name[REPORT_CASE_FILE_SIZE]) {
  const size_t limit = 200; /* room for "~", a hash and ".html" */
  size_t at = 0;
  const char *id = a_case->id;
  for (; *id != '\0' && at + 3 <= limit; id++) {
    if (is_file_character(*id)) {
      name[at++] = *id;
    } else if (*id == '/' && at > 0) {
      name[at++] = '.';
    } else {
      at += (size_t)snprintf(name + at, 4, "_%02X", (unsigned char)*id);
    }
  }
  if (*id != '\0') {
    at += (size_t)snprintf(name + at, 18, "~%016llx",
                           (unsigned long long)XXH3_64bits(a_case->id, strlen(a_case->id)));
  }
  snprintf(name + at, REPORT_CASE_FILE_SIZE - at, ".html");
}

void report_put_case_address(FILE *out, const char *up, const struct report_case *a_case) {
  char name[REPORT_CASE_FILE_SIZE];
  report_case_file(a_case, name);
  report_markup(out, "%scases/%s", up, name);
}

void report_put_rule_link(FILE *out, const struct report_view *view, const char *up,
                          const char *rule) {
  for (size_t i = 0; i < view->coverage.count; i++) {
    if (strcmp(view->coverage.rows[i].rule->id, rule) == 0) {
      report_markup(out, "<a class=\"rule\" href=\"%srules.html#rule-%zu\">%s</a>", up, i + 1,
                    rule);
      return;
    }
  }
  report_markup(out, "<span class=\"rule\">%s</span>", rule);
}

/* ---- Signs -------------------------------------------------------------------------- */

static const char *sign_of(const char *kind) {
  return strcmp(kind, "good") == 0   ? "✓"
         : strcmp(kind, "bad") == 0  ? "✗"
         : strcmp(kind, "open") == 0 ? "?"
                                     : "○";
}

void report_put_mark(FILE *out, const char *kind, const char *word) {
  report_markup(out,
                "<span class=\"mark %s\"><span aria-hidden=\"true\">%s</span>"
                "<span class=\"heard\">%s: </span></span>",
                kind, sign_of(kind), word);
}

const char *report_verdict_class(enum report_verdict verdict) {
  static const char *const classes[] = {"good", "bad", "open", "bad"};
  return classes[verdict];
}

const char *report_cover_class(enum report_cover cover) {
  static const char *const classes[] = {"hole", "bad", "open", "good"};
  return classes[cover];
}

void report_put_verdict_mark(FILE *out, enum report_verdict verdict) {
  report_put_mark(out, report_verdict_class(verdict), report_verdict_word(verdict));
}

void report_put_grouped(FILE *out, int64_t number) {
  char digits[24];
  snprintf(digits, sizeof digits, "%lld", (long long)number);
  size_t length = strlen(digits);
  for (size_t i = 0; i < length; i++) {
    putc(digits[i], out);
    size_t left = length - i - 1;
    if (left > 0 && left % 3 == 0 && digits[i] != '-') {
      putc(',', out);
    }
  }
}

/* ---- The style sheet ---------------------------------------------------------------------- */

void report_render_style(const struct report_view *view, FILE *out) {
  (void)view;
  fputs(report_css, out);
}

/* ---- The frame ---------------------------------------------------------------------------- */

void report_page_begin(FILE *out, const struct report_view *view, const char *title,
                       const char *up) {
  report_markup(out,
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta name=\"color-scheme\" content=\"light dark\">\n"
                "<meta http-equiv=\"Content-Security-Policy\" "
                "content=\"default-src 'none'; style-src 'self'; img-src 'self'\">\n"
                "<title>%s</title>\n<link rel=\"stylesheet\" href=\"%sreport.css\">\n</head>\n"
                "<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n"
                "<header class=\"top\"><nav aria-label=\"Reports\"><strong>Auto Reload</strong>"
                "<a href=\"%sindex.html\">Result</a><a href=\"%srules.html\">Rules</a>",
                title, up, up, up);
  if (view->run->has_code_coverage) {
    report_markup(out, "<a href=\"%scoverage/index.html\">Code coverage</a>", up);
  }
  report_markup(out, "</nav></header>\n<main id=\"main\">\n");
}

void report_page_end(FILE *out, const struct report_view *view) {
  report_markup(out,
                "</main>\n<footer>reloadsim %s, seed %s. Every order of events was run on the "
                "production engine against a simulated bank, mail and disk; no real card was "
                "charged.</footer>\n</body>\n</html>\n",
                view->run->version, view->run->seed);
}
