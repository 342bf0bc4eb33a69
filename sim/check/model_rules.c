/* The rules as a small sequential machine: account facts, the toggle, what the bank and recovery
 * do, the beginning and the end. Submits are in model_spend.c. */
#include "model_inside.h"

#include <string.h>

/* ---- What the rules ask about ---- */

bool sim_model_at_hand(const struct model *model, int client) {
  return client < 0 || model->clients_at_hand & 1u << client;
}

const struct sim_step *sim_model_step(const struct model *model, const struct model_state *state,
                                      int actor) {
  return &model->the_case->actors[actor].steps[state->steps[actor]];
}

enum sim_answer sim_model_answer(const struct model *model, const struct model_state *state,
                                 int actor) {
  return (enum sim_answer)model->world->tasks[actor].answers[state->steps[actor]];
}

/* MONEY-8: the answer was lost, as the process died or the store failed. What was asked for may
 * have been done or not. */
bool sim_model_unheard(const struct model *model, enum sim_answer answer) {
  if (answer == SIM_ANSWER_LOST) return model->deadly;
  return model->failing && answer >= SIM_ANSWER_ERROR + (int)RELOAD_BUSY &&
         answer <= SIM_ANSWER_ERROR_LAST;
}

/* For an answer that was lost: it seems that nothing was done. What is pushed last is tried
 * first. */
bool sim_model_looks_idle(const struct model *model, const struct model_state *state, int actor) {
  int step = state->steps[actor];
  return model->order && model->order->idle[actor][step] && model->order->fired[actor][step] == 0;
}

/* MONEY-1 */
int64_t sim_model_balance(const struct model *model, const struct model_state *state, int client) {
  const struct model_client *seen = &model->clients[client];
  int count = state->entries[client];
  return count ? seen->entries[count - 1].balance_tokens : seen->given_tokens;
}

/* TOGGLE-8: the state is that of the last change. */
bool sim_model_is_on(const struct model *model, const struct model_state *state, int client) {
  int count = state->toggles[client];
  return count ? model->clients[client].toggles[count - 1].on
               : model->the_case->clients[client].auto_reload;
}

/* NOFIRE-6: a dead card is dead for every client that has it. */
bool sim_model_card_dead(const struct model *model, const struct model_state *state, int client) {
  for (int i = 0; i < model->charge_count; i++)
    if (state->known_bad[i] && model->charges[i].row->card == state->cards[client]) return true;
  return false;
}

int sim_model_open_charge(const struct model *model, const struct model_state *state, int client) {
  for (int i = 0; i < model->charge_count; i++)
    if (model->charges[i].row->client == client && state->phases[i] != MODEL_UNFIRED &&
        state->phases[i] != MODEL_ENDED)
      return i;
  return -1;
}

const struct sim_entry_row *sim_model_entry(const struct model *model,
                                            const struct model_state *state, int client, int kind) {
  const struct model_client *seen = &model->clients[client];
  int at = state->entries[client];
  return at < seen->entry_count && seen->entries[at].kind == kind ? &seen->entries[at] : NULL;
}

/* ---- The beginning and the end ---- */

static uint64_t card_hash(const char *card) { return card ? sim_text_hash(card) : 0; }

void sim_model_begin(const struct model *model, struct model_state *state) {
  memset(state, 0, sizeof *state);
  memset(state->fired, -1, sizeof state->fired);
  for (int i = 0; i < model->the_case->client_count; i++) {
    state->cards[i] = card_hash(model->the_case->clients[i].card);
    state->plans[i] = (uint8_t)model->the_case->clients[i].plan;
  }
}

bool sim_model_is_end(const struct model *model, const struct model_state *state) {
  for (int a = 0; a < model->the_case->actor_count; a++)
    if (state->steps[a] != model->the_case->actors[a].step_count) return false;
  for (int i = 0; i < model->the_case->client_count; i++)
    if (sim_model_at_hand(model, i) && (state->entries[i] != model->clients[i].entry_count ||
                                        state->toggles[i] != model->clients[i].toggle_count))
      return false;
  for (int i = 0; i < model->charge_count; i++)
    if (sim_model_at_hand(model, model->charges[i].row->client) && state->phases[i] != MODEL_ENDED)
      return false;
  return true;
}

/* ---- Which actors can act ---- */

