/* One outcome: exactly what happened, as answers, log, bank, mail and balance; and whether two
 * outcomes can be told apart. */
#include "reader.h"

#include <inttypes.h>
#include <string.h>

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

struct draft { /* an outcome being read */
  struct sim_reader *reader;
  struct sim_outcome *outcome;
  struct sim_line lines[SIM_MAX_LINES];
};

/* A new line, or null after a mistake. */
static struct sim_line *add_line(struct draft *draft, enum sim_book book, int of,
                                 struct sim_json *json) {
  struct sim_line *line;

  if (draft->outcome->line_count == SIM_MAX_LINES) {
    sim_mistake(draft->reader, json, "an outcome may have at most %d lines in all", SIM_MAX_LINES);
    return NULL;
  }
  line = &draft->lines[draft->outcome->line_count++];
  *line = (struct sim_line){.book = book, .of = of, .tokens = INT64_MIN, .place = json->place};
  return line;
}

/* ---- Answers ------------------------------------------------------------------------------ */

static void read_answer(struct draft *draft, struct sim_json *json, int actor) {
  struct sim_line *line;
  int index;

  if (!sim_read_word(draft->reader, json, &sim_answer_words, &index)) return;
  line = add_line(draft, SIM_BOOK_ANSWER, actor, json);
  if (line) line->what = sim_answer_words.list[index];
}

/* The next step from *step on that always answers; null if there is none. */
static const struct sim_words *next_answers(const struct sim_actor *actor, int *step,
                                            const char **well) {
  while (*step < actor->step_count) {
    const struct sim_words *words = sim_verb_answers(actor->steps[(*step)++].verb, well);
    if (words) return words;
  }
  return NULL;
}

/* Any step may answer with an error, but only some answer when all goes well. When there are just
 * as many answers as steps that always answer, each must be a word of its own step. */
static void check_answers(struct draft *draft, struct sim_json *json, int index, int count) {
  const struct sim_actor *actor = &draft->reader->scenario->actors[index];
  struct sim_json *item = json->type == SIM_JSON_ARRAY ? json->first : json;
  const struct sim_words *words;
  const char *well;
  int always = 0, step = 0;

  while (next_answers(actor, &step, &well)) always++;
  if (count < always || count > actor->step_count) {
    sim_mistake(draft->reader, json,
                "\"%s\" gives %d answer%s here, but has %d step%s that answer%s "
                "(submit, turn_on, turn_off, look, forge_event)",
                actor->name, count, count == 1 ? "" : "s", always, always == 1 ? "" : "s",
                always == 1 ? "s" : "");
    return;
  }
  step = 0;
  for (int i = 0; count == always && i < count; i++, item = item->next) {
    words = next_answers(actor, &step, &well);
    if (sim_answer_is_common(item->text) || sim_words_index(words, item->text) >= 0) continue;
    sim_mistake(draft->reader, item, "%s is not an %s: %s", sim_quote(draft->reader, item->text),
                words->noun, sim_expected(draft->reader, words, item->text));
  }
}

static void read_answers(struct draft *draft, struct sim_json *json, int actor) {
  struct sim_reader *reader = draft->reader;
  const bool sure = !reader->failed; /* else steps may be missing */
  int count = 1;

  draft->outcome->answers_said[actor] = true;
  if (json->type == SIM_JSON_STRING) {
    read_answer(draft, json, actor);
  } else if (json->type == SIM_JSON_ARRAY) {
    count = json->count;
    for (struct sim_json *item = json->first; item; item = item->next) {
      read_answer(draft, item, actor);
    }
  } else {
    sim_mistake(reader, json, "expected an answer or a list of answers, not %s",
                sim_json_type_word(json->type));
  }
  if (sure && !reader->failed) check_answers(draft, json, actor, count);
}

/* ---- The books ---------------------------------------------------------------------------- */

static void read_for(struct draft *draft, struct sim_json *json, struct sim_line *line,
                     bool packs_too) {
  const char *id = sim_read_action(draft->reader, json);

  if (!id) return;
  line->for_id = id;
  if (draft->reader->scenario->actor_count > 0 && !draft->reader->failed) {
    sim_check_id(draft->reader, json, id, packs_too);
  }
}

