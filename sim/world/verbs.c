/* The actors' steps: what each verb of the language does to the world. */
#include "machine_inside.h"

#include "language.h"
#include "parts.h"

#include <stdio.h>
#include <string.h>

static const struct sim_step *step_of(const struct sim_machine *machine, int task) {
  return &machine->the_case->actors[task].steps[machine->world.tasks[task].step];
}

static const char *client_of(const struct sim_machine *machine, const struct sim_step *step) {
  return machine->the_case->clients[step->client].name;
}

void sim_task_end(const struct sim_case *the_case, int actor, struct sim_task *task,
                  enum sim_answer answer) {
  memset(&task->as, 0, sizeof task->as);
  task->job = SIM_JOB_NONE;
  task->answers[task->answer_count++] = (uint8_t)answer;
  task->step++;
  task->state = task->step == the_case->actors[actor].step_count ? SIM_TASK_ENDED : SIM_TASK_IDLE;
}

void sim_end_step(struct sim_machine *machine, int actor, enum sim_answer answer) {
  struct sim_task *task = &machine->world.tasks[actor];
  enum sim_verb verb = machine->the_case->actors[actor].steps[task->step].verb;
  if (machine->dying) /* whatever the engine said, the answer is lost */
    answer = sim_verbs[verb].is_asked ? SIM_ANSWER_LOST : SIM_ANSWER_NONE;
  sim_task_end(machine->the_case, actor, task, answer);
  if (machine->effect && machine->effect->task == actor) {
    machine->effect->step_ended = true;
    machine->effect->answer = answer;
  }
}

/* ---- Submit ---- */

/* After an error of the store, a host may try the same step again or drop the request. */
static bool tries_again(struct sim_machine *machine, enum reload_error error) {
  static const uint16_t again = 1;
  bool store = error == RELOAD_BUSY || error == RELOAD_FULL || error == RELOAD_IO ||
               error == RELOAD_NOMEM || error == RELOAD_CORRUPT;
  if (!store || !machine->step_failed || machine->dying) return false;
  (void)sim_choice_reached(machine, SIM_CHOICE_RETRY);
  machine->effect->tried_again = sim_choose(machine, SIM_CHOICE_RETRY, &again, 1) == again;
  return machine->effect->tried_again;
}

static enum sim_answer submit_answer(const struct reload_verdict *verdict) {
  if (verdict->done) return SIM_ANSWER_DONE;
  return sim_answer_refused(verdict->reason);
}

/* An id that is longer than the request's field cannot be asked for. Hosts check that themselves;
 * the actor gets the engine's answer to a bad id: invalid. */
static bool begin_submit(const struct sim_machine *machine, const struct sim_step *step,
                         struct sim_task *task) {
  struct reload_spend *spend = &task->as.spend;
  memset(spend, 0, sizeof *spend);
  task->job = SIM_JOB_SPEND;
  spend->kind = step->kind && strcmp(step->kind, "persona batch") == 0 ? RELOAD_PERSONA_BATCH
                                                                       : RELOAD_CREATIVE;
  spend->cost_tokens = step->amount;
  int size = snprintf(spend->client_id, sizeof spend->client_id, "%s", client_of(machine, step));
  if (size < 0 || (size_t)size >= sizeof spend->client_id) return false;
  size = snprintf(spend->action_id, sizeof spend->action_id, "%s", step->id);
  return size >= 0 && (size_t)size < sizeof spend->action_id;
}

static void submit_step(struct sim_machine *machine, int actor, const struct sim_step *step,
                        struct sim_task *task) {
  enum reload_error error = RELOAD_OK;
  machine->effect->call = "decide";
  if (task->state == SIM_TASK_IDLE && !begin_submit(machine, step, task)) {
    sim_end_step(machine, actor, sim_answer_error(RELOAD_INVALID));
    return;
  }
  task->wake_pending = 0;
  if (!sim_job_step(machine, task, step->process, &error)) return;
  if (tries_again(machine, error)) return;
  machine->effect->verdict = task->as.spend.verdict;
  sim_end_step(machine, actor,
               error != RELOAD_OK ? sim_answer_error(error)
                                  : submit_answer(&task->as.spend.verdict));
}

/* ---- The toggle ---- */

