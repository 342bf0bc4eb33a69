/* See schema.h.
 *
 * The schema is for editors as much as for checking. Editors need "enum" with "enumDescriptions"
 * (an extension) to offer words with their meanings, "anyOf" instead of "if" around words, because
 * they look for words only there, and "errorMessage" (an extension) where the standard message
 * names no word. */
#include "schema.h"

#include "reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

struct schema {
  const struct sim_suite *suite;
  const char *unknown; /* in the frame */
  bool failed;         /* memory ran out */
};

/* ---- JSON ----------------------------------------------------------------------------------- */

static void set_schema_member(struct schema *schema, json_t *object, const char *key,
                              json_t *value) {
  if (json_object_set_new(object, key, value) != 0) schema->failed = true;
}

static void append_schema(struct schema *schema, json_t *array, json_t *value) {
  if (json_array_append_new(array, value) != 0) schema->failed = true;
}

static json_t *reference(const char *definition) {
  return json_pack("{s:s+}", "$ref", "#/$defs/", definition);
}

/* A value with a text of its own; both are consumed. In editors a reference replaces its
 * neighbours, hence the "allOf" around it. They show the innermost text, so the definitions that
 * values refer to have none. */
static json_t *described_by(json_t *value, json_t *text) {
  if (json_object_get(value, "$ref"))
    return json_pack("{s:o, s:[o]}", "description", text, "allOf", value);
  if (json_object_set_new(value, "description", text) == 0) return value;
  json_decref(value);
  return NULL;
}

static json_t *described(json_t *value, const char *text) {
  return described_by(value, json_string(text));
}

/* A schema, or "${column}". */
static json_t *or_variable(json_t *value) {
  return json_pack("{s:[o, o]}", "anyOf", value, reference("variable"));
}

/* A word, and what it means, at the end of an object's "enum". */
static void add_word(struct schema *schema, json_t *object, json_t *word, const char *text) {
  json_t *words = json_object_get(object, "enum");

  if (!words) {
    set_schema_member(schema, object, "enum", json_array());
    set_schema_member(schema, object, "enumDescriptions", json_array());
    words = json_object_get(object, "enum");
  }
  append_schema(schema, words, word);
  append_schema(schema, json_object_get(object, "enumDescriptions"), json_string(text));
}

static void add_words_schema(struct schema *schema, json_t *object, const struct sim_words *words) {
  const char *const *texts = sim_words_texts(words);

  for (int i = 0; i < words->count; i++) {
    add_word(schema, object, json_string(words->list[i]), texts ? texts[i] : "");
  }
}

/* "^", or "^[+-]", and a duration. */
static void add_span(struct schema *schema, json_t *object, const char *begin) {
  char units[64] = "";
  size_t length = 0;

  for (int i = 0; i < SIM_TIME_UNIT_COUNT; i++) {
    length += (size_t)snprintf(units + length, sizeof(units) - length, "%s%s", i ? "|" : "",
                               sim_time_units[i].word);
  }
  set_schema_member(schema, object, "pattern",
                    json_sprintf("%s[1-9][0-9]{0,4} (%s)$", begin, units));
}

/* ---- Fields --------------------------------------------------------------------------------- */

static json_t *words_json(struct schema *schema, const struct sim_words *words) {
  json_t *object = json_object();

  add_words_schema(schema, object, words);
  return or_variable(object);
}

static json_t *number_json(const struct sim_field *field) {
  return or_variable(json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum",
                               (json_int_t)field->least, "maximum", (json_int_t)field->most));
}

