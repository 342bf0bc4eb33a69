#include "oracle.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One judgement: the world, what it was before, and where the verdict goes. */
struct court {
  const struct sim_machine *machine;
  const struct sim_case *the_case;
  const struct sim_world *world;
  const struct sim_world *before; /* null at the end */
  const struct sim_effect *effect;
  struct sim_breach *breach;
};

__attribute__((format(printf, 5, 6)))
static bool breach(const struct court *court, const char *rule, const char *harm, int client,
                   const char *format, ...) {
  va_list args;
  *court->breach = (struct sim_breach){.rule = rule, .harm = harm, .client = client};
  va_start(args, format);
  int size = vsnprintf(court->breach->text, sizeof court->breach->text, format, args);
  va_end(args);
  if (size < 0) court->breach->text[0] = '\0';
  return false;
}

static const char *client_name(const struct court *court, int client) {
  return client < 0 ? "?" : court->the_case->clients[client].name;
}

static const char *action_name(const struct court *court, int action) {
  return action < 0 ? "?" : sim_machine_names(court->machine)->ids[action];
}

static bool was_given(const struct court *court, const struct sim_entry_row *entry) {
  const struct sim_books *given = sim_machine_given(court->machine);
  for (int i = 0; i < given->entry_count; i++)
    if (given->entries[i].client == entry->client && given->entries[i].entry_no == entry->entry_no)
      return true;
  return false;
}

/* ---- Books alone ---- */

/* MONEY-1 */
static bool adds_up(const struct court *court) {
  const struct sim_books *books = &court->world->books;
  int64_t sums[SIM_MAX_CLIENTS] = {0};
  for (int i = 0; i < books->entry_count; i++) {
    const struct sim_entry_row *entry = &books->entries[i];
    if (entry->client < 0) return breach(court, "RACE-6", "a stranger's entry", -1, "an entry of an unknown client");
    sums[entry->client] += entry->tokens;
    if (entry->balance_tokens != sums[entry->client])
      return breach(court, "MONEY-1", "balance wrong", entry->client,
                    "%s: entry %d says balance %lld, the entries so far add up to %lld",
                    client_name(court, entry->client), entry->entry_no,
                    (long long)entry->balance_tokens, (long long)sums[entry->client]);
    if (entry->kind == RELOAD_ENTRY_SPEND && entry->balance_tokens < 0)
      return breach(court, "MONEY-1", "balance negative", entry->client,
                    "%s: action %s made the balance negative", client_name(court, entry->client),
                    action_name(court, entry->action));
  }
  for (int i = 0; i < court->the_case->client_count; i++)
    if (books->clients[i].balance_tokens != sums[i])
      return breach(court, "MONEY-1", "balance wrong", i,
                    "%s: the balance shown is %lld, the log adds up to %lld", client_name(court, i),
                    (long long)books->clients[i].balance_tokens, (long long)sums[i]);
  return true;
}

/* MONEY-4: what was in the log is in it still. Rows are ordered by client and number. */
static bool append_only(const struct court *court) {
  const struct sim_books *old = &court->before->books, *new = &court->world->books;
  int at = 0;
  for (int i = 0; i < old->entry_count; i++) {
    while (at < new->entry_count && new->entries[at].client != old->entries[i].client) at++;
    if (at == new->entry_count || memcmp(&old->entries[i], &new->entries[at], sizeof old->entries[i]) != 0)
      return breach(court, "MONEY-4", "history rewritten", old->entries[i].client,
                    "%s: credit log entry %d was changed or removed",
                    client_name(court, old->entries[i].client), old->entries[i].entry_no);
    at++;
  }
  return true;
}

