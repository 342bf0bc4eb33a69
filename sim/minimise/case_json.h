/* Writing a case as a scenario file, for people to read and to run. */
#ifndef SIM_CASE_JSON_H
#define SIM_CASE_JSON_H

#include "scenario.h"

#include <jansson.h>

/* Write a case as a scenario of its own, without matrix and shared files. Keys have the order of
 * scenarios/GUIDE.md. Default values are left out, except for clients, which are written in full.
 * Durations and instants are written as text.
 * In:      the_case  as read from a suite, or built so that a suite could have read it
 * Returns: a new object; reading its text again gives an equal case (the same sim_case_digest(),
 *          outcomes and bounds), but for id, places and note. Null when out of memory.
 *          A text with "${", which only a row of a matrix can give, is written unchanged and is
 *          refused when it is read.
 */
json_t *sim_case_json(const struct sim_case *the_case);

#endif
