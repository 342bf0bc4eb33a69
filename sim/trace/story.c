#include "story.h"

#include "language.h"

#include <inttypes.h>
#include <stdarg.h>
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

struct telling {
  struct sim_machine *machine;
  const struct sim_case *the_case;
  const struct sim_world *before;
  json_t *changes; /* of the move being told */
};

__attribute__((format(printf, 2, 3))) static void change(struct telling *telling,
                                                         const char *format, ...) {
  char text[400];
  va_list args;
  va_start(args, format);
  int size = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (size >= 0) json_array_append_new(telling->changes, json_string_nocheck(text));
}

static const char *client(const struct telling *telling, int index) {
  return index < 0 ? "?" : telling->the_case->clients[index].name;
}

static const char *action(const struct telling *telling, int index) {
  return index < 0 ? "?" : sim_machine_names(telling->machine)->ids[index];
}

/* ---- What changed ---- */

static const char *const charge_words[] = {"created", "opened", "unknown", "captured", "closed"};
static const char *const intent_words[] = {"requires confirmation",
                                           "requires a payment method",
                                           "requires action (3D Secure)",
                                           "processing",
                                           "succeeded",
                                           "canceled"};

static void tell_entries(struct telling *telling, const struct sim_books *new) {
  for (int i = 0; i < new->entry_count; i++) {
    const struct sim_entry_row *entry = &new->entries[i];
    bool known = false;
    for (int j = 0; j < telling->before->books.entry_count && !known; j++)
      known = telling->before->books.entries[j].client == entry->client &&
              telling->before->books.entries[j].entry_no == entry->entry_no;
    if (known) continue;
    const char *cause = entry->action >= 0 ? action(telling, entry->action) : NULL;
    change(telling, "credit log of %s: %s %+" PRId64 ", balance %" PRId64 "%s%s",
           client(telling, entry->client), sim_entries[entry->kind].story, entry->tokens,
           entry->balance_tokens, cause ? ", for " : "", cause ? cause : "");
  }
}

static void tell_charges(struct telling *telling, const struct sim_books *new) {
  for (int i = 0; i < new->charge_count; i++) {
    const struct sim_charge_row *charge = &new->charges[i], *old = NULL;
    for (int j = 0; j < telling->before->books.charge_count && !old; j++)
      if (telling->before->books.charges[j].charge == charge->charge)
        old = &telling->before->books.charges[j];
    if (old && old->state == charge->state) continue;
    change(telling, "charge of %s for %s: %s%s%s", client(telling, charge->client),
           action(telling, charge->action), old ? charge_words[old->state] : "",
           old ? " -> " : "new, ", charge_words[charge->state]);
  }
}

static void tell_clients(struct telling *telling, const struct sim_books *new) {
  for (int i = 0; i < telling->the_case->client_count; i++) {
    const struct sim_client_row *was = &telling->before->books.clients[i], *is = &new->clients[i];
    if (was->auto_reload != is->auto_reload)
      change(telling, "Auto Reload of %s: %s", client(telling, i),
             is->auto_reload ? "off -> on" : "on -> off");
    if (was->plan != is->plan)
      change(telling, "plan of %s: %s -> %s", client(telling, i),
             sim_plan_word((enum sim_plan)was->plan), sim_plan_word((enum sim_plan)is->plan));
    if (was->card != is->card || was->card_no != is->card_no)
      change(telling, "card of %s: %s", client(telling, i), is->card ? "replaced" : "removed");
    if (!was->card_dead && is->card_dead)
      change(telling, "card of %s: dead, not to be tried again", client(telling, i));
  }
}

