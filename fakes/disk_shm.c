/* SQLite's WAL index in memory: mapping, locks, and saving it small.
 *
 * The WAL index is regions of 32 KB (format: sqlite.org/walformat.html). Region 0 starts with 136
 * bytes of header: twice the same 48 bytes, of which mxFrame counts the frames that are committed,
 * then checkpoint state. Each region then has an array with the database page of each frame, zero
 * where no frame is, and a hash table of 8192 slots that finds frames by page: open addressing,
 * linear probing, a slot holds the frame's number within the region, counted from 1.
 *
 * Between transactions only the header and the entries of the mxFrame committed frames have a
 * meaning: SQLite clears a region before it adds the region's first frame, and removes leftovers
 * beyond mxFrame before it adds others. So a copy keeps the header and the pages of those frames
 * (half a kilobyte instead of 32), and restoring rebuilds the hash slots: those after the common
 * beginning of the live and the saved array are taken out, newest first, then the saved ones put
 * in, as SQLite would. A region of which nothing certain is known is cleared and filled anew.
 */
#include "disk_inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define SLOTS 8192u
#define REGION_FRAMES 4096u
#define HASH_OFFSET_BYTES 16384
#define FIRST_REGION_FRAMES (REGION_FRAMES - FAKE_SHM_HEADER_BYTES / 4u)
#define HASH_FACTOR 383u
#define HEADER_COPY_BYTES 48
#define IS_INIT_OFFSET 12
#define WRITE_SLOT 0
#define READ_SLOT_0 3

/* ---- The format ------------------------------------------------------------------------------ */

/* The part of a region that holds frames. */
struct frames {
  uint32_t *pages; /* capacity of them */
  uint16_t *hash;
  uint32_t first; /* number of frames in the regions before */
  uint32_t capacity;
};

static struct frames frames_of(unsigned char *region, int region_no) {
  struct frames frames = {.hash = (uint16_t *)(void *)(region + HASH_OFFSET_BYTES)};
  if (region_no == 0) {
    frames.pages = (uint32_t *)(void *)(region + FAKE_SHM_HEADER_BYTES);
    frames.capacity = FIRST_REGION_FRAMES;
  } else {
    frames.pages = (uint32_t *)(void *)region;
    frames.first = FIRST_REGION_FRAMES + (uint32_t)(region_no - 1) * REGION_FRAMES;
    frames.capacity = REGION_FRAMES;
  }
  return frames;
}

/* How many of the first total_count frames lie in this region. */
static uint32_t share_of(const struct frames *frames, uint32_t total_count) {
  uint32_t count = total_count > frames->first ? total_count - frames->first : 0;
  return count < frames->capacity ? count : frames->capacity;
}

bool fake_shm_is_valid(const unsigned char *header) {
  return header[IS_INIT_OFFSET] != 0 &&
         memcmp(header, header + HEADER_COPY_BYTES, HEADER_COPY_BYTES) == 0;
}

const unsigned char *fake_shm_header(const struct fake_shm *shm) {
  return shm->region_count > 0 && fake_shm_is_valid(shm->regions[0]) ? shm->regions[0] : NULL;
}

/* Committed frames, or 0 when the header is not valid. */
static uint32_t frame_count_of(const struct fake_shm *shm) {
  const unsigned char *header = fake_shm_header(shm);
  if (header == NULL) {
    return 0;
  }
  uint32_t count;
  memcpy(&count, header + FAKE_SHM_MX_FRAME_OFFSET, sizeof count);
  uint32_t room = FIRST_REGION_FRAMES + (uint32_t)(shm->region_count - 1) * REGION_FRAMES;
  assert(count <= room);
  return count;
}

static void hash_insert(struct frames *frames, uint32_t index, uint32_t page) {
  uint32_t slot = page * HASH_FACTOR % SLOTS;
  while (frames->hash[slot] != 0) { /* ends: at most half of the slots are in use */
    slot = (slot + 1) % SLOTS;
  }
  frames->hash[slot] = (uint16_t)(index + 1);
  frames->pages[index] = page;
}

