/* SQLite's methods: files and the disk as a whole. Shared memory is in disk_shm.c. */
#include "disk_inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define JULIAN_EPOCH_MS INT64_C(210866760000000) /* 1970-01-01 in SQLite's count of ms */
#define MS_PER_DAY 86400000.0

static struct fake_disk_handle *handle_of(sqlite3_file *base) {
  return (struct fake_disk_handle *)(void *)base;
}

static struct fake_disk *disk_of(sqlite3_vfs *vfs) { return vfs->pAppData; }

/* Ask before an operation on an open file. */
static int guard_operation(struct fake_disk_handle *handle, enum fake_disk_kind kind,
                           int64_t offset, int64_t length) {
  if (!handle->disk->guarded) {
    return SQLITE_OK;
  }
  struct fake_disk_op op = {.role = handle->file->role,
                            .kind = kind,
                            .file = handle->file->name,
                            .process = handle->process,
                            .offset = offset,
                            .length = length};
  return fake_disk_guard(handle->disk, &op);
}

/* ---- Reading and writing --------------------------------------------------------------------- */

static int file_read(sqlite3_file *base, void *bytes, int size, sqlite3_int64 offset_bytes) {
  struct fake_disk_handle *handle = handle_of(base);
  int rc = guard_operation(handle, FAKE_DISK_READ, offset_bytes, size);
  if (rc != SQLITE_OK) {
    memset(bytes, 0, (size_t)size); /* SQLite relies on it for short reads */
    return rc;
  }
  handle->cache_warm = true;
  size_t known = fake_content_read(&handle->file->live, offset_bytes, bytes, (size_t)size);
  return known == (size_t)size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *base, const void *bytes, int size, sqlite3_int64 offset_bytes) {
  struct fake_disk_handle *handle = handle_of(base);
  struct fake_disk *disk = handle->disk;
  struct fake_disk_file *file = handle->file;
  int rc = guard_operation(handle, FAKE_DISK_WRITE, offset_bytes, size);
  if (rc != SQLITE_OK) {
    return rc;
  }
  if (handle->is_read_only) {
    return SQLITE_READONLY;
  }
  disk->touched = true;
  file->exists = true; /* again, if it was deleted while open */
  if (!handle->is_temp && !fake_log_note(disk, file, offset_bytes, size)) {
    return SQLITE_IOERR_NOMEM;
  }
  disk->counters.written_bytes += size;
  return fake_content_write(&disk->blocks, &file->live, offset_bytes, bytes, (size_t)size)
             ? SQLITE_OK
             : SQLITE_FULL;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size_bytes) {
  struct fake_disk_handle *handle = handle_of(base);
  int rc = guard_operation(handle, FAKE_DISK_TRUNCATE, size_bytes, 0);
  if (rc != SQLITE_OK) {
    return rc;
  }
  if (handle->is_read_only) {
    return SQLITE_READONLY;
  }
  handle->disk->touched = true;
  if (!handle->is_temp && !fake_log_note(handle->disk, handle->file, size_bytes, -1)) {
    return SQLITE_IOERR_NOMEM;
  }
  return fake_content_resize(&handle->disk->blocks, &handle->file->live, size_bytes)
             ? SQLITE_OK
             : SQLITE_IOERR_TRUNCATE;
}

static int file_sync(sqlite3_file *base, int flags) {
  struct fake_disk_handle *handle = handle_of(base);
  (void)flags;
  int rc = guard_operation(handle, FAKE_DISK_SYNC, 0, 0);
  if (rc != SQLITE_OK) {
    return rc;
  }
  handle->disk->counters.sync_count++;
  if (!handle->is_temp) {
    handle->disk->touched = true;
    fake_file_synced(handle->disk, handle->file);
  }
  return SQLITE_OK;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size_bytes) {
  struct fake_disk_handle *handle = handle_of(base);
  *size_bytes = 0;
  if (fake_disk_is_dead(handle->disk, handle->process)) {
    return SQLITE_IOERR;
  }
  *size_bytes = handle->file->live.size_bytes;
  return SQLITE_OK;
}

