#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, prctl */
#include "runner.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* An interrupted worker needs a fraction of a second to tell what it found; after an hour's search,
 * more. Losing that would be worse than waiting for it. */
enum { LOOK_MS = 200, GRACE_MS = 5000 };

static volatile sig_atomic_t interrupt; /* a signal handler can reach nothing else */

static bool interrupted; /* an interrupt has cut work short */

static void on_signal(int signal_number) {
  (void)signal_number;
  interrupt = 1;
}

/* What follows work that came to its end is short: the first signal only stops what looks at it,
 * the second ends the process as if nobody had asked for signals. */
static void on_late_signal(int signal_number) {
  if (interrupt) {
    (void)signal(signal_number, SIG_DFL);
    (void)raise(signal_number); /* comes when this handler returns */
  }
  interrupt = 1;
}

static void catch_signals(void (*handler)(int), int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  struct sigaction hangup;
  if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN) /* else: nohup */
    sigaction(SIGHUP, &action, NULL);
}

const volatile sig_atomic_t *sim_run_interrupt(void) { return &interrupt; }

bool sim_run_signalled(void) { return interrupt != 0; }

bool sim_run_interrupted(void) { return interrupted; }

/* A worker takes the next piece from `next`, which all share, and writes its result to its pipe. */
struct worker {
  pid_t pid;
  int pipe;
  char *bytes; /* received, not yet a whole record */
  size_t size, room;
  int64_t present; /* the piece it is at, for when it dies; -1: none */
};

struct shared {         /* memory of all processes */
  atomic_uint next;     /* the first piece that nobody has begun */
  atomic_llong counted; /* so far, for the progress line */
  atomic_bool stop;     /* begin no more pieces */
};
static struct shared *shared; /* of the work at hand: a piece of it can be deep down */

struct record { /* before the JSON text */
  uint32_t index;
  uint32_t verdict;
  uint32_t length;
};

struct crew {
  const struct sim_work *work;
  struct sim_outcome_of_case *outcomes;
  struct worker workers[SIM_MAX_JOBS];
  int worker_count;
  size_t done;
  bool shows_progress;
  int64_t interrupted_ms; /* when the workers were told of an interrupt; 0: not yet */
};

/* ---- In the worker ---- */

void sim_run_count(int64_t more) {
  if (shared) atomic_fetch_add(&shared->counted, more);
}

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

/* Do one piece and send its result; false: the parent is gone. */
static bool work_on(struct crew *crew, unsigned index, int pipe) {
  enum sim_verdict verdict = SIM_INTERNAL;
  struct record begin = {.index = index, .verdict = UINT32_MAX};
  if (!send_bytes(pipe, &begin, sizeof begin)) return false;
  char *text = crew->work->make(crew->work->self, index, &verdict);
  if (crew->work->fail_fast && verdict != SIM_PASSED) atomic_store(&shared->stop, true);
  size_t length = text ? strlen(text) : 0;
  struct record record = {.index = index, .verdict = (uint32_t)verdict, .length = (uint32_t)length};
  bool sent = length <= UINT32_MAX && send_bytes(pipe, &record, sizeof record) &&
              send_bytes(pipe, text ? text : "", length);
  free(text);
  return sent;
}

static bool is_over(const struct crew *crew) {
  const struct sim_work *work = crew->work;
  return interrupt || atomic_load(&shared->stop) || (work->is_over && work->is_over(work->self));
}

static _Noreturn void work(struct crew *crew, int pipe) {
  while (!is_over(crew)) {
    unsigned index = atomic_fetch_add(&shared->next, 1);
    if (index >= crew->work->count) break;
    if (!crew->outcomes[index].result && !work_on(crew, index, pipe)) break;
  }
  exit(0); /* not _exit: coverage counts are written on the way out */
}

/* ---- In the parent ---- */

static void show_progress(const struct crew *crew) {
  if (!crew->shows_progress) return;
  fputs("\r\033[K", stderr);
  crew->work->show(crew->work->self, crew->done, atomic_load(&shared->counted));
  (void)fflush(stderr);
}

