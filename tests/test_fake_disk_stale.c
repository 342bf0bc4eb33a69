/* Stale WAL content: it exists exactly if a process that rebuilds the WAL index would see what
 * nobody has seen before. */
#include "disk_kit.h"

#define LOG_FILE KIT_FILE "-wal"
#define SMALL_CACHE KIT_WAL "; PRAGMA cache_size=3; PRAGMA cache_spill=3"

/* The operation on the log that fails, once: the one of this kind after `skip` others. */
struct failure {
  enum fake_disk_kind kind;
  int answer;
  int skip;
};

static int before(void *self, const struct fake_disk_op *op) {
  struct failure *failure = self;
  if (op->role != FAKE_DISK_WAL || op->kind != failure->kind || failure->skip-- != 0) {
    return SQLITE_OK;
  }
  return failure->answer;
}

/* Run SQL in the first process; it fails. A process that dies in it is replaced. */
static void fail_in(struct kit *kit, const char *sql, struct failure failure) {
  struct fake_disk_hook hook = {&failure, before};
  fake_disk_set_hook(kit->disk, &hook);
  assert_int_not_equal(kit_try(kit->db[0], sql), SQLITE_OK);
  fake_disk_set_hook(kit->disk, NULL);
  if (failure.answer == FAKE_DISK_DIE) {
    fake_disk_process_dies(kit->disk, 0);
    fake_disk_process_starts(kit->disk, 0);
  }
}

static const struct failure sync_fails = {FAKE_DISK_SYNC, SQLITE_IOERR_FSYNC, 0};
static const struct failure dies_at_sync = {FAKE_DISK_SYNC, FAKE_DISK_DIE, 0};

/* The index is gone, and the next reader rebuilds it. */
static void all_die(struct kit *kit) {
  for (int i = 0; i < KIT_CONNECTIONS; i++) {
    fake_disk_process_dies(kit->disk, i);
  }
  for (int i = 0; i < KIT_CONNECTIONS; i++) {
    fake_disk_process_starts(kit->disk, i);
  }
}

static int64_t sum(struct kit *kit) {
  return kit_number(kit->db[1], "SELECT coalesce(sum(id * 7 + v), 0) FROM t");
}

/* Rows in three tables, two of them alike; changing one of either writes one page. */
static void tables(struct kit *kit) {
  kit_init(kit, 1, KIT_WAL);
  kit_exec(kit->db[0], "INSERT INTO t VALUES (1, 10, 'a'); CREATE TABLE u(v);"
                       "INSERT INTO u VALUES (1); CREATE TABLE w(v);"
                       "INSERT INTO w VALUES (1)");
  assert_int_equal(sum(kit), 17);
  assert_int_equal(fake_disk_stale(kit->disk), 0);
}

#define CHANGE "UPDATE t SET v = 20"

/* ---- Normal life ----------------------------------------------------------------------------- */

static void do_something(sqlite3 *db, uint64_t *random) {
  static const char *const checkpoints[] = {
      "PRAGMA wal_checkpoint(PASSIVE)", "PRAGMA wal_checkpoint(FULL)",
      "PRAGMA wal_checkpoint(RESTART)", "PRAGMA wal_checkpoint(TRUNCATE)"};
  static const char *const ends[] = {"COMMIT", "COMMIT", "ROLLBACK"};
  char sql[200];
  if (kit_random(random, 8) == 0) {
    kit_exec(db, checkpoints[kit_random(random, 4)]);
    return;
  }
  kit_exec(db, "BEGIN IMMEDIATE");
  for (uint32_t i = kit_random(random, 6); i > 0; i--) {
    (void)snprintf(sql, sizeof sql, "INSERT OR REPLACE INTO t VALUES (%u, %u, hex(zeroblob(%u)))",
                   kit_random(random, 60), kit_random(random, 1000), kit_random(random, 9000));
    kit_exec(db, sql);
  }
  kit_exec(db, ends[kit_random(random, 3)]);
}

static void test_none_in_normal_life(void **state) {
  (void)state;
  struct kit kit;
  uint64_t random = 5;
  kit_init(&kit, 1, SMALL_CACHE);
  for (int i = 0; i < 5000; i++) {
    do_something(kit.db[kit_random(&random, KIT_CONNECTIONS)], &random);
    assert_int_equal(fake_disk_stale(kit.disk), 0);
  }
  kit_check_integrity(kit.db[0]);
  kit_close(&kit);
}

