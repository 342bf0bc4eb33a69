/* Injected faults: the hooks that fail disk operations and requests for memory inside a step; and
 * deaths, clock jumps, outages and early events between steps. */
#include "machine_inside.h"

#include <stdio.h>
#include <string.h>

enum {
  CLOCK_FORWARD_MS = 24 * 3600 * 1000,
  CLOCK_BACK_MS = -5 * 60 * 1000,
  OUTAGE_MS = 3600 * 1000
};

/* ---- Inside a step ---- */

void sim_fault_shown(struct sim_machine *machine, enum sim_step_fault_kind kind, int site) {
  bool deadly = kind == SIM_DISK_DIES || kind == SIM_POWER_FAILS;
  machine->effect->step_fault = kind;
  machine->effect->step_site = sim_choice_site_name(site);
  machine->effect->step_nth = machine->site_counts[site];
  machine->effect->injected = true;
  machine->step_failed = true;
  machine->world.injected++;
  machine->world.fault_effects |= deadly ? SIM_FAULT_EFFECT_DEATH : SIM_FAULT_EFFECT_STORE;
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

/* Make the chosen fault happen. Returns: what the operation answers */
static int fail_operation(struct sim_machine *machine, const struct fake_disk_op *op, int site,
                          uint16_t code) {
  bool power = code >= SIM_CODE_IMAGE;
  enum sim_step_fault_kind kind = power ? SIM_POWER_FAILS : (enum sim_step_fault_kind)code;
  sim_fault_shown(machine, kind, site);
  switch (kind) {
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
      machine->effect->image = code - SIM_CODE_IMAGE;
      machine->effect->image_writes = fake_disk_unsynced_count(machine->disk);
      return FAKE_DISK_CUT;
    case SIM_STEP_FINE:
    case SIM_MEMORY_FAILS:
    case SIM_STEP_FAULT_COUNT: break;
  }
  return SQLITE_OK;
}

/* All that can go wrong at an operation: its own faults, and each image of a power failure that was
 * not possible earlier in this step. Returns: how many codes */
static int list_codes(struct sim_machine *machine, const struct fake_disk_op *op,
                      uint16_t codes[512]) {
  uint8_t images[256];
  int count = 0;
  for (int kind = SIM_DISK_ERROR; kind <= SIM_DISK_DIES; kind++)
    if (sim_disk_fault_applies(op->kind, (enum sim_step_fault_kind)kind))
      codes[count++] = (uint16_t)kind;
  if (!sim_power_is_whole(fake_disk_unsynced_count(machine->disk)))
    machine->effect->power_bounded = true;
  int image_count = sim_power_new_images(&machine->power, machine->disk, images);
  if (op->kind == FAKE_DISK_SYNC) sim_power_synced(&machine->power, machine->disk, op->file);
  if (image_count > 0)
    sim_moment_keep(machine, SIM_CHOICE_DISK + (int)op->role * SIM_DISK_KINDS + (int)op->kind);
  for (int i = 0; i < image_count; i++) codes[count++] = (uint16_t)(SIM_CODE_IMAGE + images[i]);
  return count;
}

/* SIM_DISK_LOCKED: another process holds this lock for the whole step. SQLite asks again until its
 * timeout is over; sleeping takes no time here. */
static bool is_taken(const struct sim_machine *machine, const struct fake_disk_op *op) {
  const struct fake_disk_op *taken = &machine->taken;
  if (!taken->site || taken->kind != op->kind || taken->role != op->role) return false;
  return op->kind == FAKE_DISK_LOCK ||
         (op->offset < taken->offset + taken->length && taken->offset < op->offset + op->length);
}

static int before_operation(void *self, const struct fake_disk_op *op) {
  struct sim_machine *machine = self;
  int site = SIM_CHOICE_DISK + (int)op->role * SIM_DISK_KINDS + (int)op->kind, count = 0;
  uint16_t codes[512];
  (void)sim_choice_reached(machine, site);
  if (is_taken(machine, op)) return SQLITE_BUSY;
  if (!sim_may_inject(machine)) return SQLITE_OK;
  bool lists = machine->strategy->lists;
  if (lists) count = list_codes(machine, op, codes);
  uint16_t code = sim_choose(machine, site, lists ? codes : NULL, count);
  return code ? fail_operation(machine, op, site, code) : SQLITE_OK;
}

static bool refuse_request(void *self, enum fake_memory_user user) {
  static const uint16_t refused = 1;
  struct sim_machine *machine = self;
  int site = SIM_CHOICE_MEMORY + (int)user;
  (void)sim_choice_reached(machine, site);
  if (!sim_may_inject(machine) || !sim_choose(machine, site, &refused, 1)) return false;
  sim_fault_shown(machine, SIM_MEMORY_FAILS, site);
  return true;
}

/* Operations have the same numbers each time only if a step begins with cold caches. */
void sim_hook_begin(struct sim_machine *machine) {
  const struct fake_disk_hook hook = {.self = machine, .before = before_operation};
  const struct fake_memory_hook memory = {.self = machine, .refuses = refuse_request};
  fake_disk_forget_caches(machine->disk);
  machine->taken.site = NULL;
  machine->statement_count = fake_disk_statement_count(machine->disk);
  fake_disk_set_hook(machine->disk, &hook);
  if (machine->strategy->lists) memset(&machine->power, 0, sizeof machine->power);
  fake_memory_begin(&memory);
}

static enum fake_disk_fate fate_of_write(void *self, int index, int count) {
  const struct sim_machine *machine = self;
  return sim_power_fate(machine->effect->image, index, count);
}

void sim_bury(struct sim_machine *machine, bool power) {
  struct fake_disk_survival survival = {.self = machine, .choose = fate_of_write};
  if (power && !fake_disk_power_fail(machine->disk, &survival))
    machine->effect->problem = "out of memory";
  machine->step_failed = false; /* what follows is no longer the fault's doing */
  machine->effect->died = power ? SIM_DIED_ALL : SIM_DIED_ONE + machine->dead_process;
  sim_crash(machine, power ? -1 : machine->dead_process, false);
}

/* The bounds of the simulator that a step must keep whose faults are listed. */
static void check_listing_bounds(struct sim_machine *machine) {
  if (machine->power.overflowed)
    machine->effect->limit = "a step with more unsynced writes than power failures are tried for";
  if (fake_disk_statement_count(machine->disk) != machine->statement_count)
    machine->effect->limit =
        "a step prepared a statement, so that its requests for memory have no fixed numbers";
}

/* The step has unwound. Now the dead are removed, and other processes take their place. */
void sim_hook_end(struct sim_machine *machine) {
  enum sim_step_fault_kind fault = machine->effect->step_fault;
  fake_memory_end();
  fake_disk_set_hook(machine->disk, NULL);
  if (machine->strategy->lists) check_listing_bounds(machine);
  /* A page that was read as zeros stays in the cache. A host that is told "corrupt" opens the store
   * anew. */
  if (fault == SIM_DISK_SHORT_READ) fake_disk_forget_caches(machine->disk);
  if (!machine->dying) return;
  sim_bury(machine, fault == SIM_POWER_FAILS);
}

/* ---- Between steps ---- */

uint32_t sim_world_enabled(const struct sim_view *view) {
  uint32_t steps = 0;
  for (int i = 0; i < view->the_case->process_count; i++) steps |= 1u << (SIM_WORLD_CRASH + i);
  steps |= 1u << SIM_WORLD_POWER_CUT | 1u << SIM_WORLD_CLOCK_FORWARD;
  if (view->now_ms > -CLOCK_BACK_MS) steps |= 1u << SIM_WORLD_CLOCK_BACK;
  if (view->gateway_down_until_ms <= view->now_ms) steps |= 1u << SIM_WORLD_GATEWAY_DOWN;
  if (view->event_count > 0 && !view->closing) steps |= 1u << SIM_WORLD_EVENT;
  return steps;
}

static int32_t effects_of_world_step(int step) {
  switch (step) {
    case SIM_WORLD_CLOCK_FORWARD:
    case SIM_WORLD_CLOCK_BACK: return SIM_FAULT_EFFECT_TIME;
    case SIM_WORLD_GATEWAY_DOWN: return SIM_FAULT_EFFECT_GATEWAY;
    case SIM_WORLD_EVENT: return 0;
    default: return SIM_FAULT_EFFECT_DEATH;
  }
}

void sim_world_step(struct sim_machine *machine, int step) {
  machine->world.injected++;
  machine->world.fault_effects |= effects_of_world_step(step);
  machine->effect->injected = true;
  switch (step) {
    case SIM_WORLD_POWER_CUT:
      machine->effect->call = "the power fails";
      if (!fake_disk_power_fail(machine->disk, NULL)) machine->effect->problem = "out of memory";
      sim_crash(machine, -1, true);
      return;
    case SIM_WORLD_CLOCK_FORWARD:
      machine->effect->call = "the clock jumps forward by a day";
      sim_clock_jump(machine, CLOCK_FORWARD_MS);
      return;
    case SIM_WORLD_CLOCK_BACK:
      machine->effect->call = "the clock steps back by five minutes";
      sim_clock_jump(machine, CLOCK_BACK_MS);
      return;
    case SIM_WORLD_GATEWAY_DOWN:
      machine->effect->call = "the gateway is down for an hour";
      machine->world.card.down_until_ms = machine->world.clock.now_ms + OUTAGE_MS;
      return;
    case SIM_WORLD_EVENT: sim_post_early(machine); return;
    default:
      machine->effect->call = "a process dies";
      sim_crash(machine, step - SIM_WORLD_CRASH, true);
      return;
  }
}

/* ---- As text ---- */

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
