/* See disk_blocks.h. */
#include "disk_blocks.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BLOCKS 64
#define CHUNK_LEAVES 128
#define ROOT_MIN_LEAVES 8
#define LEAF_BYTES ((int64_t)FAKE_LEAF_BLOCKS * FAKE_BLOCK_BYTES)

/* The bytes start on a cache line: they are copied in whole pages. */
struct fake_block {
  _Alignas(64) uint32_t owners;
  struct fake_block *next_free;
  _Alignas(64) unsigned char bytes[FAKE_BLOCK_BYTES];
};

struct fake_leaf {
  uint32_t owners;
  struct fake_leaf *next_free;
  struct fake_block *blocks[FAKE_LEAF_BLOCKS]; /* null: zeros */
};

struct fake_root {
  uint32_t owners;
  uint32_t capacity;
  uint32_t used;              /* leaves from here on are null */
  struct fake_leaf *leaves[]; /* null: zeros */
};

union chunk_header {
  void *next;
  _Alignas(64) unsigned char line[64];
};

/* ---- Memory ---------------------------------------------------------------------------------- */

/* Take count items of item_size bytes from the system, behind a header that links the chunks. */
static void *chunk_new(struct fake_blocks *blocks, size_t count, size_t item_size) {
  size_t size = sizeof(union chunk_header) + count * item_size;
  union chunk_header *chunk = aligned_alloc(64, (size + 63) / 64 * 64);
  if (chunk == NULL) {
    return NULL;
  }
  chunk->next = blocks->chunks;
  blocks->chunks = chunk;
  return chunk + 1;
}

static bool more_blocks(struct fake_blocks *blocks) {
  struct fake_block *items = chunk_new(blocks, CHUNK_BLOCKS, sizeof *items);
  if (items == NULL) {
    return false;
  }
  for (size_t i = CHUNK_BLOCKS; i-- > 0;) {
    items[i].next_free = blocks->free_blocks;
    blocks->free_blocks = &items[i];
  }
  return true;
}

static bool more_leaves(struct fake_blocks *blocks) {
  struct fake_leaf *items = chunk_new(blocks, CHUNK_LEAVES, sizeof *items);
  if (items == NULL) {
    return false;
  }
  for (size_t i = CHUNK_LEAVES; i-- > 0;) {
    items[i].next_free = blocks->free_leaves;
    blocks->free_leaves = &items[i];
  }
  return true;
}

/* A block with one owner and undefined bytes. */
static struct fake_block *block_new(struct fake_blocks *blocks) {
  if (blocks->free_blocks == NULL && !more_blocks(blocks)) {
    return NULL;
  }
  struct fake_block *block = blocks->free_blocks;
  blocks->free_blocks = block->next_free;
  block->owners = 1;
  blocks->used_blocks++;
  return block;
}

static void block_drop(struct fake_blocks *blocks, struct fake_block *block) {
  if (block == NULL || --block->owners > 0) {
    return;
  }
  block->next_free = blocks->free_blocks;
  blocks->free_blocks = block;
  blocks->used_blocks--;
}

static struct fake_leaf *leaf_new(struct fake_blocks *blocks) {
  if (blocks->free_leaves == NULL && !more_leaves(blocks)) {
    return NULL;
  }
  struct fake_leaf *leaf = blocks->free_leaves;
  blocks->free_leaves = leaf->next_free;
  *leaf = (struct fake_leaf){.owners = 1};
  return leaf;
}

static void leaf_drop(struct fake_blocks *blocks, struct fake_leaf *leaf) {
  if (leaf == NULL || --leaf->owners > 0) {
    return;
  }
  for (size_t i = 0; i < FAKE_LEAF_BLOCKS; i++) {
    block_drop(blocks, leaf->blocks[i]);
  }
  leaf->next_free = blocks->free_leaves;
  blocks->free_leaves = leaf;
}

static struct fake_root *root_new(uint32_t leaves) {
  uint32_t capacity = ROOT_MIN_LEAVES;
  while (capacity < leaves) {
    capacity *= 2;
  }
  struct fake_root *root = malloc(sizeof *root + capacity * sizeof root->leaves[0]);
  if (root != NULL) {
    *root = (struct fake_root){.owners = 1, .capacity = capacity};
    memset(root->leaves, 0, capacity * sizeof root->leaves[0]);
  }
  return root;
}

static void root_drop(struct fake_blocks *blocks, struct fake_root *root) {
  if (root == NULL || --root->owners > 0) {
    return;
  }
  for (uint32_t i = 0; i < root->used; i++) {
    leaf_drop(blocks, root->leaves[i]);
  }
  free(root);
}

void fake_blocks_free(struct fake_blocks *blocks) {
  assert(blocks->used_blocks == 0);
  void *chunk = blocks->chunks;
  while (chunk != NULL) {
    void *next = ((union chunk_header *)chunk)->next;
    free(chunk);
    chunk = next;
  }
  *blocks = (struct fake_blocks){0};
}

/* ---- Becoming the only owner before a change ------------------------------------------------- */

