#include "run_json.h"

#include "evidence.h"
#include "reload.h"
#include "trace_folder.h"
#include "trace_words.h"
#include "utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Cases without a result of their own ---- */

/* Names of files come from the disk and may be anything: what is not UTF-8 becomes "?". */
static json_t *path_json(const char *path) {
  size_t size = strlen(path);
  char *copy = malloc(size + 1);
  if (!copy) return NULL;
  memcpy(copy, path, size + 1);
  for (size_t at = 0, step; at < size; at += step) {
    step = sim_utf8_size(copy + at, size - at);
    if (step > 0) continue;
    copy[at] = '?';
    step = 1;
  }
  json_t *text = json_string(copy);
  free(copy);
  return text;
}

static json_t *strings_json(int count, const char *const *names) {
  json_t *array = json_array();
  for (int i = 0; i < count; i++) json_array_append_new(array, json_string(names[i]));
  return array;
}

/* The result of a case that was begun and has none. */
static json_t *bare_case_json(const struct sim_case *the_case, const char *verdict) {
  json_t *result = json_pack(
      "{s:s, s:s, s:o, s:i, s:o, s:s, s:i, s:s, s:b, s:i, s:i, s:i, s:i, s:[], s:[], s:[], s:[], "
      "s:[], "
      "s:i, "
      "s:[]}",
      "id", the_case->id, "title", the_case->title, "file", path_json(the_case->place.file), "line",
      the_case->place.line, "rules", strings_json(the_case->rule_count, the_case->rules),
      "currency", the_case->currency, "decimals", sim_currency_decimals(the_case->currency),
      "verdict", verdict, "exhausted", false, "states", 0, "transitions", 0, "depth", 0,
      "injected_faults", 0, "actors", "clients", "given", "endings", "fault_endings",
      "fault_ending_count", 0, "failures");
  if (result && sim_evidence_add(result, the_case, NULL)) return result;
  json_decref(result);
  return NULL;
}

/* "again" is filled in at the end, as for other failures. */
static void add_case_failure(json_t *result, const struct sim_case *the_case, const char *kind,
                             const char *text) {
  json_t *failure =
      json_pack("{s:s, s:n, s:s, s:o, s:i, s:i, s:n, s:[], s:s}", "kind", kind, "rule", "text",
                text, "file", path_json(the_case->place.file), "line", the_case->place.line,
                "column", the_case->place.column, "ending", "story", "again", "");
  json_array_append_new(json_object_get(result, "failures"), failure);
}

static json_t *died_json(const struct sim_case *the_case, int signal_number) {
  char text[200] = "reloadsim crashed in this case: please report it";
  json_t *result = bare_case_json(the_case, "failed");
  if (signal_number)
    snprintf(text, sizeof text,
             "signal %d (%s) ended the process that ran this case; if nobody sent it and memory "
             "did not run out, please report it",
             signal_number, strsignal(signal_number));
  add_case_failure(result, the_case, "internal error", text);
  return result;
}

static void complete_outcome(const struct sim_case *the_case, struct sim_outcome_of_case *outcome) {
  if (outcome->died && !outcome->result)
    outcome->result = died_json(the_case, outcome->signal_number);
  if (outcome->verdict == SIM_INTERRUPTED)
    add_case_failure(outcome->result, the_case, "interrupted",
                     "the run was interrupted before every state of this case was explored");
  if (outcome->verdict != SIM_NONDETERMINISTIC) return;
  json_object_set_new(outcome->result, "verdict", json_string("nondeterministic"));
  add_case_failure(outcome->result, the_case, "nondeterminism",
                   "this case was different when it was run again: none of its results can be "
                   "relied on");
}

