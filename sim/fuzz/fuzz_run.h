/* One run of fuzz: a scenario made at random and a number of walks through it. */
#ifndef SIM_FUZZ_RUN_H
#define SIM_FUZZ_RUN_H

#include "reproduce.h"
#include "along.h"

enum { SIM_FUZZ_WALKS = 20 }; /* of one run: half uniform, half by priorities */

/* A run by its numbers, and the part of its plan that all its walks share. */
struct sim_fuzz_run {
  uint64_t seed;
  int64_t run;
  struct sim_walk_plan plan;
};

/* Which faults the run has, and how often: drawn for each run, like the features of its
 * scenario. */
void sim_fuzz_run_begin(struct sim_fuzz_run *run, uint64_t seed, int64_t number);

/* "fuzz/seed-1-run-7.json": the name of its scenario's file, which need not exist. */
#define SIM_FUZZ_NAME_SIZE 80
void sim_fuzz_run_name(const struct sim_fuzz_run *run, char name[SIM_FUZZ_NAME_SIZE]);

/* Make the run's scenario and read it like a file.
 * Out:     *text  its text, to be freed by the caller; null when out of memory
 * Returns: the case, which belongs to the suite; null if it was refused; the suite's mistakes say
 *          why
 */
const struct sim_case *sim_fuzz_run_read(const struct sim_fuzz_run *run, struct sim_suite *suite,
                                         char **text);

/* Make a run.
 * In:      suite     an empty one, for its rules
 *          machines  to take a machine from; null: a new one
 * Returns: {walks, steps, endings: walks that came to an ending, too_large: of these, endings too
 *          large for the reference model, probes: [hits of each], failures: [{rule, class, text,
 *          at_risk_minor, walk: its first one, walks: how many, trace}]}; null when out of memory,
 *          or interrupted.
 * Effects: writes to standard error why the run could not be made */
json_t *sim_fuzz_run(const struct sim_fuzz_run *run, struct sim_suite *suite,
                     struct sim_machines *machines, const volatile sig_atomic_t *interrupt);

/* What a reproduction begins with. */
struct sim_fuzz_trail {
  struct sim_fuzz_run run; /* that found the failure */
  struct sim_trace *guide; /* a trace that ends in the failure; null: none */
};

/* A reproducer for scenarios that are too large to be searched: walks along the guide, else as the
 * run did, and reduces the walk that fails. `self` is a struct sim_fuzz_trail; its guide becomes
 * the trace that was found, so that a smaller scenario begins with that. */
sim_reproducer sim_fuzz_reproduce;

#endif
