/* Memory that runs out: an allocator under SQLite and jansson that asks a hook at each request
 * whether to refuse it.
 *
 * It asks only for requests of this thread between fake_memory_begin() and fake_memory_end(), and
 * not while it is paused: the simulator's own reading and the fakes' own writing of JSON never
 * fail. The requests depend on what SQLite and jansson do. To get the same ones again, a step must
 * begin in the same way (cold page caches, prepared statements).
 *
 * One request fails, and the next one is served again. A system that stays out of memory for longer
 * takes the first error path and little else, as everything after it fails in turn. Only a single
 * failure lets the program continue, which is where an unchecked result does harm. */
#ifndef FAKE_MEMORY_H
#define FAKE_MEMORY_H

#include <stdbool.h>

enum fake_memory_user { FAKE_MEMORY_SQLITE = 0, FAKE_MEMORY_JSON, FAKE_MEMORY_USER_COUNT };

/* `refuses` is asked at each request for new or larger memory; it must not ask for memory of these
 * users itself. */
struct fake_memory_hook {
  void *self;
  bool (*refuses)(void *self, enum fake_memory_user user);
};

/* Install the allocator under SQLite and jansson.
 * Returns: false if SQLite is in use already, or refuses
 * Effects: on the whole process, for ever. Call it once, before either library is used */
bool fake_memory_install(void);

/* Ask at this thread's requests from now on. In: hook  copied */
void fake_memory_begin(const struct fake_memory_hook *hook);

/* Do not ask for a while; pairs may be nested. */
void fake_memory_pause(void);
void fake_memory_resume(void);

/* Ask no more. */
void fake_memory_end(void);

/* "memory.sqlite", "memory.json". Never null. */
const char *fake_memory_site_name(enum fake_memory_user user);

#endif
