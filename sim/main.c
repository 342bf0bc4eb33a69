/* reloadsim: the composition root. Reads the command line, runs the suite, has it reported. */
#include "disk.h"
#include "options.h"
#include "reload.h"
#include "report.h"
#include "runner.h"
#include "scenario.h"

#include <errno.h>
#include <fnmatch.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The cases that the user asked for. */
struct selection {
  const struct sim_case **cases;
  size_t count;
};

static bool selects(const char *filter, const char *id) {
  if (!filter) return true;
  if (strpbrk(filter, "*?[")) return fnmatch(filter, id, 0) == 0;
  return strstr(id, filter) != NULL;
}

static bool select_cases(const struct sim_suite *suite, const char *filter,
                         struct selection *selection) {
  const struct sim_case *const *all;
  size_t count = sim_suite_cases(suite, &all);
  selection->count = 0;
  selection->cases = calloc(count + 1, sizeof *selection->cases);
  if (!selection->cases) return false;
  for (size_t i = 0; i < count; i++)
    if (selects(filter, all[i]->id)) selection->cases[selection->count++] = all[i];
  return true;
}

static size_t say_mistakes(const struct sim_suite *suite) {
  const struct sim_mistake *mistakes;
  size_t count = sim_suite_mistakes(suite, &mistakes);
  for (size_t i = 0; i < count; i++)
    fprintf(stderr, "%s:%d:%d: error: %s\n", mistakes[i].place.file, mistakes[i].place.line,
            mistakes[i].place.column, mistakes[i].text);
  return count;
}

/* The project's catalogue: below the working directory, else beside the program's own build/. */
static bool find_rules(const struct sim_options *options, char *path, size_t size) {
  static const char below[] = "scenarios/rules.json";
  int length = snprintf(path, size, "%s", options->rules ? options->rules : below);
  if (length < 0 || (size_t)length >= size) return false;
  if (options->rules || access(path, R_OK) == 0) return true;
  ssize_t linked = readlink("/proc/self/exe", path, size - 1);
  if (linked < 0) return false;
  path[linked] = '\0';
  for (int up = 0; up < 2; up++) {
    char *slash = strrchr(path, '/');
    if (!slash) return false;
    *slash = '\0';
  }
  length = snprintf(path + strlen(path), size - strlen(path), "/%s", below);
  return length > 0 && access(path, R_OK) == 0;
}

static struct sim_suite *read_suite(const struct sim_options *options) {
  static char rules[4096]; /* the suite's places point to it */
  if (!find_rules(options, rules, sizeof rules)) {
    fprintf(stderr, "reloadsim: scenarios/rules.json is not to be found; run reloadsim in the "
                    "project's folder, or say --rules FILE\n");
    return NULL;
  }
  struct sim_suite *suite = sim_suite_new(rules);
  if (!suite) fprintf(stderr, "reloadsim: out of memory\n");
  else if (options->path_count == 0) sim_suite_read(suite, "scenarios");
  for (int i = 0; suite && i < options->path_count; i++) sim_suite_read(suite, options->paths[i]);
  return suite;
}

/* ---- list and check ---- */

static void list_cases(const struct selection *selection) {
  for (size_t i = 0; i < selection->count; i++) {
    const struct sim_case *the_case = selection->cases[i];
    printf("%s\t%s:%d\t", the_case->id, the_case->place.file, the_case->place.line);
    for (int r = 0; r < the_case->rule_count; r++)
      printf("%s%s", r ? "," : "", the_case->rules[r]);
    putchar('\n');
  }
}

static int check(const struct sim_options *options) {
  struct sim_suite *suite = read_suite(options);
  if (!suite) return SIM_EXIT_INTERNAL;
  const struct sim_case *const *cases;
  size_t case_count = sim_suite_cases(suite, &cases), mistakes = say_mistakes(suite);
  if (mistakes == 0) printf("%zu case%s, no mistakes\n", case_count, case_count == 1 ? "" : "s");
  sim_suite_free(suite);
  return mistakes ? SIM_EXIT_INVALID : SIM_EXIT_PASSED;
}

/* ---- run.json ---- */

static json_t *rules_json(const struct sim_suite *suite) {
  const struct sim_rule *rules;
  size_t count = sim_suite_rules(suite, &rules);
  json_t *array = json_array();
  for (size_t i = 0; i < count; i++)
    json_array_append_new(array, json_pack("{s:s, s:s, s:s, s:s}", "id", rules[i].id, "group",
                                           rules[i].group, "source", rules[i].source, "text",
                                           rules[i].text));
  return array;
}

