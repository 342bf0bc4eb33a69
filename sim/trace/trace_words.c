#include "trace_words.h"

#include "language.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define COVERS(table, last)                                                                        \
  static_assert(COUNT(table) == (last) + 1, "one word for each value is needed")

/* ---- Ids ---- */

static const char *const whos[] = {"actor", "background", "clock", "world"};
COVERS(whos, SIM_WHO_WORLD);

const char *sim_who_word(enum sim_who who) { return whos[who]; }

/* The acts that effects know by name: above all the steps of the engine. */
static const struct {
  const char *id, *phrase;
} acts[] = {
    [SIM_ACT_DECIDE] = {"decide", "asks again"},
    [SIM_ACT_OPEN] = {"open", "asks the gateway for an intent"},
    [SIM_ACT_RECORD] = {"record", "stores the intent's id"},
    [SIM_ACT_CONFIRM] = {"confirm", "confirms the intent"},
    [SIM_ACT_CLOSE] = {"close", "asks the gateway to cancel the intent"},
    [SIM_ACT_SETTLE] = {"settle", "settles the charge"},
    [SIM_ACT_CLAIM] = {"claim", "looks for an attempt that is due"},
    [SIM_ACT_PICK_MAIL] = {"pick mail", "looks for a mail that is due"},
    [SIM_ACT_SEND_MAIL] = {"send mail", "hands the mail over"},
    [SIM_ACT_RECORD_MAIL] = {"record mail", "records whether the mail was accepted"},
    [SIM_ACT_TOGGLE] = {"toggle", "asks again"},
    [SIM_ACT_LOOK] = {"look", "asks again"},
    [SIM_ACT_ACCOUNT] = {"account", "asks again"},
    [SIM_ACT_FORGED_EVENT] = {"forged event", "asks again"},
    [SIM_ACT_NO_EVENT] = {"event", "no event is waiting"},
    [SIM_ACT_EVENT] = {"gateway event", "an event of the gateway"},
    [SIM_ACT_WAIT] = {"wait", "goes on"},
    [SIM_ACT_WORLD] = {"world", "asks again"},
    [SIM_ACT_TIME] = {"time passes", "time passes"},
    [SIM_ACT_SETTLED] = {"nothing is left to do", "nothing is left to do"},
    [SIM_ACT_NEVER_SETTLES] = {"nothing ever ends", "nothing ever ends"},
    [SIM_ACT_PROCESS_DIES] = {"process dies", "a process dies"},
    [SIM_ACT_POWER_FAILS] = {"power fails", "the power fails"},
    [SIM_ACT_CLOCK_FORWARD] = {"clock forward", "the clock jumps forward by a day"},
    [SIM_ACT_CLOCK_BACK] = {"clock back", "the clock steps back by five minutes"},
    [SIM_ACT_GATEWAY_DOWN] = {"gateway down", "the gateway is down for an hour"},
    [SIM_ACT_EARLY_EVENT] = {"early event", "an event comes early"},
};
COVERS(acts, SIM_ACT_COUNT - 1);

const char *sim_act_word(enum sim_act act) { return acts[act].id; }
const char *sim_act_phrase(enum sim_act act) { return acts[act].phrase; }

bool sim_act_is_whole(enum sim_act act) {
  switch (act) {
    case SIM_ACT_DECIDE:
    case SIM_ACT_TOGGLE:
    case SIM_ACT_LOOK:
    case SIM_ACT_ACCOUNT:
    case SIM_ACT_FORGED_EVENT:
    case SIM_ACT_WAIT:
    case SIM_ACT_WORLD: return true;
    default: return false;
  }
}

int sim_act_named(const char *call) {
  for (size_t i = 0; i < COUNT(acts); i++)
    if (strcmp(acts[i].id, call) == 0) return (int)i;
  return -1;
}

