#include "shrink.h"

#include "case_json.h"
#include "recording.h"
#include "shrink_edit.h"
#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  SEARCHED_FAULTS = 1, /* more undeclared faults at once are too many to search for; */
  ASKED_FAULTS = 1     /* and so many may be in every run */
};

struct shrinker {
  const struct sim_shrink_job *job;
  sim_hunter *hunter;
  struct sim_limits limits;
  int max_candidates;
  int64_t max_moves;
  json_t *best; /* the smallest that failed so far; at first what is to be shrunk */
  struct sim_shrunk *shrunk;
  bool stopped; /* by a limit, an interrupt, or for want of memory */
};

/* ---- One candidate ---- */

static bool must_stop(struct shrinker *shrinker) {
  const struct sim_shrunk *shrunk = shrinker->shrunk;
  const volatile sig_atomic_t *interrupt = shrinker->limits.interrupt;
  if ((interrupt && *interrupt) || shrunk->candidates >= shrinker->max_candidates ||
      shrunk->moves >= shrinker->max_moves)
    shrinker->stopped = true;
  return shrinker->stopped;
}

/* The case that a scenario is, in a suite of its own; null if it cannot be read. */
static const struct sim_case *read_case(struct sim_suite *suite, const char *name,
                                        const json_t *scenario) {
  const struct sim_case *const *cases;
  char *text = json_dumps(scenario, JSON_COMPACT);
  bool read = suite && text && sim_suite_read_text(suite, name, text, strlen(text));
  free(text);
  return read && sim_suite_cases(suite, &cases) == 1 ? cases[0] : NULL;
}

/* Hunt in a candidate that can be read; what is found is kept as the best.
 * Returns: whether the failure is in it */
static bool hunt(struct shrinker *shrinker, const struct sim_case *the_case, int fault_budget) {
  const struct sim_shrink_job *job = shrinker->job;
  struct sim_shrunk *shrunk = shrinker->shrunk;
  struct sim_limits limits = shrinker->limits;
  struct sim_hunted hunted = {.tape = NULL};
  limits.fault_budget = fault_budget;
  if (job->progress) job->progress(job->progress_self, shrunk->candidates, shrunk->moves);
  shrunk->candidates++;
  bool found = shrinker->hunter(job->hunter_self, the_case, &job->signature, &limits, &hunted);
  shrunk->moves += hunted.moves;
  json_t *told = found ? sim_case_json(the_case) : NULL;
  if (!told) {
    free(hunted.tape);
    return false;
  }
  json_decref(shrunk->scenario);
  free(shrunk->tape);
  shrunk->scenario = told;
  shrunk->tape = hunted.tape;
  shrunk->fault_budget = fault_budget;
  return true;
}

/* Try a candidate, which is taken.
 * Returns: whether it fails as wanted; then it is the best */
static bool try(struct shrinker *shrinker, json_t *candidate, int fault_budget) {
  bool fails = false;
  if (candidate && !must_stop(shrinker)) {
    struct sim_suite *suite = sim_suite_beside(shrinker->job->suite);
    const struct sim_case *the_case = read_case(suite, shrinker->job->name, candidate);
    fails = the_case && hunt(shrinker, the_case, fault_budget);
    sim_suite_free(suite);
  }
  if (fails) {
    json_decref(shrinker->best);
    shrinker->best = json_incref(candidate);
  }
  json_decref(candidate);
  return fails;
}

static bool try_here(struct shrinker *shrinker, json_t *candidate) {
  return try(shrinker, candidate, shrinker->shrunk->fault_budget);
}

/* ---- Cutting ---- */

/* Cut out of a list what is not needed: halves first, then quarters, ..., the last ones first. */
static bool cut(struct shrinker *shrinker, const struct sim_cut_list *list, size_t of,
                size_t least) {
  bool any = false;
  size_t chunk = list->count(shrinker->best, of);
  while (chunk > 0) {
    for (size_t end = list->count(shrinker->best, of); end > 0;) {
      size_t from = end > chunk ? end - chunk : 0;
      if (list->count(shrinker->best, of) - (end - from) >= least) {
        json_t *candidate = json_deep_copy(shrinker->best);
        if (candidate) list->cut(candidate, of, from, end - from);
        any = try_here(shrinker, candidate) || any;
      }
      end = from;
    }
    chunk /= 2;
  }
  return any;
}

