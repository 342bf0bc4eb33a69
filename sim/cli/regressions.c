#include "regressions.h"

#include "cases.h"
#include "case_json.h"
#include "grow.h"
#include "interrupt.h"
#include "json_print.h"
#include "processes.h"
#include "trace_file.h"
#include "minimise.h"
#include "trace_folder.h"
#include "utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 4096 };

/* A failure that could be minimised: of one case only the first of each signature. */
struct candidate {
  size_t failure_no; /* of its case */
  const struct sim_case *from;
  const char *rule; /* the broken rule; of an ending, the first of its case. In the run's JSON */
  struct sim_signature signature;
  int size; /* the number of actors, steps and clients of its case */
  bool is_taken;
  bool is_minimised;
  char digest[SIM_HASH_TEXT_SIZE]; /* of the minimised scenario; "": there is none */
};

struct writer {
  const struct sim_suite *suite;
  struct sim_limits limits;
  sim_reproducer *reproducer; /* null: the exhaustive search */
  void *reproducer_self;
  char folder[PATH_SIZE];
  struct candidate *candidates; /* in the order of the run */
  size_t candidate_count, candidate_room;
  int taken_count;
  int written;  /* regressions */
  int same;     /* minimised to a scenario that another failure had given */
  int failed;   /* could not be minimised */
  bool stopped; /* an interrupt came before all wanted failures were minimised */
  bool broken;  /* a file could not be written */
};

/* How the process that minimised one failure ended. */
enum end { END_WRITTEN, END_NOT_MINIMISED, END_BROKEN, END_STOPPED };

/* ---- One failure ---- */

const char *sim_text_in(const json_t *object, const char *key) {
  const char *text = json_string_value(json_object_get(object, key));
  return text ? text : "";
}

/* Returns: false if it has no trace, or no class by which it can be recognised */
static bool signature_of(const json_t *failure, struct sim_signature *signature) {
  const char *kind = sim_text_in(failure, "kind");
  bool is_checker = strcmp(kind, "invariant") == 0;
  if (!sim_text_in(failure, "trace")[0] || !json_object_get(failure, "class")) return false;
  int kind_size = snprintf(signature->kind, sizeof signature->kind, "%s", kind);
  int rule_size = snprintf(signature->rule, sizeof signature->rule, "%s",
                           is_checker ? sim_text_in(failure, "rule") : "");
  int harm_size =
      snprintf(signature->harm, sizeof signature->harm, "%s", sim_text_in(failure, "class"));
  return kind_size > 0 && rule_size >= 0 && harm_size >= 0;
}

/* At most `room - 1` bytes of a text, cut between characters. */
static void cut_text(char *to, size_t room, const char *from) {
  size_t at = 0, size = strlen(from);
  for (size_t step; at < size && (step = sim_utf8_size(from + at, size - at)) > 0; at += step)
    if (at + step >= room) break;
  memcpy(to, from, at);
  to[at] = '\0';
}

/* The scenario as it is written: with a title and a note of its own, the note after the rules. */
static json_t *regression_json(const json_t *scenario, const struct sim_signature *signature,
                               const struct sim_case *from, int fault_budget) {
  static const char *const kept[] = {"clock",  "settings", "given", "when",
                                     "faults", "events",   "then"};
  bool is_checker = strcmp(signature->kind, "invariant") == 0;
  bool is_asked = json_object_get(json_object_get(scenario, "faults"), "injected") != NULL;
  char title[160], id[400];
  json_t *rules = is_checker ? json_pack("[s]", signature->rule)
                             : json_incref(json_object_get(scenario, "rules"));
  cut_text(title, sizeof title, from->title);
  cut_text(id, sizeof id, from->id);
  json_t *dressed = json_pack(
      "{s:O, s:o, s:o, s:o}", "$schema", json_object_get(scenario, "$schema"), "title",
      is_checker ? json_sprintf("%s: %s", signature->rule, signature->harm) : json_string(title),
      "rules", rules, "note",
      json_sprintf("Minimised from a failure of %s: %s%s%s%s%s.%s", id, signature->kind,
                   signature->rule[0] ? " " : "", signature->rule, signature->harm[0] ? " " : "",
                   signature->harm,
                   is_asked            ? " It needs an injected fault, which its trace shows."
                   : fault_budget == 0 ? ""
                   : fault_budget == 1 ? " It fails only with --faults single."
                   : fault_budget == 2
                       ? " It fails only with --faults pairs."
                       : " It needs several faults at once; its trace shows them."));
  for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
    json_t *value = json_object_get(scenario, kept[i]);
    if (value) (void)json_object_set(dressed, kept[i], value);
  }
  return dressed;
}

