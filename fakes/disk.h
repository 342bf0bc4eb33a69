/* A disk in memory behind an SQLite VFS, whose whole contents are a value.
 *
 * Several connections of one operating-system process, which may stand for several simulated
 * processes, share the files, with SQLite's file locks and its WAL shared memory. The disk is also
 * SQLite's only source of time, sleep and randomness, and the place where power failures, process
 * deaths and I/O errors are made. Files are copy-on-write: saving shares all blocks, restoring
 * swaps a few pointers.
 *
 * Rules for the caller
 *  - No threads: nothing here locks. Recommended before the first use of SQLite:
 *      sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
 *      sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
 *    A pooled SQLITE_CONFIG_MALLOC and a static SQLITE_CONFIG_PAGECACHE were measured, together and
 *    apart: within 3 % on a restored transaction (checksums and page copies dominate), so there is
 *    none.
 *  - Restore only while no connection is inside a transaction (fake_disk_is_idle(), asserted).
 *    Connections stay open; restoring empties their page caches, since SQLite itself would not
 *    notice a sibling state whose change counters or WAL headers happen to be equal. A connection
 *    must have its database on this disk as "main"; attached databases are not handled. Prepared
 *    statements stay valid as long as images with an equal schema cookie have an equal schema.
 *  - Not supported: locking_mode=EXCLUSIVE with WAL (keeps the WAL index in private memory), mmap,
 *    shared cache, temp tables that live across a restore (temp files are no part of an image).
 *  - What a connection keeps for itself and no restore can take back: its WAL checkpoint sequence
 *    number. Bytes 12..15 of the WAL header, and whether a new log's salt is random or counted up,
 *    may thus depend on what the connection did in other worlds; the rows never do.
 *
 * Units: _ms is ms since the epoch, UTC; _us microseconds; _bytes bytes.
 */
#ifndef FAKE_DISK_H
#define FAKE_DISK_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_DISK_NAME_SIZE 112 /* of a file's name, with the NUL */
#define FAKE_DISK_MAX_FILES 32  /* names ever used on one disk; one more: SQLITE_CANTOPEN */
#define FAKE_DISK_MAX_PROCESSES 32

struct fake_disk;

/* ---- Life ------------------------------------------------------------------------------------ */

/* Make an empty disk and register it as an SQLite VFS.
 * In:      vfs_name  unique among the VFSes, at most 31 bytes; copied
 *          seed      of the randomness that SQLite gets
 * Returns: null when out of memory, when the name is taken or unfit, or when SQLite refuses
 * Effects: the disk becomes SQLite's default VFS, since SQLite draws its randomness only from the
 *          default one. begin_step, save and restore make their disk the default one again.
 */
struct fake_disk *fake_disk_new(const char *vfs_name, uint64_t seed);

/* Unregister and free; null is fine. All connections must be closed and all images released. */
void fake_disk_free(struct fake_disk *disk);

/* ---- The contents as a value ----------------------------------------------------------------- */

/* A saved disk. All zero is no image. Owned by the caller, who gives it up with
 * fake_disk_image_release(); copied only with fake_disk_image_share(). */
struct fake_disk_image {
  struct fake_disk_record *record;
};

/* Save: all named files with what of them is synced, the WAL index, which processes are dead, and
 * the state of the randomness; not the time, the hooks, the locks and the counters.
 * In:      image  must be no image
 * Returns: false when out of memory; *image is then no image
 * Effects: may be called inside a transaction or from a hook; such an image lacks the WAL index (as
 *          after a crash of all processes) and is only fit for being restored and then given to
 *          fake_disk_power_fail(). Afterwards SQLite draws fresh randomness, as after a restore, so
 *          that what follows an image depends on the image alone.
 */
bool fake_disk_save(struct fake_disk *disk, struct fake_disk_image *image);

/* As fake_disk_save() from a hook, in the midst of a step: for fake_disk_reach() and then
 * fake_disk_power_fail(). It has no effect at all on what follows. */
bool fake_disk_save_moment(struct fake_disk *disk, struct fake_disk_image *image);

/* The disk is where the step began: its files become what they were at a moment of it, as if the
 * step had come so far and every process had died there. */
void fake_disk_reach(struct fake_disk *disk, const struct fake_disk_image *moment);

/* Make the disk what it was when it was saved, in any order of images. Never fails. A file that a
 * connection holds open and that the image lacks becomes empty. */
void fake_disk_restore(struct fake_disk *disk, const struct fake_disk_image *image);

/* Make *to another owner of the same image; *to must be no image. */
void fake_disk_image_share(struct fake_disk_image *to, const struct fake_disk_image *from);

/* Give an image up; it becomes no image. No image is fine. The disk must still exist. */
void fake_disk_image_release(struct fake_disk *disk, struct fake_disk_image *image);

