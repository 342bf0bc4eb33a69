#define _DEFAULT_SOURCE /* prctl */
#include "explore.h"

#include "searcher.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- The searchers beside the caller ---- */

struct helper {
  pid_t pid;  /* 0: it has ended */
  FILE *pipe; /* its findings */
};

struct crowd {
  struct sim_pool *pool;
  struct sim_searcher *searcher;
  int wanted; /* helpers; 0 once they are called */
  struct helper helpers[SIM_MAX_SEARCHERS];
  int count;
};

/* What a helper has to say in the end. */
static bool tell(struct sim_searcher *searcher, FILE *out) {
  int64_t transitions = sim_searcher_transitions(searcher);
  return fwrite(&transitions, sizeof transitions, 1, out) == 1 &&
         sim_findings_write(sim_searcher_findings(searcher), out) && fflush(out) == 0;
}

static _Noreturn void help(struct crowd *crowd, int pipe, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  FILE *out = fdopen(pipe, "w");
  if (!out || getppid() != parent) exit(1);
  sim_searcher_forget(crowd->searcher);
  sim_searcher_run(crowd->searcher, NULL, NULL);
  exit(tell(crowd->searcher, out) && fclose(out) == 0 ? 0 : 1); /* not _exit: coverage counts */
}

static bool call_helper(struct crowd *crowd) {
  int ends[2];
  struct helper *helper = &crowd->helpers[crowd->count];
  if (pipe(ends) != 0) return false;
  (void)fflush(NULL);
  sim_pool_join(crowd->pool, 1);
  pid_t parent = getpid();
  helper->pid = fork();
  if (helper->pid == 0) {
    close(ends[0]);
    help(crowd, ends[1], parent);
  }
  close(ends[1]);
  helper->pipe = helper->pid < 0 ? NULL : fdopen(ends[0], "r");
  if (helper->pipe) {
    crowd->count++;
    return true;
  }
  close(ends[0]);
  if (helper->pid < 0)
    sim_pool_join(crowd->pool, -1);
  else
    sim_pool_fail(crowd->pool);
  return false;
}

/* Called now and then: call the helpers when the search is long, see whether they live. A helper
 * that ends before the search does has died. */
static void watch(void *self, bool is_long) {
  struct crowd *crowd = self;
  for (int i = 0; i < crowd->count; i++) {
    struct helper *helper = &crowd->helpers[i];
    if (helper->pid == 0 || waitpid(helper->pid, NULL, WNOHANG) != helper->pid) continue;
    helper->pid = 0;
    sim_pool_fail(crowd->pool);
  }
  if (!is_long) return;
  while (crowd->wanted > 0 && call_helper(crowd)) crowd->wanted--;
  crowd->wanted = 0; /* who cannot be had is done without */
}

