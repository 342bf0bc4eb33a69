/* What was seen, as the model reads it, and the checks that need no order: sums, money at the bank
 * against money in the ledger, mails against changes. */
#include "model_inside.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

/* Fill in the violation. Returns: false, always */
static bool set_contradiction(struct sim_violation *violation, const char *rule, int client,
                              const char *text) {
  *violation = (struct sim_violation){.rule = rule, .harm = SIM_HARM_NO_ORDER, .client = client};
  snprintf(violation->text, sizeof violation->text, "%s", text);
  return false;
}

/* ---- What has disturbed the run ---- */

static int32_t site_effects(const struct sim_site_faults *faults) {
  int32_t fault_effects = 0;
  for (int i = 0; i < faults->count && faults->policy != SIM_POLICY_NEVER; i++)
    fault_effects |= sim_behaviour_effects(faults->faults[i].behaviour);
  return fault_effects;
}

static int32_t effects_of_step(const struct sim_step *step) {
  switch (step->verb) {
    case SIM_CRASH:
    case SIM_POWER_CUT: return SIM_FAULT_EFFECT_DEATH;
    case SIM_CLOCK: return SIM_FAULT_EFFECT_TIME;
    case SIM_GATEWAY_DOWN: return SIM_FAULT_EFFECT_GATEWAY;
    default: return 0;
  }
}

static void see_surroundings(struct model *model) {
  int32_t fault_effects = model->world->fault_effects;
  for (int i = 0; i < SIM_SITE_COUNT; i++)
    fault_effects |= site_effects(&model->the_case->sites[i]);
  for (int a = 0; a < model->the_case->actor_count; a++)
    for (int s = 0; s < model->the_case->actors[a].step_count; s++) {
      const struct sim_step *step = &model->the_case->actors[a].steps[s];
      model->ids[a][s] = step->id ? (int16_t)sim_names_find(model->names, step->id) : -1;
      fault_effects |= effects_of_step(step);
    }
  model->cut_off = fault_effects & SIM_FAULT_EFFECT_GATEWAY;
  model->trouble = fault_effects & (SIM_FAULT_EFFECT_GATEWAY | SIM_FAULT_EFFECT_TIME);
  model->late = fault_effects & SIM_FAULT_EFFECT_TIME;
  model->failing = fault_effects & SIM_FAULT_EFFECT_STORE;
  model->deadly = fault_effects & SIM_FAULT_EFFECT_DEATH;
}

/* ---- The ledger ---- */

/* Rows are ordered by client, with the given ones first. */
static void see_client(struct model *model, int client) {
  const struct sim_ledger *ledger = &model->world->ledger,
                          *given = sim_machine_given(model->machine);
  struct model_client *seen = &model->clients[client];
  seen->given_tokens = given->clients[client].balance_tokens;
  int skip = 0;
  for (int i = 0; i < given->entry_count; i++) skip += given->entries[i].client == client;
  seen->given_entry_count = skip;
  for (int i = 0; i < ledger->entry_count; i++) {
    if (ledger->entries[i].client != client || skip-- > 0) continue;
    if (!seen->entries) seen->entries = &ledger->entries[i];
    seen->entry_count++;
  }
  skip = 0;
  for (int i = 0; i < given->toggle_count; i++)
    if (given->toggles[i].client == client) {
      skip++;
      seen->given_change_no = given->toggles[i].change_no;
    }
  for (int i = 0; i < ledger->toggle_count; i++) {
    if (ledger->toggles[i].client != client || skip-- > 0) continue;
    if (!seen->toggles) seen->toggles = &ledger->toggles[i];
    seen->toggle_count++;
  }
}

/* MONEY-1: the balance is the sum of the log; MONEY-3: an action is deducted once. */
static bool log_adds_up(const struct model *model, int client, struct sim_violation *violation) {
  const struct model_client *seen = &model->clients[client];
  int64_t sum = seen->given_tokens;
  for (int i = 0; i < seen->entry_count; i++) {
    const struct sim_entry_row *entry = &seen->entries[i];
    sum += entry->tokens;
    if (entry->balance_tokens != sum)
      return set_contradiction(violation, "MONEY-1", client,
                               "the balances of the log do not add up");
    for (int j = 0; j < i; j++)
      if (entry->kind == RELOAD_ENTRY_SPEND && seen->entries[j].kind == RELOAD_ENTRY_SPEND &&
          entry->action == seen->entries[j].action)
        return set_contradiction(violation, "MONEY-3", client, "an action was deducted twice");
  }
  if (model->world->ledger.clients[client].balance_tokens != sum)
    return set_contradiction(violation, "MONEY-1", client, "the balance is not the sum of the log");
  return true;
}

/* ---- The bank ---- */

/* NOFIRE-6: lost, stolen, expired, blocked as fraud. A bank that does not distinguish lost and
 * stolen says "pickup_card" or "restricted_card". */
