/* In which order things happened on one way through a world. The world itself does not remember it;
 * the model tries it first when it looks for a sequential order. An aid to speed: a wrong one makes
 * the search longer, and never changes what is allowed. */
#ifndef SIM_ORDER_H
#define SIM_ORDER_H

#include "machine.h"

/* Steps are counted from 1; 0: it has not happened. */
struct sim_order {
  int32_t step; /* the latest */
  int32_t charge_count;
  int32_t fired[SIM_MAX_ACTORS][SIM_MAX_STEPS];    /* the step put a charge into the ledger */
  uint64_t charge[SIM_MAX_ACTORS][SIM_MAX_STEPS];  /* this one */
  int32_t reported[SIM_MAX_ACTORS][SIM_MAX_STEPS]; /* the step ended */
  bool idle[SIM_MAX_ACTORS][SIM_MAX_STEPS]; /* and in that step its client stayed as it was */
  int32_t entries[SIM_MAX_CLIENTS][SIM_LEDGER_MAX_ENTRIES]; /* the log's lines, given ones too */
  struct {
    uint64_t charge;
    int32_t ended; /* it was no longer pending */
  } charges[SIM_LEDGER_MAX_CHARGES];
};

/* Forget everything: the way begins. */
void sim_order_begin(struct sim_order *order);

/* Note what the step that has just been made did.
 * In:  before  the world before it */
void sim_order_note(struct sim_order *order, const struct sim_machine *machine,
                    const struct sim_world *before, const struct sim_effect *effect);

/* When a charge (a hash, as in struct sim_charge_row) was no longer pending. */
int32_t sim_order_ended(const struct sim_order *order, uint64_t charge);

#endif
