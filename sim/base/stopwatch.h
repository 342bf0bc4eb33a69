/* Real time, for progress and time limits; no result may depend on it. */
#ifndef SIM_STOPWATCH_H
#define SIM_STOPWATCH_H

#include <stdint.h>

/* Milliseconds since some moment in the past, more than 0. It never decreases. */
int64_t sim_now_ms(void);

#endif
