/* Endings: what happened as lines, what an outcome says and leaves unsaid, and how the two
 * compare. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ending.h"
#include "sim_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ana submits a-1 (10) and b-1 (10 of beta's, which is off); ben turns acme off, after ana. */
static int set_up(void **state) {
  if (sim_kit_set_up(state) != 0) return 1;
  struct sim_kit *kit = *state;
  int beta = sim_kit_client(kit, "beta");
  kit->the_case.clients[beta].auto_reload = false;
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  struct sim_step *step = sim_kit_then(kit, SIM_SUBMIT);
  step->id = "b-1", step->kind = "creative", step->amount = 10, step->client = beta;
  sim_kit_actor(kit, "ben", SIM_TURN_OFF)->after = 1;
  sim_kit_start(kit);
  sim_kit_finish(kit);
  return 0;
}

/* ---- An outcome, written line by line ------------------------------------------------------ */

struct said {
  struct sim_outcome outcome;
  struct sim_line lines[16];
};

static void say(struct said *said, enum sim_book book, int of, const char *what, int64_t tokens,
                const char *for_id) {
  struct sim_line *line = &said->lines[said->outcome.line_count++];
  *line =
      (struct sim_line){.book = book, .of = of, .what = what, .tokens = tokens, .for_id = for_id};
  said->outcome.lines = said->lines;
  if (book == SIM_BOOK_ANSWER) said->outcome.answers_said[of] = true;
  if (book == SIM_BOOK_BANK) said->outcome.bank_said[of] = true;
}

/* No more than needed: what ana got as answer, acme's log and mail. */
static struct said said_right(void) {
  struct said said;
  memset(&said, 0, sizeof said);
  say(&said, SIM_BOOK_ANSWER, 0, "done", INT64_MIN, NULL);
  say(&said, SIM_BOOK_ANSWER, 0, "insufficient tokens", INT64_MIN, NULL);
  say(&said, SIM_BOOK_LOG, 0, "top_up", 100, NULL);
  say(&said, SIM_BOOK_LOG, 0, "spend", 10, "a-1");
  say(&said, SIM_BOOK_MAIL, 0, "disabled", INT64_MIN, NULL);
  return said;
}

/* `said` was copied: its lines are its own again. */
static int distance(const struct sim_kit *kit, struct said said) {
  struct sim_ending *expected = malloc(sizeof *expected), *actual = malloc(sizeof *actual);
  assert_true(expected != NULL && actual != NULL);
  said.outcome.lines = said.lines;
  sim_ending_of(kit->machine, actual);
  sim_ending_expected(&kit->the_case, &said.outcome, expected);
  int result = sim_ending_distance(&kit->the_case, &said.outcome, expected, actual);
  free(expected);
  free(actual);
  return result;
}

/* ---- What happened ------------------------------------------------------------------------- */

static void test_lines(void **state) {
  struct sim_kit *kit = *state;
  static const char *const lines[] = {
      "0/0 done a-1",     "0/0 insufficient tokens b-1", "0/1 disabled", "1/0 top_up 100 a-1",
      "1/0 spend 10 a-1", "2/0 captured a-1 for 1000",   "3/0 disabled"};
  struct sim_ending *ending = malloc(sizeof *ending);
  assert_non_null(ending);
  sim_ending_of(kit->machine, ending);
  assert_int_equal(ending->line_count, SIM_KIT_COUNT(lines));
  for (int i = 0; i < ending->line_count; i++) {
    const struct sim_fact *fact = &ending->lines[i];
    char text[100], number[30] = "", money[30] = "";
    if (fact->tokens != INT64_MIN) (void)snprintf(number, sizeof number, " %d", (int)fact->tokens);
    if (fact->book == SIM_BOOK_BANK)
      (void)snprintf(money, sizeof money, " for %d", (int)fact->amount_minor);
    (void)snprintf(text, sizeof text, "%d/%d %s%s%s%s%s", (int)fact->book, fact->of, fact->what,
                   number, fact->for_id ? " " : "", fact->for_id ? fact->for_id : "", money);
    assert_string_equal(text, lines[i]);
  }
  assert_int_equal(ending->balances[0], 95);
  assert_int_equal(ending->balances[1], 5);
  assert_int_equal(sim_ending_measure(ending, SIM_CHARGES, 0), 1);
  assert_int_equal(sim_ending_measure(ending, SIM_CHARGES, 1), 0);
  assert_int_equal(sim_ending_measure(ending, SIM_ATTEMPTS, 0), 1);
  assert_int_equal(sim_ending_measure(ending, SIM_MAILS, 0), 1);
  assert_int_equal(sim_ending_measure(ending, SIM_MAILS, 1), 0);
  assert_int_equal(sim_ending_measure(ending, SIM_BALANCE, 0), 95);
  free(ending);
}

/* ---- What is said and unsaid --------------------------------------------------------------- */

/* Unsaid: ben went well, acme's bank has one captured charge for the top-up, beta's ledger is
 * empty. */
static void test_unsaid_is_filled_in(void **state) {
  assert_int_equal(distance(*state, said_right()), 0);
}

static void test_unsaid_did_not_happen(void **state) {
  struct sim_kit *kit = *state;
  struct said said = said_right();
  said.outcome.line_count--; /* the mail */
  assert_int_equal(distance(kit, said), 1);
  said.outcome.line_count--; /* the spend */
  assert_int_equal(distance(kit, said), 2);
  said.outcome.line_count--; /* the top-up, and with it the charge it stands for */
  assert_int_equal(distance(kit, said), 4);
}

