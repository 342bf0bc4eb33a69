#include "option_table.h"

#include <stddef.h>

enum {
  RUN = 1u << SIM_COMMAND_RUN,
  CHECK = 1u << SIM_COMMAND_CHECK,
  REPLAY = 1u << SIM_COMMAND_REPLAY,
  CERTIFY = 1u << SIM_COMMAND_CERTIFY,
  FUZZ = 1u << SIM_COMMAND_FUZZ,
  REPORT = 1u << SIM_COMMAND_REPORT,
  ALL = RUN | CHECK | REPLAY | CERTIFY | FUZZ | REPORT
};

#define NUMBER_TEXT(number) NUMBER_AS_IT_STANDS(number)
#define NUMBER_AS_IT_STANDS(number) #number
#define AT(member) .offset = offsetof(struct sim_options, member)

/* ---- Options ---- */

#define FORMAT_WORD(NAME, name, file, word) word,
static const char *const format_list[] = {REPORT_FORMATS(FORMAT_WORD)};
static const struct sim_words format_words = {"format", REPORT_FORMAT_COUNT, format_list};

const struct sim_option_row sim_option_rows[] = {
    {.name = "filter",
     .letter = 'f',
     .argument = "TEXT",
     .commands = RUN | CERTIFY,
     .summary = "run only the cases whose id contains TEXT",
     .more = "A TEXT with * ? or [ is a pattern for the whole id (* also matches /).",
     .kind = SIM_OPTION_TEXT,
     AT(filter)},
    {.name = "jobs",
     .letter = 'j',
     .argument = "N",
     .commands = RUN | CERTIFY | FUZZ,
     .summary = "number of processes; otherwise one for each core",
     .more = "It never changes results.",
     .kind = SIM_OPTION_INT,
     AT(jobs),
     .least = 1,
     .most = SIM_MAX_JOBS},
    {.name = "seed",
     .argument = "N",
     .commands = RUN | CERTIFY,
     .summary = "seed of SQLite's random numbers",
     .more = "No ending depends on it.",
     .standard = "1",
     .kind = SIM_OPTION_INT64,
     AT(seed),
     .most = INT64_MAX},
    {.name = "seed",
     .argument = "N",
     .commands = FUZZ,
     .summary = "seed of the runs: the same seed makes the same runs",
     .more = "It is always printed.",
     .standard = "1",
     .kind = SIM_OPTION_INT64,
     AT(seed),
     .most = INT64_MAX},
    {.name = "runs",
     .argument = "N",
     .commands = FUZZ,
     .summary = "make runs 1 to N",
     .standard = "1000",
     .kind = SIM_OPTION_INT64,
     AT(run_count),
     .least = 1,
     .most = INT64_C(1000000000000)},
    {.name = "time",
     .argument = "T",
     .commands = FUZZ,
     .summary = "begin no run after this time, such as 90s, 5m, 2h",
     .more = "At the end the --runs N that gives the same results is printed.",
     .kind = SIM_OPTION_TIME,
     AT(duration_ms)},
    {.name = "format",
     .argument = "FORMAT",
     .commands = RUN | REPORT,
     .summary = "format of the results",
     .standard = "text",
     .kind = SIM_OPTION_WORD,
     AT(format),
     .words = &format_words},
    {.name = "report",
     .argument = "DIR",
     .commands = RUN,
     .summary = "also write all reports to DIR",
     .more =
         "These are run.json, index.html, junit.xml and others, and a trace of each failure for "
         "reloadsim replay. Failures are minimised to small scenarios in DIR/regressions.",
     .kind = SIM_OPTION_FILE,
     AT(report)},
    {.name = "report",
     .argument = "DIR",
     .commands = FUZZ,
     .summary = "also write fuzz.json and the failures to DIR",
     .more = "DIR/traces has each failing scenario with its trace, DIR/regressions both minimised.",
     .kind = SIM_OPTION_FILE,
     AT(report)},
    {.name = "no-minimise",
     .commands = RUN | FUZZ,
     .summary = "with --report: do not minimise failures",
     .kind = SIM_OPTION_FLAG,
     AT(no_minimise)},
    {.name = "output",
     .argument = "FILE",
     .commands = CERTIFY,
     .summary = "write to FILE instead of standard output",
     .kind = SIM_OPTION_FILE,
     AT(output)},
    {.name = "faults",
     .argument = "WHICH",
     .commands = RUN | CERTIFY,
     .summary = "the faults that can happen",
     .standard = "declared",
     .more =
         "WHICH is none; declared: those that scenarios declare; single: also any one injected "
         "fault (gateway, events, mail, disk, memory, death of a process, power failure, clock); "
         "pairs: also any two injected faults.",
     .kind = SIM_OPTION_WORD,
     AT(faults),
     .words = &sim_fault_words},
    {.name = "max-states",
     .argument = "N",
     .commands = RUN | CERTIFY,
     .summary = "stop the search of a case after N states",
     .standard = NUMBER_TEXT(SIM_MAX_STATES_DEFAULT),
     .kind = SIM_OPTION_INT64,
     AT(max_states),
     .least = 1,
     .most = INT64_C(4000000000)},
    {.name = "memo-limit",
     .argument = "MB",
     .commands = RUN | CERTIFY,
     .summary = "memory for remembered steps, in megabytes a process",
     .more = "When it is full, steps are forgotten and run again when needed. It never changes "
             "results.",
     .standard = NUMBER_TEXT(SIM_MEMO_MB),
     .kind = SIM_OPTION_INT,
     AT(memo_mb),
     .least = SIM_MEMO_LEAST_MB,
     .most = 1000000},
    {.name = "no-memo",
     .commands = RUN | CERTIFY,
     .summary = "remember no step: run each step of each state",
     .more = "It is slower and never changes results. It proves that remembering does not either.",
     .kind = SIM_OPTION_FLAG,
     AT(no_memo)},
    {.name = "fail-fast",
     .commands = RUN,
     .summary = "begin no case after the first that does not pass",
     .kind = SIM_OPTION_FLAG,
     AT(fail_fast)},
    {.name = "verify-determinism",
     .commands = RUN,
     .summary = "run each case and each step twice, and compare",
     .more = "Without it, only a sample of the steps is run twice.",
     .kind = SIM_OPTION_FLAG,
     AT(verify_determinism)},
    {.name = "resume",
     .commands = RUN,
     .summary = "resume the interrupted run in --report DIR",
     .more = "Completed cases are not run again, unless they have changed.",
     .kind = SIM_OPTION_FLAG,
     AT(resume)},
    {.name = "shard",
     .argument = "I/N",
     .commands = RUN,
     .summary = "run every N-th selected case, from the I-th on",
     .more = "All N shards together are the whole run.",
     .kind = SIM_OPTION_SHARD},
    {.name = "shard",
     .argument = "I/N",
     .commands = FUZZ,
     .summary = "make the runs n with n mod N = I - 1",
     .more = "All N shards together are the whole run.",
     .kind = SIM_OPTION_SHARD},
    {.name = "list",
     .commands = RUN,
     .summary = "list the cases and run nothing: id, file:line, rules",
     .more = "It can be combined with --filter, --shard and --rules.",
     .kind = SIM_OPTION_FLAG,
     AT(list)},
    {.name = "check",
     .argument = "FILE",
     .commands = CERTIFY,
     .summary = "run again what the certificate FILE says, and compare",
     .more = "Every value is compared. Paths, filter, faults, seed and limits come from the "
             "certificate.",
     .kind = SIM_OPTION_FILE,
     AT(check)},
    {.name = "at",
     .argument = "N",
     .commands = REPLAY,
     .summary = "stop before step N and show the balances",
     .kind = SIM_OPTION_INT,
     AT(stop_at),
     .least = 1,
     .most = 1000000},
    {.name = "gdb",
     .commands = REPLAY,
     .summary = "replay under gdb and stop there, or at the last step",
     .kind = SIM_OPTION_FLAG,
     AT(gdb)},
    {.name = "anyway",
     .commands = REPLAY,
     .summary = "replay a trace that does not match",
     .more = "It was edited, or the scenario or the engine has changed: this shows whether a new "
             "engine still has the failure.",
     .kind = SIM_OPTION_FLAG,
     AT(anyway)},
    {.name = "rules",
     .argument = "FILE",
     .commands = ALL & ~(unsigned)REPORT,
     .summary = "the rule catalogue",
     .more =
         "Otherwise scenarios/rules.json is used, from the working directory or from the folders "
         "above this program.",
     .kind = SIM_OPTION_FILE,
     AT(rules)},
    {.name = "help",
     .letter = 'h',
     .commands = ALL,
     .summary = "show this text",
     .kind = SIM_OPTION_HELP},
};
const int sim_option_row_count = (int)(sizeof sim_option_rows / sizeof sim_option_rows[0]);

