/* See probes.h. Each function looks at a step from one side. */
#include "probes.h"

#include <string.h>

enum { DAY_MS = 24 * 3600 * 1000 };

struct observed {
  struct sim_probes *probes;
  const struct sim_case *the_case;
  const struct sim_effect *effect;
  const struct sim_world *before, *after;
  const struct sim_step *step; /* of the actor that stepped; null: background or world */
  const struct sim_task *task; /* the one that stepped, as it was before; null: the world */
};

/* ---- Looking ---- */

static void hit_if(const struct observed *observed, enum sim_probe probe, bool seen) {
  observed->probes->hits[probe] += seen;
}

static bool is_in_flight(const struct sim_charge_row *charge) {
  return charge && charge->state < RELOAD_CHARGE_UNKNOWN;
}

static const struct sim_charge_row *find_charge(const struct sim_ledger *ledger, uint64_t charge) {
  for (int i = 0; i < ledger->charge_count; i++)
    if (ledger->charges[i].charge == charge) return &ledger->charges[i];
  return NULL;
}

static const struct fake_card_intent *find_intent(const struct fake_card *card, uint64_t intent) {
  for (int i = 0; intent != 0 && i < card->intent_count; i++)
    if (sim_text_hash(card->intents[i].id) == intent) return &card->intents[i];
  return NULL;
}

static int captured_count(const struct sim_world *world) {
  int count = 0;
  for (int i = 0; i < world->card.intent_count; i++)
    count += world->card.intents[i].captured_minor > 0;
  return count;
}

/* The request that an actor is working on; null: none. */
static const struct reload_spend *spend_of(const struct sim_world *world, int actor) {
  const struct sim_task *task = &world->tasks[actor];
  bool inside = task->state == SIM_TASK_RUNNING || task->state == SIM_TASK_WAITING;
  return inside && task->job == SIM_JOB_SPEND ? &task->as.spend : NULL;
}

static bool is_recovering(const struct sim_task *task) {
  return task->job == SIM_JOB_RECOVERY && task->as.recovery.step != RELOAD_STEP_DECIDE;
}

/* ---- Answers ---- */

static bool was_deducted(const struct observed *observed) {
  uint64_t action = sim_text_hash(observed->step->id);
  for (int i = 0; i < observed->before->ledger.entry_count; i++) {
    const struct sim_entry_row *entry = &observed->before->ledger.entries[i];
    if (entry->kind == RELOAD_ENTRY_SPEND && entry->reference == action) return true;
  }
  return false;
}

static void see_done(const struct observed *observed) {
  int client = observed->step->client;
  bool again = was_deducted(observed), reloaded = observed->effect->verdict.reloaded;
  bool waited = observed->task->state == SIM_TASK_WAITING;
  const struct sim_charge_row *pending = sim_ledger_pending(&observed->before->ledger, client);
  hit_if(observed, SIM_PROBE_SAME_ID_AGAIN, again);
  if (again || reloaded) return;
  hit_if(observed, SIM_PROBE_FITS_EXACTLY,
         observed->step->amount == observed->before->ledger.clients[client].balance_tokens);
  hit_if(observed, SIM_PROBE_FITS_IN_FLIGHT, is_in_flight(pending));
  hit_if(observed, SIM_PROBE_ONE_COVERS_TWO, waited);
}

static void see_refusal(const struct observed *observed, enum reload_reason reason) {
#define PROBE_OF(NAME, ...) [RELOAD_REASON_##NAME] = SIM_PROBE_REFUSED_##NAME,
  static const enum sim_probe probes[] = {SIM_REFUSALS(PROBE_OF)};
#undef PROBE_OF
  hit_if(observed, probes[reason], reason != RELOAD_REASON_NONE);
}

