/* The background: what operators' timers do in production, once all actors have ended. Waiting
 * events come in, recovery runs, mail is delivered, and time passes until something is due. The
 * engine says when that is, as it does to any host; what it forgets is never done. */
#include "machine_inside.h"
#include "parts.h"

#include <string.h>

enum { EVENTS, RECOVERY, MAIL, SLEEP };
enum { TRY_AGAIN_MS = 60 * 1000 };

static void start_stage(struct sim_task *task, int stage) {
  static const enum sim_job jobs[] = {[EVENTS] = SIM_JOB_POSTING,
                                      [RECOVERY] = SIM_JOB_RECOVERY,
                                      [MAIL] = SIM_JOB_DELIVERY,
                                      [SLEEP] = SIM_JOB_SLEEP};
  memset(&task->as, 0, sizeof task->as);
  task->step = stage;
  task->job = (int32_t)jobs[stage];
}

static bool mail_waits(const struct sim_ledger *ledger) {
  for (int i = 0; i < ledger->toggle_count; i++)
    if (ledger->toggles[i].delivered_at_ms == 0) return true;
  return false;
}

static bool charge_waits(const struct sim_ledger *ledger) {
  for (int i = 0; i < ledger->charge_count; i++)
    if (ledger->charges[i].state < RELOAD_CHARGE_CAPTURED) return true;
  return false;
}

static void take_sooner(int64_t *next_ms, int64_t at_ms, int64_t now_ms) {
  if (at_ms == 0) return; /* the engine says so that nothing is due */
  if (at_ms <= now_ms) at_ms = now_ms + 1;
  if (at_ms < *next_ms) *next_ms = at_ms;
}

/* The next instant at which something will be due; INT64_MAX: never. */
static int64_t next_due_ms(const struct sim_machine *machine) {
  int64_t now_ms = machine->world.clock.now_ms;
  int64_t next_ms = fake_card_next_due_ms(&machine->world.card);
  take_sooner(&next_ms, machine->world.recover_at_ms, now_ms);
  take_sooner(&next_ms, machine->world.deliver_at_ms, now_ms);
  for (int i = 0; i < machine->world.card.event_count; i++) {
    int64_t not_before_ms = machine->world.card.events[i].not_before_ms;
    take_sooner(&next_ms, not_before_ms > now_ms ? not_before_ms : now_ms + TRY_AGAIN_MS, now_ms);
  }
  return next_ms;
}

static void sleep_or_rest(struct sim_machine *machine, struct sim_task *task) {
  struct sim_world *world = &machine->world;
  int64_t next_ms = next_due_ms(machine);
  machine->effect->time_passed = true;
  if (next_ms == INT64_MAX && !charge_waits(&world->ledger) && !mail_waits(&world->ledger)) {
    machine->effect->call = "all is settled";
    world->at_rest = 1;
  } else if (world->rounds++ >= SIM_MAX_ROUNDS || next_ms == INT64_MAX) {
    machine->effect->call = "nothing settles";
    machine->effect->problem = "no terminal state is reached: a charge stays unresolved or a mail "
                               "undelivered, though nothing stands in the way";
  } else {
    machine->effect->call = "time passes";
    fake_clock_reach(&world->clock, next_ms);
    fake_card_advance(&world->card, world->clock.now_ms);
    fake_mail_advance(&world->mail, world->clock.now_ms);
  }
  world->recover_at_ms = 0;
  world->deliver_at_ms = 0;
  start_stage(task, EVENTS);
}

/* Run a job's next step. Once the job has ended, the engine has said when to run it again; a job
 * that failed could not say. Returns: whether it has ended */
static bool run_job(struct sim_machine *machine, struct sim_task *task, enum reload_error *error) {
  struct sim_world *world = &machine->world;
  bool recovers = task->step == RECOVERY;
  if (!sim_job_step(machine, task, 0, error)) return false;
  int64_t wake_at_ms = recovers ? task->as.recovery.wake_at_ms : task->as.delivery.wake_at_ms;
  if (*error != RELOAD_OK) wake_at_ms = world->clock.now_ms + TRY_AGAIN_MS;
  *(recovers ? &world->recover_at_ms : &world->deliver_at_ms) = wake_at_ms;
  return true;
}

int sim_background_reads(const struct sim_task *task) {
  switch (task->job == SIM_JOB_NONE ? EVENTS : task->step) {
    case EVENTS: return sim_job_reads(SIM_JOB_POSTING, task);
    case RECOVERY: return sim_job_reads(SIM_JOB_RECOVERY, task);
    case MAIL: return sim_job_reads(SIM_JOB_DELIVERY, task);
    default: return SIM_READS_ALL;
  }
}

void sim_background_step(struct sim_machine *machine) {
  struct sim_task *task = &machine->world.tasks[SIM_BACKGROUND];
  enum reload_error error = RELOAD_OK;
  bool ended = false;
  if (task->job == SIM_JOB_NONE) start_stage(task, EVENTS);
  switch (task->step) {
    case EVENTS:
      ended = sim_post_event(machine, &task->as.posting, machine->the_case->events, 0);
      break;
    case RECOVERY:
    case MAIL: ended = run_job(machine, task, &error); break;
    default: sleep_or_rest(machine, task); return;
  }
  if (error != RELOAD_OK) {
    if (!machine->step_failed) machine->effect->problem = "a background job failed";
    ended = true; /* the timers will run it again */
  }
  if (ended) start_stage(task, task->step + 1);
}
