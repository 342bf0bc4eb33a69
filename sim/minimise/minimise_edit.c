#include "minimise_edit.h"

#include "language.h"

#include <stdio.h>
#include <string.h>

/* ---- Members and lists ---- */

const char *sim_nth_key(json_t *object, size_t n) {
  void *member = json_object_iter(object);
  while (member && n-- > 0) member = json_object_iter_next(object, member);
  return member ? json_object_iter_key(member) : NULL;
}

json_t *sim_when(json_t *scenario) { return json_object_get(scenario, "when"); }

static json_t *steps_of(json_t *scenario, size_t actor) {
  const char *name = sim_nth_key(sim_when(scenario), actor);
  return name ? json_object_get(sim_when(scenario), name) : NULL;
}

static void cut_items(json_t *array, size_t from, size_t count) {
  while (count-- > 0) (void)json_array_remove(array, from);
}

bool sim_is_text(const json_t *value, const char *text) {
  const char *own = json_string_value(value);
  return own && strcmp(own, text) == 0;
}

/* ---- Actors, steps, clients ---- */

/* Nobody waits for an actor that is gone. */
static void forget_actor(json_t *scenario, const char *name) {
  for (size_t a = 0; a < json_object_size(sim_when(scenario)); a++) {
    json_t *steps = steps_of(scenario, a);
    for (size_t s = 0; s < json_array_size(steps); s++) {
      json_t *step = json_array_get(steps, s), *after = json_object_get(step, "after");
      for (size_t i = json_array_size(after); i-- > 0;)
        if (sim_is_text(json_array_get(after, i), name)) (void)json_array_remove(after, i);
      bool none = json_is_array(after) && json_array_size(after) == 0;
      if (none || sim_is_text(after, name)) (void)json_object_del(step, "after");
    }
  }
}

void sim_cut_actor(json_t *scenario, const char *name) {
  forget_actor(scenario, name);
  (void)json_object_del(sim_when(scenario), name);
}

static size_t count_actors(json_t *scenario, size_t of) {
  (void)of;
  return json_object_size(sim_when(scenario));
}

static void cut_actors(json_t *scenario, size_t of, size_t from, size_t count) {
  (void)of;
  while (count-- > 0) sim_cut_actor(scenario, sim_nth_key(sim_when(scenario), from));
}

static size_t count_steps(json_t *scenario, size_t of) {
  return json_array_size(steps_of(scenario, of));
}

static void remove_steps(json_t *scenario, size_t of, size_t from, size_t count) {
  cut_items(steps_of(scenario, of), from, count);
}

const struct sim_cut_list sim_cut_actors = {count_actors, cut_actors};
const struct sim_cut_list sim_cut_steps = {count_steps, remove_steps};

/* Actors, and the steps of those that have more than one. */
bool sim_nth_unit(json_t *scenario, size_t n, struct sim_unit *unit) {
  size_t actors = json_object_size(sim_when(scenario));
  *unit = (struct sim_unit){.actor = n, .is_actor = true};
  if (n < actors) return true;
  n -= actors;
  for (size_t a = 0; a < actors; a++) {
    size_t steps = json_array_size(steps_of(scenario, a));
    if (steps < 2) continue;
    *unit = (struct sim_unit){.actor = a, .step = n};
    if (n < steps) return true;
    n -= steps;
  }
  return false;
}

bool sim_cut_units(json_t *scenario, struct sim_unit first, struct sim_unit second) {
  if (second.is_actor != first.is_actor && second.actor == first.actor) return false;
  if (second.is_actor)
    cut_actors(scenario, 0, second.actor, 1);
  else
    remove_steps(scenario, second.actor, second.step, 1);
  if (first.is_actor)
    cut_actors(scenario, 0, first.actor, 1);
  else
    remove_steps(scenario, first.actor, first.step, 1);
  return true;
}

/* ---- Faults ---- */

static json_t *faults_at(json_t *scenario, size_t site) {
  return json_object_get(json_object_get(scenario, "faults"), sim_site_word((enum sim_site)site));
}

