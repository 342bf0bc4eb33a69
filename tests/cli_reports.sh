#!/usr/bin/env bash
# Reports: every format is valid and on stdout alone; a report directory is written whole or not at
# all, and what could not be written is said.
# shellcheck source=tests/cli_files/kit.sh
. "$(dirname "$0")/cli_files/kit.sh"
take passing failing matrix
command -v xmllint >/dev/null || { echo "xmllint is missing: apt-get install libxml2-utils"; exit 1; }

is_json() { python3 -c 'import json, sys; json.load(open(sys.argv[1], encoding="utf-8"))' "$1"; }
is_xml() { xmllint --noout "$1"; }
is_junit() { is_xml "$1" && [ "$(xmllint --xpath 'count(//testcase)' "$1")" -ge 1 ]; }
# A plan first, then as many numbered points as it says.
is_tap() {
  awk 'NR == 1 { if ($0 != "TAP version 14") exit 1 }
    NR == 2 { if (!match($0, /^1\.\.[0-9]+/)) exit 1; plan = substr($0, 4) + 0 }
    /^(not )?ok / { points++; n = $1 == "ok" ? $2 : $3; if (n != points) bad = 1 }
    END { if (bad || points != plan + 0) exit 1 }' "$1"
}
is_text() { tail -n 1 "$1" | grep -qE '^(Safe to release|Do not release|Not proven yet)'; }

# ---- Formats, on stdout alone, whatever the result ----
echo '{ "tïtle": "<&\"'"'"']]>" }' >"$work/mistake.json"
for format in text junit tap json; do
  ends 0 run scenarios/t/passing.json --format $format
  silent err
  holds "no valid $format" is_$format "$work/out"
  ends 1 run --format $format
  silent err
  holds "no valid $format" is_$format "$work/out"
  ends 3 run scenarios/t/passing.json "$work/mistake.json" --format $format
  says err 'mistake\.json:1:[0-9]+: error: '
  says out 'mistake\.json'
  holds "no valid $format with a mistake" is_$format "$work/out"
  ends 4 run --filter no-such-case --format $format
  holds "no valid $format without a case" is_$format "$work/out"
  ends 1 run --max-states 3 --format $format
  holds "no valid $format of a search that was cut" is_$format "$work/out"
done
sed 's/Turning/<\&]]> \\" \\u00e9 \\ud83c\\udca1 # ... %s Turning/' "$files/failing.json" >"$here/odd.json"
for format in text junit tap json; do
  ends 1 run scenarios/t/odd.json --format $format
  silent err
  holds "no valid $format of an odd title" is_$format "$work/out"
done
rm "$here/odd.json"

# ---- A report directory ----
all='run.json index.html report.css rules.html cases report.txt junit.xml results.tap summary.json
ledger-diff.txt ledger-diff.json rule-coverage.txt rule-coverage.json'
ends 1 run --report "new/deep/report"
says err "^reloadsim: [0-9]+ failures? minimised to [0-9]+ scenarios?: "
holds "more was written to stderr" [ "$(wc -l <"$work/err")" = 1 ]
cp "$work/out" "$work/shown"
for file in $all; do
  [ -s "new/deep/report/$file" ] || wrong "not written: $file"
