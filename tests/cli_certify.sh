#!/usr/bin/env bash
# Certificates: they hold, with any number of jobs; edited, cut or foreign ones are refused with what
# differs; a search that was cut says so.
# shellcheck source=tests/cli_files/kit.sh
. "$(dirname "$0")/cli_files/kit.sh"
take passing matrix
good=$work/good.json
bad=$work/bad.json

# refused PATTERN: $bad cannot be checked, and nothing is run
refused() {
  ends 3 certify --check "$bad"
  says err "$1"
  silent out
}
# seal: give $bad the checksum of what it says now
seal() {
  local body=$work/body
  awk '/^ "checksum": / { exit } { print }' "$bad" | head -c -2 >"$body"
  { cat "$body"; printf ',\n "checksum": "%s"\n}\n' "$(sha256sum <"$body" | cut -c 1-64)"; } >"$bad"
}
# forge SED-EXPRESSION: $bad says something else than $good, under a checksum that fits
forge() {
  sed "$1" "$good" >"$bad"
  ! cmp -s "$good" "$bad" || wrong "the certificate has nothing like $1"
  seal
}

# ---- It holds ----
ends 0 certify --output "$good"
says out '^certified: [0-9]+ cases, [0-9]+ states, [0-9]+ transitions; written to '
silent err
says_good() { grep -qE -- "$1" "$good" || wrong "nothing like \"$1\" in the certificate"; }
says_good '^   "id": "t/passing",$'
says_good '^   "explored": "exhausted",$'
says_good '^    \{"hash": "[0-9a-f]{16}", "states": [0-9]+, "outcome": "the charge came first"\}'
ends 0 certify --check "$good"
says out '^certificate holds: [0-9]+ cases, [0-9]+ states, [0-9]+ transitions, root [0-9a-f]{32}$'
silent err
told=$(sed -n 's/^ "simulator": {"digest": "\([0-9a-f]*\)"},$/\1/p' "$good")
sources=$(cd "$files/../.." && printf '%s\n' fakes/*.[ch] sim/*.[ch] sim/*/*.[ch] | sort |
  xargs sha256sum | sha256sum | cut -c 1-64)
[ "$told" = "$sources" ] || wrong "the simulator's digest is not over the names and bytes of its sources"
cp "$good" "$bad"
seal
same "$good" "$bad" "the checksum is not the SHA-256 of all before it"

# ---- The same bytes, for any number of jobs, on standard output and in a report ----
for jobs in 1 2 4; do
  ends 0 certify -j $jobs
  same "$work/out" "$good" "--jobs $jobs writes another certificate"
  ends 0 certify -j $jobs --check "$good"
done
ends 0 run --report "$work/report"
same "$work/report/certificate.json" "$good" "the report's certificate is another one"

# ---- With injected faults, and a filter ----
ends 0 certify --faults single --filter t/passing --output "$work/single.json"
grep -q '"gateway.confirm: timeout after": [1-9]' "$work/single.json" || wrong "no fault site is told"
grep -q '"faults": "single"' "$work/single.json" || wrong "the faults are not told"
grep -q '^  "endings": 2,$' "$work/single.json" || wrong "fault endings are counted as endings"
grep -q '^  "fault_endings": [1-9]' "$work/single.json" || wrong "there are no fault endings"
ends 0 certify --check "$work/single.json"
says out '^certificate holds: 1 case,'

# ---- A case that asks for injected faults itself has a bound of its own ----
sed 's/"given": {/"faults": { "injected": "single" }, &/' "$here/passing.json" >"$here/asking.json"
ends 0 certify --filter t/asking --output "$work/asking.json"
grep -q '"injected_faults_of_a_run": 0,' "$work/asking.json" || wrong "the run's bound is not told"
grep -q '^   "injected_faults": 1,$' "$work/asking.json" || wrong "the case's bound is not told"
grep -q '"gateway.confirm: timeout after": [1-9]' "$work/asking.json" || wrong "it was not searched so"
ends 0 certify --check "$work/asking.json"
root() { grep -A 9 '^  {$' "$1" | grep '"root"' | head -n 1; }
[ "$(root "$work/asking.json")" = "$(root "$work/single.json")" ] ||
  wrong "another graph than with --faults single"
ends 0 certify --faults none --filter t/asking --output "$work/asking.json"
grep -q '^   "injected_faults": 0,$' "$work/asking.json" || wrong "--faults none does not hold"
grep -q '"fault_sites": {}$' "$work/asking.json" || wrong "faults in spite of --faults none"
ends 1 run --filter t/asking --report "$work/report" --max-states 100
says out 'limit of states'
ends 0 run --filter t/asking --report "$work/report"
grep -q '"injected_faults": 1' "$work/report/run.json" || wrong "run.json does not tell the bound"
rm "$here/asking.json"

