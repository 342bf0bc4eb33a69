/* What the files of the oracles share. */
#ifndef SIM_ORACLE_INSIDE_H
#define SIM_ORACLE_INSIDE_H

#include "oracle.h"

/* One judgement: the world, what it was before, and where the verdict goes. Each judge returns true
 * if all is well, else fills the breach. */
struct court {
  const struct sim_machine *machine;
  const struct sim_case *the_case;
  const struct sim_world *world;
  const struct sim_world *before; /* null at the end */
  const struct sim_effect *effect;
  struct sim_breach *breach;
};

/* Fill the breach; always false. */
__attribute__((format(printf, 5, 6))) bool sim_court_breach(const struct court *court,
                                                            const char *rule, const char *harm,
                                                            int client, const char *format, ...);
const char *sim_court_client(const struct court *court, int client); /* its name */
const char *sim_court_action(const struct court *court, int action); /* its id */

/* The step that an actor's move belongs to. */
const struct sim_step *sim_court_step(const struct court *court);

/* How many changes of the toggle the books hold for a client. */
int sim_toggle_count(const struct sim_books *books, int client);

/* oracle_books.c: the books alone, and what one move may do to them. */
bool sim_judge_books(const struct court *court);

/* oracle_answers.c: what actors are told. */
bool sim_judge_answer(const struct court *court, struct sim_bank_word *told);
bool sim_judge_told(const struct court *court, const struct sim_bank_word *told);
bool sim_judge_deductions_told(const struct court *court); /* in the end */

/* oracle_outside.c: the books against the gateway and the mailbox. */
bool sim_judge_gateway(const struct court *court);
bool sim_judge_mailbox(const struct court *court);
bool sim_judge_rest(const struct court *court); /* in the end: nothing open, nothing owed */

#endif
