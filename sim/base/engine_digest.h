/* Which engine this program was built with. */
#ifndef SIM_ENGINE_DIGEST_H
#define SIM_ENGINE_DIGEST_H

/* SHA-256 over the names and bytes of the engine's sources, as 64 hex digits: the same for every
 * compiler, optimization and machine. Certificates and tapes carry it. */
const char *sim_engine_digest(void);

#endif
