/* The names of reload.h's errors and steps. They are stable, since traces and reports show them. */
#include "reload.h"

const char *reload_error_name(enum reload_error error) {
  switch (error) {
    case RELOAD_OK: return "ok";
    case RELOAD_INVALID: return "invalid";
    case RELOAD_NOT_FOUND: return "not found";
    case RELOAD_CONFLICT: return "conflict";
    case RELOAD_TOO_EARLY: return "too early";
    case RELOAD_BUSY: return "busy";
    case RELOAD_FULL: return "full";
    case RELOAD_IO: return "io";
    case RELOAD_CORRUPT: return "corrupt";
    case RELOAD_FOREIGN: return "foreign";
    case RELOAD_NEWER: return "newer";
    case RELOAD_NOMEM: return "out of memory";
  }
  return "unknown error";
}

const char *reload_step_name(enum reload_step step) {
  switch (step) {
    case RELOAD_STEP_DECIDE: return "decide";
    case RELOAD_STEP_OPEN: return "open";
    case RELOAD_STEP_RECORD: return "record";
    case RELOAD_STEP_CONFIRM: return "confirm";
    case RELOAD_STEP_CLOSE: return "close";
    case RELOAD_STEP_SETTLE: return "settle";
    case RELOAD_STEP_END: return "end";
  }
  return "unknown step";
}
