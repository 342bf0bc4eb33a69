/* The machine runs a world: the real engine, one connection for each simulated process, on the
 * fakes. It makes one step at a time; which steps there are and what they answer is the explorer's
 * choice. */
#ifndef SIM_MACHINE_H
#define SIM_MACHINE_H

#include "choice.h"
#include "disk.h"
#include "inject.h"
#include "world.h"

struct sim_machine;

/* Whose process died inside a step. */
enum { SIM_DIED_NOBODY = 0, SIM_DIED_ALL, SIM_DIED_ONE /* + process */ };
/* What became of a gateway event in a step. */
enum sim_event_fate {
  SIM_EVENT_NOT_MET = 0,  /* the step was about none */
  SIM_EVENT_ACKNOWLEDGED, /* posted; the engine took it */
  SIM_EVENT_TO_COME_BACK, /* posted; the engine did not take it: it will be posted again */
  SIM_EVENT_HELD_BACK,    /* an injected fault: it comes a day later */
  SIM_EVENT_LOST          /* an injected fault: it never comes */
};

/* What one step did, for the checkers and the story. */
struct sim_effect {
  int task;
  struct sim_transition transition; /* what makes this step again */
  enum sim_verb verb;               /* of an actor's step */
  bool is_background;
  bool time_passed; /* nobody could step: the clock went to the next instant that matters */
  bool wrote;       /* the ledger were read again */
  bool step_ended;  /* the actor's step has ended with `answer` */
  enum sim_answer answer;
  struct reload_verdict verdict; /* of a submit that has ended */
  uint32_t port_calls;           /* to the gateway and the mail transport */
  const struct fake_card_record
      *card_call; /* the step's call to the gateway, or null; valid until */
  const struct fake_mail_record *mail_call; /* the next step. The same of the mail transport */
  enum sim_event_fate event_fate;
  int32_t event;                 /* which one: its index in the gateway's queue before the step */
  int64_t snapshots;             /* of the store */
  int64_t commits;               /* write transactions */
  const struct sim_fault *fault; /* shown by a port in this step, or null */
  const char *fault_site;        /* of the port: "gateway.confirm", ...; "" if none was asked */
  enum sim_step_fault_kind step_fault; /* shown inside this step */
  const char *step_site;               /* where: "wal.write", "memory.sqlite", ... */
  int step_nth;                        /* its how manyth operation in this step, from 1 */
  int image, image_writes;             /* SIM_POWER_FAILS: what was left of the unsynced writes */
  int died;                            /* inside this step: SIM_DIED_... */
  bool tried_again;                    /* the host took a failed step again */
  bool injected;                       /* a fault that the scenario does not declare */
  const char *call;                    /* what it did: "decide", "confirm", "deliver", ... */
  const char *problem;                 /* the engine cannot go on; null if all is well */
  const char *limit;                   /* a bound of the simulator's that the step does not keep */
  bool power_bounded; /* listed: more unsynced writes at a time than every subset of is tried */
  bool strayed;       /* made again, it did not come to a choice that it came to before */
  struct reload_message message; /* the engine's last error, for stories */
};

/* Which injected fault a step showed, by its site: "gateway.confirm: timeout after",
 * "wal.sync: the process dies", "memory.sqlite: allocation fails", "world: the power fails".
 * The names are stable: tallies count by them. "" if there was none. */
#define SIM_SITE_NAME_SIZE 64
void sim_effect_site(const struct sim_effect *effect, char site[SIM_SITE_NAME_SIZE]);

/* The fault inside the step in full: "wal.write 3: the power fails, writes kept: 1 1 0 torn"; "" if
 * there was none. */
#define SIM_STEP_FAULT_SIZE (SIM_POWER_TEXT_SIZE + 64)
void sim_effect_step_fault(const struct sim_effect *effect, char text[SIM_STEP_FAULT_SIZE]);

/* Set a case's world up: an empty disk, the clients as given, nothing due.
 * In:      seed  of the randomness that SQLite gets; no ending may depend on it
 * Returns: null with a message when the engine refuses or memory is out */
struct sim_machine *sim_machine_new(const struct sim_case *the_case, uint64_t seed,
                                    struct reload_message *message);
void sim_machine_free(struct sim_machine *machine);

