/* Deaths: what they do to requests, and the processes that take the dead ones' place. */
#include "machine_inside.h"

#include <string.h>

/* A fault while a store is being opened shows as an error that says what to do about it. A file of
 * which the first page cannot be read is not recognised. */
static bool may_say(enum reload_error error, enum sim_step_fault_kind fault) {
  return error == RELOAD_BUSY || error == RELOAD_FULL || error == RELOAD_IO ||
         error == RELOAD_NOMEM || error == RELOAD_CORRUPT ||
         (error == RELOAD_FOREIGN && fault == SIM_DISK_SHORT_READ);
}

/* A new engine opens the store for real, and leaves it to its stand-in, whose statements are
 * prepared. */
static enum reload_error open_for_real(struct sim_machine *machine) {
  struct reload_engine *engine = NULL;
  struct reload_config config = sim_machine_config(machine);
  enum reload_error error = reload_open(&config, &engine, &machine->effect->message);
  reload_close(engine);
  return error;
}

static enum reload_error open_again(struct sim_machine *machine, int process, bool opens) {
  return opens ? open_for_real(machine)
               : reload_checkpoint(machine->engines[process], &machine->effect->message);
}

/* A fault injected right here is the new process's fate: yet another one opens. */
static void replace(struct sim_machine *machine, int process, bool opens) {
  enum reload_error error = open_again(machine, process, opens);
  if (error == RELOAD_OK) return;
  bool fails = machine->fail.kind != SIM_STEP_FINE;
  if (machine->dying && fails) return; /* and sim_hook_end() comes here again */
  if (!fails || (opens && !may_say(error, (enum sim_step_fault_kind)machine->fail.kind)) ||
      open_again(machine, process, opens) != RELOAD_OK)
    machine->effect->problem = "a new process cannot open the store";
}

static void forget_requests(struct sim_machine *machine, int process) {
  struct sim_task *background = &machine->world.tasks[SIM_BACKGROUND];
  for (int i = 0; i < machine->the_case->actor_count; i++) {
    struct sim_task *task = &machine->world.tasks[i];
    bool inside = task->state == SIM_TASK_RUNNING || task->state == SIM_TASK_WAITING;
    if (!inside || task->job == SIM_JOB_SLEEP || task->job == SIM_JOB_NONE) continue;
    if (process >= 0 && machine->the_case->actors[i].steps[task->step].process != process) continue;
    sim_end_step(machine, i, task->job == SIM_JOB_SPEND ? SIM_ANSWER_LOST : SIM_ANSWER_NONE);
  }
  if (process <= 0) { /* the background's jobs run in the first process, and start anew */
    memset(&background->as, 0, sizeof background->as);
    background->job = SIM_JOB_NONE;
  }
}

void sim_crash(struct sim_machine *machine, int process, bool opens) {
  forget_requests(machine, process);
  for (int i = 0; i < machine->the_case->process_count; i++)
    if (process < 0 || process == i) {
      if (process >= 0) fake_disk_process_dies(machine->disk, i);
      fake_disk_process_starts(machine->disk, i);
      fake_disk_set_process(machine->disk, i);
      replace(machine, i, opens);
    }
  fake_disk_begin_step(machine->disk); /* opening is no step: its transactions do not count */
}
