/* reloadsim: the composition root. Reads the command line, runs the suite, has it reported. */
#include "cases.h"
#include "certify.h"
#include "debug.h"
#include "disk.h"
#include "fuzz.h"
#include "memory.h"
#include "named.h"
#include "options.h"
#include "output.h"
#include "reload.h"
#include "trace_file.h"
#include "regressions.h"
#include "report.h"
#include "journal.h"
#include "run_json.h"
#include "scenario.h"
#include "trace_folder.h"

#include <errno.h>
#include <fnmatch.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool selects(const char *filter, const char *id) {
  if (!filter) return true;
  if (strpbrk(filter, "*?[")) return fnmatch(filter, id, 0) == 0;
  return strstr(id, filter) != NULL;
}

/* Every shard_count-th case is of a shard, so that shards are about equally long. */
static bool select_cases(const struct sim_suite *suite, const struct sim_named *named,
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

static size_t say_mistakes(const struct sim_suite *suite) {
  const struct sim_mistake *mistakes;
  size_t count = sim_suite_mistakes(suite, &mistakes);
  for (size_t i = 0; i < count; i++)
    fprintf(stderr, "%s:%d:%d: error: %s\n", mistakes[i].place.file, mistakes[i].place.line,
            mistakes[i].place.column, mistakes[i].text);
  return count;
}

static const char catalogue[] = SIM_SUITE_FOLDER "/rules.json";

/* The catalogue of the checkout that this program was built in: in a folder above the program. */
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

static bool find_rules(const struct sim_options *options, char *path, size_t size) {
  int length = snprintf(path, size, "%s", options->rules ? options->rules : catalogue);
  if (length < 0 || (size_t)length >= size) return false;
  return options->rules || access(path, R_OK) == 0 || find_rules_above(path, size);
}

static int say_no_rules(const struct sim_options *options) {
  fprintf(stderr,
          "reloadsim: there is no rule catalogue (%s); run reloadsim in the project's "
          "folder, or say --rules FILE\n",
          options->rules ? options->rules : catalogue);
  return SIM_EXIT_USAGE;
}

/* A suite of nothing but the rules. Null after saying why; *code is then the exit code. */
static struct sim_suite *open_suite(const struct sim_options *options, int *code) {
  static char rules[4096]; /* the suite's places point to it */
  if (!find_rules(options, rules, sizeof rules)) {
    *code = say_no_rules(options);
    return NULL;
  }
  *code = SIM_EXIT_INTERNAL;
  struct sim_suite *suite = sim_suite_new(rules);
  if (!suite) fprintf(stderr, "reloadsim: out of memory\n");
  return suite;
}

/* With what the command line names. As open_suite(). */
static struct sim_suite *read_suite(const struct sim_options *options, struct sim_named *named,
                                    int *code) {
  struct sim_suite *suite = open_suite(options, code);
  if (!suite || sim_named_read(named, suite, options->paths, options->path_count)) return suite;
  fprintf(stderr, "reloadsim: out of memory\n");
  sim_suite_free(suite);
  return NULL;
}

/* ---- list and check ---- */

static int list_cases(const struct sim_selection *selection, size_t mistakes) {
  for (size_t i = 0; i < selection->count; i++) {
    const struct sim_case *the_case = selection->cases[i];
    printf("%s\t%s:%d\t", the_case->id, the_case->place.file, the_case->place.line);
    for (int r = 0; r < the_case->rule_count; r++) printf("%s%s", r ? "," : "", the_case->rules[r]);
    putchar('\n');
  }
  if (mistakes) return SIM_EXIT_INVALID;
  return selection->count ? SIM_EXIT_PASSED : SIM_EXIT_NOTHING;
}

static int check(const struct sim_options *options) {
  int code;
  struct sim_named named = {.rows = NULL};
  struct sim_suite *suite = read_suite(options, &named, &code);
  sim_named_free(&named);
  if (!suite) return code;
  const struct sim_case *const *cases;
  size_t case_count = sim_suite_cases(suite, &cases), mistakes = say_mistakes(suite);
  if (mistakes == 0) printf("%zu case%s, no mistakes\n", case_count, case_count == 1 ? "" : "s");
  sim_suite_free(suite);
  return mistakes ? SIM_EXIT_INVALID : SIM_EXIT_PASSED;
}

/* ---- Reports ---- */

static bool wants_colour(void) {
  const char *no_color = getenv("NO_COLOR");
  return sim_is_terminal(STDOUT_FILENO) && !(no_color && no_color[0]);
}

/* Made and tried before the run: hours of work must not end with a mistyped directory. */
static bool prepare_report(const char *directory) {
  int error = sim_output_directory(directory);
  if (!error && access(directory, W_OK | X_OK) != 0) error = errno;
  if (error)
    fprintf(stderr, "reloadsim: cannot write reports into %s: %s\n", directory, strerror(error));
  return !error;
}

/* The report as text, to be freed; null after saying why there is none. */
static char *render(const json_t *run, const struct sim_options *options, const char *directory) {
  char *text = NULL;
  size_t size = 0;
  FILE *memory = open_memstream(&text, &size);
  if (!memory) {
    fprintf(stderr, "reloadsim: out of memory\n");
    return NULL;
  }
  bool done = report_terminal(run, directory, options->format, memory, wants_colour(), stderr) == 0;
  if (fclose(memory) == 0 && done) return text;
  free(text);
  return NULL;
}

/* All that a report directory holds. */
static bool write_report(const json_t *run, const struct sim_suite *suite,
                         const struct sim_options *options, bool *stopped) {
  if (report_write_run(run, options->report, stderr) != 0) {
    fprintf(stderr, "reloadsim: %s does not show this run\n", options->report);
    return false;
  }
  return sim_traces_write(run, options->report) >= 0 && sim_certify_report(run, options) &&
         sim_regressions_write(run, suite, options, stopped);
}

/* Everything on the disk is done before the first byte is shown: who reads may go away.
 * Out: *stopped  not all was minimised that should have been, as an interrupt came */
static bool report(const json_t *run, const struct sim_suite *suite,
                   const struct sim_options *options, bool *stopped) {
  *stopped = false;
  if (options->report && !write_report(run, suite, options, stopped)) return false;
  char *text = render(run, options, options->report);
  if (text) fputs(text, stdout);
  free(text);
  return text != NULL;
}

/* Returns: the exit code */
static int report_run(const json_t *run, const struct sim_options *options) {
  const char *directory = options->paths[0];
  char *text = render(run, options, directory);
  int code = text ? SIM_EXIT_PASSED : SIM_EXIT_INVALID; /* it is no run */
  if (text && report_write_all(run, directory, stderr) != 0) code = SIM_EXIT_INTERNAL;
  if (code == SIM_EXIT_PASSED) fputs(text, stdout);
  free(text);
  return code;
}

/* The reports of a run directory again, from its run.json. */
static int report_again(const struct sim_options *options) {
  json_t *run = report_load(options->paths[0], stderr);
  int code = run ? report_run(run, options) : SIM_EXIT_INVALID;
  json_decref(run);
  return code;
}

/* ---- run ---- */

static void say_unselected(const char *filter) {
  fprintf(stderr, "reloadsim: no case was selected");
  if (filter && strpbrk(filter, "*?["))
    fprintf(stderr, ": \"%s\" has to match a whole id, as \"races/*\" does", filter);
  else if (filter)
    fprintf(stderr, ": no id contains \"%s\"", filter);
  fprintf(stderr, "; reloadsim run --list shows the ids\n");
}

/* What kept cases from being run, or being run well. */
static void say_incidents(const struct sim_selection *selection,
                          const struct sim_outcome_of_case *outcomes,
                          const struct sim_options *options) {
  size_t whole = 0, begun = 0;
  for (size_t i = 0; i < selection->count; i++) {
    const struct sim_outcome_of_case *outcome = &outcomes[i];
    begun += outcome->result != NULL;
    whole += json_is_true(json_object_get(outcome->result, "exhausted"));
    if (outcome->died)
      fprintf(stderr, "reloadsim: internal error in case %s; please report it\n",
              selection->cases[i]->id);
    if (outcome->verdict == SIM_NONDETERMINISTIC)
      fprintf(stderr, "reloadsim: case %s went differently the second time\n",
              selection->cases[i]->id);
  }
  if (sim_run_interrupted())
    fprintf(stderr, "reloadsim: interrupted; %zu of %zu cases had been explored to the end%s\n",
            whole, selection->count, options->report ? "; --resume goes on with the others" : "");
  else if (options->fail_fast && begun < selection->count)
    fprintf(stderr,
            "reloadsim: --fail-fast: %s did not pass; cases after it that are not shown: %zu\n",
            selection->cases[begun - 1]->id, selection->count - begun);
}

static int exit_code(const struct sim_selection *selection,
                     const struct sim_outcome_of_case *outcomes, size_t mistakes) {
  bool failed = false, nondeterministic = false, died = false;
  for (size_t i = 0; i < selection->count; i++) {
    died = died || outcomes[i].died;
    nondeterministic = nondeterministic || outcomes[i].verdict == SIM_NONDETERMINISTIC;
    failed = failed || outcomes[i].verdict != SIM_PASSED;
  }
  if (died) return SIM_EXIT_INTERNAL;
  if (sim_run_interrupted()) return SIM_EXIT_INTERRUPTED;
  if (nondeterministic) return SIM_EXIT_NONDETERMINISTIC;
  if (mistakes) return SIM_EXIT_INVALID;
  if (failed) return SIM_EXIT_FAILED;
  return selection->count ? SIM_EXIT_PASSED : SIM_EXIT_NOTHING;
}

/* What becomes of a run: reports, a certificate, or the answer whether one holds. */
static int tell(const json_t *run, const struct sim_suite *suite, const struct sim_options *options,
                const struct sim_certificate *certificate, int code) {
  bool stopped;
  if (certificate) return sim_certify_compare(certificate, run, options, code);
  if (options->command == SIM_COMMAND_CERTIFY)
    return sim_certify(run, options, options->output, code);
  if (!report(run, suite, options, &stopped)) return SIM_EXIT_INTERNAL;
  return stopped && code != SIM_EXIT_INTERNAL ? SIM_EXIT_INTERRUPTED : code;
}

/* The journal of a run with reports, with what an interrupted run has found.
 * Returns: false after saying why there is none; *code is then the exit code */
static bool open_journal(const struct sim_options *options, const struct sim_selection *selection,
                         struct sim_outcome_of_case *outcomes, struct sim_journal **journal,
                         int *code) {
  size_t known = 0;
  bool foreign = false;
  *journal = NULL;
  if (options->report && selection->count > 0) {
    *journal = sim_journal_open(options, options->resume, selection->cases, selection->count,
                                outcomes, &known, &foreign);
    *code = foreign ? SIM_EXIT_INVALID : SIM_EXIT_INTERNAL;
    if (!*journal) return false;
  }
  if (options->resume)
    fprintf(stderr, "reloadsim: going on: %zu of %zu cases are known\n", known, selection->count);
  return true;
}

/* Run what is not known yet, and keep what is found in the journal. */
static bool run_cases(const struct sim_options *options, const struct sim_selection *selection,
                      struct sim_journal *journal, struct sim_outcome_of_case *outcomes) {
  struct sim_watcher watcher = {.self = journal, .done = journal ? sim_journal_add : NULL};
  bool run = selection->count == 0 ||
             sim_run_cases(selection->cases, selection->count, options, &watcher, outcomes);
  if (!run) fprintf(stderr, "reloadsim: no memory or no processes to be had\n");
  sim_run_end();
  return run;
}

/* Run, and tell what came of it. The journal stays until everything is told. */
static int run_and_tell(const struct sim_suite *suite, const struct sim_options *options,
                        const struct sim_selection *selection,
                        const struct sim_certificate *certificate, size_t mistakes,
                        struct sim_outcome_of_case *outcomes) {
  struct sim_journal *journal;
  int code = SIM_EXIT_INTERNAL;
  bool is_over = false;
  if (!open_journal(options, selection, outcomes, &journal, &code)) return code;
  if (run_cases(options, selection, journal, outcomes)) {
    json_t *run = sim_run_json(suite, options, selection, outcomes);
    int done = exit_code(selection, outcomes, mistakes);
    if (run) code = tell(run, suite, options, certificate, done);
    if (!run) fprintf(stderr, "reloadsim: out of memory\n");
    is_over = !sim_run_interrupted() && code != SIM_EXIT_INTERRUPTED;
    json_decref(run);
    say_incidents(selection, outcomes, options);
  }
  sim_journal_close(journal, is_over);
  return code;
}

static int run_selection(const struct sim_suite *suite, const struct sim_options *options,
                         const struct sim_selection *selection,
                         const struct sim_certificate *certificate, size_t mistakes) {
  struct sim_outcome_of_case *outcomes = calloc(selection->count + 1, sizeof *outcomes);
  int code = SIM_EXIT_INTERNAL;
  if (outcomes)
    code = run_and_tell(suite, options, selection, certificate, mistakes, outcomes);
  else
    fprintf(stderr, "reloadsim: out of memory\n");
  for (size_t i = 0; outcomes && i < selection->count; i++) json_decref(outcomes[i].result);
  free(outcomes);
  return code;
}

/* A certificate covers all or nothing, and is checked against its own scenarios only. */
static bool may_run(const struct sim_options *options, const struct sim_selection *selection,
                    const struct sim_certificate *certificate, size_t mistakes) {
  if (options->command != SIM_COMMAND_CERTIFY) return true;
  if (mistakes == 0 && (!certificate || sim_certificate_fit(certificate, selection, stderr) == 0))
    return true;
  fprintf(stderr, "reloadsim: nothing was run: %s\n",
          mistakes ? "scenario files have mistakes" : "the certificate is of something else");
  return false;
}

static int run_suite(const struct sim_options *options, const struct sim_certificate *certificate) {
  struct sim_selection selection = {.cases = NULL};
  struct sim_named named = {.rows = NULL};
  int code;
  if (options->report && !options->list && !prepare_report(options->report))
    return SIM_EXIT_INTERNAL;
  struct sim_suite *suite = read_suite(options, &named, &code);
  if (!suite) return code;
  size_t mistakes = say_mistakes(suite);
  if (!select_cases(suite, &named, options, &selection)) {
    fprintf(stderr, "reloadsim: out of memory\n");
  } else {
    if (selection.count == 0 && (mistakes == 0 || options->filter)) say_unselected(options->filter);
    code = SIM_EXIT_INVALID;
    if (options->list)
      code = list_cases(&selection, mistakes);
    else if (may_run(options, &selection, certificate, mistakes))
      code = run_selection(suite, options, &selection, certificate, mistakes);
  }
  free(selection.cases);
  sim_named_free(&named);
  sim_suite_free(suite);
  return code;
}

/* ---- certify ---- */

static int certify(const struct sim_options *options) {
  struct sim_options again = *options;
  if (!options->check) return run_suite(options, NULL);
  struct sim_certificate *certificate = sim_certificate_read(options->check, stderr);
  if (!certificate) return SIM_EXIT_INVALID;
  sim_certificate_options(certificate, &again);
  int code = run_suite(&again, certificate);
  sim_certificate_free(certificate);
  return code;
}

/* ---- fuzz ---- */

static int fuzz(const struct sim_options *options) {
  char rules[4096];
  if (options->report && !prepare_report(options->report)) return SIM_EXIT_INTERNAL;
  if (find_rules(options, rules, sizeof rules)) return sim_fuzz(options, rules);
  return say_no_rules(options);
}

/* ---- replay ---- */

/* A regression lies beside its trace, wherever they are: its only case.
 * Returns: null if there is none */
static const struct sim_case *find_beside(struct sim_suite *suite, const char *trace,
                                          const char *file) {
  const struct sim_case *const *cases;
  char path[4096];
  const char *slash = strrchr(trace, '/'), *name = strrchr(file, '/');
  int folder = slash ? (int)(slash - trace) + 1 : 0;
  int size = snprintf(path, sizeof path, "%.*s%s", folder, trace, name ? name + 1 : file);
  if (size <= 0 || (size_t)size >= sizeof path || access(file, R_OK) == 0 ||
      access(path, R_OK) != 0)
    return NULL;
  return sim_suite_read(suite, path) && sim_suite_cases(suite, &cases) == 1 ? cases[0] : NULL;
}

static int replay_in(struct sim_suite *suite, const struct sim_options *options,
                     const struct sim_trace *recording) {
  const struct sim_case *the_case = find_beside(suite, options->paths[0], recording->file);
  if (!the_case) {
    sim_suite_read(suite, recording->file);
    if (say_mistakes(suite) > 0) return SIM_EXIT_INVALID;
    the_case = sim_suite_find(suite, recording->case_id);
  }
  if (the_case)
    return sim_replay(recording, the_case, options->stop_at, options->anyway, stdout, stderr);
  fprintf(stderr, "reloadsim: %s has no case %s any more\n", recording->file, recording->case_id);
  return SIM_EXIT_INVALID;
}

static int replay_trace(const struct sim_options *options, const struct sim_trace *recording) {
  int code = SIM_EXIT_INVALID;
  if (options->stop_at > recording->line_count) {
    fprintf(stderr, "reloadsim: the trace has %d steps; --at %d is beyond its end\n",
            recording->line_count, options->stop_at);
    return SIM_EXIT_USAGE;
  }
  if (options->gdb)
    return sim_debug(options, options->stop_at ? options->stop_at : recording->line_count);
  struct sim_suite *suite = open_suite(options, &code);
  if (suite) code = replay_in(suite, options, recording);
  sim_suite_free(suite);
  return code;
}

static int replay(const struct sim_options *options) {
  struct sim_trace *recording = sim_trace_read(options->paths[0], options->anyway, stderr);
  int code = recording ? replay_trace(options, recording) : SIM_EXIT_INVALID;
  sim_trace_free(recording);
  return code;
}

static bool configure_sqlite(void) {
  struct reload_message message;
  if (reload_sqlite_check(&message) !=
      RELOAD_OK) { /* else it would be taken for failures of the engine */
    fprintf(stderr, "reloadsim: %s\n", message.text);
    return false;
  }
  if (sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) == SQLITE_OK &&
      sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK && fake_memory_install())
    return true;
  fprintf(stderr, "reloadsim: SQLite cannot be configured\n");
  return false;
}