static bool may_step(const struct model *model, const struct model_state *state, int actor) {
  if (state->steps[actor] == model->the_case->actors[actor].step_count) return false;
  uint32_t after = sim_model_step(model, state, actor)->after;
  for (int a = 0; a < model->the_case->actor_count; a++)
    if (after & 1u << a && state->steps[a] != model->the_case->actors[a].step_count) return false;
  return true;
}

/* Steps that change nothing that the rules ask about. They can be taken at once. */
static bool changes_nothing(const struct model *model, const struct model_state *state, int actor) {
  switch (sim_model_step(model, state, actor)->verb) {
    case SIM_REFUND: /* the reversal comes with an event, at any later time (MONEY-7) */
    case SIM_DISPUTE:
    case SIM_AUTHENTICATE:
    case SIM_DELIVER_EVENTS:
    case SIM_RECOVER:
    case SIM_DELIVER_MAIL:
    case SIM_WAIT: /* FIRE-4: time passing fires nothing */
    case SIM_CLOCK:
    case SIM_GATEWAY_DOWN:
    case SIM_MAIL_DOWN:
    case SIM_CRASH:
    case SIM_POWER_CUT: return true;
    case SIM_FORGE_EVENT: /* MONEY-5: an event without a good signature is ignored */
      return sim_model_answer(model, state, actor) != SIM_ANSWER_EVENT_ACCEPTED;
    case SIM_SUBMIT:
    case SIM_TURN_ON:
    case SIM_TURN_OFF:
    case SIM_LOOK:
    case SIM_SET_CARD:
    case SIM_REMOVE_CARD:
    case SIM_SET_PLAN:
    case SIM_CHANGE_PLAN:
    case SIM_BUY_PACK:
    case SIM_RENEW: return !sim_model_at_hand(model, sim_model_step(model, state, actor)->client);
    default: return false;
  }
}

void sim_model_skip(const struct model *model, struct model_state *state) {
  bool again = true;
  while (again) {
    again = false;
    for (int a = 0; a < model->the_case->actor_count; a++)
      while (may_step(model, state, a) && changes_nothing(model, state, a)) {
        state->steps[a]++;
        again = true;
      }
  }
}

/* ---- The toggle ---- */

/* The answers that a toggle may have here; ENABLED and DISABLED are those of a change. */
static bool toggle_answer(const struct model *model, const struct model_state *state,
                          const struct sim_step *step, enum sim_answer answer) {
  int client = step->client;
  bool is_on = sim_model_is_on(model, state, client);
  bool no_card =
      state->cards[client] == 0 || sim_model_card_dead(model, state, client); /* TOGGLE-2 */
  bool no_plan = state->plans[client] != SIM_PLAN_ACTIVE;                     /* TOGGLE-3 */
  switch (answer) {
    case SIM_ANSWER_DISABLED: return step->verb == SIM_TURN_OFF && is_on; /* TOGGLE-9: always */
    case SIM_ANSWER_ALREADY_DISABLED: return step->verb == SIM_TURN_OFF && !is_on; /* TOGGLE-5 */
    case SIM_ANSWER_ALREADY_ENABLED: return step->verb == SIM_TURN_ON && is_on;    /* TOGGLE-5 */
    case SIM_ANSWER_ENABLED: return step->verb == SIM_TURN_ON && !is_on && !no_card && !no_plan;
    case SIM_ANSWER_ADD_CARD: return step->verb == SIM_TURN_ON && !is_on && no_card;
    case SIM_ANSWER_PLAN_NEEDED: return step->verb == SIM_TURN_ON && !is_on && no_plan;
    default: return false;
  }
}

/* TOGGLE-4: a change is recorded, and its mail with it. */
static void take_toggle(const struct model *model, const struct model_state *state, int actor,
                        struct model_search *search) {
  const struct sim_step *step = sim_model_step(model, state, actor);
  const struct model_client *seen = &model->clients[step->client];
  enum sim_answer answer = sim_model_answer(model, state, actor);
  enum sim_answer change = step->verb == SIM_TURN_ON ? SIM_ANSWER_ENABLED : SIM_ANSWER_DISABLED;
  bool unheard = sim_model_unheard(model, answer);
  int at = state->toggles[step->client];
  bool on_record =
      at < seen->toggle_count && (seen->toggles[at].on != 0) == (step->verb == SIM_TURN_ON);
  bool looks_idle = sim_model_looks_idle(model, state, actor);
  struct model_state idle = *state;
  idle.steps[actor]++;
  struct model_state next = idle;
  bool may_be_idle = unheard || (answer != change && toggle_answer(model, state, step, answer));
  if (may_be_idle && !looks_idle) sim_model_push(search, &idle);
  if ((unheard || answer == change) && on_record && toggle_answer(model, state, step, change)) {
    next.toggles[step->client]++;
    sim_model_push(search, &next);
  }
  if (may_be_idle && looks_idle) sim_model_push(search, &idle);
}

