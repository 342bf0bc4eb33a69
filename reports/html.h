/* The HTML pages, for product people. They load one style sheet from their own
 * directory and nothing else, and run no script; the directory may be printed, mailed as an archive
 * or kept by a CI. */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "view.h"

#define REPORT_CASE_FILE_SIZE 240

/* The file name of a case's page, below cases/: of letters, digits and "-._~" only, and never the
 * same for two ids. */
void report_case_file(const struct report_case *a_case, char name[REPORT_CASE_FILE_SIZE]);

/* report.css: how all pages look. It is the same for every run. */
void report_render_style(const struct report_view *view, FILE *out);

/* index.html: whether a release is safe, which rules are covered, and links to every case. */
void report_render_index(const struct report_view *view, FILE *out);

/* rules.html: every rule with its cases. */
void report_render_rules_page(const struct report_view *view, FILE *out);

/* cases/CASE.html: every ending of the case, as text and picture. */
void report_render_case_page(const struct report_view *view, const struct report_case *a_case,
                             FILE *out);

#endif
