/* The fake disk when things go wrong: power failures, process deaths, injected errors. What must
 * hold is what SQLite promises: an acknowledged transaction stays, another one is there wholly or
 * not at all, and the file is sound. */
#include "disk_kit.h"

#define ROWS 3 /* that each transaction writes */

/* ---- Bytes after a power failure, against a model -------------------------------------------- */

#define PLAIN_MAX_BYTES 60000
#define PLAIN_MAX_WRITES 30

struct plain_write {
  int64_t offset;
  int64_t size; /* -1: a truncation to offset */
  unsigned char byte;
};

struct plain {
  int64_t size;
  unsigned char at[PLAIN_MAX_BYTES];
};

struct fates {
  uint64_t random;
  int calls;
  enum fake_disk_fate chosen[1000];
};

static enum fake_disk_fate random_fate(void *self, int index, int count) {
  struct fates *fates = self;
  assert_int_equal(index, fates->calls);
  assert_true(index < count && count <= 1000);
  fates->calls++;
  fates->chosen[index] = (enum fake_disk_fate)kit_random(&fates->random, 3);
  return fates->chosen[index];
}

static void apply(struct plain *plain, const struct plain_write *write, enum fake_disk_fate fate) {
  if (fate == FAKE_DISK_DROP) {
    return;
  }
  if (write->size < 0) {
    if (write->offset < plain->size) {
      memset(plain->at + write->offset, 0, (size_t)(plain->size - write->offset));
    }
    plain->size = write->offset;
    return;
  }
  int64_t size = fate == FAKE_DISK_TEAR ? write->size / 2 : write->size;
  memset(plain->at + write->offset, write->byte, (size_t)size);
  if (size > 0 && write->offset + size > plain->size) {
    plain->size = write->offset + size;
  }
}

static struct plain_write write_something(sqlite3_file *file, uint64_t *random, int64_t end) {
  static unsigned char bytes[10000];
  struct plain_write write = {.offset = kit_random(random, 50000), .size = -1};
  if (kit_random(random, 6) == 0) {
    assert_int_equal(file->pMethods->xTruncate(file, write.offset), SQLITE_OK);
    return write;
  }
  write.offset = kit_random(random, 2) == 0 && end < 50000 ? end : write.offset;
  write.size = 1 + kit_random(random, 9999);
  write.byte = (unsigned char)(1 + kit_random(random, 255));
  memset(bytes, write.byte, (size_t)write.size);
  assert_int_equal(file->pMethods->xWrite(file, bytes, (int)write.size, write.offset), SQLITE_OK);
  return write;
}

static void check_unsynced(struct fake_disk *disk, const struct plain_write *writes, int count) {
  assert_int_equal(fake_disk_unsynced_count(disk), count);
  for (int i = 0; i < count; i++) {
    struct fake_disk_unsynced unsynced = fake_disk_unsynced(disk, i);
    assert_string_equal(unsynced.file, "plain");
    assert_int_equal(unsynced.is_truncation, writes[i].size < 0);
    assert_int_equal(unsynced.offset_bytes, writes[i].offset);
    assert_int_equal(unsynced.length_bytes, writes[i].size < 0 ? 0 : writes[i].size);
  }
}

/* Some writes, then several power failures from the same image; answers the last one's bytes. */
static void fail_and_compare(struct kit *kit, sqlite3_file *file, struct plain *durable,
                             const struct plain_write *writes, int count, uint64_t seed) {
  static struct plain expected;
  static unsigned char seen[PLAIN_MAX_BYTES];
  struct fake_disk_image before = {NULL};
  kit_save(kit, &before);
  for (uint64_t i = 0; i < 4; i++) {
    struct fates fates = {.random = seed * 4 + i};
    struct fake_disk_survival survival = {&fates, random_fate};
    fake_disk_restore(kit->disk, &before);
    check_unsynced(kit->disk, writes, count);
    assert_true(fake_disk_power_fail(kit->disk, i == 0 ? NULL : &survival));
    assert_int_equal(fates.calls, i == 0 ? 0 : count);
    assert_int_equal(fake_disk_unsynced_count(kit->disk), 0);
    expected = *durable;
    for (int w = 0; i > 0 && w < count; w++) {
      apply(&expected, &writes[w], fates.chosen[w]);
    }
    assert_int_equal(fake_disk_file_bytes(kit->disk, "plain"), expected.size);
    (void)fake_disk_read(kit->disk, "plain", 0, seen, sizeof seen);
    assert_memory_equal(seen, expected.at, sizeof seen);
  }
  *durable = expected;
  fake_disk_process_starts(kit->disk, 0);
  (void)file;
  fake_disk_image_release(kit->disk, &before);
}

