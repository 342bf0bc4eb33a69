/* What the files of the machine share; not for others. */
#ifndef SIM_MACHINE_INSIDE_H
#define SIM_MACHINE_INSIDE_H

#include "machine.h"

#define SIM_EVENT_SECRET "whsec_simulated"
enum { SIM_MAX_ROUNDS = 2000 }; /* of the background; each ends when something is due */

/* A store after processes have opened it again, remembered. */
#define SIM_REOPENINGS 4
struct sim_reopening {
  uint64_t left; /* fake_disk_left() before opening; 0: unused */
  unsigned uses;
  struct fake_disk_image image; /* after the ledger was read */
  struct sim_ledger ledger;
};

/* The disk as it was at a place inside the step that was listed last. */
struct sim_moment {
  uint16_t site, nth; /* as in struct sim_choice */
  struct fake_disk_image image;
};

/* The last event that was posted, as text: a step that posts one is run with every fault. */
struct sim_letter {
  uint64_t key; /* hash of its content; 0: there is none */
  int length;   /* of the body; -1: it cannot be written */
  char body[FAKE_CARD_BODY_SIZE], signature[FAKE_CARD_SIGNATURE_SIZE];
};

struct sim_machine {
  const struct sim_case *the_case;
  struct sim_names names;

  /* What a machine keeps from case to case. */
  struct sim_machines *keeper; /* where sim_machine_free() puts it; null: nowhere */
  struct sim_machine *next;    /* the next one that is kept there */
  uint64_t seed;
  int process_count;
  struct fake_disk *disk;
  char vfs_name[24];
  struct reload_engine *engines[SIM_MAX_PROCESSES];
  struct fake_disk_image empty_store; /* after the first engine has opened it */
  bool warm;                          /* the engines have prepared all their statements */
  struct fake_clock_fixture clock_fixture;
  struct fake_card_fixture card_fixture;
  struct fake_mail_fixture mail_fixture;
  struct sim_world world;
  struct sim_ledger given; /* the ledger at the beginning */
  struct sim_letter letter;

  uint64_t *model_memory; /* SIM_MODEL_MEMORY keys of endings that the model has allowed; 0: free */

  /* of the step that is being made */
  const struct sim_strategy *strategy;
  struct sim_effect *effect;
  bool is_again; /* sim_machine_again(): it uses nothing that is remembered */
  int64_t slow_ms;

  /* injected faults */
  int fault_budget;
  bool without_declared;
  bool hooked;      /* the step may fail inside */
  bool step_failed; /* it has failed; what it does is the fault's doing */
  bool keeps_moments;
  const char *moments_call; /* effect->call of the step with the moments */
  struct sim_moment *moments;
  size_t moment_count, moment_room;
  int statement_count;       /* prepared before the step */
  struct fake_disk_op taken; /* a lock that another process holds in this step; no site: none */
  uint16_t site_counts[SIM_CHOICE_SITES]; /* how often each was reached in this step */
  struct sim_power power;                 /* if the strategy lists: the images that were listed */
  bool dying;                     /* a process has died in this step, or the power has failed */
  uint64_t left;                  /* fake_disk_left(), if the reopening is to be remembered; or 0 */
  struct sim_reopening *reopened; /* the memory that this step used; null: none */
  int next_reopening;             /* the one that is overwritten next */
  struct sim_reopening reopenings[SIM_REOPENINGS];
  int dead_process; /* which process */
};

/* setup.c: make an empty store, and open an engine on it for each process. */
bool sim_machine_open(struct sim_machine *machine, struct reload_message *message);

/* setup.c: make the world that the scenario gives, from the empty store. */
bool sim_machine_setup(struct sim_machine *machine, struct reload_message *message);

/* setup.c: the configuration of each engine of this machine. */
struct reload_config sim_machine_config(struct sim_machine *machine);

/* warm.c: have every engine prepare all its statements, in a world that is then thrown away. From
 * then on a step requests the same memory whatever was done before. */
bool sim_warm_up(struct sim_machine *machine);

/* crash.c: a process, or with -1 all of them, die between two steps. Requests get no answer, users
 * continue with their next step, and other processes take their place.
 * In:      opens  a new engine may really open the store; else a stand-in does */
void sim_crash(struct sim_machine *machine, int process, bool opens);

