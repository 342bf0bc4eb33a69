#include "json_text.h"

#include "input.h"
#include "utf8.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The text, token by token ------------------------------------------------------------- */

struct scan { /* the present place in the text */
  const char *text;
  size_t size;
  size_t at;
  size_t line_start;
  struct sim_place place; /* of the last token */
  size_t start;           /* its first byte */
};

static struct scan scan_new(const char *file, const char *text, size_t size) {
  return (struct scan){.text = text, .size = size, .place = {file, 1, 1}};
}

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static void skip_string(struct scan *scan) {
  for (scan->at++; scan->at < scan->size; scan->at++) {
    const char c = scan->text[scan->at];
    if (c == '\\' && scan->at + 1 < scan->size) {
      scan->at++;
    } else if (c == '"') {
      scan->at++;
      return;
    } else if (c == '\n') {
      return; /* not JSON: the closing quote is missing */
    }
  }
}

/* Read one token: a string, a punctuation mark, or anything else up to the next of these. The text
 * need not be JSON. Returns its first character; 0 at the end, which then is scan->place. */
static char next_token(struct scan *scan) {
  char first;

  for (; scan->at < scan->size && is_space(scan->text[scan->at]); scan->at++) {
    if (scan->text[scan->at] == '\n') {
      scan->place.line++;
      scan->line_start = scan->at + 1;
    }
  }
  scan->start = scan->at;
  scan->place.column = (int)(scan->at - scan->line_start) + 1;
  if (scan->at == scan->size) return 0;
  first = scan->text[scan->at];
  if (first == '"') {
    skip_string(scan);
  } else if (strchr("{}[]:,", first)) {
    scan->at++;
  } else {
    while (scan->at < scan->size && !is_space(scan->text[scan->at]) &&
           !strchr("{}[]:,\"", scan->text[scan->at])) {
      scan->at++;
    }
  }
  return first;
}

/* The place of a byte. */
static struct sim_place place_of_byte(const char *file, const char *text, size_t at) {
  struct sim_place place = {file, 1, 1};

  for (size_t i = 0; i < at; i++) {
    place.column++;
    if (text[i] == '\n') {
      place.line++;
      place.column = 1;
    }
  }
  return place;
}

/* ---- What is checked before jansson
 * ------------------------------------------------------------ */

static bool check_bytes(const char *file, const char *text, size_t size,
                        struct sim_json_error *error) {
  size_t step;

  for (size_t at = 0; at < size; at += step) {
    const unsigned char byte = (unsigned char)text[at];

    step = sim_utf8_size(text + at, size - at);
    if (step == 0) {
      error->place = place_of_byte(file, text, at);
      (void)snprintf(error->text, sizeof(error->text), "the byte 0x%02x is not valid UTF-8", byte);
      return false;
    }
    if (byte < 0x20 && !is_space(text[at])) {
      error->place = place_of_byte(file, text, at);
      (void)snprintf(error->text, sizeof(error->text),
                     "the control character 0x%02x is not allowed in JSON", byte);
      return false;
    }
  }
  return true;
}

static bool check_depth(const char *file, const char *text, size_t size,
                        struct sim_json_error *error) {
  struct scan scan = scan_new(file, text, size);
  int depth = 0;
  char token;

  while ((token = next_token(&scan)) != 0) {
    if (token == '{' || token == '[') depth++;
    if (token == '}' || token == ']') depth--;
    if (depth > SIM_MAX_JSON_DEPTH) {
      error->place = scan.place;
      (void)snprintf(error->text, sizeof(error->text), "nested more than %d deep",
                     SIM_MAX_JSON_DEPTH);
      return false;
    }
  }
  return true;
}

/* ---- What jansson refuses ----------------------------------------------------------------- */

/* jansson's message without its quotation of the text. */
static void describe_syntax(const json_error_t *from, char first, struct sim_json_error *error) {
  const char *near = strstr(from->text, " near ");
  const int length = near ? (int)(near - from->text) : (int)strlen(from->text);
  const char *hint = "";

  if (first == '\'') hint = "; JSON strings need double quotes";
  if (first == '/' || first == '#') hint = "; JSON has no comments: use \"note\"";
  if (first == '}' || first == ']') hint = "; is there a comma too many?";
  (void)snprintf(error->text, sizeof(error->text), "not JSON: %.*s%s", length, from->text, hint);
}

static void describe_mistake(const json_error_t *from, const struct scan *scan, char first,
                             struct sim_json_error *error) {
  const char *text = NULL;

  switch ((int)json_error_code(from)) {
    case json_error_out_of_memory: text = "out of memory"; break;
    case json_error_premature_end_of_input:
      text = "not JSON: the file ends too early; a \", } or ] is missing";
      break;
    case json_error_end_of_input_expected:
      text = "not JSON: there is text after the end of the object";
      break;
    case json_error_null_character:
    case json_error_null_byte_in_key: text = "a string may not contain \\u0000"; break;
    case json_error_numeric_overflow: text = "this number does not fit into 64 bits"; break;
    case json_error_duplicate_key:
      (void)snprintf(error->text, sizeof(error->text), "the key %.*s appears twice in one object",
                     scan->at - scan->start < 90 ? (int)(scan->at - scan->start) : 0,
                     scan->text + scan->start);
      return;
    default: break;
  }
  if (text) {
    (void)snprintf(error->text, sizeof(error->text), "%s", text);
  } else {
    describe_syntax(from, first, error);
  }
}

