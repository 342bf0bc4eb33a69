/* The reference model rejects wrong endings: endings that the rules allow are explained, and the
 * same endings, once falsified, are refused. A falsified world is made to hold together otherwise:
 * balances add up, the bank and the ledger agree wherever the lie itself does not need them not
 * to. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "model.h"
#include "sim_kit.h"

#include <string.h>

#define NOW (&kit->machine->world)
#define LEDGER (kit->machine->world.ledger)
#define CARD (kit->machine->world.card)
#define MAIL (kit->machine->world.mail)
#define ANSWER(actor, step) (kit->machine->world.tasks[actor].answers[step])
#define REFUSED(reason) ((uint8_t)(SIM_ANSWER_REFUSED + (int)(reason)))

/* ---- What happens ---- */

/* 5 tokens; ana's a-1 for 10 fires. */
static void reloaded(struct sim_kit *kit) { (void)sim_kit_submit(kit, "ana", "a-1", 10); }

/* 5 tokens; ana's a-1 for 5 fits. */
static void fitted(struct sim_kit *kit) { (void)sim_kit_submit(kit, "ana", "a-1", 5); }

/* It is off; ana's a-1 for 10 is refused. */
static void off(struct sim_kit *kit) {
  kit->the_case.clients[0].auto_reload = false;
  reloaded(kit);
}

/* ana reloads, and then ben turns it off. */
static void then_off(struct sim_kit *kit) {
  reloaded(kit);
  sim_kit_actor(kit, "ben", SIM_TURN_OFF)->after = 1;
}

/* It is turned off, and then ana is refused. */
static void off_before(struct sim_kit *kit) {
  (void)sim_kit_actor(kit, "ben", SIM_TURN_OFF);
  sim_kit_submit(kit, "ana", "a-1", 10)->after = 1;
}

/* The plan has lapsed; ana's a-1 for 10 is refused with the note. */
static void without_plan(struct sim_kit *kit) {
  kit->the_case.clients[0].plan = SIM_PLAN_PAST_DUE;
  reloaded(kit);
}

/* ana's a-1 for 10 is declined. */
static void declined(struct sim_kit *kit) {
  kit->the_case.clients[0].card = "pm_card_visa_chargeDeclined";
  reloaded(kit);
}

/* ana asks twice for a-1 on a card that declines. */
static void declined_twice(struct sim_kit *kit) {
  declined(kit);
  struct sim_step *again = sim_kit_then(kit, SIM_SUBMIT);
  again->id = "a-1";
  again->kind = "creative";
  again->amount = 10;
}

/* ana asks for 10, then ben for 20: one top-up pays for both. */
static void two_in_turn(struct sim_kit *kit) {
  reloaded(kit);
  sim_kit_submit(kit, "ben", "b-1", 20)->after = 1;
}

/* The same, both at once. */
static void two_at_once(struct sim_kit *kit) {
  reloaded(kit);
  (void)sim_kit_submit(kit, "ben", "b-1", 20);
}

/* A pack of 50, then ana's a-1 for 10, which it pays for. */
static void pack_first(struct sim_kit *kit) {
  struct sim_step *pack = sim_kit_actor(kit, "olga", SIM_BUY_PACK);
  pack->id = "pack-1";
  pack->card = "pm_card_visa";
  pack->amount = 50;
  pack->price_minor = 5000;
  sim_kit_submit(kit, "ana", "a-1", 10)->after = 1;
}

/* The card is removed, then ana is refused. */
static void without_card(struct sim_kit *kit) {
  (void)sim_kit_actor(kit, "olga", SIM_REMOVE_CARD);
  sim_kit_submit(kit, "ana", "a-1", 10)->after = 1;
}

/* Somebody looks at the state, and it is on. */
static void looked(struct sim_kit *kit) { (void)sim_kit_actor(kit, "ana", SIM_LOOK); }

/* It is turned on although it is on. */
static void on_again(struct sim_kit *kit) { (void)sim_kit_actor(kit, "ana", SIM_TURN_ON); }

/* The cost is zero. */
static void no_cost(struct sim_kit *kit) { (void)sim_kit_submit(kit, "ana", "a-1", 0); }