static void tidy_faults(json_t *scenario, size_t site) {
  json_t *faults = json_object_get(scenario, "faults"), *at = faults_at(scenario, site);
  if (json_is_array(at) && json_array_size(at) == 0)
    (void)json_object_del(faults, sim_site_word((enum sim_site)site));
  size_t sites = json_object_size(faults) - (json_object_get(faults, "at_most") != NULL);
  if (faults && sites == 0) (void)json_object_del(scenario, "faults");
}

static size_t count_faults(json_t *scenario, size_t of) {
  return json_array_size(faults_at(scenario, of));
}

static void remove_faults(json_t *scenario, size_t of, size_t from, size_t count) {
  cut_items(faults_at(scenario, of), from, count);
  tidy_faults(scenario, of);
}

const struct sim_cut_list sim_cut_faults = {count_faults, remove_faults};

int sim_fault_strength(const char *text) {
  const char *tail;
  int behaviour = sim_behaviour_of(text, &tail);
  return behaviour < 0 ? 0 : sim_behaviours[behaviour].strength;
}

static int strength_at(json_t *array, size_t index) {
  return sim_fault_strength(json_string_value(json_array_get(array, index)));
}

void sim_sort_faults(json_t *scenario) {
  for (size_t site = 0; site < SIM_SITE_COUNT; site++) {
    json_t *array = faults_at(scenario, site);
    for (size_t i = 1; json_is_array(array) && i < json_array_size(array); i++) {
      size_t to = i;
      json_t *item = json_incref(json_array_get(array, i));
      while (to > 0 && strength_at(array, to - 1) > strength_at(array, i)) to--;
      if (to < i && json_array_remove(array, i) == 0) (void)json_array_insert(array, to, item);
      json_decref(item);
    }
  }
}

static bool list_contains(json_t *array, const char *text) {
  for (size_t i = 0; i < json_array_size(array); i++)
    if (sim_is_text(json_array_get(array, i), text)) return true;
  return false;
}

void sim_declare_fault(json_t *scenario, enum sim_site site, const char *text) {
  const char *key = sim_site_word(site);
  json_int_t most = 0;
  if (!json_object_get(scenario, "faults"))
    (void)json_object_set_new(scenario, "faults", json_object());
  json_t *faults = json_object_get(scenario, "faults");
  for (size_t other = 0; other < SIM_SITE_COUNT && most == 0; other++)
    most = json_is_array(faults_at(scenario, other));
  if (most > 0 && json_object_get(faults, "at_most"))
    most = json_integer_value(json_object_get(faults, "at_most"));
  if (most > 0) (void)json_object_set_new(faults, "at_most", json_integer(most + 1));
  if (!json_object_get(faults, key)) (void)json_object_set_new(faults, key, json_array());
  json_t *at = json_object_get(faults, key);
  if (!list_contains(at, text)) (void)json_array_append_new(at, json_string(text));
}

void sim_declare_step(json_t *scenario, const char *verb, json_t *value) {
  char name[32] = "world";
  for (int i = 2; json_object_get(sim_when(scenario), name) && i <= SIM_MAX_ACTORS + 1; i++)
    (void)snprintf(name, sizeof name, "world-%d", i);
  (void)json_object_set_new(sim_when(scenario), name, json_pack("[{s:o}]", verb, value));
}

/* ---- Simpler words and numbers ---- */

static bool drop_key(json_t *object, const char *key) {
  return json_object_get(object, key) && json_object_del(object, key) == 0;
}

/* Replace a member that exists and has another value. The value is consumed. */
static bool replace_member(json_t *object, const char *key, json_t *value) {
  json_t *old = json_object_get(object, key);
  bool changed = old && value && !json_equal(old, value);
  if (changed) changed = json_object_set(object, key, value) == 0;
  json_decref(value);
  return changed;
}

static bool drop_of_settings(json_t *scenario, const char *key) {
  json_t *settings = json_object_get(scenario, "settings");
  bool changed = drop_key(settings, key);
  if (changed && json_object_size(settings) == 0) (void)json_object_del(scenario, "settings");
  return changed;
}

