#include "findings.h"

#include "grow.h"
#include "trip.h"
#include "whole_run.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* A state or transition at which a violation was seen. */
struct occurrence {
  uint32_t state;
  int32_t violation; /* index */
  struct sim_transition transition;
};

/* While searching one for each terminal state, in the end one for each ending. */
struct ending {
  uint64_t hash; /* sim_ending_hash() */
  int64_t paths;
  uint32_t state; /* the nearest one, in the end */
  bool only_under_faults;
};

struct sim_findings {
  struct ending *endings;
  size_t ending_count, ending_room;
  struct sim_ending described; /* the ending at hand: too large for a stack */
  struct sim_found_violation *violations;
  size_t violation_count, violation_room;
  struct occurrence *occurrences;
  size_t occurrence_count, occurrence_room;
  struct sim_tally tally;
};

struct sim_findings *sim_findings_new(void) {
  return calloc(1, sizeof(struct sim_findings));
}

void sim_findings_free(struct sim_findings *findings) {
  if (!findings) return;
  free(findings->endings);
  free(findings->violations);
  free(findings->occurrences);
  sim_tally_free(&findings->tally);
  free(findings);
}

/* ---- While searching ---- */

static bool keep_occurrence(struct sim_findings *findings, struct occurrence occurrence) {
  struct occurrence *occurrences = sim_grow(findings->occurrences, findings->occurrence_count,
                                            &findings->occurrence_room, sizeof occurrence);
  if (!occurrences) return false;
  findings->occurrences = occurrences;
  findings->occurrences[findings->occurrence_count++] = occurrence;
  return true;
}

static int find_violation(struct sim_findings *findings, const struct sim_found_violation *found) {
  const struct sim_violation *violation = &found->violation;
  size_t at = 0;
  while (at < findings->violation_count &&
         (strcmp(findings->violations[at].violation.rule, violation->rule) != 0 ||
          strcmp(findings->violations[at].violation.harm, violation->harm) != 0))
    at++;
  if (at == findings->violation_count) {
    struct sim_found_violation *violations =
        sim_grow(findings->violations, at, &findings->violation_room, sizeof *found);
    if (!violations) return -1;
    findings->violations = violations;
    findings->violations[findings->violation_count++] = *found;
    return (int)at;
  }
  findings->violations[at].count += found->count;
  return (int)at;
}

bool sim_findings_ending(struct sim_findings *findings, const struct sim_machine *machine,
                         uint32_t state) {
  const struct sim_case *the_case = sim_machine_names(machine)->the_case;
  struct ending *endings =
      sim_grow(findings->endings, findings->ending_count, &findings->ending_room, sizeof *endings);
  if (!endings) return false;
  findings->endings = endings;
  sim_ending_of(machine, &findings->described);
  findings->endings[findings->ending_count++] =
      (struct ending){.state = state,
                      .hash = sim_ending_hash(&findings->described, the_case->client_count),
                      .paths = 1,
                      .only_under_faults = sim_machine_world(machine)->injected > 0};
  return true;
}

bool sim_findings_violation(struct sim_findings *findings, const struct sim_violation *violation,
                            uint32_t state, struct sim_transition transition) {
  struct sim_found_violation found = {
      .violation = *violation, .state = state, .transition = transition, .count = 1};
  int at = find_violation(findings, &found);
  return at >= 0 &&
         keep_occurrence(findings, (struct occurrence){
                                       .state = state, .transition = transition, .violation = at});
}

int sim_findings_site(struct sim_findings *findings, const struct sim_effect *effect) {
  char site[SIM_SITE_NAME_SIZE];
  sim_effect_site(effect, site);
  return sim_tally_site(&findings->tally, site);
}

int sim_findings_bound(struct sim_findings *findings) {
  return sim_tally_site(&findings->tally, "bound: not every subset of unsynced writes was tried");
}

void sim_findings_count(struct sim_findings *findings, int site) {
  sim_tally_count(&findings->tally, site);
}

/* ---- Afterwards ---- */

static int compare_hashes(struct sim_hash a, struct sim_hash b) {
  if (a.high != b.high) return a.high < b.high ? -1 : 1;
  return a.low < b.low ? -1 : a.low > b.low;
}

