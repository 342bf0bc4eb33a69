/* The results of fuzz on standard output and as files. The same runs give the same bytes. */
#include "cases.h"
#include "fuzz.h"

#include "case_json.h"
#include "interrupt.h"
#include "json_print.h"
#include "regressions.h"
#include "runner.h"
#include "trace_folder.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 4096 };

/* ---- On standard output ---- */

static void print_probes(const struct sim_fuzz_sum *sum) {
  int missed = sim_fuzz_missed(sum);
  printf("\nSometimes  %d of %d situations were met\n", SIM_PROBE_COUNT - missed, SIM_PROBE_COUNT);
  for (int i = 0; i < SIM_PROBE_COUNT; i++)
    if (sum->probes.hits[i] > 0)
      printf("%12" PRId64 "  %s\n", sum->probes.hits[i], sim_probe_text((enum sim_probe)i));
    else
      printf("%12s  %s\n", "never", sim_probe_text((enum sim_probe)i));
}

static void print_failure(const struct sim_fuzz_sum *sum, const struct sim_fuzz_failure *failure) {
  char again[SIM_FUZZ_AGAIN_SIZE];
  int64_t at_risk_minor = json_integer_value(json_object_get(failure->found, "at_risk_minor"));
  sim_fuzz_again(sum->options->seed, failure->run, again);
  printf("\nFAILED  run %" PRId64 ", walk %" PRId64 ": %s %s\n  %s\n", failure->run, failure->walk,
         sim_text_in(failure->found, "rule"), sim_text_in(failure->found, "class"),
         sim_text_in(failure->found, "text"));
  if (at_risk_minor) printf("  At risk: %" PRId64 " minor units\n", at_risk_minor);
  printf("  Seen in %" PRId64 " walk%s of %" PRId64 " run%s\n  Run it again: %s\n", failure->walks,
         failure->walks == 1 ? "" : "s", failure->runs, failure->runs == 1 ? "" : "s", again);
}

void sim_fuzz_print(const struct sim_fuzz_sum *sum) {
  printf("Runs %" PRId64 ", walks %" PRId64 ", steps %" PRId64 ", ended %" PRId64 "\n", sum->runs,
         sum->walks, sum->steps, sum->endings);
  if (sum->too_large > 0) printf("Too large for the model: %" PRId64 " walks\n", sum->too_large);
  print_probes(sum);
  for (size_t i = 0; i < sum->failure_count; i++) print_failure(sum, &sum->failures[i]);
  int missed = sim_fuzz_missed(sum);
  if (missed > 0 && sim_fuzz_demands_probes(sum))
    printf("\nFAILED  %d situation%s never met in %" PRId64 " runs: see \"never\" above\n", missed,
           missed == 1 ? " was" : "s were", sum->runs);
  if (sum->failure_count > 0)
    printf("\n%zu kind%s of failure\n", sum->failure_count, sum->failure_count == 1 ? "" : "s");
  else
    printf("\nNo violation was found\n");
}

/* ---- fuzz.json ---- */

static json_t *failure_json(const struct sim_fuzz_sum *sum,
                            const struct sim_fuzz_failure *failure) {
  char again[SIM_FUZZ_AGAIN_SIZE];
  sim_fuzz_again(sum->options->seed, failure->run, again);
  return json_pack("{s:I, s:I, s:I, s:I, s:s, s:s, s:s, s:O, s:s}", "run", (json_int_t)failure->run,
                   "walk", (json_int_t)failure->walk, "runs", (json_int_t)failure->runs, "walks",
                   (json_int_t)failure->walks, "rule", sim_text_in(failure->found, "rule"), "class",
                   sim_text_in(failure->found, "class"), "text",
                   sim_text_in(failure->found, "text"), "at_risk_minor",
                   json_object_get(failure->found, "at_risk_minor"), "again", again);
}

static json_t *sum_json(const struct sim_fuzz_sum *sum) {
  json_t *probes = json_array(), *failures = json_array();
  for (int i = 0; i < SIM_PROBE_COUNT; i++)
    (void)json_array_append_new(probes, json_pack("{s:s, s:s, s:I}", "probe",
                                                  sim_probe_name((enum sim_probe)i), "text",
                                                  sim_probe_text((enum sim_probe)i), "hits",
                                                  (json_int_t)sum->probes.hits[i]));
  for (size_t i = 0; i < sum->failure_count; i++)
    (void)json_array_append_new(failures, failure_json(sum, &sum->failures[i]));
  return json_pack("{s:s, s:I, s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "format",
                   "reloadsim-fuzz-1", "seed", (json_int_t)sum->options->seed, "shard",
                   sum->options->shard, "shards", sum->options->shard_count, "last_run",
                   (json_int_t)sum->last_run, "runs", (json_int_t)sum->runs, "walks",
                   (json_int_t)sum->walks, "steps", (json_int_t)sum->steps, "endings",
                   (json_int_t)sum->endings, "too_large", (json_int_t)sum->too_large, "probes",
                   probes, "failures", failures);
}

static bool write_sum(const struct sim_fuzz_sum *sum) {
  char path[PATH_SIZE];
  json_t *json = sum_json(sum);
  char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
  int size = snprintf(path, sizeof path, "%s/fuzz.json", sum->options->report);
  bool written = text && size > 0 && (size_t)size < sizeof path &&
                 sim_failure_write(sum->options->report, path, text);
  free(text);
  json_decref(json);
  return written;
}

/* ---- Failures as scenarios ---- */