static json_t *value_json(struct schema *schema, const struct sim_field *field) {
  switch (field->value) {
    case SIM_VALUE_CLIENT:
    case SIM_VALUE_NAME:
    case SIM_VALUE_PROCESS:
    case SIM_VALUE_VICTIM: return reference("name");
    case SIM_VALUE_NEW_ACTION:
    case SIM_VALUE_ACTION:
    case SIM_VALUE_PAID: return reference("action");
    case SIM_VALUE_CARD: return reference("card");
    case SIM_VALUE_CARD_OR_NONE: return reference("card_or_none");
    case SIM_VALUE_WORD:
    case SIM_VALUE_FLAG:
    case SIM_VALUE_TEXT: return words_json(schema, field->words);
    case SIM_VALUE_COUNT:
    case SIM_VALUE_NUMBER: return number_json(field);
    case SIM_VALUE_CURRENCY:
      return or_variable(json_pack("{s:s, s:s}", "type", "string", "pattern", "^[a-z]{3}$"));
    case SIM_VALUE_DURATION: return reference("duration");
    case SIM_VALUE_JUMP: return reference("jump");
    case SIM_VALUE_INSTANT: return reference("instant");
    case SIM_VALUE_YES: return or_variable(json_pack("{s:[b]}", "enum", true));
    case SIM_VALUE_AFTER: return reference("after");
  }
  return NULL;
}

/* "Cents. Default: 5000." */
static json_t *text_json(const struct sim_field *field, bool is_needed) {
  const bool is_text = field->value != SIM_VALUE_COUNT && field->value != SIM_VALUE_NUMBER;

  if (is_needed || field->normal[0] == '\0') return json_string(field->text);
  return json_sprintf(is_text ? "%s Default: \"%s\"." : "%s Default: %s.", field->text,
                      field->normal);
}

static json_t *field_json(struct schema *schema, const struct sim_field *field, bool is_needed) {
  return described_by(value_json(schema, field), text_json(field, is_needed));
}

static void add_fields(struct schema *schema, json_t *object, const struct sim_fields *fields) {
  json_t *properties = json_object();

  for (int i = 0; i < fields->count; i++) {
    set_schema_member(schema, properties, fields->list[i].word,
                      field_json(schema, &fields->list[i], false));
  }
  set_schema_member(schema, object, "properties", properties);
}

/* ---- Steps ---------------------------------------------------------------------------------- */

/* The schema of a step with this verb. */
static json_t *step_schema(struct schema *schema, const struct sim_verb_word *verb) {
  json_t *properties = json_object(), *required = json_array();

  set_schema_member(schema, properties, verb->word,
                    described_by(value_json(schema, verb->value),
                                 json_sprintf("%s %s", verb->text, verb->value->text)));
  for (int i = 0; i < SIM_KEY_COUNT; i++) {
    const struct sim_field *key = &sim_step_keys[i];
    const bool is_needed = verb->needs & 1u << i;

    if (!is_needed && !(verb->may & 1u << i)) continue;
    set_schema_member(schema, properties, key->word, field_json(schema, key, is_needed));
    if (is_needed) append_schema(schema, required, json_string(key->word));
  }
  return json_pack("{s:o, s:o, s:b}", "required", required, "properties", properties,
                   "additionalProperties", false);
}

/* A pattern for what people write instead of this verb: synonyms, "turnOff" or "turn-off". */
static json_t *other_words_pattern(const struct sim_verb_word *verb) {
  char pattern[256] = "^(";
  size_t length = 2;

  for (const char *c = verb->word; *c && length + 16 < sizeof(pattern); c++) {
    const bool is_joint = *c == '_';
    const int size = is_joint
                         ? snprintf(pattern + length, 16, "[-_ ]?[%c%c]", c[1] - 'a' + 'A', c[1])
                         : snprintf(pattern + length, 16, "%c", *c);
    length += (size_t)size;
    if (is_joint) c++;
  }
  for (const char *c = verb->also; *c && length + 16 < sizeof(pattern); c++) {
    if (c == verb->also) pattern[length++] = '|';
    pattern[length++] = *c == ' ' ? '|' : *c;
  }
  pattern[length] = '\0';
  return json_sprintf("%s)$", pattern);
}

