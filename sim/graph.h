/* The states that were seen, by hash, and the moves between them. */
#ifndef SIM_GRAPH_H
#define SIM_GRAPH_H

#include "explore.h"

struct sim_graph;

struct sim_graph *sim_graph_new(void); /* null: out of memory */
void sim_graph_free(struct sim_graph *graph);

/* The number of a state, which is new if *is_new; UINT32_MAX when out of memory. */
uint32_t sim_graph_state(struct sim_graph *graph, struct sim_hash hash, bool *is_new);
uint32_t sim_graph_count(const struct sim_graph *graph);

bool sim_graph_edge(struct sim_graph *graph, uint32_t from, uint32_t to, struct sim_move move);

/* When all edges are there: find the shortest way to every state. Returns false when out of memory.
 */
bool sim_graph_finish(struct sim_graph *graph);

/* After sim_graph_finish(): how many moves a state is away from state 0; UINT32_MAX: unreachable.
 */
uint32_t sim_graph_distance(const struct sim_graph *graph, uint32_t state);

/* After sim_graph_finish(): as sim_search_path(). */
int sim_graph_path(const struct sim_graph *graph, uint32_t state, struct sim_move **moves);

#endif
