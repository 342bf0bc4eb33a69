#define _DEFAULT_SOURCE /* realpath */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int error_now(void) { return errno ? errno : EIO; }

int sim_output_target(const char *path, char target[SIM_OUTPUT_PATH]) {
  struct stat status;
  bool is_there = lstat(path, &status) == 0;
  if (!is_there && errno != ENOENT) return error_now();
  char *real = is_there ? realpath(path, NULL) : NULL;
  if (is_there && (!real || stat(real, &status) != 0 || !S_ISREG(status.st_mode))) {
    free(real);
    return EEXIST;
  }
  int size = snprintf(target, SIM_OUTPUT_PATH, "%s", real ? real : path);
  free(real);
  return size < 0 || size >= SIM_OUTPUT_PATH ? ENAMETOOLONG : 0;
}

int sim_output_beside(const char *target, char name[SIM_OUTPUT_PATH]) {
  const char *slash = strrchr(target, '/');
  int folder = slash ? (int)(slash - target) + 1 : 0;
  int size = snprintf(name, SIM_OUTPUT_PATH, "%.*s.draft-XXXXXX", folder, target);
  if (size > 0 && size < SIM_OUTPUT_PATH) return mkstemp(name);
  errno = ENAMETOOLONG;
  return -1;
}

/* Write everything, and sync it if the file is on a disk. Closes the file. */
static int fill_file(int file, const char *text, size_t size) {
  int error = 0;
  while (size > 0 && !error) {
    ssize_t written = write(file, text, size);
    if (written < 0 && errno != EINTR) error = error_now();
    if (written == 0) error = EIO;
    if (written <= 0) continue;
    text += written;
    size -= (size_t)written;
  }
  if (!error && fsync(file) != 0 && errno != EINVAL && errno != ENOTSUP && errno != EROFS)
    error = error_now();
  if (close(file) != 0 && !error) error = error_now();
  return error;
}

/* The mode of the target, or that of a new file: mkstemp() gives less. */
static mode_t mode_of(const char *target) {
  struct stat status;
  if (stat(target, &status) == 0) return status.st_mode & 0777;
  mode_t mask = umask(0);
  (void)umask(mask);
  return 0666 & ~mask;
}

int sim_output_draft(const char *target, const char *text, size_t size_bytes,
                     char draft[SIM_OUTPUT_PATH]) {
  if (access(target, W_OK) != 0 && errno != ENOENT) return error_now();
  int file = sim_output_beside(target, draft);
  if (file < 0) return error_now();
  int error = fchmod(file, mode_of(target)) == 0 ? 0 : error_now();
  int filled = fill_file(file, text, size_bytes);
  if (!error) error = filled;
  if (error) (void)remove(draft);
  return error;
}

int sim_output_write(const char *path, const char *text, size_t size_bytes) {
  char target[SIM_OUTPUT_PATH], draft[SIM_OUTPUT_PATH];
  int error = sim_output_target(path, target);
  if (error == EEXIST) {
    int file = open(path, O_WRONLY | O_CREAT | O_NOCTTY | O_CLOEXEC, 0666);
    return file < 0 ? error_now() : fill_file(file, text, size_bytes);
  }
  if (!error) error = sim_output_draft(target, text, size_bytes, draft);
  if (error || rename(draft, target) == 0) return error;
  error = error_now();
  (void)remove(draft);
  return error;
}

int sim_output_directory(const char *path) {
  char part[SIM_OUTPUT_PATH];
  int size = snprintf(part, sizeof part, "%s", path);
  if (size < 0 || (size_t)size >= sizeof part) return ENAMETOOLONG;
  for (char *at = part + 1; size > 0 && *at; at++) {
    if (*at != '/') continue;
    *at = '\0';
    if (mkdir(part, 0777) != 0 && errno != EEXIST) return error_now();
    *at = '/';
  }
  return mkdir(part, 0777) == 0 || errno == EEXIST ? 0 : error_now();
}