static enum sim_answer toggle_step(struct sim_machine *machine, const struct sim_step *step,
                                   bool on) {
  enum reload_toggle_answer answer = RELOAD_TOGGLE_CHANGED;
  machine->effect->call = "toggle";
  enum reload_error error =
      reload_toggle_set(machine->engines[step->process], client_of(machine, step), on, &answer,
                        &machine->effect->message);
  if (error != RELOAD_OK) return sim_answer_error(error);
  switch (answer) {
    case RELOAD_TOGGLE_CHANGED: return on ? SIM_ANSWER_ENABLED : SIM_ANSWER_DISABLED;
    case RELOAD_TOGGLE_ALREADY:
      return on ? SIM_ANSWER_ALREADY_ENABLED : SIM_ANSWER_ALREADY_DISABLED;
    case RELOAD_TOGGLE_NEEDS_CARD: return SIM_ANSWER_ADD_CARD;
    case RELOAD_TOGGLE_NEEDS_PLAN: return SIM_ANSWER_PLAN_NEEDED;
  }
  return SIM_ANSWER_NONE;
}

struct shown {
  bool auto_reload;
  int entry_count, charge_count, change_count;
};

static void keep_shown(void *self, const struct reload_client_row *row) {
  ((struct shown *)self)->auto_reload = row->auto_reload;
}

static void count_entry(void *self, const struct reload_entry_row *row) {
  (void)row;
  ((struct shown *)self)->entry_count++;
}

static void count_charge(void *self, const struct reload_charge_row *row) {
  (void)row;
  ((struct shown *)self)->charge_count++;
}

static void count_change(void *self, const struct reload_toggle_row *row) {
  (void)row;
  ((struct shown *)self)->change_count++;
}

/* OUT-4: the ledger of one client must show all rows that the whole ledger has of it. */
static bool is_whole(const struct sim_ledger *ledger, int client, struct shown shown) {
  for (int i = 0; i < ledger->entry_count; i++)
    shown.entry_count -= ledger->entries[i].client == client;
  for (int i = 0; i < ledger->charge_count; i++)
    shown.charge_count -= ledger->charges[i].client == client;
  for (int i = 0; i < ledger->toggle_count; i++)
    shown.change_count -= ledger->toggles[i].client == client;
  return shown.entry_count == 0 && shown.charge_count == 0 && shown.change_count == 0;
}

static enum sim_answer look_step(struct sim_machine *machine, const struct sim_step *step) {
  struct shown shown = {.auto_reload = false};
  struct reload_ledger_visitor visitor = {.self = &shown,
                                          .client = keep_shown,
                                          .entry = count_entry,
                                          .charge = count_charge,
                                          .toggle = count_change};
  machine->effect->call = "look";
  enum reload_error error =
      reload_ledger_read(machine->engines[step->process], client_of(machine, step), &visitor,
                         &machine->effect->message);
  if (error != RELOAD_OK) return sim_answer_error(error);
  if (machine->effect->step_fault == SIM_STEP_FINE &&
      !is_whole(&machine->world.ledger, step->client, shown))
    machine->effect->problem =
        "a client's own ledger does not have the rows that the whole ledger has of it";
  return shown.auto_reload ? SIM_ANSWER_SHOWN_ENABLED : SIM_ANSWER_SHOWN_DISABLED;
}

/* ---- Account facts ---- */

static enum reload_error buy_pack(struct sim_machine *machine, const struct sim_step *step) {
  char intent_id[RELOAD_ID_SIZE];
  const char *client = client_of(machine, step);
  int size = snprintf(intent_id, sizeof intent_id, "pi_%s", step->id);
  if (size < 0 || (size_t)size >= sizeof intent_id) return RELOAD_INVALID;
  struct fake_card_payment payment = {.intent_id = intent_id,
                                      .client_id = client,
                                      .reference = step->id,
                                      .card_id = step->card,
                                      .currency = machine->the_case->currency,
                                      .amount_minor = step->price_minor};
  if (!fake_card_add_paid_intent(&machine->world.card, &payment, machine->world.clock.now_ms))
    return RELOAD_CONFLICT;
  fake_card_set_up_on_session(&machine->world.card, step->card);
  return reload_pack_add(machine->engines[step->process], client, step->id, intent_id, step->amount,
                         step->price_minor, step->card, &machine->effect->message);
}

