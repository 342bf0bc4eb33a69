/* What SQLite sees of the fake disk: isolation and locks, counters, time, limits. */
#include "disk_kit.h"

#include <unistd.h>

/* ---- Isolation and locks --------------------------------------------------------------------- */

static void test_wal_reader_keeps_its_snapshot(void **state) {
  (void)state;
  struct kit kit;
  kit_init(&kit, 1, KIT_WAL);
  kit_exec(kit.db[1], "BEGIN");
  assert_int_equal(kit_number(kit.db[1], "SELECT count(*) FROM t"), 0);
  kit_exec(kit.db[0], "INSERT INTO t(v) VALUES(1)");
  assert_int_equal(kit_number(kit.db[1], "SELECT count(*) FROM t"), 0);
  assert_false(fake_disk_is_idle(kit.disk));
  kit_exec(kit.db[1], "COMMIT");
  assert_int_equal(kit_number(kit.db[1], "SELECT count(*) FROM t"), 1);
  assert_true(fake_disk_is_idle(kit.disk));
  kit_close(&kit);
}

static void count_sleep(void *self, int64_t duration_us) { *(int64_t *)self += duration_us; }

static void test_second_writer_is_busy_and_its_wait_is_no_wait(void **state) {
  (void)state;
  struct kit kit;
  int64_t slept_us = 0;
  struct fake_disk_sleeper sleeper = {&slept_us, count_sleep};
  kit_init(&kit, 1, KIT_WAL);
  kit_exec(kit.db[0], "BEGIN IMMEDIATE");
  assert_int_equal(kit_try(kit.db[1], "BEGIN IMMEDIATE"), SQLITE_BUSY);
  fake_disk_begin_step(kit.disk);
  fake_disk_set_sleeper(kit.disk, &sleeper);
  kit_exec(kit.db[1], "PRAGMA busy_timeout=3600000");
  assert_int_equal(kit_try(kit.db[1], "BEGIN IMMEDIATE"), SQLITE_BUSY);
  assert_int_equal(slept_us, INT64_C(3600000000));
  assert_int_equal(fake_disk_counters(kit.disk).slept_us, slept_us);
  kit_exec(kit.db[0], "COMMIT");
  kit_exec(kit.db[1], "BEGIN IMMEDIATE; COMMIT");
  kit_close(&kit);
}

static void test_slots_of_shared_memory(void **state) {
  (void)state;
  struct kit kit;
  sqlite3_file *a = NULL, *b = NULL;
  const int share = SQLITE_SHM_LOCK | SQLITE_SHM_SHARED;
  const int unshare = SQLITE_SHM_UNLOCK | SQLITE_SHM_SHARED;
  const int own = SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE;
  const int disown = SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE;
  kit_init(&kit, 1, KIT_WAL);
  assert_int_equal(sqlite3_file_control(kit.db[0], NULL, SQLITE_FCNTL_FILE_POINTER, &a), SQLITE_OK);
  assert_int_equal(sqlite3_file_control(kit.db[1], NULL, SQLITE_FCNTL_FILE_POINTER, &b), SQLITE_OK);
  assert_int_equal(a->pMethods->xShmLock(a, 4, 1, share), SQLITE_OK);
  assert_int_equal(b->pMethods->xShmLock(b, 4, 1, share), SQLITE_OK);
  assert_int_equal(a->pMethods->xShmLock(a, 4, 1, unshare), SQLITE_OK);
  assert_int_equal(a->pMethods->xShmLock(a, 3, 3, own), SQLITE_BUSY); /* all of them or none */
  assert_int_equal(b->pMethods->xShmLock(b, 3, 1, own), SQLITE_OK);
  assert_int_equal(a->pMethods->xShmLock(a, 3, 1, share), SQLITE_BUSY);
  assert_int_equal(a->pMethods->xShmLock(a, 5, 3, own), SQLITE_OK);
  assert_int_equal(b->pMethods->xShmLock(b, 7, 1, own), SQLITE_BUSY);
  assert_int_equal(b->pMethods->xShmLock(b, 3, 1, disown), SQLITE_OK);
  assert_int_equal(a->pMethods->xShmLock(a, 3, 1, share), SQLITE_OK);
  assert_int_equal(a->pMethods->xShmLock(a, 7, 2, own), SQLITE_IOERR_SHMLOCK); /* no slot 8 */
  assert_int_equal(a->pMethods->xShmLock(a, 0, 8, unshare), SQLITE_OK);
  assert_int_equal(b->pMethods->xShmLock(b, 0, 8, unshare), SQLITE_OK);
  assert_true(fake_disk_is_idle(kit.disk));
  kit_close(&kit);
}

