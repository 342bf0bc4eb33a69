/* The toggle and the delivery of its mails: at least once, in the order of the changes, each
 * under its own name, and never because of anything else. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "shop.h"

#include <string.h>

static struct reload_delivery delivery_new(void) {
  struct reload_delivery delivery;
  memset(&delivery, 0, sizeof delivery);
  return delivery;
}

static enum reload_toggle_answer ask(struct shop *shop, bool on) {
  enum reload_toggle_answer answer = RELOAD_TOGGLE_ALREADY;
  shop_ok(shop, reload_toggle_set(shop->engine, "acme", on, &answer, &shop->message));
  return answer;
}

/* ---- The toggle ---------------------------------------------------------------------------- */

/* what is given, and the answer to turning on; nothing changes unless it is CHANGED */
static void test_turning_on(void **state) {
  struct shop *shop = *state;
  struct reload_message *m = &shop->message;
  shop_ok(shop, reload_client_add(shop->engine, "beta", "ben@owners.example", "cus_2", m));
  assert_false(shop_client(shop, "beta").auto_reload); /* TOGGLE-1 */
  enum reload_toggle_answer answer = RELOAD_TOGGLE_CHANGED;
  shop_ok(shop, reload_toggle_set(shop->engine, "beta", true, &answer, m));
  assert_int_equal(answer, RELOAD_TOGGLE_NEEDS_CARD); /* TOGGLE-2 */
  shop_ok(shop, reload_card_set(shop->engine, "beta", "pm_card_visa", m));
  for (int plan = RELOAD_PLAN_NONE; plan <= RELOAD_PLAN_CANCELED; plan++) {
    if (plan == RELOAD_PLAN_ACTIVE) continue;
    shop_ok(shop, reload_plan_set(shop->engine, "beta", (enum reload_plan)plan, m));
    shop_ok(shop, reload_toggle_set(shop->engine, "beta", true, &answer, m));
    assert_int_equal(answer, RELOAD_TOGGLE_NEEDS_PLAN); /* TOGGLE-3 */
  }
  assert_string_equal(shop_changes(shop, "beta"), "");
  shop_ok(shop, reload_plan_set(shop->engine, "beta", RELOAD_PLAN_ACTIVE, m));
  shop_toggle(shop, "beta", true);
  assert_true(shop_client(shop, "beta").auto_reload);
  assert_string_equal(shop_changes(shop, "beta"), "on");
  assert_string_equal(shop_changes(shop, "acme"), "on"); /* TOGGLE-7: its own, from the beginning */
}

/* TOGGLE-2: a card known to be dead counts as none; TOGGLE-9: turning off always works. */
static void test_dead_card(void **state) {
  struct shop *shop = *state;
  const char *lost = "pm_card_visa_chargeDeclinedLostCard";
  shop_ok(shop, reload_card_set(shop->engine, "acme", lost, &shop->message));
  (void)shop_submit(shop, "a-1", 10);
  assert_int_equal(ask(shop, false), RELOAD_TOGGLE_CHANGED);
  assert_int_equal(ask(shop, true), RELOAD_TOGGLE_NEEDS_CARD);
  shop_ok(shop, reload_card_set(shop->engine, "acme", "pm_card_visa", &shop->message));
  assert_int_equal(ask(shop, true), RELOAD_TOGGLE_CHANGED);
  assert_string_equal(shop_changes(shop, "acme"), "on off on");
}

/* TOGGLE-5: no change, no row, no mail. FIRE-4: enabling charges nothing. */
static void test_the_same_again(void **state) {
  struct shop *shop = *state;
  assert_int_equal(ask(shop, true), RELOAD_TOGGLE_ALREADY);
  assert_int_equal(ask(shop, false), RELOAD_TOGGLE_CHANGED);
  assert_int_equal(ask(shop, false), RELOAD_TOGGLE_ALREADY);
  assert_string_equal(shop_changes(shop, "acme"), "on off");
  (void)shop_deliver(shop);
  assert_string_equal(shop_mails(shop, "acme"), "enabled disabled");
  assert_int_equal(shop->card.intent_count, 0);
}

/* A toggle that was not committed never mails (MAIL-2). */
static void test_toggle_fails(void **state) {
  struct shop *shop = *state;
  enum reload_toggle_answer answer;
  int refused = 0;
  for (int from = 0;; from++) {
    shop_disk_fails(shop, from, SQLITE_IOERR_WRITE);
    enum reload_error error =
        reload_toggle_set(shop->engine, "acme", false, &answer, &shop->message);
    shop_disk_heals(shop);
    if (error == RELOAD_OK) break;
    assert_int_equal(error, RELOAD_IO);
    assert_string_equal(shop_changes(shop, "acme"), "on");
    refused++;
  }
  assert_true(refused > 3);
  (void)shop_deliver(shop);
  assert_string_equal(shop_mails(shop, "acme"), "enabled disabled");
}

