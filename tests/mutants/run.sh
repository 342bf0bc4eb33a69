#!/usr/bin/env bash
# Break the engine on purpose, one plausible mistake at a time, and see whether the suite notices.
#
#   tests/mutants/run.sh [TEXT...]   all mutants, or those whose name contains one of the TEXTs
#
# A mutant is a patch against engine/. Its first line, "Breaks: RULE-ID, ...", names the rules that it
# breaks; the second says in plain words what is wrong. More lines are possible:
#   Equivalent: WHY     no rule is broken after all; the suite must stay silent
#   Faults: single      shows only under faults; the rules' scenarios are run with every single one
#   Test: test_NAME     no scenario can show it, the unit test tests/test_NAME.c must fail
#
# First the scenarios that claim to cover one of the broken rules are run, then, if they are silent,
# the whole suite; a "*" marks a mutant that only others have caught. A mutant is killed when a case
# fails, also when the engine crashes or never ends. Compile errors and patches that do not apply are
# no kills. The exit code is 0 only if every mutant ended as its patch says.
#
# Needs build/reloadsim and its archives (`make mutants` sees to that). Everything is made below
# build/mutants/. Variables: CC, JOBS, RELOADSIM, MUTANT_LIMIT_S (seconds for one run), KEEP (leave the
# programs there).
set -u
export LC_ALL=C
cd "$(dirname "$0")/../.." || exit 2
reloadsim=${RELOADSIM:-build/reloadsim}
patches=tests/mutants
out=build/mutants
jobs=${JOBS:-$(nproc)}
limit=${MUTANT_LIMIT_S:-60}
compile="${CC:-gcc} -std=c11 -D_POSIX_C_SOURCE=200809L -O1 -w"
libs="-lsqlite3 -ljansson -lnettle -lxxhash -lm"
unset MAKEFLAGS MFLAGS MAKELEVEL

# ---- One mutant: result FIELD... separated by tabs into $out/NAME/result --------------------------

# result STATE KILLER STATES
result() {
  local now
  now=$(date +%s%3N)
  printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$name" "$breaks" "$1" "$2" "$3" $((now - began)) >"$dir/result"
}

