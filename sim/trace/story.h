/* Stories: a path of steps, told again: a record of each step, and its sentences. */
#ifndef SIM_STORY_H
#define SIM_STORY_H

#include "explore.h"
#include "record.h"

#include <jansson.h>

/* One step, told: {"at", "who", "text", "lines": [{"about", "text"}], "record"}.
 *   "at"      the time after it: sim_time_text()
 *   "who"     an actor's name, "background", "clock" or "world"
 *   "text"    what was done: "submits a-1 (10 tokens) for acme: confirms the intent"
 *   "lines"   what came of it, one sentence each. "about": "card", "tokens", "toggle", "mail",
 *             "person" (somebody was told something), or "engine"
 *   "record"  the same as data: sim_record_json()
 * Returns: a new object; null when out of memory */
json_t *sim_story_step(const struct sim_record *record);

/* Make the steps again from the beginning and tell each that did anything.
 * In:      last  one step more, or task -1: none
 * Returns: a new array of steps; null when out of memory */
json_t *sim_story_tell(struct sim_machine *machine, const struct sim_beginning *beginning,
                       const struct sim_transition *steps, int count, struct sim_transition last);

#endif
