/* Minimising: from a scenario that fails to a small one that fails in the same way.
 *
 * What is promised:
 * - The small scenario was seen to fail with the same signature, and comes with the trace of it.
 * - Of a violation found by an checker everything may be cut, since checkers hold in every world:
 *   actors, steps, clients, faults, processes, numbers. The result says "may": "anything", so it
 *   passes as soon as the violation, and every other one, is gone.
 * - Of a failure of expected outcomes only that is cut which leaves right what the outcomes say, if
 *   it was right before: faults that may happen (what is left can happen in the old world too),
 *   clients that share no actor with the failure (rules TOGGLE-7 and RACE-6: clients do not touch
 *   each other), last steps of an actor that only look, wait, or do what the background does
 *   anyway. The outcomes become "may": not all of them can be reached any more. So the result
 *   passes on an engine that passes the scenario that it was made from.
 * The result depends on nothing but the job: not on time, nor on the number of processes. */
#ifndef SIM_MINIMISE_H
#define SIM_MINIMISE_H

#include "reproduce.h"

#include <jansson.h>

struct sim_minimise_job {
  const struct sim_suite *suite; /* whose rules the scenario cites */
  const char *name;              /* stands for the result's file, as in sim_suite_read_text() */
  const json_t *scenario;        /* self-contained, as sim_case_json() writes it; not changed */
  struct sim_signature signature;
  struct sim_limits limits; /* the fault level; max_states 0: SIM_MINIMISE_STATES for a candidate */
  int max_candidates;       /* 0: SIM_MINIMISE_CANDIDATES */
  int64_t max_steps;        /* of all reproductions together; 0: SIM_MINIMISE_STEPS */
  sim_reproducer *reproducer; /* null: sim_reproduce_all */
  void *reproducer_self;
  /* What another reproducer has made small enough for sim_reproduce_all is minimised on by that
   * one, with max_candidates and max_steps again: it misses nothing, and its trace is the
   * shortest. */
  bool then_search;
  void (*progress)(void *self, int candidates, int64_t steps); /* before each candidate; or null */
  void *progress_self;
};

#define SIM_MINIMISE_STATES 20000
#define SIM_MINIMISE_CANDIDATES 400
#define SIM_MINIMISE_STEPS 200000 /* about two seconds */

struct sim_minimised {
  json_t *scenario; /* to be given up, as sim_minimised_free() does */
  char *trace;
  /* Injected faults that the failure needs and the scenario does not ask for. 0: it shows in any
   * run; the scenario then says "injected": "single", if it needs one */
  int fault_budget;
  int candidates; /* tried */
  int64_t steps;
  bool complete; /* nothing more can be cut; else a limit or an interrupt came first */
};

/* Minimise a failure.
 * Out:     *minimised, to be freed with sim_minimised_free(), whatever is returned
 * Returns: false if the failure was not found in any candidate within the limits, or memory ran
 *          out; then there is no scenario and no trace
 */
bool sim_minimise(const struct sim_minimise_job *job, struct sim_minimised *minimised);
void sim_minimised_free(struct sim_minimised *minimised);

#endif
