/* Writing text whose parts may be hostile: names and sentences from files.
 *
 * Both writers take a printf format of which they know %s (escaped), %d, %ld, %lld, %zu, %c (one
 * ASCII sign of our own) and %%; the format's own text is written as it is. Errors are left on
 * the stream.
 */
#ifndef REPORT_ESCAPE_H
#define REPORT_ESCAPE_H

#include <jansson.h>
#include <stdio.h>

/* For XML and HTML, in text and in attributes of either quote. Markup signs become entities; tab
 * and line feed become character references, so that attributes keep them; characters that XML 1.0
 * forbids, other controls, and signs that reorder text (bidi overrides) become visible stand-ins.
 * Strings must be UTF-8; bytes that are not become U+FFFD. */
void report_markup(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* For terminals and text files: controls (a line feed too) and bidi overrides are written as \u001b
 * or the like, so that a name can neither move the cursor nor add a line. */
void report_text(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One string of `length` bytes, escaped as by report_markup() and report_text(). */
void report_markup_bytes(FILE *out, const char *text, size_t length);
void report_text_bytes(FILE *out, const char *text, size_t length);

/* A YAML string with its quotes. Controls and reordering signs are written as \u001b or the like.
 * (Not by jansson: YAML, unlike JSON, knows no pairs of surrogates.) */
void report_yaml_string(FILE *out, const char *text);

/* A JSON document, which is given up; null if there is none, as memory ran out. All but ASCII is
 * escaped. */
void report_json(json_t *document, FILE *out);

#endif
