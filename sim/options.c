#include "options.h"

#include "json_text.h"
#include "words.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

__attribute__((format(printf, 2, 3))) static bool wrong(const struct sim_options *options,
                                                        const char *format, ...) {
  static const char *const commands[] = {[SIM_COMMAND_RUN] = " run",
                                         [SIM_COMMAND_CHECK] = " check",
                                         [SIM_COMMAND_REPLAY] = " replay",
                                         [SIM_COMMAND_HELP] = "",
                                         [SIM_COMMAND_VERSION] = ""};
  va_list arguments;
  fputs("reloadsim: ", stderr);
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fprintf(stderr, "\nSee reloadsim%s --help\n", commands[options->command]);
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

static bool take_faults(struct sim_options *options) {
  int index = sim_words_index(&faults_words, optarg);
  if (index < 0)
    return wrong(options, "--faults must be none, declared, single or pairs, not \"%s\"", optarg);
  options->faults = (enum sim_faults)index;
  return true;
}

enum {
  OPTION_SEED = 256,
  OPTION_FORMAT,
  OPTION_REPORT,
  OPTION_MAX_STATES,
  OPTION_VERIFY,
  OPTION_LIST,
  OPTION_RULES,
  OPTION_FAIL_FAST,
  OPTION_FAULTS,
  OPTION_AT,
  OPTION_GDB,
  OPTION_NO_SHRINK
};

static bool take_number(int option, struct sim_options *options) {
  int64_t value = 0;
  switch (option) {
    case 'j':
      if (!number(optarg, 1, SIM_MAX_JOBS, &value))
        return wrong(options, "--jobs must be a number from 1 to 64, not \"%s\"", optarg);
      options->jobs = (int)value;
      return true;
    case OPTION_SEED:
      if (!number(optarg, 0, INT64_MAX, &value))
        return wrong(options, "--seed must be a number from 0 to 2^63-1, not \"%s\"", optarg);
      options->seed = (uint64_t)value;
      return true;
    case OPTION_AT:
      if (!number(optarg, 1, 1000000, &value))
        return wrong(options, "--at must be the number of a move, not \"%s\"", optarg);
      options->stop_at = (int)value;
      return true;
    default:
      if (!number(optarg, 1, 4000000000, &value))
        return wrong(options, "--max-states must be a number from 1 to 4000000000, not \"%s\"",
                     optarg);
      options->max_states = value;
      return true;
  }
}

/* What getopt_long() stopped at, with the nearest option there is. */
static bool refuse_option(int option, char *const *argv, const struct sim_options *options) {
  static const char *const list[] = {
      "--filter",    "--jobs",       "--seed",   "--format",
      "--report",    "--max-states", "--faults", "--verify-determinism",
      "--fail-fast", "--list",       "--rules",  "--no-shrink",
      "--help"};
  static const char *const check_list[] = {"--rules", "--help"};
  static const char *const replay_list[] = {"--at", "--gdb", "--rules", "--help"};
  static const struct sim_words words[] = {
      [SIM_COMMAND_RUN] = {"option", sizeof list / sizeof *list, list},
      [SIM_COMMAND_CHECK] = {"option", sizeof check_list / sizeof *check_list, check_list},
      [SIM_COMMAND_REPLAY] = {"option", sizeof replay_list / sizeof *replay_list, replay_list}};
  const char *given = argv[optind - 1];
  if (option == ':') return wrong(options, "%s needs a value", given);
  if (strncmp(given, "--", 2) == 0 && optopt != 0)
    return wrong(options, "%s: this option takes no value", given);
  if (optopt != 0) return wrong(options, "there is no option -%c", optopt);
  const char *near = sim_words_nearest(&words[options->command], given);
  if (!near) return wrong(options, "there is no option %s", given);
  return wrong(options, "there is no option %s, did you mean %s?", given, near);
}

static bool take(int option, char *const *argv, struct sim_options *options) {
  switch (option) {
    case 'j':
    case OPTION_SEED:
    case OPTION_MAX_STATES: return take_number(option, options);
    case 'f': options->filter = optarg; return true;
    case OPTION_FORMAT: return take_format(options);
    case OPTION_FAULTS: return take_faults(options);
    case OPTION_REPORT:
      if (!optarg[0]) return wrong(options, "--report needs a directory");
      options->report = optarg;
      return true;
    case OPTION_VERIFY: options->verify_determinism = true; return true;
    case OPTION_FAIL_FAST: options->fail_fast = true; return true;
    case OPTION_NO_SHRINK: options->no_shrink = true; return true;
    case OPTION_LIST: options->list = true; return true;
    case OPTION_RULES: options->rules = optarg; return true;
    case OPTION_AT: return take_number(option, options);
    case OPTION_GDB: options->gdb = true; return true;
    case 'h':
      options->topic = options->command == SIM_COMMAND_CHECK    ? "check"
                       : options->command == SIM_COMMAND_REPLAY ? "replay"
                                                                : "run";
      options->command = SIM_COMMAND_HELP;
      return true;
    default: return refuse_option(option, argv, options);
  }
}

static bool is_utf8(const char *text) {
  size_t size = strlen(text);
  for (size_t at = 0, step; at < size; at += step) {
    step = sim_utf8_size(text + at, size - at);
    if (step == 0) return false;
  }
  return true;
}

/* They are repeated in reports, which are UTF-8. */
static bool check_texts(const struct sim_options *options) {
  if (options->filter && !is_utf8(options->filter))
    return wrong(options, "--filter must be UTF-8 text");
  for (int i = 0; i < options->path_count; i++)
    if (!is_utf8(options->paths[i]) || options->paths[i][0] == '\0')
      return wrong(options, "\"%s\" is not a path in UTF-8", options->paths[i]);
  return true;
}

static bool read_rest(int argc, char **argv, struct sim_options *options) {
  static const struct option run_options[] = {
      {"filter", required_argument, NULL, 'f'},
      {"jobs", required_argument, NULL, 'j'},
      {"seed", required_argument, NULL, OPTION_SEED},
      {"format", required_argument, NULL, OPTION_FORMAT},
      {"report", required_argument, NULL, OPTION_REPORT},
      {"faults", required_argument, NULL, OPTION_FAULTS},
      {"max-states", required_argument, NULL, OPTION_MAX_STATES},
      {"verify-determinism", no_argument, NULL, OPTION_VERIFY},
      {"fail-fast", no_argument, NULL, OPTION_FAIL_FAST},
      {"no-shrink", no_argument, NULL, OPTION_NO_SHRINK},
      {"list", no_argument, NULL, OPTION_LIST},
      {"rules", required_argument, NULL, OPTION_RULES},
      {"help", no_argument, NULL, 'h'},
      {NULL, 0, NULL, 0}};
  static const struct option check_options[] = {{"rules", required_argument, NULL, OPTION_RULES},
                                                {"help", no_argument, NULL, 'h'},
                                                {NULL, 0, NULL, 0}};
  static const struct option replay_options[] = {{"at", required_argument, NULL, OPTION_AT},
                                                 {"gdb", no_argument, NULL, OPTION_GDB},
                                                 {"rules", required_argument, NULL, OPTION_RULES},
                                                 {"help", no_argument, NULL, 'h'},
                                                 {NULL, 0, NULL, 0}};
  bool run = options->command == SIM_COMMAND_RUN;
  const struct option *all = run                                     ? run_options
                             : options->command == SIM_COMMAND_CHECK ? check_options
                                                                     : replay_options;
  int option;
  opterr = 0;
  while ((option = getopt_long(argc, argv, run ? ":f:j:h" : ":h", all, NULL)) != -1)
    if (!take(option, argv, options)) return false;
  options->path_count = argc - optind;
  options->paths = argv + optind;
  if (options->command == SIM_COMMAND_CHECK && options->path_count == 0)
    return wrong(options, "check needs at least one file or folder");
  if (options->command == SIM_COMMAND_REPLAY && options->path_count != 1)
    return wrong(options, "replay needs one tape");
  return check_texts(options);
}

static bool read_topic(const char *topic, struct sim_options *options) {
  options->topic = topic;
  if (!topic || strcmp(topic, "run") == 0 || strcmp(topic, "check") == 0 ||
      strcmp(topic, "replay") == 0)
    return true;
  return wrong(options, "there is help on run, check and replay, not on \"%s\"", topic);
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
  if (argc < 2) return wrong(options, "say what to do: run, check or replay");
  if (strcmp(word, "run") == 0)
    options->command = SIM_COMMAND_RUN;
  else if (strcmp(word, "check") == 0)
    options->command = SIM_COMMAND_CHECK;
  else if (strcmp(word, "replay") == 0)
    options->command = SIM_COMMAND_REPLAY;
  else
    return wrong(options, "the first word must be run, check or replay, not \"%s\"", word);
  return read_rest(argc - 1, argv + 1, options);
}
