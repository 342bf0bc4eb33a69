/* See case_json.h. The counterpart of scenario*.c: what these read is written here. */
#include "case_json.h"

#include "time_text.h"
#include "words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct writer {
  const struct sim_case *the_case;
  bool failed; /* memory ran out somewhere */
};

/* ---- Values ---- */

static void set(struct writer *writer, json_t *object, const char *key, json_t *value) {
  if (json_object_set_new(object, key, value) != 0) writer->failed = true;
}

static void set_text(struct writer *writer, json_t *object, const char *key, const char *text) {
  set(writer, object, key, json_string(text));
}

static void set_number(struct writer *writer, json_t *object, const char *key, int64_t number) {
  set(writer, object, key, json_integer(number));
}

static void append(struct writer *writer, json_t *array, json_t *value) {
  if (json_array_append_new(array, value) != 0) writer->failed = true;
}

/* "45 s": in the largest unit that leaves a whole number. */
static json_t *duration_json(int64_t duration_ms) {
  static const struct {
    const char *word;
    int64_t ms;
  } units[] = {{"d", 86400000}, {"h", 3600000}, {"min", 60000}, {"s", 1000}, {"ms", 1}};
  size_t u = 0;
  while (units[u].ms > 1 && duration_ms % units[u].ms != 0) u++;
  return json_sprintf("%" PRId64 " %s", duration_ms / units[u].ms, units[u].word);
}

static json_t *jump_json(int64_t duration_ms) {
  json_t *far = duration_json(duration_ms < 0 ? -duration_ms : duration_ms);
  json_t *jump =
      far ? json_sprintf("%c%s", duration_ms < 0 ? '-' : '+', json_string_value(far)) : NULL;
  json_decref(far);
  return jump;
}

/* A scenario's clock begins at a whole second. */
static json_t *instant_json(int64_t at_ms) {
  char text[SIM_TIME_SIZE];
  sim_time_text(at_ms, text);
  return json_sprintf("%.19sZ", text);
}

/* ---- The world before ---- */

static void write_settings(struct writer *writer, json_t *root) {
  const struct sim_case *the_case = writer->the_case;
  static struct sim_case plain; /* too large for a stack */
  json_t *settings = json_object();
  memset(&plain, 0, sizeof plain);
  sim_case_begin(&plain);
  if (the_case->start_ms != plain.start_ms)
    set(writer, root, "clock", instant_json(the_case->start_ms));
  if (the_case->top_up_tokens != plain.top_up_tokens)
    set_number(writer, settings, "top_up_tokens", the_case->top_up_tokens);
  if (the_case->top_up_price_minor != plain.top_up_price_minor)
    set_number(writer, settings, "top_up_price", the_case->top_up_price_minor);
  if (strcmp(the_case->currency, plain.currency) != 0)
    set_text(writer, settings, "currency", the_case->currency);
  if (the_case->wait_limit_ms != plain.wait_limit_ms)
    set(writer, settings, "wait_limit", duration_json(the_case->wait_limit_ms));
  if (the_case->attempt_limit_ms != plain.attempt_limit_ms)
    set(writer, settings, "attempt_limit", duration_json(the_case->attempt_limit_ms));
  if (json_object_size(settings) > 0)
    set(writer, root, "settings", settings);
  else
    json_decref(settings);
}

static json_t *given_json(struct writer *writer) {
  json_t *given = json_object();
  for (int i = 0; i < writer->the_case->client_count; i++) {
    const struct sim_client *client = &writer->the_case->clients[i];
    json_t *told = json_object();
    if (strcmp(client->owner, "olga") != 0) set_text(writer, told, "owner", client->owner);
    set_number(writer, told, "balance", client->balance_tokens);
    set_text(writer, told, "plan", sim_plan_word(client->plan));
    set_text(writer, told, "card", client->card ? client->card : "none");
    set_text(writer, told, "auto_reload", client->auto_reload ? "on" : "off");
    set(writer, given, client->name, told);
  }
  return given;
}

