/* Files that appear whole or not at all, several at once.
 *
 * A file is made in memory. When it is closed it goes to the disk as a draft beside its name
 * (sim_output_draft()); report_files_commit() then renames all drafts, in the order of their
 * opening. Links are followed; an existing path that is not a regular file is written directly, not
 * replaced.
 */
#ifndef REPORT_FILES_H
#define REPORT_FILES_H

#include "run.h"

#include <stdio.h>

struct report_staged {
  char *path;   /* its final path */
  char *target; /* the final path with links resolved; null without a draft */
  char *draft;  /* null: renamed, or written directly */
};

struct report_files {
  const char *directory;
  struct report_error *error; /* the first error; "" if none */
  struct report_staged *staged;
  size_t count, staged_room;
  FILE *open; /* the open file, in `text` */
  char *text;
  size_t size;
};

/* Start. `directory` and `error` are borrowed until the end. */
void report_files_begin(struct report_files *files, const char *directory,
                        struct report_error *error);

/* Make a directory below the first one if it is missing. Returns: false and *error if that fails */
bool report_files_directory(struct report_files *files, const char *name);

/* Begin the file NAME (relative, of safe characters). Returns: null and *error if that fails */
FILE *report_files_open(struct report_files *files, const char *name);

/* Close the file opened last and write it. Returns: false and *error if not every byte was
 * written */
bool report_files_close(struct report_files *files);

/* Rename all drafts to their names and sync the directories. Returns: false and *error if one
 * fails */
bool report_files_commit(struct report_files *files, const char *const *directories, size_t count);

/* Remove remaining drafts and release everything. Needed after a commit, too. */
void report_files_end(struct report_files *files);

/* After a commit: remove the *.html files in a directory below the first one that are not of this
 * set, the pages of earlier runs. */
bool report_files_sweep(struct report_files *files, const char *name);

#endif
