/* The rules of spending: which answers an action may get in the state in which it is decided. */
#include "model_inside.h"

#include <string.h>

/* A submit that is decided now, or whose reload ends now. */
struct asking {
  const struct model *model;
  const struct model_state *state;
  struct model_search *search;
  const struct sim_step *step;
  int actor, client, action;
  enum sim_answer answer; /* the answer that was reported in the end */
  bool unheard;
  bool is_batch;
};

static enum sim_answer answer_of_reason(enum reload_reason reason) {
  return (enum sim_answer)(SIM_ANSWER_REFUSED + (int)reason);
}

static enum sim_answer answer_of_error(enum reload_error error) {
  return (enum sim_answer)(SIM_ANSWER_ERROR + (int)error);
}

/* The submit may end here with this answer, the world being as in `state`. */
static void may_answer(const struct asking *asking, const struct model_state *state,
                       enum sim_answer answer) {
  if (asking->answer != answer && !asking->unheard) return;
  struct model_state next = *state;
  next.fired[asking->actor] = -1;
  next.steps[asking->actor]++;
  sim_model_push(asking->search, &next);
}

/* ---- Done actions ---- */

/* The deduction of this action, for any client; null: it is not done. */
static const struct sim_entry_row *deduction_of(const struct asking *asking,
                                                const struct model_state *state) {
  for (int c = 0; c < asking->model->the_case->client_count; c++)
    for (int i = 0; i < state->entries[c]; i++) {
      const struct sim_entry_row *entry = &asking->model->clients[c].entries[i];
      if (entry->kind == RELOAD_ENTRY_SPEND && entry->action == asking->action) return entry;
    }
  return NULL;
}

/* MONEY-3: a done action is answered as done. Another request under its id is a conflict. */
static void answer_done_again(const struct asking *asking, const struct model_state *state,
                              const struct sim_entry_row *done) {
  bool was_batch = state->batches[asking->action / 8] >> asking->action % 8 & 1;
  bool same = done->client == asking->client && -done->tokens == asking->step->amount &&
              was_batch == asking->is_batch;
  may_answer(asking, state, same ? SIM_ANSWER_DONE : answer_of_error(RELOAD_CONFLICT));
}

/* MONEY-3: while a charge for this id is open, another request under it is a conflict. */
static bool id_means_another(const struct asking *asking) {
  const struct model_state *state = asking->state;
  for (int i = 0; i < asking->model->charge_count; i++) {
    const struct sim_charge_row *row = asking->model->charges[i].row;
    if (row->action == asking->action && state->phases[i] != MODEL_UNFIRED &&
        state->phases[i] != MODEL_ENDED &&
        (row->client != asking->client || row->cost_tokens != asking->step->amount ||
         state->is_batch[i] != asking->is_batch))
      return true;
  }
  return false;
}

/* FIRE-1, MONEY-3: done, if the next line of the log is its deduction. */
static void deduct_next(const struct asking *asking, struct model_state *state) {
  const struct sim_entry_row *entry =
      sim_model_entry(asking->model, state, asking->client, RELOAD_ENTRY_SPEND);
  if (!entry || entry->action != asking->action || -entry->tokens != asking->step->amount) return;
  state->entries[asking->client]++;
  if (asking->is_batch) state->batches[asking->action / 8] |= (uint8_t)(1u << asking->action % 8);
  may_answer(asking, state, SIM_ANSWER_DONE);
}

/* ---- Waiting for another action's reload ---- */

/* A charge may stay in flight for longer than any wait: its handler is slow, or gone. */
static bool may_last(const struct asking *asking, int charge) {
  return asking->model->late || asking->state->phases[charge] == MODEL_ORPHAN;
}

/* RACE-3: waiting is bounded. An action that has waited too long is refused with the note; or
 * without it once the toggle is off (NOFIRE-1), as then no reload would have come. If the reload's
 * handler is taken for dead meanwhile, it is unresolved (MONEY-6). */
static void wait_in_vain(const struct asking *asking, int charge) {
  if (!may_last(asking, charge)) return;
  if (!sim_model_is_on(asking->model, asking->state, asking->client)) {
    may_answer(asking, asking->state, answer_of_reason(RELOAD_REASON_OFF));
    return;
  }
  may_answer(asking, asking->state, answer_of_reason(RELOAD_REASON_WAITED));
  may_answer(asking, asking->state, answer_of_reason(RELOAD_REASON_UNRESOLVED));
}

