/* The states that were seen, by hash, and the transitions between them, in few bytes: about 30 a
 * state and 4 a transition, and 8 more a state once finished. */
#ifndef SIM_GRAPH_H
#define SIM_GRAPH_H

#include "variants.h"

#include <stddef.h>

struct sim_graph;

/* Room for so many states (more are refused like memory that has run out).
 * Returns: null when out of memory */
struct sim_graph *sim_graph_new(int64_t max_states);
void sim_graph_free(struct sim_graph *graph);

/* The number of a state, which is new if *is_new; UINT32_MAX when out of memory. */
uint32_t sim_graph_state(struct sim_graph *graph, struct sim_hash hash, bool *is_new);

/* The number of a state that was seen; UINT32_MAX: it was not. */
uint32_t sim_graph_known(const struct sim_graph *graph, struct sim_hash hash);

uint32_t sim_graph_count(const struct sim_graph *graph);
struct sim_hash sim_graph_hash(const struct sim_graph *graph, uint32_t state);

/* The number of a transition, which is kept once; UINT32_MAX when out of memory. */
uint32_t sim_graph_transition(struct sim_graph *graph, const struct sim_transition *transition);

/* A transition out of a state. */
struct sim_exit {
  uint32_t to;
  uint32_t transition; /* sim_graph_transition() */
};

/* Add exits of a state; several times for one state are allowed.
 * Returns: false when out of memory */
bool sim_graph_exits(struct sim_graph *graph, uint32_t from, const struct sim_exit *exits,
                     size_t count);

/* Here a path may end: the world has settled, or a rule is broken. */
void sim_graph_end_here(struct sim_graph *graph, uint32_t state);

/* When all is there: find the shortest way to every state; of
 * equally short ones the one whose transitions come first (sim_transition_is_earlier()), so that no
 * order of search shows.
 * Returns: false when out of memory */
bool sim_graph_finish(struct sim_graph *graph);

/* ---- After sim_graph_finish() ---- */

/* How many transitions a state is away from state 0; UINT32_MAX: unreachable. */
uint32_t sim_graph_distance(const struct sim_graph *graph, uint32_t state);
uint32_t sim_graph_depth(const struct sim_graph *graph); /* the greatest distance */

/* The shortest path from state 0 to a state, as numbers of transitions.
 * Returns: how many they are, *path to be freed by the caller; -1 when out of memory */
int sim_graph_path(const struct sim_graph *graph, uint32_t state, uint32_t **path);

/* The transition with a number; valid until a new one is added. */
const struct sim_transition *sim_graph_numbered(const struct sim_graph *graph, uint32_t number);

/* A hash over all states and transitions that depends on nothing but them. */
struct sim_hash sim_graph_root(const struct sim_graph *graph);

/* The nearest state from which no end can be reached; UINT32_MAX: there is none. Changes the marks
 * of states. */
uint32_t sim_graph_hopeless(struct sim_graph *graph);

/* Memory in use, in bytes. */
size_t sim_graph_bytes(const struct sim_graph *graph);

#endif
