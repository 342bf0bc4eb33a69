/* The run's JSON read into the view of run.h. */
#include "run.h"

#include "read.h"
#include "replay.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FORMAT "reloadsim-run-2"
#define MAX_LINE_NUMBER INT_MAX

static const char *const verdict_words[] = {"passed", "failed", "not exhausted",
                                            "nondeterministic"};
static const char *const book_words[] = {"answer", "log", "bank", "mail"};
static const char *const about_words[] = {"card", "tokens", "toggle", "mail", "person", "engine"};

const char *report_verdict_word(enum report_verdict verdict) { return verdict_words[verdict]; }

const char *report_book_word(enum report_book book) { return book_words[book]; }

/* The index of a word, or -1 and a mistake that lists the right ones. */
static int read_word(struct report_reader *reader, const json_t *object, const char *key,
                     const struct report_place *at, const char *const *words, int count) {
  const char *word = report_read_string(reader, object, key, at);
  for (int i = 0; i < count; i++) {
    if (strcmp(word, words[i]) == 0) {
      return i;
    }
  }
  struct report_place place = {.up = at, .key = key};
  char text[160] = "expected one of";
  for (int i = 0; i < count; i++) {
    size_t length = strlen(text);
    snprintf(text + length, sizeof text - length, " \"%s\"", words[i]);
  }
  report_read_fail(reader, &place, text);
  return -1;
}

/* ---- Endings ------------------------------------------------------------------------------ */

static void read_line(struct report_reader *reader, const json_t *element,
                      const struct report_place *at, void *to) {
  struct report_line *line = to;
  int book = read_word(reader, element, "book", at, book_words, 4);
  line->book = book < 0 ? REPORT_ANSWER : (enum report_book)book;
  line->of = report_read_string(reader, element, "of", at);
  line->what = report_read_string(reader, element, "what", at);
  line->kind = report_read_string(reader, element, "kind", at);
  line->detail = report_read_optional(reader, element, "detail", at);
  line->tokens = report_read_number(reader, element, "tokens", at);
  line->balance_tokens = report_read_number(reader, element, "balance", at);
  line->amount_minor = report_read_number(reader, element, "amount_minor", at);
  line->for_id = report_read_optional(reader, element, "for", at);
  line->at = report_read_optional(reader, element, "at", at);
  line->id = report_read_optional(reader, element, "id", at);
}

static struct report_lines read_ledger_lines(struct report_reader *reader, const json_t *object,
                                             const char *key, const struct report_place *at) {
  struct report_lines lines = {.said = false};
  struct report_place place = {.up = at, .key = key};
  const json_t *value = json_object_get(object, key);
  if (value == NULL || json_is_null(value)) {
    return lines;
  }
  if (json_array_size(value) > REPORT_MAX_LINES) {
    report_read_fail(reader, &place, "more ledger lines than one ending may have");
    return lines;
  }
  lines.said = true;
  lines.lines =
      report_read_objects(reader, object, key, at, read_line, sizeof *lines.lines, &lines.count);
  return lines;
}

static void read_sentence(struct report_reader *reader, const json_t *element,
                          const struct report_place *at, void *to) {
  struct report_sentence *sentence = to;
  int about = read_word(reader, element, "about", at, about_words, REPORT_ABOUT_COUNT);
  sentence->about = about < 0 ? REPORT_ABOUT_ENGINE : (enum report_about)about;
  sentence->text = report_read_string(reader, element, "text", at);
}

static void read_event(struct report_reader *reader, const json_t *element,
                       const struct report_place *at, void *to) {
  struct report_event *event = to;
  event->at = report_read_string(reader, element, "at", at);
  event->who = report_read_string(reader, element, "who", at);
  event->text = report_read_string(reader, element, "text", at);
  event->lines = report_read_objects(reader, element, "lines", at, read_sentence,
                                     sizeof *event->lines, &event->line_count);
}

static struct report_story read_story(struct report_reader *reader, const json_t *object,
                                      const struct report_place *at) {
  struct report_story story;
  story.events = report_read_objects(reader, object, "story", at, read_event, sizeof *story.events,
                                     &story.count);
  return story;
}

static void read_ending(struct report_reader *reader, const json_t *element,
                        const struct report_place *at, void *to) {
  struct report_ending *ending = to;
  ending->outcome = report_read_optional(reader, element, "outcome", at);
  ending->nearest = report_read_optional(reader, element, "nearest", at);
  ending->reached = report_read_bool(reader, element, "reached", at);
  ending->path_count = report_read_count(reader, element, "paths", at);
  ending->expected = read_ledger_lines(reader, element, "expected", at);
  ending->actual = read_ledger_lines(reader, element, "actual", at);
  ending->story = read_story(reader, element, at);
  if (ending->reached != ending->actual.said) {
    report_read_fail(reader, at, "\"actual\" must be null exactly when \"reached\" is false");
  }
}

