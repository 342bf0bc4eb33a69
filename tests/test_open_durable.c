/* Opening makes durable what a dead process has left in the log unsynced (MONEY-8). The simulator's
 * processes keep their connections and call reload_checkpoint() instead: it cannot see this. */
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

static void test_what_a_dead_process_left(void **state) {
  (void)state;
  struct kit kit;
  struct death death = {.armed = true};
  struct fake_disk_hook hook = {.self = &death, .before = before};
  enum reload_toggle_answer answer;
  kit_begin(&kit);
  struct fake_disk *disk = fake_disk_new("open-durable", 1);
  assert_non_null(disk);
  kit.config.vfs = "open-durable";
  kit.config.path = "books";
  kit_open(&kit);
  assert_int_equal(reload_client_add(kit.engine, "acme", "olga@example.com", "cus_1", NULL), 0);
  assert_int_equal(reload_plan_set(kit.engine, "acme", RELOAD_PLAN_ACTIVE, NULL), RELOAD_OK);
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
static void test_a_failed_commit_stays_failed(void **state) {
  (void)state;
  for (int skip = 0; skip < 2; skip++) { /* the log's head, then its body */
    struct kit kit;
    struct failure failure = {.skip = skip};
    struct fake_disk_hook hook = {.self = &failure, .before = fail_sync};
    enum reload_toggle_answer answer;
    kit_begin(&kit);
    struct fake_disk *disk = fake_disk_new("open-failed", 1);
    assert_non_null(disk);
    kit.config.vfs = "open-failed";
    kit.config.path = "books";
    kit_open(&kit);
    assert_int_equal(reload_client_add(kit.engine, "acme", "olga@example.com", "cus_1", NULL), 0);
    assert_int_equal(reload_plan_set(kit.engine, "acme", RELOAD_PLAN_ACTIVE, NULL), RELOAD_OK);
    assert_int_equal(reload_card_set(kit.engine, "acme", "pm_1", NULL), RELOAD_OK);
    reload_close(kit.engine); /* the log begins anew */
    kit_open(&kit);

    fake_disk_set_hook(disk, &hook);
    assert_int_equal(reload_toggle_set(kit.engine, "acme", true, &answer, NULL), RELOAD_IO);
    fake_disk_set_hook(disk, NULL);
    fake_disk_process_dies(disk, 0);
    reload_close(kit.engine);

    fake_disk_set_process(disk, 1);
    kit_open(&kit);
    assert_false(is_on(kit.engine));
    kit_end(&kit);
    fake_disk_free(disk);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_a_dead_process_left),
                                     cmocka_unit_test(test_a_failed_commit_stays_failed)};
  return cmocka_run_group_tests_name("open_durable", tests, NULL, NULL);
}
