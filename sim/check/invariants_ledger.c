/* The ledger alone: whether it is sound, and what one step may do to it. */
#include "checker.h"

#include <string.h>

/* ---- The ledger alone ---- */

/* MONEY-1 */
static bool balances_add_up(const struct checker *checker) {
  const struct sim_ledger *ledger = &checker->world->ledger;
  int64_t sums[SIM_MAX_CLIENTS] = {0};
  for (int i = 0; i < ledger->entry_count; i++) {
    const struct sim_entry_row *entry = &ledger->entries[i];
    if (entry->client < 0)
      return sim_checker_violation(checker, "RACE-6", "a stranger's entry", -1,
                                   "an entry of an unknown client");
    sums[entry->client] += entry->tokens;
    if (entry->balance_tokens != sums[entry->client])
      return sim_checker_violation(
          checker, "MONEY-1", "balance wrong", entry->client,
          "%s: entry %d says balance %lld, the entries so far add up to %lld",
          sim_checker_client(checker, entry->client), entry->entry_no,
          (long long)entry->balance_tokens, (long long)sums[entry->client]);
    if (entry->kind == RELOAD_ENTRY_SPEND && entry->balance_tokens < 0)
      return sim_checker_violation(checker, "MONEY-1", "balance negative", entry->client,
                                   "%s: action %s made the balance negative",
                                   sim_checker_client(checker, entry->client),
                                   sim_checker_action(checker, entry->action));
  }
  for (int i = 0; i < checker->the_case->client_count; i++)
    if (ledger->clients[i].balance_tokens != sums[i])
      return sim_checker_violation(
          checker, "MONEY-1", "balance wrong", i,
          "%s: the balance shown is %lld, the log adds up to %lld", sim_checker_client(checker, i),
          (long long)ledger->clients[i].balance_tokens, (long long)sums[i]);
  return true;
}

/* MONEY-4: entries of the log stay as they are. Rows are ordered by client and number. */
static bool append_only(const struct checker *checker) {
  const struct sim_ledger *old = &checker->before->ledger, *new = &checker->world->ledger;
  int at = 0;
  for (int i = 0; i < old->entry_count; i++) {
    while (at < new->entry_count &&new->entries[at].client != old->entries[i].client) at++;
    if (at == new->entry_count ||
        memcmp(&old->entries[i], &new->entries[at], sizeof old->entries[i]) != 0)
      return sim_checker_violation(checker, "MONEY-4", "history rewritten", old->entries[i].client,
                                   "%s: credit log entry %d was changed or removed",
                                   sim_checker_client(checker, old->entries[i].client),
                                   old->entries[i].entry_no);
    at++;
  }
  return true;
}

/* MONEY-2, MONEY-3: no entry stands twice. */
static bool entered_once(const struct checker *checker) {
  const struct sim_ledger *ledger = &checker->world->ledger;
  for (int i = 0; i < ledger->entry_count; i++)
    for (int j = 0; j < i; j++) {
      const struct sim_entry_row *a = &ledger->entries[i], *b = &ledger->entries[j];
      if (a->kind != b->kind || a->kind == RELOAD_ENTRY_REVERSAL) continue;
      if (a->kind == RELOAD_ENTRY_SPEND && a->reference == b->reference)
        return sim_checker_violation(checker, "MONEY-3", "deducted twice", a->client,
                                     "action %s was deducted twice",
                                     sim_checker_action(checker, a->action));
      if (a->kind == RELOAD_ENTRY_TOP_UP &&
          (a->reference == b->reference || a->intent == b->intent))
        return sim_checker_violation(checker, "MONEY-2", "credited twice", a->client,
                                     "%s: one charge was credited twice (action %s)",
                                     sim_checker_client(checker, a->client),
                                     sim_checker_action(checker, a->action));
      if (a->kind != RELOAD_ENTRY_SPEND && a->client == b->client && a->reference == b->reference)
        return sim_checker_violation(checker, "MONEY-2", "credited twice", a->client,
                                     "%s: the same purchase or grant was entered twice",
                                     sim_checker_client(checker, a->client));
    }
  return true;
}