/* Take in what the helpers have found. Returns false if one of them has not said all. */
static bool gather(struct crowd *crowd, struct sim_search *search) {
  bool good = true;
  for (int i = 0; i < crowd->count; i++) {
    struct helper *helper = &crowd->helpers[i];
    int64_t transitions = 0;
    int status = 0;
    good = fread(&transitions, sizeof transitions, 1, helper->pipe) == 1 &&
           sim_findings_read(sim_searcher_findings(crowd->searcher), helper->pipe) && good;
    search->transitions += transitions;
    (void)fclose(helper->pipe);
    while (helper->pid > 0 && waitpid(helper->pid, &status, 0) < 0 && errno == EINTR) errno = 0;
    good = good && helper->pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  return good;
}

/* ---- The search ---- */

/* From every state an ending can be reached: who goes in circles for ever has not been served. */
static bool judge_progress(struct sim_graph *graph, struct sim_findings *findings) {
  struct sim_move none = {.task = -1};
  struct sim_breach breach = {.rule = SIM_RULE_PROGRESS,
                              .harm = SIM_HARM_PROGRESS,
                              .client = -1,
                              .text = "from here on no ending can ever be reached"};
  uint32_t state = sim_graph_hopeless(graph);
  return state == UINT32_MAX || sim_findings_breach(findings, &breach, state, none);
}

/* Order what was found, so that no trace of the search's own order shows. */
static bool settle(struct sim_searcher *searcher, struct sim_machine *machine,
                   struct sim_search *search) {
  struct sim_findings *findings = sim_searcher_findings(searcher);
  if (!sim_graph_finish(search->graph)) return false;
  if (search->exhausted && !judge_progress(search->graph, findings)) return false;
  search->depth = sim_graph_depth(search->graph);
  search->root = sim_graph_root(search->graph);
  search->graph_bytes = sim_graph_bytes(search->graph);
  return sim_findings_settle(findings, machine, sim_searcher_beginning(searcher), search);
}

static bool walk(struct sim_pool *pool, struct sim_searcher *searcher,
                 const struct sim_limits *limits, struct sim_search *search) {
  struct crowd crowd = {.pool = pool, .searcher = searcher, .wanted = limits->searchers - 1};
  /* Worlds that are one state can differ in where on the disk their pages lie. Where a step can be
   * failed depends on that, and so on which way has come to the state first. */
  if (limits->fault_budget > 0) crowd.wanted = 0;
  if (crowd.wanted >= SIM_MAX_SEARCHERS) crowd.wanted = SIM_MAX_SEARCHERS - 1;
  if (sim_searcher_begin(searcher))
    sim_searcher_run(searcher, watch, &crowd);
  else
    sim_pool_fail(pool);
  search->transitions = sim_searcher_transitions(searcher);
  return gather(&crowd, search) && !pool->failed;
}

static void explore(struct sim_machine *machine, const struct sim_limits *limits,
                    struct sim_search *search) {
  struct sim_pool *pool = sim_pool_new(limits->max_states);
  struct sim_searcher *searcher = pool ? sim_searcher_new(pool, machine, limits) : NULL;
  memset(search, 0, sizeof *search);
  search->out_of_memory = !searcher;
  if (pool) search->graph = pool->graph;
  if (searcher) {
    bool whole = walk(pool, searcher, limits, search);
    search->states = sim_graph_count(search->graph);
    search->interrupted = limits->interrupt && *limits->interrupt;
    search->exhausted = whole && !pool->cut;
    search->out_of_memory = !whole;
    if (!settle(searcher, machine, search)) search->out_of_memory = true;
    const struct sim_beginning *beginning = sim_searcher_beginning(searcher);
    sim_machine_restore(machine, &beginning->world, &beginning->image);
  }
  if (search->out_of_memory) search->exhausted = false;
  sim_searcher_free(searcher);
  sim_pool_free(pool);
}

/* Each move takes memory and gives it back; without this the C library gives it back to the system
 * as often, which was a third of the time. */
static void keep_memory(void) {
  (void)mallopt(M_TRIM_THRESHOLD, 256 << 20);
  (void)mallopt(M_TOP_PAD, 1 << 20);
}

/* Who stops at a breach has not seen what is behind it. */
static void note_what_is_hidden(struct sim_search *search) {
  for (int i = 0; i < search->breach_count; i++) {
    const struct sim_found_breach *found = &search->breaches[i];
    bool hides = found->move.task >= 0; /* behind an ending there is nothing */
    search->limited = search->limited || found->breach.is_cut;
    search->failed = search->failed || (hides && !found->breach.is_cut);
    if (hides || found->breach.is_cut) search->exhausted = false;
  }
}

int sim_fault_budget(const struct sim_case *the_case, const struct sim_limits *limits) {
  bool asks = !limits->without_declared && the_case->undeclared_faults > limits->fault_budget;
  return asks ? the_case->undeclared_faults : limits->fault_budget;
}

bool sim_explore(struct sim_machine *machine, const struct sim_limits *limits,
                 struct sim_search *search) {
  struct sim_limits own = *limits;
  own.fault_budget = sim_fault_budget(sim_machine_names(machine)->the_case, limits);
  keep_memory();
  explore(machine, &own, search);
  bool cut = !search->exhausted && !search->interrupted && !search->out_of_memory;
  if (cut && own.searchers > 1) { /* what was seen depends on the order: do it alone */
    own.searchers = 1;
    sim_search_free(search);
    explore(machine, &own, search);
  }
  note_what_is_hidden(search);
  return !search->out_of_memory;
}

void sim_search_free(struct sim_search *search) {
  for (int i = 0; i < search->ending_count; i++) free(search->endings[i]);
  free(search->endings);
  sim_tally_free(&search->tally);
  sim_graph_free(search->graph);
  search->endings = NULL;
  search->ending_count = 0;
  search->graph = NULL;
}

int sim_search_path(const struct sim_search *search, uint32_t state, struct sim_move **moves) {
  return sim_graph_path(search->graph, state, moves);
}
