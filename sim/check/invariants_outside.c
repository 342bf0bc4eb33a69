/* The ledger against the gateway's records and against the mailbox. */
#include "checker.h"

#include <stdio.h>
#include <string.h>

/* ---- Ledger against the gateway ---- */

static const struct sim_charge_row *charge_of_intent(const struct checker *checker,
                                                     uint64_t intent) {
  const struct sim_ledger *ledger = &checker->world->ledger;
  for (int i = 0; i < ledger->charge_count; i++)
    if (ledger->charges[i].intent == intent) return &ledger->charges[i];
  return NULL;
}

static const struct sim_entry_row *credit_of_intent(const struct checker *checker,
                                                    uint64_t intent) {
  const struct sim_ledger *ledger = &checker->world->ledger;
  for (int i = 0; i < ledger->entry_count; i++)
    if (ledger->entries[i].intent == intent && ledger->entries[i].kind == RELOAD_ENTRY_TOP_UP)
      return &ledger->entries[i];
  return NULL;
}

static int client_of_intent(const struct checker *checker, const struct fake_card_intent *intent) {
  for (int i = 0; i < checker->the_case->client_count; i++)
    if (strcmp(checker->the_case->clients[i].name, intent->client_id) == 0) return i;
  return -1;
}

static bool is_its_customer(const struct fake_card_intent *intent) {
  char customer[RELOAD_ID_SIZE];
  sim_customer_id(intent->client_id, customer);
  return strcmp(intent->customer_id, customer) == 0;
}

/* MONEY-2, from the gateway's side: money that moved is in the ledger, or can still get there. */
static bool intent_is_accounted_for(const struct checker *checker,
                                    const struct fake_card_intent *intent) {
  uint64_t hash = sim_text_hash(intent->id);
  const struct sim_charge_row *charge = charge_of_intent(checker, hash);
  const struct sim_entry_row *credit = credit_of_intent(checker, hash);
  int client = client_of_intent(checker, intent);
  if (intent->confirm_count > 0 && !charge)
    return sim_checker_violation(checker, "MONEY-2", "charge without record", client,
                                 "%s: intent %s (action %s) was confirmed before its id was stored",
                                 intent->client_id, intent->id, intent->action_id);
  if (!is_its_customer(intent))
    return sim_checker_violation(checker, "RACE-6", "charge mixed up", client,
                                 "%s: intent %s asks for the card of customer %s",
                                 intent->client_id, intent->id, intent->customer_id);
  if (charge &&
      (intent->amount_minor != charge->amount_minor ||
       sim_text_hash(intent->card_id) != charge->card ||
       strcmp(intent->currency, checker->the_case->currency) != 0 || charge->client != client ||
       sim_names_find(sim_machine_names(checker->machine), intent->action_id) != charge->action))
    return sim_checker_violation(
        checker, "RACE-6", "charge mixed up", client,
        "%s: intent %s does not have the card, amount, client and action of its "
        "charge",
        intent->client_id, intent->id);
  if (intent->captured_minor == 0) {
    if (!credit) return true;
    return sim_checker_violation(
        checker, "MONEY-2", "credited and not charged", client,
        "%s: a top-up for action %s was credited, but the card was not charged", intent->client_id,
        intent->action_id);
  }
  if (credit && charge && credit->action != charge->action)
    return sim_checker_violation(checker, "RACE-6", "cause not recorded", client,
                                 "%s: the top-up does not say that it was for action %s",
                                 intent->client_id, intent->action_id);
  if (credit && (credit->client != client || credit->amount_minor != intent->captured_minor ||
                 (charge && credit->tokens != charge->top_up_tokens)))
    return sim_checker_violation(checker, "MONEY-2", "credited wrongly", client,
                                 "%s: the top-up for action %s does not match its charge",
                                 intent->client_id, intent->action_id);
  if (!credit && (!charge || charge->state >= RELOAD_CHARGE_CAPTURED))
    return sim_checker_violation(
        checker, "MONEY-2", "charged and not credited", client,
        "%s: the card was charged %lld for action %s, and no top-up is in the log or can "
        "still come",
        intent->client_id, (long long)intent->captured_minor, intent->action_id);
  return true;
}

