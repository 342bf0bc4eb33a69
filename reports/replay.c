#include "replay.h"

#include <stdio.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* The name becomes part of a command: it may not have shell characters or leave the folder. */
static bool is_trace_file(const char *path) {
  static const char folder[] = "traces/";
  const char *name = path + sizeof folder - 1;
  return strncmp(path, folder, sizeof folder - 1) == 0 && name[0] != '\0' && name[0] != '.' &&
         name[strspn(name, LETTERS "_-.")] == '\0';
}

/* One word of a shell's command line; `to` has room for four times its length and three more.
 * Returns: its length there */
static size_t put_shell_word(char *to, const char *word, size_t length) {
  size_t at = 0;
  bool is_plain = word[0] != '#' && strspn(word, LETTERS "_./#:,=@%+-") >= length;
  if (is_plain) {
    memcpy(to, word, length);
    return length;
  }
  to[at++] = '\'';
  for (size_t i = 0; i < length; i++) {
    const char *part = word[i] == '\'' ? "'\\''" : &word[i];
    size_t size = word[i] == '\'' ? 4 : 1;
    memcpy(to + at, part, size);
    at += size;
  }
  to[at++] = '\'';
  return at;
}

const char *report_read_replay(struct report_reader *reader, const json_t *failure,
                               const struct report_place *at, const char *directory) {
  const char *file = report_read_optional(reader, failure, "trace_file", at);
  if (file == NULL || directory == NULL) {
    return NULL;
  }
  if (!is_trace_file(file)) {
    struct report_place place = {.up = at, .key = "trace_file"};
    report_read_fail(reader, &place, "expected traces/NAME");
    return NULL;
  }
  const char *words = report_read_string(reader, failure, "replay", at);
  size_t length = strlen(directory);
  while (length > 1 && directory[length - 1] == '/') {
    length--;
  }
  size_t room = strlen(words) + 4 * length + strlen(file) + sizeof " ''/";
  char *command = report_room_take(reader->room, room, 1);
  if (command == NULL) {
    report_read_fail(reader, at, "out of memory");
    return NULL;
  }
  size_t size = (size_t)snprintf(command, room, "%s ", words);
  size += put_shell_word(command + size, directory, length);
  snprintf(command + size, room - size, "/%s", file);
  return command;
}
