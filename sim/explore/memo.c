#include "memo.h"

#include "grow.h"
#include "slots.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

_Static_assert(sizeof(struct sim_memo_key) == 3 * 8 + 6 * 4 + 4 * 2, "keys have no padding");
_Static_assert(sizeof(struct sim_memo_check) == 4 * 4 + 8, "checks have no padding");

struct entry {
  struct sim_memo_key key;
  struct sim_expansion expansion;
};

struct sim_memo {
  struct sim_slots by_key, by_check; /* entries; checks */
  struct entry **entries;            /* pointers, as the entries must not move */
  size_t entry_count, entry_room;
  struct sim_memo_check *checks;
  uint32_t *verdicts; /* of each check: its violation's number + 1; 0: all is well */
  size_t check_count, check_room, verdict_room;
  struct sim_violation *violations;
  size_t violation_count, violation_room;
  struct sim_bank_word *reported;
  size_t reported_count, reported_room;
  size_t bytes;
};

void sim_expansion_free(struct sim_expansion *expansion) {
  free(expansion->results);
  free(expansion->tuples);
  *expansion = (struct sim_expansion){.results = NULL};
}

struct sim_memo *sim_memo_new(void) {
  bool grown;
  struct sim_memo *memo = calloc(1, sizeof *memo);
  if (!memo) return NULL;
  if (sim_slots_grow(&memo->by_key, 0, &grown) && sim_slots_grow(&memo->by_check, 0, &grown))
    return memo;
  sim_memo_free(memo);
  return NULL;
}

void sim_memo_clear(struct sim_memo *memo) {
  for (size_t i = 0; i < memo->entry_count; i++) {
    sim_expansion_free(&memo->entries[i]->expansion);
    free(memo->entries[i]);
  }
  memo->entry_count = memo->check_count = memo->violation_count = memo->reported_count = 0;
  memo->bytes = 0;
  sim_slots_clear(&memo->by_key);
  sim_slots_clear(&memo->by_check);
}

void sim_memo_free(struct sim_memo *memo) {
  if (!memo) return;
  sim_memo_clear(memo);
  free(memo->by_key.list);
  free(memo->by_check.list);
  free(memo->entries);
  free(memo->checks);
  free(memo->verdicts);
  free(memo->violations);
  free(memo->reported);
  free(memo);
}

size_t sim_memo_bytes(const struct sim_memo *memo) {
  return memo->bytes + (memo->by_key.count + memo->by_check.count) * sizeof(uint32_t) +
         memo->check_room * sizeof *memo->checks + memo->verdict_room * sizeof(uint32_t) +
         memo->violation_room * sizeof *memo->violations +
         memo->reported_room * sizeof *memo->reported + memo->entry_room * sizeof(void *);
}

/* ---- Steps ----------------------------------------------------------------------------------- */

static uint32_t *find_entry(const struct sim_memo *memo, const struct sim_memo_key *key) {
  const struct sim_slots *slots = &memo->by_key;
  size_t at = (size_t)XXH3_64bits(key, sizeof *key) & (slots->count - 1);
  while (slots->list[at] && memcmp(&memo->entries[slots->list[at] - 1]->key, key, sizeof *key) != 0)
    at = (at + 1) & (slots->count - 1);
  return &slots->list[at];
}

const struct sim_expansion *sim_memo_find(const struct sim_memo *memo,
                                          const struct sim_memo_key *key) {
  uint32_t number = *find_entry(memo, key);
  return number ? &memo->entries[number - 1]->expansion : NULL;
}

static bool room_for_entry(struct sim_memo *memo) {
  bool grown;
  struct entry **entries =
      sim_grow(memo->entries, memo->entry_count, &memo->entry_room, sizeof(struct entry *));
  if (!entries) return false;
  memo->entries = entries;
  if (!sim_slots_grow(&memo->by_key, memo->entry_count, &grown)) return false;
  for (size_t i = 0; grown && i < memo->entry_count; i++)
    *find_entry(memo, &memo->entries[i]->key) = (uint32_t)i + 1;
  return true;
}