static bool fails_for_good(const struct fake_card_intent *intent) {
  static const char *const codes[] = {"lost_card",   "stolen_card",     "expired_card",
                                      "pickup_card", "restricted_card", "fraudulent"};
  for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
    if (strcmp(intent->decline_code, codes[i]) == 0) return true;
  return false;
}

static enum model_bank bank_result(const struct fake_card_intent *intent) {
  if (intent->captured_minor > 0) return MODEL_BANK_CAPTURED;
  switch (intent->result) {
    case FAKE_CARD_RESULT_DECLINED:
      return strcmp(intent->decline_code, "authentication_required") == 0 ? MODEL_BANK_3D_SECURE
                                                                          : MODEL_BANK_DECLINED;
    case FAKE_CARD_RESULT_3D_SECURE: return MODEL_BANK_3D_SECURE;
    case FAKE_CARD_RESULT_FAILED:
    case FAKE_CARD_RESULT_PROCESSING: return MODEL_BANK_FAILED;
    case FAKE_CARD_RESULT_CAPTURED:
    case FAKE_CARD_RESULT_NONE: break;
  }
  return MODEL_BANK_NEVER;
}

static bool is_authenticated(const struct model *model, int action) {
  for (int a = 0; a < model->the_case->actor_count; a++)
    for (int s = 0; s < model->the_case->actors[a].step_count; s++)
      if (model->the_case->actors[a].steps[s].verb == SIM_AUTHENTICATE &&
          model->ids[a][s] == action)
        return true;
  return false;
}

static void see_charge(struct model *model, const struct sim_charge_row *row) {
  const struct fake_card *card = &model->world->card;
  struct model_charge *seen = &model->charges[model->charge_count++];
  *seen = (struct model_charge){.row = row, .authenticated = is_authenticated(model, row->action)};
  if (model->order) seen->ended = sim_order_ended(model->order, row->charge);
  for (int i = 0; i < card->intent_count; i++) {
    const struct fake_card_intent *intent = &card->intents[i];
    if (intent->is_checkout || row->intent == 0 || sim_text_hash(intent->id) != row->intent)
      continue;
    seen->bank = bank_result(intent);
    seen->for_good = seen->bank == MODEL_BANK_DECLINED && fails_for_good(intent);
    seen->confirm_no = intent->confirm_no;
  }
}

/* MONEY-2: a charge is captured in the ledger exactly if it is captured at the bank. FIRE-6: there
 * is one amount. */
static bool charges_agree(const struct model *model, struct sim_violation *violation) {
  for (int i = 0; i < model->charge_count; i++) {
    const struct model_charge *charge = &model->charges[i];
    if (charge->row->state < RELOAD_CHARGE_CAPTURED)
      return set_contradiction(violation, "MONEY-5", charge->row->client,
                               "a charge was never resolved");
    if ((charge->row->state == RELOAD_CHARGE_CAPTURED) != (charge->bank == MODEL_BANK_CAPTURED))
      return set_contradiction(
          violation, "MONEY-2", charge->row->client,
          "a charge is captured in the ledger or at the bank, but not in both");
    if (charge->row->top_up_tokens != model->the_case->top_up_tokens ||
        charge->row->amount_minor != model->the_case->top_up_price_minor)
      return set_contradiction(violation, "FIRE-6", charge->row->client,
                               "a charge is not the fixed top-up");
  }
  return true;
}

/* MONEY-2: the ledger knows each charge that the bank was asked for. */
static bool bank_agrees(const struct model *model, struct sim_violation *violation) {
  const struct fake_card *card = &model->world->card;
  for (int i = 0; i < card->intent_count; i++) {
    const struct fake_card_intent *intent = &card->intents[i];
    int rows = 0;
    if (intent->is_checkout || intent->confirm_no == 0) continue;
    for (int c = 0; c < model->charge_count; c++)
      rows += model->charges[c].row->intent == sim_text_hash(intent->id);
    if (rows != 1)
      return set_contradiction(violation, "MONEY-2", -1,
                               "the bank was asked for a charge that is not in the ledger");
  }
  return true;
}

/* MONEY-7: the customer keeps the fewest whole tokens that are worth what is left of the payment,
 * so far as events have told of it. The invariants compute how many tokens go back; this compares
 * those that stay, so that no mistake in one formula hides in the other. Products of larger
 * purchases could overflow; those are not judged. */
