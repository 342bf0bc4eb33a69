/* Files that appear whole or not at all, several as one.
 *
 * A file is made in memory. When it is closed it goes to the disk as a draft beside its name
 * (sim_output_draft()); report_files_commit() then renames all drafts, in the order of their
 * opening. Links are followed; what is there and is no regular file is written into at once, not
 * replaced.
 */
#ifndef REPORT_FILES_H
#define REPORT_FILES_H

#include "run.h"

#include <stdio.h>

struct report_staged {
  char *path;   /* where it is to appear */
  char *target; /* that, links followed; null without a draft */
  char *draft;  /* null: renamed already, or the path is no regular file and was written into */
};

struct report_files {
  const char *directory;
  struct report_error *error; /* the first thing that went wrong; "" if nothing */
  struct report_staged *staged;
  size_t count, staged_room;
  FILE *open; /* the last file, while it is being made in `text` */
  char *text;
  size_t size;
};

/* Start. `directory` and `error` are borrowed until the end. */
void report_files_begin(struct report_files *files, const char *directory,
                        struct report_error *error);

/* Make a directory below the first one if it is not there. False and *error if that fails. */
bool report_files_directory(struct report_files *files, const char *name);

/* Begin the file NAME (relative, of safe characters). Null and *error if that fails. */
FILE *report_files_open(struct report_files *files, const char *name);

/* Close the file opened last and write it. False and *error if any byte of it was not kept. */
bool report_files_close(struct report_files *files);

/* Rename all drafts to their names and sync the directories. False and *error if one cannot be. */
bool report_files_commit(struct report_files *files, const char *const *directories, size_t count);

/* Remove the drafts that are still there and forget everything; after commit too. */
void report_files_end(struct report_files *files);

/* After commit: remove the *.html files of a directory below the first one that are not of this
 * set: pages of former runs. */
bool report_files_sweep(struct report_files *files, const char *name);

#endif
