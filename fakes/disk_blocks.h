/* Copy-on-write file contents: the bytes of the fake disk, as values that are cheap to share.
 *
 * A content is a size and a tree: root -> leaves of 16 blocks -> blocks of 4096 bytes. Every node
 * counts its owners; sharing a content is one increment, and a write copies only the nodes on its
 * way that have more than one owner. Private to fakes/disk*.c. Not thread-safe.
 */
#ifndef FAKE_DISK_BLOCKS_H
#define FAKE_DISK_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_BLOCK_BYTES 4096
#define FAKE_LEAF_BLOCKS 16
#define FAKE_CONTENT_MAX_BYTES (INT64_C(256) << 20) /* a file beyond this is "disk full" */

struct fake_block;
struct fake_leaf;
struct fake_root;

/* Where blocks and leaves come from; owns all memory of all contents made with it. */
struct fake_blocks {
  struct fake_block *free_blocks;
  struct fake_leaf *free_leaves;
  void *chunks;        /* everything ever taken from the system, for fake_blocks_free() */
  int64_t used_blocks; /* blocks with an owner */
};

/* A file's bytes. All zero is an empty file. Copy it only with fake_content_share(). Bytes of the
 * last block at or beyond size_bytes are undefined. */
struct fake_content {
  struct fake_root *root; /* null: no block was ever written */
  int64_t size_bytes;
};

/* Give all memory back to the system; every content must have been dropped. *blocks is zeroed, as
 * it must be before its first use. */
void fake_blocks_free(struct fake_blocks *blocks);

/* Another owner of the same bytes, to be dropped by the caller. Never fails. */
struct fake_content fake_content_share(const struct fake_content *content);

/* Give up one ownership; *content becomes an empty file. */
void fake_content_drop(struct fake_blocks *blocks, struct fake_content *content);

/* Copy size bytes from offset_bytes >= 0 on; what lies beyond the end reads as zero.
 * Returns: how many of them lie before the end
 */
size_t fake_content_read(const struct fake_content *content, int64_t offset_bytes, void *bytes,
                         size_t size);

/* Whether both reach to end_bytes, and have the same bytes below it. Looks only into blocks that
 * they do not share. */
bool fake_content_same_start(const struct fake_content *a, const struct fake_content *b,
                             int64_t end_bytes);

/* Overwrite or append; a gap between the old end and offset_bytes reads as zero.
 * In:      bytes  size of them, size > 0; offset_bytes >= 0
 * Returns: false when out of memory or beyond FAKE_CONTENT_MAX_BYTES; some of the bytes may then
 *          have been written, as on a real disk
 */
bool fake_content_write(struct fake_blocks *blocks, struct fake_content *content,
                        int64_t offset_bytes, const void *bytes, size_t size);

/* Cut or extend (with zeros) to size_bytes >= 0. Returns false as fake_content_write() does. */
bool fake_content_resize(struct fake_blocks *blocks, struct fake_content *content,
                         int64_t size_bytes);

#endif
