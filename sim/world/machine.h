/* The machine runs a world: the real engine, with one connection for each simulated process, on the
 * fakes. It runs one step at a time; a strategy chooses which, and what happens in it. */
#ifndef SIM_MACHINE_H
#define SIM_MACHINE_H

#include "choice.h"
#include "disk.h"
#include "inject.h"
#include "world.h"

struct sim_machine;

/* Which processes died inside a step. */
enum { SIM_DIED_NOBODY = 0, SIM_DIED_ALL, SIM_DIED_ONE /* + process */ };
/* What a step did with a gateway event. */
enum sim_event_fate {
  SIM_EVENT_NOT_MET = 0,  /* the step delivered none */
  SIM_EVENT_ACKNOWLEDGED, /* posted, and the engine accepted it */
  SIM_EVENT_TO_COME_BACK, /* posted, and the engine did not accept it: it will be posted again */
  SIM_EVENT_HELD_BACK,    /* an injected fault: it comes a day later */
  SIM_EVENT_LOST          /* an injected fault: it never comes */
};

/* What one step did, for checkers and stories. */
struct sim_effect {
  int task;
  struct sim_transition transition; /* with it the step can be run again */
  enum sim_verb verb;               /* of an actor's step */
  bool is_background;
  bool time_passed; /* no actor could step: the clock went to the next instant that matters */
  bool wrote;       /* the ledger was read again */
  bool step_ended;  /* the actor's step has ended with `answer` */
  enum sim_answer answer;
  struct reload_verdict verdict;            /* of a submit that has ended */
  uint32_t port_calls;                      /* to the gateway and the mail transport */
  const struct fake_card_record *card_call; /* to the gateway; null: none. Valid until the next */
  const struct fake_mail_record *mail_call; /* step, as is that to the mail transport */
  enum sim_event_fate event_fate;
  int32_t event;                 /* its index in the gateway's queue before the step */
  int64_t snapshots;             /* of the store */
  int64_t commits;               /* write transactions */
  const struct sim_fault *fault; /* shown by a port in this step, or null */
  const char *fault_site;        /* of the port: "gateway.confirm", ...; "" if none was asked */
  enum sim_step_fault_kind step_fault; /* shown inside this step */
  const char *step_site;               /* where: "wal.write", "memory.sqlite", ... */
  int step_nth;                        /* its ordinal in this step, from 1 */
  int image, image_writes; /* SIM_POWER_FAILS: the image, and of how many unsynced writes */
  int died;                /* inside this step: SIM_DIED_... */
  bool tried_again;        /* the host tried a failed step again */
  bool injected;           /* a fault that the scenario does not declare */
  const char *call;        /* what the step did: "decide", "confirm", "deliver", ... */
  const char *problem;     /* why the engine cannot continue; null if it can */
  const char *limit;       /* the bound of the simulator that the step passed, or null */
  bool power_bounded;      /* if listed: not every subset of the unsynced writes was tried */
  bool strayed;            /* run again, it did not reach a choice that it had reached before */
  struct reload_message message; /* the engine's last error, for stories */
};

/* The site and name of a step's injected fault: "gateway.confirm: timeout after", "wal.sync: the
 * process dies", "memory.sqlite: allocation fails", "world: the power fails"; "" if there was none.
 * Names are stable: faults are counted by them. */
#define SIM_SITE_NAME_SIZE 64
void sim_effect_site(const struct sim_effect *effect, char site[SIM_SITE_NAME_SIZE]);

/* The whole text of the fault inside a step: "wal.write 3: the power fails, writes kept: 1 1 0
 * torn"; "" if there was none. */
#define SIM_STEP_FAULT_SIZE (SIM_POWER_TEXT_SIZE + 64)
void sim_effect_step_fault(const struct sim_effect *effect, char text[SIM_STEP_FAULT_SIZE]);

/* Set a case's world up: an empty disk, the clients as given, nothing due.
 * In:      seed  of the randomness that SQLite gets; no ending may depend on it
 * Returns: the machine, to be freed by the caller; null with a message when the engine refuses or
 *          memory is out */
struct sim_machine *sim_machine_new(const struct sim_case *the_case, uint64_t seed,
                                    struct reload_message *message);
void sim_machine_free(struct sim_machine *machine);

