/* reloadsim-language: what is generated from the language's tables. `make` runs it.
 *
 *   reloadsim-language schema FRAME RULES   the frame, filled: a JSON Schema
 *   reloadsim-language guide GUIDE          the guide, with its tables made anew
 *
 * Writes to standard output. Exit code 0, or 1 after a message. */
#include "guide.h"
#include "schema.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool put_schema(const char *frame_path, const char *rules_path) {
  json_error_t error = {.text = ""};
  const char *unknown = NULL;
  json_t *frame = json_load_file(frame_path, JSON_REJECT_DUPLICATES, &error);
  struct sim_suite *suite = sim_suite_new(rules_path);
  const struct sim_mistake *mistakes;
  size_t mistake_count = suite ? sim_suite_mistakes(suite, &mistakes) : 0;
  json_t *schema = NULL;

  if (!frame) {
    fprintf(stderr, "%s:%d:%d: %s\n", frame_path, error.line, error.column, error.text);
  } else if (mistake_count > 0) {
    fprintf(stderr, "%s:%d: %s\n", rules_path, mistakes[0].place.line, mistakes[0].text);
  } else if (suite) {
    schema = sim_schema_fill(frame, suite, &unknown);
    if (unknown) fprintf(stderr, "%s: nothing is known of \"%s\"\n", frame_path, unknown);
  }
  bool done = schema && json_dumpf(schema, stdout, JSON_INDENT(2)) == 0 && putchar('\n') != EOF;
  json_decref(schema);
  json_decref(frame);
  sim_suite_free(suite);
  return done;
}

int main(int argc, char **argv) {
  bool done = false;

  if (argc == 4 && strcmp(argv[1], "schema") == 0)
    done = put_schema(argv[2], argv[3]);
  else if (argc == 3 && strcmp(argv[1], "guide") == 0)
    done = sim_guide_fill(argv[2], stdout);
  else
    fprintf(stderr, "usage: reloadsim-language schema FRAME RULES | guide GUIDE\n");
  if (done && fflush(stdout) == 0) return 0;
  fprintf(stderr, "reloadsim-language: nothing was made\n");
  return 1;
}
