/* See generate.h. The given world, its settings and faults; generate_steps.c has what actors do. */
#include "generate.h"

#include "generate_inside.h"
#include "language.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define COUNT(list) ((int64_t)(sizeof(list) / sizeof((list)[0])))

/* ---- Drawing ---- */

bool sim_draw_chance(struct generator *generator, int permille) {
  return sim_random_chance(&generator->random, permille);
}

int sim_draw_index(struct generator *generator, int64_t count) {
  return (int)sim_random_below(&generator->random, count);
}

const char *sim_draw_text(struct generator *generator, const char *const *list, int64_t count) {
  return list[sim_draw_index(generator, count)];
}

void sim_draw_set(struct generator *generator, json_t *object, const char *key, json_t *value) {
  if (json_object_set_new(object, key, value) != 0) generator->failed = true;
}

void sim_draw_append(struct generator *generator, json_t *array, json_t *value) {
  if (json_array_append_new(array, value) != 0) generator->failed = true;
}

/* ---- The swarm ---- */

/* Half of the runs are small: a small race is covered by few walks; some are as large as
 * allowed. */
static void draw_sizes(struct generator *generator) {
  static const struct {
    int clients, actors, steps;
  } sizes[] = {{1, 2, 2}, {1, 3, 2}, {2, 3, 3}, {1, 4, 3},
               {2, 4, 4}, {3, 6, 5}, {4, 8, 6}, {8, 16, 12}};
  int size = sim_draw_index(generator, COUNT(sizes));
  generator->client_count = 1 + sim_draw_index(generator, sizes[size].clients);
  generator->owner_count = 1 + sim_draw_index(generator, 4);
  generator->actor_count = 1 + sim_draw_index(generator, sizes[size].actors);
  if (generator->actor_count == 1 && sim_draw_chance(generator, 800)) generator->actor_count = 2;
  generator->step_limit = 1 + sim_draw_index(generator, sizes[size].steps);
  generator->process_count =
      sim_draw_chance(generator, 500) ? 1 : 1 + sim_draw_index(generator, SIM_MAX_PROCESSES);
}

static void draw_verbs(struct generator *generator) {
  generator->verbs = 1u << SIM_SUBMIT;
  for (int verb = 0; verb < SIM_VERB_COUNT; verb++)
    if (sim_draw_chance(generator, 400)) generator->verbs |= 1u << verb;
  generator->repeats_ids = sim_draw_chance(generator, 250);
  generator->waits_for_others = sim_draw_chance(generator, 400);
}

/* Cards with later consequences come more often. */
static const char *draw_card_kind(struct generator *generator) {
  static const char *const kinds[] = {"pm_card_visa_chargeDeclinedLostCard",
                                      "pm_card_chargeDeclinedExpiredCard",
                                      "pm_card_authenticationRequired", "pm_card_createDispute"};
  bool waits_for_3d_secure = generator->verbs & 1u << SIM_AUTHENTICATE;
  if (waits_for_3d_secure && sim_draw_chance(generator, 400)) return kinds[2];
  if (sim_draw_chance(generator, 500)) return sim_draw_text(generator, kinds, COUNT(kinds));
  return sim_draw_text(generator, sim_card_words.list, sim_card_words.count);
}

/* A few cards for all clients, so that they share them. */
static void draw_cards(struct generator *generator) {
  bool plain = sim_draw_chance(generator, 400);
  generator->card_count = 1 + sim_draw_index(generator, GENERATOR_CARDS);
  for (int i = 0; i < generator->card_count; i++) {
    const char *kind = sim_card_words.list[0];
    if (!plain && sim_draw_chance(generator, 500)) kind = draw_card_kind(generator);
    int size = snprintf(generator->cards[i], sizeof generator->cards[i], "%s:%d", kind, i + 1);
    if (size < 0 || (size_t)size >= sizeof generator->cards[i]) generator->failed = true;
  }
}

/* ---- Settings and clients ---- */

