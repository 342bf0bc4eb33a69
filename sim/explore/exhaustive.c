#include "exhaustive.h"

#include "grow.h"
#include "memo.h"
#include "variants.h"
#include "whole_run.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { LOOK_EVERY = 1024 /* transitions between two looks at progress and memory */ };

/* A state on the present path, and how far it has been searched. */
struct node {
  struct sim_tuple tuple;
  uint32_t state;
  uint32_t tasks_left; /* tasks still to be tried, the present one included; 0: none */
  uint32_t next;       /* the next of the present task's results */
  const struct sim_expansion *results; /* null: to be looked up, or run */
  struct sim_expansion own;            /* the present task's results, where nothing is remembered */
  struct sim_exit *exits;              /* found so far; the memory is used again for other nodes */
  size_t exit_count, exit_room;
};

struct sim_exhaustive {
  const struct sim_limits *limits;
  const struct sim_case *the_case;
  struct sim_machine *machine;
  struct sim_graph *graph;
  struct sim_parts *parts;
  struct sim_memo *memo;
  struct sim_findings *findings;
  struct sim_beginning beginning;
  uint32_t packs;      /* actors that buy packs, a bit set: checkers look at their answers */
  struct node **nodes; /* those beyond `depth` are used again */
  size_t depth, room;
  struct sim_world before; /* before the step that is run */
  struct sim_variants variants;
  uint32_t result_count;
  int64_t transitions, steps_run;
  bool strayed; /* the last step did more than it was said to read */
  bool cut;     /* by the limit of states or an interrupt */
};

/* ---- Life ------------------------------------------------------------------------------------ */

static uint32_t pack_buyers(const struct sim_case *the_case) {
  uint32_t buyers = 0;
  for (int a = 0; a < the_case->actor_count; a++)
    for (int s = 0; s < the_case->actors[a].step_count; s++)
      if (the_case->actors[a].steps[s].verb == SIM_BUY_PACK) buyers |= 1u << a;
  return buyers;
}

struct sim_exhaustive *sim_exhaustive_new(struct sim_machine *machine, struct sim_graph *graph,
                                          const struct sim_limits *limits) {
  struct sim_exhaustive *search = calloc(1, sizeof *search);
  if (!search) return NULL;
  search->limits = limits;
  search->the_case = sim_machine_names(machine)->the_case;
  search->machine = machine;
  search->graph = graph;
  search->packs = pack_buyers(search->the_case);
  sim_machine_set_faults(machine, limits->fault_budget, !limits->without_declared);
  sim_world_copy(&search->beginning.world, sim_machine_world(machine), search->the_case);
  search->parts = sim_parts_new(machine, limits->memo_bytes / 2);
  search->memo = sim_memo_new();
  search->findings = sim_findings_new();
  if (search->parts && search->memo && search->findings &&
      fake_disk_save(sim_machine_disk(machine), &search->beginning.image))
    return search;
  sim_exhaustive_free(search);
  return NULL;
}

void sim_exhaustive_free(struct sim_exhaustive *search) {
  if (!search) return;
  for (size_t i = 0; i < search->room; i++) {
    if (!search->nodes[i]) continue;
    sim_expansion_free(&search->nodes[i]->own);
    free(search->nodes[i]->exits);
    free(search->nodes[i]);
  }
  free(search->nodes);
  sim_findings_free(search->findings);
  sim_memo_free(search->memo);
  sim_parts_free(search->parts);
  sim_variants_free(&search->variants);
  fake_disk_image_release(sim_machine_disk(search->machine), &search->beginning.image);
  free(search);
}

const struct sim_beginning *sim_exhaustive_beginning(const struct sim_exhaustive *search) {
  return &search->beginning;
}

struct sim_findings *sim_exhaustive_findings(struct sim_exhaustive *search) {
  return search->findings;
}

int64_t sim_exhaustive_transitions(const struct sim_exhaustive *search) {
  return search->transitions;
}

int64_t sim_exhaustive_steps_run(const struct sim_exhaustive *search) { return search->steps_run; }

/* ---- The path -------------------------------------------------------------------------------- */

