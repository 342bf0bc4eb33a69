#include "parts.h"

#include "grow.h"
#include "machine_inside.h"
#include "slots.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 4096 };

/* Tasks of different actors are different kinds, as what happens to a task depends on its actor. */
enum kind { NOTHING, STORE, CARD, MAIL, TASK /* + index */ };

/* The identity of a part. Parts are one if their identities are equal. */
struct identity {
  uint64_t hash[2];
  uint64_t rest;      /* of stores: stale WAL content; of tasks: sim_task_rest_hash() */
  uint64_t placement; /* of stores, while a fault can still be injected; likewise: */
  uint64_t shape;     /* fake_disk_shape() */
  int32_t kind;
};

/* How an image is made again: by this step from that world. */
struct recipe {
  struct sim_tuple from;
  struct sim_transition step;
};

struct part {
  struct identity identity;
  void *bytes;
  size_t size;
  /* Numbers of parts that it becomes; 0: not known yet. A store without its placement; a task that
   * is woken, and one that has lost its request. */
  uint32_t twins[2];
  bool is_kept; /* by the present sweep */
  /* of stores */
  struct fake_disk_image image;
  struct recipe *recipe; /* null: the image is kept for ever */
  uint32_t older, newer; /* neighbours among images that can be given up; 0: none */
};

struct sim_parts {
  struct sim_machine *machine;
  const struct sim_case *the_case;
  struct part *list; /* by number; 0 is no part */
  size_t count, room;
  struct sim_slots by_identity; /* their numbers, not + 1: none has 0 */
  uint32_t *free_numbers;
  size_t free_count, free_room;
  uint32_t oldest, newest; /* images that can be given up, by last use; 0: none */
  int64_t image_blocks;    /* how many blocks all images may take */
  size_t bytes;
  struct sim_tuple held; /* the parts that the machine's world is known to have; 0: not known */
};

/* ---- Life ------------------------------------------------------------------------------------ */

struct sim_parts *sim_parts_new(struct sim_machine *machine, size_t image_bytes) {
  struct sim_parts *parts = calloc(1, sizeof *parts);
  if (!parts) return NULL;
  parts->machine = machine;
  parts->the_case = machine->the_case;
  parts->image_blocks = (int64_t)(image_bytes / BLOCK_BYTES);
  parts->list = calloc(1, sizeof *parts->list);
  parts->count = parts->room = 1;
  if (parts->list) return parts;
  sim_parts_free(parts);
  return NULL;
}

static void clear_part(struct sim_parts *parts, struct part *part) {
  parts->bytes -= part->size;
  if (part->recipe) parts->bytes -= sizeof *part->recipe;
  free(part->bytes);
  free(part->recipe);
  fake_disk_image_release(parts->machine->disk, &part->image);
  memset(part, 0, sizeof *part);
}

void sim_parts_free(struct sim_parts *parts) {
  if (!parts) return;
  for (size_t i = 1; parts->list && i < parts->count; i++) clear_part(parts, &parts->list[i]);
  free(parts->list);
  free(parts->by_identity.list);
  free(parts->free_numbers);
  free(parts);
}

size_t sim_parts_bytes(const struct sim_parts *parts) {
  return parts->bytes + parts->room * sizeof *parts->list +
         parts->by_identity.count * sizeof(uint32_t) +
         (size_t)fake_disk_used_blocks(parts->machine->disk) * BLOCK_BYTES;
}

/* ---- The table ------------------------------------------------------------------------------- */

static bool is_same_part(const struct identity *a, const struct identity *b) {
  return a->hash[0] == b->hash[0] && a->hash[1] == b->hash[1] && a->kind == b->kind &&
         a->rest == b->rest && a->placement == b->placement && a->shape == b->shape;
}

/* The slot of a part, or an empty one where it would be. */
static uint32_t *find_part(const struct sim_parts *parts, const struct identity *identity) {
  const struct sim_slots *slots = &parts->by_identity;
  size_t mask = slots->count - 1;
  size_t at = (size_t)(identity->hash[0] + identity->rest + identity->placement * 3) & mask;
  while (slots->list[at] && !is_same_part(&parts->list[slots->list[at]].identity, identity))
    at = (at + 1) & mask;
  return &slots->list[at];
}