static enum end write_files(const struct writer *writer, const struct sim_case *from,
                            const struct sim_signature *signature, size_t number,
                            const struct sim_minimised *minimised) {
  char path[PATH_SIZE];
  json_t *dressed = regression_json(minimised->scenario, signature, from, minimised->fault_budget);
  char *text = dressed ? sim_json_print_text(dressed, 0) : NULL;
  bool written = text &&
                 sim_failure_path(path, sizeof path, writer->folder, from->id, number, ".json") &&
                 sim_failure_write(writer->folder, path, text) &&
                 sim_failure_path(path, sizeof path, writer->folder, from->id, number, ".trace") &&
                 sim_failure_write(writer->folder, path, minimised->trace);
  json_decref(dressed);
  free(text);
  return written ? END_WRITTEN : END_BROKEN;
}

static enum end minimise_one(const struct writer *writer, const struct sim_case *from,
                             const struct sim_signature *signature, size_t number) {
  char name[PATH_SIZE];
  struct sim_minimised minimised;
  json_t *scenario = sim_case_json(from);
  struct sim_minimise_job job = {.suite = writer->suite,
                                 .name = name,
                                 .scenario = scenario,
                                 .signature = *signature,
                                 .limits = writer->limits,
                                 .reproducer = writer->reproducer,
                                 .reproducer_self = writer->reproducer_self,
                                 .then_search = writer->reproducer != NULL};
  enum end end = END_NOT_MINIMISED;
  job.limits.max_states = 0;
  /* The scenario lies beside its trace. The path of the report must not appear in either. */
  if (!scenario || !sim_failure_path(name, sizeof name, "regressions", from->id, number, ".json")) {
    json_decref(scenario);
    return END_BROKEN;
  }
  bool made = sim_minimise(&job, &minimised);
  if (sim_interrupt_came())
    end = END_STOPPED; /* the result is not the smallest */
  else if (made)
    end = write_files(writer, from, signature, number, &minimised);
  sim_minimised_free(&minimised);
  json_decref(scenario);
  return end;
}

/* The work and the result of the process that minimises one failure. */
struct apart {
  const struct writer *writer;
  const struct sim_case *from;
  const struct sim_signature *signature;
  size_t number;
  bool is_told; /* how it ended */
  enum end end;
};

static char *make_apart(void *self, size_t job, size_t *size_bytes) {
  const struct apart *apart = self;
  char *end = malloc(1);
  (void)job; /* the only one */
  if (!end) return NULL;
  *end = (char)minimise_one(apart->writer, apart->from, apart->signature, apart->number);
  *size_bytes = 1;
  return end;
}

static void take_end(void *self, size_t job, const char *bytes, size_t size_bytes) {
  struct apart *apart = self;
  (void)job;
  apart->is_told = size_bytes > 0;
  if (apart->is_told) apart->end = (enum end)bytes[0];
}

/* Minimise in a process of its own: an engine that crashes ends only that. */
static enum end minimise_apart(const struct writer *writer, const struct sim_case *from,
                               const struct sim_signature *signature, size_t number) {
  struct apart apart = {.writer = writer, .from = from, .signature = signature, .number = number};
  struct sim_processes one = {
      .count = 1, .workers = 1, .self = &apart, .make = make_apart, .done = take_end};
  bool started = sim_processes_run(&one);
  if (apart.is_told) return apart.end;
  return started && sim_interrupt_came() ? END_STOPPED : END_NOT_MINIMISED;
}

int sim_regression_write(const char *folder, const struct sim_regression *regression) {
  struct writer writer = {.suite = regression->suite,
                          .limits = regression->limits,
                          .reproducer = regression->reproducer,
                          .reproducer_self = regression->reproducer_self};
  int size = snprintf(writer.folder, sizeof writer.folder, "%s", folder);
  if (size < 0 || (size_t)size >= sizeof writer.folder) return -1;
  enum end end =
      minimise_apart(&writer, regression->from, &regression->signature, regression->number);
  return end == END_WRITTEN ? 1 : end == END_BROKEN ? -1 : 0;
}

