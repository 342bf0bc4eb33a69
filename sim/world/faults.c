/* Injected faults, made: the disk's hook inside a step; deaths, clock jumps, outages and events
 * between steps. */
#include "machine_inside.h"

#include <stdlib.h>
#include <string.h>

enum {
  CLOCK_FORWARD_MS = 24 * 3600 * 1000,
  CLOCK_BACK_MS = -5 * 60 * 1000,
  OUTAGE_MS = 3600 * 1000
};

/* ---- Inside a step ---- */

static void shown(struct sim_machine *machine, const char *site, int nth) {
  machine->effect->step_fault = (enum sim_step_fault_kind)machine->fail.kind;
  machine->effect->step_site = site;
  machine->effect->step_nth = nth;
  machine->effect->injected = true;
  machine->world.injected++;
  machine->world.strains |=
      machine->fail.kind == SIM_DISK_DIES || machine->fail.kind == SIM_POWER_FAILS
          ? SIM_STRAIN_DEATH
          : SIM_STRAIN_STORE;
}

static int io_error(enum fake_disk_kind kind) {
  switch (kind) {
    case FAKE_DISK_OPEN: return SQLITE_CANTOPEN;
    case FAKE_DISK_READ: return SQLITE_IOERR_READ;
    case FAKE_DISK_WRITE: return SQLITE_IOERR_WRITE;
    case FAKE_DISK_SYNC: return SQLITE_IOERR_FSYNC;
    case FAKE_DISK_TRUNCATE: return SQLITE_IOERR_TRUNCATE;
    case FAKE_DISK_SHM_MAP: return SQLITE_IOERR_SHMMAP;
    case FAKE_DISK_DELETE: return SQLITE_IOERR_DELETE;
    case FAKE_DISK_LOCK:
    case FAKE_DISK_SHM_LOCK: break;
  }
  return SQLITE_IOERR;
}

static int answer(struct sim_machine *machine, const struct fake_disk_op *op) {
  shown(machine, op->site, machine->site_counts[op->role][op->kind]);
  switch ((enum sim_step_fault_kind)machine->fail.kind) {
    case SIM_DISK_ERROR: return io_error(op->kind);
    case SIM_DISK_FULL: return SQLITE_FULL;
    case SIM_DISK_SHORT_READ: return SQLITE_IOERR_SHORT_READ;
    case SIM_DISK_BUSY: return SQLITE_BUSY;
    case SIM_DISK_LOCKED: machine->taken = *op; return SQLITE_BUSY;
    case SIM_DISK_DIES:
      machine->dying = true;
      machine->dead_process = op->process;
      return FAKE_DISK_DIE;
    case SIM_POWER_FAILS:
      machine->dying = true;
      machine->effect->image = machine->fail.which;
      machine->effect->image_writes = fake_disk_unsynced_count(machine->disk);
      return FAKE_DISK_CUT;
    case SIM_STEP_FINE:
    case SIM_MEMORY_FAILS:
    case SIM_STEP_FAULT_COUNT: break;
  }
  return SQLITE_OK;
}

static void note(struct sim_machine *machine, const struct fake_disk_op *op, int at) {
  struct sim_points *points = machine->watched;
  uint8_t images[256];
  if (at >= SIM_MAX_DISK_OPS) {
    points->overflowed = true;
    return;
  }
  points->kinds[at] = (uint8_t)op->kind;
  points->roles[at] = (uint8_t)op->role;
  points->op_count = at + 1;
  points->bounded = points->bounded || !sim_power_is_whole(fake_disk_unsynced_count(machine->disk));
  int count = sim_power_new_images(&machine->power, machine->disk, images);
  if (op->kind == FAKE_DISK_SYNC) sim_power_synced(&machine->power, machine->disk, op->file);
  for (int i = 0; i < count; i++)
    points->images[points->image_count++] = (uint16_t)(at << 8 | images[i]);
}

