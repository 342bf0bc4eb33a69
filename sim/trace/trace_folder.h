/* The folder of a run's traces, for `reloadsim replay`. */
#ifndef SIM_TRACES_H
#define SIM_TRACES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Write DIRECTORY/traces/CASE-N.trace for each failure of a run that has a trace; traces of earlier
 * runs are removed. In CASE, all but letters, digits, '-' and '.' is '_'.
 * Returns: how many; -1 after writing to standard error what could not be written */
int sim_traces_write(const json_t *run, const char *directory);

/* The path of a failure's file in any folder of a report: FOLDER/CASE-N with an extension such as
 * ".trace". */
bool sim_failure_path(char *path, size_t size, const char *folder, const char *case_id,
                      size_t number, const char *ending);

/* Write a text to a file, and make its folder if it is missing. Returns: false after writing to
 * standard error what went wrong. */
bool sim_failure_write(const char *folder, const char *path, const char *text);

/* Remove a folder's files with this extension, and the folder if it is then empty. */
void sim_failures_remove(const char *folder, const char *ending);

#endif