/* Do with the write-ahead logs what the last connection does when it closes: they become empty, and
 * their indexes go. Connections stay open, with empty caches, as if just opened. All logs must be
 * checkpointed, and no connection may be inside a transaction. */
void fake_disk_end_logs(struct fake_disk *disk);

/* True when no connection is inside a transaction: no lock is held but the lasting SHARED lock of
 * WAL connections. */
bool fake_disk_is_idle(const struct fake_disk *disk);

/* Empty the page caches of all connections that are not inside a transaction. Restoring, deaths and
 * power failures do so by themselves. */
void fake_disk_forget_caches(struct fake_disk *disk);

/* Blocks of 4096 bytes in use, by the disk and all its images together. */
int64_t fake_disk_used_blocks(const struct fake_disk *disk);

/* ---- Time ------------------------------------------------------------------------------------ */

/* What SQLite is told as the time until the next call. At first 0. */
void fake_disk_set_now(struct fake_disk *disk, int64_t now_ms);

/* Called when SQLite sleeps (a busy handler, say), instead of sleeping; it may set the time. */
struct fake_disk_sleeper {
  void *self;
  void (*sleep)(void *self, int64_t duration_us);
};

/* In:      sleeper  copied; null: sleeping has no effect but being counted */
void fake_disk_set_sleeper(struct fake_disk *disk, const struct fake_disk_sleeper *sleeper);

/* ---- Counters -------------------------------------------------------------------------------- */

/* An engine step that is one transaction shows snapshot_count 1; it writes if write_count is 1.
 * For WAL databases; a rollback-journal database shows neither. */
struct fake_disk_counters {
  int64_t snapshot_count; /* read transactions begun. A log that starts anew under a writer (which
                             lets SQLite take its snapshot again) and WAL recovery are not counted,
                             so there is no exception after a restore or a power failure */
  int64_t write_count;    /* write transactions begun; neither checkpoints nor recovery count */
  int64_t sync_count;
  int64_t written_bytes;
  int64_t slept_us;
};

/* Set the counters to zero. */
void fake_disk_begin_step(struct fake_disk *disk);
struct fake_disk_counters fake_disk_counters(const struct fake_disk *disk);

/* ---- Processes, deaths, power failures ------------------------------------------------------- */

/* Which process acts from now on: files that are opened belong to it. 0 at first.
 * In:      process  0..FAKE_DISK_MAX_PROCESSES-1 */
void fake_disk_set_process(struct fake_disk *disk, int process);

/* From now on all that this process asks of the disk fails with SQLITE_IOERR; only giving up locks
 * works. Let the step unwind (statements reset, ROLLBACK tried) before any other process acts, then
 * call fake_disk_process_dies(). A hook does the same by answering FAKE_DISK_DIE. */
void fake_disk_process_stops(struct fake_disk *disk, int process);

/* The process is dead: its locks are gone, what it wrote stays; when no living process has the WAL
 * index mapped, the index is gone too, as it is for the next one that opens the file. A connection
 * that was still inside a transaction can only be closed, before any other process acts. */
void fake_disk_process_dies(struct fake_disk *disk, int process);

/* A new process takes the dead one's place; its connections, with empty caches, stand for
 * connections that it opened. All of them must have unwound (asserted). A living process is left as
 * it is. */
void fake_disk_process_starts(struct fake_disk *disk, int process);

bool fake_disk_process_is_dead(const struct fake_disk *disk, int process);

/* What becomes of an unsynced write when the power fails. */
enum fake_disk_fate {
  FAKE_DISK_DROP = 0,
  FAKE_DISK_KEEP,
  FAKE_DISK_TEAR /* the first half of the bytes is kept (rounded down); a truncation is kept */
};

/* Answers for write `index` of `count`: file by file, within a file in the order written. */
struct fake_disk_survival {
  void *self;
  enum fake_disk_fate (*choose)(void *self, int index, int count);
};

/* The power fails: each write since its file's last sync is kept, dropped or torn; the WAL index
 * and all locks are gone; all processes are dead (see fake_disk_process_starts()). Creating and
 * deleting files is taken to be durable at once. Inside a step: have the hook answer FAKE_DISK_CUT,
 * let the step unwind, then call this.
 * In:      survival  null: all unsynced writes are dropped
 * Returns: false when out of memory; the disk is then as it was
 */
bool fake_disk_power_fail(struct fake_disk *disk, const struct fake_disk_survival *survival);

enum fake_disk_role { FAKE_DISK_DB = 0, FAKE_DISK_WAL, FAKE_DISK_JOURNAL, FAKE_DISK_OTHER };

