#include "along.h"

#include <stdlib.h>
#include <string.h>

/* The strategy: the guide's next step that can be made, then the first task. */
struct along {
  struct sim_strategy strategy;
  const struct sim_machine *machine;
  const struct sim_transition *guide;
  int guide_count, at; /* at: the guide's next step */
  int fault_budget;
  struct sim_transition step; /* being made */
};

static bool may_inject(const struct along *along) {
  return sim_machine_world(along->machine)->injected < along->fault_budget;
}

/* The guide's next step that can be made, or the plain step of the first task. */
static uint16_t choose_guided_task(struct along *along, const struct sim_choice_point *point) {
  while (along->at < along->guide_count) {
    along->step = along->guide[along->at++];
    bool faulty = along->step.task > SIM_BACKGROUND || sim_transition_is_inside(&along->step);
    for (int i = 0; i < point->count; i++)
      if (point->codes[i] == along->step.task + 1 && (may_inject(along) || !faulty))
        return point->codes[i];
  }
  memset(&along->step, 0, sizeof along->step);
  return point->codes[0];
}

/* The choice that the step has at this point, if it can be made: the scenario may have lost it. */
static uint16_t choose_along(void *self, const struct sim_choice_point *point) {
  struct along *along = self;
  if (point->site == SIM_CHOICE_TASK) {
    uint16_t code = choose_guided_task(along, point);
    along->strategy.inside = sim_transition_is_inside(&along->step);
    return code;
  }
  for (int i = 0; i < along->step.count; i++) {
    const struct sim_choice *choice = &along->step.choices[i];
    if (choice->site != point->site || choice->nth != point->nth) continue;
    if (!point->codes) return choice->code;
    for (int j = 0; j < point->count; j++)
      if (point->codes[j] == choice->code) return choice->code;
  }
  return 0;
}

enum sim_walk_end sim_walk_along_steps(struct sim_walker *walker,
                                       const struct sim_transition *guide, int count,
                                       int fault_budget) {
  struct along along = {.machine = sim_walk_machine(walker),
                        .guide = guide,
                        .guide_count = count,
                        .fault_budget = fault_budget};
  along.strategy = (struct sim_strategy){.self = &along, .choose = choose_along};
  return sim_walk_by(walker, &along.strategy, fault_budget, NULL, NULL);
}

enum sim_walk_end sim_walk_along(struct sim_walker *walker, const struct sim_trace *guide,
                                 int fault_budget) {
  const struct sim_case *the_case = sim_machine_names(sim_walk_machine(walker))->the_case;
  struct sim_transition *steps = calloc((size_t)guide->line_count + 1, sizeof *steps);
  int count = 0;
  if (!steps) return SIM_WALK_OUT_OF_MEMORY;
  for (int i = 0; i < guide->line_count; i++)
    count += sim_trace_step(the_case, &guide->lines[i], &steps[count]);
  enum sim_walk_end end = sim_walk_along_steps(walker, steps, count, fault_budget);
  free(steps);
  return end;
}

bool sim_walk_found(const struct sim_walker *walker, enum sim_walk_end end,
                    const struct sim_signature *signature) {
  struct sim_signature found;
  if (end != SIM_WALK_BROKEN) return false;
  sim_signature_of_violation(sim_walk_violation(walker), &found);
  return sim_signature_equal(&found, signature);
}

char *sim_walk_trace(struct sim_walker *walker) {
  const struct sim_transition *steps, none = {.task = -1};
  struct sim_signature signature;
  char finds[SIM_FINDING_SIZE];
  int count = sim_walk_steps(walker, &steps);
  sim_signature_of_violation(sim_walk_violation(walker), &signature);
  sim_finding_text(&signature, NULL, finds);
  return sim_trace_text(sim_walk_machine(walker), sim_walk_beginning(walker), steps, count, none,
                        finds);
}
