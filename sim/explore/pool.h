/* What the processes of one search share: the graph, and work for those that have none. It lies in
 * shared memory, and one lock guards it. Processes and not threads, since SQLite's randomness
 * belongs to a process, and is part of what must be the same every time. */
#ifndef SIM_POOL_H
#define SIM_POOL_H

#include "explore.h"
#include "graph.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>

#define SIM_CACHE_LINE 64        /* bytes; where it is not so, only speed is lost */
#define SIM_SHARE_MAX_MOVES 1000 /* work that begins farther away is not given to others */

/* A state whose variants are to be tried, and the way to it. */
struct sim_share {
  uint32_t state;
  struct sim_variants variants;
  int move_count;
  struct sim_move moves[SIM_SHARE_MAX_MOVES];
};

/* What is written often lies apart from what is read before every move: processes take lines of
 * memory from each other whole. */
struct sim_pool {
  struct sim_graph *graph;
  struct sim_share queue[SIM_MAX_SEARCHERS];

  alignas(SIM_CACHE_LINE) pthread_mutex_t lock;
  pthread_cond_t woken;
  int queued;
  int searchers; /* that take part */
  int idle;      /* of them, waiting for work */
  bool done;     /* all work is done, or it was stopped */

  alignas(SIM_CACHE_LINE) atomic_int hungry; /* searchers without work, less work that waits */
  atomic_bool stop;                          /* nobody may go on */
  atomic_bool failed;                        /* memory ran out, or a process died */
  atomic_bool cut;                           /* by the limit of states, or interrupted */

  alignas(SIM_CACHE_LINE) atomic_llong frontier; /* states that have variants left to try, about */
};

/* Returns: null when out of memory */
struct sim_pool *sim_pool_new(int64_t max_states);
void sim_pool_free(struct sim_pool *pool); /* but for the graph */

/* A process that dies with the lock fails the pool; nobody waits for it for ever. */
void sim_pool_lock(struct sim_pool *pool);
void sim_pool_unlock(struct sim_pool *pool);

/* Wait for work, LOOK_MS at most.
 * Returns: 1 with work; 0: not yet; -1: there will be no more */
int sim_pool_take(struct sim_pool *pool, struct sim_share *work);

/* One searcher more, or (when it could not be made) one less. */
void sim_pool_join(struct sim_pool *pool, int change);

/* Offer work. Returns: false if nobody wants it, and nothing has happened */
bool sim_pool_give(struct sim_pool *pool, const struct sim_share *work);

/* Nobody goes on. */
void sim_pool_stop(struct sim_pool *pool);
void sim_pool_fail(struct sim_pool *pool);

#endif
