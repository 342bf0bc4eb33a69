/* Loading the run.json of an earlier run; see report.h. */
#include "report.h"

#include "escape.h"
#include "input.h"

#include <limits.h>
#include <stdlib.h>

#define MAX_RUN_BYTES (512u << 20)

json_t *report_load(const char *directory, FILE *errors) {
  char path[PATH_MAX];
  int length = snprintf(path, sizeof path, "%s/run.json", directory);
  if (length < 0 || (size_t)length >= sizeof path) {
    report_text(errors, "error: the run directory's name is too long\n");
    return NULL;
  }
  char problem[SIM_INPUT_PROBLEM_SIZE];
  size_t size;
  char *text = sim_input_read(path, MAX_RUN_BYTES, &size, problem);
  if (text == NULL) {
    report_text(errors, "error: cannot read %s: %s\n", path, problem);
    return NULL;
  }
  json_error_t mistake;
  json_t *run = json_loadb(text, size, JSON_REJECT_DUPLICATES, &mistake);
  free(text);
  if (run == NULL) {
    report_text(errors, "error: %s:%d:%d: %s; the file is damaged: run again with --report\n", path,
                mistake.line, mistake.column, mistake.text);
  }
  return run;
}
