/* Making a record: the worlds before and after the step are compared row by row. */
#include "record.h"

#include "trace_words.h"

#include <string.h>

/* ---- Names ---- */

static const char *action_name(const struct sim_names *names, int action) {
  return action >= 0 ? names->ids[action] : NULL;
}

static int find_client_of(const struct sim_case *the_case, const char *name) {
  for (int i = 0; i < the_case->client_count; i++)
    if (strcmp(the_case->clients[i].name, name) == 0) return i;
  return -1;
}

static bool is_card(const char *card, uint64_t hash) { return card && sim_text_hash(card) == hash; }

/* The store's rows have hashes of card ids. Every card id comes from the case. */
static const char *card_name(const struct sim_case *the_case, uint64_t hash) {
  for (int i = 0; i < the_case->client_count; i++)
    if (is_card(the_case->clients[i].card, hash)) return the_case->clients[i].card;
  for (int a = 0; a < the_case->actor_count; a++)
    for (int s = 0; s < the_case->actors[a].step_count; s++)
      if (is_card(the_case->actors[a].steps[s].card, hash))
        return the_case->actors[a].steps[s].card;
  return NULL;
}

/* ---- Tables: which rows are the same, and which of these have changed ---- */

static bool same_charge(const void *a, const void *b) {
  return ((const struct sim_charge_row *)a)->charge == ((const struct sim_charge_row *)b)->charge;
}

/* A new time of the next try is no change. */
static bool charge_changed(const void *a, const void *b) {
  const struct sim_charge_row *was = a, *is = b;
  return was->state != is->state || was->decline != is->decline || was->intent != is->intent;
}

static bool same_entry(const void *a, const void *b) {
  const struct sim_entry_row *x = a, *y = b;
  return x->client == y->client && x->entry_no == y->entry_no;
}

static bool entry_changed(const void *a, const void *b) {
  return memcmp(a, b, sizeof(struct sim_entry_row)) != 0;
}

static bool same_toggle(const void *a, const void *b) {
  const struct sim_toggle_row *x = a, *y = b;
  return x->client == y->client && x->change_no == y->change_no;
}

static bool toggle_changed(const void *a, const void *b) {
  const struct sim_toggle_row *was = a, *is = b;
  return was->delivered_at_ms != is->delivered_at_ms || was->on != is->on;
}

static bool same_dead_card(const void *a, const void *b) {
  return ((const struct sim_dead_card_row *)a)->card == ((const struct sim_dead_card_row *)b)->card;
}

static bool never_changed(const void *a, const void *b) {
  (void)a;
  (void)b;
  return false;
}

static bool same_intent(const void *a, const void *b) {
  return strcmp(((const struct fake_card_intent *)a)->id,
                ((const struct fake_card_intent *)b)->id) == 0;
}

static bool intent_changed(const void *a, const void *b) {
  const struct fake_card_intent *was = a, *is = b;
  return was->status != is->status || was->result != is->result ||
         was->captured_minor != is->captured_minor || was->refunded_minor != is->refunded_minor ||
         was->refund_failed_minor != is->refund_failed_minor || was->dispute != is->dispute ||
         strcmp(was->decline_code, is->decline_code) != 0;
}

static bool same_message(const void *a, const void *b) {
  const struct fake_mail_message *x = a, *y = b;
  return strcmp(x->message_id, y->message_id) == 0;
}

static bool message_changed(const void *a, const void *b) {
  const struct fake_mail_message *was = a, *is = b;
  return was->copy_count != is->copy_count;
}

/* The rows of a table before and after. */
struct rows {
  enum sim_table table;
  size_t size;
  const void *was, *is;
  int was_count, is_count;
  bool (*same)(const void *a, const void *b);
  bool (*changed)(const void *was, const void *is);
};

static const void *find_row(const struct rows *rows, const char *among, int count,
                            const void *row) {
  for (int i = 0; i < count; i++)
    if (rows->same(among + (size_t)i * rows->size, row)) return among + (size_t)i * rows->size;
  return NULL;
}

/* ---- Changes ---- */