/* MONEY-3, and no entry twice. */
static bool entered_once(const struct court *court) {
  const struct sim_books *books = &court->world->books;
  for (int i = 0; i < books->entry_count; i++)
    for (int j = 0; j < i; j++) {
      const struct sim_entry_row *a = &books->entries[i], *b = &books->entries[j];
      if (a->kind != b->kind || a->kind == RELOAD_ENTRY_REVERSAL) continue;
      if (a->kind == RELOAD_ENTRY_SPEND && a->reference == b->reference)
        return breach(court, "MONEY-3", "deducted twice", a->client, "action %s was deducted twice",
                      action_name(court, a->action));
      if (a->kind == RELOAD_ENTRY_TOP_UP && (a->reference == b->reference || a->intent == b->intent))
        return breach(court, "MONEY-2", "credited twice", a->client,
                      "%s: one charge was credited twice (action %s)",
                      client_name(court, a->client), action_name(court, a->action));
      if (a->kind != RELOAD_ENTRY_SPEND && a->client == b->client && a->reference == b->reference)
        return breach(court, "MONEY-2", "credited twice", a->client,
                      "%s: the same purchase or grant was entered twice",
                      client_name(court, a->client));
    }
  return true;
}

/* ---- What a move may do to the books ---- */

static int toggle_count(const struct sim_books *books, int client) {
  int count = 0;
  for (int i = 0; i < books->toggle_count; i++) count += books->toggles[i].client == client;
  return count;
}

/* A toggle whose process died in the act may have been committed or not: both are right. */
static bool interrupted_toggle(const struct court *court, int client) {
  const struct sim_effect *effect = court->effect;
  if (effect->is_background || effect->answer != SIM_ANSWER_LOST) return false;
  const struct sim_step *step =
      &court->the_case->actors[effect->task].steps[court->before->tasks[effect->task].step];
  return (step->verb == SIM_TURN_ON || step->verb == SIM_TURN_OFF) && step->client == client;
}

/* TOGGLE-4, TOGGLE-5, TOGGLE-8: the state is what the changes say, and only a toggle makes one. */
static bool toggles_right(const struct court *court) {
  const struct sim_effect *effect = court->effect;
  bool toggles = !effect->is_background && effect->step_ended &&
                 (effect->answer == SIM_ANSWER_ENABLED || effect->answer == SIM_ANSWER_DISABLED);
  int toggled = toggles ? court->the_case->actors[effect->task].steps[court->before->tasks[effect->task].step].client : -1;
  for (int i = 0; i < court->the_case->client_count; i++) {
    int old = toggle_count(&court->before->books, i), new = toggle_count(&court->world->books, i);
    int more = toggled == i ? 1 : 0;
    if (effect->injected && interrupted_toggle(court, i)) continue;
    bool was_on = court->before->books.clients[i].auto_reload;
    bool is_on = court->world->books.clients[i].auto_reload;
    if (new != old + more || (was_on != is_on) != (more == 1))
      return breach(court, more ? "TOGGLE-4" : "TOGGLE-8",
                    more ? "change without mail" : "toggle moved by itself", i,
                    "%s: Auto Reload went from %s to %s with %d change%s recorded",
                    client_name(court, i), was_on ? "on" : "off", is_on ? "on" : "off", new - old,
                    new - old == 1 ? "" : "s");
    if (more && is_on != (effect->answer == SIM_ANSWER_ENABLED))
      return breach(court, "TOGGLE-6", "wrong state shown", i,
                    "%s: the answer and the state differ", client_name(court, i));
  }
  return true;
}

static bool charge_is_new(const struct court *court, uint64_t charge) {
  const struct sim_books *old = &court->before->books;
  for (int i = 0; i < old->charge_count; i++)
    if (old->charges[i].charge == charge) return false;
  return true;
}

/* The rules under which a charge may be fired, against the books of the moment before. */
static bool fired_rightly(const struct court *court, const struct sim_charge_row *charge) {
  const struct sim_client_row *client = &court->before->books.clients[charge->client];
  const struct sim_case *the_case = court->the_case;
  const char *name = client_name(court, charge->client);
  if (court->effect->is_background || court->effect->verb != SIM_SUBMIT)
    return breach(court, "FIRE-4", "charged without an action", charge->client,
                  "%s: a charge was fired by something that is not an action", name);
  if (!client->auto_reload)
    return breach(court, "RACE-2", "charged after disable", charge->client,
                  "%s: a charge was fired while Auto Reload was off", name);
  if (client->plan != RELOAD_PLAN_ACTIVE)
    return breach(court, "NOFIRE-4", "charged without a plan", charge->client,
                  "%s: a charge was fired without an active plan", name);
  if (client->card == 0 || client->card_dead)
    return breach(court, client->card ? "NOFIRE-6" : "NOFIRE-5", "charged a dead card",
                  charge->client, "%s: a charge was fired without a card that can be charged", name);
  if (sim_books_pending(&court->before->books, charge->client))
    return breach(court, "RACE-3", "two reloads at once", charge->client,
                  "%s: a charge was fired while another one had no end yet", name);
  if (client->balance_tokens >= charge->cost_tokens)
    return breach(court, "FIRE-1", "charged without need", charge->client,
                  "%s: a charge was fired although the balance covered the cost", name);
  if (client->balance_tokens + charge->top_up_tokens < charge->cost_tokens)
    return breach(court, "FIRE-7", "charged in vain", charge->client,
                  "%s: a charge was fired that cannot cover the cost", name);
  if (charge->top_up_tokens != the_case->top_up_tokens ||
      charge->amount_minor != the_case->top_up_price_minor)
    return breach(court, "FIRE-6", "wrong amount", charge->client,
                  "%s: a charge of %lld for %lld tokens is not the fixed top-up", name,
                  (long long)charge->amount_minor, (long long)charge->top_up_tokens);
  return true;
}

