#include "story.h"

#include "story_lines.h"
#include "trace_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sim_time_text(int64_t at_ms, char text[SIM_TIME_SIZE]) {
  int64_t days = at_ms / 86400000, ms = at_ms % 86400000;
  /* civil date from days, after Howard Hinnant's "chrono-compatible low-level date algorithms" */
  int64_t shifted = days + 719468, era = shifted / 146097, day_of_era = shifted % 146097;
  int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t month = (5 * day_of_year + 2) / 153;
  int day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
  month = month < 10 ? month + 3 : month - 9;
  int year = (int)(year_of_era + era * 400 + (month <= 2));
  int size = snprintf(text, SIM_TIME_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", year % 10000,
                      (int)month % 100, day % 100, (int)(ms / 3600000) % 100,
                      (int)(ms / 60000 % 60), (int)(ms / 1000 % 60), (int)(ms % 1000));
  if (size < 0) text[0] = '\0';
}

/* ---- Who did what ---- */

/* "-5 min", "2 h", "250 ms": in the largest unit that fits. */
static const char *duration(int64_t duration_ms, char text[24]) {
  static const struct {
    int64_t ms;
    const char *unit;
  } units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "min"}, {1000, "s"}, {1, "ms"}};
  size_t at = 0;
  while (duration_ms % units[at].ms != 0) at++;
  int size = snprintf(text, 24, "%" PRId64 " %s", duration_ms / units[at].ms, units[at].unit);
  return size < 0 ? "" : text;
}

/* "submits creative-7 (10 tokens) for acme" */
static void describe_step(const struct sim_case *the_case, const struct sim_step *step, char *text,
                          size_t size) {
  const char *of = step->client >= 0 ? the_case->clients[step->client].name : "";
  const char *id = step->id ? step->id : "", *card = step->card ? step->card : "no card";
  char span[24];
  switch (step->verb) {
    case SIM_SUBMIT:
      snprintf(text, size, "submits %s (%" PRId64 " tokens) for %s", id, step->amount, of);
      return;
    case SIM_TURN_ON: snprintf(text, size, "turns Auto Reload on for %s", of); return;
    case SIM_TURN_OFF: snprintf(text, size, "turns Auto Reload off for %s", of); return;
    case SIM_LOOK: snprintf(text, size, "looks at the toggle of %s", of); return;
    case SIM_SET_CARD: snprintf(text, size, "puts %s on file for %s", card, of); return;
    case SIM_REMOVE_CARD: snprintf(text, size, "removes the card of %s", of); return;
    case SIM_SET_PLAN:
      snprintf(text, size, "the plan of %s becomes: %s", of, sim_plan_word(step->plan));
      return;
    case SIM_BUY_PACK:
      snprintf(text, size, "buys a pack of %" PRId64 " tokens for %s with %s", step->amount, of,
               card);
      return;
    case SIM_CHANGE_PLAN:
      snprintf(text, size, "changes the plan of %s to %s, with %s", of, sim_plan_word(step->plan),
               card);
      return;
    case SIM_RENEW:
      snprintf(text, size, "a new cycle brings %s %" PRId64 " tokens", of, step->amount);
      return;
    case SIM_REFUND: snprintf(text, size, "the money for %s is refunded", id); return;
    case SIM_DISPUTE:
      snprintf(text, size, "disputes the payment for %s and %s", id,
               step->dispute_won ? "loses, the merchant wins" : "wins, the merchant loses");
      return;
    case SIM_AUTHENTICATE: snprintf(text, size, "passes 3D Secure for %s, late", id); return;
    case SIM_DELIVER_EVENTS: snprintf(text, size, "the gateway's events come in"); return;
    case SIM_FORGE_EVENT: snprintf(text, size, "posts a forged event about %s", id); return;
    case SIM_RECOVER: snprintf(text, size, "the recovery job"); return;
    case SIM_DELIVER_MAIL: snprintf(text, size, "the mail job"); return;
    case SIM_WAIT: snprintf(text, size, "waits %s", duration(step->duration_ms, span)); return;
    case SIM_CLOCK:
      snprintf(text, size, "the clock jumps by %s", duration(step->duration_ms, span));
      return;
    case SIM_GATEWAY_DOWN:
      snprintf(text, size, "the gateway is down for %s", duration(step->duration_ms, span));
      return;
    case SIM_MAIL_DOWN:
      snprintf(text, size, "the mail is down for %s", duration(step->duration_ms, span));
      return;
    case SIM_CRASH:
      snprintf(text, size, "process %s dies", the_case->processes[step->process]);
      return;
    case SIM_POWER_CUT: snprintf(text, size, "the power fails"); return;
  }
}

