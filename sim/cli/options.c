#include "option_table.h"

#include "utf8.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_OPTIONS = 40, LONG = 256 }; /* LONG: of getopt_long(), plus the number of a row */

/* The rows that the command line says, by their number. */
struct given {
  bool rows[MOST_OPTIONS];
};

struct option_list { /* of one command, as getopt_long() wants it */
  struct option options[MOST_OPTIONS + 1];
  char letters[2 * MOST_OPTIONS + 2];
};

__attribute__((format(printf, 2, 3))) static bool say_wrong_usage(const struct sim_options *options,
                                                                  const char *format, ...) {
  va_list arguments;
  fputs("reloadsim: ", stderr);
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  bool is_known = options->command < SIM_COMMAND_HELP;
  fprintf(stderr, "\nSee reloadsim%s%s --help\n", is_known ? " " : "",
          is_known ? sim_command_rows[options->command].name : "");
  return false;
}

/* ---- Words ---- */

static const char *const faults_list[] = {"none", "declared", "single", "pairs"};
const struct sim_words sim_fault_words = {"faults", 4, faults_list};

const char *sim_faults_word(enum sim_faults faults) { return faults_list[faults]; }

enum sim_faults sim_faults_named(const char *word) {
  return (enum sim_faults)sim_words_index(&sim_fault_words, word);
}

int sim_faults_budget(enum sim_faults faults) {
  return faults == SIM_FAULTS_SINGLE ? 1 : faults == SIM_FAULTS_PAIRS ? 2 : 0;
}

/* "a, b or c", with `last` for " or ". */
static const char *list_words(const char *const *words, int count, const char *last, char *text,
                              size_t room) {
  text[0] = '\0';
  for (int i = 0; i < count; i++) {
    size_t used = strlen(text);
    (void)snprintf(text + used, room - used, "%s%s",
                   i == 0          ? ""
                   : i + 1 < count ? ", "
                                   : last,
                   words[i]);
  }
  return text;
}

/* The end of a message about a wrong word: ", did you mean ...?", or nothing. */
static const char *hint_at(const char *const *words, int count, const char *prefix,
                           const char *text, char hint[100]) {
  struct sim_words all = {.count = count, .list = words};
  const char *near = sim_words_nearest(&all, text);
  hint[0] = '\0';
  if (near) (void)snprintf(hint, 100, ", did you mean %s%s?", prefix, near);
  return hint;
}

/* ---- Values of options ---- */

static bool take_number(const struct sim_option_row *row, const char *value,
                        struct sim_options *options, int64_t *number) {
  char *end = NULL;
  errno = 0;
  long long read = strtoll(value, &end, 0);
  *number = read;
  if (errno == 0 && end != value && *end == '\0' && read >= row->least && read <= row->most)
    return true;
  return say_wrong_usage(options, "--%s must be a number from %lld to %lld, not \"%s\"", row->name,
                         (long long)row->least, (long long)row->most, value);
}

static bool take_word(const struct sim_option_row *row, const char *value,
                      struct sim_options *options, int *index) {
  char words[200], hint[100];
  *index = sim_words_index(row->words, value);
  if (*index >= 0) return true;
  return say_wrong_usage(
      options, "--%s must be %s, not \"%s\"%s", row->name,
      list_words(row->words->list, row->words->count, " or ", words, sizeof words), value,
      hint_at(row->words->list, row->words->count, "", value, hint));
}

/* "2/4" */
static bool take_shard(const char *value, struct sim_options *options) {
  char *slash = NULL, *end = NULL;
  long shard = strtol(value, &slash, 10);
  long count = *slash == '/' ? strtol(slash + 1, &end, 10) : 0;
  if (slash == value || !end || end == slash + 1 || *end || shard < 1 || shard > count ||
      count > 10000)
    return say_wrong_usage(options, "--shard must be I/N with 1 <= I <= N <= 10000, not \"%s\"",
                           value);
  options->shard = (int)shard;
  options->shard_count = (int)count;
  return true;
}

