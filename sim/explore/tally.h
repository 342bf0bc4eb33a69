/* How often each fault site was tried: counts by name. */
#ifndef SIM_TALLY_H
#define SIM_TALLY_H

#include "machine.h"

struct sim_site_count {
  char site[SIM_SITE_NAME_SIZE]; /* from sim_effect_site() */
  int64_t count;
};

struct sim_tally { /* zero is empty; freed with sim_tally_free() */
  int count;
  struct sim_site_count *sites; /* by number */
  int *by_name;                 /* their numbers, in the order of their names */
  size_t room, name_room;
};

/* The number of a site, known or new; -1 when out of memory. */
int sim_tally_site(struct sim_tally *tally, const char *site);
void sim_tally_count(struct sim_tally *tally, int number);

/* In the end: order the sites by their names, and drop those without a count. Their numbers
 * change. */
void sim_tally_sort(struct sim_tally *tally);
void sim_tally_free(struct sim_tally *tally);

#endif
