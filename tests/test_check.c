/* Each invariant can fail: a correct world is changed, and exactly that rule is named. Without the
 * change the same state passes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "check.h"
#include "sim_kit.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

/* What has happened when the checker is asked. ana submits a-1 for 10, or for more than a top-up
 * brings; her steps: 1 decide, 2 open, 3 record, 4 confirm, 5 settle. ben turns Auto Reload off. */
enum scene {
  DECIDED = 1,
  OPENED = 2,
  CONFIRMED = 4,
  SETTLED = 5,
  REFUSED,  /* too dear: one step */
  OFF,      /* it is off: one step */
  TOGGLED,  /* ben has */
  MAILED,   /* and the background has handed the mail over */
  ALL_DONE, /* ana's action and ben's toggle, and nothing is left to do */
  BOUGHT,   /* a pack of 50 tokens: one step, as are the next ones */
  RENEWED,
  MOVED, /* to another plan, with another card */
  LAPSED,
  CARDED,
  UNCARDED,
};

/* Ana's account: what is said to be so afterwards. */
static void tell_fact(struct sim_kit *kit, enum scene scene) {
  static const enum sim_verb verbs[] = {SIM_BUY_PACK, SIM_RENEW,    SIM_CHANGE_PLAN,
                                        SIM_SET_PLAN, SIM_SET_CARD, SIM_REMOVE_CARD};
  struct sim_step *step = sim_kit_actor(kit, "ana", verbs[scene - BOUGHT]);
  step->id = "fact-1";
  step->amount = 50;
  step->price_minor = 5000;
  step->plan = scene == MOVED ? SIM_PLAN_TRIALING : SIM_PLAN_PAST_DUE;
  step->card = scene == UNCARDED ? NULL : "pm_card_visa:2";
}

static void play(struct sim_kit *kit, enum scene scene) {
  kit->the_case.actor_count = 0;
  kit->the_case.clients[0].auto_reload = scene != OFF;
  if (scene == TOGGLED || scene == MAILED)
    (void)sim_kit_actor(kit, "ben", SIM_TURN_OFF);
  else if (scene >= BOUGHT)
    tell_fact(kit, scene);
  else
    (void)sim_kit_submit(kit, "ana", "a-1", scene == REFUSED ? 110 : 10);
  if (scene == ALL_DONE) sim_kit_actor(kit, "ben", SIM_TURN_OFF)->after = 1;
  sim_kit_start(kit);
  if (scene == ALL_DONE)
    sim_kit_finish(kit);
  else
    sim_kit_steps(kit, 0, scene <= SETTLED ? (int)scene : 1);
  while (scene == MAILED && kit->machine->world.mail.message_count == 0)
    sim_kit_step(kit, SIM_BACKGROUND);
}

/* Short names for what is tampered with. */
#define NOW (&kit->machine->world)
#define LEDGER (kit->machine->world.ledger)
#define OLD (kit->before.ledger)
#define CARD (kit->machine->world.card)
#define INTENT (kit->machine->world.card.intents[0])
#define EFFECT (kit->effect)
#define TAMPER(name, statements)                                                                   \
  static void name(struct sim_kit *kit) { statements; }

/* Append a copy of an entry as the last one of acme's, so that all still adds up. */
static struct sim_entry_row *enter_again(struct sim_kit *kit, int entry) {
  struct sim_entry_row *last = &LEDGER.entries[LEDGER.entry_count - 1], *copy = last + 1;
  *copy = LEDGER.entries[entry];
  copy->entry_no = last->entry_no + 1;
  copy->balance_tokens = last->balance_tokens + copy->tokens;
  LEDGER.clients[0].balance_tokens = copy->balance_tokens;
  LEDGER.entry_count++;
  return copy;
}

/* One charge more that was there before: of acme's a-1, on its card, with this state. */
static struct sim_charge_row *charge_before(struct sim_kit *kit, int state) {
  struct sim_charge_row *old = &OLD.charges[OLD.charge_count++];
  *old = LEDGER.charges[0];
  old->charge++;
  old->intent = 99;
  old->state = (int32_t)state;
  return old;
}

