/* Reopenings: after most of the hundreds of ways in which the power can fail in a step, the disk
 * has one of two contents: the step's transaction, or nothing of it. What a new process makes of
 * that, and the ledger that it reads, is remembered. */
#include "machine_inside.h"

#include <string.h>

enum { CHECK_EVERY = 16 }; /* every so many uses the store is opened all the same, and compared */

static struct sim_reopening *find_reopening(struct sim_machine *machine, uint64_t left) {
  for (int i = 0; i < SIM_REOPENINGS; i++)
    if (machine->reopenings[i].left == left) return &machine->reopenings[i];
  return NULL;
}

bool sim_reopen(struct sim_machine *machine) {
  if (machine->is_again) return false;
  machine->left = fake_disk_left(machine->disk);
  struct sim_reopening *known = machine->left ? find_reopening(machine, machine->left) : NULL;
  if (!known || ++known->uses % CHECK_EVERY == 0) return false;
  fake_disk_restore(machine->disk, &known->image);
  machine->effect->message.text[0] = '\0';
  machine->reopened = known;
  return true;
}

static bool has_same_ledger(const struct sim_machine *machine, const struct sim_reopening *known) {
  uint64_t was[2], is[2];
  sim_ledger_hash(&known->ledger, machine->the_case->client_count, was);
  sim_ledger_hash(&machine->world.ledger, machine->the_case->client_count, is);
  return was[0] == is[0] && was[1] == is[1];
}

void sim_reopened(struct sim_machine *machine) {
  struct sim_reopening *known = find_reopening(machine, machine->left);
  uint64_t left = machine->left;
  machine->left = 0;
  if (machine->effect->problem) return;
  if (known) {
    if (!has_same_ledger(machine, known))
      machine->effect->problem =
          "a store that was opened again holds another ledger than the first time";
    return;
  }
  known = &machine->reopenings[machine->next_reopening++ % SIM_REOPENINGS];
  if (known->image.record) fake_disk_image_release(machine->disk, &known->image);
  known->left = fake_disk_save(machine->disk, &known->image) ? left : 0;
  known->uses = 0;
  sim_ledger_copy(&known->ledger, &machine->world.ledger, machine->the_case->client_count);
}

void sim_reopenings_forget(struct sim_machine *machine) {
  for (int i = 0; i < SIM_REOPENINGS; i++) {
    struct sim_reopening *known = &machine->reopenings[i];
    if (known->image.record) fake_disk_image_release(machine->disk, &known->image);
    known->left = 0;
  }
  machine->left = 0;
  machine->reopened = NULL;
}
