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

uint32_t sim_graph_count(const struct sim_graph *graph) {
  return graph->state_count;
}

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

/* Edges by their origin: first[state] .. first[state + 1] index into order. Among edges of one origin
 * the order is that of (task, choices), so that ties never depend on the search. */
struct fan {
  size_t *first;
  uint32_t *order;
};

static bool earlier(const struct edge *a, const struct edge *b) {
  if (a->move.task != b->move.task) return a->move.task < b->move.task;
  return a->move.choices < b->move.choices;
}

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
      for (size_t j = i; j > fan->first[s] && earlier(&graph->edges[fan->order[j]],
                                                      &graph->edges[fan->order[j - 1]]); j--) {
        uint32_t swapped = fan->order[j];
        fan->order[j] = fan->order[j - 1];
        fan->order[j - 1] = swapped;
      }
  return true;
}

/* Breadth first from state 0; by[state] is the edge that reached it first, + 1. */
static bool search(const struct sim_graph *graph, uint32_t *distance, uint32_t *by) {
  struct fan fan = {.first = NULL};
  uint32_t *queue = malloc(((size_t)graph->state_count + 1) * sizeof *queue);
  bool done = queue && make_fan(graph, &fan);
  if (done) {
    size_t head = 0, tail = 0;
    memset(distance, 0xff, (size_t)graph->state_count * sizeof *distance);
    distance[0] = 0;
    queue[tail++] = 0;
    while (head < tail) {
      uint32_t state = queue[head++];
      for (size_t i = fan.first[state]; i < fan.first[state + 1]; i++) {
        const struct edge *edge = &graph->edges[fan.order[i]];
        if (distance[edge->to] != UINT32_MAX) continue;
        distance[edge->to] = distance[state] + 1;
        by[edge->to] = fan.order[i] + 1;
        queue[tail++] = edge->to;
      }
    }
  }
  free(fan.first);
  free(fan.order);
  free(queue);
  return done;
}

uint32_t *sim_graph_distances(const struct sim_graph *graph) {
  uint32_t *distance = calloc((size_t)graph->state_count + 1, sizeof *distance);
  uint32_t *by = calloc((size_t)graph->state_count + 1, sizeof *by);
  if (distance && by && search(graph, distance, by)) {
    free(by);
    return distance;
  }
  free(distance);
  free(by);
  return NULL;
}

int sim_graph_path(const struct sim_graph *graph, uint32_t state, struct sim_move **moves) {
  uint32_t *distance = calloc((size_t)graph->state_count + 1, sizeof *distance);
  uint32_t *by = calloc((size_t)graph->state_count + 1, sizeof *by);
  int length = -1;
  *moves = NULL;
  if (distance && by && search(graph, distance, by) && distance[state] != UINT32_MAX) {
    *moves = calloc((size_t)distance[state] + 1, sizeof **moves);
    if (*moves) {
      length = (int)distance[state];
      for (int i = length; i > 0; i--) {
        const struct edge *edge = &graph->edges[by[state] - 1];
        (*moves)[i - 1] = edge->move;
        state = edge->from;
      }
    }
  }
  free(distance);
  free(by);
  return length;
}
