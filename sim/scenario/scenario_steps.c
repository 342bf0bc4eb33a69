/* "when": the actors and their steps. */
#include "reader.h"

#include <string.h>

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

/* ---- The form of each step ---------------------------------------------------------------- */

enum key { /* the keys beside the verb */
           KEY_TO,
           KEY_COST,
           KEY_KIND,
           KEY_CARD,
           KEY_PLAN,
           KEY_TOKENS,
           KEY_PRICE,
           KEY_ID,
           KEY_AMOUNT,
           KEY_OUTCOME,
           KEY_ON,
           KEY_AFTER,
           KEY_COUNT
};
static const char *const key_list[KEY_COUNT] = {"to",     "cost",    "kind",  "card",
                                                "plan",   "tokens",  "price", "id",
                                                "amount", "outcome", "on",    "after"};
static const struct sim_words key_words = {"key", KEY_COUNT, key_list};

enum value {
  VALUE_CLIENT,
  VALUE_ACTION,
  VALUE_PAID,
  VALUE_ORDER,
  VALUE_TRUE,
  VALUE_DURATION,
  VALUE_JUMP,
  VALUE_PROCESS
};

#define BIT(key) (1u << (key))

static const struct form {
  enum value value; /* what stands behind the verb */
  unsigned needs;   /* bits of enum key */
  unsigned may;
  bool runs_nowhere; /* of the world, not of a process */
} forms[] = {[SIM_SUBMIT] = {VALUE_ACTION, BIT(KEY_TO) | BIT(KEY_COST), BIT(KEY_KIND), false},
             [SIM_TURN_ON] = {VALUE_CLIENT, 0, 0, false},
             [SIM_TURN_OFF] = {VALUE_CLIENT, 0, 0, false},
             [SIM_LOOK] = {VALUE_CLIENT, 0, 0, false},
             [SIM_SET_CARD] = {VALUE_CLIENT, BIT(KEY_CARD), 0, false},
             [SIM_REMOVE_CARD] = {VALUE_CLIENT, 0, 0, false},
             [SIM_SET_PLAN] = {VALUE_CLIENT, BIT(KEY_PLAN), 0, false},
             [SIM_BUY_PACK] = {VALUE_CLIENT, BIT(KEY_TOKENS),
                               BIT(KEY_PRICE) | BIT(KEY_CARD) | BIT(KEY_ID), false},
             [SIM_CHANGE_PLAN] = {VALUE_CLIENT, 0, BIT(KEY_PLAN) | BIT(KEY_CARD), false},
             [SIM_RENEW] = {VALUE_CLIENT, BIT(KEY_TOKENS), BIT(KEY_ID), false},
             [SIM_REFUND] = {VALUE_PAID, 0, BIT(KEY_AMOUNT), false},
             [SIM_DISPUTE] = {VALUE_PAID, BIT(KEY_OUTCOME), 0, false},
             [SIM_AUTHENTICATE] = {VALUE_ACTION, 0, 0, false},
             [SIM_DELIVER_EVENTS] = {VALUE_ORDER, 0, 0, false},
             [SIM_FORGE_EVENT] = {VALUE_ACTION, 0, 0, false},
             [SIM_RECOVER] = {VALUE_TRUE, 0, 0, false},
             [SIM_DELIVER_MAIL] = {VALUE_TRUE, 0, 0, false},
             [SIM_WAIT] = {VALUE_DURATION, 0, 0, true},
             [SIM_CLOCK] = {VALUE_JUMP, 0, 0, true},
             [SIM_GATEWAY_DOWN] = {VALUE_DURATION, 0, 0, true},
             [SIM_MAIL_DOWN] = {VALUE_DURATION, 0, 0, true},
             [SIM_CRASH] = {VALUE_PROCESS, 0, 0, true},
             [SIM_POWER_CUT] = {VALUE_TRUE, 0, 0, true}};

static unsigned allowed_keys(enum sim_verb verb) {
  const unsigned anywhere = BIT(KEY_ON) | BIT(KEY_AFTER);

  /* A crash names its process itself. */
  return forms[verb].needs | forms[verb].may | (verb == SIM_CRASH ? BIT(KEY_AFTER) : anywhere);
}

