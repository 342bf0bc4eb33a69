/* Bad input to every public call: an error, a message, and nothing changed, neither in the ledger
 * nor at the gateway. What looks bad but is legal (quotes, SQL, other scripts) must work. */
#include "engine_kit.h"

#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

static struct kit kit;

/* The client that all calls are for can do everything, so that only the bad input stops them. */
static int setup(void **state) {
  (void)state;
  struct reload_message m;
  enum reload_toggle_answer answer;
  kit_begin(&kit);
  kit_open(&kit);
  struct reload_engine *e = kit.engine;
  assert_int_equal(reload_client_add(e, "acme", "ana@owners.example", "cus_1", &m), RELOAD_OK);
  assert_int_equal(reload_plan_set(e, "acme", RELOAD_PLAN_ACTIVE, &m), RELOAD_OK);
  assert_int_equal(reload_card_set(e, "acme", "pm_1", &m), RELOAD_OK);
  assert_int_equal(reload_toggle_set(e, "acme", true, &answer, &m), RELOAD_OK);
  assert_int_equal(reload_cycle_grant(e, "acme", "cycle-1", 5, &m), RELOAD_OK);
  assert_int_equal(reload_pack_add(e, "acme", "cs_1", "pi_pack", 20, 900, "pm_1", &m), RELOAD_OK);
  return 0;
}

static int teardown(void **state) {
  (void)state;
  kit_end(&kit);
  return 0;
}

/* One call that must fail with `want`; `ledger` is what it was before. */
static void assert_fails(const char *name, const char *with, enum reload_error want,
                         enum reload_error got, const struct reload_message *message,
                         const char *ledger) {
  if (got != want) {
    fail_msg("%s with %s: got %s, not %s (%s)", name, with, reload_error_name(got),
             reload_error_name(want), message->text);
  }
  kit_assert_message(name, message);
  char *after = kit_ledger(&kit);
  bool same = strcmp(ledger, after) == 0;
  free(after);
  if (!same) fail_msg("%s with %s: the ledger has changed", name, with);
  if (kit.card_calls != 0 || kit.mails != 0) fail_msg("%s with %s: a port was called", name, with);
}

/* ---- Every argument that is an id --------------------------------------------------------- */

/* Fill an id field as a careless caller would: cut to the array, perhaps without its NUL. */
static void put(char *to, size_t size, const char *from) {
  memset(to, 0, size);
  for (size_t i = 0; i < size && from[i] != '\0'; i++) to[i] = from[i];
}

static enum reload_error spend(const char *client_id, const char *action_id, int64_t cost_tokens,
                               int kind, struct reload_message *m) {
  struct reload_spend s;
  memset(&s, 0, sizeof s);
  put(s.client_id, sizeof s.client_id, client_id != NULL ? client_id : "");
  put(s.action_id, sizeof s.action_id, action_id != NULL ? action_id : "");
  s.cost_tokens = cost_tokens;
  s.kind = (enum reload_action_kind)kind;
  struct reload_spend before = s;
  enum reload_error error = reload_spend_run(kit.engine, &s, m);
  if (error != RELOAD_OK) assert_memory_equal(&s, &before, sizeof s); /* may be made again */
  return error;
}

static enum reload_error event(enum reload_event_kind kind, const char *intent_id,
                               const char *reference_id, int64_t amount_minor,
                               struct reload_message *m) {
  struct reload_event v;
  memset(&v, 0, sizeof v);
  v.kind = kind;
  put(v.intent_id, sizeof v.intent_id, intent_id != NULL ? intent_id : "");
  put(v.reference_id, sizeof v.reference_id, reference_id != NULL ? reference_id : "");
  v.amount_minor = amount_minor;
  return reload_event_apply(kit.engine, &v, m);
}

typedef enum reload_error id_call(const char *id, struct reload_message *m);

