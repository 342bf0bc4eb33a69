#include "story.h"

#include "language.h"
#include "story_lines.h"
#include "time_text.h"
#include "trace_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Words for a step: the templates of the vocabulary ---- */

enum { SLOT_SIZE = 80 };

static bool is_slot(const char *slot, const char *name) {
  return strncmp(slot, name, strlen(name)) == 0;
}

/* The text for "{slot}"; it may be written to `text`. */
static const char *fill_slot(const struct sim_case *the_case, const struct sim_step *step,
                             const char *slot, char text[SLOT_SIZE]) {
  if (is_slot(slot, "id")) return step->id ? step->id : "";
  if (is_slot(slot, "client")) return step->client >= 0 ? the_case->clients[step->client].name : "";
  if (is_slot(slot, "card")) return step->card ? step->card : "no card";
  if (is_slot(slot, "plan")) return sim_plan_word(step->plan);
  if (is_slot(slot, "span")) return sim_duration_text(step->duration_ms, text);
  if (is_slot(slot, "process")) return the_case->processes[step->process];
  if (is_slot(slot, "won?")) {
    const char *lost = strchr(slot, '|') + 1, *won = slot + strlen("won?");
    const char *from = step->dispute_won ? won : lost;
    snprintf(text, SLOT_SIZE, "%.*s", (int)strcspn(from, "|}"), from);
    return text;
  }
  snprintf(text, SLOT_SIZE, "%" PRId64, step->amount);
  return text;
}

/* "submits creative-7 (10 tokens) for acme" */
static void describe_step(const struct sim_case *the_case, const struct sim_step *step, char *text,
                          size_t size) {
  char filled[SLOT_SIZE];
  size_t length = 0;
  for (const char *from = sim_verbs[step->verb].story; *from && length + 1 < size;) {
    bool is_filled = *from == '{';
    const char *part = is_filled ? fill_slot(the_case, step, from + 1, filled) : from;
    size_t part_size = is_filled ? strlen(part) : strcspn(part, "{");
    size_t left = size - length - 1;
    memcpy(text + length, part, part_size < left ? part_size : left);
    length += part_size < left ? part_size : left;
    from += is_filled ? strcspn(from, "}") + 1 : part_size;
  }
  text[length] = '\0';
}

/* What an event reports. */
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

/* The state of telling a path; too large for the stack. */
struct teller {
  struct sim_world before;
  struct sim_record record;
};

static bool tell_one(struct teller *teller, struct sim_machine *machine, struct sim_transition step,
                     json_t *story) {
  struct sim_effect effect;
  sim_world_copy(&teller->before, sim_machine_world(machine), sim_machine_names(machine)->the_case);
  if (!sim_machine_again(machine, &step, &effect)) return true;
  sim_record_make(machine, &teller->before, &effect, &teller->record);
  if (sim_record_is_idle(&teller->record)) return true;
  return json_array_append_new(story, sim_story_step(&teller->record)) == 0;
}

json_t *sim_story_tell(struct sim_machine *machine, const struct sim_beginning *beginning,
                       const struct sim_transition *steps, int count, struct sim_transition last) {
  json_t *story = json_array();
  struct teller *teller = malloc(sizeof *teller);
  bool made = story && teller;
  if (made) sim_machine_restore(machine, &beginning->world, &beginning->image);
  for (int i = 0; made && i < count + (last.task >= 0); i++)
    made = tell_one(teller, machine, i < count ? steps[i] : last, story);
  free(teller);
  if (made) return story;
  json_decref(story);
  return NULL;
}