static void see_answer(const struct observed *observed) {
  enum sim_answer answer = observed->effect->answer;
  if (answer == SIM_ANSWER_DONE) see_done(observed);
  if (answer > SIM_ANSWER_REFUSED && answer <= SIM_ANSWER_REFUSED_LAST)
    see_refusal(observed, (enum reload_reason)(answer - SIM_ANSWER_REFUSED));
  hit_if(observed, SIM_PROBE_REFUSED_INVALID,
         observed->step->verb == SIM_SUBMIT && (int)answer == SIM_ANSWER_ERROR + RELOAD_INVALID);
  hit_if(observed, SIM_PROBE_CONFLICT,
         observed->step->verb == SIM_SUBMIT && (int)answer == SIM_ANSWER_ERROR + RELOAD_CONFLICT);
  hit_if(observed, SIM_PROBE_NEEDS_CARD, answer == SIM_ANSWER_ADD_CARD);
  hit_if(observed, SIM_PROBE_NEEDS_PLAN, answer == SIM_ANSWER_PLAN_NEEDED);
  hit_if(observed, SIM_PROBE_EVENT_FORGED,
         answer == SIM_ANSWER_EVENT_REFUSED &&
             fake_card_find_action(&observed->before->card, observed->step->id) != NULL);
}

/* ---- What happens beside a reload in flight ---- */

static int last_change_no(const struct sim_ledger *ledger, int client) {
  int no = 0;
  for (int i = 0; i < ledger->toggle_count; i++)
    if (ledger->toggles[i].client == client) no = ledger->toggles[i].change_no;
  return no;
}

static int waiting_mails(const struct sim_ledger *ledger, int client) {
  int count = 0;
  for (int i = 0; i < ledger->toggle_count; i++)
    count += ledger->toggles[i].client == client && ledger->toggles[i].delivered_at_ms == 0;
  return count;
}

static void see_beside(const struct observed *observed) {
  int client = observed->step->client;
  if (client < 0) return;
  enum sim_verb verb = observed->step->verb;
  enum sim_answer answer = observed->effect->answer;
  const struct sim_client_row *old = &observed->before->ledger.clients[client];
  const struct sim_client_row *new = &observed->after->ledger.clients[client];
  hit_if(observed, SIM_PROBE_MAILS_QUEUE,
         (answer == SIM_ANSWER_ENABLED || answer == SIM_ANSWER_DISABLED) &&
             waiting_mails(&observed->after->ledger, client) >= 2);
  const struct sim_charge_row *pending = sim_ledger_pending(&observed->before->ledger, client);
  if (!is_in_flight(pending)) return;
  const struct fake_card_intent *intent = find_intent(&observed->before->card, pending->intent);
  hit_if(observed, SIM_PROBE_OFF_IN_FLIGHT, answer == SIM_ANSWER_DISABLED);
  hit_if(observed, SIM_PROBE_OFF_AT_BANK,
         answer == SIM_ANSWER_DISABLED && intent && intent->confirm_count > 0);
  hit_if(observed, SIM_PROBE_ON_AGAIN_IN_FLIGHT,
         answer == SIM_ANSWER_ENABLED &&
             last_change_no(&observed->after->ledger, client) > pending->fired_under_change_no);
  hit_if(observed, SIM_PROBE_RENEWAL_IN_FLIGHT, verb == SIM_RENEW && answer == SIM_ANSWER_NONE);
  hit_if(observed, SIM_PROBE_PACK_IN_FLIGHT, verb == SIM_BUY_PACK && answer == SIM_ANSWER_NONE);
  hit_if(observed, SIM_PROBE_PLAN_ENDS_IN_FLIGHT,
         old->plan == RELOAD_PLAN_ACTIVE && new->plan != RELOAD_PLAN_ACTIVE);
  hit_if(observed, SIM_PROBE_CARD_CHANGED_IN_FLIGHT, old->card != new->card);
}

/* A submit that begins while others are under way. */
static void see_beginning(const struct observed *observed) {
  int waiting = 0;
  if (observed->step->verb != SIM_SUBMIT) return;
  for (int i = 0; i < observed->the_case->actor_count; i++) {
    const struct reload_spend *spend = spend_of(observed->before, i);
    if (!spend || i == observed->effect->task) continue;
    const struct sim_step *other =
        &observed->the_case->actors[i].steps[observed->before->tasks[i].step];
    bool same_client = other->client == observed->step->client;
    waiting += same_client && observed->before->tasks[i].state == SIM_TASK_WAITING;
    if (observed->task->state != SIM_TASK_IDLE) continue;
    hit_if(observed, SIM_PROBE_SAME_ID_AT_ONCE, strcmp(spend->action_id, observed->step->id) == 0);
    hit_if(observed, SIM_PROBE_TWO_PROCESSES,
           same_client && other->process != observed->step->process);
  }
  bool waits = observed->after->tasks[observed->effect->task].state == SIM_TASK_WAITING;
  hit_if(observed, SIM_PROBE_TWO_WAIT, waits && waiting > 0);
}

