/* What machine.c, setup.c, verbs.c and background.c share. */
#ifndef SIM_MACHINE_INSIDE_H
#define SIM_MACHINE_INSIDE_H

#include "machine.h"

#define SIM_EVENT_SECRET "whsec_simulated"
enum { SIM_MAX_ROUNDS = 2000 }; /* of the background; each sleeps until something is due */

struct sim_machine {
  const struct sim_case *the_case;
  struct sim_names names;
  struct fake_disk *disk;
  char vfs_name[24];
  struct reload_engine *engines[SIM_MAX_PROCESSES];
  struct fake_clock_bench clock_bench;
  struct fake_card_bench card_bench;
  struct fake_mail_bench mail_bench;
  struct sim_world world;
  struct sim_books given; /* the books at the beginning */

  /* of the move that is being made */
  struct sim_tape *tape;
  struct sim_effect *effect;
  int64_t slow_ms;

  /* injected faults */
  int fault_budget;
  bool without_declared;
  struct sim_disk_ops *watched; /* null: nobody wants to know */
  int op;                       /* of this move so far */
  int fail_op;                  /* the one to fail, or -1 */
  enum sim_disk_fault fail_how;
  const struct sim_script *script; /* that answers all choices; null: the tape does */
  uint8_t site_counts[4][16];      /* of disk operations in this move, by role and kind */
  bool dying;                      /* a process has died in this move, or the power has failed */
  int dead_process;                /* which one: when all open the store anew, not the acting one */
};

/* setup.c: open the engines and make the world that the scenario gives. */
bool sim_machine_setup(struct sim_machine *machine, struct reload_message *message);

/* verbs.c: a process, or with -1 all of them, die between two steps: requests get no answer, users
 * go on with their next step, other processes take their place. */
void sim_crash(struct sim_machine *machine, int process);

/* clock_jump.c: the clock jumps. What takes its time (waits, slow replies, outages) takes as long
 * as before. */
void sim_clock_jump(struct sim_machine *machine, int64_t delta_ms);

/* faults.c: run the move under the disk's hook. */
void sim_hook_begin(struct sim_machine *machine);
void sim_hook_end(struct sim_machine *machine);

/* faults.c: SIM_MOVE_CRASH and its like. */
uint32_t sim_fault_moves(const struct sim_machine *machine);
void sim_fault_move(struct sim_machine *machine, int move);

/* verbs.c: begin or go on with an actor's present step. */
void sim_verb_move(struct sim_machine *machine, int task);

/* background.c: the next move of what settles everything in the end. */
void sim_background_move(struct sim_machine *machine);

/* jobs.c: one engine step of a task's job; true when the job has ended. An engine's error ends it
 * and is left in *error. */
bool sim_job_move(struct sim_machine *machine, struct sim_task *task, int process,
                  enum reload_error *error);

/* jobs.c: deliver one waiting event to the engine; true when none is left to deliver. */
bool sim_post_event(struct sim_machine *machine, struct sim_posting *posting,
                    enum sim_event_order order, int process, enum reload_error *error);

#endif
