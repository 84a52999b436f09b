#!/bin/sh
# bin/audit.sh: looks every locked package up in the advisory database (osv.dev), by uv's own audit.
# 0 nothing known, 1 something is, 75 it could not be asked. Arguments go to `uv audit`.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
. "$root/bin/uv.sh"
cd "$root"

said=$(mktemp)
trap 'rm -f "$said"' EXIT
code=0
"$uv" audit --frozen --no-dev --no-group emulator --preview-features audit-command "$@" >"$said" 2>&1 || code=$?
cat "$said"
[ "$code" -ne 2 ] || ! grep -qE "Request failed|error sending request|unrecognized subcommand" "$said" || exit 75
exit "$code"
