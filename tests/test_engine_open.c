/* Opening a store: settings and ports that are refused, and files that are not the engine's to
 * open, which stay as they were. */
#include "engine_kit.h"

#include <sqlite3.h>

static struct kit kit;

static int setup(void **state) {
  (void)state;
  kit_begin(&kit);
  return 0;
}

static int teardown(void **state) {
  (void)state;
  kit_end(&kit);
  return 0;
}

/* ---- Settings and ports ------------------------------------------------------------------- */

static void assert_open_fails(const char *name, const struct reload_config *config) {
  struct reload_engine *engine = (struct reload_engine *)&kit; /* anything but null */
  struct reload_message m = {"old"};
  struct stat status;
  enum reload_error error = reload_open(config, &engine, &m);
  if (error != RELOAD_INVALID) fail_msg("%s: got %s", name, reload_error_name(error));
  assert_null(engine);
  kit_assert_message(name, &m);
  assert_int_equal(stat(kit.path, &status), -1); /* no file was made */
  assert_int_equal(reload_open(config, &engine, NULL), RELOAD_INVALID);
}

#define WITH(field, value)                                                                         \
  do {                                                                                             \
    struct reload_config config = kit_config(&kit);                                                \
    config.field = (value);                                                                        \
    assert_open_fails(#field " = " #value, &config);                                               \
  } while (0)

static void test_bad_settings(void **state) {
  (void)state;
  WITH(settings.top_up_tokens, 0);
  WITH(settings.top_up_tokens, -1);
  WITH(settings.top_up_tokens, INT64_MIN);
  WITH(settings.top_up_tokens, INT64_MAX);
  WITH(settings.top_up_price_minor, 0);
  WITH(settings.top_up_price_minor, 49);
  WITH(settings.top_up_price_minor, -50);
  WITH(settings.top_up_price_minor, 100000000);
  WITH(settings.top_up_price_minor, INT64_MAX);
  WITH(settings.wait_limit_ms, 0);
  WITH(settings.wait_limit_ms, -1);
  WITH(settings.wait_limit_ms, INT64_MIN);
  WITH(settings.wait_limit_ms, INT64_MAX); /* now + limit would overflow */
  WITH(settings.attempt_limit_ms, 0);
  WITH(settings.attempt_limit_ms, -1);
  WITH(settings.attempt_limit_ms, INT64_MAX);
}

static void test_bad_currencies(void **state) {
  (void)state;
  static const char currencies[][4] = {"",
                                       "us",
                                       "USD",
                                       "Usd",
                                       "u d",
                                       "us1",
                                       "\xff\xff\xff",
                                       {'u', 's', 'd', 't'},
                                       {'u', '\0', 'd', '\0'}};
  for (size_t i = 0; i < KIT_COUNT(currencies); i++) {
    struct reload_config config = kit_config(&kit);
    memcpy(config.settings.currency, currencies[i], 4);
    assert_open_fails("currency", &config);
  }
}

static void test_missing_ports(void **state) {
  (void)state;
  WITH(path, NULL);
  WITH(path, "");
  WITH(card.intent_create, NULL);
  WITH(card.intent_confirm, NULL);
  WITH(card.intent_cancel, NULL);
  WITH(clock.now_ms, NULL);
  WITH(clock.sleep_ms, NULL);
  WITH(mail.deliver, NULL);
}

static void test_settings_at_their_limits(void **state) {
  (void)state;
  kit.config.settings.top_up_tokens = 1;
  kit.config.settings.top_up_price_minor = 50;
  kit.config.settings.wait_limit_ms = 1;
  kit.config.settings.attempt_limit_ms = 1;
  kit_open(&kit);
  reload_close(kit.engine);
  kit.config.settings.top_up_tokens = RELOAD_TOKENS_MAX;
  kit.config.settings.top_up_price_minor = 99999999;
  kit_open(&kit);
}

static void test_close_nothing(void **state) {
  (void)state;
  reload_close(NULL);
}

/* ---- Files -------------------------------------------------------------------------------- */

struct bytes {
  char *data;
  size_t size;
};

static struct bytes read_file(const char *path) {
  struct bytes bytes = {NULL, 0};
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  assert_int_equal(fseek(file, 0, SEEK_END), 0);
  long size = ftell(file);
  assert_true(size >= 0);
  rewind(file);
  bytes.size = (size_t)size;
  bytes.data = malloc(bytes.size + 1);
  assert_non_null(bytes.data);
  assert_int_equal(fread(bytes.data, 1, bytes.size, file), bytes.size);
  assert_int_equal(fclose(file), 0);
  return bytes;
}

static void write_file(const char *path, const void *data, size_t size) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(data, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
}

/* How many files there are. SQLite may leave its "-shm" and an empty "-wal" beside a file in WAL
 * mode that it has only looked at: they hold nothing and do not count. */
static int count_files(void) {
  int count = 0;
  DIR *directory = opendir(kit.directory);
  assert_non_null(directory);
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    char path[600];
    struct stat status;
    const char *ending = strrchr(entry->d_name, '-');
    if (entry->d_name[0] == '.') continue;
    assert_true(snprintf(path, sizeof path, "%s/%s", kit.directory, entry->d_name) > 0);
    assert_int_equal(stat(path, &status), 0);
    if (ending != NULL && strcmp(ending, "-shm") == 0) continue;
    if (ending != NULL && strcmp(ending, "-wal") == 0 && status.st_size == 0) continue;
    count++;
  }
  assert_int_equal(closedir(directory), 0);
  return count;
}