static void test_rollback_mode_locks(void **state) {
  (void)state;
  struct kit kit;
  kit_init(&kit, 1, KIT_ROLLBACK);
  kit_exec(kit.db[0], "BEGIN; SELECT * FROM t"); /* SHARED */
  kit_exec(kit.db[1], "BEGIN IMMEDIATE");        /* RESERVED beside it */
  assert_int_equal(kit_try(kit.db[0], "INSERT INTO t(v) VALUES(1)"), SQLITE_BUSY);
  kit_exec(kit.db[1], "INSERT INTO t(v) VALUES(2)");
  assert_int_equal(kit_try(kit.db[1], "COMMIT"), SQLITE_BUSY); /* PENDING: the reader is there */
  kit_exec(kit.db[0], "COMMIT");
  assert_int_equal(kit_try(kit.db[0], "SELECT * FROM t"), SQLITE_BUSY); /* no new readers */
  kit_exec(kit.db[1], "COMMIT");
  assert_int_equal(kit_number(kit.db[0], "SELECT v FROM t"), 2);
  kit_close(&kit);
}

/* ---- Counters -------------------------------------------------------------------------------- */

static void check_counts(struct kit *kit, int64_t snapshots, int64_t writes) {
  struct fake_disk_counters counters = fake_disk_counters(kit->disk);
  assert_int_equal(counters.snapshot_count, snapshots);
  assert_int_equal(counters.write_count, writes);
  fake_disk_begin_step(kit->disk);
}

static void check_counts_of_transactions(struct kit *kit, int i) {
  sqlite3 *db = kit->db[i];
  fake_disk_begin_step(kit->disk);
  kit_exec(db, "BEGIN IMMEDIATE; INSERT INTO t(v) VALUES(1); SELECT * FROM t; COMMIT");
  struct fake_disk_counters counters = fake_disk_counters(kit->disk);
  assert_true(counters.sync_count >= 1);
  assert_true(counters.written_bytes >= 4096 + 24);
  check_counts(kit, 1, 1);
  kit_exec(db, "BEGIN IMMEDIATE; INSERT INTO t(v) VALUES(1); ROLLBACK");
  check_counts(kit, 1, 1);
  kit_exec(db, "SELECT * FROM t");
  check_counts(kit, 1, 0);
  kit_exec(db, "BEGIN; SELECT * FROM t; SELECT * FROM t; COMMIT");
  check_counts(kit, 1, 0);
  kit_exec(db, "SELECT * FROM t; SELECT * FROM t");
  check_counts(kit, 2, 0);
}

static void test_counters(void **state) {
  (void)state;
  struct kit kit;
  struct fake_disk_image image = {NULL};
  kit_init(&kit, 1, KIT_WAL);
  kit_save(&kit, &image);
  check_counts_of_transactions(&kit, 0);
  check_counts_of_transactions(&kit, 1);
  for (int i = 0; i < 2; i++) {
    fake_disk_restore(kit.disk, &image);
    check_counts_of_transactions(&kit, i);
    kit_exec(kit.db[0], "PRAGMA wal_checkpoint(FULL)"); /* the next writer starts the log anew */
    check_counts_of_transactions(&kit, i);
    kit_exec(kit.db[0], "PRAGMA wal_checkpoint(TRUNCATE)");
    check_counts_of_transactions(&kit, i);
    assert_true(fake_disk_power_fail(kit.disk, NULL)); /* the next transaction recovers first */
    fake_disk_process_starts(kit.disk, 0);
    fake_disk_process_starts(kit.disk, 1);
    check_counts_of_transactions(&kit, i);
  }
  kit_exec(kit.db[0], "PRAGMA wal_checkpoint(TRUNCATE)");
  check_counts(&kit, 0, 0);
  fake_disk_image_release(kit.disk, &image);
  kit_close(&kit);
}

/* ---- Time --------------------------------------------------------------------------------- */

static void test_time_is_what_was_set(void **state) {
  (void)state;
  struct kit kit;
  kit_init(&kit, 1, KIT_WAL);
  fake_disk_set_now(kit.disk, INT64_C(1700000000123));
  assert_int_equal(kit_number(kit.db[0], "SELECT strftime('%s','now')"), 1700000000);
  fake_disk_set_now(kit.disk, 0);
  assert_int_equal(kit_number(kit.db[0], "SELECT strftime('%s','now')"), 0);
  double days = 0;
  sqlite3_vfs *vfs = sqlite3_vfs_find(kit.vfs);
  assert_int_equal(vfs->xCurrentTime(vfs, &days), SQLITE_OK);
  assert_true(days > 2440587.4999 && days < 2440587.5001); /* 1970-01-01 */
  kit_close(&kit);
}

/* ---- The rest -------------------------------------------------------------------------------- */

static int open_named(struct kit *kit, const char *name) {
  sqlite3 *db = NULL;
  int rc = sqlite3_open_v2(name, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, kit->vfs);
  if (rc == SQLITE_OK) {
    rc = kit_try(db, "PRAGMA user_version=1");
  }
  (void)sqlite3_close(db);
  return rc;
}