static json_t *mistakes_json(const struct sim_suite *suite) {
  const struct sim_mistake *mistakes;
  size_t count = sim_suite_mistakes(suite, &mistakes);
  json_t *array = json_array();
  for (size_t i = 0; i < count; i++)
    json_array_append_new(
        array, json_pack("{s:s, s:i, s:i, s:s}", "file", mistakes[i].place.file, "line",
                         mistakes[i].place.line, "column", mistakes[i].place.column, "text",
                         mistakes[i].text));
  return array;
}

static json_t *options_json(const struct sim_options *options) {
  char seed[24];
  json_t *paths = json_array();
  for (int i = 0; i < options->path_count; i++)
    json_array_append_new(paths, json_string(options->paths[i]));
  if (options->path_count == 0) json_array_append_new(paths, json_string("scenarios"));
  int size = snprintf(seed, sizeof seed, "0x%llx", (unsigned long long)options->seed);
  return json_pack("{s:o, s:s?, s:s, s:I}", "paths", paths, "filter", options->filter, "seed",
                   size < 0 ? "" : seed, "max_states", (json_int_t)options->max_states);
}

static void count_case(json_t *totals, const char *key, json_int_t more) {
  json_t *old = json_object_get(totals, key);
  json_object_set_new(totals, key, json_integer(json_integer_value(old) + more));
}

static json_t *totals_json(const struct selection *selection,
                           const struct sim_outcome_of_case *outcomes) {
  static const char *const verdicts[] = {"passed", "failed", "not_exhausted", "failed",
                                         "not_exhausted", "failed"};
  json_t *totals = json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i}", "cases", 0, "passed", 0,
                             "failed", 0, "not_exhausted", 0, "states", 0, "transitions", 0,
                             "endings", 0);
  for (size_t i = 0; i < selection->count; i++) {
    const json_t *result = outcomes[i].result;
    if (!result) continue;
    count_case(totals, "cases", 1);
    count_case(totals, verdicts[outcomes[i].verdict], 1);
    count_case(totals, "states", json_integer_value(json_object_get(result, "states")));
    count_case(totals, "transitions", json_integer_value(json_object_get(result, "transitions")));
    count_case(totals, "endings", (json_int_t)json_array_size(json_object_get(result, "endings")));
  }
  return totals;
}

static json_t *run_json(const struct sim_suite *suite, const struct sim_options *options,
                        const struct selection *selection,
                        const struct sim_outcome_of_case *outcomes) {
  json_t *cases = json_array();
  for (size_t i = 0; i < selection->count; i++)
    if (outcomes[i].result) json_array_append(cases, outcomes[i].result);
  return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "format", "reloadsim-run-1", "version",
                   RELOAD_VERSION, "options", options_json(options), "rules", rules_json(suite),
                   "mistakes", mistakes_json(suite), "totals", totals_json(selection, outcomes),
                   "cases", cases);
}

/* Written whole beside its place, then renamed: a reader never sees half a file. */
static bool write_run(const json_t *run, const char *directory) {
  char path[4096], temporary[4096];
  int size = snprintf(path, sizeof path, "%s/run.json", directory);
  if (size < 0 || (size_t)size >= sizeof path) return false;
  size = snprintf(temporary, sizeof temporary, "%s/run.json.new", directory);
  if (size < 0 || (size_t)size >= sizeof temporary) return false;
  FILE *file = fopen(temporary, "w");
  bool written = file && json_dumpf(run, file, JSON_INDENT(1)) == 0 && fputc('\n', file) != EOF &&
                 fflush(file) == 0 && fsync(fileno(file)) == 0;
  int error = errno;
  if (file && fclose(file) != 0) written = false;
  if (written && rename(temporary, path) == 0) return true;
  fprintf(stderr, "reloadsim: %s cannot be written: %s\n", path,
          strerror(error ? error : errno));
  remove(temporary);
  return false;
}

static bool make_directories(const char *path) {
  char part[4096];
  int size = snprintf(part, sizeof part, "%s", path);
  if (size < 0 || (size_t)size >= sizeof part) return false;
  for (char *at = part + 1; *at; at++) {
    if (*at != '/') continue;
    *at = '\0';
    if (mkdir(part, 0777) != 0 && errno != EEXIST) return false;
    *at = '/';
  }
  return mkdir(part, 0777) == 0 || errno == EEXIST;
}

/* ---- run ---- */

static bool wants_colour(void) {
  const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
  return isatty(STDOUT_FILENO) && !(no_color && no_color[0]) && !(term && strcmp(term, "dumb") == 0);
}

static bool show(const char *directory, const struct sim_options *options) {
  static const enum report_format formats[] = {REPORT_TEXT, REPORT_JUNIT, REPORT_TAP, REPORT_JSON};
  return report_terminal(directory, formats[options->format], stdout, wants_colour(), stderr) == 0;
}

