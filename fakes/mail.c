/* See mail.h. */
#include "mail.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <xxhash.h>

static_assert(RELOAD_KEY_SIZE <= FAKE_MAIL_ID_SIZE && RELOAD_EMAIL_SIZE <= FAKE_MAIL_TO_SIZE &&
                  RELOAD_ID_SIZE <= FAKE_MAIL_CLIENT_SIZE,
              "a port's string does not fit");
static_assert(offsetof(struct fake_mail_message, text) ==
                  2 * sizeof(int64_t) + 5 * sizeof(int32_t) + FAKE_MAIL_ID_SIZE +
                      FAKE_MAIL_TO_SIZE + FAKE_MAIL_CLIENT_SIZE,
              "padding in a message");

/* ---- The value ----------------------------------------------------------------------------- */

void fake_mail_init(struct fake_mail *mail) {
  memset(mail, 0, offsetof(struct fake_mail, messages));
}

static size_t message_size(const struct fake_mail_message *message) {
  return offsetof(struct fake_mail_message, text) + (size_t)message->text_size + 1;
}

void fake_mail_copy(struct fake_mail *dst, const struct fake_mail *src) {
  memcpy(dst, src, offsetof(struct fake_mail, messages));
  for (int32_t i = 0; i < src->message_count; i++) {
    const struct fake_mail_message *message = &src->messages[i];
    memcpy(&dst->messages[i], message, message_size(message));
  }
}

size_t fake_mail_pack(const struct fake_mail *mail, void *bytes) {
  size_t at = offsetof(struct fake_mail, messages);
  if (bytes) memcpy(bytes, mail, at);
  for (int32_t i = 0; i < mail->message_count; i++) {
    size_t size = message_size(&mail->messages[i]);
    if (bytes) memcpy((char *)bytes + at, &mail->messages[i], size);
    at += size;
  }
  return at;
}

void fake_mail_unpack(struct fake_mail *mail, const void *bytes) {
  const size_t head = offsetof(struct fake_mail_message, text);
  size_t at = offsetof(struct fake_mail, messages);
  memcpy(mail, bytes, at);
  for (int32_t i = 0; i < mail->message_count; i++) {
    struct fake_mail_message *message = &mail->messages[i];
    memcpy(message, (const char *)bytes + at, head); /* which tells how long the text is */
    size_t size = message_size(message);
    memcpy(message->text, (const char *)bytes + at + head, size - head);
    at += size;
  }
}

void fake_mail_hash(const struct fake_mail *mail, uint64_t out[2]) {
  uint64_t sum[2] = {0, 0};
  for (int32_t i = 0; i < mail->message_count; i++) {
    const struct fake_mail_message *message = &mail->messages[i];
    /* client_no is part of the bytes, so the order within a client counts. */
    XXH128_hash_t hash = XXH3_128bits(message, offsetof(struct fake_mail_message, text) +
                                                   (size_t)message->text_size);
    sum[0] += hash.low64;
    sum[1] += hash.high64;
  }
  const uint64_t whole[] = {sum[0], sum[1], (uint64_t)mail->down_until_ms,
                            (uint64_t)mail->message_count, (uint64_t)mail->overflowed};
  XXH128_hash_t hash = XXH3_128bits(whole, sizeof whole);
  out[0] = hash.low64;
  out[1] = hash.high64;
}

void fake_mail_advance(struct fake_mail *mail, int64_t now_ms) {
  if (mail->down_until_ms <= now_ms) {
    mail->down_until_ms = 0;
  }
}

/* -1: none. */
static int32_t index_of_message(const struct fake_mail *mail, const char *message_id) {
  int32_t index = mail->message_count - 1;
  while (index >= 0 && strcmp(mail->messages[index].message_id, message_id) != 0) {
    index--;
  }
  return index;
}

const struct fake_mail_message *fake_mail_find(const struct fake_mail *mail,
                                               const char *message_id) {
  int32_t index = index_of_message(mail, message_id);
  return index < 0 ? NULL : &mail->messages[index];
}