static json_t *settings_json(struct generator *generator) {
  static const int64_t tokens[] = {100, 100, 100, 1, 7, 10, 1000, 1000000, SIM_MAX_TOKENS};
  static const int64_t prices[] = {1000, 1000, 50, 999, 99999999};
  static const char *const waits[] = {"30 s", "30 s", "1 s", "5 min"};
  static const char *const attempts[] = {"2 min", "2 min", "10 s", "10 min"};
  json_t *settings = json_object();
  generator->top_up_tokens = tokens[sim_draw_index(generator, COUNT(tokens))];
  generator->top_up_price_minor = prices[sim_draw_index(generator, COUNT(prices))];
  sim_draw_set(generator, settings, "top_up_tokens", json_integer(generator->top_up_tokens));
  sim_draw_set(generator, settings, "top_up_price", json_integer(generator->top_up_price_minor));
  sim_draw_set(generator, settings, "wait_limit",
               json_string(sim_draw_text(generator, waits, COUNT(waits))));
  sim_draw_set(generator, settings, "attempt_limit",
               json_string(sim_draw_text(generator, attempts, COUNT(attempts))));
  return settings;
}

static int64_t draw_balance(struct generator *generator) {
  const int64_t top_up = generator->top_up_tokens;
  const int64_t edges[] = {0,
                           0,
                           5,
                           5,
                           1,
                           top_up - 1,
                           top_up,
                           50,
                           -1,
                           -5,
                           -top_up,
                           SIM_MAX_TOKENS,
                           SIM_MAX_TOKENS - 1,
                           SIM_MAX_TOKENS - top_up};
  int last = generator->has_limits ? (int)COUNT(edges) : 11;
  int64_t balance = edges[sim_draw_index(generator, last)];
  return balance < -99999999 ? -5 : balance; /* only what was paid for is reversed */
}

static json_t *generate_client(struct generator *generator, int client) {
  static const char *const owners[] = {"olga", "otto", "oona", "omar"};
  json_t *given = json_object();
  generator->balances[client] = draw_balance(generator);
  generator->is_on[client] = sim_draw_chance(generator, 850);
  const char *plan = sim_draw_chance(generator, 850)
                         ? "active"
                         : sim_draw_text(generator, sim_plan_words.list, sim_plan_words.count);
  const char *card = sim_draw_chance(generator, 920)
                         ? generator->cards[sim_draw_index(generator, generator->card_count)]
                         : "none";
  sim_draw_set(generator, given, "owner",
               json_string(owners[sim_draw_index(generator, generator->owner_count)]));
  sim_draw_set(generator, given, "balance", json_integer(generator->balances[client]));
  sim_draw_set(generator, given, "plan", json_string(plan));
  sim_draw_set(generator, given, "card", json_string(card));
  sim_draw_set(generator, given, "auto_reload",
               json_string(generator->is_on[client] ? "on" : "off"));
  return given;
}

static json_t *generate_given(struct generator *generator) {
  json_t *given = json_object();
  generator->has_limits = sim_draw_chance(generator, 150);
  for (int i = 0; i < generator->client_count; i++)
    sim_draw_set(generator, given, sim_generated_clients[i], generate_client(generator, i));
  return given;
}

/* ---- Faults ---- */

/* How often a behaviour is drawn for a site. */
static int weight_of(int behaviour, enum sim_site site) {
  bool fits = sim_behaviour_fits((enum sim_behaviour)behaviour, site);
  return fits ? sim_behaviours[behaviour].weight : 0;
}

static enum sim_behaviour draw_fitting(struct generator *generator, enum sim_site site) {
  int all = 0, behaviour = 0;
  for (int i = 0; i < SIM_BEHAVIOUR_COUNT; i++) all += weight_of(i, site);
  int drawn = sim_draw_index(generator, all);
  while (drawn >= weight_of(behaviour, site)) drawn -= weight_of(behaviour++, site);
  return (enum sim_behaviour)behaviour;
}