/* Whether this is where the script's disk or power fails; then machine->fail becomes that fault. */
static bool is_told(struct sim_machine *machine, const struct fake_disk_op *op, int at) {
  char text[SIM_STEP_FAULT_SIZE];
  const char *told = machine->script->step_fault;
  size_t length = strlen(op->site);
  struct sim_effect effect = {.step_site = op->site,
                              .step_nth = machine->site_counts[op->role][op->kind],
                              .image_writes = fake_disk_unsynced_count(machine->disk)};
  if (strncmp(told, op->site, length) != 0) return false;
  for (int kind = SIM_DISK_ERROR; kind <= SIM_POWER_FAILS; kind++) {
    bool power = kind == SIM_POWER_FAILS;
    effect.step_fault = (enum sim_step_fault_kind)kind;
    if (!sim_disk_fault_applies(op->kind, effect.step_fault)) continue;
    effect.image = power ? sim_power_image_count(effect.image_writes) : 1;
    while (effect.image-- > 0) {
      sim_effect_step_fault(&effect, text);
      if (strcmp(text, told) != 0) continue;
      machine->fail = (struct sim_step_fault){(int16_t)kind, (int16_t)at, (int16_t)effect.image};
      return true;
    }
  }
  return false;
}

/* SIM_DISK_LOCKED: somebody else has got this lock and keeps it. Nobody sleeps: SQLite asks again
 * until it has waited for its whole timeout, which takes no time here. */
static bool is_taken(const struct sim_machine *machine, const struct fake_disk_op *op) {
  const struct fake_disk_op *taken = &machine->taken;
  if (!taken->site || taken->kind != op->kind || taken->role != op->role) return false;
  return op->kind == FAKE_DISK_LOCK ||
         (op->offset < taken->offset + taken->length && taken->offset < op->offset + op->length);
}

static int before(void *self, const struct fake_disk_op *op) {
  struct sim_machine *machine = self;
  int at = machine->op++;
  uint8_t *nth = &machine->site_counts[op->role][op->kind];
  if (*nth < UINT8_MAX) ++*nth;
  if (machine->watched) note(machine, op, at);
  if (is_taken(machine, op)) return SQLITE_BUSY;
  if (machine->script && is_told(machine, op, at)) return answer(machine, op);
  bool fails = machine->fail.kind != SIM_STEP_FINE && machine->fail.kind != SIM_MEMORY_FAILS;
  return fails && at == machine->fail.at && !machine->script ? answer(machine, op) : SQLITE_OK;
}

/* "memory.sqlite 17: allocation fails" */
static void find_told_request(struct sim_machine *machine) {
  char text[SIM_STEP_FAULT_SIZE];
  struct sim_effect effect = {.step_fault = SIM_MEMORY_FAILS};
  for (int user = 0; user < FAKE_MEMORY_USER_COUNT; user++) {
    effect.step_site = fake_memory_site_name((enum fake_memory_user)user);
    size_t length = strlen(effect.step_site);
    if (strncmp(machine->script->step_fault, effect.step_site, length) != 0) continue;
    long nth = strtol(machine->script->step_fault + length, NULL, 10);
    effect.step_nth = nth > 0 && nth < INT16_MAX ? (int)nth : 1;
    sim_effect_step_fault(&effect, text);
    if (strcmp(text, machine->script->step_fault) == 0)
      machine->fail =
          (struct sim_step_fault){SIM_MEMORY_FAILS, (int16_t)(effect.step_nth - 1), (int16_t)user};
  }
}

/* Operations keep their numbers only with cold caches, also where a path is made again at once. */
void sim_hook_begin(struct sim_machine *machine) {
  struct fake_disk_hook hook = {.self = machine, .before = before};
  fake_disk_forget_caches(machine->disk);
  machine->taken.site = NULL;
  fake_disk_set_hook(machine->disk, &hook);
  if (machine->watched) memset(&machine->power, 0, sizeof machine->power);
  if (machine->script) find_told_request(machine);
  bool fails = machine->fail.kind == SIM_MEMORY_FAILS;
  fake_memory_begin(fails ? (enum fake_memory_user)machine->fail.which : FAKE_MEMORY_SQLITE,
                    fails ? machine->fail.at + 1 : 0);
}