/* All clients but one, at once; then as any list. */
static bool cut_clients(struct shrinker *shrinker) {
  size_t count = sim_cut_clients.count(shrinker->best, 0);
  for (size_t kept = 0; count > 2 && kept < count && !shrinker->stopped; kept++) {
    json_t *candidate = json_deep_copy(shrinker->best);
    if (candidate) sim_cut_clients.cut(candidate, 0, kept + 1, count - kept - 1);
    if (candidate) sim_cut_clients.cut(candidate, 0, 0, kept);
    if (try_here(shrinker, candidate)) return true;
  }
  return cut(shrinker, &sim_cut_clients, 0, 1);
}

static bool cut_steps(struct shrinker *shrinker) {
  bool any = false;
  for (size_t a = sim_cut_actors.count(shrinker->best, 0); a-- > 0;)
    any = cut(shrinker, &sim_cut_steps, a, 1) || any;
  return any;
}

/* Faults that may happen: the strongest go first, so that the weakest that will do stays. */
static bool cut_faults(struct shrinker *shrinker) {
  bool any = false;
  for (size_t site = 0; site < SIM_SITE_COUNT; site++)
    any = cut(shrinker, &sim_cut_faults, site, 0) || any;
  json_t *candidate = json_deep_copy(shrinker->best);
  json_t *faults = json_object_get(candidate, "faults");
  json_int_t most = json_integer_value(json_object_get(faults, "at_most"));
  if (most > 1) {
    (void)json_object_set_new(faults, "at_most", json_integer(most - 1));
    return try_here(shrinker, candidate) || any;
  }
  json_decref(candidate);
  return any;
}

/* A fault that is left, by a weaker one of the same place. */
static bool weaken_faults(struct shrinker *shrinker) {
  for (int site = 0; site < SIM_SITE_COUNT; site++) {
    const char *key = sim_site_word((enum sim_site)site);
    json_t *at = json_object_get(json_object_get(shrinker->best, "faults"), key);
    const char *text = json_string_value(json_array_get(at, 0));
    int count = 0, strength = text ? sim_fault_strength(text) : 0;
    const struct sim_fault *others = sim_site_injections((enum sim_site)site, &count);
    for (int weak = 0; weak < strength; weak++)
      for (int i = 0; i < count; i++) {
        if (sim_fault_strength(others[i].text) != weak) continue;
        json_t *candidate = json_deep_copy(shrinker->best);
        json_t *faults = json_object_get(candidate, "faults");
        (void)json_object_set_new(faults, key, json_pack("[s]", others[i].text));
        if (try_here(shrinker, candidate)) return true;
      }
  }
  return false;
}

static bool simplify(struct shrinker *shrinker) {
  bool any = false;
  for (size_t number = 0; !shrinker->stopped; number++) {
    bool changed = false;
    json_t *candidate = json_deep_copy(shrinker->best);
    if (!candidate || !sim_simplify(candidate, number, &changed)) {
      json_decref(candidate);
      return any;
    }
    if (changed)
      any = try_here(shrinker, candidate) || any;
    else
      json_decref(candidate);
  }
  return any;
}

/* ---- Faults that nobody declared ---- */

/* Fewer of them: none, best of all. */
static void lower_budget(struct shrinker *shrinker, int from) {
  for (int budget = 0; budget <= from && !shrinker->shrunk->scenario; budget++)
    (void)try(shrinker, json_deep_copy(shrinker->best), budget);
  if (!shrinker->shrunk->scenario) shrinker->shrunk->fault_budget = from;
}

