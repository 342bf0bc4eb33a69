/* Mistakes ("path:line:column: error: text"), each kept once, and the words of their messages. */
#include "reader.h"
#include "utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define QUOTED_BYTES 48
#define LISTED_WORDS 8

static bool is_known_mistake(const struct sim_reader *reader, struct sim_place place,
                             const char *text) {
  const struct sim_suite *suite = reader->suite;

  for (size_t i = suite->mistake_count; i > 0; i--) {
    const struct sim_mistake *known = &suite->mistakes[i - 1];
    /* Only a shared file can repeat the mistakes of another file. */
    if (i <= reader->first_mistake && place.file == reader->file) break;
    if (known->place.line == place.line && known->place.column == place.column &&
        strcmp(known->place.file, place.file) == 0 && strcmp(known->text, text) == 0) {
      return true;
    }
  }
  return false;
}

static void keep_mistake(struct sim_reader *reader, struct sim_place place, const char *text) {
  struct sim_suite *suite = reader->suite;
  const size_t size = strlen(text);
  const char *kept = sim_arena_text(&suite->keep, text, size);
  if (*kept == '\0' && size > 0) kept = "out of memory";
  /* sim_suite_new() made room for the first ones. Without room the file still counts as failed. */
  struct sim_mistake *items =
      sim_grow(suite->mistakes, suite->mistake_count, &suite->mistake_room, sizeof(*items));
  if (!items) return;
  suite->mistakes = items;
  suite->mistakes[suite->mistake_count++] = (struct sim_mistake){place, kept};
}

static void add_mistake(struct sim_reader *reader, struct sim_place place, const char *text) {
  reader->failed = true;
  if (is_known_mistake(reader, place, text)) return;
  if (reader->mistake_count == SIM_MAX_FILE_MISTAKES) reader->first_cut = place;
  reader->mistake_count++;
  if (reader->mistake_count <= SIM_MAX_FILE_MISTAKES) keep_mistake(reader, place, text);
}

struct sim_place sim_file_start(const char *file) {
  return (struct sim_place){file, 1, 1};
}

void sim_mistake_at(struct sim_reader *reader, struct sim_place place, const char *format, ...) {
  char text[640];
  va_list arguments;

  va_start(arguments, format);
  (void)vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  add_mistake(reader, place, text);
}

__attribute__((format(printf, 4, 0))) static void
add_value_mistake(struct sim_reader *reader, struct sim_json *json, struct sim_place place,
                  const char *format, va_list arguments) {
  char text[640];
  size_t length;

  reader->failed = true;
  if (json->is_broken) return;
  json->is_broken = true;
  (void)vsnprintf(text, sizeof(text), format, arguments);
  length = strlen(text);
  if (json->from_row && reader->row_name) {
    (void)snprintf(text + length, sizeof(text) - length, " (in case \"%s\")", reader->row_name);
  }
  add_mistake(reader, place, text);
}

void sim_mistake(struct sim_reader *reader, struct sim_json *json, const char *format, ...) {
  va_list arguments;

  va_start(arguments, format);
  add_value_mistake(reader, json, json->place, format, arguments);
  va_end(arguments);
}

void sim_mistake_key(struct sim_reader *reader, struct sim_json *json, const char *format, ...) {
  va_list arguments;

  va_start(arguments, format);
  add_value_mistake(reader, json, json->key ? json->key_place : json->place, format, arguments);
  va_end(arguments);
}

void sim_mistakes_end(struct sim_reader *reader) {
  char text[64];

  if (reader->mistake_count <= SIM_MAX_FILE_MISTAKES) return;
  (void)snprintf(text, sizeof(text), "and %zu more", reader->mistake_count - SIM_MAX_FILE_MISTAKES);
  keep_mistake(reader, reader->first_cut, text);
}

const char *sim_quote(struct sim_reader *reader, const char *text) {
  char quoted[QUOTED_BYTES * 6 + 8];
  const size_t size = strlen(text);
  size_t at = 0, length = 0, step;

  quoted[length++] = '"';
  for (; at < size && at < QUOTED_BYTES; at += step) {
    const unsigned char byte = (unsigned char)text[at];

    step = sim_utf8_size(text + at, size - at);
    if (step == 0 || byte < 0x20 || byte == 0x7f) {
      step = 1;
      length += (size_t)snprintf(quoted + length, sizeof(quoted) - length, "\\u%04x", byte);
      continue;
    }
    if (byte == '"' || byte == '\\') quoted[length++] = '\\';
    memcpy(quoted + length, text + at, step);
    length += step;
  }
  return sim_arena_format(&reader->suite->scratch, "%.*s%s\"", (int)length, quoted,
                          at < size ? "…" : "");
}

const char *sim_expected(struct sim_reader *reader, const struct sim_words *words,
                         const char *text) {
  struct sim_arena *arena = &reader->suite->scratch;
  const char *nearest = sim_words_nearest(words, text);
  const int listed = words->count <= LISTED_WORDS + 1 ? words->count : LISTED_WORDS;
  const char *list = "";

  if (words->count == 0) return "there is none";
  for (int i = 0; i < listed; i++) {
    const char *comma = i == 0 ? "" : i == words->count - 1 ? " or " : ", ";
    list = sim_arena_format(arena, "%s%s\"%s\"", list, comma, words->list[i]);
  }
  if (listed < words->count) {
    list = sim_arena_format(arena, "%s or one of %d others", list, words->count - listed);
  }
  /* A near word helps more than a long list. */
  if (nearest && listed < words->count)
    return sim_arena_format(arena, "did you mean \"%s\"?", nearest);
  if (nearest) return sim_arena_format(arena, "expected %s; did you mean \"%s\"?", list, nearest);
  return sim_arena_format(arena, "expected %s", list);
}
