/* The traces of a run's failures, as files for `reloadsim replay`. */
#ifndef SIM_TRACES_H
#define SIM_TRACES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Write DIRECTORY/traces/CASE-N.trace for each failure of a run that has a trace; traces of former
 * runs are removed. In CASE, all but letters, digits, '-' and '.' is '_'.
 * Returns: how many; -1 after saying on standard error what could not be written */
int sim_traces_write(const json_t *run, const char *directory);

/* Files named after failures, for all folders of a report that hold such. The name is CASE-N and
 * the ending, such as ".trace". */
bool sim_failure_path(char *path, size_t size, const char *folder, const char *case_id,
                      size_t number, const char *ending);

/* Write a text as a file, and make its folder if need be. Says on stderr what goes wrong. */
bool sim_failure_write(const char *folder, const char *path, const char *text);

/* Remove a folder's files with this ending, and the folder if nothing else is in it. */
void sim_failures_remove(const char *folder, const char *ending);

#endif