/* Take out the newest entry. False: it is not where it should be. */
static bool hash_remove(struct frames *frames, uint32_t index) {
  uint32_t slot = frames->pages[index] * HASH_FACTOR % SLOTS;
  for (uint32_t probes = 0; probes < SLOTS && frames->hash[slot] != 0; probes++) {
    if (frames->hash[slot] == index + 1) {
      frames->hash[slot] = 0;
      frames->pages[index] = 0;
      return true;
    }
    slot = (slot + 1) % SLOTS;
  }
  return false;
}

/* ---- Page placement ---- */

#define CHECKPOINT_OFFSET 96 /* in the header: backfilled frames, then a mark of each reader */
#define READ_MARKS 5
#define MARKED_PAGES 4096 /* pages beyond are taken for different each time */

/* What a reader will find: is the log in use, does its mark fit. */
static uint64_t placement_of_marks(const uint32_t words[1 + READ_MARKS], uint32_t frame_count) {
  uint32_t best = 0, mark = 0;
  for (uint32_t i = 1; i < READ_MARKS; i++) {
    if (words[1 + i] <= frame_count && words[1 + i] >= mark) {
      mark = words[1 + i];
      best = i;
    }
  }
  return (uint64_t)best << 3 | (uint64_t)(mark == frame_count) << 2 |
         (uint64_t)(words[0] == frame_count) << 1 | (uint64_t)(frame_count == 0);
}

uint64_t fake_shm_placement(const struct fake_shm *shm) {
  unsigned char seen[MARKED_PAGES / 8] = {0};
  uint32_t words[1 + READ_MARKS];
  uint32_t count = frame_count_of(shm);
  if (fake_shm_header(shm) == NULL) {
    return 0;
  }
  memcpy(words, shm->regions[0] + CHECKPOINT_OFFSET, sizeof words);
  uint64_t placement = placement_of_marks(words, count) + 1;
  for (int i = 0; i < shm->region_count; i++) {
    struct frames frames = frames_of(shm->regions[i], i);
    uint32_t share = share_of(&frames, count);
    for (uint32_t f = 0; f < share; f++) {
      uint32_t page = frames.pages[f];
      if (frames.first + f < words[0] ||
          (page < MARKED_PAGES && (seen[page / 8] & 1u << page % 8) != 0)) {
        continue;
      }
      if (page < MARKED_PAGES) {
        seen[page / 8] |= (unsigned char)(1u << page % 8);
      }
      placement += XXH3_64bits(&page, sizeof page);
    }
  }
  return placement;
}

/* ---- Saving and restoring -------------------------------------------------------------------- */

struct fake_shm_copy *fake_shm_save(const struct fake_shm *shm) {
  uint32_t count = frame_count_of(shm);
  struct fake_shm_copy *copy = malloc(sizeof *copy + count * sizeof copy->pages[0]);
  if (copy == NULL) {
    return NULL;
  }
  copy->frame_count = count;
  memset(copy->header, 0, sizeof copy->header);
  if (shm->region_count > 0) {
    memcpy(copy->header, shm->regions[0], sizeof copy->header);
  }
  for (int i = 0; i < shm->region_count; i++) {
    struct frames frames = frames_of(shm->regions[i], i);
    uint32_t share = share_of(&frames, count);
    memcpy(copy->pages + frames.first, frames.pages, share * sizeof copy->pages[0]);
    if (share < frames.capacity) {
      break;
    }
  }
  return copy;
}

static void fill_anew(struct frames *frames, const uint32_t *pages, uint32_t count) {
  memset(frames->pages, 0, frames->capacity * sizeof frames->pages[0]);
  memset(frames->hash, 0, SLOTS * sizeof frames->hash[0]);
  for (uint32_t i = 0; i < count; i++) {
    hash_insert(frames, i, pages[i]);
  }
}

static uint32_t common_count(const uint32_t *a, const uint32_t *b, uint32_t count) {
  uint32_t common = 0;
  while (common + 16 <= count && memcmp(a + common, b + common, 16 * sizeof *a) == 0) {
    common += 16;
  }
  while (common < count && a[common] == b[common]) {
    common++;
  }
  return common;
}