static enum reload_error spend_client(const char *id, struct reload_message *m) {
  return spend(id, "a-1", 3, RELOAD_CREATIVE, m);
}
static enum reload_error spend_action(const char *id, struct reload_message *m) {
  return spend("acme", id, 3, RELOAD_CREATIVE, m);
}
static enum reload_error toggle_client(const char *id, struct reload_message *m) {
  enum reload_toggle_answer answer;
  return reload_toggle_set(kit.engine, id, false, &answer, m);
}
static enum reload_error add_client(const char *id, struct reload_message *m) {
  return reload_client_add(kit.engine, id, "ana@owners.example", "cus_2", m);
}
static enum reload_error add_customer(const char *id, struct reload_message *m) {
  return reload_client_add(kit.engine, "new", "ana@owners.example", id, m);
}
static enum reload_error plan_client(const char *id, struct reload_message *m) {
  return reload_plan_set(kit.engine, id, RELOAD_PLAN_CANCELED, m);
}
static enum reload_error card_client(const char *id, struct reload_message *m) {
  return reload_card_set(kit.engine, id, "pm_2", m);
}
static enum reload_error card_card(const char *id, struct reload_message *m) {
  return reload_card_set(kit.engine, "acme", id, m);
}
static enum reload_error remove_client(const char *id, struct reload_message *m) {
  return reload_card_remove(kit.engine, id, m);
}
static enum reload_error pack_client(const char *id, struct reload_message *m) {
  return reload_pack_add(kit.engine, id, "cs_2", "pi_2", 10, 500, "pm_2", m);
}
static enum reload_error pack_checkout(const char *id, struct reload_message *m) {
  return reload_pack_add(kit.engine, "acme", id, "pi_2", 10, 500, "pm_2", m);
}
static enum reload_error pack_intent(const char *id, struct reload_message *m) {
  return reload_pack_add(kit.engine, "acme", "cs_2", id, 10, 500, "pm_2", m);
}
static enum reload_error pack_card(const char *id, struct reload_message *m) {
  return reload_pack_add(kit.engine, "acme", "cs_2", "pi_2", 10, 500, id, m);
}
static enum reload_error change_client(const char *id, struct reload_message *m) {
  return reload_plan_change(kit.engine, id, RELOAD_PLAN_CANCELED, "pm_2", m);
}
static enum reload_error change_card(const char *id, struct reload_message *m) {
  return reload_plan_change(kit.engine, "acme", RELOAD_PLAN_CANCELED, id, m);
}
static enum reload_error cycle_client(const char *id, struct reload_message *m) {
  return reload_cycle_grant(kit.engine, id, "cycle-2", 10, m);
}
static enum reload_error cycle_cycle(const char *id, struct reload_message *m) {
  return reload_cycle_grant(kit.engine, "acme", id, 10, m);
}
static enum reload_error intent_intent(const char *id, struct reload_message *m) {
  return event(RELOAD_EVENT_INTENT, id, "", 0, m);
}
static enum reload_error refund_intent(const char *id, struct reload_message *m) {
  return event(RELOAD_EVENT_REFUNDED, id, "", 100, m);
}
static enum reload_error dispute_intent(const char *id, struct reload_message *m) {
  return event(RELOAD_EVENT_DISPUTE_LOST, id, "du_1", 100, m);
}
static enum reload_error dispute_reference(const char *id, struct reload_message *m) {
  return event(RELOAD_EVENT_DISPUTE_LOST, "pi_pack", id, 100, m);
}
static enum reload_error ledger_client(const char *id, struct reload_message *m) {
  static const struct reload_ledger_visitor nobody = {.self = NULL};
  /* Null means all clients here, and is fine. */
  return id == NULL ? spend_client(id, m) : reload_ledger_read(kit.engine, id, &nobody, m);
}

