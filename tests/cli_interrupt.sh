#!/usr/bin/env bash
# Interrupted in the middle of a long search: it stops at once, shows what it found, and leaves nothing
# behind, no process and no file, whoever gets the signal.
# shellcheck source=tests/cli_files/kit.sh
. "$(dirname "$0")/cli_files/kit.sh"
take passing failing
cp "$files/heavy.json" "$here/h1.json"
cp "$files/heavy.json" "$here/h2.json"
cp "$files/heavy.json" "$here/h3.json"

# are_deep: there are two workers, and both are deep in a case that is too large for them
are_deep() {
  local pid
  workers=$(children $parent | tr '\n' ' ')
  [ "$(echo "$workers" | wc -w)" = 2 ] || return
  for pid in $workers; do has_worked "$pid" 50 || return; done
}
# begin ARGUMENT...: start a long run in the background; $parent, and its two $workers
begin() {
  last=$*
  checked=$((checked + 1))
  "$reloadsim" run -j 2 --max-states 4000000000 "$@" >"$work/out" 2>"$work/err" </dev/null &
  parent=$!
  eventually "there are no two workers that work" are_deep
}
# ended: it must end, with $code
ended() {
  # shellcheck disable=SC2086
  eventually "it does not stop" has_ended $parent || kill -KILL $parent $workers
  code=0
  wait "$parent" || code=$?
}
# stopped CODE: it must end with that code, and nobody must be left
stopped() {
  ended
  [ "$code" = "$1" ] || wrong "exit code $code instead of $1"
  gone
  no_leftovers
}
gone() {
  local pid
  for pid in $workers; do
    eventually "a process is left: $pid" has_ended "$pid" || kill -KILL "$pid"
  done
}
honest() {
  says err '^reloadsim: interrupted; [0-9]+ of 5 cases were explored to the end$'
  says out 'states, [0-9]+ transitions'
  never out '^Safe to release'
}

for signal in INT TERM HUP; do
  begin
  kill -$signal $parent # to the command alone: it has to tell its workers
  stopped 130
  honest
done

# As a terminal does it: to all of them.
begin
# shellcheck disable=SC2086
kill -INT $parent $workers
stopped 130
honest
says out '^FAILED +t/failing' # found before
says out '^FAILED +t/h1'      # and what was found on the way

# Again and again, by somebody without patience.
begin
for _ in 1 2 3 4 5; do kill -INT $parent 2>/dev/null; sleep 0.02; done
stopped 130
honest

# In front of the cases that could be run: it must not look as if all were well.
begin scenarios/t/h1.json scenarios/t/h2.json scenarios/t/passing.json --report "$work/report"
kill -INT $parent
stopped 130
says out 'the run was interrupted: this case and 0 more were not run'
for report in junit.xml results.tap summary.json report.txt index.html; do
  grep -q 'interrupted' "$work/report/$report" || [ $report = index.html ] || wrong "$report does not tell"
done
grep -q 'Safe to release' "$work/report/index.html" && wrong "index.html says that all is well"

# A run that is ignoring hang-ups (nohup) goes on.
last='run, with nohup'
checked=$((checked + 1))
(trap '' HUP; exec "$reloadsim" run -j 2 --max-states 4000000000 scenarios/t/h1.json) \
  >"$work/out" 2>"$work/err" </dev/null &
parent=$!
eventually "nobody works" has_children $parent 1
workers=$(children $parent)
kill -HUP $parent
eventually "the worker does not go on" has_worked "$workers" 50
is_alive $parent || wrong "a hang-up ended a run that ignores it"
kill -INT $parent
stopped 130

# The command is killed: its workers do not outlive it.
begin
kill -KILL $parent
wait $parent 2>/dev/null
gone

# A reader that goes away while it is shown: SIGPIPE, and no file is left.
last='run | head -n 1, much to show'
checked=$((checked + 1))
for number in $(seq 60); do cp "$files/failing.json" "$here/x$number.json"; done
"$reloadsim" run --filter t/x 2>"$work/err" | head -n 1 >"$work/out"
code=${PIPESTATUS[0]}
[ "$code" = 141 ] || wrong "exit code $code instead of 141"
silent err

