#include "words.h"

#include <string.h>

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))
#define TABLE(name, singular, list) const struct sim_words name = {singular, COUNT(list), list}

static const char *const plans[] = {"none", "active", "trialing", "past due", "canceled"};
TABLE(sim_plan_words, "plan", plans);

static const char *const verbs[] = {
    "submit",       "turn_on",        "turn_off",    "look",    "set_card",     "remove_card",
    "set_plan",     "buy_pack",       "change_plan", "renew",   "refund",       "dispute",
    "authenticate", "deliver_events", "forge_event", "recover", "deliver_mail", "wait",
    "clock",        "gateway_down",   "mail_down",   "crash",   "power_cut"};
TABLE(sim_verb_words, "step", verbs);

static const char *const sites[] = {"gateway.create", "gateway.confirm", "gateway.cancel",
                                    "mail.deliver"};
TABLE(sim_site_words, "place for a fault", sites);

static const char *const books[] = {"answer", "log", "bank", "mail"};
TABLE(sim_book_words, "book", books);

static const char *const event_orders[] = {"in order", "reversed", "twice", "never"};
TABLE(sim_event_words, "order of events", event_orders);

static const char *const undeclared[] = {"none", "single", "pairs"};
TABLE(sim_undeclared_words, "number of undeclared faults", undeclared);

static const char *const measures[] = {"charges", "attempts", "balance", "mails"};
TABLE(sim_measure_words, "measure", measures);

static const char *const behaviours[] = {"normal",
                                         "timeout before",
                                         "timeout after",
                                         "500 rolled back",
                                         "500 rolled forward",
                                         "409",
                                         "429",
                                         "not reached",
                                         "slow",
                                         "succeeded",
                                         "declined",
                                         "3D Secure",
                                         "500 rolled forward later",
                                         "processing, then succeeded",
                                         "processing, then failed",
                                         "refused",
                                         "reply lost",
                                         "lost"};
TABLE(sim_behaviour_words, "behaviour", behaviours);

static const char *const kinds[] = {"creative", "persona batch"};
TABLE(sim_kind_words, "kind of action", kinds);

static const char *const cards[] = {"pm_card_visa",
                                    "pm_card_visa_chargeDeclined",
                                    "pm_card_visa_chargeDeclinedInsufficientFunds",
                                    "pm_card_visa_chargeDeclinedLostCard",
                                    "pm_card_visa_chargeDeclinedStolenCard",
                                    "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
                                    "pm_card_chargeDeclinedExpiredCard",
                                    "pm_card_chargeDeclinedIncorrectCvc",
                                    "pm_card_chargeDeclinedProcessingError",
                                    "pm_card_chargeCustomerFail",
                                    "pm_card_radarBlock",
                                    "pm_card_authenticationRequired",
                                    "pm_card_authenticationRequiredOnSetup",
                                    "pm_card_authenticationRequiredSetupForOffSession",
                                    "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
                                    "pm_card_createDispute",
                                    "pm_card_pendingRefund",
                                    "pm_card_refundFail"};
TABLE(sim_card_words, "card", cards);

/* The decline codes in the gateway's public documentation. */
/* clang-format off */
#define DECLINE_CODES(X) \
  X("generic_decline") X("insufficient_funds") X("lost_card") X("stolen_card") \
  X("card_velocity_exceeded") X("expired_card") X("incorrect_cvc") X("processing_error") \
  X("fraudulent") X("authentication_required") X("approve_with_id") X("call_issuer") \
  X("card_not_supported") X("currency_not_supported") X("do_not_honor") X("do_not_try_again") \
  X("duplicate_transaction") X("incorrect_number") X("incorrect_pin") X("incorrect_zip") \
  X("invalid_account") X("invalid_amount") X("invalid_cvc") X("invalid_expiry_month") \
  X("invalid_expiry_year") X("invalid_number") X("invalid_pin") X("issuer_not_available") \
  X("merchant_blacklist") X("new_account_information_available") X("no_action_taken") \
  X("not_permitted") X("offline_pin_required") X("online_or_offline_pin_required") \
  X("pickup_card") X("pin_try_exceeded") X("reenter_transaction") X("restricted_card") \
  X("revocation_of_all_authorizations") X("revocation_of_authorization") \
  X("security_violation") X("service_not_allowed") X("stop_payment_order") \
  X("testmode_decline") X("transaction_not_allowed") X("try_again_later") \
  X("withdrawal_count_limit_exceeded")
/* clang-format on */
#define CODE(code) code,
#define DECLINED(code) "declined " code,

static const char *const codes[] = {DECLINE_CODES(CODE)};
TABLE(sim_code_words, "decline code", codes);

static const char *const bank_words[] = {"captured", "3D Secure", "failed",
                                         DECLINE_CODES(DECLINED)};
TABLE(sim_bank_words, "word of the bank", bank_words);

static const char *const entries[] = {"top_up", "spend", "pack", "grant", "reversal"};
TABLE(sim_entry_words, "kind of log entry", entries);

static const char *const mails[] = {"enabled", "disabled"};
TABLE(sim_mail_words, "mail", mails);

