/* Trace files: one path of steps as a short text that people read and diff, one line for each step.
 * Choices have names (who, which call, what at which site), not numbers, so that a trace stays
 * valid when sites and faults that it does not use are added. The last line is a checksum over all
 * before it, which detects a trace that was cut or edited. It protects against accidents, not
 * against forgery.
 *
 *   reloadsim-trace-1
 *   file scenarios/races/toggle-in-flight.json
 *   case races/toggle-in-flight
 *   engine 91ab...                       with which it was found
 *   digest 5f0c...                       of the case
 *   finds invariant MONEY-2 charged twice   its failure: sim_finding_text()
 *   1 | ana | decide
 *   2 | ana | confirm | gateway.confirm: timeout after
 *   3 | ben | settle | wal.sync 1: I/O error | host.retry: again
 *   4 | ben | settle | wal.sync 2: the process dies
 *   end 3f1c...                          the first 32 hex digits of the SHA-256
 * */
#ifndef SIM_TRACE_H
#define SIM_TRACE_H

#include "story.h"

/* A step, by names. */
struct sim_trace_line {
  char who[72];
  char call[48];                      /* what it did */
  char choices[SIM_CHOICE_TEXT_SIZE]; /* "SITE: WORD | SITE: WORD", not parsed yet */
};

/* The step that a line names. Returns: false if the case has nobody of that name (step->task is
 * -1), or a choice is unknown */
bool sim_trace_step(const struct sim_case *the_case, const struct sim_trace_line *line,
                    struct sim_transition *step);

struct sim_trace {
  char *file;
  char *case_id;
  char *engine;
  char *digest;
  char *finds;
  int line_count;
  size_t room; /* for lines */
  struct sim_trace_line *lines;
};

/* The digest of a case: of everything that a run of it depends on. 32 hex digits and a NUL. */
void sim_case_digest(const struct sim_case *the_case, char digest[SIM_HASH_TEXT_SIZE]);

/* Make the steps again and write the trace.
 * In:      finds  one line
 * Returns: the text, to be freed by the caller; null when out of memory */
char *sim_trace_text(struct sim_machine *machine, const struct sim_beginning *beginning,
                     const struct sim_transition *steps, int count, struct sim_transition last,
                     const char *finds);

/* The same trace for a case in another file or with another id. Returns: as above;
 * also null if this is not a trace */
char *sim_trace_renamed(const char *trace, const struct sim_case *the_case);

/* Read a trace.
 * In:      anyway  accept a missing or wrong checksum
 * Returns: null after writing to `errors` what is wrong, as PATH:LINE: error: TEXT */
struct sim_trace *sim_trace_read(const char *path, bool anyway, FILE *errors);
struct sim_trace *sim_trace_parse(const char *name, const char *text, size_t size_bytes,
                                  bool anyway, FILE *errors);
void sim_trace_free(struct sim_trace *recording);

/* `reloadsim replay`: write the trace's steps and their effects to `out`, and whether its failure
 * came again.
 * In:      stop_at  a step's number: stop before it; 0: go to the end
 *          anyway   replay it also with another engine or a changed scenario, to try a fix
 * Returns: an exit code. 0: the failure came again, or the replay was stopped; 1: it did not come;
 *          3: the trace is from another engine or scenario, or a step cannot be made any more:
 *          `errors` gets what differs */
int sim_replay(const struct sim_trace *recording, const struct sim_case *the_case, int stop_at,
               bool anyway, FILE *out, FILE *errors);

/* Called just before the step that --at names, as a place for a breakpoint. */
void sim_replay_here(void);

#endif