static const struct {
  const char *id, *phrase;
} replies[] = {
    [SIM_REPLY_ANSWERED] = {"answered", ""},
    [SIM_REPLY_REPEATED] = {"repeated", "the gateway repeats its answer to the first such call"},
    [SIM_REPLY_UNEXPECTED] = {"unexpected state", "the gateway refuses: the intent's status is"},
    [SIM_REPLY_REFUSED] = {"refused", "the call is refused"},
    [SIM_REPLY_DOWN] = {"down", "the gateway is down"},
    [SIM_REPLY_NOT_REACHED] = {"not reached", "the gateway is not reached"},
    [SIM_REPLY_429] = {"429", "the gateway answers 429, too many calls"},
    [SIM_REPLY_409] = {"409", "the gateway answers 409, the key is in use"},
    [SIM_REPLY_500] = {"500", "the gateway answers 500"},
    [SIM_REPLY_LOST] = {"lost", "no reply"},
};
COVERS(replies, SIM_REPLY_LOST);

const char *sim_reply_word(enum sim_reply reply) { return replies[reply].id; }
const char *sim_reply_phrase(enum sim_reply reply) { return replies[reply].phrase; }

static const struct {
  const char *id, *phrase, *truth;
} bank_acts[] = {
    [SIM_BANK_NOTHING] = {"nothing", "nothing happens", ""},
    [SIM_BANK_OPENED] = {"opened", "the gateway opens an intent over", "an intent was opened over"},
    [SIM_BANK_CAPTURED] = {"captured", "the card is charged", "the bank has captured"},
    [SIM_BANK_DECLINED] = {"declined", "the bank declines:", "the bank has declined:"},
    [SIM_BANK_3D_SECURE] = {"3D Secure", "the bank asks for 3D Secure",
                            "the bank has asked for 3D Secure"},
    [SIM_BANK_PROCESSING] = {"processing", "the bank is still processing the payment",
                             "the bank is still processing the payment"},
    [SIM_BANK_CANCELED] = {"canceled", "the intent is canceled", "the intent was canceled"},
};
COVERS(bank_acts, SIM_BANK_CANCELED);

const char *sim_bank_act_word(enum sim_bank_act act) { return bank_acts[act].id; }
const char *sim_bank_act_phrase(enum sim_bank_act act) { return bank_acts[act].phrase; }

const char *sim_bank_truth_phrase(enum sim_bank_act act, enum fake_card_call call) {
  static const char *const nothing[] = {[FAKE_CARD_CREATE] = "no intent was opened",
                                        [FAKE_CARD_CONFIRM] = "nothing was charged",
                                        [FAKE_CARD_CANCEL] = "nothing was canceled"};
  return act == SIM_BANK_NOTHING ? nothing[call] : bank_acts[act].truth;
}

static const char *const tables[] = {"clients",    "charges", "entries", "toggles",
                                     "dead_cards", "intents", "messages"};
COVERS(tables, SIM_TABLE_COUNT - 1);

const char *sim_table_word(enum sim_table table) { return tables[table]; }

static const char *const fates[] = {"none", "acknowledged", "comes back", "held back", "lost"};
COVERS(fates, SIM_EVENT_LOST);

const char *sim_event_fate_word(enum sim_event_fate fate) { return fates[fate]; }

static const char *const card_calls[] = {"create", "confirm", "cancel"};
COVERS(card_calls, FAKE_CARD_CANCEL);

const char *sim_card_call_word(enum fake_card_call call) { return card_calls[call]; }

static const char *const card_outcomes[] = {"unknown", "answered", "not sent", "rejected"};
COVERS(card_outcomes, RELOAD_CARD_REJECTED);

const char *sim_card_outcome_word(enum reload_card_outcome outcome) {
  return card_outcomes[outcome];
}

static const char *const mail_outcomes[] = {"unknown", "accepted", "refused"};
COVERS(mail_outcomes, RELOAD_MAIL_REFUSED);

const char *sim_mail_outcome_word(enum reload_mail_outcome outcome) {
  return mail_outcomes[outcome];
}

static const struct {
  const char *id, *phrase;
} statuses[] = {
    [RELOAD_INTENT_REQUIRES_CONFIRMATION] = {"requires_confirmation", "requires confirmation"},
    [RELOAD_INTENT_REQUIRES_PAYMENT_METHOD] = {"requires_payment_method",
                                               "requires a payment method"},
    [RELOAD_INTENT_REQUIRES_ACTION] = {"requires_action", "requires action (3D Secure)"},
    [RELOAD_INTENT_PROCESSING] = {"processing", "processing"},
    [RELOAD_INTENT_SUCCEEDED] = {"succeeded", "succeeded"},
    [RELOAD_INTENT_CANCELED] = {"canceled", "canceled"},
};
COVERS(statuses, RELOAD_INTENT_CANCELED);

