/* The choice point: every combination of choices is made exactly once, in a stable order; a
 * transition is told, read, ordered and made again without loss; what does not fit is told. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "memory.h"
#include "sim_kit.h"
#include "variants.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- A step of a few choices, in place of the machine's (the linker sends calls here) ---- */

typedef void fake_step(struct sim_machine *machine);
static fake_step *fake; /* null: the machine's own */

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker gives these names */
void __real_sim_machine_step(struct sim_machine *machine, int task,
                             const struct sim_strategy *strategy, struct sim_effect *effect);
void __wrap_sim_machine_step(struct sim_machine *machine, int task,
                             const struct sim_strategy *strategy, struct sim_effect *effect);

void __wrap_sim_machine_step(struct sim_machine *machine, int task,
                             const struct sim_strategy *strategy, struct sim_effect *effect) {
  if (!fake) {
    __real_sim_machine_step(machine, task, strategy, effect);
    return;
  }
  memset(effect, 0, sizeof *effect);
  memset(machine->site_counts, 0, sizeof machine->site_counts);
  effect->transition.task = (int16_t)task;
  machine->strategy = strategy;
  machine->effect = effect;
  fake(machine);
}
/* NOLINTEND(bugprone-reserved-identifier) */

static int choose(struct sim_machine *machine, int site, int count) {
  static const uint16_t codes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  (void)sim_choice_reached(machine, site);
  return sim_choose(machine, site, codes, count - 1);
}

static char way[16]; /* of the fake step: its answers */

/* Later choices depend on the earlier ones: 0; 1 then one of three; 2 then 0 or 1, and after 1 one
 * of two more, at the same site as the first one. */
static void branching(struct sim_machine *machine) {
  int first = choose(machine, SIM_CHOICE_PORT, 3), second = -1, third = -1;
  if (first == 1) second = choose(machine, SIM_CHOICE_PORT + 1, 3);
  if (first == 2) second = choose(machine, SIM_CHOICE_PORT + 1, 2);
  if (first == 2 && second == 1) third = choose(machine, SIM_CHOICE_PORT, 2);
  int size = snprintf(way, sizeof way, "%d", first);
  if (second >= 0) size += snprintf(way + size, sizeof way - (size_t)size, "%d", second);
  if (third >= 0) (void)snprintf(way + size, sizeof way - (size_t)size, "%d", third);
}

static const char *const ways[] = {"0", "10", "20", "11", "12", "210", "211"};

/* So many choices of two, one after the other. */
static int chain_length;
static void chain(struct sim_machine *machine) {
  for (int i = 0; i < chain_length; i++) way[i] = (char)('0' + choose(machine, SIM_CHOICE_PORT, 2));
  way[chain_length] = '\0';
}

static struct sim_machine *machine_of(void **state, fake_step *step) {
  fake = step;
  sim_kit_start(*state);
  return ((struct sim_kit *)*state)->machine;
}

static int tear_down(void **state) {
  fake = NULL;
  return sim_kit_tear_down(state);
}

/* ---- The variants of a step ---- */

static void test_every_way_once(void **state) {
  struct sim_machine *machine = machine_of(state, branching);
  struct sim_variants variants = {.list = NULL};
  struct sim_effect effect;
  for (int round = 0; round < 2; round++) { /* the second time as the first */
    sim_variants_begin(&variants, 3, false);
    for (size_t i = 0; i < SIM_KIT_COUNT(ways); i++) {
      assert_true(sim_variants_more(&variants));
      sim_variants_make(&variants, machine, &effect);
      assert_string_equal(way, ways[i]);
      assert_int_equal(effect.transition.task, 3);
      assert_true(sim_transition_equal(&effect.transition, &variants.list[i]));
      assert_false(effect.strayed);
      assert_null(effect.limit);
    }
    assert_false(sim_variants_more(&variants));
    assert_false(variants.failed);
  }
  sim_variants_free(&variants);
}

