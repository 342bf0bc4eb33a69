/* Endings: what people see of a terminal state, as lines that are compared with the outcomes of a
 * scenario. */
#ifndef SIM_ENDING_H
#define SIM_ENDING_H

#include "machine.h"

#define SIM_ENDING_MAX_LINES 192

/* One line: the fields of struct sim_line, and what is only known after a run. */
struct sim_fact {
  enum sim_book book;
  int of;
  const char *what; /* static, interned, or owned by the case */
  int64_t tokens;   /* log; INT64_MIN: none */
  int64_t balance_tokens;
  int64_t amount_minor; /* bank, and log lines that stand for money; INT64_MIN: none */
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

/* Describe a terminal state: the answers by actor; then for each client the log, the bank, the
 * mail. */
void sim_ending_of(const struct sim_machine *machine, struct sim_ending *ending);

/* The hash of everything that tells endings apart: all but times. */
uint64_t sim_ending_hash(const struct sim_ending *ending, int client_count);

/* That hash as 16 hex digits and a NUL. */
#define SIM_ENDING_HASH_SIZE 17
void sim_ending_hash_text(uint64_t hash, char text[SIM_ENDING_HASH_SIZE]);

/* What an outcome says, with the defaults for what it leaves out: served actors, and a captured
 * charge for each top-up. Fields that stay open are INT64_MIN or null and match everything. */
void sim_ending_expected(const struct sim_case *the_case, const struct sim_outcome *outcome,
                         struct sim_ending *ending);

/* How many lines differ; 0: the ending is as expected. */
int sim_ending_distance(const struct sim_case *the_case, const struct sim_outcome *outcome,
                        const struct sim_ending *expected, const struct sim_ending *actual);

/* The books in which they differ: bits 1 << enum sim_book; a balance counts as the log's. */
uint32_t sim_ending_difference(const struct sim_case *the_case, const struct sim_outcome *outcome,
                               const struct sim_ending *expected, const struct sim_ending *actual);

/* How an ending compares with the outcomes of its case. */
struct sim_match {
  int outcome; /* the first that matches; -1: none */
  int matches; /* how many match */
  int nearest; /* the first with the fewest different lines; -1: no outcomes */
};
struct sim_match sim_ending_match(const struct sim_case *the_case, const struct sim_ending *actual);

/* Whether an "every" clause holds for an ending. *number is what was measured. */
bool sim_every_holds(const struct sim_every *every, const struct sim_ending *ending,
                     int64_t *number);

/* The number that an "every" clause measures in an ending. */
int64_t sim_ending_measure(const struct sim_ending *ending, enum sim_measure measure, int client);

#endif
