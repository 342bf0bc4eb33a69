/* Walks: what they promise, on cases small enough to know every way through them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "along.h"
#include "reduce.h"
#include "sim_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct sim_walker *walker_of(struct sim_kit *kit) {
  struct reload_message message = {""};
  struct sim_walker *walker = sim_walker_new(NULL, &kit->the_case, 1, &message);
  if (!walker) fail_msg("no walker: %s", message.text);
  return walker;
}

static struct sim_walk_plan plan_of(uint64_t seed) {
  struct sim_walk_plan plan = {.change_points = 0};
  sim_random_begin(&plan.random, seed, 0, 0);
  return plan;
}

/* Two actors who look three times each: 20 orders, each as good as the others. */
static void two_who_look(struct sim_kit *kit) {
  static const char *const names[] = {"ana", "ben"};
  for (int i = 0; i < 2; i++) {
    (void)sim_kit_actor(kit, names[i], SIM_LOOK);
    (void)sim_kit_then(kit, SIM_LOOK);
    (void)sim_kit_then(kit, SIM_LOOK);
  }
}

/* The order of the actors' steps, as bits. */
static unsigned order_of(const struct sim_walker *walker) {
  const struct sim_transition *steps;
  unsigned order = 0;
  assert_true(sim_walk_steps(walker, &steps) > 6);
  for (int i = 0; i < 6; i++) order |= (unsigned)steps[i].task << i;
  return order;
}

static void test_uniform_walks_go_every_way(void **state) {
  struct sim_kit *kit = *state;
  bool seen[64] = {false};
  int count = 0;
  two_who_look(kit);
  struct sim_walker *walker = walker_of(kit);
  for (uint64_t seed = 0; seed < 300; seed++) {
    struct sim_walk_plan plan = plan_of(seed);
    assert_int_equal(sim_walk(walker, &plan, NULL, NULL), SIM_WALK_ENDED);
    unsigned order = order_of(walker);
    count += !seen[order];
    seen[order] = true;
  }
  assert_int_equal(count, 20);
  sim_walker_free(walker);
}

/* Without change points who is higher goes to the end: two orders. With one, at most one more
 * change of the actor, and not only the two orders. */
static void test_priorities(void **state) {
  struct sim_kit *kit = *state;
  int without[64] = {0}, with[64] = {0}, orders = 0;
  two_who_look(kit);
  struct sim_walker *walker = walker_of(kit);
  for (uint64_t seed = 0; seed < 300; seed++) {
    struct sim_walk_plan plan = plan_of(seed);
    plan.has_priorities = true;
    plan.expected_steps = 6;
    (void)sim_walk(walker, &plan, NULL, NULL);
    without[order_of(walker)]++;
    plan.change_points = 1;
    (void)sim_walk(walker, &plan, NULL, NULL);
    with[order_of(walker)]++;
  }
  for (unsigned order = 0; order < 64; order++) {
    int changes = 0;
    for (int i = 1; i < 6; i++) changes += (order >> i & 1u) != (order >> (i - 1) & 1u);
    if (without[order]) assert_true(changes == 1);
    if (with[order]) assert_true(changes <= 2);
    orders += with[order] > 0;
  }
  assert_true(without[7] > 0 && without[56] > 0);
  assert_true(orders > 2);
  sim_walker_free(walker);
}

static void submits_under_faults(struct sim_kit *kit) {
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  (void)sim_kit_submit(kit, "ben", "b-1", 10);
  (void)sim_kit_actor(kit, "cat", SIM_TURN_OFF);
}

static struct sim_walk_plan faulty_plan(uint64_t seed) {
  struct sim_walk_plan plan = plan_of(seed);
  plan.fault_limit = 2;
  plan.answer_permille = 200;
  plan.world_permille = 50;
  plan.disk_permille = 200;
  return plan;
}

static void test_the_same_plan_the_same_walk(void **state) {
  struct sim_kit *kit = *state;
  submits_under_faults(kit);
  struct sim_walker *walker = walker_of(kit), *other = walker_of(kit);
  for (uint64_t seed = 0; seed < 50; seed++) {
    struct sim_walk_plan plan = faulty_plan(seed);
    const struct sim_transition *steps, *again;
    assert_int_equal(sim_walk(walker, &plan, NULL, NULL), SIM_WALK_ENDED);
    for (int i = 0; i < 2 && seed > 0; i++) { /* whatever was walked before */
      struct sim_walk_plan before = faulty_plan(seed + 1000);
      (void)sim_walk(other, &before, NULL, NULL);
    }
    assert_int_equal(sim_walk(other, &plan, NULL, NULL), SIM_WALK_ENDED);
    int count = sim_walk_steps(walker, &steps);
    assert_int_equal(sim_walk_steps(other, &again), count);
    assert_memory_equal(steps, again, (size_t)count * sizeof *steps);
  }
  sim_walker_free(walker);
  sim_walker_free(other);
}