/* Run SQL on the file as another program would. */
static void run_sql(const char *sql) {
  sqlite3 *db = NULL;
  assert_int_equal(sqlite3_open(kit.path, &db), SQLITE_OK);
  char *text = NULL;
  int code = sqlite3_exec(db, sql, NULL, NULL, &text);
  if (code != SQLITE_OK) fail_msg("%s: %s", sql, text);
  assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Opening fails with `want`, the file's bytes stay, and no other file appears beside it. */
static void assert_refused(const char *name, enum reload_error want) {
  struct reload_message message = {"old"};
  struct bytes before = read_file(kit.path);
  int file_count = count_files();
  for (int i = 0; i < 2; i++) {                /* trying again does not help */
    kit.engine = (struct reload_engine *)&kit; /* anything but null */
    enum reload_error error = reload_open(&kit.config, &kit.engine, &message);
    if (error != want) {
      free(before.data);
      fail_msg("%s: got %s: %s", name, reload_error_name(error), message.text);
    }
    assert_null(kit.engine);
    kit_assert_message(name, &message);
  }
  struct bytes after = read_file(kit.path);
  bool same = after.size == before.size && memcmp(after.data, before.data, after.size) == 0;
  free(before.data);
  free(after.data);
  if (!same) fail_msg("%s: the file has changed", name);
  if (count_files() != file_count) fail_msg("%s: there are other files", name);
}

static void test_other_application(void **state) {
  (void)state;
  run_sql("PRAGMA application_id = 252006673; CREATE TABLE t (x); INSERT INTO t VALUES (1)");
  assert_refused("another application's file", RELOAD_FOREIGN);
}

static void test_other_application_without_tables(void **state) {
  (void)state;
  run_sql("PRAGMA application_id = 252006673");
  assert_refused("another application's file without tables", RELOAD_FOREIGN);
}

static void test_unnamed_application(void **state) {
  (void)state;
  run_sql("CREATE TABLE client (client_id)");
  assert_refused("an unnamed application's file", RELOAD_FOREIGN);
}

static void test_other_application_in_wal_mode(void **state) {
  (void)state;
  run_sql("PRAGMA journal_mode = WAL; PRAGMA application_id = 7; CREATE TABLE t (x)");
  assert_refused("another application's file in WAL mode", RELOAD_FOREIGN);
}

static void test_text_files(void **state) {
  (void)state;
  char text[20000];
  memset(text, 'a', sizeof text);
  /* not 1: SQLite takes a file of one byte for an empty one */
  static const size_t sizes[] = {2, 15, 16, 99, 100, 511, 512, 4096, sizeof text};
  for (size_t i = 0; i < KIT_COUNT(sizes); i++) {
    char name[40];
    assert_true(snprintf(name, sizeof name, "%zu bytes of text", sizes[i]) > 0);
    write_file(kit.path, text, sizes[i]);
    assert_refused(name, RELOAD_FOREIGN);
  }
}

static void test_newer_version(void **state) {
  (void)state;
  char sql[64];
  kit_open(&kit);
  reload_close(kit.engine);
  kit.engine = NULL;
  assert_true(snprintf(sql, sizeof sql, "PRAGMA user_version = %d", RELOAD_SCHEMA_VERSION + 1) > 0);
  run_sql(sql);
  assert_refused("a newer version", RELOAD_NEWER);
}

/* The engine's application id without its tables; and a store without its second half. */
static void test_damaged_stores(void **state) {
  (void)state;
  kit_open(&kit);
  reload_close(kit.engine);
  kit.engine = NULL;
  struct bytes whole = read_file(kit.path);
  write_file(kit.path, whole.data, 4096);
  free(whole.data);
  assert_refused("a store cut short", RELOAD_CORRUPT);
  assert_int_equal(remove(kit.path), 0);
  run_sql("PRAGMA application_id = 1380732740; PRAGMA user_version = 1; CREATE TABLE t (x)");
  assert_refused("a store without its tables", RELOAD_CORRUPT);
}

static void test_empty_file(void **state) {
  (void)state;
  write_file(kit.path, "", 0);
  kit_open(&kit);
  char *ledger = kit_ledger(&kit);
  assert_string_equal(ledger, "");
  free(ledger);
}

static void test_directory(void **state) {
  (void)state;
  struct reload_message message = {"old"};
  assert_int_equal(mkdir(kit.path, 0700), 0);
  assert_int_equal(reload_open(&kit.config, &kit.engine, &message), RELOAD_IO);
  assert_null(kit.engine);
  kit_assert_message("a directory", &message);
  assert_int_equal(count_files(), 1);
}

static void test_missing_directory(void **state) {
  (void)state;
  struct reload_message message = {"old"};
  assert_true(snprintf(kit.path, sizeof kit.path, "%s/none/ledger", kit.directory) > 0);
  assert_int_equal(reload_open(&kit.config, &kit.engine, &message), RELOAD_IO);
  assert_null(kit.engine);
  kit_assert_message("a missing directory", &message);
  assert_int_equal(count_files(), 0);
}

static void test_unknown_vfs(void **state) {
  (void)state;
  struct reload_message message = {"old"};
  kit.config.vfs = "no-such-vfs";
  assert_int_not_equal(reload_open(&kit.config, &kit.engine, &message), RELOAD_OK);
  assert_null(kit.engine);
  kit_assert_message("an unknown vfs", &message);
  assert_int_equal(count_files(), 0);
}

/* A path is a file's name, never a URI or a special database of SQLite. */
static void test_odd_paths(void **state) {
  (void)state;
  static const char *const names[] = {"a b", "%41", "b?mode=memory", "c#d", "'q\"", "caf\xc3\xa9"};
  for (size_t i = 0; i < KIT_COUNT(names); i++) {
    struct stat status;
    assert_true(snprintf(kit.path, sizeof kit.path, "%s/%s", kit.directory, names[i]) > 0);
    kit_open(&kit);
    reload_close(kit.engine);
    kit.engine = NULL;
    assert_int_equal(stat(kit.path, &status), 0);
    assert_true(status.st_size > 0);
  }
}

static void test_reopening_keeps_the_ledger(void **state) {
  (void)state;
  struct reload_message m;
  kit_open(&kit);
  assert_int_equal(reload_client_add(kit.engine, "acme", "ana@owners.example", "cus_1", &m),
                   RELOAD_OK);
  assert_int_equal(reload_cycle_grant(kit.engine, "acme", "cycle-1", 5, &m), RELOAD_OK);
  char *before = kit_ledger(&kit);
  reload_close(kit.engine);
  kit_open(&kit);
  char *after = kit_ledger(&kit);
  assert_string_equal(before, after);
  assert_true(strlen(after) > 20);
  free(before);
  free(after);
}

/* ---- Without permission ------------------------------------------------------------------- */

static void open_unprivileged(int number, struct kit_report *report) {
  (void)number;
  if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) exit(3);
  report->error = reload_open(&kit.config, &kit.engine, &report->message);
  reload_close(kit.engine);
}

