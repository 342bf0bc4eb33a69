#!/usr/bin/env bash
# Two makes at once in one checkout would spoil each other's files: the second one is refused, and says
# why. Here the checkout's path has a space.
set -eu
cd "$(dirname "$0")/.."
unset MAKEFLAGS MAKE_AT_WORK
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/a checkout/build"
cp Makefile "$work/a checkout/"
cd "$work/a checkout"

fail() {
  echo "$1"
  cat "$work/said"
  exit 1
}
made() { make SETUP=no "$@" >"$work/said" 2>&1; }

# As a make at work does it.
exec 9>build/.lock
flock 9
for goal in clean build/.lock 'clean help'; do
  # shellcheck disable=SC2086  # words
  if made $goal; then fail "make $goal was not refused"; fi
  grep -q '^Another make is at work in this checkout' "$work/said" || fail "make $goal does not say why"
  [ -e build/.lock ] || fail "make $goal did something all the same"
done
made help || fail "help was refused"

# A make that the one at work has called, such as a test's.
MAKE_AT_WORK=$PWD made clean || fail "its own make was refused"
[ ! -e build ] || fail "it did nothing"

# It has ended.
exec 9>&-
made setup-build setup || fail "a make after another one was refused"
[ ! -s "$work/said" ] || fail "it says something of its own"
echo "one make at a time"
