/* Records as JSON, for run.json. */
#include "record.h"

#include "trace_words.h"
#include "words.h"

/* ---- Members that may be absent ---- */

/* When memory runs out the value is left out, as everywhere in run.json. */
static void put_member(json_t *object, const char *key, json_t *value) {
  json_object_set_new(object, key, value);
}

static void put_text_member(json_t *object, const char *key, const char *text) {
  if (text && text[0]) put_member(object, key, json_string(text));
}

static void put_number_member(json_t *object, const char *key, int64_t number) {
  put_member(object, key, json_integer(number));
}

static void set_true(json_t *object, const char *key, bool is_so) {
  if (is_so) put_member(object, key, json_true());
}

static void set_list(json_t *object, const char *key, json_t *list) {
  if (json_array_size(list) > 0)
    put_member(object, key, list);
  else
    json_decref(list);
}

/* A column that has changed. */
static void set_was(json_t *object, const char *key, json_t *was, json_t *is) {
  if (!json_equal(was, is)) put_member(object, key, json_pack("{s:O, s:O}", "was", was, "is", is));
  json_decref(was);
  json_decref(is);
}

/* ---- The step ---- */

static const char *client_name(const struct sim_record *record, int client) {
  return client >= 0 ? record->the_case->clients[client].name : NULL;
}

static json_t *scenario_step_json(const struct sim_record *record) {
  const struct sim_step *step = record->step;
  json_t *json = json_object();
  put_text_member(json, "verb", sim_verb_words.list[step->verb]);
  put_text_member(json, "client", client_name(record, step->client));
  put_text_member(json, "id", step->id);
  put_text_member(json, "card", step->card);
  put_text_member(json, "kind", step->kind);
  if (step->amount) put_number_member(json, "amount", step->amount);
  if (step->price_minor) put_number_member(json, "price_minor", step->price_minor);
  if (step->duration_ms) put_number_member(json, "duration_ms", step->duration_ms);
  if (step->verb == SIM_SET_PLAN || step->verb == SIM_CHANGE_PLAN)
    put_text_member(json, "plan", sim_plan_word(step->plan));
  if (step->verb == SIM_DELIVER_EVENTS)
    put_text_member(json, "order", sim_event_words.list[step->event_order]);
  if (step->verb == SIM_DISPUTE) put_member(json, "won", json_boolean(step->dispute_won));
  if (record->the_case->process_count > 1 || step->verb == SIM_CRASH)
    put_text_member(json, "process", record->the_case->processes[step->process]);
  return json;
}

/* ---- The ports ---- */

static json_t *gateway_json(const struct sim_gateway_call *gateway) {
  const struct fake_card_record *call = gateway->call;
  const struct reload_card_reply *reply = &call->reply;
  json_t *json = json_object();
  put_text_member(json, "call", sim_card_call_word(call->call));
  put_text_member(json, "key", call->key);
  put_text_member(json, "intent", call->intent_id);
  if (call->call == FAKE_CARD_CREATE) {
    put_text_member(json, "card", call->card_id);
    put_text_member(json, "client", call->client_id);
    put_text_member(json, "action", call->action_id);
    put_number_member(json, "amount_minor", call->amount_minor);
  }
  put_text_member(json, "outcome", sim_card_outcome_word(reply->outcome));
  if (reply->outcome == RELOAD_CARD_ANSWERED)
    put_text_member(json, "status", sim_intent_status_word(reply->status));
  put_text_member(json, "code", reply->code);
  put_text_member(json, "decline_code", reply->decline_code);
  set_true(json, "replayed", call->replayed);
  put_text_member(json, "reply", sim_reply_word(gateway->reply));
  put_text_member(json, "bank", sim_bank_act_word(gateway->act));
  put_text_member(json, "bank_decline_code", gateway->decline_code);
  if (gateway->captured_minor) put_number_member(json, "captured_minor", gateway->captured_minor);
  return json;
}

static const char *state_word(bool is_on) { return is_on ? "enabled" : "disabled"; }

