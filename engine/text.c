#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { ID_LIMIT = 64, EMAIL_LIMIT = 254, LOCAL_LIMIT = 64, LABEL_LIMIT = 63 };

_Static_assert(ID_LIMIT < RELOAD_ID_SIZE, "an id must fit into its array");
_Static_assert(EMAIL_LIMIT < RELOAD_EMAIL_SIZE, "an address must fit into its array");

/* ---- UTF-8 -------------------------------------------------------------------------------- */

static size_t rune_size(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  if (first >= 0xf0 && first <= 0xf4) return 4;
  return 0; /* a continuation byte, an overlong C0 or C1, or beyond U+10FFFF */
}

/* Decode the character at `text` (`size` > 0 bytes are left): its length, or 0 if malformed. */
static size_t rune_read(const char *text, size_t size, uint32_t *rune) {
  static const unsigned char first_mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  size_t length = rune_size((unsigned char)text[0]);
  if (length == 0 || length > size) return 0;
  uint32_t value = (unsigned char)text[0] & first_mask[length];
  for (size_t i = 1; i < length; i++) {
    unsigned char byte = (unsigned char)text[i];
    if ((byte & 0xc0) != 0x80) return 0;
    value = (value << 6) | (byte & 0x3fu);
  }
  if (value < smallest[length] || value > 0x10ffff) return 0;
  if (value >= 0xd800 && value <= 0xdfff) return 0; /* surrogates */
  *rune = value;
  return length;
}

/* C0, DEL, C1, and the two separators that some readers take for a line break. */
static bool rune_is_control(uint32_t rune) {
  return rune < 0x20 || (rune >= 0x7f && rune <= 0x9f) || rune == 0x2028 || rune == 0x2029;
}

/* ---- Messages ----------------------------------------------------------------------------- */

/* Escape a character, or a malformed byte, that must not be shown unchanged. */
static void rune_escape(uint32_t rune, bool is_character, char *to, size_t size) {
  int length;
  if (rune == '\n')
    length = snprintf(to, size, "\\n");
  else if (rune == '\r')
    length = snprintf(to, size, "\\r");
  else if (rune == '\t')
    length = snprintf(to, size, "\\t");
  else if (is_character && rune > 0x7f)
    length = snprintf(to, size, "\\u%04x", (unsigned)rune);
  else
    length = snprintf(to, size, "\\x%02x", (unsigned)rune);
  if (length < 0) to[0] = '\0';
}

/* Append the next character of `from`, escaped if needed. False when it does not fit. */
static bool message_append(char *to, size_t size, size_t *used, const char *from, size_t *taken) {
  char piece[8] = {0};
  uint32_t rune = 0;
  size_t length = rune_read(from, strlen(from), &rune);
  *taken = length > 0 ? length : 1;
  if (length == 0) {
    rune_escape((unsigned char)from[0], false, piece, sizeof piece);
  } else if (rune_is_control(rune)) {
    rune_escape(rune, true, piece, sizeof piece);
  } else {
    memcpy(piece, from, length);
  }
  size_t piece_size = strlen(piece);
  if (*used + piece_size >= size) return false;
  memcpy(to + *used, piece, piece_size);
  *used += piece_size;
  return true;
}

void rl_message_set(struct reload_message *message, const char *format, ...) {
  static const char dots[] = "...";
  char raw[sizeof message->text * 2]; /* escaping never shortens, so this cut is also one below */
  size_t used = 0, taken = 0, cut = 0;
  if (message == NULL) return;
  memset(message, 0, sizeof *message);

  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(raw, sizeof raw, format, arguments);
  va_end(arguments);
  if (length < 0) (void)rl_text_copy(raw, sizeof raw, "the message cannot be shown");

  for (const char *from = raw; *from != '\0'; from += taken) {
    if (!message_append(message->text, sizeof message->text, &used, from, &taken)) {
      memset(message->text + cut, 0, sizeof message->text - cut);
      memcpy(message->text + cut, dots, sizeof dots);
      return;
    }
    if (used + sizeof dots <= sizeof message->text) cut = used; /* the last place for the dots */
  }
}

/* ---- Copies ------------------------------------------------------------------------------- */

bool rl_text_copy(char *to, size_t size, const char *from) {
  if (size == 0) return false;
  memset(to, 0, size);
  if (from == NULL) return false;
  size_t length = strnlen(from, size);
  if (length == size) return false;
  memcpy(to, from, length);
  return true;
}

