#include "named.h"

#include "grow.h"
#include "suffix.h"
#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_SIZE = 4096 };

/* The file of a case, by its id; "" if it cannot be an id. */
static void file_of(const char *id, char path[PATH_SIZE]) {
  int size = snprintf(path, PATH_SIZE, SIM_SUITE_FOLDER "/%.*s.json", (int)strcspn(id, "#"), id);
  if (size < 0 || size >= PATH_SIZE || id[0] == '/' || id[0] == '.') path[0] = '\0';
}

static bool path_exists(const char *path) {
  struct stat status;
  return path[0] && stat(path, &status) == 0;
}

/* ---- A word that names no file and no case ---- */

/* The case id in the folder that is nearest to a word, or null. It belongs to the suite. */
static const char *nearest_id(struct sim_suite *suite, const char *word) {
  const struct sim_case *const *cases;
  size_t count = sim_suite_cases(suite, &cases);
  const char **ids = calloc(count + 1, sizeof *ids);
  if (!ids) return NULL;
  for (size_t i = 0; i < count; i++) ids[i] = cases[i]->id;
  const struct sim_words words = {.count = (int)count, .list = ids};
  const char *near = sim_words_nearest(&words, word);
  free(ids);
  return near;
}

static void refuse_word(struct sim_suite *suite, const char *word) {
  struct sim_suite *all = path_exists(SIM_SUITE_FOLDER) ? sim_suite_beside(suite) : NULL;
  char text[300];
  if (all) (void)sim_suite_read(all, SIM_SUITE_FOLDER);
  const char *near = all ? nearest_id(all, word) : NULL;
  int size =
      snprintf(text, sizeof text,
               "there is no such file, and no case in " SIM_SUITE_FOLDER " has this id%s%.200s%s",
               near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
  sim_suite_refuse(suite, word, size < 0 ? "there is no such file" : text);
  sim_suite_free(all);
}

/* ---- Reading ---- */

static bool add_row(struct sim_named *named, const char *id) {
  const char **rows = sim_grow(named->rows, named->row_count, &named->row_room, sizeof *rows);
  if (!rows) return false;
  named->rows = rows;
  named->rows[named->row_count++] = id;
  return true;
}

/* Whether a file was read only for single rows. */
static bool is_of_rows(const struct sim_named *named, const char *id) {
  size_t size = strcspn(id, "#");
  for (size_t i = 0; i < named->row_count; i++)
    if (strncmp(named->rows[i], id, size + 1) == 0) return true;
  return false;
}

static bool names_path(const char *word) {
  char path[PATH_SIZE];
  file_of(word, path);
  return path_exists(word) || sim_ends_in(word, ".json") ||
         (!strchr(word, '#') && path_exists(path));
}

/* A path, or the id of a whole file. */
static void read_path(struct sim_suite *suite, const char *word) {
  char path[PATH_SIZE];
  file_of(word, path);
  (void)sim_suite_read(suite, path_exists(word) || sim_ends_in(word, ".json") ? word : path);
}

/* The id of a row. Its file is read, unless another word has named the whole of it.
 * Returns: false when out of memory */
static bool read_row(struct sim_named *named, struct sim_suite *suite, const char *id) {
  char path[PATH_SIZE];
  bool is_whole = sim_suite_find(suite, id) && !is_of_rows(named, id);
  file_of(id, path);
  if (is_whole) return true;
  if (!strchr(id, '#') || !path_exists(path)) {
    refuse_word(suite, id);
    return true;
  }
  bool is_good = sim_suite_read(suite, path); /* else the suite's mistakes say why */
  if (is_good && !sim_suite_find(suite, id)) refuse_word(suite, id);
  return add_row(named, id); /* also if there is no such row: no other row was named */
}

bool sim_named_read(struct sim_named *named, struct sim_suite *suite, char *const *words,
                    int word_count) {
  bool good = true;
  if (word_count == 0) (void)sim_suite_read(suite, SIM_SUITE_FOLDER);
  for (int i = 0; i < word_count; i++)
    if (names_path(words[i])) read_path(suite, words[i]);
  for (int i = 0; i < word_count && good; i++)
    if (!names_path(words[i])) good = read_row(named, suite, words[i]);
  return good;
}

bool sim_named_has(const struct sim_named *named, const struct sim_case *the_case) {
  for (size_t i = 0; i < named->row_count; i++)
    if (strcmp(named->rows[i], the_case->id) == 0) return true;
  return !is_of_rows(named, the_case->id);
}

void sim_named_free(struct sim_named *named) {
  free(named->rows);
  *named = (struct sim_named){.rows = NULL};
}