done
for file in new/deep/report/*.json; do holds "$file is no JSON" is_json "$file"; done
for file in new/deep/report/*.xml; do holds "$file is no XML" is_xml "$file"; done
holds "results.tap is no TAP" is_tap "new/deep/report/results.tap"
[ "$(find "new/deep/report/cases" -name '*.html' | wc -l)" = 4 ] || wrong "not four pages of cases"
find new -name '*draft*' -o -name '*.new' -o -name '*.old' | grep -q . &&
  wrong "drafts are left in the report directory"
same "$work/shown" "new/deep/report/report.txt" "stdout is not report.txt"
for format in junit:junit.xml tap:results.tap json:summary.json ledger:ledger-diff.txt \
  ledger-json:ledger-diff.json rules:rule-coverage.txt rules-json:rule-coverage.json; do
  ends 1 run --format ${format%:*} --report "new/deep/report"
  same "$work/out" "new/deep/report/${format#*:}" "stdout is not ${format#*:}"
  # where the traces lie, and nothing else, is told only with --report
  sed '/[Rr]eplay/d' "new/deep/report/${format#*:}" >"$work/shown"
  ends 1 run --format ${format%:*}
  sed '/[Rr]eplay/d' "$work/out" >"$work/plain"
  never out 'reloadsim replay'
  same "$work/plain" "$work/shown" "without --report it says something else"
done
# ---- Every report of a failure says how to replay its trace ----
trace=new/deep/report/traces/t_failing-1.trace
[ -s $trace ] || wrong "there is no $trace"
for file in report.txt junit.xml results.tap summary.json cases/t.failing.html; do
  holds "$file does not say how to replay the trace" \
    grep -qE "\\breloadsim replay $trace\\b" "new/deep/report/$file"
done
holds "the page's command is none" \
  grep -qF "Replay it: <code>build/reloadsim replay $trace</code>" new/deep/report/cases/t.failing.html
holds "run.json tells where the report lies" \
  grep -qF '"trace_file": "traces/t_failing-1.trace"' new/deep/report/run.json
ends 1 run --rules scenarios/rules.json --report "it's here/" scenarios/t/failing.json
command=$(sed -n 's/^ *Replay it: build\/reloadsim //p' "$work/out")
[ "$command" = "replay --rules scenarios/rules.json 'it'\\''s here'/traces/t_failing-1.trace" ] ||
  wrong "the command to replay is: $command"
eval "ends 0 $command"

if grep -rlE "$work|/proc/|0x[0-9a-f]{9,}" "new/deep/report"; then
  wrong "places or addresses of this run are in the report"
fi
# ---- The same reports once more, from run.json alone ----
cp -r new/deep/report "$work/again"
mkdir "$work/first"
cp -r new/deep/report/. "$work/first"
find "$work/again" -maxdepth 1 -type f ! -name run.json ! -name certificate.json -delete
rm -r "$work/again/cases"
mv "$work/again" new/deep/again && rm -r new/deep/report && mv new/deep/again new/deep/report
ends 0 report new/deep/report
silent err
same "$work/out" "$work/first/report.txt" "reloadsim report shows another report.txt"
diff -r "$work/first" new/deep/report >"$work/diff" ||
  { head "$work/diff"; wrong "reports made again are others"; }
ends 0 report --format junit new/deep/report
same "$work/out" "$work/first/junit.xml" "reloadsim report --format junit shows another junit.xml"
ends 2 report
says err 'report needs one directory'
ends 2 report one two
ends 3 report "$work/nowhere"
says err '^error: cannot read .*nowhere/run\.json: there is no such file'
mkdir "$work/bad"
head -c 3000 "$work/first/run.json" >"$work/bad/run.json"
ends 3 report "$work/bad"
says err '^error: .*bad/run\.json:[0-9]+:[0-9]+: .*damaged: run again'
echo '{ "format": "reloadsim-run-1" }' >"$work/bad/run.json"
ends 3 report "$work/bad"
says err 'run\.json: not a run of this version .*run again'
sed 's/"transitions": [0-9]*/"transitions": "x"/' "$work/first/run.json" >"$work/bad/run.json"
ends 3 report "$work/bad"
says err 'run\.json: .*transitions: expected a whole number'
[ "$(ls "$work/bad")" = run.json ] || wrong "a report was made of what is no run"
rm "$work/bad/run.json"
mkdir "$work/bad/run.json"
ends 3 report "$work/bad"
says err 'cannot read .*run\.json: .*folder'
rmdir "$work/bad/run.json" && mkfifo "$work/bad/run.json"
ends 3 report "$work/bad" # at once, though nobody writes
says err 'cannot read .*run\.json: '

# What a user has put there is followed, or written into, and neighbours stay as they are.
links=$work/links
mkdir -p "$links/report" "$links/elsewhere"
echo mine >"$links/report/run.json.new"
echo mine >"$links/report/run.json.old"
for file in run.json index.html certificate.json junit.xml; do
  echo old >"$links/elsewhere/$file"
  ln -s "../elsewhere/$file" "$links/report/$file"
done
mkfifo "$links/report/report.txt"
timeout $patience cat "$links/report/report.txt" >"$links/got" &
ends 0 run scenarios/t/passing.json --report "$links/report"
wait
same "$links/got" "$work/out" "the FIFO's reader did not get the report"
[ -p "$links/report/report.txt" ] || wrong "a FIFO was replaced"
for file in run.json index.html certificate.json junit.xml; do
  [ -L "$links/report/$file" ] || wrong "the link $file was replaced"
  [ "$(wc -c <"$links/elsewhere/$file")" -gt 100 ] || wrong "$file was not written through its link"
