/* The record of one step: who did what, the calls to the ports and their replies, which rows were
 * added, changed or removed, what was reported to whom, and which fault happened. It has numbers,
 * enums, ids and codes only. Every text about a step is rendered from its record (story.h).
 *
 * A record is made from the worlds before and after the step and from the step's effect, when a
 * path is made again; a search makes none. It borrows the rows of both worlds, the strings of the
 * case and the effect's data, and is valid until the machine's next step. */
#ifndef SIM_RECORD_H
#define SIM_RECORD_H

#include "machine.h"

#include <jansson.h>

enum sim_who {
  SIM_WHO_ACTOR,      /* of the scenario */
  SIM_WHO_BACKGROUND, /* the jobs that run after all actors have ended */
  SIM_WHO_CLOCK,      /* no task was enabled: time passed */
  SIM_WHO_WORLD       /* an injected fault between two steps */
};

/* What was done: a step of the engine, or an act of the world. */
enum sim_act {
  SIM_ACT_DECIDE,
  SIM_ACT_OPEN,
  SIM_ACT_RECORD,
  SIM_ACT_CONFIRM,
  SIM_ACT_CLOSE,
  SIM_ACT_SETTLE,
  SIM_ACT_CLAIM,
  SIM_ACT_PICK_MAIL,
  SIM_ACT_SEND_MAIL,
  SIM_ACT_RECORD_MAIL,
  SIM_ACT_TOGGLE,
  SIM_ACT_LOOK,
  SIM_ACT_ACCOUNT,
  SIM_ACT_FORGED_EVENT,
  SIM_ACT_NO_EVENT, /* a delivery of events without any waiting */
  SIM_ACT_EVENT,
  SIM_ACT_WAIT,
  SIM_ACT_WORLD, /* an actor's step that changes the world outside */
  SIM_ACT_TIME,
  SIM_ACT_SETTLED,
  SIM_ACT_NEVER_SETTLES,
  SIM_ACT_PROCESS_DIES,
  SIM_ACT_POWER_FAILS,
  SIM_ACT_CLOCK_FORWARD,
  SIM_ACT_CLOCK_BACK,
  SIM_ACT_GATEWAY_DOWN,
  SIM_ACT_EARLY_EVENT,
  SIM_ACT_COUNT
};

/* How the gateway answered a call. */
enum sim_reply {
  SIM_REPLY_ANSWERED,   /* with the call's effect */
  SIM_REPLY_REPEATED,   /* with the first reply to this key; nothing was done */
  SIM_REPLY_UNEXPECTED, /* the intent's state forbids the call; nothing was done */
  SIM_REPLY_REFUSED,    /* the request is wrong (reply.code); nothing was done */
  SIM_REPLY_DOWN,       /* an outage */
  SIM_REPLY_NOT_REACHED,
  SIM_REPLY_429,
  SIM_REPLY_409,
  SIM_REPLY_500,
  SIM_REPLY_LOST /* a timeout; the call may have had its effect */
};

/* The effect of a call on its intent, whatever the reply was. */
enum sim_bank_act {
  SIM_BANK_NOTHING,
  SIM_BANK_OPENED,
  SIM_BANK_CAPTURED,
  SIM_BANK_DECLINED,
  SIM_BANK_3D_SECURE,
  SIM_BANK_PROCESSING,
  SIM_BANK_CANCELED
};

/* A call to the gateway. */
struct sim_gateway_call {
  const struct fake_card_record *call; /* request and reply; null: none */
  enum sim_reply reply;
  enum sim_bank_act act;
  int64_t captured_minor;   /* by this call */
  const char *decline_code; /* SIM_BANK_DECLINED: the bank's */
};

enum sim_table {
  SIM_TABLE_CLIENTS, /* of the store */
  SIM_TABLE_CHARGES,
  SIM_TABLE_ENTRIES,
  SIM_TABLE_TOGGLES, /* changes of the toggle, each with its mail to be delivered */
  SIM_TABLE_DEAD_CARDS,
  SIM_TABLE_INTENTS,  /* of the gateway */
  SIM_TABLE_MESSAGES, /* of the mailbox */
  SIM_TABLE_COUNT
};

