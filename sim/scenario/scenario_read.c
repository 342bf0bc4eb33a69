/* Typed reading: a JSON value becomes a checked C value, or a mistake at its place. */
#include "reader.h"
#include "time_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- Shapes ------------------------------------------------------------------------------- */

bool sim_read_type(struct sim_reader *reader, struct sim_json *json, const char *what,
                   enum sim_json_type type) {
  if (json->type == type) return true;
  if (type == SIM_JSON_INTEGER && json->type == SIM_JSON_REAL) {
    sim_mistake(reader, json, "%s must be a whole number, without a decimal point or exponent",
                what);
  } else {
    sim_mistake(reader, json, "%s must be %s, not %s", what, sim_json_type_word(type),
                sim_json_type_word(json->type));
  }
  return false;
}

bool sim_read_list(struct sim_reader *reader, struct sim_json *json, const char *what, int least,
                   int most) {
  int i = 0;

  if (json->count < least) {
    sim_mistake(reader, json, "%s may not be empty", what);
    return false;
  }
  if (json->count <= most) return true;
  for (struct sim_json *item = json->first; item; item = item->next) {
    if (i++ != most) continue;
    sim_mistake_key(reader, item, "%s may have at most %d items, not %d", what, most, json->count);
  }
  return false;
}

int sim_read_key(struct sim_reader *reader, struct sim_json *member, const char *where,
                 const struct sim_words *keys) {
  const int index = sim_words_index(keys, member->key);

  if (index < 0) {
    sim_mistake_key(reader, member, "unknown key %s in %s: %s", sim_quote(reader, member->key),
                    where, sim_expected(reader, keys, sim_key_meant(member->key)));
  }
  return index;
}

/* ---- Numbers and words -------------------------------------------------------------------- */

bool sim_read_integer(struct sim_reader *reader, struct sim_json *json, const char *what,
                      int64_t least, int64_t most, int64_t *number) {
  if (!sim_read_type(reader, json, what, SIM_JSON_INTEGER)) return false;
  if (json->number < least) {
    sim_mistake(reader, json, "%s must be at least %" PRId64 ", not %" PRId64, what, least,
                json->number);
    return false;
  }
  if (json->number > most) {
    sim_mistake(reader, json, "%s must be at most %" PRId64 ", not %" PRId64, what, most,
                json->number);
    return false;
  }
  *number = json->number;
  return true;
}

static const char *article_of(const char *noun) { return strchr("aeio", noun[0]) ? "an" : "a"; }

bool sim_read_word(struct sim_reader *reader, struct sim_json *json, const struct sim_words *words,
                   int *index) {
  char what[64];

  (void)snprintf(what, sizeof(what), "%s %s", article_of(words->noun), words->noun);
  if (json->type != SIM_JSON_STRING) {
    sim_mistake(reader, json, "%s must be a string, not %s: %s", what,
                sim_json_type_word(json->type), sim_expected(reader, words, ""));
    return false;
  }
  *index = sim_words_index(words, json->text);
  if (*index >= 0) return true;
  sim_mistake(reader, json, "%s is not %s: %s", sim_quote(reader, json->text), what,
              sim_expected(reader, words, json->text));
  return false;
}

/* ---- Time --------------------------------------------------------------------------------- */

bool sim_read_duration(struct sim_reader *reader, struct sim_json *json, const char *what,
                       int64_t *duration_ms) {
  if (!sim_read_type(reader, json, what, SIM_JSON_STRING)) return false;
  if (sim_parse_duration(json->text, duration_ms)) return true;
  sim_mistake(reader, json,
              "%s is not a duration: expected a number from 1 to 99999, a space and ms, s, min, h "
              "or d, such as \"45 s\"",
              sim_quote(reader, json->text));
  return false;
}

bool sim_read_jump(struct sim_reader *reader, struct sim_json *json, int64_t *duration_ms) {
  if (!sim_read_type(reader, json, "\"clock\"", SIM_JSON_STRING)) return false;
  if ((json->text[0] == '+' || json->text[0] == '-') &&
      sim_parse_duration(json->text + 1, duration_ms)) {
    if (json->text[0] == '-') *duration_ms = -*duration_ms;
    return true;
  }
  sim_mistake(reader, json,
              "%s is not a jump of the clock: expected + or - and a duration, such as \"+1 d\" or "
              "\"-5 min\"",
              sim_quote(reader, json->text));
  return false;
}

bool sim_read_instant(struct sim_reader *reader, struct sim_json *json, int64_t *at_ms) {
  if (!sim_read_type(reader, json, "\"clock\"", SIM_JSON_STRING)) return false;
  if (sim_time_read(json->text, at_ms)) return true;
  sim_mistake(reader, json,
              "%s is not an instant since 1970: expected UTC such as \"2026-01-15T12:00:00Z\"",
              sim_quote(reader, json->text));
  return false;
}

/* ---- Names -------------------------------------------------------------------------------- */

static const char *keep_text(struct sim_reader *reader, const char *text) {
  return sim_arena_text(&reader->suite->keep, text, strlen(text));
}

bool sim_is_name(const char *text) {
  const size_t size = strlen(text);

  if (size == 0 || size > SIM_MAX_NAME_BYTES) return false;
  for (size_t i = 0; i < size; i++) {
    const char c = text[i];
    if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
          c == '_' || c == '-')) {
      return false;
    }
  }
  return true;
}

