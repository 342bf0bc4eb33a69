#include "options.h"

#include "utf8.h"
#include "words.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const commands[] = {[SIM_COMMAND_RUN] = "run",
                                       [SIM_COMMAND_CHECK] = "check",
                                       [SIM_COMMAND_REPLAY] = "replay",
                                       [SIM_COMMAND_CERTIFY] = "certify",
                                       [SIM_COMMAND_FUZZ] = "fuzz"};

struct option_list { /* of one command, as getopt_long() and sim_words_nearest() want it */
  int count;
  const char *names[32];
  struct option options[32];
  char letters[16];
};

__attribute__((format(printf, 2, 3))) static bool wrong(const struct sim_options *options,
                                                        const char *format, ...) {
  va_list arguments;
  fputs("reloadsim: ", stderr);
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  bool known_command = options->command < SIM_COMMAND_HELP;
  fprintf(stderr, "\nSee reloadsim%s%s --help\n", known_command ? " " : "",
          known_command ? commands[options->command] : "");
  return false;
}

static bool number(const char *text, int64_t least, int64_t most, int64_t *value) {
  char *end = NULL;
  errno = 0;
  long long read = strtoll(text, &end, 0);
  *value = read;
  return errno == 0 && end != text && *end == '\0' && read >= least && read <= most;
}

static bool take_format(struct sim_options *options) {
  static const char *const list[] = {"text", "junit", "tap", "json"};
  static const struct sim_words formats = {"format", 4, list};
  int index = sim_words_index(&formats, optarg);
  if (index < 0)
    return wrong(options, "--format must be text, junit, tap or json, not \"%s\"", optarg);
  options->format = (enum sim_format)index;
  return true;
}

static const char *const faults_list[] = {"none", "declared", "single", "pairs"};
static const struct sim_words faults_words = {"faults", 4, faults_list}; /* enum sim_faults */

const char *sim_faults_word(enum sim_faults faults) { return faults_list[faults]; }

enum sim_faults sim_faults_named(const char *word) {
  return (enum sim_faults)sim_words_index(&faults_words, word);
}

int sim_faults_budget(enum sim_faults faults) {
  return faults == SIM_FAULTS_SINGLE ? 1 : faults == SIM_FAULTS_PAIRS ? 2 : 0;
}

static bool take_faults(struct sim_options *options) {
  int index = sim_words_index(&faults_words, optarg);
  if (index < 0)
    return wrong(options, "--faults must be none, declared, single or pairs, not \"%s\"", optarg);
  options->faults = (enum sim_faults)index;
  return true;
}

/* ---- Which command takes which options ---- */

enum {
  RUN = 1u << SIM_COMMAND_RUN,
  CHECK = 1u << SIM_COMMAND_CHECK,
  REPLAY = 1u << SIM_COMMAND_REPLAY,
  CERTIFY = 1u << SIM_COMMAND_CERTIFY,
  FUZZ = 1u << SIM_COMMAND_FUZZ
};

enum code {
  OPTION_FILTER = 'f',
  OPTION_JOBS = 'j',
  OPTION_HELP = 'h',
  OPTION_SEED = 256,
  OPTION_FORMAT,
  OPTION_REPORT,
  OPTION_MAX_STATES,
  OPTION_VERIFY,
  OPTION_LIST,
  OPTION_RULES,
  OPTION_FAIL_FAST,
  OPTION_FAULTS,
  OPTION_RESUME,
  OPTION_SHARD,
  OPTION_AT,
  OPTION_GDB,
  OPTION_ANYWAY,
  OPTION_NO_SHRINK,
  OPTION_CHECK,
  OPTION_OUTPUT,
  OPTION_RUNS,
  OPTION_TIME
};

