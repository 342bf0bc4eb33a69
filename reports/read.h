/* Typed reading of a JSON tree with the place of the first mistake.
 *
 * After a mistake every further call returns an empty value of its type ("" for strings), so that a
 * caller may read a whole object and check reader->failed once.
 */
#ifndef REPORT_READ_H
#define REPORT_READ_H

#include "run.h"

#include <jansson.h>

/* Memory that is freed as one; opaque. */
struct report_room;

struct report_room *report_room_new(void);
void report_room_free(struct report_room *room);

/* `count` zeroed elements of `size` bytes, aligned for any of them; null when out of memory or the
 * product overflows. Never null for count 0. */
void *report_room_take(struct report_room *room, size_t count, size_t size);

struct report_reader {
  struct report_room *room;
  struct report_error *error;
  bool failed;
  const char *directory; /* of the run, as the user has named it; or null */
};

/* Where in the tree a value stands: a chain of callers' frames. */
struct report_place {
  const struct report_place *up; /* null: the top */
  const char *key;               /* null: an element of an array */
  size_t index;
};

/* Keep the first mistake: "cases[3].endings[0].paths: TEXT". */
void report_read_fail(struct report_reader *reader, const struct report_place *place,
                      const char *text);

/* A member of an object. `at` is the object's place. */
const char *report_read_string(struct report_reader *reader, const json_t *object, const char *key,
                               const struct report_place *at);
/* The same; null if the value is null or missing. */
const char *report_read_optional(struct report_reader *reader, const json_t *object,
                                 const char *key, const struct report_place *at);
/* A whole number >= 0. */
int64_t report_read_count(struct report_reader *reader, const json_t *object, const char *key,
                          const struct report_place *at);
/* A whole number of any sign; REPORT_UNSAID if null or missing. */
int64_t report_read_number(struct report_reader *reader, const json_t *object, const char *key,
                           const struct report_place *at);
bool report_read_bool(struct report_reader *reader, const json_t *object, const char *key,
                      const struct report_place *at);
const json_t *report_read_object(struct report_reader *reader, const json_t *object,
                                 const char *key, const struct report_place *at);
const json_t *report_read_array(struct report_reader *reader, const json_t *object, const char *key,
                                const struct report_place *at);
/* An array of strings, in the room. */
const char *const *report_read_strings(struct report_reader *reader, const json_t *object,
                                       const char *key, const struct report_place *at,
                                       size_t *count);

/* Read one element into `to`; `at` is the element's place. */
typedef void report_read_element(struct report_reader *reader, const json_t *element,
                                 const struct report_place *at, void *to);

/* An array of objects, each read by `element` into an array of `size` bytes each, in the room. */
void *report_read_objects(struct report_reader *reader, const json_t *object, const char *key,
                          const struct report_place *at, report_read_element *element, size_t size,
                          size_t *count);

#endif