# ---- What only such faults lead to is listed, and judged by no outcome ----
ends 0 run --filter t/passing --report "$work/report"
never out 'only injected faults'
ends 0 run --faults single --filter t/passing --report "$work/report"
says out '^ +and [0-9]+ endings that only injected faults reach$'
told=$(grep -o '"faults": \[' "$work/report/run.json" | wc -l)
[ "$told" -gt 1 ] && [ "$told" -le 20 ] || wrong "$told fault endings are told, not 2 to 20"
grep -q 'more ways if something breaks' "$work/report/cases/t.passing.html" || wrong "no page tells them"

# ---- Damaged ----
head -n 20 "$good" >"$bad"
refused "^$bad:21: error: .*cut short"
head -c -1 "$good" >"$bad"
refused "$bad:[0-9]+: error: .*cut short"
sed 's/"states": \([0-9]*\),$/"states": 1\1,/' "$good" >"$bad"
refused 'error: the certificate was edited: its checksum does not fit'
echo >>"$bad"
refused 'cut short or its end was edited'
printf 'hello\n' >"$bad"
refused "^$bad:1: error: this is not a certificate"
: >"$bad"
refused "^$bad:1: error: this is not a certificate"
ends 3 certify --check "$work/nowhere.json"
says err 'nowhere.json:1: error: the certificate cannot be read: there is no such file$'
ends 3 certify --check "$work"
says err 'error: '

# ---- Forged, and wrong in itself ----
forge 's/^  "states": .*/  "states": 7,/'
refused "^$bad:[0-9]+: error: the total \"states\" is 7, but the cases add up to"
forge 's/certificate-2/certificate-3/'
refused 'another reloadsim'
forge 's/^ "seed": 1/ "seed": -1/'
refused '"seed" must be a number of 0 or more'
forge 's/"explored": "exhausted"/"explored": "cut by max_states"/'
refused 'a case that was cut cannot have passed'
for count in 1 2 7; do
  forge "s/\"injected_faults_of_a_run\": 0/\"injected_faults_of_a_run\": $count/"
  refused '"injected_faults_of_a_run" must be 0, as "faults" is "declared"'
done
for word in single pairs; do
  forge "s/^ \"faults\": \"declared\"/ \"faults\": \"$word\"/"
  refused "\"injected_faults_of_a_run\" must be [12], as \"faults\" is \"$word\""
done
for bound in unsynced_writes_chosen_freely power_images_of_a_step \
  choices_of_a_step; do
  forge "s/\"$bound\": \([0-9]*\)/\"$bound\": 9\1/"
  refused "^bounds: $bound: certificate says 9[0-9]+, now [0-9]+$"
done

# ---- Of another engine, simulator, SQLite or scenario ----
zeros=$(printf '0%.0s' $(seq 64))
forge "s/^ \"simulator\": {\"digest\": \"[0-9a-f]*/ \"simulator\": {\"digest\": \"$zeros/"
refused '^simulator: digest: certificate says 0{64}, now [0-9a-f]{64}$'
says err 'nothing was run'
forge "s/^\( \"engine\": .*\"digest\": \"\)[0-9a-f]*/\1$zeros/"
refused '^engine: digest: certificate says 0{64}, now [0-9a-f]{64}$'
says err 'nothing was run'
forge 's/^\( "sqlite": {"version": \)"[^"]*"/\1"9.9.9"/'
refused '^SQLite: version: certificate says 9.9.9, now '
sed -i 's/"cost": 10/"cost": 11/' "$here/passing.json"
cp "$good" "$bad"
refused '^t/passing: digest of the scenario: certificate says [0-9a-f]{32}, now [0-9a-f]{32}$'
take passing
sed -i 's/at most 1/at most 2/' "$here/passing.json"
refused '^t/passing: digest of what is expected: certificate says '
take passing
sed -i 's/"outcomes": {/"may": {/' "$here/passing.json"
refused '^t/passing: digest of what is expected: certificate says '
take passing
cp "$here/passing.json" "$here/new.json"
refused '^t/new: certificate says nothing, now a case$'
mv "$here/new.json" "$work/"
mv "$here/passing.json" "$work/"
refused '^t/passing: certificate says a case, now no case$'
take passing
printf '{' >"$here/new.json"
refused 't/new.json:1:.* error: '
says err 'nothing was run: scenario files have mistakes'
ends 3 certify --output "$work/none.json"
says err 'nothing was run: scenario files have mistakes'
[ ! -e "$work/none.json" ] || wrong "a suite with mistakes was certified"
ends 3 run --report "$work/report"
[ ! -e "$work/report/certificate.json" ] || wrong "a suite with mistakes has a certificate"
rm "$here/new.json"

