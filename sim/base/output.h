/* Files for people: each is there whole or not at all, and what a user has put in its place stays
 * what it is. Errors are numbers of errno; 0: none. */
#ifndef SIM_OUTPUT_H
#define SIM_OUTPUT_H

#include <stddef.h>

enum { SIM_OUTPUT_PATH = 4096 }; /* bytes of a path, with its end */

/* Write a file, on the disk for certain or not at all: a draft of a name that nobody has takes the
 * place of what was there. A symbolic link is followed, not replaced. What is there and is no
 * regular file (a device, a FIFO) is written into as it is; a FIFO waits for its reader.
 * Returns: 0, or why not; then what was there is as it was, if it is a regular file */
int sim_output_write(const char *path, const char *text, size_t size_bytes);

/* The first half of that, for who has more to do before the draft takes its place.
 * In:      target  a regular file or nothing, as sim_output_target() gives it
 * Out:     draft   the path of a whole and synced file beside it, with the target's mode: to be
 *                  renamed or removed by the caller
 * Returns: 0, or why not; then there is no draft */
int sim_output_draft(const char *target, const char *text, size_t size_bytes,
                     char draft[SIM_OUTPUT_PATH]);

/* Where a file is, when links are followed.
 * Returns: 0 if that is a regular file, or nothing is there yet; EEXIST if anything else is there,
 *          or a link to nothing; or why it cannot be known */
int sim_output_target(const char *path, char target[SIM_OUTPUT_PATH]);

/* A new empty file beside another, under a name that nobody has, to be renamed or removed.
 * Returns: its descriptor, to be closed; -1: errno */
int sim_output_beside(const char *target, char name[SIM_OUTPUT_PATH]);

/* Make a directory, and those above it, unless they are there. Returns: 0, or why not */
int sim_output_directory(const char *path);

#endif