/* FIRE-7: an action that fits may not take the tokens that the action of a charge in flight needs
 * besides its top-up. */
static bool would_starve(const struct asking *asking, int charge, int64_t balance) {
  const struct sim_charge_row *row = asking->model->charges[charge].row;
  return asking->state->phases[charge] != MODEL_UNKNOWN && row->action != asking->action &&
         balance - asking->step->amount + row->top_up_tokens < row->cost_tokens;
}

/* FIRE-1, MONEY-6: an action that fits is done, beside a reload in flight or an unresolved one. */
static void submit_fits(const struct asking *asking, int64_t balance) {
  int open = sim_model_open_charge(asking->model, asking->state, asking->client);
  struct model_state next = *asking->state;
  if (open >= 0 && would_starve(asking, open, balance)) {
    /* It waits, with the toggle on or off: its shortfall does not fire a reload of its own. */
    if (!may_last(asking, open))
      return; /* else the handler may be taken for dead, and the tokens are free */
    may_answer(asking, asking->state, answer_of_reason(RELOAD_REASON_WAITED));
  }
  deduct_next(asking, &next);
}

/* ---- Firing ---- */

/* NOFIRE-6: the decline of this action on this card, as it is on file now; -1: none. A decline that
 * was not reported may be known from recovery or not (MONEY-5). */
static int declined_before(const struct asking *asking) {
  const struct model_state *state = asking->state;
  for (int i = 0; i < asking->model->charge_count; i++) {
    const struct model_charge *charge = &asking->model->charges[i];
    if (charge->row->client == asking->client && charge->row->action == asking->action &&
        state->phases[i] == MODEL_ENDED && state->fired_in[i] == state->episodes[asking->client] &&
        charge->bank != MODEL_BANK_NEVER && charge->bank != MODEL_BANK_CAPTURED)
      return i;
  }
  return -1;
}

/* The bank was asked in the order in which the charges fired, as one reload is in flight at a time
 * (RACE-3). */
static bool is_its_turn(const struct model *model, const struct model_state *state, int charge) {
  const struct model_charge *seen = &model->charges[charge];
  for (int i = 0; i < model->charge_count; i++)
    if (state->phases[i] == MODEL_UNFIRED && model->charges[i].row->client == seen->row->client &&
        model->charges[i].confirm_no > 0 && model->charges[i].confirm_no < seen->confirm_no)
      return false;
  return true;
}

/* RACE-2: the change of the toggle under which a charge would fire now. */
static int change_no(const struct model *model, const struct model_state *state, int client) {
  int count = state->toggles[client];
  return count ? model->clients[client].toggles[count - 1].change_no
               : model->clients[client].given_change_no;
}

static bool may_fire(const struct asking *asking, int charge) {
  const struct sim_charge_row *row = asking->model->charges[charge].row;
  const struct model_state *state = asking->state;
  return state->phases[charge] == MODEL_UNFIRED && row->client == asking->client &&
         row->action == asking->action && row->cost_tokens == asking->step->amount &&
         row->card == state->cards[asking->client] &&
         row->fired_under_change_no == change_no(asking->model, state, asking->client) &&
         is_its_turn(asking->model, state, charge);
}

static void fire_one(const struct asking *asking, int charge) {
  struct model_state next = *asking->state;
  next.phases[charge] = MODEL_LIVE;
  next.fired_in[charge] = next.episodes[asking->client];
  next.is_batch[charge] = asking->is_batch;
  next.fired[asking->actor] = (int8_t)charge;
  sim_model_push(asking->search, &next);
}

/* FIRE-2: one charge of the card on file fires, which must be on record (OUT-4). */
static void fire_any(const struct asking *asking) {
  const struct model *model = asking->model;
  const struct sim_order *order = model->order;
  int likely = -1; /* it is pushed last, and so tried first */
  for (int i = 0; i < model->charge_count; i++) {
    if (!may_fire(asking, i)) continue;
    if (order && order->charge[asking->actor][asking->state->steps[asking->actor]] ==
                     model->charges[i].row->charge)
      likely = i;
    else
      fire_one(asking, i);
  }
  if (likely >= 0) fire_one(asking, likely);
}