/* The purchase that was paid with this intent of Checkout and was answered without an error; null:
 * none yet. */
static const struct sim_step *reported_purchase(const struct checker *checker,
                                                const struct fake_card_intent *intent) {
  for (int a = 0; a < checker->the_case->actor_count; a++)
    for (int s = 0; s < checker->world->tasks[a].answer_count; s++) {
      const struct sim_step *step = &checker->the_case->actors[a].steps[s];
      if (step->verb == SIM_BUY_PACK && checker->world->tasks[a].answers[s] == SIM_ANSWER_NONE &&
          strcmp(step->id, intent->action_id) == 0)
        return step;
    }
  return NULL;
}

/* OUT-1: a pack that was reported as bought is in the ledger, for the money that was paid. */
static bool checkout_is_accounted_for(const struct checker *checker,
                                      const struct fake_card_intent *intent) {
  const struct sim_ledger *ledger = &checker->world->ledger;
  const struct sim_step *step = reported_purchase(checker, intent);
  uint64_t hash = sim_text_hash(intent->id);
  int client = client_of_intent(checker, intent), packs = 0;
  if (!step) return true;
  for (int i = 0; i < ledger->entry_count; i++) {
    const struct sim_entry_row *entry = &ledger->entries[i];
    packs += entry->kind == RELOAD_ENTRY_PACK && entry->intent == hash && entry->client == client &&
             entry->tokens == step->amount && entry->amount_minor == intent->captured_minor;
  }
  return packs == 1 ||
         sim_checker_violation(checker, "OUT-1", "paid and not credited", client,
                               "%s: pack %s was paid for, and is not in the log as such",
                               intent->client_id, intent->action_id);
}

bool sim_invariant_gateway(const struct checker *checker) {
  const struct fake_card *card = &checker->world->card;
  int credits = 0;
  for (int i = 0; i < card->intent_count; i++) {
    const struct fake_card_intent *intent = &card->intents[i];
    bool accounted_for = intent->is_checkout ? checkout_is_accounted_for(checker, intent)
                                             : intent_is_accounted_for(checker, intent);
    if (!accounted_for) {
      checker->violation->at_risk_minor = intent->amount_minor;
      return false;
    }
    if (!intent->is_checkout)
      credits += credit_of_intent(checker, sim_text_hash(intent->id)) != NULL;
  }
  for (int i = 0; i < checker->world->ledger.entry_count; i++)
    credits -= checker->world->ledger.entries[i].kind == RELOAD_ENTRY_TOP_UP;
  if (credits != 0)
    return sim_checker_violation(checker, "MONEY-2", "credited and not charged", -1,
                                 "a top-up is in the credit log that the gateway knows nothing of");
  return true;
}

/* ---- Ledger against the mailbox ---- */

static const struct sim_toggle_row *change_at(const struct checker *checker, int client,
                                              int index) {
  const struct sim_ledger *ledger = &checker->world->ledger;
  int skip = sim_toggle_count(sim_machine_given(checker->machine), client) + index;
  for (int i = 0; i < ledger->toggle_count; i++)
    if (ledger->toggles[i].client == client && skip-- == 0) return &ledger->toggles[i];
  return NULL;
}

/* The mail goes to the owner, and its text names the client and the state. */
static bool is_well_written(const struct checker *checker, int client,
                            const struct fake_mail_message *message) {
  const struct sim_client *given = &checker->the_case->clients[client];
  const char *subject =
      message->is_on ? "Subject: Auto Reload enabled\r\n" : "Subject: Auto Reload disabled\r\n";
  char address[RELOAD_EMAIL_SIZE];
  int size = snprintf(address, sizeof address, "%s@owners.example", given->owner);
  return size > 0 && strcmp(message->to, address) == 0 && strstr(message->text, subject) &&
         strstr(message->text, message->is_on ? "is now enabled" : "is now disabled") &&
         strstr(message->text, given->name);
}