/* Machines that are kept for other cases: making an empty store and having engines open it costs
 * more than many a case. No result depends on what was done on a machine before. */
struct sim_machines;
struct sim_machines *sim_machines_new(void);           /* null: out of memory */
void sim_machines_free(struct sim_machines *machines); /* all taken ones must have been freed */

/* As sim_machine_new(), on a machine that is kept, if one fits. sim_machine_free() gives it back.
 * In:      machines  null: keep none */
struct sim_machine *sim_machine_take(struct sim_machines *machines, const struct sim_case *the_case,
                                     uint64_t seed, struct reload_message *message);

/* The world in its present state; the disk belongs to it. Change it only through this header. */
const struct sim_world *sim_machine_world(const struct sim_machine *machine);
const struct sim_names *sim_machine_names(const struct sim_machine *machine);
const struct sim_ledger *
sim_machine_given(const struct sim_machine *machine); /* the ledger at the start */
struct fake_disk *sim_machine_disk(struct sim_machine *machine);

/* The gateway's customer that a client's cards are attached to. It is never called like the client,
 * so that one cannot be taken for the other unseen. */
void sim_customer_id(const char *client, char id[RELOAD_ID_SIZE]);

/* Where the model keeps the keys of SIM_MODEL_MEMORY endings that it has allowed: an aid to speed,
 * not a part of the world. */
#define SIM_MODEL_MEMORY 1024
uint64_t *sim_machine_model_memory(const struct sim_machine *machine);

/* Become another world (as saved before with sim_world_copy() and fake_disk_save()). */
void sim_machine_restore(struct sim_machine *machine, const struct sim_world *world,
                         const struct fake_disk_image *image);

/* The steps that can be made now, by task number: a bit set. If no actor can but some have
 * not ended, the one step is SIM_BACKGROUND and lets time pass; once all have ended, the background
 * settles everything. 0: the world has settled, or nothing can ever happen again (a deadlock). */
uint32_t sim_machine_enabled(const struct sim_machine *machine);

/* A world as far as it decides who can step: the machine's, or one that is kept in parts. */
struct sim_view {
  const struct sim_case *the_case;
  const struct sim_task *tasks[SIM_MAX_ACTORS + 1]; /* those of the case's actors */
  const struct sim_charge_row *charges;
  int charge_count;
  int64_t now_ms;
  bool at_rest, closing;
  bool may_inject; /* one more injected fault */
  int64_t gateway_down_until_ms;
  int32_t event_count; /* waiting at the gateway */
};
uint32_t sim_view_enabled(const struct sim_view *view);

/* How many injected faults one run may show; 0 at first. With `declared` false even the declared
 * ones do not happen.
 * Effects: engines that are to be failed first get to know all that they will do (warm.c) */
void sim_machine_set_faults(struct sim_machine *machine, int budget, bool declared);

/* Make one step of a task, or one of SIM_WORLD_..., that can be made now. The strategy makes all
 * choices; effect->transition tells them. */
void sim_machine_step(struct sim_machine *machine, int task, const struct sim_strategy *strategy,
                      struct sim_effect *effect);

/* The power can fail in hundreds of ways inside one step, and until then the step is always the
 * same. So the step that is listed (sim_strategy) can keep what the disk has at each place where it
 * can fail: then such a step need not be run again up to there.
 * In:      keep  from now on; what was kept before is given up */
void sim_machine_keep_moments(struct sim_machine *machine, bool keep);

/* Make a transition whose one choice is a power failure inside of an actor's transaction, in the
 * world in which its step was listed.
 * Returns: false if no such moment was kept; then nothing has happened */
bool sim_machine_power_fails(struct sim_machine *machine, const struct sim_transition *transition,
                             struct sim_effect *effect);

/* Have a strategy choose one of these tasks, a bit set. Returns: its number; -1: it chose none */
int sim_choose_task(const struct sim_strategy *strategy, uint32_t tasks);

/* Make a step again, in the state in which it was made before. Nothing that the machine remembers
 * is used (no reopened store, no moment, no event as text): what was remembered can be checked.
 * Returns: false if it cannot be made, since something has gone differently: then nothing happens.
 *          effect->strayed also tells that a choice could not be made */
bool sim_machine_again(struct sim_machine *machine, const struct sim_transition *transition,
                       struct sim_effect *effect);

#endif