/* ---- Charges ---- */

static void see_firing(const struct observed *observed, const struct sim_charge_row *charge) {
  const struct sim_ledger *ledger = &observed->before->ledger;
  const struct sim_client *client = &observed->the_case->clients[charge->client];
  hit_if(observed, SIM_PROBE_RELOAD_BELOW_ZERO, ledger->clients[charge->client].balance_tokens < 0);
  for (int i = 0; i < ledger->charge_count; i++) {
    const struct sim_charge_row *other = &ledger->charges[i];
    if (!is_in_flight(other) || other->client == charge->client) continue;
    hit_if(observed, SIM_PROBE_TWO_CLIENTS_ONE_CARD, other->card == charge->card);
    hit_if(observed, SIM_PROBE_TWO_CLIENTS_ONE_OWNER,
           strcmp(observed->the_case->clients[other->client].owner, client->owner) == 0);
  }
}

static bool is_dead_card(const struct sim_ledger *ledger, uint64_t card) {
  for (int i = 0; i < ledger->dead_card_count; i++)
    if (ledger->dead_cards[i].card == card) return true;
  return false;
}

/* Has the client had a card that failed for good, other than the charge's? */
static bool had_dead_card(const struct sim_ledger *ledger, const struct sim_charge_row *charge) {
  for (int i = 0; i < ledger->charge_count; i++)
    if (ledger->charges[i].client == charge->client && ledger->charges[i].card != charge->card &&
        is_dead_card(ledger, ledger->charges[i].card))
      return true;
  return false;
}

static bool has_handler(const struct observed *observed, const struct sim_charge_row *charge) {
  for (int i = 0; i < observed->the_case->actor_count; i++) {
    const struct reload_spend *spend = spend_of(observed->after, i);
    if (spend && sim_text_hash(spend->attempt.charge_id) == charge->charge) return true;
  }
  return false;
}

/* A charge has got its end in this step. */
static void see_end(const struct observed *observed, const struct sim_charge_row *charge) {
  bool captured = charge->state == RELOAD_CHARGE_CAPTURED;
  bool by_handler = observed->step && observed->step->verb == SIM_SUBMIT;
  bool off = !observed->after->ledger.clients[charge->client].auto_reload;
  hit_if(observed, SIM_PROBE_DEAD_CARD_REPLACED,
         captured && had_dead_card(&observed->after->ledger, charge));
  hit_if(observed, SIM_PROBE_CAPTURED_AFTER_OFF, captured && off && by_handler);
  if (by_handler) return;
  hit_if(observed, SIM_PROBE_LATE_CREDIT_AFTER_OFF, captured && off);
  hit_if(observed, SIM_PROBE_RECOVERED_CAPTURED, captured);
  hit_if(observed, SIM_PROBE_RECOVERED_CLOSED, !captured);
  hit_if(observed, SIM_PROBE_RECOVERED_AFTER_A_DAY,
         observed->after->clock.now_ms - charge->fired_at_ms > DAY_MS);
  hit_if(observed, SIM_PROBE_HANDLER_OVERTAKEN, has_handler(observed, charge));
}

static void see_charges(const struct observed *observed) {
  const struct sim_ledger *ledger = &observed->after->ledger;
  for (int i = 0; i < ledger->charge_count; i++) {
    const struct sim_charge_row *charge = &ledger->charges[i];
    const struct sim_charge_row *old = find_charge(&observed->before->ledger, charge->charge);
    if (!old) see_firing(observed, charge);
    if (!old || old->state == charge->state) {
      hit_if(observed, SIM_PROBE_RECOVERED_WITHOUT_INTENT,
             old && charge->state == RELOAD_CHARGE_UNKNOWN && !old->intent && charge->intent);
      continue;
    }
    if (charge->state >= RELOAD_CHARGE_CAPTURED) see_end(observed, charge);
  }
}

/* ---- The credit log ---- */

static int64_t paid_minor(const struct sim_ledger *ledger, uint64_t intent) {
  for (int i = 0; i < ledger->entry_count; i++)
    if (ledger->entries[i].intent == intent && ledger->entries[i].kind != RELOAD_ENTRY_REVERSAL)
      return ledger->entries[i].amount_minor;
  return 0;
}

