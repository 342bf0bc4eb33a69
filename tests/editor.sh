#!/usr/bin/env bash
# The schema in an editor, checked with the language service of VS Code (tests/editor/check.js).
#
# It needs node and npm, and the package once from the network; it is kept in build/editor/. Where one
# of these is missing, `make test` says so and goes on; `make editor` fails (EDITOR_CHECK=needed).
set -u
cd "$(dirname "$0")/.." || exit 1
packages=build/editor/node_modules
service=vscode-json-languageservice@5.7.2

without() {
  echo "the schema was not checked in an editor: $1"
  [ "${EDITOR_CHECK:-}" = needed ] && exit 1
  exit 0
}

command -v node >/dev/null || without "there is no node (Debian's package: nodejs)"
if [ ! -e "$packages/vscode-json-languageservice/package.json" ]; then
  command -v npm >/dev/null || without "there is no npm to install $service with"
  mkdir -p build/editor
  timeout 120 npm install --prefix build/editor --no-save --no-audit --no-fund --ignore-scripts \
    "$service" >build/editor/npm.log 2>&1 || without "npm could not install $service (build/editor/npm.log)"
fi
mapfile -t scenarios < <(find scenarios tests/scenario_files/good -name '*.json' \
  ! -path '*/shared/*' ! -name '*.schema.json' ! -name rules.json | sort)
exec node tests/editor/check.js "$packages" "${scenarios[@]}"
