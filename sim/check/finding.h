/* Findings: what makes two failures the same one, in runs, regressions and traces. */
#ifndef SIM_FINDING_H
#define SIM_FINDING_H

#include "ending.h"
#include "check.h"

/* The identity of a failure. Of a violation: its rule and harm. Of an ending: the sections in which
 * it differs from the nearest outcome, such as "answer+log+bank", or the bound that it breaks. */
struct sim_signature {
  char kind[32]; /* as in run.json: "invariant", "unexpected ending", "every", ... */
  char rule[16]; /* of a violation, else "" */
  char harm[64]; /* "charged twice"; "log+bank"; "charges at most 1" */
};

void sim_signature_of_violation(const struct sim_violation *violation,
                                struct sim_signature *signature);
/* Of an ending that matches no outcome, or more than one. */
void sim_signature_of_ending(const struct sim_case *the_case, const struct sim_ending *ending,
                             struct sim_match match, struct sim_signature *signature);
void sim_signature_of_every(const struct sim_every *every, struct sim_signature *signature);
bool sim_signature_equal(const struct sim_signature *a, const struct sim_signature *b);

/* The finding that a trace leads to, as text: "invariant MONEY-2 charged twice"; of an ending with
 * the hash that it has in run.json: "unexpected ending log+bank, ending 91ab...". The same failure
 * has the same text.
 * In:      ending  sim_ending_hash(); null if it is not about an ending */
#define SIM_FINDING_SIZE 160
void sim_finding_text(const struct sim_signature *signature, const uint64_t *ending,
                      char text[SIM_FINDING_SIZE]);

#endif
