/* The entry points: all files of a run directory, or one report on a stream. */
#include "report.h"

#include "escape.h"
#include "files.h"
#include "html.h"
#include "view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef void render(const struct report_view *view, FILE *out);

static bool write_one(struct report_files *files, const struct report_view *view, const char *name,
                      render *renderer) {
  FILE *out = report_files_open(files, name);
  if (out == NULL) {
    return false;
  }
  renderer(view, out);
  return report_files_close(files);
}

static const struct {
  const char *file;
  render *renderer;
} formats[] = {
#define FORMAT(NAME, name, file, word) [REPORT_##NAME] = {file, report_render_##name},
    REPORT_FORMATS(FORMAT)
#undef FORMAT
};

static bool write_formats(struct report_files *files, const struct report_view *view) {
  for (int i = 0; i < REPORT_FORMAT_COUNT; i++) {
    if (!write_one(files, view, formats[i].file, formats[i].renderer)) {
      return false;
    }
  }
  return true;
}

static bool write_case_page(struct report_files *files, const struct report_view *view,
                            const struct report_case *a_case) {
  char name[REPORT_CASE_FILE_SIZE];
  char path[REPORT_CASE_FILE_SIZE + 8];
  report_case_file(a_case, name);
  snprintf(path, sizeof path, "cases/%s", name);
  FILE *out = report_files_open(files, path);
  if (out == NULL) {
    return false;
  }
  report_render_case_page(view, a_case, out);
  return report_files_close(files);
}

static bool write_pages(struct report_files *files, const struct report_view *view) {
  if (!report_files_directory(files, "cases")) {
    return false;
  }
  for (size_t i = 0; i < view->run->case_count; i++) {
    if (!write_case_page(files, view, &view->run->cases[i])) {
      return false;
    }
  }
  return write_one(files, view, "report.css", report_render_style) &&
         write_one(files, view, "rules.html", report_render_rules_page) &&
         write_one(files, view, "index.html", report_render_index);
}

static bool write_run(struct report_files *files, const json_t *run) {
  FILE *out = report_files_open(files, "run.json");
  if (out == NULL) {
    return false;
  }
  bool dumped = json_dumpf(run, out, JSON_INDENT(1)) == 0;
  fputc('\n', out);
  return report_files_close(files) && dumped;
}

/* In: is_new run.json is written, too */
static int write_reports(const json_t *run, const char *directory, bool is_new, FILE *errors) {
  static const char *const directories[] = {"cases"};
  struct report_error error;
  struct report_files files;
  struct report_view *view = report_view_open(run, directory, &error);
  if (view == NULL) {
    report_text(errors, "error: %s\n", error.text);
    return -1;
  }
  report_files_begin(&files, directory, &error);
  bool ok = (!is_new || write_run(&files, run)) && write_formats(&files, view) &&
            write_pages(&files, view) && report_files_commit(&files, directories, 1) &&
            report_files_sweep(&files, "cases");
  report_files_end(&files);
  report_view_close(view);
  if (!ok) {
    report_text(errors, "error: %s; the reports were not written\n",
                error.text[0] == '\0' ? "out of memory" : error.text);
  }
  return ok ? 0 : -1;
}

int report_write_run(const json_t *run, const char *directory, FILE *errors) {
  return write_reports(run, directory, true, errors);
}

int report_write_all(const json_t *run, const char *directory, FILE *errors) {
  return write_reports(run, directory, false, errors);
}

int report_terminal(const json_t *run, const char *directory, enum report_format format, FILE *out,
                    bool colour, FILE *errors) {
  struct report_error error;
  struct report_view *view = report_view_open(run, directory, &error);
  if (view == NULL) {
    report_text(errors, "error: %s\n", error.text);
    return -1;
  }
  view->colour = colour;
  errno = 0; /* the error of a failed write is reported below */
  formats[format].renderer(view, out);
  bool ok = fflush(out) == 0 && ferror(out) == 0;
  int number = errno == 0 ? EIO : errno;
  report_view_close(view);
  if (!ok) {
    report_text(errors, "error: cannot write the report: %s\n", strerror(number));
  }
  return ok ? 0 : -1;
}
