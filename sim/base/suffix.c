#include "suffix.h"

#include <string.h>

bool sim_ends_in(const char *text, const char *suffix) {
  size_t size = strlen(text), suffix_size = strlen(suffix);
  return size >= suffix_size && strcmp(text + size - suffix_size, suffix) == 0;
}