static const struct known {
  const char *name;
  enum code option;
  int takes; /* no_argument, required_argument */
  unsigned commands;
} known[] = {{"filter", OPTION_FILTER, required_argument, RUN | CERTIFY},
             {"jobs", OPTION_JOBS, required_argument, RUN | CERTIFY | FUZZ},
             {"seed", OPTION_SEED, required_argument, RUN | CERTIFY | FUZZ},
             {"format", OPTION_FORMAT, required_argument, RUN},
             {"report", OPTION_REPORT, required_argument, RUN | FUZZ},
             {"faults", OPTION_FAULTS, required_argument, RUN | CERTIFY},
             {"max-states", OPTION_MAX_STATES, required_argument, RUN | CERTIFY},
             {"verify-determinism", OPTION_VERIFY, no_argument, RUN},
             {"fail-fast", OPTION_FAIL_FAST, no_argument, RUN},
             {"resume", OPTION_RESUME, no_argument, RUN},
             {"shard", OPTION_SHARD, required_argument, RUN | FUZZ},
             {"no-shrink", OPTION_NO_SHRINK, no_argument, RUN | FUZZ},
             {"list", OPTION_LIST, no_argument, RUN},
             {"at", OPTION_AT, required_argument, REPLAY},
             {"gdb", OPTION_GDB, no_argument, REPLAY},
             {"anyway", OPTION_ANYWAY, no_argument, REPLAY},
             {"check", OPTION_CHECK, required_argument, CERTIFY},
             {"output", OPTION_OUTPUT, required_argument, CERTIFY},
             {"runs", OPTION_RUNS, required_argument, FUZZ},
             {"time", OPTION_TIME, required_argument, FUZZ},
             {"rules", OPTION_RULES, required_argument, RUN | CHECK | REPLAY | CERTIFY | FUZZ},
             {"help", OPTION_HELP, no_argument, RUN | CHECK | REPLAY | CERTIFY | FUZZ}};
enum { KNOWN = sizeof known / sizeof known[0] };

/* The options of a command as getopt_long() wants them. */
static void options_of(enum sim_command command, struct option_list *list) {
  int count = 0;
  size_t letters = 0;
  list->letters[letters++] = ':';
  for (int i = 0; i < KNOWN; i++) {
    if (!(known[i].commands & 1u << command)) continue;
    list->names[count] = known[i].name;
    list->options[count++] = (struct option){
        .name = known[i].name, .has_arg = known[i].takes, .val = (int)known[i].option};
    if ((int)known[i].option > UCHAR_MAX) continue;
    list->letters[letters++] = (char)known[i].option;
    if (known[i].takes == required_argument) list->letters[letters++] = ':';
  }
  list->options[count] = (struct option){.name = NULL};
  list->letters[letters] = '\0';
  list->count = count;
}

/* ---- Values ---- */

static bool take_number(const struct sim_options *options, const char *name, int64_t least,
                        int64_t most, int64_t *value) {
  if (number(optarg, least, most, value)) return true;
  return wrong(options, "%s must be a number from %lld to %lld, not \"%s\"", name, (long long)least,
               (long long)most, optarg);
}

/* "2/4" */
static bool take_shard(struct sim_options *options) {
  char *slash = NULL, *end = NULL;
  long shard = strtol(optarg, &slash, 10);
  long count = *slash == '/' ? strtol(slash + 1, &end, 10) : 0;
  if (slash == optarg || !end || end == slash + 1 || *end || shard < 1 || shard > count ||
      count > 10000)
    return wrong(options, "--shard must be I/N with 1 <= I <= N <= 10000, not \"%s\"", optarg);
  options->shard = (int)shard;
  options->shard_count = (int)count;
  return true;
}

/* "300", "300s", "5m", "2h" */
static bool take_time(struct sim_options *options) {
  char *end = NULL;
  errno = 0;
  long long value = strtoll(optarg, &end, 10);
  int64_t unit_ms = strcmp(end, "m") == 0            ? 60000
                    : strcmp(end, "h") == 0          ? 3600000
                    : !*end || strcmp(end, "s") == 0 ? 1000
                                                     : 0;
  if (errno || end == optarg || unit_ms == 0 || value < 1 || value > 1000000)
    return wrong(options, "--time must be a duration such as 90s, 5m or 2h, not \"%s\"", optarg);
  options->duration_ms = value * unit_ms;
  return true;
}

static bool take_file(const struct sim_options *options, const char *name, const char **file) {
  *file = optarg;
  return optarg[0] || wrong(options, "%s needs a file", name);
}

