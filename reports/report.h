/* Reports: renderings of one run, for people and for machines.
 *
 * Everything is made from the run's JSON ("reloadsim-run-2") alone: the same value in gives the
 * same bytes out, on any day, in any locale. Nothing here knows the engine or the simulator.
 *
 * A run is borrowed. Its directory is named as the user has named it; null: it is kept nowhere.
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
 * A link to coverage/index.html is made if that file is there.
 * In:      errors  gets one line for what went wrong; not null
 * Returns: 0, or -1 if it is no run, or a file cannot be written
 * Effects: all files are first written whole beside their places and synced, then renamed, the
 *          front page last; after a full disk or the like the old reports stand as they were.
 *          Pages of former cases in cases/ are removed.
 */
int report_write_run(const json_t *run, const char *directory, FILE *errors);

/* The same without run.json: the reports of a run that was loaded. */
int report_write_all(const json_t *run, const char *directory, FILE *errors);

/* Load DIRECTORY/run.json, at most 512 MiB. What it says is checked by whoever renders it.
 * Returns: a value, to be released by the caller; null after saying on `errors` what is wrong */
json_t *report_load(const char *directory, FILE *errors);

/* Print one report.
 * In:      colour  with REPORT_TEXT: use ANSI colours (never the only sign of anything)
 * Returns: 0, or -1 if it is no run or `out` takes no more; said on `errors`
 * Effects: writes to `out` and flushes it; no files
 */
int report_terminal(const json_t *run, const char *directory, enum report_format format, FILE *out,
                    bool colour, FILE *errors);

#endif