static bool room_for_part(struct sim_parts *parts) {
  bool grown;
  if (!sim_slots_grow(&parts->by_identity, parts->count, &grown)) return false;
  for (size_t i = 1; grown && i < parts->count; i++)
    if (parts->list[i].identity.kind) *find_part(parts, &parts->list[i].identity) = (uint32_t)i;
  return true;
}

/* A number that is free; 0 when out of memory. */
static uint32_t new_number(struct sim_parts *parts) {
  if (parts->free_count > 0) return parts->free_numbers[--parts->free_count];
  struct part *list = sim_grow(parts->list, parts->count, &parts->room, sizeof *list);
  if (!list || parts->count == UINT32_MAX) return 0;
  parts->list = list;
  memset(&parts->list[parts->count], 0, sizeof *list);
  return (uint32_t)parts->count++;
}

/* The part with this identity, new if *is_new: then with `size` bytes that are to be filled.
 * Returns: its number; 0 when out of memory */
static uint32_t intern_part(struct sim_parts *parts, const struct identity *identity, size_t size,
                            bool *is_new) {
  *is_new = false;
  if (!room_for_part(parts)) return 0;
  uint32_t *slot = find_part(parts, identity);
  if (*slot != 0) return *slot;
  void *bytes = malloc(size);
  uint32_t number = bytes ? new_number(parts) : 0;
  if (!number) {
    free(bytes);
    return 0;
  }
  parts->list[number].identity = *identity;
  parts->list[number].bytes = bytes;
  parts->list[number].size = size;
  parts->bytes += size;
  *is_new = true;
  return *slot = number;
}

/* ---- Tasks, gateway, mailbox ----------------------------------------------------------------- */

static uint32_t take_task(struct sim_parts *parts, int index, const struct sim_task *task) {
  struct sim_hash hash = sim_task_hash(task);
  struct identity identity = {
      .hash = {hash.low, hash.high}, .rest = sim_task_rest_hash(task), .kind = TASK + index};
  size_t size = sim_task_size(task);
  bool is_new;
  uint32_t number = intern_part(parts, &identity, size, &is_new);
  if (is_new) memcpy(parts->list[number].bytes, task, size);
  return number;
}

static uint32_t take_card(struct sim_parts *parts) {
  const struct fake_card *card = &parts->machine->world.card;
  struct identity identity = {.kind = CARD};
  bool is_new;
  fake_card_hash(card, identity.hash);
  uint32_t number = intern_part(parts, &identity, fake_card_pack(card, NULL), &is_new);
  if (is_new) (void)fake_card_pack(card, parts->list[number].bytes);
  return number;
}

static uint32_t take_mail(struct sim_parts *parts) {
  const struct fake_mail *mail = &parts->machine->world.mail;
  struct identity identity = {.kind = MAIL};
  bool is_new;
  fake_mail_hash(mail, identity.hash);
  uint32_t number = intern_part(parts, &identity, fake_mail_pack(mail, NULL), &is_new);
  if (is_new) (void)fake_mail_pack(mail, parts->list[number].bytes);
  return number;
}

const struct sim_task *sim_parts_task(const struct sim_parts *parts, uint32_t number) {
  return parts->list[number].bytes;
}

/* ---- Images ---------------------------------------------------------------------------------- */

static void unlink_image(struct sim_parts *parts, uint32_t number) {
  struct part *part = &parts->list[number];
  if (part->older) parts->list[part->older].newer = part->newer;
  if (part->newer) parts->list[part->newer].older = part->older;
  if (parts->oldest == number) parts->oldest = part->newer;
  if (parts->newest == number) parts->newest = part->older;
  part->older = part->newer = 0;
}

static void link_image(struct sim_parts *parts, uint32_t number) {
  struct part *part = &parts->list[number];
  if (!part->recipe) return;
  part->older = parts->newest;
  if (parts->newest) parts->list[parts->newest].newer = number;
  parts->newest = number;
  if (!parts->oldest) parts->oldest = number;
}

static void use_image(struct sim_parts *parts, uint32_t number) {
  if (parts->newest == number || !parts->list[number].recipe) return;
  unlink_image(parts, number);
  link_image(parts, number);
}

