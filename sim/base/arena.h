/* An arena: many small pieces of memory that are freed together.
 *
 * A limit on what is handed out makes hostile input fail instead of filling the machine. Running
 * out is remembered in `failed`, so that a long computation may check once at its end.
 */
#ifndef SIM_ARENA_H
#define SIM_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct sim_arena_block;

struct sim_arena { /* zero is an empty arena that hands out nothing: set the limit */
  struct sim_arena_block *blocks;
  size_t used_bytes;
  size_t limit_bytes;
  bool failed;
};

/* Zeroed memory for `count` things of `size_bytes`, aligned for any type.
 * Returns: null, and arena->failed, when memory or the limit is exhausted; otherwise not null, even
 *          for a count of 0
 */
void *sim_arena_alloc(struct sim_arena *arena, size_t count, size_t size_bytes);

/* A copy of `size_bytes` bytes with a NUL added; "" and arena->failed when out of memory. */
const char *sim_arena_text(struct sim_arena *arena, const char *text, size_t size_bytes);

/* Text made as by printf; "" and arena->failed when out of memory. */
const char *sim_arena_format(struct sim_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Free everything; the arena is empty again and keeps its limit. */
void sim_arena_clear(struct sim_arena *arena);

#endif