/* ---- What a step may do to the ledger ---- */

/* A change of the toggle whose process died in the same step may have been committed or not. */
static bool interrupted_toggle(const struct checker *checker, int client) {
  const struct sim_effect *effect = checker->effect;
  if (effect->is_background || effect->answer != SIM_ANSWER_LOST) return false;
  const struct sim_step *step = sim_checker_step(checker);
  return (step->verb == SIM_TURN_ON || step->verb == SIM_TURN_OFF) && step->client == client;
}

/* TOGGLE-4, TOGGLE-5, TOGGLE-8: the state follows the recorded changes, and only an actor's toggle
 * makes one. */
static bool toggles_right(const struct checker *checker) {
  const struct sim_effect *effect = checker->effect;
  bool toggles = !effect->is_background && effect->step_ended &&
                 (effect->answer == SIM_ANSWER_ENABLED || effect->answer == SIM_ANSWER_DISABLED);
  int toggled = toggles ? sim_checker_step(checker)->client : -1;
  for (int i = 0; i < checker->the_case->client_count; i++) {
    int old = sim_toggle_count(&checker->before->ledger, i),
        new = sim_toggle_count(&checker->world->ledger, i);
    int more = toggled == i ? 1 : 0;
    if (effect->injected && interrupted_toggle(checker, i)) continue;
    bool was_on = checker->before->ledger.clients[i].auto_reload;
    bool is_on = checker->world->ledger.clients[i].auto_reload;
    if (new != old + more || (was_on != is_on) != (more == 1))
      return sim_checker_violation(checker, more ? "TOGGLE-4" : "TOGGLE-8",
                                   more ? "change without mail" : "toggle moved by itself", i,
                                   "%s: Auto Reload went from %s to %s with %d change%s recorded",
                                   sim_checker_client(checker, i), was_on ? "on" : "off",
                                   is_on ? "on" : "off", new - old, new - old == 1 ? "" : "s");
    if (more && is_on != (effect->answer == SIM_ANSWER_ENABLED))
      return sim_checker_violation(checker, "TOGGLE-6", "wrong state shown", i,
                                   "%s: the answer and the state differ",
                                   sim_checker_client(checker, i));
  }
  return true;
}

static const struct sim_charge_row *charge_before(const struct checker *checker, uint64_t charge) {
  const struct sim_ledger *old = &checker->before->ledger;
  for (int i = 0; i < old->charge_count; i++)
    if (old->charges[i].charge == charge) return &old->charges[i];
  return NULL;
}

/* The rules under which a charge may fire, by the ledger before the step. */
static bool fired_rightly(const struct checker *checker, const struct sim_charge_row *charge) {
  const struct sim_client_row *client = &checker->before->ledger.clients[charge->client];
  const struct sim_case *the_case = checker->the_case;
  const char *name = sim_checker_client(checker, charge->client);
  if (checker->effect->is_background || checker->effect->verb != SIM_SUBMIT)
    return sim_checker_violation(checker, "FIRE-4", "charged without an action", charge->client,
                                 "%s: a charge was fired by something that is not an action", name);
  if (!client->auto_reload)
    return sim_checker_violation(checker, "RACE-2", "charged after disable", charge->client,
                                 "%s: a charge was fired while Auto Reload was off", name);
  if (client->plan != RELOAD_PLAN_ACTIVE)
    return sim_checker_violation(checker, "NOFIRE-4", "charged without a plan", charge->client,
                                 "%s: a charge was fired without an active plan", name);
  if (client->card == 0 || client->card_dead)
    return sim_checker_violation(checker, client->card ? "NOFIRE-6" : "NOFIRE-5",
                                 "charged a dead card", charge->client,
                                 "%s: a charge was fired without a card that can be charged", name);
  if (charge->card != client->card || charge->card_no != client->card_no)
    return sim_checker_violation(checker, "RACE-6", "wrong card", charge->client,
                                 "%s: a charge was fired on a card that is not the one on file",
                                 name);
  if (sim_ledger_pending(&checker->before->ledger, charge->client))
    return sim_checker_violation(checker, "RACE-3", "two reloads at once", charge->client,
                                 "%s: a charge was fired while another one had no end yet", name);
  if (client->balance_tokens >= charge->cost_tokens)
    return sim_checker_violation(checker, "FIRE-1", "charged without need", charge->client,
                                 "%s: a charge was fired although the balance covered the cost",
                                 name);
  if (client->balance_tokens + charge->top_up_tokens < charge->cost_tokens)
    return sim_checker_violation(checker, "FIRE-7", "charged in vain", charge->client,
                                 "%s: a charge was fired that cannot cover the cost", name);
  if (charge->top_up_tokens != the_case->top_up_tokens ||
      charge->amount_minor != the_case->top_up_price_minor)
    return sim_checker_violation(checker, "FIRE-6", "wrong amount", charge->client,
                                 "%s: a charge of %lld for %lld tokens is not the fixed top-up",
                                 name, (long long)charge->amount_minor,
                                 (long long)charge->top_up_tokens);
  return true;
}

