#include "minimise.h"

#include "case_json.h"
#include "trace_file.h"
#include "minimise_edit.h"
#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  SEARCHED_FAULTS = 1, /* a search with more injected faults at once is too large */
  ASKED_FAULTS = 1     /* what a scenario may ask for ("injected") */
};

struct minimiser {
  const struct sim_minimise_job *job;
  sim_reproducer *reproducer;
  struct sim_limits limits;
  int max_candidates;
  int64_t max_steps;
  json_t *best; /* the smallest scenario that failed so far; at first the given one */
  struct sim_minimised *minimised;
  bool stopped; /* by a limit, an interrupt, or lack of memory */
};

/* ---- One candidate ---- */

static bool must_stop_minimising(struct minimiser *minimiser) {
  const struct sim_minimised *minimised = minimiser->minimised;
  const volatile sig_atomic_t *interrupt = minimiser->limits.interrupt;
  if ((interrupt && *interrupt) || minimised->candidates >= minimiser->max_candidates ||
      minimised->steps >= minimiser->max_steps)
    minimiser->stopped = true;
  return minimiser->stopped;
}

/* The case of a scenario, in a suite of its own; null if it cannot be read. */
static const struct sim_case *read_case(struct sim_suite *suite, const char *name,
                                        const json_t *scenario) {
  const struct sim_case *const *cases;
  char *text = json_dumps(scenario, JSON_COMPACT);
  bool read = suite && text && sim_suite_read_text(suite, name, text, strlen(text));
  free(text);
  return read && sim_suite_cases(suite, &cases) == 1 ? cases[0] : NULL;
}

/* Look for the failure in a candidate. If it is found, the candidate is the best. Returns: whether
 * it is found */
static bool reproduce_candidate(struct minimiser *minimiser, const struct sim_case *the_case,
                                int fault_budget) {
  const struct sim_minimise_job *job = minimiser->job;
  struct sim_minimised *minimised = minimiser->minimised;
  struct sim_limits limits = minimiser->limits;
  struct sim_reproduced reproduced = {.trace = NULL};
  limits.fault_budget = fault_budget;
  if (job->progress) job->progress(job->progress_self, minimised->candidates, minimised->steps);
  minimised->candidates++;
  bool found =
      minimiser->reproducer(job->reproducer_self, the_case, &job->signature, &limits, &reproduced);
  minimised->steps += reproduced.steps;
  json_t *scenario = found ? sim_case_json(the_case) : NULL;
  if (!scenario) {
    free(reproduced.trace);
    return false;
  }
  json_decref(minimised->scenario);
  free(minimised->trace);
  minimised->scenario = scenario;
  minimised->trace = reproduced.trace;
  minimised->fault_budget = fault_budget;
  return true;
}

/* Try a candidate, which is consumed. Returns: whether it fails in the same way; then it is the
 * best */
static bool try_candidate(struct minimiser *minimiser, json_t *candidate, int fault_budget) {
  bool fails = false;
  if (candidate && !must_stop_minimising(minimiser)) {
    struct sim_suite *suite = sim_suite_beside(minimiser->job->suite);
    const struct sim_case *the_case = read_case(suite, minimiser->job->name, candidate);
    fails = the_case && reproduce_candidate(minimiser, the_case, fault_budget);
    sim_suite_free(suite);
  }
  if (fails) {
    json_decref(minimiser->best);
    minimiser->best = json_incref(candidate);
  }
  json_decref(candidate);
  return fails;
}

static bool try_here(struct minimiser *minimiser, json_t *candidate) {
  return try_candidate(minimiser, candidate, minimiser->minimised->fault_budget);
}

/* ---- Cutting ---- */

/* Cut what is not needed out of a list: halves first, then quarters, and so on, from the end. */
static bool cut_from_list(struct minimiser *minimiser, const struct sim_cut_list *list, size_t of,
                          size_t least) {
  bool any = false;
  size_t chunk = list->count(minimiser->best, of);
  while (chunk > 0) {
    for (size_t end = list->count(minimiser->best, of); end > 0;) {
      size_t from = end > chunk ? end - chunk : 0;
      if (list->count(minimiser->best, of) - (end - from) >= least) {
        json_t *candidate = json_deep_copy(minimiser->best);
        if (candidate) list->cut(candidate, of, from, end - from);
        any = try_here(minimiser, candidate) || any;
      }
      end = from;
    }
    chunk /= 2;
  }
  return any;
}

