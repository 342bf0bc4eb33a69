/* Reading certificates. The file may be hostile: it is refused unless every value in it is
 * valid. */
#include "certificate_inside.h"

#include "input.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define MAX_COUNT INT64_C(1000000000000) /* the largest count in one case: sums cannot overflow */
#define MAX_CASES 1000000
#define MAX_ARENA_BYTES ((size_t)1 << 30)

struct reader {
  const char *name;
  FILE *errors;
};

__attribute__((format(printf, 3, 4))) static bool
refuse_certificate(const struct reader *reader, int line, const char *format, ...) {
  va_list arguments;
  fprintf(reader->errors, "%s:%d: error: ", reader->name, line > 0 ? line : 1);
  va_start(arguments, format);
  vfprintf(reader->errors, format, arguments);
  va_end(arguments);
  fputc('\n', reader->errors);
  return false;
}

/* ---- Is the file complete and unchanged? ---- */

static int lines_of(const char *text, size_t size) {
  int lines = 1;
  for (size_t i = 0; i < size; i++) lines += text[i] == '\n';
  return lines;
}

static bool check_seal(const struct reader *reader, const char *text, size_t size) {
  static const char first[] = "{\n \"format\": \"reloadsim-certificate-";
  static const char begin[] = SIM_CERTIFICATE_SEAL_BEGIN, end[] = SIM_CERTIFICATE_SEAL_END;
  char checksum[SIM_CHECKSUM_SIZE];
  int last = lines_of(text, size);
  if (size < sizeof first || memcmp(text, first, sizeof first - 1) != 0)
    return refuse_certificate(reader, 1,
                              "this is not a certificate: its first lines are different");
  size_t body = size - SIM_CERTIFICATE_SEAL_SIZE;
  if (size < SIM_CERTIFICATE_SEAL_SIZE || memcmp(text + body, begin, sizeof begin - 1) != 0 ||
      memcmp(text + size - (sizeof end - 1), end, sizeof end - 1) != 0)
    return refuse_certificate(
        reader, last,
        "the certificate is cut short or its end was edited: it must end with its checksum");
  sim_checksum(text, body, checksum);
  if (memcmp(text + body + sizeof begin - 1, checksum, sizeof checksum - 1) == 0) return true;
  return refuse_certificate(reader, last - 2,
                            "the certificate was edited: its checksum does not fit");
}

/* ---- Keys and types ---- */

enum kind { TEXT, TEXT_OR_NULL, HASH_16, HASH_32, HASH_64, COUNT, NUMBER, LIST, OBJECT };

struct member {
  const char *key;
  enum kind kind;
};

static bool is_hash(const char *text, size_t digits) {
  return strlen(text) == digits && strspn(text, "0123456789abcdef") == digits;
}

static bool value_has_kind(const struct sim_json *json, enum kind kind) {
  bool is_text = json->type == SIM_JSON_STRING;
  switch (kind) {
    case TEXT: return is_text;
    case TEXT_OR_NULL: return is_text || json->type == SIM_JSON_NULL;
    case HASH_16: return is_text && is_hash(json->text, 16);
    case HASH_32: return is_text && is_hash(json->text, 32);
    case HASH_64: return is_text && is_hash(json->text, 64);
    case COUNT:
      return json->type == SIM_JSON_INTEGER && json->number >= 0 && json->number <= MAX_COUNT;
    case NUMBER: return json->type == SIM_JSON_INTEGER && json->number >= 0;
    case LIST: return json->type == SIM_JSON_ARRAY;
    case OBJECT: return json->type == SIM_JSON_OBJECT;
  }
  return false;
}

static const char *kind_words(enum kind kind) {
  static const char *const words[] = {"a text",
                                      "a text or null",
                                      "16 hex digits",
                                      "32 hex digits",
                                      "64 hex digits",
                                      "a number from 0 to 1000000000000",
                                      "a number of 0 or more",
                                      "a list",
                                      "an object"};
  return words[kind];
}

/* Exactly these members, in this order. */
static bool check_members(const struct reader *reader, const struct sim_json *object,
                          const struct member *members, int count) {
  const struct sim_json *json = object->first;
  if (object->type != SIM_JSON_OBJECT)
    return refuse_certificate(reader, object->place.line, "expected an object");
  for (int i = 0; i < count; i++, json = json->next) {
    int line = json ? json->place.line : object->place.line;
    if (!json || strcmp(json->key, members[i].key) != 0)
      return refuse_certificate(reader, line, "expected the key \"%s\" here", members[i].key);
    if (!value_has_kind(json, members[i].kind))
      return refuse_certificate(reader, line, "\"%s\" must be %s", members[i].key,
                                kind_words(members[i].kind));
  }
  return !json || refuse_certificate(reader, json->place.line, "this key is unknown");
}
#define CHECK(reader, object, members)                                                             \
  check_members(reader, object, members, (int)(sizeof(members) / sizeof(members)[0]))

