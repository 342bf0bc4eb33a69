/* See case_json.h. It writes what scenario*.c reads. */
#include "case_json.h"

#include "field_json.h"
#include "time_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct writer {
  const struct sim_case *the_case;
  bool failed; /* memory ran out */
};

/* ---- Values ---- */

static void set_member(struct writer *writer, json_t *object, const char *key, json_t *value) {
  if (json_object_set_new(object, key, value) != 0) writer->failed = true;
}

static void set_member_text(struct writer *writer, json_t *object, const char *key,
                            const char *text) {
  set_member(writer, object, key, json_string(text));
}

static void set_member_number(struct writer *writer, json_t *object, const char *key,
                              int64_t number) {
  set_member(writer, object, key, json_integer(number));
}

static void append_item(struct writer *writer, json_t *array, json_t *value) {
  if (json_array_append_new(array, value) != 0) writer->failed = true;
}

/* Each field whose value is not its default. */
static void write_unusual(struct writer *writer, json_t *object, const struct sim_fields *fields) {
  for (int i = 0; i < fields->count; i++) {
    const struct sim_field *field = &fields->list[i];
    json_t *value = sim_field_json(writer->the_case, field, writer->the_case);
    if (value && sim_is_normal_json(field, value))
      json_decref(value);
    else
      set_member(writer, object, field->word, value);
  }
}

/* Add the object unless it is empty. The object is consumed. */
static void set_if_any(struct writer *writer, json_t *root, const char *key, json_t *object) {
  if (json_object_size(object) > 0)
    set_member(writer, root, key, object);
  else
    json_decref(object);
}

/* ---- The world before ---- */

static void write_settings(struct writer *writer, json_t *root) {
  json_t *settings = json_object();
  write_unusual(writer, settings, &sim_settings);
  set_if_any(writer, root, "settings", settings);
}

/* All of a client but its default owner. */
static json_t *case_client_json(struct writer *writer, const struct sim_client *client) {
  json_t *written = json_object();
  for (int i = 0; i < sim_client_fields.count; i++) {
    const struct sim_field *field = &sim_client_fields.list[i];
    json_t *value = sim_field_json(writer->the_case, field, client);
    if (field->value == SIM_VALUE_NAME && value && sim_is_normal_json(field, value))
      json_decref(value);
    else
      set_member(writer, written, field->word, value);
  }
  return written;
}

static json_t *case_given_json(struct writer *writer) {
  json_t *given = json_object();
  for (int i = 0; i < writer->the_case->client_count; i++) {
    const struct sim_client *client = &writer->the_case->clients[i];
    set_member(writer, given, client->name, case_client_json(writer, client));
  }
  return given;
}

static json_t *case_site_json(struct writer *writer, const struct sim_site_faults *faults) {
  if (faults->policy != SIM_POLICY_MAY)
    return json_pack("{s:s}", faults->policy == SIM_POLICY_FIRST ? "first" : "always",
                     faults->faults[0].text);
  json_t *may = json_array();
  for (int i = 0; i < faults->count; i++)
    append_item(writer, may, json_string(faults->faults[i].text));
  return may;
}

static void write_faults(struct writer *writer, json_t *root) {
  json_t *faults = json_object();
  write_unusual(writer, faults, &sim_fault_fields);
  for (int site = 0; site < SIM_SITE_COUNT; site++)
    if (writer->the_case->sites[site].policy != SIM_POLICY_NEVER)
      set_member(writer, faults, sim_site_word((enum sim_site)site),
                 case_site_json(writer, &writer->the_case->sites[site]));
  set_if_any(writer, root, "faults", faults);
}

/* ---- Steps ---- */

/* The process of the actor's first step that runs in one; -1: none. */
static int first_process(const struct sim_case *the_case) {
  for (int a = 0; a < the_case->actor_count; a++)
    for (int s = 0; s < the_case->actors[a].step_count; s++)
      if (sim_verbs[the_case->actors[a].steps[s].verb].in_process)
        return the_case->actors[a].steps[s].process;
  return -1;
}

