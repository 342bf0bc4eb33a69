/* The engine's jobs, one step at a time, and the delivery of gateway events. */
#include "machine_inside.h"
#include "parts.h"

#include <string.h>
#include <xxhash.h>

static bool spend_step(struct sim_machine *machine, struct sim_task *task, int process,
                       enum reload_error *error) {
  struct reload_spend *spend = &task->as.spend;
  machine->effect->call = reload_step_name(spend->step);
  *error = reload_spend_step(machine->engines[process], spend, &machine->effect->message);
  if (*error != RELOAD_OK) return true;
  task->state = spend->progress == RELOAD_WAIT ? SIM_TASK_WAITING : SIM_TASK_RUNNING;
  return spend->progress == RELOAD_DONE;
}

static bool recovery_step(struct sim_machine *machine, struct sim_task *task, int process,
                          enum reload_error *error) {
  struct reload_recovery *recovery = &task->as.recovery;
  machine->effect->call =
      recovery->step == RELOAD_STEP_DECIDE ? "claim" : reload_step_name(recovery->step);
  *error = reload_recovery_step(machine->engines[process], recovery, &machine->effect->message);
  return *error != RELOAD_OK || recovery->progress == RELOAD_DONE;
}

static bool delivery_step(struct sim_machine *machine, struct sim_task *task, int process,
                          enum reload_error *error) {
  static const char *const calls[] = {[RELOAD_DELIVERY_PICK] = "pick mail",
                                      [RELOAD_DELIVERY_SEND] = "send mail",
                                      [RELOAD_DELIVERY_RECORD] = "record mail"};
  struct reload_delivery *delivery = &task->as.delivery;
  machine->effect->call = calls[delivery->step];
  *error = reload_delivery_step(machine->engines[process], delivery, &machine->effect->message);
  return *error != RELOAD_OK || delivery->progress == RELOAD_DONE;
}

static bool calls_gateway(enum reload_step step) {
  return step == RELOAD_STEP_OPEN || step == RELOAD_STEP_CONFIRM || step == RELOAD_STEP_CLOSE;
}

/* A step is one transaction or one port call. A task that has not begun its job begins with a
 * transaction. */
int sim_job_reads(enum sim_job job, const struct sim_task *task) {
  bool has_begun = task->job == (int32_t)job;
  switch (job) {
    case SIM_JOB_SPEND:
      return has_begun && calls_gateway(task->as.spend.step) ? SIM_READS_CARD : SIM_READS_STORE;
    case SIM_JOB_RECOVERY:
      return has_begun && calls_gateway(task->as.recovery.step) ? SIM_READS_CARD : SIM_READS_STORE;
    case SIM_JOB_DELIVERY:
      return has_begun && task->as.delivery.step == RELOAD_DELIVERY_SEND ? SIM_READS_MAIL
                                                                         : SIM_READS_STORE;
    case SIM_JOB_POSTING: return SIM_READS_CARD | SIM_READS_STORE;
    case SIM_JOB_NONE:
    case SIM_JOB_SLEEP: break;
  }
  return 0;
}

bool sim_job_step(struct sim_machine *machine, struct sim_task *task, int process,
                  enum reload_error *error) {
  fake_disk_set_process(machine->disk, process);
  task->state = SIM_TASK_RUNNING;
  switch ((enum sim_job)task->job) {
    case SIM_JOB_SPEND: return spend_step(machine, task, process, error);
    case SIM_JOB_RECOVERY: return recovery_step(machine, task, process, error);
    case SIM_JOB_DELIVERY: return delivery_step(machine, task, process, error);
    case SIM_JOB_NONE:
    case SIM_JOB_POSTING:
    case SIM_JOB_SLEEP: break;
  }
  *error = RELOAD_INVALID;
  return true;
}

/* ---- Events ---- */

enum { LATE_MS = 24 * 3600 * 1000 };

/* The event's body and signature, as the gateway writes them now. */
static const struct sim_letter *write_letter(struct sim_machine *machine, int32_t index) {
  const struct fake_card *card = &machine->world.card;
  const struct fake_card_event *event = &card->events[index];
  struct sim_letter *letter = &machine->letter;
  const int64_t now_ms = machine->world.clock.now_ms;
  const uint64_t parts[] = {
      XXH3_64bits(event, offsetof(struct fake_card_event, intent_index)),
      XXH3_64bits(&card->intents[event->intent_index], sizeof card->intents[0]), (uint64_t)now_ms};
  const uint64_t key = XXH3_64bits(parts, sizeof parts) | 1;
  if (letter->key == key && !machine->is_again) return letter;
  letter->key = key;
  fake_memory_pause(); /* the gateway's memory is its own */
  letter->length =
      fake_card_event_render(card, index, SIM_EVENT_SECRET, now_ms, letter->body,
                             sizeof letter->body, letter->signature, sizeof letter->signature);
  fake_memory_resume();
  return letter;
}

