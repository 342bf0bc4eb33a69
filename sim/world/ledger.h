/* The engine's ledger as the simulator sees it, with every row and column on which anything can
 * depend: two worlds with equal ledgers are one state. It is read through the public API and packed
 * into plain rows without strings, so that it can be copied, compared and hashed many thousand
 * times a second. */
#ifndef SIM_LEDGER_H
#define SIM_LEDGER_H

#include "reload.h"
#include "scenario.h"

#define SIM_LEDGER_MAX_ENTRIES 192
#define SIM_LEDGER_MAX_CHARGES 64
#define SIM_LEDGER_MAX_TOGGLES 96
#define SIM_LEDGER_MAX_DEAD_CARDS 64

/* All rows are zeroed before they are filled, padding included: equal rows are equal bytes. Texts
 * are 64-bit hashes; 0 stands for the empty text. */
struct sim_client_row {
  int64_t balance_tokens;
  int64_t card_no;
  uint64_t card;
  uint64_t owner_email;
  uint64_t customer;
  int32_t plan; /* enum reload_plan */
  int16_t card_dead;
  int16_t auto_reload;
};

struct sim_entry_row {
  int64_t tokens;
  int64_t balance_tokens;
  int64_t amount_minor;
  int64_t at_ms;
  uint64_t reference;
  uint64_t intent;
  int32_t entry_no;
  int16_t action; /* index of sim_names, or -1 */
  int16_t client;
  int32_t kind; /* enum reload_entry_kind */
  int32_t action_kind;
};

struct sim_charge_row {
  uint64_t charge;
  uint64_t intent;
  uint64_t decline;
  uint64_t card;
  uint64_t currency;
  int64_t action_kind; /* as wide as its neighbours: no padding */
  int64_t cost_tokens;
  int64_t top_up_tokens;
  int64_t amount_minor;
  int64_t card_no;
  int64_t fired_at_ms;
  int64_t recover_at_ms;
  int64_t ended_at_ms;
  int32_t fired_under_change_no;
  int32_t try_count;
  int16_t action;
  int16_t client;
  int32_t state; /* enum reload_charge_state */
};

struct sim_toggle_row {
  int64_t at_ms;
  int64_t delivered_at_ms;
  int64_t next_try_at_ms;
  int32_t try_count;
  int32_t change_no;
  int32_t client;
  int32_t on;
};

struct sim_dead_card_row {
  uint64_t card;
  int64_t since_ms;
};

struct sim_ledger {
  int32_t entry_count;
  int32_t charge_count;
  int32_t toggle_count;
  int32_t dead_card_count;
  int64_t overflowed; /* an array was too small: the ledger is incomplete */
  struct sim_client_row clients[SIM_MAX_CLIENTS];
  struct sim_entry_row entries[SIM_LEDGER_MAX_ENTRIES];           /* by client, then entry_no */
  struct sim_charge_row charges[SIM_LEDGER_MAX_CHARGES];          /* by charge id */
  struct sim_toggle_row toggles[SIM_LEDGER_MAX_TOGGLES];          /* by client, then change_no */
  struct sim_dead_card_row dead_cards[SIM_LEDGER_MAX_DEAD_CARDS]; /* by card id */
};

/* The names behind the numbers in rows: the case's clients, and every id in its steps. */
struct sim_names {
  const struct sim_case *the_case;
  int id_count;
  const char *ids[SIM_MAX_ACTORS * SIM_MAX_STEPS];
};
void sim_names_init(struct sim_names *names, const struct sim_case *the_case);
int sim_names_find(const struct sim_names *names, const char *id); /* -1 if unknown */

uint64_t sim_text_hash(const char *text); /* 0 for "" */

/* Read the whole ledger of an engine, in one transaction.
 * Returns: the engine's error */
enum reload_error sim_ledger_read(struct reload_engine *engine, const struct sim_names *names,
                                  struct sim_ledger *ledger, struct reload_message *message);

void sim_ledger_copy(struct sim_ledger *to, const struct sim_ledger *from, int client_count);
void sim_ledger_hash(const struct sim_ledger *ledger, int client_count, uint64_t out[2]);

/* Write the used rows, and nothing else, into `bytes`, for sim_ledger_unpack().
 * In:      bytes  null: only count
 * Returns: how many bytes it takes */
size_t sim_ledger_pack(const struct sim_ledger *ledger, int client_count, void *bytes);
void sim_ledger_unpack(struct sim_ledger *ledger, int client_count, const void *bytes);

/* Rows inside a packed ledger, borrowed. */
const struct sim_client_row *sim_ledger_packed_clients(const void *bytes);
const struct sim_charge_row *sim_ledger_packed_charges(const void *bytes, int client_count,
                                                       int *count);

/* The client's charge that has no end yet; null: none. */
const struct sim_charge_row *sim_charges_pending(const struct sim_charge_row *charges, int count,
                                                 int client);
const struct sim_charge_row *sim_ledger_pending(const struct sim_ledger *ledger, int client);

#endif