/* Keep the disk as the image of a store. Other images may have to go. */
static bool save_image(struct sim_parts *parts, uint32_t number) {
  struct fake_disk *disk = parts->machine->disk;
  if (!fake_disk_save(disk, &parts->list[number].image)) return false;
  link_image(parts, number);
  while (fake_disk_used_blocks(disk) > parts->image_blocks && parts->oldest &&
         parts->oldest != number) {
    uint32_t oldest = parts->oldest;
    unlink_image(parts, oldest);
    fake_disk_image_release(disk, &parts->list[oldest].image);
  }
  return true;
}

static void enter_parts(struct sim_parts *parts, const struct sim_tuple *tuple, int reads);

/* Make the image of a store again; its parent has one. */
static bool remake_image(struct sim_parts *parts, uint32_t number) {
  const struct recipe recipe = *parts->list[number].recipe;
  struct sim_effect effect;
  enter_parts(parts, &recipe.from, SIM_READS_ALL);
  (void)sim_machine_again(parts->machine, &recipe.step, &effect);
  memset(&parts->held, 0, sizeof parts->held);
  return save_image(parts, number);
}

/* Its ancestors may have lost their images too. The oldest one is made first. */
static bool ensure_image(struct sim_parts *parts, uint32_t number) {
  while (!parts->list[number].image.record) {
    uint32_t missing = number;
    for (uint32_t from; !parts->list[from = parts->list[missing].recipe->from.store].image.record;)
      missing = from;
    if (!remake_image(parts, missing)) return false;
  }
  use_image(parts, number);
  return true;
}

/* ---- Stores ---------------------------------------------------------------------------------- */

/* The store that the machine has now.
 * In:      recipe  null: it keeps its image for ever */
static uint32_t take_store(struct sim_parts *parts, const struct recipe *recipe) {
  const struct sim_world *world = &parts->machine->world;
  int clients = parts->the_case->client_count;
  struct identity identity = {.rest = world->stale, .placement = world->placement, .kind = STORE};
  bool is_new;
  sim_ledger_hash(&world->ledger, clients, identity.hash);
  if (world->placement) identity.shape = fake_disk_shape(parts->machine->disk);
  uint32_t number =
      intern_part(parts, &identity, sim_ledger_pack(&world->ledger, clients, NULL), &is_new);
  if (!is_new) return number;
  struct part *part = &parts->list[number];
  (void)sim_ledger_pack(&world->ledger, clients, part->bytes);
  if (recipe) {
    part->recipe = malloc(sizeof *recipe);
    if (!part->recipe) return 0;
    *part->recipe = *recipe;
    parts->bytes += sizeof *recipe;
  }
  return save_image(parts, number) ? number : 0;
}

/* The same store without its placement, which no longer matters. */
static uint32_t plain_twin(struct sim_parts *parts, uint32_t number) {
  struct part *part = &parts->list[number];
  bool is_new;
  if (part->identity.placement == 0) return number;
  if (part->twins[0]) return part->twins[0];
  struct identity identity = part->identity;
  size_t size = part->size;
  identity.placement = identity.shape = 0;
  uint32_t twin = intern_part(parts, &identity, size, &is_new);
  if (!twin) return 0;
  if (is_new) {
    if (!ensure_image(parts, number)) return 0;
    part = &parts->list[number];
    struct part *plain = &parts->list[twin];
    memcpy(plain->bytes, part->bytes, size);
    fake_disk_image_share(&plain->image, &part->image);
    if (part->recipe && (plain->recipe = malloc(sizeof *plain->recipe)) != NULL) {
      *plain->recipe = *part->recipe;
      parts->bytes += sizeof *plain->recipe;
    }
    link_image(parts, twin);
  }
  return parts->list[number].twins[0] = twin;
}

/* ---- Into the machine ------------------------------------------------------------------------ */

static bool holds_already(uint32_t *held, uint32_t wanted) {
  bool same = *held == wanted;
  *held = wanted;
  return same;
}

