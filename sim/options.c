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

static const char overview[] =
    "reloadsim - every order, every answer: the Auto Reload engine under exhaustive simulation\n"
    "\n"
    "Usage:\n"
    "  reloadsim run [OPTION...] [PATH...]   explore scenarios and judge every ending they can "
    "have\n"
    "  reloadsim check [OPTION] PATH...      find mistakes in scenario files, run nothing\n"
    "  reloadsim --help [run|check]          this text, or more about a command\n"
    "  reloadsim --version                   the version of the engine and of this program\n"
    "\n"
    "A scenario (a JSON file) says what is given, what several actors do at the same time, and "
    "which\n"
    "endings there may be. reloadsim runs the shipping engine through all orders of their steps "
    "and\n"
    "all answers of the gateway that the scenario leaves open. The endings that it reaches must "
    "be\n"
    "exactly those that the scenario names; and in every state on the way the books, the gateway "
    "and\n"
    "the mailbox must agree.\n"
    "\n"
    "Exit codes:\n"
    "    0  everything passed\n"
    "    1  a scenario or an oracle failed, or a search was cut by --max-states\n"
    "    2  wrong usage\n"
    "    3  a scenario file has mistakes (the others were run all the same)\n"
    "    4  no case was selected\n"
    "    7  a case went differently the second time (nondeterminism)\n"
    "   70  an internal error, or results that could not be written\n"
    "  130  interrupted; what was found until then is shown\n"
    "If several are true, the last of 0, 4, 1, 3, 7, 130, 70 is the answer.\n"
    "\n"
    "Environment: NO_COLOR (set: no colours), TMPDIR (for temporary files, instead of /tmp).\n"
    "\n"
    "First steps: reloadsim run scenarios/races, then scenarios/GUIDE.md.\n";

static const char run_help[] =
    "Usage: reloadsim run [OPTION...] [PATH...]\n"
    "\n"
    "Explore the scenarios in the files and folders PATH (default: scenarios). Results go to "
    "standard\n"
    "output, progress and mistakes to standard error.\n"
    "\n"
    "  -f, --filter TEXT         only cases whose id contains TEXT; with * ? or [ it is a pattern "
    "that\n"
    "                            the whole id must match (* stands for / too)\n"
    "  -j, --jobs N              so many processes (default: one a core); never changes results\n"
    "      --seed N              for SQLite's randomness (default 1); no ending may depend on it\n"
    "      --format FORMAT       text (default), junit, tap or json\n"
    "      --report DIR          also write every report there: run.json, index.html, junit.xml, "
    "...\n"
    "      --faults WHICH        none; declared (default): what the scenarios declare; single: "
    "also every\n"
    "                            single fault at every place (gateway, mail, disk, a process dies, "
    "the\n"
    "                            power fails, the clock jumps); pairs: also every two of them\n"
    "      --max-states N        give up a case after N states, as \"not exhausted\" (default "
    "1000000)\n"
    "      --fail-fast           begin no case after the first that does not pass, and show none\n"
    "      --verify-determinism  run each case twice and compare\n"
    "      --list                run nothing; one case a line: id, file:line, rules\n"
    "      --rules FILE          another rule catalogue than scenarios/rules.json, which is looked "
    "for\n"
    "                            in the working directory, then in the folders above this program\n"
    "\n"
    "Examples:\n"
    "  reloadsim run                                       the whole suite\n"
    "  reloadsim run scenarios/races --filter toggle       some of it\n"
    "  reloadsim run --filter 'races/*' --fail-fast        until something fails\n"
    "  reloadsim run --format junit > results.xml          for CI\n"
    "  reloadsim run --report build/report                 with pages for the browser\n"
    "\n"
    "Colours are used on a terminal unless NO_COLOR is set; they never are the only sign.\n";

static const char check_help[] =
    "Usage: reloadsim check [--rules FILE] PATH...\n"
    "\n"
    "Read scenario files or folders and say what is wrong with them, as PATH:LINE:COLUMN: error: "
    "TEXT on\n"
    "standard error, without running anything. Exit code 0 if all is well, 3 if not.\n"
    "\n"
    "      --rules FILE          another rule catalogue than scenarios/rules.json\n"
    "\n"
    "Example:\n"
    "  reloadsim check scenarios/races/my-first.json\n";

void sim_options_help(const char *topic) {
  const char *text = overview;
  if (topic && strcmp(topic, "run") == 0) text = run_help;
  if (topic && strcmp(topic, "check") == 0) text = check_help;
  fputs(text, stdout);
}

__attribute__((format(printf, 2, 3))) static bool wrong(const struct sim_options *options,
                                                        const char *format, ...) {
  static const char *const commands[] = {[SIM_COMMAND_RUN] = " run",
                                         [SIM_COMMAND_CHECK] = " check",
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
  OPTION_FAULTS
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
      "--fail-fast", "--list",       "--rules",  "--help"};
  static const char *const check_list[] = {"--rules", "--help"};
  static const struct sim_words run_words = {"option", sizeof list / sizeof *list, list};
  static const struct sim_words check_words = {"option", 2, check_list};
  const char *given = argv[optind - 1];
  if (option == ':') return wrong(options, "%s needs a value", given);
  if (strncmp(given, "--", 2) == 0 && optopt != 0)
    return wrong(options, "%s: this option takes no value", given);
  if (optopt != 0) return wrong(options, "there is no option -%c", optopt);
  const char *near =
      sim_words_nearest(options->command == SIM_COMMAND_CHECK ? &check_words : &run_words, given);
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
    case OPTION_LIST: options->list = true; return true;
    case OPTION_RULES: options->rules = optarg; return true;
    case 'h':
      options->topic = options->command == SIM_COMMAND_CHECK ? "check" : "run";
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
      {"list", no_argument, NULL, OPTION_LIST},
      {"rules", required_argument, NULL, OPTION_RULES},
      {"help", no_argument, NULL, 'h'},
      {NULL, 0, NULL, 0}};
  static const struct option check_options[] = {{"rules", required_argument, NULL, OPTION_RULES},
                                                {"help", no_argument, NULL, 'h'},
                                                {NULL, 0, NULL, 0}};
  bool run = options->command == SIM_COMMAND_RUN;
  int option;
  opterr = 0;
  while ((option = getopt_long(argc, argv, run ? ":f:j:h" : ":h", run ? run_options : check_options,
                               NULL)) != -1)
    if (!take(option, argv, options)) return false;
  options->path_count = argc - optind;
  options->paths = argv + optind;
  if (options->command == SIM_COMMAND_CHECK && options->path_count == 0)
    return wrong(options, "check needs at least one file or folder");
  return check_texts(options);
}

static bool read_topic(const char *topic, struct sim_options *options) {
  options->topic = topic;
  if (!topic || strcmp(topic, "run") == 0 || strcmp(topic, "check") == 0) return true;
  return wrong(options, "there is help on run and check, not on \"%s\"", topic);
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
  if (argc < 2) return wrong(options, "say what to do: run or check");
  if (strcmp(word, "run") == 0)
    options->command = SIM_COMMAND_RUN;
  else if (strcmp(word, "check") == 0)
    options->command = SIM_COMMAND_CHECK;
  else
    return wrong(options, "the first word must be run or check, not \"%s\"", word);
  return read_rest(argc - 1, argv + 1, options);
}
