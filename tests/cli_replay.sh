#!/usr/bin/env bash
# Traces: a failure can be shown again, step by step; a trace that does not fit is refused with what
# differs. And --faults: more is seen, and what is not declared needs no outcome.
# shellcheck source=tests/cli_files/kit.sh
. "$(dirname "$0")/cli_files/kit.sh"
take passing failing

# ---- A trace is written for each failure, and plays ----
ends 1 run --report "$work/report" scenarios/t/failing.json
trace=$(find "$work/report/traces" -name '*.trace' | sort | head -n 1)
[ -n "$trace" ] || { wrong "no trace was written"; trace=/none; }
ends 0 replay "$trace"
silent err
says out '^finds: every charges at most 0, ending [0-9a-f]{16}$'
says out '^ +1  .*: '
says out '^Here:'
says out "^The failure came again: every charges at most 0, ending [0-9a-f]{16}$"
ends 0 replay --at 2 "$trace"
says out '^ +1  '
never out '^ +2  '
never out 'finding'

# ---- A trace of a run without failures leaves none ----
ends 0 run --report "$work/report" scenarios/t/passing.json
[ ! -d "$work/report/traces" ] || wrong "traces of a former run are left"
ends 1 run --report "$work/report" scenarios/t/failing.json

# ---- What was cut, edited, or is of something else is refused; --anyway plays what still fits ----
refuse() { # WANTED: with $work/bad.trace
  ends 3 replay "$work/bad.trace"
  says err "$1"
  silent out
}
reseal() { # the trace on standard input, with the checksum that it should have
  sed '/^end/d' >"$work/body"
  cat "$work/body"
  echo "end $(sha256sum "$work/body" | cut -c 1-32)"
}
reseal <"$trace" >"$work/bad.trace"
same "$trace" "$work/bad.trace" "a trace's checksum is not the SHA-256 of all before it"
head -n 9 "$trace" >"$work/bad.trace"
refuse ':9: error: the trace is cut short'
head -c -1 "$trace" >"$work/bad.trace"
refuse 'cut short: .* --anyway'
cat "$trace" "$trace" >"$work/bad.trace"
refuse 'error: .*several were joined'
sed 's/^2 | ana/2 | ben/' "$trace" >"$work/bad.trace"
refuse 'error: the trace was edited: its checksum does not match; --anyway replays it all the same'
ends 3 replay --anyway "$work/bad.trace"
says err 'the trace does not match any more: step 2 is "ben: open", but now the step is "toggle"'
sed 's/^end .*/end/' "$trace" >"$work/bad.trace"
refuse 'cut short'
ends 0 replay --anyway "$work/bad.trace"
sed 's/^finds .*/finds invariant MONEY-2 charged twice/' "$trace" >"$work/bad.trace"
refuse 'was edited'
ends 1 replay --anyway "$work/bad.trace"
says out "^The failure did not come again: invariant MONEY-2 charged twice$"
says out '^  this came instead: every charges at most 0, ending '
sed 's/^digest ..../digest 0000/' "$trace" | reseal >"$work/bad.trace"
refuse 'from another scenario .*--anyway'
ends 0 replay --anyway "$work/bad.trace"
says err 'from another scenario'
sed '/^engine /d' "$trace" >"$work/bad.trace"
refuse ':4: error: a trace begins with'
sed 's/^2 | /3 | /' "$trace" >"$work/bad.trace"
refuse ':8: error: .*numbered'
sed 's/^1 | [a-z]* | .*/1 | stale | decide/' "$trace" | reseal >"$work/bad.trace"
ends 3 replay "$work/bad.trace"
says err 'step 1 is "stale: decide", but the case has nobody of this name'
sed 's/^1 | [a-z]* | .*/1 | background | event/' "$trace" | reseal >"$work/bad.trace"
ends 3 replay "$work/bad.trace"
says err 'step 1 is "background: event", but this step cannot be made now'
sed 's/^1 | [a-z]* | .*/& | wal.write 1: no such thing/' "$trace" | reseal >"$work/bad.trace"
ends 3 replay "$work/bad.trace"
says err 'step 1 .*but one of its choices is unknown'
sed 's/^1 | [a-z]* | .*/& | wal.write 99: I\/O error/' "$trace" | reseal >"$work/bad.trace"
ends 3 replay "$work/bad.trace"
says err 'step 1 .*but its choices cannot be made now'
sed 's/^1 | [a-z]* | .*/& | wal.write 1: I\/O error/' "$trace" | reseal >"$work/bad.trace"
ends 3 replay "$work/bad.trace" # that is made, and so the next step is another one
says out '^ +> at wal.write 1: I/O error$'
says err 'step 2 '
sed 's/^1 | \([a-z]*\) | .*/1 | \1 | fly/' "$trace" | reseal >"$work/bad.trace"
ends 3 replay "$work/bad.trace"
says err 'step 1 .*but now the step is "decide"'
sed 's/^case .*/case t\/gone/' "$trace" | reseal >"$work/bad.trace"
refuse 'has no case t/gone'
{ echo reloadsim-tape-3 && sed 1d "$trace"; } | reseal >"$work/bad.trace"
refuse ':1: error: it was written by an older reloadsim .*: run its scenario again'
ends 3 replay --anyway "$work/bad.trace" # it is not known what its steps are
says err 'run its scenario again'
printf 'hello\n' >"$work/bad.trace"
refuse ':1: error: this is not a trace'
: >"$work/bad.trace"
refuse ':1: error: the trace is cut short'
ends 3 replay "$work/nowhere.trace"
says err 'cannot be read'
ends 3 replay "$work/report/traces"
says err 'traces:1: error: .*it is a folder'
mkfifo "$work/pipe"
ends 3 replay "$work/pipe"
says err 'not a regular file'
ends 2 replay
ends 2 replay --at 0 "$trace"
ends 2 replay --at 99999 "$trace"
says err 'beyond its end'
ends 2 replay --gdb --at 99999 "$trace"
ends 2 run --anyway

