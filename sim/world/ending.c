#include "ending.h"

#include "language.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

static struct sim_fact *add_fact(struct sim_ending *ending, enum sim_book book, int of,
                                 const char *what) {
  if (ending->line_count == SIM_ENDING_MAX_LINES) {
    ending->overflowed = true;
    return &ending->lines[SIM_ENDING_MAX_LINES - 1];
  }
  struct sim_fact *fact = &ending->lines[ending->line_count++];
  *fact = (struct sim_fact){.book = book,
                            .of = of,
                            .what = what,
                            .tokens = INT64_MIN,
                            .balance_tokens = INT64_MIN,
                            .amount_minor = INT64_MIN,
                            .at_ms = INT64_MIN};
  return fact;
}

/* ---- What happened ---- */

/* Steps that ask for something always have an answer; others only if they fail. */
static void add_answer_facts(const struct sim_machine *machine, struct sim_ending *ending) {
  const struct sim_case *the_case = sim_machine_names(machine)->the_case;
  const struct sim_world *world = sim_machine_world(machine);
  for (int a = 0; a < the_case->actor_count; a++)
    for (int s = 0; s < world->tasks[a].answer_count; s++) {
      enum sim_answer answer = (enum sim_answer)world->tasks[a].answers[s];
      const struct sim_step *step = &the_case->actors[a].steps[s];
      if (!sim_verb_answers_always(step->verb) && answer == SIM_ANSWER_NONE) continue;
      struct sim_fact *fact = add_fact(ending, SIM_BOOK_ANSWER, a, sim_answer_word(answer));
      fact->for_id = step->verb == SIM_SUBMIT ? step->id : NULL;
    }
}

static void add_log_facts(const struct sim_machine *machine, int client,
                          struct sim_ending *ending) {
  const struct sim_names *names = sim_machine_names(machine);
  const struct sim_ledger *ledger = &sim_machine_world(machine)->ledger;
  const struct sim_ledger *given = sim_machine_given(machine);
  int skip = 0;
  for (int i = 0; i < given->entry_count; i++) skip += given->entries[i].client == client;
  for (int i = 0; i < ledger->entry_count; i++) {
    const struct sim_entry_row *entry = &ledger->entries[i];
    if (entry->client != client || skip-- > 0) continue;
    struct sim_fact *fact = add_fact(ending, SIM_BOOK_LOG, client, sim_entries[entry->kind].word);
    fact->tokens = entry->tokens < 0 ? -entry->tokens : entry->tokens;
    fact->balance_tokens = entry->balance_tokens;
    if (entry->amount_minor) fact->amount_minor = entry->amount_minor;
    fact->at_ms = entry->at_ms;
    fact->for_id = entry->action >= 0 ? names->ids[entry->action] : NULL;
  }
}

/* Interned, so that facts own no memory; there are few codes. */
static const char *declined_word(const char *code) {
  static char words[64][RELOAD_CODE_SIZE + 10];
  static int count;
  char word[RELOAD_CODE_SIZE + 10];
  int size = snprintf(word, sizeof word, "declined %s", code);
  if (size < 0 || (size_t)size >= sizeof word) return "declined";
  for (int i = 0; i < count; i++)
    if (strcmp(words[i], word) == 0) return words[i];
  if (count == 64) return "declined";
  memcpy(words[count], word, sizeof word);
  return words[count++];
}

static const char *bank_fact_word(const struct fake_card_intent *intent) {
  switch (intent->result) {
    case FAKE_CARD_RESULT_CAPTURED: return "captured";
    case FAKE_CARD_RESULT_3D_SECURE: return "3D Secure";
    case FAKE_CARD_RESULT_FAILED: return "failed";
    case FAKE_CARD_RESULT_PROCESSING: return "processing";
    case FAKE_CARD_RESULT_DECLINED:
      return strcmp(intent->decline_code, "authentication_required") == 0
                 ? "3D Secure"
                 : declined_word(intent->decline_code);
    case FAKE_CARD_RESULT_NONE: return "never confirmed";
  }
  return "?";
}

static void add_bank_facts(const struct sim_machine *machine, int client,
                           struct sim_ending *ending) {
  const struct sim_case *the_case = sim_machine_names(machine)->the_case;
  const struct fake_card *card = &sim_machine_world(machine)->card;
  for (int no = 1; no <= card->intent_count; no++)
    for (int i = 0; i < card->intent_count; i++) {
      const struct fake_card_intent *intent = &card->intents[i];
      if (intent->is_checkout || intent->confirm_no != no ||
          strcmp(intent->client_id, the_case->clients[client].name) != 0)
        continue;
      struct sim_fact *fact = add_fact(ending, SIM_BOOK_BANK, client, bank_fact_word(intent));
      int action = sim_names_find(sim_machine_names(machine), intent->action_id);
      fact->for_id = action >= 0 ? sim_machine_names(machine)->ids[action] : NULL;
      fact->amount_minor = intent->amount_minor;
      fact->at_ms = intent->confirmed_at_ms;
    }
}

