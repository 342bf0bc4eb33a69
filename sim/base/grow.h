/* Arrays that grow by doubling. */
#ifndef SIM_GROW_H
#define SIM_GROW_H

#include <stddef.h>

/* Make room for one item more.
 * In:      items       the array, of `count` items, or null; freed by the caller with free()
 *          room how many items it has room for; changed when it grows
 *          size_bytes of an item
 * Returns: the array, which may have moved; null when out of memory, and the old one is unchanged
 */
void *sim_grow(void *items, size_t count, size_t *room, size_t size_bytes);

#endif
