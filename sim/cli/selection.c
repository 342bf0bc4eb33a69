/* See selection.h. */
#include "selection.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool selects(const char *filter, const char *id) {
  if (!filter) return true;
  if (strpbrk(filter, "*?[")) return fnmatch(filter, id, 0) == 0;
  return strstr(id, filter) != NULL;
}

/* Every shard_count-th case belongs to a shard, so that shards take about equally long. */
bool sim_select_cases(const struct sim_suite *suite, const struct sim_named *named,
                      const struct sim_options *options, struct sim_selection *selection) {
  const struct sim_case *const *all;
  size_t count = sim_suite_cases(suite, &all);
  selection->count = 0;
  selection->cases = calloc(count + 1, sizeof *selection->cases);
  if (!selection->cases) return false;
  size_t shards = options->shard_count ? (size_t)options->shard_count : 1, chosen = 0;
  for (size_t i = 0; i < count; i++) {
    if (!sim_named_has(named, all[i]) || !selects(options->filter, all[i]->id)) continue;
    if (options->shard == 0 || chosen % shards == (size_t)options->shard - 1)
      selection->cases[selection->count++] = all[i];
    chosen++;
  }
  return true;
}

size_t sim_print_mistakes(const struct sim_suite *suite) {
  const struct sim_mistake *mistakes;
  size_t count = sim_suite_mistakes(suite, &mistakes);
  for (size_t i = 0; i < count; i++)
    fprintf(stderr, "%s:%d:%d: error: %s\n", mistakes[i].place.file, mistakes[i].place.line,
            mistakes[i].place.column, mistakes[i].text);
  return count;
}

static const char catalogue[] = SIM_SUITE_FOLDER "/rules.json";

/* The catalogue of the checkout in which this program was built: in a folder above the program. */
static bool find_rules_above(char *path, size_t size) {
  ssize_t linked = readlink("/proc/self/exe", path, size - 1);
  if (linked < 0) return false;
  path[linked] = '\0';
  for (char *slash; (slash = strrchr(path, '/')) != NULL;) {
    size_t left = size - (size_t)(slash + 1 - path);
    int length = snprintf(slash + 1, left, "%s", catalogue);
    if (length > 0 && (size_t)length < left && access(path, R_OK) == 0) return true;
    *slash = '\0';
  }
  return false;
}

bool sim_find_rules(const struct sim_options *options, char *path, size_t size) {
  int length = snprintf(path, size, "%s", options->rules ? options->rules : catalogue);
  if (length < 0 || (size_t)length >= size) return false;
  return options->rules || access(path, R_OK) == 0 || find_rules_above(path, size);
}

int sim_print_no_rules(const struct sim_options *options) {
  fprintf(stderr,
          "reloadsim: there is no rule catalogue (%s); run reloadsim in the project's "
          "folder, or give --rules FILE\n",
          options->rules ? options->rules : catalogue);
  return SIM_EXIT_USAGE;
}

struct sim_suite *sim_open_suite(const struct sim_options *options, int *code) {
  static char rules[4096]; /* the suite's places point to it */
  if (!sim_find_rules(options, rules, sizeof rules)) {
    *code = sim_print_no_rules(options);
    return NULL;
  }
  *code = SIM_EXIT_INTERNAL;
  struct sim_suite *suite = sim_suite_new(rules);
  if (!suite) fprintf(stderr, "reloadsim: out of memory\n");
  return suite;
}

struct sim_suite *sim_read_suite(const struct sim_options *options, struct sim_named *named,
                                 int *code) {
  struct sim_suite *suite = sim_open_suite(options, code);
  if (!suite || sim_named_read(named, suite, options->paths, options->path_count)) return suite;
  fprintf(stderr, "reloadsim: out of memory\n");
  sim_suite_free(suite);
  return NULL;
}

/* ---- list and check ---- */

int sim_list_cases(const struct sim_selection *selection, size_t mistakes) {
  for (size_t i = 0; i < selection->count; i++) {
    const struct sim_case *the_case = selection->cases[i];
    printf("%s\t%s:%d\t", the_case->id, the_case->place.file, the_case->place.line);
    for (int r = 0; r < the_case->rule_count; r++) printf("%s%s", r ? "," : "", the_case->rules[r]);
    putchar('\n');
  }
  if (mistakes) return SIM_EXIT_INVALID;
  return selection->count ? SIM_EXIT_PASSED : SIM_EXIT_NOTHING;
}

int sim_check_files(const struct sim_options *options) {
  int code;
  struct sim_named named = {.rows = NULL};
  struct sim_suite *suite = sim_read_suite(options, &named, &code);
  sim_named_free(&named);
  if (!suite) return code;
  const struct sim_case *const *cases;
  size_t case_count = sim_suite_cases(suite, &cases), mistakes = sim_print_mistakes(suite);
  if (mistakes == 0) printf("%zu case%s, no mistakes\n", case_count, case_count == 1 ? "" : "s");
  sim_suite_free(suite);
  return mistakes ? SIM_EXIT_INVALID : SIM_EXIT_PASSED;
}
