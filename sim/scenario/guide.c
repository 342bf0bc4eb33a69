/* See guide.h. */
#include "guide.h"

#include "language.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

static const char table_begin[] = "<!-- table: ";
static const char table_end[] = "<!-- end of table -->";

/* ---- Parts of tables ------------------------------------------------------------------------ */

static bool is_number(const struct sim_field *field) {
  return field->value == SIM_VALUE_NUMBER || field->value == SIM_VALUE_COUNT;
}

/* In JSON's notation. */
static void put_value(FILE *out, const struct sim_field *field, const char *value) {
  const char *quote = is_number(field) || field->value == SIM_VALUE_YES ? "" : "\"";

  fprintf(out, "%s%s%s", quote, value, quote);
}

static void put_words_table(FILE *out, const char *first, const char *second,
                            const struct sim_words *words) {
  const char *const *texts = sim_words_texts(words);

  fprintf(out, "| %s | %s |\n|---|---|\n", first, second);
  for (int i = 0; i < words->count; i++) fprintf(out, "| `%s` | %s |\n", words->list[i], texts[i]);
}

static void put_choices(FILE *out, const struct sim_field *field) {
  if (!field->words) return;
  for (int i = 0; i < field->words->count; i++) {
    fprintf(out, "%s`\"%s\"`", i ? ", " : " One of ", field->words->list[i]);
  }
  fprintf(out, ".");
}

static void put_fields(FILE *out, const struct sim_fields *fields) {
  fprintf(out, "| key | default | |\n|---|---|---|\n");
  for (int i = 0; i < fields->count; i++) {
    const struct sim_field *field = &fields->list[i];

    fprintf(out, "| `%s` | `", field->word);
    put_value(out, field, field->normal);
    fprintf(out, "` | %s", field->text);
    put_choices(out, field);
    fprintf(out, " |\n");
  }
}

/* ---- The tables ----------------------------------------------------------------------------- */

static void put_file_keys(FILE *out) {
  fprintf(out, "| key | what it says |\n|---|---|\n");
  for (int i = 0; i < SIM_FILE_KEY_COUNT; i++) {
    const struct sim_file_key *key = &sim_file_keys[i];

    fprintf(out, "| `%s` | %s%s", key->word, key->text, key->missing[0] ? " **Needed.**" : "");
    for (int f = 0; f < sim_file_fields.count; f++) {
      if (strcmp(sim_file_fields.list[f].word, key->word) != 0) continue;
      fprintf(out, " Default: `\"%s\"`.", sim_file_fields.list[f].normal);
    }
    fprintf(out, " |\n");
  }
}

static void put_settings(FILE *out) { put_fields(out, &sim_settings); }
static void put_client(FILE *out) { put_fields(out, &sim_client_fields); }
static void put_faults(FILE *out) { put_fields(out, &sim_fault_fields); }

static void put_cards(FILE *out) {
  put_words_table(out, "card", "when it is charged and nobody is there", &sim_card_words);
}
static void put_plans(FILE *out) { put_words_table(out, "plan", "meaning", &sim_plan_words); }
static void put_events(FILE *out) {
  put_words_table(out, "order", "how events come in", &sim_event_words);
}
static void put_measures(FILE *out) {
  put_words_table(out, "measure", "what it counts", &sim_measure_words);
}

/* `{ "submit": "creative-7", "to": "acme", "cost": 10 }`, then what may be added. */
static void put_step_row(FILE *out, const struct sim_verb_word *verb) {
  fprintf(out, "| `{ \"%s\": ", verb->word);
  put_value(out, verb->value, verb->value->sample);
  for (int i = 0; i < SIM_KEY_COUNT; i++) {
    if (!(verb->needs & 1u << i)) continue;
    fprintf(out, ", \"%s\": ", sim_step_keys[i].word);
    put_value(out, &sim_step_keys[i], sim_step_keys[i].sample);
  }
  fprintf(out, " }` | %s", verb->text);
  for (int i = 0; i < SIM_KEY_COUNT; i++) {
    const struct sim_field *key = &sim_step_keys[i];

    if (!(verb->may & 1u << i) || i == SIM_KEY_ON || i == SIM_KEY_AFTER) continue;
    fprintf(out, " `\"%s\"`: %s", key->word, key->text);
    put_choices(out, key);
    if (key->normal[0] == '\0') continue;
    fprintf(out, " Default: `");
    put_value(out, key, key->normal);
    fprintf(out, "`.");
  }
  fprintf(out, " |\n");
}

static void put_steps(FILE *out) {
  fprintf(out, "| step | what happens |\n|---|---|\n");
  for (int i = 0; i < SIM_VERB_COUNT; i++) put_step_row(out, &sim_verbs[i]);
}