static const struct {
  const char *name;
  id_call *call;
  bool needs_client; /* an id that nobody has is RELOAD_NOT_FOUND */
} id_calls[] = {
    {"spend: client", spend_client, true},
    {"spend: action", spend_action, false},
    {"toggle: client", toggle_client, true},
    {"add: client", add_client, false},
    {"add: customer", add_customer, false},
    {"plan: client", plan_client, true},
    {"card set: client", card_client, true},
    {"card set: card", card_card, false},
    {"card remove: client", remove_client, true},
    {"pack: client", pack_client, true},
    {"pack: checkout", pack_checkout, false},
    {"pack: intent", pack_intent, false},
    {"pack: card", pack_card, false},
    {"plan change: client", change_client, true},
    {"plan change: card", change_card, false},
    {"cycle: client", cycle_client, true},
    {"cycle: cycle", cycle_cycle, false},
    {"intent event: intent", intent_intent, false},
    {"refund: intent", refund_intent, false},
    {"dispute: intent", dispute_intent, false},
    {"dispute: reference", dispute_reference, false},
    {"ledger: client", ledger_client, false},
};

static const struct {
  const char *name;
  const char *value;
} bad_ids[] = {
    {"null", NULL},
    {"empty", ""},
    {"65 bytes", SIXTY "abcde"},
    {"an array without its NUL", SIXTY TEN},
    {"a bad byte", "a\xff"},
    {"a character cut short", "a\xe2\x82"},
    {"overlong UTF-8", "\xc0\xaf"},
    {"a surrogate", "\xed\xa0\x80"},
    {"CR LF", "a\r\nBcc: x"},
    {"a newline at the end", "acme\n"},
    {"an escape", "\x1b[2J"},
    {"DEL", "a\x7f"},
    {"C1", "a\xc2\x85"},
    {"a leading space", " acme"},
    {"a trailing space", "acme "},
};

static void test_bad_ids(void **state) {
  (void)state;
  char *ledger = kit_ledger(&kit);
  for (size_t i = 0; i < KIT_COUNT(id_calls); i++) {
    for (size_t k = 0; k < KIT_COUNT(bad_ids); k++) {
      struct reload_message m = {"old"};
      enum reload_error error = id_calls[i].call(bad_ids[k].value, &m);
      assert_fails(id_calls[i].name, bad_ids[k].name, RELOAD_INVALID, error, &m, ledger);
      assert_int_equal(id_calls[i].call(bad_ids[k].value, NULL), RELOAD_INVALID);
    }
  }
  free(ledger);
}

static const char *const odd_ids[] = {
    "'",           "\"",           "''; DROP TABLE client; --",
    "' OR '1'='1", "acme%",        "a_me",
    "ACME",        "\\",           "?1",
    "caf\xc3\xa9", "cafe\xcc\x81", "\xf0\x9f\x92\xb3",
    "0",           "null",         SIXTY "abcd",
    "{\"a\":1}",
};

/* An odd id is only an id: nobody has it, and looking for it finds nobody else. */
static void test_unknown_clients(void **state) {
  (void)state;
  char *ledger = kit_ledger(&kit);
  for (size_t i = 0; i < KIT_COUNT(id_calls); i++) {
    for (size_t k = 0; id_calls[i].needs_client && k < KIT_COUNT(odd_ids); k++) {
      struct reload_message m = {"old"};
      enum reload_error error = id_calls[i].call(odd_ids[k], &m);
      assert_fails(id_calls[i].name, odd_ids[k], RELOAD_NOT_FOUND, error, &m, ledger);
    }
  }
  free(ledger);
}

