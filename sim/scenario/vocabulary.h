/* The vocabulary of the scenario language: each word is defined here once, with all its properties.
 *
 * Each list is a macro that passes its rows to X. The rows make the enums of scenario.h and the
 * tables of language.h; from these come the reader, the writer, the JSON Schema, the tables of the
 * guide, the hints, the fuzzer's choices and the words of stories. `make` generates the schemas and
 * the guide's tables again. The order of rows is the order of the enum; where the engine has an
 * enum of the same things, it is the engine's order, which sim/world/answers.c asserts.
 *
 * Texts are one or two sentences for authors; the editor and the guide show them.
 */
#ifndef SIM_VOCABULARY_H
#define SIM_VOCABULARY_H

/* Between rows that a list makes from other lists. */
#define SIM_COMMA ,

/* clang-format off */

/* ---- The file ----------------------------------------------------------------------------------
 * X(NAME, word, of, missing, text)
 *   of       ALONE: only of a scenario; SHARED: also of a file that scenarios share
 *   missing  what is missing without it; "" if it may be left out */
#define SIM_FILE_KEYS(X) \
  X(SCHEMA,   "$schema",  SHARED, "", "Where this schema is, so that an editor can help.") \
  X(TITLE,    "title",    ALONE,  "one line that says what the scenario shows", \
    "What the scenario shows, in one line.") \
  X(RULES,    "rules",    ALONE,  "the rules it is about, such as [\"FIRE-1\"]", \
    "The rules it is about, by their ids in rules.json. At least one.") \
  X(NOTE,     "note",     SHARED, "", "Anything worth saying: why this case, what to look at.") \
  X(CLOCK,    "clock",    ALONE,  "", "When it begins, in UTC.") \
  X(SETTINGS, "settings", SHARED, "", "The engine's settings, the same for all clients.") \
  X(SHARES,   "shares",   SHARED, "", \
    "Files with a common beginning, relative to this file. What this file says itself wins.") \
  X(GIVEN,    "given",    SHARED, "", \
    "The clients, by name: 1 to 8. Needed, here or in a shared file.") \
  X(WHEN,     "when",     ALONE,  "what the actors do", \
    "What people do: actors by name, each with a list of steps. They act at the same time.") \
  X(FAULTS,   "faults",   SHARED, "", "Faults of the gateway and the mail server.") \
  X(EVENTS,   "events",   ALONE,  "", "How the gateway's waiting events arrive at the end.") \
  X(THEN,     "then",     ALONE,  "how it may end", "How it may end.") \
  X(CASES,    "cases",    ALONE,  "", \
    "A matrix: one case for each row. All rows have the same keys; \"${key}\" anywhere in the " \
    "file's values stands for the row's value.")

/* ---- Fields ------------------------------------------------------------------------------------
 * X(word, value, member, least, most, words, normal, text)
 *   value   SIM_VALUE_...: how it is read and written
 *   member  of the structure that it fills
 *   least, most  bounds of a number; most also of a duration, in ms
 *   words   the words that it may be; else NULL
 *   normal  its default; "" if it has none */
#define SIM_FILE_FIELDS(X) \
  X("clock",  INSTANT, start_ms, 0, 0, NULL, "2026-01-15T12:00:00Z", "When it begins, in UTC.") \
  X("events", WORD,    events,   0, 0, &sim_event_words, "in order", \
    "How the gateway's waiting events arrive at the end.")

#define SIM_SETTINGS(X) \
  X("top_up_tokens", NUMBER, top_up_tokens, 1, SIM_MAX_TOKENS, NULL, "100", \
    "What one reload adds.") \
  X("top_up_price", NUMBER, top_up_price_minor, 50, SIM_MAX_PRICE_MINOR, NULL, "1000", \
    "What one reload costs, in cents.") \
  X("currency", CURRENCY, currency, 0, 0, NULL, "usd", "Three small letters.") \
  X("wait_limit", DURATION, wait_limit_ms, 0, SIM_MAX_LIMIT_MS, NULL, "30 s", \
    "How long an action waits for another one's reload.") \
  X("attempt_limit", DURATION, attempt_limit_ms, 0, SIM_MAX_LIMIT_MS, NULL, "2 min", \
    "After this time the process that made a charge is taken for dead.")