static void test_none_without_a_log(void **state) {
  (void)state;
  struct kit kit;
  kit_disk(&kit, 1);
  assert_int_equal(fake_disk_stale(kit.disk), 0);
  fake_disk_free(kit.disk);
  kit_init(&kit, 1, KIT_ROLLBACK);
  kit_exec(kit.db[0], "INSERT INTO t VALUES (1, 1, 'a')");
  assert_int_equal(fake_disk_stale(kit.disk), 0);
  kit_close(&kit);
}

/* ---- What makes one -------------------------------------------------------------------------- */

static void comes_to_life(struct failure failure) {
  struct kit kit;
  tables(&kit);
  fail_in(&kit, CHANGE, failure);
  assert_int_equal(sum(&kit), 17);
  assert_int_not_equal(fake_disk_stale(kit.disk), 0);
  all_die(&kit);
  assert_int_equal(fake_disk_stale(kit.disk), 0); /* no index: it is no secret any more */
  assert_int_equal(sum(&kit), 27);
  assert_int_equal(fake_disk_stale(kit.disk), 0);
  kit_close(&kit);
}

static void test_of_a_failed_commit(void **state) {
  (void)state;
  comes_to_life(sync_fails);
}

static void test_of_a_dead_process(void **state) {
  (void)state;
  comes_to_life(dies_at_sync);
}

static void test_covered_by_the_next_commit(void **state) {
  (void)state;
  struct kit kit;
  tables(&kit);
  fail_in(&kit, CHANGE, sync_fails);
  assert_int_not_equal(fake_disk_stale(kit.disk), 0);
  kit_exec(kit.db[1], "UPDATE u SET v = 2");
  assert_int_equal(fake_disk_stale(kit.disk), 0);
  all_die(&kit);
  assert_int_equal(sum(&kit), 17);
  kit_close(&kit);
}

/* In a log that has just been begun anew, the index has the chain's beginning from the old one. */
static void test_in_a_new_log(void **state) {
  (void)state;
  static const char *const begins[] = {"PRAGMA wal_checkpoint(TRUNCATE)",
                                       "PRAGMA wal_checkpoint(FULL)"};
  for (int i = 0; i < 2; i++) {
    struct kit kit;
    tables(&kit);
    kit_exec(kit.db[0], begins[i]);
    fail_in(&kit, CHANGE,
            (struct failure){FAKE_DISK_SYNC, SQLITE_IOERR_FSYNC, 1}); /* 0: its header */
    assert_int_equal(kit_frame_count(kit_wal_index(kit.db[1])), 0);
    assert_int_not_equal(fake_disk_stale(kit.disk), 0);
    all_die(&kit);
    assert_int_equal(sum(&kit), 27);
    kit_close(&kit);
  }
}

static void test_any_page_size(void **state) {
  (void)state;
  static const char *const sizes[] = {"PRAGMA page_size=512;" KIT_WAL,
                                      "PRAGMA page_size=65536;" KIT_WAL};
  for (int i = 0; i < 2; i++) {
    struct kit kit;
    kit_init(&kit, 1, sizes[i]);
    kit_exec(kit.db[0], "INSERT INTO t VALUES (1, 10, 'a')");
    assert_int_equal(fake_disk_stale(kit.disk), 0);
    fail_in(&kit, "UPDATE t SET v = 20, x = hex(zeroblob(40000))", sync_fails);
    assert_int_not_equal(fake_disk_stale(kit.disk), 0);
    all_die(&kit);
    assert_int_equal(sum(&kit), 27);
    kit_close(&kit);
  }
}