static void tell_gateway(struct telling *telling) {
  const struct fake_card *new = &sim_machine_world(telling->machine)->card;
  for (int i = 0; i < new->intent_count; i++) {
    const struct fake_card_intent *is = &new->intents[i];
    const struct fake_card_intent *was = fake_card_find_intent(&telling->before->card, is->id);
    if (!was || was->status != is->status)
      change(telling, "bank, intent for %s: %s%s%s%s%s", is->action_id,
             was ? intent_words[was->status] : "new", was ? " -> " : ", ", intent_words[is->status],
             is->decline_code[0] ? ", " : "", is->decline_code);
    if (was && was->refunded_minor != is->refunded_minor)
      change(telling, "bank: %" PRId64 " refunded in all for %s", is->refunded_minor,
             is->action_id);
    if (was && was->dispute != is->dispute)
      change(telling, "bank: dispute over %s %s", is->action_id,
             is->dispute == FAKE_CARD_DISPUTE_OPEN  ? "opened"
             : is->dispute == FAKE_CARD_DISPUTE_WON ? "won"
                                                    : "lost");
  }
}

static void tell_mail(struct telling *telling) {
  const struct fake_mail *new = &sim_machine_world(telling->machine)->mail;
  for (int i = 0; i < new->message_count; i++) {
    const struct fake_mail_message *message = &new->messages[i];
    const struct fake_mail_message *was =
        fake_mail_find(&telling->before->mail, message->message_id);
    if (!was)
      change(telling, "mailbox of %s: \"Auto Reload %s\"", message->client_id,
             message->is_on ? "enabled" : "disabled");
    else if (was->copy_count != message->copy_count)
      change(telling, "mailbox of %s: another copy of \"Auto Reload %s\"", message->client_id,
             message->is_on ? "enabled" : "disabled");
  }
}

/* ---- Who did what ---- */

static const char *call_words(const char *call) {
  static const char *const words[][2] = {
      {"open", "asks the bank for an intent"},
      {"record", "stores the intent's id"},
      {"confirm", "confirms the intent: the card is charged"},
      {"close", "cancels the intent at the bank"},
      {"settle", "settles the charge"},
      {"claim", "recovery looks for an attempt that is due"},
      {"pick mail", "the mail job looks for a mail that is due"},
      {"send mail", "hands the mail over"},
      {"record mail", "records that the mail was delivered"},
      {"event", "no event is waiting"},
  };
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (strcmp(words[i][0], call) == 0) return words[i][1];
  return call;
}

/* ---- Words for a step: the templates of the vocabulary ---- */

enum { SLOT_SIZE = 80 };

static bool is_slot(const char *slot, const char *name) {
  return strncmp(slot, name, strlen(name)) == 0;
}

