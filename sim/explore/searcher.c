#include "searcher.h"

#include "grow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  LONG_STATES = 2000, /* from here on a search is long enough for several processes */
  LOOK_EVERY = 1024   /* moves from one look around to the next */
};

/* A state on the present path: its world, and which of its variants are still to be tried. */
struct node {
  struct sim_world world;
  struct fake_disk_image image;
  struct sim_variants variants;
  uint32_t state;
  struct sim_move came_by;
  struct sim_exit *exits; /* found so far; the room is kept for the next node here */
  size_t exit_count, exit_room;
};

struct sim_searcher {
  struct sim_pool *pool;
  const struct sim_limits *limits;
  const struct sim_case *the_case;
  struct sim_machine *machine;
  struct sim_findings *findings;
  struct sim_beginning beginning;
  struct node **nodes; /* kept for reuse beyond `depth` */
  int depth, room;
  int depth_known;         /* the part of `depth` that is counted in the pool's frontier */
  const struct node *here; /* the machine is in this node's world; null: elsewhere */
  struct sim_share work;   /* where the present path begins, */
  struct sim_share given;  /* and what is about to be given away */
  struct sim_world again;  /* the result of a move that is made twice */
  int64_t transitions;
};

struct sim_searcher *sim_searcher_new(struct sim_pool *pool, struct sim_machine *machine,
                                      const struct sim_limits *limits) {
  struct sim_searcher *searcher = calloc(1, sizeof *searcher);
  if (!searcher) return NULL;
  searcher->pool = pool;
  searcher->limits = limits;
  searcher->the_case = sim_machine_names(machine)->the_case;
  searcher->machine = machine;
  sim_machine_set_faults(machine, limits->fault_budget, !limits->without_declared);
  sim_world_copy(&searcher->beginning.world, sim_machine_world(machine), searcher->the_case);
  searcher->findings = sim_findings_new();
  if (searcher->findings && fake_disk_save(sim_machine_disk(machine), &searcher->beginning.image))
    return searcher;
  sim_findings_free(searcher->findings);
  free(searcher);
  return NULL;
}

void sim_searcher_free(struct sim_searcher *searcher) {
  if (!searcher) return;
  for (int i = 0; i < searcher->room; i++) {
    if (searcher->nodes[i]) free(searcher->nodes[i]->exits);
    free(searcher->nodes[i]);
  }
  free(searcher->nodes);
  sim_findings_free(searcher->findings);
  fake_disk_image_release(sim_machine_disk(searcher->machine), &searcher->beginning.image);
  free(searcher);
}

const struct sim_beginning *sim_searcher_beginning(const struct sim_searcher *searcher) {
  return &searcher->beginning;
}

struct sim_findings *sim_searcher_findings(struct sim_searcher *searcher) {
  return searcher->findings;
}

int64_t sim_searcher_transitions(const struct sim_searcher *searcher) {
  return searcher->transitions;
}

/* ---- The path ---- */

static struct node *node_at_top(struct sim_searcher *searcher) {
  if (searcher->depth == searcher->room) {
    int room = searcher->room ? searcher->room * 2 : 64;
    struct node **nodes = realloc(searcher->nodes, (size_t)room * sizeof(struct node *));
    if (!nodes) return NULL;
    memset(nodes + searcher->room, 0, (size_t)(room - searcher->room) * sizeof(struct node *));
    searcher->nodes = nodes;
    searcher->room = room;
  }
  struct node **node = &searcher->nodes[searcher->depth];
  if (!*node) *node = calloc(1, sizeof **node);
  return *node;
}

/* The machine is in a state that nobody has looked at. */
static bool push(struct sim_searcher *searcher, uint32_t state, struct sim_move came_by) {
  struct node *node = node_at_top(searcher);
  if (!node) return false;
  node->image = (struct fake_disk_image){.record = NULL};
  if (!fake_disk_save(sim_machine_disk(searcher->machine), &node->image)) return false;
  sim_world_copy(&node->world, sim_machine_world(searcher->machine), searcher->the_case);
  sim_variants_begin(&node->variants, sim_machine_moves(searcher->machine));
  node->state = state;
  node->came_by = came_by;
  node->exit_count = 0;
  searcher->depth++;
  searcher->here = node;
  return true;
}

