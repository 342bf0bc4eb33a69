#include "fuzz.h"

#include "cases.h"
#include "grow.h"
#include "processes.h"
#include "runner.h"
#include "stopwatch.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 512 }; /* runs for which results are collected at once */

/* A batch of runs, shared by the parent and its workers. */
struct batch {
  struct sim_fuzz_sum *sum;
  struct sim_suite *suite;       /* for its rules */
  struct sim_machines *machines; /* of a worker */
  int64_t first;                 /* of this shard's runs, counted from 0 */
  int64_t begun_ms, stop_ms;     /* stop_ms 0: no limit */
  atomic_llong *steps;           /* of the batch so far; shared */
};

/* ---- Which runs ---- */

/* The number of a shard's run, counted from 0: those n with n % count == shard - 1. */
static int64_t run_number(const struct sim_options *options, int64_t index) {
  if (!options->shard_count) return index + 1;
  int64_t first = options->shard == 1 ? options->shard_count : options->shard - 1;
  return first + index * options->shard_count;
}

static int64_t run_count(const struct sim_options *options) {
  int64_t count = 0, most = options->run_count ? options->run_count : INT64_C(1000000000000);
  if (!options->shard_count) return most;
  int64_t first = run_number(options, 0);
  if (first <= most) count = 1 + (most - first) / options->shard_count;
  return count;
}

void sim_fuzz_again(uint64_t seed, int64_t run, char text[SIM_FUZZ_AGAIN_SIZE]) {
  int64_t count = run < 10000 ? run : 10000; /* the shard that begins with this run */
  int size =
      snprintf(text, SIM_FUZZ_AGAIN_SIZE,
               "reloadsim fuzz --seed %" PRIu64 " --runs %" PRId64 " --shard %" PRId64 "/%" PRId64,
               seed, run, run % count + 1, count);
  if (size < 0) text[0] = '\0';
}

/* ---- In a worker ---- */

static char *make_run(void *self, size_t index, enum sim_verdict *verdict) {
  const struct batch *batch = self;
  const struct sim_options *options = batch->sum->options;
  struct sim_limits limits = sim_run_limits(options);
  struct sim_suite *suite = sim_suite_beside(batch->suite);
  struct sim_fuzz_run run;
  sim_fuzz_run_begin(&run, options->seed, run_number(options, batch->first + (int64_t)index));
  json_t *result = suite ? sim_fuzz_run(&run, suite, batch->machines, limits.interrupt) : NULL;
  char *text = result ? json_dumps(result, JSON_COMPACT) : NULL;
  *verdict = !text                                                  ? SIM_INTERNAL
             : json_array_size(json_object_get(result, "failures")) ? SIM_FAILED
                                                                    : SIM_PASSED;
  atomic_fetch_add(batch->steps, json_integer_value(json_object_get(result, "steps")));
  json_decref(result);
  sim_suite_free(suite);
  return text;
}

static bool is_time_over(void *self) {
  const struct batch *batch = self;
  return batch->stop_ms && sim_now_ms() >= batch->stop_ms;
}

/* ---- In the parent ---- */

static void show_runs(void *self, size_t done) {
  const struct batch *batch = self;
  const struct sim_fuzz_sum *sum = batch->sum;
  int64_t now = sim_now_ms(), spent_ms = now - batch->begun_ms, runs = sum->runs + (int64_t)done;
  int64_t steps = sum->steps + atomic_load(batch->steps);
  fprintf(stderr, "%" PRId64 " runs, %" PRId64 " walks, %" PRId64 " steps a second", runs,
          runs * SIM_FUZZ_WALKS, spent_ms > 0 ? steps * 1000 / spent_ms : 0);
  if (batch->stop_ms > now)
    fprintf(stderr, ", %" PRId64 " s left", (batch->stop_ms - now + 999) / 1000);
}

static int64_t number_in(const json_t *object, const char *key) {
  return json_integer_value(json_object_get(object, key));
}

