/* The world as a value: a copy is equal, what matters changes the hash, what does not matter, and
 * the order in which things came about, does not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "sim_kit.h"

#include <stdlib.h>
#include <string.h>

/* Two actors on two clients, far enough that all parts of the world are in use: ana's reload is
 * being confirmed, ben's first step has ended. */
static int set_up(void **state) {
  if (sim_kit_set_up(state) != 0) return 1;
  struct sim_kit *kit = *state;
  int beta = sim_kit_client(kit, "beta");
  (void)sim_kit_submit(kit, "ana", "a-1", 10);
  sim_kit_actor(kit, "ben", SIM_TURN_OFF)->client = beta;
  struct sim_step *submit = sim_kit_then(kit, SIM_SUBMIT);
  submit->id = "b-1", submit->kind = "creative", submit->amount = 3, submit->client = beta;
  sim_kit_start(kit);
  sim_kit_steps(kit, 0, 4);
  sim_kit_step(kit, 1);
  return 0;
}

static bool same(const struct sim_kit *kit, const struct sim_world *a, const struct sim_world *b) {
  struct sim_hash x = sim_world_hash(a, &kit->the_case), y = sim_world_hash(b, &kit->the_case);
  return x.low == y.low && x.high == y.high;
}

static struct sim_world *copy_of(const struct sim_kit *kit, int rubbish) {
  struct sim_world *copy = malloc(sizeof *copy);
  assert_non_null(copy);
  memset(copy, rubbish, sizeof *copy);
  sim_world_copy(copy, &kit->machine->world, &kit->the_case);
  return copy;
}

/* Copies over different rubbish hash alike, and run on alike. */
static void test_copy(void **state) {
  struct sim_kit *kit = *state;
  struct sim_world *a = copy_of(kit, 0xA5), *b = copy_of(kit, 0x5A);
  struct fake_disk_image image = {.record = NULL};
  assert_true(same(kit, a, &kit->machine->world));
  assert_true(same(kit, a, b));
  assert_true(fake_disk_save(kit->machine->disk, &image));
  sim_kit_finish(kit);
  struct sim_hash end = sim_world_hash(&kit->machine->world, &kit->the_case);
  sim_machine_restore(kit->machine, b, &image);
  sim_kit_finish(kit);
  struct sim_hash again = sim_world_hash(&kit->machine->world, &kit->the_case);
  assert_true(end.low == again.low && end.high == again.high);
  fake_disk_image_release(kit->machine->disk, &image);
  free(a);
  free(b);
}

/* ---- What matters -------------------------------------------------------------------------- */

#define CHANGE(name, statement)                                                                    \
  static void change_##name(struct sim_world *w) { statement; }