static struct node *drop(struct sim_searcher *searcher) {
  struct node *node = searcher->nodes[--searcher->depth];
  fake_disk_image_release(sim_machine_disk(searcher->machine), &node->image);
  searcher->here = NULL;
  return node;
}

static bool pop(struct sim_searcher *searcher) {
  struct sim_pool *pool = searcher->pool;
  const struct node *node = drop(searcher);
  sim_pool_lock(pool);
  bool kept = sim_graph_exits(pool->graph, node->state, node->exits, node->exit_count);
  sim_pool_unlock(pool);
  return kept;
}

static bool add_exit(struct node *node, uint32_t to, struct sim_move move) {
  struct sim_exit *exits = sim_grow(node->exits, node->exit_count, &node->exit_room, sizeof *exits);
  if (!exits) return false;
  node->exits = exits;
  node->exits[node->exit_count++] = (struct sim_exit){.to = to, .move = move};
  return true;
}

/* ---- What is found ---- */

static void mark_end(struct sim_searcher *searcher, uint32_t state) {
  sim_pool_lock(searcher->pool);
  sim_graph_mark_end(searcher->pool->graph, state);
  sim_pool_unlock(searcher->pool);
}

static bool keep_breach(struct sim_searcher *searcher, const struct sim_breach *breach,
                        uint32_t state, struct sim_move move) {
  mark_end(searcher, state);
  return sim_findings_breach(searcher->findings, breach, state, move);
}

/* A state without moves: an ending, or nothing can ever happen again. */
static bool keep_end(struct sim_searcher *searcher, uint32_t state) {
  struct sim_move none = {.task = -1};
  struct sim_breach breach = {.rule = "RACE-3",
                              .harm = "deadlock",
                              .client = -1,
                              .text =
                                  "nothing can ever happen again, and not all actors have ended"};
  if (!sim_machine_world(searcher->machine)->settled)
    return keep_breach(searcher, &breach, state, none);
  if (!sim_oracle_ending(searcher->machine, NULL, &breach) &&
      !keep_breach(searcher, &breach, state, none))
    return false;
  mark_end(searcher, state);
  return sim_findings_ending(searcher->findings, searcher->machine, state);
}

/* ---- The same move twice ---- */

/* A sample that depends on the states alone. */
static bool is_rechecked(const struct sim_searcher *searcher, struct sim_hash hash) {
  int every = searcher->limits->recheck_every;
  return every > 0 && hash.high % (uint64_t)every == 0;
}

/* Make the move once more: the world must be the same. The machine ends where it was. */
static bool recheck(struct sim_searcher *searcher, const struct node *node, struct sim_move move,
                    const struct sim_effect *first, struct sim_breach *breach) {
  struct sim_effect second;
  sim_world_copy(&searcher->again, sim_machine_world(searcher->machine), searcher->the_case);
  sim_machine_restore(searcher->machine, &node->world, &node->image);
  (void)sim_move_again(searcher->machine, move, &second); /* strayed: the worlds differ */
  const char *part = sim_world_difference(&searcher->again, sim_machine_world(searcher->machine),
                                          searcher->the_case);
  if (!part && (strcmp(first->call, second.call) != 0 || first->answer != second.answer ||
                first->port_calls != second.port_calls || first->snapshots != second.snapshots ||
                first->commits != second.commits))
    part = "what the step did";
  if (!part) return true;
  *breach =
      (struct sim_breach){.rule = SIM_RULE_DETERMINISM, .harm = SIM_HARM_DETERMINISM, .client = -1};
  (void)snprintf(breach->text, sizeof breach->text,
                 "the step \"%s\", made twice from the same world, differs in %s", first->call,
                 part);
  return false;
}

/* ---- Searching ---- */

#define ONE_TOO_MANY (UINT32_MAX - 1)

