/* Stories: the story of a known path. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "sim_kit.h"
#include "story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each step as "who: text | line | line". */
static void assert_told(const json_t *story, const char *const *want, size_t count) {
  for (size_t i = 0; i < count && i < json_array_size(story); i++) {
    const json_t *told = json_array_get(story, i), *lines = json_object_get(told, "lines");
    char text[800];
    int size =
        snprintf(text, sizeof text, "%s: %s", json_string_value(json_object_get(told, "who")),
                 json_string_value(json_object_get(told, "text")));
    for (size_t l = 0; l < json_array_size(lines); l++)
      size += snprintf(text + size, sizeof text - (size_t)size, " | %s",
                       json_string_value(json_object_get(json_array_get(lines, l), "text")));
    assert_true(size > 0 && (size_t)size < sizeof text);
    assert_string_equal(text, want[i]);
  }
  assert_int_equal(json_array_size(story), count);
}

static struct sim_beginning beginning_of(struct sim_kit *kit) {
  struct sim_beginning beginning;
  sim_kit_start(kit);
  memset(&beginning, 0, sizeof beginning);
  sim_world_copy(&beginning.world, &kit->machine->world, &kit->the_case);
  assert_true(fake_disk_save(kit->machine->disk, &beginning.image));
  return beginning;
}

static json_t *tell(struct sim_kit *kit, struct sim_beginning *beginning,
                    const struct sim_transition *steps, int count, struct sim_transition last) {
  json_t *story = sim_story_tell(kit->machine, beginning, steps, count, last);
  assert_non_null(story);
  return story;
}

static const struct sim_transition none = {.task = -1};

/* A reload beside a disable: who did what, what changed, in the order of the steps. */
static void test_story(void **state) {
  struct sim_kit *kit = *state;
  static const char *const want[] = {
      "ana: submits a-1 (10 tokens) for acme | charge of acme for a-1: new, created",
      "ben: turns Auto Reload off for acme | Auto Reload of acme: on -> off | ben is told: "
      "disabled",
      "ana: submits a-1 (10 tokens) for acme: asks the gateway for an intent"
      " | the gateway opens an intent over 10.00 USD"
      " | bank, intent for a-1: new, requires confirmation",
      "ana: submits a-1 (10 tokens) for acme: stores the intent's id"
      " | charge of acme for a-1: created -> opened",
      "ana: submits a-1 (10 tokens) for acme: confirms the intent"
      " | the card is charged 10.00 USD"
      " | bank, intent for a-1: requires confirmation -> succeeded, captured 10.00 USD",
      "ana: submits a-1 (10 tokens) for acme: settles the charge"
      " | charge of acme for a-1: opened -> captured"
      " | credit log of acme: top-up +100, balance 105, for a-1"
      " | credit log of acme: spend -10, balance 95, for a-1 | ana is told: done; balance 95",
  };
  static const struct sim_transition steps[] = {{.task = 0}, {.task = 1}, {.task = 0},
                                                {.task = 0}, {.task = 0}, {.task = 0}};
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  (void)sim_kit_actor(kit, "ben", SIM_TURN_OFF);
  struct sim_beginning *beginning = malloc(sizeof *beginning);
  assert_non_null(beginning);
  *beginning = beginning_of(kit);
  json_t *story = tell(kit, beginning, steps, 6, none);
  assert_told(story, want, 6);
  assert_string_equal(json_string_value(json_object_get(json_array_get(story, 0), "at")),
                      "2026-01-15T12:00:00.000Z");
  json_t *again = tell(kit, beginning, steps, 5, steps[5]); /* the last one apart; and once more */
  assert_true(json_equal(story, again));
  json_decref(story);
  json_decref(again);
  fake_disk_image_release(kit->machine->disk, &beginning->image);
  free(beginning);
}

/* Time that passes is told as the clock's doing, waiting as waiting; what found nothing to do is
 * left out. */
