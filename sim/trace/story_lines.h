/* The effects of a step as sentences, one for each part of its record. */
#ifndef SIM_STORY_LINES_H
#define SIM_STORY_LINES_H

#include "record.h"

/* Returns: a new array of {"about", "text"}, see story.h; null when out of memory */
json_t *sim_story_lines(const struct sim_record *record);

#endif
