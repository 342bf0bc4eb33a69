/* What a search has found: endings and violations, each with its nearest occurrence, and the faults
 * that were tried. */
#ifndef SIM_FINDINGS_H
#define SIM_FINDINGS_H

#include "explore.h"
#include "graph.h"

struct sim_findings;

struct sim_findings *sim_findings_new(void); /* null: out of memory */
void sim_findings_free(struct sim_findings *findings);

/* The machine's world is this terminal state.
 * Returns: false when out of memory */
bool sim_findings_ending(struct sim_findings *findings, const struct sim_machine *machine,
                         uint32_t state);

/* A rule is broken by a transition from this state, or (task -1) by the state itself.
 * Returns: false when out of memory */
bool sim_findings_violation(struct sim_findings *findings, const struct sim_violation *violation,
                            uint32_t state, struct sim_transition transition);

/* Numbers for sim_findings_count(): of an injected fault's site; and of steps after which not every
 * image of a power failure was tried.
 * Returns: -1 when out of memory */
int sim_findings_site(struct sim_findings *findings, const struct sim_effect *effect);
int sim_findings_bound(struct sim_findings *findings);
void sim_findings_count(struct sim_findings *findings, int site);

/* Move everything into *search, whose graph is finished: with nearest occurrences, in an order that
 * depends on content alone. The machine visits the states to describe endings and violations.
 * Returns: false when out of memory */
bool sim_findings_finish(struct sim_findings *findings, struct sim_machine *machine,
                         const struct sim_beginning *beginning, struct sim_search *search);

#endif
