/* `reloadsim replay --gdb`. */
#ifndef SIM_DEBUG_H
#define SIM_DEBUG_H

#include "options.h"

/* Become gdb, which replays the trace of the options and stops before a step.
 * Returns: only after saying on standard error why there is no gdb: the exit code */
int sim_debug(const struct sim_options *options, int step);

#endif