/* Only what differs from the step that goes well is kept, with its site and time. */
static void test_sparse(void **state) {
  struct sim_machine *machine = machine_of(state, branching);
  struct sim_variants variants = {.list = NULL};
  struct sim_effect effect;
  const struct sim_transition plain = {.task = 0};
  const struct sim_transition last = {
      .task = 0,
      .count = 3,
      .choices = {{SIM_CHOICE_PORT, 1, 2}, {SIM_CHOICE_PORT + 1, 1, 1}, {SIM_CHOICE_PORT, 2, 1}}};
  sim_variants_begin(&variants, 0, false);
  sim_variants_make(&variants, machine, &effect);
  assert_true(sim_transition_equal(&effect.transition, &plain));
  while (sim_variants_more(&variants)) sim_variants_make(&variants, machine, &effect);
  assert_true(sim_transition_equal(&effect.transition, &last));
  sim_variants_free(&variants);
}

/* A step without a choice is one way. */
static void nothing(struct sim_machine *machine) {
  (void)choose(machine, SIM_CHOICE_PORT, 1);
  way[0] = '\0';
}

static void test_nothing_to_choose(void **state) {
  struct sim_machine *machine = machine_of(state, nothing);
  struct sim_variants variants = {.list = NULL};
  struct sim_effect effect;
  sim_variants_begin(&variants, 0, true);
  sim_variants_make(&variants, machine, &effect);
  assert_int_equal(effect.transition.count, 0);
  assert_false(sim_variants_more(&variants));
  sim_variants_free(&variants);
}

/* Make all variants of a chain. Returns: how many, without those that tell the limit: *limited */
static int make_chain(struct sim_machine *machine, int length, int *limited) {
  struct sim_variants variants = {.list = NULL};
  struct sim_effect effect;
  uint64_t seen = 0;
  int count = 0;
  chain_length = length;
  *limited = 0;
  sim_variants_begin(&variants, 0, false);
  while (sim_variants_more(&variants)) {
    sim_variants_make(&variants, machine, &effect);
    uint64_t bit = UINT64_C(1) << strtoul(way, NULL, 2);
    if (seen & bit) fail_msg("twice: %s", way);
    seen |= bit;
    if (effect.limit) assert_string_equal(effect.limit, SIM_TOO_MANY_CHOICES);
    *limited += effect.limit != NULL;
    count += effect.limit == NULL;
  }
  sim_variants_free(&variants);
  return count;
}

/* Full: all combinations come; one more choice is told where it is missing. */
static void test_more_choices_than_are_kept(void **state) {
  struct sim_machine *machine = machine_of(state, chain);
  int limited;
  assert_int_equal(make_chain(machine, SIM_MAX_CHOICES, &limited), 1 << SIM_MAX_CHOICES);
  assert_int_equal(limited, 0);
  (void)make_chain(machine, SIM_MAX_CHOICES + 1, &limited);
  assert_int_equal(limited, 1); /* the one that has all but the last */
}

static uint16_t always_1(void *self, const struct sim_choice_point *point) {
  (void)self;
  return point->count > 0 ? 1 : 0;
}

static void test_the_machine_tells_the_limit(void **state) {
  struct sim_machine *machine = machine_of(state, chain);
  const struct sim_strategy strategy = {.choose = always_1};
  struct sim_effect effect;
  chain_length = SIM_MAX_CHOICES;
  sim_machine_step(machine, 0, &strategy, &effect);
  assert_int_equal(effect.transition.count, SIM_MAX_CHOICES);
  assert_null(effect.limit);
  chain_length++;
  sim_machine_step(machine, 0, &strategy, &effect);
  assert_int_equal(effect.transition.count, SIM_MAX_CHOICES);
  assert_string_equal(effect.limit, SIM_TOO_MANY_CHOICES);
}

/* ---- A real step ---- */

/* Up to ana's step that settles her charge, where one fault may come. */
static void start_settling(struct sim_kit *kit) {
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  sim_kit_start(kit);
  sim_machine_set_faults(kit->machine, 1, true);
  sim_kit_steps(kit, 0, 4);
}

