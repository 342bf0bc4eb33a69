/* Cutting a client with all steps that deal with it; see minimise_edit.h. */
#include "minimise_edit.h"

#include "language.h"
#include "words.h"

#include <stdio.h>
#include <string.h>

const char *sim_step_verb(json_t *step) {
  const char *key;
  json_t *value;
  json_object_foreach(step, key, value) if (sim_words_index(&sim_verb_words, key) >= 0) return key;
  return "";
}

const char *sim_step_client_key(json_t *step) {
  const char *word = sim_step_verb(step);
  int verb = sim_words_index(&sim_verb_words, word);
  if (verb < 0) return NULL;
  switch (sim_verbs[verb].value->value) {
    case SIM_VALUE_CLIENT: return word;
    case SIM_VALUE_NEW_ACTION: return "to";
    default: return NULL;
  }
}

const char *sim_step_client(json_t *scenario, json_t *step) {
  json_t *given = json_object_get(scenario, "given");
  const char *key = sim_step_client_key(step);
  const char *name = key ? json_string_value(json_object_get(step, key)) : NULL;
  return name && json_object_get(given, name) ? name : NULL;
}

/* ---- What was submitted or bought ---- */

static bool step_defines(json_t *step, const char *actor, size_t index, const char *id) {
  char usual[200];
  if (sim_is_text(json_object_get(step, "submit"), id)) return true;
  if (!json_object_get(step, "buy_pack")) return false;
  if (json_object_get(step, "id")) return sim_is_text(json_object_get(step, "id"), id);
  int size = snprintf(usual, sizeof usual, "pack-%s-%zu", actor, index + 1);
  return size > 0 && (size_t)size < sizeof usual && strcmp(usual, id) == 0;
}

static bool is_made(json_t *scenario, const char *id) {
  const char *actor;
  json_t *steps;
  json_object_foreach(sim_when(scenario), actor, steps) {
    for (size_t s = 0; s < json_array_size(steps); s++)
      if (step_defines(json_array_get(steps, s), actor, s, id)) return true;
  }
  return false;
}

/* A refund or the like of something that no step buys. */
static bool is_orphan(json_t *scenario, json_t *step) {
  int verb = sim_words_index(&sim_verb_words, sim_step_verb(step));
  if (verb < 0) return false;
  enum sim_value value = sim_verbs[verb].value->value;
  if (value != SIM_VALUE_ACTION && value != SIM_VALUE_PAID) return false;
  const char *id = json_string_value(json_object_get(step, sim_verbs[verb].word));
  return id && !is_made(scenario, id);
}

/* ---- The cut ---- */

/* Cut the steps that deal with a client; with null, those that name an id that is gone. */
static void cut_dealings(json_t *scenario, const char *client) {
  for (size_t a = json_object_size(sim_when(scenario)); a-- > 0;) {
    const char *actor = sim_nth_key(sim_when(scenario), a);
    json_t *steps = actor ? json_object_get(sim_when(scenario), actor) : NULL;
    for (size_t s = json_array_size(steps); s-- > 0;) {
      json_t *step = json_array_get(steps, s);
      const char *name = client ? sim_step_client(scenario, step) : NULL;
      if (client ? name && strcmp(name, client) == 0 : is_orphan(scenario, step))
        (void)json_array_remove(steps, s);
    }
    if (actor && json_array_size(steps) == 0) sim_cut_actor(scenario, actor);
  }
}

static size_t count_clients(json_t *scenario, size_t of) {
  (void)of;
  return json_object_size(json_object_get(scenario, "given"));
}

static void remove_clients(json_t *scenario, size_t of, size_t from, size_t count) {
  json_t *given = json_object_get(scenario, "given");
  (void)of;
  while (count-- > 0) {
    const char *name = sim_nth_key(given, from);
    if (!name) return;
    cut_dealings(scenario, name);
    (void)json_object_del(given, name);
  }
  cut_dealings(scenario, NULL);
}

const struct sim_cut_list sim_cut_clients = {count_clients, remove_clients};
