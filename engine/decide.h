/* The rules, as one pure function: facts in, decision out. No I/O, no time, no memory. */
#ifndef RL_DECIDE_H
#define RL_DECIDE_H

#include "reload.h"

enum rl_card_standing { RL_CARD_NONE = 0, RL_CARD_DEAD, RL_CARD_USABLE };
enum rl_pending { RL_PENDING_NONE = 0, RL_PENDING_IN_FLIGHT, RL_PENDING_UNRESOLVED };

/* The facts about a client and an action, all read in one transaction. */
struct rl_facts {
  int64_t cost_tokens;    /* 1..RELOAD_TOKENS_MAX */
  int64_t balance_tokens; /* may be negative after a reversal */
  int64_t top_up_tokens;
  bool auto_reload;
  enum reload_plan plan;
  enum rl_card_standing card;
  bool declined_before; /* this action was declined on the card that is on file now */
  enum rl_pending pending;
  int64_t pending_cost_tokens;   /* of the action whose reload is in flight */
  int64_t pending_top_up_tokens; /* what that reload will add */
  bool waited_out;               /* the wait limit is over */
};

enum rl_decision_kind { RL_DEDUCT, RL_FIRE, RL_HOLD, RL_REFUSE };

struct rl_decision {
  enum rl_decision_kind kind;
  enum reload_reason reason; /* of RL_REFUSE */
};

/* Decide what an action may do now.
 * Source:  FIRE-1, FIRE-2, FIRE-7, NOFIRE-1..6, RACE-3, MONEY-6
 * In:      facts  borrowed, not kept
 * Returns: one decision; never fails
 * Effects: none
 */
struct rl_decision rl_decide(const struct rl_facts *facts);

/* Whether a card with this decline may never be tried again (NOFIRE-6).
 * In:      code  the gateway's decline code, or error code; "" is not final
 */
bool rl_decline_is_final(const char *code);

/* Whether a decline code means that the bank wants the customer present (NOFIRE-3). */
bool rl_decline_is_3d_secure(const char *code);

/* Complete a refusal: the note and the ways out that its reason calls for (NOFIRE-1..7, OUT-1..3).
 */
void rl_verdict_refuse(struct reload_verdict *verdict, enum reload_reason reason,
                       int64_t balance_tokens, int64_t cost_tokens);

#endif
