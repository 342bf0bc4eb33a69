#include "along.h"

#include <stdio.h>
#include <string.h>

/* The strategy: the guide's next step that can be made, then the first task. */
struct along {
  struct sim_strategy strategy;
  const struct sim_machine *machine;
  const struct sim_case *the_case;
  const struct sim_trace *guide;
  int at; /* the guide's next step */
  int fault_budget;
  struct sim_transition step; /* being made */
};

static bool may_fault(const struct along *along) {
  return sim_machine_world(along->machine)->injected < along->fault_budget;
}

/* The guide's next step that fits, or the plain step of the first task. */
static uint16_t choose_task(struct along *along, const struct sim_choice_point *point) {
  while (along->at < along->guide->line_count) {
    const struct sim_trace_line *line = &along->guide->lines[along->at++];
    if (!sim_trace_step(along->the_case, line, &along->step)) continue;
    bool faulty = along->step.task > SIM_BACKGROUND || sim_transition_is_inside(&along->step);
    for (int i = 0; i < point->count; i++)
      if (point->codes[i] == along->step.task + 1 && (may_fault(along) || !faulty))
        return point->codes[i];
  }
  memset(&along->step, 0, sizeof along->step);
  return point->codes[0];
}

/* The step's choice at this place, if it is open. Others may have gone with what was cut. */
static uint16_t choose(void *self, const struct sim_choice_point *point) {
  struct along *along = self;
  if (point->site == SIM_CHOICE_TASK) {
    uint16_t code = choose_task(along, point);
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

char *sim_walk_trace(struct sim_walker *walker, const char *finds) {
  const struct sim_transition *steps;
  struct sim_transition none = {.task = -1};
  int count = sim_walk_steps(walker, &steps);
  return sim_trace_text(sim_walk_machine(walker), sim_walk_beginning(walker), steps, count, none,
                        finds);
}

enum sim_walk_end sim_walk_along(struct sim_walker *walker, const struct sim_trace *guide,
                                 int fault_budget, const char *finds, char **trace, int *steps) {
  const struct sim_machine *machine = sim_walk_machine(walker);
  struct along along = {.machine = machine,
                        .the_case = sim_machine_names(machine)->the_case,
                        .guide = guide,
                        .fault_budget = fault_budget};
  const struct sim_transition *made;
  char found[160];
  along.strategy = (struct sim_strategy){.self = &along, .choose = choose};
  *trace = NULL;
  enum sim_walk_end end = sim_walk_by(walker, &along.strategy, fault_budget, NULL, NULL);
  *steps = sim_walk_steps(walker, &made);
  if (end != SIM_WALK_BROKEN) return end;
  const struct sim_violation *violation = sim_walk_violation(walker);
  int size = snprintf(found, sizeof found, "invariant %s %s", violation->rule, violation->harm);
  if (size > 0 && strcmp(found, finds) == 0) *trace = sim_walk_trace(walker, finds);
  return end;
}
