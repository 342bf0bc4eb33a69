/* The world that a scenario gives. It is made by calls of the engine, up to a state in which
 * nothing is due. */
#include "machine_inside.h"

#include <stdio.h>
#include <string.h>

#define GOOD_CARD "pm_card_visa"

struct reload_config sim_machine_config(struct sim_machine *machine) {
  const struct sim_case *the_case = machine->the_case;
  struct reload_config config = {
      .path = "ledger.db",
      .vfs = machine->vfs_name,
      .settings = {.top_up_tokens = the_case->top_up_tokens,
                   .top_up_price_minor = the_case->top_up_price_minor,
                   .wait_limit_ms = the_case->wait_limit_ms,
                   .attempt_limit_ms = the_case->attempt_limit_ms},
      .card = fake_card_port(&machine->card_fixture),
      .clock = fake_clock_port(&machine->clock_fixture),
      .mail = fake_mail_port(&machine->mail_fixture),
  };
  memcpy(config.settings.currency, the_case->currency, sizeof config.settings.currency);
  return config;
}

void sim_customer_id(const char *client, char id[RELOAD_ID_SIZE]) {
  if (snprintf(id, RELOAD_ID_SIZE, "cus_%.*s", RELOAD_ID_SIZE - 5, client) < 0) id[0] = '\0';
}

bool sim_machine_open(struct sim_machine *machine, struct reload_message *message) {
  struct reload_config config = sim_machine_config(machine);
  for (int i = 0; i < machine->process_count; i++) {
    fake_disk_set_process(machine->disk, i);
    if (reload_open(&config, &machine->engines[i], message) != RELOAD_OK) return false;
    if (i == 0 && !fake_disk_save(machine->disk, &machine->empty_store)) return false;
  }
  return true;
}

/* The engines have another case's store open. They stand in for processes that begin on this one:
 * what remains of opening it is what the engine does with the WAL. */
static bool begin_processes(struct sim_machine *machine, struct reload_message *message) {
  for (int i = 0; i < machine->process_count; i++) {
    fake_disk_set_process(machine->disk, i);
    if (reload_checkpoint(machine->engines[i], message) != RELOAD_OK) return false;
  }
  fake_disk_set_process(machine->disk, 0);
  return true;
}

static bool set_settings(struct sim_machine *machine, struct reload_message *message) {
  struct reload_config config = sim_machine_config(machine);
  for (int i = 0; i < machine->process_count; i++)
    if (reload_settings_set(machine->engines[i], &config.settings, message) != RELOAD_OK)
      return false;
  return true;
}

/* A negative balance is made as in production: a pack that was spent, then refunded. */
static enum reload_error give_balance(struct reload_engine *engine, const struct sim_client *client,
                                      int index, struct reload_message *message) {
  int64_t balance = client->balance_tokens;
  if (balance > 0) return reload_cycle_grant(engine, client->name, "given", balance, message);
  if (balance == 0) return RELOAD_OK;
  struct reload_spend spend = {.cost_tokens = -balance};
  struct reload_event refund = {.kind = RELOAD_EVENT_REFUNDED, .amount_minor = -balance};
  char pack[RELOAD_ID_SIZE];
  int size = snprintf(spend.client_id, sizeof spend.client_id, "%s", client->name);
  if (size >= 0) size = snprintf(spend.action_id, sizeof spend.action_id, "given %d", index);
  if (size >= 0) size = snprintf(pack, sizeof pack, "given %d", index);
  if (size >= 0) size = snprintf(refund.intent_id, sizeof refund.intent_id, "pi_%s", pack);
  if (size < 0) return RELOAD_INVALID;
  enum reload_error error = reload_pack_add(engine, client->name, pack, refund.intent_id, -balance,
                                            -balance, GOOD_CARD, message);
  if (error == RELOAD_OK) error = reload_spend_run(engine, &spend, message);
  if (error == RELOAD_OK) error = reload_event_apply(engine, &refund, message);
  return error;
}

/* The toggle can only be turned on with a good card and plan. The given ones are set afterwards. */
static enum reload_error give_client(struct reload_engine *engine, const struct sim_client *client,
                                     int index, struct reload_message *message) {
  char email[RELOAD_EMAIL_SIZE], customer[RELOAD_ID_SIZE];
  enum reload_toggle_answer answer;
  int size = snprintf(email, sizeof email, "%s@owners.example", client->owner);
  if (size < 0 || (size_t)size >= sizeof email) return RELOAD_INVALID;
  sim_customer_id(client->name, customer);
  enum reload_error error = reload_client_add(engine, client->name, email, customer, message);
  if (error == RELOAD_OK) error = give_balance(engine, client, index, message);
  if (error == RELOAD_OK && client->auto_reload) {
    error = reload_plan_change(engine, client->name, RELOAD_PLAN_ACTIVE, GOOD_CARD, message);
    if (error == RELOAD_OK) error = reload_toggle_set(engine, client->name, true, &answer, message);
  }
  if (error == RELOAD_OK)
    error = reload_plan_set(engine, client->name, (enum reload_plan)client->plan, message);
  if (error != RELOAD_OK) return error;
  return client->card ? reload_card_set(engine, client->name, client->card, message)
                      : reload_card_remove(engine, client->name, message);
}

static enum reload_error give_all(struct sim_machine *machine, struct reload_message *message) {
  int64_t wake_at_ms = 0;
  enum reload_error error = RELOAD_OK;
  for (int i = 0; i < machine->the_case->client_count && error == RELOAD_OK; i++)
    error = give_client(machine->engines[0], &machine->the_case->clients[i], i, message);
  if (error == RELOAD_OK) error = reload_delivery_run(machine->engines[0], &wake_at_ms, message);
  return error;
}

/* What was given is the past: its mails are removed, and its WAL is checkpointed. */
static bool let_pass(struct sim_machine *machine, struct reload_message *message) {
  if (reload_checkpoint(machine->engines[0], message) != RELOAD_OK) return false;
  fake_disk_end_logs(machine->disk);
  fake_card_init(&machine->world.card);
  fake_mail_init(&machine->world.mail);
  return true;
}

bool sim_machine_setup(struct sim_machine *machine, struct reload_message *message) {
  fake_disk_set_now(machine->disk, machine->world.clock.now_ms);
  fake_disk_set_process(machine->disk, 0);
  fake_disk_restore(machine->disk, &machine->empty_store);
  if (!set_settings(machine, message) || give_all(machine, message) != RELOAD_OK ||
      !let_pass(machine, message) || !begin_processes(machine, message) ||
      sim_ledger_read(machine->engines[0], &machine->names, &machine->world.ledger, message) !=
          RELOAD_OK)
    return false;
  machine->given = machine->world.ledger;
  return true;
}
