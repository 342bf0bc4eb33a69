/* The matrix: "cases" has one row for each case, and "${column}" stands for the row's value. */
#include "reader.h"

#include <string.h>

/* ---- Checking the rows -------------------------------------------------------------------- */

static const char *row_name(const struct sim_json *row) {
  const struct sim_json *name = sim_json_get(row, "case");

  return name && name->type == SIM_JSON_STRING ? name->text : "?";
}

static bool check_row(struct sim_reader *reader, struct sim_json *row) {
  struct sim_json *name;
  bool fine = true;

  if (!sim_read_type(reader, row, "a row of \"cases\"", SIM_JSON_OBJECT)) return false;
  name = sim_json_get(row, "case");
  if (!name) {
    sim_mistake(reader, row, "this row has no \"case\", which is the last part of the case's id");
    return false;
  }
  if (row->count > SIM_MAX_COLUMNS + 1) {
    sim_mistake(reader, row, "a row may have at most %d columns", SIM_MAX_COLUMNS);
    return false;
  }
  for (struct sim_json *cell = row->first; cell; cell = cell->next) {
    if (sim_is_name(cell->key)) continue;
    sim_mistake_key(reader, cell,
                    "the column's name %s must be 1 to %d letters, digits, \".\", "
                    "\"_\" or \"-\"",
                    sim_quote(reader, cell->key), SIM_MAX_NAME_BYTES);
    fine = false;
  }
  return sim_read_name(reader, name, "\"case\"") && fine;
}

/* Every row has the columns of the first. */
static bool check_columns(struct sim_reader *reader, const struct sim_json *first,
                          struct sim_json *row) {
  const char *list[SIM_MAX_COLUMNS + 1];
  struct sim_words columns = {"column", 0, list};
  bool fine = true;

  for (const struct sim_json *cell = first->first; cell; cell = cell->next) {
    list[columns.count++] = cell->key;
    if (sim_json_get(row, cell->key)) continue;
    sim_mistake(reader, row, "the row \"%s\" has no \"%s\", which the first row has", row_name(row),
                cell->key);
    fine = false;
  }
  for (struct sim_json *cell = row->first; cell; cell = cell->next) {
    if (sim_words_index(&columns, cell->key) >= 0) continue;
    sim_mistake_key(reader, cell, "the first row has no \"%s\": %s", cell->key,
                    sim_expected(reader, &columns, cell->key));
    fine = false;
  }
  return fine;
}

static bool check_name(struct sim_reader *reader, const struct sim_json *cases,
                       const struct sim_json *row) {
  struct sim_json *name = sim_json_get(row, "case");

  for (const struct sim_json *other = cases->first; other != row; other = other->next) {
    if (strcmp(row_name(other), name->text) != 0) continue;
    sim_mistake(reader, name, "the case \"%s\" is already in line %d", name->text,
                other->place.line);
    return false;
  }
  return true;
}

bool sim_matrix_check(struct sim_reader *reader, struct sim_json *cases) {
  bool fine = true;

  if (!sim_read_type(reader, cases, "\"cases\"", SIM_JSON_ARRAY) ||
      !sim_read_list(reader, cases, "\"cases\"", 1, SIM_MAX_CASES)) {
    return false;
  }
  for (struct sim_json *row = cases->first; row; row = row->next) {
    if (!check_row(reader, row)) fine = false;
  }
  if (!fine) return false;
  for (struct sim_json *row = cases->first; row; row = row->next) {
    if (!check_columns(reader, cases->first, row)) fine = false;
    if (!check_name(reader, cases, row)) fine = false;
  }
  return fine;
}

void sim_matrix_check_used(struct sim_reader *reader, struct sim_json *cases, const bool *used) {
  int i = 0;

  for (struct sim_json *cell = cases->first->first; cell; cell = cell->next) {
    if (used[i++] || strcmp(cell->key, "case") == 0) continue;
    sim_mistake_key(
        reader, cell,
        "the column \"%s\" is never used: write \"${%s}\" where its value belongs, or remove it",
        cell->key, cell->key);
  }
}

/* ---- Replacing ---------------------------------------------------------------------------- */

struct expand {
  struct sim_reader *reader;
  struct sim_arena *arena;
  const struct sim_json *row;
  bool *used;
};

