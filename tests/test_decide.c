/* The rules as a pure function: a table with a rule's id in each row, then every combination of
 * small facts against the rules stated once more, as conditions that do not lean on an order. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "decide.h"

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])
#define MAX RELOAD_TOKENS_MAX
#define REFUSE(why) RL_REFUSE, RELOAD_REASON_##why

/* Short names, so that a row is a line. */
enum { ON = 1, OFF = 0, NO = 0, YES = 1 };
enum {
  NONE = RELOAD_PLAN_NONE,
  ACTIVE = RELOAD_PLAN_ACTIVE,
  TRIAL = RELOAD_PLAN_TRIALING,
  PAST_DUE = RELOAD_PLAN_PAST_DUE,
  CANCELED = RELOAD_PLAN_CANCELED
};
enum { GOOD = RL_CARD_USABLE, DEAD = RL_CARD_DEAD, NO_CARD = RL_CARD_NONE };
enum { FREE = RL_PENDING_NONE, FLIGHT = RL_PENDING_IN_FLIGHT, OPEN = RL_PENDING_UNRESOLVED };

struct row {
  const char *rule;
  int64_t cost, balance, top_up;
  int on, plan, card, declined;
  int pending;
  int64_t pending_cost, pending_top_up;
  int waited;
  enum rl_decision_kind kind;
  enum reload_reason reason;
};

static struct rl_facts facts_of(const struct row *row) {
  return (struct rl_facts){
      .cost_tokens = row->cost,
      .balance_tokens = row->balance,
      .top_up_tokens = row->top_up,
      .auto_reload = row->on != 0,
      .plan = (enum reload_plan)row->plan,
      .card = (enum rl_card_standing)row->card,
      .declined_before = row->declined != 0,
      .pending = (enum rl_pending)row->pending,
      .pending_cost_tokens = row->pending_cost,
      .pending_top_up_tokens = row->pending_top_up,
      .waited_out = row->waited != 0,
  };
}

