#include "explore.h"

#include "exhaustive.h"
#include "whole_run.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* ---- The search ---- */

/* From each state an ending must be reachable: a request in an endless circle is never answered. */
static bool judge_progress(struct sim_graph *graph, struct sim_findings *findings) {
  struct sim_transition none = {.task = -1};
  struct sim_violation violation;
  uint32_t state = sim_graph_hopeless(graph);
  sim_violation_no_end(&violation);
  return state == UINT32_MAX || sim_findings_violation(findings, &violation, state, none);
}

/* Order what was found, so that nothing depends on the order of the search. */
static bool finish_search(struct sim_exhaustive *exhaustive, struct sim_machine *machine,
                          struct sim_search *search) {
  struct sim_findings *findings = sim_exhaustive_findings(exhaustive);
  if (!sim_graph_finish(search->graph)) return false;
  if (search->exhausted && !judge_progress(search->graph, findings)) return false;
  search->depth = sim_graph_depth(search->graph);
  search->root = sim_graph_root(search->graph);
  search->graph_bytes = sim_graph_bytes(search->graph);
  return sim_findings_finish(findings, machine, sim_exhaustive_beginning(exhaustive), search);
}

static void run_search(struct sim_machine *machine, const struct sim_limits *limits,
                       struct sim_search *search) {
  bool cut = false;
  memset(search, 0, sizeof *search);
  search->graph = sim_graph_new(limits->max_states);
  struct sim_exhaustive *exhaustive =
      search->graph ? sim_exhaustive_new(machine, search->graph, limits) : NULL;
  search->out_of_memory = !exhaustive;
  if (!exhaustive) return;
  bool whole = sim_exhaustive_run(exhaustive, &cut);
  search->states = sim_graph_count(search->graph);
  search->transitions = sim_exhaustive_transitions(exhaustive);
  search->steps_run = sim_exhaustive_steps_run(exhaustive);
  search->interrupted = limits->interrupt && *limits->interrupt;
  search->exhausted = whole && !cut;
  search->out_of_memory = !whole || !finish_search(exhaustive, machine, search);
  const struct sim_beginning *beginning = sim_exhaustive_beginning(exhaustive);
  sim_machine_restore(machine, &beginning->world, &beginning->image);
  if (search->out_of_memory) search->exhausted = false;
  sim_exhaustive_free(exhaustive);
}

/* Each transition takes memory and frees it. Without this the C library would return it to the
 * system as often, which took a third of the time. */
static void keep_memory(void) {
  (void)mallopt(M_TRIM_THRESHOLD, 256 << 20);
  (void)mallopt(M_MMAP_THRESHOLD, 32 << 20);
  (void)mallopt(M_TOP_PAD, 1 << 20);
}

/* The search does not continue behind a violation; so it is not exhaustive. */
static void note_what_is_unseen(struct sim_search *search) {
  for (int i = 0; i < search->violation_count; i++) {
    const struct sim_found_violation *found = &search->violations[i];
    bool hides = found->transition.task >= 0; /* nothing follows an ending */
    search->limited = search->limited || found->violation.is_cut;
    search->failed = search->failed || (hides && !found->violation.is_cut);
    if (hides || found->violation.is_cut) search->exhausted = false;
  }
}

int sim_fault_budget(const struct sim_case *the_case, const struct sim_limits *limits) {
  bool asks = !limits->without_declared && the_case->injected_faults > limits->fault_budget;
  return asks ? the_case->injected_faults : limits->fault_budget;
}

bool sim_explore(struct sim_machine *machine, const struct sim_limits *limits,
                 struct sim_search *search) {
  struct sim_limits own = *limits;
  own.fault_budget = sim_fault_budget(sim_machine_names(machine)->the_case, limits);
  if (own.memo_bytes == 0) own.memo_bytes = SIM_MEMO_BYTES;
  keep_memory();
  run_search(machine, &own, search);
  note_what_is_unseen(search);
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

int sim_search_path(const struct sim_search *search, uint32_t state,
                    struct sim_transition **transitions) {
  uint32_t *path = NULL;
  int count = sim_graph_path(search->graph, state, &path);
  *transitions = count < 0 ? NULL : calloc((size_t)count + 1, sizeof **transitions);
  for (int i = 0; *transitions && i < count; i++)
    (*transitions)[i] = *sim_graph_numbered(search->graph, path[i]);
  free(path);
  return *transitions ? count : -1;
}
