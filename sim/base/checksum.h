/* The checksum of files that people pass on: certificates and traces. */
#ifndef SIM_CHECKSUM_H
#define SIM_CHECKSUM_H

#include <stddef.h>

/* The SHA-256 of some bytes, as 64 hex digits and a NUL. */
#define SIM_CHECKSUM_SIZE 65
void sim_checksum(const char *text, size_t size_bytes, char checksum[SIM_CHECKSUM_SIZE]);

#endif
