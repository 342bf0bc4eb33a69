/* Deaths: what they do to requests, and the processes that replace the dead ones. */
#include "machine_inside.h"

#include <string.h>

enum { OPEN_EVERY = 8 };

/* Opening the store costs as much as 20 steps and has some 900 places at which it can fail. After
 * most deaths the engine that was open before stands in for a new one: its caches are emptied, and
 * it does with the WAL what opening does. In a sample, chosen by the world alone, a new engine
 * really opens the store, which shows that it makes no difference. A step with faults inside is
 * never in the sample; tests/test_open_faults.c fails the opening itself. */
static bool is_opened(const struct sim_machine *machine) {
  uint64_t hash[2];
  sim_ledger_hash(&machine->world.ledger, machine->the_case->client_count, hash);
  return !machine->hooked && hash[0] % OPEN_EVERY == 0;
}

/* Open the store in a new process. The stand-in keeps it, as its statements are prepared. */
static enum reload_error open_again(struct sim_machine *machine, int process, bool opens) {
  struct reload_message *message = &machine->effect->message;
  struct reload_engine *engine = NULL;
  struct reload_config config = sim_machine_config(machine);
  if (!opens || !is_opened(machine)) return reload_checkpoint(machine->engines[process], message);
  enum reload_error error = reload_open(&config, &engine, message);
  reload_close(engine);
  return error;
}

/* A fault that is injected here hits the new process: then another one opens the store. */
static void replace_process(struct sim_machine *machine, int process, bool opens) {
  if (open_again(machine, process, opens) == RELOAD_OK) return;
  bool fails = machine->step_failed;
  if (machine->dying && fails) return;    /* sim_hook_end() will come here again */
  fake_disk_forget_caches(machine->disk); /* the other one begins with empty caches */
  machine->taken.site = NULL;             /* and with no lock taken */
  if (!fails || open_again(machine, process, opens) != RELOAD_OK)
    machine->effect->problem = "a new process cannot open the store";
}

static bool loses_request(const struct sim_case *the_case, int actor, const struct sim_task *task,
                          int process) {
  bool inside = task->state == SIM_TASK_RUNNING || task->state == SIM_TASK_WAITING;
  if (!inside || task->job == SIM_JOB_SLEEP || task->job == SIM_JOB_NONE) return false;
  return process < 0 || the_case->actors[actor].steps[task->step].process == process;
}

static enum sim_answer lost_answer(const struct sim_task *task) {
  return task->job == SIM_JOB_SPEND ? SIM_ANSWER_LOST : SIM_ANSWER_NONE;
}

bool sim_task_forget(const struct sim_case *the_case, int actor, struct sim_task *task,
                     int process) {
  bool lost = loses_request(the_case, actor, task, process);
  if (lost) sim_task_end(the_case, actor, task, lost_answer(task));
  return lost;
}

static void forget_requests(struct sim_machine *machine, int process) {
  struct sim_task *background = &machine->world.tasks[SIM_BACKGROUND];
  for (int i = 0; i < machine->the_case->actor_count; i++) {
    struct sim_task *task = &machine->world.tasks[i];
    if (loses_request(machine->the_case, i, task, process))
      sim_end_step(machine, i, lost_answer(task)); /* also in the effect, if it is acting */
  }
  if (process <= 0) { /* the background's jobs run in the first process, and begin anew */
    memset(&background->as, 0, sizeof background->as);
    background->job = SIM_JOB_NONE;
  }
}

static void start_again(struct sim_machine *machine, int process, bool opens) {
  for (int i = 0; i < machine->the_case->process_count; i++)
    if (process < 0 || process == i) {
      fake_disk_process_starts(machine->disk, i);
      fake_disk_set_process(machine->disk, i);
      replace_process(machine, i, opens);
    }
}

void sim_crash(struct sim_machine *machine, int process, bool opens) {
  forget_requests(machine, process);
  if (process >= 0) fake_disk_process_dies(machine->disk, process);
  if (opens || !sim_reopen(machine)) start_again(machine, process, opens);
  fake_disk_begin_step(machine->disk); /* the transactions of opening do not count */
}