/* Several failures can give the same minimised scenario; only the first is kept. */
static bool is_written_already(const struct writer *writer, struct candidate *candidate) {
  char path[PATH_SIZE];
  const char *case_id = candidate->from->id;
  size_t number = candidate->failure_no + 1;
  if (!sim_failure_path(path, sizeof path, writer->folder, case_id, number, ".trace")) return false;
  struct sim_trace *trace = sim_trace_read(path, false, stderr);
  if (trace) (void)snprintf(candidate->digest, sizeof candidate->digest, "%s", trace->digest);
  sim_trace_free(trace);
  size_t i = 0;
  for (; i < writer->candidate_count; i++) {
    const struct candidate *other = &writer->candidates[i];
    if (other != candidate && other->digest[0] && strcmp(other->digest, candidate->digest) == 0 &&
        sim_signature_equal(&other->signature, &candidate->signature))
      break;
  }
  if (i == writer->candidate_count) return false;
  (void)remove(path);
  if (sim_failure_path(path, sizeof path, writer->folder, case_id, number, ".json"))
    (void)remove(path);
  return true;
}

static void take_up(struct writer *writer, struct candidate *candidate) {
  candidate->is_taken = true;
  writer->taken_count++;
  switch (
      minimise_apart(writer, candidate->from, &candidate->signature, candidate->failure_no + 1)) {
    case END_WRITTEN:
      candidate->is_minimised = true;
      if (is_written_already(writer, candidate))
        writer->same++;
      else
        writer->written++;
      break;
    case END_NOT_MINIMISED: writer->failed++; break;
    case END_BROKEN: writer->broken = true; break;
    case END_STOPPED:
      writer->stopped = true;
      candidate->is_taken = false;
      break;
  }
}

/* ---- All of them ---- */

static int size_of(const struct sim_case *the_case) {
  int size = the_case->client_count + the_case->actor_count;
  for (int a = 0; a < the_case->actor_count; a++) size += the_case->actors[a].step_count;
  return size;
}

/* Returns: false when out of memory */
static bool note_case(struct writer *writer, const json_t *one) {
  const json_t *failures = json_object_get(one, "failures");
  const struct sim_case *from = sim_suite_find(writer->suite, sim_text_in(one, "id"));
  size_t first = writer->candidate_count;
  for (size_t f = 0; from && f < json_array_size(failures); f++) {
    const json_t *failure = json_array_get(failures, f);
    struct candidate new = {.failure_no = f, .from = from, .rule = sim_text_in(failure, "rule")};
    size_t i = first;
    if (!signature_of(failure, &new.signature)) continue;
    while (i < writer->candidate_count &&
           !sim_signature_equal(&writer->candidates[i].signature, &new.signature))
      i++;
    if (i < writer->candidate_count) continue;
    struct candidate *grown = sim_grow(writer->candidates, writer->candidate_count,
                                       &writer->candidate_room, sizeof *grown);
    if (!grown) return false;
    new.size = size_of(from);
    writer->candidates = grown;
    writer->candidates[writer->candidate_count++] = new;
  }
  return true;
}

/* How many candidates were taken with the same signature, and how many with the same rule. */
static void count_taken(const struct writer *writer, const struct candidate *candidate,
                        int *signatures, int *rules) {
  *signatures = *rules = 0;
  for (size_t i = 0; i < writer->candidate_count; i++) {
    const struct candidate *other = &writer->candidates[i];
    if (!other->is_taken) continue;
    *signatures += sim_signature_equal(&other->signature, &candidate->signature);
    *rules += strcmp(other->rule, candidate->rule) == 0;
  }
}

/* The best candidate that is left. One mistake can cause many signatures in many cases and must not
 * displace another mistake. So the order is: a signature not taken yet; a rule not taken yet; a
 * violation before an ending, which can be cut less; the smallest case.
 * Returns: null if there are no more */
