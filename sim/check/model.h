/* The reference model: a second, small, sequential machine of the product's rules, written from the
 * rules alone. It shares no rule with the engine or with the invariants. Each ending must be the
 * result of some order of whole steps in which each step obeys the rules. */
#ifndef SIM_MODEL_H
#define SIM_MODEL_H

#include "check.h"
#include "order.h"

/* Whether some sequential order explains a terminal state.
 * The steps of each actor keep their order. A reload is two points: it fires, and it ends. Each
 * other step is one point. The bank's results, crashes and clocks are taken from the world as they
 * were. An answer that was lost may stand for a step that was done or not.
 * Source:  all of FIRE, NOFIRE, TOGGLE, MAIL, RACE, MONEY and OUT that an ending can show
 * In:      order  in which things happened, to be tried first; null: not known
 * Returns: true if there is an order; else *violation names the first thing that no order explains.
 *          A search that grew too large is a violation too, with is_cut. With an order the search
 *          gives up sooner. What has no order for one client's part alone is not a matter of size:
 *          then is_cut is false
 * Effects: the machine remembers endings that were allowed; they are not searched again */
bool sim_model_allows(const struct sim_machine *machine, const struct sim_order *order,
                      struct sim_violation *violation);

#endif