static void read_fault_ending(struct report_reader *reader, const json_t *element,
                              const struct report_place *at, void *to) {
  struct report_ending *ending = to;
  read_ending(reader, element, at, to);
  ending->faults = report_read_strings(reader, element, "faults", at, &ending->fault_count);
}

/* All endings in one array: first those that outcomes describe, then those that only injected
 * faults reach, which older runs do not have. */
static void read_endings(struct report_reader *reader, const json_t *element,
                         const struct report_place *at, struct report_case *a_case) {
  struct report_ending *endings = report_read_objects(reader, element, "endings", at, read_ending,
                                                      sizeof *endings, &a_case->ending_count);
  a_case->endings = endings;
  if (json_object_get(element, "fault_endings") == NULL || reader->failed) {
    return;
  }
  const struct report_ending *fault_endings =
      report_read_objects(reader, element, "fault_endings", at, read_fault_ending,
                          sizeof *fault_endings, &a_case->fault_shown_count);
  a_case->fault_ending_count = report_read_count(reader, element, "fault_ending_count", at);
  size_t count = a_case->ending_count + a_case->fault_shown_count;
  struct report_ending *all = report_room_take(reader->room, count, sizeof *all);
  if (reader->failed || all == NULL) {
    report_read_fail(reader, at, "out of memory");
    return;
  }
  if ((uint64_t)a_case->fault_ending_count < a_case->fault_shown_count) {
    report_read_fail(reader, at,
                     "\"fault_ending_count\" is less than the number of \"fault_endings\"");
  }
  for (size_t i = 0; i < count; i++) {
    all[i] = i < a_case->ending_count ? endings[i] : fault_endings[i - a_case->ending_count];
  }
  a_case->endings = all;
}

/* ---- Cases -------------------------------------------------------------------------------- */

static int64_t read_position(struct report_reader *reader, const json_t *object, const char *key,
                             const struct report_place *at) {
  int64_t number = report_read_count(reader, object, key, at);
  if (number > MAX_LINE_NUMBER) {
    report_read_fail(reader, at, "a line or column number is too large");
  }
  return number;
}

static void read_failure(struct report_reader *reader, const json_t *element,
                         const struct report_place *at, void *to) {
  struct report_failure *failure = to;
  failure->kind = report_read_string(reader, element, "kind", at);
  failure->rule = report_read_optional(reader, element, "rule", at);
  failure->text = report_read_string(reader, element, "text", at);
  failure->file = report_read_string(reader, element, "file", at);
  failure->line = read_position(reader, element, "line", at);
  failure->column = read_position(reader, element, "column", at);
  failure->story = read_story(reader, element, at);
  failure->again = report_read_string(reader, element, "again", at);
  failure->replay = report_read_replay(reader, element, at, reader->directory);
}

/* Failures name their endings by index: resolve them, once the endings are known. */
static void link_endings(struct report_reader *reader, const json_t *element,
                         const struct report_place *at, struct report_case *a_case,
                         struct report_failure *failures) {
  const json_t *array = json_object_get(element, "failures");
  struct report_place list = {.up = at, .key = "failures"};
  for (size_t i = 0; i < a_case->failure_count; i++) {
    struct report_place place = {.up = &list, .index = i};
    int64_t index = report_read_number(reader, json_array_get(array, i), "ending", &place);
    if (index == REPORT_UNSAID) {
      continue;
    }
    if (index < 0 || (uint64_t)index >= a_case->ending_count) {
      report_read_fail(reader, &place, "\"ending\" is not the index of an ending");
      return;
    }
    failures[i].ending = &a_case->endings[index];
  }
}

static void read_given(struct report_reader *reader, const json_t *element,
                       const struct report_place *at, void *to) {
  struct report_given *given = to;
  given->client = report_read_string(reader, element, "client", at);
  given->owner = report_read_string(reader, element, "owner", at);
  given->balance_tokens = report_read_number(reader, element, "balance", at);
  given->plan = report_read_string(reader, element, "plan", at);
  given->card = report_read_optional(reader, element, "card", at);
  given->auto_reload = report_read_string(reader, element, "auto_reload", at);
}

/* A report must not say "passed" about a case with failures. */
static void check_verdict(struct report_reader *reader, const json_t *element,
                          const struct report_place *at, const struct report_case *a_case) {
  bool exhausted = report_read_bool(reader, element, "exhausted", at);
  if (a_case->verdict != REPORT_PASSED) {
    return;
  }
  if (a_case->failure_count > 0) {
    report_read_fail(reader, at, "the verdict is \"passed\", but there are failures");
  } else if (!exhausted) {
    report_read_fail(reader, at, "the verdict is \"passed\", but \"exhausted\" is false");
  }
}