static void assert_refused_unprivileged(const char *name) {
  struct kit_child child = kit_child_start(open_unprivileged, 0);
  kit_child_go(&child);
  struct kit_report report = kit_child_end(&child);
  if (report.error != RELOAD_IO) {
    fail_msg("%s: got %s: %s", name, reload_error_name(report.error), report.message.text);
  }
  kit_assert_message(name, &report.message);
}

static void test_unwritable_directory(void **state) {
  (void)state;
  assert_int_equal(chmod(kit.directory, 0555), 0);
  assert_refused_unprivileged("a new file in a directory without permission");
  assert_int_equal(count_files(), 0);
  assert_int_equal(chmod(kit.directory, 0755), 0);
}

/* A store that cannot be written is of no use to the engine, so it says so at once, not when the
 * first customer spends. */
static void test_read_only_file(void **state) {
  (void)state;
  static const mode_t modes[] = {0777, 0555};
  kit_open(&kit);
  reload_close(kit.engine);
  kit.engine = NULL;
  struct bytes before = read_file(kit.path);
  for (size_t i = 0; i < KIT_COUNT(modes); i++) {
    assert_int_equal(chmod(kit.directory, modes[i]), 0);
    assert_int_equal(chmod(kit.path, 0444), 0);
    assert_refused_unprivileged(i == 0 ? "a read-only file" : "a read-only file and directory");
    assert_int_equal(chmod(kit.path, 0000), 0);
    assert_refused_unprivileged("a file without any permission");
  }
  assert_int_equal(chmod(kit.directory, 0700), 0);
  assert_int_equal(chmod(kit.path, 0600), 0);
  struct bytes after = read_file(kit.path);
  assert_int_equal(after.size, before.size);
  assert_memory_equal(after.data, before.data, before.size);
  free(before.data);
  free(after.data);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_bad_settings),
      TEST(test_bad_currencies),
      TEST(test_missing_ports),
      TEST(test_settings_at_their_limits),
      cmocka_unit_test(test_close_nothing),
      TEST(test_unwritable_directory),
      TEST(test_read_only_file),
      TEST(test_other_application),
      TEST(test_other_application_without_tables),
      TEST(test_unnamed_application),
      TEST(test_other_application_in_wal_mode),
      TEST(test_text_files),
      TEST(test_newer_version),
      TEST(test_damaged_stores),
      TEST(test_empty_file),
      TEST(test_directory),
      TEST(test_missing_directory),
      TEST(test_unknown_vfs),
      TEST(test_odd_paths),
      TEST(test_reopening_keeps_the_ledger),
  };
  return cmocka_run_group_tests_name("engine_open", tests, NULL, NULL);
}
