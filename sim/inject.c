#include "inject.h"

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

bool sim_disk_fault_applies(enum fake_disk_role role, enum fake_disk_kind kind,
                            enum sim_disk_fault fault) {
  (void)role;
  switch (fault) {
    case SIM_DISK_FINE:
    case SIM_DISK_FAULT_COUNT: return false;
    case SIM_DISK_ERROR:
      return kind == FAKE_DISK_READ || kind == FAKE_DISK_WRITE || kind == FAKE_DISK_SYNC ||
             kind == FAKE_DISK_TRUNCATE || kind == FAKE_DISK_SHM_MAP;
    case SIM_DISK_FULL: return kind == FAKE_DISK_WRITE;
    case SIM_DISK_SHORT_READ: return kind == FAKE_DISK_READ;
    case SIM_DISK_BUSY: return kind == FAKE_DISK_SHM_LOCK || kind == FAKE_DISK_LOCK;
    case SIM_DISK_DIES:
    case SIM_DISK_POWER_DROP:
    case SIM_DISK_POWER_KEEP:
    case SIM_DISK_POWER_TEAR:
    case SIM_DISK_POWER_LATE: return true;
  }
  return false;
}

const char *sim_disk_fault_word(enum sim_disk_fault fault) {
  static const char *const words[] = {
      [SIM_DISK_FINE] = "fine",
      [SIM_DISK_ERROR] = "I/O error",
      [SIM_DISK_FULL] = "disk full",
      [SIM_DISK_SHORT_READ] = "short read",
      [SIM_DISK_BUSY] = "busy",
      [SIM_DISK_DIES] = "the process dies",
      [SIM_DISK_POWER_DROP] = "the power fails, unsynced writes are lost",
      [SIM_DISK_POWER_KEEP] = "the power fails, unsynced writes are kept",
      [SIM_DISK_POWER_TEAR] = "the power fails, the last unsynced write is torn",
      [SIM_DISK_POWER_LATE] = "the power fails, only the last unsynced write is kept",
  };
  return fault < SIM_DISK_FAULT_COUNT ? words[fault] : "?";
}
