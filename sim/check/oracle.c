#include "oracle_inside.h"

#include "model.h"

/* One step is one transaction or one port call: what makes each interleaving reachable. */
static bool one_thing(const struct court *court) {
  const struct sim_effect *effect = court->effect;
  int64_t things = (int64_t)effect->port_calls + (effect->snapshots > 0 || effect->commits > 0);
  if (things > 1 || effect->snapshots > 1 || effect->commits > 1)
    return sim_court_breach(
        court, effect->verb == SIM_TURN_ON || effect->verb == SIM_TURN_OFF ? "MAIL-2" : "MONEY-8",
        "step does too much", -1,
        "the step \"%s\" made %lld transactions from %lld snapshots and %u port calls; a "
        "step is one transaction or one call",
        effect->call, (long long)effect->commits, (long long)effect->snapshots, effect->port_calls);
  return true;
}

static struct court court_of(const struct sim_machine *machine, struct sim_breach *result) {
  return (struct court){.machine = machine,
                        .the_case = sim_machine_names(machine)->the_case,
                        .world = sim_machine_world(machine),
                        .breach = result};
}

/* What keeps the step from being judged at all, or the engine from going on. */
static bool is_judged(const struct court *court) {
  const struct sim_effect *effect = court->effect;
  if (effect->limit) {
    (void)sim_court_breach(court, SIM_RULE_LIMIT, "a bound of the simulator", -1, "%s",
                           effect->limit);
    court->breach->is_cut = true;
    return false;
  }
  if (effect->strayed)
    return sim_court_breach(court, SIM_RULE_DETERMINISM, SIM_HARM_DETERMINISM, -1,
                            "the step \"%s\", made again in the same state to be failed, did not "
                            "come to the same place",
                            effect->call);
  return !effect->problem || sim_court_breach(court, "MONEY-8", "stuck", -1, "%s", effect->problem);
}

bool sim_oracle_step(const struct sim_machine *machine, const struct sim_world *before,
                     const struct sim_effect *effect, struct sim_bank_word *told,
                     struct sim_breach *result) {
  struct court court = court_of(machine, result);
  court.before = before;
  court.effect = effect;
  told->actor = -1;
  if (!is_judged(&court)) return false;
  if (effect->wrote && !sim_judge_books(&court)) return false;
  if (!sim_judge_answer(&court, told)) return false;
  return effect->step_fault || one_thing(&court);
}

bool sim_oracle_around(const struct sim_machine *machine, const struct sim_bank_word *told,
                       struct sim_breach *result) {
  const struct court court = court_of(machine, result);
  return sim_judge_told(&court, told) && sim_judge_gateway(&court) && sim_judge_mailbox(&court);
}

bool sim_oracle_state(const struct sim_machine *machine, const struct sim_world *before,
                      const struct sim_effect *effect, struct sim_breach *result) {
  struct sim_bank_word told;
  if (!sim_oracle_step(machine, before, effect, &told, result)) return false;
  bool looks_around = effect->wrote || effect->port_calls || told.actor >= 0;
  return !looks_around || sim_oracle_around(machine, &told, result);
}

bool sim_oracle_ending(const struct sim_machine *machine, const struct sim_order *order,
                       struct sim_breach *result) {
  struct court court = court_of(machine, result);
  return sim_judge_rest(&court) && sim_judge_deductions_told(&court) &&
         sim_model_allows(machine, order, result);
}