static void test_bytes_after_power_failures_follow_a_model(void **state) {
  (void)state;
  static struct plain durable, live;
  struct plain_write writes[PLAIN_MAX_WRITES];
  struct kit kit;
  uint64_t random = 17;
  kit_disk(&kit, 1);
  memset(&durable, 0, sizeof durable);
  sqlite3_vfs *vfs = sqlite3_vfs_find(kit.vfs);
  sqlite3_file *file = calloc(1, (size_t)vfs->szOsFile);
  assert_non_null(file);
  assert_int_equal(vfs->xOpen(vfs, "plain", file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
                   SQLITE_OK);
  for (uint64_t round = 0; round < 300; round++) {
    int count = (int)kit_random(&random, PLAIN_MAX_WRITES);
    live = durable;
    for (int i = 0; i < count; i++) {
      writes[i] = write_something(file, &random, live.size);
      apply(&live, &writes[i], FAKE_DISK_KEEP);
    }
    if (kit_random(&random, 4) == 0) {
      assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_FULL), SQLITE_OK);
      durable = live;
      count = 0;
    }
    fail_and_compare(&kit, file, &durable, writes, count, round);
  }
  assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
  free(file);
  fake_disk_free(kit.disk);
}

/* ---- A script that is cut at each of its operations ------------------------------------------ */

struct cutter {
  int countdown; /* operations of process 0 until the blow */
  int answer;    /* what the hook then says; 0: an error fit for the operation */
  bool once;
  bool struck;
  enum fake_disk_kind kind; /* of the operation that was struck */
};

static int error_for(enum fake_disk_kind kind) {
  static const int errors[] = {SQLITE_CANTOPEN,     SQLITE_IOERR_READ,     SQLITE_FULL,
                               SQLITE_IOERR_FSYNC,  SQLITE_IOERR_TRUNCATE, SQLITE_IOERR_LOCK,
                               SQLITE_IOERR_SHMMAP, SQLITE_IOERR_SHMLOCK,  SQLITE_IOERR_DELETE};
  return errors[kind];
}

static int strike(void *self, const struct fake_disk_op *op) {
  struct cutter *cutter = self;
  assert_string_equal(op->site, fake_disk_site_name(op->role, op->kind));
  if (op->process != 0 || cutter->countdown-- > 0 || (cutter->once && cutter->struck)) {
    return SQLITE_OK;
  }
  cutter->struck = true;
  cutter->kind = op->kind;
  return cutter->answer != 0 ? cutter->answer : error_for(op->kind);
}

static bool transaction(sqlite3 *db, int number, int *error) {
  char sql[200];
  (void)snprintf(sql, sizeof sql,
                 "BEGIN IMMEDIATE; INSERT INTO t(v,x) VALUES(%d,zeroblob(3000));"
                 "INSERT INTO t(v,x) VALUES(%d,''); INSERT INTO t(v,x) VALUES(%d,zeroblob(5000));"
                 "COMMIT",
                 number, number, number);
  int rc = kit_try(db, sql);
  if (rc != SQLITE_OK) {
    *error = sqlite3_extended_errcode(db);
    (void)kit_try(db, "ROLLBACK"); /* unwinding */
  }
  return rc == SQLITE_OK;
}

struct script_end {
  int acknowledged; /* transactions 1..acknowledged were */
  int error;        /* the first one, extended; or 0 */
};

