/* Opening a store after the power failed, when opening goes wrong, too: every disk operation and
 * every request for memory of reload_open() fails, or the next crash comes right there. Whatever it
 * says, the next opening succeeds and finds what was acknowledged (MONEY-8); and an engine that it
 * gives in spite of the fault is one that makes the same ids as any other (MONEY-3).
 *
 * The simulator's processes are opened for real only where a scenario or a fault between steps lets
 * one die; after a death inside a step, an open connection with empty caches stands in for the new
 * one, since opening costs some 20 times as much as a step. This test is the rest: the images are
 * those of a settling step, and no connection is left. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "engine.h"
#include "inject.h"
#include "memory_kit.h"
#include "power.h"
#include "shop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEFORE "grant +5 = 5"
#define AFTER "grant +5 = 5; top_up +100 = 105; spend -10 = 95"

enum {
  EVERY = 40, /* of the images, one in so many meets all disk faults */
  MAX_OPS = 250
};

/* ---- The engine's own allocations (the linker sends calloc here) ---- */

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker gives these names */
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

static int refuse_in; /* calls; 0: refuse none */

void *__wrap_calloc(size_t count, size_t size) {
  if (refuse_in > 0 && --refuse_in == 0) return NULL;
  return __real_calloc(count, size);
}
/* NOLINTEND(bugprone-reserved-identifier) */

/* ---- Images of a settling step ---- */

struct image {
  struct fake_disk_image disk; /* before an operation */
  int image, writes;
};

struct store {
  struct shop *shop;
  struct sim_power power;
  char id[RELOAD_KEY_SIZE]; /* as an engine makes it that was opened well */
  int image_count;
  struct image images[SIM_POWER_MAX_IMAGES];
  /* of the opening that goes wrong */
  int op, fail_op;
  enum sim_step_fault_kind fault;
  enum fake_disk_kind last_kind; /* of the operation that failed */
  struct fake_disk_op taken;     /* a lock that somebody else keeps; no site: none */
  int op_count;                  /* of one that goes well */
  uint8_t kinds[MAX_OPS];        /* enum fake_disk_kind */
  struct memory_kit memory;
};

static int note_images(void *self, const struct fake_disk_op *op) {
  struct store *store = self;
  struct fake_disk *disk = store->shop->disk;
  uint8_t images[256];
  int count = sim_power_new_images(&store->power, disk, images);
  if (op->kind == FAKE_DISK_SYNC) sim_power_synced(&store->power, disk, op->file);
  for (int i = 0; i < count; i++) {
    assert_true(store->image_count < SIM_POWER_MAX_IMAGES);
    struct image *image = &store->images[store->image_count++];
    image->image = images[i];
    image->writes = fake_disk_unsynced_count(disk);
    assert_true(fake_disk_save(disk, &image->disk));
  }
  return SQLITE_OK;
}

static enum fake_disk_fate fate(void *self, int index, int count) {
  const struct image *image = self;
  assert_int_equal(count, image->writes);
  return sim_power_fate(image->image, index, count);
}

/* Become the disk as the power failure has left it. */
static void restore(struct store *store, struct image *image) {
  struct fake_disk_survival survival = {.self = image, .choose = fate};
  fake_disk_restore(store->shop->disk, &image->disk);
  assert_true(fake_disk_power_fail(store->shop->disk, &survival));
  fake_disk_process_starts(store->shop->disk, 0);
  fake_disk_set_process(store->shop->disk, 0);
}

/* Ids come of the store's own, which is read while opening: with another one, a charge that is
 * asked for again would be another charge. */
static const char *id_made(const struct reload_engine *engine) {
  static char id[RELOAD_KEY_SIZE];
  rl_make_id(engine, id, sizeof id, "charge-", (const char *const[]){"acme", "a-1"}, 2);
  return id;
}

static void settle(struct store *store) {
  struct shop *shop = store->shop;
  struct reload_spend spend = shop_spend("acme", "a-1", 10);
  struct fake_disk_hook hook = {.self = store, .before = note_images};
  shop_step_to(shop, &spend, RELOAD_STEP_SETTLE);
  (void)snprintf(store->id, sizeof store->id, "%s", id_made(shop->engine));
  fake_disk_set_hook(shop->disk, &hook);
  shop_ok(shop, reload_spend_step(shop->engine, &spend, &shop->message));
  fake_disk_set_hook(shop->disk, NULL);
  for (int i = 0; i < SHOP_PROCESSES; i++) {
    reload_close(shop->engines[i]);
    shop->engines[i] = NULL;
  }
  shop->engine = NULL;
}

/* ---- Opening ---- */

