/* `reloadsim replay --gdb`. */
#ifndef SIM_DEBUG_H
#define SIM_DEBUG_H

#include "options.h"

/* Replace this process by gdb, which replays the trace and stops before a step. Returns: an exit
 * code, only if gdb cannot be started, after writing to standard error why */
int sim_debug(const struct sim_options *options, int step);

#endif
