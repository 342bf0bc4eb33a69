#include "ledger.h"

#include <string.h>
#include <xxhash.h>

uint64_t sim_text_hash(const char *text) { return text[0] ? XXH3_64bits(text, strlen(text)) : 0; }

void sim_names_init(struct sim_names *names, const struct sim_case *the_case) {
  names->the_case = the_case;
  names->id_count = 0;
  for (int a = 0; a < the_case->actor_count; a++)
    for (int s = 0; s < the_case->actors[a].step_count; s++) {
      const char *id = the_case->actors[a].steps[s].id;
      if (id && sim_names_find(names, id) < 0) names->ids[names->id_count++] = id;
    }
}

int sim_names_find(const struct sim_names *names, const char *id) {
  for (int i = 0; i < names->id_count; i++)
    if (strcmp(names->ids[i], id) == 0) return i;
  return -1;
}

static int16_t index_of_client(const struct sim_names *names, const char *client_id) {
  for (int i = 0; i < names->the_case->client_count; i++)
    if (strcmp(names->the_case->clients[i].name, client_id) == 0) return (int16_t)i;
  return -1;
}

struct reading {
  const struct sim_names *names;
  struct sim_ledger *ledger;
};

static void on_client(void *self, const struct reload_client_row *row) {
  const struct reading *reading = self;
  int16_t client = index_of_client(reading->names, row->client_id);
  if (client < 0) return;
  struct sim_client_row *to = &reading->ledger->clients[client];
  memset(to, 0, sizeof *to);
  to->balance_tokens = row->balance_tokens;
  to->card_no = row->card_no;
  to->card = sim_text_hash(row->card_id);
  to->owner_email = sim_text_hash(row->owner_email);
  to->customer = sim_text_hash(row->customer_id);
  to->plan = (int32_t)row->plan;
  to->card_dead = row->card_dead;
  to->auto_reload = row->auto_reload;
}

static void on_entry(void *self, const struct reload_entry_row *row) {
  const struct reading *reading = self;
  struct sim_ledger *ledger = reading->ledger;
  if (ledger->entry_count == SIM_LEDGER_MAX_ENTRIES) {
    ledger->overflowed = 1;
    return;
  }
  struct sim_entry_row *to = &ledger->entries[ledger->entry_count++];
  memset(to, 0, sizeof *to);
  to->tokens = row->tokens;
  to->balance_tokens = row->balance_tokens;
  to->amount_minor = row->amount_minor;
  to->at_ms = row->at_ms;
  to->reference = sim_text_hash(row->reference);
  to->intent = sim_text_hash(row->intent_id);
  to->entry_no = (int32_t)row->entry_no;
  to->action = (int16_t)sim_names_find(reading->names, row->action_id);
  to->client = index_of_client(reading->names, row->client_id);
  to->kind = (int32_t)row->kind;
  to->action_kind = (int32_t)row->action_kind;
}

static void on_charge(void *self, const struct reload_charge_row *row) {
  const struct reading *reading = self;
  struct sim_ledger *ledger = reading->ledger;
  if (ledger->charge_count == SIM_LEDGER_MAX_CHARGES) {
    ledger->overflowed = 1;
    return;
  }
  struct sim_charge_row *to = &ledger->charges[ledger->charge_count++];
  memset(to, 0, sizeof *to);
  to->charge = sim_text_hash(row->charge_id);
  to->intent = sim_text_hash(row->intent_id);
  to->decline = sim_text_hash(row->decline_code);
  to->card = sim_text_hash(row->card_id);
  to->currency = sim_text_hash(row->currency);
  to->action_kind = (int64_t)row->action_kind;
  to->cost_tokens = row->cost_tokens;
  to->top_up_tokens = row->top_up_tokens;
  to->amount_minor = row->amount_minor;
  to->card_no = row->card_no;
  to->fired_at_ms = row->fired_at_ms;
  to->recover_at_ms = row->recover_at_ms;
  to->ended_at_ms = row->ended_at_ms;
  to->fired_under_change_no = (int32_t)row->fired_under_change_no;
  to->try_count = (int32_t)row->try_count;
  to->action = (int16_t)sim_names_find(reading->names, row->action_id);
  to->client = index_of_client(reading->names, row->client_id);
  to->state = (int32_t)row->state;
}