/* 106 is more than the balance and a top-up. */
static void too_dear(struct sim_kit *kit) { (void)sim_kit_submit(kit, "ana", "a-1", 106); }

/* ana's reload is refunded. */
static void refunded(struct sim_kit *kit) {
  reloaded(kit);
  sim_kit_then(kit, SIM_REFUND)->id = "a-1";
}

/* ana's reload is refunded but for a cent: 99 tokens of 100 go back. */
static void refunded_but_a_cent(struct sim_kit *kit) {
  reloaded(kit);
  struct sim_step *refund = sim_kit_then(kit, SIM_REFUND);
  refund->id = "a-1";
  refund->amount = 999;
}

/* ana's reload is refunded by somebody else, at any time. */
static void refunded_beside(struct sim_kit *kit) {
  reloaded(kit);
  sim_kit_actor(kit, "support", SIM_REFUND)->id = "a-1";
}

/* A forged event about a-1. */
static void forged(struct sim_kit *kit) {
  reloaded(kit);
  sim_kit_then(kit, SIM_FORGE_EVENT)->id = "a-1";
}

/* ---- How it is falsified ---- */

/* Set acme's balances right again. */
static void add_up(struct sim_kit *kit) {
  int64_t sum = 0;
  for (int i = 0; i < LEDGER.entry_count; i++)
    LEDGER.entries[i].balance_tokens = sum += LEDGER.entries[i].tokens;
  LEDGER.clients[0].balance_tokens = sum;
}

static void remove_entry(struct sim_kit *kit, int at) {
  LEDGER.entry_count--;
  memmove(&LEDGER.entries[at], &LEDGER.entries[at + 1],
          (size_t)(LEDGER.entry_count - at) * sizeof LEDGER.entries[0]);
  add_up(kit);
}

static void swap_entries(struct sim_kit *kit, int a, int b) {
  struct sim_entry_row entry = LEDGER.entries[a];
  LEDGER.entries[a] = LEDGER.entries[b];
  LEDGER.entries[b] = entry;
  add_up(kit);
}

static struct sim_entry_row *add_entry(struct sim_kit *kit, int64_t kind, int64_t tokens) {
  struct sim_entry_row *entry = &LEDGER.entries[LEDGER.entry_count];
  memset(entry, 0, sizeof *entry);
  *entry = (struct sim_entry_row){
      .kind = (int32_t)kind, .tokens = tokens, .action = -1, .entry_no = ++LEDGER.entry_count};
  add_up(kit);
  return entry;
}

/* A deduction for action number 0, a-1. */
static void spend(struct sim_kit *kit, int64_t cost) {
  add_entry(kit, RELOAD_ENTRY_SPEND, -cost)->action = 0;
}

/* A captured charge and its top-up, in the ledger and at the bank. */
static void charge(struct sim_kit *kit, int64_t cost) {
  struct sim_charge_row *row = &LEDGER.charges[LEDGER.charge_count++];
  struct fake_card_intent *intent = &CARD.intents[CARD.intent_count++];
  memset(row, 0, sizeof *row);
  memset(intent, 0, sizeof *intent);
  memcpy(intent->id, "pi_false", sizeof "pi_false");
  memcpy(intent->client_id, "acme", sizeof "acme");
  memcpy(intent->action_id, "a-1", sizeof "a-1");
  intent->captured_minor = intent->amount_minor = 1000;
  intent->result = FAKE_CARD_RESULT_CAPTURED;
  intent->confirm_no = CARD.intent_count;
  row->intent = sim_text_hash(intent->id);
  row->card = sim_text_hash("pm_card_visa");
  row->cost_tokens = cost;
  row->top_up_tokens = 100;
  row->amount_minor = 1000;
  row->state = RELOAD_CHARGE_CAPTURED;
  row->fired_under_change_no = LEDGER.toggle_count ? LEDGER.toggles[0].change_no : 0;
  struct sim_entry_row *top_up = add_entry(kit, RELOAD_ENTRY_TOP_UP, 100);
  top_up->action = 0;
  top_up->amount_minor = 1000;
  top_up->intent = row->intent;
}

static void change_toggle(struct sim_kit *kit, bool on) {
  LEDGER.toggles[LEDGER.toggle_count] =
      (struct sim_toggle_row){.on = on, .change_no = LEDGER.toggle_count + 1, .delivered_at_ms = 1};
  LEDGER.toggle_count++;
}

