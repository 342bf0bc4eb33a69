#include "json_print.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_WIDTH = 100 };

struct printer {
  FILE *out;
  size_t flags;
};

static bool is_scalar(const json_t *json) { return !json_is_object(json) && !json_is_array(json); }

static size_t count_in(const json_t *json) {
  return json_is_object(json) ? json_object_size(json) : json_array_size(json);
}

/* Such an array has no spaces inside its brackets. */
static bool is_list_of_words(const json_t *json) {
  return json_is_array(json) && !json_is_object(json_array_get(json, 0));
}

/* ---- The width of a value in one line ---- */

static size_t width_of_scalar(const json_t *json, size_t flags) {
  return json_dumpb(json, NULL, 0, flags | JSON_ENCODE_ANY);
}

static size_t width_of_key(const char *key, size_t flags) {
  json_t *name = json_string(key);
  size_t width = name ? width_of_scalar(name, flags) : 0;
  json_decref(name);
  return width + strlen(": ");
}

/* Returns: the width, or any number above `most` as soon as that is exceeded */
static size_t width_in_line(json_t *json, size_t flags, size_t most) {
  size_t width = strlen("[]"), count = count_in(json);
  if (is_scalar(json)) return width_of_scalar(json, flags);
  if (count > 0) width += (count - 1) * strlen(", ") + (is_list_of_words(json) ? 0 : strlen("  "));
  for (void *at = json_object_iter(json); at && width <= most;
       at = json_object_iter_next(json, at)) {
    width += width_of_key(json_object_iter_key(at), flags);
    width += width_in_line(json_object_iter_value(at), flags, most);
  }
  for (size_t i = 0; i < json_array_size(json) && width <= most; i++)
    width += width_in_line(json_array_get(json, i), flags, most);
  return width;
}

/* ---- Writing ---- */

static void put_scalar(const struct printer *printer, const json_t *json) {
  if (json_dumpf(json, printer->out, printer->flags | JSON_ENCODE_ANY) != 0)
    fputs("null", printer->out);
}

static void put_key(const struct printer *printer, const char *key) {
  json_t *name = json_string(key);
  put_scalar(printer, name);
  fputs(": ", printer->out);
  json_decref(name);
}

/* The space or line break between brackets and members. */
static void put_gap(const struct printer *printer, const json_t *parent, int indent, bool breaks) {
  if (breaks)
    fprintf(printer->out, "\n%*s", indent, "");
  else if (!is_list_of_words(parent))
    fputc(' ', printer->out);
}

/* A chapter, such as "given", has a line for each member. */
static bool is_chapter(json_t *json, int indent) {
  return indent == 2 && json_is_object(json) && json_object_size(json) > 0 &&
         !is_scalar(json_object_iter_value(json_object_iter(json)));
}

static void print_value(const struct printer *printer, json_t *json, int indent, size_t used);

static void put_members(const struct printer *printer, json_t *object, int indent, bool breaks) {
  const char *comma = "";
  for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
    const char *key = json_object_iter_key(at);
    fputs(comma, printer->out);
    put_gap(printer, object, indent + 2, breaks);
    put_key(printer, key);
    print_value(printer, json_object_iter_value(at), indent + 2,
                (size_t)indent + 2 + width_of_key(key, printer->flags));
    comma = ",";
  }
}

static void put_items(const struct printer *printer, json_t *array, int indent, bool breaks) {
  const char *comma = is_list_of_words(array) && !breaks ? ", " : ",";
  for (size_t i = 0; i < json_array_size(array); i++) {
    if (i > 0) fputs(comma, printer->out);
    put_gap(printer, array, indent + 2, breaks);
    print_value(printer, json_array_get(array, i), indent + 2, (size_t)indent + 2);
  }
}

/* In:      used  width of what is in the line already */
static void print_value(const struct printer *printer, json_t *json, int indent, size_t used) {
  if (is_scalar(json)) {
    put_scalar(printer, json);
    return;
  }
  size_t left = used < LINE_WIDTH ? LINE_WIDTH - used - 1 : 0; /* 1: the comma */
  bool breaks = count_in(json) > 0 && (indent == 0 || is_chapter(json, indent) ||
                                       width_in_line(json, printer->flags, left) > left);
  fputc(json_is_object(json) ? '{' : '[', printer->out);
  if (json_is_object(json))
    put_members(printer, json, indent, breaks);
  else
    put_items(printer, json, indent, breaks);
  if (count_in(json) > 0) put_gap(printer, json, indent, breaks);
  fputc(json_is_object(json) ? '}' : ']', printer->out);
}

void sim_json_print(json_t *json, size_t flags, FILE *out) {
  struct printer printer = {.out = out, .flags = flags};
  print_value(&printer, json, 0, 0);
  fputc('\n', out);
}

char *sim_json_print_text(json_t *json, size_t flags) {
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  if (!out) return NULL;
  sim_json_print(json, flags, out);
  bool whole = ferror(out) == 0;
  if (fclose(out) == 0 && whole) return text;
  free(text);
  return NULL;
}
