#include "reproduce.h"

#include "graph.h"
#include "trace_file.h"

#include <stdlib.h>

/* ---- The exhaustive reproduction ---- */

struct reproduction {
  const struct sim_case *the_case;
  const struct sim_signature *signature;
  struct sim_machine *machine;
  struct sim_beginning *beginning;
  struct sim_search search;
  uint32_t state; /* of the failure, the nearest to the beginning */
  struct sim_transition last;
  uint64_t ending; /* its hash, if the failure is an ending */
  bool is_ending;
  bool found;
};

static void found_at(struct reproduction *reproduction, uint32_t state, struct sim_transition last,
                     const uint64_t *ending) {
  if (reproduction->found &&
      sim_graph_distance(reproduction->search.graph, state) >=
          sim_graph_distance(reproduction->search.graph, reproduction->state))
    return;
  reproduction->found = true;
  reproduction->state = state;
  reproduction->last = last;
  reproduction->is_ending = ending != NULL;
  reproduction->ending = ending ? *ending : 0;
}

static void look_at_violations(struct reproduction *reproduction) {
  for (int i = 0; i < reproduction->search.violation_count; i++) {
    struct sim_signature signature;
    sim_signature_of_violation(&reproduction->search.violations[i].violation, &signature);
    if (sim_signature_equal(&signature, reproduction->signature))
      found_at(reproduction, reproduction->search.violations[i].state,
               reproduction->search.violations[i].transition, NULL);
  }
}

/* Whether this ending has the wanted failure. */
static bool is_wanted_ending(const struct reproduction *reproduction,
                             const struct sim_ending *ending) {
  const struct sim_case *the_case = reproduction->the_case;
  struct sim_match match = sim_ending_match(the_case, ending);
  struct sim_signature signature;
  int64_t number;
  if (match.matches != 1 && !sim_case_is_free(the_case)) {
    sim_signature_of_ending(the_case, ending, match, &signature);
    if (sim_signature_equal(&signature, reproduction->signature)) return true;
  }
  for (int i = 0; i < the_case->every_count; i++) {
    if (sim_every_holds(&the_case->every[i], ending, &number)) continue;
    sim_signature_of_every(&the_case->every[i], &signature);
    if (sim_signature_equal(&signature, reproduction->signature)) return true;
  }
  return false;
}

static void look_at_endings(struct reproduction *reproduction) {
  for (int i = 0; i < reproduction->search.ending_count; i++) {
    const struct sim_found_ending *found = reproduction->search.endings[i];
    if (!found->only_under_faults && is_wanted_ending(reproduction, &found->ending))
      found_at(reproduction, found->state, (struct sim_transition){.task = -1}, &found->hash);
  }
}

static char *reproduction_trace(struct reproduction *reproduction) {
  struct sim_transition *steps = NULL;
  char finds[SIM_FINDING_SIZE], *text = NULL;
  int count = sim_search_path(&reproduction->search, reproduction->state, &steps);
  sim_finding_text(reproduction->signature, reproduction->is_ending ? &reproduction->ending : NULL,
                   finds);
  if (count >= 0)
    text = sim_trace_text(reproduction->machine, reproduction->beginning, steps, count,
                          reproduction->last, finds);
  free(steps);
  return text;
}

static bool begin_reproduction(struct reproduction *reproduction, uint64_t seed) {
  struct reload_message message;
  reproduction->beginning = calloc(1, sizeof *reproduction->beginning);
  reproduction->machine = sim_machine_new(reproduction->the_case, seed, &message);
  if (!reproduction->beginning || !reproduction->machine) return false;
  sim_world_copy(&reproduction->beginning->world, sim_machine_world(reproduction->machine),
                 reproduction->the_case);
  return fake_disk_save(sim_machine_disk(reproduction->machine), &reproduction->beginning->image);
}

bool sim_reproduce_all(void *self, const struct sim_case *the_case,
                       const struct sim_signature *signature, const struct sim_limits *limits,
                       struct sim_reproduced *reproduced) {
  struct reproduction reproduction = {.the_case = the_case, .signature = signature};
  (void)self;
  if (begin_reproduction(&reproduction, limits->seed) &&
      sim_explore(reproduction.machine, limits, &reproduction.search)) {
    look_at_violations(&reproduction);
    look_at_endings(&reproduction);
    reproduced->steps = reproduction.search.transitions;
    if (reproduction.found) reproduced->trace = reproduction_trace(&reproduction);
  }
  sim_search_free(&reproduction.search);
  if (reproduction.beginning && reproduction.machine)
    fake_disk_image_release(sim_machine_disk(reproduction.machine), &reproduction.beginning->image);
  sim_machine_free(reproduction.machine);
  free(reproduction.beginning);
  return reproduced->trace != NULL;
}