static void describe_intent(struct sim_change *change, const struct sim_case *the_case) {
  const struct fake_card_intent *was = change->was.intent, *is = change->is.intent;
  change->client = find_client_of(the_case, change->any.intent->client_id);
  change->action_id = change->any.intent->action_id;
  if (!is) return;
  change->captured_minor = is->captured_minor - (was ? was->captured_minor : 0);
  change->refunded_minor = is->refunded_minor - (was ? was->refunded_minor : 0);
}

/* The names of the row's client, action and card. */
static void describe_row(struct sim_change *change, const struct sim_names *names) {
  const union sim_row any = change->any;
  switch (change->table) {
    case SIM_TABLE_CHARGES:
      change->client = any.charge->client;
      change->action_id = action_name(names, any.charge->action);
      return;
    case SIM_TABLE_ENTRIES:
      change->client = any.entry->client;
      change->action_id = action_name(names, any.entry->action);
      return;
    case SIM_TABLE_TOGGLES: change->client = any.toggle->client; return;
    case SIM_TABLE_DEAD_CARDS:
      change->card_id = card_name(names->the_case, any.dead_card->card);
      return;
    case SIM_TABLE_INTENTS: describe_intent(change, names->the_case); return;
    case SIM_TABLE_MESSAGES:
      change->client = find_client_of(names->the_case, any.message->client_id);
      return;
    case SIM_TABLE_CLIENTS:
    case SIM_TABLE_COUNT: return;
  }
}

static void add_change(struct sim_record *record, const struct sim_names *names,
                       enum sim_table table, const void *was, const void *is) {
  if (record->change_count == SIM_RECORD_MAX_CHANGES)
    return; /* cannot happen: see SIM_RECORD_MAX_CHANGES */
  struct sim_change *change = &record->changes[record->change_count++];
  *change = (struct sim_change){
      .table = table, .client = -1, .was.row = was, .is.row = is, .any.row = is ? is : was};
  describe_row(change, names);
}

static void compare_clients(struct sim_record *record, const struct sim_names *names,
                            const struct sim_ledger *was, const struct sim_ledger *is) {
  for (int i = 0; i < names->the_case->client_count; i++) {
    const struct sim_client_row *old = &was->clients[i], *new = &is->clients[i];
    if (memcmp(old, new, sizeof *old) == 0) continue;
    add_change(record, names, SIM_TABLE_CLIENTS, old, new);
    struct sim_change *change = &record->changes[record->change_count - 1];
    change->client = i;
    if (new->card) change->card_id = card_name(names->the_case, new->card);
  }
}

static void compare_rows(struct sim_record *record, const struct sim_names *names,
                         const struct rows *rows) {
  const char *was = rows->was, *is = rows->is;
  for (int i = 0; i < rows->was_count; i++) {
    const void *old = was + (size_t)i * rows->size;
    if (!find_row(rows, is, rows->is_count, old)) add_change(record, names, rows->table, old, NULL);
  }
  for (int i = 0; i < rows->is_count; i++) {
    const void *new = is + (size_t)i * rows->size, *old = find_row(rows, was, rows->was_count, new);
    if (!old || rows->changed(old, new)) add_change(record, names, rows->table, old, new);
  }
}

static void compare_tables(struct sim_record *record, const struct sim_names *names,
                           const struct sim_world *was, const struct sim_world *is) {
  const struct sim_ledger *old = &was->ledger, *new = &is->ledger;
  const struct rows tables[] = {
      {SIM_TABLE_CHARGES, sizeof *old->charges, old->charges, new->charges, old->charge_count,
       new->charge_count, same_charge, charge_changed},
      {SIM_TABLE_ENTRIES, sizeof *old->entries, old->entries, new->entries, old->entry_count,
       new->entry_count, same_entry, entry_changed},
      {SIM_TABLE_TOGGLES, sizeof *old->toggles, old->toggles, new->toggles, old->toggle_count,
       new->toggle_count, same_toggle, toggle_changed},
      {SIM_TABLE_DEAD_CARDS, sizeof *old->dead_cards, old->dead_cards, new->dead_cards,
       old->dead_card_count, new->dead_card_count, same_dead_card, never_changed},
      {SIM_TABLE_INTENTS, sizeof *was->card.intents, was->card.intents, is->card.intents,
       was->card.intent_count, is->card.intent_count, same_intent, intent_changed},
      {SIM_TABLE_MESSAGES, sizeof *was->mail.messages, was->mail.messages, is->mail.messages,
       was->mail.message_count, is->mail.message_count, same_message, message_changed}};
  record->change_count = 0;
  compare_clients(record, names, old, new);
  for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
    compare_rows(record, names, &tables[i]);
}

