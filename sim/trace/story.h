/* Stories: the steps of a path, each as a record and as sentences. */
#ifndef SIM_STORY_H
#define SIM_STORY_H

#include "explore.h"
#include "record.h"

#include <jansson.h>

/* One step: {"at", "who", "text", "lines": [{"about", "text"}], "record"}.
 *   "at"      the time after it: sim_time_text()
 *   "who"     an actor's name, "background", "clock" or "world"
 *   "text"    what was done: "submits a-1 (10 tokens) for acme: confirms the intent"
 *   "lines"   its effects, one sentence each. "about": "card", "tokens", "toggle", "mail",
 *             "person" (something was reported to somebody), or "engine"
 *   "record"  the same as data: sim_record_json()
 * Returns: a new object; null when out of memory */
json_t *sim_story_step(const struct sim_record *record);

/* Make the steps again from the beginning. Steps without any effect are left out.
 * In:      last  one step more, or task -1: none
 * Returns: a new array of steps; null when out of memory */
json_t *sim_story_tell(struct sim_machine *machine, const struct sim_beginning *beginning,
                       const struct sim_transition *steps, int count, struct sim_transition last);

#endif