/* The trace names the scenario's file, which lies in the same folder. */
static bool write_trace(const char *folder, const char *path, const char *trace,
                        const struct sim_case *the_case) {
  char *text = sim_trace_renamed(trace, the_case);
  bool written = text && sim_failure_write(folder, path, text);
  free(text);
  return written;
}

/* The scenario as it was made, and the trace of the walk through it. */
static bool write_whole(const struct sim_fuzz_sum *sum, const struct sim_fuzz_failure *failure,
                        const struct sim_suite *rules, const char *id, const char *scenario,
                        size_t number, char trace[PATH_SIZE]) {
  char folder[PATH_SIZE], json[PATH_SIZE],
      name[PATH_SIZE]; /* name: without the report's directory */
  const struct sim_case *const *cases;
  int size = snprintf(folder, sizeof folder, "%s/traces", sum->options->report);
  if (size < 0 || (size_t)size >= sizeof folder ||
      !sim_failure_path(json, sizeof json, folder, id, number, ".json") ||
      !sim_failure_path(name, sizeof name, "traces", id, number, ".json") ||
      !sim_failure_path(trace, PATH_SIZE, folder, id, number, ".trace"))
    return false;
  struct sim_suite *suite = sim_suite_beside(rules);
  bool written = suite && sim_suite_read_text(suite, name, scenario, strlen(scenario)) &&
                 sim_suite_cases(suite, &cases) == 1;
  json_t *found = written ? sim_case_json(cases[0]) : NULL;
  char *text = found ? sim_json_print_text(found, 0) : NULL;
  written = text && sim_failure_write(folder, json, text) &&
            write_trace(folder, trace, sim_text_in(failure->found, "trace"), cases[0]);
  free(text);
  json_decref(found);
  sim_suite_free(suite);
  return written;
}

/* Returns: 1; 0 if it could not be minimised; -1 if it could not be written */
static int minimise_failure(const struct sim_fuzz_sum *sum, const struct sim_fuzz_failure *failure,
                            const struct sim_suite *suite, const struct sim_case *from,
                            size_t number, const char *trace) {
  char folder[PATH_SIZE];
  struct sim_fuzz_trail trail = {.guide = NULL};
  struct sim_violation violation = {.rule = sim_text_in(failure->found, "rule"),
                                    .harm = sim_text_in(failure->found, "class")};
  struct sim_regression regression = {.suite = suite,
                                      .from = from,
                                      .number = number,
                                      .limits = sim_run_limits(sum->options),
                                      .reproducer = sim_fuzz_reproduce,
                                      .reproducer_self = &trail};
  int size = snprintf(folder, sizeof folder, "%s/regressions", sum->options->report);
  if (size < 0 || (size_t)size >= sizeof folder) return -1;
  sim_fuzz_run_begin(&trail.run, sum->options->seed, failure->run);
  regression.limits.fault_budget = trail.run.plan.fault_limit;
  sim_signature_of_violation(&violation, &regression.signature);
  trail.guide = sim_trace_read(trace, false, stderr);
  int made = sim_regression_write(folder, &regression);
  sim_trace_free(trail.guide);
  return made;
}

static bool write_failure(const struct sim_fuzz_sum *sum, const struct sim_fuzz_failure *failure,
                          const struct sim_suite *rules, size_t number, bool minimises,
                          int *minimised) {
  char *text = NULL, trace[PATH_SIZE];
  struct sim_fuzz_run run;
  struct sim_suite *suite = sim_suite_beside(rules);
  sim_fuzz_run_begin(&run, sum->options->seed, failure->run);
  const struct sim_case *from = suite ? sim_fuzz_run_read(&run, suite, &text) : NULL;
  bool written = from && write_whole(sum, failure, rules, from->id, text, number, trace);
  int made = written && minimises ? minimise_failure(sum, failure, suite, from, number, trace) : 0;
  *minimised += made == 1;
  free(text);
  sim_suite_free(suite);
  return written && made >= 0;
}

static void remove_old(const char *directory) {
  static const char *const folders[] = {"traces", "regressions"};
  char folder[PATH_SIZE];
  for (size_t i = 0; i < 2; i++) {
    int size = snprintf(folder, sizeof folder, "%s/%s", directory, folders[i]);
    if (size < 0 || (size_t)size >= sizeof folder) continue;
    sim_failures_remove(folder, ".trace");
    sim_failures_remove(folder, ".json");
  }
}

bool sim_fuzz_write(const struct sim_fuzz_sum *sum, const struct sim_suite *suite, bool *stopped) {
  int minimised = 0;
  size_t left = 0;
  remove_old(sum->options->report);
  bool written = write_sum(sum);
  for (size_t i = 0; written && i < sum->failure_count; i++) {
    bool wanted = !sum->options->no_minimise && i < SIM_MAX_REGRESSIONS;
    int before = minimised;
    written = write_failure(sum, &sum->failures[i], suite, i + 1, wanted && !sim_interrupt_came(),
                            &minimised);
    left += wanted && minimised == before && sim_interrupt_came();
  }
  if (written && sum->failure_count > 0)
    fprintf(stderr, "reloadsim: %zu trace%s in %s/traces, %d minimised in %s/regressions\n",
            sum->failure_count, sum->failure_count == 1 ? "" : "s", sum->options->report, minimised,
            sum->options->report);
  if (left > 0)
    fprintf(stderr, "reloadsim: interrupted: %zu failure%s not minimised\n", left,
            left == 1 ? " was" : "s were");
  *stopped = left > 0;
  return written;
}
