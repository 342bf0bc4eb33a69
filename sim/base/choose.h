/* The one source of nondeterminism: whatever may go several ways asks sim_choose(). A strategy
 * fills the tape's front; beyond it every answer is 0, and what could have been is noted. */
#ifndef SIM_CHOOSE_H
#define SIM_CHOOSE_H

#include <stdbool.h>
#include <stdint.h>

#define SIM_MAX_CHOICES 6 /* within one step */

struct sim_tape {
  int length; /* answers given so far */
  int given;  /* how many of them are prescribed */
  uint8_t answers[SIM_MAX_CHOICES];
  uint8_t counts[SIM_MAX_CHOICES]; /* how many answers there were */
  bool overflowed;                 /* more choices in one step than fit: results no longer count */
};

/* Choose one of 0..count-1; count 1..255. */
int sim_choose(struct sim_tape *tape, int count);

/* Prescribe the next combination of answers, in the order of an odometer, after a step that has
 * used the tape. Returns: false when all have been tried */
bool sim_tape_next(struct sim_tape *tape);

/* Pack a tape's answers into one number, and back (all then prescribed). */
uint64_t sim_tape_pack(const struct sim_tape *tape);
void sim_tape_unpack(struct sim_tape *tape, uint64_t packed);

#endif
