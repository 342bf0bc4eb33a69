/* Injected faults, made: the disk's hook inside a step, deaths and clock jumps between steps. */
#include "machine_inside.h"

#include <string.h>

enum { CLOCK_FORWARD_MS = 24 * 3600 * 1000, CLOCK_BACK_MS = -5 * 60 * 1000 };

/* ---- Inside a step ---- */

static int answer(struct sim_machine *machine, const struct fake_disk_op *op) {
  machine->effect->disk_fault = machine->fail_how;
  machine->effect->disk_site = op->site;
  machine->effect->disk_nth = machine->site_counts[op->role][op->kind];
  machine->effect->injected = true;
  machine->world.injected++;
  switch (machine->fail_how) {
    case SIM_DISK_ERROR:
      return op->kind == FAKE_DISK_READ   ? SQLITE_IOERR_READ
             : op->kind == FAKE_DISK_SYNC ? SQLITE_IOERR_FSYNC
                                          : SQLITE_IOERR_WRITE;
    case SIM_DISK_FULL: return SQLITE_FULL;
    case SIM_DISK_SHORT_READ: return SQLITE_IOERR_SHORT_READ;
    case SIM_DISK_BUSY: return SQLITE_BUSY;
    case SIM_DISK_DIES:
      machine->dying = true;
      machine->dead_process = op->process;
      return FAKE_DISK_DIE;
    case SIM_DISK_POWER_DROP:
    case SIM_DISK_POWER_KEEP:
    case SIM_DISK_POWER_TEAR:
    case SIM_DISK_POWER_LATE: machine->dying = true; return FAKE_DISK_CUT;
    case SIM_DISK_FINE:
    case SIM_DISK_FAULT_COUNT: break;
  }
  return SQLITE_OK;
}

static int before(void *self, const struct fake_disk_op *op) {
  struct sim_machine *machine = self;
  int at = machine->op++;
  const struct sim_script *script = machine->script;
  uint8_t *nth = &machine->site_counts[op->role][op->kind];
  if (*nth < UINT8_MAX) ++*nth;
  if (script && script->disk_fault && *nth == script->disk_nth &&
      strcmp(op->site, script->disk_site) == 0)
    machine->fail_op = at;
  if (machine->watched) {
    if (at < SIM_MAX_DISK_OPS) {
      machine->watched->kinds[at] = (uint8_t)op->kind;
      machine->watched->roles[at] = (uint8_t)op->role;
      machine->watched->count = at + 1;
    } else
      machine->watched->overflowed = true;
  }
  return at == machine->fail_op ? answer(machine, op) : SQLITE_OK;
}

void sim_hook_begin(struct sim_machine *machine) {
  struct fake_disk_hook hook = {.self = machine, .before = before};
  fake_disk_forget_caches(machine->disk); /* or operations had other numbers on another way here */
  fake_disk_set_hook(machine->disk, &hook);
}

static enum fake_disk_fate fate(void *self, int index, int count) {
  const struct sim_machine *machine = self;
  bool last = index == count - 1;
  switch (machine->fail_how) {
    case SIM_DISK_POWER_KEEP: return FAKE_DISK_KEEP;
    case SIM_DISK_POWER_TEAR: return last ? FAKE_DISK_TEAR : FAKE_DISK_KEEP;
    case SIM_DISK_POWER_LATE: return last ? FAKE_DISK_KEEP : FAKE_DISK_DROP;
    default: return FAKE_DISK_DROP;
  }
}

/* The step has unwound: now the dead are buried, and others take their place. */
void sim_hook_end(struct sim_machine *machine) {
  fake_disk_set_hook(machine->disk, NULL);
  /* A page that was read as zeros stays in the cache; a host that is told "corrupt" opens anew. */
  if (machine->fail_how == SIM_DISK_SHORT_READ) fake_disk_forget_caches(machine->disk);
  if (!machine->dying) return;
  machine->fail_op = -1; /* the fault is over */
  if (machine->fail_how == SIM_DISK_DIES) {
    sim_crash(machine, machine->dead_process);
    return;
  }
  struct fake_disk_survival survival = {.self = machine, .choose = fate};
  if (!fake_disk_power_fail(machine->disk, &survival)) machine->effect->problem = "out of memory";
  sim_crash(machine, -1);
}

/* ---- Between steps ---- */

uint32_t sim_fault_moves(const struct sim_machine *machine) {
  uint32_t moves = 0;
  if (machine->world.injected >= machine->fault_budget) return 0;
  for (int i = 0; i < machine->the_case->process_count; i++) moves |= 1u << (SIM_MOVE_CRASH + i);
  moves |= 1u << SIM_MOVE_POWER_CUT | 1u << SIM_MOVE_CLOCK_FORWARD;
  if (machine->world.clock.now_ms > -CLOCK_BACK_MS) moves |= 1u << SIM_MOVE_CLOCK_BACK;
  return moves;
}

void sim_fault_move(struct sim_machine *machine, int move) {
  machine->world.injected++;
  machine->effect->injected = true;
  switch (move) {
    case SIM_MOVE_POWER_CUT:
      machine->effect->call = "the power fails";
      if (!fake_disk_power_fail(machine->disk, NULL)) machine->effect->problem = "out of memory";
      sim_crash(machine, -1);
      return;
    case SIM_MOVE_CLOCK_FORWARD:
      machine->effect->call = "the clock jumps forward by a day";
      sim_clock_jump(machine, CLOCK_FORWARD_MS);
      return;
    case SIM_MOVE_CLOCK_BACK:
      machine->effect->call = "the clock steps back by five minutes";
      sim_clock_jump(machine, CLOCK_BACK_MS);
      return;
    default:
      machine->effect->call = "a process dies";
      sim_crash(machine, move - SIM_MOVE_CRASH);
      return;
  }
}
