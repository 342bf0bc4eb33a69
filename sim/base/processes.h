/* Independent jobs, done by forked workers. A result belongs to its job's number, so that nothing
 * depends on how many workers there are or which one is faster. */
#ifndef SIM_PROCESSES_H
#define SIM_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>

enum { SIM_MAX_WORKERS = 64 };

struct sim_processes {
  size_t count; /* of jobs, which are numbered from 0; at most INT_MAX */
  int workers;  /* 1..SIM_MAX_WORKERS */
  void *self;
  /* In a worker: do a job. Returns: its result of *size_bytes (less than 4 GiB), to be freed by the
   * caller with free(); null: a result of no bytes */
  char *(*make)(void *self, size_t job, size_t *size_bytes);
  /* In a worker, before each job: whether it is to be left out. May be null. */
  bool (*skips)(void *self, size_t job);
  /* In a worker, before each job: whether to begin no more jobs. All jobs before one that was begun
   * were begun or left out as well. May be null. */
  bool (*is_over)(void *self);
  /* In the parent, when a result has arrived; `bytes` is borrowed and not aligned. */
  void (*done)(void *self, size_t job, const char *bytes, size_t size_bytes);
  /* In the parent: the worker that did this job has died, of a signal or (0) otherwise. Another
   * worker takes its place. May be null. */
  void (*died)(void *self, size_t job, int signal_number);
  /* In the parent, several times a second. May be null. */
  void (*watch)(void *self);
};

/* Do the jobs, each once.
 * Returns: false if no worker could be started
 * Effects: an interrupt (sim_interrupt_came()) is passed on to the workers, which finish their
 *          present job. A worker that does not end within some seconds is killed; its job is
 *          neither done nor reported as died. No worker outlives this call or this process. Workers
 *          flush what they have printed */
bool sim_processes_run(const struct sim_processes *processes);

/* Zeroed memory that is shared with forked workers, to be freed by the caller; null when out of
 * memory. */
void *sim_shared_new(size_t size_bytes);
void sim_shared_free(void *memory, size_t size_bytes); /* null is fine */

#endif