static void see_reversal(const struct observed *observed, const struct sim_entry_row *entry) {
  const struct sim_client_row *old = &observed->before->ledger.clients[entry->client];
  hit_if(observed, SIM_PROBE_REVERSED_NOTHING, entry->tokens == 0);
  hit_if(observed, SIM_PROBE_REVERSED_PARTLY,
         entry->amount_minor < paid_minor(&observed->after->ledger, entry->intent));
  hit_if(observed, SIM_PROBE_REFUND_BELOW_ZERO,
         old->balance_tokens >= 0 && entry->balance_tokens < 0);
}

static void see_log(const struct observed *observed) {
  const struct sim_ledger *old = &observed->before->ledger, *new = &observed->after->ledger;
  if (old->entry_count == new->entry_count) return;
  for (int i = 0; i < observed->the_case->client_count; i++) {
    int64_t balance = new->clients[i].balance_tokens;
    if (balance == old->clients[i].balance_tokens) continue;
    hit_if(observed, SIM_PROBE_BALANCE_AT_LIMIT, balance == RELOAD_TOKENS_MAX);
    hit_if(observed, SIM_PROBE_BALANCE_BEYOND_LIMIT, balance > RELOAD_TOKENS_MAX);
  }
  for (int i = 0, at = 0; i < new->entry_count; i++) {
    const struct sim_entry_row *entry = &new->entries[i];
    bool known = at < old->entry_count && old->entries[at].client == entry->client &&
                 old->entries[at].entry_no == entry->entry_no;
    at += known;
    if (!known && entry->kind == RELOAD_ENTRY_REVERSAL) see_reversal(observed, entry);
  }
}

/* ---- The gateway ---- */

static void see_call(const struct observed *observed) {
  const struct sim_effect *effect = observed->effect;
  const struct sim_world *before = observed->before;
  bool captured = captured_count(observed->after) > captured_count(before);
  hit_if(observed, SIM_PROBE_MAIL_DOWN, effect->mail_call && effect->mail_call->was_down);
  hit_if(observed, SIM_PROBE_GATEWAY_DOWN, effect->card_call && effect->card_call->was_down);
  if (!effect->fault) return;
  hit_if(observed, SIM_PROBE_REPLY_LOST, captured && effect->fault->behaviour == SIM_TIMEOUT_AFTER);
  hit_if(observed, SIM_PROBE_REPLY_500,
         captured && effect->fault->behaviour == SIM_500_ROLLED_FORWARD);
  hit_if(observed, SIM_PROBE_REPLY_409, effect->fault->behaviour == SIM_409);
  hit_if(observed, SIM_PROBE_REPLY_429, effect->fault->behaviour == SIM_429);
}

/* A handler that continues after recovery has taken its charge. */
static void see_late_handler(const struct observed *observed) {
  const struct reload_spend *spend = spend_of(observed->before, observed->effect->task);
  if (!spend || spend->step == RELOAD_STEP_DECIDE) return;
  const struct sim_charge_row *charge =
      find_charge(&observed->before->ledger, sim_text_hash(spend->attempt.charge_id));
  hit_if(observed, SIM_PROBE_REPLY_SLOW, charge && charge->state >= RELOAD_CHARGE_UNKNOWN);
}

static bool is_settling(const struct observed *observed, const char *intent_id) {
  for (int i = 0; i < observed->the_case->actor_count; i++) {
    const struct reload_spend *spend = spend_of(observed->before, i);
    if (spend && (spend->step == RELOAD_STEP_SETTLE || spend->step == RELOAD_STEP_CLOSE) &&
        strcmp(spend->attempt.intent_id, intent_id) == 0)
      return true;
  }
  return false;
}

/* A step that delivers an event. */
static void see_event(const struct observed *observed) {
  const struct sim_effect *effect = observed->effect;
  const struct sim_task *task = observed->task;
  bool comes_back = effect->event_fate == SIM_EVENT_TO_COME_BACK;
  const struct fake_card *card = &observed->before->card;
  if (!comes_back && effect->event_fate != SIM_EVENT_ACKNOWLEDGED) return;
  enum fake_card_event_kind kind = card->events[effect->event].kind;
  hit_if(observed, SIM_PROBE_EVENT_TWICE,
         task && task->job == SIM_JOB_POSTING && task->as.posting.again);
  hit_if(observed, SIM_PROBE_EVENT_BEFORE_REPLY,
         kind == FAKE_CARD_EVENT_SUCCEEDED &&
             is_settling(observed, card->intents[card->events[effect->event].intent_index].id));
  hit_if(observed, SIM_PROBE_EVENT_TOO_EARLY,
         kind == FAKE_CARD_EVENT_REFUNDED && comes_back && !effect->injected);
}