/* "submit", "turn_on", ..., for a message. */
static json_t *expected_json(const char *begin) {
  char text[640];
  size_t length = 0;

  for (int i = 0; i < SIM_VERB_COUNT; i++) {
    const int size = snprintf(text + length, sizeof(text) - length, "%s\"%s\"", i ? ", " : "",
                              sim_verbs[i].word);
    if (size < 0 || (size_t)size >= sizeof(text) - length) return NULL;
    length += (size_t)size;
  }
  return json_sprintf("%s expected one of %s", begin, text);
}

/* A step without a known verb: the editor offers verbs and reports one mistake. */
static json_t *no_step_json(struct schema *schema) {
  json_t *properties = json_object(), *others = json_object(), *keys = json_array();

  for (int i = 0; i < SIM_VERB_COUNT; i++) {
    const struct sim_verb_word *verb = &sim_verbs[i];
    json_t *pattern = other_words_pattern(verb);

    set_schema_member(schema, properties, verb->word,
                      json_pack("{s:s}", "description", verb->text));
    set_schema_member(schema, others, json_string_value(pattern),
                      json_pack("{s:{}, s:o}", "not", "errorMessage",
                                json_sprintf("unknown step: did you mean \"%s\"?", verb->word)));
    json_decref(pattern);
  }
  for (int i = 0; i < SIM_KEY_COUNT; i++) {
    set_schema_member(schema, properties, sim_step_keys[i].word,
                      json_pack("{s:b}", "doNotSuggest", true));
    append_schema(schema, keys, json_string(sim_step_keys[i].word));
  }
  return json_pack("{s:o, s:o, s:b, s:o, s:{s:{s:o, s:b}}, s:{s:{}, s:o}}", "properties",
                   properties, "patternProperties", others, "additionalProperties", false,
                   "errorMessage", expected_json("unknown step:"), "if", "propertyNames", "enum",
                   keys, "doNotSuggest", true, "then", "not", "errorMessage",
                   expected_json("this step has no verb:"));
}

static void add_steps(struct schema *schema, json_t *object, const char *unused) {
  json_t *verbs = json_array(), *steps = json_object();

  (void)unused;
  for (int i = 0; i < SIM_VERB_COUNT; i++) {
    append_schema(schema, verbs, json_pack("{s:[s]}", "required", sim_verbs[i].word));
    set_schema_member(schema, steps, sim_verbs[i].word, step_schema(schema, &sim_verbs[i]));
  }
  set_schema_member(schema, object, "if", json_pack("{s:o}", "anyOf", verbs));
  set_schema_member(schema, object, "then", json_pack("{s:o}", "dependentSchemas", steps));
  set_schema_member(schema, object, "else", no_step_json(schema));
}

/* ---- Faults --------------------------------------------------------------------------------- */

/* A word and a duration. */
static json_t *slow_json(struct schema *schema, const struct sim_behaviour_word *row) {
  json_t *object = json_pack("{s:s, s:s, s:[o]}", "type", "string", "description", row->text,
                             "examples", json_sprintf("%s 45 s", row->word));
  json_t *begin = json_sprintf("^%s ", row->word);

  add_span(schema, object, json_string_value(begin));
  json_decref(begin);
  return object;
}

/* A behaviour at a site: a word, a word and a code, or a word and a duration. */
static json_t *behaviours_json(struct schema *schema, enum sim_site site) {
  json_t *words = json_object(), *any = json_array();

  append_schema(schema, any, words);
  for (int i = 0; i < SIM_BEHAVIOUR_COUNT; i++) {
    const struct sim_behaviour_word *row = &sim_behaviours[i];
    const struct sim_words *codes = sim_behaviour_codes((enum sim_behaviour)i);

    if (!sim_behaviour_fits((enum sim_behaviour)i, site)) continue;
    for (int c = 0; codes && c < codes->count; c++) {
      add_word(schema, words, json_sprintf("%s %s", row->word, codes->list[c]), row->text);
    }
    if (row->takes == SIM_TAKES_NOTHING) add_word(schema, words, json_string(row->word), row->text);
    if (row->takes != SIM_TAKES_DURATION) continue;
    append_schema(schema, any, slow_json(schema, row));
  }
  append_schema(schema, any, reference("variable"));
  return json_pack("{s:s, s:o}", "description", "What a call may show.", "anyOf", any);
}