static enum reload_error open_store(struct store *store) {
  struct shop *shop = store->shop;
  struct fake_clock_fixture clock_fixture = {.clock = &shop->clock};
  const struct reload_config config = {.path = "ledger",
                                       .vfs = shop->vfs,
                                       .settings = {.top_up_tokens = 100,
                                                    .top_up_price_minor = 1000,
                                                    .currency = "usd",
                                                    .wait_limit_ms = 30000,
                                                    .attempt_limit_ms = 120000},
                                       .card = fake_card_port(&shop->card_fixture),
                                       .clock = fake_clock_port(&clock_fixture),
                                       .mail = fake_mail_port(&shop->mail_fixture)};
  shop->engine = NULL;
  return reload_open(&config, &shop->engine, &shop->message);
}

static void close_store(struct store *store) {
  reload_close(store->shop->engine);
  store->shop->engine = NULL;
}

static int before(void *self, const struct fake_disk_op *op) {
  struct store *store = self;
  int at = store->op++;
  if (store->fail_op < 0) {
    assert_true(at < MAX_OPS);
    store->kinds[at] = (uint8_t)op->kind;
    store->op_count = at + 1;
  }
  const struct fake_disk_op *taken = &store->taken;
  if (taken->site && taken->kind == op->kind && taken->offset == op->offset) return SQLITE_BUSY;
  if (at != store->fail_op) return SQLITE_OK;
  store->last_kind = op->kind;
  switch (store->fault) {
    case SIM_DISK_ERROR: return op->kind == FAKE_DISK_OPEN ? SQLITE_CANTOPEN : SQLITE_IOERR;
    case SIM_DISK_FULL: return SQLITE_FULL;
    case SIM_DISK_SHORT_READ: return SQLITE_IOERR_SHORT_READ;
    case SIM_DISK_LOCKED: store->taken = *op; return SQLITE_BUSY;
    case SIM_DISK_BUSY: return SQLITE_BUSY;
    case SIM_DISK_DIES: return FAKE_DISK_DIE;
    default: return FAKE_DISK_CUT;
  }
}

static enum reload_error open_with(struct store *store, int fail_op, enum sim_step_fault_kind fault,
                                   int fail_nth) {
  struct fake_disk_hook hook = {.self = store, .before = before};
  store->op = 0;
  store->fail_op = fail_op;
  store->fault = fault;
  store->taken.site = NULL;
  fake_disk_set_hook(store->shop->disk, &hook);
  store->memory = (struct memory_kit){.user = FAKE_MEMORY_SQLITE, .fail_nth = fail_nth};
  memory_kit_begin(&store->memory);
  enum reload_error error = open_store(store);
  fake_memory_end();
  fake_disk_set_hook(store->shop->disk, NULL);
  if (error == RELOAD_OK) assert_string_equal(id_made(store->shop->engine), store->id);
  return error;
}

/* The process that met the fault ends, as well or badly as it can; the next one finds all in order.
 * Returns: whether the step had been done */
static bool open_next(struct store *store, enum sim_step_fault_kind fault) {
  struct fake_disk *disk = store->shop->disk;
  close_store(store);
  if (fault == SIM_POWER_FAILS) assert_true(fake_disk_power_fail(disk, NULL));
  if (fault == SIM_DISK_DIES) fake_disk_process_dies(disk, 0);
  fake_disk_process_starts(disk, 0);
  shop_ok(store->shop, open_store(store));
  const char *log = shop_log(store->shop, "acme");
  bool done = strcmp(log, AFTER) == 0;
  if (!done) assert_string_equal(log, BEFORE);
  assert_string_equal(shop_charges(store->shop, "acme"), done ? "a-1 captured" : "a-1 opened");
  close_store(store);
  return done;
}

/* What an opening that failed may say: never that the file is somebody else's, unless its first
 * page could not be read. */
static void check_error(enum reload_error error, enum sim_step_fault_kind fault) {
  bool good = error == RELOAD_OK || error == RELOAD_BUSY || error == RELOAD_FULL ||
              error == RELOAD_IO || error == RELOAD_CORRUPT ||
              (error == RELOAD_NOMEM && fault == SIM_MEMORY_FAILS) ||
              (error == RELOAD_FOREIGN && fault == SIM_DISK_SHORT_READ);
  if (!good)
    fail_msg("%s makes reload_open() say: %s", sim_step_fault_word(fault),
             reload_error_name(error));
}

/* ---- Tests ---- */

static void test_every_image_opens(void **state) {
  struct store *store = *state;
  int done = 0;
  assert_true(store->image_count > 100);
  for (int i = 0; i < store->image_count; i++) {
    restore(store, &store->images[i]);
    done += open_next(store, SIM_STEP_FINE);
  }
  assert_true(done > 0 && done < store->image_count); /* both sides of the commit */
}