/* Make *slot a root of ours alone with room for this many leaves. */
static bool root_own(struct fake_blocks *blocks, struct fake_root **slot, uint32_t leaves) {
  struct fake_root *old = *slot;
  if (old != NULL && old->owners == 1 && old->capacity >= leaves) {
    old->used = leaves > old->used ? leaves : old->used;
    return true;
  }
  struct fake_root *own = root_new(old != NULL && old->used > leaves ? old->used : leaves);
  if (own == NULL) {
    return false;
  }
  own->used = leaves;
  if (old != NULL) {
    own->used = old->used > leaves ? old->used : leaves;
    for (uint32_t i = 0; i < old->used; i++) {
      own->leaves[i] = old->leaves[i];
      if (own->leaves[i] != NULL) {
        own->leaves[i]->owners++;
      }
    }
    root_drop(blocks, old);
  }
  *slot = own;
  return true;
}

static bool leaf_own(struct fake_blocks *blocks, struct fake_leaf **slot) {
  struct fake_leaf *old = *slot;
  if (old != NULL && old->owners == 1) {
    return true;
  }
  struct fake_leaf *own = leaf_new(blocks);
  if (own == NULL) {
    return false;
  }
  if (old != NULL) {
    for (size_t i = 0; i < FAKE_LEAF_BLOCKS; i++) {
      own->blocks[i] = old->blocks[i];
      if (own->blocks[i] != NULL) {
        own->blocks[i]->owners++;
      }
    }
    leaf_drop(blocks, old);
  }
  *slot = own;
  return true;
}

/* Make *slot a block of ours alone, of which the bytes [start, end) are about to be overwritten and
 * those below used are part of the file. */
static bool block_own(struct fake_blocks *blocks, struct fake_block **slot, size_t start,
                      size_t end, size_t used) {
  struct fake_block *old = *slot;
  if (old != NULL && old->owners == 1) {
    return true;
  }
  struct fake_block *own = block_new(blocks);
  if (own == NULL) {
    return false;
  }
  if (old == NULL) {
    memset(own->bytes, 0, start);
    if (end < used) {
      memset(own->bytes + end, 0, used - end);
    }
  } else {
    if (start > 0 || end < used) {
      memcpy(own->bytes, old->bytes, used > start ? used : start);
    }
    block_drop(blocks, old);
  }
  *slot = own;
  return true;
}

/* ---- Contents -------------------------------------------------------------------------------- */

struct fake_content fake_content_share(const struct fake_content *content) {
  if (content->root != NULL) {
    content->root->owners++;
  }
  return *content;
}

void fake_content_drop(struct fake_blocks *blocks, struct fake_content *content) {
  root_drop(blocks, content->root);
  *content = (struct fake_content){0};
}

static const struct fake_block *block_at(const struct fake_content *content, int64_t offset_bytes) {
  size_t leaf_no = (size_t)(offset_bytes / LEAF_BYTES);
  if (content->root == NULL || leaf_no >= content->root->used) {
    return NULL;
  }
  const struct fake_leaf *leaf = content->root->leaves[leaf_no];
  return leaf == NULL ? NULL : leaf->blocks[offset_bytes / FAKE_BLOCK_BYTES % FAKE_LEAF_BLOCKS];
}

static size_t part_size(size_t start, size_t size) {
  return size < FAKE_BLOCK_BYTES - start ? size : FAKE_BLOCK_BYTES - start;
}

size_t fake_content_read(const struct fake_content *content, int64_t offset_bytes, void *bytes,
                         size_t size) {
  int64_t left_bytes = content->size_bytes - offset_bytes;
  size_t known = left_bytes <= 0 ? 0 : (uint64_t)left_bytes < size ? (size_t)left_bytes : size;
  unsigned char *to = bytes;
  for (size_t done = 0; done < known;) {
    const struct fake_block *block = block_at(content, offset_bytes);
    size_t start = (size_t)(offset_bytes % FAKE_BLOCK_BYTES);
    size_t part = part_size(start, known - done);
    if (block == NULL) {
      memset(to + done, 0, part);
    } else {
      memcpy(to + done, block->bytes + start, part);
    }
    done += part;
    offset_bytes += (int64_t)part;
  }
  if (known < size) {
    memset(to + known, 0, size - known);
  }
  return known;
}

bool fake_content_same_start(const struct fake_content *a, const struct fake_content *b,
                             int64_t end_bytes) {
  unsigned char bytes[2][FAKE_BLOCK_BYTES];
  if (a->size_bytes < end_bytes || b->size_bytes < end_bytes) {
    return false;
  }
  for (int64_t at = 0; a->root != b->root && at < end_bytes; at += FAKE_BLOCK_BYTES) {
    size_t part = end_bytes - at < FAKE_BLOCK_BYTES ? (size_t)(end_bytes - at) : FAKE_BLOCK_BYTES;
    if (block_at(a, at) == block_at(b, at)) {
      continue;
    }
    (void)fake_content_read(a, at, bytes[0], part);
    (void)fake_content_read(b, at, bytes[1], part);
    if (memcmp(bytes[0], bytes[1], part) != 0) {
      return false;
    }
  }
  return true;
}