/* Post one event.
 * Returns: whether the engine has acknowledged it; if not, the gateway will send it again */
static bool post_event(struct sim_machine *machine, int32_t index, int process) {
  struct fake_card *card = &machine->world.card;
  struct reload_event event;
  machine->effect->call = fake_card_event_type(card->events[index].kind);
  machine->effect->event = index;
  machine->effect->event_fate = SIM_EVENT_TO_COME_BACK;
  const struct sim_letter *letter = write_letter(machine, index);
  if (letter->length < 0) {
    machine->effect->problem = "an event cannot be written";
    return true;
  }
  fake_disk_set_process(machine->disk, process);
  enum reload_error error =
      reload_event_read(letter->body, (size_t)letter->length, letter->signature, SIM_EVENT_SECRET,
                        machine->world.clock.now_ms, &event, &machine->effect->message);
  if (error == RELOAD_OK)
    error = reload_event_apply(machine->engines[process], &event, &machine->effect->message);
  if (!machine->dying && (error == RELOAD_OK || error == RELOAD_INVALID)) {
    machine->effect->event_fate = SIM_EVENT_ACKNOWLEDGED;
    return true;
  }
  if (machine->step_failed) card->events[index].posted = 1;
  return false;
}

/* The event to be posted now; -1: none. Events that wait for a later day are skipped. */
static int32_t next_event(const struct sim_machine *machine, struct sim_posting *posting,
                          enum sim_event_order order) {
  const struct fake_card *card = &machine->world.card;
  for (; posting->skipped < card->event_count; posting->skipped++) {
    int32_t index =
        order == SIM_EVENTS_REVERSED ? card->event_count - 1 - posting->skipped : posting->skipped;
    if (card->events[index].not_before_ms <= machine->world.clock.now_ms) return index;
  }
  return -1;
}

/* Whether an injected fault delays or loses the event. False: it comes now, perhaps twice. */
static bool is_held_back(struct sim_machine *machine, int32_t index, struct sim_posting *posting) {
  int count = 0;
  const struct sim_fault *faults = sim_event_injections(false, &count), *shown = NULL;
  if (posting->again || !sim_may_inject(machine)) return false;
  if (machine->world.card.events[index].posted) count = SIM_EVENT_NEVER; /* it may have arrived */
  shown = sim_choose_event_fault(machine, false, count);
  if (!shown) return false;
  machine->world.injected++;
  machine->effect->injected = true;
  if (shown == &faults[SIM_EVENT_TWICE]) {
    posting->again = 2;
    return false;
  }
  machine->effect->event = index;
  machine->effect->event_fate =
      shown == &faults[SIM_EVENT_NEVER] ? SIM_EVENT_LOST : SIM_EVENT_HELD_BACK;
  if (machine->effect->event_fate == SIM_EVENT_LOST)
    fake_card_event_lose(&machine->world.card, index);
  else
    fake_card_event_delay(&machine->world.card, index, machine->world.clock.now_ms + LATE_MS);
  return true;
}

void sim_post_early(struct sim_machine *machine) {
  const struct sim_fault *shown =
      sim_choose_event_fault(machine, true, machine->world.card.event_count);
  int count = 0;
  if (!shown) return;
  int32_t index = (int32_t)(shown - sim_event_injections(true, &count));
  if (post_event(machine, index, 0)) fake_card_event_drop(&machine->world.card, index);
  machine->effect->call = "an event comes early";
}

bool sim_post_event(struct sim_machine *machine, struct sim_posting *posting,
                    enum sim_event_order order, int process) {
  struct fake_card *card = &machine->world.card;
  machine->effect->call = "event";
  if (order == SIM_EVENTS_NEVER)
    while (fake_card_event_lose(card, 0)) continue;
  int32_t index = next_event(machine, posting, order);
  if (index < 0) return true;
  if (is_held_back(machine, index, posting)) return next_event(machine, posting, order) < 0;
  if (!post_event(machine, index, process)) {
    posting->skipped++;
    posting->again = 0;
  } else if (posting->again == 2 || (order == SIM_EVENTS_TWICE && !posting->again)) {
    posting->again = 1;
  } else {
    posting->again = 0;
    fake_card_event_drop(card, index);
  }
  return posting->skipped >= card->event_count;
}
