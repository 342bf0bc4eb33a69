/* Stories tell the truth: every claim of every step of every story in the suite is compared with
 * what the gateway, the mailbox, the store and the actors know, before the step and after it. The
 * truth is worked out here from the two worlds, without a look at the record. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "story_kit.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What can be claimed, and what can be true. */
enum claim {
  CHARGED,      /* minor units: by the call of this step */
  CAPTURED,     /* minor units: of all intents */
  DECLINED,     /* intents that the call had declined */
  ASKED_3D,     /* the bank wants 3D Secure */
  OPENED,       /* minor units of a new intent */
  CANCELED,     /* by the call */
  NOW_CANCELED, /* of all intents */
  REFUNDED,     /* minor units */
  DISPUTED,
  CREDITED, /* lines of the credit logs */
  MAILED,   /* copies that the box has got */
  TOLD,
  TOGGLED,
  CLAIM_COUNT
};

static const char *const names[CLAIM_COUNT] = {
    "charged",  "captured", "declined",     "asked for 3D Secure",
    "opened",   "canceled", "now canceled", "refunded",
    "disputed", "credited", "mailed",       "told",
    "toggled"};

struct facts {
  int64_t numbers[CLAIM_COUNT];
};

struct checked {
  int stories, steps;
  struct facts met; /* in all: a claim that is never made proves nothing */
};

/* ---- The truth ----------------------------------------------------------------------------- */

static const struct fake_card_intent *intent_before(const struct story_step *step, const char *id) {
  for (int i = 0; i < step->before->card.intent_count; i++)
    if (strcmp(step->before->card.intents[i].id, id) == 0) return &step->before->card.intents[i];
  return NULL;
}

static void add_intent(const struct story_step *step, const struct fake_card_intent *is,
                       struct facts *truth) {
  static const struct fake_card_intent none;
  const struct fake_card_intent *old = intent_before(step, is->id), *was = old ? old : &none;
  int64_t captured = is->captured_minor - was->captured_minor;
  bool confirmed = is->confirm_no > 0 && was->confirm_no == 0;
  bool canceled = is->canceled_at_ms > 0 && was->canceled_at_ms == 0;
  truth->numbers[CAPTURED] += captured;
  truth->numbers[CHARGED] += confirmed ? captured : 0;
  truth->numbers[DECLINED] += confirmed && is->result == FAKE_CARD_RESULT_DECLINED;
  truth->numbers[ASKED_3D] += confirmed && is->result == FAKE_CARD_RESULT_3D_SECURE;
  truth->numbers[OPENED] += !old && !is->is_checkout ? is->amount_minor : 0;
  truth->numbers[CANCELED] += canceled;
  truth->numbers[NOW_CANCELED] += canceled;
  truth->numbers[REFUNDED] += is->refunded_minor - was->refunded_minor;
  truth->numbers[DISPUTED] += is->dispute != was->dispute;
}

static bool is_new_entry(const struct story_step *step, const struct sim_entry_row *entry) {
  for (int i = 0; i < step->before->ledger.entry_count; i++)
    if (memcmp(&step->before->ledger.entries[i], entry, sizeof *entry) == 0) return false;
  return true;
}

static int64_t copies(const struct sim_world *world) {
  int64_t count = 0;
  for (int i = 0; i < world->mail.message_count; i++) count += world->mail.messages[i].copy_count;
  return count;
}

static int64_t answers(const struct story_step *step) {
  int64_t count = 0;
  for (int a = 0; a < step->the_case->actor_count; a++)
    for (int i = step->before->tasks[a].answer_count; i < step->after->tasks[a].answer_count; i++)
      count += step->after->tasks[a].answers[i] != SIM_ANSWER_NONE;
  return count;
}

static struct facts truth_of(const struct story_step *step) {
  struct facts truth = {{0}};
  for (int i = 0; i < step->after->card.intent_count; i++)
    add_intent(step, &step->after->card.intents[i], &truth);
  for (int i = 0; i < step->after->ledger.entry_count; i++)
    truth.numbers[CREDITED] += is_new_entry(step, &step->after->ledger.entries[i]);
  for (int i = 0; i < step->the_case->client_count; i++)
    truth.numbers[TOGGLED] +=
        step->after->ledger.clients[i].auto_reload != step->before->ledger.clients[i].auto_reload;
  truth.numbers[MAILED] = copies(step->after) - copies(step->before);
  truth.numbers[TOLD] = answers(step);
  return truth;
}

