/* Writing text with hostile parts: names and sentences from files.
 *
 * Both writers take a printf format of which they know %s (escaped), %d, %ld, %lld, %zu, %c (one
 * ASCII character of the program) and %%; the format's own text is written unchanged. Errors stay
 * on the stream.
 */
#ifndef REPORT_ESCAPE_H
#define REPORT_ESCAPE_H

#include <jansson.h>
#include <stdio.h>

/* For XML and HTML, in text and in attributes of either quote. Markup characters become entities;
 * tab and line feed become character references, so that attributes keep them; characters that XML
 * 1.0 forbids, other controls, and bidi overrides become visible characters. Bytes that are not
 * UTF-8 become U+FFFD. */
void report_markup(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* For terminals and text files: controls (a line feed too) and bidi overrides are written as \u001b
 * or the like, so that a name cannot control the terminal or add a line. */
void report_text(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One string of `length` bytes, escaped as by report_markup() and report_text(). */
void report_markup_bytes(FILE *out, const char *text, size_t length);
void report_text_bytes(FILE *out, const char *text, size_t length);

/* A YAML string with its quotes. Controls and bidi overrides are written as \u001b or the like. Not
 * by jansson: unlike JSON, YAML has no surrogate pairs. */
void report_yaml_string(FILE *out, const char *text);

/* A JSON document, which is released; null if memory ran out before. All but ASCII is escaped. */
void report_json(json_t *document, FILE *out);

#endif