static json_t *site_json(struct writer *writer, const struct sim_site_faults *faults) {
  if (faults->mood != SIM_MOOD_MAY)
    return json_pack("{s:s}", faults->mood == SIM_MOOD_FIRST ? "first" : "always",
                     faults->faults[0].text);
  json_t *may = json_array();
  for (int i = 0; i < faults->count; i++) append(writer, may, json_string(faults->faults[i].text));
  return may;
}

static void write_faults(struct writer *writer, json_t *root) {
  json_t *faults = json_object();
  if (writer->the_case->fault_limit != 1)
    set_number(writer, faults, "at_most", writer->the_case->fault_limit);
  if (writer->the_case->undeclared_faults > 0)
    set_text(writer, faults, "undeclared",
             sim_undeclared_words.list[writer->the_case->undeclared_faults]);
  for (int site = 0; site < SIM_SITE_COUNT; site++)
    if (writer->the_case->sites[site].mood != SIM_MOOD_NEVER)
      set(writer, faults, sim_site_word((enum sim_site)site),
          site_json(writer, &writer->the_case->sites[site]));
  if (json_object_size(faults) > 0)
    set(writer, root, "faults", faults);
  else
    json_decref(faults);
}

/* ---- Steps ---- */

/* Steps of the world name a process only to be clear about the order in which processes are met. */
static bool is_of_the_world(enum sim_verb verb) { return verb >= SIM_WAIT; }

/* The first process that a step of its own meets; -1: none. */
static int first_process(const struct sim_case *the_case) {
  for (int a = 0; a < the_case->actor_count; a++)
    for (int s = 0; s < the_case->actors[a].step_count; s++)
      if (!is_of_the_world(the_case->actors[a].steps[s].verb))
        return the_case->actors[a].steps[s].process;
  return -1;
}

static bool names_process(const struct sim_case *the_case, const struct sim_step *step) {
  if (step->verb == SIM_CRASH) return false; /* it is what the verb says */
  bool is_web = strcmp(the_case->processes[step->process], "web") == 0;
  if (!is_of_the_world(step->verb)) return !is_web;
  int first = first_process(the_case);
  return step->process != 0 || (first < 0 ? !is_web : first != 0);
}

/* What stands behind the verb. */
static json_t *value_json(const struct sim_case *the_case, const struct sim_step *step) {
  switch (step->verb) {
    case SIM_SUBMIT:
    case SIM_REFUND:
    case SIM_DISPUTE:
    case SIM_AUTHENTICATE:
    case SIM_FORGE_EVENT: return json_string(step->id);
    case SIM_TURN_ON:
    case SIM_TURN_OFF:
    case SIM_LOOK:
    case SIM_SET_CARD:
    case SIM_REMOVE_CARD:
    case SIM_SET_PLAN:
    case SIM_BUY_PACK:
    case SIM_CHANGE_PLAN:
    case SIM_RENEW: return json_string(the_case->clients[step->client].name);
    case SIM_DELIVER_EVENTS: return json_string(sim_event_words.list[step->event_order]);
    case SIM_WAIT:
    case SIM_GATEWAY_DOWN:
    case SIM_MAIL_DOWN: return duration_json(step->duration_ms);
    case SIM_CLOCK: return jump_json(step->duration_ms);
    case SIM_CRASH: return json_string(the_case->processes[step->process]);
    case SIM_RECOVER:
    case SIM_DELIVER_MAIL:
    case SIM_POWER_CUT: break;
  }
  return json_true();
}

/* An id that the reader would not give by itself: pack-ana-1, cycle-ana-1. */
static void write_id(struct writer *writer, json_t *told, const struct sim_step *step,
                     const char *actor, int step_no) {
  char usual[SIM_MAX_STEPS + 80];
  int size = snprintf(usual, sizeof usual, "%s-%s-%d", step->verb == SIM_RENEW ? "cycle" : "pack",
                      actor, step_no);
  if (size < 0 || (size_t)size >= sizeof usual || strcmp(usual, step->id) != 0)
    set_text(writer, told, "id", step->id);
}

static void write_card(struct writer *writer, json_t *told, const struct sim_step *step) {
  if (strcmp(step->card, sim_card_words.list[0]) != 0) set_text(writer, told, "card", step->card);
}

