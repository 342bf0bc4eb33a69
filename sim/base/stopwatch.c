#include "stopwatch.h"

#include <time.h>

int64_t sim_now_ms(void) {
  struct timespec now;
  if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return 1;
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + 1;
}