/* rule, cost, balance, top-up | on, plan, card, declined | pending, its cost, its top-up, waited */
static const struct row rows[] = {
    {"FIRE-1 less", 4, 5, 100, ON, ACTIVE, GOOD, NO, FREE, 0, 0, NO, RL_DEDUCT, 0},
    {"FIRE-1 equal fits", 5, 5, 100, ON, ACTIVE, GOOD, NO, FREE, 0, 0, NO, RL_DEDUCT, 0},
    {"FIRE-1 whatever else", 5, 5, 1, OFF, NONE, NO_CARD, YES, FREE, 0, 0, NO, RL_DEDUCT, 0},
    {"FIRE-1 the most", MAX, MAX, 1, OFF, NONE, DEAD, NO, FREE, 0, 0, NO, RL_DEDUCT, 0},
    {"FIRE-2 one above", 6, 5, 100, ON, ACTIVE, GOOD, NO, FREE, 0, 0, NO, RL_FIRE, 0},
    {"FIRE-2 from nothing", 1, 0, 100, ON, ACTIVE, GOOD, NO, FREE, 0, 0, NO, RL_FIRE, 0},
    {"FIRE-2 from below zero", 50, -50, 100, ON, ACTIVE, GOOD, NO, FREE, 0, 0, NO, RL_FIRE, 0},
    {"FIRE-7 exactly enough", 105, 5, 100, ON, ACTIVE, GOOD, NO, FREE, 0, 0, NO, RL_FIRE, 0},
    {"FIRE-7 short by one", 106, 5, 100, ON, ACTIVE, GOOD, NO, FREE, 0, 0, NO, REFUSE(TOO_SMALL)},
    {"FIRE-7 below zero", 51, -50, 100, ON, ACTIVE, GOOD, NO, FREE, 0, 0, NO, REFUSE(TOO_SMALL)},
    {"FIRE-7 by far", MAX, -MAX, MAX, ON, ACTIVE, GOOD, NO, FREE, 0, 0, NO, REFUSE(TOO_SMALL)},
    {"FIRE-7 the most", MAX, 0, MAX, ON, ACTIVE, GOOD, NO, FREE, 0, 0, NO, RL_FIRE, 0},
    {"NOFIRE-1", 6, 5, 100, OFF, ACTIVE, GOOD, NO, FREE, 0, 0, NO, REFUSE(OFF)},
    {"NOFIRE-1 is all it says", 6, 5, 1, OFF, NONE, NO_CARD, YES, FREE, 0, 0, NO, REFUSE(OFF)},
    {"NOFIRE-4 none", 6, 5, 100, ON, NONE, GOOD, NO, FREE, 0, 0, NO, REFUSE(NO_PLAN)},
    {"NOFIRE-4 trialing", 6, 5, 100, ON, TRIAL, GOOD, NO, FREE, 0, 0, NO, REFUSE(NO_PLAN)},
    {"NOFIRE-4 past due", 6, 5, 100, ON, PAST_DUE, GOOD, NO, FREE, 0, 0, NO, REFUSE(NO_PLAN)},
    {"NOFIRE-4 canceled", 6, 5, 100, ON, CANCELED, GOOD, NO, FREE, 0, 0, NO, REFUSE(NO_PLAN)},
    {"NOFIRE-5", 6, 5, 100, ON, ACTIVE, NO_CARD, NO, FREE, 0, 0, NO, REFUSE(NO_CARD)},
    {"NOFIRE-6 dead", 6, 5, 100, ON, ACTIVE, DEAD, NO, FREE, 0, 0, NO, REFUSE(CARD_DEAD)},
    {"NOFIRE-6 once an action", 6, 5, 100, ON, ACTIVE, GOOD, YES, FREE, 0, 0, NO, REFUSE(DECLINED)},
    {"RACE-3 waits", 6, 5, 100, ON, ACTIVE, GOOD, NO, FLIGHT, 9, 100, NO, RL_HOLD, 0},
    {"RACE-3 bounded", 6, 5, 100, ON, ACTIVE, GOOD, NO, FLIGHT, 9, 100, YES, REFUSE(WAITED)},
    {"RACE-3 waits though off", 6, 5, 100, OFF, NONE, DEAD, NO, FLIGHT, 9, 100, NO, RL_HOLD, 0},
    {"RACE-3 over", 6, 5, 100, ON, ACTIVE, GOOD, NO, FREE, 0, 0, YES, RL_FIRE, 0},
    {"FIRE-1 beside a reload", 4, 5, 100, ON, ACTIVE, GOOD, NO, FLIGHT, 99, 100, NO, RL_DEDUCT, 0},
    {"FIRE-7 just not starved", 4, 5, 100, ON, ACTIVE, GOOD, NO, FLIGHT, 101, 100, NO, RL_DEDUCT,
     0},
    {"FIRE-7 would starve it", 4, 5, 100, ON, ACTIVE, GOOD, NO, FLIGHT, 102, 100, NO, RL_HOLD, 0},
    {"FIRE-7 nor after the wait", 4, 5, 100, ON, ACTIVE, GOOD, NO, FLIGHT, 102, 100, YES,
     REFUSE(WAITED)},
    {"NOFIRE-1 after the wait", 6, 5, 100, OFF, ACTIVE, GOOD, NO, FLIGHT, 9, 100, YES, REFUSE(OFF)},
    {"MONEY-6", 6, 5, 100, ON, ACTIVE, GOOD, NO, OPEN, 9, 100, NO, REFUSE(UNRESOLVED)},
    {"MONEY-6 though waited", 6, 5, 100, ON, ACTIVE, GOOD, NO, OPEN, 9, 100, YES,
     REFUSE(UNRESOLVED)},
    {"MONEY-6 what fits goes on", 5, 5, 100, ON, ACTIVE, GOOD, NO, OPEN, 105, 100, NO, RL_DEDUCT,
     0},
    {"NOFIRE-1 before MONEY-6", 6, 5, 100, OFF, ACTIVE, GOOD, NO, OPEN, 9, 100, NO, REFUSE(OFF)},
};

static void test_rules(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct rl_facts facts = facts_of(&rows[i]);
    struct rl_decision decision = rl_decide(&facts);
    if (decision.kind != rows[i].kind || decision.reason != rows[i].reason)
      fail_msg("%s: decided %d, reason %d", rows[i].rule, (int)decision.kind, (int)decision.reason);
  }
}

/* ---- The rules once more ------------------------------------------------------------------- */

static bool fits(const struct rl_facts *f) { return f->balance_tokens >= f->cost_tokens; }

static bool in_flight(const struct rl_facts *f) { return f->pending == RL_PENDING_IN_FLIGHT; }

/* What the reload in flight brings would no longer do for its own action. */
static bool starves(const struct rl_facts *f) {
  int64_t left = f->balance_tokens - f->cost_tokens;
  return left + f->pending_top_up_tokens < f->pending_cost_tokens;
}

static bool may_wait(const struct rl_facts *f) { return in_flight(f) && !f->waited_out; }

/* FIRE-2, FIRE-7, NOFIRE-6, RACE-3, MONEY-6: all of it is needed. */
static bool may_fire(const struct rl_facts *f) {
  return !fits(f) && f->auto_reload && f->plan == RELOAD_PLAN_ACTIVE && f->card == RL_CARD_USABLE &&
         !f->declined_before && f->pending == RL_PENDING_NONE &&
         f->balance_tokens + f->top_up_tokens >= f->cost_tokens;
}

