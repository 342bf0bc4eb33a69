/* Reading an outcome (answers, log, bank, mail and balance), and checking that two outcomes
 * differ. */
#include "reader.h"

#include <inttypes.h>
#include <string.h>

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
    sim_mistake(draft->reader, json, "an outcome may have at most %d lines", SIM_MAX_LINES);
    return NULL;
  }
  line = &draft->lines[draft->outcome->line_count++];
  *line = (struct sim_line){.book = book, .of = of, .tokens = INT64_MIN, .place = json->place};
  return line;
}

/* ---- Answers ------------------------------------------------------------------------------ */

/* The verb of the next step, from *step on, that always answers; -1 if there is none. */
static int next_asked(const struct sim_actor *actor, int *step) {
  while (*step < actor->step_count) {
    const enum sim_verb verb = actor->steps[(*step)++].verb;
    if (sim_verb_answers_always(verb)) return (int)verb;
  }
  return -1;
}

static int count_asked(const struct sim_actor *actor) {
  int count = 0, step = 0;

  while (next_asked(actor, &step) >= 0) count++;
  return count;
}

/* The possible words of an answer: of a verb its own words and those of all steps; without a verb
 * the words of every step. */
static struct sim_words possible_answers(int verb, const char *list[SIM_ANSWER_COUNT]) {
  struct sim_words words = sim_answer_words;

  if (verb < 0) return words;
  words = sim_verb_answers((enum sim_verb)verb, list);
  for (int i = 0; i < SIM_ANSWER_COUNT; i++) {
    if (sim_answers[i].verb == SIM_ANY_VERB) list[words.count++] = sim_answers[i].word;
  }
  return words;
}

static void read_answer(struct draft *draft, struct sim_json *json, int actor, int verb) {
  const char *list[SIM_ANSWER_COUNT];
  const struct sim_words words = possible_answers(verb, list);
  struct sim_line *line;
  int index;

  if (!sim_read_word(draft->reader, json, &words, &index)) return;
  line = add_line(draft, SIM_BOOK_ANSWER, actor, json);
  if (line) line->what = words.list[index];
}

/* Every step may answer with an error, but only some answer when all goes well. */
static bool is_right_count(struct draft *draft, struct sim_json *json, int index, int count) {
  const struct sim_actor *actor = &draft->reader->scenario->actors[index];
  struct sim_arena *scratch = &draft->reader->suite->scratch;
  const int always = count_asked(actor);
  const char *verbs = "";

  if (count >= always && count <= actor->step_count) return true;
  for (int i = 0; i < SIM_VERB_COUNT; i++) {
    if (!sim_verb_answers_always((enum sim_verb)i)) continue;
    verbs = sim_arena_format(scratch, "%s%s%s", verbs, *verbs ? ", " : "", sim_verbs[i].word);
  }
  sim_mistake(draft->reader, json,
              "\"%s\" gives %d answer%s here, but has %d step%s that answer%s (%s)", actor->name,
              count, count == 1 ? "" : "s", always, always == 1 ? "" : "s", always == 1 ? "s" : "",
              verbs);
  return false;
}

/* If there are as many answers as steps that always answer, each belongs to one step. If the file
 * already has mistakes, steps may be missing, so this is not known. */
static void read_answers(struct draft *draft, struct sim_json *json, int index) {
  const struct sim_actor *actor = &draft->reader->scenario->actors[index];
  struct sim_json *item = json->type == SIM_JSON_ARRAY ? json->first : json;
  const int count = json->type == SIM_JSON_ARRAY ? json->count : 1;
  const bool sure = !draft->reader->failed;
  const bool each = sure && count == count_asked(actor);
  int step = 0;

  draft->outcome->answers_said[index] = true;
  if (json->type != SIM_JSON_ARRAY && json->type != SIM_JSON_STRING) {
    sim_mistake(draft->reader, json, "expected an answer or a list of answers, not %s",
                sim_json_type_word(json->type));
    return;
  }
  if (sure && !is_right_count(draft, json, index, count)) return;
  for (int i = 0; i < count; i++, item = item->next) {
    read_answer(draft, item, index, each ? next_asked(actor, &step) : -1);
  }
}

/* ---- The ledger ---------------------------------------------------------------------------- */

static void read_for(struct draft *draft, struct sim_json *json, struct sim_line *line,
                     bool packs_too) {
  const char *id = sim_read_action(draft->reader, json);

  if (!id) return;
  line->for_id = id;
  if (draft->reader->scenario->actor_count > 0 && !draft->reader->failed) {
    sim_check_id(draft->reader, json, id, packs_too);
  }
}

/* The kind of an entry and its tokens. */
static void read_entry_kind(struct draft *draft, struct sim_json *member, int index,
                            struct sim_line *line) {
  if (line->what) {
    sim_mistake_key(draft->reader, member, "a log entry has one kind: it already has \"%s\"",
                    line->what);
    return;
  }
  line->what = sim_entries[index].word;
  (void)sim_read_integer(draft->reader, member, "tokens in the log", sim_entries[index].least,
                         INT64_MAX, &line->tokens);
}