/* Whatever fails wherever: a stale WAL content is what rebuilding the index brings to light. */
static void test_exactly_what_rebuilding_shows(void **state) {
  (void)state;
  struct kit kit;
  uint64_t random = 9;
  int stale_frames = 0;
  kit_init(&kit, 1, SMALL_CACHE);
  for (int i = 0; i < 3000; i++) {
    char sql[160];
    (void)snprintf(sql, sizeof sql,
                   "BEGIN IMMEDIATE; INSERT INTO t(v, x) VALUES (%u, hex(zeroblob(%u)));"
                   "UPDATE t SET v = v + 1 WHERE id %% 3 = %d; COMMIT",
                   kit_random(&random, 1000), kit_random(&random, 9000), i % 3);
    bool syncs = kit_random(&random, 2) == 0;
    struct failure failure = {syncs ? FAKE_DISK_SYNC : FAKE_DISK_WRITE,
                              kit_random(&random, 2) == 0 ? FAKE_DISK_DIE : SQLITE_IOERR,
                              (int)kit_random(&random, syncs ? 2 : 12)};
    struct fake_disk_hook hook = {&failure, before};
    fake_disk_set_hook(kit.disk, &hook);
    (void)kit_try(kit.db[0], sql);
    (void)kit_try(kit.db[0], "ROLLBACK");
    fake_disk_set_hook(kit.disk, NULL);
    fake_disk_process_dies(kit.disk, 0);
    fake_disk_process_starts(kit.disk, 0);
    int64_t seen = sum(&kit);
    uint64_t stale = fake_disk_stale(kit.disk);
    all_die(&kit);
    assert_int_equal(stale != 0, sum(&kit) != seen);
    stale_frames += stale != 0;
    if (kit_random(&random, 10) == 0) {
      kit_exec(kit.db[1], "PRAGMA wal_checkpoint; DELETE FROM t WHERE id % 2 = 0");
    }
  }
  assert_in_range(stale_frames, 300, 2700);
  kit_close(&kit);
}

/* ---- The same one, and others ---------------------------------------------------------------- */

/* The hash of the stale WAL content of `sql` after `first`. */
static uint64_t stale_after(const char *first, const char *sql, struct failure failure) {
  struct kit kit;
  tables(&kit);
  kit_exec(kit.db[0], first);
  fail_in(&kit, sql, failure);
  uint64_t stale = fake_disk_stale(kit.disk);
  assert_int_not_equal(stale, 0);
  kit_close(&kit);
  return stale;
}

static void test_the_same_at_another_place(void **state) {
  (void)state;
  uint64_t stale = stale_after("", CHANGE, sync_fails);
  assert_int_equal(stale_after("", CHANGE, dies_at_sync), stale);
  assert_int_equal(stale_after("UPDATE u SET v = 2; UPDATE u SET v = 3", CHANGE, sync_fails),
                   stale);
  /* in another log, with other salts */
  assert_int_equal(
      stale_after("PRAGMA wal_checkpoint(TRUNCATE); UPDATE u SET v = 2", CHANGE, sync_fails),
      stale);
  assert_int_not_equal(stale_after("", "UPDATE t SET v = 21", sync_fails), stale);
  assert_int_not_equal(stale_after("", "UPDATE u SET v = 20", sync_fails),
                       stale_after("", "UPDATE w SET v = 20", sync_fails)); /* the same bytes */
}

/* A synced one survives a power failure, another one does not. */
static void test_synced_is_another_one(void **state) {
  (void)state;
  struct kit kit;
  tables(&kit);
  fail_in(&kit, CHANGE, dies_at_sync);
  uint64_t stale = fake_disk_stale(kit.disk);
  kit_exec(kit.db[1], "PRAGMA wal_checkpoint(PASSIVE)"); /* syncs the log first */
  assert_int_not_equal(fake_disk_stale(kit.disk), 0);
  assert_int_not_equal(fake_disk_stale(kit.disk), stale);
  assert_true(fake_disk_power_fail(kit.disk, NULL));
  fake_disk_process_starts(kit.disk, 0);
  fake_disk_process_starts(kit.disk, 1);
  assert_int_equal(sum(&kit), 27);
  kit_close(&kit);
}

static void test_goes_with_the_image(void **state) {
  (void)state;
  struct kit kit;
  struct fake_disk_image image = {NULL};
  tables(&kit);
  fail_in(&kit, CHANGE, sync_fails);
  uint64_t stale = fake_disk_stale(kit.disk);
  kit_save(&kit, &image);
  kit_exec(kit.db[1], "UPDATE u SET v = 2");
  assert_int_equal(fake_disk_stale(kit.disk), 0);
  fake_disk_restore(kit.disk, &image);
  assert_int_equal(fake_disk_stale(kit.disk), stale);
  fake_disk_image_release(kit.disk, &image);
  kit_close(&kit);
}

