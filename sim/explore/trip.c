#include "trip.h"

#include "graph.h"
#include "grow.h"

#include <stdlib.h>

struct path {
  const struct sim_graph *graph;
  uint32_t *numbers; /* of the transitions */
  int count;
  size_t index; /* of the state that it leads to */
};

struct trip {
  struct sim_machine *machine;
  const struct sim_beginning *beginning;
  const struct path *path;
  struct sim_beginning *
      *stops; /* after the first transition, the second, ...; kept for reuse beyond the count */
  size_t stop_count, stops_made, stop_room;
};

static int by_transitions(const void *a, const void *b) {
  const struct path *x = a, *y = b;
  int at = 0;
  while (at < x->count && at < y->count && x->numbers[at] == y->numbers[at]) at++;
  if (at == x->count || at == y->count) return (x->count > y->count) - (x->count < y->count);
  return sim_transition_is_earlier(sim_graph_numbered(x->graph, x->numbers[at]),
                                   sim_graph_numbered(y->graph, y->numbers[at]))
             ? -1
             : 1;
}

static void drop_stop(struct trip *trip) {
  struct sim_beginning *stop = trip->stops[--trip->stop_count];
  fake_disk_image_release(sim_machine_disk(trip->machine), &stop->image);
}

static struct sim_beginning *stop_at_top(struct trip *trip) {
  if (trip->stop_count < trip->stops_made) return trip->stops[trip->stop_count];
  struct sim_beginning **stops =
      sim_grow(trip->stops, trip->stops_made, &trip->stop_room, sizeof *stops);
  if (!stops) return NULL;
  trip->stops = stops;
  struct sim_beginning *stop = malloc(sizeof *stop);
  if (stop) trip->stops[trip->stops_made++] = stop;
  return stop;
}

/* Keep the world that the machine is in. */
static bool add_stop(struct trip *trip) {
  struct sim_beginning *stop = stop_at_top(trip);
  if (!stop) return false;
  stop->image = (struct fake_disk_image){.record = NULL};
  if (!fake_disk_save(sim_machine_disk(trip->machine), &stop->image)) return false;
  sim_world_copy(&stop->world, sim_machine_world(trip->machine),
                 sim_machine_names(trip->machine)->the_case);
  trip->stop_count++;
  return true;
}

/* Back to where the new path leaves the present one. */
static void turn_back(struct trip *trip, const struct path *path) {
  size_t common = 0;
  while (common < trip->stop_count && (int)common < path->count &&
         trip->path->numbers[common] == path->numbers[common])
    common++;
  while (trip->stop_count > common) drop_stop(trip);
  if (common == 0)
    sim_machine_restore(trip->machine, &trip->beginning->world, &trip->beginning->image);
  else
    sim_machine_restore(trip->machine, &trip->stops[common - 1]->world,
                        &trip->stops[common - 1]->image);
}

static bool go_on_trip(struct trip *trip, const struct path *path) {
  bool good = true;
  turn_back(trip, path);
  trip->path = path;
  while (good && trip->stop_count < (size_t)path->count) {
    struct sim_effect effect;
    const struct sim_transition *next =
        sim_graph_numbered(path->graph, path->numbers[trip->stop_count]);
    if (!sim_machine_again(trip->machine, next, &effect)) break;
    good = add_stop(trip);
  }
  return good;
}

bool sim_trip(struct sim_machine *machine, const struct sim_beginning *beginning,
              const struct sim_search *search, const uint32_t *states, size_t count,
              bool (*arrive)(void *self, size_t index), void *self) {
  struct trip trip = {.machine = machine, .beginning = beginning};
  struct path *paths = calloc(count + 1, sizeof *paths);
  bool good = paths != NULL;
  for (size_t i = 0; good && i < count; i++) {
    paths[i].index = i;
    paths[i].graph = search->graph;
    paths[i].count = sim_graph_path(search->graph, states[i], &paths[i].numbers);
    good = paths[i].count >= 0;
  }
  if (good && count > 1) qsort(paths, count, sizeof *paths, by_transitions);
  for (size_t i = 0; good && i < count; i++)
    good = go_on_trip(&trip, &paths[i]) && arrive(self, paths[i].index);
  while (trip.stop_count > 0) drop_stop(&trip);
  while (trip.stops_made > 0) free(trip.stops[--trip.stops_made]);
  for (size_t i = 0; paths && i < count; i++) free(paths[i].numbers);
  free(trip.stops);
  free(paths);
  return good;
}