static struct sim_fuzz_failure *find_fuzz_failure(const struct sim_fuzz_sum *sum,
                                                  const json_t *found) {
  for (size_t i = 0; i < sum->failure_count; i++)
    if (json_equal(json_object_get(sum->failures[i].found, "rule"),
                   json_object_get(found, "rule")) &&
        json_equal(json_object_get(sum->failures[i].found, "class"),
                   json_object_get(found, "class")))
      return &sum->failures[i];
  return NULL;
}

/* Returns: false when out of memory */
static bool add_fuzz_failure(struct sim_fuzz_sum *sum, json_t *found) {
  struct sim_fuzz_failure *known = find_fuzz_failure(sum, found);
  if (!known) {
    struct sim_fuzz_failure *failures =
        sim_grow(sum->failures, sum->failure_count, &sum->failure_room, sizeof *failures);
    if (!failures) return false;
    sum->failures = failures;
    known = &sum->failures[sum->failure_count++];
    *known = (struct sim_fuzz_failure){
        .run = sum->last_run, .walk = number_in(found, "walk"), .found = json_incref(found)};
  }
  known->runs++;
  known->walks += number_in(found, "walks");
  return true;
}

static bool add_run(struct sim_fuzz_sum *sum, int64_t run, const json_t *result) {
  const json_t *probes = json_object_get(result, "probes");
  const json_t *failures = json_object_get(result, "failures");
  sum->last_run = run;
  sum->runs++;
  sum->walks += number_in(result, "walks");
  sum->steps += number_in(result, "steps");
  sum->endings += number_in(result, "endings");
  sum->too_large += number_in(result, "too_large");
  for (size_t i = 0; i < SIM_PROBE_COUNT; i++)
    sum->probes.hits[i] += json_integer_value(json_array_get(probes, i));
  for (size_t i = 0; i < json_array_size(failures); i++)
    if (!add_fuzz_failure(sum, json_array_get(failures, i))) return false;
  return true;
}

/* Add the completed runs of a batch, up to the first that was not completed.
 * Out:     *whole  all were
 * Returns: false when out of memory: a failure would be missing */
static bool add_batch(const struct batch *batch, size_t count, struct sim_outcome_of_case *outcomes,
                      bool *whole) {
  bool good = true;
  size_t done = 0;
  struct sim_fuzz_sum *sum = batch->sum;
  for (; good && done < count && outcomes[done].result; done++)
    good =
        add_run(sum, run_number(sum->options, batch->first + (int64_t)done), outcomes[done].result);
  if (done < count && outcomes[done].died)
    sum->died_run = run_number(sum->options, batch->first + (int64_t)done);
  for (size_t i = 0; i < count; i++) json_decref(outcomes[i].result);
  *whole = done == count;
  return good;
}

/* Returns: false if a process could not be started or memory ran out */
static bool run_all(struct batch *batch) {
  const struct sim_options *options = batch->sum->options;
  int64_t count = run_count(options);
  struct sim_outcome_of_case *outcomes = calloc(BATCH, sizeof *outcomes);
  bool good = outcomes && batch->steps, more = good;
  struct sim_work work = {.processes = options->jobs,
                          .self = batch,
                          .make = make_run,
                          .is_over = is_time_over,
                          .show = show_runs};
  for (batch->first = 0; more && batch->first < count; batch->first += BATCH) {
    int64_t left = count - batch->first;
    work.count = (size_t)(left < BATCH ? left : BATCH);
    memset(outcomes, 0, BATCH * sizeof *outcomes);
    atomic_store(batch->steps, 0);
    good = sim_run_work(&work, outcomes) && add_batch(batch, work.count, outcomes, &more);
    if (!good) break;
  }
  free(outcomes);
  return good;
}

/* ---- The command ---- */