/* Checkout takes the customer through 3D Secure: the new card is set up on session. */
static enum reload_error set_up_card(struct sim_machine *machine, const struct sim_step *step) {
  fake_card_set_up_on_session(&machine->world.card, step->card);
  if (step->verb == SIM_SET_CARD)
    return reload_card_set(machine->engines[step->process], client_of(machine, step), step->card,
                           &machine->effect->message);
  return reload_plan_change(machine->engines[step->process], client_of(machine, step),
                            (enum reload_plan)step->plan, step->card, &machine->effect->message);
}

static enum reload_error account_step(struct sim_machine *machine, const struct sim_step *step) {
  struct reload_engine *engine = machine->engines[step->process];
  struct reload_message *message = &machine->effect->message;
  const char *client = client_of(machine, step);
  machine->effect->call = "account";
  switch (step->verb) {
    case SIM_SET_CARD:
    case SIM_CHANGE_PLAN: return set_up_card(machine, step);
    case SIM_REMOVE_CARD: return reload_card_remove(engine, client, message);
    case SIM_SET_PLAN:
      return reload_plan_set(engine, client, (enum reload_plan)step->plan, message);
    case SIM_BUY_PACK: return buy_pack(machine, step);
    case SIM_RENEW: return reload_cycle_grant(engine, client, step->id, step->amount, message);
    default: return RELOAD_INVALID;
  }
}

/* ---- The world around ---- */

/* MONEY-5: a bad signature, with a body that a good one would make believable. */
static enum sim_answer forge_event(struct sim_machine *machine, const struct sim_step *step) {
  struct reload_event event;
  char body[256], signature[112];
  const struct fake_card_intent *intent = fake_card_find_action(&machine->world.card, step->id);
  int size = snprintf(body, sizeof body,
                      "{\"id\":\"evt_forged\",\"object\":\"event\",\"type\":\"charge.refunded\","
                      "\"data\":{\"object\":{\"payment_intent\":\"%s\",\"amount_refunded\":100}}}",
                      intent ? intent->id : "pi_unknown");
  machine->effect->call = "forged event";
  int signed_size = snprintf(signature, sizeof signature, "t=%lld,v1=%064d",
                             (long long)(machine->world.clock.now_ms / 1000), 0);
  if (size < 0 || (size_t)size >= sizeof body || signed_size < 0) return SIM_ANSWER_NONE;
  enum reload_error error =
      reload_event_read(body, (size_t)size, signature, SIM_EVENT_SECRET,
                        machine->world.clock.now_ms, &event, &machine->effect->message);
  if (error == RELOAD_OK)
    error = reload_event_apply(machine->engines[step->process], &event, &machine->effect->message);
  return error == RELOAD_OK ? SIM_ANSWER_EVENT_ACCEPTED : SIM_ANSWER_EVENT_REFUSED;
}

static void surroundings_step(struct sim_machine *machine, const struct sim_step *step) {
  struct sim_world *world = &machine->world;
  int64_t now_ms = world->clock.now_ms;
  const struct fake_card_intent *intent =
      step->id ? fake_card_find_action(&world->card, step->id) : NULL;
  machine->effect->call = "world";
  switch (step->verb) {
    case SIM_REFUND:
      if (intent) fake_card_refund(&world->card, intent->id, step->amount, now_ms);
      return;
    case SIM_DISPUTE:
      if (intent) fake_card_dispute(&world->card, intent->id, step->dispute_won, now_ms);
      return;
    case SIM_AUTHENTICATE: fake_card_authenticate(&world->card, step->id, now_ms); return;
    case SIM_CLOCK: sim_clock_jump(machine, step->duration_ms); return;
    case SIM_GATEWAY_DOWN: world->card.down_until_ms = now_ms + step->duration_ms; return;
    case SIM_MAIL_DOWN: world->mail.down_until_ms = now_ms + step->duration_ms; return;
    case SIM_CRASH: sim_crash(machine, step->process, true); return;
    case SIM_POWER_CUT:
      if (!fake_disk_power_fail(machine->disk, NULL)) machine->effect->problem = "out of memory";
      sim_crash(machine, -1, true);
      return;
    default: return;
  }
}

static void wait_step(struct sim_machine *machine, int actor, const struct sim_step *step,
                      struct sim_task *task) {
  machine->effect->call = "wait";
  if (task->state == SIM_TASK_RUNNING) {
    sim_end_step(machine, actor, SIM_ANSWER_NONE);
    return;
  }
  task->state = SIM_TASK_RUNNING;
  task->job = SIM_JOB_SLEEP;
  task->ready_at_ms = machine->world.clock.now_ms + step->duration_ms;
}

