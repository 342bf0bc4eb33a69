#include "result.h"

#include "evidence.h"
#include "finding.h"
#include "trace_file.h"
#include "time_text.h"
#include "trace_words.h"
#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A case whose result is being made. */
struct trial {
  const struct sim_case *the_case;
  const struct sim_limits *limits;
  struct sim_machine *machine;
  struct sim_beginning *beginning;
  struct sim_search search;
  json_t *endings;
  json_t *fault_endings; /* those that only injected faults reach */
  int fault_ending_count;
  int fault_budget; /* injected faults that one run may show */
  json_t *failures;
  bool deterministic; /* as far as the search went */
  bool lacks_faults;  /* --faults none left out declared faults: outcomes may not be reached */
  bool is_free;       /* every ending is allowed */
  size_t limit_count; /* failures whose details were left out, beyond the limit */
};

/* ---- Lines ---- */

static void set_line_number(json_t *line, const char *key, int64_t number) {
  if (number != INT64_MIN) json_object_set_new(line, key, json_integer(number));
}

/* A word of the language with what follows it: its kind, and the rest. */
static void set_kind(json_t *line, const char *what) {
  static const char *const kinds[] = {"not covered: ", "error: ", "declined "};
  static const char *const names[] = {"not covered", "error", "declined"};
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    size_t size = strlen(kinds[i]);
    if (strncmp(what, kinds[i], size) != 0) continue;
    json_object_set_new(line, "kind", json_string(names[i]));
    json_object_set_new(line, "detail", json_string(what + size));
    return;
  }
  json_object_set_new(line, "kind", json_string(what));
}

static json_t *fact_json(const struct sim_case *the_case, const struct sim_fact *fact) {
  const char *of = fact->book == SIM_BOOK_ANSWER ? the_case->actors[fact->of].name
                                                 : the_case->clients[fact->of].name;
  json_t *line =
      json_pack("{s:s, s:s, s:s}", "book", sim_book_word(fact->book), "of", of, "what", fact->what);
  set_kind(line, fact->what);
  set_line_number(line, "tokens", fact->tokens);
  if (fact->for_id) json_object_set_new(line, "for", json_string(fact->for_id));
  set_line_number(line, "balance", fact->balance_tokens);
  set_line_number(line, "amount_minor", fact->amount_minor);
  if (fact->at_ms != INT64_MIN) {
    char text[SIM_TIME_SIZE];
    sim_time_text(fact->at_ms, text);
    json_object_set_new(line, "at", json_string(text));
  }
  return line;
}

static json_t *facts_json(const struct sim_case *the_case, const struct sim_ending *ending) {
  json_t *lines = json_array();
  for (int i = 0; i < ending->line_count; i++)
    json_array_append_new(lines, fact_json(the_case, &ending->lines[i]));
  return lines;
}

/* ---- Failures ---- */

static const struct sim_transition nowhere = {.task = -1};

static json_t *result_story(struct trial *trial, uint32_t state, struct sim_transition last) {
  struct sim_transition *steps = NULL;
  int count = sim_search_path(&trial->search, state, &steps);
  json_t *story =
      count < 0 ? NULL : sim_story_tell(trial->machine, trial->beginning, steps, count, last);
  free(steps);
  return story ? story : json_array();
}

/* The trace of a path that leads to a failure. */
static json_t *trial_trace(struct trial *trial, uint32_t state, struct sim_transition last,
                           const char *finds) {
  struct sim_transition *steps = NULL;
  int count = sim_search_path(&trial->search, state, &steps);
  char *text = count < 0
                   ? NULL
                   : sim_trace_text(trial->machine, trial->beginning, steps, count, last, finds);
  json_t *trace = text ? json_string(text) : NULL;
  free(steps);
  free(text);
  return trace ? trace : json_null();
}

/* Give the failure that was added last its trace and its class. */
static void add_trace(struct trial *trial, uint32_t state, struct sim_transition last,
                      const struct sim_signature *signature, const uint64_t *ending) {
  char finds[SIM_FINDING_SIZE];
  json_t *failure = json_array_get(trial->failures, json_array_size(trial->failures) - 1);
  sim_finding_text(signature, ending, finds);
  json_object_set_new(failure, "class", json_string(signature->harm));
  json_object_set_new(failure, "trace", trial_trace(trial, state, last, finds));
}

