/* How long searches take: the race of two submits and a turn-off, without and with every single
 * fault; six submits and three turn-offs. Goals are those of the README;
 * ratios are measured in turns and count, times depend on the machine. */
#include "explore.h"
#include "race_kit.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct measure {
  int64_t spent_ns, states, transitions, steps_run, graph_bytes;
  int endings;
};

/* Machine and all: what a user waits for. */
static struct measure search(const struct sim_case *the_case, int fault_budget) {
  struct reload_message message;
  struct sim_search found;
  const struct sim_limits limits = {
      .seed = 1, .max_states = 20000000, .fault_budget = fault_budget};
  int64_t begin = race_now_ns();
  struct sim_machine *machine = sim_machine_new(the_case, 1, &message);
  race_must(machine != NULL, "no machine");
  race_must(sim_explore(machine, &limits, &found) && found.exhausted, "not exhausted");
  race_must(found.violation_count == 0, "a step breaks an invariant");
  struct measure measure = {.spent_ns = race_now_ns() - begin,
                            .states = found.states,
                            .transitions = found.transitions,
                            .steps_run = found.steps_run,
                            .graph_bytes = (int64_t)found.graph_bytes,
                            .endings = found.ending_count};
  sim_search_free(&found);
  sim_machine_free(machine);
  return measure;
}

static void show(const char *what, const struct measure *measure, const char *goal) {
  double seconds = (double)measure->spent_ns / 1e9;
  printf("%s:\n  %lld states, %lld transitions (%lld steps run), %d endings in %.3f s: %.0f states "
         "and %.0f "
         "transitions a second,\n  %.0f bytes a state (goal: %s)\n",
         what, (long long)measure->states, (long long)measure->transitions,
         (long long)measure->steps_run, measure->endings, seconds,
         (double)measure->states / seconds, (double)measure->transitions / seconds,
         (double)measure->graph_bytes / (double)measure->states, goal);
}

int main(void) {
  static struct sim_step steps[RACE_MAX_SUBMITS + RACE_MAX_TURN_OFFS];
  static struct sim_case the_case;
  race_must(sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) == SQLITE_OK &&
                sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK,
            "SQLite cannot be configured");
  race_fill(&the_case, steps, 2, 1);
  the_case.sites[SIM_SITE_CONFIRM] = race_moody;
  struct measure measure = search(&the_case, 0);
  show("two submits and a turn-off, any answer of the bank", &measure, "100,000 states a second");
  measure = search(&the_case, 1);
  show("the same under every single fault, at every place", &measure, "at most 60 s");
  race_fill(&the_case, steps, RACE_MAX_SUBMITS, RACE_MAX_TURN_OFFS);
  measure = search(&the_case, 0);
  show("six submits and three turn-offs, every order", &measure, "at most 30 s, 100 bytes a state");
  return 0;
}
