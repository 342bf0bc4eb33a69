/* What the actors of a generated scenario do. */
#include "generate_inside.h"

#include "language.h"

#define COUNT(list) ((int64_t)(sizeof(list) / sizeof((list)[0])))

const char *const sim_generated_clients[SIM_MAX_CLIENTS] = {"acme", "beta", "city", "dune",
                                                            "echo", "fern", "gold", "hive"};

static const char *const actors[SIM_MAX_ACTORS] = {"ana", "ben", "cat", "dan", "eva", "fay",
                                                   "gus", "hal", "ida", "jon", "kim", "leo",
                                                   "mia", "ned", "oda", "pia"};

/* ---- Numbers and ids ---- */

static int64_t add_saturated(int64_t a, int64_t b) {
  if (b > 0 && a > INT64_MAX - b) return INT64_MAX;
  if (b < 0 && a < INT64_MIN - b) return INT64_MIN;
  return a + b;
}

/* Mostly a cost that the balance does not cover but one top-up does; else a cost at a limit. */
static int64_t draw_cost(struct generator *generator, int client) {
  int64_t balance = generator->balances[client], top_up = generator->top_up_tokens;
  const int64_t edges[] = {balance,
                           add_saturated(balance, 1),
                           add_saturated(balance, top_up),
                           add_saturated(add_saturated(balance, top_up), 1),
                           add_saturated(balance, -1),
                           1,
                           3,
                           top_up,
                           add_saturated(top_up, 1),
                           SIM_MAX_TOKENS};
  static const int64_t wrong[] = {0, -1, INT64_MIN, INT64_MAX, SIM_MAX_TOKENS + 1};
  if (sim_draw_chance(generator, 10)) return wrong[sim_draw_index(generator, COUNT(wrong))];
  int64_t cost = sim_draw_chance(generator, 400)
                     ? edges[sim_draw_index(generator, COUNT(edges))]
                     : add_saturated(balance < 0 ? 0 : balance,
                                     1 + sim_draw_index(generator, top_up < 100 ? top_up : 100));
  return cost < 1 ? 1 : cost > SIM_MAX_TOKENS ? SIM_MAX_TOKENS : cost;
}

/* A rough guess of the balance after this step. */
static void guess_balance(struct generator *generator, int client, int64_t cost) {
  int64_t *balance = &generator->balances[client];
  if (cost < 1) return;
  if (cost > *balance && generator->is_on[client])
    *balance = add_saturated(*balance, generator->top_up_tokens);
  if (cost <= *balance) *balance -= cost;
}

static int draw_client(struct generator *generator) {
  return sim_draw_index(generator, generator->client_count);
}

static const char *draw_card(struct generator *generator) {
  return generator->cards[sim_draw_index(generator, generator->card_count)];
}

static json_t *action_id(int action) { return json_sprintf("a-%d", action + 1); }

/* An action that some step submits, more often than not one of this actor's own. */
static int draw_action(struct generator *generator) {
  int first = generator->first_action;
  if (first == generator->action_count || sim_draw_chance(generator, 400)) first = 0;
  return first + sim_draw_index(generator, generator->action_count - first);
}

/* ---- Steps with several keys ---- */

static void draw_submit(struct generator *generator, json_t *step) {
  bool again =
      generator->repeats_ids && generator->action_count > 0 && sim_draw_chance(generator, 300);
  int action = again ? sim_draw_index(generator, generator->action_count) : generator->action_count;
  int client = again ? generator->action_clients[action] : draw_client(generator);
  int64_t cost = again ? generator->action_costs[action] : draw_cost(generator, client);
  if (again && sim_draw_chance(generator, 100)) client = draw_client(generator);
  if (again && sim_draw_chance(generator, 100)) cost = add_saturated(cost, 1);
  generator->submit_count++;
  if (!again) {
    generator->action_clients[action] = client;
    generator->action_costs[action] = cost;
    generator->action_count++;
    guess_balance(generator, client, cost);
  }
  sim_draw_set(generator, step, "submit", action_id(action));
  sim_draw_set(generator, step, "to", json_string(sim_generated_clients[client]));
  sim_draw_set(generator, step, "cost", json_integer(cost));
  if (sim_draw_chance(generator, 200))
    sim_draw_set(generator, step, "kind", json_string("persona batch"));
}

static int64_t draw_tokens(struct generator *generator) {
  const int64_t edges[] = {1, 10, 50, 500, generator->top_up_tokens, SIM_MAX_TOKENS};
  return edges[sim_draw_index(generator, generator->has_limits ? COUNT(edges) : COUNT(edges) - 1)];
}