/* A fault that the tape shows at a call, declared: then the scenario fails in any run. */
static bool declare_calls(struct shrinker *shrinker, const struct sim_case *the_case,
                          const struct sim_transition *step) {
  for (int i = 0; i < step->count; i++) {
    const struct sim_choice *choice = &step->choices[i];
    if (choice->site >= SIM_SITE_COUNT) continue;
    enum sim_site site = (enum sim_site)choice->site;
    json_t *candidate = json_deep_copy(shrinker->best);
    if (candidate)
      sim_declare_fault(candidate, site, sim_site_fault(the_case, site, choice->code)->text);
    if (try(shrinker, candidate, shrinker->shrunk->fault_budget - 1)) return true;
  }
  return false;
}

/* What a step of the tape shows that a step of the world can do: bits SIM_MOVE_..., also for deaths
 * inside it, and EVENT_TWICE. */
enum { EVENT_TWICE = SIM_MOVE_EVENT + 1 };
static uint32_t world_steps_in(const struct sim_transition *step) {
  uint32_t shown = 0;
  if (step->task >= SIM_MOVE_POWER_CUT)
    shown |= 1u << step->task;
  else if (step->task >= SIM_MOVE_CRASH)
    shown |= 1u << SIM_MOVE_CRASH;
  for (int i = 0; i < step->count; i++) {
    const struct sim_choice *choice = &step->choices[i];
    bool disk = choice->site >= SIM_CHOICE_DISK;
    if (disk && choice->code == SIM_DISK_DIES) shown |= 1u << SIM_MOVE_CRASH;
    if (disk && choice->code >= SIM_CODE_IMAGE) shown |= 1u << SIM_MOVE_POWER_CUT;
    if (choice->site == SIM_CHOICE_EVENT && choice->code == SIM_EVENT_TWICE + 1)
      shown |= 1u << EVENT_TWICE;
  }
  return shown;
}

/* These, declared as a step of the world beside the others. */
static bool declare_steps(struct shrinker *shrinker, uint32_t shown) {
  static const struct {
    int shown;
    const char *verb, *value;
  } steps[] = {{SIM_MOVE_CRASH, "crash", "web"},
               {SIM_MOVE_POWER_CUT, "crash", "web"},
               {SIM_MOVE_POWER_CUT, "power_cut", NULL},
               {SIM_MOVE_CLOCK_FORWARD, "clock", "+1 d"},
               {SIM_MOVE_CLOCK_BACK, "clock", "-5 min"},
               {SIM_MOVE_GATEWAY_DOWN, "gateway_down", "1 h"},
               {SIM_MOVE_EVENT, "deliver_events", "in order"},
               {EVENT_TWICE, "deliver_events", "twice"}};
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    if (!(shown & 1u << steps[i].shown)) continue;
    json_t *candidate = json_deep_copy(shrinker->best);
    if (!candidate) return false;
    sim_declare_step(candidate, steps[i].verb,
                     steps[i].value ? json_string(steps[i].value) : json_true());
    if (try(shrinker, candidate, shrinker->shrunk->fault_budget - 1)) return true;
  }
  return false;
}

/* Returns: whether something was declared; the tape is another one then */
static bool declare_what_is_shown(struct shrinker *shrinker, const struct sim_case *the_case,
                                  const struct sim_recording *tape) {
  uint32_t shown = 0;
  for (int i = 0; i < tape->line_count; i++) {
    struct sim_transition step;
    if (!sim_recording_step(the_case, &tape->lines[i], &step)) continue;
    if (declare_calls(shrinker, the_case, &step)) return true;
    shown |= world_steps_in(&step);
  }
  return declare_steps(shrinker, shown);
}

/* Declare one fault of the tape. Returns: whether that could be done */
static bool declare_one(struct shrinker *shrinker) {
  const char *name = shrinker->job->name, *text = shrinker->shrunk->tape;
  struct sim_suite *suite = sim_suite_beside(shrinker->job->suite);
  const struct sim_case *the_case = read_case(suite, name, shrinker->best);
  struct sim_recording *tape =
      the_case ? sim_recording_parse(name, text, strlen(text), false, stderr) : NULL;
  bool declared = tape && declare_what_is_shown(shrinker, the_case, tape);
  sim_recording_free(tape);
  sim_suite_free(suite);
  return declared;
}