/* Make a region hold exactly these frames (count > 0); live_count of its frames are committed. */
static void set_frames(struct frames *frames, const uint32_t *pages, uint32_t count,
                       uint32_t live_count) {
  if (live_count == 0) { /* never cleared, or rebuilt from nothing: may hold anything */
    fill_anew(frames, pages, count);
    return;
  }
  uint32_t common = common_count(frames->pages, pages, count < live_count ? count : live_count);
  uint32_t end = live_count;
  while (end < frames->capacity && frames->pages[end] != 0) {
    end++; /* leftovers of a transaction that never ended */
  }
  while (end > common) {
    end--;
    if (!hash_remove(frames, end)) {
      fill_anew(frames, pages, count);
      return;
    }
  }
  for (uint32_t i = common; i < count; i++) {
    hash_insert(frames, i, pages[i]);
  }
}

void fake_shm_restore(struct fake_shm *shm, const struct fake_shm_copy *copy) {
  uint32_t live_count = frame_count_of(shm);
  if (shm->region_count == 0) {
    assert(copy == NULL || copy->frame_count == 0);
    return;
  }
  if (copy == NULL) {
    memset(shm->regions[0], 0, FAKE_SHM_HEADER_BYTES);
    return;
  }
  for (int i = 0; i < shm->region_count; i++) {
    struct frames frames = frames_of(shm->regions[i], i);
    uint32_t count = share_of(&frames, copy->frame_count);
    if (count == 0) {
      break; /* SQLite clears it before its next use */
    }
    set_frames(&frames, copy->pages + frames.first, count, share_of(&frames, live_count));
  }
  memcpy(shm->regions[0], copy->header, FAKE_SHM_HEADER_BYTES);
}

void fake_shm_free(struct fake_shm *shm) {
  if (shm == NULL) {
    return;
  }
  for (int i = 0; i < shm->region_count; i++) {
    free(shm->regions[i]);
  }
  free(shm);
}

/* ---- SQLite's methods ------------------------------------------------------------------------ */

static bool is_mapped_by_the_living(const struct fake_disk *disk,
                                    const struct fake_disk_file *file) {
  for (const struct fake_disk_handle *h = disk->handles; h != NULL; h = h->next) {
    if (h->file == file && h->shm_mapped && !fake_disk_is_dead(disk, h->process)) {
      return true;
    }
  }
  return false;
}

void fake_shm_forget_unmapped(struct fake_disk *disk, struct fake_disk_file *file) {
  if (file->shm != NULL && !is_mapped_by_the_living(disk, file)) {
    fake_shm_restore(file->shm, NULL);
    disk->touched = true;
  }
}

static int map_guard(struct fake_disk_handle *handle, int region) {
  struct fake_disk_op op = {.role = handle->file->role,
                            .kind = FAKE_DISK_SHM_MAP,
                            .file = handle->file->name,
                            .process = handle->process,
                            .offset = region,
                            .length = FAKE_SHM_REGION_BYTES};
  return handle->disk->guarded ? fake_disk_guard(handle->disk, &op) : SQLITE_OK;
}

/* Regions that exist stay visible, even if a restored image had fewer: SQLite treats a WAL index
 * that is longer than needed like a fresh one. */
int fake_shm_map(sqlite3_file *base, int region, int region_bytes, int extend,
                 void volatile **memory) {
  struct fake_disk_handle *handle = (struct fake_disk_handle *)(void *)base;
  struct fake_disk_file *file = handle->file;
  *memory = NULL;
  handle->is_wal = true;
  int rc = map_guard(handle, region);
  if (rc != SQLITE_OK) {
    return rc;
  }
  if (region < 0 || region >= FAKE_SHM_MAX_REGIONS || region_bytes != FAKE_SHM_REGION_BYTES) {
    return SQLITE_IOERR_SHMMAP;
  }
  if (file->shm == NULL && (file->shm = calloc(1, sizeof *file->shm)) == NULL) {
    return SQLITE_IOERR_NOMEM;
  }
  if (!handle->shm_mapped) {
    fake_shm_forget_unmapped(handle->disk, file);
    handle->shm_mapped = true;
  }
  while (extend && file->shm->region_count <= region) {
    unsigned char *bytes = calloc(1, FAKE_SHM_REGION_BYTES);
    if (bytes == NULL) {
      return SQLITE_IOERR_NOMEM;
    }
    file->shm->regions[file->shm->region_count++] = bytes;
  }
  *memory = region < file->shm->region_count ? file->shm->regions[region] : NULL;
  return SQLITE_OK;
}

