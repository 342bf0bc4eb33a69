/* Reports: renderings of one run directory, for people and for machines.
 *
 * Everything is made from RUN_DIRECTORY/run.json ("reloadsim-run-1") alone: the same bytes in give
 * the same bytes out, on any day, in any locale. Nothing here knows the engine or the simulator.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stdio.h>

enum report_format {
  REPORT_TEXT,  /* for people in a terminal */
  REPORT_JUNIT, /* JUnit XML as Jenkins and GitLab read it */
  REPORT_TAP,   /* TAP version 14 */
  REPORT_JSON   /* "reloadsim-summary-1": the answer, the totals, each failure with its place */
};

/* Write every report into the run directory:
 *   report.txt, junit.xml, results.tap, summary.json    the formats above
 *   ledger-diff.txt, ledger-diff.json                   the money of every ending, to be diffed
 *   rule-coverage.txt, rule-coverage.json               every rule and the cases that test it
 *   index.html, rules.html, cases/CASE.html             for product people, self-contained
 * A link to coverage/index.html is made if that file is there.
 * In:      run_directory  holds run.json
 *          errors         gets one line for what went wrong; not null
 * Returns: 0, or -1 if run.json cannot be read or is not a run, or a file cannot be written
 * Effects: all files are first written whole beside their places and synced, then renamed, the
 *          front page last; after a full disk or the like the old reports stand as they were.
 *          Pages of former cases in cases/ are removed.
 */
int report_write_all(const char *run_directory, FILE *errors);

/* Print one report.
 * In:      colour  with REPORT_TEXT: use ANSI colours (never the only sign of anything)
 * Returns: 0, or -1 if run.json cannot be used or `out` takes no more; said on `errors`
 * Effects: writes to `out` and flushes it; no files
 */
int report_terminal(const char *run_directory, enum report_format format, FILE *out, bool colour,
                    FILE *errors);

#endif