static void add_behaviours(struct schema *schema, json_t *object, const char *unused) {
  (void)unused;
  for (int i = 0; i < SIM_SITE_COUNT; i++) {
    set_schema_member(schema, object, sim_site_words.list[i],
                      behaviours_json(schema, (enum sim_site)i));
  }
}

/* {"first": ...}, {"always": ...}: what happens in every run. */
static json_t *must_json(const char *site) {
  json_t *first = reference(site), *always = reference(site);

  return json_pack("{s:s, s:i, s:i, s:b, s:{s:o, s:o}}", "type", "object", "minProperties", 1,
                   "maxProperties", 1, "additionalProperties", false, "properties", "first",
                   described(first, "The first call shows it, later ones go normally."), "always",
                   described(always, "Every call shows it."));
}

/* Also a list: what may happen. */
static json_t *site_schema(enum sim_site site) {
  const char *word = sim_site_words.list[site];
  json_t *may = json_pack("{s:s, s:i, s:i, s:b, s:o}", "type", "array", "minItems", 1, "maxItems",
                          SIM_MAX_FAULTS, "uniqueItems", true, "items", reference(word));
  json_t *text = json_sprintf("%s A list: may show one of these. {\"first\": ...}: the first call "
                              "does. {\"always\": ...}: each call does.",
                              sim_words_texts(&sim_site_words)[site]);

  return json_pack("{s:o, s:{s:s}, s:o, s:{s:{s:s}, s:o, s:o}}", "description", text, "if", "type",
                   "string", "then", reference("variable"), "else", "if", "type", "array", "then",
                   may, "else", must_json(word));
}

static void add_faults(struct schema *schema, json_t *object, const char *unused) {
  (void)unused;
  add_fields(schema, object, &sim_fault_fields);
  for (int i = 0; i < SIM_SITE_COUNT; i++) {
    set_schema_member(schema, json_object_get(object, "properties"), sim_site_words.list[i],
                      site_schema((enum sim_site)i));
  }
}

/* ---- Outcomes ------------------------------------------------------------------------------- */

static void add_answers_schema(struct schema *schema, json_t *object, const char *unused) {
  (void)unused;
  for (int i = 0; i < SIM_ANSWER_COUNT; i++) {
    const struct sim_answer_word *answer = &sim_answers[i];

    if (answer->verb == SIM_NO_VERB) continue;
    add_word(schema, object, json_string(answer->word), answer->text);
  }
}

static void add_entries(struct schema *schema, json_t *object, const char *unused) {
  json_t *properties = json_object(), *kinds = json_array(), *alone = json_object();

  (void)unused;
  for (int i = 0; i < SIM_ENTRY_COUNT; i++) {
    const struct sim_entry_word *entry = &sim_entries[i];
    const struct sim_field tokens = {.least = entry->least, .most = INT64_MAX};

    set_schema_member(schema, properties, entry->word,
                      described(number_json(&tokens), entry->text));
    append_schema(schema, kinds, json_pack("{s:[s]}", "required", entry->word));
    if (entry->cause != SIM_CAUSE_NOTHING) continue;
    set_schema_member(schema, alone, entry->word,
                      json_pack("{s:{s:b}}", "properties", "for", false));
  }
  set_schema_member(schema, properties, "for",
                    described(reference("action"), "The action that caused it. Left out: any."));
  set_schema_member(schema, object, "properties", properties);
  set_schema_member(schema, object, "oneOf", kinds);
  set_schema_member(schema, object, "dependentSchemas", alone);
}

/* For the only client, or by client. */
static json_t *by_client_json(const char *definition, const char *text) {
  return json_pack("{s:s, s:{s:s}, s:{s:o}, s:o}", "description", text, "if", "type", "object",
                   "then", "additionalProperties", reference(definition), "else",
                   reference(definition));
}