done
[ "$(cat "$links/report/run.json.new" "$links/report/run.json.old")" = "$(printf 'mine\nmine')" ] ||
  wrong "files of the user were overwritten"
find "$links" -name '*draft*' | grep -q . && wrong "drafts are left"
rm -r "$links"

for name in 'with spaces' "o'clock" 'Größe'; do
  ends 0 run scenarios/t/passing.json --report "$work/$name"
  [ -s "$work/$name/index.html" ] || wrong "nothing in a directory named $name"
done

# A smaller run over a larger one leaves no page of it.
ends 0 run scenarios/t/passing.json --report "new/deep/report"
[ "$(find "new/deep/report/cases" -name '*.html' | wc -l)" = 1 ] || wrong "old pages are left"

# ---- Where nothing can be written: said before the run, not after it ----
touch "$work/file"
ends 70 run --report "$work/file"
says err 'file: '
silent out
ends 70 run --report "$work/file/below"
says err 'file/below: Not a directory'
ends 70 run --report "/proc/nowhere"
says err '/proc/nowhere: '
ends 70 run --report "$(printf 'x/%.0s' $(seq 3000))"
says err 'too long'
mkdir -m 555 "$work/shut"
as=()
if [ "$(id -u)" = 0 ]; then
  as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  chmod 755 "$work"
fi
last='run --report shut'
code=0
"${as[@]}" "$reloadsim" run --report "$work/shut" >"$work/out" 2>"$work/err" </dev/null || code=$?
[ $code = 70 ] || wrong "exit code $code instead of 70"
says err 'shut: Permission denied'
silent out
TMPDIR=$work/nowhere ends 1 run # nothing is written on the way to standard output

# ---- A disk that is full, or files that must not be large: all as it was before ----
ends 0 run scenarios/t/passing.json --report "$work/kept"
# full WHAT DIRECTORY BEFORE: what a run that could not be written must have left behind
full() {
  checked=$((checked + 1))
  last="run --report, $1"
  [ $code = 70 ] || wrong "exit code $code instead of 70"
  says err 'cannot write .*(No space left|File too large)'
  silent out
  diff -r "$3" "$2" >"$work/diff" || { head "$work/diff"; wrong "the old report was touched"; }
}
mkdir "$work/nothing"
for blocks in 1 4 8 16; do
  for before in nothing kept; do
    cp -r "$work/$before" "$work/copy"
    code=0
    (ulimit -f $blocks; exec "$reloadsim" run --report "$work/copy") \
      >"$work/out" 2>"$work/err" </dev/null || code=$?
    [ $before = kept ] || rmdir "$work/copy/cases" 2>/dev/null # an empty folder claims nothing
    full "files of at most $blocks KB, over $before" "$work/copy" "$work/$before"
    rm -rf "$work/copy"
  done
done
# on_tmpfs KB: the same on a file system of that size, in a world of mounts that ends with the command
on_tmpfs() {
  unshare --mount bash -c '
    mount -t tmpfs -o size="$1"k,mode=755 none "$2/disk" && cp -r "$2/kept/." "$2/disk/" || exit 99
    "$3" run --report "$2/disk" >"$2/out" 2>"$2/err" </dev/null
    code=$?
    rm -rf "$2/after" && cp -r "$2/disk" "$2/after"
    exit $code' - "$1" "$work" "$reloadsim"
}
mkdir "$work/disk"
size=$(du -sk --apparent-size "$work/kept" | cut -f 1)
if unshare --mount mount -t tmpfs none "$work/disk" 2>/dev/null; then
  for more in 64 96 128; do
    code=0
    on_tmpfs $((size + more)) || code=$?
    [ $code = 99 ] && continue # not even the old report had room
    full "disk of $((size + more)) KB" "$work/after" "$work/kept"
  done
  code=0
  on_tmpfs 4096 || code=$?
  [ $code = 1 ] || wrong "with room enough: exit code $code instead of 1"
else
  echo "note: no file system can be mounted here; full disks were tried by file size alone"
fi

done_with "reports are valid, whole, and where they belong"