/* ---- Delivery ------------------------------------------------------------------------------ */

static void test_the_steps(void **state) {
  struct shop *shop = *state;
  struct reload_delivery delivery = delivery_new();
  shop_pass(shop, 1000);
  shop_toggle(shop, "acme", false);
  shop_pass(shop, 500);
  shop_delivery_step(shop, &delivery); /* pick: claimed for a while */
  assert_int_equal(delivery.step, RELOAD_DELIVERY_SEND);
  assert_int_equal(shop_change(shop, "acme").next_try_at_ms, SHOP_NOON + 1500 + SHOP_MINUTE);
  assert_int_equal(shop_change(shop, "acme").try_count, 1);
  assert_string_equal(shop_mails(shop, "acme"), "enabled");
  shop_delivery_step(shop, &delivery); /* send */
  assert_int_equal(delivery.step, RELOAD_DELIVERY_RECORD);
  assert_string_equal(shop_mails(shop, "acme"), "enabled disabled");
  assert_int_equal(shop_change(shop, "acme").delivered_at_ms, 0);
  shop_delivery_step(shop, &delivery); /* record */
  assert_int_equal(shop_change(shop, "acme").delivered_at_ms, SHOP_NOON + 1500);
  shop_delivery_step(shop, &delivery);
  assert_int_equal(delivery.progress, RELOAD_DONE);
  assert_int_equal(delivery.delivered_count, 1);
  assert_int_equal(delivery.wake_at_ms, 0);
}

/* What the mail says: to the owner, dated at the change, in the page's words. */
static void test_the_mail(void **state) {
  struct shop *shop = *state;
  const struct fake_mail_message *first = fake_mail_nth(&shop->mail, "acme", 1);
  assert_non_null(first);
  assert_string_equal(first->to, "olga@owners.example");
  assert_int_equal(first->at_ms, SHOP_NOON);
  assert_non_null(strstr(first->text, "Subject: Auto Reload enabled\r\n"));
  assert_non_null(strstr(first->text, "acme"));
  shop_toggle(shop, "acme", false);
  shop_pass(shop, 60 * SHOP_MINUTE);
  (void)shop_deliver(shop);
  const struct fake_mail_message *second = fake_mail_nth(&shop->mail, "acme", 2);
  assert_non_null(second);
  assert_int_equal(second->at_ms, SHOP_NOON);
  assert_non_null(strstr(second->text, "Subject: Auto Reload disabled\r\n"));
  assert_string_not_equal(first->message_id, second->message_id);
}

/* MAIL-3: the first one stuck holds the later ones of its client back, and nobody else's. */
static void test_order(void **state) {
  struct shop *shop = *state;
  shop_add_client(shop, "beta", 5);
  shop_toggle(shop, "acme", false);
  shop_toggle(shop, "acme", true);
  shop_toggle(shop, "beta", false);
  shop->next_mail = FAKE_MAIL_REFUSED; /* acme's: client ids break the tie */
  assert_int_equal(shop_deliver(shop), SHOP_NOON + SHOP_MINUTE);
  assert_string_equal(shop_mails(shop, "acme"), "enabled");
  assert_string_equal(shop_mails(shop, "beta"), "enabled disabled");
  shop_pass(shop, SHOP_MINUTE);
  assert_int_equal(shop_deliver(shop), 0);
  assert_string_equal(shop_mails(shop, "acme"), "enabled disabled enabled");
}

/* MAIL-2: refused for days: tried again, later and later, at most hourly; the toggle stays. */
static void test_backoff(void **state) {
  struct shop *shop = *state;
  static const int64_t waits[] = {1, 2, 4, 8, 16, 32, 60, 60};
  shop_toggle(shop, "acme", false);
  shop->mail.down_until_ms = INT64_MAX;
  for (size_t i = 0; i < SHOP_COUNT(waits); i++) {
    int64_t wake_at_ms = shop_deliver(shop);
    assert_int_equal(wake_at_ms, shop->clock.now_ms + waits[i] * SHOP_MINUTE);
    shop_pass(shop, wake_at_ms - shop->clock.now_ms - 1);
    assert_int_equal(shop_deliver(shop), wake_at_ms); /* not before */
    shop_pass(shop, 1);
  }
  assert_false(shop_client(shop, "acme").auto_reload);
  shop->mail.down_until_ms = 0;
  assert_int_equal(shop_deliver(shop), 0);
  assert_string_equal(shop_mails(shop, "acme"), "enabled disabled");
}