/* ---- What is claimed ----------------------------------------------------------------------- */

/* The amount in "10.00 USD ...", in minor units: its digits. */
static int64_t amount_in(const char *text) {
  int64_t amount = 0;
  for (; isdigit((unsigned char)*text) || *text == '.'; text++)
    if (*text != '.') amount = amount * 10 + (*text - '0');
  return amount;
}

/* Where a phrase ends in a text; null: it is not in it. */
static const char *after(const char *text, const char *phrase) {
  const char *at = strstr(text, phrase);
  return at ? at + strlen(phrase) : NULL;
}

static bool begins(const char *text, const char *start) {
  return strncmp(text, start, strlen(start)) == 0;
}

static const struct phrase {
  const char *text;
  enum claim claim;
  bool has_amount; /* behind it */
} phrases[] = {
    {"the card is charged ", CHARGED, true},
    {"the bank has captured ", CHARGED, true},
    {", captured ", CAPTURED, true},
    {"the bank declines: ", DECLINED, false},
    {"the bank has declined: ", DECLINED, false},
    {"the bank asks for 3D Secure", ASKED_3D, false},
    {"the bank has asked for 3D Secure", ASKED_3D, false},
    {"opens an intent over ", OPENED, true},
    {"an intent was opened over ", OPENED, true},
    {"the intent is canceled", CANCELED, false},
    {"the intent was canceled", CANCELED, false},
    {"-> canceled", NOW_CANCELED, false},
    {"bank: dispute over ", DISPUTED, false},
    {"mailbox of ", MAILED, false},
    {" is told: ", TOLD, false},
    {"Auto Reload of ", TOGGLED, false},
    {"credit log of ", CREDITED, false},
};

static void add_line(const char *text, struct facts *claims) {
  for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++) {
    const char *rest = after(text, phrases[i].text);
    bool is_plan = phrases[i].claim == NOW_CANCELED && begins(text, "plan of "); /* also a status */
    if (rest && !is_plan)
      claims->numbers[phrases[i].claim] += phrases[i].has_amount ? amount_in(rest) : 1;
  }
  if (begins(text, "bank: ") && strstr(text, " refunded for "))
    claims->numbers[REFUNDED] += amount_in(text + strlen("bank: "));
}

static const char *line_of(const json_t *told, size_t index) {
  return json_string_value(
      json_object_get(json_array_get(json_object_get(told, "lines"), index), "text"));
}

static size_t line_count(const json_t *told) {
  return json_array_size(json_object_get(told, "lines"));
}

static struct facts claims_of(const json_t *told) {
  struct facts claims = {{0}};
  for (size_t i = 0; i < line_count(told); i++) add_line(line_of(told, i), &claims);
  return claims;
}

/* ---- The comparison ------------------------------------------------------------------------ */

static void fail_at(const struct story_step *step, const char *what) {
  print_message("%s, ending %d, step %d: %s: %s\n", step->the_case->id, step->ending, step->number,
                json_string_value(json_object_get(step->told, "who")),
                json_string_value(json_object_get(step->told, "text")));
  for (size_t i = 0; i < line_count(step->told); i++)
    print_message("    > %s\n", line_of(step->told, i));
  fail_msg("it is not true: %s", what);
}

static bool has_line(const json_t *told, const char *start) {
  for (size_t i = 0; i < line_count(told); i++)
    if (begins(line_of(told, i), start)) return true;
  return false;
}

static bool has_part(const json_t *told, const char *part) {
  for (size_t i = 0; i < line_count(told); i++)
    if (strstr(line_of(told, i), part)) return true;
  return false;
}

static void expect_line(const struct story_step *step, const char *start) {
  if (!has_line(step->told, start)) fail_at(step, start);
}