# ---- A trace of another engine plays if one asks for it: that is how a fix is tried ----
sed 's/^engine ..../engine zzzz/' "$trace" | reseal >"$work/bad.trace"
refuse '^reloadsim: the trace is from another engine: its digest is zzzz.*--anyway replays it all the same'
ends 0 replay --anyway "$work/bad.trace"
says err '^reloadsim: the trace is from another engine: its digest is zzzz'
says out "^The failure came again"

# ---- A scenario that allows the ending by now: nothing is broken any more, and that is said ----
cp "$here/failing.json" "$work/kept.json"
sed -i 's/"at most 0"/"at most 1"/' "$here/failing.json"
ends 1 replay "$trace"
says out "^The failure did not come again: every charges at most 0"
cp "$work/kept.json" "$here/failing.json"

# ---- --gdb stops before the step that --at names ----
if ! command -v gdb >/dev/null; then
  echo "gdb is not installed: replay --gdb was not tried"
elif ! timeout $patience gdb -q -batch -ex run --args /bin/true </dev/null 2>&1 | grep -q 'exited normally'; then
  echo "gdb can run nothing here: replay --gdb was not tried"
else
  in_gdb() { # WANTED-LAST-MOVE ARGUMENT...: what gdb shows, to $work/gdb
    last="replay --gdb ${*:2}"
    checked=$((checked + 1))
    printf 'bt\nkill\nquit\n' | timeout $patience "$reloadsim" replay --gdb "${@:2}" >"$work/gdb" 2>&1
    cp "$work/gdb" "$work/out"
    says out '^Breakpoint 1, .*sim_replay_here'
    says out '#1 .*play_all'
    says out "^ +$1  [0-9]"
    never out "^ +$(($1 + 1))  [0-9]"
  }
  in_gdb 2 --at 3 "$trace"
  in_gdb 12 "$trace" # the last of its 13 moves
  reloadsim=build/reloadsim in_gdb 2 --at 3 "$trace" # however the program was called
  in_gdb 4 --at 5 --anyway --rules scenarios/rules.json "$work/bad.trace"
fi

# ---- Injected faults ----
states() { sed -n 's/^Seen .* \([0-9]*\) states.*/\1/p' "$work/out"; }
ends 0 run scenarios/t/passing.json
declared=$(states)
ends 0 run --faults single scenarios/t/passing.json
[ "$(states)" -gt $((declared * 3)) ] || wrong "single faults saw only $(states) states, not many more than $declared"
ends 0 run --faults none scenarios/t/passing.json
says out 'declared faults were left out'
ends 2 run --faults some scenarios/t/passing.json

# ---- A long way with a disk fault on it is made again as it was found ----
mkdir -p "$work/project/scenarios/shared"
cp "$files"/../../scenarios/shared/*.json "$work/project/scenarios/shared/"
cp "$files/../../scenarios/idempotency/ten-clicks.json" "$here/"
ends 0 run --faults single scenarios/t/ten-clicks.json
silent err

done_with "traces play, or say why not"