/* ---- Who did what ---- */

static enum sim_who who_of(const struct sim_effect *effect, const struct sim_world *is) {
  if (!effect->is_background) return SIM_WHO_ACTOR;
  if (effect->task > SIM_BACKGROUND) return SIM_WHO_WORLD;
  return effect->time_passed && !is->at_rest ? SIM_WHO_CLOCK : SIM_WHO_BACKGROUND;
}

static enum sim_act act_of(const struct sim_effect *effect) {
  switch (effect->task) {
    case SIM_WORLD_POWER_CUT: return SIM_ACT_POWER_FAILS;
    case SIM_WORLD_CLOCK_FORWARD: return SIM_ACT_CLOCK_FORWARD;
    case SIM_WORLD_CLOCK_BACK: return SIM_ACT_CLOCK_BACK;
    case SIM_WORLD_GATEWAY_DOWN: return SIM_ACT_GATEWAY_DOWN;
    case SIM_WORLD_EVENT: return SIM_ACT_EARLY_EVENT;
    default: break;
  }
  if (effect->task >= SIM_WORLD_CRASH) return SIM_ACT_PROCESS_DIES;
  if (effect->event_fate != SIM_EVENT_NOT_MET) return SIM_ACT_EVENT;
  int act = sim_act_named(effect->call);
  return act >= 0 ? (enum sim_act)act : SIM_ACT_WORLD;
}

static void note_actor(struct sim_record *record, const struct sim_world *was,
                       const struct sim_world *is) {
  int actor = record->effect->task;
  const struct sim_task *task = &was->tasks[actor];
  record->actor = actor;
  record->step = &record->the_case->actors[actor].steps[task->step];
  record->begins = task->state == SIM_TASK_IDLE;
  record->waits = is->tasks[actor].state == SIM_TASK_WAITING;
}

/* The death of a process also ends the steps of other actors. */
static void note_reported(struct sim_record *record, const struct sim_world *was,
                          const struct sim_world *is) {
  const int room = sizeof record->reported / sizeof record->reported[0];
  record->reported_count = 0;
  for (int a = 0; a < record->the_case->actor_count; a++)
    for (int i = was->tasks[a].answer_count; i < is->tasks[a].answer_count; i++)
      if (record->reported_count < room)
        record->reported[record->reported_count++] =
            (struct sim_reported){.actor = a, .answer = (enum sim_answer)is->tasks[a].answers[i]};
}

static bool has_verdict(const struct sim_effect *effect) {
  return !effect->is_background && effect->verb == SIM_SUBMIT && effect->step_ended &&
         (effect->answer == SIM_ANSWER_DONE ||
          (effect->answer >= SIM_ANSWER_REFUSED && effect->answer <= SIM_ANSWER_REFUSED_LAST));
}

/* ---- The ports ---- */

static enum sim_reply reply_of(const struct fake_card_record *call) {
  if (call->was_down) return SIM_REPLY_DOWN;
  switch (call->behaviour) {
    case FAKE_CARD_NOT_REACHED: return SIM_REPLY_NOT_REACHED;
    case FAKE_CARD_429: return SIM_REPLY_429;
    case FAKE_CARD_409: return SIM_REPLY_409;
    case FAKE_CARD_TIMEOUT_BEFORE:
    case FAKE_CARD_TIMEOUT_AFTER: return SIM_REPLY_LOST;
    default: break;
  }
  if (call->reply.outcome == RELOAD_CARD_REJECTED) return SIM_REPLY_REFUSED;
  if (call->reply.outcome != RELOAD_CARD_ANSWERED) return SIM_REPLY_500;
  if (call->replayed) return SIM_REPLY_REPEATED;
  return strcmp(call->reply.code, "payment_intent_unexpected_state") == 0 ? SIM_REPLY_UNEXPECTED
                                                                          : SIM_REPLY_ANSWERED;
}