/* Each verb's answers in one macro, so that the table of all answers cannot forget one. */
#define SUBMIT_ANSWERS                                                                             \
  "done", "insufficient tokens", "not covered: card declined", "not covered: 3D Secure",           \
      "not covered: no active plan", "not covered: no card", "not covered: card unusable",         \
      "not covered: top-up too small", "not covered: earlier charge unresolved",                   \
      "not covered: waited too long", "not covered: outcome unknown",                              \
      "not covered: gateway not reached"
#define TURN_ON_ANSWERS "enabled", "already enabled", "add a card", "plan needed"
#define TURN_OFF_ANSWERS "disabled", "already disabled"
#define LOOK_ANSWERS "Enabled", "Disabled"
#define FORGE_ANSWERS "refused", "accepted"
#define COMMON_ANSWERS                                                                             \
  "error: invalid", "error: not found", "error: conflict", "error: too early", "error: busy",      \
      "error: full", "error: io", "error: corrupt", "error: foreign", "error: newer",              \
      "error: out of memory", "no answer"

static const char *const submit_list[] = {SUBMIT_ANSWERS};
static const char *const turn_on_list[] = {TURN_ON_ANSWERS};
static const char *const turn_off_list[] = {TURN_OFF_ANSWERS};
static const char *const look_list[] = {LOOK_ANSWERS};
static const char *const forge_list[] = {FORGE_ANSWERS};
static const char *const common_list[] = {COMMON_ANSWERS};
static const char *const answers[] = {SUBMIT_ANSWERS, TURN_ON_ANSWERS, TURN_OFF_ANSWERS,
                                      LOOK_ANSWERS,   FORGE_ANSWERS,   COMMON_ANSWERS};
TABLE(sim_answer_words, "answer", answers);
static TABLE(submit_words, "answer of submit", submit_list);
static TABLE(turn_on_words, "answer of turn_on", turn_on_list);
static TABLE(turn_off_words, "answer of turn_off", turn_off_list);
static TABLE(look_words, "answer of look", look_list);
static TABLE(forge_words, "answer of forge_event", forge_list);
static TABLE(common_words, "answer", common_list);

const struct sim_words *sim_verb_answers(enum sim_verb verb, const char **well) {
  const struct sim_words *words;

  switch ((int)verb) {
    case SIM_SUBMIT: words = &submit_words; break;
    case SIM_TURN_ON: words = &turn_on_words; break;
    case SIM_TURN_OFF: words = &turn_off_words; break;
    case SIM_LOOK: words = &look_words; break;
    case SIM_FORGE_EVENT: words = &forge_words; break;
    default: words = NULL; break;
  }
  *well = words && words != &look_words ? words->list[0] : NULL;
  return words;
}

bool sim_answer_is_common(const char *answer) {
  return sim_words_index(&common_words, answer) >= 0;
}

int sim_words_index(const struct sim_words *words, const char *text) {
  for (int i = 0; i < words->count; i++) {
    if (strcmp(words->list[i], text) == 0) return i;
  }
  return -1;
}

/* ---- The nearest word --------------------------------------------------------------------- */

#define LONGEST_WORD 72 /* longer ones get no suggestion */

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

static int smaller(int a, int b) { return a < b ? a : b; }

/* How many letters must be changed, added, dropped or swapped with their neighbour: the
 * Damerau-Levenshtein distance in its restricted form. Three rows of the table are enough. */
static int distance(const char *a, int a_length, const char *b, int b_length) {
  int rows[3][LONGEST_WORD + 1];
  int *before = rows[0], *above = rows[1], *row = rows[2];

  for (int j = 0; j <= b_length; j++) above[j] = before[j] = j;
  for (int i = 1; i <= a_length; i++) {
    int *spare = before;
    row[0] = i;
    for (int j = 1; j <= b_length; j++) {
      const int differs = lower(a[i - 1]) != lower(b[j - 1]);
      row[j] = smaller(smaller(above[j] + 1, row[j - 1] + 1), above[j - 1] + differs);
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1])) {
        row[j] = smaller(row[j], before[j - 2] + 1);
      }
    }
    before = above;
    above = row;
    row = spare;
  }
  return above[b_length];
}

const char *sim_words_nearest(const struct sim_words *words, const char *text) {
  const size_t size = strlen(text);
  const char *nearest = NULL;
  int best = LONGEST_WORD;

  if (size > LONGEST_WORD) return NULL;
  for (int i = 0; i < words->count; i++) {
    const size_t word_size = strlen(words->list[i]);
    const size_t longer = word_size > size ? word_size : size;
    int wrong;

    if (word_size > LONGEST_WORD) continue;
    wrong = distance(text, (int)size, words->list[i], (int)word_size);
    if (wrong < best && wrong <= (int)(longer + 2) / 3 && wrong < (int)longer) {
      best = wrong;
      nearest = words->list[i];
    }
  }
  return nearest;
}

/* ---- Words of scenario.h ------------------------------------------------------------------ */

static const char *word_of(const struct sim_words *words, int index) {
  return index >= 0 && index < words->count ? words->list[index] : "?";
}

const char *sim_verb_word(enum sim_verb verb) { return word_of(&sim_verb_words, (int)verb); }
const char *sim_plan_word(enum sim_plan plan) { return word_of(&sim_plan_words, (int)plan); }
const char *sim_site_word(enum sim_site site) { return word_of(&sim_site_words, (int)site); }
const char *sim_book_word(enum sim_book book) { return word_of(&sim_book_words, (int)book); }