static void send_mail(struct sim_kit *kit, bool on) {
  struct fake_mail_message *mail = &MAIL.messages[MAIL.message_count++];
  memset(mail, 0, sizeof *mail);
  mail->is_on = on;
  mail->client_no = fake_mail_count(&MAIL, "acme") + 1;
  memcpy(mail->client_id, "acme", sizeof "acme");
}

#define LIE(name, statements)                                                                      \
  static void name(struct sim_kit *kit) { statements; }

/* The log of `reloaded` is: 0 the grant that was given, 1 top-up, 2 spend. */
LIE(done_without_deduction, remove_entry(kit, 2))
LIE(deducted_twice, spend(kit, 10))
LIE(deducted_too_much, LEDGER.entries[2].tokens = -11; add_up(kit))
LIE(deducted_before_top_up, swap_entries(kit, 1, 2))
LIE(refused_and_deducted, ANSWER(0, 0) = REFUSED(RELOAD_REASON_DECLINED))
LIE(told_off, remove_entry(kit, 2); ANSWER(0, 0) = REFUSED(RELOAD_REASON_OFF))
LIE(not_credited, remove_entry(kit, 1))
LIE(credited_for_another, LEDGER.entries[1].action = -1)
LIE(charged_for_another, LEDGER.charges[0].action = -1)
LIE(other_amount, LEDGER.charges[0].top_up_tokens = LEDGER.entries[1].tokens = 50; add_up(kit))
LIE(other_card, LEDGER.charges[0].card++)
LIE(under_another_change, LEDGER.charges[0].fired_under_change_no++)
LIE(not_captured_at_the_bank, CARD.intents[0].captured_minor = 0)
LIE(unknown_without_trouble, remove_entry(kit, 2); ANSWER(0, 0) = REFUSED(RELOAD_REASON_UNKNOWN))
LIE(waited_for_nobody, remove_entry(kit, 2); remove_entry(kit, 1); LEDGER.charge_count = 0;
    CARD.intent_count = 0; ANSWER(0, 0) = REFUSED(RELOAD_REASON_WAITED))
LIE(gap_in_the_pair, add_entry(kit, RELOAD_ENTRY_TOP_UP, 0); swap_entries(kit, 2, 3))
LIE(top_up_without_need, charge(kit, 5); swap_entries(kit, 1, 2))
LIE(refused_although_it_fits, remove_entry(kit, 1); ANSWER(0, 0) = REFUSED(RELOAD_REASON_TOO_SMALL))
LIE(off_although_it_fits, remove_entry(kit, 1); ANSWER(0, 0) = REFUSED(RELOAD_REASON_OFF))
LIE(fired, charge(kit, 10); spend(kit, 10); ANSWER(0, 0) = SIM_ANSWER_DONE)
LIE(fired_last, charge(kit, 10); spend(kit, 10); ANSWER(1, 0) = SIM_ANSWER_DONE)
LIE(fired_on_no_card, fired_last(kit); LEDGER.charges[0].card = 0)
LIE(asked_behind_the_ledger, charge(kit, 10); LEDGER.charge_count = 0; remove_entry(kit, 2);
    CARD.intents[0].captured_minor = 0; CARD.intents[0].result = FAKE_CARD_RESULT_DECLINED)
LIE(fired_too_dear, charge(kit, 106); ANSWER(0, 0) = REFUSED(RELOAD_REASON_TOO_SMALL))
LIE(told_with_note, ANSWER(0, 0) = REFUSED(RELOAD_REASON_NO_CARD))
LIE(told_without_note, ANSWER(0, 0) = REFUSED(RELOAD_REASON_OFF))
LIE(tried_again, LEDGER.charges[1] = LEDGER.charges[0]; LEDGER.charge_count = 2;
    CARD.intents[1] = CARD.intents[0]; CARD.intent_count = 2;
    memcpy(CARD.intents[1].id, "pi_2", sizeof "pi_2"); CARD.intents[1].confirm_no = 2;
    LEDGER.charges[1].intent = sim_text_hash("pi_2"))
