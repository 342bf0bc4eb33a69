#!/usr/bin/env bash
# What is generated and checked in is what `make` would write: neither stale nor edited by hand.
set -u
cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build}
broken=0
fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT

# made_by FILE ARGUMENT...: FILE is what the arguments make
made_by() {
  local file=$1
  shift
  "$build/reloadsim-language" "$@" >"$fresh" || { broken=1; return; }
  diff -u --label "$file, as it is" --label "$file, as it should be" "$file" "$fresh" | head -n 40
  cmp -s "$file" "$fresh" && return
  echo "$file is not what sim/scenario/vocabulary.h makes of it: it is stale, or was edited by hand."
  echo "Run make, which writes it, and commit it. What it says is changed in the vocabulary, its frame"
  echo "(sim/scenario/*_frame.json) or scenarios/rules.json; in the guide, text outside of tables is free."
  broken=1
}

made_by scenarios/scenario.schema.json schema sim/scenario/schema_frame.json scenarios/rules.json
made_by scenarios/shared.schema.json schema sim/scenario/shared_frame.json scenarios/rules.json
made_by scenarios/GUIDE.md guide scenarios/GUIDE.md

# What the generator cannot use it refuses.
refuses() {
  local want=$1
  shift
  if "$build/reloadsim-language" "$@" >/dev/null 2>"$fresh"; then echo "accepted: $*"; broken=1; fi
  grep -q -- "$want" "$fresh" || { echo "not \"$want\" but:"; cat "$fresh"; broken=1; }
}
work=$(mktemp -d)
trap 'rm -rf "$fresh" "$work"' EXIT
echo '{ "$make": "wishes" }' >"$work/frame.json"
refuses 'nothing is known of "wishes"' schema "$work/frame.json" scenarios/rules.json
echo '{ "maxItems": "$SIM_MAX_LUCK" }' >"$work/frame.json"
refuses 'nothing is known of "$SIM_MAX_LUCK"' schema "$work/frame.json" scenarios/rules.json
printf '%s\n' '<!-- table: cards -->' 'no end' >"$work/guide.md"
refuses 'has no end' guide "$work/guide.md"
printf '%s\n' '<!-- table: wishes -->' '<!-- end of table -->' >"$work/guide.md"
refuses 'no table has this name' guide "$work/guide.md"
refuses 'cannot be read' guide "$work/none.md"

[ $broken = 0 ] && echo "what is generated is fresh"
exit $broken