/* The keys beside the verb that only some verbs have. */
static void write_own_keys(struct writer *writer, json_t *told, const struct sim_step *step,
                           const char *actor, int step_no) {
  switch ((int)step->verb) {
    case SIM_SUBMIT:
      set_text(writer, told, "to", writer->the_case->clients[step->client].name);
      set_number(writer, told, "cost", step->amount);
      if (strcmp(step->kind, sim_kind_words.list[0]) != 0)
        set_text(writer, told, "kind", step->kind);
      break;
    case SIM_SET_CARD: set_text(writer, told, "card", step->card); break;
    case SIM_SET_PLAN: set_text(writer, told, "plan", sim_plan_word(step->plan)); break;
    case SIM_BUY_PACK:
      set_number(writer, told, "tokens", step->amount);
      if (step->price_minor != SIM_PACK_PRICE_MINOR)
        set_number(writer, told, "price", step->price_minor);
      write_card(writer, told, step);
      write_id(writer, told, step, actor, step_no);
      break;
    case SIM_CHANGE_PLAN:
      if (step->plan != SIM_PLAN_ACTIVE) set_text(writer, told, "plan", sim_plan_word(step->plan));
      write_card(writer, told, step);
      break;
    case SIM_RENEW:
      set_number(writer, told, "tokens", step->amount);
      write_id(writer, told, step, actor, step_no);
      break;
    case SIM_REFUND:
      if (step->amount != 0) set_number(writer, told, "amount", step->amount);
      break;
    case SIM_DISPUTE: set_text(writer, told, "outcome", step->dispute_won ? "won" : "lost"); break;
    default: break;
  }
}

static json_t *after_json(struct writer *writer, uint32_t after) {
  json_t *names = json_array();
  for (int a = 0; a < writer->the_case->actor_count; a++)
    if (after & 1u << a) append(writer, names, json_string(writer->the_case->actors[a].name));
  if (json_array_size(names) != 1) return names;
  json_t *only = json_incref(json_array_get(names, 0));
  json_decref(names);
  return only;
}

static json_t *step_json(struct writer *writer, const struct sim_actor *actor, int index) {
  const struct sim_step *step = &actor->steps[index];
  json_t *told = json_object();
  set(writer, told, sim_verb_word(step->verb), value_json(writer->the_case, step));
  write_own_keys(writer, told, step, actor->name, index + 1);
  if (names_process(writer->the_case, step))
    set_text(writer, told, "on", writer->the_case->processes[step->process]);
  if (step->after) set(writer, told, "after", after_json(writer, step->after));
  return told;
}

static json_t *when_json(struct writer *writer) {
  json_t *when = json_object();
  for (int a = 0; a < writer->the_case->actor_count; a++) {
    const struct sim_actor *actor = &writer->the_case->actors[a];
    json_t *steps = json_array();
    for (int s = 0; s < actor->step_count; s++) append(writer, steps, step_json(writer, actor, s));
    set(writer, when, actor->name, steps);
  }
  return when;
}

/* ---- How it may end ---- */

static json_t *bound_json(const struct sim_every *every) {
  if (every->bound == SIM_EXACTLY) return json_integer(every->number);
  return json_sprintf("at %s %" PRId64, every->bound == SIM_AT_MOST ? "most" : "least",
                      every->number);
}

static json_t *every_json(struct writer *writer) {
  json_t *all = json_object();
  for (int i = 0; i < writer->the_case->every_count; i++) {
    const struct sim_every *every = &writer->the_case->every[i];
    const char *measure = sim_measure_words.list[every->measure];
    if (!json_object_get(all, measure)) set(writer, all, measure, json_object());
    set(writer, json_object_get(all, measure), writer->the_case->clients[every->client].name,
        bound_json(every));
  }
  return all;
}

static json_t *line_json(struct writer *writer, const struct sim_line *line) {
  if (line->book != SIM_BOOK_LOG) return json_string(line->what);
  json_t *entry = json_object();
  set_number(writer, entry, line->what, line->tokens);
  if (line->for_id) set_text(writer, entry, "for", line->for_id);
  return entry;
}

