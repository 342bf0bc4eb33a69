/* The tables of the language: what the rows of vocabulary.h must keep to, and what is made of
 * them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "card.h"
#include "field_json.h"
#include "inject.h"
#include "language.h"
#include "words.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

/* Each site is tried with all of its behaviours that can be injected, each of which stands there as
 * a scenario would write it. */
static void test_injections_are_the_rows_of_their_site(void **state) {
  (void)state;
  int all = 0;
  for (int site = 0; site < SIM_SITE_COUNT; site++) {
    int count;
    const struct sim_fault *faults = sim_site_injections((enum sim_site)site, &count);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
      const char *tail;
      assert_int_equal(sim_behaviour_of(faults[i].text, &tail), faults[i].behaviour);
      assert_true(sim_behaviour_fits(faults[i].behaviour, (enum sim_site)site));
      if (faults[i].code) assert_string_equal(tail, faults[i].code);
      if (faults[i].duration_ms) {
        int64_t duration_ms;
        assert_true(sim_parse_duration(tail, &duration_ms));
        assert_true(duration_ms == faults[i].duration_ms);
      }
    }
    all += count;
  }
  assert_int_equal(all, 8 + 14 + 8 + 3);
}

/* A word that means a verb is neither a verb nor a key, and means only one. */
static void test_other_words_for_verbs(void **state) {
  (void)state;
  assert_string_equal(sim_verb_meant("disable"), "turn_off");
  assert_string_equal(sim_verb_meant("enable"), "turn_on");
  assert_string_equal(sim_verb_meant("pay"), "buy_pack");
  assert_string_equal(sim_verb_meant("sub"), "sub");
  assert_string_equal(sim_verb_meant(""), "");
  for (int verb = 0; verb < SIM_VERB_COUNT; verb++) {
    char *words = strdup(sim_verbs[verb].also), *rest = words;
    assert_non_null(words);
    for (char *word; (word = strtok_r(rest, " ", &rest)) != NULL;) {
      assert_string_equal(sim_verb_meant(word), sim_verbs[verb].word);
      assert_int_equal(sim_words_index(&sim_verb_words, word), -1);
      for (int key = 0; key < SIM_KEY_COUNT; key++)
        assert_string_not_equal(sim_step_keys[key].word, word);
    }
    free(words);
  }
}

/* The gateway knows each card. */
static void test_cards_are_the_gateways(void **state) {
  (void)state;
  for (int i = 0; i < sim_card_words.count; i++)
    assert_true(fake_card_is_known(sim_card_words.list[i]));
}

/* What is meant where nothing is said can be read, and is written as it stands in the table. */
static void test_defaults_are_written_as_they_are_read(void **state) {
  (void)state;
  static struct sim_case the_case;
  struct sim_client client = {.name = "acme"};
  const struct sim_fields *of_case[] = {&sim_file_fields, &sim_settings, &sim_fault_fields};
  memset(&the_case, 0, sizeof the_case);
  sim_case_begin(&the_case);
  sim_client_begin(&client);
  for (size_t table = 0; table < sizeof of_case / sizeof of_case[0]; table++)
    for (int i = 0; i < of_case[table]->count; i++) {
      json_t *value = sim_field_json(&the_case, &of_case[table]->list[i], &the_case);
      assert_true(sim_is_normal_json(&of_case[table]->list[i], value));
      json_decref(value);
    }
  for (int i = 0; i < sim_client_fields.count; i++) {
    json_t *value = sim_field_json(&the_case, &sim_client_fields.list[i], &client);
    assert_true(sim_is_normal_json(&sim_client_fields.list[i], value));
    json_decref(value);
  }
  assert_int_equal(the_case.start_ms, INT64_C(1768478400000));
  assert_int_equal(the_case.attempt_limit_ms, 120000);
  assert_string_equal(the_case.currency, "usd");
}

