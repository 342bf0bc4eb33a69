/* Replay: a tape's story, move by move, with what each changed and what the oracles say. */
#include "engine_digest.h"
#include "recording.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sim_replay_here(void) { __asm__ volatile(""); /* keeps the call, for a breakpoint */ }

static void print_move(int number, const json_t *told) {
  const json_t *changes = json_object_get(told, "changes");
  printf("%4d  %s  %s: %s\n", number, json_string_value(json_object_get(told, "at")),
         json_string_value(json_object_get(told, "who")),
         json_string_value(json_object_get(told, "what")));
  for (size_t i = 0; i < json_array_size(changes); i++)
    printf("        > %s\n", json_string_value(json_array_get(changes, i)));
}

static void print_state(const struct sim_machine *machine) {
  const struct sim_case *the_case = sim_machine_names(machine)->the_case;
  const struct sim_world *world = sim_machine_world(machine);
  printf("Here:\n");
  for (int i = 0; i < the_case->client_count; i++) {
    const struct sim_client_row *client = &world->books.clients[i];
    printf("  %s: balance %" PRId64 ", Auto Reload %s, plan %s%s%s\n", the_case->clients[i].name,
           client->balance_tokens, client->auto_reload ? "on" : "off",
           sim_plan_word((enum sim_plan)client->plan), client->card ? "" : ", no card",
           client->card_dead ? ", card dead" : "");
  }
  printf("  %d entries in the credit logs, %d charges, %d intents at the bank, %d mails\n",
         world->books.entry_count, world->books.charge_count, world->card.intent_count,
         world->mail.message_count);
}

static int differs(int number, const struct sim_script *line, const char *what) {
  fprintf(stderr, "reloadsim: the tape does not fit any more: move %d is \"%s: %s\", but %s\n",
          number, line->who, line->call, what);
  return 3;
}

/* Make one move; 0, or the exit code to end with. */
static int play(struct sim_machine *machine, int number, const struct sim_script *line,
                struct sim_world *before, struct sim_order *order, bool *broken) {
  struct sim_effect effect;
  struct sim_script made;
  struct sim_breach breach;
  sim_world_copy(before, sim_machine_world(machine), sim_machine_names(machine)->the_case);
  if (!sim_machine_play(machine, line, &effect))
    return differs(number, line, "that cannot move now");
  sim_machine_script(machine, &effect, &made);
  if (strcmp(made.call, line->call) != 0) {
    char what[96];
    snprintf(what, sizeof what, "it does \"%s\" now", made.call);
    return differs(number, line, what);
  }
  if (strcmp(made.fault, line->fault) != 0 || strcmp(made.step_fault, line->step_fault) != 0)
    return differs(number, line, "its fault cannot be shown there now");
  sim_order_note(order, machine, before, &effect);
  json_t *told = sim_story_move(machine, before, &effect);
  if (told) print_move(number, told);
  json_decref(told);
  if (!sim_oracle_state(machine, before, &effect, &breach)) {
    printf("        ! %s: %s: %s\n", breach.rule, breach.harm, breach.text);
    *broken = true;
  }
  return 0;
}

/* What the scenario says of the ending that the tape leads to. */
static void judge_ending(const struct sim_machine *machine) {
  static struct sim_ending ending; /* too large for a stack */
  const struct sim_case *the_case = sim_machine_names(machine)->the_case;
  int64_t number;
  sim_ending_of(machine, &ending);
  struct sim_match match = sim_ending_match(the_case, &ending);
  if (match.outcome < 0 && the_case->outcome_count > 0 && !sim_machine_world(machine)->injected)
    printf("        ! no outcome of the scenario describes this ending\n");
  for (int i = 0; i < the_case->every_count; i++)
    if (!sim_every_holds(&the_case->every[i], &ending, &number))
      printf("        ! \"every\" in line %d does not hold: this ending has %" PRId64 "\n",
             the_case->every[i].place.line, number);
}

static int play_all(struct sim_machine *machine, const struct sim_recording *recording, int stop_at,
                    struct sim_world *before) {
  struct sim_order order;
  struct sim_breach breach;
  bool broken = false;
  sim_order_begin(&order);
  for (int i = 0; i < recording->line_count; i++) {
    if (stop_at == i + 1) {
      sim_replay_here();
      print_state(machine);
      return 0;
    }
    int code = play(machine, i + 1, &recording->lines[i], before, &order, &broken);
    if (code != 0) return code;
  }
  if (sim_machine_world(machine)->settled) {
    if (!sim_oracle_ending(machine, &order, &breach)) {
      printf("        ! %s: %s: %s\n", breach.rule, breach.harm, breach.text);
      broken = true;
    }
    judge_ending(machine);
  }
  print_state(machine);
  if (!broken) printf("No oracle objects to this path.\n");
  return 0;
}

int sim_replay(const struct sim_recording *recording, const struct sim_case *the_case,
               int stop_at) {
  char digest[SIM_DIGEST_SIZE];
  struct reload_message message = {.text = "out of memory"};
  sim_case_digest(the_case, digest);
  if (strcmp(digest, recording->digest) != 0) {
    fprintf(stderr,
            "reloadsim: the tape is of another scenario: its digest is %s, that of %s in %s "
            "is %s\n",
            recording->digest, the_case->id, the_case->place.file, digest);
    return 3;
  }
  if (strcmp(recording->engine, sim_engine_digest()) != 0)
    fprintf(stderr,
            "reloadsim: the tape is of another engine (%.12s...) than this one (%.12s...)\n",
            recording->engine, sim_engine_digest());
  struct sim_machine *machine = sim_machine_new(the_case, 1, &message);
  struct sim_world *before = malloc(sizeof *before);
  int code = 70;
  if (machine && before) {
    printf("%s: %s\nfinds: %s\n", the_case->id, the_case->title, recording->finds);
    sim_machine_set_faults(machine, INT16_MAX, true);
    code = play_all(machine, recording, stop_at, before);
  } else
    fprintf(stderr, "reloadsim: %s\n", message.text);
  free(before);
  sim_machine_free(machine);
  return code;
}
