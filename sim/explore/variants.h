/* The variants of one step: every answer that is open, and every fault that can be injected, one
 * after the other. Each is run once as a sparse list of choices; while it runs, whatever else may
 * be chosen behind its last choice becomes a variant of its own. */
#ifndef SIM_VARIANTS_H
#define SIM_VARIANTS_H

#include "machine.h"

struct sim_variants { /* zero is none; freed with sim_variants_free() */
  struct sim_transition *list;
  size_t count, room, next;
  bool can_fail;      /* inside of the step */
  bool failed;        /* memory ran out: variants are missing */
  bool keeps_moments; /* sim_machine_keep_moments() */
  int made;           /* choices of the present one */
  bool too_many; /* so many choices in the present one that what may be chosen behind is missing */
};

/* Begin with the step of a task as it goes when all goes well.
 * In:      can_fail  operations of the disk and requests for memory fail, too: the step must begin
 *                    in a world that was restored, with cold caches, so that they keep their
 *                    numbers */
void sim_variants_begin(struct sim_variants *variants, int task, bool can_fail);

/* Power failures inside of the step are made without running it again up to there: it must be an
 * actor's, and touch nothing but the store. */
void sim_variants_keep_moments(struct sim_variants *variants);

/* Whether one is left. */
bool sim_variants_more(const struct sim_variants *variants);

/* Make the next one, in a machine that is in the world where the step begins. */
void sim_variants_make(struct sim_variants *variants, struct sim_machine *machine,
                       struct sim_effect *effect);

void sim_variants_free(struct sim_variants *variants);

#endif