/* Each reason tells the truth, and none that is more pressing for the customer is passed over:
 * the toggle, then the reload that was waited for, the unknown outcome, the plan, the card, the
 * size. */
static bool reason_is_right(const struct rl_facts *f, enum reload_reason reason) {
  bool asked = !in_flight(f);                      /* nobody else's reload stands in the way */
  bool on = asked && f->auto_reload;               /* Auto Reload is meant to cover it */
  bool fits = f->cost_tokens <= f->balance_tokens; /* it is not short of tokens */
  bool free = on && f->pending == RL_PENDING_NONE;
  bool plan = free && f->plan == RELOAD_PLAN_ACTIVE;
  bool card = plan && f->card == RL_CARD_USABLE;
  switch (reason) {
    case RELOAD_REASON_WAITED: return in_flight(f) && f->waited_out && (f->auto_reload || fits);
    case RELOAD_REASON_OFF: return (asked || (f->waited_out && !fits)) && !f->auto_reload;
    case RELOAD_REASON_UNRESOLVED: return on && f->pending == RL_PENDING_UNRESOLVED;
    case RELOAD_REASON_NO_PLAN: return free && f->plan != RELOAD_PLAN_ACTIVE;
    case RELOAD_REASON_NO_CARD: return plan && f->card == RL_CARD_NONE;
    case RELOAD_REASON_CARD_DEAD: return plan && f->card == RL_CARD_DEAD;
    case RELOAD_REASON_DECLINED: return card && f->declined_before;
    case RELOAD_REASON_TOO_SMALL:
      return card && !f->declined_before && f->balance_tokens + f->top_up_tokens < f->cost_tokens;
    default: return false; /* the others come from the gateway, not from a decision */
  }
}

static bool is_right(const struct rl_facts *f, struct rl_decision decision) {
  bool hold = may_wait(f) && (!fits(f) || starves(f));
  bool deduct = fits(f) && !(in_flight(f) && starves(f));
  if ((decision.kind == RL_HOLD) != hold) return false;
  if ((decision.kind == RL_DEDUCT) != deduct) return false;
  if ((decision.kind == RL_FIRE) != may_fire(f)) return false;
  if (decision.kind == RL_REFUSE) return reason_is_right(f, decision.reason);
  return decision.reason == RELOAD_REASON_NONE;
}

static void judge(const struct rl_facts *f, int64_t *seen) {
  struct rl_decision decision = rl_decide(f);
  if (!is_right(f, decision))
    fail_msg("cost %d, balance %d, top-up %d, on %d, plan %d, card %d, declined %d, pending %d "
             "(cost %d, top-up %d), waited %d: decided %d, reason %d",
             (int)f->cost_tokens, (int)f->balance_tokens, (int)f->top_up_tokens, f->auto_reload,
             (int)f->plan, (int)f->card, f->declined_before, (int)f->pending,
             (int)f->pending_cost_tokens, (int)f->pending_top_up_tokens, f->waited_out,
             (int)decision.kind, (int)decision.reason);
  seen[decision.kind]++;
}

/* All of plan, card, declined, pending and waited for these amounts. */
static void sweep_facts(struct rl_facts f, int64_t *seen) {
  for (int bits = 0; bits < 2 * 5 * 3 * 2 * 3 * 2; bits++) {
    int rest = bits;
    f.auto_reload = rest % 2, rest /= 2;
    f.plan = (enum reload_plan)(rest % 5), rest /= 5;
    f.card = (enum rl_card_standing)(rest % 3), rest /= 3;
    f.declined_before = rest % 2, rest /= 2;
    f.pending = (enum rl_pending)(rest % 3), rest /= 3;
    f.waited_out = rest % 2;
    judge(&f, seen);
  }
}

static void test_every_combination(void **state) {
  (void)state;
  int64_t seen[RL_REFUSE + 1] = {0};
  struct rl_facts f = {.cost_tokens = 0};
  for (f.cost_tokens = 1; f.cost_tokens <= 5; f.cost_tokens++)
    for (f.balance_tokens = -2; f.balance_tokens <= 5; f.balance_tokens++)
      for (f.top_up_tokens = 1; f.top_up_tokens <= 3; f.top_up_tokens++)
        for (f.pending_cost_tokens = 1; f.pending_cost_tokens <= 5; f.pending_cost_tokens++)
          for (f.pending_top_up_tokens = 1; f.pending_top_up_tokens <= 3; f.pending_top_up_tokens++)
            sweep_facts(f, seen);
  for (size_t i = 0; i < COUNT(seen); i++)
    if (seen[i] < 500) fail_msg("decision %d was hardly seen: %d times", (int)i, (int)seen[i]);
}

