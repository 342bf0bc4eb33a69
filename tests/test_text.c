/* Text from outside: what an id, an address and a currency may be, and what a message may show. */
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

typedef enum reload_error check(const char *value, const char *what,
                                struct reload_message *message);

struct text_case {
  const char *name;
  const char *value;
  const char *says; /* a part of the message; null: the value is good */
};

/* A message must be a terminated line of printable text, whatever went into it. */
static void assert_message_is_safe(const struct reload_message *message) {
  size_t length = strnlen(message->text, sizeof message->text);
  assert_true(length < sizeof message->text);
  for (size_t i = 0; i < length; i++) {
    unsigned char byte = (unsigned char)message->text[i];
    assert_true(byte >= 0x20 && byte != 0x7f);
  }
  for (size_t i = length; i < sizeof message->text; i++) assert_int_equal(message->text[i], 0);
}

/* The value is copied to the heap at its exact size, so that a read beyond it is caught. */
static void run(check *function, const struct text_case *cases, size_t count) {
  for (size_t i = 0; i < count; i++) {
    struct reload_message message = {"before"};
    char *value = NULL;
    if (cases[i].value != NULL) {
      size_t size = strlen(cases[i].value) + 1;
      value = malloc(size);
      assert_non_null(value);
      memcpy(value, cases[i].value, size);
    }
    enum reload_error error = function(value, "client id", &message);
    enum reload_error silent = function(value, "client id", NULL);
    free(value);
    if (error != silent || (error == RELOAD_OK) != (cases[i].says == NULL)) {
      fail_msg("%s: got %s", cases[i].name, reload_error_name(error));
    }
    if (cases[i].says == NULL) continue;
    assert_int_equal(error, RELOAD_INVALID);
    assert_message_is_safe(&message);
    if (strstr(message.text, cases[i].says) == NULL || strstr(message.text, "client id") == NULL) {
      fail_msg("%s: the message is: %s", cases[i].name, message.text);
    }
  }
}

/* ---- Ids ---------------------------------------------------------------------------------- */

