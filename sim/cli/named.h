/* What the arguments of a command line name: scenario files, folders of them, or cases by id. */
#ifndef SIM_NAMED_H
#define SIM_NAMED_H

#include "scenario.h"

/* The folder whose cases can be named by id. It is read when nothing is named. */
#define SIM_SUITE_FOLDER "scenarios"

struct sim_named {   /* zero at first */
  const char **rows; /* ids of single rows, such as "declines/codes#lost"; borrowed */
  size_t row_count, row_room;
};

/* Read what the words name into a suite. A word that is not a path ("declines/codes") is looked up
 * as an id below SIM_SUITE_FOLDER. A word that names nothing becomes a mistake of the suite, with
 * the nearest id.
 * In:      words  borrowed until sim_named_free(); none: SIM_SUITE_FOLDER
 * Returns: false when out of memory */
bool sim_named_read(struct sim_named *named, struct sim_suite *suite, char *const *words,
                    int word_count);

/* Whether a case of the suite was named: of a file that was read for single rows only these
 * count. */
bool sim_named_has(const struct sim_named *named, const struct sim_case *the_case);

void sim_named_free(struct sim_named *named);

#endif
