#!/usr/bin/env bash
# Where the time of a search goes, in instructions (callgrind): the same on every machine.
#
#   tests/benches/where.sh [SCENARIO]
. "$(dirname "$0")/kit.sh"
scenario=${1:-scenarios/idempotency/six-clicks-at-once.json}
out=$notes/where
rm -rf "$out" && mkdir -p "$out"
valgrind --quiet --tool=callgrind --callgrind-out-file="$out/callgrind.%p" \
  build/reloadsim run --jobs 1 "$scenario" >"$out/log" 2>&1 || { cat "$out/log"; exit 1; }
# The worker has done the work: of all processes it has the most to tell.
worker=$(ls -S "$out"/callgrind.* | head -n 1)
echo "instructions of $scenario:"
callgrind_annotate --auto=no --threshold=100 "$worker" |
  awk '
    /^ *[0-9,]+ \(/ {
      count = $1; gsub(",", "", count)
      if (/PROGRAM TOTALS/) { total = count; next }
      room = "others"
      if (/libsqlite3/) room = "SQLite"
      else if (/ engine\/|:(reload|rl)_|\/engine\//) room = "engine"
      else if (/ fakes\/|:fake_|\/fakes\//) room = "fakes (disk, card, mail, clock)"
      else if (/sim\/check\//) room = "checkers and model"
      else if (/ sim\/|:sim_|\/sim\//) room = "simulator"
      else if (/xxhash/) room = "hashes"
      else if (/libjansson/) room = "jansson"
      else if (/libnettle/) room = "nettle"
      else if (/libc|ld-linux/) room = "C library"
      sum[room] += count
    }
    END { for (room in sum) printf "%5.1f %%  %s\n", 100 * sum[room] / total, room }' | sort -rn
