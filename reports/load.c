/* Loading the run.json of an earlier run; see report.h. */
#include "report.h"

#include "escape.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_RUN_BYTES (512 << 20)

/* Returns: null after writing why */
static json_t *load_from(FILE *file, const char *path, FILE *errors) {
  struct stat info;
  json_error_t mistake;
  if (fstat(fileno(file), &info) != 0) {
    report_text(errors, "error: cannot read %s: %s\n", path, strerror(errno));
    return NULL;
  }
  if (!S_ISREG(info.st_mode)) {
    report_text(errors, "error: %s is not a file\n", path);
    return NULL;
  }
  if (info.st_size > MAX_RUN_BYTES) {
    report_text(errors, "error: %s is larger than 512 MiB\n", path);
    return NULL;
  }
  json_t *run = json_loadf(file, JSON_REJECT_DUPLICATES, &mistake);
  if (run == NULL) {
    report_text(errors, "error: %s:%d:%d: %s; the file is damaged: run again with --report\n", path,
                mistake.line, mistake.column, mistake.text);
  }
  return run;
}

json_t *report_load(const char *directory, FILE *errors) {
  char path[PATH_MAX];
  int length = snprintf(path, sizeof path, "%s/run.json", directory);
  if (length < 0 || (size_t)length >= sizeof path) {
    report_text(errors, "error: the run directory's name is too long\n");
    return NULL;
  }
  FILE *file = fopen(path, "r"); /* buffered: json_loadfd() would read byte by byte */
  if (file == NULL) {
    report_text(errors, "error: cannot read %s: %s\n", path, strerror(errno));
    return NULL;
  }
  json_t *run = load_from(file, path, errors);
  (void)fclose(file);
  return run;
}
