#include "fuzz_run.h"

#include "generate.h"
#include "generate_inside.h"
#include "reduce.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The plan ---- */

static int draw_from(struct sim_random *random, const int *list, int64_t count) {
  return list[sim_random_below(random, count)];
}

void sim_fuzz_run_begin(struct sim_fuzz_run *run, uint64_t seed, int64_t number) {
  static const int answers[] = {0, 50, 150, 400}, worlds[] = {0, 10, 30}, disks[] = {0, 30, 100};
  struct sim_random random;
  sim_random_begin(&random, seed, (uint64_t)number, SIM_STREAM_RUN);
  *run = (struct sim_fuzz_run){.seed = seed, .run = number};
  run->plan.answer_permille = draw_from(&random, answers, 4);
  if (sim_random_chance(&random, 600)) return; /* no injected faults at all */
  run->plan.fault_limit = 1 + (int)sim_random_below(&random, 4);
  run->plan.world_permille = draw_from(&random, worlds, 3);
  run->plan.disk_permille = draw_from(&random, disks, 3);
}

/* Every second walk goes by priorities, with 0, 1, ... 4 change points in turn. A walk is expected
 * to be as long as the one before it. */
static struct sim_walk_plan plan_walk(const struct sim_fuzz_run *run, int walk, int steps_before) {
  struct sim_walk_plan plan = run->plan;
  sim_random_begin(&plan.random, run->seed, (uint64_t)run->run, SIM_STREAM_WALKS + (uint64_t)walk);
  plan.has_priorities = walk % 2 == 1;
  plan.change_points = walk / 2 % 5;
  plan.expected_steps = steps_before;
  return plan;
}

/* ---- The scenario ---- */

void sim_fuzz_run_name(const struct sim_fuzz_run *run, char name[SIM_FUZZ_NAME_SIZE]) {
  int size = snprintf(name, SIM_FUZZ_NAME_SIZE, "fuzz/seed-%" PRIu64 "-run-%" PRId64 ".json",
                      run->seed, run->run);
  if (size < 0) name[0] = '\0';
}

const struct sim_case *sim_fuzz_run_read(const struct sim_fuzz_run *run, struct sim_suite *suite,
                                         char **text) {
  char name[SIM_FUZZ_NAME_SIZE];
  const struct sim_case *const *cases;
  json_t *root = sim_generate(run->seed, run->run);
  *text = root ? json_dumps(root, JSON_COMPACT) : NULL;
  json_decref(root);
  sim_fuzz_run_name(run, name);
  if (!*text || !sim_suite_read_text(suite, name, *text, strlen(*text))) return NULL;
  size_t count = sim_suite_cases(suite, &cases);
  return count > 0 ? cases[count - 1] : NULL;
}

static void say_refusal(const struct sim_fuzz_run *run, const struct sim_suite *suite) {
  const struct sim_mistake *mistakes;
  size_t count = sim_suite_mistakes(suite, &mistakes);
  fprintf(stderr, "reloadsim: run %" PRId64 " made a scenario that cannot be read%s%s\n", run->run,
          count ? ": " : "", count ? mistakes[count - 1].text : "");
}

/* ---- The run ---- */

struct tally {
  int64_t walks, steps, endings, too_large;
  struct sim_probes probes;
  json_t *failures;
};

static json_t *find_run_failure(const json_t *failures, const struct sim_violation *violation) {
  for (size_t i = 0; i < json_array_size(failures); i++) {
    json_t *failure = json_array_get(failures, i);
    if (strcmp(json_string_value(json_object_get(failure, "rule")), violation->rule) == 0 &&
        strcmp(json_string_value(json_object_get(failure, "class")), violation->harm) == 0)
      return failure;
  }
  return NULL;
}

static void keep_failure(struct tally *tally, struct sim_walker *walker, int walk) {
  struct sim_violation violation = *sim_walk_violation(walker);
  json_t *known = find_run_failure(tally->failures, &violation);
  if (known) {
    json_int_t walks = json_integer_value(json_object_get(known, "walks"));
    (void)json_object_set_new(known, "walks", json_integer(walks + 1));
    return;
  }
  char *trace = sim_walk_trace(walker);
  (void)json_array_append_new(
      tally->failures, json_pack("{s:s, s:s, s:s, s:I, s:i, s:i, s:s}", "rule", violation.rule,
                                 "class", violation.harm, "text", violation.text, "at_risk_minor",
                                 (json_int_t)violation.at_risk_minor, "walk", walk + 1, "walks", 1,
                                 "trace", trace ? trace : ""));
  free(trace);
}

/* Returns: false if interrupted, or out of memory */
static bool walk_all(const struct sim_fuzz_run *run, struct sim_walker *walker,
                     const volatile sig_atomic_t *interrupt, struct tally *tally) {
  int count = 0;
  for (int walk = 0; walk < SIM_FUZZ_WALKS; walk++) {
    const struct sim_transition *steps;
    struct sim_walk_plan plan = plan_walk(run, walk, count);
    enum sim_walk_end end = sim_walk(walker, &plan, interrupt, &tally->probes);
    if (end == SIM_WALK_INTERRUPTED || end == SIM_WALK_OUT_OF_MEMORY) return false;
    count = sim_walk_steps(walker, &steps);
    tally->walks++;
    tally->steps += count;
    tally->endings += end == SIM_WALK_ENDED || end == SIM_WALK_TOO_LARGE;
    tally->too_large += end == SIM_WALK_TOO_LARGE;
    if (end == SIM_WALK_BROKEN) keep_failure(tally, walker, walk);
  }
  return true;
}