#define SIM_CLIENT_FIELDS(X) \
  X("owner", NAME, owner, 0, 0, NULL, "olga", \
    "Who gets the mails. Clients may have the same owner.") \
  X("balance", NUMBER, balance_tokens, -SIM_MAX_TOKENS, SIM_MAX_TOKENS, NULL, "0", \
    "Tokens in the beginning; may be below zero.") \
  X("plan", WORD, plan, 0, 0, &sim_plan_words, "active", \
    "The state of the client's plan. Only an active one counts.") \
  X("card", CARD_OR_NONE, card, 0, 0, NULL, "pm_card_visa", \
    "The card on file; \"none\" for no card.") \
  X("auto_reload", FLAG, auto_reload, 0, 0, &sim_toggle_words, "off", "The toggle.")

#define SIM_FAULT_FIELDS(X) \
  X("at_most", COUNT, fault_limit, 1, SIM_MAX_FAULTS, NULL, "1", \
    "How many faults from lists one run shows in all.") \
  X("injected", WORD, injected_faults, 0, 0, &sim_injected_words, "none", \
    "Faults at any other place, disk and memory among them, that are tried although nothing " \
    "declares them, as --faults does it for all scenarios.")

/* X(word, key): what people may write for a key; the reader's message names the key. */
#define SIM_KEY_SYNONYMS(X) X("undeclared", "injected")

/* The keys that steps have beside their verb. X(NAME, ...): as above, but the last column but one
 * is a sample. "ACTOR" and "STEP" in what is normal stand for the actor and the step's number. */
#define SIM_STEP_KEYS(X) \
  X(TO,      "to",      CLIENT, client, 0, 0, NULL, "", "acme", "The client that pays.") \
  X(COST,    "cost",    NUMBER, amount, INT64_MIN, INT64_MAX, NULL, "", "10", \
    "Tokens. Zero and less are allowed: the engine must refuse them.") /* FIRE-8 */ \
  X(KIND,    "kind",    TEXT,   kind, 0, 0, &sim_kind_words, "creative", "persona batch", \
    "The kind of action.") \
  X(CARD,    "card",    CARD,   card, 0, 0, NULL, "pm_card_visa", "pm_card_visa:2", \
    "The card that comes on file.") \
  X(PLAN,    "plan",    WORD,   plan, 0, 0, &sim_plan_words, "active", "past due", \
    "The new state of the plan.") \
  X(TOKENS,  "tokens",  NUMBER, amount, 1, INT64_MAX, NULL, "", "50", "How many tokens it adds.") \
  X(PRICE,   "price",   NUMBER, price_minor, 1, SIM_MAX_PRICE_MINOR, NULL, "5000", "5000", \
    "What the pack costs, in cents.") \
  X(PACK,    "id",      NAME,   id, 0, 0, NULL, "pack-ACTOR-STEP", "pack-ana-1", \
    "The checkout's id.") \
  X(CYCLE,   "id",      NAME,   id, 0, 0, NULL, "cycle-ACTOR-STEP", "cycle-ana-1", \
    "The cycle's id.") \
  X(AMOUNT,  "amount",  NUMBER, amount, 1, SIM_MAX_PRICE_MINOR, NULL, "", "500", \
    "How much of it, in cents. Left out: all of it.") \
  X(OUTCOME, "outcome", FLAG,   dispute_won, 0, 0, &sim_dispute_words, "", "lost", \
    "Who gets the money: lost means that it goes back to the holder.") \
  X(ON,      "on",      PROCESS, process, 0, 0, NULL, "web", "web-2", \
    "The process it runs in, by a name of your choice; at most 4 in all.") \
  X(AFTER,   "after",   AFTER,  after, 0, 0, NULL, "", "ana", \
    "Wait until this actor has ended, or all of these.")