/* First all clients but one at once; then as for any list. */
static bool try_fewer_clients(struct minimiser *minimiser) {
  size_t count = sim_cut_clients.count(minimiser->best, 0);
  for (size_t kept = 0; count > 2 && kept < count && !minimiser->stopped; kept++) {
    json_t *candidate = json_deep_copy(minimiser->best);
    if (candidate) sim_cut_clients.cut(candidate, 0, kept + 1, count - kept - 1);
    if (candidate) sim_cut_clients.cut(candidate, 0, 0, kept);
    if (try_here(minimiser, candidate)) return true;
  }
  return cut_from_list(minimiser, &sim_cut_clients, 0, 1);
}

static bool try_fewer_steps(struct minimiser *minimiser) {
  bool any = false;
  for (size_t a = sim_cut_actors.count(minimiser->best, 0); a-- > 0;)
    any = cut_from_list(minimiser, &sim_cut_steps, a, 1) || any;
  return any;
}

/* Faults that may happen. The strongest go first, so that the weakest sufficient one stays. */
static bool try_fewer_faults(struct minimiser *minimiser) {
  bool any = false;
  for (size_t site = 0; site < SIM_SITE_COUNT; site++)
    any = cut_from_list(minimiser, &sim_cut_faults, site, 0) || any;
  json_t *candidate = json_deep_copy(minimiser->best);
  json_t *faults = json_object_get(candidate, "faults");
  json_int_t most = json_integer_value(json_object_get(faults, "at_most"));
  if (most > 1) {
    (void)json_object_set_new(faults, "at_most", json_integer(most - 1));
    return try_here(minimiser, candidate) || any;
  }
  json_decref(candidate);
  return any;
}

/* Replace a remaining fault by a weaker one of the same site. */
static bool weaken_faults(struct minimiser *minimiser) {
  for (int site = 0; site < SIM_SITE_COUNT; site++) {
    const char *key = sim_site_word((enum sim_site)site);
    json_t *at = json_object_get(json_object_get(minimiser->best, "faults"), key);
    const char *text = json_string_value(json_array_get(at, 0));
    int count = 0, strength = text ? sim_fault_strength(text) : 0;
    const struct sim_fault *others = sim_site_injections((enum sim_site)site, &count);
    for (int weak = 0; weak < strength; weak++)
      for (int i = 0; i < count; i++) {
        if (sim_fault_strength(others[i].text) != weak) continue;
        json_t *candidate = json_deep_copy(minimiser->best);
        json_t *faults = json_object_get(candidate, "faults");
        (void)json_object_set_new(faults, key, json_pack("[s]", others[i].text));
        if (try_here(minimiser, candidate)) return true;
      }
  }
  return false;
}

static bool try_simplifications(struct minimiser *minimiser) {
  bool any = false;
  for (size_t number = 0; !minimiser->stopped; number++) {
    bool changed = false;
    json_t *candidate = json_deep_copy(minimiser->best);
    if (!candidate || !sim_simplify(candidate, number, &changed)) {
      json_decref(candidate);
      return any;
    }
    if (changed)
      any = try_here(minimiser, candidate) || any;
    else
      json_decref(candidate);
  }
  return any;
}

/* ---- Injected faults ---- */

/* Find the smallest budget of injected faults, from 0. */
static void lower_budget(struct minimiser *minimiser, int from) {
  for (int budget = 0; budget <= from && !minimiser->minimised->scenario; budget++)
    (void)try_candidate(minimiser, json_deep_copy(minimiser->best), budget);
  if (!minimiser->minimised->scenario) minimiser->minimised->fault_budget = from;
}

