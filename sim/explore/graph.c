#include "graph.h"

#include "grow.h"
#include "slots.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* Exits stand in one array of bytes, in groups: where the state's group before stands, how many
 * exits follow, then of each how far the number of its target is from that of the state, and its
 * transition. Most of these numbers are small, and a number takes as many bytes as it needs.
 * Transitions are few, and kept once. */
struct sim_graph {
  struct sim_slots by_hash, by_transition; /* states; transitions */
  struct sim_hash *hashes;                 /* of each state */
  uint32_t *groups;                        /* of each state: its last group + 1; 0: none */
  uint8_t *ends;                           /* of each state: an end can be reached */
  uint32_t state_count, max_states;
  size_t hash_room, group_room, end_room;
  uint8_t *bytes;
  size_t byte_count, byte_room;
  struct sim_transition *transitions;
  uint32_t transition_count;
  size_t transition_room;
  uint32_t *distances; /* once finished */
  uint32_t *parents;   /* of each state: the one before it on the shortest path */
  uint32_t depth;
};

struct sim_graph *sim_graph_new(int64_t max_states) {
  struct sim_graph *graph = calloc(1, sizeof *graph);
  if (graph)
    graph->max_states = max_states < UINT32_MAX / 2 ? (uint32_t)max_states : UINT32_MAX / 2;
  return graph;
}

void sim_graph_free(struct sim_graph *graph) {
  if (!graph) return;
  free(graph->by_hash.list);
  free(graph->by_transition.list);
  free(graph->hashes);
  free(graph->groups);
  free(graph->ends);
  free(graph->bytes);
  free(graph->transitions);
  free(graph->distances);
  free(graph->parents);
  free(graph);
}

/* ---- States ---- */

/* The slot of a hash, or an empty one where it would be. */
static uint32_t *find_state(const struct sim_graph *graph, struct sim_hash hash) {
  const struct sim_slots *slots = &graph->by_hash;
  size_t at = (size_t)hash.low & (slots->count - 1);
  for (; slots->list[at] != 0; at = (at + 1) & (slots->count - 1)) {
    const struct sim_hash *there = &graph->hashes[slots->list[at] - 1];
    if (there->low == hash.low && there->high == hash.high) break;
  }
  return &slots->list[at];
}

/* Room for one more of everything that each state has. */
static bool state_room(struct sim_graph *graph) {
  size_t count = graph->state_count;
  bool grown;
  struct sim_hash *hashes = sim_grow(graph->hashes, count, &graph->hash_room, sizeof *hashes);
  if (!hashes) return false;
  graph->hashes = hashes;
  uint32_t *groups = sim_grow(graph->groups, count, &graph->group_room, sizeof *groups);
  if (!groups) return false;
  graph->groups = groups;
  uint8_t *ends = sim_grow(graph->ends, count, &graph->end_room, sizeof *ends);
  if (!ends) return false;
  graph->ends = ends;
  if (!sim_slots_grow(&graph->by_hash, count, &grown)) return false;
  for (uint32_t state = 0; grown && state < count; state++)
    *find_state(graph, graph->hashes[state]) = state + 1;
  return true;
}

uint32_t sim_graph_known(const struct sim_graph *graph, struct sim_hash hash) {
  if (graph->by_hash.count == 0) return UINT32_MAX;
  uint32_t number = *find_state(graph, hash);
  return number == 0 ? UINT32_MAX : number - 1;
}

uint32_t sim_graph_state(struct sim_graph *graph, struct sim_hash hash, bool *is_new) {
  if (!state_room(graph)) return UINT32_MAX;
  uint32_t *slot = find_state(graph, hash), state = graph->state_count;
  *is_new = *slot == 0;
  if (!*is_new) return *slot - 1;
  if (state == graph->max_states) return UINT32_MAX;
  graph->hashes[state] = hash;
  graph->groups[state] = 0;
  graph->ends[state] = 0;
  *slot = ++graph->state_count;
  return state;
}

uint32_t sim_graph_count(const struct sim_graph *graph) { return graph->state_count; }

struct sim_hash sim_graph_hash(const struct sim_graph *graph, uint32_t state) {
  return graph->hashes[state];
}

void sim_graph_end_here(struct sim_graph *graph, uint32_t state) { graph->ends[state] = 1; }

