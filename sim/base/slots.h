/* The slots of an open hash table over things that an array holds: each slot has a thing's number
 * + 1, or 0 if it is empty. The owner hashes and compares: it looks from slot `hash & (count - 1)`
 * on, and wraps around at the end. */
#ifndef SIM_SLOTS_H
#define SIM_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_slots { /* zero has no slots, and must grow before its first use */
  uint32_t *list;  /* freed by the owner with free() */
  size_t count;    /* a power of two */
};

/* Make room for one thing more: twice the slots once three quarters of them are taken.
 * In:      things  how many there are
 * Out:     *grown  the slots are new and empty: the owner fills in all that there are
 * Returns: false when out of memory; then nothing has changed */
bool sim_slots_grow(struct sim_slots *slots, size_t things, bool *grown);

/* Empty all slots. */
void sim_slots_clear(struct sim_slots *slots);

#endif
