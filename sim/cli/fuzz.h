/* `reloadsim fuzz`: runs by number, each a scenario made at random and walks through it. Run n
 * is the same whatever the number of processes, the shard and the time are; time only says when
 * to stop. */
#ifndef SIM_FUZZ_H
#define SIM_FUZZ_H

#include "fuzz_run.h"
#include "options.h"

/* A run that has seen so many must have seen each mark. */
enum { SIM_FUZZ_RUNS_FOR_MARKS = 5000 };

/* One kind of failure, as it was first seen. */
struct sim_fuzz_failure {
  int64_t run, walk;   /* the first one */
  int64_t runs, walks; /* in how many */
  json_t *told;        /* as in sim_fuzz_run() */
  json_t *scenario;    /* its text */
};

struct sim_fuzz_sum {
  const struct sim_options *options;
  int64_t last_run; /* all runs of the shard up to this one are in here */
  int64_t runs, walks, steps, endings;
  int64_t too_large; /* endings that the model gave up explaining */
  struct sim_probes marks;
  size_t failure_count, failure_room;
  struct sim_fuzz_failure *failures; /* by rule and harm, in the order of their first runs */
  int64_t died_run;                  /* a run whose process died or could not be made; 0: none */
};

/* Do what the options say: the whole command.
 * In:      rules  the path of the rule catalogue
 * Returns: an exit code
 * Effects: results on standard output, the seed first; with options->report files in that
 *          directory, which must be there; progress on standard error if that is a terminal */
int sim_fuzz(const struct sim_options *options, const char *rules);

/* How many marks were never hit. */
int sim_fuzz_missed(const struct sim_fuzz_sum *sum);

/* Whether missed marks are a failure: after enough runs, and not of one shard alone. */
bool sim_fuzz_demands_probes(const struct sim_fuzz_sum *sum);

/* fuzz_report.c: the results as text on standard output. */
void sim_fuzz_print(const struct sim_fuzz_sum *sum);

/* fuzz_report.c: write fuzz.json and regressions/ into options->report.
 * In:      rules     as above
 * Out:     *stopped  an interrupt has kept failures from being minimised
 * Returns: false after saying on standard error what could not be written */
bool sim_fuzz_write(const struct sim_fuzz_sum *sum, const char *rules, bool *stopped);

/* The command that does run number `run` again, and hardly another. */
#define SIM_FUZZ_AGAIN_SIZE 120
void sim_fuzz_again(uint64_t seed, int64_t run, char text[SIM_FUZZ_AGAIN_SIZE]);

#endif
