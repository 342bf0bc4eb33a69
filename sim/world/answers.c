/* The engine's enums must have as many members as the vocabulary has rows for them, in the same
 * order. */
#include "world.h"

#include "language.h"

/* Each row stands where its enumerator does. */
#define REFUSAL_AT(NAME, ...)                                                                      \
  _Static_assert((int)SIM_ANSWER_REFUSED_##NAME ==                                                 \
                     (int)SIM_ANSWER_REFUSED + (int)RELOAD_REASON_##NAME,                          \
                 "SIM_REFUSALS has the order of enum reload_reason: " #NAME);
#define ERROR_AT(NAME, ...)                                                                        \
  _Static_assert((int)SIM_ANSWER_ERROR_##NAME == (int)SIM_ANSWER_ERROR + (int)RELOAD_##NAME,       \
                 "SIM_ERRORS has the order of enum reload_error: " #NAME);
#define ENTRY_AT(NAME, ...)                                                                        \
  _Static_assert((int)SIM_ENTRY_##NAME == (int)RELOAD_ENTRY_##NAME,                                \
                 "SIM_ENTRIES has the order of enum reload_entry_kind: " #NAME);
#define PLAN_AT(NAME, ...)                                                                         \
  _Static_assert((int)SIM_PLAN_##NAME == (int)RELOAD_PLAN_##NAME,                                  \
                 "SIM_PLANS has the order of enum reload_plan: " #NAME);
SIM_REFUSALS(REFUSAL_AT)
SIM_ERRORS(ERROR_AT)
SIM_ENTRIES(ENTRY_AT)
SIM_PLANS(PLAN_AT)

/* Each enumerator has a row: the compiler warns of a switch that lacks one. */
#define REFUSAL_CASE(NAME, ...) case RELOAD_REASON_##NAME:
#define ERROR_CASE(NAME, ...) case RELOAD_##NAME:

enum sim_answer sim_answer_refused(enum reload_reason reason) {
  switch (reason) {
    case RELOAD_REASON_NONE: SIM_REFUSALS(REFUSAL_CASE) break;
  }
  return (enum sim_answer)(SIM_ANSWER_REFUSED + (int)reason);
}

enum sim_answer sim_answer_error(enum reload_error error) {
  switch (error) {
    case RELOAD_OK: return SIM_ANSWER_NONE; SIM_ERRORS(ERROR_CASE) break;
  }
  return (enum sim_answer)(SIM_ANSWER_ERROR + (int)error);
}
