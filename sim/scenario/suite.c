/* The suite: from paths to files, from files to cases. */
#include "reader.h"
#include "rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- One file ----------------------------------------------------------------------------- */

static struct sim_reader reader_new(struct sim_suite *suite, const char *file) {
  return (struct sim_reader){.suite = suite, .file = file, .first_mistake = suite->mistake_count};
}

/* If memory runs out, that is a mistake of the file being read. */
static void reader_end(struct sim_reader *reader) {
  struct sim_suite *suite = reader->suite;

  if (suite->keep.failed || suite->scratch.failed || suite->row.failed) {
    sim_mistake_at(reader, sim_file_start(reader->file), "out of memory");
  }
  sim_mistakes_end(reader);
  suite->keep.failed = false;
  sim_arena_clear(&suite->scratch);
  sim_arena_clear(&suite->row);
}

static bool is_out_of_memory(const struct sim_suite *suite) {
  return suite->keep.failed || suite->scratch.failed || suite->row.failed;
}

static bool add_suite_case(struct sim_suite *suite, const struct sim_case *scenario) {
  const struct sim_case **items =
      sim_grow(suite->cases, suite->case_count, &suite->case_room, sizeof(*items));

  if (!items) return false;
  suite->cases = items;
  suite->cases[suite->case_count++] = scenario;
  return true;
}

/* Read one case: the whole file, or one row of its matrix. */
static void read_file_case(struct sim_reader *reader, const struct sim_json *root,
                           const struct sim_json *row, const char *id, bool *used) {
  struct sim_suite *suite = reader->suite;
  struct sim_case *scenario = sim_arena_alloc(&suite->keep, 1, sizeof(*scenario));
  struct sim_json *expanded = sim_matrix_expand(reader, root, row, used);

  if (!scenario || !expanded) return;
  reader->scenario = scenario;
  reader->share_count = 0;
  scenario->id = id;
  scenario->place = row ? row->place : sim_file_start(reader->file);
  if (sim_read_scenario(reader, expanded) && !is_out_of_memory(suite) &&
      !add_suite_case(suite, scenario)) {
    sim_mistake_at(reader, scenario->place, "out of memory");
  }
}

static void read_matrix(struct sim_reader *reader, const struct sim_json *root,
                        struct sim_json *cases, const char *id) {
  struct sim_suite *suite = reader->suite;
  bool used[SIM_MAX_COLUMNS + 1] = {false};

  for (struct sim_json *row = cases->first; row; row = row->next) {
    const char *name = sim_json_get(row, "case")->text;

    reader->row_name = name;
    read_file_case(reader, root, row, sim_arena_format(&suite->keep, "%s#%s", id, name), used);
    sim_arena_clear(&suite->row);
    if (is_out_of_memory(suite) || reader->mistake_count > SIM_MAX_FILE_MISTAKES) break;
  }
  reader->row_name = NULL;
  sim_matrix_check_used(reader, cases, used);
}

/* A text in place of the file; null: read the file on the disk. */
struct memory {
  const char *text;
  size_t size;
};

static struct sim_json *load(struct sim_reader *reader, const struct memory *memory,
                             struct sim_json_error *error) {
  struct sim_arena *scratch = &reader->suite->scratch;

  if (!memory) return sim_json_load(scratch, reader->file, error);
  if (memory->size <= SIM_MAX_FILE_BYTES)
    return sim_json_read(scratch, reader->file, memory->text, memory->size, error);
  error->place = sim_file_start(reader->file);
  (void)snprintf(error->text, sizeof(error->text),
                 "the text has %zu bytes, more than the limit of %d", memory->size,
                 SIM_MAX_FILE_BYTES);
  return NULL;
}

static void read_tree(struct sim_reader *reader, const struct memory *memory, const char *id) {
  struct sim_json_error error;
  struct sim_json *root = load(reader, memory, &error);
  struct sim_json *cases;

  if (!root) {
    sim_mistake_at(reader, error.place, "%s", error.text);
    return;
  }
  if (!sim_read_type(reader, root, "a scenario", SIM_JSON_OBJECT)) return;
  cases = sim_json_get(root, "cases");
  if (!cases) {
    read_file_case(reader, root, NULL, id, NULL);
  } else if (sim_matrix_check(reader, cases)) {
    read_matrix(reader, root, cases, id);
  }
}

/* ---- Files and folders -------------------------------------------------------------------- */

/* The file that was read with this id, or null. */
static const struct sim_read_file *find_file(const struct sim_suite *suite, const char *id) {
  for (size_t i = 0; i < suite->file_count; i++) {
    if (strcmp(suite->files[i].id, id) == 0) return &suite->files[i];
  }
  return NULL;
}

static bool is_same_file(const char *a, const char *b) {
  struct stat left, right;

  return stat(a, &left) == 0 && stat(b, &right) == 0 && left.st_dev == right.st_dev &&
         left.st_ino == right.st_ino;
}

static bool add_file(struct sim_suite *suite, const char *path, const char *id) {
  struct sim_read_file *items =
      sim_grow(suite->files, suite->file_count, &suite->file_room, sizeof(*items));

  if (!items) return false;
  suite->files = items;
  suite->files[suite->file_count++] = (struct sim_read_file){path, id};
  return true;
}

static bool is_shared(const char *id) {
  return strncmp(id, "shared/", 7) == 0 || strstr(id, "/shared/") != NULL;
}

