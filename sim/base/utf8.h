/* UTF-8 as the Unicode standard defines it: no overlong forms, no surrogates, nothing beyond
 * U+10FFFF. (The engine checks ids itself: it knows nothing of the simulator.) */
#ifndef SIM_UTF8_H
#define SIM_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decode the character at `text`, of which `left_bytes` bytes may be read.
 * Returns: how many bytes (1..4) it has; 0, and *character unchanged, if it is not valid UTF-8 */
size_t sim_utf8_decode(const char *text, size_t left_bytes, uint32_t *character);

/* The same, without the character. */
size_t sim_utf8_size(const char *text, size_t left_bytes);

/* Whether a whole text is valid. */
bool sim_utf8_valid(const char *text);

#endif
