/* Runs cases in several processes; the results do not depend on how many. */
#ifndef SIM_CASES_H
#define SIM_CASES_H

#include "runner.h"

struct sim_watcher {
  void *self;
  void (*done)(void *self, const struct sim_case *the_case,
               const struct sim_outcome_of_case *outcome);
};

/* Run the cases.
 * In:      options   with fail_fast, no case is begun after a failure; the outcomes after the first
 *                    failed case are empty then, whatever the number of jobs
 *          watcher   is called for each case when its outcome is known; its function may be null
 * Otherwise as sim_run_work().
 */
bool sim_run_cases(const struct sim_case *const *cases, size_t case_count,
                   const struct sim_options *options, const struct sim_watcher *watcher,
                   struct sim_outcome_of_case *outcomes);

/* Whether an interrupt cut the search of this case. */
bool sim_case_was_cut(const json_t *result);

/* The limits of a run's searches: faults, seed, states, and the interrupt. */
struct sim_limits sim_run_limits(const struct sim_options *options);

#endif
