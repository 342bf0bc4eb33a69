/* Files for people: each is written whole or not at all, and links, devices and FIFOs of the user
 * stay what they are. Errors are numbers of errno; 0: none. */
#ifndef SIM_OUTPUT_H
#define SIM_OUTPUT_H

#include <stddef.h>

enum { SIM_OUTPUT_PATH = 4096 }; /* bytes of a path, with the NUL */

/* Write a file, synced to the disk, or not at all: a draft under a unique name replaces what was
 * there. A symbolic link is followed, not replaced. A device or a FIFO is written into; a FIFO
 * waits for its reader.
 * Returns: 0, or the error; then a regular file that was there is unchanged */
int sim_output_write(const char *path, const char *text, size_t size_bytes);

/* The first half of sim_output_write(), for callers that do more before the draft replaces the
 * target.
 * In:      target  a regular file or nothing, as sim_output_target() gives it
 * Out:     draft   the path of a complete and synced file beside it, with the target's mode: to be
 *                  renamed or removed by the caller
 * Returns: 0, or the error; then there is no draft */
int sim_output_draft(const char *target, const char *text, size_t size_bytes,
                     char draft[SIM_OUTPUT_PATH]);

/* The path of a file after following links.
 * Returns: 0 if it is a regular file, or nothing is there yet; EEXIST if anything else is there, or
 *          a link to nothing; or the error */
int sim_output_target(const char *path, char target[SIM_OUTPUT_PATH]);

/* Make an empty file beside another, under a unique name; to be renamed or removed by the caller.
 * Returns: its descriptor, to be closed by the caller; -1 and errno */
int sim_output_beside(const char *target, char name[SIM_OUTPUT_PATH]);

/* Make a directory and its parents, unless they exist.
 * Returns: 0, or the error */
int sim_output_directory(const char *path);

#endif
