/* Work in several processes, in pieces that do not know each other, such as cases. The results do
 * not depend on how many processes there are. */
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

/* Pieces of work, told by number from 0. */
struct sim_work {
  size_t count;  /* at most INT_MAX */
  int processes; /* 1..SIM_MAX_JOBS */
  /* Begin no piece after one that has not passed, and forget those begun after it. */
  bool fail_fast;
  void *self;
  /* In a worker: do one piece. Returns: its result as JSON text, freed by the caller; or null */
  char *(*make)(void *self, size_t index, enum sim_verdict *verdict);
  /* In a worker, before each piece: begin no more? All pieces before one that was begun were begun
   * as well. May be null. */
  bool (*is_over)(void *self);
  /* In the parent: the outcome of a piece is there. May be null. */
  void (*done)(void *self, size_t index, const struct sim_outcome_of_case *outcome);
  /* In the parent: whether a result is not all that an undisturbed piece would have given, as an
   * interrupt came. May be null: a result is whole. */
  bool (*was_cut)(const json_t *result);
  /* In the parent: write a line about the progress to standard error, without its end. */
  void (*show)(void *self, size_t done);
};

/* Do the work.
 * Out:     outcomes  one a piece, zeroed by the caller, but for those whose result is known
 *                    already: they are not done. The results are to be given up by the caller
 * Returns: false if processes or memory could not be had
 * Effects: a progress line on standard error if that is a terminal; SIGINT, SIGTERM and SIGHUP stop
 *          it soon (5 seconds at most), also when they reach only this process. No process is left
 *          behind.
 */
bool sim_run_work(const struct sim_work *work, struct sim_outcome_of_case *outcomes);

/* Whether a stream (STDERR_FILENO) is a terminal that understands more than lines of text. */
bool sim_is_terminal(int stream);

/* Whether the last work was cut short by SIGINT, SIGTERM or SIGHUP. A signal that comes after the
 * last piece is done has interrupted nothing: what is made of the results is made to its end. */
bool sim_run_interrupted(void);

/* There is no more work. If it was not interrupted, a signal that has come is forgotten; from now
 * on the first one only stops what looks at sim_interrupt_came(), and the second ends the process.
 */
void sim_run_end(void);

#endif