/* Only the plain variant lists what can go wrong inside, and asks nobody else to go slowly. */
static void inside_only_where_needed(struct sim_machine *machine) {
  const struct sim_strategy *strategy = machine->strategy;
  static const uint16_t codes[] = {1};
  int port = choose(machine, SIM_CHOICE_PORT, 2);
  (void)sim_choice_reached(machine, SIM_CHOICE_DISK);
  int disk = sim_choose(machine, SIM_CHOICE_DISK, strategy->lists ? codes : NULL, strategy->lists);
  assert_int_equal(strategy->lists, !port && !disk);
  assert_int_equal(strategy->inside, !port);
}

static void test_who_fails_inside(void **state) {
  struct sim_machine *machine = machine_of(state, inside_only_where_needed);
  struct sim_variants variants = {.list = NULL};
  struct sim_effect effect;
  int count = 0;
  sim_variants_begin(&variants, 0, true);
  for (; sim_variants_more(&variants); count++) sim_variants_make(&variants, machine, &effect);
  assert_int_equal(count, 3);
  sim_variants_free(&variants);
}

/* The same world, the same list; each of it made again leads to the same world. */
static void test_a_real_step(void **state) {
  struct sim_kit *kit = *state;
  struct sim_variants variants = {.list = NULL};
  struct sim_world *world = malloc(sizeof *world);
  struct fake_disk_image image = {.record = NULL};
  int inside = 0, retries = 0;
  assert_non_null(world);
  start_settling(kit);
  assert_true(fake_disk_save(sim_machine_disk(kit->machine), &image));
  sim_world_copy(world, sim_machine_world(kit->machine), &kit->the_case);
  sim_variants_begin(&variants, 0, true);
  for (size_t i = 0; sim_variants_more(&variants); i++) {
    struct sim_effect effect, again;
    sim_machine_restore(kit->machine, world, &image);
    sim_variants_make(&variants, kit->machine, &effect);
    assert_true(sim_transition_equal(&effect.transition, &variants.list[i]));
    struct sim_hash hash = sim_world_hash(sim_machine_world(kit->machine), &kit->the_case);
    sim_machine_restore(kit->machine, world, &image);
    assert_true(sim_machine_again(kit->machine, &effect.transition, &again));
    assert_true(sim_transition_equal(&effect.transition, &again.transition));
    struct sim_hash hash_again = sim_world_hash(sim_machine_world(kit->machine), &kit->the_case);
    assert_true(hash.low == hash_again.low && hash.high == hash_again.high);
    inside += sim_transition_is_inside(&effect.transition);
    retries += effect.tried_again;
  }
  assert_true(inside > 300 && retries > 50);
  fake_disk_image_release(sim_machine_disk(kit->machine), &image);
  sim_variants_free(&variants);
  free(world);
}

/* ---- Again ---- */

static struct sim_transition step_of(int task, uint16_t site, uint16_t nth, uint16_t code) {
  return (struct sim_transition){.task = (int16_t)task, .count = 1, .choices = {{site, nth, code}}};
}

/* A task that cannot go: nothing happens. */
static void test_a_task_that_cannot_go(void **state) {
  static const int tasks[] = {-1, 1, SIM_BACKGROUND, SIM_WORLD_POWER_CUT, SIM_WORLD_EVENT};
  struct sim_kit *kit = *state;
  sim_kit_submit(kit, "ana", "a-1", 10);
  sim_kit_start(kit);
  struct sim_hash before = sim_world_hash(sim_machine_world(kit->machine), &kit->the_case);
  uint64_t layout = fake_disk_placement(sim_machine_disk(kit->machine));
  for (size_t i = 0; i < SIM_KIT_COUNT(tasks); i++) {
    struct sim_transition step = {.task = (int16_t)tasks[i]};
    assert_false(sim_machine_again(kit->machine, &step, &kit->effect));
    assert_true(kit->effect.strayed);
    assert_int_equal(kit->effect.task, tasks[i]);
    struct sim_hash after = sim_world_hash(sim_machine_world(kit->machine), &kit->the_case);
    assert_true(before.low == after.low && before.high == after.high);
    assert_true(fake_disk_placement(sim_machine_disk(kit->machine)) == layout);
  }
}

