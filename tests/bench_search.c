/* How long searches take: the race of two submits and a turn-off, without and with every single
 * fault; six submits and three turn-offs; one process against two. Goals are those of the README;
 * ratios are measured in turns and count, times depend on the machine. */
#define _POSIX_C_SOURCE 200809L
#include "explore.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 3, SUBMITS = 6, TURN_OFFS = 3 };

static int64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void must(bool holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "bench_search: %s\n", what);
  exit(1);
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

static const struct sim_site_faults moody = {
    .mood = SIM_MOOD_MAY,
    .count = 2,
    .faults = {{.behaviour = SIM_DECLINED, .code = "generic_decline", .text = "declined"},
               {.behaviour = SIM_3D_SECURE, .text = "3D Secure"}}};

/* So many submits, which one or two top-ups cover, and turn-offs. */
static void fill(struct sim_case *the_case, struct sim_step *steps, int submits, int turn_offs) {
  static const char *const ids[SUBMITS] = {"a-1", "b-1", "c-1", "d-1", "e-1", "f-1"};
  static const char *const names[SUBMITS + TURN_OFFS] = {"ana", "ben", "cat", "dan", "eva",
                                                         "fox", "gus", "hal", "ida"};
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

struct measure {
  int64_t spent_ns, states, transitions, graph_bytes;
  int endings;
};

/* Machine and all: what a user waits for. */
static struct measure search(const struct sim_case *the_case, int fault_budget, int searchers) {
  struct reload_message message;
  struct sim_search found;
  const struct sim_limits limits = {
      .seed = 1, .max_states = 20000000, .fault_budget = fault_budget, .searchers = searchers};
  int64_t begin = now_ns();
  struct sim_machine *machine = sim_machine_new(the_case, 1, &message);
  must(machine != NULL, "no machine");
  must(sim_explore(machine, &limits, &found) && found.exhausted, "not exhausted");
  must(found.breach_count == 0, "an oracle objects");
  struct measure measure = {.spent_ns = now_ns() - begin,
                            .states = found.states,
                            .transitions = found.transitions,
                            .graph_bytes = (int64_t)found.graph_bytes,
                            .endings = found.ending_count};
  sim_search_free(&found);
  sim_machine_free(machine);
  return measure;
}

static void show(const char *what, const struct measure *measure, const char *goal) {
  double seconds = (double)measure->spent_ns / 1e9;
  printf("%s:\n  %lld states, %lld transitions, %d endings in %.3f s: %.0f states and %.0f "
         "transitions a second,\n  %.0f bytes a state (goal: %s)\n",
         what, (long long)measure->states, (long long)measure->transitions, measure->endings,
         seconds, (double)measure->states / seconds, (double)measure->transitions / seconds,
         (double)measure->graph_bytes / (double)measure->states, goal);
}

static void compare_searchers(const struct sim_case *the_case) {
  int64_t one_ns = 0, two_ns = 0;
  for (int i = 0; i < ROUNDS; i++) {
    int64_t one = search(the_case, 0, 1).spent_ns, two = search(the_case, 0, 2).spent_ns;
    if (one_ns == 0 || one < one_ns) one_ns = one;
    if (two_ns == 0 || two < two_ns) two_ns = two;
  }
  printf("two processes against one, on that: %.2f times as fast (goal: 1.8, on two idle "
         "processors)\n",
         (double)one_ns / (double)two_ns);
}

int main(void) {
  static struct sim_step steps[SUBMITS + TURN_OFFS];
  static struct sim_case the_case;
  must(sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) == SQLITE_OK &&
           sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK,
       "SQLite cannot be configured");
  fill(&the_case, steps, 2, 1);
  the_case.sites[SIM_SITE_CONFIRM] = moody;
  struct measure measure = search(&the_case, 0, 1);
  show("two submits and a turn-off, any answer of the bank", &measure, "100,000 states a second");
  measure = search(&the_case, 1, 1);
  show("the same under every single fault, at every place", &measure, "at most 60 s");
  fill(&the_case, steps, SUBMITS, TURN_OFFS);
  measure = search(&the_case, 0, 1);
  show("six submits and three turn-offs, every order", &measure, "at most 30 s, 100 bytes a state");
  compare_searchers(&the_case);
  return 0;
}