/* The same for an ending's failure. */
static void add_ending_trace(struct trial *trial, const struct sim_found_ending *found,
                             const struct sim_signature *signature) {
  add_trace(trial, found->state, (struct sim_transition){.task = -1}, signature, &found->hash);
}

/* "again" is filled in by run_json.c, which knows the command line. */
static void add_trial_failure(struct trial *trial, const char *kind, const char *rule,
                              const char *text, struct sim_place place, json_t *ending,
                              json_t *story) {
  json_t *failure = json_pack("{s:s, s:s?, s:s, s:s, s:i, s:i, s:o, s:o}", "kind", kind, "rule",
                              rule, "text", text, "file", place.file, "line", place.line, "column",
                              place.column, "ending", ending, "story", story);
  json_array_append_new(trial->failures, failure);
}

/* In:      found  null: no path leads there */
static void fail_ending(struct trial *trial, const char *kind, const char *text,
                        struct sim_place place, size_t ending,
                        const struct sim_found_ending *found) {
  json_t *object = json_array_get(trial->endings, ending);
  if (found && trial->limits->without_stories) /* this path is needed all the same */
    json_object_set_new(object, "story", result_story(trial, found->state, nowhere));
  json_t *story = json_object_get(object, "story");
  const char *rule = trial->the_case->rule_count ? trial->the_case->rules[0] : NULL;
  add_trial_failure(trial, kind, rule, text, place, json_integer((json_int_t)ending),
                    json_incref(story));
}

/* ---- Endings against outcomes ---- */

static void add_ending(struct trial *trial, json_t *endings, const struct sim_outcome *outcome,
                       bool is_nearest, const struct sim_found_ending *found) {
  static struct sim_ending expected;
  char hash[SIM_ENDING_HASH_SIZE];
  if (outcome) sim_ending_expected(trial->the_case, outcome, &expected);
  if (found) sim_ending_hash_text(found->hash, hash);
  json_t *ending = json_pack(
      "{s:s?, s:s?, s:b, s:s?, s:I, s:o, s:o, s:o}", "outcome",
      outcome && !is_nearest ? outcome->name : NULL, "nearest",
      outcome && is_nearest ? outcome->name : NULL, "reached", found != NULL, "hash",
      found ? hash : NULL, "paths", (json_int_t)(found ? found->paths : 0), "expected",
      outcome ? facts_json(trial->the_case, &expected) : json_null(), "actual",
      found ? facts_json(trial->the_case, &found->ending) : json_null(), "story",
      found && !trial->limits->without_stories ? result_story(trial, found->state, nowhere)
                                               : json_array());
  json_array_append_new(endings, ending);
}

/* Whether declared faults, which outcomes may need, are left out. */
static bool lacks_faults(const struct sim_case *the_case, const struct sim_limits *limits) {
  for (int site = 0; limits->without_declared && site < SIM_SITE_COUNT; site++)
    if (the_case->sites[site].count > 0) return true;
  return false;
}

/* An ending of a case that allows every ending: what happened is what was expected. */
static void add_allowed(struct trial *trial, const struct sim_found_ending *found) {
  add_ending(trial, trial->endings, NULL, false, found);
  json_t *ending = json_array_get(trial->endings, json_array_size(trial->endings) - 1);
  json_object_set_new(ending, "outcome", json_string("anything"));
  json_object_set(ending, "expected", json_object_get(ending, "actual"));
}

static void judge_every(struct trial *trial, const struct sim_found_ending *found, size_t ending) {
  static const char *const bounds[] = {"at most ", "at least ", "exactly "};
  for (int i = 0; i < trial->the_case->every_count; i++) {
    const struct sim_every *every = &trial->the_case->every[i];
    struct sim_signature signature;
    int64_t number;
    char text[256];
    if (sim_every_holds(every, &found->ending, &number)) continue;
    int size = snprintf(
        text, sizeof text, "every ending must have %s%lld %s of %s; this one has %lld",
        bounds[every->bound], (long long)every->number, sim_measure_words.list[every->measure],
        trial->the_case->clients[every->client].name, (long long)number);
    fail_ending(trial, "every", size < 0 ? "" : text, every->place, ending, found);
    sim_signature_of_every(every, &signature);
    add_ending_trace(trial, found, &signature);
  }
}

