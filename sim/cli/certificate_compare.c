/* What differs between a certificate and the present run: one line for each difference, with the
 * value of the certificate and the value now. */
#include "certificate_inside.h"

#include "disk.h"
#include "engine_digest.h"
#include "trace_file.h"

#include <string.h>

struct telling {
  FILE *out;
  int count;
};

/* `where` and `what` name the thing: "races/x" and "states"; either may be "". */
static void report_difference(struct telling *telling, const char *where, const char *what,
                              const char *was, const char *is) {
  if (++telling->count > SIM_MAX_TOLD_DIFFERENCES) return;
  fprintf(telling->out, "%s%s%s: certificate says %s, now %s\n", where,
          where[0] && what[0] ? ": " : "", what, was, is);
}

static int end_telling(const struct telling *telling) {
  if (telling->count > SIM_MAX_TOLD_DIFFERENCES)
    fprintf(telling->out, "and %d more differences\n", telling->count - SIM_MAX_TOLD_DIFFERENCES);
  return telling->count;
}

static const struct sim_json *get(const struct sim_json *json, const char *key) {
  return sim_json_get(json, key);
}

static void compare_text(struct telling *telling, const char *where, const char *what,
                         const char *was, const char *is) {
  if (strcmp(was, is) != 0) report_difference(telling, where, what, was, is);
}

static void compare_count(struct telling *telling, const char *where, const char *what, int64_t was,
                          int64_t is) {
  char texts[2][24];
  if (was == is) return;
  (void)snprintf(texts[0], sizeof texts[0], "%lld", (long long)was);
  (void)snprintf(texts[1], sizeof texts[1], "%lld", (long long)is);
  report_difference(telling, where, what, texts[0], texts[1]);
}

/* ---- Is the certificate about the same engine and cases? ---- */

static const struct sim_json *find_certified(const struct sim_json *cases, const char *id) {
  const struct sim_json *one = cases->first;
  while (one && strcmp(get(one, "id")->text, id) != 0) one = one->next;
  return one;
}

static const struct sim_case *find_selected(const struct sim_selection *selection, const char *id) {
  for (size_t i = 0; i < selection->count; i++)
    if (strcmp(selection->cases[i]->id, id) == 0) return selection->cases[i];
  return NULL;
}

static void fit_case(struct telling *telling, const struct sim_json *one,
                     const struct sim_case *the_case) {
  char digest[SIM_HASH_TEXT_SIZE], expects[SIM_HASH_TEXT_SIZE];
  if (!the_case) {
    report_difference(telling, get(one, "id")->text, "", "a case", "no case");
    return;
  }
  sim_case_digest(the_case, digest);
  sim_evidence_expects(the_case, expects);
  compare_text(telling, the_case->id, "digest of the scenario", get(one, "digest")->text, digest);
  compare_text(telling, the_case->id, "digest of what is expected", get(one, "expects")->text,
               expects);
}

static void fit_cases(struct telling *telling, const struct sim_json *cases,
                      const struct sim_selection *selection) {
  size_t at = 0;
  for (const struct sim_json *one = cases->first; one; one = one->next)
    fit_case(telling, one, find_selected(selection, get(one, "id")->text));
  for (size_t i = 0; i < selection->count; i++)
    if (!find_certified(cases, selection->cases[i]->id))
      report_difference(telling, selection->cases[i]->id, "", "nothing", "a case");
  if (telling->count > 0) return;
  for (const struct sim_json *one = cases->first; one; one = one->next, at++)
    if (at >= selection->count || strcmp(get(one, "id")->text, selection->cases[at]->id) != 0) {
      report_difference(telling, "order of the cases", "", get(one, "id")->text,
                        at < selection->count ? selection->cases[at]->id : "nothing more");
      return;
    }
}

