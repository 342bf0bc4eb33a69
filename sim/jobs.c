/* The engine's jobs, one step at a time, and the delivery of gateway events. */
#include "machine_inside.h"

#include <string.h>

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

bool sim_job_move(struct sim_machine *machine, struct sim_task *task, int process,
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

bool sim_post_event(struct sim_machine *machine, struct sim_posting *posting,
                    enum sim_event_order order, int process, enum reload_error *error) {
  char body[FAKE_CARD_BODY_SIZE], signature[FAKE_CARD_SIGNATURE_SIZE];
  struct fake_card *card = &machine->world.card;
  struct reload_event event;
  *error = RELOAD_OK;
  machine->effect->call = "event";
  if (order == SIM_EVENTS_NEVER)
    while (fake_card_event_drop(card, 0)) continue;
  if (posting->skipped >= card->event_count) return true;
  int32_t index =
      order == SIM_EVENTS_REVERSED ? card->event_count - 1 - posting->skipped : posting->skipped;
  int length = fake_card_event_render(card, index, SIM_EVENT_SECRET, machine->world.clock.now_ms,
                                      body, sizeof body, signature, sizeof signature);
  machine->effect->call = fake_card_event_type(card->events[index].kind);
  if (length < 0) {
    machine->effect->problem = "an event cannot be written";
    return true;
  }
  fake_disk_set_process(machine->disk, process);
  *error = reload_event_read(body, (size_t)length, signature, SIM_EVENT_SECRET,
                             machine->world.clock.now_ms, &event, &machine->effect->message);
  if (*error == RELOAD_OK)
    *error = reload_event_apply(machine->engines[process], &event, &machine->effect->message);
  if (machine->dying || (*error != RELOAD_OK && *error != RELOAD_INVALID)) {
    *error = RELOAD_OK; /* not acknowledged: the gateway will send it again later */
    posting->skipped++;
  } else if (order == SIM_EVENTS_TWICE && !posting->again) {
    posting->again = 1;
  } else {
    posting->again = 0;
    fake_card_event_drop(card, index);
  }
  return posting->skipped >= card->event_count;
}