/* MAIL-1..3, TOGGLE-4: the mails of a client are its changes, in the same order. */
bool sim_invariant_mailbox(const struct checker *checker) {
  const struct fake_mail *mail = &checker->world->mail;
  for (int i = 0; i < checker->the_case->client_count; i++) {
    const char *name = sim_checker_client(checker, i);
    int32_t count = fake_mail_count(mail, name);
    for (int32_t n = 1; n <= count; n++) {
      const struct fake_mail_message *message = fake_mail_nth(mail, name, n);
      const struct sim_toggle_row *change = change_at(checker, i, n - 1);
      if (!change)
        return sim_checker_violation(checker, "MAIL-2", "mail without change", i,
                                     "%s: a mail was sent for a change that is not in the ledger",
                                     name);
      if (!message || message->is_on != change->on || message->at_ms != change->at_ms)
        return sim_checker_violation(checker, "MAIL-3", "mail out of order", i,
                                     "%s: mail %d is not the one for change %d", name, n,
                                     change->change_no);
      if (!is_well_written(checker, i, message))
        return sim_checker_violation(checker, "TOGGLE-4", "mail wrong", i,
                                     "%s: mail %d goes to %s or does not say what changed", name, n,
                                     message->to);
      if (message->different_count > 0)
        return sim_checker_violation(checker, "MAIL-3", "copies differ", i,
                                     "%s: two copies of one mail are not the same", name);
    }
  }
  return true;
}

/* ---- In a terminal state ---- */

/* MONEY-7: tokens go back in proportion to the money, rounded down, as far as events have told of
 * it. The engine does not ask the gateway for refunds: one whose events are all lost is never
 * reversed. Products of larger purchases could overflow; those are not judged. */
static bool reversals_right(const struct checker *checker) {
  const struct sim_ledger *ledger = &checker->world->ledger;
  const struct fake_card *card = &checker->world->card;
  for (int i = 0; i < card->intent_count; i++) {
    const struct fake_card_intent *intent = &card->intents[i];
    uint64_t hash = sim_text_hash(intent->id);
    int64_t bought = 0, reversed = 0, back = intent->refund_told_minor + intent->dispute_told_minor;
    if (back > intent->captured_minor) back = intent->captured_minor;
    for (int j = 0; j < ledger->entry_count; j++) {
      if (ledger->entries[j].intent != hash) continue;
      if (ledger->entries[j].kind == RELOAD_ENTRY_REVERSAL)
        reversed -= ledger->entries[j].tokens;
      else
        bought += ledger->entries[j].tokens;
    }
    if (intent->captured_minor > 0 && bought > 0 && bought < INT64_C(1) << 31 &&
        reversed != bought * back / intent->captured_minor)
      return sim_checker_violation(
          checker, "MONEY-7", "refund not reversed", client_of_intent(checker, intent),
          "%s: %lld of %lld went back to the customer, but %lld of %lld tokens were reversed",
          intent->client_id, (long long)back, (long long)intent->captured_minor,
          (long long)reversed, (long long)bought);
  }
  return true;
}

static const struct fake_card_intent *intent_of(const struct fake_card *card, uint64_t hash) {
  for (int i = 0; i < card->intent_count; i++)
    if (sim_text_hash(card->intents[i].id) == hash) return &card->intents[i];
  return NULL;
}

/* The gateway forgot the key between two calls for one charge, so that there are two intents, and
 * the charge has ended with the other one. The process that learned the id of this one died before
 * it stored it: no row has it, and no request can use it. */