/* An unsynced write. */
struct fake_disk_unsynced {
  enum fake_disk_role role;
  const char *file;   /* valid as long as the disk */
  bool is_truncation; /* then length_bytes is 0 and offset_bytes the new size */
  int64_t offset_bytes;
  int64_t length_bytes;
  uint64_t serial; /* tells it from all other writes of this disk */
};

int fake_disk_unsynced_count(const struct fake_disk *disk);

/* In:      index  0..fake_disk_unsynced_count()-1, as fake_disk_survival counts them */
struct fake_disk_unsynced fake_disk_unsynced(const struct fake_disk *disk, int index);

/* Stale WAL content: a transaction that failed, or whose process died, can be in the log
 * completely, behind the last frame that the WAL index knows. No process sees it, until one that
 * finds no index rebuilds it from the log.
 * Source:  sqlite.org/walformat.html
 * Returns: 0 if there is none, else a hash of its pages and of whether it is synced, the same
 *          wherever and whenever it was written. 0 also without a WAL index, as the next process
 *          that opens the database then sees all that the log has; and for a log whose header is
 *          not the index's, since it was begun anew but not yet written
 * Effects: none; call it between transactions */
uint64_t fake_disk_stale(const struct fake_disk *disk);

/* What deaths have left: everything that the next process to open the databases will find, if that
 * is what the disk had when it was saved or restored last, and transactions after it. Writes that
 * are incomplete, or that follow an incomplete one, are found by no process.
 * Returns: a hash of it; with equal hashes the same will be found. 0: unknown, since a database or
 *          the known part of its log has changed, or a living process has its index
 * Effects: none; call it between transactions, before a process starts */
uint64_t fake_disk_left(const struct fake_disk *disk);

/* Page placement: the operations of a transaction depend not only on the rows, but also on which
 * pages are read from the log and not from the database, and on the marks of readers in the WAL
 * index.
 * Returns: a hash of that; equal rows with an equal placement take the same operations in the same
 *          order, if begun with cold caches
 * Effects: none; call it between transactions */
uint64_t fake_disk_placement(const struct fake_disk *disk);

/* Shape: the operations of rebuilding a lost WAL index depend on how many frames the log has, also
 * on those whose pages were written again later.
 * Returns: a hash of the log's size, of its frames that the index knows, and of what is not synced
 * Effects: none; call it between transactions */
uint64_t fake_disk_shape(const struct fake_disk *disk);

/* ---- Injected errors ------------------------------------------------------------------------- */

enum fake_disk_kind {
  FAKE_DISK_OPEN = 0,
  FAKE_DISK_READ,
  FAKE_DISK_WRITE,
  FAKE_DISK_SYNC,
  FAKE_DISK_TRUNCATE,
  FAKE_DISK_LOCK,     /* length: the level asked for; giving up locks is not reported */
  FAKE_DISK_SHM_MAP,  /* offset: the region */
  FAKE_DISK_SHM_LOCK, /* offset: the first slot, length: how many */
  FAKE_DISK_DELETE
};

/* Answers of a hook besides SQLITE_OK and SQLite's error codes. */
#define FAKE_DISK_DIE (-1) /* the process stops before this operation */
#define FAKE_DISK_CUT (-2) /* all processes stop: the power fails before this operation */

struct fake_disk_op {
  enum fake_disk_role role;
  enum fake_disk_kind kind;
  const char *site; /* stable, for traces: "wal.write"; never null */
  const char *file; /* "" for a temp file; valid during the call */
  int process;
  int64_t offset;
  int64_t length;
};

/* `before` is called before each operation and answers SQLITE_OK or the error to give, such as
 * SQLITE_IOERR_READ, SQLITE_FULL, SQLITE_BUSY, or SQLITE_IOERR_SHORT_READ (a read then gives
 * zeros); the operation then has no effect. It must not use SQLite; it may save the disk. */
struct fake_disk_hook {
  void *self;
  int (*before)(void *self, const struct fake_disk_op *op);
};

/* In:      hook  copied; null: none, which costs nothing */
void fake_disk_set_hook(struct fake_disk *disk, const struct fake_disk_hook *hook);

/* "db.read", ..., "journal.delete". Never null. */
const char *fake_disk_site_name(enum fake_disk_role role, enum fake_disk_kind kind);

/* Statements that are prepared on all open connections together. */
int fake_disk_statement_count(const struct fake_disk *disk);

/* ---- Looking inside -------------------------------------------------------------------------- */

/* A file's size, or -1 if it does not exist. */
int64_t fake_disk_file_bytes(const struct fake_disk *disk, const char *file);

/* Copy bytes of a file as SQLite sees it; beyond its end they are zero.
 * Returns: how many lie before the end; 0 if the file does not exist */
size_t fake_disk_read(const struct fake_disk *disk, const char *file, int64_t offset_bytes,
                      void *bytes, size_t size);

#endif