/* A copy is recognised by its Message-ID: reply lost, and a death between sending and recording. */
static void test_copies(void **state) {
  struct shop *shop = *state;
  shop_toggle(shop, "acme", false);
  shop->next_mail = FAKE_MAIL_REPLY_LOST;
  assert_int_equal(shop_deliver(shop), SHOP_NOON + SHOP_MINUTE);
  shop_pass(shop, SHOP_MINUTE);
  struct reload_delivery delivery = delivery_new();
  shop_delivery_step(shop, &delivery);
  shop_delivery_step(shop, &delivery);
  shop_crash(shop, 0);
  shop_process(shop, 1);
  shop_pass(shop, 60 * SHOP_MINUTE);
  assert_int_equal(shop_deliver(shop), 0);
  const struct fake_mail_message *mail = fake_mail_nth(&shop->mail, "acme", 2);
  assert_non_null(mail);
  assert_int_equal(mail->copy_count, 3);
  assert_int_equal(mail->different_count, 0);
  assert_string_equal(shop_mails(shop, "acme"), "enabled disabled");
}

/* Two jobs at once: what one has claimed the other leaves alone. */
static void test_claims(void **state) {
  struct shop *shop = *state;
  struct reload_delivery delivery = delivery_new();
  shop_toggle(shop, "acme", false);
  shop_delivery_step(shop, &delivery);
  shop_process(shop, 1);
  assert_int_equal(shop_deliver(shop), SHOP_NOON + SHOP_MINUTE);
  assert_string_equal(shop_mails(shop, "acme"), "enabled");
  shop_process(shop, 0);
  while (delivery.progress != RELOAD_DONE) shop_delivery_step(shop, &delivery);
  assert_string_equal(shop_mails(shop, "acme"), "enabled disabled");
}

/* A job so slow that its claim ran out: the other one delivers, and the first delivery's time
 * stays. */
static void test_claim_runs_out(void **state) {
  struct shop *shop = *state;
  struct reload_delivery slow = delivery_new();
  shop_toggle(shop, "acme", false);
  shop_delivery_step(shop, &slow);
  shop_pass(shop, SHOP_MINUTE);
  shop_process(shop, 1);
  assert_int_equal(shop_deliver(shop), 0);
  shop_pass(shop, SHOP_MINUTE);
  shop_process(shop, 0);
  while (slow.progress != RELOAD_DONE) shop_delivery_step(shop, &slow);
  assert_int_equal(shop_change(shop, "acme").delivered_at_ms, SHOP_NOON + SHOP_MINUTE);
  assert_string_equal(shop_mails(shop, "acme"), "enabled disabled");
}

/* A store that fails: the same step again, nothing lost, nothing sent in the failing step. */
static void test_store_fails(void **state) {
  struct shop *shop = *state;
  struct reload_delivery delivery = delivery_new();
  shop_toggle(shop, "acme", false);
  while (delivery.progress != RELOAD_DONE) {
    struct reload_delivery before = delivery;
    if (delivery.step != RELOAD_DELIVERY_SEND) {
      shop_disk_fails(shop, 0, SQLITE_IOERR_READ);
      assert_int_equal(reload_delivery_step(shop->engine, &delivery, &shop->message), RELOAD_IO);
      shop_disk_heals(shop);
      assert_memory_equal(&delivery, &before, sizeof before);
    }
    shop_delivery_step(shop, &delivery);
  }
  assert_string_equal(shop_mails(shop, "acme"), "enabled disabled");
  int64_t wake_at_ms = -1;
  shop_ok(shop, reload_delivery_run(shop->engine, &wake_at_ms, &shop->message));
  assert_int_equal(wake_at_ms, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, shop_set_up, shop_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_turning_on),   TEST(test_dead_card),      TEST(test_the_same_again),
      TEST(test_toggle_fails), TEST(test_the_steps),      TEST(test_the_mail),
      TEST(test_order),        TEST(test_backoff),        TEST(test_copies),
      TEST(test_claims),       TEST(test_claim_runs_out), TEST(test_store_fails),
  };
  return cmocka_run_group_tests_name("delivery", tests, NULL, NULL);
}