static void read_log_entry(struct draft *draft, struct sim_json *json, int client) {
  struct sim_reader *reader = draft->reader;
  const char *list[SIM_ENTRY_COUNT + 1];
  struct sim_words keys = {"key of a log entry", 0, list};
  struct sim_json *cause = NULL;
  struct sim_line *line;
  int kind = -1;

  if (!sim_read_type(reader, json, "a log entry", SIM_JSON_OBJECT)) return;
  line = add_line(draft, SIM_BOOK_LOG, client, json);
  if (!line) return;
  for (int i = 0; i < SIM_ENTRY_COUNT; i++) list[keys.count++] = sim_entries[i].word;
  list[keys.count++] = "for";
  for (struct sim_json *member = json->first; member; member = member->next) {
    const int index = sim_read_key(reader, member, "a log entry", &keys);

    if (index == SIM_ENTRY_COUNT) cause = member;
    if (index < 0 || index == SIM_ENTRY_COUNT) continue;
    if (kind < 0) kind = index;
    read_entry_kind(draft, member, index, line);
  }
  if (kind < 0) {
    sim_mistake(reader, json, "this log entry has no kind: %s",
                sim_expected(reader, &sim_entry_words, ""));
  } else if (cause && sim_entries[kind].cause == SIM_CAUSE_NOTHING) {
    sim_mistake_key(reader, cause, "a %s belongs to no action: remove \"for\"", line->what);
  } else if (cause) {
    read_for(draft, cause, line, sim_entries[kind].cause == SIM_CAUSE_PAID);
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

/* Whether there is only one client, so that this value needs no name; else a mistake. */
static bool has_one_client(struct sim_reader *reader, struct sim_json *json) {
  if (reader->scenario->client_count == 1) return true;
  if (reader->scenario->client_count > 1) {
    sim_mistake(reader, json,
                "there are several clients: name the client of \"%s\", as in {\"%s\": ...}",
                json->key, reader->scenario->clients[0].name);
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

/* The actors, then the ledger but for the answers, then the balance. */
static void read_outcome_key(struct draft *draft, struct sim_json *json) {
  const struct sim_case *scenario = draft->reader->scenario;
  const char *list[SIM_MAX_ACTORS + SIM_OUTCOME_WORDS];
  struct sim_words keys = {"key", 0, list};
  int index;

  for (int i = 0; i < scenario->actor_count; i++) list[keys.count++] = scenario->actors[i].name;
  for (int i = 0; i < SIM_OUTCOME_WORDS; i++) list[keys.count++] = sim_outcome_words.list[i];
  index = sim_words_index(&keys, json->key);
  if (index < 0) {
    sim_mistake_key(draft->reader, json, "%s is neither an actor nor a key of outcomes: %s",
                    sim_quote(draft->reader, json->key),
                    sim_expected(draft->reader, &keys, json->key));
  } else if (index < scenario->actor_count) {
    read_answers(draft, json, index);
  } else if (index == keys.count - 1) {
    read_balance(draft, json);
  } else {
    read_book(draft, json, (enum sim_book)(SIM_BOOK_LOG + index - scenario->actor_count));
  }
}

/* The balance that the log leads to; false if it overflows. */
static bool sum_log(const struct sim_case *scenario, const struct sim_outcome *outcome, int client,
                    int64_t *balance) {
  *balance = scenario->clients[client].balance_tokens;
  for (int i = 0; i < outcome->line_count; i++) {
    const struct sim_line *line = &outcome->lines[i];
    int kind;

    if (line->book != SIM_BOOK_LOG || line->of != client || !line->what) continue;
    kind = sim_words_index(&sim_entry_words, line->what);
    if (__builtin_add_overflow(*balance, sim_entries[kind].sign * line->tokens, balance))
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

/* A step such as a look has no normal answer: an outcome without its answer could never match. */
static void check_looks(struct draft *draft, struct sim_json *json) {
  const struct sim_case *scenario = draft->reader->scenario;
  const char *list[SIM_ANSWER_COUNT];

  for (int a = 0; a < scenario->actor_count; a++) {
    const struct sim_actor *actor = &scenario->actors[a];
    int step = 0;

    if (draft->outcome->answers_said[a]) continue;
    for (int verb; (verb = next_asked(actor, &step)) >= 0;) {
      if (sim_answer_expected((enum sim_verb)verb) != SIM_ANSWER_NONE) continue;
      const struct sim_words words = sim_verb_answers((enum sim_verb)verb, list);
      sim_mistake_key(draft->reader, json,
                      "this outcome has no answer of \"%s\" to the step \"%s\": %s", actor->name,
                      sim_verbs[verb].word, sim_expected(draft->reader, &words, ""));
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

/* ---- Equal outcomes -------------------------------------------------------- */

/* The lines of an outcome of one kind and subject, with the defaults for what it leaves out. */
struct said {
  int count;
  struct sim_line lines[SIM_MAX_LINES];
};

static void add_said(struct said *said, const struct sim_line *line) {
  if (said->count < SIM_MAX_LINES) said->lines[said->count++] = *line;
}

static void add_unsaid_answers(const struct sim_actor *actor, struct said *said) {
  int step = 0;

  for (int verb; (verb = next_asked(actor, &step)) >= 0;) {
    const enum sim_answer well = sim_answer_expected((enum sim_verb)verb);
    add_said(said, &(struct sim_line){.what = sim_answer_word(well), .tokens = INT64_MIN});
  }
}

static void collect_lines(const struct sim_case *scenario, const struct sim_outcome *outcome,
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

  collect_lines(scenario, a, book, of, &left);
  collect_lines(scenario, b, book, of, &right);
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
      sim_mistake_at(
          reader, outcome->place,
          "the outcome %s is the same as %s in line %d: remove one, or make one more specific",
          sim_quote(reader, outcome->name), sim_quote(reader, other->name), other->place.line);
      break;
    }
  }
}
