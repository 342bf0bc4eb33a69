/* The refinement checker: a second, small, sequential model of the product's rules, written from
 * the rules alone. What the simulator reached at the end of a run must be what some order of whole
 * steps gives, each step obeying the rules. */
#ifndef SIM_MODEL_H
#define SIM_MODEL_H

#include "check.h"
#include "order.h"

/* Does some sequential order explain a settled world?
 * The steps of each actor keep their order. A reload is two points: it fires, and it is settled;
 * everything else is one. Gateway, crashes and clocks are taken as they were: the bank's results
 * are read off the fake gateway, lost answers may have done their work or not.
 * Source:  all of FIRE, NOFIRE, TOGGLE, MAIL, RACE, MONEY and OUT that an ending can show
 * In:      order  in which things happened, to be tried first; null: nobody knows
 * Returns: true if there is an order; else *violation names the first thing that no order explains.
 *          A search that grew too large is a violation as well, and says so (is_cut). With an order
 *          it is given up sooner; what then is not even explained for one client alone is no
 *          matter of size, and not taken for one.
 * Effects: remembers in the machine which endings were allowed, and does not search them again
 */
bool sim_model_allows(const struct sim_machine *machine, const struct sim_order *order,
                      struct sim_violation *violation);

#endif