int sim_fuzz_missed(const struct sim_fuzz_sum *sum) {
  int count = 0;
  for (int i = 0; i < SIM_PROBE_COUNT; i++) count += sum->probes.hits[i] == 0;
  return count;
}

bool sim_fuzz_demands_probes(const struct sim_fuzz_sum *sum) {
  return sum->runs >= SIM_FUZZ_RUNS_FOR_MARKS && !sum->options->shard_count;
}

static int fuzz_exit_code(const struct sim_fuzz_sum *sum, bool stopped) {
  if (sum->died_run) return SIM_EXIT_INTERNAL;
  if (sim_run_interrupted() || stopped) return SIM_EXIT_INTERRUPTED;
  if (sum->failure_count > 0) return SIM_EXIT_FAILED;
  if (sim_fuzz_demands_probes(sum) && sim_fuzz_missed(sum) > 0) return SIM_EXIT_FAILED;
  return sum->runs > 0 ? SIM_EXIT_PASSED : SIM_EXIT_NOTHING;
}

static void say_fuzz_incidents(const struct sim_fuzz_sum *sum, int64_t spent_ms) {
  char again[SIM_FUZZ_AGAIN_SIZE];
  if (sum->died_run) {
    sim_fuzz_again(sum->options->seed, sum->died_run, again);
    fprintf(stderr,
            "reloadsim: run %" PRId64 " crashed; later runs are not shown. Run it again: %s\n",
            sum->died_run, again);
  }
  if (sim_run_interrupted()) fprintf(stderr, "reloadsim: interrupted\n");
  if (sum->runs == 0 && (sum->options->duration_ms || sim_run_interrupted()))
    fprintf(stderr, "reloadsim: no run was completed\n");
  else if (sum->options->duration_ms && spent_ms > 0)
    fprintf(stderr,
            "reloadsim: %" PRId64 " s, %" PRId64 " walks and %" PRId64
            " steps a second; --runs %" PRId64 " gives the same results\n",
            spent_ms / 1000, sum->walks * 1000 / spent_ms, sum->steps * 1000 / spent_ms,
            sum->last_run);
}

int sim_fuzz(const struct sim_options *options, const char *rules) {
  struct sim_fuzz_sum sum = {.options = options};
  struct batch batch = {.sum = &sum,
                        .begun_ms = sim_now_ms(),
                        .suite = sim_suite_new(rules),
                        .machines = sim_machines_new(),
                        .steps = sim_shared_new(sizeof *batch.steps)};
  const struct sim_mistake *mistakes;
  int code = SIM_EXIT_INTERNAL;
  if (options->duration_ms) batch.stop_ms = batch.begun_ms + options->duration_ms;
  printf("Seed %" PRIu64 "\n", options->seed);
  (void)fflush(stdout); /* the seed is known even if the process dies now */
  if (batch.suite && sim_suite_mistakes(batch.suite, &mistakes) > 0) {
    fprintf(stderr, "%s:%d:%d: error: %s\n", mistakes[0].place.file, mistakes[0].place.line,
            mistakes[0].place.column, mistakes[0].text);
    code = SIM_EXIT_INVALID;
  } else if (batch.suite && run_all(&batch)) {
    int64_t spent_ms = sim_now_ms() - batch.begun_ms;
    bool stopped = false;
    sim_run_end();
    bool written = !options->report || sim_fuzz_write(&sum, batch.suite, &stopped);
    sim_fuzz_print(&sum);
    say_fuzz_incidents(&sum, spent_ms);
    code = written ? fuzz_exit_code(&sum, stopped) : SIM_EXIT_INTERNAL;
  } else
    fprintf(stderr, "reloadsim: cannot start processes, or out of memory\n");
  for (size_t i = 0; i < sum.failure_count; i++) json_decref(sum.failures[i].found);
  free(sum.failures);
  sim_machines_free(batch.machines);
  sim_shared_free(batch.steps, sizeof *batch.steps);
  sim_suite_free(batch.suite);
  return code;
}