static void add_mail_facts(const struct sim_machine *machine, int client,
                           struct sim_ending *ending) {
  const struct sim_case *the_case = sim_machine_names(machine)->the_case;
  const struct fake_mail *mail = &sim_machine_world(machine)->mail;
  const char *name = the_case->clients[client].name;
  int32_t count = fake_mail_count(mail, name);
  for (int32_t n = 1; n <= count; n++) {
    const struct fake_mail_message *message = fake_mail_nth(mail, name, n);
    if (!message) continue;
    struct sim_fact *fact =
        add_fact(ending, SIM_BOOK_MAIL, client, message->is_on ? "enabled" : "disabled");
    fact->at_ms = message->arrived_at_ms;
  }
}

void sim_ending_of(const struct sim_machine *machine, struct sim_ending *ending) {
  const struct sim_case *the_case = sim_machine_names(machine)->the_case;
  ending->line_count = 0;
  ending->overflowed = false;
  add_answer_facts(machine, ending);
  for (int i = 0; i < the_case->client_count; i++) {
    add_log_facts(machine, i, ending);
    add_bank_facts(machine, i, ending);
    add_mail_facts(machine, i, ending);
    ending->balances[i] = sim_machine_world(machine)->ledger.clients[i].balance_tokens;
  }
}

size_t sim_ending_size(const struct sim_ending *ending) {
  return offsetof(struct sim_ending, lines) + (size_t)ending->line_count * sizeof *ending->lines;
}

uint64_t sim_ending_hash(const struct sim_ending *ending, int client_count) {
  uint64_t hash = XXH3_64bits(ending->balances, (size_t)client_count * sizeof ending->balances[0]);
  for (int i = 0; i < ending->line_count; i++) {
    const struct sim_fact *fact = &ending->lines[i];
    uint64_t words[] = {hash,
                        (uint64_t)fact->book << 32 | (uint64_t)fact->of,
                        sim_text_hash(fact->what),
                        (uint64_t)fact->tokens,
                        (uint64_t)fact->amount_minor,
                        fact->for_id ? sim_text_hash(fact->for_id) : 0};
    hash = XXH3_64bits(words, sizeof words);
  }
  return hash;
}

/* ---- What was expected ---- */

static void expect_answers(const struct sim_case *the_case, const struct sim_outcome *outcome,
                           struct sim_ending *ending) {
  for (int a = 0; a < the_case->actor_count; a++) {
    if (outcome->answers_said[a]) {
      for (int i = 0; i < outcome->line_count; i++)
        if (outcome->lines[i].book == SIM_BOOK_ANSWER && outcome->lines[i].of == a)
          add_fact(ending, SIM_BOOK_ANSWER, a, outcome->lines[i].what);
      continue;
    }
    for (int s = 0; s < the_case->actors[a].step_count; s++) {
      enum sim_answer answer = sim_answer_expected(the_case->actors[a].steps[s].verb);
      if (answer != SIM_ANSWER_NONE) add_fact(ending, SIM_BOOK_ANSWER, a, sim_answer_word(answer));
    }
  }
}

static void expect_book(const struct sim_outcome *outcome, enum sim_book book, int client,
                        struct sim_ending *ending) {
  for (int i = 0; i < outcome->line_count; i++) {
    const struct sim_line *line = &outcome->lines[i];
    if (line->book != book || line->of != client) continue;
    struct sim_fact *fact = add_fact(ending, book, client, line->what);
    fact->tokens = line->tokens;
    fact->for_id = line->for_id;
  }
}

static void expect_bank(const struct sim_outcome *outcome, int client, struct sim_ending *ending) {
  if (outcome->bank_said[client]) {
    expect_book(outcome, SIM_BOOK_BANK, client, ending);
    return;
  }
  for (int i = 0; i < outcome->line_count; i++)
    if (outcome->lines[i].book == SIM_BOOK_LOG && outcome->lines[i].of == client &&
        strcmp(outcome->lines[i].what, "top_up") == 0)
      add_fact(ending, SIM_BOOK_BANK, client, "captured");
}

void sim_ending_expected(const struct sim_case *the_case, const struct sim_outcome *outcome,
                         struct sim_ending *ending) {
  ending->line_count = 0;
  ending->overflowed = false;
  expect_answers(the_case, outcome, ending);
  for (int i = 0; i < the_case->client_count; i++) {
    expect_book(outcome, SIM_BOOK_LOG, i, ending);
    expect_bank(outcome, i, ending);
    expect_book(outcome, SIM_BOOK_MAIL, i, ending);
    ending->balances[i] = outcome->balance_said[i] ? outcome->balance_tokens[i] : INT64_MIN;
  }
}

/* ---- Comparing ---- */