/* All images that are needed must exist. */
static void enter_parts(struct sim_parts *parts, const struct sim_tuple *tuple, int reads) {
  struct sim_world *world = &parts->machine->world;
  const struct part *list = parts->list, *store = &list[tuple->store];
  if (!holds_already(&parts->held.store, tuple->store)) {
    sim_ledger_unpack(&world->ledger, parts->the_case->client_count, store->bytes);
    world->stale = store->identity.rest;
    world->placement = store->identity.placement;
  }
  if (!holds_already(&parts->held.card, tuple->card))
    fake_card_unpack(&world->card, list[tuple->card].bytes);
  if (!holds_already(&parts->held.mail, tuple->mail))
    fake_mail_unpack(&world->mail, list[tuple->mail].bytes);
  for (int i = 0; i <= SIM_MAX_ACTORS; i++)
    if (tuple->tasks[i] && !holds_already(&parts->held.tasks[i], tuple->tasks[i]))
      memcpy(&world->tasks[i], list[tuple->tasks[i]].bytes, list[tuple->tasks[i]].size);
  world->clock.now_ms = tuple->now_ms;
  sim_world_set_flags(world, &tuple->flags);
  if (reads & SIM_READS_STORE)
    fake_disk_restore(parts->machine->disk, &parts->list[tuple->store].image);
}

bool sim_parts_enter(struct sim_parts *parts, const struct sim_tuple *tuple, int reads) {
  if (reads & SIM_READS_STORE && !ensure_image(parts, tuple->store)) return false;
  enter_parts(parts, tuple, reads);
  return true;
}

/* ---- Out of the machine ---------------------------------------------------------------------- */

static void take_rest(struct sim_parts *parts, struct sim_tuple *tuple) {
  tuple->now_ms = parts->machine->world.clock.now_ms;
  tuple->flags = sim_world_flags(&parts->machine->world);
}

static bool take_tasks(struct sim_parts *parts, struct sim_tuple *tuple) {
  const struct sim_task *tasks = parts->machine->world.tasks;
  for (int i = 0; i <= SIM_MAX_ACTORS; i++)
    if (i < parts->the_case->actor_count || i == SIM_BACKGROUND)
      if ((tuple->tasks[i] = take_task(parts, i, &tasks[i])) == 0) return false;
  return true;
}

bool sim_parts_take(struct sim_parts *parts, struct sim_tuple *tuple) {
  memset(tuple, 0, sizeof *tuple);
  take_rest(parts, tuple);
  tuple->store = take_store(parts, NULL);
  tuple->card = take_card(parts);
  tuple->mail = take_mail(parts);
  memset(&parts->held, 0, sizeof parts->held);
  return tuple->store && tuple->card && tuple->mail && take_tasks(parts, tuple);
}

/* Forget which parts the machine has, where a step may have changed them. */
static void forget_held(struct sim_parts *parts, int reads, int own) {
  struct sim_tuple *held = &parts->held;
  held->tasks[own] = 0;
  if (reads & SIM_READS_STORE) held->store = 0;
  if (reads & SIM_READS_CARD) held->card = 0;
  if (reads & SIM_READS_MAIL) held->mail = 0;
  if (reads & (SIM_READS_STORE | SIM_READS_REST)) memset(held->tasks, 0, sizeof held->tasks);
}

void sim_parts_left(struct sim_parts *parts) { memset(&parts->held, 0, sizeof parts->held); }

bool sim_parts_take_step(struct sim_parts *parts, const struct sim_tuple *before, int reads,
                         const struct sim_transition *step, struct sim_tuple *after) {
  const struct recipe recipe = {.from = *before, .step = *step};
  int own = step->task <= SIM_BACKGROUND ? step->task : SIM_BACKGROUND;
  *after = *before;
  take_rest(parts, after);
  if (reads & SIM_READS_STORE) after->store = take_store(parts, &recipe);
  if (reads & SIM_READS_CARD) after->card = take_card(parts);
  if (reads & SIM_READS_MAIL) after->mail = take_mail(parts);
  forget_held(parts, reads, own);
  if (!after->store || !after->card || !after->mail) return false;
  if (reads & SIM_READS_REST) return take_tasks(parts, after);
  after->tasks[own] = take_task(parts, own, &parts->machine->world.tasks[own]);
  return after->tasks[own] != 0;
}

