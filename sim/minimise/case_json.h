/* Scenarios written back: a case as a file of the language, for people to read and to run. */
#ifndef SIM_CASE_JSON_H
#define SIM_CASE_JSON_H

#include "scenario.h"

#include <jansson.h>

/* Write a case as a scenario of its own: no matrix, no shared files, no words left out that only
 * this case would explain. Keys stand in the order in which scenarios/GUIDE.md has them; what has
 * its default is left out, but for the clients, who are told whole. Durations and instants are in
 * words.
 * In:      the_case  as read from a suite, or built so that a suite could have read it
 * Returns: a new object; reading its text again gives an equal case (the same sim_case_digest(),
 *          outcomes and bounds), but for id, places and note. Null when out of memory.
 *          A text with "${" in it, which only a row of a matrix can say, is written as it is, and
 *          will be refused when it is read.
 */
json_t *sim_case_json(const struct sim_case *the_case);

#endif