/* Thousands of wrong endings have one cause, which the first ones show. */
enum { SHOWN_UNEXPECTED = 20 };

static void say_hidden(struct trial *trial, int count) {
  char text[80];
  if (count <= 0) return;
  int size = snprintf(text, sizeof text, "and %d more endings that no outcome describes", count);
  add_trial_failure(trial, "unexpected ending", NULL, size < 0 ? "" : text, trial->the_case->place,
                    json_null(), json_array());
}

/* Add one ending that was reached. */
static void compare_ending(struct trial *trial, const struct sim_found_ending *found,
                           struct sim_match match) {
  const struct sim_case *the_case = trial->the_case;
  size_t at = json_array_size(trial->endings);
  int shown = match.outcome >= 0 ? match.outcome : match.nearest;
  struct sim_place place = shown >= 0 ? the_case->outcomes[shown].place : the_case->place;
  struct sim_signature signature;
  sim_signature_of_ending(the_case, &found->ending, match, &signature);
  if (trial->is_free)
    add_allowed(trial, found);
  else
    add_ending(trial, trial->endings, shown >= 0 ? &the_case->outcomes[shown] : NULL,
               match.outcome < 0, found);
  if (match.outcome < 0 && !trial->is_free) {
    fail_ending(trial, "unexpected ending", "no outcome of the scenario describes this ending",
                place, at, found);
    add_ending_trace(trial, found, &signature);
  }
  if (match.matches > 1) {
    fail_ending(
        trial, "ambiguous ending",
        "more than one outcome describes this ending: merge them, or make one more specific", place,
        at, found);
    add_ending_trace(trial, found, &signature);
  }
  if (!trial->lacks_faults) judge_every(trial, found, at);
}

/* Add the endings that match outcome number `wanted`, or with -1 no outcome. Returns: how many */
static int judge_endings_of(struct trial *trial, int wanted) {
  int count = 0;
  for (int e = 0; e < trial->search.ending_count; e++) {
    const struct sim_found_ending *found = trial->search.endings[e];
    if (found->only_under_faults) continue; /* no outcome has to describe it */
    struct sim_match match = sim_ending_match(trial->the_case, &found->ending);
    if (match.outcome != wanted) continue;
    if (wanted >= 0 || count < SHOWN_UNEXPECTED) compare_ending(trial, found, match);
    count++;
  }
  return count;
}

/* In the order of the outcomes; then the endings that match none. */
static void judge_endings(struct trial *trial) {
  const struct sim_case *the_case = trial->the_case;
  for (int o = 0; o < the_case->outcome_count; o++) {
    if (judge_endings_of(trial, o) > 0 || !trial->search.exhausted || the_case->may ||
        trial->is_free)
      continue;
    size_t at = json_array_size(trial->endings);
    add_ending(trial, trial->endings, &the_case->outcomes[o], false, NULL);
    fail_ending(trial, "missing ending", "this expected ending is never reached",
                the_case->outcomes[o].place, at, NULL);
  }
  int others = judge_endings_of(trial, -1);
  if (!trial->is_free) say_hidden(trial, others - SHOWN_UNEXPECTED);
}

/* ---- Endings that only injected faults reach ---- */

/* The injected faults on the way to a state, by their sites. */
static json_t *faults_on_way(struct trial *trial, uint32_t state) {
  struct sim_transition *steps = NULL;
  json_t *faults = json_array();
  int count = sim_search_path(&trial->search, state, &steps);
  sim_machine_restore(trial->machine, &trial->beginning->world, &trial->beginning->image);
  for (int i = 0; i < count; i++) {
    struct sim_effect effect;
    char site[SIM_SITE_NAME_SIZE];
    if (!sim_machine_again(trial->machine, &steps[i], &effect)) break;
    sim_effect_site(&effect, site);
    if (site[0]) json_array_append_new(faults, json_string(site));
  }
  free(steps);
  return faults;
}

/* Those with the most terminal states come first. The order of the search does not show. */
static int by_paths(const void *a, const void *b) {
  const struct sim_found_ending *x = *(struct sim_found_ending *const *)a;
  const struct sim_found_ending *y = *(struct sim_found_ending *const *)b;
  if (x->paths != y->paths) return x->paths > y->paths ? -1 : 1;
  return x->hash < y->hash ? -1 : x->hash > y->hash;
}

