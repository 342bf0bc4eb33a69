/* Memory that runs out: an allocator under SQLite and under jansson that counts what they ask for
 * and refuses one request, chosen by its number.
 *
 * Only what a thread asks for between fake_memory_begin() and fake_memory_end() is counted, and in
 * between not while it is paused: the simulator's own reading and the fakes' own writing of JSON
 * never fail. The numbers are a function of what SQLite and jansson do; whoever wants the same
 * numbers again must give them the same beginning (cold page caches, prepared statements).
 *
 * One request fails, and the next one is served again. A system that stays out of memory for longer
 * takes the first error path and little else: whatever goes on there fails in turn. Only a single
 * failure lets the program go on past it, which is where an unchecked result does harm.
 */
#ifndef FAKE_MEMORY_H
#define FAKE_MEMORY_H

#include <stdbool.h>

enum fake_memory_user { FAKE_MEMORY_SQLITE = 0, FAKE_MEMORY_JSON, FAKE_MEMORY_USER_COUNT };

/* Requests for new or larger memory, by user. */
struct fake_memory_counts {
  int requests[FAKE_MEMORY_USER_COUNT];
};

/* Stand under SQLite and jansson.
 * Returns: false if SQLite is in use already, or refuses
 * Effects: on the whole process, for ever. Call it once, before either library is used. */
bool fake_memory_install(void);

/* Count this thread's requests from now on, and refuse one.
 * In:      fail_nth  of this user's requests, from 1; 0: refuse none */
void fake_memory_begin(enum fake_memory_user user, int fail_nth);

/* Neither count nor refuse for a while; pairs may be nested. */
void fake_memory_pause(void);
void fake_memory_resume(void);

/* Count no more.
 * Returns: how many there were since fake_memory_begin() */
struct fake_memory_counts fake_memory_end(void);

/* Whether a request was refused since the last fake_memory_begin(). */
bool fake_memory_failed(void);

/* "memory.sqlite", "memory.json". Never null. */
const char *fake_memory_site_name(enum fake_memory_user user);

#endif