static bool report(const json_t *run, const struct sim_options *options) {
  char temporary[] = "/tmp/reloadsim-XXXXXX", path[64];
  if (options->report) {
    if (!make_directories(options->report)) {
      fprintf(stderr, "reloadsim: the report directory %s cannot be made: %s\n", options->report,
              strerror(errno));
      return false;
    }
    return write_run(run, options->report) && report_write_all(options->report, stderr) == 0 &&
           show(options->report, options);
  }
  if (!mkdtemp(temporary)) {
    fprintf(stderr, "reloadsim: no directory for temporary files: %s\n", strerror(errno));
    return false;
  }
  bool shown = write_run(run, temporary) && show(temporary, options);
  snprintf(path, sizeof path, "%s/run.json", temporary);
  remove(path);
  rmdir(temporary);
  return shown;
}

static int exit_code(const struct selection *selection, const struct sim_outcome_of_case *outcomes,
                     size_t mistakes) {
  bool failed = false, nondeterministic = false, died = false;
  for (size_t i = 0; i < selection->count; i++) {
    died = died || outcomes[i].died;
    nondeterministic = nondeterministic || outcomes[i].verdict == SIM_NONDETERMINISTIC;
    failed = failed || outcomes[i].verdict != SIM_PASSED;
    if (outcomes[i].died)
      fprintf(stderr, "reloadsim: internal error in case %s; please report it\n",
              selection->cases[i]->id);
  }
  if (died) return SIM_EXIT_INTERNAL;
  if (sim_run_interrupted()) return SIM_EXIT_INTERRUPTED;
  if (nondeterministic) return SIM_EXIT_NONDETERMINISTIC;
  if (mistakes) return SIM_EXIT_INVALID;
  if (failed) return SIM_EXIT_FAILED;
  return selection->count ? SIM_EXIT_PASSED : SIM_EXIT_NOTHING;
}

static int run_selection(const struct sim_suite *suite, const struct sim_options *options,
                         const struct selection *selection, size_t mistakes) {
  struct sim_outcome_of_case *outcomes = calloc(selection->count + 1, sizeof *outcomes);
  int code = SIM_EXIT_INTERNAL;
  if (outcomes && (selection->count == 0 ||
                   sim_run_cases(selection->cases, selection->count, options, outcomes))) {
    json_t *run = run_json(suite, options, selection, outcomes);
    bool reported = run && report(run, options);
    json_decref(run);
    code = exit_code(selection, outcomes, mistakes);
    if (!reported) code = SIM_EXIT_INTERNAL;
  } else fprintf(stderr, "reloadsim: no memory or no processes to be had\n");
  for (size_t i = 0; outcomes && i < selection->count; i++) json_decref(outcomes[i].result);
  free(outcomes);
  return code;
}

static int run(const struct sim_options *options) {
  struct selection selection = {.cases = NULL};
  struct sim_suite *suite = read_suite(options);
  if (!suite) return SIM_EXIT_INTERNAL;
  int code = SIM_EXIT_INTERNAL;
  size_t mistakes = say_mistakes(suite);
  if (select_cases(suite, options->filter, &selection)) {
    if (options->list) {
      list_cases(&selection);
      code = mistakes ? SIM_EXIT_INVALID : selection.count ? SIM_EXIT_PASSED : SIM_EXIT_NOTHING;
    } else {
      if (selection.count == 0 && mistakes == 0)
        fprintf(stderr, "reloadsim: no case was selected; reloadsim run --list shows them all\n");
      code = run_selection(suite, options, &selection, mistakes);
    }
  }
  free(selection.cases);
  sim_suite_free(suite);
  return code;
}

int main(int argc, char **argv) {
  struct sim_options options;
  json_object_seed(1); /* no hash order shows in any result, but let the runs be alike inside, too */
  if (!sim_options_read(argc, argv, &options)) return SIM_EXIT_USAGE;
  int code = SIM_EXIT_PASSED;
  switch (options.command) {
  case SIM_COMMAND_HELP: sim_options_help(options.topic); break;
  case SIM_COMMAND_VERSION: printf("reloadsim %s\n", RELOAD_VERSION); break;
  case SIM_COMMAND_CHECK: code = check(&options); break;
  case SIM_COMMAND_RUN:
    if (sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) != SQLITE_OK ||
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK) {
      fprintf(stderr, "reloadsim: SQLite cannot be configured\n");
      return SIM_EXIT_INTERNAL;
    }
    code = run(&options);
    break;
  }
  if (fflush(stdout) != 0 && code == SIM_EXIT_PASSED) code = SIM_EXIT_INTERNAL;
  return code;
}
