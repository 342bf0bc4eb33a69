#include "cases.h"

#include "interrupt.h"
#include "processes.h"
#include "stopwatch.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A sample of the steps is always made twice. It costs two percent of the time. */
enum { RECHECK_EVERY = 64 };

/* The searches under way, one for each worker, for the progress line. In shared memory. */
struct gauges {
  atomic_int taken;
  atomic_llong states; /* of all cases so far */
  struct gauge {
    atomic_llong depth, frontier;
  } gauges[SIM_MAX_JOBS];
};

struct case_work {
  const struct sim_case *const *cases;
  size_t count;
  const struct sim_options *options;
  const struct sim_watcher *watcher;
  struct sim_limits limits;
  struct gauges *gauges;
  int64_t begun_ms;

  /* in a worker */
  struct sim_machines *machines;
  struct gauge *gauge;
  int64_t counted; /* states of the present case */
};

/* ---- In a worker ---- */

bool sim_case_was_cut(const json_t *result) {
  const char *cut_by = json_string_value(json_object_get(result, "cut_by"));
  return cut_by && strcmp(cut_by, "interrupt") == 0;
}

static char *run_text(const struct case_work *work, const struct sim_case *the_case,
                      enum sim_verdict *verdict, bool *was_cut) {
  json_t *result = NULL;
  sim_case_run(work->machines, the_case, &work->limits, verdict, &result);
  char *text = result ? json_dumps(result, JSON_COMPACT) : NULL;
  *was_cut = sim_case_was_cut(result);
  json_decref(result);
  return text;
}

/* The same case twice must give the same bytes. If the second run was cut, nothing is proven. */
static char *run_twice(const struct case_work *work, const struct sim_case *the_case,
                       enum sim_verdict *verdict) {
  enum sim_verdict again;
  bool was_cut;
  char *first = run_text(work, the_case, verdict, &was_cut);
  char *second = was_cut ? NULL : run_text(work, the_case, &again, &was_cut);
  if (!first || !second) {
    free(second);
    return first;
  }
  if (was_cut)
    *verdict = again;
  else if (strcmp(first, second) != 0 || again != *verdict)
    *verdict = SIM_NONDETERMINISTIC;
  free(was_cut ? first : second);
  return was_cut ? second : first;
}

static char *run_case(void *self, size_t index, enum sim_verdict *verdict) {
  struct case_work *work = self;
  if (!work->gauge)
    work->gauge = &work->gauges->gauges[atomic_fetch_add(&work->gauges->taken, 1) % SIM_MAX_JOBS];
  bool was_cut;
  char *text = work->options->verify_determinism
                   ? run_twice(work, work->cases[index], verdict)
                   : run_text(work, work->cases[index], verdict, &was_cut);
  atomic_store(&work->gauge->frontier, 0);
  return text;
}

/* Add the states of the present case to those of all. */
static void tell_progress(void *self, const struct sim_progress *progress) {
  struct case_work *work = self;
  if (progress->states < work->counted) work->counted = 0; /* another case has begun */
  atomic_fetch_add(&work->gauges->states, progress->states - work->counted);
  work->counted = progress->states;
  atomic_store(&work->gauge->depth, progress->depth);
  atomic_store(&work->gauge->frontier, progress->frontier);
}

/* ---- In the parent ---- */

/* "3 of 40 cases, more than 1234567 states (23456 a second), depth 40, frontier 71" */
static void show_cases(void *self, size_t done) {
  const struct case_work *work = self;
  long long depth = 0, frontier = 0, states = atomic_load(&work->gauges->states);
  int64_t spent_ms = sim_now_ms() - work->begun_ms;
  for (int i = 0; i < SIM_MAX_JOBS; i++) {
    long long deep = atomic_load(&work->gauges->gauges[i].depth);
    long long open = atomic_load(&work->gauges->gauges[i].frontier);
    frontier += open;
    if (open > 0 && deep > depth) depth = deep;
  }
  fprintf(stderr, "%zu of %zu cases", done, work->count);
  if (states < 1000) return;
  fprintf(stderr, ", more than %lld states", states);
  if (spent_ms >= 1000) fprintf(stderr, " (%lld a second)", states * 1000 / spent_ms);
  if (frontier > 0) fprintf(stderr, ", depth %lld, frontier %lld", depth, frontier);
}

static void pass_on(void *self, size_t index, const struct sim_outcome_of_case *outcome) {
  const struct case_work *work = self;
  if (work->watcher->done) work->watcher->done(work->watcher->self, work->cases[index], outcome);
}

struct sim_limits sim_run_limits(const struct sim_options *options) {
  return (struct sim_limits){.seed = options->seed,
                             .fault_budget = sim_faults_budget(options->faults),
                             .without_declared = options->faults == SIM_FAULTS_NONE,
                             .max_states = options->max_states,
                             .memo_bytes = (size_t)options->memo_mb << 20,
                             .without_memo = options->no_memo,
                             .without_stories = !options->report,
                             .recheck_every = options->verify_determinism ? 1 : RECHECK_EVERY,
                             .interrupt = sim_interrupt_flag()};
}

bool sim_run_cases(const struct sim_case *const *cases, size_t case_count,
                   const struct sim_options *options, const struct sim_watcher *watcher,
                   struct sim_outcome_of_case *outcomes) {
  struct case_work self = {.cases = cases,
                           .count = case_count,
                           .options = options,
                           .watcher = watcher,
                           .limits = sim_run_limits(options),
                           .gauges = sim_shared_new(sizeof *self.gauges),
                           .machines = sim_machines_new(),
                           .begun_ms = sim_now_ms()};
  struct sim_work work = {.count = case_count,
                          .processes = options->jobs,
                          .fail_fast = options->fail_fast,
                          .self = &self,
                          .make = run_case,
                          .done = pass_on,
                          .was_cut = sim_case_was_cut,
                          .show = show_cases};
  bool run = false;
  self.limits.progress = tell_progress;
  self.limits.progress_self = &self;
  if (self.gauges && self.machines) run = sim_run_work(&work, outcomes);
  sim_machines_free(self.machines);
  sim_shared_free(self.gauges, sizeof *self.gauges);
  return run;
}
