/* The tapes of a run's failures, as files for `reloadsim replay`. */
#ifndef SIM_TAPES_H
#define SIM_TAPES_H

#include <jansson.h>
#include <stdbool.h>

/* Write DIRECTORY/tapes/CASE-N.tape for each failure of a run that has a tape; tapes of former runs
 * are removed. In CASE, all but letters, digits, '-' and '.' is '_'.
 * Returns: how many; -1 after saying on standard error what could not be written */
int sim_tapes_write(const json_t *run, const char *directory);

#endif
