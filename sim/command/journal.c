#include "journal.h"

#include "engine_digest.h"
#include "recording.h"
#include "reload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FORMAT "reloadsim-journal-2"

struct sim_journal {
  char path[4096];
  FILE *file;
  bool failed;
};

static struct sim_journal *refuse(struct sim_journal *journal, const char *what) {
  fprintf(stderr, "reloadsim: %s: %s\n", journal->path, what);
  free(journal);
  return NULL;
}

/* What two runs must have in common for the results of one to be those of the other. */
static json_t *head_json(const struct sim_options *options) {
  return json_pack("{s:s, s:s, s:s, s:I, s:I, s:s}", "format", FORMAT, "version", RELOAD_VERSION,
                   "engine", sim_engine_digest(), "seed", (json_int_t)options->seed, "max_states",
                   (json_int_t)options->max_states, "faults", sim_faults_word(options->faults));
}

static json_t *line_json(const struct sim_case *the_case,
                         const struct sim_outcome_of_case *outcome) {
  char digest[SIM_DIGEST_SIZE];
  sim_case_digest(the_case, digest);
  return json_pack("{s:s, s:s, s:i, s:O}", "id", the_case->id, "digest", digest, "verdict",
                   (int)outcome->verdict, "result", outcome->result);
}

/* Whether running the case once more would give the same: it was not cut by an interrupt, nor did
 * its process die. */
static bool is_final(json_int_t verdict, const json_t *result) {
  const char *cut_by = json_string_value(json_object_get(result, "cut_by"));
  bool judged = verdict == SIM_PASSED || verdict == SIM_FAILED || verdict == SIM_NOT_EXHAUSTED;
  return judged && json_is_object(result) && (!cut_by || strcmp(cut_by, "interrupt") != 0);
}

static bool write_line(FILE *file, json_t *line) {
  bool written = line && json_dumpf(line, file, JSON_COMPACT) == 0 && fputc('\n', file) != EOF &&
                 fflush(file) == 0;
  json_decref(line);
  return written;
}

/* ---- Going on ---- */

static const struct sim_case *find(const struct sim_case *const *cases, size_t count,
                                   const char *id, size_t *at) {
  for (*at = 0; id && *at < count; ++*at)
    if (strcmp(cases[*at]->id, id) == 0) return cases[*at];
  return NULL;
}

/* Take over one line; false: it is none of these cases, or the case has changed since. */
static bool take_over(const json_t *line, const struct sim_case *const *cases, size_t count,
                      struct sim_outcome_of_case *outcomes) {
  char digest[SIM_DIGEST_SIZE];
  size_t at;
  const char *told = json_string_value(json_object_get(line, "digest"));
  const struct sim_case *the_case =
      find(cases, count, json_string_value(json_object_get(line, "id")), &at);
  json_t *result = json_object_get(line, "result");
  json_int_t verdict = json_integer_value(json_object_get(line, "verdict"));
  if (!the_case || !told || outcomes[at].result) return false;
  sim_case_digest(the_case, digest);
  if (strcmp(told, digest) != 0 || !is_final(verdict, result)) return false;
  outcomes[at].verdict = (enum sim_verdict)verdict;
  outcomes[at].result = json_incref(result);
  return true;
}

/* Read the lines of a journal; *end is where the last whole one ends. */
static size_t read_lines(FILE *file, const struct sim_case *const *cases, size_t count,
                         struct sim_outcome_of_case *outcomes, long *end) {
  char *text = NULL;
  size_t room = 0, known = 0;
  for (ssize_t length; (length = getline(&text, &room, file)) > 0;) {
    json_t *line = text[length - 1] == '\n' ? json_loadb(text, (size_t)length, 0, NULL) : NULL;
    if (!line) break;
    known += take_over(line, cases, count, outcomes);
    json_decref(line);
    *end = ftell(file);
  }
  free(text);
  return known;
}

