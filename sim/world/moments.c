/* Power failures inside a step, without running it again up to there. */
#include "machine_inside.h"

#include "grow.h"

#include <stdlib.h>
#include <string.h>

void sim_machine_keep_moments(struct sim_machine *machine, bool keep) {
  for (size_t i = 0; i < machine->moment_count; i++)
    fake_disk_image_release(machine->disk, &machine->moments[i].image);
  machine->moment_count = 0;
  machine->keeps_moments = keep;
}

/* A moment that cannot be kept is no failure: the step is then run again. */
void sim_moment_keep(struct sim_machine *machine, int site) {
  if (!machine->keeps_moments) return;
  struct sim_moment *moments =
      sim_grow(machine->moments, machine->moment_count, &machine->moment_room, sizeof *moments);
  if (!moments) return;
  machine->moments = moments;
  struct sim_moment moment = {.site = (uint16_t)site, .nth = machine->site_counts[site]};
  if (!fake_disk_save_moment(machine->disk, &moment.image)) return;
  machine->moments[machine->moment_count++] = moment;
  machine->moments_call = machine->effect->call;
}

static const struct sim_moment *find_moment(const struct sim_machine *machine,
                                            const struct sim_transition *transition) {
  const struct sim_choice *choice = &transition->choices[0];
  if (transition->count != 1 || choice->code < SIM_CODE_IMAGE) return NULL;
  for (size_t i = 0; i < machine->moment_count; i++)
    if (machine->moments[i].site == choice->site && machine->moments[i].nth == choice->nth)
      return &machine->moments[i];
  return NULL;
}

/* The step's answer is lost, and everything that it has done lies on the disk. */
bool sim_machine_power_fails(struct sim_machine *machine, const struct sim_transition *transition,
                             struct sim_effect *effect) {
  const struct sim_moment *moment = find_moment(machine, transition);
  const struct sim_strategy nobody = {.self = NULL};
  int actor = transition->task;
  if (!moment) return false;
  const struct sim_step *step =
      &machine->the_case->actors[actor].steps[machine->world.tasks[actor].step];
  sim_step_begin(machine, actor, &nobody, effect);
  effect->transition = *transition;
  effect->verb = step->verb;
  effect->call = machine->moments_call;
  machine->hooked = true; /* as when the step is run */
  fake_disk_reach(machine->disk, &moment->image);
  machine->site_counts[moment->site] = moment->nth;
  sim_fault_shown(machine, SIM_POWER_FAILS, moment->site);
  machine->dying = true;
  effect->image = transition->choices[0].code - SIM_CODE_IMAGE;
  effect->image_writes = fake_disk_unsynced_count(machine->disk);
  machine->world.tasks[actor].wake_pending = 0; /* it has begun, and looks for itself */
  sim_end_step(machine, actor, SIM_ANSWER_NONE);
  sim_bury(machine, true);
  sim_step_end(machine, step->process);
  return true;
}
