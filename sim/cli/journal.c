#include "journal.h"

#include "case_json.h"
#include "cases.h"
#include "engine_digest.h"
#include "evidence.h"
#include "trace_file.h"
#include "reload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define FORMAT "reloadsim-journal-2"

/* Each line: the hash of the rest as hex digits, a space, an object of JSON. */
enum { SEAL_DIGITS = 16, SEAL_SIZE = SEAL_DIGITS + 1 };

struct sim_journal {
  char path[4096];
  FILE *file;
  bool failed;
  size_t others; /* lines about cases that this run has not chosen */
};

/* The state of reading an earlier run's journal. */
struct reading {
  FILE *file;
  const struct sim_case *const *cases;
  size_t count;
  struct sim_outcome_of_case *outcomes;
  size_t known, others;
  int line;      /* number of the present line */
  long end;      /* of the last whole line */
  char why[100]; /* why it cannot be resumed; "": it can */
};

static struct sim_journal *refuse_journal(struct sim_journal *journal, const char *what) {
  fprintf(stderr, "reloadsim: %s: %s\n", journal->path, what);
  free(journal);
  return NULL;
}

/* What two runs must have in common so that one can take over the results of the other. */
static json_t *head_json(const struct sim_options *options) {
  return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:s}", "format", FORMAT, "version",
                   RELOAD_VERSION, "engine", sim_engine_digest(), "simulator",
                   sim_simulator_digest(), "seed", (json_int_t)options->seed, "max_states",
                   (json_int_t)options->max_states, "faults", sim_faults_word(options->faults));
}

static void put_case_place(FILE *out, struct sim_place place) {
  fprintf(out, "%s %d %d\n", place.file, place.line, place.column);
}

/* The line and column of everything that a failure may point to. */
static void put_places(FILE *out, const struct sim_case *the_case) {
  put_case_place(out, the_case->place);
  for (int i = 0; i < the_case->every_count; i++) put_case_place(out, the_case->every[i].place);
  for (int i = 0; i < the_case->outcome_count; i++)
    put_case_place(out, the_case->outcomes[i].place);
  for (int a = 0; a < the_case->actor_count; a++)
    for (int s = 0; s < the_case->actors[a].step_count; s++)
      put_case_place(out, the_case->actors[a].steps[s].place);
}

/* All that a case's verdict and result depend on: the world, the steps, the expectations, the
 * texts, and their places in the file. */
static bool print_case(const struct sim_case *the_case, char print[SIM_HASH_TEXT_SIZE]) {
  char digest[SIM_HASH_TEXT_SIZE], expects[SIM_HASH_TEXT_SIZE], *text = NULL;
  size_t size = 0;
  json_t *case_json = sim_case_json(the_case);
  FILE *out = case_json ? open_memstream(&text, &size) : NULL;
  sim_case_digest(the_case, digest);
  sim_evidence_expects(the_case, expects);
  bool written = out && fprintf(out, "%s %s\n%s\n", digest, expects, the_case->title) > 0 &&
                 json_dumpf(case_json, out, JSON_COMPACT) == 0;
  if (written) put_places(out, the_case);
  if (out && fclose(out) != 0) written = false;
  XXH128_hash_t hash = XXH3_128bits(written ? text : "", written ? size : 0);
  sim_hash_text((struct sim_hash){.low = hash.low64, .high = hash.high64}, print);
  free(text);
  json_decref(case_json);
  return written;
}

static json_t *journal_line(const struct sim_case *the_case,
                            const struct sim_outcome_of_case *outcome) {
  char print[SIM_HASH_TEXT_SIZE];
  if (!print_case(the_case, print)) return NULL;
  return json_pack("{s:s, s:s, s:i, s:O}", "id", the_case->id, "digest", print, "verdict",
                   (int)outcome->verdict, "result", outcome->result);
}

/* Whether the result can be kept: no interrupt cut the search, and its process did not die. */
static bool can_be_kept(json_int_t verdict, const json_t *result) {
  bool judged = verdict == SIM_PASSED || verdict == SIM_FAILED || verdict == SIM_NOT_EXHAUSTED;
  return judged && json_is_object(result) && !sim_case_was_cut(result);
}