static bool fact_agrees(const struct sim_fact *expected, const struct sim_fact *actual) {
  if (strcmp(expected->what, actual->what) != 0) return false;
  if (expected->tokens != INT64_MIN && expected->tokens != actual->tokens) return false;
  return !expected->for_id || (actual->for_id && strcmp(expected->for_id, actual->for_id) == 0);
}

/* The lines of one book and subject, which stand together. */
static int range_of_facts(const struct sim_ending *ending, enum sim_book book, int of, int *count) {
  int from = 0;
  while (from < ending->line_count &&
         !(ending->lines[from].book == book && ending->lines[from].of == of))
    from++;
  *count = 0;
  while (from + *count < ending->line_count && ending->lines[from + *count].book == book &&
         ending->lines[from + *count].of == of)
    (*count)++;
  return from;
}

static int range_distance(const struct sim_ending *expected, const struct sim_ending *actual,
                          enum sim_book book, int of) {
  int expected_count, actual_count, distance = 0;
  int e = range_of_facts(expected, book, of, &expected_count),
      a = range_of_facts(actual, book, of, &actual_count);
  int both = expected_count < actual_count ? expected_count : actual_count;
  for (int i = 0; i < both; i++)
    distance += !fact_agrees(&expected->lines[e + i], &actual->lines[a + i]);
  return distance + (expected_count - both) + (actual_count - both);
}

int sim_ending_distance(const struct sim_case *the_case, const struct sim_outcome *outcome,
                        const struct sim_ending *expected, const struct sim_ending *actual) {
  int distance = 0;
  for (int a = 0; a < the_case->actor_count; a++)
    distance += range_distance(expected, actual, SIM_BOOK_ANSWER, a);
  for (int i = 0; i < the_case->client_count; i++) {
    distance += range_distance(expected, actual, SIM_BOOK_LOG, i);
    distance += range_distance(expected, actual, SIM_BOOK_BANK, i);
    distance += range_distance(expected, actual, SIM_BOOK_MAIL, i);
    distance += outcome->balance_said[i] && expected->balances[i] != actual->balances[i];
  }
  return distance;
}

uint32_t sim_ending_difference(const struct sim_case *the_case, const struct sim_outcome *outcome,
                               const struct sim_ending *expected, const struct sim_ending *actual) {
  uint32_t books = 0;
  for (int book = SIM_BOOK_ANSWER; book <= SIM_BOOK_MAIL; book++) {
    int count = book == SIM_BOOK_ANSWER ? the_case->actor_count : the_case->client_count;
    for (int of = 0; of < count; of++)
      if (range_distance(expected, actual, (enum sim_book)book, of) > 0) books |= 1u << book;
  }
  for (int i = 0; i < the_case->client_count; i++)
    if (outcome->balance_said[i] && expected->balances[i] != actual->balances[i])
      books |= 1u << SIM_BOOK_LOG;
  return books;
}

struct sim_match sim_ending_match(const struct sim_case *the_case,
                                  const struct sim_ending *actual) {
  static struct sim_ending expected; /* static, as it is too large for a stack */
  struct sim_match match = {.outcome = -1, .nearest = -1};
  int least = INT32_MAX;
  for (int i = 0; i < the_case->outcome_count; i++) {
    sim_ending_expected(the_case, &the_case->outcomes[i], &expected);
    int distance = sim_ending_distance(the_case, &the_case->outcomes[i], &expected, actual);
    if (distance < least) {
      least = distance;
      match.nearest = i;
    }
    if (distance > 0) continue;
    if (match.outcome < 0) match.outcome = i;
    match.matches++;
  }
  return match;
}

bool sim_every_holds(const struct sim_every *every, const struct sim_ending *ending,
                     int64_t *number) {
  *number = sim_ending_measure(ending, every->measure, every->client);
  switch (every->bound) {
    case SIM_AT_MOST: return *number <= every->number;
    case SIM_AT_LEAST: return *number >= every->number;
    case SIM_EXACTLY: break;
  }
  return *number == every->number;
}

int64_t sim_ending_measure(const struct sim_ending *ending, enum sim_measure measure, int client) {
  int64_t number = 0;
  if (measure == SIM_BALANCE) return ending->balances[client];
  for (int i = 0; i < ending->line_count; i++) {
    const struct sim_fact *fact = &ending->lines[i];
    if (fact->of != client) continue;
    if (measure == SIM_MAILS) number += fact->book == SIM_BOOK_MAIL;
    if (measure == SIM_ATTEMPTS) number += fact->book == SIM_BOOK_BANK;
    if (measure == SIM_CHARGES)
      number += fact->book == SIM_BOOK_BANK && strcmp(fact->what, "captured") == 0;
  }
  return number;
}

void sim_ending_hash_text(uint64_t hash, char text[SIM_ENDING_HASH_SIZE]) {
  (void)snprintf(text, SIM_ENDING_HASH_SIZE, "%016" PRIx64, hash);
}
