/* How often each fault site was tried: counts by name. */
#ifndef SIM_TALLY_H
#define SIM_TALLY_H

#include "machine.h"

struct sim_site_count {
  char site[SIM_SITE_NAME_SIZE]; /* as sim_effect_site() tells it */
  int64_t count;
};

struct sim_tally { /* zero is empty; freed with sim_tally_free() */
  int count;
  size_t room;
  struct sim_site_count *sites; /* in the order of their names */
};

/* Count more; "" counts nothing. Returns: false when out of memory */
bool sim_tally_add(struct sim_tally *tally, const char *site, int64_t count);
void sim_tally_free(struct sim_tally *tally);

#endif