LIE(declined_without_asking, CARD.intents[0].result = FAKE_CARD_RESULT_NONE;
    CARD.intents[0].confirm_no = 0)
LIE(ben_before_ana, swap_entries(kit, 2, 3))
LIE(ben_refused, remove_entry(kit, 3); ANSWER(1, 0) = REFUSED(RELOAD_REASON_WAITED))
LIE(pack_forgotten, remove_entry(kit, 1))
LIE(pack_twice, LEDGER.entries[3] = LEDGER.entries[1]; LEDGER.entry_count++; add_up(kit))
LIE(pack_after_the_action_it_paid, swap_entries(kit, 1, 2))
LIE(granted_for_nothing, add_entry(kit, RELOAD_ENTRY_GRANT, 10))
LIE(mail_for_no_change, send_mail(kit, false))
LIE(mail_missing, MAIL.message_count = 0)
LIE(mail_says_the_opposite, MAIL.messages[0].is_on = 1)
LIE(toggled_by_itself, change_toggle(kit, false); send_mail(kit, false))
LIE(shown_wrongly, ANSWER(0, 0) = SIM_ANSWER_SHOWN_DISABLED)
LIE(enabled_again, change_toggle(kit, true); send_mail(kit, true);
    ANSWER(0, 0) = SIM_ANSWER_ENABLED)
LIE(zero_done, ANSWER(0, 0) = SIM_ANSWER_DONE)
LIE(told_invalid, remove_entry(kit, 1); ANSWER(0, 0) = SIM_ANSWER_ERROR + RELOAD_INVALID)
LIE(lost_without_a_crash, ANSWER(0, 0) = SIM_ANSWER_LOST)
LIE(reversal_missing, remove_entry(kit, 3))
LIE(reversal_first, swap_entries(kit, 1, 3))
LIE(reversed_too_little, LEDGER.entries[3].tokens++; add_up(kit))
LIE(reversed_too_much, LEDGER.entries[3].tokens--; add_up(kit))
LIE(reversed_for_nothing,
    add_entry(kit, RELOAD_ENTRY_REVERSAL, 0)->intent = LEDGER.entries[1].intent)
LIE(believed, ANSWER(0, 1) = SIM_ANSWER_EVENT_ACCEPTED)

static const struct {
  const char *rule;
  void (*scene)(struct sim_kit *kit);
  void (*lie)(struct sim_kit *kit);
} rows[] = {
    {"FIRE-5", reloaded, done_without_deduction},
    {"MONEY-3", reloaded, deducted_twice},
    {"MONEY-3", fitted, deducted_twice},
    {"FIRE-5", reloaded, deducted_too_much},
    {"MONEY-3", reloaded, deducted_before_top_up},
    {"FIRE-5", reloaded, refused_and_deducted},
    {"FIRE-5", reloaded, told_off},
    {"MONEY-3", reloaded, not_credited},
    {"FIRE-5", reloaded, credited_for_another},
    {"FIRE-2", reloaded, charged_for_another},
    {"FIRE-6", reloaded, other_amount},
    {"FIRE-2", reloaded, other_card},
    {"FIRE-2", reloaded, under_another_change},
    {"MONEY-2", reloaded, not_captured_at_the_bank},
    {"FIRE-5", reloaded, unknown_without_trouble},
    {"RACE-3", reloaded, waited_for_nobody},
    {"FIRE-5", reloaded, gap_in_the_pair},
    {"FIRE-2", fitted, top_up_without_need},
    {"FIRE-7", fitted, refused_although_it_fits},
    {"NOFIRE-1", fitted, off_although_it_fits},
    {"FIRE-2", off, fired},
    {"FIRE-2", without_plan, fired},
    {"FIRE-2", off_before, fired_last},
    {"FIRE-2", without_card, fired_last},
    {"FIRE-2", without_card, fired_on_no_card},
    {"MONEY-2", fitted, asked_behind_the_ledger},
    {"FIRE-2", too_dear, fired_too_dear},
    {"NOFIRE-5", off, told_with_note},
    {"NOFIRE-1", without_plan, told_without_note},
    {"NOFIRE-5", without_plan, told_with_note},
    {"NOFIRE-1", declined, told_without_note},
    {"FIRE-2", declined_twice, tried_again},
    {"NOFIRE-2", declined, declined_without_asking},
    {"FIRE-5", two_in_turn, ben_before_ana},
    {"RACE-3", two_in_turn, ben_refused},
    {"RACE-3", two_at_once, ben_refused},
    {"MONEY-3", pack_first, pack_forgotten},
    {"OUT-1", pack_first, pack_twice},
    {"MONEY-3", pack_first, pack_after_the_action_it_paid},
    {"OUT-3", fitted, granted_for_nothing},
    {"TOGGLE-4", reloaded, mail_for_no_change},
    {"TOGGLE-4", then_off, mail_missing},
    {"TOGGLE-4", then_off, mail_says_the_opposite},
    {"TOGGLE-8", fitted, toggled_by_itself},
    {"TOGGLE-6", looked, shown_wrongly},
    {"TOGGLE-4", on_again, enabled_again},
    {"MONEY-3", no_cost, zero_done},
    {"FIRE-8", fitted, told_invalid},
    {"MONEY-3", fitted, lost_without_a_crash},
    {"MONEY-7", refunded, reversal_missing},
    {"MONEY-7", refunded, reversed_too_little},
    {"MONEY-7", refunded, reversed_too_much},
    {"MONEY-7", refunded_but_a_cent, reversed_too_little},
    {"MONEY-7", refunded_but_a_cent, reversed_too_much},
    {"MONEY-7", refunded, reversal_first},
    {"MONEY-7", refunded_beside, reversal_first},
    {"MONEY-7", reloaded, reversed_for_nothing},
    {"MONEY-5", forged, believed},
};

