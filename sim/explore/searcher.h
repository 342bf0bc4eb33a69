/* One process of a search: a machine and the path that it is on, depth first. */
#ifndef SIM_SEARCHER_H
#define SIM_SEARCHER_H

#include "findings.h"
#include "pool.h"

struct sim_searcher;

/* In:      machine  at its beginning; stays the caller's
 * Returns: null when out of memory */
struct sim_searcher *sim_searcher_new(struct sim_pool *pool, struct sim_machine *machine,
                                      const struct sim_limits *limits);
void sim_searcher_free(struct sim_searcher *searcher);

/* Begin at the beginning: the first state of the graph. Returns false when out of memory. */
bool sim_searcher_begin(struct sim_searcher *searcher);

/* In a process that was just forked: the path and the findings are the parent's. */
void sim_searcher_forget(struct sim_searcher *searcher);

/* Search what one has, then what others give, until nothing is left or the pool is stopped.
 * In:      busy  called now and then, with whether the search is a long one; may be null. It may
 *                fork; in the child it does not return */
void sim_searcher_run(struct sim_searcher *searcher, void (*busy)(void *self, bool is_long),
                      void *self);

const struct sim_beginning *sim_searcher_beginning(const struct sim_searcher *searcher);
struct sim_findings *sim_searcher_findings(struct sim_searcher *searcher);
int64_t sim_searcher_transitions(const struct sim_searcher *searcher);

#endif
