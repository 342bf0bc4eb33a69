/* Traces: what was cut or edited is refused, byte by byte; and a replay says whether the failure of
 * the trace came again. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "checksum.h"
#include "finding.h"
#include "trace_file.h"
#include "result.h"
#include "sim_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The race of a toggle and an action. */
#define SCENARIO(every, outcomes)                                                                  \
  "{ \"title\": \"t\", \"rules\": [\"RACE-1\"], \"given\": { \"acme\": { \"balance\": 5, "         \
  "\"plan\": \"active\", \"card\": \"pm_card_visa\", \"auto_reload\": \"on\" } }, "                \
  "\"when\": { \"ana\": [ { \"submit\": \"creative-7\", \"to\": \"acme\", \"cost\": 10 } ], "      \
  "\"ben\": [ { \"turn_off\": \"acme\" } ] }, "                                                    \
  "\"then\": { " every "\"outcomes\": { " outcomes " } } }"
#define CHARGED                                                                                    \
  "\"the charge came first\": { \"ana\": \"done\", \"log\": [ { \"top_up\": 100 }, "               \
  "{ \"spend\": 10 } ], \"mail\": [\"disabled\"] }"
#define REFUSED                                                                                    \
  "\"the toggle came first\": { \"ana\": \"insufficient tokens\", \"mail\": [\"disabled\"] }"

static const char no_charge[] =
    SCENARIO("\"every\": { \"charges\": { \"acme\": 0 } }, ", CHARGED ", " REFUSED);
static const char one_outcome[] = SCENARIO("", REFUSED);
static const char all_is_well[] = SCENARIO("", CHARGED ", " REFUSED);

struct room {
  struct sim_suite *suite;
  const struct sim_case *the_case;
  json_t *result;
  const char *trace; /* of its only failure */
};

static int set_up(void **state) {
  struct room *room = calloc(1, sizeof *room);
  assert_non_null(room);
  room->suite = sim_suite_new("scenarios/rules.json");
  assert_non_null(room->suite);
  *state = room;
  return 0;
}

static int tear_down(void **state) {
  struct room *room = *state;
  json_decref(room->result);
  sim_suite_free(room->suite);
  free(room);
  return 0;
}

static const struct sim_case *give(struct room *room, const char *name, const char *text) {
  const struct sim_case *const *cases;
  assert_true(sim_suite_read_text(room->suite, name, text, strlen(text)));
  size_t count = sim_suite_cases(room->suite, &cases);
  assert_true(count > 0);
  return cases[count - 1];
}

/* Run a scenario that fails in one way, and take the trace. */
static void fail_once(struct room *room, const char *text) {
  struct sim_limits limits = {.seed = 1, .max_states = 100000};
  enum sim_verdict verdict;
  room->the_case = give(room, "t/a.json", text);
  sim_case_run(NULL, room->the_case, &limits, &verdict, &room->result);
  assert_int_equal(verdict, SIM_FAILED);
  const json_t *failures = json_object_get(room->result, "failures");
  assert_int_equal(json_array_size(failures), 1);
  room->trace = json_string_value(json_object_get(json_array_get(failures, 0), "trace"));
  assert_non_null(room->trace);
}

/* Is it a trace? If not, what was said begins with its name and line. */
static bool is_trace(const char *text, size_t size, bool anyway) {
  char said[600] = "";
  FILE *errors = fmemopen(said, sizeof said, "w");
  assert_non_null(errors);
  struct sim_trace *recording = sim_trace_parse("a.trace", text, size, anyway, errors);
  (void)fclose(errors);
  if (!recording && (strncmp(said, "a.trace:", 7) != 0 || !strstr(said, ": error: ")))
    fail_msg("refused with: %s", said);
  sim_trace_free(recording);
  return recording != NULL;
}

