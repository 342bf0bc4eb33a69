/* Remembered steps. What a step does depends on few parts of a world: its own task, the clock, and
 * of store, gateway and mailbox those that it reads (parts.h). So the results of all variants of a
 * step (every answer, every fault) are remembered under the numbers of these parts, and a step is
 * run on the engine only when the combination is new. */
#ifndef SIM_MEMO_H
#define SIM_MEMO_H

#include "check.h"
#include "parts.h"

/* What one variant of a step does. */
struct sim_result {
  struct sim_transition transition;
  uint32_t transition_number;       /* in the graph */
  uint32_t task, store, card, mail; /* new numbers; 0: stays as it is */
  int64_t recover_at_ms, deliver_at_ms;
  int32_t fault_effects, first_shown; /* bits that are set */
  int8_t injected, faults_shown;
  int8_t died;        /* SIM_DIED_... */
  bool is_checked;    /* sim_check_around() looks at what it leads to */
  uint32_t reported;  /* what it compares: sim_memo_reported(); 0: nothing */
  uint32_t violation; /* of sim_check_step(), wherever it is made: sim_memo_violation(); 0: none */
  int16_t site;       /* of its injected fault, in the findings; -1: none */
  int16_t bound;      /* not every image of a power failure was tried: likewise; -1 */
  uint32_t deed;      /* hash of what the step did that no world shows */
};

/* All variants of a step, in their order. */
struct sim_expansion {
  uint32_t count;
  size_t room;
  uint32_t first_id; /* each result of a search has a number */
  struct sim_result *results;
  struct sim_tuple *tuples; /* the worlds that they lead to; null: sim_result_apply() tells */
};
void sim_expansion_free(struct sim_expansion *expansion);

/* What a step depends on. Zeroed before it is filled: keys are compared as bytes. */
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

/* What is remembered; null: nothing. Valid until the memo is cleared. */
const struct sim_expansion *sim_memo_find(const struct sim_memo *memo,
                                          const struct sim_memo_key *key);

/* Remember. The memo takes over what *expansion owns.
 * Returns: the kept one; null when out of memory, and *expansion is still the caller's */
const struct sim_expansion *sim_memo_keep(struct sim_memo *memo, const struct sim_memo_key *key,
                                          const struct sim_expansion *expansion);

/* The world that a result leads to from *before, but for what sim_parts_follow() does. */
void sim_result_apply(const struct sim_result *result, const struct sim_tuple *before,
                      struct sim_tuple *after);

/* What sim_check_around() has said of these parts. It looks at nothing else; `around` is a hash of
 * the tasks that it looks at. */
struct sim_memo_check {
  uint32_t result; /* its number + 1, if it has told something that is compared; else 0 */
  uint32_t store, card, mail;
  uint64_t around;
};

/* Keep what was told, or a violation. Return its number, above 0; 0 when out of memory. Both are
 * forgotten when the memo is cleared. */
uint32_t sim_memo_keep_reported(struct sim_memo *memo, const struct sim_bank_word *reported);
uint32_t sim_memo_keep_violation(struct sim_memo *memo, const struct sim_violation *violation);
const struct sim_bank_word *sim_memo_reported(const struct sim_memo *memo, uint32_t number);
const struct sim_violation *sim_memo_violation(const struct sim_memo *memo, uint32_t number);

/* Returns: whether they have said it; *violation null: all is right. Valid until the next one. */
bool sim_memo_verdict(const struct sim_memo *memo, const struct sim_memo_check *check,
                      const struct sim_violation **violation);

/* Keep what they say. In: violation  null: all is right. Returns: false when out of memory */
bool sim_memo_judge(struct sim_memo *memo, const struct sim_memo_check *check,
                    const struct sim_violation *violation);

/* Forget everything. */
void sim_memo_clear(struct sim_memo *memo);
size_t sim_memo_bytes(const struct sim_memo *memo);

#endif