/* ---- Declines and modals ------------------------------------------------------------------- */

static void test_final_declines(void **state) {
  (void)state;
  static const char *const final[] = {"lost_card", "stolen_card", "expired_card", "fraudulent",
                                      "payment_method_detached"};
  static const char *const passing[] = {"",
                                        "generic_decline",
                                        "insufficient_funds",
                                        "incorrect_cvc",
                                        "processing_error",
                                        "card_velocity_exceeded",
                                        "card_declined",
                                        "lost_cards",
                                        "authentication_required",
                                        "LOST_CARD",
                                        "lost",
                                        "do_not_honor"};
  for (size_t i = 0; i < COUNT(final); i++)
    if (!rl_decline_is_final(final[i])) fail_msg("NOFIRE-6: %s is final", final[i]);
  for (size_t i = 0; i < COUNT(passing); i++)
    if (rl_decline_is_final(passing[i])) fail_msg("NOFIRE-6: %s is not final", passing[i]);
  assert_true(rl_decline_is_3d_secure("authentication_required")); /* NOFIRE-3 */
  assert_false(rl_decline_is_3d_secure("insufficient_funds"));
  assert_false(rl_decline_is_3d_secure(""));
}

/* rule, reason, the way out beyond the three that every modal offers */
static const struct {
  const char *rule;
  enum reload_reason reason;
  uint32_t extra;
} modals[] = {
    {"NOFIRE-1", RELOAD_REASON_OFF, 0},
    {"NOFIRE-2", RELOAD_REASON_DECLINED, RELOAD_OUT_UPDATE_CARD},
    {"NOFIRE-3", RELOAD_REASON_3D_SECURE, RELOAD_OUT_UPDATE_CARD},
    {"NOFIRE-4", RELOAD_REASON_NO_PLAN, 0},
    {"NOFIRE-5", RELOAD_REASON_NO_CARD, RELOAD_OUT_UPDATE_CARD},
    {"NOFIRE-6", RELOAD_REASON_CARD_DEAD, RELOAD_OUT_UPDATE_CARD},
    {"FIRE-7", RELOAD_REASON_TOO_SMALL, 0},
    {"MONEY-6", RELOAD_REASON_UNRESOLVED, RELOAD_OUT_TRY_LATER},
    {"RACE-3", RELOAD_REASON_WAITED, RELOAD_OUT_TRY_LATER},
    {"MONEY-5", RELOAD_REASON_UNKNOWN, RELOAD_OUT_TRY_LATER},
    {"MONEY-5", RELOAD_REASON_NOT_REACHED, RELOAD_OUT_TRY_LATER},
};

static void test_modals(void **state) {
  (void)state;
  const uint32_t always = RELOAD_OUT_TOP_UP | RELOAD_OUT_CHANGE_PLAN | RELOAD_OUT_WAIT_CYCLE;
  assert_int_equal(COUNT(modals), RELOAD_REASON_NOT_REACHED); /* every reason but "done" */
  for (size_t i = 0; i < COUNT(modals); i++) {
    struct reload_verdict verdict = {.done = true};
    rl_verdict_refuse(&verdict, modals[i].reason, 5, 12);
    bool note = modals[i].reason != RELOAD_REASON_OFF; /* the page: only "off" has no note */
    if (verdict.done || verdict.note != note || verdict.reason != modals[i].reason ||
        verdict.ways_out != (always | modals[i].extra))
      fail_msg("%s: note %d, ways out %x", modals[i].rule, verdict.note, verdict.ways_out);
    assert_int_equal(verdict.balance_tokens, 5);
    assert_int_equal(verdict.missing_tokens, 7);
  }
}

static void test_missing_tokens(void **state) {
  (void)state;
  static const struct {
    int64_t balance, cost, missing;
  } sums[] = {{0, 1, 1}, {-3, 1, 4}, {9, 9, 0}, {10, 9, 0}, {-MAX, MAX, 2 * MAX}, {MAX, 1, 0}};
  for (size_t i = 0; i < COUNT(sums); i++) {
    struct reload_verdict verdict = {.done = false};
    rl_verdict_refuse(&verdict, RELOAD_REASON_OFF, sums[i].balance, sums[i].cost);
    assert_int_equal(verdict.missing_tokens, sums[i].missing);
    assert_int_equal(verdict.balance_tokens, sums[i].balance);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rules),          cmocka_unit_test(test_every_combination),
      cmocka_unit_test(test_final_declines), cmocka_unit_test(test_modals),
      cmocka_unit_test(test_missing_tokens),
  };
  return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}