union sim_row {
  const void *row;
  const struct sim_client_row *client;
  const struct sim_charge_row *charge;
  const struct sim_entry_row *entry;
  const struct sim_toggle_row *toggle;
  const struct sim_dead_card_row *dead_card;
  const struct fake_card_intent *intent;
  const struct fake_mail_message *message;
};

/* A row that was added (was.row is null), removed (is.row is null) or changed. */
struct sim_change {
  enum sim_table table;
  int client;             /* of the case; -1: none */
  const char *action_id;  /* or null */
  const char *card_id;    /* clients: on file now, or null; dead cards: the card */
  int64_t captured_minor; /* intents: in this step */
  int64_t refunded_minor;
  union sim_row was, is;
  union sim_row any; /* the present row, or the former one if removed; never null */
};

/* A table has at most as many changes as rows before and after. */
#define SIM_RECORD_MAX_CHANGES                                                                     \
  (SIM_MAX_CLIENTS +                                                                               \
   2 * (SIM_LEDGER_MAX_CHARGES + SIM_LEDGER_MAX_ENTRIES + SIM_LEDGER_MAX_TOGGLES +                 \
        SIM_LEDGER_MAX_DEAD_CARDS + FAKE_CARD_MAX_INTENTS + FAKE_MAIL_MAX_MESSAGES))

struct sim_reported { /* an actor's step that has ended */
  int actor;
  enum sim_answer answer;
};

struct sim_record {
  const struct sim_case *the_case;
  int64_t before_ms, after_ms;
  enum sim_who who;
  int actor;                   /* or -1 */
  const struct sim_step *step; /* an actor's: verb and arguments; else null */
  bool begins;                 /* the first of the engine's steps for it */
  bool waits;                  /* a submit: it begins to wait for another action's reload */
  enum sim_act act;
  int process; /* of SIM_ACT_PROCESS_DIES */
  struct sim_gateway_call gateway;
  const struct fake_mail_record *mail_call; /* or null */
  enum sim_event_fate event_fate;
  const struct fake_card_event *event; /* in the queue before the step; null: none */
  const struct fake_card_intent *event_intent;
  int change_count;
  struct sim_change changes[SIM_RECORD_MAX_CHANGES];
  int reported_count;
  struct sim_reported reported[2 * SIM_MAX_ACTORS];
  const struct reload_verdict *verdict; /* of an answered submit; else null */
  const struct sim_effect *effect;      /* faults, and the engine's message */
};

/* Fill in the record of the machine's last step.
 * In:      before  the world before it
 *          record  zeroed or used before; large: not for the stack */
void sim_record_make(const struct sim_machine *machine, const struct sim_world *before,
                     const struct sim_effect *effect, struct sim_record *record);

/* Whether the step changed nothing worth reporting: a background job without work. */
bool sim_record_is_idle(const struct sim_record *record);

/* The record as a JSON object. An absent key did not happen. Keys and words are stable:
 *   "by"       "actor", "background", "clock", "world"
 *   "step"     {"verb", and the step's fields as scenarios have them}
 *   "act"      "confirm", ...; "begins", "waits" if so; "process" that dies
 *   "passed_ms"  of the world's time, until the step's "at" in its story (story.h)
 *   "gateway"  {"call", what was asked, "outcome", "reply", "bank", "captured_minor", ...}
 *   "mail"     {"message_id", "to", "client", "state", "outcome", "kept"}
 *   "event"    {"type", "intent", "action", "amount_minor", "fate"}
 *   "changes"  [{"table", "row": "came" | "went" | "changed", the columns; "was" and "is" of those
 *              that changed}]
 *   "reported" [{"actor", "answer"}], and the verdict of a submit
 *   "fault"    {"site", "text", "injected"}, shown by a port; "inside" {"site", "nth", "kind"}
 *   "again"    true: the host took a failed step again
 *   "message"  what the engine said of its error
 * Returns: a new object; null when out of memory */
json_t *sim_record_json(const struct sim_record *record);

#endif
