/* See language.h: each list of vocabulary.h becomes tables. */
#include "language.h"

#include "card.h"
#include "mail.h"
#include "time_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

/* ---- Words ---------------------------------------------------------------------------------- */

#define WORD(word, text) word,
#define TEXT(word, text) text,
#define CODE(code) code,
#define NAMED_WORD(NAME, word, ...) word,
#define NAMED_TEXT(NAME, word, text) text,

/* A table of words and their texts, of a list without names, and of one with names. */
#define TABLE(name, singular, LIST)                                                                \
  static const char *const name##_list[] = {LIST(WORD)};                                           \
  static const char *const name##_texts[] = {LIST(TEXT)};                                          \
  const struct sim_words name = {singular, COUNT(name##_list), name##_list}
#define NAMED_TABLE(name, singular, LIST)                                                          \
  static const char *const name##_list[] = {LIST(NAMED_WORD)};                                     \
  static const char *const name##_texts[] = {LIST(NAMED_TEXT)};                                    \
  const struct sim_words name = {singular, COUNT(name##_list), name##_list}
/* Words without a text in this list, or not in this place. */
#define PLAIN_TABLE(name, singular, ...)                                                           \
  static const char *const name##_list[] = {__VA_ARGS__};                                          \
  const struct sim_words name = {singular, COUNT(name##_list), name##_list}

NAMED_TABLE(sim_plan_words, "plan", SIM_PLANS);
NAMED_TABLE(sim_event_words, "order of events", SIM_EVENT_ORDERS);
NAMED_TABLE(sim_site_words, "place for a fault", SIM_SITES);
NAMED_TABLE(sim_book_words, "book", SIM_LEDGER);
NAMED_TABLE(sim_measure_words, "measure", SIM_MEASURES);
TABLE(sim_injected_words, "number of injected faults", SIM_INJECTED_BUDGETS);
TABLE(sim_toggle_words, "state of Auto Reload", SIM_TOGGLES);
TABLE(sim_dispute_words, "outcome of a dispute", SIM_DISPUTES);
TABLE(sim_kind_words, "kind of action", SIM_KINDS);
TABLE(sim_mail_words, "mail", SIM_MAILS);
TABLE(sim_card_words, "card", SIM_CARDS);
PLAIN_TABLE(sim_verb_words, "step", SIM_VERBS(NAMED_WORD));
PLAIN_TABLE(sim_behaviour_words, "behaviour", SIM_BEHAVIOURS(NAMED_WORD));
PLAIN_TABLE(sim_entry_words, "kind of log entry", SIM_ENTRIES(NAMED_WORD));
PLAIN_TABLE(sim_file_key_words, "key", SIM_FILE_KEYS(NAMED_WORD));
PLAIN_TABLE(sim_answer_words, "answer",
            SIM_ANSWERS(NAMED_WORD, SIM_REFUSALS(NAMED_WORD), SIM_ERRORS(NAMED_WORD)));

#define BANK_DECLINED(code) "declined " code,
#define BANK_DECLINED_TEXT(code) "The bank declined it; no money moved.",
static const char *const sim_bank_words_texts[] = {SIM_BANK_WORDS(TEXT)
                                                       SIM_DECLINE_CODES(BANK_DECLINED_TEXT)};
PLAIN_TABLE(sim_bank_words, "result at the bank",
            SIM_BANK_WORDS(WORD) SIM_DECLINE_CODES(BANK_DECLINED));

/* Without "never": a step that delivers events does so. */
const struct sim_words sim_order_words = {"order of events", SIM_EVENTS_NEVER,
                                          sim_event_words_list};

const char *const *sim_words_texts(const struct sim_words *words) {
  static const struct {
    const struct sim_words *words;
    const char *const *texts;
  } described[] = {{&sim_plan_words, sim_plan_words_texts},
                   {&sim_event_words, sim_event_words_texts},
                   {&sim_order_words, sim_event_words_texts},
                   {&sim_site_words, sim_site_words_texts},
                   {&sim_book_words, sim_book_words_texts},
                   {&sim_measure_words, sim_measure_words_texts},
                   {&sim_injected_words, sim_injected_words_texts},
                   {&sim_toggle_words, sim_toggle_words_texts},
                   {&sim_dispute_words, sim_dispute_words_texts},
                   {&sim_kind_words, sim_kind_words_texts},
                   {&sim_mail_words, sim_mail_words_texts},
                   {&sim_card_words, sim_card_words_texts},
                   {&sim_bank_words, sim_bank_words_texts}};

  for (int i = 0; i < COUNT(described); i++)
    if (described[i].words == words) return described[i].texts;
  return NULL;
}

static const char *word_of(const struct sim_words *words, int index) {
  return index >= 0 && index < words->count ? words->list[index] : "?";
}

const char *sim_verb_word(enum sim_verb verb) { return word_of(&sim_verb_words, (int)verb); }
const char *sim_plan_word(enum sim_plan plan) { return word_of(&sim_plan_words, (int)plan); }
const char *sim_site_word(enum sim_site site) { return word_of(&sim_site_words, (int)site); }
const char *sim_book_word(enum sim_book book) { return word_of(&sim_book_words, (int)book); }

/* ---- Fields --------------------------------------------------------------------------------- */

/* clang-format off */
#define FIELD_IN(structure, word, value, member, least, most, words, normal, sample, text) \
  {word, SIM_VALUE_##value, offsetof(struct structure, member), least, most, words, normal, \
   sample, text},
/* clang-format on */
#define CASE_FIELD(word, value, member, least, most, words, normal, text)                          \
  FIELD_IN(sim_case, word, value, member, least, most, words, normal, NULL, text)
#define CLIENT_FIELD(word, value, member, least, most, words, normal, text)                        \
  FIELD_IN(sim_client, word, value, member, least, most, words, normal, NULL, text)
#define STEP_KEY(NAME, word, ...) FIELD_IN(sim_step, word, __VA_ARGS__)
#define VERB_VALUE(NAME, ...) [VALUE_##NAME] = FIELD_IN(sim_step, NULL, __VA_ARGS__)
#define VERB_VALUE_NAME(NAME, ...) VALUE_##NAME,

static const struct sim_field file_fields[] = {SIM_FILE_FIELDS(CASE_FIELD)};
static const struct sim_field settings[] = {SIM_SETTINGS(CASE_FIELD)};
static const struct sim_field client_fields[] = {SIM_CLIENT_FIELDS(CLIENT_FIELD)};
static const struct sim_field fault_fields[] = {SIM_FAULT_FIELDS(CASE_FIELD)};
const struct sim_fields sim_file_fields = {COUNT(file_fields), file_fields};
const struct sim_fields sim_settings = {COUNT(settings), settings};
const struct sim_fields sim_client_fields = {COUNT(client_fields), client_fields};
const struct sim_fields sim_fault_fields = {COUNT(fault_fields), fault_fields};
const struct sim_field sim_step_keys[] = {SIM_STEP_KEYS(STEP_KEY)};

enum verb_value { SIM_VERB_VALUES(VERB_VALUE_NAME) VALUE_COUNT };

/* Enums are written through an int, bool directly. */
_Static_assert(sizeof(enum sim_plan) == sizeof(int) && sizeof(enum sim_event_order) == sizeof(int),
               "an enum is as wide as an int");

void sim_field_reset(const struct sim_field *field, void *base) {
  void *member = (char *)base + field->at;
  const char *normal = field->normal;
  int index;

  if (normal[0] == '\0') return;
  switch (field->value) {
    case SIM_VALUE_NAME:
    case SIM_VALUE_CARD:
    case SIM_VALUE_CARD_OR_NONE: *(const char **)member = normal; break;
    case SIM_VALUE_WORD:
      index = sim_words_index(field->words, normal);
      memcpy(member, &index, sizeof(index));
      break;
    case SIM_VALUE_FLAG: *(bool *)member = sim_words_index(field->words, normal) == 1; break;
    case SIM_VALUE_TEXT:
      *(const char **)member = field->words->list[sim_words_index(field->words, normal)];
      break;
    case SIM_VALUE_COUNT: *(int *)member = (int)strtol(normal, NULL, 10); break;
    case SIM_VALUE_NUMBER: *(int64_t *)member = strtoll(normal, NULL, 10); break;
    case SIM_VALUE_CURRENCY: memcpy(member, normal, 4); break;
    case SIM_VALUE_DURATION: (void)sim_parse_duration(normal, member); break;
    case SIM_VALUE_INSTANT: (void)sim_time_read(normal, member); break;
    default: break;
  }
}

#define KEY_SYNONYM_ROW(word, key) {word, key},
const char *sim_key_meant(const char *text) {
  static const struct { const char *word, *key; } synonyms[] = {SIM_KEY_SYNONYMS(KEY_SYNONYM_ROW)};

  for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++) {
    if (strcmp(synonyms[i].word, text) == 0) return synonyms[i].key;
  }
  return text;
}

/* ---- Keys of the file ----------------------------------------------------------------------- */

#define IS_SHARED_ALONE false
#define IS_SHARED_SHARED true
#define FILE_KEY(NAME, word, of, missing, text) {word, IS_SHARED_##of, missing, text},
const struct sim_file_key sim_file_keys[] = {SIM_FILE_KEYS(FILE_KEY)};

/* ---- Steps ---------------------------------------------------------------------------------- */

static const struct sim_field verb_values[] = {SIM_VERB_VALUES(VERB_VALUE)};

/* Keys of every step; the process of a crash is its value. */
#define EVERY_STEP(value)                                                                          \
  (SIM_BIT(AFTER) | ((int)VALUE_##value == (int)VALUE_VICTIM ? 0 : SIM_BIT(ON)))
#define IN_PROCESS true
#define IN_WORLD false
#define IS_ASKED true
#define IS_SILENT false
/* clang-format off */
#define VERB_ROW(NAME, word, value, where, needs, may, asked, weight, story, text, also) \
  {word, &verb_values[VALUE_##value], needs, (may) | EVERY_STEP(value), IN_##where, IS_##asked, \
   weight, story, text, also},
/* clang-format on */
const struct sim_verb_word sim_verbs[] = {SIM_VERBS(VERB_ROW)};

int sim_verb_key(enum sim_verb verb, const char *word) {
  for (int i = 0; i < SIM_KEY_COUNT; i++) {
    if (!((sim_verbs[verb].needs | sim_verbs[verb].may) & 1u << i)) continue;
    if (strcmp(sim_step_keys[i].word, word) == 0) return i;
  }
  return -1;
}

/* Whether the word is in a list separated by spaces. */
static bool is_listed(const char *list, const char *word) {
  const size_t size = strlen(word);

  for (const char *at = list; *at; at += strcspn(at, " "), at += *at == ' ') {
    if (strcspn(at, " ") == size && strncmp(at, word, size) == 0) return true;
  }
  return false;
}

const char *sim_verb_meant(const char *text) {
  for (int i = 0; i < SIM_VERB_COUNT; i++) {
    if (is_listed(sim_verbs[i].also, text)) return sim_verbs[i].word;
  }
  return text;
}

/* ---- Answers -------------------------------------------------------------------------------- */

enum { SIM_ANY = SIM_ANY_VERB };
#define WENT_WELL true
#define WENT_OTHER false
#define ANSWER_ROW(NAME, word, verb, went, text)                                                   \
  [SIM_ANSWER_##NAME] = {word, SIM_##verb, WENT_##went, text},
#define REFUSAL_ROW(NAME, word, way, rule, text, mark)                                             \
  [SIM_ANSWER_REFUSED_##NAME] = {word, SIM_SUBMIT, false, text},
#define ERROR_ROW(NAME, word, text) [SIM_ANSWER_ERROR_##NAME] = {word, SIM_ANY_VERB, false, text},
const struct sim_answer_word sim_answers[] = {
    [SIM_ANSWER_NONE] = {"", SIM_NO_VERB, false, ""},
    [SIM_ANSWER_REFUSED] = {"not covered: no reason", SIM_NO_VERB, false, ""},
    [SIM_ANSWER_ERROR] = {"error: none", SIM_NO_VERB, false, ""},
    SIM_ANSWERS(ANSWER_ROW, SIM_REFUSALS(REFUSAL_ROW), SIM_ERRORS(ERROR_ROW))};

const char *sim_answer_word(enum sim_answer answer) {
  return (int)answer >= 0 && answer < SIM_ANSWER_COUNT ? sim_answers[answer].word : "";
}

#define VERB_NOUN(NAME, word, ...) "answer of " word,
struct sim_words sim_verb_answers(enum sim_verb verb, const char *list[SIM_ANSWER_COUNT]) {
  static const char *const nouns[] = {SIM_VERBS(VERB_NOUN)};
  struct sim_words words = {nouns[verb], 0, list};

  for (int i = 0; i < SIM_ANSWER_COUNT; i++) {
    if (sim_answers[i].verb == (int)verb) list[words.count++] = sim_answers[i].word;
  }
  return words;
}

bool sim_verb_answers_always(enum sim_verb verb) {
  const char *list[SIM_ANSWER_COUNT];
  return sim_verb_answers(verb, list).count > 0;
}

enum sim_answer sim_answer_expected(enum sim_verb verb) {
  for (int i = 0; i < SIM_ANSWER_COUNT; i++) {
    if (sim_answers[i].verb == (int)verb && sim_answers[i].went_well) return (enum sim_answer)i;
  }
  return SIM_ANSWER_NONE;
}

/* ---- Outcomes ------------------------------------------------------------------------------- */

/* Without the first one: answers are written under the actors' names. */
static const char *const outcome_list[] = {SIM_LEDGER(NAMED_WORD) "balance"};
const struct sim_words sim_outcome_words = {"key", SIM_OUTCOME_WORDS, outcome_list + 1};

/* ---- Entries of the credit log -------------------------------------------------------------- */

#define ENTRY_ROW(NAME, word, least, cause, sign, story, text)                                     \
  {word, least, SIM_CAUSE_##cause, sign, story, text},
const struct sim_entry_word sim_entries[] = {SIM_ENTRIES(ENTRY_ROW)};

/* ---- Behaviours ----------------------------------------------------------------------------- */

#define BEHAVIOUR_ROW(NAME, word, takes, sites, port, strain, injected, strength, weight, text)    \
  {word, SIM_TAKES_##takes, sites, (int)(port), strength, weight, text},
const struct sim_behaviour_word sim_behaviours[] = {SIM_BEHAVIOURS(BEHAVIOUR_ROW)};

bool sim_behaviour_fits(enum sim_behaviour behaviour, enum sim_site site) {
  return (sim_behaviours[behaviour].sites & 1u << site) != 0;
}

#define CODE_LIST(NAME, noun, LIST) static const char *const codes_##NAME[] = {LIST(CODE)};
#define CODE_WORDS(NAME, noun, LIST) [SIM_TAKES_##NAME] = {noun, COUNT(codes_##NAME), codes_##NAME},
SIM_CODES(CODE_LIST)
static const struct sim_words codes[SIM_TAKES_COUNT] = {SIM_CODES(CODE_WORDS)};

const struct sim_words *sim_behaviour_codes(enum sim_behaviour behaviour) {
  const struct sim_words *words = &codes[sim_behaviours[behaviour].takes];
  return words->count > 0 ? words : NULL;
}

const char *sim_behaviour_tail(enum sim_behaviour behaviour) {
  if (sim_behaviour_codes(behaviour)) return " CODE";
  return sim_behaviours[behaviour].takes == SIM_TAKES_DURATION ? " DURATION" : "";
}

int sim_behaviour_of(const char *text, const char **tail) {
  *tail = NULL;
  for (int i = 0; i < SIM_BEHAVIOUR_COUNT; i++) {
    const struct sim_behaviour_word *row = &sim_behaviours[i];
    const size_t size = strlen(row->word);

    if (strcmp(row->word, text) == 0) return i;
    if (row->takes == SIM_TAKES_NOTHING || strncmp(row->word, text, size) != 0 ||
        text[size] != ' ') {
      continue;
    }
    *tail = text + size + 1;
    return i;
  }
  return -1;
}

/* ---- Durations ------------------------------------------------------------------------------ */

#define UNIT_ROW(word, ms) {word, ms},
const struct sim_time_unit sim_time_units[] = {SIM_UNITS(UNIT_ROW)};

bool sim_parse_duration(const char *text, int64_t *duration_ms) {
  int64_t number = 0;
  int digits = 0;

  if (text[0] == '0') return false;
  for (; text[digits] >= '0' && text[digits] <= '9'; digits++) {
    if (digits == 5) return false;
    number = number * 10 + (text[digits] - '0');
  }
  if (digits == 0 || text[digits] != ' ') return false;
  for (int i = 0; i < SIM_TIME_UNIT_COUNT; i++) {
    if (strcmp(text + digits + 1, sim_time_units[i].word) != 0) continue;
    *duration_ms = number * sim_time_units[i].ms;
    return true;
  }
  return false;
}

const char *sim_duration_text(int64_t duration_ms, char text[SIM_DURATION_SIZE]) {
  int unit = SIM_TIME_UNIT_COUNT - 1;

  while (unit > 0 && duration_ms % sim_time_units[unit].ms != 0) unit--;
  (void)snprintf(text, SIM_DURATION_SIZE, "%" PRId64 " %s", duration_ms / sim_time_units[unit].ms,
                 sim_time_units[unit].word);
  return text;
}
