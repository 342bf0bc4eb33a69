#include "arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)16 << 10)

struct sim_arena_block {
  struct sim_arena_block *next;
  size_t size_bytes;
  size_t used_bytes;
  max_align_t data[];
};

static struct sim_arena_block *add_block(struct sim_arena *arena, size_t needed_bytes) {
  size_t size_bytes = needed_bytes > BLOCK_BYTES ? needed_bytes : BLOCK_BYTES;
  struct sim_arena_block *block = calloc(1, sizeof(*block) + size_bytes);

  if (!block) return NULL;
  block->size_bytes = size_bytes;
  if (needed_bytes > BLOCK_BYTES && arena->blocks) {
    /* A big piece fills its own block: the present block stays in front. */
    block->next = arena->blocks->next;
    arena->blocks->next = block;
  } else {
    block->next = arena->blocks;
    arena->blocks = block;
  }
  return block;
}

void *sim_arena_alloc(struct sim_arena *arena, size_t count, size_t size_bytes) {
  const size_t unit = sizeof(max_align_t);
  struct sim_arena_block *block = arena->blocks;
  size_t bytes;
  void *memory;

  if (size_bytes != 0 && count > (SIZE_MAX / 2) / size_bytes) goto out_of_memory;
  bytes = count * size_bytes;
  bytes = bytes == 0 ? unit : (bytes + unit - 1) / unit * unit;
  if (bytes > arena->limit_bytes || arena->used_bytes > arena->limit_bytes - bytes) {
    goto out_of_memory;
  }
  if (!block || block->size_bytes - block->used_bytes < bytes) block = add_block(arena, bytes);
  if (!block) goto out_of_memory;
  memory = (char *)block->data + block->used_bytes;
  block->used_bytes += bytes;
  arena->used_bytes += bytes;
  return memory;

out_of_memory:
  arena->failed = true;
  return NULL;
}

const char *sim_arena_text(struct sim_arena *arena, const char *text, size_t size_bytes) {
  char *copy = size_bytes < SIZE_MAX ? sim_arena_alloc(arena, size_bytes + 1, 1) : NULL;

  if (!copy) return "";
  memcpy(copy, text, size_bytes);
  return copy;
}

const char *sim_arena_format(struct sim_arena *arena, const char *format, ...) {
  va_list arguments;
  char *text = NULL;
  int length;

  va_start(arguments, format);
  length = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  if (length >= 0) text = sim_arena_alloc(arena, (size_t)length + 1, 1);
  if (!text) return "";
  va_start(arguments, format);
  (void)vsnprintf(text, (size_t)length + 1, format, arguments);
  va_end(arguments);
  return text;
}

void sim_arena_clear(struct sim_arena *arena) {
  struct sim_arena_block *block = arena->blocks;

  while (block) {
    struct sim_arena_block *next = block->next;
    free(block);
    block = next;
  }
  arena->blocks = NULL;
  arena->used_bytes = 0;
  arena->failed = false;
}
