#!/usr/bin/env bash
# Who may know whom (README, "The map of the code"), proved on sources, compiler's dependency lists
# and linked symbols. `make test` has built everything before.
set -u
cd "$(dirname "$0")/.." || exit 1
export LC_ALL=C
build=${BUILD:-build}
broken=0

violation() {
  echo "$1"
  [ -z "${2:-}" ] || printf '%s\n' "$2" | sed 's/^/    /'
  broken=1
}
# no RULE PATTERN FILE...: no line of the files may match the extended pattern
no() {
  local rule=$1 pattern=$2 hits
  shift 2
  [ $# -gt 0 ] || return 0
  hits=$(grep -nE -- "$pattern" "$@" /dev/null) && violation "$rule" "$hits"
}
# files FIND-ARGUMENTS: a sorted list of them
files() { find "$@" | sort; }
# headers ROOM: what its objects were made from, one name a line, without those of the system
headers() {
  find "$build/obj/$1" -name '*.d' ! -path "$build/obj/sim/main.d" -exec cat {} + |
    tr -s ' \\' '\n\n' | grep -v ':' | grep . | sort -u
}

mapfile -t engine < <(files engine -type f)
mapfile -t engine_c < <(files engine -name '*.[ch]')
mapfile -t reports < <(files reports -name '*.[ch]')
mapfile -t code < <(files engine fakes sim reports tests -name '*.[ch]')
mapfile -t shipped < <(files engine fakes sim reports -name '*.[ch]')
[ ${#engine_c[@]} -gt 3 ] || violation "there is no engine to look at"

# ---- What is included ----

for room in engine fakes sim reports; do
  [ -d "$build/obj/$room" ] || violation "$build/obj/$room is not there: build first"
done
other=$(headers engine | grep -vE "^(engine/|$build/gen/)") &&
  violation "engine knows nothing of the others, but was made from" "$other"
other=$(headers fakes | grep -vE '^(fakes/|engine/ports\.h$)') &&
  violation "fakes know only the engine's ports, but were made from" "$other"
other=$(headers sim |
  grep -vE "^(sim/|fakes/|engine/reload\.h$|engine/ports\.h$|reports/formats\.h$|$build/gen/sim/)") &&
  violation "sim knows the engine's public headers, the fakes and the table of formats, but was made from" "$other"
other=$(headers reports | grep -vE "^(reports/|sim/base/|$build/gen/reports/)") &&
  violation "reports know only sim/base of the others, but were made from" "$other"

no "nothing knows the tests" '# *include .*tests?/|# *include .*test_' "${shipped[@]}"
no "no way around the include paths" '# *include *"(\.\.|/)' "${shipped[@]}"

mapfile -t no_sql < <(printf '%s\n' "${engine_c[@]}" | grep -vE '^engine/store(_[a-z]+)?\.[ch]$')
no "in engine only the store speaks SQL" 'sqlite3' "${no_sql[@]}"
no "the store's interface shows no SQLite" 'sqlite3' engine/store.h
mapfile -t no_sql < <(files fakes reports -name '*.[ch]' | grep -vE '^fakes/(disk|memory)')
no "of the fakes only the disk and the memory know sqlite3" '# *include *<sqlite3' "${no_sql[@]}"

# decide.c is one pure function: nothing that it includes, however deep, does input or output.
pure=$(gcc -std=c11 -M -Iengine engine/decide.c 2>&1 | tr -s ' \\' '\n\n' |
  grep -E '/(stdio|stdlib|unistd|fcntl|time|errno|poll|signal|pthread|sqlite3|jansson|socket|select)\.h$')
[ -z "$pure" ] || violation "engine/decide.c does no input or output, but includes" "$pure"
effects=$(nm --undefined-only "$build/obj/engine/decide.o" | awk '{ print $2 }' |
  grep -vE '^(rl_[a-z0-9_]*|mem(cpy|cmp|set|move)|str[a-z]*|__stack_chk_fail|__assert_fail|_GLOBAL_OFFSET_TABLE_)$')
[ -z "$effects" ] || violation "engine/decide.c has no effects, but calls" "$effects"

# ---- What is linked ----

needs() { nm --undefined-only "$@" 2>/dev/null | awk '/ U / { print $2 }' | sort -u; }
hits=$(needs "$build/libreload.a" | grep -E '^(fake|sim|report)_') &&
  violation "libreload needs no simulator, but calls" "$hits"
hits=$(needs "$build/libfakes.a" | grep -E '^(reload|sim|report)_') &&
  violation "the fakes need only the ports, but call" "$hits"
hits=$(needs "$build/libsim.a" | grep -E '^report_') &&
  violation "only sim/main.c knows the reports, but sim calls" "$hits"
defines() { nm --defined-only "$@" | awk 'NF == 3 { print $3 }' | sort -u; }
hits=$(needs "$build/libreports.a" | grep -E '^(reload|fake|sim)_' |
  comm -23 - <(defines "$build"/obj/sim/base/*.o)) && [ -n "$hits" ] &&
  violation "reports need only run directories and sim/base, but call" "$hits"
# Both libraries show the API, which reload.h declares, and nothing else.
shown() { nm --defined-only "$@" | awk 'NF == 3 && $2 ~ /[A-Z]/ { print $3 }' | sort; }
grep -q '^reload_open$' "$build/gen/reload.names" || violation "the API has no reload_open"
hits=$(shown -D "$build/libreload.so.0" | diff "$build/gen/reload.names" -) ||
  violation "libreload.so shows the API and only that (< missing, > too much)" "$hits"
hits=$(shown -g "$build/libreload.a" | diff "$build/gen/reload.names" -) ||
  violation "libreload.a shows the API and only that (< missing, > too much)" "$hits"
hits=$(shown -g "$build/libreload-inside.a" | grep -v '^rl_' | diff "$build/gen/reload.names" -) ||
  violation "the engine's inside is called rl_, the API reload_ (< missing, > too much)" "$hits"

# ---- What is written ----

no "the engine never knows that it is simulated" \
  '\btest_|_test\b|\b(in|under|for) tests?\b|TEST|[Ss]imulat|\bsim\b|\bsim_|\b[Ff]ake|\b[Mm]ock' \
  "${engine[@]}"
no "no wall clock but through the clock port" \
  '\b(time|gettimeofday|clock_gettime|clock|localtime|gmtime|nanosleep|usleep|sleep)\(' \
  "${engine_c[@]}"
no "an engine never ends its host" '\b(exit|_exit|quick_exit)\(' "${engine_c[@]}"
no "money and tokens are whole numbers" '^[^*/"]*\b(float|double) +[a-z*]' "${engine_c[@]}"
no "nothing is left to do later" '(/\*|\*|//) *(TODO|XXX|HACK)|TODO:|FIXME' "${code[@]}"
no "enum values in SQL have their names" \
  '\b(state|kind|plan)\b *(=|<>|<|<=|>|>=|IN \(|BETWEEN) *[0-9]' \
  engine/schema.sql "${engine_c[@]}"
no "names are prefixed" '^(struct|enum) (sim|fake|report)_' "${engine_c[@]}"
no "reports know no engine names" '\b(reload|fake)_[a-z]+_[a-z]+ *\(' "${reports[@]}"

# ---- What lies where ----

allowed=' .ci .clang-format .clang-tidy .clangd .editorconfig .git .gitignore LICENSE Makefile README.md
build engine fakes reports scenarios sim tests '
for name in * .[!.]*; do
  case ${allowed//$'\n'/ } in *" $name "*) ;; *) violation "not a name for the top folder: $name" ;; esac
done
stray=$(files engine fakes sim reports tests scenarios \
  -name '*.o' -o -name '*.gcda' -o -name '*.gcno' -o -name '*.a' -o -name '*.orig' -o -name '*~')
[ -z "$stray" ] || violation "generated files belong in build/" "$stray"

[ $broken = 0 ] && echo "the house is in order"
exit $broken
