#include "graph.h"

#include <stdlib.h>
#include <string.h>

struct slot {
  struct sim_hash hash;
  uint32_t state; /* + 1; 0: empty */
};

struct edge {
  uint32_t from, to;
  struct sim_move move;
};

struct sim_graph {
  struct slot *slots;
  size_t slot_count; /* a power of two */
  uint32_t state_count;
  struct edge *edges;
  size_t edge_count, edge_room;
  uint32_t *distances; /* of each state, once finished */
  uint32_t *by;        /* the edge that each state is reached by, + 1 */
};

struct sim_graph *sim_graph_new(void) {
  struct sim_graph *graph = calloc(1, sizeof *graph);
  if (!graph) return NULL;
  graph->slot_count = 1024;
  graph->slots = calloc(graph->slot_count, sizeof *graph->slots);
  if (graph->slots) return graph;
  free(graph);
  return NULL;
}

void sim_graph_free(struct sim_graph *graph) {
  if (!graph) return;
  free(graph->slots);
  free(graph->edges);
  free(graph->distances);
  free(graph->by);
  free(graph);
}

static struct slot *find(struct slot *slots, size_t count, struct sim_hash hash) {
  size_t at = (size_t)hash.low & (count - 1);
  while (slots[at].state != 0 &&
         (slots[at].hash.low != hash.low || slots[at].hash.high != hash.high))
    at = (at + 1) & (count - 1);
  return &slots[at];
}

static bool grow(struct sim_graph *graph) {
  size_t count = graph->slot_count * 2;
  struct slot *slots = calloc(count, sizeof *slots);
  if (!slots) return false;
  for (size_t i = 0; i < graph->slot_count; i++)
    if (graph->slots[i].state != 0) *find(slots, count, graph->slots[i].hash) = graph->slots[i];
  free(graph->slots);
  graph->slots = slots;
  graph->slot_count = count;
  return true;
}

uint32_t sim_graph_state(struct sim_graph *graph, struct sim_hash hash, bool *is_new) {
  if ((size_t)graph->state_count * 2 >= graph->slot_count && !grow(graph)) return UINT32_MAX;
  struct slot *slot = find(graph->slots, graph->slot_count, hash);
  *is_new = slot->state == 0;
  if (*is_new) {
    slot->hash = hash;
    slot->state = ++graph->state_count;
  }
  return slot->state - 1;
}

uint32_t sim_graph_count(const struct sim_graph *graph) { return graph->state_count; }

bool sim_graph_edge(struct sim_graph *graph, uint32_t from, uint32_t to, struct sim_move move) {
  if (graph->edge_count == graph->edge_room) {
    size_t room = graph->edge_room ? graph->edge_room * 2 : 1024;
    struct edge *edges = realloc(graph->edges, room * sizeof *edges);
    if (!edges) return false;
    graph->edges = edges;
    graph->edge_room = room;
  }
  graph->edges[graph->edge_count++] = (struct edge){.from = from, .to = to, .move = move};
  return true;
}

/* ---- The shortest way ---- */

/* Edges by their origin: first[state] .. first[state + 1] index into order. Among edges of one
 * origin the order is that of (task, fault, op, choices), so that ties never depend on the search.
 */
struct fan {
  size_t *first;
  uint32_t *order;
};

static bool make_fan(const struct sim_graph *graph, struct fan *fan) {
  size_t states = graph->state_count;
  fan->first = calloc(states + 2, sizeof *fan->first);
  fan->order = calloc(graph->edge_count + 1, sizeof *fan->order);
  if (!fan->first || !fan->order) return false;
  for (size_t i = 0; i < graph->edge_count; i++) fan->first[graph->edges[i].from + 2]++;
  for (size_t s = 2; s <= states; s++) fan->first[s] += fan->first[s - 1];
  for (size_t i = 0; i < graph->edge_count; i++) {
    size_t at = fan->first[graph->edges[i].from + 1]++;
    fan->order[at] = (uint32_t)i;
  }
  for (size_t s = 0; s < states; s++) /* few edges a state: insertion */
    for (size_t i = fan->first[s] + 1; i < fan->first[s + 1]; i++)
      for (size_t j = i;
           j > fan->first[s] && sim_move_is_earlier(&graph->edges[fan->order[j]].move,
                                                    &graph->edges[fan->order[j - 1]].move);
           j--) {
        uint32_t swapped = fan->order[j];
        fan->order[j] = fan->order[j - 1];
        fan->order[j - 1] = swapped;
      }
  return true;
}

/* Breadth first from state 0. */
static void search(struct sim_graph *graph, const struct fan *fan, uint32_t *queue) {
  size_t head = 0, tail = 0;
  memset(graph->distances, 0xff, (size_t)graph->state_count * sizeof *graph->distances);
  graph->distances[0] = 0;
  queue[tail++] = 0;
  while (head < tail) {
    uint32_t state = queue[head++];
    for (size_t i = fan->first[state]; i < fan->first[state + 1]; i++) {
      const struct edge *edge = &graph->edges[fan->order[i]];
      if (graph->distances[edge->to] != UINT32_MAX) continue;
      graph->distances[edge->to] = graph->distances[state] + 1;
      graph->by[edge->to] = fan->order[i] + 1;
      queue[tail++] = edge->to;
    }
  }
}

bool sim_graph_finish(struct sim_graph *graph) {
  struct fan fan = {.first = NULL};
  size_t count = (size_t)graph->state_count + 1;
  uint32_t *queue = malloc(count * sizeof *queue);
  graph->distances = calloc(count, sizeof *graph->distances);
  graph->by = calloc(count, sizeof *graph->by);
  bool done = queue && graph->distances && graph->by && make_fan(graph, &fan);
  if (done) search(graph, &fan, queue);
  free(fan.first);
  free(fan.order);
  free(queue);
  return done;
}

uint32_t sim_graph_distance(const struct sim_graph *graph, uint32_t state) {
  return graph->distances[state];
}

int sim_graph_path(const struct sim_graph *graph, uint32_t state, struct sim_move **moves) {
  *moves = NULL;
  if (!graph->by || graph->distances[state] == UINT32_MAX) return -1;
  int length = (int)graph->distances[state];
  *moves = calloc((size_t)length + 1, sizeof **moves);
  if (!*moves) return -1;
  for (int i = length; i > 0; i--) {
    const struct edge *edge = &graph->edges[graph->by[state] - 1];
    (*moves)[i - 1] = edge->move;
    state = edge->from;
  }
  return length;
}
