#!/usr/bin/env bash
# Minimising: a run with --report leaves each kind of failure as a small scenario with its trace, which
# fail in the same way, and so does everything that was left out or could not be done.
# shellcheck source=tests/cli_files/kit.sh
. "$(dirname "$0")/cli_files/kit.sh"
take passing failing
regressions=$work/report/regressions
count() { find "$1" -name "$2" 2>/dev/null | wc -l; }

# ---- A wrong demand, with a client and a step that have nothing to do with it ----
cat >"$here/large.json" <<'EOF'
{
  "title": "Too few charges are allowed",
  "rules": ["FIRE-2"],
  "given": { "acme": { "balance": 5, "auto_reload": "on" }, "bolt": { "balance": 5 } },
  "when": {
    "ana": [ { "submit": "a-1", "to": "acme", "cost": 10 }, { "look": "acme" } ],
    "ben": [ { "submit": "b-1", "to": "bolt", "cost": 5 } ]
  },
  "then": {
    "every": { "charges": { "acme": "at most 0" } },
    "outcomes": {
      "served": {
        "ana": ["done", "Enabled"],
        "log": { "acme": [ { "top_up": 100 }, { "spend": 10 } ], "bolt": [ { "spend": 5 } ] }
      }
    }
  }
}
EOF
ends 1 run --report "$work/report" scenarios/t/large.json
says err '^reloadsim: 1 failure minimised to 1 scenario: .*/report/regressions$'
small=$regressions/t_large-1.json
holds "no scenario was written" [ -f "$small" ]
holds "no trace was written" [ -f "$regressions/t_large-1.trace" ]
holds "ben and bolt are left" test -z "$(grep -e ben -e bolt "$small")"
holds "the look is left" test -z "$(grep look "$small")"
grep -q '"note": "Minimised from a failure of t/large: every charges at most 0."' "$small" ||
  wrong "the note does not say where it comes from"
ends 0 check "$small"
ends 1 run "$small"
says out 'every ending must have at most 0 charges of acme; this one has 1'
ends 0 replay "$regressions/t_large-1.trace"
says out '^finds: every charges at most 0'
says out '^ +! "every" in line [0-9]+ does not hold: this ending has 1'

# ---- What it demands is right in a world where the demand is right ----
sed 's/at most 0/at most 1/' "$small" >"$here/mended.json"
ends 0 run scenarios/t/mended.json
rm "$here/mended.json"

# ---- The trace of an unexpected ending says so ----
sed -e 's/at most 0/at most 1/' -e 's/"spend": 10/"spend": 11/' "$here/large.json" >"$here/wrong.json"
ends 1 run --report "$work/report" scenarios/t/wrong.json
holds "files of the run before are left" [ ! -e "$small" ]
ends 0 replay "$regressions/t_wrong-2.trace"
says out '^ +! no outcome of the scenario describes this ending'
rm "$here/wrong.json"

# ---- The same files for any number of jobs ----
cp -r "$regressions" "$work/first"
ends 1 run --report "$work/report" --jobs 1 scenarios/t
cp -r "$regressions" "$work/one"
ends 1 run --report "$work/report" --jobs 3 scenarios/t
holds "the number of jobs shows" diff -r "$work/one" "$regressions"

# ---- No more than ten of one run; the others are counted ----
sed -e 's/"at most 0"/"at most ${most}"/' -e '$d' "$here/large.json" >"$here/many.json"
{
  echo '  , "cases": ['
  for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do
    echo "    $([ $i = 1 ] || echo ,) { \"case\": \"c$i\", \"most\": 0 }"
  done
  echo '] }'
} >>"$here/many.json"
ends 1 run --report "$work/report" scenarios/t/many.json
says err '10 failures minimised to 1 scenario:'
says err '3 more failures were not minimised: the limit of one run is reached; 3 of them have the same signature as a minimised one'
never err 'no regression'
holds "other than one scenario" [ "$(count "$regressions" '*.json')" = 1 ]
holds "other than one trace" [ "$(count "$regressions" '*.trace')" = 1 ]
rm "$here/many.json"

# ---- One kind of failure in many cases does not displace another one in a later case ----
mkdir "$here/crowd"
{ # fourteen signatures under one rule, then one under another; of two cases with it b is the larger
  sed -e 's/"at most 0"/"at least ${most}"/' -e 's/"FIRE-2"/"MONEY-2"/' -e '$d' "$here/large.json"
  echo '  , "cases": ['
  for i in $(seq 2 15); do
    echo "    $([ "$i" = 2 ] || echo ,) { \"case\": \"c$i\", \"most\": $i }"
  done
  echo '] }'
} >"$here/crowd/a.json"
sed -e 's/"at most 0"/0/' "$here/large.json" >"$here/crowd/b.json"
sed -e 's/"at most 0"/0/' -e 's/, { "look": "acme" }//' -e 's/, "Enabled"//' "$here/large.json" \
  >"$here/crowd/c.json"
ends 1 run --report "$work/report" --jobs 1 scenarios/t/crowd
says err '10 failures minimised to 10 scenarios:'
says err '6 more failures were not minimised: the limit of one run is reached; 1 of them has the same signature as a minimised one$'
says err '5 signatures have no minimised scenario:'
holds "the rule of later cases was crowded out" [ -f "$regressions/t_crowd_c-1.json" ]
holds "the larger case was taken" [ ! -e "$regressions/t_crowd_b-1.json" ]
holds "other than ten scenarios" [ "$(count "$regressions" '*.json')" = 10 ]
cp -r "$regressions" "$work/crowd"
ends 1 run --report "$work/report" --jobs 3 scenarios/t/crowd
holds "the number of jobs shows in the choice" diff -r "$work/crowd" "$regressions"
rm -r "$here/crowd"

# ---- Two endings of a case that fail alike are one failure ----
cat >"$here/both.json" <<'EOF'
{
  "title": "Either of two may be charged, and neither should",
  "rules": ["FIRE-2"],
  "given": { "acme": { "balance": 5, "auto_reload": "on" } },
  "when": {
    "ana": [ { "submit": "a-1", "to": "acme", "cost": 10 } ],
    "ben": [ { "submit": "b-1", "to": "acme", "cost": 10 } ]
  },
  "then": { "every": { "charges": { "acme": "at most 0" } }, "may": "anything" }
}
EOF
ends 1 run --report "$work/report" scenarios/t/both.json
holds "other than two traces" [ "$(count "$work/report/traces" '*.trace')" = 2 ]
says err '1 failure minimised to 1 scenario:'
rm "$here/both.json"

# ---- Only when it is wanted, and only failures ----
ends 1 run --report "$work/report" --no-minimise scenarios/t/large.json
never err 'minimised'
holds "regressions in spite of --no-minimise" [ ! -e "$regressions" ]
ends 1 run scenarios/t/large.json
never err 'minimised'
ends 1 run --report "$work/report" scenarios/t/large.json
ends 0 run --report "$work/report" scenarios/t/passing.json
silent err
holds "regressions of a former run are left" [ ! -e "$regressions" ]

# ---- A folder that cannot be written ----
: >"$work/report/regressions"
ends 70 run --report "$work/report" scenarios/t/large.json
says err 'regressions.* cannot be written'

done_with "failures are minimised to scenarios that fail alike"