static void add_ledger(struct schema *schema, json_t *object, const char *unused) {
  static const char balance[] =
      "The balance at the end. It follows from the log; say it to make it plain.";
  json_t *properties = json_object();

  (void)unused;
  for (int i = 0; i < SIM_OUTCOME_WORDS; i++) {
    const char *word = sim_outcome_words.list[i];
    set_schema_member(schema, properties, word,
                      by_client_json(word, i < SIM_BOOK_MAIL
                                               ? sim_words_texts(&sim_book_words)[i + 1]
                                               : balance));
  }
  set_schema_member(schema, object, "properties", properties);
}

static void add_measures(struct schema *schema, json_t *object, const char *unused) {
  json_t *properties = json_object();

  (void)unused;
  for (int i = 0; i < sim_measure_words.count; i++) {
    const char *bounds = i == SIM_BALANCE ? "balance_bounds" : "count_bounds";

    set_schema_member(schema, properties, sim_measure_words.list[i],
                      described(reference(bounds), sim_words_texts(&sim_measure_words)[i]));
  }
  set_schema_member(schema, object, "properties", properties);
}

/* ---- The file ------------------------------------------------------------------------------- */

static void add_keys(struct schema *schema, json_t *object, bool all, const char *file) {
  json_t *properties = json_object(), *required = json_array();

  for (int i = 0; i < SIM_FILE_KEY_COUNT; i++) {
    const struct sim_file_key *key = &sim_file_keys[i];

    if (!all && !key->is_shared) continue;
    set_schema_member(
        schema, properties, key->word,
        described(json_pack("{s:s++}", "$ref", file, "#/$defs/", key->word), key->text));
    if (key->missing[0] != '\0') append_schema(schema, required, json_string(key->word));
  }
  set_schema_member(schema, object, "properties", properties);
  set_schema_member(schema, object, "required", required);
}

static void add_file_keys(struct schema *schema, json_t *object, const char *unused) {
  (void)unused;
  add_keys(schema, object, true, "");
}

static void add_shared_keys(struct schema *schema, json_t *object, const char *unused) {
  (void)unused;
  add_keys(schema, object, false, "scenario.schema.json");
}

static void add_rules(struct schema *schema, json_t *object, const char *unused) {
  (void)unused;
  for (size_t i = 0; i < schema->suite->rule_count; i++) {
    add_word(schema, object, json_string(schema->suite->rules[i].id), schema->suite->rules[i].text);
  }
}

/* ":2" behind any of the cards. */
static void add_second_card(struct schema *schema, json_t *object, const char *unused) {
  struct sim_arena arena = {.limit_bytes = 1 << 20};
  const char *cards = "";

  (void)unused;
  for (int i = 0; i < sim_card_words.count; i++) {
    cards = sim_arena_format(&arena, "%s%s%s", cards, i ? "|" : "", sim_card_words.list[i]);
  }
  if (arena.failed) schema->failed = true;
  set_schema_member(schema, object, "pattern", json_sprintf("^(%s):[0-9]{1,9}$", cards));
  sim_arena_clear(&arena);
}

static void add_table(struct schema *schema, json_t *object, const char *name) {
  static const struct {
    const char *name;
    const struct sim_words *words;
  } tables[] = {{"card", &sim_card_words},
                {"bank", &sim_bank_words},
                {"mail", &sim_mail_words},
                {"outcome", &sim_outcome_words}};

  for (int i = 0; i < COUNT(tables); i++) {
    if (strcmp(tables[i].name, name) != 0) continue;
    add_words_schema(schema, object, tables[i].words);
    return;
  }
  schema->unknown = name;
}

static void add_named_fields(struct schema *schema, json_t *object, const char *name) {
  if (strcmp(name, "settings") == 0) {
    add_fields(schema, object, &sim_settings);
  } else if (strcmp(name, "client") == 0) {
    add_fields(schema, object, &sim_client_fields);
  } else {
    schema->unknown = name;
  }
}

