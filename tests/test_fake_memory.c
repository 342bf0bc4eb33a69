/* Memory that runs out: what is counted, what is refused, and that the numbers can be relied on. */
#include "disk_kit.h"
#include "memory_kit.h"

#include <jansson.h>

#define WORK "BEGIN IMMEDIATE; INSERT INTO t(v, x) VALUES (1, 'a'); COMMIT"

/* Run SQL with one of SQLite's requests refused. Returns: what was asked for */
static struct memory_kit run(struct kit *kit, const char *sql, int fail_nth, int *rc) {
  struct memory_kit memory = {.user = FAKE_MEMORY_SQLITE, .fail_nth = fail_nth};
  fake_disk_forget_caches(kit->disk);
  memory_kit_begin(&memory);
  *rc = kit_try(kit->db[0], sql);
  fake_memory_end();
  return memory;
}

static int requests(struct kit *kit, const char *sql) {
  int rc = 0;
  struct memory_kit memory = run(kit, sql, 0, &rc);
  assert_int_equal(rc, SQLITE_OK);
  assert_false(memory.failed);
  return memory.requests[FAKE_MEMORY_SQLITE];
}

static void test_asks_only_between_begin_and_end(void **state) {
  (void)state;
  struct memory_kit asked = {.fail_nth = 0}, again = {.fail_nth = 0};
  void *memory = sqlite3_malloc(100);
  memory_kit_begin(&asked);
  sqlite3_free(memory);
  memory = sqlite3_malloc(100);
  memory = sqlite3_realloc(memory, 5000);
  fake_memory_pause();
  fake_memory_pause();
  json_t *text = json_string("not asked");
  fake_memory_resume();
  memory = sqlite3_realloc(memory, 50000);
  fake_memory_resume();
  json_t *number = json_integer(1);
  fake_memory_end();
  memory = sqlite3_realloc(memory, 10);
  assert_int_equal(asked.requests[FAKE_MEMORY_SQLITE], 2);
  assert_int_equal(asked.requests[FAKE_MEMORY_JSON], 1);
  assert_false(asked.failed);
  fake_memory_pause(); /* a pause ends with the asking */
  memory_kit_begin(&again);
  fake_memory_end();
  memory = sqlite3_realloc(memory, 100);
  assert_int_equal(again.requests[FAKE_MEMORY_SQLITE], 0);
  memory_kit_begin(&again);
  memory = sqlite3_realloc(memory, 1000);
  fake_memory_end();
  assert_int_equal(again.requests[FAKE_MEMORY_SQLITE], 1);
  sqlite3_free(memory);
  json_decref(text);
  json_decref(number);
}

static void test_refuses_one_request_of_one_user(void **state) {
  (void)state;
  struct memory_kit asked = {.user = FAKE_MEMORY_JSON, .fail_nth = 2};
  memory_kit_begin(&asked);
  void *memory = sqlite3_malloc(100), *more = sqlite3_malloc(100);
  json_t *first = json_integer(1), *second = json_integer(2);
  assert_true(asked.failed);
  json_t *third = json_integer(3);
  fake_memory_end();
  assert_non_null(memory);
  assert_non_null(more);
  assert_non_null(first);
  assert_null(second);
  assert_non_null(third); /* the next one is served again */
  sqlite3_free(memory);
  sqlite3_free(more);
  json_decref(first);
  json_decref(third);
}

/* With cold caches the same work asks for the same, whatever the connection did before. */
static void test_numbers_can_be_relied_on(void **state) {
  (void)state;
  struct kit kit;
  kit_init(&kit, 1, KIT_WAL);
  kit_exec(kit.db[0], WORK);
  struct fake_disk_image image = {.record = NULL};
  kit_save(&kit, &image);
  int count = requests(&kit, WORK);
  assert_true(count > 5);
  fake_disk_restore(kit.disk, &image);
  kit_exec(kit.db[0], "BEGIN; DELETE FROM t; SELECT max(v) FROM t; ROLLBACK");
  kit_exec(kit.db[0], "PRAGMA wal_checkpoint");
  fake_disk_restore(kit.disk, &image);
  assert_int_equal(requests(&kit, WORK), count);
  fake_disk_image_release(kit.disk, &image);
  kit_close(&kit);
}

/* Each request in turn: SQLite says so, or does the work all the same; never half of it. */
static void test_each_request_refused(void **state) {
  (void)state;
  struct kit kit;
  int rc = 0, told = 0;
  kit_init(&kit, 1, KIT_WAL);
  kit_exec(kit.db[0], WORK);
  struct fake_disk_image image = {.record = NULL};
  kit_save(&kit, &image);
  int count = requests(&kit, WORK);
  for (int nth = 1; nth <= count; nth++) {
    fake_disk_restore(kit.disk, &image);
    assert_true(run(&kit, WORK, nth, &rc).failed);
    if (rc != SQLITE_OK) assert_int_equal(rc & 0xff, SQLITE_NOMEM);
    told += rc != SQLITE_OK;
    if (!sqlite3_get_autocommit(kit.db[0])) kit_exec(kit.db[0], "ROLLBACK");
    assert_int_equal(kit_number(kit.db[1], "SELECT count(*) FROM t"), rc == SQLITE_OK ? 2 : 1);
    kit_check_integrity(kit.db[1]);
  }
  assert_true(told > 5);
  fake_disk_image_release(kit.disk, &image);
  kit_close(&kit);
}

static void test_names(void **state) {
  (void)state;
  assert_string_equal(fake_memory_site_name(FAKE_MEMORY_SQLITE), "memory.sqlite");
  assert_string_equal(fake_memory_site_name(FAKE_MEMORY_JSON), "memory.json");
}

static int set_up(void **state) { return kit_setup(state) != 0 || !fake_memory_install() ? -1 : 0; }

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_asks_only_between_begin_and_end),
      cmocka_unit_test(test_refuses_one_request_of_one_user),
      cmocka_unit_test(test_numbers_can_be_relied_on),
      cmocka_unit_test(test_each_request_refused),
      cmocka_unit_test(test_names),
  };
  return cmocka_run_group_tests_name("fake memory", tests, set_up, NULL);
}
