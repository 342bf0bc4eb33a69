/* Merging two clients or two actors into one; see minimise_edit.h. */
#include "minimise_edit.h"

#include <string.h>

bool sim_merge_clients(json_t *scenario, size_t from, size_t to) {
  json_t *given = json_object_get(scenario, "given"), *steps;
  const char *gone = sim_nth_key(given, from), *stays = sim_nth_key(given, to), *actor;
  if (!gone || !stays || from == to) return false;
  json_object_foreach(sim_when(scenario), actor, steps) {
    for (size_t s = 0; s < json_array_size(steps); s++) {
      json_t *step = json_array_get(steps, s);
      const char *client = sim_step_client(scenario, step);
      if (!client || strcmp(client, gone) != 0) continue;
      (void)json_object_set_new(step, sim_step_client_key(step), json_string(stays));
    }
  }
  return json_object_del(given, gone) == 0;
}

bool sim_merge_actors(json_t *scenario, size_t from, size_t to) {
  const char *gone = sim_nth_key(sim_when(scenario), from);
  const char *stays = sim_nth_key(sim_when(scenario), to);
  if (!gone || !stays || from == to) return false;
  json_t *steps = json_incref(json_object_get(sim_when(scenario), gone));
  json_t *onto = json_object_get(sim_when(scenario), stays);
  sim_cut_actor(scenario, gone);
  bool merged = json_array_extend(onto, steps) == 0;
  json_decref(steps);
  return merged;
}
