/* Time that passes for people who wait; no result may depend on it. */
#ifndef SIM_STOPWATCH_H
#define SIM_STOPWATCH_H

#include <stdint.h>

/* Milliseconds since some time in the past, more than 0; never goes back. */
int64_t sim_now_ms(void);

#endif
