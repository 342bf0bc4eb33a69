/* Checkers: what must be true in every state that is reached, whether or not a scenario asks for
 * it. They compare the ledger with the gateway's records and the mailbox, by the rules of the
 * product, and never trust the engine's word. */
#ifndef SIM_CHECK_H
#define SIM_CHECK_H

#include "machine.h"
#include "order.h"

/* Rules of violations that say nothing about the engine's ledger. Determinism: a step went
 * differently the second time. Limit: a step passed a bound of the simulator, so that what follows
 * cannot be judged. */
#define SIM_RULE_DETERMINISM "determinism"
#define SIM_HARM_DETERMINISM "a step went differently"
#define SIM_RULE_LIMIT "limit"

/* A broken rule, and the harm that it does. */
struct sim_violation {
  const char *rule;      /* id */
  const char *harm;      /* "charged twice", ...; rule and harm together tell violations apart */
  int client;            /* index, or -1 */
  int64_t at_risk_minor; /* money of the customer or of the product; 0: not known */
  bool is_cut; /* no rule is known to be broken: a bound of the simulator or the model was passed */
  char text[256];
};

/* The bank's word as it was reported to an actor, to be compared with the gateway's records. */
struct sim_bank_word {
  int actor, step;
  enum reload_reason reason;
  char decline_code[RELOAD_CODE_SIZE];
};

/* Judge a step and the state after it, in two parts.
 *
 * sim_check_step() looks at the step, at what it reported, and at the ledger before and after.
 * In:      before  the world before the step
 * Out:     reported  the bank's word, which is still to be compared; actor -1: none
 *
 * sim_check_around() looks only at the ledger, the gateway, the mailbox, the packs that were
 * reported as bought, and `reported`. It is called when the step wrote, called a port, or reported
 * the bank's word.
 *
 * sim_check_transition() does both.
 * Returns: true if all is well; else *violation is the first broken rule */
bool sim_check_step(const struct sim_machine *machine, const struct sim_world *before,
                    const struct sim_effect *effect, struct sim_bank_word *reported,
                    struct sim_violation *violation);
bool sim_check_around(const struct sim_machine *machine, const struct sim_bank_word *reported,
                      struct sim_violation *violation);
bool sim_check_transition(const struct sim_machine *machine, const struct sim_world *before,
                          const struct sim_effect *effect, struct sim_violation *violation);

/* Judge a terminal state: no charge is open, each change has its mail, each deduction was reported,
 * and some sequential order of whole steps explains all of it (model.h).
 * In:      order  as in sim_model_allows()
 * Returns: true if all is well; else *violation is the first broken rule */
bool sim_check_ending(const struct sim_machine *machine, const struct sim_order *order,
                      struct sim_violation *violation);

#endif
