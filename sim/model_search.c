/* The search for an order: every state that the rules lead to, until one explains all. */
#include "model_inside.h"

#include <stdlib.h>
#include <xxhash.h>

enum { MAX_STATES = 200000 }; /* of one search: far above what any sound ending needs */

struct model_search {
  const struct model *model;
  struct model_state *waiting; /* a stack */
  size_t waiting_count, waiting_room;
  uint64_t *seen; /* an open hash table; 0: free */
  size_t seen_count, seen_room;
  struct model_state best; /* the one that explains the most */
  int best_progress;
  bool out_of_memory;
};

void sim_model_push(struct model_search *search, const struct model_state *state) {
  if (search->waiting_count == search->waiting_room) {
    size_t room = search->waiting_room ? search->waiting_room * 2 : 64;
    struct model_state *waiting = realloc(search->waiting, room * sizeof *waiting);
    if (!waiting) {
      search->out_of_memory = true;
      return;
    }
    search->waiting = waiting;
    search->waiting_room = room;
  }
  search->waiting[search->waiting_count++] = *state;
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

enum result { EXPLAINED, NOT_EXPLAINED, CUT_SHORT };

static enum result look_for_order(struct model_search *search) {
  struct model_state state;
  sim_model_begin(search->model, &state);
  search->best_progress = -1;
  sim_model_push(search, &state);
  while (search->waiting_count > 0) {
    state = search->waiting[--search->waiting_count];
    sim_model_skip(search->model, &state);
    if (!is_new(search, &state)) continue;
    if (sim_model_is_end(search->model, &state)) return EXPLAINED;
    note_progress(search, &state);
    if (search->out_of_memory || search->seen_count > MAX_STATES) return CUT_SHORT;
    sim_model_next(search->model, &state, search);
  }
  return search->out_of_memory ? CUT_SHORT : NOT_EXPLAINED;
}

/* ---- The answer ---- */

static const char *harm_of(enum result result) {
  return result == CUT_SHORT ? "the search for an order was cut short"
                             : "no sequential order explains it";
}

static bool was_allowed(const struct sim_machine *machine, uint64_t key) {
  const uint64_t *memory = sim_machine_model_memory(machine);
  return memory[key % SIM_MODEL_MEMORY] == key;
}

bool sim_model_allows(const struct sim_machine *machine, struct sim_breach *breach) {
  struct model model;
  struct model_search search = {.model = &model};
  if (!sim_model_see(machine, &model, breach)) return false;
  uint64_t key = sim_model_key(&model);
  if (was_allowed(machine, key)) return true;
  enum result result = look_for_order(&search);
  if (result == EXPLAINED)
    sim_machine_model_memory(machine)[key % SIM_MODEL_MEMORY] = key;
  else {
    sim_model_explain(&model, &search.best, breach);
    breach->harm = harm_of(result);
  }
  free(search.waiting);
  free(search.seen);
  return result == EXPLAINED;
}