static json_t *mail_json(const struct fake_mail_record *mail) {
  json_t *json = json_object();
  put_text_member(json, "message_id", mail->message_id);
  put_text_member(json, "to", mail->to);
  put_text_member(json, "client", mail->client_id);
  put_text_member(json, "state", state_word(mail->is_on));
  put_text_member(json, "outcome", sim_mail_outcome_word(mail->outcome));
  put_member(json, "kept", json_boolean(mail->kept));
  return json;
}

static json_t *event_json(const struct sim_record *record) {
  json_t *json = json_object();
  put_text_member(json, "type", fake_card_event_type(record->event->kind));
  put_text_member(json, "intent", record->event_intent->id);
  put_text_member(json, "action", record->event_intent->action_id);
  put_number_member(json, "amount_minor", record->event->amount_minor);
  put_text_member(json, "fate", sim_event_fate_word(record->event_fate));
  return json;
}

/* ---- Rows ---- */

static void set_client_row(json_t *json, const struct sim_change *change) {
  const struct sim_client_row *was = change->was.client, *is = change->is.client;
  set_was(json, "balance", json_integer(was->balance_tokens), json_integer(is->balance_tokens));
  set_was(json, "plan", json_string(sim_plan_word((enum sim_plan)was->plan)),
          json_string(sim_plan_word((enum sim_plan)is->plan)));
  set_was(json, "auto_reload", json_string(was->auto_reload ? "on" : "off"),
          json_string(is->auto_reload ? "on" : "off"));
  set_was(json, "card_no", json_integer(was->card_no), json_integer(is->card_no));
  set_was(json, "card_dead", json_boolean(was->card_dead), json_boolean(is->card_dead));
  if (was->card != is->card)
    put_member(json, "card", change->card_id ? json_string(change->card_id) : json_null());
}

static void set_charge_row(json_t *json, const struct sim_change *change) {
  const struct sim_charge_row *was = change->was.charge, *is = change->is.charge;
  if (was)
    put_text_member(json, "was", sim_charge_state_word((enum reload_charge_state)was->state));
  if (is) put_text_member(json, "is", sim_charge_state_word((enum reload_charge_state)is->state));
  put_number_member(json, "amount_minor", change->any.charge->amount_minor);
  put_number_member(json, "top_up_tokens", change->any.charge->top_up_tokens);
}

static void set_entry_row(json_t *json, const struct sim_change *change) {
  const struct sim_entry_row *any = change->any.entry;
  put_number_member(json, "entry_no", any->entry_no);
  put_text_member(json, "kind", sim_entry_kind_word((enum reload_entry_kind)any->kind));
  put_number_member(json, "tokens", any->tokens);
  put_number_member(json, "balance", any->balance_tokens);
  if (any->amount_minor) put_number_member(json, "amount_minor", any->amount_minor);
}

static void set_toggle_row(json_t *json, const struct sim_change *change) {
  const struct sim_toggle_row *any = change->any.toggle;
  put_number_member(json, "change_no", any->change_no);
  put_text_member(json, "state", state_word(any->on));
  put_member(json, "delivered", json_boolean(any->delivered_at_ms != 0));
}

static void set_intent_row(json_t *json, const struct sim_change *change) {
  const struct fake_card_intent *was = change->was.intent, *is = change->is.intent;
  const struct fake_card_intent *any = change->any.intent;
  put_text_member(json, "intent", any->id);
  if (was) put_text_member(json, "was", sim_intent_status_word(was->status));
  if (is) put_text_member(json, "is", sim_intent_status_word(is->status));
  put_number_member(json, "amount_minor", any->amount_minor);
  if (change->captured_minor) put_number_member(json, "captured_minor", change->captured_minor);
  if (change->refunded_minor) put_number_member(json, "refunded_minor", change->refunded_minor);
  if (any->dispute) put_text_member(json, "dispute", sim_dispute_word(any->dispute));
  put_text_member(json, "decline_code", any->decline_code);
}

static void set_message_row(json_t *json, const struct sim_change *change) {
  const struct fake_mail_message *any = change->any.message;
  put_text_member(json, "message_id", any->message_id);
  put_text_member(json, "to", any->to);
  put_text_member(json, "state", state_word(any->is_on));
  put_number_member(json, "copies", any->copy_count);
}