static void draw_purchase(struct generator *generator, json_t *step, enum sim_verb verb) {
  int client = draw_client(generator);
  sim_draw_set(generator, step, sim_verb_word(verb), json_string(sim_generated_clients[client]));
  if (verb == SIM_CHANGE_PLAN) {
    const char *plan = sim_draw_chance(generator, 800)
                           ? "active"
                           : sim_draw_text(generator, sim_plan_words.list, sim_plan_words.count);
    sim_draw_set(generator, step, "plan", json_string(plan));
  } else {
    int64_t tokens = draw_tokens(generator);
    generator->balances[client] = add_saturated(generator->balances[client], tokens);
    sim_draw_set(generator, step, "tokens", json_integer(tokens));
    if (verb == SIM_RENEW) {
      generator->grant_count++;
      return;
    }
    generator->purchase_count++;
    sim_draw_set(generator, step, "id", json_sprintf("p-%d", generator->purchase_count));
  }
  sim_draw_set(generator, step, "card", json_string(draw_card(generator)));
}

/* Refunds and disputes: of an action or a pack. */
static void draw_return(struct generator *generator, json_t *step, enum sim_verb verb) {
  int of_packs = generator->purchase_count;
  bool pack = of_packs > 0 && (generator->action_count == 0 || sim_draw_chance(generator, 250));
  json_t *id = pack ? json_sprintf("p-%d", 1 + sim_draw_index(generator, of_packs))
                    : action_id(draw_action(generator));
  generator->refund_count++;
  sim_draw_set(generator, step, sim_verb_word(verb), id);
  if (verb == SIM_DISPUTE)
    sim_draw_set(generator, step, "outcome",
                 json_string(sim_draw_chance(generator, 700) ? "lost" : "won"));
  else if (sim_draw_chance(generator, 500)) {
    int64_t price = generator->top_up_price_minor;
    const int64_t edges[] = {1, 9, price / 2, price, price / 3 + 1};
    sim_draw_set(generator, step, "amount",
                 json_integer(edges[sim_draw_index(generator, COUNT(edges))]));
  }
}

/* Outages and jumps back are short: whatever waits for their end is tried every minute, and a long
 * wait would be taken for an endless one. */
static void draw_time(struct generator *generator, json_t *step, enum sim_verb verb) {
  static const char *const waits[] = {"1 ms",   "1 s", "30 s", "45 s", "2 min",
                                      "10 min", "1 h", "1 d",  "3 d",  "31 d"};
  static const char *const jumps[] = {"+1 s",  "+1 min", "+1 h",   "+1 d",
                                      "+31 d", "-1 s",   "-1 min", "-1 h"};
  static const char *const outages[] = {"1 s", "1 min", "30 min", "12 h"};
  bool is_jump = sim_verbs[verb].value->value == SIM_VALUE_JUMP;
  const char *text = verb == SIM_WAIT ? sim_draw_text(generator, waits, COUNT(waits))
                     : is_jump        ? sim_draw_text(generator, jumps, COUNT(jumps))
                                      : sim_draw_text(generator, outages, COUNT(outages));
  sim_draw_set(generator, step, sim_verb_word(verb), json_string(text));
}

static json_t *process_name(int process) {
  return process == 0 ? json_string("web") : json_sprintf("web-%d", process + 1);
}

/* ---- Any step ---- */

/* Whether the limits allow one more of this verb. */
static bool has_room(const struct generator *generator, enum sim_verb verb) {
  switch (verb) {
    case SIM_SUBMIT: return generator->submit_count < GENERATOR_SUBMITS;
    case SIM_TURN_ON:
    case SIM_TURN_OFF: return generator->change_count < GENERATOR_CHANGES;
    case SIM_BUY_PACK: return generator->purchase_count < GENERATOR_PURCHASES;
    case SIM_RENEW: return generator->grant_count < GENERATOR_GRANTS;
    default: break;
  }
  switch (sim_verbs[verb].value->value) {
    case SIM_VALUE_ACTION: return generator->action_count > 0;
    case SIM_VALUE_PAID:
      return generator->refund_count < GENERATOR_REFUNDS &&
             generator->action_count + generator->purchase_count > 0;
    default: return true;
  }
}

/* A wait is always possible. */
static enum sim_verb draw_verb(struct generator *generator) {
  int all = 0;
  for (int verb = 0; verb < SIM_VERB_COUNT; verb++)
    if (generator->verbs & 1u << verb && has_room(generator, (enum sim_verb)verb))
      all += sim_verbs[verb].weight;
  if (all == 0) return SIM_WAIT;
  int drawn = sim_draw_index(generator, all), verb = 0;
  for (;; verb++) {
    if (!(generator->verbs & 1u << verb) || !has_room(generator, (enum sim_verb)verb)) continue;
    if (drawn < sim_verbs[verb].weight) return (enum sim_verb)verb;
    drawn -= sim_verbs[verb].weight;
  }
}

