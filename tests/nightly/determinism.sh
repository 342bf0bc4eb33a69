#!/usr/bin/env bash
# One certificate, made by the program as it is, must hold for every way to compile it and on every
# date: gcc and clang, -O0 and -O2, two dates; steps remembered or not; and every single step, made
# twice, must go the same way.
#
#   tests/nightly/determinism.sh
#
# Run by `make nightly`, which builds the four programs. Exit code 0 if all hold.
set -eu
export LC_ALL=C
cd "$(dirname "$0")/../.."
out=build/nightly
mkdir -p "$out"
broken=0

# holds NAME COMMAND...: the command must succeed; its last line is shown
holds() {
  local name=$1 code=0
  shift
  "$@" >"$out/log" 2>&1 || code=$?
  printf '  %-28s %s\n' "$name" "$(tail -n 1 "$out/log")"
  [ $code = 0 ] && return
  echo "  (exit code $code)"
  tail -n 20 "$out/log"
  broken=1
}

echo "Certificates: the whole suite; and some of it under every single fault"
holds 'gcc -O2, made' build/reloadsim certify --output "$out/suite.json"
holds 'gcc -O2, faults, made' build/reloadsim certify --faults single \
  --output "$out/faults.json" scenarios/races scenarios/crashes
for program in O0 clang clang-O0; do
  holds "$program" "build/$program/reloadsim" certify --check "$out/suite.json"
  holds "$program, faults" "build/$program/reloadsim" certify --check "$out/faults.json"
done
holds 'one process, faults' build/reloadsim certify --jobs 1 --check "$out/faults.json"
for date in '2026-02-28 23:59:50' '2031-12-31 23:59:59'; do
  FAKETIME_DONT_FAKE_MONOTONIC=1 holds "$date" \
    faketime "$date" build/reloadsim certify --jobs 1 --check "$out/suite.json"
done
# same NAME FILE OPTION...: a certificate made otherwise must have the same bytes as FILE
same() {
  local name=$1 made=$2
  shift 2
  holds "$name" build/reloadsim certify "$@" --output "$out/other.json"
  cmp "$made" "$out/other.json" || broken=1
}
same 'nothing remembered' "$out/suite.json" --no-memo
# make nightly has just made it
single=$out/single/certificate.json
[ -e "$single" ] || { mkdir -p "$out/single" && holds 'whole suite, faults, made' \
  build/reloadsim certify --faults single --output "$single"; }
same 'nothing remembered, faults' "$single" --faults single --no-memo
same 'little remembered, faults' "$single" --faults single --memo-limit 8
holds 'every step twice' build/reloadsim run --verify-determinism --report "$out/twice"
exit $broken
