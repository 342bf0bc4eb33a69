#include "tally.h"

#include "grow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The index of a site, or where it belongs. */
static int place_of(const struct sim_tally *tally, const char *site, bool *known) {
  int low = 0, high = tally->count;
  *known = false;
  while (low < high && !*known) {
    int middle = low + (high - low) / 2;
    int order = strcmp(site, tally->sites[middle].site);
    if (order == 0) *known = true;
    if (order > 0)
      low = middle + 1;
    else
      high = middle;
  }
  return high;
}

bool sim_tally_add(struct sim_tally *tally, const char *site, int64_t count) {
  bool known;
  if (site[0] == '\0') return true;
  int at = place_of(tally, site, &known);
  if (!known) {
    struct sim_site_count *sites =
        sim_grow(tally->sites, (size_t)tally->count, &tally->room, sizeof *sites);
    if (!sites) return false;
    tally->sites = sites;
    memmove(&tally->sites[at + 1], &tally->sites[at],
            (size_t)(tally->count - at) * sizeof *tally->sites);
    tally->count++;
    tally->sites[at] = (struct sim_site_count){.count = 0};
    (void)snprintf(tally->sites[at].site, sizeof tally->sites[at].site, "%s", site);
  }
  tally->sites[at].count += count;
  return true;
}

void sim_tally_free(struct sim_tally *tally) {
  free(tally->sites);
  *tally = (struct sim_tally){.sites = NULL};
}