# ---- After the last case ----
rm "$here"/*.json
take passing failing
report=$work/late
# reporting WORDS...: begin a run whose reports are being written: index.html is a FIFO that nobody reads
# yet; all cases have been explored
reporting() {
  last="run $* (while reports are written)"
  checked=$((checked + 1))
  rm -rf "$report"
  mkdir "$report"
  mkfifo "$report/index.html"
  "$reloadsim" run -j 2 --report "$report" "$@" >"$work/out" 2>"$work/err" </dev/null &
  parent=$!
  workers=
  eventually "reports are not begun" compgen -G "$report/.draft-*"
}
# What is made of results that are all there is made to its end.
for signal in INT TERM HUP; do
  reporting --filter t/passing
  kill -$signal $parent
  eventually "the signal is not heard" has_heard $parent
  [ -p "$report/index.html" ] || wrong "a FIFO was replaced"
  timeout $patience cat "$report/index.html" >"$work/page" &
  stopped 0
  silent err
  says out '^Cases +1 passed, 0 failed'
  [ -s "$work/page" ] || wrong "the page is empty"
  for file in certificate.json junit.xml report.txt cases; do
    [ -e "$report/$file" ] || wrong "$file is missing"
  done
  [ ! -e "$report/journal" ] || wrong "a whole run leaves a journal"
done
# A second one ends it at once. What was found is kept.
reporting --filter t/passing
kill -INT $parent
eventually "the signal is not heard" has_heard $parent
kill -INT $parent
stopped 130
[ -e "$report/journal" ] || wrong "the journal is gone"
rm "$report/index.html"
ends 0 run --filter t/passing --report "$report" --resume
says err '^reloadsim: resuming: 1 of 1 cases are done$'
[ ! -e "$report/journal" ] || wrong "a whole run leaves a journal"
[ -e "$report/certificate.json" ] || wrong "certificate.json is missing"

# While failures are minimised, which takes seconds here: all else is written, and no case is run again.
take heavy
minimising=(--max-states 20000 --filter t/ --report "$report")
is_minimising() {
  workers=$(children $parent)
  [ -e "$report/certificate.json" ] && [ -n "$workers" ]
}
# begin_minimising: $parent minimises in a process of its own, $workers
begin_minimising() {
  last="run ${minimising[*]} (while failures are minimised)"
  checked=$((checked + 1))
  rm -rf "$report"
  "$reloadsim" run -j 2 "${minimising[@]}" >"$work/out" 2>"$work/err" </dev/null &
  parent=$!
  eventually "nothing is minimised" is_minimising
}
begin_minimising
kill -INT $parent # to the command alone
stopped 130
says err 'reloadsim: [0-9]+ more failures? w(as|ere) not minimised: interrupted; --resume minimises them'
never err 'cases had been explored'
says out '^FAILED +t/heavy'
for file in certificate.json junit.xml index.html traces/t_heavy-1.trace journal; do
  [ -e "$report/$file" ] || wrong "$file is missing"
done
cp "$report/run.json" "$work/run.json"
ends 1 run --resume "${minimising[@]}"
says err '^reloadsim: resuming: 3 of 3 cases are done$'
says err 'failures? minimised to'
never err 'not minimised'
same "$work/run.json" "$report/run.json" "going on changes the report"
[ ! -e "$report/journal" ] || wrong "a whole run leaves a journal"
begin_minimising
# shellcheck disable=SC2086
kill -INT $parent $workers # as a terminal does it
stopped 130
says err 'not minimised: interrupted'
never err 'could not be minimised'
begin_minimising
kill -INT $parent
kill -TERM $parent
ended
[ $code = 130 ] || [ $code = 143 ] || wrong "exit code $code instead of 130 or 143"
gone
[ -e "$report/journal" ] || wrong "the journal is gone"

done_with "it stops when it is told to"
