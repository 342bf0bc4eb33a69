/* reloadsim: reads the command line and runs its command. The only file that connects the simulator
 * with the reports. */
#include "cases.h"
#include "certify.h"
#include "disk.h"
#include "fuzz.h"
#include "memory.h"
#include "options.h"
#include "output.h"
#include "reload.h"
#include "regressions.h"
#include "report.h"
#include "journal.h"
#include "run_json.h"
#include "replay_file.h"
#include "selection.h"
#include "scenario.h"
#include "trace_folder.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Reports ---- */

static bool wants_colour(void) {
  const char *no_color = getenv("NO_COLOR");
  return sim_is_terminal(STDOUT_FILENO) && !(no_color && no_color[0]);
}

/* Make and check the directory before the run: a mistyped name must not cost hours of work. */
static bool prepare_report(const char *directory) {
  int error = sim_output_directory(directory);
  if (!error && access(directory, W_OK | X_OK) != 0) error = errno;
  if (error)
    fprintf(stderr, "reloadsim: cannot write reports into %s: %s\n", directory, strerror(error));
  return !error;
}

/* The report as text, to be freed by the caller; null after writing to standard error why. */
static char *render_report(const json_t *run, const struct sim_options *options,
                           const char *directory) {
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

/* Everything in a report directory. */
static bool write_report(const json_t *run, const struct sim_suite *suite,
                         const struct sim_options *options, bool *stopped) {
  if (report_write_run(run, options->report, stderr) != 0) {
    fprintf(stderr, "reloadsim: %s does not show this run\n", options->report);
    return false;
  }
  return sim_traces_write(run, options->report) >= 0 && sim_certify_report(run, options) &&
         sim_regressions_write(run, suite, options, stopped);
}

/* The files are written before the first byte of output, whose reader may go away.
 * Out: *stopped  an interrupt came before all failures were minimised */
static bool show_report(const json_t *run, const struct sim_suite *suite,
                        const struct sim_options *options, bool *stopped) {
  *stopped = false;
  if (options->report && !write_report(run, suite, options, stopped)) return false;
  char *text = render_report(run, options, options->report);
  if (text) fputs(text, stdout);
  free(text);
  return text != NULL;
}

/* Returns: the exit code */
static int report_run(const json_t *run, const struct sim_options *options) {
  const char *directory = options->paths[0];
  char *text = render_report(run, options, directory);
  int code = text ? SIM_EXIT_PASSED : SIM_EXIT_INVALID; /* it is not a run */
  if (text && report_write_all(run, directory, stderr) != 0) code = SIM_EXIT_INTERNAL;
  if (code == SIM_EXIT_PASSED) fputs(text, stdout);
  free(text);
  return code;
}

/* Write the reports of a run directory again, from its run.json. */
static int report_again(const struct sim_options *options) {
  json_t *run = report_load(options->paths[0], stderr);
  int code = run ? report_run(run, options) : SIM_EXIT_INVALID;
  json_decref(run);
  return code;
}

/* ---- run ---- */

static void print_unselected(const char *filter) {
  fprintf(stderr, "reloadsim: no case was selected");
  if (filter && strpbrk(filter, "*?["))
    fprintf(stderr, ": the pattern \"%s\" must match a whole id, as \"races/*\" does", filter);
  else if (filter)
    fprintf(stderr, ": no id contains \"%s\"", filter);
  fprintf(stderr, "; reloadsim run --list shows the ids\n");
}

/* Report which cases were not run, or not as they should. */
static void print_incidents(const struct sim_selection *selection,
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
      fprintf(stderr, "reloadsim: case %s was different when it was run again\n",
              selection->cases[i]->id);
  }
  if (sim_run_interrupted())
    fprintf(stderr, "reloadsim: interrupted; %zu of %zu cases were explored to the end%s\n", whole,
            selection->count, options->report ? "; --resume runs the others" : "");
  else if (options->fail_fast && begun < selection->count)
    fprintf(stderr, "reloadsim: --fail-fast: %s did not pass; %zu later cases are not shown\n",
            selection->cases[begun - 1]->id, selection->count - begun);
}