/* Any keys, in ascending order, each with a count. */
static bool check_counts(const struct reader *reader, const struct sim_json *object, bool hashes) {
  const char *before = "";
  for (const struct sim_json *json = object->first; json; json = json->next) {
    if (!value_has_kind(json, COUNT))
      return refuse_certificate(reader, json->place.line, "this must be %s", kind_words(COUNT));
    if (hashes && !is_hash(json->key, 16))
      return refuse_certificate(reader, json->place.line, "the key must be 16 hex digits");
    if (strcmp(before, json->key) >= 0)
      return refuse_certificate(reader, json->place.line, "the keys must be in ascending order");
    before = json->key;
  }
  return true;
}

static bool is_one_of_words(const struct reader *reader, const struct sim_json *json,
                            const char *const *words, int count) {
  for (int i = 0; i < count; i++)
    if (strcmp(json->text, words[i]) == 0) return true;
  return refuse_certificate(reader, json->place.line, "\"%s\" has an impossible value", json->key);
}

#define IS_ONE_OF(reader, json, words)                                                             \
  is_one_of_words(reader, json, words, (int)(sizeof(words) / sizeof(words)[0]))

static bool check_endings(const struct reader *reader, const struct sim_json *endings) {
  static const struct member members[] = {
      {"hash", HASH_16}, {"states", COUNT}, {"outcome", TEXT_OR_NULL}};
  const char *before = "";
  for (const struct sim_json *ending = endings->first; ending; ending = ending->next) {
    if (!CHECK(reader, ending, members)) return false;
    if (strcmp(before, ending->first->text) >= 0)
      return refuse_certificate(reader, ending->place.line,
                                "the endings must be in the order of their hashes");
    before = ending->first->text;
  }
  return true;
}

static bool check_case(const struct reader *reader, const struct sim_json *one) {
  static const struct member members[] = {
      {"id", TEXT},           {"file", TEXT},         {"digest", HASH_32},
      {"expects", HASH_32},   {"explored", TEXT},     {"verdict", TEXT},
      {"states", COUNT},      {"transitions", COUNT}, {"injected_faults", COUNT},
      {"root", HASH_32},      {"endings", LIST},      {"fault_endings", OBJECT},
      {"fault_sites", OBJECT}};
  static const char *const explored[] = {
      "exhausted",       "cut by max_states", "cut by memory", "cut by limit",
      "cut by failures", "not begun"}; /* as certificate_case() in certificate.c has it */
  static const char *const verdicts[] = {"passed", "failed", "not exhausted"};
  if (!CHECK(reader, one, members)) return false;
  const struct sim_json *verdict = sim_json_get(one, "verdict"),
                        *how = sim_json_get(one, "explored");
  if (!IS_ONE_OF(reader, how, explored) || !IS_ONE_OF(reader, verdict, verdicts)) return false;
  if (strcmp(verdict->text, "passed") == 0 && strcmp(how->text, explored[0]) != 0)
    return refuse_certificate(reader, verdict->place.line,
                              "a case that was cut cannot have passed");
  return check_endings(reader, sim_json_get(one, "endings")) &&
         check_counts(reader, sim_json_get(one, "fault_endings"), true) &&
         check_counts(reader, sim_json_get(one, "fault_sites"), false);
}

/* ---- Does the certificate contradict itself? ---- */

static const char *const total_keys[] = {"cases",       "passed",  "exhausted",    "states",
                                         "transitions", "endings", "fault_endings"};
enum { TOTALS = sizeof total_keys / sizeof total_keys[0] };

static bool member_says(const struct sim_json *object, const char *key, const char *text) {
  return strcmp(sim_json_get(object, key)->text, text) == 0;
}

static void add_to_totals(const struct sim_json *one, int64_t totals[TOTALS]) {
  totals[0]++;
  totals[1] += member_says(one, "verdict", "passed");
  totals[2] += member_says(one, "explored", "exhausted");
  totals[3] += sim_json_get(one, "states")->number;
  totals[4] += sim_json_get(one, "transitions")->number;
  totals[5] += sim_json_get(one, "endings")->count;
  totals[6] += sim_json_get(one, "fault_endings")->count;
}