static void tell_fault_ending(struct trial *trial, const struct sim_found_ending *found) {
  int nearest = sim_ending_match(trial->the_case, &found->ending).nearest;
  add_ending(trial, trial->fault_endings, nearest >= 0 ? &trial->the_case->outcomes[nearest] : NULL,
             true, found);
  json_object_set_new(
      json_array_get(trial->fault_endings, json_array_size(trial->fault_endings) - 1), "faults",
      faults_on_way(trial, found->state));
}

/* No outcome has to describe them, but people want to know them. Making a story takes time, so only
 * the first ones of thousands get one. */
static bool tell_fault_endings(struct trial *trial) {
  const struct sim_search *search = &trial->search;
  struct sim_found_ending **found = calloc((size_t)search->ending_count + 1, sizeof *found);
  int count = 0;
  if (!found) return false;
  for (int e = 0; e < search->ending_count; e++)
    if (search->endings[e]->only_under_faults) found[count++] = search->endings[e];
  if (count > 1) qsort(found, (size_t)count, sizeof *found, by_paths);
  for (int e = 0; e < count && e < SHOWN_UNEXPECTED; e++) tell_fault_ending(trial, found[e]);
  trial->fault_ending_count = count;
  free(found);
  return true;
}

/* ---- Violations ---- */

static void judge_violations(struct trial *trial) {
  for (int i = 0; i < trial->search.violation_count; i++) {
    const struct sim_found_violation *found = &trial->search.violations[i];
    char text[400];
    int size = snprintf(text, sizeof text, "%s: %s", found->violation.harm, found->violation.text);
    if (size >= 0 && found->violation.at_risk_minor && (size_t)size < sizeof text)
      snprintf(text + size, sizeof text - (size_t)size, " (at risk: %lld minor units)",
               (long long)found->violation.at_risk_minor);
    bool strayed = strcmp(found->violation.rule, SIM_RULE_DETERMINISM) == 0;
    bool is_limit = found->violation.is_cut, is_rule = !strayed && !is_limit;
    add_trial_failure(trial,
                      is_rule   ? "invariant"
                      : strayed ? "nondeterminism"
                                : "not exhausted",
                      is_rule ? found->violation.rule : NULL, size < 0 ? "" : text,
                      trial->the_case->place, json_null(),
                      result_story(trial, found->state, found->transition));
    trial->deterministic = trial->deterministic && !strayed;
    trial->limit_count += is_limit;
    struct sim_signature signature;
    sim_signature_of_violation(&found->violation, &signature);
    add_trace(trial, found->state, found->transition, &signature, NULL);
  }
}

/* ---- The case ---- */

static json_t *result_given_json(const struct sim_case *the_case) {
  json_t *given = json_array();
  for (int i = 0; i < the_case->client_count; i++) {
    const struct sim_client *client = &the_case->clients[i];
    json_array_append_new(
        given, json_pack("{s:s, s:s, s:I, s:s, s:s, s:s}", "client", client->name, "owner",
                         client->owner, "balance", (json_int_t)client->balance_tokens, "plan",
                         sim_plan_word(client->plan), "card", client->card ? client->card : "none",
                         "auto_reload", client->auto_reload ? "on" : "off"));
  }
  return given;
}

static json_t *client_names_json(const struct sim_case *the_case, bool actors) {
  json_t *names = json_array();
  for (int i = 0; i < (actors ? the_case->actor_count : the_case->client_count); i++)
    json_array_append_new(
        names, json_string(actors ? the_case->actors[i].name : the_case->clients[i].name));
  return names;
}

