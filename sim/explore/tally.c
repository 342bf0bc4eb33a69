#include "tally.h"

#include "grow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A site's place in the order of names; if it is not *known, where it belongs. */
static int place_of_site(const struct sim_tally *tally, const char *site, bool *known) {
  int low = 0, high = tally->count;
  *known = false;
  while (low < high && !*known) {
    int middle = low + (high - low) / 2;
    int order = strcmp(site, tally->sites[tally->by_name[middle]].site);
    if (order == 0) *known = true;
    if (order > 0)
      low = middle + 1;
    else
      high = middle;
  }
  return high;
}

int sim_tally_site(struct sim_tally *tally, const char *site) {
  bool known;
  int at = place_of_site(tally, site, &known), number = tally->count;
  if (known) return tally->by_name[at];
  struct sim_site_count *sites =
      sim_grow(tally->sites, (size_t)number, &tally->room, sizeof *sites);
  if (!sites) return -1;
  tally->sites = sites;
  int *by_name = sim_grow(tally->by_name, (size_t)number, &tally->name_room, sizeof *by_name);
  if (!by_name) return -1;
  tally->by_name = by_name;
  memmove(&by_name[at + 1], &by_name[at], (size_t)(number - at) * sizeof *by_name);
  by_name[at] = number;
  tally->count++;
  sites[number] = (struct sim_site_count){.count = 0};
  (void)snprintf(sites[number].site, sizeof sites[number].site, "%s", site);
  return number;
}

void sim_tally_count(struct sim_tally *tally, int number) { tally->sites[number].count++; }

static int by_name(const void *a, const void *b) {
  const struct sim_site_count *x = a, *y = b;
  return strcmp(x->site, y->site);
}

void sim_tally_sort(struct sim_tally *tally) {
  int kept = 0;
  for (int i = 0; i < tally->count; i++)
    if (tally->sites[i].count > 0) tally->sites[kept++] = tally->sites[i];
  tally->count = kept;
  if (kept > 0) qsort(tally->sites, (size_t)kept, sizeof *tally->sites, by_name);
  for (int i = 0; i < kept; i++) tally->by_name[i] = i;
}

void sim_tally_free(struct sim_tally *tally) {
  free(tally->sites);
  free(tally->by_name);
  *tally = (struct sim_tally){.sites = NULL};
}