/* A step of the world names a process only where that fixes the order of processes. */
static bool names_process(const struct sim_case *the_case, const struct sim_step *step) {
  bool is_usual = strcmp(the_case->processes[step->process], sim_step_keys[SIM_KEY_ON].normal) == 0;
  if (sim_verbs[step->verb].in_process) return !is_usual;
  int first = first_process(the_case);
  return step->process != 0 || (first < 0 ? !is_usual : first != 0);
}

/* A default id, such as pack-ana-1 or cycle-ana-1. */
static bool is_usual_id(const char *normal, const char *id, const char *actor, int step_no) {
  char usual[SIM_MAX_STEPS + 80];
  int size = snprintf(usual, sizeof usual, "%.*s-%s-%d", (int)strcspn(normal, "-"), normal, actor,
                      step_no);
  return size >= 0 && (size_t)size < sizeof usual && strcmp(usual, id) == 0;
}

/* Whether the key must be written, where `value` is the default. */
static bool is_written(const struct writer *writer, const struct sim_step *step, int key,
                       const json_t *value, const struct sim_actor *actor) {
  const struct sim_field *field = &sim_step_keys[key];
  if (sim_verbs[step->verb].needs & 1u << key) return true;
  switch (field->value) {
    case SIM_VALUE_NAME:
      return !is_usual_id(field->normal, step->id, actor->name, (int)(step - actor->steps) + 1);
    case SIM_VALUE_PROCESS: return names_process(writer->the_case, step);
    case SIM_VALUE_AFTER: return step->after != 0;
    case SIM_VALUE_NUMBER:
      if (field->normal[0] == '\0') return json_integer_value(value) != 0;
      break;
    default: break;
  }
  return !sim_is_normal_json(field, value);
}

static json_t *case_step_json(struct writer *writer, const struct sim_actor *actor,
                              const struct sim_step *step) {
  const struct sim_verb_word *row = &sim_verbs[step->verb];
  json_t *written = json_object();
  set_member(writer, written, row->word, sim_field_json(writer->the_case, row->value, step));
  for (int key = 0; key < SIM_KEY_COUNT; key++) {
    if (!((row->needs | row->may) & 1u << key)) continue;
    json_t *value = sim_field_json(writer->the_case, &sim_step_keys[key], step);
    if (value && !is_written(writer, step, key, value, actor))
      json_decref(value);
    else
      set_member(writer, written, sim_step_keys[key].word, value);
  }
  return written;
}

static json_t *when_json(struct writer *writer) {
  json_t *when = json_object();
  for (int a = 0; a < writer->the_case->actor_count; a++) {
    const struct sim_actor *actor = &writer->the_case->actors[a];
    json_t *steps = json_array();
    for (int s = 0; s < actor->step_count; s++)
      append_item(writer, steps, case_step_json(writer, actor, &actor->steps[s]));
    set_member(writer, when, actor->name, steps);
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
    if (!json_object_get(all, measure)) set_member(writer, all, measure, json_object());
    set_member(writer, json_object_get(all, measure), writer->the_case->clients[every->client].name,
               bound_json(every));
  }
  return all;
}

static json_t *case_line_json(struct writer *writer, const struct sim_line *line) {
  if (line->book != SIM_BOOK_LOG) return json_string(line->what);
  json_t *entry = json_object();
  set_member_number(writer, entry, line->what, line->tokens);
  if (line->for_id) set_member_text(writer, entry, "for", line->for_id);
  return entry;
}

static json_t *case_lines_json(struct writer *writer, const struct sim_outcome *outcome,
                               enum sim_book book, int of) {
  json_t *lines = json_array();
  for (int i = 0; i < outcome->line_count; i++)
    if (outcome->lines[i].book == book && outcome->lines[i].of == of)
      append_item(writer, lines, case_line_json(writer, &outcome->lines[i]));
  return lines;
}

