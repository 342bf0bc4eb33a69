/* Machines that are kept, and stores that are opened again: it makes no difference what is done
 * anew and what is remembered. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "sim_kit.h"

#include "memory.h"
#include "variants.h"

#include <stdlib.h>
#include <string.h>

enum { ONE_FRAME_LOG = 32 + 24 + 4096 }; /* what opening the store writes */

/* What a search on this machine finds, every way and ending by the root. */
struct seen {
  int64_t states, transitions;
  struct sim_hash root;
  int endings;
};

static struct seen search(struct sim_machine *machine, int fault_budget) {
  struct sim_search search;
  const struct sim_limits limits = {.max_states = 1000000, .fault_budget = fault_budget};
  assert_true(sim_explore(machine, &limits, &search));
  assert_true(search.exhausted);
  struct seen seen;
  memset(&seen, 0, sizeof seen);
  seen.states = search.states;
  seen.transitions = search.transitions;
  seen.root = search.root;
  seen.endings = search.ending_count;
  sim_search_free(&search);
  return seen;
}

/* A submit beside a turn-off; in two processes, if there are two. */
static void race(struct sim_kit *kit, int process_count) {
  kit->the_case.process_count = process_count;
  kit->the_case.processes[1] = "other";
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  sim_kit_actor(kit, "ben", SIM_TURN_OFF)->process = process_count - 1;
}

/* Everything about the case before was different: clients, settings, actors, and its faults. */
static struct sim_machine *use_before(struct sim_machines *machines, struct sim_kit *other) {
  struct reload_message message;
  other->the_case.top_up_tokens = 7;
  other->the_case.start_ms += 1000;
  (void)sim_kit_client(other, "zeta");
  other->the_case.clients[0].balance_tokens = -3;
  struct sim_machine *machine = sim_machine_take(machines, &other->the_case, 1, &message);
  assert_non_null(machine);
  assert_true(search(machine, 1).states > 10);
  sim_machine_free(machine);
  return machine;
}

static void compare(struct sim_kit *kit, int process_count, int fault_budget) {
  struct reload_message message;
  void *state = NULL;
  assert_int_equal(sim_kit_set_up(&state), 0);
  struct sim_kit *other = state;
  struct sim_machines *machines = sim_machines_new();
  assert_non_null(machines);
  race(kit, process_count);
  race(other, process_count);
  sim_kit_start(kit);
  struct sim_machine *before = use_before(machines, other);
  struct sim_machine *kept = sim_machine_take(machines, &kit->the_case, 1, &message);
  assert_ptr_equal(kept, before);
  assert_null(sim_world_difference(&kit->machine->world, sim_machine_world(kept), &kit->the_case));
  assert_int_equal(fake_disk_file_bytes(sim_machine_disk(kept), "ledger.db-wal"), ONE_FRAME_LOG);
  struct seen of_new = search(kit->machine, fault_budget), of_kept = search(kept, fault_budget);
  assert_memory_equal(&of_kept, &of_new, sizeof of_new);
  sim_machine_free(kept);
  sim_machines_free(machines);
  sim_kit_tear_down(&state);
}

static void test_a_kept_machine_is_as_good_as_new(void **state) { compare(*state, 1, 0); }
static void test_also_under_faults(void **state) { compare(*state, 1, 1); }
static void test_also_with_two_processes(void **state) { compare(*state, 2, 0); }

static void test_only_a_machine_that_fits(void **state) {
  struct sim_kit *kit = *state;
  struct reload_message message;
  struct sim_machines *machines = sim_machines_new();
  race(kit, 1);
  struct sim_machine *one = sim_machine_take(machines, &kit->the_case, 1, &message);
  struct sim_machine *at_once = sim_machine_take(machines, &kit->the_case, 1, &message);
  assert_true(one && at_once && one != at_once);
  sim_machine_free(one);
  struct sim_machine *other_seed = sim_machine_take(machines, &kit->the_case, 2, &message);
  assert_ptr_not_equal(other_seed, one);
  kit->the_case.process_count = 2;
  struct sim_machine *two = sim_machine_take(machines, &kit->the_case, 1, &message);
  assert_ptr_not_equal(two, one);
  kit->the_case.process_count = 1;
  assert_ptr_equal(sim_machine_take(machines, &kit->the_case, 1, &message), one);
  sim_machine_free(one);
  sim_machine_free(at_once);
  sim_machine_free(other_seed);
  sim_machine_free(two);
  sim_machines_free(machines);
}