static void test_every_disk_fault(void **state) {
  struct store *store = *state;
  int failed = 0, kinds = 0;
  for (int i = 0; i < store->image_count; i += EVERY) {
    restore(store, &store->images[i]);
    assert_int_equal(open_with(store, -1, SIM_STEP_FINE, 0), RELOAD_OK);
    bool done = open_next(store, SIM_STEP_FINE);
    for (int at = 0; at < store->op_count; at++)
      for (int fault = SIM_DISK_ERROR; fault <= SIM_POWER_FAILS; fault++) {
        enum fake_disk_kind kind = (enum fake_disk_kind)store->kinds[at];
        if (!sim_disk_fault_applies(kind, (enum sim_step_fault_kind)fault)) continue;
        restore(store, &store->images[i]);
        enum reload_error error = open_with(store, at, (enum sim_step_fault_kind)fault, 0);
        check_error(error, (enum sim_step_fault_kind)fault);
        assert_int_equal(open_next(store, (enum sim_step_fault_kind)fault), done);
        failed += error != RELOAD_OK;
        kinds |= 1 << kind;
      }
  }
  assert_true(failed > 100);
  assert_true(kinds & 1 << FAKE_DISK_OPEN);
}

/* An image in which the step had been done. */
static struct image *done_image(struct store *store) {
  for (int i = 0; i < store->image_count; i++) {
    restore(store, &store->images[i]);
    if (open_next(store, SIM_STEP_FINE)) return &store->images[i];
  }
  fail_msg("no image has the whole transaction");
  return NULL;
}

/* Whoever closes the store last empties the log into it and deletes the log. */
static void test_every_disk_fault_while_closing(void **state) {
  struct store *store = *state;
  struct fake_disk_hook hook = {.self = store, .before = before};
  struct image *image = done_image(store);
  int kinds = 0;
  for (int at = -1, count = 0; at < count; at++) /* -1: only count them */
    for (int fault = SIM_DISK_ERROR; fault <= SIM_POWER_FAILS; fault++) {
      restore(store, image);
      shop_ok(store->shop, open_store(store));
      store->op = 0;
      store->fail_op = at;
      store->fault = (enum sim_step_fault_kind)fault;
      store->taken.site = NULL;
      store->last_kind = FAKE_DISK_OPEN;
      fake_disk_set_hook(store->shop->disk, &hook);
      close_store(store);
      fake_disk_set_hook(store->shop->disk, NULL);
      if (at < 0) count = store->op;
      kinds |= 1 << store->last_kind;
      assert_true(open_next(store, store->fault));
    }
  assert_true(kinds & 1 << FAKE_DISK_DELETE);
}

static void test_every_allocation(void **state) {
  struct store *store = *state;
  for (int i = 0; i < store->image_count; i += store->image_count / 2) {
    int failed = 0;
    restore(store, &store->images[i]);
    assert_int_equal(open_with(store, -1, SIM_STEP_FINE, 0), RELOAD_OK);
    int requests = store->memory.requests[FAKE_MEMORY_SQLITE];
    bool done = open_next(store, SIM_STEP_FINE);
    assert_true(requests > 100);
    for (int nth = 1; nth <= requests; nth++) {
      restore(store, &store->images[i]);
      enum reload_error error = open_with(store, -1, SIM_STEP_FINE, nth);
      assert_true(store->memory.failed);
      check_error(error, SIM_MEMORY_FAILS);
      assert_int_equal(open_next(store, SIM_STEP_FINE), done);
      failed += error != RELOAD_OK;
    }
    assert_true(failed > 100);
  }
}

/* calloc() is the engine's only other allocator, and only opening uses it. */
static void test_the_engines_own_allocations(void **state) {
  struct store *store = *state;
  int failed = 0;
  restore(store, &store->images[0]);
  for (int nth = 1; nth <= 2; nth++) {
    refuse_in = nth;
    failed += open_store(store) == RELOAD_NOMEM;
    refuse_in = 0;
    assert_null(store->shop->engine);
    assert_false(open_next(store, SIM_STEP_FINE));
  }
  assert_int_equal(failed, 2);
}

static int set_up(void **state) {
  struct store *store = calloc(1, sizeof *store);
  void *shop = NULL;
  if (store == NULL || shop_set_up(&shop) != 0) return -1;
  store->shop = shop;
  *state = store;
  settle(store);
  return 0;
}

static int tear_down(void **state) {
  struct store *store = *state;
  void *shop = store->shop;
  for (int i = 0; i < store->image_count; i++)
    fake_disk_image_release(store->shop->disk, &store->images[i].disk);
  free(store);
  return shop_tear_down(&shop);
}

static int install(void **state) {
  (void)state;
  return fake_memory_install() ? 0 : -1;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_every_image_opens, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_every_disk_fault, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_every_disk_fault_while_closing, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_every_allocation, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_the_engines_own_allocations, set_up, tear_down),
  };
  return cmocka_run_group_tests_name("opening under faults", tests, install, NULL);
}