/* ---- File locks ------------------------------------------------------------------------------ */

/* The highest lock that a living process has through another handle. */
static int others_lock(const struct fake_disk_handle *handle) {
  int highest = SQLITE_LOCK_NONE;
  for (const struct fake_disk_handle *h = handle->disk->handles; h != NULL; h = h->next) {
    if (h != handle && h->file == handle->file && !fake_disk_is_dead(h->disk, h->process) &&
        h->lock > highest) {
      highest = h->lock;
    }
  }
  return highest;
}

/* What must not be held elsewhere: for SHARED, a writer that waits or writes; for the others, any
 * intent to write; for EXCLUSIVE itself, readers too, who are waited for in PENDING. */
static int file_lock(sqlite3_file *base, int level) {
  struct fake_disk_handle *handle = handle_of(base);
  if (handle->lock >= level) {
    return SQLITE_OK;
  }
  int rc = guard_operation(handle, FAKE_DISK_LOCK, 0, level);
  if (rc != SQLITE_OK) {
    return rc;
  }
  handle->cache_warm = true;
  int others = others_lock(handle);
  if (others >= (level == SQLITE_LOCK_SHARED ? SQLITE_LOCK_PENDING : SQLITE_LOCK_RESERVED)) {
    return SQLITE_BUSY;
  }
  if (level == SQLITE_LOCK_EXCLUSIVE && others >= SQLITE_LOCK_SHARED) {
    handle->lock = SQLITE_LOCK_PENDING;
    return SQLITE_BUSY;
  }
  handle->lock = level;
  return SQLITE_OK;
}

static int file_unlock(sqlite3_file *base, int level) {
  struct fake_disk_handle *handle = handle_of(base);
  handle->lock = level < handle->lock ? level : handle->lock;
  return SQLITE_OK;
}

static int file_check_reserved(sqlite3_file *base, int *is_reserved) {
  struct fake_disk_handle *handle = handle_of(base);
  *is_reserved = 0;
  if (fake_disk_is_dead(handle->disk, handle->process)) {
    return SQLITE_IOERR;
  }
  *is_reserved =
      handle->lock >= SQLITE_LOCK_RESERVED || others_lock(handle) >= SQLITE_LOCK_RESERVED;
  return SQLITE_OK;
}

/* ---- The rest of a file ---------------------------------------------------------------------- */

static int file_control(sqlite3_file *base, int op, void *arg) {
  if (op != SQLITE_FCNTL_PDB) {
    return SQLITE_NOTFOUND;
  }
  handle_of(base)->connection = arg; /* SQLite's own pointer, which outlives the handle */
  return SQLITE_OK;
}

static int file_sector_size(sqlite3_file *base) {
  (void)base;
  return FAKE_BLOCK_BYTES;
}

/* A torn write spoils nothing outside of its own range. */
static int file_device(sqlite3_file *base) {
  (void)base;
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int file_close(sqlite3_file *base) {
  struct fake_disk_handle *handle = handle_of(base);
  struct fake_disk *disk = handle->disk;
  struct fake_disk_file *file = handle->file;
  *handle->link = handle->next;
  if (handle->next != NULL) {
    handle->next->link = handle->link;
  }
  if (handle->shm_mapped) {
    fake_shm_release(handle);
    fake_shm_forget_unmapped(disk, file);
  }
  if (handle->is_temp) {
    fake_file_clear(disk, file);
    free(file);
  } else if (handle->delete_on_close) {
    fake_file_clear(disk, file);
    disk->touched = true;
  }
  handle->base.pMethods = NULL;
  return SQLITE_OK;
}

static const sqlite3_io_methods file_methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_device,
    .xShmMap = fake_shm_map,
    .xShmLock = fake_shm_lock,
    .xShmBarrier = fake_shm_barrier,
    .xShmUnmap = fake_shm_unmap,
};