/* TOGGLE-6: the state is shown as it is. */
static void take_look(const struct model *model, const struct model_state *state, int actor,
                      struct model_search *search) {
  enum sim_answer answer = sim_model_answer(model, state, actor);
  bool is_on = sim_model_is_on(model, state, sim_model_step(model, state, actor)->client);
  if (answer != (is_on ? SIM_ANSWER_SHOWN_ENABLED : SIM_ANSWER_SHOWN_DISABLED) &&
      !sim_model_unheard(model, answer))
    return;
  struct model_state next = *state;
  next.steps[actor]++;
  sim_model_push(search, &next);
}

/* ---- Account facts: none of them changes the toggle (TOGGLE-8) or fires (FIRE-4) ---- */

static void replace_card(struct model_state *state, int client, uint64_t card) {
  state->cards[client] = card;
  state->episodes[client]++;
}

/* The line of a pack or a grant with this id, among those explained so far. A pack's id counts for
 * all clients. */
static const struct sim_entry_row *entered_before(const struct model *model,
                                                  const struct model_state *state,
                                                  const struct sim_step *step, int kind) {
  for (int c = 0; c < model->the_case->client_count; c++)
    for (int i = 0; i < state->entries[c]; i++) {
      const struct sim_entry_row *entry = &model->clients[c].entries[i];
      if (entry->kind == kind && entry->reference == sim_text_hash(step->id) &&
          (c == step->client || kind == RELOAD_ENTRY_PACK))
        return entry;
    }
  return NULL;
}

/* OUT-1, OUT-3: tokens are added, once for each id.
 * Returns: false if it cannot have happened here */
static bool add_tokens(const struct model *model, struct model_state *state,
                       const struct sim_step *step, int kind) {
  const struct sim_entry_row *reported = entered_before(model, state, step, kind);
  if (reported) return reported->client == step->client && reported->tokens == step->amount;
  const struct sim_entry_row *entry = sim_model_entry(model, state, step->client, kind);
  if (!entry || entry->tokens != step->amount || entry->reference != sim_text_hash(step->id))
    return false;
  state->entries[step->client]++;
  if (kind == RELOAD_ENTRY_PACK) /* OUT-1, NOFIRE-7 */
    replace_card(state, step->client, card_hash(step->card));
  return true;
}

static bool take_effect(const struct model *model, struct model_state *state,
                        const struct sim_step *step) {
  int client = step->client;
  switch (step->verb) {
    case SIM_SET_CARD:
    case SIM_REMOVE_CARD: /* the card that is on file already is no new one (NOFIRE-6) */
      if (state->cards[client] != card_hash(step->card))
        replace_card(state, client, card_hash(step->card));
      return true;
    case SIM_SET_PLAN: state->plans[client] = (uint8_t)step->plan; return true;
    case SIM_CHANGE_PLAN: /* OUT-2 */
      state->plans[client] = (uint8_t)step->plan;
      replace_card(state, client, card_hash(step->card));
      return true;
    case SIM_BUY_PACK: return add_tokens(model, state, step, RELOAD_ENTRY_PACK);
    case SIM_RENEW: return add_tokens(model, state, step, RELOAD_ENTRY_GRANT);
    default: return false;
  }
}

/* Errors that change nothing: an id that comes with other numbers, tokens out of bounds. */
static bool may_refuse(const struct model *model, const struct model_state *state,
                       const struct sim_step *step, enum sim_answer answer) {
  if (step->verb != SIM_BUY_PACK && step->verb != SIM_RENEW) return false;
  int kind = step->verb == SIM_BUY_PACK ? RELOAD_ENTRY_PACK : RELOAD_ENTRY_GRANT;
  if (answer == SIM_ANSWER_ERROR + (int)RELOAD_CONFLICT)
    return entered_before(model, state, step, kind) != NULL;
  return answer == SIM_ANSWER_ERROR + (int)RELOAD_INVALID &&
         (step->amount <= 0 || step->amount > RELOAD_TOKENS_MAX ||
          sim_model_balance(model, state, step->client) > RELOAD_TOKENS_MAX - step->amount);
}