static void read_log_entry(struct draft *draft, struct sim_json *json, int client) {
  struct sim_reader *reader = draft->reader;
  static const char *const list[] = {"top_up", "spend", "pack", "grant", "reversal", "for"};
  static const struct sim_words keys = {"key of a log entry", COUNT(list), list};
  struct sim_json *cause = NULL;
  struct sim_line *line;

  if (!sim_read_type(reader, json, "a log entry", SIM_JSON_OBJECT)) return;
  line = add_line(draft, SIM_BOOK_LOG, client, json);
  if (!line) return;
  for (struct sim_json *member = json->first; member; member = member->next) {
    const int index = sim_read_key(reader, member, "a log entry", &keys);

    if (index < 0) continue;
    if (index == COUNT(list) - 1) {
      cause = member;
    } else if (line->what) {
      sim_mistake_key(reader, member, "a log entry is one thing: it says \"%s\" already",
                      line->what);
    } else {
      line->what = sim_entry_words.list[index];
      bool reversal = strcmp(line->what, "reversal") == 0; /* of less than a token: 0 */
      (void)sim_read_integer(reader, member, "tokens in the log", reversal ? 0 : 1, INT64_MAX,
                             &line->tokens);
    }
  }
  if (!line->what) {
    sim_mistake(reader, json, "this log entry does not say what it is: %s",
                sim_expected(reader, &sim_entry_words, ""));
  } else if (cause && (strcmp(line->what, "pack") == 0 || strcmp(line->what, "grant") == 0)) {
    sim_mistake_key(reader, cause, "a %s is for no action: \"for\" does not fit here", line->what);
  } else if (cause) {
    read_for(draft, cause, line, strcmp(line->what, "reversal") == 0);
  }
}

static void read_book_entry(struct draft *draft, struct sim_json *json, enum sim_book book,
                            int client) {
  const struct sim_words *words = book == SIM_BOOK_BANK ? &sim_bank_words : &sim_mail_words;
  struct sim_line *line;
  int index;

  if (book == SIM_BOOK_LOG) {
    read_log_entry(draft, json, client);
  } else if (sim_read_word(draft->reader, json, words, &index)) {
    line = add_line(draft, book, client, json);
    if (line) line->what = words->list[index];
  }
}

static void read_book_of(struct draft *draft, struct sim_json *json, enum sim_book book,
                         int client) {
  if (!sim_read_type(draft->reader, json, sim_book_word(book), SIM_JSON_ARRAY)) return;
  if (book == SIM_BOOK_BANK) draft->outcome->bank_said[client] = true;
  for (struct sim_json *item = json->first; item; item = item->next) {
    read_book_entry(draft, item, book, client);
  }
}

/* Is the client that this value is of clear without a name? Else a mistake. */
static bool has_one_client(struct sim_reader *reader, struct sim_json *json) {
  if (reader->scenario->client_count == 1) return true;
  if (reader->scenario->client_count > 1) {
    sim_mistake(reader, json,
                "there are several clients: say whose \"%s\" it is, as in {\"%s\": ...}", json->key,
                reader->scenario->clients[0].name);
  }
  return false;
}

static void read_book(struct draft *draft, struct sim_json *json, enum sim_book book) {
  struct sim_reader *reader = draft->reader;

  if (json->type == SIM_JSON_ARRAY) {
    if (has_one_client(reader, json)) read_book_of(draft, json, book, 0);
    return;
  }
  if (json->type != SIM_JSON_OBJECT) {
    sim_mistake(reader, json,
                "\"%s\" must be a list, or an object with a list for each client, not "
                "%s",
                json->key, sim_json_type_word(json->type));
    return;
  }
  for (struct sim_json *member = json->first; member; member = member->next) {
    const int client = sim_read_client(reader, member, true);
    if (client >= 0) read_book_of(draft, member, book, client);
  }
}

static void read_balance_of(struct draft *draft, struct sim_json *json, int client) {
  if (!sim_read_integer(draft->reader, json, "\"balance\"", -INT64_MAX, INT64_MAX,
                        &draft->outcome->balance_tokens[client])) {
    return;
  }
  draft->outcome->balance_said[client] = true;
}

