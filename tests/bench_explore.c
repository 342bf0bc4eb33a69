/* What an explored state costs, against the bare SQL of its step.
 *
 * A race is walked once by its shortest path to the longest ending. Each of its steps that is a
 * transaction is then repeated from the same world, in turns: explored (restore, step, checkers,
 * hash) and bare (restore, then the very statements of that step, prepared, on the same disk). The
 * cost of restoring is taken off the bare one. Ratios count; times depend on the machine. */
#include "explore.h"
#include "machine_inside.h"
#include "race_kit.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPEATS = 4000, ROUNDS = 5, MAX_STATEMENTS = 64, MAX_MOVES = 256 };

static char *recorded[MAX_STATEMENTS];
static int recorded_count;
static bool recording;

static int on_statement(unsigned kind, void *self, void *statement, void *text) {
  (void)kind, (void)self;
  bool trigger =
      strncmp(text, "--", 2) == 0; /* a trigger's statement: reported under the one that fired it */
  if (recording && !trigger && recorded_count < MAX_STATEMENTS)
    recorded[recorded_count++] = sqlite3_expanded_sql(statement);
  return 0;
}

static int on_open(sqlite3 *db, const char **error, const struct sqlite3_api_routines *api) {
  (void)error, (void)api;
  return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, on_statement, NULL);
}

static struct sim_case race;

struct measure {
  int64_t restore_ns, bare_ns, explored_ns;
};

static void explore_once(struct sim_machine *machine, const struct sim_world *world,
                         const struct fake_disk_image *image, struct sim_transition transition) {
  struct sim_effect effect;
  struct sim_violation violation;
  sim_machine_restore(machine, world, image);
  race_must(sim_machine_again(machine, &transition, &effect), "a step cannot be made again");
  race_must(sim_check_transition(machine, world, &effect, &violation),
            "a step breaks an invariant");
  struct sim_hash hash = sim_world_hash(sim_machine_world(machine), &race);
  race_must(hash.low != 0 || hash.high != 0, "no hash");
}

static int64_t time_restore(struct sim_machine *machine, const struct fake_disk_image *image) {
  int64_t begin = race_now_ns();
  for (int i = 0; i < REPEATS; i++) fake_disk_restore(sim_machine_disk(machine), image);
  return race_now_ns() - begin;
}

static int64_t time_bare(struct sim_machine *machine, const struct fake_disk_image *image,
                         sqlite3_stmt **statements, int count) {
  int64_t begin = race_now_ns();
  for (int i = 0; i < REPEATS; i++) {
    fake_disk_restore(sim_machine_disk(machine), image);
    for (int s = 0; s < count; s++) {
      while (sqlite3_step(statements[s]) == SQLITE_ROW) continue;
      race_must(sqlite3_reset(statements[s]) == SQLITE_OK, "a replayed statement fails");
    }
  }
  return race_now_ns() - begin;
}

static int64_t least(int64_t a, int64_t b) { return a == 0 || b < a ? b : a; }

/* The step that leads from this world: its statements, and what it costs both ways. */
static struct measure measure(struct sim_machine *machine, sqlite3 *db,
                              const struct sim_world *world, const struct fake_disk_image *image,
                              struct sim_transition transition) {
  sqlite3_stmt *statements[MAX_STATEMENTS];
  struct measure found = {.bare_ns = 0};
  int count = recorded_count;
  for (int s = 0; s < count; s++)
    race_must(sqlite3_prepare_v3(db, recorded[s], -1, SQLITE_PREPARE_PERSISTENT, &statements[s],
                                 NULL) == SQLITE_OK,
              "a statement cannot be replayed");
  for (int round = 0; round < ROUNDS; round++) {
    found.restore_ns = least(found.restore_ns, time_restore(machine, image));
    found.bare_ns = least(found.bare_ns, time_bare(machine, image, statements, count));
    int64_t begin = race_now_ns();
    for (int i = 0; i < REPEATS; i++) explore_once(machine, world, image, transition);
    found.explored_ns = least(found.explored_ns, race_now_ns() - begin);
  }
  for (int s = 0; s < count; s++) sqlite3_finalize(statements[s]);
  sim_machine_restore(machine, world, image);
  return found;
}

