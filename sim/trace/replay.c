/* Replay: the steps of a trace with their effects and violations, and whether the trace's failure
 * came again. */
#include "engine_digest.h"
#include "finding.h"
#include "graph.h"
#include "trace_file.h"
#include "whole_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SEEN = 16 };

/* The state of a replay. */
struct player {
  const struct sim_trace *recording;
  const struct sim_case *the_case;
  struct sim_machine *machine;
  FILE *out, *errors;
  struct sim_order order;
  struct sim_world before, twice;
  struct sim_record record;     /* of the last step */
  struct fake_disk_image image; /* before the last step, if it is made twice */
  bool is_twofold;
  bool came_up; /* the trace's failure has come */
  int seen_count;
  char seen[MAX_SEEN][SIM_FINDING_SIZE]; /* other failures */
};

/* The place of a breakpoint: it must not be inlined. */
__attribute__((noinline)) void sim_replay_here(void) { __asm__ volatile(""); }

/* ---- What is found ---- */

static void note_finding(struct player *player, const struct sim_signature *signature,
                         const uint64_t *ending) {
  char text[SIM_FINDING_SIZE];
  sim_finding_text(signature, ending, text);
  if (strcmp(text, player->recording->finds) == 0) {
    player->came_up = true;
    return;
  }
  for (int i = 0; i < player->seen_count; i++)
    if (strcmp(player->seen[i], text) == 0) return;
  if (player->seen_count < MAX_SEEN) memcpy(player->seen[player->seen_count++], text, sizeof text);
}

static void note_violation(struct player *player, const struct sim_violation *violation) {
  struct sim_signature signature;
  fprintf(player->out, "        ! %s: %s: %s\n", violation->rule, violation->harm, violation->text);
  sim_signature_of_violation(violation, &signature);
  note_finding(player, &signature, NULL);
}

/* Whether the trace finds a failure that is only checked on request. */
static bool trace_finds(const struct player *player, const struct sim_violation *violation) {
  struct sim_signature signature;
  char text[SIM_FINDING_SIZE];
  sim_signature_of_violation(violation, &signature);
  sim_finding_text(&signature, NULL, text);
  return strcmp(text, player->recording->finds) == 0;
}

/* ---- Printing ---- */

static void print_step(FILE *out, int number, const json_t *story) {
  const json_t *lines = json_object_get(story, "lines");
  fprintf(out, "%4d  %s  %s: %s\n", number, json_string_value(json_object_get(story, "at")),
          json_string_value(json_object_get(story, "who")),
          json_string_value(json_object_get(story, "text")));
  for (size_t i = 0; i < json_array_size(lines); i++)
    fprintf(out, "        > %s\n",
            json_string_value(json_object_get(json_array_get(lines, i), "text")));
}

/* Every step, also those that a story leaves out. */
static void tell_step(struct player *player, int number, const struct sim_effect *effect) {
  sim_record_make(player->machine, &player->before, effect, &player->record);
  json_t *story = sim_story_step(&player->record);
  if (story) print_step(player->out, number, story);
  json_decref(story);
}

static void print_state(const struct player *player) {
  const struct sim_world *world = sim_machine_world(player->machine);
  fprintf(player->out, "Here:\n");
  for (int i = 0; i < player->the_case->client_count; i++) {
    const struct sim_client_row *client = &world->ledger.clients[i];
    fprintf(player->out, "  %s: balance %" PRId64 ", Auto Reload %s, plan %s%s%s\n",
            player->the_case->clients[i].name, client->balance_tokens,
            client->auto_reload ? "on" : "off", sim_plan_word((enum sim_plan)client->plan),
            client->card ? "" : ", no card", client->card_dead ? ", card dead" : "");
  }
  fprintf(player->out,
          "  %d entries in the credit logs, %d charges, %d intents at the bank, %d mails\n",
          world->ledger.entry_count, world->ledger.charge_count, world->card.intent_count,
          world->mail.message_count);
}

/* Returns: the exit code */
static int tell_finding(const struct player *player) {
  if (player->came_up)
    fprintf(player->out, "The failure came again: %s\n", player->recording->finds);
  else
    fprintf(player->out, "The failure did not come again: %s\n", player->recording->finds);
  for (int i = 0; i < player->seen_count; i++)
    fprintf(player->out, "  %s %s\n",
            player->came_up ? "and also:" : "this came instead:", player->seen[i]);
  return player->came_up ? 0 : 1;
}

/* ---- One step ---- */

static int step_differs(const struct player *player, int number, const struct sim_trace_line *line,
                        const char *what) {
  fprintf(player->errors,
          "reloadsim: the trace does not match any more: step %d is \"%s: %s\", but %s\n", number,
          line->who, line->call, what);
  return 3;
}

