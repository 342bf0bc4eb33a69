/* See sim_kit.h. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "sim_kit.h"

#include <stdlib.h>

int sim_kit_set_up(void **state) {
  struct sim_kit *kit = calloc(1, sizeof *kit);
  assert_non_null(kit);
  kit->the_case = (struct sim_case){
      .id = "kit",
      .title = "kit",
      .place = {"kit", 1, 1},
      .start_ms = SIM_KIT_NOON,
      .top_up_tokens = 100,
      .top_up_price_minor = 1000,
      .currency = "usd",
      .wait_limit_ms = 30000,
      .attempt_limit_ms = 120000,
      .process_count = 1,
      .processes = {"main"},
      .fault_limit = 1,
  };
  (void)sim_kit_client(kit, "acme");
  *state = kit;
  return 0;
}

int sim_kit_tear_down(void **state) {
  struct sim_kit *kit = *state;
  sim_machine_free(kit->machine);
  free(kit);
  return 0;
}

int sim_kit_client(struct sim_kit *kit, const char *name) {
  assert_true(kit->the_case.client_count < SIM_MAX_CLIENTS);
  kit->the_case.clients[kit->the_case.client_count] = (struct sim_client){
      .name = name,
      .owner = "olga",
      .balance_tokens = 5,
      .plan = SIM_PLAN_ACTIVE,
      .card = "pm_card_visa",
      .auto_reload = true,
  };
  return kit->the_case.client_count++;
}

struct sim_step *sim_kit_actor(struct sim_kit *kit, const char *name, enum sim_verb verb) {
  assert_true(kit->the_case.actor_count < SIM_MAX_ACTORS);
  int actor = kit->the_case.actor_count++;
  kit->the_case.actors[actor] = (struct sim_actor){.name = name, .steps = kit->steps[actor]};
  return sim_kit_then(kit, verb);
}

struct sim_step *sim_kit_then(struct sim_kit *kit, enum sim_verb verb) {
  struct sim_actor *actor = &kit->the_case.actors[kit->the_case.actor_count - 1];
  assert_true(actor->step_count < (int)SIM_KIT_COUNT(kit->steps[0]));
  struct sim_step *step = &actor->steps[actor->step_count++];
  *step = (struct sim_step){.verb = verb, .place = {"kit", 1, 1}};
  return step;
}

struct sim_step *sim_kit_submit(struct sim_kit *kit, const char *name, const char *id,
                                int64_t cost) {
  struct sim_step *step = sim_kit_actor(kit, name, SIM_SUBMIT);
  step->id = id;
  step->kind = "creative";
  step->amount = cost;
  return step;
}

void sim_kit_start(struct sim_kit *kit) {
  struct reload_message message = {""};
  sim_machine_free(kit->machine);
  kit->machine = sim_machine_new(&kit->the_case, 1, &message);
  if (!kit->machine) fail_msg("the machine cannot be set up: %s", message.text);
}

void sim_kit_step(struct sim_kit *kit, int task) {
  const struct sim_transition plain = {.task = (int16_t)task};
  sim_world_copy(&kit->before, sim_machine_world(kit->machine), &kit->the_case);
  if (!sim_machine_again(kit->machine, &plain, &kit->effect)) fail_msg("task %d cannot go", task);
}

void sim_kit_steps(struct sim_kit *kit, int task, int count) {
  for (int i = 0; i < count; i++) sim_kit_step(kit, task);
}

void sim_kit_finish(struct sim_kit *kit) {
  for (int i = 0; sim_machine_enabled(kit->machine) != 0; i++) {
    uint32_t steps = sim_machine_enabled(kit->machine);
    int task = 0;
    if (i == 1000) fail_msg("it never settles");
    while (!(steps & 1u << task)) task++;
    sim_kit_step(kit, task);
  }
}

struct sim_search sim_kit_explore(struct sim_kit *kit) {
  struct sim_search search;
  const struct sim_limits limits = {.max_states = 1000000};
  sim_kit_start(kit);
  assert_true(sim_explore(kit->machine, &limits, &search));
  return search;
}
