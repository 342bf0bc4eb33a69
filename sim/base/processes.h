/* Jobs that do not know each other, done by forked workers. A job's result belongs to its number,
 * so nothing depends on how many workers there are and which of them is faster. */
#ifndef SIM_PROCESSES_H
#define SIM_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>

enum { SIM_MAX_WORKERS = 64 };

struct sim_processes {
  size_t count; /* of jobs, told by number from 0; at most INT_MAX */
  int workers;  /* 1..SIM_MAX_WORKERS */
  void *self;
  /* In a worker: do a job. Returns: its result, of *size_bytes (less than 4 GiB), freed by the
   * caller with free(); null is a result of no bytes */
  char *(*make)(void *self, size_t job, size_t *size_bytes);
  /* In a worker, before each job: whether it is not wanted. May be null. */
  bool (*skips)(void *self, size_t job);
  /* In a worker, before each job: begin no more? All jobs before one that was begun were begun or
   * skipped as well. May be null. */
  bool (*is_over)(void *self);
  /* In the parent, as soon as a result is there; `bytes` is borrowed, and not aligned. */
  void (*done)(void *self, size_t job, const char *bytes, size_t size_bytes);
  /* In the parent: the worker that was at this job has died, of a signal or (0) otherwise. Another
   * one takes its place. May be null. */
  void (*died)(void *self, size_t job, int signal_number);
  /* In the parent, some times a second. May be null. */
  void (*watch)(void *self);
};

/* Do the jobs, each once.
 * Returns: false if no worker could be had
 * Effects: an interrupt (sim_interrupt_came()) is passed on to the workers, which end with the job
 *          at hand; who does not within some seconds is killed, and its job is neither done nor
 *          said to have died. No process is left behind, also when this one dies. Workers flush
 *          what they have printed. */
bool sim_processes_run(const struct sim_processes *processes);

/* Memory that this process shares with those that it forks, zeroed; null when there is none. */
void *sim_shared_new(size_t size_bytes);
void sim_shared_free(void *memory, size_t size_bytes); /* null is fine */

#endif