static void test_said_did_happen(void **state) {
  struct sim_kit *kit = *state;
  struct said said = said_right();
  say(&said, SIM_BOOK_MAIL, 1, "disabled", INT64_MIN, NULL);
  assert_int_equal(distance(kit, said), 1);
  said = said_right();
  say(&said, SIM_BOOK_LOG, 1, "spend", 10, "b-1");
  assert_int_equal(distance(kit, said), 1);
  said = said_right();
  say(&said, SIM_BOOK_LOG, 1, "top_up", 100, NULL); /* and the charge it stands for */
  assert_int_equal(distance(kit, said), 2);
}

/* Answers: unsaid means that all went well; said means all of them, in order. */
static void test_answers(void **state) {
  struct sim_kit *kit = *state;
  struct said said = said_right();
  said.outcome.answers_said[0] = false; /* then both submits were done, which is not so */
  assert_int_equal(distance(kit, said), 1);
  said = said_right();
  said.lines[0].what = "insufficient tokens", said.lines[1].what = "done";
  assert_int_equal(distance(kit, said), 2);
  said = said_right();
  say(&said, SIM_BOOK_ANSWER, 1, "disabled", INT64_MIN, NULL);
  assert_int_equal(distance(kit, said), 0);
  said.lines[said.outcome.line_count - 1].what = "already disabled";
  assert_int_equal(distance(kit, said), 1);
}

/* A line's unsaid fields match anything, its said ones only themselves. */
static void test_fields(void **state) {
  struct sim_kit *kit = *state;
  struct said said = said_right();
  said.lines[3].for_id = NULL;
  said.lines[3].tokens = INT64_MIN;
  assert_int_equal(distance(kit, said), 0);
  said.lines[3].for_id = "b-1";
  assert_int_equal(distance(kit, said), 1);
  said.lines[3].for_id = "a-1", said.lines[3].tokens = 11;
  assert_int_equal(distance(kit, said), 1);
  said = said_right();
  said.lines[2] = said_right().lines[3], said.lines[3] = said_right().lines[2]; /* order */
  assert_int_equal(distance(kit, said), 2);
}

static void test_bank(void **state) {
  struct sim_kit *kit = *state;
  struct said said = said_right();
  say(&said, SIM_BOOK_BANK, 0, "captured", INT64_MIN, "a-1");
  assert_int_equal(distance(kit, said), 0);
  say(&said, SIM_BOOK_BANK, 0, "captured", INT64_MIN, NULL);
  assert_int_equal(distance(kit, said), 1);
  said = said_right();
  said.outcome.bank_said[0] = true; /* said to be empty */
  assert_int_equal(distance(kit, said), 1);
}

static void test_balance(void **state) {
  struct sim_kit *kit = *state;
  struct said said = said_right();
  said.outcome.balance_tokens[0] = 94;
  assert_int_equal(distance(kit, said), 0); /* not said */
  said.outcome.balance_said[0] = true;
  assert_int_equal(distance(kit, said), 1);
  said.outcome.balance_tokens[0] = 95;
  assert_int_equal(distance(kit, said), 0);
}

/* ---- What tells endings apart -------------------------------------------------------------- */

static void test_hash(void **state) {
  struct sim_kit *kit = *state;
  struct sim_ending *a = malloc(sizeof *a), *b = malloc(sizeof *b);
  assert_true(a != NULL && b != NULL);
  sim_ending_of(kit->machine, a);
  uint64_t hash = sim_ending_hash(a, 2);
  for (int i = 0; i < a->line_count; i++) {
    sim_ending_of(kit->machine, b);
    b->lines[i].at_ms += 1000;
    assert_true(sim_ending_hash(b, 2) == hash); /* when, does not */
    b->lines[i].what = "something else";
    assert_true(sim_ending_hash(b, 2) != hash);
    sim_ending_of(kit->machine, b);
    b->lines[i].for_id = "c-1";
    assert_true(sim_ending_hash(b, 2) != hash);
    sim_ending_of(kit->machine, b);
    b->lines[i].tokens++;
    assert_true(sim_ending_hash(b, 2) != hash);
  }
  sim_ending_of(kit->machine, b);
  b->balances[1]++;
  assert_true(sim_ending_hash(b, 2) != hash);
  assert_true(sim_ending_hash(b, 1) != hash); /* beta's is left out, acme's still counts */
  b->line_count--;
  assert_true(sim_ending_hash(b, 2) != hash);
  free(a);
  free(b);
}

/* What is given is the past, and no part of an ending. */
static void test_nothing_happened(void **state) {
  struct sim_kit *kit = *state;
  kit->the_case.actor_count = 0;
  (void)sim_kit_actor(kit, "ana", SIM_LOOK);
  sim_kit_start(kit);
  sim_kit_finish(kit);
  struct sim_ending *ending = malloc(sizeof *ending);
  assert_non_null(ending);
  sim_ending_of(kit->machine, ending);
  assert_int_equal(ending->line_count, 1);
  assert_string_equal(ending->lines[0].what, "Enabled");
  free(ending);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, sim_kit_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_lines),
      TEST(test_unsaid_is_filled_in),
      TEST(test_unsaid_did_not_happen),
      TEST(test_said_did_happen),
      TEST(test_answers),
      TEST(test_fields),
      TEST(test_bank),
      TEST(test_balance),
      TEST(test_hash),
      TEST(test_nothing_happened),
  };
  return cmocka_run_group_tests_name("ending", tests, NULL, NULL);
}
