#include "certificate_inside.h"

#include "disk.h"
#include "engine_digest.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* ---- Can the run be certified? ---- */

static bool has_broken_down(const json_t *one) {
  const json_t *failures = json_object_get(one, "failures");
  for (size_t i = 0; i < json_array_size(failures); i++) {
    const json_t *kind = json_object_get(json_array_get(failures, i), "kind");
    if (strcmp(json_string_value(kind), "internal error") == 0) return true;
  }
  return false;
}

static bool member_is(const json_t *object, const char *key, const char *text) {
  const char *value = json_string_value(json_object_get(object, key));
  return value && strcmp(value, text) == 0;
}

const char *sim_certificate_refusal(const json_t *run, const struct sim_options *options) {
  const json_t *cases = json_object_get(run, "cases");
  bool all_passed = true;
  if (json_array_size(json_object_get(run, "mistakes")) > 0) return "scenario files have mistakes";
  if (sim_run_interrupted()) return "the run was interrupted";
  if (json_array_size(cases) == 0) return "no case was run";
  for (size_t i = 0; i < json_array_size(cases); i++) {
    const json_t *one = json_array_get(cases, i);
    all_passed = all_passed && member_is(one, "verdict", "passed");
    if (has_broken_down(one)) return "a case could not be run to its end";
    if (member_is(one, "verdict", "nondeterministic"))
      return "a case was different when it was run again";
  }
  if (options->fail_fast && !all_passed) return "--fail-fast has left cases out";
  if (options->shard_count > 1) return "a shard is only a part of the cases";
  return NULL;
}

/* ---- The parts of a certificate ---- */

static json_t *bounds_json(const json_t *options) {
  const char *faults = json_string_value(json_object_get(options, "faults"));
  return json_pack("{s:O, s:i, s:i, s:i, s:i}", "max_states",
                   json_object_get(options, "max_states"), "injected_faults_of_a_run",
                   sim_faults_budget(sim_faults_named(faults)), "unsynced_writes_chosen_freely",
                   SIM_POWER_FREE_WRITES, "power_images_of_a_step", SIM_POWER_MAX_IMAGES,
                   "choices_of_a_step", SIM_MAX_CHOICES);
}

/* The outcome that the ending of this hash matches; null: none, or the ending has no story. */
static const char *outcome_of(const json_t *one, const char *hash) {
  const json_t *endings = json_object_get(one, "endings");
  for (size_t i = 0; i < json_array_size(endings); i++) {
    const json_t *ending = json_array_get(endings, i);
    if (member_is(ending, "hash", hash))
      return json_string_value(json_object_get(ending, "outcome"));
  }
  return NULL;
}

static json_t *certificate_endings(const json_t *one) {
  json_t *states = json_object_get(one, "ending_states"), *endings = json_array();
  for (void *at = json_object_iter(states); at; at = json_object_iter_next(states, at)) {
    const char *hash = json_object_iter_key(at);
    json_array_append_new(endings,
                          json_pack("{s:s, s:O, s:s?}", "hash", hash, "states",
                                    json_object_iter_value(at), "outcome", outcome_of(one, hash)));
  }
  return endings;
}

static json_t *certificate_case(const json_t *one) {
  static const char *const same[] = {"id", "file", "digest", "expects"};
  static const char *const counts[] = {"verdict", "states", "transitions", "injected_faults",
                                       "root"};
  const char *cut_by = json_string_value(json_object_get(one, "cut_by"));
  json_t *certified = json_object();
  for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
    json_object_set(certified, same[i], json_object_get(one, same[i]));
  if (!cut_by)
    json_object_set_new(certified, "explored", json_string("exhausted"));
  else if (strcmp(cut_by, "not begun") == 0)
    json_object_set_new(certified, "explored", json_string(cut_by));
  else
    json_object_set_new(certified, "explored", json_sprintf("cut by %s", cut_by));
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
    json_object_set(certified, counts[i], json_object_get(one, counts[i]));
  json_object_set_new(certified, "endings", certificate_endings(one));
  json_object_set(certified, "fault_endings", json_object_get(one, "fault_ending_states"));
  json_object_set(certified, "fault_sites", json_object_get(one, "fault_sites"));
  return certified;
}

static void count_shown(json_t *totals, const char *key, json_int_t more) {
  json_t *old = json_object_get(totals, key);
  json_object_set_new(totals, key, json_integer(json_integer_value(old) + more));
}

static json_t *certificate_totals(const json_t *cases) {
  json_t *totals =
      json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i}", "cases", 0, "passed", 0, "exhausted", 0,
                "states", 0, "transitions", 0, "endings", 0, "fault_endings", 0);
  for (size_t i = 0; i < json_array_size(cases); i++) {
    const json_t *one = json_array_get(cases, i);
    count_shown(totals, "cases", 1);
    count_shown(totals, "passed", member_is(one, "verdict", "passed"));
    count_shown(totals, "exhausted", member_is(one, "explored", "exhausted"));
    count_shown(totals, "states", json_integer_value(json_object_get(one, "states")));
    count_shown(totals, "transitions", json_integer_value(json_object_get(one, "transitions")));
    count_shown(totals, "endings", (json_int_t)json_array_size(json_object_get(one, "endings")));
    count_shown(totals, "fault_endings",
                (json_int_t)json_object_size(json_object_get(one, "fault_endings")));
  }
  return totals;
}