static void seal_of(const char *text, size_t size, char seal[SEAL_SIZE]) {
  (void)snprintf(seal, SEAL_SIZE, "%016llx", (unsigned long long)XXH3_64bits(text, size));
}

static bool write_line(FILE *file, json_t *line) {
  char seal[SEAL_SIZE], *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
  if (text) seal_of(text, strlen(text), seal);
  bool written = text && fprintf(file, "%s %s\n", seal, text) > 0 && fflush(file) == 0;
  free(text);
  json_decref(line);
  return written;
}

/* ---- Resuming ---- */

static const struct sim_case *find_journal_line(const struct sim_case *const *cases, size_t count,
                                                const char *id, size_t *at) {
  for (*at = 0; id && *at < count; ++*at)
    if (strcmp(cases[*at]->id, id) == 0) return cases[*at];
  return NULL;
}

/* Take over the result of one line, unless its case has changed. */
static void take_over(struct reading *reading, const json_t *line) {
  char print[SIM_HASH_TEXT_SIZE];
  size_t at;
  const char *digest = json_string_value(json_object_get(line, "digest"));
  const struct sim_case *the_case = find_journal_line(
      reading->cases, reading->count, json_string_value(json_object_get(line, "id")), &at);
  json_t *result = json_object_get(line, "result");
  json_int_t verdict = json_integer_value(json_object_get(line, "verdict"));
  reading->others += !the_case;
  if (!the_case || !digest || reading->outcomes[at].result) return;
  if (!print_case(the_case, print) || strcmp(digest, print) != 0 || !can_be_kept(verdict, result))
    return;
  reading->outcomes[at].verdict = (enum sim_verdict)verdict;
  reading->outcomes[at].result = json_incref(result);
  reading->known++;
}

/* The next line as JSON; null at the end, and where a crash has cut the last line off. A changed
 * line is refused. */
static json_t *next_line(struct reading *reading) {
  char seal[SEAL_SIZE], *text = NULL;
  size_t room = 0;
  json_t *line = NULL;
  ssize_t length = getline(&text, &room, reading->file);
  if (length > 0 && text[length - 1] == '\n') {
    size_t size = (size_t)length - 1, body = size > SEAL_SIZE ? size - SEAL_SIZE : 0;
    reading->line++;
    seal_of(text + size - body, body, seal);
    if (body > 0 && memcmp(text, seal, SEAL_DIGITS) == 0 && text[SEAL_DIGITS] == ' ')
      line = json_loadb(text + SEAL_SIZE, body, 0, NULL);
    if (!line)
      (void)snprintf(reading->why, sizeof reading->why,
                     "line %d was changed: its checksum does not match", reading->line);
    reading->end = ftell(reading->file);
  }
  free(text);
  return line;
}

/* The first difference between the journal's run and this one; null: none. */
static const char *difference(const json_t *theirs, const json_t *ours) {
  static const char *const keys[][2] = {
      {"version", "it was written by another version of reloadsim"},
      {"engine", "it is from a run of another engine"},
      {"simulator", "it is from a run of another simulator"},
      {"seed", "it is from a run with another --seed"},
      {"max_states", "it is from a run with another --max-states"},
      {"faults", "it is from a run with another --faults"}};
  const char *format = json_string_value(json_object_get(theirs, "format"));
  if (!format || strcmp(format, FORMAT) != 0) return "it is not the journal of a run";
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
    if (!json_equal(json_object_get(theirs, keys[i][0]), json_object_get(ours, keys[i][0])))
      return keys[i][1];
  return NULL;
}

/* Whether the journal's run can be resumed by this one; else reading->why says why not. */
static bool is_same_run(struct reading *reading, const struct sim_options *options) {
  json_t *theirs = next_line(reading), *ours = head_json(options);
  const char *why = !ours     ? "out of memory"
                    : !theirs ? "it is not the journal of a run, or its line 1 was changed"
                              : NULL;
  if (!why) why = difference(theirs, ours);
  if (why) (void)snprintf(reading->why, sizeof reading->why, "%s", why);
  json_decref(theirs);
  json_decref(ours);
  return !why;
}