/* Three transactions with a checkpoint, until something fails. */
static struct script_end run_script(sqlite3 *db) {
  struct script_end end = {0, 0};
  for (int i = 1; i <= 3; i++) {
    if (!transaction(db, i, &end.error)) {
      return end;
    }
    end.acknowledged = i;
    if (i == 2 && kit_try(db, "PRAGMA wal_checkpoint(FULL)") != SQLITE_OK) {
      end.error = sqlite3_extended_errcode(db);
      return end;
    }
  }
  return end;
}

static void check_promises(sqlite3 *db, int acknowledged) {
  kit_check_integrity(db);
  for (int i = 1; i <= 3; i++) {
    char sql[60];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM t WHERE v=%d", i);
    int64_t count = kit_number(db, sql);
    if (i <= acknowledged) {
      assert_int_equal(count, ROWS);
    } else if (i == acknowledged + 1) {
      assert_true(count == 0 || count == ROWS);
    } else {
      assert_int_equal(count, 0);
    }
  }
  assert_int_equal(kit_number(db, "SELECT count(*) FROM t WHERE v=0"), 1);
}

/* The power fails before operation k in a world with one row; false: there is no operation k. */
static bool cut_power_at(struct kit *kit, const struct fake_disk_image *base, int k) {
  struct cutter cutter = {.countdown = k, .answer = FAKE_DISK_CUT};
  struct fake_disk_hook hook = {&cutter, strike};
  struct fake_disk_image cut = {NULL};
  fake_disk_restore(kit->disk, base);
  fake_disk_set_process(kit->disk, 0);
  fake_disk_set_hook(kit->disk, &hook);
  struct script_end end = run_script(kit->db[0]);
  fake_disk_set_hook(kit->disk, NULL);
  kit_save(kit, &cut);
  for (uint64_t i = 0; cutter.struck && i < 12; i++) {
    struct fates fates = {.random = (uint64_t)k * 12 + i};
    struct fake_disk_survival survival = {&fates, random_fate};
    fake_disk_restore(kit->disk, &cut);
    assert_true(fake_disk_process_is_dead(kit->disk, 1));
    assert_true(fake_disk_power_fail(kit->disk, i == 0 ? NULL : &survival));
    int process = (int)(i % 2);
    fake_disk_set_process(kit->disk, process);
    fake_disk_process_starts(kit->disk, process);
    check_promises(kit->db[process], end.acknowledged);
    kit_exec(kit->db[process], "INSERT INTO t(v) VALUES(9)");
    kit_check_integrity(kit->db[process]);
  }
  fake_disk_image_release(kit->disk, &cut);
  return cutter.struck;
}

static int cut_power_everywhere(const char *pragmas) {
  struct kit kit;
  struct fake_disk_image base = {NULL};
  kit_init(&kit, 1, pragmas);
  kit_exec(kit.db[0], "INSERT INTO t(v) VALUES(0)");
  kit_save(&kit, &base);
  int k = 0;
  while (cut_power_at(&kit, &base, k)) {
    k++;
  }
  fake_disk_image_release(kit.disk, &base);
  kit_close(&kit);
  return k;
}

static void test_power_failure_at_each_operation_with_wal(void **state) {
  (void)state;
  assert_true(cut_power_everywhere(KIT_WAL) > 50);
}

static void test_power_failure_at_each_operation_with_small_cache(void **state) {
  (void)state;
  const char *pragmas = KIT_WAL "; PRAGMA cache_size=1; PRAGMA wal_autocheckpoint=4";
  assert_true(cut_power_everywhere(pragmas) > 50);
}

static void test_power_failure_at_each_operation_with_rollback_journal(void **state) {
  (void)state;
  assert_true(cut_power_everywhere(KIT_ROLLBACK) > 50);
}