/* What stands for "{slot}"; may be written to `text`. */
static const char *fill_slot(const struct telling *telling, const struct sim_step *step,
                             const char *slot, char text[SLOT_SIZE]) {
  if (is_slot(slot, "id")) return step->id ? step->id : "";
  if (is_slot(slot, "client")) return step->client >= 0 ? client(telling, step->client) : "";
  if (is_slot(slot, "card")) return step->card ? step->card : "no card";
  if (is_slot(slot, "plan")) return sim_plan_word(step->plan);
  if (is_slot(slot, "span")) return sim_duration_text(step->duration_ms, text);
  if (is_slot(slot, "process")) return telling->the_case->processes[step->process];
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
static void describe_step(const struct telling *telling, const struct sim_step *step, char *text,
                          size_t size) {
  char filled[SLOT_SIZE];
  size_t length = 0;
  for (const char *from = sim_verbs[step->verb].story; *from && length + 1 < size;) {
    bool is_filled = *from == '{';
    const char *part = is_filled ? fill_slot(telling, step, from + 1, filled) : from;
    size_t part_size = is_filled ? strlen(part) : strcspn(part, "{");
    size_t left = size - length - 1;
    memcpy(text + length, part, part_size < left ? part_size : left);
    length += part_size < left ? part_size : left;
    from += is_filled ? strcspn(from, "}") + 1 : part_size;
  }
  text[length] = '\0';
}

/* What of the step this move was: nothing for its first, else the engine's call. */
static const char *part_of_step(const struct sim_task *task, const char *call) {
  static const char *const whole[] = {"decide", "wait", "world",       "account",
                                      "toggle", "look", "forged event"};
  for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
    if (strcmp(whole[i], call) == 0)
      return task->state == SIM_TASK_IDLE ? ""
             : strcmp(call, "wait") == 0  ? "goes on"
                                          : "asks again";
  return call_words(call);
}

static void tell_actor(struct telling *telling, const struct sim_effect *effect, char *what,
                       size_t size) {
  char step_text[320];
  const struct sim_world *world = sim_machine_world(telling->machine);
  const struct sim_task *task = &telling->before->tasks[effect->task];
  const struct sim_actor *actor = &telling->the_case->actors[effect->task];
  describe_step(telling, &actor->steps[task->step], step_text, sizeof step_text);
  const char *part = part_of_step(task, effect->call);
  bool waits = world->tasks[effect->task].state == SIM_TASK_WAITING;
  snprintf(what, size, "%s%s%s%s%s%s%s", step_text, part[0] ? ": " : "", part,
           effect->fault ? " [" : "", effect->fault ? effect->fault->text : "",
           effect->fault ? "]" : "", waits ? ", waits for the reload in flight" : "");
  if (effect->step_ended && effect->answer != SIM_ANSWER_NONE)
    change(telling, "%s is told: %s", actor->name, sim_answer_word(effect->answer));
}

static json_t *tell_move(struct telling *telling, const struct sim_effect *effect) {
  char at[SIM_TIME_SIZE], what[480] = "", inside[SIM_STEP_FAULT_SIZE];
  const struct sim_world *world = sim_machine_world(telling->machine);
  const char *who = "background";
  if (effect->is_background) {
    snprintf(what, sizeof what, "%s%s%s%s", call_words(effect->call), effect->fault ? " [" : "",
             effect->fault ? effect->fault->text : "", effect->fault ? "]" : "");
    if (effect->time_passed && !world->settled) who = "clock";
    if (effect->task > SIM_BACKGROUND) who = "world";
  } else {
    who = telling->the_case->actors[effect->task].name;
    tell_actor(telling, effect, what, sizeof what);
  }
  sim_effect_step_fault(effect, inside);
  if (inside[0]) change(telling, "at %s", inside);
  if (effect->message.text[0]) change(telling, "the engine says: %s", effect->message.text);
  sim_time_text(world->clock.now_ms, at);
  return json_pack("{s:s, s:s, s:s, s:O}", "at", at, "who", who, "what", what, "changes",
                   telling->changes);
}

json_t *sim_story_move(struct sim_machine *machine, const struct sim_world *before,
                       const struct sim_effect *effect) {
  struct telling telling = {.machine = machine,
                            .the_case = sim_machine_names(machine)->the_case,
                            .before = before,
                            .changes = json_array()};
  if (!telling.changes) return NULL;
  const struct sim_books *new = &sim_machine_world(machine)->books;
  tell_clients(&telling, new);
  tell_charges(&telling, new);
  tell_entries(&telling, new);
  tell_gateway(&telling);
  tell_mail(&telling);
  json_t *told = tell_move(&telling, effect);
  json_decref(telling.changes);
  return told;
}

static bool tell_one(struct sim_machine *machine, struct sim_world *before,
                     struct sim_transition move, json_t *story) {
  struct sim_effect effect;
  sim_world_copy(before, sim_machine_world(machine), sim_machine_names(machine)->the_case);
  if (!sim_machine_again(machine, &move, &effect)) return true;
  json_t *told = sim_story_move(machine, before, &effect);
  if (!told) return false;
  /* Background jobs that found nothing to do are not part of the story. */
  bool silent = effect.is_background && !effect.injected &&
                json_array_size(json_object_get(told, "changes")) == 0;
  if (!silent) return json_array_append_new(story, told) == 0;
  json_decref(told);
  return true;
}

json_t *sim_story_tell(struct sim_machine *machine, const struct sim_beginning *beginning,
                       const struct sim_transition *moves, int count, struct sim_transition last) {
  json_t *story = json_array();
  struct sim_world *before = malloc(sizeof *before);
  bool told = story && before;
  if (told) sim_machine_restore(machine, &beginning->world, &beginning->image);
  for (int i = 0; told && i < count + (last.task >= 0); i++)
    told = tell_one(machine, before, i < count ? moves[i] : last, story);
  free(before);
  if (told) return story;
  json_decref(story);
  return NULL;
}