/* Statements of the engine's step alone: those up to its COMMIT (the ledger is read after it). */
static void record_step(struct sim_machine *machine, struct sim_transition transition) {
  struct sim_effect effect;
  for (int i = 0; i < recorded_count; i++) sqlite3_free(recorded[i]);
  recorded_count = 0;
  recording = true;
  race_must(sim_machine_again(machine, &transition, &effect), "a step cannot be made again");
  recording = false;
  int kept = 0;
  while (kept < recorded_count && strcmp(recorded[kept], "COMMIT") != 0) kept++;
  while (recorded_count > kept + 1) sqlite3_free(recorded[--recorded_count]);
}

static uint32_t longest_ending(const struct sim_search *search) {
  uint32_t state = 0;
  int longest = 0;
  for (int i = 0; i < search->ending_count; i++) {
    if (search->endings[i]->ending.line_count <= longest) continue;
    longest = search->endings[i]->ending.line_count;
    state = search->endings[i]->state;
  }
  return state;
}

static void compare_steps(struct sim_machine *machine, const struct sim_transition *transitions,
                          int count) {
  static struct sim_world world;
  sqlite3 *db = NULL;
  struct measure sum = {.bare_ns = 0};
  race_must(sqlite3_open_v2("ledger.db", &db, SQLITE_OPEN_READWRITE, machine->vfs_name) ==
                SQLITE_OK,
            "no connection");
  race_must(sqlite3_exec(db, "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON", NULL, NULL,
                         NULL) == SQLITE_OK,
            "no pragmas");
  printf("step                bare us   explored us   ratio\n");
  for (int i = 0; i < count; i++) {
    struct fake_disk_image image = {.record = NULL};
    sim_world_copy(&world, sim_machine_world(machine), &race);
    race_must(fake_disk_save(sim_machine_disk(machine), &image), "out of memory");
    record_step(machine, transitions[i]);
    if (recorded_count > 0 && strcmp(recorded[0], "BEGIN IMMEDIATE") == 0) {
      struct measure found = measure(machine, db, &world, &image, transitions[i]);
      int64_t bare_ns = found.bare_ns - found.restore_ns;
      printf("%2d %-14s %8.2f %13.2f %7.2f\n", i + 1,
             transitions[i].task == SIM_BACKGROUND ? "background"
                                                   : race.actors[transitions[i].task].name,
             (double)bare_ns / REPEATS / 1000, (double)found.explored_ns / REPEATS / 1000,
             (double)found.explored_ns / (double)bare_ns);
      sum.bare_ns += bare_ns;
      sum.explored_ns += found.explored_ns;
      record_step(machine, transitions[i]);
    }
    fake_disk_image_release(sim_machine_disk(machine), &image);
  }
  char text[64];
  snprintf(text, sizeof text, "%.2f times", (double)sum.explored_ns / (double)sum.bare_ns);
  race_result("a step that is run, with all its checks, beside its bare SQL", text, "at most 2.5");
  sqlite3_close(db);
}

int main(void) {
  struct reload_message message;
  struct sim_limits limits = {.max_states = 1000000};
  struct sim_search search;
  struct sim_transition *transitions = NULL;
  struct fake_disk_image start = {.record = NULL};
  static struct sim_world world;
  static struct sim_step steps[3];
  race_fill(&race, steps, 2, 1);
  race.sites[SIM_SITE_CONFIRM] = race_moody;
  race_must(sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) == SQLITE_OK &&
                sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK,
            "SQLite cannot be configured");
  struct sim_machine *machine = sim_machine_new(&race, 1, &message);
  race_must(machine != NULL, "no machine");
  sim_world_copy(&world, sim_machine_world(machine), &race);
  race_must(fake_disk_save(sim_machine_disk(machine), &start), "out of memory");
  race_must(sim_explore(machine, &limits, &search) && search.exhausted, "not exhausted");
  int count = sim_search_path(&search, longest_ending(&search), &transitions);
  race_must(count > 0, "no path");
  sim_machine_restore(machine, &world, &start);
  fake_disk_image_release(sim_machine_disk(machine), &start);
  sim_search_free(&search);
  sim_machine_free(machine);

  sqlite3_auto_extension((void (*)(void))on_open);
  machine = sim_machine_new(&race, 1, &message);
  race_must(machine != NULL, "no machine");
  compare_steps(machine, transitions, count);
  for (int i = 0; i < recorded_count; i++) sqlite3_free(recorded[i]);
  free(transitions);
  sim_machine_free(machine);
  return 0;
}
