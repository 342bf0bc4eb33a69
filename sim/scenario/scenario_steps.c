/* "when": the actors and their steps. */
#include "reader.h"

#include <string.h>

/* ---- The form of each step ---------------------------------------------------------------- */

/* Whether the text is a key of some step. */
static bool is_key(const char *word) {
  for (int i = 0; i < SIM_KEY_COUNT; i++) {
    if (strcmp(sim_step_keys[i].word, word) == 0) return true;
  }
  return false;
}

/* The verb's member of a step; null after a mistake. */
static struct sim_json *find_verb(struct sim_reader *reader, struct sim_json *json,
                                  enum sim_verb *verb) {
  struct sim_json *found = NULL, *strange = NULL;

  for (struct sim_json *member = json->first; member; member = member->next) {
    const int index = sim_words_index(&sim_verb_words, member->key);

    if (index < 0) {
      if (!strange && !is_key(member->key)) strange = member;
    } else if (found) {
      sim_mistake_key(reader, member,
                      "a step has one verb: it already has \"%s\"; make \"%s\" a step of its own",
                      found->key, member->key);
      return NULL;
    } else {
      found = member;
      *verb = (enum sim_verb)index;
    }
  }
  if (found) return found;
  if (strange) {
    sim_mistake_key(reader, strange, "unknown step %s: %s", sim_quote(reader, strange->key),
                    sim_expected(reader, &sim_verb_words, sim_verb_meant(strange->key)));
  } else {
    sim_mistake(reader, json, "this step has no verb: %s",
                sim_expected(reader, &sim_verb_words, ""));
  }
  return NULL;
}

static bool check_keys(struct sim_reader *reader, struct sim_json *json, enum sim_verb verb) {
  const struct sim_verb_word *row = &sim_verbs[verb];
  const char *list[SIM_KEY_COUNT];
  struct sim_words words = {"key", 0, list};
  bool fine = true;

  for (int i = 0; i < SIM_KEY_COUNT; i++) {
    if ((row->needs | row->may) & 1u << i) list[words.count++] = sim_step_keys[i].word;
  }
  for (struct sim_json *member = json->first; member; member = member->next) {
    if (strcmp(member->key, row->word) == 0 || sim_verb_key(verb, member->key) >= 0) continue;
    sim_mistake_key(reader, member, "unknown key %s in a step \"%s\": %s",
                    sim_quote(reader, member->key), row->word,
                    sim_expected(reader, &words, member->key));
    fine = false;
  }
  for (int i = 0; i < SIM_KEY_COUNT; i++) {
    if (!(row->needs & 1u << i) || sim_json_get(json, sim_step_keys[i].word)) continue;
    sim_mistake(reader, json, "this step \"%s\" needs \"%s\"", row->word, sim_step_keys[i].word);
    fine = false;
  }
  return fine;
}

/* ---- Reading a step ----------------------------------------------------------------------- */

/* "pack-ana-1" for "pack-ACTOR-STEP". */
static const char *usual_id(struct sim_reader *reader, const char *normal, const char *actor,
                            int step_no) {
  return sim_arena_format(&reader->suite->keep, "%.*s-%s-%d", (int)strcspn(normal, "-"), normal,
                          actor, step_no);
}

static void set_step_defaults(struct sim_reader *reader, struct sim_step *step, const char *actor,
                              int step_no) {
  step->client = -1;
  step->plan = SIM_PLAN_ACTIVE;
  for (int i = 0; i < SIM_KEY_COUNT; i++) {
    const struct sim_field *key = &sim_step_keys[i];

    if (!(sim_verbs[step->verb].may & 1u << i)) continue;
    sim_field_reset(key, step);
    if (key->value == SIM_VALUE_NAME) step->id = usual_id(reader, key->normal, actor, step_no);
  }
}

static bool read_scenario_step(struct sim_reader *reader, struct sim_json *json, const char *actor,
                               int step_no, struct sim_step *step) {
  struct sim_json *verb;

  step->place = json->place;
  if (!sim_read_type(reader, json, "a step", SIM_JSON_OBJECT)) return false;
  verb = find_verb(reader, json, &step->verb);
  if (!verb || !check_keys(reader, json, step->verb)) return false;
  set_step_defaults(reader, step, actor, step_no);
  sim_read_field(reader, verb, sim_verbs[step->verb].value, step);
  if (sim_verbs[step->verb].in_process && !sim_json_get(json, "on")) {
    step->process = sim_read_process(reader, json, sim_step_keys[SIM_KEY_ON].normal);
  }
  for (struct sim_json *member = json->first; member; member = member->next) {
    const int key = sim_verb_key(step->verb, member->key);
    if (key >= 0) sim_read_field(reader, member, &sim_step_keys[key], step);
  }
  return true;
}

/* ---- Actors ------------------------------------------------------------------------------- */

static struct sim_actor *add_actor(struct sim_reader *reader, struct sim_json *json) {
  struct sim_case *scenario = reader->scenario;
  struct sim_actor *actor = &scenario->actors[scenario->actor_count];

  if (!sim_is_name(json->key)) {
    sim_mistake_key(reader, json,
                    "an actor's name: %s must be 1 to %d letters, digits, \".\", \"_\" "
                    "or \"-\"",
                    sim_quote(reader, json->key), SIM_MAX_NAME_BYTES);
    return NULL;
  }
  if (sim_words_index(&sim_outcome_words, json->key) >= 0) {
    sim_mistake_key(reader, json, "an actor cannot be named \"%s\": outcomes use that word",
                    json->key);
    return NULL;
  }
  if (scenario->actor_count == SIM_MAX_ACTORS) {
    sim_mistake_key(reader, json, "a scenario may have at most %d actors", SIM_MAX_ACTORS);
    return NULL;
  }
  actor->name = sim_arena_text(&reader->suite->keep, json->key, strlen(json->key));
  scenario->actor_count++;
  return actor;
}

static void read_actor(struct sim_reader *reader, struct sim_json *json) {
  struct sim_actor *actor = add_actor(reader, json);
  int i = 0;

  if (!actor || !sim_read_type(reader, json, "an actor's steps", SIM_JSON_ARRAY) ||
      !sim_read_list(reader, json, "an actor's steps", 1, SIM_MAX_STEPS)) {
    return;
  }
  actor->steps = sim_arena_alloc(&reader->suite->keep, (size_t)json->count, sizeof(*actor->steps));
  if (!actor->steps) return;
  actor->step_count = json->count;
  for (struct sim_json *item = json->first; item; item = item->next, i++) {
    if (!read_scenario_step(reader, item, actor->name, i + 1, &actor->steps[i])) {
      actor->steps[i].verb = SIM_POWER_CUT; /* has no references and no answer */
    }
  }
}

void sim_read_when(struct sim_reader *reader, struct sim_json *json) {
  struct sim_case *scenario = reader->scenario;

  if (!sim_read_type(reader, json, "\"when\"", SIM_JSON_OBJECT)) return;
  if (json->count == 0) sim_mistake(reader, json, "\"when\" needs at least one actor");
  for (struct sim_json *member = json->first; member; member = member->next) {
    read_actor(reader, member);
  }
  if (scenario->process_count == 0)
    scenario->processes[scenario->process_count++] = sim_step_keys[SIM_KEY_ON].normal;
  sim_link_steps(reader, json);
}
