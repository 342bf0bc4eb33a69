#!/usr/bin/env bash
# The counter of the tests must not be fooled: zero tests, a crash, a skipped test and a failure
# outside the tests are failures.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# expect LAST-LINE CODE PROGRAM...: what tests/run must say of them
expect() {
  local line=$1 want=$2 code=0
  shift 2
  tests/run "$@" >"$work/out" 2>&1 || code=$?
  if [ "$(tail -n 1 "$work/out")" != "$line" ] || [ $code != "$want" ]; then
    echo "for $*: expected \"$line\" and exit code $want; got exit code $code and:"
    cat "$work/out"
    exit 1
  fi
}
# program NAME CODE LINES: one that prints the lines and ends with the code
program() {
  printf '#!/bin/sh\nprintf "%s"\nexit %d\n' "$3" "$2" >"$work/$1"
  chmod +x "$work/$1"
}

program good 0 '[==========] 3 test(s) run.\n[  PASSED  ] 3 test(s).\n'
program two_groups 0 '[  PASSED  ] 3 test(s).\n[  PASSED  ] 4 test(s).\n'
program bad 1 '[  PASSED  ] 3 test(s).\n[  FAILED  ] 2 test(s), listed below:\n[  FAILED  ] x\n'
program crash 139 '[       OK ] one\n'
program late 1 '[  PASSED  ] 3 test(s).\n'
program skip 0 '[  PASSED  ] 3 test(s).\n[  SKIPPED ] 1 test(s), listed below:\n'
program none 0 '[  PASSED  ] 0 test(s).\n'
program mute 0 ''
echo 'exit 0' >"$work/good.sh"
echo 'exit 3' >"$work/bad.sh"

expect '3 passed, 0 failed' 0 "$work/good"
expect '11 passed, 0 failed' 0 "$work/good" "$work/two_groups" "$work/good.sh"
expect '6 passed, 2 failed' 1 "$work/good" "$work/bad"
expect '3 passed, 1 failed' 1 "$work/good" "$work/crash"
expect '3 passed, 1 failed' 1 "$work/late"
expect '3 passed, 1 failed' 1 "$work/skip"
expect '0 passed, 1 failed' 1 "$work/none"
expect '0 passed, 1 failed' 1 "$work/mute"
expect '0 passed, 1 failed' 1 "$work/is_not_there"
expect '1 passed, 1 failed' 1 "$work/good.sh" "$work/bad.sh"
expect '0 passed, 0 failed' 1

# What failed is named again, just before the last line.
expect '6 passed, 3 failed' 1 "$work/bad" "$work/good" "$work/bad.sh"
if [ "$(tail -n 3 "$work/out" | head -n 2)" != "FAILED  $work/bad
FAILED  bash $work/bad.sh" ]; then
  echo "what failed is not named at the end:"
  tail -n 5 "$work/out"
  exit 1
fi
echo "the counter counts"
