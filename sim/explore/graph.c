#include "graph.h"

#include "grow.h"
#include "reserve.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* A search looks at its limit of states before each move: each process may pass it by one. */
enum { MAX_MOVES = 1 << 20, FIRST_SLOTS = 1024, SLACK = 1024 };

/* Numbers of things, + 1, by their hash; 0: empty. Of a table that grows, the one of n slots stands
 * n slots behind the beginning; those before it are given back. */
struct table {
  _Atomic uint32_t *memory;
  _Atomic size_t slots;
  size_t most_slots;
};

/* Exits stand in one array of words, in groups: where the state's group before stands, how many
 * exits follow, then target and number of the move of each. Moves are few, and kept once. */
struct sim_graph {
  struct table by_hash, by_move;
  struct sim_hash *hashes; /* of each state */
  uint32_t *groups;        /* of each state: its last group + 1; 0: none */
  uint8_t *ends;           /* of each state: an end can be reached */
  uint32_t state_count, state_room;
  uint32_t *words;
  size_t word_count, word_room;
  struct sim_move *moves;
  uint32_t move_count;
  uint32_t *distances; /* once finished */
  uint32_t *parents;   /* of each state: the one before it on the shortest way */
  uint32_t *by;        /* and the move between */
  uint32_t depth;
};

static bool table_reserve(struct table *table, size_t items) {
  table->slots = table->most_slots = FIRST_SLOTS;
  while (table->most_slots / 4 * 3 < items + 1) table->most_slots *= 2;
  table->memory = sim_reserve(2 * table->most_slots * sizeof *table->memory);
  return table->memory != NULL;
}

static bool reserve(struct sim_graph *graph, int64_t max_states) {
  size_t room = max_states < UINT32_MAX / 2 ? (size_t)max_states + SLACK : UINT32_MAX / 2;
  graph->state_room = (uint32_t)room;
  graph->word_room = room < UINT32_MAX / 256 ? room * 256 : UINT32_MAX - 1;
  return table_reserve(&graph->by_hash, room) && table_reserve(&graph->by_move, MAX_MOVES) &&
         (graph->hashes = sim_reserve(room * sizeof *graph->hashes)) != NULL &&
         (graph->groups = sim_reserve(room * sizeof *graph->groups)) != NULL &&
         (graph->ends = sim_reserve(room)) != NULL &&
         (graph->words = sim_reserve(graph->word_room * sizeof *graph->words)) != NULL &&
         (graph->moves = sim_reserve(MAX_MOVES * sizeof *graph->moves)) != NULL;
}

struct sim_graph *sim_graph_new(int64_t max_states) {
  struct sim_graph *graph = sim_reserve(sizeof *graph);
  if (!graph || reserve(graph, max_states)) return graph;
  sim_graph_free(graph);
  return NULL;
}

/* Of each of the three arrays that finishing makes. */
static size_t finished_bytes(const struct sim_graph *graph) {
  return ((size_t)graph->state_count + 1) * sizeof *graph->distances;
}

void sim_graph_free(struct sim_graph *graph) {
  if (!graph) return;
  sim_unreserve(graph->by_hash.memory, 2 * graph->by_hash.most_slots * sizeof(uint32_t));
  sim_unreserve(graph->by_move.memory, 2 * graph->by_move.most_slots * sizeof(uint32_t));
  sim_unreserve(graph->hashes, graph->state_room * sizeof *graph->hashes);
  sim_unreserve(graph->groups, graph->state_room * sizeof *graph->groups);
  sim_unreserve(graph->ends, graph->state_room);
  sim_unreserve(graph->words, graph->word_room * sizeof *graph->words);
  sim_unreserve(graph->moves, MAX_MOVES * sizeof *graph->moves);
  sim_unreserve(graph->distances, finished_bytes(graph));
  sim_unreserve(graph->parents, finished_bytes(graph));
  sim_unreserve(graph->by, finished_bytes(graph));
  sim_unreserve(graph, sizeof *graph);
}

static bool table_is_full(const struct table *table, size_t items) {
  return items * 4 >= table->slots * 3;
}

/* The slots that it moves to, all empty. */
static _Atomic uint32_t *table_grown(const struct table *table) {
  return table->memory + 2 * table->slots;
}

static void table_move(struct table *table) {
  size_t slots = table->slots;
  table->slots = 2 * slots;
  sim_reserve_forget(table->memory + slots, slots * sizeof *table->memory);
}

/* ---- States ---- */

/* The slot of a hash, or an empty one where it would be.
 * Out: *number  what stood there when it was looked at */
static _Atomic uint32_t *find(const struct sim_graph *graph, _Atomic uint32_t *slots, size_t count,
                              struct sim_hash hash, uint32_t *number) {
  size_t at = (size_t)hash.low & (count - 1);
  for (; (*number = slots[at]) != 0; at = (at + 1) & (count - 1)) {
    const struct sim_hash *there = &graph->hashes[*number - 1];
    if (there->low == hash.low && there->high == hash.high) break;
  }
  return &slots[at];
}