/* Play a trace, and return the exit code; the output is in `told`, cut if it is long. */
static int play(const struct sim_case *the_case, const char *text, size_t size, bool anyway,
                char told[8192]) {
  struct sim_trace *recording = sim_trace_parse("a.trace", text, size, anyway, stderr);
  assert_non_null(recording);
  FILE *out = tmpfile();
  assert_non_null(out);
  int code = sim_replay(recording, the_case, 0, anyway, out, out);
  rewind(out);
  told[fread(told, 1, 8191, out)] = '\0';
  (void)fclose(out);
  sim_trace_free(recording);
  return code;
}

static void assert_play(const struct sim_case *the_case, const char *text, bool anyway, int wanted,
                        const char *says) {
  char told[8192];
  int code = play(the_case, text, strlen(text), anyway, told);
  if (code != wanted || !strstr(told, says))
    fail_msg("%d instead of %d with \"%s\":\n%s", code, wanted, says, told);
}

/* The trace with `from` replaced by `to`, sealed again: what somebody else's program might
 * write. */
static char *resealed(const char *trace, const char *from, const char *to) {
  char *text = NULL, checksum[SIM_CHECKSUM_SIZE];
  size_t size = 0;
  const char *at = strstr(trace, from), *end = strstr(trace, "\nend ");
  assert_non_null(at);
  assert_non_null(end);
  FILE *out = open_memstream(&text, &size);
  assert_non_null(out);
  fwrite(trace, 1, (size_t)(at - trace), out);
  fputs(to, out);
  at += strlen(from);
  fwrite(at, 1, (size_t)(end + 1 - at), out);
  assert_int_equal(fflush(out), 0);
  sim_checksum(text, size, checksum);
  fprintf(out, "end %.32s\n", checksum);
  assert_int_equal(fclose(out), 0);
  return text;
}

/* ---- Damaged traces ---- */

static void test_every_byte_counts(void **state) {
  struct room *room = *state;
  fail_once(room, no_charge);
  size_t size = strlen(room->trace);
  char *text = strdup(room->trace);
  assert_non_null(text);
  assert_true(is_trace(text, size, false));
  for (size_t i = 0; i < size; i++) {
    for (int change = 1; change < 256; change = change < 16 ? change + 1 : change * 2 + 1) {
      text[i] = (char)(room->trace[i] ^ change);
      if (is_trace(text, size, false)) fail_msg("byte %zu was changed by %d: unseen", i, change);
    }
    text[i] = '\n';
    if (room->trace[i] != '\n' && is_trace(text, size, false)) fail_msg("line feed at %zu", i);
    text[i] = room->trace[i];
  }
  free(text);
}

static void test_every_length_counts(void **state) {
  struct room *room = *state;
  fail_once(room, no_charge);
  size_t size = strlen(room->trace);
  for (size_t cut = 0; cut < size; cut++) {
    char *text = malloc(cut + 1); /* no byte more, for the sanitizer */
    assert_non_null(text);
    memcpy(text, room->trace, cut);
    text = realloc(text, cut ? cut : 1);
    if (is_trace(text, cut, false)) fail_msg("cut to %zu of %zu bytes: unseen", cut, size);
    free(text);
  }
}

static void test_nothing_may_come_in_between(void **state) {
  static const char more[] = {'0', 'x', ' ', '\n', '\0'};
  struct room *room = *state;
  fail_once(room, no_charge);
  size_t size = strlen(room->trace);
  char *text = malloc(size + 1);
  assert_non_null(text);
  for (size_t i = 0; i <= size; i++) {
    memcpy(text, room->trace, i);
    memcpy(text + i + 1, room->trace + i, size - i);
    for (size_t m = 0; m < sizeof more; m++) {
      text[i] = more[m];
      if (is_trace(text, size + 1, false)) fail_msg("%d before byte %zu: unseen", more[m], i);
    }
  }
  free(text);
}

