#!/usr/bin/env bash
# Every exit code that the help promises, what selects cases, and what is said to who uses it wrongly.
# shellcheck source=tests/cli_files/kit.sh
. "$(dirname "$0")/cli_files/kit.sh"
take passing failing matrix heavy

# ---- 0 and 1 ----
ends 0 run scenarios/t/passing.json
says out '^Cases +1 passed, 0 failed'
silent err
ends 1 run scenarios/t/failing.json
says out 'every ending must have at most 0'
says out '^FAILED +t/failing'
silent err
ends 1 run scenarios/t/passing.json --max-states 3
says out 'NOT EXPLORED TO THE END'
says out 'not exhausted'
says out 'raise --max-states'
says out '^Not proven yet'
never out '^Safe to release'
says out 'reloadsim run scenarios/t/passing\.json --max-states 3'

# ---- 2: wrong usage names the word, the place to look, and nothing goes to stdout ----
refuses() {
  local pattern=$1
  shift
  ends 2 "$@"
  silent out
  says err "$pattern"
  says err '^See reloadsim .*--help$'
}
refuses 'run, check, replay, certify, fuzz or report'
refuses 'not "walk"$' walk
refuses 'not "rnu", did you mean run\?' rnu
refuses 'not "chek", did you mean check\?' chek
refuses 'not "--hepl", did you mean --help\?' --hepl
refuses 'no option --no-such' run --no-such
refuses 'no option --fail-fats, did you mean --fail-fast' run --fail-fats
refuses 'no option --jbos, did you mean --jobs\?' run --jbos=2
refuses 'no option -x' run -x
refuses 'no option --filter: it goes with run or certify' check --filter x scenarios
refuses 'no option --gdb: it goes with replay' run --gdb
refuses '-j needs a value' run -j
refuses '--report needs' run --report
refuses '--report needs' run --report ''
refuses 'takes no value' run --list=all
# What would do nothing is refused, as it was meant to do something.
for words in --fail-fast '--format json' "--report $work/report" --resume --verify-determinism \
  --no-minimise '--jobs 2' '--seed 2' '--faults single' '--max-states 5'; do
  # shellcheck disable=SC2086  # words
  refuses "--list runs nothing: it can only be combined with .*, not ${words%% *}$" run --list $words
done
refuses '--no-minimise needs --report' run --no-minimise
refuses '--no-minimise needs --report' fuzz --no-minimise --runs 1
for words in '--faults single' '--seed 1' '--max-states 5' '--filter x' '--output y'; do
  # shellcheck disable=SC2086  # words
  refuses "--check takes .*, not ${words%% *}$" certify --check x.json $words
done
refuses 'remove "' certify --check x.json scenarios
[ ! -e "$work/report" ] || wrong "a directory was made for nothing"
refuses '1 to 64, not "0"' run --jobs 0
refuses '1 to 64, not "65"' run --jobs 65
refuses 'not "2x"' run --jobs 2x
refuses 'not ""' run --jobs ''
refuses 'not "-1"' run --seed -1
refuses '9223372036854775807' run --seed 9223372036854775808
refuses 'not "0"' run --max-states 0
refuses 'not "pdf"' run --format pdf
refuses 'not "all"' run --faults all
refuses 'not "singel", did you mean single\?' run --faults singel
refuses 'at least one file' check
refuses 'run, check, replay, certify, fuzz and report, not on "walk"' --help walk
refuses 'not on "certfy", did you mean certify\?' help certfy
refuses 'UTF-8' run --filter $'\xff'
refuses 'UTF-8' run $'scenarios/\xff.json'
refuses 'not a path' run ''

# ---- 3: a mistake; what has none is run all the same ----
echo '{' >"$here/broken.json"
ends 3 run scenarios/t/broken.json scenarios/t/passing.json
says out '1 passed'
ends 3 run scenarios/t/broken.json scenarios/t/failing.json
says out '^FAILED +t/failing'
ends 3 check scenarios/t/broken.json
silent out
ends 3 run --list scenarios/t/broken.json scenarios/t/passing.json
says out '^t/passing'
rm "$here/broken.json"

# ---- 4: nothing selected is not success ----
ends 4 run --filter no-such-case
says err 'no id contains "no-such-case"'
says err 'run --list'
never out '^Safe to release'
ends 4 run --filter 'no-such-*'
says err 'match a whole id'
ends 4 run --list --filter no-such-case
silent out
says err 'no id contains'

# ---- What selects ----
ends 0 run --list
[ "$(cut -f 1 "$work/out" | tr '\n' ' ')" = 't/failing t/heavy t/matrix#lost t/matrix#stolen t/passing ' ] ||
  wrong "the list has not the five ids"
[ "$(grep -cE '^t/[a-z#]+	scenarios/t/[a-z]+\.json:[0-9]+	[A-Z0-9,-]+$' "$work/out")" = 5 ] ||
  wrong "a line of the list is not: id, file:line, rules"
