#include "checker.h"

#include "model.h"

/* A step is one transaction or one port call. Otherwise some interleavings could not be reached. */
static bool one_thing(const struct checker *checker) {
  const struct sim_effect *effect = checker->effect;
  int64_t things = (int64_t)effect->port_calls + (effect->snapshots > 0 || effect->commits > 0);
  if (things > 1 || effect->snapshots > 1 || effect->commits > 1)
    return sim_checker_violation(
        checker, effect->verb == SIM_TURN_ON || effect->verb == SIM_TURN_OFF ? "MAIL-2" : "MONEY-8",
        "step does too much", -1,
        "the step \"%s\" made %lld transactions from %lld snapshots and %u port calls; a "
        "step is one transaction or one call",
        effect->call, (long long)effect->commits, (long long)effect->snapshots, effect->port_calls);
  return true;
}

static struct checker checker_of(const struct sim_machine *machine, struct sim_violation *result) {
  return (struct checker){.machine = machine,
                          .the_case = sim_machine_names(machine)->the_case,
                          .world = sim_machine_world(machine),
                          .violation = result};
}

/* A step that passed a bound, or that went differently when it was run again, is judged no further;
 * nor is one after which the engine cannot continue. */
static bool is_judged(const struct checker *checker) {
  const struct sim_effect *effect = checker->effect;
  if (effect->limit) {
    (void)sim_checker_violation(checker, SIM_RULE_LIMIT, "a bound of the simulator", -1, "%s",
                                effect->limit);
    checker->violation->is_cut = true;
    return false;
  }
  if (effect->strayed)
    return sim_checker_violation(
        checker, SIM_RULE_DETERMINISM, SIM_HARM_DETERMINISM, -1,
        "the step \"%s\", run again from the same state to inject a fault, did "
        "not reach the same choice",
        effect->call);
  return !effect->problem ||
         sim_checker_violation(checker, "MONEY-8", "stuck", -1, "%s", effect->problem);
}

bool sim_check_step(const struct sim_machine *machine, const struct sim_world *before,
                    const struct sim_effect *effect, struct sim_bank_word *reported,
                    struct sim_violation *result) {
  struct checker checker = checker_of(machine, result);
  checker.before = before;
  checker.effect = effect;
  reported->actor = -1;
  if (!is_judged(&checker)) return false;
  if (effect->wrote && !sim_invariant_ledger(&checker)) return false;
  if (!sim_invariant_answers(&checker, reported)) return false;
  return effect->step_fault || one_thing(&checker);
}

bool sim_check_around(const struct sim_machine *machine, const struct sim_bank_word *reported,
                      struct sim_violation *result) {
  const struct checker checker = checker_of(machine, result);
  return sim_invariant_bank_word(&checker, reported) && sim_invariant_gateway(&checker) &&
         sim_invariant_mailbox(&checker);
}

bool sim_check_transition(const struct sim_machine *machine, const struct sim_world *before,
                          const struct sim_effect *effect, struct sim_violation *result) {
  struct sim_bank_word reported;
  if (!sim_check_step(machine, before, effect, &reported, result)) return false;
  bool is_checked = effect->wrote || effect->port_calls || reported.actor >= 0;
  return !is_checked || sim_check_around(machine, &reported, result);
}

bool sim_check_ending(const struct sim_machine *machine, const struct sim_order *order,
                      struct sim_violation *result) {
  struct checker checker = checker_of(machine, result);
  return sim_invariant_rest(&checker) && sim_invariant_deductions_reported(&checker) &&
         sim_model_allows(machine, order, result);
}