/* A choice that does not come up, or is not open: the step goes well, and it is told. */
static void test_a_choice_that_cannot_be_made(void **state) {
  const struct sim_transition wrong[] = {
      step_of(0, SIM_CHOICE_PORT + SIM_SITE_MAIL, 1, 1),     /* not in this step */
      step_of(0, SIM_CHOICE_PORT + SIM_SITE_CREATE, 2, 1),   /* asked once only */
      step_of(0, SIM_CHOICE_PORT + SIM_SITE_CREATE, 1, 999), /* nothing means that */
      step_of(0, SIM_CHOICE_RETRY, 1, 1),                    /* nothing has failed */
      step_of(0, SIM_CHOICE_DISK + FAKE_DISK_WRITE, 9999, 1),
      step_of(0, SIM_CHOICE_MEMORY, 9999, 1),
  };
  struct sim_kit *kit = *state;
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  for (size_t i = 0; i < SIM_KIT_COUNT(wrong); i++) {
    sim_kit_start(kit);
    sim_machine_set_faults(kit->machine, 1, true);
    sim_kit_steps(kit, 0, 1);
    assert_true(sim_machine_again(kit->machine, &wrong[i], &kit->effect));
    assert_true(kit->effect.strayed);
    assert_int_equal(kit->effect.transition.count, 0);
    assert_int_equal(sim_machine_world(kit->machine)->injected, 0);
    assert_string_equal(kit->effect.call, "open");
    sim_kit_finish(kit);
    assert_int_equal(sim_machine_world(kit->machine)->tasks[0].answers[0], SIM_ANSWER_DONE);
  }
}

/* The third of two that wait cannot come: what a trace says is not trusted. */
static void test_an_event_that_does_not_wait(void **state) {
  struct sim_kit *kit = *state;
  struct sim_transition second = step_of(SIM_WORLD_EVENT, SIM_CHOICE_EARLY, 1, 1);
  struct sim_transition third = step_of(SIM_WORLD_EVENT, SIM_CHOICE_EARLY, 1, 2);
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  sim_kit_then(kit, SIM_REFUND)->id = "a-1";
  sim_kit_then(kit, SIM_LOOK);
  for (int i = 0; i < 2; i++) {
    sim_kit_start(kit);
    sim_machine_set_faults(kit->machine, 1, true);
    while (sim_machine_world(kit->machine)->card.event_count < 2) sim_kit_step(kit, 0);
    assert_true(sim_machine_again(kit->machine, i == 0 ? &second : &third, &kit->effect));
    assert_int_equal(kit->effect.strayed, i == 1);
    assert_int_equal(kit->effect.transition.count, i == 0);
    assert_int_equal(sim_machine_world(kit->machine)->card.event_count, 1);
  }
}

/* The text of a fault that is declared now and was injected then: the declared one is meant. */
static void test_a_fault_declared_by_now(void **state) {
  struct sim_kit *kit = *state;
  int count = 0;
  const struct sim_fault *injections = sim_site_injections(SIM_SITE_CREATE, &count);
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  kit->the_case.sites[SIM_SITE_CREATE] =
      (struct sim_site_faults){.policy = SIM_POLICY_MAY, .count = 1, .faults = {injections[2]}};
  sim_kit_start(kit); /* nothing may be injected */
  sim_kit_steps(kit, 0, 1);
  struct sim_transition step = step_of(0, SIM_CHOICE_PORT + SIM_SITE_CREATE, 1, 1 + 1 + 2);
  assert_true(sim_machine_again(kit->machine, &step, &kit->effect));
  assert_false(kit->effect.strayed);
  assert_false(kit->effect.injected);
  assert_int_equal(kit->effect.transition.choices[0].code, 1);
  assert_string_equal(kit->effect.fault->text, injections[2].text);
}

/* ---- Order ---- */

static bool earlier(const struct sim_transition *a, const struct sim_transition *b) {
  bool is = sim_transition_is_earlier(a, b), other = sim_transition_is_earlier(b, a);
  bool equal = sim_transition_equal(a, b);
  assert_int_equal(is + other + equal, 1);
  if (equal) assert_true(sim_transition_hash(a) == sim_transition_hash(b));
  return is;
}