/* "300", "300s", "5m", "2h" */
static bool take_time(const char *value, struct sim_options *options) {
  char *end = NULL;
  errno = 0;
  long long count = strtoll(value, &end, 10);
  int64_t unit_ms = strcmp(end, "m") == 0            ? 60000
                    : strcmp(end, "h") == 0          ? 3600000
                    : !*end || strcmp(end, "s") == 0 ? 1000
                                                     : 0;
  if (errno || end == value || unit_ms == 0 || count < 1 || count > 1000000)
    return say_wrong_usage(options, "--time must be a duration such as 90s, 5m or 2h, not \"%s\"",
                           value);
  options->duration_ms = count * unit_ms;
  return true;
}

/* Set what the row's option sets. */
static bool take_option(const struct sim_option_row *row, const char *value,
                        struct sim_options *options) {
  void *to = (char *)options + row->offset;
  int64_t number = 0;
  bool good = true;
  switch (row->kind) {
    case SIM_OPTION_FLAG: *(bool *)to = true; return true;
    case SIM_OPTION_TEXT: *(const char **)to = value; return true;
    case SIM_OPTION_FILE:
      *(const char **)to = value;
      return value[0] ||
             say_wrong_usage(options, "--%s needs a name: %s", row->name, row->argument);
    case SIM_OPTION_INT:
      good = take_number(row, value, options, &number);
      *(int *)to = (int)number;
      return good;
    case SIM_OPTION_INT64: return take_number(row, value, options, to);
    case SIM_OPTION_WORD: return take_word(row, value, options, to);
    case SIM_OPTION_SHARD: return take_shard(value, options);
    case SIM_OPTION_TIME: return take_time(value, options);
    case SIM_OPTION_HELP:
      if (options->command < SIM_COMMAND_HELP)
        options->topic = sim_command_rows[options->command].name;
      options->command = SIM_COMMAND_HELP; /* a second --help changes nothing */
      return true;
  }
  return good;
}

/* ---- The rows of a command ---- */

static bool is_of(const struct sim_option_row *row, enum sim_command command) {
  return (row->commands & 1u << command) != 0;
}

/* Also the defaults of other commands: a run is set up without regard to its command. */
static bool set_option_defaults(struct sim_options *options) {
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  options->jobs = cores < 1 ? 1 : cores > SIM_MAX_JOBS ? SIM_MAX_JOBS : (int)cores;
  for (int i = 0; i < sim_option_row_count; i++)
    if (sim_option_rows[i].standard &&
        !take_option(&sim_option_rows[i], sim_option_rows[i].standard, options))
      return false;
  return true;
}

/* The options of a command as getopt_long() wants them. */
static void options_of(enum sim_command command, struct option_list *list) {
  int count = 0;
  size_t letters = 0;
  list->letters[letters++] = ':';
  for (int i = 0; i < sim_option_row_count; i++) {
    const struct sim_option_row *row = &sim_option_rows[i];
    if (!is_of(row, command)) continue;
    list->options[count++] =
        (struct option){.name = row->name,
                        .has_arg = row->argument ? required_argument : no_argument,
                        .val = LONG + i};
    if (!row->letter) continue;
    list->letters[letters++] = row->letter;
    if (row->argument) list->letters[letters++] = ':';
  }
  list->options[count] = (struct option){.name = NULL};
  list->letters[letters] = '\0';
}

/* The row that getopt_long() has found; -1: none. */
static int row_of(int found, enum sim_command command) {
  for (int i = 0; i < sim_option_row_count; i++)
    if (is_of(&sim_option_rows[i], command) &&
        (found == LONG + i || (sim_option_rows[i].letter && found == sim_option_rows[i].letter)))
      return i;
  return -1;
}

/* The commands that take an option: "run or certify"; null: none. */
static const char *who_takes(const char *name, size_t size, char text[80]) {
  const char *commands[SIM_COMMAND_HELP];
  int count = 0;
  for (int c = 0; c < SIM_COMMAND_HELP; c++)
    for (int i = 0; i < sim_option_row_count; i++)
      if (is_of(&sim_option_rows[i], (enum sim_command)c) &&
          strncmp(sim_option_rows[i].name, name, size) == 0 && !sim_option_rows[i].name[size])
        commands[count++] = sim_command_rows[c].name;
  return count ? list_words(commands, count, " or ", text, 80) : NULL;
}