/* ---- Time, and what comes late ---- */

static void see_time(const struct observed *observed) {
  int64_t old_ms = observed->before->clock.now_ms, now_ms = observed->after->clock.now_ms;
  const struct sim_ledger *ledger = &observed->before->ledger;
  for (int i = 0; i < ledger->charge_count; i++) {
    const struct sim_charge_row *charge = &ledger->charges[i];
    if (charge->state >= RELOAD_CHARGE_CAPTURED) continue;
    hit_if(observed, SIM_PROBE_CLOCK_BACK_IN_FLIGHT, now_ms < old_ms && is_in_flight(charge));
    hit_if(observed, SIM_PROBE_DAY_IN_FLIGHT,
           old_ms - charge->fired_at_ms < DAY_MS && now_ms - charge->fired_at_ms >= DAY_MS);
  }
  for (int i = 0; i < observed->before->card.intent_count; i++)
    hit_if(observed, SIM_PROBE_PROCESSING_ENDS,
           observed->before->card.intents[i].status == RELOAD_INTENT_PROCESSING &&
               observed->after->card.intents[i].captured_minor > 0);
}

/* ---- Deaths and the disk ---- */

static bool is_power(const struct sim_effect *effect) {
  return effect->step_fault == SIM_POWER_FAILS || effect->task == SIM_WORLD_POWER_CUT ||
         (!effect->is_background && effect->verb == SIM_POWER_CUT);
}

static bool is_death(const struct sim_effect *effect) {
  return effect->step_fault == SIM_DISK_DIES ||
         (effect->task >= SIM_WORLD_CRASH && effect->task < SIM_WORLD_POWER_CUT) ||
         (!effect->is_background && effect->verb == SIM_CRASH);
}

static bool is_torn(const struct sim_effect *effect) {
  if (effect->step_fault != SIM_POWER_FAILS) return false;
  for (int i = 0; i < effect->image_writes; i++)
    if (sim_power_fate(effect->image, i, effect->image_writes) == FAKE_DISK_TEAR) return true;
  return false;
}

static bool owes_credit(const struct sim_world *world) {
  for (int i = 0; i < world->ledger.charge_count; i++) {
    const struct sim_charge_row *charge = &world->ledger.charges[i];
    if (charge->state >= RELOAD_CHARGE_CAPTURED) continue;
    const struct fake_card_intent *intent = find_intent(&world->card, charge->intent);
    if (intent && intent->captured_minor > 0) return true;
  }
  return false;
}

static void see_death(const struct observed *observed) {
  bool power = is_power(observed->effect), death = is_death(observed->effect), recovering = false;
  if (!power && !death) return;
  for (int i = 0; i < observed->the_case->actor_count; i++)
    recovering = recovering || is_recovering(&observed->before->tasks[i]);
  recovering = recovering || is_recovering(&observed->before->tasks[SIM_BACKGROUND]);
  hit_if(observed, SIM_PROBE_CRASH_IN_RECOVERY, recovering);
  bool owes = owes_credit(observed->before);
  hit_if(observed, SIM_PROBE_DIED_BEFORE_SETTLE, death && owes);
  hit_if(observed, SIM_PROBE_POWER_BEFORE_SETTLE, power && owes);
  hit_if(observed, SIM_PROBE_DIED_IN_TRANSACTION, death && observed->effect->step_fault);
  hit_if(observed, SIM_PROBE_POWER_IN_TRANSACTION, power && observed->effect->step_fault);
  hit_if(observed, SIM_PROBE_POWER_TORN, is_torn(observed->effect));
}

static void see_disk(const struct observed *observed) {
  const struct sim_effect *effect = observed->effect;
  hit_if(observed, SIM_PROBE_FULL_THEN_AGAIN,
         effect->step_fault == SIM_DISK_FULL && effect->tried_again);
  hit_if(observed, SIM_PROBE_IO_ERROR, effect->step_fault == SIM_DISK_ERROR);
  hit_if(observed, SIM_PROBE_SHORT_READ, effect->step_fault == SIM_DISK_SHORT_READ);
  hit_if(observed, SIM_PROBE_STORE_BUSY,
         effect->step_fault == SIM_DISK_BUSY || effect->step_fault == SIM_DISK_LOCKED);
  hit_if(observed, SIM_PROBE_MEMORY_OUT,
         effect->step_fault == SIM_MEMORY_FAILS && effect->tried_again);
}

