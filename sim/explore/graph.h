/* The graph of the states that were seen: about 30 bytes a state and 8 a transition; finishing
 * takes 12 more a state. */
#ifndef SIM_GRAPH_H
#define SIM_GRAPH_H

#include "variants.h"

#include <stddef.h>

struct sim_graph;

/* In:      max_states  more are refused like memory that has run out
 * Returns: an empty graph, to be freed by the caller; null when out of memory */
struct sim_graph *sim_graph_new(int64_t max_states);
void sim_graph_free(struct sim_graph *graph);

/* The number of a state; *is_new: it was not known before. UINT32_MAX when out of memory. */
uint32_t sim_graph_state(struct sim_graph *graph, struct sim_hash hash, bool *is_new);

/* The number of a known state; UINT32_MAX: it is not known. */
uint32_t sim_graph_known(const struct sim_graph *graph, struct sim_hash hash);

uint32_t sim_graph_count(const struct sim_graph *graph);
struct sim_hash sim_graph_hash(const struct sim_graph *graph, uint32_t state);

/* The number of a transition, known or new; UINT32_MAX when out of memory. */
uint32_t sim_graph_transition(struct sim_graph *graph, const struct sim_transition *transition);

/* A transition out of a state. */
struct sim_exit {
  uint32_t to;
  uint32_t transition; /* sim_graph_transition() */
};

/* Add exits to a state, also more than once.
 * Returns: false when out of memory */
bool sim_graph_exits(struct sim_graph *graph, uint32_t from, const struct sim_exit *exits,
                     size_t count);

/* A path may end in this state: it is terminal, or a rule is broken. */
void sim_graph_end_here(struct sim_graph *graph, uint32_t state);

/* When the graph is complete: find the shortest path to each state. Of equally short ones it is the
 * one whose transitions come first (sim_transition_is_earlier()), so that it does not depend on the
 * order of the search.
 * Returns: false when out of memory */
bool sim_graph_finish(struct sim_graph *graph);

/* ---- After sim_graph_finish() ---- */

/* The length of the shortest path to a state, in transitions; UINT32_MAX: unreachable. */
uint32_t sim_graph_distance(const struct sim_graph *graph, uint32_t state);
uint32_t sim_graph_depth(const struct sim_graph *graph); /* the greatest distance */

/* The shortest path from state 0 to a state.
 * Returns: the number of transitions, *transitions to be freed by the caller; -1 when out of memory
 */
int sim_graph_path(const struct sim_graph *graph, uint32_t state,
                   struct sim_transition **transitions);

/* A hash over all states and transitions that depends on nothing but them. */
struct sim_hash sim_graph_root(const struct sim_graph *graph);

/* The nearest state from which no end can be reached; UINT32_MAX: none.
 * Effects: marks all states from which an end can be reached */
uint32_t sim_graph_hopeless(struct sim_graph *graph);

/* Memory in use, in bytes. */
size_t sim_graph_bytes(const struct sim_graph *graph);

#endif