static unsigned slot_mask(int slot, int count) { return ((1u << count) - 1u) << slot; }

static void release_slots(struct fake_disk_handle *handle, unsigned mask) {
  int *holders = handle->file->shm->holders;
  for (int i = 0; i < SQLITE_SHM_NLOCK; i++) {
    unsigned bit = 1u << i;
    if ((handle->shared_slots & mask & bit) != 0) {
      holders[i]--;
    }
    if ((handle->exclusive_slots & mask & bit) != 0) {
      holders[i] = 0;
    }
  }
  handle->shared_slots &= ~mask;
  handle->exclusive_slots &= ~mask;
}

void fake_shm_release(struct fake_disk_handle *handle) {
  if (handle->file->shm != NULL) {
    release_slots(handle, slot_mask(0, SQLITE_SHM_NLOCK));
  }
}

/* A reader's slot taken under the write lock is SQLite looking again after it started the log anew:
 * the snapshot of that transaction was counted before. */
static int lock_shared(struct fake_disk_handle *handle, int slot) {
  int *holders = handle->file->shm->holders;
  unsigned bit = 1u << slot;
  if ((handle->shared_slots & bit) != 0) {
    return SQLITE_OK;
  }
  if (holders[slot] < 0) {
    return SQLITE_BUSY;
  }
  if (slot >= READ_SLOT_0 && (handle->exclusive_slots & 1u << WRITE_SLOT) == 0) {
    handle->disk->counters.snapshot_count++;
  }
  holders[slot]++;
  handle->shared_slots |= bit;
  return SQLITE_OK;
}

/* The write lock without a reader's slot is recovery or a checkpoint, no transaction. */
static int lock_exclusive(struct fake_disk_handle *handle, int slot, int count) {
  int *holders = handle->file->shm->holders;
  for (int i = slot; i < slot + count; i++) {
    if (holders[i] != 0 && (handle->exclusive_slots & 1u << i) == 0) {
      return SQLITE_BUSY;
    }
  }
  if (slot == WRITE_SLOT && handle->shared_slots >> READ_SLOT_0 != 0 &&
      (handle->exclusive_slots & 1u << WRITE_SLOT) == 0) {
    handle->disk->counters.write_count++;
  }
  for (int i = slot; i < slot + count; i++) {
    holders[i] = -1;
  }
  handle->exclusive_slots |= slot_mask(slot, count);
  return SQLITE_OK;
}

int fake_shm_lock(sqlite3_file *base, int slot, int count, int flags) {
  struct fake_disk_handle *handle = (struct fake_disk_handle *)(void *)base;
  struct fake_disk *disk = handle->disk;
  if (slot < 0 || count < 1 || slot + count > SQLITE_SHM_NLOCK || handle->file->shm == NULL) {
    return SQLITE_IOERR_SHMLOCK;
  }
  disk->touched = true; /* what SQLite changes in the WAL index, it changes under a lock */
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    release_slots(handle, slot_mask(slot, count));
    return SQLITE_OK;
  }
  if (disk->guarded) {
    struct fake_disk_op op = {.role = handle->file->role,
                              .kind = FAKE_DISK_SHM_LOCK,
                              .file = handle->file->name,
                              .process = handle->process,
                              .offset = slot,
                              .length = count};
    int rc = fake_disk_guard(disk, &op);
    if (rc != SQLITE_OK) {
      return rc;
    }
  }
  handle->cache_warm = true;
  return (flags & SQLITE_SHM_SHARED) != 0 ? lock_shared(handle, slot)
                                          : lock_exclusive(handle, slot, count);
}

void fake_shm_barrier(sqlite3_file *base) { (void)base; /* one thread */ }

int fake_shm_unmap(sqlite3_file *base, int delete_it) {
  struct fake_disk_handle *handle = (struct fake_disk_handle *)(void *)base;
  (void)delete_it; /* it is gone with its last user either way */
  fake_shm_release(handle);
  handle->shm_mapped = false;
  handle->is_wal = false;
  fake_shm_forget_unmapped(handle->disk, handle->file);
  return SQLITE_OK;
}