static void read_run_currency(struct report_reader *reader, const json_t *element,
                              const struct report_place *at, struct report_currency *currency) {
  struct report_place place = {.up = at, .key = "decimals"};
  currency->code = report_read_optional(reader, element, "currency", at);
  if (currency->code == NULL) {
    return;
  }
  int64_t decimals = report_read_count(reader, element, "decimals", at);
  if (decimals > 3) {
    report_read_fail(reader, &place, "no currency has more than 3 decimals");
    return;
  }
  currency->decimals = (int)decimals;
}

static void read_run_case(struct report_reader *reader, const json_t *element,
                          const struct report_place *at, void *to) {
  struct report_case *a_case = to;
  a_case->id = report_read_string(reader, element, "id", at);
  a_case->title = report_read_string(reader, element, "title", at);
  a_case->file = report_read_string(reader, element, "file", at);
  read_run_currency(reader, element, at, &a_case->currency);
  a_case->line = read_position(reader, element, "line", at);
  a_case->rules = report_read_strings(reader, element, "rules", at, &a_case->rule_count);
  int verdict = read_word(reader, element, "verdict", at, verdict_words, 4);
  a_case->verdict = verdict < 0 ? REPORT_FAILED : (enum report_verdict)verdict;
  a_case->state_count = report_read_count(reader, element, "states", at);
  a_case->transition_count = report_read_count(reader, element, "transitions", at);
  a_case->depth = report_read_count(reader, element, "depth", at);
  a_case->actors = report_read_strings(reader, element, "actors", at, &a_case->actor_count);
  a_case->clients = report_read_strings(reader, element, "clients", at, &a_case->client_count);
  a_case->given = report_read_objects(reader, element, "given", at, read_given,
                                      sizeof *a_case->given, &a_case->given_count);
  read_endings(reader, element, at, a_case);
  struct report_failure *failures = report_read_objects(
      reader, element, "failures", at, read_failure, sizeof *failures, &a_case->failure_count);
  a_case->failures = failures;
  if (!reader->failed) {
    link_endings(reader, element, at, a_case, failures);
    check_verdict(reader, element, at, a_case);
  }
}

/* ---- The whole run
 * ---------------------------------------------------------------------------- */

static void read_run_rule(struct report_reader *reader, const json_t *element,
                          const struct report_place *at, void *to) {
  struct report_rule *rule = to;
  rule->id = report_read_string(reader, element, "id", at);
  rule->group = report_read_string(reader, element, "group", at);
  rule->source = report_read_string(reader, element, "source", at);
  rule->text = report_read_string(reader, element, "text", at);
}

static void read_mistake(struct report_reader *reader, const json_t *element,
                         const struct report_place *at, void *to) {
  struct report_mistake *mistake = to;
  mistake->file = report_read_string(reader, element, "file", at);
  mistake->line = read_position(reader, element, "line", at);
  mistake->column = read_position(reader, element, "column", at);
  mistake->text = report_read_string(reader, element, "text", at);
}

static void add_run_case(struct report_reader *reader, struct report_totals *totals,
                         const struct report_case *a_case) {
  totals->cases++;
  totals->passed += a_case->verdict == REPORT_PASSED;
  totals->failed += a_case->verdict == REPORT_FAILED;
  totals->not_exhausted += a_case->verdict == REPORT_NOT_EXHAUSTED;
  totals->nondeterministic += a_case->verdict == REPORT_NONDETERMINISTIC;
  for (size_t i = 0; i < a_case->ending_count; i++) {
    totals->endings += a_case->endings[i].reached;
  }
  if (a_case->state_count > INT64_MAX - totals->states ||
      a_case->transition_count > INT64_MAX - totals->transitions ||
      a_case->fault_ending_count > INT64_MAX - totals->fault_endings) {
    report_read_fail(reader, NULL,
                     "the sum of the states or transitions of all cases is too large");
    return;
  }
  totals->states += a_case->state_count;
  totals->transitions += a_case->transition_count;
  totals->fault_endings += a_case->fault_ending_count;
}

