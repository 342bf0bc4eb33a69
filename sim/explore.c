#include "explore.h"

#include "graph.h"

#include <stdlib.h>
#include <string.h>

/* A state on the present path: its world, and which of its variants are still to be tried. */
struct node {
  struct sim_world world;
  struct fake_disk_image image;
  struct sim_variants variants;
  uint32_t state;
};

/* One sight of an ending or a breach; the one nearest to the beginning is told. */
struct sight {
  uint32_t state;
  struct sim_move move;
  int ending; /* index, or -1 */
  int breach; /* index, or -1 */
};

struct explorer {
  struct sim_machine *machine;
  const struct sim_case *the_case;
  const struct sim_limits *limits;
  struct sim_search *search;
  struct sim_graph *graph;
  struct node **nodes; /* kept for reuse beyond `depth` */
  int depth, room;
  struct sight *sights;
  size_t sight_count, sight_room;
  const struct node *here; /* the machine is in this node's world; null: elsewhere */
};

/* ---- What is found ---- */

static bool keep_sight(struct explorer *explorer, struct sight sight) {
  if (explorer->sight_count == explorer->sight_room) {
    size_t room = explorer->sight_room ? explorer->sight_room * 2 : 64;
    struct sight *sights = realloc(explorer->sights, room * sizeof *sights);
    if (!sights) return false;
    explorer->sights = sights;
    explorer->sight_room = room;
  }
  explorer->sights[explorer->sight_count++] = sight;
  return true;
}

static bool keep_breach(struct explorer *explorer, const struct sim_breach *breach, uint32_t state,
                        struct sim_move move) {
  struct sim_search *search = explorer->search;
  int at = 0;
  while (at < search->breach_count &&
         (strcmp(search->breaches[at].breach.rule, breach->rule) != 0 ||
          strcmp(search->breaches[at].breach.harm, breach->harm) != 0))
    at++;
  if (at == SIM_MAX_BREACHES) return true;
  if (at == search->breach_count) {
    search->breach_count++;
    search->breaches[at] = (struct sim_found_breach){.breach = *breach};
  }
  search->breaches[at].count++;
  return keep_sight(explorer,
                    (struct sight){.state = state, .move = move, .ending = -1, .breach = at});
}

/* The machine's world is an ending, new or known. Returns false when out of memory. */
static bool keep_ending(struct explorer *explorer, uint32_t state) {
  struct sim_search *search = explorer->search;
  struct sim_found_ending *found = malloc(sizeof *found);
  int at = 0;
  if (!found) return false;
  sim_ending_of(explorer->machine, &found->ending);
  found->hash = sim_ending_hash(&found->ending, explorer->the_case->client_count);
  found->paths = 0;
  found->only_under_faults = sim_machine_world(explorer->machine)->injected > 0;
  bool faulty = found->only_under_faults;
  while (at < search->ending_count && search->endings[at]->hash != found->hash) at++;
  if (at < search->ending_count) {
    free(found);
  } else {
    struct sim_found_ending **endings =
        realloc(search->endings, ((size_t)search->ending_count + 1) * sizeof *endings);
    if (!endings) {
      free(found);
      return false;
    }
    search->endings = endings;
    search->endings[search->ending_count++] = found;
  }
  search->endings[at]->paths++;
  if (!faulty) search->endings[at]->only_under_faults = false;
  return keep_sight(explorer, (struct sight){.state = state, .ending = at, .breach = -1});
}

/* A state without moves: an ending, or nothing can ever happen again. */
static bool keep_end(struct explorer *explorer, uint32_t state) {
  struct sim_move none = {.task = -1};
  struct sim_breach breach = {.rule = "RACE-3",
                              .harm = "deadlock",
                              .client = -1,
                              .text =
                                  "nothing can ever happen again, and not all actors have ended"};
  if (!sim_machine_world(explorer->machine)->settled) {
    return keep_breach(explorer, &breach, state, none);
  }
  if (!sim_oracle_ending(explorer->machine, &breach) &&
      !keep_breach(explorer, &breach, state, none))
    return false;
  return keep_ending(explorer, state);
}

/* ---- The path ---- */

static struct node *push(struct explorer *explorer, uint32_t state) {
  if (explorer->depth == explorer->room) {
    int room = explorer->room ? explorer->room * 2 : 64;
    struct node **nodes = realloc(explorer->nodes, (size_t)room * sizeof(struct node *));
    if (!nodes) return NULL;
    memset(nodes + explorer->room, 0, (size_t)(room - explorer->room) * sizeof(struct node *));
    explorer->nodes = nodes;
    explorer->room = room;
  }
  struct node *node = explorer->nodes[explorer->depth];
  if (!node) node = explorer->nodes[explorer->depth] = malloc(sizeof *node);
  if (!node) return NULL;
  node->image = (struct fake_disk_image){.record = NULL};
  if (!fake_disk_save(sim_machine_disk(explorer->machine), &node->image)) return NULL;
  sim_world_copy(&node->world, sim_machine_world(explorer->machine), explorer->the_case);
  sim_variants_begin(&node->variants, sim_machine_moves(explorer->machine));
  node->state = state;
  explorer->depth++;
  if (explorer->depth > explorer->search->depth) explorer->search->depth = explorer->depth;
  explorer->here = node;
  return node;
}

