/* The fake disk as a value: contents, images that share them, sibling states, what is left over.
 * What SQLite sees of it is in test_fake_disk_vfs.c, failures in test_fake_disk_fail.c. */
#include "disk_kit.h"

#include <unistd.h>

/* ---- Bytes against a model ------------------------------------------------------------------- */

#define FILE_MAX_BYTES 300000
#define WRITE_MAX_BYTES 20000
#define MODEL_IMAGES 6

struct bytes {
  int64_t size;
  unsigned char at[FILE_MAX_BYTES];
};

static sqlite3_file *open_plain(struct kit *kit, const char *name) {
  sqlite3_vfs *vfs = sqlite3_vfs_find(kit->vfs);
  sqlite3_file *file = calloc(1, (size_t)vfs->szOsFile);
  assert_non_null(file);
  assert_int_equal(vfs->xOpen(vfs, name, file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
                   SQLITE_OK);
  return file;
}

static void close_plain(sqlite3_file *file) {
  assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
  free(file);
}

static void random_write(sqlite3_file *file, struct bytes *model, uint64_t *random) {
  unsigned char bytes[WRITE_MAX_BYTES];
  int64_t offset = kit_random(random, FILE_MAX_BYTES - WRITE_MAX_BYTES);
  if (kit_random(random, 2) == 0 && model->size <= FILE_MAX_BYTES - WRITE_MAX_BYTES) {
    offset = model->size;
  }
  int size = 1 + (int)kit_random(random, kit_random(random, 2) == 0 ? 100 : WRITE_MAX_BYTES - 1);
  memset(bytes, 1 + (int)kit_random(random, 255), (size_t)size);
  assert_int_equal(file->pMethods->xWrite(file, bytes, size, offset), SQLITE_OK);
  memcpy(model->at + offset, bytes, (size_t)size);
  model->size = offset + size > model->size ? offset + size : model->size;
}

static void random_truncate(sqlite3_file *file, struct bytes *model, uint64_t *random) {
  int64_t size = kit_random(random, FILE_MAX_BYTES);
  assert_int_equal(file->pMethods->xTruncate(file, size), SQLITE_OK);
  if (size < model->size) {
    memset(model->at + size, 0, (size_t)(model->size - size));
  }
  model->size = size;
}

static void check_bytes(struct kit *kit, sqlite3_file *file, const struct bytes *model) {
  static unsigned char seen[FILE_MAX_BYTES];
  sqlite3_int64 size = -1;
  assert_int_equal(file->pMethods->xFileSize(file, &size), SQLITE_OK);
  assert_int_equal(size, model->size);
  assert_int_equal(fake_disk_file_bytes(kit->disk, "plain"), model->size);
  int rc = file->pMethods->xRead(file, seen, FILE_MAX_BYTES, 0);
  assert_int_equal(rc, size == FILE_MAX_BYTES ? SQLITE_OK : SQLITE_IOERR_SHORT_READ);
  assert_memory_equal(seen, model->at, FILE_MAX_BYTES); /* zeros beyond the end */
}

static void test_bytes_follow_a_model_in_all_images(void **state) {
  (void)state;
  static struct bytes live, saved[MODEL_IMAGES];
  struct fake_disk_image images[MODEL_IMAGES] = {{NULL}};
  struct kit kit;
  kit_disk(&kit, 1);
  sqlite3_file *file = open_plain(&kit, "plain");
  uint64_t random = 11;
  memset(&live, 0, sizeof live);
  for (int i = 0; i < 6000; i++) {
    uint32_t slot = kit_random(&random, MODEL_IMAGES);
    uint32_t what = kit_random(&random, 10);
    if (what < 5) {
      random_write(file, &live, &random);
    } else if (what < 6) {
      random_truncate(file, &live, &random);
    } else if (what < 7) {
      assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
    } else if (what < 8 || images[slot].record == NULL) {
      fake_disk_image_release(kit.disk, &images[slot]);
      kit_save(&kit, &images[slot]);
      saved[slot] = live;
    } else {
      fake_disk_restore(kit.disk, &images[slot]);
      live = saved[slot];
    }
    check_bytes(&kit, file, &live);
  }
  for (int i = 0; i < MODEL_IMAGES; i++) {
    fake_disk_image_release(kit.disk, &images[i]);
  }
  close_plain(file);
  fake_disk_free(kit.disk);
}

static void test_images_share_blocks(void **state) {
  (void)state;
  enum { BLOCKS = 100 };
  static unsigned char bytes[BLOCKS * 4096];
  struct kit kit;
  struct fake_disk_image first = {NULL}, same = {NULL}, second = {NULL};
  kit_disk(&kit, 1);
  sqlite3_file *file = open_plain(&kit, "plain");
  assert_int_equal(file->pMethods->xWrite(file, bytes, sizeof bytes, 0), SQLITE_OK);
  assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
  kit_save(&kit, &first);
  kit_save(&kit, &same);
  assert_ptr_equal(first.record, same.record); /* nothing changed: the same image */
  assert_int_equal(fake_disk_used_blocks(kit.disk), BLOCKS);
  assert_int_equal(file->pMethods->xWrite(file, "x", 1, 5 * 4096), SQLITE_OK);
  assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
  kit_save(&kit, &second);
  assert_int_equal(fake_disk_used_blocks(kit.disk), BLOCKS + 1);
  fake_disk_image_release(kit.disk, &first);
  assert_int_equal(fake_disk_used_blocks(kit.disk), BLOCKS + 1);
  fake_disk_image_share(&first, &second);
  fake_disk_image_release(kit.disk, &same);
  assert_int_equal(fake_disk_used_blocks(kit.disk), BLOCKS);
  fake_disk_image_release(kit.disk, &first);
  fake_disk_image_release(kit.disk, &second);
  close_plain(file);
  fake_disk_free(kit.disk);
}

/* ---- Sibling states never see each other's rows ---------------------------------------------- */

#define STATES 10
#define IDS 40

struct rows { /* the value of each id; 0: no row */
  int value[IDS];
};

struct states {
  struct kit kit;
  uint64_t random;
  int next_value;
  struct rows live;
  struct rows saved[STATES];
  struct fake_disk_image images[STATES];
};

static void check_rows(struct states *s, sqlite3 *db) {
  struct rows seen = {{0}};
  sqlite3_stmt *statement = NULL;
  assert_int_equal(sqlite3_prepare_v2(db, "SELECT id,v FROM t", -1, &statement, NULL), SQLITE_OK);
  while (sqlite3_step(statement) == SQLITE_ROW) {
    seen.value[sqlite3_column_int(statement, 0)] = sqlite3_column_int(statement, 1);
  }
  assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
  assert_memory_equal(&seen, &s->live, sizeof seen);
}

/* Rows of up to two pages, so that transactions write several frames. */
static void random_transaction(struct states *s, sqlite3 *db) {
  struct rows before = s->live;
  kit_exec(db, "BEGIN IMMEDIATE");
  for (uint32_t i = 1 + kit_random(&s->random, 4); i > 0; i--) {
    int id = (int)kit_random(&s->random, IDS);
    int value = kit_random(&s->random, 4) == 0 ? 0 : s->next_value++;
    char sql[160];
    if (value == 0) {
      (void)snprintf(sql, sizeof sql, "DELETE FROM t WHERE id=%d", id);
    } else {
      (void)snprintf(sql, sizeof sql, "REPLACE INTO t VALUES(%d,%d,zeroblob(%u))", id, value,
                     kit_random(&s->random, 8000));
    }
    kit_exec(db, sql);
    s->live.value[id] = value;
  }
  if (kit_random(&s->random, 5) == 0) {
    kit_exec(db, "ROLLBACK");
    s->live = before;
  } else {
    kit_exec(db, "COMMIT");
  }
}

static void random_housekeeping(struct states *s, int i) {
  static const char *const checkpoints[] = {
      "PRAGMA wal_checkpoint(PASSIVE)", "PRAGMA wal_checkpoint(FULL)",
      "PRAGMA wal_checkpoint(RESTART)", "PRAGMA wal_checkpoint(TRUNCATE)"};
  uint32_t what = kit_random(&s->random, 8);
  if (what < 4) {
    kit_exec(s->kit.db[i], checkpoints[what]);
  } else if (what == 4) {
    assert_true(fake_disk_power_fail(s->kit.disk, NULL));
    fake_disk_process_starts(s->kit.disk, 0);
    fake_disk_process_starts(s->kit.disk, 1);
  } else if (what == 5) {
    fake_disk_process_dies(s->kit.disk, i);
    fake_disk_process_starts(s->kit.disk, i);
  } else {
    kit_check_integrity(s->kit.db[i]);
  }
}

static void random_state(struct states *s) {
  uint32_t slot = kit_random(&s->random, STATES);
  if (kit_random(&s->random, 3) == 0 || s->images[slot].record == NULL) {
    fake_disk_image_release(s->kit.disk, &s->images[slot]);
    kit_save(&s->kit, &s->images[slot]);
    s->saved[slot] = s->live;
  } else {
    fake_disk_restore(s->kit.disk, &s->images[slot]);
    s->live = s->saved[slot];
  }
}

static void random_states(const char *pragmas, int rounds) {
  struct states s = {.random = 7, .next_value = 1};
  kit_init(&s.kit, 1, pragmas);
  for (int round = 0; round < rounds; round++) {
    int i = (int)kit_random(&s.random, KIT_CONNECTIONS);
    fake_disk_set_process(s.kit.disk, i);
    uint32_t what = kit_random(&s.random, 16);
    if (what < 6) {
      random_state(&s);
    } else if (what < 10) {
      random_transaction(&s, s.kit.db[i]);
    } else if (what < 15) {
      check_rows(&s, s.kit.db[i]);
    } else {
      random_housekeeping(&s, i);
    }
    assert_true(fake_disk_is_idle(s.kit.disk));
  }
  for (int slot = 0; slot < STATES; slot++) {
    if (s.images[slot].record != NULL) {
      fake_disk_restore(s.kit.disk, &s.images[slot]);
      s.live = s.saved[slot];
      check_rows(&s, s.kit.db[slot % KIT_CONNECTIONS]);
      kit_check_integrity(s.kit.db[slot % KIT_CONNECTIONS]);
      fake_disk_image_release(s.kit.disk, &s.images[slot]);
    }
  }
  kit_close(&s.kit);
}

static void test_states_follow_a_model_with_wal(void **state) {
  (void)state;
  random_states(KIT_WAL, 20000);
}

static void test_states_follow_a_model_with_wal_and_no_checkpoint(void **state) {
  (void)state;
  random_states(KIT_WAL "; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=2", 10000);
}

static void test_states_follow_a_model_with_rollback_journal(void **state) {
  (void)state;
  random_states(KIT_ROLLBACK, 10000);
}

/* Two siblings whose WAL-index headers are equal byte by byte: both are checkpointed, then both
 * lose the index and rebuild it from an empty log. */
static void test_siblings_with_equal_headers_are_told_apart(void **state) {
  (void)state;
  struct kit kit;
  unsigned char headers[2][48];
  struct fake_disk_image root = {NULL}, sibling[2] = {{NULL}, {NULL}};
  kit_init(&kit, 1, KIT_WAL);
  kit_save(&kit, &root);
  for (int i = 0; i < 2; i++) {
    fake_disk_restore(kit.disk, &root);
    kit_exec(kit.db[0],
             i == 0 ? "INSERT INTO t VALUES(1,100,'')" : "INSERT INTO t VALUES(1,200,'')");
    kit_exec(kit.db[0], "PRAGMA wal_checkpoint(TRUNCATE)");
    kit_power_fail_keeping_all(&kit); /* the cut of the log too */
    assert_int_equal(kit_number(kit.db[0], "SELECT count(*) FROM t"), 1);
    kit_save(&kit, &sibling[i]);
    memcpy(headers[i], kit_wal_index(kit.db[0]), sizeof headers[i]);
  }
  assert_memory_equal(headers[0], headers[1], sizeof headers[0]);
  for (int i = 0; i < 20; i++) {
    fake_disk_restore(kit.disk, &sibling[i % 2]);
    assert_int_equal(kit_number(kit.db[i % 3 % 2], "SELECT v FROM t"), i % 2 == 0 ? 100 : 200);
  }
  fake_disk_image_release(kit.disk, &root);
  fake_disk_image_release(kit.disk, &sibling[0]);
  fake_disk_image_release(kit.disk, &sibling[1]);
  kit_close(&kit);
}

/* The newest frame of each page as SQLite finds it, from the WAL index's own hash table. */
static uint32_t find_frame(const unsigned char *region, uint32_t frames, uint32_t page) {
  const uint32_t *pages = (const uint32_t *)(const void *)(region + 136);
  const uint16_t *hash = (const uint16_t *)(const void *)(region + 16384);
  uint32_t found = 0;
  for (uint32_t slot = page * 383 % 8192; hash[slot] != 0; slot = (slot + 1) % 8192) {
    if (hash[slot] <= frames && pages[hash[slot] - 1] == page && hash[slot] > found) {
      found = hash[slot];
    }
  }
  return found;
}

static uint32_t used_slots(const unsigned char *region) {
  const uint16_t *hash = (const uint16_t *)(const void *)(region + 16384);
  uint32_t used = 0;
  for (uint32_t slot = 0; slot < 8192; slot++) {
    used += hash[slot] != 0;
  }
  return used;
}

/* A restored WAL index has the saved header, and finds for each page what the saved one found. */
static void test_wal_index_is_equivalent_after_restore(void **state) {
  (void)state;
  enum { IMAGES = 12, PAGES = 200 };
  static unsigned char copies[IMAGES][32768];
  struct fake_disk_image images[IMAGES] = {{NULL}};
  struct states s = {.random = 3, .next_value = 1};
  kit_init(&s.kit, 1, KIT_WAL);
  unsigned char *index = kit_wal_index(s.kit.db[0]);
  for (int i = 0; i < 400; i++) {
    uint32_t slot = kit_random(&s.random, IMAGES);
    random_transaction(&s, s.kit.db[i % 2]);
    if (images[slot].record == NULL) {
      kit_save(&s.kit, &images[slot]);
      memcpy(copies[slot], index, sizeof copies[slot]);
      continue;
    }
    fake_disk_restore(s.kit.disk, &images[slot]);
    assert_ptr_equal(kit_wal_index(s.kit.db[0]), index); /* SQLite keeps the address */
    assert_memory_equal(index, copies[slot], 136);
    uint32_t frames = kit_frame_count(index);
    assert_true(frames == 0 || used_slots(index) == frames);
    for (uint32_t page = 1; page < PAGES; page++) {
      assert_int_equal(find_frame(index, frames, page), find_frame(copies[slot], frames, page));
    }
  }
  for (int i = 0; i < IMAGES; i++) {
    fake_disk_image_release(s.kit.disk, &images[i]);
  }
  kit_close(&s.kit);
}

/* Recovery leaves frames of a transaction that never ended in the WAL index. Restoring over them
 * leaves no trace of them. */
static void test_restore_over_leftovers(void **state) {
  (void)state;
  struct kit kit;
  struct fake_disk_image longer = {NULL};
  kit_init(&kit, 1, KIT_WAL "; PRAGMA cache_size=1");
  kit_exec(kit.db[0], "INSERT INTO t VALUES(1,1,zeroblob(20000))");
  kit_exec(kit.db[0], "INSERT INTO t VALUES(2,2,zeroblob(90000))");
  kit_save(&kit, &longer);
  unsigned char *index = kit_wal_index(kit.db[0]);
  uint32_t frames = kit_frame_count(index);
  kit_exec(kit.db[0], "PRAGMA wal_checkpoint(RESTART)"); /* a new log, shorter */
  kit_exec(kit.db[0], "DELETE FROM t WHERE id=1; BEGIN;"
                      "INSERT INTO t VALUES(3,3,zeroblob(50000))"); /* spilled to the log */
  assert_true(fake_disk_unsynced_count(kit.disk) > 5);
  struct fake_disk_survival survival = {NULL, kit_keep};
  assert_true(fake_disk_power_fail(kit.disk, &survival));
  assert_int_equal(sqlite3_close(kit.db[0]), SQLITE_OK);
  fake_disk_process_starts(kit.disk, 0);
  fake_disk_process_starts(kit.disk, 1);
  kit_open(&kit, 0, KIT_WAL);
  assert_int_equal(kit_number(kit.db[0], "SELECT max(id) FROM t"), 2);
  assert_true(used_slots(index) > kit_frame_count(index)); /* the leftovers */
  assert_true(kit_frame_count(index) > 0);
  fake_disk_restore(kit.disk, &longer);
  assert_int_equal(kit_frame_count(index), frames);
  assert_int_equal(used_slots(index), frames);
  assert_int_equal(kit_number(kit.db[1], "SELECT count(*) FROM t"), 2);
  kit_power_fail_keeping_all(&kit);
  memset(index + 136, 0, 16384 - 136); /* nothing is promised of an index without a header */
  memset(index + 16384, 0xa5, 16384);
  fake_disk_restore(kit.disk, &longer);
  assert_int_equal(used_slots(index), frames);
  kit_check_integrity(kit.db[0]);
  fake_disk_image_release(kit.disk, &longer);
  kit_close(&kit);
}

/* Logs that end around the borders of the WAL index's regions of 4062, 4096, ... frames. */
static void test_long_logs(void **state) {
  (void)state;
  enum { IMAGES = 24 };
  struct kit kit;
  struct fake_disk_image images[IMAGES] = {{NULL}};
  int64_t rows[IMAGES], sums[IMAGES];
  uint64_t random = 5;
  kit_init(&kit, 1, "PRAGMA page_size=512;" KIT_WAL "; PRAGMA wal_autocheckpoint=0");
  for (int i = 0; i < IMAGES; i++) {
    kit_exec(kit.db[i % 2],
             "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n LIMIT 400)"
             "INSERT INTO t(v,x) SELECT random()%1000,zeroblob(400) FROM n");
    kit_save(&kit, &images[i]);
    rows[i] = kit_number(kit.db[0], "SELECT count(*) FROM t");
    sums[i] = kit_number(kit.db[0], "SELECT sum(v) FROM t");
  }
  assert_true(fake_disk_file_bytes(kit.disk, KIT_FILE "-wal") > (4062 + 4096) * 536);
  for (int i = 0; i < 150; i++) {
    uint32_t slot = kit_random(&random, IMAGES);
    fake_disk_restore(kit.disk, &images[slot]);
    sqlite3 *db = kit.db[kit_random(&random, 2)];
    assert_int_equal(kit_number(db, "SELECT count(*) FROM t"), rows[slot]);
    assert_int_equal(kit_number(db, "SELECT sum(v) FROM t"), sums[slot]);
    if (i % 3 == 0) {
      kit_exec(kit.db[i % 2], "UPDATE t SET v=0 WHERE id%3=0"); /* many frames more */
      assert_int_equal(kit_number(db, "SELECT sum(v) FROM t WHERE id%3=0"), 0);
    }
  }
  kit_check_integrity(kit.db[0]);
  for (int i = 0; i < IMAGES; i++) {
    fake_disk_image_release(kit.disk, &images[i]);
  }
  kit_close(&kit);
}

/* An image from before the database existed, restored under open connections. */
static void test_restore_the_empty_disk(void **state) {
  (void)state;
  struct kit kit;
  struct fake_disk_image empty = {NULL}, full = {NULL};
  kit_disk(&kit, 1);
  kit_save(&kit, &empty);
  kit_open(&kit, 0, KIT_WAL "; CREATE TABLE t(v); CREATE TABLE u(v)"); /* another schema cookie */
  kit_open(&kit, 1, "INSERT INTO t VALUES(1)");
  kit_save(&kit, &full);
  fake_disk_restore(kit.disk, &empty);
  assert_int_equal(kit_number(kit.db[0], "SELECT count(*) FROM sqlite_schema"), 0);
  kit_exec(kit.db[1], "CREATE TABLE other(v)");
  assert_int_equal(kit_number(kit.db[0], "SELECT count(*) FROM other"), 0);
  fake_disk_restore(kit.disk, &full);
  assert_int_equal(kit_number(kit.db[0], "SELECT v FROM t"), 1);
  kit_check_integrity(kit.db[1]);
  fake_disk_image_release(kit.disk, &empty);
  fake_disk_image_release(kit.disk, &full);
  kit_close(&kit);
}

/* What was in the log is in the database; the log is empty, and connections go on. */
static void test_logs_end(void **state) {
  (void)state;
  struct kit kit;
  struct fake_disk_image image = {NULL};
  kit_init(&kit, 1, KIT_WAL);
  kit_save(&kit, &image);
  kit_exec(kit.db[0], "INSERT INTO t VALUES (1, 10, 'a'); PRAGMA wal_checkpoint");
  fake_disk_end_logs(kit.disk);
  assert_int_equal(fake_disk_file_bytes(kit.disk, KIT_FILE "-wal"), -1);
  assert_int_equal(kit_number(kit.db[1], "SELECT v FROM t"), 10);
  assert_int_equal(kit_frame_count(kit_wal_index(kit.db[0])), 0);
  kit_exec(kit.db[1], "INSERT INTO t VALUES (2, 20, 'b')");
  assert_true(fake_disk_file_bytes(kit.disk, KIT_FILE "-wal") > 0);
  assert_int_equal(kit_number(kit.db[0], "SELECT sum(v) FROM t"), 30);
  kit_power_fail_keeping_all(&kit);
  assert_int_equal(kit_number(kit.db[0], "SELECT sum(v) FROM t"), 30);
  fake_disk_restore(kit.disk, &image);
  assert_int_equal(kit_number(kit.db[1], "SELECT count(*) FROM t"), 0);
  kit_check_integrity(kit.db[0]);
  fake_disk_image_release(kit.disk, &image);
  kit_close(&kit);
}

/* ---- Randomness ------------------------------------------------------------------------------ */

/* All bytes of all files after some work that uses randomness, as one number. */
static uint64_t hash_of_work(uint64_t seed) {
  struct states s = {.random = 9, .next_value = 1};
  struct fake_disk_image image = {NULL};
  kit_init(&s.kit, seed, KIT_WAL);
  for (int i = 0; i < 30; i++) {
    random_transaction(&s, s.kit.db[i % 2]);
    if (i == 10) {
      kit_exec(s.kit.db[0], "PRAGMA wal_checkpoint(RESTART)");
    }
  }
  kit_save(&s.kit, &image);
  kit_exec(s.kit.db[0], "INSERT INTO t(v) VALUES(random())");
  int64_t first = kit_number(s.kit.db[0], "SELECT v FROM t ORDER BY id DESC");
  fake_disk_restore(s.kit.disk, &image);
  kit_exec(s.kit.db[1], "INSERT INTO t(v) VALUES(random())");
  assert_int_equal(kit_number(s.kit.db[0], "SELECT v FROM t ORDER BY id DESC"), first);
  uint64_t hash = UINT64_C(14695981039346656037);
  static const char *const names[] = {KIT_FILE, KIT_FILE "-wal"};
  for (int i = 0; i < 2; i++) {
    assert_true(fake_disk_file_bytes(s.kit.disk, names[i]) > 0);
    for (int64_t at = 0; at < fake_disk_file_bytes(s.kit.disk, names[i]); at++) {
      unsigned char byte;
      assert_int_equal(fake_disk_read(s.kit.disk, names[i], at, &byte, 1), 1);
      hash = (hash ^ byte) * UINT64_C(1099511628211);
    }
  }
  fake_disk_image_release(s.kit.disk, &image);
  kit_close(&s.kit);
  return hash;
}

static void test_same_seed_same_bytes(void **state) {
  (void)state;
  assert_true(hash_of_work(42) == hash_of_work(42));
  assert_true(hash_of_work(42) != hash_of_work(43));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_bytes_follow_a_model_in_all_images),
      cmocka_unit_test(test_images_share_blocks),
      cmocka_unit_test(test_states_follow_a_model_with_wal),
      cmocka_unit_test(test_states_follow_a_model_with_wal_and_no_checkpoint),
      cmocka_unit_test(test_states_follow_a_model_with_rollback_journal),
      cmocka_unit_test(test_siblings_with_equal_headers_are_told_apart),
      cmocka_unit_test(test_wal_index_is_equivalent_after_restore),
      cmocka_unit_test(test_restore_over_leftovers),
      cmocka_unit_test(test_long_logs),
      cmocka_unit_test(test_restore_the_empty_disk),
      cmocka_unit_test(test_logs_end),
      cmocka_unit_test(test_same_seed_same_bytes),
  };
  return cmocka_run_group_tests_name("fake disk", tests, kit_setup, NULL);
}
