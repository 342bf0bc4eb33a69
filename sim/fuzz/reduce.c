#include "reduce.h"

#include "along.h"

#include <stdlib.h>
#include <string.h>

/* One reduction. */
struct reduction {
  struct sim_walker *walker;
  const struct sim_signature *signature;
  int fault_budget;
  struct sim_transition *best; /* the smallest walk that fails so far */
  int count;
  int64_t made, most; /* steps: made so far, and at most */
};

/* What did not go the usual way: choices, and steps of the world between those of the engine. */
static int count_deviations(const struct sim_transition *steps, int count) {
  int deviations = 0;
  for (int i = 0; i < count; i++) deviations += steps[i].count + (steps[i].task > SIM_BACKGROUND);
  return deviations;
}

static bool is_smaller(const struct sim_transition *a, int a_count, const struct sim_transition *b,
                       int b_count) {
  int a_deviations = count_deviations(a, a_count), b_deviations = count_deviations(b, b_count);
  return a_deviations < b_deviations || (a_deviations == b_deviations && a_count < b_count);
}

/* Walk with another step number `at`. If that fails in the same way and is smaller, it is the best.
 * Returns: whether it is */
static bool try_step(struct reduction *reduction, int at, const struct sim_transition *other) {
  struct sim_walker *walker = reduction->walker;
  struct sim_transition was = reduction->best[at];
  const struct sim_transition *steps;
  if (reduction->made >= reduction->most) return false;
  reduction->best[at] = *other;
  enum sim_walk_end end =
      sim_walk_along_steps(walker, reduction->best, reduction->count, reduction->fault_budget);
  reduction->best[at] = was;
  int count = sim_walk_steps(walker, &steps);
  reduction->made += count;
  if (!sim_walk_found(walker, end, reduction->signature) ||
      !is_smaller(steps, count, reduction->best, reduction->count))
    return false;
  struct sim_transition *best = malloc((size_t)count * sizeof *best + 1);
  if (!best) return false;
  memcpy(best, steps, (size_t)count * sizeof *best);
  free(reduction->best);
  reduction->best = best;
  reduction->count = count;
  return true;
}

static void drop_choices(struct reduction *reduction) {
  for (int at = reduction->count; at-- > 0;) {
    if (at >= reduction->count) continue; /* the walk has become shorter */
    for (int i = reduction->best[at].count; i-- > 0;) {
      struct sim_transition other = reduction->best[at];
      other.count--;
      for (int j = i; j < other.count; j++) other.choices[j] = other.choices[j + 1];
      memset(&other.choices[other.count], 0, sizeof other.choices[0]);
      if (try_step(reduction, at, &other)) break;
    }
  }
}

static void drop_steps(struct reduction *reduction) {
  const struct sim_transition none = {.task = -1};
  for (int at = reduction->count; at-- > 0;)
    if (at < reduction->count) (void)try_step(reduction, at, &none);
}

int64_t sim_walk_reduce(struct sim_walker *walker, int fault_budget,
                        const struct sim_signature *signature, int64_t most_steps) {
  const struct sim_transition *steps;
  struct reduction reduction = {.walker = walker,
                                .signature = signature,
                                .fault_budget = fault_budget,
                                .count = sim_walk_steps(walker, &steps),
                                .most = most_steps};
  reduction.best = malloc((size_t)reduction.count * sizeof *steps + 1);
  if (!reduction.best) return 0;
  memcpy(reduction.best, steps, (size_t)reduction.count * sizeof *steps);
  drop_choices(&reduction);
  drop_steps(&reduction);
  (void)sim_walk_along_steps(walker, reduction.best, reduction.count, fault_budget);
  free(reduction.best);
  return reduction.made + reduction.count;
}
