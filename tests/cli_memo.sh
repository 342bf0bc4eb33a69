#!/usr/bin/env bash
# Remembered steps: no result depends on how much is remembered, and limits that make no sense are
# refused.
# shellcheck source=tests/cli_files/kit.sh
top=$(cd "$(dirname "$0")/.." && pwd)
. "$(dirname "$0")/cli_files/kit.sh"

cp -r "$top/scenarios/." "$work/project/scenarios/"

# alike OPTION...: certificates with all, little and nothing remembered have the same bytes
alike() {
  ends 0 certify "$@" --output "$work/all.json"
  ends 0 certify "$@" --memo-limit 8 --output "$work/little.json"
  ends 0 certify "$@" --no-memo --output "$work/none.json"
  same "$work/all.json" "$work/little.json" "with little memory the certificate differs"
  same "$work/all.json" "$work/none.json" "with --no-memo the certificate differs"
}
alike
alike --faults single races/toggle-in-flight
alike --faults pairs toggles/each-client-its-own

ends 2 run --memo-limit 7
says err '--memo-limit must be a number from 8 to [0-9]+, not "7"'
ends 2 run --memo-limit lots
says err '--memo-limit must be a number'
ends 2 check --no-memo scenarios
says err 'no option --no-memo: it goes with run or certify'
done_with "remembering changes no result"
