#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, prctl */
#include "processes.h"

#include "interrupt.h"
#include "stopwatch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* An interrupted worker needs a fraction of a second to send what it has found; after an hour's
 * search, more. Losing that would be worse than waiting for it. */
enum { LOOK_MS = 200, GRACE_MS = 5000 };

/* A worker takes the next job from `next`, which all share, and writes records to its pipe. */
struct worker {
  pid_t pid;
  int pipe;
  char *bytes; /* received, not yet a whole record */
  size_t size, room;
  int64_t present; /* its present job, which is named if it dies; -1: none */
};

/* Before a job: its number and BEGUN. After it: its number, the result's size, and the result. */
struct record {
  uint32_t job;
  uint32_t size;
};
#define BEGUN UINT32_MAX

struct crew {
  const struct sim_processes *work;
  atomic_uint *next; /* the first job that no worker has begun; shared */
  struct worker workers[SIM_MAX_WORKERS];
  int count;
  int64_t interrupted_ms; /* when an interrupt was passed on to the workers; 0: not yet */
};

/* ---- Shared memory ---- */

void *sim_shared_new(size_t size_bytes) {
  void *memory = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

void sim_shared_free(void *memory, size_t size_bytes) {
  if (memory) (void)munmap(memory, size_bytes);
}

/* ---- In a worker ---- */

static bool send_bytes(int pipe, const void *bytes, size_t size) {
  const char *at = bytes;
  while (size > 0) {
    ssize_t sent = write(pipe, at, size);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    at += sent;
    size -= (size_t)sent;
  }
  return true;
}

/* Do one job and send its result.
 * Returns: false if the parent is gone */
static bool do_job(const struct sim_processes *work, unsigned job, int pipe) {
  struct record record = {.job = job, .size = BEGUN};
  size_t size = 0;
  if (!send_bytes(pipe, &record, sizeof record)) return false;
  char *result = work->make(work->self, job, &size);
  if (!result) size = 0;
  record.size = (uint32_t)size;
  bool sent =
      size < BEGUN && send_bytes(pipe, &record, sizeof record) && send_bytes(pipe, result, size);
  free(result);
  return sent;
}

static _Noreturn void do_jobs(const struct crew *crew, int pipe) {
  const struct sim_processes *work = crew->work;
  while (!sim_interrupt_came() && !(work->is_over && work->is_over(work->self))) {
    unsigned job = atomic_fetch_add(crew->next, 1);
    if (job >= work->count) break;
    if (work->skips && work->skips(work->self, job)) continue;
    if (!do_job(work, job, pipe)) break;
  }
  exit(0); /* not _exit(): coverage counts are written at exit */
}

/* In the new process: close the pipes of other workers, and end when the parent ends. */
static _Noreturn void begin_worker(const struct crew *crew, int pipe, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) exit(0);
  sim_interrupt_catch();
  (void)signal(SIGPIPE, SIG_IGN);
  for (int i = 0; i < crew->count; i++)
    if (crew->workers[i].pipe >= 0) close(crew->workers[i].pipe);
  do_jobs(crew, pipe);
}

/* ---- In the parent ---- */

static bool start_worker(struct crew *crew, struct worker *worker) {
  int ends[2];
  if (pipe(ends) != 0) return false;
  (void)fflush(stdout);
  (void)fflush(stderr);
  pid_t parent = getpid(), pid = fork();
  if (pid == 0) {
    close(ends[0]);
    begin_worker(crew, ends[1], parent);
  }
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    return false;
  }
  *worker = (struct worker){.pid = pid, .pipe = ends[0], .present = -1};
  return true;
}

static void take_records(const struct crew *crew, struct worker *worker) {
  const struct sim_processes *work = crew->work;
  struct record record;
  size_t at = 0;
  while (worker->size - at >= sizeof record) {
    memcpy(&record, worker->bytes + at, sizeof record);
    size_t size = record.size == BEGUN ? 0 : record.size;
    if (worker->size - at - sizeof record < size) break;
    at += sizeof record;
    worker->present = record.size == BEGUN ? (int64_t)record.job : -1;
    if (record.size != BEGUN) work->done(work->self, record.job, worker->bytes + at, size);
    at += size;
  }
  memmove(worker->bytes, worker->bytes + at, worker->size - at);
  worker->size -= at;
}

/* Returns: false when the worker has closed its pipe */
static bool receive_bytes(const struct crew *crew, struct worker *worker) {
  if (worker->room - worker->size < 65536) {
    size_t room = worker->room ? worker->room * 2 : 1 << 18;
    char *bytes = realloc(worker->bytes, room);
    if (!bytes) return false;
    worker->bytes = bytes;
    worker->room = room;
  }
  ssize_t got = read(worker->pipe, worker->bytes + worker->size, worker->room - worker->size);
  if (got < 0 && errno == EINTR) return true;
  if (got <= 0) return false;
  worker->size += (size_t)got;
  take_records(crew, worker);
  return true;
}

/* A worker has closed its pipe and ended. One that died in a job is replaced.
 * Returns: whether no worker is left in this place */
static bool end_worker(struct crew *crew, struct worker *worker) {
  int status = 0;
  close(worker->pipe);
  worker->pipe = -1;
  free(worker->bytes);
  while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR) errno = 0;
  if (worker->present < 0 || sim_interrupt_came()) return true;
  int signal_number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  if (crew->work->died) crew->work->died(crew->work->self, (size_t)worker->present, signal_number);
  return !start_worker(crew, worker);
}

/* Pass an interrupt on, as the signal may have reached this process alone. Workers that do not end
 * in time are killed. */
static void pass_interrupt_on(struct crew *crew) {
  int64_t now = sim_now_ms();
  if (!sim_interrupt_came()) return;
  if (crew->interrupted_ms && now - crew->interrupted_ms < GRACE_MS) return;
  for (int i = 0; i < crew->count; i++)
    if (crew->workers[i].pipe >= 0)
      kill(crew->workers[i].pid, crew->interrupted_ms ? SIGKILL : SIGTERM);
  crew->interrupted_ms = now;
}

static void collect_results(struct crew *crew) {
  int open = crew->count;
  while (open > 0) {
    struct pollfd polls[SIM_MAX_WORKERS];
    pass_interrupt_on(crew);
    if (crew->work->watch) crew->work->watch(crew->work->self);
    for (int i = 0; i < crew->count; i++)
      polls[i] = (struct pollfd){.fd = crew->workers[i].pipe, .events = POLLIN};
    if (poll(polls, (nfds_t)crew->count, LOOK_MS) < 0 && errno != EINTR) break;
    for (int i = 0; i < crew->count; i++) {
      struct worker *worker = &crew->workers[i];
      if (worker->pipe < 0 || !(polls[i].revents & (POLLIN | POLLHUP | POLLERR))) continue;
      if (!receive_bytes(crew, worker) && end_worker(crew, worker)) open--;
    }
  }
}

bool sim_processes_run(const struct sim_processes *processes) {
  struct crew crew = {.work = processes, .next = sim_shared_new(sizeof *crew.next)};
  int wanted =
      (size_t)processes->workers < processes->count ? processes->workers : (int)processes->count;
  while (crew.next && crew.count < wanted && start_worker(&crew, &crew.workers[crew.count]))
    crew.count++;
  collect_results(&crew);
  sim_shared_free(crew.next, sizeof *crew.next);
  return crew.count > 0;
}