static struct node *node_at_top(struct sim_exhaustive *search) {
  size_t had = search->room;
  struct node **nodes =
      sim_grow(search->nodes, search->depth, &search->room, sizeof(struct node *));
  if (!nodes) return NULL;
  for (size_t i = had; i < search->room; i++) nodes[i] = NULL;
  search->nodes = nodes;
  struct node **node = &search->nodes[search->depth];
  if (!*node) *node = calloc(1, sizeof **node);
  return *node;
}

/* Begin to search a new state. */
static bool push_node(struct sim_exhaustive *search, uint32_t state, const struct sim_tuple *tuple,
                      uint32_t tasks) {
  struct node *node = node_at_top(search);
  if (!node) return false;
  node->tuple = *tuple;
  node->state = state;
  node->tasks_left = tasks;
  node->next = 0;
  node->results = NULL;
  node->exit_count = 0;
  search->depth++;
  return true;
}

static bool pop_node(struct sim_exhaustive *search) {
  const struct node *node = search->nodes[--search->depth];
  return sim_graph_exits(search->graph, node->state, node->exits, node->exit_count);
}

static bool add_exit(struct node *node, uint32_t to, uint32_t transition) {
  struct sim_exit *exits = sim_grow(node->exits, node->exit_count, &node->exit_room, sizeof *exits);
  if (!exits) return false;
  node->exits = exits;
  node->exits[node->exit_count++] = (struct sim_exit){.to = to, .transition = transition};
  return true;
}

/* ---- What is found --------------------------------------------------------------------------- */

static bool record_violation(struct sim_exhaustive *search, const struct sim_violation *violation,
                             uint32_t state, struct sim_transition transition) {
  sim_graph_end_here(search->graph, state);
  return sim_findings_violation(search->findings, violation, state, transition);
}

/* A state without transitions: a terminal state or a deadlock. */
static bool record_end(struct sim_exhaustive *search, uint32_t state,
                       const struct sim_tuple *tuple) {
  struct sim_transition none = {.task = -1};
  struct sim_violation violation;
  if (!sim_parts_enter(search->parts, tuple, 0)) return false;
  sim_violation_deadlock(&violation);
  if (!tuple->flags.at_rest) return record_violation(search, &violation, state, none);
  if (!sim_check_ending(search->machine, NULL, &violation) &&
      !record_violation(search, &violation, state, none))
    return false;
  sim_graph_end_here(search->graph, state);
  return sim_findings_ending(search->findings, search->machine, state);
}

/* ---- Running steps --------------------------------------------------------------------------- */

static int lowest_task(uint32_t tasks) {
  int task = 0;
  while (!(tasks & 1u << task)) task++;
  return task;
}

/* The key of all that the results of the task's next step depend on. */
static struct sim_memo_key memo_key_of(const struct sim_exhaustive *search,
                                       const struct sim_tuple *tuple, int task, int reads) {
  const struct sim_flags *flags = &tuple->flags;
  int injections = search->limits->fault_budget - flags->injected;
  int declared = search->the_case->fault_limit - flags->faults_shown;
  struct sim_memo_key key;
  memset(&key, 0, sizeof key);
  key.own = (int16_t)task;
  key.task = tuple->tasks[task];
  key.now_ms = tuple->now_ms;
  key.recover_at_ms = flags->recover_at_ms;
  key.deliver_at_ms = flags->deliver_at_ms;
  key.injections_left = (int16_t)(injections > 0 ? injections : 0);
  if (injections > 0) key.fault_effects = flags->fault_effects;
  if (reads & SIM_READS_STORE) key.store = tuple->store;
  if (reads & SIM_READS_CARD) key.card = tuple->card;
  if (reads & SIM_READS_MAIL) key.mail = tuple->mail;
  if (!(reads & (SIM_READS_CARD | SIM_READS_MAIL))) return key;
  key.first_shown = flags->first_shown;
  key.declared_left = declared > 0;
  return key;
}

static uint32_t changed_number(uint32_t before, uint32_t after) {
  return before == after ? 0 : after;
}

