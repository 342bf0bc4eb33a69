/* Files that appear whole or not at all; see files.h. */
#include "files.h"

#include "grow.h"
#include "output.h"
#include "suffix.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool fail_file(struct report_files *files, const char *what, const char *path, int number) {
  if (files->error->text[0] == '\0') {
    snprintf(files->error->text, sizeof files->error->text, "cannot %s %.380s: %s", what, path,
             strerror(number));
  }
  return false;
}

/* "DIRECTORY/NAME" on the heap, or null. */
static char *join(const char *directory, const char *name) {
  size_t size = strlen(directory) + strlen(name) + 2;
  char *path = malloc(size);
  if (path != NULL) {
    snprintf(path, size, "%s/%s", directory, name);
  }
  return path;
}

void report_files_begin(struct report_files *files, const char *directory,
                        struct report_error *error) {
  *files = (struct report_files){.directory = directory, .error = error};
  error->text[0] = '\0';
}

bool report_files_directory(struct report_files *files, const char *name) {
  char *path = join(files->directory, name);
  int number = path == NULL ? ENOMEM : sim_output_directory(path);
  bool ok = number == 0 || fail_file(files, "make", path == NULL ? name : path, number);
  free(path);
  return ok;
}

FILE *report_files_open(struct report_files *files, const char *name) {
  struct report_staged *staged =
      sim_grow(files->staged, files->count, &files->staged_room, sizeof *staged);
  if (staged != NULL) {
    files->staged = staged;
    staged[files->count] = (struct report_staged){.path = join(files->directory, name)};
    files->open =
        staged[files->count].path == NULL ? NULL : open_memstream(&files->text, &files->size);
  }
  if (files->open == NULL) {
    if (staged != NULL) {
      free(staged[files->count].path);
    }
    fail_file(files, "write", name, ENOMEM);
    return NULL;
  }
  files->count++;
  return files->open;
}

/* Make a draft if the path is a regular file or missing; anything else is written directly.
 * Returns: 0 or an error number */
static int write_file(struct report_staged *staged, const char *text, size_t size) {
  char target[SIM_OUTPUT_PATH], draft[SIM_OUTPUT_PATH];
  int error = sim_output_target(staged->path, target);
  if (error == EEXIST) {
    return sim_output_write(staged->path, text, size);
  }
  if (error == 0) {
    error = sim_output_draft(target, text, size, draft);
  }
  if (error != 0) {
    return error;
  }
  staged->target = strdup(target);
  staged->draft = strdup(draft);
  if (staged->target != NULL && staged->draft != NULL) {
    return 0;
  }
  (void)unlink(draft);
  free(staged->draft);
  staged->draft = NULL;
  return ENOMEM;
}

bool report_files_close(struct report_files *files) {
  struct report_staged *staged = &files->staged[files->count - 1];
  bool whole = ferror(files->open) == 0;
  whole = fclose(files->open) == 0 && whole;
  files->open = NULL;
  int number = whole ? write_file(staged, files->text, files->size) : ENOMEM;
  free(files->text);
  files->text = NULL;
  return number == 0 || fail_file(files, "write", staged->path, number);
}

static bool sync_directory(struct report_files *files, const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return fail_file(files, "open", path, errno);
  }
  bool ok = fsync(fd) == 0 || errno == EINVAL; /* EINVAL: the file system cannot sync directories */
  int number = errno;
  close(fd);
  return ok || fail_file(files, "sync", path, number);
}

bool report_files_commit(struct report_files *files, const char *const *directories, size_t count) {
  for (size_t i = 0; i < files->count; i++) {
    struct report_staged *staged = &files->staged[i];
    if (staged->draft == NULL) {
      continue;
    }
    if (rename(staged->draft, staged->target) != 0) {
      return fail_file(files, "replace", staged->path, errno);
    }
    free(staged->draft);
    staged->draft = NULL;
  }
  for (size_t i = 0; i < count; i++) {
    char *path = join(files->directory, directories[i]);
    if (path == NULL) {
      return fail_file(files, "sync", directories[i], ENOMEM);
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
  free(files->text);
  for (size_t i = 0; i < files->count; i++) {
    struct report_staged *staged = &files->staged[i];
    if (staged->draft != NULL) {
      (void)unlink(staged->draft);
    }
    free(staged->draft);
    free(staged->target);
    free(staged->path);
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

bool report_files_sweep(struct report_files *files, const char *name) {
  char *directory = join(files->directory, name);
  DIR *stream = directory == NULL ? NULL : opendir(directory);
  if (stream == NULL) {
    fail_file(files, "open", name, directory == NULL ? ENOMEM : errno);
    free(directory);
    return false;
  }
  bool ok = true;
  const struct dirent *entry;
  while (ok && (entry = readdir(stream)) != NULL) {
    char *path = sim_ends_in(entry->d_name, ".html") ? join(directory, entry->d_name) : NULL;
    if (path != NULL && !is_ours(files, path) && unlink(path) != 0) {
      ok = fail_file(files, "remove", path, errno);
    }
    free(path);
  }
  closedir(stream);
  free(directory);
  return ok;
}