static void begin(struct sim_kit *kit, void (*scene)(struct sim_kit *kit)) {
  const struct sim_client *given = &kit->the_case.clients[0];
  kit->the_case.actor_count = 0;
  kit->the_case.clients[0] = (struct sim_client){.name = given->name,
                                                 .owner = given->owner,
                                                 .balance_tokens = 5,
                                                 .plan = SIM_PLAN_ACTIVE,
                                                 .card = "pm_card_visa",
                                                 .auto_reload = true};
  scene(kit);
  sim_kit_start(kit);
  sim_kit_finish(kit);
  assert_int_equal(NOW->at_rest, 1);
}

static void test_lies(void **state) {
  struct sim_kit *kit = *state;
  for (int i = 0; i < (int)SIM_KIT_COUNT(rows); i++) {
    struct sim_violation violation = {.rule = "", .text = ""};
    begin(kit, rows[i].scene);
    if (!sim_model_allows(kit->machine, NULL, &violation))
      fail_msg("row %d: not allowed before: %s: %s", i, violation.rule, violation.text);
    NOW->injected = 1; /* a refused mail or a late event, and no excuse for anything else */
    rows[i].lie(kit);
    if (sim_model_allows(kit->machine, NULL, &violation))
      fail_msg("row %d: the lie is believed", i);
    if (strcmp(violation.rule, rows[i].rule) != 0)
      fail_msg("row %d: %s, and not %s: %s", i, violation.rule, rows[i].rule, violation.text);
    assert_string_equal(violation.harm, "no sequential order explains it");
    assert_true(violation.text[0] != '\0');
  }
}

/* ---- What needs a reason ---- */

LIE(unheard, ANSWER(0, 0) = SIM_ANSWER_LOST)
LIE(disk_full, ANSWER(0, 0) = SIM_ANSWER_ERROR + RELOAD_FULL)
LIE(not_reached, CARD.intents[0].result = FAKE_CARD_RESULT_NONE; LEDGER.charges[0].decline = 0;
    ANSWER(0, 0) = REFUSED(RELOAD_REASON_NOT_REACHED))
LIE(pack_told_and_forgotten, remove_entry(kit, 1); remove_entry(kit, 1);
    ANSWER(1, 0) = SIM_ANSWER_LOST)
LIE(pack_and_who_bought_it_forgotten, ANSWER(0, 0) = SIM_ANSWER_LOST; pack_told_and_forgotten(kit))