/* NOFIRE-6: an action is not tried again on a card that has declined it. */
static bool no_storm(const struct checker *checker, const struct sim_charge_row *charge) {
  const struct sim_ledger *ledger = &checker->before->ledger;
  for (int i = 0; i < ledger->charge_count; i++) {
    const struct sim_charge_row *old = &ledger->charges[i];
    if (old->client == charge->client && old->action == charge->action && old->action >= 0 &&
        old->card_no == charge->card_no && old->decline && old->state == RELOAD_CHARGE_CLOSED)
      return sim_checker_violation(checker, "NOFIRE-6", "decline storm", charge->client,
                                   "%s: action %s was tried again on the card that had declined it",
                                   sim_checker_client(checker, charge->client),
                                   sim_checker_action(checker, charge->action));
  }
  return true;
}

static bool charges_right(const struct checker *checker) {
  const struct sim_ledger *ledger = &checker->world->ledger;
  for (int i = 0; i < ledger->charge_count; i++) {
    const struct sim_charge_row *charge = &ledger->charges[i];
    if (!charge_before(checker, charge->charge) &&
        (!fired_rightly(checker, charge) || !no_storm(checker, charge)))
      return false;
    for (int j = 0; j < i; j++)
      if (ledger->charges[j].client == charge->client && charge->state < RELOAD_CHARGE_CAPTURED &&
          ledger->charges[j].state < RELOAD_CHARGE_CAPTURED)
        return sim_checker_violation(checker, "RACE-3", "two reloads at once", charge->client,
                                     "%s: two charges without an end at once",
                                     sim_checker_client(checker, charge->client));
  }
  return true;
}

/* FIRE-5: a handler that credits its top-up deducts in the same commit, or refuses in it. */
static bool no_gap(const struct checker *checker) {
  const struct sim_effect *effect = checker->effect;
  if (effect->is_background || effect->verb != SIM_SUBMIT || effect->step_ended) return true;
  const struct sim_ledger *old = &checker->before->ledger, *new = &checker->world->ledger;
  int top_ups = 0;
  for (int i = 0; i < new->entry_count; i++) top_ups += new->entries[i].kind == RELOAD_ENTRY_TOP_UP;
  for (int i = 0; i < old->entry_count; i++) top_ups -= old->entries[i].kind == RELOAD_ENTRY_TOP_UP;
  if (top_ups == 0) return true;
  return sim_checker_violation(
      checker, "FIRE-5", "tokens up for grabs", -1,
      "a top-up was committed before the deduction that it was charged for");
}

