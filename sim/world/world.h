/* The world as one value: everything on which the future depends, except the disk, which has images
 * of its own. It has no pointers; only its used parts are copied and hashed. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "ledger.h"
#include "card.h"
#include "clock.h"
#include "mail.h"
#include "scenario.h"

enum sim_task_state {
  SIM_TASK_IDLE = 0, /* the next step has not begun */
  SIM_TASK_RUNNING,  /* inside a step */
  SIM_TASK_WAITING,  /* inside a submit that waits for the reload of another action */
  SIM_TASK_ENDED
};

/* Events are delivered one at a time; one that comes too early stays in the queue. */
struct sim_posting {
  int32_t skipped; /* events at the queue's front (or back) that were too early */
  int32_t again;   /* 2: the present event comes twice (an injected fault); 1: it comes once more */
};

enum sim_job {
  SIM_JOB_NONE = 0,
  SIM_JOB_SPEND,
  SIM_JOB_RECOVERY,
  SIM_JOB_DELIVERY,
  SIM_JOB_POSTING,
  SIM_JOB_SLEEP
};

/* An actor, or the background jobs that run when all actors have ended. */
struct sim_task {
  int64_t ready_at_ms; /* not before, after a slow reply or in a wait */
  int32_t state;       /* enum sim_task_state */
  int32_t step;        /* of the actor's steps */
  int32_t job;         /* enum sim_job: which member of `as` is in use */
  int32_t answer_count;
  int32_t wake_pending;           /* a waiting submit whose client has changed will ask again */
  uint8_t answers[SIM_MAX_STEPS]; /* enum sim_answer, NONE included: of the steps that ended */
  union {
    struct reload_spend spend;
    struct reload_recovery recovery;
    struct reload_delivery delivery;
    struct sim_posting posting;
  } as;
};

/* What injected faults may have led to. Declines, late events and refused mails leave no bit, as an
 * engine handles them at once. */
enum {
  SIM_FAULT_EFFECT_NOTHING = 0,
  SIM_FAULT_EFFECT_GATEWAY = 1, /* a call failed: the caller may not know its result */
  SIM_FAULT_EFFECT_TIME = 2,    /* time passed within a step: waits end, slow handlers look dead */
  SIM_FAULT_EFFECT_STORE = 4,   /* disk or memory failed: a step may have ended with an error */
  SIM_FAULT_EFFECT_DEATH = 8    /* a process died: its requests have no answer */
};

#define SIM_BACKGROUND SIM_MAX_ACTORS /* the task of the timers that run in the end */

struct sim_world {
  struct fake_clock clock;
  int32_t faults_shown;  /* declared ones of the policy `may` */
  int32_t injected;      /* faults that the scenario does not declare */
  int32_t fault_effects; /* of the injected faults: bits SIM_FAULT_EFFECT_... */
  int32_t first_shown;   /* bit set of sites whose first call has been made */
  int32_t closing;       /* all actors have ended, and the background runs */
  int32_t at_rest;       /* nothing is left to do: a terminal state */
  int32_t rounds;        /* of the background; they are bounded */
  int64_t recover_at_ms; /* when the engine wants its recovery run, as it said in this round, */
  int64_t deliver_at_ms; /* and its delivery of mails; 0: nothing is due */
  uint64_t placement;    /* while faults can come: fake_disk_placement() */
  uint64_t stale;        /* stale WAL content: fake_disk_stale() */
  struct sim_task tasks[SIM_MAX_ACTORS + 1];
  struct fake_mail mail;
  struct sim_ledger ledger;
  struct fake_card card;
};

/* Copy what a task uses. */
void sim_task_copy(struct sim_task *to, const struct sim_task *from);
size_t sim_task_size(const struct sim_task *task); /* bytes in use; the rest is never read */
struct sim_hash {
  uint64_t low, high;
};
struct sim_hash sim_task_hash(const struct sim_task *task);

/* A hash of what sim_task_hash() leaves out because other parts of the world imply it, such as the
 * mail that is being sent. Tasks that are equal in both hashes are the same in every world. */
uint64_t sim_task_rest_hash(const struct sim_task *task);

/* End the task's present step with an answer. */
void sim_task_end(const struct sim_case *the_case, int actor, struct sim_task *task,
                  enum sim_answer answer);
/* A process dies, or with -1 all of them: its request has no answer.
 * Returns: whether the task had a request in it */
bool sim_task_forget(const struct sim_case *the_case, int actor, struct sim_task *task,
                     int process);
/* Whether a waiting submit asks again, as its client's facts have changed. */
bool sim_task_wakes(const struct sim_case *the_case, int actor, const struct sim_task *task,
                    const struct sim_client_row *before, const struct sim_client_row *after);
/* A world in which nothing has happened yet. */
void sim_world_init(struct sim_world *world, int64_t start_ms);

void sim_world_copy(struct sim_world *to, const struct sim_world *from,
                    const struct sim_case *the_case);

/* Everything besides the parts: counts, bits and times. */
struct sim_flags {
  int64_t recover_at_ms, deliver_at_ms;
  int32_t faults_shown, injected, fault_effects, first_shown, closing, at_rest, rounds;
};
struct sim_flags sim_world_flags(const struct sim_world *world);
void sim_world_set_flags(struct sim_world *world, const struct sim_flags *flags);

/* 32 hex digits and a NUL. */
#define SIM_HASH_TEXT_SIZE 33
void sim_hash_text(struct sim_hash hash, char text[SIM_HASH_TEXT_SIZE]);

/* What makes worlds one state: they are equal in this. The same can happen and be found in them,
 * whatever order led there. For the disk stand the ledger, the stale WAL content and, while faults
 * can come, the page placement. */
struct sim_state_key {
  uint64_t card[2], mail[2], ledger[2]; /* hashes */
  uint64_t stale, placement;
  int64_t now_ms;
  struct sim_flags flags;
  int task_count;
  uint64_t tasks[SIM_MAX_ACTORS + 1][2]; /* hashes: of the actors, then the background's */
};
void sim_world_key(const struct sim_world *world, const struct sim_case *the_case,
                   struct sim_state_key *key);
/* The hash by which a state is known, 128 bits. */
struct sim_hash sim_state_key_hash(const struct sim_state_key *key);
/* The first part in which two differ, for people; null: they are one state. */
const char *sim_state_key_difference(const struct sim_state_key *a, const struct sim_state_key *b);

/* sim_world_key() and sim_state_key_hash(). */
struct sim_hash sim_world_hash(const struct sim_world *world, const struct sim_case *the_case);

/* The first part in which two worlds differ ("the ledger", ...); null: their hashes are equal. */
const char *sim_world_difference(const struct sim_world *a, const struct sim_world *b,
                                 const struct sim_case *the_case);

/* The answers that stand for the engine's refusals and errors: SIM_ANSWER_NONE for RELOAD_OK. */
enum sim_answer sim_answer_refused(enum reload_reason reason);
enum sim_answer sim_answer_error(enum reload_error error);

#endif