/* ---- What follows from a step ---------------------------------------------------------------- */

/* Indexes of a task's twins. */
enum { WAKE_PENDING, FORGOTTEN };

/* A copy of a task, to be changed. */
static struct sim_task copy_of(const struct sim_parts *parts, uint32_t number) {
  struct sim_task task;
  memset(&task, 0, sizeof task);
  memcpy(&task, parts->list[number].bytes, parts->list[number].size);
  return task;
}

static uint32_t woken_twin(struct sim_parts *parts, int index, uint32_t number) {
  if (parts->list[number].twins[WAKE_PENDING]) return parts->list[number].twins[WAKE_PENDING];
  struct sim_task task = copy_of(parts, number);
  task.wake_pending = 1;
  uint32_t twin = take_task(parts, index, &task);
  return parts->list[number].twins[WAKE_PENDING] = twin;
}

/* The task of an actor whose process has died. */
static uint32_t forgotten_twin(struct sim_parts *parts, int actor, uint32_t number, int process) {
  struct sim_task task = copy_of(parts, number);
  if (!sim_task_forget(parts->the_case, actor, &task, process)) return number;
  if (parts->list[number].twins[FORGOTTEN]) return parts->list[number].twins[FORGOTTEN];
  uint32_t twin = take_task(parts, actor, &task);
  return parts->list[number].twins[FORGOTTEN] = twin;
}

static bool all_ended(const struct sim_parts *parts, const struct sim_tuple *tuple) {
  for (int i = 0; i < parts->the_case->actor_count; i++)
    if (sim_parts_task(parts, tuple->tasks[i])->state != SIM_TASK_ENDED) return false;
  return true;
}

static bool follow_task(struct sim_parts *parts, const struct sim_tuple *before, int actor,
                        int died, struct sim_tuple *after) {
  const struct part *old = &parts->list[before->store], *new = &parts->list[after->store];
  uint32_t *task = &after->tasks[actor];
  if (died) {
    int process = died == SIM_DIED_ALL ? -1 : died - SIM_DIED_ONE;
    if ((*task = forgotten_twin(parts, actor, *task, process)) == 0) return false;
    old = &parts->list[before->store], new = &parts->list[after->store];
  }
  if (old != new &&sim_task_wakes(parts->the_case, actor, sim_parts_task(parts, *task),
                                  sim_ledger_packed_clients(old->bytes),
                                  sim_ledger_packed_clients(new->bytes)))
    *task = woken_twin(parts, actor, *task);
  return *task != 0;
}

bool sim_parts_follow(struct sim_parts *parts, const struct sim_tuple *before, int own, int died,
                      struct sim_tuple *after) {
  for (int i = 0; i < parts->the_case->actor_count; i++)
    if (i != own && !follow_task(parts, before, i, died, after)) return false;
  if (!after->flags.closing && all_ended(parts, after)) after->flags.closing = 1;
  if (after->flags.injected >= parts->machine->fault_budget)
    after->store = plain_twin(parts, after->store);
  return after->store != 0;
}

/* ---- Looking --------------------------------------------------------------------------------- */

static void copy_hash(const struct sim_parts *parts, uint32_t number, uint64_t hash[2]) {
  memcpy(hash, parts->list[number].identity.hash, 2 * sizeof hash[0]);
}

/* As sim_world_key() makes it of the world itself. */
static void key_of_tuple(const struct sim_parts *parts, const struct sim_tuple *tuple,
                         struct sim_state_key *key) {
  int actors = parts->the_case->actor_count;
  copy_hash(parts, tuple->card, key->card);
  copy_hash(parts, tuple->mail, key->mail);
  copy_hash(parts, tuple->store, key->ledger);
  key->stale = parts->list[tuple->store].identity.rest;
  key->placement = parts->list[tuple->store].identity.placement;
  key->now_ms = tuple->now_ms;
  key->flags = tuple->flags;
  key->task_count = actors + 1;
  for (int i = 0; i < actors; i++) copy_hash(parts, tuple->tasks[i], key->tasks[i]);
  copy_hash(parts, tuple->tasks[SIM_BACKGROUND], key->tasks[actors]);
}