/* Machines that are kept for other cases: making an empty store and opening engines on it costs
 * more than many cases. No result depends on what a machine was used for before. */
struct sim_machines;
struct sim_machines *sim_machines_new(void); /* null: out of memory */
void sim_machines_free(
    struct sim_machines *machines); /* all machines that were taken must have been freed */

/* As sim_machine_new(), on a kept machine if one fits. sim_machine_free() gives it back.
 * In:      machines  null: keep none */
struct sim_machine *sim_machine_take(struct sim_machines *machines, const struct sim_case *the_case,
                                     uint64_t seed, struct reload_message *message);

/* The world in its present state; the disk belongs to it. Change it only through this header. */
const struct sim_world *sim_machine_world(const struct sim_machine *machine);
const struct sim_names *sim_machine_names(const struct sim_machine *machine);
/* The ledger at the start. */
const struct sim_ledger *sim_machine_given(const struct sim_machine *machine);
struct fake_disk *sim_machine_disk(struct sim_machine *machine);

/* The id of a client's customer at the gateway. It differs from the client's name, so that a mix-up
 * of the two is noticed. */
void sim_customer_id(const char *client, char id[RELOAD_ID_SIZE]);

/* Where the model keeps the keys of SIM_MODEL_MEMORY endings that it has allowed. It saves time and
 * is no part of the world. */
#define SIM_MODEL_MEMORY 1024
uint64_t *sim_machine_model_memory(const struct sim_machine *machine);

/* Become another world, saved before with sim_world_copy() and fake_disk_save(). */
void sim_machine_restore(struct sim_machine *machine, const struct sim_world *world,
                         const struct fake_disk_image *image);

/* The enabled tasks: a bit set. If no actor can step but some have not ended, SIM_BACKGROUND alone
 * is enabled and lets time pass. Once all actors have ended, the background runs until nothing is
 * left to do. 0: a terminal state, or a deadlock. */
uint32_t sim_machine_enabled(const struct sim_machine *machine);

/* The parts of a world that decide which tasks are enabled: of the machine's world, or of one that
 * is kept in parts. */
struct sim_view {
  const struct sim_case *the_case;
  const struct sim_task *tasks[SIM_MAX_ACTORS + 1]; /* those of the case's actors */
  const struct sim_charge_row *charges;
  int charge_count;
  int64_t now_ms;
  bool at_rest, closing;
  bool may_inject; /* one more injected fault is allowed */
  int64_t gateway_down_until_ms;
  int32_t event_count; /* waiting at the gateway */
};
uint32_t sim_view_enabled(const struct sim_view *view);

/* How many injected faults one run may show; 0 at first. Without `declared` even the declared ones
 * do not happen.
 * Effects: before faults are injected, the engines prepare all their statements (warm.c) */
void sim_machine_set_faults(struct sim_machine *machine, int budget, bool declared);

/* Run one step of an enabled task, or one of SIM_WORLD_... The strategy makes all choices;
 * effect->transition lists them. */
void sim_machine_step(struct sim_machine *machine, int task, const struct sim_strategy *strategy,
                      struct sim_effect *effect);

/* The power can fail in hundreds of ways inside one step, which is always the same up to there. So
 * the machine can keep what is on the disk at each such place while the step is listed
 * (sim_strategy). The step need then not be run again up to the failure.
 * In:      keep  from now on; what was kept before is given up */
void sim_machine_keep_moments(struct sim_machine *machine, bool keep);

/* Run a transition whose only choice is a power failure inside an actor's transaction, in the world
 * in which its step was listed.
 * Returns: false if no such moment was kept; then nothing has happened */
bool sim_machine_power_fails(struct sim_machine *machine, const struct sim_transition *transition,
                             struct sim_effect *effect);

/* Have a strategy choose one of these tasks, a bit set.
 * Returns: the task; -1: it chose none */
int sim_choose_task(const struct sim_strategy *strategy, uint32_t tasks);

/* Run a step again, in the state in which it was run before. Nothing that the machine remembers is
 * used (reopened stores, moments, events as text), so that what was remembered can be checked.
 * Returns: false if the task is not enabled, since something went differently: then nothing
 *          happens. effect->strayed also tells that a choice was not reached */
bool sim_machine_again(struct sim_machine *machine, const struct sim_transition *transition,
                       struct sim_effect *effect);

#endif