static void test_nothing_may_follow(void **state) {
  static const char *const more[] = {"\n", "x", " ", "end\n", "14 | ana | decide\n"};
  struct room *room = *state;
  fail_once(room, no_charge);
  size_t size = strlen(room->trace);
  char *text = malloc(2 * size + 100);
  assert_non_null(text);
  for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
    int length = snprintf(text, 2 * size + 100, "%s%s", room->trace, more[i]);
    if (is_trace(text, (size_t)length, false)) fail_msg("\"%s\" after the end: unseen", more[i]);
  }
  memcpy(text, room->trace, size);
  memcpy(text + size, room->trace, size);
  assert_false(is_trace(text, 2 * size, false)); /* twice */
  text[size] = '\0';
  assert_false(is_trace(text, size + 1, false)); /* and a NUL */
  free(text);
}

/* Who says --anyway gets what is left: the finding, another one, or a step that does not fit. */
static void test_anyway_never_breaks_down(void **state) {
  struct room *room = *state;
  char told[8192];
  int counts[4] = {0};
  fail_once(room, no_charge);
  size_t size = strlen(room->trace);
  char *text = strdup(room->trace);
  assert_non_null(text);
  for (size_t i = 0; i < size; i++) {
    text[i] = (char)(room->trace[i] ^ 1);
    if (is_trace(text, size, true)) {
      int code = play(room->the_case, text, size, true, told);
      if (code != 0 && code != 1 && code != 3) fail_msg("byte %zu: %d\n%s", i, code, told);
      if (code == 0) assert_non_null(strstr(told, "failure came again"));
      if (code == 1) assert_non_null(strstr(told, "failure did not come again"));
      counts[code]++;
    }
    text[i] = room->trace[i];
  }
  assert_true(counts[0] > 0 && counts[1] > 0 && counts[3] > 0);
  free(text);
}

static void test_a_seal_can_be_overlooked(void **state) {
  struct room *room = *state;
  fail_once(room, no_charge);
  size_t size = strlen(room->trace);
  const char *end = strstr(room->trace, "\nend ");
  assert_true(is_trace(room->trace, size - 1, true));                         /* no line feed */
  assert_true(is_trace(room->trace, (size_t)(end + 4 - room->trace), true));  /* "end" */
  assert_true(is_trace(room->trace, (size_t)(end + 9 - room->trace), true));  /* "end 91ab" */
  assert_false(is_trace(room->trace, (size_t)(end + 1 - room->trace), true)); /* no end at all */
}

/* ---- Traces of something else ---- */

static void test_another_engine(void **state) {
  struct room *room = *state;
  fail_once(room, no_charge);
  char *text = resealed(room->trace, "\nengine ", "\nengine 0");
  assert_play(room->the_case, text, false, 3, "from another engine");
  assert_play(room->the_case, text, false, 3, "--anyway replays it all the same");
  assert_play(room->the_case, text, true, 0, "from another engine");
  assert_play(room->the_case, text, true, 0, "The failure came again: every charges exactly 0");
  free(text);
}

static void test_another_scenario(void **state) {
  struct room *room = *state;
  fail_once(room, no_charge);
  char *text = resealed(room->trace, "\ndigest ", "\ndigest 0");
  assert_play(room->the_case, text, false, 3, "from another scenario");
  assert_play(room->the_case, text, false, 3, "--anyway replays it all the same");
  assert_play(room->the_case, text, true, 0, "The failure came again");
  free(text);
}

static void test_renamed(void **state) {
  struct room *room = *state;
  fail_once(room, no_charge);
  const struct sim_case *other = give(room, "u/other.json", no_charge);
  char *text = sim_trace_renamed(room->trace, other);
  assert_non_null(strstr(text, "\nfile u/other.json\ncase u/other\nengine "));
  assert_play(other, text, false, 0, "The failure came again");
  free(text);
  assert_null(sim_trace_renamed("hello\n", other));
}

/* ---- What it promises ---- */

