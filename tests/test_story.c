/* Stories: time as text, also where calendars are odd, and a known path told again. */
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
#include <time.h>

static void assert_time(int64_t at_ms, const char *want) {
  char text[SIM_TIME_SIZE];
  sim_time_text(at_ms, text);
  assert_string_equal(text, want);
}

#define S(seconds) (INT64_C(seconds) * 1000)

static void test_times(void **state) {
  (void)state;
  assert_time(0, "1970-01-01T00:00:00.000Z");
  assert_time(1, "1970-01-01T00:00:00.001Z");
  assert_time(S(86399) + 999, "1970-01-01T23:59:59.999Z");
  assert_time(S(951782400), "2000-02-29T00:00:00.000Z"); /* leap: divisible by 400 */
  assert_time(S(951868800), "2000-03-01T00:00:00.000Z");
  assert_time(S(1709164799), "2024-02-28T23:59:59.000Z");
  assert_time(S(1709251199), "2024-02-29T23:59:59.000Z");
  assert_time(S(1709251200), "2024-03-01T00:00:00.000Z");
  assert_time(S(1772323199), "2026-02-28T23:59:59.000Z"); /* no leap year */
  assert_time(S(1772323200), "2026-03-01T00:00:00.000Z");
  assert_time(S(1798761599) + 999, "2026-12-31T23:59:59.999Z");
  assert_time(S(1798761600), "2027-01-01T00:00:00.000Z");
  assert_time(SIM_KIT_NOON, "2026-01-15T12:00:00.000Z");
  assert_time(S(4107542399), "2100-02-28T23:59:59.000Z"); /* divisible by 100: none */
  assert_time(S(4107542400), "2100-03-01T00:00:00.000Z");
  assert_time(FAKE_CLOCK_MAX_MS, "9999-12-31T23:59:59.999Z");
}

/* Every day from 1970 to 2110 against the C library's calendar. */
static void test_every_day(void **state) {
  (void)state;
  for (int64_t day = 0; day < 51136; day++) {
    char want[40];
    time_t seconds = (time_t)(day * 86400 + 45296);
    struct tm tm;
    assert_non_null(gmtime_r(&seconds, &tm));
    assert_true(strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%S.007Z", &tm) > 0);
    assert_time((int64_t)seconds * 1000 + 7, want);
  }
}

/* ---- A path told again --------------------------------------------------------------------- */

/* Each move as "who: what | change | change". */
static void assert_told(const json_t *story, const char *const *want, size_t count) {
  for (size_t i = 0; i < count && i < json_array_size(story); i++) {
    const json_t *told = json_array_get(story, i), *changes = json_object_get(told, "changes");
    char text[800];
    int size =
        snprintf(text, sizeof text, "%s: %s", json_string_value(json_object_get(told, "who")),
                 json_string_value(json_object_get(told, "what")));
    for (size_t c = 0; c < json_array_size(changes); c++)
      size += snprintf(text + size, sizeof text - (size_t)size, " | %s",
                       json_string_value(json_array_get(changes, c)));
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
                    const struct sim_transition *moves, int count, struct sim_transition last) {
  json_t *story = sim_story_tell(kit->machine, beginning, moves, count, last);
  assert_non_null(story);
  return story;
}

static const struct sim_transition none = {.task = -1};

/* A reload beside a disable: who did what, what changed, in the order of the moves. */
static void test_story(void **state) {
  struct sim_kit *kit = *state;
  static const char *const want[] = {
      "ana: submits a-1 (10 tokens) for acme | charge of acme for a-1: new, created",
      "ben: turns Auto Reload off for acme | Auto Reload of acme: on -> off | ben is told: "
      "disabled",
      "ana: submits a-1 (10 tokens) for acme: asks the bank for an intent"
      " | bank, intent for a-1: new, requires confirmation",
      "ana: submits a-1 (10 tokens) for acme: stores the intent's id"
      " | charge of acme for a-1: created -> opened",
      "ana: submits a-1 (10 tokens) for acme: confirms the intent: the card is charged"
      " | bank, intent for a-1: requires confirmation -> succeeded",
      "ana: submits a-1 (10 tokens) for acme: settles the charge"
      " | charge of acme for a-1: opened -> captured"
      " | credit log of acme: top-up +100, balance 105, for a-1"
      " | credit log of acme: spend -10, balance 95, for a-1 | ana is told: done",
  };
  static const struct sim_transition moves[] = {{.task = 0}, {.task = 1}, {.task = 0},
                                                {.task = 0}, {.task = 0}, {.task = 0}};
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  (void)sim_kit_actor(kit, "ben", SIM_TURN_OFF);
  struct sim_beginning *beginning = malloc(sizeof *beginning);
  assert_non_null(beginning);
  *beginning = beginning_of(kit);
  json_t *story = tell(kit, beginning, moves, 6, none);
  assert_told(story, want, 6);
  assert_string_equal(json_string_value(json_object_get(json_array_get(story, 0), "at")),
                      "2026-01-15T12:00:00.000Z");
  json_t *again = tell(kit, beginning, moves, 5, moves[5]); /* the last one apart; and once more */
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
      "ana: submits a-1 (10 tokens) for acme: asks the bank for an intent [slow 40 s]"
      " | bank, intent for a-1: new, requires confirmation",
      "ben: submits b-1 (10 tokens) for acme: asks again"
      " | ben is told: not covered: waited too long"};
  static const struct sim_transition moves[] = {
      {.task = 0}, {.task = 1}, {.task = 2}, {.task = 0}, {.task = SIM_BACKGROUND}, {.task = 1}};
  kit->the_case.sites[SIM_SITE_CREATE] = (struct sim_site_faults){
      .mood = SIM_MOOD_ALWAYS,
      .count = 1,
      .faults = {{.behaviour = SIM_SLOW, .duration_ms = 40000, .text = "slow 40 s"}}};
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  (void)sim_kit_submit(kit, "ben", "b-1", 10);
  sim_kit_actor(kit, "cat", SIM_WAIT)->duration_ms = 45000;
  struct sim_beginning *beginning = malloc(sizeof *beginning);
  assert_non_null(beginning);
  *beginning = beginning_of(kit);
  json_t *story = tell(kit, beginning, moves, 6, none);
  assert_told(story, want, SIM_KIT_COUNT(want));
  assert_string_equal(json_string_value(json_object_get(json_array_get(story, 4), "at")),
                      "2026-01-15T12:00:30.000Z");
  json_decref(story);
  fake_disk_image_release(kit->machine->disk, &beginning->image);
  free(beginning);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, sim_kit_set_up, sim_kit_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_times),
      cmocka_unit_test(test_every_day),
      TEST(test_story),
      TEST(test_time_and_waiting),
  };
  return cmocka_run_group_tests_name("story", tests, NULL, NULL);
}