static void test_limits(void **state) {
  (void)state;
  struct kit kit;
  kit_disk(&kit, 1);
  char name[200];
  assert_null(fake_disk_new(kit.vfs, 2)); /* taken */
  assert_null(fake_disk_new("", 2));
  assert_null(fake_disk_new("a name that is longer than it may be", 2));
  memset(name, 'x', sizeof name);
  name[FAKE_DISK_NAME_SIZE - 10] = '\0'; /* there must be room for "-journal" */
  assert_int_equal(open_named(&kit, name), SQLITE_OK);
  memset(name, 'y', sizeof name);
  name[FAKE_DISK_NAME_SIZE - 1] = '\0';
  assert_int_equal(open_named(&kit, name), SQLITE_CANTOPEN);
  name[199] = '\0';
  assert_int_equal(open_named(&kit, name), SQLITE_CANTOPEN);
  int opened = 0;
  for (int i = 0; i < FAKE_DISK_MAX_FILES; i++) {
    (void)snprintf(name, sizeof name, "%d.db", i);
    int rc = open_named(&kit, name);
    assert_true(rc == SQLITE_OK || rc == SQLITE_CANTOPEN);
    opened += rc == SQLITE_OK;
  }
  assert_true(opened > 5 && opened < FAKE_DISK_MAX_FILES);
  assert_int_equal(fake_disk_file_bytes(kit.disk, "0.db"), 4096);
  assert_int_equal(fake_disk_file_bytes(kit.disk, "no such file"), -1);
  fake_disk_free(kit.disk);
}

static void test_no_libraries(void **state) {
  (void)state;
  struct kit kit;
  kit_init(&kit, 1, KIT_WAL);
  char *message = NULL;
  assert_int_equal(sqlite3_enable_load_extension(kit.db[0], 1), SQLITE_OK);
  assert_int_equal(sqlite3_load_extension(kit.db[0], "anything", NULL, &message), SQLITE_ERROR);
  assert_non_null(strstr(message, "loads no libraries"));
  sqlite3_free(message);
  kit_close(&kit);
}

static void test_temp_files(void **state) {
  (void)state;
  struct kit kit;
  kit_init(&kit, 1, KIT_WAL);
  kit_exec(kit.db[0], "PRAGMA temp_store=FILE; PRAGMA cache_size=5; CREATE TEMP TABLE p(x);"
                      "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n LIMIT 2000)"
                      "INSERT INTO p SELECT zeroblob(1000)||i FROM n;");
  assert_int_equal(kit_number(kit.db[0], "SELECT count(*) FROM (SELECT x FROM p ORDER BY x DESC)"),
                   2000);
  kit_exec(kit.db[0], "DROP TABLE p");
  kit_close(&kit);
}

/* Copy a file of the disk to the real one, under the same name in `directory`. */
static void copy_out(const struct fake_disk *disk, const char *name, const char *directory) {
  static unsigned char bytes[1 << 20];
  char path[100];
  int64_t size = fake_disk_file_bytes(disk, name);
  assert_true(size >= 0 && size <= (int64_t)sizeof bytes);
  assert_int_equal(fake_disk_read(disk, name, 0, bytes, (size_t)size), size);
  (void)snprintf(path, sizeof path, "%s/%s", directory, name);
  FILE *out = fopen(path, "wb");
  assert_non_null(out);
  assert_int_equal(fwrite(bytes, 1, (size_t)size, out), size);
  assert_int_equal(fclose(out), 0);
}

static void test_files_can_be_read_by_the_real_disk(void **state) {
  (void)state;
  char directory[] = "/tmp/fake_disk_XXXXXX";
  char path[100];
  struct kit kit;
  sqlite3 *real = NULL;
  assert_non_null(mkdtemp(directory));
  kit_init(&kit, 1, KIT_WAL);
  kit_exec(kit.db[0], "INSERT INTO t(v) VALUES(77)"); /* only in the WAL so far */
  copy_out(kit.disk, KIT_FILE, directory);
  copy_out(kit.disk, KIT_FILE "-wal", directory);
  (void)snprintf(path, sizeof path, "%s/%s", directory, KIT_FILE);
  assert_int_equal(sqlite3_open_v2(path, &real, SQLITE_OPEN_READWRITE, "unix"), SQLITE_OK);
  assert_int_equal(kit_number(real, "SELECT v FROM t"), 77);
  kit_check_integrity(real);
  assert_int_equal(sqlite3_close(real), SQLITE_OK); /* removes the WAL */
  assert_int_equal(unlink(path), 0);
  assert_int_equal(rmdir(directory), 0);
  kit_close(&kit);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_wal_reader_keeps_its_snapshot),
      cmocka_unit_test(test_second_writer_is_busy_and_its_wait_is_no_wait),
      cmocka_unit_test(test_slots_of_shared_memory),
      cmocka_unit_test(test_rollback_mode_locks),
      cmocka_unit_test(test_counters),
      cmocka_unit_test(test_time_is_what_was_set),
      cmocka_unit_test(test_limits),
      cmocka_unit_test(test_no_libraries),
      cmocka_unit_test(test_temp_files),
      cmocka_unit_test(test_files_can_be_read_by_the_real_disk),
  };
  return cmocka_run_group_tests_name("fake disk under SQLite", tests, kit_setup, NULL);
}
