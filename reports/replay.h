/* The command that replays a failure's tape. */
#ifndef REPORT_REPLAY_H
#define REPORT_REPLAY_H

#include "read.h"

/* Read a failure's tape.
 *   "tape_file"  where it lies in the run directory: tapes/NAME; null or missing: there is none
 *   "replay"     the command, to be followed by that path
 * In:      directory  the run directory as the user has named it; quoted for a shell if need be;
 *                     null: the run is kept nowhere, and no tape is
 * Returns: "build/reloadsim replay DIRECTORY/tapes/NAME", in the reader's room; null: no tape */
const char *report_read_replay(struct report_reader *reader, const json_t *failure,
                               const struct report_place *at, const char *directory);

#endif
