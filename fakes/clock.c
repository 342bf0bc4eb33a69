/* See clock.h. */
#include "clock.h"

static int64_t within_range(int64_t at_ms) {
  if (at_ms < 0) {
    return 0;
  }
  return at_ms > FAKE_CLOCK_MAX_MS ? FAKE_CLOCK_MAX_MS : at_ms;
}

void fake_clock_init(struct fake_clock *clock, int64_t now_ms) {
  clock->now_ms = within_range(now_ms);
}

void fake_clock_move(struct fake_clock *clock, int64_t delta_ms) {
  /* now_ms >= 0, so only a forward move could overflow. */
  if (delta_ms > FAKE_CLOCK_MAX_MS - clock->now_ms) {
    clock->now_ms = FAKE_CLOCK_MAX_MS;
    return;
  }
  clock->now_ms = within_range(clock->now_ms + delta_ms);
}

void fake_clock_reach(struct fake_clock *clock, int64_t at_ms) {
  if (at_ms > clock->now_ms) {
    clock->now_ms = within_range(at_ms);
  }
}

static int64_t port_now_ms(void *self) {
  struct fake_clock_fixture *fixture = self;
  fixture->read_count++;
  return fixture->clock->now_ms;
}

static void port_sleep_ms(void *self, int64_t duration_ms) {
  struct fake_clock_fixture *fixture = self;
  fixture->sleep_count++;
  if (duration_ms > 0) {
    fake_clock_move(fixture->clock, duration_ms);
  }
}

struct reload_clock_port fake_clock_port(struct fake_clock_fixture *fixture) {
  struct reload_clock_port port = {fixture, port_now_ms, port_sleep_ms};
  return port;
}