static void hide_progress(const struct crew *crew) {
  if (crew->shows_progress) fputs("\r\033[K", stderr);
}

void sim_run_child(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) exit(0);
  catch_signals(on_signal, 0);
}

/* In the new process: keep nothing of the other workers. */
static _Noreturn void begin_work(struct crew *crew, int pipe, pid_t parent) {
  sim_run_child(parent);
  for (int i = 0; i < crew->worker_count; i++)
    if (crew->workers[i].pipe >= 0) close(crew->workers[i].pipe);
  work(crew, pipe);
}

static bool start(struct crew *crew, struct worker *worker) {
  int ends[2];
  if (pipe(ends) != 0) return false;
  (void)fflush(stdout);
  (void)fflush(stderr);
  pid_t parent = getpid(), pid = fork();
  if (pid < 0) {
    close(ends[0]);
    close(ends[1]);
    return false;
  }
  if (pid == 0) {
    close(ends[0]);
    begin_work(crew, ends[1], parent);
  }
  close(ends[1]);
  *worker = (struct worker){.pid = pid, .pipe = ends[0], .present = -1};
  return true;
}

static void take_record(struct crew *crew, struct worker *worker, const struct record *record,
                        const char *text) {
  if (record->index >= crew->work->count) return;
  worker->present = record->index;
  if (record->verdict == UINT32_MAX) return;
  struct sim_outcome_of_case *outcome = &crew->outcomes[record->index];
  outcome->verdict = (enum sim_verdict)record->verdict;
  if (record->length) outcome->result = json_loadb(text, record->length, 0, NULL);
  outcome->died = !outcome->result && !interrupt; /* who is interrupted may have nothing to say */
  worker->present = -1;
  crew->done++;
  if (crew->work->done) crew->work->done(crew->work->self, record->index, outcome);
}

static void take_records(struct crew *crew, struct worker *worker) {
  size_t at = 0;
  struct record record;
  while (worker->size - at >= sizeof record) {
    memcpy(&record, worker->bytes + at, sizeof record);
    if (worker->size - at - sizeof record < record.length) break;
    take_record(crew, worker, &record, worker->bytes + at + sizeof record);
    at += sizeof record + record.length;
  }
  memmove(worker->bytes, worker->bytes + at, worker->size - at);
  worker->size -= at;
}

/* Returns false when the worker has nothing more to say. */
static bool receive(struct crew *crew, struct worker *worker) {
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

/* The piece that a dead worker was at has failed; the worker's place may be taken by another.
 * Returns: whether the place is empty now */
static bool end(struct crew *crew, struct worker *worker) {
  int status = 0;
  close(worker->pipe);
  worker->pipe = -1;
  free(worker->bytes);
  while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR) errno = 0;
  if (worker->present < 0 || interrupt) return true;
  struct sim_outcome_of_case *outcome = &crew->outcomes[worker->present];
  outcome->died = true;
  outcome->verdict = SIM_INTERNAL;
  outcome->signal_number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  crew->done++;
  if (crew->work->fail_fast) atomic_store(&shared->stop, true);
  return !start(crew, worker);
}

int64_t sim_now_ms(void) {
  struct timespec now;
  if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return 1;
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + 1;
}

/* A signal may have reached this process alone. Who does not stop in time is stopped. */
static void pass_interrupt_on(struct crew *crew) {
  int64_t now = sim_now_ms();
  if (!interrupt || (crew->interrupted_ms && now - crew->interrupted_ms < GRACE_MS)) return;
  for (int i = 0; i < crew->worker_count; i++)
    if (crew->workers[i].pipe >= 0)
      kill(crew->workers[i].pid, crew->interrupted_ms ? SIGKILL : SIGTERM);
  crew->interrupted_ms = now;
}

