#include "slots.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 1024 };

bool sim_slots_grow(struct sim_slots *slots, size_t things, bool *grown) {
  *grown = things * 4 >= slots->count * 3;
  if (!*grown) return true;
  size_t count = slots->count ? 2 * slots->count : FIRST_SLOTS;
  uint32_t *list = calloc(count, sizeof *list);
  if (!list) return false;
  free(slots->list);
  *slots = (struct sim_slots){.list = list, .count = count};
  return true;
}

void sim_slots_clear(struct sim_slots *slots) {
  if (slots->list) memset(slots->list, 0, slots->count * sizeof *slots->list);
}
