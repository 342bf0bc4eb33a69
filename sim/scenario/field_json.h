/* Writing fields: the reverse of sim_read_field(). */
#ifndef SIM_FIELD_JSON_H
#define SIM_FIELD_JSON_H

#include "language.h"

#include <jansson.h>

/* The value of the member that a field names, of the structure at `base`, as a scenario writes it.
 * In:      the_case  whose clients, actors and processes the members count
 * Returns: a new value; null when out of memory */
json_t *sim_field_json(const struct sim_case *the_case, const struct sim_field *field,
                       const void *base);

/* Whether this value is the field's default. */
bool sim_is_normal_json(const struct sim_field *field, const json_t *value);

#endif
