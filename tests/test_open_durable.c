/* Opening makes durable what a dead process has left in the log unsynced (MONEY-8). Most of the
 * simulator's processes keep their connections and call reload_checkpoint() instead: only one in
 * eight is opened anew (sim/world/crash.c), so that no search is sure to see this. */
#include "disk.h"
#include "engine_kit.h"

/* Counts syncs of the log; the process dies before the next one if it is to. */
struct death {
  bool armed;
  int count;
};

static int before(void *self, const struct fake_disk_op *op) {
  struct death *death = self;
  if (op->role != FAKE_DISK_WAL || op->kind != FAKE_DISK_SYNC || !death->armed) return SQLITE_OK;
  death->count++;
  return FAKE_DISK_DIE;
}

static bool is_on(struct reload_engine *engine) {
  enum reload_toggle_answer answer = RELOAD_TOGGLE_CHANGED;
  assert_int_equal(reload_toggle_set(engine, "acme", true, &answer, NULL), RELOAD_OK);
  return answer == RELOAD_TOGGLE_ALREADY;
}

/* A kit on a disk of its own, with acme and its plan in the store, opened by process 0. */
static struct fake_disk *begin_on_disk(struct kit *kit) {
  kit_begin(kit);
  struct fake_disk *disk = fake_disk_new("open-durable", 1);
  assert_non_null(disk);
  kit->config.vfs = "open-durable";
  kit->config.path = "ledger";
  kit_open(kit);
  assert_int_equal(reload_client_add(kit->engine, "acme", "olga@example.com", "cus_1", NULL), 0);
  assert_int_equal(reload_plan_set(kit->engine, "acme", RELOAD_PLAN_ACTIVE, NULL), RELOAD_OK);
  return disk;
}

static void test_what_a_dead_process_left(void **state) {
  (void)state;
  struct kit kit;
  struct death death = {.armed = true};
  struct fake_disk_hook hook = {.self = &death, .before = before};
  enum reload_toggle_answer answer;
  struct fake_disk *disk = begin_on_disk(&kit);
  assert_int_equal(reload_card_set(kit.engine, "acme", "pm_1", NULL), RELOAD_OK);

  fake_disk_set_hook(disk, &hook);
  assert_int_not_equal(reload_toggle_set(kit.engine, "acme", true, &answer, NULL), RELOAD_OK);
  assert_int_equal(death.count, 1);
  fake_disk_set_hook(disk, NULL);
  reload_close(kit.engine);
  fake_disk_process_dies(disk, 0);

  fake_disk_set_process(disk, 1);
  kit_open(&kit);
  assert_true(is_on(kit.engine)); /* somebody has been told so: from now on it must stay */
  assert_true(fake_disk_power_fail(disk, NULL));
  reload_close(kit.engine);

  fake_disk_process_starts(disk, 2);
  fake_disk_set_process(disk, 2);
  kit_open(&kit);
  assert_true(is_on(kit.engine));
  kit_end(&kit);
  fake_disk_free(disk);
}

/* The first sync of the log that comes after `skip` others fails; later ones work again. */
struct failure {
  int skip;
  int count;
};

static int fail_sync(void *self, const struct fake_disk_op *op) {
  struct failure *failure = self;
  if (op->role != FAKE_DISK_WAL || op->kind != FAKE_DISK_SYNC) return SQLITE_OK;
  return failure->count++ == failure->skip ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

/* reload.h: a call that fails has changed nothing. Not even if the process dies afterwards and
 * another one finds in the log what the failed commit had written there. */
static bool fails_and_stays_failed(int skip) {
  struct kit kit;
  struct failure failure = {.skip = skip};
  struct fake_disk_hook hook = {.self = &failure, .before = fail_sync};
  enum reload_toggle_answer answer;
  struct fake_disk *disk = begin_on_disk(&kit);
  assert_int_equal(reload_card_set(kit.engine, "acme", "pm_1", NULL), RELOAD_OK);

  fake_disk_set_hook(disk, &hook);
  enum reload_error error = reload_toggle_set(kit.engine, "acme", true, &answer, NULL);
  fake_disk_set_hook(disk, NULL);
  fake_disk_process_dies(disk, 0);
  reload_close(kit.engine);

  fake_disk_set_process(disk, 1);
  kit_open(&kit);
  assert_int_equal(is_on(kit.engine), error == RELOAD_OK);
  kit_end(&kit);
  fake_disk_free(disk);
  return error != RELOAD_OK;
}

static void test_a_failed_commit_stays_failed(void **state) {
  (void)state;
  int skip = 0;
  while (fails_and_stays_failed(skip)) skip++;
  assert_true(skip > 0);
}

/* A process dies with its commit whole in the log and unknown to the other one, which goes on
 * without it: a third one that opens the store must see to it that it never comes back. */
static void test_a_dead_commit_stays_dead(void **state) {
  (void)state;
  struct kit kit;
  struct death death = {.armed = true};
  struct fake_disk_hook hook = {.self = &death, .before = before};
  struct reload_engine *witness;
  enum reload_toggle_answer answer;
  struct fake_disk *disk = begin_on_disk(&kit);
  witness = kit.engine;
  fake_disk_set_process(disk, 1);
  kit_open(&kit);
  fake_disk_set_process(disk, 0);
  assert_int_equal(reload_card_set(witness, "acme", "pm_1", NULL), RELOAD_OK);
  fake_disk_set_process(disk, 1);
  fake_disk_set_hook(disk, &hook);
  assert_int_not_equal(reload_toggle_set(kit.engine, "acme", true, &answer, NULL), RELOAD_OK);
  assert_int_equal(death.count, 1);
  fake_disk_set_hook(disk, NULL);
  reload_close(kit.engine);
  fake_disk_process_dies(disk, 1);

  fake_disk_set_process(disk, 2);
  kit_open(&kit);
  reload_close(kit.engine);
  assert_true(fake_disk_power_fail(disk, NULL));
  fake_disk_set_process(disk, 0);
  reload_close(witness);

  fake_disk_process_starts(disk, 3);
  fake_disk_set_process(disk, 3);
  kit_open(&kit);
  assert_false(is_on(kit.engine)); /* the witness could see it off when the second one had died */
  kit_end(&kit);
  fake_disk_free(disk);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_a_dead_process_left),
                                     cmocka_unit_test(test_a_failed_commit_stays_failed),
                                     cmocka_unit_test(test_a_dead_commit_stays_dead)};
  return cmocka_run_group_tests_name("open_durable", tests, NULL, NULL);
}