/* Synchronous=FULL is what keeps commits: with OFF, the same loses some. */
static void test_power_failure_loses_what_was_not_synced(void **state) {
  (void)state;
  struct kit kit;
  kit_init(&kit, 1, KIT_WAL);
  kit_exec(kit.db[0], "INSERT INTO t(v) VALUES(1)");
  kit_exec(kit.db[0], "PRAGMA synchronous=OFF; INSERT INTO t(v) VALUES(2)");
  assert_int_equal(kit_number(kit.db[1], "SELECT count(*) FROM t"), 2);
  assert_true(fake_disk_unsynced_count(kit.disk) > 0);
  assert_true(fake_disk_power_fail(kit.disk, NULL));
  assert_int_equal(kit_try(kit.db[1], "SELECT count(*) FROM t"), SQLITE_IOERR); /* still dead */
  fake_disk_process_starts(kit.disk, 1);
  assert_int_equal(kit_number(kit.db[1], "SELECT v FROM t"), 1);
  kit_close(&kit);
}

/* ---- Process deaths -------------------------------------------------------------------------- */

static bool die_at(struct kit *kit, const struct fake_disk_image *base, int k) {
  struct cutter cutter = {.countdown = k, .answer = FAKE_DISK_DIE};
  struct fake_disk_hook hook = {&cutter, strike};
  fake_disk_restore(kit->disk, base);
  fake_disk_set_process(kit->disk, 0);
  fake_disk_set_hook(kit->disk, &hook);
  struct script_end end = run_script(kit->db[0]);
  fake_disk_set_hook(kit->disk, NULL);
  if (!cutter.struck) {
    return false;
  }
  fake_disk_process_dies(kit->disk, 0);
  assert_true(fake_disk_is_idle(kit->disk));
  assert_int_equal(kit_try(kit->db[0], "SELECT * FROM t"), SQLITE_IOERR);
  if (kit->db[1] != NULL) {
    fake_disk_set_process(kit->disk, 1);
    check_promises(kit->db[1], end.acknowledged);
    kit_exec(kit->db[1], "INSERT INTO t(v) VALUES(9)");
  }
  fake_disk_set_process(kit->disk, 0);
  fake_disk_process_starts(kit->disk, 0);
  check_promises(kit->db[0], end.acknowledged);
  kit_exec(kit->db[0], "INSERT INTO t(v) VALUES(9)");
  assert_int_equal(kit_number(kit->db[0], "SELECT count(*) FROM t WHERE v=9"),
                   kit->db[1] != NULL ? 2 : 1);
  kit_check_integrity(kit->db[0]);
  return true;
}

static void die_everywhere(const char *pragmas, bool alone) {
  struct kit kit;
  struct fake_disk_image base = {NULL};
  kit_init(&kit, 1, pragmas);
  if (alone) {
    assert_int_equal(sqlite3_close(kit.db[1]), SQLITE_OK);
    kit.db[1] = NULL;
  }
  kit_exec(kit.db[0], "INSERT INTO t(v) VALUES(0)");
  kit_save(&kit, &base);
  int k = 0;
  while (die_at(&kit, &base, k)) {
    k++;
  }
  assert_true(k > 50);
  fake_disk_image_release(kit.disk, &base);
  kit_close(&kit);
}

static void test_death_at_each_operation_with_wal(void **state) {
  (void)state;
  die_everywhere(KIT_WAL, false);
  die_everywhere(KIT_WAL, true);
  die_everywhere(KIT_WAL "; PRAGMA cache_size=1; PRAGMA wal_autocheckpoint=4", false);
}

static void test_death_at_each_operation_with_rollback_journal(void **state) {
  (void)state;
  die_everywhere(KIT_ROLLBACK, false);
  die_everywhere(KIT_ROLLBACK, true);
}

static int strike_wal_sync(void *self, const struct fake_disk_op *op) {
  *(bool *)self = true;
  return strcmp(op->site, "wal.sync") == 0 ? FAKE_DISK_DIE : SQLITE_OK;
}

/* A process that dies between writing its commit and telling the others: whoever has the WAL index
 * goes on without it; if nobody has, the log is read again and the commit is there. */
