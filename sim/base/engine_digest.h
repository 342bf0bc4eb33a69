/* Which engine and which simulator this program was built from. */
#ifndef SIM_ENGINE_DIGEST_H
#define SIM_ENGINE_DIGEST_H

/* SHA-256 over the names and bytes of the engine's sources, as 64 hex digits. It is the same for
 * every compiler, optimization and machine. Certificates and traces contain it. */
const char *sim_engine_digest(void);

/* The same over the sources of sim/ and fakes/, which search and judge. Certificates and journals
 * contain it. A trace does not: it can be replayed by any simulator that runs the same steps. */
const char *sim_simulator_digest(void);

#endif
