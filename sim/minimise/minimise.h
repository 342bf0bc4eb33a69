/* Minimising: make a small scenario that fails in the same way as a large one.
 *
 * The result:
 * - The small scenario has failed with the same signature; its trace shows it.
 * - For a violation everything may be cut, since invariants hold in every world: actors, steps,
 *   clients, faults, processes, numbers. The result says "may": "anything", so it passes when no
 *   violation is left.
 * - For a failure of expected outcomes only that is cut which leaves right outcomes right: faults
 *   that may happen (what is left can happen in the old world too), clients that share no actor
 *   with the failure (TOGGLE-7, RACE-6: clients do not affect each other), and last steps of an
 *   actor that only look, wait, or do what the background does anyway. The outcomes become "may",
 *   since not all of them can be reached any more. So the result passes on an engine that passes
 *   the original scenario.
 * The result depends only on the job, not on time or the number of processes. */
#ifndef SIM_MINIMISE_H
#define SIM_MINIMISE_H

#include "reproduce.h"

#include <jansson.h>

struct sim_minimise_job {
  const struct sim_suite *suite; /* whose rules the scenario cites */
  const char *name;              /* the name of the result's file, as in sim_suite_read_text() */
  const json_t *scenario; /* without shared files, as sim_case_json() writes it; not changed */
  struct sim_signature signature;
  struct sim_limits limits;   /* max_states is of one candidate; 0: SIM_MINIMISE_STATES */
  int max_candidates;         /* 0: SIM_MINIMISE_CANDIDATES */
  int64_t max_steps;          /* of all reproductions together; 0: SIM_MINIMISE_STEPS */
  sim_reproducer *reproducer; /* null: sim_reproduce_all */
  void *reproducer_self;
  /* Afterwards minimise further with sim_reproduce_all, if the scenario is small enough, with
   * max_candidates and max_steps again: it misses nothing, and its trace is the shortest. */
  bool then_search;
  void (*progress)(void *self, int candidates, int64_t steps); /* before each candidate; or null */
  void *progress_self;
};

#define SIM_MINIMISE_STATES 20000
#define SIM_MINIMISE_CANDIDATES 400
#define SIM_MINIMISE_STEPS 200000 /* about two seconds */

struct sim_minimised {
  json_t *scenario; /* released by sim_minimised_free() */
  char *trace;
  /* Injected faults that the failure needs and the scenario does not ask for. 0: a plain run fails;
   * the scenario then says "injected": "single" if the failure needs one */
  int fault_budget;
  int candidates; /* tried */
  int64_t steps;
  bool complete; /* nothing more can be cut; false: a limit or an interrupt came first */
};

/* Minimise a failure.
 * Out:     *minimised, to be freed with sim_minimised_free() in every case
 * Returns: false if the failure was not found in any candidate within the limits, or memory ran
 *          out; then there is no scenario and no trace
 */
bool sim_minimise(const struct sim_minimise_job *job, struct sim_minimised *minimised);
void sim_minimised_free(struct sim_minimised *minimised);

#endif
