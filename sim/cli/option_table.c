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

static const char *const format_list[] = {"text", "junit", "tap", "json"}; /* enum sim_format */
static const struct sim_words format_words = {"format", 4, format_list};

const struct sim_option_row sim_option_rows[] = {
    {.name = "filter",
     .letter = 'f',
     .argument = "TEXT",
     .commands = RUN | CERTIFY,
     .summary = "only cases whose id contains TEXT",
     .more = "With * ? or [ it is a pattern that the whole id must match (* stands for / too).",
     .kind = SIM_OPTION_TEXT,
     AT(filter)},
    {.name = "jobs",
     .letter = 'j',
     .argument = "N",
     .commands = RUN | CERTIFY | FUZZ,
     .summary = "so many processes, instead of one a core",
     .more = "This never changes results.",
     .kind = SIM_OPTION_INT,
     AT(jobs),
     .least = 1,
     .most = SIM_MAX_JOBS},
    {.name = "seed",
     .argument = "N",
     .commands = RUN | CERTIFY,
     .summary = "for SQLite's randomness",
     .more = "No ending may depend on it.",
     .standard = "1",
     .kind = SIM_OPTION_INT64,
     AT(seed),
     .most = INT64_MAX},
    {.name = "seed",
     .argument = "N",
     .commands = FUZZ,
     .summary = "the same seed makes the same runs",
     .more = "It is always shown.",
     .standard = "1",
     .kind = SIM_OPTION_INT64,
     AT(seed),
     .most = INT64_MAX},
    {.name = "runs",
     .argument = "N",
     .commands = FUZZ,
     .summary = "runs 1 to N",
     .standard = "1000",
     .kind = SIM_OPTION_INT64,
     AT(run_count),
     .least = 1,
     .most = INT64_C(1000000000000)},
    {.name = "time",
     .argument = "T",
     .commands = FUZZ,
     .summary = "begin no run after that time, such as 90s, 5m, 2h",
     .more = "Then it says which --runs N gives the same results, byte by byte.",
     .kind = SIM_OPTION_TIME,
     AT(duration_ms)},
    {.name = "format",
     .argument = "FORMAT",
     .commands = RUN | REPORT,
     .summary = "text, junit, tap or json",
     .standard = "text",
     .kind = SIM_OPTION_WORD,
     AT(format),
     .words = &format_words},
    {.name = "report",
     .argument = "DIR",
     .commands = RUN,
     .summary = "also write every report there",
     .more =
         "That is run.json, index.html, junit.xml, ..., and the traces of failures, for reloadsim "
         "replay. Failures are minimised to small scenarios in DIR/regressions.",
     .kind = SIM_OPTION_FILE,
     AT(report)},
    {.name = "report",
     .argument = "DIR",
     .commands = FUZZ,
     .summary = "also write fuzz.json and the failures there",
     .more =
         "Their traces lie beside their scenarios (traces/), and both minimised to what is needed "
         "(regressions/).",
     .kind = SIM_OPTION_FILE,
     AT(report)},
    {.name = "no-minimise",
     .commands = RUN | FUZZ,
     .summary = "with --report: leave failures as they are",
     .kind = SIM_OPTION_FLAG,
     AT(no_minimise)},
    {.name = "output",
     .argument = "FILE",
     .commands = CERTIFY,
     .summary = "write there, not to standard output",
     .kind = SIM_OPTION_FILE,
     AT(output)},
    {.name = "faults",
     .argument = "WHICH",
     .commands = RUN | CERTIFY,
     .summary = "which faults a run may show",
     .standard = "declared",
     .more =
         "The choice is none; declared: what the scenarios declare; single: also every single "
         "fault at every "
         "place (gateway, events, mail, disk, memory, a process dies, the power fails, the clock "
         "jumps); pairs: also every two of them.",
     .kind = SIM_OPTION_WORD,
     AT(faults),
     .words = &sim_fault_words},
    {.name = "max-states",
     .argument = "N",
     .commands = RUN | CERTIFY,
     .summary = "give up a case after N states, as \"not exhausted\"",
     .standard = NUMBER_TEXT(SIM_MAX_STATES_DEFAULT),
     .kind = SIM_OPTION_INT64,
     AT(max_states),
     .least = 1,
     .most = INT64_C(4000000000)},
    {.name = "memo-limit",
     .argument = "MB",
     .commands = RUN | CERTIFY,
     .summary = "memory of each process for remembered steps, in megabytes",
     .more = "Beyond it they are forgotten, and run again when needed. This never changes results.",
     .standard = NUMBER_TEXT(SIM_MEMO_MB),
     .kind = SIM_OPTION_INT,
     AT(memo_mb),
     .least = SIM_MEMO_LEAST_MB,
     .most = 1000000},
    {.name = "no-memo",
     .commands = RUN | CERTIFY,
     .summary = "remember no step: run every one of every state on the engine",
     .more = "This is slower and never changes results; it shows that remembering does not.",
     .kind = SIM_OPTION_FLAG,
     AT(no_memo)},
    {.name = "fail-fast",
     .commands = RUN,
     .summary = "begin no case after one that does not pass, and show none",
     .kind = SIM_OPTION_FLAG,
     AT(fail_fast)},
    {.name = "verify-determinism",
     .commands = RUN,
     .summary = "run each case and each of its steps twice, and compare",
     .more = "Of every run a sample of steps is made twice.",
     .kind = SIM_OPTION_FLAG,
     AT(verify_determinism)},
    {.name = "resume",
     .commands = RUN,
     .summary = "go on with the interrupted run in --report DIR",
     .more = "Cases that it had explored to the end are not run again, unless they have changed.",
     .kind = SIM_OPTION_FLAG,
     AT(resume)},
    {.name = "shard",
     .argument = "I/N",
     .commands = RUN,
     .summary = "of the chosen cases every N-th, from the I-th on",
     .more = "All N shards together are the whole.",
     .kind = SIM_OPTION_SHARD},
    {.name = "shard",
     .argument = "I/N",
     .commands = FUZZ,
     .summary = "the runs n with n mod N = I - 1",
     .more = "All N shards together are the whole.",
     .kind = SIM_OPTION_SHARD},
    {.name = "list",
     .commands = RUN,
     .summary = "run nothing; one case a line: id, file:line, rules",
     .more = "Only --filter, --shard and --rules go with it.",
     .kind = SIM_OPTION_FLAG,
     AT(list)},
    {.name = "check",
     .argument = "FILE",
     .commands = CERTIFY,
     .summary = "do again what a certificate says, and compare",
     .more = "Everything in it is compared. Paths, filter, faults, seed and bounds are the "
             "certificate's.",
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
     .summary = "the same under gdb, stopped there (or at the last step)",
     .kind = SIM_OPTION_FLAG,
     AT(gdb)},
    {.name = "anyway",
     .commands = REPLAY,
     .summary = "play the trace though something has changed",
     .more = "It was edited, or its scenario or the engine is another one: that is how one sees "
             "whether a new engine has the failure still.",
     .kind = SIM_OPTION_FLAG,
     AT(anyway)},
    {.name = "rules",
     .argument = "FILE",
     .commands = ALL & ~(unsigned)REPORT,
     .summary = "another rule catalogue than scenarios/rules.json",
     .more =
         "Otherwise that is looked for in the working directory, then in the folders above this "
         "program.",
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
         .summary = "explore scenarios and judge every ending they can have",
         .text =
             "Explore the scenarios that PATH names: files, folders, or cases by their ids, such "
             "as "
             "races/toggle-in-flight, which are looked for in the folder scenarios. Without a "
             "PATH, "
             "all of that folder. Results go to standard output, progress and mistakes to standard "
             "error.",
         .more =
             "Colours are used on a terminal unless NO_COLOR is set; they never are the only sign.",
         .examples = {{"reloadsim run", "the whole suite"},
                      {"reloadsim run races/toggle-in-flight", "one case"},
                      {"reloadsim run scenarios/races --filter toggle", "some of a folder"},
                      {"reloadsim run --filter 'races/*' --fail-fast", "until something fails"},
                      {"reloadsim run --format junit > results.xml", "for CI"},
                      {"reloadsim run --report build/report", "with pages for the browser"}}},
    [SIM_COMMAND_CHECK] =
        {.name = "check",
         .operands = "PATH...",
         .summary = "find mistakes in scenario files, run nothing",
         .text = "Read scenario files or folders, or the file of a case by its id, and say what is "
                 "wrong "
                 "with them, as PATH:LINE:COLUMN: error: TEXT on standard error, without running "
                 "anything. Exit code 0 if all is well, 3 if not.",
         .examples = {{"reloadsim check scenarios/races/my-first.json", ""}}},
    [SIM_COMMAND_REPLAY] =
        {.name = "replay",
         .operands = "TRACE",
         .summary = "show a failure's trace, step by step",
         .text =
             "Make the steps of a trace again and show what each one changes: who, what, the "
             "credit "
             "log, the bank, the mailbox, and which rule is broken where. `reloadsim run --report "
             "DIR` writes a trace of every failure to DIR/traces. The scenario is looked for where "
             "the "
             "trace says it was.",
         .codes = "Exit codes:",
         .exits = {{"0", "what the trace finds came up again; or the replay was stopped by --at"},
                   {"1",
                    "all steps were made, and it did not come up; what came up instead is said"},
                   {"3",
                    "the trace is damaged, edited, or of another engine or scenario; or (with "
                    "--anyway) one of its steps cannot be made any more. What differs is said"}},
         .examples = {{"reloadsim replay build/report/traces/NAME.trace", ""},
                      {"reloadsim replay --anyway NAME.trace", "after the engine was mended"}}},
    [SIM_COMMAND_CERTIFY] =
        {.name = "certify",
         .operands = "[PATH...]",
         .summary = "write down what a run has seen, for all to see again",
         .usage = "reloadsim certify --check FILE [--jobs N] [--rules FILE]",
         .text =
             "Explore the scenarios as run does, and write a certificate (JSON): digests of "
             "engine, "
             "simulator and scenarios, the bounds, and for each case its verdict, states, "
             "transitions, every ending with its number of settled states, the fault sites tried, "
             "and a root hash over the graph of states. Its bytes do not depend on --jobs, "
             "compiler, "
             "machine or date.\n"
             "\"exhausted\" is said of a case only if every state of it was seen; else what cut "
             "it. "
             "A failing case is certified as failing. Nothing is certified if a scenario file has "
             "mistakes or the run was interrupted. `reloadsim run --report DIR` writes the same to "
             "DIR/certificate.json.",
         .codes = "Exit codes without --check are those of run. With it:",
         .exits = {{"0", "the certificate holds"},
                   {"1", "it does not: the same engine and scenarios gave something else; every "
                         "difference is told"},
                   {"3",
                    "it cannot be checked: cut, edited, or of another engine, simulator, SQLite or "
                    "scenario; what differs is told, and nothing was run"}},
         .examples = {{"reloadsim certify --faults single --output release.json", ""},
                      {"reloadsim certify --check release.json", ""}}},
    [SIM_COMMAND_FUZZ] =
        {.name = "fuzz",
         .operands = "",
         .summary = "random scenarios, for worlds too large to explore",
         .text =
             "Make scenarios at random and walk through them, where there is too much to explore: "
             "up "
             "to 8 clients, 16 actors, 4 processes, months of time, and several faults at once. "
             "Each "
             "run is one scenario and 20 walks, half of them with any actor that can step next, "
             "half "
             "by changing priorities (PCT). Each run switches a part of the steps, cards and "
             "faults "
             "off, so that the others go further (swarm testing). The checkers judge every step, "
             "as "
             "in a search.",
         .more =
             "A failure is told once for each rule and harm, at its first run; the command beside "
             "it "
             "does that run again. \"Sometimes\" lists interesting situations, and how often they "
             "were met. A run of 5000 or more that never met one of them fails (not a shard, which "
             "is only a part): it has not tested what it seems to test.",
         .examples = {{"reloadsim fuzz", "a thousand runs"},
                      {"reloadsim fuzz --time 1h --seed 7 --report build/fuzz", "in the night"},
                      {"reloadsim fuzz --seed 5 --runs 176 --shard 1/176", "only run 176"},
                      {"reloadsim replay build/fuzz/regressions/NAME.trace", "what went wrong"}}},
    [SIM_COMMAND_REPORT] =
        {.name = "report",
         .operands = "DIR",
         .summary = "the reports of a run once more, from its run.json",
         .text =
             "Write the reports of a run once more, from DIR/run.json, which reloadsim run "
             "--report "
             "has written: the same bytes as the first time. Nothing is run. The verdict goes to "
             "standard output; the exit code is 0 whatever it is, 3 if there is no run.json, or a "
             "damaged or foreign one.",
         .examples = {{"reloadsim report build/report", ""}}},
};