# What make would do for the files that the patch touches. The rest comes out of the archives.
build() {
  local file changed=()
  patch -d "$dir" -p1 -s --no-backup-if-mismatch -F 0 <"$patch" >"$dir/log" 2>&1 || return 1
  if ! cmp -s engine/schema.sql "$dir/engine/schema.sql"; then
    cp Makefile "$dir/"
    make -s -C "$dir" SETUP=no build/gen/schema_sql.h >>"$dir/log" 2>&1 ||
      return 2
    changed+=(store)
  fi
  for file in engine/*.h; do # the simulator was compiled with these
    cmp -s "$file" "$dir/$file" || { echo "$file may not change" >>"$dir/log"; return 2; }
  done
  for file in engine/*.c; do
    cmp -s "$file" "$dir/$file" && continue
    changed+=("$(basename "$file" .c)")
  done
  objects=
  for file in $(printf '%s\n' "${changed[@]}" | sort -u); do
    $compile -I"$dir/engine" -I"$dir/build/gen" -Ibuild/gen -c "$dir/engine/$file.c" \
      -o "$dir/$file.o" >>"$dir/log" 2>&1 || return 2
    objects="$objects $dir/$file.o"
  done
  # shellcheck disable=SC2086  # lists of words
  $compile -o "$dir/reloadsim" build/obj/sim/main.o $objects -Wl,--start-group build/libsim.a \
    build/libfakes.a build/libreports.a build/libreload-inside.a -Wl,--end-group $libs >>"$dir/log" 2>&1 ||
    return 2
}

# explore PATH...: leaves $killer and $states. Returns 0 if the mutant was killed.
explore() {
  local code=0 limit=$limit states_limit=100000
  if [ "${1:-}" = --faults ]; then # then the suite is slow and large, not endless
    limit=$((limit * 10))
    states_limit=5000000
  fi
  timeout -k 5 "$limit" "$dir/reloadsim" run --jobs 1 --max-states "$states_limit" --fail-fast --format json "$@" \
    >"$dir/out.json" 2>"$dir/err" </dev/null || code=$?
  states=$(sed -n 's/.*"states": \([0-9]*\).*/\1/p' "$dir/out.json" | head -n 1)
  states=${states:--}
  [ $code = 0 ] && return 1
  killer=$(awk '
    function field(name,  text) {
      text = $0
      if (!sub(".*\"" name "\": \"", "", text)) return ""
      sub("\".*", "", text)
      return text
    }
    /"failures": \[/ { inside = 1; next }
    inside && /"case":/ { place = field("case"); kind = field("kind"); rule = field("rule") }
    inside && /"text":/ {
      text = field("text"); sub(":.*", "", text)
      print place ": " (kind == "invariant" ? rule " " text : kind)
      exit
    }' "$dir/out.json")
  if [ -z "$killer" ]; then
    killer=$(sed -n '/"not_passed"/,/]/s/.*"case": "\([^"]*\)", "verdict": "\([^"]*\)".*/\1: \2/p' \
      "$dir/out.json" | head -n 1)
  fi
  if [ $code -ge 124 ]; then killer="never ends"; fi
  killer=${killer:-exit code $code}
}

# A unit test linked with the broken engine. Returns 0 if it fails.
unit_test() {
  local program=$dir/$test wrap= code=0
  [ -e "$out/$test.unfit" ] && return 1
  grep -q __wrap_calloc "tests/$test.c" && wrap=-Wl,--wrap=calloc # as the Makefile has it
  # shellcheck disable=SC2086
  $compile $wrap -o "$program" "build/obj/tests/$test.o" $objects -Wl,--start-group build/libsupport.a \
    build/libsim.a build/libfakes.a build/libreports.a build/libreload-inside.a -Wl,--end-group -lcmocka \
    $libs >>"$dir/log" 2>&1 || { killer="$test does not link"; return 1; }
  timeout -k 5 "$limit" "$program" >"$dir/out.test" 2>&1 </dev/null || code=$?
  [ $code = 0 ] && return 1
  killer="tests/$test: $(sed -n 's/^\[  FAILED  \] //p' "$dir/out.test" | grep -v 'test(s)' | head -n 1)"
}

mutant() {
  local patch=$1 name dir breaks equivalent faults test objects killer=- states=- began code=0 claimed
  name=$(basename "$patch" .patch)
  dir=$out/$name
  began=$(date +%s%3N)
  breaks=$(sed -n '1s/^Breaks: //p' "$patch")
  equivalent=$(sed -n '/^--- /q;s/^Equivalent: //p' "$patch")
  faults=$(sed -n '/^--- /q;s/^Faults: //p' "$patch")
  test=$(sed -n '/^--- /q;s/^Test: //p' "$patch")
  rm -rf "$dir" && mkdir -p "$dir" && cp -r engine "$dir/engine"
  build || code=$?
  if [ $code != 0 ]; then
    result "$([ $code = 1 ] && echo 'does not apply' || echo 'does not build')" "see $dir/log" -
    return
  fi
  claimed=$(awk -F'\t' -v rules="$breaks" '
    BEGIN { count = split(rules, wanted, ", ") }
    { for (i = 1; i <= count; i++)
        if (index("," $3 ",", "," wanted[i] ",")) { sub(":[0-9]*$", "", $2); print $2; next }
    }' $out/cases | sort -u)
  # shellcheck disable=SC2086  # names in scenarios/ have no spaces
  if [ -n "$claimed" ] && explore $claimed; then result killed "$killer" "$states"
  elif explore; then result killed "*$killer" "$states"
  elif [ -n "$faults" ] && explore --faults "$faults" $claimed; then
    result killed "--faults $faults: $killer" "$states"
  elif [ -n "$test" ] && unit_test; then result killed "$killer" "$states"
  elif [ -n "$equivalent" ]; then result equivalent - "$states"
  else result SURVIVED - "$states"; fi
  if [ -n "$equivalent" ] && grep -q "	killed	" "$dir/result"; then
    result "not equivalent" "$killer" "$states"
  fi
  [ -n "${KEEP:-}" ] || rm -f "$dir/reloadsim" ${test:+"$dir/$test"}
}

if [ "${1:-}" = --one ]; then
  mutant "$2"
  exit
fi

# ---- All of them -----------------------------------------------------------------------------------

rm -rf $out && mkdir -p $out
if ! "$reloadsim" run --format json >$out/unbroken.json 2>$out/unbroken.err </dev/null; then
  echo "The unbroken engine does not pass the suite; that comes first:"
  grep -A 12 -e '"answer"' -e '"mistakes"' $out/unbroken.json | head -n 30
  cat $out/unbroken.err
  exit 2
fi
"$reloadsim" run --list >$out/cases || exit 2

chosen=()
for patch in "$patches"/*.patch; do
  [ $# = 0 ] && chosen+=("$patch")
  for text in "$@"; do
    case $patch in *"$text"*) chosen+=("$patch"); break ;; esac
  done
done
if [ ${#chosen[@]} = 0 ]; then
  echo "no mutant is called so"
  exit 2
fi
failed=0
# Only a test that passes on the unbroken engine can tell something about a broken one.
# shellcheck disable=SC2013  # names are words
for test in $(sed -n 's/^Test: //p' "${chosen[@]}" | sort -u); do
  make -s SETUP=no "build/tests/$test" >"$out/$test.log" 2>&1 &&
    timeout -k 5 "$limit" "build/tests/$test" >"$out/$test.log" 2>&1 </dev/null && continue
  failed=1
  echo "tests/$test.c fails on the unbroken engine, so it cannot judge a broken one:"
  sed -n 's/^\[  FAILED  \]/  &/p' "$out/$test.log" | grep -v 'test(s)' | sort -u
  touch "$out/$test.unfit"
done
printf '%s\n' "${chosen[@]}" | xargs -P "$jobs" -I{} bash "$0" --one {}

cat $out/*/result | sort >$out/results
awk -F'\t' '
  BEGIN {
    form = "%-46s  %-30s  %-72s  %7s  %6s\n"
    printf form, "mutant", "breaks", "killed by (*: by no case of its rules)", "states", "ms"
  }
  { printf form, $1, $2, ($3 == "killed" ? $4 : $3 ($4 == "-" ? "" : ": " $4)), $5, $6 }
' $out/results | tee $out/table.txt

while IFS=$'\t' read -r name breaks state killer _; do
  case $state in
    killed) continue ;;
    equivalent)
      echo
      echo "$name survives, as it should:"
      sed -n 's/^Equivalent: /  /p' "$patches/$name.patch" ;;
    SURVIVED)
      failed=1
      echo
      echo "$name SURVIVED. It breaks $breaks: $(sed -n 2p "$patches/$name.patch")" ;;
    *)
      failed=1
      echo
      echo "$name: $state: $killer"
      case $state in does*) cat "$out/$name/log" ;; esac ;;
  esac
done <$out/results

# A rule that no mutant breaks has never been seen to be tested.
if [ $# = 0 ]; then
  # shellcheck disable=SC2013
  for rule in $(grep -o '"id": *"[A-Z0-9-]*"' scenarios/rules.json | sed 's/.*"\(.*\)"/\1/'); do
    awk -F'\t' -v rule="$rule" 'index(", " $2 ",", ", " rule ",") { found = 1 } END { exit !found }' \
      $out/results && continue
    failed=1
    echo
    echo "No mutant breaks $rule."
  done
fi

echo
awk -F'\t' '
  { count[$3]++ }
  END {
    printf "%d mutants, %d killed, %d survived", NR, count["killed"], count["SURVIVED"]
    if (count["equivalent"]) printf ", %d equivalent", count["equivalent"]
    other = NR - count["killed"] - count["SURVIVED"] - count["equivalent"]
    if (other) printf ", %d in need of repair", other
    print ""
  }' $out/results
exit $failed
