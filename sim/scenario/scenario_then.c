/* "then": bounds for every ending, and the outcomes, which must be all endings. */
#include "reader.h"

#include <string.h>

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

/* ---- "every" ------------------------------------------------------------------------------ */

/* "at most 3", "at least -5": a whole number of up to 18 digits. */
static bool parse_bound(const char *text, struct sim_every *every) {
  bool negative;
  int digits = 0;

  if (strncmp(text, "at most ", 8) == 0) {
    every->bound = SIM_AT_MOST;
    text += 8;
  } else if (strncmp(text, "at least ", 9) == 0) {
    every->bound = SIM_AT_LEAST;
    text += 9;
  } else {
    return false;
  }
  negative = *text == '-';
  text += negative;
  if (text[0] == '0' && (text[1] != '\0' || negative)) return false;
  every->number = 0;
  for (; text[digits] >= '0' && text[digits] <= '9' && digits < 18; digits++) {
    every->number = every->number * 10 + (text[digits] - '0');
  }
  if (negative) every->number = -every->number;
  return digits > 0 && text[digits] == '\0';
}

static void read_bound(struct sim_reader *reader, struct sim_json *json, struct sim_every *every) {
  if (json->type == SIM_JSON_INTEGER) {
    every->bound = SIM_EXACTLY;
    every->number = json->number;
  } else if (json->type != SIM_JSON_STRING || !parse_bound(json->text, every)) {
    sim_mistake(reader, json, "expected \"at most N\", \"at least N\" or a whole number, not %s",
                json->type == SIM_JSON_STRING ? sim_quote(reader, json->text)
                                              : sim_json_type_word(json->type));
    return;
  }
  if (every->number < 0 && every->measure != SIM_BALANCE) {
    sim_mistake(reader, json, "a count cannot be less than 0");
  }
}

static void read_measure(struct sim_reader *reader, struct sim_json *json,
                         enum sim_measure measure) {
  struct sim_case *scenario = reader->scenario;

  if (!sim_read_type(reader, json, "bounds", SIM_JSON_OBJECT)) return;
  if (json->count == 0) {
    sim_mistake(reader, json, "expected at least one client, such as {\"acme\": \"at most 1\"}");
  }
  for (struct sim_json *member = json->first; member; member = member->next) {
    struct sim_every *every;
    const int client = sim_read_client(reader, member, true);

    if (client < 0) continue;
    every = &scenario->every[scenario->every_count++];
    every->measure = measure;
    every->client = client;
    every->place = member->place;
    read_bound(reader, member, every);
  }
}

void sim_read_every(struct sim_reader *reader, struct sim_json *json) {
  struct sim_case *scenario = reader->scenario;

  if (!sim_read_type(reader, json, "\"every\"", SIM_JSON_OBJECT)) return;
  if (json->count == 0) sim_mistake(reader, json, "\"every\" is empty: remove it");
  /* Keys are unique: no measure has more bounds than there are clients. */
  scenario->every =
      sim_arena_alloc(&reader->suite->keep, (size_t)sim_measure_words.count * SIM_MAX_CLIENTS,
                      sizeof(*scenario->every));
  if (!scenario->every) return;
  for (struct sim_json *member = json->first; member; member = member->next) {
    const int index = sim_read_key(reader, member, "\"every\"", &sim_measure_words);
    if (index >= 0) read_measure(reader, member, (enum sim_measure)index);
  }
}

/* ---- "outcomes" --------------------------------------------------------------------------- */

static void read_outcomes(struct sim_reader *reader, struct sim_json *json, const char *what) {
  struct sim_case *scenario = reader->scenario;

  if (!sim_read_type(reader, json, what, SIM_JSON_OBJECT) ||
      !sim_read_list(reader, json, what, 1, SIM_MAX_OUTCOMES)) {
    return;
  }
  scenario->outcomes =
      sim_arena_alloc(&reader->suite->keep, (size_t)json->count, sizeof(*scenario->outcomes));
  if (!scenario->outcomes) return;
  for (struct sim_json *member = json->first; member; member = member->next) {
    struct sim_outcome *outcome = &scenario->outcomes[scenario->outcome_count++];

    outcome->name = sim_arena_text(&reader->suite->keep, member->key, strlen(member->key));
    outcome->place = member->key_place;
    (void)sim_check_line(reader, member, member->key, "an outcome's name", true);
    sim_read_outcome(reader, member, outcome);
  }
}

/* Allowed endings: outcomes as above, or the word for all endings. */
static void read_allowed_endings(struct sim_reader *reader, struct sim_json *json) {
  static const char *const list[] = {"anything"};
  static const struct sim_words words = {"word for endings", COUNT(list), list};
  int index;

  reader->scenario->may = true;
  if (json->type == SIM_JSON_STRING)
    (void)sim_read_word(reader, json, &words, &index);
  else
    read_outcomes(reader, json, "\"may\"");
}

void sim_read_then(struct sim_reader *reader, struct sim_json *json) {
  static const char *const list[] = {"every", "outcomes", "may"};
  static const struct sim_words keys = {"key", COUNT(list), list};
  struct sim_json *endings = NULL;

  if (!sim_read_type(reader, json, "\"then\"", SIM_JSON_OBJECT)) return;
  for (struct sim_json *member = json->first; member; member = member->next) {
    const int index = sim_read_key(reader, member, "\"then\"", &keys);

    if (index == 0) sim_read_every(reader, member);
    if (index > 0 && endings)
      sim_mistake_key(reader, member,
                      "use either \"outcomes\", all of which must be reached, or \"may\"");
    else if (index > 0)
      endings = member;
  }
  if (!endings) {
    sim_mistake(reader, json, "\"outcomes\" is missing: it lists all endings");
    return;
  }
  if (strcmp(endings->key, "may") == 0)
    read_allowed_endings(reader, endings);
  else
    read_outcomes(reader, endings, "\"outcomes\"");
  if (!reader->failed) sim_check_outcomes(reader);
}