static const struct text_case id_cases[] = {
    {"plain", "acme", NULL},
    {"one byte", "a", NULL},
    {"64 bytes", SIXTY "abcd", NULL},
    {"quotes", "o'neill \"x\" `y`; DROP TABLE client; -- \\", NULL},
    {"inner space", "north west", NULL},
    {"tilde, the last ASCII printable", "~", NULL},
    {"U+00A0, the first after C1", "a\xc2\xa0z", NULL},
    {"two, three and four bytes", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x92\xb3", NULL},
    {"U+07FF", "\xdf\xbf", NULL},
    {"U+0800", "\xe0\xa0\x80", NULL},
    {"U+D7FF", "\xed\x9f\xbf", NULL},
    {"U+E000", "\xee\x80\x80", NULL},
    {"U+10000", "\xf0\x90\x80\x80", NULL},
    {"U+10FFFF", "\xf4\x8f\xbf\xbf", NULL},
    {"U+2027, before the separators", "a\xe2\x80\xa7z", NULL},
    {"64 bytes that end in four of one character", SIXTY "\xf0\x9f\x92\xb3", NULL},

    {"null", NULL, "is missing"},
    {"empty", "", "is missing"},
    {"65 bytes", SIXTY "abcde", "too long"},
    {"65 bytes, the last character cut by the limit", SIXTY "a\xf0\x9f\x92\xb3", "too long"},
    {"newline", "ac\nme", "control character at byte 3: \"ac\\nme\""},
    {"carriage return", "acme\r", "control character at byte 5: \"acme\\r\""},
    {"tab", "\tacme", "control character at byte 1: \"\\tacme\""},
    {"escape", "a\x1b[31m", "control character at byte 2: \"a\\x1b[31m\""},
    {"U+0001", "\x01", "control character"},
    {"U+001F", "a\x1fz", "control character"},
    {"DEL", "a\x7f", "control character at byte 2: \"a\\x7f\""},
    {"first of C1", "a\xc2\x80", "control character at byte 2: \"a\\u0080\""},
    {"next line", "a\xc2\x85z", "control character at byte 2: \"a\\u0085z\""},
    {"last of C1", "a\xc2\x9f", "control character"},
    {"line separator", "a\xe2\x80\xa8z", "control character at byte 2: \"a\\u2028z\""},
    {"paragraph separator", "a\xe2\x80\xa9z", "control character"},
    {"leading space", " acme", "space"},
    {"trailing space", "acme ", "space"},
    {"only a space", " ", "space"},
    {"lone continuation", "a\x80", "not valid UTF-8 at byte 2: \"a\\x80\""},
    {"overlong slash in two", "\xc0\xaf", "not valid UTF-8"},
    {"overlong in two, C1 first byte", "\xc1\xbf", "not valid UTF-8"},
    {"overlong in three", "\xe0\x9f\xbf", "not valid UTF-8"},
    {"overlong in four", "\xf0\x8f\xbf\xbf", "not valid UTF-8"},
    {"overlong NUL", "a\xc0\x80", "not valid UTF-8"},
    {"first surrogate", "\xed\xa0\x80", "not valid UTF-8"},
    {"last surrogate", "\xed\xbf\xbf", "not valid UTF-8"},
    {"beyond U+10FFFF", "\xf4\x90\x80\x80", "not valid UTF-8"},
    {"F5", "\xf5\x80\x80\x80", "not valid UTF-8"},
    {"FF", "\xff", "not valid UTF-8"},
    {"cut after one of two", "a\xc3", "not valid UTF-8 at byte 2"},
    {"cut after two of three", "a\xe2\x82", "not valid UTF-8 at byte 2"},
    {"cut after three of four", "a\xf0\x9f\x92", "not valid UTF-8 at byte 2"},
    {"ASCII where a continuation belongs", "\xe2\x82z", "not valid UTF-8"},
    {"Latin-1", "caf\xe9", "not valid UTF-8 at byte 4: \"caf\\xe9\""},
};

static void test_ids(void **state) {
  (void)state;
  run(rl_text_id, id_cases, COUNT(id_cases));
}

/* An array that lost its NUL is refused without a read beyond 65 bytes. */
static void test_id_without_end(void **state) {
  (void)state;
  char *value = malloc(65);
  assert_non_null(value);
  memset(value, 'a', 65);
  struct reload_message message;
  assert_int_equal(rl_text_id(value, "client id", &message), RELOAD_INVALID);
  assert_message_is_safe(&message);
  free(value);
}

/* ---- Addresses ---------------------------------------------------------------------------- */

#define LABEL63 SIXTY "abc"

static const struct text_case email_cases[] = {
    {"plain", "ana@owners.example", NULL},
    {"dots, plus and digits", "a.b+c_2@x1.y-2.example", NULL},
    {"every other atom character", "!#$%&'*+-/=?^_`{|}~@owners.example", NULL},
    {"an apostrophe is part of names", "o'neill@owners.example", NULL},
    {"local part of 64", SIXTY "abcd@owners.example", NULL},
    {"label of 63", "a@" LABEL63 ".example", NULL},
    {"254 bytes", "a@" LABEL63 "." LABEL63 "." LABEL63 "." SIXTY, NULL},

    {"null", NULL, "is missing"},
    {"empty", "", "is missing"},
    {"255 bytes", "a@" LABEL63 "." LABEL63 "." LABEL63 "." SIXTY "a", "too long"},
    {"local part of 65", SIXTY "abcde@owners.example", "before the @"},
    {"label of 64", "a@" LABEL63 "d.example", "after the @"},
    {"no @", "owners.example", "exactly one @"},
    {"two @", "ana@ben@owners.example", "exactly one @"},
    {"no local part", "@owners.example", "before the @"},
    {"no domain", "ana@", "after the @"},
    {"no dot in the domain", "ana@localhost", "after the @"},
    {"dot first in the domain", "ana@.example", "after the @"},
    {"dot last in the domain", "ana@owners.example.", "after the @"},
    {"two dots in the domain", "ana@owners..example", "after the @"},
    {"hyphen first", "ana@-owners.example", "after the @"},
    {"hyphen last", "ana@owners-.example", "after the @"},
    {"underscore in the domain", "ana@own_ers.example", "after the @"},
    {"address literal", "ana@[127.0.0.1]", "after the @"},
    {"dot first", ".ana@owners.example", "before the @"},
    {"dot last", "ana.@owners.example", "before the @"},
    {"two dots", "a..na@owners.example", "before the @"},
    {"quoted local part", "\"ana\"@owners.example", "before the @"},
    {"quoted @", "\"a@b\"@owners.example", "exactly one @"},
    {"backslash", "a\\na@owners.example", "before the @"},
    {"space", "an a@owners.example", "before the @"},
    {"leading space", " ana@owners.example", "before the @"},
    {"trailing space", "ana@owners.example ", "after the @"},
    {"header injection", "ana@owners.example\r\nBcc: x@y.example", "exactly one @"},
    {"header injection in the domain", "ana@owners.example\r\nBcc: x", "after the @"},
    {"header injection in the local part", "ana\r\nTo: x@owners.example", "before the @"},
    {"newline at the end", "ana@owners.example\n", "after the @"},
    {"angle brackets", "<ana@owners.example>", "before the @"},
    {"display name", "Ana <ana@owners.example>", "before the @"},
    {"list by comma", "ana,ben@owners.example", "before the @"},
    {"list by semicolon", "ana@owners.example;ben", "after the @"},
    {"route", "a:b@owners.example", "before the @"},
    {"comment", "ana(x)@owners.example", "before the @"},
    {"DEL", "an\x7f@owners.example", "before the @"},
    {"UTF-8 local part", "\xc3\xa4@owners.example", "before the @"},
    {"UTF-8 domain", "ana@\xc3\xa4.example", "after the @"},
};

static void test_emails(void **state) {
  (void)state;
  run(rl_text_email, email_cases, COUNT(email_cases));
}

/* ---- Currencies --------------------------------------------------------------------------- */

static const struct text_case currency_cases[] = {
    {"dollars", "usd", NULL},
    {"first letters", "aaa", NULL},
    {"last letters", "zzz", NULL},
    {"null", NULL, "three lower-case letters"},
    {"empty", "", "three lower-case letters"},
    {"two", "us", "three lower-case letters"},
    {"four", "usdt", "three lower-case letters"},
    {"upper case", "USD", "three lower-case letters"},
    {"one upper case", "usD", "three lower-case letters"},
    {"digit", "us1", "three lower-case letters"},
    {"space", "us ", "three lower-case letters"},
    {"before a", "us`", "three lower-case letters"},
    {"after z", "us{", "three lower-case letters"},
    {"UTF-8", "u\xc3\x9f", "three lower-case letters"},
};

static void test_currencies(void **state) {
  (void)state;
  run(rl_text_currency, currency_cases, COUNT(currency_cases));
}

/* ---- Copies ------------------------------------------------------------------------------- */

static void test_copy(void **state) {
  (void)state;
  char to[8], zeros[8] = {0};

  memset(to, 'x', sizeof to);
  assert_true(rl_text_copy(to, sizeof to, "abc"));
  assert_memory_equal(to, "abc\0\0\0\0\0", sizeof to);

  memset(to, 'x', sizeof to);
  assert_true(rl_text_copy(to, sizeof to, "1234567"));
  assert_memory_equal(to, "1234567", sizeof to);

  memset(to, 'x', sizeof to);
  assert_true(rl_text_copy(to, sizeof to, ""));
  assert_memory_equal(to, zeros, sizeof to);

  memset(to, 'x', sizeof to);
  assert_false(rl_text_copy(to, sizeof to, "12345678"));
  assert_memory_equal(to, zeros, sizeof to);

  memset(to, 'x', sizeof to);
  assert_false(rl_text_copy(to, sizeof to, NULL));
  assert_memory_equal(to, zeros, sizeof to);

  memset(to, 'x', sizeof to);
  assert_false(rl_text_copy(to, 0, ""));
  assert_int_equal(to[0], 'x');
}

/* ---- Messages ----------------------------------------------------------------------------- */

static void test_message_formats(void **state) {
  (void)state;
  struct reload_message message;
  memset(&message, 'x', sizeof message);
  rl_message_set(&message, "%s has %d tokens, 100%%", "acme", -5);
  assert_string_equal(message.text, "acme has -5 tokens, 100%");
  assert_message_is_safe(&message);
  rl_message_set(NULL, "%s", "nobody listens");
}

static void test_message_escapes(void **state) {
  (void)state;
  struct reload_message message;
  rl_message_set(&message, "%s",
                 "a\r\n\tb\x1b[0m\x7f \xc2\x9b \xe2\x80\xa8 \xff \xed\xa0\x80 \xc3\xa9");
  assert_string_equal(message.text,
                      "a\\r\\n\\tb\\x1b[0m\\x7f \\u009b \\u2028 \\xff \\xed\\xa0\\x80 \xc3\xa9");
  assert_message_is_safe(&message);
}

/* 239 bytes fit; of more, as many whole characters are kept as leave room for the dots. */
static void test_message_cuts(void **state) {
  (void)state;
  struct reload_message message;
  char text[1000];

  memset(text, 'a', sizeof text);
  text[239] = '\0';
  rl_message_set(&message, "%s", text);
  assert_string_equal(message.text, text);

  text[239] = 'a';
  text[240] = '\0';
  rl_message_set(&message, "%s", text);
  assert_int_equal(strlen(message.text), 239);
  assert_memory_equal(message.text, text, 236);
  assert_string_equal(message.text + 236, "...");

  text[240] = 'a';
  text[999] = '\0';
  rl_message_set(&message, "%s", text);
  assert_string_equal(message.text + 236, "...");
}

static void test_message_cuts_between_characters(void **state) {
  (void)state;
  static const char euro[] = "\xe2\x82\xac";
  struct reload_message message;
  char text[1000] = "";
  for (size_t shift = 0; shift < 3; shift++) {
    memset(text, 0, sizeof text);
    memset(text, 'a', shift);
    for (size_t i = 0; i < 300; i++) memcpy(text + shift + i * 3, euro, 3);
    rl_message_set(&message, "%s", text);
    assert_message_is_safe(&message);
    size_t kept = strlen(message.text) - 3;
    assert_string_equal(message.text + kept, "...");
    assert_memory_equal(message.text, text, kept);
    assert_int_equal((kept - shift) % 3, 0);
    assert_true(kept > 236 - 3);
  }
}

/* An escape is kept whole or left out, and never lets a raw byte through at the end. */
static void test_message_cuts_escapes(void **state) {
  (void)state;
  static const struct {
    const char *raw;
    size_t shown_size;
  } cases[] = {{"\x01", 4}, {"\xc2\x85", 6}};
  struct reload_message message;
  char text[600];
  for (size_t i = 0; i < COUNT(cases); i++) {
    for (size_t lead = 225; lead < 245; lead++) {
      size_t size = lead, step = strlen(cases[i].raw);
      memset(text, 'a', lead);
      for (int n = 0; n < 100; n++, size += step) memcpy(text + size, cases[i].raw, step);
      text[size] = '\0';
      rl_message_set(&message, "%s", text);
      assert_message_is_safe(&message);
      size_t kept = strlen(message.text) - 3;
      assert_string_equal(message.text + kept, "...");
      assert_true(kept <= lead || (kept - lead) % cases[i].shown_size == 0);
    }
  }
}

/* ---- Names -------------------------------------------------------------------------------- */

static void test_names(void **state) {
  (void)state;
  static const char *const errors[] = {"ok",        "invalid", "not found", "conflict",
                                       "too early", "busy",    "full",      "io",
                                       "corrupt",   "foreign", "newer",     "out of memory"};
  static const char *const steps[] = {"decide", "open",   "record", "confirm",
                                      "close",  "settle", "end"};
  assert_int_equal(COUNT(errors), RELOAD_NOMEM + 1);
  assert_int_equal(COUNT(steps), RELOAD_STEP_END + 1);
  for (size_t i = 0; i < COUNT(errors); i++) {
    assert_string_equal(reload_error_name((enum reload_error)i), errors[i]);
  }
  for (size_t i = 0; i < COUNT(steps); i++) {
    assert_string_equal(reload_step_name((enum reload_step)i), steps[i]);
  }
  assert_string_equal(reload_error_name((enum reload_error)99), "unknown error");
  assert_string_equal(reload_step_name((enum reload_step)99), "unknown step");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_ids),
      cmocka_unit_test(test_id_without_end),
      cmocka_unit_test(test_emails),
      cmocka_unit_test(test_currencies),
      cmocka_unit_test(test_copy),
      cmocka_unit_test(test_message_formats),
      cmocka_unit_test(test_message_escapes),
      cmocka_unit_test(test_message_cuts),
      cmocka_unit_test(test_message_cuts_between_characters),
      cmocka_unit_test(test_message_cuts_escapes),
      cmocka_unit_test(test_names),
  };
  return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
