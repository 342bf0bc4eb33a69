/* A run with its coverage and diffs; see view.h. */
#include "view.h"

#include <stdlib.h>
#include <string.h>

static size_t count_endings(const struct report_case *a_case) {
  return a_case->ending_count + a_case->fault_shown_count;
}

static struct report_diff *make_diffs(const struct report_case *a_case) {
  size_t count = count_endings(a_case);
  struct report_diff *diffs = calloc(count + 1, sizeof *diffs);
  for (size_t i = 0; diffs != NULL && i < count; i++) {
    if (!report_diff_make(a_case, &a_case->endings[i], &diffs[i])) {
      while (i-- > 0) {
        report_diff_free(&diffs[i]);
      }
      free(diffs);
      return NULL;
    }
  }
  return diffs;
}

static bool make_all(struct report_view *view) {
  if (!report_coverage_make(view->run, &view->coverage)) {
    return false;
  }
  report_summary_make(view->run, &view->coverage, &view->summary);
  view->diffs = calloc(view->run->case_count + 1, sizeof *view->diffs);
  for (size_t i = 0; view->diffs != NULL && i < view->run->case_count; i++) {
    view->diffs[i] = make_diffs(&view->run->cases[i]);
    if (view->diffs[i] == NULL) {
      return false;
    }
  }
  return view->diffs != NULL;
}

struct report_view *report_view_open(const json_t *json, const char *directory,
                                     struct report_error *error) {
  struct report_view *view = calloc(1, sizeof *view);
  if (view == NULL) {
    snprintf(error->text, sizeof error->text, "out of memory");
    return NULL;
  }
  view->run = report_run_read(json, directory, error);
  if (view->run != NULL && !make_all(view)) {
    snprintf(error->text, sizeof error->text, "out of memory");
    report_view_close(view);
    return NULL;
  }
  if (view->run == NULL) {
    free(view);
    return NULL;
  }
  return view;
}

static void free_diffs(struct report_view *view) {
  for (size_t i = 0; i < view->run->case_count; i++) {
    struct report_diff *diffs = view->diffs[i];
    for (size_t j = 0; diffs != NULL && j < count_endings(&view->run->cases[i]); j++) {
      report_diff_free(&diffs[j]);
    }
    free(diffs);
  }
  free(view->diffs);
}

void report_view_close(struct report_view *view) {
  if (view == NULL) {
    return;
  }
  if (view->diffs != NULL) {
    free_diffs(view);
  }
  report_coverage_free(&view->coverage);
  report_run_free(view->run);
  free(view);
}

const struct report_diff *report_view_diff(const struct report_view *view,
                                           const struct report_case *a_case,
                                           const struct report_ending *ending) {
  return &view->diffs[a_case - view->run->cases][ending - a_case->endings];
}

bool report_ending_is_right(const struct report_view *view, const struct report_case *a_case,
                            const struct report_ending *ending) {
  const struct report_diff *diff = report_view_diff(view, a_case, ending);
  return ending->reached && ending->outcome != NULL &&
         report_diff_count(diff, REPORT_SAME) == diff->count;
}

static bool same_event(const struct report_event *a, const struct report_event *b) {
  if (strcmp(a->at, b->at) != 0 || strcmp(a->who, b->who) != 0 || strcmp(a->text, b->text) != 0 ||
      a->line_count != b->line_count) {
    return false;
  }
  for (size_t i = 0; i < a->line_count; i++) {
    if (strcmp(a->lines[i].text, b->lines[i].text) != 0) {
      return false;
    }
  }
  return true;
}

bool report_same_story(const struct report_story *a, const struct report_story *b) {
  if (a->count != b->count) {
    return false;
  }
  for (size_t i = 0; i < a->count; i++) {
    if (!same_event(&a->events[i], &b->events[i])) {
      return false;
    }
  }
  return true;
}
