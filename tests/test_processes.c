/* Jobs in forked workers: each is done once, by whatever number of workers; a worker that dies is
 * told of; an interrupt ends the work. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "interrupt.h"
#include "processes.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { JOBS = 200, BIG = 3 << 20 };

struct kit {
  struct sim_processes processes;
  int done[JOBS], died[JOBS], signals[JOBS];
  size_t sizes[JOBS];
  char first[JOBS]; /* byte of the result */
  size_t first_done;
  bool any_done;
  atomic_int *begun; /* two, shared: jobs begun, and results that the parent has */
};

static void take(void *self, size_t job, const char *bytes, size_t size_bytes) {
  struct kit *kit = self;
  assert_true(job < JOBS);
  kit->done[job]++;
  atomic_fetch_add(&kit->begun[1], 1);
  kit->sizes[job] = size_bytes;
  kit->first[job] = size_bytes > 0 ? bytes[0] : '\0';
  if (!kit->any_done) kit->first_done = job;
  kit->any_done = true;
}

static void take_death(void *self, size_t job, int signal_number) {
  struct kit *kit = self;
  assert_true(job < JOBS);
  kit->died[job]++;
  kit->signals[job] = signal_number;
}

/* Result of job n: n bytes. */
static char *make_bytes(void *self, size_t job, size_t *size_bytes) {
  struct kit *kit = self;
  atomic_fetch_add(kit->begun, 1);
  char *bytes = malloc(job + 1);
  if (!bytes) return NULL;
  memset(bytes, (int)('a' + job % 26), job + 1);
  *size_bytes = job;
  return bytes;
}

static struct kit *kit_new(char *(*make)(void *, size_t, size_t *), size_t count, int workers) {
  struct kit *kit = calloc(1, sizeof *kit);
  assert_non_null(kit);
  kit->begun = sim_shared_new(2 * sizeof *kit->begun);
  assert_non_null(kit->begun);
  kit->processes = (struct sim_processes){.count = count,
                                          .workers = workers,
                                          .self = kit,
                                          .make = make,
                                          .done = take,
                                          .died = take_death};
  return kit;
}

static void kit_free(struct kit *kit) {
  sim_shared_free(kit->begun, 2 * sizeof *kit->begun);
  free(kit);
}

static void test_each_job_once(void **state) {
  (void)state;
  static const int workers[] = {1, 2, 7, SIM_MAX_WORKERS};
  for (size_t w = 0; w < sizeof workers / sizeof workers[0]; w++) {
    struct kit *kit = kit_new(make_bytes, JOBS, workers[w]);
    assert_true(sim_processes_run(&kit->processes));
    for (size_t i = 0; i < JOBS; i++) {
      assert_int_equal(kit->done[i], 1);
      assert_int_equal(kit->died[i], 0);
      assert_int_equal(kit->sizes[i], i);
      assert_int_equal(kit->first[i], i == 0 ? '\0' : 'a' + (int)(i % 26));
    }
    assert_int_equal(atomic_load(kit->begun), JOBS);
    kit_free(kit);
  }
}

/* Job 0 ends when the parent has another one's result. */
static char *make_slow_first(void *self, size_t job, size_t *size_bytes) {
  const struct kit *kit = self;
  while (job == 0 && atomic_load(&kit->begun[1]) == 0) (void)poll(NULL, 0, 1);
  return make_bytes(self, job, size_bytes);
}

static void test_timing_changes_nothing(void **state) {
  (void)state;
  struct kit *kit = kit_new(make_slow_first, 20, 4);
  assert_true(sim_processes_run(&kit->processes));
  assert_true(kit->first_done != 0);
  for (size_t i = 0; i < 20; i++) assert_int_equal(kit->sizes[i], i);
  kit_free(kit);
}

/* Results larger than a pipe. */
static char *make_big(void *self, size_t job, size_t *size_bytes) {
  char *bytes = malloc(BIG);
  (void)self;
  if (!bytes) return NULL;
  memset(bytes, (int)('A' + job), BIG);
  *size_bytes = BIG;
  return bytes;
}

static void test_big_results(void **state) {
  (void)state;
  struct kit *kit = kit_new(make_big, 5, 3);
  assert_true(sim_processes_run(&kit->processes));
  for (size_t i = 0; i < 5; i++) {
    assert_int_equal(kit->sizes[i], BIG);
    assert_int_equal(kit->first[i], 'A' + (int)i);
  }
  kit_free(kit);
}

static char *make_or_die(void *self, size_t job, size_t *size_bytes) {
  if (job % 10 == 3) (void)raise(SIGKILL);
  if (job % 10 == 7) _exit(1);
  return make_bytes(self, job, size_bytes);
}

static void test_a_death_costs_one_job(void **state) {
  (void)state;
  static const int workers[] = {1, 3};
  for (size_t w = 0; w < 2; w++) {
    struct kit *kit = kit_new(make_or_die, 40, workers[w]);
    assert_true(sim_processes_run(&kit->processes));
    for (size_t i = 0; i < 40; i++) {
      bool dies = i % 10 == 3 || i % 10 == 7;
      assert_int_equal(kit->done[i], !dies);
      assert_int_equal(kit->died[i], dies);
      assert_int_equal(kit->signals[i], i % 10 == 3 ? SIGKILL : 0);
    }
    kit_free(kit);
  }
}

static bool skips_odd(void *self, size_t job) {
  (void)self;
  return job % 2 == 1;
}

static bool is_over_after_ten(void *self) {
  struct kit *kit = self;
  return atomic_load(kit->begun) >= 10;
}

static void test_skipped_and_cut(void **state) {
  (void)state;
  struct kit *kit = kit_new(make_bytes, 100, 1);
  kit->processes.skips = skips_odd;
  kit->processes.is_over = is_over_after_ten;
  assert_true(sim_processes_run(&kit->processes));
  for (size_t i = 0; i < 100; i++) assert_int_equal(kit->done[i], i < 20 && i % 2 == 0);
  kit_free(kit);
}

static void test_no_jobs(void **state) {
  (void)state;
  struct kit *kit = kit_new(make_bytes, 0, 4);
  assert_false(sim_processes_run(&kit->processes));
  kit_free(kit);
}

/* Waits for the interrupt that the parent alone gets, and ends with the job then. */
static char *make_waiting(void *self, size_t job, size_t *size_bytes) {
  struct kit *kit = self;
  if (job == 0) (void)kill(getppid(), SIGTERM);
  while (!sim_interrupt_came()) (void)poll(NULL, 0, 1);
  return make_bytes(kit, job, size_bytes);
}

static void test_interrupt(void **state) {
  (void)state;
  struct kit *kit = kit_new(make_waiting, JOBS, 2);
  sim_interrupt_catch();
  assert_true(sim_processes_run(&kit->processes));
  assert_true(sim_interrupt_came());
  assert_int_equal(kit->done[0], 1); /* what was begun is told, and nothing more is begun */
  assert_true(atomic_load(kit->begun) <= 2);
  for (size_t i = 0; i < JOBS; i++) assert_int_equal(kit->died[i], 0);
  sim_interrupt_catch_late();
  assert_false(sim_interrupt_came());
  kit_free(kit);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_each_job_once),   cmocka_unit_test(test_timing_changes_nothing),
      cmocka_unit_test(test_big_results),     cmocka_unit_test(test_a_death_costs_one_job),
      cmocka_unit_test(test_skipped_and_cut), cmocka_unit_test(test_no_jobs),
      cmocka_unit_test(test_interrupt),
  };
  return cmocka_run_group_tests_name("processes", tests, NULL, NULL);
}
