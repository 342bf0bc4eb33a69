/* What the files of the model share: what was seen, and where a sequential run of it stands. */
#ifndef SIM_MODEL_INSIDE_H
#define SIM_MODEL_INSIDE_H

#include "model.h"

#define SIM_HARM_NO_ORDER "no sequential order explains it"

/* How an attempt ended at the bank. */
enum model_bank {
  MODEL_BANK_NEVER = 0, /* it was never asked to charge */
  MODEL_BANK_CAPTURED,
  MODEL_BANK_DECLINED,
  MODEL_BANK_3D_SECURE,
  MODEL_BANK_FAILED /* said "processing" first */
};

struct model_charge {
  const struct sim_charge_row *row;
  enum model_bank bank;
  bool for_good;      /* NOFIRE-6: declined so that the card never works again */
  bool authenticated; /* somebody passes 3D Secure for its action, late */
  int32_t confirm_no; /* in the order the bank was asked, by client; 0: never */
  int32_t ended;      /* when, as in struct sim_order */
};

struct model_client {
  const struct sim_entry_row *entries; /* new ones only, in the order of the log */
  const struct sim_toggle_row *toggles;
  int entry_count, toggle_count;
  int given_entry_count;
  int64_t given_tokens;
  int given_change_no; /* of the last change before the beginning; 0: none */
};

/* All that was seen. */
struct model {
  const struct sim_machine *machine;
  const struct sim_case *the_case;
  const struct sim_world *world;
  const struct sim_names *names;
  const struct sim_order *order; /* null: not known */
  uint32_t clients_at_hand;      /* a bit set: only these are explained, at their own pace */
  struct model_client clients[SIM_MAX_CLIENTS];
  struct model_charge charges[SIM_LEDGER_MAX_CHARGES];
  int charge_count;
  int16_t ids[SIM_MAX_ACTORS][SIM_MAX_STEPS]; /* of each step; -1: none */
  /* What went on around it. */
  bool cut_off; /* a gateway call may have failed */
  bool trouble; /* a gateway call may have failed, or come too late */
  bool late;    /* time may have passed within a reload: waits end, handlers are taken for dead */
  bool failing; /* the store may have told an error */
  bool deadly;  /* processes may have died */
};

enum model_phase {
  MODEL_UNFIRED = 0,
  MODEL_LIVE,    /* its handler is at work */
  MODEL_ORPHAN,  /* its handler died or had an error; nobody knows yet */
  MODEL_UNKNOWN, /* its handler gave up: unresolved */
  MODEL_ENDED
};

/* A sequential run, up to some point. It has no
 * padding, and is hashed as a whole. */
struct model_state {
  uint64_t cards[SIM_MAX_CLIENTS];           /* on file; 0: none */
  uint16_t episodes[SIM_MAX_CLIENTS];        /* how often the card on file was updated */
  uint16_t fired_in[SIM_LEDGER_MAX_CHARGES]; /* the episode in which a charge was fired */
  uint8_t entries[SIM_MAX_CLIENTS];          /* of the log, explained so far */
  uint8_t toggles[SIM_MAX_CLIENTS];
  uint8_t plans[SIM_MAX_CLIENTS];
  uint8_t steps[SIM_MAX_ACTORS];
  int8_t fired[SIM_MAX_ACTORS]; /* the charge that an actor's submit has fired; -1: none */
  uint8_t phases[SIM_LEDGER_MAX_CHARGES];
  uint8_t is_batch[SIM_LEDGER_MAX_CHARGES];  /* what kind of action fired it */
  uint8_t known_bad[SIM_LEDGER_MAX_CHARGES]; /* its card is known to have failed for good */
  uint8_t reported[SIM_LEDGER_MAX_CHARGES];  /* its action was told of the decline */
  uint8_t batches[SIM_MAX_ACTORS * SIM_MAX_STEPS / 8]; /* done actions of that kind: bits by id */
};

_Static_assert(sizeof(struct model_state) % 8 == 0, "states are hashed as a whole");

/* Where the rules put the states that may come next. */
struct model_search;
void sim_model_push(struct model_search *search, const struct model_state *state);

/* model_seen.c: collect what was seen, and check what needs no order.
 * Returns: false if it breaks a rule as it stands; *violation says which */
bool sim_model_see(const struct sim_machine *machine, const struct sim_order *order,
                   struct model *model, struct sim_violation *violation);
/* The same for equal endings, whatever their times. */
uint64_t sim_model_key(const struct model *model);

/* model_rules.c: the beginning, the end, and all that may come next. */
void sim_model_begin(const struct model *model, struct model_state *state);
bool sim_model_is_end(const struct model *model, const struct model_state *state);
void sim_model_skip(const struct model *model, struct model_state *state);

/* Who or what may go on: the actors, then what comes by itself to charges and to clients. */
#define MODEL_AGENTS (SIM_MAX_ACTORS + SIM_LEDGER_MAX_CHARGES + SIM_MAX_CLIENTS)
/* When the mover went on, so far as that is known: the order in which to try. -1: it cannot */
int32_t sim_model_when(const struct model *model, const struct model_state *state, int agent);
void sim_model_go_on(const struct model *model, const struct model_state *state, int agent,
                     struct model_search *search);

/* An actor's step can end here as it did, changes nothing, and cannot be explained in any other
 * way: sooner or later is all the same for everybody else, so that it need not be tried later. */
bool sim_model_may_end(const struct model *model, const struct model_state *state, int actor);

/* model_spend.c: what an actor's submit may do next. */
void sim_model_submit(const struct model *model, const struct model_state *state, int actor,
                      struct model_search *search);

/* model_explain.c: name the first thing that the best run does not explain; the rest of *violation
 * is filled as well. */
void sim_model_explain(const struct model *model, const struct model_state *best,
                       struct sim_violation *violation);

/* Shared by the rules. */
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