/* ---- Verbs -------------------------------------------------------------------------------------
 * X(NAME, word, value, where, needs, may, asked, weight, story, text, also)
 *   value   SIM_VERB_VALUES: the value of the verb
 *   where   PROCESS: it runs in one; WORLD: it happens outside
 *   needs, may  the keys beside it; "on" and "after" go with every step
 *   asked   ASKED: the actor gets an answer; SILENT: it gets none
 *   weight  how often the fuzzer draws it
 *   story   the phrase in stories: {id} {client} {card} {plan} {amount} {span} {process}, and
 *           {won?A|B} for A or B
 *   also    synonyms; the reader's message names the verb */
#define SIM_VERBS(X) \
  X(SUBMIT, "submit", NEW_ACTION, PROCESS, SIM_BIT(TO) | SIM_BIT(COST), SIM_BIT(KIND), ASKED, 60, \
    "submits {id} ({amount} tokens) for {client}", \
    "Submit an action that spends tokens. The same id may come again.", "spend run request") \
  X(TURN_ON, "turn_on", CLIENT, PROCESS, 0, 0, ASKED, 10, \
    "turns Auto Reload on for {client}", "Turn Auto Reload on.", "enable activate switch_on") \
  X(TURN_OFF, "turn_off", CLIENT, PROCESS, 0, 0, ASKED, 12, \
    "turns Auto Reload off for {client}", "Turn Auto Reload off.", \
    "disable deactivate switch_off stop") \
  X(LOOK, "look", CLIENT, PROCESS, 0, 0, ASKED, 3, \
    "looks at the toggle of {client}", "Look at the state beside the toggle.", \
    "see show view check") \
  X(SET_CARD, "set_card", CLIENT, PROCESS, SIM_BIT(CARD), 0, ASKED, 8, \
    "puts {card} on file for {client}", "Put a card on file.", \
    "add_card replace_card update_card") \
  X(REMOVE_CARD, "remove_card", CLIENT, PROCESS, 0, 0, ASKED, 4, \
    "removes the card of {client}", "Take the card off file.", "delete_card detach_card") \
  X(SET_PLAN, "set_plan", CLIENT, PROCESS, SIM_BIT(PLAN), 0, ASKED, 6, \
    "the plan of {client} becomes: {plan}", "The plan's state changes.", "cancel lapse subscribe") \
  X(BUY_PACK, "buy_pack", CLIENT, PROCESS, SIM_BIT(TOKENS), \
    SIM_BIT(PRICE) | SIM_BIT(CARD) | SIM_BIT(PACK), ASKED, 8, \
    "buys a pack of {amount} tokens for {client} with {card}", \
    "Buy a pack through Checkout: adds tokens, puts the card on file.", "buy pay purchase top_up") \
  X(CHANGE_PLAN, "change_plan", CLIENT, PROCESS, 0, SIM_BIT(PLAN) | SIM_BIT(CARD), ASKED, 5, \
    "changes the plan of {client} to {plan}, with {card}", \
    "Change the plan through Checkout: sets the plan, puts the card on file.", \
    "upgrade downgrade") \
  X(RENEW, "renew", CLIENT, PROCESS, SIM_BIT(TOKENS), SIM_BIT(CYCLE), ASKED, 6, \
    "a new cycle brings {client} {amount} tokens", \
    "The next cycle begins: adds the plan's tokens.", "cycle grant renewal") \
  X(REFUND, "refund", PAID, PROCESS, 0, SIM_BIT(AMOUNT), SILENT, 12, \
    "the money for {id} is refunded", \
    "Give back the money of an action's reload or of a pack.", "return give_back") \
  X(DISPUTE, "dispute", PAID, PROCESS, SIM_BIT(OUTCOME), 0, SILENT, 8, \
    "disputes the payment for {id} and {won?loses, the merchant wins|wins, the merchant loses}", \
    "The card's holder disputes the charge of an action or a pack.", "chargeback") \
  X(AUTHENTICATE, "authenticate", ACTION, PROCESS, 0, 0, SILENT, 14, \
    "passes 3D Secure for {id}, late", \
    "The customer passes 3D Secure at the bank, late.", "3d_secure 3ds confirm") \
  X(DELIVER_EVENTS, "deliver_events", ORDER, PROCESS, 0, 0, SILENT, 8, \
    "the gateway's events come in", \
    "The gateway delivers what waits.", "events webhook webhooks") \
  X(FORGE_EVENT, "forge_event", ACTION, PROCESS, 0, 0, ASKED, 2, \
    "posts a forged event about {id}", \
    "Somebody posts an event about the action's charge with a bad signature.", "fake_event") \
  X(RECOVER, "recover", YES, PROCESS, 0, 0, SILENT, 16, \
    "the recovery job", "The recovery job runs once.", "recovery reconcile") \
  X(DELIVER_MAIL, "deliver_mail", YES, PROCESS, 0, 0, SILENT, 6, \
    "the mail job", "The mail job runs once.", "send_mail mail email") \
  X(WAIT, "wait", SPAN, WORLD, 0, 0, SILENT, 10, \
    "waits {span}", "Time passes.", "sleep pause delay") \
  X(CLOCK, "clock", JUMP, WORLD, 0, 0, SILENT, 5, \
    "the clock jumps by {span}", "The clock jumps.", "time jump") \
  X(GATEWAY_DOWN, "gateway_down", OUTAGE, WORLD, 0, 0, SILENT, 4, \
    "the gateway is down for {span}", "The gateway is down from now on, for that long.", "outage") \
  X(MAIL_DOWN, "mail_down", OUTAGE, WORLD, 0, 0, SILENT, 3, \
    "the mail is down for {span}", "The mail server is down from now on, for that long.", "") \
  X(CRASH, "crash", VICTIM, WORLD, 0, 0, SILENT, 8, \
    "process {process} dies", "That process dies; what it wrote stays.", "kill die") \
  X(POWER_CUT, "power_cut", YES, WORLD, 0, 0, SILENT, 5, \
    "the power fails", \
    "All processes die, and what was not safely on disk is lost.", "power_fail power_off blackout")

