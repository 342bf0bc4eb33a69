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
    {SIM_MOVE_GATEWAY_DOWN, "the gateway is down for an hour"},
    {SIM_MOVE_EVENT, "an event comes early"},
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
  struct sim_tape tape = {.length = 0};
  int task = task_of(machine, script);
  if (task < 0 || !(sim_machine_moves(machine) & 1u << task)) return false;
  machine->script = script;
  sim_machine_move(machine, task, &tape, effect);
  machine->script = NULL;
  machine->fail = (struct sim_step_fault){.kind = SIM_STEP_FINE};
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
  sim_effect_step_fault(effect, script->step_fault);
  script->tried_again = effect->tried_again;
}

void sim_effect_step_fault(const struct sim_effect *effect, char text[SIM_STEP_FAULT_SIZE]) {
  char image[SIM_POWER_TEXT_SIZE] = "";
  text[0] = '\0';
  if (effect->step_fault == SIM_STEP_FINE) return;
  if (effect->step_fault == SIM_POWER_FAILS)
    sim_power_text(effect->image, effect->image_writes, image);
  snprintf(text, SIM_STEP_FAULT_SIZE, "%s %d: %s%s%s", effect->step_site, effect->step_nth,
           sim_step_fault_word(effect->step_fault), image[0] ? ", " : "", image);
}

void sim_effect_site(const struct sim_effect *effect, char site[SIM_SITE_NAME_SIZE]) {
  const char *where = "world", *what = effect->call;
  if (!effect->injected) {
    site[0] = '\0';
    return;
  }
  if (effect->step_fault) {
    where = effect->step_site;
    what = sim_step_fault_word(effect->step_fault);
  } else if (effect->fault) {
    where = effect->fault_site;
    what = effect->fault->text;
  }
  snprintf(site, SIM_SITE_NAME_SIZE, "%s: %s", where, what);
}
