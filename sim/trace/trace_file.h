/* Traces: one path of steps as a short text that people read and diff, one line a step. Choices are
 * told by name (who, which call, what at which site), not by number, so that a trace stays
 * valid when sites and faults that it does not use are added. Its last line seals it: a checksum
 * over all before it, so that a trace that was cut or edited is known as such. It guards against
 * accidents, not against forgery.
 *
 *   reloadsim-trace-1
 *   file scenarios/races/toggle-in-flight.json
 *   case races/toggle-in-flight
 *   engine 91ab...                       that it was found with
 *   digest 5f0c...                       of the case as it was
 *   finds invariant MONEY-2 charged twice   what it leads to: sim_finding_text()
 *   1 | ana | decide
 *   2 | ana | confirm | gateway.confirm: timeout after
 *   3 | ben | settle | wal.sync 1: I/O error | host.retry: again
 *   4 | ben | settle | wal.sync 2: the process dies
 *   end 3f1c...                          the first 32 hex digits of the SHA-256
 * */
#ifndef SIM_TRACE_H
#define SIM_TRACE_H

#include "story.h"

/* A step by its names. */
struct sim_trace_line {
  char who[72];
  char call[48];                      /* what it did */
  char choices[SIM_CHOICE_TEXT_SIZE]; /* "SITE: WORD | SITE: WORD", not yet looked at */
};

/* What a line tells of a case. Returns: false if nobody of the case is called so (step->task is
 * -1), or a choice is none */
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

/* The digest of a case: of everything in it that a run depends on. 32 hex digits and a NUL. */
#define SIM_DIGEST_SIZE 33
void sim_case_digest(const struct sim_case *the_case, char digest[SIM_DIGEST_SIZE]);

/* Make the steps again and write the trace.
 * In:      finds  one line
 * Returns: the text, to be freed by the caller; null when out of memory */
char *sim_trace_text(struct sim_machine *machine, const struct sim_beginning *beginning,
                     const struct sim_transition *steps, int count, struct sim_transition last,
                     const char *finds);

/* The same trace, of a case that has moved to another file or got another id. Returns: as above;
 * also null if this is no trace */
char *sim_trace_renamed(const char *trace, const struct sim_case *the_case);

/* Read a trace.
 * In:      anyway  its checksum may be missing or wrong, if only it reads as a trace
 * Returns: null after saying on `errors` what is wrong, as PATH:LINE: error: TEXT. */
struct sim_trace *sim_trace_read(const char *path, bool anyway, FILE *errors);
struct sim_trace *sim_trace_parse(const char *name, const char *text, size_t size_bytes,
                                  bool anyway, FILE *errors);
void sim_trace_free(struct sim_trace *recording);

/* `reloadsim replay`: show a trace's story on `out`, step by step, and whether what the trace finds
 * has come up.
 * In:      stop_at  a step's number: stop before it; 0: go to the end
 *          anyway   play it also with another engine or a scenario that has changed: that is how a
 *                   fix is tried
 * Returns: an exit code: 0: it came up (or the replay was stopped before); 1: it did not, and what
 *          came up instead is said; 3: the trace is of another engine or scenario, or one of its
 *          steps cannot be made any more; what differs is said on `errors` */
int sim_replay(const struct sim_trace *recording, const struct sim_case *the_case, int stop_at,
               bool anyway, FILE *out, FILE *errors);

/* Called just before the step that --at names: a place for a debugger to stop. */
void sim_replay_here(void);

#endif