/* ---- The program ---- */

const char sim_help_title[] =
    "reloadsim - every order, every answer: the Auto Reload engine under exhaustive simulation";

const char sim_help_text[] = "A scenario (a JSON file) says what is given, what several actors do "
                             "at the same time, and which "
                             "endings there may be. reloadsim runs the shipping engine through all "
                             "orders of their steps and all "
                             "answers of the gateway that the scenario leaves open. The endings "
                             "that it reaches must be exactly "
                             "those that the scenario names; and in every state on the way the "
                             "ledger, the gateway and the mailbox "
                             "must agree.";

const struct sim_help_row sim_help_exits[] = {
    {"0", "everything passed"},
    {"1", "a scenario or an checker failed, a search was cut by --max-states, fuzz never met a "
          "situation "
          "that it should have, a trace's finding did not come up, or a certificate does not hold"},
    {"2", "wrong usage"},
    {"3",
     "a scenario file has mistakes, a folder has none, or there is no such file or case (the "
     "others "
     "were run all the same); a trace, a certificate, a journal or a run.json is damaged, or of "
     "something else"},
    {"4", "no case was selected"},
    {"7", "a case went differently the second time (nondeterminism)"},
    {"70", "an internal error, an SQLite that is too old, or results that could not be written"},
    {"130",
     "interrupted, in the search or while failures were minimised; what was found until then is "
     "shown"},
    {0}};

const char sim_help_end[] =
    "If several are true, the last of 0, 4, 1, 3, 7, 130, 70 is the answer.\n"
    "Environment: NO_COLOR (set: no colours).\n"
    "First steps: reloadsim run scenarios/races, then scenarios/GUIDE.md.";
