/* See report_kit.h. */
#include "report_kit.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef REPORT_FILES
#define REPORT_FILES "tests/report_files"
#endif

/* ---- Files -------------------------------------------------------------------------------- */

char *join(const char *a, const char *b) {
  size_t size = strlen(a) + strlen(b) + 2;
  char *path = malloc(size);
  assert_non_null(path);
  snprintf(path, size, "%s/%s", a, b);
  return path;
}

/* A whole file as a string, to be freed. */
char *slurp(const char *directory, const char *name) {
  char *path = join(directory, name);
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    fail_msg("cannot read %s", path);
  }
  free(path);
  char *text = NULL;
  size_t size = 0;
  FILE *copy = open_memstream(&text, &size);
  assert_non_null(copy);
  for (int c = getc(file); c != EOF; c = getc(file)) {
    putc(c, copy);
  }
  fclose(file);
  fclose(copy);
  return text;
}

void spew(const char *directory, const char *name, const char *text) {
  char *path = join(directory, name);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_true(fputs(text, file) >= 0);
  assert_int_equal(fclose(file), 0);
  free(path);
}

bool exists(const char *directory, const char *name) {
  char *path = join(directory, name);
  bool is_there = access(path, F_OK) == 0;
  free(path);
  return is_there;
}

/* A new run directory that holds a fixture's run.json; to be given to drop(). */
char *take(const char *fixture) {
  char name[] = "/tmp/test_reports.XXXXXX";
  assert_non_null(mkdtemp(name));
  char *from = join(REPORT_FILES, fixture);
  char *text = slurp(from, "run.json");
  spew(name, "run.json", text);
  free(text);
  free(from);
  char *directory = strdup(name);
  assert_non_null(directory);
  return directory;
}

/* Remove a directory and what is in it; below cases/ and coverage/ too. */
void clear(const char *directory) {
  DIR *stream = opendir(directory);
  assert_non_null(stream);
  const struct dirent *entry;
  while ((entry = readdir(stream)) != NULL) {
    char *path = join(directory, entry->d_name);
    struct stat info;
    bool is_dot = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    if (!is_dot && stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
      clear(path);
    } else if (!is_dot) {
      unlink(path);
    }
    free(path);
  }
  closedir(stream);
  rmdir(directory);
}

void drop(char *directory) {
  clear(directory);
  free(directory);
}

/* Load a run, write all its reports and return what was said on errors. */
char *write_all(const char *directory, int wanted) {
  char *said = NULL;
  size_t size = 0;
  FILE *errors = open_memstream(&said, &size);
  assert_non_null(errors);
  json_t *run = report_load(directory, errors);
  int got = run == NULL ? -1 : report_write_all(run, directory, errors);
  json_decref(run);
  fclose(errors);
  if (got != wanted) {
    fail_msg("report_write_all gave %d: %s", got, said);
  }
  return said;
}

void write_well(const char *directory) {
  char *said = write_all(directory, 0);
  assert_string_equal(said, "");
  free(said);
}

char *terminal(const char *directory, enum report_format format, bool colour) {
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  assert_non_null(out);
  json_t *run = report_load(directory, stderr);
  assert_int_equal(report_terminal(run, directory, format, out, colour, stderr), 0);
  json_decref(run);
  fclose(out);
  return text;
}

void assert_has(const char *text, const char *part) {
  if (strstr(text, part) == NULL) {
    fail_msg("not found: %s\nin: %s", part, text);
  }
}

void assert_has_not(const char *text, const char *part) {
  if (strstr(text, part) != NULL) {
    fail_msg("found: %s", part);
  }
}

json_t *load(const char *directory, const char *name) {
  char *path = join(directory, name);
  json_error_t error;
  json_t *tree = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
  if (tree == NULL) {
    fail_msg("%s:%d: %s", path, error.line, error.text);
  }
  free(path);
  return tree;
}

const char *text_at(const json_t *object, const char *key) {
  return json_string_value(json_object_get(object, key));
}

/* What an XPath expression gives on junit.xml, by an independent reader; also checks the syntax. */
void assert_xpath(const char *directory, const char *expression, const char *wanted) {
  char command[512];
  char got[512] = "";
  snprintf(command, sizeof command, "xmllint --nonet --xpath \"%s\" %s/junit.xml 2>&1", expression,
           directory);
  FILE *pipe = popen(command, "r");
  assert_non_null(pipe);
  size_t length = fread(got, 1, sizeof got - 1, pipe);
  got[length] = '\0';
  assert_int_equal(pclose(pipe), 0);
  got[strcspn(got, "\n")] = '\0';
  assert_string_equal(got, wanted);
}

/* `from` replaced by `to` in the directory's run.json. */
void replace_in_run(const char *directory, const char *from, const char *to) {
  char *text = slurp(directory, "run.json");
  char *at = strstr(text, from);
  if (at == NULL) {
    fail_msg("not in the fixture: %s", from);
    return;
  }
  char *whole = malloc(strlen(text) + strlen(to) + 1);
  assert_non_null(whole);
  sprintf(whole, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
  spew(directory, "run.json", whole);
  free(whole);
  free(text);
}