/* The values of verbs: as the fields above, but first SIM_VERB_VALUE_NAME. */
#define SIM_VERB_VALUES(X) \
  X(CLIENT, CLIENT, client, 0, 0, NULL, "", "acme", "A client that \"given\" describes.") \
  X(NEW_ACTION, NEW_ACTION, id, 0, 0, NULL, "", "creative-7", \
    "An action's id. Any text of up to 300 characters: odd ones are for the engine to refuse.") \
  X(ACTION, ACTION, id, 0, 0, NULL, "", "creative-7", "The id of an action that a step submits.") \
  X(PAID, PAID, id, 0, 0, NULL, "", "creative-7", \
    "The id of an action that a step submits, or of a pack that one buys.") \
  X(ORDER, WORD, event_order, 0, 0, &sim_order_words, "", "in order", "The order of the events.") \
  X(YES, YES, process, 0, 0, NULL, "", "true", "Always true.") \
  X(SPAN, DURATION, duration_ms, 0, INT64_MAX, NULL, "", "45 s", "How long.") \
  X(OUTAGE, DURATION, duration_ms, 0, INT64_MAX, NULL, "", "1 h", "How long.") \
  X(JUMP, JUMP, duration_ms, 0, 0, NULL, "", "+1 d", \
    "How far, forward or back: \"+1 d\", \"-5 min\".") \
  X(VICTIM, VICTIM, process, 0, 0, NULL, "", "web", "A process in which some step runs.")

/* ---- Answers -----------------------------------------------------------------------------------
 * X(NAME, word, verb, went, text)
 *   verb  the step that gives it; ANY: each may
 *   went  WELL: the normal answer, and the default; OTHER: any other
 * REFUSALS and ERRORS stand for the rows of the next two lists. */
