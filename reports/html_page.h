/* Pieces that all pages share. `up` leads from a page to the run directory: "" or "../". */
#ifndef REPORT_HTML_PAGE_H
#define REPORT_HTML_PAGE_H

#include "html.h"

/* Everything before and after the content of <main>. */
void report_page_begin(FILE *out, const struct report_view *view, const char *title,
                       const char *up);
void report_page_end(FILE *out, const struct report_view *view);

/* A sign with its word for screen readers: "✓" "passed". `kind` is a class: good, bad, open,
 * hole. */
void report_put_mark(FILE *out, const char *kind, const char *word);
void report_put_verdict_mark(FILE *out, enum report_verdict verdict);

/* good, bad or open */
const char *report_verdict_class(enum report_verdict verdict);
const char *report_cover_class(enum report_cover cover);

/* The address of a case's page. */
void report_put_case_address(FILE *out, const char *up, const struct report_case *a_case);

/* A rule's id as a link into rules.html; plain text if the catalogue does not have it. */
void report_put_rule_link(FILE *out, const struct report_view *view, const char *up,
                          const char *rule);

/* "1,234,567" */
void report_put_grouped(FILE *out, int64_t number);

/* The story as a picture: who does what in which order, and its effect on card, tokens, toggle and
 * mail (drawing.c). Writes nothing if the story is empty or too long. `number` is unique on a
 * page. */
void report_put_drawing(FILE *out, const struct report_story *story, size_t number);

const char *report_about_sign(enum report_about about); /* "◆"; "·" without a lane */

/* One ending's section of a case page (html_ending.c). */
void report_put_ending_section(FILE *out, const struct report_view *view,
                               const struct report_case *a_case,
                               const struct report_ending *ending);
/* The body of a section: the comparison with the nearest outcome if no outcome matches, the four
 * lists, the picture and the story. */
void report_put_ending_body(FILE *out, const struct report_view *view,
                            const struct report_case *a_case, const struct report_ending *ending);
/* "charged once, no mail" (html_case.c). */
void report_put_gist(FILE *out, const struct report_ending *ending);
/* The section on endings that only injected faults reach; empty if there are none
 * (html_faults.c). */
void report_put_fault_endings(FILE *out, const struct report_view *view,
                              const struct report_case *a_case);
void report_put_story_list(FILE *out, const struct report_story *story);

/* "good", "bad": the ending as a whole. */
const char *report_ending_class(const struct report_view *view, const struct report_case *a_case,
                                const struct report_ending *ending);

#endif