TAMPER(problem, EFFECT.problem = "stuck")
TAMPER(stranger, LEDGER.entries[0].client = -1)
TAMPER(entry_balance, LEDGER.entries[1].balance_tokens++)
TAMPER(shown_balance, LEDGER.clients[0].balance_tokens++)
TAMPER(below_zero, LEDGER.entries[2].tokens = -200; LEDGER.entries[2].balance_tokens = -95;
       LEDGER.clients[0].balance_tokens = -95)
TAMPER(entry_changed, LEDGER.entries[0].at_ms++)
TAMPER(entry_gone, LEDGER.entry_count = 0; LEDGER.clients[0].balance_tokens = 0)
TAMPER(spent_twice, (void)enter_again(kit, 2))
TAMPER(credited_twice, (void)enter_again(kit, 1))
TAMPER(credited_twice_by_intent, enter_again(kit, 1)->reference++)
TAMPER(granted_twice, (void)enter_again(kit, 0))
TAMPER(toggled_by_itself, LEDGER.clients[0].auto_reload = 0)
TAMPER(toggled_without_row, LEDGER.toggle_count--)
TAMPER(toggled_wrongly, EFFECT.answer = SIM_ANSWER_ENABLED)
TAMPER(fired_in_background, EFFECT.is_background = true)
TAMPER(fired_by_a_look, EFFECT.verb = SIM_LOOK)
TAMPER(fired_while_off, OLD.clients[0].auto_reload = 0)
TAMPER(fired_without_plan, OLD.clients[0].plan = RELOAD_PLAN_TRIALING)
TAMPER(fired_without_card, OLD.clients[0].card = 0)
TAMPER(fired_dead_card, OLD.clients[0].card_dead = 1)
TAMPER(fired_beside_another, (void)charge_before(kit, RELOAD_CHARGE_UNKNOWN))
TAMPER(two_open, *charge_before(kit, RELOAD_CHARGE_UNKNOWN) = LEDGER.charges[0];
       LEDGER.charges[LEDGER.charge_count++] = LEDGER.charges[0])
TAMPER(fired_without_need, OLD.clients[0].balance_tokens = 10)
TAMPER(fired_in_vain, OLD.clients[0].balance_tokens = -91)
TAMPER(fired_other_price, LEDGER.charges[0].amount_minor--)
TAMPER(fired_other_tokens, LEDGER.charges[0].top_up_tokens++)
TAMPER(fired_again, charge_before(kit, RELOAD_CHARGE_CLOSED)->decline = 7)
TAMPER(gap, EFFECT.step_ended = false)
TAMPER(two_commits, EFFECT.commits = 2)
TAMPER(commit_and_call, EFFECT.port_calls++)
TAMPER(two_calls, EFFECT.port_calls = 2)
TAMPER(not_deducted, LEDGER.entry_count = 2; LEDGER.clients[0].balance_tokens = 105)
TAMPER(refused_after_all, EFFECT.answer = (enum sim_answer)(SIM_ANSWER_REFUSED + RELOAD_REASON_OFF))
TAMPER(verdict_balance, EFFECT.verdict.balance_tokens++)
TAMPER(verdict_ways_out, EFFECT.verdict.ways_out |= RELOAD_OUT_UPDATE_CARD)
TAMPER(verdict_note, EFFECT.verdict.note = !EFFECT.verdict.note)
TAMPER(verdict_missing, EFFECT.verdict.missing_tokens++)
TAMPER(verdict_done, EFFECT.verdict.done = !EFFECT.verdict.done)
TAMPER(verdict_reloaded, EFFECT.verdict.reloaded = false)
TAMPER(verdict_code, EFFECT.verdict.decline_code[0] = 'x')
TAMPER(verdict_no_code, EFFECT.verdict.reason = RELOAD_REASON_DECLINED;
       EFFECT.verdict.ways_out |= RELOAD_OUT_UPDATE_CARD)
TAMPER(busy_told_as_io, EFFECT.step_fault = SIM_DISK_LOCKED;
       EFFECT.answer = (enum sim_answer)(SIM_ANSWER_ERROR + (int)RELOAD_IO))
