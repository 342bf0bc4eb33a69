/* Random walks: from the beginning of a case one step after the other, each chosen at random, with
 * random answers and faults, up to a terminal state. The checkers judge every step. Walks are for
 * worlds that are too large for an exhaustive search; a walk keeps its steps only.
 *
 * The next actor is chosen by one of two strategies: uniformly among those that can step
 * (chance.h), or by priorities, PCT (priority.h). PCT finds a bug that needs d steps in a certain
 * order with a known probability, however long the others run; uniform choice rarely lets an actor
 * wait for long. */
#ifndef SIM_WALK_H
#define SIM_WALK_H

#include "explore.h"
#include "probes.h"
#include "random.h"

#include <signal.h>

/* How to walk. All zero but `random`: uniform, all answers normal, no fault. */
struct sim_walk_plan {
  struct sim_random random;
  int change_points;   /* PCT: d - 1, at most SIM_MAX_CHANGE_POINTS */
  bool has_priorities; /* PCT; else uniform */
  int expected_steps;  /* PCT: change points are among so many steps; < 1: 100 */
  int answer_permille; /* share of answers that are not normal */
  int fault_limit;     /* injected faults in one walk */
  int world_permille;  /* share of steps with a fault before them: a death, a clock jump, ... */
  int disk_permille;   /* share of steps with a fault inside */
};

enum sim_walk_end {
  SIM_WALK_ENDED,       /* in a terminal state, without a violation */
  SIM_WALK_TOO_LARGE,   /* likewise, but the model's search for an order was cut short */
  SIM_WALK_BROKEN,      /* with a violation */
  SIM_WALK_INTERRUPTED, /* by *interrupt */
  SIM_WALK_OUT_OF_MEMORY
};

/* A case's machine and the beginning of its walks. It is used for many walks, as setting it up
 * takes longer than a walk. */
struct sim_walker;

/* In:      machines  where to take the machine; null: make a new one
 *          seed of the machine; no ending depends on it
 * Returns: the walker, to be freed by the caller; null with a message when the given world cannot
 *          be made or memory is out */
struct sim_walker *sim_walker_new(struct sim_machines *machines, const struct sim_case *the_case,
                                  uint64_t seed, struct reload_message *message);
void sim_walker_free(struct sim_walker *walker);

/* Walk once, from the beginning. The walk depends on the case and the plan alone.
 * In:      interrupt  not 0: stop; may be null
 *          probes the walk's hits are added; may be null */
enum sim_walk_end sim_walk(struct sim_walker *walker, const struct sim_walk_plan *plan,
                           const volatile sig_atomic_t *interrupt, struct sim_probes *probes);

/* Walk once, by any strategy. It is asked for a task before each step, and may change `inside`
 * then.
 * In:      fault_limit  injected faults in all */
enum sim_walk_end sim_walk_by(struct sim_walker *walker, const struct sim_strategy *strategy,
                              int fault_limit, const volatile sig_atomic_t *interrupt,
                              struct sim_probes *probes);

/* The steps of the last walk, valid until the next; after SIM_WALK_BROKEN the last one breaks the
 * rule.
 * Returns: their number */
int sim_walk_steps(const struct sim_walker *walker, const struct sim_transition **steps);

/* The violation, after SIM_WALK_BROKEN. */
const struct sim_violation *sim_walk_violation(const struct sim_walker *walker);

/* The beginning of all walks. */
const struct sim_beginning *sim_walk_beginning(const struct sim_walker *walker);

/* The machine, in the last state of the last walk. */
struct sim_machine *sim_walk_machine(struct sim_walker *walker);

#endif
