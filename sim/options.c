#include "options.h"

#include "words.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char overview[] =
    "reloadsim - every order, every answer: the Auto Reload engine under exhaustive simulation\n"
    "\n"
    "Usage:\n"
    "  reloadsim run [OPTION...] [PATH...]   explore scenarios and judge every ending they can have\n"
    "  reloadsim check FILE...               find mistakes in scenario files, run nothing\n"
    "  reloadsim --help [COMMAND]            this text, or more about a command\n"
    "  reloadsim --version\n"
    "\n"
    "A scenario (a JSON file) says what is given, what several actors do at the same time, and which\n"
    "endings there may be. reloadsim runs the shipping engine through all orders of their steps and\n"
    "all answers of the gateway that the scenario leaves open. The endings that it reaches must be\n"
    "exactly those that the scenario names; and in every state on the way the books, the gateway and\n"
    "the mailbox must agree.\n"
    "\n"
    "Exit codes:\n"
    "    0  everything passed\n"
    "    1  a scenario or an oracle failed, or a search was cut by --max-states\n"
    "    2  wrong usage\n"
    "    3  a scenario file has mistakes (the others were run all the same)\n"
    "    4  no case was selected\n"
    "    7  a case went differently the second time (nondeterminism)\n"
    "   70  an internal error\n"
    "  130  interrupted; what was found until then is shown\n"
    "\n"
    "First steps: reloadsim run scenarios/races, then scenarios/GUIDE.md.\n";

static const char run_help[] =
    "Usage: reloadsim run [OPTION...] [PATH...]\n"
    "\n"
    "Explore the scenarios in the files and folders PATH (default: scenarios). Results go to standard\n"
    "output, progress and mistakes to standard error.\n"
    "\n"
    "  -f, --filter TEXT         only cases whose id contains TEXT, or matches it if it has * ? or [\n"
    "  -j, --jobs N              so many processes at once (default: one a core); never changes results\n"
    "      --seed N              for SQLite's randomness (default 1); no ending may depend on it\n"
    "      --format FORMAT       text (default), junit, tap or json\n"
    "      --report DIR          also write every report there: run.json, index.html, junit.xml, ...\n"
    "      --max-states N        give up a case after N states, as \"not exhausted\" (default 1000000)\n"
    "      --verify-determinism  run each case twice and compare\n"
    "      --list                run nothing; one case a line: id, file:line, rules\n"
    "      --rules FILE          another rule catalogue than scenarios/rules.json\n"
    "\n"
    "Examples:\n"
    "  reloadsim run                                       the whole suite\n"
    "  reloadsim run scenarios/races --filter toggle       some of it\n"
    "  reloadsim run --format junit > results.xml          for CI\n"
    "  reloadsim run --report build/report                 with pages for the browser\n"
    "\n"
    "Colours are used on a terminal unless NO_COLOR is set; they never are the only sign.\n";

static const char check_help[] =
    "Usage: reloadsim check FILE...\n"
    "\n"
    "Read scenario files or folders and say what is wrong with them, as PATH:LINE:COLUMN: error: TEXT,\n"
    "without running anything. Exit code 0 if all is well, 3 if not.\n";

void sim_options_help(const char *topic) {
  const char *text = overview;
  if (topic && strcmp(topic, "run") == 0) text = run_help;
  if (topic && strcmp(topic, "check") == 0) text = check_help;
  fputs(text, stdout);
}

static bool wrong(const char *what, const char *value) {
  fprintf(stderr, "reloadsim: %s%s%s; see reloadsim --help\n", what, value ? ": " : "",
          value ? value : "");
  return false;
}

static bool number(const char *text, int64_t least, int64_t most, int64_t *value) {
  char *end = NULL;
  errno = 0;
  long long read = strtoll(text, &end, 0);
  *value = read;
  return errno == 0 && end != text && *end == '\0' && read >= least && read <= most;
}

static bool read_format(const char *text, enum sim_format *format) {
  static const char *const words[] = {"text", "junit", "tap", "json"};
  for (int i = 0; i < 4; i++)
    if (strcmp(text, words[i]) == 0) {
      *format = (enum sim_format)i;
      return true;
    }
  return wrong("--format must be text, junit, tap or json", text);
}

