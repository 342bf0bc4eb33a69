#!/usr/bin/env bash
# The command as its users meet it: exit codes, where output goes, which reports there are. The first
# scenario of the README must work as printed.
set -u
cd "$(dirname "$0")/.." || exit 1
reloadsim=$PWD/${RELOADSIM:-build/reloadsim}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
broken=0

# ends CODE ARGUMENT...: run reloadsim; its output goes to $work/out and $work/err
ends() {
  local want=$1 code=0
  shift
  "$reloadsim" "$@" >"$work/out" 2>"$work/err" </dev/null || code=$?
  [ $code = "$want" ] && return
  echo "reloadsim $*: exit code $code instead of $want"
  tail -n 15 "$work/out" "$work/err"
  broken=1
}
# says FILE PATTERN: the last run must have written it to out or err
says() {
  grep -qE -- "$2" "$work/$1" && return
  echo "nothing like \"$2\" on std$1:"
  tail -n 15 "$work/$1"
  broken=1
}
silent() {
  [ ! -s "$work/$1" ] && return
  echo "something was written to std$1:"
  tail -n 15 "$work/$1"
  broken=1
}

# ---- The README's scenario, and ways to break it ----

mkdir -p "$work/scenarios/races"
mine=$work/scenarios/races/my-first.json
awk '/^```json$/ { on = 1; next } /^```$/ && on { exit } on' README.md >"$mine"
[ -s "$mine" ] || { echo "the README has no scenario"; exit 1; }
rules=(--rules "$PWD/scenarios/rules.json")
# broken_by SED-EXPRESSION: another file, made from it
broken_by() {
  sed "$1" "$mine" >"$work/scenarios/races/other.json"
  cmp -s "$mine" "$work/scenarios/races/other.json" || return
  echo "the README's scenario has nothing like $1"
  broken=1
}
other=$work/scenarios/races/other.json

ends 0 run "${rules[@]}" "$mine"
says out '1 passed|1 case'
ends 0 check "${rules[@]}" "$mine"
silent err

broken_by 's/at most 1/at most 0/'
ends 1 run "${rules[@]}" "$other"
broken_by 's/"ana": "insufficient tokens", //'
ends 1 run "${rules[@]}" "$other"
says out 'insufficient tokens'
says out 'reloadsim run .*other' # how to see it again
broken_by 's/"title"/"titel"/'
ends 3 run "${rules[@]}" "$other"
says err 'other\.json:3:[0-9]+: error: .*title'
ends 3 check "${rules[@]}" "$other"
says err 'other\.json:3:[0-9]+: error: .*title'

# A mistake in one file does not keep the others from being run.
ends 3 run "${rules[@]}" "$work/scenarios"
says out 'races/my-first|1 passed'

# ---- Cases named by their ids ----

# listed WANTED WORD...: run --list of these words shows exactly the wanted ids
listed() {
  local want=$1 got
  shift
  got=$("$reloadsim" run --list "$@" 2>"$work/err" | cut -f 1 | tr '\n' ' ')
  [ "$got" = "$want" ] && return
  echo "run --list $*: \"$got\" instead of \"$want\""
  broken=1
}
listed 'races/toggle-in-flight ' races/toggle-in-flight
listed 'declines/codes#lost ' 'declines/codes#lost'
listed 'declines/codes#lost declines/codes#stolen ' 'declines/codes#stolen' 'declines/codes#lost'
listed 'races/toggle-in-flight declines/codes#lost ' races/toggle-in-flight 'declines/codes#lost'
all_codes=$("$reloadsim" run --list scenarios/declines/codes.json | cut -f 1 | tr '\n' ' ')
listed "$all_codes" declines/codes
listed "$all_codes" 'declines/codes#lost' scenarios/declines/codes.json
listed "$all_codes" 'declines/codes#lost' declines/codes
ends 0 run 'declines/codes#lost'
says out '1 of 1 passed'
ends 0 check races/toggle-in-flight
says out '^1 case, no mistakes'
ends 0 certify 'declines/codes#lost' --output "$work/row.json"
ends 0 certify --check "$work/row.json"
says out 'certificate holds: 1 case'
for word in races/toggle-in-fligth:races/toggle-in-flight 'declines/codes#lsot:declines/codes#lost'; do
  ends 3 run "${word%:*}"
  says err "^${word%:*}:1:1: error: there is no such file, and no case .* did you mean \"${word#*:}\"\?"
  says out '0 in all'