/* A fault that is declared shows in any run, and a search that need not inject it everywhere is
 * much smaller. */
static bool declare(struct shrinker *shrinker) {
  bool any = false;
  while (!shrinker->stopped && shrinker->shrunk->fault_budget > 0 && shrinker->shrunk->tape &&
         declare_one(shrinker))
    any = true;
  return any;
}

/* ---- All of it ---- */

/* Two at once, where neither can go alone: a purchase and its refund, a turning off and on. */
static bool cut_pairs(struct shrinker *shrinker) {
  struct sim_unit first, second;
  bool any = false;
  for (size_t i = 0; sim_nth_unit(shrinker->best, i, &first); i++)
    for (size_t j = i + 1; !shrinker->stopped && sim_nth_unit(shrinker->best, j, &second); j++) {
      json_t *candidate = json_deep_copy(shrinker->best);
      if (!candidate || !sim_cut_units(candidate, first, second)) {
        json_decref(candidate);
      } else if (try_here(shrinker, candidate)) {
        any = true;
        if (!sim_nth_unit(shrinker->best, i, &first)) return any;
      }
    }
  return any;
}

/* Any two clients, or actors, by one of them. Returns: whether it was done: one is gone now */
static bool merge(struct shrinker *shrinker, const struct sim_cut_list *list,
                  bool (*into_one)(json_t *scenario, size_t from, size_t to)) {
  size_t count = list->count(shrinker->best, 0);
  for (size_t from = count; from-- > 0;)
    for (size_t to = 0; to < count && !shrinker->stopped; to++) {
      json_t *candidate = json_deep_copy(shrinker->best);
      if (!candidate || !into_one(candidate, from, to))
        json_decref(candidate);
      else if (try_here(shrinker, candidate))
        return true;
    }
  return false;
}

/* Everything may go: an oracle asks nothing of a scenario. */
static void shrink_freely(struct shrinker *shrinker) {
  bool any = true;
  while (any && !shrinker->stopped) {
    any = declare(shrinker);
    any = cut_clients(shrinker) || any;
    any = cut(shrinker, &sim_cut_actors, 0, 1) || any;
    any = cut_steps(shrinker) || any;
    any = cut_faults(shrinker) || any;
    any = weaken_faults(shrinker) || any;
    any = simplify(shrinker) || any;
    any = any || merge(shrinker, &sim_cut_actors, sim_merge_actors) ||
          merge(shrinker, &sim_cut_clients, sim_merge_clients) || cut_pairs(shrinker);
  }
}

/* Only what leaves right what the outcomes say. */
static void shrink_within_outcomes(struct shrinker *shrinker) {
  bool any = true;
  while (any && !shrinker->stopped) {
    any = cut_faults(shrinker);
    for (size_t c = sim_cut_clients.count(shrinker->best, 0); c-- > 0;) {
      json_t *candidate = json_deep_copy(shrinker->best);
      if (candidate && sim_cut_client_apart(candidate, c))
        any = try_here(shrinker, candidate) || any;
      else
        json_decref(candidate);
    }
    for (size_t a = sim_cut_actors.count(shrinker->best, 0); a-- > 0;) {
      json_t *candidate = json_deep_copy(shrinker->best);
      if (candidate && sim_cut_idle_step(candidate, a))
        any = try_here(shrinker, candidate) || any;
      else
        json_decref(candidate);
    }
  }
}

/* An undeclared fault that is left can be asked for: then the scenario fails as it is. Only a
 * search that shows one of them is small enough for every run. */