/* Each answer is believed with these fault_effects of the world, any of them, and with no other. */
static const struct {
  void (*scene)(struct sim_kit *kit);
  void (*lie)(struct sim_kit *kit);
  int32_t fault_effects;
} reasons[] = {
    {fitted, unheard, SIM_FAULT_EFFECT_DEATH},
    {looked, unheard, SIM_FAULT_EFFECT_DEATH},
    {fitted, disk_full, SIM_FAULT_EFFECT_STORE},
    {looked, disk_full, SIM_FAULT_EFFECT_STORE},
    {reloaded, unknown_without_trouble, SIM_FAULT_EFFECT_GATEWAY | SIM_FAULT_EFFECT_TIME},
    {declined, not_reached, SIM_FAULT_EFFECT_GATEWAY},
    {two_at_once, ben_refused, SIM_FAULT_EFFECT_TIME},
    {pack_first, pack_told_and_forgotten, 0},
    {pack_first, pack_and_who_bought_it_forgotten, SIM_FAULT_EFFECT_DEATH},
};

static void test_reasons(void **state) {
  struct sim_kit *kit = *state;
  for (int i = 0; i < (int)SIM_KIT_COUNT(reasons); i++)
    for (int32_t effect = SIM_FAULT_EFFECT_GATEWAY; effect <= SIM_FAULT_EFFECT_DEATH; effect *= 2) {
      struct sim_violation violation;
      begin(kit, reasons[i].scene);
      reasons[i].lie(kit);
      NOW->injected = 1;
      NOW->fault_effects = effect;
      bool allowed = sim_model_allows(kit->machine, NULL, &violation);
      if (allowed != ((reasons[i].fault_effects & effect) != 0))
        fail_msg("row %d, effect %d: %s", i, (int)effect, allowed ? "believed" : violation.text);
    }
}

/* ---- What is true ---- */

/* Every ending of this case is explained, with every single fault of the gateway, the disk, the
 * processes and the clock if `budget` says so. */
static void assert_all_allowed(struct sim_kit *kit, int budget) {
  const struct sim_limits limits = {.max_states = 1000000, .fault_budget = budget};
  struct sim_search search;
  sim_kit_start(kit);
  assert_true(sim_explore(kit->machine, &limits, &search));
  assert_true(search.exhausted);
  assert_true(search.ending_count > 1);
  if (search.violation_count > 0)
    fail_msg("%s: %s: %s", search.violations[0].violation.rule, search.violations[0].violation.harm,
             search.violations[0].violation.text);
  sim_search_free(&search);
}

/* Two shortfalls, a disable and a pack, in every order. */
static void test_a_race(void **state) {
  struct sim_kit *kit = *state;
  (void)sim_kit_submit(kit, "ana", "a-1", 100);
  (void)sim_kit_submit(kit, "ben", "b-1", 40);
  (void)sim_kit_actor(kit, "olga", SIM_TURN_OFF);
  struct sim_step *pack = sim_kit_actor(kit, "otto", SIM_BUY_PACK);
  pack->id = "pack-1";
  pack->card = "pm_card_visa:2";
  pack->amount = 50;
  pack->price_minor = 5000;
  assert_all_allowed(kit, 0);
}

static void test_with_faults(void **state) {
  struct sim_kit *kit = *state;
  reloaded(kit);
  struct sim_step *again = sim_kit_then(kit, SIM_SUBMIT);
  again->id = "a-1";
  again->kind = "creative";
  again->amount = 10;
  (void)sim_kit_actor(kit, "olga", SIM_TURN_OFF);
  assert_all_allowed(kit, 1);
}

/* What needs a reason in the surroundings is allowed where there is one. */
static void test_waiting_and_dying(void **state) {
  struct sim_kit *kit = *state;
  struct sim_violation violation;
  kit->the_case.process_count = 2;
  begin(kit, two_in_turn);
  ANSWER(1, 0) = SIM_ANSWER_LOST;
  assert_false(sim_model_allows(kit->machine, NULL, &violation));
  kit->steps[2][0] = (struct sim_step){.verb = SIM_CRASH, .process = 1};
  kit->the_case.actors[2] =
      (struct sim_actor){.name = "zeus", .steps = kit->steps[2], .step_count = 1};
  kit->the_case.actor_count = 3;
  assert_true(sim_model_allows(kit->machine, NULL, &violation));
  remove_entry(kit, 3); /* ben's deduction */
  assert_true(sim_model_allows(kit->machine, NULL, &violation));
  ANSWER(1, 0) = SIM_ANSWER_DONE;
  assert_false(sim_model_allows(kit->machine, NULL, &violation));
  assert_string_equal(violation.rule, "MONEY-3");
}

