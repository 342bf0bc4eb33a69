#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "runner.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t interrupt; /* a signal handler can reach nothing else */

static void on_signal(int signal_number) {
  (void)signal_number;
  interrupt = 1;
}

bool sim_run_interrupted(void) {
  return interrupt != 0;
}

/* A worker takes the next case from `next`, which all share, and writes its result to its pipe. */
struct worker {
  pid_t pid;
  int pipe;
  char *bytes; /* received, not yet a whole record */
  size_t size, room;
  int64_t present; /* the case it is at, for when it dies; -1: none */
};

struct record { /* before the JSON text */
  uint32_t index;
  uint32_t verdict;
  uint32_t length;
};

struct crew {
  const struct sim_case *const *cases;
  size_t case_count;
  const struct sim_options *options;
  struct sim_outcome_of_case *outcomes;
  atomic_uint *next; /* shared memory */
  struct worker workers[64];
  int worker_count;
  size_t done;
};

/* ---- In the worker ---- */

static char *run_text(const struct sim_case *the_case, const struct sim_limits *limits,
                      enum sim_verdict *verdict) {
  json_t *result = NULL;
  sim_case_run(the_case, limits, verdict, &result);
  char *text = result ? json_dumps(result, JSON_COMPACT) : NULL;
  json_decref(result);
  return text;
}

/* The same case twice must give the same bytes. */
static char *run_twice(const struct sim_case *the_case, const struct sim_limits *limits,
                       enum sim_verdict *verdict) {
  enum sim_verdict again;
  char *first = run_text(the_case, limits, verdict);
  char *second = run_text(the_case, limits, &again);
  if (first && second && !interrupt && (strcmp(first, second) != 0 || again != *verdict))
    *verdict = SIM_NONDETERMINISTIC;
  free(second);
  return first;
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

static _Noreturn void work(struct crew *crew, int pipe) {
  struct sim_limits limits = {.max_states = crew->options->max_states, .interrupt = &interrupt};
  while (!interrupt) {
    unsigned index = atomic_fetch_add(crew->next, 1);
    if (index >= crew->case_count) break;
    enum sim_verdict verdict = SIM_INTERNAL;
    struct record begin = {.index = index, .verdict = UINT32_MAX};
    if (!send_bytes(pipe, &begin, sizeof begin)) break;
    char *text = crew->options->verify_determinism
                     ? run_twice(crew->cases[index], &limits, &verdict)
                     : run_text(crew->cases[index], &limits, &verdict);
    size_t length = text ? strlen(text) : 0;
    struct record record = {.index = index, .verdict = (uint32_t)verdict,
                            .length = (uint32_t)length};
    bool sent = length <= UINT32_MAX && send_bytes(pipe, &record, sizeof record) &&
                send_bytes(pipe, text ? text : "", length);
    free(text);
    if (!sent) break;
  }
  exit(0); /* not _exit: coverage counts are written on the way out */
}

/* ---- In the parent ---- */

static void show_progress(const struct crew *crew) {
  if (!isatty(STDERR_FILENO)) return;
  if (crew->done == crew->case_count) fputs("\r\033[K", stderr);
  else fprintf(stderr, "\r\033[K%zu of %zu cases", crew->done, crew->case_count);
  fflush(stderr);
}

static bool start(struct crew *crew) {
  int ends[2];
  if (pipe(ends) != 0) return false;
  fflush(stdout);
  fflush(stderr);
  pid_t pid = fork();
  if (pid < 0) {
    close(ends[0]);
    close(ends[1]);
    return false;
  }
  if (pid == 0) {
    close(ends[0]);
    for (int i = 0; i < crew->worker_count; i++) close(crew->workers[i].pipe);
    work(crew, ends[1]);
  }
  close(ends[1]);
  crew->workers[crew->worker_count++] = (struct worker){.pid = pid, .pipe = ends[0], .present = -1};
  return true;
}

static void take_record(struct crew *crew, struct worker *worker, const struct record *record,
                        const char *text) {
  if (record->index >= crew->case_count) return;
  worker->present = record->index;
  if (record->verdict == UINT32_MAX) return;
  struct sim_outcome_of_case *outcome = &crew->outcomes[record->index];
  outcome->verdict = (enum sim_verdict)record->verdict;
  if (record->length) outcome->result = json_loadb(text, record->length, 0, NULL);
  outcome->died = !outcome->result;
  worker->present = -1;
  crew->done++;
  show_progress(crew);
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

static void end(struct crew *crew, struct worker *worker) {
  int status = 0;
  close(worker->pipe);
  worker->pipe = -1;
  free(worker->bytes);
  while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR) continue;
  if (worker->present >= 0) {
    crew->outcomes[worker->present].died = true;
    crew->outcomes[worker->present].verdict = SIM_INTERNAL;
    crew->done++;
  }
}

static void collect(struct crew *crew) {
  int open = crew->worker_count;
  show_progress(crew);
  while (open > 0) {
    struct pollfd polls[64];
    for (int i = 0; i < crew->worker_count; i++)
      polls[i] = (struct pollfd){.fd = crew->workers[i].pipe, .events = POLLIN};
    if (poll(polls, (nfds_t)crew->worker_count, -1) < 0 && errno != EINTR) break;
    for (int i = 0; i < crew->worker_count; i++) {
      if (crew->workers[i].pipe < 0 || !(polls[i].revents & (POLLIN | POLLHUP | POLLERR))) continue;
      if (receive(crew, &crew->workers[i])) continue;
      end(crew, &crew->workers[i]);
      open--;
    }
  }
}

static void catch_signals(void) {
  struct sigaction action = {.sa_handler = on_signal};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, NULL);
}

bool sim_run_cases(const struct sim_case *const *cases, size_t case_count,
                   const struct sim_options *options, struct sim_outcome_of_case *outcomes) {
  static struct crew crew;
  crew = (struct crew){
      .cases = cases, .case_count = case_count, .options = options, .outcomes = outcomes};
  crew.next = mmap(NULL, sizeof *crew.next, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                   0);
  if (crew.next == MAP_FAILED) return false;
  atomic_init(crew.next, 0);
  catch_signals();
  int wanted = (size_t)options->jobs < case_count ? options->jobs : (int)case_count;
  while (crew.worker_count < wanted && start(&crew)) continue;
  bool started = crew.worker_count > 0;
  collect(&crew);
  munmap(crew.next, sizeof *crew.next);
  return started;
}