/* Odd ids work as well as any other and come back as they were given. */
static void test_odd_ids_work(void **state) {
  (void)state;
  for (size_t k = 0; k < KIT_COUNT(odd_ids); k++) {
    const char *id = odd_ids[k];
    struct reload_message m;
    enum reload_toggle_answer answer;
    struct reload_engine *e = kit.engine;
    assert_int_equal(reload_client_add(e, id, "o'neill@owners.example", id, &m), RELOAD_OK);
    assert_int_equal(reload_plan_change(e, id, RELOAD_PLAN_ACTIVE, id, &m), RELOAD_OK);
    assert_int_equal(reload_cycle_grant(e, id, id, 5, &m), RELOAD_OK);
    assert_int_equal(reload_toggle_set(e, id, true, &answer, &m), RELOAD_OK);
    assert_int_equal(answer, RELOAD_TOGGLE_CHANGED);
    assert_int_equal(spend(id, id, 10, RELOAD_PERSONA_BATCH, &m), RELOAD_OK);
    assert_string_equal(m.text, "");
    char *ledger = kit_ledger(&kit), line[400];
    /* 5 granted, 50 reloaded, 10 spent: 45 left */
    assert_true(snprintf(line, sizeof line, "client %s|o'neill@owners.example|%s|1|%s|1|0|45|1\n",
                         id, id, id) > 0);
    if (strstr(ledger, line) == NULL) fail_msg("no line %s in:\n%s", line, ledger);
    free(ledger);
  }
  assert_int_equal(kit.captured, KIT_COUNT(odd_ids));
}

/* ---- Addresses ---------------------------------------------------------------------------- */

static void test_bad_addresses(void **state) {
  (void)state;
  static const char *const addresses[] = {
      NULL,
      "",
      "ana",
      "@owners.example",
      "ana@",
      "ana@localhost",
      "ana@@owners.example",
      "ana@owners.example\r\nBcc: x@y.example",
      "ana\n@owners.example",
      "an a@owners.example",
      "\"ana\"@owners.example",
      "<ana@owners.example>",
      "ana@owners.example,ben@owners.example",
      "ana@owners.example;ben",
      "a\\na@owners.example",
      "\xc3\xa4@owners.example",
      "a\xff@owners.example",
      "ana@owners.example ",
      "ana@-.example",
      "a@" SIXTY "." SIXTY "." SIXTY "." SIXTY "." SIXTY,
  };
  char *ledger = kit_ledger(&kit);
  for (size_t i = 0; i < KIT_COUNT(addresses); i++) {
    struct reload_message m = {"old"};
    enum reload_error error = reload_client_add(kit.engine, "new", addresses[i], "cus_2", &m);
    assert_fails("add: email", addresses[i] != NULL ? addresses[i] : "null", RELOAD_INVALID, error,
                 &m, ledger);
  }
  free(ledger);
}

/* ---- Amounts and kinds -------------------------------------------------------------------- */

static const int64_t bad_amounts[] = {0, -1, INT64_MIN, RELOAD_TOKENS_MAX + 1, INT64_MAX};

static void test_bad_amounts(void **state) {
  (void)state;
  char *ledger = kit_ledger(&kit);
  for (size_t i = 0; i < KIT_COUNT(bad_amounts); i++) {
    int64_t bad = bad_amounts[i];
    char with[32];
    struct reload_message m = {"old"};
    struct reload_engine *e = kit.engine;
    assert_true(snprintf(with, sizeof with, "%lld", (long long)bad) > 0);
    assert_fails("spend: cost", with, RELOAD_INVALID,
                 spend("acme", "a-1", bad, RELOAD_CREATIVE, &m), &m, ledger); /* FIRE-8 */
    assert_fails("pack: tokens", with, RELOAD_INVALID,
                 reload_pack_add(e, "acme", "cs_2", "pi_2", bad, 500, "pm_2", &m), &m, ledger);
    assert_fails("pack: amount", with, RELOAD_INVALID,
                 reload_pack_add(e, "acme", "cs_2", "pi_2", 10, bad, "pm_2", &m), &m, ledger);
    assert_fails("cycle: tokens", with, RELOAD_INVALID,
                 reload_cycle_grant(e, "acme", "cycle-2", bad, &m), &m, ledger);
    assert_fails("refund: amount", with, RELOAD_INVALID,
                 event(RELOAD_EVENT_REFUNDED, "pi_pack", "", bad, &m), &m, ledger);
    assert_fails("dispute: amount", with, RELOAD_INVALID,
                 event(RELOAD_EVENT_DISPUTE_LOST, "pi_pack", "du_1", bad, &m), &m, ledger);
  }
  free(ledger);
}