static void read_balance(struct draft *draft, struct sim_json *json) {
  struct sim_reader *reader = draft->reader;

  if (json->type != SIM_JSON_OBJECT) {
    if (has_one_client(reader, json)) read_balance_of(draft, json, 0);
    return;
  }
  for (struct sim_json *member = json->first; member; member = member->next) {
    const int client = sim_read_client(reader, member, true);
    if (client >= 0) read_balance_of(draft, member, client);
  }
}

/* ---- An outcome --------------------------------------------------------------------------- */

static void read_outcome_key(struct draft *draft, struct sim_json *json) {
  const struct sim_case *scenario = draft->reader->scenario;
  const char *list[SIM_MAX_ACTORS + 4];
  struct sim_words keys = {"key", 0, list};
  int index;

  for (int i = 0; i < scenario->actor_count; i++) list[keys.count++] = scenario->actors[i].name;
  list[keys.count++] = "log";
  list[keys.count++] = "bank";
  list[keys.count++] = "mail";
  list[keys.count++] = "balance";
  index = sim_words_index(&keys, json->key);
  if (index < 0) {
    sim_mistake_key(draft->reader, json, "%s is neither an actor nor a book: %s",
                    sim_quote(draft->reader, json->key),
                    sim_expected(draft->reader, &keys, json->key));
    return;
  }
  switch (index - scenario->actor_count) {
    case 0: read_book(draft, json, SIM_BOOK_LOG); break;
    case 1: read_book(draft, json, SIM_BOOK_BANK); break;
    case 2: read_book(draft, json, SIM_BOOK_MAIL); break;
    case 3: read_balance(draft, json); break;
    default: read_answers(draft, json, index); break;
  }
}

/* The balance that the log leads to; false if it overflows. */
static bool sum_log(const struct sim_case *scenario, const struct sim_outcome *outcome, int client,
                    int64_t *balance) {
  *balance = scenario->clients[client].balance_tokens;
  for (int i = 0; i < outcome->line_count; i++) {
    const struct sim_line *line = &outcome->lines[i];
    const bool takes =
        line->what && (strcmp(line->what, "spend") == 0 || strcmp(line->what, "reversal") == 0);

    if (line->book != SIM_BOOK_LOG || line->of != client) continue;
    if (__builtin_add_overflow(*balance, takes ? -line->tokens : line->tokens, balance))
      return false;
  }
  return true;
}

static void check_balances(struct draft *draft, struct sim_json *json) {
  struct sim_json *balance = sim_json_get(json, "balance");
  const struct sim_case *scenario = draft->reader->scenario;

  for (int i = 0; balance && i < scenario->client_count; i++) {
    struct sim_json *value = balance->type == SIM_JSON_OBJECT
                                 ? sim_json_get(balance, scenario->clients[i].name)
                                 : balance;
    int64_t sum;

    if (!value || !draft->outcome->balance_said[i]) continue;
    if (!sum_log(scenario, draft->outcome, i, &sum)) {
      sim_mistake(draft->reader, value, "the log adds up to more than 64 bits");
    } else if (sum != draft->outcome->balance_tokens[i]) {
      sim_mistake(draft->reader, value,
                  "given %" PRId64 " tokens, this log leads to a balance of %" PRId64
                  ", not %" PRId64,
                  scenario->clients[i].balance_tokens, sum, draft->outcome->balance_tokens[i]);
    }
  }
}

/* Neither state is the one that "went well": a look that is not said could never be met. */
static void check_looks(struct draft *draft, struct sim_json *json) {
  const struct sim_case *scenario = draft->reader->scenario;

  for (int a = 0; a < scenario->actor_count; a++) {
    const struct sim_actor *actor = &scenario->actors[a];

    if (draft->outcome->answers_said[a]) continue;
    for (int s = 0; s < actor->step_count; s++) {
      if (actor->steps[s].verb != SIM_LOOK) continue;
      sim_mistake_key(draft->reader, json,
                      "this outcome does not say what \"%s\" sees: a look answers \"Enabled\" or "
                      "\"Disabled\"",
                      actor->name);
      break;
    }
  }
}

