/* What a run has found so far, case by case, in its report's directory: a run that was interrupted
 * can go on from there (--resume). One line of JSON for the run, then one for each finished case,
 * each behind a checksum: a line that was changed is refused. A last line that a crash cut off does
 * not count. */
#ifndef SIM_JOURNAL_H
#define SIM_JOURNAL_H

#include "runner.h"

struct sim_journal;

/* Open DIRECTORY/journal.
 * In:      resume    take over what an earlier run with the same engine, simulator, seed, faults
 *                    and bounds has found of these cases, as far as they are unchanged: world,
 *                    steps, expectations, words and places; else begin anew
 * Out:     outcomes  one a case: filled in where the result is known
 *          *known    how many are
 * Returns: null after saying on stderr why; *foreign then says that the journal there is another
 *          run's, damaged, or none
 */
struct sim_journal *sim_journal_open(const struct sim_options *options, bool resume,
                                     const struct sim_case *const *cases, size_t case_count,
                                     struct sim_outcome_of_case *outcomes, size_t *known,
                                     bool *foreign);

/* A case has been explored to the end, or has failed. Says once on stderr if it cannot be written;
 * the run goes on. */
void sim_journal_add(void *journal, const struct sim_case *the_case,
                     const struct sim_outcome_of_case *outcome);

/* In:      is_whole  nothing is left to go on with: the journal is removed, unless it knows cases
 *                    that this run did not choose, which it says on stderr */
void sim_journal_close(struct sim_journal *journal, bool is_whole);

#endif
