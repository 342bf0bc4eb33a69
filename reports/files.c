#define _DEFAULT_SOURCE /* realpath */
/* Files that appear whole or not at all; see files.h. */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(struct report_files *files, const char *what, const char *path, int number) {
  if (files->error->text[0] == '\0') {
    snprintf(files->error->text, sizeof files->error->text, "cannot %s %.380s: %s", what, path,
             strerror(number));
  }
  return false;
}

/* "DIRECTORY/NAME" + suffix on the heap, or null. */
static char *join(const char *directory, const char *name, const char *suffix) {
  size_t size = strlen(directory) + strlen(name) + strlen(suffix) + 2;
  char *path = malloc(size);
  if (path != NULL) {
    snprintf(path, size, "%s/%s%s", directory, name, suffix);
  }
  return path;
}

void report_files_begin(struct report_files *files, const char *directory,
                        struct report_error *error) {
  *files = (struct report_files){.directory = directory, .error = error};
  error->text[0] = '\0';
}

bool report_files_directory(struct report_files *files, const char *name) {
  char *path = join(files->directory, name, "");
  if (path == NULL) {
    return fail(files, "make", name, ENOMEM);
  }
  bool ok = mkdir(path, 0777) == 0 || errno == EEXIST || fail(files, "make", path, errno);
  free(path);
  return ok;
}

static bool grow(struct report_files *files) {
  if ((files->count & (files->count - 1)) != 0) {
    return true; /* room for the next power of two was taken */
  }
  size_t room = files->count == 0 ? 1 : files->count * 2;
  struct report_staged *staged = realloc(files->staged, room * sizeof *staged);
  if (staged == NULL) {
    return false;
  }
  files->staged = staged;
  return true;
}

/* What a new file gets; mkstemp() gives less. */
static mode_t mode_of(const char *target) {
  struct stat status;
  if (stat(target, &status) == 0) {
    return status.st_mode & 0777;
  }
  mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

/* A draft of a name that nobody has; or, without one, what is to be written into as it is. */
static FILE *create(const struct report_staged *staged) {
  int fd = staged->draft == NULL
               ? open(staged->path, O_WRONLY | O_CREAT | O_NOCTTY | O_CLOEXEC, 0666)
               : mkstemp(staged->draft);
  if (fd < 0) {
    return NULL;
  }
  bool ok = staged->draft == NULL || fchmod(fd, mode_of(staged->target)) == 0;
  FILE *file = ok ? fdopen(fd, "w") : NULL;
  if (file == NULL) {
    close(fd);
    if (staged->draft != NULL) {
      unlink(staged->draft);
    }
  }
  return file;
}

/* A link is followed. What is there and is no regular file, such as a FIFO, gets no draft: it is
 * not replaced. False: out of memory. */
static bool stage(struct report_staged *staged, const char *directory, const char *name) {
  struct stat status;
  *staged = (struct report_staged){.path = join(directory, name, "")};
  if (staged->path == NULL) {
    return false;
  }
  if (lstat(staged->path, &status) != 0) {
    staged->target = join(directory, name, "");
  } else {
    staged->target = realpath(staged->path, NULL);
    if (staged->target == NULL || stat(staged->target, &status) != 0 || !S_ISREG(status.st_mode)) {
      return true;
    }
  }
  char *slash = staged->target == NULL ? NULL : strrchr(staged->target, '/');
  if (slash == NULL) {
    return false;
  }
  *slash = '\0';
  staged->draft = join(staged->target, ".draft-XXXXXX", "");
  *slash = '/';
  return staged->draft != NULL;
}

static void forget(struct report_staged *staged) {
  free(staged->draft);
  free(staged->target);
  free(staged->path);
}

FILE *report_files_open(struct report_files *files, const char *name) {
  if (!grow(files)) {
    fail(files, "write", name, ENOMEM);
    return NULL;
  }
  struct report_staged staged;
  if (!stage(&staged, files->directory, name)) {
    fail(files, "write", name, ENOMEM);
  } else {
    files->open = create(&staged);
    if (files->open == NULL) {
      fail(files, "write", staged.path, errno);
    }
  }
  if (files->open == NULL) {
    forget(&staged);
    return NULL;
  }
  files->staged[files->count++] = staged;
  errno = 0; /* what a failed write leaves here is told when the file is closed */
  return files->open;
}

bool report_files_close(struct report_files *files) {
  FILE *file = files->open;
  files->open = NULL;
  const char *path = files->staged[files->count - 1].path;
  bool ok = ferror(file) == 0 && fflush(file) == 0;
  if (ok && files->staged[files->count - 1].draft != NULL) {
    ok = fsync(fileno(file)) == 0;
  }
  int number = errno == 0 ? EIO : errno;
  if (fclose(file) != 0 && ok) {
    number = errno;
    ok = false;
  }
  return ok || fail(files, "write", path, number);
}

static bool sync_directory(struct report_files *files, const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return fail(files, "open", path, errno);
  }
  bool ok = fsync(fd) == 0 || errno == EINVAL; /* EINVAL: a file system that knows no such thing */
  int number = errno;
  close(fd);
  return ok || fail(files, "sync", path, number);
}

bool report_files_commit(struct report_files *files, const char *const *directories, size_t count) {
  for (size_t i = 0; i < files->count; i++) {
    struct report_staged *staged = &files->staged[i];
    if (staged->draft == NULL) {
      continue;
    }
    if (rename(staged->draft, staged->target) != 0) {
      return fail(files, "replace", staged->path, errno);
    }
    free(staged->draft);
    staged->draft = NULL;
  }
  for (size_t i = 0; i < count; i++) {
    char *path = join(files->directory, directories[i], "");
    if (path == NULL) {
      return fail(files, "sync", directories[i], ENOMEM);
    }
    bool ok = sync_directory(files, path);
    free(path);
    if (!ok) {
      return false;
    }
  }
  return sync_directory(files, files->directory);
}

void report_files_end(struct report_files *files) {
  if (files->open != NULL) {
    (void)fclose(files->open);
  }
  for (size_t i = 0; i < files->count; i++) {
    if (files->staged[i].draft != NULL) {
      (void)unlink(files->staged[i].draft);
    }
    forget(&files->staged[i]);
  }
  free(files->staged);
  *files = (struct report_files){.directory = NULL};
}

static bool is_ours(const struct report_files *files, const char *path) {
  for (size_t i = 0; i < files->count; i++) {
    if (strcmp(files->staged[i].path, path) == 0) {
      return true;
    }
  }
  return false;
}

static bool ends_in_html(const char *name) {
  size_t length = strlen(name);
  return length > 5 && strcmp(name + length - 5, ".html") == 0;
}

bool report_files_sweep(struct report_files *files, const char *name) {
  char *directory = join(files->directory, name, "");
  DIR *stream = directory == NULL ? NULL : opendir(directory);
  if (stream == NULL) {
    fail(files, "open", name, directory == NULL ? ENOMEM : errno);
    free(directory);
    return false;
  }
  bool ok = true;
  const struct dirent *entry;
  while (ok && (entry = readdir(stream)) != NULL) {
    char *path = ends_in_html(entry->d_name) ? join(directory, entry->d_name, "") : NULL;
    if (path != NULL && !is_ours(files, path) && unlink(path) != 0) {
      ok = fail(files, "remove", path, errno);
    }
    free(path);
  }
  closedir(stream);
  free(directory);
  return ok;
}
