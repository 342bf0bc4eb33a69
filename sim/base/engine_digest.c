#include "engine_digest.h"

#include "engine_digest_text.h"
#include "simulator_digest_text.h"

const char *sim_engine_digest(void) { return SIM_ENGINE_DIGEST; }

const char *sim_simulator_digest(void) { return SIM_SIMULATOR_DIGEST; }