/* reopen.c: processes have died inside a step. sim_reopen() puts back what opening the store leads
 * to, if that is remembered. If it returns false, the store is to be opened; sim_step_end() then
 * has sim_reopened() remember the result. */
bool sim_reopen(struct sim_machine *machine);
void sim_reopened(struct sim_machine *machine);
void sim_reopenings_forget(struct sim_machine *machine);

/* verbs.c: end the actor's present step with an answer. */
void sim_end_step(struct sim_machine *machine, int actor, enum sim_answer answer);

/* clock_jump.c: the clock jumps. Waits, slow replies and outages take as long as before. */
void sim_clock_jump(struct sim_machine *machine, int64_t delta_ms);

/* choose.c: count that a site is reached. Returns: its ordinal in this step, from 1 */
int sim_choice_reached(struct sim_machine *machine, int site);

/* choose.c: the choice point: have the strategy choose at a site that was reached.
 * In:      codes  what may be chosen besides 0; may be null at disk operations, if the strategy
 *                 does not list
 * Returns: a code, or 0 */
uint16_t sim_choose(struct sim_machine *machine, int site, const uint16_t *codes, int count);

/* choose.c: whether one more injected fault is allowed in this step. */
bool sim_may_inject(const struct sim_machine *machine);

/* choose.c: how the fakes behave in a call; `machine` is the chooser of their fixtures. */
struct fake_card_behaviour sim_choose_card(void *machine, enum fake_card_call call,
                                           const char *intent_or_key);
enum fake_mail_behaviour sim_choose_mail(void *machine, const struct reload_mail *mail);

/* enabled.c: the next instant at which an actor can step, when none can now; 0: none. */
int64_t sim_next_instant_ms(const struct sim_machine *machine);

/* choose.c: a fault of the event that is about to be delivered, or with `early` the waiting event
 * that comes now; null: none.
 * In:      limit  how many of them may be chosen */
const struct sim_fault *sim_choose_event_fault(struct sim_machine *machine, bool early, int limit);

/* moments.c: the listed step is at a place where the power can fail: keep the disk. */
void sim_moment_keep(struct sim_machine *machine, int site);

/* step.c: the beginning and the end of every step.
 * In:      process  whose engine reads the ledger */
void sim_step_begin(struct sim_machine *machine, int task, const struct sim_strategy *strategy,
                    struct sim_effect *effect);
void sim_step_end(struct sim_machine *machine, int process);

/* faults.c: note in the effect that a fault inside the step has happened. */
void sim_fault_shown(struct sim_machine *machine, enum sim_step_fault_kind kind, int site);

/* faults.c: the step has unwound: the power failed (effect->image says what is left), or one
 * process died. The dead are replaced. */
void sim_bury(struct sim_machine *machine, bool power);

/* faults.c: set and remove the hooks that inject faults inside a step. */
void sim_hook_begin(struct sim_machine *machine);
void sim_hook_end(struct sim_machine *machine);

/* faults.c: the steps SIM_WORLD_..., where one more fault may be injected. */
uint32_t sim_world_enabled(const struct sim_view *view);
void sim_world_step(struct sim_machine *machine, int step);

/* verbs.c, background.c, jobs.c: the parts of the world that a task's next step reads: bits
 * SIM_READS_... (parts.h). The step knows nothing of the others. */
int sim_verb_reads(const struct sim_step *step, const struct sim_task *task);
int sim_background_reads(const struct sim_task *task);
int sim_job_reads(enum sim_job job, const struct sim_task *task);

/* verbs.c: begin or continue an actor's present step. */
void sim_verb_step(struct sim_machine *machine, int task);

/* background.c: the background's next step. */
void sim_background_step(struct sim_machine *machine);

/* jobs.c: one engine step of a task's job.
 * Out:     *error the engine's; an error ends the job
 * Returns: whether the job has ended */
bool sim_job_step(struct sim_machine *machine, struct sim_task *task, int process,
                  enum reload_error *error);

/* jobs.c: a waiting event comes before its time. */
void sim_post_early(struct sim_machine *machine);

/* jobs.c: deliver one waiting event to the engine.
 * Returns: whether none is left to deliver */
bool sim_post_event(struct sim_machine *machine, struct sim_posting *posting,
                    enum sim_event_order order, int process);

#endif
