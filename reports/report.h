/* Reports: renderings of one run, for people and for machines.
 *
 * They are made from the run's JSON ("reloadsim-run-2") alone: the same value gives the same bytes,
 * on any day and in any locale. The reports do not depend on the engine or the simulator.
 *
 * A run is borrowed. Its directory is named as the user named it; null: the run was not written.
 */
#ifndef REPORT_H
#define REPORT_H

#include "formats.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Write a run's JSON and every report into its directory:
 *   run.json                                            the run itself, see report_load()
 *   report.txt, junit.xml and the others of formats.h   the formats
 *   index.html, rules.html, cases/CASE.html             for product people, self-contained
 * A link to coverage/index.html is made if that file exists.
 * In:      errors  gets one line about what went wrong; not null
 * Returns: 0, or -1 if it is not a run, or a file cannot be written
 * Effects: all files are first written beside their places and synced, then renamed, the front page
 *          last. After an error such as a full disk the old reports are unchanged. Pages of earlier
 *          cases in cases/ are removed.
 */
int report_write_run(const json_t *run, const char *directory, FILE *errors);

/* The same without run.json: the reports of a run that was loaded. */
int report_write_all(const json_t *run, const char *directory, FILE *errors);

/* Load DIRECTORY/run.json, at most 512 MiB. Its contents are checked when it is rendered. Returns:
 * a value, to be released by the caller; null after writing to `errors` what is wrong */
json_t *report_load(const char *directory, FILE *errors);

/* Print one report.
 * In:      colour  with REPORT_TEXT: use ANSI colours (never the only sign of anything)
 * Returns: 0, or -1 after writing to `errors` that it is not a run or cannot be written
 * Effects: writes to `out` and flushes it; no files
 */
int report_terminal(const json_t *run, const char *directory, enum report_format format, FILE *out,
                    bool colour, FILE *errors);

#endif