/* The file's bytes in the block that holds offset_bytes. */
static size_t used_in_block(const struct fake_content *content, int64_t offset_bytes) {
  int64_t used = content->size_bytes - offset_bytes / FAKE_BLOCK_BYTES * FAKE_BLOCK_BYTES;
  return used <= 0 ? 0 : used < FAKE_BLOCK_BYTES ? (size_t)used : FAKE_BLOCK_BYTES;
}

/* Write within one block; bytes null: zeros. The root must be ours alone and large enough. */
static bool write_part(struct fake_blocks *blocks, struct fake_content *content,
                       int64_t offset_bytes, const unsigned char *bytes, size_t size) {
  struct fake_leaf **leaf = &content->root->leaves[offset_bytes / LEAF_BYTES];
  size_t start = (size_t)(offset_bytes % FAKE_BLOCK_BYTES);
  size_t used = used_in_block(content, offset_bytes);
  if (!leaf_own(blocks, leaf)) {
    return false;
  }
  struct fake_block **block = &(*leaf)->blocks[offset_bytes / FAKE_BLOCK_BYTES % FAKE_LEAF_BLOCKS];
  if (!block_own(blocks, block, start, start + size, used)) {
    return false;
  }
  if (bytes == NULL) {
    memset((*block)->bytes + start, 0, size);
  } else {
    memcpy((*block)->bytes + start, bytes, size);
  }
  return true;
}

static bool own_up_to(struct fake_blocks *blocks, struct fake_content *content, int64_t end_bytes) {
  return end_bytes <= FAKE_CONTENT_MAX_BYTES &&
         root_own(blocks, &content->root, (uint32_t)((end_bytes + LEAF_BYTES - 1) / LEAF_BYTES));
}

/* Zero the undefined bytes between the end and end_bytes. Only blocks that exist have any: the one
 * with the end in it, and those that a cut has left behind (see fake_content_resize). */
static bool zero_gap(struct fake_blocks *blocks, struct fake_content *content, int64_t end_bytes) {
  for (int64_t at = content->size_bytes; at < end_bytes;) {
    size_t part = part_size((size_t)(at % FAKE_BLOCK_BYTES), (size_t)(end_bytes - at));
    if (block_at(content, at) != NULL && !write_part(blocks, content, at, NULL, part)) {
      return false;
    }
    at += (int64_t)part;
  }
  return true;
}

bool fake_content_write(struct fake_blocks *blocks, struct fake_content *content,
                        int64_t offset_bytes, const void *bytes, size_t size) {
  if (offset_bytes > FAKE_CONTENT_MAX_BYTES || size > (size_t)FAKE_CONTENT_MAX_BYTES ||
      !own_up_to(blocks, content, offset_bytes + (int64_t)size) ||
      !zero_gap(blocks, content, offset_bytes)) {
    return false;
  }
  if (offset_bytes > content->size_bytes) {
    content->size_bytes = offset_bytes;
  }
  const unsigned char *from = bytes;
  while (size > 0) {
    size_t part = part_size((size_t)(offset_bytes % FAKE_BLOCK_BYTES), size);
    if (!write_part(blocks, content, offset_bytes, from, part)) {
      return false;
    }
    from += part;
    size -= part;
    offset_bytes += (int64_t)part;
    if (offset_bytes > content->size_bytes) {
      content->size_bytes = offset_bytes;
    }
  }
  return true;
}

/* Drop the leaves and blocks that lie wholly beyond the end, so that a cut file costs nothing. The
 * root must be ours alone. */
static bool drop_beyond_end(struct fake_blocks *blocks, struct fake_content *content) {
  uint32_t leaves = (uint32_t)((content->size_bytes + LEAF_BYTES - 1) / LEAF_BYTES);
  struct fake_root *root = content->root;
  for (uint32_t i = leaves; i < root->used; i++) {
    leaf_drop(blocks, root->leaves[i]);
    root->leaves[i] = NULL;
  }
  bool ends_in_gap = leaves == 0 || root->used < leaves || root->leaves[leaves - 1] == NULL;
  if (leaves < root->used) root->used = leaves;
  if (ends_in_gap) {
    return true;
  }
  struct fake_leaf **leaf = &root->leaves[leaves - 1];
  if (!leaf_own(blocks, leaf)) {
    return false;
  }
  int64_t leaf_start = (int64_t)(leaves - 1) * LEAF_BYTES;
  for (int64_t i = 0; i < FAKE_LEAF_BLOCKS; i++) {
    if (leaf_start + i * FAKE_BLOCK_BYTES >= content->size_bytes) {
      block_drop(blocks, (*leaf)->blocks[i]);
      (*leaf)->blocks[i] = NULL;
    }
  }
  return true;
}

bool fake_content_resize(struct fake_blocks *blocks, struct fake_content *content,
                         int64_t size_bytes) {
  if (size_bytes == 0) {
    fake_content_drop(blocks, content);
    return true;
  }
  int64_t old_bytes = content->size_bytes;
  if (!own_up_to(blocks, content, size_bytes) || !zero_gap(blocks, content, size_bytes)) {
    return false;
  }
  content->size_bytes = size_bytes;
  return size_bytes >= old_bytes || drop_beyond_end(blocks, content);
}
