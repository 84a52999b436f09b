# Sourced by ./tipoff and ./check: finds uv, or installs it into a cache of its own. Sets $uv.
# Needs Python 3.11 or later and, the first time, a package registry. Writes nothing to standard output.

# Where Python may not keep what it has compiled, every process compiles everything anew: 3 s each.
unset PYTHONDONTWRITEBYTECODE

cache=${XDG_CACHE_HOME:-$HOME/.cache}/tipoff

fail() {
    echo "tipoff: $*" >&2
    exit 1
}

# Python 3.11 or later, of those on PATH; pyenv's shims answer for versions that aren't there, so ask.
find_python() {
    for name in python3.11 python3.12 python3.13 python3.14 python3 python; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

find_uv() {
    for candidate in "$(command -v uv 2>/dev/null || :)" "$HOME/.local/bin/uv" "$cache/uv/bin/uv"; do
        if [ -n "$candidate" ] && [ -x "$candidate" ] && "$candidate" --version >/dev/null 2>&1; then
            echo "$candidate"
            return 0
        fi
    done
    return 1
}

install_uv() {
    python=$(find_python) || fail "needs uv (https://docs.astral.sh/uv), or Python 3.11 or later to install it"
    echo "tipoff: installing uv into $cache/uv ..." >&2
    mkdir -p "$cache"
    # Built aside and linked in last: two at once don't meet, and a half-made one is never found.
    made=$cache/uv-$$
    rm -rf "$made"
    {
        "$python" -m venv "$made" && "$made/bin/python" -m pip install --quiet uv
    } >&2 || { rm -rf "$made"; fail "could not install uv; install it yourself: https://docs.astral.sh/uv"; }
    ln -sfn "$made" "$cache/uv"
}

uv=$(find_uv) || { install_uv; uv=$(find_uv) || fail "the uv just installed does not run"; }

# A Python that is here is used; only where there is none may uv bring one.
if [ -z "${UV_PYTHON_DOWNLOADS:-}" ] && find_python >/dev/null; then
    UV_PYTHON_DOWNLOADS=never
    export UV_PYTHON_DOWNLOADS
fi