static void test_answers_of_a_verb(void **state) {
  (void)state;
  const char *list[SIM_ANSWER_COUNT];
  struct sim_words words = sim_verb_answers(SIM_TURN_ON, list);
  assert_string_equal(words.noun, "answer of turn_on");
  assert_int_equal(words.count, 4);
  assert_string_equal(words.list[1], "already enabled");
  assert_int_equal(sim_verb_answers(SIM_WAIT, list).count, 0);
  assert_int_equal(sim_answer_expected(SIM_SUBMIT), SIM_ANSWER_DONE);
  assert_int_equal(sim_answer_expected(SIM_FORGE_EVENT), SIM_ANSWER_EVENT_REFUSED);
  assert_int_equal(sim_answer_expected(SIM_LOOK), SIM_ANSWER_NONE);
  assert_true(sim_verb_answers_always(SIM_LOOK));
  assert_string_equal(sim_answer_word(sim_answer_refused(RELOAD_REASON_OFF)),
                      "insufficient tokens");
  assert_string_equal(sim_answer_word(sim_answer_error(RELOAD_NOMEM)), "error: out of memory");
  assert_int_equal(sim_answer_error(RELOAD_OK), SIM_ANSWER_NONE);
}

static void test_durations(void **state) {
  (void)state;
  char text[SIM_DURATION_SIZE];
  assert_string_equal(sim_duration_text(45000, text), "45 s");
  assert_string_equal(sim_duration_text(-300000, text), "-5 min");
  assert_string_equal(sim_duration_text(86400000, text), "1 d");
  assert_string_equal(sim_duration_text(1001, text), "1001 ms");
}

/* ---- Words -------------------------------------------------------------------------------- */

static void test_the_nearest_word(void **state) {
  (void)state;
  assert_string_equal(sim_words_nearest(&sim_verb_words, "sumbit"), "submit");
  assert_string_equal(sim_words_nearest(&sim_verb_words, "turnon"), "turn_on");
  assert_string_equal(sim_words_nearest(&sim_verb_words, "turn_fof"), "turn_off"); /* swapped */
  assert_string_equal(sim_words_nearest(&sim_verb_words, "TURN_OFF"), "turn_off");
  assert_string_equal(sim_words_nearest(&sim_plan_words, "cancelled"), "canceled");
  assert_null(sim_words_nearest(&sim_plan_words, "x"));
  assert_null(sim_words_nearest(&sim_plan_words, ""));
  assert_null(sim_words_nearest(&sim_verb_words, "something else entirely"));
}

static void test_tables_follow_their_enums(void **state) {
  (void)state;
  assert_string_equal(sim_verb_word(SIM_SUBMIT), "submit");
  assert_string_equal(sim_verb_word(SIM_DELIVER_EVENTS), "deliver_events");
  assert_string_equal(sim_verb_word(SIM_FORGE_EVENT), "forge_event");
  assert_string_equal(sim_verb_word(SIM_POWER_CUT), "power_cut");
  assert_int_equal(sim_verb_words.count, SIM_VERB_COUNT);
  assert_string_equal(sim_plan_word(SIM_PLAN_PAST_DUE), "past due");
  assert_string_equal(sim_site_word(SIM_SITE_CONFIRM), "gateway.confirm");
  assert_string_equal(sim_book_word(SIM_BOOK_MAIL), "mail");
  assert_int_equal(sim_behaviour_words.count, SIM_BEHAVIOUR_COUNT);
  assert_string_equal(sim_behaviour_words.list[SIM_PROCESSING_FAILS], "processing, then failed");
  assert_string_equal(sim_verb_word((enum sim_verb)99), "?");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_injections_are_the_rows_of_their_site),
      cmocka_unit_test(test_other_words_for_verbs),
      cmocka_unit_test(test_cards_are_the_gateways),
      cmocka_unit_test(test_defaults_are_written_as_they_are_read),
      cmocka_unit_test(test_answers_of_a_verb),
      cmocka_unit_test(test_durations),
      cmocka_unit_test(test_the_nearest_word),
      cmocka_unit_test(test_tables_follow_their_enums),
  };
  return cmocka_run_group_tests_name("language", tests, NULL, NULL);
}
