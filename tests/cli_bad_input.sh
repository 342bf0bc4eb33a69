#!/usr/bin/env bash
# Files with mistakes, hostile files and hard names: each is told as path:line:column, none keeps the
# others from being run, none takes the command down.
# shellcheck source=tests/cli_files/kit.sh
. "$(dirname "$0")/cli_files/kit.sh"
take passing
bad=$here/bad.json

# mistaken PLACE PATTERN: check and run must find that mistake there, and run the good file
mistaken() {
  for command in check run; do
    ends 3 $command scenarios/t
    says err "^scenarios/t/bad\.json:$1: error: .*$2"
    never err "$work" # paths are as the user gave them
  done
  says out '^Cases +1 passed, 0 failed, 0 not .* 1 in all'
  says out '^Do not release: '
}
# with SED-EXPRESSION: the passing scenario, spoilt
with() {
  sed "$1" "$files/passing.json" >"$bad"
  ! cmp -s "$bad" "$files/passing.json" || wrong "the fixture has nothing like $1"
}

: >"$bad"; mistaken '1:1' 'empty'
printf ' \n \n' >"$bad"; mistaken '[0-9]+:[0-9]+' ''
head -c 200 "$files/passing.json" >"$bad"; mistaken '[0-9]+:[0-9]+' ''
with 's/"RACE-1", "RACE-2"/"RACE-1" "RACE-2"/'; mistaken '3:[0-9]+' ''
with 's/"title"/"titel"/'; mistaken '2:3' 'titel.*title'
with 's/"plan": "active"/"balance": 6/'; mistaken '5:[0-9]+' 'twice|duplicate|already'
with 's/RACE-1/RACE-99/'; mistaken '3:13' 'RACE-99'
with 's/pm_card_visa/pm_card_vsia/'; mistaken '5:[0-9]+' 'pm_card_vsia.*pm_card_visa'
with 's/"cost": 10/"cost": 1.5/'; mistaken '8:[0-9]+' ''
with 's/"cost": 10/"cost": 99999999999999999999/'; mistaken '8:[0-9]+' ''
with 's/"to": "acme"/"to": "acne"/'; mistaken '8:[0-9]+' 'acne'
with 's/Turning/\xff/'; mistaken '2:[0-9]+' 'UTF-8'
# A byte order mark, as some editors write it, is no mistake.
printf '\xef\xbb\xbf' >"$bad"; cat "$files/passing.json" >>"$bad"; ends 0 run scenarios/t; silent err
printf '{"title": "a\0b"}' >"$bad"; mistaken '1:[0-9]+' ''
echo '[]' >"$bad"; mistaken '1:1' 'object'
echo '"a"' >"$bad"; mistaken '1:1' 'object'
awk 'BEGIN { for (i = 0; i < 100000; i++) printf "["; }' >"$bad"; mistaken '1:[0-9]+' 'deep|nest'
awk 'BEGIN { for (i = 0; i < 100000; i++) printf "{\"a\":"; }' >"$bad"; mistaken '1:[0-9]+' 'deep|nest'
{ cat "$files/passing.json"; echo '{}'; } >"$bad"; mistaken '[0-9]+:1' ''

# 100 MB: refused by its size, at once, without reading it into memory.
awk 'BEGIN { while (i++ < 1000) printf "%65536s", " " }' >"$bad"
truncate -s 100M "$bad"
code=0
checked=$((checked + 1))
last='check scenarios/t, with 80 MB of memory'
(ulimit -v 80000; exec "$reloadsim" check scenarios/t) >"$work/out" 2>"$work/err" || code=$?
[ $code = 3 ] || wrong "exit code $code instead of 3"
says err 'bad\.json:1:1: error: .*(large|big|bytes|MB)'
rm "$bad"

# ---- What is no plain file ----
ln -s nowhere "$bad"; mistaken '1:1' 'no such file|cannot'; rm "$bad"
ln -s bad.json "$bad"; mistaken '1:1' ''; rm "$bad"
mkdir "$bad"
ends 3 run scenarios/t/bad.json # a folder without scenarios, whatever its name
says err 'bad\.json:1:1: error: there is no scenario'
rmdir "$bad"
mkfifo "$bad"; mistaken '1:1' ''; rm "$bad" # nobody writes into it: must not wait
ends 3 run /dev/zero
ends 3 run /dev/null
says err '^/dev/null:1:1: error: '
mkdir scenarios/empty
ends 3 run scenarios/empty
says err '^scenarios/empty:1:1: error: there is no scenario'
ends 3 run scenarios/nowhere scenarios/t
says err '^scenarios/nowhere:1:1: error: there is no such file'
says out '^Cases +1 passed'
ends 3 check scenarios/nowhere
ln -s .. scenarios/t/up
ends 3 run scenarios/t # a circle of folders
says err 'scenarios/t/up:1:1: error: .*symbolic link'
rm scenarios/t/up