static bool check_sums(const struct reader *reader, const struct sim_json *tree) {
  const struct sim_json *cases = sim_json_get(tree, "cases"), *root = sim_json_get(tree, "root");
  int64_t totals[TOTALS] = {0};
  struct sim_hash sum = {.low = 0};
  char text[SIM_HASH_TEXT_SIZE];
  for (const struct sim_json *one = cases->first; one; one = one->next) {
    add_to_totals(one, totals);
    sum = sim_certificate_add_root(sum, sim_json_get(one, "id")->text,
                                   sim_json_get(one, "root")->text);
  }
  for (int i = 0; i < TOTALS; i++) {
    const struct sim_json *said = sim_json_get(sim_json_get(tree, "totals"), total_keys[i]);
    if (said->number != totals[i])
      return refuse_certificate(reader, said->place.line,
                                "the total \"%s\" is %lld, but the cases add up to %lld", said->key,
                                (long long)said->number, (long long)totals[i]);
  }
  sim_hash_text(sum, text);
  return strcmp(text, root->text) == 0 ||
         refuse_certificate(reader, root->place.line, "the root does not follow from the cases");
}

/* ---- The document ---- */

static bool check_paths(const struct reader *reader, const struct sim_json *paths) {
  if (paths->count == 0 || paths->count > 10000)
    return refuse_certificate(reader, paths->place.line, "\"paths\" must have 1 to 10000 of them");
  for (const struct sim_json *path = paths->first; path; path = path->next)
    if (path->type != SIM_JSON_STRING || path->text[0] == '\0')
      return refuse_certificate(reader, path->place.line,
                                "a path must be a text that is not empty");
  return true;
}

/* The limits of the search, as far as they follow from the rest. */
static bool check_search_limits(const struct reader *reader, const struct sim_json *tree) {
  const struct sim_json *bounds = sim_json_get(tree, "bounds"),
                        *max_states = sim_json_get(bounds, "max_states"),
                        *faults = sim_json_get(bounds, "injected_faults_of_a_run");
  const char *word = sim_json_get(tree, "faults")->text;
  if (max_states->number <= 0 || max_states->number > 4000000000)
    return refuse_certificate(reader, max_states->place.line,
                              "\"max_states\" must be 1 to 4000000000");
  int64_t budget = sim_faults_budget(sim_faults_named(word));
  return faults->number == budget ||
         refuse_certificate(reader, faults->place.line,
                            "\"%s\" must be %d, as \"faults\" is \"%s\"", faults->key, (int)budget,
                            word);
}

static bool check_head(const struct reader *reader, const struct sim_json *tree) {
  static const struct member engine[] = {{"version", TEXT}, {"digest", HASH_64}};
  static const struct member simulator[] = {{"digest", HASH_64}};
  static const struct member sqlite[] = {{"version", TEXT}, {"source", TEXT}};
  static const struct member scenarios[] = {{"paths", LIST}, {"filter", TEXT_OR_NULL}};
  static const struct member bounds[] = {{"max_states", COUNT},
                                         {"injected_faults_of_a_run", COUNT},
                                         {"unsynced_writes_chosen_freely", COUNT},
                                         {"power_images_of_a_step", COUNT},
                                         {"choices_of_a_step", COUNT}};
  static const char *const faults[] = {"none", "declared", "single", "pairs"};
  const struct sim_json *limits = sim_json_get(tree, "bounds");
  if (!CHECK(reader, sim_json_get(tree, "engine"), engine) ||
      !CHECK(reader, sim_json_get(tree, "simulator"), simulator) ||
      !CHECK(reader, sim_json_get(tree, "sqlite"), sqlite) ||
      !CHECK(reader, sim_json_get(tree, "scenarios"), scenarios) ||
      !CHECK(reader, limits, bounds) || !IS_ONE_OF(reader, sim_json_get(tree, "faults"), faults) ||
      !check_paths(reader, sim_json_get(sim_json_get(tree, "scenarios"), "paths")))
    return false;
  return check_search_limits(reader, tree);
}