silent err
# chooses IDS FILTER
chooses() {
  ends 0 run --list --filter "$2"
  [ "$(cut -f 1 "$work/out" | tr '\n' ' ')" = "$1" ] || wrong "--filter $2 does not choose $1"
}
chooses 't/failing t/passing ' 'ing'
chooses 't/matrix#stolen ' '#stolen'
chooses 't/matrix#lost t/matrix#stolen ' 't/m*'
chooses 't/matrix#lost t/matrix#stolen ' '*#*'
chooses 't/failing t/passing ' 't/[fp]*'
ends 4 run --list --filter 'passing*' # a pattern has to match from the beginning
ends 0 run --filter '*#lost' -j 1
says out '^Cases +1 passed, .* 1 in all'
ends 0 check scenarios
says out '^5 cases, no mistakes$'

# ---- 7: the same case twice, and not the same; a library in between sees to that ----
cat >"$work/twice.c" <<'C'
#include <stddef.h>
#include <stdio.h>
#include <jansson.h>
char *json_dumps(const json_t *json, size_t flags) {
  static int calls;
  char *text = NULL;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  json_dumpf(json, out, flags);
  if (json_object_get(json, "title") && calls++ % 2) fputc(' ', out); /* results, not events */
  fclose(out);
  return text;
}
C
if ${CC:-gcc} -shared -fPIC -D_POSIX_C_SOURCE=200809L -o "$work/twice.so" "$work/twice.c" -ljansson; then
  export LD_PRELOAD=$work/twice.so
  ends 7 run --verify-determinism scenarios/t/passing.json --report "$work/report"
  unset LD_PRELOAD
  says out '^DIFFERENT WHEN'
says out 'reloadsim run scenarios/t/passing\.json --verify-determinism$'
  says err 't/passing was different when it was run again'
  grep -q '"verdict": "nondeterministic"' "$work/report/run.json" || wrong "run.json does not say so"
  grep -q 'nondeterminism' "$work/report/junit.xml" || wrong "junit.xml does not say so"
else
  wrong "the library for the test of exit code 7 cannot be built"
fi
ends 0 run --verify-determinism scenarios/t/passing.json

# ---- 70: a process is killed; its case is a failure in every report, the others are run ----
take failing
"$reloadsim" run --max-states 4000000000 -j 1 --filter 't/[hp]*' --report "$work/report" \
  >"$work/out" 2>"$work/err" </dev/null &
parent=$!
eventually "nobody works" has_children $parent 1
child=$(children "$parent")
eventually "it does not work" has_worked "$child" 20
kill -KILL "$child"
code=0
wait "$parent" || code=$?
last="run (and kill -KILL of its worker)"
checked=$((checked + 1))
[ $code = 70 ] || wrong "exit code $code instead of 70"
says err 'internal error in case t/heavy'
says out 'signal 9 \(Killed\)'
says out 'Cases +1 passed, 1 failed.* 2 in all'
grep -q 'failures="1"' "$work/report/junit.xml" || wrong "junit.xml has not one failure"

# ---- Help and version ----
for words in '--help' '-h' 'help' '--help run' 'run --help' 'run -h' '--help check' 'check --help' \
  '--help report' \
  '--version'; do
  # shellcheck disable=SC2086  # words
  ends 0 $words
  silent err
  says out 'reloadsim'
  awk 'length > 100 { exit 1 }' "$work/out" || wrong "a line of the help is longer than 100 columns"
done
ends 0 --version
says out '^reloadsim [0-9]+\.[0-9]+'
ends 0 --help
for number in 0 1 2 3 4 7 70 130; do says out "^ +$number  "; done
says out 'NO_COLOR'
ends 0 run --help
for option in --filter --jobs --seed --format --report --faults --max-states --fail-fast \
  --verify-determinism --list --rules; do
  says out "^ +(-., )?$option"
done

# ---- Nobody reads, or nothing can be written ----
if [ -c /dev/full ]; then
  for words in 'run scenarios/t/passing.json' 'run --list' 'check scenarios/t' '--help' '--version'; do
    last="$words >/dev/full"
    code=0
    checked=$((checked + 1))
    # shellcheck disable=SC2086
    "$reloadsim" $words >/dev/full 2>"$work/err" || code=$?
    [ $code = 70 ] || wrong "exit code $code instead of 70"
    says err 'standard output: No space left'
  done
fi
last='run --list | head -n 1'
"$reloadsim" run --list 2>"$work/err" | head -n 1 >"$work/out"
says out '^t/failing'
silent err
# A pipe whose reader is gone before anything is written: the end that every filter of Unix comes to.
last='run | true'
code=$( (
  exec 3>&1
  { "$reloadsim" run scenarios/t/failing.json 2>"$work/err"; echo $? >&3; } | true
) )
case $code in
  141 | 1) silent err ;;
  *) wrong "exit code $code instead of SIGPIPE's" ;;
esac

done_with "exit codes as promised"
