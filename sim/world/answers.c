/* The words for what actors are told, as scenarios spell them. */
#include "world.h"

static const char *const refusals[] = {
    [RELOAD_REASON_NONE] = "not covered: no reason",
    [RELOAD_REASON_OFF] = "insufficient tokens",
    [RELOAD_REASON_DECLINED] = "not covered: card declined",
    [RELOAD_REASON_3D_SECURE] = "not covered: 3D Secure",
    [RELOAD_REASON_NO_PLAN] = "not covered: no active plan",
    [RELOAD_REASON_NO_CARD] = "not covered: no card",
    [RELOAD_REASON_CARD_DEAD] = "not covered: card unusable",
    [RELOAD_REASON_TOO_SMALL] = "not covered: top-up too small",
    [RELOAD_REASON_UNRESOLVED] = "not covered: earlier charge unresolved",
    [RELOAD_REASON_WAITED] = "not covered: waited too long",
    [RELOAD_REASON_UNKNOWN] = "not covered: outcome unknown",
    [RELOAD_REASON_NOT_REACHED] = "not covered: gateway not reached",
};

static const char *const errors[] = {
    [RELOAD_OK] = "error: none",
    [RELOAD_INVALID] = "error: invalid",
    [RELOAD_NOT_FOUND] = "error: not found",
    [RELOAD_CONFLICT] = "error: conflict",
    [RELOAD_TOO_EARLY] = "error: too early",
    [RELOAD_BUSY] = "error: busy",
    [RELOAD_FULL] = "error: full",
    [RELOAD_IO] = "error: io",
    [RELOAD_CORRUPT] = "error: corrupt",
    [RELOAD_FOREIGN] = "error: foreign",
    [RELOAD_NEWER] = "error: newer",
    [RELOAD_NOMEM] = "error: out of memory",
};

const char *sim_answer_word(enum sim_answer answer) {
  if (answer >= SIM_ANSWER_REFUSED && answer <= SIM_ANSWER_REFUSED_LAST)
    return refusals[answer - SIM_ANSWER_REFUSED];
  if (answer >= SIM_ANSWER_ERROR && answer <= SIM_ANSWER_ERROR_LAST)
    return errors[answer - SIM_ANSWER_ERROR];
  switch (answer) {
    case SIM_ANSWER_DONE: return "done";
    case SIM_ANSWER_LOST: return "no answer";
    case SIM_ANSWER_ENABLED: return "enabled";
    case SIM_ANSWER_DISABLED: return "disabled";
    case SIM_ANSWER_ALREADY_ENABLED: return "already enabled";
    case SIM_ANSWER_ALREADY_DISABLED: return "already disabled";
    case SIM_ANSWER_ADD_CARD: return "add a card";
    case SIM_ANSWER_PLAN_NEEDED: return "plan needed";
    case SIM_ANSWER_SHOWN_ENABLED: return "Enabled";
    case SIM_ANSWER_SHOWN_DISABLED: return "Disabled";
    case SIM_ANSWER_EVENT_REFUSED: return "refused";
    case SIM_ANSWER_EVENT_ACCEPTED: return "accepted";
    default: return "";
  }
}

enum sim_answer sim_answer_expected(enum sim_verb verb) {
  switch (verb) {
    case SIM_SUBMIT: return SIM_ANSWER_DONE;
    case SIM_TURN_ON: return SIM_ANSWER_ENABLED;
    case SIM_TURN_OFF: return SIM_ANSWER_DISABLED;
    case SIM_FORGE_EVENT: return SIM_ANSWER_EVENT_REFUSED;
    default: return SIM_ANSWER_NONE;
  }
}
