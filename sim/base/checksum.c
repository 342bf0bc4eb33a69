#include "checksum.h"

#include <nettle/sha2.h>
#include <stdio.h>

void sim_checksum(const char *text, size_t size_bytes, char checksum[SIM_CHECKSUM_SIZE]) {
  struct sha256_ctx context;
  uint8_t digest[SHA256_DIGEST_SIZE];
  sha256_init(&context);
  sha256_update(&context, size_bytes, (const uint8_t *)text);
  sha256_digest(&context, sizeof digest, digest);
  for (size_t i = 0; i < sizeof digest; i++) (void)snprintf(checksum + 2 * i, 3, "%02x", digest[i]);
}