/* NOFIRE-6: at most one attempt for an action and card once that was declined. */
static bool no_storm(const struct court *court, const struct sim_charge_row *charge) {
  const struct sim_books *books = &court->before->books;
  for (int i = 0; i < books->charge_count; i++) {
    const struct sim_charge_row *old = &books->charges[i];
    if (old->client == charge->client && old->action == charge->action && old->action >= 0 &&
        old->card_no == charge->card_no && old->decline && old->state == RELOAD_CHARGE_CLOSED)
      return breach(court, "NOFIRE-6", "decline storm", charge->client,
                    "%s: action %s was tried again on the card that had declined it",
                    client_name(court, charge->client), action_name(court, charge->action));
  }
  return true;
}

static bool charges_right(const struct court *court) {
  const struct sim_books *books = &court->world->books;
  for (int i = 0; i < books->charge_count; i++) {
    const struct sim_charge_row *charge = &books->charges[i];
    if (charge_is_new(court, charge->charge) &&
        (!fired_rightly(court, charge) || !no_storm(court, charge)))
      return false;
    for (int j = 0; j < i; j++)
      if (books->charges[j].client == charge->client && charge->state < RELOAD_CHARGE_CAPTURED &&
          books->charges[j].state < RELOAD_CHARGE_CAPTURED)
        return breach(court, "RACE-3", "two reloads at once", charge->client,
                      "%s: two charges without an end at once", client_name(court, charge->client));
  }
  return true;
}

/* FIRE-5: a handler that credits its top-up deducts in the same commit, or refuses there and then. */
static bool no_gap(const struct court *court) {
  const struct sim_effect *effect = court->effect;
  if (effect->is_background || effect->verb != SIM_SUBMIT || effect->step_ended) return true;
  const struct sim_books *old = &court->before->books, *new = &court->world->books;
  int top_ups = 0;
  for (int i = 0; i < new->entry_count; i++) top_ups += new->entries[i].kind == RELOAD_ENTRY_TOP_UP;
  for (int i = 0; i < old->entry_count; i++) top_ups -= old->entries[i].kind == RELOAD_ENTRY_TOP_UP;
  if (top_ups == 0) return true;
  return breach(court, "FIRE-5", "tokens up for grabs", -1,
                "a top-up was committed before the deduction that it was charged for");
}

/* One step is one transaction or one port call: what makes each interleaving reachable. */
static bool one_thing(const struct court *court) {
  const struct sim_effect *effect = court->effect;
  int64_t things = (int64_t)effect->port_calls + (effect->snapshots > 0 || effect->commits > 0);
  if (things > 1 || effect->snapshots > 1 || effect->commits > 1)
    return breach(court, effect->verb == SIM_TURN_ON || effect->verb == SIM_TURN_OFF ? "MAIL-2" : "MONEY-8",
                  "step does too much", -1,
                  "the step \"%s\" made %lld transactions from %lld snapshots and %u port calls; a "
                  "step is one transaction or one call",
                  effect->call, (long long)effect->commits, (long long)effect->snapshots,
                  effect->port_calls);
  return true;
}

