#include "story_lines.h"

#include "trace_words.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct telling {
  const struct sim_record *record;
  json_t *lines;
};

enum about { CARD, TOKENS, TOGGLE, MAIL, PERSON, ENGINE };

__attribute__((format(printf, 3, 4))) static void
add_sentence(const struct telling *telling, enum about about, const char *format, ...) {
  static const char *const abouts[] = {"card", "tokens", "toggle", "mail", "person", "engine"};
  va_list arguments;
  va_start(arguments, format);
  json_t *text = json_vsprintf(format, arguments);
  va_end(arguments);
  json_array_append_new(telling->lines,
                        json_pack("{s:s, s:o}", "about", abouts[about], "text", text));
}

static const char *client(const struct telling *telling, const struct sim_change *change) {
  return change->client < 0 ? "?" : telling->record->the_case->clients[change->client].name;
}

static const char *action(const struct sim_change *change) {
  return change->action_id ? change->action_id : "?";
}

struct money {
  char text[SIM_MONEY_SIZE];
};

static struct money money_text(const struct telling *telling, int64_t amount_minor) {
  struct money money = {""};
  sim_money_text(amount_minor, telling->record->the_case->currency, money.text);
  return money;
}

/* ---- The ports ---- */

/* What follows the phrase: an amount, a code, or nothing. */
static struct money act_detail(const struct telling *telling) {
  const struct sim_gateway_call *gateway = &telling->record->gateway;
  struct money detail = {""};
  if (gateway->act == SIM_BANK_OPENED) return money_text(telling, gateway->call->amount_minor);
  if (gateway->act == SIM_BANK_CAPTURED) return money_text(telling, gateway->captured_minor);
  if (gateway->act == SIM_BANK_DECLINED)
    (void)snprintf(detail.text, sizeof detail.text, "%s", gateway->decline_code);
  return detail;
}

/* The reply; and if the caller did not get it, the effect. */
static void tell_gateway(const struct telling *telling) {
  const struct sim_gateway_call *gateway = &telling->record->gateway;
  const struct fake_card_record *call = gateway->call;
  if (!call) return;
  struct money detail = act_detail(telling);
  const char *reply = sim_reply_phrase(gateway->reply), *gap = detail.text[0] ? " " : "";
  switch (gateway->reply) {
    case SIM_REPLY_ANSWERED:
      add_sentence(telling, CARD, "%s%s%s", sim_bank_act_phrase(gateway->act), gap, detail.text);
      return;
    case SIM_REPLY_REFUSED:
      add_sentence(telling, CARD, "%s: %s", reply,
                   sim_refusal_phrase(call->call, call->reply.code));
      return;
    case SIM_REPLY_REPEATED:
    case SIM_REPLY_UNEXPECTED:
      add_sentence(telling, CARD, "%s: %s", reply, sim_intent_phrase(call->reply.status));
      return;
    default:
      add_sentence(telling, CARD, "%s; %s%s%s", reply,
                   sim_bank_truth_phrase(gateway->act, call->call), gap, detail.text);
      return;
  }
}

static void tell_transport(const struct telling *telling) {
  const struct fake_mail_record *mail = telling->record->mail_call;
  if (!mail) return;
  switch (mail->outcome) {
    case RELOAD_MAIL_ACCEPTED: add_sentence(telling, MAIL, "the mail server accepts it"); return;
    case RELOAD_MAIL_REFUSED:
      add_sentence(telling, MAIL,
                   mail->was_down ? "the mail server is down" : "the mail server refuses it");
      return;
    case RELOAD_MAIL_UNKNOWN:
      add_sentence(telling, MAIL, "no reply; the mail server has %s it",
                   mail->kept ? "accepted" : "lost");
      return;
  }
}

static void tell_event(const struct telling *telling) {
  switch (telling->record->event_fate) {
    case SIM_EVENT_NOT_MET: return;
    case SIM_EVENT_ACKNOWLEDGED:
      add_sentence(telling, ENGINE, "the engine acknowledges it");
      return;
    case SIM_EVENT_TO_COME_BACK:
      add_sentence(telling, ENGINE,
                   "the engine does not acknowledge it: the gateway will send it again");
      return;
    case SIM_EVENT_HELD_BACK: add_sentence(telling, ENGINE, "it will come a day later"); return;
    case SIM_EVENT_LOST: add_sentence(telling, ENGINE, "it never comes"); return;
  }
}

/* ---- The store ---- */