#define SPEND w->tasks[0].as.spend
#define ATTEMPT w->tasks[0].as.spend.attempt
CHANGE(clock, w->clock.now_ms++)
CHANGE(faults_shown, w->faults_shown++)
CHANGE(injected, w->injected++)
CHANGE(fault_effects, w->fault_effects ^= SIM_FAULT_EFFECT_DEATH)
CHANGE(first_shown, w->first_shown ^= 8)
CHANGE(settling, w->closing ^= 1)
CHANGE(settled, w->at_rest ^= 1)
CHANGE(rounds, w->rounds++)
CHANGE(stale, w->stale ^= 8)
CHANGE(placement, w->placement++)
CHANGE(recover_at, w->recover_at_ms++)
CHANGE(deliver_at, w->deliver_at_ms++)
CHANGE(task_ready, w->tasks[0].ready_at_ms++)
CHANGE(task_state, w->tasks[0].state = SIM_TASK_WAITING)
CHANGE(task_step, w->tasks[1].step++)
CHANGE(task_answer, w->tasks[1].answers[0] ^= 1)
CHANGE(task_answers, w->tasks[1].answer_count--)
CHANGE(task_job, w->tasks[1].job = SIM_JOB_SLEEP)
CHANGE(background, w->tasks[SIM_BACKGROUND].step++)
CHANGE(spend_step, SPEND.step = RELOAD_STEP_CLOSE)
CHANGE(spend_progress, SPEND.progress = RELOAD_WAIT)
CHANGE(spend_wake, SPEND.wake_at_ms++)
CHANGE(spend_wait, SPEND.wait_until_ms++)
CHANGE(charge_id, ATTEMPT.charge_id[8] ^= 1)
CHANGE(attempt_intent, ATTEMPT.intent_id[4] ^= 1)
CHANGE(attempt_card, ATTEMPT.card_id[4] ^= 1)
CHANGE(attempt_amount, ATTEMPT.amount_minor++)
CHANGE(attempt_code, ATTEMPT.decline_code[0] ^= 'x')
CHANGE(attempt_reason, ATTEMPT.reason = RELOAD_REASON_UNKNOWN)
CHANGE(reply_outcome, ATTEMPT.reply.outcome = RELOAD_CARD_NOT_SENT)
CHANGE(reply_status, ATTEMPT.reply.status = RELOAD_INTENT_CANCELED)
CHANGE(reply_intent, ATTEMPT.reply.intent_id[4] ^= 1)
CHANGE(reply_code, ATTEMPT.reply.code[0] ^= 'x')
CHANGE(reply_decline, ATTEMPT.reply.decline_code[0] ^= 'x')
CHANGE(ledger, w->ledger.clients[0].balance_tokens++)
CHANGE(card, w->card.intents[0].captured_minor++)
CHANGE(card_down, w->card.down_until_ms++)
CHANGE(mail_down, w->mail.down_until_ms++)