/* A shortfall and no open charge: fire, or refuse with the reason. */
static void decide_afresh(const struct asking *asking, int64_t balance) {
  const struct model *model = asking->model;
  const struct model_state *state = asking->state;
  int client = asking->client;
  bool no_plan = state->plans[client] != SIM_PLAN_ACTIVE;                           /* NOFIRE-4 */
  bool no_card = state->cards[client] == 0;                                         /* NOFIRE-5 */
  bool dead = !no_card && sim_model_card_dead(model, state, client);                /* NOFIRE-6 */
  bool too_small = asking->step->amount > balance + model->the_case->top_up_tokens; /* FIRE-7 */
  int declined = declined_before(asking);
  if (no_plan) may_answer(asking, state, answer_of_reason(RELOAD_REASON_NO_PLAN));
  if (no_card) may_answer(asking, state, answer_of_reason(RELOAD_REASON_NO_CARD));
  if (dead) may_answer(asking, state, answer_of_reason(RELOAD_REASON_CARD_DEAD));
  if (too_small) may_answer(asking, state, answer_of_reason(RELOAD_REASON_TOO_SMALL));
  if (declined >= 0) {
    struct model_state next = *state;
    next.reported[declined] = 1;
    may_answer(asking, &next,
               answer_of_reason(model->charges[declined].bank == MODEL_BANK_3D_SECURE
                                    ? RELOAD_REASON_3D_SECURE
                                    : RELOAD_REASON_DECLINED));
  }
  if (!no_plan && !no_card && !dead && !too_small && (declined < 0 || !state->reported[declined]))
    fire_any(asking);
}

static void submit_falls_short(const struct asking *asking, int64_t balance) {
  int open = sim_model_open_charge(asking->model, asking->state, asking->client);
  if (open >= 0 && asking->state->phases[open] != MODEL_UNKNOWN)
    wait_in_vain(asking, open); /* or it waits on: then it is decided later (RACE-3) */
  else if (!sim_model_is_on(asking->model, asking->state, asking->client))
    may_answer(asking, asking->state, answer_of_reason(RELOAD_REASON_OFF)); /* NOFIRE-1 */
  else if (open >= 0)
    may_answer(asking, asking->state, answer_of_reason(RELOAD_REASON_UNRESOLVED)); /* MONEY-6 */
  else
    decide_afresh(asking, balance);
}

/* ---- The reload has ended ---- */

/* RACE-1, RACE-4: the action is done if the tokens suffice, whatever else has changed. */
static void pay_from_balance(const struct asking *asking, struct model_state *state,
                             enum reload_reason otherwise) {
  const struct sim_entry_row *done = deduction_of(asking, state);
  if (done)
    answer_done_again(asking, state, done);
  else if (asking->step->amount <= sim_model_balance(asking->model, state, asking->client))
    deduct_next(asking, state);
  else
    may_answer(asking, state, answer_of_reason(otherwise));
}

/* The charge was still open when the submit's answer was reported. */
static bool seems_open(const struct asking *asking, int charge) {
  const struct sim_order *order = asking->model->order;
  return order && asking->model->charges[charge].ended >
                      order->reported[asking->actor][asking->state->steps[asking->actor]];
}

/* MONEY-5: the handler gives up without knowing the result; recovery finds it out. */
static void give_up(const struct asking *asking, int charge, enum reload_reason reason) {
  struct model_state next = *asking->state;
  if (!asking->model->trouble) return;
  if (next.phases[charge] == MODEL_LIVE) next.phases[charge] = MODEL_UNKNOWN;
  if (reason == RELOAD_REASON_DECLINED && asking->model->charges[charge].for_good)
    next.known_bad[charge] = 1; /* NOFIRE-6 */
  next.reported[charge] = reason == RELOAD_REASON_DECLINED || reason == RELOAD_REASON_3D_SECURE;
  const struct sim_entry_row *done = deduction_of(asking, &next);
  if (done) /* the action was asked for twice, and was paid otherwise (MONEY-3) */
    answer_done_again(asking, &next, done);
  else
    may_answer(asking, &next, answer_of_reason(reason));
}

static void was_captured(const struct asking *asking, int charge) {
  struct model_state next = *asking->state;
  bool credited = next.phases[charge] == MODEL_ENDED; /* by recovery (MONEY-5) */
  next.phases[charge] = MODEL_ENDED;
  /* FIRE-5: top-up and deduction are neighbours in the log, the top-up first. */
  if (credited || sim_model_top_up(asking->model, &next, charge))
    pay_from_balance(asking, &next, credited ? RELOAD_REASON_UNKNOWN : RELOAD_REASON_TOO_SMALL);
  give_up(asking, charge, RELOAD_REASON_UNKNOWN);
  if (asking->model->charges[charge].authenticated) /* it was refused first, and captured late */
    give_up(asking, charge, RELOAD_REASON_3D_SECURE);
}