static void ask_for_fault(struct shrinker *shrinker) {
  static const struct sim_words *const words = &sim_undeclared_words;
  json_t *candidate = json_deep_copy(shrinker->best);
  if (candidate && !json_object_get(candidate, "faults"))
    (void)json_object_set_new(candidate, "faults", json_object());
  (void)json_object_set_new(json_object_get(candidate, "faults"), "undeclared",
                            json_string(words->list[ASKED_FAULTS]));
  shrinker->stopped = false; /* it is the last one, and found for sure if it can be searched */
  shrinker->max_candidates = shrinker->shrunk->candidates + 1;
  shrinker->max_moves = shrinker->shrunk->moves + 1;
  (void)try(shrinker, candidate, 0);
}

/* Let shrinking know how many undeclared faults there are, and the scenario not ask for them. */
static int take_asked_faults(struct shrinker *shrinker) {
  json_t *faults = json_object_get(shrinker->best, "faults");
  const char *word = json_string_value(json_object_get(faults, "undeclared"));
  int asked = word ? sim_words_index(&sim_undeclared_words, word) : 0;
  int budget = shrinker->limits.fault_budget;
  if (!word) return budget;
  (void)json_object_del(faults, "undeclared");
  if (json_object_size(faults) == 0) (void)json_object_del(shrinker->best, "faults");
  return asked > budget && !shrinker->limits.without_declared ? asked : budget;
}

/* What the scenario demands, so that a smaller one can keep it. */
static void loosen(json_t *scenario, bool is_oracle) {
  json_t *then = json_object_get(scenario, "then"), *outcomes = json_object_get(then, "outcomes");
  if (is_oracle) {
    (void)json_object_set_new(scenario, "then", json_pack("{s:s}", "may", "anything"));
  } else if (outcomes) {
    (void)json_object_set(then, "may", outcomes);
    (void)json_object_del(then, "outcomes");
  }
}

static void shrink(struct shrinker *shrinker) {
  if (strcmp(shrinker->job->signature.kind, "oracle") == 0)
    shrink_freely(shrinker);
  else
    shrink_within_outcomes(shrinker);
}

/* On from what the other hunter has left, if a search finds the failure in it. */
static void search_on(struct shrinker *shrinker) {
  struct sim_shrunk *shrunk = shrinker->shrunk;
  bool was_stopped = shrinker->stopped;
  shrinker->hunter = sim_hunt_all;
  shrinker->stopped = false;
  shrinker->max_candidates += shrunk->candidates;
  shrinker->max_moves += shrunk->moves;
  if (shrunk->fault_budget <= SEARCHED_FAULTS && try_here(shrinker, json_incref(shrinker->best)))
    shrink(shrinker);
  else
    shrinker->stopped = was_stopped;
}

bool sim_shrink(const struct sim_shrink_job *job, struct sim_shrunk *shrunk) {
  memset(shrunk, 0, sizeof *shrunk);
  struct shrinker shrinker = {.job = job,
                              .hunter = job->hunter ? job->hunter : sim_hunt_all,
                              .limits = job->limits,
                              .max_candidates =
                                  job->max_candidates ? job->max_candidates : SIM_SHRINK_CANDIDATES,
                              .max_moves = job->max_moves ? job->max_moves : SIM_SHRINK_MOVES,
                              .best = json_deep_copy(job->scenario),
                              .shrunk = shrunk};
  if (!shrinker.limits.max_states) shrinker.limits.max_states = SIM_SHRINK_STATES;
  if (shrinker.best) {
    loosen(shrinker.best, strcmp(job->signature.kind, "oracle") == 0);
    sim_sort_faults(shrinker.best);
    lower_budget(&shrinker, take_asked_faults(&shrinker));
    shrink(&shrinker);
    if (job->then_search && shrunk->scenario) search_on(&shrinker);
    shrunk->complete = shrunk->scenario && !shrinker.stopped;
    if (shrunk->scenario && shrunk->fault_budget == ASKED_FAULTS) ask_for_fault(&shrinker);
  }
  json_decref(shrinker.best);
  return shrunk->scenario != NULL;
}

void sim_shrunk_free(struct sim_shrunk *shrunk) {
  json_decref(shrunk->scenario);
  free(shrunk->tape);
  memset(shrunk, 0, sizeof *shrunk);
}
