#!/usr/bin/env bash
# Long runs in parts: an interrupted run is resumed and ends as if nothing had happened; shards
# are parts that make up the whole.
# shellcheck source=tests/cli_files/kit.sh
. "$(dirname "$0")/cli_files/kit.sh"
for number in 01 02 03 05 06; do cp "$files/passing.json" "$here/$number.json"; done
cp "$files/failing.json" "$here/04.json"
cp "$files/heavy.json" "$here/heavy.json"
report=$work/report

are_written() { [ "$(cat "$report/journal" 2>/dev/null | wc -l)" = "$1" ]; }
# interrupted: a run of everything, which is interrupted in the heavy case, after the six small ones
interrupted() {
  last='run --report, interrupted'
  checked=$((checked + 1))
  rm -rf "$report"
  "$reloadsim" run -j 1 --no-minimise --max-states 4000000000 --report "$report" \
    >"$work/out" 2>"$work/err" </dev/null &
  local parent=$!
  eventually "the six small ones are not in the journal" are_written 7
  kill -INT $parent
  code=0
  wait $parent || code=$?
  [ $code = 130 ] || wrong "exit code $code instead of 130"
  says err '^reloadsim: interrupted; 6 of 7 cases were explored to the end; --resume runs'
}
small=(--no-minimise --max-states 4000000000 --filter 't/0*')
ends 1 run "${small[@]}" --report "$report"
keep at-once
[ ! -e "$work/at-once/journal" ] || wrong "a whole run leaves a journal"

# ---- Resuming ----
interrupted
sed -i '/^[0-9a-f]* {"id":"t\/02"/d' "$report/journal" # as if it had not been explored yet
ends 1 run --resume "${small[@]}" --report "$report"
says err '^reloadsim: resuming: 5 of 6 cases are done$'
rm -rf "$work/at-once/traces" "$report/traces"
diff -r "$work/at-once" "$report" || wrong "a resumed run reports something else than a run at once"
ends 3 run --resume "${small[@]}" --report "$report" # it is over
says err 'there is no interrupted run to resume'

interrupted
truncate -s -20 "$report/journal" # the power failed while the last line was written
ends 1 run --resume "${small[@]}" --report "$report"
says err '^reloadsim: resuming: 5 of 6 cases are done$'
same "$work/at-once/run.json" "$report/run.json" "a cut journal changes the report"

interrupted
sed -i 's/"balance": 5/"balance": 4/' "$here/03.json" # a case that is another one now is run again
cmp -s "$files/passing.json" "$here/03.json" && wrong "passing.json has no balance of 5"
ends 1 run --resume "${small[@]}" --report "$report"
says err '^reloadsim: resuming: 5 of 6 cases are done$'
cp "$files/passing.json" "$here/03.json"

# What is expected has changed, and nothing else: what was true of it may be false now.
interrupted
sed -i 's/at most 1/at most 0/' "$here/03.json"
ends 1 run --resume "${small[@]}" --report "$report"
says err '^reloadsim: resuming: 5 of 6 cases are done$'
says out '^FAILED +t/03'
cp "$files/passing.json" "$here/03.json"
interrupted
sed -i '1,3s/^{/{\n/' "$here/03.json" # the same case, some lines further down
ends 1 run --resume "${small[@]}" --report "$report"
says err '^reloadsim: resuming: 5 of 6 cases are done$'
cp "$files/passing.json" "$here/03.json"

# A part of what was interrupted: what is known of the rest stays.
interrupted
ends 0 run --resume "${small[@]}" --shard 1/2 --report "$report"
says err '^reloadsim: resuming: 3 of 3 cases are done$'
says err '/journal stays: it has the results of 3 cases that this run did not select'
ends 1 run --resume "${small[@]}" --shard 2/2 --report "$report"
says err '^reloadsim: resuming: 3 of 3 cases are done$'
ends 1 run --resume "${small[@]}" --report "$report"
says err '^reloadsim: resuming: 6 of 6 cases are done$'
never err 'stays'
[ ! -e "$report/journal" ] || wrong "a whole run leaves a journal"