int sim_certificate_fit(const struct sim_certificate *certificate,
                        const struct sim_selection *selection, FILE *out) {
  static const struct {
    const char *key;
    int number;
  } fixed[] = {{"unsynced_writes_chosen_freely", SIM_POWER_FREE_WRITES},
               {"power_images_of_a_step", SIM_POWER_MAX_IMAGES},
               {"choices_of_a_step", SIM_MAX_CHOICES}};
  struct telling telling = {.out = out};
  const struct sim_json *tree = certificate->tree, *engine = get(tree, "engine"),
                        *sqlite = get(tree, "sqlite"), *bounds = get(tree, "bounds");
  compare_text(&telling, "engine", "version", get(engine, "version")->text, RELOAD_VERSION);
  compare_text(&telling, "engine", "digest", get(engine, "digest")->text, sim_engine_digest());
  compare_text(&telling, "simulator", "digest", get(get(tree, "simulator"), "digest")->text,
               sim_simulator_digest());
  compare_text(&telling, "SQLite", "version", get(sqlite, "version")->text, sqlite3_libversion());
  compare_text(&telling, "SQLite", "source", get(sqlite, "source")->text, sqlite3_sourceid());
  for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
    compare_count(&telling, "bounds", fixed[i].key, get(bounds, fixed[i].key)->number,
                  fixed[i].number);
  fit_cases(&telling, get(tree, "cases"), selection);
  return end_telling(&telling);
}

/* ---- Does the certificate hold? ---- */

/* Counts by key, both in the order of the keys. */
static void compare_counts(struct telling *telling, const char *id, const char *what,
                           const struct sim_json *was, const struct sim_json *is) {
  char name[200];
  const struct sim_json *a = was->first, *b = is->first;
  while (a || b) {
    int order = !a ? 1 : !b ? -1 : strcmp(a->key, b->key);
    (void)snprintf(name, sizeof name, "%s %s", what, order <= 0 ? a->key : b->key);
    compare_count(telling, id, name, order <= 0 ? a->number : 0, order >= 0 ? b->number : 0);
    if (order <= 0) a = a->next;
    if (order >= 0) b = b->next;
  }
}

static const char *outcome_text(const struct sim_json *ending) {
  const char *text = get(ending, "outcome")->text;
  return text ? text : "no outcome";
}

static void compare_endings(struct telling *telling, const char *id, const struct sim_json *was,
                            const struct sim_json *is) {
  char name[64];
  const struct sim_json *a = was->first, *b = is->first;
  while (a || b) {
    int order = !a ? 1 : !b ? -1 : strcmp(a->first->text, b->first->text);
    (void)snprintf(name, sizeof name, "states of ending %s", (order <= 0 ? a : b)->first->text);
    compare_count(telling, id, name, order <= 0 ? get(a, "states")->number : 0,
                  order >= 0 ? get(b, "states")->number : 0);
    (void)snprintf(name, sizeof name, "outcome of ending %s", (order <= 0 ? a : b)->first->text);
    if (order == 0) compare_text(telling, id, name, outcome_text(a), outcome_text(b));
    if (order <= 0) a = a->next;
    if (order >= 0) b = b->next;
  }
}

static void compare_case(struct telling *telling, const struct sim_json *was,
                         const struct sim_json *is) {
  static const char *const texts[] = {"id", "file", "explored", "verdict", "root"};
  static const char *const counts[] = {"states", "transitions", "injected_faults"};
  const char *id = get(was, "id")->text;
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    compare_text(telling, id, texts[i], get(was, texts[i])->text, get(is, texts[i])->text);
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
    compare_count(telling, id, counts[i], get(was, counts[i])->number, get(is, counts[i])->number);
  compare_endings(telling, id, get(was, "endings"), get(is, "endings"));
  compare_counts(telling, id, "states of fault ending", get(was, "fault_endings"),
                 get(is, "fault_endings"));
  compare_counts(telling, id, "transitions with", get(was, "fault_sites"), get(is, "fault_sites"));
}

int sim_certificate_compare(const struct sim_certificate *certificate,
                            const struct sim_certificate *now, FILE *out) {
  struct telling telling = {.out = out};
  const struct sim_json *was = certificate->tree, *is = now->tree;
  const struct sim_json *a = get(was, "cases")->first, *b = get(is, "cases")->first;
  for (; a && b; a = a->next, b = b->next) compare_case(&telling, a, b);
  for (; a; a = a->next) report_difference(&telling, get(a, "id")->text, "", "a case", "not run");
  for (const struct sim_json *total = get(was, "totals")->first; total; total = total->next)
    compare_count(&telling, "in all", total->key, total->number,
                  get(get(is, "totals"), total->key)->number);
  compare_text(&telling, "in all", "root", get(was, "root")->text, get(is, "root")->text);
  return end_telling(&telling);
}
