#include "power.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

static int at_most(int value, int limit) { return value < limit ? value : limit; }

/* Bits of an image's number: one for each of the newest writes, and one for all older ones. */
static int free_bits(int writes) { return at_most(writes, SIM_POWER_FREE_WRITES + 1); }

int sim_power_image_count(int writes) {
  return (1 << free_bits(writes)) + 2 * at_most(writes, SIM_POWER_TORN_WRITES);
}

bool sim_power_is_whole(int writes) { return free_bits(writes) == writes; }

/* The write that is torn in an image, counted from the newest (0); -1: none. */
static int torn_write(int image, int writes) {
  int subsets = 1 << free_bits(writes);
  return image < subsets ? -1 : (image - subsets) / 2;
}

enum fake_disk_fate sim_power_fate(int image, int index, int writes) {
  int age = writes - 1 - index, torn = torn_write(image, writes);
  if (torn < 0)
    return image >> at_most(age, SIM_POWER_FREE_WRITES) & 1 ? FAKE_DISK_KEEP : FAKE_DISK_DROP;
  if (age == torn) return FAKE_DISK_TEAR;
  bool later_lost = (image - (1 << free_bits(writes))) % 2 == 1;
  return age < torn && later_lost ? FAKE_DISK_DROP : FAKE_DISK_KEEP;
}

void sim_power_text(int image, int writes, char text[SIM_POWER_TEXT_SIZE]) {
  static const char *const words[] = {
      [FAKE_DISK_DROP] = " 0", [FAKE_DISK_KEEP] = " 1", [FAKE_DISK_TEAR] = " torn"};
  size_t size = 0;
  text[0] = '\0';
  for (int i = 0; i < at_most(writes, SIM_POWER_MAX_WRITES); i++) {
    int added = snprintf(text + size, SIM_POWER_TEXT_SIZE - size, "%s%s",
                         i == 0 ? "writes kept:" : "", words[sim_power_fate(image, i, writes)]);
    if (added > 0) size += (size_t)added;
  }
}

/* ---- Each image once ---- */

/* Returns: false if it was there, or there is no room. */
static bool insert_image(struct sim_power *power, uint64_t key) {
  size_t count = sizeof power->slots / sizeof power->slots[0];
  uint64_t mixed = (key ^ key >> 29) * UINT64_C(0xbf58476d1ce4e5b9) | 1;
  size_t at = (size_t)(mixed >> 32) % count;
  while (power->slots[at] != 0 && power->slots[at] != mixed) at = (at + 1) % count;
  if (power->slots[at] == mixed) return false;
  if (power->image_count == SIM_POWER_MAX_IMAGES) {
    power->overflowed = true;
    return false;
  }
  power->slots[at] = mixed;
  power->image_count++;
  return true;
}

static uint64_t hash_of(uint64_t serial, enum fake_disk_fate fate) {
  return XXH3_64bits_withSeed(&serial, sizeof serial, (uint64_t)fate);
}

/* What an image changes on the disk, compared with the step's beginning; hashes[fate][write]. */
static uint64_t key_of_image(const struct sim_power *power, int image, int writes,
                             uint64_t hashes[3][SIM_POWER_MAX_WRITES]) {
  uint64_t key = power->synced;
  for (int i = 0; i < writes; i++) key += hashes[sim_power_fate(image, i, writes)][i];
  return key;
}

int sim_power_new_images(struct sim_power *power, struct fake_disk *disk, uint8_t images[256]) {
  struct fake_disk_counters counters = fake_disk_counters(disk);
  int count = 0, writes = fake_disk_unsynced_count(disk);
  uint64_t hashes[3][SIM_POWER_MAX_WRITES];
  if (power->image_count > 0 && counters.sync_count == power->seen_syncs &&
      writes == power->seen_writes)
    return 0;
  power->seen_syncs = counters.sync_count;
  power->seen_writes = writes;
  if (writes > SIM_POWER_MAX_WRITES) {
    power->overflowed = true;
    return 0;
  }
  for (int i = 0; i < writes; i++) {
    hashes[FAKE_DISK_DROP][i] = 0;
    uint64_t serial = fake_disk_unsynced(disk, i).serial;
    hashes[FAKE_DISK_KEEP][i] = hash_of(serial, FAKE_DISK_KEEP);
    hashes[FAKE_DISK_TEAR][i] = hash_of(serial, FAKE_DISK_TEAR);
  }
  for (int image = 0; image < sim_power_image_count(writes); image++)
    if (insert_image(power, key_of_image(power, image, writes, hashes)))
      images[count++] = (uint8_t)image;
  return count;
}

void sim_power_synced(struct sim_power *power, struct fake_disk *disk, const char *file) {
  for (int i = 0; i < fake_disk_unsynced_count(disk); i++)
    if (strcmp(fake_disk_unsynced(disk, i).file, file) == 0)
      power->synced += hash_of(fake_disk_unsynced(disk, i).serial, FAKE_DISK_KEEP);
}
