/* Steps that are run again. */
#include "machine_inside.h"

#include <string.h>

/* The replay strategy: the choices of a transition, in turn. */
struct replay {
  const struct sim_case *the_case;
  const struct sim_transition *given;
  int made;
};

/* A declared fault has the same text as an injected one: take the one that is open. */
static uint16_t open_code(const struct replay *replay, const struct sim_choice *choice,
                          const struct sim_choice_point *point) {
  if (!point->codes) return choice->code;
  for (int i = 0; i < point->count; i++)
    if (point->codes[i] == choice->code) return choice->code;
  if (choice->site >= SIM_SITE_COUNT) return 0;
  const struct sim_fault *wanted =
      sim_site_fault(replay->the_case, (enum sim_site)choice->site, choice->code);
  for (int i = 0; i < point->count && wanted; i++)
    if (strcmp(sim_site_fault(replay->the_case, (enum sim_site)choice->site, point->codes[i])->text,
               wanted->text) == 0)
      return point->codes[i];
  return 0;
}

static uint16_t replay_choice(void *self, const struct sim_choice_point *point) {
  struct replay *replay = self;
  if (replay->made == replay->given->count) return 0;
  const struct sim_choice *next = &replay->given->choices[replay->made];
  if (next->site != point->site || next->nth != point->nth) return 0;
  uint16_t code = open_code(replay, next, point);
  if (code) replay->made++;
  return code;
}

bool sim_machine_again(struct sim_machine *machine, const struct sim_transition *transition,
                       struct sim_effect *effect) {
  struct replay replay = {.the_case = machine->the_case, .given = transition};
  const struct sim_strategy strategy = {
      .self = &replay, .inside = sim_transition_is_inside(transition), .choose = replay_choice};
  if (transition->task < 0 || !(sim_machine_enabled(machine) >> transition->task & 1)) {
    *effect = (struct sim_effect){.task = transition->task,
                                  .transition.task = transition->task,
                                  .call = "",
                                  .step_site = "",
                                  .fault_site = "",
                                  .strayed = true};
    return false;
  }
  machine->is_again = true;
  sim_machine_step(machine, transition->task, &strategy, effect);
  machine->is_again = false;
  effect->strayed = replay.made < transition->count;
  return true;
}
