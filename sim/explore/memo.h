/* Remembered steps. What a step does depends on a few parts of a world: its own task, the clock,
 * and those of store, gateway and mailbox that it reads (parts.h). The results of all variants of a
 * step (every answer, every fault) are remembered under the numbers of these parts. A step is run
 * on the engine only when that combination is new. */
#ifndef SIM_MEMO_H
#define SIM_MEMO_H

#include "check.h"
#include "parts.h"

/* What one variant of a step does. */
struct sim_result {
  struct sim_transition transition;
  uint32_t transition_number;       /* in the graph */
  uint32_t task, store, card, mail; /* new numbers; 0: unchanged */
  int64_t recover_at_ms, deliver_at_ms;
  int32_t fault_effects, first_shown; /* bits that are set */
  int8_t injected, faults_shown;
  int8_t died;        /* SIM_DIED_... */
  bool is_checked;    /* sim_check_around() is to check what it leads to */
  uint32_t reported;  /* what it compares: sim_memo_reported(); 0: nothing */
  uint32_t violation; /* of sim_check_step(), in every state: sim_memo_violation(); 0: none */
  int16_t site;       /* number of its injected fault in the findings; -1: none */
  int16_t bound;      /* likewise, if not every image of a power failure was tried; or -1 */
  uint32_t deed;      /* hash of what the step did that no world shows */
};

/* All variants of a step, in their order. */
struct sim_expansion {
  uint32_t count;
  size_t room;
  uint32_t first_id; /* number of the first result; all results of a search are numbered */
  struct sim_result *results;
  struct sim_tuple *tuples; /* the worlds that they lead to; null: see sim_result_apply() */
};
void sim_expansion_free(struct sim_expansion *expansion);

/* What a step depends on. It is zeroed before it is filled: keys are compared as bytes. */
struct sim_memo_key {
  int64_t now_ms, recover_at_ms, deliver_at_ms;
  uint32_t task, store, card, mail;
  int32_t first_shown, fault_effects;
  int16_t own;
  int16_t injections_left, declared_left;
  int16_t unused;
};

struct sim_memo;
struct sim_memo *sim_memo_new(void); /* null: out of memory */
void sim_memo_free(struct sim_memo *memo);

/* The remembered results; null: none. Valid until the memo is cleared. */
const struct sim_expansion *sim_memo_find(const struct sim_memo *memo,
                                          const struct sim_memo_key *key);

/* Remember results. The memo takes over what *expansion owns.
 * Returns: the kept ones; null when out of memory, and *expansion is still the caller's */
const struct sim_expansion *sim_memo_keep(struct sim_memo *memo, const struct sim_memo_key *key,
                                          const struct sim_expansion *expansion);

/* The world that a result leads to from *before; sim_parts_follow() does the rest. */
void sim_result_apply(const struct sim_result *result, const struct sim_tuple *before,
                      struct sim_tuple *after);

/* A call of sim_check_around() and all that it depends on; `around` is a hash of the tasks that it
 * looks at. */
struct sim_memo_check {
  uint32_t result; /* the result's number + 1 if it has reported the bank's word; else 0 */
  uint32_t store, card, mail;
  uint64_t around;
};

/* Keep the bank's word, or a violation, until the memo is cleared.
 * Returns: its number, above 0; 0 when out of memory */
uint32_t sim_memo_keep_reported(struct sim_memo *memo, const struct sim_bank_word *reported);
uint32_t sim_memo_keep_violation(struct sim_memo *memo, const struct sim_violation *violation);
const struct sim_bank_word *sim_memo_reported(const struct sim_memo *memo, uint32_t number);
const struct sim_violation *sim_memo_violation(const struct sim_memo *memo, uint32_t number);

/* The remembered verdict on a check; *violation null: all is well. Valid until the next one is
 * added.
 * Returns: whether there is one */
bool sim_memo_verdict(const struct sim_memo *memo, const struct sim_memo_check *check,
                      const struct sim_violation **violation);

/* Remember a verdict.
 * In:      violation  null: all is well
 * Returns: false when out of memory */
bool sim_memo_judge(struct sim_memo *memo, const struct sim_memo_check *check,
                    const struct sim_violation *violation);

/* Forget everything. */
void sim_memo_clear(struct sim_memo *memo);
size_t sim_memo_bytes(const struct sim_memo *memo);

#endif