#define SIM_ANSWERS(X, REFUSALS, ERRORS) \
  X(DONE, "done", SUBMIT, WELL, "The action goes through.") \
  REFUSALS \
  ERRORS \
  X(LOST, "no answer", ANY, OTHER, "The process died before it could answer.") \
  X(ENABLED, "enabled", TURN_ON, WELL, "Auto Reload is on now.") \
  X(DISABLED, "disabled", TURN_OFF, WELL, "Auto Reload is off now.") \
  X(ALREADY_ENABLED, "already enabled", TURN_ON, OTHER, "It was on; nothing changes.") \
  X(ALREADY_DISABLED, "already disabled", TURN_OFF, OTHER, "It was off; nothing changes.") \
  X(ADD_CARD, "add a card", TURN_ON, OTHER, "A prompt to add a card; it stays off.") \
  X(PLAN_NEEDED, "plan needed", TURN_ON, OTHER, "An active plan is needed; it stays off.") \
  X(SHOWN_ENABLED, "Enabled", LOOK, OTHER, "The toggle shows that it is on.") \
  X(SHOWN_DISABLED, "Disabled", LOOK, OTHER, "The toggle shows that it is off.") \
  X(EVENT_REFUSED, "refused", FORGE_EVENT, WELL, "The forged event is not believed.") \
  X(EVENT_ACCEPTED, "accepted", FORGE_EVENT, OTHER, "The forged event is believed.")

/* X(NAME, word, way, rule, text, mark): why submit is refused, RELOAD_REASON_NAME
 *   way   a way out that the modal offers besides the usual ones: RELOAD_OUT_...
 *   rule  the one that such a refusal breaks if nothing explains it
 *   mark  the probe: a situation that fuzz must have met */
#define SIM_REFUSALS(X) \
  X(OFF, "insufficient tokens", NOTHING, "NOFIRE-1", \
    "The modal without the note: Auto Reload is off.", \
    "refused: Auto Reload is off") \
  X(DECLINED, "not covered: card declined", UPDATE_CARD, "NOFIRE-2", \
    "The bank declined the card.", \
    "refused: the card was declined") \
  X(3D_SECURE, "not covered: 3D Secure", UPDATE_CARD, "NOFIRE-3", "The bank wanted 3D Secure.", \
    "refused: the bank wants the customer") \
  X(NO_PLAN, "not covered: no active plan", NOTHING, "NOFIRE-4", "The plan is not active.", \
    "refused: no active plan") \
  X(NO_CARD, "not covered: no card", UPDATE_CARD, "NOFIRE-5", "There is no card on file.", \
    "refused: no card on file") \
  X(CARD_DEAD, "not covered: card unusable", UPDATE_CARD, "NOFIRE-6", \
    "The card failed for good earlier.", \
    "refused: the card failed for good earlier") \
  X(TOO_SMALL, "not covered: top-up too small", NOTHING, "FIRE-7", \
    "One top-up would not cover the cost.", \
    "refused: one top-up would not cover it") \
  X(UNRESOLVED, "not covered: earlier charge unresolved", TRY_LATER, "MONEY-6", \
    "How an earlier charge ended is not known yet.", "refused: an earlier charge is unresolved") \
  X(WAITED, "not covered: waited too long", TRY_LATER, "RACE-3", \
    "Another action's reload took too long.", \
    "refused: waited too long for another action's reload") \
  X(UNKNOWN, "not covered: outcome unknown", TRY_LATER, "MONEY-5", \
    "How its own charge ended is not known yet.", \
    "refused: the outcome of its charge is unknown") \
  X(NOT_REACHED, "not covered: gateway not reached", TRY_LATER, "MONEY-5", \
    "The gateway could not be reached; nothing was charged.", \
    "refused: the gateway could not be reached")

