/* Exhaustive search: from the beginning of a case, every transition that can be made, with every
 * answer that is open, until nothing new is found. Depth first, so that only one path of worlds is
 * kept for each process; the graph of states is kept as numbers, and the shortest way to any state
 * is read off it afterwards. What is found depends on nothing but the case and the limits: not on
 * the order of the search, nor on what is remembered. */
#ifndef SIM_EXPLORE_H
#define SIM_EXPLORE_H

#include "ending.h"
#include "check.h"
#include "tally.h"
#include "machine.h"

#include <signal.h>

#define SIM_MAX_VIOLATIONS                                                                         \
  16 /* different ones (rule and harm) of one case; further ones are counted */
#define SIM_MEMO_BYTES ((size_t)256 << 20) /* the default of memo_bytes */

#define SIM_MAX_PATH 20000 /* steps of a walk, or of a trace */

/* Where all paths begin. */
struct sim_beginning {
  struct sim_world world;
  struct fake_disk_image image;
};

struct sim_found_ending {
  uint64_t hash;
  uint32_t state;           /* the nearest one */
  bool only_under_faults;   /* not reached without injected ones */
  int64_t paths;            /* settled states with this ending */
  struct sim_ending ending; /* in use up to sim_ending_size(): never copied as a whole */
};

struct sim_found_violation {
  struct sim_violation violation;
  uint32_t state; /* the transition that breaks the rule is made here; */
  struct sim_transition
      transition; /* task -1: the state itself breaks it, being settled or stuck */
  int64_t count;
};

struct sim_search {
  int64_t states;
  int64_t transitions;
  int64_t steps_run;    /* on the engine; fewer than transitions, as steps are remembered */
  int64_t depth;        /* transitions to the state that is farthest from the beginning */
  struct sim_hash root; /* over all states and transitions, of whatever was seen */
  size_t graph_bytes;   /* memory of the states and transitions */
  bool exhausted;       /* every reachable state was seen; else cut by the limit or interrupted */
  bool interrupted;
  bool out_of_memory;
  bool limited; /* a step passed a bound of the simulator: nothing was looked at behind it */
  bool failed;  /* a rule was broken on the way: nothing was looked at behind that */
  struct sim_tally tally; /* injected faults that were tried */
  int ending_count;
  struct sim_found_ending **endings; /* in the order of their hashes */
  int violation_count;               /* nearest first */
  struct sim_found_violation violations[SIM_MAX_VIOLATIONS];
  struct sim_graph *graph;
};

struct sim_progress {
  int64_t states;
  int64_t depth;    /* of the path at hand */
  int64_t frontier; /* states seen that have transitions left to try */
};

struct sim_limits {
  uint64_t seed;         /* of the machine */
  int fault_budget;      /* injected faults in one run: 0, 1 or 2; a case may ask for more */
  bool without_declared; /* not even the declared ones */
  int64_t max_states;    /* > 0 */
  size_t memo_bytes;     /* for remembered steps and parts of worlds, about; 0: the default */
  bool without_stories;  /* of endings that are as expected: nobody will read them */
  bool without_memo;     /* run every step of every state on the engine */
  int recheck_every; /* make about one of so many transitions twice and compare; 0: none, 1: all */
  const volatile sig_atomic_t *interrupt; /* not 0: stop as soon as possible; may be null */
  /* now and then, in the calling process; may be null */
  void (*progress)(void *self, const struct sim_progress *progress);
  void *progress_self;
};

/* How many injected faults a run of the case shows within the limits: as many as they say, and at
 * least as many as the case asks for, unless they leave out even the declared ones. */
int sim_fault_budget(const struct sim_case *the_case, const struct sim_limits *limits);

/* Search a machine's world exhaustively.
 * In:      machine  at its beginning; afterwards there again
 * Returns: false if memory ran out; *search then says what was found until then
 * Effects: *search is to be freed with sim_search_free(). Freed memory stays with the process from
 *          now on
 */
bool sim_explore(struct sim_machine *machine, const struct sim_limits *limits,
                 struct sim_search *search);
void sim_search_free(struct sim_search *search);

/* The shortest way from the beginning to a state.
 * Returns: the number of transitions, *transitions to be freed by the caller; -1 when out of
 *          memory */
int sim_search_path(const struct sim_search *search, uint32_t state,
                    struct sim_transition **transitions);

#endif
