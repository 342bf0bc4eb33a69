/* Reading fields: the values that the tables of language.h describe. */
#include "reader.h"

#include <string.h>

/* `"top_up_price"`: the name of a value in messages. */
static const char *name_of(struct sim_reader *reader, const struct sim_json *json) {
  return sim_quote(reader, json->key);
}

static void read_currency_field(struct sim_reader *reader, struct sim_json *json,
                                char currency[4]) {
  if (!sim_read_type(reader, json, "\"currency\"", SIM_JSON_STRING)) return;
  if (strlen(json->text) == 3 && strspn(json->text, "abcdefghijklmnopqrstuvwxyz") == 3) {
    memcpy(currency, json->text, 4);
    return;
  }
  sim_mistake(reader, json, "\"currency\" must be three lower-case letters, such as \"usd\"");
}

static void read_duration(struct sim_reader *reader, struct sim_json *json, int64_t most,
                          int64_t *duration_ms) {
  char text[SIM_DURATION_SIZE];
  int64_t read_ms = 0;

  if (!sim_read_duration(reader, json, name_of(reader, json), &read_ms)) return;
  if (read_ms <= most) {
    *duration_ms = read_ms;
  } else {
    sim_mistake(reader, json, "%s must be at most %s", name_of(reader, json),
                sim_duration_text(most, text));
  }
}

static void read_yes(struct sim_reader *reader, struct sim_json *json) {
  if (json->type == SIM_JSON_BOOLEAN && json->yes) return;
  sim_mistake(reader, json, "write \"%s\": true", json->key);
}

int sim_read_process(struct sim_reader *reader, struct sim_json *json, const char *name) {
  struct sim_case *scenario = reader->scenario;

  if (!name) return 0;
  for (int i = 0; i < scenario->process_count; i++) {
    if (strcmp(scenario->processes[i], name) == 0) return i;
  }
  if (scenario->process_count == SIM_MAX_PROCESSES) {
    sim_mistake(reader, json, "a scenario may have at most %d processes; %s is one too many",
                SIM_MAX_PROCESSES, sim_quote(reader, name));
    return 0;
  }
  scenario->processes[scenario->process_count] = name;
  return scenario->process_count++;
}

/* Words, cards and ids. A refused text leaves the member unchanged. */
static void read_text(struct sim_reader *reader, struct sim_json *json,
                      const struct sim_field *field, const char **text) {
  const char *read = NULL;
  int index;

  switch (field->value) {
    case SIM_VALUE_NAME: read = sim_read_name(reader, json, name_of(reader, json)); break;
    case SIM_VALUE_CARD: read = sim_read_card(reader, json, false); break;
    case SIM_VALUE_TEXT:
      if (sim_read_word(reader, json, field->words, &index)) read = field->words->list[index];
      break;
    default: read = sim_read_action(reader, json); break;
  }
  if (read) *text = read;
}

static void read_card_or_none(struct sim_reader *reader, struct sim_json *json, const char **card) {
  const char *read = sim_read_card(reader, json, true);

  *card = read && strcmp(read, "none") != 0 ? read : NULL;
}

void sim_read_field(struct sim_reader *reader, struct sim_json *json, const struct sim_field *field,
                    void *base) {
  void *member = (char *)base + field->at;
  int64_t number;
  int index;

  switch (field->value) {
    case SIM_VALUE_CLIENT: *(int *)member = sim_read_client(reader, json, false); break;
    case SIM_VALUE_NAME:
    case SIM_VALUE_NEW_ACTION:
    case SIM_VALUE_ACTION:
    case SIM_VALUE_PAID:
    case SIM_VALUE_CARD:
    case SIM_VALUE_TEXT: read_text(reader, json, field, member); break;
    case SIM_VALUE_CARD_OR_NONE: read_card_or_none(reader, json, member); break;
    case SIM_VALUE_WORD:
      if (sim_read_word(reader, json, field->words, &index)) memcpy(member, &index, sizeof(index));
      break;
    case SIM_VALUE_FLAG:
      if (sim_read_word(reader, json, field->words, &index)) *(bool *)member = index == 1;
      break;
    case SIM_VALUE_COUNT:
      if (sim_read_integer(reader, json, name_of(reader, json), field->least, field->most,
                           &number)) {
        *(int *)member = (int)number;
      }
      break;
    case SIM_VALUE_NUMBER:
      (void)sim_read_integer(reader, json, name_of(reader, json), field->least, field->most,
                             member);
      break;
    case SIM_VALUE_CURRENCY: read_currency_field(reader, json, member); break;
    case SIM_VALUE_DURATION: read_duration(reader, json, field->most, member); break;
    case SIM_VALUE_JUMP: (void)sim_read_jump(reader, json, member); break;
    case SIM_VALUE_INSTANT: (void)sim_read_instant(reader, json, member); break;
    case SIM_VALUE_YES: read_yes(reader, json); break;
    case SIM_VALUE_PROCESS:
      *(int *)member =
          sim_read_process(reader, json, sim_read_name(reader, json, name_of(reader, json)));
      break;
    case SIM_VALUE_VICTIM: /* read by scenario_links.c, when all processes and actors are known */
    case SIM_VALUE_AFTER: break;
  }
}

void sim_read_fields(struct sim_reader *reader, struct sim_json *json, const char *where,
                     const char *noun, const struct sim_fields *fields, void *base) {
  const char *list[SIM_MAX_FIELDS];
  struct sim_words keys = {noun, 0, list};

  for (int i = 0; i < fields->count && i < SIM_MAX_FIELDS; i++) {
    list[keys.count++] = fields->list[i].word;
  }
  for (struct sim_json *member = json->first; member; member = member->next) {
    const int index = sim_read_key(reader, member, where, &keys);
    if (index >= 0) sim_read_field(reader, member, &fields->list[index], base);
  }
}
