/* See race_kit.h. */
#define _POSIX_C_SOURCE 200809L
#include "race_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int64_t race_now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

void race_must(bool holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "benchmark: %s\n", what);
  exit(1);
}

void race_result(const char *what, const char *figures, const char *goal) {
  printf("* %-66s %-54s goal: %s\n", what, figures, goal);
}

static const struct sim_case world = {
    .id = "bench",
    .title = "bench",
    .place = {"bench", 1, 1},
    .start_ms = 1768478400000,
    .top_up_tokens = 100,
    .top_up_price_minor = 1000,
    .currency = "usd",
    .wait_limit_ms = 30000,
    .attempt_limit_ms = 120000,
    .client_count = 1,
    .clients = {{"acme", "olga", 5, SIM_PLAN_ACTIVE, "pm_card_visa", true}},
    .process_count = 1,
    .processes = {"web"},
    .fault_limit = 16,
};

const struct sim_site_faults race_moody = {
    .policy = SIM_POLICY_MAY,
    .count = 2,
    .faults = {{.behaviour = SIM_DECLINED, .code = "generic_decline", .text = "declined"},
               {.behaviour = SIM_3D_SECURE, .text = "3D Secure"}}};

void race_fill(struct sim_case *the_case, struct sim_step *steps, int submits, int turn_offs) {
  static const char *const ids[RACE_MAX_SUBMITS] = {"a-1", "b-1", "c-1", "d-1",
                                                    "e-1", "f-1", "g-1", "h-1"};
  static const char *const names[RACE_MAX_SUBMITS + RACE_MAX_TURN_OFFS] = {
      "ana", "ben", "cat", "dan", "eva", "fox", "gus", "hal", "ida", "jan", "kai", "leo"};
  *the_case = world;
  for (int i = 0; i < submits + turn_offs; i++) {
    steps[i] =
        i < submits
            ? (struct sim_step){.verb = SIM_SUBMIT, .id = ids[i], .amount = 10, .kind = "creative"}
            : (struct sim_step){.verb = SIM_TURN_OFF};
    the_case->actors[i] = (struct sim_actor){names[i], 1, &steps[i]};
  }
  the_case->actor_count = submits + turn_offs;
}