static void write_answers(struct writer *writer, json_t *written,
                          const struct sim_outcome *outcome) {
  for (int a = 0; a < writer->the_case->actor_count; a++) {
    if (!outcome->answers_said[a]) continue;
    json_t *answers = case_lines_json(writer, outcome, SIM_BOOK_ANSWER, a);
    json_t *only = json_array_size(answers) == 1 ? json_incref(json_array_get(answers, 0)) : NULL;
    set_member(writer, written, writer->the_case->actors[a].name,
               only ? only : json_incref(answers));
    json_decref(answers);
  }
}

/* One part of an outcome by client; the only client is not named. */
static void write_by_client(struct writer *writer, json_t *written, const char *key,
                            json_t *clients) {
  json_t *value = clients;
  if (writer->the_case->client_count == 1)
    value = json_object_get(clients, writer->the_case->clients[0].name);
  if (json_object_size(clients) > 0) set_member(writer, written, key, json_incref(value));
  json_decref(clients);
}

static void write_book(struct writer *writer, json_t *written, const struct sim_outcome *outcome,
                       enum sim_book book) {
  json_t *clients = json_object();
  for (int i = 0; i < writer->the_case->client_count; i++) {
    json_t *lines = case_lines_json(writer, outcome, book, i);
    if (json_array_size(lines) > 0 || (book == SIM_BOOK_BANK && outcome->bank_said[i]))
      set_member(writer, clients, writer->the_case->clients[i].name, json_incref(lines));
    json_decref(lines);
  }
  write_by_client(writer, written, sim_book_word(book), clients);
}

static json_t *outcome_json(struct writer *writer, const struct sim_outcome *outcome) {
  json_t *written = json_object(), *balances = json_object();
  write_answers(writer, written, outcome);
  for (int book = SIM_BOOK_LOG; book <= SIM_BOOK_MAIL; book++)
    write_book(writer, written, outcome, (enum sim_book)book);
  for (int i = 0; i < writer->the_case->client_count; i++)
    if (outcome->balance_said[i])
      set_member_number(writer, balances, writer->the_case->clients[i].name,
                        outcome->balance_tokens[i]);
  write_by_client(writer, written, "balance", balances);
  return written;
}

static json_t *then_json(struct writer *writer) {
  json_t *then = json_object(), *outcomes = json_object();
  if (writer->the_case->every_count > 0) set_member(writer, then, "every", every_json(writer));
  for (int i = 0; i < writer->the_case->outcome_count; i++)
    set_member(writer, outcomes, writer->the_case->outcomes[i].name,
               outcome_json(writer, &writer->the_case->outcomes[i]));
  if (sim_case_is_free(writer->the_case))
    set_member_text(writer, then, "may", "anything");
  else
    set_member(writer, then, writer->the_case->may ? "may" : "outcomes", json_incref(outcomes));
  json_decref(outcomes);
  return then;
}

/* ---- All of it ---- */

json_t *sim_case_json(const struct sim_case *the_case) {
  struct writer writer = {.the_case = the_case};
  json_t *root = json_object(), *rules = json_array();
  set_member_text(&writer, root, "$schema", "../scenario.schema.json");
  set_member_text(&writer, root, "title", the_case->title);
  for (int i = 0; i < the_case->rule_count; i++)
    append_item(&writer, rules, json_string(the_case->rules[i]));
  set_member(&writer, root, "rules", rules);
  write_unusual(&writer, root, &sim_file_fields);
  write_settings(&writer, root);
  set_member(&writer, root, "given", case_given_json(&writer));
  set_member(&writer, root, "when", when_json(&writer));
  write_faults(&writer, root);
  set_member(&writer, root, "then", then_json(&writer));
  if (!writer.failed) return root;
  json_decref(root);
  return NULL;
}
