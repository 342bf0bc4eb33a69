/* What the files of the model share: what was seen in the world, and how far a sequential run has
 * explained it. */
#ifndef SIM_MODEL_INSIDE_H
#define SIM_MODEL_INSIDE_H

#include "model.h"

#define SIM_HARM_NO_ORDER "no sequential order explains it"

/* How an attempt ended at the bank. */
enum model_bank {
  MODEL_BANK_NEVER = 0, /* it was never asked for the money */
  MODEL_BANK_CAPTURED,
  MODEL_BANK_DECLINED,
  MODEL_BANK_3D_SECURE,
  MODEL_BANK_FAILED /* after "processing" */
};

struct model_charge {
  const struct sim_charge_row *row;
  enum model_bank bank;
  bool for_good;      /* NOFIRE-6: the card never works again */
  bool authenticated; /* a customer passes 3D Secure for its action, late */
  int32_t confirm_no; /* order of the confirm calls, by client; 0: never confirmed */
  int32_t ended;      /* the step, as in struct sim_order */
};

struct model_client {
  const struct sim_entry_row *entries; /* new ones only, in the order of the log */
  const struct sim_toggle_row *toggles;
  int entry_count, toggle_count;
  int given_entry_count;
  int64_t given_tokens;
  int given_change_no; /* of the last given change; 0: none */
};

/* All that was seen. */
struct model {
  const struct sim_machine *machine;
  const struct sim_case *the_case;
  const struct sim_world *world;
  const struct sim_names *names;
  const struct sim_order *order; /* null: not known */
  uint32_t clients_at_hand;      /* a bit set: only these clients are explained */
  struct model_client clients[SIM_MAX_CLIENTS];
  struct model_charge charges[SIM_LEDGER_MAX_CHARGES];
  int charge_count;
  int16_t ids[SIM_MAX_ACTORS][SIM_MAX_STEPS]; /* of each step; -1: none */
  /* What has disturbed the run. */
  bool cut_off; /* a gateway call may have failed */
  bool trouble; /* a gateway call may have failed or come too late */
  bool late; /* time may have passed within a reload: waits end, and handlers are taken for dead */
  bool failing; /* the store may have reported an error */
  bool deadly;  /* processes may have died */
};

enum model_phase {
  MODEL_UNFIRED = 0,
  MODEL_LIVE,    /* its handler is at work */
  MODEL_ORPHAN,  /* its handler died or had an error, and no process knows it yet */
  MODEL_UNKNOWN, /* its handler has given up: unresolved (MONEY-6) */
  MODEL_ENDED
};

/* A sequential run, up to some point. It has no padding: it is hashed as a whole. */
struct model_state {
  uint64_t cards[SIM_MAX_CLIENTS];           /* on file; 0: none */
  uint16_t episodes[SIM_MAX_CLIENTS];        /* how often the card on file was updated */
  uint16_t fired_in[SIM_LEDGER_MAX_CHARGES]; /* the episode in which a charge was fired */
  uint8_t entries[SIM_MAX_CLIENTS];          /* explained lines of the log */
  uint8_t toggles[SIM_MAX_CLIENTS];
  uint8_t plans[SIM_MAX_CLIENTS];
  uint8_t steps[SIM_MAX_ACTORS];
  int8_t fired[SIM_MAX_ACTORS]; /* the charge that an actor's submit has fired; -1: none */
  uint8_t phases[SIM_LEDGER_MAX_CHARGES];
  uint8_t is_batch[SIM_LEDGER_MAX_CHARGES];            /* a batch action fired it */
  uint8_t known_bad[SIM_LEDGER_MAX_CHARGES];           /* the card is known to be dead */
  uint8_t reported[SIM_LEDGER_MAX_CHARGES];            /* the decline was reported for its action */
  uint8_t batches[SIM_MAX_ACTORS * SIM_MAX_STEPS / 8]; /* done batch actions: bits by id */
};

_Static_assert(sizeof(struct model_state) % 8 == 0, "states are hashed as a whole");

/* Where the rules put the states that may come next. Running out of memory is noted there. */
struct model_search;
void sim_model_push(struct model_search *search, const struct model_state *state);

/* model_seen.c: collect what was seen, and check what does not depend on an order.
 * Returns: false if that breaks a rule; *violation says which */
bool sim_model_see(const struct sim_machine *machine, const struct sim_order *order,
                   struct model *model, struct sim_violation *violation);
/* A key that equal endings share, whatever their times. */
uint64_t sim_model_key(const struct model *model);

/* model_rules.c: the beginning, the end, and all that may come next. */
void sim_model_begin(const struct model *model, struct model_state *state);
bool sim_model_is_end(const struct model *model, const struct model_state *state);
void sim_model_skip(const struct model *model, struct model_state *state);

/* The agents that can act next: the actors; then the charges, each of which recovery may end; then
 * the clients, whose payments may be reversed. */
#define MODEL_AGENTS (SIM_MAX_ACTORS + SIM_LEDGER_MAX_CHARGES + SIM_MAX_CLIENTS)
/* When the agent acted, as far as that is known: agents are tried in this order. -1: it cannot
 * act */
int32_t sim_model_when(const struct model *model, const struct model_state *state, int agent);
void sim_model_go_on(const struct model *model, const struct model_state *state, int agent,
                     struct model_search *search);

/* An actor's step can end here with its answer, changes nothing, and has no other explanation. It
 * makes no difference to others when it ends, so that one place for it is enough. */
bool sim_model_may_end(const struct model *model, const struct model_state *state, int actor);

/* model_spend.c: all that an actor's submit may do next. */
void sim_model_submit(const struct model *model, const struct model_state *state, int actor,
                      struct model_search *search);

/* model_explain.c: fill in *violation with the first thing that the best run does not explain. */
void sim_model_explain(const struct model *model, const struct model_state *best,
                       struct sim_violation *violation);

/* What the rules ask about. */
enum sim_answer sim_model_answer(const struct model *model, const struct model_state *state,
                                 int actor);
const struct sim_step *sim_model_step(const struct model *model, const struct model_state *state,
                                      int actor);
bool sim_model_at_hand(const struct model *model, int client);
bool sim_model_unheard(const struct model *model, enum sim_answer answer);
bool sim_model_looks_idle(const struct model *model, const struct model_state *state, int actor);
int64_t sim_model_balance(const struct model *model, const struct model_state *state, int client);
bool sim_model_is_on(const struct model *model, const struct model_state *state, int client);
bool sim_model_card_dead(const struct model *model, const struct model_state *state, int client);
int sim_model_open_charge(const struct model *model, const struct model_state *state,
                          int client); /* -1: none */
/* Take the log's next line as the credit of a captured charge; false if it is another one. */
bool sim_model_top_up(const struct model *model, struct model_state *state, int charge);
/* The log's next line, if it is of this kind; null if not. */
const struct sim_entry_row *sim_model_entry(const struct model *model,
                                            const struct model_state *state, int client, int kind);

#endif
