/* The endings of names. */
#ifndef SIM_SUFFIX_H
#define SIM_SUFFIX_H

#include <stdbool.h>

/* Whether "a.json" ends in ".json". */
bool sim_ends_in(const char *text, const char *suffix);

#endif