/* A hash of what the step did that no world shows. It must be the same each time. */
static uint32_t deed_of(const struct sim_effect *effect) {
  bool counts = effect->step_fault != SIM_POWER_FAILS; /* sim_machine_power_fails() counts none */
  const uint64_t words[] = {
      XXH3_64bits(effect->call, strlen(effect->call)), (uint64_t)effect->answer, effect->port_calls,
      counts ? (uint64_t)effect->snapshots : 0, counts ? (uint64_t)effect->commits : 0};
  return (uint32_t)XXH3_64bits(words, sizeof words);
}

/* Bits that are in the key are kept whole, as the step may set a bit that is set already. Of other
 * bits only the new ones are kept. */
static struct sim_result result_of(const struct sim_exhaustive *search, int reads,
                                   const struct sim_tuple *before, const struct sim_tuple *after,
                                   const struct sim_transition *transition,
                                   const struct sim_effect *effect) {
  int own = transition->task <= SIM_BACKGROUND ? transition->task : SIM_BACKGROUND;
  bool injects = before->flags.injected < search->limits->fault_budget;
  bool calls = reads & (SIM_READS_CARD | SIM_READS_MAIL);
  return (struct sim_result){
      .transition = *transition,
      .task = changed_number(before->tasks[own], after->tasks[own]),
      .store = changed_number(before->store, after->store),
      .card = changed_number(before->card, after->card),
      .mail = changed_number(before->mail, after->mail),
      .recover_at_ms = after->flags.recover_at_ms,
      .deliver_at_ms = after->flags.deliver_at_ms,
      .fault_effects = after->flags.fault_effects & ~(injects ? 0 : before->flags.fault_effects),
      .first_shown = after->flags.first_shown & ~(calls ? 0 : before->flags.first_shown),
      .injected = (int8_t)(after->flags.injected - before->flags.injected),
      .faults_shown = (int8_t)(after->flags.faults_shown - before->flags.faults_shown),
      .died = (int8_t)effect->died,
      .is_checked = effect->wrote || effect->port_calls,
      .deed = deed_of(effect),
      .site = -1,
      .bound = -1};
}

static bool number_sites(struct sim_exhaustive *search, const struct sim_effect *effect,
                         struct sim_result *result) {
  int site = 0, bound = 0;
  result->transition_number = sim_graph_transition(search->graph, &result->transition);
  if (effect->injected) {
    site = sim_findings_site(search->findings, effect);
    result->site = (int16_t)site;
  }
  if (effect->power_bounded) {
    bound = sim_findings_bound(search->findings);
    result->bound = (int16_t)bound;
  }
  return result->transition_number != UINT32_MAX && site >= 0 && bound >= 0;
}

static struct sim_memo_check memo_check_of(const struct sim_exhaustive *search, uint32_t result,
                                           const struct sim_tuple *after) {
  struct sim_memo_check check = {
      .result = result, .store = after->store, .card = after->card, .mail = after->mail};
  uint32_t packs[SIM_MAX_ACTORS] = {0};
  if (search->packs == 0) return check;
  for (int i = 0; i < SIM_MAX_ACTORS; i++)
    if (search->packs & 1u << i) packs[i] = after->tasks[i];
  check.around = XXH3_64bits(packs, sizeof packs);
  return check;
}

static bool add_result(struct sim_expansion *expansion, const struct sim_result *result) {
  struct sim_result *results =
      sim_grow(expansion->results, expansion->count, &expansion->room, sizeof *results);
  if (!results) return false;
  expansion->results = results;
  expansion->results[expansion->count++] = *result;
  return true;
}

static bool add_tuple(struct sim_expansion *expansion, const struct sim_tuple *tuple) {
  size_t room = expansion->room;
  struct sim_tuple *tuples = realloc(expansion->tuples, room * sizeof *tuples);
  if (!tuples) return false;
  expansion->tuples = tuples;
  expansion->tuples[expansion->count - 1] = *tuple;
  return true;
}

/* Does a step depend on parts of the world that it was not said to read? Its end is checked against
 * the ledger, which is in the store. */
