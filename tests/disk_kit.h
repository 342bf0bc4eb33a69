/* What the tests of the fake disk share: a disk with open connections, and SQL in one line. */
#ifndef DISK_KIT_H
#define DISK_KIT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KIT_CONNECTIONS 2
#define KIT_FILE "kit.db"

/* Connection i belongs to process i. */
struct kit {
  struct fake_disk *disk;
  sqlite3 *db[KIT_CONNECTIONS];
  char vfs[24];
};

static inline uint32_t kit_random(uint64_t *state, uint32_t below) {
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)(*state >> 33) % below;
}

/* Run SQL for its result code. */
static inline int kit_try(sqlite3 *db, const char *sql) {
  return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static inline void kit_exec(sqlite3 *db, const char *sql) {
  int rc = kit_try(db, sql);
  if (rc != SQLITE_OK) {
    fail_msg("%s: %s", sql, sqlite3_errmsg(db));
  }
}

/* The single number that a query gives. */
static inline int64_t kit_number(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = NULL;
  assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
  int rc = sqlite3_step(statement);
  if (rc != SQLITE_ROW) {
    fail_msg("%s: %s", sql, sqlite3_errmsg(db));
  }
  int64_t number = sqlite3_column_int64(statement, 0);
  assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
  return number;
}

static inline void kit_check_integrity(sqlite3 *db) {
  sqlite3_stmt *statement = NULL;
  assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &statement, NULL),
                   SQLITE_OK);
  assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
  assert_string_equal((const char *)sqlite3_column_text(statement, 0), "ok");
  assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
}

/* A disk without connections. Its name is its own, so that a test that failed, and left its disk
 * behind, does not make the next one fail. */
static inline void kit_disk(struct kit *kit, uint64_t seed) {
  static int number;
  *kit = (struct kit){.disk = NULL};
  (void)snprintf(kit->vfs, sizeof kit->vfs, "kit-%d", number++);
  kit->disk = fake_disk_new(kit->vfs, seed);
  assert_non_null(kit->disk);
}

static inline void kit_open(struct kit *kit, int i, const char *pragmas) {
  fake_disk_set_process(kit->disk, i);
  assert_int_equal(
      sqlite3_open_v2(KIT_FILE, &kit->db[i], SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, kit->vfs),
      SQLITE_OK);
  kit_exec(kit->db[i], pragmas);
}

/* A disk, two connections, one table. */
static inline void kit_init(struct kit *kit, uint64_t seed, const char *pragmas) {
  kit_disk(kit, seed);
  for (int i = 0; i < KIT_CONNECTIONS; i++) {
    kit_open(kit, i, pragmas);
    kit_exec(kit->db[i], "CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, v INTEGER, x TEXT)");
  }
}

static inline void kit_close(struct kit *kit) {
  for (int i = 0; i < KIT_CONNECTIONS; i++) {
    assert_int_equal(sqlite3_close(kit->db[i]), SQLITE_OK);
  }
  fake_disk_free(kit->disk);
}

static inline void kit_save(struct kit *kit, struct fake_disk_image *image) {
  assert_true(fake_disk_save(kit->disk, image));
}

/* The connection's WAL index: region 0 of the shared memory. */
static inline unsigned char *kit_wal_index(sqlite3 *db) {
  sqlite3_file *file = NULL;
  void volatile *region = NULL;
  assert_int_equal(sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file), SQLITE_OK);
  assert_int_equal(file->pMethods->xShmMap(file, 0, 32768, 0, &region), SQLITE_OK);
  assert_non_null(region);
  return (unsigned char *)(uintptr_t)region;
}

static inline uint32_t kit_frame_count(const unsigned char *wal_index) {
  uint32_t frames = 0;
  memcpy(&frames, wal_index + 16, sizeof frames);
  return frames;
}

/* The power fails, but the disk happened to have written everything. */
static inline enum fake_disk_fate kit_keep(void *self, int index, int count) {
  (void)self;
  (void)index;
  (void)count;
  return FAKE_DISK_KEEP;
}

static inline void kit_power_fail_keeping_all(struct kit *kit) {
  struct fake_disk_survival survival = {NULL, kit_keep};
  assert_true(fake_disk_power_fail(kit->disk, &survival));
  for (int i = 0; i < KIT_CONNECTIONS; i++) {
    fake_disk_process_starts(kit->disk, i);
  }
}

#define KIT_WAL "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"
#define KIT_ROLLBACK "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL"

/* Single-threaded, as the simulator runs SQLite. */
static inline int kit_setup(void **state) {
  (void)state;
  return sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) != SQLITE_OK ||
         sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK;
}

#endif
