#!/usr/bin/env bash
# Interrupted in the middle of a long search: it stops at once, shows what it found, and leaves nothing
# behind, no process and no file, whoever gets the signal.
# shellcheck source=tests/cli_files/kit.sh
. "$(dirname "$0")/cli_files/kit.sh"
take passing failing
cp "$files/heavy.json" "$here/h1.json"
cp "$files/heavy.json" "$here/h2.json"
cp "$files/heavy.json" "$here/h3.json"

# begin ARGUMENT...: start a long run in the background; $parent, and $workers once there are two
begin() {
  last=$*
  checked=$((checked + 1))
  "$reloadsim" run -j 2 --max-states 4000000000 "$@" >"$work/out" 2>"$work/err" </dev/null &
  parent=$!
  workers=
  for _ in $(seq 100); do
    workers=$(children $parent | tr '\n' ' ')
    [ "$(echo "$workers" | wc -w)" = 2 ] && break
    sleep 0.05
  done
  [ "$(echo "$workers" | wc -w)" = 2 ] || wrong "there are no two workers"
  sleep 1
}
# A zombie that nobody waits for has ended, too.
is_alive() { grep -qs '^State:.[^Z]' "/proc/$1/status"; }
# stopped CODE: it must end soon with that code, and nobody must be left
stopped() {
  local start=$SECONDS
  while is_alive $parent && [ $((SECONDS - start)) -le 10 ]; do sleep 0.1; done
  if is_alive $parent; then
    wrong "it does not stop at all"
    # shellcheck disable=SC2086
    kill -KILL $parent $workers
  fi
  code=0
  wait "$parent" || code=$?
  [ $((SECONDS - start)) -le 3 ] || wrong "it took $((SECONDS - start)) s to stop"
  [ "$code" = "$1" ] || wrong "exit code $code instead of $1"
  gone
  no_leftovers
}
gone() {
  local pid left
  for _ in $(seq 40); do
    left=
    for pid in $workers; do
      is_alive "$pid" && left="$left $pid"
    done
    [ -z "$left" ] && return
    sleep 0.1
  done
  wrong "processes are left:$left"
  # shellcheck disable=SC2086
  kill -KILL $left
}
honest() {
  says err '^reloadsim: interrupted; [0-9]+ of 5 cases had been explored to the end$'
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
for _ in 1 2 3 4 5; do kill -INT $parent; sleep 0.02; done
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
sleep 0.5
kill -HUP $parent
sleep 0.5
is_alive $parent || wrong "a hang-up ended a run that ignores it"
workers=$(children $parent)
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

done_with "it stops when it is told to"
