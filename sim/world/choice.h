/* The choice point: everything nondeterministic asks sim_choose(): which task goes next, what a
 * port answers, whether a disk operation or a request for memory fails, which writes survive a
 * power failure, whether the host tries again. A strategy answers. 0 is what happens when all goes
 * well. A transition is a task and the sparse list of all other answers, by the stable names of
 * their sites. */
#ifndef SIM_CHOICE_H
#define SIM_CHOICE_H

#include "inject.h"
#include "memory.h"

#include <stdbool.h>
#include <stdint.h>

enum { SIM_DISK_ROLES = FAKE_DISK_OTHER + 1, SIM_DISK_KINDS = FAKE_DISK_DELETE + 1 };

/* Where a choice is made. */
enum sim_choice_site {
  SIM_CHOICE_PORT = 0,               /* + enum sim_site: how a port answers */
  SIM_CHOICE_EVENT = SIM_SITE_COUNT, /* what happens to an event that is about to be delivered */
  SIM_CHOICE_EARLY,                  /* which of the waiting events comes early */
  SIM_CHOICE_RETRY,                  /* whether the host tries a failed step again */
  SIM_CHOICE_TASK,                   /* who goes next; the code is its number + 1 */
  SIM_CHOICE_MEMORY,                 /* + enum fake_memory_user: whether a request is refused */
  SIM_CHOICE_DISK = SIM_CHOICE_MEMORY + FAKE_MEMORY_USER_COUNT, /* + role * SIM_DISK_KINDS + kind:
                                                                   whether an operation fails */
  SIM_CHOICE_SITES = SIM_CHOICE_DISK + SIM_DISK_ROLES * SIM_DISK_KINDS
};

/* Codes at disk operations: enum sim_step_fault_kind, and the images of a power failure. */
enum { SIM_CODE_IMAGE = 16 /* + image (power.h) */ };

/* An answer that is not 0. */
struct sim_choice {
  uint16_t site; /* enum sim_choice_site */
  uint16_t nth;  /* the site's ordinal in this step, from 1 */
  uint16_t code; /* what was chosen; its meaning depends on the site alone */
};

#define SIM_MAX_CHOICES 4 /* of one step; a step with more passes a bound: */
#define SIM_TOO_MANY_CHOICES "more choices in one step than are kept"

/* What is needed to run a step again from the state in which it was run. It has no padding. */
struct sim_transition {
  int16_t task; /* or SIM_WORLD_...; -1: none */
  int16_t count;
  struct sim_choice choices[SIM_MAX_CHOICES]; /* zero beyond `count` */
};

/* A choice that is to be made. */
struct sim_choice_point {
  int site, nth;
  int count;             /* of the codes besides 0 */
  const uint16_t *codes; /* null if the strategy does not list */
};

/* Who answers. It is borrowed, and valid during the step. */
struct sim_strategy {
  void *self;
  bool inside; /* disk operations and memory requests ask as well: slower */
  bool lists;  /* wants all codes of a point, not only those that it knows */
  uint16_t (*choose)(void *self, const struct sim_choice_point *point);
};

/* An order and equality by content, which do not depend on the order of a search. */
bool sim_transition_is_earlier(const struct sim_transition *a, const struct sim_transition *b);
bool sim_transition_equal(const struct sim_transition *a, const struct sim_transition *b);
uint64_t sim_transition_hash(const struct sim_transition *transition);

/* Whether it has a choice inside its step: a strategy that makes it must say `inside`. */
bool sim_transition_is_inside(const struct sim_transition *transition);

/* ---- As text, for traces ---- */

/* "gateway.confirm", "wal.write", "memory.sqlite", "host.retry", ... Never null. */
const char *sim_choice_site_name(int site);

/* "gateway.confirm: timeout after", "wal.write 3: the power fails, writes kept: 1 1 0 torn".
 * In:      writes  that were not synced when the power failed */
#define SIM_CHOICE_TEXT_SIZE (SIM_POWER_TEXT_SIZE + 80)
void sim_choice_text(const struct sim_case *the_case, const struct sim_choice *choice, int writes,
                     char text[SIM_CHOICE_TEXT_SIZE]);

/* The choice that a text of sim_choice_text() stands for.
 * Returns: false if it stands for none */
bool sim_choice_parse(const struct sim_case *the_case, const char *text, struct sim_choice *choice);

/* "ana", "background", or "world" for SIM_WORLD_...; and the task with that name; -1: none.
 * In:      call  which of the world's steps it is: sim_world_call() */
const char *sim_task_name(const struct sim_case *the_case, int task);
int sim_task_named(const struct sim_case *the_case, const char *name, const char *call);
const char *sim_world_call(int task); /* "the power fails", ...; null of other tasks */

#endif