/* Declare a fault that the trace has at a call. Then the scenario fails without injected faults. */
static bool declare_calls(struct minimiser *minimiser, const struct sim_case *the_case,
                          const struct sim_transition *step) {
  for (int i = 0; i < step->count; i++) {
    const struct sim_choice *choice = &step->choices[i];
    if (choice->site >= SIM_SITE_COUNT) continue;
    enum sim_site site = (enum sim_site)choice->site;
    json_t *candidate = json_deep_copy(minimiser->best);
    if (candidate)
      sim_declare_fault(candidate, site, sim_site_fault(the_case, site, choice->code)->text);
    if (try_candidate(minimiser, candidate, minimiser->minimised->fault_budget - 1)) return true;
  }
  return false;
}

/* What a step of the trace has that a step of a scenario can do: bits SIM_WORLD_..., also for a
 * death inside the step, and EVENT_TWICE. */
enum { EVENT_TWICE = SIM_WORLD_EVENT + 1 };
static uint32_t world_steps_in(const struct sim_transition *step) {
  uint32_t shown = 0;
  if (step->task >= SIM_WORLD_POWER_CUT)
    shown |= 1u << step->task;
  else if (step->task >= SIM_WORLD_CRASH)
    shown |= 1u << SIM_WORLD_CRASH;
  for (int i = 0; i < step->count; i++) {
    const struct sim_choice *choice = &step->choices[i];
    bool disk = choice->site >= SIM_CHOICE_DISK;
    if (disk && choice->code == SIM_DISK_DIES) shown |= 1u << SIM_WORLD_CRASH;
    if (disk && choice->code >= SIM_CODE_IMAGE) shown |= 1u << SIM_WORLD_POWER_CUT;
    if (choice->site == SIM_CHOICE_EVENT && choice->code == SIM_EVENT_TWICE + 1)
      shown |= 1u << EVENT_TWICE;
  }
  return shown;
}

/* Declare one of these as a step of another actor. */
static bool declare_steps(struct minimiser *minimiser, uint32_t shown) {
  static const struct {
    int shown;
    const char *verb, *value;
  } steps[] = {{SIM_WORLD_CRASH, "crash", "web"},
               {SIM_WORLD_POWER_CUT, "crash", "web"},
               {SIM_WORLD_POWER_CUT, "power_cut", NULL},
               {SIM_WORLD_CLOCK_FORWARD, "clock", "+1 d"},
               {SIM_WORLD_CLOCK_BACK, "clock", "-5 min"},
               {SIM_WORLD_GATEWAY_DOWN, "gateway_down", "1 h"},
               {SIM_WORLD_EVENT, "deliver_events", "in order"},
               {EVENT_TWICE, "deliver_events", "twice"}};
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    if (!(shown & 1u << steps[i].shown)) continue;
    json_t *candidate = json_deep_copy(minimiser->best);
    if (!candidate) return false;
    sim_declare_step(candidate, steps[i].verb,
                     steps[i].value ? json_string(steps[i].value) : json_true());
    if (try_candidate(minimiser, candidate, minimiser->minimised->fault_budget - 1)) return true;
  }
  return false;
}

/* Returns: whether something was declared; then there is a new trace */
static bool declare_what_is_shown(struct minimiser *minimiser, const struct sim_case *the_case,
                                  const struct sim_trace *trace) {
  uint32_t shown = 0;
  for (int i = 0; i < trace->line_count; i++) {
    struct sim_transition step;
    if (!sim_trace_step(the_case, &trace->lines[i], &step)) continue;
    if (declare_calls(minimiser, the_case, &step)) return true;
    shown |= world_steps_in(&step);
  }
  return declare_steps(minimiser, shown);
}

/* Declare one fault of the trace. Returns: whether that could be done */
static bool declare_one(struct minimiser *minimiser) {
  const char *name = minimiser->job->name, *text = minimiser->minimised->trace;
  struct sim_suite *suite = sim_suite_beside(minimiser->job->suite);
  const struct sim_case *the_case = read_case(suite, name, minimiser->best);
  struct sim_trace *trace =
      the_case ? sim_trace_parse(name, text, strlen(text), false, stderr) : NULL;
  bool declared = trace && declare_what_is_shown(minimiser, the_case, trace);
  sim_trace_free(trace);
  sim_suite_free(suite);
  return declared;
}

