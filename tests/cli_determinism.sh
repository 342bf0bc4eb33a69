#!/usr/bin/env bash
# The same scenarios give the same bytes: twice, with another seed, in another environment and from
# another place, for the endings and the reports.
# shellcheck source=tests/cli_files/kit.sh
. "$(dirname "$0")/cli_files/kit.sh"
take passing failing matrix
sed -e 's/"then": {/"faults": { "at_most": 2, "gateway.confirm": ["timeout after", "declined lost_card"] },\n  "then": {/' \
  "$files/passing.json" >"$here/faults.json"

ends 1 run --report "$work/report"
keep one
cp "$work/out" "$work/one.out"
says out '^FAILED +t/faults' # endings that no outcome names: they have an order, too

# again NAME ARGUMENT...: run once more as $work/NAME
again() {
  local name=$1
  shift
  ends 1 run "$@" --report "$work/report"
  keep "$name"
}
again two
diff -r "$work/one" "$work/two" || wrong "the second run wrote other bytes"
same "$work/one.out" "$work/out" "the second run showed other bytes"

# Everything that a program might lean on; where it may be had (not in every container), memory at
# other addresses, too.
still=(env)
setarch -R true 2>/dev/null && still=(setarch -R)
mkdir -p "$work/home" "$work/tmp/other"
last='run, in another environment'
code=0
checked=$((checked + 1))
env -i PATH="$PATH" HOME="$work/home" TZ=Pacific/Kiritimati LC_ALL=de_DE.UTF-8 LANG=tr_TR.UTF-8 \
  MALLOC_PERTURB_=85 TMPDIR="$work/tmp/other" JUNK="$(head -c 5000 /dev/zero | tr '\0' x)" \
  "${still[@]}" "$reloadsim" run -j 3 --report "$work/report" >"$work/out" 2>"$work/err" </dev/null || code=$?
[ $code = 1 ] || wrong "exit code $code instead of 1"
keep three
diff -r "$work/one" "$work/three" || wrong "the environment shows in the report"
rmdir "$work/tmp/other" || wrong "something was left in TMPDIR"

# Another seed: SQLite draws other numbers; only the seed itself may be told.
# Ids that are drawn with it stand in the records of steps; they are parts of states, so that the
# roots of their graphs tell it, too.
# without_seed DIRECTORY NUMBER: a copy of a report that does not tell the seed
without_seed() {
  cp -r "$1" "$1.plain"
  find "$1.plain" -type f -exec sed -i -E "s/ --seed [0-9]+//; s/\\b$2\\b/SEED/
    s/\"(key|intent|message_id)\": \"(reload-|pi_|toggle-)[0-9a-f]{32}[^\"]*\"/DRAWN/
    /^ *\"(root|checksum)\": \"[0-9a-f]+\",?$/d; s/^ \"seed\": [0-9]+,$/SEED/" {} +
}
without_seed "$work/one" 0x1
for seed in 0x2 0x7fffffffffffffff; do
  again seed --seed $seed
  grep -q "\"seed\": \"$seed\"" "$work/seed/run.json" || wrong "run.json does not tell the seed $seed"
  without_seed "$work/seed" $seed
  diff -r "$work/one.plain" "$work/seed.plain" || wrong "an ending depends on the seed $seed"
  rm -r "$work/seed" "$work/seed.plain"
done

# Another directory with the same scenarios, under a longer name.
mkdir -p "$work/a/much/longer/name/for/it"
cp -r "$work/project/." "$work/a/much/longer/name/for/it/"
cd "$work/a/much/longer/name/for/it" || exit 1
ends 1 run --report "$work/report"
keep four
cd "$work/project" || exit 1
diff -r "$work/one" "$work/four" || wrong "the place of the project shows in the report"

# The order in which the folder lists its files.
for name in failing passing matrix faults; do
  mv "$here/$name.json" "$here/$name.tmp"
done
for name in passing matrix faults failing; do
  cp "$here/$name.tmp" "$here/$name.json"
  rm "$here/$name.tmp"
done
again five
diff -r "$work/one" "$work/five" || wrong "the order of the folder shows in the report"

# And the command's own proof.
ends 1 run --verify-determinism --report "$work/report"
says err "^reloadsim: [0-9]+ failures? minimised to [0-9]+ scenarios?: "
holds "more was written to stderr" [ "$(wc -l <"$work/err")" = 1 ]
keep six
diff -r "$work/one" "$work/six" || wrong "--verify-determinism changes the report"

done_with "the same scenarios, the same bytes"
