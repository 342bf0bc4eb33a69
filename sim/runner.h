/* Work in several processes: cases, and whatever else comes in pieces that do not know each other.
 * The results do not depend on how many processes there are. */
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
  size_t count;  /* at most UINT_MAX */
  int processes; /* 1..SIM_MAX_JOBS */
  bool
      fail_fast; /* begin no piece after one that has not passed, and forget those begun after it */
  void *self;
  /* In a worker: do one piece. Returns: its result as JSON text, freed by the caller; or null */
  char *(*make)(void *self, size_t index, enum sim_verdict *verdict);
  /* In a worker, before each piece: begin no more? All pieces before one that was begun were begun
   * as well. May be null. */
  bool (*is_over)(void *self);
  /* In the parent: write a line about the progress to standard error, without its end. */
  void (*show)(void *self, size_t done, int64_t counted);
};

/* Do the work. Outcomes, effects and what is returned: as for sim_run_cases(), below. */
bool sim_run_work(const struct sim_work *work, struct sim_outcome_of_case *outcomes);

/* In a worker: count something that the progress line tells. */
void sim_run_count(int64_t more);

/* Run the cases.
 * In:      options   with fail_fast, no case is begun after a failure; the outcomes after the first
 *                    failed case are empty then, whatever the number of jobs
 * Out:     outcomes  one a case, zeroed by the caller; the results are to be given up by the caller
 * Returns: false if processes or memory could not be had
 * Effects: a progress line on standard error if that is a terminal; SIGINT, SIGTERM and SIGHUP stop
 *          it soon (5 seconds at most), also when they reach only this process. No process is left
 *          behind.
 */
bool sim_run_cases(const struct sim_case *const *cases, size_t case_count,
                   const struct sim_options *options, struct sim_outcome_of_case *outcomes);

/* Whether a stream (STDERR_FILENO) is a terminal that understands more than lines of text. */
bool sim_is_terminal(int stream);

/* How far the cases of a run are searched: faults, seed, states, and until it is interrupted. */
struct sim_limits sim_run_limits(const struct sim_options *options);

/* Whether SIGINT, SIGTERM or SIGHUP came. */
bool sim_run_interrupted(void);

#endif
