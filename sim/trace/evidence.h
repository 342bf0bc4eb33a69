/* The evidence of a search, for certificates: digests, root, every ending by its hash, every fault
 * site that was tried. */
#ifndef SIM_EVIDENCE_H
#define SIM_EVIDENCE_H

#include "explore.h"

#include <jansson.h>

/* Add to a case's result:
 *   "digest", "expects"    of what is run, and of what is expected
 *   "cut_by"               null if every state was explored, else "max_states", "memory",
 *                          "interrupt", or "not begun"
 *   "root"                 of the graph of states, 32 hex digits
 *   "ending_states"        {hash: terminal states} of every ending, with or without a story
 *   "fault_ending_states"  the same for those that only injected faults reach
 *   "fault_sites"          {site: transitions} of the injected faults
 * In:      search  null: there was no search
 * Returns: false when out of memory */
bool sim_evidence_add(json_t *result, const struct sim_case *the_case,
                      const struct sim_search *search);

/* The digest of what a scenario expects ("then"): the verdict depends on it, the search does not.
 */
void sim_evidence_expects(const struct sim_case *the_case, char text[SIM_HASH_TEXT_SIZE]);

#endif
