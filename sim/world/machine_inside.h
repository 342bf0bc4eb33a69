/* What machine.c, setup.c, verbs.c and background.c share. */
#ifndef SIM_MACHINE_INSIDE_H
#define SIM_MACHINE_INSIDE_H

#include "machine.h"

#define SIM_EVENT_SECRET "whsec_simulated"
enum { SIM_MAX_ROUNDS = 2000 }; /* of the background; each sleeps until something is due */

/* A store that was opened again after deaths. */
#define SIM_REOPENINGS 4
struct sim_reopening {
  uint64_t left; /* fake_disk_left() before; 0: nothing is known here */
  unsigned uses;
  struct fake_disk_image image; /* after the ledger were read */
  struct sim_ledger ledger;
};

/* The disk at a place inside the step that was listed last. */
struct sim_moment {
  uint16_t site, nth; /* as in struct sim_choice */
  struct fake_disk_image image;
};

/* An event as it was posted last: a step that posts one is run with every fault. */
struct sim_letter {
  uint64_t key; /* hash of what it is made of; 0: there is none */
  int length;   /* of the body; -1: it cannot be written */
  char body[FAKE_CARD_BODY_SIZE], signature[FAKE_CARD_SIGNATURE_SIZE];
};

struct sim_machine {
  const struct sim_case *the_case;
  struct sim_names names;

  /* What a machine keeps from case to case. */
  struct sim_machines *keeper; /* where it goes when it is freed; null: nowhere */
  struct sim_machine *next;    /* that is kept there as well */
  uint64_t seed;
  int process_count;
  struct fake_disk *disk;
  char vfs_name[24];
  struct reload_engine *engines[SIM_MAX_PROCESSES];
  struct fake_disk_image empty_store; /* as the first engine has opened it */
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
  bool step_failed; /* it has done so, and what it does is taken for the fault's doing */
  bool keeps_moments;
  const char *moments_call; /* what the step with the moments does */
  struct sim_moment *moments;
  size_t moment_count, moment_room;
  int statement_count;       /* prepared before the step */
  struct fake_disk_op taken; /* a lock that somebody else keeps in this step; no site: none */
  uint16_t site_counts[SIM_CHOICE_SITES]; /* how often each was reached in this step */
  struct sim_power power;                 /* if the strategy lists: the images that were told */
  bool dying;                     /* a process has died in this step, or the power has failed */
  uint64_t left;                  /* by the dead, of which it is to be remembered what came of it */
  struct sim_reopening *reopened; /* what was remembered in this step; null: nothing */
  int next_reopening;             /* whose place is taken next */
  struct sim_reopening reopenings[SIM_REOPENINGS];
  int dead_process; /* which one: when all open the store anew, not the acting one */
};

/* setup.c: make an empty store, and have an engine for each process open it. */
bool sim_machine_open(struct sim_machine *machine, struct reload_message *message);

/* setup.c: from the empty store, make the world that the scenario gives. */
bool sim_machine_setup(struct sim_machine *machine, struct reload_message *message);

/* setup.c: what every engine of this machine is opened with. */
struct reload_config sim_machine_config(struct sim_machine *machine);

/* warm.c: have every engine prepare every statement that it has, in a world that is then thrown
 * away: from then on a step asks for the same memory whatever was done before. */
bool sim_warm_up(struct sim_machine *machine);

/* crash.c: a process, or with -1 all of them, die between two steps: requests get no answer, users
 * go on with their next step, other processes take their place.
 * In:      opens  a new engine may really open the store; else only its stand-in looks at what the
 *                 dead have left */
void sim_crash(struct sim_machine *machine, int process, bool opens);

/* reopen.c: all processes have died inside a step: do at once what opening the store will do, if
 * that is remembered. False: it is to be done; then end_step() has sim_reopened() remember it. */
bool sim_reopen(struct sim_machine *machine);
void sim_reopened(struct sim_machine *machine);
void sim_reopenings_forget(struct sim_machine *machine);

/* verbs.c: the actor's step has ended; on to the next one. */
void sim_end_step(struct sim_machine *machine, int actor, enum sim_answer answer);

/* clock_jump.c: the clock jumps. What takes its time (waits, slow replies, outages) takes as long
 * as before. */
void sim_clock_jump(struct sim_machine *machine, int64_t delta_ms);

/* machine.c: count that a site is reached. Returns: how many-th time in this step */
int sim_choice_reached(struct sim_machine *machine, int site);

/* machine.c: the one choice point: have the strategy choose at a site that was reached.
 * In:      codes  what may be chosen beside 0; may be null at disk operations, if the strategy does
 *                 not list
 * Returns: a code, or 0 */
uint16_t sim_choose(struct sim_machine *machine, int site, const uint16_t *codes, int count);

/* machine.c: whether one more injected fault may come in this step. */
bool sim_may_inject(const struct sim_machine *machine);

/* machine.c: one of these injected faults, or null. */
const struct sim_fault *sim_choose_event_fault(struct sim_machine *machine, bool early, int limit);

/* moments.c: the step that is listed is at a place where the power can fail. */
void sim_moment_keep(struct sim_machine *machine, int site);

/* machine.c: the beginning and the end of every step.
 * In:      process  whose engine reads the ledger */
void sim_step_begin(struct sim_machine *machine, int task, const struct sim_strategy *strategy,
                    struct sim_effect *effect);
void sim_step_end(struct sim_machine *machine, int process);

/* faults.c: a fault inside the step is shown. */
void sim_fault_shown(struct sim_machine *machine, enum sim_step_fault_kind kind, int site);

/* faults.c: the power has failed, and what effect->image says is left; or one process has died. */
void sim_bury(struct sim_machine *machine, bool power);

/* faults.c: run the step under the disk's hook, memory being counted. */
void sim_hook_begin(struct sim_machine *machine);
void sim_hook_end(struct sim_machine *machine);

/* faults.c: SIM_WORLD_CRASH and its like, where one more fault may be injected. */
uint32_t sim_world_enabled(const struct sim_view *view);
void sim_world_step(struct sim_machine *machine, int step);

/* verbs.c, background.c, jobs.c: which parts of the world the next step of a task reads: bits
 * SIM_READS_... (parts.h). What another part says is unknown to the step. */
int sim_verb_reads(const struct sim_step *step, const struct sim_task *task);
int sim_background_reads(const struct sim_task *task);
int sim_job_reads(enum sim_job job, const struct sim_task *task);

/* verbs.c: begin or go on with an actor's present step. */
void sim_verb_step(struct sim_machine *machine, int task);

/* background.c: the next step of what settles everything in the end. */
void sim_background_step(struct sim_machine *machine);

/* jobs.c: one engine step of a task's job; true when the job has ended. An engine's error ends it
 * and is left in *error. */
bool sim_job_step(struct sim_machine *machine, struct sim_task *task, int process,
                  enum reload_error *error);

/* jobs.c: one of the waiting events comes in before its time. */
void sim_post_early(struct sim_machine *machine);

/* jobs.c: deliver one waiting event to the engine; true when none is left to deliver. */
bool sim_post_event(struct sim_machine *machine, struct sim_posting *posting,
                    enum sim_event_order order, int process);

#endif