static void tell_client(const struct telling *telling, const struct sim_change *change) {
  const struct sim_client_row *was = change->was.client, *is = change->is.client;
  const char *name = client(telling, change);
  if (was->auto_reload != is->auto_reload)
    add_sentence(telling, TOGGLE, "Auto Reload of %s: %s", name,
                 is->auto_reload ? "off -> on" : "on -> off");
  if (was->plan != is->plan)
    add_sentence(telling, ENGINE, "plan of %s: %s -> %s", name,
                 sim_plan_word((enum sim_plan)was->plan), sim_plan_word((enum sim_plan)is->plan));
  if (was->card != is->card || was->card_no != is->card_no)
    add_sentence(telling, CARD, "card of %s: %s%s", name, is->card ? "now " : "removed",
                 change->card_id ? change->card_id : "");
  if (!was->card_dead && is->card_dead)
    add_sentence(telling, CARD, "card of %s: dead, not to be tried again", name);
}

static void tell_charge_row(const struct telling *telling, const struct sim_change *change) {
  const struct sim_charge_row *was = change->was.charge, *is = change->is.charge;
  const char *name = client(telling, change);
  const char *old = was ? sim_charge_state_word((enum reload_charge_state)was->state) : "new";
  const char *new = is ? sim_charge_state_word((enum reload_charge_state)is->state) : "gone";
  if (was && is && was->state == is->state) return;
  add_sentence(telling, CARD, "charge of %s for %s: %s%s%s", name, action(change), old,
               was ? " -> " : ", ", new);
}

static void tell_log_entry(const struct telling *telling, const struct sim_change *change) {
  const struct sim_entry_row *row = change->any.entry;
  const char *cause = change->action_id;
  add_sentence(telling, TOKENS, "credit log of %s: %s%s %+" PRId64 ", balance %" PRId64 "%s%s",
               client(telling, change),
               !change->is.entry   ? "gone: "
               : change->was.entry ? "rewritten: "
                                   : "",
               sim_entry_phrase((enum reload_entry_kind)row->kind), row->tokens,
               row->balance_tokens, cause ? ", for " : "", cause ? cause : "");
}

/* A new change is reported with its client. */
static void tell_toggle(const struct telling *telling, const struct sim_change *change) {
  const struct sim_toggle_row *was = change->was.toggle, *is = change->is.toggle;
  if (!is)
    add_sentence(telling, TOGGLE, "change %d of the toggle of %s: gone", was->change_no,
                 client(telling, change));
  else if (was && is->delivered_at_ms)
    add_sentence(telling, MAIL, "mail about change %d of the toggle of %s: recorded as delivered",
                 is->change_no, client(telling, change));
}

static void tell_dead_card(const struct telling *telling, const struct sim_change *change) {
  const char *card = change->card_id ? change->card_id : "?";
  add_sentence(telling, CARD,
               change->is.row ? "card %s: failed for good" : "card %s: no longer dead", card);
}

/* ---- The gateway and the mailbox ---- */

static bool newly_declined(const struct fake_card_intent *was, const struct fake_card_intent *is) {
  return is->decline_code[0] && (!was || strcmp(was->decline_code, is->decline_code) != 0);
}

static void tell_status(const struct telling *telling, const struct sim_change *change) {
  const struct fake_card_intent *was = change->was.intent, *is = change->is.intent;
  bool declined = newly_declined(was, is);
  if (was && was->status == is->status && !declined && !change->captured_minor) return;
  const char *old = was ? sim_intent_phrase(was->status) : "new";
  add_sentence(telling, CARD, "bank, intent for %s: %s%s%s%s%s%s%s", action(change), old,
               was ? " -> " : ", ", sim_intent_phrase(is->status),
               !declined                               ? ""
               : is->result == FAKE_CARD_RESULT_FAILED ? ", failed: "
                                                       : ", declined: ",
               declined ? is->decline_code : "", change->captured_minor ? ", captured " : "",
               change->captured_minor ? money_text(telling, change->captured_minor).text : "");
}

