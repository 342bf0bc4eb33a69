/* What the benchmarks of searches share: a race of submits and turn-offs on one client, a clock,
 * and a way to give up. */
#ifndef RACE_KIT_H
#define RACE_KIT_H

#include "scenario.h"

enum { RACE_MAX_SUBMITS = 8, RACE_MAX_TURN_OFFS = 4 };

/* Acme has 5 tokens; each submit costs 10, a top-up brings 100. All actors have one step. */
void race_fill(struct sim_case *the_case, struct sim_step *steps, int submits, int turn_offs);

/* The bank may also decline, or ask for 3D Secure. */
extern const struct sim_site_faults race_moody;

int64_t race_now_ns(void);

/* Prints a line of the results, as result() of tests/benches/kit.sh does. */
void race_result(const char *what, const char *figures, const char *goal);

/* Says what is wrong and ends the program if it does not hold. */
void race_must(bool holds, const char *what);

#endif
