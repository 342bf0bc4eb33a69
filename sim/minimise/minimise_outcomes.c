/* Cuts that leave the outcomes right; see minimise_edit.h. */
#include "minimise_edit.h"

#include "language.h"
#include "words.h"

#include <string.h>

/* Outcomes and allowed endings have the same form. */
static json_t *outcomes_of(json_t *scenario) {
  json_t *then = json_object_get(scenario, "then"), *outcomes = json_object_get(then, "outcomes");
  return outcomes ? outcomes : json_object_get(then, "may");
}

/* ---- Removing answers and ledgers from outcomes ---- */

/* Merge outcomes that have become equal. */
static void merge_outcomes(json_t *scenario) {
  json_t *outcomes = outcomes_of(scenario);
  for (size_t i = json_object_size(outcomes); i-- > 1;) {
    const char *name = sim_nth_key(outcomes, i);
    bool same = false;
    for (size_t j = 0; j < i && !same; j++)
      same = json_equal(json_object_get(outcomes, name),
                        json_object_get(outcomes, sim_nth_key(outcomes, j))) != 0;
    if (same) (void)json_object_del(outcomes, name);
  }
}

/* Remove a member of a member, and the outer one if it is then empty. */
static void cut_inner(json_t *object, const char *outer, const char *inner) {
  json_t *value = json_object_get(object, outer);
  if (!json_is_object(value) || !json_object_get(value, inner)) return;
  (void)json_object_del(value, inner);
  if (json_object_size(value) == 0) (void)json_object_del(object, outer);
}

static void untell_client(json_t *scenario, const char *client) {
  json_t *outcomes = outcomes_of(scenario), *then = json_object_get(scenario, "then");
  json_t *every = json_object_get(then, "every");
  for (size_t i = 0; i < json_object_size(outcomes); i++)
    for (int b = 0; b < sim_outcome_words.count; b++)
      cut_inner(json_object_get(outcomes, sim_nth_key(outcomes, i)), sim_outcome_words.list[b],
                client);
  for (int m = 0; m < sim_measure_words.count; m++)
    cut_inner(every, sim_measure_words.list[m], client);
  if (every && json_object_size(every) == 0) (void)json_object_del(then, "every");
}

static void untell_actor(json_t *scenario, const char *actor) {
  json_t *outcomes = outcomes_of(scenario);
  for (size_t i = 0; i < json_object_size(outcomes); i++)
    (void)json_object_del(json_object_get(outcomes, sim_nth_key(outcomes, i)), actor);
}

/* ---- A client that has nothing to do with the failure ---- */

/* How many of an actor's steps deal with the client. */
static size_t count_dealings(json_t *scenario, json_t *steps, const char *client) {
  size_t count = 0;
  for (size_t s = 0; s < json_array_size(steps); s++) {
    const char *name = sim_step_client(scenario, json_array_get(steps, s));
    count += name && strcmp(name, client) == 0;
  }
  return count;
}

static bool step_waits_for(json_t *step, const char *actor) {
  json_t *after = json_object_get(step, "after");
  for (size_t i = 0; i < json_array_size(after); i++)
    if (sim_is_text(json_array_get(after, i), actor)) return true;
  return sim_is_text(after, actor);
}

static bool is_waited_for(json_t *scenario, const char *actor) {
  const char *name;
  json_t *steps;
  json_object_foreach(sim_when(scenario), name, steps) {
    for (size_t s = 0; s < json_array_size(steps); s++)
      if (step_waits_for(json_array_get(steps, s), actor)) return true;
  }
  return false;
}

bool sim_cut_client_apart(json_t *scenario, size_t client) {
  json_t *given = json_object_get(scenario, "given"), *when = sim_when(scenario);
  const char *name = sim_nth_key(given, client);
  for (size_t a = json_object_size(when); name && a-- > 0;) {
    const char *actor = sim_nth_key(when, a);
    if (!actor) continue;
    json_t *steps = json_object_get(when, actor);
    size_t count = count_dealings(scenario, steps, name);
    if (count == 0) continue;
    if (count < json_array_size(steps) || is_waited_for(scenario, actor)) return false;
    untell_actor(scenario, actor);
    (void)json_object_del(when, actor);
  }
  if (!name) return false;
  untell_client(scenario, name);
  (void)json_object_del(given, name);
  merge_outcomes(scenario);
  return true;
}

/* ---- A last step that changes nothing ---- */

/* What the background does in the end anyway, or what changes nothing. */
static bool is_idle(const char *verb) {
  static const char *const verbs[] = {"look", "wait", "recover", "deliver_mail"};
  for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
    if (strcmp(verb, verbs[i]) == 0) return true;
  return false;
}

/* Remove the actor's last answer. */
static void untell_last_answer(json_t *scenario, const char *actor) {
  json_t *outcomes = outcomes_of(scenario);
  for (size_t i = 0; i < json_object_size(outcomes); i++) {
    json_t *outcome = json_object_get(outcomes, sim_nth_key(outcomes, i));
    json_t *answers = json_object_get(outcome, actor);
    if (json_array_size(answers) > 1)
      (void)json_array_remove(answers, json_array_size(answers) - 1);
    else
      (void)json_object_del(outcome, actor);
  }
}

bool sim_cut_idle_step(json_t *scenario, size_t actor) {
  json_t *when = sim_when(scenario);
  const char *name = sim_nth_key(when, actor);
  json_t *steps = name ? json_object_get(when, name) : NULL;
  size_t count = json_array_size(steps);
  if (!name || count == 0) return false;
  const char *verb = sim_step_verb(json_array_get(steps, count - 1));
  if (!is_idle(verb) || is_waited_for(scenario, name)) return false;
  if (strcmp(verb, "look") == 0) untell_last_answer(scenario, name);
  if (count > 1)
    (void)json_array_remove(steps, count - 1);
  else
    (void)json_object_del(when, name);
  merge_outcomes(scenario);
  return true;
}