/* A number stands in its slot only when the hash stands in its place, and both stay: what is found
 * is right. A table that is being moved, or given back and so empty, only hides things. An empty
 * slot may have another one's number a moment later: it is looked at once. */
uint32_t sim_graph_known(struct sim_graph *graph, struct sim_hash hash) {
  struct table *table = &graph->by_hash;
  size_t slots = table->slots;
  uint32_t number;
  (void)find(graph, table->memory + slots, slots, hash, &number);
  return number == 0 ? UINT32_MAX : number - 1;
}

uint32_t sim_graph_state(struct sim_graph *graph, struct sim_hash hash, bool *is_new) {
  struct table *table = &graph->by_hash;
  uint32_t number;
  if (table_is_full(table, graph->state_count)) {
    _Atomic uint32_t *grown = table_grown(table);
    for (uint32_t state = 0; state < graph->state_count; state++)
      *find(graph, grown, 2 * table->slots, graph->hashes[state], &number) = state + 1;
    table_move(table);
  }
  _Atomic uint32_t *slot = find(graph, table->memory + table->slots, table->slots, hash, &number);
  *is_new = number == 0;
  if (!*is_new) return number - 1;
  if (graph->state_count == graph->state_room) return UINT32_MAX;
  graph->hashes[graph->state_count] = hash;
  *slot = ++graph->state_count;
  return graph->state_count - 1;
}

uint32_t sim_graph_count(const struct sim_graph *graph) { return graph->state_count; }

struct sim_hash sim_graph_hash(const struct sim_graph *graph, uint32_t state) {
  return graph->hashes[state];
}

void sim_graph_mark_end(struct sim_graph *graph, uint32_t state) { graph->ends[state] = 1; }

/* ---- Moves and exits ---- */

static _Atomic uint32_t *find_move(const struct sim_graph *graph, _Atomic uint32_t *slots,
                                   size_t count, const struct sim_move *move) {
  size_t at = (size_t)sim_move_hash(move) & (count - 1);
  for (; slots[at] != 0; at = (at + 1) & (count - 1)) {
    const struct sim_move *there = &graph->moves[slots[at] - 1];
    if (!sim_move_is_earlier(there, move) && !sim_move_is_earlier(move, there)) break;
  }
  return &slots[at];
}

/* The number of a move; UINT32_MAX when there are too many. */
static uint32_t number_of(struct sim_graph *graph, const struct sim_move *move) {
  struct table *table = &graph->by_move;
  if (table_is_full(table, graph->move_count)) {
    _Atomic uint32_t *grown = table_grown(table);
    for (uint32_t i = 0; i < graph->move_count; i++)
      *find_move(graph, grown, 2 * table->slots, &graph->moves[i]) = i + 1;
    table_move(table);
  }
  _Atomic uint32_t *slot = find_move(graph, table->memory + table->slots, table->slots, move);
  if (*slot != 0) return *slot - 1;
  if (graph->move_count == MAX_MOVES) return UINT32_MAX;
  graph->moves[graph->move_count] = *move;
  *slot = ++graph->move_count;
  return graph->move_count - 1;
}

bool sim_graph_exits(struct sim_graph *graph, uint32_t from, const struct sim_exit *exits,
                     size_t count) {
  size_t needed = graph->word_count + 2 + 2 * count;
  if (count == 0) return true;
  if (needed > graph->word_room) return false;
  uint32_t *word = &graph->words[graph->word_count];
  *word++ = graph->groups[from];
  *word++ = (uint32_t)count;
  for (size_t i = 0; i < count; i++) {
    uint32_t number = number_of(graph, &exits[i].move);
    if (number == UINT32_MAX) return false;
    *word++ = exits[i].to;
    *word++ = number;
  }
  graph->groups[from] = (uint32_t)graph->word_count + 1;
  graph->word_count = needed;
  return true;
}

/* Walks the exits of a state. */
struct tour {
  const struct sim_graph *graph;
  const uint32_t *word;
  uint32_t left, next;
};

static struct tour tour_of(const struct sim_graph *graph, uint32_t state) {
  return (struct tour){.graph = graph, .next = graph->groups[state]};
}

static bool tour_next(struct tour *tour, uint32_t *to, uint32_t *move) {
  while (tour->left == 0) {
    if (tour->next == 0) return false;
    tour->word = &tour->graph->words[tour->next - 1];
    tour->next = *tour->word++;
    tour->left = *tour->word++;
  }
  tour->left--;
  *to = *tour->word++;
  *move = *tour->word++;
  return true;
}

/* ---- The shortest way ---- */

struct way_out {
  uint32_t to, move;
};

/* The exits of one state, in the order of their moves. */
struct fan {
  const struct sim_graph *graph;
  struct way_out *exits;
  size_t count, room;
};