/* MONEY-3: told done exactly when deducted. */
static bool told_rightly(const struct court *court) {
  const struct sim_effect *effect = court->effect;
  if (effect->is_background || !effect->step_ended || effect->verb != SIM_SUBMIT) return true;
  const struct sim_step *step =
      &court->the_case->actors[effect->task].steps[court->before->tasks[effect->task].step];
  int action = sim_names_find(sim_machine_names(court->machine), step->id);
  bool deducted = false;
  for (int i = 0; i < court->world->books.entry_count; i++) {
    const struct sim_entry_row *entry = &court->world->books.entries[i];
    deducted = deducted || (entry->kind == RELOAD_ENTRY_SPEND && entry->action == action &&
                            entry->client == step->client && -entry->tokens == step->amount);
  }
  if (effect->answer == SIM_ANSWER_DONE && !deducted)
    return breach(court, "MONEY-3", "done without deduction", step->client,
                  "action %s was told done but is not in the credit log", step->id);
  if (effect->answer != SIM_ANSWER_DONE && effect->answer < SIM_ANSWER_ERROR && deducted)
    return breach(court, "MONEY-3", "deducted but refused", step->client,
                  "action %s was refused but is in the credit log", step->id);
  if (effect->answer == SIM_ANSWER_BAD_VERDICT)
    return breach(court, "NOFIRE-2", "modal contradicts itself", step->client,
                  "the modal for action %s does not fit its reason: note, ways out or missing tokens",
                  step->id);
  return true;
}

/* ---- Books against the gateway ---- */

static const struct sim_charge_row *charge_of(const struct court *court, uint64_t intent) {
  const struct sim_books *books = &court->world->books;
  for (int i = 0; i < books->charge_count; i++)
    if (books->charges[i].intent == intent) return &books->charges[i];
  return NULL;
}

static const struct sim_entry_row *credit_of(const struct court *court, uint64_t intent) {
  const struct sim_books *books = &court->world->books;
  for (int i = 0; i < books->entry_count; i++)
    if (books->entries[i].intent == intent && books->entries[i].kind == RELOAD_ENTRY_TOP_UP)
      return &books->entries[i];
  return NULL;
}

static int client_of_intent(const struct court *court, const struct fake_card_intent *intent) {
  for (int i = 0; i < court->the_case->client_count; i++)
    if (strcmp(court->the_case->clients[i].name, intent->client_id) == 0) return i;
  return -1;
}

/* MONEY-2 from the gateway's side: money that moved is in the books or on its way there. */
static bool intent_is_accounted_for(const struct court *court,
                                    const struct fake_card_intent *intent) {
  uint64_t hash = sim_text_hash(intent->id);
  const struct sim_charge_row *charge = charge_of(court, hash);
  const struct sim_entry_row *credit = credit_of(court, hash);
  int client = client_of_intent(court, intent);
  if (intent->confirm_count > 0 && !charge)
    return breach(court, "MONEY-2", "charge without record", client,
                  "%s: intent %s (action %s) was confirmed before its id was stored",
                  intent->client_id, intent->id, intent->action_id);
  if (intent->captured_minor == 0) {
    if (!credit) return true;
    return breach(court, "MONEY-2", "credited and not charged", client,
                  "%s: a top-up for action %s was credited, but the card was not charged",
                  intent->client_id, intent->action_id);
  }
  if (credit && (credit->client != client || credit->amount_minor != intent->captured_minor ||
                 (charge && credit->tokens != charge->top_up_tokens)))
    return breach(court, "MONEY-2", "credited wrongly", client,
                  "%s: the top-up for action %s does not match its charge", intent->client_id,
                  intent->action_id);
  if (!credit && (!charge || charge->state >= RELOAD_CHARGE_CAPTURED))
    return breach(court, "MONEY-2", "charged and not credited", client,
                  "%s: the card was charged %lld for action %s, and no top-up is in the log or can "
                  "still come", intent->client_id, (long long)intent->captured_minor,
                  intent->action_id);
  return true;
}

