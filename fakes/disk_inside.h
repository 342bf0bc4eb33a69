/* What the files of the fake disk share. Private to fakes/disk*.c.
 *
 * disk.c life, names, time, randomness, looking inside
 * disk_image.c save and restore
 * disk_fail.c unsynced writes, power failures, deaths, hooks
 * disk_vfs.c SQLite's methods for files
 * disk_shm.c SQLite's shared memory and the locks in it
 * disk_stale.c stale WAL content, page placement and shape
 * disk_blocks.c the copy-on-write bytes */
#ifndef FAKE_DISK_INSIDE_H
#define FAKE_DISK_INSIDE_H

#include "disk.h"
#include "disk_blocks.h"

#define FAKE_SHM_REGION_BYTES 32768
#define FAKE_SHM_MAX_REGIONS 32 /* about 130,000 WAL frames */
#define FAKE_SHM_HEADER_BYTES 136
#define FAKE_SHM_MX_FRAME_OFFSET 16 /* in the header, with the byte order of the machine: */
#define FAKE_SHM_SUMS_OFFSET 24
#define FAKE_SHM_SALTS_OFFSET 32 /* as in the log */
#define FAKE_VFS_NAME_SIZE 32

/* ---- Shared memory --------------------------------------------------------------------------- */

/* The WAL index of one database. Regions are never moved or freed before the disk: SQLite keeps
 * pointers to them. */
struct fake_shm {
  unsigned char *regions[FAKE_SHM_MAX_REGIONS];
  int region_count;
  int holders[SQLITE_SHM_NLOCK]; /* of each slot: how many share it, or -1: exclusive */
};

/* What matters of a WAL index: see disk_shm.c. */
struct fake_shm_copy {
  unsigned char header[FAKE_SHM_HEADER_BYTES];
  uint32_t frame_count;
  uint32_t pages[]; /* the database page of each frame */
};

/* Would SQLite believe this header of a WAL index? If not, it rebuilds the index. */
bool fake_shm_is_valid(const unsigned char *header);

/* The header of a WAL index that SQLite would believe; null: it will rebuild it. */
const unsigned char *fake_shm_header(const struct fake_shm *shm);

/* See fake_disk_placement(). */
uint64_t fake_shm_placement(const struct fake_shm *shm);

/* Returns: null when out of memory, else to be freed by the caller with free() */
struct fake_shm_copy *fake_shm_save(const struct fake_shm *shm);

/* Put a saved WAL index back; null: none, so that SQLite rebuilds it from the WAL. */
void fake_shm_restore(struct fake_shm *shm, const struct fake_shm_copy *copy);

/* ---- Unsynced writes ------------------------------------------------------------------------- */

struct fake_log_entry {
  int64_t offset_bytes; /* of a truncation: the new size */
  int64_t length_bytes; /* -1: a truncation */
  uint64_t serial;      /* no other write of this disk has it */
  bool has_seen;
  struct fake_content seen; /* with has_seen: the file before later writes covered this one; else
                               its bytes are still in the live file */
};

/* Writes since the last sync, in their order. Shared by the file and its images. */
struct fake_log {
  uint32_t owners;
  int count;
  int capacity;
  int unseen_from;   /* entries below this have has_seen */
  int64_t end_bytes; /* the highest end of the entries from unseen_from on */
  struct fake_log_entry entries[];
};

/* ---- Files and handles ----------------------------------------------------------------------- */

struct fake_disk_file {
  char name[FAKE_DISK_NAME_SIZE]; /* "": a temp file */
  enum fake_disk_role role;
  bool exists;
  struct fake_content live;    /* what readers see */
  struct fake_content durable; /* what surely survives a power failure */
  struct fake_log *log;        /* what leads from durable to live; null or empty: nothing */
  struct fake_shm *shm;        /* null until first mapped */
};

/* ---- Images ---------------------------------------------------------------------------------- */

struct fake_saved_file {
  bool exists;
  struct fake_content live;
  struct fake_content durable;
  struct fake_log *log;      /* null: everything is synced */
  struct fake_shm_copy *shm; /* null: no WAL index */
};