/* A declared fault needs no option, and a search that does not inject faults everywhere is much
 * smaller. */
static bool declare_all(struct minimiser *minimiser) {
  bool any = false;
  while (!minimiser->stopped && minimiser->minimised->fault_budget > 0 &&
         minimiser->minimised->trace && declare_one(minimiser))
    any = true;
  return any;
}

/* ---- All of it ---- */

/* Cut two steps at once where neither can go alone: a purchase and its refund, off and on. */
static bool cut_pairs(struct minimiser *minimiser) {
  struct sim_unit first, second;
  bool any = false;
  for (size_t i = 0; sim_nth_unit(minimiser->best, i, &first); i++)
    for (size_t j = i + 1; !minimiser->stopped && sim_nth_unit(minimiser->best, j, &second); j++) {
      json_t *candidate = json_deep_copy(minimiser->best);
      if (!candidate || !sim_cut_units(candidate, first, second)) {
        json_decref(candidate);
      } else if (try_here(minimiser, candidate)) {
        any = true;
        if (!sim_nth_unit(minimiser->best, i, &first)) return any;
      }
    }
  return any;
}

/* Merge two clients or actors into one. Returns: whether two were merged */
static bool try_merges(struct minimiser *minimiser, const struct sim_cut_list *list,
                       bool (*into_one)(json_t *scenario, size_t from, size_t to)) {
  size_t count = list->count(minimiser->best, 0);
  for (size_t from = count; from-- > 0;)
    for (size_t to = 0; to < count && !minimiser->stopped; to++) {
      json_t *candidate = json_deep_copy(minimiser->best);
      if (!candidate || !into_one(candidate, from, to))
        json_decref(candidate);
      else if (try_here(minimiser, candidate))
        return true;
    }
  return false;
}

/* Everything may be cut: an invariant holds in every scenario. */
static void minimise_freely(struct minimiser *minimiser) {
  bool any = true;
  while (any && !minimiser->stopped) {
    any = declare_all(minimiser);
    any = try_fewer_clients(minimiser) || any;
    any = cut_from_list(minimiser, &sim_cut_actors, 0, 1) || any;
    any = try_fewer_steps(minimiser) || any;
    any = try_fewer_faults(minimiser) || any;
    any = weaken_faults(minimiser) || any;
    any = try_simplifications(minimiser) || any;
    any = any || try_merges(minimiser, &sim_cut_actors, sim_merge_actors) ||
          try_merges(minimiser, &sim_cut_clients, sim_merge_clients) || cut_pairs(minimiser);
  }
}

/* Cut only what leaves the outcomes right. */
static void minimise_within_outcomes(struct minimiser *minimiser) {
  bool any = true;
  while (any && !minimiser->stopped) {
    any = try_fewer_faults(minimiser);
    for (size_t c = sim_cut_clients.count(minimiser->best, 0); c-- > 0;) {
      json_t *candidate = json_deep_copy(minimiser->best);
      if (candidate && sim_cut_client_apart(candidate, c))
        any = try_here(minimiser, candidate) || any;
      else
        json_decref(candidate);
    }
    for (size_t a = sim_cut_actors.count(minimiser->best, 0); a-- > 0;) {
      json_t *candidate = json_deep_copy(minimiser->best);
      if (candidate && sim_cut_idle_step(candidate, a))
        any = try_here(minimiser, candidate) || any;
      else
        json_decref(candidate);
    }
  }
}

/* If one injected fault is left, the scenario can ask for it and then fails in a plain run. A
 * search with more than one would be too large for that. */