static bool check_tree(const struct reader *reader, const struct sim_json *tree) {
  static const struct member members[] = {
      {"format", TEXT},      {"engine", OBJECT}, {"simulator", OBJECT}, {"sqlite", OBJECT},
      {"scenarios", OBJECT}, {"seed", NUMBER},   {"faults", TEXT},      {"bounds", OBJECT},
      {"totals", OBJECT},    {"root", HASH_32},  {"cases", LIST},       {"checksum", HASH_64}};
  struct member totals[TOTALS];
  for (int i = 0; i < TOTALS; i++) totals[i] = (struct member){total_keys[i], COUNT};
  const struct sim_json *format = sim_json_get(tree, "format");
  if (!format || format->type != SIM_JSON_STRING)
    return refuse_certificate(reader, tree->place.line, "expected the key \"format\" here");
  if (!member_says(tree, "format", SIM_CERTIFICATE_FORMAT))
    return refuse_certificate(
        reader, format->place.line,
        "\"%.60s\" is the format of another reloadsim; this one reads " SIM_CERTIFICATE_FORMAT,
        format->text);
  if (!CHECK(reader, tree, members)) return false;
  const struct sim_json *cases = sim_json_get(tree, "cases");
  if (!check_head(reader, tree) || !CHECK(reader, sim_json_get(tree, "totals"), totals))
    return false;
  if (cases->count == 0 || cases->count > MAX_CASES)
    return refuse_certificate(reader, cases->place.line, "a certificate has 1 to %d cases",
                              MAX_CASES);
  for (const struct sim_json *one = cases->first; one; one = one->next)
    if (!check_case(reader, one)) return false;
  return check_sums(reader, tree);
}

/* ---- The file ---- */

static bool keep_paths(struct sim_certificate *certificate) {
  const struct sim_json *scenarios = sim_json_get(certificate->tree, "scenarios");
  const struct sim_json *paths = sim_json_get(scenarios, "paths");
  int at = 0;
  certificate->paths =
      sim_arena_alloc(&certificate->arena, (size_t)paths->count, sizeof *certificate->paths);
  for (const struct sim_json *path = paths->first; certificate->paths && path; path = path->next) {
    size_t size = strlen(path->text) + 1;
    char *copy = sim_arena_alloc(&certificate->arena, size, 1);
    if (copy) memcpy(copy, path->text, size);
    certificate->paths[at++] = copy;
  }
  return !certificate->arena.failed;
}

struct sim_certificate *sim_certificate_parse(const char *name, const char *text, size_t size_bytes,
                                              FILE *errors) {
  struct reader reader = {.name = name, .errors = errors};
  struct sim_json_error error;
  if (!check_seal(&reader, text, size_bytes)) return NULL;
  struct sim_certificate *certificate = calloc(1, sizeof *certificate);
  if (!certificate) {
    refuse_certificate(&reader, 1, "out of memory");
    return NULL;
  }
  certificate->arena.limit_bytes = MAX_ARENA_BYTES;
  certificate->tree = sim_json_read(&certificate->arena, name, text, size_bytes, &error);
  bool good = certificate->tree != NULL;
  if (!good) refuse_certificate(&reader, error.place.line, "%s", error.text);
  good = good && check_tree(&reader, certificate->tree);
  if (good && !keep_paths(certificate)) good = refuse_certificate(&reader, 1, "out of memory");
  if (good) return certificate;
  sim_certificate_free(certificate);
  return NULL;
}

struct sim_certificate *sim_certificate_read(const char *path, FILE *errors) {
  struct reader reader = {.name = path, .errors = errors};
  char problem[SIM_INPUT_PROBLEM_SIZE];
  size_t size = 0;
  char *text = sim_input_read(path, SIM_MAX_CERTIFICATE_BYTES, &size, problem);
  if (!text) {
    refuse_certificate(&reader, 1, "the certificate cannot be read: %s", problem);
    return NULL;
  }
  struct sim_certificate *certificate = sim_certificate_parse(path, text, size, errors);
  free(text);
  return certificate;
}

void sim_certificate_free(struct sim_certificate *certificate) {
  if (!certificate) return;
  sim_arena_clear(&certificate->arena);
  free(certificate);
}

const struct sim_json *sim_certificate_tree(const struct sim_certificate *certificate) {
  return certificate->tree;
}

void sim_certificate_options(const struct sim_certificate *certificate,
                             struct sim_options *options) {
  const struct sim_json *tree = certificate->tree, *scenarios = sim_json_get(tree, "scenarios");
  const char *faults = sim_json_get(tree, "faults")->text;
  options->paths = certificate->paths;
  options->path_count = sim_json_get(scenarios, "paths")->count;
  options->filter = sim_json_get(scenarios, "filter")->text; /* null: none */
  options->seed = (uint64_t)sim_json_get(tree, "seed")->number;
  options->max_states = sim_json_get(sim_json_get(tree, "bounds"), "max_states")->number;
  options->faults = sim_faults_named(faults);
}
