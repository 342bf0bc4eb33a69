/* What a command works on: the rule catalogue, the suite, and the selected cases. */
#ifndef SIM_SELECTION_H
#define SIM_SELECTION_H

#include "named.h"
#include "options.h"
#include "scenario.h"

/* The cases that a command line selects. */
struct sim_selection {
  const struct sim_case **cases; /* of the suite; the array is freed by the caller */
  size_t count;
};

/* The path of the rule catalogue: --rules, else scenarios/rules.json in the working directory or in
 * a folder above this program. Returns: false if there is none */
bool sim_find_rules(const struct sim_options *options, char *path, size_t size);

/* Write to standard error that there is no rule catalogue. Returns: the exit code */
int sim_print_no_rules(const struct sim_options *options);

/* A suite with the rules alone.
 * Returns: null after writing to standard error why; *code is then the exit code */
struct sim_suite *sim_open_suite(const struct sim_options *options, int *code);

/* A suite with the rules and everything that the command line names. Returns: as above */
struct sim_suite *sim_read_suite(const struct sim_options *options, struct sim_named *named,
                                 int *code);

/* Write the suite's mistakes to standard error. Returns: how many there are */
size_t sim_print_mistakes(const struct sim_suite *suite);

/* Select cases by name, filter and shard. Returns: false when out of memory */
bool sim_select_cases(const struct sim_suite *suite, const struct sim_named *named,
                      const struct sim_options *options, struct sim_selection *selection);

/* `--list`: one line for each case on standard output. Returns: the exit code */
int sim_list_cases(const struct sim_selection *selection, size_t mistakes);

/* `reloadsim check`. Returns: the exit code */
int sim_check_files(const struct sim_options *options);

#endif