/* By distance from the beginning; of equally near ones their hashes decide. */
static int compare_states(const struct sim_graph *graph, uint32_t a, uint32_t b) {
  uint32_t x = sim_graph_distance(graph, a), y = sim_graph_distance(graph, b);
  if (x != y) return x < y ? -1 : 1;
  return compare_hashes(sim_graph_hash(graph, a), sim_graph_hash(graph, b));
}

/* Whether a occurrence is shown rather than another one of the same finding. */
static bool is_nearer(const struct sim_graph *graph, const struct occurrence *a,
                      const struct occurrence *b) {
  int order = compare_states(graph, a->state, b->state);
  return order != 0 ? order < 0 : sim_transition_is_earlier(&a->transition, &b->transition);
}

/* Until then a violation has the state of its first occurrence. */
static void choose_nearest(struct sim_findings *findings, const struct sim_graph *graph) {
  for (size_t i = 0; i < findings->occurrence_count; i++) {
    const struct occurrence *occurrence = &findings->occurrences[i];
    struct sim_found_violation *violation = &findings->violations[occurrence->violation];
    struct occurrence best = {.state = violation->state, .transition = violation->transition};
    if (!is_nearer(graph, occurrence, &best)) continue;
    violation->state = occurrence->state;
    violation->transition = occurrence->transition;
  }
}

static int by_hash(const void *a, const void *b) {
  const struct ending *x = a, *y = b;
  return x->hash < y->hash ? -1 : x->hash > y->hash;
}

/* Terminal states with the same ending become one, the nearest of them. */
static void merge_endings(struct sim_findings *findings, const struct sim_graph *graph) {
  struct ending *endings = findings->endings;
  size_t count = findings->ending_count, last = 0;
  if (count == 0) return;
  qsort(endings, count, sizeof *endings, by_hash);
  for (size_t i = 1; i < count; i++) {
    if (endings[i].hash != endings[last].hash) {
      endings[++last] = endings[i];
      continue;
    }
    endings[last].paths += endings[i].paths;
    if (!endings[i].only_under_faults) endings[last].only_under_faults = false;
    if (compare_states(graph, endings[i].state, endings[last].state) < 0)
      endings[last].state = endings[i].state;
  }
  findings->ending_count = last + 1;
}

/* Put the machine into a state, by the shortest path to it. */
static bool go_to_state(struct sim_machine *machine, const struct sim_beginning *beginning,
                        const struct sim_search *search, uint32_t state) {
  struct sim_transition *transitions = NULL;
  int count = sim_search_path(search, state, &transitions);
  sim_machine_restore(machine, &beginning->world, &beginning->image);
  struct sim_effect effect;
  int made = 0;
  while (made < count && sim_machine_again(machine, &transitions[made], &effect)) made++;
  free(transitions);
  return count >= 0;
}

/* The first occurrence of a violation need not be the nearest, and the text tells of one
 * occurrence. A violation that is not one of a transition or an ending (deadlock, no end in reach,
 * nondeterminism) has a text that fits all its occurrences. */
static bool renew_text(struct sim_machine *machine, const struct sim_beginning *beginning,
                       const struct sim_search *search, struct sim_found_violation *found) {
  struct sim_violation violation = {.client = -1};
  struct sim_effect effect;
  struct sim_world *before = malloc(sizeof *before);
  bool gone = before && go_to_state(machine, beginning, search, found->state), fine = true;
  if (gone && found->transition.task >= 0) {
    sim_world_copy(before, sim_machine_world(machine), sim_machine_names(machine)->the_case);
    if (sim_machine_again(machine, &found->transition, &effect))
      fine = sim_check_transition(machine, before, &effect, &violation);
  } else if (gone && sim_machine_world(machine)->at_rest)
    fine = sim_check_ending(machine, NULL, &violation);
  if (!fine && strcmp(violation.rule, found->violation.rule) == 0 &&
      strcmp(violation.harm, found->violation.harm) == 0)
    found->violation = violation;
  free(before);
  return gone;
}

