/* The choice point, and what the gateway and the mail transport choose at it. */
#include "machine_inside.h"

#include "language.h"

int sim_choice_reached(struct sim_machine *machine, int site) {
  uint16_t *count = &machine->site_counts[site];
  if (*count < UINT16_MAX) ++*count;
  return *count;
}

static void keep_choice(struct sim_machine *machine, struct sim_choice choice) {
  struct sim_transition *transition = &machine->effect->transition;
  if (transition->count == SIM_MAX_CHOICES)
    machine->effect->limit = SIM_TOO_MANY_CHOICES;
  else
    transition->choices[transition->count++] = choice;
}

uint16_t sim_choose(struct sim_machine *machine, int site, const uint16_t *codes, int count) {
  const struct sim_choice_point point = {
      .site = site, .nth = machine->site_counts[site], .count = count, .codes = codes};
  uint16_t code = machine->strategy->choose(machine->strategy->self, &point);
  if (code) keep_choice(machine, (struct sim_choice){(uint16_t)site, (uint16_t)point.nth, code});
  return code;
}

int sim_choose_task(const struct sim_strategy *strategy, uint32_t tasks) {
  uint16_t codes[32];
  int count = 0;
  for (int task = 0; task < 32; task++)
    if (tasks & UINT32_C(1) << task) codes[count++] = (uint16_t)(task + 1);
  const struct sim_choice_point point = {
      .site = SIM_CHOICE_TASK, .nth = 1, .count = count, .codes = codes};
  return (int)strategy->choose(strategy->self, &point) - 1;
}

bool sim_may_inject(const struct sim_machine *machine) {
  return machine->world.injected < machine->fault_budget && !machine->step_failed;
}

/* ---- How the gateway and the mail transport behave ---- */

const struct sim_fault *sim_choose_event_fault(struct sim_machine *machine, bool early, int limit) {
  int site = early ? SIM_CHOICE_EARLY : SIM_CHOICE_EVENT, count = 0;
  const struct sim_fault *faults = sim_event_injections(early, &count);
  uint16_t codes[8];
  if (count > limit) count = limit;
  int codes_count = early ? count - 1 : count; /* code 0 stands for the first waiting event */
  for (int i = 0; i < codes_count; i++) codes[i] = (uint16_t)(i + 1);
  (void)sim_choice_reached(machine, site);
  int code = codes_count > 0 ? sim_choose(machine, site, codes, codes_count) : 0;
  if (code == 0 && !early) return NULL;
  machine->effect->fault = &faults[early ? code : code - 1];
  machine->effect->fault_site = sim_choice_site_name(site);
  return machine->effect->fault;
}

/* A fault that may happen: declared or injected; null: none is chosen. */
static const struct sim_fault *choose_possible(struct sim_machine *machine, enum sim_site site,
                                               const struct sim_site_faults *declared) {
  struct sim_world *world = &machine->world;
  uint16_t codes[SIM_MAX_FAULTS + 32];
  int injections = 0, count = 0;
  (void)sim_site_injections(site, &injections);
  if (declared->policy == SIM_POLICY_MAY && world->faults_shown < machine->the_case->fault_limit &&
      !machine->without_declared)
    for (int i = 0; i < declared->count; i++) codes[count++] = (uint16_t)(1 + i);
  for (int i = 0; i < injections && sim_may_inject(machine); i++)
    codes[count++] = (uint16_t)(1 + declared->count + i);
  int code = count > 0 ? sim_choose(machine, SIM_CHOICE_PORT + (int)site, codes, count) : 0;
  if (code == 0) return NULL;
  const struct sim_fault *shown = sim_site_fault(machine->the_case, site, code);
  if (code <= declared->count) {
    world->faults_shown++;
    return shown;
  }
  world->injected++;
  machine->effect->injected = true;
  world->fault_effects |= sim_behaviour_effects(shown->behaviour);
  return shown;
}

/* The fault that a call at this site shows; null: none. */
static const struct sim_fault *choose_fault(struct sim_machine *machine, enum sim_site site) {
  const struct sim_site_faults *faults = &machine->the_case->sites[site];
  const struct sim_fault *shown = NULL;
  if (!machine->effect) return NULL; /* the world is still being set up */
  (void)sim_choice_reached(machine, SIM_CHOICE_PORT + (int)site);
  bool first = !(machine->world.first_shown & 1 << site);
  if (faults->policy == SIM_POLICY_FIRST) machine->world.first_shown |= 1 << site;
  if (!machine->without_declared &&
      (faults->policy == SIM_POLICY_ALWAYS || (faults->policy == SIM_POLICY_FIRST && first)))
    shown = &faults->faults[0];
  else
    shown = choose_possible(machine, site, faults);
  machine->effect->fault = shown;
  machine->effect->fault_site = sim_site_word(site);
  if (shown && shown->behaviour == SIM_SLOW) machine->slow_ms = shown->duration_ms;
  return shown;
}

struct fake_card_behaviour sim_choose_card(void *machine, enum fake_card_call call,
                                           const char *intent_or_key) {
  static const enum sim_site sites[] = {[FAKE_CARD_CREATE] = SIM_SITE_CREATE,
                                        [FAKE_CARD_CONFIRM] = SIM_SITE_CONFIRM,
                                        [FAKE_CARD_CANCEL] = SIM_SITE_CANCEL};
  (void)intent_or_key;
  const struct sim_fault *fault = choose_fault(machine, sites[call]);
  if (!fault) return (struct fake_card_behaviour){.kind = FAKE_CARD_NORMAL};
  return (struct fake_card_behaviour){
      .kind = (enum fake_card_behaviour_kind)sim_behaviours[fault->behaviour].port,
      .code = fault->code,
      .duration_ms = 0};
}

enum fake_mail_behaviour sim_choose_mail(void *machine, const struct reload_mail *mail) {
  (void)mail;
  const struct sim_fault *fault = choose_fault(machine, SIM_SITE_MAIL);
  return fault ? (enum fake_mail_behaviour)sim_behaviours[fault->behaviour].port : FAKE_MAIL_NORMAL;
}
