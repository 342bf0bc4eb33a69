/* The JSON Schema of the language, made of a frame and the tables. Only sim/language.c uses it. */
#ifndef SIM_SCHEMA_H
#define SIM_SCHEMA_H

#include "scenario.h"

#include <jansson.h>

/* Fill a frame: a schema by hand (schema_frame.json). For a member "$make" of an object come the
 * members that the tables have for it, and a string such as "$SIM_MAX_STEPS" becomes that limit.
 * In:      suite  its rules become words of the schema
 * Returns: a new schema; null after a "$make" or a limit that is not known, which *unknown then
 *          names, or when out of memory, and *unknown is null */
json_t *sim_schema_fill(json_t *frame, const struct sim_suite *suite, const char **unknown);

#endif
