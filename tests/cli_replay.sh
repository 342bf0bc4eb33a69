#!/usr/bin/env bash
# Tapes: a failure can be shown again, move by move; a tape that does not fit is refused with what
# differs. And --faults: more is seen, and what is not declared needs no outcome.
# shellcheck source=tests/cli_files/kit.sh
. "$(dirname "$0")/cli_files/kit.sh"
take passing failing

# ---- A tape is written for each failure, and plays ----
ends 1 run --report "$work/report" scenarios/t/failing.json
tape=$(find "$work/report/tapes" -name '*.tape' | sort | head -n 1)
[ -n "$tape" ] || { wrong "no tape was written"; tape=/none; }
ends 0 replay "$tape"
says out '^finds: an ending'
says out '^ +1  .*: '
says out '^Here:'
ends 0 replay --at 2 "$tape"
says out '^ +1  '
says_not() { ! grep -qE -- "$1" "$work/out" || wrong "something like \"$1\" on stdout"; }
says_not '^ +2  '

# ---- A tape of a run without failures leaves none ----
ends 0 run --report "$work/report" scenarios/t/passing.json
[ ! -d "$work/report/tapes" ] || wrong "tapes of a former run are left"
ends 1 run --report "$work/report" scenarios/t/failing.json

# ---- What does not fit is refused ----
refuse() { # WANTED: with $work/bad.tape
  ends 3 replay "$work/bad.tape"
  says err "$1"
}
head -n 9 "$tape" >"$work/bad.tape"
refuse 'cut short'
sed 's/^digest ..../digest 0000/' "$tape" >"$work/bad.tape"
refuse 'another scenario'
sed '/^engine /d' "$tape" >"$work/bad.tape"
refuse ':4: error: the head of a tape'
sed 's/^2 | /3 | /' "$tape" >"$work/bad.tape"
refuse ':8: error: .*numbered'
sed 's/^1 | [a-z]* | .*/1 | ghost | decide/' "$tape" >"$work/bad.tape"
refuse "cannot move now"
sed 's/^1 | \([a-z]*\) | .*/1 | \1 | fly/' "$tape" >"$work/bad.tape"
refuse 'move 1 .*but it does'
sed 's/^case .*/case t\/gone/' "$tape" >"$work/bad.tape"
refuse 'has no case t/gone'
printf 'hello\n' >"$work/bad.tape"
refuse ':1: error: this is no tape'
ends 3 replay "$work/nowhere.tape"
says err 'cannot be read'
ends 2 replay
ends 2 replay --at 0 "$tape"
ends 2 replay --at 99999 "$tape"
says err 'beyond its end'

# ---- A tape of another engine plays: that is how a fix is tried ----
ends 0 replay "$tape"
silent err
sed 's/^engine ..../engine zzzz/' "$tape" >"$work/other.tape"
ends 0 replay "$work/other.tape"
says err '^reloadsim: the tape is of another engine \(zzzz'
says out '^Here:'

# ---- Faults that nobody declared ----
states() { sed -n 's/^Seen .* \([0-9]*\) states.*/\1/p' "$work/out"; }
ends 0 run scenarios/t/passing.json
declared=$(states)
ends 0 run --faults single scenarios/t/passing.json
[ "$(states)" -gt $((declared * 3)) ] || wrong "single faults saw only $(states) states, not many more than $declared"
ends 0 run --faults none scenarios/t/passing.json
says out 'faults that scenarios declare were left out'
ends 2 run --faults some scenarios/t/passing.json

# ---- A long way with a disk fault on it is made again as it was found ----
mkdir -p "$work/project/scenarios/shared"
cp "$files"/../../scenarios/shared/*.json "$work/project/scenarios/shared/"
cp "$files/../../scenarios/idempotency/ten-clicks.json" "$here/"
ends 0 run --faults single scenarios/t/ten-clicks.json
silent err

done_with "tapes play, or say why not"
