/* What actors are told: done exactly when deducted, and modals that say what the rules want said.
 */
#include "oracle_inside.h"

#include <string.h>

/* The ways out that a modal must offer, by its reason: NOFIRE-1..7, OUT-1..3, MONEY-6, RACE-3. */
static uint32_t ways_out(enum reload_reason reason) {
  enum {
    WAY_NOTHING = 0,
    WAY_UPDATE_CARD = RELOAD_OUT_UPDATE_CARD,
    WAY_TRY_LATER = RELOAD_OUT_TRY_LATER
  };
#define WAY_OUT(NAME, word, way, ...) [RELOAD_REASON_##NAME] = WAY_##way,
  static const uint32_t own[] = {SIM_REFUSALS(WAY_OUT)};
#undef WAY_OUT
  uint32_t always = RELOAD_OUT_TOP_UP | RELOAD_OUT_CHANGE_PLAN | RELOAD_OUT_WAIT_CYCLE;
  return reason == RELOAD_REASON_NONE ? 0 : always | own[reason];
}

static bool was_reloaded(const struct court *court, int client, int action) {
  const struct sim_books *books = &court->world->books;
  for (int i = 0; i < books->charge_count; i++)
    if (books->charges[i].client == client && books->charges[i].action == action &&
        books->charges[i].state == RELOAD_CHARGE_CAPTURED)
      return true;
  return false;
}

static bool is_of_the_bank(enum reload_reason reason) {
  return reason == RELOAD_REASON_DECLINED || reason == RELOAD_REASON_3D_SECURE;
}

/* The word told for a decline is the bank's for an intent of this action. A customer who passes 3D
 * Secure late takes the bank's word back, and the books keep it; recovery may have closed the charge
 * before its handler had told the books. */
static bool is_said(const struct court *court, const struct sim_step *step, const char *told) {
  const struct fake_card *card = &court->world->card;
  const struct sim_books *books = &court->world->books;
  int action = sim_names_find(sim_machine_names(court->machine), step->id);
  for (int i = 0; i < card->intent_count; i++) {
    const struct fake_card_intent *intent = &card->intents[i];
    const char *said = intent->result == FAKE_CARD_RESULT_3D_SECURE ? "authentication_required"
                                                                    : intent->decline_code;
    if (strcmp(intent->client_id, sim_court_client(court, step->client)) == 0 &&
        strcmp(intent->action_id, step->id) == 0 && strcmp(said, told) == 0)
      return true;
  }
  for (int i = 0; i < books->charge_count; i++)
    if (books->charges[i].client == step->client && books->charges[i].action == action &&
        books->charges[i].decline == sim_text_hash(told))
      return true;
  return false;
}

static bool wrong_verdict(const struct court *court, const struct sim_step *step,
                          enum reload_reason reason, const char *wrong) {
  return sim_court_breach(court, reason == RELOAD_REASON_OFF ? "NOFIRE-1" : "NOFIRE-2",
                          "wrong verdict", step->client, "the verdict on action %s is wrong: %s",
                          step->id, wrong);
}

bool sim_judge_told(const struct court *court, const struct sim_bank_word *told) {
  if (told->actor < 0) return true;
  const struct sim_step *step = &court->the_case->actors[told->actor].steps[told->step];
  if (told->decline_code[0] && is_said(court, step, told->decline_code)) return true;
  return wrong_verdict(court, step, told->reason, "its decline code is not the bank's");
}

