/* `reloadsim fuzz`: numbered runs, each with a random scenario and random walks through it. Run n
 * does not depend on the number of processes, the shard or the time; the time only ends the
 * command. */
#ifndef SIM_FUZZ_H
#define SIM_FUZZ_H

#include "fuzz_run.h"
#include "options.h"

/* After so many runs each probe must have been hit. */
enum { SIM_FUZZ_RUNS_FOR_MARKS = 5000 };

/* One kind of failure, as it was first seen. */
struct sim_fuzz_failure {
  int64_t run, walk;   /* the first one */
  int64_t runs, walks; /* in how many */
  json_t *found;       /* as in sim_fuzz_run() */
};

struct sim_fuzz_sum {
  const struct sim_options *options;
  int64_t last_run; /* all runs of the shard up to this one are counted here */
  int64_t runs, walks, steps, endings;
  int64_t too_large; /* endings too large for the reference model */
  struct sim_probes probes;
  size_t failure_count, failure_room;
  struct sim_fuzz_failure *failures; /* by rule and harm, in the order of their first runs */
  int64_t died_run;                  /* a run whose process died or could not be started; 0: none */
};

/* Do what the options say: the whole command.
 * In:      rules  the path of the rule catalogue
 * Returns: an exit code
 * Effects: writes results to standard output, the seed first; with options->report also files in
 *          that directory, which must exist; progress to standard error if that is a terminal */
int sim_fuzz(const struct sim_options *options, const char *rules);

/* How many probes were never hit. */
int sim_fuzz_missed(const struct sim_fuzz_sum *sum);

/* Whether a missed probe is a failure: after enough runs, and not for one shard alone. */
bool sim_fuzz_demands_probes(const struct sim_fuzz_sum *sum);

/* fuzz_report.c: the results as text on standard output. */
void sim_fuzz_print(const struct sim_fuzz_sum *sum);

/* fuzz_report.c: write fuzz.json and regressions/ into options->report.
 * In:      suite     without cases, with the rule catalogue
 * Out:     *stopped  an interrupt came before all failures were minimised
 * Returns: false after saying on standard error what could not be written */
bool sim_fuzz_write(const struct sim_fuzz_sum *sum, const struct sim_suite *suite, bool *stopped);

/* The command that makes run number `run` again, and as few others as possible. */
#define SIM_FUZZ_AGAIN_SIZE 120
void sim_fuzz_again(uint64_t seed, int64_t run, char text[SIM_FUZZ_AGAIN_SIZE]);

#endif
