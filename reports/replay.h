/* The command that replays a failure's trace. */
#ifndef REPORT_REPLAY_H
#define REPORT_REPLAY_H

#include "read.h"

/* Read a failure's trace.
 *   "trace_file"  its path in the run directory, traces/NAME; null or missing: there is none
 *   "replay"     the command, to be followed by that path
 * In:      directory  the run directory as the user named it, quoted for a shell if needed; null:
 *                     the run was not written, so there is no trace
 * Returns: "build/reloadsim replay DIRECTORY/traces/NAME", in the reader's room; null: no trace */
const char *report_read_replay(struct report_reader *reader, const json_t *failure,
                               const struct report_place *at, const char *directory);

#endif