/* A behaviour that fits the site, as text in `text`. */
static void draw_behaviour(struct generator *generator, enum sim_site site, char *text,
                           size_t text_size) {
  static const char *const spans[] = {"1 s", "45 s", "5 min", "1 d"};
  enum sim_behaviour behaviour = draw_fitting(generator, site);
  const struct sim_words *codes = sim_behaviour_codes(behaviour);
  const char *tail = "";
  if (codes)
    tail = sim_draw_text(generator, codes->list, codes->count);
  else if (sim_behaviours[behaviour].takes == SIM_TAKES_DURATION)
    tail = sim_draw_text(generator, spans, COUNT(spans));
  int size =
      snprintf(text, text_size, "%s%s%s", sim_behaviours[behaviour].word, *tail ? " " : "", tail);
  if (size < 0 || (size_t)size >= text_size) generator->failed = true;
}

static bool list_has(const json_t *list, const char *text) {
  for (size_t i = 0; i < json_array_size(list); i++)
    if (strcmp(json_string_value(json_array_get(list, i)), text) == 0) return true;
  return false;
}

static json_t *may_json(struct generator *generator, enum sim_site site) {
  char text[80];
  json_t *may = json_array();
  for (int count = 1 + sim_draw_index(generator, 4); count > 0; count--) {
    draw_behaviour(generator, site, text, sizeof text);
    if (!list_has(may, text)) sim_draw_append(generator, may, json_string(text));
  }
  return may;
}

/* Only calls that recovery does not depend on may always fail. Otherwise no ending could be
 * reached, which would be no mistake of the engine. */
static json_t *generate_site(struct generator *generator, enum sim_site site) {
  char text[80];
  if (sim_draw_chance(generator, 600)) return may_json(generator, site);
  draw_behaviour(generator, site, text, sizeof text);
  bool always = site == SIM_SITE_CONFIRM && sim_draw_chance(generator, 300);
  json_t *faults = json_object();
  sim_draw_set(generator, faults, always ? "always" : "first", json_string(text));
  return faults;
}

static json_t *faults_json(struct generator *generator) {
  json_t *faults = json_object();
  for (int site = 0; site < SIM_SITE_COUNT; site++)
    if (sim_draw_chance(generator, 400))
      sim_draw_set(generator, faults, sim_site_word((enum sim_site)site),
                   generate_site(generator, (enum sim_site)site));
  sim_draw_set(generator, faults, "at_most", json_integer(1 + sim_draw_index(generator, 8)));
  return faults;
}

/* ---- All of it ---- */

json_t *sim_generate(uint64_t seed, int64_t run) {
  static const char *const clocks[] = {"2026-01-15T12:00:00Z", "2026-12-31T23:59:30Z",
                                       "2028-02-28T23:50:00Z"};
  struct generator generator = {.failed = false};
  json_t *root = json_object();
  sim_random_begin(&generator.random, seed, (uint64_t)run, SIM_STREAM_SCENARIO);
  draw_sizes(&generator);
  draw_verbs(&generator);
  draw_cards(&generator);
  sim_draw_set(&generator, root, "$schema", json_string("../scenario.schema.json"));
  sim_draw_set(&generator, root, "title",
               json_sprintf("Seed %" PRIu64 ", run %" PRId64, seed, run));
  sim_draw_set(&generator, root, "rules", json_pack("[s]", "MONEY-8"));
  sim_draw_set(&generator, root, "clock",
               json_string(sim_draw_text(&generator, clocks, COUNT(clocks))));
  sim_draw_set(&generator, root, "settings", settings_json(&generator));
  sim_draw_set(&generator, root, "given", generate_given(&generator));
  sim_draw_set(&generator, root, "when", sim_generate_when(&generator));
  if (sim_draw_chance(&generator, 500))
    sim_draw_set(&generator, root, "faults", faults_json(&generator));
  sim_draw_set(
      &generator, root, "events",
      json_string(sim_event_words.list[sim_draw_index(&generator, sim_event_words.count)]));
  sim_draw_set(&generator, root, "then", json_pack("{s:s}", "may", "anything"));
  if (!generator.failed) return root;
  json_decref(root);
  return NULL;
}
