/* Probes ("sometimes"): the interesting situations that a test must have met, each with a count. A
 * run in which a probe was never hit has not tested what it seems to test (compare FoundationDB's
 * code probes). Probes look at the world before and after a step from outside: the engine does not
 * know them, and no world's hash contains them. */
#ifndef SIM_PROBES_H
#define SIM_PROBES_H

#include "machine.h"

/* X(NAME, what has happened). REFUSALS stands for the rows of SIM_REFUSALS: one probe each. */
#define SIM_PROBES(X, REFUSALS)                                                                    \
  /* Answers */                                                                                    \
  X(FITS_EXACTLY, "an action costs exactly the balance")                                           \
  REFUSALS                                                                                         \
  X(REFUSED_INVALID, "an impossible cost is refused with an error")                                \
  X(CONFLICT, "an action id comes again with another client, kind or cost")                        \
  X(SAME_ID_AGAIN, "a done action is asked for again")                                             \
  X(SAME_ID_AT_ONCE, "one action id is under way twice at once")                                   \
  X(NEEDS_CARD, "turned on without a usable card: a prompt to add one")                            \
  X(NEEDS_PLAN, "turned on without an active plan: refused")                                       \
  /* Races */                                                                                      \
  X(OFF_IN_FLIGHT, "turned off while a reload is in flight")                                       \
  X(OFF_AT_BANK, "turned off while the charge is at the bank")                                     \
  X(CAPTURED_AFTER_OFF, "a reload fired before the disable completes after it")                    \
  X(LATE_CREDIT_AFTER_OFF, "recovery credits a charge after the disable")                          \
  X(ON_AGAIN_IN_FLIGHT, "turned off and on again while one reload is in flight")                   \
  X(TWO_WAIT, "two actions wait for one reload")                                                   \
  X(ONE_COVERS_TWO, "an action that waited is covered by the other one's top-up")                  \
  X(FITS_IN_FLIGHT, "an action that fits goes on beside a reload in flight")                       \
  X(TWO_CLIENTS_ONE_CARD, "two clients charge one card at once")                                   \
  X(TWO_CLIENTS_ONE_OWNER, "two clients of one owner reload at once")                              \
  X(TWO_PROCESSES, "one client's actions are under way in two processes")                          \
  X(RENEWAL_IN_FLIGHT, "a renewal lands while a reload is in flight")                              \
  X(PACK_IN_FLIGHT, "a pack is bought while a reload is in flight")                                \
  X(PLAN_ENDS_IN_FLIGHT, "the plan ends while a reload is in flight")                              \
  X(CARD_CHANGED_IN_FLIGHT, "the card is replaced or removed while a reload is in flight")         \
  X(CLOCK_BACK_IN_FLIGHT, "the clock steps back while a reload is in flight")                      \
  X(DAY_IN_FLIGHT, "a day passes while a charge has no end")                                       \
  /* Money */                                                                                      \
  X(DEAD_CARD_REPLACED, "a client whose card failed for good reloads with another one")            \
  X(REFUND_BELOW_ZERO, "a refund or dispute makes a balance negative")                             \
  X(RELOAD_BELOW_ZERO, "a reload fires at a negative balance")                                     \
  X(REVERSED_PARTLY, "a part of a payment goes back")                                              \
  X(REVERSED_NOTHING, "less than a token's worth goes back")                                       \
  X(BALANCE_AT_LIMIT, "a balance is at its limit")                                                 \
  X(BALANCE_BEYOND_LIMIT, "a captured charge takes a balance beyond its limit")                    \
  X(AUTHENTICATED_LATE, "3D Secure is passed late and the money moves")                            \
  X(PROCESSING_ENDS, "a payment in processing is captured in the end")                             \
  /* The gateway and its events */                                                                 \
  X(REPLY_LOST, "the reply of a confirm that captured is lost")                                    \
  X(REPLY_500, "a confirm that captured is answered 500")                                          \
  X(REPLY_409, "the gateway answers 409")                                                          \
  X(REPLY_429, "the gateway answers 429")                                                          \
  X(REPLY_SLOW, "a reply comes after the attempt was given up")                                    \
  X(GATEWAY_DOWN, "a call finds the gateway down")                                                 \
  X(EVENT_BEFORE_REPLY, "the event of a capture comes before its reply is worked on")              \
  X(EVENT_TWICE, "an event is delivered twice")                                                    \
  X(EVENT_TOO_EARLY, "a refund's event comes before its charge is in the ledger")                  \
  X(EVENT_FORGED, "a forged event about a charge is refused")                                      \
  /* Recovery */                                                                                   \
  X(RECOVERED_CAPTURED, "recovery credits a charge whose outcome was unknown")                     \
  X(RECOVERED_CLOSED, "recovery closes a charge that was not captured")                            \
  X(RECOVERED_WITHOUT_INTENT, "recovery asks again for an intent whose id was never stored")       \
  X(RECOVERED_AFTER_A_DAY, "recovery ends a charge after the gateway forgot its key")              \
  X(HANDLER_OVERTAKEN, "recovery ends a charge while its handler is still at work")                \
  X(TWO_RECOVERIES, "two recoveries are at one charge")                                            \
  X(CRASH_IN_RECOVERY, "a process dies in the middle of a recovery")                               \
  /* Crashes and the disk */                                                                       \
  X(DIED_BEFORE_SETTLE, "a process dies between capture and credit")                               \
  X(POWER_BEFORE_SETTLE, "the power fails between capture and credit")                             \
  X(DIED_IN_TRANSACTION, "a process dies inside a transaction")                                    \
  X(POWER_IN_TRANSACTION, "the power fails inside a transaction")                                  \
  X(POWER_TORN, "the power fails and tears a write")                                               \
  X(FULL_THEN_AGAIN, "the disk is full, and the step is taken again")                              \
  X(IO_ERROR, "the disk fails")                                                                    \
  X(SHORT_READ, "a read comes back short")                                                         \
  X(STORE_BUSY, "the store is busy")                                                               \
  X(MEMORY_OUT, "a request for memory is refused, and the step is taken again")                    \
  /* Mail */                                                                                       \
  X(MAIL_TWICE, "a mail is delivered twice")                                                       \
  X(MAIL_TRIED_AGAIN, "a mail is delivered at a later try")                                        \
  X(MAILS_QUEUE, "two mails of one client wait")                                                   \
  X(MAIL_DOWN, "a mail finds its server down")

enum sim_probe {
#define SIM_PROBE_ENUM(NAME, text) SIM_PROBE_##NAME,
#define SIM_PROBE_REFUSED_ENUM(NAME, ...) SIM_PROBE_REFUSED_##NAME,
  SIM_PROBES(SIM_PROBE_ENUM, SIM_REFUSALS(SIM_PROBE_REFUSED_ENUM)) SIM_PROBE_COUNT
#undef SIM_PROBE_ENUM
#undef SIM_PROBE_REFUSED_ENUM
};

struct sim_probes {
  int64_t hits[SIM_PROBE_COUNT];
};

/* A probe's name for programs, such as "TWO_WAIT"; and its sentence for people. Never null. */
const char *sim_probe_name(enum sim_probe probe);
const char *sim_probe_text(enum sim_probe probe);

/* Count the probes that a step hits.
 * In:      machine  after the step
 *          before the world before it */
void sim_probes_note(struct sim_probes *probes, const struct sim_machine *machine,
                     const struct sim_world *before, const struct sim_effect *effect);

#endif