/* ---- What is none ---------------------------------------------------------------------------- */

static sqlite3_file *log_file(const struct kit *kit) {
  sqlite3_file *file = NULL;
  assert_int_equal(sqlite3_file_control(kit->db[1], "main", SQLITE_FCNTL_JOURNAL_POINTER, &file),
                   SQLITE_OK);
  return file;
}

static void flip(const struct kit *kit, int64_t at) {
  unsigned char byte = 0;
  sqlite3_file *file = log_file(kit);
  assert_int_equal(fake_disk_read(kit->disk, LOG_FILE, at, &byte, 1), 1);
  byte ^= 4;
  assert_int_equal(file->pMethods->xWrite(file, &byte, 1, at), SQLITE_OK);
}

/* Two frames, 4120 bytes each, the last ones of the log. */
static void test_a_broken_frame_is_none(void **state) {
  (void)state;
  static const int places[] = {3, 7, 8, 15, 16, 23, 24, 2000, 4119};
  struct kit kit;
  tables(&kit);
  fail_in(&kit, "BEGIN; UPDATE t SET v = 20; UPDATE u SET v = 2; COMMIT", sync_fails);
  (void)kit_try(kit.db[0], "ROLLBACK");
  int64_t end = fake_disk_file_bytes(kit.disk, LOG_FILE);
  uint64_t stale = fake_disk_stale(kit.disk);
  assert_int_not_equal(stale, 0);
  for (int frame = 1; frame <= 2; frame++) {
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
      int64_t at = end - frame * INT64_C(4120) + places[i];
      flip(&kit, at);
      assert_int_equal(fake_disk_stale(kit.disk), 0);
      flip(&kit, at);
      assert_int_equal(fake_disk_stale(kit.disk), stale);
    }
  }
  flip(&kit, 12); /* of the log's header: nobody would read this log */
  assert_int_equal(fake_disk_stale(kit.disk), 0);
  flip(&kit, 12);
  flip(&kit, end - 3 * INT64_C(4120) + 24); /* of the known ones: the index vouches for them */
  assert_int_equal(fake_disk_stale(kit.disk), stale);
  sqlite3_file *file = log_file(&kit);
  assert_int_equal(file->pMethods->xTruncate(file, end - 2060), SQLITE_OK); /* torn */
  assert_int_equal(fake_disk_stale(kit.disk), 0);
  kit_close(&kit);
}

/* Not even if what is missing would be zeros. */
static void test_a_short_frame_is_none(void **state) {
  (void)state;
  struct kit kit;
  tables(&kit);
  fail_in(&kit, "INSERT INTO t VALUES (2, 5, zeroblob(6000))", sync_fails);
  assert_int_not_equal(fake_disk_stale(kit.disk), 0);
  sqlite3_file *file = log_file(&kit);
  int64_t end = fake_disk_file_bytes(kit.disk, LOG_FILE);
  assert_int_equal(file->pMethods->xTruncate(file, end - 100), SQLITE_OK);
  assert_int_equal(fake_disk_stale(kit.disk), 0);
  all_die(&kit);
  assert_int_equal(sum(&kit), 17);
  kit_close(&kit);
}

static void test_without_commit_is_none(void **state) {
  (void)state;
  struct kit kit;
  kit_init(&kit, 1, SMALL_CACHE);
  int64_t size = fake_disk_file_bytes(kit.disk, LOG_FILE);
  kit_exec(kit.db[0], "BEGIN; INSERT INTO t VALUES (1, 1, hex(zeroblob(30000)))");
  assert_true(fake_disk_file_bytes(kit.disk, LOG_FILE) > size + 3 * 4120);
  fake_disk_process_stops(kit.disk, 0);
  (void)kit_try(kit.db[0], "ROLLBACK");
  fake_disk_process_dies(kit.disk, 0);
  fake_disk_process_starts(kit.disk, 0);
  assert_int_equal(fake_disk_stale(kit.disk), 0);
  kit_close(&kit);
}

