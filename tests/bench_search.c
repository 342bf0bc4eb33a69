/* How long searches take, and how much memory. Times depend on the machine: whether a goal is met
 * is for the reader to see.
 *
 *   bench_search                       all of these races
 *   bench_search SUBMITS TURN_OFFS     one race; the bank approves
 */
#include "explore.h"
#include "race_kit.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { MEMO_MB = 128 /* of the largest race, of which all has to fit into 1 GiB */ };

struct measure {
  int64_t spent_ns, states, transitions, steps_run;
  size_t graph_bytes;
  int endings;
};

/* Machine and all: what a user waits for. */
static struct measure search(const struct sim_case *the_case, int fault_budget, int memo_mb) {
  struct reload_message message;
  struct sim_search found;
  const struct sim_limits limits = {.seed = 1,
                                    .max_states = 50000000,
                                    .fault_budget = fault_budget,
                                    .memo_bytes = (size_t)memo_mb << 20};
  int64_t begin = race_now_ns();
  struct sim_machine *machine = sim_machine_new(the_case, 1, &message);
  race_must(machine != NULL, "no machine");
  race_must(sim_explore(machine, &limits, &found) && found.exhausted, "not exhausted");
  race_must(found.violation_count == 0, "a step breaks an invariant");
  struct measure measure = {.spent_ns = race_now_ns() - begin,
                            .states = found.states,
                            .transitions = found.transitions,
                            .steps_run = found.steps_run,
                            .graph_bytes = found.graph_bytes,
                            .endings = found.ending_count};
  sim_search_free(&found);
  sim_machine_free(machine);
  return measure;
}

static struct measure search_race(int submits, int turn_offs, int memo_mb) {
  static struct sim_step steps[RACE_MAX_SUBMITS + RACE_MAX_TURN_OFFS];
  static struct sim_case the_case;
  race_fill(&the_case, steps, submits, turn_offs);
  return search(&the_case, 0, memo_mb);
}

static void show(const struct measure *measure) {
  double seconds = (double)measure->spent_ns / 1e9;
  printf("  %lld states, %lld transitions, of which %lld were run on the engine, %d endings\n",
         (long long)measure->states, (long long)measure->transitions, (long long)measure->steps_run,
         measure->endings);
  printf("  in %.3f s: %.0f states and %.0f transitions a second; %.0f bytes a state\n", seconds,
         (double)measure->states / seconds, (double)measure->transitions / seconds,
         (double)measure->graph_bytes / (double)measure->states);
}

static void show_small_races(void) {
  static struct sim_step steps[3];
  static struct sim_case the_case;
  race_fill(&the_case, steps, 2, 1);
  the_case.sites[SIM_SITE_CONFIRM] = race_moody;
  struct measure measure = search(&the_case, 0, 0);
  printf("2 submits, a turn-off, any answers of the bank:\n");
  show(&measure);
  measure = search(&the_case, 1, 0);
  printf("the same under every single fault:\n");
  show(&measure);
}

static int64_t peak_kb(void) {
  struct rusage usage;
  race_must(getrusage(RUSAGE_SELF, &usage) == 0, "no peak of memory");
  return usage.ru_maxrss;
}

static void show_large_races(void) {
  char text[128];
  struct measure measure = search_race(6, 3, 0);
  printf("6 submits, 3 turn-offs, every order:\n");
  show(&measure);
  printf("8 submits, 4 turn-offs, every order:\n");
  fflush(stdout);
  measure = search_race(8, 4, MEMO_MB);
  show(&measure);
  snprintf(text, sizeof text, "%.0f MiB, of them %d for the memo; %.1f s", (double)peak_kb() / 1024,
           MEMO_MB, (double)measure.spent_ns / 1e9);
  race_result("8 submits, 4 turn-offs: memory of the process at its peak", text,
              "at most 1024 MiB");
  snprintf(text, sizeof text, "%.0f of the graph, %.0f with endings and all",
           (double)measure.graph_bytes / (double)measure.states,
           ((double)peak_kb() * 1024 - (double)(MEMO_MB << 20)) / (double)measure.states);
  race_result("the same: bytes a state, without the memo", text, "at most 100");
}

/* A number from 0 to a bound; all else ends the program. */
static int number(const char *text, int most) {
  char *end;
  long value = strtol(text, &end, 10);
  race_must(end != text && *end == 0 && value >= 0 && value <= most, "how many? (at most 8 and 4)");
  return (int)value;
}

int main(int count, char **arguments) {
  race_must(sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) == SQLITE_OK &&
                sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK,
            "SQLite cannot be configured");
  race_must(count == 1 || count == 3, "usage: bench_search [SUBMITS TURN_OFFS]");
  if (count == 3) {
    struct measure measure = search_race(number(arguments[1], RACE_MAX_SUBMITS),
                                         number(arguments[2], RACE_MAX_TURN_OFFS), 0);
    show(&measure);
    return 0;
  }
  show_small_races();
  show_large_races();
  return 0;
}
