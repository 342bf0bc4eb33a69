/* The images of a power failure, against the bytes: of all that power.h promises none is missed,
 * and none is tried twice. */
#include "disk_kit.h"
#include "power.h"

#include <xxhash.h>

enum { MAX_IMAGES = 4096 };

struct watch {
  struct fake_disk *disk;
  struct sim_power power;
  uint64_t all[MAX_IMAGES], noted[MAX_IMAGES]; /* hashes of bytes; each of `all` once */
  int all_count, noted_count;
  int again_count; /* noted, though such an image was noted before */
};

struct image {
  int image, writes;
};

static enum fake_disk_fate fate(void *self, int index, int count) {
  const struct image *image = self;
  assert_int_equal(count, image->writes);
  return sim_power_fate(image->image, index, count);
}

/* All bytes that are left when the power fails so. The disk is as before afterwards. */
static uint64_t bytes_after(struct fake_disk *disk, struct image image) {
  static const char *const files[] = {KIT_FILE, KIT_FILE "-wal"};
  static unsigned char bytes[1 << 20];
  struct fake_disk *other = disk;
  uint64_t hash = 0;
  struct fake_disk_survival survival = {.self = &image, .choose = fate};
  assert_true(fake_disk_power_fail(other, &survival));
  for (int i = 0; i < 2; i++) {
    int64_t size = fake_disk_file_bytes(other, files[i]);
    assert_true(size < (int64_t)sizeof bytes);
    size_t known = size > 0 ? fake_disk_read(other, files[i], 0, bytes, (size_t)size) : 0;
    hash = XXH3_64bits_withSeed(bytes, known, hash + (uint64_t)size + 1);
  }
  return hash;
}

static bool has(const uint64_t *hashes, int count, uint64_t hash) {
  for (int i = 0; i < count; i++)
    if (hashes[i] == hash) return true;
  return false;
}

struct moment {
  struct fake_disk_image disk;
  int writes, new_count;
  uint8_t new_images[256];
};

struct moments {
  struct watch *watch;
  int count;
  struct moment at[200];
};

static int note(void *self, const struct fake_disk_op *op) {
  struct moments *moments = self;
  struct watch *watch = moments->watch;
  struct moment *moment = &moments->at[moments->count++];
  assert_true(moments->count < 200);
  moment->writes = fake_disk_unsynced_count(watch->disk);
  moment->new_count = sim_power_new_images(&watch->power, watch->disk, moment->new_images);
  if (op->kind == FAKE_DISK_SYNC) sim_power_synced(&watch->power, watch->disk, op->file);
  assert_true(fake_disk_save(watch->disk, &moment->disk));
  return SQLITE_OK;
}

static void look_at(struct watch *watch, struct moment *moment) {
  for (int i = 0; i < sim_power_image_count(moment->writes); i++) {
    fake_disk_restore(watch->disk, &moment->disk);
    uint64_t hash = bytes_after(watch->disk, (struct image){i, moment->writes});
    assert_true(watch->all_count < MAX_IMAGES);
    if (!has(watch->all, watch->all_count, hash)) watch->all[watch->all_count++] = hash;
  }
  for (int i = 0; i < moment->new_count; i++) {
    fake_disk_restore(watch->disk, &moment->disk);
    uint64_t hash = bytes_after(watch->disk, (struct image){moment->new_images[i], moment->writes});
    if (has(watch->noted, watch->noted_count, hash))
      watch->again_count++;
    else
      watch->noted[watch->noted_count++] = hash;
  }
}

static void check_step(const char *sql, int at_least, int again_at_most) {
  static struct watch watch;
  static struct moments moments;
  struct kit kit;
  kit_init(&kit, 1, KIT_WAL);
  kit_exec(kit.db[0], "INSERT INTO t(v, x) VALUES (1, 'a'); CREATE INDEX tv ON t(v)");
  memset(&watch, 0, sizeof watch);
  memset(&moments, 0, sizeof moments);
  watch.disk = kit.disk;
  moments.watch = &watch;
  struct fake_disk_hook hook = {&moments, note};
  fake_disk_set_hook(kit.disk, &hook);
  kit_exec(kit.db[0], sql);
  fake_disk_set_hook(kit.disk, NULL);
  for (int i = 0; i < moments.count; i++) look_at(&watch, &moments.at[i]);
  assert_false(watch.power.overflowed);
  assert_true(watch.noted_count >= at_least);
  assert_int_equal(watch.noted_count, watch.all_count);
  assert_true(watch.again_count <= again_at_most);
  for (int i = 0; i < moments.count; i++) fake_disk_image_release(kit.disk, &moments.at[i].disk);
  for (int i = 0; i < KIT_CONNECTIONS; i++) fake_disk_process_starts(kit.disk, i);
  kit_close(&kit);
}

static void test_a_transaction(void **state) {
  (void)state;
  check_step("INSERT INTO t(v, x) VALUES (2, 'b')", 15, 0);
}

/* It cuts the file to its size in the end: all those images are counted as others. */
static void test_a_checkpoint(void **state) {
  (void)state;
  check_step("PRAGMA wal_checkpoint", 10, 16);
}

static void test_reading(void **state) {
  (void)state;
  check_step("SELECT max(v) FROM t", 1, 0);
}

/* The images tear nothing, or leave out some writes: are those all subsets? */
static void test_whole(void **state) {
  (void)state;
  for (int writes = 0; writes <= 9; writes++) {
    bool seen[1 << 9] = {false};
    int count = 0;
    for (int image = 0; image < sim_power_image_count(writes); image++) {
      int kept = 0, torn = 0;
      for (int i = 0; i < writes; i++) {
        enum fake_disk_fate becomes = sim_power_fate(image, i, writes);
        kept |= (becomes == FAKE_DISK_KEEP) << i;
        torn += becomes == FAKE_DISK_TEAR;
      }
      count += torn == 0 && !seen[kept];
      if (torn == 0) seen[kept] = true;
    }
    assert_int_equal(sim_power_is_whole(writes), count == 1 << writes);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_a_transaction),
      cmocka_unit_test(test_a_checkpoint),
      cmocka_unit_test(test_reading),
      cmocka_unit_test(test_whole),
  };
  return cmocka_run_group_tests_name("images of a power failure", tests, kit_setup, NULL);
}
