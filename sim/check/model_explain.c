/* The violation of an ending that no order explains: what the longest explained run leaves over. */
#include "model_inside.h"

#include "language.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- The rule that is broken ---- */

/* A top-up without a charge, or one whose deduction does not follow it. */
static const char *rule_of_top_up(const struct model *model, const struct model_state *best,
                                  const struct sim_entry_row *entry) {
  for (int i = 0; i < model->charge_count; i++)
    if (model->charges[i].row->intent == entry->intent)
      return best->phases[i] == MODEL_UNFIRED ? "FIRE-2"
             : best->phases[i] == MODEL_ENDED ? "MONEY-2"
                                              : "FIRE-5";
  return "MONEY-2";
}

static const char *rule_of_entry(const struct model *model, const struct model_state *best,
                                 const struct sim_entry_row *entry) {
  switch ((enum reload_entry_kind)entry->kind) {
    case RELOAD_ENTRY_GRANT: return "OUT-3";
    case RELOAD_ENTRY_PACK: return "OUT-1";
    case RELOAD_ENTRY_TOP_UP: return rule_of_top_up(model, best, entry);
    case RELOAD_ENTRY_SPEND: return "MONEY-3";
    case RELOAD_ENTRY_REVERSAL: return "MONEY-7";
  }
  return "MONEY-3";
}

static const char *rule_of_answer(enum sim_answer answer) {
#define REFUSAL_RULE(NAME, word, way, rule, ...)                                                   \
  [SIM_ANSWER_REFUSED_##NAME - SIM_ANSWER_REFUSED] = rule,
  static const char *const refusals[] = {SIM_REFUSALS(REFUSAL_RULE)};
#undef REFUSAL_RULE
  if (answer > SIM_ANSWER_REFUSED && answer <= SIM_ANSWER_REFUSED_LAST)
    return refusals[answer - SIM_ANSWER_REFUSED];
  switch (answer) {
    case SIM_ANSWER_ENABLED:
    case SIM_ANSWER_DISABLED: return "TOGGLE-4";
    case SIM_ANSWER_ALREADY_ENABLED:
    case SIM_ANSWER_ALREADY_DISABLED: return "TOGGLE-5";
    case SIM_ANSWER_ADD_CARD: return "TOGGLE-2";
    case SIM_ANSWER_PLAN_NEEDED: return "TOGGLE-3";
    case SIM_ANSWER_SHOWN_ENABLED:
    case SIM_ANSWER_SHOWN_DISABLED: return "TOGGLE-6";
    case SIM_ANSWER_EVENT_REFUSED:
    case SIM_ANSWER_EVENT_ACCEPTED: return "MONEY-5";
    case SIM_ANSWER_LOST: return "MONEY-8";
    default: return answer == SIM_ANSWER_ERROR + (int)RELOAD_INVALID ? "FIRE-8" : "MONEY-3";
  }
}

/* ---- What is left over ---- */

static const char *explained_action(const struct model *model, int action) {
  return action < 0 ? "nobody" : model->names->ids[action];
}

static bool explain_entry(const struct model *model, const struct model_state *best, int client,
                          struct sim_violation *violation, char *text, size_t size) {
  int at = best->entries[client];
  if (!sim_model_at_hand(model, client) || at == model->clients[client].entry_count) return false;
  const struct sim_entry_row *entry = &model->clients[client].entries[at];
  violation->rule = rule_of_entry(model, best, entry);
  violation->client = client;
  snprintf(text, size, "new line %d of %s's log (%s of %" PRId64 " for %.40s)", at + 1,
           model->the_case->clients[client].name, sim_entries[entry->kind].story, entry->tokens,
           explained_action(model, entry->action));
  return true;
}

static bool explain_answer(const struct model *model, const struct model_state *best, int actor,
                           struct sim_violation *violation, char *text, size_t size) {
  if (best->steps[actor] == model->the_case->actors[actor].step_count) return false;
  const struct sim_step *step = sim_model_step(model, best, actor);
  enum sim_answer answer = sim_model_answer(model, best, actor);
  if (violation->rule[0] == '\0') violation->rule = rule_of_answer(answer);
  if (violation->client < 0) violation->client = step->client;
  snprintf(text, size, "step %d of %.30s (%s%s%.40s): \"%s\"", best->steps[actor] + 1,
           model->the_case->actors[actor].name, sim_verb_word(step->verb), step->id ? " " : "",
           step->id ? step->id : "", sim_answer_word(answer));
  return true;
}

static bool explain_charge(const struct model *model, const struct model_state *best, int charge,
                           struct sim_violation *violation, char *text, size_t size) {
  const struct sim_charge_row *row = model->charges[charge].row;
  if (best->phases[charge] == MODEL_ENDED || !sim_model_at_hand(model, row->client)) return false;
  if (violation->rule[0] == '\0') violation->rule = "FIRE-2";
  if (violation->client < 0) violation->client = row->client;
  snprintf(text, size, "a charge that was %s for %.40s",
           best->phases[charge] == MODEL_UNFIRED ? "fired" : "never ended",
           explained_action(model, row->action));
  return true;
}

void sim_model_explain(const struct model *model, const struct model_state *best,
                       struct sim_violation *violation) {
  char log[96] = "", answer[144] = "", charge[96] = "";
  *violation = (struct sim_violation){.rule = "", .client = -1};
  for (int i = 0; i < model->the_case->client_count; i++)
    if (explain_entry(model, best, i, violation, log, sizeof log)) break;
  for (int a = 0; a < model->the_case->actor_count; a++)
    if (explain_answer(model, best, a, violation, answer, sizeof answer)) break;
  for (int i = 0; i < model->charge_count; i++)
    if (explain_charge(model, best, i, violation, charge, sizeof charge)) break;
  if (violation->rule[0] == '\0')
    violation->rule = "TOGGLE-8"; /* only a change of the toggle is left */
  int size = snprintf(violation->text, sizeof violation->text, "not explained: %s%s%s%s%s", log,
                      log[0] && answer[0] ? "; " : "", answer,
                      (log[0] || answer[0]) && charge[0] ? "; " : "", charge);
  if (size < 0) violation->text[0] = '\0';
  if (!log[0] && !answer[0] && !charge[0])
    snprintf(violation->text, sizeof violation->text, "not explained: a change of the toggle");
}
