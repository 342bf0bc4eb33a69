/* What the certificate's files share. Only they and tests include it. */
#ifndef SIM_CERTIFICATE_INSIDE_H
#define SIM_CERTIFICATE_INSIDE_H

#include "certificate.h"
#include "checksum.h"
#include "evidence.h"
#include "json_text.h"

/* The last lines: the SHA-256 of every byte before them, as 64 hex digits. */
#define SIM_CERTIFICATE_SEAL_BEGIN ",\n \"checksum\": \""
#define SIM_CERTIFICATE_SEAL_END "\"\n}\n"
#define SIM_CERTIFICATE_SEAL_SIZE                                                                  \
  (sizeof SIM_CERTIFICATE_SEAL_BEGIN - 1 + SIM_CHECKSUM_SIZE - 1 +                                 \
   sizeof SIM_CERTIFICATE_SEAL_END - 1)

/* The suite's root: begin with zero and add the cases in order. */
struct sim_hash sim_certificate_add_root(struct sim_hash root, const char *id,
                                         const char *case_root);

struct sim_certificate {
  struct sim_arena arena; /* owns all values below */
  struct sim_json *tree;
  char **paths; /* writable, as a command line's are */
};

#endif
