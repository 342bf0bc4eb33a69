#!/usr/bin/env bash
# The JSON Schema, which editors use, and the reader in sim/ accept and reject the same files: all
# scenarios, and tests/scenario_files/. A mistake that is beyond a schema (an unknown client, a
# circle) is marked in tests/scenario_files/bad.txt. (Their words are the same by construction.)
set -eu
cd "$(dirname "$0")/.."
build=${BUILD:-build}
# Debian's own python3 is the one that has Debian's python3-jsonschema.
exec /usr/bin/python3 tests/schema_agrees.py "$build/tests/test_scenario"