/* ---- Commands ---- */

const struct sim_command_row sim_command_rows[] = {
    [SIM_COMMAND_RUN] =
        {.name = "run",
         .operands = "[PATH...]",
         .summary = "explore every ending of scenarios and check them",
         .text =
             "Explore the scenarios that PATH names: a file, a folder, or the id of a case below "
             "the folder scenarios, such as races/toggle-in-flight. Without a PATH, explore all "
             "of that folder. Results go to standard output, progress and mistakes to standard "
             "error.",
         .more = "Colours are used on a terminal unless NO_COLOR is set. They never carry meaning "
                 "alone.",
         .examples = {{"reloadsim run", "the whole suite"},
                      {"reloadsim run races/toggle-in-flight", "one case"},
                      {"reloadsim run scenarios/races --filter toggle", "part of a folder"},
                      {"reloadsim run --filter 'races/*' --fail-fast", "stop at a failure"},
                      {"reloadsim run --format junit > results.xml", "for CI"},
                      {"reloadsim run --report build/report", "with HTML pages"}}},
    [SIM_COMMAND_CHECK] =
        {.name = "check",
         .operands = "PATH...",
         .summary = "find mistakes in scenario files without running",
         .text = "Read scenario files, folders, or the file of a case by its id, and write their "
                 "mistakes to standard error as PATH:LINE:COLUMN: error: TEXT. Nothing is run. "
                 "The exit code is 0 if there is no mistake, else 3.",
         .examples = {{"reloadsim check scenarios/races/my-first.json", ""}}},
    [SIM_COMMAND_REPLAY] =
        {.name = "replay",
         .operands = "TRACE",
         .summary = "make the steps of a trace again and show them",
         .text =
             "Make the steps of a trace again. For each step, show who made it, what it changed "
             "in the credit log, the bank and the mailbox, and which rule it breaks. `reloadsim "
             "run --report DIR` writes a trace of each failure to DIR/traces. The trace names its "
             "scenario's file.",
         .codes = "Exit codes:",
         .exits = {{"0", "the failure of the trace came again, or --at stopped the replay"},
                   {"1",
                    "all steps were made and the failure did not come; the output says what came "
                    "instead"},
                   {"3",
                    "the trace is damaged, was edited, or is from another engine or scenario; or, "
                    "with --anyway, a step cannot be made any more. A message says what differs"}},
         .examples = {{"reloadsim replay build/report/traces/NAME.trace", ""},
                      {"reloadsim replay --anyway NAME.trace", "with a changed engine"}}},
    [SIM_COMMAND_CERTIFY] =
        {.name = "certify",
         .operands = "[PATH...]",
         .summary = "write or check the certificate of a run",
         .usage = "reloadsim certify --check FILE [--jobs N] [--rules FILE]",
         .text =
             "Explore the scenarios as run does, and write a certificate (JSON): the digests of "
             "engine, simulator and scenarios, the limits, and for each case its verdict, states, "
             "transitions, every ending with its number of terminal states, the fault sites "
             "tried, and a root hash of the graph of states. Its bytes do not depend on --jobs, "
             "compiler, machine or date.\nA case is \"exhausted\" only if every state was "
             "explored; otherwise the certificate says what cut the search. A failing case is "
             "certified as failing. No certificate is written if a scenario file has mistakes or "
             "the run was interrupted. `reloadsim run --report DIR` writes the same to "
             "DIR/certificate.json.",
         .codes = "Exit codes without --check are those of run. With --check:",
         .exits = {{"0", "the certificate holds"},
                   {"1", "it does not hold: the same engine and scenarios gave other results; "
                         "each difference is printed"},
                   {"3",
                    "it cannot be checked: it is cut, was edited, or is from another engine, "
                    "simulator, SQLite or scenario. A message says what differs; nothing was run"}},
         .examples = {{"reloadsim certify --faults single --output release.json", ""},
                      {"reloadsim certify --check release.json", ""}}},
    [SIM_COMMAND_FUZZ] =
        {.name = "fuzz",
         .operands = "",
         .summary = "run random scenarios, too large to explore",
         .text =
             "Make random scenarios and walk through them at random. They are too large to "
             "explore: up to 8 clients, 16 actors, 4 processes, months of time, and several "
             "faults at once. Each run is one scenario and 20 walks. In half of the walks any "
             "enabled actor goes next; in the other half actors have changing priorities (PCT). "
             "Each run switches some steps, cards and faults off, so that the others go further "
             "(swarm testing). Every step is checked as in a search.",
         .more =
             "For each rule and harm the first failure is shown, with the command that makes its "
             "run again. \"Sometimes\" lists situations that should be tested and how often each "
             "was met. From 5000 runs on it is a failure if one was never met: then the runs do "
             "not test what they should. This does not apply to a shard, which is only a part.",
         .examples = {{"reloadsim fuzz", "a thousand runs"},
                      {"reloadsim fuzz --time 1h --seed 7 --report build/fuzz", "for a night"},
                      {"reloadsim fuzz --seed 5 --runs 176 --shard 1/176", "run 176 alone"},
                      {"reloadsim replay build/fuzz/regressions/NAME.trace", "show a failure"}}},
    [SIM_COMMAND_REPORT] =
        {.name = "report",
         .operands = "DIR",
         .summary = "write the reports of a run again",
         .text =
             "Write the reports of a run again, with the same bytes, from the DIR/run.json of "
             "reloadsim run --report DIR. Nothing is run. The verdict goes to standard output. "
             "The exit code is 0 for every verdict, and 3 if run.json is missing, damaged or not "
             "a run.",
         .examples = {{"reloadsim report build/report", ""}}},
};

