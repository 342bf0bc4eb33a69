/* Typed reading of a JSON tree; see read.h. */
#include "read.h"

#include "arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Memory ----------------------------------------------------------------------------- */

struct report_room {
  struct sim_arena arena;
};

struct report_room *report_room_new(void) {
  struct report_room *room = calloc(1, sizeof *room);
  if (room != NULL) {
    room->arena.limit_bytes = SIZE_MAX; /* the size of the file is limited, so memory is too */
  }
  return room;
}

void report_room_free(struct report_room *room) {
  if (room == NULL) {
    return;
  }
  sim_arena_clear(&room->arena);
  free(room);
}

void *report_room_take(struct report_room *room, size_t count, size_t size) {
  return sim_arena_alloc(&room->arena, count, size);
}

/* ---- Mistakes ----------------------------------------------------------------------------- */

static void place_text(const struct report_place *place, char *text, size_t size) {
  if (place == NULL) {
    return;
  }
  place_text(place->up, text, size);
  size_t length = strlen(text);
  if (place->key == NULL) {
    snprintf(text + length, size - length, "[%zu]", place->index);
  } else {
    snprintf(text + length, size - length, "%s%s", length == 0 ? "" : ".", place->key);
  }
}

void report_read_fail(struct report_reader *reader, const struct report_place *place,
                      const char *text) {
  if (reader->failed) {
    return;
  }
  reader->failed = true;
  char where[160] = "";
  place_text(place, where, sizeof where);
  snprintf(reader->error->text, sizeof reader->error->text, "run.json: %s%s%s", where,
           where[0] == '\0' ? "" : ": ", text);
}

static const char *type_word(const json_t *value) {
  static const char *const words[] = {
      [JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array",  [JSON_STRING] = "a string",
      [JSON_INTEGER] = "a number", [JSON_REAL] = "a fraction", [JSON_TRUE] = "true",
      [JSON_FALSE] = "false",      [JSON_NULL] = "null",
  };
  return value == NULL ? "nothing" : words[json_typeof(value)];
}

static void expected(struct report_reader *reader, const struct report_place *up, const char *key,
                     const char *wanted, const json_t *found) {
  struct report_place place = {.up = up, .key = key};
  char text[120];
  snprintf(text, sizeof text, "expected %s, found %s", wanted, type_word(found));
  report_read_fail(reader, &place, text);
}

/* ---- Members ------------------------------------------------------------------------------ */

const char *report_read_string(struct report_reader *reader, const json_t *object, const char *key,
                               const struct report_place *at) {
  const json_t *value = json_object_get(object, key);
  if (!json_is_string(value)) {
    expected(reader, at, key, "a string", value);
    return "";
  }
  return json_string_value(value);
}

const char *report_read_optional(struct report_reader *reader, const json_t *object,
                                 const char *key, const struct report_place *at) {
  const json_t *value = json_object_get(object, key);
  if (value == NULL || json_is_null(value)) {
    return NULL;
  }
  return report_read_string(reader, object, key, at);
}

int64_t report_read_number(struct report_reader *reader, const json_t *object, const char *key,
                           const struct report_place *at) {
  const json_t *value = json_object_get(object, key);
  if (value == NULL || json_is_null(value)) {
    return REPORT_UNSAID;
  }
  if (!json_is_integer(value) || json_integer_value(value) == REPORT_UNSAID) {
    expected(reader, at, key, "a whole number", value);
    return 0;
  }
  return json_integer_value(value);
}

int64_t report_read_count(struct report_reader *reader, const json_t *object, const char *key,
                          const struct report_place *at) {
  const json_t *value = json_object_get(object, key);
  if (!json_is_integer(value) || json_integer_value(value) < 0) {
    expected(reader, at, key, "a whole number >= 0", value);
    return 0;
  }
  return json_integer_value(value);
}

bool report_read_bool(struct report_reader *reader, const json_t *object, const char *key,
                      const struct report_place *at) {
  const json_t *value = json_object_get(object, key);
  if (!json_is_boolean(value)) {
    expected(reader, at, key, "true or false", value);
  }
  return json_is_true(value);
}

const json_t *report_read_object(struct report_reader *reader, const json_t *object,
                                 const char *key, const struct report_place *at) {
  const json_t *value = json_object_get(object, key);
  if (!json_is_object(value)) {
    expected(reader, at, key, "an object", value);
    return NULL;
  }
  return value;
}

const json_t *report_read_array(struct report_reader *reader, const json_t *object, const char *key,
                                const struct report_place *at) {
  const json_t *value = json_object_get(object, key);
  if (!json_is_array(value)) {
    expected(reader, at, key, "an array", value);
    return NULL;
  }
  return value;
}

/* ---- Arrays ------------------------------------------------------------------------------- */

const char *const *report_read_strings(struct report_reader *reader, const json_t *object,
                                       const char *key, const struct report_place *at,
                                       size_t *count) {
  const json_t *array = report_read_array(reader, object, key, at);
  struct report_place list = {.up = at, .key = key};
  *count = 0;
  const char **strings = report_room_take(reader->room, json_array_size(array), sizeof *strings);
  if (strings == NULL) {
    report_read_fail(reader, &list, "out of memory");
    return NULL;
  }
  for (size_t i = 0; i < json_array_size(array); i++) {
    const json_t *value = json_array_get(array, i);
    struct report_place place = {.up = &list, .index = i};
    if (!json_is_string(value)) {
      report_read_fail(reader, &place, "expected a string");
      return NULL;
    }
    strings[i] = json_string_value(value);
  }
  *count = json_array_size(array);
  return strings;
}

void *report_read_objects(struct report_reader *reader, const json_t *object, const char *key,
                          const struct report_place *at, report_read_element *element, size_t size,
                          size_t *count) {
  const json_t *array = report_read_array(reader, object, key, at);
  struct report_place list = {.up = at, .key = key};
  *count = 0;
  char *elements = report_room_take(reader->room, json_array_size(array), size);
  if (elements == NULL) {
    report_read_fail(reader, &list, "out of memory");
    return NULL;
  }
  for (size_t i = 0; i < json_array_size(array) && !reader->failed; i++) {
    const json_t *value = json_array_get(array, i);
    struct report_place place = {.up = &list, .index = i};
    if (!json_is_object(value)) {
      report_read_fail(reader, &place, "expected an object");
      return NULL;
    }
    element(reader, value, &place, elements + i * size);
  }
  *count = reader->failed ? 0 : json_array_size(array);
  return elements;
}
