#!/usr/bin/env bash
# How long it takes, from the start of the process, until a planted race is found: five mutants of the
# engine, each run eleven times on a scenario of the race that it breaks.
#
#   tests/benches/race_mutants.sh
#
# Run by `make bench`. Exit code 1 if one is not found at all.
. "$(dirname "$0")/kit.sh"
runs=11
races=(
  '003-facts-checked-a-step-earlier-constrained two-shortfalls-one-charge'
  '004-toggle-checked-a-step-earlier toggle-in-flight'
  '005-facts-read-before-begin waiting-for-two-reloads'
  '006-toggle-read-before-begin off-and-on-again'
  '080-not-waited-at-all tight-top-up-declined'
)
KEEP=yes tests/mutants/run.sh "${races[@]%% *}" >/dev/null
for race in "${races[@]}"; do
  mutant=${race%% *} scenario=${race##* }
  for _ in $(seq $runs); do
    began=${EPOCHREALTIME/./} code=0
    "build/mutants/$mutant/reloadsim" run --jobs 1 --fail-fast "scenarios/races/$scenario.json" \
      >/dev/null 2>&1 || code=$?
    ended=${EPOCHREALTIME/./}
    [ $code = 1 ] || { echo "$mutant is not found by races/$scenario"; exit 1; }
    echo $((ended - began))
  done >"$notes/found"
  result "a planted race, found by races/$scenario" \
    "$(awk -v us="$(median "$notes/found")" 'BEGIN { printf "%.2f ms", us / 1000 }')" "under 50 ms"
done