static bool keeps_what_is_paid(const struct sim_ledger *ledger,
                               const struct fake_card_intent *intent) {
  uint64_t hash = sim_text_hash(intent->id);
  int64_t bought = 0, kept = 0, captured = intent->captured_minor;
  int64_t paid = captured - intent->refund_told_minor - intent->dispute_told_minor;
  for (int i = 0; i < ledger->entry_count; i++) {
    const struct sim_entry_row *entry = &ledger->entries[i];
    if (entry->intent != hash) continue;
    kept += entry->tokens;
    if (entry->kind != RELOAD_ENTRY_REVERSAL) bought += entry->tokens;
  }
  if (captured == 0 || bought == 0 || bought > INT32_MAX) return true;
  if (kept < 0 || kept > bought) return false;
  int64_t worth = paid > 0 ? bought * paid : 0; /* both sides times `captured`: no division */
  return kept * captured >= worth && (kept == 0 || (kept - 1) * captured < worth);
}

static bool reversals_agree(const struct model *model, struct sim_violation *violation) {
  const struct fake_card *card = &model->world->card;
  for (int i = 0; i < card->intent_count; i++)
    if (!keeps_what_is_paid(&model->world->ledger, &card->intents[i]))
      return set_contradiction(violation, "MONEY-7", -1,
                               "tokens and money that went back do not agree");
  return true;
}

/* ---- Mails ---- */

/* TOGGLE-4, MAIL-3: the mails are the changes, each once, in the same order. MAIL-1: there is no
 * other mail. */
static bool mails_agree(const struct model *model, int client, struct sim_violation *violation) {
  const char *name = model->the_case->clients[client].name;
  const struct model_client *seen = &model->clients[client];
  bool agree = fake_mail_count(&model->world->mail, name) == seen->toggle_count;
  for (int n = 0; n < seen->toggle_count && agree; n++) {
    const struct fake_mail_message *mail = fake_mail_nth(&model->world->mail, name, n + 1);
    agree = mail && (mail->is_on != 0) == (seen->toggles[n].on != 0);
  }
  return agree ||
         set_contradiction(violation, "TOGGLE-4", client, "mails and changes do not agree");
}

/* ---- All of it ---- */

bool sim_model_see(const struct sim_machine *machine, const struct sim_order *order,
                   struct model *model, struct sim_violation *violation) {
  memset(model, 0, sizeof *model);
  model->machine = machine;
  model->order = order;
  model->clients_at_hand = UINT32_MAX;
  model->names = sim_machine_names(machine);
  model->the_case = model->names->the_case;
  model->world = sim_machine_world(machine);
  see_surroundings(model);
  for (int i = 0; i < model->world->ledger.charge_count; i++)
    see_charge(model, &model->world->ledger.charges[i]);
  for (int i = 0; i < model->the_case->client_count; i++) {
    see_client(model, i);
    if (!log_adds_up(model, i, violation) || !mails_agree(model, i, violation)) return false;
  }
  return charges_agree(model, violation) && bank_agrees(model, violation) &&
         reversals_agree(model, violation);
}

/* ---- Equal endings ---- */

static uint64_t mix_words(uint64_t key, const uint64_t *words, size_t size) {
  return XXH3_64bits_withSeed(words, size, key);
}

static uint64_t bank_key(const struct model *model, uint64_t key) {
  for (int i = 0; i < model->charge_count; i++) {
    const struct model_charge *seen = &model->charges[i];
    const struct sim_charge_row *row = seen->row;
    const uint64_t words[] = {row->card,
                              row->intent,
                              (uint64_t)row->cost_tokens,
                              (uint64_t)row->client << 32 | (uint16_t)row->action,
                              (uint64_t)row->fired_under_change_no,
                              (uint64_t)seen->bank << 32 | (uint64_t)seen->for_good,
                              (uint64_t)seen->confirm_no};
    key = mix_words(key, words, sizeof words);
  }
  return key;
}

uint64_t sim_model_key(const struct model *model) {
  uint64_t key = (uint64_t)model->trouble | (uint64_t)model->late << 1 |
                 (uint64_t)model->deadly << 2 | (uint64_t)model->failing << 3 |
                 (uint64_t)model->cut_off << 4;
  const struct sim_ledger *ledger = &model->world->ledger;
  for (int a = 0; a < model->the_case->actor_count; a++)
    key = XXH3_64bits_withSeed(model->world->tasks[a].answers,
                               (size_t)model->world->tasks[a].answer_count, key);
  for (int i = 0; i < ledger->entry_count; i++) {
    const struct sim_entry_row *row = &ledger->entries[i];
    const uint64_t words[] = {
        (uint64_t)row->tokens, row->reference,
        row->intent,           (uint64_t)row->client << 32 | (uint16_t)row->action,
        (uint64_t)row->kind,   (uint64_t)row->amount_minor};
    key = mix_words(key, words, sizeof words);
  }
  for (int i = 0; i < ledger->toggle_count; i++) {
    const uint64_t words[] = {(uint64_t)ledger->toggles[i].client << 1 |
                              (uint64_t)ledger->toggles[i].on};
    key = mix_words(key, words, sizeof words);
  }
  key = bank_key(model, key);
  return key ? key : 1;
}