static void pop(struct explorer *explorer) {
  struct node *node = explorer->nodes[--explorer->depth];
  fake_disk_image_release(sim_machine_disk(explorer->machine), &node->image);
  explorer->here = NULL;
}

/* Make the node's present move, and point it at its next one. */
static bool advance(struct explorer *explorer, struct node *node) {
  struct sim_effect effect;
  struct sim_breach breach = {.client = -1};
  bool can_fail =
      sim_variants_can_fail(&node->variants, &node->world, explorer->limits->fault_budget);
  if (explorer->here != node || can_fail)
    sim_machine_restore(explorer->machine, &node->world, &node->image);
  explorer->here = NULL;
  struct sim_move move = sim_variants_make(&node->variants, explorer->machine, can_fail, &effect);
  explorer->search->transitions++;

  if (!sim_oracle_state(explorer->machine, &node->world, &effect, &breach))
    return keep_breach(explorer, &breach, node->state, move); /* what follows is not looked at */
  bool is_new = false;
  struct sim_hash hash = sim_world_hash(sim_machine_world(explorer->machine), explorer->the_case);
  uint32_t state = sim_graph_state(explorer->graph, hash, &is_new);
  if (state == UINT32_MAX || !sim_graph_edge(explorer->graph, node->state, state, move))
    return false;
  if (!is_new) return true;
  if (sim_machine_moves(explorer->machine) == 0) return keep_end(explorer, state);
  return push(explorer, state) != NULL;
}

static bool must_stop(struct explorer *explorer) {
  const struct sim_limits *limits = explorer->limits;
  struct sim_search *search = explorer->search;
  search->states = sim_graph_count(explorer->graph);
  if (limits->interrupt && *limits->interrupt) {
    search->interrupted = true;
    return true;
  }
  if (limits->progress && search->transitions % 4096 == 0)
    limits->progress(limits->progress_self, search->states);
  return search->states >= limits->max_states;
}

static bool walk(struct explorer *explorer) {
  bool is_new = false;
  struct sim_hash hash = sim_world_hash(sim_machine_world(explorer->machine), explorer->the_case);
  uint32_t start = sim_graph_state(explorer->graph, hash, &is_new);
  if (start == UINT32_MAX || !push(explorer, start)) return false;
  if (explorer->nodes[0]->variants.moves == 0 && !keep_end(explorer, start)) return false;
  while (explorer->depth > 0) {
    struct node *node = explorer->nodes[explorer->depth - 1];
    if (node->variants.moves == 0) {
      pop(explorer);
      continue;
    }
    if (must_stop(explorer)) return true;
    if (!advance(explorer, node)) return false;
  }
  explorer->search->exhausted = true;
  return true;
}

/* ---- Order, so that no trace of the search's own order shows ---- */

/* Tell each ending and breach by the sight of it that is nearest to the beginning. */
static bool choose_nearest(struct explorer *explorer) {
  struct sim_search *search = explorer->search;
  uint32_t *ranks = calloc((size_t)search->ending_count + SIM_MAX_BREACHES, sizeof *ranks);
  bool done = ranks && sim_graph_finish(explorer->graph);
  for (size_t i = 0; done && i < explorer->sight_count; i++) {
    const struct sight *sight = &explorer->sights[i];
    uint32_t *rank =
        &ranks[sight->ending >= 0 ? sight->ending : search->ending_count + sight->breach];
    uint32_t distance = sim_graph_distance(explorer->graph, sight->state);
    if (*rank != 0 && distance + 1 >= *rank) continue;
    *rank = distance + 1;
    if (sight->ending >= 0)
      search->endings[sight->ending]->state = sight->state;
    else {
      search->breaches[sight->breach].state = sight->state;
      search->breaches[sight->breach].move = sight->move;
    }
  }
  free(ranks);
  return done;
}

static int by_hash(const void *a, const void *b) {
  const struct sim_found_ending *x = *(struct sim_found_ending *const *)a;
  const struct sim_found_ending *y = *(struct sim_found_ending *const *)b;
  return x->hash < y->hash ? -1 : x->hash > y->hash;
}

bool sim_explore(struct sim_machine *machine, const struct sim_limits *limits,
                 struct sim_search *search) {
  memset(search, 0, sizeof *search);
  sim_machine_set_faults(machine, limits->fault_budget, !limits->without_declared);
  struct explorer explorer = {.machine = machine,
                              .the_case = sim_machine_names(machine)->the_case,
                              .limits = limits,
                              .search = search};
  explorer.graph = search->graph = sim_graph_new();
  bool walked = explorer.graph && walk(&explorer) && choose_nearest(&explorer);
  if (explorer.graph) search->states = sim_graph_count(explorer.graph);
  while (explorer.depth > 0) pop(&explorer);
  for (int i = 0; i < explorer.room; i++) free(explorer.nodes[i]);
  free(explorer.nodes);
  free(explorer.sights);
  search->out_of_memory = !walked;
  if (search->ending_count > 1)
    qsort(search->endings, (size_t)search->ending_count, sizeof *search->endings, by_hash);
  return walked;
}

void sim_search_free(struct sim_search *search) {
  for (int i = 0; i < search->ending_count; i++) free(search->endings[i]);
  free(search->endings);
  sim_graph_free(search->graph);
  memset(search, 0, sizeof *search);
}

int sim_search_path(const struct sim_search *search, uint32_t state, struct sim_move **moves) {
  return sim_graph_path(search->graph, state, moves);
}
