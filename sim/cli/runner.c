#include "runner.h"

#include "interrupt.h"
#include "processes.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool interrupted; /* an interrupt has cut work short */

bool sim_run_interrupted(void) { return interrupted; }

void sim_run_end(void) {
  if (!interrupted) sim_interrupt_catch_late();
}

bool sim_is_terminal(int stream) {
  const char *term = getenv("TERM");
  return isatty(stream) && term && term[0] && strcmp(term, "dumb") != 0;
}

struct run {
  const struct sim_work *work;
  struct sim_outcome_of_case *outcomes;
  size_t done;
  bool shows_progress;
  atomic_bool *stop; /* begin no further piece; shared */
};

/* ---- In a worker ---- */

/* A result is one byte for the verdict, then the JSON text. */
static char *make_piece(void *self, size_t piece, size_t *size_bytes) {
  const struct run *run = self;
  enum sim_verdict verdict = SIM_INTERNAL;
  char *text = run->work->make(run->work->self, piece, &verdict);
  size_t length = text ? strlen(text) : 0;
  char *result = malloc(1 + length);
  if (run->work->fail_fast && verdict != SIM_PASSED) atomic_store(run->stop, true);
  if (result) {
    result[0] = (char)verdict;
    if (length > 0) memcpy(result + 1, text, length);
    *size_bytes = 1 + length;
  }
  free(text);
  return result;
}

static bool has_outcome(void *self, size_t piece) {
  const struct run *run = self;
  return run->outcomes[piece].result != NULL;
}

static bool is_work_over(void *self) {
  const struct run *run = self;
  const struct sim_work *work = run->work;
  return atomic_load(run->stop) || (work->is_over && work->is_over(work->self));
}

/* ---- In the parent ---- */

static void take_result(void *self, size_t piece, const char *bytes, size_t size_bytes) {
  struct run *run = self;
  struct sim_outcome_of_case *outcome = &run->outcomes[piece];
  outcome->verdict = size_bytes > 0 ? (enum sim_verdict)bytes[0] : SIM_INTERNAL;
  if (size_bytes > 1) outcome->result = json_loadb(bytes + 1, size_bytes - 1, 0, NULL);
  /* An interrupted worker may send no result. */
  outcome->died = !outcome->result && !sim_interrupt_came();
  run->done++;
  if (run->work->done) run->work->done(run->work->self, piece, outcome);
}

static void take_death(void *self, size_t piece, int signal_number) {
  struct run *run = self;
  run->outcomes[piece] = (struct sim_outcome_of_case){
      .died = true, .verdict = SIM_INTERNAL, .signal_number = signal_number};
  run->done++;
  if (run->work->fail_fast) atomic_store(run->stop, true);
}

static void hide_progress(const struct run *run) {
  if (run->shows_progress) fputs("\r\033[K", stderr);
}

static void show_progress(void *self) {
  const struct run *run = self;
  if (!run->shows_progress) return;
  hide_progress(run);
  run->work->show(run->work->self, run->done);
  (void)fflush(stderr);
}

/* Which pieces were done after the first failure depends on the number of workers: forget them. All
 * pieces before it were begun before it. */
static void cut_after_failure(const struct run *run) {
  size_t first = 0;
  while (first < run->work->count && run->outcomes[first].verdict == SIM_PASSED) first++;
  for (size_t i = first + 1; i < run->work->count; i++) {
    json_decref(run->outcomes[i].result);
    run->outcomes[i] = (struct sim_outcome_of_case){.result = NULL};
  }
}

/* A piece that is missing without a reason is an internal error. */
static void account_for_all(const struct run *run) {
  if (sim_interrupt_came() || run->work->is_over) return;
  for (size_t i = 0; i < run->work->count; i++) {
    struct sim_outcome_of_case *outcome = &run->outcomes[i];
    if (outcome->verdict != SIM_PASSED && run->work->fail_fast) return;
    if (outcome->result || outcome->died) continue;
    outcome->died = true;
    outcome->verdict = SIM_INTERNAL;
  }
}

/* Whether a piece is missing or was cut short. After a failure, pieces that are not wanted do not
 * count. */
static bool is_unfinished(const struct run *run) {
  const struct sim_work *work = run->work;
  for (size_t i = 0; i < work->count; i++) {
    const struct sim_outcome_of_case *outcome = &run->outcomes[i];
    if (!outcome->result && !outcome->died) return true;
    if (outcome->verdict == SIM_INTERRUPTED) return true;
    if (outcome->result && work->was_cut && work->was_cut(outcome->result)) return true;
    if (work->fail_fast && outcome->verdict != SIM_PASSED) return false;
  }
  return false;
}

bool sim_run_work(const struct sim_work *work, struct sim_outcome_of_case *outcomes) {
  struct run run = {.work = work,
                    .outcomes = outcomes,
                    .shows_progress = sim_is_terminal(STDERR_FILENO),
                    .stop = sim_shared_new(sizeof *run.stop)};
  struct sim_processes processes = {.count = work->count,
                                    .workers = work->processes,
                                    .self = &run,
                                    .make = make_piece,
                                    .skips = has_outcome,
                                    .is_over = is_work_over,
                                    .done = take_result,
                                    .died = take_death,
                                    .watch = show_progress};
  if (!run.stop) return false;
  for (size_t i = 0; i < work->count; i++) run.done += outcomes[i].result != NULL;
  sim_interrupt_catch();
  bool started = sim_processes_run(&processes);
  hide_progress(&run);
  account_for_all(&run);
  interrupted = sim_interrupt_came() && is_unfinished(&run);
  if (work->fail_fast) cut_after_failure(&run);
  sim_shared_free(run.stop, sizeof *run.stop);
  return started;
}
