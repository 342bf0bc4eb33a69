#include "random.h"

#include <xxhash.h>

void sim_random_begin(struct sim_random *random, uint64_t seed, uint64_t run, uint64_t stream) {
  const uint64_t name[] = {seed, run, stream};
  random->state = XXH3_64bits(name, sizeof name);
}

uint64_t sim_random_next(struct sim_random *random) {
  uint64_t mixed = random->state += UINT64_C(0x9e3779b97f4a7c15);
  mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
  return mixed ^ mixed >> 31;
}

int64_t sim_random_below(struct sim_random *random, int64_t count) {
  uint64_t limit = (uint64_t)count, drawn;
  uint64_t uneven = (UINT64_MAX - limit + 1) %
                    limit; /* 2^64 mod count: with these, some results would be more likely */
  do drawn = sim_random_next(random);
  while (drawn < uneven);
  return (int64_t)(drawn % limit);
}

bool sim_random_chance(struct sim_random *random, int permille) {
  return sim_random_below(random, 1000) < permille;
}