static bool refuse_name(const char *given, const struct sim_options *options) {
  const char *names[MOST_OPTIONS], *others;
  char name[100], hint[100], commands[80];
  int count = 0, size = (int)strcspn(given, "=");
  for (int i = 0; i < sim_option_row_count; i++)
    if (is_of(&sim_option_rows[i], options->command)) names[count++] = sim_option_rows[i].name;
  others = who_takes(given + 2, (size_t)size - 2, commands);
  if (others)
    return say_wrong_usage(options, "%s has no option %.*s: it goes with %s",
                           sim_command_rows[options->command].name, size, given, others);
  (void)snprintf(name, sizeof name, "%.*s", size - 2, given + 2);
  return say_wrong_usage(options, "there is no option %.*s%s", size, given,
                         hint_at(names, count, "--", name, hint));
}

/* The argument at which getopt_long() stopped, with the nearest known option. */
static bool refuse_option(int option, char *const *argv, const struct sim_options *options) {
  const char *given = argv[optind - 1];
  if (option == ':') return say_wrong_usage(options, "%s needs a value", given);
  if (strncmp(given, "--", 2) == 0 && optopt != 0)
    return say_wrong_usage(options, "%s: this option takes no value", given);
  if (optopt != 0) return say_wrong_usage(options, "there is no option -%c", optopt);
  return refuse_name(given, options);
}

/* ---- The whole line ---- */

/* Reports repeat them, and reports are UTF-8. */
static bool check_texts(const struct sim_options *options) {
  if (options->filter && !sim_utf8_valid(options->filter))
    return say_wrong_usage(options, "--filter must be UTF-8 text");
  for (int i = 0; i < options->path_count; i++)
    if (!sim_utf8_valid(options->paths[i]) || options->paths[i][0] == '\0')
      return say_wrong_usage(options, "\"%s\" is not a path in UTF-8", options->paths[i]);
  return true;
}

static bool option_was_given(const struct given *given, const char *name) {
  for (int i = 0; i < sim_option_row_count; i++)
    if (given->rows[i] && strcmp(sim_option_rows[i].name, name) == 0) return true;
  return false;
}

/* Refuse options without effect: with `name` only those of `allowed` have one. */
struct alone {
  const char *name, *why;
  const char *allowed[4];
};

static bool goes_with(const struct alone *alone, const char *name) {
  for (size_t i = 0; i < 4 && alone->allowed[i]; i++)
    if (strcmp(alone->allowed[i], name) == 0) return true;
  return strcmp(alone->name, name) == 0;
}

static bool check_alone(const struct sim_options *options, const struct given *given) {
  static const struct alone alone[] = {
      {"list",
       "--list runs nothing: it can only be combined with --filter, --shard and --rules",
       {"filter", "shard", "rules"}},
      {"check",
       "--check takes paths, filter, faults, limits and seed from the certificate: it can only be "
       "combined with --jobs and --rules",
       {"jobs", "rules"}}};
  for (size_t a = 0; a < sizeof alone / sizeof alone[0]; a++) {
    if (!option_was_given(given, alone[a].name)) continue;
    for (int i = 0; i < sim_option_row_count; i++)
      if (given->rows[i] && !goes_with(&alone[a], sim_option_rows[i].name))
        return say_wrong_usage(options, "%s, not --%s", alone[a].why, sim_option_rows[i].name);
  }
  return true;
}