static void tell_intent(const struct telling *telling, const struct sim_change *change) {
  const struct fake_card_intent *was = change->was.intent, *is = change->is.intent;
  if (!is) {
    add_sentence(telling, CARD, "bank, intent for %s: gone", action(change));
    return;
  }
  tell_status(telling, change);
  if (change->refunded_minor)
    add_sentence(telling, CARD, "bank: %s refunded for %s, %s in all",
                 money_text(telling, change->refunded_minor).text, action(change),
                 money_text(telling, is->refunded_minor).text);
  if (was && was->refund_failed_minor != is->refund_failed_minor)
    add_sentence(telling, CARD, "bank: a refund of %s for %s has failed",
                 money_text(telling, is->refund_failed_minor - was->refund_failed_minor).text,
                 action(change));
  if (was && was->dispute != is->dispute)
    add_sentence(telling, CARD, "bank: dispute over %s %s", action(change),
                 sim_dispute_phrase(is->dispute));
}

static void tell_message(const struct telling *telling, const struct sim_change *change) {
  const struct fake_mail_message *any = change->any.message;
  add_sentence(telling, MAIL, "mailbox of %s: %s\"Auto Reload %s\"", any->client_id,
               !change->is.message   ? "gone: "
               : change->was.message ? "another copy of "
                                     : "",
               any->is_on ? "enabled" : "disabled");
}

static void tell_change(const struct telling *telling, const struct sim_change *change) {
  switch (change->table) {
    case SIM_TABLE_CLIENTS: tell_client(telling, change); return;
    case SIM_TABLE_CHARGES: tell_charge_row(telling, change); return;
    case SIM_TABLE_ENTRIES: tell_log_entry(telling, change); return;
    case SIM_TABLE_TOGGLES: tell_toggle(telling, change); return;
    case SIM_TABLE_DEAD_CARDS: tell_dead_card(telling, change); return;
    case SIM_TABLE_INTENTS: tell_intent(telling, change); return;
    case SIM_TABLE_MESSAGES: tell_message(telling, change); return;
    case SIM_TABLE_COUNT: return;
  }
}

/* ---- People ---- */

/* "; ways out: buy a pack, update the card", or "" */
static void put_ways_out(uint32_t ways_out, char *text, size_t size) {
  const char *between = "; ways out: ";
  size_t used = 0;
  text[0] = '\0';
  for (int bit = 0; sim_way_out_word(bit) && used < size; bit++) {
    if (!(ways_out & 1u << bit)) continue;
    int more = snprintf(text + used, size - used, "%s%s", between, sim_way_out_phrase(bit));
    used += more > 0 ? (size_t)more : 0;
    between = ", ";
  }
}

/* What follows the answer: "(lost_card); balance 5, 5 missing; ways out: ..." */
static void tell_verdict(const struct telling *telling, const char *actor, const char *answer) {
  const struct reload_verdict *verdict = telling->record->verdict;
  char ways_out[160], missing[40] = "";
  put_ways_out(verdict->ways_out, ways_out, sizeof ways_out);
  if (verdict->missing_tokens)
    (void)snprintf(missing, sizeof missing, ", %" PRId64 " missing", verdict->missing_tokens);
  add_sentence(telling, PERSON, "%s is told: %s%s%s%s; balance %" PRId64 "%s%s", actor, answer,
               verdict->decline_code[0] ? " (" : "", verdict->decline_code,
               verdict->decline_code[0] ? ")" : "", verdict->balance_tokens, missing, ways_out);
}

static void tell_people(const struct telling *telling) {
  const struct sim_record *record = telling->record;
  for (int i = 0; i < record->reported_count; i++) {
    const struct sim_reported *reported = &record->reported[i];
    const char *actor = record->the_case->actors[reported->actor].name;
    const char *answer = sim_answer_word(reported->answer);
    if (reported->answer == SIM_ANSWER_NONE) continue;
    if (reported->actor == record->actor && record->verdict)
      tell_verdict(telling, actor, answer);
    else
      add_sentence(telling, PERSON, "%s is told: %s", actor, answer);
  }
}

json_t *sim_story_lines(const struct sim_record *record) {
  struct telling telling = {.record = record, .lines = json_array()};
  char inside[SIM_STEP_FAULT_SIZE];
  if (!telling.lines) return NULL;
  tell_gateway(&telling);
  tell_transport(&telling);
  tell_event(&telling);
  for (int i = 0; i < record->change_count; i++) tell_change(&telling, &record->changes[i]);
  tell_people(&telling);
  sim_effect_step_fault(record->effect, inside);
  if (inside[0]) add_sentence(&telling, ENGINE, "at %s", inside);
  if (record->effect->tried_again)
    add_sentence(&telling, ENGINE, "the host tries the same step again");
  if (record->effect->message.text[0])
    add_sentence(&telling, ENGINE, "the engine says: %s", record->effect->message.text);
  return telling.lines;
}
