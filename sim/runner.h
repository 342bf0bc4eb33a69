/* Runs cases in several processes; the results do not depend on how many. */
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

/* How far the cases of a run are searched: its faults, seed and states, and until it is interrupted.
 */
struct sim_limits sim_run_limits(const struct sim_options *options);

/* Whether SIGINT, SIGTERM or SIGHUP came. */
bool sim_run_interrupted(void);

#endif