/* The verdict against the books of the moment. */
static bool verdict_right(const struct court *court, const struct sim_step *step, int action) {
  const struct reload_verdict *verdict = &court->effect->verdict;
  int64_t balance = court->world->books.clients[step->client].balance_tokens;
  int64_t missing = step->amount > balance ? step->amount - balance : 0;
  const char *wrong = NULL;
  if (verdict->balance_tokens != balance)
    wrong = "its balance is not the one in the books";
  else if (verdict->ways_out != ways_out(verdict->reason))
    wrong = "its ways out do not fit its reason";
  else if (verdict->done != (verdict->reason == RELOAD_REASON_NONE))
    wrong = "it is done and refused at once";
  else if (verdict->note != (!verdict->done && verdict->reason != RELOAD_REASON_OFF))
    wrong = "the note is there or missing against its reason";
  else if (verdict->missing_tokens != (verdict->done ? 0 : missing))
    wrong = "it tells a wrong number of missing tokens";
  else if (verdict->done && verdict->reloaded != was_reloaded(court, step->client, action))
    wrong = "it does not say rightly whether a top-up was charged for it";
  else if (!is_of_the_bank(verdict->reason) && verdict->decline_code[0])
    wrong = "its decline code is not the bank's";
  return !wrong || wrong_verdict(court, step, verdict->reason, wrong);
}

/* What the bank has to confirm. */
static void note_told(const struct court *court, struct sim_bank_word *told) {
  const struct sim_effect *effect = court->effect;
  const struct reload_verdict *verdict = &effect->verdict;
  if (!is_of_the_bank(verdict->reason)) return;
  told->actor = effect->task;
  told->step = court->before->tasks[effect->task].step;
  told->reason = verdict->reason;
  memcpy(told->decline_code, verdict->decline_code, sizeof told->decline_code);
}

/* MONEY-8: who is told that the store is busy asks again, who is told that it is damaged calls for
 * help. So the error must be that of what has failed. A page that reads as zeros may look like
 * anything. */
static bool error_right(const struct court *court) {
  const struct sim_effect *effect = court->effect;
  int error = (int)effect->answer - (int)SIM_ANSWER_ERROR;
  enum reload_error wanted = RELOAD_OK;
  if (error < RELOAD_BUSY || effect->answer > SIM_ANSWER_ERROR_LAST) return true;
  switch (effect->step_fault) {
    case SIM_DISK_LOCKED: wanted = RELOAD_BUSY; break;
    case SIM_DISK_FULL: wanted = RELOAD_FULL; break;
    case SIM_DISK_ERROR: wanted = RELOAD_IO; break;
    case SIM_MEMORY_FAILS: wanted = RELOAD_NOMEM; break;
    case SIM_DISK_BUSY: break; /* it was free when asked again */
    default: return true;
  }
  if (error == (int)wanted) return true;
  return sim_court_breach(court, "MONEY-8", "wrong error told", -1,
                          "the step \"%s\" met \"%s\" and was told: %s", effect->call,
                          sim_step_fault_word(effect->step_fault),
                          reload_error_name((enum reload_error)error));
}

/* MONEY-3: told done exactly when deducted. */
static bool submit_right(const struct court *court, const struct sim_step *step,
                         struct sim_bank_word *told) {
  const struct sim_effect *effect = court->effect;
  int action = sim_names_find(sim_machine_names(court->machine), step->id);
  bool deducted = false;
  for (int i = 0; i < court->world->books.entry_count; i++) {
    const struct sim_entry_row *entry = &court->world->books.entries[i];
    deducted = deducted || (entry->kind == RELOAD_ENTRY_SPEND && entry->action == action &&
                            entry->client == step->client && -entry->tokens == step->amount);
  }
  if (effect->answer == SIM_ANSWER_DONE && !deducted)
    return sim_court_breach(court, "MONEY-3", "done without deduction", step->client,
                            "action %s was told done but is not in the credit log", step->id);
  if (effect->answer != SIM_ANSWER_DONE && effect->answer < SIM_ANSWER_ERROR && deducted)
    return sim_court_breach(court, "MONEY-3", "deducted but refused", step->client,
                            "action %s was refused but is in the credit log", step->id);
  if (effect->answer == SIM_ANSWER_REFUSED + (int)RELOAD_REASON_WAITED &&
      court->before->tasks[effect->task].state == SIM_TASK_IDLE)
    return sim_court_breach(court, "RACE-3", "not waited", step->client,
                            "action %s was told that it waited too long when it had just come",
                            step->id);
  if (effect->answer >= SIM_ANSWER_ERROR)
    return true; /* there was no verdict, or nobody heard it */
  note_told(court, told);
  return verdict_right(court, step, action);
}

