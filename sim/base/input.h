/* Files that are read whole. They come from people, and may be anything. */
#ifndef SIM_INPUT_H
#define SIM_INPUT_H

#include <stddef.h>

#define SIM_INPUT_PROBLEM_SIZE 100

/* Read a regular file. Nothing else is waited for: a FIFO is refused.
 * Out:     *size_bytes  without the NUL that is added
 *          problem      why there is no text: "there is no such file"; the same words on every
 *          system
 * Returns: the text, to be freed with free(); null with *problem */
char *sim_input_read(const char *path, size_t most_bytes, size_t *size_bytes,
                     char problem[SIM_INPUT_PROBLEM_SIZE]);

#endif
