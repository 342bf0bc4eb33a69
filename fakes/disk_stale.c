/* See disk.h: fake_disk_stale(), fake_disk_left(), fake_disk_placement() and fake_disk_shape(). The
 * formats of the WAL and its index: sqlite.org/walformat.html.
 *
 * Rebuilding the index takes each frame of the WAL that has the WAL's salts and continues the chain
 * of checksums, up to the last commit. The index tells how far living processes have come: what the
 * chain has behind that is the stale content. */
#include "disk_inside.h"

#include <string.h>
#include <xxhash.h>

#define LOG_HEADER_BYTES 32
#define FRAME_HEADER_BYTES 24
#define CHAINED_BYTES 8 /* of a frame's header: its page and, of a commit, the database's size */
#define SALTS_BYTES 8
#define MAGIC UINT32_C(0x377f0682) /* + 1: checksums over big-endian words */
#define MAX_PAGE_BYTES 65536u

/* A place in a log, between two frames. */
struct chain {
  int64_t at_bytes;
  uint32_t page_bytes;
  bool is_big_endian;
  unsigned char salts[SALTS_BYTES];
  uint32_t sums[2];
};

static uint32_t big_endian(const unsigned char *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static uint32_t little_endian(const unsigned char *bytes) {
  return (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[1] << 8 | bytes[0];
}

static uint32_t chain_word(const unsigned char *bytes, bool is_big_endian) {
  return is_big_endian ? big_endian(bytes) : little_endian(bytes);
}

/* size: a multiple of 8. */
static void add_to_sums(struct chain *chain, const unsigned char *bytes, size_t size) {
  const bool is_big_endian = chain->is_big_endian;
  uint32_t first = chain->sums[0], second = chain->sums[1];
  for (size_t i = 0; i < size; i += 8) {
    first += chain_word(bytes + i, is_big_endian) + second;
    second += chain_word(bytes + i + 4, is_big_endian) + first;
  }
  chain->sums[0] = first;
  chain->sums[1] = second;
}

static bool sums_are(const struct chain *chain, const unsigned char *bytes) {
  return chain->sums[0] == big_endian(bytes) && chain->sums[1] == big_endian(bytes + 4);
}

/* The beginning of a log's chain. False: its header is not valid. */
static bool begin_chain(struct chain *chain, const unsigned char header[LOG_HEADER_BYTES]) {
  uint32_t magic = big_endian(header);
  *chain = (struct chain){.at_bytes = LOG_HEADER_BYTES,
                          .page_bytes = big_endian(header + 8),
                          .is_big_endian = (magic & 1) != 0};
  memcpy(chain->salts, header + 16, sizeof chain->salts);
  add_to_sums(chain, header, LOG_HEADER_BYTES - sizeof chain->sums);
  return (magic & ~UINT32_C(1)) == MAGIC && chain->page_bytes >= 512 &&
         chain->page_bytes <= MAX_PAGE_BYTES &&
         (chain->page_bytes & (chain->page_bytes - 1)) == 0 && sums_are(chain, header + 24);
}

/* Go to behind the frames that the index knows. False: the log is not the index's. */
static bool skip_known(struct chain *chain, const unsigned char *index) {
  uint32_t known_count;
  memcpy(&known_count, index + FAKE_SHM_MX_FRAME_OFFSET, sizeof known_count);
  chain->at_bytes += (int64_t)known_count * (FRAME_HEADER_BYTES + (int64_t)chain->page_bytes);
  if (known_count > 0) { /* with none, the index still has the sums of the log before */
    memcpy(chain->sums, index + FAKE_SHM_SUMS_OFFSET, sizeof chain->sums);
  }
  return memcmp(chain->salts, index + FAKE_SHM_SALTS_OFFSET, sizeof chain->salts) == 0;
}

/* Read the next frame and add it to the hash. False: it does not belong to the chain. */
static bool next_frame(struct chain *chain, const struct fake_content *log, uint64_t *hash,
                       bool *is_commit) {
  unsigned char header[FRAME_HEADER_BYTES];
  unsigned char bytes[FAKE_BLOCK_BYTES];
  size_t got = fake_content_read(log, chain->at_bytes, header, sizeof header);
  if (got < sizeof header ||
      memcmp(header + CHAINED_BYTES, chain->salts, sizeof chain->salts) != 0) {
    return false;
  }
  *is_commit = big_endian(header + 4) != 0;
  add_to_sums(chain, header, CHAINED_BYTES);
  *hash = XXH3_64bits_withSeed(header, CHAINED_BYTES, *hash);
  chain->at_bytes += FRAME_HEADER_BYTES;
  for (uint32_t done = 0; done < chain->page_bytes; done += (uint32_t)sizeof bytes) {
    size_t part = chain->page_bytes < sizeof bytes ? chain->page_bytes : sizeof bytes;
    if (fake_content_read(log, chain->at_bytes, bytes, part) != part) {
      return false;
    }
    add_to_sums(chain, bytes, part);
    *hash = XXH3_64bits_withSeed(bytes, part, *hash);
    chain->at_bytes += (int64_t)part;
  }
  return sums_are(chain, header + CHAINED_BYTES + SALTS_BYTES);
}

/* What the chain has from here on, up to the last commit. */
static uint64_t hash_rest(struct chain chain, const struct fake_content *log) {
  uint64_t hash = 0;
  uint64_t stale = 0;
  bool is_commit = false;
  while (next_frame(&chain, log, &hash, &is_commit)) {
    if (is_commit) {
      stale = hash | 1;
    }
  }
  return stale;
}

/* The place in a log behind what an index knows. False: there is none. */
static bool find_rest(struct chain *chain, const unsigned char *index,
                      const struct fake_content *log) {
  unsigned char header[LOG_HEADER_BYTES];
  return fake_content_read(log, 0, header, sizeof header) == sizeof header &&
         begin_chain(chain, header) && skip_known(chain, index);
}

/* The number of a database's log; -1: it has none. */
static int log_of(const struct fake_disk *disk, const struct fake_disk_file *database) {
  size_t length = strlen(database->name);
  for (int i = 0; i < disk->file_count; i++) {
    const struct fake_disk_file *file = &disk->files[i];
    if (file->role == FAKE_DISK_WAL && strncmp(file->name, database->name, length) == 0 &&
        strcmp(file->name + length, "-wal") == 0) {
      return i;
    }
  }
  return -1;
}

static uint64_t stale_of(const struct fake_disk *disk, const struct fake_disk_file *database) {
  struct chain chain;
  const unsigned char *index = fake_shm_header(database->shm);
  int log_no = index == NULL ? -1 : log_of(disk, database);
  const struct fake_disk_file *log = &disk->files[log_no < 0 ? 0 : log_no];
  if (log_no < 0 || !find_rest(&chain, index, &log->live)) {
    return 0;
  }
  uint64_t live = hash_rest(chain, &log->live);
  bool lasts = live != 0 && hash_rest(chain, &log->durable) == live;
  return lasts ? ~live | 1 : live;
}

uint64_t fake_disk_stale(const struct fake_disk *disk) {
  uint64_t stale = 0;
  for (int i = 0; i < disk->file_count; i++) {
    if (disk->files[i].shm != NULL) {
      stale += stale_of(disk, &disk->files[i]);
    }
  }
  return stale;
}

/* What a database's log has beyond what it had in the record. False: that is not all that differs,
 * or somebody still has the index. */
static bool left_of(const struct fake_disk *disk, const struct fake_disk_record *record,
                    int database_no, uint64_t *left) {
  struct chain chain;
  const struct fake_disk_file *database = &disk->files[database_no];
  const struct fake_saved_file *saved = &record->files[database_no];
  int log_no = log_of(disk, database);
  if (log_no < 0 || log_no >= record->file_count || saved->shm == NULL ||
      !fake_shm_is_valid(saved->shm->header) || fake_shm_header(database->shm) != NULL ||
      database->live.root != saved->live.root ||
      database->live.size_bytes != saved->live.size_bytes) {
    return false;
  }
  const struct fake_content *log = &disk->files[log_no].live;
  if (!find_rest(&chain, saved->shm->header, log) ||
      !fake_content_same_start(&record->files[log_no].live, log, chain.at_bytes)) {
    return false;
  }
  *left = hash_rest(chain, log);
  return true;
}

uint64_t fake_disk_left(const struct fake_disk *disk) {
  const struct fake_disk_record *record = disk->current;
  if (record == NULL) {
    return 0;
  }
  uint64_t parts[5] = {record->serial, disk->random_state, disk->dead,
                       fake_disk_unsynced_count(disk) > 0};
  for (int i = 0; i < disk->file_count; i++) {
    uint64_t left;
    if (disk->files[i].shm == NULL) {
      continue;
    }
    if (i >= record->file_count || !left_of(disk, record, i, &left)) {
      return 0;
    }
    parts[4] = XXH3_64bits_withSeed(&left, sizeof left, parts[4]);
  }
  return XXH3_64bits(parts, sizeof parts) | 1;
}

uint64_t fake_disk_placement(const struct fake_disk *disk) {
  uint64_t placement = 0;
  for (int i = 0; i < disk->file_count; i++) {
    if (disk->files[i].shm != NULL) {
      placement += fake_shm_placement(disk->files[i].shm);
    }
  }
  return placement;
}

uint64_t fake_disk_shape(const struct fake_disk *disk) {
  uint64_t shape = (uint64_t)fake_disk_unsynced_count(disk);
  for (int i = 0; i < disk->file_count; i++) {
    const struct fake_disk_file *database = &disk->files[i];
    const unsigned char *index = database->shm == NULL ? NULL : fake_shm_header(database->shm);
    int log_no = index == NULL ? -1 : log_of(disk, database);
    uint32_t known_count = 0;
    if (log_no < 0) {
      continue;
    }
    const struct fake_disk_file *log = &disk->files[log_no];
    memcpy(&known_count, index + FAKE_SHM_MX_FRAME_OFFSET, sizeof known_count);
    const uint64_t words[] = {known_count, (uint64_t)log->live.size_bytes,
                              (uint64_t)log->durable.size_bytes, shape};
    shape = XXH3_64bits(words, sizeof words);
  }
  return shape;
}
