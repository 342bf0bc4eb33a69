#include "tapes.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

static bool ends_in_tape(const char *name) {
  size_t length = strlen(name);
  return length > 5 && strcmp(name + length - 5, ".tape") == 0;
}

static void remove_old(const char *folder) {
  char path[PATH_SIZE];
  DIR *dir = opendir(folder);
  if (!dir) return;
  for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
    int size = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (ends_in_tape(entry->d_name) && size > 0 && (size_t)size < sizeof path) (void)unlink(path);
  }
  closedir(dir);
  (void)rmdir(folder); /* stays if anything else is in it */
}

static void make_name(char *name, size_t size, const char *case_id, size_t number) {
  int length = snprintf(name, size, "%.200s-%zu.tape", case_id, number);
  for (int i = 0; i < length && (size_t)i < size; i++)
    if (!isalnum((unsigned char)name[i]) && !strchr("-.", name[i])) name[i] = '_';
}

static bool write_tape(const char *folder, const char *case_id, size_t number, const char *text) {
  char name[240], path[PATH_SIZE];
  make_name(name, sizeof name, case_id, number);
  int size = snprintf(path, sizeof path, "%s/%s", folder, name);
  if (size < 0 || (size_t)size >= sizeof path) return false;
  if (mkdir(folder, 0777) != 0 && errno != EEXIST) return false;
  FILE *file = fopen(path, "w");
  bool written = file && fputs(text, file) >= 0;
  if (file && fclose(file) != 0) written = false;
  if (!written) {
    fprintf(stderr, "reloadsim: %s cannot be written: %s\n", path, strerror(errno));
    (void)unlink(path);
  }
  return written;
}

int sim_tapes_write(const json_t *run, const char *directory) {
  char folder[PATH_SIZE];
  int count = 0, size = snprintf(folder, sizeof folder, "%s/tapes", directory);
  const json_t *cases = json_object_get(run, "cases");
  if (size < 0 || (size_t)size >= sizeof folder) return -1;
  remove_old(folder);
  for (size_t c = 0; c < json_array_size(cases); c++) {
    const json_t *one = json_array_get(cases, c), *failures = json_object_get(one, "failures");
    const char *id = json_string_value(json_object_get(one, "id"));
    for (size_t f = 0; id && f < json_array_size(failures); f++) {
      const char *text = json_string_value(json_object_get(json_array_get(failures, f), "tape"));
      if (!text) continue;
      if (!write_tape(folder, id, f + 1, text)) return -1;
      count++;
    }
  }
  return count;
}
