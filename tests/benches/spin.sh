#!/usr/bin/env bash
# The race of six submits and three turn-offs, every order: our search, which runs the engine and its
# SQL, beside SPIN, which exhausts an abstract model of the race (race.pml) without partial-order
# reduction. Both whole processes, in turns, on one core.
#
#   tests/benches/spin.sh
. "$(dirname "$0")/kit.sh"
submits=6 turn_offs=3 times=5
if ! command -v spin >/dev/null; then
  echo "spin is not installed: nothing to compare with."
  exit 0
fi

# model NAME SPIN-FLAG...: makes $notes/pan-NAME
model() {
  local name=$1
  shift
  mkdir -p "$notes/$name"
  (cd "$notes/$name" &&
    spin -a -DSUBMITS=$submits -DTURN_OFFS=$turn_offs "$@" ../../../tests/benches/race.pml &&
    gcc -w -O2 -DSAFETY -DNOREDUCE -o ../"pan-$name" pan.c) >"$notes/said" || {
    cat "$notes/said"
    exit 1
  }
}
# 2^22 slots, as many as there will be states; no path is as long as 10,000 steps.
spin_free() { "${pinned[@]}" "$notes/pan-free" -w22 -m10000; }
spin_approves() { "${pinned[@]}" "$notes/pan-approves" -w22 -m10000; }
search() { "${pinned[@]}" build/tests/bench_search $submits $turn_offs; }

# explored COMMAND: how much SPIN explores, which must be all of it.
explored() {
  timed "$1"
  grep -q 'errors: 0$' "$notes/said" && ! grep -q 'max search depth too small' "$notes/said" || {
    cat "$notes/said"
    exit 1
  }
  awk '/states, stored/ { states = $1 } / transitions \(/ { transitions = $1 }
    END { printf "%d states, %d transitions\n", states, transitions }' "$notes/said"
}

model free
model approves -DAPPROVES
echo "SPIN, the bank's answer open: $(explored spin_free)"
echo "SPIN, the bank approves:      $(explored spin_approves)"
timed search
echo "This search (it approves):    $(sed -n '1s/^  //p' "$notes/said")"
compare "6 submits, 3 turn-offs: SPIN's model, any answer of the bank" "at most 1" $times \
  SPIN spin_free search
compare "the same, SPIN's bank approves too" "none" $times SPIN spin_approves search