static void on_toggle(void *self, const struct reload_toggle_row *row) {
  const struct reading *reading = self;
  struct sim_ledger *ledger = reading->ledger;
  if (ledger->toggle_count == SIM_LEDGER_MAX_TOGGLES) {
    ledger->overflowed = 1;
    return;
  }
  struct sim_toggle_row *to = &ledger->toggles[ledger->toggle_count++];
  memset(to, 0, sizeof *to);
  to->at_ms = row->at_ms;
  to->delivered_at_ms = row->delivered_at_ms;
  to->next_try_at_ms = row->next_try_at_ms;
  to->try_count = (int32_t)row->try_count;
  to->change_no = (int32_t)row->change_no;
  to->client = index_of_client(reading->names, row->client_id);
  to->on = row->on;
}

static void on_dead_card(void *self, const struct reload_dead_card_row *row) {
  const struct reading *reading = self;
  struct sim_ledger *ledger = reading->ledger;
  if (ledger->dead_card_count == SIM_LEDGER_MAX_DEAD_CARDS) {
    ledger->overflowed = 1;
    return;
  }
  ledger->dead_cards[ledger->dead_card_count++] =
      (struct sim_dead_card_row){.card = sim_text_hash(row->card_id), .since_ms = row->since_ms};
}

enum reload_error sim_ledger_read(struct reload_engine *engine, const struct sim_names *names,
                                  struct sim_ledger *ledger, struct reload_message *message) {
  struct reading reading = {.names = names, .ledger = ledger};
  struct reload_ledger_visitor visitor = {.self = &reading,
                                          .client = on_client,
                                          .entry = on_entry,
                                          .charge = on_charge,
                                          .toggle = on_toggle,
                                          .dead_card = on_dead_card};
  memset(ledger->clients, 0, (size_t)names->the_case->client_count * sizeof *ledger->clients);
  ledger->entry_count = 0;
  ledger->charge_count = 0;
  ledger->toggle_count = 0;
  ledger->dead_card_count = 0;
  ledger->overflowed = 0;
  return reload_ledger_read(engine, NULL, &visitor, message);
}

void sim_ledger_copy(struct sim_ledger *to, const struct sim_ledger *from, int client_count) {
  memcpy(to, from, offsetof(struct sim_ledger, clients));
  memcpy(to->clients, from->clients, (size_t)client_count * sizeof *to->clients);
  memcpy(to->entries, from->entries, (size_t)from->entry_count * sizeof *to->entries);
  memcpy(to->charges, from->charges, (size_t)from->charge_count * sizeof *to->charges);
  memcpy(to->toggles, from->toggles, (size_t)from->toggle_count * sizeof *to->toggles);
  memcpy(to->dead_cards, from->dead_cards, (size_t)from->dead_card_count * sizeof *to->dead_cards);
}

/* The used rows of each table, where they stand in struct sim_ledger. Packed, they follow each
 * other. */
struct rows {
  size_t offset, size;
};

