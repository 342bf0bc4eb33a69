#include "evidence.h"

#include "trace_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

/* ---- The digest of what is expected ---- */

static void mix_hash(struct sim_hash *hash, const void *bytes, size_t size) {
  XXH128_hash_t part = XXH3_128bits(bytes, size);
  uint64_t words[] = {hash->low, hash->high, part.low64, part.high64};
  part = XXH3_128bits(words, sizeof words);
  *hash = (struct sim_hash){.low = part.low64, .high = part.high64};
}

static void mix_hash_text(struct sim_hash *hash, const char *text) {
  if (text)
    mix_hash(hash, text, strlen(text) + 1);
  else
    mix_hash(hash, "", 0);
}

/* In the order of the ledger, not of the file. */
static void mix_outcome(struct sim_hash *hash, const struct sim_case *the_case,
                        const struct sim_outcome *outcome) {
  static struct sim_ending expected;
  sim_ending_expected(the_case, outcome, &expected);
  mix_hash_text(hash, outcome->name);
  for (int i = 0; i < expected.line_count; i++) {
    const struct sim_fact *line = &expected.lines[i];
    int64_t numbers[] = {line->book, line->of, line->tokens};
    mix_hash(hash, numbers, sizeof numbers);
    mix_hash_text(hash, line->what);
    mix_hash_text(hash, line->for_id);
  }
  mix_hash(hash, expected.balances, (size_t)the_case->client_count * sizeof expected.balances[0]);
}

/* The verdict depends on it; the search does not. */
static struct sim_hash hash_expectations(const struct sim_case *the_case) {
  struct sim_hash hash = {.low = 0};
  int64_t may = the_case->may;
  mix_hash(&hash, &may, sizeof may);
  for (int i = 0; i < the_case->rule_count; i++) mix_hash_text(&hash, the_case->rules[i]);
  for (int i = 0; i < the_case->every_count; i++) {
    const struct sim_every *every = &the_case->every[i];
    int64_t numbers[] = {every->measure, every->client, every->bound, every->number};
    mix_hash(&hash, numbers, sizeof numbers);
  }
  for (int i = 0; i < the_case->outcome_count; i++)
    mix_outcome(&hash, the_case, &the_case->outcomes[i]);
  return hash;
}

void sim_evidence_expects(const struct sim_case *the_case, char text[SIM_HASH_TEXT_SIZE]) {
  sim_hash_text(hash_expectations(the_case), text);
}

/* ---- The evidence of a search ---- */

static json_t *ending_states(const struct sim_search *search, bool only_under_faults) {
  json_t *states = json_object();
  for (int i = 0; search && i < search->ending_count; i++) {
    const struct sim_found_ending *found = search->endings[i];
    char hash[SIM_ENDING_HASH_SIZE];
    if (found->only_under_faults != only_under_faults) continue;
    sim_ending_hash_text(found->hash, hash);
    json_object_set_new(states, hash, json_integer(found->paths));
  }
  return states;
}

static json_t *fault_sites(const struct sim_search *search) {
  json_t *sites = json_object();
  for (int i = 0; search && i < search->tally.count; i++)
    json_object_set_new(sites, search->tally.sites[i].site,
                        json_integer(search->tally.sites[i].count));
  return sites;
}

static const char *cut_by(const struct sim_search *search) {
  if (!search || search->states == 0) return "not begun";
  if (search->exhausted) return NULL;
  if (search->interrupted) return "interrupt";
  if (search->out_of_memory) return "memory";
  if (search->limited) return "limit";
  return search->failed ? "failures" : "max_states";
}

bool sim_evidence_add(json_t *result, const struct sim_case *the_case,
                      const struct sim_search *search) {
  char digest[SIM_HASH_TEXT_SIZE], expects[SIM_HASH_TEXT_SIZE], root[SIM_HASH_TEXT_SIZE];
  sim_case_digest(the_case, digest);
  sim_evidence_expects(the_case, expects);
  sim_hash_text(search ? search->root : (struct sim_hash){.low = 0}, root);
  json_t *evidence = json_pack("{s:s, s:s, s:s?, s:s, s:o, s:o, s:o}", "digest", digest, "expects",
                               expects, "cut_by", cut_by(search), "root", root, "ending_states",
                               ending_states(search, false), "fault_ending_states",
                               ending_states(search, true), "fault_sites", fault_sites(search));
  bool added = evidence && json_object_update(result, evidence) == 0;
  json_decref(evidence);
  return added;
}