static struct candidate *next_candidate(const struct writer *writer) {
  struct candidate *best = NULL;
  int least[4] = {0};
  for (size_t i = 0; i < writer->candidate_count; i++) {
    struct candidate *candidate = &writer->candidates[i];
    if (candidate->is_taken) continue;
    int key[4], at = 0;
    count_taken(writer, candidate, &key[0], &key[1]);
    key[2] = strcmp(candidate->signature.kind, "invariant") != 0;
    key[3] = candidate->size;
    while (best && at < 3 && key[at] == least[at]) at++;
    if (best && key[at] >= least[at]) continue;
    best = candidate;
    memcpy(least, key, sizeof least);
  }
  return best;
}

/* ---- What is reported ---- */

static const struct candidate *first_alike(const struct writer *writer, size_t number,
                                           bool only_minimised) {
  for (size_t i = 0; i < writer->candidate_count; i++) {
    const struct candidate *other = &writer->candidates[i];
    if ((!only_minimised || other->is_minimised) &&
        sim_signature_equal(&other->signature, &writer->candidates[number].signature))
      return other;
  }
  return NULL;
}

static void say_left(const struct writer *writer) {
  int left = 0, alike = 0, missed = 0;
  for (size_t i = 0; i < writer->candidate_count; i++) {
    bool covered = first_alike(writer, i, true) != NULL;
    left += !writer->candidates[i].is_taken;
    alike += !writer->candidates[i].is_taken && covered;
    missed += !covered && first_alike(writer, i, false) == &writer->candidates[i];
  }
  if (left)
    fprintf(stderr,
            "reloadsim: %d more failure%s not minimised: %s; %d of them %s the same signature as a "
            "minimised one\n",
            left, left == 1 ? " was" : "s were",
            sim_run_interrupted() ? "the run was interrupted"
            : writer->stopped     ? "interrupted; --resume minimises them, and runs no case again"
                                  : "the limit of one run is reached",
            alike, alike == 1 ? "has" : "have");
  if (!missed) return;
  fprintf(stderr, "reloadsim: %d signature%s no minimised scenario:\n", missed,
          missed == 1 ? " has" : "s have");
  for (size_t i = 0; i < writer->candidate_count; i++) {
    const struct candidate *one = &writer->candidates[i];
    if (first_alike(writer, i, true) || first_alike(writer, i, false) != one) continue;
    fprintf(stderr, "  %s%s%s%s%s (%s)\n", one->signature.kind, one->signature.rule[0] ? " " : "",
            one->signature.rule, one->signature.harm[0] ? " " : "", one->signature.harm,
            one->from->id);
  }
}

static void say_regressions(const struct writer *writer) {
  if (writer->written)
    fprintf(stderr, "reloadsim: %d failure%s minimised to %d scenario%s: %s\n",
            writer->written + writer->same, writer->written + writer->same == 1 ? "" : "s",
            writer->written, writer->written == 1 ? "" : "s", writer->folder);
  if (writer->failed)
    fprintf(stderr,
            "reloadsim: %d failure%s could not be minimised; the traces show them as they are\n",
            writer->failed, writer->failed == 1 ? "" : "s");
  say_left(writer);
}

bool sim_regressions_write(const json_t *run, const struct sim_suite *suite,
                           const struct sim_options *options, bool *stopped) {
  struct writer writer = {.suite = suite, .limits = sim_run_limits(options)};
  const json_t *cases = json_object_get(run, "cases");
  int size = snprintf(writer.folder, sizeof writer.folder, "%s/regressions", options->report);
  *stopped = false;
  if (size < 0 || (size_t)size >= sizeof writer.folder) return false;
  sim_failures_remove(writer.folder, ".trace");
  sim_failures_remove(writer.folder, ".json");
  if (options->no_minimise) return true;
  for (size_t c = 0; c < json_array_size(cases) && !writer.broken; c++)
    writer.broken = !note_case(&writer, json_array_get(cases, c));
  while (!writer.broken && !writer.stopped && writer.taken_count < SIM_MAX_REGRESSIONS) {
    struct candidate *next = next_candidate(&writer);
    if (!next) break;
    writer.stopped = sim_interrupt_came();
    if (!writer.stopped) take_up(&writer, next);
  }
  say_regressions(&writer);
  *stopped = writer.stopped;
  free(writer.candidates);
  return !writer.broken;
}
