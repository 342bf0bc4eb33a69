#include "utf8.h"

#include <string.h>

static size_t size_by_first_byte(unsigned char first) {
  return first < 0x80   ? 1
         : first < 0xc2 ? 0
         : first < 0xe0 ? 2
         : first < 0xf0 ? 3
         : first < 0xf5 ? 4
                        : 0;
}

size_t sim_utf8_decode(const char *text, size_t left_bytes, uint32_t *character) {
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const unsigned char *bytes = (const unsigned char *)text;
  size_t size = left_bytes > 0 ? size_by_first_byte(bytes[0]) : 0;
  if (size == 0 || size > left_bytes) return 0;
  uint32_t value = size == 1 ? bytes[0] : bytes[0] & (0xffU >> (size + 1));
  for (size_t i = 1; i < size; i++) {
    if ((bytes[i] & 0xc0) != 0x80) return 0;
    value = value << 6 | (bytes[i] & 0x3fU);
  }
  bool is_surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < least[size] || value > 0x10ffff || is_surrogate) return 0;
  *character = value;
  return size;
}

size_t sim_utf8_size(const char *text, size_t left_bytes) {
  uint32_t character;
  return sim_utf8_decode(text, left_bytes, &character);
}

bool sim_utf8_valid(const char *text) {
  size_t size = strlen(text), at = 0;
  for (size_t step; at < size && (step = sim_utf8_size(text + at, size - at)) > 0;) at += step;
  return at == size;
}
