/* Visits many states of a finished search; what two paths have in common is run once. */
#ifndef SIM_TRIP_H
#define SIM_TRIP_H

#include "explore.h"

/* Visit states by the shortest paths, in an order that makes the whole trip short.
 * In:      states  `count` of them
 *          arrive called once for each, with its index, when the machine is there; false: stop
 * Returns: false when out of memory, or when arrive() returned false */
bool sim_trip(struct sim_machine *machine, const struct sim_beginning *beginning,
              const struct sim_search *search, const uint32_t *states, size_t count,
              bool (*arrive)(void *self, size_t index), void *self);

#endif
