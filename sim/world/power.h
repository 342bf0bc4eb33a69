/* What is on the disk when the power comes back: images of unsynced writes.
 *
 * Any write since its file's last sync may be kept, lost or torn. All subsets of n writes are 2^n
 * images, so there is a bound. Of the newest SIM_POWER_FREE_WRITES writes every subset is kept,
 * with the older ones all kept or all lost. Each of the newest SIM_POWER_TORN_WRITES may be torn,
 * with all others kept, or with all later ones lost. Within one step an image is tried once: one
 * without the newest write was possible before that write.
 *
 * Here images have numbers and each write a fate; fake_disk_power_fail() (fakes/disk_fail.c) makes
 * the bytes, and faults.c calls both. */
#ifndef SIM_POWER_H
#define SIM_POWER_H

#include "disk.h"

#define SIM_POWER_FREE_WRITES 5
#define SIM_POWER_TORN_WRITES 64 /* 2^(5+1) + 2 * 64 images: their numbers fit in a byte */
#define SIM_POWER_MAX_WRITES 200 /* unsynced at a time; a step with more passes a bound */
#define SIM_POWER_TEXT_SIZE (2 * SIM_POWER_MAX_WRITES + 24)

/* How many images so many unsynced writes have, 1..192, numbered from 0. Image 0 has lost them
 * all. */
int sim_power_image_count(int writes);

/* Whether the images are all subsets of so many writes. */
bool sim_power_is_whole(int writes);

/* What happens to write `index` (from 0, oldest first) of `writes` in an image. */
enum fake_disk_fate sim_power_fate(int image, int index, int writes);

/* "writes kept: 1 1 0 torn", oldest first; "" if there are none. */
void sim_power_text(int image, int writes, char text[SIM_POWER_TEXT_SIZE]);

/* ---- Each image once ---- */

#define SIM_POWER_MAX_IMAGES 1024 /* of one step; a step with more passes a bound */

/* The images of the present step, by hashes of the writes that they keep. Two images with the same
 * bytes are both tried, since bytes depend on where in a page a row lies. All zero: none yet. */
struct sim_power {
  uint64_t synced; /* this step's synced writes */
  int64_t seen_syncs;
  int seen_writes;
  int image_count;
  bool overflowed;
  uint64_t slots[2 * SIM_POWER_MAX_IMAGES]; /* an open hash table; 0: empty */
};

/* Call it before each operation of a step.
 * Out:     images  the numbers of those that are new in this step
 * Returns: how many, at most 192 */
int sim_power_new_images(struct sim_power *power, struct fake_disk *disk, uint8_t images[256]);

/* Call it when a file is about to be synced, after sim_power_new_images(). */
void sim_power_synced(struct sim_power *power, struct fake_disk *disk, const char *file);

#endif