int32_t fake_mail_count(const struct fake_mail *mail, const char *client_id) {
  int32_t count = 0;
  for (int32_t i = 0; i < mail->message_count; i++) {
    count += strcmp(mail->messages[i].client_id, client_id) == 0;
  }
  return count;
}

const struct fake_mail_message *fake_mail_nth(const struct fake_mail *mail, const char *client_id,
                                              int32_t client_no) {
  for (int32_t i = 0; i < mail->message_count; i++) {
    const struct fake_mail_message *message = &mail->messages[i];
    if (message->client_no == client_no && strcmp(message->client_id, client_id) == 0) {
      return message;
    }
  }
  return NULL;
}

/* ---- What a mail server lets in ------------------------------------------------------------ */

static bool ends_within(const char *text, size_t size) { return memchr(text, '\0', size) != NULL; }

/* Characters of RFC 5322's dot-atom. Dots at odd places are let through, as most servers do. */
static const char dot_atom[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "!#$%&'*+-/=?^_`{|}~.";

static bool is_address(const char *text) {
  size_t left = strspn(text, dot_atom);
  if (left == 0 || text[left] != '@') {
    return false;
  }
  size_t right = strspn(text + left + 1, dot_atom);
  return right > 0 && text[left + 1 + right] == '\0';
}

static bool is_subject(const char *text) {
  for (; *text != '\0'; text++) {
    if (*text < ' ' || *text > '~') { /* signed or not, a byte above 127 is outside */
      return false;
    }
  }
  return true;
}

static bool is_body(const char *text) {
  for (; *text != '\0'; text++) {
    unsigned char byte = (unsigned char)*text;
    if ((byte < ' ' && byte != '\n' && byte != '\t') || byte == 0x7f) {
      return false;
    }
  }
  return true;
}

static bool is_message(const struct reload_mail *mail) {
  return ends_within(mail->message_id, sizeof mail->message_id) &&
         ends_within(mail->to, sizeof mail->to) &&
         ends_within(mail->client_id, sizeof mail->client_id) &&
         ends_within(mail->subject, sizeof mail->subject) &&
         ends_within(mail->body, sizeof mail->body) && is_address(mail->message_id) &&
         is_address(mail->to) && is_subject(mail->subject) && is_body(mail->body) &&
         mail->at_ms >= 0 && mail->at_ms <= FAKE_CLOCK_MAX_MS;
}

/* ---- The message as text ------------------------------------------------------------------- */

struct text {
  char *start;
  size_t used;
  bool full; /* something did not fit */
};

static void put_char(struct text *text, char c) {
  if (text->used + 1 >= FAKE_MAIL_TEXT_SIZE) {
    text->full = true;
    return;
  }
  text->start[text->used++] = c;
}

static void add_text(struct text *text, const char *line) {
  for (; *line != '\0'; line++) {
    if (*line == '\n') {
      put_char(text, '\r');
    }
    put_char(text, *line);
  }
}

/* "Thu, 15 Jan 2026 12:00:00 +0000", in any time zone and locale. */
static void put_date(struct text *text, int64_t at_ms) {
  static const char *const weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  time_t seconds = (time_t)(at_ms / 1000);
  struct tm tm;
  char date[64];
  if (!gmtime_r(&seconds, &tm)) return;
  (void)snprintf(date, sizeof date, "%s, %d %s %04d %02d:%02d:%02d +0000", weekdays[tm.tm_wday],
                 tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
                 tm.tm_sec);
  add_text(text, date);
}

/* Returns false if the message is too long. */
static bool write_text(struct fake_mail_message *message, const struct reload_mail *mail) {
  struct text text = {message->text, 0, false};
  add_text(&text, "From: Auto Reload <auto-reload@reload.example>\nTo: ");
  add_text(&text, mail->to);
  add_text(&text, "\nDate: ");
  put_date(&text, mail->at_ms);
  add_text(&text, "\nMessage-ID: <");
  add_text(&text, mail->message_id);
  add_text(&text, ">\nSubject: ");
  add_text(&text, mail->subject);
  add_text(&text, "\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
                  "Content-Transfer-Encoding: 8bit\n\n");
  add_text(&text, mail->body);
  size_t body_size = strlen(mail->body);
  if (body_size > 0 && mail->body[body_size - 1] != '\n') {
    add_text(&text, "\n");
  }
  message->text_size = (int32_t)text.used;
  return !text.full;
}

/* ---- The port ------------------------------------------------------------------------------ */

static void count_copy(struct fake_mail_message *first, const struct fake_mail_message *copy) {
  first->copy_count++;
  if (first->text_size != copy->text_size ||
      memcmp(first->text, copy->text, (size_t)copy->text_size) != 0) {
    first->different_count++;
  }
}

/* Take a message in. Returns false if there was no room. */
static bool keep_message(struct fake_mail *mail, const struct reload_mail *sent, int64_t now_ms) {
  struct fake_mail_message message;
  memset(&message, 0, sizeof message);
  bool fits = write_text(&message, sent);
  int32_t first = index_of_message(mail, sent->message_id);
  if (fits && first >= 0) {
    count_copy(&mail->messages[first], &message);
    return true;
  }
  if (!fits || mail->message_count == FAKE_MAIL_MAX_MESSAGES) {
    mail->overflowed = true;
    return false;
  }
  message.at_ms = sent->at_ms;
  message.arrived_at_ms = now_ms;
  message.is_on = sent->is_on;
  message.client_no = fake_mail_count(mail, sent->client_id) + 1;
  message.copy_count = 1;
  memcpy(message.message_id, sent->message_id, strlen(sent->message_id));
  memcpy(message.to, sent->to, strlen(sent->to));
  memcpy(message.client_id, sent->client_id, strlen(sent->client_id));
  mail->messages[mail->message_count++] = message;
  return true;
}

static enum reload_mail_outcome take_in(struct fake_mail_fixture *fixture,
                                        const struct reload_mail *sent) {
  struct fake_mail *mail = fixture->mail;
  int64_t now_ms = fixture->clock->now_ms;
  fixture->call_count++;
  fake_mail_advance(mail, now_ms);
  if (now_ms < mail->down_until_ms) {
    fixture->last.was_down = true;
    return RELOAD_MAIL_REFUSED;
  }
  enum fake_mail_behaviour behaviour = FAKE_MAIL_NORMAL;
  if (fixture->choose != NULL) {
    behaviour = fixture->choose(fixture->chooser, sent);
  }
  if (behaviour == FAKE_MAIL_LOST) {
    return RELOAD_MAIL_UNKNOWN;
  }
  if (behaviour == FAKE_MAIL_REFUSED || !is_message(sent) || !keep_message(mail, sent, now_ms)) {
    return behaviour == FAKE_MAIL_REPLY_LOST ? RELOAD_MAIL_UNKNOWN : RELOAD_MAIL_REFUSED;
  }
  fixture->last.kept = true;
  return behaviour == FAKE_MAIL_REPLY_LOST ? RELOAD_MAIL_UNKNOWN : RELOAD_MAIL_ACCEPTED;
}

/* A string that the sender may have left without its end: then it is left out. */
static void note_text(char *to, const char *from, size_t size) {
  memcpy(to, from, size);
  if (!ends_within(to, size)) {
    memset(to, 0, size);
  }
}

static enum reload_mail_outcome port_deliver(void *self, const struct reload_mail *sent) {
  struct fake_mail_fixture *fixture = self;
  struct fake_mail_record *last = &fixture->last;
  memset(last, 0, sizeof *last);
  last->is_on = sent->is_on;
  note_text(last->message_id, sent->message_id, sizeof last->message_id);
  note_text(last->to, sent->to, sizeof last->to);
  note_text(last->client_id, sent->client_id, sizeof last->client_id);
  last->outcome = take_in(fixture, sent);
  return last->outcome;
}

struct reload_mail_port fake_mail_port(struct fake_mail_fixture *fixture) {
  struct reload_mail_port port = {fixture, port_deliver};
  return port;
}
