/* The search for an order: depth first, along the order in which things really happened if that is
 * known. One order that explains everything is enough. */
#include "model_inside.h"

#include "grow.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* Bounds of one search, in states, far above what a sound ending needs. Where the order is known, a
 * sound ending needs few more states than it has steps; the parts of a search that was too large
 * get the same bound. */
enum { MAX_STATES = 200000, MAX_STATES_IN_ORDER = 20000, MAX_STATES_OF_PART = 20000 };

/* A state on the present path, and which agents were tried in it: those up to this time and
 * number. */
struct place {
  struct model_state state;
  size_t waiting_from; /* where its successors begin */
  int32_t tried_when;
  int16_t tried;
};

struct model_search {
  const struct model *model;
  struct place *places; /* the path from the beginning */
  size_t place_count, place_room;
  struct model_state *waiting; /* a stack */
  size_t waiting_count, waiting_room;
  uint64_t *seen; /* an open hash table; 0: free */
  size_t seen_count, seen_room;
  struct model_state best; /* the one that explains the most */
  int best_progress;
  bool out_of_memory;
};

void sim_model_push(struct model_search *search, const struct model_state *state) {
  struct model_state *waiting =
      sim_grow(search->waiting, search->waiting_count, &search->waiting_room, sizeof *waiting);
  if (!waiting) {
    search->out_of_memory = true;
    return;
  }
  search->waiting = waiting;
  waiting[search->waiting_count++] = *state;
}

static void push_place(struct model_search *search, const struct model_state *state) {
  struct place *places =
      sim_grow(search->places, search->place_count, &search->place_room, sizeof *places);
  if (!places) {
    search->out_of_memory = true;
    return;
  }
  search->places = places;
  places[search->place_count++] = (struct place){
      .state = *state, .waiting_from = search->waiting_count, .tried_when = -1, .tried = -1};
}

/* ---- States seen ---- */

static bool make_room(struct model_search *search) {
  size_t room = search->seen_room ? search->seen_room * 2 : 256;
  uint64_t *seen = calloc(room, sizeof *seen);
  if (!seen) return false;
  for (size_t i = 0; i < search->seen_room; i++) {
    if (search->seen[i] == 0) continue;
    size_t at = search->seen[i] & (room - 1);
    while (seen[at]) at = (at + 1) & (room - 1);
    seen[at] = search->seen[i];
  }
  free(search->seen);
  search->seen = seen;
  search->seen_room = room;
  return true;
}

/* Returns: true if the state is new, or memory ran out */
static bool is_new(struct model_search *search, const struct model_state *state) {
  uint64_t hash = XXH3_64bits(state, sizeof *state) | 1;
  if (search->seen_count * 2 >= search->seen_room && !make_room(search)) {
    search->out_of_memory = true;
    return true;
  }
  size_t at = hash & (search->seen_room - 1);
  while (search->seen[at] && search->seen[at] != hash) at = (at + 1) & (search->seen_room - 1);
  if (search->seen[at] == hash) return false;
  search->seen[at] = hash;
  search->seen_count++;
  return true;
}

/* ---- Searching ---- */

static void note_progress(struct model_search *search, const struct model_state *state) {
  int progress = 0;
  for (int a = 0; a < search->model->the_case->actor_count; a++) progress += state->steps[a];
  for (int i = 0; i < search->model->the_case->client_count; i++)
    progress += state->entries[i] + state->toggles[i];
  for (int i = 0; i < search->model->charge_count; i++)
    progress += (state->phases[i] != MODEL_UNFIRED) + (state->phases[i] == MODEL_ENDED);
  if (progress <= search->best_progress) return;
  search->best_progress = progress;
  search->best = *state;
}

/* Take the steps for which one place is enough, as long as there are any. */
static void take_forced_steps(struct model_search *search, struct model_state *state) {
  bool again = true;
  while (again) {
    again = false;
    sim_model_skip(search->model, state);
    for (int a = 0; a < search->model->the_case->actor_count; a++) {
      size_t from = search->waiting_count;
      if (!sim_model_may_end(search->model, state, a)) continue;
      struct model_state reported = *state;
      reported.steps[a]++;
      sim_model_go_on(search->model, state, a, search);
      for (size_t i = from; i < search->waiting_count; i++)
        again = again || memcmp(&search->waiting[i], &reported, sizeof reported) == 0;
      search->waiting_count = from;
      if (!again) continue;
      *state = reported;
      break;
    }
  }
}

/* The next agent to be tried in the last place, by time, then by number. -1: none is left */
static int next_agent(const struct model_search *search, struct place *place) {
  int best = -1;
  int32_t best_when = 0;
  for (int agent = 0; agent < MODEL_AGENTS; agent++) {
    int32_t when = sim_model_when(search->model, &place->state, agent);
    if (when < place->tried_when || (when == place->tried_when && agent <= place->tried)) continue;
    if (when < 0 || (best >= 0 && when >= best_when)) continue;
    best = agent;
    best_when = when;
  }
  place->tried = (int16_t)best;
  place->tried_when = best_when;
  return best;
}

