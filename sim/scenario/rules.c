/* The rule catalogue, scenarios/rules.json. */
#include "rules.h"

#include <string.h>

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

static const char *const source_list[] = {"page", "decided", "page, decided"};
static const struct sim_words source_words = {"source", COUNT(source_list), source_list};

static void read_catalogue_rule(struct sim_reader *reader, struct sim_json *json) {
  static const char *const list[] = {"id", "group", "source", "text"};
  static const struct sim_words keys = {"key", COUNT(list), list};
  struct sim_suite *suite = reader->suite;
  struct sim_rule rule = {0};
  int index;

  if (!sim_read_type(reader, json, "a rule", SIM_JSON_OBJECT)) return;
  for (struct sim_json *member = json->first; member; member = member->next) {
    switch (sim_read_key(reader, member, "a rule", &keys)) {
      case 0: rule.id = sim_read_name(reader, member, "\"id\""); break;
      case 1: rule.group = sim_read_line(reader, member, "\"group\""); break;
      case 2:
        if (sim_read_word(reader, member, &source_words, &index)) rule.source = source_list[index];
        break;
      case 3:
        sim_read_note(reader, member);
        if (member->type == SIM_JSON_STRING) {
          rule.text = sim_arena_text(&suite->keep, member->text, strlen(member->text));
        }
        break;
      default: break;
    }
  }
  if (!rule.id || !rule.group || !rule.source || !rule.text) {
    sim_mistake(reader, json, "a rule needs \"id\", \"group\", \"source\" and \"text\"");
    return;
  }
  for (size_t i = 0; i < suite->rule_count; i++) {
    if (strcmp(suite->rules[i].id, rule.id) != 0) continue;
    sim_mistake(reader, json, "the rule %s is already in the catalogue", rule.id);
    return;
  }
  suite->rules[suite->rule_count++] = rule;
}

void sim_rules_read(struct sim_reader *reader, struct sim_json *root) {
  static const char *const list[] = {"$schema", "note", "rules"};
  static const struct sim_words keys = {"key", COUNT(list), list};
  struct sim_suite *suite = reader->suite;
  struct sim_json *rules = NULL;

  if (!sim_read_type(reader, root, "the rule catalogue", SIM_JSON_OBJECT)) return;
  for (struct sim_json *member = root->first; member; member = member->next) {
    if (sim_read_key(reader, member, "the rule catalogue", &keys) == 2) rules = member;
  }
  if (!rules) {
    sim_mistake(reader, root, "\"rules\" is missing");
    return;
  }
  if (!sim_read_type(reader, rules, "\"rules\"", SIM_JSON_ARRAY) ||
      !sim_read_list(reader, rules, "\"rules\"", 1, SIM_MAX_CATALOGUE)) {
    return;
  }
  suite->rules = sim_arena_alloc(&suite->keep, (size_t)rules->count, sizeof(*suite->rules));
  if (!suite->rules) return;
  for (struct sim_json *item = rules->first; item; item = item->next)
    read_catalogue_rule(reader, item);
}