/* The number of a state; ONE_TOO_MANY if it is new and the limit is reached, by which the search is
 * cut; UINT32_MAX when out of memory. */
static uint32_t number_of(struct sim_searcher *searcher, struct sim_hash hash, bool *is_new) {
  struct sim_pool *pool = searcher->pool;
  uint32_t state = sim_graph_known(pool->graph, hash);
  *is_new = false;
  if (state != UINT32_MAX) return state;
  sim_pool_lock(pool);
  bool full = sim_graph_count(pool->graph) >= searcher->limits->max_states &&
              sim_graph_known(pool->graph, hash) == UINT32_MAX;
  state = full ? ONE_TOO_MANY : sim_graph_state(pool->graph, hash, is_new);
  sim_pool_unlock(pool);
  if (!full) return state;
  atomic_store(&pool->cut, true);
  sim_pool_stop(pool);
  return state;
}

/* The world that a move has led to. */
static bool arrive(struct sim_searcher *searcher, struct node *node, struct sim_move move,
                   struct sim_hash hash) {
  bool is_new = false;
  uint32_t state = number_of(searcher, hash, &is_new);
  if (state == ONE_TOO_MANY) return true;
  if (state == UINT32_MAX || !add_exit(node, state, move)) return false;
  if (!is_new) return true;
  if (sim_machine_moves(searcher->machine) == 0) return keep_end(searcher, state);
  return push(searcher, state, move);
}

/* Make the node's present move, and point it at its next one. */
static bool advance(struct sim_searcher *searcher, struct node *node) {
  struct sim_machine *machine = searcher->machine;
  struct sim_effect effect;
  struct sim_breach breach = {.client = -1};
  bool can_fail =
      sim_variants_can_fail(&node->variants, &node->world, searcher->limits->fault_budget);
  if (searcher->here != node || can_fail) sim_machine_restore(machine, &node->world, &node->image);
  searcher->here = NULL;
  struct sim_move move = sim_variants_make(&node->variants, machine, can_fail, &effect);
  searcher->transitions++;
  if (!sim_findings_fault(searcher->findings, &effect)) return false;
  if (!sim_oracle_state(machine, &node->world, &effect, &breach)) /* no look at what follows */
    return keep_breach(searcher, &breach, node->state, move);
  struct sim_hash hash = sim_world_hash(sim_machine_world(machine), searcher->the_case);
  if (is_rechecked(searcher, hash) && !recheck(searcher, node, move, &effect, &breach))
    return keep_breach(searcher, &breach, node->state, move);
  return arrive(searcher, node, move, hash);
}

/* Give the variants of the node nearest to the beginning to a process that has nothing to do. */
static void share(struct sim_searcher *searcher) {
  struct sim_share *given = &searcher->given;
  int at = 0;
  while (at < searcher->depth - 1 && searcher->nodes[at]->variants.moves == 0) at++;
  if (at >= searcher->depth - 1 || searcher->work.move_count + at > SIM_SHARE_MAX_MOVES) return;
  struct node *node = searcher->nodes[at];
  given->state = node->state;
  given->variants = node->variants;
  given->move_count = searcher->work.move_count;
  memcpy(given->moves, searcher->work.moves, (size_t)given->move_count * sizeof given->moves[0]);
  for (int i = 1; i <= at; i++) given->moves[given->move_count++] = searcher->nodes[i]->came_by;
  if (sim_pool_give(searcher->pool, given)) node->variants.moves = 0;
}

static bool must_stop(const struct sim_searcher *searcher) {
  struct sim_pool *pool = searcher->pool;
  const struct sim_limits *limits = searcher->limits;
  if (atomic_load_explicit(&pool->stop, memory_order_relaxed)) return true;
  if (!limits->interrupt || !*limits->interrupt) return false;
  atomic_store(&pool->cut, true);
  sim_pool_stop(pool);
  return true;
}

/* Make known how many states wait here. */
static void count_frontier(struct sim_searcher *searcher) {
  atomic_fetch_add(&searcher->pool->frontier, searcher->depth - searcher->depth_known);
  searcher->depth_known = searcher->depth;
}

