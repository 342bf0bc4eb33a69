#!/usr/bin/env bash
# The suite writes the same bytes whatever the date, the time zone, the locale and the number of jobs:
# once just before a month ends, once in the hour that summer time skips.
set -eu
cd "$(dirname "$0")/.."
reloadsim=${RELOADSIM:-build/reloadsim}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# suite NAME DATE TIMEZONE LOCALE OPTION...: writes $work/NAME, its output $work/NAME.out
suite() {
  local code=0 name=$1 date=$2 zone=$3 locale=$4
  shift 4
  # Only the date is of interest; timed waits would hang on a faked monotonic clock.
  FAKETIME_DONT_FAKE_MONOTONIC=1 TZ=$zone LC_ALL=$locale faketime "$date" \
    "$reloadsim" run "$@" --report "$work/report" >"$work/$name.out" 2>&1 || code=$?
  if [ $code -gt 1 ] || [ ! -s "$work/report/run.json" ]; then
    echo "the suite did not run under $date (exit code $code):"
    tail -n 20 "$work/$name.out"
    exit 1
  fi
  echo "exit code $code" >>"$work/$name.out"
  mv "$work/report" "$work/$name"
}

# The preload must really work, or this test proves nothing.
year=$(faketime '2027-03-28 01:59:50' date +%Y)
[ "$year" = 2027 ] || { echo "faketime has no effect here"; exit 1; }

suite one '2026-02-28 23:59:50' America/St_Johns C --jobs 1
suite two '2027-03-28 01:59:50' Europe/Berlin C.UTF-8 --jobs 3

diff -r "$work/one" "$work/two" || { echo "the reports differ"; exit 1; }
diff "$work/one.out" "$work/two.out" || { echo "the output differs"; exit 1; }
echo "$(find "$work/one" -type f | wc -l) files, the same bytes twice"