TAMPER(busy_told_though_free, EFFECT.step_fault = SIM_DISK_BUSY;
       EFFECT.answer = (enum sim_answer)(SIM_ANSWER_ERROR + (int)RELOAD_BUSY))
TAMPER(fired_other_card, LEDGER.charges[0].card++)
TAMPER(fired_older_card, LEDGER.charges[0].card_no--)
TAMPER(spend_time, LEDGER.entries[2].at_ms--)
TAMPER(charge_time, LEDGER.charges[0].fired_at_ms--)
TAMPER(charge_under, LEDGER.charges[0].fired_under_change_no++)
TAMPER(charge_end_time, LEDGER.charges[0].ended_at_ms--)
TAMPER(delivery_time, LEDGER.toggles[LEDGER.toggle_count - 1].delivered_at_ms = 1;
       EFFECT.wrote = true)
TAMPER(toggle_time, LEDGER.toggles[LEDGER.toggle_count - 1].at_ms--)
TAMPER(mail_time, NOW->mail.messages[0].at_ms--)
TAMPER(spend_cause, LEDGER.entries[2].action = -1)
TAMPER(top_up_cause, LEDGER.entries[1].action = -1)
TAMPER(intent_amount, INTENT.amount_minor++)
TAMPER(intent_card, INTENT.card_id[3] = 'x')
TAMPER(intent_currency, INTENT.currency[0] = 'x')
TAMPER(intent_client, INTENT.client_id[0] = 'x')
TAMPER(intent_customer, INTENT.customer_id[4] = 'x')
TAMPER(intent_customer_is_client,
       memcpy(INTENT.customer_id, INTENT.client_id, sizeof INTENT.client_id))
TAMPER(fact_not_entered, LEDGER.entry_count--; LEDGER.clients[0].balance_tokens = 5)
TAMPER(fact_less, LEDGER.entries[1].tokens--; LEDGER.entries[1].balance_tokens--;
       LEDGER.clients[0].balance_tokens--)
TAMPER(fact_other_id, LEDGER.entries[1].reference++)
TAMPER(plan_not_kept, LEDGER.clients[0].plan = RELOAD_PLAN_ACTIVE)
TAMPER(card_not_kept, LEDGER.clients[0].card = sim_text_hash("pm_card_visa"))
TAMPER(pack_other_price, LEDGER.entries[1].amount_minor++)
TAMPER(pack_other_intent, LEDGER.entries[1].intent++)
TAMPER(waited_at_once, EFFECT.answer = (enum sim_answer)(SIM_ANSWER_REFUSED + RELOAD_REASON_WAITED))
TAMPER(intent_action, INTENT.action_id[0] = 'x')
TAMPER(mail_to, NOW->mail.messages[0].to[0] = 'x')
TAMPER(mail_subject, strstr(NOW->mail.messages[0].text, "disabled")[0] = 'x')
TAMPER(mail_name, for (char *at; (at = strstr(NOW->mail.messages[0].text, "acme"));) at[0] = 'x')
TAMPER(confirmed_unrecorded, INTENT.confirm_count = 1)
TAMPER(not_captured, INTENT.captured_minor = 0)
TAMPER(captured_other_amount, INTENT.captured_minor = 999)
TAMPER(credited_to_another, LEDGER.entries[1].amount_minor = 7)
TAMPER(closed_though_captured, LEDGER.charges[0].state = RELOAD_CHARGE_CLOSED)
TAMPER(unknown_to_the_gateway, CARD.intent_count = 0)
TAMPER(mail_for_nothing, LEDGER.toggle_count--)
TAMPER(mail_says_the_opposite, NOW->mail.messages[0].is_on = 1)
TAMPER(copies_differ, NOW->mail.messages[0].different_count = 1)

struct row {
  const char *rule, *harm;
  enum scene scene;
  void (*tamper)(struct sim_kit *kit);
};