# ---- What cannot be resumed ----
interrupted
cp "$report/journal" "$work/journal"
ends 3 run --resume "${small[@]}" --report "$report" --seed 2
says err 'journal: it is from a run with another --seed'
ends 3 run --resume "${small[@]}" --report "$report" --faults single
says err 'journal: it is from a run with another --faults'
ends 3 run --resume --no-minimise --filter 't/0*' --report "$report"
says err 'journal: it is from a run with another --max-states'
same "$work/journal" "$report/journal" "a refused journal was touched"
# headed KEY: the journal of something else, under a checksum that fits (XXH3, as the program has it)
cat >"$work/seal.c" <<'C'
#include <stdio.h>
#include <string.h>
#include <xxhash.h>
int main(void) {
  static char line[1 << 20];
  if (!fgets(line, sizeof line, stdin)) return 1;
  line[strcspn(line, "\n")] = 0;
  printf("%016llx %s\n", (unsigned long long)XXH3_64bits(line, strlen(line)), line);
  return 0;
}
C
${CC:-gcc} -o "$work/seal" "$work/seal.c" -lxxhash || wrong "the sealer cannot be built"
for what in engine simulator; do
  { sed -n "1s/^[0-9a-f]* //; 1s/\"$what\":\"[0-9a-f]/\"$what\":\"x/p" "$work/journal" | "$work/seal"
    sed 1d "$work/journal"; } >"$report/journal"
  ends 3 run --resume "${small[@]}" --report "$report"
  says err "journal: it is from a run of another $what"
done
# A line that was changed: the first one, one in the middle, the last one, which is whole.
changed() {
  sed "$2" "$work/journal" >"$report/journal"
  cmp -s "$work/journal" "$report/journal" && wrong "the journal has nothing like $2"
  cp "$report/journal" "$work/changed"
  ends 3 run --resume "${small[@]}" --report "$report"
  says err "/journal: .*line $1 was changed"
  silent out
  same "$work/changed" "$report/journal" "a refused journal was touched"
}
changed 1 '1s/"seed":1/"seed":2/'
changed 3 '3s/"verdict":0/"verdict":1/'
changed 5 '5s/"states":2/"states":3/'
changed 7 '7s/"title":"./"title":"?/'
changed 4 '4s/^./x/'
changed 6 '6d;5s/$/\n/'
for text in '' 'no JSON' '[]' '{}' '{"format":"reloadsim-journal-2"}'; do
  printf '%s\n' "$text" >"$report/journal"
  ends 3 run --resume "${small[@]}" --report "$report"
  says err '/journal: it is '
done
ends 2 run --resume
says err -- '--resume needs --report DIR'
ends 2 run --resume --report "$report" --list

# ---- Shards ----
rm "$here/heavy.json"
ends 0 run --list
cut -f 1 "$work/out" | sort >"$work/all"
: >"$work/parts"
for shard in 1 2 3 4; do
  ends 0 run --list --shard $shard/4
  cut -f 1 "$work/out" >>"$work/parts"
done
sort "$work/parts" | same "$work/all" - "four shards are not the whole, each case once"
ends 0 run --shard 1/2 --no-minimise --report "$work/one"
ends 1 run --shard 2/2 --no-minimise --report "$work/two"
says out 'only a part of the suite was run'
states() { grep -o '"states": [0-9]*' "$1/run.json" | head -n 1 | tr -dc 0-9; }
ends 1 run --no-minimise --report "$work/whole"
[ $(($(states "$work/one") + $(states "$work/two"))) = "$(states "$work/whole")" ] ||
  wrong "the shards have not seen the states of the whole"
ends 4 run --shard 9/9
for shard in 0/2 3/2 2 1/ /2 x/y 1/2/3 -1/2; do ends 2 run --shard $shard; done

done_with "in parts, the same as at once"