/* Refuse combinations that make no sense. */
static bool check_sense(const struct sim_options *options, const struct given *given) {
  if (!check_alone(options, given)) return false;
  if (options->command == SIM_COMMAND_CHECK && options->path_count == 0)
    return say_wrong_usage(options, "check needs at least one file or folder");
  if (options->command == SIM_COMMAND_REPLAY && options->path_count != 1)
    return say_wrong_usage(options, "replay needs one trace");
  if (options->command == SIM_COMMAND_REPORT && options->path_count != 1)
    return say_wrong_usage(options, "report needs one directory, written by run --report");
  if (options->command == SIM_COMMAND_FUZZ && options->path_count > 0)
    return say_wrong_usage(options, "fuzz makes its own scenarios: remove \"%s\"",
                           options->paths[0]);
  if (option_was_given(given, "runs") && option_was_given(given, "time"))
    return say_wrong_usage(options, "--runs and --time exclude each other: give one of them");
  if (options->no_minimise && !options->report)
    return say_wrong_usage(options,
                           "--no-minimise needs --report DIR: without it, nothing is minimised");
  if (options->resume && !options->report)
    return say_wrong_usage(options,
                           "--resume needs --report DIR: the directory of the interrupted run");
  if (options->resume && options->verify_determinism)
    return say_wrong_usage(options, "--resume keeps earlier results: it cannot be combined with "
                                    "--verify-determinism");
  if (options->check && options->path_count > 0)
    return say_wrong_usage(options, "--check takes the paths from the certificate: remove \"%s\"",
                           options->paths[0]);
  return true;
}

static bool read_rest(int argc, char **argv, struct sim_options *options) {
  struct option_list list;
  struct given given = {{false}};
  enum sim_command command = options->command;
  int option;
  options_of(command, &list);
  opterr = 0;
  while ((option = getopt_long(argc, argv, list.letters, list.options, NULL)) != -1) {
    int row = row_of(option, command);
    if (row < 0) return refuse_option(option, argv, options);
    if (!take_option(&sim_option_rows[row], optarg, options)) return false;
    given.rows[row] = true;
  }
  if (options->command == SIM_COMMAND_HELP) return true;
  if (option_was_given(&given, "time") && !option_was_given(&given, "runs")) options->run_count = 0;
  options->path_count = argc - optind;
  options->paths = argv + optind;
  return check_sense(options, &given) && check_texts(options);
}

/* The command that a word names; SIM_COMMAND_HELP: none. */
static enum sim_command command_of(const char *word) {
  int command = 0;
  while (command < SIM_COMMAND_HELP && strcmp(word, sim_command_rows[command].name) != 0) command++;
  return (enum sim_command)command;
}

/* The first word may be a command or one of these. */
enum { FIRST_WORDS = SIM_COMMAND_HELP + 3 };

static void first_words(const char *words[FIRST_WORDS]) {
  for (int i = 0; i < SIM_COMMAND_HELP; i++) words[i] = sim_command_rows[i].name;
  words[SIM_COMMAND_HELP] = "help";
  words[SIM_COMMAND_HELP + 1] = "--help";
  words[SIM_COMMAND_HELP + 2] = "--version";
}

static bool refuse_command(const struct sim_options *options, const char *word) {
  const char *words[FIRST_WORDS];
  char list[100], hint[100];
  first_words(words);
  list_words(words, SIM_COMMAND_HELP, " or ", list, sizeof list);
  if (!word) return say_wrong_usage(options, "a command is missing: %s", list);
  return say_wrong_usage(options, "the first word must be %s, not \"%s\"%s", list, word,
                         hint_at(words, FIRST_WORDS, "", word, hint));
}

static bool read_topic(const char *topic, struct sim_options *options) {
  const char *words[FIRST_WORDS];
  char list[100], hint[100];
  options->topic = topic;
  if (!topic || command_of(topic) != SIM_COMMAND_HELP) return true;
  first_words(words);
  return say_wrong_usage(options, "there is help on %s, not on \"%s\"%s",
                         list_words(words, SIM_COMMAND_HELP, " and ", list, sizeof list), topic,
                         hint_at(words, SIM_COMMAND_HELP, "", topic, hint));
}

bool sim_options_read(int argc, char **argv, struct sim_options *options) {
  const char *word = argc > 1 ? argv[1] : "";
  *options = (struct sim_options){.command = SIM_COMMAND_HELP};
  if (!set_option_defaults(options)) return false;
  if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0)
    return read_topic(argc > 2 ? argv[2] : NULL, options);
  if (strcmp(word, "--version") == 0) {
    options->command = SIM_COMMAND_VERSION;
    return true;
  }
  if (argc < 2) return refuse_command(options, NULL);
  options->command = command_of(word);
  if (options->command == SIM_COMMAND_HELP) return refuse_command(options, word);
  return read_rest(argc - 1, argv + 1, options);
}
