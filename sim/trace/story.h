/* Stories: a path of moves, told again as text: who did what, and what changed by it. */
#ifndef SIM_STORY_H
#define SIM_STORY_H

#include "explore.h"

#include <jansson.h>

/* What a move has changed, told as {at, who, what, changes}; null when out of memory.
 * In:      before  the world before it */
json_t *sim_story_move(struct sim_machine *machine, const struct sim_world *before,
                       const struct sim_effect *effect);

/* Make the moves again from the beginning and tell each.
 * In:      last  one move more, or task -1: none
 * Returns: a new array of {at, who, what, changes}; null when out of memory */
json_t *sim_story_tell(struct sim_machine *machine, const struct sim_beginning *beginning,
                       const struct sim_move *moves, int count, struct sim_move last);

#endif