static void look_around(struct sim_searcher *searcher, void (*busy)(void *self, bool is_long),
                        void *self) {
  struct sim_pool *pool = searcher->pool;
  const struct sim_limits *limits = searcher->limits;
  count_frontier(searcher);
  if (!busy) return;
  sim_pool_lock(pool);
  struct sim_progress progress = {.states = sim_graph_count(pool->graph),
                                  .depth = searcher->work.move_count + searcher->depth,
                                  .frontier = atomic_load(&pool->frontier)};
  sim_pool_unlock(pool);
  if (limits->progress) limits->progress(limits->progress_self, &progress);
  busy(self, progress.states >= LONG_STATES);
}

/* One more move of the present path, or one step back on it. */
static bool go_on(struct sim_searcher *searcher) {
  struct node *node = searcher->nodes[searcher->depth - 1];
  return node->variants.moves == 0 ? pop(searcher) : advance(searcher, node);
}

/* Search everything below the path's first node. */
static void search(struct sim_searcher *searcher, void (*busy)(void *self, bool is_long),
                   void *self) {
  struct sim_pool *pool = searcher->pool;
  while (searcher->depth > 0 && !must_stop(searcher)) {
    if (!go_on(searcher)) sim_pool_fail(pool);
    if (atomic_load_explicit(&pool->hungry, memory_order_relaxed) > 0) share(searcher);
    if (searcher->transitions % LOOK_EVERY == 0) look_around(searcher, busy, self);
  }
  while (searcher->depth > 0)
    if (!pop(searcher)) sim_pool_fail(pool);
  count_frontier(searcher);
}

bool sim_searcher_begin(struct sim_searcher *searcher) {
  bool is_new = false;
  struct sim_move none = {.task = -1};
  struct sim_hash hash = sim_world_hash(sim_machine_world(searcher->machine), searcher->the_case);
  uint32_t start = number_of(searcher, hash, &is_new);
  if (start >= ONE_TOO_MANY) return false;
  if (sim_machine_moves(searcher->machine) == 0) return keep_end(searcher, start);
  return push(searcher, start, none);
}

void sim_searcher_forget(struct sim_searcher *searcher) {
  while (searcher->depth > 0) drop(searcher);
  searcher->transitions = 0;
  searcher->depth_known = 0;
  sim_findings_clear(searcher->findings);
}

static const struct sim_breach went_elsewhere = {
    .rule = SIM_RULE_DETERMINISM,
    .harm = SIM_HARM_DETERMINISM,
    .client = -1,
    .text = "the way to a state, gone again, leads elsewhere; --verify-determinism tells which "
            "step differs"};

/* Go to where the work begins. */
static bool take_up(struct sim_searcher *searcher) {
  const struct sim_share *work = &searcher->work;
  struct sim_move none = {.task = -1};
  sim_machine_restore(searcher->machine, &searcher->beginning.world, &searcher->beginning.image);
  struct sim_effect effect;
  for (int i = 0; i < work->move_count; i++)
    if (!sim_move_again(searcher->machine, work->moves[i], &effect)) break;
  struct sim_hash here = sim_world_hash(sim_machine_world(searcher->machine), searcher->the_case);
  struct sim_hash there = sim_graph_hash(searcher->pool->graph, work->state);
  if (here.low != there.low || here.high != there.high)
    return keep_breach(searcher, &went_elsewhere, work->state, none);
  if (!push(searcher, work->state, none)) return false;
  searcher->nodes[0]->variants = work->variants;
  return true;
}

void sim_searcher_run(struct sim_searcher *searcher, void (*busy)(void *self, bool is_long),
                      void *self) {
  struct sim_pool *pool = searcher->pool;
  search(searcher, busy, self);
  for (int taken; (taken = sim_pool_take(pool, &searcher->work)) >= 0;) {
    if (busy) busy(self, false);
    if (taken == 0) continue;
    if (!take_up(searcher)) sim_pool_fail(pool);
    search(searcher, busy, self);
  }
}
