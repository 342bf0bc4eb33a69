/* The ledger as plain rows: read from a real engine, copied, hashed; every field counts. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ledger.h"
#include "shop.h"

#include <stdlib.h>
#include <string.h>

/* The shop's acme after a covered action, a refund in part and a disable; beta beside it. */
static struct sim_step steps[] = {{.verb = SIM_SUBMIT, .id = "a-1"},
                                  {.verb = SIM_SUBMIT, .id = "a-2"},
                                  {.verb = SIM_SUBMIT, .id = "a-1"},
                                  {.verb = SIM_LOOK}};
static struct sim_case the_case = {
    .client_count = 2,
    .clients = {{.name = "beta"}, {.name = "acme"}}, /* in the case's order, not the store's */
    .actor_count = 2,
    .actors = {{.name = "ana", .step_count = 2, .steps = steps},
               {.name = "ben", .step_count = 2, .steps = steps + 2}},
};
enum { BETA, ACME };

static struct sim_names names;
static struct sim_ledger *ledger;

static int set_up(void **state) {
  if (shop_set_up(state) != 0) return 1;
  struct shop *shop = *state;
  ledger = malloc(sizeof *ledger);
  assert_non_null(ledger);
  memset(ledger, 0xA5, sizeof *ledger); /* what is unused must not matter */
  sim_names_init(&names, &the_case);
  shop_pass(shop, 1000);
  shop_add_client(shop, "beta", 7);
  assert_true(shop_submit(shop, "a-1", 10).done);
  shop_ok(shop,
          shop_event(shop, RELOAD_EVENT_REFUNDED, shop_charge(shop, "acme").intent_id, "", 500));
  shop_toggle(shop, "acme", false);
  shop_ok(shop, sim_ledger_read(shop->engine, &names, ledger, &shop->message));
  return 0;
}

static int tear_down(void **state) {
  free(ledger);
  return shop_tear_down(state);
}

static void test_names(void **state) {
  (void)state;
  assert_int_equal(names.id_count, 2); /* a-1 is mentioned twice */
  assert_string_equal(names.ids[sim_names_find(&names, "a-1")], "a-1");
  assert_string_equal(names.ids[sim_names_find(&names, "a-2")], "a-2");
  assert_int_equal(sim_names_find(&names, "a-3"), -1);
  assert_int_equal(sim_names_find(&names, ""), -1);
}

static void test_text_hash(void **state) {
  (void)state;
  assert_true(sim_text_hash("") == 0);
  assert_true(sim_text_hash("a") != 0);
  assert_true(sim_text_hash("a") == sim_text_hash("a"));
  assert_true(sim_text_hash("a") != sim_text_hash("b"));
  assert_true(sim_text_hash("ab") != sim_text_hash("ba"));
}

static void test_clients_and_toggles(void **state) {
  (void)state;
  assert_int_equal(ledger->overflowed, 0);
  const struct sim_client_row *acme = &ledger->clients[ACME], *beta = &ledger->clients[BETA];
  assert_int_equal(acme->balance_tokens, 45);
  assert_int_equal(beta->balance_tokens, 7);
  assert_int_equal(acme->plan, RELOAD_PLAN_ACTIVE);
  assert_true(acme->card == sim_text_hash("pm_card_visa"));
  assert_int_equal(acme->card_no, 1);
  assert_int_equal(acme->auto_reload, 0);
  assert_int_equal(beta->auto_reload, 1);
  assert_int_equal(ledger->toggle_count, 3);
  assert_int_equal(ledger->toggles[0].client, ACME); /* by the client's name */
  assert_int_equal(ledger->toggles[1].change_no, 2);
  assert_int_equal(ledger->toggles[1].on, 0);
  assert_int_equal(ledger->toggles[1].at_ms, SHOP_NOON + 1000);
  assert_int_equal(ledger->toggles[1].delivered_at_ms, 0);
  assert_int_equal(ledger->toggles[2].client, BETA);
}

static void test_entries_and_charges(void **state) {
  struct shop *shop = *state;
  static const int kinds[] = {RELOAD_ENTRY_GRANT, RELOAD_ENTRY_TOP_UP, RELOAD_ENTRY_SPEND,
                              RELOAD_ENTRY_REVERSAL, RELOAD_ENTRY_GRANT};
  static const int64_t tokens[] = {5, 100, -10, -50, 7};
  assert_int_equal(ledger->entry_count, 5);
  for (int i = 0; i < 5; i++) {
    assert_int_equal(ledger->entries[i].kind, kinds[i]);
    assert_int_equal(ledger->entries[i].tokens, tokens[i]);
    assert_int_equal(ledger->entries[i].client, i < 4 ? ACME : BETA);
    assert_int_equal(ledger->entries[i].entry_no, i < 4 ? i + 1 : 1);
  }
  assert_int_equal(ledger->entries[0].action, -1);
  assert_int_equal(ledger->entries[2].action, sim_names_find(&names, "a-1"));
  assert_int_equal(ledger->entries[3].amount_minor, 500);
  struct reload_charge_row row = shop_charge(shop, "acme");
  const struct sim_charge_row *charge = &ledger->charges[0];
  assert_int_equal(ledger->charge_count, 1);
  assert_true(charge->charge == sim_text_hash(row.charge_id));
  assert_true(charge->intent == sim_text_hash(row.intent_id));
  assert_true(charge->decline == 0);
  assert_int_equal(charge->state, RELOAD_CHARGE_CAPTURED);
  assert_int_equal(charge->client, ACME);
  assert_int_equal(charge->ended_at_ms, row.ended_at_ms);
  assert_null(sim_ledger_pending(ledger, ACME));
}

