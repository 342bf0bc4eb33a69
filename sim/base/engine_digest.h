/* Which engine and which simulator this program was built from. */
#ifndef SIM_ENGINE_DIGEST_H
#define SIM_ENGINE_DIGEST_H

/* SHA-256 over the names and bytes of the engine's sources, as 64 hex digits: the same for every
 * compiler, optimization and machine. Certificates and traces carry it. */
const char *sim_engine_digest(void);

/* The same over the sources of sim/ and fakes/: what searches and judges. Certificates and journals
 * carry it; a trace does not, as it can be replayed by whatever still makes the same steps. */
const char *sim_simulator_digest(void);

#endif
