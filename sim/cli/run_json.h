/* run.json: what a run has found, as the reports read it ("reloadsim-run-1"). */
#ifndef SIM_RUN_JSON_H
#define SIM_RUN_JSON_H

#include "output.h"
#include "runner.h"

/* The cases that the user asked for. */
struct sim_selection {
  const struct sim_case **cases;
  size_t count;
};

/* Make the document.
 * In:      outcomes  one for each selected case; a case whose process died, that went differently
 *                    the second time, or that was not finished because of an interrupt is given a
 *                    failure that says so. (Of cases that an interrupt left untouched, only the
 *                    first: it speaks for all.)
 * Returns: a new object, or null when out of memory
 */
json_t *sim_run_json(const struct sim_suite *suite, const struct sim_options *options,
                     const struct sim_selection *selection, struct sim_outcome_of_case *outcomes);

struct sim_run_file {
  char path[SIM_OUTPUT_PATH]; /* links followed */
  char old[SIM_OUTPUT_PATH];  /* what was there before, beside it; "": nothing */
};

/* Write it as DIRECTORY/run.json, whole or not at all.
 * Out:     *file  to be kept or undone
 * Effects: says on stderr what goes wrong. A run.json that was there is kept under another name,
 *          until sim_run_json_keep() removes it or sim_run_json_undo() puts it back.
 */
bool sim_run_json_write(const json_t *run, const char *directory, struct sim_run_file *file);
void sim_run_json_keep(const struct sim_run_file *file);
void sim_run_json_undo(const struct sim_run_file *file);

#endif
