/* Injected faults: what can go wrong in any scenario, beyond the faults that it declares. A process
 * that dies or a clock that jumps between two steps is a step of its own. A disk or memory that
 * fails inside a step is a choice at one of its operations. A gateway or a mail server that
 * misbehaves is one more answer to choose. */
#ifndef SIM_INJECT_H
#define SIM_INJECT_H

#include "disk.h"
#include "power.h"
#include "scenario.h"

/* Steps of the world, by numbers beyond those of the tasks. */
enum {
  SIM_WORLD_CRASH = SIM_MAX_ACTORS + 1, /* + process */
  SIM_WORLD_POWER_CUT = SIM_WORLD_CRASH + SIM_MAX_PROCESSES,
  SIM_WORLD_CLOCK_FORWARD, /* by a day */
  SIM_WORLD_CLOCK_BACK,    /* by five minutes */
  SIM_WORLD_GATEWAY_DOWN,  /* for an hour */
  SIM_WORLD_EVENT          /* a waiting event comes in now, not in the end */
};

/* How a step goes wrong inside, at one of its disk operations or requests for memory. */
enum sim_step_fault_kind {
  SIM_STEP_FINE = 0,
  SIM_DISK_ERROR,      /* I/O error */
  SIM_DISK_FULL,       /* writes */
  SIM_DISK_SHORT_READ, /* reads */
  SIM_DISK_BUSY,       /* locks; free at the next attempt */
  SIM_DISK_LOCKED,     /* locks; taken until the step ends: SQLite gives up waiting */
  SIM_DISK_DIES,       /* the process dies before this operation */
  SIM_POWER_FAILS,     /* the power fails before this operation */
  SIM_MEMORY_FAILS,    /* a request for memory is refused; the next one is served */
  SIM_STEP_FAULT_COUNT
};

/* Whether this fault exists for this kind of disk operation. */
bool sim_disk_fault_applies(enum fake_disk_kind kind, enum sim_step_fault_kind fault);

/* "I/O error", "the process dies", "allocation fails", ... Never null. */
const char *sim_step_fault_word(enum sim_step_fault_kind kind);

/* The faults that can be injected at a site, written as declared ones are. Static. */
const struct sim_fault *sim_site_injections(enum sim_site site, int *count);

/* The fault with a code (choice.h) at a site: declared ones come first, then injected ones. Null:
 * there is none. */
const struct sim_fault *sim_site_fault(const struct sim_case *the_case, enum sim_site site,
                                       int code);

/* What this behaviour of a port may lead to: bits SIM_FAULT_EFFECT_... (world.h). */
int32_t sim_behaviour_effects(enum sim_behaviour behaviour);

/* What can happen to an event that is about to be delivered; with `early`, which of the waiting
 * events comes before its time. */
enum sim_event_fault { SIM_EVENT_LATE = 0, SIM_EVENT_TWICE, SIM_EVENT_NEVER };
const struct sim_fault *sim_event_injections(bool early, int *count);

#endif