/* What getopt_long() stopped at, with the nearest option there is. */
static bool refuse_option(int option, char *const *argv, const struct option_list *list,
                          const struct sim_options *options) {
  struct sim_words words = {"option", list->count, list->names};
  const char *given = argv[optind - 1];
  if (option == ':') return wrong(options, "%s needs a value", given);
  if (strncmp(given, "--", 2) == 0 && optopt != 0)
    return wrong(options, "%s: this option takes no value", given);
  if (optopt != 0) return wrong(options, "there is no option -%c", optopt);
  const char *near = sim_words_nearest(&words, given + 2);
  if (!near) return wrong(options, "there is no option %s", given);
  return wrong(options, "there is no option %s, did you mean --%s?", given, near);
}

static bool take_limit(int option, struct sim_options *options) {
  int64_t value = 0;
  bool taken = true;
  switch (option) {
    case OPTION_JOBS:
      taken = take_number(options, "--jobs", 1, SIM_MAX_JOBS, &value);
      options->jobs = (int)value;
      return taken;
    case OPTION_SEED:
      taken = take_number(options, "--seed", 0, INT64_MAX, &value);
      options->seed = (uint64_t)value;
      return taken;
    case OPTION_AT:
      taken = take_number(options, "--at", 1, 1000000, &value);
      options->stop_at = (int)value;
      return taken;
    case OPTION_RUNS:
      return take_number(options, "--runs", 1, INT64_C(1000000000000), &options->run_count);
    default: return take_number(options, "--max-states", 1, 4000000000, &options->max_states);
  }
}

static bool take(int option, char *const *argv, const struct option_list *list,
                 struct sim_options *options) {
  switch (option) {
    case OPTION_JOBS:
    case OPTION_SEED:
    case OPTION_AT:
    case OPTION_RUNS:
    case OPTION_MAX_STATES: return take_limit(option, options);
    case OPTION_FILTER: options->filter = optarg; return true;
    case OPTION_FORMAT: return take_format(options);
    case OPTION_FAULTS: return take_faults(options);
    case OPTION_SHARD: return take_shard(options);
    case OPTION_TIME: return take_time(options);
    case OPTION_REPORT:
      if (!optarg[0]) return wrong(options, "--report needs a directory");
      options->report = optarg;
      return true;
    case OPTION_CHECK: return take_file(options, "--check", &options->check);
    case OPTION_OUTPUT: return take_file(options, "--output", &options->output);
    case OPTION_RULES: options->rules = optarg; return true;
    case OPTION_VERIFY: return options->verify_determinism = true;
    case OPTION_FAIL_FAST: return options->fail_fast = true;
    case OPTION_RESUME: return options->resume = true;
    case OPTION_NO_SHRINK: return options->no_shrink = true;
    case OPTION_LIST: return options->list = true;
    case OPTION_GDB: return options->gdb = true;
    case OPTION_ANYWAY: return options->anyway = true;
    case OPTION_HELP:
      if (options->command < SIM_COMMAND_HELP) options->topic = commands[options->command];
      options->command = SIM_COMMAND_HELP; /* said twice, it stays the same help */
      return true;
    default: return refuse_option(option, argv, list, options);
  }
}

/* ---- The whole line ---- */

/* They are repeated in reports, which are UTF-8. */
static bool check_texts(const struct sim_options *options) {
  if (options->filter && !sim_utf8_valid(options->filter))
    return wrong(options, "--filter must be UTF-8 text");
  for (int i = 0; i < options->path_count; i++)
    if (!sim_utf8_valid(options->paths[i]) || options->paths[i][0] == '\0')
      return wrong(options, "\"%s\" is not a path in UTF-8", options->paths[i]);
  return true;
}

/* Options that the command line says itself, as a bit set. */
static unsigned long long bit_of(int option) { return 1ULL << (option & 63); }
static bool said(unsigned long long given, int option) { return (given & bit_of(option)) != 0; }

/* Options that would do nothing: beside `option` only those of `allowed` have an effect. */
struct alone {
  int option;
  const char *why;
  int allowed[4];
};