/* A key that a verb needs, beside what the functions above draw. */
static void draw_key(struct generator *generator, json_t *step, const struct sim_field *key) {
  const struct sim_words *words = key->words;
  if (key->value == SIM_VALUE_CARD)
    sim_draw_set(generator, step, key->word, json_string(draw_card(generator)));
  else if (words)
    sim_draw_set(generator, step, key->word,
                 json_string(sim_draw_text(generator, words->list, words->count)));
  else if (key->value == SIM_VALUE_NUMBER) /* of no verb yet */
    sim_draw_set(generator, step, key->word, json_integer(draw_tokens(generator)));
}

/* A step whose row in the vocabulary says all that is needed. */
static void draw_plain(struct generator *generator, json_t *step, enum sim_verb verb) {
  const struct sim_verb_word *row = &sim_verbs[verb];
  const struct sim_words *words = row->value->words;
  if (row->value->value == SIM_VALUE_CLIENT)
    sim_draw_set(generator, step, row->word,
                 json_string(sim_generated_clients[draw_client(generator)]));
  else if (row->value->value == SIM_VALUE_ACTION)
    sim_draw_set(generator, step, row->word, action_id(draw_action(generator)));
  else if (words)
    sim_draw_set(generator, step, row->word,
                 json_string(sim_draw_text(generator, words->list, words->count)));
  else if (row->value->value == SIM_VALUE_YES)
    sim_draw_set(generator, step, row->word, json_true());
  for (int key = 0; key < SIM_KEY_COUNT; key++)
    if (row->needs & 1u << key) draw_key(generator, step, &sim_step_keys[key]);
}

static void draw_value(struct generator *generator, json_t *step, enum sim_verb verb) {
  enum sim_value value = sim_verbs[verb].value->value;
  generator->change_count += verb == SIM_TURN_ON || verb == SIM_TURN_OFF;
  if (value == SIM_VALUE_NEW_ACTION)
    draw_submit(generator, step);
  else if (verb == SIM_BUY_PACK || verb == SIM_CHANGE_PLAN || verb == SIM_RENEW)
    draw_purchase(generator, step, verb);
  else if (value == SIM_VALUE_PAID)
    draw_return(generator, step, verb);
  else if (value == SIM_VALUE_DURATION || value == SIM_VALUE_JUMP)
    draw_time(generator, step, verb);
  else if (value != SIM_VALUE_VICTIM) /* which draw_place() names */
    draw_plain(generator, step, verb);
}

/* Where a step runs; or which process dies: one in which a step has run. */
static void draw_place(struct generator *generator, json_t *step, enum sim_verb verb, int home) {
  int process =
      sim_draw_chance(generator, 800) ? home : sim_draw_index(generator, generator->process_count);
  if (sim_verbs[verb].value->value == SIM_VALUE_VICTIM) {
    while (!(generator->processes & 1u << process))
      process = (process + 1) % generator->process_count;
    sim_draw_set(generator, step, sim_verb_word(verb), process_name(process));
  } else if (sim_verbs[verb].in_process) {
    generator->processes |= 1u << process;
    sim_draw_set(generator, step, "on", process_name(process));
  }
}

/* Waiting only for earlier actors makes no circle. */
static void draw_after(struct generator *generator, json_t *step) {
  if (generator->actor == 0 || !generator->waits_for_others || !sim_draw_chance(generator, 250))
    return;
  int other = sim_draw_index(generator, generator->actor);
  sim_draw_set(generator, step, "after", json_string(actors[other]));
}

json_t *sim_generate_when(struct generator *generator) {
  json_t *when = json_object();
  for (int a = 0; a < generator->actor_count; a++) {
    json_t *steps = json_array();
    int count = 1 + sim_draw_index(generator, generator->step_limit);
    int home = sim_draw_index(generator, generator->process_count);
    generator->actor = a;
    generator->first_action = generator->action_count;
    for (int s = 0; s < count; s++) {
      enum sim_verb verb = a == 0 && s == 0 ? SIM_SUBMIT : draw_verb(generator);
      json_t *step = json_object();
      draw_value(generator, step, verb);
      draw_place(generator, step, verb, home);
      draw_after(generator, step);
      sim_draw_append(generator, steps, step);
    }
    sim_draw_set(generator, when, actors[a], steps);
  }
  return when;
}