const char *sim_intent_status_word(enum reload_intent_status status) { return statuses[status].id; }
const char *sim_intent_phrase(enum reload_intent_status status) { return statuses[status].phrase; }

const char *sim_entry_kind_word(enum reload_entry_kind kind) { return sim_entries[kind].word; }
const char *sim_entry_phrase(enum reload_entry_kind kind) { return sim_entries[kind].story; }

static const char *const charges[] = {"created", "opened", "unknown", "captured", "closed"};
COVERS(charges, RELOAD_CHARGE_CLOSED);

const char *sim_charge_state_word(enum reload_charge_state state) { return charges[state]; }

static const struct {
  const char *id, *phrase;
} disputes[] = {
    [FAKE_CARD_DISPUTE_NONE] = {"none", "taken back"},
    [FAKE_CARD_DISPUTE_OPEN] = {"open", "opened"},
    [FAKE_CARD_DISPUTE_WON] = {"won", "won"},
    [FAKE_CARD_DISPUTE_LOST] = {"lost", "lost"},
};
COVERS(disputes, FAKE_CARD_DISPUTE_LOST);

const char *sim_dispute_word(enum fake_card_dispute_state state) { return disputes[state].id; }
const char *sim_dispute_phrase(enum fake_card_dispute_state state) {
  return disputes[state].phrase;
}

/* By the number of the bit in enum reload_way_out. */
static const struct {
  const char *id, *phrase;
} ways_out[] = {
    {"top_up", "buy a pack"},
    {"change_plan", "change the plan"},
    {"wait_cycle", "wait for the next cycle"},
    {"update_card", "update the card"},
    {"try_later", "try again later"},
};
static_assert(1 << (COUNT(ways_out) - 1) == RELOAD_OUT_TRY_LATER,
              "one word for each value is needed");

const char *sim_way_out_word(int bit) {
  return bit < (int)COUNT(ways_out) ? ways_out[bit].id : NULL;
}
const char *sim_way_out_phrase(int bit) { return ways_out[bit].phrase; }

/* ---- Refusals ---- */

const char *sim_refusal_phrase(enum fake_card_call call, const char *code) {
  static const struct {
    const char *code, *phrase;
  } refusals[] = {
      {"idempotency_error", "the key was used for another request"},
      {"amount_too_small", "the amount is too small"},
      {"amount_too_large", "the amount is too large"},
      {"parameter_invalid", "a parameter is invalid"},
      {"payment_method_detached", "the card was detached"},
  };
  if (strcmp(code, "resource_missing") == 0)
    return call == FAKE_CARD_CREATE ? "there is no such card" : "there is no such intent";
  for (size_t i = 0; i < COUNT(refusals); i++)
    if (strcmp(refusals[i].code, code) == 0) return refusals[i].phrase;
  return code;
}

/* ---- Money ---- */

static bool is_in(const char *currency, const char *const *list) {
  while (*list && strcmp(*list, currency) != 0) list++;
  return *list != NULL;
}

int sim_currency_decimals(const char *currency) {
  static const char *const none[] = {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg",
                                     "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf", NULL};
  static const char *const three[] = {"bhd", "jod", "kwd", "omr", "tnd", NULL};
  return is_in(currency, none) ? 0 : is_in(currency, three) ? 3 : 2;
}

void sim_money_text(int64_t amount_minor, const char *currency, char text[SIM_MONEY_SIZE]) {
  static const int64_t units[] = {1, 10, 100, 1000};
  int decimals = sim_currency_decimals(currency);
  int64_t unit = units[decimals], whole = amount_minor / unit, rest = amount_minor % unit;
  char code[4] = "", fraction[8] = "";
  for (int i = 0; i < 3 && currency[i]; i++) /* a to z: toupper() has a locale */
    code[i] = (char)(currency[i] - 'a' + 'A');
  if (decimals > 0)
    (void)snprintf(fraction, sizeof fraction, ".%0*d", decimals, (int)(rest < 0 ? -rest : rest));
  (void)snprintf(text, SIM_MONEY_SIZE, "%s%" PRId64 "%s %s",
                 amount_minor < 0 && whole == 0 ? "-" : "", whole, fraction, code);
}
