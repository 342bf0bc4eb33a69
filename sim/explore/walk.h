/* One walk through a world: from its beginning one step after the other, each chosen at random,
 * with random answers and faults, until the world has settled. The checkers judge every step. For
 * worlds too large to be searched exhaustively; a walk keeps nothing but its steps.
 *
 * Which actor steps next is chosen in one of two ways. Uniform: any that can. By priorities, PCT
 * (Burckhardt, Kothari, Musuvathi and Nagarakatte, "A randomized scheduler with probabilistic
 * guarantees of finding bugs", ASPLOS 2010): actors get random priorities, the highest that can
 * step does, and at d - 1 random moments the one at hand falls below all others. A bug that
 * needs d steps in a certain order is then found with a known chance, however long the others
 * let run on; uniform choice makes long waits rare. */
#ifndef SIM_WALK_H
#define SIM_WALK_H

#include "explore.h"
#include "probes.h"
#include "random.h"

#include <signal.h>

/* How to walk. All zero but `random`: uniform, every answer normal, no fault. */
struct sim_walk_plan {
  struct sim_random random;
  int change_points;   /* d - 1 */
  bool has_priorities; /* PCT; else uniform */
  int expected_steps;  /* PCT: change points lie within so many; < 1: 100 */
  int answer_permille; /* answers that are not normal */
  int fault_limit;     /* injected faults in all */
  int world_permille;  /* steps with a fault between steps: a death, a power cut, the clock */
  int disk_permille;   /* steps with a fault of the disk inside */
};

enum sim_walk_end {
  SIM_WALK_ENDED,       /* and no checker objects */
  SIM_WALK_TOO_LARGE,   /* likewise, but the model gave up looking for an order that explains it */
  SIM_WALK_BROKEN,      /* an checker objects */
  SIM_WALK_INTERRUPTED, /* by *interrupt */
  SIM_WALK_OUT_OF_MEMORY
};

/* A case's machine and where its walks begin; reused for all walks, as setting up takes longer than
 * a walk. */
struct sim_walker;

/* In:      machines  on one of which it walks; null: on a new one
 *          seed      of the machine; no ending depends on it
 * Returns: null with a message when the given world cannot be made, or memory is out */
struct sim_walker *sim_walker_new(struct sim_machines *machines, const struct sim_case *the_case,
                                  uint64_t seed, struct reload_message *message);
void sim_walker_free(struct sim_walker *walker);

/* Walk once, from the beginning. Depends on nothing but the case and the plan.
 * In:      interrupt  not 0: stop; may be null
 *          marks      the walk's hits are added; may be null */
enum sim_walk_end sim_walk(struct sim_walker *walker, const struct sim_walk_plan *plan,
                           const volatile sig_atomic_t *interrupt, struct sim_probes *probes);

/* Walk once, by any strategy. It is asked for a task before each step; of `inside` it may think
 * anew then.
 * In:      fault_limit  injected faults in all */
enum sim_walk_end sim_walk_by(struct sim_walker *walker, const struct sim_strategy *strategy,
                              int fault_limit, const volatile sig_atomic_t *interrupt,
                              struct sim_probes *probes);

/* The steps of the last walk, valid until the next; the last one is the one that breaks a rule if
 * sim_walk_violation() says so.
 * Returns: their number */
int sim_walk_steps(const struct sim_walker *walker, const struct sim_transition **steps);

/* What the last walk broke, after SIM_WALK_BROKEN. */
const struct sim_violation *sim_walk_violation(const struct sim_walker *walker);

/* Where walks begin. */
const struct sim_beginning *sim_walk_beginning(const struct sim_walker *walker);

/* The machine, in the last walk's end. */
struct sim_machine *sim_walk_machine(struct sim_walker *walker);

#endif