static const struct row states[] = {
    {"MONEY-8", "stuck", SETTLED, problem},
    {"RACE-6", "a stranger's entry", SETTLED, stranger},
    {"MONEY-1", "balance wrong", SETTLED, entry_balance},
    {"MONEY-1", "balance wrong", SETTLED, shown_balance},
    {"MONEY-1", "balance negative", SETTLED, below_zero},
    {"MONEY-4", "history rewritten", SETTLED, entry_changed},
    {"MONEY-4", "history rewritten", DECIDED, entry_gone},
    {"MONEY-3", "deducted twice", SETTLED, spent_twice},
    {"MONEY-2", "credited twice", SETTLED, credited_twice},
    {"MONEY-2", "credited twice", SETTLED, credited_twice_by_intent},
    {"MONEY-2", "credited twice", SETTLED, granted_twice},
    {"TOGGLE-8", "toggle moved by itself", SETTLED, toggled_by_itself},
    {"TOGGLE-4", "change without mail", TOGGLED, toggled_without_row},
    {"TOGGLE-6", "wrong state shown", TOGGLED, toggled_wrongly},
    {"FIRE-4", "charged without an action", DECIDED, fired_in_background},
    {"FIRE-4", "charged without an action", DECIDED, fired_by_a_look},
    {"RACE-2", "charged after disable", DECIDED, fired_while_off},
    {"NOFIRE-4", "charged without a plan", DECIDED, fired_without_plan},
    {"NOFIRE-5", "charged a dead card", DECIDED, fired_without_card},
    {"NOFIRE-6", "charged a dead card", DECIDED, fired_dead_card},
    {"RACE-3", "two reloads at once", DECIDED, fired_beside_another},
    {"RACE-3", "two reloads at once", DECIDED, two_open},
    {"FIRE-1", "charged without need", DECIDED, fired_without_need},
    {"FIRE-7", "charged in vain", DECIDED, fired_in_vain},
    {"FIRE-6", "wrong amount", DECIDED, fired_other_price},
    {"FIRE-6", "wrong amount", DECIDED, fired_other_tokens},
    {"NOFIRE-6", "decline storm", DECIDED, fired_again},
    {"FIRE-5", "tokens up for grabs", SETTLED, gap},
    {"MONEY-8", "step does too much", DECIDED, two_commits},
    {"MONEY-8", "step does too much", DECIDED, commit_and_call},
    {"MONEY-8", "step does too much", OPENED, two_calls},
    {"MAIL-2", "step does too much", TOGGLED, two_commits},
    {"MONEY-3", "done without deduction", SETTLED, not_deducted},
    {"MONEY-3", "deducted but refused", SETTLED, refused_after_all},
    {"NOFIRE-2", "wrong verdict", REFUSED, verdict_balance},
    {"NOFIRE-2", "wrong verdict", REFUSED, verdict_ways_out},
    {"NOFIRE-2", "wrong verdict", REFUSED, verdict_note},
    {"NOFIRE-2", "wrong verdict", REFUSED, verdict_missing},
    {"NOFIRE-2", "wrong verdict", REFUSED, verdict_done},
    {"NOFIRE-2", "wrong verdict", SETTLED, verdict_balance},
    {"NOFIRE-2", "wrong verdict", SETTLED, verdict_ways_out},
    {"NOFIRE-2", "wrong verdict", SETTLED, verdict_note},
    {"NOFIRE-2", "wrong verdict", SETTLED, verdict_missing},
    {"NOFIRE-2", "wrong verdict", SETTLED, verdict_reloaded},
    {"NOFIRE-2", "wrong verdict", REFUSED, verdict_code},
    {"NOFIRE-2", "wrong verdict", REFUSED, verdict_no_code},
    {"MONEY-8", "wrong error told", SETTLED, busy_told_as_io},
    {"MONEY-8", "wrong error told", SETTLED, busy_told_though_free},
    {"NOFIRE-1", "wrong verdict", OFF, verdict_note},
    {"NOFIRE-1", "wrong verdict", OFF, verdict_ways_out},
    {"RACE-6", "wrong card", DECIDED, fired_other_card},
    {"RACE-6", "wrong card", DECIDED, fired_older_card},
    {"OUT-4", "wrong time recorded", SETTLED, spend_time},
    {"OUT-4", "wrong time recorded", DECIDED, charge_time},
    {"OUT-4", "wrong time recorded", DECIDED, charge_under},
    {"OUT-4", "wrong time recorded", SETTLED, charge_end_time},
    {"OUT-4", "wrong time recorded", TOGGLED, toggle_time},
    {"OUT-4", "wrong time recorded", MAILED, delivery_time},
    {"RACE-6", "cause not recorded", SETTLED, spend_cause},
    {"RACE-6", "cause not recorded", SETTLED, top_up_cause},
    {"RACE-6", "charge mixed up", CONFIRMED, intent_amount},
    {"RACE-6", "charge mixed up", CONFIRMED, intent_card},
    {"RACE-6", "charge mixed up", CONFIRMED, intent_currency},
    {"RACE-6", "charge mixed up", CONFIRMED, intent_client},
    {"RACE-6", "charge mixed up", CONFIRMED, intent_action},
    {"RACE-6", "charge mixed up", OPENED, intent_customer},
    {"RACE-6", "charge mixed up", OPENED, intent_customer_is_client},
    {"OUT-1", "told and lost", BOUGHT, fact_not_entered},
    {"OUT-1", "told and lost", BOUGHT, fact_less},
    {"OUT-1", "told and lost", BOUGHT, fact_other_id},
    {"OUT-1", "paid and not credited", BOUGHT, pack_other_price},
    {"OUT-1", "paid and not credited", BOUGHT, pack_other_intent},
    {"OUT-3", "told and lost", RENEWED, fact_not_entered},
    {"OUT-2", "told and lost", MOVED, plan_not_kept},
    {"OUT-2", "told and lost", MOVED, card_not_kept},
    {"NOFIRE-4", "told and lost", LAPSED, plan_not_kept},
    {"NOFIRE-7", "told and lost", CARDED, card_not_kept},
    {"NOFIRE-5", "told and lost", UNCARDED, card_not_kept},
    {"RACE-3", "not waited", REFUSED, waited_at_once},
    {"TOGGLE-4", "mail wrong", MAILED, mail_to},
    {"TOGGLE-4", "mail wrong", MAILED, mail_subject},
    {"TOGGLE-4", "mail wrong", MAILED, mail_name},
    {"MONEY-2", "charge without record", OPENED, confirmed_unrecorded},
    {"MONEY-2", "credited and not charged", SETTLED, not_captured},
    {"MONEY-2", "credited wrongly", SETTLED, captured_other_amount},
    {"MONEY-2", "credited wrongly", SETTLED, credited_to_another},
    {"MONEY-2", "charged and not credited", CONFIRMED, closed_though_captured},
    {"MONEY-2", "credited and not charged", SETTLED, unknown_to_the_gateway},
    {"MAIL-2", "mail without change", MAILED, mail_for_nothing},
    {"MAIL-3", "mail out of order", MAILED, mail_says_the_opposite},
    {"MAIL-3", "mail out of order", MAILED, mail_time},
    {"MAIL-3", "copies differ", MAILED, copies_differ},
};

