/* What a search has found: endings and violations, each told by the sight of it that
 * is nearest to the beginning, and the faults it has tried. */
#ifndef SIM_FINDINGS_H
#define SIM_FINDINGS_H

#include "explore.h"
#include "graph.h"

struct sim_findings;

struct sim_findings *sim_findings_new(void); /* null: out of memory */
void sim_findings_free(struct sim_findings *findings);

/* The machine's world has settled in this state. Returns false when out of memory. */
bool sim_findings_ending(struct sim_findings *findings, const struct sim_machine *machine,
                         uint32_t state);

/* A rule is broken: by a transition made in this state, or (task -1) by the state itself.
 * Returns false when out of memory. */
bool sim_findings_violation(struct sim_findings *findings, const struct sim_violation *violation,
                            uint32_t state, struct sim_transition transition);

/* The number of an injected fault's site, for sim_findings_count(); of a step after which not
 * every image of a power failure was tried.
 * Returns: -1 when out of memory */
int sim_findings_site(struct sim_findings *findings, const struct sim_effect *effect);
int sim_findings_bound(struct sim_findings *findings);
void sim_findings_count(struct sim_findings *findings, int site);

/* Move everything into *search, whose graph is finished: nearest sights, in an order that
 * depends on content alone. Endings and texts of violations are told anew by going there.
 * Returns: false when out of memory */
bool sim_findings_finish(struct sim_findings *findings, struct sim_machine *machine,
                         const struct sim_beginning *beginning, struct sim_search *search);

#endif