static void job_step(struct sim_machine *machine, int actor, const struct sim_step *step,
                     struct sim_task *task, enum sim_job kind) {
  enum reload_error error = RELOAD_OK;
  bool ended = false;
  if (task->state == SIM_TASK_IDLE) {
    memset(&task->as, 0, sizeof task->as);
    task->job = (int32_t)kind;
    task->state = SIM_TASK_RUNNING;
  }
  if (kind == SIM_JOB_POSTING)
    ended = sim_post_event(machine, &task->as.posting, step->event_order, step->process);
  else
    ended = sim_job_step(machine, task, step->process, &error);
  if (ended || error != RELOAD_OK) sim_end_step(machine, actor, sim_answer_error(error));
}

int sim_verb_reads(const struct sim_step *step, const struct sim_task *task) {
  switch (step->verb) {
    case SIM_SUBMIT: return sim_job_reads(SIM_JOB_SPEND, task);
    case SIM_RECOVER: return sim_job_reads(SIM_JOB_RECOVERY, task);
    case SIM_DELIVER_MAIL: return sim_job_reads(SIM_JOB_DELIVERY, task);
    case SIM_DELIVER_EVENTS: return sim_job_reads(SIM_JOB_POSTING, task);
    case SIM_TURN_ON:
    case SIM_TURN_OFF:
    case SIM_LOOK:
    case SIM_REMOVE_CARD:
    case SIM_SET_PLAN:
    case SIM_RENEW: return SIM_READS_STORE;
    case SIM_SET_CARD:
    case SIM_CHANGE_PLAN:
    case SIM_BUY_PACK:
    case SIM_FORGE_EVENT: return SIM_READS_STORE | SIM_READS_CARD;
    case SIM_REFUND:
    case SIM_DISPUTE:
    case SIM_AUTHENTICATE:
    case SIM_GATEWAY_DOWN: return SIM_READS_CARD;
    case SIM_MAIL_DOWN: return SIM_READS_MAIL;
    case SIM_WAIT: return 0;
    case SIM_CLOCK:
    case SIM_CRASH:
    case SIM_POWER_CUT: return SIM_READS_ALL;
  }
  return SIM_READS_ALL;
}

void sim_verb_step(struct sim_machine *machine, int actor) {
  const struct sim_step *step = step_of(machine, actor);
  struct sim_task *task = &machine->world.tasks[actor];
  machine->effect->verb = step->verb;
  fake_disk_set_process(machine->disk, step->verb == SIM_CRASH ? 0 : step->process);
  switch (step->verb) {
    case SIM_SUBMIT: submit_step(machine, actor, step, task); return;
    case SIM_TURN_ON: sim_end_step(machine, actor, toggle_step(machine, step, true)); return;
    case SIM_TURN_OFF: sim_end_step(machine, actor, toggle_step(machine, step, false)); return;
    case SIM_LOOK: sim_end_step(machine, actor, look_step(machine, step)); return;
    case SIM_SET_CARD:
    case SIM_REMOVE_CARD:
    case SIM_SET_PLAN:
    case SIM_BUY_PACK:
    case SIM_CHANGE_PLAN:
    case SIM_RENEW:
      sim_end_step(machine, actor, sim_answer_error(account_step(machine, step)));
      return;
    case SIM_FORGE_EVENT: sim_end_step(machine, actor, forge_event(machine, step)); return;
    case SIM_RECOVER: job_step(machine, actor, step, task, SIM_JOB_RECOVERY); return;
    case SIM_DELIVER_MAIL: job_step(machine, actor, step, task, SIM_JOB_DELIVERY); return;
    case SIM_DELIVER_EVENTS: job_step(machine, actor, step, task, SIM_JOB_POSTING); return;
    case SIM_WAIT: wait_step(machine, actor, step, task); return;
    case SIM_REFUND:
    case SIM_DISPUTE:
    case SIM_AUTHENTICATE:
    case SIM_CLOCK:
    case SIM_GATEWAY_DOWN:
    case SIM_MAIL_DOWN:
    case SIM_CRASH:
    case SIM_POWER_CUT:
      surroundings_step(machine, step);
      sim_end_step(machine, actor, SIM_ANSWER_NONE);
      return;
  }
}