static void test_an_ending_is_found_again(void **state) {
  struct room *room = *state;
  fail_once(room, one_outcome);
  assert_non_null(strstr(room->trace, "\nfinds unexpected ending answer+log+bank, ending "));
  assert_play(room->the_case, room->trace, false, 0,
              "The failure came again: unexpected ending answer+log+bank, ending ");
}

/* The same kind of ending, but not the one that is told. */
static void test_another_ending(void **state) {
  struct room *room = *state;
  fail_once(room, one_outcome);
  char *text = resealed(room->trace, ", ending ", ", ending 0");
  assert_play(room->the_case, text, false, 1, "The failure did not come again: unexpected");
  assert_play(room->the_case, text, false, 1,
              "this came instead: unexpected ending answer+log+bank");
  free(text);
}

/* The scenario says now that this may be: its digest is that of the steps, which are the same. */
static void test_what_is_allowed_by_now(void **state) {
  struct room *room = *state;
  fail_once(room, one_outcome);
  const struct sim_case *mended = give(room, "t/mended.json", all_is_well);
  assert_play(mended, room->trace, false, 1, "The failure did not come again: unexpected");
}

/* No path of this engine shows any of them. */
static void test_what_never_comes_up(void **state) {
  static const char *const promises[] = {"invariant MONEY-2 charged twice",
                                         "invariant RACE-3 deadlock",
                                         "invariant RACE-3 no end in reach",
                                         "invariant MONEY-8 never ends",
                                         "invariant MONEY-8 error without cause",
                                         "invariant determinism a step went differently",
                                         "nothing at all",
                                         ""};
  struct room *room = *state;
  char *told, *end;
  fail_once(room, no_charge);
  char *finds = strdup(strstr(room->trace, "\nfinds "));
  assert_non_null(finds);
  end = strchr(finds + 1, '\n');
  *end = '\0';
  for (size_t i = 0; i < sizeof promises / sizeof promises[0]; i++) {
    size_t size = strlen(promises[i]) + 20;
    told = malloc(size);
    assert_non_null(told);
    (void)snprintf(told, size, "\nfinds %s", promises[i]);
    char *text = resealed(room->trace, finds, told);
    (void)snprintf(told, size, "%s", promises[i]);
    assert_play(room->the_case, text, false, 1, "The failure did not come again: ");
    assert_play(room->the_case, text, false, 1, told);
    assert_play(room->the_case, text, false, 1,
                "this came instead: every charges exactly 0, ending ");
    free(text);
    free(told);
  }
  free(finds);
}

/* Cut to before the end, and sealed: no ending, no finding. */
static void test_a_way_that_stops_early(void **state) {
  struct room *room = *state;
  fail_once(room, no_charge);
  const char *second = strstr(room->trace, "\n2 | "), *end = strstr(room->trace, "\nend ");
  char *rest = strndup(second, (size_t)(end - second));
  assert_non_null(rest);
  char *text = resealed(room->trace, rest, "");
  assert_play(room->the_case, text, false, 1, "The failure did not come again: every");
  free(text);
  free(rest);
}

/* The trace of a case's first step: the plain one of a task. */
static char *trace_of_step(struct sim_kit *kit, int task, const char *finds) {
  struct sim_beginning *beginning = calloc(1, sizeof *beginning);
  const struct sim_transition step = {.task = (int16_t)task}, none = {.task = -1};
  assert_non_null(beginning);
  sim_kit_start(kit);
  sim_world_copy(&beginning->world, sim_machine_world(kit->machine), &kit->the_case);
  assert_true(fake_disk_save(sim_machine_disk(kit->machine), &beginning->image));
  char *text = sim_trace_text(kit->machine, beginning, &step, 1, none, finds);
  fake_disk_image_release(sim_machine_disk(kit->machine), &beginning->image);
  free(beginning);
  assert_non_null(text);
  return text;
}

