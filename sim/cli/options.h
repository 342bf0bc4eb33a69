/* The command line. */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

#include "formats.h"
#include "processes.h"
#include "words.h"

#include <stdbool.h>
#include <stdint.h>

/* Exit codes, as --help documents them. */
enum sim_exit {
  SIM_EXIT_PASSED = 0,
  SIM_EXIT_FAILED = 1, /* a case failed, or its search was not exhausted */
  SIM_EXIT_USAGE = 2,
  SIM_EXIT_INVALID = 3,          /* a scenario file has mistakes */
  SIM_EXIT_NOTHING = 4,          /* no case was selected */
  SIM_EXIT_NONDETERMINISTIC = 7, /* a case was different when it was run again */
  SIM_EXIT_INTERNAL = 70,        /* or the results could not be written */
  SIM_EXIT_INTERRUPTED = 130
};

enum { SIM_MAX_JOBS = SIM_MAX_WORKERS };
#define SIM_MAX_STATES_DEFAULT 1000000
#define SIM_MEMO_MB 128
#define SIM_MEMO_LEAST_MB 8 /* with less, steps would be run again and again */

enum sim_command {
  SIM_COMMAND_RUN,
  SIM_COMMAND_CHECK,
  SIM_COMMAND_REPLAY,
  SIM_COMMAND_CERTIFY,
  SIM_COMMAND_FUZZ,
  SIM_COMMAND_REPORT,
  SIM_COMMAND_HELP,
  SIM_COMMAND_VERSION
};

/* Which faults a run may show. */
enum sim_faults { SIM_FAULTS_NONE, SIM_FAULTS_DECLARED, SIM_FAULTS_SINGLE, SIM_FAULTS_PAIRS };

struct sim_options {
  enum sim_command command;
  const char *topic; /* of --help: a command, or null */
  int path_count;
  char **paths;       /* of argv */
  const char *filter; /* or null */
  int jobs;           /* 1..SIM_MAX_JOBS */
  uint64_t seed;
  enum report_format format;
  const char *report; /* directory, or null: none */
  const char *rules;  /* path, or null: the project's */
  int stop_at;        /* of replay: a step's number, or 0 */
  bool gdb;           /* of replay */
  bool anyway;        /* of replay: a trace that was edited, or of something else */
  int64_t max_states;
  int memo_mb;  /* memory for remembered steps */
  bool no_memo; /* remember no step */
  enum sim_faults faults;
  bool list;
  bool fail_fast;
  bool verify_determinism;
  bool resume;         /* of run: take over the results of an interrupted run */
  int shard;           /* 1..shard_count: this part of the cases or runs; 0: all of them */
  int shard_count;     /* or 0 */
  const char *check;   /* of certify: the certificate to compare with, or null */
  const char *output;  /* of certify: the file to write, or null: standard output */
  int64_t run_count;   /* of fuzz; 0: until the time is over */
  int64_t duration_ms; /* of fuzz; 0: not given */
  bool no_minimise;    /* do not minimise failures */
};

/* Read the command line. Paths and the filter are checked to be UTF-8. Returns: false after writing
 * to standard error what is wrong */
bool sim_options_read(int argc, char **argv, struct sim_options *options);

/* The words of --faults, by enum sim_faults. */
extern const struct sim_words sim_fault_words;

/* "single", as --faults takes it. */
const char *sim_faults_word(enum sim_faults faults);

/* The reverse; the word must be one of them. */
enum sim_faults sim_faults_named(const char *word);

/* How many injected faults a run may show. */
int sim_faults_budget(enum sim_faults faults);

/* Print the help on a command, or the overview if topic is null (help.c). */
void sim_options_help(const char *topic);

#endif