static void set_columns(json_t *json, const struct sim_change *change) {
  switch (change->table) {
    case SIM_TABLE_CLIENTS: set_client_row(json, change); return;
    case SIM_TABLE_CHARGES: set_charge_row(json, change); return;
    case SIM_TABLE_ENTRIES: set_entry_row(json, change); return;
    case SIM_TABLE_TOGGLES: set_toggle_row(json, change); return;
    case SIM_TABLE_DEAD_CARDS: put_text_member(json, "card", change->card_id); return;
    case SIM_TABLE_INTENTS: set_intent_row(json, change); return;
    case SIM_TABLE_MESSAGES: set_message_row(json, change); return;
    case SIM_TABLE_COUNT: return;
  }
}

static json_t *change_json(const struct sim_record *record, const struct sim_change *change) {
  json_t *json = json_object();
  put_text_member(json, "table", sim_table_word(change->table));
  put_text_member(json, "row", !change->was.row ? "came" : !change->is.row ? "went" : "changed");
  put_text_member(json, "client", client_name(record, change->client));
  put_text_member(json, "action", change->action_id);
  set_columns(json, change);
  return json;
}

/* ---- What was reported ---- */

static void set_verdict(json_t *json, const struct reload_verdict *verdict) {
  json_t *ways_out = json_array();
  for (int bit = 0; sim_way_out_word(bit); bit++)
    if (verdict->ways_out & 1u << bit)
      json_array_append_new(ways_out, json_string(sim_way_out_word(bit)));
  put_number_member(json, "balance", verdict->balance_tokens);
  put_number_member(json, "missing", verdict->missing_tokens);
  put_member(json, "reloaded", json_boolean(verdict->reloaded));
  put_member(json, "note", json_boolean(verdict->note));
  put_member(json, "ways_out", ways_out);
  put_text_member(json, "decline_code", verdict->decline_code);
}

static json_t *reported_json(const struct sim_record *record, const struct sim_reported *reported) {
  json_t *json = json_object();
  put_text_member(json, "actor", record->the_case->actors[reported->actor].name);
  put_text_member(json, "answer", sim_answer_word(reported->answer));
  if (reported->actor == record->actor && record->verdict) set_verdict(json, record->verdict);
  return json;
}

/* ---- The whole record ---- */

static void set_faults(json_t *json, const struct sim_effect *effect) {
  if (effect->fault)
    put_member(json, "fault",
               json_pack("{s:s, s:s, s:b}", "site", effect->fault_site, "text", effect->fault->text,
                         "injected", effect->injected));
  if (effect->step_fault)
    put_member(json, "inside",
               json_pack("{s:s, s:i, s:s}", "site", effect->step_site, "nth", effect->step_nth,
                         "kind", sim_step_fault_word(effect->step_fault)));
  set_true(json, "injected", effect->injected);
  set_true(json, "again", effect->tried_again);
  put_text_member(json, "message", effect->message.text);
}

static void set_lists(json_t *json, const struct sim_record *record) {
  json_t *changes = json_array(), *reported = json_array();
  for (int i = 0; i < record->change_count; i++)
    json_array_append_new(changes, change_json(record, &record->changes[i]));
  for (int i = 0; i < record->reported_count; i++)
    json_array_append_new(reported, reported_json(record, &record->reported[i]));
  set_list(json, "changes", changes);
  set_list(json, "reported", reported);
}

json_t *sim_record_json(const struct sim_record *record) {
  json_t *json = json_object();
  if (!json) return NULL;
  put_text_member(json, "by", sim_who_word(record->who));
  if (record->step) put_member(json, "step", scenario_step_json(record));
  put_text_member(json, "act", sim_act_word(record->act));
  set_true(json, "begins", record->begins);
  set_true(json, "waits", record->waits);
  if (record->process >= 0)
    put_text_member(json, "process", record->the_case->processes[record->process]);
  if (record->after_ms != record->before_ms)
    put_number_member(json, "passed_ms", record->after_ms - record->before_ms);
  if (record->gateway.call) put_member(json, "gateway", gateway_json(&record->gateway));
  if (record->mail_call) put_member(json, "mail", mail_json(record->mail_call));
  if (record->event) put_member(json, "event", event_json(record));
  set_lists(json, record);
  set_faults(json, record->effect);
  return json;
}
