/* Shrinking: from a scenario that fails to a small one that fails in the same way.
 *
 * What is promised:
 * - The small scenario was seen to fail with the same signature, and comes with the tape of it.
 * - Of a breach found by an oracle everything may be cut, since oracles hold in every world:
 *   actors, steps, clients, faults, processes, numbers. The result says "may": "anything", so it
 *   passes as soon as the breach, and every other one, is gone.
 * - Of a failure of expected outcomes only that is cut which leaves right what the outcomes say, if
 *   it was right before: faults that may happen (what is left can happen in the old world too),
 *   clients that share no actor with the failure (rules TOGGLE-7 and RACE-6: clients do not touch
 *   each other), last steps of an actor that only look, wait, or do what the background does
 *   anyway. The outcomes become "may": not all of them can be reached any more. So the result
 *   passes on an engine that passes the scenario that it was made from.
 * The result depends on nothing but the job: not on time, nor on the number of processes. */
#ifndef SIM_SHRINK_H
#define SIM_SHRINK_H

#include "hunt.h"

#include <jansson.h>

struct sim_shrink_job {
  const struct sim_suite *suite; /* whose rules the scenario cites */
  const char *name;              /* stands for the result's file, as in sim_suite_read_text() */
  const json_t *scenario;        /* self-contained, as sim_case_json() writes it; not changed */
  struct sim_signature signature;
  struct sim_limits limits; /* the fault level; max_states 0: SIM_SHRINK_STATES for a candidate */
  int max_candidates;       /* 0: SIM_SHRINK_CANDIDATES */
  int64_t max_moves;        /* of all hunts together; 0: SIM_SHRINK_MOVES */
  sim_hunter *hunter;       /* null: sim_hunt_all */
  void *hunter_self;
  /* What another hunter has made small enough for sim_hunt_all is shrunk on by that one, with
   * max_candidates and max_moves again: it misses nothing, and its tape is the shortest. */
  bool then_search;
  void (*progress)(void *self, int candidates, int64_t moves); /* before each candidate; or null */
  void *progress_self;
};

#define SIM_SHRINK_STATES 20000
#define SIM_SHRINK_CANDIDATES 400
#define SIM_SHRINK_MOVES 200000 /* about two seconds */

struct sim_shrunk {
  json_t *scenario; /* to be given up, as sim_shrunk_free() does */
  char *tape;
  /* Undeclared faults that the failure needs and the scenario does not ask for. 0: it shows in any
   * run; the scenario then says "undeclared": "single", if it needs one */
  int fault_budget;
  int candidates; /* tried */
  int64_t moves;
  bool complete; /* nothing more can be cut; else a limit or an interrupt came first */
};

/* Shrink a failure.
 * Out:     *shrunk, to be freed with sim_shrunk_free(), whatever is returned
 * Returns: false if the failure was not found in any candidate within the limits, or memory ran
 *          out; then there is no scenario and no tape
 */
bool sim_shrink(const struct sim_shrink_job *job, struct sim_shrunk *shrunk);
void sim_shrunk_free(struct sim_shrunk *shrunk);

#endif
