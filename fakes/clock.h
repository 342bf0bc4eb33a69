/* A clock that is a value: it stands still until it is moved. */
#ifndef FAKE_CLOCK_H
#define FAKE_CLOCK_H

#include "ports.h"

#include <stdint.h>

#define FAKE_CLOCK_MAX_MS INT64_C(253402300799999) /* the end of year 9999 */

struct fake_clock {
  int64_t now_ms;
};

/* Set the clock; a time outside the range becomes the range's end. */
void fake_clock_init(struct fake_clock *clock, int64_t now_ms);

/* Move by delta_ms: forward if positive, a step back if negative. Never leaves the range. */
void fake_clock_move(struct fake_clock *clock, int64_t delta_ms);

/* Move forward to at_ms; an earlier time changes nothing (time that passes never steps back). */
void fake_clock_reach(struct fake_clock *clock, int64_t at_ms);

/* What a clock port needs: the value, and counts that are no part of it. */
struct fake_clock_fixture {
  struct fake_clock *clock; /* borrowed; may be pointed at another value between calls */
  uint32_t read_count;      /* calls of now_ms so far */
  uint32_t sleep_count;     /* calls of sleep_ms so far */
};

/* A port on the fixture, which must outlive it. Sleeping moves the clock at once; a duration <= 0
 * moves nothing. */
struct reload_clock_port fake_clock_port(struct fake_clock_fixture *fixture);

#endif