static bool gateway_agrees(const struct court *court) {
  const struct fake_card *card = &court->world->card;
  int credits = 0;
  for (int i = 0; i < card->intent_count; i++) {
    const struct fake_card_intent *intent = &card->intents[i];
    if (intent->is_checkout) continue;
    court->breach->at_risk_minor = intent->amount_minor;
    if (!intent_is_accounted_for(court, intent)) {
      court->breach->at_risk_minor = intent->amount_minor;
      return false;
    }
    credits += credit_of(court, sim_text_hash(intent->id)) != NULL;
  }
  for (int i = 0; i < court->world->books.entry_count; i++)
    credits -= court->world->books.entries[i].kind == RELOAD_ENTRY_TOP_UP;
  if (credits != 0)
    return breach(court, "MONEY-2", "credited and not charged", -1,
                  "a top-up is in the credit log that the gateway knows nothing of");
  return true;
}

/* ---- Books against the mailbox ---- */

static const struct sim_toggle_row *change_at(const struct court *court, int client, int index) {
  const struct sim_books *books = &court->world->books;
  int skip = toggle_count(sim_machine_given(court->machine), client) + index;
  for (int i = 0; i < books->toggle_count; i++)
    if (books->toggles[i].client == client && skip-- == 0) return &books->toggles[i];
  return NULL;
}

/* MAIL-1..3, TOGGLE-4: the mails of a client are its changes, in their order. */
static bool mailbox_agrees(const struct court *court) {
  const struct fake_mail *mail = &court->world->mail;
  for (int i = 0; i < court->the_case->client_count; i++) {
    const char *name = client_name(court, i);
    int32_t count = fake_mail_count(mail, name);
    for (int32_t n = 1; n <= count; n++) {
      const struct fake_mail_message *message = fake_mail_nth(mail, name, n);
      const struct sim_toggle_row *change = change_at(court, i, n - 1);
      if (!change)
        return breach(court, "MAIL-2", "mail without change", i,
                      "%s: a mail was sent for a change that is not in the books", name);
      if (!message || message->is_on != change->on)
        return breach(court, "MAIL-3", "mail out of order", i,
                      "%s: mail %d says the opposite of change %d", name, n, change->change_no);
      if (message->different_count > 0)
        return breach(court, "MAIL-3", "copies differ", i,
                      "%s: two copies of one mail are not the same", name);
    }
  }
  return true;
}

/* ---- The two judgements ---- */

bool sim_oracle_state(const struct sim_machine *machine, const struct sim_world *before,
                      const struct sim_effect *effect, struct sim_breach *result) {
  const struct sim_world *world = sim_machine_world(machine);
  struct court court = {.machine = machine, .the_case = sim_machine_names(machine)->the_case,
                        .world = world, .before = before, .effect = effect, .breach = result};
  if (effect->problem) return breach(&court, "MONEY-8", "stuck", -1, "%s", effect->problem);
  if (effect->wrote && !(adds_up(&court) && append_only(&court) && entered_once(&court) &&
                         charges_right(&court) && no_gap(&court) && toggles_right(&court)))
    return false;
  if (!told_rightly(&court)) return false;
  if ((effect->wrote || effect->port_calls) && !(gateway_agrees(&court) && mailbox_agrees(&court)))
    return false;
  return effect->disk_fault || one_thing(&court);
}

/* MONEY-7: what went back in money went back in tokens, rounded down. */
static bool reversals_right(const struct court *court) {
  const struct sim_books *books = &court->world->books;
  const struct fake_card *card = &court->world->card;
  if (court->the_case->events == SIM_EVENTS_NEVER) return true;
  for (int i = 0; i < card->intent_count; i++) {
    const struct fake_card_intent *intent = &card->intents[i];
    uint64_t hash = sim_text_hash(intent->id);
    int64_t bought = 0, reversed = 0, back = intent->refund_told_minor;
    if (intent->dispute == FAKE_CARD_DISPUTE_LOST) back += intent->disputed_minor;
    if (back > intent->captured_minor) back = intent->captured_minor;
    for (int j = 0; j < books->entry_count; j++) {
      if (books->entries[j].intent != hash) continue;
      if (books->entries[j].kind == RELOAD_ENTRY_REVERSAL) reversed -= books->entries[j].tokens;
      else bought += books->entries[j].tokens;
    }
    if (intent->captured_minor > 0 && bought > 0 && bought < INT64_C(1) << 31 &&
        reversed != bought * back / intent->captured_minor)
      return breach(court, "MONEY-7", "refund not reversed", client_of_intent(court, intent),
                    "%s: %lld of %lld went back to the customer, but %lld of %lld tokens were reversed",
                    intent->client_id, (long long)back, (long long)intent->captured_minor,
                    (long long)reversed, (long long)bought);
  }
  return true;
}

