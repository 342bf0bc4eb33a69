#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Not strerror(): its texts depend on the system and the locale. */
static const char *words_of_error(int error) {
  switch (error) {
    case ENOENT: return "there is no such file";
    case EACCES: return "no permission to read it";
    case ENOTDIR: return "a part of the path is not a folder";
    case ELOOP: return "too many symbolic links";
    case ENAMETOOLONG: return "the path is too long";
    default: return "it cannot be read";
  }
}

/* Why the file may not be read whole; null: it may. */
static const char *refusal_of_file(const struct stat *status, size_t most_bytes, char *room) {
  if (S_ISDIR(status->st_mode)) return "it is a folder, not a regular file";
  if (!S_ISREG(status->st_mode)) return "it is not a regular file";
  if (status->st_size >= 0 && (uintmax_t)status->st_size <= most_bytes) return NULL;
  (void)snprintf(room, SIM_INPUT_PROBLEM_SIZE,
                 "the file has %lld bytes, more than the limit of %zu", (long long)status->st_size,
                 most_bytes);
  return room;
}

/* Read all of it.
 * Returns: false if that fails, or if the file is shorter than it was */
static bool read_exactly(int file, char *text, size_t size) {
  while (size > 0) {
    ssize_t got = read(file, text, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    text += got;
    size -= (size_t)got;
  }
  return true;
}

/* The text of an open file; null and *why if it cannot be read. */
static char *read_open(int file, size_t most_bytes, size_t *size_bytes, const char **why,
                       char *room) {
  struct stat status;
  *why = fstat(file, &status) == 0 ? refusal_of_file(&status, most_bytes, room)
                                   : words_of_error(errno);
  if (*why) return NULL;
  size_t size = (size_t)status.st_size;
  char *text = malloc(size + 1);
  bool whole = text && read_exactly(file, text, size);
  *why = text ? "it cannot be read to its end" : "out of memory";
  *size_bytes = size;
  if (text) text[size] = '\0';
  if (whole) return text;
  free(text);
  return NULL;
}

char *sim_input_read(const char *path, size_t most_bytes, size_t *size_bytes,
                     char problem[SIM_INPUT_PROBLEM_SIZE]) {
  char room[SIM_INPUT_PROBLEM_SIZE];
  const char *why;
  /* Without O_NONBLOCK, opening a FIFO would wait for its other end. */
  int file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (file < 0) {
    (void)snprintf(problem, SIM_INPUT_PROBLEM_SIZE, "%s", words_of_error(errno));
    return NULL;
  }
  char *text = read_open(file, most_bytes, size_bytes, &why, room);
  if (!text) (void)snprintf(problem, SIM_INPUT_PROBLEM_SIZE, "%s", why);
  (void)close(file);
  return text;
}
