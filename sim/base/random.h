/* A small random generator that gives the same numbers everywhere: SplitMix64 (Steele, Lea and
 * Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014). The state grows by
 * 0x9e3779b97f4a7c15, and each number is the state after mixing. It starts from the XXH3 hash of
 * seed, run and stream, so that no run or stream depends on how many numbers another one has drawn.
 */
#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct sim_random {
  uint64_t state;
};

void sim_random_begin(struct sim_random *random, uint64_t seed, uint64_t run, uint64_t stream);

uint64_t sim_random_next(struct sim_random *random);

/* One of 0..count-1, each as likely as the others; count > 0. */
int64_t sim_random_below(struct sim_random *random, int64_t count);

/* True in `permille` of a thousand cases. */
bool sim_random_chance(struct sim_random *random, int permille);

#endif
