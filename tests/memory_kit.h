/* Requests for memory, counted, with one of them refused: for tests that fail each in turn. */
#ifndef MEMORY_KIT_H
#define MEMORY_KIT_H

#include "memory.h"

/* Zero refuses none. Must stay where it is from memory_kit_begin() to fake_memory_end(). */
struct memory_kit {
  enum fake_memory_user user; /* whose request is refused: */
  int fail_nth;               /* its ordinal, from 1; 0: none */
  int requests[FAKE_MEMORY_USER_COUNT];
  bool failed; /* one was refused */
};

static inline bool memory_kit_refuses(void *self, enum fake_memory_user user) {
  struct memory_kit *kit = self;
  bool refused = ++kit->requests[user] == kit->fail_nth && user == kit->user;
  kit->failed |= refused;
  return refused;
}

static inline void memory_kit_begin(struct memory_kit *kit) {
  const struct fake_memory_hook hook = {.self = kit, .refuses = memory_kit_refuses};
  fake_memory_begin(&hook);
}

#endif
