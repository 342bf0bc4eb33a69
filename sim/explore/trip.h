/* Going to many states of a search that is over: what two ways have in common is gone once. */
#ifndef SIM_TRIP_H
#define SIM_TRIP_H

#include "explore.h"

/* Go to states by the shortest ways, in an order that makes the whole trip short.
 * In:      states  `count` of them
 *          arrive  called once for each, with its index, the machine being there; false: stop
 * Returns: false when out of memory, or when arrive() says so
 */
bool sim_trip(struct sim_machine *machine, const struct sim_beginning *beginning,
              const struct sim_search *search, const uint32_t *states, size_t count,
              bool (*arrive)(void *self, size_t index), void *self);

#endif