/* ---- Opening --------------------------------------------------------------------------------- */

static enum fake_disk_role role_of(int flags) {
  if ((flags & SQLITE_OPEN_MAIN_DB) != 0) {
    return FAKE_DISK_DB;
  }
  if ((flags & SQLITE_OPEN_WAL) != 0) {
    return FAKE_DISK_WAL;
  }
  return (flags & SQLITE_OPEN_MAIN_JOURNAL) != 0 ? FAKE_DISK_JOURNAL : FAKE_DISK_OTHER;
}

/* The file for an xOpen by name, which exists afterwards; null: it may not be opened so. */
static struct fake_disk_file *named_file(struct fake_disk *disk, const char *name, int flags) {
  struct fake_disk_file *file = fake_disk_find(disk, name);
  bool exists = file != NULL && file->exists;
  bool must_be_new = (flags & SQLITE_OPEN_EXCLUSIVE) != 0 && (flags & SQLITE_OPEN_CREATE) != 0;
  if (exists ? must_be_new : (flags & SQLITE_OPEN_CREATE) == 0) {
    return NULL;
  }
  if (file == NULL) {
    if (disk->file_count == FAKE_DISK_MAX_FILES || strlen(name) >= FAKE_DISK_NAME_SIZE) {
      return NULL;
    }
    file = &disk->files[disk->file_count++];
    memcpy(file->name, name, strlen(name) + 1);
    file->role = role_of(flags);
  }
  disk->touched = disk->touched || !exists;
  file->exists = true;
  return file;
}

static int vfs_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *base, int flags,
                    int *flags_out) {
  struct fake_disk *disk = disk_of(vfs);
  struct fake_disk_handle *handle = handle_of(base);
  base->pMethods = NULL;
  if (disk->guarded) {
    struct fake_disk_op op = {.role = role_of(flags),
                              .kind = FAKE_DISK_OPEN,
                              .file = name == NULL ? "" : name,
                              .process = disk->process};
    int rc = fake_disk_guard(disk, &op);
    if (rc != SQLITE_OK) {
      return rc;
    }
  }
  struct fake_disk_file *file =
      name == NULL ? calloc(1, sizeof *file) : named_file(disk, name, flags);
  if (file == NULL) {
    return name == NULL ? SQLITE_NOMEM : SQLITE_CANTOPEN;
  }
  if (name == NULL) {
    file->role = FAKE_DISK_OTHER;
  }
  *handle = (struct fake_disk_handle){.disk = disk,
                                      .file = file,
                                      .next = disk->handles,
                                      .link = &disk->handles,
                                      .process = disk->process,
                                      .is_temp = name == NULL,
                                      .is_read_only = (flags & SQLITE_OPEN_READONLY) != 0,
                                      .delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0};
  if (handle->next != NULL) {
    handle->next->link = &handle->next;
  }
  disk->handles = handle;
  base->pMethods = &file_methods;
  if (flags_out != NULL) {
    *flags_out = flags;
  }
  return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_directory) {
  struct fake_disk *disk = disk_of(vfs);
  struct fake_disk_file *file = fake_disk_find(disk, name);
  (void)sync_directory; /* durable at once either way */
  if (disk->guarded) {
    struct fake_disk_op op = {.role = file == NULL ? FAKE_DISK_OTHER : file->role,
                              .kind = FAKE_DISK_DELETE,
                              .file = name,
                              .process = disk->process};
    int rc = fake_disk_guard(disk, &op);
    if (rc != SQLITE_OK) {
      return rc;
    }
  }
  if (file == NULL || !file->exists) {
    return SQLITE_IOERR_DELETE_NOENT;
  }
  fake_file_clear(disk, file);
  disk->touched = true;
  return SQLITE_OK;
}