static void add_file_field(struct schema *schema, json_t *object, const char *name) {
  for (int i = 0; i < sim_file_fields.count; i++) {
    if (strcmp(sim_file_fields.list[i].word, name) != 0) continue;
    json_t *field = field_json(schema, &sim_file_fields.list[i], false);
    if (json_object_update(object, field) != 0) schema->failed = true;
    json_decref(field);
    return;
  }
  schema->unknown = name;
}

/* ---- Filling the frame ---------------------------------------------------------------------- */

static const struct {
  const char *what; /* before the space */
  void (*add)(struct schema *schema, json_t *object, const char *which);
} makers[] = {{"file keys", add_file_keys},
              {"shared keys", add_shared_keys},
              {"second card", add_second_card},
              {"answers", add_answers_schema},
              {"behaviours", add_behaviours},
              {"ledger", add_ledger},
              {"entries", add_entries},
              {"faults", add_faults},
              {"measures", add_measures},
              {"rules", add_rules},
              {"steps", add_steps},
              {"field", add_file_field},
              {"fields", add_named_fields},
              {"span", add_span},
              {"words", add_table}};

static void make(struct schema *schema, json_t *object, const char *wanted) {
  for (int i = 0; i < COUNT(makers); i++) {
    const size_t size = strlen(makers[i].what);

    if (strncmp(wanted, makers[i].what, size) != 0) continue;
    if (wanted[size] != '\0' && wanted[size] != ' ') continue;
    makers[i].add(schema, object, wanted + size + (wanted[size] == ' '));
    return;
  }
  schema->unknown = wanted;
}

#define LIMIT(name)                                                                                \
  { "$" #name, (name) }
static json_t *limit_json(struct schema *schema, const char *wanted) {
  static const struct {
    const char *name;
    int number;
  } limits[] = {
      LIMIT(SIM_MAX_CLIENTS),       LIMIT(SIM_MAX_ACTORS),          LIMIT(SIM_MAX_STEPS),
      LIMIT(SIM_MAX_LINES),         LIMIT(SIM_MAX_CASES),           LIMIT(SIM_MAX_COLUMNS + 1),
      LIMIT(SIM_MAX_OUTCOMES),      LIMIT(SIM_MAX_RULES),           LIMIT(SIM_MAX_SHARES),
      LIMIT(SIM_MAX_ID_CHARACTERS), LIMIT(SIM_MAX_LINE_CHARACTERS), LIMIT(SIM_MAX_NOTE_CHARACTERS)};

  for (int i = 0; i < COUNT(limits); i++) {
    if (strcmp(limits[i].name, wanted) == 0) return json_integer(limits[i].number);
  }
  schema->unknown = wanted;
  return NULL;
}

static json_t *fill_frame(struct schema *schema, json_t *from);

/* Replace "$make" by what it names. */
static json_t *fill_frame_object(struct schema *schema, json_t *from) {
  json_t *object = json_object(), *value;
  const char *key;

  json_object_foreach(from, key, value) {
    if (strcmp(key, "$make") == 0) {
      make(schema, object, json_string_value(value));
    } else {
      set_schema_member(schema, object, key, fill_frame(schema, value));
    }
  }
  return object;
}

static json_t *fill_frame(struct schema *schema, json_t *from) {
  const char *text = json_string_value(from);
  json_t *array;

  if (json_is_object(from)) return fill_frame_object(schema, from);
  if (text && strncmp(text, "$SIM_", 5) == 0) return limit_json(schema, text);
  if (!json_is_array(from)) return json_incref(from);
  array = json_array();
  for (size_t i = 0; i < json_array_size(from); i++) {
    append_schema(schema, array, fill_frame(schema, json_array_get(from, i)));
  }
  return array;
}

json_t *sim_schema_fill(json_t *frame, const struct sim_suite *suite, const char **unknown) {
  struct schema schema = {.suite = suite};
  json_t *filled = fill_frame(&schema, frame);

  *unknown = schema.unknown;
  if (!schema.failed && !schema.unknown) return filled;
  json_decref(filled);
  return NULL;
}