void sim_read_outcome(struct sim_reader *reader, struct sim_json *json,
                      struct sim_outcome *outcome) {
  struct draft *draft;

  if (!sim_read_type(reader, json, "an outcome", SIM_JSON_OBJECT)) return;
  draft = sim_arena_alloc(&reader->suite->scratch, 1, sizeof(*draft));
  if (!draft) return;
  draft->reader = reader;
  draft->outcome = outcome;
  for (struct sim_json *member = json->first; member; member = member->next) {
    read_outcome_key(draft, member);
  }
  outcome->lines =
      sim_arena_alloc(&reader->suite->keep, (size_t)outcome->line_count, sizeof(*outcome->lines));
  if (!outcome->lines) return;
  memcpy(outcome->lines, draft->lines, (size_t)outcome->line_count * sizeof(*outcome->lines));
  if (reader->failed) return;
  check_balances(draft, json);
  check_looks(draft, json);
}

/* ---- Two outcomes that say the same -------------------------------------------------------- */

/* What an outcome says of one subject in one book, with what is meant when it says nothing. */
struct said {
  int count;
  struct sim_line lines[SIM_MAX_LINES];
};

static void add_said(struct said *said, const struct sim_line *line) {
  if (said->count < SIM_MAX_LINES) said->lines[said->count++] = *line;
}

static void add_unsaid_answers(const struct sim_actor *actor, struct said *said) {
  const char *well;
  int step = 0;

  while (next_answers(actor, &step, &well)) {
    add_said(said, &(struct sim_line){.what = well, .tokens = INT64_MIN});
  }
}

static void collect(const struct sim_case *scenario, const struct sim_outcome *outcome,
                    enum sim_book book, int of, struct said *said) {
  static const struct sim_line captured = {.what = "captured", .tokens = INT64_MIN};
  const bool bank_unsaid = book == SIM_BOOK_BANK && !outcome->bank_said[of];

  said->count = 0;
  for (int i = 0; i < outcome->line_count; i++) {
    const struct sim_line *line = &outcome->lines[i];

    if (line->of != of) continue;
    if (line->book == book) {
      add_said(said, line);
    } else if (bank_unsaid && line->book == SIM_BOOK_LOG && strcmp(line->what, "top_up") == 0) {
      add_said(said, &captured);
    }
  }
  if (book == SIM_BOOK_ANSWER && !outcome->answers_said[of]) {
    add_unsaid_answers(&scenario->actors[of], said);
  }
}

static bool same_text(const char *a, const char *b) {
  return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_subject(const struct sim_case *scenario, const struct sim_outcome *a,
                         const struct sim_outcome *b, enum sim_book book, int of) {
  struct said left, right;

  collect(scenario, a, book, of, &left);
  collect(scenario, b, book, of, &right);
  if (left.count != right.count) return false;
  for (int i = 0; i < left.count; i++) {
    const struct sim_line *l = &left.lines[i], *r = &right.lines[i];

    if (!same_text(l->what, r->what) || l->tokens != r->tokens ||
        !same_text(l->for_id, r->for_id)) {
      return false;
    }
  }
  return true;
}

static bool same_outcome(const struct sim_case *scenario, const struct sim_outcome *a,
                         const struct sim_outcome *b) {
  for (int i = 0; i < scenario->actor_count; i++) {
    if (!same_subject(scenario, a, b, SIM_BOOK_ANSWER, i)) return false;
  }
  for (int i = 0; i < scenario->client_count; i++) {
    if (!same_subject(scenario, a, b, SIM_BOOK_LOG, i) ||
        !same_subject(scenario, a, b, SIM_BOOK_BANK, i) ||
        !same_subject(scenario, a, b, SIM_BOOK_MAIL, i)) {
      return false;
    }
  }
  return true; /* balances follow from the logs */
}

void sim_check_outcomes(struct sim_reader *reader) {
  const struct sim_case *scenario = reader->scenario;

  for (int i = 1; i < scenario->outcome_count; i++) {
    for (int j = 0; j < i; j++) {
      const struct sim_outcome *outcome = &scenario->outcomes[i], *other = &scenario->outcomes[j];

      if (!same_outcome(scenario, outcome, other)) continue;
      sim_mistake_at(reader, outcome->place,
                     "the outcome %s says the same as %s in line %d: one "
                     "could never be told from the other",
                     sim_quote(reader, outcome->name), sim_quote(reader, other->name),
                     other->place.line);
      break;
    }
  }
}
