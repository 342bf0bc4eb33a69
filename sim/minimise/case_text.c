/* A scenario's JSON, laid out for people; see case_json.h. */
#include "case_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_WIDTH = 100 };

static void put(FILE *out, json_t *value, int indent, size_t used, bool broken);

/* A string or a number, as JSON has it. */
static bool put_scalar(FILE *out, json_t *value) {
  char *text = json_dumps(value, JSON_ENCODE_ANY);
  bool done = text && fputs(text, out) >= 0;
  free(text);
  return done;
}

static void put_key(FILE *out, const char *key) {
  json_t *name = json_string(key);
  if (!name || !put_scalar(out, name)) fputs("null", out);
  fputs(": ", out);
  json_decref(name);
}

/* How wide a value is in one line. */
static size_t width_of(json_t *value) {
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  if (!out) return SIZE_MAX / 2;
  put(out, value, 0, 0, false);
  if (fclose(out) != 0) size = SIZE_MAX / 2;
  free(text);
  return size;
}

static void new_line(FILE *out, int indent) { fprintf(out, "\n%*s", indent, ""); }

static bool is_list_of_words(json_t *value) {
  return json_is_array(value) && !json_is_object(json_array_get(value, 0));
}

/* What goes between the brackets and the members. */
static void put_gap(FILE *out, json_t *parent, int indent, bool broken) {
  if (broken)
    new_line(out, indent);
  else if (!is_list_of_words(parent))
    fputc(' ', out);
}

static void put_members(FILE *out, json_t *object, int indent, bool broken) {
  const char *key;
  json_t *value;
  const char *comma = "";
  json_object_foreach(object, key, value) {
    fputs(comma, out);
    put_gap(out, object, indent + 2, broken);
    put_key(out, key);
    put(out, value, indent + 2, (size_t)indent + 2 + strlen(key) + 4, broken);
    comma = ",";
  }
}

static void put_items(FILE *out, json_t *array, int indent, bool broken) {
  for (size_t i = 0; i < json_array_size(array); i++) {
    if (i > 0) fputs(broken || !is_list_of_words(array) ? "," : ", ", out);
    if (broken || !is_list_of_words(array)) put_gap(out, array, indent + 2, broken);
    put(out, json_array_get(array, i), indent + 2, (size_t)indent + 2, broken);
  }
}

/* "given", "when", "then": one line for each of what they hold. */
static bool is_chapter(json_t *value, int indent) {
  return indent == 2 && json_is_object(value) &&
         (json_is_object(json_object_iter_value(json_object_iter(value))) ||
          json_is_array(json_object_iter_value(json_object_iter(value))));
}

/* In:  used    what stands in the line already
 *      broken  the value may be broken over lines if it is too wide */
static void put(FILE *out, json_t *value, int indent, size_t used, bool broken) {
  if (!json_is_object(value) && !json_is_array(value)) {
    if (!put_scalar(out, value)) fputs("null", out);
    return;
  }
  bool is_object = json_is_object(value);
  bool is_empty = (is_object ? json_object_size(value) : json_array_size(value)) == 0;
  bool breaks =
      broken && !is_empty && (is_chapter(value, indent) || used + width_of(value) + 1 > LINE_WIDTH);
  fputc(is_object ? '{' : '[', out);
  if (is_object)
    put_members(out, value, indent, breaks);
  else
    put_items(out, value, indent, breaks);
  if (!is_empty) put_gap(out, value, indent, breaks);
  fputc(is_object ? '}' : ']', out);
}

char *sim_scenario_text(json_t *scenario) {
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  if (!out) return NULL;
  fputs("{", out);
  put_members(out, scenario, 0, true);
  fputs("\n}\n", out);
  if (fclose(out) == 0) return text;
  free(text);
  return NULL;
}