/* X(NAME, word, text): the engine's errors, RELOAD_NAME. Each step may end with one. */
#define SIM_ERRORS(X) \
  X(INVALID, "error: invalid", "An id, a cost or a number is not acceptable.") \
  X(NOT_FOUND, "error: not found", "There is no such client or charge.") \
  X(CONFLICT, "error: conflict", "The id is known with other parameters.") \
  X(TOO_EARLY, "error: too early", "An event that cannot be applied yet.") \
  X(BUSY, "error: busy", "Another process holds the store.") \
  X(FULL, "error: full", "The disk is full.") \
  X(IO, "error: io", "The disk failed.") \
  X(CORRUPT, "error: corrupt", "The store is damaged.") \
  X(FOREIGN, "error: foreign", "The store is not of this program.") \
  X(NEWER, "error: newer", "The store is of a newer version.") \
  X(NOMEM, "error: out of memory", "Memory ran out.")

/* ---- Facts -------------------------------------------------------------------------------------
 * X(NAME, word, text) */
#define SIM_PLANS(X) \
  X(NONE, "none", "No subscription.") \
  X(ACTIVE, "active", "Paid for: the only one under which a reload fires.") \
  X(TRIALING, "trialing", "In a trial.") \
  X(PAST_DUE, "past due", "The last invoice is not paid.") \
  X(CANCELED, "canceled", "Was canceled.")

#define SIM_EVENT_ORDERS(X) \
  X(IN_ORDER, "in order", "As they happened.") \
  X(REVERSED, "reversed", "The last one first.") \
  X(TWICE, "twice", "Each one two times.") \
  X(NEVER, "never", "Not at all.")

#define SIM_LEDGER(X) \
  X(ANSWER, "answer", "The answers to an actor.") \
  X(LOG, "log", "The new entries of the credit log, in order. Left out: none.") \
  X(BANK, "bank", \
    "Every charge that was sent to the bank, in order. Left out: one \"captured\" for each " \
    "top-up in the log.") \
  X(MAIL, "mail", \
    "The mails, in the order in which each arrived first; copies do not count. Left out: none.")

#define SIM_MEASURES(X) \
  X(CHARGES, "charges", "Captured charges.") \
  X(ATTEMPTS, "attempts", "Charges that were sent to the bank.") \
  X(BALANCE, "balance", "The balance at the end.") \
  X(MAILS, "mails", "Distinct mails.")

/* X(word, text) */
#define SIM_INJECTED_BUDGETS(X) \
  X("none", "None, unless the command asks for them.") \
  X("single", "Any one fault, at every site.") \
  X("pairs", "Also any two faults: slow.")
#define SIM_TOGGLES(X) X("off", "It never fires.") X("on", "It fires.")
#define SIM_DISPUTES(X) \
  X("lost", "The money goes back to the card's holder.") X("won", "The merchant keeps the money.")
#define SIM_KINDS(X) X("creative", "One creative.") X("persona batch", "A batch of personas.")
#define SIM_MAILS(X) \
  X("enabled", "Auto Reload was turned on.") X("disabled", "Auto Reload was turned off.")
#define SIM_BANK_WORDS(X) \
  X("captured", "The money moved.") \
  X("3D Secure", "The bank wanted 3D Secure; no money moved.") \
  X("failed", "It was in processing, then failed.")

/* X(NAME, word, least, cause, sign, story, text): entries of the credit log, RELOAD_ENTRY_NAME
 *   least  tokens; a reversal of less than a token's worth of money says 0
 *   cause  what "for" may name: NOTHING, ACTION, or PAID for an action or a pack */
#define SIM_ENTRIES(X) \
  X(GRANT, "grant", 1, NOTHING, +1, "grant", "Tokens of a cycle.") \
  X(PACK, "pack", 1, NOTHING, +1, "pack", "Tokens of a pack.") \
  X(TOP_UP, "top_up", 1, ACTION, +1, "top-up", "Tokens that a reload added.") \
  X(SPEND, "spend", 1, ACTION, -1, "spend", "Tokens that an action took.") \
  X(REVERSAL, "reversal", 0, PAID, -1, "reversal", \
    "Tokens taken back, because money went back; 0 for less than a token's worth.")

/* X(unit, ms): of durations */
#define SIM_UNITS(X) X("ms", 1) X("s", 1000) X("min", 60000) X("h", 3600000) X("d", 86400000)

/* ---- What may go wrong -------------------------------------------------------------------------
 * X(NAME, word, text) */
