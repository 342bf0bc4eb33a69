/* One run of fuzz: a scenario made at random and a number of walks through it. */
#ifndef SIM_FUZZ_RUN_H
#define SIM_FUZZ_RUN_H

#include "reproduce.h"
#include "along.h"

enum { SIM_FUZZ_WALKS = 20 }; /* of one run: half uniform, half by priorities */

/* A run by its name, and what of it does not change from walk to walk. */
struct sim_fuzz_run {
  uint64_t seed;
  int64_t run;
  struct sim_walk_plan plan;
};

/* Which faults the run has, and how often: drawn as the scenario is, for the swarm's sake. */
void sim_fuzz_run_begin(struct sim_fuzz_run *run, uint64_t seed, int64_t number);

/* "fuzz/seed-1-run-7.json": stands for the file of its scenario. */
#define SIM_FUZZ_NAME_SIZE 80
void sim_fuzz_run_name(const struct sim_fuzz_run *run, char name[SIM_FUZZ_NAME_SIZE]);

/* Make the run's scenario and read it as the reader reads a file.
 * Out:     *text  its text, to be freed by the caller; null when out of memory
 * Returns: the case, which belongs to the suite; null when it was refused: then the suite says why
 */
const struct sim_case *sim_fuzz_run_read(const struct sim_fuzz_run *run, struct sim_suite *suite,
                                         char **text);

/* Do the run.
 * In:      suite     an empty one, for its rules
 *          machines  on one of which it is done; null: on a new one
 * Returns: {walks, steps, endings: walks that came to rest, too_large: of these, endings that were
 *          too large for the model, marks: [hits of each], failures: [{rule, class, text,
 *          at_risk_minor, walk: its first one, walks: how many, trace}] and, if there are failures,
 *          scenario}; null when out of memory, or interrupted.
 * Effects: says on standard error what keeps it from being done */
json_t *sim_fuzz_run(const struct sim_fuzz_run *run, struct sim_suite *suite,
                     struct sim_machines *machines, const volatile sig_atomic_t *interrupt);

/* What a reproduction begins with. */
struct sim_fuzz_trail {
  struct sim_fuzz_run run; /* that found the failure */
  struct sim_trace *guide; /* a trace that ends in the failure; null: none */
};

/* A reproducer for scenarios that are too large to be searched: walks along the guide, else as the
 * run did, and reduces the walk that fails. `self` is a struct sim_fuzz_trail; its guide becomes the
 * trace that was found, so that a smaller scenario begins with that. */
sim_reproducer sim_fuzz_reproduce;

#endif