/* Make the last step twice, for a trace that finds a difference between the two. */
static void play_again(struct player *player, const struct sim_trace_line *line) {
  struct sim_effect effect;
  struct sim_transition step;
  struct sim_violation violation;
  sim_world_copy(&player->twice, sim_machine_world(player->machine), player->the_case);
  sim_machine_restore(player->machine, &player->before, &player->image);
  bool made = sim_trace_step(player->the_case, line, &step) &&
              sim_machine_again(player->machine, &step, &effect);
  const char *part = made ? sim_world_difference(&player->twice, sim_machine_world(player->machine),
                                                 player->the_case)
                          : "whether it can be made";
  if (!part) return;
  sim_violation_step_differs(&violation, line->call, part);
  note_violation(player, &violation);
}

static void judge_step(struct player *player, const struct sim_effect *effect) {
  struct sim_violation violation;
  if (!sim_check_transition(player->machine, &player->before, effect, &violation))
    note_violation(player, &violation);
  if (!sim_check_walk(effect, &violation) && trace_finds(player, &violation))
    note_violation(player, &violation);
}

/* Whether the step made exactly the choices of its line. */
static bool chose_so(const struct player *player, const struct sim_trace_line *line,
                     const struct sim_effect *effect) {
  char text[SIM_CHOICE_TEXT_SIZE];
  const char *at = line->choices;
  for (int i = 0; i < effect->transition.count; i++) {
    sim_choice_text(player->the_case, &effect->transition.choices[i], effect->image_writes, text);
    if (i > 0 && strncmp(at, " | ", 3) != 0) return false;
    if (i > 0) at += 3;
    if (strncmp(at, text, strlen(text)) != 0) return false;
    at += strlen(text);
  }
  return *at == '\0';
}

/* Make one step; 0, or the exit code to end with. */
static int play_step(struct player *player, int number, const struct sim_trace_line *line) {
  struct sim_machine *machine = player->machine;
  struct sim_effect effect;
  struct sim_transition step;
  char what[96];
  sim_world_copy(&player->before, sim_machine_world(machine), player->the_case);
  if (!sim_trace_step(player->the_case, line, &step))
    return step_differs(player, number, line,
                        step.task < 0 ? "the case has nobody of this name"
                                      : "one of its choices is unknown");
  if (!sim_machine_again(machine, &step, &effect))
    return step_differs(player, number, line, "this step cannot be made now");
  const char *call = sim_world_call(step.task) ? sim_world_call(step.task) : effect.call;
  if (strcmp(call, line->call) != 0) {
    snprintf(what, sizeof what, "now the step is \"%s\"", call);
    return step_differs(player, number, line, what);
  }
  if (!chose_so(player, line, &effect))
    return step_differs(player, number, line, "its choices cannot be made now");
  sim_order_note(&player->order, machine, &player->before, &effect);
  tell_step(player, number, &effect);
  judge_step(player, &effect);
  return 0;
}

/* ---- The end ---- */

/* Compare the ending of the trace with the outcomes. */
static void check_replayed_outcome(struct player *player) {
  static struct sim_ending ending; /* too large for the stack */
  const struct sim_case *the_case = player->the_case;
  struct sim_signature signature;
  int64_t number;
  sim_ending_of(player->machine, &ending);
  uint64_t hash = sim_ending_hash(&ending, the_case->client_count);
  struct sim_match match = sim_ending_match(the_case, &ending);
  bool is_free = sim_case_is_free(the_case);
  bool is_judged = !sim_machine_world(player->machine)->injected;
  if (match.matches != 1 && !is_free && (match.outcome >= 0 || is_judged)) {
    fprintf(player->out, "        ! %s of the scenario describe%s this ending\n",
            match.outcome < 0 ? "no outcome" : "more than one outcome",
            match.outcome < 0 ? "s" : "");
  }
  if (match.matches != 1 && !is_free) {
    sim_signature_of_ending(the_case, &ending, match, &signature);
    note_finding(player, &signature, &hash);
  }
  for (int i = 0; i < the_case->every_count; i++) {
    if (sim_every_holds(&the_case->every[i], &ending, &number)) continue;
    fprintf(player->out,
            "        ! \"every\" in line %d does not hold: this ending has %" PRId64 "\n",
            the_case->every[i].place.line, number);
    sim_signature_of_every(&the_case->every[i], &signature);
    note_finding(player, &signature, &hash);
  }
}