static void test_time_and_waiting(void **state) {
  struct sim_kit *kit = *state;
  static const char *const want[] = {
      "ana: submits a-1 (10 tokens) for acme | charge of acme for a-1: new, created",
      "ben: submits b-1 (10 tokens) for acme, waits for the reload in flight", "cat: waits 45 s",
      "ana: submits a-1 (10 tokens) for acme: asks the gateway for an intent [slow 40 s]"
      " | the gateway opens an intent over 10.00 USD"
      " | bank, intent for a-1: new, requires confirmation",
      "ben: submits b-1 (10 tokens) for acme: asks again"
      " | ben is told: not covered: waited too long; balance 5, 5 missing; ways out: buy a "
      "pack, change the plan, wait for the next cycle, try again later"};
  static const struct sim_transition steps[] = {
      {.task = 0}, {.task = 1}, {.task = 2}, {.task = 0}, {.task = SIM_BACKGROUND}, {.task = 1}};
  kit->the_case.sites[SIM_SITE_CREATE] = (struct sim_site_faults){
      .policy = SIM_POLICY_ALWAYS,
      .count = 1,
      .faults = {{.behaviour = SIM_SLOW, .duration_ms = 40000, .text = "slow 40 s"}}};
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  (void)sim_kit_submit(kit, "ben", "b-1", 10);
  sim_kit_actor(kit, "cat", SIM_WAIT)->duration_ms = 45000;
  struct sim_beginning *beginning = malloc(sizeof *beginning);
  assert_non_null(beginning);
  *beginning = beginning_of(kit);
  json_t *story = tell(kit, beginning, steps, 6, none);
  assert_told(story, want, SIM_KIT_COUNT(want));
  assert_string_equal(json_string_value(json_object_get(json_array_get(story, 4), "at")),
                      "2026-01-15T12:00:30.000Z");
  json_decref(story);
  fake_disk_image_release(kit->machine->disk, &beginning->image);
  free(beginning);
}

/* ---- The gateway's answers ----------------------------------------------------------------- */

/* The last step of the kit, told; with another call than the one it made, or with that (null). */
static json_t *told_of(struct sim_kit *kit, const struct fake_card_record *call) {
  struct sim_record *record = calloc(1, sizeof *record);
  assert_non_null(record);
  struct sim_effect effect = kit->effect;
  if (call) effect.card_call = call;
  sim_record_make(kit->machine, &kit->before, &effect, record);
  json_t *told = sim_story_step(record);
  free(record);
  assert_non_null(told);
  return told;
}

static void assert_first_line(json_t *told, const char *want) {
  const json_t *line = json_array_get(json_object_get(told, "lines"), 0);
  assert_string_equal(json_string_value(json_object_get(line, "text")), want);
  assert_string_equal(json_string_value(json_object_get(line, "about")), "card");
}

static const char *in_gateway(const json_t *told, const char *key) {
  const json_t *record = json_object_get(told, "record");
  return json_string_value(json_object_get(json_object_get(record, "gateway"), key));
}

/* What the caller heard, and what the bank has done, are two things. */
static void test_lost_reply(void **state) {
  struct sim_kit *kit = *state;
  kit->the_case.sites[SIM_SITE_CONFIRM] = (struct sim_site_faults){
      .policy = SIM_POLICY_ALWAYS,
      .count = 1,
      .faults = {{.behaviour = SIM_TIMEOUT_AFTER, .text = "timeout after"}}};
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  sim_kit_start(kit);
  sim_kit_steps(kit, 0, 4);
  json_t *told = told_of(kit, NULL);
  assert_first_line(told, "no reply; the bank has captured 10.00 USD");
  assert_string_equal(in_gateway(told, "call"), "confirm");
  assert_string_equal(in_gateway(told, "outcome"), "unknown");
  assert_string_equal(in_gateway(told, "reply"), "lost");
  assert_string_equal(in_gateway(told, "bank"), "captured");
  json_decref(told);
}

/* A refusal by the gateway needs a broken engine: told of a call that was not made. */
static void test_refused_calls(void **state) {
  static const struct {
    enum fake_card_call call;
    const char *code, *want;
  } refusals[] = {
      {FAKE_CARD_CREATE, "idempotency_error",
       "the call is refused: the key was used for another request"},
      {FAKE_CARD_CREATE, "resource_missing", "the call is refused: there is no such card"},
      {FAKE_CARD_CONFIRM, "resource_missing", "the call is refused: there is no such intent"},
      {FAKE_CARD_CONFIRM, "no_such_code", "the call is refused: no_such_code"},
  };
  struct sim_kit *kit = *state;
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  sim_kit_start(kit);
  sim_kit_step(kit, 0);
  for (size_t i = 0; i < SIM_KIT_COUNT(refusals); i++) {
    struct fake_card_record call = {.call = refusals[i].call,
                                    .reply = {.outcome = RELOAD_CARD_REJECTED}};
    snprintf(call.reply.code, sizeof call.reply.code, "%s", refusals[i].code);
    json_t *told = told_of(kit, &call);
    assert_first_line(told, refusals[i].want);
    assert_string_equal(in_gateway(told, "bank"), "nothing");
    json_decref(told);
  }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, sim_kit_set_up, sim_kit_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_story),
      TEST(test_time_and_waiting),
      TEST(test_lost_reply),
      TEST(test_refused_calls),
  };
  return cmocka_run_group_tests_name("story", tests, NULL, NULL);
}
