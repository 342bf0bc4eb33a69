/* A small random generator whose numbers are the same everywhere: SplitMix64 (Steele, Lea and
 * Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014): the state goes up by
 * 0x9e3779b97f4a7c15, and each number is that state, mixed. It begins at the XXH3 hash of the seed,
 * the run and the stream, so that no run or stream depends on how much another one has drawn. */
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

/* True in so many of a thousand cases. */
bool sim_random_chance(struct sim_random *random, int permille);

#endif
