/* Files that are read whole. They come from people and may contain anything. */
#ifndef SIM_INPUT_H
#define SIM_INPUT_H

#include <stddef.h>

#define SIM_INPUT_PROBLEM_SIZE 100

/* Read a regular file. Anything else is refused without waiting, also a FIFO.
 * In:      most_bytes  a larger file is refused
 * Out:     *size_bytes without the NUL that is added
 *          problem why there is no text, such as "there is no such file"; the same on every system
 * Returns: the text, to be freed by the caller with free(); null with *problem */
char *sim_input_read(const char *path, size_t most_bytes, size_t *size_bytes,
                     char problem[SIM_INPUT_PROBLEM_SIZE]);

#endif
