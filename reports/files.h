/* Files that appear whole or not at all, several as one.
 *
 * Each file is written under a name that nobody has, beside its own, flushed and synced when it is
 * closed; report_files_commit() then renames them all, in the order of their opening. Links are
 * followed; what is there and is no regular file is written into at once, not replaced.
 */
#ifndef REPORT_FILES_H
#define REPORT_FILES_H

#include "run.h"

#include <stdio.h>

struct report_staged {
  char *path;   /* where it is to appear */
  char *target; /* that, links followed; may be null without a draft */
  char *draft;  /* null: the path is no regular file and is written into as it is */
};

struct report_files {
  const char *directory;
  struct report_error *error; /* the first thing that went wrong; "" if nothing */
  struct report_staged *staged;
  size_t count;
  FILE *open; /* the last file, while it is being written */
};

/* Start. `directory` and `error` are borrowed until the end. */
void report_files_begin(struct report_files *files, const char *directory,
                        struct report_error *error);

/* Make a directory below the first one if it is not there. False and *error if that fails. */
bool report_files_directory(struct report_files *files, const char *name);

/* Open a draft of NAME (relative, of safe characters). Null and *error if that fails. */
FILE *report_files_open(struct report_files *files, const char *name);

/* Flush, sync and close the file opened last. False and *error if any byte of it was not kept. */
bool report_files_close(struct report_files *files);

/* Rename all drafts to their names and sync the directories. False and *error if one cannot be. */
bool report_files_commit(struct report_files *files, const char *const *directories, size_t count);

/* Remove the drafts that are still there and forget everything; after commit too. */
void report_files_end(struct report_files *files);

/* After commit: remove the *.html files of a directory below the first one that are not of this
 * set: pages of former runs. */
bool report_files_sweep(struct report_files *files, const char *name);

#endif