/* NOFIRE-2, NOFIRE-3: the intent is closed. If that fails, the charge stays unresolved (MONEY-6).
 * What is pushed last is tried first. */
static void close_and_refuse(const struct asking *asking, int charge, enum reload_reason reason) {
  struct model_state next = *asking->state;
  next.phases[charge] = MODEL_ENDED;
  next.known_bad[charge] = asking->model->charges[charge].for_good; /* NOFIRE-6 */
  next.reported[charge] = asking->model->charges[charge].bank != MODEL_BANK_NEVER;
  if (!seems_open(asking, charge)) give_up(asking, charge, reason);
  may_answer(asking, &next, answer_of_reason(reason));
  if (seems_open(asking, charge)) give_up(asking, charge, reason);
}

static void was_not_captured(const struct asking *asking, int charge) {
  const struct model_charge *seen = &asking->model->charges[charge];
  const struct sim_entry_row *done = deduction_of(asking, asking->state);
  if (done) {
    struct model_state next = *asking->state;
    next.phases[charge] = MODEL_ENDED;
    next.known_bad[charge] = seen->for_good; /* NOFIRE-6 */
    answer_done_again(asking, &next, done);
    give_up(asking, charge, RELOAD_REASON_UNKNOWN);
    return;
  }
  if (seen->bank == MODEL_BANK_DECLINED) close_and_refuse(asking, charge, RELOAD_REASON_DECLINED);
  if (seen->bank == MODEL_BANK_3D_SECURE || seen->authenticated)
    close_and_refuse(asking, charge, RELOAD_REASON_3D_SECURE);
  if (seen->bank == MODEL_BANK_NEVER && asking->model->cut_off)
    close_and_refuse(asking, charge, RELOAD_REASON_NOT_REACHED);
  give_up(asking, charge, RELOAD_REASON_UNKNOWN);
}

/* MONEY-8: its process died; recovery finds the result out. */
static void leave_orphan(const struct asking *asking, int charge) {
  struct model_state next = *asking->state;
  if (next.phases[charge] == MODEL_LIVE) next.phases[charge] = MODEL_ORPHAN;
  may_answer(asking, &next, asking->answer);
}

static void end_reload(const struct asking *asking, int charge) {
  bool dies = asking->unheard && seems_open(asking, charge);
  if (asking->unheard && !dies) leave_orphan(asking, charge);
  if (asking->model->charges[charge].bank == MODEL_BANK_CAPTURED)
    was_captured(asking, charge);
  else
    was_not_captured(asking, charge);
  if (dies) leave_orphan(asking, charge);
}

/* ---- A submit ---- */

static void submit_anew(const struct asking *asking) {
  const struct model_state *state = asking->state;
  const struct sim_step *step = asking->step;
  if (step->amount <= 0 || step->amount > RELOAD_TOKENS_MAX ||
      strlen(step->id) >= RELOAD_ID_SIZE) { /* FIRE-8 */
    may_answer(asking, state, answer_of_error(RELOAD_INVALID));
    return;
  }
  int64_t balance = sim_model_balance(asking->model, state, step->client);
  const struct sim_entry_row *done = deduction_of(asking, state);
  if (done)
    answer_done_again(asking, state, done);
  else if (id_means_another(asking))
    may_answer(asking, state, answer_of_error(RELOAD_CONFLICT));
  else if (step->amount <= balance)
    submit_fits(asking, balance);
  else
    submit_falls_short(asking, balance);
}

void sim_model_submit(const struct model *model, const struct model_state *state, int actor,
                      struct model_search *search) {
  const struct sim_step *step = sim_model_step(model, state, actor);
  struct asking asking = {.model = model,
                          .state = state,
                          .search = search,
                          .step = step,
                          .actor = actor,
                          .client = step->client,
                          .action = model->ids[actor][state->steps[actor]],
                          .answer = sim_model_answer(model, state, actor),
                          .is_batch = step->kind && strcmp(step->kind, "persona batch") == 0};
  bool looks_idle = sim_model_looks_idle(model, state, actor);
  asking.unheard = sim_model_unheard(model, asking.answer);
  if (state->fired[actor] >= 0) {
    end_reload(&asking, state->fired[actor]);
    return;
  }
  if (asking.unheard && !looks_idle)
    may_answer(&asking, state, asking.answer); /* it was never decided */
  submit_anew(&asking);
  if (asking.unheard && looks_idle) may_answer(&asking, state, asking.answer);
}