static const struct {
  const char *name;
  void (*change)(struct sim_world *world);
} changes[] = {
#define ROW(name)                                                                                  \
  { #name, change_##name }
    ROW(clock),         ROW(faults_shown),   ROW(injected),     ROW(first_shown),
    ROW(settling),      ROW(settled),        ROW(rounds),       ROW(task_ready),
    ROW(task_state),    ROW(task_step),      ROW(task_answer),  ROW(task_answers),
    ROW(task_job),      ROW(background),     ROW(spend_step),   ROW(spend_progress),
    ROW(spend_wake),    ROW(spend_wait),     ROW(charge_id),    ROW(attempt_intent),
    ROW(attempt_card),  ROW(attempt_amount), ROW(attempt_code), ROW(attempt_reason),
    ROW(reply_outcome), ROW(reply_status),   ROW(reply_intent), ROW(reply_code),
    ROW(reply_decline), ROW(ledger),         ROW(card),         ROW(card_down),
    ROW(mail_down),     ROW(stale),          ROW(placement),    ROW(fault_effects),
    ROW(recover_at),    ROW(deliver_at),
};

/* Each change gives a hash of its own. */
static void test_what_matters(void **state) {
  struct sim_kit *kit = *state;
  struct sim_hash seen[SIM_KIT_COUNT(changes) + 1];
  seen[0] = sim_world_hash(&kit->machine->world, &kit->the_case);
  for (size_t i = 0; i < SIM_KIT_COUNT(changes); i++) {
    struct sim_world *copy = copy_of(kit, 0);
    changes[i].change(copy);
    seen[i + 1] = sim_world_hash(copy, &kit->the_case);
    for (size_t j = 0; j <= i; j++)
      if (seen[j].low == seen[i + 1].low && seen[j].high == seen[i + 1].high)
        fail_msg("%s does not change the hash (or as %d)", changes[i].name, (int)j);
    free(copy);
  }
}

/* The background's own jobs: where they are, and whom they are at. */
static void test_background_jobs(void **state) {
  struct sim_kit *kit = *state;
  static const enum sim_job jobs[] = {SIM_JOB_RECOVERY, SIM_JOB_DELIVERY, SIM_JOB_POSTING};
  for (size_t i = 0; i < SIM_KIT_COUNT(jobs); i++) {
    struct sim_world *a = copy_of(kit, 0), *b;
    struct sim_task *task = &a->tasks[SIM_BACKGROUND];
    memset(&task->as, 0, sizeof task->as);
    task->job = (int32_t)jobs[i];
    b = malloc(sizeof *b);
    assert_non_null(b);
    sim_world_copy(b, a, &kit->the_case);
    assert_true(same(kit, a, b));
    if (jobs[i] == SIM_JOB_RECOVERY) b->tasks[SIM_BACKGROUND].as.recovery.step = RELOAD_STEP_CLOSE;
    if (jobs[i] == SIM_JOB_DELIVERY) b->tasks[SIM_BACKGROUND].as.delivery.mail.message_id[0] = 'x';
    if (jobs[i] == SIM_JOB_POSTING) b->tasks[SIM_BACKGROUND].as.posting.skipped = 1;
    assert_false(same(kit, a, b));
    sim_world_copy(b, a, &kit->the_case);
    if (jobs[i] == SIM_JOB_RECOVERY) b->tasks[SIM_BACKGROUND].as.recovery.attempt.amount_minor = 1;
    if (jobs[i] == SIM_JOB_DELIVERY)
      b->tasks[SIM_BACKGROUND].as.delivery.step = RELOAD_DELIVERY_RECORD;
    if (jobs[i] == SIM_JOB_POSTING) b->tasks[SIM_BACKGROUND].as.posting.again = 1;
    assert_false(same(kit, a, b));
    free(a);
    free(b);
  }
}

/* ---- What does not ------------------------------------------------------------------------- */

static void test_what_does_not_matter(void **state) {
  struct sim_kit *kit = *state;
  struct sim_world *copy = copy_of(kit, 0);
  memset(&copy->tasks[5], 0xEE, sizeof copy->tasks[5]);       /* there is no such actor */
  memset(&copy->tasks[1].as, 0xEE, sizeof copy->tasks[1].as); /* between two steps: no job */
  memset(&copy->card.intents[copy->card.intent_count], 0xEE, sizeof copy->card.intents[0]);
  copy->tasks[1].answers[3] = 9;                       /* not given yet */
  copy->tasks[0].as.spend.verdict.balance_tokens = 77; /* of a request that has not ended */
  assert_true(same(kit, copy, &kit->machine->world));
  free(copy);
}

/* Independent steps of ana and ben, merged in every order: one and the same world. */
static void run_merged(struct sim_kit *kit, unsigned order, int steps) {
  static const int most[] = {4, 2};
  int made[] = {0, 0};
  sim_kit_start(kit);
  for (int i = 0; i < steps; i++) {
    int task = order >> i & 1;
    if (made[task] == most[task]) task = !task;
    made[task]++;
    sim_kit_step(kit, task);
  }
}

static void test_order_does_not_matter(void **state) {
  struct sim_kit *kit = *state;
  struct sim_hash first = {0, 0};
  for (unsigned order = 0; order < 64; order++) {
    run_merged(kit, order, 6);
    struct sim_hash hash = sim_world_hash(&kit->machine->world, &kit->the_case);
    if (order == 0) first = hash;
    if (hash.low != first.low || hash.high != first.high) fail_msg("order %x differs", order);
  }
}

/* Two clients' intents, created in either order. */
static void test_order_of_intents(void **state) {
  struct sim_kit *kit = *state;
  struct sim_hash hashes[2];
  kit->the_case.actors[1].steps[0].verb = SIM_LOOK;
  kit->the_case.actors[1].steps[1].amount = 10;
  for (int first = 0; first < 2; first++) {
    sim_kit_start(kit);
    sim_kit_step(kit, 1);
    sim_kit_steps(kit, first, 4);
    sim_kit_steps(kit, !first, 4);
    assert_int_equal(kit->machine->world.card.intent_count, 2);
    hashes[first] = sim_world_hash(&kit->machine->world, &kit->the_case);
  }
  assert_true(hashes[0].low == hashes[1].low && hashes[0].high == hashes[1].high);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, sim_kit_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_copy),
      TEST(test_what_matters),
      TEST(test_background_jobs),
      TEST(test_what_does_not_matter),
      TEST(test_order_does_not_matter),
      TEST(test_order_of_intents),
  };
  return cmocka_run_group_tests_name("world", tests, NULL, NULL);
}