/* The row's cell for the "${name}" at the start of `text`, or null after a mistake. */
static const struct sim_json *find_cell(struct expand *expand, struct sim_json *json,
                                        const char *text, size_t *size) {
  struct sim_reader *reader = expand->reader;
  const char *list[SIM_MAX_COLUMNS + 1];
  struct sim_words columns = {"column", 0, list};
  const size_t length = strcspn(text, "}");
  const char *name;
  int i = 0;

  if (text[length] != '}') {
    sim_mistake(reader, json, "a \"}\" is missing after \"${\"");
    return NULL;
  }
  name = sim_arena_text(expand->arena, text + 2, length - 2);
  *size = length + 1;
  for (const struct sim_json *cell = expand->row ? expand->row->first : NULL; cell;
       cell = cell->next, i++) {
    list[columns.count++] = cell->key;
    if (strcmp(cell->key, name) != 0) continue;
    expand->used[i] = true;
    return cell;
  }
  if (expand->row) {
    sim_mistake(reader, json, "unknown column %s in \"${...}\": %s", sim_quote(reader, name),
                sim_expected(reader, &columns, name));
  } else {
    sim_mistake(reader, json, "\"${...}\" needs a row of \"cases\", and this file has none");
  }
  return NULL;
}

static bool holds_variable(const char *text) { return strstr(text, "${") != NULL; }

/* A text that contains "${column}": only strings and whole numbers can be inserted. */
static void expand_text(struct expand *expand, struct sim_json *json) {
  struct sim_reader *reader = expand->reader;
  const char *rest = json->text, *done = "", *found;

  while ((found = strstr(rest, "${")) != NULL) {
    size_t size = 0;
    const struct sim_json *cell = find_cell(expand, json, found, &size);
    const int before = (int)(found - rest);

    if (!cell) return;
    if (cell->type == SIM_JSON_STRING) {
      done = sim_arena_format(expand->arena, "%s%.*s%s", done, before, rest, cell->text);
    } else if (cell->type == SIM_JSON_INTEGER) {
      done = sim_arena_format(expand->arena, "%s%.*s%lld", done, before, rest,
                              (long long)cell->number);
    } else {
      sim_mistake(reader, json,
                  "\"${%s}\" is %s in the row \"%s\": only strings and whole numbers can be "
                  "inserted in a text",
                  cell->key, sim_json_type_word(cell->type), row_name(expand->row));
      return;
    }
    if (strlen(done) > SIM_MAX_NOTE_CHARACTERS) {
      sim_mistake(reader, json, "this text is longer than %d bytes after replacement",
                  SIM_MAX_NOTE_CHARACTERS);
      return;
    }
    rest = found + size;
  }
  json->text = sim_arena_format(expand->arena, "%s%s", done, rest);
  json->from_row = true;
}

static void expand_string(struct expand *expand, struct sim_json *json) {
  const struct sim_json *cell;
  size_t size = 0;

  if (strncmp(json->text, "${", 2) != 0 || strcspn(json->text, "}") + 1 != strlen(json->text)) {
    expand_text(expand, json);
    return;
  }
  cell = find_cell(expand, json, json->text, &size);
  if (!cell) return;
  json->type = cell->type;
  json->place = cell->place; /* the mistake is in the row */
  json->text = cell->text;
  json->number = cell->number;
  json->yes = cell->yes;
  json->count = cell->count;
  json->first =
      cell->first; /* shared with the tree: it never changes, except for marks of mistakes */
  json->from_row = true;
}

static struct sim_json *expand_node(struct expand *expand, const struct sim_json *from) {
  struct sim_json *json = sim_arena_alloc(expand->arena, 1, sizeof(*json));
  struct sim_json **link;

  if (!json) return NULL;
  *json = *from;
  json->next = NULL;
  if (json->type == SIM_JSON_STRING && holds_variable(json->text)) expand_string(expand, json);
  if (json->first != from->first) return json; /* a row's value is used unchanged */
  link = &json->first;
  for (const struct sim_json *child = from->first; child; child = child->next) {
    *link = expand_node(expand, child);
    if (!*link) return NULL;
    if (child->key && holds_variable(child->key)) {
      sim_mistake_key(expand->reader, *link, "\"${...}\" is allowed in values only, not in keys");
    }
    link = &(*link)->next;
  }
  return json;
}

struct sim_json *sim_matrix_expand(struct sim_reader *reader, const struct sim_json *json,
                                   const struct sim_json *row, bool *used) {
  struct expand expand = {.reader = reader, .arena = &reader->suite->row, .row = row};
  struct sim_json *copy = sim_arena_alloc(expand.arena, 1, sizeof(*copy));
  struct sim_json **link;

  if (!copy) return NULL;
  expand.used = used;
  *copy = *json;
  link = &copy->first;
  *link = NULL;
  copy->count = 0;
  for (const struct sim_json *child = json->first; child; child = child->next) {
    if (strcmp(child->key, "cases") == 0) continue; /* the rows themselves */
    *link = expand_node(&expand, child);
    if (!*link) return NULL;
    copy->count++;
    link = &(*link)->next;
  }
  return copy;
}