static void test_bad_kinds(void **state) {
  (void)state;
  static const int kinds[] = {-1, 5, 99, INT32_MAX, INT32_MIN};
  char *ledger = kit_ledger(&kit);
  for (size_t i = 0; i < KIT_COUNT(kinds); i++) {
    char with[32];
    struct reload_message m = {"old"};
    enum reload_plan plan = (enum reload_plan)kinds[i];
    assert_true(snprintf(with, sizeof with, "%d", kinds[i]) > 0);
    assert_fails("spend: kind", with, RELOAD_INVALID, spend("acme", "a-1", 3, kinds[i], &m), &m,
                 ledger);
    assert_fails("plan: plan", with, RELOAD_INVALID, reload_plan_set(kit.engine, "acme", plan, &m),
                 &m, ledger);
    assert_fails("plan change: plan", with, RELOAD_INVALID,
                 reload_plan_change(kit.engine, "acme", plan, "pm_2", &m), &m, ledger);
    assert_fails("event: kind", with, RELOAD_INVALID,
                 event((enum reload_event_kind)kinds[i], "pi_pack", "du_1", 100, &m), &m, ledger);
  }
  free(ledger);
}

/* A balance may come up to the limit and not beyond it. */
static void test_full_balance(void **state) {
  (void)state;
  struct reload_message m;
  struct reload_engine *e = kit.engine;
  /* 25 tokens are there */
  assert_int_equal(reload_cycle_grant(e, "acme", "cycle-2", RELOAD_TOKENS_MAX - 25, &m), RELOAD_OK);
  char *ledger = kit_ledger(&kit);
  assert_fails("cycle: tokens", "a full balance", RELOAD_INVALID,
               reload_cycle_grant(e, "acme", "cycle-3", 1, &m), &m, ledger);
  assert_fails("pack: tokens", "a full balance", RELOAD_INVALID,
               reload_pack_add(e, "acme", "cs_3", "pi_3", RELOAD_TOKENS_MAX, 1, "pm_2", &m), &m,
               ledger);
  free(ledger);
  assert_int_equal(spend("acme", "a-1", RELOAD_TOKENS_MAX, RELOAD_CREATIVE, &m), RELOAD_OK);
}

/* ---- Ids that are known with other parameters --------------------------------------------- */

static void test_conflicts(void **state) {
  (void)state;
  struct reload_message m;
  struct reload_engine *e = kit.engine;
  assert_int_equal(spend("acme", "a-1", 3, RELOAD_CREATIVE, &m), RELOAD_OK);
  assert_int_equal(reload_client_add(e, "other", "ben@owners.example", "cus_2", &m), RELOAD_OK);
  char *ledger = kit_ledger(&kit);
  assert_fails("spend", "another cost", RELOAD_CONFLICT,
               spend("acme", "a-1", 4, RELOAD_CREATIVE, &m), &m, ledger);
  assert_fails("spend", "another kind", RELOAD_CONFLICT,
               spend("acme", "a-1", 3, RELOAD_PERSONA_BATCH, &m), &m, ledger);
  assert_fails("spend", "another client", RELOAD_CONFLICT,
               spend("other", "a-1", 3, RELOAD_CREATIVE, &m), &m, ledger);
  assert_fails("add", "another owner", RELOAD_CONFLICT,
               reload_client_add(e, "acme", "ben@owners.example", "cus_1", &m), &m, ledger);
  assert_fails("add", "another customer", RELOAD_CONFLICT,
               reload_client_add(e, "acme", "ana@owners.example", "cus_2", &m), &m, ledger);
  assert_fails("pack", "other tokens", RELOAD_CONFLICT,
               reload_pack_add(e, "acme", "cs_1", "pi_pack", 21, 900, "pm_2", &m), &m, ledger);
  assert_fails("pack", "another price", RELOAD_CONFLICT,
               reload_pack_add(e, "acme", "cs_1", "pi_pack", 20, 901, "pm_2", &m), &m, ledger);
  assert_fails("pack", "another intent", RELOAD_CONFLICT,
               reload_pack_add(e, "acme", "cs_1", "pi_2", 20, 900, "pm_2", &m), &m, ledger);
  assert_fails("cycle", "other tokens", RELOAD_CONFLICT,
               reload_cycle_grant(e, "acme", "cycle-1", 6, &m), &m, ledger);
  free(ledger);
}