/* ---- Transitions and exits ---- */

static uint32_t *find_transition(const struct sim_graph *graph,
                                 const struct sim_transition *transition) {
  const struct sim_slots *slots = &graph->by_transition;
  size_t at = (size_t)sim_transition_hash(transition) & (slots->count - 1);
  while (slots->list[at] &&
         !sim_transition_equal(&graph->transitions[slots->list[at] - 1], transition))
    at = (at + 1) & (slots->count - 1);
  return &slots->list[at];
}

uint32_t sim_graph_transition(struct sim_graph *graph, const struct sim_transition *transition) {
  bool grown;
  struct sim_transition *transitions = sim_grow(graph->transitions, graph->transition_count,
                                                &graph->transition_room, sizeof *transitions);
  if (!transitions) return UINT32_MAX;
  graph->transitions = transitions;
  if (!sim_slots_grow(&graph->by_transition, graph->transition_count, &grown)) return UINT32_MAX;
  for (uint32_t i = 0; grown && i < graph->transition_count; i++)
    *find_transition(graph, &graph->transitions[i]) = i + 1;
  uint32_t *slot = find_transition(graph, transition);
  if (*slot != 0) return *slot - 1;
  graph->transitions[graph->transition_count] = *transition;
  *slot = ++graph->transition_count;
  return graph->transition_count - 1;
}

/* Seven bits a byte, the lowest first; the highest bit says that more follow. */
enum { MAX_NUMBER_BYTES = 5 };

static uint8_t *encode_number(uint8_t *at, uint32_t number) {
  for (; number >= 0x80; number >>= 7) *at++ = (uint8_t)(number | 0x80);
  *at++ = (uint8_t)number;
  return at;
}

static uint32_t decode_number(const uint8_t **at) {
  uint32_t number = *(*at)++;
  if (number < 0x80) return number;
  number &= 0x7f;
  for (int shift = 7;; shift += 7) {
    uint32_t byte = *(*at)++;
    number |= (byte & 0x7f) << shift;
    if (byte < 0x80) return number;
  }
}

/* From one state to another, forwards or backwards: the lowest bit tells. */
static uint32_t distance_number(uint32_t from, uint32_t to) {
  return to >= from ? (to - from) << 1 : (from - to) << 1 | 1;
}

static uint32_t target(uint32_t from, uint32_t number) {
  return number & 1 ? from - (number >> 1) : from + (number >> 1);
}

static bool byte_room(struct sim_graph *graph, size_t needed) {
  if (needed >= UINT32_MAX) return false;
  while (graph->byte_room < needed) {
    uint8_t *bytes = sim_grow(graph->bytes, graph->byte_room, &graph->byte_room, sizeof *bytes);
    if (!bytes) return false;
    graph->bytes = bytes;
  }
  return true;
}

bool sim_graph_exits(struct sim_graph *graph, uint32_t from, const struct sim_exit *exits,
                     size_t count) {
  if (count == 0) return true;
  if (!byte_room(graph, graph->byte_count + (2 + 2 * count) * MAX_NUMBER_BYTES)) return false;
  uint8_t *at = &graph->bytes[graph->byte_count];
  at = encode_number(at, graph->groups[from]);
  at = encode_number(at, (uint32_t)count);
  for (size_t i = 0; i < count; i++) {
    at = encode_number(at, distance_number(from, exits[i].to));
    at = encode_number(at, exits[i].transition);
  }
  graph->groups[from] = (uint32_t)graph->byte_count + 1;
  graph->byte_count = (size_t)(at - graph->bytes);
  return true;
}

/* Walks the exits of a state. */
struct tour {
  const struct sim_graph *graph;
  const uint8_t *at;
  uint32_t from, left, next;
};

static struct tour tour_of(const struct sim_graph *graph, uint32_t state) {
  return (struct tour){.graph = graph, .from = state, .next = graph->groups[state]};
}

static bool tour_next(struct tour *tour, uint32_t *to, uint32_t *transition) {
  while (tour->left == 0) {
    if (tour->next == 0) return false;
    tour->at = &tour->graph->bytes[tour->next - 1];
    tour->next = decode_number(&tour->at);
    tour->left = decode_number(&tour->at);
  }
  tour->left--;
  *to = target(tour->from, decode_number(&tour->at));
  *transition = decode_number(&tour->at);
  return true;
}