static json_t *trial_json(struct trial *trial, const char *verdict) {
  const struct sim_case *the_case = trial->the_case;
  const struct sim_search *search = &trial->search;
  json_t *rules = json_array();
  for (int i = 0; i < the_case->rule_count; i++)
    json_array_append_new(rules, json_string(the_case->rules[i]));
  json_t *result = json_pack(
      "{s:s, s:s, s:s, s:i, s:o, s:s, s:i, s:s, s:b, s:I, s:I, s:I, s:i, s:o, s:o, s:o, s:O, s:O, "
      "s:i, "
      "s:O}",
      "id", the_case->id, "title", the_case->title, "file", the_case->place.file, "line",
      the_case->place.line, "rules", rules, "currency", the_case->currency, "decimals",
      sim_currency_decimals(the_case->currency), "verdict", verdict, "exhausted", search->exhausted,
      "states", (json_int_t)search->states, "transitions", (json_int_t)search->transitions, "depth",
      (json_int_t)search->depth, "injected_faults", trial->fault_budget, "actors",
      client_names_json(the_case, true), "clients", client_names_json(the_case, false), "given",
      result_given_json(the_case), "endings", trial->endings, "fault_endings", trial->fault_endings,
      "fault_ending_count", trial->fault_ending_count, "failures", trial->failures);
  if (result && sim_evidence_add(result, the_case, search)) return result;
  json_decref(result);
  return NULL;
}

static enum sim_verdict case_verdict(struct trial *trial) {
  judge_violations(trial);
  judge_endings(trial);
  if (!tell_fault_endings(trial)) {
    trial->search.out_of_memory = true;
    trial->search.exhausted = false;
  }
  if (!trial->deterministic) return SIM_NONDETERMINISTIC;
  if (json_array_size(trial->failures) > trial->limit_count) return SIM_FAILED;
  if (trial->search.interrupted) return SIM_INTERRUPTED;
  if (trial->limit_count > 0) return SIM_NOT_EXHAUSTED;
  if (trial->search.exhausted) return SIM_PASSED;
  add_trial_failure(
      trial, "not exhausted", NULL,
      trial->search.out_of_memory
          ? "memory ran out before every state was explored: make the scenario smaller"
          : "the limit of states was reached before every state was explored; raise --max-states "
            "or "
            "make the scenario smaller",
      trial->the_case->place, json_null(), json_array());
  return SIM_NOT_EXHAUSTED;
}

static bool begin_trial(struct trial *trial, struct sim_machines *machines, uint64_t seed,
                        struct reload_message *message) {
  trial->endings = json_array();
  trial->fault_endings = json_array();
  trial->failures = json_array();
  trial->beginning = calloc(1, sizeof *trial->beginning);
  trial->machine = sim_machine_take(machines, trial->the_case, seed, message);
  if (!trial->endings || !trial->fault_endings || !trial->failures || !trial->beginning ||
      !trial->machine)
    return false;
  sim_world_copy(&trial->beginning->world, sim_machine_world(trial->machine), trial->the_case);
  return fake_disk_save(sim_machine_disk(trial->machine), &trial->beginning->image);
}

void sim_case_run(struct sim_machines *machines, const struct sim_case *the_case,
                  const struct sim_limits *limits, enum sim_verdict *verdict, json_t **result) {
  static const char *const words[] = {"passed",           "failed",        "not exhausted",
                                      "nondeterministic", "not exhausted", "failed"};
  struct trial trial = {.the_case = the_case, .limits = limits, .deterministic = true};
  struct reload_message message = {.text = "out of memory"};
  *verdict = SIM_INTERNAL;
  trial.lacks_faults = lacks_faults(the_case, limits);
  trial.is_free = trial.lacks_faults || sim_case_is_free(the_case);
  trial.fault_budget = sim_fault_budget(the_case, limits);
  if (begin_trial(&trial, machines, limits->seed, &message)) {
    sim_explore(trial.machine, limits, &trial.search);
    *verdict = case_verdict(&trial);
  } else if (trial.failures && trial.endings && trial.fault_endings) {
    char text[320];
    int size =
        snprintf(text, sizeof text, "the world of \"given\" cannot be set up: %s", message.text);
    add_trial_failure(&trial, "given", NULL, size < 0 ? "" : text, the_case->place, json_null(),
                      json_array());
    *verdict = SIM_FAILED;
  }
  *result = trial.endings && trial.fault_endings && trial.failures
                ? trial_json(&trial, words[*verdict])
                : NULL;
  sim_search_free(&trial.search);
  if (trial.beginning && trial.machine)
    fake_disk_image_release(sim_machine_disk(trial.machine), &trial.beginning->image);
  sim_machine_free(trial.machine);
  free(trial.beginning);
  json_decref(trial.endings);
  json_decref(trial.fault_endings);
  json_decref(trial.failures);
}
