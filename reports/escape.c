/* The escaping routines; see escape.h. */
#include "escape.h"

#include "json_print.h"
#include "utf8.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* ---- UTF-8 -------------------------------------------------------------------------------- */

#define STAND_IN 0xfffdU

static void put_utf8(FILE *out, uint32_t value) {
  if (value < 0x80) {
    putc((int)value, out);
  } else if (value < 0x800) {
    putc((int)(0xc0 | value >> 6), out);
    putc((int)(0x80 | (value & 0x3f)), out);
  } else if (value < 0x10000) {
    putc((int)(0xe0 | value >> 12), out);
    putc((int)(0x80 | (value >> 6 & 0x3f)), out);
    putc((int)(0x80 | (value & 0x3f)), out);
  } else {
    putc((int)(0xf0 | value >> 18), out);
    putc((int)(0x80 | (value >> 12 & 0x3f)), out);
    putc((int)(0x80 | (value >> 6 & 0x3f)), out);
    putc((int)(0x80 | (value & 0x3f)), out);
  }
}

/* ---- One character ------------------------------------------------------------------------ */

static bool is_control(uint32_t value) {
  return value < 0x20 || (value >= 0x7f && value < 0xa0) || value == 0x2028 || value == 0x2029;
}

static bool is_reordering(uint32_t value) {
  return (value >= 0x202a && value <= 0x202e) || (value >= 0x2066 && value <= 0x2069) ||
         value == 0x200e || value == 0x200f || value == 0x061c;
}

static bool is_noncharacter(uint32_t value) {
  return (value & 0xfffe) == 0xfffe || (value >= 0xfdd0 && value <= 0xfdef);
}

static void put_markup(FILE *out, uint32_t value) {
  switch (value) {
    case '&': fputs("&amp;", out); return;
    case '<': fputs("&lt;", out); return;
    case '>': fputs("&gt;", out); return;
    case '"': fputs("&quot;", out); return;
    case '\'': fputs("&#39;", out); return;
    case '\t': fputs("&#9;", out); return;
    case '\n': fputs("&#10;", out); return;
    default: break;
  }
  if (value < 0x20) {
    value += 0x2400; /* U+2400..: symbols for control characters */
  } else if (value == 0x7f) {
    value = 0x2421;
  } else if (is_control(value) || is_reordering(value) || is_noncharacter(value)) {
    value = STAND_IN;
  }
  put_utf8(out, value);
}

static void put_text(FILE *out, uint32_t value) {
  if (is_control(value) || is_reordering(value) || is_noncharacter(value)) {
    fprintf(out, value > 0xffff ? "\\u{%x}" : "\\u%04x", (unsigned)value);
  } else {
    put_utf8(out, value);
  }
}

static void put_yaml(FILE *out, uint32_t value) {
  if (value == '"' || value == '\\') {
    fprintf(out, "\\%c", (char)value);
  } else if (value < 0x10000 &&
             (is_control(value) || is_reordering(value) || is_noncharacter(value))) {
    fprintf(out, "\\u%04x", (unsigned)value);
  } else {
    put_utf8(out, value);
  }
}

/* ---- Strings and formats ------------------------------------------------------------------ */

typedef void put_character(FILE *out, uint32_t value);

static void put_bytes(FILE *out, const char *text, size_t length, put_character *put) {
  size_t at = 0;
  while (at < length) {
    uint32_t value = STAND_IN; /* for each byte that is not UTF-8 */
    size_t size = sim_utf8_decode(text + at, length - at, &value);
    at += size == 0 ? 1 : size;
    put(out, value);
  }
}

void report_markup_bytes(FILE *out, const char *text, size_t length) {
  put_bytes(out, text, length, put_markup);
}

void report_text_bytes(FILE *out, const char *text, size_t length) {
  put_bytes(out, text, length, put_text);
}

void report_yaml_string(FILE *out, const char *text) {
  putc('"', out);
  put_bytes(out, text, strlen(text), put_yaml);
  putc('"', out);
}

void report_json(json_t *document, FILE *out) {
  sim_json_print(document, JSON_ENSURE_ASCII, out);
  json_decref(document);
}

static bool starts(const char *text, const char *start) {
  return strncmp(text, start, strlen(start)) == 0;
}

/* A va_list inside a struct, so that it may be passed on by address. */
struct arguments {
  va_list list;
};

/* Write the argument of one directive, `format` being past its '%'. Returns its length. */
static size_t put_directive(FILE *out, const char *format, struct arguments *arguments,
                            put_character *put) {
  if (starts(format, "s")) {
    const char *text = va_arg(arguments->list, const char *);
    put_bytes(out, text, strlen(text), put);
    return 1;
  }
  if (starts(format, "c")) {
    put(out, (uint32_t)va_arg(arguments->list, int));
    return 1;
  }
  if (starts(format, "d")) {
    fprintf(out, "%d", va_arg(arguments->list, int));
    return 1;
  }
  if (starts(format, "ld")) {
    fprintf(out, "%ld", va_arg(arguments->list, long));
    return 2;
  }
  if (starts(format, "zu")) {
    fprintf(out, "%zu", va_arg(arguments->list, size_t));
    return 2;
  }
  if (starts(format, "lld")) {
    fprintf(out, "%lld", va_arg(arguments->list, long long));
    return 3;
  }
  putc('%', out);
  return starts(format, "%") ? 1 : 0;
}

static void put_format(FILE *out, const char *format, struct arguments *arguments,
                       put_character *put) {
  while (*format != '\0') {
    const char *directive = strchr(format, '%');
    if (directive == NULL) {
      fputs(format, out);
      return;
    }
    (void)fwrite(format, 1, (size_t)(directive - format), out);
    format = directive + 1;
    format += put_directive(out, format, arguments, put);
  }
}

void report_markup(FILE *out, const char *format, ...) {
  struct arguments arguments;
  va_start(arguments.list, format);
  put_format(out, format, &arguments, put_markup);
  va_end(arguments.list);
}

void report_text(FILE *out, const char *format, ...) {
  struct arguments arguments;
  va_start(arguments.list, format);
  put_format(out, format, &arguments, put_text);
  va_end(arguments.list);
}
