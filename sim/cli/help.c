/* --help, made from the tables of commands and options. */
#include "option_table.h"

#include <stdio.h>
#include <string.h>

enum { WIDTH = 100 };
enum { OPTION_COLUMN = 28, COMMAND_COLUMN = 43, EXIT_COLUMN = 7, EXAMPLE_COLUMN = 58 };

/* Words from column `at` on; lines after the first begin at `column`. */
static void put_help_words(const char *text, size_t size, int column, int at) {
  for (size_t length; size > 0; text += length, size -= length) {
    const char *gap = at > column ? " " : "";
    for (length = 0; length < size && text[length] != ' ';) length++;
    if (at > column && at + 1 + (int)length > WIDTH) {
      printf("\n%*s", column, gap = "");
      at = column;
    }
    at += printf("%s%.*s", gap, (int)length, text);
    if (length < size) length++; /* the space */
  }
  puts("");
}

/* Each line of the text is a paragraph. */
static void put_paragraphs(const char *text) {
  for (size_t length; *text; text += length + (text[length] == '\n')) {
    length = strcspn(text, "\n");
    put_help_words(text, length, 0, 0);
  }
}

/* Two columns. A text too wide for the first column has a line of its own. */
static void put_help_row(const char *left, const char *right, int column) {
  int at = printf("%s", left);
  if (!right[0]) {
    puts("");
    return;
  }
  if (at + 1 > column) {
    puts("");
    at = 0;
  }
  printf("%*s", column - at, "");
  put_help_words(right, strlen(right), column, column);
}

static void put_exits(const char *headline, const struct sim_help_row *rows) {
  printf("\n%s\n", headline);
  for (; rows->left; rows++) {
    char left[16];
    (void)snprintf(left, sizeof left, "  %3s", rows->left);
    put_help_row(left, rows->right, EXIT_COLUMN);
  }
}

static void put_examples(const struct sim_command_row *command) {
  size_t most = sizeof command->examples / sizeof command->examples[0];
  printf("\nExample%s:\n", command->examples[1].left ? "s" : "");
  for (size_t i = 0; i < most && command->examples[i].left; i++) {
    char left[100];
    (void)snprintf(left, sizeof left, "  %s", command->examples[i].left);
    put_help_row(left, command->examples[i].right, EXAMPLE_COLUMN);
  }
}

/* ": text, junit, tap", or nothing. */
static void append_words(const struct sim_words *words, char *text, size_t room) {
  text[0] = '\0';
  for (int i = 0; words && i < words->count; i++) {
    size_t used = strlen(text);
    (void)snprintf(text + used, room - used, "%s%s", i == 0 ? ": " : ", ", words->list[i]);
  }
}

static void put_option(const struct sim_option_row *row) {
  char left[64], letter[4] = "   ", words[200], right[900];
  if (row->letter) (void)snprintf(letter, sizeof letter, "-%c,", row->letter);
  (void)snprintf(left, sizeof left, "  %s --%s%s%s", letter, row->name, row->argument ? " " : "",
                 row->argument ? row->argument : "");
  append_words(row->words, words, sizeof words);
  (void)snprintf(right, sizeof right, "%s%s%s%s%s%s%s", row->summary, words,
                 row->standard ? " (default " : "", row->standard ? row->standard : "",
                 row->standard ? ")" : "", row->more ? ". " : "", row->more ? row->more : "");
  put_help_row(left, right, OPTION_COLUMN);
}

/* "reloadsim run [OPTION...] [PATH...]" */
static void usage_of(const struct sim_command_row *command, char text[80]) {
  (void)snprintf(text, 80, "reloadsim %s [OPTION...]%s%s", command->name,
                 command->operands[0] ? " " : "", command->operands);
}

static void put_command(const struct sim_command_row *command) {
  unsigned bit = 1u << (command - sim_command_rows);
  char usage[80];
  usage_of(command, usage);
  printf("Usage: %s\n", usage);
  if (command->usage) printf("       %s\n", command->usage);
  puts("");
  put_paragraphs(command->text);
  puts("");
  for (int i = 0; i < sim_option_row_count; i++)
    if (sim_option_rows[i].commands & bit) put_option(&sim_option_rows[i]);
  if (command->more) {
    puts("");
    put_paragraphs(command->more);
  }
  if (command->codes) put_exits(command->codes, command->exits);
  put_examples(command);
}

static void put_overview(void) {
  printf("%s\n\nUsage:\n", sim_help_title);
  for (int i = 0; i < SIM_COMMAND_HELP; i++) {
    char usage[80], left[90];
    usage_of(&sim_command_rows[i], usage);
    (void)snprintf(left, sizeof left, "  %s", usage);
    put_help_row(left, sim_command_rows[i].summary, COMMAND_COLUMN);
  }
  put_help_row("  reloadsim --help [COMMAND]", "this text, or more about a command",
               COMMAND_COLUMN);
  put_help_row("  reloadsim --version", "the version of the engine and of this program",
               COMMAND_COLUMN);
  puts("");
  put_paragraphs(sim_help_text);
  put_exits("Exit codes:", sim_help_exits);
  puts("");
  put_paragraphs(sim_help_end);
}

void sim_options_help(const char *topic) {
  for (int i = 0; topic && i < SIM_COMMAND_HELP; i++) {
    if (strcmp(topic, sim_command_rows[i].name) != 0) continue;
    put_command(&sim_command_rows[i]);
    return;
  }
  put_overview();
}