# ---- Of this engine, but not what it finds: that is a broken promise ----
line=$(grep -n '"id": "t/passing"' "$good" | cut -d : -f 1)
forge "$((line + 10)),$((line + 12))s/\"states\": 1,/\"states\": 2,/"
ends 1 certify --check "$bad"
says out '^t/passing: states of ending [0-9a-f]{16}: certificate says 2, now 1$'
says out '^certificate does not hold: [0-9]+ differences?, of the same engine and scenarios$'

# ---- A failing case is certified as failing, and a cut one as cut ----
take failing
ends 1 certify --filter t/failing --output "$work/failing.json"
says out '1 not passed'
grep -q '"verdict": "failed"' "$work/failing.json" || wrong "the failure is not certified"
ends 0 certify --check "$work/failing.json"
says out '^certificate holds: 1 case, .* 1 not passed'
ends 1 certify --filter t/passing --max-states 3 --output "$work/cut.json"
says out '1 not explored to the end'
grep -q '"explored": "cut by max_states"' "$work/cut.json" || wrong "the cut is not told"
! grep -q '"explored": "exhausted"' "$work/cut.json" || wrong "a cut search claims to be exhausted"
grep -q '^  "exhausted": 0,$' "$work/cut.json" || wrong "a cut search is counted as exhausted"
ends 0 certify --check "$work/cut.json"
says out '1 not explored to the end'

# ---- What cannot be meant, or written ----
ends 4 certify --filter 'no such case'
silent out
ends 2 certify --check "$good" --faults single
ends 70 certify --filter t/passing --output "$work/no/such/folder.json"
says err 'cannot write .*folder.json'
ends 1 run --filter t/ --report "$work/report" --fail-fast
[ ! -e "$work/report/certificate.json" ] || wrong "a run that left cases out keeps a certificate"

# ---- What is there already: links are followed, a FIFO gets it, nobody's file is lost ----
mkdir "$work/there"
cd "$work/there" || exit 1
certify=(certify --rules "$work/project/scenarios/rules.json" --filter t/passing "$here")
ends 0 "${certify[@]}"
cp "$work/out" "$work/plain.json"
echo old >target.json
chmod 640 target.json
ln -s target.json link.json
ln -s nobody.json dangling.json
echo mine >new.json.new
for name in link dangling new; do
  ends 0 "${certify[@]}" --output "$name.json"
  same "$name.json" "$work/plain.json" "$name.json is not the certificate"
done
[ -L link.json ] && [ -L dangling.json ] || wrong "a link was replaced"
same target.json "$work/plain.json" "the link's target is not the certificate"
same nobody.json "$work/plain.json" "what the link names is not the certificate"
[ "$(stat -c %a target.json)" = 640 ] || wrong "the mode of what was there is lost"
[ "$(cat new.json.new)" = mine ] || wrong "a file of the user was overwritten"
mkfifo fifo
timeout $patience cat fifo >got &
ends 0 "${certify[@]}" --output fifo
wait
same got "$work/plain.json" "the FIFO's reader did not get the certificate"
[ -p fifo ] || wrong "a FIFO was replaced"
mkdir folder
ends 70 "${certify[@]}" --output folder
says err 'cannot write folder: Is a directory'
[ "$(ls -A)" = "$(printf '%s\n' dangling.json fifo folder got link.json new.json new.json.new nobody.json target.json)" ] ||
  wrong "other files are there: $(ls -A | tr '\n' ' ')"
cd "$work/project" || exit 1

# ---- Interrupted: nothing is certified, half of it least of all ----
cp "$files/heavy.json" "$here/"
last='certify, interrupted'
checked=$((checked + 1))
"$reloadsim" certify --max-states 4000000000 \
  --output "$work/half.json" >"$work/out" 2>"$work/err" </dev/null &
parent=$!
eventually "nobody works" has_children $parent 1
kill -INT $parent
code=0
wait $parent || code=$?
[ $code = 130 ] || wrong "exit code $code instead of 130"
says err 'no certificate was written: the run was interrupted'
[ ! -e "$work/half.json" ] || wrong "an interrupted run was certified"

done_with "certificates hold, or say what differs"