void rl_text_keep(char *to, size_t size, const char *from) { (void)rl_text_copy(to, size, from); }

/* ---- Ids ---------------------------------------------------------------------------------- */

enum reload_error rl_text_id(const char *value, const char *what, struct reload_message *message) {
  size_t size = value == NULL ? 0 : strnlen(value, ID_LIMIT + 1);
  if (size == 0) {
    rl_message_set(message, "the %s is missing: give 1 to %d bytes of text", what, ID_LIMIT);
    return RELOAD_INVALID;
  }
  if (size > ID_LIMIT) {
    rl_message_set(message, "the %s is too long: at most %d bytes; it starts \"%.32s\"", what,
                   ID_LIMIT, value);
    return RELOAD_INVALID;
  }
  uint32_t rune = 0;
  for (size_t at = 0, length; at < size; at += length) {
    length = rune_read(value + at, size - at, &rune);
    if (length == 0) {
      rl_message_set(message, "the %s is not valid UTF-8 at byte %zu: \"%s\"", what, at + 1, value);
      return RELOAD_INVALID;
    }
    if (rune_is_control(rune)) {
      rl_message_set(message, "the %s has a control character at byte %zu: \"%s\"", what, at + 1,
                     value);
      return RELOAD_INVALID;
    }
  }
  if (value[0] == ' ' || value[size - 1] == ' ') {
    rl_message_set(message, "the %s starts or ends with a space: \"%s\"", what, value);
    return RELOAD_INVALID;
  }
  return RELOAD_OK;
}

/* ---- Addresses ---------------------------------------------------------------------------- */

/* ASCII only and without the locale, unlike isalnum(). */
static bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_local_character(char c) {
  return c != '\0' && (is_alphanumeric(c) || strchr("!#$%&'*+-/=?^_`{|}~.", c) != NULL);
}

static bool is_local_part(const char *text, size_t size) {
  if (size == 0 || size > LOCAL_LIMIT || text[0] == '.' || text[size - 1] == '.') return false;
  for (size_t i = 0; i < size; i++) {
    if (!is_local_character(text[i])) return false;
    if (text[i] == '.' && text[i + 1] == '.') return false;
  }
  return true;
}

static bool is_label(const char *text, size_t size) {
  if (size == 0 || size > LABEL_LIMIT || text[0] == '-' || text[size - 1] == '-') return false;
  for (size_t i = 0; i < size; i++) {
    if (!is_alphanumeric(text[i]) && text[i] != '-') return false;
  }
  return true;
}

static bool is_domain(const char *text) {
  int label_count = 0;
  for (;;) {
    size_t size = strcspn(text, ".");
    if (!is_label(text, size)) return false;
    label_count++;
    if (text[size] == '\0') return label_count >= 2;
    text += size + 1;
  }
}

enum reload_error rl_text_email(const char *value, const char *what,
                                struct reload_message *message) {
  size_t size = value == NULL ? 0 : strnlen(value, EMAIL_LIMIT + 1);
  if (size == 0) {
    rl_message_set(message, "the %s is missing: give one address, name@domain", what);
    return RELOAD_INVALID;
  }
  if (size > EMAIL_LIMIT) {
    rl_message_set(message, "the %s is too long: at most %d bytes", what, EMAIL_LIMIT);
    return RELOAD_INVALID;
  }
  const char *at = strchr(value, '@');
  if (at == NULL || strchr(at + 1, '@') != NULL) {
    rl_message_set(message, "the %s must have exactly one @: \"%s\"", what, value);
    return RELOAD_INVALID;
  }
  if (!is_local_part(value, (size_t)(at - value))) {
    rl_message_set(message, "the %s has a bad name before the @: \"%s\"", what, value);
    return RELOAD_INVALID;
  }
  if (!is_domain(at + 1)) {
    rl_message_set(message, "the %s has a bad domain after the @: \"%s\"", what, value);
    return RELOAD_INVALID;
  }
  return RELOAD_OK;
}

/* ---- Currencies --------------------------------------------------------------------------- */

enum reload_error rl_text_currency(const char *value, const char *what,
                                   struct reload_message *message) {
  bool good = value != NULL && strnlen(value, 4) == 3;
  for (int i = 0; good && i < 3; i++) good = value[i] >= 'a' && value[i] <= 'z';
  if (good) return RELOAD_OK;
  rl_message_set(message, "the %s must be three lower-case letters, such as \"usd\"", what);
  return RELOAD_INVALID;
}
