/* What generate.c and generate_steps.c share. */
#ifndef SIM_GENERATE_INSIDE_H
#define SIM_GENERATE_INSIDE_H

#include "random.h"
#include "scenario.h"

#include <jansson.h>

/* The random streams of one run: one for the scenario, one for the plan, one for each walk. */
enum { SIM_STREAM_SCENARIO = 0, SIM_STREAM_RUN = 1, SIM_STREAM_WALKS = 2 };

/* Limits, so that no ending fills a table of the simulator. */
enum {
  GENERATOR_CARDS = 6,
  GENERATOR_SUBMITS = 44,   /* each may become a charge: an intent, two entries, three events */
  GENERATOR_PURCHASES = 18, /* packs are intents, too */
  GENERATOR_GRANTS = 16,
  GENERATOR_CHANGES = 48, /* of toggles: each is a mail */
  GENERATOR_REFUNDS = 12
};

struct generator {
  struct sim_random random;
  bool failed; /* memory ran out, or a text did not fit */

  /* the swarm: which features this run has */
  uint32_t verbs; /* bit set of enum sim_verb */
  int client_count, owner_count, actor_count, step_limit, process_count, card_count;
  bool repeats_ids, waits_for_others, has_limits;
  char cards[GENERATOR_CARDS][72];

  int64_t top_up_tokens, top_up_price_minor;
  int64_t balances[SIM_MAX_CLIENTS]; /* roughly what they will be, to draw costs near them */
  bool is_on[SIM_MAX_CLIENTS];

  /* so far */
  uint32_t processes; /* bit set of those in which a step runs */
  int submit_count, action_count, purchase_count, grant_count, change_count, refund_count;
  int action_clients[GENERATOR_SUBMITS];
  int64_t action_costs[GENERATOR_SUBMITS];
  int actor, first_action; /* being drawn; its first action */
};

extern const char *const sim_generated_clients[SIM_MAX_CLIENTS];

bool sim_draw_chance(struct generator *generator, int permille);
int sim_draw_index(struct generator *generator, int64_t count);
const char *sim_draw_text(struct generator *generator, const char *const *list, int64_t count);
void sim_draw_set(struct generator *generator, json_t *object, const char *key, json_t *value);
void sim_draw_append(struct generator *generator, json_t *array, json_t *value);

/* "when" */
json_t *sim_generate_when(struct generator *generator);

#endif