static void take_account_step(const struct model *model, const struct model_state *state, int actor,
                              struct model_search *search) {
  const struct sim_step *step = sim_model_step(model, state, actor);
  enum sim_answer answer = sim_model_answer(model, state, actor);
  bool unheard = sim_model_unheard(model, answer);
  bool looks_idle = sim_model_looks_idle(model, state, actor);
  struct model_state idle = *state;
  idle.steps[actor]++;
  struct model_state next = idle;
  bool may_be_idle = unheard || may_refuse(model, state, step, answer);
  if (may_be_idle && !looks_idle) sim_model_push(search, &idle);
  if ((unheard || answer == SIM_ANSWER_NONE) && take_effect(model, &next, step))
    sim_model_push(search, &next);
  if (may_be_idle && looks_idle) sim_model_push(search, &idle);
}

/* ---- What recovery and the gateway do ---- */

/* MONEY-5, MONEY-2: recovery resolves a charge whose handler is gone, at any time. A captured one
 * is credited, without its action; another one is closed (NOFIRE-3). */
static void resolve_charge(const struct model *model, const struct model_state *state, int charge,
                           struct model_search *search) {
  const struct model_charge *seen = &model->charges[charge];
  struct model_state next = *state;
  next.phases[charge] = MODEL_ENDED;
  if (seen->bank == MODEL_BANK_CAPTURED) {
    if (!sim_model_top_up(model, &next, charge)) return;
  } else if (seen->for_good) /* NOFIRE-6 */
    next.known_bad[charge] = 1;
  sim_model_push(search, &next);
}

/* The line of the log that credits a captured charge, if it is the next one. */
bool sim_model_top_up(const struct model *model, struct model_state *state, int charge) {
  const struct sim_charge_row *row = model->charges[charge].row;
  const struct sim_entry_row *entry =
      sim_model_entry(model, state, row->client, RELOAD_ENTRY_TOP_UP);
  if (!entry || entry->intent != row->intent || entry->action != row->action ||
      entry->tokens != row->top_up_tokens || entry->amount_minor != row->amount_minor)
    return false;
  state->entries[row->client]++;
  return true;
}

/* A refund or a dispute has taken this intent's money back. */
static bool went_back(const struct model *model, const struct model_state *state, uint64_t hash) {
  const struct fake_card *card = &model->world->card;
  for (int i = 0; i < card->intent_count; i++) {
    if (sim_text_hash(card->intents[i].id) != hash) continue;
    int id = sim_names_find(model->names, card->intents[i].action_id);
    for (int a = 0; a < model->the_case->actor_count; a++)
      for (int s = 0; s < state->steps[a]; s++) {
        enum sim_verb verb = model->the_case->actors[a].steps[s].verb;
        if ((verb == SIM_REFUND || verb == SIM_DISPUTE) && model->ids[a][s] == id) return true;
      }
  }
  return false;
}

/* MONEY-7: a reversal is an entry of its own, after the one that it takes back. */
static void reverse_entry(const struct model *model, const struct model_state *state, int client,
                          struct model_search *search) {
  const struct sim_entry_row *entry = sim_model_entry(model, state, client, RELOAD_ENTRY_REVERSAL);
  bool bought = false;
  if (!entry || entry->tokens > 0 || !went_back(model, state, entry->intent)) return;
  for (int i = 0; i < state->entries[client]; i++)
    bought = bought || (model->clients[client].entries[i].intent == entry->intent &&
                        model->clients[client].entries[i].kind != RELOAD_ENTRY_REVERSAL);
  if (!bought) return;
  struct model_state next = *state;
  next.entries[client]++;
  sim_model_push(search, &next);
}

/* ---- All that may come next ---- */

static void take_actor_step(const struct model *model, const struct model_state *state, int actor,
                            struct model_search *search) {
  switch (sim_model_step(model, state, actor)->verb) {
    case SIM_SUBMIT: sim_model_submit(model, state, actor, search); return;
    case SIM_TURN_ON:
    case SIM_TURN_OFF: take_toggle(model, state, actor, search); return;
    case SIM_LOOK: take_look(model, state, actor, search); return;
    case SIM_SET_CARD:
    case SIM_REMOVE_CARD:
    case SIM_SET_PLAN:
    case SIM_BUY_PACK:
    case SIM_CHANGE_PLAN:
    case SIM_RENEW: take_account_step(model, state, actor, search); return;
    default: return;
  }
}