static void put_behaviours(FILE *out) {

  fprintf(out, "| behaviour | of | what happens |\n|---|---|---|\n");
  for (int i = 0; i < SIM_BEHAVIOUR_COUNT; i++) {
    const struct sim_behaviour_word *row = &sim_behaviours[i];
    const char *comma = "";

    if (row->sites == 0) continue;
    fprintf(out, "| `%s%s` | ", row->word, sim_behaviour_tail((enum sim_behaviour)i));
    for (int site = 0; site < SIM_SITE_COUNT; site++) {
      if (!sim_behaviour_fits((enum sim_behaviour)i, (enum sim_site)site)) continue;
      fprintf(out, "%s`%s`", comma, sim_site_words.list[site]);
      comma = ", ";
    }
    fprintf(out, " | %s |\n", row->text);
  }
}

static void put_codes(FILE *out) {
  fprintf(out, "| behaviour | CODE is one of |\n|---|---|\n");
  for (int i = 0; i < SIM_BEHAVIOUR_COUNT; i++) {
    const struct sim_words *codes = sim_behaviour_codes((enum sim_behaviour)i);

    if (!codes) continue;
    fprintf(out, "| `%s CODE` | ", sim_behaviours[i].word);
    for (int c = 0; c < codes->count; c++) fprintf(out, "%s`%s`", c ? ", " : "", codes->list[c]);
    fprintf(out, " |\n");
  }
}

static void put_answers_of(FILE *out, int verb, const char *step) {
  for (int i = 0; i < SIM_ANSWER_COUNT; i++) {
    if (sim_answers[i].verb != verb) continue;
    fprintf(out, "| %s | `%s` | %s |\n", step, sim_answers[i].word, sim_answers[i].text);
    step = "";
  }
}

static void put_answers(FILE *out) {
  fprintf(out, "| step | answer | meaning |\n|---|---|---|\n");
  for (int verb = 0; verb < SIM_VERB_COUNT; verb++) {
    put_answers_of(out, verb, sim_verbs[verb].word);
  }
  put_answers_of(out, SIM_ANY_VERB, "any");
}

static void put_entries(FILE *out) {
  static const char *const causes[] = {[SIM_CAUSE_NOTHING] = "",
                                       [SIM_CAUSE_ACTION] = "an action",
                                       [SIM_CAUSE_PAID] = "an action or a pack"};

  fprintf(out, "| entry | meaning | `\"for\"` |\n|---|---|---|\n");
  for (int i = 0; i < SIM_ENTRY_COUNT; i++) {
    fprintf(out, "| `{ \"%s\": 100 }` | %s | %s |\n", sim_entries[i].word, sim_entries[i].text,
            causes[sim_entries[i].cause]);
  }
}

static void put_bank(FILE *out) {
  const char *const *texts = sim_words_texts(&sim_bank_words);
  const int own = sim_bank_words.count - sim_behaviour_codes(SIM_DECLINED)->count;

  fprintf(out, "| word | meaning |\n|---|---|\n");
  for (int i = 0; i < own; i++) {
    fprintf(out, "| `%s` | %s |\n", sim_bank_words.list[i], texts[i]);
  }
  fprintf(out, "| `declined CODE` | %s |\n", texts[own]);
}

/* ---- The guide ------------------------------------------------------------------------------ */

static const struct {
  const char *name;
  void (*put)(FILE *out);
} tables[] = {{"file", put_file_keys},        {"settings", put_settings}, {"client", put_client},
              {"faults", put_faults},         {"cards", put_cards},       {"plans", put_plans},
              {"events", put_events},         {"measures", put_measures}, {"steps", put_steps},
              {"behaviours", put_behaviours}, {"codes", put_codes},       {"answers", put_answers},
              {"entries", put_entries},       {"bank", put_bank}};

/* The table that a line begins; -1: none; -2: an unknown one. */
static int table_of(const char *line) {
  const size_t size = sizeof(table_begin) - 1;

  if (strncmp(line, table_begin, size) != 0) return -1;
  for (int i = 0; i < COUNT(tables); i++) {
    const size_t name_size = strlen(tables[i].name);
    if (strncmp(line + size, tables[i].name, name_size) == 0 &&
        strcmp(line + size + name_size, " -->\n") == 0) {
      return i;
    }
  }
  return -2;
}

/* Returns: what is wrong, or null */
static const char *fill(FILE *guide, FILE *out) {
  char line[4096];
  bool inside = false;

  while (fgets(line, sizeof(line), guide)) {
    const int table = table_of(line);

    if (strchr(line, '\n') == NULL) return "a line is too long, or the last line has no line feed";
    if (table == -2) return "no table has this name";
    if (table >= 0 && inside) return "a table begins inside another table";
    if (strncmp(line, table_end, sizeof(table_end) - 1) == 0) inside = false;
    if (!inside) fputs(line, out);
    if (table < 0) continue;
    tables[table].put(out);
    inside = true;
  }
  return inside ? "the last table has no end" : NULL;
}

bool sim_guide_fill(const char *path, FILE *out) {
  FILE *guide = fopen(path, "r");
  const char *wrong = guide ? fill(guide, out) : "cannot be read";

  if (guide && ferror(guide)) wrong = "cannot be read";
  if (guide) (void)fclose(guide);
  if (wrong) fprintf(stderr, "%s: %s\n", path, wrong);
  return !wrong && !ferror(out);
}