static bool strays(int reads, const struct sim_effect *effect) {
  bool store = (effect->step_ended && effect->answer) || effect->wrote || effect->snapshots ||
               effect->commits;
  return (store && !(reads & SIM_READS_STORE)) ||
         (effect->port_calls && !(reads & (SIM_READS_CARD | SIM_READS_MAIL)));
}

/* Run the present variant, and go to the next one. */
static bool run_variant(struct sim_exhaustive *search, const struct sim_tuple *tuple, int reads,
                        struct sim_expansion *expansion) {
  struct sim_machine *machine = search->machine;
  struct sim_effect effect;
  struct sim_violation violation;
  struct sim_bank_word reported;
  struct sim_tuple after;
  if (!sim_parts_enter(search->parts, tuple, reads)) return false;
  if (expansion->count == 0)
    sim_world_copy(&search->before, sim_machine_world(machine), search->the_case);
  sim_variants_make(&search->variants, machine, &effect);
  const struct sim_transition transition = effect.transition;
  search->steps_run++;
  search->strayed |= strays(reads, &effect);
  bool right = sim_check_step(machine, &search->before, &effect, &reported, &violation);
  if (!sim_parts_take_step(search->parts, tuple, reads, &transition, &after)) return false;
  struct sim_result result = result_of(search, reads, tuple, &after, &transition, &effect);
  if (!right && !(result.violation = sim_memo_keep_violation(search->memo, &violation)))
    return false;
  if (right && reported.actor >= 0 &&
      !(result.reported = sim_memo_keep_reported(search->memo, &reported)))
    return false;
  if (!number_sites(search, &effect, &result) || !add_result(expansion, &result)) return false;
  return !(reads & SIM_READS_REST) || add_tuple(expansion, &after);
}

/* Run all variants of a task's step. */
static bool expand_step(struct sim_exhaustive *search, const struct sim_tuple *tuple, int task,
                        int reads, struct sim_expansion *expansion) {
  search->strayed = false;
  expansion->count = 0;
  expansion->first_id = search->result_count;
  int injected = tuple->flags.injected + (task > SIM_BACKGROUND);
  sim_variants_begin(&search->variants, task, injected < search->limits->fault_budget);
  if (reads == SIM_READS_STORE && task < SIM_BACKGROUND)
    sim_variants_keep_moments(&search->variants);
  while (sim_variants_more(&search->variants))
    if (!run_variant(search, tuple, reads, expansion)) return false;
  if (search->variants.failed) return false;
  search->result_count += expansion->count;
  return true;
}

/* Results that hold for this very world alone. */
static bool expand_here(struct sim_exhaustive *search, struct node *node, int task) {
  node->results = &node->own;
  return expand_step(search, &node->tuple, task, SIM_READS_ALL, &node->own);
}

/* The results of the node's present task: remembered, or run now. */
static bool look_up_results(struct sim_exhaustive *search, struct node *node) {
  int task = lowest_task(node->tasks_left);
  int reads = search->limits->without_memo ? SIM_READS_ALL
                                           : sim_parts_reads(search->parts, &node->tuple, task);
  if (reads & SIM_READS_REST) return expand_here(search, node, task);
  struct sim_memo_key key = memo_key_of(search, &node->tuple, task, reads);
  node->results = sim_memo_find(search->memo, &key);
  if (node->results) return true;
  struct sim_expansion made = {.results = NULL};
  bool made_all = expand_step(search, &node->tuple, task, reads, &made);
  if (made_all && search->strayed) {
    sim_expansion_free(&made);
    sim_parts_left(search->parts);
    return expand_here(search, node, task);
  }
  if (made_all) node->results = sim_memo_keep(search->memo, &key, &made);
  if (!node->results) sim_expansion_free(&made);
  return node->results != NULL;
}

/* ---- Running a step again -------------------------------------------------------------------- */

/* Run a result's step in this world, without anything that is remembered.
 * Returns: false when out of memory */