/* What the engine refuses is refused on a new machine and on a kept one. The next case is fine. */
static void test_a_world_that_cannot_be(void **state) {
  struct sim_kit *kit = *state;
  struct sim_machines *machines = sim_machines_new();
  for (int i = 0; i < 2; i++) {
    struct reload_message message = {""};
    kit->the_case.top_up_price_minor = 1;
    assert_null(sim_machine_take(machines, &kit->the_case, 1, &message));
    assert_string_equal(message.text, "settings: top_up_price_minor must be 50 to 99999999");
    kit->the_case.top_up_price_minor = 1000;
    struct sim_machine *machine = sim_machine_take(machines, &kit->the_case, 1, &message);
    assert_non_null(machine);
    sim_machine_free(machine);
  }
  sim_machines_free(machines);
}

/* ---- Opened again ---- */

struct here {
  struct sim_machine *machine;
  struct sim_world world;
  struct fake_disk_image image;
};

struct compared {
  int remembered, wrong;
};

static struct sim_hash hash_of(const struct here *here, const struct sim_effect *effect) {
  assert_false(effect->strayed);
  assert_null(effect->problem);
  return sim_world_hash(sim_machine_world(here->machine), here->machine->the_case);
}

/* The present variant, a step that dies inside: as a search runs it, with what is remembered of the
 * deaths before it, and run again without. */
static void compare_death(struct here *here, struct sim_variants *variants,
                          struct compared *compared) {
  const struct sim_transition death = variants->list[variants->next];
  struct sim_effect effect, again;
  sim_machine_restore(here->machine, &here->world, &here->image);
  sim_variants_make(variants, here->machine, &effect);
  struct sim_hash hash = hash_of(here, &effect);
  if (!here->machine->reopened) return;
  compared->remembered++;
  sim_machine_restore(here->machine, &here->world, &here->image);
  assert_true(sim_machine_again(here->machine, &death, &again));
  assert_null(here->machine->reopened);
  struct sim_hash real = hash_of(here, &again);
  compared->wrong += hash.low != real.low || hash.high != real.high ||
                     effect.wrote != again.wrote ||
                     strcmp(effect.message.text, again.message.text) != 0;
}

static bool is_death(const struct sim_choice *choice) {
  return choice->site >= SIM_CHOICE_DISK && choice->code >= SIM_DISK_DIES;
}

/* All that can go wrong inside the next step, in the order in which a search tries it. */
static void compare_step(struct here *here, int task, struct compared *compared) {
  struct sim_variants variants = {.list = NULL};
  struct sim_effect effect;
  sim_variants_begin(&variants, task, true);
  sim_variants_make(&variants, here->machine, &effect);
  for (variants.next = 1; variants.next < variants.count;) {
    if (is_death(&variants.list[variants.next].choices[0]))
      compare_death(here, &variants, compared);
    else
      variants.next++;
  }
  sim_variants_free(&variants);
}

static void test_opened_again(void **state) {
  struct sim_kit *kit = *state;
  struct here *here = calloc(1, sizeof *here);
  struct compared compared = {0, 0};
  assert_non_null(here);
  race(kit, 1);
  sim_kit_start(kit);
  here->machine = kit->machine;
  sim_machine_set_faults(kit->machine, 1, true);
  for (uint32_t steps; (steps = sim_machine_enabled(kit->machine)) != 0;) {
    int task = steps & 1 ? 0 : steps & 2 ? 1 : SIM_BACKGROUND;
    sim_world_copy(&here->world, sim_machine_world(kit->machine), &kit->the_case);
    assert_true(fake_disk_save(sim_machine_disk(kit->machine), &here->image));
    compare_step(here, task, &compared);
    sim_machine_restore(kit->machine, &here->world, &here->image);
    fake_disk_image_release(sim_machine_disk(kit->machine), &here->image);
    sim_kit_step(kit, task);
  }
  free(here);
  assert_int_equal(compared.wrong, 0);
  assert_true(compared.remembered > 500);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, sim_kit_set_up, sim_kit_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_a_kept_machine_is_as_good_as_new), TEST(test_also_under_faults),
      TEST(test_also_with_two_processes),          TEST(test_only_a_machine_that_fits),
      TEST(test_a_world_that_cannot_be),           TEST(test_opened_again),
  };
  if (sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) != SQLITE_OK || !fake_memory_install()) return 1;
  return cmocka_run_group_tests_name("kept machines", tests, NULL, NULL);
}