static void assert_violation(const struct row *row, bool sound,
                             const struct sim_violation *violation) {
  if (sound) fail_msg("%s (%s) does not fire", row->rule, row->harm);
  if (strcmp(violation->rule, row->rule) != 0 || strcmp(violation->harm, row->harm) != 0)
    fail_msg("%s (%s): named instead: %s (%s): %s", row->rule, row->harm, violation->rule,
             violation->harm, violation->text);
  assert_true(strlen(violation->text) >= 5);
  assert_in_range(violation->client + 1, 0, 1);
}

static void test_states(void **state) {
  struct sim_kit *kit = *state;
  for (size_t i = 0; i < SIM_KIT_COUNT(states); i++) {
    struct sim_violation violation = {.client = -1};
    play(kit, states[i].scene);
    if (!sim_check_transition(kit->machine, &kit->before, &kit->effect, &violation))
      fail_msg("row %d: not sound before: %s: %s", (int)i, violation.rule, violation.text);
    states[i].tamper(kit);
    bool sound = sim_check_transition(kit->machine, &kit->before, &kit->effect, &violation);
    assert_violation(&states[i], sound, &violation);
  }
}

/* ---- Endings ------------------------------------------------------------------------------- */

TAMPER(never_ended, LEDGER.charges[0].state = RELOAD_CHARGE_UNKNOWN)
TAMPER(left_open, INTENT.status = RELOAD_INTENT_REQUIRES_PAYMENT_METHOD)
TAMPER(left_open_3d, INTENT.status = RELOAD_INTENT_REQUIRES_ACTION)
TAMPER(refund_forgotten, INTENT.refund_told_minor = 500)
TAMPER(dispute_forgotten, INTENT.dispute = FAKE_CARD_DISPUTE_LOST; INTENT.dispute_told_minor = 1000)
TAMPER(reversed_for_nothing, struct sim_entry_row *entry = enter_again(kit, 1);
       entry->kind = RELOAD_ENTRY_REVERSAL; entry->tokens = -1)
