/* What is reported to actors: done exactly when deducted, and modals that say what the rules
 * demand. */
#include "checker.h"

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

static bool was_reloaded(const struct checker *checker, int client, int action) {
  const struct sim_ledger *ledger = &checker->world->ledger;
  for (int i = 0; i < ledger->charge_count; i++)
    if (ledger->charges[i].client == client && ledger->charges[i].action == action &&
        ledger->charges[i].state == RELOAD_CHARGE_CAPTURED)
      return true;
  return false;
}

static bool is_of_the_bank(enum reload_reason reason) {
  return reason == RELOAD_REASON_DECLINED || reason == RELOAD_REASON_3D_SECURE;
}

/* A reported decline code must be the bank's, for an intent of this action. A customer who passes
 * 3D Secure late clears the code at the gateway, and the ledger keeps it. Recovery may have closed
 * the charge before its handler stored the code. */
static bool is_banks_code(const struct checker *checker, const struct sim_step *step,
                          const char *reported) {
  const struct fake_card *card = &checker->world->card;
  const struct sim_ledger *ledger = &checker->world->ledger;
  int action = sim_names_find(sim_machine_names(checker->machine), step->id);
  for (int i = 0; i < card->intent_count; i++) {
    const struct fake_card_intent *intent = &card->intents[i];
    const char *said = intent->result == FAKE_CARD_RESULT_3D_SECURE ? "authentication_required"
                                                                    : intent->decline_code;
    if (strcmp(intent->client_id, sim_checker_client(checker, step->client)) == 0 &&
        strcmp(intent->action_id, step->id) == 0 && strcmp(said, reported) == 0)
      return true;
  }
  for (int i = 0; i < ledger->charge_count; i++)
    if (ledger->charges[i].client == step->client && ledger->charges[i].action == action &&
        ledger->charges[i].decline == sim_text_hash(reported))
      return true;
  return false;
}

static bool wrong_verdict(const struct checker *checker, const struct sim_step *step,
                          enum reload_reason reason, const char *wrong) {
  return sim_checker_violation(checker, reason == RELOAD_REASON_OFF ? "NOFIRE-1" : "NOFIRE-2",
                               "wrong verdict", step->client,
                               "the verdict on action %s is wrong: %s", step->id, wrong);
}

bool sim_invariant_bank_word(const struct checker *checker, const struct sim_bank_word *reported) {
  if (reported->actor < 0) return true;
  const struct sim_step *step = &checker->the_case->actors[reported->actor].steps[reported->step];
  if (reported->decline_code[0] && is_banks_code(checker, step, reported->decline_code))
    return true;
  return wrong_verdict(checker, step, reported->reason, "its decline code is not the bank's");
}

/* The verdict must agree with the ledger as it is now. */
static bool verdict_right(const struct checker *checker, const struct sim_step *step, int action) {
  const struct reload_verdict *verdict = &checker->effect->verdict;
  int64_t balance = checker->world->ledger.clients[step->client].balance_tokens;
  int64_t missing = step->amount > balance ? step->amount - balance : 0;
  const char *wrong = NULL;
  if (verdict->balance_tokens != balance)
    wrong = "its balance is not that of the ledger";
  else if (verdict->ways_out != ways_out(verdict->reason))
    wrong = "its ways out do not fit its reason";
  else if (verdict->done != (verdict->reason == RELOAD_REASON_NONE))
    wrong = "it is done and refused at once";
  else if (verdict->note != (!verdict->done && verdict->reason != RELOAD_REASON_OFF))
    wrong = "the note is there or missing against its reason";
  else if (verdict->missing_tokens != (verdict->done ? 0 : missing))
    wrong = "its number of missing tokens is wrong";
  else if (verdict->done && verdict->reloaded != was_reloaded(checker, step->client, action))
    wrong = "it is wrong about whether a top-up was charged for it";
  else if (!is_of_the_bank(verdict->reason) && verdict->decline_code[0])
    wrong = "its decline code is not the bank's";
  return !wrong || wrong_verdict(checker, step, verdict->reason, wrong);
}

/* Keep what is to be compared with the gateway's records. */
static void note_bank_word(const struct checker *checker, struct sim_bank_word *reported) {
  const struct sim_effect *effect = checker->effect;
  const struct reload_verdict *verdict = &effect->verdict;
  if (!is_of_the_bank(verdict->reason)) return;
  reported->actor = effect->task;
  reported->step = checker->before->tasks[effect->task].step;
  reported->reason = verdict->reason;
  memcpy(reported->decline_code, verdict->decline_code, sizeof reported->decline_code);
}

/* MONEY-8: a caller who learns that the store is busy tries again; one who learns that it is
 * damaged calls for help. So the error must name what has failed. A page that reads as zeros may
 * look like any failure. */
static bool error_right(const struct checker *checker) {
  const struct sim_effect *effect = checker->effect;
  int error = (int)effect->answer - (int)SIM_ANSWER_ERROR;
  enum reload_error wanted = RELOAD_OK;
  if (error < RELOAD_BUSY || effect->answer > SIM_ANSWER_ERROR_LAST) return true;
  switch (effect->step_fault) {
    case SIM_DISK_LOCKED: wanted = RELOAD_BUSY; break;
    case SIM_DISK_FULL: wanted = RELOAD_FULL; break;
    case SIM_DISK_ERROR: wanted = RELOAD_IO; break;
    case SIM_MEMORY_FAILS: wanted = RELOAD_NOMEM; break;
    case SIM_DISK_BUSY: break; /* the lock was free at the second attempt */
    default: return true;
  }
  if (error == (int)wanted) return true;
  return sim_checker_violation(checker, "MONEY-8", "wrong error told", -1,
                               "the step \"%s\" met \"%s\" and reported: %s", effect->call,
                               sim_step_fault_word(effect->step_fault),
                               reload_error_name((enum reload_error)error));
}