/* Find the token that caused jansson's error, which only gives the place where reading stopped. */
static void explain(const char *file, const char *text, size_t size, const json_error_t *from,
                    struct sim_json_error *error) {
  const size_t stopped = from->position > 0 ? (size_t)from->position : 0;
  struct scan scan = scan_new(file, text, size);
  char token = next_token(&scan);

  if (token == 0) {
    error->place = (struct sim_place){file, 1, 1};
    (void)snprintf(error->text, sizeof(error->text),
                   "the file is empty: a JSON object is expected");
    return;
  }
  while (token != 0 && scan.at < stopped) token = next_token(&scan);
  if (json_error_code(from) == json_error_premature_end_of_input) {
    while (token != 0) token = next_token(&scan);
  }
  error->place = scan.place;
  describe_mistake(from, &scan, token, error);
}

/* ---- The tree ----------------------------------------------------------------------------- */

struct build {
  struct sim_arena *arena;
  struct scan scan;
};

static bool fill_value(struct build *build, struct sim_json *node, json_t *json);

static struct sim_json *add_child(struct build *build, struct sim_json *parent,
                                  struct sim_json **last) {
  struct sim_json *child = sim_arena_alloc(build->arena, 1, sizeof(*child));

  if (!child) return NULL;
  if (*last) {
    (*last)->next = child;
  } else {
    parent->first = child;
  }
  *last = child;
  parent->count++;
  return child;
}

/* jansson keeps members in the order of the file, so text and tree can be walked together. */
static bool fill_json_object(struct build *build, struct sim_json *node, json_t *json) {
  struct sim_json *last = NULL;
  const char *key;
  json_t *value;

  json_object_foreach(json, key, value) {
    struct sim_json *child = add_child(build, node, &last);

    if (!child) return false;
    (void)next_token(&build->scan);
    child->key_place = build->scan.place;
    child->key = sim_arena_text(build->arena, key, strlen(key));
    (void)next_token(&build->scan); /* : */
    if (!fill_value(build, child, value)) return false;
    (void)next_token(&build->scan); /* , or } */
  }
  if (node->count == 0) (void)next_token(&build->scan); /* } */
  return true;
}

static bool fill_array(struct build *build, struct sim_json *node, json_t *json) {
  struct sim_json *last = NULL;
  size_t i;
  json_t *value;

  json_array_foreach(json, i, value) {
    struct sim_json *child = add_child(build, node, &last);

    if (!child || !fill_value(build, child, value)) return false;
    (void)next_token(&build->scan); /* , or ] */
  }
  if (node->count == 0) (void)next_token(&build->scan); /* ] */
  return true;
}

static bool fill_value(struct build *build, struct sim_json *node, json_t *json) {
  (void)next_token(&build->scan);
  node->place = build->scan.place;
  switch (json_typeof(json)) {
    case JSON_OBJECT: node->type = SIM_JSON_OBJECT; return fill_json_object(build, node, json);
    case JSON_ARRAY: node->type = SIM_JSON_ARRAY; return fill_array(build, node, json);
    case JSON_STRING:
      node->type = SIM_JSON_STRING;
      node->text = sim_arena_text(build->arena, json_string_value(json), json_string_length(json));
      break;
    case JSON_INTEGER:
      node->type = SIM_JSON_INTEGER;
      node->number = json_integer_value(json);
      break;
    case JSON_REAL: node->type = SIM_JSON_REAL; break;
    case JSON_TRUE:
    case JSON_FALSE:
      node->type = SIM_JSON_BOOLEAN;
      node->yes = json_is_true(json);
      break;
    case JSON_NULL:
    default: node->type = SIM_JSON_NULL; break;
  }
  return true;
}

struct sim_json *sim_json_read(struct sim_arena *arena, const char *file, const char *text,
                               size_t size_bytes, struct sim_json_error *error) {
  struct sim_json *root = NULL;
  struct build build;
  json_error_t from;
  json_t *json;

  if (size_bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark */
    text += 3;
    size_bytes -= 3;
  }
  if (!check_bytes(file, text, size_bytes, error)) return NULL;
  if (!check_depth(file, text, size_bytes, error)) return NULL;
  memset(&from, 0, sizeof(from));
  json = json_loadb(text, size_bytes, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &from);
  if (!json) {
    explain(file, text, size_bytes, &from, error);
    return NULL;
  }
  build = (struct build){arena, scan_new(file, text, size_bytes)};
  root = sim_arena_alloc(arena, 1, sizeof(*root));
  if (!root || !fill_value(&build, root, json) || arena->failed) root = NULL;
  json_decref(json);
  if (!root) {
    error->place = (struct sim_place){file, 1, 1};
    (void)snprintf(error->text, sizeof(error->text), "out of memory");
  }
  return root;
}

/* ---- The file ----------------------------------------------------------------------------- */

struct sim_json *sim_json_load(struct sim_arena *arena, const char *file,
                               struct sim_json_error *error) {
  char problem[SIM_INPUT_PROBLEM_SIZE];
  size_t size = 0;
  char *text = sim_input_read(file, SIM_MAX_FILE_BYTES, &size, problem);

  error->unread = !text;
  if (!text) {
    error->place = (struct sim_place){file, 1, 1};
    (void)snprintf(error->text, sizeof(error->text), "%s", problem);
    return NULL;
  }
  struct sim_json *root = sim_json_read(arena, file, text, size, error);
  free(text);
  return root;
}

struct sim_json *sim_json_get(const struct sim_json *json, const char *key) {
  if (json->type != SIM_JSON_OBJECT) return NULL;
  for (struct sim_json *child = json->first; child; child = child->next) {
    if (strcmp(child->key, key) == 0) return child;
  }
  return NULL;
}

const char *sim_json_type_word(enum sim_json_type type) {
  static const char *const words[] = {
      "an object {...}",  "a list [...]",  "a string", "a whole number",
      "a decimal number", "true or false", "null"};
  return (unsigned)type < sizeof(words) / sizeof(words[0]) ? words[type] : "?";
}