/* Numbers may agree by accident: the codes, answers and balances, too. */
static void check_words(const struct story_step *step) {
  static const char *const kinds[] = {"grant", "pack", "top-up", "spend", "reversal"};
  const struct sim_case *the_case = step->the_case;
  char text[400];
  for (int i = 0; i < step->after->card.intent_count; i++) {
    const struct fake_card_intent *is = &step->after->card.intents[i];
    const struct fake_card_intent *was = intent_before(step, is->id);
    if (is->confirm_no == 0 || (was && was->confirm_no > 0) ||
        is->result != FAKE_CARD_RESULT_DECLINED)
      continue;
    snprintf(text, sizeof text, "declines: %s", is->decline_code);
    if (!has_part(step->told, text))
      snprintf(text, sizeof text, "has declined: %s", is->decline_code);
    if (!has_part(step->told, text)) fail_at(step, text);
  }
  for (int i = 0; i < step->after->ledger.entry_count; i++) {
    const struct sim_entry_row *entry = &step->after->ledger.entries[i];
    if (!is_new_entry(step, entry)) continue;
    snprintf(text, sizeof text, "credit log of %s: %s %+" PRId64 ", balance %" PRId64,
             the_case->clients[entry->client].name, kinds[entry->kind], entry->tokens,
             entry->balance_tokens);
    expect_line(step, text);
  }
  for (int a = 0; a < the_case->actor_count; a++)
    for (int i = step->before->tasks[a].answer_count; i < step->after->tasks[a].answer_count; i++) {
      enum sim_answer answer = (enum sim_answer)step->after->tasks[a].answers[i];
      snprintf(text, sizeof text, "%s is told: %s", the_case->actors[a].name,
               sim_answer_word(answer));
      if (answer != SIM_ANSWER_NONE) expect_line(step, text);
    }
}

/* "Nothing" is a claim, too. And what was asked for is no result. */
static void check_denials(const struct story_step *step, const struct facts *truth) {
  static const struct {
    const char *denial;
    enum claim claim;
  } denials[] = {{"nothing was charged", CHARGED},          {"nothing was canceled", CANCELED},
                 {"no intent was opened", OPENED},          {"the mail server refuses it", MAILED},
                 {"the mail server is down", MAILED},       {"mail server has lost it", MAILED},
                 {"the call is refused", CHARGED},          {"the gateway refuses", CHARGED},
                 {"the gateway repeats its answer", OPENED}};
  static const char *const results[] = {"charged", "declined", "canceled", "captured"};
  const char *what = json_string_value(json_object_get(step->told, "text"));
  for (size_t i = 0; i < sizeof denials / sizeof denials[0]; i++)
    if (has_part(step->told, denials[i].denial) && truth->numbers[denials[i].claim] != 0)
      fail_at(step, denials[i].denial);
  if (has_part(step->told, "mail server accepts it") && truth->numbers[MAILED] != 1)
    fail_at(step, "the mail server accepts it");
  for (size_t i = 0; i < sizeof results / sizeof results[0] && step->effect->card_call; i++)
    if (strstr(what, results[i]) && !step->effect->fault) fail_at(step, results[i]);
}

/* The record as data says the same. */
static void check_record(const struct story_step *step, const struct facts *truth) {
  const json_t *record = json_object_get(step->told, "record");
  const json_t *gateway = json_object_get(record, "gateway");
  const json_t *changes = json_object_get(record, "changes");
  int64_t entries = 0;
  for (size_t i = 0; i < json_array_size(changes); i++) {
    const char *table = json_string_value(json_object_get(json_array_get(changes, i), "table"));
    entries += table && strcmp(table, "entries") == 0;
  }
  if (entries != truth->numbers[CREDITED]) fail_at(step, "the entries of its record");
  if (json_integer_value(json_object_get(gateway, "captured_minor")) != truth->numbers[CHARGED])
    fail_at(step, "what its record says to be captured");
  if ((gateway != NULL) != (step->effect->card_call != NULL)) fail_at(step, "its record's call");
}

static void check_step(void *self, const struct story_step *step) {
  struct checked *checked = self;
  struct facts truth = truth_of(step), claims = claims_of(step->told);
  for (int i = 0; i < CLAIM_COUNT; i++) {
    char text[120];
    snprintf(text, sizeof text, "%s: told %" PRId64 ", true %" PRId64, names[i], claims.numbers[i],
             truth.numbers[i]);
    if (claims.numbers[i] != truth.numbers[i]) fail_at(step, text);
    checked->met.numbers[i] += claims.numbers[i];
  }
  if (step->told) {
    check_words(step);
    check_denials(step, &truth);
    check_record(step, &truth);
  }
  checked->stories += step->number == 1;
  checked->steps++;
}

static struct sim_suite *the_suite(void) {
  struct sim_suite *suite = sim_suite_new("scenarios/rules.json");
  assert_non_null(suite);
  assert_true(sim_suite_read(suite, "scenarios"));
  return suite;
}

