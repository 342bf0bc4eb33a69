/* Failures by what they are: how they are known again, in runs, regressions and traces. */
#ifndef SIM_FINDING_H
#define SIM_FINDING_H

#include "ending.h"
#include "check.h"

/* What makes two failures the same one. An checker's: the rule and the harm. Of endings: which
 * ledger differ from the nearest outcome, such as "answer+log+bank", or which bound was broken. */
struct sim_signature {
  char kind
      [32]; /* as a failure has it in run.json: "invariant", "unexpected ending", "every", ... */
  char rule[16]; /* an checker's, else "" */
  char harm[64]; /* "charged twice"; "log+bank"; "charges at most 1" */
};

void sim_signature_of_violation(const struct sim_violation *violation,
                                struct sim_signature *signature);
/* Of an ending that is no outcome, or more than one. */
void sim_signature_of_ending(const struct sim_case *the_case, const struct sim_ending *ending,
                             struct sim_match match, struct sim_signature *signature);
void sim_signature_of_every(const struct sim_every *every, struct sim_signature *signature);
bool sim_signature_equal(const struct sim_signature *a, const struct sim_signature *b);

/* What a trace says that it finds: "invariant MONEY-2 charged twice"; of an ending with the hash by
 * which run.json knows it: "unexpected ending log+bank, ending 91ab...". The same failure has the
 * same text.
 * In:      ending  sim_ending_hash(); null if it is not about an ending */
#define SIM_FINDING_SIZE 160
void sim_finding_text(const struct sim_signature *signature, const uint64_t *ending,
                      char text[SIM_FINDING_SIZE]);

#endif