/* The first thing in which the journal's run was another one; null: none. */
static const char *difference(const json_t *theirs, const json_t *ours) {
  static const char *const keys[][2] = {{"version", "it is of another version"},
                                        {"engine", "it is of another engine"},
                                        {"seed", "it is of a run with another --seed"},
                                        {"max_states", "it is of a run with other --max-states"},
                                        {"faults", "it is of a run with other --faults"}};
  const char *format = json_string_value(json_object_get(theirs, "format"));
  if (!format || strcmp(format, FORMAT) != 0) return "it is no journal of a run";
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
    if (!json_equal(json_object_get(theirs, keys[i][0]), json_object_get(ours, keys[i][0])))
      return keys[i][1];
  return NULL;
}

static json_t *read_head(FILE *file) {
  char *text = NULL;
  size_t room = 0;
  ssize_t length = getline(&text, &room, file);
  json_t *head = length > 0 ? json_loadb(text, (size_t)length, 0, NULL) : NULL;
  free(text);
  return head;
}

/* Open an earlier run's journal, and take over what it knows. Null: *why. */
static FILE *go_on(const struct sim_journal *journal, const struct sim_options *options,
                   const struct sim_case *const *cases, size_t count,
                   struct sim_outcome_of_case *outcomes, size_t *known, const char **why) {
  FILE *file = fopen(journal->path, "r+");
  *why = "there is no run to go on with (a run that was not interrupted leaves none)";
  if (!file) return NULL;
  json_t *theirs = read_head(file), *ours = head_json(options);
  long end = ftell(file);
  *why = ours ? difference(theirs, ours) : "out of memory";
  if (!*why) *known = read_lines(file, cases, count, outcomes, &end);
  if (!*why && (end < 0 || ftruncate(fileno(file), end) != 0 || fseek(file, end, SEEK_SET) != 0))
    *why = strerror(errno);
  json_decref(theirs);
  json_decref(ours);
  if (!*why) return file;
  (void)fclose(file);
  return NULL;
}

/* ---- The journal ---- */

struct sim_journal *sim_journal_open(const struct sim_options *options, bool resume,
                                     const struct sim_case *const *cases, size_t case_count,
                                     struct sim_outcome_of_case *outcomes, size_t *known,
                                     bool *foreign) {
  struct sim_journal *journal = calloc(1, sizeof *journal);
  const char *why = NULL;
  *known = 0;
  *foreign = false;
  if (!journal) return NULL;
  int size = snprintf(journal->path, sizeof journal->path, "%s/journal", options->report);
  if (size < 0 || (size_t)size >= sizeof journal->path) return refuse(journal, "too long a path");
  if (resume) {
    journal->file = go_on(journal, options, cases, case_count, outcomes, known, &why);
    *foreign = why != NULL;
    return journal->file ? journal : refuse(journal, why);
  }
  journal->file = fopen(journal->path, "w");
  if (journal->file && write_line(journal->file, head_json(options))) return journal;
  why = strerror(errno);
  if (journal->file) (void)fclose(journal->file);
  return refuse(journal, why);
}

void sim_journal_add(void *self, const struct sim_case *the_case,
                     const struct sim_outcome_of_case *outcome) {
  struct sim_journal *journal = self;
  if (!is_final(outcome->verdict, outcome->result) || journal->failed) return;
  if (write_line(journal->file, line_json(the_case, outcome))) return;
  journal->failed = true;
  fprintf(stderr,
          "reloadsim: %s cannot be written: %s; this run goes on, but could not be resumed\n",
          journal->path, strerror(errno));
}

void sim_journal_close(struct sim_journal *journal, bool is_whole) {
  if (!journal) return;
  if (fclose(journal->file) != 0 && !journal->failed)
    fprintf(stderr, "reloadsim: %s cannot be written: %s\n", journal->path, strerror(errno));
  if (is_whole) (void)remove(journal->path);
  free(journal);
}
