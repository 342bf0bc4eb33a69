/* The mail transport and its mailbox as a value. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "../fakes/mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOON INT64_C(1768478400000) /* 2026-01-15T12:00:00Z, a Thursday */

struct post {
  struct fake_mail mail;
  struct fake_clock clock;
  struct fake_mail_fixture bench;
  struct reload_mail_port port;
  enum fake_mail_behaviour next; /* of the next calls */
  int asked;
};

static enum fake_mail_behaviour choose(void *self, const struct reload_mail *mail) {
  struct post *post = self;
  (void)mail;
  post->asked++;
  return post->next;
}

static int set_up(void **state) {
  struct post *post = malloc(sizeof *post);
  if (post == NULL) {
    return -1;
  }
  memset(post, 0xA5, sizeof *post); /* what is unused must not matter */
  fake_mail_init(&post->mail);
  fake_clock_init(&post->clock, NOON);
  post->bench = (struct fake_mail_fixture){
      .mail = &post->mail, .clock = &post->clock, .chooser = post, .choose = choose};
  post->port = fake_mail_port(&post->bench);
  post->next = FAKE_MAIL_NORMAL;
  post->asked = 0;
  *state = post;
  return 0;
}

static int tear_down(void **state) {
  free(*state);
  return 0;
}

static struct reload_mail toggle_mail(const char *id, const char *client, int is_on) {
  struct reload_mail mail;
  memset(&mail, 0, sizeof mail);
  (void)snprintf(mail.message_id, sizeof mail.message_id, "%s@reload.invalid", id);
  (void)snprintf(mail.to, sizeof mail.to, "olga@owners.example");
  (void)snprintf(mail.client_id, sizeof mail.client_id, "%s", client);
  (void)snprintf(mail.subject, sizeof mail.subject, "Auto Reload %s",
                 is_on ? "enabled" : "disabled");
  (void)snprintf(mail.body, sizeof mail.body, "Hello.\n.\nBye \xC3\xA9.\n");
  mail.at_ms = NOON;
  mail.is_on = is_on;
  return mail;
}

static enum reload_mail_outcome deliver(struct post *post, const struct reload_mail *mail) {
  return post->port.deliver(post->port.self, mail);
}

static void keeps_the_message_as_text(void **state) {
  struct post *post = *state;
  struct reload_mail mail = toggle_mail("m1", "acme", 1);
  assert_int_equal(deliver(post, &mail), RELOAD_MAIL_ACCEPTED);
  const struct fake_mail_message *kept = fake_mail_find(&post->mail, "m1@reload.invalid");
  assert_non_null(kept);
  assert_string_equal(kept->text, "From: Auto Reload <auto-reload@reload.example>\r\n"
                                  "To: olga@owners.example\r\n"
                                  "Date: Thu, 15 Jan 2026 12:00:00 +0000\r\n"
                                  "Message-ID: <m1@reload.invalid>\r\n"
                                  "Subject: Auto Reload enabled\r\n"
                                  "MIME-Version: 1.0\r\n"
                                  "Content-Type: text/plain; charset=utf-8\r\n"
                                  "Content-Transfer-Encoding: 8bit\r\n"
                                  "\r\n"
                                  "Hello.\r\n.\r\nBye \xC3\xA9.\r\n");
  assert_int_equal(kept->text_size, strlen(kept->text));
  assert_string_equal(kept->to, "olga@owners.example");
  assert_string_equal(kept->client_id, "acme");
  assert_int_equal(kept->is_on, 1);
  assert_int_equal(kept->client_no, 1);
  assert_int_equal(kept->copy_count, 1);
  assert_true(kept->at_ms == NOON && kept->arrived_at_ms == NOON);
}