static void ask_for_fault(struct minimiser *minimiser) {
  static const struct sim_words *const words = &sim_injected_words;
  json_t *candidate = json_deep_copy(minimiser->best);
  if (candidate && !json_object_get(candidate, "faults"))
    (void)json_object_set_new(candidate, "faults", json_object());
  (void)json_object_set_new(json_object_get(candidate, "faults"), "injected",
                            json_string(words->list[ASKED_FAULTS]));
  minimiser->stopped = false; /* this last candidate may exceed the limits: it is tried once */
  minimiser->max_candidates = minimiser->minimised->candidates + 1;
  minimiser->max_steps = minimiser->minimised->steps + 1;
  (void)try_candidate(minimiser, candidate, 0);
}

/* Take the injected faults that the scenario asks for out of it, into the budget. */
static int take_asked_faults(struct minimiser *minimiser) {
  json_t *faults = json_object_get(minimiser->best, "faults");
  const char *word = json_string_value(json_object_get(faults, "injected"));
  int asked = word ? sim_words_index(&sim_injected_words, word) : 0;
  int budget = minimiser->limits.fault_budget;
  if (!word) return budget;
  (void)json_object_del(faults, "injected");
  if (json_object_size(faults) == 0) (void)json_object_del(minimiser->best, "faults");
  return asked > budget && !minimiser->limits.without_declared ? asked : budget;
}

/* Loosen what the scenario expects, so that a smaller one can still meet it. */
static void loosen_expectations(json_t *scenario, bool is_checker) {
  json_t *then = json_object_get(scenario, "then"), *outcomes = json_object_get(then, "outcomes");
  if (is_checker) {
    (void)json_object_set_new(scenario, "then", json_pack("{s:s}", "may", "anything"));
  } else if (outcomes) {
    (void)json_object_set(then, "may", outcomes);
    (void)json_object_del(then, "outcomes");
  }
}

static void minimise_to_end(struct minimiser *minimiser) {
  if (strcmp(minimiser->job->signature.kind, "invariant") == 0)
    minimise_freely(minimiser);
  else
    minimise_within_outcomes(minimiser);
}

/* Continue with the exhaustive search, if it finds the failure in what the other reproducer
 * left. */
static void search_on(struct minimiser *minimiser) {
  struct sim_minimised *minimised = minimiser->minimised;
  bool was_stopped = minimiser->stopped;
  minimiser->reproducer = sim_reproduce_all;
  minimiser->stopped = false;
  minimiser->max_candidates += minimised->candidates;
  minimiser->max_steps += minimised->steps;
  if (minimised->fault_budget <= SEARCHED_FAULTS &&
      try_here(minimiser, json_incref(minimiser->best)))
    minimise_to_end(minimiser);
  else
    minimiser->stopped = was_stopped;
}

bool sim_minimise(const struct sim_minimise_job *job, struct sim_minimised *minimised) {
  memset(minimised, 0, sizeof *minimised);
  struct minimiser minimiser = {.job = job,
                                .reproducer = job->reproducer ? job->reproducer : sim_reproduce_all,
                                .limits = job->limits,
                                .max_candidates = job->max_candidates ? job->max_candidates
                                                                      : SIM_MINIMISE_CANDIDATES,
                                .max_steps = job->max_steps ? job->max_steps : SIM_MINIMISE_STEPS,
                                .best = json_deep_copy(job->scenario),
                                .minimised = minimised};
  if (!minimiser.limits.max_states) minimiser.limits.max_states = SIM_MINIMISE_STATES;
  if (minimiser.best) {
    loosen_expectations(minimiser.best, strcmp(job->signature.kind, "invariant") == 0);
    sim_sort_faults(minimiser.best);
    lower_budget(&minimiser, take_asked_faults(&minimiser));
    minimise_to_end(&minimiser);
    if (job->then_search && minimised->scenario) search_on(&minimiser);
    minimised->complete = minimised->scenario && !minimiser.stopped;
    if (minimised->scenario && minimised->fault_budget == ASKED_FAULTS) ask_for_fault(&minimiser);
  }
  json_decref(minimiser.best);
  return minimised->scenario != NULL;
}

void sim_minimised_free(struct sim_minimised *minimised) {
  json_decref(minimised->scenario);
  free(minimised->trace);
  memset(minimised, 0, sizeof *minimised);
}
