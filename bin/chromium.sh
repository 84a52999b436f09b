#!/bin/sh
# bin/chromium.sh: what the tests in a real browser need: Debian's Chromium, and the packages that drive it.
# The other tests pass without; those in the browser then say that they were left out, and why.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
. "$root/bin/uv.sh"
cd "$root"

if ! command -v chromium >/dev/null 2>&1; then
    command -v apt-get >/dev/null 2>&1 || fail "no apt-get here: install Chromium yourself, as \`chromium\` in PATH"
    as_root=$([ "$(id -u)" -eq 0 ] || echo sudo)
    $as_root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core
fi
"$uv" sync --quiet --frozen --group browser
chromium --version 2>/dev/null