const struct sim_expansion *sim_memo_keep(struct sim_memo *memo, const struct sim_memo_key *key,
                                          const struct sim_expansion *expansion) {
  struct entry *entry = malloc(sizeof *entry);
  if (!entry || !room_for_entry(memo)) {
    free(entry);
    return NULL;
  }
  *entry = (struct entry){.key = *key, .expansion = *expansion};
  struct sim_result *results = /* what is kept uses no spare memory */
      realloc(entry->expansion.results, expansion->count * sizeof *results);
  if (results) entry->expansion.results = results;
  memo->entries[memo->entry_count++] = entry;
  memo->bytes += sizeof *entry + expansion->count * sizeof *results;
  *find_entry(memo, key) = (uint32_t)memo->entry_count;
  return &entry->expansion;
}

void sim_result_apply(const struct sim_result *result, const struct sim_tuple *before,
                      struct sim_tuple *after) {
  int own = result->transition.task;
  *after = *before;
  if (result->task) after->tasks[own] = result->task;
  if (result->store) after->store = result->store;
  if (result->card) after->card = result->card;
  if (result->mail) after->mail = result->mail;
  after->flags.injected += result->injected;
  after->flags.faults_shown += result->faults_shown;
  after->flags.fault_effects |= result->fault_effects;
  after->flags.first_shown |= result->first_shown;
  after->flags.recover_at_ms = result->recover_at_ms;
  after->flags.deliver_at_ms = result->deliver_at_ms;
}

/* ---- Checks ---------------------------------------------------------------------------------- */

static uint32_t *find_check(const struct sim_memo *memo, const struct sim_memo_check *check) {
  const struct sim_slots *slots = &memo->by_check;
  size_t at = (size_t)XXH3_64bits(check, sizeof *check) & (slots->count - 1);
  while (slots->list[at] && memcmp(&memo->checks[slots->list[at] - 1], check, sizeof *check) != 0)
    at = (at + 1) & (slots->count - 1);
  return &slots->list[at];
}

bool sim_memo_verdict(const struct sim_memo *memo, const struct sim_memo_check *check,
                      const struct sim_violation **violation) {
  uint32_t number = *find_check(memo, check);
  if (!number) return false;
  uint32_t broken = memo->verdicts[number - 1];
  *violation = broken ? &memo->violations[broken - 1] : NULL;
  return true;
}

static bool room_for_check(struct sim_memo *memo) {
  size_t count = memo->check_count;
  bool grown;
  struct sim_memo_check *checks = sim_grow(memo->checks, count, &memo->check_room, sizeof *checks);
  if (!checks) return false;
  memo->checks = checks;
  uint32_t *verdicts = sim_grow(memo->verdicts, count, &memo->verdict_room, sizeof *verdicts);
  if (!verdicts) return false;
  memo->verdicts = verdicts;
  if (!sim_slots_grow(&memo->by_check, count, &grown)) return false;
  for (size_t i = 0; grown && i < count; i++) *find_check(memo, &memo->checks[i]) = (uint32_t)i + 1;
  return true;
}

uint32_t sim_memo_keep_violation(struct sim_memo *memo, const struct sim_violation *violation) {
  struct sim_violation *violations =
      sim_grow(memo->violations, memo->violation_count, &memo->violation_room, sizeof *violations);
  if (!violations) return 0;
  memo->violations = violations;
  memo->violations[memo->violation_count++] = *violation;
  return (uint32_t)memo->violation_count;
}

const struct sim_violation *sim_memo_violation(const struct sim_memo *memo, uint32_t number) {
  return &memo->violations[number - 1];
}

uint32_t sim_memo_keep_reported(struct sim_memo *memo, const struct sim_bank_word *reported) {
  struct sim_bank_word *all =
      sim_grow(memo->reported, memo->reported_count, &memo->reported_room, sizeof *all);
  if (!all) return 0;
  memo->reported = all;
  memo->reported[memo->reported_count++] = *reported;
  return (uint32_t)memo->reported_count;
}

const struct sim_bank_word *sim_memo_reported(const struct sim_memo *memo, uint32_t number) {
  return &memo->reported[number - 1];
}

bool sim_memo_judge(struct sim_memo *memo, const struct sim_memo_check *check,
                    const struct sim_violation *violation) {
  if (!room_for_check(memo) || (violation && !sim_memo_keep_violation(memo, violation)))
    return false;
  uint32_t *slot = find_check(memo, check);
  if (*slot) return true;
  memo->checks[memo->check_count] = *check;
  memo->verdicts[memo->check_count++] = violation ? (uint32_t)memo->violation_count : 0;
  *slot = (uint32_t)memo->check_count;
  return true;
}