done
ends 3 check 'nothing/that/is/like/an/id'
says err 'nothing/that/is/like/an/id:1:1: error: there is no such file, and no case in scenarios has this id$'
ends 3 check ../README

# ---- Asking for nothing, or wrongly ----

ends 4 run "${rules[@]}" "$mine" --filter 'no such case'
says err 'no case'
mkdir "$work/empty"
ends 3 run "${rules[@]}" "$work/empty" # a folder that was named must hold scenarios
for words in '' 'walk' 'run --no-such-option' 'run --jobs 0' 'run --jobs x' 'run --seed -1' \
  'run --max-states 0' 'run --format pdf' 'run --report' 'check'; do
  # shellcheck disable=SC2086  # words
  ends 2 $words
  silent out
  says err 'reloadsim'
done
ends 3 run "${rules[@]}" "$work/is-not-there.json"
says err 'is-not-there'

for words in '--help' '--help run' 'run --help' '--version'; do
  # shellcheck disable=SC2086
  ends 0 $words
  silent err
  says out 'reloadsim'
done
ends 0 run "${rules[@]}" "$mine" --list
says out '^races/my-first'

# ---- Reports ----

ends 0 run "${rules[@]}" "$mine" --report "$work/deep/report"
for file in run.json index.html report.css rules.html cases report.txt junit.xml results.tap summary.json \
  ledger-diff.txt ledger-diff.json rule-coverage.txt rule-coverage.json; do
  [ -e "$work/deep/report/$file" ] || { echo "not written: $file"; broken=1; }
done
if grep -rlE "$work/deep|/proc/|0x[0-9a-f]{9,}" "$work/deep/report"; then
  echo "places or addresses of this run are in the report"
  broken=1
fi
ends 0 run "${rules[@]}" "$mine" --format junit
says out '^<\?xml '
ends 0 run "${rules[@]}" "$mine" --format tap
says out '^TAP version 14'
ends 0 run "${rules[@]}" "$mine" --format json
says out '"format": *"reloadsim-summary-1"'
touch "$work/file"
ends 70 run "${rules[@]}" "$mine" --report "$work/file/report"
says err 'file/report'
if [ -w /dev/full ]; then
  code=0
  "$reloadsim" run "${rules[@]}" "$mine" >/dev/full 2>"$work/err" || code=$?
  [ $code = 70 ] || { echo "a full disk on stdout: exit code $code instead of 70"; broken=1; }
fi

ends 0 run "${rules[@]}" "$mine" --verify-determinism

# ---- Interrupted ----

# Much to do: eight actors, and any answer of the gateway.
awk 'BEGIN {
  print "{\"title\": \"much\", \"rules\": [\"RACE-3\"], \"given\": {\"acme\": {\"balance\": 5,"
  print "\"auto_reload\": \"on\"}}, \"when\": {"
  for (i = 0; i < 8; i++)
    printf "%s\"a%d\": [{\"submit\": \"x-%d\", \"to\": \"acme\", \"cost\": 90}]\n", i ? "," : "", i, i
  print "}, \"faults\": {\"at_most\": 8, \"gateway.confirm\": [\"timeout before\", \"timeout after\"],"
  print "\"gateway.create\": [\"timeout before\", \"timeout after\"]},"
  print "\"then\": {\"outcomes\": {\"none\": {}}}}" }' >"$work/scenarios/races/much.json"
# As Ctrl-C does, timeout signals the whole process group.
code=0
timeout -s INT -k 240 --preserve-status 1 "$reloadsim" run "${rules[@]}" \
  "$work/scenarios/races/much.json" >"$work/out" 2>"$work/err" || code=$?
[ $code = 130 ] || { echo "interrupted: exit code $code instead of 130"; cat "$work/err"; broken=1; }

[ $broken = 0 ] && echo "the command does what its help says"
exit $broken