static bool simplify_root(json_t *scenario, size_t number) {
  static const char *const keys[] = {"clock", "settings", "events"};
  if (number < 3) return drop_key(scenario, keys[number]);
  return drop_of_settings(scenario, sim_settings.list[number - 3].word);
}

static bool simplify_client(json_t *client, size_t number) {
  switch (number) {
    case 0: return drop_key(client, "owner");
    case 1: return replace_member(client, "plan", json_string("active"));
    case 2: return replace_member(client, "card", json_string("pm_card_visa"));
    default: return replace_member(client, "balance", json_integer(0));
  }
}

/* A power cut also kills the process: try the weaker fault. */
static bool soften_power_cut(json_t *step) {
  if (!drop_key(step, "power_cut")) return false;
  (void)json_object_del(step, "on");
  return json_object_set_new(step, "crash", json_string("web")) == 0;
}

static bool simplify_step(json_t *step, size_t number) {
  static const char *const keys[] = {"on", "kind", "price", "id", "amount"};
  if (number < 5) return drop_key(step, keys[number]);
  if (number == 5) return json_object_get(step, "set_card") == NULL && drop_key(step, "card");
  if (number == 6) return replace_member(step, "cost", json_integer(1));
  return soften_power_cut(step);
}

/* A fault of every call becomes one of the first call. */
static bool soften_site(json_t *scenario, size_t site) {
  json_t *at = faults_at(scenario, site), *always = json_object_get(at, "always");
  if (!always || json_object_set(at, "first", always) != 0) return false;
  return json_object_del(at, "always") == 0;
}

static bool drop_site(json_t *scenario, size_t site) {
  json_t *at = faults_at(scenario, site);
  if (!json_is_object(at)) return false;
  (void)json_object_del(json_object_get(scenario, "faults"), sim_site_word((enum sim_site)site));
  tidy_faults(scenario, site);
  return true;
}

/* Balance 0 and cost 1 at once: each alone could make the action fit. */
static bool simplify_all_numbers(json_t *scenario) {
  json_t *given = json_object_get(scenario, "given");
  bool changed = false;
  for (size_t c = 0; c < json_object_size(given); c++)
    changed = simplify_client(json_object_get(given, sim_nth_key(given, c)), 3) || changed;
  for (size_t a = 0; a < json_object_size(sim_when(scenario)); a++)
    for (size_t s = 0; s < json_array_size(steps_of(scenario, a)); s++)
      changed = simplify_step(json_array_get(steps_of(scenario, a), s), 6) || changed;
  return changed;
}

bool sim_simplify(json_t *scenario, size_t number, bool *changed) {
  enum { OF_CLIENT = 4, OF_STEP = 8 };
  const size_t of_root = 3 + (size_t)sim_settings.count;
  json_t *given = json_object_get(scenario, "given");
  size_t clients = json_object_size(given), actors = json_object_size(sim_when(scenario));
  if (number == 0) return *changed = simplify_all_numbers(scenario), true;
  number--;
  if (number < SIM_SITE_COUNT) return *changed = drop_site(scenario, number), true;
  number -= SIM_SITE_COUNT;
  if (number < SIM_SITE_COUNT) return *changed = soften_site(scenario, number), true;
  number -= SIM_SITE_COUNT;
  if (number < of_root) return *changed = simplify_root(scenario, number), true;
  number -= of_root;
  if (number < clients * OF_CLIENT) {
    json_t *client = json_object_get(given, sim_nth_key(given, number / OF_CLIENT));
    return *changed = simplify_client(client, number % OF_CLIENT), true;
  }
  number -= clients * OF_CLIENT;
  for (size_t a = 0; a < actors; a++) {
    json_t *steps = steps_of(scenario, a);
    size_t count = json_array_size(steps) * OF_STEP;
    if (number < count) {
      json_t *step = json_array_get(steps, number / OF_STEP);
      return *changed = simplify_step(step, number % OF_STEP), true;
    }
    number -= count;
  }
  return false;
}
