/* Injected faults: what the real world can do to any scenario, beyond what it declares. A fault is
 * part of a step: a process that dies or a clock that jumps between two steps is a step of its own;
 * a disk or memory that fails inside a step is a step with a fault at one of its disk operations or
 * allocations; a gateway or a mail server that misbehaves is one more answer to choose. */
#ifndef SIM_INJECT_H
#define SIM_INJECT_H

#include "disk.h"
#include "power.h"
#include "scenario.h"

/* Steps besides the tasks' own (task numbers). */
enum {
  SIM_WORLD_CRASH = SIM_MAX_ACTORS + 1, /* + process */
  SIM_WORLD_POWER_CUT = SIM_WORLD_CRASH + SIM_MAX_PROCESSES,
  SIM_WORLD_CLOCK_FORWARD, /* by a day */
  SIM_WORLD_CLOCK_BACK,    /* by five minutes */
  SIM_WORLD_GATEWAY_DOWN,  /* for an hour */
  SIM_WORLD_EVENT          /* one that waits at the gateway comes in now, not in the end */
};

/* How a step goes wrong inside, at one of its disk operations or requests for memory. */
enum sim_step_fault_kind {
  SIM_STEP_FINE = 0,
  SIM_DISK_ERROR,      /* I/O error */
  SIM_DISK_FULL,       /* writes */
  SIM_DISK_SHORT_READ, /* reads */
  SIM_DISK_BUSY,       /* locks; asked again, it is free */
  SIM_DISK_LOCKED,     /* locks; it stays taken until the step ends: SQLite stops waiting for it */
  SIM_DISK_DIES,       /* the process dies before this operation */
  SIM_POWER_FAILS,     /* the power fails before this operation */
  SIM_MEMORY_FAILS,    /* a request for memory is refused, the next one is not */
  SIM_STEP_FAULT_COUNT
};

/* Whether a disk operation can go wrong in this way. */
bool sim_disk_fault_applies(enum fake_disk_kind kind, enum sim_step_fault_kind fault);

/* "I/O error", "the process dies", "allocation fails", ... Never null. */
const char *sim_step_fault_word(enum sim_step_fault_kind kind);

/* The faults that any call at a site can show, as if a scenario had declared them. */
const struct sim_fault *sim_site_injections(enum sim_site site, int *count);

/* The fault with a code (choice.h) at a site: those that the case declares come first, then those
 * that are injected. Null: there is none. */
const struct sim_fault *sim_site_fault(const struct sim_case *the_case, enum sim_site site,
                                       int code);

/* What a port that behaves so may lead to: bits SIM_FAULT_EFFECT_... (world.h). */
int32_t sim_behaviour_effects(enum sim_behaviour behaviour);

/* What can become of an event that is about to be delivered; and with `early`, which of the waiting
 * events comes before its time. */
enum sim_event_fault { SIM_EVENT_LATE = 0, SIM_EVENT_TWICE, SIM_EVENT_NEVER };
const struct sim_fault *sim_event_injections(bool early, int *count);

#endif