/* ---- A log of a big-endian machine ----------------------------------------------------------- */

static uint32_t get(const unsigned char *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put(unsigned char *at, uint32_t value) {
  for (int i = 0; i < 4; i++) {
    at[i] = (unsigned char)(value >> (24 - 8 * i));
  }
}

static void add(uint32_t sums[2], const unsigned char *bytes, size_t size) {
  for (size_t i = 0; i < size; i += 8) {
    sums[0] += get(bytes + i) + sums[1];
    sums[1] += get(bytes + i + 4) + sums[0];
  }
}

static void put_sums(unsigned char *at, const uint32_t sums[2]) {
  put(at, sums[0]);
  put(at + 4, sums[1]);
}

/* Give the log the checksums that a big-endian machine would have written. */
static void make_big_endian(const struct kit *kit) {
  static unsigned char log[200000];
  uint32_t sums[2] = {0, 0};
  sqlite3_file *file = log_file(kit);
  size_t size = fake_disk_read(kit->disk, LOG_FILE, 0, log, sizeof log);
  assert_in_range(size, 32 + 4120, sizeof log - 1);
  put(log, 0x377f0683);
  add(sums, log, 24);
  put_sums(log + 24, sums);
  for (size_t at = 32; at + 4120 <= size; at += 4120) {
    add(sums, log + at, 8);
    add(sums, log + at + 24, 4096);
    put_sums(log + at + 16, sums);
  }
  assert_int_equal(file->pMethods->xWrite(file, log, (int)size, 0), SQLITE_OK);
}

static void test_big_endian(void **state) {
  (void)state;
  struct kit kit;
  tables(&kit);
  make_big_endian(&kit);
  all_die(&kit);
  assert_int_equal(sum(&kit), 17); /* SQLite has understood it, and goes on with it */
  fail_in(&kit, CHANGE, sync_fails);
  assert_int_equal(fake_disk_stale(kit.disk), stale_after("", CHANGE, sync_fails));
  all_die(&kit);
  assert_int_equal(sum(&kit), 27);
  kit_close(&kit);
}

/* ---- What deaths leave ----------------------------------------------------------------------- */

/* Fates as the digits of a number to the base 3. */
static enum fake_disk_fate digit(void *self, int index, int count) {
  int number = *(const int *)self;
  (void)count;
  while (index-- > 0) {
    number /= 3;
  }
  return (enum fake_disk_fate)(number % 3);
}

/* The power fails in a transaction, at its sync; `fates` of its writes. Returns: what is left */
static uint64_t cut(struct kit *kit, const char *sql, int fates, int *writes) {
  struct failure failure = {FAKE_DISK_SYNC, FAKE_DISK_CUT, 0};
  struct fake_disk_hook hook = {&failure, before};
  struct fake_disk_survival survival = {&fates, digit};
  fake_disk_set_hook(kit->disk, &hook);
  assert_int_not_equal(kit_try(kit->db[0], sql), SQLITE_OK);
  fake_disk_set_hook(kit->disk, NULL);
  *writes = fake_disk_unsynced_count(kit->disk);
  assert_true(fake_disk_power_fail(kit->disk, &survival));
  uint64_t left = fake_disk_left(kit->disk);
  for (int i = 0; i < KIT_CONNECTIONS; i++) {
    fake_disk_process_starts(kit->disk, i);
  }
  return left;
}

/* Of all ways in which writes are dropped, kept or torn: the same is left where the same is found,
 * and nowhere else. */
static void test_what_deaths_leave(void **state) {
  (void)state;
  struct kit kit;
  struct fake_disk_image image = {NULL};
  uint64_t left_with[2] = {0, 0}; /* nothing, the change */
  int writes = 1, seen[2] = {0, 0};
  tables(&kit);
  kit_save(&kit, &image);
  int64_t old = sum(&kit);
  for (int fates = 0, all = 1; fates < all; fates++) {
    fake_disk_restore(kit.disk, &image);
    uint64_t left = cut(&kit, "UPDATE t SET v = 20; UPDATE u SET v = 2", fates, &writes);
    assert_int_equal(writes, 2);
    all = 9;
    bool changed = sum(&kit) != old;
    assert_int_not_equal(left, 0);
    left_with[changed] = seen[changed]++ == 0 ? left : left_with[changed];
    assert_true(left == left_with[changed]);
  }
  assert_true(seen[0] > 0 && seen[1] > 0 && left_with[0] != left_with[1]);
  fake_disk_restore(kit.disk, &image);
  assert_true(cut(&kit, "UPDATE t SET v = 30", 4, &writes) != left_with[1]);
  struct fake_disk_image later = {NULL};
  fake_disk_restore(kit.disk, &image); /* all is lost again, but after something else */
  kit_exec(kit.db[0], "UPDATE w SET v = 2");
  kit_save(&kit, &later);
  assert_true(cut(&kit, CHANGE, 0, &writes) != left_with[0]);
  fake_disk_image_release(kit.disk, &later);
  fake_disk_image_release(kit.disk, &image);
  kit_close(&kit);
}

/* It cannot be told while the index is there, after a checkpoint, and when the log began anew. */
static void test_what_cannot_be_told(void **state) {
  (void)state;
  struct kit kit;
  int writes;
  struct fake_disk_image image = {NULL};
  tables(&kit);
  assert_int_equal(fake_disk_left(kit.disk), 0);
  kit_save(&kit, &image);
  fake_disk_process_dies(kit.disk, 0);
  assert_int_equal(fake_disk_left(kit.disk), 0); /* the other one lives */
  fake_disk_process_dies(kit.disk, 1);
  assert_int_not_equal(fake_disk_left(kit.disk), 0);
  fake_disk_restore(kit.disk, &image);
  kit_exec(kit.db[0], "PRAGMA wal_checkpoint");
  assert_int_equal(cut(&kit, CHANGE, 0, &writes), 0); /* the database has changed */
  fake_disk_image_release(kit.disk, &image);
  kit_exec(kit.db[0], "PRAGMA wal_checkpoint");
  kit_save(&kit, &image);
  assert_int_equal(cut(&kit, CHANGE, FAKE_DISK_KEEP, &writes), 0); /* the log has begun anew */
  assert_int_equal(writes, 1);                                     /* its header */
  fake_disk_restore(kit.disk, &image);
  assert_int_not_equal(cut(&kit, CHANGE, FAKE_DISK_DROP, &writes), 0);
  /* Its header is lost, but the frames lie where those of the log before were. */
  int frames_only = 3 * FAKE_DISK_KEEP + 9 * FAKE_DISK_KEEP;
  struct fake_disk_survival survival = {&frames_only, digit};
  fake_disk_restore(kit.disk, &image);
  kit_exec(kit.db[0], "PRAGMA synchronous=OFF; " CHANGE);
  assert_int_equal(fake_disk_unsynced_count(kit.disk), 3);
  assert_true(fake_disk_power_fail(kit.disk, &survival));
  assert_int_equal(fake_disk_left(kit.disk), 0);
  for (int i = 0; i < KIT_CONNECTIONS; i++) {
    fake_disk_process_starts(kit.disk, i);
  }
  fake_disk_image_release(kit.disk, &image);
  kit_close(&kit);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_none_in_normal_life),
      cmocka_unit_test(test_none_without_a_log),
      cmocka_unit_test(test_of_a_failed_commit),
      cmocka_unit_test(test_of_a_dead_process),
      cmocka_unit_test(test_covered_by_the_next_commit),
      cmocka_unit_test(test_in_a_new_log),
      cmocka_unit_test(test_any_page_size),
      cmocka_unit_test(test_exactly_what_rebuilding_shows),
      cmocka_unit_test(test_the_same_at_another_place),
      cmocka_unit_test(test_synced_is_another_one),
      cmocka_unit_test(test_goes_with_the_image),
      cmocka_unit_test(test_a_broken_frame_is_none),
      cmocka_unit_test(test_a_short_frame_is_none),
      cmocka_unit_test(test_without_commit_is_none),
      cmocka_unit_test(test_big_endian),
      cmocka_unit_test(test_what_deaths_leave),
      cmocka_unit_test(test_what_cannot_be_told),
  };
  return cmocka_run_group_tests_name("fake_disk_stale", tests, kit_setup, NULL);
}
