/* What the files of the invariants share. */
#ifndef SIM_CHECKER_H
#define SIM_CHECKER_H

#include "check.h"

/* What one check looks at, and where its verdict goes. Each invariant returns true if it holds;
 * else it fills in the violation. */
struct checker {
  const struct sim_machine *machine;
  const struct sim_case *the_case;
  const struct sim_world *world;
  const struct sim_world *before; /* null in a terminal state */
  const struct sim_effect *effect;
  struct sim_violation *violation;
};

/* Fill in the violation. Returns: false, always */
__attribute__((format(printf, 5, 6))) bool sim_checker_violation(const struct checker *checker,
                                                                 const char *rule, const char *harm,
                                                                 int client, const char *format,
                                                                 ...);
const char *sim_checker_client(const struct checker *checker, int client); /* its name */
const char *sim_checker_action(const struct checker *checker, int action); /* its id */

/* The scenario's step that the actor was in. */
const struct sim_step *sim_checker_step(const struct checker *checker);

/* How many changes of the toggle the ledger holds for a client. */
int sim_toggle_count(const struct sim_ledger *ledger, int client);

/* invariants_ledger.c: the ledger alone, and what one step may do to it. */
bool sim_invariant_ledger(const struct checker *checker);

/* invariants_answers.c: what is reported to actors. */
bool sim_invariant_answers(const struct checker *checker, struct sim_bank_word *reported);
bool sim_invariant_bank_word(const struct checker *checker, const struct sim_bank_word *reported);
bool sim_invariant_deductions_reported(const struct checker *checker); /* likewise */

/* invariants_outside.c: the ledger against the gateway and the mailbox. */
bool sim_invariant_gateway(const struct checker *checker);
bool sim_invariant_mailbox(const struct checker *checker);
bool sim_invariant_rest(const struct checker *checker); /* in a terminal state */

#endif
