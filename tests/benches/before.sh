#!/usr/bin/env bash
# What things cost beside the state before steps were remembered, which is built in build/before once.
# Both run the suite of that state, in turns; the ratio is that of processor time.
#
#   tests/benches/before.sh      BENCH_LONG=1: also the whole suite under every single fault
. "$(dirname "$0")/kit.sh"
commit=d97fcc1
before=build/before
now=$PWD/build/reloadsim
then=$PWD/$before/build/reloadsim

if [ ! -x "$then" ]; then
  if ! git rev-parse --quiet --verify "$commit^{commit}" >/dev/null 2>&1; then
    echo "This checkout has no commit $commit (a shallow clone, or no clone): nothing to compare with."
    exit 0
  fi
  mkdir -p "$before"
  git archive "$commit" | tar -x -C "$before"
  env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$before" SETUP=no -j"$(nproc)" \
    build/reloadsim >"$notes/said" 2>&1 || {
    tail "$notes/said"
    echo "The state before, $commit, cannot be built."
    exit 1
  }
fi
cd "$before"
notes=$OLDPWD/$notes

# ---- Commands that are compared --------------------------------------------------------------------

suite() { "$1" run --jobs 1; }
suite_before() { suite "$then"; }
suite_now() { suite "$now"; }
race() { "$1" run --jobs 1 --faults single scenarios/races/waiting-through-a-disable.json; }
race_before() { race "$then"; }
race_now() { race "$now"; }
single() { "$1" run --jobs 2 --faults single; }
single_before() { single "$then"; }
single_now() { single "$now"; }
fuzz() { "$1" fuzz --jobs 1 --runs 400; }
fuzz_before() { fuzz "$then"; }
fuzz_now() { fuzz "$now"; }

# ---- A first scenario ------------------------------------------------------------------------------

# It takes a few milliseconds, too few for timed(). EPOCHREALTIME needs no process.
first() {
  local begin=${EPOCHREALTIME/./}
  "$1" run --jobs 1 scenarios/races/toggle-in-flight.json >"$notes/said" 2>&1
  echo $((${EPOCHREALTIME/./} - begin)) >>"$2"
}
first_scenario() {
  rm -f "$notes"/first.*
  for ((i = 0; i < 51; i++)); do
    first "$then" "$notes/first.before"
    first "$now" "$notes/first.now"
  done
  local side figures=
  for side in before now; do
    figures="$figures${figures:+, }$side $(sort -n "$notes/first.$side" | head -n 1 |
      awk '{ printf "%.1f", $1 / 1000 }') to $(median "$notes/first.$side" |
      awk '{ printf "%.1f", $1 / 1000 }') ms"
  done
  result "a first scenario, from process start to verdict, least to median" "$figures" "at most 10 ms"
}

# ---- Results ---------------------------------------------------------------------------------------

compare "the plain suite, one job" "at most 0.4" 5 before suite_before suite_now
compare "2 submits, a turn-off, every single fault" "at most 0.6" 3 before race_before race_now
first_scenario
in_turns 3 fuzz_before fuzz_now
result "fuzz, runs a second of processor time" "before $(quotient 400000000 "$one_cpu"), now $(
  quotient 400000000 "$other_cpu"): $(quotient "$one_cpu" "$other_cpu"), by the clock $(
  quotient "$one_wall" "$other_wall")" "at least 1.5"
if [ -n "${BENCH_LONG:-}" ]; then
  compare "the whole suite, every single fault, two jobs" "at most 0.4" 1 before single_before \
    single_now
else
  echo "BENCH_LONG=1 also compares the whole suite under every single fault: some ten minutes."
fi
