/* JSON laid out for people: a value that fits into a line is in one line; each level is indented by
 * two spaces. jansson writes the strings and numbers. */
#ifndef SIM_JSON_PRINT_H
#define SIM_JSON_PRINT_H

#include <jansson.h>
#include <stdio.h>

/* Write a value.
 * In:      json   borrowed, and not changed
 *          flags  of jansson, for strings: 0, or JSON_ENSURE_ASCII where they may come to a
 *          terminal
 * Effects: the text, ending in a newline; errors are left on the stream */
void sim_json_print(json_t *json, size_t flags, FILE *out);

/* The same as text, to be freed with free(); null when out of memory. */
char *sim_json_print_text(json_t *json, size_t flags);

#endif
