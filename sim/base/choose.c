#include "choose.h"

#include <string.h>

int sim_choose(struct sim_tape *tape, int count) {
  if (tape->length == SIM_MAX_CHOICES) {
    tape->overflowed = true;
    return 0;
  }
  int at = tape->length++;
  if (at >= tape->given) tape->answers[at] = 0;
  tape->counts[at] = (uint8_t)count;
  return tape->answers[at] < count ? tape->answers[at] : 0;
}

bool sim_tape_next(struct sim_tape *tape) {
  int at = tape->length - 1;
  while (at >= 0 && tape->answers[at] + 1 >= tape->counts[at]) at--;
  tape->length = 0;
  tape->given = 0;
  if (at < 0) return false;
  tape->answers[at]++;
  tape->given = at + 1;
  return true;
}

uint64_t sim_tape_pack(const struct sim_tape *tape) {
  uint64_t packed = (uint64_t)tape->length;
  for (int i = 0; i < tape->length; i++) packed |= (uint64_t)tape->answers[i] << (8 * (i + 1));
  return packed;
}

void sim_tape_unpack(struct sim_tape *tape, uint64_t packed) {
  memset(tape, 0, sizeof *tape);
  tape->given = (int)(packed & 0xff);
  for (int i = 0; i < tape->given && i < SIM_MAX_CHOICES; i++)
    tape->answers[i] = (uint8_t)(packed >> (8 * (i + 1)));
}