static void test_the_wal_index_lives_as_long_as_its_users(void **state) {
  (void)state;
  for (int alone = 0; alone < 2; alone++) {
    struct kit kit;
    bool called = false;
    struct fake_disk_hook hook = {&called, strike_wal_sync};
    kit_init(&kit, 1, KIT_WAL);
    kit_exec(kit.db[1], "SELECT * FROM t");
    if (alone) {
      fake_disk_process_dies(kit.disk, 1);
    }
    fake_disk_set_process(kit.disk, 0);
    fake_disk_set_hook(kit.disk, &hook);
    assert_int_equal(kit_try(kit.db[0], "INSERT INTO t(v) VALUES(1)"), SQLITE_IOERR);
    fake_disk_set_hook(kit.disk, NULL);
    assert_true(called);
    fake_disk_process_dies(kit.disk, 0);
    fake_disk_process_starts(kit.disk, 1);
    fake_disk_process_starts(kit.disk, 0);
    assert_int_equal(kit_number(kit.db[0], "SELECT count(*) FROM t"), alone);
    assert_int_equal(kit_number(kit.db[1], "SELECT count(*) FROM t"), alone);
    kit_close(&kit);
  }
}

static void test_death_in_an_open_transaction_rolls_back(void **state) {
  (void)state;
  struct kit kit;
  kit_init(&kit, 1, KIT_WAL);
  kit_exec(kit.db[0], "BEGIN IMMEDIATE; INSERT INTO t(v) VALUES(1)");
  assert_int_equal(kit_try(kit.db[1], "BEGIN IMMEDIATE"), SQLITE_BUSY);
  fake_disk_process_dies(kit.disk, 0);
  assert_false(fake_disk_is_idle(kit.disk));        /* the connection can only be closed */
  kit_exec(kit.db[1], "BEGIN IMMEDIATE; ROLLBACK"); /* its locks are gone */
  assert_int_equal(kit_try(kit.db[0], "COMMIT"), SQLITE_IOERR);
  assert_int_equal(sqlite3_close(kit.db[0]), SQLITE_OK);
  fake_disk_set_process(kit.disk, 1);
  kit_exec(kit.db[1], "BEGIN IMMEDIATE; INSERT INTO t(v) VALUES(2); COMMIT");
  assert_int_equal(kit_number(kit.db[1], "SELECT v FROM t"), 2);
  fake_disk_process_starts(kit.disk, 0);
  kit_open(&kit, 0, KIT_WAL);
  assert_int_equal(kit_number(kit.db[0], "SELECT v FROM t"), 2);
  kit_close(&kit);
}

static void test_the_dead_can_do_nothing(void **state) {
  (void)state;
  struct kit kit;
  sqlite3 *db = NULL;
  int answer = 1;
  kit_init(&kit, 1, KIT_WAL);
  fake_disk_set_process(kit.disk, 0);
  fake_disk_process_stops(kit.disk, 0);
  assert_int_equal(kit_try(kit.db[0], "INSERT INTO t(v) VALUES(1)"), SQLITE_IOERR);
  assert_int_equal(
      sqlite3_open_v2("new.db", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, kit.vfs),
      SQLITE_IOERR);
  assert_int_equal(sqlite3_close(db), SQLITE_OK);
  sqlite3_vfs *vfs = sqlite3_vfs_find(kit.vfs);
  assert_int_equal(vfs->xDelete(vfs, KIT_FILE, 0), SQLITE_IOERR);
  assert_int_equal(vfs->xAccess(vfs, KIT_FILE, SQLITE_ACCESS_EXISTS, &answer), SQLITE_IOERR_ACCESS);
  assert_true(fake_disk_file_bytes(kit.disk, KIT_FILE) > 0);
  assert_int_equal(fake_disk_file_bytes(kit.disk, "new.db"), -1);
  kit_exec(kit.db[1], "INSERT INTO t(v) VALUES(2)"); /* the other process is well */
  fake_disk_process_dies(kit.disk, 0);
  fake_disk_process_starts(kit.disk, 0);
  assert_int_equal(kit_number(kit.db[0], "SELECT v FROM t"), 2);
  kit_close(&kit);
}