/* The money of one intent buys one thing. */
static void test_intent_buys_once(void **state) {
  (void)state;
  struct reload_message m;
  struct reload_engine *e = kit.engine;
  assert_int_equal(reload_client_add(e, "other", "ben@owners.example", "cus_2", &m), RELOAD_OK);
  char *ledger = kit_ledger(&kit);
  assert_fails("pack", "an intent that paid another checkout", RELOAD_CONFLICT,
               reload_pack_add(e, "acme", "cs_2", "pi_pack", 20, 900, "pm_1", &m), &m, ledger);
  assert_fails("pack", "an intent that paid another client's pack", RELOAD_CONFLICT,
               reload_pack_add(e, "other", "cs_2", "pi_pack", 20, 900, "pm_1", &m), &m, ledger);
  free(ledger);
}

/* The same call again is fine and adds nothing. */
static void test_repeats(void **state) {
  (void)state;
  struct reload_message m;
  struct reload_engine *e = kit.engine;
  enum reload_toggle_answer answer;
  assert_int_equal(spend("acme", "a-1", 3, RELOAD_CREATIVE, &m), RELOAD_OK);
  assert_int_equal(event(RELOAD_EVENT_REFUNDED, "pi_pack", "", 450, &m), RELOAD_OK);
  assert_int_equal(event(RELOAD_EVENT_DISPUTE_LOST, "pi_pack", "du_1", 90, &m), RELOAD_OK);
  char *ledger = kit_ledger(&kit);
  assert_int_equal(spend("acme", "a-1", 3, RELOAD_CREATIVE, &m), RELOAD_OK);
  assert_int_equal(reload_client_add(e, "acme", "ana@owners.example", "cus_1", &m), RELOAD_OK);
  assert_int_equal(reload_cycle_grant(e, "acme", "cycle-1", 5, &m), RELOAD_OK);
  assert_int_equal(reload_pack_add(e, "acme", "cs_1", "pi_pack", 20, 900, "pm_1", &m), RELOAD_OK);
  assert_int_equal(reload_plan_set(e, "acme", RELOAD_PLAN_ACTIVE, &m), RELOAD_OK);
  assert_int_equal(reload_toggle_set(e, "acme", true, &answer, &m), RELOAD_OK);
  assert_int_equal(answer, RELOAD_TOGGLE_ALREADY);
  assert_int_equal(event(RELOAD_EVENT_REFUNDED, "pi_pack", "", 450, &m), RELOAD_OK);
  /* a late one: less than what is known */
  assert_int_equal(event(RELOAD_EVENT_REFUNDED, "pi_pack", "", 100, &m), RELOAD_OK);
  assert_int_equal(event(RELOAD_EVENT_DISPUTE_LOST, "pi_pack", "du_1", 90, &m), RELOAD_OK);
  assert_int_equal(event(RELOAD_EVENT_REFUNDED, "pi_of_others", "", 450, &m), RELOAD_OK);
  assert_int_equal(event(RELOAD_EVENT_INTENT, "pi_of_others", "", 0, &m), RELOAD_OK);
  assert_int_equal(event(RELOAD_EVENT_OTHER, "", "", 0, &m), RELOAD_OK);
  char *after = kit_ledger(&kit);
  assert_string_equal(ledger, after);
  free(ledger);
  free(after);
}