static void test_every_claim_in_the_suite(void **state) {
  (void)state;
  struct checked checked = {.stories = 0};
  const struct sim_case *const *cases;
  struct sim_suite *suite = the_suite();
  size_t count = sim_suite_cases(suite, &cases);
  assert_true(count >= 700);
  for (size_t i = 0; i < count; i++) story_kit_tell(cases[i], 0, check_step, &checked);
  sim_suite_free(suite);
  print_message("%zu cases, %d stories, %d steps\n", count, checked.stories, checked.steps);
  assert_true(checked.stories >= 1000);
  for (int i = 0; i < CLAIM_COUNT; i++)
    if (checked.met.numbers[i] == 0) fail_msg("never claimed: %s", names[i]);
}

/* Also where a step dies in its midst, power fails, events are lost, or time jumps. */
static void test_every_claim_under_single_faults(void **state) {
  static const char *const ids[] = {"races/toggle-in-flight", "ways-out/pack-disputed#lost"};
  (void)state;
  struct checked checked = {.stories = 0};
  struct sim_suite *suite = the_suite();
  for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
    const struct sim_case *the_case = sim_suite_find(suite, ids[i]);
    if (!the_case) fail_msg("the suite has no %s any more", ids[i]);
    story_kit_tell(the_case, 1, check_step, &checked);
  }
  sim_suite_free(suite);
  print_message("%d stories, %d steps\n", checked.stories, checked.steps);
  assert_true(checked.stories >= 10);
}

/* ---- Some stories, word by word ------------------------------------------------------------ */

/* As `reloadsim replay` shows them. */
static void print_step(void *self, const struct story_step *step) {
  FILE *out = self;
  if (step->number == 1) fprintf(out, "\n%s, ending %d\n", step->the_case->id, step->ending);
  if (!step->told) return;
  fprintf(out, "%s  %s: %s\n", json_string_value(json_object_get(step->told, "at")),
          json_string_value(json_object_get(step->told, "who")),
          json_string_value(json_object_get(step->told, "text")));
  for (size_t i = 0; i < line_count(step->told); i++)
    fprintf(out, "    > %s\n", line_of(step->told, i));
}

static char *slurp(const char *path) {
  FILE *file = fopen(path, "r");
  char *text = NULL;
  size_t size = 0;
  if (!file) fail_msg("%s cannot be read", path);
  assert_true(getdelim(&text, &size, '\0', file) > 0);
  fclose(file);
  return text;
}

/* Left behind for whoever compares them. */
static void keep(const char *path, const char *text) {
  FILE *file = fopen(path, "w");
  if (!file) return;
  fputs(text, file);
  fclose(file);
}

static void test_golden_stories(void **state) {
  static const char golden[] = "tests/story_files/stories.txt", told[] = "build/stories.txt";
  static const char *const ids[] = {
      "races/toggle-in-flight",
      "declines/codes#attaches-then-declines",
      "3d-secure/ok-that-is-no-success",
      "events/lost-reply-any-order#captured-in-order",
      "unknown/lost-at-confirm#rolled-back",
      "unknown/lost-at-create#such-a-request-is-under-way",
      "unknown/lost-at-create#reply-lost",
      "money/woken-when-the-handler-is-dead",
      "ways-out/partly-refunded#half",
      "ways-out/pack-disputed#lost-then-refunded",
      "mail/delivery-fails-once#off-reply-lost",
  };
  (void)state;
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  assert_non_null(out);
  struct sim_suite *suite = the_suite();
  for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
    const struct sim_case *the_case = sim_suite_find(suite, ids[i]);
    if (!the_case) fail_msg("the suite has no %s any more", ids[i]);
    story_kit_tell(the_case, 0, print_step, out);
  }
  sim_suite_free(suite);
  assert_int_equal(fclose(out), 0);
  keep(told, text);
  char *wanted = slurp(golden);
  if (strcmp(text, wanted) != 0)
    fail_msg("stories are told otherwise: diff %s %s; copy it there if that is better", golden,
             told);
  free(wanted);
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_claim_in_the_suite),
      cmocka_unit_test(test_every_claim_under_single_faults),
      cmocka_unit_test(test_golden_stories),
  };
  return cmocka_run_group_tests_name("story truth", tests, NULL, NULL);
}