/* ---- Injected errors ------------------------------------------------------------------------- */

static bool fail_at(struct kit *kit, const struct fake_disk_image *base, int k, int *reported) {
  struct cutter cutter = {.countdown = k, .once = true};
  struct fake_disk_hook hook = {&cutter, strike};
  fake_disk_restore(kit->disk, base);
  fake_disk_set_process(kit->disk, 0);
  fake_disk_set_hook(kit->disk, &hook);
  struct script_end end = run_script(kit->db[0]);
  fake_disk_set_hook(kit->disk, NULL);
  if (end.error != SQLITE_OK) {
    assert_true(cutter.struck);
    assert_int_equal(end.error & 0xff, error_for(cutter.kind) & 0xff);
    ++*reported;
  }
  assert_true(fake_disk_is_idle(kit->disk));
  check_promises(kit->db[1], end.acknowledged);
  check_promises(kit->db[0], end.acknowledged);
  kit_exec(kit->db[0], "INSERT INTO t(v) VALUES(9)");
  return cutter.struck;
}

static void fail_everywhere(const char *pragmas) {
  struct kit kit;
  struct fake_disk_image base = {NULL};
  int reported = 0;
  kit_init(&kit, 1, pragmas);
  kit_exec(kit.db[0], "INSERT INTO t(v) VALUES(0)");
  kit_save(&kit, &base);
  int k = 0;
  while (fail_at(&kit, &base, k, &reported)) {
    k++;
  }
  assert_true(k > 50);
  assert_true(reported > k / 2);
  fake_disk_image_release(kit.disk, &base);
  kit_close(&kit);
}

static void test_an_error_at_each_operation(void **state) {
  (void)state;
  fail_everywhere(KIT_WAL);
  fail_everywhere(KIT_WAL "; PRAGMA cache_size=1; PRAGMA wal_autocheckpoint=4");
  fail_everywhere(KIT_ROLLBACK);
}

struct site_error {
  const char *site;
  int error;
  int64_t slot; /* of a shm lock; -1: any */
};

static int strike_site(void *self, const struct fake_disk_op *op) {
  const struct site_error *site = self;
  bool hit = strcmp(op->site, site->site) == 0 && (site->slot < 0 || site->slot == op->offset);
  return hit ? site->error : SQLITE_OK;
}

static void test_error_codes(void **state) {
  (void)state;
  static const struct site_error errors[] = {
      {"wal.write", SQLITE_FULL, -1},
      {"wal.write", SQLITE_IOERR_WRITE, -1},
      {"wal.sync", SQLITE_IOERR_FSYNC, -1},
      {"db.read", SQLITE_IOERR_READ, -1},
      {"db.shm_lock", SQLITE_IOERR_SHMLOCK, -1},
      {"db.shm_lock", SQLITE_BUSY, 0},      /* the write lock */
      {"db.shm_lock", SQLITE_PROTOCOL, -1}, /* what SQLite makes of readers' slots busy for ever */
  };
  struct kit kit;
  struct fake_disk_image base = {NULL};
  kit_init(&kit, 1, KIT_WAL);
  kit_exec(kit.db[0], "PRAGMA wal_checkpoint(TRUNCATE)"); /* so that the database is read */
  kit_save(&kit, &base);
  for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
    struct site_error error = errors[i];
    int wanted = error.error;
    error.error = wanted == SQLITE_PROTOCOL ? SQLITE_BUSY : wanted;
    struct fake_disk_hook hook = {&error, strike_site};
    kit_exec(kit.db[0], "INSERT INTO t(v) VALUES(1)");
    fake_disk_restore(kit.disk, &base);
    fake_disk_set_hook(kit.disk, &hook);
    assert_int_equal(kit_try(kit.db[0], "INSERT INTO t(v) VALUES(1)"), wanted & 0xff);
    assert_int_equal(sqlite3_extended_errcode(kit.db[0]), wanted);
    fake_disk_set_hook(kit.disk, NULL);
    assert_int_equal(kit_number(kit.db[0], "SELECT count(*) FROM t"), 0);
  }
  fake_disk_image_release(kit.disk, &base);
  kit_close(&kit);
}

