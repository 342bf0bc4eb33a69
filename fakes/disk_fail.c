/* What can go wrong: unsynced writes, power failures, process deaths, injected errors. */
#include "disk_inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MIN_ENTRIES 16

/* ---- The log of unsynced writes -------------------------------------------------------------- */

void fake_log_drop(struct fake_disk *disk, struct fake_log **slot) {
  struct fake_log *log = *slot;
  *slot = NULL;
  if (log == NULL || --log->owners > 0) {
    return;
  }
  for (int i = 0; i < log->count; i++) {
    fake_content_drop(&disk->blocks, &log->entries[i].seen);
  }
  free(log);
}

/* Make *slot a log of ours alone with room for one more entry. */
static bool log_own(struct fake_disk *disk, struct fake_log **slot) {
  struct fake_log *old = *slot;
  if (old != NULL && old->owners == 1 && old->count < old->capacity) {
    return true;
  }
  int count = old == NULL ? 0 : old->count;
  int capacity = count < LOG_MIN_ENTRIES ? LOG_MIN_ENTRIES : 2 * count;
  struct fake_log *own = malloc(sizeof *own + (size_t)capacity * sizeof own->entries[0]);
  if (own == NULL) {
    return false;
  }
  *own = (struct fake_log){.owners = 1, .count = count, .capacity = capacity};
  if (old != NULL) {
    own->unseen_from = old->unseen_from;
    own->end_bytes = old->end_bytes;
    for (int i = 0; i < count; i++) {
      own->entries[i] = old->entries[i];
      own->entries[i].seen = fake_content_share(&old->entries[i].seen);
    }
    fake_log_drop(disk, slot);
  }
  *slot = own;
  return true;
}

/* Does [offset, offset + length) cover bytes of a write that can only be found in the live file? */
static bool covers_unseen(const struct fake_log *log, int64_t offset_bytes, int64_t length_bytes) {
  if (offset_bytes >= log->end_bytes) {
    return false; /* appending: the usual case */
  }
  for (int i = log->unseen_from; i < log->count; i++) {
    const struct fake_log_entry *entry = &log->entries[i];
    int64_t end = entry->offset_bytes + entry->length_bytes;
    if (entry->length_bytes > 0 && offset_bytes < end &&
        (length_bytes < 0 || offset_bytes + length_bytes > entry->offset_bytes)) {
      return true;
    }
  }
  return false;
}

bool fake_log_note(struct fake_disk *disk, struct fake_disk_file *file, int64_t offset_bytes,
                   int64_t length_bytes) {
  if (!log_own(disk, &file->log)) {
    return false;
  }
  struct fake_log *log = file->log;
  if (covers_unseen(log, offset_bytes, length_bytes)) {
    for (int i = log->unseen_from; i < log->count; i++) {
      log->entries[i].has_seen = true;
      log->entries[i].seen = fake_content_share(&file->live);
    }
    log->unseen_from = log->count;
    log->end_bytes = 0;
  }
  log->entries[log->count++] = (struct fake_log_entry){
      .offset_bytes = offset_bytes, .length_bytes = length_bytes, .serial = ++disk->last_serial};
  if (length_bytes > 0 && offset_bytes + length_bytes > log->end_bytes) {
    log->end_bytes = offset_bytes + length_bytes;
  }
  return true;
}

void fake_file_synced(struct fake_disk *disk, struct fake_disk_file *file) {
  struct fake_log *log = file->log;
  if (log == NULL || log->count == 0) {
    return;
  }
  if (log->owners > 1) {
    fake_log_drop(disk, &file->log);
  } else { /* keep its memory for the next transaction */
    for (int i = 0; i < log->unseen_from; i++) {
      fake_content_drop(&disk->blocks, &log->entries[i].seen);
    }
    log->count = 0;
    log->unseen_from = 0;
    log->end_bytes = 0;
  }
  fake_content_drop(&disk->blocks, &file->durable);
  file->durable = fake_content_share(&file->live);
}

static int log_count(const struct fake_disk_file *file) {
  return file->log == NULL ? 0 : file->log->count;
}

int fake_disk_unsynced_count(const struct fake_disk *disk) {
  int count = 0;
  for (int i = 0; i < disk->file_count; i++) {
    count += log_count(&disk->files[i]);
  }
  return count;
}

/* The file that unsynced write *index is of; *index becomes its place in the file's log. */
static const struct fake_disk_file *unsynced_file(const struct fake_disk *disk, int *index) {
  const struct fake_disk_file *file = disk->files;
  assert(*index >= 0 && *index < fake_disk_unsynced_count(disk));
  while (*index >= log_count(file)) {
    *index -= log_count(file);
    file++;
  }
  return file;
}

