#!/usr/bin/env bash
# `make setup`: silent and without network when all is there; otherwise it says what is missing, and
# installs it as root or through sudo, or tells the command.
set -eu
cd "$(dirname "$0")/.."
unset MAKEFLAGS
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"

# pretend NAME: a command that comes from standard input
pretend() {
  { echo '#!/bin/sh'; cat; } >"$work/bin/$1"
  chmod +x "$work/bin/$1"
}
# setup [TARGET]: its output in $work/said, what apt-get was asked for in $work/asked
setup() {
  : >"$work/asked"
  code=0
  PATH="$work/bin:$PATH" make -s "${1:-setup}" >"$work/said" 2>&1 || code=$?
}
fail() {
  echo "$1"
  sed 's/^/said:  /' "$work/said"
  sed 's/^/asked: /' "$work/asked"
  exit 1
}
asked() { grep -q -- "$1" "$work/asked" || fail "apt-get was not asked for: $1"; }
said() { grep -q -- "$1" "$work/said" || fail "it did not say: $1"; }

pretend apt-get <<END
echo "\$*" >>"$work/asked"
END
pretend sleep </dev/null

# All there. (dpkg-query is pretended too, so that this test needs no package.)
all='for p; do case $p in -*|/*) ;; *) echo "/$p/installed/" ;; esac; done'
echo "$all" | pretend dpkg-query
setup
if [ $code != 0 ] || [ -s "$work/said" ] || [ -s "$work/asked" ]; then fail "not silent"; fi

# lcov is missing, nettle-dev was removed but for its settings; we are root.
some='for p; do case $p in -*|/*|lcov) ;; nettle-dev) echo "/$p/config-files/" ;;
*) echo "/$p/installed/" ;; esac; done; exit 1'
echo "$some" | pretend dpkg-query
echo 'echo 0' | pretend id
setup
[ $code = 0 ] || fail "it failed as root"
said '^Missing Debian packages: nettle-dev lcov$'
asked '-y.* update$'
asked '-y.* install nettle-dev lcov$'

# A target installs what it needs itself, and no more.
echo "exit 1" | pretend dpkg-query
build='gcc libc6-dev libsqlite3-dev libjansson-dev libxxhash-dev nettle-dev'
setup setup-build
said "^Missing Debian packages: $build$"
setup setup-run
said "^Missing Debian packages: $build lcov$"
setup setup-test
said "^Missing Debian packages: $build libcmocka-dev .*libxml2-utils$"
echo "$some" | pretend dpkg-query

# Not root, with sudo.
echo 'echo 1000' | pretend id
pretend sudo <<END
echo "sudo" >>"$work/asked"
exec "\$@"
END
setup
[ $code = 0 ] || fail "it failed with sudo"
asked '^sudo$'
asked 'install nettle-dev lcov$'
rm "$work/bin/sudo"

# Not root, no sudo: the command to run. (Only where the machine has no sudo of its own.)
if ! command -v sudo >/dev/null; then
  setup
  [ $code != 0 ] || fail "it did not fail"
  said 'apt-get update && apt-get install --no-install-recommends nettle-dev lcov$'
  [ ! -s "$work/asked" ] || fail "it tried to install without being root"
fi

# apt-get fails for good: an error, after three tries.
echo 'echo 0' | pretend id
pretend apt-get <<END
echo "\$*" >>"$work/asked"
exit 100
END
setup
[ $code != 0 ] || fail "it did not notice that apt-get fails"
[ "$(wc -l <"$work/asked")" = 3 ] || fail "not three tries"
said 'failed three times'
echo "setup does what it says"