/* Nobody may take half an answer for a whole one. */
static int end_output(int code) {
  errno = 0;
  if (fflush(stdout) == 0 && !ferror(stdout)) return code;
  fprintf(stderr, "reloadsim: cannot write to standard output: %s\n",
          strerror(errno ? errno : EIO));
  return SIM_EXIT_INTERNAL;
}

int main(int argc, char **argv) {
  struct sim_options options;
  int code = SIM_EXIT_PASSED;
  (void)signal(SIGXFSZ, SIG_IGN); /* a limit of file sizes is an error then, like a full disk */
  json_object_seed(1); /* results show no hash order, but let runs be alike inside, too */
  if (!sim_options_read(argc, argv, &options)) return SIM_EXIT_USAGE;
  switch (options.command) {
    case SIM_COMMAND_HELP: sim_options_help(options.topic); break;
    case SIM_COMMAND_VERSION: printf("reloadsim %s\n", RELOAD_VERSION); break;
    case SIM_COMMAND_CHECK: code = check(&options); break;
    case SIM_COMMAND_CERTIFY:
      code = configure_sqlite() ? certify(&options) : SIM_EXIT_INTERNAL;
      break;
    case SIM_COMMAND_REPORT: code = report_again(&options); break;
    case SIM_COMMAND_FUZZ: code = configure_sqlite() ? fuzz(&options) : SIM_EXIT_INTERNAL; break;
    case SIM_COMMAND_REPLAY:
      code = configure_sqlite() ? replay(&options) : SIM_EXIT_INTERNAL;
      break;
    case SIM_COMMAND_RUN:
      code = configure_sqlite() ? run_suite(&options, NULL) : SIM_EXIT_INTERNAL;
      break;
  }
  return end_output(code);
}