/* What images share. Never changed after it was made. */
struct fake_disk_record {
  struct fake_disk *disk;
  uint64_t serial; /* no other record of this disk has it */
  uint64_t random_state;
  uint32_t owners;
  uint32_t dead;
  int file_count;
  struct fake_saved_file files[];
};

/* An open file. SQLite allocates it, sees `base` and knows nothing of the rest. */
struct fake_disk_handle {
  sqlite3_file base;
  struct fake_disk *disk;
  struct fake_disk_file *file;
  struct fake_disk_handle *next;
  struct fake_disk_handle **link; /* what points to this one */
  sqlite3 **connection;           /* of a main database; null: not told yet */
  int process;
  int lock; /* SQLITE_LOCK_...: as SQLite believes */
  bool is_temp;
  bool is_read_only;
  bool delete_on_close;
  bool is_wal; /* asked for the WAL index: keeps a SHARED lock all the time */
  bool shm_mapped;
  bool is_broken;        /* lost its locks inside a transaction: can only be closed */
  bool cache_warm;       /* may have pages in its cache */
  unsigned shared_slots; /* shm locks, as bit sets */
  unsigned exclusive_slots;
};

struct fake_disk {
  sqlite3_vfs vfs;
  char vfs_name[FAKE_VFS_NAME_SIZE];
  struct fake_blocks blocks;
  int file_count;
  struct fake_disk_file files[FAKE_DISK_MAX_FILES]; /* a name keeps its place for ever */
  struct fake_disk_handle *handles;
  struct fake_disk_record *current; /* what was saved or restored last; the disk equals it, unless
                                       touched; or null */
  uint64_t last_record;
  bool touched;
  int64_t record_count;
  uint64_t last_serial; /* of writes */
  bool guarded;         /* a hook is set or a process is dead */
  int process;
  uint32_t dead; /* bit set of processes */
  uint64_t random_state;
  int64_t now_ms;
  struct fake_disk_sleeper sleeper;
  struct fake_disk_hook hook;
  struct fake_disk_counters counters;
};

/* disk.c */
struct fake_disk_file *fake_disk_find(const struct fake_disk *disk, const char *name);
void fake_disk_fresh_randomness(struct fake_disk *disk); /* also makes it the default VFS */
void fake_file_clear(struct fake_disk *disk, struct fake_disk_file *file); /* to not existing */

/* disk_image.c */
void fake_record_drop(struct fake_disk *disk, struct fake_disk_record *record);

/* disk_fail.c */
bool fake_handle_in_transaction(const struct fake_disk_handle *handle);
/* Ask the hook and the dead. Call only when disk->guarded. Returns SQLITE_OK: go on. */
int fake_disk_guard(struct fake_disk *disk, const struct fake_disk_op *op);
bool fake_disk_is_dead(const struct fake_disk *disk, int process);
void fake_disk_update_guard(struct fake_disk *disk);
/* Note a write (length >= 0) or truncation (length -1) about to happen. False: out of memory. */
bool fake_log_note(struct fake_disk *disk, struct fake_disk_file *file, int64_t offset_bytes,
                   int64_t length_bytes);
void fake_log_drop(struct fake_disk *disk, struct fake_log **log);
void fake_file_synced(struct fake_disk *disk, struct fake_disk_file *file);

/* disk_shm.c */
int fake_shm_map(sqlite3_file *base, int region, int region_bytes, int extend,
                 void volatile **memory);
int fake_shm_lock(sqlite3_file *base, int slot, int count, int flags);
void fake_shm_barrier(sqlite3_file *base);
int fake_shm_unmap(sqlite3_file *base, int delete_it);
/* Give up all slots of a handle. */
void fake_shm_release(struct fake_disk_handle *handle);
/* The WAL index is gone if no living process has it mapped. */
void fake_shm_forget_unmapped(struct fake_disk *disk, struct fake_disk_file *file);
void fake_shm_free(struct fake_shm *shm);

/* disk_vfs.c */
void fake_vfs_fill(sqlite3_vfs *vfs);

#endif
