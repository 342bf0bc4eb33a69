/* The JSON Schema of the language, made from a frame and the tables. Only sim/language.c uses
 * it. */
#ifndef SIM_SCHEMA_H
#define SIM_SCHEMA_H

#include "scenario.h"

#include <jansson.h>

/* Fill a frame, which is a handwritten schema (schema_frame.json). A member "$make" of an object is
 * replaced by the members that it names; a string such as "$SIM_MAX_STEPS" becomes that limit.
 * In:      suite  its rules become words of the schema
 * Returns: a new schema; null if a "$make" or a limit is unknown: *unknown names it; also null when
 *          out of memory: *unknown is null */
json_t *sim_schema_fill(json_t *frame, const struct sim_suite *suite, const char **unknown);

#endif
