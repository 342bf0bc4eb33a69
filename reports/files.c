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

/* A draft of another run that was killed may be in the way: drafts are ours, so replace it. */
static FILE *create(const char *draft) {
  if (unlink(draft) != 0 && errno != ENOENT) {
    return NULL;
  }
  int fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) {
    return NULL;
  }
  FILE *file = fdopen(fd, "w");
  if (file == NULL) {
    close(fd);
  }
  return file;
}

FILE *report_files_open(struct report_files *files, const char *name) {
  if (!grow(files)) {
    fail(files, "write", name, ENOMEM);
    return NULL;
  }
  char suffix[32];
  snprintf(suffix, sizeof suffix, ".%ld.draft", (long)getpid());
  struct report_staged staged = {join(files->directory, name, ""),
                                 join(files->directory, name, suffix)};
  if (staged.path == NULL || staged.draft == NULL) {
    fail(files, "write", name, ENOMEM);
  } else {
    files->open = create(staged.draft);
    if (files->open == NULL) {
      fail(files, "write", staged.path, errno);
    }
  }
  if (files->open == NULL) {
    free(staged.path);
    free(staged.draft);
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
  bool ok = ferror(file) == 0 && fflush(file) == 0 && fsync(fileno(file)) == 0;
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
    if (rename(staged->draft, staged->path) != 0) {
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
    free(files->staged[i].draft);
    free(files->staged[i].path);
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
