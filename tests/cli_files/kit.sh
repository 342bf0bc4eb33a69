# What the cli_*.sh tests share: a program in a project of its own, and words to say what is expected.
# Every test is run from anywhere; RELOADSIM names another program than build/reloadsim.
# shellcheck shell=bash
set -u
again="bash tests/$(basename "$0")"
cd "$(dirname "$0")/.." || exit 1
files=$PWD/tests/cli_files
program=$(readlink -f "${RELOADSIM:-build/reloadsim}")
[ -x "$program" ] || { echo "there is no $program; run make first"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR=$work/tmp LC_ALL=C TERM=dumb
unset NO_COLOR
mkdir -p "$work/tmp" "$work/project/build" "$work/project/scenarios/t"
cp "$program" "$work/project/build/reloadsim"
cp scenarios/rules.json "$work/project/scenarios/"
reloadsim=$work/project/build/reloadsim
here=$work/project/scenarios/t
cd "$work/project" || exit 1

# How long anything may take, in seconds. Nothing takes that long; on a busy machine all takes longer.
patience=240
broken=0
checked=0
last=
code=0

# wrong TEXT: what was expected; the last run is shown
wrong() {
  broken=$((broken + 1))
  echo "WRONG: $1"
  echo "  after: reloadsim ${last:0:200}   (exit code $code)"
  tail -n 12 "$work/out" 2>/dev/null | cut -c 1-200 | sed 's/^/  out | /'
  tail -n 12 "$work/err" 2>/dev/null | cut -c 1-200 | sed 's/^/  err | /'
}
# ends CODE ARGUMENT...: run reloadsim; its output goes to $work/out and $work/err
ends() {
  local want=$1
  shift
  last=$*
  code=0
  checked=$((checked + 1))
  timeout -k 5 $patience "$reloadsim" "$@" >"$work/out" 2>"$work/err" </dev/null || code=$?
  [ "$code" = "$want" ] || wrong "exit code $code instead of $want"
}
# says out|err PATTERN, never out|err PATTERN, silent out|err: about the last run
says() { grep -qE -- "$2" "$work/$1" || wrong "nothing like \"$2\" on std$1"; }
never() { ! grep -qE -- "$2" "$work/$1" || wrong "something like \"$2\" on std$1"; }
silent() { [ ! -s "$work/$1" ] || wrong "something was written to std$1"; }
# same FILE FILE WHAT
same() { cmp "$1" "$2" || wrong "$3"; }
# holds WHAT COMMAND...: the command must succeed
holds() {
  local what=$1
  shift
  "$@" || wrong "$what"
}
# take NAME...: fixtures into the project's scenarios
take() {
  local name
  for name in "$@"; do cp "$files/$name.json" "$here/"; done
}
# keep NAME: the report in $work/report, whose name shows in it, becomes $work/NAME, to be compared
keep() {
  rm -rf "$work/${1:?}"
  mv "$work/report" "$work/$1"
}
# children PID: the processes that it has started (no package is needed for that)
children() { cat /proc/[0-9]*/stat 2>/dev/null | awk -v parent="$1" '$4 == parent { print $1 }'; }
# eventually WHAT COMMAND...: wait until the command succeeds; if it never does, WHAT is wrong
eventually() {
  local what=$1 end=$((SECONDS + patience))
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || { wrong "$what"; return 1; }
    sleep 0.05
  done
}
# A zombie that nobody waits for has ended, too.
is_alive() { grep -qs '^State:.[^Z]' "/proc/$1/status"; }
has_ended() { ! is_alive "$1"; }
# has_children PID N: it has at least N children
has_children() { [ "$(children "$1" | wc -l)" -ge "$2" ]; }
# has_worked PID TICKS: it has used so many hundredths of a second of a processor, or has ended
has_worked() { [ "$(awk '{ print $14 + $15 }' "/proc/$1/stat" 2>/dev/null || echo "$2")" -ge "$2" ]; }
# has_heard PID: no signal is waiting to be delivered
has_heard() { ! grep -qs '^S[a-z]*Pnd:.*[1-9a-f]' "/proc/$1/status"; }
# no_leftovers: temporary files are gone
no_leftovers() {
  [ -z "$(ls -A "$TMPDIR")" ] || wrong "left in TMPDIR: $(ls -A "$TMPDIR")"
}
done_with() {
  no_leftovers
  if [ $broken != 0 ]; then
    echo "$broken wrong; again: $again"
    exit 1
  fi
  [ $checked != 0 ] || { echo "nothing was checked; again: $again"; exit 1; }
  echo "$checked runs of the command: $1"
}
