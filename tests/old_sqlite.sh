#!/usr/bin/env bash
# With an SQLite that is too old, reloadsim explores nothing: it says which one it needs and which it
# found, and ends with the code of an internal error, never with a verdict.
# shellcheck source=tests/cli_files/kit.sh
. "$(dirname "$0")/cli_files/kit.sh"
take passing

echo 'int sqlite3_libversion_number(void) { return 3037002; }' |
  gcc -shared -fPIC -x c -o "$work/old.so" - || wrong "no library could be made"
old() {
  LD_PRELOAD=$work/old.so ends 70 "$@"
  says err '^reloadsim: SQLite 3\.37\.2 is linked, but the engine needs 3\.40\.0 or newer'
  silent out
}
old run
old certify --output "$work/certificate.json"
old fuzz --runs 1
[ ! -e "$work/certificate.json" ] || wrong "a certificate was written"
LD_PRELOAD=$work/old.so ends 0 check scenarios
ends 0 run
done_with "an SQLite that is too old is refused"
