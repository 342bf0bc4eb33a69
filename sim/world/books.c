#include "books.h"

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

static int16_t client_index(const struct sim_names *names, const char *client_id) {
  for (int i = 0; i < names->the_case->client_count; i++)
    if (strcmp(names->the_case->clients[i].name, client_id) == 0) return (int16_t)i;
  return -1;
}

struct reading {
  const struct sim_names *names;
  struct sim_books *books;
};

static void on_client(void *self, const struct reload_client_row *row) {
  const struct reading *reading = self;
  int16_t client = client_index(reading->names, row->client_id);
  if (client < 0) return;
  struct sim_client_row *to = &reading->books->clients[client];
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
  struct sim_books *books = reading->books;
  if (books->entry_count == SIM_BOOKS_MAX_ENTRIES) {
    books->overflowed = 1;
    return;
  }
  struct sim_entry_row *to = &books->entries[books->entry_count++];
  memset(to, 0, sizeof *to);
  to->tokens = row->tokens;
  to->balance_tokens = row->balance_tokens;
  to->amount_minor = row->amount_minor;
  to->at_ms = row->at_ms;
  to->reference = sim_text_hash(row->reference);
  to->intent = sim_text_hash(row->intent_id);
  to->entry_no = (int32_t)row->entry_no;
  to->action = (int16_t)sim_names_find(reading->names, row->action_id);
  to->client = client_index(reading->names, row->client_id);
  to->kind = (int32_t)row->kind;
  to->action_kind = (int32_t)row->action_kind;
}

static void on_charge(void *self, const struct reload_charge_row *row) {
  const struct reading *reading = self;
  struct sim_books *books = reading->books;
  if (books->charge_count == SIM_BOOKS_MAX_CHARGES) {
    books->overflowed = 1;
    return;
  }
  struct sim_charge_row *to = &books->charges[books->charge_count++];
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
  to->client = client_index(reading->names, row->client_id);
  to->state = (int32_t)row->state;
}

static void on_toggle(void *self, const struct reload_toggle_row *row) {
  const struct reading *reading = self;
  struct sim_books *books = reading->books;
  if (books->toggle_count == SIM_BOOKS_MAX_TOGGLES) {
    books->overflowed = 1;
    return;
  }
  struct sim_toggle_row *to = &books->toggles[books->toggle_count++];
  memset(to, 0, sizeof *to);
  to->at_ms = row->at_ms;
  to->delivered_at_ms = row->delivered_at_ms;
  to->next_try_at_ms = row->next_try_at_ms;
  to->try_count = (int32_t)row->try_count;
  to->change_no = (int32_t)row->change_no;
  to->client = client_index(reading->names, row->client_id);
  to->on = row->on;
}

static void on_dead_card(void *self, const struct reload_dead_card_row *row) {
  const struct reading *reading = self;
  struct sim_books *books = reading->books;
  if (books->dead_card_count == SIM_BOOKS_MAX_DEAD_CARDS) {
    books->overflowed = 1;
    return;
  }
  books->dead_cards[books->dead_card_count++] =
      (struct sim_dead_card_row){.card = sim_text_hash(row->card_id), .since_ms = row->since_ms};
}

enum reload_error sim_books_read(struct reload_engine *engine, const struct sim_names *names,
                                 struct sim_books *books, struct reload_message *message) {
  struct reading reading = {.names = names, .books = books};
  struct reload_books_visitor visitor = {.self = &reading,
                                         .client = on_client,
                                         .entry = on_entry,
                                         .charge = on_charge,
                                         .toggle = on_toggle,
                                         .dead_card = on_dead_card};
  memset(books->clients, 0, (size_t)names->the_case->client_count * sizeof *books->clients);
  books->entry_count = 0;
  books->charge_count = 0;
  books->toggle_count = 0;
  books->dead_card_count = 0;
  books->overflowed = 0;
  return reload_books_read(engine, NULL, &visitor, message);
}

