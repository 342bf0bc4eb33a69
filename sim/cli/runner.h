/* Work in several processes, in independent pieces such as cases. The results do not depend on the
 * number of processes. */
#ifndef SIM_RUNNER_H
#define SIM_RUNNER_H

#include "options.h"
#include "result.h"

struct sim_outcome_of_case {
  enum sim_verdict verdict;
  json_t *result; /* null: the case was not run (interrupted, cut), or its process died */
  bool died;
  int signal_number; /* that ended its process; 0: none */
};

/* Pieces of work, numbered from 0. */
struct sim_work {
  size_t count;  /* at most INT_MAX */
  int processes; /* 1..SIM_MAX_JOBS */
  /* Begin no piece after one that has not passed, and forget those begun after it. */
  bool fail_fast;
  void *self;
  /* In a worker: do one piece. Returns: its result as JSON text, freed by the caller; or null */
  char *(*make)(void *self, size_t index, enum sim_verdict *verdict);
  /* In a worker, before each piece: whether to begin no further one. All pieces before a begun one
   * were begun. May be null. */
  bool (*is_over)(void *self);
  /* In the parent: the outcome of a piece is known. May be null. */
  void (*done)(void *self, size_t index, const struct sim_outcome_of_case *outcome);
  /* In the parent: whether an interrupt cut this result short. Null: results are always
   * complete. */
  bool (*was_cut)(const json_t *result);
  /* In the parent: write the progress line to standard error, without a line feed. */
  void (*show)(void *self, size_t done);
};

/* Do the work.
 * Out:     outcomes  one for each piece, zeroed by the caller. A piece whose result is filled in is
 *          not done again. The caller releases the results
 * Returns: false if a process could not be started or memory ran out
 * Effects: a progress line on standard error if that is a terminal; SIGINT, SIGTERM and SIGHUP stop
 *          the work within 5 seconds, also when only this process gets them. No process is left
 *          behind.
 */
bool sim_run_work(const struct sim_work *work, struct sim_outcome_of_case *outcomes);

/* Whether a stream (STDERR_FILENO) is a terminal that can move its cursor. */
bool sim_is_terminal(int stream);

/* Whether SIGINT, SIGTERM or SIGHUP cut the last work short. A signal after the last piece
 * interrupts nothing: the reports are still written. */
bool sim_run_interrupted(void);

/* End all work. If it was not interrupted, an earlier signal is forgotten. From now on the first
 * signal only sets sim_interrupt_came(), and the second ends the process.
 */
void sim_run_end(void);

#endif
