#include "pool.h"

#include "reserve.h"

#include <errno.h>
#include <time.h>

enum { LOOK_MS = 50 };

static bool make_locks(struct sim_pool *pool) {
  pthread_mutexattr_t shared;
  pthread_condattr_t shared_too;
  if (pthread_mutexattr_init(&shared) != 0) return false;
  if (pthread_condattr_init(&shared_too) != 0) {
    pthread_mutexattr_destroy(&shared);
    return false;
  }
  bool made = pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED) == 0 &&
              pthread_mutexattr_setrobust(&shared, PTHREAD_MUTEX_ROBUST) == 0 &&
              pthread_mutex_init(&pool->lock, &shared) == 0;
  made = made && pthread_condattr_setpshared(&shared_too, PTHREAD_PROCESS_SHARED) == 0 &&
         pthread_condattr_setclock(&shared_too, CLOCK_MONOTONIC) == 0 &&
         pthread_cond_init(&pool->woken, &shared_too) == 0;
  pthread_mutexattr_destroy(&shared);
  pthread_condattr_destroy(&shared_too);
  return made;
}

struct sim_pool *sim_pool_new(int64_t max_states) {
  struct sim_pool *pool = sim_reserve(sizeof *pool);
  if (!pool) return NULL;
  pool->searchers = 1;
  pool->graph = sim_graph_new(max_states);
  if (pool->graph && make_locks(pool)) return pool;
  sim_graph_free(pool->graph);
  sim_pool_free(pool);
  return NULL;
}

void sim_pool_free(struct sim_pool *pool) { sim_unreserve(pool, sizeof *pool); }

void sim_pool_lock(struct sim_pool *pool) {
  if (pthread_mutex_lock(&pool->lock) != EOWNERDEAD) return;
  (void)pthread_mutex_consistent(&pool->lock); /* so that all can see that this search has failed */
  atomic_store(&pool->failed, true);
  atomic_store(&pool->stop, true);
  pool->done = true;
}

void sim_pool_unlock(struct sim_pool *pool) { pthread_mutex_unlock(&pool->lock); }

static void wait_a_little(struct sim_pool *pool) {
  struct timespec until;
  (void)clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_nsec += LOOK_MS * 1000000;
  if (until.tv_nsec >= 1000000000) {
    until.tv_nsec -= 1000000000;
    until.tv_sec++;
  }
  if (pthread_cond_timedwait(&pool->woken, &pool->lock, &until) != EOWNERDEAD) return;
  (void)pthread_mutex_consistent(&pool->lock);
  atomic_store(&pool->failed, true);
  pool->done = true;
}

int sim_pool_take(struct sim_pool *pool, struct sim_share *work) {
  sim_pool_lock(pool);
  pool->idle++;
  if (pool->queued == 0 && !pool->done) {
    if (pool->idle == pool->searchers) { /* nobody is left who could give some */
      pool->done = true;
      pthread_cond_broadcast(&pool->woken);
    } else {
      atomic_store(&pool->hungry, pool->idle);
      wait_a_little(pool);
    }
  }
  int taken = pool->done ? -1 : pool->queued > 0;
  if (taken > 0) *work = pool->queue[--pool->queued];
  if (taken >= 0) pool->idle--;
  atomic_store(&pool->hungry, pool->idle - pool->queued);
  sim_pool_unlock(pool);
  return taken;
}

void sim_pool_join(struct sim_pool *pool, int change) {
  sim_pool_lock(pool);
  pool->searchers += change;
  sim_pool_unlock(pool);
}

bool sim_pool_give(struct sim_pool *pool, const struct sim_share *work) {
  sim_pool_lock(pool);
  bool given = pool->idle > pool->queued && pool->queued < SIM_MAX_SEARCHERS && !pool->done;
  if (given) {
    pool->queue[pool->queued++] = *work;
    atomic_store(&pool->hungry, pool->idle - pool->queued);
    pthread_cond_signal(&pool->woken);
  }
  sim_pool_unlock(pool);
  return given;
}

void sim_pool_stop(struct sim_pool *pool) {
  atomic_store(&pool->stop, true);
  sim_pool_lock(pool);
  pool->done = true;
  pthread_cond_broadcast(&pool->woken);
  sim_pool_unlock(pool);
}

void sim_pool_fail(struct sim_pool *pool) {
  atomic_store(&pool->failed, true);
  sim_pool_stop(pool);
}