static void collect(struct crew *crew) {
  int open = crew->worker_count;
  while (open > 0) {
    struct pollfd polls[SIM_MAX_JOBS];
    pass_interrupt_on(crew);
    show_progress(crew);
    for (int i = 0; i < crew->worker_count; i++)
      polls[i] = (struct pollfd){.fd = crew->workers[i].pipe, .events = POLLIN};
    if (poll(polls, (nfds_t)crew->worker_count, LOOK_MS) < 0 && errno != EINTR) break;
    for (int i = 0; i < crew->worker_count; i++) {
      struct worker *worker = &crew->workers[i];
      if (worker->pipe < 0 || !(polls[i].revents & (POLLIN | POLLHUP | POLLERR))) continue;
      if (!receive(crew, worker) && end(crew, worker)) open--;
    }
  }
  hide_progress(crew);
}

/* What was still done after the first failure depends on the number of workers: forget it. All
 * before it was begun before it. */
static void cut_after_failure(struct crew *crew) {
  size_t first = 0;
  while (first < crew->work->count && crew->outcomes[first].verdict == SIM_PASSED) first++;
  for (size_t i = first + 1; i < crew->work->count; i++) {
    json_decref(crew->outcomes[i].result);
    crew->outcomes[i] = (struct sim_outcome_of_case){.result = NULL};
  }
}

/* A piece that was not done for no good reason must not be missed. */
static void account_for_all(struct crew *crew) {
  if (interrupt || crew->work->is_over) return;
  for (size_t i = 0; i < crew->work->count; i++) {
    struct sim_outcome_of_case *outcome = &crew->outcomes[i];
    if (outcome->verdict != SIM_PASSED && crew->work->fail_fast) return;
    if (outcome->result || outcome->died) continue;
    outcome->died = true;
    outcome->verdict = SIM_INTERNAL;
  }
}

/* Whether a piece is missing, or was itself cut short. Without regard to those after a failure, if
 * they are not wanted. */
static bool is_unfinished(const struct sim_work *work, const struct sim_outcome_of_case *outcomes) {
  for (size_t i = 0; i < work->count; i++) {
    const struct sim_outcome_of_case *outcome = &outcomes[i];
    if (!outcome->result && !outcome->died) return true;
    if (outcome->verdict == SIM_INTERRUPTED) return true;
    if (outcome->result && work->was_cut && work->was_cut(outcome->result)) return true;
    if (work->fail_fast && outcome->verdict != SIM_PASSED) return false;
  }
  return false;
}

void sim_run_end(void) {
  if (interrupted) return;
  interrupt = 0;
  catch_signals(on_late_signal, SA_RESTART); /* nothing that is written then may break off */
}

bool sim_is_terminal(int stream) {
  const char *term = getenv("TERM");
  return isatty(stream) && term && term[0] && strcmp(term, "dumb") != 0;
}

bool sim_run_work(const struct sim_work *work, struct sim_outcome_of_case *outcomes) {
  static struct crew crew;
  struct sigaction pipe_before, no_pipe = {.sa_handler = SIG_IGN};
  crew = (struct crew){
      .work = work, .outcomes = outcomes, .shows_progress = sim_is_terminal(STDERR_FILENO)};
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) {
    shared = NULL;
    return false;
  }
  catch_signals(on_signal, 0);
  sigemptyset(&no_pipe.sa_mask);
  sigaction(SIGPIPE, &no_pipe, &pipe_before);
  for (size_t i = 0; i < work->count; i++) crew.done += outcomes[i].result != NULL;
  int wanted = (size_t)work->processes < work->count ? work->processes : (int)work->count;
  while (crew.worker_count < wanted && start(&crew, &crew.workers[crew.worker_count]))
    crew.worker_count++;
  bool started = crew.worker_count > 0;
  collect(&crew);
  account_for_all(&crew);
  interrupted = interrupt && is_unfinished(work, outcomes);
  if (work->fail_fast) cut_after_failure(&crew);
  munmap(shared, sizeof *shared);
  shared = NULL;
  sigaction(SIGPIPE, &pipe_before, NULL);
  return started;
}