TAMPER(mail_missing, NOW->mail.message_count = 0)
TAMPER(told_otherwise,
       NOW->tasks[0].answers[0] = (uint8_t)(SIM_ANSWER_REFUSED + RELOAD_REASON_UNKNOWN))

static const struct row endings[] = {
    {"MONEY-5", "unresolved for ever", ALL_DONE, never_ended},
    {"NOFIRE-3", "left chargeable", ALL_DONE, left_open},
    {"NOFIRE-3", "left chargeable", ALL_DONE, left_open_3d},
    {"MONEY-7", "refund not reversed", ALL_DONE, refund_forgotten},
    {"MONEY-7", "refund not reversed", ALL_DONE, dispute_forgotten},
    {"MONEY-7", "refund not reversed", ALL_DONE, reversed_for_nothing},
    {"TOGGLE-4", "change without mail", ALL_DONE, mail_missing},
    {"MONEY-3", "deducted but refused", ALL_DONE, told_otherwise},
    {"FIRE-2", "no sequential order explains it", ALL_DONE, charge_under},
};

static void test_endings(void **state) {
  struct sim_kit *kit = *state;
  for (size_t i = 0; i < SIM_KIT_COUNT(endings); i++) {
    struct sim_violation violation = {.client = -1};
    play(kit, endings[i].scene);
    assert_int_equal(kit->machine->world.at_rest, 1);
    if (!sim_check_ending(kit->machine, NULL, &violation))
      fail_msg("row %d: not sound before: %s: %s", (int)i, violation.rule, violation.text);
    endings[i].tamper(kit);
    bool sound = sim_check_ending(kit->machine, NULL, &violation);
    assert_violation(&endings[i], sound, &violation);
  }
}

/* ---- What is no violation
 * --------------------------------------------------------------------- */

/* An answer that was lost with its process may stand for a deduction. */
static void test_a_lost_answer(void **state) {
  struct sim_kit *kit = *state;
  struct sim_violation violation = {.client = -1};
  play(kit, ALL_DONE);
  NOW->fault_effects = SIM_FAULT_EFFECT_DEATH;
  NOW->tasks[0].answers[0] = SIM_ANSWER_LOST;
  assert_true(sim_check_ending(kit->machine, NULL, &violation));
}

/* MONEY-7 where the event never comes: nothing can have been reversed. But an event that did come
 * counts, whatever is lost beside it. */
static void test_no_events(void **state) {
  struct sim_kit *kit = *state;
  struct sim_violation violation = {.client = -1};
  play(kit, ALL_DONE);
  struct fake_card *card = &kit->machine->world.card;
  int64_t now_ms = kit->machine->world.clock.now_ms;
  assert_true(fake_card_refund(card, card->intents[0].id, 500, now_ms));
  assert_false(sim_check_ending(kit->machine, NULL, &violation));
  assert_true(fake_card_event_lose(card, card->event_count - 1));
  assert_true(sim_check_ending(kit->machine, NULL, &violation));
  assert_true(fake_card_refund(card, card->intents[0].id, 100, now_ms));
  assert_false(sim_check_ending(kit->machine, NULL, &violation));
}

