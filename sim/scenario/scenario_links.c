/* References between steps: ids, processes, waiting for actors, and the clock. */
#include "reader.h"

#include <string.h>

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

/* ---- References --------------------------------------------------------------------------- */

/* Whether this step defines an id that others may name. */
static bool defines_id(const struct sim_step *step, bool packs_too) {
  const struct sim_verb_word *row = &sim_verbs[step->verb];

  return row->value->value == SIM_VALUE_NEW_ACTION || (packs_too && row->may & SIM_BIT(PACK));
}

bool sim_id_is_used(const struct sim_case *scenario, const char *id, bool packs_too) {
  for (int a = 0; a < scenario->actor_count; a++) {
    for (int s = 0; s < scenario->actors[a].step_count; s++) {
      const struct sim_step *step = &scenario->actors[a].steps[s];

      if (!defines_id(step, packs_too)) continue;
      if (step->id && strcmp(step->id, id) == 0) return true;
    }
  }
  return false;
}

void sim_check_id(struct sim_reader *reader, struct sim_json *json, const char *id,
                  bool packs_too) {
  const struct sim_case *scenario = reader->scenario;
  const char *list[64];
  struct sim_words ids = {"id", 0, list};
  const char *nearest;

  if (sim_id_is_used(scenario, id, packs_too)) return;
  for (int a = 0; a < scenario->actor_count; a++) {
    for (int s = 0; s < scenario->actors[a].step_count && ids.count < COUNT(list); s++) {
      const struct sim_step *step = &scenario->actors[a].steps[s];

      if (defines_id(step, packs_too) && step->id) list[ids.count++] = step->id;
    }
  }
  nearest = sim_words_nearest(&ids, id);
  if (nearest) {
    sim_mistake(reader, json, "no step %s %s; did you mean %s?",
                packs_too ? "submits or buys" : "submits", sim_quote(reader, id),
                sim_quote(reader, nearest));
  } else {
    sim_mistake(reader, json, "no step %s %s", packs_too ? "submits or buys" : "submits",
                sim_quote(reader, id));
  }
}

static void read_after_one(struct sim_reader *reader, struct sim_json *json, int actor,
                           struct sim_step *step) {
  const int index = sim_read_actor(reader, json);

  if (index < 0) return;
  if (index == actor) {
    sim_mistake(reader, json, "\"%s\" cannot wait for its own end", json->text);
  } else if (step->after & (1u << index)) {
    sim_mistake(reader, json, "\"%s\" is already here", json->text);
  }
  step->after |= 1u << index;
}

static void read_after(struct sim_reader *reader, struct sim_json *json, int actor,
                       struct sim_step *step) {
  if (json->type == SIM_JSON_STRING) {
    read_after_one(reader, json, actor, step);
    return;
  }
  if (json->type != SIM_JSON_ARRAY) {
    sim_mistake(reader, json, "\"after\" must be an actor or a list of actors, not %s",
                sim_json_type_word(json->type));
    return;
  }
  if (!sim_read_list(reader, json, "\"after\"", 1, SIM_MAX_ACTORS)) return;
  for (struct sim_json *item = json->first; item; item = item->next) {
    read_after_one(reader, item, actor, step);
  }
}

static void read_victim(struct sim_reader *reader, struct sim_json *json, struct sim_step *step) {
  const struct sim_case *scenario = reader->scenario;
  const struct sim_words names = {"process", scenario->process_count, scenario->processes};
  int index;

  if (sim_read_word(reader, json, &names, &index)) step->process = index;
}

static void link_step(struct sim_reader *reader, struct sim_json *json, int actor,
                      struct sim_step *step) {
  struct sim_json *after = sim_json_get(json, "after");
  struct sim_json *value = sim_json_get(json, sim_verb_word(step->verb));

  if (after) read_after(reader, after, actor, step);
  if (!value) return; /* a mistake was reported */
  switch (sim_verbs[step->verb].value->value) {
    case SIM_VALUE_VICTIM: read_victim(reader, value, step); break;
    case SIM_VALUE_PAID:
      if (step->id) sim_check_id(reader, value, step->id, true);
      break;
    case SIM_VALUE_ACTION:
      if (step->id) sim_check_id(reader, value, step->id, false);
      break;
    default: break;
  }
}

