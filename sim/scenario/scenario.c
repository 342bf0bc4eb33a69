/* A scenario file's own keys, put together to a case. */
#include "reader.h"

#include <string.h>

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

enum key {
  KEY_SCHEMA,
  KEY_TITLE,
  KEY_RULES,
  KEY_NOTE,
  KEY_CLOCK,
  KEY_SETTINGS,
  KEY_SHARES,
  KEY_GIVEN,
  KEY_WHEN,
  KEY_FAULTS,
  KEY_EVENTS,
  KEY_THEN,
  KEY_CASES,
  KEY_COUNT
};
static const char *const key_list[KEY_COUNT] = {"$schema",  "title",  "rules", "note", "clock",
                                                "settings", "shares", "given", "when", "faults",
                                                "events",   "then",   "cases"};
static const struct sim_words key_words = {"key", KEY_COUNT, key_list};

/* 2026-01-15T12:00:00Z */
#define DEFAULT_START_MS INT64_C(1768478400000)

void sim_case_begin(struct sim_case *scenario) {
  scenario->start_ms = DEFAULT_START_MS;
  scenario->top_up_tokens = 100;
  scenario->top_up_price_minor = 1000;
  memcpy(scenario->currency, "usd", 4);
  scenario->wait_limit_ms = 30000;
  scenario->attempt_limit_ms = 120000;
  scenario->fault_limit = 1;
}

static void read_rule(struct sim_reader *reader, struct sim_json *json) {
  const struct sim_suite *suite = reader->suite;
  struct sim_case *scenario = reader->scenario;
  struct sim_words ids = {"rule of rules.json", 0, NULL};
  const char **list;
  int index;

  if (!sim_read_type(reader, json, "a rule's id", SIM_JSON_STRING)) return;
  if (suite->rule_count == 0) return; /* a mistake in rules.json was reported */
  list = sim_arena_alloc(&reader->suite->scratch, suite->rule_count, sizeof(*list));
  if (!list) return;
  for (size_t i = 0; i < suite->rule_count; i++) list[i] = suite->rules[i].id;
  ids.count = (int)suite->rule_count;
  ids.list = list;
  if (!sim_read_word(reader, json, &ids, &index)) return;
  for (int i = 0; i < scenario->rule_count; i++) {
    if (strcmp(scenario->rules[i], json->text) != 0) continue;
    sim_mistake(reader, json, "the rule %s stands here already", json->text);
    return;
  }
  scenario->rules[scenario->rule_count++] = suite->rules[index].id;
}

static void read_rules(struct sim_reader *reader, struct sim_json *json) {
  struct sim_case *scenario = reader->scenario;

  if (!sim_read_type(reader, json, "\"rules\"", SIM_JSON_ARRAY) ||
      !sim_read_list(reader, json, "\"rules\"", 1, SIM_MAX_RULES)) {
    return;
  }
  scenario->rules =
      sim_arena_alloc(&reader->suite->keep, (size_t)json->count, sizeof(*scenario->rules));
  if (!scenario->rules) return;
  for (struct sim_json *item = json->first; item; item = item->next) read_rule(reader, item);
}

/* The keys that refer to no other. */
static void read_simple(struct sim_reader *reader, struct sim_json *member, int key) {
  struct sim_case *scenario = reader->scenario;
  int index;

  switch (key) {
    case KEY_SCHEMA: (void)sim_read_type(reader, member, "\"$schema\"", SIM_JSON_STRING); break;
    case KEY_TITLE: scenario->title = sim_read_line(reader, member, "\"title\""); break;
    case KEY_RULES: read_rules(reader, member); break;
    case KEY_NOTE: sim_read_note(reader, member); break;
    case KEY_CLOCK: (void)sim_read_instant(reader, member, &scenario->start_ms); break;
    case KEY_EVENTS:
      if (sim_read_word(reader, member, &sim_event_words, &index)) {
        scenario->events = (enum sim_event_order)index;
      }
      break;
    default: break;
  }
}

static void check_needed(struct sim_reader *reader, struct sim_json *root) {
  static const struct {
    const char *key, *what;
  } needed[] = {{"title", "one line that says what the scenario shows"},
                {"rules", "the rules it is about, such as [\"FIRE-1\"]"},
                {"when", "what the actors do"},
                {"then", "how it may end"}};

  for (int i = 0; i < COUNT(needed); i++) {
    if (sim_json_get(root, needed[i].key)) continue;
    sim_mistake_at(reader, root->place, "\"%s\" is missing: %s", needed[i].key, needed[i].what);
  }
}

bool sim_read_scenario(struct sim_reader *reader, struct sim_json *root) {
  struct sim_json *member;

  sim_case_begin(reader->scenario);
  for (member = root->first; member; member = member->next) {
    read_simple(reader, member, sim_read_key(reader, member, "a scenario", &key_words));
  }
  check_needed(reader, root);
  sim_read_world(reader, root);
  if ((member = sim_json_get(root, "when")) != NULL) sim_read_when(reader, member);
  if ((member = sim_json_get(root, "then")) != NULL) sim_read_then(reader, member);
  return !reader->failed;
}
