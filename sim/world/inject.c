#include "inject.h"

#include "language.h"
#include "world.h"

/* How a row of SIM_BEHAVIOURS is injected. */
#define INJECT_NEVER(NAME, word)
#define INJECT_ONCE(NAME, word) {SIM_##NAME, NULL, 0, word},
#define INJECT_FIVE_MINUTES(NAME, word) {SIM_##NAME, NULL, 300000, word " 5 min"},
#define INJECT_CODE(NAME, word, code) {SIM_##NAME, code, 0, word " " code},
#define INJECT_TWO_DECLINES(NAME, word)                                                            \
  INJECT_CODE(NAME, word, "generic_decline") INJECT_CODE(NAME, word, "lost_card")
#define INJECTIONS(NAME, word, takes, sites, port, effect, injected, ...)                          \
  INJECT_##injected(NAME, word)
static const struct sim_fault port_faults[] = {SIM_BEHAVIOURS(INJECTIONS)};
enum { PORT_FAULTS = sizeof port_faults / sizeof port_faults[0] };

/* The rows of one site stand together. */
const struct sim_fault *sim_site_injections(enum sim_site site, int *count) {
  int first = 0, last = PORT_FAULTS;
  while (first < last && !sim_behaviour_fits(port_faults[first].behaviour, site)) first++;
  while (last > first && !sim_behaviour_fits(port_faults[last - 1].behaviour, site)) last--;
  *count = last - first;
  return &port_faults[first];
}

const struct sim_fault *sim_site_fault(const struct sim_case *the_case, enum sim_site site,
                                       int code) {
  const struct sim_site_faults *declared = &the_case->sites[site];
  int count = 0;
  const struct sim_fault *injections = sim_site_injections(site, &count);
  if (code < 1) return NULL;
  if (code <= declared->count) return &declared->faults[code - 1];
  code -= declared->count;
  return code <= count ? &injections[code - 1] : NULL;
}

#define EFFECT_OF(NAME, word, takes, sites, port, effect, ...) SIM_FAULT_EFFECT_##effect,
int32_t sim_behaviour_effects(enum sim_behaviour behaviour) {
  static const int32_t fault_effects[] = {SIM_BEHAVIOURS(EFFECT_OF)};
  return fault_effects[behaviour];
}

/* ---- Events ---- */

static const struct sim_fault event_faults[] = {
    [SIM_EVENT_LATE] = {.text = "late"},
    [SIM_EVENT_TWICE] = {.text = "twice"},
    [SIM_EVENT_NEVER] = {.text = "never"},
};

static const struct sim_fault early_events[] = {
    {.text = "early"},
    {.text = "early, the 2nd waiting"},
    {.text = "early, the 3rd waiting"},
    {.text = "early, the 4th waiting"},
};

const struct sim_fault *sim_event_injections(bool early, int *count) {
  *count = early ? (int)(sizeof early_events / sizeof early_events[0])
                 : (int)(sizeof event_faults / sizeof event_faults[0]);
  return early ? early_events : event_faults;
}

/* ---- Inside a step ---- */

bool sim_disk_fault_applies(enum fake_disk_kind kind, enum sim_step_fault_kind fault) {
  switch (fault) {
    case SIM_DISK_ERROR: return kind != FAKE_DISK_LOCK && kind != FAKE_DISK_SHM_LOCK;
    case SIM_DISK_FULL: return kind == FAKE_DISK_WRITE;
    case SIM_DISK_SHORT_READ: return kind == FAKE_DISK_READ;
    case SIM_DISK_BUSY:
    case SIM_DISK_LOCKED: return kind == FAKE_DISK_SHM_LOCK || kind == FAKE_DISK_LOCK;
    case SIM_DISK_DIES:
    case SIM_POWER_FAILS: return true;
    case SIM_STEP_FINE:
    case SIM_MEMORY_FAILS:
    case SIM_STEP_FAULT_COUNT: break;
  }
  return false;
}

const char *sim_step_fault_word(enum sim_step_fault_kind kind) {
  static const char *const words[] = {
      [SIM_STEP_FINE] = "fine",
      [SIM_DISK_ERROR] = "I/O error",
      [SIM_DISK_FULL] = "disk full",
      [SIM_DISK_SHORT_READ] = "short read",
      [SIM_DISK_BUSY] = "busy",
      [SIM_DISK_LOCKED] = "busy throughout",
      [SIM_DISK_DIES] = "the process dies",
      [SIM_POWER_FAILS] = "the power fails",
      [SIM_MEMORY_FAILS] = "allocation fails",
  };
  return kind < SIM_STEP_FAULT_COUNT ? words[kind] : "?";
}