/* ---- Damaged requests --------------------------------------------------------------------- */

static void test_damaged_requests(void **state) {
  (void)state;
  static const int steps[] = {-1, RELOAD_STEP_END + 1, 1000};
  char *ledger = kit_ledger(&kit);
  for (size_t i = 0; i < KIT_COUNT(steps); i++) {
    struct reload_message m = {"old"};
    struct reload_spend s;
    struct reload_recovery r;
    struct reload_delivery d;
    memset(&s, 0, sizeof s);
    memset(&r, 0, sizeof r);
    memset(&d, 0, sizeof d);
    put(s.client_id, sizeof s.client_id, "acme");
    put(s.action_id, sizeof s.action_id, "a-1");
    s.cost_tokens = 3;
    s.step = (enum reload_step)steps[i];
    r.step = (enum reload_step)steps[i];
    d.step = (enum reload_delivery_step)steps[i];
    assert_fails("spend", "an unknown step", RELOAD_INVALID, reload_spend_step(kit.engine, &s, &m),
                 &m, ledger);
    assert_fails("recovery", "an unknown step", RELOAD_INVALID,
                 reload_recovery_step(kit.engine, &r, &m), &m, ledger);
    assert_fails("delivery", "an unknown step", RELOAD_INVALID,
                 reload_delivery_step(kit.engine, &d, &m), &m, ledger);
  }
  free(ledger);
}

/* A request that ended is not begun anew by stepping it again. */
static void test_step_after_the_end(void **state) {
  (void)state;
  struct reload_message m;
  struct reload_spend s;
  memset(&s, 0, sizeof s);
  put(s.client_id, sizeof s.client_id, "acme");
  put(s.action_id, sizeof s.action_id, "a-1");
  s.cost_tokens = 3;
  assert_int_equal(reload_spend_run(kit.engine, &s, &m), RELOAD_OK);
  char *ledger = kit_ledger(&kit);
  struct reload_spend before = s;
  (void)reload_spend_step(kit.engine, &s, &m);
  assert_memory_equal(&s, &before, sizeof s);
  char *after = kit_ledger(&kit);
  assert_string_equal(ledger, after);
  free(ledger);
  free(after);
}

/* Other settings count from the next charge on; bad ones change nothing. */
static void test_other_settings(void **state) {
  (void)state;
  struct reload_message m;
  struct reload_settings settings = kit.config.settings, bad = settings;
  bad.top_up_tokens = 0;
  char *ledger = kit_ledger(&kit);
  assert_fails("settings_set", "no tokens", RELOAD_INVALID,
               reload_settings_set(kit.engine, &bad, &m), &m, ledger);
  free(ledger);
  settings.top_up_tokens = 7777;
  assert_int_equal(reload_settings_set(kit.engine, &settings, &m), RELOAD_OK);
  assert_int_equal(spend("acme", "too large for the old ones", 5000, 0, &m), RELOAD_OK);
  assert_int_equal(kit.captured, 1);
  ledger = kit_ledger(&kit);
  assert_non_null(strstr(ledger, "7777"));
  free(ledger);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_bad_ids),        TEST(test_unknown_clients),  TEST(test_odd_ids_work),
      TEST(test_bad_addresses),  TEST(test_bad_amounts),      TEST(test_bad_kinds),
      TEST(test_full_balance),   TEST(test_conflicts),        TEST(test_intent_buys_once),
      TEST(test_repeats),        TEST(test_damaged_requests), TEST(test_step_after_the_end),
      TEST(test_other_settings),
  };
  return cmocka_run_group_tests_name("engine_api", tests, NULL, NULL);
}
