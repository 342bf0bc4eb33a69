/* The exhaustive strategy: depth first through everything that can happen. Each step is run on the
 * engine once for each combination of what it reads (memo.h). */
#ifndef SIM_EXHAUSTIVE_H
#define SIM_EXHAUSTIVE_H

#include "findings.h"

struct sim_exhaustive;

/* In:      machine  at its beginning; borrowed
 *          graph empty; borrowed
 *          limits borrowed
 * Returns: the search, to be freed by the caller; null when out of memory */
struct sim_exhaustive *sim_exhaustive_new(struct sim_machine *machine, struct sim_graph *graph,
                                          const struct sim_limits *limits);
void sim_exhaustive_free(struct sim_exhaustive *search);

/* Search, once, until nothing new is found or the search is stopped: then *cut.
 * Returns: false when out of memory */
bool sim_exhaustive_run(struct sim_exhaustive *search, bool *cut);

const struct sim_beginning *sim_exhaustive_beginning(const struct sim_exhaustive *search);
struct sim_findings *sim_exhaustive_findings(struct sim_exhaustive *search);
int64_t sim_exhaustive_transitions(const struct sim_exhaustive *search);
int64_t sim_exhaustive_steps_run(const struct sim_exhaustive *search); /* on the engine */

#endif