static void test_short_reads_give_zeros(void **state) {
  (void)state;
  struct kit kit;
  struct site_error error = {"db.read", SQLITE_IOERR_SHORT_READ, -1};
  struct fake_disk_hook hook = {&error, strike_site};
  sqlite3_file *file = NULL;
  unsigned char bytes[16];
  kit_init(&kit, 1, KIT_ROLLBACK);
  assert_int_equal(sqlite3_file_control(kit.db[0], "main", SQLITE_FCNTL_FILE_POINTER, &file),
                   SQLITE_OK);
  assert_int_equal(file->pMethods->xRead(file, bytes, sizeof bytes, 0), SQLITE_OK);
  assert_memory_equal(bytes, "SQLite format 3", 16);
  fake_disk_set_hook(kit.disk, &hook);
  assert_int_equal(file->pMethods->xRead(file, bytes, sizeof bytes, 0), SQLITE_IOERR_SHORT_READ);
  assert_memory_equal(bytes, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
  fake_disk_set_hook(kit.disk, NULL);
  kit_close(&kit);
}

/* ---- Saving inside a step -------------------------------------------------------------------- */

#define POINTS_MAX 100

struct points {
  struct fake_disk *disk;
  int count;
  struct fake_disk_image images[POINTS_MAX];
};

static int save_point(void *self, const struct fake_disk_op *op) {
  struct points *points = self;
  if (op->kind == FAKE_DISK_WRITE || op->kind == FAKE_DISK_SYNC) {
    assert_true(points->count < POINTS_MAX);
    assert_true(fake_disk_save(points->disk, &points->images[points->count++]));
  }
  return SQLITE_OK;
}

/* One run of a step gives the disks of all its power failures. */
static void test_images_from_inside_a_step(void **state) {
  (void)state;
  struct kit kit;
  kit_init(&kit, 1, KIT_WAL);
  kit_exec(kit.db[0], "INSERT INTO t(v) VALUES(0)");
  struct points points = {.disk = kit.disk};
  struct fake_disk_hook hook = {&points, save_point};
  int error = 0;
  fake_disk_set_hook(kit.disk, &hook);
  assert_true(transaction(kit.db[0], 1, &error));
  fake_disk_set_hook(kit.disk, NULL);
  check_promises(kit.db[1], 1);
  assert_true(points.count > 5);
  for (int i = 0; i < points.count; i++) {
    struct fates fates = {.random = (uint64_t)i};
    struct fake_disk_survival survival = {&fates, random_fate};
    fake_disk_restore(kit.disk, &points.images[i]);
    assert_true(fake_disk_power_fail(kit.disk, &survival));
    fake_disk_process_starts(kit.disk, 0);
    check_promises(kit.db[0], 0);
    fake_disk_image_release(kit.disk, &points.images[i]);
  }
  kit_close(&kit);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_bytes_after_power_failures_follow_a_model),
      cmocka_unit_test(test_power_failure_at_each_operation_with_wal),
      cmocka_unit_test(test_power_failure_at_each_operation_with_small_cache),
      cmocka_unit_test(test_power_failure_at_each_operation_with_rollback_journal),
      cmocka_unit_test(test_power_failure_loses_what_was_not_synced),
      cmocka_unit_test(test_death_at_each_operation_with_wal),
      cmocka_unit_test(test_death_at_each_operation_with_rollback_journal),
      cmocka_unit_test(test_the_wal_index_lives_as_long_as_its_users),
      cmocka_unit_test(test_death_in_an_open_transaction_rolls_back),
      cmocka_unit_test(test_the_dead_can_do_nothing),
      cmocka_unit_test(test_an_error_at_each_operation),
      cmocka_unit_test(test_error_codes),
      cmocka_unit_test(test_short_reads_give_zeros),
      cmocka_unit_test(test_images_from_inside_a_step),
  };
  return cmocka_run_group_tests_name("fake disk failures", tests, kit_setup, NULL);
}