static json_t *run_json(const struct tally *tally) {
  json_t *probes = json_array();
  for (int i = 0; i < SIM_PROBE_COUNT; i++)
    (void)json_array_append_new(probes, json_integer(tally->probes.hits[i]));
  return json_pack("{s:I, s:I, s:I, s:I, s:o, s:O}", "walks", (json_int_t)tally->walks, "steps",
                   (json_int_t)tally->steps, "endings", (json_int_t)tally->endings, "too_large",
                   (json_int_t)tally->too_large, "probes", probes, "failures", tally->failures);
}

json_t *sim_fuzz_run(const struct sim_fuzz_run *run, struct sim_suite *suite,
                     struct sim_machines *machines, const volatile sig_atomic_t *interrupt) {
  struct reload_message message = {.text = "out of memory"};
  struct tally tally = {.failures = json_array()};
  char *text = NULL;
  json_t *result = NULL;
  const struct sim_case *the_case = sim_fuzz_run_read(run, suite, &text);
  struct sim_walker *walker =
      the_case ? sim_walker_new(machines, the_case, run->seed, &message) : NULL;
  if (!the_case)
    say_refusal(run, suite);
  else if (!walker)
    fprintf(stderr, "reloadsim: run %" PRId64 " made a scenario whose world cannot be set up: %s\n",
            run->run, message.text);
  else if (walk_all(run, walker, interrupt, &tally))
    result = run_json(&tally);
  sim_walker_free(walker);
  json_decref(tally.failures);
  free(text);
  return result;
}

/* ---- Reproducing, for minimising ---- */

/* Bounds of one reproduction, in walks and steps: minimising makes hundreds of them. */
enum { REPRODUCTION_WALKS = 100, REPRODUCTION_STEPS = 2000, REDUCTION_STEPS = 1000 };

/* Walk as the run did, until the failure comes. Returns: whether it came */
static bool walk_until_found(const struct sim_fuzz_run *run, struct sim_walker *walker,
                             const struct sim_signature *signature, const struct sim_limits *limits,
                             int64_t *steps) {
  struct sim_fuzz_run bounded = *run;
  int count = 0;
  int64_t most = *steps + REPRODUCTION_STEPS;
  bounded.plan.fault_limit = limits->fault_budget;
  for (int walk = 0; walk < REPRODUCTION_WALKS && *steps < most; walk++) {
    const struct sim_transition *made;
    struct sim_walk_plan plan = plan_walk(&bounded, walk, count);
    enum sim_walk_end end = sim_walk(walker, &plan, limits->interrupt, NULL);
    if (end == SIM_WALK_INTERRUPTED || end == SIM_WALK_OUT_OF_MEMORY) return false;
    count = sim_walk_steps(walker, &made);
    *steps += count;
    if (sim_walk_found(walker, end, signature)) return true;
  }
  return false;
}

/* Walk along the guide, else as the run did. Returns: whether the failure came */
static bool walk_to_failure(const struct sim_fuzz_trail *trail, struct sim_walker *walker,
                            const struct sim_signature *signature, const struct sim_limits *limits,
                            int64_t *steps) {
  if (trail->guide) {
    const struct sim_transition *made;
    enum sim_walk_end end = sim_walk_along(walker, trail->guide, limits->fault_budget);
    *steps += sim_walk_steps(walker, &made);
    if (sim_walk_found(walker, end, signature)) return true;
  }
  return walk_until_found(&trail->run, walker, signature, limits, steps);
}

/* What was left out of a trace need not be tried again in a smaller scenario. */
static void follow_trace(struct sim_fuzz_trail *trail, const char *trace) {
  struct sim_trace *guide = sim_trace_parse("the trace", trace, strlen(trace), false, stderr);
  if (!guide) return;
  sim_trace_free(trail->guide);
  trail->guide = guide;
}

bool sim_fuzz_reproduce(void *self, const struct sim_case *the_case,
                        const struct sim_signature *signature, const struct sim_limits *limits,
                        struct sim_reproduced *reproduced) {
  struct sim_fuzz_trail *trail = self;
  struct reload_message message;
  struct sim_walker *walker = sim_walker_new(NULL, the_case, trail->run.seed, &message);
  if (!walker) return false;
  if (walk_to_failure(trail, walker, signature, limits, &reproduced->steps)) {
    reproduced->steps += sim_walk_reduce(walker, limits->fault_budget, signature, REDUCTION_STEPS);
    reproduced->trace = sim_walk_trace(walker);
  }
  sim_walker_free(walker);
  if (reproduced->trace) follow_trace(trail, reproduced->trace);
  return reproduced->trace != NULL;
}