# A file that may not be read. Root may read anything, so another user tries it.
cp "$files/passing.json" "$bad"
chmod 0 "$bad"
as=()
if [ "$(id -u)" = 0 ]; then
  as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  chmod 755 "$work"
  chmod 1777 "$TMPDIR"
fi
last='run scenarios/t (as a user who may not read bad.json)'
code=0
checked=$((checked + 1))
"${as[@]}" "$reloadsim" run scenarios/t >"$work/out" 2>"$work/err" </dev/null || code=$?
[ $code = 3 ] || wrong "exit code $code instead of 3"
says err '^scenarios/t/bad\.json:1:1: error: .*(permission|cannot be read|Permission)'
says out '^Cases +1 passed'
rm -f "$bad"

# ---- Hard names ----
# hard NAME: a scenario of this name is run, listed, and its failure can be shown again as printed
hard() {
  cp "$files/passing.json" "$here/$1.json"
  ends 0 run -- "scenarios/t/$1.json"
  says out '^Cases +1 passed'
  sed 's/at most 1/at most 0/' "$files/passing.json" >"$here/$1.json"
  ends 1 run -- "scenarios/t/$1.json"
  same_again
  rm "$here/$1.json"
}
# same_again: the command that the last run printed, given to a shell, says the same
same_again() {
  cp "$work/out" "$work/before"
  local command
  command=$(sed -n '/Run it again/{n;s/^ *//;p;q;}' "$work/out")
  code=0
  (cd "$work/project" && bash -c "$command" >"$work/out" 2>"$work/err" </dev/null) || code=$?
  last="(the command as printed) $command"
  [ $code = 1 ] || wrong "exit code $code instead of 1"
  same "$work/before" "$work/out" "the command that was printed does not show the same"
}
hard 'with spaces in it'
hard "o'clock"
hard '"quoted"'
hard 'Größe 例 🂡'
hard '$(exit 7)`exit 7`;exit 7&'
hard '[ab]*?'
hard 'back\slash'
hard 'per%cent%s%n'
hard "$(printf 'n%.0s' $(seq 200))"

# A row of a matrix, in a file whose name looks like a pattern.
sed 's/"declined": {/"declined": { "mail": ["disabled"],/' "$files/matrix.json" >"$here/[m]*.json"
ends 1 run 'scenarios/t/[m]*.json' --filter '#stolen'
same_again
rm "$here/[m]*.json"

# Names that cannot be ids are refused, and told.
cp "$files/passing.json" "$here/a#b.json"
ends 3 run scenarios/t
says err '"#"'
rm "$here/a#b.json"
for name in $'new\nline' $'\xff' $'bell\a'; do
  cp "$files/passing.json" "$here/$name.json"
  ends 3 run scenarios/t --report "$work/report"
  says err 'UTF-8 without control characters'
  says out '^Cases +1 passed'
  for report in run summary; do
    python3 -c 'import json,sys; assert json.load(open(sys.argv[1], encoding="utf-8"))["mistakes"]' \
      "$work/report/$report.json" || wrong "$report.json: the mistake is missing"
  done
  rm "$here/$name.json"
done

# Very long paths: one that is still possible, one that is not.
long=scenarios/$(printf 'd%.0s' $(seq 100))
deep=$long
for _ in $(seq 9); do deep=$deep/$(printf 'd%.0s' $(seq 100)); done
mkdir -p "$deep"
sed 's/at most 1/at most 0/' "$files/passing.json" >"$deep/x.json"
ends 1 run "$deep/x.json"
same_again
ends 1 run "$deep" --report "$work/long-report"
rm -r "$long"
ends 3 run "$(printf 'x/%.0s' $(seq 3000))y.json"
says err 'error: '
ends 2 run --rules "$(printf 'x/%.0s' $(seq 3000))y.json" scenarios/t
says err 'rule catalogue'

# ---- The catalogue ----
mkdir "$work/elsewhere"
cd "$work/elsewhere" || exit 1
ends 0 run "$here/passing.json" # from another folder, the catalogue is found beside the program
says out '[0-9]+ of 4[0-9] covered'
ends 3 run # no scenarios here
says err '^scenarios:1:1: error: there is no such file'
mv "$work/project/scenarios/rules.json" "$work/elsewhere/my-rules.json"
ends 2 run "$here/passing.json"
says err 'no rule catalogue .*--rules FILE'
ends 0 run "$here/passing.json" --rules my-rules.json
echo '{}' >bad-rules.json
ends 3 run "$here/passing.json" --rules bad-rules.json
says err '^bad-rules\.json:1:[0-9]+: error: '
ends 3 check "$here/passing.json" --rules nowhere.json
says err '^nowhere\.json:1:1: error: there is no such file'

done_with "mistakes have a place, hard names are no trouble"