/* Two recoveries, each past its claim, work on one charge. */
static void see_recoveries(const struct observed *observed) {
  if (!observed->task || !is_recovering(observed->task)) return;
  const char *charge = observed->task->as.recovery.attempt.charge_id;
  for (int i = 0; i <= SIM_BACKGROUND; i++) {
    bool is_task = i < observed->the_case->actor_count || i == SIM_BACKGROUND;
    if (!is_task || i == observed->effect->task) continue;
    const struct sim_task *other = &observed->before->tasks[i];
    hit_if(observed, SIM_PROBE_TWO_RECOVERIES,
           is_recovering(other) && strcmp(other->as.recovery.attempt.charge_id, charge) == 0);
  }
}

/* ---- Mail ---- */

static void see_mail(const struct observed *observed) {
  const struct fake_mail *old = &observed->before->mail, *new = &observed->after->mail;
  for (int i = 0; i < old->message_count; i++)
    hit_if(observed, SIM_PROBE_MAIL_TWICE,
           new->messages[i].copy_count > old->messages[i].copy_count);
  const struct sim_ledger *ledger = &observed->before->ledger;
  for (int i = 0; observed->effect->wrote && i < ledger->toggle_count; i++)
    hit_if(observed, SIM_PROBE_MAIL_TRIED_AGAIN,
           ledger->toggles[i].delivered_at_ms == 0 && ledger->toggles[i].try_count > 0 &&
               observed->after->ledger.toggles[i].delivered_at_ms != 0);
}

/* ---- All of it ---- */

static struct observed observed_of(struct sim_probes *probes, const struct sim_machine *machine,
                                   const struct sim_world *before,
                                   const struct sim_effect *effect) {
  struct observed observed = {.probes = probes,
                              .the_case = sim_machine_names(machine)->the_case,
                              .effect = effect,
                              .before = before,
                              .after = sim_machine_world(machine)};
  if (effect->task <= SIM_BACKGROUND) observed.task = &before->tasks[effect->task];
  if (effect->task < SIM_BACKGROUND)
    observed.step = &observed.the_case->actors[effect->task].steps[observed.task->step];
  return observed;
}

void sim_probes_note(struct sim_probes *probes, const struct sim_machine *machine,
                     const struct sim_world *before, const struct sim_effect *effect) {
  struct observed observed = observed_of(probes, machine, before, effect);
  if (observed.step) {
    see_beginning(&observed);
    see_late_handler(&observed);
    if (effect->step_ended) {
      see_answer(&observed);
      see_beside(&observed);
    }
    hit_if(&observed, SIM_PROBE_AUTHENTICATED_LATE,
           observed.step->verb == SIM_AUTHENTICATE &&
               captured_count(observed.after) > captured_count(before));
  }
  if (effect->wrote) {
    see_charges(&observed);
    see_log(&observed);
  }
  if (effect->port_calls) see_call(&observed);
  if (effect->wrote || effect->port_calls) see_mail(&observed);
  see_event(&observed);
  see_recoveries(&observed);
  if (before->clock.now_ms != observed.after->clock.now_ms) see_time(&observed);
  see_death(&observed);
  if (effect->step_fault) see_disk(&observed);
}

static const struct {
  const char *name, *text;
} table[] = {
#define PROBE_ROW(NAME, text) {#NAME, text},
#define REFUSED_ROW(NAME, word, way, rule, text, probe) {"REFUSED_" #NAME, probe},
    SIM_PROBES(PROBE_ROW, SIM_REFUSALS(REFUSED_ROW))
#undef PROBE_ROW
#undef REFUSED_ROW
};

const char *sim_probe_name(enum sim_probe probe) {
  return (int)probe >= 0 && probe < SIM_PROBE_COUNT ? table[probe].name : "?";
}

const char *sim_probe_text(enum sim_probe probe) {
  return (int)probe >= 0 && probe < SIM_PROBE_COUNT ? table[probe].text : "?";
}