static bool fan_out(struct fan *fan, uint32_t state) {
  struct tour tour = tour_of(fan->graph, state);
  const struct sim_move *moves = fan->graph->moves;
  uint32_t to, move;
  fan->count = 0;
  while (tour_next(&tour, &to, &move)) {
    struct way_out *exits = sim_grow(fan->exits, fan->count, &fan->room, sizeof *exits);
    if (!exits) return false;
    fan->exits = exits;
    size_t at = fan->count++; /* they come nearly in order: insertion */
    for (; at > 0 && sim_move_is_earlier(&moves[move], &moves[fan->exits[at - 1].move]); at--)
      fan->exits[at] = fan->exits[at - 1];
    fan->exits[at].to = to;
    fan->exits[at].move = move;
  }
  return true;
}

/* Breadth first from state 0. */
static bool spread(struct sim_graph *graph, uint32_t *queue) {
  size_t head = 0, tail = 0;
  struct fan fan = {.graph = graph};
  bool good = true;
  memset(graph->distances, 0xff, (size_t)graph->state_count * sizeof *graph->distances);
  graph->distances[0] = 0;
  queue[tail++] = 0;
  while (good && head < tail) {
    uint32_t state = queue[head++];
    good = fan_out(&fan, state);
    graph->depth = graph->distances[state];
    for (size_t i = 0; i < fan.count; i++) {
      uint32_t to = fan.exits[i].to;
      if (graph->distances[to] != UINT32_MAX) continue;
      queue[tail++] = to;
      graph->distances[to] = graph->depth + 1;
      graph->parents[to] = state;
      graph->by[to] = fan.exits[i].move;
    }
  }
  free(fan.exits);
  return good;
}

bool sim_graph_finish(struct sim_graph *graph) {
  size_t bytes = finished_bytes(graph);
  uint32_t *queue = malloc(bytes);
  bool done = queue && (graph->distances = sim_reserve(bytes)) != NULL &&
              (graph->parents = sim_reserve(bytes)) != NULL &&
              (graph->by = sim_reserve(bytes)) != NULL;
  if (done && graph->state_count > 0) done = spread(graph, queue);
  free(queue);
  return done;
}

uint32_t sim_graph_distance(const struct sim_graph *graph, uint32_t state) {
  return graph->distances[state];
}

uint32_t sim_graph_depth(const struct sim_graph *graph) { return graph->depth; }

int sim_graph_path(const struct sim_graph *graph, uint32_t state, struct sim_move **moves) {
  *moves = NULL;
  if (!graph->by || graph->distances[state] == UINT32_MAX) return -1;
  int length = (int)graph->distances[state];
  *moves = calloc((size_t)length + 1, sizeof **moves);
  if (!*moves) return -1;
  for (int i = length; i > 0; i--) {
    (*moves)[i - 1] = graph->moves[graph->by[state]];
    state = graph->parents[state];
  }
  return length;
}

/* ---- All of it ---- */

static void add(struct sim_hash *sum, const void *bytes, size_t size) {
  XXH128_hash_t hash = XXH3_128bits(bytes, size);
  uint64_t low = sum->low + hash.low64;
  sum->high += hash.high64 + (low < sum->low);
  sum->low = low;
}

struct sim_hash sim_graph_root(const struct sim_graph *graph) {
  struct sim_hash sum = {0, 0};
  for (uint32_t state = 0; state < graph->state_count; state++) {
    struct tour tour = tour_of(graph, state);
    struct sim_hash from = graph->hashes[state];
    uint32_t to, move;
    add(&sum, &from, sizeof from);
    while (tour_next(&tour, &to, &move)) {
      uint64_t edge[5] = {from.low, from.high, graph->hashes[to].low, graph->hashes[to].high,
                          sim_move_hash(&graph->moves[move])};
      add(&sum, edge, sizeof edge);
    }
  }
  return sum;
}

/* Ends spread against the moves. States have their numbers in the order of the search, so going
 * down from the last one finds nearly all in one sweep. */
static void spread_ends(struct sim_graph *graph) {
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t state = graph->state_count; state-- > 0;) {
      struct tour tour = tour_of(graph, state);
      uint32_t to, move;
      while (!graph->ends[state] && tour_next(&tour, &to, &move))
        if (graph->ends[to]) graph->ends[state] = changed = true;
    }
  }
}

static bool hash_is_less(struct sim_hash a, struct sim_hash b) {
  return a.high != b.high ? a.high < b.high : a.low < b.low;
}

uint32_t sim_graph_hopeless(struct sim_graph *graph) {
  uint32_t found = UINT32_MAX;
  spread_ends(graph);
  for (uint32_t state = 0; state < graph->state_count; state++) {
    if (graph->ends[state]) continue;
    if (found == UINT32_MAX || graph->distances[state] < graph->distances[found] ||
        (graph->distances[state] == graph->distances[found] &&
         hash_is_less(graph->hashes[state], graph->hashes[found])))
      found = state;
  }
  return found;
}

size_t sim_graph_bytes(const struct sim_graph *graph) {
  size_t state = sizeof *graph->hashes + sizeof *graph->groups + sizeof *graph->ends;
  size_t slots = graph->by_hash.slots + graph->by_move.slots;
  if (graph->by) state += 3 * sizeof(uint32_t);
  return graph->state_count * state + (slots + graph->word_count) * sizeof(uint32_t) +
         graph->move_count * sizeof *graph->moves;
}
