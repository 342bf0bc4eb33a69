/* What --help teaches. */
#include "options.h"

#include <stdio.h>
#include <string.h>

/* The lines are the user's lines. */
/* clang-format off */

static const char overview[] =
    "reloadsim - every order, every answer: the Auto Reload engine under exhaustive simulation\n"
    "\n"
    "Usage:\n"
    "  reloadsim run [OPTION...] [PATH...]   explore scenarios and judge every ending they can have\n"
    "  reloadsim check [OPTION] PATH...      find mistakes in scenario files, run nothing\n"
    "  reloadsim replay [OPTION...] TAPE     show a failure's tape, move by move\n"
    "  reloadsim certify [OPTION...] [PATH...]  write down what a run has seen, for anybody to see again\n"
    "  reloadsim fuzz [OPTION...]            scenarios made at random, for worlds too large to explore\n"
    "  reloadsim report [OPTION] DIR         the reports of a run once more, from its run.json\n"
    "  reloadsim --help [COMMAND]            this text, or more about a command\n"
    "  reloadsim --version                   the version of the engine and of this program\n"
    "\n"
    "A scenario (a JSON file) says what is given, what several actors do at the same time, and which\n"
    "endings there may be. reloadsim runs the shipping engine through all orders of their steps and\n"
    "all answers of the gateway that the scenario leaves open. The endings that it reaches must be\n"
    "exactly those that the scenario names; and in every state on the way the books, the gateway and\n"
    "the mailbox must agree.\n"
    "\n"
    "Exit codes:\n"
    "    0  everything passed\n"
    "    1  a scenario or an oracle failed, a search was cut by --max-states, fuzz never met a situation\n"
    "       that it should have, a tape's finding did not come up, or a certificate does not hold\n"
    "    2  wrong usage\n"
    "    3  a scenario file has mistakes, or a folder has none (the others were run all the same); a\n"
    "       tape, a certificate, a journal or a run.json is damaged, or of something else\n"
    "    4  no case was selected\n"
    "    7  a case went differently the second time (nondeterminism)\n"
    "   70  an internal error, an SQLite that is too old, or results that cannot be written\n"
    "  130  interrupted, in the search or while failures were shrunk; what was found until then is shown\n"
    "If several are true, the last of 0, 4, 1, 3, 7, 130, 70 is the answer.\n"
    "\n"
    "Environment: NO_COLOR (set: no colours).\n"
    "\n"
    "First steps: reloadsim run scenarios/races, then scenarios/GUIDE.md.\n";

static const char run_help[] =
    "Usage: reloadsim run [OPTION...] [PATH...]\n"
    "\n"
    "Explore the scenarios in the files and folders PATH (default: scenarios). Results go to standard\n"
    "output, progress and mistakes to standard error.\n"
    "\n"
    "  -f, --filter TEXT         only cases whose id contains TEXT; with * ? or [ it is a pattern that\n"
    "                            the whole id must match (* stands for / too)\n"
    "  -j, --jobs N              so many processes (default: one a core); never changes results\n"
    "      --seed N              for SQLite's randomness (default 1); no ending may depend on it\n"
    "      --format FORMAT       text (default), junit, tap or json\n"
    "      --report DIR          also write every report there: run.json, index.html, junit.xml, ...,\n"
    "                            and the tapes of failures, for reloadsim replay; failures are shrunk\n"
    "                            to small scenarios in DIR/regressions\n"
    "      --no-shrink           with --report: leave failures as they are\n"
    "      --faults WHICH        none; declared (default): what the scenarios declare; single: also every\n"
    "                            single fault at every place (gateway, events, mail, disk, memory, a\n"
    "                            process dies, the power fails, the clock jumps); pairs: also every two\n"
    "                            of them\n"
    "      --max-states N        give up a case after N states, as \"not exhausted\" (default 1000000)\n"
    "      --fail-fast           begin no case after the first that does not pass, and show none\n"
    "      --verify-determinism  run each case twice, and each step of it twice, and compare (of every\n"
    "                            run a sample of steps is made twice)\n"
    "      --resume              go on with the run in --report DIR that was interrupted: cases that it\n"
    "                            had explored to the end are not run again, unless they have changed\n"
    "      --shard I/N           of the chosen cases every N-th, from the I-th on: all N shards together\n"
    "                            are the whole\n"
    "      --list                run nothing; one case a line: id, file:line, rules. Only --filter,\n"
    "                            --shard and --rules go with it\n"
    "      --rules FILE          another rule catalogue than scenarios/rules.json, which is looked for\n"
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
    "Read scenario files or folders and say what is wrong with them, as PATH:LINE:COLUMN: error: TEXT on\n"
    "standard error, without running anything. Exit code 0 if all is well, 3 if not.\n"
    "\n"
    "      --rules FILE          another rule catalogue than scenarios/rules.json\n"
    "\n"
    "Example:\n"
    "  reloadsim check scenarios/races/my-first.json\n";