static bool is_overtaken(const struct checker *checker, const struct fake_card_intent *intent) {
  const struct sim_ledger *ledger = &checker->world->ledger;
  if (charge_of_intent(checker, sim_text_hash(intent->id))) return false;
  for (int i = 0; i < ledger->charge_count; i++) {
    const struct sim_charge_row *charge = &ledger->charges[i];
    const struct fake_card_intent *other = intent_of(&checker->world->card, charge->intent);
    if (!other || charge->state < RELOAD_CHARGE_CAPTURED ||
        strcmp(other->client_id, intent->client_id) != 0 ||
        strcmp(other->action_id, intent->action_id) != 0)
      continue;
    int64_t apart_ms = intent->created_at_ms - other->created_at_ms;
    if (apart_ms >= FAKE_CARD_KEY_MEMORY_MS || -apart_ms >= FAKE_CARD_KEY_MEMORY_MS) return true;
  }
  return false;
}

/* An intent on which no money has moved and never will: it was not confirmed, and no request can
 * confirm it. It was made in a call that was answered 500, or under a key that is forgotten by now,
 * or another intent has taken its place. */
static bool is_lost_intent(const struct checker *checker, const struct fake_card_intent *intent) {
  const struct fake_card *card = &checker->world->card;
  if (intent->status != RELOAD_INTENT_REQUIRES_CONFIRMATION || intent->confirm_count > 0)
    return false;
  if (is_overtaken(checker, intent)) return true;
  for (int i = 0; i < card->key_count; i++)
    if (strcmp(card->keys[i].intent_id, intent->id) == 0) return false;
  return true;
}

/* NOFIRE-3: no intent stays chargeable without the customer knowing. */
static bool nothing_chargeable(const struct checker *checker) {
  const struct fake_card *card = &checker->world->card;
  for (int i = 0; i < card->intent_count; i++) {
    const struct fake_card_intent *intent = &card->intents[i];
    if (intent->is_checkout || intent->status == RELOAD_INTENT_SUCCEEDED ||
        intent->status == RELOAD_INTENT_CANCELED || is_lost_intent(checker, intent))
      continue;
    (void)sim_checker_violation(checker, "NOFIRE-3", "left chargeable",
                                client_of_intent(checker, intent),
                                "%s: the intent for action %s was not captured and never closed",
                                intent->client_id, intent->action_id);
    checker->violation->at_risk_minor = intent->amount_minor;
    return false;
  }
  return true;
}

static bool all_mails_sent(const struct checker *checker) {
  const struct sim_ledger *ledger = &checker->world->ledger;
  for (int i = 0; i < checker->the_case->client_count; i++) {
    int changes =
        sim_toggle_count(ledger, i) - sim_toggle_count(sim_machine_given(checker->machine), i);
    if (fake_mail_count(&checker->world->mail, sim_checker_client(checker, i)) != changes)
      return sim_checker_violation(
          checker, "TOGGLE-4", "change without mail", i, "%s: %d changes of the toggle, %d mails",
          sim_checker_client(checker, i), changes,
          fake_mail_count(&checker->world->mail, sim_checker_client(checker, i)));
  }
  return true;
}

/* MONEY-2, MONEY-5: no charge is left without an end. */
static bool all_charges_ended(const struct checker *checker) {
  const struct sim_ledger *ledger = &checker->world->ledger;
  for (int i = 0; i < ledger->charge_count; i++)
    if (ledger->charges[i].state < RELOAD_CHARGE_CAPTURED)
      return sim_checker_violation(checker, "MONEY-5", "unresolved for ever",
                                   ledger->charges[i].client, "%s: a charge never got an end",
                                   sim_checker_client(checker, ledger->charges[i].client));
  return true;
}

bool sim_invariant_rest(const struct checker *checker) {
  return all_charges_ended(checker) && nothing_chargeable(checker) && reversals_right(checker) &&
         all_mails_sent(checker);
}