static json_t *lines_json(struct writer *writer, const struct sim_outcome *outcome,
                          enum sim_book book, int of) {
  json_t *lines = json_array();
  for (int i = 0; i < outcome->line_count; i++)
    if (outcome->lines[i].book == book && outcome->lines[i].of == of)
      append(writer, lines, line_json(writer, &outcome->lines[i]));
  return lines;
}

static void write_answers(struct writer *writer, json_t *told, const struct sim_outcome *outcome) {
  for (int a = 0; a < writer->the_case->actor_count; a++) {
    if (!outcome->answers_said[a]) continue;
    json_t *answers = lines_json(writer, outcome, SIM_BOOK_ANSWER, a);
    json_t *only = json_array_size(answers) == 1 ? json_incref(json_array_get(answers, 0)) : NULL;
    set(writer, told, writer->the_case->actors[a].name, only ? only : json_incref(answers));
    json_decref(answers);
  }
}

/* A book, or the balances: with one client without its name. */
static void write_by_client(struct writer *writer, json_t *told, const char *key, json_t *clients) {
  json_t *value = clients;
  if (writer->the_case->client_count == 1)
    value = json_object_get(clients, writer->the_case->clients[0].name);
  if (json_object_size(clients) > 0) set(writer, told, key, json_incref(value));
  json_decref(clients);
}

static void write_book(struct writer *writer, json_t *told, const struct sim_outcome *outcome,
                       enum sim_book book) {
  json_t *clients = json_object();
  for (int i = 0; i < writer->the_case->client_count; i++) {
    json_t *lines = lines_json(writer, outcome, book, i);
    if (json_array_size(lines) > 0 || (book == SIM_BOOK_BANK && outcome->bank_said[i]))
      set(writer, clients, writer->the_case->clients[i].name, json_incref(lines));
    json_decref(lines);
  }
  write_by_client(writer, told, sim_book_word(book), clients);
}

static json_t *outcome_json(struct writer *writer, const struct sim_outcome *outcome) {
  json_t *told = json_object(), *balances = json_object();
  write_answers(writer, told, outcome);
  write_book(writer, told, outcome, SIM_BOOK_LOG);
  write_book(writer, told, outcome, SIM_BOOK_BANK);
  write_book(writer, told, outcome, SIM_BOOK_MAIL);
  for (int i = 0; i < writer->the_case->client_count; i++)
    if (outcome->balance_said[i])
      set_number(writer, balances, writer->the_case->clients[i].name, outcome->balance_tokens[i]);
  write_by_client(writer, told, "balance", balances);
  return told;
}

static json_t *then_json(struct writer *writer) {
  json_t *then = json_object(), *outcomes = json_object();
  if (writer->the_case->every_count > 0) set(writer, then, "every", every_json(writer));
  for (int i = 0; i < writer->the_case->outcome_count; i++)
    set(writer, outcomes, writer->the_case->outcomes[i].name,
        outcome_json(writer, &writer->the_case->outcomes[i]));
  if (writer->the_case->may && writer->the_case->outcome_count == 0)
    set_text(writer, then, "may", "anything");
  else
    set(writer, then, writer->the_case->may ? "may" : "outcomes", json_incref(outcomes));
  json_decref(outcomes);
  return then;
}

/* ---- All of it ---- */

json_t *sim_case_json(const struct sim_case *the_case) {
  struct writer writer = {.the_case = the_case};
  json_t *root = json_object(), *rules = json_array();
  set_text(&writer, root, "$schema", "../scenario.schema.json");
  set_text(&writer, root, "title", the_case->title);
  for (int i = 0; i < the_case->rule_count; i++)
    append(&writer, rules, json_string(the_case->rules[i]));
  set(&writer, root, "rules", rules);
  write_settings(&writer, root);
  set(&writer, root, "given", given_json(&writer));
  set(&writer, root, "when", when_json(&writer));
  write_faults(&writer, root);
  if (the_case->events != SIM_EVENTS_IN_ORDER)
    set_text(&writer, root, "events", sim_event_words.list[the_case->events]);
  set(&writer, root, "then", then_json(&writer));
  if (!writer.failed) return root;
  json_decref(root);
  return NULL;
}
