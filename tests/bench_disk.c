/* What saving, restoring and one transaction cost on the fake disk. Prints ns for each. The numbers
 * depend on the machine, so this is not a test.
 */
#include "disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 20000
#define REPEATS 7
#define CONNECTIONS 2

struct bench {
  struct fake_disk *disk;
  sqlite3 *db[CONNECTIONS];
  sqlite3_stmt *begin[CONNECTIONS];
  sqlite3_stmt *insert[CONNECTIONS];
  sqlite3_stmt *commit[CONNECTIONS];
  sqlite3_stmt *look[CONNECTIONS];
};

static void must(int rc, int wanted, const char *what) {
  if (rc != wanted) {
    fprintf(stderr, "bench_disk: %s: %s\n", what, sqlite3_errstr(rc));
    exit(1);
  }
}

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = NULL;
  must(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL), SQLITE_OK,
       sql);
  return statement;
}

static void run(sqlite3_stmt *statement) {
  must(sqlite3_step(statement), SQLITE_DONE, sqlite3_sql(statement));
  must(sqlite3_reset(statement), SQLITE_OK, "reset");
}

static void insert(struct bench *bench, int i) {
  run(bench->begin[i]);
  run(bench->insert[i]);
  run(bench->commit[i]);
}

static void look(struct bench *bench) {
  must(sqlite3_step(bench->look[0]), SQLITE_ROW, "look");
  must(sqlite3_reset(bench->look[0]), SQLITE_OK, "reset");
}

/* A world of about 60 KB of database and 200 KB of WAL. */
static void setup(struct bench *bench) {
  bench->disk = fake_disk_new("bench", 1);
  if (bench->disk == NULL) {
    exit(1);
  }
  for (int i = 0; i < CONNECTIONS; i++) {
    fake_disk_set_process(bench->disk, i);
    must(sqlite3_open_v2("bench.db", &bench->db[i], SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                         "bench"),
         SQLITE_OK, "open");
    must(sqlite3_exec(bench->db[i],
                      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                      "CREATE TABLE IF NOT EXISTS entry(id INTEGER PRIMARY KEY, text TEXT);",
                      NULL, NULL, NULL),
         SQLITE_OK, "schema");
    bench->begin[i] = prepare(bench->db[i], "BEGIN IMMEDIATE");
    bench->insert[i] = prepare(bench->db[i], "INSERT INTO entry(text) VALUES('a ledger line')");
    bench->commit[i] = prepare(bench->db[i], "COMMIT");
    bench->look[i] = prepare(bench->db[i], "SELECT text FROM entry WHERE id=1000");
  }
  must(sqlite3_exec(bench->db[0],
                    "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n WHERE i<1500)"
                    "INSERT INTO entry(text) SELECT 'a line of a ledger, longer' FROM n;"
                    "PRAGMA wal_checkpoint(TRUNCATE)",
                    NULL, NULL, NULL),
       SQLITE_OK, "fill");
  for (int i = 0; i < 48; i++) {
    insert(bench, i % CONNECTIONS);
  }
}

static void teardown(struct bench *bench) {
  for (int i = 0; i < CONNECTIONS; i++) {
    sqlite3_finalize(bench->begin[i]);
    sqlite3_finalize(bench->insert[i]);
    sqlite3_finalize(bench->commit[i]);
    sqlite3_finalize(bench->look[i]);
    must(sqlite3_close(bench->db[i]), SQLITE_OK, "close");
  }
  fake_disk_free(bench->disk);
}

/* What one round may consist of. */
enum { RESTORE = 1, INSERT = 2, SAVE = 4, OTHER = 8, LOOK = 16, SIBLING = 32 };

static void one_round(struct bench *bench, const struct fake_disk_image images[2], int parts,
                      int round) {
  struct fake_disk_image saved = {NULL};
  if ((parts & RESTORE) != 0) {
    fake_disk_restore(bench->disk, &images[(parts & SIBLING) != 0 ? round & 1 : 0]);
  }
  if ((parts & INSERT) != 0) {
    insert(bench, 0);
  }
  if ((parts & OTHER) != 0) {
    insert(bench, 1);
  }
  if ((parts & LOOK) != 0) {
    look(bench);
  }
  if ((parts & SAVE) != 0) {
    if (!fake_disk_save(bench->disk, &saved)) {
      exit(1);
    }
    fake_disk_image_release(bench->disk, &saved);
  }
}

/* The best of several repeats: the least disturbed one. */
static int64_t cost_ns(struct bench *bench, const struct fake_disk_image images[2], int parts) {
  int64_t best_ns = INT64_MAX;
  for (int repeat = 0; repeat < REPEATS; repeat++) {
    int64_t start_ns = now_ns();
    for (int i = 0; i < ROUNDS; i++) {
      one_round(bench, images, parts, i);
    }
    int64_t spent_ns = (now_ns() - start_ns) / ROUNDS;
    best_ns = spent_ns < best_ns ? spent_ns : best_ns;
  }
  return best_ns;
}

static void report(struct bench *bench, const struct fake_disk_image images[2], const char *what,
                   int parts) {
  printf("%7lld ns  %s\n", (long long)cost_ns(bench, images, parts), what);
}

int main(void) {
  struct bench bench = {0};
  struct fake_disk_image images[2] = {{NULL}, {NULL}};
  must(sqlite3_config(SQLITE_CONFIG_SINGLETHREAD), SQLITE_OK, "config");
  must(sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0), SQLITE_OK, "config");
  setup(&bench);
  if (!fake_disk_save(bench.disk, &images[0])) {
    return 1;
  }
  insert(&bench, 0);
  if (!fake_disk_save(bench.disk, &images[1])) {
    return 1;
  }
  printf("database %lld bytes, WAL %lld bytes, %lld blocks\n",
         (long long)fake_disk_file_bytes(bench.disk, "bench.db"),
         (long long)fake_disk_file_bytes(bench.disk, "bench.db-wal"),
         (long long)fake_disk_used_blocks(bench.disk));
  report(&bench, images, "restore a parent or child, nothing in between", RESTORE | SIBLING);
  report(&bench, images, "the same and save (nothing changed)", RESTORE | SIBLING | SAVE);
  report(&bench, images, "restore, read transaction", RESTORE | LOOK);
  report(&bench, images, "restore, INSERT transaction", RESTORE | INSERT);
  report(&bench, images, "restore, INSERT transaction, save", RESTORE | INSERT | SAVE);
  report(&bench, images, "restore, INSERT on two connections, save",
         RESTORE | INSERT | OTHER | SAVE);
  fake_disk_restore(bench.disk, &images[0]);
  report(&bench, images, "read transaction alone (warm cache)", LOOK);
  report(&bench, images, "INSERT transaction alone (warm cache; with checkpoints)", INSERT);
  fake_disk_image_release(bench.disk, &images[0]);
  fake_disk_image_release(bench.disk, &images[1]);
  teardown(&bench);
  return 0;
}