const char *sim_read_name(struct sim_reader *reader, struct sim_json *json, const char *what) {
  if (!sim_read_type(reader, json, what, SIM_JSON_STRING)) return NULL;
  if (sim_is_name(json->text)) return keep_text(reader, json->text);
  sim_mistake(reader, json, "%s: %s must be 1 to %d letters, digits, \".\", \"_\" or \"-\"", what,
              sim_quote(reader, json->text), SIM_MAX_NAME_BYTES);
  return NULL;
}

static size_t count_characters(const char *text) {
  size_t count = 0;

  for (; *text; text++) count += ((unsigned char)*text & 0xc0) != 0x80;
  return count;
}

/* Ids of actions may be hostile: it is the engine that must refuse them. */
const char *sim_read_action(struct sim_reader *reader, struct sim_json *json) {
  if (!sim_read_type(reader, json, "an action's id", SIM_JSON_STRING)) return NULL;
  if (count_characters(json->text) <= SIM_MAX_ID_CHARACTERS) return keep_text(reader, json->text);
  sim_mistake(reader, json, "an action's id may have at most %d characters", SIM_MAX_ID_CHARACTERS);
  return NULL;
}

bool sim_check_line(struct sim_reader *reader, struct sim_json *json, const char *text,
                    const char *what, bool is_key) {
  const char *wrong = NULL;

  for (const char *c = text; *c; c++) {
    if ((unsigned char)*c < 0x20 || *c == 0x7f)
      wrong = "must be one line, without control characters";
  }
  if (*text == '\0') wrong = "may not be empty";
  if (count_characters(text) > SIM_MAX_LINE_CHARACTERS) wrong = "may have at most 200 characters";
  if (!wrong) return true;
  if (is_key) {
    sim_mistake_key(reader, json, "%s %s", what, wrong);
  } else {
    sim_mistake(reader, json, "%s %s", what, wrong);
  }
  return false;
}

const char *sim_read_line(struct sim_reader *reader, struct sim_json *json, const char *what) {
  if (!sim_read_type(reader, json, what, SIM_JSON_STRING)) return NULL;
  return sim_check_line(reader, json, json->text, what, false) ? keep_text(reader, json->text)
                                                               : NULL;
}

void sim_read_note(struct sim_reader *reader, struct sim_json *json) {
  if (!sim_read_type(reader, json, "\"note\"", SIM_JSON_STRING)) return;
  if (count_characters(json->text) > SIM_MAX_NOTE_CHARACTERS) {
    sim_mistake(reader, json, "\"note\" may have at most %d characters", SIM_MAX_NOTE_CHARACTERS);
  }
}

/* ":2", ":03": a second card of that kind. */
static bool is_card_suffix(const char *text) {
  size_t digits;

  if (*text == '\0') return true;
  digits = strspn(text + 1, "0123456789");
  return *text == ':' && digits >= 1 && digits <= 9 && text[1 + digits] == '\0';
}

const char *sim_read_card(struct sim_reader *reader, struct sim_json *json, bool may_be_none) {
  const char *base;
  int index;

  if (!sim_read_type(reader, json, "a card", SIM_JSON_STRING)) return NULL;
  if (strcmp(json->text, "none") == 0) {
    if (may_be_none) return "none";
    sim_mistake(reader, json, "a card is needed here; use \"remove_card\" to take it off file");
    return NULL;
  }
  base = sim_arena_text(&reader->suite->scratch, json->text, strcspn(json->text, ":"));
  index = sim_words_index(&sim_card_words, base);
  if (index >= 0 && is_card_suffix(json->text + strlen(base))) {
    return json->text[strlen(base)] ? keep_text(reader, json->text) : sim_card_words.list[index];
  }
  if (index >= 0) {
    sim_mistake(reader, json,
                "%s: after the card's name only \":\" and a number of up to 9 digits "
                "may follow, such as \":2\"",
                sim_quote(reader, json->text));
  } else {
    sim_mistake(reader, json, "%s is not a card of the gateway: %s", sim_quote(reader, json->text),
                sim_expected(reader, &sim_card_words, base));
  }
  return NULL;
}

/* ---- Who ---------------------------------------------------------------------------------- */

static int read_who(struct sim_reader *reader, struct sim_json *json, bool is_key,
                    const struct sim_words *names) {
  char what[64];
  const char *text;
  int index;

  (void)snprintf(what, sizeof(what), "%s %s", article_of(names->noun), names->noun);
  if (!is_key && !sim_read_type(reader, json, what, SIM_JSON_STRING)) return -1;
  text = is_key ? json->key : json->text;
  index = sim_words_index(names, text);
  if (index >= 0) return index;
  if (names->count == 0) { /* the mistake was reported where they are defined */
    reader->failed = true;
    return -1;
  }
  (is_key ? sim_mistake_key : sim_mistake)(reader, json, "unknown %s %s: %s", names->noun,
                                           sim_quote(reader, text),
                                           sim_expected(reader, names, text));
  return -1;
}

int sim_read_client(struct sim_reader *reader, struct sim_json *json, bool is_key) {
  const struct sim_case *scenario = reader->scenario;
  const char *list[SIM_MAX_CLIENTS];
  const struct sim_words names = {"client", scenario->client_count, list};

  for (int i = 0; i < scenario->client_count; i++) list[i] = scenario->clients[i].name;
  return read_who(reader, json, is_key, &names);
}

int sim_read_actor(struct sim_reader *reader, struct sim_json *json) {
  const struct sim_case *scenario = reader->scenario;
  const char *list[SIM_MAX_ACTORS];
  const struct sim_words names = {"actor", scenario->actor_count, list};

  for (int i = 0; i < scenario->actor_count; i++) list[i] = scenario->actors[i].name;
  return read_who(reader, json, false, &names);
}