/* The report of an interrupted run must not look complete. */
static void admit_interrupt(const struct sim_selection *selection,
                            struct sim_outcome_of_case *outcomes) {
  size_t first = selection->count, missing = 0;
  char text[120];
  for (size_t i = selection->count; i > 0; i--) {
    if (outcomes[i - 1].result) continue;
    first = i - 1;
    missing++;
  }
  if (missing == 0) return;
  snprintf(text, sizeof text, "the run was interrupted: this case and %zu more were not run",
           missing - 1);
  outcomes[first].verdict = SIM_INTERRUPTED;
  outcomes[first].result = bare_case_json(selection->cases[first], "not exhausted");
  add_case_failure(outcomes[first].result, selection->cases[first], "interrupted", text);
}

/* ---- The command that shows a failure again ---- */

/* A word of a shell's command line. */
static void put_command_word(FILE *out, const char *word) {
  static const char plain[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./#:,=@%+-";
  if (word[0] && word[0] != '#' && word[strspn(word, plain)] == '\0') {
    fprintf(out, " %s", word);
    return;
  }
  fputs(" '", out);
  for (const char *at = word; *at; at++) {
    if (*at == '\'')
      fputs("'\\''", out);
    else
      fputc(*at, out);
  }
  fputc('\'', out);
}

/* A filter that selects this id; the characters of patterns are escaped. */
static void put_filter(FILE *out, const char *id) {
  char pattern[2 * 4096];
  size_t size = 0;
  bool is_pattern = strpbrk(id, "*?[") != NULL;
  for (const char *at = id; *at && size + 2 < sizeof pattern; at++) {
    if (is_pattern && strchr("*?[\\", *at)) pattern[size++] = '\\';
    pattern[size++] = *at;
  }
  pattern[size] = '\0';
  fputs(" --filter", out);
  put_command_word(out, pattern);
}

static void put_rules_option(FILE *out, const struct sim_options *options) {
  if (!options->rules) return;
  fputs(" --rules", out);
  put_command_word(out, options->rules);
}

/* Returns: null when out of memory */
static json_t *again_json(const struct sim_options *options, const struct sim_case *the_case,
                          bool twice) {
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  if (!out) return NULL;
  fputs("build/reloadsim run", out);
  put_command_word(out, the_case->place.file);
  if (strchr(the_case->id, '#')) put_filter(out, the_case->id);
  if (options->faults != SIM_FAULTS_DECLARED)
    fprintf(out, " --faults %s", sim_faults_word(options->faults));
  if (options->max_states != SIM_MAX_STATES_DEFAULT)
    fprintf(out, " --max-states %lld", (long long)options->max_states);
  if (options->seed != 1) fprintf(out, " --seed %llu", (unsigned long long)options->seed);
  if (twice) fputs(" --verify-determinism", out);
  put_rules_option(out, options);
  json_t *again = fclose(out) == 0 ? path_json(text) : NULL;
  free(text);
  return again;
}

/* The place of a failure's trace in the report, and the command that replays it, without the path
 * of the report, which must not appear in run.json. */
static void tell_trace(const struct sim_options *options, const struct sim_case *the_case,
                       json_t *failure, size_t number) {
  char path[4096], *text = NULL;
  size_t size = 0;
  if (!json_is_string(json_object_get(failure, "trace")) ||
      !sim_failure_path(path, sizeof path, "traces", the_case->id, number, ".trace"))
    return;
  FILE *out = open_memstream(&text, &size);
  if (!out) return;
  fputs("build/reloadsim replay", out);
  put_rules_option(out, options);
  if (fclose(out) == 0) {
    json_object_set_new(failure, "trace_file", json_string(path));
    json_object_set_new(failure, "replay", path_json(text));
  }
  free(text);
}

static void tell_how_again(const struct sim_options *options, const struct sim_case *the_case,
                           const struct sim_outcome_of_case *outcome) {
  const json_t *failures = json_object_get(outcome->result, "failures");
  bool twice = outcome->verdict == SIM_NONDETERMINISTIC;
  for (size_t i = 0; i < json_array_size(failures); i++)
    json_object_set_new(json_array_get(failures, i), "again", again_json(options, the_case, twice));
  for (size_t i = 0; options->report && i < json_array_size(failures); i++)
    tell_trace(options, the_case, json_array_get(failures, i), i + 1);
}

/* ---- The parts ---- */

static json_t *catalogue_json(const struct sim_suite *suite) {
  const struct sim_rule *rules;
  size_t count = sim_suite_rules(suite, &rules);
  json_t *array = json_array();
  for (size_t i = 0; i < count; i++)
    json_array_append_new(array, json_pack("{s:s, s:s, s:s, s:s}", "id", rules[i].id, "group",
                                           rules[i].group, "source", rules[i].source, "text",
                                           rules[i].text));
  return array;
}

static json_t *suite_mistakes_json(const struct sim_suite *suite) {
  const struct sim_mistake *mistakes;
  size_t count = sim_suite_mistakes(suite, &mistakes);
  json_t *array = json_array();
  for (size_t i = 0; i < count; i++)
    json_array_append_new(
        array, json_pack("{s:o, s:i, s:i, s:o}", "file", path_json(mistakes[i].place.file), "line",
                         mistakes[i].place.line, "column", mistakes[i].place.column, "text",
                         path_json(mistakes[i].text)));
  return array;
}

static json_t *options_json(const struct sim_options *options) {
  json_t *paths = json_array();
  for (int i = 0; i < options->path_count; i++)
    json_array_append_new(paths, json_string(options->paths[i]));
  if (options->path_count == 0) json_array_append_new(paths, json_string("scenarios"));
  json_t *shard =
      options->shard ? json_sprintf("%d/%d", options->shard, options->shard_count) : json_null();
  return json_pack("{s:o, s:s?, s:o, s:o, s:I, s:s, s:b}", "paths", paths, "filter",
                   options->filter, "shard", shard, "seed",
                   json_sprintf("0x%llx", (unsigned long long)options->seed), "max_states",
                   (json_int_t)options->max_states, "faults", sim_faults_word(options->faults),
                   "fail_fast", options->fail_fast);
}

static void add_to(json_t *totals, const char *key, json_int_t more) {
  json_t *old = json_object_get(totals, key);
  json_object_set_new(totals, key, json_integer(json_integer_value(old) + more));
}

static json_t *run_totals_json(const struct sim_selection *selection,
                               const struct sim_outcome_of_case *outcomes) {
  static const char *const verdicts[] = {"passed", "failed",        "not_exhausted",
                                         "failed", "not_exhausted", "failed"};
  json_t *totals = json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i}", "cases", 0, "passed", 0,
                             "failed", 0, "not_exhausted", 0, "states", 0, "transitions", 0,
                             "endings", 0, "fault_endings", 0);
  for (size_t i = 0; i < selection->count; i++) {
    const json_t *result = outcomes[i].result;
    if (!result) continue;
    add_to(totals, "cases", 1);
    add_to(totals, verdicts[outcomes[i].verdict], 1);
    add_to(totals, "states", json_integer_value(json_object_get(result, "states")));
    add_to(totals, "transitions", json_integer_value(json_object_get(result, "transitions")));
    add_to(totals, "endings", (json_int_t)json_array_size(json_object_get(result, "endings")));
    add_to(totals, "fault_endings",
           json_integer_value(json_object_get(result, "fault_ending_count")));
  }
  return totals;
}

json_t *sim_run_json(const struct sim_suite *suite, const struct sim_options *options,
                     const struct sim_selection *selection, struct sim_outcome_of_case *outcomes) {
  json_t *cases = json_array();
  for (size_t i = 0; i < selection->count; i++) complete_outcome(selection->cases[i], &outcomes[i]);
  if (sim_run_interrupted()) admit_interrupt(selection, outcomes);
  for (size_t i = 0; i < selection->count; i++) {
    if (!outcomes[i].result) continue;
    tell_how_again(options, selection->cases[i], &outcomes[i]);
    json_array_append(cases, outcomes[i].result);
  }
  return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "format", "reloadsim-run-2", "version",
                   RELOAD_VERSION, "options", options_json(options), "rules", catalogue_json(suite),
                   "mistakes", suite_mistakes_json(suite), "totals",
                   run_totals_json(selection, outcomes), "cases", cases);
}