static void test_the_order_is_total(void **state) {
  enum { COUNT = 60 };
  static struct sim_transition some[COUNT];
  uint64_t seed = 1;
  int equals = 0;
  (void)state;
  memset(some, 0, sizeof some);
  for (int i = 0; i < COUNT; i++) {
    uint64_t bits = (seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407) >> 20;
    some[i].task = (int16_t)(bits & 1);
    some[i].count = (int16_t)(bits >> 1 & 3) % 3;
    for (int c = 0; c < some[i].count; c++, bits >>= 3)
      some[i].choices[c] =
          (struct sim_choice){(uint16_t)(bits >> 3 & 1), (uint16_t)(1 + (bits >> 4 & 1)),
                              (uint16_t)(1 + (bits >> 5 & 1))};
  }
  for (int i = 0; i < COUNT; i++)
    for (int j = 0; j < COUNT; j++) {
      bool is_earlier = earlier(&some[i], &some[j]);
      equals += sim_transition_equal(&some[i], &some[j]);
      for (int k = 0; k < COUNT && is_earlier; k++)
        if (earlier(&some[j], &some[k])) assert_true(earlier(&some[i], &some[k]));
    }
  assert_true(equals > COUNT && equals < COUNT * COUNT / 4);
}

/* Of one task the step that goes well comes first. */
static void test_the_plain_step_comes_first(void **state) {
  (void)state;
  const struct sim_transition plain = {.task = 1}, next_task = {.task = 2};
  const struct sim_transition fault = step_of(1, 0, 1, 1);
  assert_true(earlier(&plain, &fault));
  assert_true(earlier(&fault, &next_task));
}

/* ---- As text ---- */

/* A choice and its text: read, it is the first choice that has this text. */
static int compare_text(const struct sim_case *the_case, const struct sim_choice *choice,
                        int writes) {
  char text[SIM_CHOICE_TEXT_SIZE], again[SIM_CHOICE_TEXT_SIZE];
  struct sim_choice read;
  sim_choice_text(the_case, choice, writes, text);
  bool means_something = strchr(text, '?') == NULL;
  if (sim_choice_parse(the_case, text, &read) != means_something) fail_msg("%s", text);
  if (!means_something) return 0;
  if (read.site != choice->site || read.nth != choice->nth || read.code > choice->code)
    fail_msg("%s is read otherwise", text);
  sim_choice_text(the_case, &read, writes, again);
  assert_string_equal(again, text);
  return read.code == choice->code;
}

/* Returns: how many codes of a site are read as themselves */
static int compare_codes(const struct sim_case *the_case, struct sim_choice choice, int writes) {
  int count = 0;
  for (int code = 0; code < SIM_CODE_IMAGE + 256; code++) {
    choice.code = (uint16_t)code;
    bool is_image = choice.site >= SIM_CHOICE_DISK && code >= SIM_CODE_IMAGE;
    if (!is_image || code < SIM_CODE_IMAGE + sim_power_image_count(writes))
      count += compare_text(the_case, &choice, writes);
  }
  return count;
}

static void test_what_is_told_is_read(void **state) {
  static const uint16_t times[] = {1, 2, 10, UINT16_MAX};
  struct sim_kit *kit = *state;
  for (int site = 0; site < SIM_CHOICE_SITES; site++)
    for (size_t i = 0; i < SIM_KIT_COUNT(times); i++) {
      struct sim_choice choice = {.site = (uint16_t)site, .nth = times[i]};
      bool has_time = site >= SIM_CHOICE_MEMORY;
      int count = !has_time && i > 0 ? 1 : compare_codes(&kit->the_case, choice, 0);
      assert_int_equal(count > 0, site != SIM_CHOICE_TASK || i > 0);
    }
}

/* Without declared faults each code has a text of its own; also each image of few writes, but those
 * of a torn newest write, with which nothing later can be lost. */
