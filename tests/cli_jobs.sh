#!/usr/bin/env bash
# The number of processes changes nothing: neither the bytes of any report, nor what --fail-fast shows,
# nor that every case is run when processes are hard to come by.
# shellcheck source=tests/cli_files/kit.sh
. "$(dirname "$0")/cli_files/kit.sh"
for number in 01 02 03 05 06 08 09; do cp "$files/passing.json" "$here/$number.json"; done
cp "$files/failing.json" "$here/04.json"
cp "$files/failing.json" "$here/07.json"
take matrix

for jobs in 1 2 4 64; do
  ends 1 run -j $jobs --report "$work/report"
  keep "report-$jobs"
  cp "$work/out" "$work/out-$jobs"
  says out '^Cases +9 passed, 2 failed, .* 11 in all'
  diff -r "$work/report-1" "$work/report-$jobs" || wrong "--jobs $jobs writes another report than --jobs 1"
  same "$work/out-1" "$work/out-$jobs" "--jobs $jobs shows something else than --jobs 1"
done

# ---- --fail-fast ----
for jobs in 1 2 4 64; do
  ends 1 run -j $jobs --fail-fast --report "$work/report"
  keep "fast-$jobs"
  cp "$work/out" "$work/out-$jobs"
  says out '^Cases +3 passed, 1 failed, .* 4 in all'
  says out '^FAILED +t/04'
  never out 't/0[5-9]'
  says err '^reloadsim: --fail-fast: t/04 did not pass; 7 later cases are not shown$'
  diff -r "$work/fast-1" "$work/fast-$jobs" || wrong "--fail-fast depends on --jobs $jobs"
  same "$work/out-1" "$work/out-$jobs" "--fail-fast shows something else with --jobs $jobs"
done
ends 0 run --fail-fast --filter 't/0[123]'
silent err
ends 1 run --fail-fast --filter 't/0[124]' # nothing comes after the failure
silent err
ends 1 run --fail-fast --max-states 3
says out '^Cases +0 passed, 0 failed, 1 not explored to the end, 1 in all'
says err 't/01 did not pass; 10 later cases are not shown$'
cp "$files/heavy.json" "$here/99.json"
ends 1 run -j 1 --fail-fast # what comes later is not even begun: it would take for ever
rm "$here/99.json"

# ---- Few processes and pipes to be had ----
last='run -j 64 with 16 open files'
code=0
checked=$((checked + 1))
(ulimit -n 16; exec "$reloadsim" run -j 64) >"$work/out" 2>"$work/err" </dev/null || code=$?
[ $code = 1 ] || wrong "exit code $code instead of 1"
says out '^Cases +9 passed, 2 failed, .* 11 in all'

done_with "any number of jobs, the same answer"
