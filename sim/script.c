/* Moves told by name, as tapes have them. */
#include "machine_inside.h"

#include <stdio.h>
#include <string.h>

static const struct {
  int move;
  const char *call;
} world_moves[] = {
    {SIM_MOVE_CRASH, "process 1 dies"},
    {SIM_MOVE_CRASH + 1, "process 2 dies"},
    {SIM_MOVE_CRASH + 2, "process 3 dies"},
    {SIM_MOVE_CRASH + 3, "process 4 dies"},
    {SIM_MOVE_POWER_CUT, "the power fails"},
    {SIM_MOVE_CLOCK_FORWARD, "the clock jumps forward by a day"},
    {SIM_MOVE_CLOCK_BACK, "the clock steps back by five minutes"},
};

static int task_of(const struct sim_machine *machine, const struct sim_script *script) {
  if (strcmp(script->who, "background") == 0) return SIM_BACKGROUND;
  if (strcmp(script->who, "world") == 0)
    for (size_t i = 0; i < sizeof world_moves / sizeof world_moves[0]; i++)
      if (strcmp(script->call, world_moves[i].call) == 0) return world_moves[i].move;
  for (int i = 0; i < machine->the_case->actor_count; i++)
    if (strcmp(machine->the_case->actors[i].name, script->who) == 0) return i;
  return -1;
}

bool sim_machine_play(struct sim_machine *machine, const struct sim_script *script,
                      struct sim_effect *effect) {
  struct sim_disk_ops ops = {.count = 0};
  struct sim_tape tape = {.length = 0};
  int task = task_of(machine, script);
  if (task < 0 || !(sim_machine_moves(machine) & 1u << task)) return false;
  machine->script = script;
  machine->fail_how = script->disk_fault;
  machine->watched =
      script->disk_fault ? &ops : NULL; /* the hook must be there, to find the place */
  sim_machine_move(machine, task, &tape, effect);
  machine->watched = NULL;
  machine->script = NULL;
  machine->fail_op = -1;
  return true;
}

void sim_machine_script(const struct sim_machine *machine, const struct sim_effect *effect,
                        struct sim_script *script) {
  const char *who = effect->task > SIM_BACKGROUND ? "world"
                    : effect->is_background       ? "background"
                                                  : machine->the_case->actors[effect->task].name;
  const char *call = effect->call;
  for (size_t i = 0; i < sizeof world_moves / sizeof world_moves[0]; i++)
    if (effect->task == world_moves[i].move) call = world_moves[i].call;
  memset(script, 0, sizeof *script);
  snprintf(script->who, sizeof script->who, "%s", who);
  snprintf(script->call, sizeof script->call, "%s", call);
  snprintf(script->fault, sizeof script->fault, "%s", effect->fault ? effect->fault->text : "");
  snprintf(script->disk_site, sizeof script->disk_site, "%s", effect->disk_site);
  script->disk_nth = effect->disk_nth;
  script->disk_fault = effect->disk_fault;
  script->tried_again = effect->tried_again;
}

/* How the power's images differ is not told: "the power fails" is one fault of a site. */
static const char *disk_fault_class(enum sim_disk_fault fault) {
  return fault >= SIM_DISK_POWER_DROP ? "the power fails" : sim_disk_fault_word(fault);
}

void sim_effect_site(const struct sim_effect *effect, char site[SIM_SITE_NAME_SIZE]) {
  const char *where = "", *what = "";
  if (!effect->injected) {
    site[0] = '\0';
    return;
  }
  if (effect->disk_fault) {
    where = effect->disk_site;
    what = disk_fault_class(effect->disk_fault);
  } else if (effect->task > SIM_BACKGROUND) {
    where = "world";
    what = effect->call;
  } else if (effect->fault) {
    where = effect->fault_site;
    what = effect->fault->text;
  }
  snprintf(site, SIM_SITE_NAME_SIZE, "%s: %s", where, what);
}