enum {
  LEDGER_HEAD,
  LEDGER_CLIENTS,
  LEDGER_ENTRIES,
  LEDGER_CHARGES,
  LEDGER_TOGGLES,
  LEDGER_DEAD_CARDS,
  LEDGER_PIECES
};
static void rows_of(const struct sim_ledger *ledger, int client_count,
                    struct rows rows[LEDGER_PIECES]) {
  rows[LEDGER_HEAD] = (struct rows){0, offsetof(struct sim_ledger, clients)};
  rows[LEDGER_CLIENTS] = (struct rows){offsetof(struct sim_ledger, clients),
                                       (size_t)client_count * sizeof *ledger->clients};
  rows[LEDGER_ENTRIES] = (struct rows){offsetof(struct sim_ledger, entries),
                                       (size_t)ledger->entry_count * sizeof *ledger->entries};
  rows[LEDGER_CHARGES] = (struct rows){offsetof(struct sim_ledger, charges),
                                       (size_t)ledger->charge_count * sizeof *ledger->charges};
  rows[LEDGER_TOGGLES] = (struct rows){offsetof(struct sim_ledger, toggles),
                                       (size_t)ledger->toggle_count * sizeof *ledger->toggles};
  rows[LEDGER_DEAD_CARDS] =
      (struct rows){offsetof(struct sim_ledger, dead_cards),
                    (size_t)ledger->dead_card_count * sizeof *ledger->dead_cards};
}

size_t sim_ledger_pack(const struct sim_ledger *ledger, int client_count, void *bytes) {
  struct rows rows[LEDGER_PIECES];
  size_t at = 0;
  rows_of(ledger, client_count, rows);
  for (int i = 0; i < LEDGER_PIECES; at += rows[i++].size)
    if (bytes) memcpy((char *)bytes + at, (const char *)ledger + rows[i].offset, rows[i].size);
  return at;
}

void sim_ledger_unpack(struct sim_ledger *ledger, int client_count, const void *bytes) {
  struct rows rows[LEDGER_PIECES];
  memcpy(ledger, bytes, offsetof(struct sim_ledger, clients)); /* the counts of rows */
  rows_of(ledger, client_count, rows);
  size_t at = rows[LEDGER_HEAD].size;
  for (int i = 1; i < LEDGER_PIECES; at += rows[i++].size)
    memcpy((char *)ledger + rows[i].offset, (const char *)bytes + at, rows[i].size);
}

const struct sim_client_row *sim_ledger_packed_clients(const void *bytes) {
  return (const void *)((const char *)bytes + offsetof(struct sim_ledger, clients));
}

const struct sim_charge_row *sim_ledger_packed_charges(const void *bytes, int client_count,
                                                       int *count) {
  const struct sim_ledger *head = bytes;
  *count = head->charge_count;
  return (const void *)((const char *)bytes + offsetof(struct sim_ledger, clients) +
                        (size_t)client_count * sizeof(struct sim_client_row) +
                        (size_t)head->entry_count * sizeof(struct sim_entry_row));
}

void sim_ledger_hash(const struct sim_ledger *ledger, int client_count, uint64_t out[2]) {
  XXH128_hash_t parts[5] = {
      XXH3_128bits(ledger->clients, (size_t)client_count * sizeof *ledger->clients),
      XXH3_128bits(ledger->entries, (size_t)ledger->entry_count * sizeof *ledger->entries),
      XXH3_128bits(ledger->charges, (size_t)ledger->charge_count * sizeof *ledger->charges),
      XXH3_128bits(ledger->toggles, (size_t)ledger->toggle_count * sizeof *ledger->toggles),
      XXH3_128bits(ledger->dead_cards,
                   (size_t)ledger->dead_card_count * sizeof *ledger->dead_cards),
  };
  XXH128_hash_t all = XXH3_128bits(parts, sizeof parts);
  out[0] = all.low64;
  out[1] = all.high64;
}

const struct sim_charge_row *sim_charges_pending(const struct sim_charge_row *charges, int count,
                                                 int client) {
  for (int i = 0; i < count; i++)
    if (charges[i].client == client && charges[i].state < RELOAD_CHARGE_CAPTURED)
      return &charges[i];
  return NULL;
}

const struct sim_charge_row *sim_ledger_pending(const struct sim_ledger *ledger, int client) {
  return sim_charges_pending(ledger->charges, ledger->charge_count, client);
}