static bool run_again(struct sim_exhaustive *search, const struct sim_tuple *tuple,
                      const struct sim_transition *transition, struct sim_effect *effect) {
  if (!sim_parts_enter(search->parts, tuple, SIM_READS_ALL)) return false;
  sim_world_copy(&search->before, sim_machine_world(search->machine), search->the_case);
  (void)sim_machine_again(search->machine, transition, effect); /* if strayed, worlds differ */
  search->steps_run++;
  sim_parts_left(search->parts);
  return true;
}

/* Whether a state is in the sample, which depends on the states alone. */
static bool is_rechecked(const struct sim_exhaustive *search, struct sim_hash hash) {
  int every = search->limits->recheck_every;
  return every > 0 && hash.high % (uint64_t)every == 0;
}

/* Run a step again: it must lead to the same world, and read no more than it is said to. */
static bool recheck_step(struct sim_exhaustive *search, const struct node *node,
                         const struct sim_result *result, const struct sim_tuple *after,
                         bool *same) {
  struct sim_effect effect;
  struct sim_violation violation;
  if (!run_again(search, &node->tuple, &result->transition, &effect)) return false;
  const char *part = sim_parts_difference(search->parts, after);
  if (!part && deed_of(&effect) != result->deed) part = "what the step did";
  *same = part == NULL;
  if (part)
    sim_violation_step_differs(&violation, effect.call, part);
  else if (strays(sim_parts_reads(search->parts, &node->tuple, result->transition.task), &effect))
    sim_violation_step_strays(&violation, effect.call);
  else
    return true;
  return record_violation(search, &violation, node->state, result->transition);
}

/* Check what a result has led to, and remember the verdict. */
static bool judge_around(struct sim_exhaustive *search, const struct sim_result *result,
                         const struct sim_tuple *after, const struct sim_memo_check *check) {
  static const struct sim_bank_word nothing = {.actor = -1};
  const struct sim_bank_word *reported =
      result->reported ? sim_memo_reported(search->memo, result->reported) : &nothing;
  struct sim_violation violation = {.client = -1};
  if (!sim_parts_enter(search->parts, after, 0)) return false;
  bool right = sim_check_around(search->machine, reported, &violation);
  return sim_memo_judge(search->memo, check, right ? NULL : &violation);
}

/* ---- Searching ------------------------------------------------------------------------------- */

/* Enter the world that a step has led to into the graph; if it is new, search it. */
static bool arrive_in_state(struct sim_exhaustive *search, struct node *node,
                            const struct sim_result *result, const struct sim_tuple *after,
                            struct sim_hash hash) {
  struct sim_graph *graph = search->graph;
  uint32_t state = sim_graph_known(graph, hash);
  bool is_new = state == UINT32_MAX;
  if (is_new && sim_graph_count(graph) >= search->limits->max_states) {
    search->cut = true;
    return true;
  }
  if (is_new) state = sim_graph_state(graph, hash, &is_new);
  if (state == UINT32_MAX || !add_exit(node, state, result->transition_number)) return false;
  if (!is_new) return true;
  uint32_t tasks = sim_parts_enabled(search->parts, after);
  return tasks ? push_node(search, state, after, tasks) : record_end(search, state, after);
}

/* Check a result in this state. *violation is null if all is well; the function returns false when
 * out of memory. */
static bool check_result(struct sim_exhaustive *search, const struct node *node,
                         const struct sim_result *result, const struct sim_tuple *after,
                         const struct sim_violation **violation) {
  *violation = NULL;
  if (result->violation) *violation = sim_memo_violation(search->memo, result->violation);
  if (result->violation || (!result->is_checked && !result->reported)) return true;
  uint32_t id = node->results->first_id + (uint32_t)(result - node->results->results);
  struct sim_memo_check key = memo_check_of(search, result->reported ? id + 1 : 0, after);
  if (sim_memo_verdict(search->memo, &key, violation)) return true;
  return judge_around(search, result, after, &key) &&
         sim_memo_verdict(search->memo, &key, violation);
}

