#include "hunt.h"

#include "graph.h"
#include "recording.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The exhaustive hunt ---- */

struct hunt {
  const struct sim_case *the_case;
  const struct sim_signature *signature;
  struct sim_machine *machine;
  struct sim_beginning *beginning;
  struct sim_search search;
  uint32_t state; /* the failure's, found nearest to the beginning; */
  struct sim_transition last;
  uint64_t ending; /* its hash, if the failure is one of an ending */
  bool is_ending;
  bool found;
};

static void found_at(struct hunt *hunt, uint32_t state, struct sim_transition last,
                     const uint64_t *ending) {
  if (hunt->found && sim_graph_distance(hunt->search.graph, state) >=
                         sim_graph_distance(hunt->search.graph, hunt->state))
    return;
  hunt->found = true;
  hunt->state = state;
  hunt->last = last;
  hunt->is_ending = ending != NULL;
  hunt->ending = ending ? *ending : 0;
}

static void look_at_breaches(struct hunt *hunt) {
  for (int i = 0; i < hunt->search.breach_count; i++) {
    struct sim_signature signature;
    sim_signature_of_breach(&hunt->search.breaches[i].breach, &signature);
    if (sim_signature_equal(&signature, hunt->signature))
      found_at(hunt, hunt->search.breaches[i].state, hunt->search.breaches[i].move, NULL);
  }
}

/* Is one of the failures of this ending the wanted one? */
static bool is_wanted_ending(const struct hunt *hunt, const struct sim_ending *ending) {
  const struct sim_case *the_case = hunt->the_case;
  struct sim_match match = sim_ending_match(the_case, ending);
  struct sim_signature signature;
  int64_t number;
  if (match.matches != 1 && (the_case->outcome_count > 0 || !the_case->may)) {
    sim_signature_of_ending(the_case, ending, match, &signature);
    if (sim_signature_equal(&signature, hunt->signature)) return true;
  }
  for (int i = 0; i < the_case->every_count; i++) {
    if (sim_every_holds(&the_case->every[i], ending, &number)) continue;
    sim_signature_of_every(&the_case->every[i], &signature);
    if (sim_signature_equal(&signature, hunt->signature)) return true;
  }
  return false;
}

static void look_at_endings(struct hunt *hunt) {
  for (int i = 0; i < hunt->search.ending_count; i++) {
    const struct sim_found_ending *found = hunt->search.endings[i];
    if (!found->only_under_faults && is_wanted_ending(hunt, &found->ending))
      found_at(hunt, found->state, (struct sim_transition){.task = -1}, &found->hash);
  }
}

static char *tape_of(struct hunt *hunt) {
  struct sim_transition *moves = NULL;
  char finds[SIM_FINDING_SIZE], *text = NULL;
  int count = sim_search_path(&hunt->search, hunt->state, &moves);
  sim_finding_text(hunt->signature, hunt->is_ending ? &hunt->ending : NULL, finds);
  if (count >= 0)
    text = sim_recording_text(hunt->machine, hunt->beginning, moves, count, hunt->last, finds);
  free(moves);
  return text;
}

static bool begin(struct hunt *hunt, uint64_t seed) {
  struct reload_message message;
  hunt->beginning = calloc(1, sizeof *hunt->beginning);
  hunt->machine = sim_machine_new(hunt->the_case, seed, &message);
  if (!hunt->beginning || !hunt->machine) return false;
  sim_world_copy(&hunt->beginning->world, sim_machine_world(hunt->machine), hunt->the_case);
  return fake_disk_save(sim_machine_disk(hunt->machine), &hunt->beginning->image);
}

bool sim_hunt_all(void *self, const struct sim_case *the_case,
                  const struct sim_signature *signature, const struct sim_limits *limits,
                  struct sim_hunted *hunted) {
  struct hunt hunt = {.the_case = the_case, .signature = signature};
  (void)self;
  if (begin(&hunt, limits->seed) && sim_explore(hunt.machine, limits, &hunt.search)) {
    look_at_breaches(&hunt);
    look_at_endings(&hunt);
    hunted->moves = hunt.search.transitions;
    if (hunt.found) hunted->tape = tape_of(&hunt);
  }
  sim_search_free(&hunt.search);
  if (hunt.beginning && hunt.machine)
    fake_disk_image_release(sim_machine_disk(hunt.machine), &hunt.beginning->image);
  sim_machine_free(hunt.machine);
  free(hunt.beginning);
  return hunted->tape != NULL;
}
