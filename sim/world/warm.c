/* The warm-up: a day on which an engine does all that it can do. The engine prepares each statement
 * when it first needs it, and SQLite then requests memory. After the warm-up a step requests what
 * it needs and nothing else, so that requests for memory can be numbered. Each step with faults
 * inside checks that no statement was forgotten here. */
#include "machine_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool spend_one(struct reload_engine *engine, const char *client, const char *action,
                      struct reload_message *message) {
  struct reload_spend request = {.cost_tokens = 1};
  int size = snprintf(request.client_id, sizeof request.client_id, "%s", client);
  if (size > 0)
    size = snprintf(request.action_id, sizeof request.action_id, "%s for %s", action, client);
  return size > 0 && reload_spend_run(engine, &request, message) == RELOAD_OK;
}

static void ignore_client(void *self, const struct reload_client_row *row) {
  (void)self, (void)row;
}
static void ignore_entry(void *self, const struct reload_entry_row *row) { (void)self, (void)row; }
static void ignore_charge(void *self, const struct reload_charge_row *row) {
  (void)self, (void)row;
}
static void ignore_toggle(void *self, const struct reload_toggle_row *row) {
  (void)self, (void)row;
}
static void ignore_dead_card(void *self, const struct reload_dead_card_row *row) {
  (void)self, (void)row;
}

static bool read_ledgers(struct reload_engine *engine, const char *client,
                         struct reload_message *message) {
  const struct reload_ledger_visitor visitor = {.client = ignore_client,
                                                .entry = ignore_entry,
                                                .charge = ignore_charge,
                                                .toggle = ignore_toggle,
                                                .dead_card = ignore_dead_card};
  return reload_ledger_read(engine, NULL, &visitor, message) == RELOAD_OK &&
         reload_ledger_read(engine, client, &visitor, message) == RELOAD_OK;
}

/* A pack that is refunded in two parts, a cycle, and an unknown client. */
static bool buy_pack_and_cycle(struct reload_engine *engine, const char *client,
                               struct reload_message *message) {
  struct reload_event refund = {.kind = RELOAD_EVENT_REFUNDED, .amount_minor = 1};
  struct reload_event unknown = {.kind = RELOAD_EVENT_INTENT, .intent_id = "pi_unknown"};
  enum reload_toggle_answer answer;
  int size = snprintf(refund.intent_id, sizeof refund.intent_id, "pi_%s", client);
  return size > 0 &&
         reload_pack_add(engine, client, client, refund.intent_id, 2, 2, "pm_card_visa", message) ==
             RELOAD_OK &&
         reload_event_apply(engine, &refund, message) == RELOAD_OK &&
         (refund.amount_minor = 2, reload_event_apply(engine, &refund, message) == RELOAD_OK) &&
         reload_event_apply(engine, &unknown, message) == RELOAD_OK &&
         reload_cycle_grant(engine, client, client, 1, message) == RELOAD_OK &&
         reload_toggle_set(engine, "nobody", true, &answer, message) == RELOAD_NOT_FOUND;
}

/* An action that fits, one whose charge is captured, and one that is asked for twice and declined
 * so that the card is dead. */
static bool charge_both_ways(struct reload_engine *engine, const char *client,
                             const char *lost_card, int64_t top_up_tokens,
                             struct reload_message *message) {
  struct reload_spend rest = {.cost_tokens = top_up_tokens};
  enum reload_toggle_answer answer;
  int size = snprintf(rest.client_id, sizeof rest.client_id, "%s", client);
  if (size > 0) size = snprintf(rest.action_id, sizeof rest.action_id, "the rest for %s", client);
  return size > 0 && spend_one(engine, client, "fits", message) &&
         reload_plan_change(engine, client, RELOAD_PLAN_ACTIVE, "pm_card_visa", message) ==
             RELOAD_OK &&
         reload_toggle_set(engine, client, true, &answer, message) == RELOAD_OK &&
         reload_spend_run(engine, &rest, message) == RELOAD_OK &&
         reload_card_set(engine, client, lost_card, message) == RELOAD_OK &&
         spend_one(engine, client, "declined", message) &&
         spend_one(engine, client, "declined", message);
}

/* A charge that is left in flight, and two mails: one delivered, one refused. Each statement must
 * meet rows: SQLite allocates what an aggregate needs at the first one. */
static bool wait_for_both(struct sim_machine *machine, struct reload_engine *engine,
                          const char *client, struct reload_message *message) {
  struct reload_spend left = {.cost_tokens = 1};
  enum reload_toggle_answer answer;
  int64_t wake_at_ms = 0;
  int size = snprintf(left.client_id, sizeof left.client_id, "%s", client);
  if (size > 0) size = snprintf(left.action_id, sizeof left.action_id, "left by %s", client);
  bool done = size > 0 && reload_card_set(engine, client, "pm_card_visa", message) == RELOAD_OK &&
              reload_spend_step(engine, &left, message) == RELOAD_OK &&
              reload_recovery_run(engine, &wake_at_ms, message) == RELOAD_OK &&
              reload_delivery_run(engine, &wake_at_ms, message) == RELOAD_OK &&
              reload_toggle_set(engine, client, false, &answer, message) == RELOAD_OK;
  machine->world.mail.down_until_ms = INT64_MAX;
  done = done && reload_delivery_run(engine, &wake_at_ms, message) == RELOAD_OK;
  machine->world.mail.down_until_ms = 0;
  return done;
}

static bool busy_day(struct sim_machine *machine, int process) {
  struct reload_engine *engine = machine->engines[process];
  struct reload_message message;
  char client[24],
      lost_card[RELOAD_ID_SIZE]; /* a dead card is dead for all processes: each has its own */
  int size = snprintf(client, sizeof client, "busy day %d", process);
  if (size > 0)
    size = snprintf(lost_card, sizeof lost_card, "pm_card_visa_chargeDeclinedLostCard:%d", process);
  fake_disk_set_process(machine->disk, process);
  return size > 0 &&
         reload_client_add(engine, client, "busy@owners.example", client, &message) == RELOAD_OK &&
         buy_pack_and_cycle(engine, client, &message) &&
         charge_both_ways(engine, client, lost_card, machine->the_case->top_up_tokens, &message) &&
         wait_for_both(machine, engine, client, &message) && read_ledgers(engine, client, &message);
}

bool sim_warm_up(struct sim_machine *machine) {
  struct sim_world *world = calloc(1, sizeof *world);
  struct fake_disk_image image = {.record = NULL};
  bool warm = world && fake_disk_save(machine->disk, &image);
  if (warm) {
    sim_world_copy(world, &machine->world, machine->the_case);
    fake_card_init(&machine->world.card);
    fake_mail_init(&machine->world.mail);
    for (int i = 0; warm && i < machine->the_case->process_count; i++) warm = busy_day(machine, i);
    sim_machine_restore(machine, world, &image);
  }
  if (image.record) fake_disk_image_release(machine->disk, &image);
  free(world);
  return warm;
}