static const char replay_help[] =
    "Usage: reloadsim replay [OPTION...] TAPE\n"
    "\n"
    "Make the moves of a tape again and show what each one changes: who, what, the credit log, the\n"
    "bank, the mailbox, and which rule is broken where. `reloadsim run --report DIR` writes a tape of\n"
    "every failure to DIR/tapes. The scenario is looked for where the tape says it was.\n"
    "\n"
    "      --at N       stop before move N and show the balances\n"
    "      --gdb        the same under gdb, stopped there (or at the last move)\n"
    "      --anyway     play the tape though it was edited, or its scenario or the engine has changed:\n"
    "                   that is how one sees whether a new engine has the failure still\n"
    "      --rules FILE another rule catalogue than scenarios/rules.json\n"
    "\n"
    "Exit codes:\n"
    "    0  what the tape finds came up again; or the replay was stopped by --at\n"
    "    1  all moves were made, and it did not come up; what came up instead is said\n"
    "    3  the tape is damaged, edited, or of another engine or scenario; or (with --anyway) one of its\n"
    "       moves cannot be made any more. What differs is said\n"
    "\n"
    "Examples:\n"
    "  reloadsim replay build/report/tapes/NAME.tape\n"
    "  reloadsim replay --anyway build/report/tapes/NAME.tape    after the engine was mended\n";

static const char certify_help[] =
    "Usage: reloadsim certify [OPTION...] [PATH...]\n"
    "       reloadsim certify --check FILE [--jobs N] [--rules FILE]\n"
    "\n"
    "Explore the scenarios as run does, and write a certificate (JSON): digests of engine, simulator and\n"
    "scenarios, the bounds, and for each case its verdict, states, transitions, every ending with its\n"
    "number of settled states, the fault sites tried, and a root hash over the graph of states. Its\n"
    "bytes do not depend on --jobs, compiler, machine or date. \"exhausted\" is said of a case only if\n"
    "every state of it was seen; else what cut it. A failing case is certified as failing. Nothing is\n"
    "certified if a scenario file has mistakes or the run was interrupted. `reloadsim run --report DIR`\n"
    "writes the same to DIR/certificate.json.\n"
    "\n"
    "      --output FILE         write there, not to standard output\n"
    "  -f, --filter TEXT         these are as for run\n"
    "  -j, --jobs N\n"
    "      --seed N\n"
    "      --faults WHICH\n"
    "      --max-states N\n"
    "      --rules FILE\n"
    "      --check FILE          read a certificate, do again what it says was done, and compare all of\n"
    "                            it; paths, filter, faults, seed and bounds are the certificate's\n"
    "\n"
    "Exit codes without --check are those of run. With it:\n"
    "    0  the certificate holds\n"
    "    1  it does not: the same engine and scenarios gave something else; every difference is told\n"
    "    3  it cannot be checked: cut, edited, or of another engine, simulator, SQLite or scenario; what\n"
    "       differs is told, and nothing was run\n"
    "\n"
    "Examples:\n"
    "  reloadsim certify --faults single --output release.json\n"
    "  reloadsim certify --check release.json\n";

static const char fuzz_help[] =
    "Usage: reloadsim fuzz [OPTION...]\n"
    "\n"
    "Make scenarios at random and walk through them, where there is too much to explore: up to 8 clients,\n"
    "16 actors, 4 processes, months of time, and several faults at once. Each run is one scenario and 20\n"
    "walks, half of them with any actor that can move next, half by changing priorities (PCT). Each run\n"
    "switches a part of the steps, cards and faults off, so that the others go further (swarm testing).\n"
    "The oracles judge every move, as in a search.\n"
    "\n"
    "  -j, --jobs N              so many processes (default: one a core); never changes results\n"
    "      --seed N              the same seed makes the same runs (default 1); it is always shown\n"
    "      --runs N              runs 1 to N (default 1000)\n"
    "      --time T              begin no run after that time, such as 90s, 5m, 2h; then it says which\n"
    "                            --runs N gives the same results, byte by byte\n"
    "      --shard I/N           the runs n with n mod N = I - 1; all shards together are the whole\n"
    "      --report DIR          also write fuzz.json, the tapes of the failures beside their scenarios\n"
    "                            (tapes/), and both shrunk to what is needed (regressions/)\n"
    "      --no-shrink           with --report: leave failures as they are\n"
    "      --rules FILE          another rule catalogue than scenarios/rules.json\n"
    "\n"
    "A failure is told once for each rule and harm, at its first run; the command beside it does that run\n"
    "again. \"Sometimes\" lists interesting situations, and how often they were met. A run of 5000 or more\n"
    "that never met one of them fails (not a shard, which is only a part): it has not tested what it\n"
    "seems to test.\n"
    "\n"
    "Examples:\n"
    "  reloadsim fuzz                                      a thousand runs\n"
    "  reloadsim fuzz --time 1h --seed $(date +%s) --report build/fuzz    in the night\n"
    "  reloadsim fuzz --seed 5 --runs 176 --shard 1/176    only run 176\n"
    "  reloadsim replay build/fuzz/regressions/NAME.tape   what went wrong, move by move\n";

static const char report_help[] =
    "Usage: reloadsim report [--format FORMAT] DIR\n"
    "\n"
    "Write the reports of a run once more, from DIR/run.json, which reloadsim run --report has written:\n"
    "the same bytes as the first time. Nothing is run. The verdict goes to standard output; the exit\n"
    "code is 0 whatever it is, 3 if there is no run.json, or a damaged or foreign one.\n"
    "\n"
    "      --format FORMAT       on standard output: text (default), junit, tap or json\n"
    "\n"
    "Example:\n"
    "  reloadsim report build/report\n";

/* clang-format on */

void sim_options_help(const char *topic) {
  static const struct {
    const char *topic, *text;
  } texts[] = {{"run", run_help},         {"check", check_help}, {"replay", replay_help},
               {"certify", certify_help}, {"fuzz", fuzz_help},   {"report", report_help}};
  const char *text = overview;
  for (size_t i = 0; topic && i < sizeof texts / sizeof texts[0]; i++)
    if (strcmp(topic, texts[i].topic) == 0) text = texts[i].text;
  fputs(text, stdout);
}