struct fake_disk_unsynced fake_disk_unsynced(const struct fake_disk *disk, int index) {
  const struct fake_disk_file *file = unsynced_file(disk, &index);
  const struct fake_log_entry *entry = &file->log->entries[index];
  bool is_truncation = entry->length_bytes < 0;
  return (struct fake_disk_unsynced){file->role,
                                     file->name,
                                     is_truncation,
                                     entry->offset_bytes,
                                     is_truncation ? 0 : entry->length_bytes,
                                     entry->serial};
}

/* ---- Power failure --------------------------------------------------------------------------- */

/* Do an unsynced write again on what survived so far. */
static bool redo_write(struct fake_disk *disk, const struct fake_disk_file *file,
                       const struct fake_log_entry *entry, enum fake_disk_fate fate,
                       struct fake_content *survivor) {
  if (fate == FAKE_DISK_DROP) {
    return true;
  }
  if (entry->length_bytes < 0) {
    return fake_content_resize(&disk->blocks, survivor, entry->offset_bytes);
  }
  const struct fake_content *source = entry->has_seen ? &entry->seen : &file->live;
  int64_t length = fate == FAKE_DISK_TEAR ? entry->length_bytes / 2 : entry->length_bytes;
  unsigned char bytes[FAKE_BLOCK_BYTES];
  for (int64_t done = 0; done < length;) {
    size_t part = length - done < (int64_t)sizeof bytes ? (size_t)(length - done) : sizeof bytes;
    int64_t at = entry->offset_bytes + done;
    (void)fake_content_read(source, at, bytes, part);
    if (!fake_content_write(&disk->blocks, survivor, at, bytes, part)) {
      return false;
    }
    done += (int64_t)part;
  }
  return true;
}

/* What survives of one file; its writes are numbered from `index` of `count` on. */
static bool survive_file(struct fake_disk *disk, const struct fake_disk_file *file,
                         const struct fake_disk_survival *survival, int index, int count,
                         struct fake_content *survivor) {
  *survivor = fake_content_share(&file->durable);
  for (int i = 0; survival != NULL && i < log_count(file); i++) {
    enum fake_disk_fate fate = survival->choose(survival->self, index + i, count);
    if (!redo_write(disk, file, &file->log->entries[i], fate, survivor)) {
      return false;
    }
  }
  return true;
}

/* A handle loses all but the lasting lock, which its stand-in will hold again. */
static void lose_locks(struct fake_disk_handle *handle) {
  handle->is_broken = fake_handle_in_transaction(handle);
  fake_shm_release(handle);
}

static void all_die(struct fake_disk *disk) {
  disk->dead = UINT32_MAX;
  fake_disk_update_guard(disk);
  disk->touched = true;
  for (struct fake_disk_handle *h = disk->handles; h != NULL; h = h->next) {
    lose_locks(h);
  }
  for (int i = 0; i < disk->file_count; i++) {
    fake_shm_forget_unmapped(disk, &disk->files[i]);
  }
  fake_disk_forget_caches(disk);
}

bool fake_disk_power_fail(struct fake_disk *disk, const struct fake_disk_survival *survival) {
  struct fake_content survivors[FAKE_DISK_MAX_FILES] = {{NULL, 0}};
  int count = fake_disk_unsynced_count(disk);
  int index = 0;
  bool ok = true;
  for (int i = 0; ok && i < disk->file_count; i++) {
    ok = survive_file(disk, &disk->files[i], survival, index, count, &survivors[i]);
    index += log_count(&disk->files[i]);
  }
  for (int i = 0; i < disk->file_count; i++) {
    struct fake_disk_file *file = &disk->files[i];
    if (!ok) {
      fake_content_drop(&disk->blocks, &survivors[i]);
      continue;
    }
    fake_log_drop(disk, &file->log);
    fake_content_drop(&disk->blocks, &file->live);
    fake_content_drop(&disk->blocks, &file->durable);
    file->live = survivors[i];
    file->durable = fake_content_share(&file->live);
  }
  if (ok) {
    all_die(disk);
  }
  return ok;
}

/* ---- Processes ------------------------------------------------------------------------------- */

static uint32_t process_bit(int process) {
  assert(process >= 0 && process < FAKE_DISK_MAX_PROCESSES);
  return UINT32_C(1) << process;
}

bool fake_disk_is_dead(const struct fake_disk *disk, int process) {
  return (disk->dead >> process & 1u) != 0;
}

