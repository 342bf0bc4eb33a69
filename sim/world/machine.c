/* Machines: made, kept for other cases, and looked at. */
#include "machine_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sim_machines {
  struct sim_machine *idle;
};

struct sim_machines *sim_machines_new(void) {
  return calloc(1, sizeof(struct sim_machines));
}

static void scrap_machine(struct sim_machine *machine) {
  sim_machine_keep_moments(machine, false);
  free(machine->moments);
  sim_reopenings_forget(machine);
  for (int i = 0; i < SIM_MAX_PROCESSES; i++) reload_close(machine->engines[i]);
  if (machine->empty_store.record) fake_disk_image_release(machine->disk, &machine->empty_store);
  fake_disk_free(machine->disk);
  free(machine->model_memory);
  free(machine);
}

void sim_machines_free(struct sim_machines *machines) {
  while (machines && machines->idle) {
    struct sim_machine *machine = machines->idle;
    machines->idle = machine->next;
    scrap_machine(machine);
  }
  free(machines);
}

/* A kept machine that fits; null: none. */
static struct sim_machine *take_idle(struct sim_machines *machines, int process_count,
                                     uint64_t seed) {
  struct sim_machine **at = machines ? &machines->idle : NULL;
  while (at && *at && ((*at)->process_count != process_count || (*at)->seed != seed))
    at = &(*at)->next;
  if (!at || !*at) return NULL;
  struct sim_machine *machine = *at;
  *at = machine->next;
  return machine;
}

/* A new machine on which an empty store is open. */
static struct sim_machine *build_machine(const struct sim_case *the_case, uint64_t seed,
                                         struct reload_message *message) {
  static unsigned serial; /* only makes VFS names differ */
  struct sim_machine *machine = calloc(1, sizeof *machine);
  if (!machine) return NULL;
  machine->the_case = the_case;
  machine->seed = seed;
  machine->process_count = the_case->process_count;
  (void)snprintf(machine->vfs_name, sizeof machine->vfs_name, "sim-disk-%u", serial++);
  machine->clock_fixture.clock = &machine->world.clock;
  machine->card_fixture = (struct fake_card_fixture){.card = &machine->world.card,
                                                     .clock = &machine->world.clock,
                                                     .chooser = machine,
                                                     .choose = sim_choose_card};
  machine->mail_fixture = (struct fake_mail_fixture){.mail = &machine->world.mail,
                                                     .clock = &machine->world.clock,
                                                     .chooser = machine,
                                                     .choose = sim_choose_mail};
  machine->disk = fake_disk_new(machine->vfs_name, seed);
  machine->model_memory = calloc(SIM_MODEL_MEMORY, sizeof *machine->model_memory);
  if (machine->disk && machine->model_memory && sim_machine_open(machine, message)) return machine;
  scrap_machine(machine);
  return NULL;
}

/* Forget the previous case. Nothing else is left of it between two steps. */
static void begin_case(struct sim_machine *machine, const struct sim_case *the_case) {
  machine->the_case = the_case;
  sim_names_init(&machine->names, the_case);
  sim_world_init(&machine->world, the_case->start_ms);
  memset(machine->model_memory, 0, SIM_MODEL_MEMORY * sizeof *machine->model_memory);
  machine->fault_budget = 0;
  machine->without_declared = false;
}

struct sim_machine *sim_machine_take(struct sim_machines *machines, const struct sim_case *the_case,
                                     uint64_t seed, struct reload_message *message) {
  struct sim_machine *machine = take_idle(machines, the_case->process_count, seed);
  if (!machine) machine = build_machine(the_case, seed, message);
  if (!machine) return NULL;
  begin_case(machine, the_case);
  machine->keeper = machines;
  if (sim_machine_setup(machine, message)) return machine;
  scrap_machine(machine);
  return NULL;
}

struct sim_machine *sim_machine_new(const struct sim_case *the_case, uint64_t seed,
                                    struct reload_message *message) {
  return sim_machine_take(NULL, the_case, seed, message);
}

void sim_machine_free(struct sim_machine *machine) {
  if (!machine) return;
  struct sim_machines *keeper = machine->keeper;
  if (!keeper || !fake_disk_is_idle(machine->disk)) {
    scrap_machine(machine);
    return;
  }
  machine->next = keeper->idle;
  keeper->idle = machine;
}

const struct sim_world *sim_machine_world(const struct sim_machine *machine) {
  return &machine->world;
}

const struct sim_names *sim_machine_names(const struct sim_machine *machine) {
  return &machine->names;
}

const struct sim_ledger *sim_machine_given(const struct sim_machine *machine) {
  return &machine->given;
}

uint64_t *sim_machine_model_memory(const struct sim_machine *machine) {
  return machine->model_memory;
}

struct fake_disk *sim_machine_disk(struct sim_machine *machine) {
  return machine->disk;
}

void sim_machine_restore(struct sim_machine *machine, const struct sim_world *world,
                         const struct fake_disk_image *image) {
  sim_world_copy(&machine->world, world, machine->the_case);
  fake_disk_restore(machine->disk, image);
}