/* An intent that was made in a call answered 500, or under a key that is forgotten by now, and never
 * confirmed: nobody was ever told its id, and nobody can ask for it any more. */
static bool is_lost(const struct fake_card *card, const struct fake_card_intent *intent) {
  if (intent->status != RELOAD_INTENT_REQUIRES_CONFIRMATION || intent->confirm_count > 0) return false;
  for (int i = 0; i < card->key_count; i++)
    if (strcmp(card->keys[i].intent_id, intent->id) == 0) return false;
  return true;
}

/* NOFIRE-3: nothing stays chargeable behind the customer's back. */
static bool nothing_chargeable(const struct court *court) {
  const struct fake_card *card = &court->world->card;
  for (int i = 0; i < card->intent_count; i++) {
    const struct fake_card_intent *intent = &card->intents[i];
    if (intent->is_checkout || intent->status == RELOAD_INTENT_SUCCEEDED ||
        intent->status == RELOAD_INTENT_CANCELED || is_lost(card, intent))
      continue;
    court->breach->at_risk_minor = intent->amount_minor;
    breach(court, "NOFIRE-3", "left chargeable", client_of_intent(court, intent),
           "%s: the intent for action %s was not captured and never closed", intent->client_id,
           intent->action_id);
    court->breach->at_risk_minor = intent->amount_minor;
    return false;
  }
  return true;
}

static bool everything_told(const struct court *court) {
  const struct sim_books *books = &court->world->books;
  for (int i = 0; i < court->the_case->client_count; i++) {
    int changes = toggle_count(books, i) - toggle_count(sim_machine_given(court->machine), i);
    if (fake_mail_count(&court->world->mail, client_name(court, i)) != changes)
      return breach(court, "TOGGLE-4", "change without mail", i,
                    "%s: %d changes of the toggle, %d mails", client_name(court, i), changes,
                    fake_mail_count(&court->world->mail, client_name(court, i)));
  }
  return true;
}

/* MONEY-2 and MONEY-5 at rest: each captured charge has its entry, none is unresolved. */
static bool everything_settled(const struct court *court) {
  const struct sim_books *books = &court->world->books;
  for (int i = 0; i < books->charge_count; i++)
    if (books->charges[i].state < RELOAD_CHARGE_CAPTURED)
      return breach(court, "MONEY-5", "unresolved for ever", books->charges[i].client,
                    "%s: a charge never got an end",
                    client_name(court, books->charges[i].client));
  return true;
}

/* MONEY-3: a deduction was told to somebody, unless the answer was lost. */
static bool deductions_told(const struct court *court) {
  const struct sim_books *books = &court->world->books;
  for (int e = 0; e < books->entry_count; e++) {
    const struct sim_entry_row *entry = &books->entries[e];
    bool told = was_given(court, entry) || entry->kind != RELOAD_ENTRY_SPEND;
    for (int a = 0; a < court->the_case->actor_count && !told; a++)
      for (int s = 0; s < court->world->tasks[a].answer_count && !told; s++) {
        const struct sim_step *step = &court->the_case->actors[a].steps[s];
        enum sim_answer answer = (enum sim_answer)court->world->tasks[a].answers[s];
        told = step->verb == SIM_SUBMIT && entry->action >= 0 &&
               strcmp(step->id, action_name(court, entry->action)) == 0 &&
               (answer == SIM_ANSWER_DONE || answer == SIM_ANSWER_LOST);
      }
    if (!told)
      return breach(court, "MONEY-3", "deducted but refused", entry->client,
                    "action %s was deducted, and nobody was told that it is done",
                    action_name(court, entry->action));
  }
  return true;
}

bool sim_oracle_ending(const struct sim_machine *machine, struct sim_breach *result) {
  const struct sim_world *world = sim_machine_world(machine);
  struct court court = {.machine = machine, .the_case = sim_machine_names(machine)->the_case,
                        .world = world, .breach = result};
  return everything_settled(&court) && nothing_chargeable(&court) && reversals_right(&court) &&
         everything_told(&court) && deductions_told(&court);
}