/* Take one transition: the present result of the node's present task. */
static bool take_transition(struct sim_exhaustive *search, struct node *node,
                            const struct sim_result *result) {
  const struct sim_violation *violation;
  struct sim_tuple after;
  bool same = true;
  search->transitions++;
  if (result->site >= 0) sim_findings_count(search->findings, result->site);
  if (result->bound >= 0) sim_findings_count(search->findings, result->bound);
  if (node->results->tuples) {
    after = node->results->tuples[result - node->results->results];
  } else {
    sim_result_apply(result, &node->tuple, &after);
    if (!sim_parts_follow(search->parts, &node->tuple, result->transition.task, result->died,
                          &after))
      return false;
  }
  if (!check_result(search, node, result, &after, &violation)) return false;
  if (violation) /* what follows is not searched */
    return record_violation(search, violation, node->state, result->transition);
  struct sim_hash hash = sim_parts_hash(search->parts, &after);
  if (is_rechecked(search, hash) && !recheck_step(search, node, result, &after, &same))
    return false;
  return !same || arrive_in_state(search, node, result, &after, hash);
}

static bool advance_node(struct sim_exhaustive *search, struct node *node) {
  if (!node->results && !look_up_results(search, node)) return false;
  const struct sim_expansion *results = node->results;
  const struct sim_result *result = &results->results[node->next++];
  if (!take_transition(search, node, result)) return false;
  if (node->next < results->count) return true;
  node->tasks_left &= node->tasks_left - 1;
  node->next = 0;
  node->results = NULL;
  return true;
}

/* Forget what is remembered, and all parts but those of the present path. The path's nodes look up
 * or run their results again. */
static bool forget_remembered(struct sim_exhaustive *search) {
  const struct sim_tuple **kept = calloc(search->depth + 1, sizeof(struct sim_tuple *));
  if (!kept) return false;
  for (size_t i = 0; i < search->depth; i++) {
    kept[i] = &search->nodes[i]->tuple;
    search->nodes[i]->results = NULL;
    sim_expansion_free(&search->nodes[i]->own);
  }
  bool good = sim_parts_sweep(search->parts, kept, search->depth);
  sim_memo_clear(search->memo);
  free(kept);
  return good;
}

static bool is_full(const struct sim_exhaustive *search) {
  return sim_parts_bytes(search->parts) + sim_memo_bytes(search->memo) > search->limits->memo_bytes;
}

static bool look_around(struct sim_exhaustive *search) {
  const struct sim_limits *limits = search->limits;
  struct sim_progress progress = {.states = sim_graph_count(search->graph),
                                  .depth = (int64_t)search->depth,
                                  .frontier = (int64_t)search->depth};
  if (limits->progress) limits->progress(limits->progress_self, &progress);
  return !is_full(search) || forget_remembered(search);
}

static bool search_must_stop(struct sim_exhaustive *search) {
  const struct sim_limits *limits = search->limits;
  if (limits->interrupt && *limits->interrupt) search->cut = true;
  return search->cut;
}

static bool begin_search(struct sim_exhaustive *search) {
  struct sim_tuple tuple;
  bool is_new = false;
  if (!sim_parts_take(search->parts, &tuple)) return false;
  uint32_t start = sim_graph_state(search->graph, sim_parts_hash(search->parts, &tuple), &is_new);
  if (start == UINT32_MAX) return false;
  uint32_t tasks = sim_parts_enabled(search->parts, &tuple);
  return tasks ? push_node(search, start, &tuple, tasks) : record_end(search, start, &tuple);
}

/* Nothing is looked up any more, and telling what was found takes room as well. */
static void let_go(struct sim_exhaustive *search) {
  sim_memo_free(search->memo);
  sim_parts_free(search->parts);
  search->memo = NULL;
  search->parts = NULL;
}

bool sim_exhaustive_run(struct sim_exhaustive *search, bool *cut) {
  bool good = begin_search(search);
  while (good && search->depth > 0 && !search_must_stop(search)) {
    struct node *node = search->nodes[search->depth - 1];
    bool advances = node->tasks_left != 0;
    good = advances ? advance_node(search, node) : pop_node(search);
    if (good && advances && search->transitions % LOOK_EVERY == 0) good = look_around(search);
  }
  while (search->depth > 0) good = pop_node(search) && good;
  let_go(search);
  *cut = search->cut;
  return good;
}
