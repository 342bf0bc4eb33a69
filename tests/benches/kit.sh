# What the benchmarks share: figures, taken in turns, and one line for each result. Sourced by them;
# the working directory is then the repository's.
set -eu -o pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
notes=build/bench
mkdir -p "$notes"

# One core for both sides, where that can be said.
pinned=()
if taskset -c 0 true 2>/dev/null; then pinned=(taskset -c 0); fi

# result WHAT FIGURES GOAL: all.sh shows these lines once more at the end.
result() { printf '* %-66s %-54s goal: %s\n' "$@"; }

# timed COMMAND...: its time in microseconds in $wall, and in $cpu that of the processor, children
# included, in steps of a millisecond. What it writes is left in $notes/said.
timed() {
  local TIMEFORMAT='%R %U %S' spent user system
  spent=$({ time "$@" >"$notes/said" 2>&1; } 2>&1) || {
    echo "This failed: $*"
    tail "$notes/said"
    exit 1
  }
  read -r wall user system <<<"$spent"
  wall=$((10#${wall/./} * 1000))
  cpu=$(((10#${user/./} + 10#${system/./}) * 1000))
}

median() { sort -n "$1" | sed -n "$((($(wc -l <"$1") + 1) / 2))p"; }
seconds() { awk -v us="$1" 'BEGIN { printf "%.3f", us / 1e6 }'; }
quotient() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

# in_turns TIMES ONE OTHER: run two commands in turns. Their medians are then in $one_cpu, $one_wall,
# $other_cpu and $other_wall, in microseconds.
in_turns() {
  local times=$1 turn side
  rm -f "$notes"/*.cpu "$notes"/*.wall
  for ((turn = 0; turn < times; turn++)); do
    for side in one other; do
      if [ $side = one ]; then timed $2; else timed $3; fi
      echo "$cpu" >>"$notes/$side.cpu"
      echo "$wall" >>"$notes/$side.wall"
    done
  done
  one_cpu=$(median "$notes/one.cpu") one_wall=$(median "$notes/one.wall")
  other_cpu=$(median "$notes/other.cpu") other_wall=$(median "$notes/other.wall")
}

# compare WHAT GOAL TIMES ONE-NAME ONE OTHER: what the other costs beside the one.
compare() {
  in_turns "$3" "$5" "$6"
  result "$1" "$4 $(seconds "$one_cpu") s, now $(seconds "$other_cpu") s: $(
    quotient "$other_cpu" "$one_cpu"), by the clock $(quotient "$other_wall" "$one_wall")" "$2"
}
