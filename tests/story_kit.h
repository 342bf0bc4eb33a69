/* Every story of a case: each ending by its shortest way, step by step. Whatever fails in here
 * fails the calling test. */
#ifndef STORY_KIT_H
#define STORY_KIT_H

#include "explore.h"
#include "story.h"

/* A step as it was made, and as it is told. */
struct story_step {
  const struct sim_case *the_case;
  int ending, number;             /* both from 1 */
  const struct sim_world *before; /* the world */
  const struct sim_world *after;
  const struct sim_effect *effect;
  const json_t *told; /* null: stories leave it out */
};

/* Explore a case and tell its stories.
 * In:      faults  injected ones that a run may show
 *          step    called for each step of each story, in order */
void story_kit_tell(const struct sim_case *the_case, int faults,
                    void (*step)(void *self, const struct story_step *step), void *self);

#endif