/* Find the next state to look at.
 * Returns: false if all have been looked at */
static bool next_state(struct model_search *search, struct model_state *state) {
  while (search->place_count > 0) {
    struct place *place = &search->places[search->place_count - 1];
    if (search->waiting_count > place->waiting_from) {
      *state = search->waiting[--search->waiting_count];
      return true;
    }
    int agent = next_agent(search, place);
    if (agent < 0)
      search->place_count--;
    else
      sim_model_go_on(search->model, &place->state, agent, search);
  }
  return false;
}

enum result { EXPLAINED, NOT_EXPLAINED, CUT_SHORT };

static enum result look_for_order(struct model_search *search, size_t most) {
  struct model_state state;
  sim_model_begin(search->model, &state);
  search->best_progress = -1;
  do {
    take_forced_steps(search, &state);
    if (!is_new(search, &state)) continue;
    if (sim_model_is_end(search->model, &state)) return EXPLAINED;
    note_progress(search, &state);
    if (search->out_of_memory || search->seen_count > most) return CUT_SHORT;
    push_place(search, &state);
  } while (next_state(search, &state));
  return search->out_of_memory ? CUT_SHORT : NOT_EXPLAINED;
}

/* ---- One client alone ---- */

static void forget_search(struct model_search *search) {
  free(search->places);
  free(search->waiting);
  free(search->seen);
  *search = (struct model_search){.model = search->model};
}

/* They use the same action or purchase id, so that the answer of one may follow from what the other
 * did. */
static bool share_an_id(const struct model *model, uint32_t clients, int client) {
  const struct sim_case *the_case = model->the_case;
  uint32_t users[SIM_MAX_ACTORS * SIM_MAX_STEPS] = {0};
  for (int a = 0; a < the_case->actor_count; a++)
    for (int s = 0; s < the_case->actors[a].step_count; s++)
      if (model->ids[a][s] >= 0 && the_case->actors[a].steps[s].client >= 0)
        users[model->ids[a][s]] |= 1u << the_case->actors[a].steps[s].client;
  for (int i = 0; i < model->names->id_count; i++)
    if (users[i] & clients && users[i] & 1u << client) return true;
  return false;
}

/* This client and all that share ids with it, directly or through others. */
static uint32_t group_of(const struct model *model, int client) {
  uint32_t group = 1u << client, before = 0;
  while (group != before) {
    before = group;
    for (int i = 0; i < model->the_case->client_count; i++)
      if (!(group & 1u << i) && share_an_id(model, group, i)) group |= 1u << i;
  }
  return group;
}

/* A search that was too large is repeated for each group of clients alone: an order of everything
 * is an order of each part as well. If a part has none, the whole has none. */
static enum result look_at_parts(struct model *model, struct model_search *search) {
  const uint32_t all = model->clients_at_hand;
  const struct model_state best = search->best;
  const uint32_t everybody = (1u << model->the_case->client_count) - 1;
  for (int i = 0; i < model->the_case->client_count; i++) {
    uint32_t group = group_of(model, i);
    if (group == everybody) continue;
    forget_search(search);
    model->clients_at_hand = group;
    if (look_for_order(search, MAX_STATES_OF_PART) == NOT_EXPLAINED) return NOT_EXPLAINED;
  }
  model->clients_at_hand = all;
  search->best = best;
  return CUT_SHORT;
}

/* ---- The answer ---- */

static const char *harm_of(enum result result) {
  return result == CUT_SHORT ? "the search for an order was cut short" : SIM_HARM_NO_ORDER;
}

static bool was_allowed(const struct sim_machine *machine, uint64_t key) {
  const uint64_t *memory = sim_machine_model_memory(machine);
  return memory[key % SIM_MODEL_MEMORY] == key;
}

bool sim_model_allows(const struct sim_machine *machine, const struct sim_order *order,
                      struct sim_violation *violation) {
  struct model model;
  struct model_search search = {.model = &model};
  if (!sim_model_see(machine, order, &model, violation)) return false;
  uint64_t key = sim_model_key(&model);
  if (was_allowed(machine, key)) return true;
  enum result result = look_for_order(&search, order ? MAX_STATES_IN_ORDER : MAX_STATES);
  if (result == CUT_SHORT) result = look_at_parts(&model, &search);
  if (result == EXPLAINED)
    sim_machine_model_memory(machine)[key % SIM_MODEL_MEMORY] = key;
  else {
    sim_model_explain(&model, &search.best, violation);
    violation->harm = harm_of(result);
    violation->is_cut = result == CUT_SHORT;
  }
  forget_search(&search);
  return result == EXPLAINED;
}