/* What an event does, as far as it is there. */
static const char *event_words(const struct sim_record *record) {
  bool is_posted =
      record->event_fate == SIM_EVENT_ACKNOWLEDGED || record->event_fate == SIM_EVENT_TO_COME_BACK;
  if (!is_posted) return "is due";
  return record->act == SIM_ACT_EARLY_EVENT ? "comes in early" : "comes in";
}

/* The act, in words: "confirms the intent", "charge.refunded of a-1 comes in". */
static void describe_act(const struct sim_record *record, char *text, size_t size) {
  if (record->event)
    (void)snprintf(text, size, "%s of %s %s", fake_card_event_type(record->event->kind),
                   record->event_intent->action_id, event_words(record));
  else if (record->process >= 0)
    (void)snprintf(text, size, "process %s dies", record->the_case->processes[record->process]);
  else
    (void)snprintf(text, size, "%s", sim_act_phrase(record->act));
}

/* "ana submits a-1 (10 tokens) for acme: confirms the intent [declined lost_card]" */
static json_t *step_text(const struct sim_record *record) {
  char step[320] = "", act[200] = "";
  const struct sim_fault *fault = record->effect->fault;
  if (record->step) describe_step(record->the_case, record->step, step, sizeof step);
  if (!record->step || !record->begins || !sim_act_is_whole(record->act))
    describe_act(record, act, sizeof act);
  return json_sprintf("%s%s%s%s%s%s%s", step, step[0] && act[0] ? ": " : "", act, fault ? " [" : "",
                      fault ? fault->text : "", fault ? "]" : "",
                      record->waits ? ", waits for the reload in flight" : "");
}

json_t *sim_story_step(const struct sim_record *record) {
  char at[SIM_TIME_SIZE];
  const char *who =
      record->actor >= 0 ? record->the_case->actors[record->actor].name : sim_who_word(record->who);
  sim_time_text(record->after_ms, at);
  return json_pack("{s:s, s:s, s:o, s:o, s:o}", "at", at, "who", who, "text", step_text(record),
                   "lines", sim_story_lines(record), "record", sim_record_json(record));
}

/* ---- A path ---- */

/* What telling a path needs; too large for a stack. */
struct teller {
  struct sim_world before;
  struct sim_record record;
};

static bool tell_one(struct teller *teller, struct sim_machine *machine, struct sim_move move,
                     json_t *story) {
  struct sim_effect effect;
  sim_world_copy(&teller->before, sim_machine_world(machine), sim_machine_names(machine)->the_case);
  if (!sim_move_again(machine, move, &effect)) return true;
  sim_record_make(machine, &teller->before, &effect, &teller->record);
  if (sim_record_is_idle(&teller->record)) return true;
  return json_array_append_new(story, sim_story_step(&teller->record)) == 0;
}

json_t *sim_story_tell(struct sim_machine *machine, const struct sim_beginning *beginning,
                       const struct sim_move *moves, int count, struct sim_move last) {
  json_t *story = json_array();
  struct teller *teller = malloc(sizeof *teller);
  bool told = story && teller;
  if (told) sim_machine_restore(machine, &beginning->world, &beginning->image);
  for (int i = 0; told && i < count + (last.task >= 0); i++)
    told = tell_one(teller, machine, i < count ? moves[i] : last, story);
  free(teller);
  if (told) return story;
  json_decref(story);
  return NULL;
}
