/* Exhaustive search: from the beginning of a case, every possible transition with every possible
 * answer, until nothing new is found. It is depth first, so that only one path of worlds is kept.
 * The graph of states is kept as numbers; the shortest path to any state is read off it afterwards.
 * What is found depends on the case and the limits alone: neither on the order of the search, nor
 * on what is remembered. */
#ifndef SIM_EXPLORE_H
#define SIM_EXPLORE_H

#include "ending.h"
#include "check.h"
#include "tally.h"
#include "machine.h"

#include <signal.h>

#define SIM_MAX_VIOLATIONS 16 /* of one case, by rule and harm; further ones are left out */
#define SIM_MEMO_BYTES ((size_t)256 << 20) /* the default of memo_bytes */

#define SIM_MAX_PATH 20000 /* steps of a walk or of a trace */

/* A world to return to, such as that in which all paths begin. */
struct sim_beginning {
  struct sim_world world;
  struct fake_disk_image image;
};

struct sim_found_ending {
  uint64_t hash;
  uint32_t state;           /* the nearest one with this ending */
  bool only_under_faults;   /* not reached without injected faults */
  int64_t paths;            /* terminal states with this ending */
  struct sim_ending ending; /* in use up to sim_ending_size(): never copied as a whole */
};

struct sim_found_violation {
  struct sim_violation violation;
  uint32_t state;                   /* where the transition begins */
  struct sim_transition transition; /* that breaks the rule; task -1: the state itself does */
  int64_t count;                    /* of transitions or states that break it */
};

struct sim_search {
  int64_t states;
  int64_t transitions;
  int64_t steps_run;    /* on the engine: fewer than transitions, as results are remembered */
  int64_t depth;        /* transitions to the state that is farthest from the beginning */
  struct sim_hash root; /* hash over all states and transitions that were seen */
  size_t graph_bytes;   /* memory of the states and transitions */
  bool exhausted;       /* every reachable state was seen; false if cut or interrupted */
  bool interrupted;
  bool out_of_memory;
  bool limited; /* a step passed a bound of the simulator; what follows was not searched */
  bool failed;  /* a rule was broken on the way; what follows was not searched */
  struct sim_tally tally; /* how often each injected fault was tried */
  int ending_count;
  struct sim_found_ending **endings; /* in the order of their hashes */
  int violation_count;               /* nearest first */
  struct sim_found_violation violations[SIM_MAX_VIOLATIONS];
  struct sim_graph *graph;
};

struct sim_progress {
  int64_t states;
  int64_t depth;    /* of the present path */
  int64_t frontier; /* states seen that have transitions left to try */
};

struct sim_limits {
  uint64_t seed;         /* of the machine */
  int fault_budget;      /* injected faults in one run: 0, 1 or 2; a case may ask for more */
  bool without_declared; /* without the declared ones too */
  int64_t max_states;    /* > 0 */
  size_t memo_bytes;     /* bytes for remembered steps and parts, approximately; 0: the default */
  bool without_stories;  /* leave out the stories of expected endings */
  bool without_memo;     /* run every step of every state on the engine */
  int recheck_every; /* run about one of so many transitions twice and compare; 0: none, 1: all */
  const volatile sig_atomic_t *interrupt; /* not 0: stop as soon as possible; may be null */
  /* called from time to time, in this process; may be null */
  void (*progress)(void *self, const struct sim_progress *progress);
  void *progress_self;
};

/* How many injected faults a run of the case may show: as many as the limits say, and at least as
 * many as the case asks for, unless the limits leave out even the declared ones. */
int sim_fault_budget(const struct sim_case *the_case, const struct sim_limits *limits);

/* Search a machine's world exhaustively.
 * In:      machine  at its beginning; it is put back there
 * Returns: false when out of memory; *search then has what was found until then
 * Effects: *search is to be freed with sim_search_free(). From now on the process keeps freed
 *          memory */
bool sim_explore(struct sim_machine *machine, const struct sim_limits *limits,
                 struct sim_search *search);
void sim_search_free(struct sim_search *search);

/* The shortest path from the beginning to a state.
 * Returns: the number of transitions, *transitions to be freed by the caller; -1 when out of memory
 */
int sim_search_path(const struct sim_search *search, uint32_t state,
                    struct sim_transition **transitions);

#endif
