/* Injected faults: what the real world can do to any scenario, beyond what it declares. A fault is
 * part of a move: a process that dies or a clock that jumps between two steps is a move of its own;
 * a disk that fails inside a step is a step with a fault at one of its disk operations; a gateway
 * or a mail server that misbehaves is one more answer to choose. */
#ifndef SIM_INJECT_H
#define SIM_INJECT_H

#include "disk.h"
#include "scenario.h"

/* Moves besides the tasks' own (task numbers). */
enum {
  SIM_MOVE_CRASH = SIM_MAX_ACTORS + 1, /* + process */
  SIM_MOVE_POWER_CUT = SIM_MOVE_CRASH + SIM_MAX_PROCESSES,
  SIM_MOVE_CLOCK_FORWARD, /* by a day */
  SIM_MOVE_CLOCK_BACK     /* by five minutes */
};

/* How a disk operation goes wrong. */
enum sim_disk_fault {
  SIM_DISK_FINE = 0,
  SIM_DISK_ERROR,      /* I/O error */
  SIM_DISK_FULL,       /* writes */
  SIM_DISK_SHORT_READ, /* reads */
  SIM_DISK_BUSY,       /* locks */
  SIM_DISK_DIES,       /* the process dies before this operation */
  SIM_DISK_POWER_DROP, /* the power fails before it: unsynced writes are lost, */
  SIM_DISK_POWER_KEEP, /* or all kept, */
  SIM_DISK_POWER_TEAR, /* or all but the last kept and that one torn, */
  SIM_DISK_POWER_LATE, /* or only the last one kept */
  SIM_DISK_FAULT_COUNT
};

#define SIM_MAX_DISK_OPS 250 /* of one step; a step with more fails the run */

/* The disk operations of one step, in order: where faults can be injected. */
struct sim_disk_ops {
  int count;
  bool overflowed;
  uint8_t kinds[SIM_MAX_DISK_OPS]; /* enum fake_disk_kind */
  uint8_t roles[SIM_MAX_DISK_OPS]; /* enum fake_disk_role */
};

/* Whether an operation can go wrong in this way. */
bool sim_disk_fault_applies(enum fake_disk_role role, enum fake_disk_kind kind,
                            enum sim_disk_fault fault);

/* "I/O error", "the process dies", ... Never null. */
const char *sim_disk_fault_word(enum sim_disk_fault fault);

/* The faults that any call at a site can show, as if a scenario had declared them. */
const struct sim_fault *sim_site_injections(enum sim_site site, int *count);

#endif
