#include "inject.h"

#include "world.h"

/* The first CALL_FAULTS fit any call to the gateway, the others only the confirming one. */
enum { CALL_FAULTS = 8 };
static const struct sim_fault gateway_faults[] = {
    {SIM_TIMEOUT_BEFORE, NULL, 0, "timeout before"},
    {SIM_TIMEOUT_AFTER, NULL, 0, "timeout after"},
    {SIM_500_ROLLED_BACK, NULL, 0, "500 rolled back"},
    {SIM_500_ROLLED_FORWARD, NULL, 0, "500 rolled forward"},
    {SIM_409, NULL, 0, "409"},
    {SIM_429, NULL, 0, "429"},
    {SIM_NOT_REACHED, NULL, 0, "not reached"},
    {SIM_SLOW, NULL, 300000, "slow 5 min"},
    {SIM_DECLINED, "generic_decline", 0, "declined generic_decline"},
    {SIM_DECLINED, "lost_card", 0, "declined lost_card"},
    {SIM_3D_SECURE, NULL, 0, "3D Secure"},
    {SIM_500_FORWARD_LATER, NULL, 0, "500 rolled forward later"},
    {SIM_PROCESSING_SUCCEEDS, NULL, 0, "processing, then succeeded"},
    {SIM_PROCESSING_FAILS, NULL, 0, "processing, then failed"},
};

static const struct sim_fault mail_faults[] = {
    {SIM_MAIL_REFUSED, NULL, 0, "refused"},
    {SIM_MAIL_REPLY_LOST, NULL, 0, "reply lost"},
    {SIM_MAIL_LOST, NULL, 0, "lost"},
};

const struct sim_fault *sim_site_injections(enum sim_site site, int *count) {
  switch (site) {
    case SIM_SITE_CREATE:
    case SIM_SITE_CANCEL: *count = CALL_FAULTS; return gateway_faults;
    case SIM_SITE_CONFIRM:
      *count = (int)(sizeof gateway_faults / sizeof gateway_faults[0]);
      return gateway_faults;
    case SIM_SITE_MAIL:
      *count = (int)(sizeof mail_faults / sizeof mail_faults[0]);
      return mail_faults;
    case SIM_SITE_COUNT: break;
  }
  *count = 0;
  return mail_faults;
}

int32_t sim_behaviour_strains(enum sim_behaviour behaviour) {
  switch (behaviour) {
    case SIM_TIMEOUT_BEFORE:
    case SIM_TIMEOUT_AFTER:
    case SIM_500_ROLLED_BACK:
    case SIM_500_ROLLED_FORWARD:
    case SIM_500_FORWARD_LATER:
    case SIM_409:
    case SIM_429:
    case SIM_NOT_REACHED:
    case SIM_PROCESSING_SUCCEEDS:
    case SIM_PROCESSING_FAILS: return SIM_STRAIN_GATEWAY;
    case SIM_SLOW: return SIM_STRAIN_TIME;
    case SIM_NORMAL:
    case SIM_SUCCEEDED:
    case SIM_DECLINED:
    case SIM_3D_SECURE:
    case SIM_MAIL_REFUSED:
    case SIM_MAIL_REPLY_LOST:
    case SIM_MAIL_LOST: return 0;
  }
  return 0;
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

/* SIM_DISK_... of the present operation, then of the next ones. */
static bool next_disk_fault(const struct sim_points *points, struct sim_step_fault *fault) {
  for (; fault->at < points->op_count; fault->at++, fault->kind = SIM_STEP_FINE)
    while (++fault->kind <= SIM_DISK_DIES)
      if (sim_disk_fault_applies((enum fake_disk_kind)points->kinds[fault->at],
                                 (enum sim_step_fault_kind)fault->kind))
        return true;
  return false;
}

static bool next_request(const struct sim_points *points, struct sim_step_fault *fault) {
  bool begins = fault->kind != SIM_MEMORY_FAILS;
  int at = begins ? 0 : fault->at + 1, user = begins ? 0 : fault->which;
  for (; user < FAKE_MEMORY_USER_COUNT; user++, at = 0) {
    if (at >= points->memory.requests[user]) continue;
    *fault = (struct sim_step_fault){SIM_MEMORY_FAILS, (int16_t)at, (int16_t)user};
    return true;
  }
  return false;
}

bool sim_points_next(const struct sim_points *points, struct sim_step_fault *fault, int *cursor) {
  if (fault->kind <= SIM_DISK_DIES && next_disk_fault(points, fault)) return true;
  if (fault->kind != SIM_MEMORY_FAILS && *cursor < points->image_count) {
    int image = points->images[(*cursor)++];
    *fault =
        (struct sim_step_fault){SIM_POWER_FAILS, (int16_t)(image >> 8), (int16_t)(image & 255)};
    return true;
  }
  if (next_request(points, fault)) return true;
  *fault = (struct sim_step_fault){.kind = SIM_STEP_FINE};
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