static void test_each_code_has_its_text(void **state) {
  struct sim_kit *kit = *state;
  int faults = 0;
  (void)sim_site_injections(SIM_SITE_CONFIRM, &faults);
  struct sim_choice confirm = {.site = SIM_CHOICE_PORT + SIM_SITE_CONFIRM, .nth = 1};
  assert_int_equal(compare_codes(&kit->the_case, confirm, 0), faults);
  const struct sim_choice write = {
      .site = SIM_CHOICE_DISK + FAKE_DISK_WAL * SIM_DISK_KINDS + FAKE_DISK_WRITE, .nth = 3};
  for (int writes = 1; writes <= SIM_POWER_FREE_WRITES; writes++)
    assert_int_equal(compare_codes(&kit->the_case, write, writes),
                     3 + sim_power_image_count(writes) - 1);
  assert_true(compare_codes(&kit->the_case, write, SIM_POWER_MAX_WRITES) > 150);
  kit->the_case.sites[SIM_SITE_CONFIRM] =
      (struct sim_site_faults){.policy = SIM_POLICY_MAY,
                               .count = 1,
                               .faults = {*sim_site_injections(SIM_SITE_CONFIRM, &faults)}};
  assert_int_equal(compare_codes(&kit->the_case, confirm, 0), faults); /* one of them is declared */
}

static void test_texts(void **state) {
  struct sim_kit *kit = *state;
  static const struct {
    const char *text;
    struct sim_choice choice;
  } rows[] = {
      {"gateway.create: timeout before", {SIM_CHOICE_PORT + SIM_SITE_CREATE, 1, 1}},
      {"gateway.event: twice", {SIM_CHOICE_EVENT, 1, SIM_EVENT_TWICE + 1}},
      {"gateway.event: early, the 2nd waiting", {SIM_CHOICE_EARLY, 1, 1}},
      {"host.retry: again", {SIM_CHOICE_RETRY, 1, 1}},
      {"memory.json 12: allocation fails", {SIM_CHOICE_MEMORY + FAKE_MEMORY_JSON, 12, 1}},
      {"db.read 2: short read", {SIM_CHOICE_DISK + FAKE_DISK_READ, 2, SIM_DISK_SHORT_READ}},
      {"wal.sync 1: the process dies",
       {SIM_CHOICE_DISK + SIM_DISK_KINDS + FAKE_DISK_SYNC, 1, SIM_DISK_DIES}},
      {"wal.write 1: the power fails",
       {SIM_CHOICE_DISK + SIM_DISK_KINDS + FAKE_DISK_WRITE, 1, SIM_CODE_IMAGE}},
      {"wal.write 3: the power fails, writes kept: 0 1",
       {SIM_CHOICE_DISK + SIM_DISK_KINDS + FAKE_DISK_WRITE, 3, SIM_CODE_IMAGE + 1}},
      {"wal.write 3: the power fails, writes kept: 1 torn",
       {SIM_CHOICE_DISK + SIM_DISK_KINDS + FAKE_DISK_WRITE, 3, SIM_CODE_IMAGE + 4}},
  };
  for (size_t i = 0; i < SIM_KIT_COUNT(rows); i++) {
    struct sim_choice read;
    if (!sim_choice_parse(&kit->the_case, rows[i].text, &read)) fail_msg("%s", rows[i].text);
    assert_memory_equal(&read, &rows[i].choice, sizeof read);
  }
}

