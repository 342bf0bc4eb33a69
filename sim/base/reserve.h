/* Memory that processes share: reserved at once, before they are forked, and taken from the system
 * page by page as it is touched. Zero at first. */
#ifndef SIM_RESERVE_H
#define SIM_RESERVE_H

#include <stddef.h>

/* Returns: null when the address space is out, or limited (ulimit -v) */
void *sim_reserve(size_t bytes);
void sim_unreserve(void *memory, size_t bytes); /* null is fine */

/* Give the pages that lie wholly inside back to the system; they are zero again. */
void sim_reserve_forget(void *memory, size_t bytes);

#endif