static void test_faults_keep_their_limit(void **state) {
  struct sim_kit *kit = *state;
  int most = 0, disk_faults = 0;
  submits_under_faults(kit);
  struct sim_walker *walker = walker_of(kit);
  for (uint64_t seed = 0; seed < 200; seed++) {
    const struct sim_transition *steps;
    struct sim_walk_plan plan = plan_of(seed);
    (void)sim_walk(walker, &plan, NULL, NULL);
    assert_int_equal(sim_machine_world(sim_walk_machine(walker))->injected, 0);
    plan = faulty_plan(seed);
    assert_int_equal(sim_walk(walker, &plan, NULL, NULL), SIM_WALK_ENDED);
    int count = sim_walk_steps(walker, &steps);
    for (int i = 0; i < count; i++) disk_faults += sim_transition_is_inside(&steps[i]);
    int injected = sim_machine_world(sim_walk_machine(walker))->injected;
    if (injected > most) most = injected;
  }
  assert_int_equal(most, 2);
  assert_true(disk_faults > 20);
  sim_walker_free(walker);
}

static const struct sim_signature deadlock = {
    .kind = "invariant", .rule = "RACE-3", .harm = "deadlock"};

/* Where each waits for the other's end nothing can ever happen: the reader refuses that, a walk
 * notices. The trace leads there again, also from a larger case. */
static void test_what_is_broken_is_told(void **state) {
  struct sim_kit *kit = *state;
  char path[] = "/tmp/test_walk_XXXXXX";
  struct sim_signature other = {.kind = "invariant", .rule = "RACE-3", .harm = "another harm"};
  sim_kit_actor(kit, "ana", SIM_LOOK)->after = 2;
  sim_kit_actor(kit, "ben", SIM_LOOK)->after = 1;
  (void)sim_kit_actor(kit, "cat", SIM_LOOK);
  struct sim_walker *walker = walker_of(kit);
  struct sim_walk_plan plan = plan_of(1);
  assert_int_equal(sim_walk(walker, &plan, NULL, NULL), SIM_WALK_BROKEN);
  assert_string_equal(sim_walk_violation(walker)->harm, "deadlock");
  char *text = sim_walk_trace(walker);
  assert_non_null(strstr(text, "\n1 | cat | look\nend "));

  int descriptor = mkstemp(path);
  assert_true(descriptor >= 0);
  assert_int_equal(write(descriptor, text, strlen(text)), strlen(text));
  close(descriptor);
  struct sim_trace *guide = sim_trace_read(path, false, stderr);
  unlink(path);
  assert_non_null(guide);
  enum sim_walk_end end = sim_walk_along(walker, guide, 0);
  assert_true(sim_walk_found(walker, end, &deadlock));
  assert_false(sim_walk_found(walker, end, &other));
  char *trace = sim_walk_trace(walker);
  assert_string_equal(trace, text);
  free(trace);
  sim_trace_free(guide);
  free(text);
  sim_walker_free(walker);
}

static bool has_fault(const struct sim_walker *walker) {
  const struct sim_transition *steps;
  bool has = false;
  int count = sim_walk_steps(walker, &steps);
  for (int i = 0; i < count; i++) has = has || steps[i].count > 0 || steps[i].task > SIM_BACKGROUND;
  return has;
}

/* Two actors wait for each other, whatever goes wrong for the third one. */
static void test_needless_faults_are_left_out(void **state) {
  struct sim_kit *kit = *state;
  const struct sim_transition *steps;
  int faulty = 0;
  sim_kit_actor(kit, "ana", SIM_LOOK)->after = 2;
  sim_kit_actor(kit, "ben", SIM_LOOK)->after = 1;
  (void)sim_kit_submit(kit, "cat", "a-1", 10);
  struct sim_walker *walker = walker_of(kit);
  for (uint64_t seed = 0; seed < 30; seed++) {
    struct sim_walk_plan plan = faulty_plan(seed);
    assert_true(sim_walk_found(walker, sim_walk(walker, &plan, NULL, NULL), &deadlock));
    if (!has_fault(walker)) continue;
    faulty++;
    int before = sim_walk_steps(walker, &steps);
    assert_true(sim_walk_reduce(walker, plan.fault_limit, &deadlock, 0) > 0); /* no time for it */
    assert_int_equal(sim_walk_steps(walker, &steps), before);
    assert_true(has_fault(walker));
    (void)sim_walk_reduce(walker, plan.fault_limit, &deadlock, 10000);
    assert_string_equal(sim_walk_violation(walker)->harm, "deadlock");
    assert_false(has_fault(walker));
  }
  assert_true(faulty > 5);
  sim_walker_free(walker);
}

static void test_interrupt(void **state) {
  struct sim_kit *kit = *state;
  volatile sig_atomic_t interrupt = 1;
  two_who_look(kit);
  struct sim_walker *walker = walker_of(kit);
  struct sim_walk_plan plan = plan_of(1);
  assert_int_equal(sim_walk(walker, &plan, &interrupt, NULL), SIM_WALK_INTERRUPTED);
  sim_walker_free(walker);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sim_kit_set_up, sim_kit_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_uniform_walks_go_every_way),
      TEST(test_priorities),
      TEST(test_the_same_plan_the_same_walk),
      TEST(test_faults_keep_their_limit),
      TEST(test_what_is_broken_is_told),
      TEST(test_needless_faults_are_left_out),
      TEST(test_interrupt),
  };
  return cmocka_run_group_tests_name("walk", tests, NULL, NULL);
}
