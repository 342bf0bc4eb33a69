#include "decide.h"

#include <string.h>

static struct rl_decision decide_refuse(enum reload_reason reason) {
  return (struct rl_decision){.kind = RL_REFUSE, .reason = reason};
}

/* FIRE-7 for the reload in flight: if this action took the tokens now, that charge would be
 * captured and its action would still not fit. */
static bool starves_pending(const struct rl_facts *facts) {
  return facts->pending == RL_PENDING_IN_FLIGHT &&
         facts->balance_tokens - facts->cost_tokens + facts->pending_top_up_tokens <
             facts->pending_cost_tokens;
}

struct rl_decision rl_decide(const struct rl_facts *facts) {
  bool fits = facts->cost_tokens <= facts->balance_tokens; /* FIRE-1: equal fits */

  if (fits && !starves_pending(facts)) /* FIRE-1, and MONEY-6: even with an unresolved charge */
    return (struct rl_decision){.kind = RL_DEDUCT};

  /* RACE-3. Before the toggle: the reload in flight may bring enough for this action too. */
  if (facts->pending == RL_PENDING_IN_FLIGHT) {
    if (facts->waited_out)
      return decide_refuse(facts->auto_reload || fits ? RELOAD_REASON_WAITED : RELOAD_REASON_OFF);
    return (struct rl_decision){.kind = RL_HOLD};
  }
  if (!facts->auto_reload) return decide_refuse(RELOAD_REASON_OFF); /* NOFIRE-1 */
  if (facts->pending == RL_PENDING_UNRESOLVED)
    return decide_refuse(RELOAD_REASON_UNRESOLVED);                                   /* MONEY-6 */
  if (facts->plan != RELOAD_PLAN_ACTIVE) return decide_refuse(RELOAD_REASON_NO_PLAN); /* NOFIRE-4 */
  if (facts->card == RL_CARD_NONE) return decide_refuse(RELOAD_REASON_NO_CARD);       /* NOFIRE-5 */
  if (facts->card == RL_CARD_DEAD) return decide_refuse(RELOAD_REASON_CARD_DEAD);     /* NOFIRE-6 */
  if (facts->declined_before) return decide_refuse(RELOAD_REASON_DECLINED);           /* NOFIRE-6 */
  if (facts->balance_tokens + facts->top_up_tokens < facts->cost_tokens)              /* FIRE-7 */
    return decide_refuse(RELOAD_REASON_TOO_SMALL);
  return (struct rl_decision){.kind = RL_FIRE}; /* FIRE-2 */
}

bool rl_decline_is_final(const char *code) {
  static const char *const final_codes[] = {
      "lost_card",
      "stolen_card",
      "expired_card",
      "pickup_card",
      "fraudulent",
      "restricted_card",
      "payment_method_detached",
  };
  for (size_t i = 0; i < sizeof final_codes / sizeof final_codes[0]; i++)
    if (strcmp(code, final_codes[i]) == 0) return true;
  return false;
}

bool rl_decline_is_3d_secure(const char *code) {
  return strcmp(code, "authentication_required") == 0;
}

static uint32_t extra_way_out(enum reload_reason reason) {
  switch (reason) {
    case RELOAD_REASON_DECLINED:
    case RELOAD_REASON_3D_SECURE:
    case RELOAD_REASON_NO_CARD:
    case RELOAD_REASON_CARD_DEAD: return RELOAD_OUT_UPDATE_CARD;
    case RELOAD_REASON_UNRESOLVED:
    case RELOAD_REASON_WAITED:
    case RELOAD_REASON_UNKNOWN:
    case RELOAD_REASON_NOT_REACHED: return RELOAD_OUT_TRY_LATER;
    case RELOAD_REASON_NONE:
    case RELOAD_REASON_OFF:
    case RELOAD_REASON_NO_PLAN:
    case RELOAD_REASON_TOO_SMALL: return 0;
  }
  return 0;
}

void rl_verdict_refuse(struct reload_verdict *verdict, enum reload_reason reason,
                       int64_t balance_tokens, int64_t cost_tokens) {
  int64_t missing = cost_tokens - balance_tokens;
  verdict->done = false;
  verdict->reason = reason;
  verdict->note = reason != RELOAD_REASON_OFF;
  verdict->ways_out =
      RELOAD_OUT_TOP_UP | RELOAD_OUT_CHANGE_PLAN | RELOAD_OUT_WAIT_CYCLE | extra_way_out(reason);
  verdict->balance_tokens = balance_tokens;
  verdict->missing_tokens = missing > 0 ? missing : 0;
}
