/* A world as a tuple of interned parts (SPIN calls this collapse compression): each distinct store,
 * gateway, mailbox and task is kept once, under a number. A state then costs a few integers, and
 * worlds are compared number by number.
 *
 * Two parts are one if their hashes are equal. What no hash covers (where in a file a row lies, in
 * which order independent intents were made) is taken from the part that came first, as it is for
 * states (sim_world_hash()).
 *
 * Parts are kept until sim_parts_sweep(). Images of the disk are larger than everything else:
 * beyond a limit the least recently used ones are given up, and made again from the step that led
 * to them. */
#ifndef SIM_PARTS_H
#define SIM_PARTS_H

#include "machine.h"

struct sim_parts;

/* A world. Numbers of parts are above 0; tasks that the case does not have are 0. It is zeroed
 * before it is filled: equal worlds are equal bytes. */
struct sim_tuple {
  int64_t now_ms;
  struct sim_flags flags;
  uint32_t store, card, mail;
  uint32_t tasks[SIM_MAX_ACTORS + 1];
};

/* The parts of a world that a step reads and may change, besides its own task, the clock and
 * flags. */
enum {
  SIM_READS_STORE = 1,
  SIM_READS_CARD = 2,
  SIM_READS_MAIL = 4,
  SIM_READS_REST = 8, /* other tasks and all flags; such a step may also set the clock */
  SIM_READS_ALL = 15
};

/* In:      machine      borrowed: worlds are read from it and put into it
 *          image_bytes how much all images may take together
 * Returns: null when out of memory */
struct sim_parts *sim_parts_new(struct sim_machine *machine, size_t image_bytes);
void sim_parts_free(struct sim_parts *parts);

/* Intern the machine's whole world.
 * Returns: false when out of memory */
bool sim_parts_take(struct sim_parts *parts, struct sim_tuple *tuple);

/* Put a world into the machine; the disk only if a step reads the store.
 * Returns: false when out of memory */
bool sim_parts_enter(struct sim_parts *parts, const struct sim_tuple *tuple, int reads);

/* Intern what a step has changed in the machine's world. Tasks that it does not read keep their
 * numbers: see sim_parts_follow().
 * In:      before  the world in which the step began
 *          step how to run it again
 * Returns: false when out of memory */
bool sim_parts_take_step(struct sim_parts *parts, const struct sim_tuple *before, int reads,
                         const struct sim_transition *step, struct sim_tuple *after);

/* Apply what a step does to the tasks of others and to the world as a whole: a process has died,
 * waiting submits are woken, all actors have ended.
 * In:      own   the task that made the step
 *          died SIM_DIED_...
 * Returns: false when out of memory */
bool sim_parts_follow(struct sim_parts *parts, const struct sim_tuple *before, int own, int died,
                      struct sim_tuple *after);

/* As sim_world_hash(). */
struct sim_hash sim_parts_hash(const struct sim_parts *parts, const struct sim_tuple *tuple);

/* The first part in which the machine's world differs from the tuple; null: their hashes are
 * equal. */
const char *sim_parts_difference(const struct sim_parts *parts, const struct sim_tuple *tuple);

/* As sim_machine_enabled(). */
uint32_t sim_parts_enabled(const struct sim_parts *parts, const struct sim_tuple *tuple);

/* The parts that a task's next step reads: SIM_READS_... */
int sim_parts_reads(const struct sim_parts *parts, const struct sim_tuple *tuple, int task);

/* A task's value, borrowed; only sim_task_size() bytes of it exist. */
const struct sim_task *sim_parts_task(const struct sim_parts *parts, uint32_t number);

/* Note that the machine's world was changed by other means. */
void sim_parts_left(struct sim_parts *parts);

/* Memory in use, images included. */
size_t sim_parts_bytes(const struct sim_parts *parts);

/* Forget all parts but those of some worlds. The numbers of forgotten parts are used again.
 * Returns: false when out of memory; then nothing is forgotten */
bool sim_parts_sweep(struct sim_parts *parts, const struct sim_tuple *const *kept, size_t count);

#endif
