#!/usr/bin/env bash
# The suite writes the same bytes whatever the date, the time zone and the locale: once just before
# a month ends, once in the hour that summer time skips.
set -eu
cd "$(dirname "$0")/.."
reloadsim=${RELOADSIM:-build/reloadsim}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# suite NAME DATE TIMEZONE LOCALE: writes $work/NAME, its output $work/NAME.out
suite() {
  local code=0
  # faketime finds monotonic clocks of no use here, and pthread waits would hang on them.
  FAKETIME_DONT_FAKE_MONOTONIC=1 TZ=$3 LC_ALL=$4 faketime "$2" \
    "$reloadsim" run --report "$work/report" >"$work/$1.out" 2>&1 || code=$?
  if [ $code -gt 1 ] || [ ! -s "$work/report/run.json" ]; then
    echo "the suite did not run under $2 (exit code $code):"
    tail -n 20 "$work/$1.out"
    exit 1
  fi
  echo "exit code $code" >>"$work/$1.out"
  mv "$work/report" "$work/$1"
  rm -f "$work/$1"/times*.json # wall-clock times live in a file of their own
}

# The preload must really work, or this test proves nothing.
year=$(faketime '2027-03-28 01:59:50' date +%Y)
[ "$year" = 2027 ] || { echo "faketime has no effect here"; exit 1; }

suite one '2026-02-28 23:59:50' America/St_Johns C
suite two '2027-03-28 01:59:50' Europe/Berlin C.UTF-8

diff -r "$work/one" "$work/two" || { echo "the reports differ"; exit 1; }
grep -v ' ms\b\| s\b' "$work/one.out" >"$work/one.said" || true
grep -v ' ms\b\| s\b' "$work/two.out" >"$work/two.said" || true
diff "$work/one.said" "$work/two.said" || { echo "the output differs"; exit 1; }
echo "$(find "$work/one" -type f | wc -l) files, the same bytes twice"
