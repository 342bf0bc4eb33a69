/* See disk.h. Life, names, time, randomness, and looking inside. */
#include "disk_inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct fake_disk *fake_disk_new(const char *vfs_name, uint64_t seed) {
  size_t length = strlen(vfs_name);
  if (length == 0 || length >= FAKE_VFS_NAME_SIZE || sqlite3_initialize() != SQLITE_OK ||
      sqlite3_vfs_find(vfs_name) != NULL) {
    return NULL;
  }
  struct fake_disk *disk = calloc(1, sizeof *disk);
  if (disk == NULL) {
    return NULL;
  }
  memcpy(disk->vfs_name, vfs_name, length + 1);
  fake_vfs_fill(&disk->vfs);
  disk->vfs.zName = disk->vfs_name;
  disk->vfs.pAppData = disk;
  disk->random_state = seed;
  if (sqlite3_vfs_register(&disk->vfs, 1) != SQLITE_OK) {
    free(disk);
    return NULL;
  }
  fake_disk_fresh_randomness(disk);
  return disk;
}

void fake_disk_free(struct fake_disk *disk) {
  if (disk == NULL) {
    return;
  }
  assert(disk->handles == NULL);
  fake_record_drop(disk, disk->current);
  disk->current = NULL;
  assert(disk->record_count == 0);
  (void)sqlite3_vfs_unregister(&disk->vfs);
  sqlite3_randomness(0, NULL);
  for (int i = 0; i < disk->file_count; i++) {
    fake_file_clear(disk, &disk->files[i]);
    fake_shm_free(disk->files[i].shm);
  }
  fake_blocks_free(&disk->blocks);
  free(disk);
}

struct fake_disk_file *fake_disk_find(const struct fake_disk *disk, const char *name) {
  for (int i = 0; i < disk->file_count; i++) {
    if (strcmp(disk->files[i].name, name) == 0) {
      /* The disk is const for those who only look; the file is not part of that promise. */
      struct fake_disk *owner = disk->vfs.pAppData;
      return &owner->files[i];
    }
  }
  return NULL;
}

void fake_file_clear(struct fake_disk *disk, struct fake_disk_file *file) {
  fake_content_drop(&disk->blocks, &file->live);
  fake_content_drop(&disk->blocks, &file->durable);
  fake_log_drop(disk, &file->log);
  file->exists = false;
}

/* SQLite asks the default VFS only, and only when it has no state of its own yet. */
void fake_disk_fresh_randomness(struct fake_disk *disk) {
  if (sqlite3_vfs_find(NULL) != &disk->vfs) {
    (void)sqlite3_vfs_register(&disk->vfs, 1);
  }
  sqlite3_randomness(0, NULL);
}

void fake_disk_end_logs(struct fake_disk *disk) {
  assert(fake_disk_is_idle(disk));
  for (int i = 0; i < disk->file_count; i++) {
    struct fake_disk_file *file = &disk->files[i];
    if (file->role == FAKE_DISK_WAL) {
      fake_file_clear(disk, file);
    }
    if (file->shm != NULL) {
      fake_shm_restore(file->shm, NULL);
    }
  }
  disk->touched = true;
  fake_disk_forget_caches(disk);
}

int64_t fake_disk_used_blocks(const struct fake_disk *disk) { return disk->blocks.used_blocks; }

void fake_disk_set_now(struct fake_disk *disk, int64_t now_ms) { disk->now_ms = now_ms; }

void fake_disk_set_sleeper(struct fake_disk *disk, const struct fake_disk_sleeper *sleeper) {
  disk->sleeper = sleeper == NULL ? (struct fake_disk_sleeper){NULL, NULL} : *sleeper;
}

void fake_disk_begin_step(struct fake_disk *disk) {
  if (sqlite3_vfs_find(NULL) != &disk->vfs) {
    fake_disk_fresh_randomness(disk);
  }
  disk->counters = (struct fake_disk_counters){0};
}

struct fake_disk_counters fake_disk_counters(const struct fake_disk *disk) {
  return disk->counters;
}

int fake_disk_statement_count(const struct fake_disk *disk) {
  int count = 0;
  for (const struct fake_disk_handle *h = disk->handles; h != NULL; h = h->next) {
    sqlite3_stmt *statement = NULL;
    while (h->connection != NULL &&
           (statement = sqlite3_next_stmt(*h->connection, statement)) != NULL) {
      count++;
    }
  }
  return count;
}

/* ---- Looking inside -------------------------------------------------------------------------- */

int64_t fake_disk_file_bytes(const struct fake_disk *disk, const char *file) {
  const struct fake_disk_file *found = fake_disk_find(disk, file);
  return found == NULL || !found->exists ? -1 : found->live.size_bytes;
}

size_t fake_disk_read(const struct fake_disk *disk, const char *file, int64_t offset_bytes,
                      void *bytes, size_t size) {
  static const struct fake_content empty = {NULL, 0};
  const struct fake_disk_file *found = fake_disk_find(disk, file);
  return fake_content_read(found == NULL ? &empty : &found->live, offset_bytes, bytes, size);
}