/* Nearest first. They are few, and qsort() passes no graph to its comparison. */
static void sort_violations(struct sim_findings *findings, const struct sim_graph *graph) {
  for (size_t i = 1; i < findings->violation_count; i++)
    for (size_t j = i; j > 0; j--) {
      struct sim_found_violation *a = &findings->violations[j - 1], *b = &findings->violations[j],
                                 swapped;
      struct occurrence x = {.state = a->state, .transition = a->transition};
      struct occurrence y = {.state = b->state, .transition = b->transition};
      bool tied = !is_nearer(graph, &x, &y) && !is_nearer(graph, &y, &x);
      int names = strcmp(b->violation.rule, a->violation.rule);
      if (names == 0) names = strcmp(b->violation.harm, a->violation.harm);
      if (!is_nearer(graph, &y, &x) && !(tied && names < 0)) break;
      swapped = *a;
      *a = *b;
      *b = swapped;
    }
}

/* Describes the endings of a search, each in its state. */
struct describer {
  struct sim_findings *findings;
  struct sim_machine *machine;
  struct sim_search *search;
};

/* It takes the room of the lines that it has: there may be very many. */
static struct sim_found_ending *found_ending(const struct ending *ending,
                                             const struct sim_ending *described) {
  size_t size = sim_ending_size(described);
  struct sim_found_ending *found = malloc(offsetof(struct sim_found_ending, ending) + size);
  if (!found) return NULL;
  found->hash = ending->hash;
  found->state = ending->state;
  found->paths = ending->paths;
  found->only_under_faults = ending->only_under_faults;
  memcpy(&found->ending, described, size);
  return found;
}

static bool describe_ending(void *self, size_t index) {
  const struct describer *describer = self;
  const struct sim_world *world = sim_machine_world(describer->machine);
  const struct ending *ending = &describer->findings->endings[index];
  struct sim_hash there = sim_graph_hash(describer->search->graph, ending->state);
  struct sim_hash here = sim_world_hash(world, sim_machine_names(describer->machine)->the_case);
  struct sim_transition none = {.task = -1};
  struct sim_violation violation;
  sim_violation_path_differs(&violation);
  sim_ending_of(describer->machine, &describer->findings->described);
  describer->search->endings[index] = found_ending(ending, &describer->findings->described);
  if (!describer->search->endings[index]) return false;
  return ending->only_under_faults || compare_hashes(here, there) == 0 ||
         sim_findings_violation(describer->findings, &violation, ending->state, none);
}

/* The endings that were described move up: all of them, or memory has run out. */
static void keep_described_endings(struct sim_search *search, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (search->endings[i]) search->endings[search->ending_count++] = search->endings[i];
}

/* Describe each ending, in its state. */
static bool describe_endings(struct sim_findings *findings, struct sim_machine *machine,
                             const struct sim_beginning *beginning, struct sim_search *search) {
  struct describer describer = {.findings = findings, .machine = machine, .search = search};
  size_t count = findings->ending_count;
  uint32_t *states = calloc(count + 1, sizeof *states);
  search->endings = calloc(count + 1, sizeof *search->endings);
  bool reported = states && search->endings;
  for (size_t i = 0; reported && i < count; i++) states[i] = findings->endings[i].state;
  reported =
      reported && sim_trip(machine, beginning, search, states, count, describe_ending, &describer);
  if (search->endings) keep_described_endings(search, count);
  free(states);
  return reported;
}

bool sim_findings_finish(struct sim_findings *findings, struct sim_machine *machine,
                         const struct sim_beginning *beginning, struct sim_search *search) {
  choose_nearest(findings, search->graph);
  merge_endings(findings, search->graph);
  if (!describe_endings(findings, machine, beginning, search)) return false;
  sort_violations(findings, search->graph);
  sim_tally_sort(&findings->tally);
  search->tally = findings->tally;
  findings->tally = (struct sim_tally){.sites = NULL};
  for (size_t i = 0; i < findings->violation_count && i < SIM_MAX_VIOLATIONS; i++) {
    search->violations[search->violation_count++] = findings->violations[i];
    if (!renew_text(machine, beginning, search, &search->violations[i])) return false;
  }
  return true;
}
