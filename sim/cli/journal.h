/* The journal: the results of a run so far, case by case, in its report directory, so that an
 * interrupted run can be resumed (--resume). One line of JSON for the run, then one for each
 * finished case, each after its checksum. A line that was changed is refused. A last line that a
 * crash cut off is ignored. */
#ifndef SIM_JOURNAL_H
#define SIM_JOURNAL_H

#include "runner.h"

struct sim_journal;

/* Open DIRECTORY/journal.
 * In:      options   with resume: take over the results of an earlier run with the same engine,
 *                    simulator, seed, faults and limits, for cases that have not changed in any
 *                    word or place;
 *                    else begin a new journal
 * Out:     outcomes  one a case: those taken over are filled in
 *          *known    how many were taken over
 * Returns: null after writing to standard error why; *foreign is then true if the journal is
 *          another run's, damaged or missing
 */
struct sim_journal *sim_journal_open(const struct sim_options *options,
                                     const struct sim_case *const *cases, size_t case_count,
                                     struct sim_outcome_of_case *outcomes, size_t *known,
                                     bool *foreign);

/* A case has been explored to the end, or has failed. A failed write is reported once on standard
 * error; the run continues. */
void sim_journal_add(void *journal, const struct sim_case *the_case,
                     const struct sim_outcome_of_case *outcome);

/* Close the journal; null is fine.
 * In:      is_whole  nothing is left to resume: the journal is removed, unless it has cases that
 *                    this run did not select; then standard error says so */
void sim_journal_close(struct sim_journal *journal, bool is_whole);

#endif
