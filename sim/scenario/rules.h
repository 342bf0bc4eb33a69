/* The rule catalogue, scenarios/rules.json: {"rules": [{"id", "group", "source", "text"}, ...]}. */
#ifndef SIM_RULES_H
#define SIM_RULES_H

#include "reader.h"

#define SIM_MAX_CATALOGUE 1000

/* Read the catalogue's tree into the suite; mistakes go to the reader. */
void sim_rules_read(struct sim_reader *reader, struct sim_json *root);

#endif