struct sim_hash sim_certificate_add_root(struct sim_hash root, const char *id,
                                         const char *case_root) {
  XXH128_hash_t name = XXH3_128bits(id, strlen(id));
  XXH128_hash_t graph = XXH3_128bits(case_root, strlen(case_root));
  uint64_t words[] = {root.low, root.high, name.low64, name.high64, graph.low64, graph.high64};
  XXH128_hash_t hash = XXH3_128bits(words, sizeof words);
  return (struct sim_hash){.low = hash.low64, .high = hash.high64};
}

static json_t *root_json(const json_t *cases) {
  struct sim_hash root = {.low = 0};
  char text[SIM_HASH_TEXT_SIZE];
  for (size_t i = 0; i < json_array_size(cases); i++) {
    const json_t *one = json_array_get(cases, i);
    root = sim_certificate_add_root(root, json_string_value(json_object_get(one, "id")),
                                    json_string_value(json_object_get(one, "root")));
  }
  sim_hash_text(root, text);
  return json_string(text);
}

/* All but the checksum. */
static json_t *certificate_json(const json_t *run) {
  const json_t *options = json_object_get(run, "options"), *all = json_object_get(run, "cases");
  const char *seed = json_string_value(json_object_get(options, "seed"));
  json_t *cases = json_array();
  for (size_t i = 0; i < json_array_size(all); i++)
    json_array_append_new(cases, certificate_case(json_array_get(all, i)));
  return json_pack(
      "{s:s, s:{s:s, s:s}, s:{s:s}, s:{s:s, s:s}, s:{s:O, s:O}, s:I, s:O, s:o, s:o, s:o, s:o}",
      "format", SIM_CERTIFICATE_FORMAT, "engine", "version", RELOAD_VERSION, "digest",
      sim_engine_digest(), "simulator", "digest", sim_simulator_digest(), "sqlite", "version",
      sqlite3_libversion(), "source", sqlite3_sourceid(), "scenarios", "paths",
      json_object_get(options, "paths"), "filter", json_object_get(options, "filter"), "seed",
      (json_int_t)strtoull(seed, NULL, 16), "faults", json_object_get(options, "faults"), "bounds",
      bounds_json(options), "totals", certificate_totals(cases), "root", root_json(cases), "cases",
      cases);
}

/* ---- The bytes of a certificate ---- */

static bool is_short_value(const json_t *json) {
  return !json_is_object(json) && !json_is_array(json);
}

/* Small values are written in one line. */
static bool is_small(json_t *json) {
  enum { MOST = 4 };
  if (json_object_size(json) > MOST || json_array_size(json) > MOST) return false;
  for (void *at = json_object_iter(json); at; at = json_object_iter_next(json, at))
    if (!is_short_value(json_object_iter_value(at))) return false;
  for (size_t i = 0; i < json_array_size(json); i++)
    if (!is_short_value(json_array_get(json, i))) return false;
  return true;
}

static bool print_certificate_value(FILE *out, json_t *json, int depth);

/* A member on a line of its own. */
static bool put_certificate_member(FILE *out, const char *key, json_t *member, bool is_first,
                                   int depth) {
  fprintf(out, "%s\n%*s", is_first ? "" : ",", depth, "");
  if (key) {
    json_t *text = json_string(key);
    bool done = text && json_dumpf(text, out, JSON_ENCODE_ANY) == 0 && fputs(": ", out) >= 0;
    json_decref(text);
    if (!done) return false;
  }
  return print_certificate_value(out, member, depth);
}

static bool print_certificate_value(FILE *out, json_t *json, int depth) {
  bool is_first = true, done = true;
  if (is_short_value(json) || is_small(json)) return json_dumpf(json, out, JSON_ENCODE_ANY) == 0;
  fputc(json_is_object(json) ? '{' : '[', out);
  for (void *at = json_object_iter(json); done && at; at = json_object_iter_next(json, at)) {
    done = put_certificate_member(out, json_object_iter_key(at), json_object_iter_value(at),
                                  is_first, depth + 1);
    is_first = false;
  }
  for (size_t i = 0; done && i < json_array_size(json); i++)
    done = put_certificate_member(out, NULL, json_array_get(json, i), i == 0, depth + 1);
  fprintf(out, "\n%*s%c", depth, "", json_is_object(json) ? '}' : ']');
  return done;
}

/* The document without its last "}", a checksum of that, and the end. */
static char *put_checksum(char *text, size_t *size_bytes) {
  char checksum[SIM_CHECKSUM_SIZE];
  size_t body = strlen(text) - strlen("\n}");
  char *sealed = malloc(body + SIM_CERTIFICATE_SEAL_SIZE + 1);
  if (!sealed) return NULL;
  sim_checksum(text, body, checksum);
  memcpy(sealed, text, body);
  int length = snprintf(sealed + body, SIM_CERTIFICATE_SEAL_SIZE + 1,
                        SIM_CERTIFICATE_SEAL_BEGIN "%s" SIM_CERTIFICATE_SEAL_END, checksum);
  *size_bytes = body + (size_t)length;
  return sealed;
}

char *sim_certificate_text(const json_t *run, size_t *size_bytes) {
  char *text = NULL, *sealed = NULL;
  size_t size = 0;
  json_t *certificate = certificate_json(run);
  FILE *out = certificate ? open_memstream(&text, &size) : NULL;
  bool written = out && print_certificate_value(out, certificate, 0);
  if (out && fclose(out) != 0) written = false;
  if (written) sealed = put_checksum(text, size_bytes);
  free(text);
  json_decref(certificate);
  return sealed;
}
