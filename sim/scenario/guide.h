/* The tables in the authors' guide. Only sim/language.c uses it. */
#ifndef SIM_GUIDE_H
#define SIM_GUIDE_H

#include <stdbool.h>
#include <stdio.h>

/* Write a guide with new tables: what stands between a line "<!-- table: NAME -->" and the next
 * line "<!-- end of table -->" is replaced, everything else is kept.
 * Returns: false after a message on standard error, or if writing failed */
bool sim_guide_fill(const char *path, FILE *out);

#endif