enum { OPTION_SEED = 256, OPTION_FORMAT, OPTION_REPORT, OPTION_MAX_STATES, OPTION_VERIFY,
       OPTION_LIST, OPTION_RULES };

static bool take(int option, struct sim_options *options) {
  int64_t value = 0;
  switch (option) {
  case 'f': options->filter = optarg; return true;
  case 'j':
    if (!number(optarg, 1, 64, &value)) return wrong("--jobs must be 1 to 64", optarg);
    options->jobs = (int)value;
    return true;
  case OPTION_SEED:
    if (!number(optarg, 0, INT64_MAX, &value)) return wrong("--seed must be 0 to 2^63-1", optarg);
    options->seed = (uint64_t)value;
    return true;
  case OPTION_FORMAT: return read_format(optarg, &options->format);
  case OPTION_REPORT:
    if (!optarg[0]) return wrong("--report needs a directory", NULL);
    options->report = optarg;
    return true;
  case OPTION_MAX_STATES:
    if (!number(optarg, 1, 4000000000, &value))
      return wrong("--max-states must be 1 to 4000000000", optarg);
    options->max_states = value;
    return true;
  case OPTION_VERIFY: options->verify_determinism = true; return true;
  case OPTION_LIST: options->list = true; return true;
  case OPTION_RULES: options->rules = optarg; return true;
  case 'h':
    options->topic = options->command == SIM_COMMAND_CHECK ? "check" : "run";
    options->command = SIM_COMMAND_HELP;
    return true;
  default: return wrong("that option is unknown or lacks its value", NULL);
  }
}

static bool read_rest(int argc, char **argv, struct sim_options *options) {
  static const struct option run_options[] = {
      {"filter", required_argument, NULL, 'f'},
      {"jobs", required_argument, NULL, 'j'},
      {"seed", required_argument, NULL, OPTION_SEED},
      {"format", required_argument, NULL, OPTION_FORMAT},
      {"report", required_argument, NULL, OPTION_REPORT},
      {"max-states", required_argument, NULL, OPTION_MAX_STATES},
      {"verify-determinism", no_argument, NULL, OPTION_VERIFY},
      {"list", no_argument, NULL, OPTION_LIST},
      {"rules", required_argument, NULL, OPTION_RULES},
      {"help", no_argument, NULL, 'h'},
      {NULL, 0, NULL, 0}};
  static const struct option check_options[] = {{"rules", required_argument, NULL, OPTION_RULES},
                                                {"help", no_argument, NULL, 'h'},
                                                {NULL, 0, NULL, 0}};
  bool run = options->command == SIM_COMMAND_RUN;
  int option;
  while ((option = getopt_long(argc, argv, run ? "f:j:h" : "h",
                               run ? run_options : check_options, NULL)) != -1)
    if (!take(option, options)) return false;
  options->path_count = argc - optind;
  options->paths = argv + optind;
  if (options->command == SIM_COMMAND_CHECK && options->path_count == 0)
    return wrong("check needs at least one file", NULL);
  return true;
}

bool sim_options_read(int argc, char **argv, struct sim_options *options) {
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  *options = (struct sim_options){.command = SIM_COMMAND_HELP, .seed = 1, .max_states = 1000000,
                                  .jobs = cores < 1 ? 1 : cores > 64 ? 64 : (int)cores};
  const char *word = argc > 1 ? argv[1] : "";
  if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
    options->topic = argc > 2 ? argv[2] : NULL;
    return true;
  }
  if (strcmp(word, "--version") == 0) {
    options->command = SIM_COMMAND_VERSION;
    return true;
  }
  if (strcmp(word, "run") == 0) options->command = SIM_COMMAND_RUN;
  else if (strcmp(word, "check") == 0) options->command = SIM_COMMAND_CHECK;
  else return wrong(argc > 1 ? "the first word must be run or check, not" : "run or check what?",
                    argc > 1 ? word : NULL);
  return read_rest(argc - 1, argv + 1, options);
}