bool fake_disk_process_is_dead(const struct fake_disk *disk, int process) {
  return (disk->dead & process_bit(process)) != 0;
}

void fake_disk_set_process(struct fake_disk *disk, int process) {
  (void)process_bit(process);
  disk->process = process;
}

void fake_disk_process_stops(struct fake_disk *disk, int process) {
  disk->dead |= process_bit(process);
  disk->touched = true;
  fake_disk_update_guard(disk);
}

void fake_disk_process_dies(struct fake_disk *disk, int process) {
  fake_disk_process_stops(disk, process);
  for (struct fake_disk_handle *h = disk->handles; h != NULL; h = h->next) {
    if (h->process == process) {
      lose_locks(h);
    }
  }
  for (int i = 0; i < disk->file_count; i++) {
    fake_shm_forget_unmapped(disk, &disk->files[i]);
  }
  fake_disk_forget_caches(disk);
}

void fake_disk_process_starts(struct fake_disk *disk, int process) {
  if (!fake_disk_process_is_dead(disk, process)) {
    return;
  }
  for (struct fake_disk_handle *h = disk->handles; h != NULL; h = h->next) {
    assert(h->process != process || !fake_handle_in_transaction(h));
  }
  fake_disk_forget_caches(disk);
  disk->dead &= ~process_bit(process);
  disk->touched = true;
  fake_disk_update_guard(disk);
}

bool fake_handle_in_transaction(const struct fake_disk_handle *handle) {
  return handle->is_broken || handle->shared_slots != 0 || handle->exclusive_slots != 0 ||
         handle->lock > SQLITE_LOCK_SHARED ||
         (handle->lock == SQLITE_LOCK_SHARED && !handle->is_wal);
}

bool fake_disk_is_idle(const struct fake_disk *disk) {
  for (const struct fake_disk_handle *h = disk->handles; h != NULL; h = h->next) {
    if (fake_handle_in_transaction(h)) {
      return false;
    }
  }
  return true;
}

/* A connection that was not used since its cache was emptied is skipped: the usual case when
 * restoring many states with several connections open. */
void fake_disk_forget_caches(struct fake_disk *disk) {
  for (struct fake_disk_handle *h = disk->handles; h != NULL; h = h->next) {
    if (h->connection != NULL && h->cache_warm && !fake_handle_in_transaction(h)) {
      (void)sqlite3_file_control(*h->connection, NULL, SQLITE_FCNTL_RESET_CACHE, NULL);
      h->cache_warm = false;
    }
  }
}

/* ---- Hooks ----------------------------------------------------------------------------------- */

static const char *const site_names[4][9] = {
    {"db.open", "db.read", "db.write", "db.sync", "db.truncate", "db.lock", "db.shm_map",
     "db.shm_lock", "db.delete"},
    {"wal.open", "wal.read", "wal.write", "wal.sync", "wal.truncate", "wal.lock", "wal.shm_map",
     "wal.shm_lock", "wal.delete"},
    {"journal.open", "journal.read", "journal.write", "journal.sync", "journal.truncate",
     "journal.lock", "journal.shm_map", "journal.shm_lock", "journal.delete"},
    {"other.open", "other.read", "other.write", "other.sync", "other.truncate", "other.lock",
     "other.shm_map", "other.shm_lock", "other.delete"},
};

const char *fake_disk_site_name(enum fake_disk_role role, enum fake_disk_kind kind) {
  return site_names[role][kind];
}

void fake_disk_update_guard(struct fake_disk *disk) {
  disk->guarded = disk->dead != 0 || disk->hook.before != NULL;
}

void fake_disk_set_hook(struct fake_disk *disk, const struct fake_disk_hook *hook) {
  disk->hook = hook == NULL ? (struct fake_disk_hook){NULL, NULL} : *hook;
  fake_disk_update_guard(disk);
}

int fake_disk_guard(struct fake_disk *disk, const struct fake_disk_op *op) {
  if (fake_disk_is_dead(disk, op->process)) {
    return SQLITE_IOERR;
  }
  if (disk->hook.before == NULL) {
    return SQLITE_OK;
  }
  struct fake_disk_op named = *op;
  named.site = fake_disk_site_name(op->role, op->kind);
  int rc = disk->hook.before(disk->hook.self, &named);
  if (rc == FAKE_DISK_DIE) {
    fake_disk_process_stops(disk, op->process);
    return SQLITE_IOERR;
  }
  if (rc == FAKE_DISK_CUT) {
    disk->dead = UINT32_MAX;
    disk->touched = true;
    fake_disk_update_guard(disk);
    return SQLITE_IOERR;
  }
  return rc;
}