/* MONEY-3: reported as done exactly when deducted. */
static bool submit_right(const struct checker *checker, const struct sim_step *step,
                         struct sim_bank_word *reported) {
  const struct sim_effect *effect = checker->effect;
  int action = sim_names_find(sim_machine_names(checker->machine), step->id);
  bool deducted = false;
  for (int i = 0; i < checker->world->ledger.entry_count; i++) {
    const struct sim_entry_row *entry = &checker->world->ledger.entries[i];
    deducted = deducted || (entry->kind == RELOAD_ENTRY_SPEND && entry->action == action &&
                            entry->client == step->client && -entry->tokens == step->amount);
  }
  if (effect->answer == SIM_ANSWER_DONE && !deducted)
    return sim_checker_violation(checker, "MONEY-3", "done without deduction", step->client,
                                 "action %s was reported as done but is not in the credit log",
                                 step->id);
  if (effect->answer != SIM_ANSWER_DONE && effect->answer < SIM_ANSWER_ERROR && deducted)
    return sim_checker_violation(checker, "MONEY-3", "deducted but refused", step->client,
                                 "action %s was refused but is in the credit log", step->id);
  if (effect->answer == SIM_ANSWER_REFUSED + (int)RELOAD_REASON_WAITED &&
      checker->before->tasks[effect->task].state == SIM_TASK_IDLE)
    return sim_checker_violation(checker, "RACE-3", "not waited", step->client,
                                 "action %s was refused for waiting too long in its first step",
                                 step->id);
  if (effect->answer >= SIM_ANSWER_ERROR) return true; /* there is no verdict, or it was lost */
  note_bank_word(checker, reported);
  return verdict_right(checker, step, action);
}

static bool is_entered(const struct checker *checker, const struct sim_step *step, int kind) {
  const struct sim_ledger *ledger = &checker->world->ledger;
  for (int i = 0; i < ledger->entry_count; i++)
    if (ledger->entries[i].kind == kind && ledger->entries[i].client == step->client &&
        ledger->entries[i].tokens == step->amount &&
        ledger->entries[i].reference == sim_text_hash(step->id))
      return true;
  return false;
}

/* An account fact that was answered without an error is on record. */
static bool account_right(const struct checker *checker, const struct sim_step *step) {
  if (step->client < 0) return true; /* it is about no client */
  const struct sim_client_row *row = &checker->world->ledger.clients[step->client];
  bool has_card = row->card == (step->card ? sim_text_hash(step->card) : 0);
  bool has_plan = row->plan == (int32_t)step->plan, kept = true;
  const char *rule = "";
  if (checker->effect->answer != SIM_ANSWER_NONE) return true;
  switch (step->verb) {
    case SIM_SET_CARD: rule = "NOFIRE-7", kept = has_card; break;
    case SIM_REMOVE_CARD: rule = "NOFIRE-5", kept = has_card; break;
    case SIM_SET_PLAN: rule = "NOFIRE-4", kept = has_plan; break;
    case SIM_CHANGE_PLAN: rule = "OUT-2", kept = has_plan && has_card; break;
    case SIM_BUY_PACK: rule = "OUT-1", kept = is_entered(checker, step, RELOAD_ENTRY_PACK); break;
    case SIM_RENEW: rule = "OUT-3", kept = is_entered(checker, step, RELOAD_ENTRY_GRANT); break;
    default: break;
  }
  return kept ||
         sim_checker_violation(checker, rule, "told and lost", step->client,
                               "%s: an account fact was answered without an error, and is not "
                               "in the ledger",
                               sim_checker_client(checker, step->client));
}

bool sim_invariant_answers(const struct checker *checker, struct sim_bank_word *reported) {
  const struct sim_effect *effect = checker->effect;
  if (effect->is_background || !effect->step_ended) return true;
  if (!error_right(checker)) return false;
  const struct sim_step *step = sim_checker_step(checker);
  return step->verb == SIM_SUBMIT ? submit_right(checker, step, reported)
                                  : account_right(checker, step);
}

static bool was_given(const struct checker *checker, const struct sim_entry_row *entry) {
  const struct sim_ledger *given = sim_machine_given(checker->machine);
  for (int i = 0; i < given->entry_count; i++)
    if (given->entries[i].client == entry->client && given->entries[i].entry_no == entry->entry_no)
      return true;
  return false;
}

/* MONEY-3: each deduction was reported to an actor, unless the answer was lost. */
bool sim_invariant_deductions_reported(const struct checker *checker) {
  const struct sim_ledger *ledger = &checker->world->ledger;
  for (int e = 0; e < ledger->entry_count; e++) {
    const struct sim_entry_row *entry = &ledger->entries[e];
    bool reported = was_given(checker, entry) || entry->kind != RELOAD_ENTRY_SPEND;
    for (int a = 0; a < checker->the_case->actor_count && !reported; a++)
      for (int s = 0; s < checker->world->tasks[a].answer_count && !reported; s++) {
        const struct sim_step *step = &checker->the_case->actors[a].steps[s];
        enum sim_answer answer = (enum sim_answer)checker->world->tasks[a].answers[s];
        reported = step->verb == SIM_SUBMIT && entry->action >= 0 &&
                   strcmp(step->id, sim_checker_action(checker, entry->action)) == 0 &&
                   (answer == SIM_ANSWER_DONE || answer == SIM_ANSWER_LOST);
      }
    if (!reported)
      return sim_checker_violation(checker, "MONEY-3", "deducted but refused", entry->client,
                                   "action %s was deducted, and no actor was told that it is done",
                                   sim_checker_action(checker, entry->action));
  }
  return true;
}