/* ---- The program ---- */

const char sim_help_title[] = "reloadsim - exhaustive simulation of the Auto Reload engine";

const char sim_help_text[] = "A scenario is a JSON file. It says what is given, what several "
                             "actors do at the same time, and which endings are expected. "
                             "reloadsim runs the production engine through every order of their "
                             "steps and every fault that the scenario declares. The endings must "
                             "be exactly the expected ones, and in every state the ledger, the "
                             "gateway and the mailbox must agree.";

const struct sim_help_row sim_help_exits[] = {
    {"0", "all cases passed"},
    {"1", "a case failed, --max-states cut a search, fuzz found a failure or never met a "
          "situation, the failure of a trace did not come again, or a certificate does not hold"},
    {"2", "wrong usage"},
    {"3",
     "a scenario file has mistakes, a folder has no scenario, or a file or case does not exist "
     "(the others were run); or a trace, certificate, journal or run.json is damaged or does not "
     "match"},
    {"4", "no case was selected"},
    {"7", "a case was different when it was run again (nondeterminism)"},
    {"70", "internal error, SQLite is too old, or results could not be written"},
    {"130", "interrupted during the search or while minimising; the results so far are shown"},
    {0}};

const char sim_help_end[] =
    "If several apply, the last in the order 0, 4, 1, 3, 7, 130, 70 is used.\nEnvironment: "
    "NO_COLOR (set: no colours).\nFirst steps: reloadsim run scenarios/races, then read "
    "scenarios/GUIDE.md.";