#define SIM_SITES(X) \
  X(CREATE, "gateway.create", "Creating the charge.") \
  X(CONFIRM, "gateway.confirm", "Confirming the charge: the call that moves money.") \
  X(CANCEL, "gateway.cancel", "Closing a charge that was not captured.") \
  X(MAIL, "mail.deliver", "Handing a mail over.")

#define SIM_ANY_CALL (SIM_AT(CREATE) | SIM_AT(CONFIRM) | SIM_AT(CANCEL))

/* X(NAME, word, takes, sites, port, strain, injected, strength, weight, text)
 *   takes     what follows the word: NOTHING, a DURATION, or a code of one of SIM_CODES
 *   sites     where it may happen; rows of one site must be adjacent
 *   port      what the fake is asked to do
 *   strain    its effects: SIM_FAULT_EFFECT_...
 *   injected  how `--faults single` tries it: NEVER, ONCE, or with what (sim/world/inject.c)
 *   strength  minimising prefers weak faults. 0: no fault; 1 and 2: a clear answer; 3 and 4:
 *             nothing was done; 5 to 7: the effect comes late; from 8 on: the caller does not
 *             know the effect; from 10 on: it was done
 *   weight    how often the fuzzer draws it; 0: never */
#define SIM_BEHAVIOURS(X) \
  X(NORMAL, "normal", NOTHING, 0, FAKE_CARD_NORMAL, NOTHING, NEVER, 0, 1, "All is well.") \
  X(TIMEOUT_BEFORE, "timeout before", NOTHING, SIM_ANY_CALL, FAKE_CARD_TIMEOUT_BEFORE, GATEWAY, \
    ONCE, 9, 1, "The request never arrived.") \
  X(TIMEOUT_AFTER, "timeout after", NOTHING, SIM_ANY_CALL, FAKE_CARD_TIMEOUT_AFTER, GATEWAY, \
    ONCE, 11, 1, "It took effect, but the reply was lost.") \
  X(500_ROLLED_BACK, "500 rolled back", NOTHING, SIM_ANY_CALL, FAKE_CARD_500_ROLLED_BACK, GATEWAY, \
    ONCE, 8, 1, "A server error, without effect.") \
  X(500_ROLLED_FORWARD, "500 rolled forward", NOTHING, SIM_ANY_CALL, \
    FAKE_CARD_500_ROLLED_FORWARD, GATEWAY, ONCE, 10, 1, "A server error, but it took effect.") \
  X(409, "409", NOTHING, SIM_ANY_CALL, FAKE_CARD_409, GATEWAY, ONCE, 4, 1, \
    "Another request with this key is under way; no effect.") \
  X(429, "429", NOTHING, SIM_ANY_CALL, FAKE_CARD_429, GATEWAY, ONCE, 3, 1, \
    "Too many requests: nothing happened.") \
  X(NOT_REACHED, "not reached", NOTHING, SIM_ANY_CALL, FAKE_CARD_NOT_REACHED, GATEWAY, ONCE, 3, 1, \
    "No connection: nothing happened.") \
  X(SLOW, "slow", DURATION, SIM_ANY_CALL, FAKE_CARD_SLOW, TIME, FIVE_MINUTES, 5, 1, \
    "It takes effect, the reply comes late.") \
  X(REJECTED, "rejected", REJECTION, SIM_AT(CREATE), FAKE_CARD_REJECTED, NOTHING, NEVER, 1, 0, \
    "The gateway refuses the request; nothing happened.") \
  X(SUCCEEDED, "succeeded", NOTHING, SIM_AT(CONFIRM), FAKE_CARD_SUCCEEDED, NOTHING, NEVER, 0, 1, \
    "Captured, whatever the card.") \
  X(DECLINED, "declined", DECLINE, SIM_AT(CONFIRM), FAKE_CARD_DECLINED, NOTHING, \
    TWO_DECLINES, 1, 1, "The bank declines it, whatever the card.") \
  X(3D_SECURE, "3D Secure", NOTHING, SIM_AT(CONFIRM), FAKE_CARD_3D_SECURE, NOTHING, ONCE, 2, 1, \
    "The bank wants 3D Secure; nothing is captured.") \
  X(500_FORWARD_LATER, "500 rolled forward later", NOTHING, SIM_AT(CONFIRM), \
    FAKE_CARD_500_FORWARD_LATER, GATEWAY, ONCE, 10, 1, \
    "A server error, but it takes effect an hour later.") \
  X(PROCESSING_SUCCEEDS, "processing, then succeeded", NOTHING, SIM_AT(CONFIRM), \
    FAKE_CARD_PROCESSING_SUCCEEDS, GATEWAY, ONCE, 7, 1, "No result yet; captured later.") \
  X(PROCESSING_FAILS, "processing, then failed", NOTHING, SIM_AT(CONFIRM), \
    FAKE_CARD_PROCESSING_FAILS, GATEWAY, ONCE, 6, 1, "No result yet; fails later.") \
  X(MAIL_REFUSED, "refused", NOTHING, SIM_AT(MAIL), FAKE_MAIL_REFUSED, NOTHING, ONCE, 2, 1, \
    "The mail server refuses it.") \
  X(MAIL_REPLY_LOST, "reply lost", NOTHING, SIM_AT(MAIL), FAKE_MAIL_REPLY_LOST, NOTHING, ONCE, 11, \
    1, "Accepted, but the reply was lost.") \
  X(MAIL_LOST, "lost", NOTHING, SIM_AT(MAIL), FAKE_MAIL_LOST, NOTHING, ONCE, 9, 1, \
    "Not accepted, and no reply.")