/* What a line tells of choices is made, all of it and nothing else, or the trace does not fit. */
static void test_choices_of_a_step(void **state) {
  static const char cannot[] = "its choices cannot be made now",
                    none[] = "one of its choices is unknown";
  static const struct {
    const char *choices;
    int code;
    const char *says;
  } rows[] = {
      {"", 1, "ana: submits a-1"},
      {" | wal.write 1: the power fails", 1, "ana: submits a-1"},
      {" | wal.write 2: the power fails, writes kept: torn", 1, "ana: submits a-1"},
      {" | wal.write 2: the power fails, writes kept: 1 1", 3, cannot},
      {" | wal.write 2: the power fails", 3, cannot},
      {" | wal.write 1: I/O error", 1, "ana: submits a-1"},
      {" | wal.write 1: I/O error | host.retry: again", 1, "ana: submits a-1"},
      {" | host.retry: again | wal.write 1: I/O error", 3, cannot},
      {" | host.retry: again", 3, cannot},
      {" | wal.write 999: I/O error", 3, cannot},
      {" | gateway.confirm: 409", 3, cannot},
      {" | wal.write 1: I/O error |", 3, none},
      {" | wal.write 1: I/O error | ", 3, cannot},
      {" | wal.write 1: fine", 3, none},
      {" | host.retry: again | host.retry: again | host.retry: again | host.retry: again |"
       " host.retry: again",
       3, none},
  };
  struct sim_kit *kit = *state;
  char line[300];
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  char *text = trace_of_step(kit, 0, "invariant MONEY-2 charged twice");
  for (size_t i = 0; i < SIM_KIT_COUNT(rows); i++) {
    (void)snprintf(line, sizeof line, "\n1 | ana | decide%s\n", rows[i].choices);
    char *told = resealed(text, "\n1 | ana | decide\n", line);
    assert_play(&kit->the_case, told, false, rows[i].code, rows[i].says);
    free(told);
  }
  free(text);
}

/* Who waits for one another for ever: a world that no scenario file can describe. */
static void test_deadlock(void **state) {
  struct sim_kit *kit = *state;
  sim_kit_actor(kit, "ana", SIM_LOOK)->after = 2;
  sim_kit_actor(kit, "ben", SIM_LOOK)->after = 1;
  (void)sim_kit_actor(kit, "cat", SIM_LOOK);
  char *text = trace_of_step(kit, 2, "invariant RACE-3 deadlock");
  assert_non_null(strstr(text, "\n1 | cat | look\nend "));
  assert_play(&kit->the_case, text, false, 0, "The failure came again: invariant RACE-3 deadlock");
  free(text);
  text = trace_of_step(kit, 2, "invariant RACE-3 no end in reach");
  assert_play(&kit->the_case, text, false, 1, "this came instead: invariant RACE-3 deadlock");
  free(text);
}

/* One more who could still look: the search from there on finds ends, if only bad ones. */
static void test_no_end_in_reach(void **state) {
  struct sim_kit *kit = *state;
  (void)sim_kit_actor(kit, "cat", SIM_LOOK);
  (void)sim_kit_actor(kit, "dan", SIM_LOOK);
  char *text = trace_of_step(kit, 0, "invariant RACE-3 no end in reach");
  assert_play(&kit->the_case, text, false, 1, "The failure did not come again: invariant RACE-3");
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_every_byte_counts, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_every_length_counts, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_nothing_may_come_in_between, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_nothing_may_follow, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_anyway_never_breaks_down, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_a_seal_can_be_overlooked, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_another_engine, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_another_scenario, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_renamed, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_an_ending_is_found_again, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_another_ending, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_what_is_allowed_by_now, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_what_never_comes_up, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_a_way_that_stops_early, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_choices_of_a_step, sim_kit_set_up, sim_kit_tear_down),
      cmocka_unit_test_setup_teardown(test_deadlock, sim_kit_set_up, sim_kit_tear_down),
      cmocka_unit_test_setup_teardown(test_no_end_in_reach, sim_kit_set_up, sim_kit_tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