/* Of one client: 5^15 states, and no end once a change of a plan is answered otherwise. */
static void too_large(struct sim_kit *kit, int client) {
  static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h",
                                      "i", "j", "k", "l", "m", "n", "o"};
  for (int a = 0; a < (int)SIM_KIT_COUNT(names); a++) {
    (void)sim_kit_actor(kit, names[a], SIM_SET_PLAN);
    for (int s = 1; s < 4; s++) (void)sim_kit_then(kit, SIM_SET_PLAN);
    for (int s = 0; s < 4; s++) {
      kit->steps[a][s].client = client;
      kit->steps[a][s].plan = s % 2 ? SIM_PLAN_ACTIVE : SIM_PLAN_CANCELED;
    }
  }
}

static void settle_all(struct sim_kit *kit) {
  struct sim_violation violation;
  sim_kit_start(kit);
  sim_kit_finish(kit);
  assert_true(sim_model_allows(kit->machine, NULL, &violation));
}

/* A search that grows too large is never taken for an explanation, nor for a proof that there is
 * none. */
static void test_cut_short(void **state) {
  struct sim_kit *kit = *state;
  struct sim_order order;
  struct sim_violation violation = {.is_cut = false};
  too_large(kit, 0);
  settle_all(kit);
  ANSWER(0, 3) = SIM_ANSWER_DISABLED;
  sim_order_begin(&order);
  for (int known = 0; known < 2; known++) {
    assert_false(sim_model_allows(kit->machine, known ? &order : NULL, &violation));
    assert_string_equal(violation.harm, "the search for an order was cut short");
    assert_true(violation.is_cut);
  }
}

/* However large the rest is: what is wrong with one client is found. */
static void test_one_client_alone(void **state) {
  struct sim_kit *kit = *state;
  struct sim_violation violation = {.is_cut = true};
  too_large(kit, sim_kit_client(kit, "beta"));
  (void)sim_kit_submit(kit, "ana", "a-1", 40);
  settle_all(kit);
  ANSWER(15, 0) = SIM_ANSWER_REFUSED + RELOAD_REASON_OFF;
  assert_false(sim_model_allows(kit->machine, NULL, &violation));
  assert_string_equal(violation.harm, "no sequential order explains it");
  assert_false(violation.is_cut);
  assert_int_equal(violation.client, 0);
}

/* A client looked at alone: what another one's charge told of its card is known to it; but that is
 * no excuse on another card. */
static void test_one_client_and_anothers_card(void **state) {
  static const char *const cards[] = {"pm_card_chargeDeclinedExpiredCard", "pm_card_visa"};
  struct sim_kit *kit = *state;
  struct sim_violation violation;
  int beta = sim_kit_client(kit, "beta"), city = sim_kit_client(kit, "city");
  kit->the_case.clients[0].card = cards[0];
  for (int same = 1; same >= 0; same--) {
    kit->the_case.actor_count = 0;
    kit->the_case.clients[beta].card = cards[!same];
    too_large(kit, city);
    (void)sim_kit_submit(kit, "ana", "a-1", 40);
    struct sim_step *second = sim_kit_then(kit, SIM_SUBMIT);
    second->client = beta;
    second->id = "a-2";
    second->kind = "creative";
    second->amount = 40;
    settle_all(kit);
    ANSWER(0, 3) = SIM_ANSWER_DISABLED;
    ANSWER(15, 1) = SIM_ANSWER_REFUSED + RELOAD_REASON_CARD_DEAD;
    assert_false(sim_model_allows(kit->machine, NULL, &violation));
    assert_int_equal(violation.is_cut, same);
  }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, sim_kit_set_up, sim_kit_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_lies),
      TEST(test_reasons),
      TEST(test_a_race),
      TEST(test_with_faults),
      TEST(test_waiting_and_dying),
      TEST(test_cut_short),
      TEST(test_one_client_alone),
      TEST(test_one_client_and_anothers_card),
  };
  return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
