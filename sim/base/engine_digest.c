#include "engine_digest.h"

#include "engine_digest_text.h"

const char *sim_engine_digest(void) { return SIM_ENGINE_DIGEST; }