static void test_no_choices(void **state) {
  static const char *const texts[] = {"",
                                      "again",
                                      "gateway.create",
                                      "gateway.create: ",
                                      "gateway.create: ?",
                                      "gateway.create 1: timeout before",
                                      "gateway.create: timeout before ",
                                      "gateway.create: timeout befor",
                                      "gateway.create: declined generic_decline",
                                      "gateway.event: early",
                                      "gateway.event: fine",
                                      "task: ana",
                                      "host.retry: ?",
                                      "host.retry 1: again",
                                      "wal.write: I/O error",
                                      "wal.write 0: I/O error",
                                      "wal.write -1: I/O error",
                                      "wal.write +1: I/O error",
                                      "wal.write 01: I/O error",
                                      "wal.write  1: I/O error",
                                      "wal.write 65536: I/O error",
                                      "wal.write 99999999999999999999: I/O error",
                                      "wal.write 1: fine",
                                      "wal.write 1: short read",
                                      "wal.read 1: disk full",
                                      "wal.write 1: allocation fails",
                                      "wal.write 1: the power fails, writes kept:",
                                      "wal.write 1: the power fails, writes kept: 2",
                                      "wal.write 1: the power fails, writes kept: torn torn",
                                      "wal.write 1: the power fails; writes kept: 1",
                                      "wal.write 1: the power fails, writes kept: 1 ",
                                      "memory.sqlite 1: I/O error",
                                      "? 1: I/O error"};
  struct sim_kit *kit = *state;
  char many[3 * SIM_POWER_MAX_WRITES + 100] = "wal.write 1: the power fails, writes kept:";
  struct sim_choice read;
  for (size_t i = 0; i < SIM_KIT_COUNT(texts); i++)
    if (sim_choice_parse(&kit->the_case, texts[i], &read)) fail_msg("read: %s", texts[i]);
  for (int i = 0; i < SIM_POWER_MAX_WRITES; i++) strcat(many, " 1");
  assert_true(sim_choice_parse(&kit->the_case, many, &read));
  strcat(many, " 1");
  assert_false(sim_choice_parse(&kit->the_case, many, &read));
}

static void test_names_of_tasks(void **state) {
  struct sim_kit *kit = *state;
  int named = 0;
  (void)sim_kit_actor(kit, "ana", SIM_LOOK);
  (void)sim_kit_actor(kit, "ben", SIM_LOOK);
  for (int task = 0; task <= SIM_WORLD_EVENT; task++) {
    const char *call = sim_world_call(task);
    if (task >= kit->the_case.actor_count && task < SIM_BACKGROUND) continue;
    assert_int_equal(call != NULL, task > SIM_BACKGROUND);
    const char *name = sim_task_name(&kit->the_case, task);
    assert_int_equal(sim_task_named(&kit->the_case, name, call ? call : "look"), task);
    named++;
  }
  assert_int_equal(named, 2 + 1 + SIM_MAX_PROCESSES + 5);
  assert_int_equal(sim_task_named(&kit->the_case, "cat", "look"), -1);
  assert_int_equal(sim_task_named(&kit->the_case, "world", "look"), -1);
  assert_int_equal(sim_task_named(&kit->the_case, "", ""), -1);
}

/* ---- Who goes next ---- */

static uint16_t highest_code(void *self, const struct sim_choice_point *point) {
  struct sim_choice_point *seen = self;
  *seen = *point;
  return point->codes[point->count - 1];
}

static void test_a_task_is_chosen(void **state) {
  (void)state;
  struct sim_choice_point seen;
  const struct sim_strategy highest = {.self = &seen, .choose = highest_code};
  const struct sim_strategy none = {.choose = always_1};
  assert_int_equal(sim_choose_task(&highest, 1u << 2 | 1u << 31 | 1u), 31);
  assert_int_equal(seen.site, SIM_CHOICE_TASK);
  assert_int_equal(seen.count, 3);
  assert_int_equal(sim_choose_task(&none, 1u), 0);
  assert_int_equal(sim_choose_task(&none, 0), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sim_kit_set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_every_way_once),
      TEST(test_sparse),
      TEST(test_nothing_to_choose),
      TEST(test_more_choices_than_are_kept),
      TEST(test_the_machine_tells_the_limit),
      TEST(test_who_fails_inside),
      TEST(test_a_real_step),
      TEST(test_a_task_that_cannot_go),
      TEST(test_a_choice_that_cannot_be_made),
      TEST(test_an_event_that_does_not_wait),
      TEST(test_a_fault_declared_by_now),
      TEST(test_the_order_is_total),
      TEST(test_the_plain_step_comes_first),
      TEST(test_what_is_told_is_read),
      TEST(test_each_code_has_its_text),
      TEST(test_texts),
      TEST(test_no_choices),
      TEST(test_names_of_tasks),
      TEST(test_a_task_is_chosen),
  };
  if (sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) != SQLITE_OK || !fake_memory_install()) return 1;
  return cmocka_run_group_tests_name("choices", tests, NULL, NULL);
}
