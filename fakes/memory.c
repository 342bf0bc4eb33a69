/* See memory.h. */
#include "memory.h"

#include <jansson.h>
#include <sqlite3.h>
#include <stdlib.h>

static sqlite3_mem_methods below; /* SQLite's own allocator; never changed once installed */

/* Searches may run in several threads, each with its own machine. */
static _Thread_local struct fake_memory_hook hook; /* nobody: nothing is refused */
static _Thread_local int paused;

static bool is_refused(enum fake_memory_user user) {
  return hook.refuses && paused == 0 && hook.refuses(hook.self, user);
}

static void *sqlite_new(int size) {
  return is_refused(FAKE_MEMORY_SQLITE) ? NULL : below.xMalloc(size);
}

static void *sqlite_resize(void *memory, int size) {
  return is_refused(FAKE_MEMORY_SQLITE) ? NULL : below.xRealloc(memory, size);
}

static void *json_new(size_t size) { return is_refused(FAKE_MEMORY_JSON) ? NULL : malloc(size); }

bool fake_memory_install(void) {
  if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &below) != SQLITE_OK) return false;
  sqlite3_mem_methods methods = below;
  methods.xMalloc = sqlite_new;
  methods.xRealloc = sqlite_resize;
  json_set_alloc_funcs(json_new, free);
  return sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK;
}

void fake_memory_begin(const struct fake_memory_hook *by) {
  hook = *by;
  paused = 0;
}

void fake_memory_pause(void) { paused++; }

void fake_memory_resume(void) { paused--; }

void fake_memory_end(void) { hook = (struct fake_memory_hook){.refuses = NULL}; }

const char *fake_memory_site_name(enum fake_memory_user user) {
  static const char *const names[] = {
      [FAKE_MEMORY_SQLITE] = "memory.sqlite",
      [FAKE_MEMORY_JSON] = "memory.json",
  };
  return user < FAKE_MEMORY_USER_COUNT ? names[user] : "memory";
}
