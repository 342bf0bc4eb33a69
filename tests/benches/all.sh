#!/usr/bin/env bash
# Run benchmarks one after the other, and show their results once more at the end.
#
#   tests/benches/all.sh PROGRAM...
. "$(dirname "$0")/kit.sh"
for bench in "$@"; do
  echo "== $bench"
  "$bench"
done | tee "$notes/log"
echo
echo "== Results (processor time, unless they say otherwise)"
sed -n 's/^\* //p' "$notes/log"