void sim_books_copy(struct sim_books *to, const struct sim_books *from, int client_count) {
  memcpy(to, from, offsetof(struct sim_books, clients));
  memcpy(to->clients, from->clients, (size_t)client_count * sizeof *to->clients);
  memcpy(to->entries, from->entries, (size_t)from->entry_count * sizeof *to->entries);
  memcpy(to->charges, from->charges, (size_t)from->charge_count * sizeof *to->charges);
  memcpy(to->toggles, from->toggles, (size_t)from->toggle_count * sizeof *to->toggles);
  memcpy(to->dead_cards, from->dead_cards, (size_t)from->dead_card_count * sizeof *to->dead_cards);
}

/* The used rows of each table, which stand behind each other when packed. */
struct rows {
  size_t offset, size;
};

enum {
  BOOKS_HEAD,
  BOOKS_CLIENTS,
  BOOKS_ENTRIES,
  BOOKS_CHARGES,
  BOOKS_TOGGLES,
  BOOKS_DEAD_CARDS,
  BOOKS_PIECES
};
static void rows_of(const struct sim_books *books, int client_count,
                    struct rows rows[BOOKS_PIECES]) {
  rows[BOOKS_HEAD] = (struct rows){0, offsetof(struct sim_books, clients)};
  rows[BOOKS_CLIENTS] = (struct rows){offsetof(struct sim_books, clients),
                                      (size_t)client_count * sizeof *books->clients};
  rows[BOOKS_ENTRIES] = (struct rows){offsetof(struct sim_books, entries),
                                      (size_t)books->entry_count * sizeof *books->entries};
  rows[BOOKS_CHARGES] = (struct rows){offsetof(struct sim_books, charges),
                                      (size_t)books->charge_count * sizeof *books->charges};
  rows[BOOKS_TOGGLES] = (struct rows){offsetof(struct sim_books, toggles),
                                      (size_t)books->toggle_count * sizeof *books->toggles};
  rows[BOOKS_DEAD_CARDS] =
      (struct rows){offsetof(struct sim_books, dead_cards),
                    (size_t)books->dead_card_count * sizeof *books->dead_cards};
}

size_t sim_books_pack(const struct sim_books *books, int client_count, void *bytes) {
  struct rows rows[BOOKS_PIECES];
  size_t at = 0;
  rows_of(books, client_count, rows);
  for (int i = 0; i < BOOKS_PIECES; at += rows[i++].size)
    if (bytes) memcpy((char *)bytes + at, (const char *)books + rows[i].offset, rows[i].size);
  return at;
}

void sim_books_unpack(struct sim_books *books, int client_count, const void *bytes) {
  struct rows rows[BOOKS_PIECES];
  memcpy(books, bytes, offsetof(struct sim_books, clients)); /* the counts tell the rest */
  rows_of(books, client_count, rows);
  size_t at = rows[BOOKS_HEAD].size;
  for (int i = 1; i < BOOKS_PIECES; at += rows[i++].size)
    memcpy((char *)books + rows[i].offset, (const char *)bytes + at, rows[i].size);
}

const struct sim_client_row *sim_books_packed_clients(const void *bytes) {
  return (const void *)((const char *)bytes + offsetof(struct sim_books, clients));
}

const struct sim_charge_row *sim_books_packed_charges(const void *bytes, int client_count,
                                                      int *count) {
  const struct sim_books *head = bytes;
  *count = head->charge_count;
  return (const void *)((const char *)bytes + offsetof(struct sim_books, clients) +
                        (size_t)client_count * sizeof(struct sim_client_row) +
                        (size_t)head->entry_count * sizeof(struct sim_entry_row));
}

void sim_books_hash(const struct sim_books *books, int client_count, uint64_t out[2]) {
  XXH128_hash_t parts[5] = {
      XXH3_128bits(books->clients, (size_t)client_count * sizeof *books->clients),
      XXH3_128bits(books->entries, (size_t)books->entry_count * sizeof *books->entries),
      XXH3_128bits(books->charges, (size_t)books->charge_count * sizeof *books->charges),
      XXH3_128bits(books->toggles, (size_t)books->toggle_count * sizeof *books->toggles),
      XXH3_128bits(books->dead_cards, (size_t)books->dead_card_count * sizeof *books->dead_cards),
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

const struct sim_charge_row *sim_books_pending(const struct sim_books *books, int client) {
  return sim_charges_pending(books->charges, books->charge_count, client);
}
