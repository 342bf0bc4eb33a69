/* The variants of one step: every answer and every fault that can be injected, one after the other.
 * Each is run once, as a sparse list of choices. While it runs, each code that may be chosen after
 * its last choice becomes a variant of its own. */
#ifndef SIM_VARIANTS_H
#define SIM_VARIANTS_H

#include "machine.h"

struct sim_variants { /* zero is none; freed with sim_variants_free() */
  struct sim_transition *list;
  size_t count, room, next;
  bool can_fail;      /* faults may come inside the step */
  bool failed;        /* memory ran out: variants are missing */
  bool keeps_moments; /* sim_machine_keep_moments() */
  int made;           /* choices of the present one that were made */
  bool too_many;      /* the present one has no room for further choices */
};

/* Begin with the step of a task in which all goes well.
 * In:      can_fail  disk operations and requests for memory fail too: the step must begin in a
 *                    world that was restored, with cold caches, so that they keep their numbers */
void sim_variants_begin(struct sim_variants *variants, int task, bool can_fail);

/* Make power failures inside the step without running it again up to there. It must be the step of
 * an actor, and touch nothing but the store. */
void sim_variants_keep_moments(struct sim_variants *variants);

/* Whether one is left. */
bool sim_variants_more(const struct sim_variants *variants);

/* Run the next one, in a machine that is in the world in which the step begins. */
void sim_variants_make(struct sim_variants *variants, struct sim_machine *machine,
                       struct sim_effect *effect);

void sim_variants_free(struct sim_variants *variants);

#endif