static enum fake_disk_fate fate(void *self, int index, int count) {
  const struct sim_machine *machine = self;
  return sim_power_fate(machine->fail.which, index, count);
}

/* The step has unwound: now the dead are buried, and others take their place. */
void sim_hook_end(struct sim_machine *machine) {
  struct fake_memory_counts memory = fake_memory_end();
  fake_disk_set_hook(machine->disk, NULL);
  if (machine->watched) machine->watched->memory = memory;
  if (fake_memory_failed())
    shown(machine, fake_memory_site_name((enum fake_memory_user)machine->fail.which),
          machine->fail.at + 1);
  /* A page that was read as zeros stays in the cache; a host that is told "corrupt" opens anew. */
  if (machine->fail.kind == SIM_DISK_SHORT_READ) fake_disk_forget_caches(machine->disk);
  if (!machine->dying) return;
  bool power = machine->fail.kind == SIM_POWER_FAILS;
  struct fake_disk_survival survival = {.self = machine, .choose = fate};
  if (power && !fake_disk_power_fail(machine->disk, &survival))
    machine->effect->problem = "out of memory";
  machine->fail = (struct sim_step_fault){.kind = SIM_STEP_FINE}; /* the fault is over */
  machine->effect->died = power ? SIM_DIED_ALL : SIM_DIED_ONE + machine->dead_process;
  sim_crash(machine, power ? -1 : machine->dead_process, false);
}

/* ---- Between steps ---- */

uint32_t sim_fault_moves(const struct sim_view *view) {
  uint32_t moves = 0;
  for (int i = 0; i < view->the_case->process_count; i++) moves |= 1u << (SIM_MOVE_CRASH + i);
  moves |= 1u << SIM_MOVE_POWER_CUT | 1u << SIM_MOVE_CLOCK_FORWARD;
  if (view->now_ms > -CLOCK_BACK_MS) moves |= 1u << SIM_MOVE_CLOCK_BACK;
  if (view->gateway_down_until_ms <= view->now_ms) moves |= 1u << SIM_MOVE_GATEWAY_DOWN;
  if (view->event_count > 0 && !view->settling) moves |= 1u << SIM_MOVE_EVENT;
  return moves;
}

static int32_t move_strains(int move) {
  switch (move) {
    case SIM_MOVE_CLOCK_FORWARD:
    case SIM_MOVE_CLOCK_BACK: return SIM_STRAIN_TIME;
    case SIM_MOVE_GATEWAY_DOWN: return SIM_STRAIN_GATEWAY;
    case SIM_MOVE_EVENT: return 0;
    default: return SIM_STRAIN_DEATH;
  }
}

void sim_fault_move(struct sim_machine *machine, int move) {
  machine->world.injected++;
  machine->world.strains |= move_strains(move);
  machine->effect->injected = true;
  switch (move) {
    case SIM_MOVE_POWER_CUT:
      machine->effect->call = "the power fails";
      if (!fake_disk_power_fail(machine->disk, NULL)) machine->effect->problem = "out of memory";
      sim_crash(machine, -1, true);
      return;
    case SIM_MOVE_CLOCK_FORWARD:
      machine->effect->call = "the clock jumps forward by a day";
      sim_clock_jump(machine, CLOCK_FORWARD_MS);
      return;
    case SIM_MOVE_CLOCK_BACK:
      machine->effect->call = "the clock steps back by five minutes";
      sim_clock_jump(machine, CLOCK_BACK_MS);
      return;
    case SIM_MOVE_GATEWAY_DOWN:
      machine->effect->call = "the gateway is down for an hour";
      machine->world.card.down_until_ms = machine->world.clock.now_ms + OUTAGE_MS;
      return;
    case SIM_MOVE_EVENT: sim_post_early(machine); return;
    default:
      machine->effect->call = "a process dies";
      sim_crash(machine, move - SIM_MOVE_CRASH, true);
      return;
  }
}