static void test_pending(void **state) {
  struct shop *shop = *state;
  struct reload_spend spend = shop_spend("beta", "a-2", 10);
  shop_step(shop, &spend);
  shop_ok(shop, sim_ledger_read(shop->engine, &names, ledger, &shop->message));
  const struct sim_charge_row *pending = sim_ledger_pending(ledger, BETA);
  assert_non_null(pending);
  assert_int_equal(pending->action, sim_names_find(&names, "a-2"));
  assert_null(sim_ledger_pending(ledger, ACME));
}

/* ---- Copy and hash ------------------------------------------------------------------------- */

static bool same_hash(const struct sim_ledger *a, const struct sim_ledger *b) {
  uint64_t x[2], y[2];
  sim_ledger_hash(a, 2, x);
  sim_ledger_hash(b, 2, y);
  return memcmp(x, y, sizeof x) == 0;
}

static void test_copy(void **state) {
  (void)state;
  struct sim_ledger *copy = malloc(sizeof *copy);
  assert_non_null(copy);
  memset(copy, 0x5A, sizeof *copy);
  sim_ledger_copy(copy, ledger, 2);
  assert_true(same_hash(copy, ledger));
  assert_memory_equal(copy->clients, ledger->clients, 2 * sizeof copy->clients[0]);
  assert_memory_equal(copy->entries, ledger->entries, 5 * sizeof copy->entries[0]);
  assert_memory_equal(copy->charges, ledger->charges, sizeof copy->charges[0]);
  assert_memory_equal(copy->toggles, ledger->toggles, 3 * sizeof copy->toggles[0]);
  memset(&copy->clients[2], 1, sizeof copy->clients[2]); /* unused */
  memset(&copy->entries[5], 1, sizeof copy->entries[5]);
  memset(&copy->charges[1], 1, sizeof copy->charges[1]);
  memset(&copy->toggles[3], 1, sizeof copy->toggles[3]);
  assert_true(same_hash(copy, ledger));
  free(copy);
}

/* Every single byte of every used row changes the hash. */
static void flip_each(struct sim_ledger *copy, void *rows, size_t size) {
  unsigned char *bytes = rows;
  for (size_t i = 0; i < size; i++) {
    bytes[i] ^= 1;
    if (same_hash(copy, ledger)) fail_msg("byte %d does not count", (int)i);
    bytes[i] ^= 1;
  }
}

static void test_every_byte_counts(void **state) {
  (void)state;
  struct sim_ledger *copy = malloc(sizeof *copy);
  assert_non_null(copy);
  sim_ledger_copy(copy, ledger, 2);
  flip_each(copy, copy->clients, 2 * sizeof copy->clients[0]);
  flip_each(copy, copy->entries, 5 * sizeof copy->entries[0]);
  flip_each(copy, copy->charges, sizeof copy->charges[0]);
  flip_each(copy, copy->toggles, 3 * sizeof copy->toggles[0]);
  copy->entry_count--;
  assert_false(same_hash(copy, ledger));
  copy->entry_count++, copy->toggle_count--;
  assert_false(same_hash(copy, ledger));
  copy->toggle_count++, copy->charge_count--;
  assert_false(same_hash(copy, ledger));
  free(copy);
}

/* Read twice: the same bytes, padding and all. */
static void test_read_again(void **state) {
  struct shop *shop = *state;
  struct sim_ledger *again = malloc(sizeof *again);
  assert_non_null(again);
  memset(again, 0xFF, sizeof *again);
  shop_ok(shop, sim_ledger_read(shop->engine, &names, again, &shop->message));
  assert_true(same_hash(again, ledger));
  free(again);
}

/* Too many rows are told, not written beyond the end. */
static void test_overflow(void **state) {
  struct shop *shop = *state;
  for (int i = 0; i < SIM_LEDGER_MAX_ENTRIES; i++) {
    char cycle[8] = "c-000";
    cycle[2] = (char)('0' + i / 100), cycle[3] = (char)('0' + i / 10 % 10);
    cycle[4] = (char)('0' + i % 10);
    shop_ok(shop, reload_cycle_grant(shop->engine, "beta", cycle, 1, &shop->message));
  }
  shop_ok(shop, sim_ledger_read(shop->engine, &names, ledger, &shop->message));
  assert_int_equal(ledger->overflowed, 1);
  assert_int_equal(ledger->entry_count, SIM_LEDGER_MAX_ENTRIES);
}

static void test_store_fails(void **state) {
  struct shop *shop = *state;
  shop_disk_fails(shop, 0, SQLITE_IOERR_READ);
  assert_int_equal(sim_ledger_read(shop->engine, &names, ledger, &shop->message), RELOAD_IO);
  shop_disk_heals(shop);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_names),
      TEST(test_text_hash),
      TEST(test_clients_and_toggles),
      TEST(test_entries_and_charges),
      TEST(test_pending),
      TEST(test_copy),
      TEST(test_every_byte_counts),
      TEST(test_read_again),
      TEST(test_overflow),
      TEST(test_store_fails),
  };
  return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
