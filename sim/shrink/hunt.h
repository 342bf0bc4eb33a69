/* Failures by what they are, and looking for one of them in a case. */
#ifndef SIM_HUNT_H
#define SIM_HUNT_H

#include "explore.h"

/* What makes two failures the same one. An oracle's: the rule and the harm. Of endings: which books
 * differ from the nearest outcome, such as "answer+log+bank", or which bound was broken. */
struct sim_signature {
  char kind[32]; /* as a failure has it in run.json: "oracle", "unexpected ending", "every", ... */
  char rule[16]; /* an oracle's, else "" */
  char harm[64]; /* "charged twice"; "log+bank"; "charges at most 1" */
};

void sim_signature_of_breach(const struct sim_breach *breach, struct sim_signature *signature);
/* Of an ending that is no outcome, or more than one. */
void sim_signature_of_ending(const struct sim_case *the_case, const struct sim_ending *ending,
                             struct sim_match match, struct sim_signature *signature);
void sim_signature_of_every(const struct sim_every *every, struct sim_signature *signature);
bool sim_signature_equal(const struct sim_signature *a, const struct sim_signature *b);

/* What a hunt took and brought. */
struct sim_hunted {
  int64_t moves; /* made by it */
  char *tape;    /* one that ends in the failure, to be freed by the caller; null: not found */
};

/* Look for a failure of this signature in a case.
 * In:      limits  to be kept: fault level, max_states, interrupt
 * Out:     *hunted, zeroed by the caller
 * Returns: whether it was found, and a tape of it made. The same for the same arguments. */
typedef bool sim_hunter(void *self, const struct sim_case *the_case,
                        const struct sim_signature *signature, const struct sim_limits *limits,
                        struct sim_hunted *hunted);

/* The hunter that searches every state within the limits and brings the shortest tape. `self` is
 * not looked at. */
sim_hunter sim_hunt_all;

#endif