/* A search checks an ending without the order of events, a walk with it. */
static void check_replayed_ending(struct player *player) {
  struct sim_violation violation;
  if (!sim_check_ending(player->machine, &player->order, &violation))
    note_violation(player, &violation);
  if (!player->came_up && !sim_check_ending(player->machine, NULL, &violation) &&
      trace_finds(player, &violation))
    note_violation(player, &violation);
  check_replayed_outcome(player);
}

/* Whether an ending can be reached from here is only known after a search. */
static void look_for_end(struct player *player) {
  static const struct sim_limits limits = {.seed = 1, .max_states = 1000000};
  struct sim_search *search = calloc(1, sizeof *search);
  bool explored = search && sim_explore(player->machine, &limits, search);
  for (int i = 0; explored && i < search->violation_count; i++) {
    const struct sim_found_violation *found = &search->violations[i];
    if (trace_finds(player, &found->violation) &&
        sim_graph_distance(search->graph, found->state) == 0)
      note_violation(player, &found->violation);
  }
  if (search) sim_search_free(search);
  free(search);
}

static void judge_end(struct player *player) {
  struct sim_violation violation;
  sim_violation_no_end(&violation);
  if (sim_machine_world(player->machine)->at_rest) {
    check_replayed_ending(player);
  } else if (sim_machine_enabled(player->machine) == 0) {
    sim_violation_deadlock(&violation);
    note_violation(player, &violation);
  } else if (trace_finds(player, &violation)) {
    look_for_end(player);
  } else if (player->recording->line_count == SIM_MAX_PATH) {
    sim_violation_never_ends(&violation);
    note_violation(player, &violation);
  }
}

/* ---- All of it ---- */

static int play_all(struct player *player, int stop_at) {
  const struct sim_trace *recording = player->recording;
  struct sim_violation twofold = {.rule = SIM_RULE_DETERMINISM, .harm = SIM_HARM_DETERMINISM};
  for (int i = 0; i < recording->line_count; i++) {
    bool is_last = i + 1 == recording->line_count;
    if (stop_at == i + 1) {
      (void)fflush(player->out); /* whoever stops here wants to see the steps before */
      sim_replay_here();
      print_state(player);
      return 0;
    }
    player->is_twofold = is_last && trace_finds(player, &twofold) &&
                         fake_disk_save(sim_machine_disk(player->machine), &player->image);
    int code = play_step(player, i + 1, &recording->lines[i]);
    if (code == 0 && player->is_twofold) play_again(player, &recording->lines[i]);
    if (player->is_twofold)
      fake_disk_image_release(sim_machine_disk(player->machine), &player->image);
    if (code != 0) return code;
  }
  judge_end(player);
  print_state(player);
  return tell_finding(player);
}

/* Report a digest that does not match. Returns: whether the trace may be replayed. */
static bool is_overlooked(const struct player *player, bool anyway, const char *what,
                          const char *was, const char *is) {
  if (strcmp(was, is) == 0) return true;
  fprintf(player->errors,
          "reloadsim: the trace is from another %s: its digest is %s, the present one is %s%s\n",
          what, was, is, anyway ? "" : "; --anyway replays it all the same");
  return anyway;
}

static bool digests_match(const struct player *player, bool anyway) {
  char digest[SIM_HASH_TEXT_SIZE], scenario[400];
  sim_case_digest(player->the_case, digest);
  (void)snprintf(scenario, sizeof scenario, "scenario than %.300s", player->the_case->id);
  bool same_engine =
      is_overlooked(player, anyway, "engine", player->recording->engine, sim_engine_digest());
  return is_overlooked(player, anyway, scenario, player->recording->digest, digest) && same_engine;
}

/* Returns: the exit code */
static int begin_replay(struct player *player, int stop_at) {
  struct reload_message message;
  player->machine = sim_machine_new(player->the_case, 1, &message);
  if (!player->machine) {
    fprintf(player->errors, "reloadsim: %s\n", message.text);
    return 70;
  }
  fprintf(player->out, "%s: %s\nfinds: %s\n", player->the_case->id, player->the_case->title,
          player->recording->finds);
  sim_machine_set_faults(player->machine, INT16_MAX, true);
  sim_order_begin(&player->order);
  int code = play_all(player, stop_at);
  sim_machine_free(player->machine);
  return code;
}

int sim_replay(const struct sim_trace *recording, const struct sim_case *the_case, int stop_at,
               bool anyway, FILE *out, FILE *errors) {
  struct player *player = calloc(1, sizeof *player);
  if (!player) {
    fprintf(errors, "reloadsim: out of memory\n");
    return 70;
  }
  player->recording = recording;
  player->the_case = the_case;
  player->out = out;
  player->errors = errors;
  int code = digests_match(player, anyway) ? begin_replay(player, stop_at) : 3;
  free(player);
  return code;
}
