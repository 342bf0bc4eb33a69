#include "trace_folder.h"

#include "output.h"
#include "suffix.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

void sim_failures_remove(const char *folder, const char *ending) {
  char path[PATH_SIZE];
  DIR *dir = opendir(folder);
  if (!dir) return;
  for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
    int size = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (sim_ends_in(entry->d_name, ending) && size > 0 && (size_t)size < sizeof path)
      (void)unlink(path);
  }
  closedir(dir);
  (void)rmdir(folder); /* fails if anything else is in it */
}

bool sim_failure_path(char *path, size_t size, const char *folder, const char *case_id,
                      size_t number, const char *ending) {
  char name[240];
  int length = snprintf(name, sizeof name, "%.200s-%zu%s", case_id, number, ending);
  for (int i = 0; i < length && (size_t)i < sizeof name; i++)
    if (!isalnum((unsigned char)name[i]) && !strchr("-.", name[i])) name[i] = '_';
  length = snprintf(path, size, "%s/%s", folder, name);
  return length > 0 && (size_t)length < size;
}

bool sim_failure_write(const char *folder, const char *path, const char *text) {
  int error = mkdir(folder, 0777) == 0 || errno == EEXIST ? 0 : errno;
  if (!error) error = sim_output_write(path, text, strlen(text));
  if (error) fprintf(stderr, "reloadsim: %s cannot be written: %s\n", path, strerror(error));
  return !error;
}

int sim_traces_write(const json_t *run, const char *directory) {
  char folder[PATH_SIZE], path[PATH_SIZE];
  int count = 0, size = snprintf(folder, sizeof folder, "%s/traces", directory);
  const json_t *cases = json_object_get(run, "cases");
  if (size < 0 || (size_t)size >= sizeof folder) return -1;
  sim_failures_remove(folder, ".trace");
  for (size_t c = 0; c < json_array_size(cases); c++) {
    const json_t *one = json_array_get(cases, c), *failures = json_object_get(one, "failures");
    const char *id = json_string_value(json_object_get(one, "id"));
    for (size_t f = 0; id && f < json_array_size(failures); f++) {
      const char *text = json_string_value(json_object_get(json_array_get(failures, f), "trace"));
      if (!text) continue;
      if (!sim_failure_path(path, sizeof path, folder, id, f + 1, ".trace") ||
          !sim_failure_write(folder, path, text))
        return -1;
      count++;
    }
  }
  return count;
}
