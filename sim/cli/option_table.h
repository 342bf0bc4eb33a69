/* The commands and options of reloadsim, each defined once. The command line is read by these
 * tables, and --help and the hints are made from them. */
#ifndef SIM_OPTION_TABLE_H
#define SIM_OPTION_TABLE_H

#include "options.h"
#include "words.h"

/* Two columns of a help text; a row without `left` ends a list. */
struct sim_help_row {
  const char *left, *right;
};

struct sim_command_row {
  const char *name;     /* "run" */
  const char *operands; /* "[PATH...]" */
  const char *summary;  /* one line of at most 60 characters */
  const char *usage;    /* another way to call it, or null */
  const char *text;     /* what it does: paragraphs with a line feed between them */
  const char *more;     /* paragraphs after the options, or null */
  const char *codes;    /* the headline of `exits`, or null */
  struct sim_help_row exits[8];
  struct sim_help_row examples[6];
};

/* What an option does to struct sim_options, at an offset of it. */
enum sim_option_kind {
  SIM_OPTION_FLAG,  /* bool: set */
  SIM_OPTION_TEXT,  /* const char *: any text */
  SIM_OPTION_FILE,  /* const char *: a file or directory, not "" */
  SIM_OPTION_INT,   /* int: least..most */
  SIM_OPTION_INT64, /* int64_t or uint64_t: least..most */
  SIM_OPTION_WORD,  /* an enum: one of `words` */
  SIM_OPTION_SHARD, /* shard and shard_count: "2/4" */
  SIM_OPTION_TIME,  /* int64_t, milliseconds: "90s" */
  SIM_OPTION_HELP
};

struct sim_option_row {
  const char *name;     /* "jobs" */
  char letter;          /* 'j', or 0 */
  const char *argument; /* "N"; null: it takes no value */
  unsigned commands;    /* a bit 1 << enum sim_command each; an option may have rows for several */
  const char *summary;  /* one line of at most 60 characters */
  const char *more;     /* sentences that follow it in --help, or null */
  const char *standard; /* its default, as it is written on a command line; null: none */
  enum sim_option_kind kind;
  size_t offset;
  int64_t least, most;
  const struct sim_words *words;
};

extern const struct sim_command_row sim_command_rows[]; /* by enum sim_command, up to HELP */
extern const struct sim_option_row sim_option_rows[];   /* in the order of --help */
extern const int sim_option_row_count;

/* What --help says about the program itself. */
extern const char sim_help_title[], sim_help_text[], sim_help_end[];
extern const struct sim_help_row sim_help_exits[];

#endif