static enum sim_bank_act confirmed_act(enum fake_card_result result) {
  switch (result) {
    case FAKE_CARD_RESULT_CAPTURED: return SIM_BANK_CAPTURED;
    case FAKE_CARD_RESULT_DECLINED: return SIM_BANK_DECLINED;
    case FAKE_CARD_RESULT_3D_SECURE: return SIM_BANK_3D_SECURE;
    case FAKE_CARD_RESULT_PROCESSING: return SIM_BANK_PROCESSING;
    case FAKE_CARD_RESULT_NONE:
    case FAKE_CARD_RESULT_FAILED: break;
  }
  return SIM_BANK_NOTHING;
}

/* What the call did at the bank, whatever the reply was. Events that fall due at the same time are
 * not effects of the call: they change only intents that cannot be confirmed, and cancel none. */
static enum sim_bank_act bank_act(enum fake_card_call call, const struct fake_card_intent *was,
                                  const struct fake_card_intent *is) {
  if (!is) return SIM_BANK_NOTHING;
  if (!was) return SIM_BANK_OPENED;
  if (call == FAKE_CARD_CONFIRM && was->status == RELOAD_INTENT_REQUIRES_CONFIRMATION)
    return confirmed_act(is->result);
  bool canceled = is->status == RELOAD_INTENT_CANCELED && was->status != RELOAD_INTENT_CANCELED;
  return call == FAKE_CARD_CANCEL && canceled ? SIM_BANK_CANCELED : SIM_BANK_NOTHING;
}

static void note_gateway(struct sim_record *record, const struct sim_world *was,
                         const struct sim_world *is) {
  const struct fake_card_record *call = record->effect->card_call;
  record->gateway = (struct sim_gateway_call){.call = call};
  if (!call) return;
  const struct fake_card_intent *intent = fake_card_find_intent(&is->card, call->intent_id);
  record->gateway.reply = reply_of(call);
  record->gateway.act =
      bank_act(call->call, fake_card_find_intent(&was->card, call->intent_id), intent);
  if (record->gateway.act == SIM_BANK_CAPTURED)
    record->gateway.captured_minor = intent->captured_minor;
  if (record->gateway.act == SIM_BANK_DECLINED) record->gateway.decline_code = intent->decline_code;
}

static void note_event(struct sim_record *record, const struct sim_world *was) {
  record->event_fate = record->effect->event_fate;
  record->event = NULL;
  record->event_intent = NULL;
  if (record->event_fate == SIM_EVENT_NOT_MET) return;
  record->event = &was->card.events[record->effect->event];
  record->event_intent = &was->card.intents[record->event->intent_index];
}

void sim_record_make(const struct sim_machine *machine, const struct sim_world *before,
                     const struct sim_effect *effect, struct sim_record *record) {
  const struct sim_world *after = sim_machine_world(machine);
  const struct sim_names *names = sim_machine_names(machine);
  record->the_case = names->the_case;
  record->effect = effect;
  record->before_ms = before->clock.now_ms;
  record->after_ms = after->clock.now_ms;
  record->who = who_of(effect, after);
  record->act = act_of(effect);
  record->process = record->act == SIM_ACT_PROCESS_DIES ? effect->task - SIM_WORLD_CRASH : -1;
  record->actor = -1;
  record->step = NULL;
  record->begins = record->waits = false;
  if (record->who == SIM_WHO_ACTOR) note_actor(record, before, after);
  note_gateway(record, before, after);
  record->mail_call = effect->mail_call;
  note_event(record, before);
  compare_tables(record, names, before, after);
  note_reported(record, before, after);
  record->verdict = has_verdict(effect) ? &effect->verdict : NULL;
}

/* An outage is reported once, not each time a job meets it. */
static bool called_somebody(const struct sim_record *record) {
  const struct sim_gateway_call *gateway = &record->gateway;
  return (gateway->call && gateway->reply != SIM_REPLY_DOWN) ||
         (record->mail_call && !record->mail_call->was_down);
}

bool sim_record_is_idle(const struct sim_record *record) {
  return record->who != SIM_WHO_ACTOR && !record->effect->injected && record->change_count == 0 &&
         record->reported_count == 0 && !called_somebody(record) &&
         !record->effect->message.text[0] &&
         (record->event_fate == SIM_EVENT_NOT_MET || record->event_fate == SIM_EVENT_ACKNOWLEDGED);
}