static int run_exit_code(const struct sim_selection *selection,
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

/* Write the result of a run: reports, a certificate, or whether a certificate holds. */
static int write_result(const json_t *run, const struct sim_suite *suite,
                        const struct sim_options *options,
                        const struct sim_certificate *certificate, int code) {
  bool stopped;
  if (certificate) return sim_certify_compare(certificate, run, options, code);
  if (options->command == SIM_COMMAND_CERTIFY) return sim_certify(run, options, code);
  if (!show_report(run, suite, options, &stopped)) return SIM_EXIT_INTERNAL;
  return stopped && code != SIM_EXIT_INTERNAL ? SIM_EXIT_INTERRUPTED : code;
}

/* Open the journal of a run with reports, with the results of an interrupted run.
 * Returns: false after writing to standard error why there is none; *code is then the exit code */
static bool open_journal(const struct sim_options *options, const struct sim_selection *selection,
                         struct sim_outcome_of_case *outcomes, struct sim_journal **journal,
                         int *code) {
  size_t known = 0;
  bool foreign = false;
  *journal = NULL;
  if (options->report && selection->count > 0) {
    *journal =
        sim_journal_open(options, selection->cases, selection->count, outcomes, &known, &foreign);
    *code = foreign ? SIM_EXIT_INVALID : SIM_EXIT_INTERNAL;
    if (!*journal) return false;
  }
  if (options->resume)
    fprintf(stderr, "reloadsim: resuming: %zu of %zu cases are done\n", known, selection->count);
  return true;
}

/* Run the cases without a result, and keep the results in the journal. */
static bool run_cases(const struct sim_options *options, const struct sim_selection *selection,
                      struct sim_journal *journal, struct sim_outcome_of_case *outcomes) {
  struct sim_watcher watcher = {.self = journal, .done = journal ? sim_journal_add : NULL};
  bool run = selection->count == 0 ||
             sim_run_cases(selection->cases, selection->count, options, &watcher, outcomes);
  if (!run) fprintf(stderr, "reloadsim: cannot start processes, or out of memory\n");
  sim_run_end();
  return run;
}

/* Run the cases and write the results. The journal stays until everything is written. */
static int run_and_write(const struct sim_suite *suite, const struct sim_options *options,
                         const struct sim_selection *selection,
                         const struct sim_certificate *certificate, size_t mistakes,
                         struct sim_outcome_of_case *outcomes) {
  struct sim_journal *journal;
  int code = SIM_EXIT_INTERNAL;
  bool is_over = false;
  if (!open_journal(options, selection, outcomes, &journal, &code)) return code;
  if (run_cases(options, selection, journal, outcomes)) {
    json_t *run = sim_run_json(suite, options, selection, outcomes);
    int done = run_exit_code(selection, outcomes, mistakes);
    if (run) code = write_result(run, suite, options, certificate, done);
    if (!run) fprintf(stderr, "reloadsim: out of memory\n");
    is_over = !sim_run_interrupted() && code != SIM_EXIT_INTERRUPTED;
    json_decref(run);
    print_incidents(selection, outcomes, options);
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
    code = run_and_write(suite, options, selection, certificate, mistakes, outcomes);
  else
    fprintf(stderr, "reloadsim: out of memory\n");
  for (size_t i = 0; outcomes && i < selection->count; i++) json_decref(outcomes[i].result);
  free(outcomes);
  return code;
}

/* A certificate needs scenario files without mistakes, and is checked against its own scenarios. */
static bool may_run(const struct sim_options *options, const struct sim_selection *selection,
                    const struct sim_certificate *certificate, size_t mistakes) {
  if (options->command != SIM_COMMAND_CERTIFY) return true;
  if (mistakes == 0 && (!certificate || sim_certificate_fit(certificate, selection, stderr) == 0))
    return true;
  fprintf(stderr, "reloadsim: nothing was run: %s\n",
          mistakes ? "scenario files have mistakes" : "the certificate does not match");
  return false;
}

static int run_suite(const struct sim_options *options, const struct sim_certificate *certificate) {
  struct sim_selection selection = {.cases = NULL};
  struct sim_named named = {.rows = NULL};
  int code;
  if (options->report && !options->list && !prepare_report(options->report))
    return SIM_EXIT_INTERNAL;
  struct sim_suite *suite = sim_read_suite(options, &named, &code);
  if (!suite) return code;
  size_t mistakes = sim_print_mistakes(suite);
  if (!sim_select_cases(suite, &named, options, &selection)) {
    fprintf(stderr, "reloadsim: out of memory\n");
  } else {
    if (selection.count == 0 && (mistakes == 0 || options->filter))
      print_unselected(options->filter);
    code = SIM_EXIT_INVALID;
    if (options->list)
      code = sim_list_cases(&selection, mistakes);
    else if (may_run(options, &selection, certificate, mistakes))
      code = run_selection(suite, options, &selection, certificate, mistakes);
  }
  free(selection.cases);
  sim_named_free(&named);
  sim_suite_free(suite);
  return code;
}

/* ---- certify ---- */

static int certify_suite(const struct sim_options *options) {
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

static int run_fuzz(const struct sim_options *options) {
  char rules[4096];
  if (options->report && !prepare_report(options->report)) return SIM_EXIT_INTERNAL;
  if (sim_find_rules(options, rules, sizeof rules)) return sim_fuzz(options, rules);
  return sim_print_no_rules(options);
}

static bool configure_sqlite(void) {
  struct reload_message message;
  /* With an older SQLite rules fail that the engine keeps. */
  if (reload_sqlite_check(&message) != RELOAD_OK) {
    fprintf(stderr, "reloadsim: %s\n", message.text);
    return false;
  }
  if (sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) == SQLITE_OK &&
      sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK && fake_memory_install())
    return true;
  fprintf(stderr, "reloadsim: SQLite cannot be configured\n");
  return false;
}

/* An incomplete output must not look complete. */
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
  (void)signal(SIGXFSZ, SIG_IGN); /* too large a file is then an error of the write */
  json_object_seed(1); /* no result depends on it; memory use is then the same in every run */
  if (!sim_options_read(argc, argv, &options)) return SIM_EXIT_USAGE;
  switch (options.command) {
    case SIM_COMMAND_HELP: sim_options_help(options.topic); break;
    case SIM_COMMAND_VERSION: printf("reloadsim %s\n", RELOAD_VERSION); break;
    case SIM_COMMAND_CHECK: code = sim_check_files(&options); break;
    case SIM_COMMAND_CERTIFY:
      code = configure_sqlite() ? certify_suite(&options) : SIM_EXIT_INTERNAL;
      break;
    case SIM_COMMAND_REPORT: code = report_again(&options); break;
    case SIM_COMMAND_FUZZ:
      code = configure_sqlite() ? run_fuzz(&options) : SIM_EXIT_INTERNAL;
      break;
    case SIM_COMMAND_REPLAY:
      code = configure_sqlite() ? sim_replay_file(&options) : SIM_EXIT_INTERNAL;
      break;
    case SIM_COMMAND_RUN:
      code = configure_sqlite() ? run_suite(&options, NULL) : SIM_EXIT_INTERNAL;
      break;
  }
  return end_output(code);
}