struct sim_hash sim_parts_hash(const struct sim_parts *parts, const struct sim_tuple *tuple) {
  struct sim_state_key key;
  key_of_tuple(parts, tuple, &key);
  return sim_state_key_hash(&key);
}

const char *sim_parts_difference(const struct sim_parts *parts, const struct sim_tuple *tuple) {
  struct sim_state_key here, there;
  sim_world_key(&parts->machine->world, parts->the_case, &here);
  key_of_tuple(parts, tuple, &there);
  return sim_state_key_difference(&here, &there);
}

uint32_t sim_parts_enabled(const struct sim_parts *parts, const struct sim_tuple *tuple) {
  const void *ledger = parts->list[tuple->store].bytes;
  const struct fake_card *card = parts->list[tuple->card].bytes; /* its head, without the arrays */
  struct sim_view view = {.the_case = parts->the_case,
                          .now_ms = tuple->now_ms,
                          .at_rest = tuple->flags.at_rest,
                          .closing = tuple->flags.closing,
                          .may_inject = tuple->flags.injected < parts->machine->fault_budget,
                          .gateway_down_until_ms = card->down_until_ms,
                          .event_count = card->event_count};
  view.charges =
      sim_ledger_packed_charges(ledger, parts->the_case->client_count, &view.charge_count);
  for (int i = 0; i < parts->the_case->actor_count; i++)
    view.tasks[i] = sim_parts_task(parts, tuple->tasks[i]);
  return sim_view_enabled(&view);
}

int sim_parts_reads(const struct sim_parts *parts, const struct sim_tuple *tuple, int task) {
  if (task > SIM_BACKGROUND) return SIM_READS_ALL;
  const struct sim_task *value = sim_parts_task(parts, tuple->tasks[task]);
  if (task == SIM_BACKGROUND)
    return tuple->flags.closing ? sim_background_reads(value) : SIM_READS_ALL;
  return sim_verb_reads(&parts->the_case->actors[task].steps[value->step], value);
}

/* ---- Sweeping -------------------------------------------------------------------------------- */

static void mark_kept(struct sim_parts *parts, const struct sim_tuple *tuple) {
  parts->list[tuple->store].is_kept = true;
  parts->list[tuple->card].is_kept = true;
  parts->list[tuple->mail].is_kept = true;
  for (int i = 0; i <= SIM_MAX_ACTORS; i++) parts->list[tuple->tasks[i]].is_kept = true;
}

/* Kept parts forget where they came from and what they become, as those parts may go. */
static void detach_kept(struct sim_parts *parts, uint32_t number) {
  struct part *part = &parts->list[number];
  if (part->recipe) {
    unlink_image(parts, number);
    parts->bytes -= sizeof *part->recipe;
    free(part->recipe);
    part->recipe = NULL;
  }
  memset(part->twins, 0, sizeof part->twins);
  part->is_kept = false;
}

static bool free_number(struct sim_parts *parts, uint32_t number) {
  uint32_t *numbers =
      sim_grow(parts->free_numbers, parts->free_count, &parts->free_room, sizeof *numbers);
  if (!numbers) return false;
  parts->free_numbers = numbers;
  parts->free_numbers[parts->free_count++] = number;
  return true;
}

bool sim_parts_sweep(struct sim_parts *parts, const struct sim_tuple *const *kept, size_t count) {
  int64_t limit = parts->image_blocks;
  bool good = true;
  parts->image_blocks = INT64_MAX; /* all kept parts have their images at once */
  for (size_t i = 0; i < count && good; i++) good = ensure_image(parts, kept[i]->store);
  parts->image_blocks = limit;
  if (!good) return false;
  for (size_t i = 0; i < count; i++) mark_kept(parts, kept[i]);
  sim_slots_clear(&parts->by_identity);
  for (uint32_t i = 1; i < parts->count; i++) {
    struct part *part = &parts->list[i];
    if (part->is_kept) {
      detach_kept(parts, i);
      *find_part(parts, &part->identity) = i;
    } else if (part->identity.kind) {
      if (part->image.record && part->recipe) unlink_image(parts, i);
      clear_part(parts, part);
      (void)free_number(parts, i); /* a number that cannot be noted is never used again */
    }
  }
  sim_parts_left(parts);
  return true;
}