/* ---- The shortest path ---- */

/* The exits of one state, in the order of their transitions. */
struct fan {
  const struct sim_graph *graph;
  struct sim_exit *exits;
  size_t count, room;
};

static bool fan_out(struct fan *fan, uint32_t state) {
  struct tour tour = tour_of(fan->graph, state);
  const struct sim_transition *transitions = fan->graph->transitions;
  uint32_t to, transition;
  fan->count = 0;
  while (tour_next(&tour, &to, &transition)) {
    struct sim_exit *exits = sim_grow(fan->exits, fan->count, &fan->room, sizeof *exits);
    if (!exits) return false;
    fan->exits = exits;
    size_t at = fan->count++; /* they come nearly in order: insertion */
    for (; at > 0 && sim_transition_is_earlier(&transitions[transition],
                                               &transitions[fan->exits[at - 1].transition]);
         at--)
      fan->exits[at] = fan->exits[at - 1];
    fan->exits[at].to = to;
    fan->exits[at].transition = transition;
  }
  return true;
}

/* Breadth first from state 0. */
static bool spread_distances(struct sim_graph *graph, uint32_t *queue) {
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
    }
  }
  free(fan.exits);
  return good;
}

bool sim_graph_finish(struct sim_graph *graph) {
  size_t count = (size_t)graph->state_count + 1;
  uint32_t *queue = calloc(count, sizeof *queue);
  bool done = queue && (graph->distances = calloc(count, sizeof(uint32_t))) != NULL &&
              (graph->parents = calloc(count, sizeof(uint32_t))) != NULL;
  if (done && graph->state_count > 0) done = spread_distances(graph, queue);
  free(queue);
  return done;
}

uint32_t sim_graph_distance(const struct sim_graph *graph, uint32_t state) {
  return graph->distances[state];
}

uint32_t sim_graph_depth(const struct sim_graph *graph) { return graph->depth; }

/* The first transition, in their order, that leads from one state to another. */
static uint32_t between(const struct sim_graph *graph, uint32_t from, uint32_t state) {
  const struct sim_transition *transitions = graph->transitions;
  struct tour tour = tour_of(graph, from);
  uint32_t first = UINT32_MAX, to, transition;
  while (tour_next(&tour, &to, &transition))
    if (to == state && (first == UINT32_MAX ||
                        sim_transition_is_earlier(&transitions[transition], &transitions[first])))
      first = transition;
  return first;
}

int sim_graph_path(const struct sim_graph *graph, uint32_t state, uint32_t **path) {
  *path = NULL;
  if (!graph->parents || graph->distances[state] == UINT32_MAX) return -1;
  int length = (int)graph->distances[state];
  *path = calloc((size_t)length + 1, sizeof **path);
  if (!*path) return -1;
  for (int i = length; i > 0; i--) {
    uint32_t parent = graph->parents[state];
    (*path)[i - 1] = between(graph, parent, state);
    state = parent;
  }
  return length;
}

const struct sim_transition *sim_graph_numbered(const struct sim_graph *graph, uint32_t number) {
  return &graph->transitions[number];
}

/* ---- All of it ---- */

static void add_to_root(struct sim_hash *sum, const void *bytes, size_t size) {
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
    uint32_t to, transition;
    add_to_root(&sum, &from, sizeof from);
    while (tour_next(&tour, &to, &transition)) {
      uint64_t edge[5] = {from.low, from.high, graph->hashes[to].low, graph->hashes[to].high,
                          sim_transition_hash(&graph->transitions[transition])};
      add_to_root(&sum, edge, sizeof edge);
    }
  }
  return sum;
}

/* Ends spread against the transitions. States have their numbers in the order of the search, so
 * going down from the last one finds nearly all in one sweep. */
static void spread_ends(struct sim_graph *graph) {
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t state = graph->state_count; state-- > 0;) {
      struct tour tour = tour_of(graph, state);
      uint32_t to, transition;
      while (!graph->ends[state] && tour_next(&tour, &to, &transition))
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
  size_t slots = graph->by_hash.count + graph->by_transition.count;
  if (graph->parents) state += 2 * sizeof(uint32_t);
  return graph->state_count * state + slots * sizeof(uint32_t) + graph->byte_count +
         graph->transition_count * sizeof *graph->transitions;
}