/* RACE-3: an actor's submit acts when its charge fires, and again when that has ended. */
static int32_t actor_when(const struct model *model, const struct model_state *state, int actor) {
  const int8_t charge = state->fired[actor];
  int step = state->steps[actor];
  int32_t fired = model->order->fired[actor][step], reported = model->order->reported[actor][step];
  if (charge < 0) return fired ? fired : reported;
  int32_t ended = model->charges[charge].ended;
  return ended && ended < reported ? ended : reported;
}

/* When only some clients are explained, the charges of the others still show which cards are dead,
 * at any time. One charge is enough for all with this card. */
static bool speaks_for_card(const struct model *model, int charge) {
  if (!model->charges[charge].for_good) return false;
  for (int i = 0; i < charge; i++)
    if (model->charges[i].for_good &&
        model->charges[i].row->card == model->charges[charge].row->card &&
        !sim_model_at_hand(model, model->charges[i].row->client))
      return false;
  return true;
}

static bool may_resolve(const struct model *model, const struct model_state *state, int charge) {
  if (state->phases[charge] == MODEL_ENDED) return false;
  if (!sim_model_at_hand(model, model->charges[charge].row->client))
    return speaks_for_card(model, charge);
  return state->phases[charge] != MODEL_UNFIRED &&
         (state->phases[charge] != MODEL_LIVE || model->late);
}

int32_t sim_model_when(const struct model *model, const struct model_state *state, int agent) {
  int charge = agent - SIM_MAX_ACTORS, client = charge - SIM_LEDGER_MAX_CHARGES;
  if (agent < SIM_MAX_ACTORS) {
    if (agent >= model->the_case->actor_count || !may_step(model, state, agent)) return -1;
    return model->order ? actor_when(model, state, agent) : 0;
  }
  if (client < 0) {
    if (charge >= model->charge_count || !may_resolve(model, state, charge)) return -1;
    return model->charges[charge].ended;
  }
  if (client >= model->the_case->client_count || !sim_model_at_hand(model, client) ||
      !sim_model_entry(model, state, client, RELOAD_ENTRY_REVERSAL))
    return -1;
  const struct model_client *seen = &model->clients[client];
  return model->order
             ? model->order->entries[client][seen->given_entry_count + state->entries[client]]
             : 0;
}

void sim_model_go_on(const struct model *model, const struct model_state *state, int agent,
                     struct model_search *search) {
  int charge = agent - SIM_MAX_ACTORS, client = charge - SIM_LEDGER_MAX_CHARGES;
  if (charge < 0)
    take_actor_step(model, state, agent, search);
  else if (client < 0)
    resolve_charge(model, state, charge, search);
  else
    reverse_entry(model, state, client, search);
}

/* ---- Steps for which one place is enough ---- */

bool sim_model_may_end(const struct model *model, const struct model_state *state, int actor) {
  if (!may_step(model, state, actor) || state->fired[actor] >= 0) return false;
  /* An answer that depends on the present state alone. */
  switch ((int)sim_model_answer(model, state, actor)) {
    case SIM_ANSWER_DONE: /* an action that is done is never done again (MONEY-3) */
    case SIM_ANSWER_REFUSED + (int)RELOAD_REASON_OFF:
    case SIM_ANSWER_REFUSED + (int)RELOAD_REASON_NO_PLAN:
    case SIM_ANSWER_REFUSED + (int)RELOAD_REASON_NO_CARD:
    case SIM_ANSWER_REFUSED + (int)RELOAD_REASON_CARD_DEAD:
    case SIM_ANSWER_REFUSED + (int)RELOAD_REASON_UNRESOLVED:
    case SIM_ANSWER_REFUSED + (int)RELOAD_REASON_WAITED:
    case SIM_ANSWER_ERROR + (int)RELOAD_INVALID:
    case SIM_ANSWER_ALREADY_ENABLED:
    case SIM_ANSWER_ALREADY_DISABLED:
    case SIM_ANSWER_ADD_CARD:
    case SIM_ANSWER_PLAN_NEEDED:
    case SIM_ANSWER_SHOWN_ENABLED:
    case SIM_ANSWER_SHOWN_DISABLED: return true;
    default: return false;
  }
}