/* X(word, text): the gateway's test cards, charged off session. */
#define SIM_CARDS(X) \
  X("pm_card_visa", "Works.") \
  X("pm_card_visa_chargeDeclined", "Declined: generic_decline.") \
  X("pm_card_visa_chargeDeclinedInsufficientFunds", "Declined: insufficient_funds.") \
  X("pm_card_visa_chargeDeclinedLostCard", "Declined for good: lost_card.") \
  X("pm_card_visa_chargeDeclinedStolenCard", "Declined for good: stolen_card.") \
  X("pm_card_visa_chargeDeclinedVelocityLimitExceeded", "Declined: card_velocity_exceeded.") \
  X("pm_card_chargeDeclinedExpiredCard", "Declined for good: expired_card.") \
  X("pm_card_chargeDeclinedIncorrectCvc", "Declined: incorrect_cvc.") \
  X("pm_card_chargeDeclinedProcessingError", "Declined: processing_error.") \
  X("pm_card_chargeCustomerFail", "Can be put on file, but is declined: generic_decline.") \
  X("pm_card_radarBlock", "Blocked as fraud, for good.") \
  X("pm_card_authenticationRequired", "3D Secure, every time.") \
  X("pm_card_authenticationRequiredOnSetup", "3D Secure until it was set up once, then works.") \
  X("pm_card_authenticationRequiredSetupForOffSession", "Works.") \
  X("pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", \
    "No funds, even after 3D Secure.") \
  X("pm_card_createDispute", "Works; a dispute comes later.") \
  X("pm_card_pendingRefund", "Works; a refund takes its time.") \
  X("pm_card_refundFail", "Works; a refund fails later.")

/* X(code): the decline codes in the gateway's public documentation. */
#define SIM_DECLINE_CODES(X) \
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

/* X(code): why the gateway refuses a request of the merchant, without asking the bank. */
#define SIM_REJECTION_CODES(X) \
  X("amount_too_small") X("amount_too_large") X("resource_missing") X("account_invalid") \
  X("parameter_invalid_integer") X("api_key_expired")

/* X(NAME, noun, list): the lists of codes that may follow a behaviour's word. */
#define SIM_CODES(X) \
  X(DECLINE, "decline code", SIM_DECLINE_CODES) \
  X(REJECTION, "code of a refused request", SIM_REJECTION_CODES)

/* clang-format on */

#endif