/* ---- Circles of waiting ------------------------------------------------------------------- */

static uint32_t wait_for_actor(const struct sim_actor *actor) {
  uint32_t set = 0;

  for (int s = 0; s < actor->step_count; s++) set |= actor->steps[s].after;
  return set;
}

/* The actors that wait for `actor` and for which it waits. */
static uint32_t circle_of(const uint32_t *reach, int count, int actor) {
  uint32_t circle = 0;

  for (int i = 0; i < count; i++) {
    if ((reach[actor] & (1u << i)) && (reach[i] & (1u << actor))) circle |= 1u << i;
  }
  return circle;
}

/* An actor that waits for itself through others would never end. */
static void check_circles(struct sim_reader *reader, struct sim_json *when) {
  const struct sim_case *scenario = reader->scenario;
  uint32_t reach[SIM_MAX_ACTORS];
  uint32_t reported = 0;
  int a = 0;

  for (int i = 0; i < scenario->actor_count; i++) reach[i] = wait_for_actor(&scenario->actors[i]);
  for (int k = 0; k < scenario->actor_count; k++) {
    for (int i = 0; i < scenario->actor_count; i++) {
      if (reach[i] & (1u << k)) reach[i] |= reach[k];
    }
  }
  for (struct sim_json *json = when->first; json && a < scenario->actor_count; json = json->next) {
    struct sim_json *item = json->first;

    if (strcmp(json->key, scenario->actors[a].name) != 0) continue; /* was refused */
    for (int s = 0; item && s < scenario->actors[a].step_count; s++, item = item->next) {
      const uint32_t after = scenario->actors[a].steps[s].after & ~(1u << a);

      for (int b = 0; b < scenario->actor_count; b++) {
        if (!(after & (1u << b)) || !(reach[b] & (1u << a)) || (reported & (1u << a))) continue;
        sim_mistake(reader, sim_json_get(item, "after"),
                    "\"%s\" waits for \"%s\", which waits, perhaps through others, for \"%s\": "
                    "neither would ever end",
                    scenario->actors[a].name, scenario->actors[b].name, scenario->actors[a].name);
        reported |= circle_of(reach, scenario->actor_count, a);
      }
    }
    a++;
  }
}

/* ---- The clock -------------------------------------------------------------------------- */

/* The clock must not be set back before 1970. */
static void check_clock(struct sim_reader *reader) {
  const struct sim_case *scenario = reader->scenario;
  int64_t earliest_ms = scenario->start_ms;

  for (int a = 0; a < scenario->actor_count; a++) {
    for (int s = 0; s < scenario->actors[a].step_count; s++) {
      const struct sim_step *step = &scenario->actors[a].steps[s];

      if (step->verb != SIM_CLOCK || step->duration_ms >= 0) continue;
      earliest_ms += step->duration_ms;
      if (earliest_ms >= 0) continue;
      sim_mistake_at(reader, step->place, "the clock would be before 1970");
      return;
    }
  }
}

void sim_link_steps(struct sim_reader *reader, struct sim_json *json) {
  struct sim_case *scenario = reader->scenario;
  int a = 0;

  for (struct sim_json *member = json->first; member && a < scenario->actor_count;
       member = member->next) {
    struct sim_actor *actor = &scenario->actors[a];
    struct sim_json *item = member->first;

    if (strcmp(member->key, actor->name) != 0) continue; /* was refused */
    for (int s = 0; s < actor->step_count && item; s++, item = item->next) {
      link_step(reader, item, a, &actor->steps[s]);
    }
    a++;
  }
  check_circles(reader, json);
  check_clock(reader);
}
