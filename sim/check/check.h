/* Checkers: what must be true in every state ever reached, whether a scenario asks or not. They
 * judge the ledger against the gateway's truth and the mailbox, by the rules, not by the engine's
 * word. */
#ifndef SIM_CHECK_H
#define SIM_CHECK_H

#include "machine.h"
#include "order.h"

/* The "rules" of violations that say nothing of the engine's ledger: a step went differently the
 * second time; a step passed a bound of the simulator, so that what follows cannot be judged. */
#define SIM_RULE_DETERMINISM "determinism"
#define SIM_HARM_DETERMINISM "a step went differently"
#define SIM_RULE_LIMIT "limit"

/* A rule that was broken, and the harm that it does. */
struct sim_violation {
  const char *rule;      /* id */
  const char *harm;      /* "charged twice", ...: the class by which violations are told apart */
  int client;            /* index, or -1 */
  int64_t at_risk_minor; /* the customer's or the product's money, if it can be told */
  bool is_cut;           /* nothing is known to be wrong: a bound of the simulator or the model */
  char text[256];
};

/* What an actor was told of the bank: compared with what the bank has said. */
struct sim_bank_word {
  int actor, step;
  enum reload_reason reason;
  char decline_code[RELOAD_CODE_SIZE];
};

/* Judge a step and the state after it, in two parts.
 *
 * sim_check_step() looks at the step, at what it told, and at the ledger before and after.
 * In:      before  the world before the step
 * Out:     *told   what remains to be compared; actor -1: nothing
 *
 * sim_check_around() looks at nothing but the ledger, the gateway, the mailbox, which packs were
 * told to be bought, and `told`. It is called when the step wrote, called a port, or has told
 * something.
 *
 * sim_check_transition() does both.
 * Returns: true if all is well; else *violation is the first rule broken, in the order of the
 *          harm */
bool sim_check_step(const struct sim_machine *machine, const struct sim_world *before,
                    const struct sim_effect *effect, struct sim_bank_word *reported,
                    struct sim_violation *violation);
bool sim_check_around(const struct sim_machine *machine, const struct sim_bank_word *reported,
                      struct sim_violation *violation);
bool sim_check_transition(const struct sim_machine *machine, const struct sim_world *before,
                          const struct sim_effect *effect, struct sim_violation *violation);

/* Judge a settled world: nothing open, nothing owed, everything told, and some sequential order of
 * whole steps explains all of it (model.h).
 * In:      order  as in sim_model_allows() */
bool sim_check_ending(const struct sim_machine *machine, const struct sim_order *order,
                      struct sim_violation *violation);

#endif
