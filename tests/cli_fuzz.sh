#!/usr/bin/env bash
# fuzz: the same seed gives the same runs for any number of processes, any shard and any time; the seed
# is always told; what is wrong is told before anything is run.
# shellcheck source=tests/cli_files/kit.sh
. "$(dirname "$0")/cli_files/kit.sh"

# number KEY FILE: of a fuzz.json
number() { sed -n 's/^  "'"$1"'": \([0-9]*\),*$/\1/p' "$2"; }

# ---- The same runs, however they are done ----
for jobs in 1 2 5; do
  ends 0 fuzz --seed 7 --runs 60 --jobs $jobs --report "$work/jobs-$jobs"
  silent err
  says out '^Seed 7$'
  says out '^Runs 60, walks 1200, steps [0-9]+, ended 1200$'
  says out '^Sometimes  [0-9]+ of [0-9]+ situations were met$'
  says out '^ +never  '
  says out '^No violation was found$'
  cp "$work/out" "$work/out-$jobs"
  diff -r "$work/jobs-1" "$work/jobs-$jobs" || wrong "--jobs $jobs writes something else"
  same "$work/out-1" "$work/out-$jobs" "--jobs $jobs shows something else"
done
ends 0 fuzz --seed 8 --runs 60 --report "$work/other"
cmp -s "$work/jobs-1/fuzz.json" "$work/other/fuzz.json" && wrong "another seed gives the same runs"

# ---- Shards: together they are the whole ----
for shard in 1 2 3; do ends 0 fuzz --seed 7 --runs 60 --shard $shard/3 --report "$work/shard-$shard"; done
for key in runs walks steps endings; do
  sum=0
  for shard in 1 2 3; do sum=$((sum + $(number $key "$work/shard-$shard/fuzz.json"))); done
  [ $sum = "$(number $key "$work/jobs-1/fuzz.json")" ] || wrong "the shards' $key do not add up"
done
hits() { sed -n 's/.*"hits": \([0-9]*\).*/\1/p' "$1/fuzz.json"; }
paste <(hits "$work/shard-1") <(hits "$work/shard-2") <(hits "$work/shard-3") |
  awk '{ print $1 + $2 + $3 }' | cmp - <(hits "$work/jobs-1") || wrong "the shards' probes do not add up"
ends 4 fuzz --runs 3 --shard 5/10 # none of them is its own
says out '^Runs 0,'

# ---- Time says only when to stop ----
ends 0 fuzz --jobs 1 --seed 3 --time 1 --report "$work/timed"
cp "$work/out" "$work/out-timed"
says err '^reloadsim: [0-9]+ s, [0-9]+ walks and [0-9]+ steps a second; --runs [0-9]+ gives the same results$'
runs=$(number last_run "$work/timed/fuzz.json")
[ "$runs" -gt 0 ] || wrong "nothing was run in a second"
ends 0 fuzz --seed 3 --runs "$runs" --report "$work/counted"
same "$work/timed/fuzz.json" "$work/counted/fuzz.json" "the same number of runs is not the same"
same "$work/out-timed" "$work/out" "the same number of runs is shown otherwise"

# ---- Wrong usage ----
for words in 'fuzz --runs 0' 'fuzz --time never' 'fuzz --runs 5 --time 5' 'fuzz scenarios' \
  'fuzz --shard 3/2' 'fuzz --faults single'; do
  # shellcheck disable=SC2086
  ends 2 $words
  silent out
done
ends 3 fuzz --rules is-not-there.json --runs 1
never out '^Runs'
touch "$work/file"
ends 70 fuzz --runs 1 --report "$work/file/report"
says err 'file/report'
ends 0 fuzz --help
says out '^Usage: reloadsim fuzz'
silent err

# ---- Interrupted ----
last='fuzz --time 1h'
checked=$((checked + 1))
"$reloadsim" fuzz --seed 11 --time 1h -j 2 >"$work/out" 2>"$work/err" </dev/null &
parent=$!
eventually "nobody works" has_children $parent 2
eventually "the seed is not known from the beginning" grep -q '^Seed 11$' "$work/out"
kill -INT $parent
eventually "it does not stop" has_ended $parent || kill -KILL $parent
code=0
wait $parent || code=$?
[ $code = 130 ] || wrong "exit code $code instead of 130"
says err '^reloadsim: interrupted$'
says out '^Runs [0-9]+, walks'
[ -z "$(children $parent)" ] || wrong "processes are left"


# Interrupted before a run is complete: there is none that --runs would give again. A process that stops
# at its first run, of which it never tells, makes it certain.
cat >"$work/never.c" <<'C'
#include <unistd.h>
#include <jansson.h>
char *json_dumps(const json_t *json, size_t flags) {
  (void)json;
  (void)flags;
  for (;;) pause();
}
C
if ${CC:-gcc} -shared -fPIC -o "$work/never.so" "$work/never.c"; then
  last='fuzz --time 1h, no run completed'
  checked=$((checked + 1))
  LD_PRELOAD=$work/never.so "$reloadsim" fuzz --time 1h -j 2 >"$work/out" 2>"$work/err" </dev/null &
  parent=$!
  eventually "nobody works" has_children $parent 2
  kill -INT $parent
  code=0
  wait $parent || code=$?
  [ $code = 130 ] || wrong "exit code $code instead of 130"
  says out '^Runs 0, walks 0,'
  says err '^reloadsim: no run was completed$'
  never err '--runs 0'
  never err 'broke down'
else
  wrong "the library for the test of a fuzz without a run cannot be built"
fi

done_with "the same runs, however they are done"
