/* JSON files as trees in which each value and each key has its place.
 *
 * jansson parses the text; a second walk over the same text finds the places, which jansson does
 * not keep.
 */
#ifndef SIM_JSON_TEXT_H
#define SIM_JSON_TEXT_H

#include "arena.h"
#include "scenario.h"

#define SIM_MAX_JSON_DEPTH 32

enum sim_json_type {
  SIM_JSON_OBJECT,
  SIM_JSON_ARRAY,
  SIM_JSON_STRING,
  SIM_JSON_INTEGER,
  SIM_JSON_REAL,
  SIM_JSON_BOOLEAN,
  SIM_JSON_NULL
};

struct sim_json {
  enum sim_json_type type;
  struct sim_place place;
  struct sim_place key_place; /* members of objects */
  const char *key;            /* members of objects, else null */
  const char *text;           /* strings: UTF-8 without NUL */
  int64_t number;             /* integers */
  bool yes;                   /* booleans */
  bool from_row;              /* this value comes from a row of the matrix */
  bool is_broken;             /* a mistake was reported here: report no other */
  int count;                  /* members or items */
  struct sim_json *first;     /* the first of them, in the file's order */
  struct sim_json *next;      /* the next one in the same object or array */
};

struct sim_json_error {
  struct sim_place place;
  char text[240];
  bool unread; /* the file could not be read; the place is its beginning */
};

/* Read a JSON file.
 * In:      file   its path; borrowed by the places of the tree and of the error
 * Returns: the tree, in the arena; null and *error when the file cannot be read, is not a regular
 *          file, is larger than SIM_MAX_FILE_BYTES, is nested deeper than SIM_MAX_JSON_DEPTH or is
 *          not JSON: bad UTF-8, a NUL, equal keys in one object, a number beyond 64 bits
 */
struct sim_json *sim_json_load(struct sim_arena *arena, const char *file,
                               struct sim_json_error *error);

/* The same from memory. */
struct sim_json *sim_json_read(struct sim_arena *arena, const char *file, const char *text,
                               size_t size_bytes, struct sim_json_error *error);

/* A member of an object, or null; also null if `json` is not an object. */
struct sim_json *sim_json_get(const struct sim_json *json, const char *key);

/* "an object", "a string", ...: for messages. */
const char *sim_json_type_word(enum sim_json_type type);

#endif
