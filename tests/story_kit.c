/* See story_kit.h. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "story_kit.h"

#include <stdlib.h>

struct teller {
  const struct sim_case *the_case;
  struct sim_machine *machine;
  struct sim_beginning beginning;
  struct sim_search search;
  struct sim_world before;
  struct sim_record record;
  void (*step)(void *self, const struct story_step *step);
  void *self;
};

static void tell_step(struct teller *teller, struct sim_transition transition, int ending,
                      int number) {
  struct sim_effect effect;
  sim_world_copy(&teller->before, sim_machine_world(teller->machine), teller->the_case);
  assert_true(sim_machine_again(teller->machine, &transition, &effect));
  sim_record_make(teller->machine, &teller->before, &effect, &teller->record);
  json_t *told = sim_record_is_idle(&teller->record) ? NULL : sim_story_step(&teller->record);
  struct story_step step = {.the_case = teller->the_case,
                            .ending = ending,
                            .number = number,
                            .before = &teller->before,
                            .after = sim_machine_world(teller->machine),
                            .effect = &effect,
                            .told = told};
  teller->step(teller->self, &step);
  json_decref(told);
}

static void tell_ending(struct teller *teller, int ending) {
  struct sim_transition *transitions = NULL;
  int count = sim_search_path(&teller->search, teller->search.endings[ending]->state, &transitions);
  assert_true(count >= 0);
  sim_machine_restore(teller->machine, &teller->beginning.world, &teller->beginning.image);
  for (int i = 0; i < count; i++) tell_step(teller, transitions[i], ending + 1, i + 1);
  free(transitions);
}

void story_kit_tell(const struct sim_case *the_case, int faults,
                    void (*step)(void *self, const struct story_step *step), void *self) {
  const struct sim_limits limits = {.seed = 1, .max_states = 1000000, .fault_budget = faults};
  struct reload_message message = {""};
  struct teller *teller = calloc(1, sizeof *teller);
  assert_non_null(teller);
  teller->the_case = the_case;
  teller->step = step;
  teller->self = self;
  teller->machine = sim_machine_new(the_case, 1, &message);
  if (!teller->machine) fail_msg("%s cannot be set up: %s", the_case->id, message.text);
  sim_world_copy(&teller->beginning.world, sim_machine_world(teller->machine), the_case);
  assert_true(fake_disk_save(sim_machine_disk(teller->machine), &teller->beginning.image));
  assert_true(sim_explore(teller->machine, &limits, &teller->search));
  for (int i = 0; i < teller->search.ending_count; i++) tell_ending(teller, i);
  sim_search_free(&teller->search);
  fake_disk_image_release(sim_machine_disk(teller->machine), &teller->beginning.image);
  sim_machine_free(teller->machine);
  free(teller);
}