/* A second intent for the charge that has ended, made `apart_ms` after the first; its key is known
 * still. */
static struct fake_card_intent *overtaken(struct sim_kit *kit, int64_t apart_ms) {
  play(kit, ALL_DONE);
  struct fake_card *card = &kit->machine->world.card;
  struct fake_card_intent *intent = &card->intents[card->intent_count++];
  *intent = INTENT;
  (void)snprintf(intent->id, sizeof intent->id, "pi_other");
  intent->created_at_ms += apart_ms;
  intent->status = RELOAD_INTENT_REQUIRES_CONFIRMATION;
  intent->result = FAKE_CARD_RESULT_NONE;
  intent->captured_minor = intent->confirm_count = intent->confirm_no = 0;
  struct fake_card_key *key = &card->keys[card->key_count++];
  *key = (struct fake_card_key){.key = {1, 1}, .at_ms = intent->created_at_ms};
  memcpy(key->intent_id, intent->id, sizeof key->intent_id);
  return intent;
}

/* NOFIRE-3: two who asked for one charge, with a day between them, get two intents. The one that
 * nobody remembers can never be confirmed; whatever else is open can. */
static void test_an_intent_nobody_knows(void **state) {
  struct sim_kit *kit = *state;
  struct sim_violation violation = {.client = -1};
  (void)overtaken(kit, FAKE_CARD_KEY_MEMORY_MS);
  assert_true(sim_check_ending(kit->machine, NULL, &violation));
  (void)overtaken(kit, -FAKE_CARD_KEY_MEMORY_MS);
  assert_true(sim_check_ending(kit->machine, NULL, &violation));
  for (int way = 0; way < 6; way++) {
    struct fake_card_intent *intent = overtaken(kit, FAKE_CARD_KEY_MEMORY_MS - (way == 0));
    if (way == 1) intent->confirm_count = 1;
    if (way == 2) intent->status = RELOAD_INTENT_REQUIRES_ACTION;
    if (way == 3) { /* a row has it */
      LEDGER.charges[1] = LEDGER.charges[0];
      LEDGER.charges[1].intent = sim_text_hash(intent->id);
      LEDGER.charge_count = 2;
    }
    if (way == 4) LEDGER.charges[0].intent = 0; /* the charge did not end with the other one */
    if (way == 5) intent->action_id[0] = 'z';   /* it is not that charge's */
    violation = (struct sim_violation){.client = -1};
    if (sim_check_ending(kit->machine, NULL, &violation)) fail_msg("way %d: no violation", way);
    assert_string_equal(violation.rule, "NOFIRE-3");
    assert_string_equal(violation.harm, "left chargeable");
  }
}

/* Money at the bank under way to the ledger is no violation until nothing more can come. */
static void test_under_way(void **state) {
  struct sim_kit *kit = *state;
  struct sim_violation violation = {.client = -1};
  play(kit, CONFIRMED);
  LEDGER.charges[0].state = RELOAD_CHARGE_UNKNOWN;
  assert_true(sim_check_transition(kit->machine, &kit->before, &kit->effect, &violation));
}

/* What is at risk is reported in money. */
static void test_at_risk(void **state) {
  struct sim_kit *kit = *state;
  struct sim_violation violation = {.client = -1};
  play(kit, CONFIRMED);
  closed_though_captured(kit);
  assert_false(sim_check_transition(kit->machine, &kit->before, &kit->effect, &violation));
  assert_int_equal(violation.at_risk_minor, 1000);
  assert_int_equal(violation.client, 0);
  assert_non_null(strstr(violation.text, "acme"));
  assert_non_null(strstr(violation.text, "a-1"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, sim_kit_set_up, sim_kit_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_states),    TEST(test_endings),   TEST(test_a_lost_answer),
      TEST(test_no_events), TEST(test_under_way), TEST(test_an_intent_nobody_knows),
      TEST(test_at_risk),
  };
  return cmocka_run_group_tests_name("invariant", tests, NULL, NULL);
}
