/* `reloadsim replay`: find the scenario of a trace and replay it. */
#ifndef SIM_REPLAY_FILE_H
#define SIM_REPLAY_FILE_H

#include "options.h"

/* Do what the options say. Returns: the exit code */
int sim_replay_file(const struct sim_options *options);

#endif