/* The verb's member of a step; null after a mistake. */
static struct sim_json *find_verb(struct sim_reader *reader, struct sim_json *json,
                                  enum sim_verb *verb) {
  struct sim_json *found = NULL, *strange = NULL;

  for (struct sim_json *member = json->first; member; member = member->next) {
    const int index = sim_words_index(&sim_verb_words, member->key);

    if (index < 0) {
      if (!strange && sim_words_index(&key_words, member->key) < 0) strange = member;
    } else if (found) {
      sim_mistake_key(reader, member,
                      "a step does one thing: it says \"%s\" already, so \"%s\" must "
                      "be a step of its own",
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
                    sim_expected(reader, &sim_verb_words, strange->key));
  } else {
    sim_mistake(reader, json, "this step does not say what to do: %s",
                sim_expected(reader, &sim_verb_words, ""));
  }
  return NULL;
}

static bool check_keys(struct sim_reader *reader, struct sim_json *json, enum sim_verb verb) {
  const unsigned allowed = allowed_keys(verb);
  const char *list[KEY_COUNT];
  struct sim_words words = {"key", 0, list};
  unsigned seen = 0;
  bool fine = true;

  for (int i = 0; i < KEY_COUNT; i++) {
    if (allowed & BIT(i)) list[words.count++] = key_list[i];
  }
  for (struct sim_json *member = json->first; member; member = member->next) {
    const int index = sim_words_index(&key_words, member->key);

    if (strcmp(member->key, sim_verb_word(verb)) == 0) continue;
    if (index >= 0 && (allowed & BIT(index))) {
      seen |= BIT(index);
      continue;
    }
    sim_mistake_key(reader, member, "unknown key %s in a step \"%s\": %s",
                    sim_quote(reader, member->key), sim_verb_word(verb),
                    sim_expected(reader, &words, member->key));
    fine = false;
  }
  for (int i = 0; i < KEY_COUNT; i++) {
    if (!(forms[verb].needs & ~seen & BIT(i))) continue;
    sim_mistake(reader, json, "this step \"%s\" needs \"%s\"", sim_verb_word(verb), key_list[i]);
    fine = false;
  }
  return fine;
}

/* ---- Reading a step ----------------------------------------------------------------------- */

/* The index of a process, new or known; 0 after a mistake. */
static int read_process(struct sim_reader *reader, struct sim_json *json, const char *name) {
  struct sim_case *scenario = reader->scenario;

  if (!name) return 0;
  for (int i = 0; i < scenario->process_count; i++) {
    if (strcmp(scenario->processes[i], name) == 0) return i;
  }
  if (scenario->process_count == SIM_MAX_PROCESSES) {
    sim_mistake(reader, json, "a scenario may have at most %d processes; %s would be one more",
                SIM_MAX_PROCESSES, sim_quote(reader, name));
    return 0;
  }
  scenario->processes[scenario->process_count] = name;
  return scenario->process_count++;
}

static void read_true(struct sim_reader *reader, struct sim_json *json) {
  if (json->type == SIM_JSON_BOOLEAN && json->yes) return;
  sim_mistake(reader, json, "write \"%s\": true", json->key);
}

static void read_order(struct sim_reader *reader, struct sim_json *json, struct sim_step *step) {
  static const char *const list[] = {"in order", "reversed", "twice"};
  static const struct sim_words words = {"order of events", COUNT(list), list};
  int index;

  if (sim_read_word(reader, json, &words, &index)) step->event_order = (enum sim_event_order)index;
}

static void read_value(struct sim_reader *reader, struct sim_json *json, struct sim_step *step) {
  switch (forms[step->verb].value) {
    case VALUE_CLIENT: step->client = sim_read_client(reader, json, false); break;
    case VALUE_ACTION:
    case VALUE_PAID: step->id = sim_read_action(reader, json); break;
    case VALUE_ORDER: read_order(reader, json, step); break;
    case VALUE_TRUE: read_true(reader, json); break;
    case VALUE_DURATION:
      (void)sim_read_duration(reader, json, "a duration", &step->duration_ms);
      break;
    case VALUE_JUMP: (void)sim_read_jump(reader, json, &step->duration_ms); break;
    case VALUE_PROCESS: /* when all processes are known */
    default: break;
  }
}

static void read_lost(struct sim_reader *reader, struct sim_json *json, struct sim_step *step) {
  static const char *const list[] = {"lost", "won"};
  static const struct sim_words words = {"outcome of a dispute", COUNT(list), list};
  int index;

  if (sim_read_word(reader, json, &words, &index)) step->dispute_won = index == 1;
}

static void read_key(struct sim_reader *reader, struct sim_json *json, enum key key,
                     struct sim_step *step) {
  int index;

  switch (key) {
    case KEY_TO: step->client = sim_read_client(reader, json, false); break;
    case KEY_COST: /* the engine refuses what is not positive, not we (FIRE-8) */
      (void)sim_read_integer(reader, json, "\"cost\"", INT64_MIN, INT64_MAX, &step->amount);
      break;
    case KEY_KIND:
      if (sim_read_word(reader, json, &sim_kind_words, &index)) {
        step->kind = sim_kind_words.list[index];
      }
      break;
    case KEY_CARD: step->card = sim_read_card(reader, json, false); break;
    case KEY_PLAN:
      if (sim_read_word(reader, json, &sim_plan_words, &index)) step->plan = (enum sim_plan)index;
      break;
    case KEY_TOKENS:
      (void)sim_read_integer(reader, json, "\"tokens\"", 1, INT64_MAX, &step->amount);
      break;
    case KEY_PRICE:
      (void)sim_read_integer(reader, json, "\"price\"", 1, SIM_MAX_PRICE_MINOR, &step->price_minor);
      break;
    case KEY_ID: step->id = sim_read_name(reader, json, "\"id\""); break;
    case KEY_AMOUNT:
      (void)sim_read_integer(reader, json, "\"amount\"", 1, SIM_MAX_PRICE_MINOR, &step->amount);
      break;
    case KEY_OUTCOME: read_lost(reader, json, step); break;
    case KEY_ON:
      step->process = read_process(reader, json, sim_read_name(reader, json, "\"on\""));
      break;
    case KEY_AFTER: /* when all actors are known */
    case KEY_COUNT:
    default: break;
  }
}

static void set_defaults(struct sim_reader *reader, struct sim_step *step, const char *actor,
                         int step_no) {
  step->client = -1;
  step->plan = SIM_PLAN_ACTIVE;
  if (step->verb == SIM_SUBMIT) step->kind = sim_kind_words.list[0];
  if (step->verb == SIM_BUY_PACK || step->verb == SIM_CHANGE_PLAN) {
    step->card = sim_card_words.list[0];
  }
  if (step->verb == SIM_BUY_PACK) {
    step->price_minor = SIM_PACK_PRICE_MINOR;
    step->id = sim_arena_format(&reader->suite->keep, "pack-%s-%d", actor, step_no);
  }
  if (step->verb == SIM_RENEW) {
    step->id = sim_arena_format(&reader->suite->keep, "cycle-%s-%d", actor, step_no);
  }
}

static bool read_step(struct sim_reader *reader, struct sim_json *json, const char *actor,
                      int step_no, struct sim_step *step) {
  struct sim_json *verb;

  step->place = json->place;
  if (!sim_read_type(reader, json, "a step", SIM_JSON_OBJECT)) return false;
  verb = find_verb(reader, json, &step->verb);
  if (!verb || !check_keys(reader, json, step->verb)) return false;
  set_defaults(reader, step, actor, step_no);
  read_value(reader, verb, step);
  if (!forms[step->verb].runs_nowhere && !sim_json_get(json, "on")) {
    step->process = read_process(reader, json, "web");
  }
  for (struct sim_json *member = json->first; member; member = member->next) {
    const int index = sim_words_index(&key_words, member->key);
    if (index >= 0) read_key(reader, member, (enum key)index, step);
  }
  return true;
}

/* ---- Actors ------------------------------------------------------------------------------- */

static struct sim_actor *add_actor(struct sim_reader *reader, struct sim_json *json) {
  struct sim_case *scenario = reader->scenario;
  static const char *const list[] = {"log", "bank", "mail", "balance"};
  static const struct sim_words taken = {"word", COUNT(list), list};
  struct sim_actor *actor = &scenario->actors[scenario->actor_count];

  if (!sim_is_name(json->key)) {
    sim_mistake_key(reader, json,
                    "an actor's name: %s must be 1 to %d letters, digits, \".\", \"_\" "
                    "or \"-\"",
                    sim_quote(reader, json->key), SIM_MAX_NAME_BYTES);
    return NULL;
  }
  if (sim_words_index(&taken, json->key) >= 0) {
    sim_mistake_key(reader, json, "no actor may be named \"%s\": outcomes use that word",
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
    if (!read_step(reader, item, actor->name, i + 1, &actor->steps[i])) {
      actor->steps[i].verb = SIM_POWER_CUT; /* refers to nothing and answers nothing */
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
  if (scenario->process_count == 0) scenario->processes[scenario->process_count++] = "web";
  sim_link_steps(reader, json);
}
