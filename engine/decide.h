/* The rules, as one pure function: facts in, decision out. No I/O, no time, no memory. */
#ifndef RELOAD_DECIDE_H
#define RELOAD_DECIDE_H

#include "reload.h"

enum reload_card_standing { RELOAD_CARD_NONE = 0, RELOAD_CARD_DEAD, RELOAD_CARD_USABLE };
enum reload_pending {
  RELOAD_PENDING_NONE = 0,
  RELOAD_PENDING_IN_FLIGHT,
  RELOAD_PENDING_UNRESOLVED
};

/* What is known about a client and an action at one instant, all read in one transaction. */
struct reload_facts {
  int64_t cost_tokens;    /* 1..RELOAD_TOKENS_MAX */
  int64_t balance_tokens; /* may be negative after a reversal */
  int64_t top_up_tokens;
  bool auto_reload;
  enum reload_plan plan;
  enum reload_card_standing card;
  bool declined_before; /* this action was declined on the card that is on file now */
  enum reload_pending pending;
  int64_t pending_cost_tokens;   /* of the action whose reload is in flight */
  int64_t pending_top_up_tokens; /* what that reload will bring */
  bool waited_out;               /* has waited as long as it may */
};

enum reload_decision_kind { RELOAD_DEDUCT, RELOAD_FIRE, RELOAD_HOLD, RELOAD_REFUSE };

struct reload_decision {
  enum reload_decision_kind kind;
  enum reload_reason reason; /* of RELOAD_REFUSE */
};

/* Decide what an action may do now.
 * Source:  FIRE-1, FIRE-2, FIRE-7, NOFIRE-1..6, RACE-3, MONEY-6
 * In:      facts  borrowed, not kept
 * Returns: one decision; never fails
 * Effects: none
 */
struct reload_decision reload_decide(const struct reload_facts *facts);

/* Whether a card with this decline may never be tried again (NOFIRE-6).
 * In:      code  the gateway's decline code, or error code; "" is not final
 */
bool reload_decline_is_final(const char *code);

/* Whether a decline code means that the bank wants the customer present (NOFIRE-3). */
bool reload_decline_is_3d_secure(const char *code);

/* Complete a refusal: the note and the ways out that its reason calls for (NOFIRE-1..7, OUT-1..3).
 */
void reload_verdict_refuse(struct reload_verdict *verdict, enum reload_reason reason,
                           int64_t balance_tokens, int64_t cost_tokens);

#endif
