/* Random scenarios, for worlds too large to be explored exhaustively.
 *
 * Swarm testing (Groce, Zhang, Eide, Chen and Regehr, "Swarm testing", ISSTA 2012): each run
 * first switches every feature on or off - each verb, each kind of card, each fault, each size -
 * and then draws from what is left. Without one feature the others go further than in an even
 * mixture of all. Numbers are drawn near their limits: a cost equal to the balance, one more, as
 * much as one top-up covers, one more than that; balances at zero, below it, at the limit. */
#ifndef SIM_GENERATE_H
#define SIM_GENERATE_H

#include <jansson.h>
#include <stdint.h>

/* Make run number `run` of a seed: 1 to 8 clients of 1 to 4 owners, 1 to 16 actors with up to 12
 * steps, 1 to 4 processes. The reader accepts it, and it fits into all tables of the simulator. It
 * expects no ending: only the checkers decide.
 * Returns: a new object, the same for the same seed and run; null when out of memory */
json_t *sim_generate(uint64_t seed, int64_t run);

#endif