/* As on Unix: an empty file is as good as none, everything may be read and written. */
static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *answer) {
  struct fake_disk *disk = disk_of(vfs);
  *answer = 0;
  if (fake_disk_is_dead(disk, disk->process)) {
    return SQLITE_IOERR_ACCESS;
  }
  const struct fake_disk_file *file = fake_disk_find(disk, name);
  *answer =
      file != NULL && file->exists && (flags != SQLITE_ACCESS_EXISTS || file->live.size_bytes > 0);
  return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *name, int size, char *path) {
  (void)vfs;
  size_t length = strlen(name);
  if (size <= 0 || length >= (size_t)size) {
    return SQLITE_CANTOPEN;
  }
  memcpy(path, name, length + 1);
  return SQLITE_OK;
}

/* ---- No loading of libraries ----------------------------------------------------------------- */

static void *vfs_dl_open(sqlite3_vfs *vfs, const char *name) {
  (void)vfs;
  (void)name;
  return NULL;
}

static void vfs_dl_error(sqlite3_vfs *vfs, int size, char *message) {
  (void)vfs;
  (void)sqlite3_snprintf(size, message, "the fake disk loads no libraries");
}

static void (*vfs_dl_sym(sqlite3_vfs *vfs, void *library, const char *name))(void) {
  (void)vfs;
  (void)library;
  (void)name;
  return NULL;
}

static void vfs_dl_close(sqlite3_vfs *vfs, void *library) {
  (void)vfs;
  (void)library;
}

/* ---- Randomness and time --------------------------------------------------------------------- */

/* splitmix64 */
static uint64_t next_random(uint64_t *state) {
  uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

static int vfs_randomness(sqlite3_vfs *vfs, int size, char *bytes) {
  struct fake_disk *disk = disk_of(vfs);
  disk->touched = true;
  uint64_t random = 0;
  unsigned char *to = (unsigned char *)bytes;
  for (int i = 0; i < size; i++) {
    random = i % 8 == 0 ? next_random(&disk->random_state) : random >> 8;
    to[i] = (unsigned char)(random & 0xff);
  }
  return size;
}

static int vfs_sleep(sqlite3_vfs *vfs, int duration_us) {
  struct fake_disk *disk = disk_of(vfs);
  disk->counters.slept_us += duration_us;
  if (disk->sleeper.sleep != NULL) {
    disk->sleeper.sleep(disk->sleeper.self, duration_us);
  }
  return duration_us;
}

static int vfs_time_int64(sqlite3_vfs *vfs, sqlite3_int64 *julian_ms) {
  *julian_ms = disk_of(vfs)->now_ms + JULIAN_EPOCH_MS;
  return SQLITE_OK;
}

/* The old interface, which SQLite does not use when there is the one above. */
static int vfs_time(sqlite3_vfs *vfs, double *julian_days) {
  *julian_days = (double)(disk_of(vfs)->now_ms + JULIAN_EPOCH_MS) / MS_PER_DAY;
  return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *vfs, int size, char *message) {
  (void)vfs;
  if (size > 0) {
    message[0] = '\0';
  }
  return 0;
}

void fake_vfs_fill(sqlite3_vfs *vfs) {
  *vfs = (sqlite3_vfs){
      .iVersion = 2,
      .szOsFile = (int)sizeof(struct fake_disk_handle),
      .mxPathname = FAKE_DISK_NAME_SIZE - 1,
      .xOpen = vfs_open,
      .xDelete = vfs_delete,
      .xAccess = vfs_access,
      .xFullPathname = vfs_full_path,
      .xDlOpen = vfs_dl_open,
      .xDlError = vfs_dl_error,
      .xDlSym = vfs_dl_sym,
      .xDlClose = vfs_dl_close,
      .xRandomness = vfs_randomness,
      .xSleep = vfs_sleep,
      .xCurrentTime = vfs_time,
      .xGetLastError = vfs_last_error,
      .xCurrentTimeInt64 = vfs_time_int64,
  };
}