static void writes_dates_of_the_calendar(void **state) {
  struct post *post = *state;
  static const struct {
    int64_t at_ms;
    const char *date;
  } rows[] = {
      {0, "Thu, 1 Jan 1970 00:00:00 +0000"},
      {INT64_C(951782400000), "Tue, 29 Feb 2000 00:00:00 +0000"},
      {INT64_C(951868799999), "Tue, 29 Feb 2000 23:59:59 +0000"},
      {INT64_C(951868800000), "Wed, 1 Mar 2000 00:00:00 +0000"},
      {INT64_C(1709210096000), "Thu, 29 Feb 2024 12:34:56 +0000"},
      {INT64_C(1798761599000), "Thu, 31 Dec 2026 23:59:59 +0000"},
      {INT64_C(4107542400000), "Mon, 1 Mar 2100 00:00:00 +0000"},
      {FAKE_CLOCK_MAX_MS, "Fri, 31 Dec 9999 23:59:59 +0000"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char id[16], line[64];
    (void)snprintf(id, sizeof id, "d%zu", i);
    (void)snprintf(line, sizeof line, "\r\nDate: %s\r\n", rows[i].date);
    struct reload_mail mail = toggle_mail(id, "acme", 1);
    mail.at_ms = rows[i].at_ms;
    assert_int_equal(deliver(post, &mail), RELOAD_MAIL_ACCEPTED);
    const struct fake_mail_message *kept = fake_mail_find(&post->mail, mail.message_id);
    assert_non_null(kept);
    assert_non_null(strstr(kept->text, line));
  }
}

static void behaves_as_told(void **state) {
  struct post *post = *state;
  static const struct {
    enum fake_mail_behaviour behaviour;
    enum reload_mail_outcome outcome;
    int kept;
  } rows[] = {
      {FAKE_MAIL_NORMAL, RELOAD_MAIL_ACCEPTED, 1},
      {FAKE_MAIL_REFUSED, RELOAD_MAIL_REFUSED, 0},
      {FAKE_MAIL_REPLY_LOST, RELOAD_MAIL_UNKNOWN, 1},
      {FAKE_MAIL_LOST, RELOAD_MAIL_UNKNOWN, 0},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    fake_mail_init(&post->mail);
    post->next = rows[i].behaviour;
    struct reload_mail mail = toggle_mail("m", "acme", 0);
    assert_int_equal(deliver(post, &mail), rows[i].outcome);
    assert_int_equal(post->mail.message_count, rows[i].kept);
    assert_int_equal(fake_mail_count(&post->mail, "acme"), rows[i].kept);
  }
  assert_int_equal(post->bench.call_count, 4);
  assert_int_equal(post->asked, 4);
}

static void refuses_while_down(void **state) {
  struct post *post = *state;
  struct reload_mail mail = toggle_mail("m", "acme", 1);
  post->mail.down_until_ms = NOON + 1000;
  post->next = FAKE_MAIL_REPLY_LOST;
  assert_int_equal(deliver(post, &mail), RELOAD_MAIL_REFUSED);
  fake_clock_move(&post->clock, 999);
  assert_int_equal(deliver(post, &mail), RELOAD_MAIL_REFUSED);
  assert_int_equal(post->asked, 0);
  assert_int_equal(post->bench.call_count, 2);
  fake_clock_move(&post->clock, 1);
  post->next = FAKE_MAIL_NORMAL;
  assert_int_equal(deliver(post, &mail), RELOAD_MAIL_ACCEPTED);
  assert_true(post->mail.down_until_ms == 0);
}

static void counts_copies(void **state) {
  struct post *post = *state;
  struct reload_mail mail = toggle_mail("m", "acme", 1);
  assert_int_equal(deliver(post, &mail), RELOAD_MAIL_ACCEPTED);
  assert_int_equal(deliver(post, &mail), RELOAD_MAIL_ACCEPTED);
  const struct fake_mail_message *kept = fake_mail_find(&post->mail, mail.message_id);
  assert_int_equal(kept->copy_count, 2);
  assert_int_equal(kept->different_count, 0);
  mail.body[0] = 'J';
  assert_int_equal(deliver(post, &mail), RELOAD_MAIL_ACCEPTED);
  assert_int_equal(post->mail.message_count, 1);
  assert_int_equal(kept->copy_count, 3);
  assert_int_equal(kept->different_count, 1);
  assert_non_null(strstr(kept->text, "\r\n\r\nHello."));
}

static void refuses_what_is_no_message(void **state) {
  struct post *post = *state;
  static const struct {
    const char *id, *to, *subject, *body;
    int64_t at_ms;
  } rows[] = {
      {"a@b", "x@y\r\nBcc: z@y", "s", "b", 0},
      {"a@b", "x@y>", "s", "b", 0},
      {"a@b", "x y@z", "s", "b", 0},
      {"a@b", "", "s", "b", 0},
      {"a@b", "x@", "s", "b", 0},
      {"a@b", "@y", "s", "b", 0},
      {"a@b", "x@y@z", "s", "b", 0},
      {"a@b", "x,z@y", "s", "b", 0},
      {"a@b", "\xC3\xA9@y", "s", "b", 0},
      {"", "x@y", "s", "b", 0},
      {"a", "x@y", "s", "b", 0},
      {"a@b>\r\nX: y", "x@y", "s", "b", 0},
      {"a@b", "x@y", "s\nX: y", "b", 0},
      {"a@b", "x@y", "s\r", "b", 0},
      {"a@b", "x@y", "\xC3\xA9", "b", 0},
      {"a@b", "x@y", "s", "b\rc", 0},
      {"a@b", "x@y", "s", "\x01", 0},
      {"a@b", "x@y", "s", "b", -1},
      {"a@b", "x@y", "s", "b", FAKE_CLOCK_MAX_MS + 1},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct reload_mail mail = toggle_mail("m", "acme", 1);
    (void)snprintf(mail.message_id, sizeof mail.message_id, "%s", rows[i].id);
    (void)snprintf(mail.to, sizeof mail.to, "%s", rows[i].to);
    (void)snprintf(mail.subject, sizeof mail.subject, "%s", rows[i].subject);
    (void)snprintf(mail.body, sizeof mail.body, "%s", rows[i].body);
    mail.at_ms = rows[i].at_ms;
    if (deliver(post, &mail) != RELOAD_MAIL_REFUSED) {
      fail_msg("row %zu was not refused", i);
    }
  }
  struct reload_mail endless = toggle_mail("m", "acme", 1);
  memset(endless.to, 'x', sizeof endless.to);
  assert_int_equal(deliver(post, &endless), RELOAD_MAIL_REFUSED);
  assert_int_equal(post->mail.message_count, 0);
  assert_false(post->mail.overflowed);
}

static void tells_when_it_is_full(void **state) {
  struct post *post = *state;
  char id[16];
  for (int i = 0; i < FAKE_MAIL_MAX_MESSAGES; i++) {
    (void)snprintf(id, sizeof id, "m%d", i);
    struct reload_mail mail = toggle_mail(id, "acme", 1);
    assert_int_equal(deliver(post, &mail), RELOAD_MAIL_ACCEPTED);
  }
  assert_false(post->mail.overflowed);
  struct reload_mail again = toggle_mail("m0", "acme", 1);
  assert_int_equal(deliver(post, &again), RELOAD_MAIL_ACCEPTED);
  assert_false(post->mail.overflowed);
  struct reload_mail mail = toggle_mail("more", "acme", 1);
  assert_int_equal(deliver(post, &mail), RELOAD_MAIL_REFUSED);
  assert_true(post->mail.overflowed);
}

static void tells_when_a_message_is_too_long(void **state) {
  struct post *post = *state;
  struct reload_mail mail = toggle_mail("m", "acme", 1);
  memset(mail.body, '\n', sizeof mail.body - 1); /* doubles as CRLF */
  assert_int_equal(deliver(post, &mail), RELOAD_MAIL_REFUSED);
  assert_int_equal(post->mail.message_count, 0);
  assert_true(post->mail.overflowed);
}

static void box_hash(const char *order, int64_t late_ms, uint64_t out[2]) {
  void *state = NULL;
  assert_int_equal(set_up(&state), 0);
  struct post *post = state;
  for (; *order != '\0'; order++) {
    char id[2] = {*order, '\0'};
    struct reload_mail mail = toggle_mail(id, *order < 'a' ? "acme" : "bolt", 1);
    assert_int_equal(deliver(post, &mail), RELOAD_MAIL_ACCEPTED);
    fake_clock_move(&post->clock, late_ms);
  }
  fake_mail_hash(&post->mail, out);
  (void)tear_down(&state);
}

/* Order within a client is state, between clients it is not. */
static void hashes_what_matters(void **state) {
  (void)state;
  static const struct {
    const char *one, *other;
    int64_t late_ms;
    int equal;
  } rows[] = {
      {"ABx", "ABx", 0, 1}, {"ABx", "xAB", 0, 1}, {"ABx", "AxB", 0, 1}, {"ABx", "BAx", 0, 0},
      {"A", "AA", 0, 0},    {"A", "x", 0, 0},     {"A", "", 0, 0},      {"AB", "AB", 5, 0},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    uint64_t one[2], other[2];
    box_hash(rows[i].one, 0, one);
    box_hash(rows[i].other, rows[i].late_ms, other);
    assert_int_equal(memcmp(one, other, sizeof one) == 0, rows[i].equal);
  }
}

static void copies_are_equal_and_apart(void **state) {
  struct post *post = *state;
  struct reload_mail mail = toggle_mail("m1", "acme", 1);
  assert_int_equal(deliver(post, &mail), RELOAD_MAIL_ACCEPTED);
  struct fake_mail *copy = malloc(sizeof *copy);
  assert_non_null(copy);
  fake_mail_copy(copy, &post->mail);
  uint64_t before[2], after[2];
  fake_mail_hash(&post->mail, before);
  mail = toggle_mail("m2", "acme", 0);
  assert_int_equal(deliver(post, &mail), RELOAD_MAIL_ACCEPTED);
  assert_string_equal(fake_mail_nth(&post->mail, "acme", 2)->message_id, "m2@reload.invalid");
  assert_null(fake_mail_nth(copy, "acme", 2));
  fake_mail_hash(copy, after);
  assert_memory_equal(before, after, sizeof before);
  fake_mail_hash(&post->mail, after);
  assert_memory_not_equal(before, after, sizeof before);
  free(copy);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(keeps_the_message_as_text),
      TEST(writes_dates_of_the_calendar),
      TEST(behaves_as_told),
      TEST(refuses_while_down),
      TEST(counts_copies),
      TEST(refuses_what_is_no_message),
      TEST(tells_when_it_is_full),
      TEST(tells_when_a_message_is_too_long),
      TEST(hashes_what_matters),
      TEST(copies_are_equal_and_apart),
  };
  return cmocka_run_group_tests_name("fake_mail", tests, NULL, NULL);
}
