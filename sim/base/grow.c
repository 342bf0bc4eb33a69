#include "grow.h"

#include <stdint.h>
#include <stdlib.h>

void *sim_grow(void *items, size_t count, size_t *room, size_t size_bytes) {
  size_t more = *room == 0 ? 32 : *room * 2;
  if (count < *room) return items;
  if (more >= SIZE_MAX / 2 / size_bytes) return NULL;
  void *grown = realloc(items, more * size_bytes);
  if (grown) *room = more;
  return grown;
}
