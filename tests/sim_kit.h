/* A small case built in C, and a machine that runs it: for the tests of the simulator. Whatever
 * fails in here fails the calling test.
 *
 * The case begins at noon with one client, acme: 5 tokens, active plan, pm_card_visa, Auto Reload
 * on. A top-up is 100 tokens for 1000 cents. There are no actors and no faults.
 */
#ifndef SIM_KIT_H
#define SIM_KIT_H

#include "explore.h"
#include "machine_inside.h"

#define SIM_KIT_NOON INT64_C(1768478400000) /* 2026-01-15T12:00:00Z */
#define SIM_KIT_COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

struct sim_kit {
  struct sim_case the_case;
  struct sim_step steps[SIM_MAX_ACTORS][4];
  struct sim_machine *machine; /* null until sim_kit_start() */
  struct sim_world before;     /* the world before the last sim_kit_step() */
  struct sim_effect effect;    /* of it */
};

/* For cmocka_unit_test_setup_teardown(): *state is a struct sim_kit. */
int sim_kit_set_up(void **state);
int sim_kit_tear_down(void **state);

/* One more client like acme, with this name. Returns its index. */
int sim_kit_client(struct sim_kit *kit, const char *name);
/* One more actor, who does this to acme; more steps by sim_kit_then(). The step may be changed
 * until the machine is started. */
struct sim_step *sim_kit_actor(struct sim_kit *kit, const char *name, enum sim_verb verb);
struct sim_step *sim_kit_then(struct sim_kit *kit, enum sim_verb verb);
/* An actor who submits. */
struct sim_step *sim_kit_submit(struct sim_kit *kit, const char *name, const char *id,
                                int64_t cost);

/* Set the world up; a second call begins again. */
void sim_kit_start(struct sim_kit *kit);
/* Make one step of a task, with the choice 0 wherever there is one. It must be able to step. */
void sim_kit_step(struct sim_kit *kit, int task);
/* Make `count` steps of a task. */
void sim_kit_steps(struct sim_kit *kit, int task, int count);
/* Make the lowest task's steps until nothing can step: one of the endings. */
void sim_kit_finish(struct sim_kit *kit);

/* Search all of it; to be freed by the caller. */
struct sim_search sim_kit_explore(struct sim_kit *kit);

#endif
