/* Reading the top-level keys of a scenario into a case. */
#include "reader.h"

#include <string.h>

static void reset(const struct sim_fields *fields, struct sim_case *scenario) {
  for (int i = 0; i < fields->count; i++) sim_field_reset(&fields->list[i], scenario);
}

void sim_case_begin(struct sim_case *scenario) {
  reset(&sim_file_fields, scenario);
  reset(&sim_settings, scenario);
  reset(&sim_fault_fields, scenario);
}

static void read_rule_id(struct sim_reader *reader, struct sim_json *json) {
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
    sim_mistake(reader, json, "the rule %s is already here", json->text);
    return;
  }
  scenario->rules[scenario->rule_count++] = suite->rules[index].id;
}

static void read_rule_ids(struct sim_reader *reader, struct sim_json *json) {
  struct sim_case *scenario = reader->scenario;

  if (!sim_read_type(reader, json, "\"rules\"", SIM_JSON_ARRAY) ||
      !sim_read_list(reader, json, "\"rules\"", 1, SIM_MAX_RULES)) {
    return;
  }
  scenario->rules =
      sim_arena_alloc(&reader->suite->keep, (size_t)json->count, sizeof(*scenario->rules));
  if (!scenario->rules) return;
  for (struct sim_json *item = json->first; item; item = item->next) read_rule_id(reader, item);
}

/* The keys that refer to no other key. */
static void read_simple(struct sim_reader *reader, struct sim_json *member, int key) {
  struct sim_case *scenario = reader->scenario;

  switch (key) {
    case SIM_FILE_SCHEMA:
      (void)sim_read_type(reader, member, "\"$schema\"", SIM_JSON_STRING);
      break;
    case SIM_FILE_TITLE: scenario->title = sim_read_line(reader, member, "\"title\""); break;
    case SIM_FILE_RULES: read_rule_ids(reader, member); break;
    case SIM_FILE_NOTE: sim_read_note(reader, member); break;
    default: break;
  }
  for (int i = 0; key >= 0 && i < sim_file_fields.count; i++) {
    const struct sim_field *field = &sim_file_fields.list[i];
    if (strcmp(field->word, member->key) == 0) sim_read_field(reader, member, field, scenario);
  }
}

static void check_needed(struct sim_reader *reader, struct sim_json *root) {
  for (int i = 0; i < SIM_FILE_KEY_COUNT; i++) {
    const struct sim_file_key *key = &sim_file_keys[i];

    if (key->missing[0] == '\0' || sim_json_get(root, key->word)) continue;
    sim_mistake_at(reader, root->place, "\"%s\" is missing: %s", key->word, key->missing);
  }
}

bool sim_read_scenario(struct sim_reader *reader, struct sim_json *root) {
  struct sim_json *member;

  sim_case_begin(reader->scenario);
  for (member = root->first; member; member = member->next) {
    read_simple(reader, member, sim_read_key(reader, member, "a scenario", &sim_file_key_words));
  }
  check_needed(reader, root);
  sim_read_world(reader, root);
  if ((member = sim_json_get(root, "when")) != NULL) sim_read_when(reader, member);
  if ((member = sim_json_get(root, "then")) != NULL) sim_read_then(reader, member);
  return !reader->failed;
}
