/* Exhaustive search: from the beginning of a case, every move that can be made, with every answer
 * that is open, until nothing new is found. Depth first, so that only one path of worlds is kept;
 * the graph of states is kept as numbers, and the shortest way to any state is read off it
 * afterwards. */
#ifndef SIM_EXPLORE_H
#define SIM_EXPLORE_H

#include "ending.h"
#include "oracle.h"
#include "variants.h"

#include <signal.h>

#define SIM_MAX_BREACHES                                                                           \
  16 /* different ones (rule and harm) of one case; further ones are counted */

struct sim_found_ending {
  struct sim_ending ending;
  uint64_t hash;
  uint32_t state;         /* the nearest one */
  bool only_under_faults; /* not reached without undeclared ones */
  int64_t paths;          /* settled states with this ending */
};

struct sim_found_breach {
  struct sim_breach breach;
  uint32_t state;       /* the move that breaks the rule is made here; */
  struct sim_move move; /* task -1: the state itself breaks it, being settled or stuck */
  int64_t count;
};

struct sim_search {
  int64_t states;
  int64_t transitions;
  int64_t depth;  /* of the deepest path */
  bool exhausted; /* every reachable state was seen; else cut by the limit or interrupted */
  bool interrupted;
  bool out_of_memory;
  int ending_count;
  struct sim_found_ending **endings; /* in the order of their hashes: no search order shows */
  int breach_count;
  struct sim_found_breach breaches[SIM_MAX_BREACHES];
  struct sim_graph *graph;
};

struct sim_limits {
  uint64_t seed;                                /* of the machine */
  int fault_budget;                             /* undeclared faults in one run: 0, 1 or 2 */
  bool without_declared;                        /* not even the declared ones */
  int64_t max_states;                           /* > 0 */
  const volatile sig_atomic_t *interrupt;       /* not 0: stop as soon as possible; may be null */
  void (*progress)(void *self, int64_t states); /* now and then; may be null */
  void *progress_self;
};

/* Search a machine's world exhaustively.
 * In:      machine  at its beginning; afterwards in any state
 * Returns: false if memory ran out; *search then says what was found until then
 * Effects: *search is to be freed with sim_search_free()
 */
bool sim_explore(struct sim_machine *machine, const struct sim_limits *limits,
                 struct sim_search *search);
void sim_search_free(struct sim_search *search);

/* The shortest way from the beginning to a state.
 * Returns: the number of moves, *moves to be freed by the caller; -1 when out of memory */
int sim_search_path(const struct sim_search *search, uint32_t state, struct sim_move **moves);

#endif