/* Read the results in a journal. A last line that a crash left incomplete is cut off. */
static void read_journal_lines(struct reading *reading, const struct sim_options *options) {
  if (!is_same_run(reading, options)) return;
  for (json_t *line; (line = next_line(reading)) != NULL;) {
    take_over(reading, line);
    json_decref(line);
  }
  if (reading->why[0]) return;
  if (reading->end < 0 || ftruncate(fileno(reading->file), reading->end) != 0 ||
      fseek(reading->file, reading->end, SEEK_SET) != 0)
    (void)snprintf(reading->why, sizeof reading->why, "%s", strerror(errno));
}

static bool is_regular(const char *path) {
  struct stat status;
  return stat(path, &status) != 0 || S_ISREG(status.st_mode);
}

/* Open an earlier run's journal and take over its results. Null after saying why not. */
static struct sim_journal *go_on(struct sim_journal *journal, const struct sim_options *options,
                                 struct reading *reading) {
  reading->file = fopen(journal->path, "r+");
  if (!reading->file)
    return refuse_journal(journal,
                          "there is no interrupted run to resume here; run without --resume");
  read_journal_lines(reading, options);
  journal->file = reading->file;
  journal->others = reading->others;
  if (!reading->why[0]) return journal;
  (void)fclose(reading->file);
  for (size_t i = 0; i < reading->count; i++) {
    json_decref(reading->outcomes[i].result);
    reading->outcomes[i] = (struct sim_outcome_of_case){.result = NULL};
  }
  return refuse_journal(journal, reading->why);
}

/* ---- The journal ---- */

struct sim_journal *sim_journal_open(const struct sim_options *options,
                                     const struct sim_case *const *cases, size_t case_count,
                                     struct sim_outcome_of_case *outcomes, size_t *known,
                                     bool *foreign) {
  struct sim_journal *journal = calloc(1, sizeof *journal);
  struct reading reading = {.cases = cases, .count = case_count, .outcomes = outcomes};
  *known = 0;
  *foreign = false;
  if (!journal) return NULL;
  int size = snprintf(journal->path, sizeof journal->path, "%s/journal", options->report);
  if (size < 0 || (size_t)size >= sizeof journal->path)
    return refuse_journal(journal, "the path is too long");
  if (!is_regular(journal->path))
    return refuse_journal(journal, "a journal must be a regular file");
  if (options->resume) {
    journal = go_on(journal, options, &reading);
    *known = reading.known;
    *foreign = !journal;
    return journal;
  }
  journal->file = fopen(journal->path, "w");
  if (journal->file && write_line(journal->file, head_json(options))) return journal;
  const char *why = strerror(errno);
  if (journal->file) (void)fclose(journal->file);
  return refuse_journal(journal, why);
}

void sim_journal_add(void *self, const struct sim_case *the_case,
                     const struct sim_outcome_of_case *outcome) {
  struct sim_journal *journal = self;
  if (!can_be_kept(outcome->verdict, outcome->result) || journal->failed) return;
  if (write_line(journal->file, journal_line(the_case, outcome))) return;
  journal->failed = true;
  fprintf(stderr, "reloadsim: %s cannot be written: %s; the run continues, but cannot be resumed\n",
          journal->path, strerror(errno));
}

void sim_journal_close(struct sim_journal *journal, bool is_whole) {
  if (!journal) return;
  if (fclose(journal->file) != 0 && !journal->failed)
    fprintf(stderr, "reloadsim: %s cannot be written: %s\n", journal->path, strerror(errno));
  if (is_whole && journal->others == 0)
    (void)remove(journal->path);
  else if (is_whole)
    fprintf(stderr,
            "reloadsim: %s stays: it has the results of %zu case%s that this run did not select; "
            "--resume without this filter or shard uses %s\n",
            journal->path, journal->others, journal->others == 1 ? "" : "s",
            journal->others == 1 ? "it" : "them");
  free(journal);
}