/* Count the cases. The totals in the file must agree, or cases are missing. */
static void read_totals(struct report_reader *reader, const json_t *tree, struct report_run *run) {
  for (size_t i = 0; i < run->case_count; i++) {
    add_run_case(reader, &run->totals, &run->cases[i]);
  }
  const json_t *said = report_read_object(reader, tree, "totals", NULL);
  struct report_place at = {.key = "totals"};
  int64_t cases = report_read_count(reader, said, "cases", &at);
  int64_t passed = report_read_count(reader, said, "passed", &at);
  if ((uint64_t)cases != run->totals.cases || (uint64_t)passed != run->totals.passed) {
    char text[160];
    snprintf(text, sizeof text,
             "says %lld cases and %lld passed, but the file holds %zu cases and %zu passed",
             (long long)cases, (long long)passed, run->totals.cases, run->totals.passed);
    report_read_fail(reader, &at, text);
  }
}

static void check_ids(struct report_reader *reader, const struct report_run *run) {
  json_t *seen = json_object();
  for (size_t i = 0; i < run->case_count && !reader->failed; i++) {
    struct report_place list = {.key = "cases"};
    struct report_place place = {.up = &list, .index = i};
    if (json_object_get(seen, run->cases[i].id) != NULL) {
      report_read_fail(reader, &place, "another case has the same id");
    } else if (json_object_set_new(seen, run->cases[i].id, json_true()) != 0) {
      report_read_fail(reader, &place, "out of memory");
    }
  }
  json_decref(seen);
}

static void read_run(struct report_reader *reader, const json_t *tree, struct report_run *run) {
  if (!json_is_object(tree)) {
    report_read_fail(reader, NULL, "expected an object");
    return;
  }
  if (strcmp(report_read_string(reader, tree, "format", NULL), FORMAT) != 0) {
    report_read_fail(reader, NULL,
                     "not a run of this version (\"format\" is not \"" FORMAT
                     "\"): run again with reloadsim run --report");
    return;
  }
  struct report_place at = {.key = "options"};
  const json_t *options = report_read_object(reader, tree, "options", NULL);
  run->version = report_read_string(reader, tree, "version", NULL);
  run->filter = report_read_optional(reader, options, "filter", &at);
  run->shard = report_read_optional(reader, options, "shard", &at);
  run->faults = report_read_optional(reader, options, "faults", &at);
  run->seed = report_read_string(reader, options, "seed", &at);
  run->paths = report_read_strings(reader, options, "paths", &at, &run->path_count);
  run->rules = report_read_objects(reader, tree, "rules", NULL, read_run_rule, sizeof *run->rules,
                                   &run->rule_count);
  run->mistakes = report_read_objects(reader, tree, "mistakes", NULL, read_mistake,
                                      sizeof *run->mistakes, &run->mistake_count);
  run->cases = report_read_objects(reader, tree, "cases", NULL, read_run_case, sizeof *run->cases,
                                   &run->case_count);
  if (!reader->failed) {
    check_ids(reader, run);
    read_totals(reader, tree, run);
  }
}

/* ---- Entry point ------------------------------------------------------------------------ */

static bool has_file(const char *directory, const char *name) {
  char path[PATH_MAX];
  struct stat info;
  int length = snprintf(path, sizeof path, "%s/%s", directory, name);
  return length > 0 && (size_t)length < sizeof path && stat(path, &info) == 0 &&
         S_ISREG(info.st_mode);
}

struct report_run *report_run_read(const json_t *json, const char *directory,
                                   struct report_error *error) {
  error->text[0] = '\0';
  struct report_room *room = report_room_new();
  struct report_run *run = room == NULL ? NULL : report_room_take(room, 1, sizeof *run);
  if (run == NULL) {
    snprintf(error->text, sizeof error->text, "out of memory");
    report_room_free(room);
    return NULL;
  }
  run->room = room;
  struct report_reader reader = {.room = room, .error = error, .directory = directory};
  read_run(&reader, json, run);
  if (reader.failed) {
    report_room_free(room);
    return NULL;
  }
  run->has_code_coverage = directory != NULL && has_file(directory, "coverage/index.html");
  return run;
}

void report_run_free(struct report_run *run) {
  if (run != NULL) {
    report_room_free(run->room);
  }
}

/* ---- Themes ------------------------------------------------------------------------------- */

size_t report_case_theme(const struct report_case *a_case, const char **theme) {
  const char *slash = strchr(a_case->id, '/');
  if (slash == NULL || slash == a_case->id) {
    *theme = "general";
    return strlen(*theme);
  }
  *theme = a_case->id;
  return (size_t)(slash - a_case->id);
}

bool report_same_theme(const struct report_case *a, const struct report_case *b) {
  const char *left;
  const char *right;
  size_t left_length = report_case_theme(a, &left);
  size_t right_length = report_case_theme(b, &right);
  return left_length == right_length && memcmp(left, right, left_length) == 0;
}

bool report_run_is_partial(const struct report_run *run) {
  return run->filter != NULL || run->shard != NULL || run->path_count != 1 ||
         strcmp(run->paths[0], "scenarios") != 0;
}