/* OUT-4, RACE-6: new rows tell their time and their action. */
static bool records_right(const struct checker *checker) {
  const struct sim_ledger *old = &checker->before->ledger, *new = &checker->world->ledger;
  int64_t now_ms = checker->before->clock.now_ms;
  if (new->entry_count > 0 && checker->effect->task > SIM_BACKGROUND) return true;
  int at = 0;
  for (int i = 0; i < new->entry_count; i++) {
    const struct sim_entry_row *entry = &new->entries[i];
    bool known = at < old->entry_count && old->entries[at].client == entry->client &&
                 old->entries[at].entry_no == entry->entry_no;
    if (known)
      at++;
    else if (entry->at_ms != now_ms)
      return sim_checker_violation(checker, "OUT-4", "wrong time recorded", entry->client,
                                   "%s: a new credit log entry does not say when it was made",
                                   sim_checker_client(checker, entry->client));
    else if (entry->kind == RELOAD_ENTRY_SPEND && entry->action < 0)
      return sim_checker_violation(checker, "RACE-6", "cause not recorded", entry->client,
                                   "%s: a deduction does not say which action it was for",
                                   sim_checker_client(checker, entry->client));
  }
  return true;
}

static const struct sim_toggle_row *last_change(const struct sim_ledger *ledger, int client) {
  const struct sim_toggle_row *last = NULL;
  for (int i = 0; i < ledger->toggle_count; i++)
    if (ledger->toggles[i].client == client) last = &ledger->toggles[i];
  return last;
}

/* RACE-2, OUT-4: a charge tells when it fired, under which change of the toggle, and when it
 * ended. */
static bool charges_recorded(const struct checker *checker) {
  const struct sim_ledger *new = &checker->world->ledger;
  int64_t now_ms = checker->before->clock.now_ms;
  for (int i = 0; i < new->charge_count; i++) {
    const struct sim_charge_row *charge = &new->charges[i];
    const struct sim_charge_row *old = charge_before(checker, charge->charge);
    const struct sim_toggle_row *change = last_change(&checker->before->ledger, charge->client);
    bool ends =
        charge->state >= RELOAD_CHARGE_CAPTURED && (!old || old->state < RELOAD_CHARGE_CAPTURED);
    bool wrong = !old && (charge->fired_at_ms != now_ms || !change ||
                          change->change_no != charge->fired_under_change_no);
    if (wrong || (ends && charge->ended_at_ms != now_ms))
      return sim_checker_violation(
          checker, "OUT-4", "wrong time recorded", charge->client,
          "%s: a charge does not say when it was fired, under which change of the "
          "toggle, or when it ended",
          sim_checker_client(checker, charge->client));
  }
  return true;
}

/* OUT-4: a change of the toggle tells its time. */
static bool changes_recorded(const struct checker *checker) {
  const struct sim_ledger *new = &checker->world->ledger;
  for (int i = 0; i < checker->the_case->client_count; i++) {
    const struct sim_toggle_row *change = last_change(new, i);
    if (!change || sim_toggle_count(&checker->before->ledger, i) == sim_toggle_count(new, i) ||
        change->at_ms == checker->before->clock.now_ms)
      continue;
    return sim_checker_violation(checker, "OUT-4", "wrong time recorded", i,
                                 "%s: a change of the toggle does not say when it was made",
                                 sim_checker_client(checker, i));
  }
  return true;
}

/* MAIL-2, OUT-4: a change tells when its mail was delivered. */
static bool mails_recorded(const struct checker *checker) {
  const struct sim_ledger *old = &checker->before->ledger, *new = &checker->world->ledger;
  for (int i = 0; i < new->toggle_count; i++) {
    const struct sim_toggle_row *change = &new->toggles[i];
    bool known = change->delivered_at_ms == 0;
    for (int j = 0; j < old->toggle_count && !known; j++)
      known = old->toggles[j].client == change->client &&
              old->toggles[j].change_no == change->change_no &&
              old->toggles[j].delivered_at_ms == change->delivered_at_ms;
    if (!known && change->delivered_at_ms != checker->before->clock.now_ms)
      return sim_checker_violation(checker, "OUT-4", "wrong time recorded", change->client,
                                   "%s: change %d does not say when its mail was delivered",
                                   sim_checker_client(checker, change->client), change->change_no);
  }
  return true;
}

bool sim_invariant_ledger(const struct checker *checker) {
  return balances_add_up(checker) && append_only(checker) && entered_once(checker) &&
         charges_right(checker) && no_gap(checker) && toggles_right(checker) &&
         records_right(checker) && charges_recorded(checker) && changes_recorded(checker) &&
         mails_recorded(checker);
}