static bool check_alone(const struct sim_options *options, unsigned long long given) {
  static const struct alone alone[] = {
      {OPTION_LIST,
       "--list runs nothing: only --filter, --shard and --rules can go with it",
       {OPTION_FILTER, OPTION_SHARD, OPTION_RULES}},
      {OPTION_CHECK,
       "--check takes paths, filter, faults, bounds and seed from the certificate: only --jobs and "
       "--rules can go with it",
       {OPTION_JOBS, OPTION_RULES}}};
  for (size_t a = 0; a < sizeof alone / sizeof alone[0]; a++) {
    unsigned long long fine = bit_of(alone[a].option);
    for (size_t i = 0; i < 4 && alone[a].allowed[i]; i++) fine |= bit_of(alone[a].allowed[i]);
    if (!said(given, alone[a].option)) continue;
    for (int i = 0; i < KNOWN; i++)
      if (said(given & ~fine, (int)known[i].option))
        return wrong(options, "%s, not --%s", alone[a].why, known[i].name);
  }
  return true;
}

/* What cannot be meant together. */
static bool check_sense(const struct sim_options *options, unsigned long long given) {
  if (!check_alone(options, given)) return false;
  if (options->command == SIM_COMMAND_CHECK && options->path_count == 0)
    return wrong(options, "check needs at least one file or folder");
  if (options->command == SIM_COMMAND_REPLAY && options->path_count != 1)
    return wrong(options, "replay needs one tape");
  if (options->command == SIM_COMMAND_FUZZ && options->path_count > 0)
    return wrong(options, "fuzz makes its scenarios itself: \"%s\" is one word too many",
                 options->paths[0]);
  if (options->run_count && options->duration_ms)
    return wrong(options, "--runs and --time exclude each other: say how many runs, or how long");
  if (options->no_shrink && !options->report)
    return wrong(options, "--no-shrink needs --report DIR: without it, nothing is shrunk");
  if (options->resume && !options->report)
    return wrong(options, "--resume needs --report DIR: the directory of the run to go on with");
  if (options->resume && options->verify_determinism)
    return wrong(options, "--resume keeps cases as they are: it cannot go with "
                          "--verify-determinism");
  if (options->check && options->path_count > 0)
    return wrong(options,
                 "--check takes the paths from the certificate: \"%s\" is one word too many",
                 options->paths[0]);
  return true;
}

static bool read_rest(int argc, char **argv, struct sim_options *options) {
  struct option_list list;
  unsigned long long given = 0;
  int option;
  options_of(options->command, &list);
  opterr = 0;
  while ((option = getopt_long(argc, argv, list.letters, list.options, NULL)) != -1) {
    if (!take(option, argv, &list, options)) return false;
    given |= bit_of(option);
  }
  if (options->command == SIM_COMMAND_HELP) return true;
  options->path_count = argc - optind;
  options->paths = argv + optind;
  return check_sense(options, given) && check_texts(options);
}

/* The command that a word names; SIM_COMMAND_HELP: none. */
static enum sim_command command_of(const char *word) {
  int command = 0;
  while (command < SIM_COMMAND_HELP && strcmp(word, commands[command]) != 0) command++;
  return (enum sim_command)command;
}

static bool read_topic(const char *topic, struct sim_options *options) {
  options->topic = topic;
  if (!topic || command_of(topic) != SIM_COMMAND_HELP) return true;
  return wrong(options, "there is help on run, check, replay, certify and fuzz, not on \"%s\"",
               topic);
}

bool sim_options_read(int argc, char **argv, struct sim_options *options) {
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  *options = (struct sim_options){.command = SIM_COMMAND_HELP,
                                  .seed = 1,
                                  .max_states = SIM_MAX_STATES_DEFAULT,
                                  .faults = SIM_FAULTS_DECLARED,
                                  .jobs = cores < 1              ? 1
                                          : cores > SIM_MAX_JOBS ? SIM_MAX_JOBS
                                                                 : (int)cores};
  const char *word = argc > 1 ? argv[1] : "";
  if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0)
    return read_topic(argc > 2 ? argv[2] : NULL, options);
  if (strcmp(word, "--version") == 0) {
    options->command = SIM_COMMAND_VERSION;
    return true;
  }
  if (argc < 2) return wrong(options, "say what to do: run, check, replay, certify or fuzz");
  options->command = command_of(word);
  if (options->command == SIM_COMMAND_HELP)
    return wrong(options, "the first word must be run, check, replay, certify or fuzz, not \"%s\"",
                 word);
  return read_rest(argc - 1, argv + 1, options);
}
