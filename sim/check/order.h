/* The order in which things happened on one path through the states. A world does not record it.
 * The model tries it first when it looks for a sequential order. It only saves time: a wrong order
 * makes the search longer, and never changes what is allowed. */
#ifndef SIM_ORDER_H
#define SIM_ORDER_H

#include "machine.h"

/* Steps are numbered from 1; 0: it has not happened. */
struct sim_order {
  int32_t step; /* the latest */
  int32_t charge_count;
  int32_t fired[SIM_MAX_ACTORS][SIM_MAX_STEPS];    /* the step that inserted a charge */
  uint64_t charge[SIM_MAX_ACTORS][SIM_MAX_STEPS];  /* which charge: a hash */
  int32_t reported[SIM_MAX_ACTORS][SIM_MAX_STEPS]; /* the step in which the answer was reported */
  bool idle[SIM_MAX_ACTORS][SIM_MAX_STEPS];        /* that step left its client as it was */
  int32_t entries[SIM_MAX_CLIENTS][SIM_LEDGER_MAX_ENTRIES]; /* of each line of the log */
  struct {
    uint64_t charge;
    int32_t ended; /* the step in which it got its end */
  } charges[SIM_LEDGER_MAX_CHARGES];
};

/* Forget everything: a path begins. */
void sim_order_begin(struct sim_order *order);

/* Note what the last step did.
 * In:      before  the world before it */
void sim_order_note(struct sim_order *order, const struct sim_machine *machine,
                    const struct sim_world *before, const struct sim_effect *effect);

/* The step in which a charge (a hash, as in struct sim_charge_row) got its end; 0: it has none. */
int32_t sim_order_ended(const struct sim_order *order, uint64_t charge);

#endif
