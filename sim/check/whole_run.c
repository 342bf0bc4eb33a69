#include "whole_run.h"

#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 4, 5))) static void fill_violation(struct sim_violation *violation,
                                                                 const char *rule, const char *harm,
                                                                 const char *format, ...) {
  va_list args;
  *violation = (struct sim_violation){.rule = rule, .harm = harm, .client = -1};
  va_start(args, format);
  (void)vsnprintf(violation->text, sizeof violation->text, format, args);
  va_end(args);
}

void sim_violation_deadlock(struct sim_violation *violation) {
  fill_violation(violation, "RACE-3", "deadlock",
                 "nothing can ever happen again, and not all actors have ended");
}

void sim_violation_no_end(struct sim_violation *violation) {
  fill_violation(violation, "RACE-3", "no end in reach",
                 "from here on no ending can ever be reached");
}

void sim_violation_never_ends(struct sim_violation *violation) {
  fill_violation(violation, "MONEY-8", "never ends",
                 "after as many steps as a run may have, there is no ending");
}

void sim_violation_step_strays(struct sim_violation *violation, const char *call) {
  fill_violation(violation, SIM_RULE_DETERMINISM, SIM_HARM_DETERMINISM,
                 "the step \"%s\" depends on more of the world than it is said to read", call);
}

void sim_violation_step_differs(struct sim_violation *violation, const char *call,
                                const char *part) {
  fill_violation(violation, SIM_RULE_DETERMINISM, SIM_HARM_DETERMINISM,
                 "the step \"%s\", made twice from the same world, differs in %s", call, part);
}

void sim_violation_path_differs(struct sim_violation *violation) {
  fill_violation(violation, SIM_RULE_DETERMINISM, SIM_HARM_DETERMINISM,
                 "the path to an ending, run again, leads elsewhere; --verify-determinism tells "
                 "which step differs");
}

bool sim_check_walk(const struct sim_effect *effect, struct sim_violation *violation) {
  enum reload_error error = RELOAD_OK;
  if (effect->step_ended && effect->answer >= SIM_ANSWER_ERROR &&
      effect->answer <= SIM_ANSWER_ERROR_LAST)
    error = (enum reload_error)(effect->answer - SIM_ANSWER_ERROR);
  if (error <= RELOAD_TOO_EARLY || effect->step_fault) return true;
  fill_violation(violation, "MONEY-8", "error without cause",
                 "the step \"%s\" fails with \"%s\" though nothing stands in its way: %s",
                 effect->call, reload_error_name(error), effect->message.text);
  return false;
}