static bool is_entered(const struct court *court, const struct sim_step *step, int kind) {
  const struct sim_books *books = &court->world->books;
  for (int i = 0; i < books->entry_count; i++)
    if (books->entries[i].kind == kind && books->entries[i].client == step->client &&
        books->entries[i].tokens == step->amount &&
        books->entries[i].reference == sim_text_hash(step->id))
      return true;
  return false;
}

/* An account fact that was told without an error is on record. */
static bool account_right(const struct court *court, const struct sim_step *step) {
  if (step->client < 0) return true; /* a step of the world's */
  const struct sim_client_row *row = &court->world->books.clients[step->client];
  bool has_card = row->card == (step->card ? sim_text_hash(step->card) : 0);
  bool has_plan = row->plan == (int32_t)step->plan, kept = true;
  const char *rule = "";
  if (court->effect->answer != SIM_ANSWER_NONE) return true;
  switch (step->verb) {
    case SIM_SET_CARD: rule = "NOFIRE-7", kept = has_card; break;
    case SIM_REMOVE_CARD: rule = "NOFIRE-5", kept = has_card; break;
    case SIM_SET_PLAN: rule = "NOFIRE-4", kept = has_plan; break;
    case SIM_CHANGE_PLAN: rule = "OUT-2", kept = has_plan && has_card; break;
    case SIM_BUY_PACK: rule = "OUT-1", kept = is_entered(court, step, RELOAD_ENTRY_PACK); break;
    case SIM_RENEW: rule = "OUT-3", kept = is_entered(court, step, RELOAD_ENTRY_GRANT); break;
    default: break;
  }
  return kept || sim_court_breach(court, rule, "told and lost", step->client,
                                  "%s: an account fact was answered without an error, and is not "
                                  "in the books",
                                  sim_court_client(court, step->client));
}

bool sim_judge_answer(const struct court *court, struct sim_bank_word *told) {
  const struct sim_effect *effect = court->effect;
  if (effect->is_background || !effect->step_ended) return true;
  if (!error_right(court)) return false;
  const struct sim_step *step = sim_court_step(court);
  return step->verb == SIM_SUBMIT ? submit_right(court, step, told) : account_right(court, step);
}

static bool was_given(const struct court *court, const struct sim_entry_row *entry) {
  const struct sim_books *given = sim_machine_given(court->machine);
  for (int i = 0; i < given->entry_count; i++)
    if (given->entries[i].client == entry->client && given->entries[i].entry_no == entry->entry_no)
      return true;
  return false;
}

/* MONEY-3: a deduction was told to somebody, unless the answer was lost. */
bool sim_judge_deductions_told(const struct court *court) {
  const struct sim_books *books = &court->world->books;
  for (int e = 0; e < books->entry_count; e++) {
    const struct sim_entry_row *entry = &books->entries[e];
    bool told = was_given(court, entry) || entry->kind != RELOAD_ENTRY_SPEND;
    for (int a = 0; a < court->the_case->actor_count && !told; a++)
      for (int s = 0; s < court->world->tasks[a].answer_count && !told; s++) {
        const struct sim_step *step = &court->the_case->actors[a].steps[s];
        enum sim_answer answer = (enum sim_answer)court->world->tasks[a].answers[s];
        told = step->verb == SIM_SUBMIT && entry->action >= 0 &&
               strcmp(step->id, sim_court_action(court, entry->action)) == 0 &&
               (answer == SIM_ANSWER_DONE || answer == SIM_ANSWER_LOST);
      }
    if (!told)
      return sim_court_breach(court, "MONEY-3", "deducted but refused", entry->client,
                              "action %s was deducted, and nobody was told that it is done",
                              sim_court_action(court, entry->action));
  }
  return true;
}