static bool read_file(struct sim_suite *suite, const char *path, const struct memory *memory) {
  const char *file = sim_arena_text(&suite->keep, path, strlen(path));
  const char *id = sim_path_id(&suite->keep, file);
  const struct sim_read_file *known = id ? find_file(suite, id) : NULL;
  struct sim_reader reader = reader_new(suite, file);
  const size_t case_count = suite->case_count;

  if (known && !memory && is_same_file(known->path, file)) return true; /* named twice */
  if (suite->keep.failed) {
    reader.failed = true; /* reader_end() reports why */
  } else if (!id) {
    sim_mistake_at(&reader, sim_file_start(file),
                   "the name of a scenario file must be UTF-8 without "
                   "control characters and \"#\"");
  } else if (known) {
    sim_mistake_at(&reader, sim_file_start(file),
                   "the cases of %s have the same ids: rename one of the "
                   "two files",
                   known->path);
  } else if (is_shared(id)) {
    sim_mistake_at(&reader, sim_file_start(file),
                   "a file below a folder named \"shared\" is not a scenario: other files name it "
                   "in \"shares\"");
  } else if (!add_file(suite, file, id)) {
    sim_mistake_at(&reader, sim_file_start(file), "out of memory");
  } else {
    read_tree(&reader, memory, id);
  }
  reader_end(&reader);
  if (reader.failed) suite->case_count = case_count; /* all cases of a file, or none */
  return !reader.failed;
}

static bool read_folder(struct sim_suite *suite, const char *path) {
  const char *folder = sim_arena_text(&suite->keep, path, strlen(path));
  struct sim_reader reader = reader_new(suite, folder);
  struct sim_paths paths = {.arena = &suite->keep};
  bool fine = true;

  if (!sim_paths_walk(&reader, folder, &paths)) {
    sim_mistake_at(&reader, sim_file_start(folder), "out of memory");
  } else if (paths.count == 0 && !reader.failed) {
    sim_mistake_at(&reader, sim_file_start(folder),
                   "there is no scenario (*.json) below this folder");
  }
  reader_end(&reader);
  for (size_t i = 0; i < paths.count; i++) {
    if (!read_file(suite, paths.list[i], NULL)) fine = false;
  }
  free(paths.list);
  return fine && !reader.failed;
}

bool sim_suite_read(struct sim_suite *suite, const char *path) {
  struct stat status;

  if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) return read_folder(suite, path);
  return read_file(suite, path, NULL);
}

bool sim_suite_read_text(struct sim_suite *suite, const char *name, const char *text, size_t size) {
  return read_file(suite, name, &(struct memory){text, size});
}

void sim_suite_refuse(struct sim_suite *suite, const char *name, const char *text) {
  const char *file = sim_arena_text(&suite->keep, name, strlen(name));
  struct sim_reader reader = reader_new(suite, file);
  sim_mistake_at(&reader, sim_file_start(file), "%s", text);
  reader_end(&reader);
}

/* ---- The suite ---------------------------------------------------------------------------- */

static void read_catalogue(struct sim_suite *suite, const char *rules_path) {
  const char *file = sim_arena_text(&suite->keep, rules_path, strlen(rules_path));
  struct sim_reader reader = reader_new(suite, file);
  struct sim_json_error error;
  struct sim_json *root = sim_json_load(&suite->scratch, file, &error);

  if (root) {
    sim_rules_read(&reader, root);
  } else {
    sim_mistake_at(&reader, error.place, "%s", error.text);
  }
  reader_end(&reader);
}

struct sim_suite *sim_suite_new(const char *rules_path) {
  return sim_suite_new_limited(rules_path, SIM_MAX_SUITE_BYTES);
}

static struct sim_suite *suite_new(size_t limit_bytes) {
  struct sim_suite *suite = calloc(1, sizeof(*suite));

  if (!suite) return NULL;
  suite->mistakes = sim_grow(NULL, 0, &suite->mistake_room, sizeof(*suite->mistakes));
  if (!suite->mistakes) {
    free(suite);
    return NULL;
  }
  suite->keep.limit_bytes = suite->scratch.limit_bytes = suite->row.limit_bytes = limit_bytes;
  return suite;
}

struct sim_suite *sim_suite_new_limited(const char *rules_path, size_t limit_bytes) {
  struct sim_suite *suite = suite_new(limit_bytes);

  if (suite) read_catalogue(suite, rules_path);
  return suite;
}

struct sim_suite *sim_suite_beside(const struct sim_suite *other) {
  struct sim_suite *suite = suite_new(SIM_MAX_SUITE_BYTES);

  if (!suite) return NULL;
  suite->rules = other->rules;
  suite->rule_count = other->rule_count;
  return suite;
}

void sim_suite_free(struct sim_suite *suite) {
  if (!suite) return;
  sim_arena_clear(&suite->keep);
  sim_arena_clear(&suite->scratch);
  sim_arena_clear(&suite->row);
  free(suite->cases);
  free(suite->mistakes);
  free(suite->files);
  free(suite);
}

size_t sim_suite_cases(const struct sim_suite *suite, const struct sim_case *const **cases) {
  *cases = suite->cases;
  return suite->case_count;
}

const struct sim_case *sim_suite_find(const struct sim_suite *suite, const char *id) {
  for (size_t i = 0; i < suite->case_count; i++)
    if (strcmp(suite->cases[i]->id, id) == 0) return suite->cases[i];
  return NULL;
}

size_t sim_suite_mistakes(const struct sim_suite *suite, const struct sim_mistake **mistakes) {
  *mistakes = suite->mistakes;
  return suite->mistake_count;
}

size_t sim_suite_rules(const struct sim_suite *suite, const struct sim_rule **rules) {
  *rules = suite->rules;
  return suite->rule_count;
}
