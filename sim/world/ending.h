/* Endings: what happened, as lines that can be compared with what a scenario says should happen. */
#ifndef SIM_ENDING_H
#define SIM_ENDING_H

#include "machine.h"

#define SIM_ENDING_MAX_LINES 192

/* One line of a ledger: struct sim_line's fields, with what is only known when it has happened. */
struct sim_fact {
  enum sim_book book;
  int of;
  const char *what; /* static, or owned by the case; the bank's words are static or interned */
  int64_t tokens;   /* log; INT64_MIN: none */
  int64_t balance_tokens;
  int64_t amount_minor; /* bank, and log lines with money behind them; INT64_MIN: none */
  int64_t at_ms;        /* INT64_MIN: none */
  const char *for_id;   /* or null */
};

struct sim_ending {
  int line_count;
  bool overflowed;
  int64_t balances[SIM_MAX_CLIENTS];
  struct sim_fact lines[SIM_ENDING_MAX_LINES];
};
size_t sim_ending_size(const struct sim_ending *ending); /* bytes in use */

/* Describe a settled world: answers by actor; then for each client log, bank, mail. */
void sim_ending_of(const struct sim_machine *machine, struct sim_ending *ending);

/* Hash of what tells endings apart: all but times. */
uint64_t sim_ending_hash(const struct sim_ending *ending, int client_count);

/* That hash as 16 hex digits and a NUL. */
#define SIM_ENDING_HASH_SIZE 17
void sim_ending_hash_text(uint64_t hash, char text[SIM_ENDING_HASH_SIZE]);

/* What an outcome says, with what it leaves unsaid filled in: actors that went well, a captured
 * charge for each top-up. Unsaid fields are INT64_MIN or null and match anything. */
void sim_ending_expected(const struct sim_case *the_case, const struct sim_outcome *outcome,
                         struct sim_ending *ending);

/* Does this ending do what is expected? 0 if it does, else how many lines differ. */
int sim_ending_distance(const struct sim_case *the_case, const struct sim_outcome *outcome,
                        const struct sim_ending *expected, const struct sim_ending *actual);

/* The ledger in which they differ: bits 1 << enum sim_book; a balance counts as the log's. */
uint32_t sim_ending_difference(const struct sim_case *the_case, const struct sim_outcome *outcome,
                               const struct sim_ending *expected, const struct sim_ending *actual);

/* What the case's outcomes say of an ending. */
struct sim_match {
  int outcome; /* the first that the ending is; -1: none */
  int matches; /* how many it is */
  int nearest; /* the first of those that differ least; -1: there are no outcomes */
};
struct sim_match sim_ending_match(const struct sim_case *the_case, const struct sim_ending *actual);

/* Does an ending keep to an "every" clause? *number is what it has. */
bool sim_every_holds(const struct sim_every *every, const struct sim_ending *ending,
                     int64_t *number);

/* The number that an "every" clause measures in an ending. */
int64_t sim_ending_measure(const struct sim_ending *ending, enum sim_measure measure, int client);

#endif
