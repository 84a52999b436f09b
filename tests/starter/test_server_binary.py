"""Where the Temporal CLI is looked for, in order, and how it gets into the cache."""

from __future__ import annotations

import threading

import pytest

from starter import server_binary
from starter.failure import CommandError
from starter.server_binary import NEEDED_FLAGS, VERSION, find_server_binary

GOOD = f"#!/bin/sh\necho '{' '.join(NEEDED_FLAGS)}'\n"
OLD = "#!/bin/sh\necho 'unknown command \"start-dev\"' >&2\nexit 1\n"
GO = f"""#!/bin/sh
echo "$@" >> "$(dirname "$0")/calls"
sleep 0.3
cat > "$GOBIN/temporal" <<'END'
{GOOD}END
/bin/chmod +x "$GOBIN/temporal"
"""
BROKEN_GO = "#!/bin/sh\necho 'go: module not found' >&2\nexit 1\n"


@pytest.fixture(autouse=True)
def no_internet(monkeypatch):
    monkeypatch.setattr(server_binary, "DOWNLOAD_URL", "http://127.0.0.1:9/")


@pytest.fixture
def place(tmp_path):
    (tmp_path / "bin").mkdir()
    return tmp_path


@pytest.fixture
def environ(place):
    return {"PATH": f"{place / 'bin'}:/usr/bin:/bin", "XDG_CACHE_HOME": str(place / "cache")}


def program(folder, name, text):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text)
    path.chmod(0o755)
    return path


def cached(place):
    return place / "cache" / "tipoff" / f"temporal-{VERSION}" / "temporal"


def test_path_comes_before_the_cache(place, environ):
    mine = program(place / "bin", "temporal", GOOD)
    program(cached(place).parent, "temporal", GOOD)
    found = find_server_binary(environ)
    assert (found.path, found.origin) == (mine, "PATH")


def test_one_on_path_that_cannot_start_a_dev_server_is_skipped(place, environ):
    program(place / "bin", "temporal", OLD)
    mine = program(cached(place).parent, "temporal", GOOD)
    found = find_server_binary(environ)
    assert (found.path, found.origin) == (mine, "cache")


def test_built_with_go_into_the_cache_when_the_download_is_out_of_reach(place, environ, capfd):
    program(place / "bin", "go", GO)
    found = find_server_binary(environ)
    assert (found.path, found.origin) == (cached(place), "go install")
    assert f"temporal@v{VERSION}" in (place / "bin" / "calls").read_text()
    out, err = capfd.readouterr()
    assert out == ""
    assert "Building the Temporal server" in err
    assert find_server_binary(environ).origin == "cache"
    assert [p.name for p in cached(place).parents[1].iterdir() if p.is_dir()] == [f"temporal-{VERSION}"]


def test_two_at_once_build_once(place, environ):
    program(place / "bin", "go", GO)
    found = []
    threads = [threading.Thread(target=lambda: found.append(find_server_binary(environ))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {it.path for it in found} == {cached(place)}
    assert len((place / "bin" / "calls").read_text().splitlines()) == 1


def test_when_nothing_helps_the_error_says_what_was_tried_and_what_would(place, environ):
    program(place / "bin", "temporal", OLD)
    program(place / "bin", "go", BROKEN_GO)
    with pytest.raises(CommandError) as raised:
        find_server_binary(environ)
    said = str(raised.value)
    for part in (
        "PATH:",
        "too old",
        "cache: not in",
        "download: can't reach",
        "module not found",
        "--address",
    ):
        assert part in said
    assert not cached(place).exists()


def test_a_build_that_makes_something_useless_is_not_kept(place, environ):
    program(place / "bin", "go", GO.replace(GOOD, OLD))
    with pytest.raises(CommandError, match="what came can't run"):
        find_server_binary(environ)
    assert not cached(place).exists()
