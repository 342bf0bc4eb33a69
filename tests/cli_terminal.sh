#!/usr/bin/env bash
# On a terminal: colours and a progress line, unless NO_COLOR or a dumb terminal speaks against it.
# Anywhere else: not one escape.
# shellcheck source=tests/cli_files/kit.sh
. "$(dirname "$0")/cli_files/kit.sh"
take passing failing matrix
command -v script >/dev/null || { echo "script is missing: apt-get install bsdutils"; exit 1; }
escape=$(printf '\033')

# A bare chroot or container may have no pseudo-terminals; then only the half without one is tested.
if ! script -qec true /dev/null </dev/null >/dev/null 2>&1; then
  echo "here no pseudo-terminal can be had (is /dev/pts mounted?): what a terminal shows is left out"
  ends 1 run
  never out "$escape"
  never err "$escape"
  done_with "no colours where there is no terminal"
  exit
fi
progress="[0-9] of 4 cases(,|$escape)"

# on_terminal CODE TERM COMMAND: its terminal's screen goes to $work/screen, stdout to out if redirected
on_terminal() {
  local want=$1 term=$2
  shift 2
  last="$* (on a terminal of type $term)"
  code=0
  checked=$((checked + 1))
  : >"$work/out"
  : >"$work/err"
  TERM=$term timeout $patience script -qec "$*" "$work/typescript" </dev/null >"$work/screen.raw" || code=$?
  tr -d '\r' <"$work/screen.raw" >"$work/screen"
  [ "$code" = "$want" ] || { wrong "exit code $code instead of $want"; head "$work/screen"; }
}
shows() { grep -qE -- "$1" "$work/screen" || { wrong "nothing like \"$1\" on the screen"; head -n 5 "$work/screen"; }; }
hides() { ! grep -qE -- "$1" "$work/screen" || wrong "something like \"$1\" on the screen"; }

# ---- A terminal with colours ----
unset NO_COLOR
on_terminal 1 xterm "$reloadsim run"
shows "$escape\[1;31mFAILED$escape\[0m +t/failing"
shows "$escape\[1;31mDo not release"
shows "$progress" # progress
shows "$escape\[K"
on_terminal 0 xterm "$reloadsim run scenarios/t/passing.json --rules scenarios/rules.json"
hides "$escape\[1;31m"
# The words are there without the colours.
sed "s/$escape\[[0-9;]*[mK]//g" "$work/screen" | grep -q '^Not proven yet: ' || wrong "no answer in words"

# ---- NO_COLOR, a dumb terminal, an unknown one ----
NO_COLOR=1 on_terminal 1 xterm "$reloadsim run"
hides "$escape\[[0-9;]*m"
shows 'FAILED +t/failing'
NO_COLOR='' on_terminal 1 xterm "$reloadsim run" # empty does not count, says no-color.org
shows "$escape\[1;31mFAILED"
on_terminal 1 dumb "$reloadsim run"
hides "$escape"
hides "$progress"
shows 'FAILED +t/failing'
on_terminal 1 '' "$reloadsim run"
hides "$escape"

# ---- Only one of the two streams is a terminal ----
on_terminal 1 xterm "$reloadsim run >'$work/out'"
never out "$escape"
shows "$progress" # progress is on the other one
on_terminal 1 xterm "$reloadsim run 2>'$work/err'"
silent err
shows "$escape\[1;31mFAILED"
hides "$progress"
for format in junit tap json; do
  on_terminal 1 xterm "$reloadsim run --format $format 2>'$work/err'"
  hides "$escape"
done
on_terminal 1 xterm "$reloadsim run --report '$work/report'"
if grep -rl "$escape" "$work/report"; then wrong "escapes in files"; fi

# ---- No terminal at all ----
TERM=xterm ends 1 run
never out "$escape"
silent err
TERM=xterm ends 1 run --fail-fast
never err "$escape"

# ---- Ctrl-C, as typed ----
cp "$files/heavy.json" "$here/heavy.json"
last='run, and Ctrl-C typed'
checked=$((checked + 1))
code=0
{
  eventually "no progress is shown" grep -q '4 of 5 cases, more than' "$work/screen.raw" >&2
  printf '\003'
  eventually "it does not stop" grep -q 'Do not release' "$work/screen.raw" >&2
} |
  TERM=xterm timeout $patience script -qec "$reloadsim run --max-states 4000000000 scenarios/t" "$work/typescript" \
    >"$work/screen.raw" || code=$?
tr -d '\r' <"$work/screen.raw" >"$work/screen"
[ $code = 130 ] || wrong "exit code $code instead of 130"
shows 'cases, more than [0-9]+ states' # of a long search the progress line shows that it moves
shows 'interrupted; 4 of 5 cases were explored to the end'
shows 'Do not release'

done_with "colours and progress where they belong"
