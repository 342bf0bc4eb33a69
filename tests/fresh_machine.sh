#!/usr/bin/env bash
# `make run` and `make test` from nothing: a minimal Debian 12 with only make and ca-certificates,
# in a temporary directory, from a clean checkout.
#
#   tests/fresh_machine.sh [--working-tree] [--keep] [DIRECTORY]
#
#   --working-tree  take the files as they are now instead of the last commit
#   --keep          leave the machine there, to look around in it
#   DIRECTORY       where to build it; about 1.5 GB. Default: a temporary one
#
# Needs root, debootstrap, git and unshare, and the mirror that this machine's own apt uses. The
# machine gets this machine's apt settings and certificates, nothing else.
set -eu
cd "$(dirname "$0")/.."

source=commit
keep=no
place=
for argument in "$@"; do
  case $argument in
    --working-tree) source=files ;;
    --keep) keep=yes ;;
    -*) sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 2 ;;
    *) place=$argument ;;
  esac
done

die() { echo "fresh machine: $1" >&2; exit 1; }
[ "$(id -u)" = 0 ] || die "needs root"
for tool in debootstrap git unshare chroot; do
  command -v $tool >/dev/null || die "needs $tool"
done

suite=bookworm
# The first archive of the suite in either of apt's two formats.
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
  sed -n "s/^deb  *\(\[[^]]*\]  *\)\{0,1\}\([^ ]*\)  *$suite .*/\2/p" | head -n 1)
[ -n "$mirror" ] || mirror=$(awk -v suite=$suite '
  /^URIs:/ { uri = $2 }
  /^Suites:/ { for (i = 2; i <= NF; i++) if ($i == suite && uri != "") { print uri; exit } }
' /etc/apt/sources.list.d/*.sources 2>/dev/null)
[ -n "$mirror" ] || die "found no mirror of $suite in this machine's apt sources"

[ -n "$place" ] || place=$(mktemp -d)
root=$place/root
[ ! -e "$root" ] || die "$root is already there"
mkdir -p "$root"
cleanup() {
  if [ $keep = yes ]; then echo "kept: $root"; else rm -rf --one-file-system "$root"; fi
}
trap cleanup EXIT

echo "== a minimal $suite"
start=$SECONDS
debootstrap --variant=minbase --include=make,ca-certificates $suite "$root" "$mirror" \
  >"$place/debootstrap.log" 2>&1 || { tail -n 20 "$place/debootstrap.log"; die "debootstrap failed"; }

# This machine's way to its packages.
rm -f "$root/etc/apt/sources.list"
for part in sources.list sources.list.d apt.conf apt.conf.d auth.conf.d preferences.d keyrings \
  trusted.gpg.d; do
  [ ! -e "/etc/apt/$part" ] || cp -aL "/etc/apt/$part" "$root/etc/apt/"
done
cp -a /usr/share/keyrings/. "$root/usr/share/keyrings/" 2>/dev/null || true
cp -aL /etc/resolv.conf /etc/hosts "$root/etc/" 2>/dev/null || true
if [ -d /usr/local/share/ca-certificates ]; then
  cp -a /usr/local/share/ca-certificates "$root/usr/local/share/"
  chroot "$root" update-ca-certificates >/dev/null 2>&1
fi
rm -rf "$root"/var/lib/apt/lists/* # not even package lists

for absent in gcc cc clang git pkg-config lcov faketime python3; do
  if chroot "$root" sh -c "command -v $absent" >/dev/null; then die "$absent is already there"; fi
done

echo "== a clean checkout ($source)"
mkdir "$root/project"
if [ $source = commit ]; then
  git archive HEAD | tar -x -C "$root/project"
else
  git ls-files -z --cached --others --exclude-standard | tar --null -T - -c | tar -x -C "$root/project"
fi

# on COMMAND...: in the machine, with its own processes and mounts, and no variable of ours but the
# way out to the network
on() {
  local passed=()
  for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    [ -z "${!name:-}" ] || passed+=("$name=${!name}")
  done
  # shellcheck disable=SC2016
  unshare --mount --pid --fork env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    "${passed[@]}" sh -c '
      mount -t proc proc "$0/proc" && mkdir -p "$0/dev/shm" && mount -t tmpfs tmpfs "$0/dev/shm" &&
      mkdir -p "$0/dev/pts" && mount -t devpts -o newinstance,ptmxmode=0666 devpts "$0/dev/pts" &&
      ln -sf pts/ptmx "$0/dev/ptmx" &&
      root=$0 && exec chroot "$root" sh -c "cd /project && exec \"\$@\"" sh "$@"' "$root" "$@"
}

result=0
for target in run test; do
  echo "== make $target"
  start=$SECONDS
  code=0
  on make $target || code=$?
  echo "== make $target: exit code $code, $((SECONDS - start)) s"
  [ $code = 0 ] || result=1
  if [ $target = run ] && [ -e "$root/usr/include/cmocka.h" ]; then
    echo "make run has installed what only make test needs"
    result=1
  fi
done

echo "== once more: nothing to install, no network needed"
on unshare --net make setup || result=1

stray=$(cd "$root/project" && find . -newer "$root/project/Makefile" -type f ! -path './build/*' \
  -newer "$place/debootstrap.log" | head)
[ -z "$stray" ] || { echo "files changed outside build/: $stray"; result=1; }

[ $result = 0 ] && echo "A fresh machine runs and tests the project." || echo "FAILED"
exit $result
